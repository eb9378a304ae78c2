"""The name lexicon for other native modules: what is known about a word, by its key."""

cimport cython
from sito_ext.types cimport byte_t, uint8_t, uint16_t, uint32_t

cdef enum:
    RARITY_UNKNOWN = 72            # 18 bits in quarter bits

cdef struct KnownC:
    uint8_t given                  # 0 no or unknown to 3 nearly always
    uint8_t surname
    uint8_t rarity                 # quarter bits
    uint16_t variants[2]           # group numbers, 0 none, ascending

cdef struct LexiconEntryC:
    uint32_t key_start
    uint8_t key_length
    uint8_t roles                  # given | surname << 2
    uint8_t rarity
    uint16_t variants[2]

cdef struct LexiconSlotC:
    uint32_t check                 # upper half of the hash
    uint32_t entry                 # entry number + 1, 0 empty

cdef struct LexiconC:
    uint32_t entry_count
    uint32_t slot_mask
    const LexiconEntryC* entries
    const LexiconSlotC* slots
    const byte_t* keys

cdef bint look(
    const LexiconC* c_lexicon, const byte_t* c_key, uint32_t length, KnownC* c_known,
) noexcept nogil


@cython.final
cdef class Lexicon:
    cdef LexiconC c_lexicon
    cdef LexiconEntryC* _entries
    cdef LexiconSlotC* _slots
    cdef bytes _data
