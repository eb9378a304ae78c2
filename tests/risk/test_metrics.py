"""The metrics: equal to the readable twin whatever happened, and each as it should be in plain stories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.risk.twin import Twin

from sito.cases.deadlines import PolicySchedule
from sito.cases.facts import moment as stored
from sito.cases.machines import MACHINES
from sito.ledger.events import instant, microseconds
from sito.policy.calendar import MOSCOW, load_calendar
from sito.policy.verdict import default_policy
from sito.risk import Indicator, Level, Metric, MetricState, indicate, shipped
from sito.risk.events import DAY_US, Found, Seen, believed, end_moment, now_moment, week_end_before, week_name
from sito.risk.kinds import REPORTS, Why
from sito.risk.texts import detail_text

START = datetime(2025, 1, 13, 9, tzinfo=UTC)
SETTINGS = shipped()
USES = SETTINGS.lists.events


@cache
def schedule() -> PolicySchedule:
    return PolicySchedule(default_policy().file.terms, load_calendar())


class Story:
    """Events one after another; `at` is in days from the start."""

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.events))

    def __init__(self) -> None:
        self.events: list[Seen] = []
        self.requests = 0

    def __call__(self, at: float, event: str, subject: str, /, *, same: bool = False, **facts: Any) -> Story:
        self.requests += not same
        at_us = microseconds(START + timedelta(days=at))
        self.events.append(Seen(len(self.events) + 1, at_us, event, subject, f"q{self.requests}", facts))
        return self

    def show(self, at: float, *, on: date | None = None, **changed: Any) -> Indicator:
        told = msgspec.structs.replace(SETTINGS, **changed) if changed else SETTINGS
        read_at = START + timedelta(days=at)
        began = Found(1, microseconds(START), "ledger:1", Why.BEGAN)
        return indicate(
            believed(self.events, read_at, uses=USES),
            settings=told,
            schedule=schedule(),
            read_at=read_at,
            on=on,
            began=began,
        )

    def metric(self, metric: Metric, at: float, **told: Any) -> MetricState:
        return next(one for one in self.show(at, **told).metrics if one.metric is metric)


def due(at: float) -> str:
    return stored(START + timedelta(days=at))


# --- equal to the twin ------------------------------------------------------------------------------------------------

_FES = ("drafted", "dropped", "sent", "accepted", "rejected", "deleted")
_ABOUT = {"operation": "message", "refusal": "refusal", "check": "check", "freeze": "freeze"}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story, at = Story(), 0.0
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.sampled_from((0.0, 0.01, 1.0, 3.0, 6.5, 7.0, 20.0, 45.0, 92.0, -2.0)))
        number = draw(st.integers(1, 3))
        what = draw(st.sampled_from(("fes", "list", "message", "refusal", "check")))
        if what == "fes":
            word = draw(st.sampled_from((*_FES, "sent", "rejected")))
            facts: dict[str, Any] = {}
            if word == "drafted":
                kind = draw(st.sampled_from(tuple(_ABOUT)))
                facts = {"kind": kind, "about": draw(st.sampled_from(("", f"{_ABOUT[kind]}:{number}")))}
            if word in {"drafted", "sent"} and draw(st.booleans()):
                facts["due_at"] = due(at + draw(st.sampled_from((-1.0, 0.0, 1.0))))
            story(at, f"fes_{word}", f"fes:{draw(st.integers(1, 3))}", **facts)
            if word == "sent" and draw(st.booleans()):
                story(at, "check_told_to_authority", f"check:{number}", same=True)
        elif what == "list":
            kind = draw(st.sampled_from(SETTINGS.lists.events))
            story(at, kind, f"list:{draw(st.sampled_from(('RU-TE', 'RU-MVK', 'RU-UN', 'OFAC-SDN')))}")
        elif what == "message":
            word = draw(st.sampled_from(("drafted", "sent", "dropped_by_head")))
            begins = [{"name": "R-OPER-FES", "trigger_at": due(at - 1), "until_at": "", "term_ids": []}]
            told = {"begins": begins} if word == "drafted" else {"ends": ["R-OPER-FES"]}
            story(at, f"message_{word}", f"message:{number}", **told)
        elif what == "refusal":
            word = draw(st.sampled_from(("made", "told_to_authority")))
            begins = [{"name": "R-REFUSE", "trigger_at": due(at), "until_at": "", "term_ids": []}]
            told = {"begins": begins} if word == "made" else {"ends": ["R-REFUSE"]}
            story(at, f"refusal_{word}", f"refusal:{number}", **told)
        else:
            word = draw(st.sampled_from(("planned", "finished", "told_to_authority")))
            facts = {"client_count": draw(st.sampled_from((0, 5)))} if word == "finished" else {}
            if word == "planned":
                told_at = {"trigger_at": due(at - 5)} if draw(st.booleans()) else {}
                facts = {"begins": [{"name": "R-CHECK-3M", "trigger_at": due(at)}], **told_at}
            story(at, f"check_{word}", f"check:{number}", **facts)
    return story


REGISTERED = (None, date(2024, 12, 1), date(2025, 6, 1))


def assert_equal_to_the_twin(story: Story, at: int, registered: date | None, *, step: int) -> None:
    """Compare each `step`th week, and the last three moments."""
    found = story.show(at, registered_on=registered)
    told = msgspec.structs.replace(SETTINGS, registered_on=registered)
    events = list(believed(story.events, found.read_at, uses=USES))
    began_us = microseconds(START)
    moments = [end_moment(point.at) for point in found.history[:-1]] + [now_moment(found.at)]
    for place, moment in enumerate(moments):
        if began_us > moment.last_us:
            assert all(metric.history[place].level is None for metric in found.metrics)
            continue
        if place % step and place < len(moments) - 3:
            continue
        values = Twin(events, moment, told, schedule()).values(began_us)
        assert {metric.metric: metric.history[place].value for metric in found.metrics} == values


@settings(max_examples=200)
@given(story=stories(), at=st.integers(0, 700), registered=st.sampled_from(REGISTERED))
def test_the_pass_equals_the_twin_at_the_end_of_each_week(story: Story, at: int, registered: date | None) -> None:
    assert_equal_to_the_twin(story, at, registered, step=9)


@pytest.mark.long
@settings(max_examples=3000)
@given(story=stories(), at=st.integers(0, 700), registered=st.sampled_from(REGISTERED))
def test_the_pass_equals_the_twin_at_the_end_of_really_each_week(
    story: Story, at: int, registered: date | None
) -> None:
    assert_equal_to_the_twin(story, at, registered, step=1)


@settings(max_examples=200)
@given(story=stories(), at=st.integers(0, 700), ahead=st.sampled_from((None, -100, 0, 100)))
def test_each_other_level_says_by_which_events_or_that_only_time_passed(
    story: Story, at: int, ahead: int | None
) -> None:
    on = None if ahead is None else (START + timedelta(days=at + ahead)).date()
    found = story.show(at, on=on)
    for metric in found.metrics:
        for former, point in pairwise(metric.history):
            assert (point.turn is not None) == (point.level is not None and point.level is not former.level)
            if point.turn is None:
                continue
            assert point.turn.by_time or point.turn.events
            assert point.turn.event_count >= len(point.turn.events) or point.turn.by_time
            for one in point.turn.events:
                assert one.at < point.at or (one.at == point.at and point is metric.history[-1])
                is_old = point.turn.by_time or one.why is Why.OVERDUE
                assert is_old or former.at <= one.at
    changed = {change.what for change in found.changes}
    assert changed <= {metric.value for metric in Metric}  # nobody ticked anything


# --- each metric in a plain story -------------------------------------------------------------------------------------


def sent(story: Story, number: int, at: float, *, due_at: float, kind: str = "operation") -> Story:
    story(at - 0.5, "fes_drafted", f"fes:{number}", kind=kind, about=f"{_ABOUT[kind]}:{number}")
    return story(at, "fes_sent", f"fes:{number}", due_at=due(due_at))


@pytest.mark.parametrize("kind", ["operation", "refusal"])
def test_late_is_at_the_very_instant_that_is_too_late(kind: str) -> None:
    metric = Metric.OPERATION_LATE if kind == "operation" else Metric.REFUSAL_LATE
    microsecond = 1 / DAY_US
    story = sent(sent(sent(Story(), 1, 10, due_at=10), 2, 11, due_at=11 + microsecond), 3, 12, due_at=13, kind=kind)
    found = sent(sent(Story(), 1, 10, due_at=10, kind=kind), 2, 11, due_at=11 + microsecond, kind=kind)
    state = found.metric(metric, 20)
    assert (state.value, state.count, state.of, state.level) == (0.5, 1, 2, Level.HIGH)
    assert [(one.sequence, one.subject, one.why) for one in state.evidence] == [(2, "fes:1", Why.LATE)]
    assert story.metric(metric, 400).of == 0  # a year later nobody counts it


def test_without_a_term_of_its_own_the_policy_says_when_it_was_due() -> None:
    begins = [{"name": "R-OPER-FES", "trigger_at": stored(START), "until_at": "", "term_ids": []}]
    story = Story()(0, "message_drafted", "message:1", begins=begins)
    story(1, "fes_drafted", "fes:1", kind="operation", about="message:1")(2, "fes_sent", "fes:1")
    story(2, "message_sent", "message:1", same=True, ends=["R-OPER-FES"])
    assert (story.metric(Metric.OPERATION_LATE, 9).value, story.metric(Metric.OPERATION_LATE, 9).of) == (0.0, 1)
    late = Story()(0, "message_drafted", "message:1", begins=begins)(
        4, "message_sent", "message:1", ends=["R-OPER-FES"]
    )
    assert (late.metric(Metric.OPERATION_LATE, 9).value, late.metric(Metric.OPERATION_LATE, 9).of) == (1.0, 1)
    # Of a message about nothing that the ledger knows it is counted from its draft: Monday, three working days.
    alone = Story()(0, "fes_drafted", "fes:1", kind="operation")(4, "fes_sent", "fes:1")
    assert alone.metric(Metric.OPERATION_LATE, 9).value == 1.0


def test_what_was_not_sent_in_time_counts_before_it_is_sent() -> None:
    begins = [{"name": "R-OPER-FES", "trigger_at": stored(START), "until_at": "", "term_ids": []}]
    story = Story()(0, "message_drafted", "message:1", begins=begins)
    assert story.metric(Metric.OPERATION_LATE, 3).of == 0
    state = story.metric(Metric.OPERATION_LATE, 4)
    assert (state.count, state.of, state.evidence[0].why) == (1, 1, Why.OVERDUE)
    story(5, "message_dropped_by_head", "message:1", ends=["R-OPER-FES"])
    assert story.metric(Metric.OPERATION_LATE, 6).of == 0


def test_a_rejected_message_counts_until_something_was_done() -> None:
    story = sent(sent(Story(), 1, 10, due_at=11), 2, 10, due_at=11)(12, "fes_rejected", "fes:1")
    state = story.metric(Metric.REJECTED_OPEN, 13)
    assert (state.value, state.level, state.is_draft) == (0.5, Level.HIGH, True)
    for kind in ("fes_sent", "fes_accepted", "fes_deleted"):
        story(14, kind, "fes:1")
        assert story.metric(Metric.REJECTED_OPEN, 15).value == 0.0
        story.events.pop()
    story(14, "fes_drafted", "fes:1")  # a draft mends nothing
    assert story.metric(Metric.REJECTED_OPEN, 15).value == 0.5


@pytest.mark.parametrize(
    ("days", "level"),
    [(6.999, "low"), (7, "moderate"), (13.999, "moderate"), (14, "raised"), (29.999, "raised"), (30, "high")],
)
def test_levels_begin_at_their_thresholds(days: float, level: str) -> None:
    story = Story()(10, "list_used", "list:RU-TE")
    state = story.metric(Metric.TE_UNUSED, 10 + days)
    assert state.level == level and state.value == pytest.approx(days)
    assert story.metric(Metric.MVK_UNUSED, 10 + days).evidence[0].why is Why.BEGAN


def test_another_list_is_not_that_list() -> None:
    story = Story()(39, "list_used", "list:OFAC-SDN")(39, "list_loaded", "list:RU-UN")
    assert story.metric(Metric.TE_UNUSED, 40).value == 40.0
    story(39.5, "list_loaded", "list:RU-TE")
    assert story.metric(Metric.TE_UNUSED, 40).value == 0.5


def check(story: Story, number: int, at: float, *, count: int = 7, used: float | None = None) -> Story:
    if used is not None:
        story(used, "list_used", "list:RU-TE")
    story(at - 1, "check_finished", f"check:{number}", client_count=count)
    story(at - 0.5, "fes_drafted", f"fes:{number}", kind="check", about=f"check:{number}")
    story(at, "fes_sent", f"fes:{number}")
    return story(at, "check_told_to_authority", f"check:{number}", same=True)


def test_three_months_run_from_the_last_check_message_to_the_end_of_a_day_in_moscow() -> None:
    story = check(Story(), 1, 10, used=5)  # 2025-01-23: to the end of 2025-04-23
    end = datetime(2025, 4, 23, 21, tzinfo=UTC)
    state = story.metric(Metric.CHECK_MISSING, 20)
    assert state.due_at == end and state.level is Level.LOW and state.unit == "days_late"
    for left, level in ((14.001, "low"), (14.0, "moderate"), (0.001, "moderate"), (0.0, "raised"), (-1.0, "high")):
        at = (end - START) / timedelta(days=1) - left
        assert story.metric(Metric.CHECK_MISSING, at).level == level
    # One that was rejected tells the authority nothing, until it was corrected.
    story(30, "fes_rejected", "fes:1")
    assert story.metric(Metric.CHECK_MISSING, 31).value is None
    assert story.metric(Metric.CHECK_MISSING, 31).level is Level.RAISED
    assert story(32, "fes_sent", "fes:1").metric(Metric.CHECK_MISSING, 33).due_at == end
    assert story(34, "fes_deleted", "fes:1").metric(Metric.CHECK_MISSING, 35).value is None


def test_the_first_check_counts_from_registration_or_from_what_was_said_when_it_was_planned() -> None:
    story = Story()(1, "list_used", "list:RU-TE")
    assert story.metric(Metric.CHECK_MISSING, 2).value is None
    state = story.metric(Metric.CHECK_MISSING, 2, registered_on=date(2024, 12, 1))
    assert state.due_at == datetime(2025, 3, 1, 21, tzinfo=UTC)
    # That it was planned today begins nothing, or a plan a quarter would be as good as a check.
    begins = [{"name": "R-CHECK-3M", "trigger_at": due(3)}]
    story(3, "check_planned", "check:1", begins=begins)
    assert story.metric(Metric.CHECK_MISSING, 4).value is None
    assert story.metric(Metric.CHECK_MISSING, 4, registered_on=date(2024, 12, 1)).due_at == state.due_at
    story(3, "check_planned", "check:2", begins=begins, trigger_at="2025-01-02T09:00:00Z")
    state = story.metric(Metric.CHECK_MISSING, 4, registered_on=date(2024, 12, 1))
    assert state.due_at == datetime(2025, 4, 2, 21, tzinfo=UTC) and state.evidence[0].why is Why.BEGAN


def test_a_check_message_is_late_by_its_own_term_or_by_three_months() -> None:
    story = check(check(Story(), 1, 10, used=5), 2, 110, used=100)
    state = story.metric(Metric.CHECK_LATE, 120)
    assert (state.count, state.of) == (1, 2) and state.evidence[0].subject == "fes:2"
    assert check(check(Story(), 1, 10, used=5), 2, 100, used=90).metric(Metric.CHECK_LATE, 120).count == 0
    # The first one is late by registration, though it was planned on the same day.
    first = check(Story()(9, "check_planned", "check:1"), 1, 10, used=8)
    for registered, count in ((date(2024, 10, 1), 1), (date(2024, 12, 1), 0)):
        assert first.metric(Metric.CHECK_LATE, 20, registered_on=registered).count == count


@pytest.mark.parametrize(
    ("used", "count", "level"),
    [(None, 7, "high"), (None, 0, "low"), (60, 7, "low"), (9.5, 7, "low"), (8.5, 7, "high"), (89.5, 7, "high")],
)
def test_a_check_of_clients_without_use_of_a_list_between_the_two_checks(
    used: float | None, count: int, level: str
) -> None:
    """The first check ends on day 9, the second one on day 89."""
    story = check(Story(), 1, 10, used=5)
    if used is not None and used < 10:
        story.events.append(Seen(0, microseconds(START + timedelta(days=used)), "list_used", "list:RU-TE", "x", {}))
        story.events.sort(key=lambda one: (one.at_us, one.sequence))
        story.events = [one._replace(sequence=place) for place, one in enumerate(story.events, 1)]
        check(story, 2, 90, count=count)
    else:
        check(story, 2, 90, count=count, used=used if used is None or used < 89 else None)
    state = story.metric(Metric.CHECK_UNLISTED, 95)
    assert state.level == level and state.of == 2


# --- weeks, changes, the clock ----------------------------------------------------------------------------------------


def test_weeks_end_on_sunday_at_midnight_in_moscow_also_over_years() -> None:
    found = Story()(1, "list_used", "list:RU-TE").show(730)
    assert len(found.history) == 53
    for point in found.history[:-1]:
        local = point.at.astimezone(MOSCOW)
        assert (local.isoweekday(), local.hour, local.minute) == (1, 0, 0)
    assert [point.week for point in found.history if "W53" in point.week or "W01" in point.week] == [
        "2026-W53", "2027-W01",
    ]  # fmt: skip
    end = end_moment(datetime(2026, 1, 4, 21, tzinfo=UTC))
    assert week_name(end) == "2026-W01"
    assert week_end_before(end).at == datetime(2025, 12, 28, 21, tzinfo=UTC)
    assert week_end_before(now_moment(end.at)) == end  # Monday has begun
    assert week_end_before(now_moment(end.at - timedelta(microseconds=1))).at == datetime(2025, 12, 28, 21, tzinfo=UTC)


def test_midnight_in_moscow_belongs_to_the_week_that_begins() -> None:
    end = datetime(2025, 1, 19, 21, tzinfo=UTC)
    at = (end - START) / timedelta(days=1)
    points = Story()(at, "list_used", "list:RU-TE").metric(Metric.TE_UNUSED, 10).history
    assert next(point.value for point in points if point.at == end) == at
    points = Story()(at - 1 / DAY_US, "list_used", "list:RU-TE").metric(Metric.TE_UNUSED, 10).history
    assert next(point.value for point in points if point.at == end) == pytest.approx(1 / DAY_US)


def test_before_the_ledger_there_is_nothing() -> None:
    found = Story()(1, "list_used", "list:RU-TE").show(15)
    assert [point.level is None for point in found.history] == [True] * 50 + [False] * 3
    empty = indicate(iter(()), settings=SETTINGS, schedule=schedule(), read_at=START)
    assert empty.level is Level.RAISED and empty.history[-1].level is None and empty.last_sequence == 0


def test_of_what_nobody_knows_nothing_is_green() -> None:
    empty = indicate(iter(()), settings=SETTINGS, schedule=schedule(), read_at=START)
    for metric in empty.metrics:
        assert metric.level is Level.RAISED and metric.value is None and metric.evidence == ()
        assert "nothing can be known" in detail_text(metric, "en")
    assert empty.changes == ()
    # A ledger of today that tells of no list: 0 days, at least.
    state = Story().metric(Metric.TE_UNUSED, 0)
    assert (state.value, state.is_least, state.level) == (0.0, True, Level.RAISED)
    assert "No use is known" in detail_text(state, "en") and state.evidence[0].why is Why.BEGAN
    assert Story().metric(Metric.TE_UNUSED, 31).level is Level.HIGH
    used = Story()(0, "list_used", "list:RU-TE")
    assert used.metric(Metric.TE_UNUSED, 0).level is Level.LOW and not used.metric(Metric.TE_UNUSED, 0).is_least
    assert used.metric(Metric.MVK_UNUSED, 0).level is Level.RAISED


def test_a_clock_that_goes_wrong_hides_nothing() -> None:
    story = sent(Story()(900, "list_used", "list:RU-TE"), 1, 10, due_at=11)(12, "fes_rejected", "fes:1")
    assert story.metric(Metric.REJECTED_OPEN, 13).count == 1
    read_at = START + timedelta(days=13)
    assert [one.kind for one in believed(story.events, read_at, uses=USES)] == [
        "fes_drafted", "fes_sent", "fes_rejected",
    ]  # fmt: skip
    # A use of a list that is to come is none, and those behind it are as old as they say.
    story = Story()(1, "list_used", "list:RU-TE")(90_000, "list_used", "list:RU-TE")(90_000, "check_planned", "check:1")
    assert story.metric(Metric.TE_UNUSED, 60).value == 59.0
    assert story(5, "list_used", "list:RU-TE").metric(Metric.TE_UNUSED, 60).value == 55.0
    # A message was sent before what stands behind it; nobody knows better.
    story = Story()(1, "fes_drafted", "fes:1", kind="operation", due_at=due(2))(90_000, "fes_sent", "fes:1")
    assert story.metric(Metric.OPERATION_LATE, 9).count == 1
    assert story(1.5, "list_used", "list:RU-TE").metric(Metric.OPERATION_LATE, 9).value == 0.0
    assert story.metric(Metric.OPERATION_LATE, 9).of == 1


def test_every_event_that_begins_or_ends_a_term_is_read() -> None:
    for machine, rule in (("message", "R-OPER-FES"), ("refusal", "R-REFUSE"), ("check", "R-CHECK-3M")):
        rows = [row for row in MACHINES[machine].rows if rule in {*row.begins, *row.begins_now, *row.ends}]
        assert len(rows) >= 2 and {row.event for row in rows} <= set(REPORTS)
    events = {row.event for machine in MACHINES.values() for row in machine.rows}
    assert set(REPORTS) <= events


def test_a_level_of_weeks_ago_says_what_made_it_so() -> None:
    story = sent(Story(), 1, 10, due_at=11)(12, "fes_rejected", "fes:1")(40, "fes_sent", "fes:1")
    turns = [point for point in story.metric(Metric.REJECTED_OPEN, 60).history if point.turn is not None]
    assert [(point.level, point.week) for point in turns] == [
        (Level.LOW, "2025-W03"), (Level.HIGH, "2025-W04"), (Level.LOW, "2025-W08"),
    ]  # fmt: skip
    told = [[(one.sequence, one.subject, one.why) for one in point.turn.events] for point in turns if point.turn]
    assert told == [
        [(1, "ledger:1", Why.BEGAN)], [(2, "fes:1", Why.SENT), (3, "fes:1", Why.REJECTED)],
        [(4, "fes:1", Why.CORRECTED)],
    ]  # fmt: skip
    begins = [{"name": "R-OPER-FES", "trigger_at": stored(START), "until_at": "", "term_ids": []}]
    story = Story()(0, "message_drafted", "message:1", begins=begins)
    point = next(one for one in story.metric(Metric.OPERATION_LATE, 30).history if one.level is Level.HIGH)
    assert point.turn is not None and point.turn.by_time
    assert [(one.subject, one.why) for one in point.turn.events] == [("message:1", Why.OVERDUE)]


def test_what_changed_is_told_with_the_events_that_did_it() -> None:
    story = sent(check(Story(), 1, 10, used=8), 3, 20, due_at=21)(24, "fes_rejected", "fes:3")
    found = story.show(25)
    changes = {change.what: change for change in found.changes}
    change = changes["rejected_open"]
    assert (change.former_level, change.level, change.turn.by_time) == (Level.LOW, Level.HIGH, False)
    assert [(one.sequence, one.why) for one in change.turn.events] == [(8, Why.REJECTED)]
    assert instant(story.events[7].at_us) == change.turn.events[0].at
    unused = changes["te_unused"]
    assert unused.turn.by_time and (unused.former_level, unused.level) == (Level.MODERATE, Level.RAISED)


def test_if_nothing_happens_the_clock_makes_it_worse_and_says_from_which_event() -> None:
    story = check(Story(), 1, 10, used=9)
    now = story.show(11)
    on = date(2025, 4, 25)
    found = story.show(11, on=on)
    assert found.since == now.at and found.at == datetime(2025, 4, 25, 21, tzinfo=UTC)
    assert [point.is_forecast for point in found.history].count(True) == 14
    change = next(one for one in found.changes if one.what == "check_missing")
    assert (change.former_level, change.level, change.turn.by_time) == (Level.LOW, Level.HIGH, True)
    assert [(one.subject, one.why) for one in change.turn.events] == [("fes:1", Why.CHECK_TOLD)]
    past = story.show(200, on=date(2025, 1, 20))
    assert past.last_sequence == 0 and past.since == datetime(2025, 1, 12, 21, tzinfo=UTC) + timedelta(days=7)


def test_a_year_before_a_leap_day_is_the_last_of_february() -> None:
    moment = end_moment(datetime(2028, 2, 28, 21, tzinfo=UTC))
    assert instant(moment.from_us) == datetime(2027, 2, 27, 21, tzinfo=UTC)
    moment = now_moment(datetime(2028, 2, 29, 9, tzinfo=UTC))
    assert instant(moment.from_us - 1) == datetime(2027, 2, 28, 9, tzinfo=UTC)
