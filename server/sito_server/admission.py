"""Who may begin to work, who waits, and who is told to come back.

One process works at a bounded number of requests at a time, and a bounded number waits; both are counted in calls and
in bytes. Inline calls (one record, one name) and batches have lanes of their own: a payment never waits behind ten
thousand others, and the cores are shared between the lanes by the system. A call beyond the bounds is refused at
once, with the time after which it should come back, instead of waiting until its caller has given up. What nobody
waits for any more is dropped before it is screened.

A message of a stream waits as long as its stream lives: the stream stops reading meanwhile, and the flow control of
HTTP/2 holds the sender back. Streams do not read on either while as many of their messages wait as are worked at, or
while there is no room for the bytes of one more: what is not read costs no memory. The number of streams is bounded.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NamedTuple

import grpc

from sito.errors import ScreenError, SitoError
from sito_server.meter import Meter

RETRY_MS_MIN, RETRY_MS_MAX = 25, 5_000
INLINE, BATCH = "inline", "batch"
LANES = {"ScreenBatch": BATCH, "ScreenStream": BATCH}  # methods that are not named are inline
PATIENT = frozenset({"ScreenStream"})  # methods whose messages wait instead of being refused
ALWAYS = frozenset({"GetIndex"})  # methods that answer even when nothing can be screened
FOR_EVER_S = 1e6
HELD_S = 0.5  # between two looks at whether the caller of a stream that is held back is still there
STREAM_SHARE = 0.75  # of the bytes of all requests, that streams may fill: calls are to find room beside them
WEIGHT = 0.1  # of the newest of the times that work took


class Bounds(NamedTuple):
    """How much a process takes on.

    Attributes:
        inline_places, batch_places: Requests worked at, at a time.
        inline_queue, batch_queue: Requests that wait beyond those.
        size_bytes: Of all requests that are worked at or wait.
        streams: Streams open at a time.
    """

    inline_places: int
    batch_places: int
    inline_queue: int
    batch_queue: int
    size_bytes: int
    streams: int


class Load(NamedTuple):
    """How much there is to do at this moment."""

    working: dict[str, int]
    waiting: dict[str, int]
    size_bytes: int
    streams: int


class _Waiter:
    """One request that waits.

    Attributes:
        ends: When its caller gives up, in seconds of `time.monotonic`; None is never.
        patient: It is a message of a stream.
        turn: Locked until something happens to it.
        let_in: It has a place.
    """

    __slots__ = ("ends", "let_in", "patient", "turn")

    def __init__(self, ends: float | None, *, patient: bool) -> None:
        self.ends = ends
        self.patient = patient
        self.let_in = False
        self.turn = threading.Lock()
        self.turn.acquire()


class _Lane:
    """Places of one kind; the lock of the admission guards it."""

    def __init__(self, places: int, queue: int) -> None:
        self.places = places
        self.queue = queue
        self.working = 0
        self.waiting: deque[_Waiter] = deque()
        self.seconds = 0.01  # that a request takes, of late

    def leave(self) -> None:
        """Give the place of a request that ended to the next one whose caller still waits."""
        now = time.monotonic()
        while self.waiting:
            waiter = self.waiting.popleft()
            waiter.let_in = waiter.ends is None or waiter.ends > now
            waiter.turn.release()
            if waiter.let_in:
                return
        self.working -= 1


class BoundedAdmission:
    """An `Admission` with bounds. Threads share it.

    Args:
        refusal: Why nothing can be screened at present, if so: an index that is too old, a stop.
        chance: Numbers in [0, 1) that spread out those who come back.
    """

    def __init__(
        self, bounds: Bounds, meter: Meter, *, refusal: Callable[[], SitoError | None] = lambda: None,
        chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self.bounds = bounds
        self._meter = meter
        self._refusal = refusal
        self._chance = chance
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)  # for streams that are held back
        self._held = 0
        self._lanes = {
            INLINE: _Lane(bounds.inline_places, bounds.inline_queue),
            BATCH: _Lane(bounds.batch_places, bounds.batch_queue),
        }
        self._size_bytes = 0
        self._streams = 0

    def enter(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> AbstractContextManager[object]:
        """Wait for a place to work; the work is done within the context that is returned.

        Raises:
            ScreenError: SCR411 too many wait already; SCR412 nobody waits for the answer any more. Both are counted.
            SitoError: Nothing can be screened at present.
        """
        return _Place(self, method, size_bytes, context)

    def retry_ms(self) -> int:
        """Return after how many milliseconds a caller who was refused should come back."""
        with self._lock:
            # Until those in front of it are done, should nobody else come.
            wait_s = max(
                (len(lane.waiting) + lane.working) * lane.seconds / lane.places for lane in self._lanes.values()
            )
        spread = wait_s * 1_000 * (0.75 + self._chance() / 2)
        return int(min(max(spread, RETRY_MS_MIN), RETRY_MS_MAX))

    def load(self) -> Load:
        """Return how much is worked at and waits."""
        with self._lock:
            lanes = self._lanes.items()
            return Load(
                {name: lane.working for name, lane in lanes}, {name: len(lane.waiting) for name, lane in lanes},
                self._size_bytes, self._streams,
            )  # fmt: skip

    def open_stream(self) -> None:
        """Count a stream that opens; `close_stream` has to follow.

        Raises:
            ScreenError: SCR411.
        """
        with self._lock:
            if self._streams < self.bounds.streams:
                self._streams += 1
                return
        self._meter.reject("SCR411", 1)
        raise _overload(f"at most {self.bounds.streams} streams at a time", "one more")

    def close_stream(self) -> None:
        """Count a stream that ended."""
        with self._lock:
            self._streams -= 1

    def hold(self, size_bytes: int, context: grpc.ServicerContext) -> None:
        """Return when a stream may read its next message, or when nobody is there any more to send one.

        Nothing is reserved: streams that were told so together may go beyond the bound by a message each.

        Args:
            size_bytes: Of its last message, which the next is taken to be like; 0 if there was none.
            context: Of its call.
        """
        with self._lock:
            while not self._has_room(size_bytes) and context.is_active():
                self._held += 1
                self._room.wait(HELD_S)
                self._held -= 1

    def _has_room(self, size_bytes: int) -> bool:
        lane = self._lanes[BATCH]
        if self._size_bytes > 0 and self._size_bytes + size_bytes > STREAM_SHARE * self.bounds.size_bytes:
            return False
        # Only messages of streams count here: calls, of which there may always be some, must not keep streams out.
        return sum(waiter.patient for waiter in lane.waiting) < lane.places

    def take(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> _Lane:
        """Take a place, see `enter`."""
        if method not in ALWAYS and (error := self._refusal()) is not None:
            raise error
        remaining: float | None = context.time_remaining()
        if remaining is not None and remaining > FOR_EVER_S:  # a call without a deadline has one in some far century
            remaining = None
        if remaining is not None and remaining <= 0:
            raise self._expired("deadline")
        lane = self._lanes[LANES.get(method, INLINE)]
        with self._lock:
            free = lane.working < lane.places and not lane.waiting
            full = not free and len(lane.waiting) >= lane.queue
            heavy = self._size_bytes > 0 and self._size_bytes + size_bytes > self.bounds.size_bytes
            refused = (full or heavy) and method not in PATIENT
            if not refused:
                self._size_bytes += size_bytes
                if free:
                    lane.working += 1
                else:
                    waiter = _Waiter(
                        None if remaining is None else time.monotonic() + remaining, patient=method in PATIENT
                    )
                    lane.waiting.append(waiter)
        if refused:
            self._meter.reject("SCR411", 1)
            if full:
                raise _overload(f"at most {lane.queue} requests that wait", "one more")
            raise _overload(f"requests of at most {self.bounds.size_bytes} bytes together", "more")
        if not free:
            self._wait(lane, waiter, size_bytes)
            if not context.is_active():  # else the method itself looks, at once
                self.leave(lane, size_bytes)
                raise self._expired("cancelled")
        return lane

    def leave(self, lane: _Lane, size_bytes: int, seconds: float | None = None) -> None:
        """Give a place back.

        Args:
            seconds: How long the work took, if there was any.
        """
        with self._lock:
            self._size_bytes -= size_bytes
            if seconds is not None:
                lane.seconds += WEIGHT * (seconds - lane.seconds)
            lane.leave()
            if self._held:
                self._room.notify_all()

    def _wait(self, lane: _Lane, waiter: _Waiter, size_bytes: int) -> None:
        waiter.turn.acquire(timeout=-1 if waiter.ends is None else max(0.0, waiter.ends - time.monotonic()))
        with self._lock:
            if waiter.let_in:
                return
            self._size_bytes -= size_bytes
            if waiter in lane.waiting:
                lane.waiting.remove(waiter)
            if self._held:
                self._room.notify_all()
        raise self._expired("deadline")

    def _expired(self, reason: str) -> ScreenError:
        self._meter.dropped(reason, 1)
        return ScreenError(
            "SCR412", expected="a caller that waits for the answer", got=f"one that has left: {reason}",
            todo="nothing was screened; give calls more time or send fewer",
        )  # fmt: skip


class _Place:
    """A place to work, from the beginning of a `with` to its end."""

    __slots__ = ("_admission", "_call", "_lane", "_start")

    def __init__(
        self, admission: BoundedAdmission, method: str, size_bytes: int, context: grpc.ServicerContext
    ) -> None:
        self._admission = admission
        self._call = (method, size_bytes, context)

    def __enter__(self) -> None:
        self._lane = self._admission.take(*self._call)
        self._start = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admission.leave(self._lane, self._call[1], time.perf_counter() - self._start)


def _overload(expected: str, got: str) -> ScreenError:
    return ScreenError(
        "SCR411", expected=expected, got=got, todo="nothing was screened; wait as long as the answer says and try again"
    )
