"""Folding for other native modules: cut a text into raw tokens, fold one raw token."""

cimport cython
from sito_ext.types cimport byte_t, int32_t, min, uint8_t, uint16_t, uint32_t, word_of

cdef enum:
    TOKEN_LENGTH_MAX = 64      # folded characters of one token
    KEY_LENGTH_MAX = 128       # an x becomes ks

cdef enum:
    FLAG_MALFORMED = 1         # bytes that are not UTF-8 were taken as separators
    FLAG_CUT = 2               # a token was longer than TOKEN_LENGTH_MAX
    FLAG_CAPITALS = 256        # of `cut_words` only: there is a capital letter, or may be

cdef struct RuleC:
    uint32_t pattern               # at most four letters, first letter lowest
    uint32_t mask                  # of the bytes in use
    uint8_t length
    uint8_t result_length
    byte_t result[8]

cdef struct LetterC:           # what a letter by itself folds to
    uint32_t plain             # the first four characters, the first lowest
    uint32_t key
    uint8_t plain_length       # 0: nothing is left
    uint8_t key_length

cdef struct FoldTableC:
    const uint16_t* page_numbers
    const byte_t* pages
    const byte_t* pool
    RuleC rules[512]           # of two letters and more, in the order of `rule_place`, longest first in one place
    uint16_t rule_first[1025]  # rules of a place: rule_first[place] to rule_first[place + 1]
    RuleC singles[128]         # of one letter, by that letter; length 0 where there is none
    uint8_t signs[256]         # flags of the cells of ASCII and of U+0400 to U+047F, and whether they separate words
    byte_t ascii_plain[128]    # 0 for signs that vanish
    const byte_t* cyrillic     # cells of U+0400 to U+047F
    const byte_t* surnames     # pairs of u32 code points
    uint32_t surname_count
    LetterC letters[256]       # ASCII and U+0400 to U+047F
    bint usual                 # are ASCII and U+0400 to U+045F what `cut_words` takes them for, digits themselves?

cdef struct WordC:
    uint8_t plain_length
    uint8_t key_length
    byte_t plain[64]
    byte_t key[128]
    uint8_t letters            # letters and digits as written, vanishing signs not counted, 255 and more as 255
    uint8_t capitals           # upper-case ones of them
    uint8_t vowelless          # 1: most are Arabic or Hebrew

cdef struct CutC:              # a raw word of a text
    uint32_t start             # bytes, half-open
    uint32_t end
    uint32_t digits            # 1: ASCII digits and nothing else
    uint32_t place             # for the caller, as is the stamp
    uint32_t stamp

cdef inline bint is_cyrillic(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Are two bytes one of U+0400 to U+047F, nearly all the Cyrillic there is?"""
    return c_text[0] & 0xFE == 0xD0 and size > 1 and c_text[1] & 0xC0 == 0x80


cdef inline uint32_t cyrillic_place(const byte_t* c_text) noexcept nogil:
    """Return what it is beyond U+0400."""
    return (<uint32_t> c_text[0] << 6 | (c_text[1] & 0x3F)) & 127


cdef inline void as_letter(const WordC* c_word, LetterC* c_letter) noexcept nogil:
    """Take over what a letter folds to."""
    c_letter.plain_length = c_word.plain_length
    c_letter.key_length = c_word.key_length
    c_letter.plain = <uint32_t> word_of(c_word.plain, min(c_word.plain_length, 4)) if c_word.plain_length else 0
    c_letter.key = <uint32_t> word_of(c_word.key, min(c_word.key_length, 4)) if c_word.key_length else 0


cdef inline const LetterC* letter_of(const FoldTableC* c_table, const byte_t* c_text, uint32_t size) noexcept nogil:
    """Return what the one code point that a text is folds to, NULL if it is no usual one."""
    if size == 1 and c_text[0] < 0x80:
        return c_table.letters + c_text[0]
    if size == 2 and is_cyrillic(c_text, 2):
        return c_table.letters + 128 + cyrillic_place(c_text)
    return NULL


cdef inline uint32_t decode(const byte_t* c_text, uint32_t size, int32_t* c_code) noexcept nogil:
    """Read one code point; returns its size in bytes. Not UTF-8: code -1 and size 1."""
    cdef uint32_t first = c_text[0]
    cdef uint32_t code
    if first < 0x80:
        c_code[0] = <int32_t> first
        return 1
    c_code[0] = -1
    if first < 0xC2:
        return 1
    if first < 0xE0:
        if size < 2 or (c_text[1] & 0xC0) != 0x80:
            return 1
        c_code[0] = <int32_t> (((first & 0x1F) << 6) | (c_text[1] & 0x3F))
        return 2
    if first < 0xF0:
        if size < 3 or (c_text[1] & 0xC0) != 0x80 or (c_text[2] & 0xC0) != 0x80:
            return 1
        code = ((first & 0x0F) << 12) | ((<uint32_t> c_text[1] & 0x3F) << 6) | (c_text[2] & 0x3F)
        if code < 0x800 or 0xD800 <= code < 0xE000:
            return 1
        c_code[0] = <int32_t> code
        return 3
    if first < 0xF5:
        if size < 4 or (c_text[1] & 0xC0) != 0x80 or (c_text[2] & 0xC0) != 0x80 or (c_text[3] & 0xC0) != 0x80:
            return 1
        code = (
            ((first & 0x07) << 18) | ((<uint32_t> c_text[1] & 0x3F) << 12)
            | ((<uint32_t> c_text[2] & 0x3F) << 6) | (c_text[3] & 0x3F)
        )
        if code < 0x10000 or code > 0x10FFFF:
            return 1
        c_code[0] = <int32_t> code
        return 4
    return 1


cdef bint next_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size,
    uint32_t* c_position, uint32_t* c_start, uint32_t* c_end, uint32_t* c_flags,
) noexcept nogil

cdef uint32_t cut_words(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, uint32_t* c_position, CutC* c_words, uint32_t room,
    uint32_t* c_flags,
) noexcept nogil

cdef bint fold_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, WordC* c_word, uint32_t* c_flags,
) noexcept nogil


@cython.final
cdef class Folder:
    cdef FoldTableC c_table
    cdef bytes _data

    cdef list _tokens(self, bytes text, bint plain_only, uint32_t* c_flags)
