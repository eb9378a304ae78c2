"""Which alerts follow from an event, from the terms that run, and from lists that nobody used."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from sito.cases.deadlines import OpenDeadline
from sito.cases.listuse import LIST_LOADED
from sito.cases.machines import MACHINES, MEASURES
from sito.cases.projection import ATTEMPT_REFUSED, LIST_USED
from sito.ledger import Stored

WORD_LENGTH_MAX = 64  # characters of a word of a policy or list that is told
LIST_COUNT_MAX = 20  # lists that one alert names
NO_TERM = "no_term"  # the policy names no term: it is due when it begins
UNCONFIRMED = "unconfirmed"  # the calendar of a year that the term crosses is not confirmed
_SUBJECT = re.compile(rf"(?:{'|'.join(MACHINES)})(?::[0-9]{{1,18}})?", re.ASCII)  # no other word: it may be a name
_CODE = re.compile(r"[A-Z]{3}[0-9]{3}", re.ASCII)


class AlertKind(StrEnum):
    """What an alert is about; channels choose by it."""

    CASE_OPENED = "case_opened"
    CASE_REOPENED = "case_reopened"
    CASE_ESCALATED = "case_escalated"
    SECOND_EYES = "second_eyes"  # somebody else has to agree
    MEASURE_PROPOSED = "measure_proposed"
    MEASURE_APPLIED = "measure_applied"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_LATE = "deadline_late"
    CHECK_DUE = "check_due"  # the check of clients, or its report, is near or late
    LIST_LOADED = "list_loaded"  # an edition came into use
    LIST_UNUSED = "list_unused"
    ATTEMPT_REFUSED = "attempt_refused"
    TEST = "test"


class Alert(msgspec.Struct, frozen=True):
    """One thing to tell, without names and personal data.

    Attributes:
        alert_id: 32 hexadecimal digits; the same thing has the same id in every process and at any time.
        kinds: The first says what it is; a channel gets it if it wants any of them.
        subject: The matter, `list:ID` or `attempt`.
        at: When it happened, or when the term began.
        sequence: Of the event that it follows from; 0 if it follows from the time of now.
        rule, verdict, lists: Of the case or term, as far as the event tells them.
        due_at: By when; None if no term is told.
        next_actions: What ends the term or leads on to its end; without a term, what leads on from the state.
        detail: A word more: edition of a list, code of a refusal, or one of `NO_TERM` and `UNCONFIRMED`.
    """

    alert_id: str
    kinds: tuple[AlertKind, ...]
    subject: str
    at: datetime
    sequence: int = 0
    rule: str = ""
    verdict: str = ""
    lists: tuple[str, ...] = ()
    due_at: datetime | None = None
    next_actions: tuple[str, ...] = ()
    detail: str = ""


def news_of(stored: Stored, ledger_id: str) -> Alert | None:
    """Return what is to be told of one event; None for most."""
    facts, kind = stored.event.facts, stored.event.kind
    if kind == ATTEMPT_REFUSED:
        # One an hour for each code: whoever tries a thousand times shall not fill a mailbox.
        code = word(facts.get("code"))
        code = code if _CODE.fullmatch(code) else "unknown"
        hour = stored.at.strftime("%Y-%m-%dT%H")
        subject = stored.event.subject if _SUBJECT.fullmatch(stored.event.subject) else "attempt"
        return Alert(
            id_of(ledger_id, kind, code, hour), (AlertKind.ATTEMPT_REFUSED,), subject, stored.at, stored.sequence,
            detail=code,
        )  # fmt: skip
    if kind == LIST_LOADED:
        list_id, edition = word(facts.get("list_id")), word(facts.get("edition"))
        # An edition is told once, however often an index was built of it.
        return Alert(
            id_of(ledger_id, kind, list_id, edition), (AlertKind.LIST_LOADED,), f"list:{list_id}", stored.at,
            stored.sequence, lists=(list_id,), detail=edition,
        )  # fmt: skip
    machine = facts.get("machine")
    if machine not in MACHINES or "action" not in facts:
        return None
    kinds = tuple(_kinds(str(machine), kind, facts))
    if not kinds:
        return None
    screening = facts.get("screening") or {}
    ruling = screening.get("ruling") or {}
    hits = screening.get("hits") or ()
    lists = dict.fromkeys(word(hit.get("list_id")) for hit in hits) or dict.fromkeys([word(facts.get("list_id"))])
    return Alert(
        id_of(ledger_id, "event", str(stored.sequence)), kinds, stored.event.subject, stored.at, stored.sequence,
        word(ruling.get("rule_id") or facts.get("rule_id")), word(ruling.get("verdict")),
        tuple(name for name in lists if name)[:LIST_COUNT_MAX],
        next_actions=onward(stored.event.subject, str(facts["state"])),
    )  # fmt: skip


def _kinds(machine: str, event: str, facts: Mapping[str, object]) -> Iterator[AlertKind]:
    table, state, former = MACHINES[machine], str(facts["state"]), facts.get("from")
    if event in {AlertKind.CASE_OPENED, AlertKind.CASE_REOPENED, AlertKind.CASE_ESCALATED}:
        yield AlertKind(event)
    if machine in MEASURES:
        if state == "proposed" and not former:
            yield AlertKind.MEASURE_PROPOSED
        elif state in table.in_force and (former not in table.in_force or former == "proposed") and former != state:
            yield AlertKind.MEASURE_APPLIED
    if any(row.second_to == facts["action"] for row in table.rows_from(state)):
        yield AlertKind.SECOND_EYES


def news_of_terms(
    found: Iterable[OpenDeadline], ledger_id: str, now: datetime, leads: Iterable[timedelta]
) -> Iterator[Alert]:
    """Yield what is to be told of the terms that run: the shortest lead that is reached, or that a term is late."""
    steps = sorted(leads)
    for one in found:
        lead = timedelta(0) if one.is_late else next((step for step in steps if one.alarm_at - now <= step), None)
        if lead is None:
            continue
        kinds: tuple[AlertKind, ...] = (AlertKind.DEADLINE_NEAR if lead else AlertKind.DEADLINE_LATE,)
        if one.subject.startswith("check:"):
            kinds = (AlertKind.CHECK_DUE, *kinds)
        words = (one.subject, one.rule, one.trigger_at.isoformat(), one.alarm_at.isoformat(), str(lead))
        yield Alert(
            id_of(ledger_id, "term", *words), kinds, one.subject, one.trigger_at, rule=word(one.rule),
            due_at=one.alarm_at, next_actions=one.next_actions, detail=detail_of(one),
        )  # fmt: skip


def with_term(alert: Alert, term: OpenDeadline) -> Alert:
    """Return an alert with the term that runs in its matter and ends first."""
    return msgspec.structs.replace(
        alert, due_at=term.alarm_at, next_actions=term.next_actions,
        rule=alert.rule or word(term.rule), detail=detail_of(term),
    )  # fmt: skip


def detail_of(term: OpenDeadline) -> str:
    """Return what has to be known of the end of a term."""
    return NO_TERM if not term.has_term else UNCONFIRMED if term.unconfirmed else ""


def onward(subject: str, state: str) -> tuple[str, ...]:
    """Return the actions that lead to another state."""
    machine = MACHINES.get(subject.partition(":")[0])
    rows = () if machine is None else machine.rows_from(state)
    return tuple(dict.fromkeys(row.action for row in rows if row.target != state))


class Lists:
    """When each list was used, and which edition was loaded and not used since."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[str, datetime]] = {}
        self._loaded: dict[str, tuple[str, datetime]] = {}

    def take(self, stored: Stored) -> None:
        """Note an event, if it is one of a list."""
        facts = stored.event.facts
        list_id = word(facts.get("list_id"))
        told = (word(facts.get("edition")), stored.at)
        if stored.event.kind == LIST_USED:
            self._used[list_id] = told
            if self._loaded.get(list_id, ("",))[0] == told[0]:
                del self._loaded[list_id]
        # The same edition loaded again waits since the first time.
        known = {former[0] for former in (self._used.get(list_id), self._loaded.get(list_id)) if former}
        if stored.event.kind == LIST_LOADED and told[0] not in known:
            self._loaded[list_id] = told

    def news(self, ledger_id: str, now: datetime, unused: timedelta) -> Iterator[Alert]:
        """Yield what is to be told of lists that were not used for so long."""
        for why, known in (("used", self._used), ("loaded", self._loaded)):
            for list_id, (edition, at) in sorted(known.items()):
                if now - at >= unused:
                    mark = id_of(ledger_id, "list", why, list_id, edition, at.isoformat())
                    yield Alert(mark, (AlertKind.LIST_UNUSED,), f"list:{list_id}", at, lists=(list_id,), detail=edition)


def id_of(*words: str) -> str:
    """Return the id of what some words say: 32 hexadecimal digits."""
    return hashlib.sha256(msgspec.msgpack.encode(words)).hexdigest()[:32]


def word(value: object) -> str:
    """Return a word of a policy, list or event as one short printable line; empty if it is none."""
    text = value if isinstance(value, str) else ""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:WORD_LENGTH_MAX])
