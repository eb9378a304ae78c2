"""Words of a hit put into sentences, for the matcher."""

cimport cython
from sito_ext.sections cimport IndexC
from sito_ext.types cimport uint32_t


@cython.final
cdef class Wording:
    cdef tuple _rules              # by the number of the rule
    cdef tuple _measured
    cdef dict _special             # what is said of a folded word that need not be found
    cdef str _missing, _extra, _other_form, _one_form, _apart

cdef tuple explain_pairing(const IndexC* c, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text)

cdef tuple said(
    const IndexC* c, Wording wording, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text,
    bint firm, double score,
)
