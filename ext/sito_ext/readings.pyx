"""Readings of a whole text: the native twin of `sito.names.readings`, which is the specification."""

from libc.string cimport memcmp, memcpy

from sito_ext.belarusian cimport is_belarusian, russian_reading
from sito_ext.fold cimport decode
from sito_ext.types cimport byte_t, int8_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

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

cdef bytes HARD_SIGN = "ъ".encode()
cdef bytes HARD_SIGN_CAPITAL = "Ъ".encode()

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
    LETTERED_MIN = 3
    CUT_LETTERS_MIN = 3
    JOINED_CHUNK_MAX = 2
    GAP_KINDS_MAX = 8
    WIDE_LETTERS = 4
    ACCENTED_END = 0x250
    CHUNK_MAX = 513            # single letters with single gaps
    LATIN_ROW = 27
    CYRILLIC_ROW = 33
    PLAIN_LENGTH_MAX = 32      # letters of a word up to which it is known to read as written

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


cdef inline uint32_t cost_of(bint latin, uint8_t last, uint8_t this) noexcept nogil:
    """Return how strange a pair of neighbours is, by their places in the cost table of a script; 0 is a gap."""
    if latin:
        return <uint32_t> c_latin_costs[last * LATIN_ROW + this] - 65
    return <uint32_t> c_cyrillic_costs[last * CYRILLIC_ROW + this] - 65


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
            here += cost_of(script == SCRIPT_LATIN, last, this)
        last = this
    if last:
        pairs += 1
        here += cost_of(script == SCRIPT_LATIN, last, 0)
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
            there += cost_of(script != SCRIPT_LATIN, last, this)
        last = this
    if last:
        read_pairs += 1
        there += cost_of(script != SCRIPT_LATIN, last, 0)
    if 2 * there > SOUND_MAX_DOUBLED * read_pairs or here * read_pairs < (there + GAIN_MIN * read_pairs) * pairs:
        return 0
    return written


# Korean syllables, as in the twin `sito.names.korean`; a test compares the tables.
cdef str SURNAMES = (
    "gim:kim,gim,ghim,gym yi:lee,yi,ri,rhee,i,rhie,li bag:park,pak,bak,pack,bag jwe:choi,choe,choy,jwe "
    "jeong:jung,jeong,chung,jong,chong,cheong,joung gang:kang,gang jo:cho,jo,joh yun:yoon,yun,youn "
    "jang:jang,chang im:lim,im,rim,yim,leem han:han,hahn oh:oh,o seo:seo,so,suh sin:shin,sin "
    "gwon:kwon,gwon,kweon hwang:hwang,whang an:ahn,an song:song yu:yoo,yu,ryu,you,ryoo hong:hong "
    "jeon:jeon,jun,chon,chun,jon,cheon go:ko,go,koh,goh mun:moon,mun yang:yang,ryang son:son,sohn "
    "be:bae,pae,bai,be beg:baek,paek,baik,paik,beg heo:heo,hur,huh,ho no:noh,no,roh,ro nam:nam "
    "sim:sim,shim ju:joo,ju,chu,choo wu:woo,u,wu gu:koo,ku,gu,goo min:min na:na,ra ji:ji,jee,chi "
    "eom:eom,om,um,uhm won:won,weon bang:bang,pang gong:kong,gong hyeon:hyun,hyon,hyeon ham:ham,hahm "
    "yeom:yeom,yom,ryom,yum byeon:byun,byeon,pyon yeo:yeo,yo,ryo do:do,to,doh seog:seok,sok,suk,seog "
    "ma:ma,mah gir:gil,kil,gir byo:pyo,byo myeong:myung,myong,myeong gi:ki,gi,kee ban:ban,pan "
    "geum:keum,geum,kum og:ok,ock,og yug:yook,yuk,ryuk,yug meng:maeng,meng je:chae,je mo:mo dag:tak,dag "
    "gug:kook,guk,kuk,gook,gug eun:eun yong:yong,ryong seong:seong,sung gwag:kwak,gwak,gwag ja:cha,ja "
    "jin:jin,chin ha:ha de:tae,de"
)
cdef str INITIALS = (
    "tch:j kk:g gg:g kh:g ch:j jj:j tt:d dd:d th:d pp:b bb:b ph:b ss:s sh:s k:g g:g d:d t:d b:b p:b j:j "
    "s:s h:h n:n m:m r:r l:r"
)
cdef str VOWELS = (
    "yeo:yeo you:you yoo:yu yae:ye weo:wo woo:u wae:we wai:we wei:we wee:wi eui:i yu:yu yo:yo ye:ye ya:ya "
    "yi:i wo:wo wa:wa we:we wi:wi wu:u oe:we oi:we eo:eo eu:eu ui:i uy:i uh:eo ae:e ai:e ay:e eh:e ah:a "
    "oh:o oo:u ou:u ee:i ie:i a:a e:e o:o u:u i:i"
)
cdef str FINALS = (
    "ng:ng n:n m:m l:r r:r k:g g:g t:d d:d p:b b:b"
)
cdef str HANGUL = (
    "g g n d d r m b b s s - j j j g d b h | a e ya ye eo e yeo ye o wa we we yo u wo we wi yu eu i i | - "
    "g g g n n n d r g m b r r b r m b b d d ng d d g d b d"
)


