"""The one door through which cases, measures, messages, notices and checks are changed.

A step is checked against the state in the same transaction that stores it, so that of two who act at once the second
sees what the first did. The same request again gives the same answer and changes nothing. Whoever tries what he may not
is refused, and that is recorded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from sito.cases.deadlines import Schedule
from sito.cases.facts import CaseHit, Screening, check_facts, moment
from sito.cases.machines import MACHINES, TERM_RULES
from sito.cases.matches import Place, place_of
from sito.cases.notices import Notices, shipped_notices
from sito.cases.projection import ATTEMPT_REFUSED, HITS_SILENCED
from sito.cases.roles import People, Role, plain, role_of
from sito.cases.steps import REJECTED_RULE, Steps, Turn, shown
from sito.errors import CaseError
from sito.ledger import Caller, Event, Ledger, LedgerError, View
from sito.policy.allowance import Allowance, load_allowances

SYSTEM = Caller("sito", "system")
REQUEST_REUSED = "LED199"  # code of the ledger: the request id was used for another content


class Taken(msgspec.Struct, frozen=True):
    """One step that a request led to: which action on which matter, the state after it, and the event it became."""

    subject: str
    action: str
    state: str
    sequence: int


class Outcome(msgspec.Struct, frozen=True):
    """What a request led to; for a request that comes again, what it led to the first time."""

    steps: tuple[Taken, ...]

    @property
    def subject(self) -> str:
        """The matter of the first step."""
        return self.steps[0].subject

    @property
    def state(self) -> str:
        """The state after the first step."""
        return self.steps[0].state


class Desk:
    """Opens and changes matters in a ledger. Threads may share it.

    Attributes:
        allowances: What a frozen client may still have in a month; see `sito.cases.takings.left_of`.

    Args:
        ledger: Opened with `sito.cases.projection.PROJECTION`.
        schedule: Terms of the policy, which must have all rules that the machines name.
        people: Which names are one person.
        notices: What clients may be told; the shipped templates if none are given.
        allowances: What a frozen client may still have in a month; those that are shipped if none are given.

    Raises:
        CaseError: CAS107 the policy lacks the term of a rule.
    """

    def __init__(
        self, ledger: Ledger, *, schedule: Schedule, people: People | None = None, notices: Notices | None = None,
        allowances: Sequence[Allowance] | None = None,
    ) -> None:  # fmt: skip
        lacking = sorted({*TERM_RULES, REJECTED_RULE} - set(schedule.rules()))
        if lacking:
            raise CaseError(
                "CAS107", expected="terms of all rules that begin one", got="none of " + ", ".join(lacking),
                where="policy", todo="add the terms to the policy file",
            )  # fmt: skip
        self._ledger = ledger
        self.allowances = tuple(load_allowances() if allowances is None else allowances)
        self._steps = Steps(schedule, people or People(), notices or shipped_notices(), self.allowances)

    def open_case(
        self, screening: Screening, *, personal: dict[str, Any], caller: Caller, request_id: str, at: datetime,
        trigger_at: datetime | None = None,
    ) -> Outcome:  # fmt: skip
        """Bring the hits of one screening to where they belong: a new case, one that is open, or one that was closed.

        Hits that somebody rejected stay silent while that holds; that they were silent is recorded.

        Args:
            personal: The record as it was screened; sealed, and needed to screen it again.
            trigger_at: When the duty began, if not now: the placing of the list, the day the payment has to be made.

        Raises:
            CaseError: As in `act`.
        """
        facts: dict[str, Any] = {} if trigger_at is None else {"trigger_at": trigger_at}
        told = {"screening": screening, **facts}
        check_facts(_REPEAT, {"screening": screening})

        def work(view: View) -> list[Event]:
            turn = Turn(view, caller, at, {"record": personal}, is_placed=True)
            groups: dict[Place, list[CaseHit]] = {}
            for hit in screening.hits:
                groups.setdefault(place_of(view, screening, hit, at), []).append(hit)
            events: list[Event] = []
            # Whatever opens a case again goes first: the rest of its hits find it open, those it had silenced, too.
            for place, hits in sorted(groups.items(), key=lambda group: group[0].action != "reopen"):
                part = msgspec.structs.replace(screening, hits=tuple(hits))
                if place.action == "open":
                    events += self._steps.begin(turn, MACHINES["case"], "open", {**told, "screening": part})
                elif place.subject in {event.subject for event in events}:
                    events += self._steps.step(turn, place.subject, "repeat", {"screening": part}, state="reopened")
                elif place.action == "reopen":
                    again = {**told, "screening": part, "reopen_cause": place.cause}
                    events += self._steps.step(turn, place.subject, "reopen", again)
                elif place.action == "repeat":
                    events += self._steps.step(turn, place.subject, "repeat", {"screening": part})
                else:
                    facts, _ = check_facts(_REPEAT, {"screening": part})
                    events.append(Event(HITS_SILENCED, place.subject, facts))
            return events

        return self._request(
            work, "case", "open", told | {"personal": personal}, caller=caller, request_id=request_id, at=at
        )

    def begin(
        self, machine: str, action: str, facts: Mapping[str, Any], *, caller: Caller, request_id: str, at: datetime
    ) -> Outcome:
        """Begin a measure, message, notice or check; cases begin by `open_case`.

        Raises:
            CaseError: As in `act`.
        """
        found = MACHINES.get(machine)
        if found is None or found.name == "case":
            raise CaseError("CAS106", expected="a kind of matter that begins by itself", got="another", where="begin")

        def work(view: View) -> list[Event]:
            return self._steps.begin(Turn(view, caller, at), found, action, facts)

        return self._request(work, machine, action, facts, caller=caller, request_id=request_id, at=at)

    def act(
        self, subject: str, action: str, facts: Mapping[str, Any] | None = None, *, caller: Caller, request_id: str,
        at: datetime,
    ) -> Outcome:  # fmt: skip
        """Take one step.

        Args:
            subject: The matter, for example `case:12` or `freeze:3`.
            facts: What is told with the step; see the tables in docs/cases.md.
            caller: Name from a certificate or token, and its role.
            request_id: Of the caller; the same with the same content gives the first answer again.
            at: When it happens.

        Raises:
            CaseError: CAS101 to CAS104 wrong facts; CAS105 the action is not allowed in the state of now; CAS106 no
                such matter; CAS108 somebody else has to ask first; CAS109 other facts than were asked for; CAS111 to
                CAS120 something else does not hold; CAS2… wrong hands, which is recorded; CAS301, CAS303 a notice that
                is not permitted.
            LedgerError: The ledger could not store it, or the request id was used for something else.
        """
        told = dict(facts or {})

        def work(view: View) -> list[Event]:
            return self._steps.step(Turn(view, caller, at), subject, action, told)

        return self._request(work, subject, action, told, caller=caller, request_id=request_id, at=at)

    def _request(
        self, work: Callable[[View], Sequence[Event]], subject: str, action: str, facts: Mapping[str, Any], *,
        caller: Caller, request_id: str, at: datetime,
    ) -> Outcome:  # fmt: skip
        moment(at)
        done: list[Sequence[Event]] = []

        def noted(view: View) -> Sequence[Event]:
            done[:] = [work(view)]  # it may be asked again, after a commit that failed
            return done[0]

        digest = _digest(subject, action, facts, caller, request_id)
        try:
            plain(caller.name)
            self._check_role(subject, action, role_of(caller.role))
            receipt = self._ledger.transact(
                noted, request_id=request_id, caller=caller, at=at, request_digest=digest,
                about=subject if ":" in subject else "",
            )  # fmt: skip
        except (CaseError, LedgerError) as error:
            if error.code.startswith("CAS2") or error.code == REQUEST_REUSED:
                # By the name as it was shown: it may be none that anybody has.
                refused = {
                    "code": error.code, "action": shown(action), "name": shown(caller.name),
                    "role": shown(caller.role), "request_id": shown(request_id),
                }  # fmt: skip
                mark = hashlib.sha256(msgspec.msgpack.encode([error.code, digest])).hexdigest()
                event = Event(ATTEMPT_REFUSED, shown(subject), refused)
                self._ledger.transact(
                    lambda _: [event], request_id=f"refused-{mark}", caller=SYSTEM, at=at, request_digest=mark
                )
            raise
        if not receipt.is_repeated:
            return _outcome(receipt.first, done[0])
        with self._ledger.read() as view:
            stored = islice(view.events(after=receipt.first - 1), receipt.count)
            return _outcome(receipt.first, [one.event for one in stored])

    def _check_role(self, subject: str, action: str, role: Role) -> None:
        """Refuse at once what the role may in no state."""
        machine = MACHINES.get(subject.partition(":")[0])
        rows = [row for row in machine.rows if row.action == action] if machine is not None else []
        if not rows or not _SUBJECT.fullmatch(subject):  # what is refused is recorded, and must be no free text
            raise CaseError("CAS106", expected="a matter and an action of it", got="another", where=shown(subject))
        roles = sorted({role for row in rows for role in row.roles})
        if role not in roles:
            raise CaseError("CAS204", expected="a caller who is " + " or ".join(roles), got=role, where=shown(subject))


_SUBJECT = re.compile(r"[a-z]+(?::[0-9]{1,18})?", re.ASCII)
_REPEAT = next(row for row in MACHINES["case"].rows if row.action == "repeat")


def _outcome(first: int, events: Iterable[Event]) -> Outcome:
    """Return what the events of a request say of themselves."""
    return Outcome(tuple(
        Taken(event.subject, "silence", "rejected", sequence) if event.kind == HITS_SILENCED
        else Taken(event.subject, event.facts["action"], event.facts["state"], sequence)
        for sequence, event in enumerate(events, first)
    ))  # fmt: skip


def _digest(subject: str, action: str, facts: Mapping[str, Any], caller: Caller, request_id: str) -> str:
    """Return what tells two contents of one request id apart; the time is none: a repeat comes later."""
    try:
        content = msgspec.json.encode([request_id, subject, action, facts, caller.name, caller.role], order="sorted")
    except (msgspec.MsgspecError, UnicodeError, TypeError, OverflowError):
        raise CaseError(
            "CAS103", expected="facts as docs/cases.md describes them", got="others", where="facts"
        ) from None
    return hashlib.sha256(content).hexdigest()
