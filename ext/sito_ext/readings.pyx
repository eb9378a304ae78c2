"""Readings of a whole text: the native twin of `sito.names.readings`, which is the specification."""

from libc.string cimport memcmp, memcpy

from sito_ext.fold cimport decode
from sito_ext.types cimport byte_t, int32_t, uint8_t, uint16_t, uint32_t

cdef enum:
    KIND_GAP = 0
    KIND_LETTER = 1
    KIND_WIDE = 2
    KIND_DIGIT = 3
    KIND_NOTHING = 4

cdef enum:
    CASE_NONE = 0
    CASE_LOWER = 1
    CASE_UPPER = 2

cdef enum:
    SCRIPT_NONE = 0
    SCRIPT_LATIN = 1
    SCRIPT_CYRILLIC = 2

cdef enum:
    TEXT_SIZE_MAX = 1024
    LAYOUT_LETTERS_MIN = 5
    STRANGE_MIN = 10
    SOUND_MAX_DOUBLED = 21
    GAIN_MIN = 2
    SINGLES_MIN = 4
    SINGLES_ROW_MIN = 5
    CUT_LETTERS_MIN = 3
    JOINED_CHUNK_MAX = 2
    GAP_KINDS_MAX = 8
    WIDE_LETTERS = 4
    ACCENTED_END = 0x250
    CHUNK_MAX = 513            # single letters with single gaps
    LATIN_ROW = 27
    CYRILLIC_ROW = 33

# Half bits of each letter pair, as in the twin; a test compares them.
cdef const char* c_latin_costs = (
    "ZIIIJLKJJLLIJHKLJQJHJOLLSMM"
    "FPKLJNOLLLPKHJFONSGIJLMOTKM"
    "KEMTLFZWOHRQJUQGZZHNSHWXZMT"
    "IGWMTIVSDIWHMUSGWSMPNLRWZQM"
    "FGRTMFSONGPPNOOGUYINNJQPZLM"
    "GMNLKLOMNJQLHKGNOVFIJOIOQLM"
    "GFVUTFHSTGVPJQQHWYHNLIVWZPR"
    "FFQTQGTMJHSSKOLGUWINPHTPXNT"
    "GERNRFUUTGVMMLLHTZLOMIQPZNW"
    "GIMHKIOLPQPJIJFKNSJIINNSSLM"
    "JETOOGWXQGPNQPNFUZPKPHSUZTT"
    "FFSVVHWVHGUPLQPFUZKLOJRPYKW"
    "GFNNKFOPPFRNHMPHQWSMLKOSZKQ"
    "HDLMSGTTTGVQPKQGJXPNSIVVZNS"
    "EGOLIHQHOHQKRRKHTVRJJNRTXLO"
    "FPLLLMMMMMPLIJGLMVHIKJGLTNN"
    "JETPVFNVKHTNJOQGJZHMMJUWZNX"
    "HGOYRNTYYGUZTTUNZPPKQCOWZSV"
    "GFNMKHQKPGSMMMKGPTKKJJOSZKN"
    "FHPJSHTTGIVHMNOIMTQJGKQQZNO"
    "GGSOOGTSJHSNNOOGVZIIJKORTLL"
    "HKKKJJNLLKOIHJHOLSGGISPRQOL"
    "FEVRRGYQWEWPMVKIVZNJPPUZZMU"
    "IESRPFSVMFYQMTMHXVNHQNZSZMT"
    "EGQKWHSWMEZXMOQKKYUOKIRPOOT"
    "DEOMMIROSLULLMJIQXLKMHQTZOP"
    "GEOONGUPHGXMNMNIRTPOPJOQZKL"
)
cdef const char* c_cyrillic_costs = (
    "ZHIJIJNOLLTHKHKMJJHJNKJOMKTZZZMPN"
    "ERKKLKMQMNKKIJGRNHKJNNLPONVZZZTUK"
    "MEOWTJFSQGZPLUPGZIQTHZRSRUWXNQOQQ"
    "GEWTQQJXTEZPNUGKWOJRPXVRSTYZQSTYQ"
    "JERPPOGURGYTHONGVIPQHTSZWVZXSTPPU"
    "IFROQNGIJFZONNNGUIOPIUQUSTZXLNOON"
    "JRNEMKLQNRJKHKGONGKJRONNPOTZZZXWS"
    "KEPQQMFSYEZMQNLHUSQWHZWXVZZZTSORR"
    "JENNNLGTPFZPNNMHVOTSIXSYWYZZLOPMJ"
    "HNMMMKLSMRJIIJFNNJJKQNMNFNTZZZTUL"
    "DPLNMJLTLOVJJKHLPKJJTNLOMOWZUZVTO"
    "HEROVUJXVFZNLQREUKLOIWTXVQZZRTOSR"
    "KGPQPNGUTFZNIORGSUPNKRPYTVZZKFRMK"
    "JDLTQRGSPFZPQNQGNPNTHTQTQQZZOQOSO"
    "FEPRLJIRQHZJSSLGVRKLLRRNORYUPLQQN"
    "HRMCKLPPNQNLIKIQNIKLPOOQPOTZZYTWR"
    "KFSTUSGWVGZMKSPFKHNMIQSROPZZNOQTO"
    "HFMOLKHONGYLNMLFQNLKJQOPPOWZNNQPN"
    "GFQNTTHZZHZFKMNHNPKHJSQUVXZZOOPON"
    "HFROPKHTQGZLNPNFVINKJQOQPRZZMMONN"
    "JMKOLJOOKNOIFJIPMGIIUNJONKSZZZNTR"
    "IEUUQTGVRFWPKQRHWIQMIKRYXVZZUNPSP"
    "JDQNURJWTGYRMINGVKQKIUUXVSZVRQOSS"
    "GISOUWFZKGVFOPRITSTXGVRMZVZZJRRPQ"
    "BJXUZZGPZIZLVRPNWWVUKYVZQZZZWVSSU"
    "IEPLUTFZYGZHMLLINPVJIRSZVUZZUTRTT"
    "NGUSYSCYWEYOURQMVRWUGXXYWWYYWWYTU"
    "JLSTPOGTMFTSPJNLTMNOLOMSSTTTTTJHE"
    "ESKNJMLNKSJIIKHPMHKLTRKOKISZZZZXQ"
    "FRKLLIFQONYIRJKLPRJLWKNMLMSZZXYMG"
    "GQMLMISUOKHJGIFPOHJJOONNQOZZZYQSQ"
    "JNJNKJPOKOMFHJHQNHHJTOKOMJPZZUNSS"
    "DSNMMMMQLROILJFPOJKJPPMQNNTZZZVXT"
)

