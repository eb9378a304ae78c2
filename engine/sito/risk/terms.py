"""By when something had to be sent: what the event says, or else the term of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sito.cases.deadlines import Schedule
from sito.errors import PolicyError
from sito.ledger.events import instant, microseconds
from sito.policy.calendar import MOSCOW

CHECK_RULE = "R-CHECK-3M"


class Duty(NamedTuple):
    """A term that runs until a message was sent.

    Attributes:
        sequence, at_us: Of the event with which it began. subject: Of the matter.
        due_us: The first microsecond that is too late; None: the policy names no term.
    """

    sequence: int
    at_us: int
    subject: str
    due_us: int | None


def told_due(facts: Mapping[str, Any]) -> int | None:
    """Return the `due_at` of an event, None if it tells none."""
    return instant_us(facts.get("due_at"))


def instant_us(text: object) -> int | None:
    """Return a stored instant in microseconds; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
        return microseconds(found) if found.tzinfo is not None else None
    except ValueError:
        return None


def due_after(schedule: Schedule, rule: str, began_us: int, term_ids: tuple[str, ...] = ()) -> int | None:
    """Return the earliest end of the terms of a rule.

    Returns:
        None if the policy has none; the beginning itself where nobody can count: it is due at once.
    """
    try:
        window = schedule.window(rule, term_ids, instant(began_us))
    except PolicyError:
        return began_us
    return None if window is None else microseconds(window.alarm_at)


def duty_of(
    schedule: Schedule, rule: str, began: Mapping[str, Any], *, sequence: int, at_us: int, subject: str
) -> Duty:
    """Return a duty that a step of a matter began.

    Args:
        began: One of the facts `begins` of the event.
    """
    until = instant_us(began.get("until_at"))
    if until is not None:
        return Duty(sequence, at_us, subject, until)
    start = instant_us(began.get("trigger_at"))
    ids = began.get("term_ids")
    term_ids = tuple(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()
    return Duty(sequence, at_us, subject, due_after(schedule, rule, at_us if start is None else start, term_ids))


def day_start(day: date) -> int:
    """Return the first microsecond of a day in Moscow."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=MOSCOW))
