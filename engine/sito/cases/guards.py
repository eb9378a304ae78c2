"""What else must hold before a step: the code behind each word of `states.Guard`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.deadlines import Schedule, window_of
from sito.cases.facts import moment
from sito.cases.machines import CASE, MACHINES, MEASURES, REMOVED, REPORTED, REVIEW
from sito.cases.notices import Notices
from sito.cases.projection import CASES, CHECKS, HITS, LIST_USES, MEASURE, NUMBERS, REPORTS, TABLES, TASKS
from sito.cases.roles import Role
from sito.cases.states import Guard, Transition
from sito.cases.takings import check_taken, taking_of
from sito.errors import CaseError
from sito.ledger import Caller, View
from sito.policy.allowance import Allowance
from sito.policy.calendar import MOSCOW


@dataclass
class Attempt:
    """One step that somebody wants to take, and what is known of it.

    Attributes:
        current: Row of the matter as it is; None for one that begins.
        first: The first of two steps, where this is the second.
        clear, sealed: Facts that were told; guards may add what follows from them.
        trigger_at: When the terms begin that begin with the step.
        taking: What it takes from an allowance.
    """

    view: View
    subject: str
    row: Transition
    current: Any
    clear: dict[str, Any]
    sealed: dict[str, Any]
    caller: Caller
    at: datetime
    schedule: Schedule
    notices: Notices
    allowances: Sequence[Allowance]
    first: Any = None
    trigger_at: str = field(default="")
    taking: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.trigger_at = self.clear.get("trigger_at", moment(self.at))


def guard(attempt: Attempt) -> None:
    """Check all guards of a step.

    Raises:
        CaseError: CAS111 a hit of grade exact is to be rejected by one alone; CAS112 a term is not over; CAS113
            something else forbids the operation; CAS114 no use of a list was logged since the check before; CAS115 a
            measure that does not fit the case; CAS116 a suspension would end earlier; CAS117 hits came that were not
            seen; CAS118 no removal from the list was noted; CAS119 more than an allowance has left; CAS120 no
            allowance, or nothing taken from it; CAS122 to CAS125, CAS128 a message that does not fit, is one too many,
            was changed, has a number, or is another sender's; CAS301, CAS303 a notice that is not permitted.
    """
    for word in attempt.row.guards:
        _GUARDS[word](attempt)


def _all_hits_seen(attempt: Attempt) -> None:
    """What somebody decides on is what they saw; of two, both of them."""
    case, seen = attempt.current, attempt.clear["seen"]
    if seen > case.last_sequence and seen > attempt.view.head()[0]:
        raise CaseError("CAS103", expected="an event that is there", got="a later one", where=attempt.subject)
    if seen < case.hit_sequence:
        raise CaseError(
            "CAS117", expected=f"seen of {case.hit_sequence} or later: hits were added", got=f"{seen}",
            where=attempt.subject, todo="look at the case again, then tell its last event as seen",
        )  # fmt: skip
    if attempt.first is not None and attempt.first.sequence < case.hit_sequence:
        action = attempt.row.second_to
        raise CaseError(
            "CAS117", expected=f"{action} after event {case.hit_sequence}, by which hits were added",
            got=f"one by event {attempt.first.sequence}", where=attempt.subject,
            todo="let the first of the two look again: send_back and confirm, or escalate",
        )  # fmt: skip


def _no_exact_hit(attempt: Attempt) -> None:
    exact = sa.select(sa.func.count()).where(HITS.c.subject == attempt.subject, HITS.c.grade == "exact")
    if count := attempt.view.execute(exact).scalar():
        raise CaseError(
            "CAS111", expected="no hit of grade exact", got=f"{count}", where=attempt.subject,
            todo="escalate the case: the head decides then",
        )  # fmt: skip


def _term_over(attempt: Attempt) -> None:
    """The term has to be over by every source, for what comes next sets money free."""
    tasks = attempt.view.execute(
        sa.select(TASKS).where(
            TASKS.c.subject == attempt.subject, TASKS.c.name.in_(attempt.row.ends), TASKS.c.name != REVIEW
        )
    ).all()  # how long somebody else may look into it holds nothing
    windows = [window_of(t.rule, t.term_ids, t.trigger_at, t.until_at, attempt.schedule) for t in tasks]
    known = bool(windows) and all(has_term for _, has_term in windows)
    end = max((window.latest_at for window, _ in windows), default=None)
    if not known or end is None or attempt.at < end:
        got = f"one that ends at {moment(end)}" if known and end else "one of which no end is known"
        raise CaseError("CAS112", expected="a term that is over", got=got, where=attempt.subject)
    if attempt.caller.role == Role.SYSTEM and any(window.unconfirmed for window, _ in windows):
        raise CaseError(
            "CAS112", expected="a term that is over", got="one by a calendar that is not confirmed",
            where=attempt.subject, todo="let an officer look at the calendar and do it",
        )  # fmt: skip
    attempt.trigger_at = moment(end)


def _not_shorter(attempt: Attempt) -> None:
    """What one person tells of an order or a court must not let a suspension end before its running term does."""
    row, until = attempt.row, attempt.clear.get("until", "")
    rules = [*row.begins, *(row.begins_until if until else ())]
    begun = [window_of(rule, "[]", attempt.trigger_at, until, attempt.schedule) for rule in rules]
    end = min((window.latest_at for window, has_term in begun if has_term), default=None)
    running = attempt.view.execute(
        sa.select(TASKS).where(TASKS.c.subject == attempt.subject, TASKS.c.name.in_(row.ends), TASKS.c.name != REVIEW)
    ).all()
    before = [window_of(t.rule, t.term_ids, t.trigger_at, t.until_at, attempt.schedule) for t in running]
    latest = max((window.latest_at for window, has_term in before if has_term), default=attempt.at)
    if until and attempt.row.state == "court_hold" and not before:
        raise CaseError(
            "CAS116", expected="no end of a hold that has none", got=until, where=attempt.subject,
            todo="two persons end it: court, cancel_court; then tell the court's decision with its end",
        )  # fmt: skip
    if end is not None and (end < latest or end <= attempt.at):
        raise CaseError(
            "CAS116", expected=f"an end not before {moment(latest)}", got=moment(end), where=attempt.subject,
            todo="two persons end a suspension before its time: ask_end, end",
        )  # fmt: skip


def _nothing_forbids(attempt: Attempt) -> None:
    """No other measure holds the client's funds or the operation, and no open case waits on it.

    A suspension of another operation of the same client holds that one alone; one that names no operation holds all.
    """
    own = attempt.current
    one_side = []
    clients = {own.client_id} - {""}
    if own.operation_id:  # whoever began the suspension may not have told whose payment it is
        whose = sa.select(CASES.c.client_id).where(CASES.c.record_id == own.operation_id, CASES.c.client_id != "")
        clients |= set(attempt.view.execute(whose).scalars())
    if clients:
        holds_all = sa.or_(
            MEASURE.c.machine == "freeze", sa.and_(MEASURE.c.machine == "suspension", MEASURE.c.operation_id == "")
        )
        one_side.append(sa.and_(MEASURE.c.client_id.in_(sorted(clients)), holds_all))
    if own.operation_id:
        one_side.append(MEASURE.c.operation_id == own.operation_id)
    holding = sa.or_(
        *(sa.and_(MEASURE.c.machine == name, MEASURE.c.state.in_(sorted(MACHINES[name].in_force))) for name in MEASURES)
    )
    others = sa.select(MEASURE.c.subject).where(MEASURE.c.subject != own.subject, holding, sa.or_(*one_side))
    found = list(attempt.view.execute(others).scalars()) if one_side else []
    if own.operation_id:
        waiting = sa.select(CASES.c.subject).where(
            CASES.c.record_id == own.operation_id, CASES.c.state.in_(sorted(CASE.open_states))
        )
        found += attempt.view.execute(waiting).scalars()
    if found:
        raise CaseError(
            "CAS113", expected="nothing else that forbids the operation", got=", ".join(sorted(found)[:5]),
            where=attempt.subject, todo="end those first, or end this suspension without executing",
        )  # fmt: skip


def _list_used(attempt: Attempt) -> None:
    """A check of clients without any list looked at since the check before is one that cannot have been made."""
    before = sa.select(sa.func.max(CHECKS.c.finished_at)).where(CHECKS.c.subject != attempt.subject)
    since = attempt.view.execute(before).scalar() or ""
    used = attempt.view.execute(sa.select(sa.func.max(LIST_USES.c.used_at))).scalar() or ""
    if attempt.clear["client_count"] and not used > since:
        raise CaseError(
            "CAS114", expected="a use of a list since the check before", got="none", where=attempt.subject,
            todo="load or look up a list and check again",
        )  # fmt: skip
    if attempt.clear["match_count"] > attempt.clear["client_count"]:
        raise CaseError("CAS103", expected="matches of checked clients", got="more matches", where=attempt.subject)


def _permitted(attempt: Attempt) -> None:
    about = attempt.clear.get("about") or attempt.current.about
    template_id = attempt.clear.get("template_id") or attempt.current.template_id
    measure = attempt.view.execute(sa.select(MEASURE).where(MEASURE.c.subject == about)).first()
    machine, state = (measure.machine, measure.state) if measure is not None else ("no measure", "none")
    on = attempt.at.astimezone(MOSCOW).date()
    template = attempt.notices.permitted(template_id, machine=machine, state=state, on=on)
    if "fields" in attempt.sealed:
        attempt.sealed["text"] = attempt.notices.text(template, attempt.sealed["fields"])


def _measure_fits(attempt: Attempt) -> None:
    measure, case = attempt.clear["measure"], attempt.current
    if measure == "freeze" and not case.client_id:
        raise CaseError("CAS115", expected="a client to freeze", got="a case without one", where=attempt.subject)
    if measure == "suspension" and case.occasion != "payment":
        raise CaseError("CAS115", expected="a payment to suspend", got=f"a case of {case.occasion}", where=case.subject)
    # To do less about an exact hit than the law wants is as much as to reject it.
    is_less = measure == "none" or (case.verdict == "freeze" and measure != "freeze")
    if is_less and attempt.row.state != "escalated":
        _no_exact_hit(attempt)


def _removal_noted(attempt: Attempt) -> None:
    """Removal from the list is a fact of a list, with its edition, and not one person's word."""
    if attempt.clear["lift_ground"] != "delisted":
        return
    noted = sa.select(TASKS.c.sequence).where(TASKS.c.subject == attempt.subject, TASKS.c.name == REMOVED)
    if attempt.view.execute(noted).first() is None:
        raise CaseError(
            "CAS118", expected="a removal from the list that was noted", got="none", where=attempt.subject,
            todo="note it first with list, entry and edition: delist or delist_by_notice",
        )  # fmt: skip