# What the keys of ASCII signs are on the Russian layout: offset from U+0400, 0 for none.
cdef uint8_t cyrillic_of_key[128]
# What the Russian letters from U+0400 on are as keys, 0 for letters without a key.
cdef uint8_t key_of_cyrillic[256]
# Place of Cyrillic letters from U+0400 on in the cost table, 0 for others.
cdef uint8_t cyrillic_place[256]
# Kinds of ASCII.
cdef uint8_t ascii_kind[128]


cdef void fill_tables() except *:
    """Fill the tables of this module once, when it is imported."""
    cdef uint32_t i
    cdef str keys = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
    cdef str letters = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
    cdef str more_letters = "іїєґўІЇЄҐЎ"
    cdef str more_keys = "s]'\\oS}\"|O"
    cdef str sounds = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    for i in range(128):
        cyrillic_of_key[i] = 0
        ascii_kind[i] = <uint8_t> (
            KIND_DIGIT if 48 <= i < 58 else KIND_LETTER if 65 <= i < 91 or 97 <= i < 123 else KIND_GAP
        )
    for i in range(256):
        key_of_cyrillic[i] = 0
        cyrillic_place[i] = 0
    for key, letter in zip(keys, letters):
        cyrillic_of_key[<uint32_t> ord(key)] = <uint8_t> (ord(letter) - 0x400)
    for key, letter in zip(keys + more_keys, letters + more_letters):
        key_of_cyrillic[<uint32_t> ord(letter) - 0x400] = <uint8_t> ord(key)
    for place, letter in enumerate(sounds, 1):
        cyrillic_place[<uint32_t> ord(letter) - 0x400] = <uint8_t> place
        cyrillic_place[<uint32_t> ord(letter.upper()) - 0x400] = <uint8_t> place
    for letter, sound in zip("ёіїєґў", "еииегу"):
        place = sounds.index(sound) + 1
        cyrillic_place[<uint32_t> ord(letter) - 0x400] = <uint8_t> place
        cyrillic_place[<uint32_t> ord(letter.upper()) - 0x400] = <uint8_t> place


