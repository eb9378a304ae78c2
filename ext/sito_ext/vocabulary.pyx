"""The vocabulary of keys: exact look-up by hash, fuzzy look-up by delete neighbourhood and by the ends of words.

Two keys within one edit share a string that is left when at most one letter is taken out of each (Mor and Fraenkel
1982; symmetric deletes). It is enough to take it out of the first `PREFIX` letters, because what an optimal alignment
leaves unmatched inside the two prefixes is again at most one letter on each side. Two edits leave the beginning or the
end of a long word alone: those words come from `sito_ext.ends`. All of these are only candidates: the distance itself
decides. Twin: `sito.names.distance`.
"""

cimport cython
from libc.stdlib cimport qsort
from libc.string cimport memcpy, memset

from sito_ext.ends cimport (
    ENDS_MIN,
    LETTER_BITS,
    LETTER_COUNT,
    apart,
    back_of,
    check_ends,
    front_of,
    size_of,
    walk,
    walk_open,
    walk_start,
)
from sito_ext.types cimport byte_t, hash_t, large_free, large_room, min, same_bytes, uint32_t, uint64_t, word_of

import numpy as np

from sito_ext.ends import word_ends

cdef extern from *:
    int __builtin_clzll(uint64_t) noexcept nogil
    int __builtin_ctzll(uint64_t) noexcept nogil
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    PREFIX = 8
    EDITS_MAX = 2
    SORTED_BY_HAND_MAX = 32        # few near words: calls of a comparison would cost more than they spare
    FUZZY_LENGTH_MAX = 64
    SEEN_SLOTS = 256
    SEEN_SLOTS_FEW = 64
    NO_TOKEN = 0xFFFFFFFF
    WALKED_MIN = 64                # places that must be free for a step of a walk
    CHECKED_KEYS = 4096            # looked up when an index is opened
    PART_COUNT = 256               # of the buckets, while they are filled
    LOOKED_MAX = 1 << 17           # words of the buckets that are looked at for one key; more is reported


cdef struct StringC:               # a delete string of a key
    uint32_t bucket
    uint32_t token                 # with hash bits above


cdef inline uint32_t check_of(hash_t value) noexcept nogil:
    """Hash bits that stand above the token in its slot."""
    return <uint32_t> (value >> 32) & ~(<uint32_t> TOKEN_COUNT_MAX - 1)


cdef inline uint32_t distance_max(const byte_t* c_key, uint32_t length) noexcept nogil:
    cdef uint32_t i
    if length < 4 or length > FUZZY_LENGTH_MAX:
        return 0
    for i in range(length):
        if c_key[i] <= c'9':
            return 0
    return 1 if length < ENDS_MIN else 2


cdef inline hash_t hash_word(uint64_t word) noexcept nogil:
    """Hash a string of at most eight letters held in one integer, first letter lowest."""
    word ^= word >> 32
    word *= <uint64_t> 0xD6E8FEB86659FD93
    word ^= word >> 32
    word *= <uint64_t> 0xD6E8FEB86659FD93
    return word ^ (word >> 32)


cdef inline uint64_t filter_bits(hash_t value) noexcept nogil:
    """Two bits of one 64-bit filter word: a blocked Bloom filter."""
    return ((<uint64_t> 1) << (value >> 58)) | ((<uint64_t> 1) << ((value >> 52) & 63))


cdef inline uint64_t without(uint64_t word, uint32_t i) noexcept nogil:
    """Take letter `i` out of such a string."""
    cdef uint64_t below = ((<uint64_t> 1) << (8 * i)) - 1
    return (word & below) | ((word >> 8) & ~below)


cdef uint32_t deletes(const byte_t* c_key, uint32_t length, hash_t* c_out) noexcept nogil:
    """Hash every string left when up to one letter leaves the prefix; at most `DELETE_COUNT_MAX`."""
    cdef uint32_t size = length if length < PREFIX else PREFIX
    cdef uint32_t i
    cdef uint64_t word = word_of(c_key, size)
    c_out[0] = hash_word(word)
    for i in range(size):
        c_out[i + 1] = hash_word(without(word, i))
    return size + 1


cdef inline uint32_t deletes_of(const byte_t* c_key, uint32_t length, hash_t* c_out) noexcept nogil:
    """All those by which a key of the vocabulary is found."""
    return deletes(c_key, length, c_out) if distance_max(c_key, length) else 0


