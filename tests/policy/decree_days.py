"""The production calendars of 2024 to 2026, written down from the acts by hand: a second table, of no library.

Public holidays are those of article 112 of the Labour Code; the transfers are those of the Government decrees 1314 of
10.08.2023, 1335 of 04.10.2024 and 1466 of 24.09.2025.
"""

from __future__ import annotations

from datetime import date, timedelta

YEARS = (2024, 2025, 2026)
WORKING_DAYS = {2024: 248, 2025: 247, 2026: 247}

_HOLIDAYS = "01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 02-23 03-08 05-01 05-09 06-12 11-04".split()  # noqa: SIM905
_DAYS_OFF = {  # moved by the decrees; in 2026 also 9 March and 11 May, after holidays on a Sunday and a Saturday
    2024: ["04-29", "04-30", "05-10", "12-30", "12-31"],
    2025: ["05-02", "05-08", "06-13", "11-03", "12-31"],
    2026: ["01-09", "03-09", "05-11", "12-31"],
}
WORKING_SATURDAYS = frozenset(
    date.fromisoformat(day) for day in ("2024-04-27", "2024-11-02", "2024-12-28", "2025-11-01")
)
OFF = frozenset(date.fromisoformat(f"{year}-{day}") for year in YEARS for day in [*_HOLIDAYS, *_DAYS_OFF[year]])
ALL_DAYS = tuple(date(YEARS[0], 1, 1) + timedelta(days=i) for i in range((date(2027, 1, 1) - date(2024, 1, 1)).days))


def is_working_day(day: date) -> bool:
    """Say whether a day of 2024 to 2026 is a working day."""
    return day in WORKING_SATURDAYS or (day.weekday() < 5 and day not in OFF)
