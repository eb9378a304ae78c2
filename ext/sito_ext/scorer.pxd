"""Pairing and scoring of one text and one name, for the matcher."""

from sito_ext.fold cimport WordC
from sito_ext.types cimport byte_t, uint8_t, uint32_t, uint64_t

cdef enum:
    QUERY_WORDS_MAX = 64
    NAME_WORDS_MAX = 32

cdef enum RuleC:
    RULE_NONE = 0
    RULE_SAME = 1
    RULE_SAME_KEY = 2
    RULE_SIMILAR = 3
    RULE_INITIAL = 4

cdef struct LettersC:
    uint64_t once                  # bit per letter or digit that occurs
    uint64_t twice                 # that occurs at least twice
    uint32_t more                  # occurrences beyond the second, summed

cdef struct NameWordC:
    const byte_t* plain
    const byte_t* key
    uint32_t plain_length
    uint32_t key_length
    uint32_t weight                # per cent

cdef struct QueryWordC:
    WordC word
    LettersC plain_letters         # filled by `count_letters`
    LettersC key_letters
    uint32_t weight                # per cent

cdef struct PairC:
    int query                      # -1: no partner
    uint8_t rule
    double similarity

cdef void count_letters(const byte_t* c_text, uint32_t length, LettersC* c_letters) noexcept nogil

cdef bint pair_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
) noexcept nogil

cdef double score_pairs(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    const PairC* c_pairs, bint free_text,
) noexcept nogil
