"""Worker processes: each opens the index for itself, takes chunks and gives encoded lines back, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from sito.batch.lines import Chunk, ChunkResult, ChunkScreener
from sito.errors import ScreenError, SitoError
from sito.formats import RowConverter
from sito.index import Index, IndexInfo
from sito.screen import ScreenConfig, Screener

CHUNKS_IN_FLIGHT = 3  # of each worker: one at work, one waiting, one on its way; more only costs memory


class Setup(msgspec.Struct, frozen=True):
    """What a worker needs before its first chunk.

    Attributes:
        index: Path of the index file, which the parent has verified.
        info: What the parent saw in it.
        converter: As for `ChunkScreener`.
    """

    index: Path
    info: IndexInfo
    config: ScreenConfig
    converter: RowConverter | None
    include_all: bool


class Pool:
    """Screens chunks in several processes. Use it as a context manager.

    Args:
        count: Processes, at least 1.
        setup: The same for all of them.

    Raises:
        ScreenError: SCR201 a worker died; SCR202 the index was replaced while the run began. Both from `screen`.
    """

    def __init__(self, count: int, setup: Setup) -> None:
        self._count = count
        # A forked copy of a process with threads may hang on a lock; new processes cannot.
        self._executor = ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), initializer=_start, initargs=(setup,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def screen(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """Yield the results of the chunks in their order; only a few chunks are held at a time."""
        waiting: deque[Future[ChunkResult]] = deque()
        try:
            for chunk in chunks:
                waiting.append(self._submit(chunk))
                if len(waiting) >= CHUNKS_IN_FLIGHT * self._count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise ScreenError(
                "SCR201", expected="worker processes that live until the end", got="one that ended",
                todo="look for a kill or for too little memory, then run again; fewer --workers need less",
            ) from None  # fmt: skip

    def _submit(self, chunk: Chunk) -> Future[ChunkResult]:
        # Processes are started on demand and inherit what is blocked: an interrupt from the keyboard reaches the parent
        # alone, which then ends its workers in order.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._executor.submit(_screen, chunk)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


_state: ChunkScreener | SitoError | None = None


def _start(setup: Setup) -> None:
    """Open the index in a new process; an error waits for the first chunk, so that it travels to the parent."""
    global _state  # noqa: PLW0603  (a process of a pool has nothing but globals between its calls)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        index = Index.open(setup.index, verify=False)
        if index.info != setup.info:
            raise ScreenError(
                "SCR202", expected="the index that was verified", got="another file under its name",
                where=setup.index.name, todo="run again",
            )  # fmt: skip
        _state = ChunkScreener(Screener(index, setup.config), setup.converter, setup.include_all)
    except SitoError as error:
        _state = error


def _leave_with_parent() -> None:
    """End this process when its parent is gone, however that came: a killed parent cannot stop its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _screen(chunk: Chunk) -> ChunkResult:
    if isinstance(_state, SitoError):
        raise _state
    if _state is None:
        raise RuntimeError("a worker was not started")
    return _state.screen(chunk)
