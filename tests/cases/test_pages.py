"""Lists and pages: all that is known of a matter, what can be done next, and what the law wants by when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.office import ANNA, BORIS, START, TERMS, VERA, Days, Office, hit, screening

from sito.cases.export import export as document
from sito.cases.machines import MACHINES
from sito.cases.pages import CasePage, case_page, duties, list_cases, list_measures, list_papers
from sito.cases.roles import Role
from sito.errors import CaseError, LedgerError
from sito.ledger import Ledger
from sito.policy.deadlines import DueState
from sito.policy.verdict import default_policy

POLICY = default_policy()


def page(office: Office, subject: str, **more: Any) -> CasePage:
    with office.ledger.read() as view:
        told: dict[str, Any] = {"now": office.now, "with_personal": False, **more}
        return case_page(view, subject, schedule=office.schedule, policy=POLICY, **told)


def test_a_page_has_the_whole_way_from_hit_to_measure_and_what_is_next(fresh: Office) -> None:
    subject = fresh.open_case(screening(hit(grade="medium"), hit(grade="exact", other=None))).subject
    fresh.act(subject, "assign", assignee="anna")
    fresh.act(subject, "confirm", measure="freeze", motive="имена совпали")
    seen = page(fresh, subject)
    assert (seen.state, seen.followed_by, seen.last_sequence) == ("confirmed", (), seen.events[-1].sequence)
    assert [(one.action, one.second_to, one.asked_by) for one in seen.steps if one.second_to] == [
        ("approve", "confirm", "anna"), ("send_back", "confirm", "anna"),
    ]  # fmt: skip
    assert seen.duties[0].next_actions == ("approve",)
    fresh.act(subject, "approve", caller=BORIS)
    fresh.act("freeze:1", "apply", caller=VERA)
    after = page(fresh, subject)
    assert [one.kind for one in after.events] == [
        "case_opened", "case_assigned", "case_confirmed", "case_approved", "freeze_proposed", "freeze_applied",
    ]  # fmt: skip
    assert [(one.from_state, one.state) for one in after.events[:2]] == [("", "new"), ("new", "in_review")]
    assert (after.followed_by, after.last_sequence) == (("freeze:1",), after.events[3].sequence)
    assert [one["grade"] for one in after.hits] == ["exact"]  # the strongest of one entry stays
    (inform,) = after.duties
    assert (inform.subject, inform.rule, inform.next_actions) == ("freeze:1", "R-TE-INFORM", ("inform",))
    assert inform.message == "freeze" and "115-FZ" in inform.law and inform.words
    measure = page(fresh, "freeze:1")
    assert (measure.follows_from, measure.hits, measure.duties) == ((subject,), after.hits, after.duties)
    assert after.head_sequence == 6 and after.head_digest == after.events[-1].digest


def test_who_tried_what_he_may_not_stands_on_the_page_and_changes_nothing_that_was_seen(fresh: Office) -> None:
    subject = fresh.open_case().subject
    before = page(fresh, subject)
    with pytest.raises(CaseError, match="CAS204"):
        fresh.act(subject, "escalate", caller=VERA, motive="x")
    after = page(fresh, subject)
    assert [one.kind for one in after.events] == ["case_opened", "attempt_refused"]
    assert after.last_sequence == before.last_sequence


def test_personal_data_are_opened_only_where_that_is_asked_for(fresh: Office) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "note", note="запрошены документы")
    assert [one.personal for one in page(fresh, subject).events] == [None, None]
    assert "Чертополохов" not in str(page(fresh, subject)) and "запрошены" not in str(page(fresh, subject))
    opened, noted = page(fresh, subject, with_personal=True).events
    assert opened.personal == {"record": {"name": "Чертополохов Евлампий"}}
    assert noted.personal == {"note": "запрошены документы"}
    with Ledger.open(str(fresh.url)) as keyless, keyless.read() as view, pytest.raises(LedgerError, match="LED130"):
        case_page(view, subject, schedule=fresh.schedule, policy=POLICY, now=fresh.now, with_personal=True)


@pytest.mark.parametrize(("machine", "state"), [
    (machine.name, state) for machine in MACHINES.values() for state in machine.states
])  # fmt: skip
def test_every_state_of_every_machine_has_a_page_with_exactly_its_steps(
    fresh: Office, machine: str, state: str
) -> None:
    subject = fresh.reach(machine, state)
    for role in (None, *Role):
        seen = page(fresh, subject, role=role)
        assert seen.state == seen.line.state == state
        assert [one.action for one in seen.steps] == [row.action for row in MACHINES[machine].rows_from(state, role)]
    assert seen.events[0].subject == subject or seen.follows_from


def test_a_list_is_narrowed_and_turned_page_by_page(fresh: Office) -> None:
    for number in range(5):
        fresh.open_case(screening(client_id=f"C-{number % 2}", record_id=f"R-{number}", occasion="payment"))
    fresh.act("case:2", "assign", assignee="anna")
    with fresh.ledger.read() as view:
        assert [one.subject for one in list_cases(view)] == [f"case:{number}" for number in range(1, 6)]
        assert [one.number for one in list_cases(view, after=3)] == [4, 5]
        assert [one.number for one in list_cases(view, count=2)] == [1, 2]
        assert [one.number for one in list_cases(view, client_id="C-1")] == [2, 4]
        assert [one.number for one in list_cases(view, states=["in_review"])] == [2]
        assert [one.number for one in list_cases(view, assignee="anna")] == [2]
        assert list_cases(view, assignee="nobody") == []
        told = list_cases(view, count=1, schedule=fresh.schedule, policy=POLICY, now=fresh.now + timedelta(days=9))
    (line,) = told
    assert line.due is not None and line.due.is_late and line.due.rule == "R-TE-FREEZE"


def test_measures_are_listed_over_all_kinds(fresh: Office) -> None:
    fresh.begin("suspension", "apply", operation_id="OP-1", rule_id="R-SUSP")
    for client in ("C-1", "C-2"):
        fresh.begin("freeze", "propose", client_id=client, rule_id="R-TE-FREEZE")
    fresh.begin("refusal", "propose", rule_id="R-REFUSE", refusal_ground="listed", client_id="C-1")
    with fresh.ledger.read() as view:
        every = ["freeze:1", "freeze:2", "refusal:1", "suspension:1"]
        assert [one.subject for one in list_measures(view)] == every
        for at in range(4):  # turning the page anywhere loses nothing
            head = [one.subject for one in list_measures(view, count=at + 1)]
            assert head + [one.subject for one in list_measures(view, after=head[-1])] == every
        assert [one.subject for one in list_measures(view, client_id="C-1")] == ["freeze:1", "refusal:1"]
        assert [one.subject for one in list_measures(view, machines=["suspension"])] == ["suspension:1"]
        assert [one.subject for one in list_measures(view, operation_id="OP-1")] == ["suspension:1"]
        assert [one.subject for one in list_measures(view, machines=["suspension"] * 2)] == ["suspension:1"]
        assert not any(list_papers(view, name) for name in ("message", "notice", "check", "audit"))


def test_audits_are_listed_with_their_reports(fresh: Office) -> None:
    subject = fresh.reach("audit", "reported")
    with fresh.ledger.read() as view:
        (line,) = list_papers(view, "audit")
    assert (line.subject, line.report_number, line.state) == (subject, "ВК-1", "reported") and line.reported_at


@pytest.mark.parametrize("asked", [
    {"states": ["lifted"]}, {"count": 0}, {"count": 1001}, {"states": ["new", "x"]}, {"client_id": "C\0"},
    {"client_id": "\udcff"}, {"assignee": "a" * 256}, {"assignee": "anna\n"}, {"after": -1}, {"after": 10**18},
])  # fmt: skip
def test_a_list_that_cannot_be_is_refused(fresh: Office, asked: dict[str, Any]) -> None:
    with fresh.ledger.read() as view, pytest.raises(CaseError, match="CAS110"):
        list_cases(view, **asked)


@pytest.mark.parametrize("asked", [
    {"machines": ["case"]}, {"after": "case:1"}, {"after": "freeze"}, {"after": "freeze:x"}, {"after": "freeze:١"},
    {"after": "freeze:"}, {"operation_id": "\0"},
])  # fmt: skip
def test_a_list_of_measures_that_cannot_be_is_refused(fresh: Office, asked: dict[str, Any]) -> None:
    with fresh.ledger.read() as view, pytest.raises(CaseError, match="CAS110"):
        list_measures(view, **asked)


@pytest.mark.parametrize(("machine", "about"), [("case", ""), ("house", ""), ("check", "freeze:1")])
def test_a_list_of_papers_that_cannot_be_is_refused(fresh: Office, machine: str, about: str) -> None:
    with fresh.ledger.read() as view, pytest.raises(CaseError, match="CAS110"):
        list_papers(view, machine, about=about)


@pytest.mark.parametrize("subject", [
    "case:9", "case", "house:1", "", "case:1'--", "Чертополохов", "case:1\0", "case:\udcff", "case:1\n", "case:01",
    "case:" + "9" * 18, "case:" + "9" * 100_000, ":",
])  # fmt: skip
def test_what_is_not_there_has_no_page(fresh: Office, subject: str) -> None:
    with pytest.raises(CaseError, match="CAS106"):
        page(fresh, subject)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hours=st.lists(st.integers(0, 300), min_size=1, max_size=6), later_h=st.integers(-10, 400),
       within_h=st.integers(0, 400))  # fmt: skip
def test_what_is_due_stands_in_order_and_as_late_as_it_is(
    shared: Office, hours: list[int], later_h: int, within_h: int
) -> None:
    """Over messages that began at any time: sorted, the late first, none lost, and `within` cuts exactly."""
    begun = [
        shared.begin("check", "plan", trigger_at=START + timedelta(hours=one)).subject for one in hours
    ]  # fmt: skip
    now = START + timedelta(days=90, hours=later_h)
    with shared.ledger.read() as view:
        told: dict[str, Any] = {"schedule": shared.schedule, "policy": POLICY, "now": now, "subjects": begun}
        found = duties(view, **told)
        near = duties(view, within=timedelta(hours=within_h), **told)
        every = duties(view, **told | {"subjects": None})
    assert sorted(one.subject for one in found) == sorted(begun)
    assert [one.alarm_at for one in found] == sorted(one.alarm_at for one in found)
    assert [one.is_late for one in found] == sorted((one.is_late for one in found), reverse=True)
    for one in found:
        assert one.is_late == (one.alarm_at <= now) and (one.left_h < 0 or not one.is_late or one.alarm_at == now)
        assert (one.urgency is DueState.LATE) == one.is_late
    assert near == [one for one in found if one.alarm_at - now <= timedelta(hours=within_h)]
    assert set(begun) <= {one.subject for one in every}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    office = Office(tmp_path_factory.mktemp("office"))
    office.now += timedelta(days=365)  # nothing begins later than it is told
    yield office
    office.ledger.close()


def test_both_ends_and_an_unconfirmed_calendar_are_shown(tmp_path: Any) -> None:
    office = Office(tmp_path, schedule=Days(TERMS, unconfirmed=True))
    office.begin("suspension", "order", client_id="C-1", order_number="1", order_date="2026-03-02")
    (one,) = page(office, "suspension:1").duties
    assert one.unconfirmed and one.latest_at - one.alarm_at == timedelta(days=16)
    assert one.next_actions[:1] == ("court",) and ANNA.name == page(office, "suspension:1").line.opened_by
    office.ledger.close()


def test_what_names_itself_as_its_cause_is_on_its_page_once(fresh: Office) -> None:
    for _ in range(2):
        fresh.begin("freeze", "propose", client_id="C-1", rule_id="R-TE-FREEZE", case_subject="freeze:1")
    shown = page(fresh, "freeze:1")
    assert shown.follows_from == () and shown.followed_by == ("freeze:2",)
    assert [one.sequence for one in shown.events] == [1, 2]
    assert len(export(fresh, shown)["events"]) == 2


def export(office: Office, shown: CasePage) -> dict[str, Any]:
    with office.ledger.read() as view:
        found: dict[str, Any] = msgspec.json.decode(document(view, shown, POLICY))
        return found
