"""Pairing and scoring of one text and one name, for the matcher."""

from sito_ext.fold cimport WordC
from sito_ext.types cimport byte_t, uint8_t, uint32_t

cdef enum:
    QUERY_WORDS_MAX = 64
    NAME_WORDS_MAX = 32

cdef enum RuleC:
    RULE_NONE = 0
    RULE_SAME = 1
    RULE_SAME_KEY = 2
    RULE_SIMILAR = 3
    RULE_INITIAL = 4

cdef struct ShapeC:                # what is known of a word without its letters in their order
    uint32_t plain_letters         # see `letters_of`
    uint32_t key_letters
    uint8_t plain_length
    uint8_t key_length
    uint8_t plain_more             # letters beyond those that have a bit of their own: repetitions
    uint8_t key_more
    uint8_t weight                 # per cent

cdef struct NameWordC:
    const byte_t* plain
    const byte_t* key
    ShapeC shape

cdef struct QueryWordC:
    WordC word
    ShapeC shape

cdef struct PairC:
    int query                      # -1: no partner
    uint8_t rule
    double similarity

cdef void take_shape(const WordC* c_word, uint32_t weight, ShapeC* c_shape) noexcept nogil

cdef uint32_t ones(uint32_t bits) noexcept nogil

cdef uint32_t letters_of(const byte_t* c_text, uint32_t length) noexcept nogil

cdef bint hopeless(
    const ShapeC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    bint free_text, double score_min,
) noexcept nogil

cdef bint pair_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
) noexcept nogil

cdef double score_pairs(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    const PairC* c_pairs, bint free_text,
) noexcept nogil
