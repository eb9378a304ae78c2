"""Threads that work at calls: the one that worked last works next.

The pool of the standard library wakes its threads in turn, each with cold caches and an arena of memory of its own, and
makes an object with locks of every call. Here a call goes to the thread that became idle last, and costs one lock.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from sito_server.logs import fault_facts

log = logging.getLogger("sito_server")


class Work:
    """One call that a thread works at; what it returns is lost.

    Attributes:
        is_done: It has been done.
    """

    __slots__ = ("_arguments", "_callbacks", "_function", "is_done")

    def __init__(self, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self._callbacks: deque[Callable[[Work], object]] = deque()
        self.is_done = False

    def add_done_callback(self, callback: Callable[[Work], object]) -> None:
        """Call something once the work is done, at once if it is."""
        self._callbacks.append(callback)
        if self.is_done:
            self._tell()

    def run(self) -> None:
        """Do it. For the thread of a pool."""
        try:
            self._function(*self._arguments)
        except BaseException as error:
            log.error("a thread met a fault", extra={"facts": fault_facts(error)})
        self.is_done = True
        self._tell()

    def _tell(self) -> None:
        """Call each callback once, whoever comes first: taking one out is one step that no thread divides."""
        while True:
            try:
                callback = self._callbacks.popleft()
            except IndexError:
                return
            try:
                callback(self)
            except Exception as error:
                log.error("a callback met a fault", extra={"facts": fault_facts(error)})


class _Idler:
    """One thread of a pool.

    Attributes:
        turn: Locked until there is something to do.
        work: What; None is to end.
    """

    __slots__ = ("thread", "turn", "work")

    def __init__(self, work: Work) -> None:
        self.turn = threading.Lock()
        self.turn.acquire()
        self.work: Work | None = work
        self.thread: threading.Thread


class Threads:
    """A pool of threads for `grpc.server`, made as they are needed.

    Args:
        count_max: Most threads; what else comes waits in turn.
        name: Beginning of their names.
    """

    def __init__(self, count_max: int, name: str) -> None:
        self._count_max = count_max
        self._name = name
        self._lock = threading.Lock()
        self._all: list[_Idler] = []
        self._idle: list[_Idler] = []
        self._waiting: deque[Work] = deque()
        self._is_shut = False

    def submit(self, function: Callable[..., object], *arguments: Any) -> Work:
        """Let a thread call a function.

        Raises:
            RuntimeError: The pool was shut down.
        """
        work = Work(function, arguments)
        with self._lock:
            if self._is_shut:
                raise RuntimeError("the pool was shut down")
            if self._idle:
                idler = self._idle.pop()
                idler.work = work
                idler.turn.release()
                return work
            if len(self._all) == self._count_max:
                self._waiting.append(work)
                return work
            idler = _Idler(work)
            idler.thread = threading.Thread(
                target=self._live, args=(idler,), name=f"{self._name}_{len(self._all)}", daemon=True
            )
            self._all.append(idler)
        try:
            idler.thread.start()
        except RuntimeError:  # the system has no thread to give: those there are do it, and its place stays free
            with self._lock:
                self._all.remove(idler)
                if not self._all:
                    raise
                if self._idle:
                    other = self._idle.pop()
                    other.work = work
                    other.turn.release()
                else:
                    self._waiting.append(work)
        return work

    def shutdown(self, wait: bool = True) -> None:
        """Take no more work; end the threads once what was taken is done.

        Args:
            wait: Until then.
        """
        with self._lock:
            self._is_shut = True
            idle, self._idle = self._idle, []
            for idler in idle:
                idler.turn.release()
        if wait:
            for idler in self._all:
                if idler.thread.ident is not None and idler.thread is not threading.current_thread():
                    idler.thread.join()

    def _live(self, idler: _Idler) -> None:
        while (work := idler.work) is not None:
            work.run()
            del work  # what it holds on to may be large
            idler.work = None
            with self._lock:
                if self._waiting:
                    idler.work = self._waiting.popleft()
                    continue
                if self._is_shut:
                    return
                self._idle.append(idler)
            idler.turn.acquire()
