"""An alert as JSON to an address, signed, by http.client."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

import msgspec

from sito.alerts.channels import Webhook
from sito.alerts.delivery import BROKEN, REFUSED, UNTRUSTED, Fate, Outcome
from sito.alerts.news import Alert, word
from sito.alerts.texts import message
from sito.network import Limit, connected, limit_of
from sito.version import VERSION

ANSWER_SIZE_MAX = 1 << 16  # bytes of an answer that are read; nothing in it is used
TOO_EARLY = frozenset({408, 429})  # of the 4xx those that may be tried again


def body_of(alert: Alert, channel: Webhook) -> bytes:
    """Return what is sent; the same whenever it is made."""
    said = message(alert, channel.language)
    return msgspec.json.encode(
        {**msgspec.to_builtins(alert), "headline": said.headline, "text": said.text}, order="sorted"
    )


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 over timestamp, a full stop and body, in hexadecimal digits."""
    return hmac.new(secret, timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()


def post(alert: Alert, channel: Webhook, *, context: ssl.SSLContext, secret: bytes, now: datetime) -> Outcome:
    """Hand an alert to a webhook, once; no redirect is followed.

    Returns:
        What came of it; nothing is raised, for nothing that a server does is a fault of sito.
    """
    body = body_of(alert, channel)
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json", "User-Agent": f"sito/{VERSION}", "Connection": "close",
        "Idempotency-Key": alert.alert_id, "X-Sito-Timestamp": timestamp,
        "X-Sito-Signature": "sha256=" + signature(secret, timestamp, body),
    }  # fmt: skip
    parts = urlsplit(channel.url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{parts.query}" if parts.query else "")
    try:
        with limit_of(channel.timeout_s) as limit:
            connection = _connection(channel, context, limit)
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                data = answer.read(ANSWER_SIZE_MAX)
                if answer.length and len(data) < ANSWER_SIZE_MAX:  # what breaks off vouches for nothing
                    raise http.client.IncompleteRead(b"")
                if limit.is_over:  # headers that were cut off by us read like whole ones
                    raise TimeoutError
                status, wait = answer.status, answer.getheader("Retry-After", "")
            finally:
                connection.close()
    except ssl.SSLError as error:
        return _outcome(channel, Fate.LATER, f"{UNTRUSTED} {word(error.reason) or type(error).__name__}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _outcome(channel, Fate.LATER, f"{BROKEN} {type(error).__name__}")
    if 200 <= status < 300:
        return _outcome(channel, Fate.TAKEN)
    again = status >= 500 or status in TOO_EARLY
    return _outcome(
        channel, Fate.LATER if again else Fate.NEVER, f"{REFUSED} {status}", _seconds(wait, now) if again else 0.0
    )


class _Connection(http.client.HTTPConnection):
    """A connection whose whole time is limited; TLS begins on it if there is a context."""

    def __init__(self, host: str, port: int, *, timeout: float, limit: Limit, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=timeout)
        self._timeout_s = timeout
        self._limit = limit
        self._context = context

    def connect(self) -> None:
        self.sock = connected(self.host, self.port, self._timeout_s, self._limit)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # headers and body go out apart
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _connection(channel: Webhook, context: ssl.SSLContext, limit: Limit) -> http.client.HTTPConnection:
    parts = urlsplit(channel.url)
    is_tls = parts.scheme == "https"
    return _Connection(
        parts.hostname or "", parts.port or (443 if is_tls else 80), timeout=channel.timeout_s, limit=limit,
        context=context if is_tls else None,
    )  # fmt: skip


def _outcome(channel: Webhook, fate: Fate, reason: str = "", wait_s: float = 0.0) -> Outcome:
    return Outcome({channel.name: fate}, reason, wait_s)


def _seconds(text: str, now: datetime) -> float:
    """Return how long `Retry-After` asks to wait: seconds or a date; 0 if it says neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
