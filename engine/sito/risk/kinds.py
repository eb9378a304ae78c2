"""The words of the risk indicator: its blocks, metrics and levels, and the kinds of events that it reads."""

from __future__ import annotations

from enum import StrEnum

ITEM_TICKED = "risk_item_ticked"  # kind of the event of one tick; facts: item, on, document
# Of messages to the authority, and of the matters that they are about.
REPORTS = (
    "fes_drafted", "fes_dropped", "fes_sent", "fes_accepted", "fes_rejected", "fes_deleted",
    "message_drafted", "message_dropped_by_head", "message_sent", "refusal_made", "refusal_told_to_authority",
    "check_planned", "check_finished", "check_told_to_authority",
)  # fmt: skip


class Level(StrEnum):
    """How bad a metric is, from the best to the worst; the names are those of the authority's indicator."""

    LOW = "low"
    MODERATE = "moderate"
    RAISED = "raised"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 is the best."""
        return _RANKS.index(self)


_RANKS = tuple(Level)
ALARMING = frozenset({Level.RAISED, Level.HIGH})


class Block(StrEnum):
    """The six blocks of the authority's indicator."""

    CONTROL = "control"  # organisation of internal control
    MESSAGES = "messages"
    LISTS = "lists"
    SUSPICIOUS = "suspicious"  # messages on suspicious operations; informs only
    VOLUNTARY = "voluntary"  # cooperation and self-education; informs only
    MENDING = "mending"  # of violations; not active at the authority


class Metric(StrEnum):
    """What can be known from the ledger. Of each, more is worse."""

    OPERATION_LATE = "operation_late"
    REFUSAL_LATE = "refusal_late"
    REJECTED_OPEN = "rejected_open"
    TE_UNUSED = "te_unused"
    MVK_UNUSED = "mvk_unused"
    CHECK_MISSING = "check_missing"
    CHECK_LATE = "check_late"
    CHECK_UNLISTED = "check_unlisted"


class Unit(StrEnum):
    """In what the value of a metric is counted."""

    SHARE = "share"  # 0 to 1
    DAYS = "days"  # of 24 hours
    DAYS_LATE = "days_late"  # below 0 so many are left
    COUNT = "count"


class Why(StrEnum):
    """What an event has to do with a metric."""

    SENT = "sent"  # whenever it had to be
    IN_TIME = "in_time"  # a message was sent in time
    LATE = "late"  # a message was sent late
    OVERDUE = "overdue"  # the duty began here, its term is over, and nothing was sent
    DROPPED = "dropped"  # nothing has to be sent any more
    REJECTED = "rejected"
    CORRECTED = "corrected"  # sent again, or accepted after all
    DELETED = "deleted"
    USED = "used"  # a list was used
    UNUSED = "unused"  # the last use of a list
    CHECK_TOLD = "check_told"
    CHECK_UNLISTED = "check_unlisted"  # a check was told of, and no list was used before it
    TICKED = "ticked"  # an item of the checklist
    BEGAN = "began"  # what is counted from: of the first check that was planned, or of the ledger


UNITS: dict[Metric, Unit] = {
    Metric.OPERATION_LATE: Unit.SHARE, Metric.REFUSAL_LATE: Unit.SHARE, Metric.REJECTED_OPEN: Unit.SHARE,
    Metric.TE_UNUSED: Unit.DAYS, Metric.MVK_UNUSED: Unit.DAYS, Metric.CHECK_MISSING: Unit.DAYS_LATE,
    Metric.CHECK_LATE: Unit.SHARE, Metric.CHECK_UNLISTED: Unit.COUNT,
}  # fmt: skip
BLOCKS: dict[Metric, Block] = {
    metric: Block.MESSAGES
    if metric in {Metric.OPERATION_LATE, Metric.REFUSAL_LATE, Metric.REJECTED_OPEN}
    else Block.LISTS
    for metric in Metric
}
# What rests on a format of which no official description was found: messages on checks (04), and receipts.
DRAFTS = frozenset({Metric.REJECTED_OPEN, Metric.CHECK_MISSING, Metric.CHECK_LATE, Metric.CHECK_UNLISTED})
