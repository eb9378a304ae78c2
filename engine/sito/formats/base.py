"""What every record reader shares: limits, the file object, and the small values of a record.

The limits are the same for all formats, so that a record which one format refuses is not let in
through another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, TypeVar

from sito.entries import Identifier, Kind
from sito.errors import RecordError
from sito.formats.stream import InputStream
from sito.records import Record, Reject

HEAD_SIZE = 256 * 1024  # bytes looked at to recognise a file
TEXT_LENGTH_MAX = 100_000  # characters of one text that is screened
CELL_SIZE_MAX = 1 << 20  # characters of one CSV cell
LINE_SIZE_MAX = 4 << 20  # bytes of one line; longer ones are refused without being kept in memory
RAW_LENGTH_MAX = 10_000  # characters kept of a refused record
COLUMN_COUNT_MAX = 2_000
ALIAS_COUNT_MAX = 1_000  # further names of one customer
VALUE_LENGTH_MAX = 1_000  # characters of an id, a number, a country

_Value = TypeVar("_Value")

# NUL and lone surrogates: the first breaks C strings, the second cannot be written as UTF-8.
# Undecodable bytes arrive as lone surrogates too (see `text.py`).
BAD_CHARACTERS = re.compile("[\x00\ud800-\udfff]")


class RecordFile:
    """One payment or customer file, opened for one pass.

    Iterating yields every record of the file in its order, as `Record` or, where one cannot be read, as
    `Reject`; memory does not grow with the file. Each `iter()` starts again from the first record.

    Attributes:
        format: `csv`, `jsonl`, `parquet`, `ufebs`, `iso20022`, `mt103` or `1c`.
        name: File name without folders.
        path: Where the file is.
    """

    format: ClassVar[str] = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._size = path.stat().st_size
        self._position = 0

    def __iter__(self) -> Iterator[Record | Reject]:
        raise NotImplementedError

    def size_hint(self) -> int:
        """Return the size of the file for a progress bar: bytes as they are on disk, for Parquet rows."""
        return self._size

    @property
    def packed(self) -> bool:
        """Tell whether the file is unpacked while it is read; it then holds many times `size_hint()` bytes."""
        with InputStream(self.path) as stream:
            return stream.packed

    def position(self) -> int:
        """Return how much of `size_hint()` is consumed, in the same unit; it grows in steps of a block."""
        return min(self._position, self._size)


class FieldError(Exception):
    """One field of one record is wrong; readers turn it into a `Reject`.

    Args:
        code: `REC…` code.
        expected, got: As in `SitoError`, without personal data.
    """

    def __init__(self, code: str, expected: str, got: str) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected
        self.got = got


def reject(position: str, error: FieldError, raw: str) -> Reject:
    """Make the `Reject` of a record, with a reason in the words of the error tree."""
    return refuse(position, error.code, expected=error.expected, got=error.got, raw=raw)


def refuse(position: str, code: str, *, expected: str, got: str, raw: str, todo: str = "") -> Reject:
    """Make a `Reject`; `raw` is cut and made printable, so that it can always be written as UTF-8."""
    reason = str(RecordError(code, expected=expected, got=got, where=position, todo=todo))
    return Reject(position=position, code=code, reason=reason, raw=printable(raw[:RAW_LENGTH_MAX].rstrip("\r\n")))


def printable(text: str) -> str:
    r"""Return `text` with lone surrogates written as `\udc98`; all other characters stay."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8") if BAD_CHARACTERS.search(text) else text


@lru_cache(maxsize=65_536)
def iso_date(text: str) -> str:
    """Bring a full date to ISO `YYYY-MM-DD`.

    Understands `2026-01-31` (a time of day after it is dropped), `31.01.2026`, `31/01/2026`, `31-01-2026`,
    `20260131`. The day is first where the year is last, as in every Russian form.

    Raises:
        FieldError: REC206 if it is none of these or no day of the calendar.
    """
    if match := _ISO_DATE.match(text):
        year, month, day = match.group(1, 2, 3)
    elif match := _RUSSIAN_DATE.match(text):
        day, month, year = match.group(1, 2, 3)
    else:
        raise FieldError("REC206", "a date as 2026-01-31 or 31.01.2026", f"{len(text)} characters")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise FieldError("REC206", "a day of the calendar", "a day that does not exist") from None


_CLOCK = r"(?:[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)?)?"
_ISO_DATE = re.compile(rf"(\d{{4}})-?(\d\d)-?(\d\d){_CLOCK}\Z", re.ASCII)
_RUSSIAN_DATE = re.compile(rf"(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{4}}){_CLOCK}\Z", re.ASCII)
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d))?\Z", re.ASCII)
_RUSSIAN_MONTH = re.compile(r"(\d\d)\.(\d{4})\Z", re.ASCII)


