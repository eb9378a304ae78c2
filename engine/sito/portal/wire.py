"""One request to the personal account, over urllib3: whole, within its time and size, and on a connection of its own.

A connection of its own tells apart what matters: before it stands, nothing can have arrived; afterwards nobody knows.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError

from sito.network import Limit, limit_of
from sito.version import VERSION

CHUNK_SIZE = 1 << 16


class WireError(Exception):
    """No whole answer came.

    Attributes:
        is_connected: Did the connection stand? If not, surely nothing arrived.
        what: Kind of the failure, without anything that the other side wrote.
    """

    def __init__(self, what: str, *, is_connected: bool) -> None:
        super().__init__(what)
        self.what, self.is_connected = what, is_connected


class TooLargeError(WireError):
    """An answer is larger than it may be."""


class Reply(NamedTuple):
    """What came back. `read` yields the body piece by piece and ends, or raises WireError, within the time."""

    status: int
    headers: dict[str, str]
    read: Callable[[], Iterator[bytes]]

    @property
    def content_type(self) -> str:
        """What the other side says that it is, in lower case; not to be believed."""
        return self.headers.get("content-type", "").lower()

    def whole(self, size_max: int) -> bytes:
        """Return the whole body.

        Raises:
            WireError: It broke off or took too long. TooLargeError: it is larger.
        """
        parts, size = [], 0
        for part in self.read():
            parts.append(part)
            size += len(part)
            if size > size_max:
                raise TooLargeError(f"more than {size_max} bytes", is_connected=True)
        return b"".join(parts)


class Wire:
    """Sends requests.

    Args:
        url: Base address. context: For https. proxy: Address of an HTTP proxy, or empty.
        connect_s: For a connection.
    """

    def __init__(self, url: str, *, context: ssl.SSLContext | None, proxy: str = "", connect_s: float) -> None:
        self._url, self._context, self._proxy, self._connect_s = url.rstrip("/"), context, proxy, connect_s

    @contextmanager
    def post(self, path: str, body: bytes, headers: dict[str, str], *, limit_s: float) -> Iterator[Reply]:
        """Send a request once; no redirect is followed, nothing is tried again.

        Args:
            limit_s: For all of it, from the connection to the last byte.

        Raises:
            WireError: It broke off, before or behind the connection.
        """
        state = _State()
        told = {"User-Agent": f"sito/{VERSION}", "Accept": "*/*", "Connection": "close", **headers}
        with limit_of(limit_s) as limit:
            state.limit = limit
            manager = self._manager(state)
            try:
                timeout = urllib3.Timeout(connect=min(self._connect_s, limit_s), read=limit_s)
                with _told(state):
                    # No packed answers: their size could not be told beforehand.
                    answer = manager.urlopen(
                        "POST", f"{self._url}/{path}", body=body, headers={**told, "Accept-Encoding": "identity"},
                        redirect=False, retries=False, timeout=timeout, preload_content=False, decode_content=False,
                    )  # fmt: skip
                try:
                    found = {name.lower(): value for name, value in answer.headers.items()}
                    yield Reply(answer.status, found, lambda: _parts(answer, state))
                finally:
                    answer.close()
            finally:
                manager.clear()

    def _manager(self, state: _State) -> urllib3.PoolManager:
        options: dict[str, Any] = {"num_pools": 2, "maxsize": 1}
        if self._context is not None:
            options["ssl_context"] = self._context
        if self._proxy:
            manager: urllib3.PoolManager = urllib3.ProxyManager(self._proxy, **options)
        else:
            manager = urllib3.PoolManager(**options)
        is_tls = urlsplit(self._url).scheme == "https"
        base = HTTPSConnection if is_tls else HTTPConnection

        class Watched(base):  # type: ignore[misc, valid-type]
            """A connection that the limit can end, and that says when it stands."""

            def _new_conn(self) -> Any:
                made = super()._new_conn()
                state.limit.watch(made)
                return made

            def connect(self) -> None:
                super().connect()
                state.is_connected = True

        pool = urllib3.HTTPSConnectionPool if is_tls else urllib3.HTTPConnectionPool
        watched = type("WatchedPool", (pool,), {"ConnectionCls": Watched})
        manager.pool_classes_by_scheme = {
            **manager.pool_classes_by_scheme,
            "https" if is_tls else "http": watched,
        }
        return manager


class _State:
    """How far one request has come."""

    limit: Limit

    def __init__(self) -> None:
        self.is_connected = False


def _parts(answer: urllib3.BaseHTTPResponse, state: _State) -> Iterator[bytes]:
    while True:
        with _told(state):
            part = answer.read1(CHUNK_SIZE, decode_content=False)
            if state.limit.is_over:  # what was cut off by us reads like the end where no length was told
                raise TimeoutError
        if not part:
            return
        yield part


@contextmanager
def _told(state: _State) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPError, LocationParseError, ValueError) as error:
        what = "no end in time" if state.limit.is_over else type(error).__name__
        raise WireError(what, is_connected=state.is_connected) from None
