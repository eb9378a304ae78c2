"""The one door to the ledger: requests become events, hashed, stored and projected together or not at all.

All writers of a ledger, threads, processes and hosts, take turns by a lock of the database, for each event needs the
digest of the one before. Requests that wait are stored by whoever has the turn, and made durable by one commit: the
disk's own rate bounds commits, not requests. A request that fails writes nothing; one that breaks the transaction
itself is found by storing each of its group alone.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa

from sito.errors import LedgerError
from sito.ledger import engines
from sito.ledger.changes import Changes
from sito.ledger.events import (
    Caller,
    CallerRole,
    Event,
    Receipt,
    Row,
    Stored,
    check_word,
    digest_of,
    encoded,
    microseconds,
)
from sito.ledger.projections import Projection, contents, is_current, rebuild
from sito.ledger.schema import EVENT, LEDGER_ID, PERSONAL, STATE, check, upgrade, version_of
from sito.ledger.sealing import Sealer, about, commitment_of, salted
from sito.ledger.views import View, stored

GROUP_MAX = 256  # requests that one commit makes durable
EVENTS_MAX = 10_000  # of one request
WITNESS = Caller("sito", CallerRole.SYSTEM)

Work = Callable[[View], Sequence[Event]]


class Witness(Protocol):
    """Adds an event of its own behind every so many others: a signed checkpoint."""

    every: int
    kind: str

    def event(self, view: View) -> Event:
        """Return the event, about the end of the chain as the view has it."""

    def tell(self, event: Event) -> None:
        """Take notice that the event is durable; must not raise."""


class Head(NamedTuple):
    """The end of the chain."""

    sequence: int
    digest: bytes


class _Known(NamedTuple):
    """A request that is stored."""

    first: int
    event_count: int
    request_digest: str
    digest: bytes


class _BrokenError(Exception):
    """What was begun cannot be gone on with; the cause is the fault of one request."""


class _Turn:
    """One transaction of a writer: the rows of its events are written together, at its end or when somebody asks.

    Attributes:
        head: The end of the chain, with the events that are only kept in mind.
        known: Requests that were stored before, by id.
        rows, sealed: Not written yet.
    """

    def __init__(
        self, connection: sa.Connection, ledger_id: str, sealer: Sealer | None, group: Sequence[_Request]
    ) -> None:
        self.connection = connection
        self.rows: list[dict[str, Any]] = []
        self.sealed: list[dict[str, Any]] = []
        about = [request.about for request in group if request.about]
        self.changes = Changes(connection)
        self.view = View(connection, ledger_id, sealer, self.flush, changes=self.changes, about=about)
        self.head = Head(*self.view.head())
        ids = [request.request_id for request in group]
        firsts = sa.select(EVENT.c.request_id, EVENT.c.sequence, EVENT.c.count, EVENT.c.request_digest)
        self.known: dict[str, _Known] = {}
        for request_id, first, count, digest in connection.execute(
            firsts.where(EVENT.c.request_id.in_(ids), EVENT.c.place == 0)
        ).all():
            last = connection.execute(sa.select(EVENT.c.digest).where(EVENT.c.sequence == first + count - 1)).scalar()
            self.known[request_id] = _Known(first, count, digest, last or b"")

    def flush(self) -> None:
        """Write down what is only kept in mind."""
        rows, self.rows = self.rows, []
        sealed, self.sealed = self.sealed, []
        if rows:
            self.connection.execute(EVENT.insert(), rows)
        if sealed:
            self.connection.execute(PERSONAL.insert(), sealed)


class _Request:
    """One request on its way.

    Attributes:
        about: Subject whose rows its work will ask for; empty if that is not known.
        deleted: Events whose personal data go with it.
        leads: Its thread stores what waits.
        gate: Closed until it is done, or leads.
        receipt, error: One of them, once it is done.
    """

    __slots__ = (
        "about", "at_us", "caller", "deleted", "digest", "done", "error", "gate", "leads", "receipt", "request_id",
        "work",
    )  # fmt: skip

    def __init__(
        self, work: Work, request_id: str, digest: str, *, caller: Caller, at_us: int, deleted: tuple[int, ...],
        about: str = "",
    ) -> None:  # fmt: skip
        self.work = work
        self.about = about
        self.request_id = request_id
        self.digest = digest
        self.caller = caller
        self.at_us = at_us
        self.deleted = deleted
        self.done = False
        self.leads = False
        self.gate = threading.Lock()
        self.gate.acquire()
        self.receipt: Receipt | None = None
        self.error: BaseException | None = None


class Ledger:
    """An open ledger; threads share it. A context manager.

    Use `Ledger.open`.
    """

    def __init__(
        self, access: engines.Access, ledger_id: str, sealer: Sealer | None, projections: Sequence[Projection],
        *, witness: Witness | None = None, witnessed: int = 0,
    ) -> None:  # fmt: skip
        self._access = access
        self._witness = witness
        self._witnessed = witnessed  # sequence of the last event of the witness that is known here
        self._sealer = sealer
        self._projections = tuple(projections)
        self._waiting: deque[_Request] = deque()
        self._lock = threading.Lock()  # of what waits, and of who leads
        self._is_led = False  # is somebody storing what waits?
        self._is_key_known = False  # was the key compared with that of what is sealed already?
        self.ledger_id = ledger_id

    @classmethod
    def create(cls, url: str) -> str:
        """Make a ledger in a database that has none, or bring one to the newest version; return its id.

        Raises:
            LedgerError: LED110 a wrong URL, LED112 a ledger of a newer version, LED120 the database cannot be used.
        """
        access = engines.access(url)
        try:
            with engines.told(access.where), access.writing() as connection:
                if version_of(connection):
                    with_newer(connection, access.where)
                upgrade(connection)
                found = _ledger_id(connection)
                if not found:
                    found = str(uuid.uuid4())
                    connection.execute(STATE.insert().values(name=LEDGER_ID, value=found))
            return found
        finally:
            access.close()

    @classmethod
    def open(
        cls, url: str, *, sealer: Sealer | None = None, projections: Sequence[Projection] = (),
        witness: Witness | None = None,
    ) -> Ledger:  # fmt: skip
        """Open a ledger.

        Args:
            url: `sqlite:///FILE`, or `postgresql+psycopg://...`.
            sealer: Seals personal data; a ledger in a file stores none without.
            projections: Kept up from now on; one that is not as it should be is made anew.
            witness: Adds its event behind every so many others, in the same commit: see `checkpoints.Checkpoints`.

        Raises:
            LedgerError: LED110 a wrong URL, LED111 no ledger, LED112 one of another version, LED120 the database cannot
                be used.
        """
        access = engines.access(url)
        try:
            access.look()
            with engines.told(access.where), access.reading() as connection:
                check(connection, access.where)
                ledger_id = _ledger_id(connection)
                if not ledger_id:
                    raise LedgerError("LED111", expected="a ledger with its id", got="none", where=access.where)
                late = [one for one in projections if not is_current(connection, one)]
                witnessed = _last_of(connection, witness.kind) if witness else 0
            ledger = cls(access, ledger_id, sealer, projections, witness=witness, witnessed=witnessed)
            if late:
                ledger.rebuild(late)
        except BaseException:
            access.close()
            raise
        return ledger

    def close(self) -> None:
        """Let go of the database."""
        self._access.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[View]:
        """Give the ledger as it is now: a snapshot that keeps nobody waiting.

        Raises:
            LedgerError: LED120 the database cannot be used.
        """
        with engines.told(self._access.where), self._access.reading() as connection:
            yield View(connection, self.ledger_id, self._sealer)

    def transact(
        self, work: Work, *, request_id: str, caller: Caller, at: datetime, request_digest: str = "", about: str = "",
    ) -> Receipt:  # fmt: skip
        """Store what a request does.

        Args:
            work: Looks at the ledger as it is in this turn, and returns events. Whatever it raises is raised here, and
                nothing is stored. It may be called again, after a commit that failed, and has no other effect.
            request_id: Of the caller; the same again, with an equal `request_digest`, does nothing and gets the receipt
                of the first.
            caller: Who asks.
            at: When; the clock is the caller's.
            request_digest: Of the content of the request.
            about: Subject whose rows `work` asks for by `View.rows_of`: those of a group are fetched together.

        Returns:
            The receipt; everything it tells is durable.

        Raises:
            LedgerError: LED101 to LED104 what cannot be stored; LED120 it is not known whether it was stored: ask again
                with the same request id; LED130 personal data without a key in a file; LED132 with a key
                that is none of this ledger; LED199 the request id was used
                for something else.
        """
        return self._store(_request(work, request_id, request_digest, caller=caller, at=at, about=about))

    def delete_personal(
        self, sequences: Sequence[int], *, allowed: Callable[[View, Stored], None], facts: Mapping[str, Any],
        request_id: str, caller: Caller, at: datetime,
    ) -> Receipt:  # fmt: skip
        """Delete the personal data of events, and record that and why; the chain stays whole.

        See `sito.ledger.retention.delete`, which is what to call.

        Args:
            allowed: Raises for an event whose data must stay.
            facts: Why they go; they stay in the chain.

        Raises:
            LedgerError: As `transact`; LED140 an event has none, or they were deleted before.
        """
        chosen = tuple(sorted(set(sequences)))
        if not 0 < len(chosen) <= EVENTS_MAX:
            raise LedgerError(
                "LED102", expected=f"1 to {EVENTS_MAX} events at a time", got=str(len(chosen)), where="events"
            )

        def work(view: View) -> list[Event]:
            for sequence in chosen:
                if view.sealed(sequence) is None:
                    raise LedgerError(
                        "LED140", expected="events with personal data", got="one without", where=f"event {sequence}"
                    )
                allowed(view, next(view.events(after=sequence - 1)))
            return [Event("personal_deleted", "ledger", {**facts, "sequences": list(chosen)})]

        digest = digest_of("personal_deleted", *map(str, chosen), encoded(facts, "facts").decode())
        receipt = self._store(_request(work, request_id, digest, caller=caller, at=at, deleted=chosen))
        self._access.forget()
        return receipt

    def rebuild(self, projections: Sequence[Projection] | None = None) -> None:
        """Make projections anew from all events, all of them by default, while writers wait."""
        with engines.told(self._access.where), self._access.writing() as connection:
            view = View(connection, self.ledger_id, None)
            for projection in self._projections if projections is None else projections:
                rebuild(connection, projection, view.events())

    def renew(self) -> list[str]:
        """Make all projections anew, and return the names of those that had not been what follows from the events."""
        with engines.told(self._access.where), self._access.writing() as connection:
            view = View(connection, self.ledger_id, None)
            wrong = []
            for projection in self._projections:
                before = contents(connection, projection)
                rebuild(connection, projection, view.events())
                if contents(connection, projection) != before:
                    wrong.append(projection.name)
            return wrong

    def damages(self) -> list[str]:
        """Return what the database says of its own file that cannot be."""
        with engines.told(self._access.where), self._access.reading() as connection:
            return self._access.damages(connection)

    def contents(self) -> dict[str, bytes]:
        """Return a digest of what each projection holds."""
        with engines.told(self._access.where), self._access.reading() as connection:
            return {projection.name: contents(connection, projection) for projection in self._projections}

    # --- writing ----------------------------------------------------------------------------------------------------

    def _store(self, request: _Request) -> Receipt:
        with self._lock:
            self._waiting.append(request)
            request.leads = not self._is_led
            self._is_led = True
        try:
            if not request.leads:
                request.gate.acquire()
            while request.leads and not request.done:
                self._commit_some()
        finally:
            self._leave(request)
        if request.receipt is None:
            raise request.error or _unknown(RuntimeError())
        return request.receipt

    def _leave(self, request: _Request) -> None:
        """Go, done or interrupted; who led lets the first of those who wait lead, and only that one wakes up."""
        with self._lock:
            if not request.done and request in self._waiting:
                self._waiting.remove(request)  # its caller was interrupted, and nobody has begun with it
            if not request.leads:
                return
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].gate.release()
            else:
                self._is_led = False

    def _commit_some(self) -> None:
        """Store the requests that wait, by one commit; where one of them breaks it, each by its own."""
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_MAX))]
        try:
            try:
                self._commit(group)
            except _BrokenError:
                for request in group:
                    self._commit([request])
        except BaseException as error:
            for request in group:
                if not request.done:
                    request.receipt = None
                    request.error = error if isinstance(error, LedgerError) else _unknown(error)
            if not isinstance(error, LedgerError):
                raise
        finally:
            for request in group:
                request.done = True
                if not request.leads:
                    request.gate.release()

    def _commit(self, group: Sequence[_Request]) -> None:
        """Store some requests by one commit.

        Raises:
            LedgerError: LED120.
            _BrokenError: One of several has broken it; nothing was stored.
        """
        witnessed: Event | None = None
        with engines.told(self._access.where), self._access.writing() as connection:
            turn = _Turn(connection, self.ledger_id, self._sealer, group)
            try:
                for request in group:
                    request.receipt = request.error = None
                    try:
                        request.receipt = self._add(turn, request)
                    except (_BrokenError, sa.exc.SQLAlchemyError):
                        raise
                    except Exception as error:  # of the request: nothing was written for it
                        request.error = error
                witnessed = self._add_witnessed(turn, group[-1].at_us)
                turn.flush()
                turn.changes.write()
            except (_BrokenError, sa.exc.SQLAlchemyError) as error:
                if getattr(error, "connection_invalidated", False):
                    raise
                if len(group) > 1:
                    raise _BrokenError from None
                # It was alone, so the fault is its own, whatever the database says to it; the others go on.
                group[0].receipt = None
                group[0].error = error.__cause__ if isinstance(error, _BrokenError) else engines.refused(error)
                connection.rollback()
                witnessed = None
        if witnessed is not None and self._witness is not None:
            self._witnessed = turn.head.sequence
            self._witness.tell(witnessed)
        for request in group:
            request.done = True

    def _add_witnessed(self, turn: _Turn, at_us: int) -> Event | None:
        """Add the event of the witness if it is due, and return it; another process may have added one."""
        witness = self._witness
        if witness is None or turn.head.sequence - self._witnessed < witness.every:
            return None
        self._witnessed = _last_of(turn.connection, witness.kind)
        if turn.head.sequence - self._witnessed < witness.every:
            return None
        event = witness.event(turn.view)
        # A name that nobody can take before: a request id that is known would break every commit.
        request = _Request(
            lambda _: [event], f"{witness.kind}-{uuid.uuid4()}", "", caller=WITNESS, at_us=at_us, deleted=()
        )
        self._add(turn, request)
        return event

    def _add(self, turn: _Turn, request: _Request) -> Receipt:
        """Store one request behind the chain."""
        known = turn.known.get(request.request_id)
        if known is not None:
            return _repeated(known, request)
        events = list(request.work(turn.view))
        if len(events) > EVENTS_MAX:
            raise LedgerError(
                "LED102", expected=f"at most {EVENTS_MAX} events of one request", got=str(len(events)), where="events"
            )
        if not self._is_key_known and any(event.personal is not None for event in events):
            self._check_key(turn)
        head = turn.head
        rows: list[dict[str, Any]] = []
        sealed: list[dict[str, Any]] = []
        told = []
        for place, event in enumerate(events):
            row, personal = self._row(head, request, event, place, len(events))
            head = Head(row.sequence, row.digest())
            rows.append({**msgspec.structs.asdict(row), "digest": head.digest})
            told.append(stored(row, head.digest))
            sealed += personal
        # From here on it writes: what goes wrong now would leave a part of it.
        try:
            for one in told:
                for projection in self._projections:
                    projection.apply(turn.changes, one)
                turn.view.forget(one.event.subject)
            if request.deleted:
                turn.flush()
                turn.connection.execute(PERSONAL.delete().where(PERSONAL.c.sequence.in_(request.deleted)))
        except sa.exc.SQLAlchemyError:
            raise
        except Exception as error:
            raise _BrokenError from error
        if not rows:
            return Receipt(0, 0, "", False)
        turn.rows += rows
        turn.sealed += sealed
        turn.known[request.request_id] = _Known(turn.head.sequence + 1, len(rows), request.digest, head.digest)
        receipt = Receipt(turn.head.sequence + 1, len(rows), head.digest.hex(), False)
        turn.head = head
        return receipt

    def _check_key(self, turn: _Turn) -> None:
        """Refuse a key with which nobody who has the right one could read what is sealed from now on."""
        if self._sealer is not None:
            sealed = sa.select(PERSONAL.c.key_id).where(PERSONAL.c.key_id != "")
            found = turn.connection.execute(sealed.order_by(PERSONAL.c.sequence.desc()).limit(1)).scalar()
            if isinstance(found, str) and not self._sealer.knows(found):
                raise LedgerError(
                    "LED132", expected="the key that sealed last, alone or behind a newer one", got="other keys",
                    where=self._access.where, todo="give the older keys, too",
                )  # fmt: skip
        self._is_key_known = True

    def _row(
        self, head: Head, request: _Request, event: Event, place: int, count: int
    ) -> tuple[Row, list[dict[str, Any]]]:
        """Return the row of an event, and that of its personal data if it has any."""
        sequence = head.sequence + 1
        where = f"event {place + 1} of {count}"
        personal: list[dict[str, Any]] = []
        commitment = b""
        if event.personal is not None:
            data = salted(event.personal, where)
            key = ""
            if self._sealer is not None:
                key, data = self._sealer.key_id, self._sealer.seal(data, about(self.ledger_id, sequence))
            elif self._access.is_file:
                raise LedgerError(
                    "LED130", expected="a key for personal data in a file", got="none", where=where, todo="give a key"
                )
            commitment = commitment_of(key, data)
            personal.append({"sequence": sequence, "key_id": key, "sealed": data})
        row = Row(
            sequence, head.digest, check_word(event.kind, "kind"), check_word(event.subject, "subject"), request.at_us,
            request.caller.name, request.caller.role, request.request_id, request.digest, place, count,
            encoded(event.facts, where), commitment,
        )  # fmt: skip
        return row, personal


def _unknown(error: BaseException) -> LedgerError:
    return LedgerError(
        "LED120", expected="a commit", got=type(error).__name__, where="ledger",
        todo="whether a request under way was stored is not known: send it again with its request id",
    )  # fmt: skip


def with_newer(connection: sa.Connection, where: str) -> None:
    """Refuse to bring a ledger of a newer version to this one."""
    try:
        check(connection, where)
    except LedgerError as error:
        if not error.todo.endswith("upgrade`"):
            raise


def _request(
    work: Work, request_id: str, digest: str, *, caller: Caller, at: datetime, deleted: tuple[int, ...] = (),
    about: str = "",
) -> _Request:  # fmt: skip
    check_word(caller.name, "name of the caller")
    check_word(caller.role, "role of the caller")
    if digest:
        check_word(digest, "request digest")
    return _Request(
        work, check_word(request_id, "request id"), digest, caller=caller, at_us=microseconds(at), deleted=deleted,
        about=about,
    )  # fmt: skip


def _last_of(connection: sa.Connection, kind: str) -> int:
    """Return the sequence of the last event of a kind, 0 if there is none."""
    chosen = sa.select(EVENT.c.sequence).where(EVENT.c.kind == kind).order_by(EVENT.c.sequence.desc()).limit(1)
    return int(connection.execute(chosen).scalar() or 0)


def _ledger_id(connection: sa.Connection) -> str:
    found = connection.execute(sa.select(STATE.c.value).where(STATE.c.name == LEDGER_ID)).scalar()
    return found if isinstance(found, str) and found.isascii() else ""


def _repeated(known: _Known, request: _Request) -> Receipt:
    """Return the receipt of a request that was stored before."""
    if known.request_digest != request.digest:
        raise LedgerError(
            "LED199", expected="a request id that is new, or the same request", got="another request under it",
            where="request id", todo="use a new request id",
        )  # fmt: skip
    return Receipt(known.first, known.event_count, known.digest.hex(), True)