cdef enum:
    KOREAN_TEXT_MAX = 64
    KOREAN_SURNAME_SLOTS = 1024   # power of two
    KOREAN_RULES_MAX = 64
    KOREAN_CODE_LENGTH = 14
    KOREAN_CODE_LETTERS = 10
    HANGUL_FIRST = 0xAC00
    HANGUL_LAST = 0xD7A3

cdef const char* c_code_letters = "bdgklmnprt"

ctypedef struct KoreanRule:
    char written[4]
    char one[4]

# Rules end with one that writes nothing. Surnames are packed letters, then the number of what is written for them.
cdef KoreanRule korean_initials[KOREAN_RULES_MAX]
cdef KoreanRule korean_vowels[KOREAN_RULES_MAX]
cdef KoreanRule korean_finals[KOREAN_RULES_MAX]
cdef KoreanRule hangul_initials[KOREAN_RULES_MAX]
cdef KoreanRule hangul_vowels[KOREAN_RULES_MAX]
cdef KoreanRule hangul_finals[KOREAN_RULES_MAX]
cdef uint64_t korean_surnames[KOREAN_SURNAME_SLOTS]
cdef uint8_t korean_ranks[KOREAN_SURNAME_SLOTS]
cdef char korean_written[128][8]


cdef int korean_rules(KoreanRule* c_rules, list rules) except -1:
    """Fill a table of rules; letters end with a zero."""
    cdef uint32_t i, k
    for i in range(<uint32_t> KOREAN_RULES_MAX):
        for k in range(4):
            c_rules[i].written[k] = 0
            c_rules[i].one[k] = 0
    for i, (written, one) in enumerate(rules):
        for k, letter in enumerate(written):
            c_rules[i].written[k] = <char> ord(letter)
        for k, letter in enumerate(one):
            c_rules[i].one[k] = <char> ord(letter)
    return 0


cdef inline uint32_t korean_slot(uint64_t packed) noexcept nogil:
    """Return the place of packed letters: theirs, or the empty one where they would stand."""
    cdef uint32_t slot = <uint32_t> ((packed * <uint64_t> 0x9E3779B97F4A7C15) >> 54)
    while korean_surnames[slot] and korean_surnames[slot] != packed:
        slot = (slot + 1) & (KOREAN_SURNAME_SLOTS - 1)
    return slot


cdef void fill_korean() except *:
    """Fill the tables of Korean once, when the module is imported."""
    cdef uint32_t rank, slot, k
    cdef uint64_t packed
    for rules, table in ((0, INITIALS), (1, VOWELS), (2, FINALS)):
        pairs = [rule.split(":") for rule in table.split()]
        if rules == 0:
            korean_rules(korean_initials, pairs)
        elif rules == 1:
            korean_rules(korean_vowels, pairs)
        else:
            korean_rules(korean_finals, pairs)
    hangul = [[("", part.strip("-")) for part in row.split()] for row in HANGUL.split("|")]
    korean_rules(hangul_initials, hangul[0])
    korean_rules(hangul_vowels, hangul[1])
    korean_rules(hangul_finals, hangul[2])
    for slot in range(<uint32_t> KOREAN_SURNAME_SLOTS):
        korean_surnames[slot] = 0
    for rank, rule in enumerate(SURNAMES.split()):
        one, spellings = rule.split(":")
        for k in range(8):
            korean_written[rank][k] = <char> ord(one[k]) if k < <uint32_t> len(one) else <char> 0
        for spelling in spellings.split(","):
            packed = 0
            for letter in spelling:
                packed = packed << 8 | <uint64_t> ord(letter)
            slot = korean_slot(packed)
            korean_surnames[slot] = packed
            korean_ranks[slot] = <uint8_t> rank


