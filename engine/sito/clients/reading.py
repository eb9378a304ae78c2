"""Files of customers with those who stand behind them, and their risk grades: one client at a time.

JSON Lines and Parquet hold one object or row a client, with those beside it in the list `related`. In CSV each of them
is a row of its own behind the row of its client, with the columns `client_id` and `relation`. See docs/formats.md.

A client is read whole or not at all: a relation that cannot be read refuses its client, for half a client in the base
would be a silent miss.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

import msgspec

from sito.errors import RecordError
from sito.formats import DelimitedFile, RecordFile, RowConverter, open_records
from sito.formats.base import BAD_CHARACTERS, RAW_LENGTH_MAX, FieldError, check_text, iso_date, refuse, reject
from sito.formats.jsonl import JsonLinesFile
from sito.formats.table import KNOWN_COLUMNS, column_name
from sito.formats.text import OVERLONG, blocks
from sito.records import RELATIONS, Occasion, Party, Record, RecordKind, Reject, Role

CLIENT_ID, RELATION, RELATED = "client_id", "relation", "related"
RISK_COLUMNS = ("risk_grade", "risk_reason", "risk_date")
ID_LENGTH_MAX = 255  # characters of a client's id: it becomes a fact of the ledger
GRADE_LENGTH_MAX = 100  # characters
RELATED_COUNT_MAX = 1_000  # of one client
SHAPE_COUNT_MAX = 1_000  # different sets of keys that are remembered
PARQUET_BATCH = 4_096  # rows
_RELATIONS = {role.value: role for role in RELATIONS}
# People under these names would be left out like any key that is not known.
_ELSEWHERE = frozenset({*_RELATIONS, *(f"{name}s" for name in _RELATIONS), "beneficiaries"})
DIGITS_MAX = 40  # of a number that is written with a fraction or an exponent
_KEY = re.compile(r'"\s*:')
_CUSTOMER_KEYS = KNOWN_COLUMNS - {"date", "amount", "currency"}


class Risk(msgspec.Struct, frozen=True):
    """The grade that a bank gives a client, why, and since when (ISO date)."""

    grade: str
    reason: str
    day: str


class Client(msgspec.Struct, frozen=True):
    """A client as its file says.

    Attributes:
        record: The client and all who stand beside it, to be screened; its id is the bank's id of the client.
        risk: None if the file says nothing of it.
    """

    record: Record
    risk: Risk | None


class Refused(msgspec.Struct, frozen=True):
    """What could not be read. `client_id` is empty if nobody can tell whose it is."""

    reject: Reject
    client_id: str


def read_clients(path: Path, *, format: str | None = None) -> tuple[RecordFile, Iterator[Client | Refused]]:
    """Open a file of customers.

    Args:
        path: CSV, JSON Lines or Parquet; the first two may be packed by gzip or xz.
        format: `csv`, `jsonl` or `parquet`; None to detect.

    Returns:
        The file, for its size and how far it is read, and its clients in their order.

    Raises:
        RecordError: The whole file is unreadable, or REC103 of another format than these.
    """
    file = open_records(path, format=format)
    if isinstance(file, DelimitedFile):
        if file.converter.kind is not RecordKind.CUSTOMER:
            raise RecordError("REC105", expected="columns of customers", got="those of payments", where=file.name)
        if elsewhere := (_ELSEWHERE | {RELATED}).intersection(file.converter.columns):
            raise RecordError(
                "REC105", expected=f"who stands beside a client in rows with {CLIENT_ID} and {RELATION}",
                got="a column " + ", ".join(sorted(elsewhere)), where=file.name,
                todo="give them rows of their own; if it holds no people, rename the column",
            )  # fmt: skip
        return file, _of_rows(file)
    if isinstance(file, JsonLinesFile):
        return file, _of_objects(_json_objects(file))
    if file.format == "parquet":
        return file, _of_objects(_parquet_objects(file))
    raise RecordError("REC103", expected="a format of csv, jsonl, parquet", got=file.format, where=file.name)


class _Converter:
    """Turns named cells into customers; remembers a converter for each set of names."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], RowConverter] = {}

    def record(self, cells: Mapping[str, str], number: int) -> Record:
        """Raises:
        FieldError: Of the record.
        """
        shape = tuple(cells)
        converter = self._shapes.get(shape)
        if converter is None:
            try:
                converter = RowConverter(shape)
            except RecordError as error:
                raise FieldError(error.code, error.expected, error.got) from None
            if len(self._shapes) < SHAPE_COUNT_MAX:
                self._shapes[shape] = converter
        return _taken(converter.record(list(cells.values()), number))


