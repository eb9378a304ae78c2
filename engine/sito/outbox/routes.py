"""What a route to the authority can do: hand a message over once, say later whether it arrived, and bring answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from sito.errors import PortalError
from sito.outbox.parcels import Parcel


class Fate(StrEnum):
    """Whether a message arrived, as far as its route knows."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why a message did not leave."""

    REFUSED = "refused"  # it was looked at and not taken; sent again as it is, it is refused again
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"  # sending was broken off, and it is not there


class Handed(msgspec.Struct, frozen=True):
    """What came of handing a message over, or of looking for it.

    Attributes:
        cause: Why it did not leave; None for the other fates.
        portal_id, external_id: What the other side calls it; empty where it has no names.
        status_number, status_name: As it told; None and empty where it told none.
        note: Its remark; may hold personal data.
    """

    fate: Fate
    cause: Cause | None = None
    portal_id: str = ""
    external_id: str = ""
    status_number: int | None = None
    status_name: str = ""
    note: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """A message that was sent, and perhaps accepted not long ago: it may still be rejected."""

    subject: str
    state: str
    file_name: str
    record_numbers: tuple[str, ...]
    portal_id: str
    external_id: str
    status_number: str


class Answer(msgspec.Struct, frozen=True):
    """News of messages.

    Attributes:
        subjects: Of which; none if nobody knows, and then a person has to look.
        status_number, status_name, note: A new status; None if it is none.
        receipt: The receipt as it came; None if there is none yet.
        trouble: Why nothing could be learnt of them; the next turn asks again.
        mark: By which the route knows what was taken in; see `Route.taken`.
    """

    subjects: tuple[str, ...]
    status_number: int | None = None
    status_name: str = ""
    note: str = ""
    receipt: bytes | None = None
    trouble: PortalError | None = None
    mark: str = ""


class Route(Protocol):
    """A way to the authority."""

    name: str

    def prepare(self, parcel: Parcel) -> None:
        """Make ready what is needed for `find` to tell later whether the message left; nothing leaves yet.

        Raises:
            FesError: FES210, FES221 it cannot be made ready. PortalError: the other side is not there.
        """

    def discard(self, parcel: Parcel) -> None:
        """Throw away what was made ready: somebody else sends the message."""

    def sweep(self, going: Collection[str]) -> None:
        """Delete what attempts have left that are over.

        Args:
            going: Parcels of attempts that may not be.
        """

    def send(self, parcel: Parcel) -> Handed:
        """Hand a message over, once; never raises for what the other side does."""

    def find(self, parcel: Parcel) -> Handed:
        """Say whether a message of which sending was broken off has left; hands nothing over, nor lets others do so."""

    def answers(self, waiting: Sequence[Waiting]) -> Iterable[Answer]:
        """Yield what is new of messages that were sent."""

    def taken(self, answer: Answer) -> None:
        """Let an answer go: the ledger has it."""
