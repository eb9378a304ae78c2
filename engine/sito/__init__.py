"""sito: screening of payments and customers against sanctions and terrorist lists.

    >>> from sito import Index, Screener, build_index
    >>> build_index(["sdn.csv", "alt.csv", "add.csv"], "sdn.sito")  # doctest: +SKIP
    >>> Screener(Index.open("sdn.sito")).check("BANCO NACIONAL DE CUBA").verdict  # doctest: +SKIP
    'review'
"""

from sito.build import build_index
from sito.index import Index, IndexInfo
from sito.screen import BatchResult, Hit, PartyResult, ScreenConfig, Screener
from sito.version import VERSION

__all__ = [
    "VERSION",
    "BatchResult",
    "Hit",
    "Index",
    "IndexInfo",
    "PartyResult",
    "ScreenConfig",
    "Screener",
    "build_index",
]
