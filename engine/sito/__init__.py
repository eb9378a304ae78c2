"""sito: screening of payments and customers against sanctions and terrorist lists.

>>> from sito import Index, Screener, build_index
>>> build_index(["sdn.csv", "alt.csv", "add.csv"], "sdn.sito")  # doctest: +SKIP
>>> Screener(Index.open("sdn.sito")).check("BANCO NACIONAL DE CUBA").verdict  # doctest: +SKIP
'review'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sito.version import VERSION

if TYPE_CHECKING:
    from sito.build import build_index
    from sito.clearing import Clearance, Clearances
    from sito.evidence import Hit
    from sito.index import Index, IndexInfo
    from sito.policy.judge import Judge, Judgement
    from sito.policy.verdict import Policy, default_policy, read_policy
    from sito.screen import BatchResult, PartyResult, ScreenConfig, Screener

__all__ = [
    "VERSION",
    "BatchResult",
    "Clearance",
    "Clearances",
    "Hit",
    "Index",
    "IndexInfo",
    "Judge",
    "Judgement",
    "PartyResult",
    "Policy",
    "ScreenConfig",
    "Screener",
    "build_index",
    "default_policy",
    "read_policy",
]

# Loaded when first used: screening needs no list reader, and the command line shall answer at once.
_ROOMS = {
    "BatchResult": "sito.screen",
    "Clearance": "sito.clearing",
    "Clearances": "sito.clearing",
    "Hit": "sito.evidence",
    "Index": "sito.index",
    "IndexInfo": "sito.index",
    "Judge": "sito.policy.judge",
    "Judgement": "sito.policy.judge",
    "PartyResult": "sito.screen",
    "Policy": "sito.policy.verdict",
    "ScreenConfig": "sito.screen",
    "Screener": "sito.screen",
    "build_index": "sito.build",
    "default_policy": "sito.policy.verdict",
    "read_policy": "sito.policy.verdict",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
