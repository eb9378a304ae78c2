"""Patronymics for other native modules."""

from sito_ext.facts cimport TRAIT_DAUGHTER, TRAIT_SON
from sito_ext.shapes cimport NameWordC, PairC, QueryWordC, ShapeC
from sito_ext.types cimport byte_t, uint32_t, uint64_t

cdef enum:
    FATHER = TRAIT_SON | TRAIT_DAUGHTER
    CHILD_WEIGHT = 40              # of оглы, кызы and their like

cdef uint32_t child_of(const byte_t* c_plain, const ShapeC* c_shape) noexcept nogil


cdef inline uint32_t child(const byte_t* c_plain, const ShapeC* c_shape) noexcept nogil:
    """Whose child a word calls its bearer: a son for оглы and its like, a daughter for кызы, else 0; see the twin."""
    return child_of(c_plain, c_shape) if c_shape.facts.weight == CHILD_WEIGHT else 0


cdef uint32_t same_father(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used, bint cased,
) noexcept nogil
