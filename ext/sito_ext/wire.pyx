"""The wire format of screening requests and answers: read and written without protobuf's objects.

A request is walked over once, without the GIL: every field is checked as protobuf's own parser (upb) checks it, and
what protobuf refuses is refused. What is left are spans of texts in the message. Most records are plain: their fields
hold just what their names say, and `sito_server.convert` would take each text as it stands. Of those the texts are laid
out for the matcher with no Python object for a record; the others are told by number, and go the long way.

An answer is written from its end to its beginning, so that the size of a message is known when it is put before it.

The fields and their numbers are those of proto/sito/v1/screening.proto; `tests/ext/test_wire.py` compares both ways
with the generated classes.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcpy, memset

from sito_ext.cpu cimport path
from sito_ext.types cimport byte_t, word_of

import numpy as np

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* UTF-8 of one text, as protobuf wants it: no half of a surrogate pair, nothing overlong, nothing above U+10FFFF.
       One character at a time; returns 1 if it is right. */
    static int sito_utf8_plain(const uint8_t* c_text, size_t size, const uint8_t* c_end)
    {
        size_t i = 0;
        (void) c_end;
        while (i < size) {
            uint8_t b = c_text[i];
            if (b < 0x80) { i += 1; continue; }
            if (b < 0xC2) return 0;
            if (b < 0xE0) {
                if (size - i < 2 || (c_text[i + 1] & 0xC0) != 0x80) return 0;
                i += 2;
            } else if (b < 0xF0) {
                if (size - i < 3 || (c_text[i + 1] & 0xC0) != 0x80 || (c_text[i + 2] & 0xC0) != 0x80) return 0;
                if ((b == 0xE0 && c_text[i + 1] < 0xA0) || (b == 0xED && c_text[i + 1] > 0x9F)) return 0;
                i += 3;
            } else {
                if (b > 0xF4 || size - i < 4 || (c_text[i + 1] & 0xC0) != 0x80 || (c_text[i + 2] & 0xC0) != 0x80
                    || (c_text[i + 3] & 0xC0) != 0x80) return 0;
                if ((b == 0xF0 && c_text[i + 1] < 0x90) || (b == 0xF4 && c_text[i + 1] > 0x8F)) return 0;
                i += 4;
            }
        }
        return 1;
    }

    typedef int (*sito_utf8_way)(const uint8_t*, size_t, const uint8_t*);

    #if defined(__x86_64__)
    /* The same, many bytes at a time: of each block one bit a byte that opens two or three bytes, and one that
       continues; the former, moved on, must be the latter. Texts with a byte that opens four, or one whose next byte
       has bounds of its own (E0, ED) or that never occurs (C0, C1, F5 to FF), are left to the careful way.

       `high` are the bytes from 80 on, `low_c0` and so on those below C0 among them; `due` the bytes of this block that
       must continue what the one before began, later those of the next block. Returns 1 on, 0 wrong, -1 careful way. */
    static inline int sito_utf8_block(
        uint64_t high, uint64_t low_c0, uint64_t low_c2, uint64_t low_e0, uint64_t odd, unsigned width, uint64_t* due)
    {
        uint64_t opens_two = low_e0 & ~low_c2;
        uint64_t opens_three = high & ~low_e0;
        uint64_t open = opens_two | opens_three;
        uint64_t all = (open << 1) | (opens_three << 2) | *due;
        if ((opens_three & odd) | (low_c2 & ~low_c0))
            return -1;
        *due = (open >> (width - 1)) | (opens_three >> (width - 2));
        if (width < 64)
            all &= (1ull << width) - 1;
        return all == low_c0;
    }

    /* The body of a loop over vectors of signed bytes: those from 80 to FF are below zero, and rise. BITS has a
       bit for each of those, and for each that a comparison is true of. No byte beyond c_end is read. */
    #define SITO_UTF8(bytes_t, BITS) {                                                                          \\
        uint64_t due = 0;                                                                                       \\
        for (size_t at = 0; at < size; at += sizeof(bytes_t)) {                                                 \\
            const uint8_t* c_from = c_text + at;                                                                \\
            uint64_t within = size - at >= sizeof(bytes_t)                                                      \\
                ? (1ull << sizeof(bytes_t)) - 1 : (1ull << (size - at)) - 1;                                    \\
            uint8_t last[sizeof(bytes_t)];                                                                      \\
            bytes_t block;                                                                                      \\
            if ((size_t) (c_end - c_from) < sizeof last) {                                                      \\
                memset(last, 0, sizeof last);                                                                   \\
                memcpy(last, c_from, size - at < sizeof last ? size - at : sizeof last);                        \\
                c_from = last;                                                                                  \\
            }                                                                                                   \\
            memcpy(&block, c_from, sizeof block);                                                               \\
            uint64_t high = BITS(block) & within;                                                               \\
            if (high | due) {                                                                                   \\
                int on = sito_utf8_block(                                                                       \\
                    high, BITS(block < (int8_t) 0xC0) & high, BITS(block < (int8_t) 0xC2) & high,               \\
                    BITS(block < (int8_t) 0xE0) & high,                                                         \\
                    BITS((block > (int8_t) 0xEF) | (block == (int8_t) 0xE0) | (block == (int8_t) 0xED)),        \\
                    sizeof(bytes_t), &due);                                                                     \\
                if (on <= 0)                                                                                    \\
                    return on < 0 ? sito_utf8_plain(c_text, size, c_end) : 0;                                   \\
            }                                                                                                   \\
        }                                                                                                       \\
        return due == 0;                                                                                        \\
    }

    static int sito_utf8_sse2(const uint8_t* c_text, size_t size, const uint8_t* c_end)
    SITO_UTF8(sito_bytes_16, SITO_BITS_16)

    __attribute__((target("avx2")))
    static int sito_utf8_avx2(const uint8_t* c_text, size_t size, const uint8_t* c_end)
    SITO_UTF8(sito_bytes_32, SITO_BITS_32)

    __attribute__((target("avx512f,avx512bw")))
    static int sito_utf8_avx512(const uint8_t* c_text, size_t size, const uint8_t* c_end)
    {
        uint64_t due = 0;
        for (size_t at = 0; at < size; at += 64) {
            uint64_t within = size - at >= 64 ? ~0ull : (1ull << (size - at)) - 1;
            __m512i block = _mm512_maskz_loadu_epi8(within, c_text + at);  /* bytes outside are not touched */
            uint64_t high = _mm512_movepi8_mask(block);
            if (high | due) {
                uint64_t low_c0 = _mm512_mask_cmplt_epi8_mask(high, block, _mm512_set1_epi8((char) 0xC0));
                uint64_t low_c2 = _mm512_mask_cmplt_epi8_mask(high, block, _mm512_set1_epi8((char) 0xC2));
                uint64_t low_e0 = _mm512_mask_cmplt_epi8_mask(high, block, _mm512_set1_epi8((char) 0xE0));
                uint64_t odd = _mm512_cmpgt_epi8_mask(block, _mm512_set1_epi8((char) 0xEF))
                    | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8((char) 0xE0))
                    | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8((char) 0xED));
                int on = sito_utf8_block(high, low_c0, low_c2, low_e0, odd, 64, &due);
                if (on <= 0)
                    return on < 0 ? sito_utf8_plain(c_text, size, c_end) : 0;
            }
        }
        return due == 0;
    }

    static const sito_utf8_way sito_utf8_ways[] = {
        sito_utf8_plain, sito_utf8_sse2, sito_utf8_avx2, sito_utf8_avx512};
    #else
    static const sito_utf8_way sito_utf8_ways[] = {sito_utf8_plain};
    #endif
    """
    ctypedef int (*sito_utf8_way)(const uint8_t*, size_t, const uint8_t*) noexcept nogil
    const sito_utf8_way* sito_utf8_ways

cdef enum:
    WIRE_VARINT = 0
    WIRE_FIXED64 = 1
    WIRE_BYTES = 2
    WIRE_GROUP = 3
    WIRE_GROUP_END = 4
    WIRE_FIXED32 = 5
    DEPTH_MAX = 100                # messages and groups within each other; as upb
    SIZE_MAX = 0x7FFFFFFF          # bytes of one message

cdef enum:                         # subject of a record
    SUBJECT_NONE = 0
    SUBJECT_PAYMENT = 1
    SUBJECT_CUSTOMER = 2

cdef enum:                         # how a record is read
    FORM_ODD = 0                   # by `sito_server.convert`, which may refuse it
    FORM_PLAIN = 1                 # every text stands as it is received, but for outer blanks and `ИП `
    FORM_NOISY = 2                 # likewise, but a name field may hold more than a name

