"""The bytes of a record file: plain, or unpacked from xz or gzip while they are read.

Exports of a day's payments travel packed. They are recognised by their first bytes, never by the extension, and
unpacked piece by piece; limits on size and on the ratio of sizes end a bomb before it costs time. Nothing
is unpacked to disk.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from sito.errors import RecordError
from sito.unpack import PackedError, is_packed, unpacked

UNPACKED_SIZE_MAX = 64 << 30  # bytes; a day's payments of a large bank have some 10 GB
RATIO_MAX = 250  # unpacked bytes per packed byte; exports of payments reach 30
RATIO_FREE_SIZE = 16 << 20  # bytes below which the ratio is not looked at: tiny files compress oddly
_MAGIC_SIZE = 6


class InputStream:
    """One pass over the unpacked bytes of a record file. Use it as a context manager.

    Attributes:
        packed: Whether the file is packed.

    Args:
        path: The file.

    Raises:
        RecordError: REC100 not a regular file. From `read`: REC114 a packed file that is cut or damaged; REC115 one
            that unpacks beyond the limits.
        OSError: The file cannot be opened or read.
    """

    def __init__(self, path: Path) -> None:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait; a file is read more than once
            kind = "a folder" if path.is_dir() else "a pipe or device"
            raise RecordError(
                "REC100", expected="a file", got=kind, where=path.name, todo="name a file; save a pipe to one first"
            )
        self._name = path.name
        self._stream = path.open("rb")
        head = self._stream.read(_MAGIC_SIZE)
        self._stream.seek(0)
        self.packed = is_packed(head)
        self._pieces: Iterator[bytes] = unpacked(self._stream) if self.packed else iter(())
        self._packed_size = path.stat().st_size
        self._size = 0
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes, fewer only at the end."""
        if not self.packed:
            return self._stream.read(size)
        parts = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and (piece := self._next()):
            parts.append(piece)
            missing -= len(piece)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]

    def position(self) -> int:
        """Return how many bytes of the file, as it is on disk, were read."""
        return self._stream.tell()

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except PackedError as error:
            raise RecordError(
                "REC114", expected="a whole and sound packed file", got=str(error), where=self._name,
                todo="nothing of it was screened; ask for the file again",
            ) from None  # fmt: skip
        self._size += len(piece)
        if self._size > UNPACKED_SIZE_MAX:
            raise self._too_large(f"at most {UNPACKED_SIZE_MAX} unpacked bytes")
        if self._size > RATIO_FREE_SIZE and self._size > RATIO_MAX * self._packed_size:
            raise self._too_large(f"at most {RATIO_MAX} unpacked bytes per packed byte")
        return piece

    def _too_large(self, expected: str) -> RecordError:
        return RecordError(
            "REC115", expected=expected, got="more", where=self._name,
            todo="nothing of it was screened; if it is no bomb, unpack it first",
        )  # fmt: skip
