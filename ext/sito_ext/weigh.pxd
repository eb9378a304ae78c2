"""The weighing of candidates for the matcher."""

from sito_ext.fold cimport FoldTableC
from sito_ext.sections cimport IndexC
from sito_ext.types cimport byte_t, uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport Workspace

cdef void fill_words(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t low, uint32_t high,
) noexcept nogil

cdef int score_candidates(
    const IndexC* c, const FoldTableC* c_table, Workspace work, const byte_t* c_text, uint32_t count, bint free_text,
    uint32_t item, uint64_t first_hit, double score_min, uint32_t hit_limit, uint8_t* c_flags,
) noexcept nogil
