"""Sends what waits: one thread for each channel, attempts with pauses between them, and a record of what came of it."""

from __future__ import annotations

import heapq
import random
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import msgspec

from sito.alerts.channels import Channel, Channels, Email
from sito.alerts.delivery import FAULT, Fate, Outcome
from sito.alerts.mail import send_mail
from sito.alerts.news import Alert
from sito.alerts.outbox import BEGUN, CLAIMED, FAILED, RELEASED, RETRIED, SENT, Outbox, until_of
from sito.alerts.webhook import post
from sito.cases.deadlines import Schedule
from sito.errors import LedgerError
from sito.ledger import Caller, Event, Ledger, View

SYSTEM = Caller("sito", "system")
HELD_MAX = 50  # alerts of one channel that one sender claims
CLAIM_S = 120.0  # seconds beyond the time of an attempt that a claim holds
PAUSE_S_MAX = 900.0  # the longest pause between two attempts
STORE_ATTEMPTS = 5  # with one request id, where it is not known whether the ledger stored it
NOT_KNOWN = "LED120"

Clock = Callable[[], datetime]
_random = random.SystemRandom()


class Tally(msgspec.Struct):
    """What one run did for one channel; `left` waits for another sender's claim to end."""

    sent: int = 0
    failed: int = 0
    left: int = 0


class _Item(msgspec.Struct, order=True):
    """One alert on its way; the one that is to be tried next is the least."""

    at: datetime
    number: int
    alert: Alert
    names: tuple[str, ...]
    taken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    attempts: int = 0
    reason: str = ""


