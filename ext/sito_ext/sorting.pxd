"""Sorting of very many small records by an integer key, for other native modules."""

from sito_ext.types cimport uint32_t, uint64_t

cdef struct RecordC:
    uint64_t key
    uint64_t value

cdef RecordC* sort_records(RecordC* c_records, RecordC* c_room, uint64_t count) noexcept nogil