cdef enum:                         # limits and numbers of `sito_server.convert`
    PARTIES_MAX = 100
    NUMBERS_MAX = 100
    VALUE_SIZE_MAX = 1000          # so many bytes are at most so many characters
    TEXT_SIZE_MAX = 100000
    CLEARED_MAX = 100000
    # a name field of more bytes is not told apart: `sito.formats.noise` leaves longer texts as they are
    CLEAN_SIZE_MAX = 2000
    PROPRIETOR_SIZE = 5            # bytes of `ИП ` before a person's name
    ROLE_CUSTOMER = 1
    ROLE_PURPOSE = 12
    KIND_LAST = 5
    SIDE_LAST = 3
    OPERATION_LAST = 7
    OCCASION_LAST = 3
    NUMBER_TYPE_LAST = 17
    NUMBER_TYPE_PHONE = 16         # never looked up

cdef enum:                         # modes of the matcher
    MODE_PARTY = 0
    MODE_TEXT = 1
    MODE_NUMBER = 2
    MODE_COUNT = 3

cdef enum:
    STORE_COUNT = 5                # of a reader
    POOL_MAX = 8                   # requests whose stores are kept
    POOLED_ROOM_MAX = 1 << 15      # items of a store that is kept
    SHORT_MAX = 4096               # bytes of a message that is read under the GIL

cdef struct SpanC:                 # bytes of the message
    uint32_t start
    uint32_t size

cdef struct NumberC:
    int32_t type
    SpanC number
    SpanC country

cdef struct PartyC:
    int32_t role
    int32_t kind
    SpanC name
    SpanC birth_date
    SpanC country
    SpanC address
    uint32_t number_first
    uint32_t number_count
    uint32_t alias_first
    uint32_t alias_count

cdef struct RecordC:
    SpanC whole
    SpanC record_id
    SpanC purpose
    SpanC amount
    SpanC currency
    SpanC date
    SpanC client_id
    uint32_t party_first
    uint32_t party_count
    uint32_t number_first          # where its numbers and aliases begin, to take them back
    uint32_t alias_first
    int32_t client_side
    int32_t operation
    int32_t occasion
    uint8_t subject
    uint8_t form                   # once they were sorted

cdef struct StoreC:                # one kind of item in a row
    void* items
    uint32_t count
    uint32_t room

cdef struct ReaderC:
    const byte_t* data             # of the whole message
    const byte_t* at
    const byte_t* end              # of the whole message
    uint32_t number                # the field that `next_field` met
    uint32_t wire
    uint64_t value                 # of a varint; of a length-delimited field its start, and from bit 32 on its size
    StoreC records                 # these five in a row, see `take_stores`
    StoreC parties
    StoreC numbers
    StoreC aliases
    StoreC cleared
    SpanC request_id
    uint64_t record_count          # in the message; `records` keeps no more than the limit
    uint64_t cleared_count
    uint64_t text_count
    uint32_t record_limit
    uint32_t text_limit
    bint no_memory


# --- bytes ----------------------------------------------------------------------------------------------------------

cdef inline int read_short(ReaderC* c, const byte_t* c_end, uint32_t* c_value) noexcept nogil:
    """Read a tag or a size: at most five bytes, below 2^32; 0 or -1."""
    cdef uint64_t value = 0
    cdef uint32_t i
    cdef byte_t b
    if c.at < c_end and c.at[0] < 0x80:
        c_value[0] = c.at[0]
        c.at += 1
        return 0
    for i in range(5):
        if c.at >= c_end:
            return -1
        b = c.at[0]
        c.at += 1
        value |= <uint64_t> (b & 0x7F) << (7 * i)
        if b < 0x80:
            if value >> 32:
                return -1
            c_value[0] = <uint32_t> value
            return 0
    return -1


cdef inline int read_varint(ReaderC* c, const byte_t* c_end) noexcept nogil:
    """Read a number of at most ten bytes into `value`; what would stand above 64 bits is dropped, as upb does."""
    cdef uint64_t value = 0
    cdef uint32_t i
    cdef byte_t b
    for i in range(10):
        if c.at >= c_end:
            return -1
        b = c.at[0]
        c.at += 1
        value |= <uint64_t> (b & 0x7F) << (7 * i)
        if b < 0x80:
            c.value = value
            return 0
    return -1


cdef int skip_group(ReaderC* c, const byte_t* c_end, uint32_t number, int depth) noexcept nogil:
    """Skip all up to the end of a group, other groups within it; 0 or -1."""
    cdef uint32_t tag
    if depth < 0:
        return -1
    while True:
        if read_short(c, c_end, &tag) < 0:
            return -1
        # Field 0, which is refused elsewhere, is let through here: upb does so.
        if tag & 7 == WIRE_GROUP_END:
            return 0 if tag >> 3 == number else -1
        if read_value(c, c_end, tag, depth) < 0:
            return -1


cdef inline int read_value(ReaderC* c, const byte_t* c_end, uint32_t tag, int depth) noexcept nogil:
    """Read the value behind a tag; 0 or -1."""
    cdef uint32_t size
    cdef uint32_t wire = tag & 7
    if wire == WIRE_BYTES:
        if read_short(c, c_end, &size) < 0 or size > <size_t> (c_end - c.at):
            return -1
        # In one piece: what is written as two halves and read as a whole makes the processor wait.
        c.value = <uint64_t> (c.at - c.data) | <uint64_t> size << 32
        c.at += size
        return 0
    if wire == WIRE_VARINT:
        return read_varint(c, c_end)
    if wire == WIRE_FIXED64 or wire == WIRE_FIXED32:
        size = 8 if wire == WIRE_FIXED64 else 4
        if size > <size_t> (c_end - c.at):
            return -1
        c.at += size
        return 0
    if wire == WIRE_GROUP:
        return skip_group(c, c_end, tag >> 3, depth - 1)
    return -1


cdef inline int next_field(ReaderC* c, const byte_t* c_end, int depth) noexcept nogil:
    """Read one field, known or not: 1 a field, 0 the end of the message, -1 this is no protobuf."""
    cdef uint32_t tag
    if c.at >= c_end:
        return 0
    if read_short(c, c_end, &tag) < 0:
        return -1
    c.number = tag >> 3
    c.wire = tag & 7
    if c.number == 0 or read_value(c, c_end, tag, depth) < 0:
        return -1
    return 1


cdef inline SpanC span_of(uint64_t value) noexcept nogil:
    cdef SpanC span
    span.start = <uint32_t> value
    span.size = <uint32_t> (value >> 32)
    return span


cdef inline int take_text(ReaderC* c, SpanC* c_span) noexcept nogil:
    """Keep the text that `next_field` met; -1 if it is not UTF-8."""
    cdef const byte_t* c_text = c.data + <uint32_t> c.value
    cdef uint32_t size = <uint32_t> (c.value >> 32)
    cdef uint64_t first, last
    c_span[0] = span_of(c.value)
    if 8 <= size <= 16:            # mostly ids, dates and amounts, of ASCII alone
        memcpy(&first, c_text, 8)
        memcpy(&last, c_text + size - 8, 8)
        if not (first | last) & <uint64_t> 0x8080808080808080:
            return 0
    elif size < 8 and (size == 0 or not word_of(c_text, size) & <uint64_t> 0x8080808080808080):
        return 0
    return 0 if sito_utf8_ways[path](c_text, size, c.end) else -1


cdef inline void* add(StoreC* c_store, size_t item_size) noexcept nogil:
    """Return the place of one more item, NULL without memory."""
    cdef void* c_more
    cdef uint32_t room
    if c_store.count == c_store.room:
        # The callers' limits keep counts far below 2^31.
        room = 2 * c_store.room if c_store.room else 64
        c_more = realloc(c_store.items, room * item_size)
        if c_more == NULL:
            return NULL
        c_store.items = c_more
        c_store.room = room
    c_store.count += 1
    return <byte_t*> c_store.items + (c_store.count - 1) * item_size


# --- messages -------------------------------------------------------------------------------------------------------

cdef int read_number(ReaderC* c, uint64_t whole, NumberC* c_number, int depth) noexcept nogil:
    """Read a message Identifier."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef int status
    if depth < 0:
        return -1
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status <= 0:
            return status
        if c.wire == WIRE_BYTES:
            if c.number == 2:
                if take_text(c, &c_number.number) < 0:
                    return -1
            elif c.number == 3:
                if take_text(c, &c_number.country) < 0:
                    return -1
        elif c.wire == WIRE_VARINT and c.number == 1:
            c_number.type = <int32_t> <uint32_t> c.value


cdef int read_party(ReaderC* c, uint64_t whole, PartyC* c_party, int depth) noexcept nogil:
    """Read a message Party on top of what the party holds already."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef const byte_t* c_next
    cdef NumberC spare
    cdef NumberC* c_number
    cdef SpanC* c_alias
    cdef int status
    if depth < 0:
        return -1
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status <= 0:
            return status
        if c.wire == WIRE_BYTES:
            if c.number == 2:
                if take_text(c, &c_party.name) < 0:
                    return -1
            elif c.number == 4:
                if take_text(c, &c_party.birth_date) < 0:
                    return -1
            elif c.number == 5:
                c.text_count += 1
                c_number = &spare
                if c.text_count <= c.text_limit:
                    c_number = <NumberC*> add(&c.numbers, sizeof(NumberC))
                    if c_number == NULL:
                        c.no_memory = True
                        return -1
                    c_party.number_count += 1
                memset(c_number, 0, sizeof(NumberC))
                c_next = c.at
                if read_number(c, c.value, c_number, depth - 1) < 0:
                    return -1
                c.at = c_next
            elif c.number == 6:
                if take_text(c, &c_party.country) < 0:
                    return -1
            elif c.number == 7:
                if take_text(c, &c_party.address) < 0:
                    return -1
            elif c.number == 8:
                c.text_count += 1
                if c.text_count <= c.text_limit:
                    c_alias = <SpanC*> add(&c.aliases, sizeof(SpanC))
                    if c_alias == NULL:
                        c.no_memory = True
                        return -1
                    c_party.alias_count += 1
                    if take_text(c, c_alias) < 0:
                        return -1
                elif take_text(c, &spare.number) < 0:
                    return -1
        elif c.wire == WIRE_VARINT:
            if c.number == 1:
                c_party.role = <int32_t> <uint32_t> c.value
            elif c.number == 3:
                c_party.kind = <int32_t> <uint32_t> c.value


