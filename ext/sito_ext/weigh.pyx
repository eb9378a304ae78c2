"""Which candidates a text means: each is paired with the words around those that led to it, and scored."""

from libc.stdlib cimport qsort
from libc.string cimport memcpy

from sito_ext.bounds cimport score_bound
from sito_ext.candidates cimport clear_slots
from sito_ext.facts cimport TRAIT_VOUCHING
from sito_ext.fold cimport FoldTableC, fold_token
from sito_ext.hits cimport add_hit, score_to_beat
from sito_ext.scorer cimport pair_words, score_pairs
from sito_ext.sections cimport IndexC, fetch_words, name_words_of, rank_of
from sito_ext.shapes cimport (
    NAME_WORDS_MAX,
    RULE_SAME,
    NameWordC,
    PairC,
    QueryWordC,
    ShapeC,
    take_initials,
)
from sito_ext.stops cimport WINDOW_WORDS_MAX, parted
from sito_ext.tables cimport NAME_LETTERS, NAME_PERSON
from sito_ext.types cimport byte_t, min, uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport (
    LIMIT_CANDIDATES,
    MEMO_KEY_MAX,
    MEMO_PLAIN_MAX,
    MEMO_RAW_MAX,
    BoundC,
    CandidateC,
    MemoC,
    TextWordC,
    Workspace,
    is_memo_of,
)

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    WINDOW_BEFORE = 3
    WINDOW_AFTER = 4
    WINDOW_REACH_MAX = 26          # words before and after: two reaches and a window of 2 * TEXT_WINDOW are 64
    NARROWINGS_MAX = 16            # how often a find in free text is tried again without its first word
    SCORED_MAX = 2048
    CROWD_STEP = 8                 # more entries hit until it is looked again which score is to be beaten
    VOUCHING_REACH = 2             # words before a bare word, one fewer behind, that may say what it names

cdef double SINGLE_WORD_FACTOR = 0.7
cdef double PARTED_FACTOR = 0.7
cdef double NOT_IDENTICAL_MAX = 0.99
cdef double READING_FACTOR = 0.98  # of a text that had to be read otherwise than written


cdef void fill_words(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t low, uint32_t high,
) noexcept nogil:
    """Fold the words of a range that are not folded yet; the memo knows most of them."""
    cdef uint32_t i, length, flags = 0
    cdef TextWordC* c_word
    cdef QueryWordC* c_folded
    cdef const MemoC* c_memo
    for i in range(low, high):
        c_word = work.texts + i
        if c_word.folded:
            continue
        c_folded = work.words + i
        c_folded.shape = work.shapes[i]
        length = c_word.end - c_word.start
        c_memo = work.memo + work.hashes[i] if length <= MEMO_RAW_MAX else NULL
        if c_memo != NULL and c_folded.shape.plain_length <= MEMO_PLAIN_MAX and (
            c_folded.shape.key_length <= MEMO_KEY_MAX and is_memo_of(c_memo, c_text + c_word.start, length)
        ):
            c_folded.word.plain_length = c_folded.shape.plain_length
            c_folded.word.key_length = c_folded.shape.key_length
            c_folded.word.letters = c_memo.letters
            c_folded.word.capitals = c_memo.capitals
            c_folded.word.vowelless = c_memo.vowelless
            memcpy(c_folded.word.plain, c_memo.plain, MEMO_PLAIN_MAX)
            memcpy(c_folded.word.key, c_memo.key, MEMO_KEY_MAX)
        else:
            fold_token(c_table, c_text + c_word.start, length, &c_folded.word, &flags)
        if c_folded.shape.initial_count:
            take_initials(c_table, c_text + c_word.start, length, &c_folded.word, c_folded.initials)
        c_word.folded = 1


