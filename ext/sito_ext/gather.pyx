"""The names of the lists while an index is built: taken out, folded, and which of them may have other spellings.

Lists say the same words over and over, so a raw word is folded once and remembered. What a word folds to, with its
key, is a form; a name is a row of forms. Whatever is asked of words later (facts, letters, groups) is asked of forms.

Other spellings of names are made in Python (`sito.names.people`, `sito.names.organisations`, `sito.names.readings`),
and nearly no name has any. `Gatherer.fold` says which may: never no where there is one, seldom yes where there is none.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyObject
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove, memset

from sito_ext.fold cimport (
    FLAG_CAPITALS,
    CutC,
    FoldTableC,
    Folder,
    WordC,
    cut_words,
    decode,
    fold_token,
    next_token,
)
from sito_ext.readings cimport cut_reading, korean_reading, voiced_reading
from sito_ext.types cimport (
    byte_t,
    int32_t,
    int64_t,
    large_free,
    large_room,
    large_zeros,
    min,
    same_bytes,
    uint8_t,
    uint16_t,
    uint32_t,
    uint64_t,
)
from sito_ext.vocabulary cimport TOKEN_COUNT_MAX, hash_bytes
from sito_ext.written cimport (
    TYPE_OF,
    OutC,
    PyList_GET_ITEM,
    PyTuple_CheckExact,
    PyTuple_GET_ITEM,
    PyTuple_GET_SIZE,
    PyUnicode_CheckExact,
    PyUnicode_GET_LENGTH,
    Writer,
    add_utf8,
    part_of,
)

import numpy as np

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    FLAG_LONG = 4                  # beside the flags of folding: more words than are kept
    RAW_LENGTH_MAX = 64            # bytes of a raw word that is remembered
    RAW_COUNT_MAX = 1 << 22        # raw words that are remembered
    RAW_HERE = 26                  # bytes of one that stand with what it folds to; a longer one stands elsewhere
    TOKENS_MAX = 33                # of a name that is looked at with its neighbours; as many as are kept are fewer
    TOKENS_AHEAD = 160             # that are looked for together
    NAMES_AHEAD = 32
    ENTRIES_AHEAD = 16             # that are fetched while one is written
    NEW_AHEAD = 32                 # of those that are folded meanwhile
    WORDS_AHEAD = 24               # words whose forms are fetched while they are numbered
    FORMS_AHEAD = 16               # forms whose letters and keys are fetched while they are laid out
    FORM_COUNT_MAX = 1 << 26
    ROOM_MIN = 1 << 12
    EASY_NAMES_MAX = 8             # names of an entry whose other spellings are made here
    EASY_ROOM = 4096
    MEANINGS_MAX = 3               # of one abbreviation
    NUMBERS = 100                  # that are written in words
    SPELLING_MAX = 200             # characters of another spelling
    EASY_CHANGES = 4               # ways to put words in the place of others: a number in words, three meanings
    EASY_FOUND_MAX = 6             # other spellings of one name: those, and compounds as spoken, and as spelt
    PART_REST_MIN = 3              # letters beside a part of a compound
    TEXT_MAX = 1024                # bytes of a name that is read otherwise, as in sito_ext/readings.pyx
    COMPANY_TEXT_MAX = 800         # bytes; a longer name is not looked through here
    WORD_LETTERS_MAX = 35          # a longer one is a code
    CORE_WORDS_MIN = 3             # outside the proper name of a long description
    ACRONYM_WORDS_MIN = 3
    ACRONYM_MIN = 4                # letters; the factor of a shorter one is too low to be kept
    ACRONYM_MAX = 8
    SPOKEN_FORM_MIN = 5            # letters of a legal form that an acronym may name
    NUMBER_LETTERS_MAX = 4         # of a number in digits that is met in words: 42, 19th
    COMPANY_WORDS_MIN = 2
    NAME_WORDS_MAX = 32
    SYLLABLE_MAX = 6               # letters of a Chinese one
    NO_FORM = 0xFFFFFFFF

cdef enum:                         # what a name is taken from
    SUBJECT_PERSON = 1             # as `NAME_PERSON`
    SUBJECT_COMPANY = 2
    SUBJECT_PERHAPS = 4            # a company if its words say so

cdef enum:
    NEEDS_READING = 1
    NEEDS_SPELLING = 2
    NEEDS_EASY = 4                 # spellings that need nothing but other words in the places of single ones

cdef enum:                         # what a word is to the rules, as in `sito.names.hints`
    RULE_FORM = 1
    RULE_CONNECTOR = 2
    RULE_GENERIC = 4
    RULE_NUMERIC = 8
    RULE_BODY = 16
    RULE_SHORT = 32
    RULE_OPENING = 64
    RULE_COMPOUND = 128
    RULE_SERVANT = 256
    RULE_CHINESE = 512
    RULE_BELARUSIAN = 1024
    RULE_CODE = 2048

cdef enum:                         # what a capital stands behind
    CAPITAL_INSIDE = 1             # a small letter
    CAPITALS = 2

cdef enum:                         # bytes that a rule needs
    SIGN_COLON = 1
    SIGN_COMMA = 2
    SIGN_DOT = 4
    SIGN_APOSTROPHE = 8
    SIGN_QUOTE = 16
    SIGN_BRACKET = 32
    SIGN_HARD = 64                 # second byte of a hard sign, perhaps
    SIGN_SCRIPT = 128              # first byte of a letter that is neither Latin, Greek nor Cyrillic, perhaps

cdef uint8_t signs_of[256]


cdef void fill_signs() noexcept:
    cdef uint32_t i
    memset(signs_of, 0, sizeof(signs_of))
    signs_of[c':'] = SIGN_COLON
    signs_of[c','] = SIGN_COMMA
    signs_of[c'.'] = SIGN_DOT
    signs_of[c"'"] = SIGN_APOSTROPHE | SIGN_QUOTE
    signs_of[c'`'] = SIGN_APOSTROPHE
    signs_of[c'"'] = SIGN_QUOTE
    signs_of[c'<'] = SIGN_QUOTE
    signs_of[c'('] = SIGN_BRACKET
    signs_of[c'['] = SIGN_BRACKET
    signs_of[0x8A] = SIGN_HARD
    signs_of[0xAA] = SIGN_HARD
    signs_of[0xC2] = SIGN_QUOTE
    signs_of[0xCA] = SIGN_APOSTROPHE
    for i in range(0xD6, 0xDC):
        signs_of[i] = SIGN_SCRIPT
    for i in range(0xE0, 0x100):
        signs_of[i] = SIGN_SCRIPT
    signs_of[0xE2] = SIGN_APOSTROPHE | SIGN_QUOTE


fill_signs()


cdef int make_room(void** c_data, uint64_t* c_room, uint64_t needed, size_t item) except -1 nogil:
    """Let an array hold at least `needed` items."""
    cdef uint64_t room = c_room[0] if c_room[0] else ROOM_MIN
    cdef void* c_more
    if needed <= c_room[0]:
        return 0
    while room < needed:
        room *= 2
    c_more = large_room(c_data[0], c_room[0] * item, room * item)
    if c_more == NULL:
        with gil:
            raise MemoryError
    c_data[0] = c_more
    c_room[0] = room
    return 0


cdef inline uint64_t in_slot(uint64_t value, uint32_t number) noexcept nogil:
    """Return what stands in a slot for a number with this hash."""
    return value >> 32 << 32 | (number + 1)


cdef inline void put_in_slot(uint64_t* c_slots, uint64_t mask, uint64_t value, uint32_t number) noexcept nogil:
    """Note a number with this hash, of which there is none yet."""
    cdef uint64_t slot = value & mask
    while c_slots[slot]:
        slot = (slot + 1) & mask
    c_slots[slot] = in_slot(value, number)


cdef uint64_t* free_slots(uint64_t count) except NULL nogil:
    """Return so many slots, all free; the caller gives them back with `large_free`."""
    cdef uint64_t* c_slots = <uint64_t*> large_zeros(count * sizeof(uint64_t))
    if c_slots == NULL:
        with gil:
            raise MemoryError
    return c_slots


cdef inline bint is_letter_or_digit(byte_t letter) noexcept nogil:
    return c'a' <= (letter | 32) <= c'z' or c'0' <= letter <= c'9'


cdef inline bint is_capital_vowel(int32_t code) noexcept nogil:
    """Is a capital no consonant of `sito.names.readings.spelled`?"""
    if code < 0x80:
        return code in (c'A', c'E', c'I', c'O', c'U', c'Y')
    return code in (0x410, 0x415, 0x418, 0x419, 0x41E, 0x423) or code >= 0x42A


cdef uint32_t capitals_of(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Say what capitals follow, one directly on the other: `CAPITAL_INSIDE` on a small letter, `CAPITALS` on a capital.

    Letters that are neither plain Latin nor Russian ones may do both.
    """
    cdef uint32_t at = 0, found = 0, before = 0, now
    cdef byte_t letter, following
    while at < size:
        letter = c_text[at]
        if letter < 0x80:
            now = CAPITALS if c'A' <= letter <= c'Z' else CAPITAL_INSIDE if c'a' <= letter <= c'z' else 0
            at += 1
        else:
            following = c_text[at + 1] if at + 1 < size else 0
            if not (0xD0 <= letter <= 0xD1 and following & 0xC0 == 0x80) or (letter == 0xD1 and following >= 0xA0):
                return CAPITALS | CAPITAL_INSIDE
            now = CAPITALS if letter == 0xD0 and following < 0xB0 else CAPITAL_INSIDE
            at += 2
        if now == CAPITALS:
            found |= before
        before = now
    return found


