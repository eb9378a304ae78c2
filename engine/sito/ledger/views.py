"""The ledger as it is for one transaction: rows of the projections, events, and personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.errors import LedgerError
from sito.ledger.changes import Changes
from sito.ledger.events import Caller, Event, Row, Stored, genesis, instant, microseconds
from sito.ledger.schema import EVENT, PERSONAL
from sito.ledger.sealing import Sealer, about, commitment_of, unsalted

PAGE = 1000  # events that are read at a time

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class View:
    """What one transaction sees; not to be used after it.

    Attributes:
        ledger_id: Of the ledger.
    """

    def __init__(
        self, connection: sa.Connection, ledger_id: str, sealer: Sealer | None,
        flush: Callable[[], None] | None = None, *, changes: Changes | None = None, about: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._connection = connection
        self._about = frozenset(about)  # subjects that the requests of this transaction look at
        self._rows: dict[sa.Table, dict[str, list[sa.Row[Any]]]] = {}
        self._highest: dict[str, int] = {}
        self._flush = flush or (lambda: None)  # writes the events down that are only kept in mind
        self._changes = changes or Changes(connection)
        self._sealer = sealer
        self.ledger_id = ledger_id

    def execute(self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Ask the projections; nothing can be changed here.

        Args:
            statement: One that was made beforehand, with `bindparam`, costs half of one made anew.
            parameters: Its values.
        """
        if not isinstance(statement, sa.Select):
            raise TypeError("a view is only read")
        return self._changes.ask(statement, parameters)

    def rows_of(self, table: sa.Table, subject: str) -> list[sa.Row[Any]]:
        """Return the rows of a projection about a subject; all that the transaction will ask for are fetched at once.

        Args:
            table: With a column `subject`, whose rows change with events about their own subject alone.
        """
        known = self._rows.setdefault(table, {})
        if subject not in known:
            wanted = [one for one in self._about if one not in known] if subject in self._about else [subject]
            known.update({one: [] for one in wanted})
            for row in self._changes.ask(_of_subjects(table), {"wanted": wanted}):
                known[row.subject].append(row)
        return known[subject]

    def highest(self, table: sa.Table, kind: str) -> int:
        """Return the highest number of subjects `kind:number`, 0 if there is none.

        Args:
            table: With columns `machine`, the kind, and `number`.
        """
        if kind not in self._highest:
            self._highest[kind] = int(self._changes.ask(_highest(table), {"kind": kind}).scalar() or 0)
        return self._highest[kind]

    def forget(self, subject: str) -> None:
        """Do not believe what was fetched about a subject: an event about it was stored."""
        for known in self._rows.values():
            known.pop(subject, None)
        kind, _, number = subject.partition(":")
        if kind in self._highest and number.isdecimal():
            self._highest[kind] = max(self._highest[kind], int(number))

    def head(self) -> tuple[int, bytes]:
        """Return sequence and digest of the last event; 0 and that of an empty ledger if there is none."""
        self._flush()
        last = sa.select(EVENT.c.sequence, EVENT.c.digest).order_by(EVENT.c.sequence.desc()).limit(1)
        row = self._connection.execute(last).first()
        return (0, genesis(self.ledger_id)) if row is None else (row.sequence, row.digest)

    def last(self, *, before: datetime, without: Iterable[str] = ()) -> Stored | None:
        """Return the last event, as they stand in the chain, of those that happened before an instant.

        Args:
            without: Not of these kinds.
        """
        self._flush()
        chosen = sa.select(EVENT).where(EVENT.c.at_us < microseconds(before), EVENT.c.kind.not_in(list(without)))
        row = self._connection.execute(chosen.order_by(EVENT.c.sequence.desc()).limit(1)).first()
        return None if row is None else stored(Row(*row[:-1]), row[-1])

    def events(
        self, *, subject: str | None = None, kinds: Iterable[str] | None = None, after: int = 0,
    ) -> Iterator[Stored]:  # fmt: skip
        """Yield events in their order, some at a time.

        Args:
            subject: Only those about it.
            kinds: Only of these kinds.
            after: Only those behind this sequence.
        """
        for row, digest in self.rows(subject=subject, kinds=kinds, after=after):
            yield stored(row, digest)

    def rows(
        self, *, subject: str | None = None, kinds: Iterable[str] | None = None, after: int = 0,
    ) -> Iterator[tuple[Row, bytes]]:  # fmt: skip
        """Yield rows of events and the digests that stand with them."""
        self._flush()
        chosen = sa.select(EVENT).order_by(EVENT.c.sequence).limit(PAGE)
        if subject is not None:
            chosen = chosen.where(EVENT.c.subject == subject)
        if kinds is not None:
            chosen = chosen.where(EVENT.c.kind.in_(list(kinds)))
        while True:
            found = self._connection.execute(chosen.where(EVENT.c.sequence > after)).all()
            for values in found:
                yield Row(*values[:-1]), values[-1]
            if len(found) < PAGE:
                return
            after = found[-1].sequence

    def personal(self, sequence: int) -> dict[str, Any] | None:
        """Return the personal data that came with an event; None if there were none, or they were deleted.

        Raises:
            LedgerError: LED130 no key was given to this ledger, LED132 not the one needed, LED133 they were changed.
        """
        sealed = self.sealed(sequence)
        return None if sealed is None else unsalted(self.opened(sequence, *sealed))

    def sealed(self, sequence: int) -> tuple[str, bytes] | None:
        """Return (id of the key, sealed bytes) of an event."""
        self._flush()
        row = self._connection.execute(sa.select(PERSONAL).where(PERSONAL.c.sequence == sequence)).first()
        return None if row is None else (row.key_id, row.sealed)

    def opened(self, sequence: int, key: str, sealed: bytes) -> bytes:
        """Return salted personal data, and compare them with what the chain holds of them."""
        where = f"event {sequence}"
        chosen = sa.select(EVENT.c.commitment).where(EVENT.c.sequence == sequence)
        if self._connection.execute(chosen).scalar() != _committed(key, sealed):
            raise LedgerError("LED133", expected="personal data as they were sealed", got="others", where=where)
        if not key:
            return sealed
        if self._sealer is None:
            raise LedgerError("LED130", expected="a key for personal data", got="none", where=where, todo="give it")
        return self._sealer.open(sealed, about(self.ledger_id, sequence), key, where)


@cache
def _of_subjects(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.subject.in_(sa.bindparam("wanted", expanding=True)))


@cache
def _highest(table: sa.Table) -> sa.Select[Any]:
    numbers = sa.select(table.c.number).where(table.c.machine == sa.bindparam("kind"))
    return numbers.order_by(table.c.number.desc()).limit(1)


def _committed(key: str, sealed: bytes) -> bytes:
    try:
        return commitment_of(key, sealed)
    except (TypeError, UnicodeEncodeError):  # columns that hold something else than was put there
        return b""


def stored(row: Row, digest: bytes) -> Stored:
    """Return an event as the rooms above know it."""
    return Stored(
        row.sequence, Event(row.kind, row.subject, _decode(row.facts)), Caller(row.caller, row.role), row.request_id,
        instant(row.at_us), digest, bool(row.commitment),
    )  # fmt: skip
