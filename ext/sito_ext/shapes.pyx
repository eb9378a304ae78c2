"""What is known of a folded word without its letters in their order: lengths, letter sets, first letters, initials."""

from sito_ext.fold cimport FoldTableC, LetterC, WordC, as_letter, fold_token, letter_of
from sito_ext.types cimport byte_t, ones, uint8_t, uint32_t
from sito_ext.vocabulary cimport merged

cdef enum:
    CLUSTER_LETTERS_MAX = 3


cdef uint32_t plain_bits[128]      # of each folded letter and digit
cdef uint32_t key_bits[128]


cdef void fill_bits() noexcept nogil:
    """Fill the tables of this module once, when it is imported."""
    cdef uint32_t letter
    for letter in range(128):
        plain_bits[letter] = 0
        if c'0' <= letter <= c'9':
            plain_bits[letter] = <uint32_t> 1 << (26 + (letter - c'0') % 6)
        elif c'a' <= letter <= c'z':
            plain_bits[letter] = <uint32_t> 1 << (letter - c'a')
    for letter in range(128):
        key_bits[letter] = plain_bits[merged(<byte_t> letter)]


fill_bits()


cdef uint32_t letters_of(const byte_t* c_text, uint32_t length) noexcept nogil:
    """Return a bit set of the letters in a folded word; the ten digits share the bits above the letters."""
    cdef uint32_t i, bits = 0
    for i in range(length):
        bits |= plain_bits[c_text[i] & 127]
    return bits


cdef uint32_t key_letters_of(const byte_t* c_key, uint32_t length) noexcept nogil:
    """As `letters_of`, with the letters merged that stand for each other."""
    cdef uint32_t i, bits = 0
    for i in range(length):
        bits |= key_bits[c_key[i] & 127]
    return bits


cdef void take_shape(
    const byte_t* c_plain, uint32_t plain_length, const byte_t* c_key, uint32_t key_length, ShapeC* c_shape,
) noexcept nogil:
    """Note the lengths, first letters and letter sets of a folded word; a word of one letter is an initial."""
    c_shape.plain_letters = letters_of(c_plain, plain_length)
    c_shape.key_letters = key_letters_of(c_key, key_length)
    c_shape.plain_head = head_of(c_plain, plain_length)
    c_shape.key_head = head_of(c_key, key_length)
    c_shape.plain_length = <uint8_t> plain_length
    c_shape.key_length = <uint8_t> key_length
    c_shape.plain_more = <uint8_t> (plain_length - ones(c_shape.plain_letters))
    c_shape.key_more = <uint8_t> (key_length - ones(c_shape.key_letters))
    c_shape.edits = edits_of(key_length)
    c_shape.initial_count = plain_length == 1 and c_plain[0] > c'9'
    c_shape.capital = True
    c_shape.parted = False


cdef inline bint is_digraph(const WordC* c_word) noexcept nogil:
    """Two Latin letters that stand for one Cyrillic one, as people write their initials."""
    cdef byte_t first = c_word.plain[0], second = c_word.plain[1]
    if c_word.plain_length != 2:
        return False
    if first == c'y':
        return second == c'u' or second == c'a' or second == c'e' or second == c'o'
    if first == c'i' or first == c'j':
        return second == c'u' or second == c'a'
    if second == c'h':
        return first == c'z' or first == c'k' or first == c'c' or first == c's'
    return first == c't' and second == c's'


cdef inline void set_initial(const LetterC* c_letter, bint latin, InitialC* c_initial) noexcept nogil:
    c_initial.plain = c_letter.plain
    c_initial.key = c_letter.key
    c_initial.plain_mask = mask_of(c_letter.plain_length)
    c_initial.key_mask = mask_of(c_letter.key_length)
    c_initial.plain_length = c_letter.plain_length
    c_initial.latin = latin


cdef uint32_t take_initials(
    const FoldTableC* c_table, const byte_t* c_raw, uint32_t size, const WordC* c_word, InitialC* c_initials,
) noexcept nogil:
    """Write the initials that a text word is: one, or the two or three letters of a cluster; 0 for a word."""
    cdef WordC part
    cdef LetterC folded
    cdef const LetterC* c_letter
    cdef uint32_t i, count = 0, position = 0, before, flags = 0, width
    cdef bint latin = size > 0 and c_raw[0] < 0x80
    for i in range(c_word.plain_length):
        if c_word.plain[i] <= c'9':
            return 0
    if c_word.letters == 1 or (c_word.letters == c_word.plain_length and is_digraph(c_word)):
        as_letter(c_word, &folded)
        set_initial(&folded, latin, &c_initials[0])
        return 1
    if c_word.letters > CLUSTER_LETTERS_MAX or c_word.capitals != c_word.letters:
        return 0
    while position < size:
        before = position
        width = 1
        while before + width < size and (c_raw[before + width] & 0xC0) == 0x80:
            width += 1
        position += width
        c_letter = letter_of(c_table, c_raw + before, width)
        if c_letter == NULL:
            fold_token(c_table, c_raw + before, width, &part, &flags)
            as_letter(&part, &folded)
            c_letter = &folded
        if c_letter.plain_length:
            if count == INITIALS_MAX:
                return 0
            set_initial(c_letter, latin, &c_initials[count])
            count += 1
    return count if count == c_word.letters else 0