cdef inline bint ship_letters(const ShapeC* c_left, const ShapeC* c_right) noexcept nogil:
    """Do two words say that a ship is named: т/х, п/х, M/V, M/T?"""
    if c_left.plain_length != 1:
        return False
    if c_right.plain_length == 2:
        return (c_left.plain_head == c't' or c_left.plain_head == c'p') and c_right.plain_head == c'k' + 256 * c'h'
    return c_right.plain_length == 1 and c_left.plain_head == c'm' and (
        c_right.plain_head == c'v' or c_right.plain_head == c't'
    )


cdef inline bint vouched(
    Workspace work, uint32_t low, uint32_t count, const PairC* c_pairs, uint32_t name_count,
    bint person,
) noexcept nogil:
    """Is a find in free text more than one bare word?

    One word alone counts in full only where the words beside it say that a company or a ship is named; see the twin.
    """
    cdef uint32_t j, i, first, found = 0
    cdef int only = -1
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            found += 1
            only = c_pairs[j].query
    if found != 1:
        return True
    if person:
        return False
    first = low + <uint32_t> only
    if first >= 2 and ship_letters(&work.shapes[first - 2], &work.shapes[first - 1]):
        return True
    for i in range(first - VOUCHING_REACH if first > VOUCHING_REACH else 0, min(count, first + VOUCHING_REACH)):
        if i != first and work.shapes[i].facts.traits & TRAIT_VOUCHING:
            return True
    return False


cdef double weigh(
    const IndexC* c, Workspace work, const byte_t* c_text, uint32_t text_count, uint32_t low, uint32_t high,
    const NameWordC* c_name, uint32_t name_count, bint free_text, bint person, bint letters, uint32_t before,
    uint32_t* c_count, uint32_t* c_first, uint32_t* c_last, uint32_t* c_stop, bint* c_apart,
) noexcept nogil:
    """Return the score of one pairing, -1 without memory, -2 if fewer words are found than `before`.

    Tells how many words were found, the first and the last of them, the first stop within them, 0 for none, and whether
    it parts two names.
    """
    cdef PairC pairs[NAME_WORDS_MAX]
    cdef uint32_t i, j, count = 0
    cdef int first = <int> (high - low), last = -1
    cdef double value = 0.0
    if not pair_words(work.words + low, high - low, c_name, name_count, pairs, free_text, person):
        return -1.0
    for j in range(name_count):
        if pairs[j].query >= 0:
            count += 1
            if pairs[j].query < first:
                first = pairs[j].query
            if pairs[j].query > last:
                last = pairs[j].query
    if count < before:
        return -2.0
    c_count[0] = count
    c_first[0] = low + <uint32_t> first
    c_last[0] = low + <uint32_t> last if count else low
    c_stop[0] = 0
    c_apart[0] = False
    if not letters or pairs[0].rule == RULE_SAME:
        value = score_pairs(work.words + low, high - low, c_name, name_count, pairs, free_text, person)
        # What stands beside an acronym and only says that a firm is named says nothing against it.
        if letters and not free_text and value < NOT_IDENTICAL_MAX:
            for i in range(low, high):
                if <int> (i - low) != pairs[0].query and not work.shapes[i].facts.traits & TRAIT_VOUCHING:
                    break
            else:
                value = NOT_IDENTICAL_MAX
    if free_text and not vouched(work, low, text_count, pairs, name_count, person):
        value *= SINGLE_WORD_FACTOR
    if free_text and count > 1:
        i = parted(
            c.look_up.knowledge, c_text, work.texts + low, work.words + low, high - low, c_name, name_count, pairs,
            person, c_apart,
        )
        if i:
            c_stop[0] = low + i
        if c_apart[0]:
            value *= PARTED_FACTOR
    return value


