"""What one channel still has to be told, as it follows from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sito.alerts.channels import Channel, Channels
from sito.alerts.news import Alert, AlertKind, Lists, news_of, news_of_terms, with_term
from sito.cases.deadlines import OpenDeadline, Schedule, open_deadlines
from sito.cases.listuse import LIST_LOADED
from sito.cases.machines import MACHINES
from sito.cases.projection import ATTEMPT_REFUSED, LIST_USED
from sito.ledger import Event, Stored, View

# Kinds of the events of this room. Each has the fact `channel`; their subject is `alerts:CHANNEL`.
BEGUN = "alerts_begun"  # kinds: from here on the channel is told of these, and of no others
CLAIMED = "alerts_claimed"  # alert_ids, sender, until: nobody else sends them before that time
RELEASED = "alerts_released"  # alert_ids: their sender stopped
SENT = "alert_sent"  # alert_id, kind, about, recipients (names of the file), attempts
FAILED = "alert_failed"  # the same and reason: these recipients were given up
RETRIED = "alerts_retried"  # alert_ids: somebody asked to try them again
OWN = (BEGUN, CLAIMED, RELEASED, SENT, FAILED, RETRIED)

CLAIM_MAX = timedelta(hours=1)  # beyond any claim: one that ends later is of a clock that ran ahead

_SOURCES = (*{row.event for machine in MACHINES.values() for row in machine.rows}, ATTEMPT_REFUSED, LIST_USED,
            LIST_LOADED)  # fmt: skip
# Alerts of these kinds may be found again after they were told.
_FOUND_AGAIN = frozenset(
    {AlertKind.DEADLINE_NEAR, AlertKind.DEADLINE_LATE, AlertKind.CHECK_DUE, AlertKind.LIST_UNUSED,
     AlertKind.LIST_LOADED, AlertKind.ATTEMPT_REFUSED}
)  # fmt: skip


class Claim(msgspec.Struct, frozen=True):
    """Who sends an alert, and until when nobody else does."""

    sender: str
    until: datetime


class Failure(msgspec.Struct, frozen=True):
    """An alert that was given up: for whom, when, why and after how many attempts."""

    alert_id: str
    kind: str
    subject: str
    recipients: tuple[str, ...]
    at: datetime
    attempts: int
    reason: str


class Outbox:
    """The state of one channel. One thread uses it.

    Args:
        ledger_id: Part of every alert's id.
        channel, channels: The channel, and the file that it is of.
        schedule: Terms of the policy.

    Attributes:
        is_begun: Does the ledger know the channel, and the kinds that its file names?
        sequence: Events up to it are taken into account.
        failed: What was given up, by id.
        sent_count: Alerts that were told.
    """

    def __init__(self, ledger_id: str, channel: Channel, channels: Channels, schedule: Schedule) -> None:
        self.channel = channel
        self._begun: frozenset[str] = frozenset()
        self.sequence = 0
        self.failed: dict[str, Failure] = {}
        self.sent_count = 0
        self._ledger_id = ledger_id
        self._channels = channels
        self._schedule = schedule
        self._kinds = frozenset(channel.kinds)
        self._lists = Lists()
        self._waiting: dict[str, Alert] = {}  # those of events
        self._given_up: dict[str, Alert] = {}
        self._last_sent: Alert | None = None
        self._told: set[str] = set()  # of those that may be found again
        self._claims: dict[str, Claim] = {}
        self._left: dict[str, tuple[str, ...]] = {}  # recipients of an alert of which others have it

    @property
    def is_begun(self) -> bool:
        """See the class."""
        return self._begun == self._kinds

    def begin(self) -> Event:
        """Return the event from which on the channel is told of its kinds."""
        return self.event(BEGUN, kinds=sorted(self._kinds))

    def catch_up(self, view: View) -> None:
        """Take the events into account that came since the last time."""
        last, _ = view.head()
        for stored in view.events(kinds=(*_SOURCES, *OWN), after=self.sequence):
            if stored.event.kind in OWN:
                if stored.event.facts.get("channel") == self.channel.name:
                    self._own(stored)
                continue
            self._lists.take(stored)
            found = news_of(stored, self._ledger_id) if self._begun else None
            if found is not None and not self._begun.isdisjoint(found.kinds) and found.alert_id not in self._told:
                self._waiting.setdefault(found.alert_id, found)
        self.sequence = last

    def _own(self, stored: Stored) -> None:
        kind, facts = stored.event.kind, stored.event.facts
        if kind == BEGUN:
            self._begun = frozenset(facts["kinds"])
        elif kind == CLAIMED:
            claim = Claim(facts["sender"], datetime.fromisoformat(facts["until"]))
            self._claims |= dict.fromkeys(facts["alert_ids"], claim)
        elif kind == RELEASED:
            for alert_id in facts["alert_ids"]:
                self._claims.pop(alert_id, None)
        elif kind == RETRIED:
            for alert_id in facts["alert_ids"]:
                failure = self.failed.pop(alert_id, None)
                self._told.discard(alert_id)
                if failure is not None:
                    self._left[alert_id] = failure.recipients
                if (alert := self._given_up.pop(alert_id, None)) is not None:
                    self._waiting[alert_id] = alert
        else:
            self._done(stored)

    def _done(self, stored: Stored) -> None:
        facts, alert_id = stored.event.facts, stored.event.facts["alert_id"]
        alert = self._waiting.pop(alert_id, None)
        self._claims.pop(alert_id, None)
        self._left.pop(alert_id, None)
        if facts["kind"] in _FOUND_AGAIN:
            self._told.add(alert_id)
        if stored.event.kind == SENT:
            self.sent_count += 1
            self._last_sent = alert  # for the rest of its recipients, if their failure comes next
            return
        if alert is None and self._last_sent is not None and self._last_sent.alert_id == alert_id:
            alert = self._last_sent
        if alert is not None:
            self._given_up[alert_id] = alert
        self.failed[alert_id] = Failure(
            alert_id, facts["kind"], facts["about"], tuple(facts["recipients"]), stored.at, facts["attempts"],
            facts["reason"],
        )  # fmt: skip

    def _wants(self, alert: Alert) -> bool:
        return not self._kinds.isdisjoint(alert.kinds) and alert.alert_id not in self._told

    def waiting(self, view: View, now: datetime) -> list[Alert]:
        """Return all that has to be told, with what is due next, in the order in which it came to be."""
        if not self._begun:
            return []
        terms = open_deadlines(view, self._schedule, now)
        by_subject: dict[str, OpenDeadline] = {}
        for term in terms:  # the one that ends first stands first
            by_subject.setdefault(term.subject, term)
        found = {}
        for alert in filter(self._wants, self._waiting.values()):
            first = by_subject.get(alert.subject)
            found[alert.alert_id] = alert if first is None else with_term(alert, first)
        for alert in self._found_now(terms, now):
            if self._wants(alert):
                found.setdefault(alert.alert_id, alert)
        return list(found.values())

    def _found_now(self, terms: Iterable[OpenDeadline], now: datetime) -> Iterator[Alert]:
        yield from news_of_terms(terms, self._ledger_id, now, self._channels.leads)
        yield from self._lists.news(self._ledger_id, now, self._channels.unused)

    def claimed(self, alert_id: str, now: datetime) -> Claim | None:
        """Return the claim on an alert that still holds; who claimed by a clock that ran ahead holds nobody up."""
        claim = self._claims.get(alert_id)
        return claim if claim is not None and now < claim.until <= now + CLAIM_MAX else None

    def recipients(self, alert_id: str) -> tuple[str, ...]:
        """Return who has to get an alert: all, or those whom it did not reach before."""
        left = self._left.get(alert_id, self.channel.recipients)
        return tuple(name for name in left if name in self.channel.recipients) or self.channel.recipients

    def event(self, what: str, /, **facts: Any) -> Event:
        """Return an event of this channel."""
        return Event(what, f"alerts:{self.channel.name}", {"channel": self.channel.name, **facts})

    def taken_since(self, view: View) -> set[str]:
        """Return the ids of alerts that somebody claimed or settled since this outbox last looked."""
        taken: set[str] = set()
        for stored in view.events(subject=f"alerts:{self.channel.name}", kinds=OWN, after=self.sequence):
            facts = stored.event.facts
            taken.update(facts.get("alert_ids", ()))
            taken.update([facts["alert_id"]] if "alert_id" in facts else [])
        return taken


def until_of(now: datetime, claim: timedelta) -> str:
    """Return until when a claim of now holds, as it is stored."""
    return (now + claim).isoformat()
