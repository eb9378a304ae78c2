"""The candidates of a text: listed names that hold two of its words, or are one, each once with its votes."""

from sito_ext.sections cimport IndexC
from sito_ext.tables cimport mix
from sito_ext.types cimport uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport CANDIDATE_SLOTS, PendingC, Workspace

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil


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
