"""The phrase automaton for other native modules."""

from sito_ext.sections cimport IndexC
from sito_ext.types cimport uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport Workspace

cdef uint32_t mark_start(const IndexC* c, uint32_t near) noexcept nogil

cdef int scan_phrases(
    const IndexC* c, Workspace work, uint32_t count, bint free_text, int mode, uint32_t item, uint64_t first_hit,
    double score_min, uint8_t* c_flags,
) noexcept nogil
