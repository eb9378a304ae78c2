"""What the service answers, read tolerantly: keys in any case, tokens in two spellings, dates with and without zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

TEXT_LENGTH_MAX = 4_000  # characters of a name of a status or a remark that are kept
_CHARSET = re.compile(r"charset\s*=\s*\"?([a-z0-9_-]{1,40})")
_CHARSETS = frozenset({"utf-8", "utf8", "windows-1251", "cp1251", "utf-16", "utf-16le"})
_GUID_OF_NONE = "00000000-0000-0000-0000-000000000000"


class Edition(msgspec.Struct, frozen=True):
    """What a catalogue says of the list in force.

    Attributes:
        file_id: By which the file is asked for.
        date: As the service wrote it, unread.
    """

    file_id: str
    date: str = ""
    is_active: bool = True


class MessageStatus(msgspec.Struct, frozen=True):
    """How the service names a message and its state; numbers that nobody knows are kept as they are."""

    message_id: str
    external_id: str
    status: int | None
    status_name: str
    note: str


class Ticket(msgspec.Struct, frozen=True):
    """A receipt, as it came."""

    data: bytes
    content_type: str = ""


class NotJsonError(Exception):
    """Bytes that are no JSON; says what they are instead."""


def kind_of(data: bytes) -> str:
    """Say what bytes are: `nothing`, `zip`, `html`, `xml`, `json` or `other`."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf\x00 \t\r\n")
    if not head:
        return "nothing"
    if data.startswith(b"PK"):
        return "zip"
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = data[:1024].decode("utf-16", "replace").lstrip().encode()
    if re.match(rb"(?is)(<\?xml[^>]*>\s*)?<(!doctype\s+html|html)", head):
        return "html"
    if head.startswith(b"<"):
        return "xml"
    return "json" if head[:1] in b'{["' or head[:4] in {b"null", b"true", b"fals"} else "other"


def json_of(data: bytes, content_type: str) -> Any:
    """Read JSON.

    Raises:
        NotJsonError: It is none.
    """
    found = _CHARSET.search(content_type)
    charset = found[1] if found and found[1] in _CHARSETS else "utf-8"
    try:
        text = data.decode("utf-8-sig" if charset in {"utf-8", "utf8"} else charset)
        return msgspec.json.decode(text.lstrip("\ufeff"))
    except UnicodeDecodeError:
        raise NotJsonError(f"bytes that are no {charset}") from None
    except RecursionError:
        raise NotJsonError("values within values without an end") from None
    except (msgspec.MsgspecError, ValueError):
        kind = kind_of(data)
        raise NotJsonError({"html": "a page of HTML", "json": "broken JSON"}.get(kind, kind)) from None


def value_of(answer: object, *names: str) -> Any:
    """Return the value of the first of some keys that an object has, whatever their case and underscores."""
    if not isinstance(answer, Mapping):
        return None
    known = {_key(name): value for name, value in answer.items()}
    return next((known[_key(name)] for name in names if known.get(_key(name)) is not None), None)


def _key(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def text_of(value: object) -> str:
    """Return a value as a text without control characters; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = "".join(c if c.isprintable() else " " for c in str(value)[:TEXT_LENGTH_MAX])
    return text.strip()


def token_of(answer: object) -> str:
    """Return the token of an answer to a log-in; empty without one.

    The guide's own examples say `success: false` beside a token: only the token counts.
    """
    value = value_of(answer, "value")
    token = text_of(value_of(value if isinstance(value, Mapping) else answer, "access_token"))
    return token if token.isascii() and " " not in token else ""


def edition_of(answer: object) -> Edition | None:
    """Return what a catalogue says; None if it names no file."""
    file_id = text_of(value_of(answer, "idXml"))
    if not file_id or file_id == _GUID_OF_NONE:
        return None
    active = value_of(answer, "isActive")
    is_active = active is not False and active != 0 and text_of(active).casefold() != "false"
    return Edition(file_id, text_of(value_of(answer, "date", "terroristCatalogDate")), is_active)


def status_of(answer: object) -> MessageStatus | None:
    """Return what is said of a message; None if it is not named."""
    message_id = text_of(value_of(answer, "IdFormalizedMessage"))
    if not message_id or message_id == _GUID_OF_NONE:
        return None
    number = text_of(value_of(answer, "IdFormalizedMessageStatus"))
    return MessageStatus(
        message_id, text_of(value_of(answer, "IdExternal")),
        int(number) if re.fullmatch(r"-?[0-9]{1,9}", number, re.ASCII) else None,
        text_of(value_of(answer, "FormalizedMessageStatusName")), text_of(value_of(answer, "Note")),
    )  # fmt: skip


def names_nothing(answer: object) -> bool:
    """Does an answer have the place for a message's id, and nothing there?"""
    return isinstance(answer, Mapping) and any(_key(str(name)) == _key("IdFormalizedMessage") for name in answer)


def refuses(answer: object) -> bool:
    """Does an answer say that it is an error, and nothing else?"""
    if value_of(answer, "success") is False or value_of(answer, "hasErrors") is True:
        return True
    return any(bool(value_of(answer, name)) for name in ("error", "errors", "exceptionMessage", "errorMessage"))


def speaks_of_token(answer: object, words: Iterable[str]) -> bool:
    """Does an error say that the token is not taken?"""
    text = msgspec.json.encode(answer).decode().casefold()
    return any(word.casefold() in text for word in words)