fill_korean()


cdef inline uint32_t korean_put(byte_t* c_out, const char* c_letters) noexcept nogil:
    """Write letters up to their zero; returns how many."""
    cdef uint32_t k = 0
    while k < 4 and c_letters[k]:
        c_out[k] = <byte_t> c_letters[k]
        k += 1
    return k


cdef inline uint32_t korean_fit(const byte_t* c_word, uint32_t size, const KoreanRule* c_rule) noexcept nogil:
    """Return the letters of a rule if a word begins with them, else 0."""
    cdef uint32_t k = 0
    while k < 4 and c_rule.written[k]:
        if k >= size or c_word[k] != <byte_t> c_rule.written[k]:
            return 0
        k += 1
    return k


cdef uint32_t korean_syllable(
    byte_t* c_out, const char* c_initial, const char* c_vowel, const char* c_final,
) noexcept nogil:
    """Write one syllable; room for 12 bytes."""
    cdef uint32_t written = korean_put(c_out, c_initial)
    cdef bint you
    if c_vowel[0] == c'y' and (c_vowel[1] == c'u' or c_vowel[1] == c'o'):
        you = c_vowel[1] == c'o' and c_vowel[2] == c'u'
        if c_final[0] and (c_initial[0] or you):
            c_vowel = b"yeo"
        elif you:
            c_vowel = b"yu"
    written += korean_put(c_out + written, c_vowel)
    return written + korean_put(c_out + written, c_final)


