"""What people see of cases, measures, messages, notices and checks: lists, pages, and what the law wants next.

Everything here is read from one view of the ledger, so that a page is of one moment. Nothing is hidden from who may
look but personal data: they are opened only where that is asked for, and need the key of the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from sito.cases.deadlines import OpenDeadline, Schedule, open_deadlines
from sito.cases.facts import MARK_LENGTH_MAX, instant
from sito.cases.machines import MACHINES, MEASURES
from sito.cases.projection import ATTEMPT_REFUSED, GRADES, HITS, MEASURE, MESSAGES, NOTICES, STEPS, TABLES
from sito.cases.roles import Role
from sito.cases.states import Transition
from sito.cases.steps import is_matter, shown
from sito.cases.takings import AllowanceLeft, left_of
from sito.errors import CaseError
from sito.ledger import Stored, View
from sito.policy.allowance import Allowance
from sito.policy.calendar import moscow_day
from sito.policy.deadlines import DueState, left_until
from sito.policy.rules import Duty, Rule
from sito.policy.verdict import Policy, in_force

PAGE_COUNT_MAX = 1_000  # lines of one list, and matters that are asked about at once
HOURS_MAX = 100_000  # how far ahead it is asked what is due
NUMBER_MAX = (1 << 31) - 1  # of a matter, as the tables hold it
_ASKED = re.compile(f"[^\x00-\x1f\x7f\ud800-\udfff]{{1,{MARK_LENGTH_MAX}}}")


class NextDuty(msgspec.Struct, frozen=True):
    """One thing that has to be done, and by when.

    Attributes:
        subject, state: The matter, and the state that it is in.
        rule, law, words, message, decides, certainty: Of the rule or duty in the policy: where it stands, what it
            wants, kind of the message to Rosfinmonitoring, who decides, how sure that is. Empty if the policy has none.
        next_actions: Actions that end the term or lead on to where it is ended, in the state of now.
        trigger_at, alarm_at, latest_at: When it began; the first instant that is too late, by the source with the
            earliest end and by the one with the latest. UTC.
        left_h: Full hours left; below 0 it is late.
        urgency: How near it is.
        has_term: False if nobody gives a term: then it is due when it begins.
        unconfirmed: By the calendar of a year that is not confirmed; the true end may be another.
    """

    subject: str
    state: str
    rule: str
    law: str
    words: str
    message: str
    decides: str
    certainty: str
    next_actions: tuple[str, ...]
    trigger_at: datetime
    alarm_at: datetime
    latest_at: datetime
    left_h: int
    urgency: DueState
    has_term: bool
    unconfirmed: bool

    @property
    def is_late(self) -> bool:
        """Is the time over?"""
        return self.urgency is DueState.LATE


class MatterLine(msgspec.Struct, frozen=True, kw_only=True):
    """One matter in a list.

    Attributes:
        subject: As `case:12`. machine: The word before the number.
        opened_at, changed_at: UTC. opened_by: Name of a person, or of sito itself.
        due: What has to be done first; None if nothing is, or nobody asked.
    """

    subject: str
    number: int
    machine: str
    state: str
    opened_at: datetime
    changed_at: datetime
    opened_by: str
    due: NextDuty | None = None


class CaseLine(MatterLine, frozen=True, kw_only=True):
    """A case in a list; see `sito.cases.facts.Screening` for what the fields are of."""

    client_id: str
    record_id: str
    occasion: str
    rule_id: str
    verdict: str
    measure: str
    assignee: str


class MeasureLine(MatterLine, frozen=True, kw_only=True):
    """A freeze, suspension or refusal in a list; `case_subject` is the case that it follows from."""

    case_subject: str
    client_id: str
    operation_id: str
    rule_id: str
    law: str


class PaperLine(MatterLine, frozen=True, kw_only=True):
    """A message, notice, check, audit or ФЭС in a list; what its kind does not have is empty."""

    about: str = ""
    client_id: str = ""
    operation_id: str = ""
    category: str = ""
    message_id: str = ""
    template_id: str = ""
    channel: str = ""
    finished_at: str = ""
    report_number: str = ""
    reported_at: str = ""
    kind: str = ""
    record_number: str = ""
    file_name: str = ""
    status_name: str = ""


class EventLine(msgspec.Struct, frozen=True):
    """One event of a page.

    Attributes:
        action, from_state, state: Of the step that it was; empty for what was none.
        by, role: Who caused it.
        digest: Hexadecimal digits, as in the chain.
        has_personal: Did personal data come with it?
        personal: They; None if nobody asked, there were none, or they were deleted.
    """

    sequence: int
    at: datetime
    kind: str
    subject: str
    action: str
    from_state: str
    state: str
    by: str
    role: str
    request_id: str
    facts: dict[str, Any]
    digest: str
    has_personal: bool
    personal: dict[str, Any] | None = None


class NextStep(msgspec.Struct, frozen=True):
    """One action that is possible in the state of now.

    Attributes:
        roles: Who may take it. needs, may: Facts that must and that may be told.
        second_to: The action that somebody else must have taken before; empty: one person is enough.
        asked_by: Who took that one; empty if nobody has.
    """

    action: str
    target: str
    roles: tuple[str, ...]
    needs: tuple[str, ...]
    may: tuple[str, ...]
    second_to: str
    asked_by: str


class CasePage(msgspec.Struct, frozen=True):
    """All that is known of one matter.

    Attributes:
        title: What matters of its kind are for.
        line: As in a list.
        last_sequence: Of the last event that is a step of this very matter: who has seen the page has seen it so far.
        follows_from: Matters that it follows from, the first one first. followed_by: Those that follow from it.
        events: Of the matter and of those that follow from it, in their order; refused attempts too.
        hits: Of the matter, or of the case that it follows from, the strongest first.
        duties: What the law wants next, of the matter and of those that follow, what is due first first.
        steps: What can be done next.
        ledger_id, head_sequence, head_digest: The end of the chain when the page was made.
        allowances: What the client of a freeze may still be let have in the month of now.
    """

    subject: str
    machine: str
    title: str
    state: str
    line: CaseLine | MeasureLine | PaperLine
    last_sequence: int
    follows_from: tuple[str, ...]
    followed_by: tuple[str, ...]
    events: tuple[EventLine, ...]
    hits: tuple[dict[str, str], ...]
    duties: tuple[NextDuty, ...]
    steps: tuple[NextStep, ...]
    made_at: datetime
    ledger_id: str
    head_sequence: int
    head_digest: str
    allowances: tuple[AllowanceLeft, ...] = ()


_PAPERS = ("message", "notice", "check", "audit", "fes")
_Line = TypeVar("_Line", bound=MatterLine)


def list_cases(
    view: View, *, states: Collection[str] = (), client_id: str = "", assignee: str = "", after: int = 0,
    count: int = 100, schedule: Schedule | None = None, policy: Policy | None = None, now: datetime | None = None,
) -> list[CaseLine]:  # fmt: skip
    """Return cases by their number.

    Args:
        states: Only in these. client_id, assignee: Only of these; empty: any.
        after: Only with a higher number. count: At most so many.
        schedule, policy, now: Given all, each line says what is due first.

    Raises:
        CaseError: CAS110 a state that is none, or a count out of range.
    """
    told = {"client_id": client_id, "assignee": assignee}
    found = _lines(view, CaseLine, ("case",), states, told, f"case:{after}" if after else "", count)
    return _with_due(view, found, schedule, policy, now)


def list_measures(
    view: View, *, machines: Collection[str] = MEASURES, states: Collection[str] = (), client_id: str = "",
    operation_id: str = "", after: str = "", count: int = 100, schedule: Schedule | None = None,
    policy: Policy | None = None, now: datetime | None = None,
) -> list[MeasureLine]:  # fmt: skip
    """Return measures by kind and number.

    Args:
        machines: Of `freeze`, `suspension`, `refusal`. after: Only behind this one.
        The others: As for `list_cases`.

    Raises:
        CaseError: CAS110 a kind, state or subject that is none, or a count out of range.
    """
    told = {"client_id": client_id, "operation_id": operation_id}
    if set(machines) - set(MEASURES):
        raise _wrong("kinds of measures: " + ", ".join(MEASURES), "another", "machines")
    found = _lines(view, MeasureLine, machines, states, told, after, count)
    return _with_due(view, found, schedule, policy, now)


def list_papers(
    view: View, machine: str, *, states: Collection[str] = (), about: str = "", client_id: str = "", after: int = 0,
    count: int = 100, schedule: Schedule | None = None, policy: Policy | None = None, now: datetime | None = None,
) -> list[PaperLine]:  # fmt: skip
    """Return messages, notices, checks, audits or ФЭС by their number.

    Args:
        machine: Of `message`, `notice`, `check`, `audit`, `fes`. about: Only about this measure.
        The others: As for `list_cases`.

    Raises:
        CaseError: CAS110 a kind, state or subject that is none, or a count out of range.
    """
    if machine not in _PAPERS:
        raise _wrong("a kind of matter: " + ", ".join(_PAPERS), "another", "machine")
    told = {"about": about, "client_id": client_id}
    found = _lines(view, PaperLine, (machine,), states, told, f"{machine}:{after}" if after else "", count)
    return _with_due(view, found, schedule, policy, now)


def duties(
    view: View, *, schedule: Schedule, policy: Policy, now: datetime, subjects: Collection[str] | None = None,
    within: timedelta | None = None,
) -> list[NextDuty]:  # fmt: skip
    """Return what the law wants next, what is due first first.

    Args:
        policy: For the words of rules and duties. subjects: Only about these.
        within: Only what is late or due by then.

    Raises:
        CaseError: CAS110 subjects that are none.
    """
    if not all(map(is_matter, subjects or ())):
        raise _wrong("matters as case:12", "another text", "subjects")
    found = open_deadlines(view, schedule, now, subjects=subjects)
    return [_duty(one, policy, now) for one in found if within is None or one.left <= within]


def case_page(
    view: View, subject: str, *, schedule: Schedule, policy: Policy, now: datetime, with_personal: bool,
    role: Role | None = None, allowances: Sequence[Allowance] = (),
) -> CasePage:  # fmt: skip
    """Return the page of a matter of any kind.

    Args:
        with_personal: Open personal data; otherwise they are left out.
        role: Only steps of this role.
        allowances: Of the policy.

    Raises:
        CaseError: CAS106 there is no such matter.
        LedgerError: LED130 to LED133 personal data cannot be opened.
    """
    machine = MACHINES.get(subject.partition(":")[0]) if is_matter(subject) else None
    row = None
    if machine is not None:
        table = TABLES[machine.name]
        row = view.execute(sa.select(table).where(table.c.subject == subject)).first()
    if machine is None or row is None:
        raise CaseError("CAS106", expected="a matter that is there", got="another", where=shown(subject))
    line = msgspec.convert(_told(row, _line_type(machine.name)), _line_type(machine.name))
    before, after = _follows_from(view, subject), _followed_by(view, subject)
    stored = sorted(
        (one for name in (subject, *after) for one in view.events(subject=name)), key=lambda one: one.sequence
    )
    asked = {step.action: step.by for step in view.execute(sa.select(STEPS).where(STEPS.c.subject == subject))}
    first = next((name for name in (subject, *before) if name.startswith("case:")), subject)
    head_sequence, head_digest = view.head()
    return CasePage(
        subject, machine.name, machine.title, row.state, line,
        max((one.sequence for one in stored if one.event.subject == subject and is_step(one)), default=0),
        before, after, tuple(_event(view, one, with_personal) for one in stored), _hits(view, first),
        tuple(duties(view, schedule=schedule, policy=policy, now=now, subjects=(subject, *after))),
        tuple(_step(one, asked) for one in machine.rows_from(row.state, role)), now, view.ledger_id, head_sequence,
        head_digest.hex(),
        tuple(left_of(view, allowances, row, now)) if machine.row(row.state, "ask_release") is not None else (),
    )  # fmt: skip


def is_step(stored: Stored) -> bool:
    """Is this event a step of its matter, or only something that was seen or tried about it?"""
    return "action" in stored.event.facts and "machine" in stored.event.facts and stored.event.kind != ATTEMPT_REFUSED


def _line_type(machine: str) -> Any:
    return CaseLine if machine == "case" else MeasureLine if machine in MEASURES else PaperLine


def _told(row: Any, kind: type[MatterLine]) -> dict[str, Any]:
    """Return the columns of a row that a line has."""
    names = [field.name for field in msgspec.structs.fields(kind) if field.name in row._mapping]
    found = {name: row._mapping[name] for name in names}
    return found | {name: instant(found[name]) for name in ("opened_at", "changed_at")}


def _lines(  # noqa: PLR0917  (called three times, here)
    view: View, kind: type[_Line], machines: Collection[str], states: Collection[str], told: dict[str, str],
    after: str, count: int,
) -> list[_Line]:  # fmt: skip
    known = {state for name in machines for state in MACHINES[name].states}
    if set(states) - known:
        raise _wrong("states: " + ", ".join(sorted(known)), "another", "states")
    if not 1 <= count <= PAGE_COUNT_MAX:
        raise _wrong(f"1 to {PAGE_COUNT_MAX} lines", str(count), "count")
    names = sorted(set(machines))
    word, _, digits = after.partition(":")
    if after and (word not in names or not is_matter(after)):
        raise _wrong("a matter of the list", "another", "after")
    found: list[_Line] = []
    for name in names:
        if after and name < word:
            continue
        table = TABLES[name]
        chosen = sa.select(table).where(table.c.machine == name).order_by(table.c.number).limit(count - len(found))
        if states:
            chosen = chosen.where(table.c.state.in_(sorted(states)))
        for column, value in told.items():
            if value:
                if column not in table.c:
                    raise _wrong(f"a {name} with {column}", "none has one", column)
                if not _ASKED.fullmatch(value):
                    raise _wrong(f"1 to {MARK_LENGTH_MAX} characters, none of control", "others", column)
                chosen = chosen.where(table.c[column] == value)
        if name == word:
            chosen = chosen.where(table.c.number > min(int(digits), NUMBER_MAX))
        found += [msgspec.convert(_told(row, kind), kind) for row in view.execute(chosen)]
        if len(found) >= count:
            break
    return found


def _with_due(
    view: View, lines: list[_Line], schedule: Schedule | None, policy: Policy | None, now: datetime | None
) -> list[_Line]:
    if not lines or schedule is None or policy is None or now is None:
        return lines
    first: dict[str, NextDuty] = {}
    for one in duties(view, schedule=schedule, policy=policy, now=now, subjects=[line.subject for line in lines]):
        first.setdefault(one.subject, one)
    return [msgspec.structs.replace(line, due=first.get(line.subject)) for line in lines]


def _duty(open_: OpenDeadline, policy: Policy, now: datetime) -> NextDuty:
    law, words, message, decides, certainty = _words(policy, open_.rule, open_.trigger_at)
    left = left_until(open_.alarm_at, now)
    return NextDuty(
        open_.subject, open_.state, open_.rule, law, words, message, decides, certainty, open_.next_actions,
        open_.trigger_at, open_.alarm_at, open_.latest_at, left.left_h, left.state, open_.has_term, open_.unconfirmed,
    )  # fmt: skip


def _words(policy: Policy, rule: str, at: datetime) -> tuple[str, str, str, str, str]:
    """Return law, words, kind of message, who decides and certainty of a rule on the day when its term began."""
    day = moscow_day(at)
    both: tuple[Rule | Duty, ...] = (*policy.file.duties, *policy.file.rules)
    found = [one for one in both if in_force(one, day) and (one.id == rule or one.id.startswith(f"{rule}/"))]
    best = next((one for one in found if one.id == rule), found[0] if found else None)
    if best is None:
        return "", "", "", "", ""
    words = best.action if isinstance(best, Duty) else best.reason
    return best.law, words, best.message.value, best.decides.value, best.certainty.value


def _follows_from(view: View, subject: str) -> tuple[str, ...]:
    """Return what a matter follows from: the measure that a paper is about, and the case of a measure."""
    found: list[str] = []
    for table, column in ((MESSAGES, "about"), (NOTICES, "about"), (MEASURE, "case_subject")):
        here = found[0] if found else subject
        before = view.execute(sa.select(table.c[column]).where(table.c.subject == here)).scalar()
        if before and before not in {subject, *found}:  # somebody may have told a matter as its own cause
            found.insert(0, before)
    return tuple(found)


def _followed_by(view: View, subject: str) -> tuple[str, ...]:
    measures = view.execute(
        sa.select(MEASURE.c.subject)
        .where(MEASURE.c.case_subject == subject)
        .order_by(MEASURE.c.machine, MEASURE.c.number)
    )
    found = list(measures.scalars())
    for table in (MESSAGES, NOTICES):
        papers = sa.select(table.c.subject).where(table.c.about.in_([subject, *found])).order_by(table.c.number)
        found += view.execute(papers).scalars()
    return tuple(name for name in dict.fromkeys(found) if name != subject)


def _hits(view: View, subject: str) -> tuple[dict[str, str], ...]:
    rows = view.execute(sa.select(HITS).where(HITS.c.subject == subject))
    names = [column.name for column in HITS.c if column.name != "subject"]
    found = [{name: row._mapping[name] for name in names} for row in rows]
    found.sort(key=lambda hit: (GRADES.index(hit["grade"]), hit["list_id"], hit["entry_id"], hit["role"]))
    return tuple(found)


def _event(view: View, stored: Stored, with_personal: bool) -> EventLine:
    facts = stored.event.facts
    step = is_step(stored)
    return EventLine(
        stored.sequence, stored.at, stored.event.kind, stored.event.subject, facts.get("action", ""),
        facts["from"] if step else "", facts["state"] if step else "", stored.caller.name, stored.caller.role,
        stored.request_id, facts, stored.digest.hex(), stored.has_personal,
        view.personal(stored.sequence) if with_personal and stored.has_personal else None,
    )  # fmt: skip


def _step(row: Transition, asked: dict[str, str]) -> NextStep:
    return NextStep(
        row.action, row.target, tuple(role.value for role in row.roles), row.needs, row.may, row.second_to,
        asked.get(row.second_to, "") if row.second_to else "",
    )  # fmt: skip


def _wrong(expected: str, got: str, where: str) -> CaseError:
    """CAS110 a list that cannot be asked for."""
    return CaseError("CAS110", expected=expected, got=got, where=where)
