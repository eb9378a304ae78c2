"""What the ledger holds: events, who caused them, and the digest that ties each to all before it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from sito.errors import LedgerError

SCHEME = "sito event 1"  # part of every digest: another way to write events must not give equal ones
FACTS_SIZE_MAX = 1 << 20  # bytes of the facts of one event, and of its personal data
WORD_LENGTH_MAX = 256  # characters of kinds, subjects, names and request ids
DEPTH_MAX = 16  # of facts in one another
COUNT_MAX = 1 << 63  # integers beyond it have no common form in JSON and databases
DIGEST_SIZE = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CallerRole(StrEnum):
    """What a caller of the ledger is; who may do what is decided by the rooms above."""

    OFFICER = "officer"
    HEAD = "head"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


class Caller(msgspec.Struct, frozen=True):
    """Who causes events.

    Attributes:
        name: From a certificate or token, at most 256 characters.
        role: A word of `CallerRole`, or what was claimed where an attempt is recorded.
    """

    name: str
    role: str


class Event(msgspec.Struct, frozen=True):
    """Something that happened.

    Attributes:
        kind: Lower-case words joined by `_`, for example `case_opened`.
        subject: What it is about: `case:12`, `list:RU-TE`.
        facts: JSON values without personal data; they stay for ever. Numbers are finite, integers below 2^63.
        personal: Personal data, kept sealed and apart; it may be deleted one day, and the chain stays whole.
    """

    kind: str
    subject: str
    facts: dict[str, Any] = {}
    personal: dict[str, Any] | None = None


class Stored(msgspec.Struct, frozen=True):
    """An event as it stands in the chain.

    Attributes:
        sequence: Its place, from 1 and without gaps.
        event: Without its personal data: those are asked for with `View.personal`.
        caller: Who caused it.
        request_id: Of the request that it was part of.
        at: When the caller said that it happens, UTC.
        digest: 32 bytes over all of it and over the digest before.
        has_personal: Did personal data come with it?
    """

    sequence: int
    event: Event
    caller: Caller
    request_id: str
    at: datetime
    digest: bytes
    has_personal: bool


class Receipt(msgspec.Struct, frozen=True):
    """What a request has left in the ledger.

    Attributes:
        first, count: Its events have the sequences from `first` on; 0 and 0 if there are none.
        digest: Of the last of them, in hexadecimal digits: whoever keeps it can show that the ledger was cut.
        is_repeated: The request had been stored before; nothing was done this time.
    """

    first: int
    count: int
    digest: str
    is_repeated: bool


class Row(msgspec.Struct, frozen=True):
    """An event as its row holds it: what the digest is made over."""

    sequence: int
    previous: bytes
    kind: str
    subject: str
    at_us: int
    caller: str
    role: str
    request_id: str
    request_digest: str
    place: int
    count: int
    facts: bytes
    commitment: bytes

    def digest(self) -> bytes:
        """Return the SHA-256 over all fields; MessagePack writes the length before each, so no two are alike."""
        return hashlib.sha256(msgspec.msgpack.encode((SCHEME, *msgspec.structs.astuple(self)))).digest()


def genesis(ledger_id: str) -> bytes:
    """Return what stands for the digest before the first event: no two ledgers have the same."""
    return hashlib.sha256(msgspec.msgpack.encode(("sito ledger 1", ledger_id))).digest()


def digest_of(*words: str) -> str:
    """Return the digest of a request that is made of some words, in hexadecimal digits."""
    try:
        return hashlib.sha256(msgspec.msgpack.encode(words)).hexdigest()
    except UnicodeEncodeError:
        raise _no_json("request", "half of a surrogate pair") from None


def encoded(facts: Mapping[str, Any], where: str) -> bytes:
    """Return facts as JSON with sorted keys: equal facts have equal bytes.

    Raises:
        LedgerError: LED101 a value that JSON does not hold, LED102 too much.
    """
    _check_value(facts, where, 0)
    try:
        data = msgspec.json.encode(facts, order="deterministic")
    except (TypeError, ValueError, UnicodeEncodeError):
        raise _no_json(where, "something else") from None
    if len(data) > FACTS_SIZE_MAX:
        raise LedgerError(
            "LED102", expected=f"at most {FACTS_SIZE_MAX} bytes of facts in one event", got=f"{len(data)} bytes",
            where=where,
        )  # fmt: skip
    return data


def _check_value(value: object, where: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise LedgerError("LED102", expected=f"at most {DEPTH_MAX} facts in one another", got="more", where=where)
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int):
        if not -COUNT_MAX <= value < COUNT_MAX:
            raise _no_json(where, "an integer of more than 64 bits")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _no_json(where, "a number that is not finite")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise _no_json(where, f"a key of type {type(key).__name__}")
            _check_text(key, where)
            _check_value(inner, where, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_value(inner, where, depth + 1)
    else:
        raise _no_json(where, type(value).__name__)


def _check_text(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _no_json(where, "half of a surrogate pair") from None


def _no_json(where: str, got: str) -> LedgerError:
    return LedgerError("LED101", expected="values of JSON", got=got, where=where)


def check_word(text: str, what: str) -> str:
    """Return a kind, subject, name or request id as it is.

    Raises:
        LedgerError: LED103 it is empty, too long, or holds control characters or half a surrogate pair.
    """
    if not isinstance(text, str) or not text or len(text) > WORD_LENGTH_MAX or not text.isprintable():
        raise LedgerError(
            "LED103", expected=f"1 to {WORD_LENGTH_MAX} printable characters",
            got=f"{len(text)} characters" if isinstance(text, str) else type(text).__name__, where=what,
        )  # fmt: skip
    return text


def microseconds(at: datetime) -> int:
    """Return an instant as microseconds since 1970.

    Raises:
        LedgerError: LED104 it has no time zone.
    """
    if at.tzinfo is None:
        raise LedgerError("LED104", expected="an instant with its time zone", got="one without", where="at")
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at_us: int) -> datetime:
    """Return the instant that is so many microseconds after 1970, UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
