"""From texts to hits over one mapped index, without the GIL and without a Python object per word.

The way of one text, in each of its readings: raw words -> memo (raw word to its facts and near vocabulary words: bases,
groups, equal consonants, parts, spellings: `near`) -> table of word pairs and of words with initials, one-word names
-> candidate names (`candidates`) -> bounds by letter sets and facts -> pairing and score (`weigh`) -> best hit per
entry (`hits`). Identifiers, one-word names of organisations and vessels, and names whose words stand too far apart or
are too few, come in free text out of the phrase automaton that runs over the words' token ids (`phrases`).

`Matcher` only reads; each thread brings a `Workspace`. Every limit that cuts something sets a flag of the text.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING
from libc.string cimport memcpy, memset

from sito_ext.bounds cimport alone_best
from sito_ext.candidates cimport (
    TEXT_WINDOW,
    clear_slots,
    note,
    probe_letter,
    probe_lines,
    probe_near,
    propose,
    set_line,
    settle,
)
from sito_ext.facts cimport TRAIT_DAUGHTER, TRAIT_KNOWN, TRAIT_NUMBER, TRAIT_SON, Knowledge
from sito_ext.fold cimport FLAG_CAPITALS, CutC, FoldTableC, Folder, WordC, cut_words
from sito_ext.hits cimport clear_hit_slots, hits_of, rank_hits
from sito_ext.near cimport (
    NEAR_CROWD_SHIFT,
    NEAR_SINGLE,
    NEAR_SPECIAL_MAX,
    NearC,
    marked,
    near_filter,
    near_finish,
    near_gather,
    near_narrow,
    near_open,
    near_start,
    shape_of,
)
from sito_ext.phrases cimport mark_start, scan_phrases
from sito_ext.readings cimport READS_OTHERWISE, joined_reading, korean_reading, layout_reading, strangeness
from sito_ext.said cimport Window, Wording, explain_pairing, said
from sito_ext.sections cimport GONE, SINGLE_MORE, SINGLE_NAME, IndexC, check_sections, open_sections
from sito_ext.shapes cimport QUERY_WORDS_MAX, InitialC, ShapeC
from sito_ext.tables cimport INFORMATIVE_MIN, NO_WORD, mix, outline_key, outline_of
from sito_ext.types cimport byte_t, hash_t, int8_t, int64_t, max, min, same_bytes, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport DISTANCE_SHIFT, EXPANSION_MAX, TOKEN_COUNT_MAX, find_exact, hash_bytes
from sito_ext.weigh cimport fill_words, score_candidates
from sito_ext.workspace cimport (
    AHEAD_TEXTS,
    AHEAD_WORDS,
    ARENA_SIZE,
    BATCH,
    LIMIT_EXPANSIONS,
    LIMIT_MALFORMED,
    LIMIT_NO_WORD,
    LIMIT_PAIRS,
    LIMIT_WORDS,
    MEMO_BITS,
    MEMO_BITS_FEW,
    MEMO_BITS_MAX,
    MEMO_INLINE,
    MEMO_KEY_MAX,
    MEMO_PLAIN_MAX,
    MEMO_RAW_MAX,
    MODE_IDENTIFIER,
    MODE_PARTY,
    MODE_TEXT,
    READING_ROOM,
    READING_SIZE_MAX,
    TEXT_EXPANSIONS_MAX,
    TEXT_WORDS_MAX,
    HitC,
    MemoC,
    TextWordC,
    Workspace,
    is_enough,
    remembers,
)

import numpy as np

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__x86_64__)
    #include <emmintrin.h>
    #endif

    /* Ones, then as many zeros: from the middle less n on they leave n bytes of a word. */
    static const uint8_t sito_leave[64] = {[0 ... 31] = 0xFF};

    /* Are the first `size` of 32 bytes those that are kept, with zeros behind them? No branch depends on the size. */
    static inline int sito_same_word(const uint8_t* c_kept, const uint8_t* c_word, uint32_t size)
    {
        const uint8_t* c_leave = sito_leave + 32 - size;
    #if defined(__x86_64__)
        #define SITO_LOAD(c_from) _mm_loadu_si128((const __m128i*) (c_from))
        __m128i front = _mm_and_si128(SITO_LOAD(c_word), SITO_LOAD(c_leave));
        __m128i back = _mm_and_si128(SITO_LOAD(c_word + 16), SITO_LOAD(c_leave + 16));
        front = _mm_and_si128(
            _mm_cmpeq_epi8(front, SITO_LOAD(c_kept)), _mm_cmpeq_epi8(back, SITO_LOAD(c_kept + 16)));
        #undef SITO_LOAD
        return _mm_movemask_epi8(front) == 0xFFFF;
    #else
        uint64_t word, kept, leave, other = 0;
        for (unsigned at = 0; at < 32; at += 8) {
            memcpy(&word, c_word + at, 8);
            memcpy(&kept, c_kept + at, 8);
            memcpy(&leave, c_leave + at, 8);
            other |= (word & leave) ^ kept;
        }
        return other == 0;
    #endif
    }
    """
    const byte_t* sito_leave
    bint sito_same_word(const byte_t* c_kept, const byte_t* c_word, uint32_t size) noexcept nogil
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    NUMBER_MIN = 5                 # digits from which a number is not remembered: it hardly comes again
    CACHE_LINE = 64
    LEAVE = 32                     # half the size of `sito_leave`: bytes of a word that are taken without asking
    LONG_WORD_MIN = 6              # key letters from which one edit is cheap
    PROBE_MAX = 60000              # pair look-ups for one text
    CANDIDATE_SLOTS_FEW = 1024     # for most texts: stays in the first cache
    NO_TOKEN = 0xFFFFFFFF
    OUTLINE_WORDS_MAX = 6          # words of a party field up to which unknown ones are tried by their first consonants
    STRANGER_LENGTH_MIN = 3
    ORDINARY_RARITY_MAX = 62       # quarter bits: a word that one of 46 000 bears, or more
    READING_AS_WRITTEN = 0
    READING_JOINED = 1
    READING_LAYOUT = 2
    NEAR_MAX = EXPANSION_MAX + NEAR_SPECIAL_MAX
    EDITS_PARTY = 2
    EDITS_TEXT = 1
    INITIAL_REACH = 3              # words between a surname and its initial in free text
    SHORT_TEXT_MAX = 512           # bytes up to which a single text is screened under the GIL