fill_tables()


cdef inline uint8_t kind_of(int32_t code) noexcept nogil:
    """Return what a code point is to a reading; by ranges, as the twin."""
    if code < 0:
        return KIND_GAP
    if code < 0x80:
        return ascii_kind[code]
    if code == 0xAD or 0x300 <= code < 0x370 or 0x200B <= code < 0x2010 or 0x202A <= code < 0x202F:
        return KIND_NOTHING
    if 0x2060 <= code < 0x2070 or code == 0xFEFF:
        return KIND_NOTHING
    if (code < 0xC0 and code != 0xAA and code != 0xB5 and code != 0xBA) or code == 0xD7 or code == 0xF7:
        return KIND_GAP
    if 0x2000 <= code < 0x2070 or 0x2190 <= code < 0x2C00 or 0x2E00 <= code < 0x2E80 or 0x3000 <= code < 0x3040:
        return KIND_GAP
    if 0xFE00 <= code < 0xFE70 or 0xFF00 <= code < 0xFF21 or code >= 0xE0000:
        return KIND_GAP
    if 0x2E80 <= code < 0xD800 or 0xF900 <= code < 0xFB00 or 0x20000 <= code < 0x30000:
        return KIND_WIDE
    return KIND_LETTER


cdef inline uint8_t latin_place(int32_t code) noexcept nogil:
    """Return the place of an ASCII letter in the cost table, 0 for others."""
    cdef int32_t low = code | 32
    return <uint8_t> (low - 96) if 97 <= low < 123 and code < 0x80 else <uint8_t> 0


