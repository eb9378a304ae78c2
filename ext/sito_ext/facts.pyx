"""What is known of a word beyond its letters: the native twin of `sito.names.facts`, which is the specification."""

cimport cython
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

from sito_ext.lexicon cimport KnownC, Lexicon, LexiconSlotC, look
from sito_ext.types cimport byte_t, hash_t, uint8_t, uint16_t, uint32_t
from sito_ext.vocabulary cimport hash_bytes

import numpy as np

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    GIVEN_MIN = 2
    GROUP_OF_WORDS = 0x8000
    WEIGHT_ORDINARY = 100
    WEIGHT_INITIAL = 30
    WEIGHT_LONG_NUMBER = 1
    LONG_NUMBER_MIN = 9
    RARITY_EACH_LETTER = 16
    PATRONYMIC_LENGTH_MIN = 5
    DECLINED_LENGTH_MIN = 6
    SURNAME_LENGTH_MIN = 5
    RECORD_HEAD = 5
    FIRM = 64
    WORDS_SIZE_MAX = 1 << 24


cdef inline bint ends(const byte_t* c_key, uint32_t length, const char* c_end, uint32_t size) noexcept nogil:
    return length >= size and memcmp(c_key + length - size, c_end, size) == 0


cdef inline bint daughter_stem(const byte_t* c_key, uint32_t length) noexcept nogil:
    """Does a key end like a woman's patronymic without its case ending?"""
    cdef const byte_t* c_end = c_key + length - 3
    if length < 3:
        return False
    if c_end[2] != c'n':
        return False
    if c_end[1] == c'v':
        return c_end[0] == c'o' or c_end[0] == c'e' or c_end[0] == c'i' or c_end[0] == c'a'
    if c_end[1] == c'u':
        return c_end[0] == c'a' or c_end[0] == c'e'
    return c_end[0] == c'i' and c_end[1] == c'c'


cdef uint32_t patronymic(const byte_t* c_key, uint32_t length) noexcept nogil:
    """Return TRAIT_SON, TRAIT_DAUGHTER or 0 by the end of a key."""
    cdef byte_t last
    if length == 4 and ends(c_key, length, b"ilic", 4):
        return TRAIT_SON
    if length < PATRONYMIC_LENGTH_MIN:
        return 0
    if (
        ends(c_key, length, b"vic", 3)
        or (length == 5 and (ends(c_key, length, b"lukic", 5) or ends(c_key, length, b"fomic", 5)
                             or ends(c_key, length, b"ionic", 5)))
        or (length == 6 and ends(c_key, length, b"kuzmic", 6)) or (length == 7 and ends(c_key, length, b"nikitic", 7))
    ):
        return TRAIT_SON
    if length < DECLINED_LENGTH_MIN:
        return 0
    last = c_key[length - 1]
    if ends(c_key, length - 1, b"vic", 3) and (last == c'a' or last == c'u' or last == c'e'):
        return TRAIT_SON
    if ends(c_key, length, b"vicem", 5) or ends(c_key, length, b"vicam", 5):
        return TRAIT_SON
    if (last == c'a' or last == c'i' or last == c'e' or last == c'u') and daughter_stem(c_key, length - 1):
        return TRAIT_DAUGHTER
    if (ends(c_key, length, b"oi", 2) or ends(c_key, length, b"ai", 2)) and daughter_stem(c_key, length - 2):
        return TRAIT_DAUGHTER
    if ends(c_key, length, b"oiu", 3) and daughter_stem(c_key, length - 3):
        return TRAIT_DAUGHTER
    return 0


cdef inline bint surname_ending(const byte_t* c_key, uint32_t length) noexcept nogil:
    return (
        ends(c_key, length, b"ov", 2) or ends(c_key, length, b"ev", 2) or ends(c_key, length, b"ova", 3)
        or ends(c_key, length, b"eva", 3) or ends(c_key, length, b"ski", 3) or ends(c_key, length, b"skaia", 5)
        or ends(c_key, length, b"enko", 4) or ends(c_key, length, b"svili", 5)
    )


