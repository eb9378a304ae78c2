"""Where alerts go: a TOML file with e-mail and webhook channels.

    leads_h = [24, 4]          # hours before a term ends at which it is told
    list_unused_h = 24         # hours after which a list that nobody used is told
    attempts_max = 12          # for one alert, before it counts as failed
    backoff_s = 5              # pause behind the first attempt; it doubles with each, up to a quarter of an hour

    [[email]]
    name = "duty"
    language = "ru"            # or "en"
    kinds = ["case_opened", "deadline_late"]
    host = "mail.bank.example"
    port = 587
    security = "starttls"      # "tls", or "none" to this machine only
    user = "sito"              # with password_file; both or neither
    password_file = "mail.password"
    from = "sito@bank.example"
    to = { duty = "duty@bank.example" }   # the ledger keeps the names, not the addresses

    [[webhook]]
    name = "soc"
    language = "en"
    kinds = ["attempt_refused"]
    url = "https://soc.bank.example/sito"
    secret_file = "soc.secret"

Files are named relative to the TOML file. Optional for both: `ca_file` (PEM) and `timeout_s`.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from sito.alerts.news import AlertKind
from sito.errors import AlertError
from sito.network import is_loopback
from sito.toml import TomlError, read_toml

FILE_SIZE_MAX = 1 << 20  # bytes of the TOML file
SECRET_SIZE_MAX = 1 << 12  # bytes of a password or secret
SECRET_SIZE_MIN = 16  # bytes: a shorter one is guessed
# Patterns end in \Z: before a line end at the end, `$` would fit, too.
_NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}\Z"
_PLAIN = r"^[!-~]+\Z"  # visible ASCII: nothing that could begin another header or command

Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
Plain = Annotated[str, msgspec.Meta(pattern=_PLAIN, max_length=2048)]
Address = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+\Z", max_length=254)]
TimeoutS = Annotated[float, msgspec.Meta(gt=0, le=300)]
Hours = Annotated[float, msgspec.Meta(gt=0, le=24 * 366)]
Language = Literal["ru", "en"]


class Email(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mail server and who gets mail; see the module. `timeout_s` is the time that one attempt may take in all."""

    name: Name
    language: Language
    kinds: Annotated[tuple[AlertKind, ...], msgspec.Meta(min_length=1)]
    host: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.:-]+\Z", max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    security: Literal["starttls", "tls", "none"]
    sender: Address = msgspec.field(name="from")
    to: Annotated[dict[Name, Address], msgspec.Meta(min_length=1, max_length=100)]
    user: Annotated[str, msgspec.Meta(pattern=r"^[!-~]*\Z", max_length=256)] = ""
    password_file: str = ""
    ca_file: str = ""
    timeout_s: TimeoutS = 30.0

    @property
    def recipients(self) -> tuple[str, ...]:
        """The names of those who get it."""
        return tuple(self.to)


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An address that takes alerts as JSON; see the module. `timeout_s` is what one attempt may take in all."""

    name: Name
    language: Language
    kinds: Annotated[tuple[AlertKind, ...], msgspec.Meta(min_length=1)]
    url: Plain
    secret_file: Annotated[str, msgspec.Meta(min_length=1)]
    ca_file: str = ""
    timeout_s: TimeoutS = 30.0

    @property
    def recipients(self) -> tuple[str, ...]:
        """The one that gets it."""
        return (self.name,)


Channel = Email | Webhook


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    leads_h: Annotated[tuple[Hours, ...], msgspec.Meta(min_length=1, max_length=10)]
    list_unused_h: Hours
    attempts_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 12
    backoff_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 5.0
    email: Annotated[tuple[Email, ...], msgspec.Meta(max_length=50)] = ()
    webhook: Annotated[tuple[Webhook, ...], msgspec.Meta(max_length=50)] = ()


class Channels(msgspec.Struct, frozen=True):
    """The channels of a file, in its order, when terms and lists are told, and how often and how fast is tried."""

    all: tuple[Channel, ...]
    secrets: dict[str, bytes]
    contexts: dict[str, ssl.SSLContext]
    leads: tuple[timedelta, ...]
    unused: timedelta
    attempts_max: int
    backoff_s: float

    @classmethod
    def read(cls, path: Path) -> Channels:
        """Read a file and everything that it names.

        Raises:
            AlertError: ALR101 it cannot be read, is no TOML or says something else; ALR102 a name that two channels
                have; ALR103 a channel that others could read or change; ALR104 a password, secret or certificate that
                cannot be used.
        """
        found = _parsed(path)
        channels: tuple[Channel, ...] = (*found.email, *found.webhook)
        if not channels:
            raise AlertError("ALR101", expected="at least one channel", got="none", where=path.name)
        names = [channel.name for channel in channels]
        if len(set(names)) < len(names):
            raise AlertError("ALR102", expected="names of one channel each", got="one of two", where=path.name)
        secrets: dict[str, bytes] = {}
        contexts: dict[str, ssl.SSLContext] = {}
        for channel in channels:
            where = f"{path.name}, {channel.name}"
            if isinstance(channel, Email):
                _check_mail(channel, where)
            else:
                _check_url(channel.url, where)
            secret = channel.password_file if isinstance(channel, Email) else channel.secret_file
            if secret:
                least = 1 if isinstance(channel, Email) else SECRET_SIZE_MIN
                secrets[channel.name] = _secret(path.parent / secret, least, where)
            contexts[channel.name] = _context(path.parent / channel.ca_file if channel.ca_file else None, where)
        return cls(
            channels, secrets, contexts, tuple(timedelta(hours=lead) for lead in found.leads_h),
            timedelta(hours=found.list_unused_h), found.attempts_max, found.backoff_s,
        )  # fmt: skip

    def named(self, names: Iterable[str]) -> tuple[Channel, ...]:
        """Return the channels of some names, all of them for none.

        Raises:
            AlertError: ALR105 there is no such channel.
        """
        wanted = set(names)
        known = {channel.name for channel in self.all}
        if wanted - known:
            raise AlertError(
                "ALR105", expected="a channel of " + ", ".join(sorted(known)), got="another name", where="channel"
            )
        return tuple(channel for channel in self.all if not wanted or channel.name in wanted)


def _parsed(path: Path) -> _File:
    try:
        return read_toml(path, _File)
    except TomlError as error:
        raise AlertError(
            "ALR101", expected="channels in TOML as docs/operations.md, Alerts, has them", got=str(error),
            where=error.where(path.name),
        ) from None  # fmt: skip


def _read(path: Path, size_max: int, code: str, where: str) -> bytes:
    try:
        if not path.is_file():
            raise AlertError(code, expected="a readable file", got="no file", where=where)
        with path.open("rb") as stream:
            data = stream.read(size_max + 1)
    except (OSError, ValueError) as error:
        got = getattr(error, "strerror", None) or "an input/output error"
        raise AlertError(code, expected="a readable file", got=got, where=where) from None
    if len(data) > size_max:
        raise AlertError(code, expected="a readable file", got=f"more than {size_max} bytes", where=where)
    return data


def _secret(path: Path, size_min: int, where: str) -> bytes:
    data = _read(path, SECRET_SIZE_MAX, "ALR104", where).strip()
    if len(data) < size_min or not data.isascii() or not data.decode("ascii").isprintable():
        raise AlertError(
            "ALR104", expected=f"a secret of at least {size_min} printable ASCII characters", got="another",
            where=where, todo="for a webhook: `openssl rand -hex 32 > FILE`",
        )  # fmt: skip
    return data


def _context(ca_file: Path | None, where: str) -> ssl.SSLContext:
    if ca_file is None:
        return ssl.create_default_context()
    data = _read(ca_file, FILE_SIZE_MAX, "ALR104", where)
    try:
        text = data.decode("ascii")
        if "BEGIN CERTIFICATE" not in text:  # an empty text would mean: trust what the system trusts
            raise ValueError
        return ssl.create_default_context(cadata=text)
    except (OSError, ValueError):
        raise AlertError(
            "ALR104", expected="a file of certificates in PEM", got="something else", where=where
        ) from None


def _check_mail(channel: Email, where: str) -> None:
    if bool(channel.user) != bool(channel.password_file):
        raise AlertError("ALR103", expected="user and password_file together", got="one of them", where=where)
    if channel.security == "none" and not is_loopback(channel.host):
        raise _unsafe('security = "starttls" or "tls"', "none, to another machine", where)


def _check_url(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0 or parts.username is not None or parts.fragment:
        raise _unsafe("https://HOST/PATH without a user", "another address", where)
    if parts.scheme == "http" and not is_loopback(host):
        raise _unsafe("https", "http, to another machine", where)


def _unsafe(expected: str, got: str, where: str) -> AlertError:
    return AlertError("ALR103", expected=expected, got=got, where=where)
