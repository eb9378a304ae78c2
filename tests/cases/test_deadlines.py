"""What is due, by the policy's own terms and the production calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.cases.office import ANNA, BORIS, TERMS, VERA, Days, Office, screening

from sito.cases.deadlines import PolicySchedule, open_deadlines
from sito.cases.machines import TERM_RULES
from sito.cases.steps import REJECTED_RULE
from sito.policy.calendar import Calendar, load_calendar
from sito.policy.deadlines import Certainty, Term, Unit
from sito.policy.rules import default_policy_file


def term(name: str, rule: str, trigger: str, value: int, unit: Unit) -> Term:
    return Term(
        id=name,
        rule=rule,
        trigger=trigger,
        value=value,
        unit=unit,
        certainty=Certainty("S"),
        source="made up for this",
        valid_from=date(2024, 1, 1),
    )


FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)  # 18:00 in Moscow; Monday the ninth is a day off
TERMS_READ = (
    term("te-1wd", "R-TE-FREEZE", "list_published", 1, Unit.WORKING_DAYS),
    term("te-24h", "R-TE-FREEZE", "list_published", 24, Unit.HOURS),
    term("susp-5wd", "R-SUSP", "order_due", 5, Unit.WORKING_DAYS),
    term("susp-report", "R-SUSP", "measure_applied", 1, Unit.WORKING_DAYS),
    *(term(f"t{number}", *(rule.split("@") if "@" in rule else (rule, "then")), 30, Unit.CALENDAR_DAYS)
      for number, rule in enumerate(sorted({*TERM_RULES, REJECTED_RULE})) if not rule.startswith("R-SUSP@")),
)  # fmt: skip


def in_moscow(day: int, month: int = 3) -> datetime:
    """Return the first instant of a day in Moscow."""
    return datetime(2026, month, day, tzinfo=UTC) - timedelta(hours=3)


@pytest.fixture
def calendar() -> Calendar:
    return load_calendar()


@pytest.mark.parametrize(("rule", "term_ids", "alarm_at", "latest_at"), [
    # 24 hours end on Saturday evening; a working day after a Friday before the holiday is Tuesday.
    ("R-TE-FREEZE", (), FRIDAY + timedelta(hours=24), in_moscow(11)),
    ("R-TE-FREEZE/credit", ("te-1wd", "te-24h"), FRIDAY + timedelta(hours=24), in_moscow(11)),
    ("R-TE-FREEZE", ("te-1wd",), in_moscow(11), in_moscow(11)),
    ("R-SUSP@order_due", (), in_moscow(17), in_moscow(17)),
    ("R-SUSP@measure_applied", (), in_moscow(11), in_moscow(11)),
    # A ruling names the report, too, which begins with the measure and not with the case.
    ("R-SUSP", ("susp-5wd", "susp-report"), in_moscow(17), in_moscow(17)),
])  # fmt: skip
def test_a_window_has_the_earliest_and_the_latest_end(
    calendar: Calendar, rule: str, term_ids: tuple[str, ...], alarm_at: datetime, latest_at: datetime
) -> None:
    window = PolicySchedule(TERMS_READ, calendar).window(rule, term_ids, FRIDAY)
    assert window is not None and (window.alarm_at, window.latest_at, window.unconfirmed) == (
        alarm_at,
        latest_at,
        False,
    )


def test_the_shipped_policy_has_every_term_that_cases_begin(tmp_path: Path, calendar: Calendar) -> None:
    schedule = PolicySchedule(default_policy_file().terms, calendar)
    office = Office(tmp_path, schedule=schedule)  # or the desk would refuse it
    office.now = FRIDAY
    office.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP", trigger_at=FRIDAY)
    with office.ledger.read() as view:
        found = [(one.rule, one.alarm_at) for one in open_deadlines(view, schedule, FRIDAY)]
    assert found == [("R-SUSP", in_moscow(11)), ("R-SUSP-REVIEW", in_moscow(14)), ("R-SUSP", in_moscow(17))]
    for rule in {*TERM_RULES, REJECTED_RULE}:
        assert schedule.window(rule, (), FRIDAY) is not None
    office.ledger.close()


def test_a_rule_without_a_term_has_no_window(calendar: Calendar) -> None:
    schedule = PolicySchedule(TERMS_READ, calendar)
    assert schedule.window("R-NONE", (), FRIDAY) is None
    assert schedule.window("R-TE-FREEZE", ("gone",), FRIDAY) is None
    assert schedule.window("R-SUSP@list_published", (), FRIDAY) is None
    assert {"R-SUSP", "R-SUSP@order_due", "R-SUSP@measure_applied"} <= set(schedule.rules())


def test_a_window_into_a_year_that_is_not_confirmed_says_so(calendar: Calendar) -> None:
    window = PolicySchedule(TERMS_READ, calendar).window("R-SUSP@order_due", (), datetime(2026, 12, 29, tzinfo=UTC))
    assert window is not None and window.unconfirmed


def test_late_ones_come_first_and_each_says_what_ends_it(tmp_path: Path, calendar: Calendar) -> None:
    office = Office(tmp_path, schedule=PolicySchedule(TERMS_READ, calendar))
    office.now = FRIDAY
    case = office.open_case(screening(term_ids=("te-1wd", "te-24h")), trigger_at=FRIDAY).subject
    other = office.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP", trigger_at=FRIDAY).subject
    with office.ledger.read() as view:
        now = FRIDAY + timedelta(hours=24)
        found = open_deadlines(view, office.schedule, now - timedelta(microseconds=1))
        assert [one.is_late for one in found] == [False] * 4
        found = [one for one in open_deadlines(view, office.schedule, now) if one.rule != "R-SUSP-REVIEW"]
    assert [(one.subject, one.rule, one.is_late) for one in found] == [
        (case, "R-TE-FREEZE", True), (other, "R-SUSP", False), (other, "R-SUSP", False)
    ]  # fmt: skip
    assert [one.alarm_at for one in found] == [now, in_moscow(11), in_moscow(17)]
    assert [one.next_actions for one in found] == [
        ("assign",), ("inform",), ("extend", "court", "lapse", "ask_end", "end")
    ]  # fmt: skip
    assert (found[0].left, found[0].state, found[0].has_term) == (timedelta(0), "new", True)
    office.act(case, "assign", assignee="anna")
    office.act(case, "confirm", measure="freeze", motive="он")
    with office.ledger.read() as view:
        assert open_deadlines(view, office.schedule, now)[0].next_actions == ("approve",)
    office.act(case, "approve", caller=BORIS)
    with office.ledger.read() as view:
        (first, *_) = open_deadlines(view, office.schedule, now)
    assert (first.subject, first.alarm_at, first.next_actions) == ("freeze:1", now, ("apply", "withdraw"))
    office.ledger.close()


def test_a_ruling_without_terms_begins_none_and_one_of_unknown_terms_is_due_at_once(fresh: Office) -> None:
    fresh.open_case(screening(client_id="C-1", term_ids=()))
    fresh.open_case(screening(client_id="C-2", rule_id="R-GONE", term_ids=("gone",)))
    with fresh.ledger.read() as view:
        (one,) = open_deadlines(view, fresh.schedule, fresh.now)
    assert (one.subject, one.has_term, one.is_late, one.alarm_at) == ("case:2", False, True, fresh.now)


def test_a_court_says_itself_until_when(fresh: Office) -> None:
    subject = fresh.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP").subject
    until = fresh.now + timedelta(days=60)
    court = {"court_number": "А40-1/26", "court_date": "2026-03-04"}
    fresh.act(subject, "court", until=until, **court)
    with fresh.ledger.read() as view:
        ends = [one.alarm_at for one in open_deadlines(view, fresh.schedule, fresh.now) if one.rule == "R-SUSP-COURT"]
    assert ends == [until]
    fresh.act(subject, "court", caller=VERA, until=until + timedelta(days=9), **court)
    fresh.now = until
    with fresh.ledger.read() as view:
        ends = [one.alarm_at for one in open_deadlines(view, fresh.schedule, fresh.now) if one.rule == "R-SUSP-COURT"]
    assert ends == [until + timedelta(days=9)]


def test_all_that_is_due_is_shown(fresh: Office) -> None:
    """Removal noticed twice is two terms; lifting ends both, and each message to the authority ends one."""
    subject = fresh.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE", term_ids=["te-1wd"]).subject
    fresh.act(subject, "apply", caller=BORIS)
    removed = {"list_id": "RU-UN", "entry_id": "77", "edition": "2026-04-01"}
    fresh.act(subject, "delist", caller=ANNA, **removed)
    fresh.act(subject, "delist_by_notice", caller=ANNA, **removed)

    def due() -> list[str]:
        with fresh.ledger.read() as view:
            return sorted(one.rule for one in open_deadlines(view, Days(TERMS), fresh.now))

    assert due() == ["R-TE-INFORM", "R-UNFREEZE", "R-UNFREEZE", "R-UNFREEZE"]
    fresh.act(subject, "ask_lift", caller=ANNA, lift_ground="delisted", motive="исключён")
    fresh.act(subject, "lift", caller=BORIS, lift_ground="delisted")
    assert due() == ["R-TE-INFORM", "R-TE-INFORM"]
    fresh.act(subject, "inform", message_id="FES-1")
    assert due() == ["R-TE-INFORM"]
    fresh.act(subject, "inform", message_id="FES-2")
    assert due() == []