cdef inline PartyC* add_party(ReaderC* c, RecordC* c_record, PartyC* c_spare) noexcept nogil:
    """Begin one more party of a record; what is above the limit of texts goes to `c_spare`. NULL without memory."""
    cdef PartyC* c_party = c_spare
    c.text_count += 1
    if c.text_count <= c.text_limit:
        c_party = <PartyC*> add(&c.parties, sizeof(PartyC))
        if c_party == NULL:
            c.no_memory = True
            return NULL
        c_record.party_count += 1
    memset(c_party, 0, sizeof(PartyC))
    c_party.number_first = c.numbers.count
    c_party.alias_first = c.aliases.count
    return c_party


cdef int read_payment(ReaderC* c, uint64_t whole, RecordC* c_record, int depth) noexcept nogil:
    """Read a message Payment on top of what the record holds already."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef const byte_t* c_next
    cdef PartyC spare
    cdef PartyC* c_party
    cdef SpanC* c_span
    cdef int status
    if depth < 0:
        return -1
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status <= 0:
            return status
        if c.wire == WIRE_VARINT:
            if c.number == 6:
                c_record.client_side = <int32_t> <uint32_t> c.value
            elif c.number == 7:
                c_record.operation = <int32_t> <uint32_t> c.value
            continue
        if c.wire != WIRE_BYTES or (c.number > 5 and c.number != 8):
            continue
        if c.number == 1:
            c_party = add_party(c, c_record, &spare)
            if c_party == NULL:
                return -1
            c_next = c.at
            if read_party(c, c.value, c_party, depth - 1) < 0:
                return -1
            c.at = c_next
            continue
        if c.number == 2:
            c_span = &c_record.purpose
        elif c.number == 3:
            c_span = &c_record.amount
        elif c.number == 4:
            c_span = &c_record.currency
        elif c.number == 5:
            c_span = &c_record.date
        else:
            c_span = &c_record.client_id
        if take_text(c, c_span) < 0:
            return -1


cdef int read_customer(ReaderC* c, uint64_t whole, RecordC* c_record, int depth) noexcept nogil:
    """Read a message Customer on top of what the record holds already: two parties of one customer are one."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef const byte_t* c_next
    cdef PartyC spare
    cdef PartyC* c_party
    cdef int status
    if depth < 0:
        return -1
    memset(&spare, 0, sizeof(PartyC))
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status <= 0:
            return status
        if c.wire == WIRE_VARINT and c.number == 2:
            c_record.occasion = <int32_t> <uint32_t> c.value
        elif c.wire == WIRE_BYTES and c.number == 1:
            if c_record.party_count:
                c_party = <PartyC*> c.parties.items + c_record.party_first
            else:
                c_party = add_party(c, c_record, &spare)
                if c_party == NULL:
                    return -1
            c_next = c.at
            if read_party(c, c.value, c_party, depth - 1) < 0:
                return -1
            c.at = c_next


cdef void turn_to(ReaderC* c, RecordC* c_record, uint8_t subject, uint64_t text_count) noexcept nogil:
    """Let a record be of a subject; what it held of the other one is gone."""
    if c_record.subject == subject:
        return
    c_record.subject = subject
    c.parties.count = c_record.party_first
    c.numbers.count = c_record.number_first
    c.aliases.count = c_record.alias_first
    c_record.party_count = 0
    memset(&c_record.purpose, 0, sizeof(SpanC))
    memset(&c_record.amount, 0, sizeof(SpanC))
    memset(&c_record.currency, 0, sizeof(SpanC))
    memset(&c_record.client_id, 0, sizeof(SpanC))
    memset(&c_record.date, 0, sizeof(SpanC))
    c_record.client_side = c_record.operation = c_record.occasion = 0
    # Those that were not kept for want of room are not taken back: the message is refused.
    if c.text_count <= c.text_limit:
        c.text_count = text_count


cdef int read_record(ReaderC* c, uint64_t whole, RecordC* c_record, int depth) noexcept nogil:
    """Read a message Record."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef const byte_t* c_next
    cdef uint64_t text_count = c.text_count
    cdef int status
    if depth < 0:
        return -1
    memset(c_record, 0, sizeof(RecordC))
    c_record.whole = span_of(whole)
    c_record.party_first = c.parties.count
    c_record.number_first = c.numbers.count
    c_record.alias_first = c.aliases.count
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status < 0:
            return -1
        if status == 0:
            c.text_count += c_record.purpose.size > 0
            return 0
        if c.wire != WIRE_BYTES or c.number > 3:
            continue
        if c.number == 1:
            if take_text(c, &c_record.record_id) < 0:
                return -1
            continue
        c_next = c.at
        if c.number == 2:
            turn_to(c, c_record, SUBJECT_PAYMENT, text_count)
            if read_payment(c, c.value, c_record, depth - 1) < 0:
                return -1
        else:
            turn_to(c, c_record, SUBJECT_CUSTOMER, text_count)
            if read_customer(c, c.value, c_record, depth - 1) < 0:
                return -1
        c.at = c_next


cdef int read_clearance(ReaderC* c, uint64_t whole, int depth) noexcept nogil:
    """Look through a message Clearance, which is read elsewhere."""
    cdef const byte_t* c_end = c.data + <uint32_t> whole + (whole >> 32)
    cdef SpanC spare
    cdef int status
    if depth < 0:
        return -1
    c.at = c.data + <uint32_t> whole
    while True:
        status = next_field(c, c_end, depth)
        if status <= 0:
            return status
        if c.wire == WIRE_BYTES and c.number <= 5 and take_text(c, &spare) < 0:
            return -1


cdef int read_request(ReaderC* c, uint32_t size) noexcept nogil:
    """Read a message ScreenBatchRequest or ScreenStreamRequest, which are alike; 0 or -1."""
    cdef const byte_t* c_next
    cdef RecordC spare
    cdef RecordC* c_record
    cdef SpanC* c_span
    cdef int status
    c.at = c.data
    c.end = c.data + size
    while True:
        status = next_field(c, c.end, DEPTH_MAX)
        if status <= 0:
            return status
        if c.wire != WIRE_BYTES:
            continue
        c_next = c.at
        if c.number == 1:
            c.record_count += 1
            c_record = &spare
            if c.record_count <= c.record_limit:
                c_record = <RecordC*> add(&c.records, sizeof(RecordC))
                if c_record == NULL:
                    c.no_memory = True
                    return -1
            if read_record(c, c.value, c_record, DEPTH_MAX - 1) < 0:
                return -1
        elif c.number == 2:
            c.cleared_count += 1
            if c.cleared_count <= CLEARED_MAX:
                c_span = <SpanC*> add(&c.cleared, sizeof(SpanC))
                if c_span == NULL:
                    c.no_memory = True
                    return -1
                c_span[0] = span_of(c.value)
            if read_clearance(c, c.value, DEPTH_MAX - 1) < 0:
                return -1
        elif c.number == 3:
            if take_text(c, &c.request_id) < 0:
                return -1
        c.at = c_next


# --- which records are plain ----------------------------------------------------------------------------------------

cdef inline bint is_blank(byte_t b) noexcept nogil:
    """Is a byte one of the blanks that Python's `str.strip` takes off?"""
    return b == c' ' or (9 <= b <= 13) or (0x1C <= b <= 0x1F)


cdef inline bint no_nul(const byte_t* c_data, SpanC span) noexcept nogil:
    return span.size == 0 or memchr(c_data + span.start, 0, span.size) == NULL


