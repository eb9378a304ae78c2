"""From a matter of the ledger to what a message says of it.

What the ledger knows (who is listed, when funds were frozen, how many clients were checked) is taken from it, and
nobody can tell otherwise; what it does not know (accounts, amounts, the sides of an operation, codes) comes from a file
that whoever drafts has written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.machines import REPORTED
from sito.cases.projection import GRADES, HITS, TABLES
from sito.errors import FesError
from sito.fes import (
    Body,
    CheckBody,
    DeletionBody,
    FreezeBody,
    Kind,
    Message,
    Numbers,
    OperationBody,
    Organisation,
    RecordType,
    RefusalBody,
    ReleaseBody,
    Schemas,
    SuspensionBody,
    encoded,
    series_of,
)
from sito.ledger import Stored, View
from sito.outbox.sender import written
from sito.policy.calendar import MOSCOW

BODIES: dict[Kind, Any] = {
    Kind.FREEZE: FreezeBody, Kind.RELEASE: ReleaseBody, Kind.SUSPENSION: SuspensionBody, Kind.REFUSAL: RefusalBody,
    Kind.CHECK: CheckBody, Kind.OPERATION: OperationBody, Kind.DELETION: DeletionBody,
}  # fmt: skip


def draft(
    view: View, about: str, kind: Kind, told: Mapping[str, Any], *, organisation: Organisation,
    grounds: Mapping[str, str], record_type: RecordType = RecordType.NEW,
) -> Message:  # fmt: skip
    """Return a message about a matter.

    Args:
        about: As `freeze:3`; empty for an operation without a message of the house.
        told: What the ledger does not know, with the names of the body's attributes (docs/fes.md).
        grounds: Code of the ground of a freeze by the list: the bank's configuration.

    Raises:
        FesError: FES307 there is no such matter, something is missing or wrong in what was told, or it contradicts the
            ledger.
    """
    known = _known(view, about, kind, grounds)
    merged = _merged(dict(told), known, where=about or kind)
    if kind is Kind.DELETION:
        record_type = RecordType.DELETION
    try:
        body: Body = msgspec.convert(merged | {"kind": kind.value}, BODIES[kind])
        return Message(organisation=organisation, record_type=record_type, body=body)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        raise FesError(
            "FES307", expected=f"facts of kind {kind} as docs/fes.md describes them", got=what.split(", got")[0],
            where=f"{about or kind} {place.strip('`')}".strip(),
        ) from None  # fmt: skip


def draft_facts(message: Message, about: str) -> dict[str, Any]:
    """Return the facts of the step by which a message is drafted first; a later draft takes the first two of them."""
    content = encoded(message)
    told = {"content": content, "content_digest": hashlib.sha256(content.encode()).hexdigest()}
    told |= {"family": message.family.value, "kind": message.kind.value, "record_type": message.record_type.value}
    return told | ({"about": about} if about else {})


def approval_facts(message: Message, content_digest: str, day: date) -> dict[str, Any]:
    """Return the facts of the step by which a message is approved.

    Args:
        content_digest: Of what was looked at. day: On which it is approved, in Moscow.
    """
    series = series_of(message, day)
    facts = {"content_digest": content_digest, "file_series": series.file_series, "message_date": day.isoformat()}
    if not series.record_series:
        return facts | {"record_count": 0}
    return facts | {"record_series": series.record_series, "record_count": message.record_count}


def preview(message: Message, day: date, *, schemas: Schemas, where: str) -> tuple[bytes, Numbers]:
    """Write a message as it would be with numbers that nobody has, and hold it against all schemas.

    Raises:
        FesError: As `written`.
    """
    series = series_of(message, day)
    records = tuple(f"{series.record_series}_{0:08d}" for _ in range(message.record_count))
    numbers = Numbers(records, f"{series.file_series}{0:08d}.xml", day)
    return written(message, numbers, schemas=schemas, where=where or "message"), numbers


def _merged(told: dict[str, Any], known: dict[str, Any], *, where: str) -> dict[str, Any]:
    for name, value in known.items():
        if isinstance(value, list) and name == "measures":
            rows = told.get(name)
            if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
                raise FesError("FES307", expected="measures: what was frozen, where, how much", got="none", where=where)
            told[name] = [_merged(dict(row), value[0], where=f"{where}, measures") for row in rows]
        elif name in told and told[name] != value:
            raise FesError("FES307", expected=f"{name} as the ledger has it", got="another", where=where)
        else:
            told[name] = value
    return told


def _known(view: View, about: str, kind: Kind, grounds: Mapping[str, str]) -> dict[str, Any]:
    """Return what the ledger knows of a matter, in the types of JSON."""
    if not about:
        return {}
    machine, states = REPORTED[kind]
    rows = view.rows_of(TABLES[machine], about) if about.partition(":")[0] == machine else []
    if not rows or rows[0].state not in states:
        raise FesError(
            "FES307", expected=f"a {machine} in state {', '.join(sorted(states))}", where=about,
            got=rows[0].state if rows else "another matter",
        )  # fmt: skip
    row = rows[0]
    if kind in {Kind.FREEZE, Kind.RELEASE}:
        return _freeze(view, row, kind, grounds)
    if kind is Kind.SUSPENSION:
        return {"suspended_on": _day(_first(view, about, "suspension_applied", "suspension_ordered"))}
    if kind is Kind.REFUSAL:
        return {"refused_on": _day(_first(view, about, "refusal_made"))}
    if kind is Kind.CHECK:
        finished = _first(view, about, "check_finished")
        facts = finished.event.facts
        return {
            "checked_on": _day(finished), "client_count": facts["client_count"], "match_count": facts["match_count"],
        }  # fmt: skip
    if kind is Kind.DELETION:
        return {
            "of_kind": row.kind, "file_name": row.file_name, "record_number": row.record_number,
            "sent_on": row.message_date,
        }  # fmt: skip
    return {}


def _freeze(view: View, row: Any, kind: Kind, grounds: Mapping[str, str]) -> dict[str, Any]:
    applied = _first(view, row.subject, "freeze_applied")
    measure: dict[str, Any] = {"blocked_at": applied.at.astimezone(MOSCOW).isoformat()}
    found = view.execute(sa.select(HITS).where(HITS.c.subject == (row.case_subject or row.subject))).all()
    hits = [(GRADES.index(hit.grade), hit.list_id, hit.entry_id) for hit in found if hit.list_id in grounds]
    proposed = _first(view, row.subject, "freeze_proposed").event.facts
    if hits:
        _, list_id, entry_id = min(hits)
        measure |= {"subject_id": entry_id, "ground_code": grounds[list_id]}
    elif proposed.get("list_id") in grounds and proposed.get("entry_id"):
        measure |= {"subject_id": proposed["entry_id"], "ground_code": grounds[proposed["list_id"]]}
    if kind is Kind.FREEZE:
        return {"measures": [measure]}
    lifted = _first(view, row.subject, "freeze_lifted")
    return {"measures": [measure], "released_at": lifted.at.astimezone(MOSCOW).isoformat()}


def _first(view: View, subject: str, *kinds: str) -> Stored:
    found = next(iter(view.events(subject=subject, kinds=kinds)), None)
    if found is None:
        raise FesError("FES307", expected=" or ".join(kinds), got="no such event", where=subject)
    return found


def _day(stored: Stored) -> str:
    at: datetime = stored.at
    return at.astimezone(MOSCOW).date().isoformat()
