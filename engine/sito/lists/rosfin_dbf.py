"""RU-TE as DBF, code page 866: several rows with one `NUMBER` make up one subject.

A further row of the same number either goes on with a text that did not fit its field (the field of the row before
is filled to its last byte) or brings another name, document or address. Fields whose meaning was seen in use are
read (`NUMBER`, `NAMEU`, `ADRESS`, `SD`, `RG`, `GR`), `MR` and `YR` are taken for birth place and birth year, and all
other columns are kept raw: no public description of them exists.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dbfread  # type: ignore[import-untyped]  # the package has no types

from sito.entries import Entry, Identifier
from sito.lists.rosfin_xml_v1 import add_printed_name, kind_of
from sito.lists.source import LINE_SIZE_MAX, Facts, Source
from sito.lists.subjects import Draft, Intake, add, squeeze

FORMAT = "rosfin-dbf"
LIST_ID = "RU-TE"

_VERSIONS = b"\x02\x03\x30\x31\x32\x43\x63\x83\x8b\xcb\xf5\xfb"
_LANGUAGE_1251 = 0xC9
_CONTINUED = ("NAMEU", "ADRESS", "DESCRIPT")
_ROWS_MAX = 1 << 20


def detect(head: bytes, name: str) -> str | None:
    """Recognise a DBF header with the columns `NUMBER` and `NAMEU`; see `sito.lists.source` for the protocol."""
    if len(head) < 66 or head[:1] not in {bytes([one]) for one in _VERSIONS}:
        return None
    names = {head[at : at + 11].split(b"\x00")[0].upper() for at in range(32, min(len(head), 8192), 32)}
    return LIST_ID if {b"NUMBER", b"NAMEU"} <= names else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield each subject once, its rows merged; the whole list is held in memory.

    Raises:
        ListError: LST420 a damaged DBF header; LST421 fewer rows than the header says; LST422 a row without number;
            LST423 more than 1 048 576 rows.
    """
    intake = Intake(source, facts)
    groups: dict[str, list[dict[str, bytes]]] = {}
    widths: dict[str, int] = {}
    encoding = "cp1251" if len(source.data) > 29 and source.data[29] == _LANGUAGE_1251 else "cp866"
    # dbfread opens files by path only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.dbf")
        path.write_bytes(source.data)
        try:
            table: Any = dbfread.DBF(str(path), encoding=encoding, raw=True, ignore_missing_memofile=True)
            declared = int(table.header.numrecords)
            widths = {str(one.name): int(one.length) for one in table.fields}
            day = table.date
            if declared > _ROWS_MAX:
                raise source.error("LST423", expected=f"at most {_ROWS_MAX} rows", got=str(declared))
            whole = int(table.header.headerlen) + declared * int(table.header.recordlen)
            if len(source.data) < whole:
                # The package would pass the start of a cut row on as if it were whole.
                raise source.error(
                    "LST421",
                    expected=f"{whole} bytes for the {declared} rows of the header",
                    got=str(len(source.data)),
                    todo="the file is cut short; fetch it again",
                )
            number = 0
            for row in table:
                number += 1
                cells = {str(key): value for key, value in row.items() if isinstance(value, bytes)}
                key = _text(cells.get("NUMBER", b""), encoding)
                if not key:
                    raise source.error("LST422", expected="a NUMBER", got="an empty field", where=f"row {number}")
                groups.setdefault(key, []).append(cells)
            deleted = len(table.deleted)
        except (ValueError, KeyError, IndexError, OSError, EOFError, AttributeError, dbfread.DBFNotFound) as error:
            raise _damaged(source, error) from None
        except Exception as error:
            # struct.error is not a ValueError, and dbfread lets it through on short headers.
            if type(error).__module__ != "struct":
                raise
            raise _damaged(source, error) from None
    if number + deleted < declared:
        raise source.error(
            "LST421",
            expected=f"the {declared} rows of the header",
            got=str(number + deleted),
            todo="the file is cut short; fetch it again",
        )
    facts.edition_date = day.isoformat() if day is not None else ""
    if deleted:
        facts.warnings.append(f"{deleted} rows are marked as deleted and left out")
    for key, rows in groups.items():
        yield from intake.take(_subject(key, rows, widths, encoding))
    intake.finish()


def _damaged(source: Source, error: Exception) -> Exception:
    return source.error(
        "LST420", expected="a sound DBF file", got=f"a damaged one ({type(error).__name__})", todo="fetch it again"
    )


def _text(cell: bytes, encoding: str) -> str:
    return squeeze(cell.decode(encoding, "replace").replace("\x00", " "))


def _subject(key: str, rows: list[dict[str, bytes]], widths: dict[str, int], encoding: str) -> Draft:
    draft = Draft(entry_id=key)
    for name in _joined(rows, "NAMEU", widths, encoding):
        add_printed_name(draft, name)
    for address in _joined(rows, "ADRESS", widths, encoding):
        add(draft.addresses, address)
    for text in _joined(rows, "DESCRIPT", widths, encoding):
        add(draft.remarks, text)
    code = ""
    for row in rows:
        cells = {column: _text(cell, encoding) for column, cell in row.items()}
        series, number = cells.pop("SD", ""), cells.pop("RG", "")
        document = Identifier("passport", f"{series} {number}".strip())
        if document.number:
            add(draft.identifiers, document)
        birth = cells.pop("GR", "")
        if len(birth) == 8 and birth.isdigit():
            birth = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"
        draft.add_birth(birth, "GR")
        if not birth and cells.get("YR", "").strip("0"):
            draft.add_birth(cells.pop("YR"), "YR")
        add(draft.birth_places, cells.pop("MR", ""))
        code = cells.get("TU", "") or code
        for column, text in cells.items():
            if text and column not in ("NUMBER", *_CONTINUED):
                add(draft.raw, (column, text))
    draft.kind = kind_of(code, person=bool(draft.birth_dates or draft.birth_places or draft.identifiers))
    return draft


def _joined(rows: list[dict[str, bytes]], column: str, widths: dict[str, int], encoding: str) -> list[str]:
    """Return the texts of a column, those that go on in the next row joined."""
    texts: list[str] = []
    open_text = b""
    for row in rows:
        cell = row.get(column, b"")
        # A field filled to its last byte was cut there, be it inside a word: what follows goes on without a blank.
        open_text = (open_text + cell)[:LINE_SIZE_MAX]
        if len(cell) == widths.get(column, 0) and cell[-1:].strip(b" \x00"):
            continue
        texts.append(_text(open_text, encoding))
        open_text = b""
    texts.append(_text(open_text, encoding))
    return list(dict.fromkeys(text for text in texts if text))
