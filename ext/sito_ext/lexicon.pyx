"""The name lexicon: role, rarity and variants of a word; the native twin of `sito.names.lexicon`.

The packed table is columns of sorted words. From it one array of entries and one open-addressing hash table, at most
half full, are made once. A hash match is only a candidate: the letters are compared, so no word is ever taken for
another.
"""

cimport cython
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

from sito_ext.types cimport byte_t, hash_t, uint32_t
from sito_ext.vocabulary cimport hash_bytes

import zlib

cdef enum:
    HEAD_SIZE = 32
    KEY_LENGTH_MAX = 128
    LAYOUT = 1
    WORD_COUNT_MAX = 1 << 20
    WORD_SIZE = 7                  # bytes of one word in the columns


cdef bint look(
    const LexiconC* c_lexicon, const byte_t* c_key, uint32_t length, KnownC* c_known,
) noexcept nogil:
    """Look one key up; returns whether it is known. `c_known` is filled in either case."""
    cdef hash_t value
    cdef uint32_t slot, check, number
    cdef const LexiconEntryC* c_entry
    c_known.given = 0
    c_known.surname = 0
    c_known.rarity = RARITY_UNKNOWN
    c_known.variants[0] = 0
    c_known.variants[1] = 0
    if length == 0 or length > KEY_LENGTH_MAX or c_key[0] <= c'9':
        return False               # keys of the lexicon are letters
    value = hash_bytes(c_key, length)
    slot = <uint32_t> value & c_lexicon.slot_mask
    check = <uint32_t> (value >> 32)
    while True:
        number = c_lexicon.slots[slot].entry
        if number == 0:
            return False
        if c_lexicon.slots[slot].check == check:
            c_entry = c_lexicon.entries + (number - 1)
            if c_entry.key_length == length and memcmp(c_lexicon.keys + c_entry.key_start, c_key, length) == 0:
                c_known.given = c_entry.roles & 3
                c_known.surname = c_entry.roles >> 2
                c_known.rarity = c_entry.rarity
                c_known.variants[0] = c_entry.variants[0]
                c_known.variants[1] = c_entry.variants[1]
                return True
        slot = (slot + 1) & c_lexicon.slot_mask


cdef int compare_keys(
    const byte_t* c_left, uint32_t left_length, const byte_t* c_right, uint32_t right_length,
) noexcept nogil:
    """Return less than 0, 0 or more as the left key stands before, at or behind the right one."""
    cdef int order = memcmp(c_left, c_right, left_length if left_length < right_length else right_length)
    return order if order else (left_length > right_length) - (left_length < right_length)


cdef uint32_t fill_entries(
    const byte_t* c_columns, uint32_t count, uint32_t variant_count, uint32_t pool_size, LexiconEntryC* c_entries,
) noexcept nogil:
    """Check the columns of `count` words and turn them into entries; returns the number of good words.

    Fewer than `count` are good if a word is broken; the keys must also fill the pool, or 0 are good.
    """
    cdef const byte_t* c_pool = c_columns + <size_t> count * WORD_SIZE
    cdef uint32_t i, j, start = 0
    cdef LexiconEntryC* c_entry
    for i in range(count):
        c_entry = c_entries + i
        c_entry.key_start = start
        c_entry.key_length = c_columns[i]
        c_entry.roles = c_columns[<size_t> count + i]
        c_entry.rarity = c_columns[2 * <size_t> count + i]
        memcpy(&c_entry.variants[0], c_columns + 3 * <size_t> count + 2 * <size_t> i, 2)
        memcpy(&c_entry.variants[1], c_columns + 5 * <size_t> count + 2 * <size_t> i, 2)
        if c_entry.key_length == 0 or c_entry.key_length > KEY_LENGTH_MAX or c_entry.key_length > pool_size - start:
            return i
        for j in range(c_entry.key_length):
            if c_pool[start + j] < c'a' or c_pool[start + j] > c'z':
                return i
        if i and compare_keys(
            c_pool + (c_entry - 1).key_start, (c_entry - 1).key_length, c_pool + start, c_entry.key_length
        ) >= 0:
            return i
        if c_entry.roles >> 4 or c_entry.rarity > RARITY_UNKNOWN:
            return i
        if c_entry.variants[0] > variant_count or c_entry.variants[1] > variant_count:
            return i
        if c_entry.variants[1] and not (0 < c_entry.variants[0] < c_entry.variants[1]):
            return i
        start += c_entry.key_length
    return count if start == pool_size else 0


