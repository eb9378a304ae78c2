"""The checklist: what no program can know, ticked by the officer with a day and a document."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from enum import StrEnum

import msgspec

from sito.errors import RiskError
from sito.ledger import Caller, Event, Ledger
from sito.ledger.events import instant, microseconds
from sito.policy.calendar import moscow_day
from sito.policy.deadlines import add_months
from sito.risk.events import Moment, Seen
from sito.risk.kinds import ITEM_TICKED, Block, Level
from sito.risk.settings import UNSEEN, Item, Settings

DOCUMENT_LENGTH_MAX = 64  # characters
DAY_MIN = date(2015, 1, 1)
# A number of a document stands in the chain for ever: never without a digit, which keeps names out.
_DIGIT = re.compile(r"[0-9]")


class Standing(StrEnum):
    """How an item of the checklist stands."""

    DONE = "done"
    EXPIRED = "expired"
    MISSING = "missing"


class ItemState(msgspec.Struct, frozen=True):
    """An item at some moment.

    Attributes:
        on: The day that the tick names. expires_on: The last day on which it holds.
        document: Its number, or the matter that the ledger knows it by.
        sequence, ticked_at: Of the event; 0 and None if there is none.
    """

    id: str
    block: Block
    title: str
    title_ru: str
    standing: Standing
    level: Level
    on: date | None = None
    expires_on: date | None = None
    document: str = ""
    sequence: int = 0
    ticked_at: datetime | None = None


class Ticks:
    """Takes the events of ticks, and says how each item stands."""

    def __init__(self, settings: Settings) -> None:
        self._items = settings.items
        self._by_kind: dict[str, list[str]] = {}
        for item in settings.items:
            if item.ticked_by:
                self._by_kind.setdefault(item.ticked_by, []).append(item.id)
        self._last: dict[str, tuple[date, str, Seen]] = {}

    def take(self, event: Seen) -> None:
        """Take the next event; a tick that came later counts, whichever day it names: so is a mistake put right."""
        if event.kind == ITEM_TICKED:
            item, on, document = (event.facts.get(name) for name in ("item", "on", "document"))
            if isinstance(item, str) and isinstance(on, str) and isinstance(document, str):
                try:
                    self._last[item] = (date.fromisoformat(on), document, event)
                except ValueError:
                    return
        for item_id in self._by_kind.get(event.kind, ()):
            self._last[item_id] = (Moment(event.at_us, event.at_us).day, event.subject, event)

    def states(self, moment: Moment) -> tuple[ItemState, ...]:
        """Return how each item stands at the moment up to which events were taken."""
        return tuple(self.state(item, moment.day) for item in self._items)

    def state(self, item: Item, day: date) -> ItemState:
        """Return how one item stands on a day in Moscow."""
        known = (item.id, item.block, item.title, item.title_ru)
        if item.id not in self._last:
            return ItemState(*known, Standing.MISSING, item.missing)
        on, document, event = self._last[item.id]
        expires_on = add_months(on, item.valid_months)
        is_done = on <= day <= expires_on
        standing, level = (Standing.DONE, Level.LOW) if is_done else (Standing.EXPIRED, item.missing)
        return ItemState(*known, standing, level, on, expires_on, document, event.sequence, instant(event.at_us))


def tick(
    ledger: Ledger, settings: Settings, item_id: str, *, on: date, document: str, caller: Caller, request_id: str,
    at: datetime,
) -> ItemState:  # fmt: skip
    """Record that an item of the checklist is done.

    Args:
        on: The day of the document; not later than that of `at` in Moscow.
        document: Its number, with a digit and at most 64 characters; no names.

    Returns:
        How the item stands now.

    Raises:
        RiskError: RSK104 no such item; RSK105 a day or document that is none.
        LedgerError: As `Ledger.transact`.
    """
    item, today = settings.item(item_id), moscow_day(at)
    if not DAY_MIN <= on <= today:
        raise RiskError("RSK105", expected=f"a day from {DAY_MIN} to {today}", got=on.isoformat(), where="on")
    if len(document) > DOCUMENT_LENGTH_MAX or UNSEEN.search(document) or not _DIGIT.search(document):
        raise RiskError(
            "RSK105", expected=f"a number of a document: 1 to {DOCUMENT_LENGTH_MAX} characters, one of them a digit",
            got=f"{len(document)} characters", where="document", todo="write no names: it stays in the ledger for ever",
        )  # fmt: skip
    facts = {"item": item_id, "on": on.isoformat(), "document": document}
    event = Event(ITEM_TICKED, f"risk:{item_id}", facts)
    digest = hashlib.sha256(msgspec.msgpack.encode([item_id, facts["on"], document])).hexdigest()
    receipt = ledger.transact(lambda _: [event], request_id=request_id, caller=caller, at=at, request_digest=digest)
    ticks = Ticks(settings)
    ticks.take(Seen(receipt.first, microseconds(at), ITEM_TICKED, event.subject, request_id, facts))
    return ticks.state(item, today)
