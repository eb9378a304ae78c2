from sito_ext.types cimport byte_t, uint32_t

# Names as Belarusian passports spell them, as Russian does; see `sito.names.belarusian`. Returns the bytes written, at
# most as many as the text has, 0 for all other texts.
cdef uint32_t russian_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil

cdef bint is_belarusian(const byte_t* c_word, uint32_t length) noexcept nogil
