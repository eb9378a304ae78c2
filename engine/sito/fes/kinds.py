"""By which number the authority knows each kind of message: dated data, for only two of them were seen in use."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from sito.fes.model import Kind, Organisation
from sito.toml import parse_toml


class KindNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By which number a kind of message is known, and how sure that is: S, I or K."""

    number: str
    certainty: str
    source: str


class _Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    edition: str
    kinds: dict[Kind, KindNumber]


@cache
def kind_numbers() -> dict[Kind, KindNumber]:
    """Return the numbers of kinds that come with sito, from `data/kinds.toml`."""
    return msgspec.convert(parse_toml(files("sito.fes").joinpath("data", "kinds.toml").read_bytes()), _Kinds).kinds


def number_of(own: Organisation, kind: Kind) -> str:
    """Return the number of a kind: that of the organisation's file, or else ours."""
    return own.kind_numbers.get(kind) or kind_numbers()[kind].number
