"""Words that begin or end like another one and have nearly its letters: those that two edits may lead to.

Words of eight letters and more are kept twice, grouped by their first consonants, and by the first letter and the last
ones; for each stands its set of letters and its length. Two edits leave one end of such a word alone, so a look-up
reads two groups from end to end, several words in one instruction, and nothing else of the index. What passes is only a
candidate: the distance itself decides. Twin: `sito.names.distance.near_enough`.

The loop over the sets has a body for each of `sito_ext.cpu.PATHS`.
"""

from sito_ext.cpu cimport path
from sito_ext.types cimport min, uint64_t

import numpy as np

cdef extern from *:
    """
    #include <stdint.h>

    /* Bit i of the answer: do set i and `mine` differ in at most four bits? Up to 64 sets. Taking the lowest bit away
       four times leaves nothing of four bits or fewer. */
    typedef uint64_t (*sito_few_t)(const uint32_t *sets, uint32_t count, uint32_t mine);

    static uint64_t sito_few_plain(const uint32_t *sets, uint32_t count, uint32_t mine) {
        uint64_t found = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t bits = sets[i] ^ mine;
            for (int n = 0; n < 4; n++) bits &= bits - 1;
            found |= (uint64_t) (bits == 0) << i;
        }
        return found;
    }

    #if defined(__x86_64__)
    static uint64_t sito_few_sse2(const uint32_t *sets, uint32_t count, uint32_t mine) {
        const __m128i wanted = _mm_set1_epi32((int) mine);
        const __m128i one = _mm_set1_epi32(1), none = _mm_setzero_si128();
        uint64_t found = 0;
        uint32_t i = 0;
        for (; i + 4 <= count; i += 4) {
            __m128i bits = _mm_loadu_si128((const __m128i *) (sets + i));
            bits = _mm_xor_si128(bits, wanted);
            for (int n = 0; n < 4; n++) bits = _mm_and_si128(bits, _mm_sub_epi32(bits, one));
            bits = _mm_cmpeq_epi32(bits, none);
            found |= (uint64_t) (uint32_t) _mm_movemask_ps(_mm_castsi128_ps(bits)) << i;
        }
        return i < count ? found | sito_few_plain(sets + i, count - i, mine) << i : found;
    }

    __attribute__((target("avx2")))
    static uint64_t sito_few_avx2(const uint32_t *sets, uint32_t count, uint32_t mine) {
        const __m256i wanted = _mm256_set1_epi32((int) mine);
        const __m256i one = _mm256_set1_epi32(1), none = _mm256_setzero_si256();
        uint64_t found = 0;
        uint32_t i = 0;
        for (; i + 8 <= count; i += 8) {
            __m256i bits = _mm256_loadu_si256((const __m256i *) (sets + i));
            bits = _mm256_xor_si256(bits, wanted);
            for (int n = 0; n < 4; n++) bits = _mm256_and_si256(bits, _mm256_sub_epi32(bits, one));
            bits = _mm256_cmpeq_epi32(bits, none);
            found |= (uint64_t) (uint32_t) _mm256_movemask_ps(_mm256_castsi256_ps(bits)) << i;
        }
        return i < count ? found | sito_few_sse2(sets + i, count - i, mine) << i : found;
    }

    __attribute__((target("avx512f")))
    static uint64_t sito_few_avx512(const uint32_t *sets, uint32_t count, uint32_t mine) {
        const __m512i wanted = _mm512_set1_epi32((int) mine);
        const __m512i one = _mm512_set1_epi32(1);
        uint64_t found = 0;
        for (uint32_t i = 0; i < count; i += 16) {
            __mmask16 lanes = count - i >= 16 ? 0xFFFF : (__mmask16) ((1u << (count - i)) - 1);
            __m512i bits = _mm512_maskz_loadu_epi32(lanes, sets + i);
            bits = _mm512_xor_epi32(bits, wanted);
            for (int n = 0; n < 4; n++) bits = _mm512_and_epi32(bits, _mm512_sub_epi32(bits, one));
            found |= (uint64_t) _mm512_mask_cmpeq_epi32_mask(lanes, bits, _mm512_setzero_si512()) << i;
        }
        return found;
    }

    static const sito_few_t sito_few_all[] = {sito_few_plain, sito_few_sse2, sito_few_avx2, sito_few_avx512};
    #else
    static const sito_few_t sito_few_all[] = {sito_few_plain};
    #endif
    """
    ctypedef uint64_t (*sito_few_t)(const uint32_t*, uint32_t, uint32_t) noexcept nogil
    const sito_few_t* sito_few_all
    int __builtin_ctzll(uint64_t) noexcept nogil
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    BLOCK = 64                     # sets compared in one call
    CACHE_LINE = 64
    RING = 12                      # lengths until their code comes again
    NO_GROUP = 0xFFFFFFFF          # of a key that is in none


