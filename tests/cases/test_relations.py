"""Whose personal data go when relations have ended, and why the others stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.cases.office import ANNA, BORIS, OLEG, START, Office, screening

from sito.cases.relations import delete_expired, end_relations, expired, resume_relations
from sito.errors import CaseError, LedgerError, PolicyError
from sito.ledger import retention, verify
from sito.policy.calendar import load_calendar
from sito.policy.deadlines import Certainty, Deadline, Term, Unit, due

KEPT = Term("kept", "R-RETAIN", "relations_ended", 5, Unit.YEARS, date(2026, 1, 1), Certainty.READ, "made up")
CALENDAR = load_calendar()
OVER = datetime(2031, 4, 2, tzinfo=UTC)
ENDED = date(2026, 4, 1)


def retained(day: date) -> Deadline:
    return due([KEPT], datetime(day.year, day.month, day.day, 20, 59, tzinfo=UTC), CALENDAR)


def end(office: Office, client_id: str = "C-1", *, on: date = ENDED, at: datetime | None = None) -> None:
    at = at or datetime(2026, 4, 1, 12, tzinfo=UTC)
    end_relations(office.ledger, client_id, ended_on=on, request_id=f"end-{client_id}-{at}", caller=OLEG, at=at)


def rejected_case(office: Office, client_id: str = "C-1") -> str:
    """Open a case and reject it; returns its subject. Three events with personal data."""
    case = office.open_case(screening(client_id=client_id)).subject
    office.act(case, "assign", assignee="anna")
    office.act(case, "note", note="запрошены документы")
    step(office, case, "reject", motive="другой человек")
    return case


def step(office: Office, subject: str, action: str, **facts: object) -> None:
    office.act(subject, action, **facts)


def over(office: Office, now: datetime = OVER) -> tuple[dict[str, int], dict[str, int]]:
    with office.ledger.read() as view:
        gone, stay = expired(view, retained=retained, now=now)
    return {one.client_id: len(one.sequences) for one in gone}, stay.counts


def test_data_of_a_former_client_go_when_their_time_is_over(fresh: Office) -> None:
    case = rejected_case(fresh)
    rejected_case(fresh, "C-2")
    assert over(fresh) == ({}, {"of a client of today": 6})
    end(fresh)
    assert over(fresh, datetime(2031, 4, 1, 20, tzinfo=UTC)) == ({}, {"of a client of today": 3, "not yet over": 3})
    assert over(fresh) == ({"C-1": 3}, {"of a client of today": 3})
    with fresh.ledger.read() as view:
        gone, _ = expired(view, retained=retained, now=OVER)
    assert delete_expired(fresh.ledger, gone, reason="over", request_id="q-1", caller=OLEG, at=OVER) == 3
    assert over(fresh) == ({}, {"of a client of today": 3})
    assert not verify(fresh.ledger).fault_count
    assert fresh.state(case) == "rejected"


def test_a_client_who_comes_back_keeps_them(fresh: Office) -> None:
    rejected_case(fresh)
    end(fresh)
    resume_relations(fresh.ledger, "C-1", request_id="back", caller=OLEG, at=START + timedelta(days=90))
    assert over(fresh) == ({}, {"of a client of today": 3})
    end(fresh, at=START + timedelta(days=100))
    assert over(fresh)[0] == {"C-1": 3}


def test_nothing_goes_while_something_is_open(fresh: Office) -> None:
    rejected_case(fresh)
    fresh.open_case(screening(client_id="C-1"), request_id="again", at=START + timedelta(days=400))
    end(fresh, on=ENDED)
    found, stay = over(fresh)
    assert not found
    assert set(stay) == {"of a client with an open case or a measure in force"}


def test_nothing_goes_while_a_freeze_holds(fresh: Office) -> None:
    fresh.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE", motive="совпали имена и даты")
    end(fresh)
    assert over(fresh) == ({}, {"of a client with an open case or a measure in force": 1})
    fresh.act("freeze:1", "apply", caller=BORIS)
    assert over(fresh) == ({}, {"of a client with an open case or a measure in force": 1})


@pytest.mark.parametrize("facts", [{"case_subject": "case:1"}, {}])
def test_nothing_goes_while_a_measure_holds_that_names_no_client(fresh: Office, facts: dict[str, str]) -> None:
    rejected_case(fresh)
    record_id = screening().record_id
    fresh.begin("suspension", "apply", operation_id=record_id, rule_id="R-SUSP", motive="проверка", **facts)
    end(fresh)
    found, stay = over(fresh)
    assert not found
    assert "of a client with an open case or a measure in force" in stay


def test_a_hold_on_the_client_that_came_meanwhile_keeps_them(fresh: Office) -> None:
    rejected_case(fresh)
    end(fresh)
    with fresh.ledger.read() as view:
        gone, _ = expired(view, retained=retained, now=OVER)
    retention.set_hold(fresh.ledger, "client:C-1", reason="court", request_id="hold", caller=OLEG, at=START)
    with pytest.raises(LedgerError, match="LED141"):
        delete_expired(fresh.ledger, gone, reason="over", request_id="q-1", caller=OLEG, at=OVER)


def test_what_came_after_the_end_stays(fresh: Office) -> None:
    case = rejected_case(fresh)
    end(fresh)
    fresh.now = datetime(2026, 5, 1, tzinfo=UTC)
    fresh.act(case, "note", note="пришло письмо")
    assert over(fresh) == ({"C-1": 3}, {"from after the end of relations": 1})


@pytest.mark.parametrize("subject", ["case:1", "client:C-1"])
def test_a_hold_keeps_them(fresh: Office, subject: str) -> None:
    rejected_case(fresh)
    end(fresh)
    retention.set_hold(fresh.ledger, subject, reason="court", request_id="hold", caller=OLEG, at=START)
    assert over(fresh) == ({}, {"under a legal hold": 3})


def test_messages_and_payments_of_nobody_stay(fresh: Office) -> None:
    fresh.open_case(screening(client_id="", occasion="payment"))
    fresh.begin(
        "message", "draft", client_id="C-1", category="unusual", criteria=["1101"], operation={"amount": "1"},
        party={"name": "Чертополохов Евлампий"}, author="anna", created_on="2026-03-02",
    )  # fmt: skip
    end(fresh)
    assert over(fresh) == ({}, {"of a message, which counts from its receipt": 1, "of no client": 1})


def test_a_policy_without_a_term_for_the_day_lets_nothing_go(fresh: Office) -> None:
    rejected_case(fresh)
    end(fresh, on=date(2025, 12, 31))
    assert over(fresh) == ({}, {"of relations for whose end the policy has no term": 3})
    with pytest.raises(PolicyError, match="POL212"):
        retained(date(2025, 12, 31))


def test_what_has_changed_since_it_was_looked_at_stays(fresh: Office) -> None:
    rejected_case(fresh)
    end(fresh)
    with fresh.ledger.read() as view:
        gone, _ = expired(view, retained=retained, now=OVER)
    fresh.open_case(screening(client_id="C-1", occasion="payment", record_id="P-1"))
    with pytest.raises(CaseError, match="CAS503"):
        delete_expired(fresh.ledger, gone, reason="over", request_id="q-1", caller=OLEG, at=OVER)
    with fresh.ledger.read() as view:
        assert view.personal(gone[0].sequences[0]) is not None


def test_what_makes_no_sense_is_refused(fresh: Office, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="CAS501"):
        end(fresh, on=date(2026, 4, 3))
    with pytest.raises(CaseError, match="CAS502"):
        resume_relations(fresh.ledger, "C-1", request_id="back", caller=ANNA, at=START)
    end(fresh)
    with pytest.raises(CaseError, match="CAS502"):
        end(fresh, at=START + timedelta(days=80))
    with pytest.raises(LedgerError, match="LED103"):
        end(fresh, "")
    with pytest.raises(LedgerError, match="LED103"):
        end(fresh, "C\n1")
