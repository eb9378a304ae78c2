"""UK Sanctions List: rows of one id are one entry, columns are found by name."""

from __future__ import annotations

import csv
import io

import pytest

from sito.entries import BirthDate, Identifier, Kind, NameQuality
from sito.errors import ListError
from sito.lists import uk, uk_conlist
from sito.lists.source import Facts, Source

HEADER = uk._HEADER
PERSON = {
    "Last Updated": "01/02/2026",
    "Unique ID": "TST0001",
    "OFSI Group ID": "12345",
    "UN Reference Number": "XXi.001",
    "Name 6": "SAMPLE",
    "Name 1": "Test",
    "Name 2": "Person",
    "Name type": "Primary Name",
    "Name non-latin script": "Тест Персона",
    "Non-latin script type": "Cyrillic",
    "Non-latin script language": "Russian",
    "Regime Name": "The Test Regulations",
    "Designation Type": "Individual",
    "D.O.B": "dd/mm/1960",
    "Nationality(/ies)": "(1) Russia (2) Syria",
    "Passport number": "(1) A123 (2) B456",
    "Passport additional information": "(1) expired (2) Syrian",
    "Town of birth": "(1) Tula (2) Homs",
    "Country of birth": "(1) Russia (2) Syria",
    "Date Designated": "25/01/2020",
    "Gender": "Male",
    "Position": "Clerk",
    "Address Line 1": "Street 1",
    "Address Country": "Russia",
    "UK Statement of Reasons": "Invented, for a test.",
}
ALIAS = PERSON | {
    "Name 1": "Tst",
    "Name 2": "",
    "Name type": "Alias",
    "Alias strength": "Low quality",
    "D.O.B": "12/01/1961",
}
SHIP = {
    "Unique ID": "TST0002",
    "Name 6": "SAMPLE STAR",
    "Name type": "Primary Name",
    "Designation Type": "Ship",
    "IMO number": "9187629",
    "Current believed flag of ship": "Malta",
    "Type of ship": "Tanker",
}


def table(*cells: dict[str, str], header: list[str] | None = None, preamble: str = "Report Date: 02-Oct-2026\n") -> str:
    names = HEADER if header is None else header
    text = io.StringIO()
    writer = csv.writer(text)
    if header is None or header:
        writer.writerow(names)
    for row in cells:
        writer.writerow([row.get(name, "") for name in names or HEADER])
    return preamble + text.getvalue()


def read(text: str) -> tuple[list, Facts]:
    facts = Facts()
    return list(uk.read(Source("uk.csv", text.encode(), "", "UK-FCDO"), facts)), facts


def test_rows_of_one_id_are_one_entry() -> None:
    entries, facts = read(table(PERSON, SHIP, ALIAS))
    assert [entry.entry_id for entry in entries] == ["TST0001", "TST0002"]
    assert facts.edition_date == "2026-10-02"


def test_person() -> None:
    entry = read(table(PERSON, ALIAS))[0][0]
    assert [(name.text, name.quality, name.script) for name in entry.names] == [
        ("Test Person SAMPLE", NameQuality.PRIMARY, ""),
        ("Тест Персона", NameQuality.ORIGINAL_SCRIPT, "Cyrillic"),
        ("Tst SAMPLE", NameQuality.WEAK, ""),
    ]
    assert (entry.names[0].surname, entry.names[0].given) == ("SAMPLE", "Test Person")
    assert entry.birth_dates == (BirthDate("1960-01-01", "1960-12-31"), BirthDate("1961-01-12", "1961-01-12"))
    assert entry.birth_places == ("Tula, Russia", "Homs, Syria")
    assert entry.countries == ("RU", "SY")
    assert entry.identifiers == (
        Identifier("passport", "A123", "", "expired"),
        Identifier("passport", "B456", "", "Syrian"),
        Identifier("other", "XXi.001", note="UN reference number"),
        Identifier("other", "12345", note="OFSI Group ID"),
    )
    assert (entry.listed_on, entry.changed_on, entry.gender) == (("2020-01-25",), ("2026-02-01",), "male")
    assert "Invented, for a test." in entry.remarks
    assert entry.raw == ()


def test_ship() -> None:
    entry = read(table(SHIP))[0][0]
    assert (entry.kind, entry.countries) == (Kind.VESSEL, ("MT",))
    assert Identifier("imo", "9187629") in entry.identifiers


def test_columns_may_stand_in_any_order() -> None:
    assert read(table(PERSON, header=HEADER[::-1]))[0] == read(table(PERSON))[0]


def test_file_without_header_is_read_by_position_with_a_warning() -> None:
    entries, facts = read(table(PERSON, header=[], preamble=""))
    assert entries == read(table(PERSON))[0]
    assert len(facts.warnings) == 1


def test_unknown_column_is_raw() -> None:
    entry = read(table(PERSON | {"Shoe size": "44"}, header=[*HEADER, "Shoe size"]))[0][0]
    assert entry.raw == (("shoesize", "44"),)


def test_row_without_id_is_refused() -> None:
    with pytest.raises(ListError, match="LST341"):
        read(table(PERSON | {"Unique ID": ""}))


@pytest.mark.parametrize("text", [",", ",,\n\n,\n"])
def test_file_of_blank_rows_is_refused(text: str) -> None:
    with pytest.raises(ListError, match="LST305"):
        read(text)


def test_detect_is_specific() -> None:
    data = table(PERSON).encode()
    assert uk.detect(data, "x") == "UK-FCDO"
    assert uk_conlist.detect(data, "x") is None
    assert uk.detect(b"id,name\n", "UK-Sanctions-List.csv") is None
    assert uk.detect(b"", "x") is None
