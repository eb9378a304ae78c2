"""The table in which pairs of words lead to names, made by two threads at once.

Keys of pairs are dealt by their hash into parts small enough for the nearest memory, in each part those that are the
same are brought together, and the slots of a part are filled while they are near. The names of all pairs of a word
stand side by side, since a text asks for several of them. The work is always cut into the same halves, so what comes
out does not depend on who does which, or when.

Twin: a `dict` of lists, see the tests.
"""

cimport cython
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from sito_ext.tables cimport has_outline, mix, scaled
from sito_ext.types cimport hash_t, large_free, large_room, uint32_t, uint64_t

import numpy as np

cdef enum:
    PART_BITS = 10
    PARTS = 1 << PART_BITS
    HALF = 1 << (PART_BITS - 1)
    COUNT_BITS = 24                # of the names of one key
    FREE_BYTE = 0xFF               # a free slot is all ones

cdef struct PairC:
    uint64_t key
    uint64_t name                  # later what stands in the slot of the key


cdef inline uint64_t word_of_pair(uint64_t key, uint64_t word_count) noexcept nogil:
    """Return the rarer word of a pair, `word_count` for what is none."""
    key = (key >> 32) & 0xFFFFFF
    return key if key < word_count else word_count


cdef inline uint32_t part_of(hash_t value) noexcept nogil:
    return <uint32_t> (value >> (64 - PART_BITS))