@cython.final
cdef class Matcher:
    """The index as the kernels see it: pointers into mapped sections, immutable.

    Args:
        folder: The fold table the index was built with.
        knowledge: What is known of words, of the same version.
        sections: Arrays by name, as `sito.index` lays them out; the object keeps references.

    Raises:
        ValueError: A section has another length than its neighbours call for, or a stored number points outside; the
            text names the section. Afterwards no kernel reads outside a section.
    """

    cdef Folder _folder
    cdef Knowledge _knowledge
    cdef dict _sections
    cdef Matcher _whole            # what this is a ranked view of, else None; workspaces belong to it
    cdef const uint32_t[::1] _ranks
    cdef uint64_t[::1] _gone
    cdef IndexC c_index

    def __cinit__(self, Folder folder not None, Knowledge knowledge not None, dict sections not None):
        cdef IndexC* c = &self.c_index
        memset(c, 0, sizeof(IndexC))
        self._folder = folder
        self._knowledge = knowledge
        c.look_up.knowledge = &knowledge.c_knowledge
        c.look_up.fold_table = &folder.c_table
        sections = dict(sections)  # the caller may change his; the pointers below stay those of this one
        self._sections = sections
        open_sections(sections, c)

    def check(self):
        """Read every stored number once and refuse any that points outside its section.

        Raises:
            ValueError: Named after the section.
        """
        check_sections(self._sections, &self.c_index)

    def workspace(self, *, bint memo=True, bint small=False, uint32_t bits=0):
        """Return scratch memory for one thread.

        Args:
            memo: False folds every word anew (to measure the worst case).
            small: It remembers fewer words: a quarter of the memory, for an index whose look-ups cost little.
            bits: Of the number of words that it remembers, at most 24; 0 is as many as are best for the speed.

        Raises:
            ValueError: Too many bits.
        """
        if bits > MEMO_BITS_MAX:
            raise ValueError("bits")
        return Workspace(
            self if self._whole is None else self._whole, memo, small,
            bits if bits else <uint32_t> MEMO_BITS_FEW if small else <uint32_t> MEMO_BITS,
        )

    def ranked(self, const uint32_t[::1] ranks not None):
        """Return a view of this index as a part of what is in force: with a delta over it, or as that delta.

        The view reads the same sections and takes the same workspaces, which keep what they remember of words. Entries
        that are gone are no candidates and no hits, and use up no limit.

        Args:
            ranks: For each entry its place among all in force, or `0xFFFFFFFF` if it is gone; kept, not copied. Hits of
                the view tell these places, and equal scores stand in their order.

        Raises:
            ValueError: Not one rank for each entry.
        """
        cdef Matcher view = Matcher(self._folder, self._knowledge, self._sections)
        cdef uint32_t name
        if ranks.shape[0] != self.c_index.entry_count:
            raise ValueError("ranks")
        view._whole = self if self._whole is None else self._whole
        view._ranks = ranks
        view._gone = np.zeros((self.c_index.name_count >> 6) + 1, dtype=np.uint64)
        if ranks.shape[0] == 0:
            return view            # without entries there is nothing to rank
        with nogil:
            for name in range(self.c_index.name_count):
                if ranks[self.c_index.name_entries[name]] == GONE:
                    view._gone[name >> 6] |= <uint64_t> 1 << (name & 63)
        view.c_index.entry_ranks = &view._ranks[0]
        view.c_index.gone_names = &view._gone[0]
        return view

    def screen(
        self, Workspace work not None, const byte_t[::1] text not None, const int64_t[::1] starts not None,
        int mode, double score_min, uint32_t hit_limit,
    ):
        """Screen N texts.

        Args:
            work: Scratch memory of this thread.
            text: All texts, UTF-8.
            starts: N + 1 rising offsets into `text`; text i is `starts[i]` to `starts[i + 1]`.
            mode: 0 party field, 1 free text, 2 identifiers only.
            score_min: Lowest score kept, in [0, 1].
            hit_limit: Most hits of one text, at least 1.

        Returns:
            (item uint32, target uint32, entry uint32, word range uint32 (H, 2), score float64, reading uint8) of H
            hits,
            items rising, in one item best first and equal scores by entry; and the flags of the N texts, uint8.
            Reading 0 is the text as it stands, 1 its letters joined, 2 typed in another keyboard layout; word ranges
            are those of the reading.

        Raises:
            ValueError: Offsets fall or leave the text, a wrong mode, or a workspace of another index.
            MemoryError: No memory; nothing is returned then.
        """
        cdef Py_ssize_t count = starts.shape[0] - 1
        cdef Py_ssize_t i, until = 0
        if work._owner is not (self if self._whole is None else self._whole):
            raise ValueError("workspace of another index")
        if count < 0 or not MODE_PARTY <= mode <= MODE_IDENTIFIER or hit_limit < 1:
            raise ValueError("wrong arguments")
        for i in range(count + 1):
            if starts[i] < (starts[i - 1] if i else 0) or starts[i] > text.shape[0]:
                raise ValueError("starts must rise inside the text")
            if i and starts[i] - starts[i - 1] > 0x7FFFFFFF:
                raise ValueError("a text of 2 GiB or more")
        if count >> 32:
            raise ValueError("more than 2^32 texts")
        flags_array = np.zeros(count, dtype=np.uint8)
        if count == 0:
            return (
                np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint32),
                np.empty((0, 2), np.uint32), np.empty(0, np.float64), np.empty(0, np.uint8), flags_array,
            )
        cdef uint8_t[::1] flags = flags_array
        cdef const byte_t* c_text = &text[0] if text.shape[0] else NULL
        cdef const FoldTableC* c_table = &self._folder.c_table
        cdef int status = 0
        if work.busy is not None:
            raise ValueError("workspace in use by another thread")
        work.busy = True
        try:
            work.hit_count = 0
            work.ahead_stop = 0
            with nogil:
                for i in range(count):
                    if i == until:
                        until = look_ahead(&self.c_index, work, c_text, &starts[0], i, count, mode)
                    status = screen_readings(
                        &self.c_index, c_table, work, c_text + starts[i], <uint32_t> (starts[i + 1] - starts[i]),
                        <uint32_t> i, mode, score_min, hit_limit, &flags[i],
                    )
                    if status < 0:
                        break
            if status < 0:
                raise MemoryError
            return (*hits_of(work), flags_array)
        finally:
            work.busy = None

    def find(self, Workspace work not None, tuple texts not None, double score_min, uint32_t hit_limit):
        """Screen the few texts of one record: what `screen` would say, without an array.

        Where nothing is met it makes no object either. For short texts it keeps the GIL: letting it go and getting it
        back would cost a busy server more than the search.

        Args:
            work: Scratch memory of this thread.
            texts: (mode, UTF-8, anything else) of each text.
            score_min, hit_limit: As for `screen`.

        Returns:
            None if no text has a hit and no limit cuts anything short, as nearly always. Else of each text its flags
            and its hits in their order, each (entry, target, low, high, score, reading).

        Raises:
            ValueError: A wrong mode or limit, a text of 2 GiB or more, or a workspace of another index or in use.
            MemoryError: No memory; nothing is returned then.
        """
        cdef tuple one
        cdef bytes text
        cdef int mode, status
        cdef uint8_t flags
        cdef Py_ssize_t size, i
        cdef uint64_t n
        cdef const byte_t* c_text
        cdef const HitC* c_hit
        cdef list found = None
        cdef bint loud = False
        if work._owner is not (self if self._whole is None else self._whole):
            raise ValueError("workspace of another index")
        if hit_limit < 1:
            raise ValueError("wrong arguments")
        if work.busy is not None:
            raise ValueError("workspace in use by another thread")
        work.busy = True
        try:
            for i in range(len(texts)):
                one = texts[i]
                mode = one[0]
                text = one[1]
                size = len(text)
                if not MODE_PARTY <= mode <= MODE_IDENTIFIER or size > 0x7FFFFFFF:
                    raise ValueError("wrong arguments")
                c_text = <const byte_t*> PyBytes_AS_STRING(text)
                flags = 0
                if size <= SHORT_TEXT_MAX:
                    status = screen_alone(
                        &self.c_index, &self._folder.c_table, work, c_text, size, mode, score_min, hit_limit, &flags
                    )
                else:
                    with nogil:
                        status = screen_alone(
                            &self.c_index, &self._folder.c_table, work, c_text, size, mode, score_min, hit_limit,
                            &flags,
                        )
                if status < 0:
                    raise MemoryError
                loud = loud or work.hit_count or flags & ~LIMIT_MALFORMED
                if found is None:
                    if work.hit_count == 0 and flags == 0:
                        continue
                    found = [(0, [])] * i
                hits = []
                for n in range(work.hit_count):
                    c_hit = work.hits + n
                    hits.append((c_hit.entry, c_hit.target, c_hit.low, c_hit.high, c_hit.score, c_hit.reading))
                found.append((flags, hits))
            return found if loud else None
        finally:
            work.busy = None

    def explain(self, bytes text not None, uint32_t low, uint32_t high, uint32_t name, bint free_text):
        """Pair and score the words `low` to `high` of a text with one name again.

        Returns:
            (score, per cent that hits on this spelling count, [(start byte, end byte, plain, weight) of each text
            word], [(plain, weight) of each name word], [(text word or -1, rule, similarity, text words) of each name
            word], does a stop part the words found). The score leaves the factor of one-word names out.
        """
        return explain_pairing(&self.c_index, text, low, high, name, free_text)

    def said(
        self, Window window not None, Wording wording not None, bytes text not None, uint32_t low, uint32_t high,
        uint32_t name, bint free_text, bint firm, double score,
    ):
        """Pair the words `low` to `high` of a text with one name again and say what was found and what was not.

        Args:
            window: Keeps what is known of the words, for the next hit on them.
            wording: The words for it.
            firm: Is the entry no person, so that legal forms need not be found?
            score: Of the hit; identical names have no other legal form.

        Returns:
            (sentences about pairs of words and then about what is missing or differs; how many of them are about pairs;
            are all words found but one initials?), as `sito.said.said`.
        """
        return said(&self.c_index, window, wording, text, low, high, name, free_text, firm, score)


