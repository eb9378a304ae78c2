"""Which number a message and its file get, and which other matters learn that it went.

A number is given in the transaction that stores the approval, by whoever has the turn of the ledger: of two hosts the
second sees the number of the first, a crash gives none, and no number is ever given twice or left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sito.cases.deadlines import Schedule, window_of
from sito.cases.machines import MACHINES, MEND, TOLD_BY
from sito.cases.projection import NUMBERS, REPORTS, TABLES, TASKS
from sito.errors import CaseError
from sito.ledger import View

PLACE_MAX = 99_999_999  # eight digits of a record number and of a file name
_LAST = sa.select(sa.func.max(NUMBERS.c.place)).where(NUMBERS.c.series == sa.bindparam("wanted"))


def numbers_of(view: View, report: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts by which an approved message is numbered.

    A record that has a number keeps it; a file keeps its name until it was sent. What a message deletes is named by the
    number that it has.

    Args:
        report: Row of the message.
        facts: With `file_series`, `message_date`, and where records of its kind have numbers `record_series` and
            `record_count`, which is 1 if it is not told.

    Returns:
        `record_number` (the first) and `file_name`, and as `numbers` what was given now: series, place, number.

    Raises:
        CaseError: CAS126 a series is full; CAS127 fewer records than have numbers.
    """
    given: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    series, count = report.record_series or facts.get("record_series", ""), facts.get("record_count", 1)
    had = records_of(view, report.subject, series) if series else []
    if len(had) > count:
        raise CaseError(
            "CAS127", expected=f"{len(had)} records or more, which have numbers", got=str(count), where=report.subject,
            todo="keep the records that were sent, or delete the message and tell the matter anew",
        )  # fmt: skip
    if series and count:
        first = _next(view, series, count - len(had)) if count > len(had) else 0
        for place in range(first, first + count - len(had)):
            given.append({"series": series, "place": place, "number": f"{series}_{place:08d}"})
        found |= {"record_series": series, "record_number": (had or [one["number"] for one in given])[0]}
    if report.file_name:
        kept = {name: getattr(report, name) for name in ("file_name", "file_series", "message_date")}
        return found | kept | {"numbers": given}
    place = _next(view, facts["file_series"])
    found["file_name"] = f"{facts['file_series']}{place:08d}.xml"
    given.append({"series": facts["file_series"], "place": place, "number": found["file_name"]})
    return found | {"numbers": given}


def records_of(view: View, subject: str, series: str) -> list[str]:
    """Return the record numbers of a message, in their order."""
    chosen = sa.select(NUMBERS.c.number).where(NUMBERS.c.subject == subject, NUMBERS.c.series == series)
    return list(view.execute(chosen.order_by(NUMBERS.c.place)).scalars())


def _next(view: View, series: str, count: int = 1) -> int:
    """Return the first of so many places that come next."""
    place = int(view.execute(_LAST, {"wanted": series}).scalar() or 0) + 1
    if place + count - 1 > PLACE_MAX:
        raise CaseError("CAS126", expected=f"at most {PLACE_MAX} numbers of a series", got="all given", where=series)
    return place


def due_of(view: View, report: Any, schedule: Schedule) -> datetime | None:
    """Return by when a message had to be sent: the earliest end of the terms that end with it."""
    tasks = [task for task in view.rows_of(TASKS, report.subject) if task.name == MEND]
    machine = MACHINES.get(report.about.partition(":")[0])
    if machine is not None and machine.name in TOLD_BY:
        about = view.rows_of(TABLES[machine.name], report.about)
        row = machine.row(about[0].state, TOLD_BY[machine.name]) if about else None
        names = {*row.ends, *row.ends_one} if row is not None else set()
        tasks += [task for task in view.rows_of(TASKS, report.about) if task.name in names]
    windows = [window_of(task.rule, task.term_ids, task.trigger_at, task.until_at, schedule) for task in tasks]
    return min((window.alarm_at for window, has_term in windows if has_term), default=None)


def deleted_before(view: View, report: Any) -> list[str]:
    """Return the messages about the same that were deleted, and that this one stands for now.

    Of an operation that is no matter of ours nobody can know it: a person says which message stands for which.
    """
    if not report.about:
        return []
    waiting = sa.select(REPORTS.c.subject).where(
        REPORTS.c.about == report.about, REPORTS.c.kind == report.kind, REPORTS.c.state == "deleted",
        REPORTS.c.subject.in_(sa.select(TASKS.c.subject).where(TASKS.c.name == MEND)),
    ).order_by(REPORTS.c.number)  # fmt: skip
    return list(view.execute(waiting).scalars())
