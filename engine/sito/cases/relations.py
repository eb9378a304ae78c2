"""When relations with a client ended, and whose personal data the law lets go by that.

The end of relations begins the time for which files are kept (rule R-RETAIN of the policy). Nothing goes while a case
of the client is open or a measure on it in force, nothing that came after the end of relations, and nothing under a
legal hold. Messages to the authority count from their receipt, which is not looked at here: they stay, and are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from sito.cases.machines import CASE, MACHINES, MEASURES
from sito.cases.projection import CASES, MEASURE, MESSAGES, NOTICES
from sito.errors import CaseError, LedgerError, PolicyError
from sito.ledger import Caller, Event, Ledger, Receipt, Stored, View, retention
from sito.ledger.events import check_word, digest_of
from sito.ledger.store import EVENTS_MAX
from sito.policy.calendar import moscow_day
from sito.policy.deadlines import Deadline

ENDED, RESUMED = "relations_ended", "relations_resumed"
Retained = Callable[[date], Deadline]


class Stay(msgspec.Struct, frozen=True):
    """Why personal data stay, each with the number of events: words as `sito ledger expire` shows them."""

    counts: dict[str, int]


class Expired(msgspec.Struct, frozen=True):
    """Personal data of one client whose time is over.

    Attributes:
        client_id: The bank's id of the client.
        ended_on: Day on which relations ended.
        retained: Until when they had to be kept.
        sequences: Events.
    """

    client_id: str
    ended_on: date
    retained: Deadline
    sequences: tuple[int, ...]


def end_relations(
    ledger: Ledger, client_id: str, *, ended_on: date, request_id: str, caller: Caller, at: datetime
) -> Receipt:  # fmt: skip
    """Record that relations with a client ended.

    Args:
        ended_on: The day, today or before.

    Raises:
        CaseError: CAS501 a day to come; CAS502 they have ended already.
        LedgerError: As `Ledger.transact`.
    """
    if ended_on > moscow_day(at):
        raise CaseError("CAS501", expected="a day that has come", got=str(ended_on), where="end of relations")
    return _change(ledger, client_id, ENDED, {"ended_on": ended_on.isoformat()}, request_id, caller=caller, at=at)


def resume_relations(ledger: Ledger, client_id: str, *, request_id: str, caller: Caller, at: datetime) -> Receipt:
    """Record that a former client is one again: nothing of his goes.

    Raises:
        CaseError: CAS502 relations have not ended.
        LedgerError: As `Ledger.transact`.
    """
    return _change(ledger, client_id, RESUMED, {}, request_id, caller=caller, at=at)


def _change(
    ledger: Ledger, client_id: str, kind: str, facts: dict[str, str], request_id: str, *, caller: Caller, at: datetime
) -> Receipt:
    subject = check_word("client:" + check_word(client_id, "client id"), "client id")

    def work(view: View) -> list[Event]:
        last = None
        for stored in view.events(subject=subject, kinds=(ENDED, RESUMED)):
            last = stored.event.kind
        if (last == ENDED) is (kind == ENDED):
            raise CaseError(
                "CAS502", expected="a client whose relations have " + ("not ended" if kind == ENDED else "ended"),
                got="another", where=subject,
            )  # fmt: skip
        return [Event(kind, subject, {"client_id": client_id, **facts})]

    digest = digest_of(kind, client_id, *facts.values())
    return ledger.transact(work, request_id=request_id, caller=caller, at=at, request_digest=digest)


def ended_relations(view: View) -> dict[str, date]:
    """Return the clients whose relations have ended, and when."""
    found: dict[str, date] = {}
    for stored in view.events(kinds=(ENDED, RESUMED)):
        client_id = stored.event.facts["client_id"]
        if stored.event.kind == ENDED:
            found[client_id] = date.fromisoformat(stored.event.facts["ended_on"])
        else:
            found.pop(client_id, None)
    return found


def expired(view: View, *, retained: Retained, now: datetime) -> tuple[list[Expired], Stay]:
    """Return whose personal data may go now, by client, and why the others stay.

    Args:
        retained: Until when data are kept of relations that ended on a day; a `PolicyError` says that the policy has
            no term for it: they stay.
        now: With its zone.
    """
    ended = ended_relations(view)
    busy = _busy(view)
    clients = _clients(view)
    kept: dict[date, Deadline | None] = {}
    stay: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    held: dict[str, bool] = {}
    for stored in view.events():
        if not stored.has_personal or view.sealed(stored.sequence) is None:
            continue
        client_id = _client(stored, clients)
        if client_id not in held:
            held[client_id] = retention.is_held(view, f"client:{client_id}")
        subject = stored.event.subject
        if subject not in held:
            held[subject] = retention.is_held(view, subject)
        deadline = None
        if client_id in ended and ended[client_id] not in kept:
            kept[ended[client_id]] = _deadline(retained, ended[client_id])
        if client_id in ended:
            deadline = kept[ended[client_id]]
        why = _why_it_stays(stored, client_id, deadline, now, ended=ended, busy=busy)
        if not why and (held[client_id] or held[subject]):
            why = "under a legal hold"
        if why:
            stay[why] += 1
        else:
            found.setdefault(client_id, []).append(stored.sequence)
    gone = []
    for client_id, sequences in sorted(found.items()):
        deadline = kept[ended[client_id]]
        if deadline is not None:
            gone.append(Expired(client_id, ended[client_id], deadline, tuple(sequences)))
    return gone, Stay(dict(sorted(stay.items())))


def _why_it_stays(
    stored: Stored, client_id: str, deadline: Deadline | None, now: datetime, *, ended: dict[str, date], busy: set[str]
) -> str:
    """Return why the personal data of an event stay; empty if only a hold could keep them."""
    if stored.event.subject.startswith("message:"):
        return "of a message, which counts from its receipt"
    if not client_id:
        return "of no client"
    if client_id not in ended:
        return "of a client of today"
    if client_id in busy:
        return "of a client with an open case or a measure in force"
    if deadline is None:
        return "of relations for whose end the policy has no term"
    if stored.at > deadline.trigger_at:
        return "from after the end of relations"
    return "" if now >= max(one.at for one in deadline.all) else "not yet over"


def _deadline(retained: Retained, day: date) -> Deadline | None:
    try:
        return retained(day)
    except PolicyError:
        return None


def delete_expired(
    ledger: Ledger, gone: list[Expired], *, reason: str, request_id: str, caller: Caller, at: datetime
) -> int:
    """Delete what `expired` has found, a client at a time; return the number of events.

    Raises:
        CaseError: CAS503 somebody has opened a case of the client since, or resumed relations.
        LedgerError: As `sito.ledger.retention.delete`.
    """
    count = 0
    for one in gone:
        looked: list[View] = []  # once for each transaction, not for each event

        def check(view: View, _: Stored, one: Expired = one, looked: list[View] = looked) -> None:
            if looked and looked[-1] is view:
                return
            looked.append(view)
            if retention.is_held(view, f"client:{one.client_id}"):
                raise LedgerError(
                    "LED141", expected="a client without a legal hold", got="a held one",
                    where=f"client:{one.client_id}", todo="lift the hold first",
                )  # fmt: skip
            if one.client_id in _busy(view) or ended_relations(view).get(one.client_id) != one.ended_on:
                raise CaseError(
                    "CAS503", expected="a client as it was when it was looked at", got="one with something new",
                    where=f"client:{one.client_id}", todo="look again",
                )  # fmt: skip

        for part, sequences in enumerate(_parts(one.sequences)):
            retention.delete(
                ledger, sequences, retained=one.retained, reason=reason, caller=caller, at=at, check=check,
                request_id=f"{request_id}-{digest_of(one.client_id)[:16]}-{part}",
            )  # fmt: skip
            count += len(sequences)
    return count


def _parts(sequences: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for first in range(0, len(sequences), EVENTS_MAX):
        yield sequences[first : first + EVENTS_MAX]


def _busy(view: View) -> set[str]:
    """Return the clients with an open case or a measure in force."""
    cases = sa.select(CASES.c.client_id).where(CASES.c.state.in_(sorted(CASE.open_states)))
    holding = sa.or_(
        *(
            sa.and_(MEASURE.c.machine == name, MEASURE.c.state.in_(sorted(machine.in_force | machine.open_states)))
            for name in MEASURES
            for machine in (MACHINES[name],)
        )
    )
    # A measure that names no client is of the one whose case or operation it is about.
    clients, found = _clients(view), set(view.execute(cases).scalars())
    whose = sa.select(CASES.c.client_id).where(CASES.c.record_id == sa.bindparam("operation"))
    for row in view.execute(sa.select(MEASURE).where(holding)).all():
        found.add(row.client_id or clients.get(row.subject, ""))
        if row.operation_id:
            found.update(view.execute(whose, {"operation": row.operation_id}).scalars())
    return found - {""}


def _clients(view: View) -> dict[str, str]:
    """Return the client of each matter that has one."""
    found: dict[str, str] = {}
    for table in (CASES, MEASURE, MESSAGES):
        for row in view.execute(sa.select(table.c.subject, table.c.client_id).where(table.c.client_id != "")):
            found[row.subject] = row.client_id
    for table in (MEASURE, NOTICES):  # what follows from a matter, or is about one, is of its client
        column = table.c.case_subject if table is MEASURE else table.c.about
        for row in view.execute(sa.select(table.c.subject, column.label("other"))):
            if row.other in found:
                found.setdefault(row.subject, found[row.other])
    return found


def _client(stored: Stored, clients: dict[str, str]) -> str:
    """Return whose event it is; empty if nobody's."""
    facts = stored.event.facts
    told = facts.get("client_id") or facts.get("screening", {}).get("client_id", "")
    if told:
        return str(told)
    kind, _, name = stored.event.subject.partition(":")
    return name if kind == "client" else clients.get(stored.event.subject, "")
