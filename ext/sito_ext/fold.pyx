"""Text to tokens: the native twin of `sito.names.fold`, which is the specification.

Most words are ASCII letters and digits or Russian letters, between ASCII signs. `cut_words` finds those in bit masks of
64 bytes; whatever else a text holds it leaves to `next_token`, which reads every code point. The loop that makes the
masks has a body for each of `sito_ext.cpu.PATHS`.
"""

cimport cython
from libc.string cimport memcmp, memcpy, memset

from sito_ext.cpu cimport path
from sito_ext.types cimport byte_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* What the first 64 bytes of a text are, a bit a byte: those of plain letters and digits, of ASCII separators, and
       the last byte of each capital and small letter. Bytes that have a bit in neither of the first two are for the
       careful way. Beyond the end of the text stand separators. */
    typedef struct { uint64_t word, separator, upper, lower; } sito_masks;

    /* Reads `left` bytes at most, of which there is at least one. */
    typedef void (*sito_masks_way)(const uint8_t* c_text, uint32_t left, sito_masks* c_masks);

    /* What is asked of a block, a bit a byte: `opens_d0` and `opens_d1` are the leading bytes of U+0400 to U+047F,
       `below_c0` and so on the bytes from 80 on that are less than that. */
    typedef struct {
        uint64_t high, letter, small, digit, vanish, opens_d0, opens_d1, below_c0, below_b0, below_a0;
    } sito_bits;

    /* Of those Cyrillic letters the last 32 are for the careful way. */
    static inline void sito_masks_join(const sito_bits* c_bits, sito_masks* c_masks)
    {
        uint64_t first = (c_bits->opens_d0 << 1) & c_bits->below_c0;
        uint64_t second = (c_bits->opens_d1 << 1) & c_bits->below_a0;
        uint64_t both = first | second;
        c_masks->word = c_bits->letter | c_bits->digit | both | both >> 1;
        c_masks->separator = ~(c_bits->high | c_bits->letter | c_bits->digit | c_bits->vanish);
        c_masks->upper = (c_bits->letter & ~c_bits->small) | (first & c_bits->below_b0);
        c_masks->lower = (c_bits->letter & c_bits->small) | (first & ~c_bits->below_b0) | second;
    }

    /* Everything the careful way. */
    static void sito_masks_careful(const uint8_t* c_text, uint32_t left, sito_masks* c_masks)
    {
        (void) c_text;
        (void) left;
        memset(c_masks, 0, sizeof *c_masks);
    }

    /* The body of a loop over one signed byte, or a vector of them, at a time: those from 80 to FF are below zero, and
       rise. A comparison has a bit for each in BITS. */
    #define SITO_MASKS(bytes_t, BITS) {                                                                    \\
        sito_bits bits = {0};                                                                              \\
        uint8_t last[64];                                                                                  \\
        if (left < 64) {                                                                                   \\
            memset(last, 0, 64);                                                                           \\
            memcpy(last, c_text, left);                                                                    \\
            c_text = last;                                                                                 \\
        }                                                                                                  \\
        for (unsigned i = 0; i < 64; i += sizeof(bytes_t)) {                                               \\
            bytes_t bytes, lowered;                                                                        \\
            memcpy(&bytes, c_text + i, sizeof bytes);                                                      \\
            lowered = bytes | 0x20;                                                                        \\
            bits.high |= BITS(bytes < 0) << i;                                                             \\
            bits.letter |= BITS((lowered > 'a' - 1) & (lowered < 'z' + 1)) << i;                           \\
            bits.small |= BITS((bytes & 0x20) != 0) << i;                                                  \\
            bits.digit |= BITS((bytes > '0' - 1) & (bytes < '9' + 1)) << i;                                \\
            bits.vanish |= BITS((bytes == 0x27) | (bytes == 0x60)) << i;                                   \\
            bits.opens_d0 |= BITS(bytes == (int8_t) 0xD0) << i;                                            \\
            bits.opens_d1 |= BITS(bytes == (int8_t) 0xD1) << i;                                            \\
            bits.below_c0 |= BITS(bytes < (int8_t) 0xC0) << i;                                             \\
            bits.below_b0 |= BITS(bytes < (int8_t) 0xB0) << i;                                             \\
            bits.below_a0 |= BITS(bytes < (int8_t) 0xA0) << i;                                             \\
        }                                                                                                  \\
        sito_masks_join(&bits, c_masks);                                                                   \\
    }

    static void sito_masks_plain(const uint8_t* c_text, uint32_t left, sito_masks* c_masks)
    SITO_MASKS(int8_t, (uint64_t))

    #if defined(__x86_64__)
    static void sito_masks_sse2(const uint8_t* c_text, uint32_t left, sito_masks* c_masks)
    SITO_MASKS(sito_bytes_16, SITO_BITS_16)

    __attribute__((target("avx2")))
    static void sito_masks_avx2(const uint8_t* c_text, uint32_t left, sito_masks* c_masks)
    SITO_MASKS(sito_bytes_32, SITO_BITS_32)

    __attribute__((target("avx512f,avx512bw")))
    static void sito_masks_avx512(const uint8_t* c_text, uint32_t left, sito_masks* c_masks)
    {
        #define SITO_ALL(byte) _mm512_set1_epi8((char) (byte))
        uint64_t within = left >= 64 ? ~(uint64_t) 0 : ((uint64_t) 1 << left) - 1;
        __m512i bytes = _mm512_maskz_loadu_epi8(within, c_text);  /* bytes outside are not touched */
        __m512i lowered = _mm512_or_si512(bytes, SITO_ALL(0x20));
        sito_bits bits = {
            .high = _mm512_movepi8_mask(bytes),
            .letter = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(lowered, SITO_ALL('a')), SITO_ALL(26)),
            .small = _mm512_test_epi8_mask(bytes, SITO_ALL(0x20)),
            .digit = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, SITO_ALL('0')), SITO_ALL(10)),
            .vanish = _mm512_cmpeq_epi8_mask(bytes, SITO_ALL(0x27)) | _mm512_cmpeq_epi8_mask(bytes, SITO_ALL(0x60)),
            .opens_d0 = _mm512_cmpeq_epi8_mask(bytes, SITO_ALL(0xD0)),
            .opens_d1 = _mm512_cmpeq_epi8_mask(bytes, SITO_ALL(0xD1)),
            .below_c0 = _mm512_cmplt_epi8_mask(bytes, SITO_ALL(0xC0)),
            .below_b0 = _mm512_cmplt_epi8_mask(bytes, SITO_ALL(0xB0)),
            .below_a0 = _mm512_cmplt_epi8_mask(bytes, SITO_ALL(0xA0)),
        };
        sito_masks_join(&bits, c_masks);
        #undef SITO_ALL
    }

    static const sito_masks_way sito_masks_ways[] = {
        sito_masks_plain, sito_masks_sse2, sito_masks_avx2, sito_masks_avx512};
    #else
    static const sito_masks_way sito_masks_ways[] = {sito_masks_plain};
    #endif
    """
    ctypedef struct sito_masks:
        uint64_t word
        uint64_t separator
        uint64_t upper
        uint64_t lower
    ctypedef void (*sito_masks_way)(const byte_t*, uint32_t, sito_masks*) noexcept nogil
    const sito_masks_way* sito_masks_ways
    void sito_masks_careful(const byte_t*, uint32_t, sito_masks*) noexcept nogil
    int __builtin_ctzll(uint64_t) noexcept nogil

cdef enum:
    BLOCK = 64                     # bytes that have masks together
    PIECE = 16                     # words that `Folder` cuts together

cdef enum:
    CLASS_SEPARATOR = 0
    CLASS_VANISH = 1
    CLASS_LETTER = 2
    CLASS_CYRILLIC = 3
    CLASS_LATIN = 4

cdef enum:
    CELL_UPPER = 1
    CELL_VOWELLESS = 2
    CELL_SYLLABIC = 4
    CELL_DIGIT = 8
    CELL_LOWER = 16
    SIGN_SEPARATOR = 128           # of `signs` only

cdef enum:
    COUNT_MAX = 255
    GLUED_INITIALS_MAX = 3
    GLUED_HEAD_MIN = 3
    GLUED_LEADING_MIN = 6
    SYLLABIC_NAME_MAX = 4
    DIGIT_LETTERS_MIN = 3
    DIGIT_RUN_MAX = 2
    START_WORD_MIN = 6

cdef enum:
    CODE_POINT_LIMIT = 0x30000
    PAGE_SIZE_BYTES = 1024


cdef inline const byte_t* cell_of(const FoldTableC* c_table, int32_t code) noexcept nogil:
    """Return the 8-byte cell of a code point, NULL where it is a separator by range."""
    if code < 0 or code >= CODE_POINT_LIMIT:
        return NULL
    return c_table.pages + <size_t> c_table.page_numbers[code >> 7] * PAGE_SIZE_BYTES + (code & 127) * 8


cdef inline uint8_t sign_of(const byte_t* c_cell) noexcept nogil:
    """Return the flags of a cell and whether it separates words."""
    return <uint8_t> SIGN_SEPARATOR if c_cell == NULL or c_cell[0] == CLASS_SEPARATOR else c_cell[3]


cdef inline const byte_t* cell_before(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t position, uint32_t* c_start,
) noexcept nogil:
    """Return the cell of the code point that ends at `position` > 0, NULL for a separator; its start goes out."""
    cdef uint32_t back = 1
    cdef int32_t code
    cdef const byte_t* c_cell
    while back < 4 and back < position and (c_text[position - back] & 0xC0) == 0x80:
        back += 1
    if decode(c_text + position - back, back, &code) != back or code < 0:
        c_start[0] = position - 1
        return NULL
    c_start[0] = position - back
    c_cell = cell_of(c_table, code)
    if c_cell == NULL or c_cell[0] == CLASS_SEPARATOR:
        return NULL
    return c_cell


cdef bint next_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size,
    uint32_t* c_position, uint32_t* c_start, uint32_t* c_end, uint32_t* c_flags,
) noexcept nogil:
    """Find the next run of letters and vanishing signs, or the next part of one; False at the end of the text."""
    cdef uint32_t position = c_position[0]
    cdef uint32_t width
    cdef int32_t code
    cdef bint inside = False
    cdef uint8_t sign, seen = 0
    cdef uint32_t capitals = 0
    while position < size:
        if c_text[position] < 0x80:
            width = 1
            sign = c_table.signs[c_text[position]]
        elif is_cyrillic(c_text + position, size - position):
            width = 2
            sign = c_table.signs[128 + cyrillic_place(c_text + position)]
        else:
            width = decode(c_text + position, size - position, &code)
            if code < 0:
                c_flags[0] |= FLAG_MALFORMED
            sign = sign_of(cell_of(c_table, code))
        if sign & SIGN_SEPARATOR:
            if inside:
                break
        else:
            if not inside:
                inside = True
                c_start[0] = position
            seen |= sign
            capitals += sign & CELL_UPPER
        position += width
    if not inside:
        c_position[0] = position
        return False
    c_end[0] = position
    c_position[0] = position if position == size else position + width
    # Only a run of mixed case or of Han and Hangul can hold two words.
    if (capitals > 1 and seen & CELL_LOWER) or seen & CELL_SYLLABIC:
        width = cut_place(c_table, c_text, c_start[0], position)
        if width:
            c_end[0] = width
            c_position[0] = width
    return True


cdef inline bint is_number(const byte_t* c_text, uint32_t start, uint32_t end) noexcept nogil:
    """Is a range of a text ASCII digits and nothing else?"""
    cdef uint32_t i
    for i in range(start, end):
        if c_text[i] < c'0' or c_text[i] > c'9':
            return False
    return True


cdef inline bint parts_at(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t left, uint32_t* c_width, uint32_t* c_flags,
) noexcept nogil:
    """Is the code point at the beginning of a text a separator? If so its size goes out, and is told if malformed."""
    cdef int32_t code
    c_width[0] = decode(c_text, left, &code)
    if not sign_of(cell_of(c_table, code)) & SIGN_SEPARATOR:
        return False
    if code < 0:
        c_flags[0] |= FLAG_MALFORMED
    return True


cdef uint32_t cut_words(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, uint32_t* c_position, CutC* c_words, uint32_t room,
    uint32_t* c_flags,
) noexcept nogil:
    """Write the next words of a text, `room` at most: the same as so many calls of `next_token`; returns how many.

    If they are fewer than `room` the text is done. Of the words the fields for the caller are left alone. A flag more
    tells capital letters.

    A block of 64 bytes begins where the words before have ended. A word that does not end inside it begins the next
    block, or is too long and goes the careful way; so no word is put together from two blocks.
    """
    cdef uint32_t position = c_position[0], count = 0
    cdef uint32_t left, edge, at, start, end, after, cut, width
    cdef uint64_t rest, body, capitals, small, seen = 0
    cdef uint64_t all_bits = ~<uint64_t> 0
    cdef bint plain
    cdef sito_masks masks
    cdef sito_masks_way c_masks = sito_masks_ways[path] if c_table.usual else sito_masks_careful
    while position < size and count < room:
        left = size - position
        c_masks(c_text + position, left, &masks)
        # The last byte of a block may be half a letter if the text goes on.
        edge = left if left <= BLOCK else <uint32_t> BLOCK - 1
        at = 0
        while count < room:
            rest = ~masks.separator & (all_bits << at)
            start = <uint32_t> __builtin_ctzll(rest) if rest else <uint32_t> BLOCK
            if start >= edge:
                at = edge
                break
            plain = masks.word >> start & 1
            if plain:
                rest = ~masks.word & (all_bits << start)
                end = <uint32_t> __builtin_ctzll(rest) if rest else <uint32_t> BLOCK
                after = end + 1
                if end >= edge:
                    if left > BLOCK:
                        if start:
                            at = start
                            break
                        plain = False      # too long for a block
                    after = end
                elif not masks.separator >> end & 1:
                    plain = parts_at(c_table, c_text + position + end, left - end, &width, c_flags)
                    after = end + width
            elif parts_at(c_table, c_text + position + start, left - start, &width, c_flags):
                at = start + width
                if at >= edge:
                    break
                continue
            if plain:
                body = (rest - 1) & ~rest & (all_bits << start)
                capitals = masks.upper & body
                small = masks.lower & body
                seen |= capitals
                c_words[count].digits = (capitals | small) == 0
                if capitals & (capitals - 1) and small:
                    cut = cut_place(c_table, c_text, position + start, position + end)
                    if cut:
                        end = cut - position
                        after = end
                c_words[count].start = position + start
                c_words[count].end = position + end
                count += 1
                at = after
            else:
                after = position + start
                if not next_token(
                    c_table, c_text, size, &after, &c_words[count].start, &c_words[count].end, c_flags,
                ):
                    at = left
                    break
                seen = 1                   # it may have any letters
                c_words[count].digits = is_number(c_text, c_words[count].start, c_words[count].end)
                count += 1
                at = after - position
            if at >= edge:
                break
        position += at
    if seen:
        c_flags[0] |= FLAG_CAPITALS
    c_position[0] = position
    return count


cdef uint32_t cut_place(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t start, uint32_t end,
) noexcept nogil:
    """Return where the run of letters `start`..`end` is two words, 0 if it is one."""
    cdef uint32_t position = start, at, count = 0, capitals = 0, tail = 0, tail_at = 0
    cdef uint32_t place[3]                # of the first three letters
    cdef int32_t first[2]                 # code points of the first two
    cdef int32_t code, last = 0, last_2 = 0, last_3 = 0
    cdef const byte_t* c_cell
    cdef uint8_t flags
    cdef bint syllabic = True, leading = True, lower = False, lower_before = False
    cdef uint32_t head
    place[1] = place[2] = 0
    first[0] = first[1] = 0
    if start > 0 and cell_before(c_table, c_text, start, &at) != NULL:
        return 0                          # the second part of a run that was cut: one cut is enough
    while position < end:
        at = position
        position += decode(c_text + position, end - position, &code)
        c_cell = cell_of(c_table, code)
        if c_cell == NULL or c_cell[0] == CLASS_VANISH:
            continue
        flags = c_cell[3]
        if count < 3:
            place[count] = at
            if count < 2:
                first[count] = code
        syllabic = syllabic and flags & CELL_SYLLABIC
        leading = leading and flags & (CELL_UPPER if count < 3 else CELL_LOWER)
        if flags & CELL_UPPER:
            if tail == 0:
                tail_at = at
                lower_before = lower
            tail += 1
            capitals += 1
        else:
            tail = 0
        lower = (flags & CELL_LOWER) != 0
        last_3 = last_2
        last_2 = last
        last = code
        count += 1
    if syllabic:
        if not 2 <= count <= SYLLABIC_NAME_MAX or follows_surname(c_table, c_text, start):
            return 0
        if is_surname(c_table, first):
            return place[2] if count > 2 else 0
        return place[1]
    head = count - tail
    if (
        capitals > 1 and 1 <= tail <= GLUED_INITIALS_MAX and capitals - tail <= 1 and lower_before
        and head >= <uint32_t> GLUED_HEAD_MIN + (tail == 1)
    ):
        return 0 if last_3 == c'm' and last_2 == c'b' and last == c'H' else tail_at
    if count >= GLUED_LEADING_MIN and leading:
        return place[2]
    return 0


cdef bint follows_surname(const FoldTableC* c_table, const byte_t* c_text, uint32_t start) noexcept nogil:
    """Say whether one Han or Hangul letter stands alone before the separator before `start`."""
    cdef uint32_t at
    cdef const byte_t* c_cell
    if start == 0 or cell_before(c_table, c_text, start, &at) != NULL or at == 0:
        return False
    c_cell = cell_before(c_table, c_text, at, &at)
    if c_cell == NULL or not c_cell[3] & CELL_SYLLABIC:
        return False
    return at == 0 or cell_before(c_table, c_text, at, &at) == NULL


cdef bint is_surname(const FoldTableC* c_table, const int32_t* c_codes) noexcept nogil:
    """Say whether two code points are a surname of two characters."""
    cdef uint32_t i
    for i in range(c_table.surname_count):
        if memcmp(c_table.surnames + 8 * i, c_codes, 8) == 0:
            return True
    return False


cdef bint fold_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, WordC* c_word, uint32_t* c_flags,
) noexcept nogil:
    """Fold one raw token as cut by `next_token`; False if no letter is left."""
    cdef uint32_t position = 0, letters = 0, capitals = 0, filled = 0, i
    cdef uint8_t seen = 0, flags
    cdef byte_t plain
    cdef bint digit
    # Most words of Latin lists are plain ASCII: one pass, no look-alikes to weigh.
    while position < size and c_text[position] < 0x80:
        plain = c_table.ascii_plain[c_text[position]]
        flags = c_table.signs[c_text[position]]
        position += 1
        if plain == 0:
            continue
        letters += 1
        seen |= flags
        capitals += flags & CELL_UPPER
        if filled < TOKEN_LENGTH_MAX:
            c_word.plain[filled] = plain
            filled += 1
    if position < size or (
        seen & CELL_DIGIT and seen & (CELL_UPPER | CELL_LOWER)
        and digits_are_letters(c_table, c_text, size, CLASS_LATIN)
    ):
        return fold_mixed(c_table, c_text, size, c_word, c_flags)
    digit = seen & CELL_DIGIT != 0
    if letters > filled:
        c_flags[0] |= FLAG_CUT
        digit = False              # one that was cut off makes no code of what is left
        for i in range(filled):
            digit = digit or c_word.plain[i] <= c'9'
    c_word.plain_length = <uint8_t> filled
    c_word.letters = <uint8_t> (letters if letters < COUNT_MAX else COUNT_MAX)
    c_word.capitals = <uint8_t> (capitals if capitals < COUNT_MAX else COUNT_MAX)
    c_word.vowelless = 0
    if filled == 0:
        c_word.key_length = 0
        return False
    make_key(c_table, c_word, digit, 0)
    return True


cdef inline bint is_latin_vowel(byte_t letter) noexcept nogil:
    """Is a folded letter a vowel? A y is one here, unlike in a key."""
    return letter == c'a' or letter == c'e' or letter == c'i' or letter == c'o' or letter == c'u' or letter == c'y'


cdef inline bint leaves_vowel_out(const FoldTableC* c_table, const byte_t* c_cell, byte_t before) noexcept nogil:
    """Is a letter of a script without vowels an h, or the letter before it again, behind a consonant?"""
    cdef uint32_t offset
    memcpy(&offset, c_cell + 4, 4)
    return not is_latin_vowel(before) and (
        c_table.pool[offset] == before or (c_cell[1] == 1 and c_table.pool[offset] == c'h')
    )


cdef bint fold_mixed(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, WordC* c_word, uint32_t* c_flags,
) noexcept nogil:
    """Fold a raw token of any scripts: as `resolve` of the twin."""
    cdef uint32_t position = 0, rest = 0
    cdef int32_t code
    cdef const byte_t* c_cell
    cdef const byte_t* c_cells[TOKEN_LENGTH_MAX]
    cdef uint32_t cyrillic_count = 0, latin_count = 0, foreign_count = 0
    cdef uint32_t letters = 0, capitals = 0, vowelless = 0
    cdef bint latin_can = True, cyrillic_can = True, foreign_latin = True, foreign_cyrillic = True
    cdef uint8_t script = 0, seen = 0, flags
    cdef bint digits = False, digit = False, plain_only
    cdef uint32_t offset, length, other, i, n, plain_length = 0
    cdef uint64_t ones = 0                # places of the digit 1
    cdef uint64_t breaks = 0              # places over which no rule of a key reaches
    while position < size:
        if is_cyrillic(c_text + position, size - position):
            c_cell = c_table.cyrillic + 8 * cyrillic_place(c_text + position)
            position += 2
        else:
            position += decode(c_text + position, size - position, &code)
            c_cell = cell_of(c_table, code)
        if c_cell == NULL or c_cell[0] <= CLASS_VANISH:
            continue
        if letters < TOKEN_LENGTH_MAX:
            c_cells[letters] = c_cell
            rest = position
        flags = c_cell[3]
        seen |= flags
        letters += 1
        capitals += flags & CELL_UPPER
        vowelless += (flags & CELL_VOWELLESS) != 0
        if c_cell[0] == CLASS_CYRILLIC:
            cyrillic_count += 1
            cyrillic_can = cyrillic_can and c_cell[2] & 15
        elif c_cell[0] == CLASS_LATIN:
            latin_count += 1
            latin_can = latin_can and c_cell[2] >> 4
        elif not flags & CELL_DIGIT:
            foreign_count += 1
            foreign_latin = foreign_latin and c_cell[2] & 15
            foreign_cyrillic = foreign_cyrillic and c_cell[2] >> 4
    c_word.letters = <uint8_t> (letters if letters < COUNT_MAX else COUNT_MAX)
    c_word.capitals = <uint8_t> (capitals if capitals < COUNT_MAX else COUNT_MAX)
    c_word.vowelless = 2 * vowelless > letters
    latin_can = latin_can and foreign_cyrillic
    cyrillic_can = cyrillic_can and foreign_latin
    if cyrillic_count and latin_count:
        if latin_can and not (cyrillic_can and latin_count > cyrillic_count):
            script = CLASS_CYRILLIC
        elif cyrillic_can:
            script = CLASS_LATIN
        else:
            script = CLASS_LATIN if latin_count > cyrillic_count else CLASS_CYRILLIC
    elif cyrillic_count or latin_count:
        script = CLASS_CYRILLIC if cyrillic_count else CLASS_LATIN
    if foreign_count >= cyrillic_count + latin_count and not (latin_can if script == CLASS_CYRILLIC else cyrillic_can):
        script = 0
    if seen & CELL_DIGIT and script:
        digits = digits_are_letters(c_table, c_text, size, script)
    plain_only = script == 0 or (foreign_count == 0 and not digits and not (cyrillic_count and latin_count))
    n = letters
    if n > TOKEN_LENGTH_MAX:
        n = TOKEN_LENGTH_MAX
    position = 0
    while True:
        if position < n:
            c_cell = c_cells[position]
            position += 1
        elif letters > TOKEN_LENGTH_MAX and rest < size:
            # Letters without a sound leave room for more than were kept.
            rest += decode(c_text + rest, size - rest, &code)
            c_cell = cell_of(c_table, code)
            if c_cell == NULL or c_cell[0] <= CLASS_VANISH:
                continue
        else:
            break
        memcpy(&offset, c_cell + 4, 4)
        length = c_cell[1]
        if not plain_only and (digits or not c_cell[3] & CELL_DIGIT):
            other = c_cell[2] & 15
            if script == CLASS_LATIN and other:
                if c_cell[3] & CELL_DIGIT and c_table.pool[offset] == c'1' and plain_length < TOKEN_LENGTH_MAX:
                    ones |= <uint64_t> 1 << plain_length
                offset += length
                length = other
            elif script == CLASS_CYRILLIC and c_cell[2] >> 4:
                offset += length + other
                length = c_cell[2] >> 4
        if c_cell[3] & CELL_VOWELLESS and 0 < plain_length < TOKEN_LENGTH_MAX:
            if leaves_vowel_out(c_table, c_cell, c_word.plain[plain_length - 1]):
                breaks |= <uint64_t> 1 << plain_length
        for i in range(length):
            if plain_length == TOKEN_LENGTH_MAX:
                c_flags[0] |= FLAG_CUT
                break
            c_word.plain[plain_length] = c_table.pool[offset + i]
            digit = digit or c_table.pool[offset + i] <= c'9'
            plain_length += 1
    c_word.plain_length = <uint8_t> plain_length
    if plain_length == 0:
        c_word.key_length = 0
        return False
    for i in range(plain_length - 1):
        if ones >> i & 1 and is_latin_vowel(c_word.plain[i + 1]) and (
            i == 0 or c_word.plain[i - 1] == c'l' or is_latin_vowel(c_word.plain[i - 1])
        ):
            c_word.plain[i] = c'l'
    make_key(c_table, c_word, digit, breaks)
    return True


cdef bint digits_are_letters(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, uint8_t script,
) noexcept nogil:
    """Say whether the digits of a raw token stand for letters: as the twin."""
    cdef uint32_t position = 0, digits = 0, letters = 0, run = 0, offset
    cdef int32_t code
    cdef const byte_t* c_cell
    cdef byte_t sound = 0, sound_2 = 0, sound_3 = 0
    while position < size:
        position += decode(c_text + position, size - position, &code)
        c_cell = cell_of(c_table, code)
        if c_cell == NULL or c_cell[0] <= CLASS_VANISH:
            continue
        memcpy(&offset, c_cell + 4, 4)
        sound_3 = sound_2
        sound_2 = sound
        sound = c_table.pool[offset] if c_cell[1] == 1 else <byte_t> 0
        if not c_cell[3] & CELL_DIGIT:
            letters += 1
            run = 0
            continue
        digits += 1
        run += 1
        if (c_cell[2] >> 4 if script == CLASS_CYRILLIC else c_cell[2] & 15) == 0:
            return False
        if run > DIGIT_RUN_MAX or (run == 2 and letters == 0):
            return False
    if digits == 0 or letters < DIGIT_LETTERS_MIN or letters <= digits or run > 1:
        return False
    if digits == 1 and run == 1:
        if sound == c'0' and letters > DIGIT_LETTERS_MIN:
            return True
        return script == CLASS_CYRILLIC and sound_3 == c'v' and sound_2 == c'i' and sound == c'4'
    return True


cdef inline uint32_t rule_place(uint32_t letters) noexcept nogil:
    """Return where the rules stand that begin with two characters, of 1024 places; the first character is lowest.

    Other characters may share the place: rules are compared in full.
    """
    return ((letters & 31) << 5) | ((letters >> 8) & 31)


cdef void make_key(const FoldTableC* c_table, WordC* c_word, bint digit, uint64_t breaks) noexcept nogil:
    """Fill the key of a folded word: twin of `sito.names.keys.key`; `breaks` has a bit for each place."""
    cdef uint32_t length = c_word.plain_length, first = 0, i
    if digit:
        memcpy(c_word.key, c_word.plain, length)
        c_word.key_length = <uint8_t> length
        return
    c_word.key_length = 0
    if breaks:
        for i in range(1, length):
            if breaks >> i & 1:
                add_key(c_table, c_word, first, i)
                first = i
    add_key(c_table, c_word, first, length)


cdef void add_key(const FoldTableC* c_table, WordC* c_word, uint32_t first, uint32_t after) noexcept nogil:
    """Add the key of a part of a folded word to what there is of its key."""
    cdef byte_t marked[68]         # the part, its end mark, and room to read four bytes anywhere
    cdef uint32_t here
    cdef uint32_t length = after - first
    cdef uint32_t i = 0, start = c_word.key_length, out = start, r, j, step, place
    cdef const RuleC* c_rule
    cdef const byte_t* c_result
    cdef uint32_t result_length
    memcpy(marked, c_word.plain + first, length)
    memcpy(&marked[length], b"$\0\0\0", 4)
    if after < c_word.plain_length:
        marked[length] = 0
    if first == 0 and length >= START_WORD_MIN:
        # Greek writes b and d as mp and nt.
        if marked[0] == c'm' and marked[1] == c'p':
            c_word.key[out] = c'b'
            out += 1
            i = 2
        elif marked[0] == c'n' and marked[1] == c't':
            c_word.key[out] = c'd'
            out += 1
            i = 2
    while i < length:
        step = 1
        c_result = &marked[i]
        result_length = 1
        memcpy(&here, &marked[i], 4)
        place = rule_place(here)
        for r in range(c_table.rule_first[place], c_table.rule_first[place + 1]):
            c_rule = &c_table.rules[r]
            if (here & c_rule.mask) == c_rule.pattern:
                step = c_rule.length
                c_result = &c_rule.result[0]
                result_length = c_rule.result_length
                break
        else:
            c_rule = &c_table.singles[marked[i]]
            if c_rule.length:
                c_result = &c_rule.result[0]
                result_length = c_rule.result_length
        for j in range(result_length):
            if out == start or c_word.key[out - 1] != c_result[j]:
                c_word.key[out] = c_result[j]
                out += 1
        i += step
    c_word.key_length = <uint8_t> out


cdef uint8_t usual_sign(uint32_t code) noexcept nogil:
    """Return what `cut_words` takes an ASCII code point, or one of U+0400 to U+045F, for: an entry of `signs`."""
    if c'0' <= code <= c'9':
        return CELL_DIGIT
    if c'A' <= code <= c'Z' or 0x400 <= code < 0x430:
        return CELL_UPPER
    if c'a' <= code <= c'z' or code >= 0x430:
        return CELL_LOWER
    return 0 if code == c"'" or code == c'`' else <uint8_t> SIGN_SEPARATOR


cdef LetterC letter_alone(const FoldTableC* c_table, byte_t first, byte_t second) noexcept nogil:
    """Fold one code point of one byte or, if the second is not 0, of two."""
    cdef byte_t[2] text
    cdef WordC word
    cdef LetterC letter
    cdef uint32_t flags = 0
    text[0] = first
    text[1] = second
    fold_token(c_table, text, 2 if second else 1, &word, &flags)
    as_letter(&word, &letter)
    return letter


cdef RuleC rule_at(const byte_t* c_record) noexcept nogil:
    """Read one rule of the packed table; its lengths are not checked."""
    cdef RuleC rule
    rule.length = c_record[0]
    rule.result_length = c_record[1]
    rule.mask = 0
    if 1 <= rule.length <= 4:
        rule.mask = <uint32_t> 0xFFFFFFFF >> (32 - 8 * rule.length)
    memcpy(&rule.pattern, c_record + 2, 4)
    rule.pattern &= rule.mask
    memcpy(rule.result, c_record + 8, 8)
    return rule


@cython.final
cdef class Folder:
    """Owner of one packed fold table; immutable, so threads may share it.

    Args:
        table: The bytes of `sito.names.fold.table()`; the object keeps a reference.

    Raises:
        ValueError: The bytes are not a fold table.
    """

    def __cinit__(self, bytes table not None):
        cdef const byte_t* c_data = <const byte_t*> table
        cdef uint32_t page_count, pool_size, rule_count, surname_count, i, character, place, filled = 0
        cdef uint32_t offset
        cdef const byte_t* c_cell
        cdef Py_ssize_t pages_at, pool_at, rules_at
        cdef RuleC rule
        self._data = table
        memset(&self.c_table, 0, sizeof(FoldTableC))
        if len(table) < 24 or table[:8] != b"SITOFOLD":
            raise ValueError("not a fold table")
        memcpy(&page_count, c_data + 8, 4)
        memcpy(&pool_size, c_data + 12, 4)
        memcpy(&rule_count, c_data + 16, 4)
        memcpy(&surname_count, c_data + 20, 4)
        pages_at = 24 + 2 * (CODE_POINT_LIMIT >> 7)
        pool_at = pages_at + <Py_ssize_t> page_count * PAGE_SIZE_BYTES
        rules_at = pool_at + (<Py_ssize_t> pool_size + 7) // 8 * 8
        if (
            rule_count > 512 or surname_count > 4096
            or len(table) != rules_at + <Py_ssize_t> rule_count * 16 + <Py_ssize_t> surname_count * 8
        ):
            raise ValueError("not a fold table")
        self.c_table.page_numbers = <const uint16_t*> (c_data + 24)
        self.c_table.pages = c_data + pages_at
        self.c_table.pool = c_data + pool_at
        self.c_table.surnames = c_data + rules_at + <Py_ssize_t> rule_count * 16
        self.c_table.surname_count = surname_count
        for i in range(rule_count):
            rule = rule_at(c_data + rules_at + i * 16)
            if rule.length < 1 or rule.length > 4 or rule.result_length > 8 or rule.pattern & 0x80:
                raise ValueError("not a fold table")
            if rule.length == 1:
                self.c_table.singles[rule.pattern] = rule
        for place in range(1024):
            self.c_table.rule_first[place] = <uint16_t> filled
            for i in range(rule_count):
                rule = rule_at(c_data + rules_at + i * 16)
                if rule.length > 1 and rule_place(rule.pattern) == place:
                    self.c_table.rules[filled] = rule
                    filled += 1
        self.c_table.rule_first[1024] = <uint16_t> filled
        self.c_table.cyrillic = cell_of(&self.c_table, 0x400)
        self.c_table.usual = True
        for character in range(128):
            c_cell = cell_of(&self.c_table, <int32_t> character)
            memcpy(&offset, c_cell + 4, 4)
            self.c_table.signs[character] = sign_of(c_cell)
            self.c_table.signs[128 + character] = sign_of(self.c_table.cyrillic + 8 * character)
            self.c_table.ascii_plain[character] = self.c_table.pool[offset] if c_cell[1] else <byte_t> 0
            if (
                self.c_table.signs[character] != usual_sign(character)
                or (c'0' <= character <= c'9' and self.c_table.ascii_plain[character] != character)
                or (character < 0x60 and self.c_table.signs[128 + character] != usual_sign(0x400 + character))
            ):
                self.c_table.usual = False
        for character in range(128):
            self.c_table.letters[character] = letter_alone(&self.c_table, <byte_t> character, 0)
            self.c_table.letters[128 + character] = letter_alone(
                &self.c_table, <byte_t> (0xD0 | character >> 6), <byte_t> (0x80 | character & 0x3F)
            )

    def fold(self, bytes text not None):
        """Cut a text into tokens.

        Args:
            text: UTF-8, valid or not, below 4 GiB.

        Returns:
            (list of (start, end, plain, key, letters, capitals, vowelless), malformed, cut), as `sito.names.fold.fold`.
        """
        cdef uint32_t flags = 0
        tokens = self._tokens(text, False, &flags)
        return tokens, bool(flags & FLAG_MALFORMED), bool(flags & FLAG_CUT)

    def plains(self, bytes text not None):
        """Return the plain letters of all tokens of a text: less work than `fold`, for whoever asks for no more."""
        cdef uint32_t flags = 0
        return self._tokens(text, True, &flags)

    cdef list _tokens(self, bytes text, bint plain_only, uint32_t* c_flags):
        """Return all tokens of a text, or of each the plain letters alone."""
        cdef const byte_t* c_text = <const byte_t*> text
        cdef uint32_t size, position = 0, count = PIECE, i
        cdef CutC[PIECE] cuts
        cdef WordC word
        if len(text) > 0xFFFFFFFF:
            raise OverflowError("text of 4 GiB or more")
        size = <uint32_t> len(text)
        tokens = []
        while count == PIECE:
            count = cut_words(&self.c_table, c_text, size, &position, cuts, PIECE, c_flags)
            for i in range(count):
                if not fold_token(&self.c_table, c_text + cuts[i].start, cuts[i].end - cuts[i].start, &word, c_flags):
                    continue
                plain = word.plain[:word.plain_length].decode("ascii")
                tokens.append(plain if plain_only else (
                    cuts[i].start, cuts[i].end, plain, word.key[:word.key_length].decode("ascii"),
                    word.letters, word.capitals, bool(word.vowelless),
                ))
        return tokens
