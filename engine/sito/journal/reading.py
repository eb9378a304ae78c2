"""Reading a journal, also while it is written, and remembering how far it was taken."""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from sito.errors import JournalError
from sito.journal.form import BODY_SIZE_MAX, FRAME, HEAD, MAGIC, PROGRESS_SUFFIX, SUFFIX, about
from sito.ledger.sealing import Sealer


class Frame(NamedTuple):
    """One frame.

    Attributes:
        number: From 1, in its file.
        end: Offset of the first byte behind it.
    """

    number: int
    payload: bytes
    end: int


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a file was taken.

    Attributes:
        number, end: Of the last frame that was taken, and the offset behind it; 0 and 0 of none.
        planned: Of the last frame that was about to be taken with the next ones, 0 if nothing was: who was cut off
            takes the same ones again, so that counts of several frames are never counted twice.
    """

    number: int = 0
    end: int = 0
    planned: int = 0


def journal_files(folder: Path) -> list[Path]:
    """Return the journal files of a folder, the oldest first.

    Raises:
        JournalError: JRN101 the folder cannot be read.
    """
    try:
        found = [(path.stat().st_mtime_ns, path) for path in folder.iterdir() if path.suffix == SUFFIX]
    except OSError as error:
        raise JournalError(
            "JRN101", expected="a folder of journals", got=error.strerror or "an input/output error", where=folder.name
        ) from None
    return [path for _, path in sorted(found)]


class JournalFile:
    """One file that is read.

    Args:
        path: Of it. sealer: Opens what is sealed.

    Attributes:
        file_id: 32 hexadecimal digits.

    Raises:
        JournalError: JRN101 it cannot be read, JRN103 it is no journal, JRN104 a key is needed that is not there.
    """

    def __init__(self, path: Path, *, sealer: Sealer | None) -> None:
        self.path = path
        self._sealer = sealer
        try:
            with path.open("rb") as stream:
                head = stream.read(HEAD.size)
        except OSError as error:
            raise self._unreadable(error) from None
        if len(head) < HEAD.size or head[:8] != MAGIC:
            raise JournalError("JRN103", expected="a journal", got="another file", where=path.name)
        _, self._id, key = HEAD.unpack(head)
        self.file_id = self._id.hex()
        self._key = key.rstrip(b"\0").decode("ascii", "replace")
        if self._key and sealer is None:
            raise JournalError(
                "JRN104", expected=f"the key {self._key}", got="none", where=path.name, todo="give the key"
            )

    def frames(self, after: Progress | None = None) -> Iterator[Frame]:
        """Yield the frames behind what was taken, as far as they are whole.

        Half a frame at the end is what a writer was cut off at, or is about to write: it was never told to be durable.

        Raises:
            JournalError: JRN103 something in the middle is damaged: nothing behind it may be believed; JRN104 it was
                sealed by another key, or does not belong here.
        """
        after = after or Progress()
        number, offset = after.number, after.end or HEAD.size
        try:
            with self.path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                stream.seek(offset)
                while True:
                    head = stream.read(FRAME.size)
                    if len(head) < FRAME.size:
                        return
                    length, checksum = FRAME.unpack(head)
                    end = offset + FRAME.size + length
                    if not length or length > BODY_SIZE_MAX or end > size:
                        self._expect_end(stream.read(), end, size)
                        return
                    body = stream.read(length)
                    number += 1
                    if len(body) < length or zlib.crc32(body) != checksum:
                        self._expect_end(stream.read(), end, size)
                        return
                    yield Frame(number, self._opened(body, number), end)
                    offset = end
        except OSError as error:
            raise self._unreadable(error) from None

    def _expect_end(self, rest: bytes, end: int, size: int) -> None:
        """Let pass what an interrupted write leaves: half a frame, or zeros up to the end.

        Raises:
            JournalError: JRN103 something else follows.
        """
        if end >= size or not rest.strip(b"\0"):
            return
        raise JournalError(
            "JRN103", expected="frames with their checksums", got="one that is damaged", where=self.path.name,
            todo="what stands behind it is not taken: restore the file, or look into the log of the server",
        )  # fmt: skip

    def _opened(self, body: bytes, number: int) -> bytes:
        if not self._key or self._sealer is None:
            return body
        return self._sealer.open(body, about(self._id, number), self._key, f"{self.path.name}, frame {number}")

    def progress(self) -> Progress:
        """Return how far it was taken.

        Raises:
            JournalError: JRN103 what says so is damaged.
        """
        try:
            return msgspec.json.decode(self._progress_path.read_bytes(), type=Progress)
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            raise self._unreadable(error) from None
        except msgspec.MsgspecError:
            raise JournalError(
                "JRN103", expected="how far a journal was taken", got="something else", where=self._progress_path.name,
                todo="delete that file: all is taken again, which changes nothing in the ledger but counts",
            ) from None  # fmt: skip

    def remember(self, progress: Progress) -> None:
        """Keep how far it was taken; whatever dies when, this or the former stands there.

        Raises:
            JournalError: JRN102.
        """
        partial = self._progress_path.with_name(self._progress_path.name + ".partial")
        try:
            with partial.open("wb") as stream:
                stream.write(msgspec.json.encode(progress))
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self._progress_path)
        except OSError as error:
            raise JournalError(
                "JRN102", expected="how far a journal was taken, on the disk",
                got=error.strerror or "an input/output error", where=self.path.name,
            ) from None  # fmt: skip

    def is_written(self) -> bool:
        """Is a writer still at work? Of a file of another host that shares the folder nobody can say."""
        try:
            with self.path.open("rb") as stream:
                fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            raise self._unreadable(error) from None
        return False

    def remove(self) -> None:
        """Delete it, and how far it was taken, in this order: what is taken twice changes nothing.

        Raises:
            JournalError: JRN102.
        """
        try:
            self.path.unlink()
            with suppress(FileNotFoundError):
                self._progress_path.unlink()
        except OSError as error:
            raise JournalError(
                "JRN102", expected="a taken journal deleted", got=error.strerror or "an input/output error",
                where=self.path.name,
            ) from None  # fmt: skip

    @property
    def _progress_path(self) -> Path:
        return self.path.with_suffix(PROGRESS_SUFFIX)

    def _unreadable(self, error: OSError) -> JournalError:
        return JournalError(
            "JRN101", expected="a readable journal", got=error.strerror or "an input/output error", where=self.path.name
        )
