"""Personal data at rest: sealed by AES-256-GCM, and tied to the chain by a commitment that tells nothing of them.

The chain holds the SHA-256 of the id of the key and the sealed bytes, so that whoever verifies needs no key. A random
salt is sealed together with the data: once they are deleted, the commitment stays and cannot be guessed at, not even
with the key, and the chain is as whole as before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sito.errors import LedgerError
from sito.ledger.events import encoded

KEY_SIZE = 32
SALT_SIZE = 32
NONCE_SIZE = 12
KEY_FILE_SIZE_MAX = 4096


def read_key(path: Path) -> bytes:
    """Read a key of 32 bytes from a file that holds it raw or as 64 hexadecimal digits.

    Raises:
        LedgerError: LED131 there is no such key.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(KEY_FILE_SIZE_MAX)
    except OSError as error:
        raise LedgerError(
            "LED131", expected="a readable key file", got=error.strerror or "an input/output error", where=path.name
        ) from None
    return parse_key(data, path.name)


def parse_key(data: bytes, where: str) -> bytes:
    """Return a key that is given raw or as hexadecimal digits.

    Raises:
        LedgerError: LED131 it is none.
    """
    if len(data) == KEY_SIZE:
        return data
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_SIZE:
        raise LedgerError(
            "LED131", expected=f"a key of {KEY_SIZE} bytes, raw or in hexadecimal digits", got=f"{len(data)} bytes",
            where=where,
        )  # fmt: skip
    return key


class Sealer:
    """Seals and opens personal data. Immutable; threads may share it.

    Args:
        key: What is sealed with from now on; 32 bytes.
        older: Keys that were used before, to open what they have sealed.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._ciphers = {key_id(one): AESGCM(one) for one in (key, *older)}
        self.key_id = key_id(key)

    def knows(self, key: str) -> bool:
        """Say whether it opens what was sealed with a key."""
        return key in self._ciphers

    def seal(self, personal: bytes, about: bytes) -> bytes:
        """Return sealed bytes that open only for the same `about`."""
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._ciphers[self.key_id].encrypt(nonce, personal, about)

    def open(self, sealed: bytes, about: bytes, key: str, where: str) -> bytes:
        """Return what was sealed.

        Raises:
            LedgerError: LED132 the key is not there, LED133 it was changed, or belongs to another event.
        """
        cipher = self._ciphers.get(key)
        if cipher is None:
            raise LedgerError(
                "LED132", expected=f"the key {key}", got="other keys", where=where, todo="give the older keys, too"
            )
        try:
            return cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], about)
        except (InvalidTag, ValueError):
            raise LedgerError(
                "LED133", expected="personal data as they were sealed", got="others", where=where
            ) from None


def key_id(key: bytes) -> str:
    """Return by what a key is known; it tells nothing of it."""
    if len(key) != KEY_SIZE:
        raise LedgerError("LED131", expected=f"a key of {KEY_SIZE} bytes", got=f"{len(key)} bytes", where="key")
    return hashlib.sha256(b"sito sealing key 1" + key).hexdigest()[:16]


def salted(personal: Mapping[str, Any], where: str) -> bytes:
    """Return personal data behind a fresh salt."""
    return os.urandom(SALT_SIZE) + encoded(personal, where)


def commitment_of(key: str, sealed: bytes) -> bytes:
    """Return what the chain holds of sealed bytes and the id of their key."""
    return hashlib.sha256(msgspec.msgpack.encode(("sito personal 1", key, sealed))).digest()


def unsalted(data: bytes) -> dict[str, Any]:
    """Return personal data without their salt."""
    found: dict[str, Any] = msgspec.json.decode(data[SALT_SIZE:])
    return found


def about(ledger_id: str, sequence: int) -> bytes:
    """Return what ties sealed bytes to their event."""
    return msgspec.msgpack.encode((ledger_id, sequence))