cdef uint32_t korean_hangul(byte_t* c_out, int32_t code) noexcept nogil:
    """Write the letters of a Hangul syllable; room for 12 bytes."""
    cdef uint32_t place = <uint32_t> (code - HANGUL_FIRST)
    return korean_syllable(
        c_out, hangul_initials[place // 588].one, hangul_vowels[place % 588 // 28].one, hangul_finals[place % 28].one
    )


cdef uint32_t korean_word(const byte_t* c_word, uint32_t size, byte_t* c_out, uint32_t* c_count) noexcept nogil:
    """Write a word of small letters syllable by syllable; 0 if it is none. Room for six bytes a letter."""
    cdef uint32_t at = 0, width = 0, rule, initial, vowel, final, written = 0
    while at < size:
        rule = 0
        while korean_initials[rule].written[0]:
            width = korean_fit(c_word + at, size - at, &korean_initials[rule])
            if width:
                at += width
                break
            rule += 1
        initial = rule
        rule = 0
        width = 0
        while korean_vowels[rule].written[0]:
            width = korean_fit(c_word + at, size - at, &korean_vowels[rule])
            if width:
                at += width
                break
            rule += 1
        if width == 0:
            return 0
        vowel = rule
        final = KOREAN_RULES_MAX - 1
        rule = 0
        while korean_finals[rule].written[0]:
            width = korean_fit(c_word + at, size - at, &korean_finals[rule])
            if width:
                if width == 2 or at + width >= size or not is_korean_vowel(c_word[at + width]):
                    at += width
                    final = rule
                break
            rule += 1
        written += korean_syllable(
            c_out + written, korean_initials[initial].one, korean_vowels[vowel].one, korean_finals[final].one
        )
        c_count[0] += 1
    return written


cdef inline bint is_korean_vowel(byte_t letter) noexcept nogil:
    return letter in (c'a', c'e', c'i', c'o', c'u', c'w', c'y')


cdef uint32_t korean_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write the one spelling of a Korean name; returns the bytes written, 0 for all other texts."""
    cdef byte_t letters[12 * KOREAN_TEXT_MAX + 12]  # of all words; those of Hangul are syllables already
    cdef byte_t given[12 * KOREAN_TEXT_MAX + 12]
    cdef uint32_t starts[4]
    cdef uint32_t ends[4]
    cdef uint32_t counts[4]
    cdef bint hyphens[4]
    cdef uint32_t position = 0, words = 0, filled = 0, width, i, k, order, last, count, name, rank, best, size_given
    cdef uint32_t size_best = 0
    cdef uint64_t packed, checksum = <uint64_t> 0xCBF29CE484222325
    cdef int32_t code
    cdef bint inside = False, hangul
    cdef byte_t kept[12 * KOREAN_TEXT_MAX + 12]
    if size > KOREAN_TEXT_MAX or size < 5 or room < 12 * KOREAN_TEXT_MAX:
        return 0
    hangul = 0xEA <= c_text[0] <= 0xED
    while position < size:
        code = c_text[position]
        width = 1
        if code >= 0x80:
            width = decode(c_text + position, size - position, &code)
            if not hangul and code != 0x2018 and code != 0x2019 and code != 0x02BC:
                return 0
        position += width
        if not hangul and (code == c"'" or code == c'`' or code >= 0x80):
            continue
        if code == c' ' or code == c'-' or code == c',' or code == c'.':
            if words and code == c'-':
                hyphens[words - 1] = True
            inside = False
            continue
        if hangul:
            if code < HANGUL_FIRST or code > HANGUL_LAST:
                return 0
        else:
            code |= 32
            if code < 97 or code >= 123 or c_text[position - 1] < 65:
                return 0
        if not inside:
            if words == 3:
                return 0
            starts[words] = filled
            counts[words] = 0
            hyphens[words] = False
            words += 1
            inside = True
        if hangul:
            filled += korean_hangul(letters + filled, code)
            counts[words - 1] += 1
        else:
            letters[filled] = <byte_t> code
            filled += 1
        ends[words - 1] = filled
        if hangul and words == 1 and counts[0] == 1:
            starts[3] = filled  # where the given name begins if there is no gap
    if hangul and words == 1:
        ends[1] = ends[0]
        starts[1] = ends[0] = starts[3]
        counts[1] = counts[0] - 1
        counts[0] = 1
        hyphens[0] = hyphens[1] = False
        words = 2
    if words < 2:
        return 0
    last = words - 1
    best = 255
    for order in range(2):
        name = 0 if order == 0 else last
        if hyphens[0 if order == 0 else last - 1] or ends[name] - starts[name] > 7:
            continue
        if hangul and counts[name] != 1:
            continue
        packed = 0
        for k in range(starts[name], ends[name]):
            packed = packed << 8 | letters[k]
        k = korean_slot(packed)
        if korean_surnames[k] == 0 or korean_ranks[k] >= best:
            continue
        rank = korean_ranks[k]
        count = 0
        size_given = 0
        for i in range(0 if order else 1, last if order else words):
            if hangul:
                memcpy(given + size_given, letters + starts[i], ends[i] - starts[i])
                size_given += ends[i] - starts[i]
                count += counts[i]
            else:
                k = korean_word(letters + starts[i], ends[i] - starts[i], given + size_given, &count)
                if k == 0:
                    count = 0
                    break
                size_given += k
        if count == 2:
            best = rank
            memcpy(kept, given, size_given)
            size_best = size_given
    if best == 255:
        return 0
    k = 0
    while k < 8 and korean_written[best][k]:
        c_out[k] = <byte_t> korean_written[best][k]
        k += 1
    c_out[k] = c' '
    k += 1
    for i in range(size_best):
        checksum = (checksum ^ kept[i]) * <uint64_t> 0x100000001B3
    for _ in range(KOREAN_CODE_LENGTH):
        c_out[k] = <byte_t> c_code_letters[checksum % KOREAN_CODE_LETTERS]
        checksum //= KOREAN_CODE_LETTERS
        k += 1
    return k


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


cdef inline bint is_consonant(int32_t code) noexcept nogil:
    """Return whether a code point is a Cyrillic consonant of Bulgarian or Russian."""
    if 0x410 <= code < 0x430:
        code += 32
    if code < 0x431 or code > 0x449:
        return False
    return code != 0x435 and code != 0x438 and code != 0x43E and code != 0x443


cdef uint32_t voiced_reading(const byte_t* c_text, uint32_t size, byte_t* c_out, uint32_t room) noexcept nogil:
    """Write a text in Bulgarian letters as Latin ones write it; returns the bytes written, 0 for all other texts."""
    cdef uint32_t position = 0, width, written = 0
    cdef int32_t code, after
    cdef bint found = False
    if room < 2 * size:
        return 0
    while position < size:
        width = decode(c_text + position, size - position, &code)
        after = -1
        if position + width < size:
            decode(c_text + position + width, size - position - width, &after)
        position += width
        if (code == 0x44A or code == 0x42A) and is_consonant(after):
            found = True
            code = 0x430 if code == 0x44A else 0x410
        elif code == 0x449 or code == 0x429:
            code = 0x448 if code == 0x449 else 0x428
            c_out[written] = <byte_t> (0xC0 | code >> 6)
            c_out[written + 1] = <byte_t> (0x80 | code & 0x3F)
            written += 2
            code = 0x442
        else:
            memcpy(c_out + written, c_text + position - width, width)
            written += width
            continue
        c_out[written] = <byte_t> (0xC0 | code >> 6)
        c_out[written + 1] = <byte_t> (0x80 | code & 0x3F)
        written += 2
    return written if found else 0


cdef uint32_t lettered_reading(
    const byte_t* c_text, uint32_t size, const uint16_t* c_starts, const uint16_t* c_ends, const uint16_t* c_letters,
    uint32_t chunks, byte_t* c_out, uint32_t room,
) noexcept nogil:
    """Write the text with words that are written letter by letter with dots in one piece; 0 without such."""
    cdef uint32_t first = 0, last, i, at = 0, written = 0, gap
    cdef bint dotted
    if room < size:
        return 0
    while first < chunks:
        last = first
        dotted = False
        while last + 1 < chunks and c_letters[last] == 1 and c_letters[last + 1] == 1:
            gap = <uint32_t> (c_starts[last + 1] - c_ends[last])
            if gap > 2 or (c_text[c_ends[last]] != c'.' and (gap == 2 or c_text[c_ends[last]] != c' ')):
                break
            if gap == 2 and c_text[c_ends[last] + 1] != c' ':
                break
            dotted = dotted or c_text[c_ends[last]] == c'.'
            last += 1
        if dotted and last - first + 1 >= LETTERED_MIN:
            for i in range(first, last):
                memcpy(c_out + written, c_text + at, c_ends[i] - at)
                written += c_ends[i] - at
                at = c_starts[i + 1]
        first = last + 1
    if at == 0:
        return 0
    memcpy(c_out + written, c_text + at, size - at)
    return written + size - at


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
    cdef bint inside = False, capital_inside = False, hard_sign = False
    if size > TEXT_SIZE_MAX or size < CUT_LETTERS_MIN + 2:
        return 0
    written = korean_reading(c_text, size, c_out, room)
    if written:
        return written
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
            hard_sign = hard_sign or code == 0x44A or code == 0x42A
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
        written = 0
        if longest >= LETTERED_MIN:
            written = lettered_reading(c_text, size, starts, ends, letters, chunks, c_out, room)
        if written == 0 and capital_inside:
            written = cut_reading(c_text, size, c_out, room)
        if written == 0 and hard_sign:
            written = voiced_reading(c_text, size, c_out, room)
        return written if written else russian_reading(c_text, size, c_out, room)
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
        written = cut_reading(c_text, size, c_out, room) if capital_inside else 0
        if written == 0 and hard_sign:
            written = voiced_reading(c_text, size, c_out, room)
        return written if written else russian_reading(c_text, size, c_out, room)
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


cdef int8_t strangeness(const byte_t* c_raw, uint32_t size) noexcept nogil:
    """Return how strange a word looks in this layout, or `READS_OTHERWISE` where its text may have another reading.

    A text without such words, with nothing but ASCII signs between its words, and which are not strange together (their
    sum is at most 0), has no reading but a Korean one: there is no single letter, no capital inside a word, no hard
    sign and nothing Belarusian, and the text does not look typed in another layout: ООО does, by itself. Words of other
    than plain Latin or Russian letters are left to the readings themselves.
    """
    cdef byte_t word[PLAIN_LENGTH_MAX]
    cdef uint32_t position = 0, letters = 0, cost = 0
    cdef uint8_t place, last = 0, case_now, case_before = CASE_NONE
    cdef int32_t code, more
    cdef bint latin = size and c_raw[0] < 0x80
    while position < size:
        if letters == PLAIN_LENGTH_MAX:
            return READS_OTHERWISE
        if latin:
            code = c_raw[position]
            place = latin_place(code)
            word[letters] = <byte_t> (code | 32)
            position += 1
        else:
            if c_raw[position] & 0xFE != 0xD0 or size - position < 2 or c_raw[position + 1] & 0xC0 != 0x80:
                return READS_OTHERWISE
            code = 0x400 + ((c_raw[position] & 1) << 6 | (c_raw[position + 1] & 0x3F))
            if code == 0x44A or code == 0x42A or code > 0x451 or (code < 0x410 and code != 0x401) or code == 0x450:
                return READS_OTHERWISE
            place = cyrillic_place[code & 0xFF]
            position += 2
        if place == 0:
            return READS_OTHERWISE
        case_now = case_of(code)
        if case_now == CASE_UPPER and case_before == CASE_LOWER:
            return READS_OTHERWISE
        case_before = case_now
        letters += 1
        cost += <uint32_t> (
            c_latin_costs[last * LATIN_ROW + place] if latin else c_cyrillic_costs[last * CYRILLIC_ROW + place]
        ) - 65
        last = place
    if letters < 2:
        return READS_OTHERWISE
    cost += <uint32_t> (c_latin_costs[last * LATIN_ROW] if latin else c_cyrillic_costs[last * CYRILLIC_ROW]) - 65
    more = <int32_t> cost - <int32_t> (STRANGE_MIN * (letters + 1))
    if more >= READS_OTHERWISE or (latin and is_belarusian(word, letters)):
        return READS_OTHERWISE
    return <int8_t> more if more > -128 else -128


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


def strange(bytes word not None):
    """Return how strange a word looks, -128 to 126, None where its text may have another reading: see `strangeness`."""
    cdef int8_t found
    if len(word) > 0xFFFFFFFF:
        raise OverflowError("word of 4 GiB or more")
    found = strangeness(<const byte_t*> word, <uint32_t> len(word))
    return None if found == READS_OTHERWISE else found


def korean(str text not None):
    """Return the one spelling of a Korean name, None for all other texts: as `sito.names.korean.korean`."""
    cdef byte_t out[12 * KOREAN_TEXT_MAX]
    cdef bytes data = text[:KOREAN_TEXT_MAX + 1].encode("utf-8", "surrogatepass")
    cdef uint32_t size = <uint32_t> len(data)
    cdef uint32_t written = korean_reading(<const byte_t*> data, size, out, 12 * KOREAN_TEXT_MAX)
    return (<const char*> out)[:written].decode("ascii") if written else None


def voiced(bytes text not None):
    """Return a text in Bulgarian letters as Latin ones write it, None for all other texts: as the twin."""
    cdef byte_t out[2 * TEXT_SIZE_MAX]
    cdef uint32_t size, written
    if len(text) > TEXT_SIZE_MAX or (HARD_SIGN not in text and HARD_SIGN_CAPITAL not in text):
        return None
    size = <uint32_t> len(text)
    written = voiced_reading(<const byte_t*> text, size, out, 2 * TEXT_SIZE_MAX)
    return (<const char*> out)[:written] if written else None


cdef bint has_capital_inside(const byte_t* c_text, uint32_t size) noexcept nogil:
    """Does a small letter stand right before a capital? Without decoding, so also where bytes are no letters."""
    cdef uint32_t position = 0
    cdef uint8_t case_now, case_before = CASE_NONE
    cdef int32_t code
    while position < size:
        code = c_text[position]
        if code < 0x80:
            position += 1
        else:
            position += decode(c_text + position, size - position, &code)
        case_now = case_of(code)
        if case_now == CASE_UPPER and case_before == CASE_LOWER:
            return True
        case_before = case_now
    return False


def cut(bytes text not None):
    """Return the text with a blank before capitals inside words, None where there are none: as the twin.

    Raises:
        OverflowError: The text has 1 GiB or more.
    """
    cdef uint32_t size, written
    cdef byte_t[::1] room
    if len(text) >= 1 << 30:
        raise OverflowError("text of 1 GiB or more")
    size = <uint32_t> len(text)
    if not has_capital_inside(<const byte_t*> text, size):
        return None
    out = bytearray(size + size // CUT_LETTERS_MIN)
    room = out
    written = cut_reading(<const byte_t*> text, size, &room[0], <uint32_t> len(out))
    return bytes(out[:written]) if written else None


def costs():
    """Return the cost tables of Latin and Cyrillic letter pairs, to compare them with those of the twin."""
    return c_latin_costs.decode("ascii"), c_cyrillic_costs.decode("ascii")


def korean_tables():
    """Return the tables of Korean, to compare them with those of the twin."""
    return SURNAMES, INITIALS, VOWELS, FINALS, HANGUL
