"""What the desk does besides single steps: from hit to freeze, suspensions to their end, checks, and what forbids."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, BORIS, FACTS, OLEG, START, SYSTEM, TERMS, VERA, Days, Office, hit, screening

from sito.cases.deadlines import open_deadlines
from sito.cases.desk import Desk
from sito.cases.facts import moment
from sito.cases.machines import RULING
from sito.cases.projection import CASES, MEASURE, TASKS
from sito.errors import CaseError
from sito.records import Role


def tasks(office: Office, subject: str) -> list[str]:
    with office.ledger.read() as view:
        return sorted(row.name for row in view.execute(sa.select(TASKS).where(TASKS.c.subject == subject)))


def confirmed(office: Office, measure: str, **what: str) -> str:
    subject = office.open_case(screening(**what) if what else None).subject  # type: ignore[arg-type]
    office.act(subject, "assign", caller=VERA, assignee="anna")
    office.act(subject, "confirm", caller=ANNA, measure=measure, motive="совпало всё")
    return subject


def suspended(office: Office, *, operation_id: str = "OP-1", client_id: str = "C-1") -> str:
    return office.begin(
        "suspension", "apply", caller=SYSTEM, client_id=client_id, operation_id=operation_id, rule_id="R-SUSP"
    ).subject


def test_a_case_is_confirmed_by_one_and_approved_by_another_and_becomes_a_freeze(fresh: Office) -> None:
    published = START - timedelta(hours=3)
    subject = fresh.open_case(trigger_at=published).subject
    assert tasks(fresh, subject) == [RULING]
    fresh.act(subject, "assign", caller=VERA, assignee="anna")
    fresh.act(subject, "confirm", caller=ANNA, measure="freeze", motive="совпало всё")
    outcome = fresh.act(subject, "approve", caller=BORIS)
    assert [(step.subject, step.state) for step in outcome.steps] == [(subject, "approved"), ("freeze:1", "proposed")]
    # The duty goes from the case to the measure, and began when it began.
    assert (tasks(fresh, subject), tasks(fresh, "freeze:1")) == ([], [RULING])
    with fresh.ledger.read() as view:
        task = view.execute(sa.select(TASKS)).one()
        assert (task.rule, task.trigger_at, task.term_ids) == ("R-TE-FREEZE", moment(published), '["te-1wd"]')
    fresh.act("freeze:1", "apply", caller=ANNA)
    assert tasks(fresh, "freeze:1") == ["R-TE-INFORM"]
    fresh.act("freeze:1", "inform", caller=ANNA, message_id="FES-1")
    assert tasks(fresh, "freeze:1") == []
    fresh.act("freeze:1", "delist", caller=SYSTEM, list_id="RU-TE", entry_id="77", edition="2026-04-01")
    fresh.act("freeze:1", "ask_lift", caller=ANNA, lift_ground="delisted", motive="исключён из перечня")
    fresh.act("freeze:1", "lift", caller=VERA, lift_ground="delisted")
    assert tasks(fresh, "freeze:1") == ["R-TE-INFORM"]


@pytest.mark.parametrize(("measure", "begun"), [("suspension", ("suspension:1", "applied")), ("none", None),
                                                ("refusal", ("refusal:1", "proposed"))])  # fmt: skip
def test_what_was_confirmed_begins_when_it_is_approved(
    fresh: Office, measure: str, begun: tuple[str, str] | None
) -> None:
    subject = confirmed(fresh, measure, occasion="payment", record_id="PAY-7")
    steps = fresh.act(subject, "approve", caller=BORIS).steps[1:]
    assert [(step.subject, step.state) for step in steps] == ([begun] if begun else [])
    if begun:
        with fresh.ledger.read() as view:
            row = view.execute(sa.select(MEASURE)).one()
        assert (row.case_subject, row.client_id, row.operation_id) == (subject, "C-1", "PAY-7")


@pytest.mark.parametrize(("measure", "what"), [
    ("freeze", {"client_id": "", "record_id": "PAY-1", "occasion": "payment"}),
    ("suspension", {"occasion": "onboarding"}),
])  # fmt: skip
def test_a_measure_that_does_not_fit_the_case_is_refused(fresh: Office, measure: str, what: dict[str, str]) -> None:
    with pytest.raises(CaseError, match="CAS115"):
        confirmed(fresh, measure, **what)


def test_a_hit_of_grade_exact_is_rejected_by_two_alone(fresh: Office) -> None:
    subject = fresh.open_case(screening(hit(grade="exact"))).subject
    fresh.act(subject, "assign", caller=VERA, assignee="anna")
    with pytest.raises(CaseError, match="CAS111"):
        fresh.act(subject, "reject", caller=ANNA, motive="не он")
    fresh.act(subject, "escalate", caller=ANNA, motive="похоже, не он")
    with pytest.raises(CaseError, match="CAS204"):
        fresh.act(subject, "reject", caller=BORIS, motive="не он")
    assert fresh.act(subject, "reject", caller=VERA, motive="не он").state == "rejected"


def test_a_suspension_that_runs_out_is_executed(fresh: Office) -> None:
    subject = suspended(fresh)
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(subject, "lapse", caller=SYSTEM)
    fresh.now += timedelta(days=5)
    fresh.act(subject, "lapse", caller=SYSTEM)
    with fresh.ledger.read() as view:  # it is due from the end of the term on, not from when somebody noticed
        ends = view.execute(sa.select(TASKS.c.trigger_at).where(TASKS.c.name == "R-SUSP-END")).scalar()
    assert ends == moment(START + timedelta(days=5, minutes=1))
    fresh.act(subject, "execute", caller=OLEG)
    assert tasks(fresh, subject) == ["R-SUSP@measure_applied"]  # that it was applied is still to be told


def test_a_suspension_goes_on_by_order_and_by_court(fresh: Office) -> None:
    subject = suspended(fresh)
    order = {"order_number": "12-р", "order_date": "2026-03-04"}
    fresh.act(subject, "extend", caller=ANNA, **order)
    fresh.now += timedelta(days=29)
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(subject, "lapse", caller=SYSTEM)
    court = {"court_number": "А40-1/26", "court_date": "2026-04-01"}
    fresh.act(subject, "court", caller=ANNA, **court)
    fresh.now += timedelta(days=1000)
    with pytest.raises(CaseError, match="CAS112"):  # the decision names no end: only the court ends it
        fresh.act(subject, "lapse", caller=VERA)
    fresh.act(subject, "cancel_court", caller=BORIS, **court)
    assert fresh.act(subject, "execute", caller=SYSTEM).state == "executed"


def test_an_end_that_sources_put_differently_sets_free_at_the_latest(fresh: Office) -> None:
    order = {"order_number": "12-р", "order_date": "2026-03-04"}
    subject = fresh.begin("suspension", "order", client_id="C-1", **order).subject
    fresh.now += timedelta(days=20)  # above 14, below 30
    with fresh.ledger.read() as view:
        assert open_deadlines(view, fresh.schedule, fresh.now)[0].is_late
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(subject, "lapse", caller=VERA)


def test_by_a_calendar_that_is_not_confirmed_only_a_person_sets_free(fresh: Office) -> None:
    fresh.desk = Desk(fresh.ledger, schedule=Days(TERMS, unconfirmed=True))
    subject = suspended(fresh)
    fresh.now += timedelta(days=6)
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(subject, "lapse", caller=SYSTEM)
    assert fresh.act(subject, "lapse", caller=ANNA).state == "lapsed"


@pytest.mark.parametrize("forbids", ["freeze", "other suspension", "hold of all funds", "refusal", "case", "nothing",
                                     "other operation", "other client"])  # fmt: skip
def test_an_operation_is_executed_only_if_nothing_else_forbids_it(fresh: Office, forbids: str) -> None:
    subject = suspended(fresh)
    fresh.now += timedelta(days=6)
    fresh.act(subject, "lapse", caller=SYSTEM)
    refusal = {"rule_id": "R-REFUSE", "refusal_ground": "suspicion"}
    if forbids in {"freeze", "other client"}:
        client_id = "C-1" if forbids == "freeze" else "C-2"
        fresh.begin("freeze", "propose", client_id=client_id, rule_id="R-TE-FREEZE")
    elif forbids == "other suspension":
        suspended(fresh)
    elif forbids == "hold of all funds":
        fresh.begin("suspension", "order", client_id="C-1", order_number="1", order_date="2026-03-04")
    elif forbids == "refusal":
        fresh.begin("refusal", "propose", operation_id="OP-1", **refusal)
    elif forbids == "case":
        fresh.open_case(screening(occasion="payment", record_id="OP-1"))
    elif forbids == "other operation":
        suspended(fresh, operation_id="OP-2")
        fresh.begin("refusal", "propose", client_id="C-1", operation_id="OP-3", **refusal)
    if forbids in {"nothing", "other operation", "other client"}:
        assert fresh.act(subject, "execute", caller=OLEG).state == "executed"
    else:
        with pytest.raises(CaseError, match="CAS113"):
            fresh.act(subject, "execute", caller=OLEG)
        fresh.act(subject, "ask_end", caller=ANNA, end_ground="frozen", motive="средства заблокированы")
        assert fresh.act(subject, "end", caller=VERA, end_ground="frozen").state == "ended"


def test_a_check_is_reported_and_plans_the_next_one(fresh: Office) -> None:
    result = {name: FACTS[name] for name in ("client_count", "match_count", "editions")}
    subject = fresh.begin("check", "plan").subject
    fresh.act(subject, "start", caller=SYSTEM)
    with pytest.raises(CaseError, match="CAS114"):
        fresh.act(subject, "finish", caller=SYSTEM, **result)
    fresh.use_list()
    with pytest.raises(CaseError, match="CAS103"):
        fresh.act(subject, "finish", caller=SYSTEM, **result | {"match_count": 11})
    fresh.act(subject, "finish", caller=SYSTEM, **result)
    outcome = fresh.act(subject, "report", caller=ANNA, message_id="FES-4")
    assert [(step.subject, step.state) for step in outcome.steps] == [(subject, "reported"), ("check:2", "planned")]
    assert (tasks(fresh, subject), tasks(fresh, "check:2")) == ([], ["R-CHECK-3M"])
    # No list was used since: a result with clients is refused, one without clients is not.
    fresh.act("check:2", "start", caller=SYSTEM)
    with pytest.raises(CaseError, match="CAS114"):
        fresh.act("check:2", "finish", caller=SYSTEM, **result)
    assert fresh.act("check:2", "finish", caller=SYSTEM, **result | {"client_count": 0}).state == "finished"


def test_what_was_asked_for_in_another_state_counts_no_more(fresh: Office) -> None:
    subject = suspended(fresh)
    fresh.act(subject, "ask_end", caller=ANNA, end_ground="client_withdrew", motive="клиент отозвал")
    fresh.act(subject, "extend", caller=ANNA, order_number="1", order_date="2026-03-04")
    with pytest.raises(CaseError, match="CAS108"):
        fresh.act(subject, "end", caller=VERA, end_ground="client_withdrew")


def test_one_request_is_good_for_one_release(fresh: Office) -> None:
    subject = fresh.begin("freeze", "propose", caller=ANNA, client_id="C-1", rule_id="R-TE-FREEZE").subject
    fresh.act(subject, "apply", caller=BORIS)
    amount = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 500_000}
    for _ in range(2):
        fresh.act(subject, "ask_release", caller=ANNA, **amount)
        fresh.act(subject, "release", caller=BORIS, **amount)
        with pytest.raises(CaseError, match="CAS108"):
            fresh.act(subject, "release", caller=BORIS, **amount)


def test_a_policy_without_a_term_that_begins_is_refused(fresh: Office) -> None:
    terms = {rule: days for rule, days in TERMS.items() if rule != "R-SUSP-EXT"}
    with pytest.raises(CaseError, match=r"CAS107 .*R-SUSP-EXT"):
        Desk(fresh.ledger, schedule=Days(terms))


def test_what_describes_a_person_is_sealed_and_in_no_table(fresh: Office) -> None:
    told = {name: FACTS[name] for name in ("category", "criteria", "operation", "party", "author", "created_on")}
    fresh.open_case(screening(hit(), hit(grade="weak")))
    subject = fresh.begin("message", "draft", **told).subject
    fresh.act(subject, "report", caller=ANNA, motive="Чертополохов Евлампий, 1950 г. р.")
    with fresh.ledger.read() as view:
        for stored in view.events():
            assert "вламп" not in str(stored.event.facts).casefold()
        assert view.personal(1) == {"record": {"name": "Чертополохов Евлампий"}}
        assert view.personal(3) == {"motive": "Чертополохов Евлампий, 1950 г. р."}
        assert "вламп" not in str(view.execute(sa.select(CASES)).all()).casefold()


def test_other_roles_of_one_record_are_hits_of_one_case(fresh: Office) -> None:
    from tests.cases.office import party

    outcome = fresh.open_case(screening(hit(), hit(party("Чертополохова Аглая", role=Role.CREDITOR))))
    assert [step.action for step in outcome.steps] == ["open"]
