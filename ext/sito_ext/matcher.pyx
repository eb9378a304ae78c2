"""From texts to hits over one mapped index, without the GIL and without a Python object per word.

The way of one text: raw words -> memo (raw word to near vocabulary words) -> pair table and one-word names ->
candidate names -> pairing and score -> best hit per entry. Identifiers, and one-word names of
organisations and vessels in free text, come out of the phrase automaton that runs over the words' token ids.

`Matcher` only reads; each thread brings a `Workspace`. Every limit that cuts something sets a flag of the text.
"""

cimport cython
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcmp, memcpy, memset

from sito_ext.fold cimport FoldTableC, Folder, WordC, fold_token, next_token
from sito_ext.scorer cimport (
    NAME_WORDS_MAX,
    QUERY_WORDS_MAX,
    NameWordC,
    PairC,
    QueryWordC,
    ShapeC,
    hopeless,
    letters_of,
    ones,
    pair_words,
    score_pairs,
    take_shape,
)
from sito_ext.types cimport byte_t, hash_t, int64_t, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport (
    DISTANCE_SHIFT,
    EXPANSION_GATHER_MAX,
    EXPANSION_MAX,
    TOKEN_COUNT_MAX,
    VocabularyC,
    check_vocabulary,
    expand,
    hash_bytes,
)

import numpy as np

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef extern from "stdlib.h":
    int posix_memalign(void** c_pointer, size_t alignment, size_t size) noexcept nogil

cdef extern from "sys/mman.h":
    int madvise(void* c_start, size_t size, int advice) noexcept nogil
    int MADV_HUGEPAGE

cdef enum:
    MODE_PARTY = 0
    MODE_TEXT = 1
    MODE_IDENTIFIER = 2

cdef enum:
    LIMIT_MALFORMED = 1            # = FLAG_MALFORMED
    LIMIT_WORD = 2                 # = FLAG_CUT
    LIMIT_WORDS = 4
    LIMIT_EXPANSIONS = 8
    LIMIT_PAIRS = 16
    LIMIT_CANDIDATES = 32
    LIMIT_HITS = 64
    LIMIT_NO_WORD = 128            # a party field has text but no letter or digit of any script known here

cdef enum:
    MEMO_BITS = 17
    HUGE_PAGE = 1 << 21
    MEMO_RAW_MAX = 36
    MEMO_INLINE = 2
    LONG_WORD_MIN = 6              # key letters from which one edit is cheap
    ARENA_SIZE = 1 << 20           # expansions
    TEXT_WORDS_MAX = 4096
    TEXT_EXPANSIONS_MAX = 65536
    TEXT_WINDOW = 6                # words apart that may still be one name in free text
    WINDOW_BEFORE = 3
    WINDOW_AFTER = 4
    WINDOW_REACH_MAX = 26          # words before and after: two reaches and a window of 2 * TEXT_WINDOW are 64
    WINDOW_WORDS_MAX = 64          # = QUERY_WORDS_MAX
    NARROWINGS_MAX = 16            # how often a find in free text is tried again without its first word
    PROBE_MAX = 60000              # pair look-ups for one text
    PENDING_MAX = 32
    NAME_WORD_HEAD = 13
    CANDIDATE_MAX = 8192
    CANDIDATE_SLOTS = 32768
    CANDIDATE_SLOTS_FEW = 1024     # for most texts: stays in the first cache
    SCORED_MAX = 2048
    TEXT_HITS_MAX = 16384          # entries hit by one text
    HIT_SLOTS = 65536
    INFORMATIVE_MIN = 50           # per cent weight from which a word can lead to a name
    PAIRED_WORDS_MAX = 16
    IDENTIFIER_TARGET = 1 << 31
    IDENTIFIER_WEAK = 1 << 30      # too short to mean anything in free text
    IDENTIFIER_MASK = (1 << 30) - 1
    ALPHABET = 17                  # the separator and 16 digits

cdef double SINGLE_WORD_FACTOR = 0.7
cdef double IDENTIFIER_SCORE = 0.99
cdef double TEXT_GAP_COST = 0.04   # as in sito_ext/scorer.pyx
cdef double ORDER_COST = 0.01

cdef struct MemoC:
    byte_t raw[36]
    uint8_t raw_length             # 0: free
    uint8_t count
    uint8_t exact
    uint8_t close
    ShapeC shape
    uint32_t flags
    uint32_t near[2]               # the expansions; if there are more, near[0] is their place in the arena

cdef struct TextWordC:
    uint32_t start
    uint32_t end
    uint32_t first                 # of its expansions
    uint8_t count
    uint8_t exact                  # expansions at distance 0 (0 or 1); they stand first
    uint8_t close                  # expansions that cost at most 1; they stand next
    uint8_t folded                 # is `words[i]` filled?

cdef struct PendingC:
    uint64_t key
    uint64_t slot
    uint32_t low
    uint32_t high

cdef struct CandidateC:
    uint32_t name
    uint32_t low                   # first and last text word that led to it
    uint32_t high
    uint32_t votes

cdef struct HitC:
    uint32_t item
    uint32_t target                # name number, or IDENTIFIER_TARGET | identifier number
    uint32_t entry
    uint32_t low                   # half-open range of text words compared
    uint32_t high
    double score

cdef struct IndexC:
    VocabularyC vocabulary
    const uint8_t* weights
    uint32_t name_count
    uint32_t entry_count
    uint32_t identifier_count
    const uint32_t* name_starts
    const byte_t* name_bytes       # see `pack_names`
    const uint32_t* name_entries
    const uint32_t* single_starts
    const uint32_t* single_names
    uint64_t pair_slot_count
    const uint64_t* pair_slots     # key, start << 24 | count
    const uint32_t* pair_names
    uint64_t pair_bitmap_mask
    const uint64_t* pair_bitmap
    uint32_t node_count
    const uint32_t* node_masks
    const uint32_t* node_children
    const uint32_t* node_fails
    const uint32_t* node_outputs   # pattern + 1
    const uint32_t* node_links     # next node on the suffix chain that has an output, 0 none
    const uint32_t* children
    const uint32_t* pattern_starts
    const uint32_t* pattern_targets
    const uint32_t* identifier_entries


cdef inline hash_t mix(uint64_t key) noexcept nogil:
    key ^= key >> 31
    key *= <uint64_t> 0x7FB5D329728EA185
    key ^= key >> 27
    key *= <uint64_t> 0x81DADEF4BC2DD44D
    return key ^ (key >> 33)


cdef inline uint64_t scaled(hash_t value, uint64_t size) noexcept nogil:
    """Map a hash to [0, size): high 32 bits times size; size is below 2^32."""
    return ((value >> 32) * size) >> 32


cdef inline uint64_t pair_key(uint32_t left, uint32_t right) noexcept nogil:
    if left < right:
        return (<uint64_t> left << 32) | right
    return (<uint64_t> right << 32) | left