@cython.final
cdef class _PairTable:
    """Names by pairs, while the table is made: see `make_pair_table`.

    `count`, `deal`, `group` and `place` are called with 0 and with 1; the two calls of one name may run at once, and
    let other threads run. `dealt` comes after `count`, `grouped` after `group`.
    """

    cdef object _keys, _names, _slots, _grouped
    cdef object _words                 # names of each word by halves of the pairs and of the parts; then places
    cdef uint64_t _word_count
    cdef uint64_t _counts[2][1024]     # = PARTS: records of each part, of each half of the pairs
    cdef uint64_t _starts[1025]        # where parts begin
    cdef uint64_t _distinct[1024]      # keys of parts
    cdef uint64_t _plain[2]
    cdef uint64_t _longest[2]
    cdef uint64_t _left[2]             # keys that found their half of the slots full to its end
    cdef uint64_t _size                # slots
    cdef PairC* _pairs
    cdef uint64_t _room                # bytes of them
    cdef uint64_t plain_count, longest

    def __cinit__(self, keys, names, uint32_t word_count):
        cdef uint32_t half
        cdef const uint64_t[::1] own_keys
        cdef const uint32_t[::1] own_names
        self._pairs = NULL
        self._room = 0
        self._word_count = word_count
        self._words = np.zeros((2, 2, self._word_count + 1), dtype=np.uint64)
        self._keys = tuple(keys)
        self._names = tuple(names)
        if len(self._keys) != 2 or len(self._names) != 2:
            raise ValueError("not two halves")
        for half in range(2):
            own_keys = self._keys[half]
            own_names = self._names[half]
            if own_keys.shape[0] != own_names.shape[0]:
                raise ValueError("not as many names as keys")
        memset(self._counts, 0, sizeof(self._counts))
        memset(self._starts, 0, sizeof(self._starts))
        memset(self._distinct, 0, sizeof(self._distinct))
        self._size = self.plain_count = self.longest = 0
        for half in range(2):
            self._plain[half] = self._longest[half] = self._left[half] = 0

    def __dealloc__(self):
        large_free(self._pairs, self._room)

    def count(self, uint32_t half):
        """Count how many pairs of a half each part gets."""
        cdef const uint64_t[::1] keys = self._keys[half]
        cdef uint64_t[:, ::1] words = self._words[half]
        cdef uint64_t count = keys.shape[0], i
        cdef uint32_t part
        with nogil:
            for i in range(count):
                part = part_of(mix(keys[i]))
                self._counts[half][part] += 1
                words[part >= HALF, word_of_pair(keys[i], self._word_count)] += 1

    cdef int dealt(self) except -1:
        """Say where parts begin, between `count` and `deal`."""
        cdef uint32_t part
        cdef uint64_t total = 0, count, word
        cdef uint64_t[:, :, ::1] words = self._words
        for word in range(self._word_count + 1):
            for part in range(2):
                count = words[0, part, word] + words[1, part, word]
                words[0, part, word] = total
                total += count
        total = 0
        for part in range(<uint32_t> PARTS):
            self._starts[part] = total
            count = self._counts[0][part]
            self._counts[0][part] = total
            total += count
            count = self._counts[1][part]
            self._counts[1][part] = total
            total += count
        self._starts[<uint32_t> PARTS] = total
        self._room = (total + 1) * sizeof(PairC)
        self._pairs = <PairC*> large_room(NULL, 0, self._room)
        if self._pairs == NULL:
            raise MemoryError
        self._grouped = np.empty(total, dtype=np.uint32)

    def deal(self, uint32_t half):
        """Put the pairs of a half into their parts."""
        cdef const uint64_t[::1] keys = self._keys[half]
        cdef const uint32_t[::1] names = self._names[half]
        cdef uint64_t count = keys.shape[0], i
        cdef uint64_t* c_places = self._counts[half]
        cdef uint32_t part
        with nogil:
            for i in range(count):
                part = part_of(mix(keys[i]))
                self._pairs[c_places[part]].key = keys[i]
                self._pairs[c_places[part]].name = names[i]
                c_places[part] += 1

    def group(self, uint32_t half):
        """Bring the names of each key together, in half of the parts."""
        cdef uint32_t[::1] grouped = self._grouped
        cdef uint64_t[::1] words = self._words[0, half]
        cdef uint32_t first = half * <uint32_t> HALF, part, distinct, number
        cdef uint64_t room = 1, mask = 1, i, count, slot, start, word
        cdef uint32_t* c_slots = NULL
        cdef uint32_t* c_numbers = NULL
        cdef uint32_t* c_names = NULL
        cdef uint64_t* c_places = NULL
        cdef PairC* c_pairs
        cdef hash_t value
        for part in range(first, first + <uint32_t> HALF):
            room = max(room, self._starts[part + 1] - self._starts[part])
        if room >> 31:
            raise OverflowError("more than 2^31 pairs of words in one part")
        while mask < 2 * room:
            mask *= 2
        try:
            c_slots = <uint32_t*> malloc(mask * sizeof(uint32_t))
            c_numbers = <uint32_t*> malloc(room * sizeof(uint32_t))
            c_names = <uint32_t*> malloc(room * sizeof(uint32_t))
            c_places = <uint64_t*> malloc(room * sizeof(uint64_t))
            if c_slots == NULL or c_numbers == NULL or c_names == NULL or c_places == NULL:
                raise MemoryError
            with nogil:
                for part in range(first, first + <uint32_t> HALF):
                    start = self._starts[part]
                    count = self._starts[part + 1] - start
                    c_pairs = self._pairs + start
                    mask = 1
                    while mask < 2 * count:
                        mask *= 2
                    memset(c_slots, 0, mask * sizeof(uint32_t))
                    mask -= 1
                    distinct = 0
                    for i in range(count):
                        value = mix(c_pairs[i].key)
                        slot = value & mask
                        while c_slots[slot] and c_pairs[c_slots[slot] - 1].key != c_pairs[i].key:
                            slot = (slot + 1) & mask
                        c_names[i] = <uint32_t> c_pairs[i].name
                        if c_slots[slot] == 0:
                            # The key goes ahead, where all pairs have been read.
                            c_pairs[distinct].key = c_pairs[i].key
                            c_pairs[distinct].name = 0
                            self._plain[half] += not has_outline(c_pairs[i].key)
                            distinct += 1
                            c_slots[slot] = distinct
                        number = c_slots[slot] - 1
                        c_pairs[number].name += 1
                        c_numbers[i] = number
                    for number in range(distinct):
                        word = word_of_pair(c_pairs[number].key, self._word_count)
                        c_places[number] = words[word]
                        words[word] += c_pairs[number].name
                        if c_pairs[number].name > self._longest[half]:
                            self._longest[half] = c_pairs[number].name
                        # As it will stand in the slot.
                        c_pairs[number].name |= c_places[number] << COUNT_BITS
                    for i in range(count):
                        grouped[c_places[c_numbers[i]]] = c_names[i]
                        c_places[c_numbers[i]] += 1
                    self._distinct[part] = distinct
        finally:
            free(c_slots)
            free(c_numbers)
            free(c_names)
            free(c_places)

    cdef int grouped(self) except -1:
        """Say how many slots there are, between `group` and `place`."""
        cdef uint64_t distinct = 0
        cdef uint32_t part
        for part in range(<uint32_t> PARTS):
            distinct += self._distinct[part]
        self._size = distinct + distinct // 2 + 16
        if self._size >> 32:
            raise OverflowError("more than 2^32 slots of pairs")
        self.plain_count = self._plain[0] + self._plain[1]
        self.longest = max(self._longest[0], self._longest[1])
        self._slots = np.empty(2 * self._size, dtype=np.uint64)

    def place(self, uint32_t half):
        """Fill half of the slots."""
        cdef uint64_t[::1] slots = self._slots
        cdef uint64_t middle = scaled((<hash_t> 1) << 63, self._size), first = middle if half else 0
        cdef uint64_t after = self._size if half else middle, start, i, slot
        cdef uint32_t part
        cdef PairC* c_left = self._pairs + self._starts[half * <uint32_t> HALF]  # all of it has been read before
        cdef PairC pair
        with nogil:
            memset(&slots[2 * first], FREE_BYTE, 2 * (after - first) * sizeof(uint64_t))
            for part in range(half * <uint32_t> HALF, (half + 1) * <uint32_t> HALF):
                start = self._starts[part]
                for i in range(self._distinct[part]):
                    pair = self._pairs[start + i]
                    slot = scaled(mix(pair.key), self._size)
                    while slot < after and slots[2 * slot] != ~(<uint64_t> 0):
                        slot += 1
                    if slot < after:
                        slots[2 * slot] = pair.key
                        slots[2 * slot + 1] = pair.name
                    else:
                        c_left[self._left[half]] = pair
                        self._left[half] += 1

    cdef int add_left(self) except -1:
        """Place the keys that found their half full to its end."""
        cdef uint64_t[::1] slots = self._slots
        cdef uint32_t half
        cdef uint64_t i, slot
        cdef PairC* c_left
        for half in range(2):
            c_left = self._pairs + self._starts[half * <uint32_t> HALF]
            for i in range(self._left[half]):
                slot = scaled(mix(c_left[i].key), self._size)
                while slots[2 * slot] != ~(<uint64_t> 0):
                    slot = slot + 1 if slot + 1 < self._size else 0
                slots[2 * slot] = c_left[i].key
                slots[2 * slot + 1] = c_left[i].name


def make_pair_table(list keys not None, list names not None, uint32_t word_count, both):
    """Make the look-up table of pair keys.

    Args:
        keys: Two arrays of pair keys, uint64, in any order and with repeats. Both lists are emptied, so that nobody
            keeps arrays that have been dealt.
        names: The name of each of those keys, uint32.
        word_count: Words of the vocabulary.
        both: Calls what it is given with 0 and with 1, perhaps at once, and returns when both calls have.

    Returns:
        (uint64 slots, two a key: the key and `start << 24 | count`, all ones where free; the names uint32, those of a
        key in the order in which they came, first array first; how many keys have no outline; how many names the most
        frequent key has). Above 2^24 - 1 of one key the slots are wrong.

    Raises:
        ValueError: There are not as many names as keys.
        OverflowError: There are more keys than a table may hold.
    """
    cdef _PairTable table = _PairTable(keys, names, word_count)
    keys.clear()
    names.clear()
    both(table.count)
    table.dealt()
    both(table.deal)
    table._keys = table._names = None  # they are copied
    both(table.group)
    table.grouped()
    both(table.place)
    table.add_left()
    return table._slots, table._grouped, table.plain_count, table.longest
