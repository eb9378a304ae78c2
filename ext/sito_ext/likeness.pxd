"""May two words be alike? By their lengths, sets of letters and facts: for the scorer and for the bounds before it."""

from sito_ext.facts cimport TRAIT_KNOWN, TRAIT_NUMBER, FactsC
from sito_ext.fathers cimport FATHER
from sito_ext.shapes cimport ShapeC
from sito_ext.types cimport ones_of_both, uint32_t, uint64_t

cdef enum:
    EDITS_MIDDLE = 2
    EDITS_MORE = 3                 # of words that are not both known
    PATRONYMIC_LOSS_MAX = 1


cdef inline uint64_t both_sets(const ShapeC* c_shape) noexcept nogil:
    """Return the letter sets of a word, that of its key in the upper half."""
    return <uint64_t> c_shape.key_letters << 32 | c_shape.plain_letters


cdef inline uint32_t gap(uint32_t left, uint32_t right) noexcept nogil:
    return left - right if left > right else right - left


cdef inline uint32_t within(const ShapeC* c_left, const ShapeC* c_right, uint32_t limit) noexcept nogil:
    """Can two words become equal by putting in and taking out `limit` letters: 1 as they stand, 2 their keys, 3 both?

    Each letter put in or taken out changes one bit of the set, or the number of repetitions by one.
    """
    cdef uint64_t counts = ones_of_both(both_sets(c_left) ^ both_sets(c_right))
    return <uint32_t> (gap(c_left.plain_more, c_right.plain_more) + (<uint32_t> counts) <= limit) | <uint32_t> (
        gap(c_left.key_more, c_right.key_more) + <uint32_t> (counts >> 32) <= limit
    ) << 1


cdef inline bint adds_up(uint32_t first, uint32_t second, uint32_t whole) noexcept nogil:
    """May two words be written in one, perhaps without a letter of theirs?"""
    return first + second - whole <= 1


cdef inline bint share_group(const FactsC* c_left, const FactsC* c_right) noexcept nogil:
    """Do two words mean the same?"""
    return (
        (c_left.groups[0] != 0 and (c_left.groups[0] == c_right.groups[0] or c_left.groups[0] == c_right.groups[1]))
        or (c_left.groups[1] != 0 and (c_left.groups[1] == c_right.groups[0] or c_left.groups[1] == c_right.groups[1]))
    )


cdef inline uint32_t edits_max(const ShapeC* c_left, const ShapeC* c_right) noexcept nogil:
    """How many letters may be put in or taken out between two words."""
    cdef uint32_t left = c_left.edits, right = c_right.edits
    if c_left.facts.traits & FATHER and c_right.facts.traits & FATHER:
        left >>= 4
        right >>= 4
    else:
        left &= 15
        right &= 15
    if right < left:
        left = right
    if left == EDITS_MORE and c_left.facts.traits & c_right.facts.traits & TRAIT_KNOWN:
        return EDITS_MIDDLE
    return left


cdef inline bint apart(uint32_t left, uint32_t right) noexcept nogil:
    """Do two lengths differ by more than a mistyped patronymic may lose?"""
    return left > right + PATRONYMIC_LOSS_MAX or right > left + PATRONYMIC_LOSS_MAX


cdef inline bint comparable(const ShapeC* c_left, const ShapeC* c_right) noexcept nogil:
    """Can two words be similar, by what they are?"""
    cdef uint32_t left = c_left.facts.traits & FATHER, right = c_right.facts.traits & FATHER
    if left != right and (
        (left and right)
        or (apart(c_left.plain_length, c_right.plain_length) and apart(c_left.key_length, c_right.key_length))
    ):
        return False
    return not (c_left.facts.traits | c_right.facts.traits) & TRAIT_NUMBER


cdef inline bint may_be_article(const ShapeC* c_shape) noexcept nogil:
    return c_shape.plain_length == 2 and c_shape.plain_head >> 8 == c'l'


cdef inline bint alike_sets(const ShapeC* c_left, const ShapeC* c_right) noexcept nogil:
    """May two words of one text be the same?"""
    return c_left.plain_letters == c_right.plain_letters and c_left.plain_length == c_right.plain_length
