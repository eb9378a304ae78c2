"""Which names may have other spellings? What `sito_ext.gather` asks of words before it lets a name be looked at closely.

The rules themselves are in `organisations.py`, `people.py` and `readings.py`. They say nothing about nearly all names,
and to be asked they cost more than all else in a build. A hint may be wrong in one way only: it may say yes for nothing.
"""

from __future__ import annotations

from functools import cache

from sito.names.belarusian import BELARUSIAN_FATHERS, BELARUSIANS, is_belarusian
from sito.names.organisations import COMPOUND, FIRST_SPELLINGS, LAST_SPELLINGS, rule_words
from sito.names.people import CHINESE_SURNAMES, SERVANTS

# Bits of words above those of `sito.names.organisations`, as in `sito_ext.gather`.
SERVANT = 256  # of "servant of", as in Abdul
CHINESE = 512  # a surname of China
BELARUSIAN = 1024  # a name that only Belarusian has

Hints = tuple[dict[str, tuple[int, int]], list[int], list[tuple[str, bool, int]]]


@cache
def hints() -> Hints:
    """Return what words and parts of words are to the rules.

    Returns:
        (bits and sense of words, `sense << 16 | sense` of the first two words of phrases, (letters, do they stand at
        the end, bits) of parts of words); see `sito.names.organisations.rule_words`.
    """
    words, openings = rule_words({*SERVANTS, *CHINESE_SURNAMES, *BELARUSIANS})
    for plain, (bits, sense) in words.items():
        bits |= SERVANT if plain in SERVANTS else 0
        bits |= CHINESE if plain in CHINESE_SURNAMES else 0
        bits |= BELARUSIAN if is_belarusian([plain]) else 0
        words[plain] = (bits, sense)
    parts = [(letters, False, COMPOUND) for letters in FIRST_SPELLINGS]
    parts += [(letters, True, COMPOUND) for letters in LAST_SPELLINGS]
    parts += [(letters, True, BELARUSIAN) for letters in BELARUSIAN_FATHERS]
    return words, openings, parts