def make_pairs(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] name_tokens not None,
    const uint8_t[::1] weights not None,
):
    """List by which words each name is found.

    A name's informative words are those that weigh at least half, all words if there are none. A name with one
    is found by it; one with two to four by every pair of them; a longer one by each pair with one of its two rarest
    words. Token ids rise with frequency, so the rarest word has the least id.

    Args:
        name_starts: N + 1 offsets into `name_tokens`.
        name_tokens: Token ids in the order of the name.
        weights: Per cent, for each token.

    Returns:
        (pair keys uint64, their names uint32, single tokens uint32, their names uint32), names rising.
    """
    cdef uint32_t name_count = <uint32_t> (name_starts.shape[0] - 1)
    cdef uint32_t words[64]
    cdef uint32_t name, count, i, j
    cdef uint64_t pair_count = 0, single_count = 0
    cdef int turn
    cdef uint64_t[::1] keys
    cdef uint32_t[::1] pair_names
    cdef uint32_t[::1] singles
    cdef uint32_t[::1] single_names
    keys = pairs_array = np.empty(1, dtype=np.uint64)
    pair_names = pair_names_array = np.empty(1, dtype=np.uint32)
    singles = singles_array = np.empty(1, dtype=np.uint32)
    single_names = single_names_array = np.empty(1, dtype=np.uint32)
    for turn in range(2):          # count, then fill
        if turn:
            keys = pairs_array = np.empty(pair_count, dtype=np.uint64)
            pair_names = pair_names_array = np.empty(pair_count, dtype=np.uint32)
            singles = singles_array = np.empty(single_count, dtype=np.uint32)
            single_names = single_names_array = np.empty(single_count, dtype=np.uint32)
        pair_count = 0
        single_count = 0
        with nogil:
            for name in range(name_count):
                count = distinct_words(
                    &name_tokens[0] + name_starts[name] if name_tokens.shape[0] else NULL,
                    name_starts[name + 1] - name_starts[name], &weights[0] if weights.shape[0] else NULL, words,
                )
                if count == 1:
                    if turn:
                        singles[single_count] = words[0]
                        single_names[single_count] = name
                    single_count += 1
                    continue
                for i in range(count if count <= 4 else 2):
                    for j in range(i + 1, count):
                        if turn:
                            keys[pair_count] = pair_key(words[i], words[j])
                            pair_names[pair_count] = name
                        pair_count += 1
    return pairs_array, pair_names_array, singles_array, single_names_array


cdef uint32_t distinct_words(
    const uint32_t* c_tokens, uint32_t count, const uint8_t* c_weights, uint32_t* c_words,
) noexcept nogil:
    """Write the distinct informative tokens of a name, rarest first; at most `PAIRED_WORDS_MAX`."""
    cdef uint32_t i, j, token, filled = 0
    cdef uint32_t least = 2 * INFORMATIVE_MIN
    while least:
        least -= INFORMATIVE_MIN
        for i in range(count):
            token = c_tokens[i]
            if c_weights[token] < least:
                continue
            j = 0
            while j < filled and c_words[j] < token:
                j += 1
            if j < filled and c_words[j] == token:
                continue
            if filled < PAIRED_WORDS_MAX:
                filled += 1
            elif j == filled:
                continue
            insert_at(c_words, filled, j, token)
        if filled:
            break
    return filled


cdef inline void insert_at(uint32_t* c_words, uint32_t filled, uint32_t at, uint32_t token) noexcept nogil:
    cdef uint32_t i = filled - 1
    while i > at:
        c_words[i] = c_words[i - 1]
        i -= 1
    c_words[at] = token


def pack_names(
    const uint32_t[::1] token_starts not None, const uint32_t[::1] tokens not None,
    const uint32_t[::1] plain_starts not None, const byte_t[::1] plain not None,
    const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None, const uint8_t[::1] weights not None,
):
    """Lay out each name in one piece, so that comparing a candidate touches one or two cache lines.

    A name is: number of words; for each word the length of the folded word, the length of its key, its weight (single
    bytes), the letter sets of both (four bytes each, see `letters_of`) and how many letters repeat (single bytes);
    the folded words; the keys.

    Args:
        token_starts, tokens: Token ids of N names, at most 32 a name.
        plain_starts, plain: Folded words of N names, single blanks between words.
        key_starts, keys, weights: The vocabulary.

    Returns:
        (N + 1 offsets uint32, bytes uint8).
    """
    cdef uint32_t name_count = <uint32_t> (token_starts.shape[0] - 1)
    cdef uint32_t name, count, i, at, start, token, letters
    cdef uint64_t total = 0, filled = 0, head
    starts_array = np.zeros(name_count + 1, dtype=np.uint32)
    cdef uint32_t[::1] starts = starts_array
    with nogil:
        for name in range(name_count):
            count = token_starts[name + 1] - token_starts[name]
            total += 1 + NAME_WORD_HEAD * count
            if count:
                total += plain_starts[name + 1] - plain_starts[name] - (count - 1)
            for i in range(token_starts[name], token_starts[name + 1]):
                total += key_starts[tokens[i] + 1] - key_starts[tokens[i]]
    if total >> 32:
        raise OverflowError("more than 4 GiB of folded names")
    bytes_array = np.zeros(total, dtype=np.uint8)
    cdef byte_t[::1] out = bytes_array
    with nogil:
        for name in range(name_count):
            starts[name] = <uint32_t> filled
            count = token_starts[name + 1] - token_starts[name]
            out[filled] = <byte_t> count
            head = filled + 1
            filled = head + NAME_WORD_HEAD * count
            at = plain_starts[name]
            for i in range(count):
                token = tokens[token_starts[name] + i]
                start = at
                while at < plain_starts[name + 1] and plain[at] != c' ':
                    out[filled] = plain[at]
                    filled += 1
                    at += 1
                out[head] = <byte_t> (at - start)
                out[head + 1] = <byte_t> (key_starts[token + 1] - key_starts[token])
                out[head + 2] = weights[token]
                letters = letters_of(&plain[start], at - start)
                memcpy(&out[head + 3], &letters, 4)
                out[head + 11] = <byte_t> (out[head] - ones(letters))
                letters = letters_of(&keys[key_starts[token]], key_starts[token + 1] - key_starts[token])
                memcpy(&out[head + 7], &letters, 4)
                out[head + 12] = <byte_t> (out[head + 1] - ones(letters))
                head += NAME_WORD_HEAD
                at += 1
            for i in range(count):
                token = tokens[token_starts[name] + i]
                for at in range(key_starts[token], key_starts[token + 1]):
                    out[filled] = keys[at]
                    filled += 1
        starts[name_count] = <uint32_t> filled
    return starts_array, bytes_array


def make_pair_table(const uint64_t[::1] keys not None):
    """Make the look-up table of pair keys.

    Args:
        keys: Sorted, with repeats: the names of key k stand where k stands.

    Returns:
        (uint64 slots, two a key: the key and `start << 24 | count`, all ones where free; uint64 bitmap).
    """
    cdef uint64_t count = keys.shape[0], distinct = 0, i, start, slot, size, bit, bits = 64
    cdef hash_t value
    with nogil:
        for i in range(count):
            if i == 0 or keys[i] != keys[i - 1]:
                distinct += 1
    size = distinct + distinct // 2 + 16
    while bits < 8 * distinct:
        bits <<= 1
    slots_array = np.full(2 * size, np.iinfo(np.uint64).max, dtype=np.uint64)
    bitmap_array = np.zeros(bits >> 6, dtype=np.uint64)
    cdef uint64_t[::1] slots = slots_array
    cdef uint64_t[::1] bitmap = bitmap_array
    with nogil:
        i = 0
        while i < count:
            start = i
            while i < count and keys[i] == keys[start]:
                i += 1
            value = mix(keys[start])
            bit = value & (bits - 1)
            bitmap[bit >> 6] |= (<uint64_t> 1) << (bit & 63)
            slot = scaled(value, size)
            while slots[2 * slot] != ~(<uint64_t> 0):
                slot = slot + 1 if slot + 1 < size else 0
            slots[2 * slot] = keys[start]
            # A longer list than 2^24 - 1 cannot be written; the builder refuses such an index.
            slots[2 * slot + 1] = (start << 24) | (i - start)
    return slots_array, bitmap_array


