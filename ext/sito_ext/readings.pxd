"""Readings of a whole text for other native modules."""

from sito_ext.types cimport byte_t, int8_t, uint32_t

cdef enum:
    READS_OTHERWISE = 127          # of a word: its text may have another reading

# Bytes written, at most twice the size of the text and four more; 0: no such reading, a text above 1024 bytes, or no
# room.
cdef uint32_t layout_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil
cdef uint32_t joined_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil

cdef uint32_t korean_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil

cdef uint32_t cut_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil

cdef uint32_t voiced_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil

cdef int8_t strangeness(const byte_t* c_raw, uint32_t size) noexcept nogil
