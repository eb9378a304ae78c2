"""What the events up to some moment make of each metric: one pass, and no more memory than there are messages.

How each metric is computed, and from which source, stands in docs/risk.md. A message counts once, when it was sent
first; what happens to it later belongs to the metric of rejected messages.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from sito.cases.deadlines import Schedule
from sito.fes import Kind
from sito.risk.events import DAY_US, Found, Moment, Seen, found_of
from sito.risk.kinds import Metric, Why
from sito.risk.settings import Settings
from sito.risk.terms import CHECK_RULE, Duty, day_start, due_after, duty_of, instant_us, told_due

MOVES_MAX = 20  # of each metric, the newest: events that are shown with a change
# By kind of message: its metric, and the rule of which the term is meant.
TIMELY = {
    Kind.OPERATION: (Metric.OPERATION_LATE, "R-OPER-FES"), Kind.REFUSAL: (Metric.REFUSAL_LATE, "R-REFUSE"),
    Kind.CHECK: (Metric.CHECK_LATE, CHECK_RULE),
}  # fmt: skip
MATTERS = {"message": Kind.OPERATION, "refusal": Kind.REFUSAL, "check": Kind.CHECK}  # kind of message by machine
TOLD_BY_HAND = {"message_sent", "refusal_told_to_authority", "check_told_to_authority"}


class Value(msgspec.Struct, frozen=True):
    """What a metric is at a moment.

    Attributes:
        value: In the unit of the metric; None: nobody knows from when to count.
        is_least: It is that much at least: nothing is known but that the ledger tells of none.
        count, of: What makes it a share: so many of so many.
        due_at: For the check that is due: the first instant that is too late.
    """

    value: float | None
    count: int = 0
    of: int = 0
    due_us: int | None = None
    is_least: bool = False


class _Report(NamedTuple):
    """A message of the machine `fes`: of which kind, about what (itself if nothing), and by when if that was told."""

    kind: str
    key: str
    due_us: int | None


class _Finish(NamedTuple):
    """The end of a check: when, of how many clients (-1: nobody knows), and the last use of any list before it."""

    at_us: int
    client_count: int
    used_us: int


class _Check(NamedTuple):
    """A check that the authority was told of."""

    key: str
    sequence: int
    subject: str
    at_us: int


class _Log:
    """Events in the order of time, some of them bad; how many lie in a look-back takes two searches."""

    def __init__(self) -> None:
        self._at, self._bad = array("q"), array("q")
        self.found: list[Found] = []  # the bad ones

    def add(self, at_us: int, bad: Found | None = None) -> None:
        self._at.append(at_us)
        if bad is not None:
            self._bad.append(at_us)
            self.found.append(bad)

    def count(self, from_us: int) -> tuple[int, int]:
        """Return how many bad ones there are since then, and how many in all."""
        return len(self._bad) - bisect_left(self._bad, from_us), len(self._at) - bisect_left(self._at, from_us)

    def bad(self, from_us: int) -> list[Found]:
        return self.found[bisect_left(self._bad, from_us) :]


class Watch:
    """Takes events one after another, and says at any time what they make of a metric."""

    def __init__(self, settings: Settings, schedule: Schedule) -> None:
        self._settings, self._schedule = settings, schedule
        self._uses = frozenset(settings.lists.events)
        self._used: dict[str, Found] = {}  # by list
        self._used_us = 0  # of any list that counts between checks
        self._reports: dict[str, _Report] = {}
        self._told: dict[str, tuple[str, ...]] = {}  # what was told of, and by which messages; an empty word: by hand
        self._duties: dict[Metric, dict[str, Duty]] = {metric: {} for metric, _ in TIMELY.values()}
        self._logs = {metric: _Log() for metric in (*(one for one, _ in TIMELY.values()), Metric.CHECK_UNLISTED)}
        self._sent = _Log()  # every message, when it was sent first
        self._sent_us: dict[str, int] = {}
        self._rejected: dict[str, Found] = {}  # not corrected
        self._deleted: set[str] = set()
        self._finished: dict[str, _Finish] = {}
        self._checks: list[_Check] = []
        self._checked_us: int | None = None  # end of the check that was told of last
        self._planned: Found | None = None  # the first check that was planned,
        self._planned_us = 0  # and from when its term counts
        self._request = ""
        self.moves: dict[Metric, deque[Found]] = {metric: deque(maxlen=MOVES_MAX) for metric in Metric}
        self.move_counts: dict[Metric, int] = dict.fromkeys(Metric, 0)

    # --- events -------------------------------------------------------------------------------------------------------

    def take(self, event: Seen) -> None:
        """Take the next event."""
        if event.kind in self._uses:
            self._use(event)
            return
        machine = event.subject.partition(":")[0]
        if event.kind.startswith("fes_"):
            if machine == "fes":
                self._report(event)
            return
        kind = MATTERS.get(machine)
        if kind is None or event.subject == "another":
            return
        if event.kind == "check_planned":
            self._plan(event)
        elif event.kind == "check_finished":
            count = event.facts.get("client_count")
            known = isinstance(count, int) and count >= 0
            self._finished[event.subject] = _Finish(event.at_us, count if known else -1, self._used_us)  # type: ignore[arg-type]
        # By a message of ours the same request told it: then it is known already.
        elif event.kind in TOLD_BY_HAND and event.request_id != self._request:
            self._tell(kind, event.subject, "", event, None)
        self._terms(event, kind)

    def _use(self, event: Seen) -> None:
        list_id = event.subject.removeprefix("list:")
        used = found_of(event, Why.USED)
        self._used[list_id] = used
        lists = self._settings.lists
        if list_id in lists.any:
            self._used_us = event.at_us
        for metric, ids in ((Metric.TE_UNUSED, lists.te), (Metric.MVK_UNUSED, lists.mvk)):
            if list_id in ids:
                self._move(metric, used)

    def _report(self, event: Seen) -> None:
        subject = event.subject
        if event.kind == "fes_drafted":
            self._draft(event)
        elif event.kind == "fes_dropped":
            report = self._reports.pop(subject, None)
            if report is not None and report.key == subject:
                self._drop(report.kind, subject, event)
        elif event.kind == "fes_sent":
            self._send(event)
        elif event.kind == "fes_rejected":
            self._rejected[subject] = rejected = found_of(event, Why.REJECTED)
            self._move(Metric.REJECTED_OPEN, rejected)
            if subject in self._reports and self._reports[subject].kind == Kind.CHECK:
                self._move(Metric.CHECK_MISSING, rejected)
        elif event.kind in {"fes_accepted", "fes_deleted"}:
            is_deleted = event.kind == "fes_deleted"
            if is_deleted:
                self._deleted.add(subject)
            if self._rejected.pop(subject, None) is not None or is_deleted:
                self._mended(event, Why.DELETED if is_deleted else Why.CORRECTED)

    def _draft(self, event: Seen) -> None:
        """Note what a message is about; a draft that is written anew says it again, or does not."""
        known, facts = self._reports.get(event.subject), event.facts
        about, kind = facts.get("about"), facts.get("kind")
        if known is not None:
            due_us = told_due(facts)
            if due_us is not None:
                self._reports[event.subject] = known._replace(due_us=due_us)
            return
        kind = kind if isinstance(kind, str) else ""
        wanted = next((machine for machine, one in MATTERS.items() if one == kind), None)
        is_about = isinstance(about, str) and wanted is not None and about.partition(":")[0] == wanted
        key = str(about) if is_about else event.subject
        self._reports[event.subject] = _Report(kind, key, told_due(facts))
        if key == event.subject and kind in {Kind.OPERATION, Kind.REFUSAL} and key not in self._told:
            # Nobody knows when the operation was: counted from when somebody wrote of it.
            metric, rule = TIMELY[Kind(kind)]
            due_us = due_after(self._schedule, rule, event.at_us)
            self._duties[metric][key] = Duty(event.sequence, event.at_us, event.subject, due_us)

    def _send(self, event: Seen) -> None:
        subject = event.subject
        report = self._reports.get(subject) or _Report("", subject, None)
        self._request = event.request_id
        if subject not in self._sent_us:
            self._sent_us[subject] = event.at_us
            self._sent.add(event.at_us)
            self._move(Metric.REJECTED_OPEN, found_of(event, Why.SENT))
        if self._rejected.pop(subject, None) is not None:
            self._mended(event, Why.CORRECTED)
        if report.kind in TIMELY:
            told = told_due(event.facts)
            self._tell(Kind(report.kind), report.key, subject, event, report.due_us if told is None else told)

    def _mended(self, event: Seen, why: Why) -> None:
        mended = found_of(event, why)
        self._move(Metric.REJECTED_OPEN, mended)
        if event.subject in self._reports and self._reports[event.subject].kind == Kind.CHECK:
            self._move(Metric.CHECK_MISSING, mended)

    def _tell(self, kind: Kind, key: str, carrier: str, event: Seen, due_us: int | None) -> None:
        """Note that the authority was told of something; only the first time counts."""
        carriers = self._told.get(key, ())
        is_first = not carriers
        if carrier not in carriers:
            self._told[key] = (*carriers, carrier)
        metric, _ = TIMELY[kind]
        duty = self._duties[metric].pop(key, None)
        if not is_first:
            return
        if kind is Kind.CHECK:
            self._check(key, event, due_us)
            return
        if due_us is None and duty is not None:
            due_us = duty.due_us
        self._timed(metric, event, due_us)

    def _timed(self, metric: Metric, event: Seen, due_us: int | None) -> None:
        is_late = due_us is not None and event.at_us >= due_us
        told = found_of(event, Why.LATE if is_late else Why.IN_TIME)
        self._logs[metric].add(event.at_us, told if is_late else None)
        self._move(metric, told)

    def _check(self, key: str, event: Seen, due_us: int | None) -> None:
        last = self._last_check()
        began = last.at_us if last is not None else self._beginning(event.at_us)
        counted = None if began is None else due_after(self._schedule, CHECK_RULE, began)
        ends = [one for one in (due_us, counted) if one is not None]
        self._timed(Metric.CHECK_LATE, event, min(ends, default=None))
        finish = self._finished.pop(key, None) or _Finish(event.at_us, -1, self._used_us)
        is_unlisted = finish.client_count != 0 and finish.used_us <= (self._checked_us or 0)
        found = found_of(event, Why.CHECK_UNLISTED if is_unlisted else Why.CHECK_TOLD)
        self._logs[Metric.CHECK_UNLISTED].add(event.at_us, found if is_unlisted else None)
        self._move(Metric.CHECK_UNLISTED, found)
        self._move(Metric.CHECK_MISSING, found_of(event, Why.CHECK_TOLD))
        self._checked_us = finish.at_us
        self._checks.append(_Check(key, event.sequence, event.subject, event.at_us))

    def _plan(self, event: Seen) -> None:
        """Of the first check that is planned somebody may say from when its term counts: from a message before sito.

        That it was planned begins nothing: the authority does not know of it.
        """
        start = instant_us(event.facts.get("trigger_at"))
        if start is not None and self._planned is None:
            self._planned, self._planned_us = found_of(event, Why.BEGAN), start

    def _terms(self, event: Seen, kind: Kind) -> None:
        """Note the terms that a step of a matter begins and ends."""
        metric, rule = TIMELY[kind]
        if kind is Kind.CHECK:  # counted from message to message
            return
        for began in _mappings(event.facts.get("begins")):
            if began.get("name") == rule and event.subject not in self._told:
                self._duties[metric][event.subject] = duty_of(
                    self._schedule, rule, began, sequence=event.sequence, at_us=event.at_us, subject=event.subject
                )
        ends = event.facts.get("ends")
        if isinstance(ends, list) and rule in ends:
            self._drop(kind, event.subject, event)

    def _drop(self, kind: str, key: str, event: Seen) -> None:
        if kind in TIMELY:
            metric, _ = TIMELY[Kind(kind)]
            if self._duties[metric].pop(key, None) is not None:
                self._move(metric, found_of(event, Why.DROPPED))

    def _move(self, metric: Metric, found: Found) -> None:
        self.moves[metric].append(found)
        self.move_counts[metric] += 1

    # --- what they make -----------------------------------------------------------------------------------------------

    def value(self, metric: Metric, moment: Moment, began_us: int) -> Value:
        """Return what a metric is; every event up to the moment, and none behind it, was taken.

        Args:
            began_us: When the ledger began.
        """
        if metric in self._duties and metric is not Metric.CHECK_LATE:
            late, told = self._logs[metric].count(moment.from_us)
            overdue = len(self._overdue(metric, moment))
            return _share(late + overdue, told + overdue)
        if metric is Metric.CHECK_LATE:
            return _share(*self._logs[metric].count(moment.from_us))
        if metric is Metric.CHECK_UNLISTED:
            count, told = self._logs[metric].count(moment.from_us)
            return Value(float(count), count, told)
        if metric is Metric.REJECTED_OPEN:
            rejected = self._open_rejected(moment)
            _, sent = self._sent.count(moment.from_us)
            older = sum(self._sent_us.get(one.subject, 0) < moment.from_us for one in rejected)
            return _share(len(rejected), sent + older)
        if metric is Metric.CHECK_MISSING:
            last = self._last_check()
            start = self._beginning(moment.last_us) if last is None else last.at_us
            due_us = None if start is None else due_after(self._schedule, CHECK_RULE, start)
            return Value(None if due_us is None else (moment.at_us - due_us) / DAY_US, due_us=due_us)
        used = self._last_use(metric)
        start = began_us if used is None else used.at_us
        return Value((moment.at_us - start) / DAY_US, is_least=used is None)

    def evidence(self, metric: Metric, moment: Moment, began: Found | None) -> list[Found]:
        """Return the events that make a metric what it is, the oldest first.

        Args:
            began: The first event of the ledger.
        """
        if metric in self._logs:
            found = self._logs[metric].bad(moment.from_us)
            if metric is not Metric.CHECK_LATE and metric in self._duties:
                found = found + self._overdue(metric, moment)
        elif metric is Metric.REJECTED_OPEN:
            found = self._open_rejected(moment)
        elif metric is Metric.CHECK_MISSING:
            last = self._last_check()
            one = Found(last.sequence, last.at_us, last.subject, Why.CHECK_TOLD) if last else self._planned
            found = [] if one is None else [one]
        else:
            used = self._last_use(metric)
            found = [used._replace(why=Why.UNUSED)] if used else [began] if began else []
        return sorted(found)

    def _overdue(self, metric: Metric, moment: Moment, after_us: int = -1) -> list[Found]:
        """Return what was not told of though its term is over: it can only be told of late.

        Args:
            after_us: Not what was overdue then.
        """
        return [
            Found(duty.sequence, duty.at_us, duty.subject, Why.OVERDUE)
            for duty in self._duties[metric].values()
            if duty.due_us is not None and after_us < duty.due_us <= moment.at_us
        ]

    def fell_due(self, metric: Metric, before: Moment, moment: Moment) -> list[Found]:
        """Return what was not overdue at one moment, and is at a later one."""
        return self._overdue(metric, moment, before.at_us) if metric in self._duties else []

    def _open_rejected(self, moment: Moment) -> list[Found]:
        """Return the rejections of the look-back after which nothing was sent, accepted or deleted."""
        return [one for one in self._rejected.values() if one.at_us >= moment.from_us]

    def _last_use(self, metric: Metric) -> Found | None:
        ids = self._settings.lists.te if metric is Metric.TE_UNUSED else self._settings.lists.mvk
        return max((self._used[one] for one in ids if one in self._used), default=None)

    def _last_check(self) -> _Check | None:
        """Return the last check that the authority knows of; a message that stands rejected or deleted tells none."""
        for check in reversed(self._checks):
            if any(one not in self._rejected and one not in self._deleted for one in self._told[check.key]):
                return check
        return None

    def _beginning(self, last_us: int) -> int | None:
        """Return from when the first check message is counted: registration, or what was said when it was planned."""
        on = self._settings.registered_on
        known = [] if on is None else [day_start(on)]
        known += [] if self._planned is None else [self._planned_us]
        return max((one for one in known if one <= last_us), default=None)


def _share(count: int, of: int) -> Value:
    return Value(count / of if of else 0.0, count, of)


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
