"""Which hits a person has rejected, and whether that still holds.

A rejected match is remembered for a client, an entry under its id and its former ids, and the edition in which it was
looked at. It silences a hit only while both sides have the fingerprints they had (`sito.clearing`) and until it
expires; after that the case is opened again. What belongs to no client of the bank is never remembered: somebody else
may bear that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.facts import CaseHit, Screening, moment
from sito.cases.machines import CASE, MACHINES
from sito.cases.projection import CASES, GRADES, HITS, MATCHES, MEASURE, scope_of
from sito.clearing import EVERY_RECORD, Clearance, StaleReason, judge
from sito.ledger import View

# Made once: to make a statement costs more than to run it.
_REJECTED = sa.select(MATCHES).where(
    MATCHES.c.client_id == sa.bindparam("client"), MATCHES.c.scope == sa.bindparam("scope"),
    MATCHES.c.role == sa.bindparam("role"), MATCHES.c.list_id == sa.bindparam("list"),
    MATCHES.c.entry_id.in_(sa.bindparam("entries", expanding=True)),
)  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where a hit belongs.

    Attributes:
        action: `open` a new case, `repeat` in one that is being worked on, `reopen` one that was closed, or `silence`.
        subject: The case; empty for a new one.
        cause: Why a case is opened again.
    """

    action: str
    subject: str = ""
    cause: str = ""


def place_of(view: View, screening: Screening, hit: CaseHit, at: datetime) -> Place:
    """Return where one hit of a screening belongs."""
    if not screening.client_id:
        return Place("open")
    ids = {hit.entry_id: hit.entry_fingerprint} | {
        former.entry_id: former.entry_fingerprint for former in hit.former_ids
    }
    scope = scope_of(screening.occasion)
    remembered = _judge(view, screening, hit, ids, at)
    if remembered is not None:
        return remembered
    if scope == "payment":  # each payment waits for its own decision
        return Place("open")
    where = (
        HITS.c.client_id == screening.client_id, HITS.c.scope == scope, HITS.c.role == hit.role,
        HITS.c.list_id == hit.list_id, HITS.c.entry_id.in_(sorted(ids)),
    )  # fmt: skip
    known = view.execute(
        sa.select(HITS, CASES.c.state, CASES.c.measure).join(CASES, CASES.c.subject == HITS.c.subject).where(*where)
        .order_by(CASES.c.number.desc())
    ).all()  # fmt: skip
    for row in known:
        if row.state in CASE.open_states:
            return Place("repeat", row.subject)
    approved = [row for row in known if row.state == "approved"]
    causes = [_cause(row, hit.party_fingerprint, ids[row.entry_id]) for row in approved]
    if "" in causes:
        case = approved[causes.index("")]
        return Place("repeat", case.subject) if _settled(view, case) else Place("reopen", case.subject, "new_facts")
    return Place("reopen", approved[0].subject, causes[0]) if approved else Place("open")


def _settled(view: View, case: Any) -> bool:
    """Does what was approved still hold? A client whose freeze has ended and who is hit again is a matter anew."""
    if case.measure in {"", "none"}:
        return True
    holds = sa.select(MEASURE.c.subject).where(
        MEASURE.c.case_subject == case.subject, MEASURE.c.machine == case.measure,
        MEASURE.c.state.in_(sorted(MACHINES[case.measure].in_force)),
    )  # fmt: skip
    return view.execute(holds).first() is not None


def _cause(row: Any, party: str, entry: str) -> str:
    same_party, same_entry = row.party_fingerprint == party, row.entry_fingerprint == entry
    if same_party and same_entry:
        return ""
    if same_party:
        return StaleReason.ENTRY_CHANGED.value
    return StaleReason.PARTY_CHANGED.value if same_entry else StaleReason.BOTH_CHANGED.value


def _judge(view: View, screening: Screening, hit: CaseHit, ids: dict[str, str], at: datetime) -> Place | None:
    """Ask the rejected matches; None if none of them speaks of this hit."""
    scope = scope_of(screening.occasion)
    about = {
        "client": screening.client_id, "scope": scope, "role": hit.role, "list": hit.list_id, "entries": sorted(ids),
    }  # fmt: skip
    rows = view.execute(_REJECTED, about).all()
    stale: Place | None = None
    for row in sorted(rows):  # here and not by the database: each has its own order of letters
        # In a payment another party than the one rejected is somebody else; in the file of a client it has changed.
        record_id = EVERY_RECORD if scope == "payment" else screening.client_id
        rejected = Clearance(row.list_id, row.entry_id, row.party_fingerprint, row.entry_fingerprint, record_id)
        found = judge([rejected], hit.party_fingerprint, ids[row.entry_id])
        if found is True:
            if moment(at) < row.expires_at and not _is_stronger(view, hit, row):
                return Place("silence", row.subject)
            if moment(at) < row.expires_at:
                stale = Place("reopen", row.subject, "new_facts")
                continue
            stale = Place("reopen", row.subject, "expired")
        elif isinstance(found, StaleReason) and stale is None:
            stale = Place("reopen", row.subject, found.value)
    return stale


def _is_stronger(view: View, hit: CaseHit, match: Any) -> bool:
    """Is it a stronger hit than what was rejected? One person may reject a weak one, but never an exact one."""
    rows = view.execute(
        sa.select(HITS).where(
            HITS.c.subject == match.subject, HITS.c.scope == match.scope, HITS.c.role == match.role,
            HITS.c.list_id == match.list_id, HITS.c.party_fingerprint == match.party_fingerprint,
        )
    )  # fmt: skip
    grades = [
        GRADES.index(row.grade)
        for row in rows
        if match.entry_id in {row.entry_id, *(one["entry_id"] for one in msgspec.json.decode(row.former_ids))}
    ]
    return not grades or GRADES.index(hit.grade) < min(grades)


def matches_of(view: View, subject: str, expires_at: datetime) -> Iterator[dict[str, str]]:
    """Yield what is remembered when a case is rejected: each of its hits, under each id of the entry."""
    rows = view.execute(sa.select(HITS).where(HITS.c.subject == subject, HITS.c.client_id != "")).all()
    for row in sorted(rows):
        if row.scope == "payment" and row.known_by != "facts":
            continue  # whoever pays next under that name may be somebody else
        common = {name: getattr(row, name) for name in ("client_id", "scope", "role", "list_id", "edition")}
        common |= {"party_fingerprint": row.party_fingerprint, "expires_at": moment(expires_at)}
        yield common | {"entry_id": row.entry_id, "entry_fingerprint": row.entry_fingerprint}
        for former in msgspec.json.decode(row.former_ids):
            yield common | {"entry_id": former["entry_id"], "entry_fingerprint": former["entry_fingerprint"]}
