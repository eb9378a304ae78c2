"""Invented names with the shape and the frequencies of real ones.

Heads of the distributions are common given names, patronymics and surname stems of everyday knowledge; tails are put
together from syllables and suffixes, so that nobody in particular is meant. Ranks follow Zipf-Mandelbrot with the
exponent and offset that fit surnames of large populations: the 250 most frequent cover about a fifth of the people.
"""

from __future__ import annotations

import tomllib
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate, product
from pathlib import Path
from random import Random
from typing import Generic, NamedTuple, TypeVar

EXPONENT, OFFSET = 0.95, 25.0
SURNAME_COUNT = 200_000  # of each script
BRAND_COUNT = 60_000

T = TypeVar("T")


class Ranked(Generic[T]):
    """Items in order of falling frequency."""

    def __init__(self, items: Sequence[T], exponent: float = EXPONENT, offset: float = OFFSET) -> None:
        self.items = items
        self._sums = list(accumulate((rank + offset) ** -exponent for rank in range(1, len(items) + 1)))
        self._total = self._sums[-1]

    def draw(self, random: Random) -> T:
        """Draw one item."""
        return self.items[min(bisect(self._sums, random.random() * self._total), len(self.items) - 1)]


class Party(NamedTuple):
    """A name in its parts.

    Attributes:
        kind: person, company or vessel.
        script: cyrillic or latin.
        parts: Surname, given name and patronymic of a person; words of the proper name of others.
        form: Legal form of a company, else empty.
        female: Of persons.
    """

    kind: str
    script: str
    parts: tuple[str, ...]
    form: str = ""
    female: bool = False


WORDS: dict[str, list[str]] = {
    name: text.split()
    for name, text in tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))["names"].items()
}

FEMININE = (("ский", "ская"), ("цкий", "цкая"), ("ов", "ова"), ("ев", "ева"), ("ин", "ина"))


def feminine(surname: str) -> str:
    """Return the feminine form of a Russian surname; others keep one form."""
    for ending, other in FEMININE:
        if surname.endswith(ending):
            return surname[: -len(ending)] + other
    return surname


def patronymic(father: str, female: bool) -> str:
    """Derive a patronymic from a father's given name."""
    if father.endswith("й"):
        stem = father[:-2] + "ьев" if father.endswith("ий") else father[:-1] + "ев"
    elif father.endswith("ь"):
        stem = father[:-1] + "ев"
    elif father[-1] in "ая":
        return father[:-1] + ("ична" if female else "ич")
    else:
        stem = father + "ов"
    return stem + ("на" if female else "ич")


def genitive(party: Party) -> Party:
    """Decline a Russian person into the genitive case, as clerks write it."""
    surname, given, *rest = party.parts
    return party._replace(
        parts=(
            _genitive_surname(surname, party.female),
            _genitive_word(given),
            *(name[:-1] + "ы" if party.female else name + "а" for name in rest),
        )
    )


def _genitive_surname(surname: str, female: bool) -> str:
    if female:
        if surname.endswith("ая"):
            return surname[:-2] + "ой"
        return surname[:-1] + "ой" if surname.endswith(("ова", "ева", "ина")) else surname
    if surname.endswith(("ский", "цкий")):
        return surname[:-2] + "ого"
    return surname + "а" if surname[-1] in "бвгджзклмнпрстфхцчшщ" else surname


def _genitive_word(name: str) -> str:
    if name[-1] in "йь":
        return name[:-1] + "я"
    if name[-1] == "я":
        return name[:-1] + "и"
    if name[-1] == "а":
        return name[:-1] + ("и" if name[-2] in "гкхжшчщ" else "ы")
    return name + "а"


def _syllables(
    random: Random, heads: list[str], onsets: list[str], vowels: list[str], codas: list[str], suffixes: list[str]
) -> list[str]:
    """Return `SURNAME_COUNT` different words: the heads, then what syllables give, in an order drawn once."""
    words = dict.fromkeys(heads)
    pools = (onsets, vowels, codas, vowels, codas)
    while len(words) < SURNAME_COUNT:
        first, second, third, fourth, fifth = (pool[int(random.random() * len(pool))] for pool in pools)
        suffix = suffixes[int(random.random() ** 2 * len(suffixes))]
        middle = third + fourth + fifth if random.random() < 0.7 else third
        words[(first + second + middle + suffix).capitalize()] = None
    return list(words)


SCHEMES: tuple[dict[str, str], ...] = tuple(
    dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", latin.split("|"), strict=True))
    for latin in (
        "a|b|v|g|d|e|e|zh|z|i|i|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch|ie|y||e|iu|ia",
        "a|b|v|g|d|e|yo|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch||y||e|yu|ya",
        "a|b|v|g|d|e|e|j|z|i|i|k|l|m|n|o|p|r|s|t|ou|f|kh|ts|tch|ch|chtch||y||e|iou|ia",
    )
)


def transliterate(text: str, scheme: int) -> str:
    """Romanise Russian text by one of `SCHEMES`; 0 is that of passports, 1 British, 2 French."""
    table = SCHEMES[scheme]
    return "".join(
        table.get(letter, letter) if letter.islower() else table.get(letter.lower(), letter).capitalize()
        for letter in text
    )


