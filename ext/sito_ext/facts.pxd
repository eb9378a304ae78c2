"""What is known of a word beyond its letters, for other native modules."""

cimport cython
from sito_ext.lexicon cimport Lexicon, LexiconC
from sito_ext.types cimport byte_t, hash_t, uint8_t, uint16_t, uint32_t

cdef enum:
    TRAIT_GIVEN = 1
    TRAIT_SURNAME = 2
    TRAIT_SON = 4
    TRAIT_DAUGHTER = 8
    TRAIT_NUMBER = 16
    TRAIT_VOUCHING = 32
    TRAIT_KNOWN = 64
    TRAIT_VOWELLESS = 128

cdef struct FactsC:
    uint8_t weight                 # per cent
    uint8_t traits
    uint8_t rarity                 # quarter bits
    uint16_t groups[2]

cdef struct KnowledgeC:
    LexiconC lexicon
    uint32_t slot_mask
    const uint32_t* slots          # place of a record in `words` + 1, 0 free
    const byte_t* words            # see `sito.names.facts.special_table`

cdef void know(
    const KnowledgeC* c_knowledge, const byte_t* c_plain, uint32_t plain_length, const byte_t* c_key,
    uint32_t key_length, uint32_t letters, bint vowelless, bint person, FactsC* c_facts,
) noexcept nogil


cdef void know_ahead(const KnowledgeC* c_knowledge, hash_t key_hash, hash_t plain_hash) noexcept nogil

cdef void know_further(const KnowledgeC* c_knowledge, hash_t key_hash, hash_t plain_hash) noexcept nogil


@cython.final
cdef class Knowledge:
    cdef KnowledgeC c_knowledge
    cdef bytes _words
    cdef Lexicon _lexicon
