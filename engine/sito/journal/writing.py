"""Writing a journal: what `append` was given is on the disk when it returns; many who wait share one flush."""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Self

from sito.errors import JournalError
from sito.journal.form import BODY_SIZE_MAX, FILE_SIZE_MAX, FRAME, HEAD, MAGIC, SUFFIX, about, sync_folder
from sito.ledger.sealing import Sealer


class _File:
    """One file that is written; `sync` may be called by many threads at a time."""

    def __init__(self, folder: Path, sealer: Sealer | None) -> None:
        self.file_id = uuid.uuid4().bytes
        self.number = 0
        self.is_bad = False
        # Who gets the lock knows that nobody writes any more; so it gets its name once it is locked.
        path = folder / f"{self.file_id.hex()}{SUFFIX}"
        begun = path.with_suffix(".partial")
        self.handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            key = sealer.key_id.encode("ascii") if sealer is not None else b""
            head = HEAD.pack(MAGIC, self.file_id, key)
            _write_all(self.handle, head)
            os.fsync(self.handle)
            begun.rename(path)
            sync_folder(folder)
        except BaseException:
            os.close(self.handle)
            for left in (begun, path):  # nothing was told of it; a full disk must not fill with what is left of tries
                with suppress(OSError):
                    left.unlink()
            raise
        self.path = path
        self.size = len(head)
        self._synced = self.size
        self._syncing = threading.Lock()

    def sync(self, size: int) -> None:
        """Bring at least so many bytes to the disk."""
        with self._syncing:
            if self._synced >= size:
                return
            if self.is_bad:
                raise OSError("a disk that failed before")
            reached = self.size  # what others have written since goes with it
            try:
                os.fdatasync(self.handle)
            except BaseException:
                # The system may have forgotten what it could not write: nothing here is ever sure again.
                self.is_bad = True
                raise
            self._synced = reached

    def close(self) -> None:
        """Bring all to the disk and let go of the file."""
        try:
            self.sync(self.size)
        finally:
            with self._syncing:
                os.close(self.handle)


class JournalWriter:
    """Writes to a folder, from now on; a process has one. Threads share it. A context manager.

    Args:
        folder: Of this machine's own disks; made if it is not there, readable by nobody else.
        sealer: Seals what is written. None only where no personal data will be.
        begin: First frame of every file: what all others have in common.
        size_max: Bytes of a file; the next frame goes to a new one.

    Raises:
        JournalError: JRN101 the folder cannot be used.
    """

    def __init__(
        self, folder: Path, *, sealer: Sealer | None, begin: bytes, size_max: int = FILE_SIZE_MAX
    ) -> None:  # fmt: skip
        self._folder = folder
        self._sealer = sealer
        self._begin = begin
        self._size_max = size_max
        self._lock = threading.Lock()
        self._closed = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self._next()
        except OSError as error:
            raise JournalError(
                "JRN101", expected="a folder for the journal", got=error.strerror or "an input/output error",
                where=folder.name,
            ) from None  # fmt: skip

    def append(self, payload: bytes) -> None:
        """Write a frame; it is durable when this returns.

        Raises:
            JournalError: JRN102 it is not known to be; nothing may be done that relies on it.
        """
        try:
            with self._lock:
                if self._closed:
                    raise OSError("the journal is closed")
                if self._file.size >= self._size_max or self._file.is_bad:
                    before, self._file = self._file, self._next()
                    with suppress(OSError):  # who waits for it is told
                        before.close()
                file = self._file
                self._add(file, payload)
                size = file.size
            file.sync(size)
        except OSError as error:
            raise JournalError(
                "JRN102", expected="a frame on the disk", got=error.strerror or "an input/output error",
                where=self._folder.name, todo="make room, or see what is wrong with the disk; then ask again",
            ) from None  # fmt: skip

    def close(self) -> None:
        """End the file; a second time does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                with suppress(OSError):  # all that was told to be durable is
                    self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> _File:
        file = _File(self._folder, self._sealer)
        try:
            self._add(file, self._begin)
        except BaseException:
            os.close(file.handle)
            with suppress(OSError):
                file.path.unlink()
            raise
        return file

    def _add(self, file: _File, payload: bytes) -> None:
        number = file.number + 1
        body = payload if self._sealer is None else self._sealer.seal(payload, about(file.file_id, number))
        if len(body) > BODY_SIZE_MAX:
            raise OSError("a frame that is too long")
        try:
            _write_all(file.handle, FRAME.pack(len(body), zlib.crc32(body)) + body)
        except OSError:
            try:
                # Half a frame in the middle of a file would hide all that follow it.
                os.ftruncate(file.handle, file.size)
                os.lseek(file.handle, file.size, os.SEEK_SET)
            except OSError:
                file.is_bad = True
            raise
        file.number = number
        file.size += FRAME.size + len(body)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
