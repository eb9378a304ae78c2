"""RU-TE as printed: the grammar of lines, the careless CSV, HTML, stable ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import Identifier, Kind
from sito.errors import ListError
from sito.lists import rosfin_page
from sito.lists.rosfin_page import parse_line
from sito.lists.source import Facts, Source

LINES = (
    "1. ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ*, (ВЫДУМКИН ПРИМЁР; КЛИЧКА), 01.02.1970 г.р. , Г. ПРИМЕРСК;",
    "2. ТЕСТОВА ПРОБА ОБРАЗЦОВНА, 03.04.1980 г.р. , С. ОБРАЗЦОВО;",
)


def run(text: str | bytes):
    data = text if isinstance(text, bytes) else text.encode()
    facts = Facts()
    return list(rosfin_page.read(Source("page.txt", data, "", "RU-TE"), facts)), facts


def dates(draft):
    return [date.start for date in draft.birth_dates]


@pytest.mark.parametrize(
    ("line", "names", "birth", "places", "starred"),
    [
        (LINES[0], ["ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ", "ВЫДУМКИН ПРИМЁР", "КЛИЧКА"], ["1970-02-01"], ["Г. ПРИМЕРСК"], True),
        (LINES[1], ["ТЕСТОВА ПРОБА ОБРАЗЦОВНА"], ["1980-04-03"], ["С. ОБРАЗЦОВО"], None),
        ("15, ТЕСТОВ А Б*,  (ТЕСТОВ В Б), 26.04.1981 г.р. \r", ["ТЕСТОВ А Б", "ТЕСТОВ В Б"], ["1981-04-26"], [], True),
        ("16, ТЕСТОВ А Б*, 26.04.1981 г.р. ;,\r", ["ТЕСТОВ А Б"], ["1981-04-26"], [], True),
        ('17, ТЕСТОВ А Б*, 26.04.1981 г.р. ," Г. А', ["ТЕСТОВ А Б"], ["1981-04-26"], ["Г. А"], True),
        ("18. ТЕСТОВ ПРИМЕР ОБРАЗЦОВИЧ*,  (ТЕСТОВ ПРИМЕР ОБРАЗЦОВИЧ), ", ["ТЕСТОВ ПРИМЕР ОБРАЗЦОВИЧ"], [], [], True),
        ("19. ТЕСТОВ ПРИМЕР ОБРАЗЦОВИЧ*, , Г. А;", ["ТЕСТОВ ПРИМЕР ОБРАЗЦОВИЧ"], [], ["Г. А"], True),
        ("20. ТЕСТОВ А Б, 1981 г.р., С. А (НЫНЕ Б);", ["ТЕСТОВ А Б"], ["1981-01-01"], ["С. А (НЫНЕ Б)"], None),
        (
            "21. ТЕСТОВ А* (Б, 02.03.1982 г.р.), 1981 г. р., А",
            ["ТЕСТОВ А", "Б"],
            ["1982-03-02", "1981-01-01"],
            ["А"],
            True,
        ),
        ("22. NEMO* (NOBODY; N. (N.) S.) 1981 г. р., А", ["NEMO", "NOBODY", "N. (N.) S."], ["1981-01-01"], ["А"], True),
        ("23. ТЕСТОВ А Б*, (ИНОЙ, 26.04.1981 г.р. , А", ["ТЕСТОВ А Б", "ИНОЙ"], ["1981-04-26"], ["А"], True),
        ("24) ТЕСТОВ А УГЛИ, 26.04.1981 г.р.", ["ТЕСТОВ А УГЛИ"], ["1981-04-26"], [], None),
    ],
)
def test_person_line(line, names, birth, places, starred):
    draft = parse_line(line)
    assert [name.text for name in draft.names] == names
    assert dates(draft) == birth
    assert (draft.birth_places, draft.terrorist, draft.kind) == (places, starred, Kind.PERSON)


@pytest.mark.parametrize(
    ("line", "names", "numbers"),
    [
        (
            '1. ОБЩЕСТВО "ПРИМЕР, ПРОБА И КО"* (ОП; "ППК"), ИНН: 7707083893, ОГРН: 1027700132195, 02.03.2004;',
            ['ОБЩЕСТВО "ПРИМЕР, ПРОБА И КО"', "ОП", '"ППК"'],
            ["7707083893", "1027700132195"],
        ),
        ("2. ФОНД ПРИМЕРОВ, ИНН: 7707083893", ["ФОНД ПРИМЕРОВ"], ["7707083893"]),
        ("3. ДВИЖЕНИЕ «ПРИМЕР»;", ["ДВИЖЕНИЕ «ПРИМЕР»"], []),
    ],
)
def test_organisation_line(line, names, numbers):
    draft = parse_line(line)
    assert [name.text for name in draft.names] == names
    assert [number.number for number in draft.identifiers] == numbers
    assert (draft.kind, draft.birth_dates) == (Kind.ORGANISATION, [])


def test_date_of_an_organisation_is_kept_raw():
    assert parse_line("1. ФОНД А, ИНН: 7707083893, 02.03.2004;").raw == [("line", "02.03.2004")]


def test_section_decides_the_kind_where_it_is_known():
    assert parse_line("1. НЕЧТО;", Kind.ORGANISATION).kind is Kind.ORGANISATION
    assert parse_line("1. НЕЧТО;").kind is Kind.UNKNOWN


@pytest.mark.parametrize("line", ["", "number,name", "12", "12. ;", "1. *", "Российские лица"])
def test_line_without_number_or_name_is_no_subject(line):
    assert parse_line(line) is None


@given(st.text(max_size=200))
def test_any_line_is_read_or_refused_quietly(text):
    draft = parse_line(f"1. {text}")
    assert draft is None or draft.names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_encodings_are_told_apart(encoding):
    data = "\r\n".join(LINES).encode(encoding)
    assert rosfin_page.detect(data, "x") == "RU-TE"
    assert run(data)[0][0].names[0].text == "ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ"


def test_heading_is_left_out_with_its_line_number():
    entries, facts = run("number,name,birthday,city\n" + "\n".join(LINES))
    assert len(entries) == 2
    assert "1 lines are no subjects and were left out (lines 1)" in facts.warnings


def test_ids_do_not_depend_on_the_position():
    first = {entry.names[0].text: entry.entry_id for entry in run("\n".join(LINES))[0]}
    moved = {entry.names[0].text: entry.entry_id for entry in run("\n".join(["7" + LINES[1], "9" + LINES[0]]))[0]}
    assert first == moved
    assert len(set(first.values())) == 2


def test_equal_subjects_get_different_ids():
    entries, _ = run("\n".join([LINES[1], LINES[1]]))
    assert entries[1].entry_id == f"{entries[0].entry_id}-2"


def test_html_page_is_read_by_its_sections():
    page = (
        "<!DOCTYPE html><html><body><ol><li>1. МЕНЮ</li></ol>"
        '<div id="russianUL"><ol><li>1. НЕЧТО* (ИНОЕ), ИНН: 7707083893;</li></ol></div>'
        f'<div id="russianFL"><ol><li>{LINES[0]}</li><li>{LINES[1]}</li></ol></div></body></html>'
    )
    assert rosfin_page.detect(page.encode(), "x") == "RU-TE"
    entries, _ = run(page)
    assert [entry.kind for entry in entries] == [Kind.ORGANISATION, Kind.PERSON, Kind.PERSON]
    assert entries[0].identifiers == (Identifier("inn", "7707083893", "RU"),)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("\n".join([LINES[0], *["шум"] * 9]), "LST432"),
        (b"\x98\x00\xff", "LST430"),
        (b"\xff\xfe\x00", "LST430"),
        ("1. " + "x" * (1 << 20), "LST431"),
        ("<html><body>none</body></html>", "LST433"),
    ],
)
def test_bad_page_is_refused(data, code):
    with pytest.raises(ListError) as caught:
        run(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    ["", "1. first point\n2. second point\n", "1, Nemo, 2\n2, Nobody, 3\n", "<html><div>x</div></html>", "Привет, мир"],
)
def test_detect_leaves_other_texts_alone(text):
    assert rosfin_page.detect(text.encode(), "terrorists.csv") is None
