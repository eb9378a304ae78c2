"""A deadline ends where its unit says, in Moscow; the earliest is the alarm, and what is not confirmed is told."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from dateutil.relativedelta import relativedelta
from decree_days import ALL_DAYS, is_working_day
from hypothesis import given
from hypothesis import strategies as st

from sito.errors import PolicyError
from sito.policy import default_policy_file
from sito.policy.calendar import MOSCOW, MOSCOW_SINCE, last_day_before, load_calendar
from sito.policy.deadlines import (
    VALUES,
    Certainty,
    Due,
    DueState,
    Term,
    Unit,
    checked_terms,
    due,
    left_until,
)

CALENDAR = load_calendar()
DAY, HOUR, INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
EDGES = (timedelta(0), INSTANT, 9 * HOUR, 12 * HOUR, 21 * HOUR, DAY - INSTANT)  # of a day in Moscow


def term(value: int, unit: Unit, **facts: Any) -> Term:
    given = {
        "id": f"{value}-{unit}",
        "rule": "R-TE-FREEZE",
        "trigger": "list-published",
        "source": "a test",
        "valid_from": date(2015, 1, 1),
    }
    return Term(**{**given, "certainty": Certainty.READ, **facts}, value=value, unit=unit)


def moscow(day: str, time: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=MOSCOW)


def one_due(value: int, unit: Unit, at: datetime) -> Due:
    return due([term(value, unit)], at, CALENDAR).all[0]


def refused(code: str) -> pytest.RaisesExc[PolicyError]:
    return pytest.raises(PolicyError, match=f"^{code} ")


# --- how each unit is counted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, 4, 5])
def test_working_days_from_every_day_of_three_years(value: int) -> None:
    for day in ALL_DAYS:
        walked, count = day, 0
        while count < value and walked < ALL_DAYS[-1]:
            walked += DAY
            count += is_working_day(walked)
        for edge in EDGES:
            at = datetime(day.year, day.month, day.day, tzinfo=MOSCOW) + edge
            found = one_due(value, Unit.WORKING_DAYS, at)
            if count == value:
                assert found.last_day == walked
                assert found.at == datetime(walked.year, walked.month, walked.day, tzinfo=MOSCOW) + DAY
                assert not found.unconfirmed
            else:
                assert found.last_day.year == 2027
                assert found.unconfirmed


def test_days_months_and_years_from_every_day_of_three_years() -> None:
    for day in ALL_DAYS:
        for edge in (EDGES[0], EDGES[-1]):
            at = datetime(day.year, day.month, day.day, tzinfo=MOSCOW) + edge
            for value, unit, ends in (
                (30, Unit.CALENDAR_DAYS, day + 30 * DAY),
                (0, Unit.CALENDAR_DAYS, day),
                (3, Unit.MONTHS, day + relativedelta(months=3)),
                (6, Unit.MONTHS, day + relativedelta(months=6)),
                (5, Unit.YEARS, day + relativedelta(years=5)),
            ):
                found = one_due(value, unit, at)
                assert found.last_day == ends
                assert found.at == datetime(ends.year, ends.month, ends.day, tzinfo=MOSCOW) + DAY
                assert not found.unconfirmed


@pytest.mark.parametrize(
    ("value", "unit", "at", "last_day"),
    [
        (1, Unit.WORKING_DAYS, moscow("2026-11-20"), "2026-11-23"),  # Friday to Monday
        (1, Unit.WORKING_DAYS, moscow("2024-04-26", "23:59"), "2024-04-27"),  # to a working Saturday
        (1, Unit.WORKING_DAYS, moscow("2024-04-27"), "2024-05-02"),
        (5, Unit.WORKING_DAYS, moscow("2025-04-28"), "2025-05-07"),
        (1, Unit.WORKING_DAYS, moscow("2025-12-30"), "2026-01-12"),
        (0, Unit.WORKING_DAYS, moscow("2026-11-20"), "2026-11-20"),
        (0, Unit.WORKING_DAYS, moscow("2026-11-21"), "2026-11-23"),
        (3, Unit.MONTHS, moscow("2026-01-31"), "2026-04-30"),
        (3, Unit.MONTHS, moscow("2025-11-30"), "2026-02-28"),
        (3, Unit.MONTHS, moscow("2023-11-30"), "2024-02-29"),
        (1, Unit.YEARS, moscow("2024-02-29"), "2025-02-28"),
        (5, Unit.YEARS, moscow("2024-02-29"), "2029-02-28"),
        (4, Unit.YEARS, moscow("2024-02-29"), "2028-02-29"),
        # 22:00 of Saturday in London is Sunday in Moscow.
        (1, Unit.CALENDAR_DAYS, datetime(2026, 11, 21, 22, tzinfo=UTC), "2026-11-23"),
        (1, Unit.MONTHS, datetime(2026, 1, 30, 21, tzinfo=UTC), "2026-02-28"),
    ],
)
def test_where_terms_end(value: int, unit: Unit, at: datetime, last_day: str) -> None:
    assert one_due(value, unit, at).last_day == date.fromisoformat(last_day)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
terms = st.sampled_from(list(Unit)).flatmap(
    lambda unit: st.builds(term, st.integers(VALUES[unit][0], min(VALUES[unit][-1], 200)), st.just(unit))
)


@given(instants, st.integers(1, 10_000))
def test_hours_are_elapsed_time_over_everything(at: datetime, value: int) -> None:
    found = one_due(value, Unit.HOURS, at)
    assert found.at - at == value * HOUR
    assert found.last_day == last_day_before(found.at)
    assert not found.unconfirmed


@given(terms, instants, st.sampled_from([timezone(timedelta(hours=h)) for h in (-11, 0, 3, 14)]))
def test_the_zone_in_which_a_moment_is_told_does_not_matter(one: Term, at: datetime, zone: timezone) -> None:
    found = due([one], at.astimezone(zone), CALENDAR)
    assert found == due([one], at, CALENDAR)
    assert found.alarm_at.tzinfo is UTC
    assert found.trigger_at.tzinfo is UTC
    assert found.alarm_at >= at


@given(terms, instants, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_later_moment_never_has_an_earlier_end(one: Term, at: datetime, later: timedelta) -> None:
    assert due([one], at + later, CALENDAR).alarm_at >= due([one], at, CALENDAR).alarm_at


@given(st.sampled_from(list(Unit)), st.integers(1, 100), instants)
def test_a_longer_term_ends_later(unit: Unit, value: int, at: datetime) -> None:
    if value + 1 in VALUES[unit]:
        assert one_due(value, unit, at).at < one_due(value + 1, unit, at).at


# --- several sources ------------------------------------------------------------------------------------------------


def test_the_earliest_of_contradicting_terms_is_the_alarm_and_all_are_kept() -> None:
    day = term(1, Unit.WORKING_DAYS, source="an article")
    hours = term(24, Unit.HOURS, certainty=Certainty.WEAK, source="the press")
    saturday = due([day, hours], moscow("2026-11-21"), CALENDAR)
    assert [one.term for one in saturday.all] == [hours, day]
    assert saturday.alarm_at == moscow("2026-11-22")
    assert saturday.last_day == date(2026, 11, 22)
    friday = due([day, hours], moscow("2024-04-26", "23:00"), CALENDAR)  # a working Saturday follows
    assert [one.term.certainty for one in friday.all] == [Certainty.WEAK, Certainty.READ]
    # At midnight a day of 24 hours is over before the next working day is.
    assert due([day, hours], moscow("2026-11-23", "00:00"), CALENDAR).alarm_at == moscow("2026-11-24", "00:00")


@given(st.lists(terms, min_size=1, max_size=5), instants, st.randoms())
def test_the_order_of_terms_does_not_matter(several: list[Term], at: datetime, random: Any) -> None:
    several = [msgspec.structs.replace(one, id=f"t{place}") for place, one in enumerate(several)]
    found = due(several, at, CALENDAR)
    assert found.alarm_at == min(one.at for one in found.all)
    assert found.unconfirmed is any(one.unconfirmed for one in found.all)
    assert len(found.all) == len(several)
    random.shuffle(several)
    assert due(several, at, CALENDAR) == found


def test_terms_are_dated() -> None:
    old = term(1, Unit.WORKING_DAYS, id="freeze", valid_to=date(2025, 12, 26))
    new = term(24, Unit.HOURS, id="freeze", valid_from=date(2025, 12, 26))
    both = checked_terms([old, new])
    # The day of the moment decides, and it begins at midnight in Moscow.
    assert due(both, moscow("2025-12-25", "23:59"), CALENDAR).all[0].term is old
    assert due(both, moscow("2025-12-26", "00:00"), CALENDAR).all[0].term is new
    with refused("POL212"):
        due([old], moscow("2026-01-15"), CALENDAR)
    with refused("POL212"):
        due([new], moscow("2025-01-15"), CALENDAR)


# --- what is not known ----------------------------------------------------------------------------------------------


def test_a_deadline_that_counts_days_of_an_unconfirmed_year_says_so() -> None:
    found = due([term(1, Unit.WORKING_DAYS), term(24, Unit.HOURS)], moscow("2026-12-30"), CALENDAR)
    assert found.alarm_at == moscow("2026-12-31")
    assert [one.unconfirmed for one in found.all] == [False, True]
    assert found.unconfirmed
    assert not due([term(1, Unit.WORKING_DAYS)], moscow("2026-12-29"), CALENDAR).unconfirmed
    assert due([term(0, Unit.WORKING_DAYS)], moscow("2027-02-20"), CALENDAR).unconfirmed
    assert not due([term(0, Unit.WORKING_DAYS)], moscow("2026-12-30"), CALENDAR).unconfirmed


def test_a_deadline_in_a_year_without_a_table_is_an_error_where_working_days_are_counted() -> None:
    for at in (moscow("2027-12-30"), moscow("2028-03-01"), moscow("2023-12-20")):
        with refused("POL206"):
            due([term(24, Unit.HOURS), term(5, Unit.WORKING_DAYS)], at, CALENDAR)
        assert due([term(24, Unit.HOURS), term(5, Unit.YEARS)], at, CALENDAR).alarm_at == at + DAY


@pytest.mark.parametrize("at", [datetime(2026, 11, 23), MOSCOW_SINCE - INSTANT, datetime(3000, 1, 1, tzinfo=UTC)])
def test_moments_that_are_refused(at: datetime) -> None:
    with refused("POL213"):
        due([term(1, Unit.HOURS)], at, CALENDAR)
    with refused("POL213"):
        left_until(moscow("2026-11-23"), at)


def test_the_longest_terms_from_the_last_moment_can_be_counted() -> None:
    last = datetime(3000, 1, 1, tzinfo=UTC) - INSTANT
    for unit in set(Unit) - {Unit.WORKING_DAYS}:
        assert one_due(VALUES[unit][-1], unit, last).at > last


@pytest.mark.parametrize("several", [[], [term(1, Unit.HOURS), term(1, Unit.HOURS, id="b", trigger="notice-received")]])
def test_terms_of_one_moment_only(several: list[Term]) -> None:
    with refused("POL212"):
        due(several, moscow("2026-11-23"), CALENDAR)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"value": 0, "unit": "hours"}, "POL210"),
        ({"value": 0, "unit": "months"}, "POL210"),
        ({"value": 0, "unit": "years"}, "POL210"),
        ({"value": -1}, "POL210"),
        ({"value": 251}, "POL210"),
        ({"value": 101, "unit": "years"}, "POL210"),
        ({"id": ""}, "POL210"),
        ({"id": "a b"}, "POL210"),
        ({"id": "а"}, "POL210"),
        ({"id": "a" * 65}, "POL210"),
        ({"rule": ""}, "POL210"),
        ({"trigger": "when published"}, "POL210"),
        ({"source": "  "}, "POL210"),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 1)}, "POL210"),
    ],
)
def test_terms_that_are_none(facts: dict[str, Any], code: str) -> None:
    facts = {"value": 1, "unit": "working_days", **facts}
    facts["unit"] = Unit(facts["unit"])
    with refused(code) as caught:
        checked_terms([term(1, Unit.HOURS, id="good"), term(**facts)], where="a.toml")
    assert caught.value.where.startswith("a.toml, term 2")


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (("2026-01-01", None), ("2026-01-01", None), False),
        (("2025-01-01", "2026-01-01"), ("2026-01-01", None), True),
        (("2025-01-01", "2026-01-02"), ("2026-01-01", None), False),
        (("2026-01-01", None), ("2025-01-01", "2026-01-01"), True),
        (("2026-01-01", "2026-03-01"), ("2026-02-01", "2026-02-10"), False),
        (("2026-02-01", "2026-02-10"), ("2026-01-01", "2026-03-01"), False),
        (("2026-01-01", "2026-02-01"), ("2026-03-01", None), True),
    ],
)
def test_one_term_of_an_id_on_each_day(first: tuple[str, Any], second: tuple[str, Any], together: bool) -> None:
    both = [
        term(1, Unit.HOURS, id="a", valid_from=date.fromisoformat(start), valid_to=end and date.fromisoformat(end))
        for start, end in (first, second)
    ]
    if together:
        assert checked_terms(both) == tuple(both)
    else:
        with refused("POL211"):
            checked_terms(both)


def test_terms_are_read_from_a_policy_file() -> None:
    text = """
        [[term]]
        id = "te-freeze-day"
        rule = "R-TE-FREEZE"
        trigger = "list-published"
        value = 1
        unit = "working_days"
        valid_from = 2024-01-01
        certainty = "S"
        source = "115-FZ, article 7 (1) (6)"
    """
    (found,) = checked_terms(msgspec.convert(tomllib.loads(text)["term"], list[Term]))
    assert (found.unit, found.certainty, found.valid_from) == (Unit.WORKING_DAYS, Certainty.READ, date(2024, 1, 1))
    for broken in ('unit = "weeks"', 'certainty = "sure"', "value = 1.5", 'guess = "x"'):
        key = broken.split(" ")[0]
        lines = [line for line in text.splitlines() if not line.strip().startswith(f"{key} =")]
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(tomllib.loads("\n".join([*lines, broken]))["term"], list[Term])


def test_the_shipped_terms_can_be_counted_from_every_day_of_three_years() -> None:
    groups: dict[tuple[str, str], list[Term]] = {}
    for one in default_policy_file().terms:
        groups.setdefault((one.rule, one.trigger), []).append(one)
    assert len(groups["R-TE-FREEZE", "list_published"]) == 2  # a working day and 24 hours
    for several in groups.values():
        for day in ALL_DAYS:
            at = datetime(day.year, day.month, day.day, 12, tzinfo=MOSCOW)
            held = [one for one in several if one.holds_on(day)]
            if not held:
                continue
            found = due(several, at, CALENDAR)
            assert {one.term.id for one in found.all} == {one.id for one in held}
            assert [one.at for one in found.all] == sorted(one.at for one in found.all)
            counted = [one for one in found.all if one.term.unit is Unit.WORKING_DAYS]
            assert found.unconfirmed is any(one.last_day.year == 2027 for one in counted)


# --- how much time is left ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state", "left_h"),
    [
        (moscow("2026-11-20", "12:00"), DueState.LATER, 84),
        (moscow("2026-11-20", "23:59"), DueState.LATER, 72),
        (moscow("2026-11-21", "00:00"), DueState.SOON, 72),
        (moscow("2026-11-22", "23:59"), DueState.SOON, 24),
        (moscow("2026-11-23", "00:00"), DueState.TODAY, 24),
        (moscow("2026-11-23", "23:00"), DueState.TODAY, 1),
        (moscow("2026-11-23", "23:00:01"), DueState.TODAY, 0),
        (moscow("2026-11-23", "23:59:59.999999"), DueState.TODAY, 0),
        (moscow("2026-11-24", "00:00"), DueState.LATE, 0),
        (moscow("2026-11-24", "00:00:00.000001"), DueState.LATE, -1),
        (moscow("2026-11-24", "01:00:01"), DueState.LATE, -2),
    ],
)
def test_how_a_deadline_stands(now: datetime, state: DueState, left_h: int) -> None:
    deadline = due([term(1, Unit.WORKING_DAYS)], moscow("2026-11-20"), CALENDAR)
    left = left_until(deadline.alarm_at, now)
    assert (left.state, left.left_h) == (state, left_h)
    assert left_until(deadline.alarm_at, now.astimezone(UTC)) == left


def test_what_counts_as_soon_can_be_set() -> None:
    deadline = due([term(1, Unit.WORKING_DAYS)], moscow("2026-11-20"), CALENDAR)
    assert left_until(deadline.alarm_at, moscow("2026-11-20"), soon_h=84).state is DueState.SOON
    assert left_until(deadline.alarm_at, moscow("2026-11-22"), soon_h=1).state is DueState.LATER


@given(terms, instants, st.timedeltas(timedelta(0), timedelta(days=400)), st.timedeltas(timedelta(0), DAY))
def test_a_deadline_only_comes_nearer(one: Term, at: datetime, after: timedelta, step: timedelta) -> None:
    deadline = due([one], at, CALENDAR)
    order = [DueState.LATER, DueState.SOON, DueState.TODAY, DueState.LATE]
    first, second = left_until(deadline.alarm_at, at + after), left_until(deadline.alarm_at, at + after + step)
    assert order.index(first.state) <= order.index(second.state)
    assert first.left_h >= second.left_h
    assert (first.state is DueState.LATE) == (at + after >= deadline.alarm_at)
