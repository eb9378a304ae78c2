"""Deadlines: by when something has to be done, how sure that is, and how much time is left.

A term is dated data with its rule and source. Where sources contradict each other, several terms run from one moment:
the earliest is the alarm, and all are kept to be shown. How each unit is counted:

    hours           elapsed time from the moment, over nights, weekends and holidays
    working_days    to the end of the Nth working day after the day of the moment; 0: of that day itself, or of the
                    first working day after it
    calendar_days   to the end of the Nth day after the day of the moment; 0: of that day itself
    months, years   to the end of the day with the same number, or of the month's last day where there is none
                    (31 January and 3 months: 30 April; 29 February and 1 year: 28 February)

Days are those of Moscow, and the end of a day is its 24:00. A deadline is never moved to a later working day because it
ends on a day off: whether law allows that is disputed for these terms, and the earlier day is the safe one.

Decision 0027 says how sure each of these readings is.

Only working days are looked up in the production calendar. A term of them that counts days of a year which is not
confirmed is marked so; one that reaches a year without a table is an error. The other units need no such table.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from sito.errors import PolicyError
from sito.policy.calendar import Calendar, checked_instant, day_end, last_day_before, moscow_day

ID_LENGTH_MAX = 64  # characters of an id or a trigger
SOON_H = 72  # how far ahead a deadline counts as soon: a habit of work and no fact of law

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_HOUR = timedelta(hours=1)


class Unit(StrEnum):
    """In what a term is counted."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    YEARS = "years"


# The least and the greatest value of a term, by its unit. A year of working days can be counted, not ten.
VALUES = {
    Unit.HOURS: range(1, 10_001),
    Unit.WORKING_DAYS: range(251),
    Unit.CALENDAR_DAYS: range(10_001),
    Unit.MONTHS: range(1, 1_201),
    Unit.YEARS: range(1, 101),
}


class Certainty(StrEnum):
    """How sure a fact of law is, as docs/law.md marks it."""

    READ = "S"  # read in a named public source
    INFERRED = "I"  # inferred from one
    BELIEVED = "K"  # believed, unconfirmed
    WEAK = "weak"  # read in a weak source, or one that others contradict


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term of law: so much time from a moment of some kind. A table `[[term]]` of a policy file.

    Attributes:
        id: Of the term; another edition of it has the same id and other dates.
        rule: Id of the rule that it belongs to.
        trigger: What kind of moment it runs from, for example `list_published`.
        value: How many units.
        unit: What is counted.
        valid_from, valid_to: From which day of the moment on, and up to which day and without it; open at the end if
            there is no such day.
        certainty: How sure the term is.
        source: Where it was read.
    """

    id: str
    rule: str
    trigger: str
    value: int
    unit: Unit
    valid_from: date
    certainty: Certainty
    source: str
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the term is in force for a moment of this day in Moscow."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Due(msgspec.Struct, frozen=True):
    """When one term ends.

    Attributes:
        term: With its rule, certainty and source.
        at: The first instant that is too late, in UTC.
        last_day: The day in Moscow of the last moment in time.
        unconfirmed: Days of a year that is not confirmed were counted; the true end may be earlier or later.
    """

    term: Term
    at: datetime
    last_day: date
    unconfirmed: bool


class Deadline(msgspec.Struct, frozen=True):
    """When all terms of one moment end.

    Attributes:
        trigger_at: The moment, in UTC.
        alarm_at: The earliest end, in UTC: from this instant on it is late.
        all: Every term in force, the earliest end first, then by id.
        unconfirmed: At least one of them counted days of a year that is not confirmed.
    """

    trigger_at: datetime
    alarm_at: datetime
    all: tuple[Due, ...]
    unconfirmed: bool

    @property
    def last_day(self) -> date:
        """The day in Moscow of the last moment in time."""
        return self.all[0].last_day


class DueState(StrEnum):
    """How near a deadline is. `TODAY`: its last day has come."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


class Left(msgspec.Struct, frozen=True):
    """How a deadline stands at some moment.

    Attributes:
        state: How near it is.
        left_h: Full hours left, rounded down: 0 is less than an hour; below 0 it is late, -1 by an hour at most. At the
            very instant of the alarm it is late with 0 hours left.
    """

    state: DueState
    left_h: int


