"""Blocks of whole lines, whatever the size of a block and of a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fixtures import write

from sito.formats import text as reader

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00\r")


@pytest.fixture(autouse=True)
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BLOCK_SIZE", 7)
    monkeypatch.setattr(reader, "LINE_SIZE_MAX", 64)


def lines_of(path: Path, encoding: str) -> tuple[list[str], bool]:
    positions: list[int] = []
    pieces = list(reader.blocks(path, encoding, positions.append))
    assert positions == sorted(positions)
    assert positions[-1] == path.stat().st_size
    return "".join(text for text, _ in pieces).split("\n"), any(dirty for _, dirty in pieces)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@given(lines=st.lists(st.text(LETTERS, max_size=12).map(lambda line: line.replace("\n", "")), max_size=8))
def test_lines_come_back(tmp_path_factory: pytest.TempPathFactory, encoding: str, lines: list[str]) -> None:
    path = write(tmp_path_factory.mktemp("text"), "\n".join(lines), encoding=encoding)
    assert lines_of(path, encoding) == ("\n".join(lines).split("\n"), False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
@pytest.mark.parametrize("size", [64, 65, 200, 201, 1_000])
def test_long_lines_are_cut_and_the_next_ones_kept(tmp_path: Path, encoding: str, size: int) -> None:
    lines, dirty = lines_of(write(tmp_path, f"a\n{'я' * size}\nb\nc", encoding=encoding), encoding)
    assert lines[0] == "a"
    assert lines[-2:] == ["b", "c"]
    assert len(lines) == 4
    whole = lines[1] == "я" * size
    assert whole != (lines[1].endswith(reader.OVERLONG) and dirty)


def test_broken_bytes_are_marked(tmp_path: Path) -> None:
    assert lines_of(write(tmp_path, b"a\n\xff\nb"), "utf-8") == (["a", "\udcff", "b"], True)
    assert lines_of(write(tmp_path, b"\xff\xfea\x00\n\x00\x00\xdc\n\x00b\x00"), "utf-16") == (
        ["a", "\udc80", "b"],
        True,
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Лопухов Пётр Ильич, ООО «Ромашка»", "utf-8"),
        ("Лопухов Пётр Ильич, ООО «Ромашка» № 5", "cp1251"),
        ("ЛОПУХОВ ПЁТР ИЛЬИЧ", "cp1251"),
        ("Лопухов Пётр Ильич, ООО Ромашка", "cp866"),
        ("ЛОПУХОВ ПЕТР ИЛЬИЧ", "cp866"),
        ("Ivan", "utf-8"),
        ("Лопухов П.И., д'Артаньян и К°", "cp1251"),
        ("Мельниченко Їжак, Ўладзімір", "cp1251"),
    ],
)
def test_encoding_is_guessed(text: str, encoding: str) -> None:
    assert reader.guess_encoding(text.encode(encoding)) == encoding


@pytest.mark.parametrize(
    "data",
    [
        b"id,name\n1,A \xed\xa0\x80\n",  # a lone surrogate in UTF-8
        b"id,name\n1,A\n2,\xb0\xb1\n3,B\n",
        "id,name\n1,Müller Jörg\n2,Gößmann\n".encode("latin-1"),  # read as windows-1251 it has no Cyrillic word
        "id,name\n1,Łukasz Żółć\n".encode("cp1250"),
        "id,name\n1,Лопухов\n2,Незабудкин\n".encode() + "3,Лопухов Пётр Ильич\n".encode("cp1251"),
    ],
)
def test_broken_text_is_not_taken_for_another_alphabet(data: bytes) -> None:
    assert reader.guess_encoding(data) == "utf-8"


def test_encoding_is_not_decided_by_the_first_odd_byte(tmp_path: Path) -> None:
    rows = "".join(f"{number},Лопухов Пётр\n" for number in range(50))
    path = write(tmp_path, b"id,name\n" + b"1,plain\n" * 20 + b"2,\xc1\n" + b"3,plain\n" * 20 + rows.encode("cp1251"))
    assert reader.sniff_encoding(path, path.read_bytes()[:100]) == "cp1251"
    path.write_bytes(path.read_bytes()[:300] + rows.encode())
    assert reader.sniff_encoding(path, path.read_bytes()[:100]) == "utf-8"


@pytest.mark.parametrize("encoding", ["cp1251", "cp866"])
def test_utf8_inside_a_code_page_is_marked(tmp_path: Path, encoding: str) -> None:
    first = "Лопухов"
    path = write(tmp_path, f"{first}\n".encode(encoding) + "Пётр\n".encode() + first.encode(encoding))
    lines, dirty = lines_of(path, encoding)
    assert (lines[0], lines[2], dirty) == (first, first, True)
    assert reader._SURROGATE.search(lines[1])


@pytest.mark.timeout(20)
def test_a_long_line_of_plain_letters_is_read_once(tmp_path: Path) -> None:
    # What looked for a letter outside ASCII anew from each byte took minutes.
    path = tmp_path / "long.txt"
    path.write_bytes(b"a" * 2_000_000 + "ы".encode("cp1251") + b"\n" + "Чертополохов".encode("cp1251") + b"\n")
    assert reader.sniff_encoding(path, path.read_bytes()[:100]) == "cp1251"
