"""Readings of a whole text: what it says on the other keyboard layout, or with its gaps or letters put right.

The readable twin of `sito_ext.readings`. A reading is another text to screen beside the one that was given, never
instead of it. Both functions return None for nearly all texts, and soon.

Whether letters are those of a name is told by the mean cost of its letter pairs, ends of words included, in half bits:
twice the negative binary logarithm of how often a letter follows another one in names.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from sito.names.belarusian import russian
from sito.names.fold import decode
from sito.names.korean import korean

TEXT_SIZE_MIN, TEXT_SIZE_MAX = 5, 1024  # bytes; longer texts are not names
LAYOUT_LETTERS_MIN = 5
STRANGE_MIN = 10  # mean cost of a pair, half bits, above which letters are not those of a name
SOUND_MAX_DOUBLED = 21  # twice the mean cost up to which a reading may be one
GAIN_MIN = 2  # by how much its mean cost must be lower than that of the text
SINGLES_MIN = 4  # letters that stand alone in a text written letter by letter
SINGLES_ROW_MIN = 5  # the same, one behind the other, where only a part of the text is written so
LETTERED_MIN = 3  # letters of a word that is written with dots: L.L.C., A.B.C.; two may be initials of a person
LETTER_GAPS = (b".", b". ", b" ")  # between them, at least one with a dot
CUT_LETTERS_MIN = 3  # letters of a word before a capital that begins another one
JOINED_CHUNK_MAX = 2  # letters of a chunk that may be part of such a word
GAP_KINDS_MAX = 8  # different gaps between single letters that are counted
WIDE_LETTERS = 4  # a Han, Kana or Hangul letter alone is a word: it counts as so many

# Two different consonants in capitals that stand alone: with a vowel it may be a surname, as lists print it (Xin LI).
_TWO_CAPITALS = re.compile(
    r"(?<![^\W_])(?!NG)(?:([BCDFGHJ-NP-TVWXZ])(?!\1)[BCDFGHJ-NP-TVWXZ]|([БВГДЖЗК-НП-ТФ-Щ])(?!\2)[БВГДЖЗК-НП-ТФ-Щ])(?![^\W_])"
)

_CAPITALS = re.compile("[B-DF-HJ-NP-TV-XZБВГДЖЗК-НП-ТФ-Щ]{2}")  # without them there is no such pair

ACCENTED_END = 0x250  # accented Latin letters begin at 0xC0; in a text in Cyrillic letters they stay as they are

LATIN_LETTERS = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
# Keys in the order of the rows of the keyboard, then with shift.
QWERTY = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
YTSUKEN = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
CYRILLIC_OF_KEY = dict(zip(QWERTY, YTSUKEN, strict=True))
# The Ukrainian and Belarusian layouts have letters of their own on some keys. The Belarusian і is where и is in
# Russian; a text with ў is taken for Belarusian.
KEY_OF_CYRILLIC = dict(zip(YTSUKEN, QWERTY, strict=True)) | dict(zip("іїєґўІЇЄҐЎ", "s]'\\oS}\"|O", strict=True))
BELARUSIAN_KEYS = {"і": "b", "І": "B"}
_CAPITAL_WITHIN = re.compile("[a-z\u0430-\u045f][A-Z\u0400-\u042f][a-z\u0430-\u045f]")
HARD_SIGNS = ("ъ".encode(), "Ъ".encode())
CYRILLIC_CONSONANTS = "бвгджзйклмнпрстфхцчшщ"
BULGARIAN = {"ъ": "а", "Ъ": "А", "щ": "шт", "Щ": "Шт"}
CYRILLIC_SOUNDS = {"ё": "е", "і": "и", "ї": "и", "є": "е", "ґ": "г", "ў": "у"}

# Cost of each pair as a letter, A is 0: a row for each first letter, the end of a word before the letters.
# Made by `sito.names.maketable.pair_costs` from names in Wikidata (NETransliteration, CC0), surnames of the US census
# and names on the OFAC lists (public domain), smashew/NameDatabases (Unlicense), and russiannames (BSD-3-Clause).
LATIN_COSTS = (
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
CYRILLIC_COSTS = (
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


def layout(text: bytes) -> bytes | None:
    """Return the text as it reads on the other keyboard layout, ЙЦУКЕН for QWERTY or the other way round.

    Only for a text of at least `LAYOUT_LETTERS_MIN` letters in one of the two scripts, plain Latin or Cyrillic
    letters of the Russian, Ukrainian and Belarusian keyboards (accented Latin letters pasted into those may stay),
    that does not look like names as it is and does so on the other layout. Signs on letter keys are letters of the
    Cyrillic layout: upper case with shift, and where the text has no lower-case letter. All other signs stay.

    Args:
        text: UTF-8, need not be valid; above `TEXT_SIZE_MAX` bytes there is no reading.
    """
    if len(text) > TEXT_SIZE_MAX:
        return None
    characters = _characters(text)
    latin = [c for c in characters if c.isascii() and c.isalpha()]
    cyrillic = [c for c in characters if c in KEY_OF_CYRILLIC]
    if latin and cyrillic:
        return None
    others = [c for c in characters if _kind(c) in ("letter", "wide") and not c.isascii() and c not in KEY_OF_CYRILLIC]
    if others and (latin or not all(0xC0 <= ord(c) < ACCENTED_END for c in others)):
        return None
    if len(latin) + len(cyrillic) < LAYOUT_LETTERS_MIN:
        return None
    here, pairs = _cost(characters, is_latin=bool(latin))
    if here <= STRANGE_MIN * pairs:
        return None
    if latin:
        capital = not any(c.islower() for c in latin)
        read = [CYRILLIC_OF_KEY.get(c, c) for c in characters]
        read = [c.upper() if capital and c in KEY_OF_CYRILLIC else c for c in read]
    else:
        keys = KEY_OF_CYRILLIC | (BELARUSIAN_KEYS if "ў" in cyrillic or "Ў" in cyrillic else {})
        read = [keys.get(c, c) for c in characters]
    there, read_pairs = _cost(read, is_latin=not latin)
    if 2 * there > SOUND_MAX_DOUBLED * read_pairs or here * read_pairs - there * pairs < GAIN_MIN * pairs * read_pairs:
        return None
    return "".join(read).encode("utf-8", "surrogateescape")


def _characters(text: bytes) -> list[str]:
    """Cut a text into characters; bytes that are not UTF-8 become lone surrogates."""
    characters = []
    position = 0
    while position < len(text):
        code, size = decode(text, position)
        characters.append(chr(code) if code >= 0 else chr(0xDC00 + text[position]))
        position += size
    return characters


def _cost(characters: list[str], *, is_latin: bool) -> tuple[int, int]:
    """Return the cost of all letter pairs of a text, and how many there are."""
    letters, costs = (LATIN_LETTERS, LATIN_COSTS) if is_latin else (CYRILLIC_LETTERS, CYRILLIC_COSTS)
    total = count = last = 0
    for character in [*characters, " "]:
        if _kind(character) == "nothing":
            continue
        lower = character.lower()
        this = letters.find(CYRILLIC_SOUNDS.get(lower, lower)) + 1
        if this or last:
            total += ord(costs[last * (len(letters) + 1) + this]) - ord("A")
            count += 1
        last = this
    return total, count


def _kind(character: str) -> str:
    """Return "letter", "wide" (a letter that can be a word), "digit", "gap" or "nothing" (part of the letter before).

    By ranges and not by the fold table: whatever is no sign in common use passes for a letter.
    """
    code = ord(character)
    if code < 0x80:
        return "letter" if character.isalpha() else "digit" if character.isdigit() else "gap"
    if code == 0xAD or 0x300 <= code < 0x370 or 0x200B <= code < 0x2010 or 0x202A <= code < 0x202F:
        return "nothing"
    if 0x2060 <= code < 0x2070 or code == 0xFEFF:
        return "nothing"
    if (code < 0xC0 and code not in (0xAA, 0xB5, 0xBA)) or code in (0xD7, 0xF7):
        return "gap"
    if 0x2000 <= code < 0x2070 or 0x2190 <= code < 0x2C00 or 0x2E00 <= code < 0x2E80 or 0x3000 <= code < 0x3040:
        return "gap"
    if 0xD800 <= code < 0xE000 or 0xFE00 <= code < 0xFE70 or 0xFF00 <= code < 0xFF21 or code >= 0xE0000:
        return "gap"
    return "wide" if 0x2E80 <= code < 0xD800 or 0xF900 <= code < 0xFB00 or 0x20000 <= code < 0x30000 else "letter"


class Chunk(NamedTuple):
    """A run of letters and digits: its bytes in the text, half-open, and how many letters it counts for."""

    start: int
    end: int
    letters: int


def joined(text: bytes) -> bytes | None:
    """Return the text with letters that stand apart put together into words.

    At least `SINGLES_MIN` letters must stand alone, and more of them than letters in longer chunks, or
    `SINGLES_ROW_MIN` of them in a row. What stands most often between two single letters (the first such, if two are
    even) is the inner gap and vanishes between chunks of up to `JOINED_CHUNK_MAX` letters; every other gap becomes one
    blank. Where all gaps are alike words cannot be told and become one.

    Before that, a Korean name is read in its one spelling, see `sito.names.korean`; texts without such letters are read
    with dotted words in one piece, see `_lettered`, with the gaps they lack, see `cut`, as Bulgarian, see `voiced`, or
    in the Russian spelling of a Belarusian name, see `sito.names.belarusian`.

    Args:
        text: UTF-8, need not be valid; below `TEXT_SIZE_MIN` and above `TEXT_SIZE_MAX` bytes there is no reading.
    """
    if not TEXT_SIZE_MIN <= len(text) <= TEXT_SIZE_MAX:
        return None
    name = korean("".join(_characters(text)))
    if name is not None:
        return name.encode()
    chunks = _chunks(text)
    singles = sum(chunk.letters == 1 for chunk in chunks)
    row = longest = 0
    for chunk in chunks:
        row = row + 1 if chunk.letters == 1 else 0
        longest = max(longest, row)
    mostly = singles >= SINGLES_MIN and 2 * singles > sum(chunk.letters for chunk in chunks)
    if not mostly and longest < SINGLES_ROW_MIN:
        return (
            (_lettered(text, chunks) if longest >= LETTERED_MIN else None) or cut(text) or voiced(text) or russian(text)
        )
    gaps: dict[bytes, int] = {}
    for left, right in pairwise(chunks):
        gap = text[left.end : right.start]
        if left.letters == right.letters == 1 and (gap in gaps or len(gaps) < GAP_KINDS_MAX):
            gaps[gap] = gaps.get(gap, 0) + 1
    if not gaps:
        return cut(text) or voiced(text) or russian(text)
    inner = max(gaps, key=lambda gap: gaps[gap])
    out = text[chunks[0].start : chunks[0].end]
    for left, right in pairwise(chunks):
        together = max(left.letters, right.letters) <= JOINED_CHUNK_MAX and text[left.end : right.start] == inner
        out += (b"" if together else b" ") + text[right.start : right.end]
    return out


def _lettered(text: bytes, chunks: list[Chunk]) -> bytes | None:
    """Return the text with words written letter by letter with dots ("L.L.C.") in one piece, else None.

    A row of at least `LETTERED_MIN` single letters with nothing but dots and blanks between them, and a dot somewhere.
    """
    out = b""
    at = first = 0
    while first < len(chunks):
        last, dotted = first, False
        while last + 1 < len(chunks) and chunks[last].letters == chunks[last + 1].letters == 1:
            gap = text[chunks[last].end : chunks[last + 1].start]
            if gap not in LETTER_GAPS:
                break
            dotted = dotted or gap != b" "
            last += 1
        if dotted and last - first + 1 >= LETTERED_MIN:
            for chunk, after in pairwise(chunks[first : last + 1]):
                out += text[at : chunk.end]
                at = after.start
        first = last + 1
    return out + text[at:] if at else None


def cut(text: bytes) -> bytes | None:
    """Return the text with a blank before capitals inside words ("ИвановПётр"), None where there are none.

    The capital must stand between small letters, and `CUT_LETTERS_MIN` letters or more behind the last gap or cut.
    Only plain Latin and Cyrillic letters have a case here.
    """
    if not _CAPITAL_WITHIN.search(text.decode("utf-8", "surrogateescape")):
        return None
    cases = [_case(character) for character in _characters(text)]
    out = b""
    position = letters = 0
    for n, character in enumerate(_characters(text)):
        size = 1 if 0xDC80 <= ord(character) < 0xDD00 else len(character.encode("utf-8", "surrogatepass"))
        if cases[n] == "upper" and letters >= CUT_LETTERS_MIN and cases[n - 1 : n + 2 : 2] == ["lower", "lower"]:
            out += b" "
            letters = 0
        letters = letters + 1 if cases[n] != "none" else 0
        out += text[position : position + size]
        position += size
    return out if len(out) > len(text) else None


def spelled(text: str) -> str | None:
    """Return a person's name with two given names in capitals as initials ("JC Verneuil": J C), None for others.

    A name in capitals throughout does not tell its initials from its words.
    """
    if not _CAPITALS.search(text) or text.upper() == text:
        return None
    read = _TWO_CAPITALS.sub(lambda match: " ".join(match.group()), text)
    return read if read != text else None


def voiced(text: bytes) -> bytes | None:
    """Return a text in Bulgarian letters as Latin ones write it, None for all other texts.

    Before a consonant ъ is a vowel there (Гълъбинов is Galabinov) and щ is шт; Russian has ъ before vowels only.

    Args:
        text: UTF-8, need not be valid; above `TEXT_SIZE_MAX` bytes there is no reading.
    """
    if len(text) > TEXT_SIZE_MAX or not any(sign in text for sign in HARD_SIGNS):
        return None
    characters = _characters(text)
    after = [*characters, ""][1:]
    vowels = [
        c in "ъЪ" and n != "" and n.lower() in CYRILLIC_CONSONANTS for c, n in zip(characters, after, strict=True)
    ]
    if not any(vowels):
        return None
    read = [
        BULGARIAN[character] if vowel or character in "щЩ" else character
        for character, vowel in zip(characters, vowels, strict=True)
    ]
    return "".join(read).encode("utf-8", "surrogateescape")


def _case(character: str) -> str:
    """Return "upper" or "lower" for a plain Latin or Cyrillic letter, "none" for all else."""
    if "A" <= character <= "Z" or 0x400 <= ord(character) < 0x430:
        return "upper"
    return "lower" if "a" <= character <= "z" or 0x430 <= ord(character) < 0x460 else "none"


def _chunks(text: bytes) -> list[Chunk]:
    """Cut a text into runs of letters; a digit counts as two letters, so that a number is never a single letter."""
    counts = {"letter": 1, "wide": WIDE_LETTERS, "digit": 2, "nothing": 0}
    chunks: list[Chunk] = []
    inside = False
    position = 0
    for character in _characters(text):
        size = 1 if 0xDC80 <= ord(character) < 0xDD00 else len(character.encode("utf-8", "surrogatepass"))
        kind = _kind(character)
        if kind == "gap" or (kind == "nothing" and not inside):
            inside = False
        elif inside:
            chunks[-1] = Chunk(chunks[-1].start, position + size, chunks[-1].letters + counts[kind])
        else:
            inside = True
            chunks.append(Chunk(position, position + size, counts[kind]))
        position += size
    return chunks
