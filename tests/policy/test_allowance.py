"""What a frozen person may still spend: exact to the kopeck, for each month of Moscow, and never more at once."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sito.errors import PolicyError
from sito.policy.allowance import (
    AMOUNT_MAX,
    MEMBER_COUNT_MAX,
    Allowance,
    Decision,
    Movement,
    Outcome,
    Persons,
    Request,
    Taking,
    allowance_for,
    decide,
    give_back,
    judge,
    kopecks,
    load_allowances,
    month_of,
    spent,
)
from sito.policy.calendar import MOSCOW
from sito.policy.deadlines import Certainty
from sito.records import Operation

SHIPPED = load_allowances()
WAGE = next(one for one in SHIPPED if one.id == "wage")
LIMIT = 1_000_000  # kopecks, of one person
NOON = datetime(2026, 11, 23, 12, tzinfo=MOSCOW)


def ask(amount_kopecks: int, request_id: str = "r1", **facts: Any) -> Request:
    given = {"person": "client:7", "operation": Operation.SALARY, "at": NOON, **facts}
    return Request(amount_kopecks=amount_kopecks, request_id=request_id, **given)


def took(amount_kopecks: int, request_id: str = "r0", **facts: Any) -> Taking:
    given = {"person": "client:7", "allowance": "wage", "month": "2026-11", **facts}
    return Taking(amount_kopecks=amount_kopecks, request_id=request_id, **given)


def refused(code: str) -> pytest.RaisesExc[PolicyError]:
    return pytest.raises(PolicyError, match=f"^{code} ")


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0", 0), ("0.01", 1), ("0.1", 10), ("1500", 150_000), ("1500.5", 150_050), ("10000.00", LIMIT), ("007.07", 707),
     ("999999999999999.99", AMOUNT_MAX - 1)],
)  # fmt: skip
def test_an_amount_is_read_to_the_kopeck(text: str, amount: int) -> None:
    assert kopecks(text) == amount


@given(st.integers(0, AMOUNT_MAX - 1))
@example(1_999)  # as floats 19.99 * 100 is not 1999
@example(2_950_795)
def test_every_amount_survives_its_text(amount: int) -> None:
    text = str(Decimal(amount).scaleb(-2))
    assert kopecks(text if "E" not in text else f"{Decimal(amount).scaleb(-2):f}") == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "-0.00", "+1", "1.", ".5", "1.001", "1.000", "1,50", "1 500", "1_500", "1e3", "nan", "inf", "0x10",
     "1.5\n", " 1", "١٥", "1.٥", "1" * 16, "1.-5"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with refused("POL301"):
        kopecks(text)


@given(st.text(max_size=12))
def test_no_text_is_read_as_another_amount(text: str) -> None:
    try:
        amount = kopecks(text)
    except PolicyError as error:
        assert error.code == "POL301"
        assert not text or text not in error.got or text in "other characters"
    else:
        assert Decimal(text) * 100 == amount


@pytest.mark.parametrize("currency", ["", "USD", "rub", "RUR", "BYN", "643"])
def test_other_currencies_are_not_counted(currency: str) -> None:
    with refused("POL302"):
        kopecks("1.00", currency)


@pytest.mark.parametrize("amount", [1.0, True, "1", Decimal(1)])
def test_money_is_never_a_float(amount: Any) -> None:
    with pytest.raises(TypeError):
        judge(WAGE, 0, amount)


# --- one decision ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "amount", "members", "outcome", "left"),
    [
        (0, LIMIT, 0, Outcome.PASS, 0),
        (0, LIMIT + 1, 0, Outcome.SUSPEND, LIMIT),
        (1, LIMIT, 0, Outcome.SUSPEND, LIMIT - 1),
        (LIMIT - 1, 1, 0, Outcome.PASS, 0),
        (LIMIT, 1, 0, Outcome.SUSPEND, 0),
        (0, LIMIT + 1, 1, Outcome.PASS, LIMIT - 1),
        (LIMIT, 2 * LIMIT, 2, Outcome.PASS, 0),
        (LIMIT, 2 * LIMIT + 1, 2, Outcome.SUSPEND, 2 * LIMIT),
        (3 * LIMIT, 1, 1, Outcome.SUSPEND, 0),  # fewer members than earlier in the month
    ],
)
def test_r_carve_wage_and_r_carve_excess(before: int, amount: int, members: int, outcome: Outcome, left: int) -> None:
    allowed = judge(WAGE, before, amount, [f"member:{place}" for place in range(members)])
    assert (allowed.outcome, allowed.left_kopecks) == (outcome, left)
    assert allowed.rule == ("R-CARVE-WAGE" if outcome is Outcome.PASS else "R-CARVE-EXCESS")
    assert (allowed.limit_kopecks, allowed.spent_kopecks) == (LIMIT * (members + 1), before)
    assert allowed.certainty is Certainty.READ
    assert allowed.source


@pytest.mark.parametrize("operation", [Operation.PENSION, Operation.BENEFIT, Operation.TAX, Operation.FINE])
def test_r_carve_soc_has_no_limit_and_takes_nothing_from_wages(operation: Operation) -> None:
    decision = decide(SHIPPED, [], ask(AMOUNT_MAX, operation=operation))
    assert (decision.allowed.outcome, decision.allowed.rule) == (Outcome.PASS, "R-CARVE-SOC")
    assert decision.allowed.limit_kopecks is decision.allowed.left_kopecks is None
    assert decision.taking is not None
    assert decision.taking.allowance != "wage"


def test_r_mvk_allow_has_a_limit_of_its_own_for_the_person_alone() -> None:
    request = ask(LIMIT, operation=Operation.HUMANITARIAN, members=("member:1",))
    first = decide(SHIPPED, [], request)
    assert (first.allowed.outcome, first.allowed.rule) == (Outcome.PASS, "R-MVK-ALLOW")
    assert first.taking is not None
    second = decide(SHIPPED, [first.taking], msgspec.structs.replace(request, request_id="r2", amount_kopecks=1))
    assert second.allowed.outcome is Outcome.SUSPEND


def test_what_does_not_fit_is_suspended_whole_and_takes_nothing() -> None:
    takings = [took(900_000)]
    above = decide(SHIPPED, takings, ask(100_001))
    assert (above.allowed.outcome, above.taking) == (Outcome.SUSPEND, None)
    fits = decide(SHIPPED, takings, ask(100_000, "r2"))
    assert fits.allowed.outcome is Outcome.PASS
    assert fits.taking == took(100_000, "r2")


def test_an_operation_without_an_allowance_is_left_to_the_policy() -> None:
    with refused("POL304"):
        decide(SHIPPED, [], ask(1, operation=Operation.OTHER))
    with refused("POL304"):
        decide(SHIPPED, [], ask(1, at=datetime(2023, 12, 31, 20, 59, tzinfo=UTC)))
    assert decide(SHIPPED, [], ask(1, at=datetime(2023, 12, 31, 21, tzinfo=UTC))).taking == took(
        1, "r1", month="2024-01"
    )


def test_a_limit_is_dated() -> None:
    old = msgspec.structs.replace(WAGE, valid_to=date(2026, 11, 15))
    new = msgspec.structs.replace(WAGE, valid_from=date(2026, 11, 15), limit="15000.00")
    before, after = datetime(2026, 11, 14, 20, 59, 59, tzinfo=UTC), datetime(2026, 11, 14, 21, tzinfo=UTC)
    assert allowance_for([new, old], Operation.SALARY, before) is old
    assert allowance_for([new, old], Operation.SALARY, after) is new
    # What the month has taken before counts against the new limit.
    assert decide([old, new], [took(LIMIT)], ask(500_000, at=after)).allowed.left_kopecks == 0
    assert decide([old, new], [took(LIMIT)], ask(500_001, at=after)).allowed.outcome is Outcome.SUSPEND


# --- months ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 11, 30, 20, 59, 59, 999_999, tzinfo=UTC), "2026-11"),
        (datetime(2026, 11, 30, 21, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 21, tzinfo=UTC), "2027-01"),
        (datetime(2026, 12, 1, 0, 0, tzinfo=MOSCOW), "2026-12"),
        (datetime(2024, 2, 29, 23, 59, tzinfo=MOSCOW), "2024-02"),
    ],
)
def test_a_month_is_one_of_moscow(at: datetime, month: str) -> None:
    assert month_of(at) == month
    request = ask(LIMIT, at=at)
    first = decide(SHIPPED, [], request)
    assert first.taking is not None
    assert first.taking.month == month
    last = {"at": at, "request_id": "r2"}
    assert decide(SHIPPED, [first.taking], msgspec.structs.replace(request, **last)).allowed.outcome is Outcome.SUSPEND
    following = {"at": at + timedelta(days=31), "request_id": "r3"}
    assert decide(SHIPPED, [first.taking], msgspec.structs.replace(request, **following)).allowed.spent_kopecks == 0


def test_a_time_without_a_zone_is_refused() -> None:
    with refused("POL213"):
        decide(SHIPPED, [], ask(1, at=datetime(2026, 11, 23)))


# --- records --------------------------------------------------------------------------------------------------------


def test_a_repeated_request_gets_its_first_answer_and_takes_nothing_twice() -> None:
    first = decide(SHIPPED, [took(1)], ask(2))
    assert first.taking is not None
    again = decide(SHIPPED, [took(1), first.taking, took(LIMIT - 3, "r2")], ask(2))
    assert again == Decision(first.allowed, None)
    for other in (ask(3), ask(2, at=NOON + timedelta(days=30))):
        with refused("POL306"):
            decide(SHIPPED, [took(1), first.taking], other)


def test_a_repeated_request_with_fewer_members_is_another_one() -> None:
    members = ("member:1",)
    first = decide(SHIPPED, [], ask(LIMIT + 1, members=members))
    assert first.taking is not None
    assert decide(SHIPPED, [first.taking], ask(LIMIT + 1, members=members)) == Decision(first.allowed, None)
    with refused("POL306"):
        decide(SHIPPED, [first.taking], ask(LIMIT + 1))


def test_damage_behind_a_repeated_request_is_seen() -> None:
    with refused("POL308"):
        decide(SHIPPED, [took(1, "r1"), took(2), took(2)], ask(1))


def test_what_did_not_come_about_gives_back_to_its_own_month() -> None:
    takings = [took(LIMIT, "r1"), took(5, "r2", month="2026-12")]
    back = give_back(takings, "r1")
    assert back == took(LIMIT, "r1", movement=Movement.GIVEN_BACK)
    takings.append(back)
    assert (spent(takings, "2026-11"), spent(takings, "2026-12")) == (0, 5)
    assert decide(SHIPPED, takings, ask(LIMIT, "r3")).allowed.outcome is Outcome.PASS
    with refused("POL306"):
        give_back(takings, "r1")
    with refused("POL306"):
        give_back(takings, "r9")
    with refused("POL306"):
        decide(SHIPPED, takings, ask(LIMIT, "r1"))


@pytest.mark.parametrize(
    ("takings", "code"),
    [
        ([took(1), took(1, "r9", person="client:8")], "POL307"),
        ([took(1, "r9", person="client:8")], "POL307"),
        ([took(1, "r9", allowance="humanitarian")], "POL307"),
        ([took(1), took(1)], "POL308"),
        ([took(1), took(2)], "POL308"),
        ([took(1, movement=Movement.GIVEN_BACK)], "POL308"),
        ([took(1), took(2, movement=Movement.GIVEN_BACK)], "POL308"),
        ([took(1), took(1, movement=Movement.GIVEN_BACK, month="2026-12")], "POL308"),
        ([took(1), *[took(1, movement=Movement.GIVEN_BACK)] * 2], "POL308"),
        ([took(1, movement=Movement.GIVEN_BACK), took(1)], "POL308"),
        ([took(0)], "POL305"),
        ([took(-1)], "POL305"),
        ([took(1, month="2026-13")], "POL305"),
        ([took(1, month="11.2026")], "POL305"),
    ],
)
def test_damaged_records_never_make_room(takings: list[Taking], code: str) -> None:
    with refused(code):
        decide(SHIPPED, takings, ask(1))


@pytest.mark.parametrize(
    "request_",
    [
        ask(0),
        ask(-1),
        ask(AMOUNT_MAX + 1),
        ask(1, ""),
        ask(1, "r 1"),
        ask(1, "r" * 65),
        ask(1, person=""),
        ask(1, person="Чертополохов"),
        ask(1, members=("member:1", "member:1")),
        ask(1, members=("",)),
        ask(1, members=("client:7",)),
        ask(1, members=tuple(f"member:{place}" for place in range(MEMBER_COUNT_MAX + 1))),
    ],
)
def test_requests_that_cannot_be_one(request_: Request) -> None:
    with refused("POL305") as caught:
        decide(SHIPPED, [], request_)
    assert "Чертополохов" not in str(caught.value)


def test_a_negative_sum_makes_no_room() -> None:
    with refused("POL305"):
        judge(WAGE, -1, 1)


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_shipped_allowances_are_dated_data_with_sources() -> None:
    assert {operation for one in SHIPPED for operation in one.operations} == set(Operation) - {Operation.OTHER}
    assert all(one.source and one.rule.startswith("R-") for one in SHIPPED)
    assert (WAGE.limit, WAGE.persons) == ("10000.00", Persons.WITH_MEMBERS)


FILE = """
[[allowance]]
id = "wage"
rule = "R-CARVE-WAGE"
operations = ["salary"]
limit = "10000.00"
persons = "with_members"
excess_rule = "R-CARVE-EXCESS"
valid_from = 2024-01-01
certainty = "S"
source = "a test"
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[allowance]]", "[allowance"),
        ("[[allowance]]", "[[limit]]"),
        ('"10000.00"', "10000.00"),
        ('"10000.00"', '"10 000"'),
        ('"10000.00"', '"-1"'),
        ('limit = "10000.00"', ""),
        ('excess_rule = "R-CARVE-EXCESS"', ""),
        ('"salary"', '"wages"'),
        ('"salary"', '"other"'),
        ('"salary"', ""),
        ('"with_members"', '"all"'),
        ('"S"', '"sure"'),
        ('"a test"', '" "'),
        ('"wage"', '"w ge"'),
        ('"R-CARVE-WAGE"', '""'),
        ("2024-01-01", "2024-01-01\nvalid_to = 2024-01-01"),
        ("2024-01-01", "2024-01-01\nguess = 1"),
        ("2024-01-01", '"soon"'),
    ],
)
def test_files_of_allowances_that_are_none(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "allowance.toml"
    path.write_text(FILE)
    assert load_allowances(path)[0].limit == "10000.00"
    assert old in FILE
    path.write_text(FILE.replace(old, new, 1))
    with refused("POL303") as caught:
        load_allowances(path)
    assert "allowance.toml" in caught.value.where


def test_one_allowance_for_an_operation_on_each_day(tmp_path: Path) -> None:
    path = tmp_path / "allowance.toml"
    path.write_text(FILE + FILE.replace('"wage"', '"second"'))
    with refused("POL303"):
        load_allowances(path)
    path.write_text(FILE + FILE.replace('"salary"', '"pension"'))
    with refused("POL303"):
        load_allowances(path)
    ended = FILE.replace("2024-01-01", "2024-01-01\nvalid_to = 2026-01-01")
    path.write_text(ended + FILE.replace("2024-01-01", "2026-01-01"))
    assert len(load_allowances(path)) == 2
    with refused("POL201"):
        load_allowances(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old_ends", "new_begins", "sound"),
    [
        ("2026-11-15", "2026-11-15", False),  # November would be served from two sums
        ("2026-11-10", "2026-11-20", False),
        ("2026-12-01", "2026-12-01", True),
        ("2026-11-30", "2026-12-01", True),
        ("2026-11-02", "2026-11-30", False),
    ],
)
def test_another_id_within_a_month_does_not_double_the_limit(
    tmp_path: Path, old_ends: str, new_begins: str, sound: bool
) -> None:
    """What was taken is counted by the id of the allowance: a new one in a month that took already would begin anew."""
    path = tmp_path / "allowance.toml"
    old = FILE.replace("2024-01-01", f"2024-01-01\nvalid_to = {old_ends}")
    new = FILE.replace("2024-01-01", new_begins).replace('"wage"', '"wage-2"')
    for text in (old + new, new + old):
        path.write_text(text)
        if sound:
            assert len(load_allowances(path)) == 2
        else:
            with refused("POL303"):
                load_allowances(path)
    path.write_text(old + new.replace('"wage-2"', '"wage"'))
    assert len(load_allowances(path)) == 2  # editions of one allowance share its sum


# --- at once --------------------------------------------------------------------------------------------------------


class Store:
    """Takings as a store keeps them: committed only if nothing was committed since they were read."""

    def __init__(self, *, guarded: bool = True) -> None:
        self.takings: list[Taking] = []
        self.guarded = guarded

    def commit(self, seen: int, decision: Decision) -> bool:
        if self.guarded and seen != len(self.takings):
            return False
        if decision.taking is not None:
            self.takings.append(decision.taking)
        return True


def interleave(store: Store, requests: list[Request], order: list[int]) -> list[Decision]:
    """Let several workers read, decide and commit in a given order of their steps, until all have an answer."""
    read: dict[int, tuple[int, Decision]] = {}
    answers: dict[int, Decision] = {}
    for worker in itertools.chain(order, itertools.cycle(range(len(requests)))):
        if len(answers) == len(requests):
            break
        if worker in answers:
            continue
        if worker not in read:
            read[worker] = len(store.takings), decide(SHIPPED, store.takings, requests[worker])
        else:
            seen, decision = read.pop(worker)
            if store.commit(seen, decision):
                answers[worker] = decision
    return [answers[worker] for worker in range(len(requests))]


amounts = st.lists(st.integers(1, LIMIT + 2), min_size=2, max_size=6)


@given(amounts, st.lists(st.integers(0, 5), max_size=30), st.booleans())
def test_requests_at_once_never_take_more_than_the_limit(several: list[int], order: list[int], repeat: bool) -> None:
    requests = [ask(amount, f"r{place}") for place, amount in enumerate(several)]
    if repeat:  # the same request arrives twice
        requests.append(requests[0])
    store = Store()
    answers = interleave(store, requests, [worker % len(requests) for worker in order])
    total = spent(store.takings, "2026-11")
    assert total == sum(taking.amount_kopecks for taking in store.takings) <= LIMIT
    recorded = {taking.request_id for taking in store.takings}
    assert len(recorded) == len(store.takings)
    for request, answer in zip(requests, answers, strict=True):
        assert (answer.allowed.outcome is Outcome.PASS) == (request.request_id in recorded) or repeat
        if answer.allowed.outcome is Outcome.SUSPEND and request.request_id not in recorded:
            # It did not fit when it was decided; what was taken since then did not make room.
            assert request.amount_kopecks > LIMIT - total


def test_without_the_lock_of_the_store_two_would_take_too_much() -> None:
    """The test above can fail: reading and recording must be one transaction."""
    store = Store(guarded=False)
    interleave(store, [ask(LIMIT, "r1"), ask(LIMIT, "r2")], [0, 1, 0, 1])
    assert spent(store.takings, "2026-11") == 2 * LIMIT


class MonthsOfAPerson(RuleBasedStateMachine):
    """Takes and gives back in any order against a plain account of each month."""

    def __init__(self) -> None:
        super().__init__()
        self.takings: list[Taking] = []
        self.account: dict[str, dict[str, int]] = {}
        self.members = 0

    @rule(amount=st.integers(1, LIMIT + 1), day=st.integers(0, 60), members=st.integers(0, 2))
    def take(self, amount: int, day: int, members: int) -> None:
        at = datetime(2026, 11, 1, tzinfo=MOSCOW) + timedelta(days=day)
        name = f"r{len(self.takings)}"
        named = tuple(f"member:{place}" for place in range(members))
        decision = decide(SHIPPED, self.takings, ask(amount, name, at=at, members=named))
        month = self.account.setdefault(f"{at.year}-{at.month:02d}", {})
        fits = sum(month.values()) + amount <= LIMIT * (members + 1)
        assert (decision.allowed.outcome is Outcome.PASS) is fits is (decision.taking is not None)
        if decision.taking is not None:
            self.takings.append(decision.taking)
            month[name] = amount

    @precondition(lambda self: any(self.account.values()))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        month = data.draw(st.sampled_from(sorted(key for key, held in self.account.items() if held)))
        name = data.draw(st.sampled_from(sorted(self.account[month])))
        self.takings.append(give_back(self.takings, name))
        del self.account[month][name]

    @invariant()
    def sums_agree(self) -> None:
        for month, held in self.account.items():
            assert spent(self.takings, month) == sum(held.values()) <= 3 * LIMIT


TestMonthsOfAPerson = MonthsOfAPerson.TestCase
TestMonthsOfAPerson.settings = settings(max_examples=40, stateful_step_count=30)


@given(st.lists(st.integers(1, LIMIT), max_size=8), st.integers(1, LIMIT), st.integers(0, 3))
def test_more_members_never_allow_less_and_more_money_never_more(several: list[int], amount: int, members: int) -> None:
    takings = [took(one, f"t{place}") for place, one in enumerate(several)]
    before = spent(takings, "2026-11")

    def passes(asked: int, count: int, allowance: Allowance = WAGE) -> bool:
        named = [f"member:{place}" for place in range(count)]
        return judge(allowance, before, asked, named).outcome is Outcome.PASS

    assert passes(amount, members) <= passes(amount, members + 1)
    assert passes(amount + 1, members) <= passes(amount, members)
    assert passes(amount, members) is (before + amount <= LIMIT * (members + 1))
