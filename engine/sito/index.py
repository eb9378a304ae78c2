"""The index file: open, verify, describe. `sito.build` writes it.

    offset 0    8 bytes   magic `SITOINDX`
    offset 8    u32       CRC-32 of the header
    offset 12   u32       format version
    offset 16   u64       header size in bytes
    offset 24   header    msgpack map, see `_Header`
    then        sections  each at a multiple of 64 bytes, little-endian, zero-padded between

A file is written once, under a temporary name, and renamed when it is complete; afterwards nobody changes it. Workers
map it read-only and share its pages. A file of another format or normaliser version is refused: its keys would not
meet the keys of today's queries, which would be a silent miss, and what is known of its words would be of other tables,
which would be other scores. Whoever changes what a section holds raises the format; should that be forgotten, a check
when the file is opened sees whether the filters still know what they stand before.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import threading
import weakref
import zlib
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NamedTuple

import msgpack
import msgspec
import numpy as np
import numpy.typing as npt

from sito.entries import Entry, ListEdition
from sito.errors import IndexFileError
from sito.names import facts, lexicon
from sito.names.fold import NORMALISER_VERSION, table
from sito_ext.facts import Knowledge
from sito_ext.fold import Folder
from sito_ext.lexicon import Lexicon
from sito_ext.matcher import Matcher
from sito_ext.workspace import Workspace

MAGIC = b"SITOINDX"
FORMAT_VERSION = 5
ALIGNMENT = 64
HEADER_SIZE_MAX = 64 << 20
ENTRY_CACHE_SIZE = 4096
ENTRY_BLOCK = 64  # entries whose offsets count from one place

Section = npt.NDArray[np.unsignedinteger[Any]]

# Sections the kernels read, with their types; see sito_ext/sections.pxd for what they hold.
SECTIONS: dict[str, str] = {
    "key_starts": "<u4", "key_bytes": "u1", "key_places": "<u4",
    "group_starts": "<u4", "group_tokens": "<u4", "slots": "<u4", "bitmap": "<u8", "bucket_starts": "<u4",
    "bucket_tokens": "<u4", "name_starts": "<u4", "name_bytes": "u1", "form_bytes": "u1", "name_entries": "<u4",
    "other_names": "<u4", "other_origins": "<u4",
    "single_starts": "<u4", "single_names": "<u4", "pair_slots": "<u8", "pair_names": "<u4", "pair_bitmap": "<u8",
    "node_masks": "<u4", "node_children": "<u4", "node_fails": "<u4", "node_outputs": "<u4",
    "node_links": "<u4", "children": "<u4", "pattern_starts": "<u4", "pattern_targets": "<u4",
    "identifier_entries": "<u4", "entry_blocks": "<u8", "entry_offsets": "<u4", "entry_bytes": "u1",
    "entry_names": "<u4",
    "edition_entries": "<u4", "edition_numbers": "<u4",
}  # fmt: skip


class SectionInfo(msgspec.Struct, frozen=True):
    """One section of an index file; `offset` from the start of the file."""

    name: str
    dtype: str
    offset: int
    size_bytes: int
    crc32: int


class IndexInfo(msgspec.Struct, frozen=True):
    """What an index says about itself.

    Attributes:
        bytes_per_name: File size without the stored entries, divided by the names.
        normaliser_version: Of folding and keys, with the CRC-32 of the fold table; then the version of what is known of
            words: edition and CRC-32 of the lexicon, CRC-32 of the words that say little.
        built_at: UTC, ISO 8601 to the second.
    """

    path: str
    size_bytes: int
    format_version: int
    normaliser_version: str
    engine_version: str
    built_at: str
    editions: tuple[ListEdition, ...]
    entry_count: int
    name_count: int
    token_count: int
    identifier_count: int
    sections: tuple[SectionInfo, ...]
    bytes_per_name: float


class _Header(msgspec.Struct, frozen=True):
    """What the header says, see `IndexInfo`; `size` is that of the file, `sections` the fields of `SectionInfo`."""

    engine: str
    built_at: str
    normaliser: str
    editions: tuple[ListEdition, ...]
    size: Annotated[int, msgspec.Meta(ge=0)]
    sections: tuple[tuple[str, str, Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=0)], int], ...]


def normaliser() -> str:
    """Return the version of folding, keys and knowledge of words that this build works with."""
    return f"{NORMALISER_VERSION}-{zlib.crc32(table()):08x}-{facts.version()}"


@cache
def knowledge() -> Knowledge:
    """Return what is known of words, as the kernels read it."""
    return Knowledge(Lexicon(lexicon.table()), facts.special_table())


@cache
def _folder() -> Folder:
    return Folder(table())


def write_index(path: Path, sections: Mapping[str, npt.NDArray[np.generic]], facts: Mapping[str, object]) -> None:
    """Write an index file: temporary name beside `path`, fsync, rename, fsync of the folder.

    Args:
        path: Where the index shall stand; an older file there is replaced in one step.
        sections: All of `SECTIONS`.
        facts: What else the header says: engine, built_at, editions.

    Raises:
        IndexFileError: IDX301 the file cannot be written; no part of it is left behind.
    """
    arrays = {name: np.ascontiguousarray(sections[name], dtype=np.dtype(kind)) for name, kind in SECTIONS.items()}
    checksums = {name: zlib.crc32(array.data) for name, array in arrays.items()}

    def layout(first: int) -> tuple[list[tuple[str, str, int, int, int]], int]:
        table_of, offset = [], first
        for name, array in arrays.items():
            offset = -(-offset // ALIGNMENT) * ALIGNMENT
            table_of.append((name, SECTIONS[name], offset, array.nbytes, checksums[name]))
            offset += array.nbytes
        return table_of, offset

    header_size = 0
    while True:  # the offsets stand in the header, whose size depends on them
        placed, end = layout(24 + header_size)
        header = msgpack.packb({**facts, "normaliser": normaliser(), "size": end, "sections": placed}, datetime=False)
        if len(header) <= header_size:
            header += b"\xc0" * (header_size - len(header))  # nil padding keeps the promised size
            break
        header_size = len(header)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a rename would put a file in place of a device
            raise OSError(errno.EINVAL, "a pipe or device")
        with temporary.open("xb") as file:
            file.write(MAGIC + struct.pack("<IIQ", zlib.crc32(header), FORMAT_VERSION, len(header)) + header)
            for name, _, offset, _, _ in placed:
                file.write(b"\0" * (offset - file.tell()))
                file.write(arrays[name].data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise IndexFileError(
            "IDX301", expected="a writable place for the index", got=error.strerror or "an input/output error",
            where=path.name, todo="free space or choose another --output; nothing was replaced",
        ) from None  # fmt: skip
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class _Mapped(NamedTuple):
    """All that keeps the file mapped: the matcher and every array hold on to it."""

    arrays: dict[str, Section]
    matcher: Matcher
    entry_bytes: memoryview
    entry_blocks: Section
    entry_offsets: Section
    names: Section
    runs: list[int]  # first entry of each run of entries of one edition
    editions: list[int]


class Workspaces:
    """Scratch memory for the threads of one screener: taken for a search, given back after it, kept in between.

    A workspace keeps its matcher and so the mapped file; closing the index therefore drops those that wait here.
    """

    def __init__(self) -> None:
        self._free: list[Workspace] = []
        self._closed = False
        self._lock = threading.Lock()

    def take(self, matcher: Matcher) -> Workspace:
        """Return a workspace of `matcher`, the one all workspaces here belong to."""
        with self._lock:
            if self._free:
                return self._free.pop()
        return matcher.workspace()

    def give(self, work: Workspace) -> None:
        """Keep a workspace for the next search."""
        with self._lock:
            if not self._closed:
                self._free.append(work)

    def close(self) -> None:
        """Drop those that wait, and from now on those that come back."""
        with self._lock:
            self._closed = True
            self._free.clear()


class Index:
    """One index file, mapped read-only. Make one with `Index.open`; threads may share it.

    After `close` only `info` can be asked for; all else raises IndexFileError IDX108.

    Attributes:
        info: What the file says about itself.
        entry: Takes a position, 0 to `info.entry_count` - 1, and returns the `Entry` there; the last
            `ENTRY_CACHE_SIZE` used are kept decoded.
    """

    def __init__(self, info: IndexInfo, arrays: dict[str, Section]) -> None:
        """Use `Index.open`."""
        self.info = info
        self._mapped: _Mapped | None = _Mapped(
            arrays, Matcher(_folder(), knowledge(), arrays), arrays["entry_bytes"].data, arrays["entry_blocks"],
            arrays["entry_offsets"], arrays["entry_names"], arrays["edition_entries"].tolist(),
            arrays["edition_numbers"].tolist(),
        )  # fmt: skip
        self._decode = msgspec.json.Decoder(Entry).decode
        self._pools: weakref.WeakSet[Workspaces] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.entry = lru_cache(maxsize=ENTRY_CACHE_SIZE)(self._entry)

    @classmethod
    def open(cls, path: Path | str, *, verify: bool = True) -> Index:
        """Map an index file.

        Args:
            path: File written by `sito build`.
            verify: Compare all checksums and look through every stored number. Only a process whose parent has done so
                should leave it out.

        Raises:
            IndexFileError: IDX101 no such file; IDX102 not an index; IDX103 another format version; IDX104 cut short;
                IDX105 header damaged; IDX106 a section damaged; IDX107 another normaliser version.
        """
        path = Path(path)
        try:
            if path.exists() and not path.is_file() and not path.is_dir():  # opening a pipe would wait for a writer
                raise _refusal("IDX101", path, "a readable index file", "a pipe or device")
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                head = file.read(24)
                if len(head) < 24 or head[:8] != MAGIC:
                    raise _refusal("IDX102", path, "a sito index", f"a file of {size} bytes of another kind")
                checksum, version, header_size = struct.unpack_from("<IIQ", head, 8)
                if version != FORMAT_VERSION:
                    raise _refusal("IDX103", path, f"index format {FORMAT_VERSION}", f"format {version}")
                if header_size > HEADER_SIZE_MAX:
                    raise _refusal("IDX105", path, "an undamaged header", f"a header of {header_size} bytes")
                header = file.read(header_size)
                if len(header) < header_size:
                    raise _refusal("IDX104", path, f"a header of {header_size} bytes", f"a file of {size} bytes")
                if zlib.crc32(header) != checksum:
                    raise _refusal("IDX105", path, "an undamaged header", "a wrong checksum")
                facts = _header(path, header)
                if facts.size != size:
                    raise _refusal("IDX104", path, f"{facts.size} bytes", f"{size} bytes")
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise _refusal("IDX101", path, "a readable index file", error.strerror or "an input/output error") from None
        if facts.normaliser != normaliser():
            raise _refusal("IDX107", path, f"normaliser {normaliser()}", f"normaliser {facts.normaliser}")
        sections = tuple(SectionInfo(*section) for section in facts.sections)
        arrays = _arrays(path, mapped, sections, size)
        if verify:
            for section in sections:
                data = memoryview(mapped)[section.offset : section.offset + section.size_bytes]
                if zlib.crc32(data) != section.crc32:
                    raise _refusal("IDX106", path, "undamaged sections", f"a wrong checksum of section {section.name}")
        stored = sum(section.size_bytes for section in sections if section.name == "entry_bytes")
        # Other spellings are no names of the list.
        name_count = len(arrays["name_entries"]) - len(arrays["other_names"])
        info = IndexInfo(
            path=str(path), size_bytes=size, format_version=version, normaliser_version=facts.normaliser,
            engine_version=facts.engine, built_at=facts.built_at, editions=facts.editions,
            entry_count=len(arrays["entry_names"]) - 1, name_count=name_count,
            token_count=len(arrays["key_starts"]) - 1, identifier_count=len(arrays["identifier_entries"]),
            sections=sections,
            bytes_per_name=(size - stored) / max(1, name_count),
        )  # fmt: skip
        try:
            index = cls(info, arrays)
            if verify:
                index.matcher.check()
                _check_entries(arrays, len(facts.editions))
        except ValueError as error:
            raise _refusal("IDX106", path, "sections that fit together", f"a wrong section {error}") from None
        return index

    @property
    def matcher(self) -> Matcher:
        """The kernels' view of the file; `sito.screen` and `sito.evidence` are its only users."""
        return self._open().matcher

    def workspaces(self) -> Workspaces:
        """Return an empty pool of workspaces, which `close` will empty."""
        pool = Workspaces()
        with self._lock:
            self._open()
            self._pools.add(pool)
        return pool

    def close(self) -> None:
        """Let the file go. A second call does nothing.

        Kernels that run in other threads end well, and the mapping goes with the last of them, else at once.
        Whatever is asked afterwards, the evidence of their hits too, raises IDX108.
        """
        with self._lock:
            self._mapped = None
            pools = list(self._pools)
        for pool in pools:
            pool.close()
        self.entry.cache_clear()

    def _open(self) -> _Mapped:
        """Return what is mapped; one reading of the attribute, so that another thread may close meanwhile."""
        mapped = self._mapped
        if mapped is None:
            raise IndexFileError(
                "IDX108", expected="an open index", got="one that was closed", where=Path(self.info.path).name,
                todo="open it again; ask for results before the index is closed",
            )  # fmt: skip
        return mapped

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entry(self, position: int) -> Entry:
        mapped = self._open()
        start, end = _start_of(mapped, position), _start_of(mapped, position + 1)
        return self._decode(mapped.entry_bytes[start:end])

    def edition(self, position: int) -> ListEdition:
        """Return the list edition that the entry at a position comes from."""
        mapped = self._open()
        return self.info.editions[mapped.editions[bisect_right(mapped.runs, position) - 1]]

    def name_of(self, entry_position: int, name: int) -> int:
        """Return which of an entry's names the index's name number `name` is, or is another spelling of."""
        mapped = self._open()
        others = mapped.arrays["other_names"]
        place = _place(others, name)
        if place < len(others) and int(others[place]) == name:
            name = int(mapped.arrays["other_origins"][place])
        return name - int(mapped.names[entry_position])

    def names_of(self, entry_position: int) -> range:
        """Return the index's name numbers of an entry."""
        names = self._open().names
        return range(int(names[entry_position]), int(names[entry_position + 1]))

    def identifier_of(self, entry_position: int, identifier: int) -> int:
        """Return which of an entry's identifiers the index's identifier number is."""
        return identifier - _place(self._open().arrays["identifier_entries"], entry_position)