cdef inline uint64_t part_of(const byte_t* c_word, uint32_t length, uint32_t at) noexcept nogil:
    """Return eight of the first `LEAVE` bytes from a word on, with zeros for those behind it; no branch."""
    cdef uint64_t part, mask
    memcpy(&part, c_word + at, 8)
    memcpy(&mask, sito_leave + LEAVE - length + at, 8)
    return part & mask


cdef inline const byte_t* with_room(
    const byte_t* c_raw, uint32_t length, const byte_t* c_end, byte_t* c_copy,
) noexcept nogil:
    """Return a raw word with `LEAVE` bytes that may be read: itself or, near the end of what may be, a copy."""
    if c_end - c_raw >= LEAVE:
        return c_raw
    memset(c_copy, 0, LEAVE)
    memcpy(c_copy, c_raw, length)
    return c_copy


cdef inline uint32_t memo_place(Workspace work, const byte_t* c_word, uint32_t length) noexcept nogil:
    """Return the memo slot of a word of which `LEAVE` bytes may be read.

    The parts are multiplied beside each other, not one after another, and no branch depends on the length.
    """
    cdef uint32_t taken = min(length, LEAVE), last
    cdef hash_t value = (
        part_of(c_word, taken, 0) * <hash_t> 0xFF51AFD7ED558CCD
        + part_of(c_word, taken, 8) * <hash_t> 0xC4CEB9FE1A85EC53
        + part_of(c_word, taken, 16) * <hash_t> 0x9E3779B97F4A7C15
        + part_of(c_word, taken, 24) * <hash_t> 0xD6E8FEB86659FD93
    )
    if length > LEAVE:
        memcpy(&last, c_word + length - 4, 4)
        value += last * <hash_t> 0xA0761D6478BD642F
    value ^= value >> 32
    return <uint32_t> (value * <hash_t> 0xE7037ED1A0B428DB >> work.memo_shift)


cdef inline bint is_slot_of(const MemoC* c_memo, const byte_t* c_word, uint32_t length) noexcept nogil:
    """As `is_memo_of`, of a word of `MEMO_RAW_MAX` bytes at most, of which `LEAVE` may be read; hardly a branch."""
    if c_memo.raw_length != length or not sito_same_word(c_memo.raw, c_word, min(length, LEAVE)):
        return False
    return length <= LEAVE or same_bytes(&c_memo.raw[LEAVE], c_word + LEAVE, length - LEAVE)


cdef inline void place_word(Workspace work, const byte_t* c_text, const byte_t* c_end, CutC* c_cut) noexcept nogil:
    """Find the memo slot of a word and fetch it; `c_end` is where the memory ends that may be read."""
    cdef byte_t copy[32]           # = LEAVE
    cdef uint32_t length = c_cut.end - c_cut.start
    cdef uint32_t place = 0
    if length <= MEMO_RAW_MAX:
        place = memo_place(work, with_room(c_text + c_cut.start, length, c_end, copy), length)
        # A number is not remembered: any slot will do that hardly has to be fetched.
        place &= (<uint32_t> is_number(c_cut)) - 1
    c_cut.place = place
    c_cut.stamp = 0
    __builtin_prefetch(work.memo + place)