cdef uint32_t layout_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write the text as it reads on the other keyboard layout; returns the bytes written, 0 for no such reading."""
    cdef uint32_t position = 0, width, letters = 0, here = 0, pairs = 0, there = 0, read_pairs = 0, written = 0
    cdef uint8_t script = SCRIPT_NONE, this, last = 0, kind
    cdef int32_t code, read
    cdef bint lower = False, belarusian = False, accented = False
    if size > TEXT_SIZE_MAX or size < LAYOUT_LETTERS_MIN:
        return 0
    while position < size:
        code = c_text[position]
        if code < 0x80:
            position += 1
            this = latin_place(code)
            if this:
                if script == SCRIPT_CYRILLIC or accented:
                    return 0
                script = SCRIPT_LATIN
                letters += 1
                lower = lower or code & 32
        else:
            position += decode(c_text + position, size - position, &code)
            if 0x400 <= code < 0x500:
                this = cyrillic_place[code & 0xFF]
                if this == 0 or script == SCRIPT_LATIN:
                    return 0
                script = SCRIPT_CYRILLIC
                letters += 1
                belarusian = belarusian or code == 0x45E or code == 0x40E
            else:
                kind = kind_of(code)
                if kind == KIND_LETTER and 0xC0 <= code < ACCENTED_END and script != SCRIPT_LATIN:
                    accented = True
                elif kind == KIND_LETTER or kind == KIND_WIDE:
                    return 0
                if kind == KIND_NOTHING:
                    continue
                this = 0
        if this or last:
            pairs += 1
            if script == SCRIPT_LATIN:
                here += <uint32_t> c_latin_costs[last * LATIN_ROW + this] - 65
            else:
                here += <uint32_t> c_cyrillic_costs[last * CYRILLIC_ROW + this] - 65
        last = this
    if last:
        pairs += 1
        if script == SCRIPT_LATIN:
            here += <uint32_t> c_latin_costs[last * LATIN_ROW] - 65
        else:
            here += <uint32_t> c_cyrillic_costs[last * CYRILLIC_ROW] - 65
    if letters < LAYOUT_LETTERS_MIN or here <= STRANGE_MIN * pairs:
        return 0
    position = 0
    last = 0
    while position < size:
        width = decode(c_text + position, size - position, &code)
        read = code
        if script == SCRIPT_LATIN:
            if 0 <= code < 128 and cyrillic_of_key[code]:
                read = 0x400 + cyrillic_of_key[code]
                if not lower:
                    read = read - 80 if read >= 0x450 else read - 32 if read >= 0x430 else read
        elif 0x400 <= code < 0x500:
            read = key_of_cyrillic[code & 0xFF]
            if belarusian and (code == 0x456 or code == 0x406):
                read = c'b' if code == 0x456 else c'B'
        if written + 4 > room:
            return 0
        if read == code:
            memcpy(c_out + written, c_text + position, width)
            written += width
        elif read < 0x80:
            c_out[written] = <byte_t> read
            written += 1
        else:
            c_out[written] = <byte_t> (0xC0 | read >> 6)
            c_out[written + 1] = <byte_t> (0x80 | read & 0x3F)
            written += 2
        position += width
        if code >= 0x80 and kind_of(code) == KIND_NOTHING:
            continue
        if script == SCRIPT_LATIN:
            this = cyrillic_place[read & 0xFF] if 0x400 <= read < 0x500 else <uint8_t> 0
        else:
            this = latin_place(read) if read >= 0 else <uint8_t> 0
        if this or last:
            read_pairs += 1
            if script == SCRIPT_LATIN:
                there += <uint32_t> c_cyrillic_costs[last * CYRILLIC_ROW + this] - 65
            else:
                there += <uint32_t> c_latin_costs[last * LATIN_ROW + this] - 65
        last = this
    if last:
        read_pairs += 1
        if script == SCRIPT_LATIN:
            there += <uint32_t> c_cyrillic_costs[last * CYRILLIC_ROW] - 65
        else:
            there += <uint32_t> c_latin_costs[last * LATIN_ROW] - 65
    if 2 * there > SOUND_MAX_DOUBLED * read_pairs or here * read_pairs < (there + GAIN_MIN * read_pairs) * pairs:
        return 0
    return written


cdef inline uint8_t case_of(int32_t code) noexcept nogil:
    """Return the case of a plain Latin or Cyrillic letter."""
    if 97 <= code < 123 or 0x430 <= code < 0x460:
        return CASE_LOWER
    return CASE_UPPER if 65 <= code < 91 or 0x400 <= code < 0x430 else CASE_NONE


cdef uint32_t cut_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write the text with a blank before capitals inside words; returns the bytes written, 0 if there are none."""
    cdef uint32_t position = 0, width, letters = 0, written = 0
    cdef uint8_t case_now, case_before = CASE_NONE
    cdef int32_t code, after
    if room < size + size // CUT_LETTERS_MIN:
        return 0
    while position < size:
        width = decode(c_text + position, size - position, &code)
        case_now = case_of(code)
        if case_now == CASE_UPPER and case_before == CASE_LOWER and letters >= CUT_LETTERS_MIN:
            after = -1
            if position + width < size:
                decode(c_text + position + width, size - position - width, &after)
            if case_of(after) == CASE_LOWER:
                c_out[written] = c' '
                written += 1
                letters = 0
        letters = letters + 1 if case_now != CASE_NONE else 0
        memcpy(c_out + written, c_text + position, width)
        written += width
        position += width
        case_before = case_now
    return written if written > size else 0


