"""The events that the indicator is computed from, in the order and at the times that it believes.

The chain is in order; the clocks of those who wrote it need not be. An event is taken to have happened when it says,
but not before any event of this room that stands before it. So what was known at some moment is always a beginning of
the chain. Of an event that says a time to come the clock was wrong: nobody knows when it was, only that it was before
the next one. Believed then, it can only be too late; and a use of a list that is still to come is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from sito.ledger import View
from sito.ledger.events import instant, microseconds
from sito.policy.calendar import MOSCOW, day_end
from sito.risk.kinds import ITEM_TICKED, REPORTS, Why
from sito.risk.settings import Settings

DAY_US = 86_400_000_000
_SUBJECT = re.compile(r"(?:[a-z]+:[0-9]{1,18}|(?:list|risk):[A-Za-z0-9._-]{1,64})", re.ASCII)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Seen(NamedTuple):
    """One event.

    Attributes:
        at_us: When it is taken to have happened, in microseconds since 1970.
        subject: Of the event, or `another` where it might be anything.
        facts: Empty for uses of lists, of which nothing more is asked.
    """

    sequence: int
    at_us: int
    kind: str
    subject: str
    request_id: str
    facts: dict[str, Any]


class Evidence(msgspec.Struct, frozen=True):
    """One event that made a metric what it is; no personal data.

    Attributes:
        sequence: Of the event. subject: As `fes:12` or `list:RU-TE`.
    """

    sequence: int
    subject: str
    at: datetime
    why: Why


class Found(NamedTuple):
    """The same, while it is counted."""

    sequence: int
    at_us: int
    subject: str
    why: Why

    def evidence(self) -> Evidence:
        """Return it as it is told."""
        return Evidence(self.sequence, self.subject, instant(self.at_us), self.why)


def found_of(event: Seen, why: Why) -> Found:
    """Return an event as something that counts."""
    return Found(event.sequence, event.at_us, event.subject, why)


class Moment(NamedTuple):
    """A moment for which something is computed.

    Attributes:
        at_us: The moment, to which days are counted.
        last_us: What happened up to then, and at that microsecond, is known.
    """

    at_us: int
    last_us: int

    @property
    def at(self) -> datetime:
        """The moment, UTC."""
        return instant(self.at_us)

    @property
    def from_us(self) -> int:
        """The first microsecond of the look-back, which is a year of Moscow long."""
        return microseconds(year_before(self.at)) + self.last_us - self.at_us + 1

    @property
    def day(self) -> date:
        """The day in Moscow of the last microsecond."""
        return instant(self.last_us).astimezone(MOSCOW).date()


def now_moment(at: datetime) -> Moment:
    """Return a moment up to and with its own microsecond."""
    at_us = microseconds(at)
    return Moment(at_us, at_us)


def end_moment(end: datetime) -> Moment:
    """Return the end of a day or week: what happens at it belongs to the next one."""
    at_us = microseconds(end)
    return Moment(at_us, at_us - 1)


def year_before(at: datetime) -> datetime:
    """Return the same time a year before in Moscow; of 29 February the 28th."""
    local = at.astimezone(MOSCOW)
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    return local.replace(year=local.year - 1, day=day)


def week_end_before(moment: Moment) -> Moment:
    """Return the last end of a week (Sunday, 24:00 in Moscow) before a moment; the end of one has that of another."""
    day = moment.day
    return end_moment(day_end(day - timedelta(days=day.weekday() + 1)))


def week_name(moment: Moment) -> str:
    """Return the name of the week of a moment, as `2026-W53`."""
    year, week, _ = moment.day.isocalendar()
    return f"{year}-W{week:02d}"


def kinds_of(settings: Settings) -> list[str]:
    """Return the kinds of events that are read; others may be by the million."""
    ticks = [item.ticked_by for item in settings.items if item.ticked_by]
    return list(dict.fromkeys([*REPORTS, *settings.lists.events, ITEM_TICKED, *ticks]))


def seen_events(view: View, settings: Settings, read_at: datetime) -> Iterator[Seen]:
    """Yield the events that the indicator asks for, in the order of the chain."""
    no_facts = set(settings.lists.events)
    rows = ((row.sequence, row.at_us, row.kind, row.subject, row.request_id, row.facts)
            for row, _ in view.rows(kinds=kinds_of(settings)))  # fmt: skip
    return believed(
        (
            Seen(sequence, at_us, kind, subject, request, {} if kind in no_facts else _decode(facts))
            for sequence, at_us, kind, subject, request, facts in rows
        ),
        read_at,
        uses=no_facts,
    )


def believed(events: Iterable[Seen], read_at: datetime, *, uses: Collection[str]) -> Iterator[Seen]:
    """Yield events with the time that is believed, and a subject that may be shown.

    Args:
        uses: Kinds of events that are uses of a list.
    """
    latest, read_us = 0, microseconds(read_at)
    waiting: list[Seen] = []  # their clock was wrong
    for found in events:
        event = found if _SUBJECT.fullmatch(found.subject) else found._replace(subject="another")
        if event.at_us > read_us:
            if event.kind not in uses:
                waiting.append(event)
            continue
        latest = max(latest, event.at_us)
        yield from (one._replace(at_us=latest) for one in waiting)
        waiting.clear()
        yield event._replace(at_us=latest)
    yield from (one._replace(at_us=read_us) for one in waiting)