def _start_of(mapped: _Mapped, position: int) -> int:
    """Return where the bytes of an entry begin."""
    return int(mapped.entry_blocks[position // ENTRY_BLOCK]) + int(mapped.entry_offsets[position])


def _place(rising: Section, value: int) -> int:
    """Return where a value stands first among rising ones, or would stand."""
    # Of another type than the array's, the value would have the whole array converted.
    return int(rising.searchsorted(rising.dtype.type(value)))


def _check_entries(arrays: dict[str, Section], edition_count: int) -> None:
    """Look through the numbers that only this module reads; ValueError names the section."""
    offsets, blocks = arrays["entry_offsets"], arrays["entry_blocks"]
    starts = np.repeat(blocks, ENTRY_BLOCK)[: len(offsets)] + offsets
    if bool((offsets[::ENTRY_BLOCK] != 0).any()) or int(starts[-1]) != len(arrays["entry_bytes"]):
        raise ValueError("entry_offsets")
    if int(starts[0]) != 0 or bool((starts[1:] < starts[:-1]).any()):
        raise ValueError("entry_blocks")
    owners, others, origins = arrays["name_entries"], arrays["other_names"], arrays["other_origins"]
    for name in ("name_entries", "identifier_entries"):
        if bool((arrays[name][1:] < arrays[name][:-1]).any()):
            raise ValueError(name)
    if not np.array_equal(arrays["entry_names"], owners.searchsorted(np.arange(len(offsets), dtype=owners.dtype))):
        raise ValueError("entry_names")
    # An origin is a listed name of the same entry, above the spelling itself.
    if len(others) and (int(others[-1]) >= len(owners) or bool((others[1:] <= others[:-1]).any())):
        raise ValueError("other_names")
    if len(origins) != len(others) or bool((origins >= others).any()):
        raise ValueError("other_origins")
    if bool((owners[origins] != owners[others]).any()) or bool(np.isin(origins, others).any()):
        raise ValueError("other_origins")
    runs, numbers = arrays["edition_entries"], arrays["edition_numbers"]
    if len(offsets) > 1 and (len(runs) == 0 or int(runs[0]) != 0):
        raise ValueError("edition_entries")
    if bool((runs[1:] <= runs[:-1]).any()) or (len(runs) and int(runs[-1]) >= max(1, len(offsets) - 1)):
        raise ValueError("edition_entries")
    if len(numbers) != len(runs) or bool((numbers >= edition_count).any()):
        raise ValueError("edition_numbers")


def _refusal(code: str, path: Path, expected: str, got: str) -> IndexFileError:
    return IndexFileError(
        code, expected=expected, got=got, where=path.name, todo="build the index again with `sito build`"
    )


def _header(path: Path, data: bytes) -> _Header:
    """Decode the header; nil bytes at its end are padding."""
    # msgspec's own decoder takes no bytes after the message.
    unpacker = msgpack.Unpacker(max_buffer_size=HEADER_SIZE_MAX, strict_map_key=True)
    unpacker.feed(data)
    try:
        return msgspec.convert(unpacker.unpack(), _Header)
    except (msgpack.UnpackException, msgspec.ValidationError, ValueError):
        raise _refusal("IDX105", path, "an undamaged header", "another structure") from None


def _arrays(path: Path, mapped: mmap.mmap, sections: tuple[SectionInfo, ...], size: int) -> dict[str, Section]:
    """Return one read-only array for each section."""
    arrays: dict[str, Section] = {}
    for section in sections:
        kind = SECTIONS.get(section.name)
        width = np.dtype(kind).itemsize if kind else 1
        if (
            section.dtype != kind or section.size_bytes % width or section.offset % ALIGNMENT
            or section.offset + section.size_bytes > size
        ):  # fmt: skip
            raise _refusal("IDX105", path, "sections of this version", f"section {section.name}")
        arrays[section.name] = np.frombuffer(
            mapped, dtype=kind, count=section.size_bytes // width, offset=section.offset
        )
    missing = SECTIONS.keys() - arrays.keys()
    if missing:
        raise _refusal("IDX105", path, "all sections", f"no section {min(missing)}")
    offsets, blocks = len(arrays["entry_offsets"]), len(arrays["entry_blocks"])
    if offsets == 0 or len(arrays["entry_names"]) != offsets or blocks != -(-offsets // ENTRY_BLOCK):
        raise _refusal("IDX106", path, "sections that fit together", "a wrong section entry_offsets")
    if len(arrays["edition_numbers"]) != len(arrays["edition_entries"]):
        raise _refusal("IDX106", path, "sections that fit together", "a wrong section edition_numbers")
    return arrays