class Population:
    """The people, companies and ships that lists and payments are drawn from."""

    def __init__(self, seed: int = 0) -> None:
        random = Random(f"population {seed}")
        heads = [
            stem + ("" if stem.endswith("ин") else "в" if stem[-1] in "ое" else "ев" if stem[-1] in "ьа" else "ов")
            for stem in WORDS["STEMS"]
        ]
        self.surnames = Ranked(
            _syllables(random, heads, WORDS["ONSETS"], WORDS["VOWELS"], WORDS["CODAS"], WORDS["SUFFIXES"])
        )
        self.latin_surnames = Ranked(
            _syllables(
                random,
                WORDS["LATIN_HEADS"],
                WORDS["LATIN_ONSETS"],
                WORDS["LATIN_VOWELS"],
                WORDS["LATIN_CODAS"],
                WORDS["LATIN_SUFFIXES"],
            )
        )
        self.male, self.female = Ranked(WORDS["MALE"], 0.9, 3), Ranked(WORDS["FEMALE"], 0.9, 3)
        self.latin_male, self.latin_female = Ranked(WORDS["LATIN_MALE"], 0.7, 8), Ranked(WORDS["LATIN_FEMALE"], 0.7, 8)
        brands = [first + second for first, second in product(WORDS["FIRST_HALVES"], WORDS["SECOND_HALVES"])]
        random.shuffle(brands)
        self.brands = Ranked([*brands, *self.surnames.items[-BRAND_COUNT:]], 0.6, 100)
        self.latin_brands = Ranked(self.latin_surnames.items[-BRAND_COUNT:], 0.6, 100)

    def person(self, random: Random) -> Party:
        """Draw a Russian person: surname, given name, patronymic."""
        female = random.random() < 0.5
        surname = self.surnames.draw(random)
        given = (self.female if female else self.male).draw(random)
        father = patronymic(self.male.draw(random), female)
        return Party("person", "cyrillic", (feminine(surname) if female else surname, given, father), "", female)

    def foreigner(self, random: Random) -> Party:
        """Draw a person whose name is written in Latin: surname and one or two given names."""
        female = random.random() < 0.4
        given = self.latin_female if female else self.latin_male
        parts: tuple[str, ...] = (self.latin_surnames.draw(random), given.draw(random))
        if random.random() < 0.35:
            parts += (self.latin_surnames.draw(random) if random.random() < 0.4 else given.draw(random),)
        return Party("person", "latin", parts, "", female)

    def company(self, random: Random, cyrillic: bool) -> Party:
        """Draw a company or a sole trader."""
        if cyrillic:
            form = WORDS["FORMS"][int(random.random() * len(WORDS["FORMS"]))]
            if form == "ИП":
                return self.person(random)._replace(kind="company", form=form)
            words, brands = WORDS["COMPANY_WORDS"], self.brands
        else:
            form, words, brands = (
                WORDS["LATIN_FORMS"][int(random.random() * len(WORDS["LATIN_FORMS"]))],
                WORDS["LATIN_COMPANY_WORDS"],
                self.latin_brands,
            )
        parts = [brands.draw(random)]
        if random.random() < 0.65:
            parts.insert(0 if cyrillic else 1, words[int(random.random() * len(words))])
        if random.random() < 0.25:
            parts.append(brands.draw(random))
        if random.random() < 0.08:
            parts.append(str(int(random.random() * 98) + 2))
        return Party("company", "cyrillic" if cyrillic else "latin", tuple(parts), form)

    def vessel(self, random: Random) -> Party:
        """Draw a ship; one in five has a name of one word."""
        if random.random() < 0.2:
            return Party("vessel", "latin", (self.latin_brands.draw(random),))
        first = WORDS["VESSEL_FIRST"][int(random.random() * len(WORDS["VESSEL_FIRST"]))]
        second = (
            WORDS["VESSEL_SECOND"][int(random.random() * len(WORDS["VESSEL_SECOND"]))]
            if random.random() < 0.6
            else self.latin_brands.draw(random)
        )
        return Party("vessel", "latin", (first, second))


def written(party: Party, random: Random | None = None) -> str:
    """Write a name as lists do, or, with a source of chance, in one of the ways of payments."""
    if party.kind == "vessel":
        return " ".join(party.parts).upper()
    if party.kind == "company" and party.form != "ИП":
        body = " ".join(party.parts)
        if party.script == "latin":
            body = f"{body} {party.form}"
            return body.upper() if random and random.random() < 0.7 else body
        if random and random.random() < 0.3:
            return f"{party.form} {body.upper()}"
        return f'{party.form} "{body}"' if not random or random.random() < 0.8 else f"{party.form} {body}"
    surname, given, *rest = party.parts
    if not random:
        words = [surname, given, *rest] if party.script == "cyrillic" else [given, *rest, surname]
    elif party.script == "latin":
        words = [surname + ",", given, *rest] if random.random() < 0.3 else [given, *rest, surname]
    else:
        draw = random.random()
        if draw < 0.72:
            words = [surname, given, *rest]
        elif draw < 0.82:
            words = [given, *rest, surname]
        elif draw < 0.9:
            words = [surname, given]
        elif draw < 0.95:
            words = [surname, f"{given[0]}.", *(f"{name[0]}." for name in rest)]
        else:
            words = [given, *rest, f"{surname[0]}."]
    text = " ".join([party.form, *words] if party.form else words)
    return text.upper() if random and random.random() < 0.35 else text


def listed(population: Population, random: Random) -> Iterator[Party]:
    """Draw listed subjects without end: 40 % Russian, the others Latin; persons, companies and ships."""
    while True:
        draw = random.random()
        if draw < 0.30:
            yield population.person(random)
        elif draw < 0.68:
            yield population.foreigner(random)
        elif draw < 0.78:
            yield population.company(random, cyrillic=True)
        elif draw < 0.92:
            yield population.company(random, cyrillic=False)
        else:
            yield population.vessel(random)
