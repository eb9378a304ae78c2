"""Which events a step becomes: its own, and those of what it does besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from sito.cases.deadlines import Schedule
from sito.cases.facts import check_facts, moment
from sito.cases.guards import Attempt, guard
from sito.cases.machines import MACHINES, RULING, SUSPENDED, TOLD_BY
from sito.cases.matches import matches_of
from sito.cases.notices import Notices
from sito.cases.numbering import deleted_before, due_of, numbers_of
from sito.cases.projection import AGREED, STEPS, TABLES, agreed, scope_of
from sito.cases.roles import People
from sito.cases.states import BEGIN, Effect, Machine, Transition
from sito.errors import CaseError
from sito.ledger import Caller, Event, View
from sito.policy.allowance import Allowance

_MATTER = re.compile(r"[a-z]+:[0-9]{1,18}", re.ASCII)
REJECTED_RULE = "HOUSE-REJECTED"  # whose term says how long a rejected match is remembered


@dataclass
class Turn:
    """One request at work.

    Attributes:
        view: What it sees.
        personal: What is sealed with its events besides their facts.
        is_placed: Was it found out here to which case its hits belong, and not told by somebody?
    """

    view: View
    caller: Caller
    at: datetime
    personal: dict[str, Any] = field(default_factory=dict)
    is_placed: bool = False


class Steps:
    """Makes events of steps that are allowed. Immutable; threads may share it."""

    def __init__(self, schedule: Schedule, people: People, notices: Notices, allowances: Sequence[Allowance]) -> None:
        self._schedule = schedule
        self._people = people
        self._notices = notices
        self._allowances = tuple(allowances)

    def begin(self, turn: Turn, machine: Machine, action: str, facts: Mapping[str, Any]) -> list[Event]:
        """Return the events by which a matter begins."""
        row = machine.row(BEGIN, action)
        if row is None:
            raise _not_here(machine.name, action, "nothing yet", [row.action for row in machine.rows_from(BEGIN)])
        number = turn.view.highest(TABLES[machine.name], machine.name) + 1
        return self._events(turn, f"{machine.name}:{number}", row, None, facts, number=number)

    def step(
        self, turn: Turn, subject: str, action: str, facts: Mapping[str, Any], *, state: str = "", follows: bool = False
    ) -> list[Event]:
        """Return the events of one step.

        Args:
            state: What an event before it in the same request has made of the matter.
            follows: It follows from a step of another matter, which those have taken who may and have to.
        """
        machine = MACHINES[subject.partition(":")[0]]
        found = turn.view.rows_of(TABLES[machine.name], subject)
        current = found[0] if found else None
        if current is None:
            raise CaseError("CAS106", expected="a matter that is there", got="another number", where=shown(subject))
        row = machine.row(state or current.state, action)
        if row is None:
            allowed = [row.action for row in machine.rows_from(current.state)]
            raise _not_here(subject, action, current.state, allowed)
        return self._events(turn, subject, row, current, facts, follows=follows)

    def _events(
        self, turn: Turn, subject: str, row: Transition, current: Any, given: Mapping[str, Any], *, number: int = 0,
        follows: bool = False,
    ) -> list[Event]:  # fmt: skip
        """Check a step against all that is known, and return its events: its own, and those of its effects.

        Raises:
            CaseError: CAS103 also for hits of another client: they would get into a case that is not theirs.
        """
        if turn.caller.role not in row.roles and not follows:
            roles = " or ".join(row.roles)
            where = f"{subject} in state {row.state}"
            raise CaseError("CAS204", expected=f"a caller who is {roles}", got=turn.caller.role, where=where)
        clear, sealed = check_facts(row, given)
        first = None if follows else self._first(turn, subject, row, clear)
        if current is not None and "screening" in clear:
            _check_screening(turn, row, current, clear["screening"])
        _check_began(turn, row, current, clear)
        attempt = Attempt(
            turn.view, subject, row, current, clear, sealed, turn.caller, turn.at, self._schedule, self._notices,
            self._allowances, first,
        )  # fmt: skip
        guard(attempt)
        machine = subject.partition(":")[0]
        facts: dict[str, Any] = {
            **clear, "machine": machine, "action": row.action, "from": row.state, "state": row.target,
            "second_to": row.second_to, "begins": self._begins(attempt), "ends": list(row.ends),
            "ends_one": list(row.ends_one),
        }  # fmt: skip
        if row.state == BEGIN:
            facts["number"] = number
        if RULING in row.begins and machine == "case":
            facts["duty_at"] = attempt.trigger_at
        if Effect.REMEMBER in row.effects:
            window = self._schedule.window(REJECTED_RULE, (), turn.at)
            facts["matches"] = list(matches_of(turn.view, subject, window.alarm_at if window else turn.at))
        if Effect.FORGET in row.effects:
            facts["forgets"] = True
        if Effect.TAKE in row.effects and attempt.taking is not None:
            facts["taking"] = attempt.taking
        if machine == "fes":
            self._report(turn, row, current, facts)
        events = [Event(row.event, subject, facts, (sealed | turn.personal) or None)]
        if Effect.MEASURE in row.effects:
            events += self._measure(turn, current, clear)
        if Effect.NEXT in row.effects:
            # The term to the next audit runs from this one, not from when the head read of it.
            began = {"trigger_at": current.reported_at} if machine == "audit" else {}
            events += self.begin(turn, MACHINES[machine], "plan", began)
        if Effect.TELL in row.effects:
            events += self._told(turn, current)
        if Effect.DELETE in row.effects and current.kind == "deletion":
            events += self._follow(turn, current.about, "delete", _mark(current))
        return events

    def _report(self, turn: Turn, row: Transition, current: Any, facts: dict[str, Any]) -> None:
        """Add to the facts of a message's step what follows from what is there: numbers, type, when it was due."""
        if row.event == "fes_corrected":
            facts |= {"record_type": "correction", "file_series": "", "file_name": "", "message_date": ""}
        if row.action == "sign":
            facts["cause"] = ""  # what kept an earlier one from leaving says nothing of this one
        if Effect.NUMBER in row.effects:
            facts |= numbers_of(turn.view, current, facts)
        if Effect.TELL in row.effects and (due_at := due_of(turn.view, current, self._schedule)) is not None:
            facts["due_at"] = moment(due_at)

    def _told(self, turn: Turn, report: Any) -> list[Event]:
        """Return the steps by which others learn that a message went: what it is about, and what it stands for."""
        if report.kind == "deletion" or not report.about:
            return []
        action = TOLD_BY[report.about.partition(":")[0]]
        events = self._follow(turn, report.about, action, _mark(report))
        for subject in deleted_before(turn.view, report):
            events += self._follow(turn, subject, "replace", _mark(report))
        return events

    def _follow(self, turn: Turn, subject: str, action: str, mark: str) -> list[Event]:
        """Return the events of a step that follows, none where the matter is over: the message went all the same."""
        machine = MACHINES[subject.partition(":")[0]]
        found = turn.view.rows_of(TABLES[machine.name], subject)
        if not found or machine.row(found[0].state, action) is None:
            return []
        return self.step(turn, subject, action, {"message_id": mark}, follows=True)

    def _first(self, turn: Turn, subject: str, row: Transition, clear: Mapping[str, Any]) -> Any:
        """Return the first of two steps, which somebody else has to have taken; None if one person is enough."""
        if not row.second_to:
            return None
        where = f"{subject} in state {row.state}"
        taken = turn.view.rows_of(STEPS, subject)
        first = next((one for one in taken if one.action == row.second_to), None)
        if first is None:
            raise CaseError("CAS108", expected=f"{row.second_to} by somebody else before", got="none", where=where)
        if self._people.are_one(first.by, turn.caller.name):
            raise CaseError(
                "CAS205", expected=f"another person than did {row.second_to}", got="the same", where=where,
                todo="ask a colleague: four eyes",
            )  # fmt: skip
        asked = msgspec.json.decode(first.agreed, type=dict[str, Any])
        told = msgspec.json.decode(agreed(clear), type=dict[str, Any])
        names = [name for name in AGREED if name in (*row.needs, *row.may) and asked.get(name) != told.get(name)]
        if any(name in asked for name in AGREED) and names:
            raise CaseError(
                "CAS109", expected=f"what {row.second_to} asked for", got="another " + ", ".join(names), where=where,
                todo="tell the same, or let somebody ask anew: four eyes see the same thing",
            )  # fmt: skip
        return first

    def _begins(self, attempt: Attempt) -> list[dict[str, Any]]:
        """Return the terms that begin with a step."""
        row, clear, found = attempt.row, attempt.clear, []
        now, began = moment(attempt.at), attempt.trigger_at
        until = clear.get("until", "")
        names = [(name, began, "") for name in row.begins] + [(name, now, "") for name in row.begins_now]
        names += [(name, began, until) for name in row.begins_until if until]
        for name, trigger_at, until_at in names:
            rule = name
            term_ids: list[str] = []
            if name == RULING:
                rule, term_ids = self._ruling(attempt)
                # A ruling without a term: nothing has to be done by a time. Who begins a measure and names none means
                # all of its rule.
                is_whole = attempt.current is None and "screening" not in clear and rule in self._schedule.rules()
                if not term_ids and not is_whole:
                    continue
            found.append(
                {"name": name, "rule": rule, "trigger_at": trigger_at, "until_at": until_at, "term_ids": term_ids}
            )
        return found

    def _ruling(self, attempt: Attempt) -> tuple[str, list[str]]:
        """Return rule and terms that ruled: of this screening, of this step, or of the screening before."""
        if (screening := attempt.clear.get("screening")) is not None:
            return screening["ruling"]["rule_id"], list(screening["ruling"]["term_ids"])
        if attempt.current is None:
            return attempt.clear["rule_id"], list(attempt.clear.get("term_ids", ()))
        return attempt.current.rule_id, _terms(attempt.current.term_ids)

    def _measure(self, turn: Turn, case: Any, clear: Mapping[str, Any]) -> list[Event]:
        """Begin the measure that was confirmed and is approved; its duty began when that of the case did."""
        machine = case.measure
        if machine == "none":
            return []
        # Who approves must not let it be over at once by an earlier beginning: the first of two wanted it to hold.
        began = clear.get("trigger_at", case.duty_at)
        if machine == "suspension" and began < case.duty_at:
            raise CaseError(
                "CAS116", expected=f"a suspension that begins not before {case.duty_at}", got=began, where=case.subject,
                todo="leave trigger_at out: the term runs from when the duty of the case began",
            )  # fmt: skip
        told: dict[str, Any] = {
            "case_subject": case.subject, "rule_id": case.rule_id, "term_ids": _terms(case.term_ids),
            # A payment that is to come is no reason to wait with what is not about it alone.
            "trigger_at": began if machine == "suspension" or "trigger_at" in clear else min(began, moment(turn.at)),
        }  # fmt: skip
        if case.client_id:
            told["client_id"] = case.client_id
        if case.occasion == "payment" and machine != "freeze":
            told["operation_id"] = case.record_id
        if machine == "refusal":
            told["refusal_ground"] = "remote_opening" if case.occasion == "remote_opening" else "listed"
        action = "apply" if machine == "suspension" else "propose"
        return self.begin(turn, MACHINES[machine], action, told)


