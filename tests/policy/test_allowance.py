"""What a frozen person may still spend: exact to the kopeck, for each month of Moscow, and never more at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sito.errors import PolicyError
from sito.policy.allowance import (
    AMOUNT_MAX,
    MEMBER_COUNT_MAX,
    Allowance,
    Outcome,
    Persons,
    judge,
    kopecks,
    load_allowances,
    month_of,
)
from sito.policy.calendar import MOSCOW
from sito.policy.deadlines import Certainty
from sito.records import Operation

SHIPPED = load_allowances()
WAGE = next(one for one in SHIPPED if one.id == "wage")
LIMIT = 1_000_000  # kopecks, of one person


def shipped(operation: Operation) -> Allowance:
    return next(one for one in SHIPPED if operation in one.operations)


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
    allowance = shipped(operation)
    allowed = judge(allowance, AMOUNT_MAX, AMOUNT_MAX)
    assert (allowed.outcome, allowed.rule) == (Outcome.PASS, "R-CARVE-SOC")
    assert allowed.limit_kopecks is allowed.left_kopecks is None
    assert allowed.allowance != "wage"


def test_r_mvk_allow_has_a_limit_of_its_own_for_the_person_alone() -> None:
    allowance = shipped(Operation.HUMANITARIAN)
    first = judge(allowance, 0, LIMIT, ["member:1"])
    assert (first.outcome, first.rule, first.allowance) == (Outcome.PASS, "R-MVK-ALLOW", "humanitarian")
    assert judge(allowance, LIMIT, 1, ["member:1"]).outcome is Outcome.SUSPEND


def test_an_allowance_is_for_named_operations_from_a_day_on() -> None:
    assert not [one for one in SHIPPED if Operation.OTHER in one.operations]
    assert [one.holds_on(date(2024, 1, 1) - timedelta(days=before)) for one in SHIPPED for before in (0, 1)] == [
        True, False
    ] * len(SHIPPED)  # fmt: skip


@pytest.mark.parametrize(("lists", "eased"), [
    (["RU-TE"], {"wage", "social", "dues"}), (["RU-MVK"], {"humanitarian"}), (["RU-TE", "RU-MVK"], set()),
    (["RU-UN"], set()), (["RU-TE", "OFAC-SDN", "BANK-STOP"], {"wage", "social", "dues"}),
    (["BANK-STOP"], {"wage", "social", "dues", "humanitarian"}),
])  # fmt: skip
def test_an_allowance_eases_freezes_of_its_lists_alone(lists: list[str], eased: set[str]) -> None:
    assert {one.id for one in SHIPPED if one.eases(lists)} == eased


def test_a_limit_is_dated() -> None:
    old = msgspec.structs.replace(WAGE, valid_to=date(2026, 11, 15))
    new = msgspec.structs.replace(WAGE, valid_from=date(2026, 11, 15), limit="15000.00")
    for day, holds in ((date(2026, 11, 14), [False, True]), (date(2026, 11, 15), [True, False])):
        assert [one.holds_on(day) for one in (new, old)] == holds
    # What the month has taken before counts against the new limit.
    assert judge(new, LIMIT, 500_000).left_kopecks == 0
    assert judge(new, LIMIT, 500_001).outcome is Outcome.SUSPEND


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


def test_a_time_without_a_zone_is_refused() -> None:
    with refused("POL213"):
        month_of(datetime(2026, 11, 23))


# --- requests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MAX + 1])
def test_amounts_that_cannot_be_one(amount: int) -> None:
    with refused("POL305"):
        judge(WAGE, 0, amount)


@pytest.mark.parametrize(
    "members",
    [
        ("member:1", "member:1"),
        ("",),
        ("r 1",),
        ("r" * 65,),
        ("Чертополохова",),
        tuple(f"member:{place}" for place in range(MEMBER_COUNT_MAX + 1)),
    ],
)
def test_members_that_cannot_be_any(members: tuple[str, ...]) -> None:
    with refused("POL305") as caught:
        judge(WAGE, 0, 1, members)
    assert "Чертополохова" not in str(caught.value)


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


@given(st.integers(0, 5 * LIMIT), st.integers(1, LIMIT), st.integers(0, 3))
def test_more_members_never_allow_less_and_more_money_never_more(before: int, amount: int, members: int) -> None:
    def passes(asked: int, count: int, allowance: Allowance = WAGE) -> bool:
        named = [f"member:{place}" for place in range(count)]
        return judge(allowance, before, asked, named).outcome is Outcome.PASS

    assert passes(amount, members) <= passes(amount, members + 1)
    assert passes(amount + 1, members) <= passes(amount, members)
    assert passes(amount, members) is (before + amount <= LIMIT * (members + 1))
