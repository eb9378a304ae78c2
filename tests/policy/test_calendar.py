"""Working days are those of the decrees on every day of 2024 to 2026; what is not known is an error or is marked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import pytest
from decree_days import ALL_DAYS, WORKING_DAYS, is_working_day
from hypothesis import given
from hypothesis import strategies as st

from sito.errors import PolicyError
from sito.policy.calendar import (
    FILE_SIZE_MAX,
    MOSCOW_SINCE,
    NOTE_LENGTH_MAX,
    Calendar,
    CalendarYear,
    DayKind,
    Override,
    YearStatus,
    day_end,
    last_day_before,
    load_calendar,
    moscow_day,
)

CALENDAR = load_calendar()
WORKING = [day for day in ALL_DAYS if is_working_day(day)]
DAY = timedelta(days=1)
days = st.dates(ALL_DAYS[0], ALL_DAYS[-1])


def refused(code: str) -> pytest.RaisesExc[PolicyError]:
    return pytest.raises(PolicyError, match=f"^{code} ")


def test_every_day_is_as_the_decrees_say() -> None:
    assert [day for day in ALL_DAYS if CALENDAR.is_working_day(day)] == WORKING
    for year, count in WORKING_DAYS.items():
        assert sum(day.year == year for day in WORKING) == count
        assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2024-04-27", True), ("2024-04-29", False), ("2024-04-30", False), ("2024-05-10", False),
        ("2024-11-02", True), ("2024-12-28", True), ("2024-12-30", False), ("2024-12-31", False),
        ("2025-05-02", False), ("2025-05-08", False), ("2025-06-13", False), ("2025-11-01", True),
        ("2025-11-03", False), ("2025-12-31", False), ("2026-01-09", False), ("2026-03-09", False),
        ("2026-05-11", False), ("2026-12-31", False), ("2026-11-21", False), ("2026-11-23", True),
    ],
)  # fmt: skip
def test_days_that_a_plain_week_gets_wrong(day: str, working: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is working


def test_terms_from_every_day_end_where_walking_day_by_day_ends() -> None:
    last = WORKING[-1]
    for day in ALL_DAYS:
        walked, count = day, 0
        while count < 12 and walked < last:
            walked += DAY
            count += is_working_day(walked)
            if is_working_day(walked):
                assert CALENDAR.add_working_days(day, count) == walked
                assert CALENDAR.working_days_between(day, walked) == count
        if day <= last:
            assert CALENDAR.add_working_days(day, 0) == next(one for one in WORKING if one >= day)


@given(days, days)
def test_counting_agrees_with_the_second_table(one: date, other: date) -> None:
    start, end = sorted((one, other))
    assert CALENDAR.working_days_between(start, end) == sum(start < day <= end for day in WORKING)
    assert CALENDAR.is_confirmed(start, end)


@given(days, st.integers(0, 120), st.integers(1, 120))
def test_adding_is_counting_backwards_and_adds_up(day: date, first: int, second: int) -> None:
    middle = CALENDAR.add_working_days(day, first)
    end = CALENDAR.add_working_days(middle, second)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(middle, end) == second
    assert first == 0 or end == CALENDAR.add_working_days(day, first + second)
    assert middle >= day if first == 0 else middle > day


def test_a_year_that_is_not_confirmed_is_counted_and_told() -> None:
    day = date(2026, 12, 30)
    end = CALENDAR.add_working_days(day, 1)
    assert end == date(2027, 1, 11)
    assert not CALENDAR.is_confirmed(day, end)
    assert CALENDAR.is_confirmed(day, date(2026, 12, 31))
    assert not CALENDAR.is_confirmed(date(2026, 12, 31), date(2027, 1, 1))
    assert CALENDAR.is_confirmed(day, day)
    assert CALENDAR.is_confirmed(date(2023, 12, 31), date(2024, 1, 9))  # no day of 2023 is counted
    assert not CALENDAR.is_confirmed(date(2023, 12, 30), date(2024, 1, 9))


@pytest.mark.parametrize("day", [date.min, date(2023, 12, 30), date(2028, 1, 1), date.max])
def test_a_year_without_a_table_is_no_guess(day: date) -> None:
    with refused("POL206"):
        CALENDAR.is_working_day(day)
    with refused("POL206"):
        CALENDAR.add_working_days(day, 0)
    with refused("POL206"):
        CALENDAR.working_days_between(*sorted((day, date(2026, 6, 1))))


def test_the_edges_of_the_table() -> None:
    # Days are counted after the day of the moment: its own year needs no table.
    assert CALENDAR.add_working_days(date(2023, 12, 31), 1) == date(2024, 1, 9)
    assert CALENDAR.working_days_between(date(2023, 12, 31), date(2024, 1, 9)) == 1
    with refused("POL206"):
        CALENDAR.add_working_days(date(2023, 12, 30), 1)
    last = max(day for day in map(date.fromordinal, range(date(2027, 12, 1).toordinal(), date(2028, 1, 1).toordinal()))
               if CALENDAR.is_working_day(day))  # fmt: skip
    assert CALENDAR.add_working_days(last - DAY, 1) == last
    for day in (last, date(2027, 12, 31), date(2028, 5, 1), date.max):
        with refused("POL206"):
            CALENDAR.add_working_days(day, 1)


def test_wrong_questions() -> None:
    with refused("POL207"):
        CALENDAR.add_working_days(date(2026, 1, 1), -1)
    with refused("POL207"):
        CALENDAR.working_days_between(date(2026, 1, 2), date(2026, 1, 1))
    assert CALENDAR.working_days_between(date(2026, 1, 2), date(2026, 1, 2)) == 0


# --- overrides ------------------------------------------------------------------------------------------------------


def write(folder: Path, text: str | bytes, name: str = "overrides.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_operator_overrides_days_and_the_edition_tells(tmp_path: Path) -> None:
    text = "date,kind,note\n2026-11-23,off,праздник области\n2026-11-28,working,\n\n"
    calendar = load_calendar(overrides=write(tmp_path, text))
    changed = {date(2026, 11, 23): False, date(2026, 11, 28): True}
    for day in ALL_DAYS:
        assert calendar.is_working_day(day) is changed.get(day, is_working_day(day))
    assert calendar.add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 24)
    assert calendar.overrides[0] == Override(date(2026, 11, 23), DayKind.OFF, "праздник области")
    assert calendar.edition != CALENDAR.edition == load_calendar().edition
    assert load_calendar(overrides=write(tmp_path, "date,kind,note\n")).edition == CALENDAR.edition
    with_mark = load_calendar(overrides=write(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert with_mark.edition == calendar.edition


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "POL204", "line 1"),
        ("day,kind,note\n", "POL204", "line 1"),
        ("date,kind\n2026-11-23,off\n", "POL204", "line 1"),
        ("date,kind,note\n2026-11-23,off\n", "POL204", "line 2"),
        ("date,kind,note\n2026-11-23,off,a,b\n", "POL204", "line 2"),
        ("date,kind,note\n2026-11-23,off,\n20261124,off,\n", "POL204", "line 3"),
        ("date,kind,note\n2026-W48-2,off,\n", "POL204", "line 2"),
        ("date,kind,note\n2026-02-30,off,\n", "POL204", "line 2"),
        ("date,kind,note\n23.11.2026,off,\n", "POL204", "line 2"),
        ("date,kind,note\n٢٠٢٦-11-23,off,\n", "POL204", "line 2"),
        ("date,kind,note\n2026-11-23,Off,\n", "POL204", "line 2"),
        ("date,kind,note\n2026-11-23,holiday,\n", "POL204", "line 2"),
        (f"date,kind,note\n2026-11-23,off,{'а' * (NOTE_LENGTH_MAX + 1)}\n", "POL204", "line 2"),
        ("date,kind,note\n2026-11-23,off,\n2026-11-23,working,\n", "POL204", "line 3"),
        ('date,kind,note\n2026-11-23,off,"open\n', "POL204", "line"),
        ("date,kind,note\n2028-11-23,off,\n", "POL205", ""),
        ("date,kind,note\n2023-12-31,off,\n", "POL205", ""),
        (b"date,kind,note\n2026-11-23,off,\xcf\xf0\n", "POL201", "overrides.csv"),
        (b" " * (FILE_SIZE_MAX + 1), "POL201", "overrides.csv"),
    ],
)
def test_overrides_that_are_none(tmp_path: Path, text: str | bytes, code: str, where: str) -> None:
    with refused(code) as caught:
        load_calendar(overrides=write(tmp_path, text))
    assert where in caught.value.where


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with refused("POL201"):
        load_calendar(overrides=tmp_path / "none.csv")
    with refused("POL201"):
        load_calendar(years=tmp_path)


def test_an_override_of_a_day_twice_is_refused_without_a_file_too() -> None:
    twice = [Override(date(2026, 11, 23), DayKind.OFF), Override(date(2026, 11, 23), DayKind.WORKING)]
    with refused("POL204"):
        Calendar(CALENDAR.years, twice)


# --- years ----------------------------------------------------------------------------------------------------------


def year(
    number: int, working_days: int, status: YearStatus = YearStatus.CONFIRMED, act: str = "an act"
) -> CalendarYear:
    return CalendarYear(number, status, working_days, act, "a test", date(2026, 11, 21))


def test_the_shipped_years_say_how_sure_they_are() -> None:
    status = {known.year: known.status for known in CALENDAR.years}
    confirmed = YearStatus.CONFIRMED
    assert status == {2024: confirmed, 2025: confirmed, 2026: confirmed, 2027: YearStatus.UNCONFIRMED}
    assert all(known.source and known.checked_on for known in CALENDAR.years)


def test_a_year_whose_transfers_the_library_lacks_is_refused_until_a_file_brings_them() -> None:
    # The library knows of 2028 no more than weekends and fixed holidays: 250 working days.
    with refused("POL203"):
        Calendar([year(2028, 248)])
    moved = [Override(date(2028, 2, 24), DayKind.OFF), Override(date(2028, 5, 2), DayKind.OFF)]
    calendar = Calendar([year(2028, 248)], moved)
    assert calendar.working_days_between(date(2027, 12, 31), date(2028, 12, 31)) == 248
    with refused("POL203"):
        Calendar([year(2028, 248)], moved[:1])


def test_a_library_that_counts_otherwise_is_refused() -> None:
    with refused("POL203"):
        Calendar([year(2026, 246)])


@pytest.mark.parametrize(
    "years",
    [
        [],
        [year(2024, 248), year(2026, 247)],
        [year(2026, 247), year(2026, 247)],
        [year(2014, 247)],
        [year(3000, 247)],
        [year(2026, 247, act=" ")],
    ],
)
def test_runs_of_years_that_are_none(years: list[CalendarYear]) -> None:
    with refused("POL202"):
        Calendar(years)


def test_a_bank_may_confirm_a_year_by_its_own_file(tmp_path: Path) -> None:
    lines = []
    for known in reversed(CALENDAR.years):
        facts = {**msgspec.structs.asdict(known), "status": "confirmed", "act": known.act or "decree 1"}
        lines += ["[[year]]", *(f"{k} = {v if isinstance(v, int | date) else repr(str(v))}" for k, v in facts.items())]
    path = write(tmp_path, "\n".join(lines), "years.toml")
    calendar = load_calendar(years=path)
    assert calendar.is_confirmed(date(2026, 12, 30), date(2027, 6, 1))
    assert calendar.edition != CALENDAR.edition
    for broken in (
        "x = ", "[[year]]\nyear = 2026\n", "\n".join(lines) + "\nguess = 1\n", "year = 3", "",
        "\n".join(lines).replace("confirmed", "sure", 1), "a = " + "[" * 5_000,
    ):  # fmt: skip
        with refused("POL202"):
            load_calendar(years=write(tmp_path, broken, "years.toml"))


# --- Moscow ---------------------------------------------------------------------------------------------------------


def test_moscow_is_what_the_table_of_zones_says() -> None:
    try:
        zone = ZoneInfo("Europe/Moscow")
    except ZoneInfoNotFoundError:
        pytest.skip("no table of zones on this machine")
    instant = MOSCOW_SINCE
    while instant.year < 2028:
        assert moscow_day(instant) == instant.astimezone(zone).date()
        instant += timedelta(hours=5, minutes=59, seconds=59)
    for first, second in pairwise([day for day in ALL_DAYS if day.day in {1, 28}]):
        assert day_end(first) == datetime(first.year, first.month, first.day, tzinfo=zone) + DAY
        assert (day_end(second) - day_end(first)) == (second - first)


def test_midnight_belongs_to_the_day_that_begins_and_24_hours_to_the_day_that_ends() -> None:
    for day in ALL_DAYS:
        end = day_end(day)
        assert end.hour == 21
        assert moscow_day(end) == day + DAY
        assert moscow_day(end - timedelta(microseconds=1)) == last_day_before(end) == day


@pytest.mark.parametrize(
    "instant",
    [datetime(2026, 1, 1), MOSCOW_SINCE - timedelta(microseconds=1), datetime(3000, 1, 1, tzinfo=UTC)],
)
def test_instants_that_are_refused(instant: datetime) -> None:
    with refused("POL213"):
        moscow_day(instant)
