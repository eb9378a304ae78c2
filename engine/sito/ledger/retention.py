"""How long personal data are kept: legal holds, what is past its time, and deletion that leaves the chain whole.

When relations ended or a receipt came is known to the rooms above; they say from when the time of an event counts.
The time itself is a term of the policy (rule R-RETAIN); where several run, the longest counts: what was deleted too
soon does not come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sito.errors import LedgerError
from sito.ledger.events import Caller, Event, Receipt, Stored, digest_of
from sito.ledger.store import Ledger
from sito.ledger.views import View
from sito.policy.deadlines import Deadline

HOLD_SET, HOLD_LIFTED = "hold_set", "hold_lifted"


def set_hold(
    ledger: Ledger, subject: str, *, reason: str, request_id: str, caller: Caller, at: datetime
) -> Receipt:  # fmt: skip
    """Let nothing about a subject be deleted until the hold is lifted.

    Raises:
        LedgerError: As `Ledger.transact`; LED142 it is held already.
    """
    return _change(ledger, subject, HOLD_SET, reason=reason, request_id=request_id, caller=caller, at=at)


def lift_hold(
    ledger: Ledger, subject: str, *, reason: str, request_id: str, caller: Caller, at: datetime
) -> Receipt:  # fmt: skip
    """End a hold.

    Raises:
        LedgerError: As `Ledger.transact`; LED142 it is not held.
    """
    return _change(ledger, subject, HOLD_LIFTED, reason=reason, request_id=request_id, caller=caller, at=at)


def _change(
    ledger: Ledger, subject: str, kind: str, *, reason: str, request_id: str, caller: Caller, at: datetime
) -> Receipt:
    def work(view: View) -> list[Event]:
        if is_held(view, subject) is (kind == HOLD_SET):
            raise LedgerError(
                "LED142", expected="a subject that is " + ("not held" if kind == HOLD_SET else "held"), got="the other",
                where=subject,
            )  # fmt: skip
        return [Event(kind, subject, {"reason": reason})]

    return ledger.transact(
        work, request_id=request_id, caller=caller, at=at, request_digest=digest_of(kind, subject, reason)
    )


def is_held(view: View, subject: str) -> bool:
    """Is there a legal hold on a subject?"""
    kind = ""
    for event in view.events(subject=subject, kinds=(HOLD_SET, HOLD_LIFTED)):
        kind = event.event.kind
    return kind == HOLD_SET


def past(
    view: View, *, counted_from: Callable[[Stored], datetime | None], until: Callable[[datetime], datetime],
    now: datetime,
) -> Iterator[Stored]:  # fmt: skip
    """Yield events whose personal data may be deleted now.

    Args:
        counted_from: When the time of an event begins; None while it does not.
        until: When a time that begins then is over, by the terms of the policy.
    """
    held: dict[str, bool] = {}
    for stored in view.events():
        if not stored.has_personal or view.sealed(stored.sequence) is None:
            continue
        begun = counted_from(stored)
        if begun is None or until(begun) > now:
            continue
        subject = stored.event.subject
        if subject not in held:
            held[subject] = is_held(view, subject)
        if not held[subject]:
            yield stored


def delete(
    ledger: Ledger, sequences: Sequence[int], *, retained: Deadline, reason: str, request_id: str, caller: Caller,
    at: datetime, check: Callable[[View, Stored], None] | None = None,
) -> Receipt:  # fmt: skip
    """Delete the personal data of events, unless law or a legal hold forbids it, and record that and why.

    Args:
        retained: Since when and until when they had to be kept (`sito.policy.deadlines.due`): by the terms of one
            moment, the end of relations or the receipt. Events that happened after it are not meant by it.
        at: Now.
        check: Raises for an event that must stay for another reason; asked in the transaction that deletes.

    Raises:
        LedgerError: As `Ledger.transact`; LED140 an event has none, or they were deleted before; LED141 a hold; LED143
            they have to be kept for longer.
    """
    kept_until = max(due.at for due in retained.all)
    if at < kept_until:
        raise LedgerError(
            "LED143", expected="personal data whose time is over",
            got=f"a time that ends at {kept_until:%Y-%m-%d %H:%M} UTC",
            where=", ".join(due.term.id for due in retained.all), todo="they must be kept until then",
        )  # fmt: skip

    def allowed(view: View, stored: Stored) -> None:
        if stored.at > retained.trigger_at:
            raise LedgerError(
                "LED143", expected="events from before their time of keeping begins", got="a later one",
                where=f"event {stored.sequence}", todo="count from the moment that concerns this event",
            )  # fmt: skip
        if is_held(view, stored.event.subject):
            raise LedgerError(
                "LED141", expected="a subject without a legal hold", got="a held one", where=stored.event.subject,
                todo="lift the hold first",
            )  # fmt: skip
        if check is not None:
            check(view, stored)

    facts = {
        "reason": reason, "trigger": retained.all[0].term.trigger, "kept_from": retained.trigger_at.isoformat(),
        "kept_until": kept_until.isoformat(), "terms": [due.term.id for due in retained.all],
    }  # fmt: skip
    return ledger.delete_personal(sequences, allowed=allowed, facts=facts, request_id=request_id, caller=caller, at=at)