cdef inline bint is_number(const CutC* c_cut) noexcept nogil:
    """Is a word a number that is not remembered? As `is_long_number`."""
    return c_cut.digits and c_cut.end - c_cut.start >= NUMBER_MIN


cdef inline bint is_long_number(const byte_t* c_raw, uint32_t length) noexcept nogil:
    """Is a raw word made of many digits and nothing else?"""
    cdef uint32_t i
    if length < NUMBER_MIN:
        return False
    for i in range(length):
        if c_raw[i] < c'0' or c_raw[i] > c'9':
            return False
    return True


cdef inline void take_strange(Workspace work, int8_t strange) noexcept nogil:
    """Add what a word says about other readings of its text."""
    if strange == READS_OTHERWISE:
        work.as_written = False
    else:
        work.strange += strange


cdef inline void recall(
    Workspace work, const MemoC* c_memo, uint8_t edits, TextWordC* c_text_word, ShapeC* c_shape, uint8_t* c_flags,
) noexcept nogil:
    """Fill a text word's expansions from its memo slot."""
    cdef uint32_t* c_target = work.near + work.near_filled
    cdef uint32_t count = c_memo.count
    # In the order of both structures, so that they are copied together.
    c_text_word.count = c_memo.count
    c_text_word.exact = c_memo.exact
    c_text_word.meant = c_memo.meant
    c_text_word.sure = c_memo.sure
    c_text_word.splits = c_memo.splits
    c_text_word.close = c_memo.close
    if count <= MEMO_INLINE:
        memcpy(c_target, c_memo.near, sizeof(c_memo.near))
    else:
        memcpy(c_target, work.arena + c_memo.near[0], count * sizeof(uint32_t))
    if c_memo.edits > EDITS_TEXT >= edits:
        # A party field has asked for more edits: those words stand last.
        while count and c_target[count - 1] >> DISTANCE_SHIFT > 1:
            count -= 1
        c_text_word.count = <uint8_t> count
    c_text_word.first = work.near_filled
    work.word_count += 1
    work.near_filled += count
    take_strange(work, c_memo.strange)
    memcpy(c_shape, &c_memo.shape, sizeof(ShapeC))
    c_flags[0] |= c_memo.flags


cdef bint take_number(
    const IndexC* c, Workspace work, const byte_t* c_raw, uint32_t length, uint8_t edits, TextWordC* c_text_word,
    ShapeC* c_shape,
) noexcept nogil:
    """Fill a text word that is a number of `MEMO_RAW_MAX` digits at most: what all steps of a look-up come to.

    It is its own key and near to nothing but itself. False if it means what other words mean, which the steps tell.
    """
    cdef WordC* c_word = &work.single.word
    cdef uint32_t token, count
    memcpy(c_word.plain, c_raw, length)
    memcpy(c_word.key, c_raw, length)
    c_word.plain_length = <uint8_t> length
    c_word.key_length = <uint8_t> length
    c_word.letters = <uint8_t> length
    c_word.capitals = 0
    c_word.vowelless = 0
    shape_of(&c.look_up, c_raw, length, c_word, c_shape)
    if c_shape.facts.groups[0] or c_shape.facts.groups[1]:
        return False
    token = find_exact(&c.look_up.vocabulary, c_raw, length)
    count = token != NO_TOKEN
    if count:
        work.near[work.near_filled] = mark_start(c, marked(&c.look_up, token))
    c_text_word.first = work.near_filled
    c_text_word.count = <uint8_t> count
    c_text_word.exact = <uint8_t> count
    c_text_word.meant = <uint8_t> count
    c_text_word.sure = <uint8_t> count
    c_text_word.splits = 0
    c_text_word.close = <uint8_t> count
    work.near_filled += count
    take_strange(work, strangeness(c_raw, length) if edits > 1 else <int8_t> READS_OTHERWISE)
    work.word_count += 1
    work.miss_count += 1
    return True


cdef void look_up(
    const IndexC* c, Workspace work, const byte_t* c_raw, uint32_t length,
    uint32_t memo_at, uint8_t edits, TextWordC* c_text_word, ShapeC* c_shape, uint8_t* c_flags,
) noexcept nogil:
    """Fill a text word's expansions from the memo, or fold it and search; `start`..`end` stay as they are.

    For `edits` see `near_start`. A word without letters gets weight 0 and is dropped by the caller.
    """
    cdef MemoC* c_memo = NULL
    cdef uint32_t* c_target = work.near + work.near_filled
    cdef uint32_t count
    if length <= MEMO_RAW_MAX:
        if is_long_number(c_raw, length):
            if c.look_up.fold_table.usual and take_number(c, work, c_raw, length, edits, c_text_word, c_shape):
                return
        elif work.memo_on:
            c_memo = work.memo + memo_at
            if remembers(c_memo, c_raw, length, edits):
                recall(work, c_memo, edits, c_text_word, c_shape, c_flags)
                return
    c_text_word.first = work.near_filled
    work.word_count += 1
    work.miss_count += 1
    near_start(&c.look_up, c_raw, length, edits, &work.single)
    near_filter(&c.look_up, &work.single)
    near_open(&c.look_up, &work.single)
    near_gather(&c.look_up, &work.single)
    near_narrow(&c.look_up, &work.single)
    count = near_finish(&c.look_up, &work.single, c_target)
    if count:
        c_target[0] = mark_start(c, c_target[0])
    take_near(&work.single, count, c_target, c_text_word, c_shape, c_flags)
    take_strange(work, work.single.strange)
    work.near_filled += count
    if c_memo != NULL:
        keep(work, c_memo, &work.single, count, c_target)


cdef inline void take_near(
    const NearC* c_near, uint32_t count, const uint32_t* c_found, TextWordC* c_text_word, ShapeC* c_shape,
    uint8_t* c_flags,
) noexcept nogil:
    """Take over what a look-up found."""
    c_shape[0] = c_near.shape
    c_text_word.count = <uint8_t> count
    c_text_word.exact = c_near.exact
    c_text_word.meant = c_near.meant
    c_text_word.sure = c_near.sure
    c_text_word.splits = c_near.splits
    c_text_word.close = close_of(c_near, count, c_found)
    c_flags[0] |= flags_of(c_near)


