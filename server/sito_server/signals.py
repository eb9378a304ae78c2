"""Signals as a queue, for the one thread that waits for them.

Blocking signals and waiting for them does not do here: libraries start threads when they are imported, before anything
could be blocked, and the system may hand a signal to one of those.
"""

from __future__ import annotations

import select
import signal
import socket
from collections import deque
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Any, Self

END = frozenset({signal.SIGTERM, signal.SIGINT})
ALL = END | {signal.SIGHUP}


class Signals:
    """Takes signals from where it is entered to where it is left. For the main thread.

    Args:
        numbers: Which.
        ignored: Those that shall do nothing meanwhile.
    """

    def __init__(self, numbers: Iterable[signal.Signals], ignored: Iterable[signal.Signals] = ()) -> None:
        self._numbers = tuple(numbers)
        self._ignored = tuple(ignored)
        self._came: deque[int] = deque()
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._former_fd = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            self._former[number] = signal.signal(number, self._take)
        for number in self._ignored:
            self._former[number] = signal.signal(number, signal.SIG_IGN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._former_fd)
        self._ours.close()
        self._theirs.close()

    def fileno(self) -> int:
        """Return what becomes readable when a signal comes, for those who wait for other things, too."""
        return self._ours.fileno()

    def take(self, timeout_s: float = 0.0) -> signal.Signals | None:
        """Return the next signal, if one comes in time."""
        if not self._came and timeout_s > 0:
            select.select([self._ours], [], [], timeout_s)
        while True:
            try:
                self._ours.recv(64)
            except BlockingIOError:
                break
        return signal.Signals(self._came.popleft()) if self._came else None

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._came.append(number)
