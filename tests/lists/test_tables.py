"""Delimited files: encodings, quoting, headers, and nothing lost in silence."""

from __future__ import annotations

import pytest

from sito.errors import ListError
from sito.lists.source import Facts, Source
from sito.lists.tables import Table, column_key, decode, rows


def source(data: bytes) -> Source:
    return Source("list.csv", data, "", "X-LIST")


def code_of(action: object, *arguments: object) -> str:
    with pytest.raises(ListError) as caught:
        list(action(*arguments))  # type: ignore[operator]  # any callable
    return caught.value.code


@pytest.mark.parametrize("data", [b"", b"\r\n\x1a", b"\xef\xbb\xbf", b"\x00\x00"])
def test_empty_file_is_refused(data: bytes) -> None:
    assert code_of(decode, source(data), Facts()) == "LST300"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    facts = Facts()
    assert decode(source("Žižek".encode(encoding)), facts) == "Žižek"
    assert facts.warnings == []


def test_windows_1252_is_read_with_a_warning() -> None:
    facts = Facts()
    assert decode(source("DPRK\u2019s café".encode("cp1252")), facts) == "DPRK\u2019s café"
    assert len(facts.warnings) == 1


def test_damaged_utf8_is_not_taken_for_windows_1252() -> None:
    data = "Žižek Ünal Ñandú".encode().replace(b"\xc5\xbe", b"\xc5", 1)
    assert code_of(decode, source(data), Facts()) == "LST301"


def test_control_characters_are_refused() -> None:
    assert code_of(decode, source(b"a,b\n\x00,c"), Facts()) == "LST302"


def test_unclosed_quote_is_refused_with_its_line() -> None:
    with pytest.raises(ListError) as caught:
        list(rows(source(b"x"), 'a,b\n1,"open\n2,c\n'))
    assert caught.value.code == "LST303"
    assert "line 2" in caught.value.where


def test_huge_cell_is_refused() -> None:
    assert code_of(rows, source(b"x"), "a," + "b" * ((1 << 20) + 1)) == "LST303"


def test_line_numbers_count_line_breaks_in_cells() -> None:
    assert [line for line, _ in rows(source(b"x"), 'a,b\r\n1,"two\r\nlines"\r\n\r\n3,c')] == [1, 2, 5]


def test_header_is_found_below_a_preamble() -> None:
    table = Table(
        source(b"x"), rows(source(b"x"), "Report Date: x\nUnique ID,Name 6\n7, A  B \n"), frozenset({"uniqueid"})
    )
    assert table.preamble == [["Report Date: x"]]
    assert [cells for _, cells in table] == [{"uniqueid": "7", "name6": "A B"}]


def test_wrong_header_is_refused() -> None:
    action = Table, source(b"x"), rows(source(b"x"), "a,b\n1,2\n"), frozenset({"uniqueid"})
    assert code_of(*action) == "LST305"


@pytest.mark.parametrize("row", ["1", "1,2,3"])
def test_wrong_number_of_columns_is_refused(row: str) -> None:
    table = Table(source(b"x"), rows(source(b"x"), f"id,name\n1,2\n{row}\n"), frozenset({"id"}))
    assert code_of(lambda: table) == "LST304"


def test_header_without_rows_is_refused() -> None:
    table = Table(source(b"x"), rows(source(b"x"), "id,name\n"), frozenset({"id"}))
    assert code_of(lambda: table) == "LST306"


def test_column_key_ignores_spelling() -> None:
    assert column_key("Nationality(/ies)") == column_key("NATIONALITY IES") == "nationalityies"
