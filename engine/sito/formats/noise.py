"""Field noise of payment party fields (first cut)."""

from __future__ import annotations

import msgspec
from sito.entries import Identifier, Kind


class CleanParty(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a name field holds besides the name."""

    name: str
    kind: Kind = Kind.UNKNOWN
    identifiers: tuple[Identifier, ...] = ()
    address: str = ""
    birth_date: str = ""
    country: str = ""
    agent: str = ""


def is_clean(text: str) -> bool:
    """Tell whether there is nothing to clean."""
    return bool(text)


def clean_party(text: str) -> CleanParty:
    """Separate the name from the noise."""
    return CleanParty(text)