@cython.final
cdef class Workspace:
    """Scratch memory of one thread: the word memo, candidates, hits. Not to be shared by threads at one time.

    Made by `Matcher.workspace`; the memo holds what the words of that index are near to, so a workspace belongs to one
    index.
    """

    cdef object _owner
    cdef MemoC* memo
    cdef uint32_t* arena
    cdef uint32_t arena_filled
    cdef TextWordC* texts
    cdef uint32_t* hashes          # memo slot of each word
    cdef ShapeC* shapes            # of each word
    cdef QueryWordC* words
    cdef uint32_t* near
    cdef uint32_t near_filled
    cdef uint32_t* active
    cdef CandidateC* candidates
    cdef uint32_t candidate_count
    cdef uint32_t* slots
    cdef uint32_t slot_mask        # of the part in use
    cdef PendingC[PENDING_MAX] pending
    cdef uint32_t pending_count
    cdef HitC* hits
    cdef uint64_t hit_count, hit_room
    cdef uint32_t* hit_slots       # place of an entry's hit in `hits`, from 1, counted from the first of the text
    cdef bint memo_on
    cdef readonly object busy
    cdef readonly uint64_t word_count, miss_count, probe_count, candidate_total

    def __cinit__(self, owner, bint memo_on):
        self._owner = owner
        self.memo_on = memo_on
        self.busy = None
        self.memo = NULL
        if posix_memalign(<void**> &self.memo, HUGE_PAGE, (<size_t> 1 << MEMO_BITS) * sizeof(MemoC)) != 0:
            raise MemoryError
        # A memo slot is read at random: with small pages nearly every read would miss the TLB as well. Only a wish.
        madvise(self.memo, (<size_t> 1 << MEMO_BITS) * sizeof(MemoC), MADV_HUGEPAGE)
        memset(self.memo, 0, (<size_t> 1 << MEMO_BITS) * sizeof(MemoC))
        self.arena = <uint32_t*> malloc(ARENA_SIZE * sizeof(uint32_t))
        self.texts = <TextWordC*> malloc(TEXT_WORDS_MAX * sizeof(TextWordC))
        self.hashes = <uint32_t*> calloc(TEXT_WORDS_MAX, sizeof(uint32_t))
        self.shapes = <ShapeC*> calloc(TEXT_WORDS_MAX, sizeof(ShapeC))
        self.words = <QueryWordC*> malloc(TEXT_WORDS_MAX * sizeof(QueryWordC))
        self.near = <uint32_t*> malloc((TEXT_EXPANSIONS_MAX + EXPANSION_GATHER_MAX) * sizeof(uint32_t))
        self.active = <uint32_t*> malloc(TEXT_WORDS_MAX * sizeof(uint32_t))
        self.candidates = <CandidateC*> malloc(CANDIDATE_MAX * sizeof(CandidateC))
        self.slots = <uint32_t*> calloc(CANDIDATE_SLOTS, sizeof(uint32_t))
        self.hit_slots = <uint32_t*> calloc(HIT_SLOTS, sizeof(uint32_t))
        self.hit_room = 1024
        self.hits = <HitC*> malloc(self.hit_room * sizeof(HitC))
        if (
            self.memo == NULL or self.arena == NULL or self.texts == NULL or self.hashes == NULL or self.shapes == NULL
            or self.words == NULL or self.near == NULL or self.active == NULL or self.candidates == NULL
            or self.slots == NULL
            or self.hits == NULL or self.hit_slots == NULL
        ):
            raise MemoryError

    def __dealloc__(self):
        free(self.memo)
        free(self.arena)
        free(self.texts)
        free(self.hashes)
        free(self.shapes)
        free(self.words)
        free(self.near)
        free(self.active)
        free(self.candidates)
        free(self.slots)
        free(self.hits)
        free(self.hit_slots)


