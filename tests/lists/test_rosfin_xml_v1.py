"""RU-TE XML of the first generation: rows merged by id, printed names and passports."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind
from sito.lists import rosfin_xml_v1
from sito.lists.rosfin_xml_v1 import kind_of
from sito.lists.source import Facts, Source


def row(number: str, name: str, **values: str) -> str:
    cells = "".join(f"<{key}><![CDATA[{text}]]></{key}>" for key, text in values.items())
    title = f"<TERRORISTS_NAME><![CDATA[{name}]]></TERRORISTS_NAME>"
    return f"<TERRORISTS><ID>{number}</ID><NUM>1</NUM>{title}{cells}</TERRORISTS>"


def run(*rows: str):
    data = (
        '<?xml version="1.0" encoding="windows-1251"?>'
        f'<TERRORISTS_CATALOG ID="9" DATE="02.05.2014" NUM="1П">{"".join(rows)}</TERRORISTS_CATALOG>'
    ).encode("cp1251")
    assert rosfin_xml_v1.detect(data, "x") == "RU-TE"
    facts = Facts()
    return list(rosfin_xml_v1.read(Source("te.xml", data, "", "RU-TE"), facts)), facts


def test_row_becomes_entry():
    (entry,), facts = run(
        row(
            "7",
            "* ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ",
            person_type="4",
            birth_date="01.02.1970",
            BIRTH_PLACE="Г. ПРИМЕРСК",
            ADDRESS="УЛ. 1",
            DESCRIPTION="Вымышлен",
            TERRORISTS_RESOLUTION="Решение 1",
            PASSPORT="ПАСПОРТ РФ: 00 00 000001 ВЫДАН ОВД ПРИМЕРСКА",
            EXTRA="x",
        )
    )
    assert (entry.entry_id, entry.kind, entry.terrorist) == ("7", Kind.PERSON, True)
    assert [name.text for name in entry.names] == ["ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ"]
    assert entry.birth_dates == (BirthDate("1970-02-01", "1970-02-01"),)
    assert entry.identifiers == (Identifier("passport", "00 00 000001", "RU", "ПАСПОРТ РФ, ОВД ПРИМЕРСКА"),)
    assert (entry.birth_places, entry.addresses) == (("Г. ПРИМЕРСК",), ("УЛ. 1",))
    assert (entry.remarks, entry.programmes) == ("Вымышлен", ("Решение 1",))
    assert entry.raw == (("person_type", "4"), ("EXTRA", "x"))
    assert (facts.edition_date, facts.warnings) == ("2014-05-02", [])


def test_rows_with_one_id_are_variants_of_one_subject():
    entries, _ = run(row("7", "* ПРИМЕР"), row("8", "ИНОЙ"), row("7", "* ПРИМЁР", birth_date="01.02.1970"))
    assert [[name.text for name in entry.names] for entry in entries] == [["ПРИМЕР", "ПРИМЁР"], ["ИНОЙ"]]
    assert (entries[0].kind, entries[1].terrorist) == (Kind.PERSON, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ПАСПОРТ РФ: 0000 000001", "0000 000001"),
        ("ПАСПОРТ РФ: 00 00 000001 ВЫДАН", "00 00 000001"),
        ("ЗАГРАНПАСПОРТ РФ: 00 № 0000001, ВЫДАН МВД", "00 № 0000001"),
    ],
)
def test_passport_number_is_found(text, number):
    assert run(row("7", "А", PASSPORT=text))[0][0].identifiers[0].number == number


@pytest.mark.parametrize("text", ["НЕТ", "ПАСПОРТ РФ: НЕ ИЗВЕСТЕН", "ПАСПОРТ РФ:"])
def test_passport_not_understood_is_kept(text):
    entry = run(row("7", "А", PASSPORT=text))[0][0]
    assert (entry.identifiers, entry.raw) == ((), (("PASSPORT", text),))


def test_values_may_stand_in_attributes():
    (entry,), _ = run('<TERRORISTS ID="7" TERRORISTS_NAME="ПРИМЕР (ИНОЙ; ТРЕТИЙ)"/>')
    assert (entry.entry_id, [name.text for name in entry.names]) == ("7", ["ПРИМЕР", "ИНОЙ", "ТРЕТИЙ"])


@pytest.mark.parametrize(
    ("code", "person", "kind"),
    [
        ("3", True, Kind.PERSON),
        ("3", False, Kind.ORGANISATION),
        ("4", False, Kind.PERSON),
        ("Физическое лицо", False, Kind.PERSON),
        ("Организация", False, Kind.ORGANISATION),
        ("юр. лицо", False, Kind.ORGANISATION),
        ("", False, Kind.UNKNOWN),
        ("9", False, Kind.UNKNOWN),
    ],
)
def test_kind_follows_evidence_before_codes(code, person, kind):
    assert kind_of(code, person=person) is kind
