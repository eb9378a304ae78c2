"""Purpose texts: thousands of templates out of clauses, with fresh numbers, dates and goods in each payment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

from bench.names import Party, Population, Ranked, written

CLAUSES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))["purposes"]
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
PLATE_LETTERS = "АВЕКМНОРСТУХ"
HABITS = ("plain", "plain", "plain", "upper", "lower", "glued", "spaced", "plain", "upper", "reversed")

OPENING, BASIS, EXTRA, TAX = (
    Ranked(range(len(texts)), 0.7, 4)
    for texts in (CLAUSES["OPENINGS"], CLAUSES["BASES"], CLAUSES["EXTRAS"], CLAUSES["TAXES"])
)
GOOD = Ranked(CLAUSES["GOODS"], 0.6, 6)


class PurposeWriter:
    """Writes purpose texts and remembers which templates were used.

    Attributes:
        templates: Different templates so far; a template is the choice of clauses and habit, without what fills it.
    """

    def __init__(self, population: Population) -> None:
        self._population = population
        models = population.latin_surnames.items[20_000:70_000]
        self._models = Ranked(models, 0.7, 50)
        self._streets = Ranked(population.surnames.items[:30_000], 0.9, 10)
        self.templates: set[tuple[object, ...]] = set()

    def write(self, random: Random, mention: str = "") -> str:
        """Write one purpose of about 128 characters; `mention` is a clause about somebody, put in at some place."""
        if random.random() < 0.12:
            return self._english(random, mention)
        opening, basis, extra, tax = (ranked.draw(random) for ranked in (OPENING, BASIS, EXTRA, TAX))
        habit = HABITS[int(random.random() * len(HABITS))]
        second, third = (EXTRA.draw(random) if random.random() < share else 0 for share in (0.85, 0.65))
        goods = GOOD.draw(random)
        count = 1
        while random.random() < 0.55 and count < 5:
            goods += ", " + GOOD.draw(random)
            count += 1
        clauses = [
            f"{CLAUSES['OPENINGS'][opening]} {goods}",
            CLAUSES["BASES"][basis],
            CLAUSES["EXTRAS"][extra],
            CLAUSES["EXTRAS"][second],
            CLAUSES["EXTRAS"][third],
            CLAUSES["TAXES"][tax],
        ]
        self.templates.add((opening, count, basis, extra, second, third, tax, habit))
        return self._filled(random, [clause for clause in clauses if clause], mention, habit)

    def _english(self, random: Random, mention: str) -> str:
        lists = (
            CLAUSES["ENGLISH_OPENINGS"],
            CLAUSES["ENGLISH_GOODS"],
            CLAUSES["ENGLISH_BASES"],
            CLAUSES["ENGLISH_EXTRAS"],
            CLAUSES["ENGLISH_EXTRAS"],
        )
        opening, goods, basis, extra, second = (items[int(random.random() * len(items))] for items in lists)
        clauses = [f"{opening} {goods}", basis, extra, second]
        if random.random() < 0.4:
            clauses.insert(0, "{{VO" + str(10_000 + 10 * int(random.random() * 9_000)) + "}}")
        self.templates.add((opening, basis, extra, second, len(clauses)))
        return self._filled(random, [clause for clause in clauses if clause], mention, "upper")

    def _filled(self, random: Random, clauses: list[str], mention: str, habit: str) -> str:
        if habit == "reversed" and len(clauses) > 2:
            clauses[0], clauses[1] = clauses[1], clauses[0]
        if mention:
            clauses.insert(1 + int(random.random() * len(clauses)), mention.replace("{", "{{").replace("}", "}}"))
        text = (", " if habit != "spaced" else "  ").join(clauses) if random.random() < 0.5 else " ".join(clauses)
        text = text.format_map(_Values(self, random))
        if habit == "upper":
            return text.upper()
        if habit == "lower":
            return text.lower()
        return text.replace(", ", ",").replace(". ", ".") if habit == "glued" else text

    def value(self, name: str, random: Random) -> str:
        """Return a fresh value of one placeholder."""
        number = random.random()
        if name == "date":
            day, month, year = int(number * 28) + 1, int(random.random() * 12) + 1, 2022 + int(random.random() * 4)
            return f"{day:02}.{month:02}.{year}" if random.random() < 0.8 else f"{day:02}.{month:02}.{year % 100}"
        if name == "contract":
            letters = "АБВГДЕКМНПРСТ"
            prefix = letters[int(random.random() * 13)] + letters[int(random.random() * 13)]
            return (f"{int(number * 9_999)}/{prefix}-{int(random.random() * 99)}", f"{int(number * 99_999)}",
                    f"{prefix}{int(number * 9_999_999)}")[int(random.random() * 3)]  # fmt: skip
        if name in _DIGITS:
            return str(int(number * _DIGITS[name]) + 1)
        if name in {"amount", "tax"}:
            return f"{number**3 * 900_000:.2f}" if random.random() < 0.7 else f"{number**3 * 900_000:.0f}-00"
        if name == "month":
            return MONTHS[int(number * 12)]
        if name == "plate":
            first, second = PLATE_LETTERS[int(number * 12)], PLATE_LETTERS[int(random.random() * 12)]
            return f"{first}{int(random.random() * 999):03}{second}М"
        if name == "model":
            return f"{self._models.draw(random)[: 3 + int(number * 9)]}-{int(random.random() * 900)}"
        if name == "street":
            street = self._streets.draw(random)
            return street + "а" if street.endswith(("ов", "ев", "ин")) else street
        if name == "vessel":
            return written(self._population.vessel(random))
        if name == "company":
            return written(self._population.company(random, cyrillic=True), random)
        assert name == "name", name
        party: Party = self._population.person(random)
        return written(party, random)


_DIGITS = {
    "invoice": 99_999, "number": 9_999_999, "account": 9_999_999_999, "year": 4, "house": 180, "flat": 400,
    "count": 500,
}  # fmt: skip


class _Values(dict[str, str]):
    """Fills placeholders when `str.format_map` meets them."""

    def __init__(self, writer: PurposeWriter, random: Random) -> None:
        super().__init__()
        self._writer, self._random = writer, random

    def __missing__(self, name: str) -> str:
        value = self._writer.value(name, self._random)
        return f"202{value}" if name == "year" else value
