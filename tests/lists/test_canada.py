"""Canada's list: ids made from the line of the Regulations, aliases taken apart with care."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import canada
from sito.lists.source import Facts, Source

PERSON = (
    "<record><Country>Testland / Testlande</Country><LastName>Sample</LastName><GivenName>Test\u00a0Person</GivenName>"
    "<Aliases>Тест Персона; Sampel, Tst</Aliases><TitleOrShip>Dr.</TitleOrShip>"
    "<DateOfBirthOrShipBuildDate>1963 or 1965</DateOfBirthOrShipBuildDate><Schedule>1, Part 1</Schedule><Item>1</Item>"
    "<DateOfListing>2020-09-28</DateOfListing></record>"
)
SHIP = (
    "<record><Country>Testland</Country><EntityOrShip>Sample Star</EntityOrShip><TitleOrShip>Oil Tanker</TitleOrShip>"
    "<ShipIMONumber>9187629</ShipIMONumber><DateOfBirthOrShipBuildDate>1999</DateOfBirthOrShipBuildDate>"
    "<Item>2</Item><DateOfListing>soon</DateOfListing><New>x</New></record>"
)


def read(*records: str) -> tuple[list, Facts]:
    facts = Facts()
    data = f'<?xml version="1.0" encoding="UTF-8"?><data-set>{"".join(records)}</data-set>'.encode()
    return list(canada.read(Source("ca.xml", data, "", "CA-SEMA"), facts)), facts


def test_id_is_made_of_country_schedule_and_item() -> None:
    assert [entry.entry_id for entry in read(PERSON, SHIP)[0]] == ["Testland/1, Part 1/1", "Testland//2"]


def test_repeated_id_gets_a_suffix_and_a_warning() -> None:
    entries, facts = read(PERSON, PERSON)
    assert [entry.entry_id[-2:] for entry in entries] == ["/1", "#2"]
    assert len(facts.warnings) == 1


def test_person() -> None:
    entry = read(PERSON)[0][0]
    assert [(name.text, name.quality) for name in entry.names] == [
        ("Test Person Sample", NameQuality.PRIMARY),
        ("Тест Персона", NameQuality.ORIGINAL_SCRIPT),
        ("Tst Sampel", NameQuality.STRONG),
    ]
    assert entry.birth_dates == (BirthDate("1963-01-01", "1963-12-31"), BirthDate("1965-01-01", "1965-12-31"))
    assert (entry.titles, entry.listed_on, entry.countries) == (("Dr.",), ("2020-09-28",), ())
    assert entry.programmes == ("Testland / Testlande",)


def test_ship() -> None:
    entry = read(SHIP)[0][0]
    assert (entry.kind, entry.identifiers) == (Kind.VESSEL, (Identifier("imo", "9187629"),))
    assert "Ship type: Oil Tanker" in entry.remarks
    assert entry.birth_dates == ()
    assert entry.raw == (("DateOfListing", "soon"), ("New", "x"))


@pytest.mark.parametrize(
    ("text", "kind", "names"),
    [
        ("A B / C D", Kind.PERSON, ["A B", "C D"]),
        ("Ivanov, Ivan", Kind.PERSON, ["Ivanov, Ivan"]),
        ("Abe Bee, Cee Dee", Kind.PERSON, ["Abe Bee", "Cee Dee"]),
        ("Ann Petrovna or Pavlovna Test", Kind.PERSON, ["Ann Petrovna Test", "Ann Pavlovna Test"]),
        ("Ann Test or Smith", Kind.PERSON, ["Ann Test or Smith"]),
        ("Ann Test or Bea Smith", Kind.PERSON, ["Ann Test", "Bea Smith"]),
        ("Ann Test, Russian: Анна Тест", Kind.PERSON, ["Ann Test", "Анна Тест"]),
        ("Sample Trading Co., Ltd.", Kind.ORGANISATION, ["Sample Trading Co., Ltd."]),
        ("OOO Sample, Sample Works", Kind.ORGANISATION, ["OOO Sample", "Sample Works"]),
        ('OOO "Sample, Works"', Kind.ORGANISATION, ['OOO "Sample, Works"']),
        ("Sample Fund or SF", Kind.ORGANISATION, ["Sample Fund", "SF"]),
        ("", Kind.PERSON, []),
    ],
)
def test_aliases_are_split_only_where_that_is_sure(text: str, kind: Kind, names: list[str]) -> None:
    assert [name for name, _ in canada.split_aliases(text, kind)] == names


def test_former_alias_is_marked() -> None:
    assert canada.split_aliases("formerly Old Works", Kind.ORGANISATION) == [("Old Works", NameQuality.FORMER)]


def test_detect_is_specific() -> None:
    assert canada.detect(f"<data-set>{PERSON}".encode(), "x") == "CA-SEMA"
    assert canada.detect(b"<data-set><record><a/></record></data-set>", "canada.xml") is None


@pytest.mark.parametrize(("data", "code"), [(b"", "LST300"), (b"<x/>", "LST332"), (b"<data-set/>", "LST333")])
def test_unusable_file_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ListError) as caught:
        list(canada.read(Source("ca.xml", data, "", "CA-SEMA"), Facts()))
    assert caught.value.code == code
