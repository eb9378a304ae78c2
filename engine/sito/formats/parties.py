"""From a field of a message to the parties that are screened.

All readers build their parties here, so that the same field gives the same party whatever the format.
"""

from __future__ import annotations

import re

from sito.entries import Identifier, Kind
from sito.formats.base import check_text
from sito.formats.noise import clean_party, is_clean
from sito.records import Party, Role

AGENT_OF = {
    Role.DEBTOR: Role.DEBTOR_AGENT,
    Role.ULTIMATE_DEBTOR: Role.DEBTOR_AGENT,
    Role.INITIATING_PARTY: Role.DEBTOR_AGENT,
    Role.CREDITOR: Role.CREDITOR_AGENT,
    Role.ULTIMATE_CREDITOR: Role.CREDITOR_AGENT,
}
_SWIFT_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z")


def field_parties(
    role: Role,
    text: str,
    *,
    kind: Kind = Kind.UNKNOWN,
    birth_date: str = "",
    identifiers: tuple[Identifier, ...] = (),
    country: str = "",
    address: str = "",
    aliases: tuple[str, ...] = (),
) -> tuple[Party, ...]:
    """Build the parties of one name field.

    Usually one party; none if the field is empty; two if the field of a payer or payee also names its bank
    (`АО БАНК//name//account`): the bank follows as agent.

    Args:
        role: Role of the field, not `PURPOSE`.
        text: The field as received.
        kind, birth_date, country, address: What other fields say; they win over what is found in the name field.
        identifiers: Of other fields; numbers found in the name field are added.
        aliases: Further names from other fields.

    Raises:
        FieldError: REC210 if the text is longer than `TEXT_LENGTH_MAX`.
    """
    name = text.strip()
    if not name:
        return ()
    if is_clean(name):
        if len(name) > 1000:
            check_text(name)
        return (Party(role, name, kind, birth_date, identifiers, country, address, aliases),)
    check_text(name)
    clean = clean_party(name)
    agent: tuple[Party, ...] = ()
    if clean.agent:
        if role in AGENT_OF:
            agent = (Party(AGENT_OF[role], clean.agent, Kind.ORGANISATION, text=name),)
        else:
            aliases = (*aliases, clean.agent)
    aliases += tuple(alias for alias in clean.aliases if alias not in aliases)
    party = Party(
        role,
        clean.name,
        clean.kind if kind is Kind.UNKNOWN else kind,
        birth_date or clean.birth_date,
        merge_identifiers(identifiers, clean.identifiers),
        country or clean.country,
        ", ".join(filter(None, (address, clean.address))),
        aliases,
        name if clean.name != name else "",
    )
    return (party, *agent)


def merge_identifiers(first: tuple[Identifier, ...], second: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Return `first` with those of `second` whose type and number it lacks."""
    if not second:
        return first
    known = {(item.type, item.number) for item in first}
    return first + tuple(item for item in second if (item.type, item.number) not in known)


def purpose_party(text: str) -> tuple[Party, ...]:
    """Build the party of a free text, none if it is empty.

    Raises:
        FieldError: REC210 if the text is longer than `TEXT_LENGTH_MAX`.
    """
    purpose = text.strip()
    if not purpose:
        return ()
    check_text(purpose)
    return (Party(Role.PURPOSE, purpose),)


def agent_party(role: Role, name: str, bic: str = "", *, country: str = "", address: str = "") -> tuple[Party, ...]:
    """Build the party of a bank.

    A bank that is known by a SWIFT BIC alone gets the BIC as its name, because lists carry BICs of banks and a party
    without a name could not be screened. A bank known by a Russian nine-digit BIC alone is left out: the reader keeps
    that number with the account holder.
    """
    identifiers = (Identifier("bic", bic),) if bic else ()
    if not name.strip():
        if not _SWIFT_BIC.match(bic):
            return ()
        name = bic
    return field_parties(role, name, kind=Kind.ORGANISATION, identifiers=identifiers, country=country, address=address)