def checked_terms(terms: Iterable[Term], *, where: str = "") -> tuple[Term, ...]:
    """Return terms that can be counted.

    Args:
        terms: As they were read.
        where: File, for errors.

    Raises:
        PolicyError: POL210 a term with a value out of the range of its unit, an id, rule or trigger that is none, no
            source, or an end before its beginning; POL211 two terms of one id in force on the same day.
    """
    known: dict[str, list[Term]] = {}
    for number, term in enumerate(terms, 1):
        place = f"{where}, term {number}" if where else f"term {number}"
        for name, text in (("id", term.id), ("rule", term.rule), ("trigger", term.trigger)):
            if not _ID.fullmatch(text) or len(text) > ID_LENGTH_MAX:
                raise PolicyError(
                    "POL210", expected=f"{name} of 1 to {ID_LENGTH_MAX} letters, digits, and . _ - between them",
                    got=f"{len(text)} characters", where=place,
                )  # fmt: skip
        place = f"{place}, {term.id}"
        values = VALUES[term.unit]
        if term.value not in values:
            raise PolicyError(
                "POL210", expected=f"{values[0]} to {values[-1]} {term.unit.value}", got=str(term.value), where=place
            )
        if not term.source.strip():
            raise PolicyError("POL210", expected="the source of the term", got="none", where=place)
        if term.valid_to is not None and term.valid_to <= term.valid_from:
            got = f"{term.valid_from} to {term.valid_to}"
            raise PolicyError("POL210", expected="valid_to after valid_from", got=got, where=place)
        for other in known.setdefault(term.id, []):
            start = max(term.valid_from, other.valid_from)
            if term.holds_on(start) and other.holds_on(start):
                raise PolicyError(
                    "POL211", expected="one term of an id on each day", got=f"two from {start} on", where=place,
                    todo="end the older one, or give the term of the other source an id of its own",
                )  # fmt: skip
        known[term.id].append(term)
    return tuple(term for editions in known.values() for term in editions)


def due(terms: Sequence[Term], trigger_at: datetime, calendar: Calendar) -> Deadline:
    """Return when the terms of one moment end; terms that are not in force on its day are left out.

    Args:
        terms: All of one trigger: they run from one moment.
        trigger_at: That moment, with its zone.
        calendar: For terms of working days.

    Raises:
        PolicyError: POL206 a term reaches a year without a table; POL212 no term, terms of different triggers, or none
            in force on that day; POL213 a moment without a zone or out of range.

    Example:
        Two terms of one rule, a working day and 24 hours, from Saturday noon: the alarm is on Sunday noon, and the end
        of Monday is shown beside it.
    """
    trigger_at = checked_instant(trigger_at)
    day = moscow_day(trigger_at)
    triggers = {term.trigger for term in terms}
    if len(triggers) != 1:
        got = " and ".join(sorted(triggers)) or "no term"
        raise PolicyError("POL212", expected="terms that run from one moment", got=got)
    found = [_due(term, trigger_at, day, calendar) for term in terms if term.holds_on(day)]
    if not found:
        raise PolicyError(
            "POL212", expected=f"a term in force on {day}", got="none of " + ", ".join(sorted(t.id for t in terms)),
            todo="give the policy the term of that day",
        )  # fmt: skip
    found.sort(key=lambda one: (one.at, one.term.id))
    return Deadline(trigger_at, found[0].at, tuple(found), any(one.unconfirmed for one in found))


def left_until(alarm_at: datetime, now: datetime, *, soon_h: int = SOON_H) -> Left:
    """Return how a deadline stands.

    Args:
        alarm_at: Its first instant that is too late, as of `due`.
        now: With its zone.
        soon_h: Up to how many hours left it counts as soon.

    Raises:
        PolicyError: POL213 a moment without a zone or out of range.
    """
    now, alarm_at = checked_instant(now), checked_instant(alarm_at)
    left = alarm_at - now
    if now >= alarm_at:
        state = DueState.LATE
    elif moscow_day(now) == last_day_before(alarm_at):
        state = DueState.TODAY
    else:
        state = DueState.SOON if left <= soon_h * _HOUR else DueState.LATER
    return Left(state, left // _HOUR)


def _due(term: Term, trigger_at: datetime, day: date, calendar: Calendar) -> Due:
    unconfirmed = False
    if term.unit is Unit.HOURS:
        at = trigger_at + term.value * _HOUR
        return Due(term, at, last_day_before(at), unconfirmed)
    if term.unit is Unit.WORKING_DAYS:
        last_day = calendar.add_working_days(day, term.value)
        # With 0 days the day of the moment is itself looked up.
        first = day if term.value else day - timedelta(days=1)
        unconfirmed = not calendar.is_confirmed(first, last_day)
    elif term.unit is Unit.CALENDAR_DAYS:
        last_day = day + timedelta(days=term.value)
    else:
        last_day = add_months(day, term.value * (12 if term.unit is Unit.YEARS else 1))
    return Due(term, day_end(last_day), last_day, unconfirmed)


def add_months(day: date, count: int) -> date:
    """Return the day with the same number `count` months on, or the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