cdef inline uint8_t close_of(const NearC* c_near, uint32_t count, const uint32_t* c_found) noexcept nogil:
    """Count the near words that cost at most 1; they stand first."""
    if c_near.word.key_length < LONG_WORD_MIN:
        return c_near.sure
    while count > c_near.sure and c_found[count - 1] >> DISTANCE_SHIFT > 1:
        count -= 1
    return <uint8_t> count


cdef inline uint8_t flags_of(const NearC* c_near) noexcept nogil:
    return <uint8_t> (c_near.flags | LIMIT_EXPANSIONS if c_near.cut else c_near.flags)


cdef inline void keep(
    Workspace work, MemoC* c_memo, const NearC* c_near, uint32_t count, const uint32_t* c_found,
) noexcept nogil:
    """Remember what a look-up found."""
    cdef uint32_t i
    if count > MEMO_INLINE and work.arena_filled + count > ARENA_SIZE:
        memset(work.memo, 0, work.memo_slots * sizeof(MemoC))
        work.arena_filled = 0
    work.kept += 1
    if work.kept == 0:             # after 2^32 slots, none of which is still being waited for
        work.kept = 1
    c_memo.stamp = work.kept
    memset(c_memo.raw, 0, MEMO_RAW_MAX)
    memcpy(c_memo.raw, c_near.raw, c_near.raw_length)
    c_memo.raw_length = <uint8_t> c_near.raw_length
    c_memo.count = <uint8_t> count
    c_memo.exact = c_near.exact
    c_memo.meant = c_near.meant
    c_memo.edits = c_near.edits
    c_memo.sure = c_near.sure
    c_memo.splits = c_near.splits
    c_memo.close = close_of(c_near, count, c_found)
    c_memo.flags = flags_of(c_near)
    c_memo.strange = c_near.strange
    c_memo.shape = c_near.shape
    c_memo.letters = c_near.word.letters
    c_memo.capitals = c_near.word.capitals
    c_memo.vowelless = c_near.word.vowelless
    if c_near.word.plain_length <= MEMO_PLAIN_MAX and c_near.word.key_length <= MEMO_KEY_MAX:
        memcpy(c_memo.plain, c_near.word.plain, MEMO_PLAIN_MAX)
        memcpy(c_memo.key, c_near.word.key, MEMO_KEY_MAX)
    if count <= MEMO_INLINE:
        for i in range(count):
            c_memo.near[i] = c_found[i]
    else:
        c_memo.near[0] = work.arena_filled
        memcpy(work.arena + work.arena_filled, c_found, count * sizeof(uint32_t))
        work.arena_filled += count


cdef inline uint8_t edits_for(int mode, uint32_t flags) noexcept nogil:
    """Say how many edits words near those of a text may need, by its mode and the flags of `cut_words`.

    In free text small words are looked up as they are, unless there are no others.
    """
    if mode == MODE_PARTY:
        return EDITS_PARTY
    return EDITS_TEXT if mode == MODE_TEXT and not flags & FLAG_CAPITALS else 0


cdef Py_ssize_t look_ahead(
    const IndexC* c, Workspace work, const byte_t* c_text, const int64_t* c_starts, Py_ssize_t first, Py_ssize_t count,
    int mode,
) noexcept nogil:
    """Cut the texts from `first` on into words and look the new ones up together; returns the text to stop before.

    The steps of several words are taken in turn, so that their reads of memory overlap. What they find goes into the
    memo and nowhere else: a word that is pushed out again is looked up when its text comes.
    """
    cdef uint32_t filled = 0, batched = 0, position, n, k, found, length
    cdef uint8_t edits
    cdef hash_t hashed
    cdef Py_ssize_t i = first, item, stop = min_of(count, first + AHEAD_TEXTS)
    cdef CutC* c_cut
    cdef MemoC* c_memo
    cdef const byte_t* c_raw
    cdef const byte_t* c_end = c_text + c_starts[count]
    cdef byte_t copy[32]           # = LEAVE
    work.ahead_first = first
    while i < stop:
        position = 0
        work.ahead_starts[i - first] = filled
        work.ahead_flags[i - first] = 0
        found = cut_words(
            c.look_up.fold_table, c_text + c_starts[i], <uint32_t> (c_starts[i + 1] - c_starts[i]), &position,
            work.ahead + filled, AHEAD_WORDS - filled, &work.ahead_flags[i - first],
        )
        if filled + found == AHEAD_WORDS:
            break                  # this text comes with the next ones or, if it is too long for that, by itself
        for n in range(filled, filled + found):
            place_word(work, c_text + c_starts[i], c_end, work.ahead + n)
        filled += found
        i += 1
    work.ahead_starts[i - first] = filled
    work.ahead_stop = i
    for item in range(first, i if work.memo_on else first):
        edits = edits_for(mode, work.ahead_flags[item - first])
        for n in range(work.ahead_starts[item - first], work.ahead_starts[item - first + 1]):
            c_cut = work.ahead + n
            c_raw = c_text + c_starts[item] + c_cut.start
            length = c_cut.end - c_cut.start
            if length > MEMO_RAW_MAX:
                continue
            if is_number(c_cut):
                # It is not remembered, but its key is the number itself.
                hashed = hash_bytes(c_raw, length)
                __builtin_prefetch(c.look_up.vocabulary.slots + (hashed & c.look_up.vocabulary.slot_mask))
                __builtin_prefetch(c.look_up.knowledge.slots + (<uint32_t> hashed & c.look_up.knowledge.slot_mask))
                continue
            c_memo = work.memo + c_cut.place
            __builtin_prefetch(<const byte_t*> c_memo + CACHE_LINE)
            if is_slot_of(c_memo, with_room(c_raw, length, c_end, copy), length) and is_enough(c_memo, edits):
                c_cut.stamp = c_memo.stamp
                continue
            for k in range(batched):
                if work.batch_at[k] == c_cut.place:
                    break
            else:
                work.batch_at[batched] = c_cut.place
                work.batch_of[batched] = n
                near_start(&c.look_up, c_raw, length, edits, &work.batch[batched])
                batched += 1
                if batched == BATCH:
                    look_up_batch(c, work, batched)
                    batched = 0
    look_up_batch(c, work, batched)
    return i if i > first else first + 1