cdef double compare(
    const IndexC* c, Workspace work, const byte_t* c_text, uint32_t text_count, uint32_t* c_low, uint32_t* c_high,
    const NameWordC* c_name, uint32_t name_count, bint free_text, bint person, bint letters, double score_min,
    uint8_t* c_flags,
) noexcept nogil:
    """Return the score of the words from `c_low` to `c_high` and a name, -1 without memory.

    In free text a word of the name may stand in the window twice ("Volga pays for Big Volga"), and pairing takes the
    first: while as many words are found without it, the rest of the window is tried too. Where a stop parts two names,
    each side is tried by itself. The best wins, and `c_low` and `c_high` move to its part.
    """
    cdef uint32_t low = c_low[0], high = c_high[0], count = 0, before = 0, _turn, first = 0, last = 0, stop = 0
    cdef uint32_t other_count, other
    cdef bint apart = False, other_apart
    cdef double value, best = -1.0
    for _turn in range(NARROWINGS_MAX + 1):
        value = weigh(
            c, work, c_text, text_count, low, high, c_name, name_count, free_text, person, letters, before, &count,
            &first, &last, &stop, &apart,
        )
        if value == -1.0:
            return -1.0
        if value < 0.0:
            break
        before = count
        if value > best:
            best = value
            c_low[0] = low
            c_high[0] = high
        if apart:
            if score_bound(work.shapes + low, stop - low, c_name, name_count, True, person) > score_min:
                value = weigh(
                    c, work, c_text, text_count, low, stop, c_name, name_count, True, person, letters, 0, &other_count,
                    &other, &other, &other, &other_apart,
                )
                if value == -1.0:
                    return -1.0
                if value > best:
                    best = value
                    c_low[0] = low
                    c_high[0] = stop
            low = stop
            before = 0
        elif not free_text or count < 2 or (last - first + 1 == count and stop == 0):
            break
        else:
            low = first + 1
        if score_bound(work.shapes + low, high - low, c_name, name_count, True, person) <= score_min:
            break
    else:
        c_flags[0] |= LIMIT_CANDIDATES
    return best


cdef inline void range_of(
    const CandidateC* c_candidate, uint32_t name_count, uint32_t count, bint free_text, uint32_t* c_low,
    uint32_t* c_high,
) noexcept nogil:
    """Say which words of a text a candidate is compared with."""
    cdef uint32_t reach
    c_low[0] = 0
    c_high[0] = count
    if free_text:
        if name_count == 1:
            c_low[0] = c_candidate.low
            c_high[0] = c_candidate.high + 1
        else:
            # The two words that led here may be the first or the last of the name.
            reach = min(name_count - 2, WINDOW_REACH_MAX)
            c_low[0] = reach if reach > WINDOW_BEFORE else WINDOW_BEFORE
            c_low[0] = c_candidate.low - c_low[0] if c_candidate.low > c_low[0] else 0
            c_high[0] = min(c_candidate.high + 1 + (reach if reach > WINDOW_AFTER else WINDOW_AFTER), count)
            if c_high[0] - c_low[0] > WINDOW_WORDS_MAX:
                c_high[0] = c_low[0] + WINDOW_WORDS_MAX
    elif name_count == NAME_WORDS_MAX:
        # The list may print more words than are kept: one more of the text says "not identical" and no more.
        c_high[0] = min(count, NAME_WORDS_MAX + 1)


cdef int score_one(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint32_t item, uint64_t first_hit, double score_min, uint32_t name, const NameWordC* c_name, uint32_t low,
    uint32_t high, uint8_t* c_flags,
) noexcept nogil:
    """Pair and score one candidate; -1 without memory."""
    cdef const byte_t* c_head = c.name_bytes + c.name_starts[name]
    cdef double value
    fill_words(c, c_table, work, c_text, low, high)
    value = compare(
        c, work, c_text, count, &low, &high, c_name, c_head[0], free_text,
        c_head[1] & NAME_PERSON != 0, c_head[1] & NAME_LETTERS != 0, score_min, c_flags,
    )
    if value < 0.0:
        return -1
    value *= factor_of(work, c_head)
    if value < score_min or value <= 0.0:
        return 0
    return add_hit(work, first_hit, item, name, rank_of(c, c.name_entries[name]), low, high, value, c_flags)


