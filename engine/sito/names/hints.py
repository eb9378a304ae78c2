"""Which names may have other spellings? What `sito_ext.gather` asks of words before a name is looked at closely.

The rules themselves are in `organisations.py`, `people.py` and `readings.py`. They say nothing about nearly all names,
and to be asked they cost more than all else in a build. A hint may be wrong in one way only: by yes for nothing.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sito.names.belarusian import BELARUSIAN_FATHERS, BELARUSIANS, is_belarusian
from sito.names.organisations import (
    COMPOUND,
    FIRST_PARTS,
    FIRST_SPELLINGS,
    LAST_PARTS,
    LAST_SPELLINGS,
    meanings,
    numbers_in_words,
    rule_words,
)
from sito.names.people import CHINESE_SURNAMES, SERVANTS

# Bits of words above those of `sito.names.organisations`, as in `sito_ext.gather`.
SERVANT = 256  # of "servant of", as in Abdul
CHINESE = 512  # a surname of China
BELARUSIAN = 1024  # a name that only Belarusian has


class Hints(NamedTuple):
    """What `sito_ext.gather.Gatherer` is made with.

    Attributes:
        words: Bits and sense of words, see `sito.names.organisations.rule_words`.
        openings: `sense << 16 | sense` of the first two words of phrases.
        parts: (letters, do they stand at the end, bits) of parts of words.
        numbers: 0 to 99 in English, then in Russian words.
        meanings: Texts that each abbreviation stands for.
        compounds: (part of a word as Russian speaks it, as English spells it, does it stand at the end).
    """

    words: dict[str, tuple[int, int]]
    openings: list[int]
    parts: list[tuple[str, bool, int]]
    numbers: list[str]
    meanings: dict[str, list[str]]
    compounds: list[tuple[str, str, bool]]


@cache
def hints() -> Hints:
    """Return what words, parts of words and abbreviations are to the rules."""
    known, openings = rule_words({*SERVANTS, *CHINESE_SURNAMES, *BELARUSIANS})
    words = {
        plain: (
            bits
            | (SERVANT if plain in SERVANTS else 0)
            | (CHINESE if plain in CHINESE_SURNAMES else 0)
            | (BELARUSIAN if is_belarusian([plain]) else 0),
            sense,
        )
        for plain, (bits, sense) in known.items()
    }
    parts = [(letters, False, COMPOUND) for letters in FIRST_SPELLINGS]
    parts += [(letters, True, COMPOUND) for letters in LAST_SPELLINGS]
    parts += [(letters, True, BELARUSIAN) for letters in BELARUSIAN_FATHERS]
    compounds = [(*part, False) for part in FIRST_PARTS] + [(*part, True) for part in LAST_PARTS]
    return Hints(words, openings, parts, numbers_in_words(), meanings(), compounds)