cdef void know(
    const KnowledgeC* c_knowledge, const byte_t* c_plain, uint32_t plain_length, const byte_t* c_key,
    uint32_t key_length, uint32_t letters, bint vowelless, bint person, FactsC* c_facts,
) noexcept nogil:
    """Fill in what is known of a folded word; `letters` is how many it had before folding, 0 if not known."""
    cdef KnownC known
    cdef uint32_t i, slot, at, digits = 0
    cdef const byte_t* c_record
    c_facts.traits = <uint8_t> patronymic(c_key, key_length)
    if look(&c_knowledge.lexicon, c_key, key_length, &known):
        c_facts.traits |= TRAIT_KNOWN
    if known.given >= GIVEN_MIN and known.given > known.surname:
        c_facts.traits |= TRAIT_GIVEN
    if known.surname >= GIVEN_MIN and known.surname >= known.given:
        c_facts.traits |= TRAIT_SURNAME
    if c_facts.traits == 0 and key_length >= SURNAME_LENGTH_MIN and surname_ending(c_key, key_length):
        c_facts.traits |= TRAIT_SURNAME
    c_facts.rarity = known.rarity
    if key_length * RARITY_EACH_LETTER < c_facts.rarity:
        c_facts.rarity = <uint8_t> (key_length * RARITY_EACH_LETTER)
    c_facts.groups[0] = known.variants[0]
    c_facts.groups[1] = known.variants[1]
    c_facts.weight = WEIGHT_ORDINARY
    for i in range(plain_length):
        digits += c_plain[i] <= c'9'
    if digits:
        c_facts.traits |= TRAIT_NUMBER
    if (letters == 1 or plain_length == 1) and digits == 0:
        c_facts.weight = WEIGHT_INITIAL
    elif digits == plain_length and plain_length >= LONG_NUMBER_MIN:
        c_facts.weight = WEIGHT_LONG_NUMBER
    else:
        slot = <uint32_t> hash_bytes(c_plain, plain_length) & c_knowledge.slot_mask
        while c_knowledge.slots[slot]:
            c_record = c_knowledge.words + c_knowledge.slots[slot] - 1
            if c_record[0] == plain_length and memcmp(c_record + RECORD_HEAD, c_plain, plain_length) == 0:
                if person and c_record[1] & FIRM:
                    break
                c_facts.traits |= c_record[1] & ~FIRM
                c_facts.weight = c_record[2]
                at = c_record[3] | (<uint32_t> c_record[4] << 8)
                if at:
                    c_facts.groups[0] = <uint16_t> (GROUP_OF_WORDS | at)
                    if c_facts.traits & TRAIT_GIVEN and not c_record[1] & FIRM:
                        c_facts.groups[1] = known.variants[0]
                    else:
                        c_facts.groups[1] = 0
                break
            slot = (slot + 1) & c_knowledge.slot_mask
    if vowelless:
        c_facts.traits |= TRAIT_VOWELLESS


cdef void know_ahead(const KnowledgeC* c_knowledge, hash_t key_hash, hash_t plain_hash) noexcept nogil:
    """Fetch the slots that `know` will read for a word with these hashes."""
    __builtin_prefetch(c_knowledge.lexicon.slots + (<uint32_t> key_hash & c_knowledge.lexicon.slot_mask))
    __builtin_prefetch(c_knowledge.slots + (<uint32_t> plain_hash & c_knowledge.slot_mask))


cdef void know_further(const KnowledgeC* c_knowledge, hash_t key_hash, hash_t plain_hash) noexcept nogil:
    """Fetch what those slots point to, most likely."""
    cdef uint32_t number = c_knowledge.slots[<uint32_t> plain_hash & c_knowledge.slot_mask]
    cdef const LexiconSlotC* c_slot = (
        c_knowledge.lexicon.slots + (<uint32_t> key_hash & c_knowledge.lexicon.slot_mask)
    )
    if number:
        __builtin_prefetch(c_knowledge.words + number - 1)
    if c_slot.entry and c_slot.check == <uint32_t> (key_hash >> 32):
        __builtin_prefetch(c_knowledge.lexicon.entries + (c_slot.entry - 1))


