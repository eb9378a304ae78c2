"""Sorting of very many small records by an integer key: digit by digit, lowest first; equal keys keep their order.

Twin: a stable `numpy.argsort`.
"""

from libc.string cimport memset

from sito_ext.types cimport large_free, large_room, uint32_t, uint64_t

import numpy as np

cdef enum:
    DIGIT_BITS = 11
    DIGITS = 1 << 11


cdef RecordC* sort_records(RecordC* c_records, RecordC* c_room, uint64_t count) noexcept nogil:
    """Sort records by key, stably; `c_room` holds as many. Returns where they stand then: one of the two.

    Bits that are the same in all keys cost nothing.
    """
    cdef uint64_t places[2048]     # = DIGITS
    cdef uint64_t varying = 0, i, start, n, digit
    cdef uint32_t shift = 0
    cdef RecordC* c_swap
    for i in range(1, count):
        varying |= c_records[i].key ^ c_records[0].key
    while shift < 64 and varying >> shift:
        if not (varying >> shift) & 1:
            shift += 1
            continue
        memset(places, 0, sizeof(places))
        for i in range(count):
            places[(c_records[i].key >> shift) & (DIGITS - 1)] += 1
        start = 0
        for digit in range(<uint64_t> DIGITS):
            n = places[digit]
            places[digit] = start
            start += n
        for i in range(count):
            digit = (c_records[i].key >> shift) & (DIGITS - 1)
            c_room[places[digit]] = c_records[i]
            places[digit] += 1
        c_swap = c_records
        c_records = c_room
        c_room = c_swap
        shift += DIGIT_BITS
    return c_records


def sorted_by_key(const uint64_t[::1] keys not None, const uint32_t[::1] values not None):
    """Sort N values by their keys; values of equal keys keep their order.

    Returns:
        (keys uint64, values uint32).

    Raises:
        ValueError: There are not as many keys as values.
    """
    cdef uint64_t count = keys.shape[0], room = (count + 1) * sizeof(RecordC), i
    cdef RecordC* c_records = NULL
    cdef RecordC* c_room = NULL
    cdef RecordC* c_sorted
    if <uint64_t> values.shape[0] != count:
        raise ValueError("not as many keys as values")
    keys_array = np.empty(count, dtype=np.uint64)
    values_array = np.empty(count, dtype=np.uint32)
    cdef uint64_t[::1] keys_out = keys_array
    cdef uint32_t[::1] values_out = values_array
    try:
        c_records = <RecordC*> large_room(NULL, 0, room)
        c_room = <RecordC*> large_room(NULL, 0, room)
        if c_records == NULL or c_room == NULL:
            raise MemoryError
        with nogil:
            for i in range(count):
                c_records[i].key = keys[i]
                c_records[i].value = values[i]
            c_sorted = sort_records(c_records, c_room, count)
            for i in range(count):
                keys_out[i] = c_sorted[i].key
                values_out[i] = <uint32_t> c_sorted[i].value
    finally:
        large_free(c_records, room)
        large_free(c_room, room)
    return keys_array, values_array
