"""The append-only record of what was known, done and decided, in SQLite or PostgreSQL."""

from sito.errors import LedgerError
from sito.ledger.chain import Checked, Fault, verify
from sito.ledger.changes import Changes
from sito.ledger.checkpoints import Checkpoint, Signer, checkpoint
from sito.ledger.events import Caller, CallerRole, Event, Receipt, Stored
from sito.ledger.projections import Projection
from sito.ledger.sealing import Sealer
from sito.ledger.store import Ledger
from sito.ledger.views import View

__all__ = [
    "Caller", "CallerRole", "Changes", "Checked", "Checkpoint", "Event", "Fault", "Ledger", "LedgerError", "Projection",
    "Receipt", "Sealer", "Signer", "Stored", "View", "checkpoint", "verify",
]  # fmt: skip
