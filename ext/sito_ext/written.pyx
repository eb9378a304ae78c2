"""Entries as JSON, as `msgspec` writes them, byte by byte, in half of its time: a list has millions.

Structures of the types that are known keep their values where the members of the type say; these are read there, and
written without a call for each. Whatever else comes, a type, a value or a text that is not foreseen, is left to
`msgspec`, which is the twin: so it also says what is wrong with it.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from sito_ext.types cimport byte_t, large_free, large_room, uint8_t, uint16_t, uint32_t, uint64_t

from types import MemberDescriptorType

import msgspec

cdef extern from "Python.h":
    ctypedef struct PyMemberDef:
        int type
        Py_ssize_t offset
    ctypedef struct PyMemberDescrObject:
        PyMemberDef* d_member
    PyObject* Py_None
    PyObject* Py_True
    PyObject* Py_False
    bint PyUnicode_IS_READY(PyObject*)
    bint PyUnicode_IS_ASCII(PyObject*)
    unsigned int PyUnicode_KIND(PyObject*)
    void* PyUnicode_DATA(PyObject*)

cdef extern from "structmember.h":
    int T_OBJECT_EX

cdef enum:
    ROOM_MIN = 1 << 16
    DEPTH_MAX = 6                  # of values in one another
    ESCAPED_MAX = 6                # bytes of a character that must not stand as it is
    UTF8_MAX = 4

cdef const char* HEX = "0123456789abcdef"


cdef int grow(OutC* c_out, uint64_t more) except -1:
    """Make room for so many more bytes than there is."""
    cdef uint64_t room = c_out.room if c_out.room else ROOM_MIN
    cdef void* c_data
    while room - c_out.size < more:
        room *= 2
    c_data = large_room(c_out.data, c_out.room, room)
    if c_data == NULL:
        raise MemoryError
    c_out.data = <byte_t*> c_data
    c_out.room = room
    return 0


cdef inline void add_short(OutC* c_out, const byte_t* c_text, uint32_t size) noexcept:
    """Write what is mostly short. There is room for `SHORT_SIZE` bytes and for `size`; as many can be read."""
    if size <= SHORT_SIZE:
        memcpy(c_out.data + c_out.size, c_text, SHORT_SIZE)
    else:
        memcpy(c_out.data + c_out.size, c_text, size)
    c_out.size += size


cdef inline uint32_t letter_at(const void* c_text, unsigned int kind, Py_ssize_t at) noexcept nogil:
    if kind == 1:
        return (<const uint8_t*> c_text)[at]
    if kind == 2:
        return (<const uint16_t*> c_text)[at]
    return (<const uint32_t*> c_text)[at]


cdef inline uint32_t put_utf8(byte_t* c_out, uint32_t letter) noexcept nogil:
    """Write one character; half of a surrogate pair as if it were one. Returns how many bytes it has."""
    if letter < 0x80:
        c_out[0] = <byte_t> letter
        return 1
    if letter < 0x800:
        c_out[0] = <byte_t> (0xC0 | letter >> 6)
        c_out[1] = <byte_t> (0x80 | (letter & 63))
        return 2
    if letter < 0x10000:
        c_out[0] = <byte_t> (0xE0 | letter >> 12)
        c_out[1] = <byte_t> (0x80 | (letter >> 6 & 63))
        c_out[2] = <byte_t> (0x80 | (letter & 63))
        return 3
    c_out[0] = <byte_t> (0xF0 | letter >> 18)
    c_out[1] = <byte_t> (0x80 | (letter >> 12 & 63))
    c_out[2] = <byte_t> (0x80 | (letter >> 6 & 63))
    c_out[3] = <byte_t> (0x80 | (letter & 63))
    return 4


cdef int add_utf8(OutC* c_out, PyObject* c_text) except -1:
    """Write a text as UTF-8, halves of surrogate pairs as they are. Nothing is kept beside the text."""
    cdef Py_ssize_t length, i
    cdef unsigned int kind
    cdef const void* c_letters
    cdef const uint16_t* c_wide
    cdef uint16_t pair
    cdef byte_t* c_to
    cdef bytes data
    if not PyUnicode_CheckExact(c_text) or not PyUnicode_IS_READY(c_text):
        data = (<object> c_text).encode("utf-8", "surrogatepass")
        reserve(c_out, PyBytes_GET_SIZE(data))
        memcpy(c_out.data + c_out.size, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
        c_out.size += PyBytes_GET_SIZE(data)
        return 0
    length = PyUnicode_GET_LENGTH(c_text)
    c_letters = PyUnicode_DATA(c_text)
    reserve(c_out, UTF8_MAX * <uint64_t> length)
    c_to = c_out.data + c_out.size
    if PyUnicode_IS_ASCII(c_text):
        memcpy(c_to, c_letters, length)
        c_out.size += length
        return 0
    kind = PyUnicode_KIND(c_text)
    if kind == 2:
        c_wide = <const uint16_t*> c_letters
        for i in range(length):
            if 0x80 <= c_wide[i] < 0x800:
                pair = <uint16_t> (0x80C0 | c_wide[i] >> 6 | (c_wide[i] & 63) << 8)
                memcpy(c_to, &pair, 2)
                c_to += 2
            else:
                c_to += put_utf8(c_to, c_wide[i])
    else:
        for i in range(length):
            c_to += put_utf8(c_to, letter_at(c_letters, kind, i))
    c_out.size = c_to - c_out.data
    return 0


cdef inline bint stands(uint32_t letter) noexcept nogil:
    """May an ASCII character stand in a string of JSON as it is?"""
    return letter >= 0x20 and letter != c'"' and letter != c'\\'


cdef inline uint32_t put_escaped(byte_t* c_out, uint32_t letter) noexcept nogil:
    """Write one ASCII character as it stands in a string of JSON."""
    cdef byte_t short = 0
    if stands(letter):
        c_out[0] = <byte_t> letter
        return 1
    if letter == c'"' or letter == c'\\':
        short = <byte_t> letter
    elif letter == 8:
        short = c'b'
    elif letter == 9:
        short = c't'
    elif letter == 10:
        short = c'n'
    elif letter == 12:
        short = c'f'
    elif letter == 13:
        short = c'r'
    c_out[0] = c'\\'
    if short:
        c_out[1] = short
        return 2
    c_out[1] = c'u'
    c_out[2] = c_out[3] = c'0'
    c_out[4] = HEX[letter >> 4]
    c_out[5] = HEX[letter & 15]
    return 6


cdef inline bint all_stand_at(const byte_t* c_text) noexcept nogil:
    """May eight ASCII characters stand as they are?"""
    cdef uint64_t ones = 0x0101010101010101, letters
    memcpy(&letters, c_text, 8)
    return not (
        ((letters - 0x20 * ones) | ((letters ^ c'"' * ones) - ones) | ((letters ^ c'\\' * ones) - ones)) & 0x80 * ones
    )


@cython.final
cdef class Writer:
    """Writes structures down, one behind the other; a buffer of all.

    Args:
        encode: Writes what is not known here: an object in, bytes out.
        types: Types of structures. Their values are texts, tuples, members of `words`, structures, true, false, None.
        words: Members of enumerations that are written as texts.
    """

    def __cinit__(self, encode, types, words):
        cdef uint32_t number, place
        cdef ShapeC* c_shape
        cdef FieldC* c_field
        cdef PyMemberDef* c_member
        cdef bytes data, readable
        self._shapes = NULL
        self._words = NULL
        self._word_texts = NULL
        self._word_sizes = NULL
        self._shape_count = self._word_count = 0
        self._shown = False
        self.out.data = NULL
        self.out.size = self.out.room = 0
        self._encode = encode
        self._places = {}
        types, words = list(types), list(words)
        self._kept = [types, words]
        self._shapes = <ShapeC*> calloc(len(types) + 1, sizeof(ShapeC))
        self._words = <PyObject**> calloc(len(words) + 1, sizeof(PyObject*))
        self._word_texts = <const byte_t**> calloc(len(words) + 1, sizeof(byte_t*))
        self._word_sizes = <uint32_t*> calloc(len(words) + 1, sizeof(uint32_t))
        if self._shapes == NULL or self._words == NULL or self._word_texts == NULL or self._word_sizes == NULL:
            raise MemoryError
        for number, word in enumerate(words):
            data = encode(word)
            readable = padded(data)
            self._kept.append(readable)
            self._words[number] = <PyObject*> word
            self._word_texts[number] = <const byte_t*> PyBytes_AS_STRING(readable)
            self._word_sizes[number] = <uint32_t> len(data)
        self._word_count = <uint32_t> len(words)
        for kind in types:
            if not issubclass(kind, msgspec.Struct) or not simple(kind):
                continue               # it is left to `encode`
            fields = msgspec.structs.fields(kind)
            c_shape = self._shapes + self._shape_count
            c_shape.type = <PyObject*> kind
            c_shape.fields = <FieldC*> calloc(len(fields) + 1, sizeof(FieldC))
            self._shape_count += 1
            if c_shape.fields == NULL:
                raise MemoryError
            c_shape.count = <uint32_t> len(fields)
            for place, field in enumerate(fields):
                c_field = c_shape.fields + place
                member = getattr(kind, field.name)
                c_member = (<PyMemberDescrObject*> <PyObject*> member).d_member
                data = encode(field.encode_name) + b":"
                readable = padded(data)
                self._kept += [member, field.default, readable]
                c_field.offset = c_member.offset
                self._places[kind, field.name] = c_member.offset
                c_field.name = <const byte_t*> PyBytes_AS_STRING(readable)
                c_field.name_size = <uint32_t> len(data)
                if kind.__struct_config__.omit_defaults and field.default is not msgspec.NODEFAULT:
                    c_field.unsaid = <PyObject*> field.default

    def __dealloc__(self):
        cdef uint32_t number
        if self._shapes != NULL:
            for number in range(self._shape_count):
                free(self._shapes[number].fields)
        free(self._shapes)
        large_free(self.out.data, self.out.room)
        free(self._words)
        free(self._word_texts)
        free(self._word_sizes)

    cdef int _text(self, PyObject* c_text, OutC* c_out) except -1:
        """Write a text; returns 0 if it is not one that can be written here."""
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(c_text), i = 0
        cdef const void* c_letters
        cdef const byte_t* c_from
        cdef const uint16_t* c_wide
        cdef unsigned int kind
        cdef uint32_t letter
        cdef uint16_t pair
        cdef byte_t* c_to
        if not PyUnicode_IS_READY(c_text):
            return 0
        reserve(c_out, ESCAPED_MAX * <uint64_t> length + 16)
        c_letters = PyUnicode_DATA(c_text)
        c_to = c_out.data + c_out.size
        c_to[0] = c'"'
        c_to += 1
        if PyUnicode_IS_ASCII(c_text):
            c_from = <const byte_t*> c_letters
            while i + 8 <= length and all_stand_at(c_from + i):
                memcpy(c_to + i, c_from + i, 8)
                i += 8
            if i < length and length >= 8 and all_stand_at(c_from + length - 8):
                # The last eight, some of them again: what lies behind a text is not read.
                memcpy(c_to + length - 8, c_from + length - 8, 8)
                if length - i <= 8:
                    i = length
            c_to += i
            while i < length:
                c_to += put_escaped(c_to, c_from[i])
                i += 1
        elif PyUnicode_KIND(c_text) == 2:
            c_wide = <const uint16_t*> c_letters
            for i in range(length):
                letter = c_wide[i]
                if 0x80 <= letter < 0x800:
                    pair = <uint16_t> (0x80C0 | letter >> 6 | (letter & 63) << 8)
                    memcpy(c_to, &pair, 2)
                    c_to += 2
                elif letter < 0x80:
                    c_to += put_escaped(c_to, letter)
                elif letter & 0xF800 == 0xD800:
                    return 0
                else:
                    c_to += put_utf8(c_to, letter)
        else:
            kind = PyUnicode_KIND(c_text)
            for i in range(length):
                letter = letter_at(c_letters, kind, i)
                if letter < 0x80:
                    c_to += put_escaped(c_to, letter)
                elif letter & 0xFFFFF800 == 0xD800:
                    return 0
                else:
                    c_to += put_utf8(c_to, letter)
        c_to[0] = c'"'
        c_out.size = c_to + 1 - c_out.data
        return 1

    cdef int _value(self, PyObject* c_value, OutC* c_out, uint32_t depth) except -1:
        """Write a value; returns 0 if it is not one that can be written here."""
        cdef PyObject* c_type
        cdef PyObject* c_part
        cdef ShapeC* c_shape
        cdef FieldC* c_field
        cdef Py_ssize_t count, i
        cdef uint32_t number, place
        cdef bint more = False
        if c_value == NULL or depth == 0:
            return 0
        if PyUnicode_CheckExact(c_value):
            return self._text(c_value, c_out)
        reserve(c_out, 16)
        if PyTuple_CheckExact(c_value):
            count = PyTuple_GET_SIZE(c_value)
            c_out.data[c_out.size] = c'['
            c_out.size += 1
            for i in range(count):
                if i:
                    reserve(c_out, 1)
                    c_out.data[c_out.size] = c','
                    c_out.size += 1
                if not self._value(PyTuple_GET_ITEM(c_value, i), c_out, depth - 1):
                    return 0
            reserve(c_out, 1)
            c_out.data[c_out.size] = c']'
            c_out.size += 1
            return 1
        c_type = TYPE_OF(c_value)
        for number in range(self._shape_count):
            c_shape = self._shapes + number
            if c_shape.type != c_type:
                continue
            c_out.data[c_out.size] = c'{'
            c_out.size += 1
            for place in range(c_shape.count):
                c_field = c_shape.fields + place
                c_part = (<PyObject**> (<char*> c_value + c_field.offset))[0]
                if c_part == c_field.unsaid and c_part != NULL:
                    continue
                reserve(c_out, c_field.name_size + <uint32_t> SHORT_SIZE)
                c_out.data[c_out.size] = c','
                c_out.size += more
                add_short(c_out, c_field.name, c_field.name_size)
                more = True
                if not self._value(c_part, c_out, depth - 1):
                    return 0
            reserve(c_out, 1)
            c_out.data[c_out.size] = c'}'
            c_out.size += 1
            return 1
        for number in range(self._word_count):
            if self._words[number] == c_value:
                reserve(c_out, self._word_sizes[number] + <uint32_t> SHORT_SIZE)
                add_short(c_out, self._word_texts[number], self._word_sizes[number])
                return 1
        if c_value == Py_True or c_value == Py_None:
            memcpy(c_out.data + c_out.size, b"true" if c_value == Py_True else b"null", 4)
            c_out.size += 4
            return 1
        if c_value == Py_False:
            memcpy(c_out.data + c_out.size, b"false", 5)
            c_out.size += 5
            return 1
        return 0

    cdef Py_ssize_t place_of(self, object kind, str name) except -2:
        """Say where objects of a type keep a value; -1 if that is not known here."""
        return self._places.get((kind, name), -1)

    cdef int write(self, PyObject* c_entry) except -1:
        """Write one object down behind those before."""
        cdef OutC* c_out = &self.out
        cdef uint64_t before = c_out.size
        cdef bytes data
        if self._shown:
            raise BufferError("what was written is in use")
        if self._value(c_entry, c_out, DEPTH_MAX):
            return 0
        c_out.size = before
        data = self._encode(<object> c_entry)
        reserve(c_out, PyBytes_GET_SIZE(data))
        memcpy(c_out.data + before, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
        c_out.size += PyBytes_GET_SIZE(data)
        return 0

    def __getbuffer__(self, Py_buffer* c_buffer, int flags):
        """Show what was written. Nothing more can be written after that."""
        self._shown = True
        PyBuffer_FillInfo(c_buffer, self, self.out.data, <Py_ssize_t> self.out.size, True, flags)

    def view(self):
        """Return all that was written. Nothing more can be written after that."""
        return memoryview(self)

    def __len__(self):
        return <Py_ssize_t> self.out.size

    def add(self, entry):
        """Write one object down behind those before."""
        self.write(<PyObject*> entry)


cdef bytes padded(bytes data):
    """Let at least `SHORT_SIZE` bytes be read."""
    return data + bytes(SHORT_SIZE)


cdef bint simple(kind) except -1:
    """Does a type of structures write its fields as they are, and keep them where its members say?"""
    config = kind.__struct_config__
    fields = msgspec.structs.fields(kind)
    for field in fields:
        member = kind.__dict__.get(field.name)
        if type(member) is not MemberDescriptorType or field.default_factory is not msgspec.NODEFAULT:
            return False
        if (<PyMemberDescrObject*> <PyObject*> member).d_member.type != T_OBJECT_EX:
            return False
    return not config.array_like and config.tag is None