def _rests_on_entry(attempt: Attempt) -> None:
    """A freeze that came of a case rests on the entries that its case was about, and is lifted with no others."""
    case, told = attempt.current.case_subject, attempt.clear
    rows = attempt.view.execute(sa.select(HITS).where(HITS.c.subject == case)).all() if case else []
    for row in rows:
        former = {one["entry_id"] for one in msgspec.json.decode(row.former_ids)}
        if row.list_id == told["list_id"] and told["entry_id"] in {row.entry_id, *former}:
            return
    if rows:
        raise CaseError(
            "CAS121", expected="an entry that the freeze rests on", got="another", where=attempt.subject,
            todo=f"see the hits of {case}",
        )  # fmt: skip


def _allowance_left(attempt: Attempt) -> None:
    attempt.taking = taking_of(attempt.view, attempt.allowances, attempt.current, attempt.clear, attempt.at)


def _was_taken(attempt: Attempt) -> None:
    check_taken(attempt.view, attempt.current, attempt.clear["release_sequence"])


def _report_fits(attempt: Attempt) -> None:
    """A message is about a matter of which there is something to tell, and one at a time is on its way."""
    told = attempt.clear
    kind, about = told["kind"], told.get("about", "")
    if (kind == "deletion") != (told["record_type"] == "deletion") or told["record_type"] == "correction":
        raise CaseError("CAS122", expected="a record type that fits", got=told["record_type"], where=f"fes of {kind}")
    if not about and kind == "operation":
        return
    machine, states = REPORTED[kind]
    rows = attempt.view.rows_of(TABLES[machine], about) if about.partition(":")[0] == machine else []
    if not rows or rows[0].state not in states:
        raise CaseError(
            "CAS122", expected=f"a {machine} in state {', '.join(sorted(states))}", where=about or f"fes of {kind}",
            got=rows[0].state if rows else "another matter, or none",
        )  # fmt: skip
    others = sa.select(REPORTS.c.subject, REPORTS.c.state).where(REPORTS.c.about == about, REPORTS.c.kind == kind)
    going = [row for row in attempt.view.execute(others) if row.state not in _OVER]
    if going:
        raise CaseError(
            "CAS123", expected="one message at a time of this kind about a matter", where=about,
            got=f"{going[0].subject} in state {going[0].state}", todo="go on with that one, or drop or delete it",
        )  # fmt: skip


