"""Integer types and the smallest functions of them, shared by all native modules."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

ctypedef uint8_t byte_t        # one byte of UTF-8 or folded ASCII
ctypedef uint32_t length_t     # bytes of one text, or tokens of one text
ctypedef uint32_t token_t      # token id: its place in the vocabulary
ctypedef uint32_t name_t       # name number in the index
ctypedef uint64_t hash_t

cdef inline uint64_t word_of(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Return 1 to 8 bytes as one integer, the first lowest. No byte beyond them is read, and no function called."""
    cdef uint32_t low, high
    cdef uint64_t word
    if size >= 8:
        memcpy(&word, c_text, 8)
        return word
    if size >= 4:
        memcpy(&low, c_text, 4)
        memcpy(&high, c_text + size - 4, 4)
        return low | (<uint64_t> high >> (8 * (8 - size))) << 32
    low = <uint32_t> c_text[size >> 1] << (8 * (size >> 1))
    return low | c_text[0] | <uint32_t> c_text[size - 1] << (8 * (size - 1))


cdef inline bint same_bytes(const byte_t* c_left, const byte_t* c_right, uint32_t size) noexcept nogil:
    """Are 1 to some tens of bytes the same? Eight at a time, the last eight again: cheaper than a call."""
    cdef uint64_t left, right
    cdef uint32_t at = 0
    if size < 8:
        return word_of(c_left, size) == word_of(c_right, size)
    while at + 8 < size:
        memcpy(&left, c_left + at, 8)
        memcpy(&right, c_right + at, 8)
        if left != right:
            return False
        at += 8
    memcpy(&left, c_left + size - 8, 8)
    memcpy(&right, c_right + size - 8, 8)
    return left == right


cdef inline uint32_t ones(uint32_t bits) noexcept nogil:
    """Count the bits that are set; no branch, and no instruction that an old processor lacks."""
    bits = bits - ((bits >> 1) & 0x55555555)
    bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333)
    return (((bits + (bits >> 4)) & 0x0F0F0F0F) * 0x01010101) >> 24


cdef inline uint64_t ones_of_both(uint64_t bits) noexcept nogil:
    """Count the bits that are set in either half; the counts stand in the lowest byte of each half."""
    bits = bits - ((bits >> 1) & <uint64_t> 0x5555555555555555)
    bits = (bits & <uint64_t> 0x3333333333333333) + ((bits >> 2) & <uint64_t> 0x3333333333333333)
    bits = (bits + (bits >> 4)) & <uint64_t> 0x0F0F0F0F0F0F0F0F
    bits += bits >> 8
    return (bits + (bits >> 16)) & <uint64_t> 0x000000FF000000FF


cdef inline uint32_t min(uint32_t left, uint32_t right) noexcept nogil:
    return left if left < right else right


cdef inline uint32_t max(uint32_t left, uint32_t right) noexcept nogil:
    return left if left > right else right
