"""The production calendar: which days are working days in Russia, and how sure that is.

The days come from the library `holidays`, which knows the yearly transfers of days off. Which years may be counted
with, how sure each is and how many working days it has is data (`data/calendar.toml`); a bank's own file of overrides
lies over it. A year without a table is an error: weekends and fixed holidays alone would be a guess.

Moscow has kept +03:00 all year since 26 October 2014. Earlier instants are refused and no table of time zones is
needed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from importlib import import_module, resources
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import msgspec

from sito.errors import PolicyError
from sito.toml import parse_toml

COUNTRY = "RU"
FILE_SIZE_MAX = 1 << 20  # bytes of a file of years or of overrides
NOTE_LENGTH_MAX = 200  # characters
COLUMNS = ("date", "kind", "note")

MOSCOW = timezone(timedelta(hours=3), "MSK")
MOSCOW_SINCE = datetime(2014, 10, 25, 22, tzinfo=UTC)  # 2014-10-26 01:00 in Moscow, when the clocks were set
INSTANT_MAX = datetime(3000, 1, 1, tzinfo=UTC)

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


class YearStatus(StrEnum):
    """Whether the days of a year were compared with the act that fixes them."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


class CalendarYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One year that may be counted with.

    Attributes:
        year: 2015 to 2999.
        status: Confirmed by its act, or not.
        working_days: How many working days it has.
        act: What fixes its transfers; empty if unknown.
        source: Where the facts of this record come from.
        checked_on: When they were compared last.
    """

    year: int
    status: YearStatus
    working_days: int
    act: str
    source: str
    checked_on: date


class _YearsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    year: tuple[CalendarYear, ...]


class DayKind(StrEnum):
    """What an override makes of a day."""

    WORKING = "working"
    OFF = "off"


class Override(msgspec.Struct, frozen=True):
    """A day that is otherwise than the library says, with the bank's reason; from the operator's file."""

    day: date
    kind: DayKind
    note: str = ""


class Calendar:
    """The working days of a run of years. Immutable; threads may share it.

    Args:
        years: Years without a gap between them, in any order.
        overrides: Days that are otherwise than the library says; each day once.

    Raises:
        PolicyError: POL202 no years, a year twice, a gap, a year out of range or a confirmed one without its act;
            POL203 another count of working days than the year's record says; POL204 a day twice; POL205 an override in
            a year without a table.

    Source: Labour Code, article 112, and the yearly Government decree; `data/calendar.toml` names them.
    """

    def __init__(self, years: Iterable[CalendarYear], overrides: Iterable[Override] = ()) -> None:
        self.years: tuple[CalendarYear, ...] = tuple(sorted(years, key=lambda known: known.year))
        self.overrides: tuple[Override, ...] = tuple(sorted(overrides, key=lambda known: known.day))
        _check_years(self.years)
        self.first_day = date(self.years[0].year, 1, 1)
        self.last_day = date(self.years[-1].year, 12, 31)
        changed = {override.day: override.kind for override in self.overrides}
        if len(changed) != len(self.overrides):
            raise PolicyError("POL204", expected="each day once", got="a day again", where="overrides")
        for day in changed:
            if not self.first_day <= day <= self.last_day:
                raise PolicyError(
                    "POL205", expected=f"an override from {self.first_day} to {self.last_day}", got=day.isoformat(),
                    todo="add the year to the file of years first",
                )  # fmt: skip
        self._working = [day.toordinal() for known in self.years for day in _working_days(known, changed)]
        self._confirmed = frozenset(known.year for known in self.years if known.status is YearStatus.CONFIRMED)
        facts = (COUNTRY, _library().__version__, self.years, self.overrides)
        self.edition: str = hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()

    def is_working_day(self, day: date) -> bool:
        """Say whether a day is a working day.

        Raises:
            PolicyError: POL206 a year without a table.
        """
        self._need(day.toordinal(), day)
        place = bisect_left(self._working, day.toordinal())
        return self._working[place : place + 1] == [day.toordinal()]

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, or with 0 the first that is not before it.

        `day` itself need not be a working day, and its own year needs a table only if days of it are counted.

        Raises:
            PolicyError: POL206 days of a year without a table would be counted; POL207 a negative count.
        """
        if count < 0:
            raise PolicyError("POL207", expected="a count of working days of 0 or more", got=str(count))
        first = day.toordinal() + (1 if count else 0)
        self._need(first, day)
        place = bisect_left(self._working, first) + max(count, 1) - 1
        if place >= len(self._working):
            raise self._no_table(f"{count} working days after {day}, beyond {self.last_day}")
        return date.fromordinal(self._working[place])

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start`, up to `end` and with it, as terms are counted.

        Raises:
            PolicyError: POL206 days of a year without a table would be counted; POL207 `end` before `start`.
        """
        if end < start:
            raise PolicyError("POL207", expected="an end that is not before its start", got=f"{start} to {end}")
        if end == start:
            return 0
        self._need(start.toordinal() + 1, start)
        self._need(end.toordinal(), end)
        return bisect_right(self._working, end.toordinal()) - bisect_right(self._working, start.toordinal())

    def is_confirmed(self, start: date, end: date) -> bool:
        """Say whether all days after `start`, up to `end` and with it, are of confirmed years."""
        return end <= start or self._confirmed.issuperset(range((start + _DAY).year, end.year + 1))

    def _need(self, ordinal: int, day: date) -> None:
        if not self.first_day.toordinal() <= ordinal <= self.last_day.toordinal():
            raise self._no_table(day.isoformat())

    def _no_table(self, got: str) -> PolicyError:
        return PolicyError(
            "POL206", expected=f"days from {self.first_day} to {self.last_day}, which have a table of working days",
            got=got, todo="add the year to the file of years and its transfers to the file of overrides",
        )  # fmt: skip


def _check_years(years: tuple[CalendarYear, ...]) -> None:
    expected = "years from 2015 on, each once, without a gap, confirmed ones with their act"
    if not years:
        raise PolicyError("POL202", expected=expected, got="none")
    for known in years:
        if not MOSCOW_SINCE.year < known.year < INSTANT_MAX.year:
            raise PolicyError("POL202", expected=expected, got=str(known.year))
        if known.status is YearStatus.CONFIRMED and not known.act.strip():
            raise PolicyError("POL202", expected=expected, got=f"{known.year} without its act")
    for known, following in pairwise(years):
        if following.year != known.year + 1:
            raise PolicyError("POL202", expected=expected, got=f"{following.year} after {known.year}")


def _library() -> ModuleType:
    """Return the library of days; whoever only screens counts none, and need not have it in memory."""
    return import_module("holidays")


def _working_days(known: CalendarYear, changed: Mapping[date, DayKind]) -> list[date]:
    """Return the working days of one year, overrides done.

    The library's own days must be as many as the record says: then an override is the bank's business. If they are not,
    the library lacks the year's transfers, and the overrides must make up for exactly that.
    """
    table = _library().country_holidays(COUNTRY, years=known.year, expand=False)
    start = date(known.year, 1, 1)
    days = [start + timedelta(days=i) for i in range((date(known.year + 1, 1, 1) - start).days)]
    own = {day for day in days if table.is_working_day(day)}
    result = [day for day in days if (changed[day] is DayKind.WORKING if day in changed else day in own)]
    if known.working_days not in (len(own), len(result)):
        raise PolicyError(
            "POL203", expected=f"{known.working_days} working days in {known.year}, as its record says",
            got=f"{len(own)} from holidays {_library().__version__}, {len(result)} with overrides",
            todo="bring the missing transfers in by the file of overrides, or another version of the library",
        )  # fmt: skip
    return result


def load_calendar(*, years: Path | None = None, overrides: Path | None = None) -> Calendar:
    """Read a calendar.

    Args:
        years: TOML with a table `[[year]]` for each year, fields of `CalendarYear`; none: the one that is shipped.
        overrides: CSV in UTF-8 with the header `date,kind,note`: ISO date, `working` or `off`, the reason.

    Raises:
        PolicyError: POL201 a file that cannot be read, is too large or no UTF-8; POL202 a file of years that is none;
            POL204 a line of overrides that is none; and what `Calendar` raises.
    """
    if years is None:
        name, text = "calendar.toml", shipped_text("calendar.toml")
    else:
        name, text = years.name, read_text(years)
    return Calendar(_read_years(text, name), () if overrides is None else _read_overrides(overrides))


@cache
def shipped_text(name: str) -> str:
    """Return a data file of this room."""
    return resources.files("sito.policy").joinpath("data", name).read_text("utf-8")


def read_text(path: Path) -> str:
    """Return the text of a small file.

    Raises:
        PolicyError: POL201 it cannot be read, has more than `FILE_SIZE_MAX` bytes, or is no UTF-8.
    """
    got = "more"
    try:
        with path.open("rb") as stream:
            content = stream.read(FILE_SIZE_MAX + 1)
        if len(content) <= FILE_SIZE_MAX:
            return content.decode("utf-8-sig")
    except OSError as error:
        got = error.strerror or "an input/output error"
    except UnicodeDecodeError as error:
        got = f"another encoding at byte {error.start}"
    raise PolicyError(
        "POL201", expected=f"a readable file in UTF-8 of at most {FILE_SIZE_MAX} bytes", got=got, where=path.name
    )


def _read_years(text: str, name: str) -> tuple[CalendarYear, ...]:
    try:
        return msgspec.convert(parse_toml(text.encode()), _YearsFile).year
    except ValueError as error:  # of TOML and of msgspec
        raise PolicyError("POL202", expected="TOML with tables [[year]]", got=str(error)[:200], where=name) from None


def _read_overrides(path: Path) -> list[Override]:
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    found: dict[date, Override] = {}

    def broken(expected: str, got: str) -> PolicyError:
        where = f"{path.name}, line {max(rows.line_num, 1)}"
        return PolicyError("POL204", expected=expected, got=got, where=where, todo="nothing was read; repair the file")

    try:
        if tuple(next(rows, ())) != COLUMNS:
            raise broken(f"the header {','.join(COLUMNS)}", "another first line")
        for row in rows:
            if not row:
                continue
            if len(row) != len(COLUMNS):
                raise broken(f"{len(COLUMNS)} columns", str(len(row)))
            try:
                day = date.fromisoformat(row[0] if _ISO_DAY.fullmatch(row[0]) else "")
            except ValueError:
                raise broken("a date as 2026-12-31", f"{len(row[0])} characters") from None
            if row[1] not in set(DayKind):
                raise broken("working or off", f"{len(row[1])} characters")
            if len(row[2]) > NOTE_LENGTH_MAX:
                raise broken(f"a note of at most {NOTE_LENGTH_MAX} characters", str(len(row[2])))
            if day in found:
                raise broken("each day once", f"{day} again")
            found[day] = Override(day, DayKind(row[1]), row[2])
    except csv.Error as error:
        raise broken("CSV", str(error)) from None
    return list(found.values())


def checked_instant(instant: datetime) -> datetime:
    """Return an instant in UTC.

    Raises:
        PolicyError: POL213 a time without a zone, before Moscow's offset was fixed, or beyond the year 2999.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise PolicyError("POL213", expected="a time with its zone, from 2014-10-26 on", got="a time without a zone")
    if not MOSCOW_SINCE <= instant < INSTANT_MAX:
        got = f"a time in {instant.year}"
        raise PolicyError("POL213", expected="a time with its zone, from 2014-10-26 on", got=got)
    return instant.astimezone(UTC)


def moscow_day(instant: datetime) -> date:
    """Return the day in Moscow on which an instant lies; midnight belongs to the day that begins.

    Raises:
        PolicyError: POL213 as `checked_instant`.
    """
    return checked_instant(instant).astimezone(MOSCOW).date()


def day_end(day: date) -> datetime:
    """Return the first instant after a day of Moscow, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW).astimezone(UTC) + _DAY


def last_day_before(instant: datetime) -> date:
    """Return the day in Moscow of the last moment before an instant: 24:00 of a day is still that day."""
    return (instant - _INSTANT).astimezone(MOSCOW).date()