@lru_cache(maxsize=65_536)
def birth_date(text: str) -> str:
    """Bring a birth date to ISO, keeping how far it is known: day, month (`1980-05`) or year.

    Raises:
        FieldError: REC206 as for `iso_date`.
    """
    if match := _PARTIAL_DATE.match(text):
        year, month = match.group(1, 2)
    elif match := _RUSSIAN_MONTH.match(text):
        month, year = match.group(1, 2)
    else:
        return iso_date(text)
    if month is not None and not 1 <= int(month) <= 12:
        raise FieldError("REC206", "a month from 01 to 12", "another number")
    return year if month is None else f"{year}-{month}"


_PLAIN_AMOUNT = re.compile(r"\d{1,18}(?:\.\d{1,6})?\Z", re.ASCII)
_AMOUNT = re.compile(r"([+-]?)(\d{1,18})(?:[.,=-](\d{1,6})?)?\Z", re.ASCII)
_GROUPED_COMMA = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\Z", re.ASCII)
_GROUPED_POINT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d*\Z", re.ASCII)


def decimal_amount(text: str) -> str:
    """Bring an amount to decimal text with a point.

    Understands `1500`, `1500.50`, `1500,50`, the Russian `1500-50` and `1500=50` (roubles and kopecks), blanks or an
    apostrophe between thousands, and `1,500.50` / `1.500,50` where both signs make the reading clear.

    Raises:
        FieldError: REC207 if it is none of these.
    """
    if _PLAIN_AMOUNT.match(text):
        return text
    compact = "".join(text.split()).replace("'", "").replace("’", "")
    if _GROUPED_COMMA.match(compact) and ("." in compact or compact.count(",") > 1):
        compact = compact.replace(",", "")
    elif _GROUPED_POINT.match(compact):
        compact = compact.replace(".", "")
    if match := _AMOUNT.match(compact):
        sign, whole, fraction = match.groups()
        return ("-" if sign == "-" else "") + whole + (f".{fraction}" if fraction else "")
    raise FieldError("REC207", "an amount as 1500.00", f"{len(text)} characters")


@lru_cache(maxsize=4_096)
def currency_code(text: str) -> str:
    """Bring a currency to its ISO 4217 letters; the rouble's old and numeric codes become `RUB`.

    Raises:
        FieldError: REC209 if it is neither three Latin letters nor a rouble code.
    """
    upper = text.upper()
    if upper in {"RUR", "643", "810", "РУБ", "РУБ."}:
        return "RUB"
    if len(upper) == 3 and upper.isascii() and (upper.isalpha() or upper.isdecimal()):
        return upper
    raise FieldError("REC209", "a currency of three letters (ISO 4217)", f"{len(text)} characters")


KINDS = {
    "": Kind.UNKNOWN,
    "unknown": Kind.UNKNOWN,
    "person": Kind.PERSON,
    "individual": Kind.PERSON,
    "фл": Kind.PERSON,
    "ип": Kind.PERSON,
    "organisation": Kind.ORGANISATION,
    "organization": Kind.ORGANISATION,
    "company": Kind.ORGANISATION,
    "entity": Kind.ORGANISATION,
    "юл": Kind.ORGANISATION,
    "vessel": Kind.VESSEL,
    "aircraft": Kind.AIRCRAFT,
    "other": Kind.OTHER,
}


def party_kind(text: str) -> Kind:
    """Read the `kind` column.

    Raises:
        FieldError: REC208 for a word that is not in `KINDS`.
    """
    kind = KINDS.get(text.strip().lower())
    if kind is None:
        raise FieldError("REC208", "kind person, organisation or empty", f"a word of {len(text)} characters")
    return kind


def fact(text: str, column: str, words: Mapping[str, _Value]) -> _Value:
    """Read a column that holds one of a few words, in any case.

    Raises:
        FieldError: REC218 for another word: what is misspelled must not be taken for something else.
    """
    word = text.strip().lower()
    if word not in words:
        known = ", ".join(filter(None, words))
        raise FieldError("REC218", f"{column} empty or one of {known}", f"a word of {len(text)} characters")
    return words[word]


def identifier(type: str, number: str, country: str = "") -> Identifier:
    """Make an identifier of a field.

    Raises:
        FieldError: REC210 if the number is longer than `VALUE_LENGTH_MAX`.
    """
    check_value(number)
    return Identifier(type, number, country)


def check_value(text: str) -> None:
    """Refuse an id, number or code longer than `VALUE_LENGTH_MAX`.

    Raises:
        FieldError: REC210.
    """
    if len(text) > VALUE_LENGTH_MAX:
        raise FieldError("REC210", f"an id or number of at most {VALUE_LENGTH_MAX} characters", str(len(text)))


def check_text(text: str) -> None:
    """Refuse a screened text longer than `TEXT_LENGTH_MAX`.

    Raises:
        FieldError: REC210.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise FieldError("REC210", f"a text of at most {TEXT_LENGTH_MAX} characters", str(len(text)))
