"""The folder exchange: how the transport programs of the Bank of Russia's personal account are fed.

A message and its signature are made ready in a working folder, and leave by a rename, which happens or does not: what
is still there afterwards has not left. So whoever comes after a crash knows. Answers are files that others put into a
folder; each is taken in once it has not changed for a while, and moved to the archive when the ledger has it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import FesError
from sito.fes.receipts import SIZE_MAX, read_receipt
from sito.outbox.commands import Command, run
from sito.outbox.parcels import Parcel
from sito.outbox.routes import Answer, Cause, Fate, Handed, Waiting

LEFT_S = 86_400.0  # age from which files of attempts that are over are deleted
_LEFT = re.compile(r"\.?(fes-[0-9]{1,18}-[0-9a-f]{16})\.[A-Za-z0-9.]{1,40}")
ANSWER_COUNT_MAX = 10_000  # files of one look
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\Z")  # of a file that leaves


class FolderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where things lie; all folders but `incoming` on one file system.

    Attributes:
        outgoing: From where a transport program takes messages. incoming: Where it puts answers.
        work, archive: Of sito alone.
        settle_s: Seconds for which an answer must not have changed.
        pack: Packs or encrypts message and signature into one file: `{input}`, `{signature}`, `{output}`.
        packed_suffix: What is added to the message's name then.
    """

    outgoing: str
    incoming: str
    work: str
    archive: str
    settle_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    pack: Command | None = None
    packed_suffix: Annotated[str, msgspec.Meta(pattern=r"^\.[A-Za-z0-9]{1,10}\Z")] = ".enc"


