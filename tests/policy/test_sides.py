"""Whose client a side is, by the banks of a payment: another bank only where that is sure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import Identifier
from sito.errors import PolicyError
from sito.policy.facts import party_facts
from sito.policy.judge import Judge
from sito.policy.sides import own_bank
from sito.policy.verdict import default_policy
from sito.records import ClientSide, Operation, Party, RecordKind, Role

OURS, THEIRS = "044525225", "044525226"
OUR_SWIFT, BRANCH, THEIR_SWIFT = "TESTRUMM", "TESTRUMM123", "ALIERU2P"
UNKNOWN = ClientSide.UNKNOWN
OWN = own_bank([OURS, "044525999", "testrummxxx"])


def parties(debtor: str, creditor: str, *, agents: bool = True) -> list[Party]:
    """Payer and payee, with what names their banks: a number of nine digits stands with them, as readers keep it."""
    found = []
    for role, agent, bic in ((Role.DEBTOR, Role.DEBTOR_AGENT, debtor), (Role.CREDITOR, Role.CREDITOR_AGENT, creditor)):
        items = tuple(Identifier("bic", one) for one in bic.split())
        apart = agents and not bic.isdecimal()
        found.append(Party(role, "Лопухов", identifiers=() if apart else items))
        if apart and items:
            found.append(Party(agent, "Луг", identifiers=items))
    return found


@pytest.mark.parametrize(
    ("debtor", "creditor", "side"),
    [
        (OURS, THEIRS, "debtor"),
        (THEIRS, OURS, "creditor"),
        (OURS, "044525999", "both"),
        (THEIRS, THEIRS, "unknown"),
        (OURS, "", "unknown"),
        ("", THEIRS, "unknown"),
        (OUR_SWIFT, THEIR_SWIFT, "debtor"),
        (OURS, BRANCH, "both"),
        (OURS, f"{OUR_SWIFT} {THEIR_SWIFT}", "unknown"),
        (OURS, "no bic", "unknown"),
        (OURS, "٠٤٤٥٢٥٢٢٦", "unknown"),
    ],
)
def test_side(debtor: str, creditor: str, side: str) -> None:
    assert OWN.side(UNKNOWN, parties(debtor, creditor)) == side


def test_a_bank_of_which_only_the_other_kind_of_number_is_known_may_be_ours() -> None:
    assert own_bank([OURS]).side(UNKNOWN, parties(OURS, THEIR_SWIFT)) is ClientSide.UNKNOWN
    assert own_bank([OUR_SWIFT]).side(UNKNOWN, parties(OUR_SWIFT, THEIRS)) is ClientSide.UNKNOWN


def test_a_party_that_is_a_bank_has_its_account_wherever_it_likes() -> None:
    assert OWN.side(UNKNOWN, parties(OURS, THEIR_SWIFT, agents=False)) is ClientSide.UNKNOWN
    assert OWN.side(UNKNOWN, parties(OUR_SWIFT, THEIRS, agents=False)) is ClientSide.UNKNOWN


@given(st.text(max_size=12))
def test_what_is_no_bic_is_refused(text: str) -> None:
    try:
        assert own_bank([text])
    except PolicyError as error:
        assert error.code == "POL115"


SAID = [  # by the sender, bank of the payer, of the payee; the side
    ("debtor", OURS, THEIRS, "debtor"),
    ("debtor", OURS, "", "debtor"),
    ("debtor", "", "", "debtor"),
    ("debtor", "", THEIRS, "debtor"),
    ("debtor", THEIRS, "", "unknown"),
    ("debtor", THEIRS, THEIRS, "unknown"),
    ("debtor", "", OURS, "unknown"),
    ("debtor", OURS, OURS, "unknown"),
    ("creditor", OURS, THEIRS, "unknown"),
    ("creditor", THEIRS, OURS, "creditor"),
    ("both", OURS, "", "both"),
    ("both", OURS, THEIRS, "unknown"),
]


@pytest.mark.parametrize(("said", "debtor", "creditor", "side"), SAID)
def test_what_the_banks_contradict_is_not_believed(said: str, debtor: str, creditor: str, side: str) -> None:
    assert OWN.side(ClientSide(said), parties(debtor, creditor)) == side


def test_a_judge_takes_what_record_option_and_banks_agree_on() -> None:
    day = date(2026, 11, 23)
    judge = Judge(default_policy(), day, own=OWN)
    given_ = parties(OURS, THEIRS)
    assert judge.side(ClientSide.UNKNOWN, given_) is ClientSide.DEBTOR
    assert judge.side(ClientSide.DEBTOR, given_) is ClientSide.DEBTOR
    assert judge.side(ClientSide.CREDITOR, given_) is ClientSide.UNKNOWN
    assert Judge(default_policy(), day).side(ClientSide.CREDITOR, given_) is ClientSide.CREDITOR
    for_all = Judge(default_policy(), day, own=OWN, client_side=ClientSide.CREDITOR)
    assert for_all.side(ClientSide.UNKNOWN, given_) is ClientSide.UNKNOWN
    assert for_all.side(ClientSide.DEBTOR, given_) is ClientSide.DEBTOR


@pytest.mark.parametrize("role", Role)
def test_an_operation_of_one_side_says_nothing_of_the_other(role: Role) -> None:
    of = {
        side: party_facts(
            RecordKind.PAYMENT, role, client_side=ClientSide.BOTH, operation=Operation.SALARY, operation_side=side
        ).operation
        for side in ClientSide
    }
    payee = role in {Role.CREDITOR, Role.ULTIMATE_CREDITOR}
    payer = role in {Role.DEBTOR, Role.ULTIMATE_DEBTOR, Role.INITIATING_PARTY}
    assert of[ClientSide.BOTH] is Operation.SALARY
    assert of[ClientSide.CREDITOR] is (Operation.SALARY if payee else Operation.OTHER)
    assert of[ClientSide.DEBTOR] is (Operation.SALARY if payer else Operation.OTHER)
    assert of[ClientSide.UNKNOWN] is Operation.OTHER
