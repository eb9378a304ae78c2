"""Consonant skeletons of keys for other native modules."""

from sito_ext.types cimport byte_t, int32_t, uint8_t, uint32_t

cdef enum:
    SKELETON_MIN = 2               # consonants
    BONE_READINGS_MAX = 16
    ARTICLED_MIN = 6               # letters of a key that may begin with an article

cdef inline bint is_article(const byte_t* c_part) noexcept nogil:
    """Are two letters an Arabic article?"""
    return c_part[1] == c'l' and (
        c_part[0] == c'a' or c_part[0] == c'e' or c_part[0] == c'o' or c_part[0] == c'u'
    )


cdef uint32_t skeleton(const byte_t* c_key, uint32_t length, byte_t* c_out, uint8_t* c_between) noexcept nogil

cdef int32_t bare_skeleton(
    const byte_t* c_key, uint32_t length, uint32_t number, byte_t* c_out, uint8_t* c_between,
) noexcept nogil

cdef bint all_fitting(const uint8_t* c_bare, const uint8_t* c_other, int32_t count) noexcept nogil

cdef bint may_read(const byte_t* c_key, uint32_t length, const byte_t* c_bones, uint32_t count) noexcept nogil

cdef uint32_t same_bones(
    const byte_t* c_left, uint32_t left_length, bint left_bare, const byte_t* c_right, uint32_t right_length,
    bint right_bare,
) noexcept nogil
