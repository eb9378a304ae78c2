"""The hits of a text for other native modules."""

from sito_ext.types cimport uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport Workspace

cdef void clear_hit_slots(Workspace work, uint64_t first) noexcept nogil

cdef int add_hit(
    Workspace work, uint64_t first, uint32_t item, uint32_t target, uint32_t entry, uint32_t low, uint32_t high,
    double score, uint8_t* c_flags,
) noexcept nogil

cdef double score_to_beat(Workspace work, uint64_t first, uint32_t hit_limit) noexcept nogil

cdef void rank_hits(Workspace work, uint64_t first, uint32_t hit_limit, uint8_t* c_flags) noexcept nogil

cdef tuple hits_of(Workspace work)
