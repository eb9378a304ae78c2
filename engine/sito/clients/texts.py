"""The compiled base: every text of every client as the kernels take it, flat and mapped.

    texts-00000012/party.bytes     UTF-8 of all names, other names and pieces of name fields, end to end
    texts-00000012/party.starts    int64, N + 1 offsets into it
    texts-00000012/party.clients   uint32, whose text each is: numbers of clients
    texts-00000012/number.…        the same for identity, tax and other numbers
    texts-00000012/sums.json       CRC-32 of each of these files: a client whose texts changed would be met no more

What a screener would hand to the kernels when it screens the clients one by one is laid out once, by the screener's own
code, when a client is imported. So an index is searched for the whole base in a few native calls, without a Python
object for a client that meets nothing, and what is not met here cannot be met there. A folder is written by one import
and never changed; which text of which folder is the newest of a client, the base says.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from sito.delta import AnyIndex
from sito.errors import ClientBaseError
from sito.index import Segment
from sito.records import Record
from sito.screen import HARMLESS, IDENTIFIER, PARTY, texts_of

TEXTS_AT_ONCE = 1 << 15  # of one native call
KINDS = {PARTY: "party", IDENTIFIER: "number"}
SUMS = "sums.json"
SUM_SIZE = 1 << 22  # bytes that are summed at a time
FIRST_HIT = 1  # one is enough: the client is screened again, with everything


class _Mapped(NamedTuple):
    """Texts of one kind: UTF-8, offsets, numbers of clients; and where they stand."""

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    clients: npt.NDArray[np.uint32]
    folder: Path


def folder_of(base: Path, generation: int) -> Path:
    """Return where the texts of one import stand."""
    return base / f"texts-{generation:08d}"


class _File:
    """A file that is written from its beginning to its end, with the CRC-32 of what it has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sum = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sum = zlib.crc32(data, self.sum)

    def force(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


class TextWriter:
    """Writes the texts of one import; `finish` before they count, `close` in any case."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.text_count = 0
        self._ends = dict.fromkeys(KINDS, 0)
        self._files: dict[int, tuple[_File, _File, _File]] = {}
        try:
            self._make(folder)
        except OSError as error:
            self.close()
            raise ClientBaseError(
                "CLB105", expected="a disk that takes the changes", got=error.strerror or "an input/output error",
                where=folder.name, todo="look at the disk and repeat: the base is as it was",
            ) from None  # fmt: skip

    def _make(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=False)
        for mode, word in KINDS.items():
            files = [_File(self._stack.enter_context(_new(folder / f"{word}.{part}"))) for part in _PARTS]
            files[1].write(np.zeros(1, dtype="<i8").tobytes())
            self._files[mode] = (files[0], files[1], files[2])

    def add(self, numbers: Sequence[int], records: Sequence[Record]) -> None:
        """Lay out the texts of some clients.

        Raises:
            ScreenError: SCR104 a text above the limit.
        """
        owners = np.repeat(np.asarray(numbers, dtype="<u4"), [len(record.parties) for record in records])
        for data, starts, mode, parties in texts_of(records):
            texts, offsets, clients = self._files[mode]
            texts.write(data[int(starts[0]) : int(starts[-1])].tobytes())
            offsets.write((starts[1:] - starts[0] + self._ends[mode]).astype("<i8").tobytes())
            clients.write(owners[parties].tobytes())
            self._ends[mode] += int(starts[-1] - starts[0])
            self.text_count += len(parties)

    def finish(self) -> None:
        """Force all of it down to the disk."""
        sums = {
            f"{word}.{part}": file.sum
            for mode, word in KINDS.items() for part, file in zip(_PARTS, self._files[mode], strict=True)
        }  # fmt: skip
        of_sums = _File(self._stack.enter_context(_new(self._folder / SUMS)))
        of_sums.write(msgspec.json.encode(sums))
        for file in (*(file for files in self._files.values() for file in files), of_sums):
            file.force()
        self.close()
        for folder in (self._folder, self._folder.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def close(self) -> None:
        """Let the files go; a second call does nothing."""
        self._stack.close()


def _new(path: Path) -> BinaryIO:
    """Make a file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


_PARTS = ("bytes", "starts", "clients")


def met(folder: Path, index: AnyIndex, *, score_min: float, threads: int) -> Iterator[npt.NDArray[np.uint32]]:
    """Search an index for the texts of one import.

    Args:
        score_min: Lowest score of a find, in [0, 1].
        threads: Native calls at a time.

    Yields:
        Numbers of clients of which a text finds something, or runs into a limit; some of them often.

    Raises:
        ClientBaseError: CLB106 the files do not fit together, or are not as they were written.
    """
    for mode, word in KINDS.items():
        texts = _mapped(folder, word)
        count = len(texts.clients)
        if not count:
            continue
        lows = range(0, count, TEXTS_AT_ONCE)
        search = partial(_met, texts, mode=mode, index=index, score_min=score_min)
        with ThreadPoolExecutor(threads) as pool:
            for low in range(0, len(lows), 4 * threads):  # so many results wait, not those of the whole base
                yield from pool.map(search, lows[low : low + 4 * threads])


def _met(texts: _Mapped, low: int, *, mode: int, index: AnyIndex, score_min: float) -> npt.NDArray[np.uint32]:
    high = min(low + TEXTS_AT_ONCE, len(texts.clients))
    starts = texts.starts[low : high + 1]
    found = np.zeros(high - low, dtype=np.bool_)
    for segment in index.segments():
        try:
            hits = _screened(segment, texts.data, starts, mode, score_min)
        except ValueError:  # offsets that fall, or lie outside of the texts
            raise _damaged(texts.folder, "offsets that fit no text") from None
        found[hits[0]] = True
        found |= (hits[-1] & ~np.uint8(HARMLESS)) != 0
    return np.unique(texts.clients[low:high][found])


def _screened(
    segment: Segment, data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], mode: int, score_min: float
) -> tuple[npt.NDArray[Any], ...]:
    work = segment.pool.take(segment.matcher, long=True)
    try:
        return segment.matcher.screen(work, data, starts, mode, score_min, FIRST_HIT)
    finally:
        segment.pool.give(work)


