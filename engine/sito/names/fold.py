"""Text to tokens: the readable twin of `sito_ext.fold`, and the packed table that both read.

A text is UTF-8. Each code point is a *separator*, *vanishes*, or is a *letter* (or digit) that becomes one or more
lower-case ASCII characters. Bytes that are not UTF-8 (cut sequences, surrogates, over-long forms) count as
separators, one byte each, and are reported. A token is a run of letters and vanishing signs with at least one letter
in it. Two kinds of runs are cut once into two tokens, see `cut_place`: initials glued to a surname, and Han or Hangul
names, whose surname and given name stand without a gap.

A letter can look like a Latin one, a Cyrillic one, or one of each (Greek, Cherokee, small capitals). In a token that
mixes scripts, look-alikes are read in the script of the others: see `resolve`. Digits that stand for letters
(Karp0v) are read as letters there too.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import NamedTuple

from sito.names.keys import KEY_RULES, key
from sito.names.letters import CYRILLIC, CYRILLIC_AS_LATIN, LATIN, LATIN_AS_CYRILLIC, OTHER_SCRIPTS, VANISHING

TOKEN_LENGTH_MAX = 64  # folded characters of one token; the rest is cut and reported
MAPPED_LENGTH_MAX = 15  # folded characters of one code point
COUNT_MAX = 255  # where the counts of a token stop
PAGE_BITS = 7
CODE_POINT_LIMIT = 0x30000  # beyond the CJK extension planes nothing is a letter

SEPARATOR, VANISH, LETTER, CYRILLIC_LETTER, LATIN_LETTER = 0, 1, 2, 3, 4
UPPER, VOWELLESS, SYLLABIC, DIGIT, LOWER = 1, 2, 4, 8, 16  # flags of a cell; vowelless: Arabic and Hebrew letters
NORMALISER_VERSION = "3"

GLUED_INITIALS_MAX = 3  # upper-case letters behind a surname that are its initials
GLUED_HEAD_MIN = 3  # letters of the surname before two or three of them; one more before a single one
GLUED_LEADING_MIN = 6  # letters of two initials with the surname behind them
SYLLABIC_NAME_MAX = 4  # Han or Hangul letters of one name
DIGIT_LETTERS_MIN = 3  # letters a token needs before its digits may be letters
DIGIT_RUN_MAX = 2  # digits in a row that may be letters

# Two-character surnames of Chinese and Korean; all others have one character.
COMPOUND_SURNAMES = frozenset(
    (  # noqa: SIM905  (forty names in quotes of their own would fill a page)
        "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 东方 東方 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 宇文 长孙 長孫 端木 "
        "独孤 獨孤 南宫 南宮 西门 西門 轩辕 軒轅 鲜于 鮮于 闾丘 閭丘 呼延 申屠 濮阳 濮陽 澹台 澹臺 淳于 太史 钟离 鍾離 "
        "赫连 赫連 拓跋 남궁 황보 제갈 선우 독고 사공 서문 동방"
    ).split()
)

# Digits as evaders put them for letters, after their shape: as a Latin letter, as a Cyrillic one ("" is none).
DIGIT_LETTERS: dict[str, tuple[str, str]] = {
    "0": ("o", "о"), "1": ("i", "і"), "2": ("z", ""), "3": ("e", "з"), "4": ("a", "ч"), "5": ("s", "б"),
    "6": ("b", "б"), "7": ("t", "т"), "8": ("b", "в"), "9": ("g", "я"),
}  # fmt: skip
LATIN_VOWELS = frozenset("aeiouy")

# Letters of neither Latin nor Cyrillic that share a shape with a Latin letter; the Cyrillic one follows from it.
# Source: the shapes as drawn in the Unicode charts and known from the confusables of UTS 39.
SHAPES: dict[str, str] = dict(
    zip(
        # Greek, Armenian, Cherokee, Coptic, Lisu
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχγϲϹϳͿ" + "օՕհցզՏԼՍսո" + "ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᎽᏀᏃᏟᏢᏦᏴᏙᏚᏞᏒᏤᏧᏏ" + "ⲞⲟⲢⲣⲤⲥⲔⲕⲎⲘⲚⲦⲬⲭⲒ"
        "ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ",
        "ABEZHIKMNOPTYXaeikvoptuxycCjJ" + "oOhgqSLUun" + "DRTiAJEWMHYGZCPKBVSLRVdb" + "OoPpCcKkHMNTXxI"
        "BPDTGKJCZFMNLSRVHWXYAEIOU",
        strict=True,
    )
)
# Latin small capitals and letters of other scripts with the shape of a Cyrillic letter that the tables cannot tell.
CYRILLIC_SHAPES: dict[str, str] = {
    "ᴀ": "а", "ʙ": "в", "ᴄ": "с", "ᴇ": "е", "ʜ": "н", "ɪ": "і", "ᴊ": "ј", "ᴋ": "к", "ᴍ": "м", "ᴏ": "о", "ᴘ": "р",
    "ᴛ": "т", "ʏ": "у", "ᴙ": "я", "ᴎ": "и", "ᴦ": "г", "ᴧ": "л", "ᴨ": "п", "Γ": "г", "Λ": "л", "Π": "п",
    "Φ": "ф", "φ": "ф", "π": "п", "ɜ": "з", "Ɜ": "з",
}  # fmt: skip


class Token(NamedTuple):
    """One word of a text.

    Attributes:
        start, end: Half-open byte range in the UTF-8 text.
        plain: Folded letters, 1 to `TOKEN_LENGTH_MAX` ASCII characters.
        key: What romanisations of the same word have in common.
        letters: Letters and digits of the word as written, without signs that vanish, at most `COUNT_MAX`. A single
            one (Ю) can have several folded letters.
        capitals: How many of them are upper case, at most `COUNT_MAX`.
        vowelless: Most of them are Arabic or Hebrew, whose words are written without short vowels.
    """

    start: int
    end: int
    plain: str
    key: str
    letters: int
    capitals: int
    vowelless: bool


class Folded(NamedTuple):
    """All tokens of a text; `malformed` is true if bytes were not UTF-8, `cut` if a token was too long."""

    tokens: list[Token]
    malformed: bool
    cut: bool


class Cell(NamedTuple):
    """What the table says about one code point.

    Attributes:
        kind: `SEPARATOR`, `VANISH`, `LETTER`, `CYRILLIC_LETTER` or `LATIN_LETTER`.
        text: Folded text, at most `MAPPED_LENGTH_MAX` characters.
        latin: Folded text of the Latin letter or digit it looks like, empty if none.
        cyrillic: The same for the Cyrillic letter it looks like.
        flags: `UPPER`, `VOWELLESS`, `SYLLABIC`, `DIGIT`, `LOWER`.
    """

    kind: int
    text: str
    latin: str
    cyrillic: str
    flags: int


GAP = Cell(SEPARATOR, "", "", "", 0)
NOTHING = Cell(VANISH, "", "", "", 0)


def classify(character: str) -> Cell:
    """Return the cell of one code point.

    Used once, when the table is made; every reader of text uses the table.
    """
    from anyascii import anyascii  # noqa: PLC0415  (needed by the table maker only)

    code = ord(character)
    if 0xD800 <= code < 0xE000:
        return GAP
    category = unicodedata.category(character)
    if character in VANISHING or category in ("Mn", "Me", "Cf"):
        return NOTHING
    shown = unicodedata.normalize("NFKC", character)
    wide = shown.casefold()
    if category[0] not in "LNM" and not (category == "So" and len(wide) == 1 and wide.isascii() and wide.isalnum()):
        return GAP
    text = "".join(_mapped_part(part, anyascii) for part in wide)[:MAPPED_LENGTH_MAX]
    names = [unicodedata.name(part, "") for part in (character, shown[:1])]
    flags = UPPER if character.isupper() or category == "Lt" else LOWER if character.islower() else 0
    if names[1].startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "HANGUL SYLLABLE")):
        flags |= SYLLABIC
    if names[1].startswith(("ARABIC LETTER", "HEBREW LETTER")):
        flags |= VOWELLESS
    if category[0] in "NS" and len(text) == 1 and text.isdigit():
        latin, cyrillic = DIGIT_LETTERS[text]
        return Cell(LETTER, text, latin, CYRILLIC.get(cyrillic, ""), DIGIT)
    if names[1].startswith("CYRILLIC") and category[0] == "L":
        # A hard or soft sign has no letters of its own but is part of the word all the same.
        return Cell(CYRILLIC_LETTER, text, _latin_shape(character), "", flags)
    if not text:
        # A letter without a sound of its own (hamza, tatweel, a vowel carrier) does not end the word; a blank does,
        # though Unicode calls the Hangul fillers letters.
        return GAP if category[0] != "L" or "FILLER" in names[0] else NOTHING
    if names[1].startswith("LATIN"):
        return Cell(LATIN_LETTER, text, "", _cyrillic_shape(character, text), flags)
    return Cell(LETTER, text, _latin_shape(character), _cyrillic_shape(character, ""), flags)


def _base(character: str) -> str:
    """Return the letter under the marks of one letter, nothing for several letters."""
    if character in SHAPES:
        return character  # the lunate sigma and the like, which Unicode makes equal to letters of another shape
    shown = unicodedata.normalize("NFKD", character)
    bare = [c for c in shown if unicodedata.category(c) not in ("Mn", "Me")]
    return bare[0] if len(bare) == 1 else ""


def _latin_shape(character: str) -> str:
    base = _base(character)
    return (SHAPES.get(base) or CYRILLIC_AS_LATIN.get(base) or "").lower()


def _cyrillic_shape(character: str, text: str) -> str:
    """Return the folded Cyrillic letter of the same shape; `text` is what a Latin letter folds to, else empty."""
    base = _base(character)
    base = SHAPES.get(base) or base
    if base not in LATIN_AS_CYRILLIC and base not in CYRILLIC_SHAPES and len(text) == 1:
        base = text.upper() if character.isupper() else text  # hooks and strokes: marks that Unicode does not take off
    shape = CYRILLIC_SHAPES.get(base) or LATIN_AS_CYRILLIC.get(base) or ""
    return CYRILLIC.get(shape.casefold(), "")


def _mapped_part(character: str, fallback: Callable[[str], str]) -> str:
    if character in CYRILLIC:
        return CYRILLIC[character]
    if character in LATIN:
        return LATIN[character]
    if character in OTHER_SCRIPTS:
        return OTHER_SCRIPTS[character]
    if character.isascii():
        return character if character.isalnum() else ""
    if "KATAKANA" in unicodedata.name(character, "") or "HIRAGANA" in unicodedata.name(character, ""):
        return "".join(c for c in fallback(character).lower() if c.isascii() and c.isalnum())  # ba is no marked ha
    base = "".join(c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c) not in ("Mn", "Me"))
    if base != character:
        return "".join(_mapped_part(c, fallback) for c in base)
    return "".join(c for c in fallback(character).lower() if c.isascii() and c.isalnum())


def make_table() -> bytes:
    """Make the packed fold table out of Unicode data, `letters.py`, `keys.py` and anyascii.

    Layout, little-endian: magic `SITOFOLD`, u32 page count, u32 pool size, u32 rule count, u32 count of two-character
    surnames; u16 page number for each
    128 code points below `CODE_POINT_LIMIT`; pages of 128 cells of 8 bytes (u8 class, u8 length, u8 length as Latin
    plus 16 times length as Cyrillic, u8 flags, u32 pool offset; the look-alike texts stand behind the text); the pool;
    rules of 16 bytes sorted longest first (u8 length, u8 replacement length, 6 bytes pattern, 8 bytes replacement);
    surnames of two u32 code points.
    """
    page_size = 1 << PAGE_BITS
    pool = bytearray()
    where: dict[bytes, int] = {}
    pages: dict[bytes, int] = {}
    numbers: list[int] = []
    for first in range(0, CODE_POINT_LIMIT, page_size):
        page = bytearray()
        for code in range(first, first + page_size):
            kind, text, latin, cyrillic, flags = classify(chr(code))
            texts = (text + latin + cyrillic).encode()
            if texts not in where:
                where[texts] = len(pool)
                pool += texts
            page += struct.pack("<BBBBI", kind, len(text), len(latin) | len(cyrillic) << 4, flags, where[texts])
        numbers.append(pages.setdefault(bytes(page), len(pages)))
    rules = b"".join(
        struct.pack("<BB6s8s", len(pattern), len(result), pattern.encode(), result.encode())
        for pattern, result in sorted(KEY_RULES.items(), key=lambda rule: (-len(rule[0]), rule[0]))
    )
    surnames = b"".join(struct.pack("<II", *map(ord, name)) for name in sorted(COMPOUND_SURNAMES))
    head = b"SITOFOLD" + struct.pack("<IIII", len(pages), len(pool), len(KEY_RULES), len(COMPOUND_SURNAMES))
    body = struct.pack(f"<{len(numbers)}H", *numbers) + b"".join(pages)
    return head + body + bytes(pool) + b"\0" * (-len(pool) % 8) + rules + surnames


@cache
def table() -> bytes:
    """Return the committed fold table, unpacked."""
    return zlib.decompress(resources.files("sito.names").joinpath("data/fold.bin.z").read_bytes())


@cache
def cells() -> dict[int, Cell]:
    """Return the table as a dictionary for the twin; separators are left out.

    Raises:
        ValueError: The table that was installed is cut short.
    """
    data = table()
    page_count, pool_size, _ = struct.unpack_from("<III", data, 8)
    numbers = struct.unpack_from(f"<{CODE_POINT_LIMIT >> PAGE_BITS}H", data, 24)
    pages_at = 24 + 2 * len(numbers)
    pool_at = pages_at + page_count * 1024
    if pool_at + pool_size > len(data):
        raise ValueError(f"fold table: expected at least {pool_at + pool_size} bytes, got {len(data)}")
    found: dict[int, Cell] = {}
    for page, number in enumerate(numbers):
        for i in range(1 << PAGE_BITS):
            kind, length, others, flags, offset = struct.unpack_from("<BBBBI", data, pages_at + number * 1024 + i * 8)
            if kind != SEPARATOR:
                at = pool_at + offset
                latin_at, cyrillic_at = length, length + (others & 15)
                text = data[at : at + cyrillic_at + (others >> 4)].decode()
                found[(page << PAGE_BITS) + i] = Cell(
                    kind, text[:latin_at], text[latin_at:cyrillic_at], text[cyrillic_at:], flags
                )
    return found


class Letter(NamedTuple):
    """One code point of a run: its place in the text and its cell."""

    start: int
    code: int
    cell: Cell


def fold(text: bytes) -> Folded:
    """Cut a text into folded tokens.

    Args:
        text: UTF-8, any length; need not be valid.

    Returns:
        Tokens in the order of the text, with `malformed` and `cut` as told above.
    """
    table_of = cells()
    tokens: list[Token] = []
    malformed = cut = False
    run: list[Letter] = []
    before: list[Letter] = []  # the run that ended right before the last separator
    position = 0

    def close(end: int) -> None:
        nonlocal cut
        first = run[0].start
        place = cut_place(run, before)
        for low, high in [(first, place), (place, end)] if place else [(first, end)]:
            word = [letter.cell for letter in run if low <= letter.start < high and letter.cell.kind != VANISH]
            plain, was_cut, breaks = resolve(word)
            cut = cut or was_cut
            if plain:
                vowelless = 2 * sum(cell.flags & VOWELLESS != 0 for cell in word) > len(word)
                capitals = sum(cell.flags & UPPER for cell in word)
                tokens.append(
                    Token(
                        low,
                        high,
                        plain,
                        key(plain, breaks),
                        min(len(word), COUNT_MAX),
                        min(capitals, COUNT_MAX),
                        vowelless,
                    )
                )

    while position < len(text):
        code, size = decode(text, position)
        malformed = malformed or code < 0
        cell = table_of.get(code, GAP)
        if cell.kind != SEPARATOR:
            run.append(Letter(position, code, cell))
        else:
            if run:
                close(position)
            before, run = run, []
        position += size
    if run:
        close(position)
    return Folded(tokens, malformed, cut)


def decode(text: bytes, position: int) -> tuple[int, int]:
    """Return the code point at `position` and its size in bytes; (-1, 1) where the bytes are not UTF-8."""
    for size in (1, 2, 3, 4):
        try:
            return ord(text[position : position + size].decode("utf-8")), size
        except (UnicodeDecodeError, TypeError):
            continue
    return -1, 1


def cut_place(run: Sequence[Letter], before: Sequence[Letter] = ()) -> int:
    """Return where a run of letters is really two words, 0 if it is one.

    - Two to four Han or Hangul letters are a surname and a given name: cut behind the surname, which has one letter
      unless it is one of `COMPOUND_SURNAMES`. Not where the surname stands before it as a word of its own.
    - One to three upper-case letters that end the run are initials if a lower-case letter stands before them and the
      surname has `GLUED_HEAD_MIN` letters, at most one of them a capital (TOChKA is one word in capitals), and before
      a single initial one more and a capital. The legal form mbH is left whole.
    - Two upper-case letters before a capitalised word of four letters or more, all lower case but the first, are
      initials (or a legal form) too.

    Args:
        run: Letters and vanishing signs between two separators.
        before: The run before it if a single separator stands between them, else empty.

    Returns:
        Byte offset of the first letter of the second word.
    """
    letters = [letter for letter in run if letter.cell.kind != VANISH]
    count = len(letters)
    if all(letter.cell.flags & SYLLABIC for letter in letters):
        if not 2 <= count <= SYLLABIC_NAME_MAX:
            return 0
        if len(before) == 1 and before[0].cell.flags & SYLLABIC:
            return 0
        compound = chr(letters[0].code) + chr(letters[1].code) in COMPOUND_SURNAMES
        return 0 if compound and count == 2 else letters[2 if compound else 1].start
    upper = [letter.cell.flags & UPPER != 0 for letter in letters]
    lower = [letter.cell.flags & LOWER != 0 for letter in letters]
    tail = next((i for i in range(count) if not upper[count - 1 - i]), count)
    head = count - tail
    glued = sum(upper) > 1 and 1 <= tail <= GLUED_INITIALS_MAX and sum(upper) - tail <= 1
    if glued and head >= GLUED_HEAD_MIN + (tail == 1) and lower[head - 1]:
        form = "".join(chr(letter.code) for letter in letters[-3:]) == "mbH"
        return 0 if form else letters[head].start
    if count >= GLUED_LEADING_MIN and all(upper[:3]) and all(lower[3:]):
        return letters[2].start
    return 0


def resolve(word: Sequence[Cell]) -> tuple[str, bool, tuple[int, ...]]:
    """Join the letters of one token, look-alikes read in the script of the others.

    The script is Cyrillic or Latin if only one of them is there. If both are, it is Cyrillic if all others look
    Cyrillic, unless Latin letters are the majority and all others look Latin; else Latin if all others look Latin;
    else the script of the majority, Cyrillic if they are even. Letters of a third script that do not all look so and
    are not fewer leave everything as it is. In the chosen script those that have a look-alike there are read as it.
    A 1 that stands for a Latin letter is an l between vowels, before a vowel behind another l, and before a first
    vowel; else it is an i.

    Args:
        word: Cells of the letters, without those that vanish.

    Returns:
        The letters; were they cut; the places where a script without vowels has an h or the same letter again behind
        a consonant: there a vowel was left out, and the two are no digraph (Zahra is زهرا, z and h) and not one letter
        (Mamdukh is ممدوح, m and m).
    """
    cyrillic = [cell for cell in word if cell.kind == CYRILLIC_LETTER]
    latin = [cell for cell in word if cell.kind == LATIN_LETTER]
    foreign = [cell for cell in word if cell.kind == LETTER and not cell.flags & DIGIT]
    all_cyrillic = all(cell.cyrillic for cell in latin + foreign)
    all_latin = all(cell.latin for cell in cyrillic + foreign)
    script = 0
    if cyrillic and latin:
        if all_cyrillic and not (all_latin and len(latin) > len(cyrillic)):
            script = CYRILLIC_LETTER
        elif all_latin:
            script = LATIN_LETTER
        else:
            script = LATIN_LETTER if len(latin) > len(cyrillic) else CYRILLIC_LETTER
    elif cyrillic or latin:
        script = CYRILLIC_LETTER if cyrillic else LATIN_LETTER
    fits = all_cyrillic if script == CYRILLIC_LETTER else all_latin
    if foreign and not fits and len(foreign) >= len(cyrillic) + len(latin):
        script = 0

    def reading(cell: Cell) -> str:
        other = {CYRILLIC_LETTER: cell.cyrillic, LATIN_LETTER: cell.latin}.get(script, "")
        return other or cell.text

    digits = script != 0 and digits_are_letters(word, script)
    parts = [cell.text if cell.flags & DIGIT and not digits else reading(cell) for cell in word]
    whole = "".join(parts)
    plain = list(whole[:TOKEN_LENGTH_MAX])
    breaks = tuple(
        place
        for place, cell in zip(accumulate(map(len, parts), initial=0), word, strict=False)
        if cell.flags & VOWELLESS and 0 < place < TOKEN_LENGTH_MAX and whole[place - 1] not in LATIN_VOWELS
        and (cell.text == "h" or cell.text[0] == whole[place - 1])
    )  # fmt: skip
    if digits and script == LATIN_LETTER:
        places = accumulate(map(len, parts), initial=0)
        ones = [place for place, cell in zip(places, word, strict=False) if cell.flags & DIGIT and cell.text == "1"]
        for one in ones:
            if plain[one + 1 : one + 2] and plain[one + 1] in LATIN_VOWELS:
                plain[one] = "l" if one == 0 or plain[one - 1] in LATIN_VOWELS | {"l"} else "i"
    return "".join(plain), len(whole) > TOKEN_LENGTH_MAX, breaks


def digits_are_letters(word: Sequence[Cell], script: int) -> bool:
    """Say whether the digits of a word stand for letters (Karp0v), rather than make it a code (Boeing737).

    They do if there are at least `DIGIT_LETTERS_MIN` letters and more letters than digits, each digit looks like a
    letter of the script, no more than `DIGIT_RUN_MAX` stand in a row and not more than one first or last. A digit
    that is the only one and stands last is a number (Romashka2), but for a zero behind more letters than that and
    for the 4 of -ви4.
    """
    digit = [cell.flags & DIGIT != 0 for cell in word]
    count = sum(digit)
    letters = len(word) - count
    if count == 0 or letters < DIGIT_LETTERS_MIN or letters <= count:
        return False
    if not all((cell.cyrillic if script == CYRILLIC_LETTER else cell.latin) for cell in word if cell.flags & DIGIT):
        return False
    if all(digit[:2]) or all(digit[-2:]) or any(all(digit[i : i + 3]) for i in range(len(word) - 2)):
        return False
    if count == 1 and digit[-1]:
        patronymic = script == CYRILLIC_LETTER and [cell.text for cell in word[-3:]] == ["v", "i", "4"]
        return (word[-1].text == "0" and letters > DIGIT_LETTERS_MIN) or patronymic
    return True
