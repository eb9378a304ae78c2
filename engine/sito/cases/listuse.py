"""List editions that were loaded, by whom, and each use of them, as events.

A check of clients is believed only where a list was used since the check before (`check.finish`), so whoever uses one
says so: `sito.cases.projection.LIST_USED`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from sito.cases.projection import LIST_USED
from sito.cases.screenings import UNDATED
from sito.evidence import edition_name
from sito.index import IndexInfo
from sito.ledger import Caller, Event, Ledger

LIST_LOADED = "list_loaded"  # kind of the event of one edition that came into use
# Kind of the event of one file that was fetched from the personal account. It is no use of the list: a check of clients
# is not believed because something was fetched.
LIST_FETCHED = "list_fetched"


class Purpose(StrEnum):
    """What a list was loaded or used for."""

    LOAD = "load"
    PAYMENTS = "payments"
    CHECK = "check"
    LOOKUP = "lookup"


def list_events(kind: str, info: IndexInfo, *, purpose: Purpose) -> list[Event]:
    """Return one event for each list edition of an index.

    Args:
        kind: `LIST_LOADED` or `LIST_USED`.
        info: Of the index, or of one with a delta over it.
    """
    if kind not in {LIST_LOADED, LIST_USED}:
        raise ValueError("an event of lists is one of their loading or use")
    return [
        Event(
            kind, f"list:{edition.list_id}",
            {
                "list_id": edition.list_id, "edition": edition_name(edition) or UNDATED,
                "entry_count": edition.entry_count, "purpose": purpose.value, "index_digest": info.digest,
                "engine_version": info.engine_version,
                "files": [{"name": name, "sha256": digest, "size_bytes": size} for name, digest, size in edition.files],
            },
        )
        for edition in info.editions
    ]  # fmt: skip


def load_lists(ledger: Ledger, info: IndexInfo, *, caller: Caller, at: datetime) -> bool:
    """Record that the lists of an index came into use, and by whom; False if that was recorded before.

    Raises:
        LedgerError: As `Ledger.transact`.
    """
    events = list_events(LIST_LOADED, info, purpose=Purpose.LOAD)
    receipt = ledger.transact(
        lambda _: events, request_id=f"lists-loaded-{info.digest}", caller=caller, at=at, request_digest=info.digest
    )
    return not receipt.is_repeated


def use_lists(
    ledger: Ledger, info: IndexInfo, *, purpose: Purpose, request_id: str, caller: Caller, at: datetime
) -> None:  # fmt: skip
    """Record one use of the lists of an index.

    Raises:
        LedgerError: As `Ledger.transact`.
    """
    events = list_events(LIST_USED, info, purpose=purpose)
    ledger.transact(lambda _: events, request_id=request_id, caller=caller, at=at, request_digest=info.digest)


def fetch_list(
    ledger: Ledger, list_id: str, facts: Mapping[str, Any], *, mark: str, caller: Caller, at: datetime
) -> None:  # fmt: skip
    """Record that the file of a list was fetched.

    Args:
        facts: Catalogue, name and date that the service gives to the edition, digest and size of the file.
        mark: Of this edition: with the same one it is recorded once.

    Raises:
        LedgerError: As `Ledger.transact`.
    """
    event = Event(LIST_FETCHED, f"list:{list_id}", {"list_id": list_id, **facts})
    digest = hashlib.sha256(msgspec.json.encode([list_id, mark])).hexdigest()
    ledger.transact(lambda _: [event], request_id=f"list-fetched-{digest}", caller=caller, at=at, request_digest=digest)
