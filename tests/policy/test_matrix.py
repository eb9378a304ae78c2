"""What holds of the whole matrix of the shipped policy, and of the table against the plain reading of its rules."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.errors import PolicyError
from sito.policy import Situation, Verdict, default_policy, list_kind_of, most_severe
from sito.policy.checks import BINDING, NOBODY, matrix, stages
from sito.policy.facts import DIMENSIONS, SEVERITY, Grade, ListKind
from sito.policy.rules import Rule
from sito.policy.verdict import in_force

DAYS = st.dates(date(2024, 1, 1), date(2035, 1, 1))
SITUATIONS = st.builds(Situation, *[st.sampled_from(values) for values in DIMENSIONS.values()])
NAMES = list(DIMENSIONS)


def first_fit(rules: tuple[Rule, ...], situation: Situation, on: date) -> Rule:
    """The readable twin: the first rule in force all of whose lists hold the fact."""
    facts = msgspec.structs.asdict(situation)
    for rule in rules:
        wanted = msgspec.structs.asdict(rule.when)
        if in_force(rule, on) and all(own is None or facts[name] in own for name, own in wanted.items()):
            return rule
    raise AssertionError("no rule")


@given(situation=SITUATIONS, on=DAYS)
def test_the_table_says_what_the_first_rule_that_fits_says(situation: Situation, on: date) -> None:
    policy = default_policy()
    assert policy.rule(situation, on).rule_id == first_fit(policy.file.rules, situation, on).id


@pytest.fixture(scope="module", params=stages(default_policy().file), ids=str)
def severity(request: pytest.FixtureRequest) -> np.ndarray:
    """How grave the verdict of each situation is, on each day on which something changes."""
    rules = default_policy().file.rules
    first = matrix(rules, request.param)
    assert (first != NOBODY).all()
    return np.array([SEVERITY[rule.verdict] for rule in rules])[first]


@pytest.mark.parametrize("dimension", ["relation", "role", "direction"])
def test_unknown_is_never_milder_than_known(severity: np.ndarray, dimension: str) -> None:
    axis = NAMES.index(dimension)
    unknown = [value.value for value in DIMENSIONS[dimension]].index("unknown")
    assert (np.take(severity, unknown, axis=axis) >= severity.max(axis=axis)).all()


def test_the_operation_that_is_not_told_is_never_milder(severity: np.ndarray) -> None:
    axis = NAMES.index("operation")
    other = [value.value for value in DIMENSIONS["operation"]].index("other")
    assert (np.take(severity, other, axis=axis) >= severity.max(axis=axis)).all()


def test_a_surer_hit_is_never_milder(severity: np.ndarray) -> None:
    axis = NAMES.index("grade")
    steps = [np.take(severity, place, axis=axis) for place in range(len(Grade))]  # from exact to weak
    for surer, less_sure in pairwise(steps):
        assert (surer >= less_sure).all()


def test_only_an_established_identity_stops_anybody(severity: np.ndarray) -> None:
    """A pensioner with a common name waits for a person, and for nothing else."""
    likeness = severity[:, 1:]
    assert set(np.unique(likeness).tolist()) == {SEVERITY[Verdict.REVIEW]}


def test_lists_without_force_bring_no_measure_and_no_hit_passes(severity: np.ndarray) -> None:
    kinds = list(ListKind)
    for place, kind in enumerate(kinds):
        found = set(np.unique(severity[place]).tolist())
        assert SEVERITY[Verdict.PASS] not in found
        if kind not in BINDING:
            assert found == {SEVERITY[Verdict.REVIEW]}


def test_credits_are_never_suspended_or_refused_in_a_payment(severity: np.ndarray) -> None:
    credit = [value.value for value in DIMENSIONS["direction"]].index("credit")
    payment = [value.value for value in DIMENSIONS["occasion"]].index("payment")
    found = severity[:, :, :, :, credit, :, payment]
    assert not np.isin(found, [SEVERITY[Verdict.SUSPEND], SEVERITY[Verdict.REFUSE]]).any()


@given(situations=st.lists(SITUATIONS, min_size=1, max_size=5))
def test_the_gravest_of_several_rulings_decides(situations: list[Situation]) -> None:
    policy = default_policy()
    rulings = [policy.rule(situation, date(2026, 11, 23)) for situation in situations]
    gravest = most_severe(rulings)
    assert gravest is not None
    assert SEVERITY[gravest.verdict] == max(SEVERITY[ruling.verdict] for ruling in rulings)
    assert gravest in rulings
    assert most_severe([]) is None


def test_the_order_of_verdicts() -> None:
    assert sorted(Verdict, key=SEVERITY.__getitem__) == ["pass", "review", "refuse", "suspend", "freeze"]


def test_a_policy_does_not_answer_for_days_outside_its_own() -> None:
    policy = default_policy()
    begin = policy.file.head.valid_from
    with pytest.raises(PolicyError) as caught:
        policy.rules(begin - timedelta(days=1))
    assert caught.value.code == "POL111"
    assert policy.rules(begin)


def test_what_is_not_there_is_told() -> None:
    policy = default_policy()
    with pytest.raises(PolicyError) as caught:
        policy.duty("R-SUSP-OWN", date(2025, 5, 31))
    assert caught.value.code == "POL112"
    with pytest.raises(PolicyError) as caught:
        policy.terms(["gone"], date(2026, 1, 1))
    assert caught.value.code == "POL113"


@pytest.mark.parametrize(
    ("list_id", "kind"),
    [
        ("RU-TE", "te"), ("RU-MVK", "mvk"), ("RU-UN", "un"), ("RU-UN-RUS", "un"), ("RU-OMU", "omu"), ("RU-SEM", "sem"),
        ("OFAC-SDN", "foreign"), ("OFAC-CONS", "foreign"), ("UN-SC", "foreign"), ("EU-FSF", "foreign"),
        ("UK-FCDO", "foreign"), ("CA-SEMA", "foreign"), ("OS-DEFAULT", "foreign"),
        ("BANK-STOP", "own"), ("RU-FOREIGN", "own"), ("RU-OWN", "own"), ("RU-TEX", "own"), ("", "own"),
    ],
)  # fmt: skip
def test_what_follows_from_a_list(list_id: str, kind: str) -> None:
    assert list_kind_of(list_id) == kind
    assert isinstance(list_kind_of(list_id), ListKind)
