"""Imports of a client file: who came, who changed, who is gone, and what could not be read.

A client that is refused keeps what the base knew of it. Nobody is taken as gone while a record was refused of which
nobody can tell whose it is: it may have been theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

import msgspec
import numpy as np

from sito.clients.base import ROWS_AT_ONCE, ClientBase, encoded, fingerprint_of, stored_risk
from sito.clients.reading import Client, Refused, Risk
from sito.clients.texts import TextWriter, folder_of
from sito.errors import ClientBaseError, RecordError
from sito.records import Record, Reject
from sito.version import VERSION

FOLDERS_MAX = 64  # of texts: more are put together
RECORD_SIZE_MAX = 1 << 18  # bytes of a client with all beside it: they are sealed with a case in one piece
SPARE = 10_000  # clients whose old texts may lie about in a small base


class Imported(msgspec.Struct, frozen=True):
    """What an import did.

    Attributes:
        kept: Clients that were refused and stay as they were.
        graded: Clients whose risk grade is new or another one.
        unsure: Records were refused of which nobody can tell whose they are: nobody was taken as gone.
        codes: Error codes of what was refused.
    """

    generation: int
    client_count: int
    added: int
    changed: int
    unchanged: int
    removed: int
    kept: int
    graded: int
    rejected: int
    unsure: bool
    codes: dict[str, int]


class _Import:
    """One import on its way."""

    def __init__(self, base: ClientBase, refused: Callable[[Reject], None]) -> None:
        self.base = base
        self.generation = base.generation + 1
        self.writer = TextWriter(folder_of(base.folder, self.generation))
        self.written = 0
        self.seen = np.zeros(base.highest() + 1, dtype=np.bool_)
        self.next = base.highest() + 1
        self.counts: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.unsure = False
        self._refused = refused

    def take(self, items: list[Client | Refused]) -> None:
        """Store what changed of some clients."""
        ids = [item.record.record_id if isinstance(item, Client) else item.client_id for item in items]
        known = self.base.known([one for one in ids if one])
        rows: list[tuple[int, Record, bytes]] = []
        grades: list[tuple[int, Risk]] = []
        numbers: dict[str, int] = {client_id: one.number for client_id, one in known.items()}
        for client_id, item in zip(ids, items, strict=True):
            number = numbers.get(client_id, 0)
            if isinstance(item, Refused):
                self._refuse(item.reject)
                if not client_id:
                    self.unsure = True
                elif number and not self.is_seen(number):
                    self._see(number)
                    self.counts["kept"] += known[client_id].removed == 0
                continue
            if number and self.is_seen(number):
                error = RecordError("REC235", expected="each client once", got="an id twice", where="id")
                self._refuse(Reject("", error.code, str(error), client_id))
                continue
            before = known.get(client_id)
            data = encoded(item.record)
            if len(data) > RECORD_SIZE_MAX:
                error = RecordError(
                    "REC210", expected=f"a client of at most {RECORD_SIZE_MAX} bytes", got=f"{len(data)}"
                )
                self._refuse(Reject("", error.code, str(error), client_id))
                if before is not None:
                    self._see(number)
                    self.counts["kept"] += before.removed == 0
                continue
            if not number:
                number = numbers[client_id] = self.next
                self.next += 1
            self._see(number)
            if before is None or before.removed or before.fingerprint != fingerprint_of(data):
                rows.append((number, item.record, data))
                self.counts["added" if before is None or before.removed else "changed"] += 1
            else:
                self.counts["unchanged"] += 1
            if item.risk is not None and (before is None or before.risk != stored_risk(item.risk)):
                grades.append((number, item.risk))
        self.base.put(self.generation, rows)
        self.base.grade(self.generation, grades)
        self.counts["graded"] += len(grades)
        if rows:
            self.writer.add([number for number, _, _ in rows], [record for _, record, _ in rows])
            self.written += len(rows)

    def _refuse(self, reject: Reject) -> None:
        self.counts["rejected"] += 1
        self.codes[reject.code] += 1
        self._refused(reject)

    def is_seen(self, number: int) -> bool:
        return number < len(self.seen) and bool(self.seen[number])

    def _see(self, number: int) -> None:
        if number >= len(self.seen):
            self.seen = np.concatenate((self.seen, np.zeros(max(number, 1024), dtype=np.bool_)))
        self.seen[number] = True


def import_clients(
    base: ClientBase, source: Iterable[Client | Refused], *, at: datetime, refused: Callable[[Reject], None],
    shrink_max: float = 0.5, is_compact: bool = False, progress: Callable[[int], None] | None = None,
) -> Imported:  # fmt: skip
    """Bring a base to what a client file says; all of it or nothing.

    Args:
        source: All clients of the bank: who is not among them is taken as gone, their open cases stay.
        at: When; kept.
        refused: Takes what could not be read.
        shrink_max: Share of the clients that may be gone, in [0, 1].
        is_compact: Write the texts of all clients anew, so that none are left of those who changed or are gone.
        progress: Called with the number of clients that were read.

    Raises:
        ClientBaseError: CLB104 somebody else works on it; CLB105 the disk did not take it; CLB107 more clients are gone
            than `shrink_max` allows; CLB108 no client could be read. The base is as it was.
    """
    with base.locked():
        base.sweep()
        # Texts may be laid out in another way by another version: then all texts are written anew.
        everything = is_compact or base.fact("texts_version") not in {"", VERSION}
        before = base.count()
        work = _Import(base, refused)
        try:
            with base.changing():
                items = iter(source)
                done = 0
                while part := list(islice(items, ROWS_AT_ONCE)):
                    work.take(part)
                    done += len(part)
                    if progress:
                        progress(done)
                counts = work.counts
                if not (counts["added"] or counts["changed"] or counts["unchanged"]):
                    raise ClientBaseError(
                        "CLB108", expected="a file of clients",
                        got=f"{counts['rejected']} records, none of them readable", todo="look at the rejects",
                    )  # fmt: skip
                live = () if work.unsure else base.live_numbers()
                gone = np.fromiter((number for number in live if not work.is_seen(number)), dtype=np.int64)
                if before and len(gone) > shrink_max * before:
                    raise ClientBaseError(
                        "CLB107", expected=f"at most {shrink_max:.0%} of the clients gone",
                        got=f"{len(gone)} of {before}", todo="is it the whole client file? --shrink-max allows more",
                    )  # fmt: skip
                base.remove(work.generation, map(int, gone))
                counts["removed"] = len(gone)
                _write_texts(base, work, everything)
                base.write_facts({"texts_version": VERSION})
                counts["live"] = base.count()
                base.write_import(work.generation, at.isoformat(timespec="seconds"), dict(counts))
        finally:
            work.writer.close()
            base.sweep()
        base.tidy_up()
        return Imported(
            work.generation, base.count(), counts["added"], counts["changed"], counts["unchanged"], counts["removed"],
            counts["kept"], counts["graded"], counts["rejected"], work.unsure, dict(sorted(work.codes.items())),
        )  # fmt: skip


def _write_texts(base: ClientBase, work: _Import, everything: bool) -> None:
    """Finish the folder of texts; put all into one where too many lie about that hold for nobody any more."""
    folders = base.texts()
    spare = sum(folders.values()) + work.written - base.count()
    if not everything and spare <= base.count() + SPARE and len(folders) < FOLDERS_MAX:
        work.writer.finish()
        base.write_texts(work.generation, work.written, alone=False)
        return
    work.writer.close()
    folder = folder_of(base.folder, work.generation)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    writer = work.writer = TextWriter(folder)
    count = 0
    for rows in base.all_rows():
        writer.add([row.number for row in rows], [row.record for row in rows])
        count += len(rows)
    writer.finish()
    base.write_texts(work.generation, count, alone=True)