cdef void look_up_batch(const IndexC* c, Workspace work, uint32_t count) noexcept nogil:
    """Take the further steps of the words of the batch and remember what they find."""
    cdef uint32_t k, found
    for k in range(count):
        near_filter(&c.look_up, &work.batch[k])
    for k in range(count):
        near_open(&c.look_up, &work.batch[k])
    for k in range(count):
        near_gather(&c.look_up, &work.batch[k])
    for k in range(count):
        near_narrow(&c.look_up, &work.batch[k])
    for k in range(count):
        found = near_finish(&c.look_up, &work.batch[k], work.near)
        if found:
            work.near[0] = mark_start(c, work.near[0])
        keep(work, work.memo + work.batch_at[k], &work.batch[k], found, work.near)
        work.ahead[work.batch_of[k]].stamp = work.memo[work.batch_at[k]].stamp
    work.miss_count += count


cdef inline bint is_ordinary(const ShapeC* c_shape) noexcept nogil:
    """Is a word known to be a name that people do bear, so that it is hardly a slip for another one?

    The list is not asked: no listed name may hide another.
    """
    return c_shape.facts.traits & TRAIT_KNOWN != 0 and c_shape.facts.rarity <= ORDINARY_RARITY_MAX


cdef inline bint is_small(Workspace work, uint32_t i, bint free_text) noexcept nogil:
    """Is a word of free text written small where others are not? Then it is hardly a name."""
    return free_text and work.cased and not work.shapes[i].capital


cdef inline void set_reach(const IndexC* c, Workspace work, uint32_t i, bint free_text) noexcept nogil:
    """Say how many expansions of a word may stand in a pair.

    In free text two edits are out (`edits` of the look-up), and small words are no other forms of names.
    """
    cdef TextWordC* c_word = work.texts + i
    cdef uint32_t count = c_word.count, a
    if free_text:
        if is_small(work, i, free_text):
            count = c_word.meant
        while count and work.near[c_word.first + count - 1] >> DISTANCE_SHIFT > 1:
            count -= 1
    c_word.reach = <uint8_t> count
    c_word.close = <uint8_t> min(c_word.close, count)
    for a in range(c_word.first, c_word.first + count):
        set_line(c, work.near[a], work.lines + a)


cdef inline bint probe_pairs(
    const IndexC* c, Workspace work, uint32_t i, uint32_t j, bint free_text, uint32_t* c_probes, uint8_t* c_flags,
) noexcept nogil:
    """Look up the pairs of two text words; False if the text's look-ups are used up, then only exact pairs are tried.

    An expansion costs 0 if it is exact, 1 if it is sure or one edit away from a long word, else 2; a pair may cost 3.
    """
    cdef const TextWordC* c_left = work.texts + i
    cdef const TextWordC* c_right = work.texts + j
    cdef uint32_t a, b, until
    cdef bint room = c_probes[0] < PROBE_MAX
    for a in range(c_left.reach if room else c_left.exact):
        if not room:
            until = c_right.exact
        elif a < c_left.close:
            until = c_right.reach
        else:
            until = c_right.close
        c_probes[0] += until
        for b in range(until):
            probe_lines(
                c, work, work.lines + c_left.first + a, work.lines + c_right.first + b, i, j, free_text, c_flags,
            )
        work.probe_count += until
    return room


cdef void probe_joined(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, uint8_t* c_flags,
) noexcept nogil:
    """Look up neighbours of a party field that may be one word of a name."""
    cdef byte_t key[256]
    cdef uint32_t i, j, a, token, length, skip
    cdef const WordC* c_left
    cdef const WordC* c_right
    for i in range(count - 1 if count else 0):
        if work.shapes[i].plain_length < 2 or work.shapes[i + 1].plain_length < 2:
            continue
        fill_words(c, c_table, work, c_text, i, i + 2)
        c_left = &work.words[i].word
        c_right = &work.words[i + 1].word
        if c_left.key_length == 0 or c_right.key_length == 0:
            continue
        # A letter that repeats its left neighbour is dropped, as in every key.
        skip = c_left.key[c_left.key_length - 1] == c_right.key[0]
        memcpy(key, c_left.key, c_left.key_length)
        memcpy(&key[c_left.key_length], &c_right.key[skip], c_right.key_length - skip)
        length = c_left.key_length + c_right.key_length - skip
        token = find_exact(&c.look_up.vocabulary, key, length) if length <= 128 else <uint32_t> NO_TOKEN
        if token == NO_TOKEN:
            continue
        for a in range(c.single_starts[token], c.single_starts[token + 1]):
            propose(c, work, c.single_names[a] & <uint32_t> SINGLE_NAME, i, i + 1, False, c_flags)
        for j in range(count):
            if j == i or j == i + 1:
                continue
            for a in range(work.texts[j].first, work.texts[j].first + work.texts[j].close):
                probe_near(
                    c, work, token | <uint32_t> c.look_up.token_crowds[token] << NEAR_CROWD_SHIFT, work.near[a],
                    min(i, j), i + 1 if i + 1 > j else j, False, c_flags,
                )


cdef void probe_initials(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint8_t* c_flags,
) noexcept nogil:
    """Look up each word with the initials beside it: what it means; in a field, of a word that is no
    ordinary name, the cheap near words, too."""
    cdef uint32_t i, k, low, high, a, letter, other, until
    cdef TextWordC* c_word
    cdef InitialC* c_initial
    for k in range(count):
        if work.shapes[k].initial_count == 0 or (free_text and not work.shapes[k].capital):
            continue
        fill_words(c, c_table, work, c_text, k, k + 1)
        low = 0
        high = count
        if free_text:              # the words beside the letter, or beside the letters beside it
            low = k
            while low > 0 and k - low < INITIAL_REACH and (low == k or work.shapes[low].initial_count):
                low -= 1
            high = k + 1
            while high < count and high - k <= INITIAL_REACH and (high == k + 1 or work.shapes[high - 1].initial_count):
                high += 1
        for i in range(low, high):
            c_word = work.texts + i
            if i == k or work.shapes[i].initial_count == 1 or is_small(work, i, free_text):
                continue
            until = c_word.meant
            # In free text letters stand in many ways.
            if not free_text and not is_ordinary(&work.shapes[i]):
                until = c_word.close
            for a in range(c_word.first, c_word.first + until):
                # The first letter of a cluster is enough: all the others must fit, too.
                c_initial = &work.words[k].initials[0]
                letter = (c_initial.key & 0xFF) - c'a'
                other = (c_initial.plain & 0xFF) - c'a'
                if letter < 26:
                    probe_letter(
                        c, work, work.near[a], letter, min(i, k), i if i > k else k, free_text, c_flags,
                    )
                if other < 26 and other != letter:
                    probe_letter(
                        c, work, work.near[a], other, min(i, k), i if i > k else k, free_text, c_flags,
                    )