class Sender:
    """Tells the channels what follows from a ledger.

    Args:
        ledger: Opened with `sito.cases.projection.PROJECTION`.
        channels: The file. schedule: Terms of the policy.
        clock: Gives the time of now, with its zone.
        sender: Names this process among others that send from the same ledger.
        tell: Called with one line, from the thread of a channel, for each alert that was given up.
    """

    def __init__(
        self, ledger: Ledger, channels: Channels, schedule: Schedule, *, clock: Clock, sender: str = "",
        tell: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._channels = channels
        self._schedule = schedule
        self._clock = clock
        self.sender = sender or secrets.token_hex(8)
        self.tell = tell or (lambda _: None)

    def send(self, chosen: Sequence[Channel], *, stop: threading.Event, interval_s: float = 0.0) -> dict[str, Tally]:
        """Send all that waits, all channels at once.

        Args:
            chosen: Channels of the file.
            stop: Set it to end: what is claimed and not sent is released.
            interval_s: If above 0, seconds between two looks for more, until `stop` is set.

        Raises:
            LedgerError: The ledger cannot be used; all channels stop.
        """
        with ThreadPoolExecutor(len(chosen)) as pool:
            lanes = [_Lane(self, channel, stop, interval_s) for channel in chosen]
            running = [pool.submit(lane.run) for lane in lanes]
            try:
                return {lane.channel.name: one.result() for lane, one in zip(lanes, running, strict=True)}
            finally:
                stop.set()

    def retry(self, chosen: Sequence[Channel]) -> int:
        """Let what was given up be tried again; return how many. A term that is over meanwhile is not told any more."""
        total = 0
        for channel in chosen:
            outbox = self.outbox(channel)
            if outbox.failed:
                total += len(outbox.failed)
                self.store(partial(_only, outbox.event(RETRIED, alert_ids=sorted(outbox.failed))))
        return total

    def outbox(self, channel: Channel) -> Outbox:
        """Return the state of a channel as it is now."""
        outbox = Outbox(self._ledger.ledger_id, channel, self._channels, self._schedule)
        with self._ledger.read() as view:
            outbox.catch_up(view)
        return outbox

    def store(self, work: Callable[[View], Sequence[Event]]) -> None:
        """Store events, once, also where the first answer is that nobody knows."""
        request_id = f"alerts-{secrets.token_hex(16)}"
        for attempt in range(1, STORE_ATTEMPTS + 1):
            try:
                self._ledger.transact(work, request_id=request_id, caller=SYSTEM, at=self._clock())
                return
            except LedgerError as error:
                if error.code != NOT_KNOWN or attempt == STORE_ATTEMPTS:
                    raise

    def deliver(self, alert: Alert, channel: Channel, names: Sequence[str]) -> Outcome:
        """Try once to hand an alert over."""
        return deliver(alert, channel, names, channels=self._channels, now=self._clock())

    def pause_s(self, attempts: int, asked_s: float) -> float:
        """Return the pause behind so many attempts, with jitter, and not shorter than was asked for within reason."""
        doubled = min(PAUSE_S_MAX, self._channels.backoff_s * 2.0 ** min(attempts - 1, 30))
        return max(min(asked_s, PAUSE_S_MAX), doubled * _random.uniform(0.5, 1.0))

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self._ledger

    @property
    def attempts_max(self) -> int:
        """Attempts for one alert before it is given up."""
        return self._channels.attempts_max

    def now(self) -> datetime:
        """Return the time of now."""
        return self._clock()


class _Lane:
    """The work for one channel, in a thread of its own."""

    def __init__(self, sender: Sender, channel: Channel, stop: threading.Event, interval_s: float) -> None:
        self.channel = channel
        self._sender = sender
        self._stop = stop
        self._interval_s = interval_s
        self._tally = Tally()
        self._heap: list[_Item] = []
        self._number = count()
        self._claim = timedelta(seconds=CLAIM_S + channel.timeout_s)
        self._claimed_until: datetime | None = None
        self._look_at = self._now = sender.now()

    def run(self) -> Tally:
        try:
            self._outbox = self._sender.outbox(self.channel)
            if not self._outbox.is_begun:
                self._sender.store(self._begin)
            self._work()
            return self._tally
        except BaseException:
            self._stop.set()
            raise
        finally:
            if self._heap:
                ids = sorted(item.alert.alert_id for item in self._heap)
                self._sender.store(partial(_only, self._outbox.event(RELEASED, alert_ids=ids)))

    def _begin(self, view: View) -> list[Event]:
        known = [stored.event.facts for stored in view.events(subject=f"alerts:{self.channel.name}", kinds=[BEGUN])]
        made = self._outbox.begin()
        return [] if known and known[-1] == made.facts else [made]

    def _work(self) -> None:
        while not self._stop.is_set():
            now = self._told_time()
            if self._heap and self._heap[0].at <= now:
                self._attempt(heapq.heappop(self._heap))
                continue
            if now >= self._look_at or not (self._heap or self._interval_s):
                found = self._look()
                self._look_at = now + timedelta(seconds=self._interval_s or 1.0)
                if found:
                    continue
                if not self._heap and not self._interval_s:
                    return
            now = self._told_time()
            next_at = min([self._look_at, *(item.at for item in self._heap[:1])])
            self._stop.wait(max(0.0, (next_at - now).total_seconds()))

    def _told_time(self) -> datetime:
        """Return the time of now. If the clock was set back, what was planned by it is set back as far."""
        now, before = self._sender.now(), self._now
        self._now = now
        if now < before:
            self._look_at -= before - now
            for item in self._heap:
                item.at -= before - now
            if self._claimed_until is not None:
                self._claimed_until -= before - now
        return now

    def _look(self) -> int:
        """Claim what waits and nobody else sends; return how many."""
        now = self._sender.now()
        with self._sender.ledger.read() as view:
            self._outbox.catch_up(view)
            waiting = self._outbox.waiting(view, now)
        held = {item.alert.alert_id for item in self._heap}
        open_ones = [alert for alert in waiting if alert.alert_id not in held]
        free = {alert.alert_id: alert for alert in open_ones if self._outbox.claimed(alert.alert_id, now) is None}
        self._tally.left = len(open_ones) - len(free)
        room = max(0, HELD_MAX - len(held))
        mine = self._take(list(free)[:room], now)
        for alert_id in mine:
            names = self._outbox.recipients(alert_id)
            heapq.heappush(self._heap, _Item(now, next(self._number), free[alert_id], names))
        return len(mine)

    def _take(self, alert_ids: Sequence[str], now: datetime) -> list[str]:
        """Claim alerts, in the ledger's turn; return those that nobody took meanwhile."""
        if not alert_ids:
            return []
        mine: list[str] = []

        def work(view: View) -> list[Event]:
            taken = self._outbox.taken_since(view)
            mine[:] = [alert_id for alert_id in alert_ids if alert_id not in taken]
            if not mine:
                return []
            until = until_of(now, self._claim)
            return [self._outbox.event(CLAIMED, alert_ids=mine, sender=self._sender.sender, until=until)]

        self._sender.store(work)
        until = now + self._claim
        self._claimed_until = until if self._claimed_until is None else min(until, self._claimed_until)
        return mine

    def _renew(self) -> None:
        """Claim anew what is held before the claim ends; what another sender took meanwhile is let go."""
        now = self._sender.now()
        if self._claimed_until is None or (self._claimed_until - now).total_seconds() > self.channel.timeout_s + 10.0:
            return
        with self._sender.ledger.read() as view:
            self._outbox.catch_up(view)
            waiting = {alert.alert_id for alert in self._outbox.waiting(view, now)}
        own = [
            item.alert.alert_id for item in self._heap
            if (claim := self._outbox.claimed(item.alert.alert_id, now)) is None or claim.sender == self._sender.sender
        ]  # fmt: skip
        self._claimed_until = None
        kept = set(self._take([alert_id for alert_id in own if alert_id in waiting], now))
        self._heap = [item for item in self._heap if item.alert.alert_id in kept]
        heapq.heapify(self._heap)

    def _attempt(self, item: _Item) -> None:
        heapq.heappush(self._heap, item)
        self._renew()
        if item not in self._heap:
            return
        outcome = self._sender.deliver(item.alert, self.channel, item.names)
        self._heap.remove(item)
        heapq.heapify(self._heap)
        fates = outcome.fates
        item.attempts += 1
        item.reason = outcome.reason or item.reason
        item.taken += tuple(name for name in item.names if fates.get(name) is Fate.TAKEN)
        item.refused += tuple(name for name in item.names if fates.get(name) is Fate.NEVER)
        item.names = tuple(name for name in item.names if fates.get(name, Fate.LATER) is Fate.LATER)
        if item.names and item.attempts < self._sender.attempts_max:
            pause_s = self._sender.pause_s(item.attempts, outcome.wait_s)
            item.at = self._told_time() + timedelta(seconds=pause_s)
            heapq.heappush(self._heap, item)
        else:
            self._record(item)

    def _record(self, item: _Item) -> None:
        alert, lost = item.alert, (*item.refused, *item.names)
        told = {
            "alert_id": alert.alert_id, "kind": alert.kinds[0].value, "about": alert.subject, "attempts": item.attempts,
        }  # fmt: skip
        events = [self._outbox.event(SENT, **told, recipients=list(item.taken))] if item.taken else []
        if lost:
            events.append(self._outbox.event(FAILED, **told, recipients=list(lost), reason=item.reason))
        self._sender.store(lambda _: events)
        self._tally.sent += bool(item.taken)
        self._tally.failed += bool(lost)
        if lost:
            self._sender.tell(
                f"{self.channel.name}: given up after {item.attempts} attempts: {alert.kinds[0].value} of"
                f" {alert.subject}, alert {alert.alert_id}, for {', '.join(lost)}: {item.reason}"
            )


def deliver(alert: Alert, channel: Channel, names: Sequence[str], *, channels: Channels, now: datetime) -> Outcome:
    """Try once to hand an alert over. Whatever goes wrong is told, for one bad alert must not stop the others."""
    secret = channels.secrets.get(channel.name, b"")
    context = channels.contexts[channel.name]
    try:
        if isinstance(channel, Email):
            return send_mail(alert, channel, names, context=context, password=secret)
        return post(alert, channel, context=context, secret=secret, now=now)
    except Exception as error:
        return Outcome(dict.fromkeys(names, Fate.LATER), f"{FAULT} {type(error).__name__}")


def _only(event: Event, _: View) -> list[Event]:
    return [event]
