"""Words as the kernels compare them, and the pairs of them, for other native modules."""

from sito_ext.facts cimport FactsC
from sito_ext.fold cimport FoldTableC, WordC
from sito_ext.types cimport byte_t, uint8_t, uint32_t, uint64_t, word_of
from sito_ext.vocabulary cimport merged

cdef enum:
    QUERY_WORDS_MAX = 64
    NAME_WORDS_MAX = 32
    INITIALS_MAX = 3               # letters of a cluster

cdef enum RuleC:
    RULE_NONE = 0
    RULE_SAME = 1
    RULE_SAME_KEY = 2
    RULE_SIMILAR = 3
    RULE_INITIAL = 4
    RULE_VARIANT = 5
    RULE_FORM = 6
    RULE_JOINED = 7
    RULE_SKELETON = 8
    RULE_CUT = 9
    RULE_FATHER = 10

cdef struct ShapeC:                # what is known of a word without its letters in their order
    uint32_t plain_letters         # see `letters_of`
    uint32_t key_letters
    uint32_t plain_head            # first four letters, the first lowest
    uint32_t key_head
    uint8_t plain_length
    uint8_t key_length
    uint8_t plain_more             # letters beyond those that have a bit of their own: repetitions
    uint8_t key_more
    uint8_t initial_count          # 1 for an initial, 2 or 3 for a cluster, 0 for a word
    uint8_t capital
    uint8_t edits                  # letters that may be put in or taken out, high four bits: of two patronymics
    uint8_t parted                 # is a letter of a cluster, folded by itself, none of those of the word?
    FactsC facts

cdef struct InitialC:
    uint32_t plain                 # at most four letters, the first lowest
    uint32_t key
    uint32_t plain_mask            # of the bytes in use
    uint32_t key_mask
    uint8_t plain_length
    bint latin

cdef struct NameWordC:
    const byte_t* plain
    const byte_t* key
    ShapeC shape

cdef struct QueryWordC:
    WordC word
    ShapeC shape
    InitialC initials[3]

cdef struct PairC:
    int query                      # -1: no partner
    uint8_t rule
    uint8_t span                   # words of the text
    double similarity

cdef inline uint8_t edits_of(uint32_t length) noexcept nogil:
    """How many letters may be put in or taken out, by the length of a key; in the high bits those of patronymics."""
    cdef uint32_t size = length if length < 8 else 8
    cdef uint32_t bare = 0 if length < 3 else length - 3 if length < 11 else 8  # without `PATRONYMIC_ENDING`
    # Four bits for each length: none below 3 letters, then 1, 2, 2, 3, 3, 4.
    return <uint8_t> (
        (<uint64_t> 0x433221000 >> (4 * size)) & 15 | ((<uint64_t> 0x433221000 >> (4 * bare)) & 15) << 4
    )


cdef inline uint32_t head_of(const byte_t* c_text, uint32_t length) noexcept nogil:
    """First four letters of a word, the first lowest."""
    return <uint32_t> word_of(c_text, length if length < 4 else 4) if length else 0


cdef inline bint has_letter(uint32_t letters, uint32_t head) noexcept nogil:
    """Is the first letter of a head in a set made by `letters_of` or `key_letters_of`, or may it be?"""
    cdef byte_t letter = <byte_t> head
    return letter < c'a' or letters >> (merged(letter) - c'a') & 1 or (
        letters >> (letter - c'a') & 1
    )


cdef inline uint32_t mask_of(uint32_t length) noexcept nogil:
    """Bytes in use of a word's first four letters."""
    return 0xFFFFFFFF if length >= 4 else ((<uint32_t> 1) << (8 * length)) - 1


cdef inline void take(PairC* c_pair, uint32_t i, uint8_t rule, double similarity, uint8_t span) noexcept nogil:
    c_pair.query = <int> i
    c_pair.rule = rule
    c_pair.span = span
    c_pair.similarity = similarity


cdef uint32_t letters_of(const byte_t* c_text, uint32_t length) noexcept nogil

cdef uint32_t key_letters_of(const byte_t* c_key, uint32_t length) noexcept nogil

cdef void take_shape(
    const byte_t* c_plain, uint32_t plain_length, const byte_t* c_key, uint32_t key_length, ShapeC* c_shape,
) noexcept nogil

cdef uint32_t take_initials(
    const FoldTableC* c_table, const byte_t* c_raw, uint32_t size, const WordC* c_word, InitialC* c_initials,
) noexcept nogil
