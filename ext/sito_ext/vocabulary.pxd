"""The token vocabulary for other native modules: exact and fuzzy look-up of keys."""

from libc.string cimport memcpy

from sito_ext.ends cimport EndsC, WalkC
from sito_ext.types cimport byte_t, hash_t, token_t, uint8_t, uint32_t, uint64_t, word_of

cdef enum:
    EXPANSION_MAX = 96
    EXPANSION_GATHER_MAX = 1024
    DISTANCE_SHIFT = 30            # an expansion is distance << 30 | token id
    TOKEN_BITS = 24
    TOKEN_COUNT_MAX = 1 << 24

cdef enum:
    DELETE_COUNT_MAX = 9           # 1 + 8 strings
    GATHERED_MAX = 128             # words looked at together

cdef struct VocabularyC:
    uint32_t token_count
    const uint32_t* key_starts     # token_count + 1
    const byte_t* key_bytes
    const uint32_t* key_places     # of each key its start, and its letters and length: see `key_letters_of`
    uint64_t slot_mask
    const uint32_t* slots          # hash bits << 24 | token id + 1, 0 empty
    uint64_t bitmap_mask           # in words
    const uint64_t* bitmap
    uint64_t bucket_mask
    const uint32_t* bucket_starts
    const uint32_t* bucket_tokens  # hash bits << 24 | token id
    EndsC ends

cdef struct ExpansionC:            # one fuzzy look-up on its way
    hash_t hashes[9]               # = DELETE_COUNT_MAX
    uint32_t tokens[128]           # = GATHERED_MAX
    uint32_t count                 # of the hashes
    uint32_t gathered
    uint32_t bucketed              # the first of these, from the buckets
    uint32_t length
    uint32_t allowed               # edits
    uint32_t letters
    bint crowded
    WalkC walk                     # with two edits

cdef inline byte_t merged(byte_t letter) noexcept nogil:
    """Return a letter as the one that languages write for it: a for o, i for e, g for h, s for z."""
    if letter == c'h':
        return c'g'
    return c'a' if letter == c'o' else c'i' if letter == c'e' else c's' if letter == c'z' else letter

cdef inline hash_t hash_bytes(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Return a 64-bit hash; a hash match is only a candidate, callers compare the text."""
    cdef hash_t value = <hash_t> 0x9E3779B97F4A7C15 ^ size
    cdef uint64_t word
    while size >= 8:
        memcpy(&word, c_text, 8)
        value = (value ^ word) * <hash_t> 0xFF51AFD7ED558CCD
        value ^= value >> 32
        c_text += 8
        size -= 8
    if size:
        value = (value ^ word_of(c_text, size)) * <hash_t> 0xFF51AFD7ED558CCD
        value ^= value >> 32
    value *= <hash_t> 0xC4CEB9FE1A85EC53
    return value ^ (value >> 29)

cdef uint32_t find_exact(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length,
) noexcept nogil

cdef uint32_t find_hashed(
    const VocabularyC* c_vocabulary, hash_t value, const byte_t* c_key, uint32_t length,
) noexcept nogil

cdef void expand_start(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length, uint32_t edits, ExpansionC* c_expansion,
) noexcept nogil

cdef void expand_filter(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil

cdef void expand_open(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil

cdef void expand_gather(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil

cdef void expand_narrow(
    const VocabularyC* c_vocabulary, const byte_t* c_key, ExpansionC* c_expansion,
) noexcept nogil

cdef uint32_t expand_finish(
    const VocabularyC* c_vocabulary, const byte_t* c_key, ExpansionC* c_expansion, uint32_t* c_found, bint* c_cut,
) noexcept nogil

cdef int check_vocabulary(const VocabularyC* c_vocabulary) noexcept nogil
