"""Words of a hit put into sentences, for the matcher."""

cimport cython
from sito_ext.facts cimport KnowledgeC
from sito_ext.sections cimport IndexC
from sito_ext.shapes cimport NAME_WORDS_MAX, QUERY_WORDS_MAX, NameWordC, PairC, QueryWordC
from sito_ext.types cimport uint8_t, uint32_t
from sito_ext.workspace cimport TextWordC

cdef struct PairedC:
    uint32_t word_count
    uint32_t name_count
    uint8_t factor                 # per cent that hits on this spelling count
    bint person
    bint apart                     # does a stop part the words found?
    QueryWordC words[QUERY_WORDS_MAX]
    TextWordC places[QUERY_WORDS_MAX]
    NameWordC name_words[NAME_WORDS_MAX]
    PairC pairs[NAME_WORDS_MAX]


@cython.final
cdef class Window:
    cdef PairedC* c_paired
    cdef const KnowledgeC* c_knowledge
    cdef bytes _text
    cdef uint32_t _low, _high

    cdef PairedC* pair(
        self, const IndexC* c, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text,
    ) except NULL


@cython.final
cdef class Wording:
    cdef tuple _rules              # by the number of the rule
    cdef tuple _measured
    cdef dict _special             # what is said of a folded word that need not be found
    cdef str _missing, _extra, _other_form, _one_form, _apart

cdef tuple explain_pairing(const IndexC* c, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text)

cdef tuple said(
    const IndexC* c, Window window, Wording wording, bytes text, uint32_t low, uint32_t high, uint32_t name,
    bint free_text, bint firm, double score,
)
