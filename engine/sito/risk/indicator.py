"""The indicator: each metric with its level and history, the checklist, and what changed by which events.

Nothing of it is stored: it is a function of the events, the terms of the policy, the settings and the moment. Each week
of the history is what somebody would have seen who asked at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from sito.cases.deadlines import Schedule
from sito.ledger import View
from sito.ledger.events import instant, microseconds
from sito.policy.calendar import day_end
from sito.risk.events import Evidence, Found, Moment, Seen, end_moment, now_moment, seen_events, week_end_before
from sito.risk.events import week_name as name_of
from sito.risk.items import ItemState, Ticks
from sito.risk.kinds import BLOCKS, DRAFTS, UNITS, Block, Level, Metric, Unit, Why
from sito.risk.settings import Settings, Threshold
from sito.risk.watch import Value, Watch

WEEK_COUNT = 52  # whole weeks before the moment that is shown
EVIDENCE_MAX = 20  # events that are named with a metric or a change; the newest


class Point(msgspec.Struct, frozen=True):
    """A metric, or all of them, at the end of a week.

    Attributes:
        at: The end of the week (Sunday, 24:00 in Moscow), or the moment that is shown.
        week: Its name, as `2026-W53`.
        value: None if nobody knows from when to count, or the ledger had not begun.
        level: None if the ledger had not begun.
        is_forecast: It is still to come: what it will be if nothing happens until then.
    """

    at: datetime
    week: str
    value: float | None
    level: Level | None
    is_forecast: bool


class MetricState(msgspec.Struct, frozen=True):
    """One metric.

    Attributes:
        value: In its unit; None if nobody knows from when to count.
        count, of: What makes it a share.
        due_at: Of the check that is due: the first instant that is too late.
        threshold: The one in force.
        is_draft: It rests on a format of which no official description was found.
        evidence: The newest events that made it so, `evidence_count` of all.
        history: The ends of the last weeks, then the moment that is shown.
    """

    metric: Metric
    block: Block
    unit: Unit
    level: Level
    value: float | None
    count: int
    of: int
    due_at: datetime | None
    threshold: Threshold
    is_draft: bool
    evidence_count: int
    evidence: tuple[Evidence, ...]
    history: tuple[Point, ...]


class Change(msgspec.Struct, frozen=True):
    """What has become of a metric or an item since.

    Attributes:
        what: The metric, or the id of the item.
        former_level: None if the ledger had not begun.
        by_time: No event has changed it, but the time that passed; then `events` are those from which it is counted.
        events: The newest of those that did, and of duties that are overdue since; `event_count` of all.
    """

    what: str
    former_level: Level | None
    level: Level
    former_value: float | None
    value: float | None
    by_time: bool
    event_count: int
    events: tuple[Evidence, ...]


class Indicator(msgspec.Struct, frozen=True):
    """The whole.

    Attributes:
        at: The moment that is shown. read_at: When the ledger was read.
        since: The moment with which it is compared: the end of the week before, or `read_at` if `at` is to come.
        level: The worst of all metrics and of the items that count.
        thresholds, digest: What the file of thresholds says it is, and the SHA-256 of its bytes.
        last_sequence: Of the last event that was counted.
    """

    ledger_id: str
    at: datetime
    read_at: datetime
    since: datetime
    level: Level
    history: tuple[Point, ...]
    metrics: tuple[MetricState, ...]
    items: tuple[ItemState, ...]
    changes: tuple[Change, ...]
    thresholds: str
    digest: str
    registered_on: date | None
    last_sequence: int


@dataclass(frozen=True)
class _Snapshot:
    """All that is kept of one moment; evidence only of those that are compared."""

    moment: Moment
    values: dict[Metric, Value]
    levels: dict[Metric, Level] | None
    items: tuple[ItemState, ...]
    evidence: dict[Metric, list[Found]]
    move_counts: dict[Metric, int]


def indicator(
    view: View, *, settings: Settings, schedule: Schedule, read_at: datetime, on: date | None = None
) -> Indicator:
    """Compute the indicator from a ledger.

    Args:
        schedule: Terms of the policy.
        read_at: Now.
        on: The day at whose end it is shown; None: now.

    Raises:
        RiskError: RSK103 no threshold is in force on a day that is shown.
        LedgerError: The ledger cannot be read.
    """
    first = next(view.rows(), None)
    began = None
    if first is not None:
        row = first[0]
        began = Found(row.sequence, min(row.at_us, microseconds(read_at)), "ledger:1", Why.BEGAN)
    found = indicate(
        seen_events(view, settings, read_at), settings=settings, schedule=schedule, read_at=read_at, on=on, began=began
    )
    return msgspec.structs.replace(found, ledger_id=view.ledger_id)


def indicate(
    events: Iterable[Seen], *, settings: Settings, schedule: Schedule, read_at: datetime, on: date | None = None,
    began: Found | None = None,
) -> Indicator:  # fmt: skip
    """Compute the indicator from events, as `seen_events` gives them.

    Args:
        began: The first event of the ledger; None if it is empty.

    Raises:
        RiskError: RSK103.
    """
    now = now_moment(read_at)
    shown = now if on is None else end_moment(day_end(on))
    ends = [week_end_before(shown)]
    while len(ends) < WEEK_COUNT:
        ends.append(week_end_before(ends[-1]))
    compared = now if shown.at_us > now.at_us else ends[0]
    moments = sorted({*ends, compared, shown})
    watch, ticks, last_sequence = Watch(settings, schedule), Ticks(settings), 0
    snapshots: dict[Moment, _Snapshot] = {}
    waiting = iter(moments)
    following = next(waiting, None)

    def snapshot(moment: Moment) -> None:
        snapshots[moment] = _snapshot(
            watch,
            ticks,
            moment,
            settings=settings,
            began=began,
            is_compared=moment in {compared, shown},
        )

    for event in events:
        while following is not None and event.at_us > following.last_us:
            snapshot(following)
            following = next(waiting, None)
        if following is None:
            break
        watch.take(event)
        ticks.take(event)
        last_sequence = event.sequence
    while following is not None:
        snapshot(following)
        following = next(waiting, None)

    order = [*reversed(ends), shown]
    states = tuple(_state(metric, [snapshots[one] for one in order], settings, now) for metric in Metric)
    overall = tuple(Point(one.at, name_of(one), None, _worst(snapshots[one]), one.at_us > now.at_us) for one in order)
    return Indicator(
        "", shown.at, read_at, compared.at, overall[-1].level or Level.RAISED, overall, states, snapshots[shown].items,
        tuple(_changes(snapshots[compared], snapshots[shown], watch)), f"{settings.title} ({settings.edition})",
        settings.digest, settings.registered_on, last_sequence,
    )  # fmt: skip


def _snapshot(
    watch: Watch, ticks: Ticks, moment: Moment, *, settings: Settings, began: Found | None, is_compared: bool
) -> _Snapshot:
    had_begun = began is not None and began.at_us <= moment.last_us
    began_us = began.at_us if began is not None and had_begun else moment.at_us
    values = {metric: watch.value(metric, moment, began_us) for metric in Metric}
    levels = {metric: _level(settings.threshold(metric, moment.day), one.value) for metric, one in values.items()}
    evidence = {metric: watch.evidence(metric, moment, began) for metric in Metric} if is_compared else {}
    return _Snapshot(
        moment, values, levels if had_begun else None, ticks.states(moment), evidence, dict(watch.move_counts)
    )


def _level(threshold: Threshold, value: float | None) -> Level:
    """Return a level; what nobody knows is no good news."""
    return Level.RAISED if value is None else threshold.level_of(value)


def _worst(snapshot: _Snapshot) -> Level | None:
    if snapshot.levels is None:
        return None
    found = [*snapshot.levels.values(), *(item.level for item in snapshot.items)]
    return max(found, key=lambda level: level.rank)


def _state(metric: Metric, snapshots: Sequence[_Snapshot], settings: Settings, now: Moment) -> MetricState:
    last = snapshots[-1]
    value, evidence = last.values[metric], last.evidence[metric]
    history = tuple(
        Point(
            one.moment.at, name_of(one.moment), None if one.levels is None else one.values[metric].value,
            None if one.levels is None else one.levels[metric], one.moment.at_us > now.at_us,
        )
        for one in snapshots
    )  # fmt: skip
    threshold = settings.threshold(metric, last.moment.day)
    return MetricState(
        metric, BLOCKS[metric], UNITS[metric], _level(threshold, value.value), value.value, value.count, value.of,
        None if value.due_us is None else instant(value.due_us), threshold, metric in DRAFTS, len(evidence),
        _told(evidence), history,
    )  # fmt: skip


def _changes(before: _Snapshot, after: _Snapshot, watch: Watch) -> Iterable[Change]:
    if after.levels is None:
        return  # the ledger has not begun
    for metric in Metric:
        former, value = before.values[metric], after.values[metric]
        former_level = None if before.levels is None else before.levels[metric]
        level = after.levels[metric]
        known = set(before.evidence[metric])
        # What became overdue since has begun before: it is new as evidence, and no event of this time.
        new = [one for one in after.evidence[metric] if one.why is Why.OVERDUE and one not in known]
        moved = [one for one in watch.moves[metric] if one.at_us > before.moment.last_us]
        count = after.move_counts[metric] - before.move_counts[metric]
        is_other = UNITS[metric] in {Unit.SHARE, Unit.COUNT} and former.value != value.value
        if former_level == level and not is_other and not new and not count:
            continue
        counted = sorted({*moved, *new}) or after.evidence[metric] or before.evidence[metric]
        yield Change(
            metric.value, former_level, level, None if before.levels is None else former.value, value.value,
            not count, count + len(new), _told(counted),
        )  # fmt: skip
    for one, other in zip(before.items, after.items, strict=True):
        if (one.standing, one.sequence) != (other.standing, other.sequence):
            at, is_new = other.ticked_at, one.sequence != other.sequence
            told = () if at is None else (Evidence(other.sequence, f"risk:{other.id}", at, Why.TICKED),)
            yield Change(other.id, one.level, other.level, None, None, not is_new, int(is_new), told)


def _told(found: Sequence[Found]) -> tuple[Evidence, ...]:
    return tuple(one.evidence() for one in found[-EVIDENCE_MAX:])
