"""OpenSanctions `targets.simple.csv`: one row per subject, several values in a cell joined by `;`.

The exporter writes each many-valued cell as a CSV line of its own with `;` as the separator, so a value that
holds a semicolon or a quote is quoted again inside the cell. Columns are found by their names in the header; `id` and
`name` are needed, every other may be missing, and unknown ones are kept in `Entry.raw`.

List id: `OS-` and the dataset in capitals if all rows name the same one, else `OS-MIXED`. Edition date: the newest
`last_seen`, which the exporter stamps on all rows of a run.

Identifiers in this file carry no type. Only numbers that prove themselves get one: INN and OGRN by their check digits,
IMO by its prefix and check digit; the rest is `other`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter

from sito.entries import BirthDate, Entry, Identifier, Kind, Name, NameQuality
from sito.errors import ListError
from sito.lists.dates import iso_date, parse_birth_date
from sito.lists.source import ALIAS_COUNT_MAX, LINE_SIZE_MAX, NAME_LENGTH_MAX, Facts, Source
from sito.numbers import Standing, is_imo, is_inn, is_lei, is_ogrn, wallet_standing

FORMAT = "opensanctions-csv"
MIXED = "OS-MIXED"
LINE_MAX = 16 * LINE_SIZE_MAX  # bytes of one line; the longest of the public collection have some hundred thousand
COLUMN_COUNT_MAX = 200
COLUMNS = (
    "id",
    "schema",
    "name",
    "aliases",
    "birth_date",
    "countries",
    "addresses",
    "identifiers",
    "sanctions",
    "phones",
    "emails",
    "program_ids",
    "dataset",
    "first_seen",
    "last_seen",
    "last_change",
)
KINDS = {
    "Person": Kind.PERSON,
    "Organization": Kind.ORGANISATION,
    "Company": Kind.ORGANISATION,
    "PublicBody": Kind.ORGANISATION,
    "LegalEntity": Kind.UNKNOWN,  # the schema of subjects that may be a person or an organisation
    "Vessel": Kind.VESSEL,
    "Airplane": Kind.AIRCRAFT,
    "CryptoWallet": Kind.OTHER,
    "Security": Kind.OTHER,
    "Vehicle": Kind.OTHER,
    "Address": Kind.OTHER,
    "Asset": Kind.OTHER,
    "": Kind.UNKNOWN,
}

_SAFE = re.compile(r"[^A-Z0-9]+")
_DETECT = frozenset(COLUMNS[:4])
_ONE = (NameQuality.STRONG, NameQuality.PRIMARY)


def detect(head: bytes, name: str) -> str | None:
    """Recognise the header row; see `sito.lists.source` for the protocol."""
    line = head.split(b"\n", 1)[0]
    if len(line) == len(head) and len(head) > 10_000:
        return None
    try:
        columns = next(csv.reader([line.decode("utf-8-sig").strip()]), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    return MIXED if set(columns) >= _DETECT else None


def identify(chunks: Iterator[bytes]) -> str:
    """Find the list id from the `dataset` column, reading no further than to the second dataset.

    Args:
        chunks: The unpacked file. Faults in it are left to `read`, which can say where they are.
    """
    try:
        with io.TextIOWrapper(io.BufferedReader(_Chunks(chunks), 1 << 18), "utf-8-sig", newline="") as text:
            csv.field_size_limit(LINE_SIZE_MAX)
            rows = csv.reader(_short(text))
            column = next(rows, []).index("dataset")
            first = next(rows)[column]
            if all(map(first.__eq__, map(itemgetter(column), rows))):
                return dataset_id(first)
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError, StopIteration):
        pass
    return MIXED


def dataset_id(dataset: str) -> str:
    """Return the list id of an OpenSanctions dataset name, `OS-MIXED` if it has no Latin letter or digit."""
    code = _SAFE.sub("-", dataset.upper()).strip("-")[:29].rstrip("-")
    return f"OS-{code}" if code else MIXED


def _short(lines: Iterator[str]) -> Iterator[str]:
    """Pass lines on up to the first that is too long to be split into cells."""
    for line in lines:
        if len(line) > LINE_MAX:
            raise ValueError
        yield line


def _check_lines(source: Source) -> None:
    start = 0
    # One step per `LINE_MAX` bytes: the last line break within reach must lie behind the start.
    while len(source.data) - start > LINE_MAX:
        start = source.data.rfind(b"\n", start, start + LINE_MAX) + 1
        if start == 0:
            raise source.error("LST404", expected=f"lines of at most {LINE_MAX} bytes", got="a longer one")


class _Chunks(io.RawIOBase):
    """A file object over an iterator of byte strings."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any writable buffer will do
        if not self._rest:
            self._rest = next(self._chunks, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _pick(columns: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]] | None:
    """Return what brings a row, with an empty cell appended, into the order of `COLUMNS`; None if it is in it."""
    if tuple(columns) == COLUMNS:
        return None
    missing = len(columns)
    return itemgetter(*(columns.index(name) if name in columns else missing for name in COLUMNS))


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield one entry per row.

    Rows without a name cannot be screened: they are counted in a warning. Birth dates that are no dates, and unknown
    columns, go to `Entry.raw`.

    Raises:
        ListError: LST400 a needed column is missing; LST401 not UTF-8; LST402 a row with more or fewer cells than the
            header; LST403 a row without an id; LST404 a cell or a name too long; LST405 too many aliases in a row;
            LST406 not CSV; LST407 too many columns.

    Cost: about 3 microseconds a row and 1 an alias; no per-row dictionaries or patterns.
    """
    _check_lines(source)
    csv.field_size_limit(LINE_SIZE_MAX)
    with io.TextIOWrapper(io.BytesIO(source.data), "utf-8-sig", newline="") as text:
        rows = csv.reader(text, strict=True)
        try:
            yield from _entries(source, facts, rows)
        except csv.Error as error:
            too_long = "field larger" in str(error)
            raise source.error(
                "LST404" if too_long else "LST406",
                expected=f"cells of at most {LINE_SIZE_MAX} characters" if too_long else "well-formed CSV",
                got="a longer one" if too_long else "broken quoting",
                where=f"line {rows.line_num}",
                todo="fetch the file again",
            ) from None
        except UnicodeDecodeError as error:
            raise source.error(
                "LST401",
                expected="UTF-8",
                got=f"byte 0x{error.object[error.start]:02x}",
                where=f"after line {rows.line_num}",
                todo="export the file as UTF-8",
            ) from None


def _entries(source: Source, facts: Facts, rows: Iterator[list[str]]) -> Iterator[Entry]:
    columns = [name.strip() for name in next(rows, [])]
    for needed in ("id", "name"):
        if needed not in columns:
            raise source.error("LST400", expected=f"a column {needed}", got="a header without it", where="row 1")
    if len(columns) > COLUMN_COUNT_MAX:
        raise source.error(
            "LST407", expected=f"at most {COLUMN_COUNT_MAX} columns", got=str(len(columns)), where="row 1"
        )
    pick = _pick(columns)
    others = [(i, name) for i, name in enumerate(columns) if name not in COLUMNS]
    width = len(columns)
    list_id = source.list_id
    kinds = KINDS
    strong, primary = _ONE
    birth_dates = lru_cache(1 << 16)(_birth_dates)
    last_day = ""
    nameless = unknown_dates = 0
    unknown_kinds: dict[str, int] = {}
    number = 1
    for row in rows:
        number += 1
        if len(row) != width:
            if not row:
                continue
            raise source.error(
                "LST402",
                expected=f"{width} cells",
                got=str(len(row)),
                where=f"row {number}",
                todo="fetch the file again",
            )
        cells = row if pick is None else pick([*row, ""])
        (
            entry_id,
            schema,
            main,
            alias_cell,
            birth_cell,
            countries,
            addresses,
            numbers,
            sanctions,
            phones,
            emails,
            programmes,
            dataset,
            first_seen,
            last_seen,
            last_change,
        ) = cells
        entry_id = entry_id.strip()
        if not entry_id:
            raise source.error("LST403", expected="an id", got="an empty cell", where=f"row {number}, column id")
        main = main.strip()
        if alias_cell:
            texts = _values(alias_cell)
            if len(texts) >= ALIAS_COUNT_MAX:
                raise source.error(
                    "LST405",
                    expected=f"at most {ALIAS_COUNT_MAX - 1} aliases",
                    got=str(len(texts)),
                    where=f"row {number}",
                    todo="check the row; no subject has so many names",
                )
            if len(alias_cell) > NAME_LENGTH_MAX:
                for alias in texts:
                    if len(alias) > NAME_LENGTH_MAX:
                        raise _too_long(source, len(alias), number, "aliases")
            if not main and texts:
                main, *texts = texts
            names = (Name(main, primary), *[Name(alias, strong) for alias in texts])
        else:
            names = (Name(main, primary),)
        if len(main) > NAME_LENGTH_MAX:
            raise _too_long(source, len(main), number, "name")
        if not main:
            nameless += 1
            continue
        raw: tuple[tuple[str, str], ...] = (("dataset", dataset),) if dataset else ()
        if first_seen:
            raw = (*raw, ("first_seen", first_seen))
        kind = kinds.get(schema)
        if kind is None:
            unknown_kinds[schema] = unknown_kinds.get(schema, 0) + 1
            kind = Kind.OTHER
        if schema not in _PLAIN_KINDS:
            raw = (*raw, ("schema", schema))
        dates: tuple[BirthDate, ...] = ()
        if birth_cell:
            dates, rest = birth_dates(birth_cell)
            if rest:
                unknown_dates += 1
                raw = (*raw, ("birth_date", rest))
        for i, column in others:
            if row[i]:
                raw = (*raw, (column, row[i]))
        if last_seen > last_day:  # noqa: PLR1730  # max() is a call per row
            last_day = last_seen
        yield Entry(
            list_id,
            entry_id,
            kind,
            names,
            dates,
            (),
            _identifiers(numbers, phones, emails) if numbers or phones or emails else (),
            tuple([code.upper() for code in _values(countries)]) if countries else (),
            tuple(_values(addresses)) if addresses else (),
            tuple(dict.fromkeys(_values(sanctions) + _values(programmes))) if sanctions or programmes else (),
            None,
            (),
            (last_change[:10],) if last_change else (),
            raw=raw,
        )
    facts.edition_date = iso_date(last_day[:10])
    if nameless:
        facts.warnings.append(f"{nameless} rows have no name and cannot be screened")
    if unknown_dates:
        facts.warnings.append(f"{unknown_dates} rows have a birth date that is no date; it is kept as raw text")
    for schema, count in sorted(unknown_kinds.items())[:20]:
        facts.warnings.append(f"schema {schema[:40]!r} of {count} rows is unknown; taken as kind other")


_PLAIN_KINDS = frozenset(("Person", "Organization", "Vessel", "Airplane"))  # those that `kind` alone gives back


def _too_long(source: Source, length: int, number: int, column: str) -> ListError:
    return source.error(
        "LST404",
        expected=f"names of at most {NAME_LENGTH_MAX} characters",
        got=str(length),
        where=f"row {number}, column {column}",
        todo="check the row; no subject has such a name",
    )


def _values(cell: str) -> list[str]:
    """Split a many-valued cell; empty values are left out."""
    if '"' in cell:
        try:
            parts = next(csv.reader([cell], delimiter=";", strict=True), [])
        except csv.Error:
            # A cell written without inner quoting, as some re-exports do: the quote is then part of a name.
            parts = cell.split(";")
        return [text for part in parts if (text := part.strip())]
    if ";" in cell:
        return [text for part in cell.split(";") if (text := part.strip())]
    text = cell.strip()
    return [text] if text else []


def _birth_dates(cell: str) -> tuple[tuple[BirthDate, ...], str]:
    """Read a cell of ISO dates: the dates understood and the rest."""
    if len(cell) == 10 and cell[4] == "-":
        try:
            date.fromisoformat(cell)
        except ValueError:
            pass
        else:
            return (BirthDate(cell, cell),), ""
    dates: dict[BirthDate, None] = {}
    rest: list[str] = []
    for text in _values(cell):
        found = parse_birth_date(text)
        if found is None:
            rest.append(text)
        else:
            dates[found] = None
    return tuple(dates), ";".join(rest)


def _identifiers(numbers: str, phones: str, emails: str) -> tuple[Identifier, ...]:
    found = [typed_identifier(text) for text in _values(numbers)]
    found += [Identifier("phone", text) for text in _values(phones)]
    found += [Identifier("other", text, note="email") for text in _values(emails)]
    return tuple(found)


@lru_cache(1 << 12)
def typed_identifier(text: str) -> Identifier:
    """Give a number without a type the type that its check digits prove, else `other`."""
    if text.isascii() and text.isdigit():
        if (len(text) in (10, 12)) and is_inn(text):
            return Identifier("inn", text, "RU")
        if (len(text) in (13, 15)) and is_ogrn(text):
            return Identifier("ogrn", text, "RU")
    elif text[:3].upper() == "IMO" and is_imo(text[3:].strip(" :-")):
        return Identifier("imo", text[3:].strip(" :-"))
    elif is_lei(text):
        return Identifier("lei", text)
    elif wallet_standing(text) is Standing.VERIFIED:
        return Identifier("wallet", text)
    return Identifier("other", text)