cdef inline double factor_of(Workspace work, const byte_t* c_head) noexcept nogil:
    """Return what a score of a name counts in this reading of the text, in (0, 1]."""
    cdef double factor = c_head[2] / 100.0
    return factor * READING_FACTOR if work.reading else factor


cdef int by_bound(const void* c_left, const void* c_right) noexcept nogil:
    """Highest bound first, equal ones in the order they were found."""
    cdef const BoundC* left = <const BoundC*> c_left
    cdef const BoundC* right = <const BoundC*> c_right
    if left.bound != right.bound:
        return -1 if left.bound > right.bound else 1
    return (left.candidate > right.candidate) - (left.candidate < right.candidate)


cdef int score_candidates(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint32_t item, uint64_t first_hit, double score_min, uint32_t hit_limit, uint8_t* c_flags,
) noexcept nogil:
    """Pair and score the candidates, those with most votes first, and clear their slots; -1 without memory.

    Where more entries may be hit than are kept, the most promising come first, and what cannot be among those
    kept is passed by.
    """
    cdef NameWordC name_words[NAME_WORDS_MAX]
    cdef uint32_t i, low, high, name_count, scored = 0, ranked = 0, turn
    cdef CandidateC* c_candidate
    cdef double bound
    cdef bint crowded = work.candidate_count > hit_limit
    cdef const byte_t* c_head
    cdef int status = 0
    work.candidate_total += work.candidate_count
    for i in range(work.candidate_count):
        __builtin_prefetch(c.name_bytes + c.name_starts[work.candidates[i].name])
    for i in range(work.candidate_count):
        fetch_words(c, work.candidates[i].name)
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
            range_of(c_candidate, name_count, count, free_text, &low, &high)
            c_head = c.name_bytes + c.name_starts[c_candidate.name]
            bound = factor_of(work, c_head) * score_bound(
                work.shapes + low, high - low, name_words, name_count, free_text, c_head[1] & NAME_PERSON != 0
            )
            if bound <= score_min:
                continue
            if crowded:
                work.bounds[ranked].bound = bound
                work.bounds[ranked].candidate = i
                ranked += 1
                continue
            status = score_one(
                c, c_table, work, c_text, count, free_text, item, first_hit, score_min, c_candidate.name, name_words,
                low, high, c_flags,
            )
            if status < 0:
                break
        if status < 0:
            break
    if ranked:
        status = score_ranked(
            c, c_table, work, c_text, count, free_text, item, first_hit, score_min, hit_limit, ranked, c_flags
        )
    clear_slots(work)
    return status


cdef int score_ranked(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint32_t item, uint64_t first_hit, double score_min, uint32_t hit_limit, uint32_t ranked, uint8_t* c_flags,
) noexcept nogil:
    """Pair and score candidates by their bounds until none can be among the hits that are kept; -1 without memory."""
    cdef NameWordC name_words[NAME_WORDS_MAX]
    cdef uint32_t k, low, high
    cdef const CandidateC* c_candidate
    cdef double bar = score_min
    # Only with a hit more than are kept is it certain that the text is told to have more.
    cdef uint64_t crowd = <uint64_t> hit_limit + 1
    qsort(work.bounds, ranked, sizeof(BoundC), by_bound)
    for k in range(ranked):
        if work.bounds[k].bound <= bar:
            break
        c_candidate = work.candidates + work.bounds[k].candidate
        range_of(
            c_candidate, name_words_of(c, c_candidate.name, name_words), count, free_text, &low, &high
        )
        if score_one(
            c, c_table, work, c_text, count, free_text, item, first_hit, score_min, c_candidate.name, name_words,
            low, high, c_flags,
        ) < 0:
            return -1
        if work.hit_count - first_hit >= crowd:
            bar = score_to_beat(work, first_hit, hit_limit)
            bar = bar if bar > score_min else score_min
            crowd = work.hit_count - first_hit + CROWD_STEP
    return 0
