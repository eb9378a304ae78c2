"""The nouns of what is screened: payments, customers, and the parties in them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sito.entries import Identifier, Kind


class RecordKind(StrEnum):
    """What a record is."""

    PAYMENT = "payment"
    CUSTOMER = "customer"


class Role(StrEnum):
    """Which part a party plays in a record."""

    CUSTOMER = "customer"
    DEBTOR = "debtor"
    CREDITOR = "creditor"
    ULTIMATE_DEBTOR = "ultimate_debtor"
    ULTIMATE_CREDITOR = "ultimate_creditor"
    INITIATING_PARTY = "initiating_party"
    DEBTOR_AGENT = "debtor_agent"
    CREDITOR_AGENT = "creditor_agent"
    INTERMEDIARY_AGENT = "intermediary_agent"
    INSTRUCTING_AGENT = "instructing_agent"
    INSTRUCTED_AGENT = "instructed_agent"
    PURPOSE = "purpose"
    REPRESENTATIVE = "representative"
    BENEFICIARY = "beneficiary"
    BENEFICIAL_OWNER = "beneficial_owner"
    DIRECTOR = "director"
    PARTICIPANT = "participant"


# Who stands in the file of a customer beside the customer.
RELATIONS = (Role.REPRESENTATIVE, Role.BENEFICIARY, Role.BENEFICIAL_OWNER, Role.DIRECTOR, Role.PARTICIPANT)


class ClientSide(StrEnum):
    """Which side of a payment is a client of the bank that screens it."""

    DEBTOR = "debtor"
    CREDITOR = "creditor"
    BOTH = "both"
    UNKNOWN = "unknown"


class Operation(StrEnum):
    """What a payment is for, as far as law treats it otherwise; what is not said is `OTHER`."""

    SALARY = "salary"
    PENSION = "pension"
    BENEFIT = "benefit"
    TAX = "tax"
    FINE = "fine"
    HUMANITARIAN = "humanitarian"
    OTHER = "other"


class Occasion(StrEnum):
    """Why a record is screened: a payment, a new client, one who never came in person, or the check of a base."""

    PAYMENT = "payment"
    ONBOARDING = "onboarding"
    REMOTE_OPENING = "remote_opening"
    CHECK = "check"


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """One text of a record that is screened, with what else is known of its owner.

    Attributes:
        role: Its part in the record. `PURPOSE` is free text in which names are looked for;
            every other role is a party field that holds one name.
        name: The name cleaned of field noise (legal-entity tags of people, addresses, account
            and tax numbers); for `PURPOSE` the whole text.
        kind: Person, organisation or unknown.
        birth_date: ISO `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; empty if unknown.
        identifiers: INN, OGRN, account, BIC and other numbers, from their own fields or found in the name field.
        country: ISO alpha-2 or empty.
        address: Found beside or inside the name.
        aliases: Further names of the same party.
        text: The field as received, where cleaning changed it; else empty. Where it stands, the name is clean, and the
            engine takes it as it is.
    """

    role: Role
    name: str
    kind: Kind = Kind.UNKNOWN
    birth_date: str = ""
    identifiers: tuple[Identifier, ...] = ()
    country: str = ""
    address: str = ""
    aliases: tuple[str, ...] = ()
    text: str = ""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One payment or customer.

    Attributes:
        record_id: The sender's own id; readers make one from the position where it is missing.
        kind: Payment or customer.
        parties: All texts to screen, in the order of the message; party fields with an empty name are left out.
        amount: Decimal text with a point, in whole currency units; empty if unknown.
        currency: ISO 4217, empty if unknown.
        date: ISO date of the record, empty if unknown.
        position: Where it stands: `row 7`, `line 12`, `PacketEPD/ED101[3]`.
        client_side, operation: Of a payment, where the sender tells; no hit depends on them, its verdict does.
        operation_side: Of whose side `operation` is said. In a payment format wages are income of the one who gets
            them, whatever the one is who pays, and a tax is that of the one who pays; where a bank says it itself, of
            both.
        unread: Facts that were told in words that are not known; they count as not told.
        occasion: Of a customer, where the sender tells.
        client_id: Of a payment, the bank's id of its client, where the sender tells; a case is then that client's.
    """

    record_id: str
    kind: RecordKind
    parties: tuple[Party, ...]
    amount: str = ""
    currency: str = ""
    date: str = ""
    position: str = ""
    client_side: ClientSide = ClientSide.UNKNOWN
    operation: Operation = Operation.OTHER
    occasion: Occasion | None = None
    client_id: str = ""
    operation_side: ClientSide = ClientSide.BOTH
    unread: tuple[str, ...] = ()

    def text(self, role: Role) -> str:
        """Return the first text of `role`, empty if the record has none."""
        return next((party.name for party in self.parties if party.role is role), "")


class Reject(msgspec.Struct, frozen=True):
    """A record that could not be read.

    Attributes:
        position: Where it stands in the file.
        code, reason: Of the `RecordError` that says why.
        raw: The record as received, cut to 10 000 characters: this is what a bank repairs and sends again.
    """

    position: str
    code: str
    reason: str
    raw: str
