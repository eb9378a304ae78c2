"""The six-month audit, and the look for an order while a suspension lasts: terms that begin and end with steps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.cases.office import ANNA, BORIS, OLEG, TERMS, VERA, Days, Office

from sito.cases.deadlines import open_deadlines
from sito.errors import CaseError
from sito.ledger import Caller

REPORT = {"report_number": "ВК-1/26", "report_date": "2026-03-02", "findings": "замечаний нет"}


def due(office: Office, subject: str) -> list[tuple[str, int]]:
    """Return (rule, whole days from now) of what is due of a matter."""
    with office.ledger.read() as view:
        found = open_deadlines(view, office.schedule, office.now, subjects=[subject])
    return [(one.rule, round(one.left / timedelta(days=1))) for one in found]


def test_an_audit_is_reported_accepted_by_the_head_and_planned_again(fresh: Office) -> None:
    audit = fresh.begin("audit", "plan").subject
    assert due(fresh, audit) == [("R-AUDIT-6M", 5)]
    fresh.act(audit, "report", **REPORT)
    fresh.act(audit, "send_back", caller=VERA, motive="проверены не все отделения")
    fresh.act(audit, "report", **REPORT)
    with pytest.raises(CaseError, match="CAS205"):
        fresh.act(audit, "accept", caller=Caller("anna@bank.example", "head"))
    with pytest.raises(CaseError, match="CAS204"):
        fresh.act(audit, "accept", caller=OLEG)
    fresh.now += timedelta(days=2)
    accepted = fresh.act(audit, "accept", caller=VERA)
    assert [(step.subject, step.state) for step in accepted.steps] == [("audit:1", "accepted"), ("audit:2", "planned")]
    # The term runs from the report, not from when the head read it.
    assert (due(fresh, audit), due(fresh, "audit:2")) == ([], [("R-AUDIT-6M", 3)])
    with fresh.ledger.read() as view:
        told = [stored.event.facts for stored in view.events(kinds=["audit_reported"])]
    assert all("findings" not in facts for facts in told)


def test_somebody_looks_whether_an_order_has_come(fresh: Office) -> None:
    suspension = fresh.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP").subject
    assert ("R-SUSP-REVIEW", 4) in due(fresh, suspension)
    fresh.act(suspension, "review", caller=OLEG, review_result="no_order")
    assert "R-SUSP-REVIEW" not in dict(due(fresh, suspension))
    other = fresh.begin("suspension", "apply", operation_id="OP-2", rule_id="R-SUSP").subject
    fresh.act(other, "extend", order_number="12-р", order_date="2026-03-03")
    assert "R-SUSP-REVIEW" not in dict(due(fresh, other))
    with pytest.raises(CaseError, match="CAS105"):
        fresh.act(other, "review", caller=ANNA, review_result="no_order")


def test_a_review_that_may_take_longer_holds_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path, schedule=Days(TERMS | {"R-SUSP-REVIEW": (30, 30)}))
    suspension = office.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP").subject
    office.now += timedelta(days=6)
    office.act(suspension, "lapse", caller=OLEG)
    assert office.state(suspension) == "lapsed"
    office.ledger.close()


def test_a_freeze_is_lifted_with_the_entries_that_it_rests_on(fresh: Office) -> None:
    case = fresh.open_case().subject
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "confirm", measure="freeze", motive="совпали имена и даты")
    fresh.act(case, "approve", caller=BORIS)
    fresh.act("freeze:1", "apply", caller=OLEG)
    with pytest.raises(CaseError, match="CAS121"):
        fresh.act("freeze:1", "delist", list_id="RU-TE", entry_id="78", edition="2026-04-01")
    with pytest.raises(CaseError, match="CAS121"):
        fresh.act("freeze:1", "delist_by_notice", list_id="RU-MVK", entry_id="77", edition="2026-04-01")
    fresh.act("freeze:1", "delist", list_id="RU-TE", entry_id="77", edition="2026-04-01")
