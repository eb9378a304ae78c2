"""A server goes on to a new index, or to a new delta, without a pause: built aside, swapped between batches.

`Generations` looks at two files from time to time. What has changed is opened and verified in the thread that looks,
tried, and only then takes the place of the generation in use; calls that began on the former one end on it, and it is
closed when the last of them has. A file that is damaged, foreign or gone never takes the place of a good one: it is
reported, and the generation in use goes on for as long as the caller lets it grow old.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from sito.delta import AnyIndex, UpdatedIndex, over
from sito.errors import IndexFileError, SitoError
from sito.index import Index, IndexInfo
from sito.screen import ScreenConfig, Screener

INTERVAL_SECONDS = 0.2
RETRY_SECONDS = 10.0  # until a file that could not be opened for want of memory or handles is tried again
BESIDE = 2  # short searches at a time beside long ones, where these are few
# Of how many words the memories of long and short searches remember, where these are few. Half of what a library takes
# for an index costs 4 to 6 % more time in the long run and spares each process 16 MiB; for a delta less than it takes
# would cost a sixth of its time; and a short search has not the time to remember much.
INDEX_BITS, DELTA_BITS = (17, 14), (16, 14)
DELTA_SUFFIX = ".delta"

_LOG = logging.getLogger(__name__)


class Word(StrEnum):
    """What happened, in an event."""

    SWAPPED = "swapped"  # a new generation is in use
    REFUSED = "refused"  # a file must not be used; what was in use goes on
    OBSOLETE = "obsolete"  # a delta of an older index lies beside a newer one and is left out
    CLOSED = "closed"  # the last call on a former generation has ended


class Event(NamedTuple):
    """What the watcher did or refused; holds no names of people.

    Attributes:
        generation: Number of the generation that the event is about; of a refusal the one that goes on, 0 for none.
        code: Of the error, for `REFUSED`.
        message: One line for a log.
        seconds: That opening and verifying took.
    """

    word: Word
    generation: int
    code: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Generation:
    """What is in use.

    Attributes:
        number: 1 for the first, then rising.
        info: Of the index with its delta: the editions in force.
        base, delta: Of each file; `delta` is None without one.
        loaded_at: When it came into use, `time.monotonic` seconds.
        built_at: When the newer of the files was built, UTC.
    """

    number: int
    info: IndexInfo
    base: IndexInfo
    delta: IndexInfo | None
    loaded_at: float
    built_at: datetime

    def age_seconds(self, now: datetime | None = None) -> float:
        """Return how long ago the newer of the files was built."""
        return ((now or datetime.now(UTC)) - self.built_at).total_seconds()


class Refusal(NamedTuple):
    """A file that lies there and must not be used, or is gone."""

    file: str
    code: str
    message: str
    since: float


class _Stamp(NamedTuple):
    """By what a new file is known: renames and rewrites change at least one of these."""

    device: int
    inode: int
    modified_ns: int
    size_bytes: int


_UNSEEN = _Stamp(0, 0, 0, -1)  # of a file that cannot be looked at


@dataclass
class _Held:
    """An index and how many hold on to it: closed with the last."""

    index: AnyIndex
    base: _Held | None = None
    holders: int = 0


@dataclass
class _Serving:
    """A generation with all that goes when its last call ends."""

    facts: Generation
    screener: Screener
    held: _Held
    base_stamp: _Stamp
    leases: int = 0
    retired: bool = False


@dataclass
class _Seen:
    """What was last looked at."""

    base: _Stamp | None = None
    delta: _Stamp | None = None
    refusals: dict[str, Refusal] = field(default_factory=dict)
    retry_at: float = 0.0


class _Lease:
    """A screener lent from the beginning of a `with` to its end: a class, for a generator costs an inline call more."""

    __slots__ = ("_lender", "_serving")

    def __init__(self, lender: Generations) -> None:
        self._lender = lender

    def __enter__(self) -> Screener:
        self._serving = self._lender.take()
        return self._serving.screener

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lender.give_back(self._serving)


class Generations:
    """Watches an index and its delta, and lends a screener over what is in force. Threads may share it.

    Args:
        index: Where the index stands, or will.
        delta: Where its delta stands, or will; beside the index and named like it with `.delta` if None. One that
            belongs to another index is refused, unless it and that index are older than this one: then it was overtaken
            and is left out.
        config: Of the screeners.
        interval: Seconds between two looks.
        verify: Verify files as `Index.open` does. To be left out only where the parent process has done so.
        check: Called with the screener of a new generation before it takes over; what it raises refuses that.
        on_event: Called for every event, in the thread that looks or ends the last call; must not raise.
        required: Without it the object can be made before there is an index that may be used.
        searches: So many long ones at a time, each with a memory of its own, half as large; others wait for one of
            those, and short ones go by, some at a time. None is any number, of which one a core has a large memory.
        niceness: Of the thread that looks, above 0 for one that gives way; only for processes that do nothing else, for
            it may be made to wait while it has the interpreter.

    Raises:
        IndexFileError: With `required`: as `Index.open` and `sito.delta.over`. A delta that lies there must be
            usable too: without it those it added would be missed.
        ScreenError: With `required`: the config does not fit.
    """

    def __init__(
        self, index: Path | str, delta: Path | str | None = None, *, config: ScreenConfig | None = None,
        interval: float = INTERVAL_SECONDS, verify: bool = True,
        check: Callable[[Screener], None] | None = None, on_event: Callable[[Event], None] | None = None,
        required: bool = True, searches: int | None = None, niceness: int = 0,
    ) -> None:  # fmt: skip
        self._index_path = Path(index)
        self._delta_path = Path(delta) if delta is not None else Path(f"{index}{DELTA_SUFFIX}")
        self._config = config or ScreenConfig()
        self._interval = interval
        self._verify = verify
        self._searches = searches
        self._niceness = niceness
        self._check, self._on_event = check, on_event
        self._lock = threading.Lock()  # of what is in use and how often; held for moments only
        self._looking = threading.Lock()  # of one look at a time
        self._stopped = threading.Event()
        self._serving: _Serving | None = None
        self._seen = _Seen()
        self._numbers = 0
        self._thread: threading.Thread | None = None
        self._look(first=required)

    @property
    def current(self) -> Generation | None:
        """What is in use, None if nothing is."""
        serving = self._serving
        return serving.facts if serving else None

    @property
    def refusals(self) -> Mapping[str, Refusal]:
        """What is wrong with the files as they lie there now, by file name; empty if what is there is in use."""
        return dict(self._seen.refusals)

    def lease(self) -> AbstractContextManager[Screener]:
        """Lend the screener of the generation in use; it and its results stay valid until the context ends.

        Raises:
            IndexFileError: IDX111 there is none, when the context begins.
        """
        return _Lease(self)

    def take(self) -> _Serving:
        """Hold on to the generation in use; `give_back` has to follow. See `lease`."""
        with self._lock:
            serving = self._serving
            if serving is None:
                raise IndexFileError(
                    "IDX111", expected="an index in use", got="none that may be used", where=self._index_path.name,
                    todo="build one, or see what was refused",
                )  # fmt: skip
            serving.leases += 1
        return serving

    def give_back(self, serving: _Serving) -> None:
        """Let go what `take` held on to."""
        with self._lock:
            serving.leases -= 1
            ended = serving.retired and serving.leases == 0
        if ended:
            self._let_go(serving)

    def start(self) -> None:
        """Begin to look in a thread of its own; `close` ends it."""
        if self._thread is None and not self._stopped.is_set():
            self._thread = threading.Thread(target=self._watch, name="sito-generations", daemon=True)
            self._thread.start()

    def look(self) -> bool:
        """Look at the files now; returns whether a new generation came into use. What is wrong is reported."""
        return self._look(first=False)

    def close(self) -> None:
        """Stop looking and retire the generation in use: it goes with its last call. Then nothing is lent any more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        with self._looking:
            self._swap(None)

    def __enter__(self) -> Generations:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self) -> None:
        if self._niceness:
            with suppress(OSError):  # only a wish; Linux gives each thread its own
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        while not self._stopped.wait(self._interval):
            try:
                self._look(first=False)
            except Exception:  # the thread must outlive whatever a callback of the host does wrong
                _LOG.exception("a look at the index files failed")

    def _look(self, *, first: bool) -> bool:
        with self._looking:
            base, delta = _stamp(self._index_path), _stamp(self._delta_path)
            seen = self._seen
            due = bool(seen.retry_at) and time.monotonic() >= seen.retry_at
            if (base, delta) == (seen.base, seen.delta) and not first and not due:
                return False
            former = (seen.base, seen.delta)
            seen.base, seen.delta, seen.retry_at = base, delta, 0.0
            begun = time.perf_counter()
            try:
                serving = self._open(base, delta)
            except Exception as error:
                # Whatever it is: what is in use goes on, the alarm is raised, and what may pass is tried again.
                if not isinstance(error, SitoError):
                    seen.retry_at = time.monotonic() + RETRY_SECONDS
                self._refuse(error)
                if first:
                    raise
                return False
            if (_stamp(self._index_path), _stamp(self._delta_path)) != (base, delta):
                # Replaced while it was opened: the files may not belong together. The next look sees them anew.
                seen.base, seen.delta = former
                self._release(serving.held)
                if first:
                    raise IndexFileError(
                        "IDX101", expected="index files that rest", got="some that were just replaced",
                        where=self._index_path.name, todo="start again",
                    )  # fmt: skip
                return False
            try:
                self._prepare(serving)
            except Exception as error:  # there is no memory for it now, and may be later
                self._release(serving.held)
                seen.retry_at = time.monotonic() + RETRY_SECONDS
                self._refuse(error)
                return False
            seen.refusals.clear()
            self._swap(serving)
            self._tell(
                Event(
                    Word.SWAPPED, serving.facts.number, message=_described(serving.facts),
                    seconds=time.perf_counter() - begun,
                )
            )  # fmt: skip
            return True

    def _open(self, base_stamp: _Stamp | None, delta_stamp: _Stamp | None) -> _Serving:
        """Open what lies there as a generation of its own; of an unchanged base the one in use is shared."""
        serving = self._serving
        base: _Held | None = None
        if base_stamp is None:
            raise _missing(self._index_path)
        if serving is not None and serving.base_stamp == base_stamp:
            base = serving.held.base or serving.held
            if delta_stamp is None and serving.facts.delta is not None:
                # What is in use and gone from its place does not take its entries with it.
                raise _missing(self._delta_path)
        if base is None:
            opened = Index.open(self._index_path, verify=self._verify)
            if self._searches is not None:
                _bound(opened, self._searches, INDEX_BITS)
            base = _Held(opened)
        with self._lock:
            base.holders += 1
        held = base
        try:
            whole = base.index
            if not isinstance(whole, Index):
                raise TypeError("a base is a whole index")
            index: AnyIndex = whole
            if delta_stamp is not None:
                index = self._over(whole)
                if isinstance(index, UpdatedIndex):
                    held = _Held(index, base, 1)
                    if self._searches is not None:
                        _bound(index.delta, self._searches, DELTA_BITS)
            screener = Screener(index, self._config)
            self._try(screener)
        except BaseException:
            self._release(held)
            raise
        newer = index.delta.info if isinstance(index, UpdatedIndex) else None
        self._numbers += 1
        facts = Generation(
            self._numbers, index.info, whole.info, newer, time.monotonic(), _time((newer or whole.info).built_at)
        )
        return _Serving(facts, screener, held, base_stamp)

    def _try(self, screener: Screener) -> None:
        """Let the host try a new generation before it takes over."""
        if self._check is None:
            return
        try:
            self._check(screener)
        except SitoError:
            raise
        except Exception as error:  # a test that fails to run has not passed
            raise IndexFileError(
                "IDX112", expected="a self-test that passes", got=type(error).__name__, where=self._index_path.name
            ) from error

    def _over(self, base: Index) -> AnyIndex:
        """Lay the delta over a base; one that the base has overtaken is left out."""
        try:
            return over(base, self._delta_path, verify=self._verify)
        except IndexFileError as error:
            if error.code != "IDX110":
                raise
            with Index.open_as(self._delta_path, delta=True, verify=False) as delta:
                facts = delta.info.delta
                # Times are whole seconds: what is of the same one may be newer than this index.
                if facts is None or not (
                    _time(facts.base_built_at) < _time(base.info.built_at) > _time(delta.info.built_at)
                ):
                    raise
            self._tell(Event(Word.OBSOLETE, self._numbers + 1, error.code, str(error)))
            return base

    def _prepare(self, serving: _Serving) -> None:
        """Make the workspaces that the threads of the former generation will ask for."""
        former = self._serving
        if former is None:
            return
        pools = [segment.pool for segment in former.held.index.segments()]
        for segment in serving.held.index.segments():
            if segment.pool not in pools:
                segment.pool.prepare(segment.matcher, max(1, pools[0].count))

    def _swap(self, serving: _Serving | None) -> None:
        with self._lock:
            former, self._serving = self._serving, serving
            if former is not None:
                former.retired = True
            ended = former is not None and former.leases == 0
        if former is not None and ended:
            self._let_go(former)

    def _let_go(self, serving: _Serving) -> None:
        self._release(serving.held)
        self._tell(Event(Word.CLOSED, serving.facts.number))

    def _release(self, held: _Held) -> None:
        """Close an index with its last holder, then what it lies over."""
        with self._lock:
            held.holders -= 1
            last = held.holders <= 0
        if last:
            held.index.close()
            if held.base is not None:
                self._release(held.base)

    def _refuse(self, error: Exception) -> None:
        serving = self._serving
        code = error.code if isinstance(error, SitoError) else "IDX101"
        where = error.where if isinstance(error, SitoError) else self._index_path.name
        message = str(error) if isinstance(error, SitoError) else type(error).__name__
        self._seen.refusals[where] = Refusal(where, code, message, time.monotonic())
        self._tell(Event(Word.REFUSED, serving.facts.number if serving else 0, code, message))

    def _tell(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)


def _bound(index: Index, searches: int, bits: tuple[int, int]) -> None:
    """Bound what an index that was just opened takes of memory to be searched."""
    pool = index.workspaces()
    pool.full_max, pool.few_max, pool.bits = searches, max(BESIDE, searches), bits


def _missing(path: Path) -> IndexFileError:
    return IndexFileError(
        "IDX101", expected="a readable index file", got="none", where=path.name,
        todo="put it in place; what was in use stays so until this process ends",
    )  # fmt: skip


def _stamp(path: Path) -> _Stamp | None:
    """Return what tells a file from the one that stood there before, None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError:  # it may well be there: opening it says what is wrong, and refuses
        return _UNSEEN
    return _Stamp(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


def _time(text: str) -> datetime:
    """Read a time of a header; one without a zone, or none, is taken for the beginning of time: too old."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else datetime.fromtimestamp(0, UTC)


def _described(facts: Generation) -> str:
    told = f"{facts.info.entry_count} entries of {len(facts.info.editions)} lists, built {facts.info.built_at}"
    change = facts.info.delta
    if change is not None:
        told += f", with {change.added} added, {change.changed} changed and {change.removed} removed by a delta"
    return told
