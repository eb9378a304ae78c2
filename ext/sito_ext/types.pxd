"""Integer types and the smallest functions of them, shared by all native modules."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

ctypedef uint8_t byte_t        # one byte of UTF-8 or folded ASCII
ctypedef uint32_t length_t     # bytes of one text, or tokens of one text
ctypedef uint32_t token_t      # token id: its place in the vocabulary
ctypedef uint32_t name_t       # name number in the index
ctypedef uint64_t hash_t

cdef inline uint32_t ones(uint32_t bits) noexcept nogil:
    """Count the bits that are set; no branch, and no instruction that an old processor lacks."""
    bits = bits - ((bits >> 1) & 0x55555555)
    bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333)
    return (((bits + (bits >> 4)) & 0x0F0F0F0F) * 0x01010101) >> 24


cdef inline uint32_t min(uint32_t left, uint32_t right) noexcept nogil:
    return left if left < right else right


cdef inline uint32_t max(uint32_t left, uint32_t right) noexcept nogil:
    return left if left > right else right