cdef inline uint32_t group_of(uint32_t end) noexcept nogil:
    """Return the group of an end. Other ends may be in it, too: `alike_at_an_end` tells them."""
    return (end * <uint32_t> 0x9E3779B1) >> 16


cdef inline uint32_t set_of(uint32_t letters) noexcept nogil:
    """Return a set of letters with the length as a ring of six bits above: lengths differ in as many bits as letters.

    Two edits change at most four bits of both together: a letter for another one changes two, one put in or taken out a
    letter's and one of the ring. Lengths that differ by six or more meet again after twelve; `apart` tells them.
    """
    cdef uint32_t at = size_of(letters) % RING
    return letters & LETTER_BITS | (
        ((1 << at) - 1 if at <= 6 else 63 & ~((1 << (at - 6)) - 1)) << LETTER_COUNT
    )


cdef void walk_start(
    const EndsC* c, const byte_t* c_key, uint32_t length, uint32_t letters, WalkC* c_walk,
) noexcept nogil:
    """First step: find out the groups of a key of `ENDS_MIN` letters and more, and fetch where they stand."""
    c_walk.front = group_of(front_of(c_key, length))
    c_walk.back = group_of(back_of(c_key, length))
    c_walk.side = 0
    c_walk.at = 0
    c_walk.until = 0
    c_walk.looked = 0
    c_walk.mine = set_of(letters)
    c_walk.short_word = length < FAR_LENGTH_MIN
    __builtin_prefetch(c.front_starts + c_walk.front)
    __builtin_prefetch(c.back_starts + c_walk.back)


cdef void walk_open(const EndsC* c, WalkC* c_walk) noexcept nogil:
    """Second step: fetch the beginnings of the groups; the processor goes on by itself."""
    cdef const byte_t* c_sets
    c_walk.at = c.front_starts[c_walk.front]
    c_walk.until = c.front_starts[c_walk.front + 1]
    c_sets = <const byte_t*> (c.front_sets + c_walk.at)
    __builtin_prefetch(c_sets)
    __builtin_prefetch(c_sets + CACHE_LINE)
    c_sets = <const byte_t*> (c.back_sets + c.back_starts[c_walk.back])
    __builtin_prefetch(c_sets)
    __builtin_prefetch(c_sets + CACHE_LINE)


cdef uint32_t walk(const EndsC* c, WalkC* c_walk, uint32_t* c_tokens, uint32_t room) noexcept nogil:
    """Write the next tokens that two edits may lead to, at most `room`, of which there must be `BLOCK` or more.

    Returns how many. The walk is done when its side is 2. A word that begins and ends alike comes twice.
    """
    cdef uint32_t n = 0, size, i, other
    cdef const uint32_t* c_sets
    cdef const uint32_t* c_these
    cdef uint64_t found
    cdef sito_few_t c_few = sito_few_all[path]
    while True:
        while c_walk.at == c_walk.until:
            c_walk.side += 1
            if c_walk.side == 2:
                return n
            c_walk.at = c.back_starts[c_walk.back]
            c_walk.until = c.back_starts[c_walk.back + 1]
        if room - n < BLOCK:
            return n
        size = min(c_walk.until - c_walk.at, BLOCK)
        c_sets = (c.back_sets if c_walk.side else c.front_sets) + c_walk.at
        c_these = (c.back_tokens if c_walk.side else c.front_tokens) + c_walk.at
        found = c_few(c_sets, size, c_walk.mine)
        while found:
            i = <uint32_t> __builtin_ctzll(found)
            found &= found - 1
            other = c_sets[i] ^ c_walk.mine
            c_tokens[n] = c_these[i]
            n += not (c_walk.short_word and other >> LETTER_COUNT == 0 and ones(other) > 2)
        c_walk.at += size
        c_walk.looked += size


