"""What a serving process keeps of what it screened, until a case is made of it.

A payment that alarms is on the disk, with its bytes as they came, before its answer leaves; one that passes is only
counted. Nothing is converted here: whoever takes the journal (`sito_server.taking`) screens the record again, with the
index and policy that are named beside it.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

import msgspec

from sito.delta import AnyIndex, UpdatedIndex
from sito.errors import JournalError, SitoError
from sito.index import Index
from sito.journal import JournalWriter
from sito.journal.form import sync_folder
from sito.ledger.sealing import Sealer, read_key
from sito.policy.verdict import Policy
from sito.screen import ScreenConfig
from sito.version import VERSION
from sito_server.config import ServeConfig

INDEXES = "indexes"  # folder within the journal's that keeps every index that was in use
COUNT_S = 1.0  # between two frames of counts; a process that is killed loses those of so long

log = logging.getLogger("sito_server")
Clock = Callable[[], datetime]


class Session(msgspec.Struct, frozen=True, tag="session"):
    """What all frames of a file have in common; its first frame."""

    engine_version: str
    policy_id: str
    policy_version: str
    policy_edition: str
    own_bic: tuple[str, ...]
    config: ScreenConfig


class Alert(msgspec.Struct, frozen=True, array_like=True):
    """One record that alarmed.

    Attributes:
        place: In its message.
        verdict, rule_id: As it was answered.
        data: Bytes of the message `sito.v1.Record`.
    """

    place: int
    verdict: str
    rule_id: str
    data: bytes


class Alerts(msgspec.Struct, frozen=True, tag="alerts"):
    """The records of one message that alarmed.

    Attributes:
        at_us: Microseconds since 1970.
        on: Day by whose rules it was judged.
        index_digest: Of the index it was screened with.
        caller: Name in the certificate of who asked; empty without one.
        cleared: Messages `sito.v1.Clearance` of the request.
    """

    at_us: int
    on: date
    index_digest: str
    request_id: str
    caller: str
    cleared: tuple[bytes, ...]
    alerts: tuple[Alert, ...]


class Counts(msgspec.Struct, frozen=True, tag="counts"):
    """How much was screened since the last such frame, with one index.

    Attributes:
        lookups: Names that somebody looked up; no case is made of what they find.
    """

    from_us: int
    to_us: int
    index_digest: str
    records: int
    alerts: int
    rejects: int
    lookups: int = 0


Entry = Session | Alerts | Counts


def utc_now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


def now_us(clock: Clock) -> int:
    """Return microseconds since 1970."""
    return int((clock() - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


class Journal:
    """The journal of one serving process. Threads share it. A context manager.

    Args:
        folder: Shared by the processes of a server.
        sealer: Seals it: it holds personal data.
        policy, own_bic, config: Of the server.
        clock: Tells the time, with its zone.

    Raises:
        JournalError: JRN101 the folder cannot be used.
    """

    def __init__(
        self, folder: Path, *, sealer: Sealer, policy: Policy, own_bic: Sequence[str], config: ScreenConfig,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        session = Session(VERSION, policy.id, policy.version, policy.edition, tuple(own_bic), config)
        self._folder = folder
        self._clock = clock = clock or utc_now
        self._writer = JournalWriter(folder, sealer=sealer, begin=msgspec.msgpack.encode(session))
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._since_us = now_us(clock)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._count_often, name="sito-journal", daemon=True)
        self._thread.start()

    @classmethod
    def of(cls, config: ServeConfig, policy: Policy, *, clock: Clock = lambda: datetime.now(UTC)) -> Journal | None:
        """Return the journal that settings ask for, if they do.

        Raises:
            JournalError: As the class. LedgerError: LED131 no such key.
        """
        if config.journal is None or config.journal_key_file is None:
            return None
        return cls(
            config.journal, sealer=Sealer(read_key(config.journal_key_file)), policy=policy, own_bic=config.own_bic,
            config=config.screening, clock=clock,
        )  # fmt: skip

    def keep(self, index: AnyIndex) -> None:
        """Keep the files of an index for whoever takes the journal: its own name may soon be that of another.

        Raises:
            JournalError: JRN105 they are gone already, or cannot be kept.
        """
        both = ((index.base, False), (index.delta, True)) if isinstance(index, UpdatedIndex) else ((index, False),)
        for one, is_delta in both:
            with self._keeping:  # whoever asks first copies it; it may be large
                _keep(Path(one.info.path), one.info.digest, self._folder / INDEXES, is_delta=is_delta)

    def alarmed(
        self, alerts: Sequence[Alert], *, index_digest: str, on: date, request_id: str, caller: str,
        cleared: Sequence[bytes],
    ) -> None:  # fmt: skip
        """Bring the records of a message that alarmed to the disk.

        Raises:
            JournalError: JRN102 they may not be there: the message must not be answered.
        """
        entry = Alerts(now_us(self._clock), on, index_digest, request_id, caller, tuple(cleared), tuple(alerts))
        self._writer.append(msgspec.msgpack.encode(entry))

    def count(self, index_digest: str, records: int, alerts: int = 0, rejects: int = 0, *, lookups: int = 0) -> None:
        """Count what was answered."""
        with self._lock:
            counts = self._counts.get(index_digest)
            if counts is None:
                counts = self._counts[index_digest] = Counter()
            counts["records"] += records
            if alerts or rejects or lookups:
                counts["alerts"] += alerts
                counts["rejects"] += rejects
                counts["lookups"] += lookups

    def close(self) -> None:
        """Write the last counts and end the file; a second time does nothing."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._thread.join()
            self.tell_counts()
            self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count_often(self) -> None:
        while not self._stopped.wait(COUNT_S):
            self.tell_counts()

    def tell_counts(self) -> None:
        """Write what was counted since the last time."""
        now = now_us(self._clock)
        with self._lock:
            counts, self._counts = self._counts, {}
            since, self._since_us = self._since_us, now
        for digest, one in counts.items():
            entry = Counts(since, now, digest, one["records"], one["alerts"], one["rejects"], one["lookups"])
            try:
                self._writer.append(msgspec.msgpack.encode(entry))
            except JournalError as error:  # alerts fail their call; counts are added to the next
                log.error("counts not kept", extra={"facts": {"code": error.code, "reason": error.got}})
                with self._lock:
                    self._counts.setdefault(digest, Counter()).update(one)
                    self._since_us = since


def _keep(path: Path, digest: str, folder: Path, *, is_delta: bool) -> None:
    kept = folder / f"{digest}.{'delta' if is_delta else 'index'}"
    if kept.exists():
        return
    partial = folder / f"{digest}.{os.getpid()}.{time.monotonic_ns()}.partial"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, partial)  # costs nothing where the folder is on the same file system
        except OSError:
            shutil.copyfile(path, partial)
            with partial.open("rb") as stream:
                os.fsync(stream.fileno())
        with Index.open_as(partial, delta=is_delta, verify=False) as found:
            if found.info.digest != digest:
                raise JournalError("JRN105", expected=f"index {digest[:12]}", got="another", where=path.name)
        partial.rename(kept)
        sync_folder(folder)
    except (OSError, SitoError) as error:
        got = error.strerror or "an input/output error" if isinstance(error, OSError) else str(error.code)
        raise JournalError(
            "JRN105", expected=f"index {digest[:12]} to be kept", got=got, where=path.name,
            todo="the server goes on with the next index; see that the journal has room",
        ) from None  # fmt: skip
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
