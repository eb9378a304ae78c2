"""Names as Belarusian passports spell them, and as Russian does: the readable twin of `sito_ext.belarusian`.

Рыбакоў is RYBAKOU in a passport and Рыбаков in a Russian list. Given names and patronymics are variants of each other
(`variants.py`); surnames are told by their ends, which are those of Romanian, Greek and African names, too. So what the
words beside them say decides: with a given name or a patronymic that only Belarusian has, every surname is written as
Russian does, letters within it included; without one, only an end in -ou, -au or -eu is.

A listed name is given the Russian spelling when an index is built (`people.py`), a text is read in it beside its own.

Sources: the Belarusian rules of romanisation of 2008 (amended 2023) and of ICAO 9303, the spelling of vowels without
stress in Belarusian (akanne, yakanne).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SURNAME_LENGTH_MIN = 5
WORD_LENGTH_MAX = 64  # letters; longer words are left as they are

# Given names as only Belarusian spells them, plain folded, and ends of the patronymics that go with them.
_BELARUSIANS = """
ales alesia aliaksandr aliaksandra aliaksei aksana barys dzianis dzmitry dzmitri dzmitryi henadz henadzi hleb ihar
kanstantsin katsiaryna kiryl maryia mikalai mikhas natallia ryhor siarhei siarhey stsiapan sviatlana sviataslau
tatsiana tsimafei tsimur uladzimir uladzislau vadzim valiantsin valiantsina vasil viachaslau viktar vital volha
yahor yauhen yauheni yauhenii yauheniya yauheniia zmitser
"""
BELARUSIANS = frozenset(_BELARUSIANS.split())
BELARUSIAN_FATHERS = ("avich", "auna", "iauna", "yeuna", "ieuna", "ouna")
# Ends of Belarusian surnames and what Russian has there, longest first.
SURNAME_ENDS = (
    ("iou", "ev"), ("you", "ev"), ("yeu", "ev"), ("ieu", "ev"), ("iau", "ev"), ("yau", "ev"), ("ou", "ov"),
    ("eu", "ev"), ("au", "ov"), ("iova", "eva"), ("yova", "eva"), ("ava", "ova"),
    ("ouskaya", "ovskaya"), ("auskaya", "ovskaya"), ("euskaya", "evskaya"),
    ("ouski", "ovski"), ("auski", "ovski"), ("euski", "evski"),
    ("chanka", "chenko"), ("enka", "enko"), ("anka", "enko"),
)  # fmt: skip
# Soft дз, ц are д, т; г is an h that no other letter goes with; ў within a word is в.
SOFTENED = (
    (re.compile("dz(?=[ieyk])"), "d"), (re.compile("ts(?=[iey])"), "t"), (re.compile("(?<![ckstz])h"), "g"),
    (re.compile("(?<=[ao])u(?=[kc])"), "v"),
)  # fmt: skip
LONE_ENDS = ("ou", "au", "eu")  # of a surname beside names that say nothing; French -eau and -ieu are none
FRENCH_ENDS = ("eau", "ieu")

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_SHORT_U = {"ў".encode(): "в".encode(), "Ў".encode(): "В".encode()}


def is_belarusian(plains: Sequence[str]) -> bool:
    """Return whether a name has a given name or a patronymic that only Belarusian has."""
    return not BELARUSIANS.isdisjoint(plains) or any(plain.endswith(BELARUSIAN_FATHERS) for plain in plains)


def russian_word(plain: str) -> str:
    """Return a word of such a name as Russian spells it; a given name, a patronymic and a short word as they are."""
    if plain in BELARUSIANS or len(plain) < SURNAME_LENGTH_MIN or plain.endswith(("vich", *BELARUSIAN_FATHERS)):
        return plain
    stem, russian = _parted(plain)
    for pattern, letter in SOFTENED:
        stem = pattern.sub(letter, stem)
    return stem + russian


def _parted(plain: str) -> tuple[str, str]:
    """Return a word without its Belarusian end, and the Russian one."""
    ends = ((end, russian) for end, russian in SURNAME_ENDS if plain.endswith(end) and len(plain) > len(end) + 1)
    end, russian = next(ends, ("", ""))
    return plain.removesuffix(end), russian


def russian(text: bytes) -> bytes | None:
    """Return a name in a Belarusian spelling as Russian spells it, None for all other texts.

    Only words of plain Latin letters change, up to `WORD_LENGTH_MAX` of them, and the Cyrillic ў, which is в.

    Args:
        text: UTF-8, need not be valid.
    """
    words = [(match, match[0].decode("ascii").lower() if match[0].isascii() else "") for match in _WORD.finditer(text)]
    words = [(match, plain) for match, plain in words if len(plain) <= WORD_LENGTH_MAX]
    whole = is_belarusian([plain for _, plain in words])
    out, at = b"", 0
    for match, plain in words:
        lone = (
            len(plain) >= SURNAME_LENGTH_MIN and plain.endswith(LONE_ENDS) and not plain.endswith(FRENCH_ENDS)
        )  # fmt: skip
        word = russian_word(plain) if whole else "".join(_parted(plain)) if lone else plain
        if word != plain:
            out += text[at : match.start()] + word.capitalize().encode()
            at = match.end()
    out += text[at:]
    for belarusian, letter in _SHORT_U.items():
        out = out.replace(belarusian, letter)
    return out if out != text else None
