"""Case forms for other native modules: which keys a key may be declined from, and whether one is a form of another."""

from sito_ext.types cimport byte_t, uint8_t, uint32_t

cdef enum:
    BASES_MAX = 16             # no word has more: a test tries all endings
    BASE_LENGTH_MAX = 128      # letters of a key; base i stands at c_out + BASE_LENGTH_MAX * i

cdef enum:
    FORM_MASCULINE = 1         # may be an oblique case of a masculine base
    FORM_FEMININE = 2          # may be one of a feminine base
    FORM_COUNTERPART = 4       # nominatives of one surname, of a man and of a woman

cdef uint32_t bases_of(
    const byte_t* c_key, uint32_t length, byte_t* c_out, uint8_t* c_lengths,
) noexcept nogil

cdef uint32_t form_of(
    const byte_t* c_form, uint32_t form_length, const byte_t* c_base, uint32_t base_length,
) noexcept nogil

cdef uint32_t form_letters() noexcept nogil

cdef uint32_t form_gap() noexcept nogil
