"""Pairing and scoring of one text and one name, for the matcher."""

from sito_ext.shapes cimport NameWordC, PairC, QueryWordC
from sito_ext.types cimport uint32_t

cdef bint pair_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    bint free_text, bint person,
) noexcept nogil

cdef double score_pairs(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    const PairC* c_pairs, bint free_text, bint person,
) noexcept nogil
