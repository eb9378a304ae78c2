"""One matter as a document that an auditor can keep: all that happened, and what ties it to the chain.

Each event stands with everything that its digest is made over, so that whoever has the file can make the digest again
(`sito.ledger.events.Row`), and compare it with a ledger, a checkpoint or another export. Of personal data the digest
holds a commitment alone: an export without them is as good a proof.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sito.cases.machines import MACHINES
from sito.cases.pages import CasePage, EventLine
from sito.ledger import View
from sito.policy.verdict import Policy

EXPORT = "sito case export 1"


def export(view: View, page: CasePage, policy: Policy) -> bytes:
    """Return a page as JSON in UTF-8, with the proof of each of its events.

    Args:
        view: The one that the page was made of.
        page: With personal data, if they shall be in it.
        policy: By which the terms were counted.
    """
    proofs = {
        row.sequence: {
            "previous": row.previous.hex(), "at_us": row.at_us, "request_digest": row.request_digest,
            "place": row.place, "count": row.count, "facts_text": row.facts.decode(),
            "commitment": row.commitment.hex(),
        }
        for subject in dict.fromkeys(event.subject for event in page.events)
        for row, _ in view.rows(subject=subject)
    }  # fmt: skip
    events = [msgspec.to_builtins(event) | {"proof": proofs[event.sequence]} for event in page.events]
    document: dict[str, Any] = {
        "format": EXPORT,
        "policy": {"id": policy.id, "version": policy.version, "edition": policy.edition},
        **msgspec.to_builtins(page),
        "events": events,
        "decisions": [_decision(event) for event in page.events if _is_decision(event)],
    }
    return msgspec.json.format(msgspec.json.encode(document))


def _is_decision(event: EventLine) -> bool:
    """Is it a step that somebody gave a reason for, or by which a second person agreed?"""
    machine = MACHINES.get(event.subject.partition(":")[0])
    row = machine.row(event.from_state, event.action) if machine is not None and event.action else None
    return row is not None and bool(row.second_to or "motive" in row.needs)


def _decision(event: EventLine) -> dict[str, Any]:
    found = {
        "sequence": event.sequence, "at": event.at, "subject": event.subject, "action": event.action,
        "from_state": event.from_state, "state": event.state, "by": event.by, "role": event.role,
        "second_to": event.facts.get("second_to", ""),
    }  # fmt: skip
    motive = (event.personal or {}).get("motive")
    return found if motive is None else found | {"motive": motive}