class _RefusedError(Exception):
    """A reader refused a record, in its own words."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(reject.code)
        self.reject = reject


def _taken(read: Record | Reject) -> Record:
    if isinstance(read, Reject):
        raise _RefusedError(read)
    return read


def _client(record: Record, related: Sequence[Party], risk: Risk | None, client_id: str) -> Client:
    if not client_id:
        raise FieldError("REC231", "a client with an id", "none")
    if len(client_id) > ID_LENGTH_MAX or not client_id.isprintable():
        raise FieldError("REC231", f"an id of at most {ID_LENGTH_MAX} printable characters", f"{len(client_id)}")
    parties = (*record.parties, *related)
    return Client(Record(client_id, RecordKind.CUSTOMER, parties, occasion=Occasion.CHECK), risk)


def _related(record: Record, relation: str) -> tuple[Party, ...]:
    role = _role(relation)
    return tuple(
        msgspec.structs.replace(party, role=role) if party.role is Role.CUSTOMER else party for party in record.parties
    )


def _role(relation: str) -> Role:
    role = _RELATIONS.get(relation.strip().lower())
    if role is None:
        known = ", ".join(_RELATIONS)
        raise FieldError("REC232", f"relation one of {known}", f"a word of {len(relation)} characters")
    return role


def _risk(grade: str, reason: str, day: str) -> Risk | None:
    grade, reason, day = grade.strip(), reason.strip(), day.strip()
    if not (grade or reason or day):
        return None
    if not (grade and reason and day):
        lacking = [name for name, text in zip(RISK_COLUMNS, (grade, reason, day), strict=True) if not text]
        raise FieldError("REC233", "a risk grade with its reason and date", f"none in {', '.join(lacking)}")
    if len(grade) > GRADE_LENGTH_MAX:
        raise FieldError("REC210", f"a risk grade of at most {GRADE_LENGTH_MAX} characters", str(len(grade)))
    check_text(reason)
    return Risk(grade, reason, iso_date(day))


# Rows of CSV.


class _Open:
    """A client whose rows are being read; `refused` is the first reason why it is not taken."""

    def __init__(self, client_id: str, raw: str) -> None:
        self.client_id = client_id
        self.raw = raw
        self.record: Record | None = None
        self.risk: Risk | None = None
        self.related: list[Party] = []
        self.refused: Reject | None = None

    def refuse(self, refused: Reject) -> None:
        self.refused = self.refused or refused

    def finish(self, position: str) -> Client | Refused:
        if self.refused is None and self.record is not None:
            try:
                return _client(self.record, self.related, self.risk, self.client_id)
            except FieldError as error:
                self.refused = reject(position, error, self.raw)
        if self.refused is None:
            raise AssertionError("a client without a record was not refused")
        return Refused(self.refused, self.client_id)


def _of_rows(file: DelimitedFile) -> Iterator[Client | Refused]:
    columns = {name: at for at, name in enumerate(file.converter.columns)}
    at_id, at_owner, at_relation = (columns.get(name, -1) for name in ("id", CLIENT_ID, RELATION))
    at_risk = [columns.get(name, -1) for name in RISK_COLUMNS]
    held: _Open | None = None
    position = ""

    def cell(row: Sequence[str], at: int) -> str:
        return row[at].strip() if at >= 0 else ""

    for number, row in enumerate(file.rows(), 1):
        before, position = position, f"row {number}"
        if isinstance(row, Reject):
            # It may have been one of those behind the client before it: that one is not known to be whole.
            if held is not None:
                held.refuse(row)
                yield held.finish(before)
                held = None
            yield Refused(row, "")
            continue
        raw = file.converter.raw(row)
        relation, owner = cell(row, at_relation), cell(row, at_owner)
        if relation or (owner and not cell(row, at_id)):
            if held is None or held.client_id != owner:
                error = FieldError("REC234", "a related row behind the row of its client", "one elsewhere")
                yield Refused(reject(position, error, raw), owner)
                continue
            try:
                if len(held.related) >= RELATED_COUNT_MAX:
                    raise FieldError("REC216", f"at most {RELATED_COUNT_MAX} related rows of a client", "more")
                held.related += _related(_taken(file.record(row, number)), relation)
            except _RefusedError as refused:
                held.refuse(refused.reject)
            except FieldError as error:
                held.refuse(reject(position, error, raw))
            continue
        if held is not None:
            yield held.finish(before)
        held = _Open(cell(row, at_id), raw)
        try:
            held.record = _taken(file.record(row, number))
            held.risk = _risk(*(cell(row, at) for at in at_risk))
        except _RefusedError as refused:
            held.refuse(refused.reject)
        except FieldError as error:
            held.refuse(reject(position, error, raw))
    if held is not None:
        yield held.finish(position)


# Objects of JSON Lines and Parquet.

_Object = tuple[int, dict[str, Any] | Reject, str]


def _of_objects(objects: Iterator[_Object]) -> Iterator[Client | Refused]:
    converter = _Converter()
    for number, values, raw in objects:
        if isinstance(values, Reject):
            yield Refused(values, "")
            continue
        client_id = ""
        try:
            named = {column_name(key): value for key, value in values.items()}
            if len(named) < len(values):
                raise FieldError("REC214", "each key once", "one twice")
            client_id = _cell("id", named.get("id")).strip()
            _check_nobody_elsewhere(named)
            record = converter.record(_cells(named), number)
            risk = _risk(*(_cell(name, named.get(name)) for name in RISK_COLUMNS))
            yield _client(record, list(_beside(converter, named.get(RELATED), number)), risk, client_id)
        except _RefusedError as refused:
            yield Refused(msgspec.structs.replace(refused.reject, raw=raw), client_id)
        except FieldError as error:
            yield Refused(reject(f"row {number}", error, raw), client_id)


def _beside(converter: _Converter, related: object, number: int) -> Iterator[Party]:
    if related is None:
        return
    if not isinstance(related, list) or not all(isinstance(one, dict) for one in related):
        raise FieldError("REC214", f"a list of objects for {RELATED}", type(related).__name__)
    if len(related) > RELATED_COUNT_MAX:
        raise FieldError("REC216", f"at most {RELATED_COUNT_MAX} of {RELATED}", str(len(related)))
    for one in related:
        named = {column_name(key): value for key, value in one.items()}
        if len(named) < len(one):
            raise FieldError("REC214", "each key once", "one twice")
        relation = _cell(RELATION, named.get(RELATION))
        _check_nobody_elsewhere(named)
        if named.get(RELATED):
            raise FieldError("REC214", f"everybody beside a client in its own {RELATED}", "one within another")
        yield from _related(converter.record(_cells(named), number), relation)


def _check_nobody_elsewhere(named: Mapping[str, Any]) -> None:
    for name in _ELSEWHERE.intersection(named):
        if named[name]:
            raise FieldError("REC214", f"who stands beside a client in the list {RELATED}", f"a key {name}")


class _Written(str):
    """A number with a fraction or an exponent, as it is written."""

    __slots__ = ()


def _whole(name: str, text: _Written) -> str:
    """Return a number that is whole, however it is written, by its digits; a grade as it is written."""
    if name in RISK_COLUMNS:
        return str(text)
    try:
        value = Decimal(text)
        if abs(value.adjusted()) < DIGITS_MAX and value == value.to_integral_value():
            return format(value, "f").partition(".")[0]
    except DecimalException:
        pass
    raise FieldError("REC214", f"text or a whole number for {name}", "another number")


def _cells(named: Mapping[str, Any]) -> dict[str, str]:
    return {name: _cell(name, value) for name, value in named.items() if name in _CUSTOMER_KEYS}


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, _Written):
        return _whole(name, value)
    if isinstance(value, str):
        if BAD_CHARACTERS.search(value):
            raise FieldError("REC201" if "\x00" in value else "REC202", "text", "NUL or bytes that are no text")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return format(value, "f").partition(".")[0]
    if name == "aliases" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return _cell(name, ";".join(value))
    raise FieldError("REC214", f"text or a number for {name}", type(value).__name__)


def _json_objects(file: JsonLinesFile) -> Iterator[_Object]:
    decoder = msgspec.json.Decoder(type=dict[str, Any], float_hook=_Written)

    def report(position: int) -> None:
        file._position = position

    number = 0
    for text, dirty in blocks(file.path, file.encoding, report):
        for line in io.StringIO(text, newline="\n"):
            if line.isspace():
                continue
            number += 1
            raw = line[:RAW_LENGTH_MAX].rstrip("\r\n")
            code, expected, got = "", "", ""
            if dirty and BAD_CHARACTERS.search(line):
                code, expected, got = "REC202", f"text in {file.encoding}", "NUL or broken bytes"
                if OVERLONG in line:
                    code, expected, got = "REC203", "lines within the limit", "a longer one"
            try:
                values = {} if code else decoder.decode(line)
                # The last of two equal keys would count, and who stands under the first be left out.
                if len(_KEY.findall(line)) > _key_count(values) and _has_key_twice(line):
                    code, expected, got = "REC214", "each key once", "one twice"
            except msgspec.ValidationError:
                code, expected, got = "REC213", "a JSON object", "another JSON value"
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                code, expected, got = "REC212", "a line of valid JSON", f"{len(line)} characters that are none"
            if code:
                yield number, refuse(f"row {number}", code, expected=expected, got=got, raw=raw), raw
            else:
                yield number, values, raw


def _key_count(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_key_count, value.values()))
    return sum(map(_key_count, value)) if isinstance(value, list) else 0


def _has_key_twice(line: str) -> bool:
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    json.loads(line, object_pairs_hook=look, parse_int=str, parse_float=str, strict=False)
    return found


def _parquet_objects(file: RecordFile) -> Iterator[_Object]:
    import pyarrow as pa  # noqa: PLC0415  (only for such a file)
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    wanted = {*_CUSTOMER_KEYS, RELATED, *RISK_COLUMNS, *_ELSEWHERE}
    try:
        with pq.ParquetFile(file.path) as opened:
            names = [name for name in opened.schema_arrow.names if column_name(name) in wanted]
            if len({column_name(name) for name in names}) < len(names):  # of two the last would count
                raise RecordError(
                    "REC105", expected="each column once", got="one twice", where=file.name,
                    todo="rename or remove one of them",
                )  # fmt: skip
            for batch in opened.iter_batches(batch_size=PARQUET_BATCH, columns=names):
                for values in batch.to_pylist():
                    number += 1
                    yield number, values, ""
                file._position = number
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        refused = refuse(
            f"after row {number}", "REC217", expected="readable Parquet pages", got=type(error).__name__, raw=""
        )
        yield number, refused, ""
