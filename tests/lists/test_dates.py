"""Partial dates: every printed form becomes a span of days, and nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import BirthDate
from sito.lists.dates import iso_date, iso_date_us, parse_birth_date, parse_birth_dates, parse_parts, parse_years


@pytest.mark.parametrize(
    ("text", "start", "end", "circa"),
    [
        ("1960-01-12", "1960-01-12", "1960-01-12", False),
        ("1960-01-12-04:00", "1960-01-12", "1960-01-12", False),
        ("2024-09-26T00:00:07.514Z", "2024-09-26", "2024-09-26", False),
        ("1960-02", "1960-02-01", "1960-02-29", False),
        ("1960", "1960-01-01", "1960-12-31", False),
        ("1960-00-00", "1960-01-01", "1960-12-31", False),
        ("12 Jan 1960", "1960-01-12", "1960-01-12", False),
        ("12-Jan-1960", "1960-01-12", "1960-01-12", False),
        ("12th of January 1960", "1960-01-12", "1960-01-12", False),
        ("January 12, 1960", "1960-01-12", "1960-01-12", False),
        ("Jan. 1960", "1960-01-01", "1960-01-31", False),
        ("12/01/1960", "1960-01-12", "1960-01-12", False),
        ("12.01.1960", "1960-01-12", "1960-01-12", False),
        ("00/00/1960", "1960-01-01", "1960-12-31", False),
        ("dd/mm/1960", "1960-01-01", "1960-12-31", False),
        ("dd/03/1960", "1960-03-01", "1960-03-31", False),
        ("circa 1960", "1960-01-01", "1960-12-31", True),
        ("circa 12 Jan 1960", "1960-01-12", "1960-01-12", True),
        ("c. 1960", "1960-01-01", "1960-12-31", True),
        ("1960 (approximately)", "1960-01-01", "1960-12-31", True),
        ("1960 to 1965", "1960-01-01", "1965-12-31", False),
        ("1960-1965", "1960-01-01", "1965-12-31", False),
        ("circa 1960-1965", "1960-01-01", "1965-12-31", True),
        ("between 1960 and 1965", "1960-01-01", "1965-12-31", False),
        ("01 Jan 1960 to 31 Mar 1960", "1960-01-01", "1960-03-31", False),
        ("Between Aug. and Sep. 1977", "1977-08-01", "1977-09-30", False),
        ("1960s", "1960-01-01", "1969-12-31", False),
        ("born in the early 1960s", "1960-01-01", "1969-12-31", True),
    ],
)
def test_printed_form_becomes_a_span(text: str, start: str, end: str, circa: bool) -> None:
    assert parse_birth_date(text) == BirthDate(start, end, circa)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sep-99",
        "31 Feb 1960",
        "12/13/1960",
        "24/06/1402",
        "1965 to 1960",
        "30-35 years old",
        "dd/mm/yyyy",
        "1" * 10_000,
    ],
)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    assert parse_birth_date(text) is None


def test_several_dates_of_one_cell_are_told_apart() -> None:
    dates, rest = parse_birth_dates("(1) 1963 (2) 12 May 1965")
    assert [one.start for one in dates] == ["1963-01-01", "1965-05-12"]
    assert rest == ""


def test_words_beside_dates_come_back() -> None:
    dates, rest = parse_birth_dates("1963 or perhaps later")
    assert dates == (BirthDate("1963-01-01", "1963-12-31"),)
    assert rest == "perhaps later"


def test_parts_in_fields_of_their_own() -> None:
    assert parse_parts("1960", "2", "0") == BirthDate("1960-02-01", "1960-02-29")
    assert parse_parts("0") is None
    assert parse_years("1960", "", circa=True) == BirthDate("1960-01-01", "1960-12-31", True)
    assert parse_years("1965", "1960") is None


def test_only_a_full_date_is_an_iso_date() -> None:
    assert iso_date("02/03/2020") == "2020-03-02"
    assert iso_date_us("02/03/2020") == "2020-02-03"
    assert iso_date("2020") == iso_date("circa 02 Mar 2020") == ""


@given(st.text(max_size=60))
def test_any_text_is_a_span_or_nothing(text: str) -> None:
    span = parse_birth_date(text)
    assert span is None or span.start <= span.end


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2100, 12, 31)))
def test_every_form_of_a_day_gives_the_same_day(day: date) -> None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %b %Y", "%d %B %Y"):
        assert parse_birth_date(f"{day:{form}}") == BirthDate(str(day), str(day))
