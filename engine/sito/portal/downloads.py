"""A file on its way from the service: a part that grows beside its target, gone on with where it broke off."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sito.errors import ListError, PortalError
from sito.lists import containers
from sito.portal.answers import kind_of
from sito.portal.envelopes import Body
from sito.portal.wire import TooLargeError

HEAD_SIZE = 4096
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:\d{1,15}|\*)\Z")


class Part:
    """What has come of a file so far.

    Args:
        target: Where it shall stand, without an ending.
        file_id: The service's name of the file: a part of another one is not gone on with.
    """

    def __init__(self, target: Path, file_id: str) -> None:
        self.target = target
        mark = hashlib.sha256(file_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.path = target.with_name(f".{target.name}-{mark}.part")
        self._size = self.path.stat().st_size if self.path.exists() else 0

    def wanted(self) -> dict[str, str]:
        """Return the header that asks for what is missing; none at the beginning."""
        return {"Range": f"bytes={self._size}-"} if self._size else {}

    def begin(self, status: int, headers: dict[str, str]) -> bool:
        """Look at the head of an answer; False if it brings no file."""
        if status == 206:
            found = _RANGE.match(headers.get("content-range", ""))
            if found is not None and int(found[1]) == self._size:
                return True
            self.drop()  # another piece than was asked for: from the start, next time
            return False
        if status == 200:
            self.drop()
            return True
        if status == 416:  # there is no such piece: what we have is not of this file
            self.drop()
        return False

    def take(self, parts: Iterator[bytes], size_max: int) -> None:
        """Write what comes.

        Raises:
            WireError: It broke off; what came is kept. TooLargeError: it is larger; nothing is kept.
            PortalError: PRT207 the disk refuses.
        """
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "wb") as stream:
                try:
                    for part in parts:
                        self._size += len(part)
                        if self._size > size_max:
                            self.drop()
                            raise TooLargeError(f"more than {size_max} bytes", is_connected=True)
                        stream.write(part)
                finally:
                    stream.flush()
                os.fsync(handle)
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise PortalError(
                "PRT207", expected="a disk that takes the file", got=got, where=self.target.name
            ) from None

    def drop(self) -> None:
        """Throw away what has come."""
        self._size = 0
        with suppress(OSError):
            self.path.unlink()

    def head(self) -> bytes:
        """Return its first bytes."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_SIZE)

    def small(self, size_max: int) -> bytes:
        """Return all of it, if it is no larger; else its beginning."""
        with self.path.open("rb") as stream:
            return stream.read(size_max)

    def body(self) -> Body:
        """Describe what has come."""
        digest, size = containers.digest(self.path)
        return Body(size, digest)


def sound_file(part: Part, method: str) -> str:
    """Put a whole file into its place, if it is one that can be unpacked; return its ending.

    Raises:
        PortalError: PRT206 it is none: a page of HTML, a broken zip, one that would unpack without an end.
    """
    kind = kind_of(part.head())
    try:
        if kind not in {"zip", "xml"}:
            raise PortalError(
                "PRT206", expected="a list as a zip or as XML", got="a page of HTML" if kind == "html" else kind,
                where=method,
            )  # fmt: skip
        # All of it, for the check sums: a zip that broke in the middle has a sound beginning and end.
        for member in containers.members(part.path):
            for _ in member.chunks():
                pass
    except ListError as error:
        part.drop()
        raise PortalError(
            "PRT206", expected=error.expected, got=error.got, where=f"{method}, {error.code}", todo=error.todo
        ) from None
    except PortalError:
        part.drop()
        raise
    ending = f".{kind}"
    part.path.replace(part.target.with_name(part.target.name + ending))
    return ending
