"""Reading a journal, also while it is written, and remembering how far it was taken."""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Annotated, NamedTuple

import msgspec

from sito.errors import JournalError, LedgerError
from sito.journal.form import BODY_SIZE_MAX, CUT_SUFFIX, FRAME, HEAD, MAGIC, PROGRESS_SUFFIX, SUFFIX, about, sync_folder
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


Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a file was taken.

    Attributes:
        number, end: Of the last frame that was taken, and the offset behind it; 0 and 0 of none.
        planned: Of the last frame that was about to be taken with the next ones, 0 if nothing was: who was cut off
            takes the same ones again, so that counts of several frames are never counted twice.
    """

    number: Count = 0
    end: Count = 0
    planned: Count = 0


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


@contextmanager
def taking(folder: Path) -> Iterator[None]:
    """Keep others from taking a folder's journals meanwhile: what two of them count would be counted twice.

    Raises:
        JournalError: JRN101 the folder cannot be read, JRN108 somebody else takes them now.
    """
    handle = -1
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if handle >= 0:
            os.close(handle)
        if isinstance(error, BlockingIOError):
            raise JournalError(
                "JRN108", expected="a journal that nobody else takes", got="one that somebody takes now",
                where=folder.name, todo="one `sito take` for a folder will do; a second one may wait to replace it",
            ) from None  # fmt: skip
        raise JournalError(
            "JRN101", expected="a folder of journals", got=error.strerror or "an input/output error", where=folder.name
        ) from None
    try:
        yield
    finally:
        os.close(handle)


class JournalFile:
    """One file that is read.

    Args:
        path: Of it. sealer: Opens what is sealed.

    Attributes:
        file_id: 32 hexadecimal digits.

    Raises:
        JournalError: JRN101 it cannot be read, JRN103 it is no journal, JRN104 a key is needed that is not there, or
            there is one and the file is not sealed: anybody might have written it.
    """

    def __init__(self, path: Path, *, sealer: Sealer | None) -> None:
        self.path = path
        self._sealer = sealer
        try:
            if not S_ISREG(path.stat().st_mode):  # opening a pipe would wait for a writer
                raise JournalError("JRN103", expected="a journal", got="a pipe, folder or device", where=path.name)
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
        if sealer is not None and not self._key:
            raise JournalError(
                "JRN104", expected="a journal that is sealed", got="one that anybody could have written",
                where=path.name, todo="find out who put it there",
            )  # fmt: skip

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
        where = f"{self.path.name}, frame {number}"
        try:
            return self._sealer.open(body, about(self._id, number), self._key, where)
        except LedgerError as error:  # of one file, while a fault of the ledger is one of all
            raise JournalError("JRN104", expected=error.expected, got=error.got, where=where, todo=error.todo) from None

    def progress(self) -> Progress:
        """Return how far it was taken.

        Raises:
            JournalError: JRN103 what says so is damaged.
        """
        path = self._progress_path
        try:
            found = None
            if S_ISREG(path.lstat().st_mode):  # opening a pipe would wait for a writer
                with suppress(msgspec.MsgspecError):
                    found = msgspec.json.decode(path.read_bytes(), type=Progress)
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            raise self._unreadable(error) from None
        if found is None or 0 < found.planned <= found.number or (found.number > 0) is not (found.end > 0):
            raise JournalError(
                "JRN103", expected="how far a journal was taken", got="something else", where=path.name,
                todo="delete that file: all is taken again, which changes nothing in the ledger but counts",
            )  # fmt: skip
        return found

    def remember(self, progress: Progress) -> None:
        """Keep how far it was taken; whatever dies when, this or the former stands there.

        Raises:
            JournalError: JRN102.
        """
        partial = self._progress_path.with_name(self._progress_path.name + ".partial")
        try:
            # Never through a link that somebody has put there.
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(msgspec.json.encode(progress))
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(self._progress_path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise JournalError(
                "JRN102", expected="how far a journal was taken, on the disk",
                got=error.strerror or "an input/output error", where=self.path.name,
            ) from None  # fmt: skip

    def rest(self, progress: Progress) -> int:
        """Return how many bytes stand behind what was taken, without the zeros that an interrupted write leaves.

        Raises:
            JournalError: JRN103 more was taken than there is: the file is not what it was.
        """
        begin = progress.end or HEAD.size
        try:
            with self.path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                if size < begin:
                    raise JournalError(
                        "JRN103", expected=f"the {begin} bytes that were taken", got=f"{size} bytes",
                        where=self.path.name, todo="restore the file",
                    )  # fmt: skip
                stream.seek(begin)
                while part := stream.read(1 << 20):
                    if part.strip(b"\0"):
                        return size - begin
        except OSError as error:
            raise self._unreadable(error) from None
        return 0

    def set_aside(self, rest: int) -> JournalError:
        """Rename it, so that nobody takes it again, and return what has to be told of it.

        Raises:
            JournalError: JRN102.
        """
        aside = self.path.with_suffix(CUT_SUFFIX)
        try:
            self.path.rename(aside)
        except OSError as error:
            raise JournalError(
                "JRN102", expected="a journal set aside", got=error.strerror or "an input/output error",
                where=self.path.name,
            ) from None  # fmt: skip
        return JournalError(
            "JRN103", expected="whole frames up to the end", got=f"{rest} bytes that are none", where=aside.name,
            todo="all before them was taken; a machine that broke down leaves such an end, which nobody was answered"
            " for; if none did, restore the file under its former name",
        )  # fmt: skip

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
