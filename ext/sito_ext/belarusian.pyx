"""Names as Belarusian passports spell them, as Russian does: the native twin of `sito.names.belarusian`."""

from libc.string cimport memcmp, memcpy

from sito_ext.types cimport byte_t, uint8_t, uint32_t, uint64_t

cdef enum:
    SURNAME_LENGTH_MIN = 5
    WORD_LENGTH_MAX = 64
    NAME_ROOM = 16                 # bytes of a given name, with its length in the last one
    NAME_SLOTS = 256               # power of two
    ENDS_MAX = 24
    END_ROOM = 8
    TEXT_SIZE_MAX = 1024

# As in the twin; a test compares the tables.
cdef str NAMES = """
ales alesia aliaksandr aliaksandra aliaksei aksana barys dzianis dzmitry dzmitri dzmitryi henadz henadzi hleb ihar
kanstantsin katsiaryna kiryl maryia mikalai mikhas natallia ryhor siarhei siarhey stsiapan sviatlana sviataslau
tatsiana tsimafei tsimur uladzimir uladzislau vadzim valiantsin valiantsina vasil viachaslau viktar vital volha
yahor yauhen yauheni yauhenii yauheniya yauheniia zmitser
"""
cdef str FATHERS = "avich auna iauna yeuna ieuna ouna"
cdef str ENDS = (
    "iou:ev you:ev yeu:ev ieu:ev iau:ev yau:ev ou:ov eu:ev au:ov iova:eva yova:eva ava:ova ouskaya:ovskaya "
    "auskaya:ovskaya euskaya:evskaya ouski:ovski auski:ovski euski:evski chanka:chenko enka:enko anka:enko"
)

cdef byte_t names[NAME_SLOTS][NAME_ROOM]
cdef byte_t fathers[8][END_ROOM]   # the length in the last byte
cdef byte_t ends[ENDS_MAX][END_ROOM]
cdef byte_t russian_ends[ENDS_MAX][END_ROOM]
cdef uint32_t father_count = 0, end_count = 0


cdef inline uint32_t slot_of(const byte_t* c_word, uint32_t length) noexcept nogil:
    """Return the place of a name: its own, or the empty one where it would stand."""
    cdef uint64_t checksum = length
    cdef uint32_t i, slot
    for i in range(length):
        checksum = (checksum ^ c_word[i]) * <uint64_t> 0x100000001B3
    slot = <uint32_t> (checksum * <uint64_t> 0x9E3779B97F4A7C15 >> 56)
    while names[slot][NAME_ROOM - 1] and (
        names[slot][NAME_ROOM - 1] != length or memcmp(names[slot], c_word, length) != 0
    ):
        slot = (slot + 1) & (NAME_SLOTS - 1)
    return slot


cdef int put(byte_t* c_room, uint32_t room, bytes word) except -1:
    """Write a word and, in the last byte, its length."""
    cdef uint32_t i
    if len(word) >= room:
        raise ValueError(word)
    for i in range(room):
        c_room[i] = word[i] if i < <uint32_t> len(word) else 0
    c_room[room - 1] = <byte_t> len(word)
    return 0


cdef int fill_tables() except -1:
    """Fill the tables once, when the module is imported."""
    global father_count, end_count
    cdef uint32_t slot
    for slot in range(<uint32_t> NAME_SLOTS):
        put(names[slot], NAME_ROOM, b"")
    for word in NAMES.encode().split():
        slot = slot_of(word, <uint32_t> len(word))
        put(names[slot], NAME_ROOM, word)
    for word in FATHERS.encode().split():
        put(fathers[father_count], END_ROOM, word)
        father_count += 1
    for rule in ENDS.encode().split():
        end, russian_end = rule.split(b":")
        put(ends[end_count], END_ROOM, end)
        put(russian_ends[end_count], END_ROOM, russian_end)
        end_count += 1
    return 0


fill_tables()


cdef inline bint ends_with(const byte_t* c_word, uint32_t length, const byte_t* c_end) noexcept nogil:
    cdef uint32_t size = c_end[END_ROOM - 1]
    return length >= size and memcmp(c_word + length - size, c_end, size) == 0


cdef bint is_name(const byte_t* c_word, uint32_t length) noexcept nogil:
    """Is a word a given name that only Belarusian has?"""
    return length < NAME_ROOM and names[slot_of(c_word, length)][NAME_ROOM - 1] != 0


cdef bint is_father(const byte_t* c_word, uint32_t length) noexcept nogil:
    """Has a word the end of a Belarusian patronymic?"""
    cdef uint32_t i
    for i in range(father_count):
        if ends_with(c_word, length, fathers[i]):
            return True
    return False


cdef inline bint is_lone(const byte_t* c_word, uint32_t length) noexcept nogil:
    """Has a word the end of a Belarusian surname that is one without any name beside it?"""
    cdef byte_t before, first
    if length < SURNAME_LENGTH_MIN or c_word[length - 1] != c'u':
        return False
    before = c_word[length - 2]
    first = c_word[length - 3]
    return before == c'o' or before == c'a' and first != c'e' or before == c'e' and first != c'i'


cdef bint is_belarusian(const byte_t* c_word, uint32_t length) noexcept nogil:
    """Does a word in small Latin letters call for the Russian reading of its text?"""
    return is_name(c_word, length) or is_father(c_word, length) or is_lone(c_word, length)


