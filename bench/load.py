"""The seeded load: a list as `targets.simple.csv`, payments with labelled hits, and hostile payments.

Equal arguments give equal data on every machine. A shorter list is the head of a longer one, and labelled hits come
from the head, so that one set of payments serves lists of several sizes.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow as pa

from bench.names import Party, Population, genitive, listed, transliterate, written
from bench.purposes import PurposeWriter

CHUNK = 10_000  # names drawn from one seed, so that a list is a prefix of a longer one
HIT_POOL = 100_000  # names that labelled hits are drawn from
HIT_SHARE = 0.02
PURPOSE_SHARE = 0.30  # of the labelled hits
MUTATIONS = ("typo", "transliteration", "genitive", "shuffle", "upper")
CERTAIN = frozenset(
    {"upper", "shuffle"}
)  # nothing but case or word order differs: missing one is a fault, not a choice
MENTIONS = ("за {}", "в пользу {}", "получатель {}", "по поручению {}", "для {}", "от имени {}", "договор с {}", "{}")
COLUMNS = (
    "id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions", "phones",
    "emails", "dataset", "first_seen", "last_seen", "last_change",
)  # fmt: skip
SCHEMAS = {"person": "Person", "company": "Company", "vessel": "Vessel"}


class Subject(NamedTuple):
    """One list entry; the first name is the primary one."""

    entry_id: str
    party: Party
    names: tuple[str, ...]
    birth_date: str


class Label(NamedTuple):
    """One listed subject hidden in a payment.

    Attributes:
        row: Of the payment.
        role: debtor, creditor or purpose.
        entry_ids: Entries with that very name; finding any of them is finding it.
        mutation: One of `MUTATIONS`.
    """

    row: int
    role: str
    entry_ids: frozenset[str]
    mutation: str

    @property
    def certain(self) -> bool:
        """Whether any sound engine must find it: the words are those of the list, letter by letter."""
        return self.mutation in CERTAIN


@dataclass
class Payments:
    """Payments in columns, and what is hidden in them."""

    ids: list[str] = field(default_factory=list)
    debtors: list[str] = field(default_factory=list)
    creditors: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    template_count: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def table(self, start: int = 0, end: int | None = None) -> pa.Table:
        """Return rows `start` to `end` as an Arrow table of strings."""
        return pa.table(
            {
                "id": self.ids[start:end],
                "debtor_name": self.debtors[start:end],
                "creditor_name": self.creditors[start:end],
                "purpose": self.purposes[start:end],
            }
        )


def make_list(name_count: int, seed: int = 1, population: Population | None = None) -> list[Subject]:
    """Draw subjects that have `name_count` names together; one subject in five has an alias or two."""
    population = population or Population()
    subjects: list[Subject] = []
    total = 0
    for chunk in range(-(-name_count // CHUNK)):
        random = Random(f"list {seed} {chunk}")
        left = min(CHUNK, name_count - total)
        for number, party in enumerate(listed(population, random)):
            names = [written(party)]
            if random.random() < 0.2:
                names += _aliases(party, random)
            names = list(dict.fromkeys(names))[:left]
            birth_date = ""
            if party.kind == "person" and random.random() < 0.8:
                year, month, day = (
                    first + int(random.random() * count) for first, count in ((1940, 65), (1, 12), (1, 28))
                )
                birth_date = f"{year}-{month:02}-{day:02}"
            subjects.append(Subject(f"bench-{chunk}-{number}", party, tuple(names), birth_date))
            total += len(names)
            left -= len(names)
            if left == 0:
                break
    return subjects


def _aliases(party: Party, random: Random) -> list[str]:
    if party.script == "cyrillic":
        parts = tuple(transliterate(part, int(random.random() * 3)) for part in party.parts)
        form = transliterate(party.form, 0).upper() if party.form else ""
        return [written(party._replace(parts=parts, form=form, script="latin"))]
    aliases = [typo(written(party), random)]
    if party.kind == "person" and len(party.parts) == 3:
        aliases.append(written(party._replace(parts=party.parts[:2])))
    return aliases


def write_list(subjects: Sequence[Subject], path: Path) -> None:
    """Write subjects as an OpenSanctions `targets.simple.csv`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(COLUMNS)
        for subject in subjects:
            # A quote in a value of a joined cell is doubled once more, as the exporter does.
            aliases = ";".join(
                '"' + name.replace('"', '""') + '"' if '"' in name else name for name in subject.names[1:]
            )
            writer.writerow(
                (subject.entry_id, SCHEMAS[subject.party.kind], subject.names[0], aliases, subject.birth_date,
                 *[""] * 6, "bench", "2026-01-01T00:00:00", "2026-01-02T00:00:00", "2026-01-01T00:00:00")
            )  # fmt: skip


