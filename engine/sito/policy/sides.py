"""Whose client is a side of a payment? Read off the banks that the payment names.

A counterparty of which nothing is frozen gets a milder verdict than a client of ours. So a bank counts as another one
only if that is sure; where anything is missing or contradicts itself the side stays `UNKNOWN`, the strictest of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from sito.errors import PolicyError
from sito.records import ClientSide, Party, Role

_RUSSIAN = re.compile(r"\d{9}", re.ASCII)
_SWIFT = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_SWIFT_LENGTH = 8  # characters that name the institution; what follows is one of its branches


class OwnBank(msgspec.Struct, frozen=True):
    """The bank that screens, by its BICs. Make it with `own_bank`.

    Attributes:
        russian: BICs of nine digits, of the head office and of every branch.
        swift: The first eight characters of its SWIFT BICs.
    """

    russian: frozenset[str] = frozenset()
    swift: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Say whether any BIC is known."""
        return bool(self.russian or self.swift)

    def side(self, said: ClientSide, parties: Iterable[Party]) -> ClientSide:
        """Return which sides of a payment have their account with us.

        Args:
            said: By the sender or the caller; what the banks contradict is not believed.
            parties: Of the payment.

        Returns:
            What was said, or what the banks tell where nothing was; `UNKNOWN` if they contradict each other, if no side
            is ours, or if it is not sure.
        """
        given = tuple(parties)
        found = (
            self._holds(given, Role.DEBTOR, Role.DEBTOR_AGENT),
            self._holds(given, Role.CREDITOR, Role.CREDITOR_AGENT),
        )
        for side, ours in _OURS.items():
            if said is side:
                fits = all(one is None or one is own for one, own in zip(found, ours, strict=True))
                return said if fits else ClientSide.UNKNOWN
            if said is ClientSide.UNKNOWN and found == ours:
                return side
        return ClientSide.UNKNOWN

    def _holds(self, parties: Sequence[Party], role: Role, agent: Role) -> bool | None:
        """Say whether the account of a side is with us; None if that is not sure."""
        found = {_plain(item.number) for party in parties if party.role is agent for item in party.identifiers
                 if item.type == "bic"}  # fmt: skip
        # Readers keep the Russian BIC of a bank without a name with the account holder. A SWIFT BIC there is that of
        # the holder, who then is a bank itself.
        found |= {bic for party in parties if party.role is role for item in party.identifiers
                  if item.type == "bic" and _RUSSIAN.fullmatch(bic := _plain(item.number))}  # fmt: skip
        answers = {self._is_own(bic) for bic in found}
        return answers.pop() if len(answers) == 1 else None

    def _is_own(self, bic: str) -> bool | None:
        if _RUSSIAN.fullmatch(bic):
            return bic in self.russian if self.russian else None
        if _SWIFT.fullmatch(bic):
            return bic[:_SWIFT_LENGTH] in self.swift if self.swift else None
        return None


# Side -> is the payer ours, is the payee?
_OURS = {ClientSide.BOTH: (True, True), ClientSide.DEBTOR: (True, False), ClientSide.CREDITOR: (False, True)}


def _plain(text: str) -> str:
    return text.strip().upper()


def own_bank(bics: Iterable[str]) -> OwnBank:
    """Read the BICs of the own bank.

    Args:
        bics: Of nine digits, or SWIFT ones of eight or eleven characters. Name those of all branches: a Russian BIC
            that is not among them is that of another bank.

    Raises:
        PolicyError: POL115 neither of the two.
    """
    russian: set[str] = set()
    swift: set[str] = set()
    for text in bics:
        bic = _plain(text)
        if _RUSSIAN.fullmatch(bic):
            russian.add(bic)
        elif _SWIFT.fullmatch(bic):
            swift.add(bic[:_SWIFT_LENGTH])
        else:
            raise PolicyError(
                "POL115", expected="a BIC of 9 digits, or a SWIFT BIC of 8 or 11 characters",
                got=f"{len(text)} characters that are neither", where="own BIC",
            )  # fmt: skip
    return OwnBank(frozenset(russian), frozenset(swift))
