"""Keys by their consonants, for words of scripts that write no short vowels; the twins are in `sito.names.align`."""

from libc.string cimport memcmp

from sito_ext.types cimport byte_t, int32_t, uint8_t, uint32_t, uint64_t

cdef enum:
    SOFT_ROUND = 1                 # soft letters: o or u, or what may stand for them
    SOFT_FRONT = 2                 # i or e
    SOFT_V = 4


cdef uint32_t skeleton(const byte_t* c_key, uint32_t length, byte_t* c_out, uint8_t* c_between) noexcept nogil:
    """Write the consonants of a key; see the twin.

    Args:
        c_between: Room for one more than the consonants: `SoftC` of the letters before each and behind the last.
    """
    cdef uint32_t i, out = 0
    cdef byte_t letter
    c_between[0] = 0
    for i in range(article(c_key, length), length):
        letter = c_key[i]
        if letter == c'a':
            pass
        elif letter == c'e':
            c_between[out] |= SOFT_ROUND | SOFT_FRONT
        elif letter == c'i':
            c_between[out] |= SOFT_FRONT
        elif letter == c'o' or letter == c'u':
            c_between[out] |= SOFT_ROUND
        elif letter == c'v':
            c_between[out] |= SOFT_ROUND | SOFT_V
        else:
            c_out[out] = c's' if letter == c'c' else c'f' if letter == c'p' else letter
            out += 1
            c_between[out] = 0
    return without_last_h(c_out, out, c_between)


cdef int32_t bare_skeleton(
    const byte_t* c_key, uint32_t length, uint32_t number, byte_t* c_out, uint8_t* c_between,
) noexcept nogil:
    """Write the consonants of a key from a script without vowels in one of their readings.

    Args:
        c_between: As for `skeleton`: what another script must have between the consonants.

    Returns:
        How many; -1 if it has no such reading.
    """
    cdef uint32_t i, out = 0, pick, rest = number, first = article(c_key, length)
    cdef byte_t letter
    if number >= BONE_READINGS_MAX:
        return -1
    c_between[0] = 0
    for i in range(first, length):
        letter = c_key[i]
        pick = 0
        if letter == c'a' or letter == c'e':
            continue
        if letter == c'i':
            c_between[out] |= SOFT_FRONT
            continue
        if letter == c'o' or letter == c'u' or letter == c'v':
            c_between[out] |= SOFT_ROUND
            continue
        if letter == c'k' or letter == c'z':
            pick = rest % 3
            rest //= 3
        elif letter == c'c' or letter == c'd' or letter == c'g' or letter == c'h' or (
            letter == c'b' and i > first
        ):
            pick = rest & 1
            rest >>= 1
        if letter == c'c':
            letter = c'z' if pick else c's'
        elif letter == c'p':
            letter = c'f'
        elif pick == 0:
            pass
        elif letter == c'b':
            c_between[out] |= SOFT_V
            continue
        elif letter == c'g':
            c_between[out] |= SOFT_FRONT
            continue
        elif letter == c'd':
            letter = c'z'
        elif letter == c'h':
            letter = c's'
        elif letter == c'k':
            letter = c'h' if pick == 1 else c'g'
        else:
            letter = c's' if pick == 1 else c'd'
        c_out[out] = letter
        out += 1
        c_between[out] = 0
    if rest:
        return -1
    return <int32_t> without_last_h(c_out, out, c_between)


cdef inline uint32_t without_last_h(byte_t* c_out, uint32_t count, uint8_t* c_between) noexcept nogil:
    """Take a last h off; returns how many consonants are left."""
    if count == 0 or c_out[count - 1] != c'h':
        return count
    c_between[count - 1] |= c_between[count]
    return count - 1


cdef inline bint fitting(uint8_t bare, uint8_t other) noexcept nogil:
    """May soft letters of a script without vowels be written as those of another one?"""
    return bare & ~other == 0 and not (other & SOFT_V and not bare & (SOFT_ROUND | SOFT_V))


