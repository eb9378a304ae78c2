"""The log of lists: what was fetched, what came into use, and each day's uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from sito.cases.listuse import LIST_FETCHED, LIST_LOADED
from sito.cases.projection import LIST_USED, LIST_USES
from sito.ledger import Stored
from sito.papers import words
from sito.papers.content import Column, Table
from sito.papers.source import Source
from sito.papers.words import NONE, joined
from sito.policy.calendar import moscow_day

DIGEST_LENGTH = 16  # digits of a checksum that are printed
_COLUMNS = (
    Column("№", 10), Column("Дата и время (МСК)", 34), Column("Перечень", 24), Column("Действие", 40),
    Column("Редакция", 30), Column("Записей", 18), Column("Файлы и контрольные суммы SHA-256 (начало)", 75),
    Column("Кто", 34),
)  # fmt: skip


def list_log(source: Source, *, after: int = 0, until: int | None = None) -> Table:
    """Return the log; uses of one edition for one purpose by one person on one day are one row.

    Args:
        after, until: Only events behind the one and not behind the other, by their sequences, whatever the period.
    """
    rows: list[list[str]] = []
    uses: dict[tuple[Any, ...], tuple[int, int, Stored, Stored]] = {}  # place of the row, how many, first and last
    for stored in source.cut.events(source.view, kinds=(LIST_FETCHED, LIST_LOADED, LIST_USED), after=after):
        if until is not None and stored.sequence > until:
            break
        if until is None and not source.period.holds(stored.at):
            continue
        facts = stored.event.facts
        if stored.event.kind != LIST_USED:
            rows.append(_row(stored, _action(stored)))
            continue
        key = (
            moscow_day(stored.at), facts["list_id"], facts.get("edition", ""), facts.get("purpose", ""),
            facts.get("index_digest", ""), stored.caller.name,
        )  # fmt: skip
        if key not in uses:
            uses[key] = (len(rows), 1, stored, stored)
            rows.append(_row(stored, ""))
        else:
            place, count, first, _ = uses[key]
            uses[key] = (place, count + 1, first, stored)
    for place, count, first, last in uses.values():
        rows[place][0] = words.when(first.at) if count == 1 else f"{words.when(first.at)} – {last_time(last)}"
        rows[place][2] = f"{_action(first)}, раз: {count}"
    return Table(_COLUMNS, tuple((str(number), *row) for number, row in enumerate(rows, 1)))


def last_time(stored: Stored) -> str:
    """Return the time of day of an event in Moscow."""
    return words.when(stored.at).partition(" ")[2]


def _action(stored: Stored) -> str:
    facts = stored.event.facts
    if stored.event.kind == LIST_FETCHED:
        return f"получен из личного кабинета ({facts.get('catalogue', NONE)})"
    if stored.event.kind == LIST_LOADED:
        return "введён в действие"
    purpose = str(facts.get("purpose", ""))
    return "использован" + (f": {words.PURPOSES.get(purpose, purpose)}" if purpose else "")


def _row(stored: Stored, action: str) -> list[str]:
    facts = stored.event.facts
    edition = facts.get("edition") or facts.get("service_date") or NONE
    files = [f"{one['name']}: {one['sha256'][:DIGEST_LENGTH]}" for one in facts.get("files", ())]
    if stored.event.kind == LIST_FETCHED:
        files.append(f"{facts.get('file_id', NONE)}: {str(facts.get('sha256', ''))[:DIGEST_LENGTH]}")
    if digest := facts.get("index_digest"):
        files.append(f"индекс: {digest[:DIGEST_LENGTH]}")
    count = facts.get("entry_count")
    return [
        words.when(stored.at), str(facts["list_id"]), action, str(edition), NONE if count is None else str(count),
        joined(*files), words.who(stored),
    ]  # fmt: skip


def editions(source: Source) -> tuple[tuple[str, str], ...]:
    """Return (list, edition) as they were in use at the end of the period: loaded, or if none was, used last."""
    found = _newest(source, source.cut.events(source.view, kinds=(LIST_LOADED,)))
    for list_id in source.view.execute(sa.select(LIST_USES.c.list_id)).scalars().all():
        if list_id not in found:  # of each there may be very many uses
            found |= _newest(source, source.cut.events(source.view, subject=f"list:{list_id}", kinds=(LIST_USED,)))
    return tuple(sorted(found.items()))


def _newest(source: Source, events: Iterable[Stored]) -> dict[str, str]:
    return {
        str(one.event.facts["list_id"]): str(one.event.facts.get("edition", NONE))
        for one in events
        if one.at < source.period.end
    }
