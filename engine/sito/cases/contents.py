"""What a message to Rosfinmonitoring says, out of the sealed part of the ledger, and the numbers that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.projection import REPORTS
from sito.errors import CaseError, FesError
from sito.fes import Message, series_of
from sito.ledger import View

CONTENT_EVENTS = ("fes_drafted", "fes_corrected")


def message_of(view: View, subject: str) -> Message:
    """Return what a message says, as it was last drafted.

    Raises:
        FesError: FES305 its content was deleted; FES306 it is of another version.
        LedgerError: LED130 to LED133 it cannot be opened.
    """
    found = None
    for one in view.events(subject=subject, kinds=CONTENT_EVENTS):
        found = one
    personal = view.personal(found.sequence) if found is not None else None
    if personal is None:
        raise FesError("FES305", expected="the content of a message", got="none: it was deleted", where=subject)
    with suppress(msgspec.MsgspecError):
        return msgspec.json.decode(personal["content"], type=Message)
    raise FesError(
        "FES306", expected="a message of a version that this sito reads", got="another", where=subject,
        todo="use the sito that wrote it",
    )  # fmt: skip


def check_series(view: View, subject: str, facts: Mapping[str, Any]) -> None:
    """Refuse an approval that would take numbers of series which are not those of the content and the day.

    Such numbers would be taken for ever, and the message could not leave with them.

    Raises:
        CaseError: CAS129 other series, or another count of records. FesError, LedgerError: As `message_of`.
    """
    row = view.execute(sa.select(REPORTS.c.state, REPORTS.c.record_series).where(REPORTS.c.subject == subject)).first()
    if row is None or row.state != "draft":
        return  # the desk refuses it, and says why
    try:
        day = date.fromisoformat(str(facts.get("message_date", "")))
    except ValueError:
        return  # as well
    message = message_of(view, subject)
    series = series_of(message, day)
    wanted = {
        "file_series": series.file_series, "record_series": row.record_series or series.record_series,
        "record_count": message.record_count if series.record_series else 0,
    }  # fmt: skip
    told = {"record_series": "", "record_count": 1 if series.record_series else 0, **facts}
    if row.record_series and told["record_series"] == series.record_series:
        told["record_series"] = row.record_series  # of the year in which it was sent first: that one is kept
    for name, value in wanted.items():
        if told.get(name) != value:
            raise CaseError(
                "CAS129", expected=f"{name} {value or 'not told'}", got="another", where=subject,
                todo="approve it with `sito fes approve`, which finds them",
            )  # fmt: skip
