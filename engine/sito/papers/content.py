"""What a paper says, before it is a document: headings, lines and tables of plain text."""

from __future__ import annotations

import msgspec

ROW_COUNT_MAX = 10_000  # rows of all tables of one paper


class Column(msgspec.Struct, frozen=True):
    """One column of a table; `width_mm` is its share of the page."""

    title: str
    width_mm: int


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows of cells, as many as columns; line feeds in a cell begin new lines.

    Attributes:
        empty: What is said where there is no row.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "За период записей нет."


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """Title of what follows."""

    text: str


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """Paragraphs."""

    texts: tuple[str, ...]


Block = Table | Heading | Lines


class Paper(msgspec.Struct, frozen=True):
    """One paper.

    Attributes:
        kind: As people type it.
        title: As it is printed.
        is_wide: On a page that lies on its side.
        blocks: In their order, the ending included.
        row_count: Rows that tell what happened: without the ending's.
        personal_count: Events of which personal data were opened.
        made_of: Id of the ledger and sequence of the last event that was looked at.
        as_of: When that event happened: the time that the document bears.
    """

    kind: str
    title: str
    is_wide: bool
    blocks: tuple[Block, ...]
    row_count: int
    personal_count: int
    made_of: tuple[str, int]
    as_of: str


def pairs(rows: tuple[tuple[str, str], ...], *, first_mm: int = 70, second_mm: int = 105) -> Table:
    """Return a table of names and values."""
    return Table((Column("Показатель", first_mm), Column("Значение", second_mm)), rows)
