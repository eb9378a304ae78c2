"""Integer types and the smallest functions of them, shared by all native modules."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy

cdef extern from "sys/mman.h":
    void* mmap(void* c_start, size_t size, int protection, int flags, int file, long offset) noexcept nogil
    void* mremap(void* c_start, size_t size, size_t new_size, int flags, void* c_new) noexcept nogil
    int munmap(void* c_start, size_t size) noexcept nogil
    int madvise(void* c_start, size_t size, int advice) noexcept nogil
    void* MAP_FAILED
    int MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_PRIVATE, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE

cdef enum:
    LARGE_MIN = 1 << 22            # bytes from which memory is worth large pages
    LARGE_PAGE = 1 << 21

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


cdef inline uint64_t in_pages(uint64_t size) noexcept nogil:
    """Return a size as whole large pages."""
    return (size + LARGE_PAGE - 1) & ~<uint64_t> (LARGE_PAGE - 1)


cdef inline void* large_pages(uint64_t size) noexcept nogil:
    """Return zeroed memory at a place where large pages may lie, NULL for none. That none are given is no error."""
    cdef uint64_t pages = in_pages(size), before
    cdef void* c_start = mmap(
        NULL, pages + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
    )
    if c_start == MAP_FAILED:
        return NULL
    before = in_pages(<uint64_t> c_start) - <uint64_t> c_start
    if before:
        munmap(c_start, before)
    munmap(<byte_t*> c_start + before + pages, LARGE_PAGE - before)
    madvise(<byte_t*> c_start + before, pages, MADV_HUGEPAGE)
    return <byte_t*> c_start + before


cdef inline void large_free(void* c_data, uint64_t room) noexcept nogil:
    """Give back what `large_room` or `large_zeros` has given, and its size."""
    if c_data != NULL and room >= LARGE_MIN:
        munmap(c_data, in_pages(room))
    else:
        free(c_data)


cdef inline void* large_room(void* c_before, uint64_t before, uint64_t room) noexcept nogil:
    """Return memory of `room` bytes, at least one, that holds what the `before` bytes at `c_before` did.

    These are given back; if there is no memory, NULL, they stay. Much memory stands in large pages: to get small ones
    takes longer than to fill them. What grows is not copied: its pages get another address.
    """
    cdef void* c_room
    if room < LARGE_MIN:
        return realloc(c_before, room)
    c_room = large_pages(room)
    if c_room == NULL or c_before == NULL:
        return c_room
    if before >= LARGE_MIN:
        if mremap(
            c_before, in_pages(before), in_pages(room), MREMAP_MAYMOVE | MREMAP_FIXED, c_room
        ) != MAP_FAILED:
            return c_room
        # Part of the new place may be gone, and be somebody else's by now. Nothing was written there: it is left.
        c_room = large_pages(room)
        if c_room == NULL:
            return NULL
    memcpy(c_room, c_before, before)
    large_free(c_before, before)
    return c_room


cdef inline void* large_zeros(uint64_t size) noexcept nogil:
    """Return zeroed memory of at least one byte, NULL for none; see `large_room`."""
    return large_pages(size) if size >= LARGE_MIN else calloc(size, 1)
