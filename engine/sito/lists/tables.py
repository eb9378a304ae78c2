"""Delimited list files: bytes -> text -> rows, with nothing lost on the way.

Error codes of this module: LST300 empty file, LST301 unreadable encoding, LST302 control characters,
LST303 broken quoting, LST304 wrong number of columns, LST305 header not found, LST306 no rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sito.lists.source import LINE_SIZE_MAX, Facts, Source

HEADER_LINES_MAX = 5  # lines searched for a header; the lists print at most one line before it

# Control characters no list prints; tab, line feed, carriage return and DOS end-of-file are not among them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f]")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]")


def check_not_empty(source: Source) -> None:
    """Refuse a file that holds nothing.

    Raises:
        ListError: LST300 only white space, a byte order mark or a DOS end-of-file mark.
    """
    if not source.data.strip(b"\x1a\r\n\t \xef\xbb\xbf\xff\xfe\x00"):
        raise source.error("LST300", expected="a list", got="an empty file", todo="fetch the file again")


def decode(source: Source, facts: Facts) -> str:
    """Decode a text file: a byte order mark decides, else UTF-8, else Windows-1252.

    The fallback is taken only where the bytes above 127 are not mostly UTF-8: a UTF-8 file with one
    damaged byte must not turn into garbled names. It is reported in `facts.warnings`. A DOS
    end-of-file mark at the end is removed.

    Raises:
        ListError: LST300 the file is empty; LST301 damaged encoding; LST302 control characters.
    """
    check_not_empty(source)
    data = source.data
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        sequences = _UTF8_SEQUENCE.findall(data)
        stray_count = len(_HIGH_BYTES.findall(data)) - sum(map(len, sequences))
        try:
            if data.startswith((b"\xff\xfe", b"\xfe\xff")) or stray_count <= len(sequences):
                raise error
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            line = data.count(b"\n", 0, error.start) + 1
            raise source.error(
                "LST301",
                expected="UTF-8, or Windows-1252 throughout",
                got="a byte sequence that is neither",
                where=f"line {line}, byte offset {error.start}",
                todo="fetch the file again; a copy was damaged on the way",
            ) from None
        facts.warnings.append(f"{source.name} is not UTF-8; it was read as Windows-1252.")
    text = text.rstrip("\x1a\r\n")
    control = _CONTROL.search(text)
    if control:
        raise source.error(
            "LST302",
            expected="text",
            got=f"control character U+{ord(control[0]):04X}",
            where=f"line {text.count(chr(10), 0, control.start()) + 1}",
            todo="fetch the file again; it is damaged or no text file",
        )
    return text


def rows(
    source: Source, text: str, *, delimiter: str = ",", lazy_quotes: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Split a delimited text; yields (number of the line where the row starts, cells).

    Lines that are empty throughout are left out. With `lazy_quotes` a quote inside a cell stands for
    itself; without it any quote out of place is an error, so an unclosed one cannot swallow rows.

    Raises:
        ListError: LST303 broken quoting, a cell above the limit, or the file ends inside a quoted cell.
    """
    lines = io.StringIO(text, newline="")
    csv.field_size_limit(LINE_SIZE_MAX)  # of the whole process; every reader of sito sets the same
    reader = csv.reader(lines, delimiter=delimiter, strict=not lazy_quotes)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.error(
                "LST303",
                expected=f"closed quotes and cells of at most {LINE_SIZE_MAX} characters",
                got=str(error),
                where=f"row that starts in line {line}",
                todo="fetch the file again; it is cut or damaged",
            ) from None
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1


def column_key(name: str) -> str:
    """Reduce a column name to its letters and digits, lower case: publications vary in the rest."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def header_keys(cells: Iterable[str]) -> list[str]:
    """Return the keys of a header row; a repeated column gets `#2`, `#3`, so that none hides another."""
    keys: list[str] = []
    counts: Counter[str] = Counter()
    for cell in cells:
        key = column_key(cell)
        counts[key] += 1
        keys.append(f"{key}#{counts[key]}" if counts[key] > 1 else key)
    return keys


class Table:
    """Rows of a delimited file under a header row.

    Attributes:
        header: Keys of the columns (`column_key`), in their order.
        preamble: Rows before the header.
    """

    def __init__(
        self,
        source: Source,
        table_rows: Iterator[tuple[int, list[str]]],
        required: frozenset[str],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Find the header.

        Args:
            source: The file, for errors.
            table_rows: From `rows`.
            required: Keys that make a row the header.
            aliases: Other spellings of a key -> the key the reader uses.

        Raises:
            ListError: LST305 none of the first `HEADER_LINES_MAX` rows is the header.
        """
        self._source = source
        self._rows = table_rows
        self.preamble: list[list[str]] = []
        for _, printed in self._rows:
            row = list(printed)
            while not row[-1].strip():  # a delimiter at the end of the line
                row.pop()
            self.header = [(aliases or {}).get(key, key) for key in header_keys(row)]
            if required <= set(self.header):
                return
            self.preamble.append(row)
            if len(self.preamble) == HEADER_LINES_MAX:
                break
        missing = sorted(required - set(self.header)) if len(self.preamble) == 1 else sorted(required)
        raise source.error(
            "LST305",
            expected=f"a header with the columns {', '.join(missing)}",
            got="none",
            where=f"first {HEADER_LINES_MAX} lines",
            todo="check that this is the complete file in the format named",
        )

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (line, cells by key), every cell stripped of outer white space.

        Raises:
            ListError: LST304 a row is shorter or longer than the header (empty cells at its end do not
                count); LST306 no row at all.
        """
        count = 0
        for line, printed in self._rows:
            surplus = "".join(printed[len(self.header) :]).strip()
            row = printed if surplus else printed[: len(self.header)]
            if len(row) != len(self.header):
                raise self._source.error(
                    "LST304",
                    expected=f"{len(self.header)} columns",
                    got=str(len(row)),
                    where=f"row that starts in line {line}",
                    todo="fetch the file again; it is cut or damaged",
                )
            count += 1
            yield line, dict(zip(self.header, (" ".join(cell.split()) for cell in row), strict=True))
        if count == 0:
            raise self._source.error(
                "LST306", expected="rows below the header", got="none", todo="fetch the file again"
            )
