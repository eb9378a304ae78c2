"""CSV and TSV: encoding and delimiter found by content, one bad row never stops the file.

Quoting is that of Python's `csv` in its tolerant mode, because names with inner quotes (`"ООО "Ромашка""`) are common
in hand-made exports. A quote that is never closed would swallow the following rows; so when a row that spans several
lines does not fit, only its first line is refused and the others are read again.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from sito.errors import RecordError
from sito.formats.base import BAD_CHARACTERS, CELL_SIZE_MAX, HEAD_SIZE, RecordFile, printable, refuse
from sito.formats.table import KNOWN_COLUMNS, RowConverter, column_name
from sito.formats.text import OVERLONG, blocks, sniff_encoding
from sito.records import Record, Reject

FORMAT = "csv"
DELIMITERS = (",", ";", "\t", "|")
ROW_LINE_MAX = 200  # lines of one row; more means a quote that is never closed
ROW_SIZE_MAX = 8 << 20  # characters of one row of several lines
HEADER_LENGTH_MAX = 100_000  # characters of the header row


# Spreadsheets say in a line before the header which delimiter follows.
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\s*$", re.IGNORECASE)


class _OpenQuoteError(Exception):
    """A row does not end within `ROW_LINE_MAX` lines or `ROW_SIZE_MAX` characters."""


class _Feed:
    """Hands lines to `csv.reader` and remembers those of the row that is being read."""

    def __init__(self, source: Iterable[str]) -> None:
        self._source = iter(source)
        self._again: deque[str] = deque()
        self.row: list[str] = []
        self.retried = False  # lines of earlier blocks may come again: from then on every row is looked at

    def __iter__(self) -> Iterator[str]:
        while True:
            if self._again:
                line = self._again.popleft()
            else:
                line = next(self._source, "")
                if not line:
                    return
            self.row.append(line)
            if len(self.row) > 1 and (len(self.row) > ROW_LINE_MAX or sum(map(len, self.row)) > ROW_SIZE_MAX):
                raise _OpenQuoteError
            yield line

    def retry(self) -> str:
        """Give back all lines of the row but the first, which is returned."""
        first, *others = self.row
        self._again.extendleft(reversed(others))
        self.row.clear()
        self.retried = True
        return first


class DelimitedFile(RecordFile):
    """A CSV or TSV file of customers or payments.

    For speed a main process may take `rows()` and let worker processes call `converter.record(row, number)`, with
    `number` counted from 1 over everything `rows()` yields, refused rows included.

    Attributes:
        encoding, delimiter: As found.
        converter: Turns rows into records; can be pickled.

    Raises:
        RecordError: REC104, REC105, REC111 of the header (see `RowConverter`); REC113 the header cannot be decoded.
    """

    format = FORMAT

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        self.encoding = sniff_encoding(path, head)
        header = _header(path, self.encoding)
        self._marked = _SEPARATOR_LINE.match(header)
        if self._marked:
            header = _header(path, self.encoding, after=header)
        self.delimiter = self._marked[1] if self._marked else sniff_delimiter(header)
        cells = next(csv.reader([header], delimiter=self.delimiter), [])
        self.converter = RowConverter(cells, where=self.name, delimiter=self.delimiter)

    def __iter__(self) -> Iterator[Record | Reject]:
        convert = self.converter.record
        for number, row in enumerate(self.rows(), 1):
            yield convert(row, number) if isinstance(row, list) else row

    def record(self, row: Sequence[str], number: int) -> Record | Reject:
        """Turn one row of `rows()` into a record; see `RowConverter.record`."""
        return self.converter.record(row, number)

    def rows(self) -> Iterator[list[str] | Reject]:
        """Split the file into rows, without the header and without blank lines.

        Yields:
            The cells of a row, as many as the header has and free of NUL and lone surrogates; or a `Reject`:
            REC200 wrong number of columns, REC201 NUL, REC202 undecodable bytes, REC203 a cell or line above its
            limit, REC211 broken quoting.
        """
        # The limit is global in the csv module: it is set as low as any reader here needs it.
        csv.field_size_limit(CELL_SIZE_MAX)
        count = len(self.converter.columns)
        number = 0
        header_seen = separator_seen = False
        feed = _Feed(self._lines())
        while True:
            reader = csv.reader(iter(feed), delimiter=self.delimiter)
            lines = feed.row
            try:
                for row in reader:
                    if not header_seen:
                        header_seen = bool(row) and (not self._marked or separator_seen)
                        separator_seen = bool(row)
                    elif len(row) == count and len(lines) == 1 and not (self._dirty or feed.retried):
                        number += 1
                        yield row
                    elif row and not (len(row) == 1 and not row[0].strip()):
                        number += 1
                        if len(lines) > 1 and (len(row) != count or not self._strict(lines)):
                            yield self._refuse(number, "REC211", feed.retry())
                            break
                        yield self._checked(row, number, lines)
                    lines.clear()
                else:
                    return
            except _OpenQuoteError:
                number += 1
                yield self._refuse(number, "REC211", feed.retry())
            except csv.Error:
                number += 1
                # Seen causes: a cell above the limit, a carriage return inside an unquoted cell.
                code = "REC203" if sum(map(len, lines)) > CELL_SIZE_MAX else "REC211"
                yield self._refuse(number, code, feed.retry())

    def _strict(self, lines: Sequence[str]) -> bool:
        """Tell whether a row of several lines is faultless CSV.

        Two rows with one open quote each look like one row in the tolerant mode, and the second would be lost.
        """
        try:
            return len(list(csv.reader(lines, delimiter=self.delimiter, strict=True))) == 1
        except csv.Error:
            return False

    def _lines(self) -> Iterator[str]:
        self._dirty = False

        def report(position: int) -> None:
            self._position = position

        def texts() -> Iterator[io.StringIO]:
            for text, dirty in blocks(self.path, self.encoding, report):
                # A row may begin in a dirty block and end in a clean one; checking more than needed is harmless.
                self._dirty = dirty or self._dirty
                # Splits at line feeds only: str.splitlines would break names that hold U+2028 or U+0085.
                yield io.StringIO(text, newline="\n")
                self._dirty = dirty

        return chain.from_iterable(texts())

    def _checked(self, row: list[str], number: int, lines: Sequence[str]) -> list[str] | Reject:
        raw = "".join(lines)
        if BAD_CHARACTERS.search(raw):
            if OVERLONG in raw:
                return self._refuse(number, "REC203", raw)
            return self._refuse(number, "REC201" if "\x00" in raw else "REC202", raw)
        count = len(self.converter.columns)
        if len(row) != count:
            return refuse(f"row {number}", "REC200", expected=f"{count} columns", got=str(len(row)), raw=raw)
        return row

    def _refuse(self, number: int, code: str, raw: str) -> Reject:
        expected, got = {
            "REC201": ("text", "a NUL character"),
            "REC202": (f"text in {self.encoding}", "bytes that are no text"),
            "REC203": (f"cells of at most {CELL_SIZE_MAX} characters", "a longer one"),
            "REC211": ("a row with closed quotes", "quotes or line ends that do not fit; only this line is refused"),
        }[code]
        return refuse(f"row {number}", code, expected=expected, got=got, raw=raw.rstrip("\r\n"))


def sniff_delimiter(header: str) -> str:
    """Return the delimiter under which the header has the most known columns, then the most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return (-1, 0)
        return (sum(column_name(cell) in KNOWN_COLUMNS for cell in cells), len(cells))

    return max(DELIMITERS, key=score)


