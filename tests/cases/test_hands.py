"""Wrong hands: no role, no name, replayed requests, request ids with another content, two at once."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, AUDITOR, BORIS, START, SYSTEM, VERA, Office, screening, tables

from sito.cases.projection import ATTEMPT_REFUSED, CASES
from sito.cases.roles import NAME_LENGTH_MAX
from sito.errors import CaseError, LedgerError, SitoError
from sito.ledger import Caller

LOOK = {"assignee": "anna"}


def refused(office: Office) -> list[dict[str, Any]]:
    with office.ledger.read() as view:
        found = list(view.events(kinds=[ATTEMPT_REFUSED]))
    assert all(one.caller == SYSTEM for one in found)
    return [one.event.facts for one in found]


def events(office: Office) -> int:
    with office.ledger.read() as view:
        return view.head()[0]


@pytest.mark.parametrize(("caller", "code"), [
    (Caller("anna", ""), "CAS201"), (Caller("anna", "admin"), "CAS201"), (Caller("anna", "OFFICER"), "CAS201"),
    (Caller("", "officer"), "CAS202"), (Caller(" \t", "officer"), "CAS202"), (Caller("...", "officer"), "CAS202"),
    (Caller("an\u200bna", "officer"), "CAS202"), (Caller("anna\n", "officer"), "CAS202"),
    (Caller("a" * (NAME_LENGTH_MAX + 1), "officer"), "CAS202"), (AUDITOR, "CAS204"),
])  # fmt: skip
def test_who_is_nobody_is_refused_and_recorded(fresh: Office, caller: Caller, code: str) -> None:
    subject = fresh.open_case().subject
    before = tables(fresh.ledger)
    with pytest.raises(CaseError, match=code):
        fresh.act(subject, "assign", caller=caller, **LOOK)
    assert tables(fresh.ledger) == before
    (one,) = refused(fresh)
    assert (one["code"], one["action"]) == (code, "assign")
    assert one["name"].replace("?", "") == "".join(c for c in caller.name[:255] if c.isprintable())


def test_a_name_of_the_longest_kind_is_taken(fresh: Office) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", caller=Caller("a" * NAME_LENGTH_MAX, "officer"), **LOOK)
    assert refused(fresh) == []


@pytest.mark.parametrize(("subject", "action"), [("case:99", "assign"), ("case:1", "explode"), ("house:1", "assign"),
                                                 ("", ""), ("case:1 ", "assign"), ("case", "assign")])  # fmt: skip
def test_what_is_not_there_is_refused(fresh: Office, subject: str, action: str) -> None:
    fresh.open_case()
    with pytest.raises(CaseError, match="CAS106"):
        fresh.act(subject, action, **LOOK)


def test_a_replayed_request_gets_the_first_answer_and_changes_nothing(fresh: Office) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", caller=VERA, **LOOK)
    seen = {"seen": fresh.seen(subject)}
    told: dict[str, Any] = {"measure": "freeze", "motive": "он", **seen}
    first = fresh.desk.act(subject, "confirm", told, caller=ANNA, request_id="r1", at=START)
    second = fresh.desk.act(subject, "approve", seen, caller=BORIS, request_id="r2", at=START)
    before, count = tables(fresh.ledger), events(fresh)
    later = datetime(2026, 5, 1, tzinfo=START.tzinfo)
    assert fresh.desk.act(subject, "confirm", told, caller=ANNA, request_id="r1", at=later) == first
    assert fresh.desk.act(subject, "approve", seen, caller=BORIS, request_id="r2", at=later) == second
    assert (tables(fresh.ledger), events(fresh)) == (before, count)


@pytest.mark.parametrize("change", ["facts", "action", "subject", "caller", "role"])
def test_a_used_request_id_with_another_content_is_refused_and_recorded_once(fresh: Office, change: str) -> None:
    subject, other = fresh.open_case().subject, fresh.open_case(screening(client_id="C-2")).subject
    fresh.desk.act(subject, "assign", LOOK, caller=VERA, request_id="r1", at=START)
    before = tables(fresh.ledger)
    for _ in range(2):
        with pytest.raises(LedgerError, match="LED199"):
            fresh.desk.act(
                other if change == "subject" else subject, "note" if change == "action" else "assign",
                {"assignee": "boris"} if change == "facts" else {"note": "x"} if change == "action" else LOOK,
                caller={"caller": BORIS, "role": Caller("vera", "officer")}.get(change, VERA), request_id="r1",
                at=START,
            )  # fmt: skip
    assert tables(fresh.ledger) == before
    assert [(one["code"], one["request_id"]) for one in refused(fresh)] == [("LED199", "r1")]


def test_a_stolen_request_of_a_screening_opens_nothing(fresh: Office) -> None:
    fresh.desk.open_case(screening(), personal={"name": "а"}, caller=SYSTEM, request_id="r1", at=START)
    with pytest.raises(LedgerError, match="LED199"):
        fresh.desk.open_case(screening(), personal={"name": "б"}, caller=SYSTEM, request_id="r1", at=START)
    with fresh.ledger.read() as view:
        assert len(view.execute(sa.select(CASES)).all()) == 1


@pytest.mark.parametrize("facts", [
    {}, {"measure": "freeze"}, {"measure": "thaw", "motive": "он"}, {"measure": "freeze", "motive": ""},
    {"measure": "freeze", "motive": "он", "state": "approved"}, {"measure": "freeze", "motive": "\ud800"},
    {"measure": "freeze", "motive": "x" * 4001}, {"measure": ["freeze"], "motive": "он"},
    {"measure": "freeze", "motive": 7}, {"measure": "freeze", "motive": {1, 2}}, {"measure": None, "motive": "он"},
])  # fmt: skip
def test_facts_that_do_not_fit_are_refused_and_not_repeated(fresh: Office, facts: dict[str, Any]) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", caller=VERA, **LOOK)
    before = tables(fresh.ledger)
    with pytest.raises(CaseError, match=r"CAS10[123]") as caught:
        fresh.act(subject, "confirm", **facts)
    assert tables(fresh.ledger) == before
    for value in facts.values():
        assert not isinstance(value, str) or len(value) < 10 or value not in str(caught.value)


def test_the_longest_motive_is_taken(fresh: Office) -> None:
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", caller=VERA, **LOOK)
    fresh.act(subject, "confirm", measure="none", motive="x" * 4000)


def test_an_instant_without_a_zone_is_refused(fresh: Office) -> None:
    naive = datetime(2026, 3, 2)
    with pytest.raises(CaseError, match="CAS104"):
        fresh.desk.begin("check", "plan", {}, caller=ANNA, request_id="r1", at=naive)
    with pytest.raises(CaseError, match="CAS103"):
        fresh.desk.begin("check", "plan", {"trigger_at": naive}, caller=ANNA, request_id="r2", at=START)


@pytest.mark.parametrize("machine", ["case", "house", ""])
def test_only_what_begins_by_itself_is_begun(fresh: Office, machine: str) -> None:
    with pytest.raises(CaseError, match="CAS106"):
        fresh.begin(machine, "open")


def test_of_two_who_act_at_once_one_is_refused(fresh: Office) -> None:
    """Ten people approve the same case at the same moment: one does, and one freeze begins."""
    subject = fresh.open_case().subject
    fresh.act(subject, "assign", caller=VERA, **LOOK)
    fresh.act(subject, "confirm", measure="freeze", motive="он")
    start = threading.Barrier(10)
    seen = {"seen": fresh.seen(subject)}
    codes: list[str] = []

    def approve(number: int) -> None:
        start.wait()
        try:
            fresh.desk.act(
                subject,
                "approve",
                seen,
                caller=Caller(f"officer {number}", "officer"),
                request_id=f"a{number}",
                at=START,
            )
            codes.append("done")
        except SitoError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=approve, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["CAS105"] * 9 + ["done"]
    assert fresh.state("freeze:1") == "proposed"
