"""What is due, and by when: the terms that run, with the deadlines that the policy gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

import msgspec
import sqlalchemy as sa

from sito.cases.facts import instant, moment
from sito.cases.machines import MACHINES
from sito.cases.projection import TABLES, TASKS
from sito.errors import PolicyError
from sito.ledger import View
from sito.policy.calendar import Calendar, moscow_day
from sito.policy.deadlines import Term, due

MEASURE_APPLIED = "measure_applied"  # the policy's word for the moment at which a measure begins to hold


class Window(msgspec.Struct, frozen=True):
    """When a term ends.

    Attributes:
        alarm_at: The earliest end that a source gives: the first instant that is too late.
        latest_at: The latest end that a source gives: before it nothing is set free for the term being over.
        unconfirmed: The production calendar of a year that it crosses is not confirmed.
    """

    alarm_at: datetime
    latest_at: datetime
    unconfirmed: bool = False


class Schedule(Protocol):
    """The terms of the policy, as far as cases ask for them. A rule may be named with a moment: `R-SUSP@order_due`."""

    def rules(self) -> Collection[str]:
        """Return the rules that have terms, also with each of their moments."""

    def window(self, rule: str, term_ids: Sequence[str], trigger_at: datetime) -> Window | None:
        """Return when the terms of a rule end; `term_ids` narrows them, none means all. None: there is no term."""


class PolicySchedule:
    """The schedule that a policy's terms and the production calendar make. Immutable; threads may share it."""

    def __init__(self, terms: Iterable[Term], calendar: Calendar) -> None:
        self._terms = tuple(terms)
        self._calendar = calendar

    def rules(self) -> Collection[str]:
        """Return the rules that have terms, also with each of their moments."""
        return {name for term in self._terms for name in (term.rule, f"{term.rule}@{term.trigger}")}

    def window(self, rule: str, term_ids: Sequence[str], trigger_at: datetime) -> Window | None:
        """Return when the terms of a rule end; None if none is in force on that day.

        What is named by its id counts from whatever moment the policy gives it, but for the application of a measure:
        that is still to come where a ruling names its terms.

        Raises:
            PolicyError: POL206 a term reaches a year without a table, POL213 a moment out of range.
        """
        name, _, moment_of = rule.partition("@")
        day = moscow_day(trigger_at)
        groups: dict[str, list[Term]] = {}
        for term in self._terms:
            named = term.id in term_ids and term.trigger != MEASURE_APPLIED if term_ids else term.rule == name
            if named and moment_of in {"", term.trigger} and term.holds_on(day):
                groups.setdefault(term.trigger, []).append(term)
        found = [due(terms, trigger_at, self._calendar) for terms in groups.values()]
        if not found:
            return None
        ends = [one.at for deadline in found for one in deadline.all]
        return Window(min(ends), max(ends), any(deadline.unconfirmed for deadline in found))


class OpenDeadline(msgspec.Struct, frozen=True):
    """One thing that is due.

    Attributes:
        subject, state: The matter and the state that it is in.
        rule: What the law wants.
        next_actions: The actions that end the term or lead on to where it is ended, in the state of now.
        trigger_at, alarm_at: When the term began, and by when it must be done.
        latest_at: The latest end that a source gives.
        left: Time that is left; zero or less if it is late.
        has_term: False if the policy names no term for the rule: then it is due when it begins.
        unconfirmed: As in `Window`.
    """

    subject: str
    state: str
    rule: str
    next_actions: tuple[str, ...]
    trigger_at: datetime
    alarm_at: datetime
    latest_at: datetime
    left: timedelta
    has_term: bool
    unconfirmed: bool

    @property
    def is_late(self) -> bool:
        """Is the time over? `alarm_at` is the first instant that is too late."""
        return self.left <= timedelta(0)


def open_deadlines(
    view: View, schedule: Schedule, now: datetime, *, subjects: Collection[str] | None = None
) -> list[OpenDeadline]:
    """Return all that is due, the latest first, then by time, subject, rule and actions.

    Args:
        subjects: Only about these; at most some thousands.
    """
    moment(now)  # refuses an instant without a zone
    chosen = sa.select(TASKS) if subjects is None else sa.select(TASKS).where(TASKS.c.subject.in_(sorted(subjects)))
    due_for = sa.select(chosen.subquery().c.subject)
    states = {
        row.subject: (row.machine, row.state)
        for table in dict.fromkeys(TABLES.values())
        for row in view.execute(sa.select(table.c.subject, table.c.machine, table.c.state)
                                .where(table.c.subject.in_(due_for)))
    }  # fmt: skip
    found = []
    for task in view.execute(chosen):
        machine, state = states[task.subject]
        window, has_term = window_of(task.rule, task.term_ids, task.trigger_at, task.until_at, schedule)
        found.append(
            OpenDeadline(
                task.subject, state, task.rule.partition("@")[0], _towards(machine, state, task.name),
                instant(task.trigger_at), window.alarm_at, window.latest_at, window.alarm_at - now, has_term,
                window.unconfirmed,
            )
        )  # fmt: skip
    return sorted(found, key=lambda due: (due.alarm_at, due.subject, due.rule, due.next_actions, due.trigger_at))


@cache
def _towards(machine: str, state: str, task: str) -> tuple[str, ...]:
    return MACHINES[machine].towards(state, task)


def window_of(rule: str, term_ids: str, trigger_at: str, until_at: str, schedule: Schedule) -> tuple[Window, bool]:
    """Return when a running term ends, and whether somebody gave it a term: the policy, or a court by its decision."""
    if until_at:
        return Window(instant(until_at), instant(until_at)), True
    began = instant(trigger_at)
    try:
        window = schedule.window(rule, msgspec.json.decode(term_ids, type=tuple[str, ...]), began)
    except PolicyError:  # a year without a table, a moment out of range: due at once, and the others stay in sight
        return Window(began, began, unconfirmed=True), False
    return (window, True) if window is not None else (Window(began, began), False)
