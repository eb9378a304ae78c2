"""A frozen client gets what an allowance of the month leaves, to the kopeck, whoever asks at once on either store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, BORIS, TERMS, VERA, Days, Office, assert_equal_to_a_rebuild, entry, hit, screening
from tests.ledger.stores import new_database, postgres

from sito.cases.desk import Desk
from sito.cases.pages import case_page
from sito.cases.projection import PROJECTION, TAKINGS
from sito.errors import CaseError
from sito.ledger import Caller, Ledger, Sealer
from sito.policy.allowance import load_allowances
from sito.policy.verdict import default_policy

LIMIT = 1_000_000  # kopecks, of the allowances that are shipped
FILE = """
[[allowance]]
id = "one"
rule = "R-CARVE-SOC"
operations = ["pension"]
limit = "1.00"
persons = "alone"
excess_rule = "R-CARVE-EXCESS"
valid_from = 2024-01-01
certainty = "I"
source = "made up"

[[allowance]]
id = "two"
rule = "R-CARVE-SOC"
operations = ["fine"]
limit = "2.00"
persons = "alone"
excess_rule = "R-CARVE-EXCESS"
valid_from = 2024-01-01
certainty = "I"
source = "made up"
"""


def frozen(office: Office, client_id: str = "C-1") -> str:
    subject = office.begin("freeze", "propose", client_id=client_id, rule_id="R-TE-FREEZE").subject
    office.act(subject, "apply", caller=BORIS)
    return subject


def release(office: Office, subject: str, amount_kopecks: int, rule: str = "R-CARVE-WAGE", **more: Any) -> int:
    told = {"carve_rule": rule, "amount_kopecks": amount_kopecks, **more}
    office.act(subject, "ask_release", **told)
    return office.act(subject, "release", caller=BORIS, **told).steps[0].sequence


def left(office: Office, *members: str, allowance: str = "wage", freeze: str = "freeze:1") -> int | None:
    """Return what the page of a freeze says of an allowance."""
    with office.ledger.read() as view:
        page = case_page(
            view, freeze, schedule=office.schedule, policy=default_policy(), now=office.now, with_personal=False,
            allowances=office.desk.allowances,
        )  # fmt: skip
    (one,) = (one for one in page.allowances if one.allowance == allowance)
    if one.limit_kopecks is None:
        return None
    return max(one.limit_kopecks + len(members) * one.each_member_kopecks - one.spent_kopecks, 0)


def test_a_salary_inside_and_above_the_allowance_of_the_month(fresh: Office) -> None:
    subject = frozen(fresh)
    release(fresh, subject, 650_001)
    assert left(fresh) == 349_999
    with pytest.raises(CaseError, match=r"CAS119 .*3499\.99 .*got 3500\.00.*R-CARVE-EXCESS"):
        fresh.act(subject, "ask_release", carve_rule="R-CARVE-WAGE", amount_kopecks=350_000)
    release(fresh, subject, 349_999)
    assert left(fresh) == 0
    with pytest.raises(CaseError, match="CAS119"):
        release(fresh, subject, 1)
    # Another limit: that of an allowance which the commission orders.
    release(fresh, subject, LIMIT, "R-MVK-ALLOW")


def test_every_freeze_of_a_client_takes_from_one_limit_and_every_client_from_their_own(fresh: Office) -> None:
    first, second, other = frozen(fresh), frozen(fresh), frozen(fresh, "C-2")
    release(fresh, first, LIMIT - 1)
    with pytest.raises(CaseError, match="CAS119"):
        release(fresh, second, 2)
    release(fresh, second, 1)
    release(fresh, other, LIMIT)


def test_each_member_of_the_family_adds_a_limit(fresh: Office) -> None:
    subject = frozen(fresh)
    assert left(fresh, "M-1", "M-2") == 3 * LIMIT
    release(fresh, subject, 3 * LIMIT, members=["M-1", "M-2"])
    assert (left(fresh, "M-1", "M-2"), left(fresh)) == (0, 0)
    for members in (["M-1", "m-1"], ["C-1"], ["c-1", "M-1"], ["M-1", "M-1"], ["Чертополохова"], ["Е Ч"]):
        with pytest.raises(CaseError, match="CAS103"):
            release(fresh, subject, 1, members=members)
    # The second person sees whom the first has named.
    told: dict[str, Any] = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": 1}
    fresh.act(subject, "ask_release", members=["M-1", "M-2", "M-3"], **told)
    with pytest.raises(CaseError, match="CAS109"):
        fresh.act(subject, "release", caller=BORIS, members=["M-1", "M-2", "M-4"], **told)


def test_a_month_is_one_of_moscow(fresh: Office) -> None:
    subject = frozen(fresh)
    fresh.now = datetime(2026, 3, 31, 20, 50, tzinfo=UTC)  # 23:50 there
    release(fresh, subject, LIMIT)
    with pytest.raises(CaseError, match="CAS119"):
        release(fresh, subject, 1)
    fresh.now = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)
    release(fresh, subject, LIMIT)
    assert left(fresh) == 0
    fresh.now += timedelta(days=30)
    assert left(fresh) == LIMIT


def test_what_was_released_and_not_carried_out_is_given_back_once_by_two(fresh: Office) -> None:
    subject, other = frozen(fresh), frozen(fresh)
    sequence = release(fresh, subject, LIMIT)
    back = {"motive": "отменено банком получателя"}
    fresh.act(subject, "ask_give_back", **back)
    with pytest.raises(CaseError, match="CAS205"):
        fresh.act(subject, "give_back")
    fresh.act(subject, "give_back", caller=VERA)
    assert left(fresh) == LIMIT
    release(fresh, other, 1)
    for wrong in (subject, other):
        with pytest.raises(CaseError, match="CAS120"):
            told = {"release_sequence": sequence, **back}
            fresh.desk.act(wrong, "ask_give_back", told, caller=ANNA, **fresh.request())


@pytest.mark.parametrize(("lists", "rule", "is_eased"), [
    ("RU-TE", "R-CARVE-WAGE", True), ("RU-TE OFAC-SDN", "R-CARVE-SOC", True), ("RU-TE BANK-STOP", "R-CARVE-WAGE", True),
    ("RU-UN", "R-CARVE-WAGE", False), ("RU-TE RU-UN", "R-CARVE-SOC", False), ("RU-MVK", "R-CARVE-SOC", False),
    ("RU-MVK", "R-MVK-ALLOW", True), ("RU-TE", "R-MVK-ALLOW", False), ("RU-UN", "R-CARVE-AGREE", True),
])  # fmt: skip
def test_an_allowance_eases_the_freezes_that_its_law_speaks_of(
    fresh: Office, lists: str, rule: str, is_eased: bool
) -> None:
    """By hand, by one list; and of a case, whose hits may be of several."""
    by_hand = fresh.begin("freeze", "propose", client_id="C-1", rule_id="R-X", list_id=lists.split()[-1]).subject
    fresh.act(by_hand, "apply", caller=BORIS)
    hits = [hit(other=entry(list_id=one)) for one in lists.split()]
    case = fresh.open_case(screening(*hits, client_id="C-2")).subject
    fresh.act(case, "assign", assignee="anna")
    fresh.act(case, "confirm", measure="freeze", motive="он")
    of_case = fresh.act(case, "approve", caller=BORIS).steps[-1].subject
    fresh.act(of_case, "apply", caller=VERA)
    for subject in (of_case, by_hand) if len(hits) == 1 else (of_case,):
        if is_eased:
            release(fresh, subject, 1, rule)
        else:
            with pytest.raises(CaseError, match="CAS120"):
                release(fresh, subject, 1, rule)


def test_no_limit_no_allowance_and_an_agreement(fresh: Office, tmp_path: Path) -> None:
    subject = frozen(fresh)
    release(fresh, subject, 10**12, "R-CARVE-SOC")
    release(fresh, subject, 10**12, "R-CARVE-AGREE")
    assert (left(fresh), left(fresh, allowance="social")) == (LIMIT, None)
    fresh.now = datetime(2023, 6, 1, tzinfo=UTC)  # no allowance is in force there
    with pytest.raises(CaseError, match="CAS120"):
        release(fresh, subject, 1)
    with pytest.raises(ValueError, match="not enough values"):
        left(fresh)
    fresh.now = datetime(2026, 5, 1, tzinfo=UTC)
    path = tmp_path / "allowance.toml"
    path.write_text(FILE)
    fresh.desk = Desk(fresh.ledger, schedule=Days(TERMS), allowances=load_allowances(path))
    with pytest.raises(CaseError, match="CAS101"):  # which of the two?
        release(fresh, subject, 1, "R-CARVE-SOC")
    release(fresh, subject, 200, "R-CARVE-SOC", operation_kind="fine")
    with pytest.raises(CaseError, match="CAS119"):
        release(fresh, subject, 101, "R-CARVE-SOC", operation_kind="pension")
    with pytest.raises(CaseError, match="CAS120"):
        release(fresh, subject, 1, "R-CARVE-SOC", operation_kind="salary")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    with postgres() as server:
        yield new_database(server)


def test_requests_at_once_never_take_more_than_the_limit(url: str, tmp_path: Path) -> None:
    """Twelve people and two desks, each with a ledger of its own as two processes have, ask for a fifth each."""
    office = Office(tmp_path, url=url)
    subjects = [frozen(office) for _ in range(12)]
    told = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": LIMIT // 5}
    for subject in subjects:
        office.act(subject, "ask_release", **told)
    codes: list[str] = []
    start = threading.Barrier(len(subjects))
    with Ledger.open(url, sealer=Sealer(bytes(32)), projections=[PROJECTION]) as second:
        desks = [office.desk, Desk(second, schedule=Days(TERMS))]

        def ask(number: int) -> None:
            start.wait()
            caller = Caller(f"officer {number}", "officer")
            try:
                desks[number % 2].act(
                    subjects[number], "release", told, caller=caller, request_id=f"a{number}", at=office.now
                )
                codes.append("done")
            except CaseError as error:
                codes.append(error.code)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(subjects))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(codes) == ["CAS119"] * 7 + ["done"] * 5
    with office.ledger.read() as view:
        assert view.execute(sa.select(sa.func.sum(TAKINGS.c.amount_kopecks))).scalar() == LIMIT
    assert left(office) == 0
    assert_equal_to_a_rebuild(office.ledger)
    office.ledger.close()