@cython.final
cdef class Matcher:
    """The index as the kernels see it: pointers into mapped sections, immutable.

    Args:
        folder: The fold table the index was built with.
        sections: Arrays by name, as `sito.index` lays them out; the object keeps references.

    Raises:
        ValueError: A section has another length than its neighbours call for, or a stored number points outside; the
            text names the section. Afterwards no kernel reads outside a section.
    """

    cdef Folder _folder
    cdef dict _sections
    cdef IndexC c_index

    def __cinit__(self, Folder folder not None, dict sections not None):
        cdef IndexC* c = &self.c_index
        cdef uint64_t size
        memset(c, 0, sizeof(IndexC))
        self._folder = folder
        sections = dict(sections)  # the caller may change his; the pointers below stay those of this one
        self._sections = sections
        cdef uint64_t tokens = need32(sections, "key_starts") - 1
        if tokens >= TOKEN_COUNT_MAX:
            raise ValueError("key_starts")
        c.vocabulary.token_count = <uint32_t> tokens
        c.vocabulary.key_starts = at32(sections, "key_starts", tokens + 1)
        c.vocabulary.key_bytes = at8(sections, "key_bytes", c.vocabulary.key_starts[tokens])
        c.vocabulary.key_letters = at32(sections, "key_letters", tokens)
        c.weights = at8(sections, "weights", tokens)
        size = power(sections, "slots", 4)
        c.vocabulary.slots = at32(sections, "slots", size)
        c.vocabulary.slot_mask = size - 1
        size = power(sections, "bitmap", 8)
        c.vocabulary.bitmap = at64(sections, "bitmap", size)
        c.vocabulary.bitmap_mask = size - 1
        size = need32(sections, "bucket_starts") - 1
        if size == 0 or size & (size - 1):
            raise ValueError("bucket_starts")
        c.vocabulary.bucket_starts = at32(sections, "bucket_starts", size + 1)
        c.vocabulary.bucket_mask = size - 1
        c.vocabulary.bucket_tokens = at32(sections, "bucket_tokens", c.vocabulary.bucket_starts[size])
        cdef uint64_t names = need32(sections, "name_starts") - 1
        c.name_count = <uint32_t> names
        c.name_starts = at32(sections, "name_starts", names + 1)
        c.name_bytes = at8(sections, "name_bytes", c.name_starts[names])
        c.name_entries = at32(sections, "name_entries", names)
        c.single_starts = at32(sections, "single_starts", tokens + 1)
        c.single_names = at32(sections, "single_names", c.single_starts[tokens])
        size = need64(sections, "pair_slots")
        if size & 1 or size < 2 or size >> 32:
            raise ValueError("pair_slots")
        c.pair_slots = at64(sections, "pair_slots", size)
        c.pair_slot_count = size >> 1
        c.pair_names = at32(sections, "pair_names", need32(sections, "pair_names"))
        size = power(sections, "pair_bitmap", 8)
        c.pair_bitmap = at64(sections, "pair_bitmap", size)
        c.pair_bitmap_mask = 64 * size - 1
        cdef uint64_t nodes = need32(sections, "node_masks")
        c.node_count = <uint32_t> nodes
        c.node_masks = at32(sections, "node_masks", nodes)
        c.node_children = at32(sections, "node_children", nodes)
        c.node_fails = at32(sections, "node_fails", nodes)
        c.node_outputs = at32(sections, "node_outputs", nodes)
        c.node_links = at32(sections, "node_links", nodes)
        c.children = at32(sections, "children", need32(sections, "children"))
        cdef uint64_t patterns = need32(sections, "pattern_starts") - 1
        c.pattern_starts = at32(sections, "pattern_starts", patterns + 1)
        c.pattern_targets = at32(sections, "pattern_targets", c.pattern_starts[patterns])
        cdef uint64_t identifiers = need32(sections, "identifier_entries")
        c.identifier_count = <uint32_t> identifiers
        c.identifier_entries = at32(sections, "identifier_entries", identifiers)
        c.entry_count = <uint32_t> (need64(sections, "entry_starts") - 1)

    def check(self):
        """Read every stored number once and refuse any that points outside its section.

        Raises:
            ValueError: Named after the section.
        """
        cdef const IndexC* c = &self.c_index
        cdef int wrong
        cdef uint64_t patterns = need32(self._sections, "pattern_starts") - 1
        cdef uint64_t child_count = need32(self._sections, "children")
        cdef uint64_t pair_name_count = need32(self._sections, "pair_names")
        cdef uint64_t i, free_slots = 0
        cdef uint32_t token
        with nogil:
            wrong = check_vocabulary(&c.vocabulary)
        if wrong:
            raise ValueError(("", "key_starts", "slots", "bucket_starts", "bucket_tokens", "key_bytes")[wrong])
        if not rising(c.name_starts, c.name_count):
            raise ValueError("name_starts")
        if not rising(c.single_starts, c.vocabulary.token_count):
            raise ValueError("single_starts")
        if not rising(c.pattern_starts, patterns):
            raise ValueError("pattern_starts")
        if not packed(c):
            raise ValueError("name_bytes")
        if not below(c.name_entries, c.name_count, c.entry_count):
            raise ValueError("name_entries")
        if not below(c.single_names, c.single_starts[c.vocabulary.token_count], c.name_count):
            raise ValueError("single_names")
        if not below(c.pair_names, pair_name_count, c.name_count):
            raise ValueError("pair_names")
        if not below(c.identifier_entries, c.identifier_count, c.entry_count):
            raise ValueError("identifier_entries")
        with nogil:
            wrong = 0
            for i in range(c.pair_slot_count):
                if c.pair_slots[2 * i] == ~(<uint64_t> 0):
                    free_slots += 1
                elif (c.pair_slots[2 * i + 1] >> 24) + (c.pair_slots[2 * i + 1] & 0xFFFFFF) > pair_name_count:
                    wrong = 1
            for i in range(c.node_count):
                if (
                    c.node_masks[i] >> ALPHABET
                    or <uint64_t> c.node_children[i] + ones(c.node_masks[i]) > child_count
                    or c.node_fails[i] >= c.node_count or c.node_links[i] >= c.node_count
                    or c.node_outputs[i] > patterns
                    # Links run towards the root: that ends every walk along them.
                    or (i > 0 and (c.node_fails[i] >= i or c.node_links[i] >= i))
                    # A walk along links stops at nodes with an output only, and there is none to follow at the root.
                    or (c.node_links[i] > 0 and (i == 0 or c.node_outputs[c.node_links[i]] == 0))
                ):
                    wrong = 2
            for i in range(child_count):
                if c.children[i] >= c.node_count:
                    wrong = 2
            for i in range(c.pattern_starts[patterns]):
                token = c.pattern_targets[i]
                if token & <uint32_t> IDENTIFIER_TARGET:
                    if token & <uint32_t> IDENTIFIER_MASK >= c.identifier_count:
                        wrong = 3
                elif token >= c.name_count:
                    wrong = 3
        if free_slots == 0 or wrong == 1:
            raise ValueError("pair_slots")
        if wrong == 2:
            raise ValueError("node_masks")
        if wrong == 3:
            raise ValueError("pattern_targets")

    def workspace(self, *, bint memo=True):
        """Return scratch memory for one thread; `memo=False` folds every word anew (to measure the worst case)."""
        return Workspace(self, memo)

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
            (item uint32, target uint32, entry uint32, word range uint32 (H, 2), score float64) of H hits, items
            rising, in one item best first and equal scores by entry; and the flags of the N texts, uint8.

        Raises:
            ValueError: Offsets fall or leave the text, a wrong mode, or a workspace of another index.
            MemoryError: No memory; nothing is returned then.
        """
        cdef Py_ssize_t count = starts.shape[0] - 1
        cdef Py_ssize_t i
        if work._owner is not self:
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
                np.empty((0, 2), np.uint32), np.empty(0, np.float64), flags_array,
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
            with nogil:
                for i in range(count):
                    status = screen_one(
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

    def explain(self, bytes text not None, uint32_t low, uint32_t high, uint32_t name, bint free_text):
        """Pair and score the words `low` to `high` of a text with one name again.

        Returns:
            (score, [(start byte, end byte, plain, weight) of each text word], [(plain, weight) of each name word],
            [(text word or -1, rule, similarity) of each name word]). The score leaves the factor of one-word names out.
        """
        cdef const IndexC* c = &self.c_index
        cdef QueryWordC words[QUERY_WORDS_MAX]
        cdef NameWordC name_words[NAME_WORDS_MAX]
        cdef PairC pairs[NAME_WORDS_MAX]
        cdef uint32_t found[EXPANSION_GATHER_MAX]
        cdef const byte_t* c_text = <const byte_t*> text
        cdef uint32_t position = 0, start = 0, end = 0, flags = 0, seen = 0, filled = 0, name_count, j, near
        cdef bint cut = False
        cdef double value
        if name >= c.name_count or len(text) > 0x7FFFFFFF:
            raise ValueError("no such name")
        spans = []
        while next_token(&self._folder.c_table, c_text, <uint32_t> len(text), &position, &start, &end, &flags):
            if seen >= high or filled == QUERY_WORDS_MAX:
                break
            if not fold_token(&self._folder.c_table, c_text + start, end - start, &words[filled].word, &flags):
                continue
            if seen >= low:
                near = expand(
                    &c.vocabulary, words[filled].word.key, words[filled].word.key_length, found, &cut,
                )
                take_shape(
                    &words[filled].word, weight_of(c, &words[filled].word, found, near), &words[filled].shape,
                )
                spans.append((
                    start, end, words[filled].word.plain[:words[filled].word.plain_length].decode("ascii"),
                    words[filled].shape.weight,
                ))
                filled += 1
            seen += 1
        name_count = name_words_of(c, name, name_words)
        if not pair_words(words, filled, name_words, name_count, pairs):
            raise MemoryError
        value = score_pairs(words, filled, name_words, name_count, pairs, free_text)
        return (
            value, spans,
            [
                (name_words[j].plain[:name_words[j].shape.plain_length].decode("ascii"), name_words[j].shape.weight)
                for j in range(name_count)
            ],
            [(pairs[j].query, pairs[j].rule, pairs[j].similarity) for j in range(name_count)],
        )


cdef bint rising(const uint32_t* c_values, uint64_t count) noexcept nogil:
    cdef uint64_t i
    if c_values[0] != 0:
        return False
    for i in range(count):
        if c_values[i] > c_values[i + 1]:
            return False
    return True


cdef bint packed(const IndexC* c) noexcept nogil:
    """Does every name fill exactly its own bytes?"""
    cdef uint32_t name, i, count, size, end
    cdef const byte_t* c_head
    for name in range(c.name_count):
        end = c.name_starts[name + 1] - c.name_starts[name]
        if end == 0:
            return False
        c_head = c.name_bytes + c.name_starts[name]
        count = c_head[0]
        size = 1 + NAME_WORD_HEAD * count
        if count > NAME_WORDS_MAX or size > end:
            return False
        for i in range(count):
            if not 1 <= c_head[1 + NAME_WORD_HEAD * i] <= 64 or not 1 <= c_head[2 + NAME_WORD_HEAD * i] <= 128:
                return False
            size += c_head[1 + NAME_WORD_HEAD * i] + c_head[2 + NAME_WORD_HEAD * i]
        if size != end:
            return False
        for i in range(1 + NAME_WORD_HEAD * count, size):
            if c_head[i] >= 128:
                return False
    return True


cdef bint below(const uint32_t* c_values, uint64_t count, uint64_t limit) noexcept nogil:
    cdef uint64_t i
    for i in range(count):
        if c_values[i] >= limit:
            return False
    return True


cdef const uint8_t* at8(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint8_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef const uint32_t* at32(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint32_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef const uint64_t* at64(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint64_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef uint64_t need32(dict sections, str name) except 0xFFFFFFFFFFFFFFFF:
    cdef const uint32_t[::1] view = sections[name]
    if view.shape[0] == 0 and name.endswith("_starts"):
        raise ValueError(name)
    return view.shape[0]


cdef uint64_t need64(dict sections, str name) except 0xFFFFFFFFFFFFFFFF:
    cdef const uint64_t[::1] view = sections[name]
    if view.shape[0] == 0:
        raise ValueError(name)
    return view.shape[0]


cdef uint64_t power(dict sections, str name, int width) except 0:
    """Length of a section that must be a power of two."""
    cdef uint64_t size = need32(sections, name) if width == 4 else need64(sections, name)
    if size == 0 or size & (size - 1):
        raise ValueError(name)
    return size


cdef tuple hits_of(Workspace work):
    cdef uint64_t count = work.hit_count, i
    items_array = np.empty(count, dtype=np.uint32)
    targets_array = np.empty(count, dtype=np.uint32)
    entries_array = np.empty(count, dtype=np.uint32)
    ranges_array = np.empty((count, 2), dtype=np.uint32)
    scores_array = np.empty(count, dtype=np.float64)
    cdef uint32_t[::1] items = items_array
    cdef uint32_t[::1] targets = targets_array
    cdef uint32_t[::1] entries = entries_array
    cdef uint32_t[:, ::1] ranges = ranges_array
    cdef double[::1] scores = scores_array
    for i in range(count):
        items[i] = work.hits[i].item
        targets[i] = work.hits[i].target
        entries[i] = work.hits[i].entry
        ranges[i, 0] = work.hits[i].low
        ranges[i, 1] = work.hits[i].high
        scores[i] = work.hits[i].score
    return items_array, targets_array, entries_array, ranges_array, scores_array


cdef inline bint all_digits(const byte_t* c_key, uint32_t length) noexcept nogil:
    cdef uint32_t i
    for i in range(length):
        if c_key[i] > c'9':
            return False
    return True


cdef inline uint32_t weight_of(
    const IndexC* c, const WordC* c_word, const uint32_t* c_near, uint32_t count,
) noexcept nogil:
    """Weight of a text word in per cent: that of its exact vocabulary word, else 100; 30 for an initial, 1 for a
    number of nine or more digits.

    The builder puts every word of the weight table into the vocabulary, so the two sides never differ.
    """
    if c_word.key_length == 1 and c_word.key[0] > c'9':
        return 30
    if c_word.key_length >= 9 and all_digits(c_word.key, c_word.key_length):
        return 1
    if count and c_near[0] >> DISTANCE_SHIFT == 0:
        return c.weights[c_near[0]]
    return 100


cdef inline uint32_t name_words_of(const IndexC* c, uint32_t name, NameWordC* c_words) noexcept nogil:
    """Point at the words of a listed name; returns how many, at most `NAME_WORDS_MAX`."""
    cdef const byte_t* c_head = c.name_bytes + c.name_starts[name]
    cdef uint32_t count = c_head[0], i
    cdef const byte_t* c_at = c_head + 1 + NAME_WORD_HEAD * count
    cdef const byte_t* c_word = c_head + 1
    for i in range(count):
        c_words[i].plain = c_at
        c_words[i].shape.plain_length = c_word[0]
        c_words[i].shape.key_length = c_word[1]
        c_words[i].shape.weight = c_word[2]
        memcpy(&c_words[i].shape.plain_letters, c_word + 3, 4)
        memcpy(&c_words[i].shape.key_letters, c_word + 7, 4)
        c_words[i].shape.plain_more = c_word[11]
        c_words[i].shape.key_more = c_word[12]
        c_word += NAME_WORD_HEAD
        c_at += c_words[i].shape.plain_length
    for i in range(count):
        c_words[i].key = c_at
        c_at += c_words[i].shape.key_length
    return count


cdef inline void look_up(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_raw, uint32_t length,
    uint32_t memo_at, TextWordC* c_text_word, ShapeC* c_shape, uint8_t* c_flags,
) noexcept nogil:
    """Fill a text word's expansions from the memo, or fold it and search; `start`..`end` stay as they are.

    A word without letters gets weight 0 and is dropped by the caller.
    """
    cdef MemoC* c_memo = NULL
    cdef const uint32_t* c_source
    cdef uint32_t* c_target = work.near + work.near_filled
    cdef uint32_t i, count
    cdef uint32_t flags = 0
    cdef bint cut = False
    cdef WordC word
    c_text_word.first = work.near_filled
    work.word_count += 1
    if length <= MEMO_RAW_MAX and work.memo_on:
        c_memo = work.memo + memo_at
        if c_memo.raw_length == length and memcmp(c_memo.raw, c_raw, length) == 0:
            c_source = &c_memo.near[0] if c_memo.count <= MEMO_INLINE else work.arena + c_memo.near[0]
            for i in range(c_memo.count):
                c_target[i] = c_source[i]
            work.near_filled += c_memo.count
            c_text_word.count = c_memo.count
            c_text_word.exact = c_memo.exact
            c_text_word.close = c_memo.close
            c_shape[0] = c_memo.shape
            c_flags[0] |= <uint8_t> c_memo.flags
            return
    work.miss_count += 1
    count = 0
    c_shape.weight = 0
    if fold_token(c_table, c_raw, length, &word, &flags):
        count = expand(&c.vocabulary, word.key, word.key_length, c_target, &cut)
        take_shape(&word, weight_of(c, &word, c_target, count), c_shape)
    if cut:
        flags |= LIMIT_EXPANSIONS
    work.near_filled += count
    c_text_word.count = <uint8_t> count
    c_text_word.exact = 0
    c_text_word.close = 0
    for i in range(count):
        if c_target[i] >> DISTANCE_SHIFT == 0:
            c_text_word.exact = 1
        if c_target[i] >> DISTANCE_SHIFT == 0 or word.key_length >= LONG_WORD_MIN:
            c_text_word.close = <uint8_t> (i + 1)
    c_flags[0] |= <uint8_t> flags
    if c_memo != NULL:
        if count > MEMO_INLINE and work.arena_filled + count > ARENA_SIZE:
            memset(work.memo, 0, (<size_t> 1 << MEMO_BITS) * sizeof(MemoC))
            work.arena_filled = 0
        memcpy(c_memo.raw, c_raw, length)
        c_memo.raw_length = <uint8_t> length
        c_memo.count = <uint8_t> count
        c_memo.exact = c_text_word.exact
        c_memo.close = c_text_word.close
        c_memo.flags = flags
        c_memo.shape = c_shape[0]
        if count <= MEMO_INLINE:
            for i in range(count):
                c_memo.near[i] = c_target[i]
        else:
            c_memo.near[0] = work.arena_filled
            memcpy(work.arena + work.arena_filled, c_target, count * sizeof(uint32_t))
            work.arena_filled += count


cdef void clear_slots(Workspace work) noexcept nogil:
    """Empty the slots of all candidates."""
    cdef uint32_t i, slot
    for i in range(work.candidate_count):
        slot = <uint32_t> mix(work.candidates[i].name) & work.slot_mask
        while work.slots[slot]:
            work.slots[slot] = 0
            slot = (slot + 1) & work.slot_mask


cdef void spread(Workspace work) noexcept nogil:
    """Give the candidates more slots, as far as there are any."""
    cdef uint32_t i, slot
    if work.slot_mask == CANDIDATE_SLOTS - 1:
        return
    clear_slots(work)
    work.slot_mask = CANDIDATE_SLOTS - 1
    for i in range(work.candidate_count):
        slot = <uint32_t> mix(work.candidates[i].name) & work.slot_mask
        while work.slots[slot]:
            slot = (slot + 1) & work.slot_mask
        work.slots[slot] = i + 1


cdef inline void propose(
    const IndexC* c, Workspace work, uint32_t name, uint32_t low, uint32_t high, bint windows, uint8_t* c_flags,
) noexcept nogil:
    """Add a candidate, or a vote to one already there; in free text one for each place of the text."""
    cdef uint32_t slot = <uint32_t> mix(name) & work.slot_mask
    cdef CandidateC* c_candidate
    while work.slots[slot]:
        c_candidate = work.candidates + work.slots[slot] - 1
        if c_candidate.name == name and (
            not windows or (low <= c_candidate.high + TEXT_WINDOW and c_candidate.low <= high + TEXT_WINDOW
                            and (high if high > c_candidate.high else c_candidate.high)
                            - (low if low < c_candidate.low else c_candidate.low) < 2 * TEXT_WINDOW)
        ):
            c_candidate.votes += 1
            if low < c_candidate.low:
                c_candidate.low = low
            if high > c_candidate.high:
                c_candidate.high = high
            return
        slot = (slot + 1) & work.slot_mask
    if work.candidate_count == CANDIDATE_MAX:
        c_flags[0] |= LIMIT_CANDIDATES
        return
    __builtin_prefetch(c.name_starts + name)
    c_candidate = work.candidates + work.candidate_count
    c_candidate.name = name
    c_candidate.low = low
    c_candidate.high = high
    c_candidate.votes = 1
    work.candidate_count += 1
    work.slots[slot] = work.candidate_count
    if 2 * work.candidate_count > work.slot_mask:
        spread(work)


cdef inline void probe(
    const IndexC* c, Workspace work, uint32_t left, uint32_t right, uint32_t low, uint32_t high, bint windows,
    uint8_t* c_flags,
) noexcept nogil:
    """Note a pair of tokens that some name may hold; `settle` looks the noted pairs up, their slots fetched ahead."""
    cdef uint64_t key = pair_key(left, right)
    cdef hash_t value = mix(key)
    cdef uint64_t bit = value & c.pair_bitmap_mask
    cdef PendingC* c_pending
    work.probe_count += 1
    if not (c.pair_bitmap[bit >> 6] >> (bit & 63)) & 1:
        return
    if work.pending_count == PENDING_MAX:
        settle(c, work, windows, c_flags)
    c_pending = &work.pending[work.pending_count]
    work.pending_count += 1
    c_pending.key = key
    c_pending.slot = scaled(value, c.pair_slot_count)
    c_pending.low = low
    c_pending.high = high
    __builtin_prefetch(c.pair_slots + 2 * c_pending.slot)


cdef void settle(const IndexC* c, Workspace work, bint windows, uint8_t* c_flags) noexcept nogil:
    """Look up the noted pairs and propose all names that hold both tokens, in the order the pairs were noted."""
    cdef uint32_t n
    cdef uint64_t slot, span, i
    cdef PendingC* c_pending
    for n in range(work.pending_count):
        c_pending = &work.pending[n]
        slot = c_pending.slot
        c_pending.slot = 0                 # now the span, 0 if there is none
        while c.pair_slots[2 * slot] != c_pending.key:
            if c.pair_slots[2 * slot] == ~(<uint64_t> 0):
                break
            slot = slot + 1 if slot + 1 < c.pair_slot_count else 0
        else:
            c_pending.slot = c.pair_slots[2 * slot + 1]
            __builtin_prefetch(c.pair_names + (c_pending.slot >> 24))
    for n in range(work.pending_count):
        c_pending = &work.pending[n]
        span = c_pending.slot
        for i in range(span >> 24, (span >> 24) + (span & 0xFFFFFF)):
            propose(c, work, c.pair_names[i], c_pending.low, c_pending.high, windows, c_flags)
    work.pending_count = 0


cdef int by_rank(const void* c_left, const void* c_right) noexcept nogil:
    """Best score first, equal scores by entry."""
    cdef const HitC* left = <const HitC*> c_left
    cdef const HitC* right = <const HitC*> c_right
    if left.score != right.score:
        return -1 if left.score > right.score else 1
    return (left.entry > right.entry) - (left.entry < right.entry)


cdef void clear_hit_slots(Workspace work, uint64_t first) noexcept nogil:
    """Empty the slots of all hits of this text; to be done before they are sorted."""
    cdef uint64_t i
    cdef uint32_t slot
    for i in range(first, work.hit_count):
        slot = <uint32_t> mix(work.hits[i].entry) & (HIT_SLOTS - 1)
        while work.hit_slots[slot]:
            work.hit_slots[slot] = 0
            slot = (slot + 1) & (HIT_SLOTS - 1)


cdef int add_hit(
    Workspace work, uint64_t first, uint32_t item, uint32_t target, uint32_t entry, uint32_t low, uint32_t high,
    double score, uint8_t* c_flags,
) noexcept nogil:
    """Keep the best hit of each entry of this text; -1 without memory."""
    cdef uint32_t slot = <uint32_t> mix(entry) & (HIT_SLOTS - 1)
    cdef uint64_t i
    cdef void* c_more
    while work.hit_slots[slot]:
        i = first + work.hit_slots[slot] - 1
        if work.hits[i].entry == entry:
            if score > work.hits[i].score or (
                score == work.hits[i].score
                and (
                    target < work.hits[i].target
                    or (target == work.hits[i].target and (
                        low < work.hits[i].low or (low == work.hits[i].low and high < work.hits[i].high)
                    ))
                )
            ):
                work.hits[i].target = target
                work.hits[i].low = low
                work.hits[i].high = high
                work.hits[i].score = score
            return 0
        slot = (slot + 1) & (HIT_SLOTS - 1)
    if work.hit_count - first == TEXT_HITS_MAX:
        c_flags[0] |= LIMIT_HITS
        return 0
    if work.hit_count == work.hit_room:
        c_more = realloc(work.hits, 2 * work.hit_room * sizeof(HitC))
        if c_more == NULL:
            return -1
        work.hits = <HitC*> c_more
        work.hit_room *= 2
    work.hit_slots[slot] = <uint32_t> (work.hit_count - first + 1)
    i = work.hit_count
    work.hits[i].item = item
    work.hits[i].target = target
    work.hits[i].entry = entry
    work.hits[i].low = low
    work.hits[i].high = high
    work.hits[i].score = score
    work.hit_count += 1
    return 0


cdef inline bint quoted(const byte_t* c_text, uint32_t start) noexcept nogil:
    """Does the word stand right behind an opening quotation mark?"""
    if start >= 1 and (c_text[start - 1] == c'"' or c_text[start - 1] == c'\''):
        return True
    if start >= 2 and c_text[start - 2] == 0xC2 and c_text[start - 1] == 0xAB:                          # «
        return True
    return start >= 3 and c_text[start - 3] == 0xE2 and c_text[start - 2] == 0x80 and (
        c_text[start - 1] == 0x9C or c_text[start - 1] == 0x9E or c_text[start - 1] == 0x98             # “ „ ‘
    )


cdef inline bint vouched(
    const byte_t* c_text, const TextWordC* c_texts, const PairC* c_pairs, uint32_t name_count,
) noexcept nogil:
    """Is a find in free text more than one bare word? One word alone counts in full behind a quotation mark only."""
    cdef uint32_t j, count = 0
    cdef int only = -1
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            count += 1
            only = c_pairs[j].query
    return count != 1 or quoted(c_text, c_texts[only].start)


cdef inline bint probe_pairs(
    const IndexC* c, Workspace work, uint32_t i, uint32_t j, bint free_text, uint32_t* c_probes, uint8_t* c_flags,
) noexcept nogil:
    """Look up the pairs of two text words; False if the text's look-ups are used up, then only exact pairs are tried.

    An expansion costs 0 if it is exact, 1 if the word is long, else 2; a pair may cost 3. In free text
    two edits are out.
    """
    cdef const TextWordC* c_left = work.texts + i
    cdef const TextWordC* c_right = work.texts + j
    cdef uint32_t a, b, left, until
    cdef uint32_t distance_limit = (<uint32_t> 2 if free_text else <uint32_t> 3) << DISTANCE_SHIFT
    cdef bint room = c_probes[0] < PROBE_MAX
    for a in range(c_left.count if room else c_left.exact):
        left = work.near[c_left.first + a]
        if left >= distance_limit:
            break
        if not room:
            until = c_right.exact
        elif a < c_left.close:
            until = c_right.count
        else:
            until = c_right.close
        for b in range(until):
            if work.near[c_right.first + b] >= distance_limit:
                break
            c_probes[0] += 1
            probe(
                c, work, left & (TOKEN_COUNT_MAX - 1), work.near[c_right.first + b] & (TOKEN_COUNT_MAX - 1),
                i, j, free_text, c_flags,
            )
    return room


cdef int screen_one(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t size, uint32_t item,
    int mode, double score_min, uint32_t hit_limit, uint8_t* c_flags,
) noexcept nogil:
    """Screen one text; hits are appended to the workspace. -1 without memory, else 0."""
    cdef uint32_t position = 0, start = 0, end = 0, flags = 0, count = 0, active = 0
    cdef uint32_t i, j, a, b, left, right, window, found, probes = 0
    cdef TextWordC* c_word
    cdef bint free_text = mode == MODE_TEXT
    cdef uint64_t first_hit = work.hit_count
    work.near_filled = 0
    work.candidate_count = 0
    work.slot_mask = CANDIDATE_SLOTS_FEW - 1
    while next_token(c_table, c_text, size, &position, &start, &end, &flags):
        if count == TEXT_WORDS_MAX:
            c_flags[0] |= LIMIT_WORDS
            break
        c_word = work.texts + count
        c_word.start = start
        c_word.end = end
        count += 1
        if end - start <= MEMO_RAW_MAX:
            work.hashes[count - 1] = hash_bytes(c_text + start, end - start) >> (64 - MEMO_BITS)
            __builtin_prefetch(work.memo + work.hashes[count - 1])
    found = count
    count = 0
    for i in range(found):
        if work.near_filled + EXPANSION_MAX > TEXT_EXPANSIONS_MAX:
            c_flags[0] |= LIMIT_WORDS
            break
        c_word = work.texts + count
        c_word.start = work.texts[i].start
        c_word.end = work.texts[i].end
        c_word.folded = 0
        look_up(
            c, c_table, work, c_text + c_word.start, c_word.end - c_word.start, work.hashes[i], c_word,
            work.shapes + count, c_flags,
        )
        if work.shapes[count].weight == 0:
            work.near_filled = c_word.first
            continue
        if c_word.count:
            work.active[active] = count
            active += 1
        count += 1
    c_flags[0] |= <uint8_t> flags
    if count == 0 and size and mode == MODE_PARTY:
        c_flags[0] |= LIMIT_NO_WORD
    if active == 0:
        return 0
    if mode == MODE_PARTY and count > QUERY_WORDS_MAX:
        # No name is that long: names are looked for inside it, as in free text, and the caller is told.
        c_flags[0] |= LIMIT_WORDS
        free_text = True
    window = TEXT_WINDOW if free_text else QUERY_WORDS_MAX
    if scan_phrases(c, work, count, free_text, mode, item, first_hit, score_min, c_flags) < 0:
        # The workspace goes on to other texts, which must not meet candidates and hits of this one.
        clear_slots(work)
        clear_hit_slots(work, first_hit)
        return -1
    if mode != MODE_IDENTIFIER:
        for a in range(active):
            i = work.active[a]
            if not free_text:
                for left in range(work.texts[i].first, work.texts[i].first + work.texts[i].count):
                    j = work.near[left] & (TOKEN_COUNT_MAX - 1)
                    for right in range(c.single_starts[j], c.single_starts[j + 1]):
                        propose(c, work, c.single_names[right], i, i, False, c_flags)
            for b in range(a + 1, active):
                j = work.active[b]
                if j - i > window:
                    break
                if not probe_pairs(c, work, i, j, free_text, &probes, c_flags):
                    c_flags[0] |= LIMIT_PAIRS
        settle(c, work, free_text, c_flags)
        if score_candidates(c, c_table, work, c_text, count, free_text, item, first_hit, score_min, c_flags) < 0:
            clear_hit_slots(work, first_hit)
            return -1
    clear_hit_slots(work, first_hit)
    if work.hit_count - first_hit > 1:
        qsort(work.hits + first_hit, work.hit_count - first_hit, sizeof(HitC), by_rank)
    if work.hit_count - first_hit > hit_limit:
        work.hit_count = first_hit + hit_limit
        c_flags[0] |= LIMIT_HITS
    return 0


cdef inline uint32_t min(uint32_t left, uint32_t right) noexcept nogil:
    return left if left < right else right


cdef inline uint32_t child_of(const IndexC* c, uint32_t node, uint32_t letter) noexcept nogil:
    """Return the child of a node by letter 0..16, 0 if there is none (the root is nobody's child)."""
    cdef uint32_t mask = c.node_masks[node]
    if not (mask >> letter) & 1:
        return 0
    return c.children[c.node_children[node] + ones(mask & ((<uint32_t> 1 << letter) - 1))]


cdef inline uint32_t step(const IndexC* c, uint32_t node, uint32_t letter) noexcept nogil:
    cdef uint32_t following = child_of(c, node, letter)
    while following == 0 and node:
        node = c.node_fails[node]
        following = child_of(c, node, letter)
    return following


cdef int scan_phrases(
    const IndexC* c, Workspace work, uint32_t count, bint free_text, int mode, uint32_t item, uint64_t first_hit,
    double score_min, uint8_t* c_flags,
) noexcept nogil:
    """Run the phrase automaton over the exact token ids, each spelled as a separator and seven base-16 digits."""
    cdef uint32_t node = 0, i, digit, token, end_node, pattern, place, target, words, entry
    if c.node_count <= 1:
        return 0
    for i in range(count):
        if work.texts[i].count == 0 or work.near[work.texts[i].first] >> DISTANCE_SHIFT:
            node = 0
            continue
        token = work.near[work.texts[i].first]
        node = step(c, node, 0)
        if node == 0:
            continue
        for digit in range(7):
            node = step(c, node, 1 + ((token >> (24 - 4 * digit)) & 15))
            if node == 0:
                break
        end_node = node if node and c.node_outputs[node] else c.node_links[node]
        while end_node:
            pattern = c.node_outputs[end_node] - 1
            for place in range(c.pattern_starts[pattern], c.pattern_starts[pattern + 1]):
                target = c.pattern_targets[place]
                if target & <uint32_t> IDENTIFIER_TARGET:
                    if target & <uint32_t> IDENTIFIER_WEAK and mode != MODE_IDENTIFIER:
                        continue
                    target &= ~<uint32_t> IDENTIFIER_WEAK
                    entry = c.identifier_entries[target & <uint32_t> IDENTIFIER_MASK]
                    if score_min <= IDENTIFIER_SCORE and add_hit(
                        work, first_hit, item, target, entry, i, i + 1, IDENTIFIER_SCORE, c_flags
                    ) < 0:
                        return -1
                elif free_text and mode != MODE_IDENTIFIER:
                    words = c.name_bytes[c.name_starts[target]]
                    propose(c, work, target, i + 1 - words if words <= i + 1 else 0, i, True, c_flags)
            end_node = c.node_links[end_node]
    return 0


cdef double compare(
    Workspace work, const byte_t* c_text, uint32_t* c_low, uint32_t high, const NameWordC* c_name, uint32_t name_count,
    bint free_text, double score_min,
) noexcept nogil:
    """Return the score of the words from `c_low` to `high` and a name, -1 without memory.

    In free text a word of the name may stand in the window twice ("Volga pays for Big Volga"), and pairing takes the
    first: while as many words are found without it, the rest of the window is tried too. The best wins, and `c_low`
    moves to where it begins.
    """
    cdef PairC pairs[NAME_WORDS_MAX]
    cdef uint32_t low = c_low[0], count, before = 0, _turn, j
    cdef int first, last
    cdef double value, best = -1.0
    for _turn in range(NARROWINGS_MAX + 1):
        if not pair_words(work.words + low, high - low, c_name, name_count, pairs):
            return -1.0
        count = 0
        first = <int> (high - low)
        last = -1
        for j in range(name_count):
            if pairs[j].query >= 0:
                count += 1
                if pairs[j].query < first:
                    first = pairs[j].query
                if pairs[j].query > last:
                    last = pairs[j].query
        if count < before:
            break
        before = count
        value = score_pairs(work.words + low, high - low, c_name, name_count, pairs, free_text)
        if free_text and not vouched(c_text, work.texts + low, pairs, name_count):
            value *= SINGLE_WORD_FACTOR
        if value > best:
            best = value
            c_low[0] = low
        if not free_text or count < 2 or last - first + 1 == <int> count:
            break
        # Gaps and order are all that another place can mend.
        if value + TEXT_GAP_COST * (last - first + 1 - <int> count) + ORDER_COST < score_min:
            break
        low += <uint32_t> first + 1
    return best


cdef int score_candidates(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint32_t item, uint64_t first_hit, double score_min, uint8_t* c_flags,
) noexcept nogil:
    """Pair and score the candidates, those with most votes first, and clear their slots."""
    cdef NameWordC name_words[NAME_WORDS_MAX]
    cdef uint32_t i, low, high, name_count, reach, scored = 0, turn
    cdef CandidateC* c_candidate
    cdef double value
    cdef int status = 0
    work.candidate_total += work.candidate_count
    for i in range(work.candidate_count):
        __builtin_prefetch(c.name_bytes + c.name_starts[work.candidates[i].name])
    for turn in range(3):
        for i in range(work.candidate_count):
            c_candidate = work.candidates + i
            if (c_candidate.votes if c_candidate.votes < 3 else 3) != 3 - turn:
                continue
            if scored == SCORED_MAX:
                c_flags[0] |= LIMIT_CANDIDATES
                break
            scored += 1
            name_count = name_words_of(c, c_candidate.name, name_words)
            low = 0
            high = count
            if free_text:
                if name_count == 1:
                    low = c_candidate.low
                    high = c_candidate.high + 1
                else:
                    # The two words that led here may be the first or the last of the name.
                    reach = min(name_count - 2, WINDOW_REACH_MAX)
                    low = reach if reach > WINDOW_BEFORE else WINDOW_BEFORE
                    low = c_candidate.low - low if c_candidate.low > low else 0
                    high = min(c_candidate.high + 1 + (reach if reach > WINDOW_AFTER else WINDOW_AFTER), count)
                    if high - low > WINDOW_WORDS_MAX:
                        high = low + WINDOW_WORDS_MAX
            elif name_count == NAME_WORDS_MAX:
                # The list may print more words than are kept: one more of the text says "not identical" and no more.
                high = min(count, NAME_WORDS_MAX + 1)
            if hopeless(work.shapes + low, high - low, name_words, name_count, free_text, score_min):
                continue
            fill_words(c, c_table, work, c_text, low, high)
            value = compare(work, c_text, &low, high, name_words, name_count, free_text, score_min)
            if value < 0.0:
                status = -1
                break
            if value >= score_min and value > 0.0:
                if add_hit(
                    work, first_hit, item, c_candidate.name, c.name_entries[c_candidate.name], low, high, value,
                    c_flags,
                ) < 0:
                    status = -1
                    break
        if status < 0:
            break
    clear_slots(work)
    return status


cdef inline void fill_words(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t low, uint32_t high,
) noexcept nogil:
    """Fold the words of a range that are not folded yet."""
    cdef uint32_t i, flags = 0
    cdef TextWordC* c_word
    for i in range(low, high):
        c_word = work.texts + i
        if c_word.folded == 0:
            fold_token(c_table, c_text + c_word.start, c_word.end - c_word.start, &work.words[i].word, &flags)
            work.words[i].shape = work.shapes[i]
            c_word.folded = 1