cdef bint two_capitals(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May two consonants in capitals stand alone in a text? A neighbour that is no plain letter may be none."""
    cdef uint32_t position = 0, width, row = 0
    cdef int32_t code
    cdef bint open_before = True, is_open = True, vowels = False
    while position < size:
        code = c_text[position]
        width = 1
        if code >= 0x80:
            width = decode(c_text + position, size - position, &code)
        if c'A' <= code <= c'Z' or 0x410 <= code <= 0x42F:
            vowels = is_capital_vowel(code) or (vowels and row)
            row += 1
        else:
            is_open = not (c'a' <= code <= c'z' or c'0' <= code <= c'9' or 0x430 <= code <= 0x44F)
            if row == 2 and open_before and is_open and not vowels:
                return True
            row = 0
            open_before = is_open
        position += width
    return row == 2 and open_before and not vowels


cdef inline bint may_be_blank(byte_t first) noexcept nogil:
    """May a blank of several bytes begin with this one?"""
    return first == 0xC2 or 0xE1 <= first <= 0xE3


cdef bint says_again(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May a name say its first word again behind a comma? The first bytes tell."""
    cdef uint32_t i = 0, n
    while i < size and c_text[i] <= c' ':
        i += 1
    for n in range(i, size):
        if c_text[n] != c',':
            continue
        n += 1
        while n < size and c_text[n] <= c' ':
            n += 1
        if n < size and (c_text[n] == c_text[i] or may_be_blank(c_text[n]) or may_be_blank(c_text[i])):
            return True
    return False


cdef bint has_sign_pair(const byte_t* c_text, uint32_t size, byte_t first, byte_t second) noexcept nogil:
    cdef uint32_t i
    for i in range(1, size):
        if c_text[i] == second and c_text[i - 1] == first:
            return True
    return False


cdef bint has_lone_letter_before_dot(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May a dot stand behind a letter that stands alone? A letter of several bytes may."""
    cdef uint32_t i, n
    for i in range(1, size):
        if c_text[i] != c'.':
            continue
        n = i - 1
        if c_text[n] >= 0x80:
            while n and c_text[n] & 0xC0 == 0x80:
                n -= 1
        if n == 0 or not is_letter_or_digit(c_text[n - 1]):
            # A Cyrillic letter before it tells as well as a Latin one.
            if n < 2 or not (c_text[n - 2] == 0xD0 or c_text[n - 2] == 0xD1) or c_text[n - 1] < 0x80:
                return True
    return False


cdef bint has_possessive(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May a genitive s stand behind an apostrophe?"""
    cdef uint32_t i
    for i in range(1, size):
        if c_text[i] | 32 != c's' and c_text[i] != 0xC5:
            continue
        if signs_of[c_text[i - 1]] & SIGN_APOSTROPHE or c_text[i - 1] >= 0x80:
            return True
    return False


cdef bint is_easy(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Are all characters ASCII, Russian letters and their like, or quotation marks? Their small ones are known here."""
    cdef uint32_t i = 0
    while i < size:
        if c_text[i] < 0x80:
            i += 1
        elif i + 1 < size and (
            (c_text[i] == 0xD0 and 0x80 <= c_text[i + 1] < 0xC0) or (c_text[i] == 0xD1 and 0x80 <= c_text[i + 1] < 0xA0)
            or (c_text[i] == 0xC2 and (c_text[i + 1] == 0xAB or c_text[i + 1] == 0xBB))
        ):
            i += 2
        elif i + 2 < size and c_text[i] == 0xE2 and c_text[i + 1] == 0x80 and 0x98 <= c_text[i + 2] < 0xA0:
            i += 3
        else:
            return False
    return True


cdef inline bint is_capital(const byte_t* c_text) noexcept nogil:
    """Is the first letter of an easy text a capital?"""
    return c'A' <= c_text[0] <= c'Z' or (c_text[0] == 0xD0 and c_text[1] < 0xB0)


cdef inline bint ends_in_letter(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Is the last character of an easy text a letter or digit?"""
    return is_letter_or_digit(c_text[size - 1]) or (
        size > 1 and (c_text[size - 2] == 0xD0 or c_text[size - 2] == 0xD1)
    )


cdef bint has_cyrillic(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Does an easy text hold a letter of the Russian alphabet without ё?"""
    cdef uint32_t i
    for i in range(1, size):
        if (c_text[i - 1] == 0xD0 and 0x90 <= c_text[i] < 0xC0) or (c_text[i - 1] == 0xD1 and 0x80 <= c_text[i] < 0x90):
            return True
    return False


cdef inline uint32_t small_of(const byte_t* c_text, uint32_t* c_at) noexcept nogil:
    """Return the next character of an easy text as a small one, as its bytes; moves on."""
    cdef uint32_t letter = c_text[c_at[0]], code
    c_at[0] += 1
    if letter < 0x80:
        return letter + 32 if c'A' <= letter <= c'Z' else letter
    code = c_text[c_at[0]]
    c_at[0] += 1
    if letter == 0xE2:
        c_at[0] += 1
        return letter << 16 | code << 8 | c_text[c_at[0] - 1]
    if letter == 0xD0 and code < 0xB0:
        code += 32 if code >= 0x90 else 80    # А to Я, Ѐ to Џ
        if code >= 0xC0:
            return 0xD100 | (code - 64)
    return letter << 8 | code


cdef bint same_small(const byte_t* c_left, uint32_t left, const byte_t* c_right, uint32_t right) noexcept nogil:
    """Are two easy texts the same, capital or small?"""
    cdef uint32_t i = 0, n = 0
    if left != right:
        return False
    while i < left and n < right:
        if small_of(c_left, &i) != small_of(c_right, &n):
            return False
    return True


cdef struct RawC:                  # a raw word, half a line of memory
    uint32_t form                  # `NO_FORM` for a word that folds to nothing
    uint8_t size
    uint8_t flags
    byte_t letters[26]             # = RAW_HERE; of a longer word the place, eight bytes

cdef struct TokenC:                # a raw word on its way
    uint64_t hash
    uint32_t start
    uint32_t end
    uint32_t new                   # place in `GroupC.new` + 1 if it was not remembered

cdef struct FormC:                 # what a word folds to
    uint64_t hash
    uint64_t plain_hash            # of the plain letters alone
    uint8_t plain
    uint8_t key
    uint8_t vowelless
    byte_t letters[192]            # the plain ones, then those of the key

cdef struct NewC:                  # what a raw word folds to that was not remembered
    uint32_t flags
    bint found                     # is there anything?
    FormC form

cdef struct GroupC:                # names in a row, whose words are looked for together
    Py_ssize_t first
    Py_ssize_t after
    uint32_t filled                # tokens
    uint32_t new_count
    uint32_t counts[32]            # = NAMES_AHEAD: tokens of each name
    uint32_t flags[32]             # of each name
    TokenC tokens[160]             # = TOKENS_AHEAD
    NewC new[32]                   # = NEW_AHEAD

cdef struct OtherC:                # another spelling of a name
    uint64_t first
    uint32_t name
    uint8_t count
    uint8_t flags


cdef inline uint64_t form_hash(const byte_t* c_letters, uint32_t plain, uint32_t key, uint8_t vowelless) noexcept nogil:
    return hash_bytes(c_letters, plain + key) ^ (plain * <uint64_t> 0x9E3779B97F4A7C15) ^ vowelless


cdef bint fold_form(
    const FoldTableC* c_table, const byte_t* c_word, uint32_t size, FormC* c_form, uint32_t* c_flags,
) noexcept nogil:
    """Fold a raw word; is anything left?"""
    cdef WordC word
    cdef uint32_t plain, key
    if not fold_token(c_table, c_word, size, &word, c_flags):
        return False
    plain = word.plain_length
    key = word.key_length
    c_form.plain = <uint8_t> plain
    c_form.key = <uint8_t> key
    c_form.vowelless = word.vowelless
    memcpy(c_form.letters, word.plain, plain)
    memcpy(c_form.letters + plain, word.key, key)
    c_form.hash = form_hash(c_form.letters, plain, key, word.vowelless)
    c_form.plain_hash = hash_bytes(c_form.letters, plain)
    return True


cdef class Words:
    """A few thousand folded words with what they are to the rules. Immutable.

    Args:
        words: Of each word (bits, number of its sense or 0).
    """

    cdef byte_t* _bytes
    cdef uint32_t* _starts
    cdef uint32_t* _slots
    cdef uint16_t* _bits
    cdef uint16_t* _senses
    cdef uint32_t _mask

    def __cinit__(self, dict words not None):
        cdef uint64_t size = 64, slot
        cdef uint32_t number = 0, filled = 0
        cdef bytes data
        cdef Py_ssize_t total = 0
        self._bytes = NULL
        self._starts = NULL
        self._slots = NULL
        self._bits = NULL
        self._senses = NULL
        while size < 4 * <uint64_t> len(words):
            size *= 2
        for word in words:
            total += len(word)
        self._mask = <uint32_t> size - 1
        self._bytes = <byte_t*> malloc(total + 1)
        self._starts = <uint32_t*> malloc((len(words) + 1) * sizeof(uint32_t))
        self._slots = <uint32_t*> malloc(size * sizeof(uint32_t))
        self._bits = <uint16_t*> malloc((len(words) + 1) * sizeof(uint16_t))
        self._senses = <uint16_t*> malloc((len(words) + 1) * sizeof(uint16_t))
        if (
            self._bytes == NULL or self._starts == NULL or self._slots == NULL or self._bits == NULL
            or self._senses == NULL
        ):
            raise MemoryError
        memset(self._slots, 0, size * sizeof(uint32_t))
        for word, (bits, sense) in words.items():
            data = word.encode("ascii")
            memcpy(self._bytes + filled, PyBytes_AS_STRING(data), len(data))
            self._starts[number] = filled
            self._bits[number] = bits
            self._senses[number] = sense
            slot = hash_bytes(self._bytes + filled, <uint32_t> len(data)) & self._mask
            while self._slots[slot]:
                slot = (slot + 1) & self._mask
            self._slots[slot] = number + 1
            number += 1
            filled += <uint32_t> len(data)
        self._starts[number] = filled

    def __dealloc__(self):
        free(self._bytes)
        free(self._starts)
        free(self._slots)
        free(self._bits)
        free(self._senses)

    cdef inline void fetch(self, uint64_t value) noexcept nogil:
        """Fetch where a word with this hash is looked for."""
        __builtin_prefetch(self._slots + (value & self._mask))

    cdef bint look(
        self, const byte_t* c_word, uint32_t length, uint64_t value, uint16_t* c_bits, uint16_t* c_sense,
    ) noexcept nogil:
        """Say what a word with this hash is; is it listed?"""
        cdef uint64_t slot = value & self._mask
        cdef uint32_t number
        while self._slots[slot]:
            number = self._slots[slot] - 1
            if self._starts[number + 1] - self._starts[number] == length and same_bytes(
                self._bytes + self._starts[number], c_word, length
            ):
                c_bits[0] = self._bits[number]
                c_sense[0] = self._senses[number]
                return True
            slot = (slot + 1) & self._mask
        return False


@cython.final
cdef class Gatherer:
    """Names in, rows of forms out. Not thread-safe: one call at a time, from whichever thread.

    Args:
        folder: The fold table to use.
        words: What words are to the rules that make other spellings: (bits, sense) of each.
        openings: `sense << 16 | sense` of the first two words of phrases.
        parts: (letters, is it an end, bits) of what a word that is not listed begins or ends with.
        numbers: 0 to 99 in English words, then in Russian ones.
        meanings: What each abbreviation means, one to three texts.
        compounds: (how Russian speaks a part of a word, how English spells it, does it stand at the end).
    """

    cdef Folder _folder
    cdef Words _words
    cdef uint32_t* _opening_slots
    cdef uint32_t _opening_mask
    cdef byte_t* _parts                # a byte of length, is it an end, bits (two bytes), the letters
    cdef uint32_t _part_count
    cdef byte_t* _compounds            # bytes of length, of both spellings, is it an end, the letters of both
    cdef uint32_t _compound_count
    # What raw words fold to.
    cdef uint64_t* _raw_slots          # high half of the hash, number + 1; 0 free
    cdef uint64_t _raw_mask
    cdef RawC* _raws
    cdef uint64_t _raws_room
    cdef byte_t* _raw_bytes            # of long ones
    cdef uint64_t _raw_room, _raw_filled
    cdef uint32_t _raw_count
    # Forms: the plain letters, then those of the key.
    cdef uint64_t* _form_slots
    cdef uint64_t _form_mask
    cdef byte_t* _form_bytes
    cdef uint64_t _form_bytes_room, _form_filled
    cdef uint64_t* _form_starts
    cdef uint64_t _form_starts_room
    cdef uint8_t* _form_sizes          # plain letters, letters of the key, vowelless
    cdef uint64_t _form_sizes_room
    cdef uint16_t* _form_rules         # bits, sense
    cdef uint64_t _form_rules_room
    cdef uint32_t _form_count
    # What is put in the place of words: numbers in English, in Russian, meanings of abbreviations.
    cdef Words _shorts                 # place of the first meaning, how many
    cdef byte_t* _texts
    cdef uint32_t* _text_starts
    # Other spellings that are found in one call of `fold`.
    cdef OtherC* _others
    cdef uint64_t _other_room, _other_count
    # Rows.
    cdef uint32_t* _row
    cdef uint64_t _row_room, _row_filled

    def __cinit__(
        self, Folder folder not None, dict words not None, openings, parts, numbers, dict meanings not None, compounds,
    ):
        cdef uint64_t size = 64, slot
        cdef uint32_t at = 0, opening
        cdef uint16_t bits
        cdef bytes data
        self._opening_slots = NULL
        self._parts = NULL
        self._compounds = NULL
        self._raw_slots = NULL
        self._raw_bytes = NULL
        self._raws = NULL
        self._form_slots = NULL
        self._form_bytes = NULL
        self._form_starts = NULL
        self._form_sizes = NULL
        self._form_rules = NULL
        self._row = NULL
        self._texts = NULL
        self._text_starts = NULL
        self._others = NULL
        self._other_room = self._other_count = 0
        self._raw_room = self._raw_filled = self._raws_room = 0
        self._form_bytes_room = self._form_filled = self._form_starts_room = self._form_sizes_room = 0
        self._form_rules_room = self._row_room = self._row_filled = 0
        self._raw_count = self._form_count = 0
        self._folder = folder
        self._words = Words(words)
        texts = [text.encode() for text in numbers]
        if len(texts) != 2 * NUMBERS:
            raise ValueError("not 200 numbers in words")
        shorts = {}
        for plain, meant in meanings.items():
            meant = meant[:MEANINGS_MAX]
            shorts[plain] = (len(texts), len(meant))
            texts += [text.encode() for text in meant]
        self._shorts = Words(shorts)
        self._texts = <byte_t*> malloc(sum([len(text) for text in texts]) + 1)
        self._text_starts = <uint32_t*> malloc((len(texts) + 1) * sizeof(uint32_t))
        if self._texts == NULL or self._text_starts == NULL:
            raise MemoryError
        self._text_starts[0] = 0
        for at, data in enumerate(texts):
            memcpy(self._texts + self._text_starts[at], PyBytes_AS_STRING(data), len(data))
            self._text_starts[at + 1] = self._text_starts[at] + <uint32_t> len(data)
        at = 0
        openings = sorted(set(openings))
        while size < 4 * <uint64_t> len(openings):
            size *= 2
        self._opening_mask = <uint32_t> size - 1
        self._opening_slots = <uint32_t*> malloc(size * sizeof(uint32_t))
        parts = [(letters.encode("ascii"), bool(is_end), bits) for letters, is_end, bits in parts]
        self._part_count = <uint32_t> len(parts)
        self._parts = <byte_t*> malloc(sum([len(letters) for letters, _, _ in parts]) + 4 * len(parts) + 1)
        compounds = [(one.encode("ascii"), other.encode("ascii"), bool(is_end)) for one, other, is_end in compounds]
        self._compound_count = <uint32_t> len(compounds)
        self._compounds = <byte_t*> malloc(sum([len(one) + len(other) + 3 for one, other, _ in compounds]) + 1)
        self._raw_mask = self._form_mask = (1 << 16) - 1
        self._raw_slots = free_slots(self._raw_mask + 1)
        self._form_slots = free_slots(self._form_mask + 1)
        if self._opening_slots == NULL or self._parts == NULL:
            raise MemoryError
        if self._compounds == NULL:
            raise MemoryError
        memset(self._opening_slots, 0, size * sizeof(uint32_t))
        for opening in openings:
            slot = (opening * <uint32_t> 0x9E3779B1) >> 7 & self._opening_mask
            while self._opening_slots[slot]:
                slot = (slot + 1) & self._opening_mask
            self._opening_slots[slot] = opening
        for data, is_end, bits in parts:
            if not 1 <= len(data) <= 64:
                raise ValueError("part of a word of no or more than 64 letters")
            self._parts[at] = <byte_t> len(data)
            self._parts[at + 1] = is_end
            memcpy(self._parts + at + 2, &bits, 2)
            memcpy(self._parts + at + 4, PyBytes_AS_STRING(data), len(data))
            at += 4 + <uint32_t> len(data)
        at = 0
        for one, other, is_end in compounds:
            if not (1 <= len(one) <= 64 and 1 <= len(other) <= 64):
                raise ValueError("part of a compound of no or more than 64 letters")
            self._compounds[at] = <byte_t> len(one)
            self._compounds[at + 1] = <byte_t> len(other)
            self._compounds[at + 2] = is_end
            data = one + other
            memcpy(self._compounds + at + 3, PyBytes_AS_STRING(data), len(data))
            at += 3 + <uint32_t> len(data)

    def __dealloc__(self):
        free(self._opening_slots)
        free(self._parts)
        free(self._compounds)
        large_free(self._raw_slots, (self._raw_mask + 1) * sizeof(uint64_t))
        large_free(self._raw_bytes, self._raw_room)
        large_free(self._raws, self._raws_room * sizeof(RawC))
        large_free(self._form_slots, (self._form_mask + 1) * sizeof(uint64_t))
        large_free(self._form_bytes, self._form_bytes_room)
        large_free(self._form_starts, self._form_starts_room * sizeof(uint64_t))
        large_free(self._form_sizes, self._form_sizes_room)
        large_free(self._form_rules, self._form_rules_room * sizeof(uint16_t))
        large_free(self._row, self._row_room * sizeof(uint32_t))
        free(self._texts)
        free(self._text_starts)
        large_free(self._others, self._other_room * sizeof(OtherC))

    cdef uint32_t _rules_of(self, const byte_t* c_plain, uint32_t length, uint64_t value) noexcept nogil:
        """Return what a folded word with this hash is to the rules: bits, and its sense above them."""
        cdef uint16_t bits = 0, sense = 0, more
        cdef uint32_t i, at = 0, size
        cdef bint digit = False
        cdef bint listed = self._words.look(c_plain, length, value, &bits, &sense)
        for i in range(length):
            digit = digit or c_plain[i] <= c'9'
        if digit or length > WORD_LETTERS_MAX:
            bits |= RULE_CODE
        if not listed:
            if digit and length <= NUMBER_LETTERS_MAX:
                bits |= RULE_NUMERIC
            for _ in range(self._part_count):
                size = self._parts[at]
                if length >= size and same_bytes(
                    c_plain + (length - size if self._parts[at + 1] else 0), self._parts + at + 4, size
                ):
                    memcpy(&more, self._parts + at + 2, 2)
                    bits |= more
                at += 4 + size
        return bits | <uint32_t> sense << 16

    cdef uint32_t _form(self, const FormC* c_form) except? 0xFFFFFFFF nogil:
        """Return the number of a form, a new one if it was not seen."""
        cdef uint32_t plain = c_form.plain, key = c_form.key, number, rules
        cdef uint64_t value = c_form.hash, slot = value & self._form_mask, start, size
        cdef uint64_t* c_slots
        while self._form_slots[slot]:
            if (self._form_slots[slot] ^ value) >> 32 == 0:
                number = <uint32_t> self._form_slots[slot] - 1
                if (
                    self._form_sizes[3 * number] == plain and self._form_sizes[3 * number + 1] == key
                    and self._form_sizes[3 * number + 2] == c_form.vowelless
                    and same_bytes(self._form_bytes + self._form_starts[number], c_form.letters, plain + key)
                ):
                    return number
            slot = (slot + 1) & self._form_mask
        if self._form_count == FORM_COUNT_MAX:
            with gil:
                raise OverflowError("more than 2^26 different words")
        number = self._form_count
        make_room(<void**> &self._form_bytes, &self._form_bytes_room, self._form_filled + plain + key, 1)
        make_room(<void**> &self._form_starts, &self._form_starts_room, number + 1, sizeof(uint64_t))
        make_room(<void**> &self._form_sizes, &self._form_sizes_room, 3 * (<uint64_t> number + 1), 1)
        make_room(<void**> &self._form_rules, &self._form_rules_room, 2 * (<uint64_t> number + 1), sizeof(uint16_t))
        self._form_starts[number] = self._form_filled
        memcpy(self._form_bytes + self._form_filled, c_form.letters, plain + key)
        self._form_filled += plain + key
        self._form_sizes[3 * number] = <uint8_t> plain
        self._form_sizes[3 * number + 1] = <uint8_t> key
        self._form_sizes[3 * number + 2] = c_form.vowelless
        rules = self._rules_of(c_form.letters, plain, c_form.plain_hash)
        self._form_rules[2 * number] = <uint16_t> rules
        self._form_rules[2 * number + 1] = <uint16_t> (rules >> 16)
        self._form_slots[slot] = in_slot(value, number)
        self._form_count += 1
        if 2 * <uint64_t> self._form_count > self._form_mask:
            size = 4 * (self._form_mask + 1)
            c_slots = free_slots(size)
            for start in range(self._form_count):
                plain = self._form_sizes[3 * start]
                value = form_hash(
                    self._form_bytes + self._form_starts[start], plain, self._form_sizes[3 * start + 1],
                    self._form_sizes[3 * start + 2],
                )
                put_in_slot(c_slots, size - 1, value, <uint32_t> start)
            large_free(self._form_slots, (self._form_mask + 1) * sizeof(uint64_t))
            self._form_slots = c_slots
            self._form_mask = size - 1
        return number

    cdef inline const byte_t* _raw_letters(self, const RawC* c_raw) noexcept nogil:
        """Return the letters of a raw word."""
        cdef uint64_t place
        if c_raw.size <= RAW_HERE:
            return c_raw.letters
        memcpy(&place, c_raw.letters, 8)
        return self._raw_bytes + place

    cdef const RawC* _known(self, const byte_t* c_word, uint32_t size, uint64_t value) noexcept nogil:
        """Return what is remembered of a raw word with this hash; NULL if it is new."""
        cdef uint64_t slot = value & self._raw_mask
        cdef const RawC* c_raw
        while self._raw_slots[slot]:
            if (self._raw_slots[slot] ^ value) >> 32 == 0:
                c_raw = self._raws + (<uint32_t> self._raw_slots[slot] - 1)
                if c_raw.size == size and same_bytes(self._raw_letters(c_raw), c_word, size):
                    return c_raw
            slot = (slot + 1) & self._raw_mask
        return NULL

    cdef void _cut(
        self, const FoldTableC* c_table, const byte_t* c_text, const int64_t[::1] starts, Py_ssize_t first,
        Py_ssize_t count, GroupC* c_group,
    ) noexcept nogil:
        """Cut some of the names before `count`, from the `first` one on, into words, and fetch the slots of these."""
        cdef CutC cuts[33]         # = TOKENS_MAX
        cdef const byte_t* c_name
        cdef TokenC* c_token
        cdef uint32_t token_count, position, flags, n
        c_group.first = c_group.after = first
        c_group.filled = c_group.new_count = 0
        while (
            c_group.after < count and c_group.after - first < NAMES_AHEAD
            and c_group.filled + TOKENS_MAX < TOKENS_AHEAD
        ):
            c_name = c_text + starts[c_group.after]
            position = flags = 0
            token_count = cut_words(
                c_table, c_name, <uint32_t> (starts[c_group.after + 1] - starts[c_group.after]), &position, cuts,
                TOKENS_MAX, &flags,
            )
            for n in range(token_count):
                c_token = &c_group.tokens[c_group.filled + n]
                c_token.start = cuts[n].start
                c_token.end = cuts[n].end
                c_token.new = 0
                c_token.hash = hash_bytes(c_name + cuts[n].start, cuts[n].end - cuts[n].start)
                __builtin_prefetch(self._raw_slots + (c_token.hash & self._raw_mask))
            c_group.counts[c_group.after - first] = token_count
            c_group.flags[c_group.after - first] = flags & ~<uint32_t> FLAG_CAPITALS
            c_group.filled += token_count
            c_group.after += 1

    cdef void _fetch(
        self, const FoldTableC* c_table, const byte_t* c_text, const int64_t[::1] starts, GroupC* c_group,
    ) noexcept nogil:
        """Fetch what is remembered of the words of some names, whose slots are near; fold those that are new.

        A new word may come twice, and then is no longer new when its turn comes: that its slot is free is no promise.
        """
        cdef Py_ssize_t name
        cdef uint32_t at = 0
        cdef uint64_t found
        cdef TokenC* c_token
        cdef NewC* c_new
        for name in range(c_group.first, c_group.after):
            for _ in range(c_group.counts[name - c_group.first]):
                c_token = &c_group.tokens[at]
                at += 1
                found = self._raw_slots[c_token.hash & self._raw_mask]
                if found:
                    if (found ^ c_token.hash) >> 32 == 0:
                        __builtin_prefetch(self._raws + (<uint32_t> found - 1))
                elif c_group.new_count < NEW_AHEAD and c_token.end - c_token.start <= RAW_LENGTH_MAX:
                    c_new = &c_group.new[c_group.new_count]
                    c_new.flags = 0
                    c_new.found = fold_form(
                        c_table, c_text + starts[name] + c_token.start, c_token.end - c_token.start, &c_new.form,
                        &c_new.flags,
                    )
                    if c_new.found:
                        __builtin_prefetch(self._form_slots + (c_new.form.hash & self._form_mask))
                        self._words.fetch(c_new.form.plain_hash)
                    c_group.new_count += 1
                    c_token.new = c_group.new_count

    cdef uint32_t _folded(
        self, const FoldTableC* c_table, const byte_t* c_word, uint32_t size, uint64_t value, NewC* c_new,
        uint32_t* c_flags,
    ) except? 0xFFFFFFFE nogil:
        """Return the form of a raw word with this hash, `NO_FORM` if it folds to nothing; it may be folded already."""
        cdef FormC folded
        cdef uint64_t room
        cdef uint64_t* c_slots
        cdef const RawC* c_known
        cdef RawC* c_raw
        cdef uint32_t number, flags = 0, form
        if size > RAW_LENGTH_MAX:
            return self._form(&folded) if fold_form(c_table, c_word, size, &folded, c_flags) else NO_FORM
        c_known = self._known(c_word, size, value)
        if c_known != NULL:
            c_flags[0] |= c_known.flags
            return c_known.form
        form = NO_FORM
        if c_new != NULL:
            flags = c_new.flags
            if c_new.found:
                form = self._form(&c_new.form)
        elif fold_form(c_table, c_word, size, &folded, &flags):
            form = self._form(&folded)
        c_flags[0] |= flags
        if self._raw_count == RAW_COUNT_MAX:
            return form
        number = self._raw_count
        make_room(<void**> &self._raws, &self._raws_room, <uint64_t> number + 1, sizeof(RawC))
        c_raw = self._raws + number
        c_raw.form = form
        c_raw.size = <uint8_t> size
        c_raw.flags = <uint8_t> flags
        if size <= RAW_HERE:
            memcpy(c_raw.letters, c_word, size)
        else:
            make_room(<void**> &self._raw_bytes, &self._raw_room, self._raw_filled + size, 1)
            memcpy(self._raw_bytes + self._raw_filled, c_word, size)
            memcpy(c_raw.letters, &self._raw_filled, 8)
            self._raw_filled += size
        put_in_slot(self._raw_slots, self._raw_mask, value, number)
        self._raw_count += 1
        if 2 * <uint64_t> self._raw_count > self._raw_mask:
            room = 4 * (self._raw_mask + 1)
            c_slots = free_slots(room)
            for number in range(self._raw_count):
                value = hash_bytes(self._raw_letters(self._raws + number), self._raws[number].size)
                put_in_slot(c_slots, room - 1, value, number)
            large_free(self._raw_slots, (self._raw_mask + 1) * sizeof(uint64_t))
            self._raw_slots = c_slots
            self._raw_mask = room - 1
        return form

    cdef bint _is_opening(self, uint32_t first, uint32_t second) noexcept nogil:
        cdef uint32_t opening = first << 16 | second
        cdef uint64_t slot = (opening * <uint32_t> 0x9E3779B1) >> 7 & self._opening_mask
        while self._opening_slots[slot]:
            if self._opening_slots[slot] == opening:
                return True
            slot = (slot + 1) & self._opening_mask
        return False

    cdef uint8_t _may_be_spelled(
        self, const byte_t* c_text, uint32_t size, uint8_t subject, const uint32_t* c_forms, uint32_t count,
        uint8_t signs, bint simple,
    ) noexcept nogil:
        """May `sito.names.organisations.derived_names` find another spelling that counts enough?

        Returns 0, `NEEDS_SPELLING`, or with it `NEEDS_EASY` if all it may find is numbers, abbreviations and compounds.
        """
        cdef uint32_t i, rules, sense, words = 0, generic = 0, legal = 0, telling = 0, own = 0, spoken = 0
        cdef uint32_t last = 0, connected = 0, described = 0, legal_at = 0
        for i in range(count):
            rules = self._form_rules[2 * c_forms[i]]
            sense = self._form_rules[2 * c_forms[i] + 1]
            words |= rules
            generic += rules & RULE_GENERIC != 0
            if rules & RULE_FORM:      # what counts is the last one
                legal += 1
                legal_at = i
                described = telling
            own += rules & RULE_FORM == 0
            connected += rules & RULE_CONNECTOR == 0
            telling += rules & (RULE_FORM | RULE_CONNECTOR) == 0
            spoken += rules & RULE_CONNECTOR == 0 and (
                rules & RULE_FORM == 0 or self._form_sizes[3 * c_forms[i]] >= SPOKEN_FORM_MIN
            )
            if rules & RULE_CONNECTOR == 0:
                if last and sense and self._is_opening(last, sense):
                    return NEEDS_SPELLING
                last = sense
        if subject & SUBJECT_PERHAPS and generic < COMPANY_WORDS_MIN and not legal:
            return 0
        if size > COMPANY_TEXT_MAX or signs & (SIGN_BRACKET | SIGN_SCRIPT) or count == NAME_WORDS_MAX:
            return NEEDS_SPELLING
        if words & RULE_BODY:
            return NEEDS_SPELLING
        if signs & SIGN_DOT and has_lone_letter_before_dot(c_text, size):
            return NEEDS_SPELLING
        if signs & SIGN_APOSTROPHE and has_possessive(c_text, size):
            return NEEDS_SPELLING
        if own > CORE_WORDS_MIN and (
            (described >= CORE_WORDS_MIN and legal_at + 1 < count)
            or (signs & SIGN_QUOTE and self._may_name_itself(c_text, size))
        ):
            return NEEDS_SPELLING
        if not words & RULE_CODE:
            if not simple:             # first letters that may be two in capitals
                if telling >= ACRONYM_WORDS_MIN or connected > ACRONYM_WORDS_MIN:
                    return NEEDS_SPELLING
            elif telling >= ACRONYM_WORDS_MIN and (
                ACRONYM_MIN <= telling <= ACRONYM_MAX or (own > telling and ACRONYM_MIN <= own <= ACRONYM_MAX)
            ):
                return NEEDS_SPELLING
            elif ACRONYM_WORDS_MIN < spoken <= ACRONYM_MAX and spoken > telling:
                return NEEDS_SPELLING
        return NEEDS_SPELLING | NEEDS_EASY if words & (RULE_SHORT | RULE_NUMERIC | RULE_COMPOUND) else 0

    cdef bint _may_name_itself(self, const byte_t* c_text, uint32_t size) noexcept nogil:
        """May a name with quotes be a description of some words around a proper name?

        If two quotes are all, what stands outside them is counted; any other quotes are left to Python.
        """
        cdef uint32_t i, quotes = 0, position, start, end, flags, outside = 0, first = 0, after = 0
        for i in range(size):
            if not signs_of[c_text[i]] & SIGN_QUOTE:
                continue
            if c_text[i] == c'"':
                after = i + 1
            elif c_text[i] == 0xC2 and i + 1 < size and c_text[i + 1] == (0xBB if quotes else 0xAB):
                after = i + 2
            else:
                return True
            if quotes == 0:
                first = i
            elif quotes == 2 or c_text[i] != c_text[first]:
                return True
            quotes += 1
        if quotes != 2:
            return True
        position = start = end = flags = 0
        while next_token(&self._folder.c_table, c_text, first, &position, &start, &end, &flags):
            outside += 1
        position = start = end = flags = 0
        while next_token(&self._folder.c_table, c_text + after, size - after, &position, &start, &end, &flags):
            outside += 1
        return outside >= CORE_WORDS_MIN

    cdef int32_t _changed(
        self, const FoldTableC* c_table, const byte_t* c_text, uint32_t size, uint32_t turn, byte_t* c_out,
    ) noexcept nogil:
        """Write a name with its numbers in words (turn 0), or with its abbreviations written out.

        Returns the bytes written, 0 if there is nothing to change, -1 if Python has to do it. `c_out` has room for
        `EASY_ROOM` bytes.
        """
        cdef uint32_t starts[32]       # = NAME_WORDS_MAX
        cdef uint32_t ends[32]
        cdef int32_t texts[32]         # number of the text that is put in the place of a word, -1 for none
        cdef uint32_t position = 0, start = 0, end = 0, flags = 0, count = 0, i, n, at = 0, filled = 0, form, length
        cdef uint32_t changed = 0
        cdef uint16_t place, meanings
        cdef const byte_t* c_plain
        cdef bint digits, gap = False, latin = not has_cyrillic(c_text, size)
        while next_token(c_table, c_text, size, &position, &start, &end, &flags):
            form = self._known_form(c_text + start, end - start)
            if form == NO_FORM:
                continue
            if count == NAME_WORDS_MAX or form == NO_FORM - 1:
                return -1
            starts[count] = start
            ends[count] = end
            texts[count] = -1
            if turn == 0:
                digits = True
                for i in range(start, end):
                    digits = digits and c'0' <= c_text[i] <= c'9'
                if digits and end - start <= 2:
                    n = c_text[start] - c'0'
                    if end - start == 2:
                        n = 10 * n + c_text[start + 1] - c'0'
                    texts[count] = <int32_t> (n if latin else NUMBERS + n)
                elif self._form_rules[2 * form] & RULE_NUMERIC and not digits:
                    return -1
            elif self._form_rules[2 * form] & RULE_SHORT:
                length = self._form_sizes[3 * form]
                c_plain = self._form_bytes + self._form_starts[form]
                if is_capital(c_text + start) and (
                    length >= 3 or c_text[start] >= 0x80 or (length == 2 and (
                        (c_plain[0] == c'k' and c_plain[1] == c'b') or (c_plain[0] == c't' and c_plain[1] == c'd')
                    ))
                ) and self._shorts.look(c_plain, length, hash_bytes(c_plain, length), &place, &meanings):
                    texts[count] = <int32_t> (place + min(turn - 1, <uint32_t> meanings - 1))
            changed += texts[count] >= 0
            count += 1
        if changed == 0 or changed == count:
            return 0
        changed = 0
        for i in range(count):
            if texts[i] < 0:
                continue
            length = self._text_starts[texts[i] + 1] - self._text_starts[texts[i]]
            if filled + (starts[i] - at) + length + 2 > EASY_ROOM:
                return -1
            memcpy(c_out + filled, c_text + at, starts[i] - at)
            filled += starts[i] - at
            if (starts[i] == at and changed) or (starts[i] > at and ends_in_letter(c_text + at, starts[i] - at)):
                c_out[filled] = c' '
                filled += 1
            memcpy(c_out + filled, self._texts + self._text_starts[texts[i]], length)
            filled += length
            at = ends[i]
            changed = 1
        if filled + (size - at) + 1 > EASY_ROOM:
            return -1
        if at < size and (is_letter_or_digit(c_text[at]) or c_text[at] == 0xD0 or c_text[at] == 0xD1):
            c_out[filled] = c' '
            filled += 1
        memcpy(c_out + filled, c_text + at, size - at)
        filled += size - at
        # Gaps are one blank each, and there is none outside.
        n = 0
        for i in range(filled):
            if c_out[i] == c' ' or 9 <= c_out[i] <= 13 or 28 <= c_out[i] <= 31:
                gap = n > 0
                continue
            if gap:
                c_out[n] = c' '
                n += 1
                gap = False
            c_out[n] = c_out[i]
            n += 1
        return <int32_t> n if n <= SPELLING_MAX and is_easy(c_out, n) else -1

    cdef uint32_t _respell(self, byte_t* c_word, uint32_t length, bint spelt, bint is_end) noexcept nogil:
        """Change the first or the last part of a word from one spelling to the other; returns the new length.

        Twin: `sito.names.organisations._respelt`. `c_word` has room for 64 letters more.
        """
        cdef uint32_t at = 0, here, there, best = 0
        cdef const byte_t* c_here
        cdef const byte_t* c_there = NULL
        cdef uint32_t best_there = 0
        for _ in range(self._compound_count):
            here = self._compounds[at + spelt]
            there = self._compounds[at + (not spelt)]
            c_here = self._compounds + at + 3 + (self._compounds[at] if spelt else 0)
            if (
                (self._compounds[at + 2] != 0) == is_end and here > best and length >= here
                and same_bytes(c_word + (length - here if is_end else 0), c_here, here)
            ):
                best = here
                best_there = there
                c_there = self._compounds + at + 3 + (0 if spelt else self._compounds[at])
            at += 3 + self._compounds[at] + self._compounds[at + 1]
        if best == 0 or length - best < PART_REST_MIN:
            return length
        if is_end:
            memcpy(c_word + length - best, c_there, best_there)
        else:
            memmove(c_word + best_there, c_word + best, length - best)
            memcpy(c_word, c_there, best_there)
        return length - best + best_there

    cdef int32_t _respelt(self, uint64_t first, uint32_t count, bint spelt, byte_t* c_out) noexcept nogil:
        """Write the folded words of a name with compounds as they are spoken in Russian, or as English spells them.

        Returns as `_changed`. Twin: `sito.names.organisations._with_parts_changed`.
        """
        cdef uint32_t i, form, length, filled = 0, after
        cdef bint changed = False
        for i in range(count):
            form = self._row[first + i]
            length = self._form_sizes[3 * form]
            if filled + length + 130 > EASY_ROOM:
                return -1
            if i:
                c_out[filled] = c' '
                filled += 1
            memcpy(c_out + filled, self._form_bytes + self._form_starts[form], length)
            if self._form_rules[2 * form] & RULE_COMPOUND:
                after = self._respell(c_out + filled, length, spelt, False)
                after = self._respell(c_out + filled, after, spelt, True)
                changed = changed or after != length or not same_bytes(
                    c_out + filled, self._form_bytes + self._form_starts[form], length
                )
                length = after
            filled += length
        if not changed:
            return 0
        return <int32_t> filled if filled <= SPELLING_MAX else -1

    cdef uint32_t _known_form(self, const byte_t* c_word, uint32_t size) noexcept nogil:
        """Return the form of a raw word that was folded before, `NO_FORM` for none, `NO_FORM - 1` if it was not."""
        cdef const RawC* c_raw = NULL
        if size <= RAW_LENGTH_MAX:
            c_raw = self._known(c_word, size, hash_bytes(c_word, size))
        return c_raw.form if c_raw != NULL else <uint32_t> NO_FORM - 1

    cdef bint _same_plain(
        self, uint64_t left, uint32_t left_count, uint64_t right, uint32_t right_count,
    ) noexcept nogil:
        """Do two rows have the same folded words?"""
        cdef uint32_t i, one, other
        if left_count != right_count:
            return False
        for i in range(left_count):
            one = self._row[left + i]
            other = self._row[right + i]
            if one != other and (
                self._form_sizes[3 * one] != self._form_sizes[3 * other]
                or not same_bytes(
                    self._form_bytes + self._form_starts[one], self._form_bytes + self._form_starts[other],
                    self._form_sizes[3 * one],
                )
            ):
                return False
        return True

    cdef int _spell_easily(
        self, const FoldTableC* c_table, const byte_t* c_text, const int64_t* c_starts, const uint8_t* c_needs,
        const uint64_t* c_firsts, const uint8_t* c_counts, uint32_t first, uint32_t after,
    ) except -1 nogil:
        """Make the other spellings of the names of one entry: numbers in words, abbreviations, compounds.

        Returns 0 if Python has to do it. Twins: `sito.names.organisations.derived_names`, `sito.build`.
        """
        cdef byte_t room[16384]        # other spellings of the entry, one after another, and room for one more
        cdef uint32_t ends[49]         # = EASY_NAMES_MAX * EASY_FOUND_MAX + 1: where they end
        cdef uint64_t rows[6]          # = EASY_FOUND_MAX: of those of one name
        cdef uint32_t row_counts[6]
        cdef uint32_t name, other, turn, kept, taken = 0, own, position, start, end, flags, form
        cdef int32_t written
        cdef bint known
        cdef uint64_t row_before = self._row_filled, others_before = self._other_count
        cdef OtherC* c_other
        if after - first > EASY_NAMES_MAX:
            return 0
        for name in range(first, after):
            if c_needs[name] & NEEDS_READING or (c_needs[name] and not c_needs[name] & NEEDS_EASY):
                return 0
            if not is_easy(c_text + c_starts[name], <uint32_t> (c_starts[name + 1] - c_starts[name])):
                return 0
        ends[0] = 0
        for name in range(first, after):
            own = 0
            for turn in range(<uint32_t> EASY_FOUND_MAX if c_needs[name] else 0):
                if turn < EASY_CHANGES:
                    written = self._changed(
                        c_table, c_text + c_starts[name], <uint32_t> (c_starts[name + 1] - c_starts[name]), turn,
                        room + ends[taken],
                    )
                else:
                    written = self._respelt(c_firsts[name], c_counts[name], turn > EASY_CHANGES, room + ends[taken])
                if written == 0:
                    continue
                kept = position = start = end = flags = 0
                make_room(<void**> &self._row, &self._row_room, self._row_filled + NAME_WORDS_MAX, sizeof(uint32_t))
                while written > 0 and next_token(
                    c_table, room + ends[taken], <uint32_t> written, &position, &start, &end, &flags
                ):
                    form = self._folded(
                        c_table, room + ends[taken] + start, end - start,
                        hash_bytes(room + ends[taken] + start, end - start), NULL, &flags,
                    )
                    if form == NO_FORM:
                        continue
                    if kept == NAME_WORDS_MAX:
                        written = -1
                        break
                    self._row[self._row_filled + kept] = form
                    kept += 1
                if written < 0:
                    self._row_filled = row_before
                    self._other_count = others_before
                    return 0
                known = kept == 0 or self._same_plain(c_firsts[name], c_counts[name], self._row_filled, kept)
                for other in range(own):
                    known = known or self._same_plain(rows[other], row_counts[other], self._row_filled, kept)
                if known:
                    continue
                rows[own] = self._row_filled
                row_counts[own] = kept
                own += 1
                self._row_filled += kept
                for other in range(first, after):
                    known = known or same_small(
                        c_text + c_starts[other], <uint32_t> (c_starts[other + 1] - c_starts[other]),
                        room + ends[taken], <uint32_t> written,
                    )
                for other in range(taken):
                    known = known or same_small(
                        room + ends[other], ends[other + 1] - ends[other], room + ends[taken], <uint32_t> written
                    )
                if known:
                    continue
                make_room(<void**> &self._others, &self._other_room, self._other_count + 1, sizeof(OtherC))
                c_other = self._others + self._other_count
                c_other.name = name
                c_other.first = rows[own - 1]
                c_other.count = <uint8_t> kept
                c_other.flags = <uint8_t> flags
                self._other_count += 1
                ends[taken + 1] = ends[taken] + <uint32_t> written
                taken += 1
        return 1

    cdef bint _may_be_read(
        self, const byte_t* c_text, uint32_t size, uint8_t subject, const uint32_t* c_forms, uint32_t count,
        uint8_t signs,
    ) noexcept nogil:
        """May a name be read otherwise: `sito.names.people.spellings_of`, and the readings of single names?"""
        cdef byte_t room[2 * TEXT_MAX]
        cdef uint32_t i, words = 0, capitals
        if signs & SIGN_HARD and size <= TEXT_MAX and voiced_reading(c_text, size, room, 2 * TEXT_MAX):
            return True
        if not subject & SUBJECT_PERSON:
            return False
        if size > TEXT_MAX or signs & SIGN_COLON:
            return True
        for i in range(count):
            words |= self._form_rules[2 * c_forms[i]]
        if words & (RULE_SERVANT | RULE_BELARUSIAN):
            return True
        if (
            count == 3 and (self._form_rules[2 * c_forms[0]] | self._form_rules[2 * c_forms[2]]) & RULE_CHINESE
            and self._form_sizes[3 * c_forms[0]] <= SYLLABLE_MAX and self._form_sizes[3 * c_forms[1]] <= SYLLABLE_MAX
            and self._form_sizes[3 * c_forms[2]] <= SYLLABLE_MAX
        ):
            return True
        if signs & SIGN_COMMA and says_again(c_text, size):
            return True
        if signs & SIGN_SCRIPT and has_sign_pair(c_text, size, 0xD8, 0xB9):
            return True
        capitals = capitals_of(c_text, size)
        if capitals & CAPITALS and two_capitals(c_text, size):
            return True
        if capitals & CAPITAL_INSIDE and cut_reading(c_text, size, room, 2 * TEXT_MAX):
            return True
        return korean_reading(c_text, size, room, 2 * TEXT_MAX) != 0

    def fold(
        self, const byte_t[::1] text not None, const int64_t[::1] starts not None, const uint8_t[::1] subjects,
        const uint32_t[::1] owned, uint32_t token_max,
    ):
        """Fold N texts.

        Args:
            text: All texts, UTF-8, one after another.
            starts: N + 1 byte offsets into `text`.
            subjects: Of each of the N names what it is taken from: 1 a person, 2 a company, 4 perhaps a company, 0
                something else. None: nobody asks for other spellings.
            owned: How many of the names each entry has, in turn; None with `subjects`.
            token_max: Words kept of one text, at most 32; what is beyond is left out and reported.

        Returns:
            (N places of the first word uint64, N counts uint8, N flags uint8: 1 malformed, 2 a word was cut, 4 more
            than `token_max` words; N of what is asked for uint8: 1 readings, 2 other spellings; and of the other
            spellings that are made already, numbers of names uint32, places, counts and flags as above).

        Raises:
            ValueError: Offsets fall or leave the text; names and entries do not fit.
            OverflowError: There are more different words than an index may hold.
        """
        cdef Py_ssize_t count = starts.shape[0] - 1, i
        cdef uint64_t total = 0
        if count < 0 or starts[0] != 0 or starts[count] > text.shape[0] or token_max > NAME_WORDS_MAX:
            raise ValueError("starts do not fit the text")
        if (subjects is None) != (owned is None) or (subjects is not None and subjects.shape[0] != count):
            raise ValueError("subjects do not fit the texts")
        if owned is not None:
            for i in range(owned.shape[0]):
                total += owned[i]
            if total != <uint64_t> count or count > 0x7FFFFFFF:
                raise ValueError("entries do not fit the names")
        firsts_array = np.empty(count, dtype=np.uint64)
        counts_array = np.empty(count, dtype=np.uint8)
        flags_array = np.empty(count, dtype=np.uint8)
        needs_array = np.zeros(count, dtype=np.uint8)
        cdef uint64_t[::1] firsts = firsts_array
        cdef uint8_t[::1] counts = counts_array
        cdef uint8_t[::1] flags_out = flags_array
        cdef uint8_t[::1] needs = needs_array
        cdef const byte_t* c_text = &text[0] if text.shape[0] else NULL
        cdef const FoldTableC* c_table = &self._folder.c_table
        cdef const byte_t* c_name
        cdef uint32_t size, position, start, end, flags, kept, form, n, name, token_count, first_token = 0
        cdef int64_t low, high
        cdef GroupC groups[2]          # names that are looked at together, and the next ones
        cdef GroupC* c_group = &groups[0]
        cdef GroupC* c_next = &groups[1]
        cdef TokenC* c_token
        cdef NewC* c_new
        cdef uint64_t value
        cdef uint8_t signs, subject
        cdef bint simple, asked, together
        self._other_count = 0
        with nogil:
            for i in range(count):
                low = starts[i]
                high = starts[i + 1]
                if high < low or high > text.shape[0] or high - low > 0x7FFFFFFF:
                    with gil:
                        raise ValueError("starts must not fall")
            c_group.first = c_group.after = 0
            self._cut(c_table, c_text, starts, 0, count, c_next)
            self._fetch(c_table, c_text, starts, c_next)
            for i in range(count):
                if i == c_group.after:
                    # What is remembered of words lies far apart. It is fetched for some names together, and before it
                    # is asked for the next ones are cut.
                    c_group, c_next = c_next, c_group
                    self._cut(c_table, c_text, starts, c_group.after, count, c_next)
                    first_token = 0
                low = starts[i]
                size = <uint32_t> (starts[i + 1] - low)
                c_name = c_text + low
                make_room(<void**> &self._row, &self._row_room, self._row_filled + NAME_WORDS_MAX, sizeof(uint32_t))
                position = flags = kept = start = end = n = 0
                simple = True
                token_count = c_group.counts[i - c_group.first]
                together = token_count < TOKENS_MAX and token_count <= token_max  # else flags end with the words
                if together:
                    flags = c_group.flags[i - c_group.first]
                while True:
                    c_new = NULL
                    if not together:
                        if not next_token(c_table, c_name, size, &position, &start, &end, &flags):
                            break
                        value = hash_bytes(c_name + start, end - start)
                    elif n == token_count:
                        break
                    else:
                        c_token = &c_group.tokens[first_token + n]
                        start = c_token.start
                        end = c_token.end
                        value = c_token.hash
                        if c_token.new:
                            c_new = &c_group.new[c_token.new - 1]
                        n += 1
                    form = self._folded(c_table, c_name + start, end - start, value, c_new, &flags)
                    if form == NO_FORM:
                        continue
                    if kept == token_max:
                        flags |= FLAG_LONG
                        break
                    simple = simple and (c_name[start] < 0x80 or c_name[start] == 0xD0 or c_name[start] == 0xD1)
                    self._row[self._row_filled + kept] = form
                    kept += 1
                first_token += token_count
                firsts[i] = self._row_filled
                counts[i] = <uint8_t> kept
                flags_out[i] = <uint8_t> flags
                self._row_filled += kept
                if i + 1 == c_group.after:
                    self._fetch(c_table, c_text, starts, c_next)
                if subjects is None:
                    continue
                subject = subjects[i]
                signs = 0
                for n in range(size):
                    signs |= signs_of[c_name[n]]
                if self._may_be_read(c_name, size, subject, self._row + firsts[i], kept, signs):
                    needs[i] = NEEDS_READING
                if subject & (SUBJECT_COMPANY | SUBJECT_PERHAPS):
                    needs[i] |= self._may_be_spelled(
                        c_name, size, subject, self._row + firsts[i], kept, signs, simple
                    )
            name = 0
            for i in range(owned.shape[0] if owned is not None else 0):
                asked = False
                for n in range(name, name + owned[i]):
                    asked = asked or needs[n] & NEEDS_EASY
                if asked and self._spell_easily(
                    c_table, c_text, &starts[0], &needs[0], &firsts[0], &counts[0], name, name + owned[i]
                ):
                    for n in range(name, name + owned[i]):
                        needs[n] = 0
                for n in range(name, name + owned[i]):
                    needs[n] &= NEEDS_READING | NEEDS_SPELLING
                name += owned[i]
        other_names = np.empty(self._other_count, dtype=np.uint32)
        other_firsts = np.empty(self._other_count, dtype=np.uint64)
        other_counts = np.empty(self._other_count, dtype=np.uint8)
        other_flags = np.empty(self._other_count, dtype=np.uint8)
        cdef uint32_t[::1] names_out = other_names
        cdef uint64_t[::1] other_firsts_out = other_firsts
        cdef uint8_t[::1] other_counts_out = other_counts
        cdef uint8_t[::1] other_flags_out = other_flags
        for n in range(<uint32_t> self._other_count):
            names_out[n] = self._others[n].name
            other_firsts_out[n] = self._others[n].first
            other_counts_out[n] = self._others[n].count
            other_flags_out[n] = self._others[n].flags
        return (
            firsts_array, counts_array, flags_array, needs_array,
            (other_names, other_firsts, other_counts, other_flags),
        )

    def laid_out(self, const uint64_t[::1] firsts not None, const uint8_t[::1] counts not None):
        """Number the forms of N names, and their keys, in the order in which they come, and lay everything out.

        Args:
            firsts, counts: Of the N names in their order, as `fold` gave them.

        Returns:
            (N + 1 offsets of names uint32, W forms uint32; F tokens of forms uint32, F + 1 offsets uint32 of their
            plain letters, the letters uint8, F of whether it is from a script without short vowels uint8; T + 1 offsets
            of keys uint32, the keys uint8, how often each key comes uint32). All F forms are in some name.

        Raises:
            ValueError: A row is not one of this object.
            OverflowError: There are more keys than an index may hold.
        """
        cdef uint64_t name_count = firsts.shape[0], name, total = 0, filled = 0, slot, mask, value
        cdef uint64_t plain_total = 0, key_filled = 0, key_room = 0
        cdef uint32_t form, token, token_count = 0, form_count = 0, i, size, number, place, known
        cdef uint64_t hashes[16]       # = FORMS_AHEAD
        cdef const byte_t* c_key
        if <uint64_t> counts.shape[0] != name_count:
            raise ValueError("counts do not fit the names")
        for name in range(name_count):
            total += counts[name]
            if firsts[name] + counts[name] > self._row_filled:
                raise ValueError("not a row of this object")
        if total >> 32:
            raise OverflowError("more than 2^32 words")
        for number in range(self._form_count):
            plain_total += self._form_sizes[3 * number]
            key_room += self._form_sizes[3 * number + 1]
        if plain_total >> 31 or key_room >> 31:
            raise OverflowError("more than 2 GiB of different words")
        starts_array = np.empty(name_count + 1, dtype=np.uint32)
        words_array = np.empty(total, dtype=np.uint32)
        tokens_array = np.empty(self._form_count, dtype=np.uint32)
        plain_starts_array = np.empty(<uint64_t> self._form_count + 1, dtype=np.uint32)
        plain_array = np.empty(plain_total, dtype=np.uint8)
        bare_array = np.empty(self._form_count, dtype=np.uint8)
        key_starts_array = np.empty(<uint64_t> self._form_count + 1, dtype=np.uint32)
        keys_array = np.empty(key_room, dtype=np.uint8)
        key_counts_array = np.zeros(self._form_count, dtype=np.uint32)
        mask = 64
        while mask < 2 * <uint64_t> self._form_count:
            mask *= 2
        slots_array = np.zeros(mask, dtype=np.uint64)
        mask -= 1
        cdef uint32_t[::1] starts = starts_array
        cdef uint32_t[::1] words = words_array
        cdef uint32_t[::1] tokens = tokens_array
        cdef uint32_t[::1] plain_starts = plain_starts_array
        cdef byte_t[::1] plain = plain_array
        cdef uint8_t[::1] bare = bare_array
        cdef uint32_t[::1] key_starts = key_starts_array
        cdef byte_t[::1] keys = keys_array
        cdef uint32_t[::1] key_counts = key_counts_array
        cdef uint64_t[::1] slots = slots_array
        cdef uint32_t[::1] seen = np.zeros(self._form_count, dtype=np.uint32)  # new number + 1
        cdef uint32_t[::1] order = np.empty(self._form_count, dtype=np.uint32)
        cdef uint32_t[::1] uses = np.zeros(self._form_count, dtype=np.uint32)
        with nogil:
            for name in range(name_count):
                starts[name] = <uint32_t> filled
                for i in range(counts[name]):
                    form = self._row[firsts[name] + i]
                    if firsts[name] + i + WORDS_AHEAD < self._row_filled:
                        __builtin_prefetch(&seen[self._row[firsts[name] + i + WORDS_AHEAD]])
                    if seen[form] == 0:
                        order[form_count] = form
                        form_count += 1
                        seen[form] = form_count
                    words[filled] = seen[form] - 1
                    uses[seen[form] - 1] += 1
                    filled += 1
            starts[name_count] = <uint32_t> filled
            plain_total = 0
            for number in range(form_count + FORMS_AHEAD):
                # The letters of a form are fetched two steps ahead, and its slot when they are here.
                if number < form_count:
                    __builtin_prefetch(self._form_bytes + self._form_starts[order[number]])
                if number >= FORMS_AHEAD // 2 and number - FORMS_AHEAD // 2 < form_count:
                    form = order[number - FORMS_AHEAD // 2]
                    value = hash_bytes(
                        self._form_bytes + self._form_starts[form] + self._form_sizes[3 * form],
                        self._form_sizes[3 * form + 1],
                    )
                    hashes[(number - FORMS_AHEAD // 2) % FORMS_AHEAD] = value
                    __builtin_prefetch(&slots[value & mask])
                if number < FORMS_AHEAD:
                    continue
                place = number - FORMS_AHEAD
                form = order[place]
                size = self._form_sizes[3 * form]
                plain_starts[place] = <uint32_t> plain_total
                if size:
                    memcpy(&plain[plain_total], self._form_bytes + self._form_starts[form], size)
                plain_total += size
                bare[place] = self._form_sizes[3 * form + 2]
                c_key = self._form_bytes + self._form_starts[form] + size
                size = self._form_sizes[3 * form + 1]
                value = hashes[place % FORMS_AHEAD]
                slot = value & mask
                token = token_count
                while slots[slot]:
                    if (slots[slot] ^ value) >> 32 == 0:
                        known = <uint32_t> slots[slot] - 1
                        if key_starts[known + 1] - key_starts[known] == size and same_bytes(
                            &keys[key_starts[known]], c_key, size
                        ):
                            token = known
                            break
                    slot = (slot + 1) & mask
                if token == token_count:
                    slots[slot] = value >> 32 << 32 | (token + 1)
                    key_starts[token] = <uint32_t> key_filled
                    memcpy(&keys[key_filled], c_key, size)
                    key_filled += size
                    token_count += 1
                    key_starts[token_count] = <uint32_t> key_filled
                tokens[place] = token
                key_counts[token] += uses[place]
            plain_starts[form_count] = <uint32_t> plain_total
            if token_count == 0:
                key_starts[0] = 0
        if token_count >= TOKEN_COUNT_MAX // 2:
            raise OverflowError("more than 2^23 different words")
        return (
            starts_array, words_array, tokens_array[:form_count], plain_starts_array[:form_count + 1],
            plain_array[:plain_total], bare_array[:form_count], key_starts_array[:token_count + 1],
            keys_array[:key_filled], key_counts_array[:token_count],
        )


def collect(
    list entries not None, Writer writer not None, entry_type, name_type, kind_person, kind_company, kinds_perhaps,
    str letterless not None,
):
    """Take the names out of E entries, and write the entries down.

    Args:
        entries: `sito.entries.Entry`, or whatever has its attributes.
        writer: Writes them down, behind what it has written.
        entry_type, name_type: What entries and names are, as a rule; others take longer.
        kind_person, kind_company: The kinds that are persons, and surely companies.
        kinds_perhaps: Kinds that may be companies.
        letterless: The field of `raw` that holds a name without letters.

    Returns:
        (UTF-8 of N names one after another, N + 1 offsets int64, N of what a name is taken from uint8, E counts of
        names uint32, E sizes in bytes uint64, how many names have no letters, places of
        entries that have identifiers).
    """
    cdef Py_ssize_t entry_count = len(entries), place, i, letterless_count = 0
    cdef Py_ssize_t kind_at = writer.place_of(entry_type, "kind"), names_at = writer.place_of(entry_type, "names")
    cdef Py_ssize_t raw_at = writer.place_of(entry_type, "raw"), text_at = writer.place_of(name_type, "text")
    cdef Py_ssize_t numbers_at = writer.place_of(entry_type, "identifiers")
    cdef bint known = kind_at >= 0 and names_at >= 0 and raw_at >= 0 and text_at >= 0 and numbers_at >= 0
    cdef uint64_t name_count = 0, offsets_room = 0, subjects_room = 0, before
    cdef OutC text
    cdef int64_t* c_starts = NULL
    cdef uint8_t* c_subjects = NULL
    cdef uint8_t subject
    cdef PyObject* c_entry
    cdef PyObject* c_names
    cdef PyObject* c_name
    cdef PyObject* c_raw
    cdef PyObject* c_kind = NULL
    cdef PyObject* c_numbers
    cdef PyObject* c_text
    cdef tuple perhaps = tuple(kinds_perhaps), held
    cdef Py_ssize_t count
    counts_array = np.empty(entry_count, dtype=np.uint32)
    sizes_array = np.empty(entry_count, dtype=np.uint64)
    cdef uint32_t[::1] counts = counts_array
    cdef uint64_t[::1] sizes = sizes_array
    with_numbers = []
    memset(&text, 0, sizeof(text))
    try:
        make_room(<void**> &c_starts, &offsets_room, 1, sizeof(int64_t))
        c_starts[0] = 0
        for place in range(entry_count):
            c_entry = PyList_GET_ITEM(<PyObject*> entries, place)
            if known:
                fetch_objects(<PyObject*> entries, place, entry_count, <PyObject*> entry_type, names_at)
            before = writer.out.size
            writer.write(c_entry)
            sizes[place] = writer.out.size - before
            c_names = c_raw = c_numbers = NULL
            if known and TYPE_OF(c_entry) == <PyObject*> entry_type:
                c_kind = part_of(c_entry, kind_at)
                c_names = part_of(c_entry, names_at)
                c_raw = part_of(c_entry, raw_at)
                c_numbers = part_of(c_entry, numbers_at)
            if c_names == NULL or c_raw == NULL or c_numbers == NULL or c_kind == NULL:
                entry = entries[place]
                held = (entry.kind, entry.names, entry.raw, entry.identifiers)
                c_kind = PyTuple_GET_ITEM(<PyObject*> held, 0)
                c_names = PyTuple_GET_ITEM(<PyObject*> held, 1)
                c_raw = PyTuple_GET_ITEM(<PyObject*> held, 2)
                c_numbers = PyTuple_GET_ITEM(<PyObject*> held, 3)
            if not PyTuple_CheckExact(c_names) or not PyTuple_CheckExact(c_raw):
                raise TypeError("an entry's names and raw fields must be tuples")
            subject = 0
            if c_kind == <PyObject*> kind_person:
                subject = SUBJECT_PERSON
            elif c_kind == <PyObject*> kind_company:
                subject = SUBJECT_COMPANY
            else:
                for i in range(PyTuple_GET_SIZE(<PyObject*> perhaps)):
                    if c_kind == PyTuple_GET_ITEM(<PyObject*> perhaps, i):
                        subject = SUBJECT_PERHAPS
            count = PyTuple_GET_SIZE(c_names)
            counts[place] = <uint32_t> count
            make_room(<void**> &c_starts, &offsets_room, name_count + count + 1, sizeof(int64_t))
            make_room(<void**> &c_subjects, &subjects_room, name_count + count, 1)
            for i in range(count):
                c_name = PyTuple_GET_ITEM(c_names, i)
                c_text = part_of(c_name, text_at) if known and TYPE_OF(c_name) == <PyObject*> name_type else NULL
                if c_text == NULL:
                    printed = (<object> c_name).text
                    c_text = <PyObject*> printed
                add_utf8(&text, c_text)
                c_subjects[name_count] = subject
                name_count += 1
                c_starts[name_count] = <int64_t> text.size
            for i in range(PyTuple_GET_SIZE(c_raw)):
                c_name = PyTuple_GET_ITEM(c_raw, i)
                if not PyTuple_CheckExact(c_name) or PyTuple_GET_SIZE(c_name) != 2:
                    raise TypeError("an entry's raw fields must be pairs")
                letterless_count += says(PyTuple_GET_ITEM(c_name, 0), letterless)
            if not PyTuple_CheckExact(c_numbers) or PyTuple_GET_SIZE(c_numbers):
                with_numbers.append(place)
        return (
            copied(text.data, text.size, np.uint8),
            copied(<byte_t*> c_starts, (name_count + 1) * sizeof(int64_t), np.int64),
            copied(c_subjects, name_count, np.uint8), counts_array, sizes_array,
            letterless_count, with_numbers,
        )
    finally:
        large_free(text.data, text.room)
        large_free(c_starts, offsets_room * sizeof(int64_t))
        large_free(c_subjects, subjects_room)


cdef inline void fetch_objects(
    PyObject* c_entries, Py_ssize_t place, Py_ssize_t count, PyObject* c_type, Py_ssize_t names_at,
) noexcept:
    """Fetch an entry some places ahead, and what a nearer one points at: objects lie anywhere in memory."""
    cdef PyObject* c_entry
    cdef PyObject* c_names
    if place + ENTRIES_AHEAD >= count:
        return
    c_entry = PyList_GET_ITEM(c_entries, place + ENTRIES_AHEAD)
    __builtin_prefetch(c_entry)
    __builtin_prefetch(<const byte_t*> c_entry + 64)
    c_entry = PyList_GET_ITEM(c_entries, place + ENTRIES_AHEAD // 2)
    if TYPE_OF(c_entry) != c_type:
        return
    c_names = part_of(c_entry, names_at)
    if c_names != NULL:
        __builtin_prefetch(c_names)


cdef inline bint says(PyObject* c_text, str text) except -1:
    """Is a text this one? Most have another length."""
    if PyUnicode_CheckExact(c_text) and PyUnicode_GET_LENGTH(c_text) != len(text):
        return False
    return <object> c_text == text


cdef object copied(const byte_t* c_source, uint64_t size, kind):
    array = np.empty(size, dtype=np.uint8)
    cdef byte_t[::1] view = array
    if size:
        memcpy(&view[0], c_source, size)
    return array.view(kind)
