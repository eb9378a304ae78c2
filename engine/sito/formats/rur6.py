r"""RUR6, the writing of Russian text in SWIFT messages (user header `{113:RUR6}`).

The X character set of SWIFT has no Cyrillic. RUR6 gives every letter one sign of its own, and lower-case Latin letters
stand for the letters and signs that find no upper-case partner; so case carries meaning and must not be changed before
decoding. An apostrophe switches to Latin text and back; each field starts in Russian.

Several source signs share one code (`{`, `[`, `<` all become `(`), so decoding gives the commonest of them; letter case
is lost as well: the result is upper case.
"""

from __future__ import annotations

_LETTERS = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ё": "o", "Ж": "J", "З": "Z", "И": "I", "Й": "i",
    "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "У": "U", "Ф": "F",
    "Х": "H", "Ц": "C", "Ч": "c", "Ш": "Q", "Щ": "q", "Ъ": "x", "Ы": "Y", "Ь": "X", "Э": "e", "Ю": "u", "Я": "a",
}  # fmt: skip
# Sign -> code; where several signs share a code the first one is what decoding returns.
_SIGNS = {
    "'": "j", "№": "n", "#": "n", "%": "p", "&": "d", "!": "b", "$": "s", ";": "v", "_": "z", "=": "r",
    '"': "m", "«": "m", "»": "m", "“": "m", "”": "m", "„": "m", "*": "f", "@": "f", "^": "f", "~": "f",
    "\\": "/", "|": "/", "<": "(", "[": "(", "{": "(", ">": ")", "]": ")", "}": ")",
}  # fmt: skip
PLAIN = frozenset("0123456789/-?:().,'+ \r\n")  # stand for themselves in both alphabets

ENCODE = {**_LETTERS, **{letter.lower(): code for letter, code in _LETTERS.items()}, **_SIGNS}
DECODE = {code: sign for sign, code in reversed([*_LETTERS.items(), *_SIGNS.items()]) if code.isalpha()}
_DECODE_TABLE = str.maketrans(DECODE)


def decode(text: str) -> str:
    """Decode one whole field, its lines already joined.

    Args:
        text: As received. Characters outside the table (which a conforming sender never writes) stay as they are.

    Returns:
        Upper-case Russian text with the Latin passages as written. A currency-control code at the start, which
        senders write as a Latin passage `'(VO10010)'`, gets its braces back: `{VO10010}`.
    """
    pieces = text.split("'")
    for i in range(0, len(pieces), 2):
        pieces[i] = pieces[i].translate(_DECODE_TABLE)
    # The passage between the first two apostrophes is the first Latin one.
    if len(pieces) > 2 and not pieces[0] and pieces[1].startswith("(VO") and pieces[1].endswith(")"):
        pieces[1] = f"{{{pieces[1][1:-1]}}}"
    return "".join(pieces)


def encode(text: str) -> str:
    """Write text as RUR6; used by tests and by those who produce such messages.

    Args:
        text: Russian and Latin text in any case; line feeds are kept.

    Returns:
        The coded text. Latin letters become upper case between apostrophes; a sign that the table does not know
        becomes a blank.
    """
    coded: list[str] = []
    latin = False
    for character in text:
        is_latin = character.isascii() and character.isalpha()
        if is_latin and not latin:
            coded.append("'")
            latin = True
        elif latin and not is_latin and character not in PLAIN:
            # Digits and plain signs mean the same in both alphabets; anything else needs the Russian one.
            coded.append("'")
            latin = False
        if is_latin:
            coded.append(character.upper())
        else:
            # The apostrophe itself is a sign in Russian text and the switch everywhere else.
            if character == "'" and latin:
                coded.append("'")
                latin = False
            coded.append(ENCODE.get(character, character if character in PLAIN else " "))
    if latin:
        coded.append("'")
    return "".join(coded)
