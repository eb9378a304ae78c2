"""Worker processes: each opens the index for itself, takes chunks and gives encoded lines back, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import msgspec

from sito.batch.lines import Chunk, ChunkResult, ChunkScreener
from sito.clearing import Clearances
from sito.errors import ScreenError, SitoError
from sito.formats import RowConverter
from sito.index import Index, IndexInfo
from sito.policy.judge import Judge
from sito.screen import ScreenConfig, Screener

CHUNKS_IN_FLIGHT = 3  # of each worker: one at work, one waiting, one on its way; more only costs memory


class Setup(msgspec.Struct, frozen=True):
    """What a worker needs before its first chunk.

    Attributes:
        index: Path of the index file, which the parent has verified.
        info: What the parent saw in it.
        converter, cleared, judge: As for `ChunkScreener`.
    """

    index: Path
    info: IndexInfo
    config: ScreenConfig
    converter: RowConverter | None
    include_all: bool
    cleared: Clearances | None = None
    judge: Judge | None = None


class Pool:
    """Screens chunks in several processes. Use it as a context manager.

    Each worker has a socket of its own. Were the results to share a queue, as in the standard library's pool, a worker
    killed while it writes would leave half a message and a taken lock behind, and the run would wait for ever; here
    its socket ends.

    Args:
        count: Processes, at least 1.
        setup: The same for all of them.

    Raises:
        ScreenError: SCR201 a worker died; SCR202 the index was replaced while the run began. Both from `screen`.
    """

    def __init__(self, count: int, setup: Setup) -> None:
        # A forked copy of a process with threads may hang on a lock; new processes cannot.
        context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        # New processes inherit what is blocked: an interrupt from the keyboard reaches the parent alone, which then
        # ends its workers in order.
        resource_tracker.ensure_running()  # the first start would start it, and that lets interrupts through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(count):
                self._workers.append(_Worker(context, setup))
        except BaseException:
            self._kill()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A worker has nothing to finish: what it found is written by the parent or not at all.
        self._kill()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.kill()

    def screen(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """Yield the results of the chunks in their order; only a few chunks are held at a time."""
        source = enumerate(chunks)
        done: dict[int, ChunkResult] = {}
        wanted = held = 0
        last = False
        while True:
            while not last and held < CHUNKS_IN_FLIGHT * len(self._workers):
                number, chunk = next(source, (-1, None))
                last = chunk is None
                if chunk is not None:
                    min(self._workers, key=lambda worker: worker.waiting).take(number, chunk)
                    held += 1
            if not held:
                return
            while wanted not in done:
                for worker in self._answering():
                    number, answer = worker.answer()
                    if isinstance(answer, BaseException):
                        raise answer
                    done[number] = answer
            yield done.pop(wanted)
            wanted += 1
            held -= 1

    def _answering(self) -> list[_Worker]:
        ready = set(wait([worker.socket for worker in self._workers]))
        return [worker for worker in self._workers if worker.socket in ready]


class _Worker:
    """The parent's side of one worker process.

    Attributes:
        socket: Where answers come from; it ends when the process does.
        waiting: Chunks taken and not answered.
    """

    def __init__(self, context: SpawnContext, setup: Setup) -> None:
        self.socket, theirs = context.Pipe(duplex=True)
        self.waiting = 0
        self._chunks: SimpleQueue[tuple[int, Chunk] | None] = SimpleQueue()
        self._process = context.Process(target=_serve, args=(theirs, setup), daemon=True)
        self._process.start()
        theirs.close()
        # Sending waits while the worker works; a thread does it, so that the parent goes on reading answers.
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def _send(self) -> None:
        try:
            while (item := self._chunks.get()) is not None:
                self.socket.send(item)
        except OSError:
            return  # the worker is gone; whoever reads its socket says so

    def take(self, number: int, chunk: Chunk) -> None:
        """Send a chunk as soon as the worker reads."""
        self.waiting += 1
        self._chunks.put((number, chunk))

    def answer(self) -> tuple[int, ChunkResult | BaseException]:
        """Return the next answer; wait for it.

        Raises:
            ScreenError: SCR201 the worker died.
        """
        try:
            number, answer = self.socket.recv()
        except (EOFError, OSError):
            raise ScreenError(
                "SCR201", expected="worker processes that live until the end", got="one that ended",
                todo="look for a kill or for too little memory, then run again; fewer --workers need less",
            ) from None  # fmt: skip
        self.waiting -= 1
        return number, answer

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._chunks.put(None)  # a sender that waits for the worker has met the end of the socket by now
        self._sender.join()
        self.socket.close()


def _serve(socket: Connection[Any, Any], setup: Setup) -> None:
    """Open the index in a new process and answer chunks until the parent goes; errors travel as answers."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    screener: ChunkScreener | SitoError
    try:
        index = Index.open(setup.index, verify=False)
        if index.info != setup.info:
            raise ScreenError(
                "SCR202", expected="the index that was verified", got="another file under its name",
                where=setup.index.name, todo="run again",
            )  # fmt: skip
        screener = ChunkScreener(
            Screener(index, setup.config), setup.converter, setup.include_all, setup.cleared, setup.judge
        )
    except SitoError as error:
        screener = error
    while True:
        try:
            number, chunk = socket.recv()
        except (EOFError, OSError):
            return
        answer: ChunkResult | Exception
        try:
            answer = screener.screen(chunk) if isinstance(screener, ChunkScreener) else screener
        except SitoError as error:
            answer = error
        except Exception as error:  # a fault of sito: its text may hold data, its kind does not
            answer = RuntimeError(f"{type(error).__name__} in a worker")
        socket.send((number, answer))


def _leave_with_parent() -> None:
    """End this process when its parent is gone, however that came: a killed parent cannot stop its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