def _header(path: Path, encoding: str, *, after: str = "") -> str:
    """Return the first line that is not blank, or the next one `after` it.

    Raises:
        RecordError: REC101 there is none; REC111 it is too long; REC113 it cannot be decoded.
    """
    for text, _ in blocks(path, encoding, lambda _: None):
        for line in io.StringIO(text, newline="\n"):
            if not line.strip():
                continue
            if line == after:
                after = ""
                continue
            if len(line) > HEADER_LENGTH_MAX:
                raise RecordError(
                    "REC111",
                    expected=f"a header of at most {HEADER_LENGTH_MAX} characters",
                    got="more",
                    where=path.name,
                )
            if BAD_CHARACTERS.search(line):
                raise RecordError(
                    "REC113", expected="a header row of text", got="NUL or bytes that are no text", where=path.name,
                    todo="save the file as UTF-8",
                )  # fmt: skip
            return line
    raise RecordError("REC101", expected="a file with records", got="only blank lines", where=path.name)


def looks_delimited(head: bytes, encoding: str) -> bool:
    """Tell whether the first line of `head` has a delimiter or a known column."""
    text = head[:HEAD_SIZE].decode("utf-8" if encoding == "utf-8-sig" else encoding, "replace")
    line = printable(next((line for line in text.splitlines() if line.strip("\ufeff \t\x00")), ""))
    return bool(line) and "\x00" not in line and (
        any(delimiter in line for delimiter in DELIMITERS) or column_name(line.strip().strip('"')) in KNOWN_COLUMNS
    )  # fmt: skip