class FolderRoute:
    """Hands messages over by a folder.

    Args:
        base: What the paths of the settings are relative to.

    Raises:
        FesError: FES220 a folder that is not there, cannot be written, or lies on another file system.
    """

    name = "folder"

    def __init__(self, settings: FolderSettings, base: Path) -> None:
        self._settings = settings
        names = ("outgoing", "work", "archive", "incoming")
        self._outgoing, self._work, self._archive, self._incoming = (base / getattr(settings, name) for name in names)
        devices = set()
        for name, folder in zip(names, (self._outgoing, self._work, self._archive, self._incoming), strict=True):
            if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise FesError("FES220", expected="a folder that can be written", got="none", where=name)
            if name in {"outgoing", "work"}:
                devices.add(folder.stat().st_dev)
        if len(devices) > 1:
            raise FesError(
                "FES220", expected="outgoing and work on one file system", got="two", where="work",
                todo="no rename leads from one file system to another",
            )  # fmt: skip

    def prepare(self, parcel: Parcel) -> None:
        """Make the files ready, and remember durably that they were.

        Raises:
            FesError: FES210 packing failed; FES221 the disk refuses.
        """
        for name in (parcel.parcel_id, parcel.file_name, *(power.name for power in parcel.powers)):
            if not NAME.match(name):
                raise FesError("FES221", expected="a plain name of a file", got="another", where="parcel")
        ready = self._files(parcel)
        try:
            for path, data in ready:
                _write(path, data)
            # The message first: where the mark is and the message is not, it counts as sent.
            _sync(self._work)
            _write(self._mark(parcel), b"")
            _sync(self._work)
        except OSError as error:
            raise _refused(error, parcel) from None

    def _files(self, parcel: Parcel) -> list[tuple[Path, bytes]]:
        """Return the files that leave, the message itself last: where it is, it has not left."""
        if self._settings.pack is not None:
            beside = {"signature": parcel.signature}
            return [(self._main(parcel), run(self._settings.pack, parcel.xml, name=parcel.file_name, beside=beside))]
        found = [(self._work / f"{parcel.parcel_id}.sig", parcel.signature)]
        for number, power in enumerate(parcel.powers):
            found += [
                (self._work / f"{parcel.parcel_id}.power{number}", power.data),
                (self._work / f"{parcel.parcel_id}.power{number}.sig", power.signature),
            ]
        return [*found, (self._main(parcel), parcel.xml)]

    def _main(self, parcel: Parcel) -> Path:
        return Path(self._work, f"{parcel.parcel_id}.xml")

    def _mark(self, parcel: Parcel) -> Path:
        return Path(self._work, f"{parcel.parcel_id}.prepared")

    def discard(self, parcel: Parcel) -> None:
        """Delete the files of an attempt that is not made; what cannot be deleted harms nobody."""
        # The mark first: where it is and the message is not, it counts as sent.
        for path in (self._mark(parcel), *self._work.glob(f"{parcel.parcel_id}.*")):
            with suppress(OSError):
                path.unlink()

    def sweep(self, going: Collection[str]) -> None:
        """Delete files of attempts that are over, a day after they were written; what cannot be deleted stays."""
        with suppress(OSError), os.scandir(self._work) as entries:
            for entry in entries:
                found = _LEFT.fullmatch(entry.name)
                if found is None or found[1] in going:
                    continue
                with suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > LEFT_S:
                        Path(entry.path).unlink()

    def send(self, parcel: Parcel) -> Handed:
        """Rename what was made ready; the message last."""
        main = self._main(parcel)
        packed = self._settings.pack is not None
        moves = [(main, parcel.file_name + (self._settings.packed_suffix if packed else ""))]
        if not packed:
            powers = [
                (self._work / f"{parcel.parcel_id}.power{number}{suffix}", f"{power.name}{suffix}")
                for number, power in enumerate(parcel.powers) for suffix in ("", ".sig")
            ]  # fmt: skip
            moves = [(self._work / f"{parcel.parcel_id}.sig", f"{parcel.file_name}.sig"), *powers, *moves]
        try:
            for source, name in moves:
                source.rename(self._outgoing / name)
            _sync(self._outgoing)
            _sync(self._work)
        except OSError:
            return self.find(parcel)
        return self.find(parcel)

    def find(self, parcel: Parcel) -> Handed:
        """Say whether a message left: what was made ready and is gone has.

        What has not left is taken back by a rename, so that a sender that was only slow cannot send it any more.
        """
        if not self._mark(parcel).exists():
            return Handed(Fate.UNKNOWN)
        taken_back = self._work / f"{parcel.parcel_id}.withdrawn"
        try:
            self._main(parcel).rename(taken_back)
            _sync(self._work)
        except FileNotFoundError:
            if not taken_back.exists():
                return Handed(Fate.SENT, external_id=parcel.record_number or parcel.file_name)
        except OSError:
            return Handed(Fate.UNKNOWN)
        return Handed(Fate.NOT_SENT, Cause.NOT_FOUND)

    def answers(self, waiting: Sequence[Waiting]) -> Iterator[Answer]:
        """Yield each answer that has settled; one that nobody understands or waits for has no subject."""
        try:
            paths = sorted(path for path in self._incoming.iterdir() if not path.name.startswith("."))
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES220", expected="a folder that can be read", got=got, where="incoming") from None
        for path in paths[:ANSWER_COUNT_MAX]:
            data = self._settled(path)
            if data is None:
                continue
            subjects: tuple[str, ...] = ()
            try:
                receipt = read_receipt(data, where=path.name[:100])
            except FesError:
                pass  # told below: it has no subject
            else:
                subjects = tuple(
                    one.subject for one in waiting
                    if receipt.is_about(file_name=one.file_name, record_numbers=one.record_numbers)
                )  # fmt: skip
            yield Answer(subjects, receipt=data, mark=path.name)

    def _settled(self, path: Path) -> bytes | None:
        try:
            state = path.lstat()
            if not path.is_file() or path.is_symlink() or state.st_size > SIZE_MAX:
                return None if path.is_dir() else b""
            # A clock that is ahead by more than that is another host's, and says nothing of how long ago it was.
            if abs(time.time() - state.st_mtime) < self._settings.settle_s:
                return None
            with path.open("rb") as stream:
                data = stream.read(SIZE_MAX + 1)
            after = path.lstat()
        except OSError:
            return None
        return data if (after.st_size, after.st_mtime_ns) == (state.st_size, state.st_mtime_ns) else None

    def taken(self, answer: Answer) -> None:
        """Move an answer to the archive; nothing is done where it is there already."""
        source = self._incoming / Path(answer.mark).name
        try:
            if os.path.lexists(source):  # also a link that leads nowhere
                source.rename(_free(self._archive, source.name))
                _sync(self._archive)
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES221", expected="an archive that takes files", got=got, where="archive") from None


def _free(folder: Path, name: str) -> Path:
    """Return a path that is not taken: what came before under the name stays."""
    found, number = folder / name, 1
    while found.exists():
        number += 1
        found = folder / f"{name}.{number}"
    return found


def _write(path: Path, data: bytes) -> None:
    hidden = path.with_name(f".{path.name}.part")
    hidden.unlink(missing_ok=True)
    handle = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    hidden.rename(path)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(error: OSError, parcel: Parcel) -> FesError:
    got = error.strerror or "an input/output error"
    return FesError("FES221", expected="a disk that takes files", got=got, where=parcel.parcel_id)