cdef inline uint32_t deletes_count(const byte_t* c_key, uint32_t length) noexcept nogil:
    """How many those are."""
    return 1 + min(length, PREFIX) if distance_max(c_key, length) else 0


cdef uint32_t find_exact(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length,
) noexcept nogil:
    """Return the token id of a key, `NO_TOKEN` if it is not in the vocabulary."""
    return find_hashed(c_vocabulary, hash_bytes(c_key, length), c_key, length)


cdef uint32_t find_hashed(
    const VocabularyC* c_vocabulary, hash_t value, const byte_t* c_key, uint32_t length,
) noexcept nogil:
    """Return the token id of a key whose hash is known, `NO_TOKEN` if it is not in the vocabulary."""
    cdef uint64_t slot = value & c_vocabulary.slot_mask
    cdef uint32_t check = check_of(value), held, token, start
    while True:
        held = c_vocabulary.slots[slot]
        if held == 0:
            return NO_TOKEN
        # The letters are far away in memory; the hash bits beside the token spare most strangers the way.
        if (held ^ check) >> TOKEN_BITS == 0:
            token = (held & (TOKEN_COUNT_MAX - 1)) - 1
            start = c_vocabulary.key_starts[token]
            if (
                c_vocabulary.key_starts[token + 1] - start == length
                and (length == 0 or same_bytes(c_vocabulary.key_bytes + start, c_key, length))
            ):
                return token
        slot = (slot + 1) & c_vocabulary.slot_mask


cdef int ascending(const void* c_left, const void* c_right) noexcept nogil:
    cdef uint32_t left = (<const uint32_t*> c_left)[0]
    cdef uint32_t right = (<const uint32_t*> c_right)[0]
    return (left > right) - (left < right)


cdef inline uint32_t sized_letters_of(const byte_t* c_key, uint32_t length) noexcept nogil:
    """Return the set of letters of a key, and its length modulo 64 above; digits, which rule edits out, have no bit."""
    cdef uint32_t i, bits = 0
    for i in range(length):
        if c_key[i] > c'9':
            bits |= (<uint32_t> 1) << (c_key[i] - c'a')
    return bits & LETTER_BITS | (length << LETTER_COUNT)


cdef inline bint alike_at_an_end(
    const byte_t* c_left, uint32_t left, const byte_t* c_right, uint32_t right,
) noexcept nogil:
    """Begin two long words alike, or end they alike?"""
    return front_of(c_left, left) == front_of(c_right, right) or back_of(c_left, left) == back_of(c_right, right)


