"""Whatever names and notes hold, a document is sound, opens, and says it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from tests.papers.story import text_of

from sito.errors import PaperError
from sito.papers import Paper, docx_bytes, save
from sito.papers.content import Column, Lines, Table
from sito.papers.words import day, law, money
from sito.papers.writing import CELL_STYLE
from sito.policy.verdict import default_policy

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)


def paper(*cells: str, lines: tuple[str, ...] = ()) -> Paper:
    columns = tuple(Column(str(place), 20) for place in range(len(cells)))
    blocks = (Table(columns, (cells,)), Lines(lines))
    return Paper("freezes", "Реестр", True, blocks, 1, 0, ("id", 1), "2026-06-30T20:59:59.000000Z")


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_any_text_can_stand_in_a_cell(cells: list[str], line: str) -> None:
    document = Document(io.BytesIO(docx_bytes(paper(*cells, lines=(line,)))))
    style = document.tables[0].rows[1].cells[0].paragraphs[0].style
    assert style is not None and style.name == CELL_STYLE
    for text, cell in zip(cells, document.tables[0].rows[1].cells, strict=True):
        told = cell.text
        assert len(told) == len(text.replace("\r\n", "\n"))
        assert all(a == b or b in "\ufffd\n " for a, b in zip(text.replace("\r\n", "\n"), told, strict=True))


@pytest.mark.parametrize(
    "text",
    ["Ч" * 10_000, "<w:p>&amp;]]>", "\x00\x01\x1b[31m", "\ud800", "\ufffe\uffff", "\u202eналоп", "=HYPERLINK(1)",
     "a\r\nb\rc\n\n", "{{ x }} %s", "\U0001f40d" * 100],
)  # fmt: skip
def test_hostile_names(text: str) -> None:
    data = docx_bytes(paper(text, lines=(text,)))
    assert "Реестр" in text_of(io.BytesIO(data)) and docx_bytes(paper(text, lines=(text,))) == data


def test_a_long_register_is_written_in_a_bearable_time() -> None:
    rows = tuple((str(number), "Чертополохов", "02.03.2026 12:00\nanna (СДЛ)") for number in range(3_000))
    columns = (Column("№", 10), Column("Лицо", 30), Column("Когда", 30))
    long = Paper("lists", "Журнал", True, (Table(columns, rows),), 3_000, 0, ("id", 1), "2026-06-30T20:59:59.000000Z")
    document = Document(io.BytesIO(docx_bytes(long)))
    assert len(document.tables[0]._tbl.tr_lst) == 3_001


def test_a_file_is_new_and_whole(tmp_path: Path) -> None:
    save(tmp_path / "a.docx", b"1")
    assert (tmp_path / "a.docx").read_bytes() == b"1" and (tmp_path / "a.docx").stat().st_mode & 0o777 == 0o600
    for path in (tmp_path / "a.docx", tmp_path / "none" / "a.docx", tmp_path / "a.docx" / "b", tmp_path / ("x" * 300)):
        with pytest.raises(PaperError, match="PAP104"):
            save(path, b"2")
    (tmp_path / "link.docx").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PaperError, match="PAP104"):
        save(tmp_path / "link.docx", b"2")
    assert {path.name for path in tmp_path.iterdir()} == {"a.docx", "link.docx"}
    assert (tmp_path / "a.docx").read_bytes() == b"1"


def test_words() -> None:
    assert money(123_456_789) == "1\u00a0234\u00a0567,89\u00a0руб." and money(-5) == "-0,05\u00a0руб."
    assert (day("2026-03-02"), day("завтра")) == ("02.03.2026", "завтра")
    policy = default_policy().file
    for rule in (*policy.rules, *policy.duties):
        text = law(policy, rule.id)
        assert text and not any(sign.isascii() and sign.isalpha() for sign in text), text