cdef uint32_t part(byte_t* c_word, uint32_t length, const byte_t** c_end) noexcept nogil:
    """Return the length of a word without its Belarusian end, and the Russian one, NULL for none."""
    cdef uint32_t i, size
    c_end[0] = NULL
    for i in range(end_count):
        size = ends[i][END_ROOM - 1]
        if length > size + 1 and ends_with(c_word, length, ends[i]):
            c_end[0] = russian_ends[i]
            return length - size
    return length


cdef uint32_t respell(byte_t* c_word, uint32_t length, bint whole) noexcept nogil:
    """Write a folded word as Russian spells it, where it stands; returns its length, at most what it was."""
    cdef byte_t stem[WORD_LENGTH_MAX]
    cdef const byte_t* c_end
    cdef uint32_t i, size, kept = 0
    cdef byte_t letter, before, after
    cdef bint soft
    if whole:
        if length < SURNAME_LENGTH_MIN or is_name(c_word, length) or is_father(c_word, length) or (
            memcmp(c_word + length - 4, b"vich", 4) == 0
        ):
            return length
    elif not is_lone(c_word, length):
        return length
    size = part(c_word, length, &c_end)
    if whole:
        for i in range(size):          # dz and ts
            letter = c_word[i]
            before = c_word[i - 1] if i else 0
            after = c_word[i + 1] if i + 1 < size else 0
            soft = after == c'i' or after == c'e' or after == c'y'
            if (letter == c'z' and before == c'd' and (soft or after == c'k')) or (
                letter == c's' and before == c't' and soft
            ):
                continue
            stem[kept] = letter
            kept += 1
        for i in range(kept):          # h and ў
            letter = stem[i]
            before = stem[i - 1] if i else 0
            after = stem[i + 1] if i + 1 < kept else 0
            if letter == c'h' and not (
                before == c'c' or before == c'k' or before == c's' or before == c't' or before == c'z'
            ):
                letter = c'g'
            elif letter == c'u' and (before == c'a' or before == c'o') and (after == c'k' or after == c'c'):
                letter = c'v'
            c_word[i] = letter
        size = kept
    if c_end != NULL:
        memcpy(c_word + size, c_end, c_end[END_ROOM - 1])
        size += c_end[END_ROOM - 1]
    return size


cdef inline bint in_word(byte_t letter) noexcept nogil:
    return letter >= 0x80 or <uint8_t> ((letter | 32) - c'a') < 26


cdef uint32_t russian_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write a name in a Belarusian spelling as Russian spells it."""
    cdef byte_t word[WORD_LENGTH_MAX]
    cdef byte_t own[WORD_LENGTH_MAX]
    cdef uint32_t turn, position, first, length, i, written = 0, changed
    cdef bint whole = False, any_found = False, plain
    if room < size:
        return 0
    for turn in range(2):              # find out what kind of name it is, then write it
        position = 0
        while position < size:
            if not in_word(c_text[position]):
                if turn:
                    c_out[written] = c_text[position]
                    written += 1
                position += 1
                continue
            first = position
            plain = True
            while position < size and in_word(c_text[position]):
                plain = plain and c_text[position] < 0x80
                position += 1
            length = position - first
            if not plain or length > WORD_LENGTH_MAX:
                for i in range(first, position):
                    if (
                        c_text[i] == 0xD1 and i + 1 < position and c_text[i + 1] == 0x9E
                    ) or (c_text[i] == 0xD0 and i + 1 < position and c_text[i + 1] == 0x8E):
                        any_found = True
                    if turn:
                        c_out[written] = c_text[i]
                        written += 1
                continue
            for i in range(length):
                word[i] = c_text[first + i] | 32
            if turn == 0:
                whole = whole or is_name(word, length) or is_father(word, length)
                any_found = any_found or is_lone(word, length)
                continue
            memcpy(own, word, length)
            changed = respell(word, length, whole)
            if changed == length and memcmp(own, word, length) == 0:
                memcpy(c_out + written, c_text + first, length)
                written += length
                continue
            word[0] = word[0] & ~<byte_t> 32
            memcpy(c_out + written, word, changed)
            written += changed
        if turn == 0 and not whole and not any_found:
            return 0
    for i in range(1, written):        # ў and Ў are в and В
        if c_out[i - 1] == 0xD1 and c_out[i] == 0x9E:
            c_out[i - 1] = 0xD0
            c_out[i] = 0xB2
        elif c_out[i - 1] == 0xD0 and c_out[i] == 0x8E:
            c_out[i] = 0x92
    return 0 if written == size and memcmp(c_out, c_text, size) == 0 else written


def russian(bytes text not None):
    """Return a name in a Belarusian spelling as Russian spells it, None for all other texts: as the twin.

    Raises:
        OverflowError: The text is longer than a name may be, 1 kB.
    """
    cdef byte_t out[TEXT_SIZE_MAX]
    cdef uint32_t written
    if len(text) > TEXT_SIZE_MAX:
        raise OverflowError("text of more than 1 kB")
    written = russian_reading(<const byte_t*> text, <uint32_t> len(text), out, TEXT_SIZE_MAX)
    return (<const char*> out)[:written] if written else None


def tables():
    """Return given names, ends of patronymics, and ends of surnames with the Russian ones."""
    return NAMES, FATHERS, ENDS
