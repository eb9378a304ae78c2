"""That somebody wrote a paper stands in the ledger before the paper is there."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sito.ledger import Caller, Event, Ledger
from sito.papers.content import Paper
from sito.papers.period import PAPER_WRITTEN, Period


def record_paper(
    ledger: Ledger, paper: Paper, data: bytes, period: Period, *, with_personal: bool, subject: str, request_id: str,
    caller: Caller, at: datetime,
) -> None:  # fmt: skip
    """Record who wrote which paper, of which days, with personal data or without, and the digest of the document.

    Raises:
        LedgerError: As `Ledger.transact`.
    """
    facts = {
        "paper": paper.kind, "from": period.first.isoformat(), "until": period.last.isoformat(), "about": subject,
        "with_personal": with_personal,
        "row_count": paper.row_count, "personal_count": paper.personal_count, "head_sequence": paper.made_of[1],
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    event = Event(PAPER_WRITTEN, f"paper:{paper.kind}", facts)
    ledger.transact(lambda _: [event], request_id=request_id, caller=caller, at=at)