cdef inline uint32_t stands_for(const IndexC* c, Workspace work, uint32_t i) noexcept nogil:
    """Return the token that stands for the first group of a text word beside an outline; `NO_WORD` for none."""
    cdef uint32_t group = work.shapes[i].facts.groups[0]
    if group == 0 or c.look_up.group_starts[group] == c.look_up.group_starts[group + 1]:
        return NO_WORD
    return c.look_up.group_tokens[c.look_up.group_starts[group]]


cdef void probe_strangers(const IndexC* c, Workspace work, uint32_t count, uint8_t* c_flags) noexcept nogil:
    """Look up each word by its first consonants and the other words of the field, one or two.

    So a name is found of which one word is written too far from the listed one. Whether other names hold that word is
    not asked: no listed name may hide another. A word more than the name has costs so
    much that beside a word as different as these it leaves no likeness: other fields are left alone.
    """
    cdef uint32_t telling[3]
    cdef uint32_t i, k, a, b, left, right, one, other, filled = 0
    cdef uint64_t code, key
    cdef bint left_father, right_father
    cdef TextWordC* c_left
    cdef TextWordC* c_right
    cdef ShapeC* c_shape
    for i in range(count):
        if work.shapes[i].facts.weight >= INFORMATIVE_MIN:
            if filled == 3:
                return
            telling[filled] = i
            filled += 1
    if filled < 2:
        return
    for k in range(filled):
        c_shape = work.shapes + telling[k]
        if (
            c_shape.initial_count
            or c_shape.facts.traits & (TRAIT_NUMBER | TRAIT_SON | TRAIT_DAUGHTER) or is_ordinary(c_shape)
            or c_shape.plain_length < STRANGER_LENGTH_MIN
        ):
            continue
        code = outline_of(c_shape.key_head)
        if code == 0:
            continue
        left = telling[1 if k == 0 else 0]
        right = left if filled == 2 else telling[1 if k == 2 else 2]
        left_father = work.shapes[left].facts.traits & (TRAIT_SON | TRAIT_DAUGHTER) != 0
        right_father = work.shapes[right].facts.traits & (TRAIT_SON | TRAIT_DAUGHTER) != 0
        if (left_father and right_father) or (filled == 3 and not left_father and not right_father):
            continue
        c_left = work.texts + left
        c_right = work.texts + right
        for a in range(c_left.first, c_left.first + c_left.close):
            one = work.near[a] & (TOKEN_COUNT_MAX - 1)
            if filled == 2:
                key = outline_key(one, <uint32_t> NO_WORD, code)
                note(c, work, key, mix(key), min(left, telling[k]), max(left, telling[k]), False, c_flags)
                continue
            for b in range(c_right.first, c_right.first + c_right.close):
                key = outline_key(one, work.near[b] & (TOKEN_COUNT_MAX - 1), code)
                note(c, work, key, mix(key), min(left, telling[k]), max(right, telling[k]), False, c_flags)
        # And whatever means the same as those.
        one = stands_for(c, work, left)
        if filled == 2:
            if one != NO_WORD:
                key = outline_key(one, <uint32_t> NO_WORD, code)
                note(c, work, key, mix(key), min(left, telling[k]), max(left, telling[k]), False, c_flags)
            continue
        other = stands_for(c, work, right)
        if one != NO_WORD and other != NO_WORD:
            key = outline_key(one, other, code)
            note(c, work, key, mix(key), min(left, telling[k]), max(right, telling[k]), False, c_flags)
        for b in range(c_right.first, c_right.first + c_right.meant if one != NO_WORD else 0):
            key = outline_key(one, work.near[b] & (TOKEN_COUNT_MAX - 1), code)
            note(c, work, key, mix(key), min(left, telling[k]), max(right, telling[k]), False, c_flags)
        for a in range(c_left.first, c_left.first + c_left.meant if other != NO_WORD else 0):
            key = outline_key(work.near[a] & (TOKEN_COUNT_MAX - 1), other, code)
            note(c, work, key, mix(key), min(left, telling[k]), max(right, telling[k]), False, c_flags)


cdef bint plain_gaps(const byte_t* c_text, uint32_t size, const CutC* c_cuts, uint32_t count) noexcept nogil:
    """Stands before, between and behind the words of a text nothing but ASCII, and between two of them anything?"""
    cdef uint32_t i, k, at = 0
    for i in range(count + 1):
        if i and i < count and c_cuts[i].start == at:
            return False
        for k in range(at, c_cuts[i].start if i < count else size):
            if c_text[k] >= 0x80:
                return False
        if i < count:
            at = c_cuts[i].end
    return True


