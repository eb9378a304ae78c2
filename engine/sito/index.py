"""The index file: open, verify, describe. `sito.build` writes it.

    offset 0    8 bytes   magic `SITOINDX`
    offset 8    u32       CRC-32 of the header
    offset 12   u32       format version
    offset 16   u64       header size in bytes
    offset 24   header    msgpack map, see `_HEADER`
    then        sections  each at a multiple of 64 bytes, little-endian, zero-padded between

A file is written once, under a temporary name, and renamed when it is complete; afterwards nobody changes it. Workers map it
read-only and share its pages. A file of another format or normaliser version is refused: its keys would not
meet the keys of today's queries, and that would be a silent miss.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import msgpack
import msgspec
import numpy as np
import numpy.typing as npt
from sito_ext.fold import Folder
from sito_ext.matcher import Matcher

from sito.entries import Entry, ListEdition
from sito.errors import IndexFileError
from sito.names.fold import NORMALISER_VERSION, table

MAGIC = b"SITOINDX"
FORMAT_VERSION = 1
ALIGNMENT = 64
HEADER_SIZE_MAX = 64 << 20

# Sections the kernels read, with their types; see sito_ext/matcher.pyx for what they hold.
SECTIONS: dict[str, str] = {
    "key_starts": "<u4", "key_bytes": "u1", "weights": "u1", "slots": "<u4", "bitmap": "<u8", "bucket_starts": "<u4",
    "bucket_tokens": "<u4", "name_starts": "<u4", "name_bytes": "u1",
    "name_entries": "<u4", "single_starts": "<u4", "single_names": "<u4", "pair_slots": "<u8", "pair_names": "<u4",
    "pair_bitmap": "<u8", "node_masks": "<u4", "node_children": "<u4", "node_fails": "<u4", "node_outputs": "<u4",
    "node_links": "<u4", "children": "<u4", "pattern_starts": "<u4", "pattern_targets": "<u4",
    "identifier_entries": "<u4", "entry_starts": "<u8", "entry_bytes": "u1", "entry_names": "<u4",
    "entry_identifiers": "<u4", "entry_editions": "<u2",
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
        normaliser_version: Of folding and keys; with it goes the CRC-32 of the fold table.
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


def normaliser() -> str:
    """Return the version of folding and keys that this build works with."""
    return f"{NORMALISER_VERSION}-{zlib.crc32(table()):08x}"


def write_index(path: Path, sections: Mapping[str, npt.NDArray[np.generic]], facts: Mapping[str, object]) -> None:
    """Write an index file: temporary name beside `path`, fsync, rename, fsync of the folder.

    Args:
        path: Where the index shall stand; an older file there is replaced in one step.
        sections: All of `SECTIONS`.
        facts: engine_version, built_at, editions, counts.

    Raises:
        IndexFileError: IDX301 the file cannot be written; no part of it is left behind.
    """
    arrays = {name: np.ascontiguousarray(sections[name], dtype=np.dtype(kind)) for name, kind in SECTIONS.items()}
    checksums = {name: zlib.crc32(memoryview(array).cast("B")) if array.size else 0 for name, array in arrays.items()}

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
        with temporary.open("xb") as file:
            file.write(MAGIC + struct.pack("<IIQ", zlib.crc32(header), FORMAT_VERSION, len(header)) + header)
            for name, _, offset, _, _ in placed:
                file.write(b"\0" * (offset - file.tell()))
                if arrays[name].size:
                    file.write(memoryview(arrays[name]).cast("B"))
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


class Index:
    """One index file, mapped read-only. Make one with `Index.open`; threads may share it.

    Attributes:
        info: What the file says about itself.
        matcher: The kernels' view; `sito.screen` is its only user.
    """

    def __init__(self, info: IndexInfo, mapped: mmap.mmap, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
        """Use `Index.open`."""
        self.info = info
        self._map = mapped
        self._arrays = arrays
        self.matcher = Matcher(Folder(table()), arrays)
        self._entry_starts = arrays["entry_starts"]
        self._entry_bytes = memoryview(arrays["entry_bytes"])
        self._names = arrays["entry_names"]
        self._identifiers = arrays["entry_identifiers"]
        self._editions = arrays["entry_editions"]
        self._decode = msgspec.json.Decoder(Entry).decode
        self.entry = lru_cache(maxsize=4096)(self._entry)

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
                if facts["size"] != size:
                    raise _refusal("IDX104", path, f"{facts['size']} bytes", f"{size} bytes")
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise _refusal("IDX101", path, "a readable index file", error.strerror or "an input/output error") from None
        if facts["normaliser"] != normaliser():
            raise _refusal("IDX107", path, f"normaliser {normaliser()}", f"normaliser {facts['normaliser']}")
        sections = tuple(SectionInfo(*section) for section in facts["sections"])
        arrays = _arrays(path, mapped, sections, size)
        if verify:
            for section in sections:
                data = memoryview(mapped)[section.offset : section.offset + section.size_bytes]
                if zlib.crc32(data) != section.crc32:
                    raise _refusal("IDX106", path, "undamaged sections", f"a wrong checksum of section {section.name}")
        editions = tuple(msgspec.convert(edition, ListEdition) for edition in facts["editions"])
        stored = sum(section.size_bytes for section in sections if section.name == "entry_bytes")
        info = IndexInfo(
            path=str(path), size_bytes=size, format_version=version, normaliser_version=facts["normaliser"],
            engine_version=facts["engine"], built_at=facts["built_at"], editions=editions,
            entry_count=len(arrays["entry_starts"]) - 1, name_count=len(arrays["name_entries"]),
            token_count=len(arrays["weights"]), identifier_count=len(arrays["identifier_entries"]), sections=sections,
            bytes_per_name=(size - stored) / max(1, len(arrays["name_entries"])),
        )  # fmt: skip
        try:
            index = cls(info, mapped, arrays)
            if verify:
                index.matcher.check()
                _check_entries(arrays, len(editions))
        except ValueError as error:
            raise _refusal("IDX106", path, "sections that fit together", f"a wrong section {error}") from None
        return index

    def close(self) -> None:
        """Forget the mapping; it goes when the last search over it has ended."""
        self.entry.cache_clear()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entry(self, position: int) -> Entry:
        """Return the entry at a position, 0 to `info.entry_count` - 1; the last 4 096 used are kept decoded."""
        start, end = int(self._entry_starts[position]), int(self._entry_starts[position + 1])
        return self._decode(self._entry_bytes[start:end])

    def edition(self, position: int) -> ListEdition:
        """Return the list edition that the entry at a position comes from."""
        return self.info.editions[int(self._editions[position])]

    def name_of(self, entry_position: int, name: int) -> int:
        """Return which of an entry's names the index's name number `name` is."""
        return name - int(self._names[entry_position])

    def names_of(self, entry_position: int) -> range:
        """Return the index's name numbers of an entry."""
        return range(int(self._names[entry_position]), int(self._names[entry_position + 1]))

    def identifier_of(self, entry_position: int, identifier: int) -> int:
        """Return which of an entry's identifiers the index's identifier number is."""
        return identifier - int(self._identifiers[entry_position])


