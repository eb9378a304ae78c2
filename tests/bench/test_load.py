"""The load of the bench: the same on every machine, as varied as it claims, and hiding what it says."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from bench.load import CERTAIN, MUTATIONS, Payments, Subject, make_hostile, make_list, make_payments, write_list
from bench.names import Party, Population, feminine, genitive, patronymic, transliterate, written
from bench.peers import Brute, ExactScan, TokenIndex, words

from sito.build import build_index
from sito.index import Index
from sito.screen import Screener

NAME_COUNT, PAYMENT_COUNT = 3_000, 4_000
# Of the lists and payments below. They change only with the generator, and then all figures of the past are void.
DIGEST = "fd26b7a360d73806"


@pytest.fixture(scope="module")
def population() -> Population:
    return Population()


@pytest.fixture(scope="module")
def subjects(population: Population) -> list[Subject]:
    return make_list(NAME_COUNT, population=population)


@pytest.fixture(scope="module")
def payments(population: Population, subjects: list[Subject]) -> Payments:
    return make_payments(PAYMENT_COUNT, subjects, population=population)


def test_equal_seeds_give_equal_data_for_ever(subjects: list[Subject], payments: Payments) -> None:
    data = [subjects, payments.debtors, payments.creditors, payments.purposes]
    data.append([(label.row, label.role, label.mutation, sorted(label.entry_ids)) for label in payments.labels])
    assert hashlib.sha256(repr(data).encode()).hexdigest()[:16] == DIGEST


def test_seeds_differ(population: Population, subjects: list[Subject], payments: Payments) -> None:
    other = make_payments(100, subjects, 99, population)
    assert other.debtors != payments.debtors[:100]


def test_a_list_has_the_names_asked_for_in_the_shares_promised(subjects: list[Subject]) -> None:
    assert sum(len(subject.names) for subject in subjects) == NAME_COUNT
    cyrillic = sum(subject.party.script == "cyrillic" for subject in subjects) / len(subjects)
    assert 0.25 <= cyrillic <= 0.5
    assert {subject.party.kind for subject in subjects} == {"person", "company", "vessel"}
    assert len({subject.entry_id for subject in subjects}) == len(subjects)


def test_a_short_list_is_the_head_of_a_long_one(population: Population) -> None:
    long = make_list(12_000, population=population)
    assert long[:2_000] == make_list(4_000, population=population)[:2_000]


def test_purposes_come_from_a_thousand_templates_at_least(payments: Payments) -> None:
    assert payments.template_count >= 1_000
    assert 110 <= sum(map(len, payments.purposes)) / len(payments) <= 140
    assert not any("{" in text and "VO" not in text for text in payments.purposes)


def test_labels_are_one_to_three_percent_with_every_mutation_and_a_third_in_purposes(payments: Payments) -> None:
    assert 0.01 <= len(payments.labels) / len(payments) <= 0.03
    assert set(MUTATIONS) <= {label.mutation for label in payments.labels}
    assert 0.15 <= Counter(label.role for label in payments.labels)["purpose"] / len(payments.labels) <= 0.45


def test_hostile_payments_are_hostile(population: Population) -> None:
    names = make_hostile(3, "names", population=population)
    assert all(len(text.split()) >= 400 for text in names.purposes)
    long = make_hostile(3, "long", population=population)
    assert all(len(text.encode()) >= 10_000 for text in long.purposes)
    new = make_hostile(50, "new", population=population)
    seen = [word for text in (*new.debtors, *new.creditors, *new.purposes) for word in text.split()]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("nominative", "female", "expected"),
    [
        (("Иванов", "Сергей", "Ильич"), False, ("Иванова", "Сергея", "Ильича")),
        (("Белова", "Ольга", "Игоревна"), True, ("Беловой", "Ольги", "Игоревны")),
        (("Ганский", "Илья", "Львович"), False, ("Ганского", "Ильи", "Львовича")),
        (("Ганская", "Юлия", "Львовна"), True, ("Ганской", "Юлии", "Львовны")),
        (("Дзюбко", "Анна", "Олеговна"), True, ("Дзюбко", "Анны", "Олеговны")),
    ],
)
def test_genitive(nominative: tuple[str, ...], female: bool, expected: tuple[str, ...]) -> None:
    assert genitive(Party("person", "cyrillic", nominative, "", female)).parts == expected


def test_names_are_derived_as_in_russian() -> None:
    assert [feminine(name) for name in ("Белов", "Ганский", "Дзюбко")] == ["Белова", "Ганская", "Дзюбко"]
    assert [patronymic(name, False) for name in ("Иван", "Сергей", "Юрий", "Илья", "Никита")] == [
        "Иванович", "Сергеевич", "Юрьевич", "Ильич", "Никитич",
    ]  # fmt: skip
    assert patronymic("Игорь", True) == "Игоревна"
    assert [transliterate("Щукин", scheme) for scheme in range(3)] == ["Shchukin", "Shchukin", "Chtchoukin"]
    assert written(Party("company", "cyrillic", ("Ромашка",), "ООО")) == 'ООО "Ромашка"'


def test_the_engine_finds_all_that_is_written_as_listed_and_most_of_the_rest(
    tmp_path: Path, subjects: list[Subject], payments: Payments
) -> None:
    write_list(subjects, tmp_path / "targets.simple.csv")
    info = build_index([tmp_path / "targets.simple.csv"], tmp_path / "index.sito")
    assert (info.name_count, info.entry_count) == (NAME_COUNT, len(subjects))
    with Index.open(tmp_path / "index.sito") as index:
        results = Screener(index).screen_batch(payments.table()).results()
        found = {(result.record_id, result.role): {hit.entry_id for hit in result.hits} for result in results}
    seen = [
        bool(label.entry_ids & found.get((payments.ids[label.row], label.role), set())) for label in payments.labels
    ]
    assert all(good for good, label in zip(seen, payments.labels, strict=True) if label.mutation in CERTAIN)
    assert sum(seen) / len(seen) >= 0.9


def test_peers_find_what_they_can() -> None:
    names = ["Гулдзе Марк Львович", "Aron Plutt", 'ООО "Крамбур"']
    payments = [
        ("Марк Львович Гулдзе", "АО Прочее", "оплата"),
        ("x", "y", "за Гулдзе Марк Львович по счету"),
        ("Arom Plutt", "y", "без НДС"),
        ("x", "y", "без НДС"),
    ]
    answers = {}
    for peer in (Brute(names), TokenIndex(names, 1), TokenIndex(names, 2), ExactScan(names)):
        answers[peer.title] = peer.screen(peer.prepare(payments))
    assert list(answers.values()) == [
        [{0}, set(), {1}, set()],
        [{0}, {0}, set(), set()],
        [{0}, {0}, {1}, set()],
        [set(), {0}, set(), set()],
    ]
    assert words("Щукин-Ёж, И.О.") == ["shchukin", "ezh", "i", "o"]
