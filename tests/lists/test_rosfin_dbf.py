"""RU-TE DBF: rows of one number, texts that go on, and damaged files."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import BirthDate, Identifier, Kind
from sito.errors import ListError
from sito.lists import rosfin_dbf
from sito.lists.source import Facts, Source

COLUMNS = (
    ("NUMBER", "C", 8),
    ("TU", "C", 1),
    ("SD", "C", 20),
    ("RG", "C", 20),
    ("NAMEU", "C", 40),
    ("ADRESS", "C", 30),
    ("GR", "D", 8),
    ("MR", "C", 20),
    ("KODCR", "C", 5),
)


def table(*rows: dict[str, str], declared: int | None = None, language: int = 0x65, deleted: int = 0) -> bytes:
    encoding = "cp1251" if language == 0xC9 else "cp866"
    fields = b"".join(struct.pack("<11sc4xB15x", name.encode(), kind.encode(), size) for name, kind, size in COLUMNS)
    width = 1 + sum(size for _, _, size in COLUMNS)
    count = len(rows) if declared is None else declared
    header = struct.pack("<B3BIHH17xB2x", 3, 124, 5, 2, count, 33 + len(fields), width, language)
    body = b""
    for i, row in enumerate(rows):
        cells = (row.get(name, "").encode(encoding)[:size].ljust(size) for name, _, size in COLUMNS)
        body += (b"*" if i < deleted else b" ") + b"".join(cells)
    return header + fields + b"\r" + body + b"\x1a"


def run(data: bytes):
    facts = Facts()
    return list(rosfin_dbf.read(Source("te.dbf", data, "", "RU-TE"), facts)), facts


def refused(data: bytes) -> str:
    with pytest.raises(ListError) as caught:
        run(data)
    return caught.value.code


PERSON = {
    "NUMBER": "7",
    "TU": "4",
    "SD": "00 00",
    "RG": "000001",
    "NAMEU": "ВЫДУМКИН ПРИМЁР*",
    "ADRESS": "УЛ. 1",
    "GR": "19700201",
    "MR": "Г. ПРИМЕРСК",
    "KODCR": "643",
}


@pytest.mark.parametrize("language", [0, 0x65, 0xC9])
def test_row_becomes_entry(language):
    data = table(PERSON, language=language)
    (entry,), facts = run(data)
    assert rosfin_dbf.detect(data, "x") == "RU-TE"
    assert (entry.entry_id, entry.kind, entry.terrorist) == ("7", Kind.PERSON, True)
    assert [name.text for name in entry.names] == ["ВЫДУМКИН ПРИМЁР"]
    assert (entry.birth_dates, entry.birth_places) == ((BirthDate("1970-02-01", "1970-02-01"),), ("Г. ПРИМЕРСК",))
    assert (entry.identifiers, entry.addresses) == ((Identifier("passport", "00 00 000001"),), ("УЛ. 1",))
    assert entry.raw == (("TU", "4"), ("KODCR", "643"))
    assert facts.edition_date == "2024-05-02"


def test_rows_of_one_number_are_one_subject():
    entries, _ = run(
        table(
            PERSON,
            {"NUMBER": "8", "TU": "3", "NAMEU": "ОБЩЕСТВО ПРИМЕРОВ (ОП)"},
            {**PERSON, "NAMEU": "КЛИЧКА", "RG": "000002"},
        )
    )
    assert [[name.text for name in entry.names] for entry in entries] == [
        ["ВЫДУМКИН ПРИМЁР", "КЛИЧКА"],
        ["ОБЩЕСТВО ПРИМЕРОВ", "ОП"],
    ]
    assert [len(entry.identifiers) for entry in entries] == [2, 0]
    assert entries[1].kind is Kind.ORGANISATION


def test_filled_field_goes_on_in_the_next_row():
    name = "ОБЩЕСТВО С ОЧЕНЬ ДЛИННЫМ ВЫДУМАННЫМ НАИМЕНОВАНИЕМ ИЗ ПРИМЕРОВ"
    (entry,), _ = run(table({"NUMBER": "7", "NAMEU": name[:40]}, {"NUMBER": "7", "NAMEU": name[40:]}))
    assert [one.text for one in entry.names] == [name]


def test_deleted_rows_are_left_out_and_counted():
    entries, facts = run(table(PERSON, {**PERSON, "NUMBER": "8"}, deleted=1))
    assert ([entry.entry_id for entry in entries], facts.warnings) == (
        ["8"],
        ["1 rows are marked as deleted and left out"],
    )


def test_fewer_rows_than_declared_is_refused():
    assert refused(table(PERSON, declared=2)) == "LST421"


def test_cut_file_is_refused():
    assert refused(table(PERSON, PERSON)[:-60]) in ("LST420", "LST421")


def test_row_without_number_is_refused():
    assert refused(table({**PERSON, "NUMBER": ""})) == "LST422"


def test_too_many_rows_are_refused_before_reading():
    assert refused(table(PERSON, declared=(1 << 20) + 1)) == "LST423"


@pytest.mark.parametrize("data", [b"\x03", b"\x03" * 40, table(PERSON)[:50]])
def test_damaged_header_is_refused(data):
    assert refused(data) in ("LST420", "LST421")


@given(st.integers(0, 400), st.integers(0, 255))
def test_any_changed_byte_gives_entries_or_a_list_error(at, value):
    data = bytearray(table(PERSON, PERSON))
    data[at % len(data)] = value
    try:
        run(bytes(data))
    except ListError as error:
        assert error.code.startswith("LST42")