def _check_entries(arrays: dict[str, npt.NDArray[np.generic]], edition_count: int) -> None:
    """Look through the numbers that only this module reads; ValueError names the section."""
    for name, end in (
        ("entry_starts", len(arrays["entry_bytes"])),
        ("entry_names", len(arrays["name_entries"])),
        ("entry_identifiers", len(arrays["identifier_entries"])),
    ):
        starts = arrays[name]
        if int(starts[0]) != 0 or int(starts[-1]) != end or bool((starts[1:] < starts[:-1]).any()):
            raise ValueError(name)
    if bool((arrays["entry_editions"] >= edition_count).any()):
        raise ValueError("entry_editions")


def _refusal(code: str, path: Path, expected: str, got: str) -> IndexFileError:
    return IndexFileError(
        code, expected=expected, got=got, where=path.name, todo="build the index again with `sito build`"
    )


def _header(path: Path, data: bytes) -> dict[str, object]:
    """Decode the header; nil bytes at its end are padding."""
    unpacker = msgpack.Unpacker(max_buffer_size=HEADER_SIZE_MAX, strict_map_key=True)
    unpacker.feed(data)
    wanted = {"engine": str, "built_at": str, "editions": list, "normaliser": str, "size": int, "sections": list}
    try:
        facts = unpacker.unpack()
        if isinstance(facts, dict) and all(isinstance(facts.get(name), kind) for name, kind in wanted.items()):
            return facts
    except (msgpack.UnpackException, ValueError):
        pass
    raise _refusal("IDX105", path, "an undamaged header", "another structure")


def _arrays(
    path: Path, mapped: mmap.mmap, sections: tuple[SectionInfo, ...], size: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Return one read-only array for each section."""
    arrays = {}
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
    entries = len(arrays["entry_starts"]) - 1
    if (
        entries < 0 or len(arrays["entry_names"]) != entries + 1 or len(arrays["entry_identifiers"]) != entries + 1
        or len(arrays["entry_editions"]) != entries
    ):  # fmt: skip
        raise _refusal("IDX106", path, "sections that fit together", "a wrong section entry_starts")
    return arrays
