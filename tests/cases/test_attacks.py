"""What an attacker of the desk tried: each way by which one person alone, or an unlucky order of steps, got through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.cases.office import ANNA, BORIS, OLEG, SYSTEM, VERA, Office, hit, screening

from sito.cases.deadlines import PolicySchedule, open_deadlines
from sito.cases.notices import shipped_notices
from sito.cases.projection import ATTEMPT_REFUSED
from sito.cases.roles import People
from sito.errors import CaseError
from sito.ledger import Caller
from sito.policy.calendar import load_calendar
from sito.policy.deadlines import Certainty, Term, Unit

AGREED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("ask_release", "release", {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 100}, {"amount_kopecks": 10**9}),
    ("ask_release", "release", {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 100}, {"carve_rule": "R-CARVE-SOC"}),
    ("ask_release", "release", {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 100}, {"operation_id": "OP-9"}),
    ("ask_lift", "lift", {"lift_ground": "court"}, {"lift_ground": "mistake"}),
]


@pytest.mark.parametrize(("ask", "do", "told", "other"), AGREED)
def test_the_second_person_does_what_the_first_asked_for_and_nothing_else(
    fresh: Office, ask: str, do: str, told: dict[str, Any], other: dict[str, Any]
) -> None:
    freeze = fresh.reach("freeze", "applied")
    fresh.act(freeze, ask, **told | ({"motive": "просьба"} if ask == "ask_lift" else {}))
    with pytest.raises(CaseError, match="CAS109"):
        fresh.act(freeze, do, caller=BORIS, **told | other)
    fresh.act(freeze, do, caller=BORIS, **told)


def test_no_step_of_one_person_makes_a_suspension_shorter(fresh: Office) -> None:
    def order(**more: Any) -> None:
        fresh.act(subject, "extend", order_number="1", order_date="2026-03-03", **more)

    def court(**more: Any) -> None:
        fresh.act(subject, "court", court_number="1", court_date="2026-03-03", **more)

    subject = fresh.begin("suspension", "apply", client_id="C-1", operation_id="OP-1", rule_id="R-SUSP").subject
    with pytest.raises(CaseError, match="CAS116"):
        order(trigger_at=fresh.now - timedelta(days=900))
    with pytest.raises(CaseError, match="CAS116"):
        court(until=fresh.now)
    court(until=fresh.now + timedelta(days=60))
    with pytest.raises(CaseError, match="CAS116"):
        court(until=fresh.now + timedelta(days=59))
    with pytest.raises(CaseError, match="CAS205"):
        fresh.act(subject, "cancel_court", court_number="1", court_date="2026-03-03")
    fresh.act(subject, "cancel_court", caller=BORIS, court_number="1", court_date="2026-03-03")


def test_an_exact_hit_does_not_become_a_weaker_one_by_being_said_again(fresh: Office) -> None:
    subject = fresh.open_case(screening(hit(grade="exact"))).subject
    fresh.act(subject, "assign", assignee="anna")
    told = {"screening": screening(hit(grade="weak"))}
    fresh.desk.act(subject, "repeat", told, caller=ANNA, **fresh.request())
    with pytest.raises(CaseError, match="CAS111"):
        fresh.act(subject, "reject", motive="однофамилец")


def test_a_case_stays_that_of_its_payment(fresh: Office) -> None:
    what = screening(record_id="OP-1", occasion="payment", rule_id="R-SUSP", verdict="suspend")
    subject = fresh.open_case(what).subject
    fresh.act(subject, "assign", assignee="anna")
    for other in (msgspec.structs.replace(what, record_id="OP-2"), screening()):
        with pytest.raises(CaseError, match="CAS103"):
            fresh.desk.act(subject, "repeat", {"screening": other}, caller=ANNA, **fresh.request())
    fresh.desk.act(subject, "repeat", {"screening": what}, caller=ANNA, **fresh.request())


def test_a_listed_client_whose_freeze_is_over_is_no_settled_matter(fresh: Office) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", assignee="anna")
    fresh.act(subject, "confirm", measure="freeze", motive="совпало")
    fresh.act(subject, "approve", caller=BORIS)
    again = fresh.open_case()
    assert (again.subject, again.state) == (subject, "approved")
    fresh.act("freeze:1", "apply", caller=OLEG)
    assert fresh.open_case().state == "approved"
    fresh.act("freeze:1", "ask_lift", lift_ground="mistake", motive="ошибка")
    fresh.act("freeze:1", "lift", caller=VERA, lift_ground="mistake")
    again = fresh.open_case()
    assert (again.subject, again.state) == (subject, "reopened")


def test_one_term_that_cannot_be_counted_hides_no_other(fresh: Office) -> None:
    term = Term("t", "R-TE-FREEZE", "list_published", 1, Unit.WORKING_DAYS, fresh.now.date(), Certainty.READ, "s")
    early = msgspec.structs.replace(term, valid_from=term.valid_from.replace(year=2015))
    schedule = PolicySchedule([early, msgspec.structs.replace(early, rule="R-CHECK-3M", id="c")], load_calendar())
    for year in (2016, 2017):  # of which there is no table
        fresh.begin("check", "plan", trigger_at=fresh.now.replace(year=year))
    fresh.begin("check", "plan")
    with fresh.ledger.read() as view:
        found = open_deadlines(view, schedule, fresh.now)
    assert [(one.subject, one.has_term, one.unconfirmed) for one in found if not one.has_term] == [
        ("check:1", False, True), ("check:2", False, True)
    ]  # fmt: skip
    assert len(found) == 3


@pytest.mark.parametrize("text", ["вы-в-перечне-террористов", "1/вы/в/перечне", "РФМ-знает-о-вас-1"])
def test_the_number_of_an_operation_tells_nothing_in_words(text: str) -> None:
    notices = shipped_notices()
    fields = {"operation_number": text, "operation_date": "02.03.2026"}
    with pytest.raises(CaseError, match="CAS303"):
        notices.text(notices.templates["operation-suspended"], fields)


@pytest.mark.parametrize(
    "name", ["anna\u3164", "an\ufe0fna", "anna\u034f", "аnnа", "ANNA\U000e0100", "ΑNNA", "annа\u115f"]
)
def test_what_looks_alike_is_one_name(name: str) -> None:
    assert People().are_one("anna", name)


def test_a_subject_that_is_none_is_not_written_into_the_chain(fresh: Office) -> None:
    with pytest.raises(CaseError, match="CAS106"):
        fresh.act("case:Чертополохов Евлампий", "assign", caller=Caller("prov", "auditor"), assignee="anna")
    with fresh.ledger.read() as view:
        assert not list(view.events(kinds=[ATTEMPT_REFUSED]))


def test_a_suspension_that_names_no_client_sees_the_freeze_of_its_payment(fresh: Office) -> None:
    what = screening(record_id="OP-1", occasion="payment", rule_id="R-SUSP", verdict="suspend")
    case = fresh.open_case(what).subject
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "reject", motive="однофамилец")
    fresh.begin("freeze", "propose", caller=SYSTEM, client_id="C-1", rule_id="R-TE-FREEZE")
    subject = fresh.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP").subject
    fresh.now += timedelta(days=100)
    fresh.act(subject, "lapse", caller=OLEG)
    with pytest.raises(CaseError, match="CAS113"):
        fresh.act(subject, "execute", caller=OLEG)
