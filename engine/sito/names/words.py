"""Words that say little: legal forms, titles, particles, company words, places. With weights in per cent and groups.

A name word counts 100 unless it stands in `data/words.tsv`. Weights say how much of a name's identity the word carries:
"ООО" next to nothing, "банк" a little, "Ромашка" all of it. Words of one group say the same in other scripts, languages
or grammatical forms: завод, заводской, zavod, plant, works.

The table hangs on the plain folded word, never on its key: a key takes together what sounds alike, and so it would take
the surname Shah for the legal form SA. The other side of that coin is that every romanisation of a Russian word
must be listed; `romanisations` makes them.

`makewords.py` declines, romanises and packs the table; kernel and twin read the packed one.

Sources: Civil Code of the Russian Federation ch. 4 for Russian forms; GLEIF ELF code list 1.4.1 (CC0) for the
forms of other countries; company words by frequency in company names of public lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import product
from typing import NamedTuple

ROMANISATION_LIMIT = 16  # spellings of one word; the ones met most come first
ROMANISED_LENGTH_MIN = 4  # shorter words are abbreviations, which have one romanisation
DOUBLED_LENGTH_MIN = 10  # letters of a legal form in which a doubled letter is often written once
SPECIAL_LENGTH_MIN = 2  # one letter is an initial, whatever it may mean elsewhere

_ENDINGS = {
    "ый": "ый ая ое ые ого ой ому ую ым ых ыми ом",
    "ій": "ий а е і ого ої ому у им их ими",
    "ий": "ий ая ое ие ого ой ому ую им их ими ом",
    "ой": "ой ая ое ие ые ого ому ую им ым их ых ом",
    "ое": "ое ая ый ые ого ой ому ую ым ых ий ие им их ом",
    "ая": "ая ой ую ые ие",
    "ие": "ие их им ими",
    "ые": "ые ых ым ыми",
    "а": "а ы и у е ой ам ами ах",
    "я": "я и ю ей й ям ями ях",
    "е": "е я ю ем и й ям ями ях",
    "ия": "ия ии ию ией ий иям иями иях",
    "о": "о а у ом е ам ами ах",
    "ь": "ь и ью ей я ю ем е ям",
    "и": "и ей ов ям ами ями ах ях",
    "ы": "ы ов ам ами ах",
    "й": "й я ю ем е",
    "": " а у ом е ы и ов ам ами ах",
}
# Coherent choices of the romanisation schemes in use (ICAO 9303, BGN/PCGN, GOST, passports, ISO 9 without marks): all
# letters of one kind in a word are written alike. The first of each is the choice of the fold table.
_CHOICES: dict[str, tuple[str, ...]] = {
    "ё": ("e", "yo", "io"),
    "ж": ("zh", "j"),
    "й": ("y", "i", "j"),
    "х": ("kh", "h"),
    "ц": ("ts", "c", "tc"),
    "щ": ("shch", "sch", "sh"),
    "ъ": ("", "i", "ie", "y"),
    "ю": ("yu", "iu", "ju"),
    "я": ("ya", "ia", "ja"),
}
_HARD_ENDS = {"ый": ("yy", "y", "yi", "yj", "ii", "iy"), "ий": ("iy", "y", "i", "ii", "ij")}
# The choices of ICAO 9303, by place in the tuples above: the spelling of passports and of many lists, far as it is from
# the first choices. No other scheme is met as often unmixed.
_ICAO = {"й": 1, "ъ": 2, "ю": 1, "я": 1, "ый": 2, "ий": 2}
_VOWELS = "аеёиоуыэюяьъ"


class Kind(StrEnum):
    """Why a word says little."""

    LEGAL_FORM = "form"
    TITLE = "title"
    PARTICLE = "particle"
    CONNECTOR = "connector"
    GENERIC = "generic"
    PLACE = "place"
    VESSEL = "vessel"


class Special(NamedTuple):
    """What is known of a word that says little.

    Attributes:
        kind: Why it says little.
        weight: Its part in the identity of a name, per cent of an ordinary word, 1 to 99.
        group: Number above 0 that words which say the same share; 0 if it stands alone. Numbers are those of one
            version of the table and are not kept from one version to the next.
    """

    kind: Kind
    weight: int
    group: int


def word_forms(entry: str) -> list[str]:
    """Return the grammatical forms that a word of the table stands for, the first form first.

    Args:
        entry: `завод~`, `групп~а`, `строительн~ый`: stem, `~`, ending of the first form; or a word without forms.

    Returns:
        Distinct forms. A word without `~` is its own only form.

    Raises:
        KeyError: The ending has no declension in the table.
    """
    stem, mark, ending = entry.partition("~")
    if not mark:
        return [entry]
    return list(dict.fromkeys(stem + other for other in [ending, *_ENDINGS[ending].split(" ")]))


def romanisations(word: str) -> list[str]:
    """Return the ways in which a Russian word is written in Latin letters, likely ones first.

    Args:
        word: Lower-case Cyrillic word.

    Returns:
        At most `ROMANISATION_LIMIT` spellings; none if a letter is not Russian.
    """
    from sito.names.letters import CYRILLIC  # noqa: PLC0415  (needed when the table is made only)

    end = next((e for e in _HARD_ENDS if word.endswith(e)), "")
    body = word[: len(word) - len(end)] if end else word
    present = [letter for letter in _CHOICES if letter in body]
    soft = any(c == "е" and (i == 0 or body[i - 1] in _VOWELS) for i, c in enumerate(body))
    axes: list[tuple[str, ...]] = [_CHOICES[letter] for letter in present]
    axes += [("e", "ye", "je")] if soft else []
    axes += [_HARD_ENDS[end]] if end else []
    icao = [_ICAO.get(name, 0) for name in [*present, *([""] if soft else []), *([end] if end else [])]]

    def likelihood(pick: tuple[tuple[int, str], ...]) -> int:
        numbers = [number for number, _ in pick]
        return 1 if any(numbers) and numbers == icao else 2 * sum(numbers)

    ranked = sorted(product(*(tuple(enumerate(axis)) for axis in axes)), key=likelihood)
    out: dict[str, None] = {}
    for pick in ranked:
        choice = dict(zip(present, (text for _, text in pick), strict=False))
        rest = [text for _, text in pick[len(present) :]]
        e = rest.pop(0) if soft else "e"
        letters = []
        for i, c in enumerate(body):
            if c == "е" and (i == 0 or body[i - 1] in _VOWELS):
                letters.append(e)
            else:
                letters.append(choice.get(c, CYRILLIC.get(c, c)))
        spelling = "".join(letters) + (rest[0] if end else "")
        if not (spelling.isascii() and spelling.isalnum()):
            return []
        out[spelling] = None
        if len(out) == ROMANISATION_LIMIT:
            break
    return list(out)


def _doubles_once(word: str) -> Iterator[str]:
    """Yield a word with each of its doubled letters written once: Aktiengeselschaft."""
    return (word[:i] + word[i + 1 :] for i in range(len(word) - 1) if word[i] == word[i + 1])


def table_lines() -> Iterator[tuple[Kind, int, bool, list[str]]]:
    """Yield kind, weight, whether the words are a group, and the words of each line of the table."""
    text = resources.files("sito.names").joinpath("data/words.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, weight, words = line.split("\t")
            grouped = not words.startswith("* ")
            yield Kind(kind), int(weight), grouped, words.removeprefix("* ").split()


@cache
def make_special_words() -> dict[str, Special]:
    """Return what is known of each plain folded word that does not count 100.

    Returns:
        What `makewords` packs; programs ask `facts.special`. One dictionary for the process, do not change it. Forms
        that the table itself spells out win over romanisations and forms that were derived; among equals the first line
        wins.
    """
    from sito.names.fold import fold  # noqa: PLC0415  (fold imports keys, and this table is needed at build time only)

    listed: dict[str, Special] = {}
    derived: dict[str, Special] = {}
    for number, (kind, weight, grouped, words) in enumerate(table_lines(), 1):
        special = Special(kind, weight, number if grouped else 0)
        for entry in words:
            forms = word_forms(entry)
            for form in forms:
                tokens = fold(form.encode()).tokens
                if len(tokens) == 1 and len(tokens[0].plain) >= SPECIAL_LENGTH_MIN:
                    (listed if form is forms[0] else derived).setdefault(tokens[0].plain, special)
                    if kind is Kind.LEGAL_FORM and len(tokens[0].plain) >= DOUBLED_LENGTH_MIN:
                        for once in _doubles_once(tokens[0].plain):
                            derived.setdefault(once, special)
                if len(form) >= ROMANISED_LENGTH_MIN and not form.isascii():
                    for spelling in romanisations(form):
                        derived.setdefault(spelling, special)
    return derived | listed
