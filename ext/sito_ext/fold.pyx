"""Text to tokens: the native twin of `sito.names.fold`, which is the specification."""

cimport cython
from libc.string cimport memcpy, memset

from sito_ext.types cimport byte_t, int32_t, uint8_t, uint16_t, uint32_t

cdef enum:
    CLASS_SEPARATOR = 0
    CLASS_VANISH = 1
    CLASS_LETTER = 2
    CLASS_CYRILLIC = 3
    CLASS_LATIN = 4

cdef enum:
    CODE_POINT_LIMIT = 0x30000
    PAGE_SIZE_BYTES = 1024


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


cdef inline const byte_t* cell_of(const FoldTableC* c_table, int32_t code) noexcept nogil:
    """Return the 8-byte cell of a code point, NULL where it is a separator by range."""
    if code < 0 or code >= CODE_POINT_LIMIT:
        return NULL
    return c_table.pages + <size_t> c_table.page_numbers[code >> 7] * PAGE_SIZE_BYTES + (code & 127) * 8


cdef bint next_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size,
    uint32_t* c_position, uint32_t* c_start, uint32_t* c_end, uint32_t* c_flags,
) noexcept nogil:
    """Find the next run of letters and vanishing signs; False at the end of the text."""
    cdef uint32_t position = c_position[0]
    cdef uint32_t width
    cdef int32_t code
    cdef const byte_t* c_cell
    cdef bint inside = False
    cdef uint8_t kind
    while position < size:
        if c_text[position] < 0x80:
            width = 1
            kind = c_table.ascii_class[c_text[position]]
        else:
            width = decode(c_text + position, size - position, &code)
            if code < 0:
                c_flags[0] |= FLAG_MALFORMED
            c_cell = cell_of(c_table, code)
            kind = c_cell[0] if c_cell != NULL else <uint8_t> CLASS_SEPARATOR
        if kind == CLASS_SEPARATOR:
            if inside:
                c_end[0] = position
                c_position[0] = position + width
                return True
        elif not inside:
            inside = True
            c_start[0] = position
        position += width
    c_position[0] = position
    if inside:
        c_end[0] = size
    return inside


cdef bint fold_token(
    const FoldTableC* c_table, const byte_t* c_text, uint32_t size, WordC* c_word, uint32_t* c_flags,
) noexcept nogil:
    """Fold one raw token as cut by `next_token`; False if no letter is left."""
    cdef uint32_t position = 0
    cdef int32_t code
    cdef const byte_t* c_cell
    cdef uint32_t cyrillic_count = 0, latin_count = 0
    cdef bint cyrillic_can = True, latin_can = True
    cdef uint8_t swap = 255
    cdef uint32_t offset, length, i, plain_length = 0
    cdef bint digit = False
    while position < size:
        position += decode(c_text + position, size - position, &code)
        c_cell = cell_of(c_table, code)
        if c_cell == NULL:
            continue
        if c_cell[0] == CLASS_CYRILLIC:
            cyrillic_count += 1
            cyrillic_can = cyrillic_can and c_cell[2] != 0
        elif c_cell[0] == CLASS_LATIN:
            latin_count += 1
            latin_can = latin_can and c_cell[2] != 0
    if cyrillic_count and latin_count:
        if latin_can and not (cyrillic_can and latin_count > cyrillic_count):
            swap = CLASS_LATIN
        elif cyrillic_can:
            swap = CLASS_CYRILLIC
    position = 0
    while position < size:
        position += decode(c_text + position, size - position, &code)
        c_cell = cell_of(c_table, code)
        if c_cell == NULL or c_cell[0] == CLASS_VANISH:
            continue
        memcpy(&offset, c_cell + 4, 4)
        length = c_cell[1]
        if c_cell[0] == swap:
            offset += length
            length = c_cell[2]
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
    make_key(c_table, c_word, digit)
    return True