@cython.final
cdef class Knowledge:
    """The lexicon and the special words as the kernels read them; immutable, so threads may share it.

    Args:
        lexicon: The lexicon of names; the object keeps a reference.
        words: The bytes of `sito.names.facts.special_table()`.

    Raises:
        ValueError: The bytes are no table of words.
    """

    def __cinit__(self, Lexicon lexicon not None, bytes words not None):
        cdef const byte_t* c_words = <const byte_t*> words
        cdef uint32_t size, at = 0, count = 0, slot, slots = 64
        cdef uint32_t* c_slots = NULL
        self.c_knowledge.slots = NULL
        if len(words) > WORDS_SIZE_MAX:
            raise ValueError("not a table of words")
        size = <uint32_t> len(words)
        while at < size:
            if at + RECORD_HEAD > size or c_words[at] == 0 or at + RECORD_HEAD + c_words[at] > size:
                raise ValueError("not a table of words")
            at += RECORD_HEAD + c_words[at]
            count += 1
        while slots < 4 * count:
            slots <<= 1
        c_slots = <uint32_t*> calloc(slots, sizeof(uint32_t))
        if c_slots == NULL:
            raise MemoryError
        at = 0
        while at < size:
            slot = <uint32_t> hash_bytes(c_words + at + RECORD_HEAD, c_words[at]) & (slots - 1)
            while c_slots[slot]:
                slot = (slot + 1) & (slots - 1)
            c_slots[slot] = at + 1
            at += RECORD_HEAD + c_words[at]
        self._words = words
        self._lexicon = lexicon
        self.c_knowledge.lexicon = lexicon.c_lexicon
        self.c_knowledge.words = c_words
        self.c_knowledge.slot_mask = slots - 1
        self.c_knowledge.slots = c_slots

    def __dealloc__(self):
        free(<void*> self.c_knowledge.slots)

    def know(
        self, str plain not None, str key not None, uint32_t letters=0, bint vowelless=False, bint person=False
    ):
        """Return (weight, traits, rarity, (group, group)) of a word, as `sito.names.facts.know`."""
        cdef bytes plain_bytes = plain.encode("ascii")
        cdef bytes key_bytes = key.encode("ascii")
        cdef FactsC facts
        if len(plain_bytes) > 128 or len(key_bytes) > 128:
            raise ValueError("word of more than 128 letters")
        know(
            &self.c_knowledge, <const byte_t*> plain_bytes, <uint32_t> len(plain_bytes), <const byte_t*> key_bytes,
            <uint32_t> len(key_bytes), letters, vowelless, person, &facts,
        )
        return facts.weight, facts.traits, facts.rarity, (facts.groups[0], facts.groups[1])

    def rarities(self, const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None):
        """Return the rarity of each of T keys in the lexicon, in quarter bits, uint8.

        Args:
            key_starts: T + 1 rising offsets into `key_bytes`.
            key_bytes: All keys.

        Raises:
            ValueError: The offsets fall or leave the keys.
        """
        cdef Py_ssize_t count = key_starts.shape[0] - 1, i
        cdef const byte_t* c_bytes = &key_bytes[0] if key_bytes.shape[0] else NULL
        cdef KnownC known
        if count < 0 or key_starts[count] > key_bytes.shape[0]:
            raise ValueError("starts do not fit the keys")
        found_array = np.zeros(count, dtype=np.uint8)
        cdef uint8_t[::1] found = found_array
        for i in range(count):
            if key_starts[i] > key_starts[i + 1]:
                raise ValueError("starts do not fit the keys")
            look(&self.c_knowledge.lexicon, c_bytes + key_starts[i], key_starts[i + 1] - key_starts[i], &known)
            found[i] = known.rarity
        return found_array
