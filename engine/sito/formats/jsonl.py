"""JSON Lines: one object a line, with the keys of the CSV columns.

Each line decides for itself whether it is a customer or a payment. Numbers keep the digits they are written with;
`null` is an empty value; `aliases` may be a list of texts. Keys that are not known are ignored, whatever they hold.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from sito.errors import RecordError
from sito.formats.base import ALIAS_COUNT_MAX, BAD_CHARACTERS, RAW_LENGTH_MAX, FieldError, RecordFile, reject
from sito.formats.table import KNOWN_COLUMNS, OPERATION, UNKNOWN_WORD, RowConverter, column_name
from sito.formats.text import OVERLONG, blocks, sniff_encoding
from sito.records import Record, Reject

FORMAT = "jsonl"
SHAPE_COUNT_MAX = 1_000  # different sets of keys that are remembered


class JsonLinesFile(RecordFile):
    """A JSON Lines file; positions are `row 7`, counted over lines that are not blank."""

    format = FORMAT

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        self.encoding = sniff_encoding(path, head)
        self._decoder = msgspec.json.Decoder(type=dict[str, Any], float_hook=str)
        self._shapes: dict[tuple[str, ...], RowConverter] = {}

    def __iter__(self) -> Iterator[Record | Reject]:
        def report(position: int) -> None:
            self._position = position

        number = 0
        for text, dirty in blocks(self.path, self.encoding, report):
            for line in io.StringIO(text, newline="\n"):
                if line.isspace():
                    continue
                number += 1
                try:
                    yield self._record(line, number, dirty)
                except FieldError as error:
                    yield reject(f"row {number}", error, line.rstrip("\r\n"))

    def _record(self, line: str, number: int, dirty: bool) -> Record | Reject:
        if dirty and BAD_CHARACTERS.search(line):
            if OVERLONG in line:
                raise FieldError("REC203", "lines within the limit", "a longer one")
            raise FieldError(
                "REC201" if "\x00" in line else "REC202", f"text in {self.encoding}", "NUL or broken bytes"
            )
        try:
            values = self._decoder.decode(line)
        except msgspec.ValidationError:
            raise FieldError("REC213", "a JSON object", "another JSON value") from None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise FieldError("REC212", "a line of valid JSON", f"{len(line)} characters that are none") from None
        columns: list[str] = []
        row: list[str] = []
        for key, value in values.items():
            column = column_name(key)
            if column in KNOWN_COLUMNS:
                columns.append(column)
                row.append(_cell(column, value))
        shape = tuple(columns)
        converter = self._shapes.get(shape)
        if converter is None:
            try:
                converter = RowConverter(shape, delimiter=",")
            except RecordError as error:
                raise FieldError(error.code, error.expected, error.got) from None
            if len(self._shapes) < SHAPE_COUNT_MAX:
                self._shapes[shape] = converter
        result = converter.record(row, number)
        # The line itself is what can be repaired and sent again.
        if isinstance(result, Record):
            return result
        return Reject(result.position, result.code, result.reason, line[:RAW_LENGTH_MAX].rstrip("\r\n"))


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if "\x00" in value:
            raise FieldError("REC201", "text", "a NUL character")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if column == "aliases" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        if len(value) > ALIAS_COUNT_MAX:
            raise FieldError("REC216", f"at most {ALIAS_COUNT_MAX} aliases", str(len(value)))
        return _cell(column, ";".join(value))
    if column == OPERATION:
        return UNKNOWN_WORD
    raise FieldError("REC214", f"text or a number for {column}", type(value).__name__)
