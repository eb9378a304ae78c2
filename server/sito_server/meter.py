"""What the methods tell of their work, and whom they ask before they begin: two protocols, and nobody behind them.

`sito_server.service` counts through a `Meter` and enters through an `Admission`; a program that serves without metrics
or bounds uses `NoMeter` and `NoAdmission`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Protocol

import grpc

NO_ALARMS: Mapping[str, int] = MappingProxyType({})


class Meter(Protocol):
    """Counts of what was done. Threads call it at the same time; no argument is ever a name, a number or an id."""

    def payments(self, count: int, alarms: Mapping[str, int] = NO_ALARMS) -> None:
        """Count records that got a verdict, customers among them.

        Args:
            count: Of records.
            alarms: How many of them got which verdict; those that pass are left out.
        """

    def hits(self, list_id: str, grade: str, count: int) -> None:
        """Count hits that were answered, by list and grade (`exact`, `strong`, `medium`, `weak`)."""

    def limit(self, word: str, count: int) -> None:
        """Count parties for which a limit of the search was reached, by the words of `sito.screen.LIMITS`."""

    def reject(self, code: str, count: int) -> None:
        """Count records and requests that were refused, by the code of the error."""

    def dropped(self, reason: str, count: int) -> None:
        """Count calls and messages nobody waits for any more: `deadline`, `cancelled`."""

    def seconds(self, method: str, status: str, seconds: float) -> None:
        """Note how long one call took, or one message of a stream, with the name of its gRPC status (`OK`)."""


class Admission(Protocol):
    """Bounds how much is worked at and waits at one time. Threads call it at the same time."""

    def enter(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> AbstractContextManager[object]:
        """Wait for a place to work; the work is done within the context that is returned.

        Args:
            method: Name of the method, as `ScreenBatch`.
            size_bytes: Of the request message.
            context: Of the call; its deadline is respected.

        Raises:
            ScreenError: SCR411 too many wait already; SCR412 the deadline of the call has passed, so that nobody waits
                for the answer. Whoever raises it counts it.
        """

    def retry_ms(self) -> int:
        """Return after how many milliseconds a caller refused with SCR411 should come back."""


class NoMeter:
    """A `Meter` that forgets."""

    def payments(self, count: int, alarms: Mapping[str, int] = NO_ALARMS) -> None:
        """Forget."""

    def hits(self, list_id: str, grade: str, count: int) -> None:
        """Forget."""

    def limit(self, word: str, count: int) -> None:
        """Forget."""

    def reject(self, code: str, count: int) -> None:
        """Forget."""

    def dropped(self, reason: str, count: int) -> None:
        """Forget."""

    def seconds(self, method: str, status: str, seconds: float) -> None:
        """Forget."""


class NoAdmission:
    """An `Admission` that lets everybody in at once."""

    @contextmanager
    def enter(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> Iterator[None]:
        """Let the caller work."""
        yield

    def retry_ms(self) -> int:
        """Return how long callers that were refused shall wait: nobody is."""
        return 0
