"""The hits of a text: the best of each entry, in their order."""

from libc.stdlib cimport qsort, realloc
from libc.string cimport memset

from sito_ext.tables cimport mix
from sito_ext.types cimport uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport HIT_SLOTS, LIMIT_HITS, HitC, Workspace

import numpy as np

cdef enum:
    TEXT_HITS_MAX = 16384          # entries hit by one text
    SCORE_STEPS = 1024


cdef int by_rank(const void* c_left, const void* c_right) noexcept nogil:
    """Best score first, equal scores by entry."""
    cdef const HitC* left = <const HitC*> c_left
    cdef const HitC* right = <const HitC*> c_right
    if left.score != right.score:
        return -1 if left.score > right.score else 1
    return (left.entry > right.entry) - (left.entry < right.entry)


cdef void clear_hit_slots(Workspace work, uint64_t first) noexcept nogil:
    """Empty the slots of all hits of this text; to be done before they are sorted."""
    cdef uint64_t i
    cdef uint32_t slot
    for i in range(first, work.hit_count):
        slot = <uint32_t> mix(work.hits[i].entry) & (HIT_SLOTS - 1)
        while work.hit_slots[slot]:
            work.hit_slots[slot] = 0
            slot = (slot + 1) & (HIT_SLOTS - 1)


cdef int add_hit(
    Workspace work, uint64_t first, uint32_t item, uint32_t target, uint32_t entry, uint32_t low, uint32_t high,
    double score, uint8_t* c_flags,
) noexcept nogil:
    """Keep the best hit of each entry of this text; -1 without memory."""
    cdef uint32_t slot = <uint32_t> mix(entry) & (HIT_SLOTS - 1)
    cdef uint64_t i
    cdef void* c_more
    while work.hit_slots[slot]:
        i = first + work.hit_slots[slot] - 1
        if work.hits[i].entry == entry:
            if score > work.hits[i].score or (
                score == work.hits[i].score
                and (
                    target < work.hits[i].target
                    or (target == work.hits[i].target and (
                        low < work.hits[i].low or (low == work.hits[i].low and high < work.hits[i].high)
                    ))
                )
            ):
                work.hits[i].target = target
                work.hits[i].reading = work.reading
                work.hits[i].low = low
                work.hits[i].high = high
                work.hits[i].score = score
            return 0
        slot = (slot + 1) & (HIT_SLOTS - 1)
    if work.hit_count - first == TEXT_HITS_MAX:
        # What is left out here need not be the least. But only equal numbers come to so many, and they alone then fill
        # the caller's limit, which is lower: so he takes it for no less than what he got.
        c_flags[0] |= LIMIT_HITS
        return 0
    if work.hit_count == work.hit_room:
        c_more = realloc(work.hits, 2 * work.hit_room * sizeof(HitC))
        if c_more == NULL:
            return -1
        work.hits = <HitC*> c_more
        work.hit_room *= 2
    work.hit_slots[slot] = <uint32_t> (work.hit_count - first + 1)
    i = work.hit_count
    work.hits[i].item = item
    work.hits[i].target = target
    work.hits[i].reading = work.reading
    work.hits[i].entry = entry
    work.hits[i].low = low
    work.hits[i].high = high
    work.hits[i].score = score
    work.hit_count += 1
    return 0


cdef double score_to_beat(Workspace work, uint64_t first, uint32_t hit_limit) noexcept nogil:
    """Return a score that as many entries hit by this text have as hits are kept, 0 if there are fewer.

    What scores less is not among those that are kept. It is less than the least of them by a thousandth at most.
    """
    cdef uint32_t counts[SCORE_STEPS]
    cdef uint64_t i
    cdef uint32_t step, count = 0
    memset(counts, 0, sizeof(counts))
    for i in range(first, work.hit_count):
        step = <uint32_t> (work.hits[i].score * SCORE_STEPS)
        counts[step if step < SCORE_STEPS else SCORE_STEPS - 1] += 1
    step = SCORE_STEPS
    while step and count < hit_limit:
        step -= 1
        count += counts[step]
    return <double> step / SCORE_STEPS if count >= hit_limit else 0.0


cdef void rank_hits(Workspace work, uint64_t first, uint32_t hit_limit, uint8_t* c_flags) noexcept nogil:
    """Put the hits of this text in their order and keep the best."""
    if work.hit_count - first > 1:
        qsort(work.hits + first, work.hit_count - first, sizeof(HitC), by_rank)
    if work.hit_count - first > hit_limit:
        work.hit_count = first + hit_limit
        c_flags[0] |= LIMIT_HITS


cdef tuple hits_of(Workspace work):
    cdef uint64_t count = work.hit_count, i
    items_array = np.empty(count, dtype=np.uint32)
    targets_array = np.empty(count, dtype=np.uint32)
    entries_array = np.empty(count, dtype=np.uint32)
    ranges_array = np.empty((count, 2), dtype=np.uint32)
    readings_array = np.empty(count, dtype=np.uint8)
    scores_array = np.empty(count, dtype=np.float64)
    cdef uint32_t[::1] items = items_array
    cdef uint32_t[::1] targets = targets_array
    cdef uint32_t[::1] entries = entries_array
    cdef uint32_t[:, ::1] ranges = ranges_array
    cdef double[::1] scores = scores_array
    cdef uint8_t[::1] readings = readings_array
    for i in range(count):
        items[i] = work.hits[i].item
        targets[i] = work.hits[i].target
        entries[i] = work.hits[i].entry
        ranges[i, 0] = work.hits[i].low
        ranges[i, 1] = work.hits[i].high
        scores[i] = work.hits[i].score
        readings[i] = <uint8_t> work.hits[i].reading
    return items_array, targets_array, entries_array, ranges_array, scores_array, readings_array
