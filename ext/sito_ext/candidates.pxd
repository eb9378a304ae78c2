"""The candidates of a text for other native modules."""

from sito_ext.sections cimport IndexC
from sito_ext.tables cimport mix, pair_bits, pair_key, scaled
from sito_ext.types cimport hash_t, uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport CANDIDATE_MAX, LIMIT_CANDIDATES, PENDING_MAX, CandidateC, PendingC, Workspace

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
    const IndexC* c, Workspace work, uint32_t left, uint32_t right, uint32_t low, uint32_t high, bint windows,
    uint8_t* c_flags,
) noexcept nogil:
    """Note a pair of tokens that some name may hold; `settle` looks the noted pairs up, their slots fetched ahead."""
    cdef uint64_t key = pair_key(left, right)
    cdef hash_t value = mix(key)
    cdef uint64_t bits = pair_bits(value)
    work.probe_count += 1
    if c.pair_bitmap[value & c.pair_bitmap_mask] & bits != bits:
        return
    note(c, work, key, value, low, high, windows, c_flags)


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