cdef void narrow(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil:
    """Keep those words of the buckets that may be near by length and letters; the keys of all that stay are fetched."""
    cdef uint32_t i, token, other, kept = 0
    for i in range(c_expansion.gathered):
        token = c_expansion.tokens[i]
        # Only keys that may differ at all are in the buckets, so their length tells by how much.
        if i < c_expansion.bucketed:
            other = c_vocabulary.key_places[2 * token + 1]
            if apart(other, c_expansion.letters, 1 if size_of(other) < ENDS_MIN else c_expansion.allowed):
                continue
        __builtin_prefetch(c_vocabulary.key_bytes + c_vocabulary.key_places[2 * token])
        c_expansion.tokens[kept] = token
        kept += 1
    c_expansion.gathered = kept


cdef uint32_t weigh(
    const VocabularyC* c_vocabulary, const byte_t* c_key, const ExpansionC* c_expansion, uint32_t* c_found,
    uint32_t count, bint* c_cut,
) noexcept nogil:
    """Add those gathered words that are near enough to the `count` found so far; returns the new count."""
    cdef uint32_t i, n, start, size, steps, token, allowed, length = c_expansion.length
    cdef uint64_t first = word_of(c_key, length), last = last_of(c_key, length, first)
    cdef bint known
    for i in range(c_expansion.gathered):
        token = c_expansion.tokens[i]
        start = c_vocabulary.key_places[2 * token]
        size = size_of(c_vocabulary.key_places[2 * token + 1])
        allowed = 1 if size < ENDS_MIN else c_expansion.allowed
        steps = distance(c_key, length, first, last, c_vocabulary.key_bytes + start, size, allowed)
        if steps > allowed or (
            steps == 2 and not alike_at_an_end(c_key, length, c_vocabulary.key_bytes + start, size)
        ):
            continue
        known = False
        for n in range(count):
            if c_found[n] & (TOKEN_COUNT_MAX - 1) == token:
                known = True
                break
        if known:
            continue
        if count == EXPANSION_GATHER_MAX:
            c_cut[0] = True
            break
        c_found[count] = (steps << DISTANCE_SHIFT) | token
        count += 1
    return count


cdef void expand_start(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length, uint32_t edits, ExpansionC* c_expansion,
) noexcept nogil:
    """First step of a fuzzy look-up with at most `edits`: hash the strings of the key and fetch their filter words.

    Each step fetches what the next one reads, so that the steps of several keys can be taken in turn and their reads
    overlap: `expand_start`, `expand_filter`, `expand_open`, `expand_gather`, `expand_narrow`, `expand_finish`.
    """
    cdef uint32_t i
    c_expansion.length = length
    c_expansion.allowed = min(distance_max(c_key, length), edits)
    c_expansion.gathered = 0
    c_expansion.crowded = False
    c_expansion.count = 0
    if c_expansion.allowed == 2:
        c_expansion.letters = sized_letters_of(c_key, length)
        walk_start(&c_vocabulary.ends, c_key, length, c_expansion.letters, &c_expansion.walk)
    if c_expansion.allowed:
        c_expansion.count = deletes(c_key, length, c_expansion.hashes)
    for i in range(c_expansion.count):
        __builtin_prefetch(
            c_vocabulary.bitmap + ((c_expansion.hashes[i] >> 20) & c_vocabulary.bitmap_mask)
        )


cdef void expand_filter(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil:
    """Keep the strings that the filter knows; their buckets' places are fetched."""
    cdef uint32_t i, kept = 0
    cdef uint64_t bits
    cdef hash_t value
    for i in range(c_expansion.count):
        # No branch: a wrong guess would wait for its read, and the reads behind it with it.
        value = c_expansion.hashes[i]
        bits = filter_bits(value) & ~c_vocabulary.bitmap[(value >> 20) & c_vocabulary.bitmap_mask]
        c_expansion.hashes[kept] = value
        kept += bits == 0
    c_expansion.count = kept
    for i in range(kept):
        __builtin_prefetch(c_vocabulary.bucket_starts + (c_expansion.hashes[i] & c_vocabulary.bucket_mask))


cdef void expand_open(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil:
    """Fetch the buckets."""
    cdef uint32_t i, at
    for i in range(c_expansion.count):
        at = c_vocabulary.bucket_starts[c_expansion.hashes[i] & c_vocabulary.bucket_mask]
        __builtin_prefetch(c_vocabulary.bucket_tokens + at)
        __builtin_prefetch(c_vocabulary.bucket_tokens + at + 8)
    if c_expansion.allowed == 2:
        walk_open(&c_vocabulary.ends, &c_expansion.walk)


cdef void expand_gather(const VocabularyC* c_vocabulary, ExpansionC* c_expansion) noexcept nogil:
    """Collect the words of the buckets whose hash bits fit; what is known of their letters is fetched.

    If they are too many for one look, `crowded` is set and `expand_finish` goes through the buckets again.
    """
    cdef uint32_t seen[SEEN_SLOTS_FEW]
    cdef uint32_t* tokens = c_expansion.tokens
    cdef uint32_t i, j, end, token, check, slot, fits, n = 0, first
    cdef uint64_t bucket
    if c_expansion.count == 0 and c_expansion.allowed < 2:
        return
    memset(seen, 0xFF, sizeof(seen))
    for i in range(c_expansion.count):
        bucket = c_expansion.hashes[i] & c_vocabulary.bucket_mask
        check = <uint32_t> (c_expansion.hashes[i] >> 32)
        j = c_vocabulary.bucket_starts[bucket]
        end = c_vocabulary.bucket_starts[bucket + 1]
        if end - j > GATHERED_MAX - n:
            c_expansion.crowded = True
            return
        for j in range(j, end):
            token = c_vocabulary.bucket_tokens[j] & (TOKEN_COUNT_MAX - 1)
            fits = (c_vocabulary.bucket_tokens[j] ^ check) >> TOKEN_BITS == 0
            # A near word shares many strings with the key: look at it once. No branch, for none could be foreseen.
            slot = token & (SEEN_SLOTS_FEW - 1)
            tokens[n] = token
            n += fits & (seen[slot] != token)
            seen[slot] = token if fits else seen[slot]
    c_expansion.bucketed = n
    if c_expansion.allowed == 2:
        first = n
        end = n + walk(&c_vocabulary.ends, &c_expansion.walk, tokens + n, GATHERED_MAX - n)
        if c_expansion.walk.side < 2:
            c_expansion.crowded = True
            return
        for j in range(first, end):
            token = tokens[j]
            slot = token & (SEEN_SLOTS_FEW - 1)
            tokens[n] = token
            n += seen[slot] != token
            seen[slot] = token
    for i in range(n):
        __builtin_prefetch(c_vocabulary.key_places + 2 * tokens[i])
    c_expansion.gathered = n


cdef void expand_narrow(
    const VocabularyC* c_vocabulary, const byte_t* c_key, ExpansionC* c_expansion,
) noexcept nogil:
    """Keep the words that may be near, and fetch their letters."""
    if c_expansion.gathered and not c_expansion.crowded:
        c_expansion.letters = sized_letters_of(c_key, c_expansion.length)
        narrow(c_vocabulary, c_expansion)


cdef uint32_t expand_finish(
    const VocabularyC* c_vocabulary, const byte_t* c_key, ExpansionC* c_expansion, uint32_t* c_found, bint* c_cut,
) noexcept nogil:
    """Write the tokens near the key as `distance << 30 | token`, nearest first; at most `EXPANSION_MAX`.

    `c_found` has room for `EXPANSION_GATHER_MAX`. `c_cut` is set if there were more.
    """
    cdef uint32_t count = 0, token, i, at
    token = find_exact(c_vocabulary, c_key, c_expansion.length)
    if token != NO_TOKEN:
        c_found[0] = token
        count = 1
    if c_expansion.allowed == 0:
        return count
    if c_expansion.gathered or c_expansion.crowded:
        if c_expansion.crowded:
            count = expand_crowded(c_vocabulary, c_key, c_expansion, c_found, count, c_cut)
        else:
            count = weigh(c_vocabulary, c_key, c_expansion, c_found, count, c_cut)
    if count > SORTED_BY_HAND_MAX:
        qsort(c_found, count, sizeof(uint32_t), ascending)
    else:
        for i in range(1, count):
            token = c_found[i]
            at = i
            while at and c_found[at - 1] > token:
                c_found[at] = c_found[at - 1]
                at -= 1
            c_found[at] = token
    if count > EXPANSION_MAX:
        c_cut[0] = True
        count = EXPANSION_MAX
    return count


cdef uint32_t expand_crowded(
    const VocabularyC* c_vocabulary, const byte_t* c_key, ExpansionC* c_expansion, uint32_t* c_found, uint32_t count,
    bint* c_cut,
) noexcept nogil:
    """Go through all words of the buckets, some at a time; returns the new count."""
    cdef uint32_t seen[SEEN_SLOTS]
    cdef uint32_t i, j, n, token, looked = 0
    cdef uint64_t bucket
    memset(seen, 0xFF, sizeof(seen))
    c_expansion.letters = sized_letters_of(c_key, c_expansion.length)
    c_expansion.gathered = 0
    for i in range(c_expansion.count):
        bucket = c_expansion.hashes[i] & c_vocabulary.bucket_mask
        n = c_vocabulary.bucket_starts[bucket + 1] - c_vocabulary.bucket_starts[bucket]
        if n > LOOKED_MAX - looked:
            # Very many words begin alike: a list made to slow the search down, or one of codes.
            c_cut[0] = True
            n = LOOKED_MAX - looked
        looked += n
        for j in range(c_vocabulary.bucket_starts[bucket], c_vocabulary.bucket_starts[bucket] + n):
            if (c_vocabulary.bucket_tokens[j] ^ <uint32_t> (c_expansion.hashes[i] >> 32)) >> TOKEN_BITS:
                continue
            token = c_vocabulary.bucket_tokens[j] & (TOKEN_COUNT_MAX - 1)
            if seen[token & (SEEN_SLOTS - 1)] == token:
                continue
            seen[token & (SEEN_SLOTS - 1)] = token
            __builtin_prefetch(c_vocabulary.key_places + 2 * token)
            c_expansion.tokens[c_expansion.gathered] = token
            c_expansion.gathered += 1
            if c_expansion.gathered == GATHERED_MAX:
                c_expansion.bucketed = GATHERED_MAX
                narrow(c_vocabulary, c_expansion)
                count = weigh(c_vocabulary, c_key, c_expansion, c_found, count, c_cut)
                c_expansion.gathered = 0
    c_expansion.bucketed = c_expansion.gathered
    narrow(c_vocabulary, c_expansion)
    count = weigh(c_vocabulary, c_key, c_expansion, c_found, count, c_cut)
    c_expansion.bucketed = 0
    if c_expansion.allowed < 2:
        return count
    walk_start(&c_vocabulary.ends, c_key, c_expansion.length, c_expansion.letters, &c_expansion.walk)
    walk_open(&c_vocabulary.ends, &c_expansion.walk)
    while c_expansion.walk.side < 2:
        if c_expansion.walk.looked + looked > LOOKED_MAX:
            c_cut[0] = True
            break
        c_expansion.gathered = walk(
            &c_vocabulary.ends, &c_expansion.walk, c_expansion.tokens, GATHERED_MAX
        )
        narrow(c_vocabulary, c_expansion)
        count = weigh(c_vocabulary, c_key, c_expansion, c_found, count, c_cut)
    return count


cdef uint32_t expand(
    const VocabularyC* c_vocabulary, const byte_t* c_key, uint32_t length,
    uint32_t* c_found, bint* c_cut,
) noexcept nogil:
    """Take all steps for one key; see `expand_start` and `expand_finish`."""
    cdef ExpansionC expansion
    expand_start(c_vocabulary, c_key, length, EDITS_MAX, &expansion)
    expand_filter(c_vocabulary, &expansion)
    expand_open(c_vocabulary, &expansion)
    expand_gather(c_vocabulary, &expansion)
    expand_narrow(c_vocabulary, c_key, &expansion)
    return expand_finish(c_vocabulary, c_key, &expansion, c_found, c_cut)


cdef inline bint same(const byte_t* c_left, const byte_t* c_right, uint32_t count) noexcept nogil:
    """Are `count` letters the same? Mostly the first tells, so no call is worth its price."""
    cdef uint32_t i
    for i in range(count):
        if c_left[i] != c_right[i]:
            return False
    return True


cdef inline bint swapped(const byte_t* c_left, const byte_t* c_right) noexcept nogil:
    """Are two letters each other's neighbour on the other side?"""
    return c_left[0] == c_right[1] and c_left[1] == c_right[0]


cdef inline uint64_t last_of(const byte_t* c_text, uint32_t size, uint64_t first) noexcept nogil:
    """Return the last eight letters of a word as one integer, the last highest; `first` is `word_of` it."""
    cdef uint64_t word
    if size < 8:
        return first << (8 * (8 - size))
    memcpy(&word, c_text + size - 8, 8)
    return word


cdef inline uint32_t distance(
    const byte_t* c_left, uint32_t left, uint64_t left_first, uint64_t left_last, const byte_t* c_right, uint32_t right,
    uint32_t allowed,
) noexcept nogil:
    """Optimal string alignment distance if it is at most `allowed`, 1 or 2; else any larger number.

    What both words begin and end with is left off. What is left begins and ends with an edit, so two edits have nothing
    but equal letters between them: each pair of a first and a last one is tried. `left_first` and `left_last` are the
    left word's first and last letters, as of `word_of` and `last_of`: eight letters are compared at once, for no guess
    where two words begin to differ would be right.
    """
    cdef const byte_t* c_swap
    cdef uint64_t first, last
    cdef uint32_t both = min(left, right), begun, ended
    if both == 0:
        return left + right
    first = word_of(c_right, right)
    last = last_of(c_right, right, first) ^ left_last
    first ^= left_first
    if first == 0 or last == 0:
        if left == right and left <= 8:
            return 0
        begun = 0
        while begun < both and c_left[begun] == c_right[begun]:
            begun += 1
        ended = 0
        while ended < both - begun and c_left[left - 1 - ended] == c_right[right - 1 - ended]:
            ended += 1
    else:
        begun = min(<uint32_t> __builtin_ctzll(first) >> 3, both)
        ended = min(<uint32_t> __builtin_clzll(last) >> 3, both - begun)
    c_left += begun
    c_right += begun
    left -= begun + ended
    right -= begun + ended
    if left < right:
        c_swap = c_left
        c_left = c_right
        c_right = c_swap
        left, right = right, left
    if right == 0:
        return left
    if left == right:
        if left == 1 or (left == 2 and swapped(c_left, c_right)):
            return 1
        if allowed < 2:
            return 2
        # A letter exchanged at both ends, one moved from end to end, or neighbours swapped at one end or both.
        if (
            same(c_left + 1, c_right + 1, left - 2) or same(c_left + 1, c_right, left - 1)
            or same(c_left, c_right + 1, left - 1)
        ):
            return 2
        if left > 2 and swapped(c_left, c_right) and (
            same(c_left + 2, c_right + 2, left - 3)
            or (left > 3 and swapped(c_left + left - 2, c_right + left - 2) and same(c_left + 2, c_right + 2, left - 4))
        ):
            return 2
        if left > 2 and swapped(c_left + left - 2, c_right + left - 2) and same(c_left + 1, c_right + 1, left - 3):
            return 2
        return 3
    if allowed < 2:
        return 2
    if left == right + 1:
        # The longer one has a letter more at one end; at the other one is exchanged, or neighbours are swapped.
        if same(c_left + 1, c_right, right - 1) or same(c_left + 1, c_right + 1, right - 1):
            return 2
        if right > 1 and (
            (swapped(c_left + left - 2, c_right + right - 2) and same(c_left + 1, c_right, right - 2))
            or (swapped(c_left, c_right) and same(c_left + 2, c_right + 2, right - 2))
        ):
            return 2
        return 3
    return 2 if left == right + 2 and same(c_left + 1, c_right, right) else 3


cdef int check_vocabulary(const VocabularyC* c_vocabulary) noexcept nogil:
    """Return 0 if no stored number points outside its section, else a small number that says which.

    Run once when an index is opened: afterwards the kernels read without bounds checks. Some keys are looked up, too:
    tables that were made for another look-up would find nothing and say nothing.
    """
    cdef uint64_t i
    cdef uint32_t token, start, length, n, count, step
    cdef hash_t hashes[DELETE_COUNT_MAX]
    cdef uint64_t bits
    for i in range(c_vocabulary.token_count):
        if c_vocabulary.key_starts[i] > c_vocabulary.key_starts[i + 1]:
            return 1
        if c_vocabulary.key_starts[i + 1] - c_vocabulary.key_starts[i] > 128:
            return 1
    cdef uint64_t empty = 0
    for i in range(c_vocabulary.slot_mask + 1):
        if c_vocabulary.slots[i] & (TOKEN_COUNT_MAX - 1) > c_vocabulary.token_count:
            return 2
        if c_vocabulary.slots[i] and c_vocabulary.slots[i] & (TOKEN_COUNT_MAX - 1) == 0:
            return 2
        empty += c_vocabulary.slots[i] == 0
    if empty == 0:
        return 2
    for i in range(c_vocabulary.bucket_mask + 1):
        if c_vocabulary.bucket_starts[i] > c_vocabulary.bucket_starts[i + 1]:
            return 3
    for i in range(c_vocabulary.bucket_starts[c_vocabulary.bucket_mask + 1]):
        if c_vocabulary.bucket_tokens[i] & (TOKEN_COUNT_MAX - 1) >= c_vocabulary.token_count:
            return 4
    for i in range(c_vocabulary.token_count):
        if (
            c_vocabulary.key_places[2 * i] != c_vocabulary.key_starts[i]
            or (c_vocabulary.key_places[2 * i + 1] >> LETTER_COUNT)
            != ((c_vocabulary.key_starts[i + 1] - c_vocabulary.key_starts[i]) & 63)
        ):
            return 6
    for i in range(c_vocabulary.key_starts[c_vocabulary.token_count]):
        if c_vocabulary.key_bytes[i] >= 128:
            return 5
    step = c_vocabulary.token_count // CHECKED_KEYS + 1
    token = 0
    while token < c_vocabulary.token_count:
        start = c_vocabulary.key_starts[token]
        length = c_vocabulary.key_starts[token + 1] - start
        if find_exact(c_vocabulary, c_vocabulary.key_bytes + start, length) != token:
            return 2
        count = deletes_of(c_vocabulary.key_bytes + start, length, hashes)
        for n in range(count):
            bits = filter_bits(hashes[n])
            if c_vocabulary.bitmap[(hashes[n] >> 20) & c_vocabulary.bitmap_mask] & bits != bits:
                return 7
        token += step
    n = <uint32_t> check_ends(&c_vocabulary.ends, c_vocabulary.token_count, c_vocabulary.key_places)
    return 7 + <int> n if n else 0


cdef uint64_t power_above(uint64_t count) noexcept nogil:
    cdef uint64_t power = 64
    while power < count:
        power <<= 1
    return power


def exact_slots(const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None):
    """Make the open-addressing table of keys.

    Args:
        key_starts: T + 1 offsets into `key_bytes`.
        key_bytes: All keys, one after another, all different.

    Returns:
        uint32 array, a power of two of slots at most half full: hash bits << 24 | token id + 1, or 0.
    """
    cdef uint32_t token_count = <uint32_t> (key_starts.shape[0] - 1)
    cdef uint64_t size = power_above(2 * <uint64_t> token_count + 1)
    slots_array = np.zeros(size, dtype=np.uint32)
    cdef uint32_t[::1] slots = slots_array
    cdef uint32_t token
    cdef uint64_t slot
    cdef hash_t value
    cdef const byte_t* c_bytes = &key_bytes[0] if key_bytes.shape[0] else NULL
    with nogil:
        for token in range(token_count):
            value = hash_bytes(c_bytes + key_starts[token], key_starts[token + 1] - key_starts[token])
            slot = value & (size - 1)
            while slots[slot]:
                slot = (slot + 1) & (size - 1)
            slots[slot] = check_of(value) | (token + 1)
    return slots_array


def places_of_keys(const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None):
    """Return two uint32 for each key, which are read together.

    The first is its start. The second is its set of letters, lowest bit for a, and its length modulo 64 in the upper
    six bits.
    """
    cdef uint32_t token_count = <uint32_t> (key_starts.shape[0] - 1)
    cdef const byte_t* c_bytes = &key_bytes[0] if key_bytes.shape[0] else NULL
    places_array = np.zeros(2 * token_count, dtype=np.uint32)
    cdef uint32_t[::1] places = places_array
    cdef uint32_t token
    with nogil:
        for token in range(token_count):
            places[2 * token] = key_starts[token]
            places[2 * token + 1] = sized_letters_of(
                c_bytes + key_starts[token], key_starts[token + 1] - key_starts[token]
            )
    return places_array


def delete_neighbourhood(const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None):
    """Make the delete-neighbourhood tables of all keys.

    Returns:
        (bitmap uint64, bucket starts uint32 of a power of two + 1, tokens uint32): a string's bit is set if some key
        has it; its bucket lists the keys, with eight bits of the string's hash above the token id.
    """
    cdef uint32_t token_count = <uint32_t> (key_starts.shape[0] - 1)
    cdef const byte_t* c_bytes = &key_bytes[0] if key_bytes.shape[0] else NULL
    cdef hash_t hashes[DELETE_COUNT_MAX]
    cdef uint64_t ends[512]        # = PART_COUNT + 1: of the parts
    cdef uint32_t token, count, i, part, shift = 0
    cdef uint64_t total = 0, bucket_count, word_count, bucket, n, start, first, after
    cdef StringC* c_strings = NULL
    with nogil:
        for token in range(token_count):
            total += deletes_count(c_bytes + key_starts[token], key_starts[token + 1] - key_starts[token])
    if total > 0xFFFFFFF0:
        raise OverflowError("more than 2^32 delete strings")
    # Some four entries a bucket: they share a cache line, and the starts of the buckets stay small. Eight bits of the
    # filter an entry. A power of two that is a little less will do.
    bucket_count = power_above(total * 10 // 56)
    word_count = power_above(8 * total * 10 // 14) >> 6
    while bucket_count >> shift > PART_COUNT:
        shift += 1
    bitmap_array = np.zeros(word_count, dtype=np.uint64)
    starts_array = np.zeros(bucket_count + 1, dtype=np.uint32)
    tokens_array = np.empty(total, dtype=np.uint32)
    cdef uint64_t[::1] bitmap = bitmap_array
    cdef uint32_t[::1] starts = starts_array
    cdef uint32_t[::1] tokens = tokens_array
    try:
        c_strings = <StringC*> large_room(NULL, 0, (total + 1) * sizeof(StringC))
        if c_strings == NULL:
            raise MemoryError
        memset(ends, 0, sizeof(ends))
        with nogil:
            for token in range(token_count):
                count = deletes_of(c_bytes + key_starts[token], key_starts[token + 1] - key_starts[token], hashes)
                for i in range(count):
                    bitmap[(hashes[i] >> 20) & (word_count - 1)] |= filter_bits(hashes[i])
                    ends[((hashes[i] & (bucket_count - 1)) >> shift) + 1] += 1
            for part in range(<uint32_t> PART_COUNT):
                ends[part + 1] += ends[part]
            # All strings of neighbouring buckets together first: then each part of the buckets is small enough to be
            # filled within a cache. Both times in the order of tokens.
            for token in range(token_count):
                count = deletes_of(c_bytes + key_starts[token], key_starts[token + 1] - key_starts[token], hashes)
                while count:
                    count -= 1
                    bucket = hashes[count] & (bucket_count - 1)
                    n = ends[bucket >> shift]
                    ends[bucket >> shift] += 1
                    c_strings[n].bucket = <uint32_t> bucket
                    c_strings[n].token = (
                        <uint32_t> (hashes[count] >> 32) & ~<uint32_t> (TOKEN_COUNT_MAX - 1)
                    ) | token
            start = 0
            for part in range(<uint32_t> PART_COUNT):  # now `ends` are the ends
                for n in range(start, ends[part]):
                    starts[c_strings[n].bucket + 1] += 1
                first = <uint64_t> part << shift
                after = first + (<uint64_t> 1 << shift)
                if after > bucket_count:
                    after = bucket_count
                for bucket in range(first, after):
                    starts[bucket + 1] += starts[bucket]
                for n in range(start, ends[part]):
                    bucket = c_strings[n].bucket
                    tokens[starts[bucket]] = c_strings[n].token
                    starts[bucket] += 1
                # Each bucket's start is its end now, which is the next one's start: shift back within the part.
                bucket = after
                while bucket > first:
                    bucket -= 1
                    starts[bucket] = starts[bucket - 1] if bucket > first else <uint32_t> start
                start = ends[part]
    finally:
        large_free(c_strings, (total + 1) * sizeof(StringC))
    return bitmap_array, starts_array, tokens_array


@cython.final
cdef class Vocabulary:
    """Finished vocabulary tables, for tests and tools; immutable.

    Args:
        key_starts, key_bytes: As `Gatherer.laid_out` gives them.
    """

    cdef VocabularyC c_vocabulary
    cdef tuple _owned

    def __cinit__(self, const uint32_t[::1] key_starts not None, const byte_t[::1] key_bytes not None):
        cdef uint32_t i
        bitmap, starts, tokens = delete_neighbourhood(key_starts, key_bytes)
        slots = exact_slots(key_starts, key_bytes)
        places = places_of_keys(key_starts, key_bytes)
        ends = word_ends(key_starts, key_bytes, places)
        self._owned = (key_starts, key_bytes, bitmap, starts, tokens, slots, places, ends)
        cdef const uint32_t[::1] view
        cdef const uint32_t* c_ends[6]
        for i in range(6):
            view = ends[i]
            c_ends[i] = &view[0] if view.shape[0] else NULL
        self.c_vocabulary.ends.front_starts = c_ends[0]
        self.c_vocabulary.ends.front_sets = c_ends[1]
        self.c_vocabulary.ends.front_tokens = c_ends[2]
        self.c_vocabulary.ends.back_starts = c_ends[3]
        self.c_vocabulary.ends.back_sets = c_ends[4]
        self.c_vocabulary.ends.back_tokens = c_ends[5]
        cdef const uint32_t[::1] places_view = places
        cdef const uint64_t[::1] bitmap_view = bitmap
        cdef const uint32_t[::1] starts_view = starts
        cdef const uint32_t[::1] tokens_view = tokens
        cdef const uint32_t[::1] slots_view = slots
        self.c_vocabulary.token_count = <uint32_t> (key_starts.shape[0] - 1)
        self.c_vocabulary.key_starts = &key_starts[0]
        self.c_vocabulary.key_bytes = &key_bytes[0] if key_bytes.shape[0] else NULL
        self.c_vocabulary.key_places = &places_view[0] if places_view.shape[0] else NULL
        self.c_vocabulary.slot_mask = slots_view.shape[0] - 1
        self.c_vocabulary.slots = &slots_view[0]
        self.c_vocabulary.bitmap_mask = bitmap_view.shape[0] - 1
        self.c_vocabulary.bitmap = &bitmap_view[0]
        self.c_vocabulary.bucket_mask = starts_view.shape[0] - 2
        self.c_vocabulary.bucket_starts = &starts_view[0]
        self.c_vocabulary.bucket_tokens = &tokens_view[0] if tokens_view.shape[0] else NULL

    def expand(self, str key not None):
        """Return ([(distance, token id), ...], cut) for a key of at most 128 ASCII letters and digits."""
        cdef bytes data = key.encode("ascii")
        cdef uint32_t found[EXPANSION_GATHER_MAX]
        cdef bint cut = False
        cdef uint32_t count, i
        if len(data) > 128:
            raise ValueError("key of more than 128 letters")
        count = expand(&self.c_vocabulary, <const byte_t*> data, <uint32_t> len(data), found, &cut)
        return [(found[i] >> DISTANCE_SHIFT, found[i] & (TOKEN_COUNT_MAX - 1)) for i in range(count)], bool(cut)
