"""Partial dates of the western lists: one parser for every way in which they print a birth date.

Lists give a day, a month, a year, a range, or a guess. All of them become one inclusive span of
days. What this module does not understand it does not guess: the caller gets None, or the words
back, and keeps them in `Entry.raw`.

Understood, in any case and with any spacing:

    1960-01-12 · 1960-01-12T00:00:00Z · 1960-01 · 1960 · 1960-00-00
    12 Jan 1960 · 12 January 1960 · Jan. 1960 · January 12, 1960 · 12th of January 1960
    12/01/1960 · 12.01.1960 · 00/00/1960 · dd/mm/1960 · dd/01/1960 · 12-Jan-1960
    circa 1960 · c. 1960 · approximately 1960 · 1960 (approximately)
    1960 to 1965 · 1960-1965 · between 1960 and 1965 · Jan 1960 to Mar 1960 · between Aug. and Sep. 1977
    1960s · early 1960s

Numbers in front of the year are read day first, as the lists that print slashes do. Dates of other
calendars are recognised by their year (`24/06/1402` is no year of a living person) and left alone.
"""

from __future__ import annotations

import re
from calendar import monthrange

from sito.entries import BirthDate

YEAR_MIN = 1800
YEAR_MAX = 2100
DATE_TEXT_LENGTH_MAX = 200  # characters; a longer text is a story, not a date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}

_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_YEAR = r"(?P<year>\d{4})"
_UNKNOWN_PART = r"d{1,2}|m{1,2}|0{1,2}|x{1,2}|\?{1,2}|-{1,2}"

_ISO = re.compile(rf"{_YEAR}(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?)(?:t[\d:.]+)?(?:z|[+-]\d\d:?\d\d)?)?)?")
_WORDS = (
    re.compile(rf"(?P<day>\d\d?)(?:st|nd|rd|th)?[ -](?:of )?{_MONTH}[ ,-]+{_YEAR}"),
    re.compile(rf"{_MONTH} (?P<day>\d\d?)(?:st|nd|rd|th)?,? {_YEAR}"),
    re.compile(rf"{_MONTH}[ ,-]+{_YEAR}"),
)
_NUMBERS = re.compile(rf"(?P<day>\d\d?|{_UNKNOWN_PART})(?P<mark>[/.-])(?P<month>\d\d?|{_UNKNOWN_PART})(?P=mark){_YEAR}")
_MONTH_YEAR = re.compile(rf"(?P<month>\d\d?|{_UNKNOWN_PART})[/.]{_YEAR}")
_DECADE = re.compile(r"(?P<part>(?:early|mid|late)[ -]*(?:to[ -]*(?:mid|late)[ -]*)?)?(?:the )?(?P<decade>\d{3})0'?s")

_CIRCA = re.compile(
    r"^(?:circa|ca|c|approximately|approx|about|around|abt|est|estimated)(?:\.|:| )+ *|"
    r" *\(?(?:approximately|approx\.?|circa|estimated)\)?$"
)
_RANGES = (
    re.compile(r"between (?P<first>.+?) and (?P<last>.+)"),
    re.compile(r"(?:from )?(?P<first>.+?) to (?P<last>.+)"),
    re.compile(r"(?P<first>.{4,}?) ?[–—] ?(?P<last>.{4,})"),
    re.compile(r"(?P<first>.{4,}?) - (?P<last>.{4,})"),
    re.compile(r"(?P<first>\d{4}) ?[-/] ?(?P<last>\d{4})"),
)
_SEVERAL = re.compile(r"\s*(?:;|\bor\b|(?:^|(?<=\s))\(?(?:\d{1,2}|[a-z])\)(?=\s*[\dA-Za-z]))\s*", re.IGNORECASE)


def parse_birth_date(text: str) -> BirthDate | None:
    """Read one date, however partial.

    Args:
        text: As the list prints it, at most `DATE_TEXT_LENGTH_MAX` characters.

    Returns:
        The span of possible days, or None if the text is empty or not understood, names a day that
        does not exist, or a year outside `YEAR_MIN` … `YEAR_MAX`.
    """
    if len(text) > DATE_TEXT_LENGTH_MAX:
        return None
    words = " ".join(text.lower().split()).strip(" .,;")
    words = re.sub(r"^born (?:in |on )?(?:the )?", "", words)
    plain = _CIRCA.sub("", words)
    circa = plain != words
    span = _span(plain) or _range(plain)
    if span is None:
        return None
    start, end, vague = span
    return BirthDate(start, end, circa or vague)


