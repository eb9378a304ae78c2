"""The risk indicator: how the authority's metrics of a bank stand, as far as the ledger can know, and what to do.

The authority names the metrics and the four levels and publishes no thresholds: those are dated data (K) that a bank
replaces by its own. Messages on checks and receipts are drafts: no official format of them was found.
"""

from sito.risk.indicator import Change, Indicator, MetricState, Point, indicate, indicator
from sito.risk.items import ItemState, Standing, tick
from sito.risk.kinds import ALARMING, Block, Level, Metric
from sito.risk.settings import Settings, read_settings, shipped

__all__ = [
    "ALARMING",
    "Block",
    "Change",
    "Indicator",
    "ItemState",
    "Level",
    "Metric",
    "MetricState",
    "Point",
    "Settings",
    "Standing",
    "indicate",
    "indicator",
    "read_settings",
    "shipped",
    "tick",
]