def _mapped(folder: Path, word: str) -> _Mapped:
    try:
        parts = [
            np.memmap(folder / f"{word}.{part}", dtype=dtype, mode="r")
            if (folder / f"{word}.{part}").stat().st_size else np.empty(0, dtype=dtype)
            for part, dtype in zip(_PARTS, ("u1", "<i8", "<u4"), strict=True)
        ]  # fmt: skip
    except (OSError, ValueError) as error:
        raise _damaged(folder, type(error).__name__) from None
    sums = _sums(folder)
    for part, values in zip(_PARTS, parts, strict=True):
        if _sum(values) != sums.get(f"{word}.{part}"):
            raise _damaged(folder, f"{word}.{part} otherwise than it was written")
    data, starts, clients = parts
    if len(starts) != len(clients) + 1 or int(starts[0]) or int(starts[-1]) != len(data):
        raise _damaged(folder, f"{len(starts)} offsets of {len(clients)} texts")
    return _Mapped(data, starts, clients, folder)


def _sums(folder: Path) -> dict[str, int]:
    try:
        return msgspec.json.decode((folder / SUMS).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        raise _damaged(folder, f"{SUMS}: {type(error).__name__}") from None


def _sum(values: npt.NDArray[Any]) -> int:
    data, found = values.view(np.uint8), 0
    for low in range(0, len(data), SUM_SIZE):
        found = zlib.crc32(data[low : low + SUM_SIZE].tobytes(), found)
    return found


def _damaged(folder: Path, got: str) -> ClientBaseError:
    return ClientBaseError(
        "CLB106", expected="the texts of an import, whole", got=got, where=folder.name,
        todo="import the whole client file into a new folder",
    )  # fmt: skip
