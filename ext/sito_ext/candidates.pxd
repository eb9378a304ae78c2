"""The candidates of a text for other native modules."""

from sito_ext.near cimport NEAR_CROWD, NEAR_CROWD_SHIFT
from sito_ext.sections cimport IndexC
from sito_ext.tables cimport (
    CROWD_LETTER,
    INITIAL_TOKEN,
    filter_bits_of,
    filter_hash,
    filter_line,
    filter_place,
    filter_word,
    mix,
    pair_key,
    scaled,
)
from sito_ext.types cimport hash_t, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport TOKEN_COUNT_MAX
from sito_ext.workspace cimport CANDIDATE_MAX, LIMIT_CANDIDATES, PENDING_MAX, CandidateC, LineC, PendingC, Workspace

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    TEXT_WINDOW = 6                # words apart that may still be one name in free text

cdef void clear_slots(Workspace work) noexcept nogil

cdef void spread(Workspace work) noexcept nogil

cdef void settle(const IndexC* c, Workspace work, bint windows, uint8_t* c_flags) noexcept nogil


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
    # What is gone must use up no limit.
    if c.gone_names != NULL and (c.gone_names[name >> 6] >> (name & 63)) & 1:
        return
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
    const IndexC* c, Workspace work, uint32_t near, uint32_t token, uint32_t crowd, uint32_t low, uint32_t high,
    bint windows, uint8_t* c_flags,
) noexcept nogil:
    """Note a near word with a token that some name may hold beside it.

    `settle` looks the noted pairs up, their slots fetched ahead.
    """
    cdef uint32_t own = near & (TOKEN_COUNT_MAX - 1)
    cdef uint64_t bits, word = filter_word(
        own, (near >> NEAR_CROWD_SHIFT) & NEAR_CROWD, token, crowd, c.filter_blocks, &bits
    )
    cdef uint64_t key
    work.probe_count += 1
    if c.pair_filter[word] & bits == bits:
        key = pair_key(own, token)
        note(c, work, key, mix(key), low, high, windows, c_flags)


cdef inline void set_line(const IndexC* c, uint32_t near, LineC* c_line) noexcept nogil:
    """Prepare a near word for `probe_lines`."""
    cdef hash_t value = filter_hash(near & (TOKEN_COUNT_MAX - 1))
    c_line.rank = near & (TOKEN_COUNT_MAX - 1 | <uint32_t> NEAR_CROWD << NEAR_CROWD_SHIFT)
    c_line.line = filter_line(value, 0, 0, c.filter_blocks)
    c_line.bits = filter_bits_of(value)
    c_line.place = <uint32_t> filter_place(value)


cdef inline void probe_lines(
    const IndexC* c, Workspace work, const LineC* c_left, const LineC* c_right, uint32_t low, uint32_t high,
    bint windows, uint8_t* c_flags,
) noexcept nogil:
    """Note a pair of near words, as `probe` does; only a pair of two crowded ones costs any calculation."""
    cdef const LineC* c_own = c_left if c_left.rank < c_right.rank else c_right
    cdef const LineC* c_other = c_right if c_left.rank < c_right.rank else c_left
    cdef uint64_t line = c_own.line, key
    if c_own.rank >> NEAR_CROWD_SHIFT:
        line = filter_line(
            filter_hash(c_own.rank & (TOKEN_COUNT_MAX - 1)), c_own.rank >> NEAR_CROWD_SHIFT,
            filter_hash(c_other.rank & (TOKEN_COUNT_MAX - 1)), c.filter_blocks,
        )
    if c.pair_filter[line + c_other.place] & c_other.bits == c_other.bits:
        key = pair_key(c_left.rank & (TOKEN_COUNT_MAX - 1), c_right.rank & (TOKEN_COUNT_MAX - 1))
        note(c, work, key, mix(key), low, high, windows, c_flags)


cdef inline void probe_near(
    const IndexC* c, Workspace work, uint32_t left, uint32_t right, uint32_t low, uint32_t high, bint windows,
    uint8_t* c_flags,
) noexcept nogil:
    """Note a pair of near words."""
    cdef uint32_t crowd = (right >> NEAR_CROWD_SHIFT) & NEAR_CROWD
    probe(c, work, left, right & (TOKEN_COUNT_MAX - 1), crowd, low, high, windows, c_flags)


cdef inline void probe_letter(
    const IndexC* c, Workspace work, uint32_t near, uint32_t letter, uint32_t low, uint32_t high, bint windows,
    uint8_t* c_flags,
) noexcept nogil:
    """Note a near word with an initial, 0 for a."""
    probe(c, work, near, <uint32_t> INITIAL_TOKEN + letter, CROWD_LETTER, low, high, windows, c_flags)


cdef inline void note(
    const IndexC* c, Workspace work, uint64_t key, hash_t value, uint32_t low, uint32_t high, bint windows,
    uint8_t* c_flags,
) noexcept nogil:
    """Note a key for `settle`."""
    cdef PendingC* c_pending
    if work.pending_count == PENDING_MAX:
        settle(c, work, windows, c_flags)
    c_pending = &work.pending[work.pending_count]
    work.pending_count += 1
    c_pending.key = key
    c_pending.slot = scaled(value, c.pair_slot_count)
    c_pending.low = low
    c_pending.high = high
    __builtin_prefetch(c.pair_slots + 2 * c_pending.slot)
