"""Conversations with other machines: how long they may take in all, and which host is this machine."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def is_loopback(host: str) -> bool:
    """Does a host name mean this machine, whatever a name server says?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Limit:
    """Ends a conversation that takes too long in all, however steadily the other side drips.

    A timeout of a socket begins anew with every byte. Here the connection is shut when the time is over, and whatever
    waits on it fails with an error of its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Was it shut?"""
        return self._is_over

    def watch(self, opened: socket.socket) -> None:
        """Name the connection that is shut in the end, before TLS begins on it."""
        with self._lock:
            self._close()
            self._handle = opened.dup()  # TLS takes the first handle over; this one shuts the same connection
            if self._is_over:
                self._shut()

    def end(self) -> None:
        """Shut it."""
        with self._lock:
            self._is_over = True
            self._shut()

    def forget(self) -> None:
        """Let go of it."""
        with self._lock:
            self._close()

    def _shut(self) -> None:
        if self._handle is not None:
            with suppress(OSError):  # the other side has gone
                self._handle.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def connected(host: str, port: int, timeout_s: float, limit: Limit) -> socket.socket:
    """Connect to a host; its addresses share the time, for each by itself would take as long.

    Raises:
        OSError: None of them answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        if limit.is_over:
            raise TimeoutError
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(timeout_s / len(found))
            opened.connect(address)
            opened.settimeout(timeout_s)
            limit.watch(opened)
        except OSError as error:
            failed = error
            opened.close()
        else:
            return opened
    raise failed


@contextmanager
def limit_of(timeout_s: float) -> Iterator[Limit]:
    """Give a limit that ends after so many seconds."""
    limit = Limit()
    timer = threading.Timer(timeout_s, limit.end)
    timer.daemon = True
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        timer.join()
        limit.forget()