cdef void make_key(const FoldTableC* c_table, WordC* c_word, bint digit) noexcept nogil:
    """Fill the key of a folded word: twin of `sito.names.keys.key`."""
    cdef byte_t marked[68]         # the word, its end mark, and room to read four bytes anywhere
    cdef uint32_t here
    cdef uint32_t length = c_word.plain_length
    cdef uint32_t i = 0, out = 0, r, j, step
    cdef const RuleC* c_rule
    cdef const byte_t* c_result
    cdef uint32_t result_length
    if digit:
        memcpy(c_word.key, c_word.plain, length)
        c_word.key_length = <uint8_t> length
        return
    memcpy(marked, c_word.plain, length)
    memcpy(&marked[length], b"$\0\0\0", 4)
    while i < length:
        step = 1
        c_result = &marked[i]
        result_length = 1
        memcpy(&here, &marked[i], 4)
        for r in range(c_table.rule_first[marked[i]], c_table.rule_first[marked[i] + 1]):
            c_rule = &c_table.rules[r]
            if (here & c_rule.mask) == c_rule.pattern:
                step = c_rule.length
                c_result = &c_rule.result[0]
                result_length = c_rule.result_length
                break
        for j in range(result_length):
            if out == 0 or c_word.key[out - 1] != c_result[j]:
                c_word.key[out] = c_result[j]
                out += 1
        i += step
    c_word.key_length = <uint8_t> out


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
        cdef uint32_t page_count, pool_size, rule_count, i, character, filled = 0
        cdef Py_ssize_t pages_at, pool_at, rules_at
        cdef RuleC rule
        self._data = table
        memset(&self.c_table, 0, sizeof(FoldTableC))
        if len(table) < 24 or table[:8] != b"SITOFOLD":
            raise ValueError("not a fold table")
        memcpy(&page_count, c_data + 8, 4)
        memcpy(&pool_size, c_data + 12, 4)
        memcpy(&rule_count, c_data + 16, 4)
        pages_at = 24 + 2 * (CODE_POINT_LIMIT >> 7)
        pool_at = pages_at + <Py_ssize_t> page_count * PAGE_SIZE_BYTES
        rules_at = pool_at + (<Py_ssize_t> pool_size + 7) // 8 * 8
        if rule_count > 512 or len(table) != rules_at + <Py_ssize_t> rule_count * 16:
            raise ValueError("not a fold table")
        self.c_table.page_numbers = <const uint16_t*> (c_data + 24)
        self.c_table.pages = c_data + pages_at
        self.c_table.pool = c_data + pool_at
        for character in range(128):
            self.c_table.rule_first[character] = <uint16_t> filled
            for i in range(rule_count):
                rule.length = c_data[rules_at + i * 16]
                rule.result_length = c_data[rules_at + i * 16 + 1]
                if rule.length < 1 or rule.length > 4 or rule.result_length > 8:
                    raise ValueError("not a fold table")
                rule.mask = <uint32_t> (0xFFFFFFFF >> (32 - 8 * rule.length))
                memcpy(&rule.pattern, c_data + rules_at + i * 16 + 2, 4)
                rule.pattern &= rule.mask
                memcpy(rule.result, c_data + rules_at + i * 16 + 8, 8)
                if c_data[rules_at + i * 16 + 2] == character:
                    self.c_table.rules[filled] = rule
                    filled += 1
            self.c_table.ascii_class[character] = self.c_table.pages[
                <size_t> self.c_table.page_numbers[0] * PAGE_SIZE_BYTES + character * 8
            ]
        self.c_table.rule_first[128] = <uint16_t> filled

    def fold(self, bytes text not None):
        """Cut a text into tokens.

        Args:
            text: UTF-8, valid or not, below 4 GiB.

        Returns:
            (list of (start, end, plain, key), malformed, cut), as `sito.names.fold.fold`.
        """
        cdef const byte_t* c_text = <const byte_t*> text
        cdef uint32_t size, position = 0, start = 0, end = 0, flags = 0
        cdef WordC word
        if len(text) > 0xFFFFFFFF:
            raise OverflowError("text of 4 GiB or more")
        size = <uint32_t> len(text)
        tokens = []
        while next_token(&self.c_table, c_text, size, &position, &start, &end, &flags):
            if fold_token(&self.c_table, c_text + start, end - start, &word, &flags):
                tokens.append((
                    start, end,
                    word.plain[:word.plain_length].decode("ascii"), word.key[:word.key_length].decode("ascii"),
                ))
        return tokens, bool(flags & FLAG_MALFORMED), bool(flags & FLAG_CUT)