def parse_birth_dates(text: str) -> tuple[tuple[BirthDate, ...], str]:
    """Read a cell that may hold several dates: `1963 or 1965`, `(1) 1963 (2) 1965`, `1963; 1965`.

    Returns:
        The dates understood, in order, and the words not understood (joined by `; `, empty if all were).
    """
    whole = parse_birth_date(text)
    if whole is not None:
        return (whole,), ""
    dates: list[BirthDate] = []
    rest: list[str] = []
    for part in _SEVERAL.split(text[: DATE_TEXT_LENGTH_MAX * 10]):
        date = parse_birth_date(part)
        if date is not None:
            if date not in dates:
                dates.append(date)
        elif part.strip(" .,-"):
            rest.append(part.strip())
    if len(text) > DATE_TEXT_LENGTH_MAX * 10:
        rest.append(text[DATE_TEXT_LENGTH_MAX * 10 :])
    return tuple(dates), "; ".join(rest)


def parse_parts(year: str, month: str = "", day: str = "", *, circa: bool = False) -> BirthDate | None:
    """Read a date whose parts stand in fields of their own; an empty or zero part is unknown."""
    if not year.isascii() or not year.isdigit():
        return None
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in (month, day)]
    span = _days(int(year), numbers[0], numbers[1])
    return BirthDate(span[0], span[1], circa) if span else None


def parse_years(first: str, last: str, *, circa: bool = False) -> BirthDate | None:
    """Read a range of years; one missing end makes the other one the only year."""
    start, end = parse_parts(first or last), parse_parts(last or first)
    if start is None or end is None or end.end < start.start:
        return None
    return BirthDate(start.start, end.end, circa)


def iso_date(text: str) -> str:
    """Return a full date as ISO `YYYY-MM-DD` (a time of day is cut), empty if the text is no full date."""
    date = parse_birth_date(text)
    return date.start if date is not None and date.start == date.end and not date.circa else ""


def iso_date_us(text: str) -> str:
    """Like `iso_date`, but reads slashes month first, as US publications do."""
    match = re.fullmatch(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*", text)
    return iso_date(f"{match[2]}/{match[1]}/{match[3]}") if match else iso_date(text)


def _span(text: str) -> tuple[str, str, bool] | None:
    """Read one date without range words: first day, last day, whether it is vague by itself."""
    match = _DECADE.fullmatch(text)
    if match:
        first = int(match["decade"]) * 10
        days = _days(first, 0, 0), _days(first + 9, 0, 0)
        return (days[0][0], days[1][1], bool(match["part"])) if days[0] and days[1] else None
    match = _ISO.fullmatch(text)
    if match is None:
        for pattern in _WORDS:
            match = pattern.fullmatch(text)
            if match and match["month"] in _MONTHS:
                break
            match = None
    match = match or _NUMBERS.fullmatch(text) or _MONTH_YEAR.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    days_one = _days(int(parts["year"]), _number(parts.get("month")), _number(parts.get("day")))
    return (*days_one, False) if days_one else None


def _range(text: str) -> tuple[str, str, bool] | None:
    for pattern in _RANGES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        first_text, last_text = match["first"], match["last"]
        vague = False
        if first_text.rstrip(".") in _MONTHS and len(last_text) > 4:  # "between Aug. and Sep. 1977"
            first_text += " " + last_text[-4:]
        plain = [_CIRCA.sub("", part) for part in (first_text, last_text)]
        vague = plain != [first_text, last_text]
        first, last = _span(plain[0]), _span(plain[1])
        if first and last and first[0] <= last[1]:
            return first[0], last[1], vague or first[2] or last[2]
    return None


def _number(part: str | None) -> int:
    if part is None:
        return 0
    if part in _MONTHS:
        return _MONTHS[part]
    return int(part) if part.isascii() and part.isdigit() else 0


def _days(year: int, month: int, day: int) -> tuple[str, str] | None:
    """Return the first and last day; a zero month makes the day unknown too."""
    if not YEAR_MIN <= year <= YEAR_MAX or not 0 <= month <= 12:
        return None
    if month == 0:
        return f"{year:04}-01-01", f"{year:04}-12-31"
    day_max = monthrange(year, month)[1]
    if day == 0:
        return f"{year:04}-{month:02}-01", f"{year:04}-{month:02}-{day_max:02}"
    return (f"{year:04}-{month:02}-{day:02}",) * 2 if day <= day_max else None