cdef int check_ends(const EndsC* c, uint32_t token_count, const uint32_t* c_places) noexcept nogil:
    """Return 0 if the groups fit the vocabulary, 1 if those by first letters do not, 2 if those by last ones do not."""
    cdef uint32_t side, group, i, token
    cdef const uint32_t* c_starts
    cdef const uint32_t* c_sets
    cdef const uint32_t* c_tokens
    for side in range(2):
        c_starts = c.back_starts if side else c.front_starts
        c_sets = c.back_sets if side else c.front_sets
        c_tokens = c.back_tokens if side else c.front_tokens
        if c_starts[0] != 0:
            return <int> side + 1
        for group in range(<uint32_t> END_COUNT):
            if c_starts[group] > c_starts[group + 1]:
                return <int> side + 1
        for i in range(c_starts[END_COUNT]):
            token = c_tokens[i]
            if token >= token_count or set_of(c_places[2 * token + 1]) != c_sets[i]:
                return <int> side + 1
    return 0


def word_ends(
    const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None,
    const uint32_t[::1] key_places not None,
):
    """Group the keys that two edits may lead to, those of `ENDS_MIN` to 64 letters without a digit.

    Args:
        key_starts: T + 1 offsets into `key_bytes`.
        key_bytes: All keys, one after another.
        key_places: Of `places_of_keys`.

    Returns:
        (starts, sets, tokens) by first letters, then the same by last letters; all uint32. In a group words stand by
        token.
    """
    cdef uint32_t token_count = <uint32_t> (key_starts.shape[0] - 1)
    cdef uint32_t token, length, i, side, group, at, total = 0
    cdef const byte_t* c_key
    cdef bint plain
    groups_array = np.empty((2, token_count), dtype=np.uint32)
    cdef uint32_t[:, ::1] groups = groups_array
    starts_array = np.zeros((2, END_COUNT + 1), dtype=np.uint32)
    cdef uint32_t[:, ::1] starts = starts_array
    with nogil:
        for token in range(token_count):
            groups[0, token] = NO_GROUP
            length = key_starts[token + 1] - key_starts[token]
            if length < ENDS_MIN or length > 64:
                continue
            c_key = &key_bytes[key_starts[token]]
            plain = True
            for i in range(length):
                plain = plain and c_key[i] > c'9'
            if plain:
                groups[0, token] = group_of(front_of(c_key, length))
                groups[1, token] = group_of(back_of(c_key, length))
                starts[0, groups[0, token] + 1] += 1
                starts[1, groups[1, token] + 1] += 1
                total += 1
    sets_array = np.empty((2, total), dtype=np.uint32)
    tokens_array = np.empty((2, total), dtype=np.uint32)
    cdef uint32_t[:, ::1] sets = sets_array
    cdef uint32_t[:, ::1] tokens = tokens_array
    with nogil:
        for side in range(2):
            for group in range(<uint32_t> END_COUNT):
                starts[side, group + 1] += starts[side, group]
            for token in range(token_count):
                if groups[0, token] == NO_GROUP:
                    continue
                group = groups[side, token]
                at = starts[side, group]
                starts[side, group] = at + 1
                sets[side, at] = set_of(key_places[2 * token + 1])
                tokens[side, at] = token
            # Each start is the end of its group now, which is where the next one starts.
            for group in range(<uint32_t> END_COUNT, 0, -1):
                starts[side, group] = starts[side, group - 1]
            starts[side, 0] = 0
    return (
        starts_array[0], sets_array[0], tokens_array[0], starts_array[1], sets_array[1], tokens_array[1],
    )