def typo(text: str, random: Random) -> str:
    """Make one mistake in one of the longer words: a letter lost, doubled, replaced or swapped; never the first."""
    words = text.split(" ")
    long = [number for number, word in enumerate(words) if len(word.strip('",.')) >= 5 and word.strip('",.').isalpha()]
    if not long:
        return text
    number = long[int(random.random() * len(long))]
    word = words[number]
    place = 1 + int(random.random() * (len(word) - 2))
    kind = int(random.random() * 4)
    letter = word[place]
    if kind == 0:
        word = word[:place] + word[place + 1 :]
    elif kind == 1:
        word = word[:place] + letter + word[place:]
    elif kind == 2:
        other = ("оаеинтсрвл" if "а" <= letter.lower() <= "я" else "aeiourstnl")[int(random.random() * 10)]
        word = word[:place] + (other.upper() if letter.isupper() else other) + word[place + 1 :]
    else:
        word = word[:place] + word[place + 1 : place + 2] + letter + word[place + 2 :]
    words[number] = word
    return " ".join(words)


def mutate(party: Party, mutation: str, random: Random) -> tuple[str, str]:
    """Write a listed subject as a payment would; return the text and the mutation that was possible."""
    person = party.kind == "person" or party.form == "ИП"
    if mutation == "transliteration" and party.script == "cyrillic":
        scheme = int(random.random() * 3)
        parts = tuple(transliterate(part, scheme) for part in party.parts)
        form = transliterate(party.form, 0).upper() if party.form else ""
        return written(party._replace(parts=parts, script="latin", form=form)), mutation
    if mutation == "genitive" and party.script == "cyrillic" and person:
        return written(genitive(party)), mutation
    if mutation == "shuffle" and person:
        words = written(party._replace(form="")).split(" ")
        words = words[1:] + words[:1] if random.random() < 0.5 else words[-1:] + words[:-1]
        return " ".join(words), mutation if not party.form else "form"
    if mutation == "upper":
        return written(party).upper(), mutation
    text = written(party)
    wrong = typo(text, random)
    return (wrong, "typo") if wrong != text else (text.upper(), "upper")


def make_payments(
    count: int,
    subjects: Sequence[Subject],
    seed: int = 2,
    population: Population | None = None,
    hit_share: float = HIT_SHARE,
) -> Payments:
    """Draw payments; `hit_share` of them hold a listed subject of the first `HIT_POOL` names.

    Party names are 50 % Russian persons, 15 % Latin ones, 35 % companies, drawn from the same distributions as the
    list: namesakes occur.
    """
    population = population or Population()
    random = Random(f"payments {seed}")
    writer = PurposeWriter(population)
    same: dict[tuple[str, ...], set[str]] = {}
    pool: list[Subject] = []
    names = 0
    for subject in subjects:
        same.setdefault(_same(subject.party), set()).add(subject.entry_id)
        names += len(subject.names)
        if names <= HIT_POOL and len(subject.party.parts) > 1:
            pool.append(subject)
    payments = Payments()
    for row in range(count):
        payments.ids.append(f"p{seed}-{row}")
        texts = {"debtor": _party(population, random), "creditor": _party(population, random)}
        mention = ""
        if random.random() < hit_share:
            subject = pool[int(random.random() * len(pool))]
            text, mutation = mutate(subject.party, MUTATIONS[int(random.random() * len(MUTATIONS))], random)
            if random.random() < PURPOSE_SHARE:
                role = "purpose"
                mention = MENTIONS[int(random.random() * len(MENTIONS))].format(text)
            else:
                role = "debtor" if random.random() < 0.5 else "creditor"
                texts[role] = text
            payments.labels.append(Label(row, role, frozenset(same[_same(subject.party)]), mutation))
        payments.debtors.append(texts["debtor"])
        payments.creditors.append(texts["creditor"])
        payments.purposes.append(writer.write(random, mention))
    payments.template_count = len(writer.templates)
    return payments


def _same(party: Party) -> tuple[str, ...]:
    return (*sorted(party.parts), party.kind)


def _party(population: Population, random: Random) -> str:
    draw = random.random()
    if draw < 0.5:
        return written(population.person(random), random)
    if draw < 0.65:
        return written(population.foreigner(random), random)
    return written(population.company(random, cyrillic=random.random() < 0.75), random)


def make_hostile(count: int, kind: str, seed: int = 3, population: Population | None = None) -> Payments:
    """Draw payments made to be slow.

    Args:
        kind: `names`: 200 common names in one purpose; `long`: purposes of 10 kB; `new`: no word was seen before.
    """
    population = population or Population()
    random = Random(f"hostile {kind} {seed}")
    writer = PurposeWriter(population)
    payments = Payments()
    for row in range(count):
        debtor, creditor = _party(population, random), _party(population, random)
        if kind == "names":
            purpose = " ".join(written(_common(population, random)) for _ in range(200))
        elif kind == "long":
            purpose = ""
            while len(purpose.encode()) < 10_000:
                purpose += writer.write(random) + " "
        else:
            assert kind == "new", kind
            debtor, creditor, purpose = (" ".join(_word(random) for _ in range(words)) for words in (3, 3, 16))
        payments.ids.append(f"h-{row}")
        payments.debtors.append(debtor)
        payments.creditors.append(creditor)
        payments.purposes.append(purpose)
    return payments


def _common(population: Population, random: Random) -> Party:
    surname = population.surnames.items[int(random.random() * 60)]
    return Party("person", "cyrillic", (surname, population.male.items[int(random.random() * 12)]))


def _word(random: Random) -> str:
    return "".join("абвгдежзиклмнопрстуфхцчшя"[int(random.random() * 25)] for _ in range(5 + int(random.random() * 7)))
