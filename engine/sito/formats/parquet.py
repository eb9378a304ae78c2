"""Parquet files with the columns of the CSV layout.

Texts may be string, large string, string view or dictionaries of them; `amount` may be a decimal or an integer; dates
may be dates or timestamps; `id` may be an integer; `aliases` may be a list of texts. Anything else is refused before
the first row is read, because a number that stands for a text has lost its leading zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sito.errors import RecordError
from sito.formats.base import BAD_CHARACTERS, FieldError, RecordFile, printable, reject
from sito.formats.table import KNOWN_COLUMNS, OPERATION, UNKNOWN_WORD, RowConverter, column_name
from sito.records import Record, Reject

FORMAT = "parquet"
BATCH_SIZE = 4_096  # rows
_DATE_COLUMNS = frozenset(name for name in KNOWN_COLUMNS if name == "date" or name.endswith("birth_date"))


class ParquetFile(RecordFile):
    """A Parquet file; size and position are rows.

    Raises:
        RecordError: REC106 no Parquet file; REC107 a column has a type that is not read; REC104, REC105 as for CSV.
    """

    format = FORMAT

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
                self._size = file.metadata.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: a column whose name is no text
            raise RecordError(
                "REC106", expected="a readable Parquet file", got=type(error).__name__, where=path.name,
                todo="write the file again",
            ) from None  # fmt: skip
        fields = [field for field in schema if column_name(field.name) in KNOWN_COLUMNS]
        self._names = [field.name for field in fields]
        self.converter = RowConverter(self._names or list(schema.names), where=path.name)
        # A bank's own column of that name may hold numbers or tables: none of them is a word for an operation.
        self._no_words = {
            field.name for field in fields if column_name(field.name) == OPERATION and not _holds_text(field.type)
        }  # fmt: skip
        for field in fields:
            self._check(column_name(field.name), field.type)

    def _check(self, column: str, type: pa.DataType) -> None:
        value: Any = type.value_type if isinstance(type, pa.DictionaryType) else type
        fine = _is_text(value) or pa.types.is_null(value) or column == OPERATION
        wanted = "string"
        if column in _DATE_COLUMNS:
            fine = fine or pa.types.is_date(value) or pa.types.is_timestamp(value)
            wanted = "string, date or timestamp"
        elif column == "amount":
            fine = fine or pa.types.is_decimal(value) or pa.types.is_integer(value)
            wanted = "string, decimal or integer"
        elif column == "id":
            fine = fine or pa.types.is_integer(value)
            wanted = "string or integer"
        elif column == "aliases":
            listed = pa.types.is_list(value) or pa.types.is_large_list(value)
            fine = fine or (listed and _is_text(value.value_type))
            wanted = "string or list of strings"
        if not fine:
            raise RecordError(
                "REC107", expected=f"column {column} of type {wanted}", got=str(type), where=self.name,
                todo="convert the column",
            )  # fmt: skip

    def __iter__(self) -> Iterator[Record | Reject]:
        number = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=BATCH_SIZE, columns=self._names):
                    columns = [
                        _cells(batch.column(name)) if name not in self._no_words else _unknown(batch.column(name))
                        for name in self._names
                    ]  # fmt: skip
                    for row in zip(*columns, strict=True):
                        number += 1
                        yield self._record(row, number)
                    self._position = number
        except (pa.ArrowException, OSError) as error:
            failure = FieldError("REC217", "readable Parquet pages", type(error).__name__)
            yield reject(f"after row {number}", failure, "")

    def _record(self, row: tuple[str, ...], number: int) -> Record | Reject:
        for cell in row:
            if BAD_CHARACTERS.search(cell):
                error = FieldError("REC201" if "\x00" in cell else "REC202", "text", "NUL or bytes that are no text")
                return reject(f"row {number}", error, printable(self.converter.raw(row)))
        return self.converter.record(row, number)


def _unknown(values: Any) -> list[str]:
    return [UNKNOWN_WORD if there else "" for there in values.is_valid().to_pylist()]


def _holds_text(type: pa.DataType) -> bool:
    value: Any = type.value_type if isinstance(type, pa.DictionaryType) else type
    return _is_text(value) or bool(pa.types.is_null(value))


def _is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type) or str(type) == "string_view")


def _cells(values: Any) -> list[str]:
    """Return an Arrow column as texts, nulls as empty ones."""
    try:
        return [_cell(value) for value in values.to_pylist()]
    except UnicodeDecodeError:
        # The writer put bytes into a text column; read them one by one, so that only their rows are refused.
        raw = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        binary = raw.cast(pa.large_binary())
        return [(value or b"").decode("utf-8", "surrogateescape") for value in binary.to_pylist()]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ";".join(_cell(item) for item in value)
    return format(value, "f") if not isinstance(value, int) else str(value)
