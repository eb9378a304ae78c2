"""What a record says of its parties before any of them is hit."""

from __future__ import annotations

import pytest

from sito.policy.facts import party_facts
from sito.records import ClientSide, Occasion, Operation, RecordKind, Role

# (client side, role, relation, role in law, direction)
PAYMENTS = [
    ("debtor", "debtor", "client", "payer", "debit"),
    ("debtor", "creditor", "counterparty", "payee", "debit"),
    ("debtor", "ultimate_debtor", "client", "acting_for", "debit"),
    ("debtor", "ultimate_creditor", "counterparty", "beneficiary", "debit"),
    ("debtor", "initiating_party", "client", "representative", "debit"),
    ("debtor", "creditor_agent", "unknown", "mentioned", "debit"),
    ("debtor", "purpose", "unknown", "mentioned", "debit"),
    ("creditor", "debtor", "counterparty", "payer", "credit"),
    ("creditor", "creditor", "client", "payee", "credit"),
    ("creditor", "ultimate_creditor", "client", "beneficiary", "credit"),
    ("creditor", "initiating_party", "counterparty", "representative", "credit"),
    ("both", "debtor", "client", "payer", "debit"),
    ("both", "creditor", "client", "payee", "credit"),
    ("both", "ultimate_creditor", "client", "beneficiary", "unknown"),
    ("unknown", "debtor", "unknown", "payer", "unknown"),
    ("unknown", "creditor", "unknown", "payee", "unknown"),
    ("unknown", "purpose", "unknown", "mentioned", "unknown"),
]


@pytest.mark.parametrize(("side", "role", "relation", "part", "direction"), PAYMENTS)
def test_parties_of_a_payment(side: str, role: str, relation: str, part: str, direction: str) -> None:
    facts = party_facts(RecordKind.PAYMENT, Role(role), client_side=ClientSide(side), operation=Operation.TAX)
    assert (facts.relation, facts.role, facts.direction) == (relation, part, direction)
    assert (facts.operation, facts.occasion) == (Operation.TAX, Occasion.PAYMENT)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_part(role: Role) -> None:
    facts = party_facts(RecordKind.PAYMENT, role)
    assert facts.relation == "unknown"


def test_a_customer_is_a_client_that_is_checked_unless_it_is_said_otherwise() -> None:
    facts = party_facts(RecordKind.CUSTOMER, Role.CUSTOMER)
    assert (facts.relation, facts.role, facts.direction, facts.occasion) == ("client", "subject", "none", "check")
    facts = party_facts(RecordKind.CUSTOMER, Role.CUSTOMER, occasion=Occasion.ONBOARDING)
    assert facts.occasion == "onboarding"