def _check_began(turn: Turn, row: Transition, current: Any, clear: Mapping[str, Any]) -> None:
    """Refuse a term that begins later, which would never be late, but where a payment to come begins it."""
    is_payment = row.state != BEGIN and getattr(current, "occasion", "") == "payment"
    if turn.is_placed or is_payment or SUSPENDED in row.begins or clear.get("trigger_at", "") <= moment(turn.at):
        return
    raise CaseError(
        "CAS103", expected="trigger_at that is not later than the step", got=clear["trigger_at"], where=row.event
    )


def _check_screening(turn: Turn, row: Transition, case: Any, screening: Mapping[str, Any]) -> None:
    if screening.get("client_id", "") != case.client_id:
        raise CaseError("CAS103", expected="a screening of the case's client", got="another's", where=case.subject)
    told = (screening["record_id"], scope_of(screening["occasion"]))
    # A case of a payment holds that payment: hits of another one must not take its place, nor wait for it unseen.
    # Only where a rejection holds no more, a later payment takes over the case of one that was let through.
    if turn.is_placed:
        return
    own = (case.record_id if case.occasion == "payment" else told[0], scope_of(case.occasion))
    if told != own and (row.action == "reopen" or case.occasion == "payment"):
        raise CaseError("CAS103", expected="a screening of the case's payment", got="another's", where=case.subject)


def _mark(report: Any) -> str:
    """Return the number by which a message is known: of its record, or where it has none of its file."""
    return str(report.record_number or report.file_name)


def _terms(text: str) -> list[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []


def _not_here(subject: str, action: str, state: str, allowed: Sequence[str]) -> CaseError:
    return CaseError(
        "CAS105", expected="one of " + (", ".join(dict.fromkeys(allowed)) or "no actions: it is over"),
        got=shown(action), where=f"{shown(subject)} in state {state}",
    )  # fmt: skip


def is_matter(text: str) -> bool:
    """Is this the name of a matter, as `case:12`? Whatever else comes from outside is asked of no database."""
    return _MATTER.fullmatch(text) is not None


def shown(text: str) -> str:
    """Return what may be stored and printed of a text from outside."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:255]) or "?"