_OVER = frozenset({"accepted", "dropped", "deleted"})


def _same_content(attempt: Attempt) -> None:
    """Who approves has seen what is sent: its digest is told, and is that of the draft."""
    told = attempt.clear["content_digest"]
    if "content" in attempt.sealed:
        if hashlib.sha256(attempt.sealed["content"].encode()).hexdigest() != told:
            raise CaseError("CAS103", expected="the digest of the content", got="another", where=attempt.subject)
    elif attempt.current.content_digest != told:
        raise CaseError(
            "CAS124", expected=f"the content {attempt.current.content_digest[:12]}", got="another digest",
            where=attempt.subject, todo="look at the draft as it is now, and approve that",
        )  # fmt: skip


def _unnumbered(attempt: Attempt) -> None:
    given = sa.select(NUMBERS.c.number).where(NUMBERS.c.subject == attempt.subject).limit(1)
    if attempt.view.execute(given).first() is not None:
        raise CaseError(
            "CAS125", expected="a message without a number", got="one that has one, which must not be lost",
            where=attempt.subject, todo="mend it and send it; delete it afterwards if it should not be",
        )  # fmt: skip


def _own_attempt(attempt: Attempt) -> None:
    """A sender that was slow speaks of its own attempt, and not of the one that somebody made after it."""
    told, current = attempt.clear.get("attempt", ""), attempt.current.attempt
    if told and told != current:
        raise CaseError("CAS128", expected=f"attempt {current}", got="another one", where=attempt.subject)


_GUARDS: dict[Guard, Callable[[Attempt], None]] = {
    Guard.SEEN: _all_hits_seen,
    Guard.NO_EXACT_HIT: _no_exact_hit,
    Guard.TERM_OVER: _term_over,
    Guard.NOT_SHORTER: _not_shorter,
    Guard.NOTHING_FORBIDS: _nothing_forbids,
    Guard.LIST_USED: _list_used,
    Guard.PERMITTED: _permitted,
    Guard.MEASURE_FITS: _measure_fits,
    Guard.REMOVAL_NOTED: _removal_noted,
    Guard.RESTS_ON: _rests_on_entry,
    Guard.ALLOWED: _allowance_left,
    Guard.TAKEN: _was_taken,
    Guard.REPORT_FITS: _report_fits,
    Guard.SAME_CONTENT: _same_content,
    Guard.UNNUMBERED: _unnumbered,
    Guard.OWN_ATTEMPT: _own_attempt,
}
