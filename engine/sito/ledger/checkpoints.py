"""Checkpoints: signed words on how the ledger was at some moment, kept in it and, better, elsewhere too.

The chain shows that nothing before its end was changed. That its end was not cut off, and that nobody has written all
of it anew, is shown by a checkpoint that lies out of reach of whoever might do so.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sito.errors import LedgerError
from sito.ledger.events import Caller, Event
from sito.ledger.sealing import read_key
from sito.ledger.store import Ledger
from sito.ledger.views import View

KIND = "checkpoint"
SUBJECT = "ledger"
ANCHOR_SIZE_MAX = 1 << 16
EVENTS_PER_CHECKPOINT = 10_000  # by default


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was signed; all digests and signatures in hexadecimal digits.

    Attributes:
        ledger_id: Of which ledger it speaks.
        sequence, digest: Its last event at that moment, 0 for none.
        key_id: By which the public key is known.
        signature: Ed25519, of `message`.
    """

    ledger_id: str
    sequence: int
    digest: str
    key_id: str
    signature: str

    def message(self) -> bytes:
        """Return what is signed."""
        return message_of(self.ledger_id, self.sequence, self.digest)


def message_of(ledger_id: str, sequence: int, digest: str) -> bytes:
    """Return what is signed of a ledger."""
    return msgspec.msgpack.encode(("sito checkpoint 1", ledger_id, sequence, digest))


class Signer:
    """Signs checkpoints.

    Args:
        key: Private key of Ed25519, 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(key)
        except ValueError:
            raise LedgerError(
                "LED131", expected="a private key of 32 bytes", got=f"{len(key)} bytes", where="signing key"
            ) from None
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = public_id(self.public)

    def sign(self, message: bytes) -> str:
        """Return the signature in hexadecimal digits."""
        return self._key.sign(message).hex()


def public_id(public: bytes) -> str:
    """Return by what a public key is known."""
    return hashlib.sha256(public).hexdigest()[:16]


def read_public(path: Path) -> bytes:
    """Read a public key of 32 bytes, raw or in hexadecimal digits.

    Raises:
        LedgerError: LED131.
    """
    return read_key(path)


def is_signed(found: Checkpoint, public: bytes) -> bool:
    """Does the signature fit?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(found.signature), found.message())
    except (InvalidSignature, ValueError):
        return False
    return True


def checkpoint(ledger: Ledger, signer: Signer, *, request_id: str, caller: Caller, at: datetime) -> Checkpoint:
    """Sign how the ledger is now, keep that in it, and return it to be kept elsewhere.

    Raises:
        LedgerError: As `Ledger.transact`.
    """
    receipt = ledger.transact(
        lambda view: [signed_event(view, signer)], request_id=request_id, caller=caller, at=at,
        request_digest=signer.key_id,
    )  # fmt: skip
    with ledger.read() as view:
        stored = next(view.events(after=receipt.first - 1))
    return msgspec.convert(stored.event.facts, Checkpoint)


def signed_event(view: View, signer: Signer) -> Event:
    """Return the event that says how the ledger is in a view."""
    sequence, digest = view.head()
    signature = signer.sign(message_of(view.ledger_id, sequence, digest.hex()))
    made = Checkpoint(view.ledger_id, sequence, digest.hex(), signer.key_id, signature)
    return Event(KIND, SUBJECT, msgspec.to_builtins(made))


class Checkpoints:
    """Makes a checkpoint behind every so many events, in the commit that they are in: the witness of `Ledger.open`.

    Args:
        signer: Signs.
        every: Events.
        anchor: File that gets the last checkpoint; to be kept out of reach of whoever can write to the ledger.
        on_fault: Takes why the anchor could not be written; the checkpoint stands in the ledger all the same.

    Raises:
        LedgerError: LED151 a number of events that is none.

    Attributes:
        every, kind: As `store.Witness` has it.
    """

    def __init__(
        self, signer: Signer, *, every: int = EVENTS_PER_CHECKPOINT, anchor: Path | None = None,
        on_fault: Callable[[LedgerError], None],
    ) -> None:  # fmt: skip
        if every < 1:
            raise LedgerError("LED151", expected="1 or more events for a checkpoint", got=str(every), where="every")
        self.every = every
        self.kind = KIND
        self._signer = signer
        self._anchor = anchor
        self._on_fault = on_fault

    def event(self, view: View) -> Event:
        """Return the checkpoint of a view as an event."""
        return signed_event(view, self._signer)

    def tell(self, event: Event) -> None:
        """Write the anchor."""
        if self._anchor is None:
            return
        try:
            write_anchor(self._anchor, msgspec.convert(event.facts, Checkpoint))
        except LedgerError as error:
            self._on_fault(error)


def write_anchor(path: Path, made: Checkpoint) -> None:
    """Put a checkpoint in the place of the one that a file holds; whatever dies when, one of them stands there.

    Raises:
        LedgerError: LED150 the file cannot be written, or holds one that this ledger does not reach up to: it shows
            that the end was cut off, and has to stay.
    """
    before = None
    with suppress(LedgerError):
        before = read_anchor(path)
    if (
        before is not None
        and before.ledger_id == made.ledger_id
        and (before.sequence > made.sequence or (before.sequence == made.sequence and before.digest != made.digest))
    ):
        raise LedgerError(
            "LED150", expected=f"a checkpoint behind event {before.sequence}", got=f"one behind event {made.sequence}",
            where=path.name, todo="compare the ledger with that file (`sito ledger verify --anchor`); if it was"
            " restored on purpose, put the file aside. If another process was quicker, nothing is wrong",
        )  # fmt: skip
    # A name of its own: several processes write the same anchor.
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        try:
            with partial.open("xb") as stream:
                stream.write(msgspec.json.encode(made) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(
            "LED150", expected="a file for the checkpoint", got=error.strerror or "an input/output error",
            where=path.name, todo="it stands in the ledger all the same",
        ) from None  # fmt: skip


def read_anchor(path: Path) -> Checkpoint:
    """Read a checkpoint that was kept elsewhere.

    Raises:
        LedgerError: LED150 it is none.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(ANCHOR_SIZE_MAX)
        return msgspec.json.decode(data, type=Checkpoint)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LedgerError(
            "LED150", expected="a checkpoint as `sito ledger checkpoint` writes it", got=type(error).__name__,
            where=path.name,
        ) from None  # fmt: skip
