"""How the story is told: headings, what was said, and each event that the ledger has got since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sito.ledger import Ledger, Stored
from sito.policy.calendar import MOSCOW

# Facts that are shown beside an event, in this order, where it has them.
SHOWN = (
    "list_id", "edition", "purpose", "state", "measure", "carve_rule", "amount_kopecks", "order_number", "court_number",
    "until", "lift_ground", "end_ground", "client_count", "match_count", "message_id", "code", "action",
    "about", "kind", "record_number", "file_name", "route", "status_number", "status_name", "reject_codes",
)  # fmt: skip


class Teller:
    """Writes lines, and keeps them.

    Args:
        write: Takes a line.

    Attributes:
        lines: All that was told.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self.lines: list[str] = []
        self._write = write
        self._scene = 0
        self._told = 0

    def say(self, text: str) -> None:
        """Tell one line."""
        self.lines.append(text)
        self._write(text)

    def scene(self, title: str, at: datetime) -> None:
        """Begin a scene."""
        self._scene += 1
        self.say("")
        self.say(f"{self._scene}. {title}  [{at.astimezone(MOSCOW):%Y-%m-%d %H:%M} Moscow]")

    def events(self, ledger: Ledger) -> list[Stored]:
        """Tell the events since the last time, and return them."""
        with ledger.read() as view:
            found = list(view.events(after=self._told))
        for stored in found:
            facts = stored.event.facts
            shown = [f"{name}={facts[name]}" for name in SHOWN if facts.get(name) not in (None, "")]
            begun = [task["rule"] for task in facts.get("begins", ())]
            shown += [f"term begins: {', '.join(begun)}"] if begun else []
            who = f"{stored.caller.name} ({stored.caller.role})"
            kind = stored.event.subject.partition(":")[0]
            about = kind if kind == "index" else stored.event.subject  # an index is known by a long digest
            line = f"   {stored.sequence:>4}  {stored.event.kind:<28} {about:<22} {who:<18} {' '.join(shown)}"
            self.say(line.rstrip())
            self._told = stored.sequence
        return found
