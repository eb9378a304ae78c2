"""What one person inside the bank tried: to set money free alone, to hide a deadline, to stand where sito writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cases.office import BORIS, VERA, Office, entry, hit, screening

from sito.cases.deadlines import PolicySchedule, open_deadlines
from sito.cases.pages import case_page, duties
from sito.cases.projection import ATTEMPT_REFUSED
from sito.cases.reception import PERSONAL_READERS, Reception, Shown
from sito.cases.roles import Role
from sito.cases.staff import Person, Staff, new_token
from sito.errors import CaseError
from sito.policy.calendar import load_calendar
from sito.policy.verdict import default_policy

SUSPENSION = {"client_id": "C-1", "operation_id": "OP-1", "rule_id": "R-SUSP"}
(TOKEN, LINE), (OTHER, OTHER_LINE) = new_token(), new_token()
COURT = {"court_number": "1", "court_date": "2026-03-03"}


@pytest.mark.parametrize("far", [
    "0001-01-01T00:00:00+14:00", "0500-01-01T00:00:00Z", "2014-10-25T21:59:59Z", "2900-01-01T00:00:00Z",
    "3100-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
])  # fmt: skip
def test_an_instant_of_which_nobody_can_count_breaks_no_list(tmp_path: Path, far: str) -> None:
    """One such event would stand for ever, and what is due would be shown to nobody any more."""
    office = Office(tmp_path, schedule=PolicySchedule(default_policy().file.terms, load_calendar()))
    subject = office.begin("suspension", "apply", **SUSPENSION).subject
    with pytest.raises(CaseError, match="CAS103"):
        office.begin("suspension", "apply", **SUSPENSION, trigger_at=far)
    with pytest.raises(CaseError, match="CAS103"):
        office.act(subject, "court", **COURT, until=far)
    office.act(subject, "court", **COURT, until="2899-12-31T23:59:59Z")
    office.begin("suspension", "apply", **SUSPENSION, trigger_at="2899-12-31T23:59:59Z")
    first = datetime(2014, 10, 26, tzinfo=UTC)
    office.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE", trigger_at=first)
    office.begin("check", "plan", trigger_at=first)
    told = {"client_id": "C-1", "order_number": "1", "order_date": "2026-03-03", "trigger_at": first}
    office.begin("suspension", "order", **told)
    words = {"schedule": office.schedule, "policy": default_policy(), "now": office.now}
    with office.ledger.read() as view:
        assert len(duties(view, **words)) >= 6
        assert case_page(view, subject, **words, with_personal=False).duties
    office.ledger.close()


def test_one_person_ends_no_hold_of_a_court_whose_end_nobody_told(fresh: Office) -> None:
    """First a hold without an end, by which the running term is gone, then one that ends in a minute: that is free."""
    subject = fresh.begin("suspension", "apply", **SUSPENSION).subject
    fresh.act(subject, "court", **COURT)
    with pytest.raises(CaseError, match="CAS116"):
        fresh.act(subject, "court", **COURT, until=fresh.now + timedelta(minutes=2))
    fresh.act(subject, "court", **COURT)
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(subject, "lapse")
    fresh.act(subject, "cancel_court", caller=BORIS, **COURT)
    fresh.act(subject, "court", **COURT, until=fresh.now + timedelta(days=60))


def test_who_approves_a_suspension_does_not_make_it_begin_before_its_duty(fresh: Office) -> None:
    """It would be over at once, and the payment that the first of two wanted held would be executed by the second."""
    told = screening(occasion="payment", record_id="OP-7", verdict="suspend", rule_id="R-SUSP", term_ids=())
    case = fresh.open_case(told).subject
    opened_at = fresh.now
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "confirm", measure="suspension", motive="похож")
    with pytest.raises(CaseError, match="CAS116"):
        fresh.act(case, "approve", caller=BORIS, trigger_at=opened_at - timedelta(seconds=1))
    assert fresh.state(case) == "confirmed"
    done = fresh.act(case, "approve", caller=BORIS, trigger_at=opened_at + timedelta(minutes=1))
    with pytest.raises(CaseError, match="CAS112"):
        fresh.act(done.steps[1].subject, "lapse", caller=BORIS)


def test_a_freeze_begun_by_hand_has_the_terms_of_its_rule(tmp_path: Path) -> None:
    """Whoever names no terms means all of the rule: a freeze that nobody applies is late at some time."""
    office = Office(tmp_path, schedule=PolicySchedule(default_policy().file.terms, load_calendar()))
    office.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE")
    office.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE", term_ids=[])
    words = {"schedule": office.schedule, "policy": default_policy(), "now": office.now}
    with office.ledger.read() as view:
        found = duties(view, **words)
    assert [(one.subject, one.rule, one.has_term) for one in found] == [
        ("freeze:1", "R-TE-FREEZE", True), ("freeze:2", "R-TE-FREEZE", True)
    ]  # fmt: skip
    office.ledger.close()


@pytest.mark.parametrize(("fact", "value"), [
    ("members", ["m-1", "m-1\n"]), ("carve_rule", "R-CARVE-WAGE\n"), ("operation_id", "OP-1\n"),
])  # fmt: skip
def test_a_line_feed_makes_no_second_person_of_a_member_of_the_family(fresh: Office, fact: str, value: object) -> None:
    """Each member has an allowance of their own: one who is written in two ways would have two."""
    freeze = fresh.reach("freeze", "applied")
    told = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 2_500_000, "members": ["m-1"]} | {fact: value}
    with pytest.raises(CaseError, match="CAS103"):
        fresh.act(freeze, "ask_release", **told)


@pytest.mark.parametrize(("fact", "value"), [
    ("client_id", "C-1\n"), ("case_subject", "case:1\n"), ("rule_id", "R-TE-FREEZE\n"), ("law", "115-FZ\n"),
    ("term_ids", ["te-freeze-24h\n"]),
])  # fmt: skip
def test_ids_end_where_they_end(fresh: Office, fact: str, value: object) -> None:
    told = {"client_id": "C-1", "rule_id": "R-TE-FREEZE"} | {fact: value}
    with pytest.raises(CaseError, match="CAS103"):
        fresh.begin("freeze", "propose", **told)


STAFF = Staff((
    Person("anna", (Role.OFFICER,), users=("anna",)), Person("oleg", (Role.OPERATOR,), tokens=(LINE,)),
    Person("olga", (Role.OPERATOR,), tokens=(OTHER_LINE,)),
))  # fmt: skip


@pytest.mark.parametrize("taken", [
    "0123456789abcdef0123456789abcdef-7-0", "not-taken-0123456789abcdef0123456789abcdef-7-0", "clients-12",
    "refused-12", "alerts-12", "lists-loaded-12",
])  # fmt: skip
def test_nobody_takes_the_place_where_sito_writes_next(fresh: Office, taken: str) -> None:
    """The page of a case shows the request id of its screening, and the next one follows from it: whoever used that
    for a note beforehand would keep the next payment from becoming a case."""
    reception = Reception(fresh.ledger, fresh.desk, STAFF)
    case = fresh.open_case().subject
    anna = Shown(user="anna")
    with pytest.raises(CaseError, match="CAS132"):
        reception.act(anna, case, "note", {"note": "x"}, request_id=taken, at=fresh.now)
    with pytest.raises(CaseError, match="CAS132"):
        reception.begin(anna, "check", "plan", {}, request_id=taken, at=fresh.now)
    assert fresh.open_case(screening(client_id="C-2"), request_id=taken).state == "new"


@pytest.mark.parametrize("request_id", ["", "refused-1", "x" * 201, "a\n"])
def test_an_odd_request_id_hides_no_attempt_of_somebody_unknown(fresh: Office, request_id: str) -> None:
    reception = Reception(fresh.ledger, fresh.desk, STAFF)
    with pytest.raises(CaseError, match="CAS206"):
        reception.act(Shown(user="mallory"), "case:1", "note", {}, request_id=request_id, at=fresh.now)
    assert [one["name"] for one in refused(fresh)] == ["local:mallory"]


def test_who_looked_in_vain_is_recorded_by_name_each_of_them(fresh: Office) -> None:
    """By their tokens they were all one, and the second of an hour left no trace."""
    reception = Reception(fresh.ledger, fresh.desk, STAFF)
    subject = fresh.open_case().subject
    for token in (TOKEN, OTHER, TOKEN):
        with pytest.raises(CaseError, match="CAS204"):
            reception.look(Shown(token=token), subject, at=fresh.now, wanted=PERSONAL_READERS)
        with pytest.raises(CaseError, match="CAS208"):
            reception.look(Shown(token=token), "list", at=fresh.now, role="head")
    other = fresh.open_case(screening(client_id="C-2")).subject
    with pytest.raises(CaseError, match="CAS204"):
        reception.look(Shown(token=TOKEN), other, at=fresh.now, wanted=PERSONAL_READERS)
    assert [(one["code"], one["name"]) for one in refused(fresh)] == [
        ("CAS204", "oleg"), ("CAS208", "oleg"), ("CAS204", "olga"), ("CAS208", "olga"),
        ("CAS204", "oleg"),
    ]  # fmt: skip


def test_nobody_is_called_as_sito_itself() -> None:
    with pytest.raises(CaseError, match="CAS203"):
        Staff((Person("Sito", (Role.OFFICER,)),))


def refused(office: Office) -> list[dict[str, str]]:
    with office.ledger.read() as view:
        return [one.event.facts for one in view.events(kinds=[ATTEMPT_REFUSED])]


@pytest.mark.parametrize("late", [timedelta(minutes=2), timedelta(days=30_000)])
def test_no_term_begins_in_the_future_but_that_of_a_payment_to_come(fresh: Office, late: timedelta) -> None:
    """A term that begins in a hundred years is never late: one wrong digit, or one person, would hide a duty."""

    def later() -> datetime:
        return fresh.now + late

    for machine, action, told in (
        ("freeze", "propose", {"client_id": "C-1", "rule_id": "R-TE-FREEZE"}), ("check", "plan", {}),
        ("audit", "plan", {}), ("suspension", "order", {"client_id": "C-1", "order_number": "1",
                                                        "order_date": "2026-03-03"}),
    ):  # fmt: skip
        with pytest.raises(CaseError, match="CAS103"):
            fresh.begin(machine, action, **told, trigger_at=later())
        fresh.begin(machine, action, **told, trigger_at=fresh.now)
    case = fresh.reach("case", "confirmed")
    with pytest.raises(CaseError, match="CAS103"):
        fresh.act(case, "approve", caller=BORIS, trigger_at=later())
    fresh.act(case, "approve", caller=BORIS)
    with pytest.raises(CaseError, match="CAS103"):
        fresh.act(case, "reopen", reopen_cause="new_facts", trigger_at=later())
    fresh.act(case, "reopen", reopen_cause="new_facts")
    fresh.begin("suspension", "apply", **SUSPENSION, trigger_at=later())
    told = screening(occasion="payment", record_id="OP-7")
    payment = fresh.open_case(told, trigger_at=later()).subject
    fresh.act(payment, "assign", assignee="anna")
    fresh.act(payment, "confirm", measure="freeze", motive="он")
    fresh.act(payment, "approve", caller=BORIS)
    with fresh.ledger.read() as view:
        (due,) = (one for one in open_deadlines(view, fresh.schedule, fresh.now) if one.subject == "freeze:3")
    assert due.trigger_at <= fresh.now


def test_who_rejected_a_weak_hit_has_not_rejected_an_exact_one(fresh: Office) -> None:
    """One person rejects what is weak, and would have made the exact hit of the same two silent for a year."""
    case = fresh.open_case(screening(hit(grade="weak"))).subject
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "reject", motive="не он")
    assert fresh.open_case(screening(hit(grade="weak"))).steps[0].action == "silence"
    assert fresh.open_case(screening(hit(grade="exact"))).steps[0].action == "reopen"
    with fresh.ledger.read() as view:
        assert list(view.events(subject=case))[-1].event.facts["reopen_cause"] == "new_facts"
    fresh.act(case, "assign", assignee="anna")
    with pytest.raises(CaseError, match="CAS111"):
        fresh.act(case, "reject", motive="не он")
    fresh.act(case, "escalate", motive="решает руководитель")
    fresh.act(case, "reject", caller=VERA, motive="не он")
    for grade in ("exact", "weak"):
        assert fresh.open_case(screening(hit(grade=grade))).steps[0].action == "silence"


def test_a_stronger_hit_is_told_under_a_new_id_of_the_entry_too(fresh: Office) -> None:
    case = fresh.open_case(screening(hit(other=entry('a"1'), grade="medium"))).subject
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "reject", motive="не он")
    for grade, action in (("weak", "silence"), ("medium", "silence"), ("strong", "reopen")):
        renamed = hit(other=entry("b"), formers=('a"1',), grade=grade)
        assert fresh.open_case(screening(renamed)).steps[0].action == action
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "reject", motive="не он")
    for grade, action in (("strong", "silence"), ("exact", "reopen")):  # an older edition, with the former id alone
        assert fresh.open_case(screening(hit(other=entry('a"1'), grade=grade))).steps[0].action == action


def test_hits_are_added_by_screenings_and_not_by_hand(fresh: Office) -> None:
    reception = Reception(fresh.ledger, fresh.desk, STAFF)
    case = fresh.open_case().subject
    told = {"screening": screening(hit(other=entry("5"), grade="weak"))}
    with pytest.raises(CaseError, match="CAS204"):
        reception.act(Shown(user="anna"), case, "repeat", told, request_id="q", at=fresh.now)
    with pytest.raises(CaseError, match="CAS204"):
        reception.act(Shown(user="anna"), case, "reopen", {**told, "reopen_cause": "new_facts"}, request_id="r",
                      at=fresh.now)  # fmt: skip
    assert [(one["code"], one["action"], one["name"]) for one in refused(fresh)] == [
        ("CAS204", "repeat", "anna"), ("CAS204", "reopen", "anna"),
    ]  # fmt: skip
