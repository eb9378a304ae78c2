"""OFSI ConList, both layouts."""

from __future__ import annotations

import csv
import io

import pytest

from sito.entries import BirthDate, Identifier, NameQuality
from sito.errors import ListError
from sito.lists import uk, uk_conlist
from sito.lists.cells import numbered
from sito.lists.source import Facts, Source

OLD = (
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,DOB,Town of Birth,Country of Birth,Nationality,Passport Details,"
    "NI Number,Position,Address 1,Address 2,Address 3,Address 4,Address 5,Address 6,Post/Zip Code,Country,"
    "Other Information,Group Type,Alias Type,Regime,Listed On,Last Updated,Group ID"
)
NEW = (
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,Non-Latin Script Type,"
    "Non-Latin Script Language,DOB,Town of Birth,Country of Birth,Nationality,Passport Number,Passport Details,"
    "National Identification Number,National Identification Details,Position,Address 1,Address 2,Address 3,Address 4,"
    "Address 5,Address 6,Post/Zip Code,Country,Other Information,Group Type,Alias Type,Alias Quality,Regime,Listed On,"
    "UK Sanctions List Date Designated,Last Updated,Group ID"
)
PERSON = {
    "Name 6": "SAMPLE",
    "Name 1": "Test",
    "DOB": "00/00/1960",
    "Town of Birth": "(1) Tunis (2)-(3) -",
    "Country of Birth": "(1)-(2) Tunisia (3) Libya",
    "Nationality": "Tunisian",
    "Passport Details": "(1) G123456 (Tunisian). Issued on 1 June 1996 (2) unknown",
    "NI Number": "Italian Fiscal Code TSTTST60A01Z352Q",
    "Other Information": "UN Ref QI.X.99.01. Invented.",
    "Group Type": "Individual",
    "Alias Type": "Prime Alias",
    "Regime": "Test",
    "Listed On": "24/01/2003",
    "Last Updated": "23/06/2011",
    "Group ID": "6894",
}


def table(header: str, *cells: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), restval="")
    writer.writeheader()
    writer.writerows(cells)
    return ("Last Updated,02/04/2014\n" + text.getvalue()).encode("cp1252")


def read(data: bytes) -> tuple[list, Facts]:
    facts = Facts()
    return list(uk_conlist.read(Source("conlist.csv", data, "", "UK-OFSI"), facts)), facts


def test_old_layout() -> None:
    entries, facts = read(table(OLD, PERSON, PERSON | {"Name 1": "Tést", "Alias Type": "FKA"}))
    assert facts.edition_date == "2014-04-02"
    (entry,) = entries
    assert [name.quality for name in entry.names] == [NameQuality.PRIMARY, NameQuality.FORMER]
    assert entry.birth_dates == (BirthDate("1960-01-01", "1960-12-31"),)
    assert entry.birth_places == ("Tunis, Tunisia", "Tunisia", "Libya")
    assert entry.countries == ("TN",)
    assert entry.identifiers == (
        Identifier("passport", "G123456", "TN", "(Tunisian). Issued on 1 June 1996"),
        Identifier("tax_id", "TSTTST60A01Z352Q", "", "Italian Fiscal Code"),
        Identifier("other", "QI.X.99.01", note="UN reference number"),
    )
    assert entry.raw == (("Passport", "unknown"),)
    assert (entry.listed_on, entry.changed_on) == (("2003-01-24",), ("2011-06-23",))


def test_new_layout() -> None:
    row = {
        "Name 6": "SAMPLE",
        "Name 1": "Test",
        "Passport Number": "A123",
        "Passport Details": "Expired",
        "Group Type": "Individual",
        "Alias Type": "AKA",
        "Alias Quality": "Low",
        "Group ID": "1",
    }
    (entry,) = read(table(NEW, row))[0]
    assert entry.names[0].quality is NameQuality.WEAK
    assert entry.identifiers == (Identifier("passport", "A123", "", "Expired"),)


def test_retired_list_is_a_warning() -> None:
    assert any("retired" in text for text in read(table(OLD, PERSON))[1].warnings)


def test_row_without_id_is_refused() -> None:
    with pytest.raises(ListError, match="LST342"):
        read(table(OLD, PERSON | {"Group ID": ""}))


def test_detect_is_specific() -> None:
    for header in (OLD, NEW):
        assert uk_conlist.detect(table(header, PERSON if header == OLD else {}), "x") == "UK-OFSI"
        assert uk.detect(table(header), "x") is None


def test_numbered_values() -> None:
    assert numbered("(1) Tunis (2)-(3) Algiers (4) -") == {1: "Tunis", 2: "Algiers", 3: "Algiers"}
    assert numbered("plain (see 4)") == {0: "plain (see 4)"}
    assert numbered("-") == numbered("") == {}
    assert len(numbered("(1)-(999) x")) <= 100
