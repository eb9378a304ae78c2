"""What happened in a period, counted in one pass over the ledger, and which terms were not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from sito.cases.deadlines import window_of
from sito.cases.machines import MACHINES
from sito.cases.pages import is_step
from sito.cases.projection import ATTEMPT_REFUSED, HITS_SILENCED
from sito.cases.reception import PERSONAL_SHOWN
from sito.ledger import Stored
from sito.papers.period import PAPER_WRITTEN
from sito.papers.registers import HOLDING
from sito.papers.source import Source

# Kinds of events that count what servers have screened and looked up; the server's room is above this one.
PAYMENTS_SCREENED, NAMES_LOOKED_UP, NOT_TAKEN = "payments_screened", "names_looked_up", "screening_not_taken"
_STEPS = frozenset(row.event for machine in MACHINES.values() for row in machine.rows)
_OTHERS = frozenset({ATTEMPT_REFUSED, HITS_SILENCED, PERSONAL_SHOWN, PAPER_WRITTEN})
_COUNTS = frozenset({PAYMENTS_SCREENED, NAMES_LOOKED_UP, NOT_TAKEN})


@dataclass(frozen=True)
class Late:
    """A term that was not kept; `done_at` is None where nothing was done by the end of the period.

    `unconfirmed`: by the calendar of a year that is not confirmed.
    """

    subject: str
    rule: str
    began_at: datetime
    due_at: datetime
    done_at: datetime | None
    unconfirmed: bool


@dataclass
class Tally:
    """What was counted.

    Attributes:
        kinds: How often each kind of event came in the period. sums: Sums of the numbers that servers counted.
        refused: Refused attempts by their code. reports: Messages to the authority by (kind, event).
        late_reports: Messages of a kind that were sent when their time was over.
        standing: How many matters of a machine were in a state at the end of the period.
        late: Terms that were not kept, in the order in which they were due.
        termless: Tasks of the period for which the policy has no term.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reports: Counter[tuple[str, str]] = field(default_factory=Counter)
    late_reports: Counter[str] = field(default_factory=Counter)
    standing: Counter[tuple[str, str]] = field(default_factory=Counter)
    late: list[Late] = field(default_factory=list)
    termless: int = 0


def count(source: Source) -> Tally:
    """Count what happened in the period; all events up to its end are read once."""
    tally, period = Tally(), source.period
    tasks: dict[tuple[str, str], list[dict[str, Any]]] = {}
    states: dict[str, tuple[str, str]] = {}
    kinds_of: dict[str, str] = {}
    for stored in source.cut.events(source.view, kinds=_STEPS | _OTHERS | _COUNTS):
        if stored.at >= period.end:
            continue
        is_within = period.holds(stored.at)
        if is_within:
            _count(tally, stored)
        if not is_step(stored):
            continue
        facts, subject = stored.event.facts, stored.event.subject
        states[subject] = (facts["machine"], facts["state"])
        if facts["machine"] == "fes":
            _report(tally, stored, kinds_of, is_within)
        for task in _ended(tasks, stored):
            if is_within:
                _judge(source, tally, subject, task, stored.at)
        for task in facts["begins"]:
            tasks.setdefault((subject, task["name"]), []).append(task)
    for (subject, _), open_tasks in tasks.items():
        for task in open_tasks:
            _judge(source, tally, subject, task, None)
    tally.standing.update(states.values())
    tally.late.sort(key=lambda one: (one.due_at, one.subject, one.rule))
    return tally


def _count(tally: Tally, stored: Stored) -> None:
    facts, kind = stored.event.facts, stored.event.kind
    tally.kinds[kind] += 1
    if kind == ATTEMPT_REFUSED:
        tally.refused[str(facts.get("code", ""))] += 1
    elif kind in _COUNTS:
        tally.sums.update({name: value for name, value in facts.items() if type(value) is int})


def _report(tally: Tally, stored: Stored, kinds_of: dict[str, str], is_within: bool) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    if "kind" in facts:
        kinds_of[subject] = facts["kind"]
    is_again = stored.event.kind == "fes_drafted" and facts["from"]  # a draft that was written anew
    if not is_within or is_again:
        return
    kind = kinds_of.get(subject, "")
    tally.reports[kind, stored.event.kind] += 1
    due_at = facts.get("due_at")
    if stored.event.kind == "fes_sent" and due_at and datetime.fromisoformat(due_at) <= stored.at:
        tally.late_reports[kind] += 1


def _ended(tasks: dict[tuple[str, str], list[dict[str, Any]]], stored: Stored) -> Iterator[dict[str, Any]]:
    """Yield the tasks that end with a step, and forget them: as the tables of cases do it."""
    facts, subject = stored.event.facts, stored.event.subject
    for name in facts["ends"]:
        yield from tasks.pop((subject, name), ())
    for name in facts["ends_one"]:
        if found := tasks.get((subject, name)):
            yield found.pop(0)


def _judge(source: Source, tally: Tally, subject: str, task: dict[str, Any], done_at: datetime | None) -> None:
    if task["name"] in HOLDING:  # until then an operation is held: that is no duty that could be late
        return
    terms = msgspec.json.encode(task["term_ids"]).decode()
    window, has_term = window_of(task["rule"], terms, task["trigger_at"], task["until_at"], source.schedule)
    if not has_term:
        tally.termless += 1
    elif window.alarm_at <= (source.period.end if done_at is None else done_at):
        rule, began = task["rule"].partition("@")[0], datetime.fromisoformat(task["trigger_at"])
        tally.late.append(Late(subject, rule, began, window.alarm_at, done_at, window.unconfirmed))