cdef void fill_slots(
    const byte_t* c_pool, const LexiconEntryC* c_entries, uint32_t count, uint32_t slot_mask, LexiconSlotC* c_slots,
) noexcept nogil:
    """Put every entry into the hash table; it has more slots than entries."""
    cdef uint32_t i, slot
    cdef hash_t value
    for i in range(count):
        value = hash_bytes(c_pool + c_entries[i].key_start, c_entries[i].key_length)
        slot = <uint32_t> value & slot_mask
        while c_slots[slot].entry:
            slot = (slot + 1) & slot_mask
        c_slots[slot].check = <uint32_t> (value >> 32)
        c_slots[slot].entry = i + 1


@cython.final
cdef class Lexicon:
    """Owner of one packed lexicon table.

    Immutable once made, so threads may read it without the GIL. About 10 MB for 200 000 words, the table included.

    Raises:
        ValueError: The table is cut, altered or of another layout.
        MemoryError: No room for the entries.
    """

    def __cinit__(self, bytes table):
        cdef const byte_t* c_data = <const byte_t*> table
        cdef size_t size = len(table)
        cdef uint32_t checksum, layout, count, variant_count, pool_size, good, slot_count = 2
        self._entries = NULL
        self._slots = NULL
        self._data = table
        if size < HEAD_SIZE or memcmp(c_data, b"SITOLEXI", 8) != 0:
            raise ValueError(f"lexicon: expected a table of at least {HEAD_SIZE} bytes, got other data of {size}")
        memcpy(&checksum, c_data + 8, 4)
        memcpy(&layout, c_data + 12, 4)
        memcpy(&count, c_data + 20, 4)
        memcpy(&variant_count, c_data + 24, 4)
        memcpy(&pool_size, c_data + 28, 4)
        if layout != LAYOUT:
            raise ValueError(f"lexicon: expected layout {LAYOUT}, got {layout}")
        if (
            count > WORD_COUNT_MAX or variant_count > 0xFFFF
            or size != HEAD_SIZE + <size_t> WORD_SIZE * count + pool_size
        ):
            raise ValueError(f"lexicon: {count} words and {pool_size} bytes of keys do not make {size} bytes")
        if zlib.crc32(memoryview(table)[12:]) != checksum:
            raise ValueError("lexicon: the checksum does not fit; install the package again")
        while slot_count <= 2 * count:
            slot_count *= 2
        self._entries = <LexiconEntryC*> calloc(count + 1, sizeof(LexiconEntryC))
        self._slots = <LexiconSlotC*> calloc(slot_count, sizeof(LexiconSlotC))
        if self._entries == NULL or self._slots == NULL:
            raise MemoryError
        with nogil:
            good = fill_entries(c_data + HEAD_SIZE, count, variant_count, pool_size, self._entries)
        if good != count or (count == 0 and pool_size):
            raise ValueError(f"lexicon: word {good} of {count} is broken or not in order")
        self.c_lexicon.entry_count = count
        self.c_lexicon.slot_mask = slot_count - 1
        self.c_lexicon.entries = self._entries
        self.c_lexicon.slots = self._slots
        self.c_lexicon.keys = c_data + HEAD_SIZE + <size_t> WORD_SIZE * count
        with nogil:
            fill_slots(self.c_lexicon.keys, self._entries, count, slot_count - 1, self._slots)

    def __dealloc__(self):
        free(self._entries)
        free(self._slots)

    def look(self, str key not None):
        """Look one key up: given, surname, rarity and the two variants, as `sito.names.lexicon.look` tells them."""
        cdef KnownC known
        cdef bytes letters = key.encode("ascii") if key.isascii() else b""
        cdef size_t length = len(letters)
        look(&self.c_lexicon, letters, <uint32_t> length if length <= KEY_LENGTH_MAX else 0, &known)
        return known.given, known.surname, known.rarity, (known.variants[0], known.variants[1])
