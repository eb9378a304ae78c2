"""Words that begin or end like another one, for other native modules."""

from sito_ext.types cimport byte_t, ones, uint32_t

cdef enum:
    ENDS_MIN = 8                   # letters of the shortest word that may need two edits
    FAR_LENGTH_MIN = 10            # letters from which two may be exchanged for others
    END_COUNT = 1 << 16            # groups at either end
    LETTER_COUNT = 26
    LETTER_BITS = (1 << 26) - 1

cdef struct EndsC:                 # words of `ENDS_MIN` letters and more, by their first letters and by their last ones
    const uint32_t* front_starts
    const uint32_t* front_sets     # see `set_of`
    const uint32_t* front_tokens
    const uint32_t* back_starts
    const uint32_t* back_sets
    const uint32_t* back_tokens

cdef struct WalkC:                 # a look through both groups of a key, some words at a time
    uint32_t front                 # the groups
    uint32_t back
    uint32_t side                  # 0 first letters, 1 last letters, 2 done
    uint32_t at
    uint32_t until
    uint32_t looked                # at so many words
    uint32_t mine                  # the set of the key
    bint short_word

cdef inline bint is_vowel(byte_t letter) noexcept nogil:
    """Is a letter of a key a vowel? There is no y in a key."""
    return letter >= c'a' and (<uint32_t> 0x208222 >> (letter & 31)) & 1


cdef inline uint32_t front_of(const byte_t* c_key, uint32_t length) noexcept nogil:
    """Return what a key begins with: its first letter and the two consonants behind it, five bits each."""
    cdef uint32_t i, front = c_key[0] & 31, found = 0
    for i in range(1, length):
        if not is_vowel(c_key[i]):
            front = front << 5 | (c_key[i] & 31)
            found += 1
            if found == 2:
                break
    return front


cdef inline uint32_t back_of(const byte_t* c_key, uint32_t length) noexcept nogil:
    """Return what a key ends with: its first letter, and the last three behind it when its last vowels are left off."""
    cdef uint32_t i, back = c_key[0] & 31
    while length > 1 and is_vowel(c_key[length - 1]):
        length -= 1
    for i in range(length - 3 if length > 4 else 1, length):
        back = back << 5 | (c_key[i] & 31)
    return back


cdef inline uint32_t size_of(uint32_t letters) noexcept nogil:
    """Return the length of a key of at most 64 letters, by its set of letters."""
    return letters >> LETTER_COUNT if letters >> LETTER_COUNT else 64


cdef inline bint apart(uint32_t left, uint32_t right, uint32_t allowed) noexcept nogil:
    """Are two keys surely more than `allowed` edits apart, by their sets of letters?

    Each edit puts in, takes out or exchanges one letter, so it changes at most two bits of the set; one that makes up
    for a difference in length changes one. Two letters of a short word exchanged for others leave too little of it.
    """
    cdef uint32_t bits = (left ^ right) & LETTER_BITS
    cdef uint32_t longer = ((left >> LETTER_COUNT) - (right >> LETTER_COUNT)) & 63
    if longer > 32:
        longer = 64 - longer
    if longer > allowed:
        return True
    if allowed == 2 and longer == 0 and size_of(left) < FAR_LENGTH_MIN:
        return ones(bits) > 2
    return ones(bits) > 2 * allowed - longer


cdef void walk_start(
    const EndsC* c, const byte_t* c_key, uint32_t length, uint32_t letters, WalkC* c_walk,
) noexcept nogil

cdef void walk_open(const EndsC* c, WalkC* c_walk) noexcept nogil

cdef uint32_t walk(
    const EndsC* c, WalkC* c_walk, uint32_t* c_tokens, uint32_t room,
) noexcept nogil

cdef int check_ends(const EndsC* c, uint32_t token_count, const uint32_t* c_places) noexcept nogil
