"""Scores that a text and a listed name surely do not reach, for the matcher."""

from sito_ext.shapes cimport NameWordC, ShapeC
from sito_ext.types cimport uint32_t

cdef double alone_best(const ShapeC* c_query, uint32_t query_count, uint32_t i) noexcept nogil

cdef enum:
    NO_BOUND = 2                   # a score that any score is below

cdef double score_bound(
    const ShapeC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    bint free_text, bint person,
) noexcept nogil