cdef inline uint32_t article(const byte_t* c_key, uint32_t length) noexcept nogil:
    """How many letters of a key are an article that is glued to it."""
    return 2 if length >= ARTICLED_MIN and (c_key[0] == c'a' or c_key[0] == c'e') and c_key[1] == c'l' else 0


cdef bint all_fitting(const uint8_t* c_bare, const uint8_t* c_other, int32_t count) noexcept nogil:
    """May all soft letters between the consonants of a word without vowels be written as those of another one?"""
    cdef int32_t i
    for i in range(count + 1):
        if not fitting(c_bare[i], c_other[i]):
            return False
    return True


cdef inline bint is_soft(byte_t letter) noexcept nogil:
    """Is a letter of a key a vowel, or what scripts without short vowels write like one?"""
    return (
        letter == c'a' or letter == c'e' or letter == c'i' or letter == c'o' or letter == c'u' or letter == c'v'
    )


cdef bint may_read(const byte_t* c_key, uint32_t length, const byte_t* c_bones, uint32_t count) noexcept nogil:
    """May a word without vowels have these consonants in one of its readings? Says no soon for nearly all words.

    A yes is to be checked with `bare_skeleton`, which stops after some readings.
    """
    cdef uint32_t i, j, first = article(c_key, length), last = length
    cdef uint64_t reached = 1, after, rest  # a bit for each number of consonants that may be read so far
    cdef byte_t letter, bone
    cdef bint fits_in
    while last > first and is_soft(c_key[last - 1]):
        last -= 1
    # Before a last letter that is read as none an h may be the last, and so be none as well.
    if count >= 64 or last == first or c_key[last - 1] == c'b' or c_key[last - 1] == c'g':
        return True
    for i in range(first, last):
        letter = c_key[i]
        if is_soft(letter):
            continue
        # What may be no consonant of the other word; a last h is none.
        after = 0
        if letter == c'g' or letter == c'b' or (i + 1 == last and (letter == c'h' or letter == c'k')):
            after = reached
        rest = reached
        j = 0
        while rest and j < count:
            if rest & 1:
                bone = c_bones[j]
                if letter == bone:
                    fits_in = True
                elif letter == c'c':
                    fits_in = bone == c's' or bone == c'z'
                elif letter == c'd':
                    fits_in = bone == c'z'
                elif letter == c'h':
                    fits_in = bone == c's'
                elif letter == c'k':
                    fits_in = bone == c'h' or bone == c'g'
                elif letter == c'p':
                    fits_in = bone == c'f'
                elif letter == c'z':
                    fits_in = bone == c's' or bone == c'd'
                else:
                    fits_in = False
                if fits_in:
                    after |= <uint64_t> 2 << j
            rest >>= 1
            j += 1
        reached = after
        if reached == 0:
            return False
    return reached >> count & 1 != 0


cdef uint32_t same_bones(
    const byte_t* c_left, uint32_t left_length, bint left_bare, const byte_t* c_right, uint32_t right_length,
    bint right_bare,
) noexcept nogil:
    """How many consonants two keys agree in, one of them written without vowels; 0 if they do not."""
    cdef byte_t bones[128]
    cdef byte_t bare[128]
    cdef uint8_t between[129]
    cdef uint8_t bare_between[129]
    cdef uint32_t number, count
    cdef int32_t bare_count
    if not left_bare:
        if not right_bare:
            return 0
        return same_bones(c_right, right_length, True, c_left, left_length, False)
    count = skeleton(c_right, right_length, bones, between)
    if count < SKELETON_MIN or not may_read(c_left, left_length, bones, count):
        return 0
    for number in range(<uint32_t> BONE_READINGS_MAX):
        bare_count = bare_skeleton(c_left, left_length, number, bare, bare_between)
        if bare_count < 0:
            break
        if <uint32_t> bare_count == count and memcmp(bare, bones, count) == 0:
            if all_fitting(bare_between, between, bare_count):
                return count
    return 0
