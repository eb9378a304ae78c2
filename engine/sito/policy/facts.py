"""The facts that a verdict follows from: what was hit, how surely, who that is to us, and what is being done."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sito.records import RELATIONS, ClientSide, RecordKind, Role
from sito.records import Occasion as Occasion  # noqa: PLC0414  (handed on)
from sito.records import Operation as Operation  # noqa: PLC0414  (handed on)


class ListKind(StrEnum):
    """What follows in law from a list. `FOREIGN` lists have no force of their own in Russia, `OWN` are the bank's."""

    TE = "te"
    MVK = "mvk"
    UN = "un"
    OMU = "omu"
    SEM = "sem"
    FOREIGN = "foreign"
    OWN = "own"


class Grade(StrEnum):
    """How sure a hit is; the words of `sito.evidence.Hit`."""

    EXACT = "exact"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Relation(StrEnum):
    """Whose client the party is. `CLIENT`: ours, or one who stands in the file of a client of ours."""

    CLIENT = "client"
    COUNTERPARTY = "counterparty"
    UNKNOWN = "unknown"


class PartyRole(StrEnum):
    """What the party that was hit has to do with the operation or the client.

    `SUBJECT` is the customer itself; `MENTIONED` is no side of the operation: found in a purpose, or a bank on the way
    of the money. `CONTROLLED` and `ACTING_FOR` are known to be controlled by, or to act for, the one on the list, or
    the other way round: the one on the list stands behind a side of the operation.
    """

    PAYER = "payer"
    PAYEE = "payee"
    REPRESENTATIVE = "representative"
    BENEFICIARY = "beneficiary"
    BENEFICIAL_OWNER = "beneficial_owner"
    DIRECTOR = "director"
    PARTICIPANT = "participant"
    CONTROLLED = "controlled"
    ACTING_FOR = "acting_for"
    SUBJECT = "subject"
    MENTIONED = "mentioned"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Where the money goes, seen from our client. `NONE`: no money moves."""

    DEBIT = "debit"
    CREDIT = "credit"
    NONE = "none"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What is to be done at once, from the mildest to the gravest; see `SEVERITY`."""

    PASS = "pass"  # noqa: S105  (no password)
    REVIEW = "review"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    FREEZE = "freeze"


# A refusal is a right and ends at once, a suspension a duty with a clock, a freeze a duty without an end.
SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Situation(msgspec.Struct, frozen=True):
    """All that a rule can look at. Each combination of values has exactly one first rule."""

    list_kind: ListKind
    grade: Grade
    relation: Relation
    role: PartyRole
    direction: Direction
    operation: Operation
    occasion: Occasion


# The dimensions of the matrix, in the order of the fields of `Situation`.
DIMENSIONS: dict[str, tuple[StrEnum, ...]] = {
    "list_kind": tuple(ListKind),
    "grade": tuple(Grade),
    "relation": tuple(Relation),
    "role": tuple(PartyRole),
    "direction": tuple(Direction),
    "operation": tuple(Operation),
    "occasion": tuple(Occasion),
}

_RUSSIAN = {f"RU-{kind.value.upper()}": kind for kind in ListKind if kind not in {ListKind.FOREIGN, ListKind.OWN}}
_RUSSIAN["RU-UN-RUS"] = ListKind.UN  # the same list in Russian: the authority hands out both
_FOREIGN = ("OFAC-", "UN-SC", "EU-", "UK-", "CA-", "OS-")


def list_kind_of(list_id: str) -> ListKind:
    """Return what follows in law from a list, by its id; one that is not known is the bank's own."""
    return _RUSSIAN.get(list_id) or (ListKind.FOREIGN if list_id.startswith(_FOREIGN) else ListKind.OWN)


# An ultimate debtor is the one on whose behalf the payer pays, an ultimate creditor the one to whose benefit. An agent
# is a bank on the way of the money and no side of the operation.
_ROLES = {
    Role.CUSTOMER: PartyRole.SUBJECT,
    Role.DEBTOR: PartyRole.PAYER,
    Role.CREDITOR: PartyRole.PAYEE,
    Role.ULTIMATE_DEBTOR: PartyRole.ACTING_FOR,
    Role.ULTIMATE_CREDITOR: PartyRole.BENEFICIARY,
    Role.INITIATING_PARTY: PartyRole.REPRESENTATIVE,
}
_RELATED = {role: PartyRole(role.value) for role in RELATIONS}  # in the file of a customer
_DEBTOR_SIDE = frozenset({Role.DEBTOR, Role.ULTIMATE_DEBTOR, Role.INITIATING_PARTY})
_CREDITOR_SIDE = frozenset({Role.CREDITOR, Role.ULTIMATE_CREDITOR})
# Sides of which an operation is said: of roles on other sides it says nothing.
_OPERATION_SIDES = {ClientSide.DEBTOR: _DEBTOR_SIDE, ClientSide.CREDITOR: _CREDITOR_SIDE}
_DIRECTIONS = {ClientSide.DEBTOR: Direction.DEBIT, ClientSide.CREDITOR: Direction.CREDIT}


class PartyFacts(msgspec.Struct, frozen=True):
    """What is known of a party before it is hit: a `Situation` without list and grade."""

    relation: Relation
    role: PartyRole
    direction: Direction
    operation: Operation
    occasion: Occasion

    def with_hit(self, list_id: str, grade: str) -> Situation:
        """Return the situation that a hit makes.

        Args:
            list_id: Of the list that the entry is on.
            grade: A word of `Grade`.
        """
        return Situation(
            list_kind_of(list_id), Grade(grade), self.relation, self.role, self.direction, self.operation, self.occasion
        )


def party_facts(
    kind: RecordKind,
    role: Role,
    *,
    client_side: ClientSide = ClientSide.UNKNOWN,
    operation: Operation = Operation.OTHER,
    operation_side: ClientSide = ClientSide.BOTH,
    occasion: Occasion | None = None,
) -> PartyFacts:
    """Return what a record says of one of its parties. What it does not say stays unknown.

    Args:
        kind: Payment or customer.
        role: Of the party in the record.
        client_side, operation, operation_side, occasion: Of the record; a customer without an occasion is checked, as
            in a base.

    Who stands in the file of a customer beside it is judged by what it is to the customer.
    """
    if kind is RecordKind.CUSTOMER:
        occasion = Occasion.CHECK if occasion is None else occasion
        part = _RELATED.get(role, PartyRole.SUBJECT)
        return PartyFacts(Relation.CLIENT, part, Direction.NONE, operation, occasion)
    part = _ROLES.get(role, PartyRole.MENTIONED)
    if operation_side is not ClientSide.BOTH and role not in _OPERATION_SIDES.get(operation_side, ()):
        operation = Operation.OTHER
    relation, direction = Relation.UNKNOWN, _DIRECTIONS.get(client_side, Direction.UNKNOWN)
    if client_side is ClientSide.BOTH:
        relation = Relation.CLIENT
        # Each side of our own has its own direction; those behind a side may stand behind the one that pays.
        own = {PartyRole.PAYER: Direction.DEBIT, PartyRole.PAYEE: Direction.CREDIT}
        direction = own.get(part, Direction.UNKNOWN)
    elif client_side is not ClientSide.UNKNOWN:
        ours = (role in _DEBTOR_SIDE) == (client_side is ClientSide.DEBTOR)
        relation = Relation.CLIENT if ours else Relation.COUNTERPARTY
    if part is PartyRole.MENTIONED:
        relation = Relation.UNKNOWN
    return PartyFacts(relation, part, direction, operation, Occasion.PAYMENT if occasion is None else occasion)