cdef uint32_t joined_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write the text with single letters put together; returns the bytes written, 0 for no such reading."""
    cdef uint16_t starts[CHUNK_MAX]
    cdef uint16_t ends[CHUNK_MAX]
    cdef uint16_t letters[CHUNK_MAX]
    cdef uint32_t gap_at[GAP_KINDS_MAX]
    cdef uint32_t gap_size[GAP_KINDS_MAX]
    cdef uint32_t gap_count[GAP_KINDS_MAX]
    cdef uint32_t position = 0, chunks = 0, singles = 0, others = 0, count = 0, gaps = 0, written = 0
    cdef uint32_t i, k, width, at, length
    cdef int32_t code
    cdef uint8_t kind
    cdef uint32_t row = 0, longest = 0
    cdef uint8_t case_now, case_before = CASE_NONE
    cdef bint inside = False, capital_inside = False
    if size > TEXT_SIZE_MAX or size < CUT_LETTERS_MIN + 2:
        return 0
    while True:
        width = 1
        kind = KIND_GAP
        if position < size:
            code = c_text[position]
            if code < 0x80:
                kind = ascii_kind[code]
            else:
                width = decode(c_text + position, size - position, &code)
                kind = KIND_LETTER if 0x400 <= code < 0x500 else kind_of(code)
            case_now = case_of(code)
            capital_inside = capital_inside or (case_now == CASE_UPPER and case_before == CASE_LOWER)
            case_before = case_now
        if kind == KIND_GAP:
            if inside:
                inside = False
                ends[chunks] = <uint16_t> position
                letters[chunks] = <uint16_t> count
                chunks += 1
                if count == 1:
                    singles += 1
                    row += 1
                    longest = max(longest, row)
                else:
                    others += count
                    row = 0
            if position >= size:
                break
        elif inside or kind != KIND_NOTHING:
            if not inside:
                inside = True
                starts[chunks] = <uint16_t> position
                count = 0
            if kind == KIND_WIDE:
                count += WIDE_LETTERS
            elif kind == KIND_DIGIT:
                count += 2
            elif kind == KIND_LETTER:
                count += 1
        position += width
    if (singles < SINGLES_MIN or singles <= others) and longest < SINGLES_ROW_MIN:
        return cut_reading(c_text, size, c_out, room) if capital_inside else 0
    for i in range(1, chunks):
        if letters[i - 1] != 1 or letters[i] != 1:
            continue
        at = ends[i - 1]
        length = starts[i] - at
        for k in range(gaps):
            if gap_size[k] == length and memcmp(c_text + gap_at[k], c_text + at, length) == 0:
                gap_count[k] += 1
                break
        else:
            if gaps < GAP_KINDS_MAX:
                gap_at[gaps] = at
                gap_size[gaps] = length
                gap_count[gaps] = 1
                gaps += 1
    if gaps == 0:
        return cut_reading(c_text, size, c_out, room) if capital_inside else 0
    at = 0
    for k in range(1, gaps):
        if gap_count[k] > gap_count[at]:
            at = k
    length = gap_size[at]
    at = gap_at[at]
    if room < size:
        return 0
    for i in range(chunks):
        if i and not (
            letters[i - 1] <= JOINED_CHUNK_MAX and letters[i] <= JOINED_CHUNK_MAX
            and <uint32_t> (starts[i] - ends[i - 1]) == length
            and memcmp(c_text + ends[i - 1], c_text + at, length) == 0
        ):
            c_out[written] = c' '
            written += 1
        memcpy(c_out + written, c_text + starts[i], ends[i] - starts[i])
        written += ends[i] - starts[i]
    return written


def layout(bytes text not None):
    """Return the text as it reads on the other keyboard layout, None for no such reading: as the twin."""
    cdef byte_t out[2 * TEXT_SIZE_MAX + 4]
    cdef uint32_t size = <uint32_t> min(len(text), TEXT_SIZE_MAX + 1)
    cdef uint32_t written = layout_reading(<const byte_t*> text, size, out, 2 * TEXT_SIZE_MAX + 4)
    return (<const char*> out)[:written] if written else None


def joined(bytes text not None):
    """Return the text with letters that stand apart put together, None for no such reading: as the twin."""
    cdef byte_t out[2 * TEXT_SIZE_MAX + 4]
    cdef uint32_t size = <uint32_t> min(len(text), TEXT_SIZE_MAX + 1)
    cdef uint32_t written = joined_reading(<const byte_t*> text, size, out, 2 * TEXT_SIZE_MAX + 4)
    return (<const char*> out)[:written] if written else None


def costs():
    """Return the cost tables of Latin and Cyrillic letter pairs, to compare them with those of the twin."""
    return c_latin_costs.decode("ascii"), c_cyrillic_costs.decode("ascii")
