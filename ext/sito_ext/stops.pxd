"""Stops between the words found in free text, for other native modules."""

from sito_ext.facts cimport KnowledgeC
from sito_ext.shapes cimport NameWordC, PairC, QueryWordC
from sito_ext.types cimport byte_t, uint32_t
from sito_ext.workspace cimport TextWordC

cdef enum:
    WINDOW_WORDS_MAX = 64          # = QUERY_WORDS_MAX

cdef uint32_t parted(
    const KnowledgeC* c_knowledge, const byte_t* c_text, const TextWordC* c_places, const QueryWordC* c_query,
    uint32_t count, const NameWordC* c_name, uint32_t name_count, const PairC* c_pairs, bint person, bint* c_apart,
) noexcept nogil
