"""What papers are made of: one view of the ledger, and the matters and personal data in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from sito.cases.deadlines import Schedule
from sito.cases.facts import moment
from sito.cases.pages import is_step
from sito.cases.projection import TABLES
from sito.cases.screenings import record_of
from sito.clearing import party_fingerprint
from sito.errors import CaseError, LedgerError, PaperError
from sito.fes import Organisation
from sito.ledger import Stored, View
from sito.papers.period import Cut, Period
from sito.papers.words import DELETED, HIDDEN, NONE, joined
from sito.policy.verdict import Policy

SKEW = timedelta(days=1)  # by which the clocks of two hosts may differ
PAGE = 500  # matters that are asked for at a time


@dataclass(frozen=True)
class Source:
    """What a paper is made of.

    Attributes:
        organisation: Whose paper it is; None leaves a line for its name.
        with_personal: Open what is sealed; else each cell says that it was not.
        seen: Sequences of the events whose personal data were opened, or would have been.
    """

    view: View
    period: Period
    cut: Cut
    policy: Policy
    schedule: Schedule
    organisation: Organisation | None
    with_personal: bool
    seen: set[int] = field(default_factory=set)

    def personal(self, stored: Stored) -> dict[str, Any] | str:
        """Return what was sealed with an event, or the words that stand in its place.

        Raises:
            PaperError: PAP105 there is no key.
            LedgerError: LED132, LED133.
        """
        if not stored.has_personal:
            return {}
        self.seen.add(stored.sequence)
        if not self.with_personal:
            return HIDDEN
        try:
            found = self.view.personal(stored.sequence)
        except LedgerError as error:
            if error.code != "LED130":
                raise
            raise PaperError(
                "PAP105", expected="the key of personal data", got="none", where=f"event {stored.sequence}",
                todo="give --key-file, or --without-personal-data",
            ) from None  # fmt: skip
        if found is None:
            self.seen.discard(stored.sequence)
            return DELETED
        return found

    def sealed(self, stored: Stored | None, name: str) -> str:
        """Return one sealed fact of an event as text; a table of fields has a line for each."""
        if stored is None:
            return NONE
        found = self.personal(stored)
        if isinstance(found, str):
            return found
        value = found.get(name)
        if isinstance(value, dict):
            return joined(*(f"{key}: {text}" for key, text in value.items()))
        if isinstance(value, list):
            return joined(*map(str, value))
        return str(value) if value else NONE

    def parties(self, case_subject: str) -> tuple[str, str]:
        """Return (names of the parties that hits of a case are about, the entries that were hit)."""
        if not case_subject:
            return NONE, NONE
        names: dict[str, None] = {}
        entries: dict[str, None] = {}
        for stored in self.cut.events(self.view, subject=case_subject):
            screening = stored.event.facts.get("screening")
            if not screening or stored.at >= self.period.end:
                continue
            hits = screening.get("hits", ())
            entries |= dict.fromkeys(f"{hit['list_id']}: {hit['entry_id']} (ред. {hit['edition']})" for hit in hits)
            found = self.personal(stored)
            if isinstance(found, str):
                names[found] = None
                continue
            wanted = {hit["party_fingerprint"] for hit in hits}
            try:
                record, _, _ = record_of(found.get("record", {}))
            except CaseError:  # kept by hand, or by another version
                continue
            names |= dict.fromkeys(one.name for one in record.parties if party_fingerprint(one) in wanted)
        return joined(*names), joined(*entries)


@dataclass(frozen=True)
class History:
    """One matter and its steps before the end of the period, in their order; there is at least one."""

    subject: str
    steps: tuple[Stored, ...]

    @property
    def state(self) -> str:
        """The state that the last of them led to."""
        return str(self.steps[-1].event.facts["state"])

    @property
    def begun(self) -> dict[str, Any]:
        """Facts of the first one."""
        return self.steps[0].event.facts

    def last(self, *kinds: str) -> Stored | None:
        """Return the last step of these kinds."""
        return next((one for one in reversed(self.steps) if one.event.kind in kinds), None)

    def all(self, *kinds: str) -> list[Stored]:
        """Return the steps of these kinds."""
        return [one for one in self.steps if one.event.kind in kinds]

    def told(self, name: str) -> str:
        """Return what was said last of something, as text; empty if nobody said anything."""
        return next((str(one.event.facts[name]) for one in reversed(self.steps) if name in one.event.facts), "")


def history(source: Source, subject: str) -> History | None:
    """Return a matter; None if it had not begun by the end of the period."""
    steps = tuple(
        one
        for one in source.cut.events(source.view, subject=subject)
        if is_step(one) and one.at < source.period.end
    )  # fmt: skip
    return History(subject, steps) if steps else None


def histories(source: Source, machine: str, *, running: Collection[str]) -> Iterator[History]:
    """Yield the matters with a step in the period, and those that were in one of some states during it, by number.

    The tables of now say which may be meant; the events say which are.

    Args:
        running: States in which a matter belongs to every period that it lasts through.
    """
    table, period = TABLES[machine], source.period
    chosen = (
        sa.select(table.c.subject, table.c.number)
        .where(table.c.machine == machine)
        .where(sa.or_(table.c.changed_at >= moment(period.start - SKEW), table.c.state.in_(sorted(running))))
        .order_by(table.c.number)
        .limit(PAGE)
    )
    after = 0
    while True:
        rows = source.view.execute(chosen.where(table.c.number > after)).all()
        for row in rows:
            found = history(source, row.subject)
            if found is not None and _belongs(found, period, running):
                yield found
        if len(rows) < PAGE:
            return
        after = rows[-1].number


def _belongs(found: History, period: Period, running: Collection[str]) -> bool:
    return found.state in running or any(period.holds(one.at) for one in found.steps)
