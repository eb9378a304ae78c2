"""The token vocabulary for other native modules: exact and fuzzy look-up of keys."""

from sito_ext.types cimport byte_t, hash_t, token_t, uint8_t, uint32_t, uint64_t

cdef enum:
    EXPANSION_MAX = 48
    EXPANSION_GATHER_MAX = 1024
    DISTANCE_SHIFT = 30            # an expansion is distance << 30 | token id
    TOKEN_BITS = 24
    TOKEN_COUNT_MAX = 1 << 24

cdef struct VocabularyC:
    uint32_t token_count
    const uint32_t* key_starts     # token_count + 1
    const byte_t* key_bytes
    const uint32_t* key_letters    # of each key, see `key_letters_of`
    uint64_t slot_mask
    const uint32_t* slots          # token id + 1, 0 empty
    uint64_t bitmap_mask           # in words
    const uint64_t* bitmap
    uint64_t bucket_mask
    const uint32_t* bucket_starts
    const uint32_t* bucket_tokens  # hash bits << 24 | token id

cdef inline byte_t merged(byte_t letter) noexcept nogil:
    """Return a letter as the fuzzy look-up sees it: o as a, e as i, which languages write for each other."""
    return c'a' if letter == c'o' else c'i' if letter == c'e' else letter


cdef hash_t hash_bytes(const byte_t* c_text, uint32_t size) noexcept nogil

cdef uint32_t find_exact(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length,
) noexcept nogil

cdef uint32_t expand(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length,
    uint32_t* c_found, bint* c_cut,
) noexcept nogil

cdef int check_vocabulary(const VocabularyC* c_vocabulary) noexcept nogil
