"""List editions that were loaded, by whom, and each use of them, as events.

A check of clients is believed only where a list was used since the check before (`check.finish`), so whoever uses one
says so: `sito.cases.projection.LIST_USED`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sito.cases.projection import LIST_USED
from sito.cases.screenings import UNDATED
from sito.evidence import edition_name
from sito.index import IndexInfo
from sito.ledger import Caller, Event, Ledger

LIST_LOADED = "list_loaded"  # kind of the event of one edition that came into use


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
