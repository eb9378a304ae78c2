"""The days that a paper is about, and how far into the ledger it looks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec

from sito.errors import PaperError
from sito.ledger import Stored, View
from sito.policy.calendar import MOSCOW_SINCE, day_end

PAPER_WRITTEN = "paper_written"  # kind of the event: somebody has written a paper
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Period(msgspec.Struct, frozen=True):
    """Whole days of Moscow; the last one is included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: str, last: str, *, today: date) -> Period:
        """Return the period between two days as people type them.

        Raises:
            PaperError: PAP101 one is no day, they are in the wrong order, or one is still to come or too long ago.
        """
        since, until = _day(first, "--from"), _day(last, "--until")
        if since > until:
            raise _wrong("a first day that is not later than the last one", "one that is", "--from, --until")
        if until > today:
            raise _wrong("a period that is not in the future: at most today", "a later day", "--until")
        return cls(since, until)

    @property
    def start(self) -> datetime:
        """The first instant, UTC."""
        return day_end(self.first) - timedelta(days=1)

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return day_end(self.last)

    def holds(self, at: datetime) -> bool:
        """Does an instant lie in it?"""
        return self.start <= at < self.end


class Cut(msgspec.Struct, frozen=True):
    """How far a paper looks: the last event of the ledger that happened before the end of its period.

    That somebody wrote a paper is no such event, or no paper could be written twice alike.
    """

    ledger_id: str
    sequence: int
    digest: bytes
    at: datetime

    @classmethod
    def before(cls, view: View, end: datetime) -> Cut:
        """Return the end of the ledger as it was at an instant."""
        last = view.last(before=end, without=(PAPER_WRITTEN,))
        if last is None:
            return cls(view.ledger_id, 0, b"", end.astimezone(UTC))
        return cls(view.ledger_id, last.sequence, last.digest, last.at)

    def events(
        self, view: View, *, subject: str | None = None, kinds: Iterable[str] | None = None, after: int = 0
    ) -> Iterator[Stored]:
        """Yield events up to it, in their order."""
        for stored in view.events(subject=subject, kinds=kinds, after=after):
            if stored.sequence > self.sequence:
                return
            yield stored


def _day(text: str, where: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong("a day as 2026-06-30", "another text" if text else "none", where) from None
    if day <= MOSCOW_SINCE.date():
        raise _wrong(f"a day after {MOSCOW_SINCE.date()}", "an earlier one", where)
    return day


def _wrong(expected: str, got: str, where: str) -> PaperError:
    """PAP101 a period that is none."""
    return PaperError("PAP101", expected=expected, got=got, where=where)