cdef inline bint is_solid_start(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Is the first character of a text one that surely is no blank? Two-byte letters are none but U+0085, U+00A0."""
    cdef byte_t b = c_text[0]
    if b < 0x80 or 0xC3 <= b <= 0xDF:
        return True
    if size >= 2 and b == 0xC2:
        return c_text[1] == 0xAB or c_text[1] == 0xBB
    return size >= 3 and b == 0xE2 and (c_text[1] == 0x84 or (c_text[1] == 0x80 and 0x93 <= c_text[2] <= 0x9F))


cdef inline bint is_solid_end(const byte_t* c_text, uint32_t size) noexcept nogil:
    """The same of the last character."""
    cdef byte_t b = c_text[size - 1]
    if b < 0x80:
        return True
    if size >= 2 and c_text[size - 2] >= 0xC0:
        return is_solid_start(c_text + size - 2, 2)
    return size >= 3 and c_text[size - 3] >= 0xE0 and is_solid_start(c_text + size - 3, 3)


cdef inline bint strip(const byte_t* c_data, SpanC* c_span) noexcept nogil:
    """Take blanks off both ends of a text; False if `str.strip` might take more."""
    while c_span.size and is_blank(c_data[c_span.start]):
        c_span.start += 1
        c_span.size -= 1
    while c_span.size and is_blank(c_data[c_span.start + c_span.size - 1]):
        c_span.size -= 1
    return c_span.size == 0 or (
        is_solid_start(c_data + c_span.start, c_span.size) and is_solid_end(c_data + c_span.start, c_span.size)
    )


cdef inline bint is_digit(byte_t b) noexcept nogil:
    return <byte_t> (b - c'0') <= 9


cdef inline bint is_letter(byte_t b) noexcept nogil:
    """Is a byte an ASCII letter?"""
    return <byte_t> ((b | 32) - c'a') <= 25


cdef bint digits(const byte_t* c_text, uint32_t count, uint32_t* c_value) noexcept nogil:
    cdef uint32_t i, value = 0
    for i in range(count):
        if not is_digit(c_text[i]):
            return False
        value = 10 * value + (c_text[i] - c'0')
    c_value[0] = value
    return True


cdef bint is_day(uint32_t year, uint32_t month, uint32_t day) noexcept nogil:
    """Is it a day of the calendar, from year 1 on?"""
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return False
    if month == 2:
        return day <= (29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28)
    return day <= (30 if month == 4 or month == 6 or month == 9 or month == 11 else 31)


cdef bint is_plain_date(const byte_t* c_data, SpanC span, bint partial) noexcept nogil:
    """Is it YYYY-MM-DD or DD.MM.YYYY, or where part of a date will do, YYYY-MM or YYYY? Empty is plain, too."""
    cdef const byte_t* c_text
    cdef uint32_t year, month, day
    if not strip(c_data, &span):
        return False
    c_text = c_data + span.start
    if span.size == 0:
        return True
    if span.size == 10 and c_text[4] == c'-' and c_text[7] == c'-':
        return (
            digits(c_text, 4, &year) and digits(c_text + 5, 2, &month) and digits(c_text + 8, 2, &day)
            and is_day(year, month, day)
        )
    if span.size == 10 and c_text[2] == c'.' and c_text[5] == c'.':
        return (
            digits(c_text, 2, &day) and digits(c_text + 3, 2, &month) and digits(c_text + 6, 4, &year)
            and is_day(year, month, day)
        )
    if partial and span.size == 4:
        return digits(c_text, 4, &year)
    if partial and span.size == 7 and c_text[4] == c'-':
        return digits(c_text, 4, &year) and digits(c_text + 5, 2, &month) and 1 <= month <= 12
    return False


cdef bint is_plain_amount(const byte_t* c_data, SpanC span) noexcept nogil:
    """Is it 1500 or 1500.00, or empty?"""
    cdef uint32_t i = 0, whole
    cdef const byte_t* c_text
    if not strip(c_data, &span):
        return False
    c_text = c_data + span.start
    while i < span.size and is_digit(c_text[i]):
        i += 1
    if span.size == 0 or (i == span.size and i <= 18):
        return True
    if i == 0 or i > 18 or c_text[i] != c'.':
        return False
    whole = i + 1
    i = whole
    while i < span.size and is_digit(c_text[i]):
        i += 1
    return i == span.size and 1 <= i - whole <= 6


cdef bint is_plain_currency(const byte_t* c_data, SpanC span) noexcept nogil:
    """Is it three ASCII letters or three digits, or empty?"""
    cdef const byte_t* c_text
    if not strip(c_data, &span):
        return False
    c_text = c_data + span.start
    if span.size == 0:
        return True
    if span.size != 3:
        return False
    return (
        (is_letter(c_text[0]) and is_letter(c_text[1]) and is_letter(c_text[2]))
        or (is_digit(c_text[0]) and is_digit(c_text[1]) and is_digit(c_text[2]))
    )


cdef inline bint is_plain_value(const byte_t* c_data, SpanC span) noexcept nogil:
    """Is it an id or code that `check_value` lets through?"""
    return span.size <= VALUE_SIZE_MAX and no_nul(c_data, span)


cdef bint is_searchable(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Does a text hold one of the usual letters or digits: 0-9, A-Z, a-z, А-Я, а-я, Ё, ё?"""
    cdef uint32_t i
    cdef byte_t b
    for i in range(size):
        b = c_text[i]
        if is_digit(b) or is_letter(b):
            return True
        if i + 1 < size and (
            (b == 0xD0 and (c_text[i + 1] >= 0x90 or c_text[i + 1] == 0x81))
            or (b == 0xD1 and (c_text[i + 1] <= 0x8F or c_text[i + 1] == 0x91))
        ):
            return True
    return False


cdef inline uint32_t small(const byte_t* c_text) noexcept nogil:
    """Return two bytes of UTF-8 as one number; of a capital from А to Я, those of its small letter."""
    cdef uint32_t letter = (<uint32_t> c_text[0] << 8) | c_text[1]
    if 0xD090 <= letter <= 0xD09F:
        return letter + 0x20
    if 0xD0A0 <= letter <= 0xD0AF:
        return letter - 0xD0A0 + 0xD180
    return letter


cdef bint says(const byte_t* c_text, const byte_t* c_word, uint32_t size) noexcept nogil:
    """Do `size` bytes of a text say a word of small Russian letters, in whatever case?"""
    cdef uint32_t i
    for i in range(0, size, 2):
        if small(c_text + i) != ((<uint32_t> c_word[i] << 8) | c_word[i + 1]):
            return False
    return True


cdef bytes TAGS_TEXT = "индиглавафизадвокнотарарбитсамозграждчаст".encode()
cdef const byte_t* c_tags = <const byte_t*> PyBytes_AS_STRING(TAGS_TEXT)


cdef bint is_tagged(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May a name field begin with a word that tells what a person is: ИП, Ф/Л, адвокат, гр. and the like?"""
    cdef uint32_t first
    if size < 4:
        return True
    first = small(c_text)
    if first == 0xD0B8:            # и: ип; индивидуальный
        return small(c_text + 2) == 0xD0BF or (size >= 8 and says(c_text, c_tags, 8))
    if first == 0xD184:            # ф: ф.л., фл; физ
        return c_text[2] == c'.' or small(c_text + 2) == 0xD0BB or (size >= 6 and says(c_text, c_tags + 18, 6))
    if first == 0xD0B3:            # г: глава; гр., граждан
        return c_text[2] == c'.' or (size >= 5 and c_text[4] == c'.') or (
            size >= 10 and (says(c_text, c_tags + 8, 10) or says(c_text, c_tags + 64, 10))
        )
    if first == 0xD0B0:            # а: адвокат; арбитражный
        return size >= 10 and (says(c_text, c_tags + 24, 10) or says(c_text, c_tags + 44, 10))
    if first == 0xD0BD:            # н: нотариус
        return size >= 10 and says(c_text, c_tags + 34, 10)
    if first == 0xD181:            # с: самозанятый
        return size >= 10 and says(c_text, c_tags + 54, 10)
    if first == 0xD187:            # ч: частный
        return size >= 8 and says(c_text, c_tags + 74, 8)
    return False

cdef bytes ENDS_TEXT = "ипкатиустый".encode()
cdef const byte_t* c_ends = <const byte_t*> PyBytes_AS_STRING(ENDS_TEXT)


cdef bint is_tagged_behind(const byte_t* c_text, uint32_t size) noexcept nogil:
    """May a name field end with such a word: ИП, адвокат, нотариус, самозанятый? Or with a dash or its like?"""
    cdef uint32_t last
    if c_text[size - 1] < 0x80:
        return c_text[size - 1] == c'-' or c_text[size - 1] == c'_' or c_text[size - 1] == c'*'
    if size < 6:
        return True
    if c_text[size - 3] >= 0xE0:   # a dash may be of three bytes
        return True
    last = small(c_text + size - 2)
    if last == 0xD0BF:
        return says(c_text + size - 4, c_ends, 4)
    if last == 0xD182:
        return says(c_text + size - 6, c_ends + 4, 6)
    if last == 0xD181:
        return says(c_text + size - 6, c_ends + 10, 6)
    if last == 0xD0B9:
        return says(c_text + size - 6, c_ends + 16, 6)
    return False


cdef inline bint is_russian(const byte_t* c_text) noexcept nogil:
    """Do two bytes make a Russian letter?"""
    return (c_text[0] == 0xD0 and (c_text[1] >= 0x90 or c_text[1] == 0x81)) or (
        c_text[0] == 0xD1 and (c_text[1] <= 0x8F or c_text[1] == 0x91)
    )

cdef bytes WORDS_TEXT = "обществокомпанпредприятиереспубликаип".encode()
cdef const byte_t* c_words = <const byte_t*> PyBytes_AS_STRING(WORDS_TEXT)


cdef bint is_address_word(const byte_t* c_word, uint32_t size) noexcept nogil:
    """May a word of Russian letters tell that an address begins: г, обл, ул, пр-т, республика? Short ones all may."""
    cdef uint32_t first = small(c_word)
    if not (
        first == 0xD0B3 or first == 0xD0BE or first == 0xD180 or first == 0xD181 or first == 0xD0BF or first == 0xD0B4
        or first == 0xD183
    ):                             # г, о, р, с, п, д, у
        return False
    return size <= 10 or (size >= 20 and says(c_word, c_words + 50, 20))


cdef bint is_firm_word(const byte_t* c_word, uint32_t size) noexcept nogil:
    """May a word of Russian letters be a legal form: АО, ООО, МУП, общество? Short ones that end so all may."""
    cdef uint32_t last = small(c_word + size - 2)
    if size <= 8:
        return last == 0xD0BE or last == 0xD0BF  # о, п
    return (size >= 14 and says(c_word, c_words, 14)) or (size >= 12 and says(c_word, c_words + 16, 12)) or (
        size >= 22 and says(c_word, c_words + 28, 22)
    )


cdef bint is_proprietor(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Is a name field surely ИП, one blank, and a person's name of several Russian words, as `clean_party` sees it?

    Letters, single blanks, points, hyphens between letters, and no word that a firm's name may hold.
    """
    cdef uint32_t at = PROPRIETOR_SIZE, first = 0, words = 0
    if not PROPRIETOR_SIZE + 8 <= size <= CLEAN_SIZE_MAX or c_text[4] != c' ' or not (
        (c_text[0] == 0xD0 and c_text[1] == 0x98 and c_text[2] == 0xD0 and c_text[3] == 0x9F)
        or (c_text[0] == 0xD0 and c_text[1] == 0xB8 and c_text[2] == 0xD0 and c_text[3] == 0xBF)
    ):
        return False
    if is_tagged(c_text + at, size - at) or is_tagged_behind(c_text + at, size - at):
        return False
    while at < size:
        first = at
        while at + 1 < size and is_russian(c_text + at):
            at += 2
        if at == first or is_firm_word(c_text + first, at - first):
            return False
        words += 1
        while at < size and c_text[at] == c'.':
            at += 1
        if at < size:
            # Only what a letter follows: the loop begins with one.
            if c_text[at] == c' ':
                at += 1
            elif c_text[at] == c'-':
                at += 1
                words -= 1         # both sides are one word
            elif c_text[at - 1] == c'.':
                words -= 1         # so are initials without a blank between
            else:
                return False
            if at == size:
                return False
    return words >= 2


cdef bint is_numbered(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Is a name field with digits surely nothing but a name: short numbers beside words, and no word of an address?"""
    cdef uint32_t at = 0, first, run = 0, quotes = 0
    cdef byte_t b, last = c_text[size - 1]
    cdef bint start = False        # does a word begin here, which is not the first?
    while at < size:
        b = c_text[at]
        if is_digit(b):
            run += 1
            if run == 4:
                return False
        elif b == c'-' and run:
            return False           # as in a number parted by hyphens
        else:
            run = 0
        if at + 1 < size and is_russian(c_text + at):
            first = at
            while at + 1 < size and is_russian(c_text + at):
                at += 2
            if start and is_address_word(c_text + first, at - first):
                return False
            start = False
            continue
        start = False
        if b == c' ':
            if at + 1 < size and c_text[at + 1] == c' ':
                return False
            start = True
        elif b == c'"':
            quotes += 1
        elif b == 0xC2 and at + 1 < size and (c_text[at + 1] == 0xAB or c_text[at + 1] == 0xBB):
            quotes += 1
            at += 1
        elif b == 0xE2 and at + 2 < size and c_text[at + 1] == 0x84 and c_text[at + 2] == 0x96:
            at += 2                # №
        elif not is_digit(b) and not is_letter(b) and b != c'.' and b != c'-' and b != c'&':
            return False
        at += 1
    # A single quote at the end, without its partner, would be cut off.
    if last == c'"' or (last == 0xBB and c_text[size - 2] == 0xC2) or (last == 0xAB and c_text[size - 2] == 0xC2):
        return quotes >= 2
    return is_digit(last) or is_letter(last) or (size >= 2 and is_russian(c_text + size - 2))


cdef bint is_clean(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Is a name field surely nothing but a name? Never True where `sito.formats.noise.clean_party` changes something.

    Args:
        c_text: Without outer blanks, not empty.
    """
    cdef uint32_t i
    cdef uint8_t found = 0, digit = 0
    cdef byte_t b = c_text[0]
    # A letter of the Latin or Cyrillic script must begin it.
    if not is_letter(b) and not (size >= 2 and (
        (b == 0xD0 and (c_text[1] >= 0x90 or c_text[1] == 0x81)) or (b == 0xD1 and c_text[1] <= 0x9F)
    )):
        return False
    # No way out of the loop early: so the compiler takes many bytes at once. Line breaks and tabs, brackets, slash,
    # backslash, braces and bar part a name from what else stands in its field.
    for i in range(size):
        b = c_text[i]
        found |= (
            (<uint8_t> (b - 9) <= 4) | (<uint8_t> (b - c'(') <= 1) | (b == c'/') | (b == c'\\')
            | (<uint8_t> (b - c'{') <= 2) | (b == 0)
        )
        digit |= <uint8_t> (b - c'0') <= 9
    if found or (c_text[0] >= 0x80 and is_tagged(c_text, size)) or is_tagged_behind(c_text, size):
        return False
    return digit == 0 or is_numbered(c_text, size)


cdef uint8_t form_of_party(const ReaderC* c, const PartyC* c_party, bint customer) noexcept nogil:
    """Would `convert` take a party as it stands, with one name and numbers of ASCII letters and digits?"""
    cdef const NumberC* c_number
    cdef SpanC text = c_party.name
    cdef uint32_t i, n
    cdef const byte_t* c_text
    cdef bint clean
    if customer:
        if c_party.role != 0 and c_party.role != ROLE_CUSTOMER:
            return FORM_ODD
    elif not ROLE_CUSTOMER < c_party.role < ROLE_PURPOSE:
        return FORM_ODD
    if not 0 <= c_party.kind <= KIND_LAST or c_party.alias_count or c_party.number_count > NUMBERS_MAX:
        return FORM_ODD
    if text.size > TEXT_SIZE_MAX or not strip(c.data, &text) or text.size == 0:
        return FORM_ODD
    c_text = c.data + text.start
    clean = is_clean(c_text, text.size) or is_proprietor(c_text, text.size)
    if not is_searchable(c_text, text.size) or (not clean and not no_nul(c.data, text)):
        return FORM_ODD
    if c_party.address.size > TEXT_SIZE_MAX or not no_nul(c.data, c_party.address):
        return FORM_ODD
    if not is_plain_value(c.data, c_party.country) or not is_plain_date(c.data, c_party.birth_date, True):
        return FORM_ODD
    for i in range(c_party.number_first, c_party.number_first + c_party.number_count):
        c_number = <const NumberC*> c.numbers.items + i
        text = c_number.number
        if not 1 <= c_number.type <= NUMBER_TYPE_LAST or text.size > VALUE_SIZE_MAX:
            return FORM_ODD
        if not strip(c.data, &text) or text.size == 0 or not is_plain_value(c.data, c_number.country):
            return FORM_ODD
        c_text = c.data + text.start
        for n in range(text.size):
            if not is_digit(c_text[n]) and not is_letter(c_text[n]):
                return FORM_ODD
    return FORM_PLAIN if clean else FORM_NOISY


cdef uint8_t form_of_record(const ReaderC* c, const RecordC* c_record) noexcept nogil:
    """Would `convert` take all texts of a record as they stand, but for outer blanks?"""
    cdef const PartyC* c_parties = <const PartyC*> c.parties.items
    cdef SpanC purpose = c_record.purpose
    cdef uint8_t form = FORM_PLAIN, other
    cdef uint32_t i
    if not (is_plain_value(c.data, c_record.record_id) and is_plain_value(c.data, c_record.client_id)):
        return FORM_ODD
    if not (
        0 <= c_record.client_side <= SIDE_LAST and 0 <= c_record.operation <= OPERATION_LAST
        and 0 <= c_record.occasion <= OCCASION_LAST
    ):
        return FORM_ODD
    if c_record.subject == SUBJECT_CUSTOMER:
        return form_of_party(c, c_parties + c_record.party_first, True) if c_record.party_count == 1 else FORM_ODD
    if c_record.subject != SUBJECT_PAYMENT or not 1 <= c_record.party_count <= PARTIES_MAX:
        return FORM_ODD
    if not (
        purpose.size <= TEXT_SIZE_MAX and no_nul(c.data, purpose) and strip(c.data, &purpose)
        and is_plain_amount(c.data, c_record.amount) and is_plain_currency(c.data, c_record.currency)
        and is_plain_date(c.data, c_record.date, False)
    ):
        return FORM_ODD
    for i in range(c_record.party_first, c_record.party_first + c_record.party_count):
        other = form_of_party(c, c_parties + i, False)
        if other == FORM_ODD:
            return FORM_ODD
        if other == FORM_NOISY:
            form = FORM_NOISY
    return form


cdef void sort_records(ReaderC* c) noexcept nogil:
    """Find out how the records are to be read."""
    cdef RecordC* c_record
    cdef uint32_t i
    for i in range(c.records.count):
        c_record = <RecordC*> c.records.items + i
        c_record.form = form_of_record(c, c_record)


# --- texts for the matcher ------------------------------------------------------------------------------------------

cdef struct LayoutC:               # texts of one mode
    byte_t* data
    int64_t* starts
    int64_t* owners
    uint64_t size
    uint64_t count


cdef inline bint has_purpose(const ReaderC* c, const RecordC* c_record) noexcept nogil:
    """Has a plain record a purpose that is more than blanks?"""
    cdef SpanC purpose = c_record.purpose
    strip(c.data, &purpose)
    return purpose.size > 0


cdef inline SpanC name_of(const ReaderC* c, const PartyC* c_party) noexcept nogil:
    """Return the name of a plain party: its field, but for the tag of a sole proprietor."""
    cdef SpanC name = c_party.name
    strip(c.data, &name)
    if (
        name.size > PROPRIETOR_SIZE and c.data[name.start + 4] == c' ' and c.data[name.start] >= 0x80
        and says(c.data + name.start, c_words + 70, 4)
    ):
        name.start += PROPRIETOR_SIZE
        name.size -= PROPRIETOR_SIZE
    return name


cdef inline void put(LayoutC* c_layout, const byte_t* c_data, SpanC span, int64_t owner) noexcept nogil:
    """Count a text, or where there is room, write it; without outer blanks."""
    strip(c_data, &span)
    if c_layout.starts != NULL:
        memcpy(c_layout.data + c_layout.size, c_data + span.start, span.size)
        c_layout.owners[c_layout.count] = owner
        c_layout.starts[c_layout.count + 1] = <int64_t> (c_layout.size + span.size)
    c_layout.size += span.size
    c_layout.count += 1


cdef void lay_out(const ReaderC* c, const int64_t* c_firsts, LayoutC* c_layouts) noexcept nogil:
    """Count or write the texts of all plain records."""
    cdef const RecordC* c_record
    cdef const PartyC* c_party
    cdef const NumberC* c_number
    cdef uint32_t i, p, n
    cdef int64_t owner
    for i in range(c.records.count):
        c_record = <const RecordC*> c.records.items + i
        if c_record.form != FORM_PLAIN:
            continue
        owner = c_firsts[i]
        for p in range(c_record.party_first, c_record.party_first + c_record.party_count):
            c_party = <const PartyC*> c.parties.items + p
            put(&c_layouts[MODE_PARTY], c.data, name_of(c, c_party), owner)
            for n in range(c_party.number_first, c_party.number_first + c_party.number_count):
                c_number = <const NumberC*> c.numbers.items + n
                if c_number.type != NUMBER_TYPE_PHONE:
                    put(&c_layouts[MODE_NUMBER], c.data, c_number.number, owner)
            owner += 1
        if has_purpose(c, c_record):
            put(&c_layouts[MODE_TEXT], c.data, c_record.purpose, owner)


# Stores of requests that are gone, for those to come: fresh memory costs more than reading a message. Only touched
# with the GIL.
cdef StoreC[POOL_MAX * STORE_COUNT] c_pool
cdef int pool_count = 0


cdef void take_stores(ReaderC* c) noexcept:
    """Begin with the stores of an earlier request, if there is one."""
    global pool_count
    cdef int i
    if pool_count:
        pool_count -= 1
        memcpy(&c.records, &c_pool[pool_count * STORE_COUNT], STORE_COUNT * sizeof(StoreC))
        for i in range(STORE_COUNT):
            (&c.records)[i].count = 0


cdef void give_stores(ReaderC* c) noexcept:
    """Keep the stores of a request for the next one, but for those that an odd request has swollen."""
    global pool_count
    cdef StoreC* c_stores = &c.records
    cdef int i
    for i in range(STORE_COUNT):
        if c_stores[i].room > POOLED_ROOM_MAX:
            free(c_stores[i].items)
            memset(&c_stores[i], 0, sizeof(StoreC))
    if pool_count < POOL_MAX:
        memcpy(&c_pool[pool_count * STORE_COUNT], c_stores, STORE_COUNT * sizeof(StoreC))
        pool_count += 1
        return
    for i in range(STORE_COUNT):
        free(c_stores[i].items)


@cython.final
cdef class Request:
    """One message ScreenBatchRequest or ScreenStreamRequest, read. Immutable; threads may share it.

    Args:
        data: The message, at most 2 GiB.
        record_limit: Most records of one request; what is above is read and counted but not kept.
        text_limit: The same of names, aliases, identifiers and purposes together.

    Raises:
        ValueError: Protobuf would refuse the message.
    """

    cdef bytes _data
    cdef ReaderC c_reader
    cdef bint _sorted              # do the records know whether they are plain?

    def __cinit__(self, bytes data not None, uint32_t record_limit, uint32_t text_limit):
        cdef ReaderC* c = &self.c_reader
        cdef uint32_t size
        cdef int status
        memset(c, 0, sizeof(ReaderC))
        take_stores(c)
        if PyBytes_GET_SIZE(data) > SIZE_MAX:
            raise ValueError("a message of 2 GiB or more")
        self._data = data
        c.data = <const byte_t*> PyBytes_AS_STRING(data)
        c.record_limit = record_limit
        c.text_limit = text_limit
        size = <uint32_t> PyBytes_GET_SIZE(data)
        if size <= SHORT_MAX:      # to let the GIL go and get it back would cost a busy server more
            status = read_request(c, size)
        else:
            with nogil:
                status = read_request(c, size)
        if c.no_memory:
            raise MemoryError
        if status < 0:
            raise ValueError("no message of this kind")

    def __dealloc__(self):
        give_stores(&self.c_reader)

    @property
    def record_count(self):
        """Records of the message, also above the limit."""
        return self.c_reader.record_count

    @property
    def text_count(self):
        """Names, aliases, identifiers and purposes of the message; exact up to the limit."""
        return self.c_reader.text_count

    @property
    def cleared_count(self):
        """Clearances of the message."""
        return self.c_reader.cleared_count

    @property
    def request_id(self):
        """The request id of the message."""
        return self._text(self.c_reader.request_id)

    def cleared(self):
        """Return the messages Clearance, at most 100 000, for protobuf to read."""
        cdef const SpanC* c_spans = <const SpanC*> self.c_reader.cleared.items
        cdef uint32_t i
        return [self._bytes(c_spans[i]) for i in range(self.c_reader.cleared.count)]

    def record_id(self, uint32_t record):
        """Return the sender's id of a record."""
        return self._text(self._record(record).record_id)

    def facts(self, uint32_t record):
        """Return what a record says of itself for its verdict: (subject, client side, operation, occasion)."""
        cdef const RecordC* c_record = self._record(record)
        return c_record.subject, c_record.client_side, c_record.operation, c_record.occasion

    def message(self, uint32_t record):
        """Return the message Record at a place, for protobuf to read."""
        return self._bytes(self._record(record).whole)

    def forms(self):
        """Tell how each record that is kept is to be read, uint8.

        1: plain, every text that is screened stands as received, but for outer blanks and the tag of a sole proprietor.
        2: the same, but a name field may hold more than a name. 0: anything else; it may be wrong.
        """
        cdef uint32_t i
        self._sort()
        forms = np.empty(self.c_reader.records.count, dtype=np.uint8)
        cdef uint8_t[::1] out = forms
        for i in range(self.c_reader.records.count):
            out[i] = (<const RecordC*> self.c_reader.records.items)[i].form
        return forms

    def firsts(self, const int64_t[::1] others not None):
        """Number all parties through and return the first of each record, int64, and their count behind.

        Args:
            others: Of each record that is not plain how many parties it has; the rest is not looked at.
        """
        cdef const RecordC* c_record
        cdef uint32_t i
        cdef int64_t number = 0
        if others.shape[0] != self.c_reader.records.count:
            raise ValueError("one number for each record")
        self._sort()
        firsts = np.empty(self.c_reader.records.count + 1, dtype=np.int64)
        cdef int64_t[::1] out = firsts
        for i in range(self.c_reader.records.count):
            c_record = <const RecordC*> self.c_reader.records.items + i
            out[i] = number
            if c_record.form == FORM_PLAIN:
                number += c_record.party_count + has_purpose(&self.c_reader, c_record)
            else:
                number += others[i]
        out[self.c_reader.records.count] = number
        return firsts

    def texts(self, const int64_t[::1] firsts not None):
        """Lay the texts of all plain records out for the matcher.

        Args:
            firsts: Number of the first party of each record, see `firsts`.

        Returns:
            For the modes party field, free text and identifiers (bytes, uint8; N + 1 offsets, int64; N numbers of
            parties, int64).
        """
        cdef LayoutC[MODE_COUNT] layouts
        cdef byte_t[::1] data
        cdef int64_t[::1] starts, owners
        cdef int mode
        if firsts.shape[0] != self.c_reader.records.count + 1:
            raise ValueError("one number for each record, and one more")
        self._sort()
        memset(layouts, 0, sizeof(layouts))
        with nogil:
            lay_out(&self.c_reader, &firsts[0], layouts)
        made = []
        for mode in range(MODE_COUNT):
            arrays = (
                np.empty(layouts[mode].size, dtype=np.uint8), np.zeros(layouts[mode].count + 1, dtype=np.int64),
                np.empty(layouts[mode].count, dtype=np.int64),
            )
            data, starts, owners = arrays
            layouts[mode].data = &data[0] if layouts[mode].size else NULL
            layouts[mode].starts = &starts[0]
            layouts[mode].owners = &owners[0] if layouts[mode].count else NULL
            layouts[mode].size = 0
            layouts[mode].count = 0
            made.append(arrays)
        with nogil:
            lay_out(&self.c_reader, &firsts[0], layouts)
        return made

    def single(self):
        """Return the texts of a message that holds one plain record and nothing else, for `Matcher.find`.

        Returns:
            (mode, UTF-8, number of the party) of each text, as `texts` lays them out; None for any other message.
        """
        cdef ReaderC* c = &self.c_reader
        cdef const RecordC* c_record
        cdef const PartyC* c_party
        cdef const NumberC* c_number
        cdef uint32_t p, n
        if c.record_count != 1 or c.records.count != 1 or c.cleared_count or c.text_count > c.text_limit:
            return None
        self._sort()
        c_record = <const RecordC*> c.records.items
        if c_record.form != FORM_PLAIN:
            return None
        texts = []
        for p in range(c_record.party_count):
            c_party = <const PartyC*> c.parties.items + c_record.party_first + p
            texts.append((MODE_PARTY, self._stripped(name_of(c, c_party)), p))
            for n in range(c_party.number_first, c_party.number_first + c_party.number_count):
                c_number = <const NumberC*> c.numbers.items + n
                if c_number.type != NUMBER_TYPE_PHONE:
                    texts.append((MODE_NUMBER, self._stripped(c_number.number), p))
        if has_purpose(c, c_record):
            texts.append((MODE_TEXT, self._stripped(c_record.purpose), c_record.party_count))
        return tuple(texts)

    def record(self, uint32_t record, int64_t only=-1):
        """Return all fields of a record as they were received.

        Args:
            record: Its place.
            only: Number of one party; then the others are left out, and the purpose too unless the number is the one
                behind the last.

        Returns:
            (record id, subject 0 none, 1 payment, 2 customer; purpose, amount, currency, date; parties), each party
            (role, name, kind, birth date, [(type, number, country)], country, address, [alias]).
        """
        cdef const RecordC* c_record = self._record(record)
        cdef const PartyC* c_party
        cdef const NumberC* c_numbers = <const NumberC*> self.c_reader.numbers.items
        cdef const SpanC* c_aliases = <const SpanC*> self.c_reader.aliases.items
        cdef uint32_t p, n
        parties = []
        for p in range(c_record.party_first, c_record.party_first + c_record.party_count):
            if 0 <= only != p - c_record.party_first:
                continue
            c_party = <const PartyC*> self.c_reader.parties.items + p
            numbers = [
                (c_numbers[n].type, self._text(c_numbers[n].number), self._text(c_numbers[n].country))
                for n in range(c_party.number_first, c_party.number_first + c_party.number_count)
            ]
            aliases = [
                self._text(c_aliases[n]) for n in range(c_party.alias_first, c_party.alias_first + c_party.alias_count)
            ]
            parties.append((
                c_party.role, self._text(c_party.name), c_party.kind, self._text(c_party.birth_date), numbers,
                self._text(c_party.country), self._text(c_party.address), aliases,
            ))
        return (
            self._text(c_record.record_id), c_record.subject,
            "" if 0 <= only != c_record.party_count else self._text(c_record.purpose),
            self._text(c_record.amount), self._text(c_record.currency), self._text(c_record.date), parties,
        )

    cdef int _sort(self) except -1:
        """Find out how the records are to be read, once; threads that do it at the same time write the same."""
        cdef ReaderC* c = &self.c_reader
        if not self._sorted:
            if c.end - c.data <= SHORT_MAX:
                sort_records(c)
            else:
                with nogil:
                    sort_records(c)
            self._sorted = True
        return 0

    cdef const RecordC* _record(self, uint32_t record) except NULL:
        if record >= self.c_reader.records.count:
            raise IndexError(record)
        return <const RecordC*> self.c_reader.records.items + record

    cdef bytes _stripped(self, SpanC span):
        strip(self.c_reader.data, &span)
        return self._bytes(span)

    cdef bytes _bytes(self, SpanC span):
        return self._data[span.start:span.start + span.size]

    cdef str _text(self, SpanC span):
        return PyUnicode_DecodeUTF8(PyBytes_AS_STRING(self._data) + span.start, span.size, NULL) if span.size else ""


def is_utf8(bytes text not None):
    """Say whether protobuf takes a text; by the loop of `sito_ext.cpu.use_path`."""
    cdef const uint8_t* c_text = <const uint8_t*> PyBytes_AS_STRING(text)
    cdef size_t size = PyBytes_GET_SIZE(text)
    return sito_utf8_ways[path](c_text, size, c_text + size) != 0


def told_apart(const byte_t[::1] text not None, const int64_t[::1] starts not None):
    """Say of N name fields which may hold more than a name.

    Args:
        text: All fields, any bytes.
        starts: N + 1 rising offsets into `text`.

    Returns:
        Two lists of field numbers, rising: those that `sito.formats.noise.clean_party` may change; and of all others
        those that it changes in one way, for they are `ИП`, one blank, and a person's name.

    Raises:
        ValueError: Offsets fall or leave the text.
    """
    cdef Py_ssize_t count = starts.shape[0] - 1, i
    cdef const byte_t* c_text = &text[0] if text.shape[0] else NULL
    cdef const byte_t* c_field
    cdef uint64_t size
    more = []
    proprietors = []
    for i in range(count + 1 if count > 0 else 0):
        if starts[i] < (starts[i - 1] if i else 0) or starts[i] > text.shape[0]:
            raise ValueError("starts must rise inside the text")
    for i in range(count):
        c_field = c_text + starts[i]
        size = <uint64_t> (starts[i + 1] - starts[i])
        while size and c_field[size - 1] == c' ':
            size -= 1
        if size == 0:
            continue
        # A blank of another kind at the end may hide a tag from the quick look.
        if size > CLEAN_SIZE_MAX or sito_utf8_ways[path](c_field, size, c_text + text.shape[0]) == 0 or not (
            c_field[size - 1] < 0x80 or (size >= 2 and (c_field[size - 2] == 0xD0 or c_field[size - 2] == 0xD1))
        ):
            more.append(i)
        elif is_clean(c_field, <uint32_t> size):
            continue
        elif is_proprietor(c_field, <uint32_t> size):
            proprietors.append(i)
        else:
            more.append(i)
    return more, proprietors


def is_surely_clean(str name not None):
    """Say whether a name field is surely nothing but a name; never where `sito.formats.noise.clean_party` changes it.

    Args:
        name: Without outer blanks.
    """
    cdef bytes data = name.encode()
    return len(data) > 0 and is_clean(<const byte_t*> data, <uint32_t> len(data)) != 0


# --- answers --------------------------------------------------------------------------------------------------------

cdef struct WriterC:               # fills its memory from the end
    byte_t* bytes
    size_t room
    size_t size                    # bytes written: the last ones of the room


cdef int open_writer(WriterC* c, size_t room) except -1:
    """Begin with room for some bytes; whoever does so frees them."""
    c.room = room
    c.size = 0
    c.bytes = <byte_t*> malloc(room)
    if c.bytes == NULL:
        raise MemoryError
    return 0


cdef int reserve(WriterC* c, size_t size) except -1:
    """Make room for more bytes."""
    cdef size_t room = c.room
    cdef byte_t* c_more
    if c.room - c.size >= size:
        return 0
    if size > SIZE_MAX or c.size > SIZE_MAX:
        raise OverflowError("an answer of 2 GiB or more")
    while room - c.size < size:
        room *= 2
    c_more = <byte_t*> malloc(room)
    if c_more == NULL:
        raise MemoryError
    memcpy(c_more + room - c.size, c.bytes + c.room - c.size, c.size)
    free(c.bytes)
    c.bytes = c_more
    c.room = room
    return 0


cdef int put_varint(WriterC* c, uint64_t value) except -1:
    cdef byte_t[10] digits_of
    cdef uint32_t size = 0
    while value >= 0x80:
        digits_of[size] = <byte_t> (value & 0x7F) | 0x80
        size += 1
        value >>= 7
    digits_of[size] = <byte_t> value
    size += 1
    reserve(c, size)
    c.size += size
    memcpy(c.bytes + c.room - c.size, digits_of, size)
    return 0


cdef inline int put_raw(WriterC* c, const void* c_data, size_t size) except -1:
    reserve(c, size)
    c.size += size
    memcpy(c.bytes + c.room - c.size, c_data, size)
    return 0


cdef int put_number(WriterC* c, uint32_t field, uint64_t value) except -1:
    """Write a number; zero is what a field holds that is not there."""
    if value:
        put_varint(c, value)
        put_varint(c, field << 3 | WIRE_VARINT)
    return 0


cdef int put_length(WriterC* c, uint32_t field, size_t before) except -1:
    """Write size and tag before what was written since the writer held `before` bytes."""
    put_varint(c, c.size - before)
    put_varint(c, field << 3 | WIRE_BYTES)
    return 0


cdef int put_bytes(WriterC* c, uint32_t field, bytes data) except -1:
    """Write bytes of any length, zero as well."""
    put_raw(c, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
    put_varint(c, PyBytes_GET_SIZE(data))
    put_varint(c, field << 3 | WIRE_BYTES)
    return 0


cdef int put_item(WriterC* c, uint32_t field, str text) except -1:
    """Write a text, an empty one as well; halves of surrogate pairs, which may come from a list file, become `?`."""
    cdef Py_ssize_t size
    cdef const char* c_text
    try:
        c_text = PyUnicode_AsUTF8AndSize(text, &size)
    except UnicodeEncodeError:
        return put_bytes(c, field, text.encode("utf-8", "replace"))
    put_raw(c, c_text, size)
    put_varint(c, size)
    put_varint(c, field << 3 | WIRE_BYTES)
    return 0


cdef inline int put_text(WriterC* c, uint32_t field, str text) except -1:
    """Write a text unless it is empty."""
    return put_item(c, field, text) if len(text) else 0


cdef int put_hit(WriterC* c, uint32_t field, tuple hit) except -1:
    """Write a message Hit: (entry id, list id, name, score, grade, reasons, quality, edition, fingerprint, rule)."""
    cdef size_t before = c.size
    cdef double score = hit[3]
    cdef uint64_t bits
    cdef tuple reasons = hit[5]
    cdef Py_ssize_t i
    put_text(c, 10, hit[9])
    put_text(c, 9, hit[8])
    put_text(c, 8, hit[7])
    put_text(c, 7, hit[6])
    for i in range(len(reasons) - 1, -1, -1):
        put_item(c, 6, reasons[i])
    put_number(c, 5, hit[4])
    memcpy(&bits, &score, 8)
    if bits:                       # so -0.0 is written: protobuf does
        put_raw(c, &bits, 8)       # little-endian, as all machines that this is built for
        put_varint(c, 4 << 3 | WIRE_FIXED64)
    put_text(c, 3, hit[2])
    put_text(c, 2, hit[1])
    put_text(c, 1, hit[0])
    return put_length(c, field, before)


cdef int put_party(WriterC* c, uint32_t field, tuple party) except -1:
    """Write a message PartyResult: (role, verdict, hits, truncated, limits, suppressed, stale, fingerprint, rule)."""
    cdef size_t before = c.size, inner
    cdef tuple hits = party[2], limits = party[4], suppressed = party[5], stale = party[6]
    cdef tuple one
    cdef Py_ssize_t i
    put_text(c, 9, party[8])
    put_text(c, 8, party[7])
    for i in range(len(stale) - 1, -1, -1):
        one = stale[i]
        inner = c.size
        put_number(c, 3, one[2])
        put_text(c, 2, one[1])
        put_text(c, 1, one[0])
        put_length(c, 7, inner)
    for i in range(len(suppressed) - 1, -1, -1):
        put_hit(c, 6, suppressed[i])
    for i in range(len(limits) - 1, -1, -1):
        put_item(c, 5, limits[i])
    put_number(c, 4, 1 if party[3] else 0)
    for i in range(len(hits) - 1, -1, -1):
        put_hit(c, 3, hits[i])
    put_number(c, 2, party[1])
    put_number(c, 1, party[0])
    return put_length(c, field, before)


def write_single(
    str record_id not None, int verdict, tuple parties not None, *, bytes index not None,
    str engine_version not None, str request_id not None, bint truncated, bytes policy not None,
    list rulings not None,
):
    """Return the message ScreenResponse of a record.

    Args:
        record_id: As received.
        verdict: Its number.
        parties: As in `write_batch`.
        index: The message IndexReference.
        engine_version, request_id, truncated: As the fields.
        policy: The message PolicyReference.
        rulings: Messages Ruling.
    """
    cdef WriterC writer
    cdef WriterC* c = &writer
    cdef Py_ssize_t i
    open_writer(c, PyBytes_GET_SIZE(index) + PyBytes_GET_SIZE(policy) + 256)
    try:
        for i in range(len(rulings) - 1, -1, -1):
            put_bytes(c, 9, rulings[i])
        put_bytes(c, 8, policy)
        put_number(c, 7, truncated)
        put_text(c, 6, request_id)
        put_text(c, 5, engine_version)
        put_bytes(c, 4, index)
        for i in range(len(parties) - 1, -1, -1):
            put_party(c, 3, parties[i])
        put_number(c, 2, verdict)
        put_text(c, 1, record_id)
        return (<const char*> c.bytes)[c.room - c.size:c.room]
    finally:
        free(c.bytes)


def write_batch(
    const uint8_t[::1] verdicts not None, list results not None, list errors not None, *, bytes index not None,
    str engine_version not None, str request_id not None, bint truncated, bytes policy not None,
    list rulings not None,
):
    """Return the message ScreenBatchResponse, or ScreenStreamResponse, of a batch that was screened.

    Args:
        verdicts: Number of the verdict of each record, below 128.
        results: Of records whose verdict is not a pass: (position, record id, verdict, truncated, parties), each party
            (role, verdict, hits, truncated, limits, suppressed hits, stale clearances, fingerprint, rule id),
            each hit (entry id, list id, name, score, grade, reasons, quality, edition, fingerprint, rule id), each
            stale clearance (list id, entry id, reason); enums as numbers, all sequences but the outer one as tuples.
        errors: Of records without a verdict: (position, record id, code, field, expected, got).
        index: The message IndexReference.
        engine_version, request_id, truncated: As the fields.
        policy: The message PolicyReference.
        rulings: Messages Ruling.
    """
    cdef WriterC writer
    cdef WriterC* c = &writer
    cdef Py_ssize_t i, n
    cdef size_t before
    cdef tuple one, parties
    open_writer(c, verdicts.shape[0] + PyBytes_GET_SIZE(index) + PyBytes_GET_SIZE(policy) + 4096)
    try:
        for i in range(len(rulings) - 1, -1, -1):
            put_bytes(c, 10, rulings[i])
        put_bytes(c, 9, policy)
        put_number(c, 7, truncated)
        for i in range(len(errors) - 1, -1, -1):
            one = errors[i]
            before = c.size
            put_text(c, 6, one[5])
            put_text(c, 5, one[4])
            put_text(c, 4, one[3])
            put_text(c, 3, one[2])
            put_text(c, 2, one[1])
            put_number(c, 1, one[0])
            put_length(c, 6, before)
        put_text(c, 5, request_id)
        put_text(c, 4, engine_version)
        put_bytes(c, 3, index)
        for i in range(len(results) - 1, -1, -1):
            one = results[i]
            before = c.size
            put_number(c, 5, 1 if one[3] else 0)
            parties = one[4]
            for n in range(len(parties) - 1, -1, -1):
                put_party(c, 4, parties[n])
            put_number(c, 3, one[2])
            put_text(c, 2, one[1])
            put_number(c, 1, one[0])
            put_length(c, 2, before)
        if verdicts.shape[0]:
            before = c.size
            put_raw(c, &verdicts[0], verdicts.shape[0])
            put_length(c, 1, before)
        return (<const char*> c.bytes)[c.room - c.size:c.room]
    finally:
        free(c.bytes)