cdef int screen_one(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t size, uint32_t item,
    int mode, double score_min, uint32_t hit_limit, uint64_t first_hit, uint8_t* c_flags,
) noexcept nogil:
    """Screen one text in one reading; hits are added to the workspace. -1 without memory, else 0."""
    cdef uint32_t position = 0, flags = 0, count = 0, active = 0
    cdef uint32_t i, j, a, b, left, right, until, window, found, probes = 0
    cdef TextWordC* c_word
    cdef CutC* c_cuts
    cdef const MemoC* c_memo
    cdef uint8_t edits
    cdef bint free_text = mode == MODE_TEXT, enough
    work.near_filled = 0
    work.cased = False
    work.candidate_count = 0
    work.slot_mask = CANDIDATE_SLOTS_FEW - 1
    if work.reading == READING_AS_WRITTEN and work.ahead_first <= <Py_ssize_t> item < work.ahead_stop:
        i = <uint32_t> (<Py_ssize_t> item - work.ahead_first)
        flags = work.ahead_flags[i]
        c_cuts = work.ahead + work.ahead_starts[i]
        found = work.ahead_starts[i + 1] - work.ahead_starts[i]
    else:
        c_cuts = work.cuts
        found = cut_words(c_table, c_text, size, &position, c_cuts, TEXT_WORDS_MAX + 1, &flags)
        if found > TEXT_WORDS_MAX:
            c_flags[0] |= LIMIT_WORDS
            found = TEXT_WORDS_MAX
        for i in range(found):
            place_word(work, c_text, c_text + size, c_cuts + i)
    edits = edits_for(mode, flags)
    work.as_written = mode == MODE_PARTY and plain_gaps(c_text, size, c_cuts, found)
    work.strange = 0
    for i in range(found):
        if work.near_filled + NEAR_MAX > TEXT_EXPANSIONS_MAX:
            c_flags[0] |= LIMIT_WORDS
            work.as_written = False
            break
        c_word = work.texts + count
        c_word.start = c_cuts[i].start
        c_word.end = c_cuts[i].end
        c_word.folded = 0
        c_memo = work.memo + c_cuts[i].place
        if c_cuts[i].stamp and c_memo.stamp == c_cuts[i].stamp:
            recall(work, c_memo, edits, c_word, work.shapes + count, c_flags)
        else:
            look_up(
                c, work, c_text + c_word.start, c_word.end - c_word.start, c_cuts[i].place, edits, c_word,
                work.shapes + count, c_flags,
            )
        if work.shapes[count].facts.weight == 0:
            work.near_filled = c_word.first
            continue
        work.hashes[count] = c_cuts[i].place
        work.cased |= work.shapes[count].capital != 0
        work.active[active] = count
        active += c_word.count != 0
        count += 1
    if free_text and not work.cased and edits < EDITS_TEXT:
        # No word is small where all are: now they are looked up with other letters, too.
        work.near_filled = 0
        active = 0
        for i in range(count):
            if work.near_filled + NEAR_MAX > TEXT_EXPANSIONS_MAX:
                c_flags[0] |= LIMIT_WORDS
                count = i
                break
            c_word = work.texts + i
            look_up(
                c, work, c_text + c_word.start, c_word.end - c_word.start, work.hashes[i], EDITS_TEXT, c_word,
                work.shapes + i, c_flags,
            )
            work.active[active] = i
            active += c_word.count != 0
    c_flags[0] |= <uint8_t> flags
    if count == 0 and size and mode == MODE_PARTY:
        c_flags[0] |= LIMIT_NO_WORD
    if active == 0 and (free_text or count < 2):  # neighbours in a field may still be one word
        return 0
    if mode == MODE_PARTY and count > QUERY_WORDS_MAX:
        # No name is that long: names are looked for inside it, as in free text, and the caller is told.
        c_flags[0] |= LIMIT_WORDS
        free_text = True
    window = TEXT_WINDOW if free_text else QUERY_WORDS_MAX
    if scan_phrases(c, work, count, free_text, mode, item, first_hit, score_min, c_flags) < 0:
        clear_slots(work)          # the workspace goes on to other texts, which must not meet candidates of this one
        return -1
    if mode != MODE_IDENTIFIER:
        found = active
        active = 0
        for a in range(found):
            i = work.active[a]
            set_reach(c, work, i, free_text)
            if work.texts[i].reach:
                work.active[active] = i
                active += 1
        for a in range(active):
            i = work.active[a]
            if not free_text:
                enough = alone_best(work.shapes, count, i) >= score_min
                for left in range(work.texts[i].first, work.texts[i].first + work.texts[i].count):
                    if not work.near[left] & NEAR_SINGLE:
                        continue
                    j = work.near[left] & (TOKEN_COUNT_MAX - 1)
                    for right in range(c.single_starts[j], c.single_starts[j + 1]):
                        if enough or c.single_names[right] & <uint32_t> SINGLE_MORE:
                            propose(c, work, c.single_names[right] & <uint32_t> SINGLE_NAME, i, i, False, c_flags)
            until = work.texts[i].first + work.texts[i].sure
            for left in range(until if is_small(work, i, free_text) else until - 2 * work.texts[i].splits, until, 2):
                probe_near(c, work, work.near[left], work.near[left + 1], i, i, free_text, c_flags)
            for b in range(a + 1, active):
                j = work.active[b]
                if j - i > window:
                    break
                if not probe_pairs(c, work, i, j, free_text, &probes, c_flags):
                    c_flags[0] |= LIMIT_PAIRS
        if not free_text:
            probe_joined(c, c_table, work, c_text, count, c_flags)
        probe_initials(c, c_table, work, c_text, count, free_text, c_flags)
        if not free_text and count <= OUTLINE_WORDS_MAX:
            probe_strangers(c, work, count, c_flags)
        settle(c, work, free_text, c_flags)
        if score_candidates(
            c, c_table, work, c_text, count, free_text, item, first_hit, score_min, hit_limit, c_flags,
        ) < 0:
            return -1
    return 0


cdef int screen_readings(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t size, uint32_t item,
    int mode, double score_min, uint32_t hit_limit, uint8_t* c_flags,
) noexcept nogil:
    """Screen one text in every reading it has; the best hits are appended to the workspace. -1 without memory."""
    cdef uint64_t first_hit = work.hit_count
    cdef uint32_t other, reading
    cdef bint as_written
    cdef int status
    work.reading = READING_AS_WRITTEN
    while size and c_text[size - 1] == c' ':
        size -= 1
    if mode == MODE_PARTY and size > READING_SIZE_MAX:
        c_flags[0] |= LIMIT_WORDS
    status = screen_one(c, c_table, work, c_text, size, item, mode, score_min, hit_limit, first_hit, c_flags)
    as_written = work.as_written and work.strange <= 0
    if mode == MODE_PARTY and size <= READING_SIZE_MAX:
        for reading in range(READING_JOINED, READING_LAYOUT + 1):
            if status < 0:
                break
            if as_written:
                other = 0
                if reading == READING_JOINED and size and c_text[0] < 0x80:
                    other = korean_reading(c_text, size, work.other, READING_ROOM)
            elif reading == READING_JOINED:
                other = joined_reading(c_text, size, work.other, READING_ROOM)
            else:
                other = layout_reading(c_text, size, work.other, READING_ROOM)
            if other:
                work.reading = reading
                status = screen_one(
                    c, c_table, work, work.other, other, item, mode, score_min, hit_limit, first_hit, c_flags,
                )
    clear_hit_slots(work, first_hit)
    if status < 0:
        return -1
    rank_hits(work, first_hit, hit_limit, c_flags)
    return 0


cdef int screen_alone(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, int64_t size, int mode,
    double score_min, uint32_t hit_limit, uint8_t* c_flags,
) noexcept nogil:
    """Screen one text; its hits are those of the workspace. -1 without memory."""
    cdef int64_t[2] starts
    starts[0] = 0
    starts[1] = size
    work.hit_count = 0
    work.ahead_stop = 0
    look_ahead(c, work, c_text, starts, 0, 1, mode)
    return screen_readings(c, c_table, work, c_text, <uint32_t> size, 0, mode, score_min, hit_limit, c_flags)


cdef inline Py_ssize_t min_of(Py_ssize_t left, Py_ssize_t right) noexcept nogil:
    return left if left < right else right
