"""The index file: open, verify, describe. `sito.build` writes it.

    offset 0    8 bytes   magic `SITOINDX`
    offset 8    u32       CRC-32 of the header
    offset 12   u32       format version
    offset 16   u64       header size in bytes
    offset 24   header    msgpack map, see `_Header`
    then        sections  each at a multiple of 64 bytes, little-endian, zero-padded between

A delta, see `sito.delta`, is laid out alike, with a magic of its own: whoever takes it for a whole index would miss
nearly everybody.

A file is written once, under a temporary name, and renamed when it is complete; afterwards nobody changes it. Workers
map it read-only and share its pages. A file of another format or normaliser version is refused: its keys would not
meet the keys of today's queries, which would be a silent miss, and what is known of its words would be of other tables,
which would be other scores. Whoever changes what a section holds raises the format; should that be forgotten, a check
when the file is opened sees whether the filters still know what they stand before.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import struct
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NamedTuple

import msgpack
import msgspec
import numpy as np
import numpy.typing as npt

from sito.entries import Entry, Gist, ListEdition
from sito.errors import IndexFileError
from sito.names import facts, lexicon
from sito.names.fold import NORMALISER_VERSION, table
from sito_ext.facts import Knowledge
from sito_ext.fold import Folder
from sito_ext.lexicon import Lexicon
from sito_ext.matcher import Matcher
from sito_ext.said import Window, Wording
from sito_ext.workspace import Workspace

MAGIC, DELTA_MAGIC = b"SITOINDX", b"SITODLTA"
FORMAT_VERSION = 7
ALIGNMENT = 64
HEADER_SIZE_MAX = 64 << 20
ENTRY_CACHE_SIZE = 4096
GIST_CACHE_SIZE = 16_384  # of some 700 bytes each
ENTRY_BLOCK = 64  # entries whose offsets count from one place

Section = npt.NDArray[np.unsignedinteger[Any]]
# What `Matcher.explain` returns: see there.
Pairing = tuple[
    float, int, list[tuple[int, int, str, int]], list[tuple[str, int]], list[tuple[int, int, float, int]], bool
]

# Sections the kernels read, with their types; see sito_ext/sections.pxd for what they hold.
SECTIONS: dict[str, str] = {
    "key_starts": "<u4", "key_bytes": "u1", "key_places": "<u4",
    "group_starts": "<u4", "group_tokens": "<u4", "slots": "<u4", "bitmap": "<u8", "bucket_starts": "<u4",
    "bucket_tokens": "<u4", "front_starts": "<u4", "front_sets": "<u4", "front_tokens": "<u4",
    "back_starts": "<u4", "back_sets": "<u4", "back_tokens": "<u4",
    "name_starts": "<u4", "name_bytes": "u1", "form_bytes": "u1", "name_entries": "<u4",
    "other_names": "<u4", "other_origins": "<u4",
    "single_starts": "<u4", "single_names": "<u4", "pair_slots": "<u8", "pair_names": "<u4",
    "pair_filter": "<u8", "token_crowds": "u1",
    "node_masks": "<u4", "node_children": "<u4", "node_fails": "<u4", "node_outputs": "<u4",
    "node_links": "<u4", "children": "<u4", "pattern_starts": "<u4", "pattern_targets": "<u4",
    "identifier_entries": "<u4", "entry_blocks": "<u8", "entry_offsets": "<u4", "entry_bytes": "u1",
    "entry_names": "<u4",
    "edition_entries": "<u4", "edition_numbers": "<u4",
}  # fmt: skip


# What a delta has besides: the place of each entry among all in force, `GONE` for those of the base that are not.
DELTA_SECTIONS: dict[str, str] = {"base_ranks": "<u4", "entry_ranks": "<u4"}
GONE = 0xFFFFFFFF


class SectionInfo(msgspec.Struct, frozen=True):
    """One section of an index file; `offset` from the start of the file."""

    name: str
    dtype: str
    offset: int
    size_bytes: int
    crc32: int


class DeltaFacts(msgspec.Struct, frozen=True):
    """What a delta says of itself, in its header.

    Attributes:
        base: Digest of the only index it may lie over.
        base_built_at: When that one was built.
        entry_counts: Entries in force of each edition, in the order of the editions.
        added, changed, removed: Entries against the base.
    """

    base: str
    base_built_at: str
    entry_counts: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]
    added: Annotated[int, msgspec.Meta(ge=0)]
    changed: Annotated[int, msgspec.Meta(ge=0)]
    removed: Annotated[int, msgspec.Meta(ge=0)]


class IndexInfo(msgspec.Struct, frozen=True):
    """What an index says about itself.

    Attributes:
        bytes_per_name: File size without the stored entries, divided by the names.
        normaliser_version: Of folding and keys, with the CRC-32 of the fold table; then the version of what is known of
            words: edition and CRC-32 of the lexicon, CRC-32 of the words that say little.
        built_at: UTC, ISO 8601 to the second.
        digest: SHA-256 of the editions, versions and checksums of all sections: equal for equal content.
        delta: Of a delta, and of an index with one over it.
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
    digest: str = ""
    delta: DeltaFacts | None = None


class _Header(msgspec.Struct, frozen=True):
    """What the header says, see `IndexInfo`; `size` is that of the file, `sections` the fields of `SectionInfo`."""

    engine: str
    built_at: str
    normaliser: str
    editions: tuple[ListEdition, ...]
    size: Annotated[int, msgspec.Meta(ge=0)]
    sections: tuple[tuple[str, str, Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=0)], int], ...]
    delta: DeltaFacts | None = None


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
        sections: All of `SECTIONS`, of a delta also those of `DELTA_SECTIONS`.
        facts: What else the header says: engine, built_at, editions; of a delta also delta, the fields of `DeltaFacts`.

    Raises:
        IndexFileError: IDX301 the file cannot be written; no part of it is left behind.
    """
    kinds, magic = (SECTIONS | DELTA_SECTIONS, DELTA_MAGIC) if "delta" in facts else (SECTIONS, MAGIC)
    arrays = {name: np.ascontiguousarray(sections[name], dtype=np.dtype(kind)) for name, kind in kinds.items()}
    checksums = {name: zlib.crc32(array.data) for name, array in arrays.items()}

    def layout(first: int) -> tuple[list[tuple[str, str, int, int, int]], int]:
        table_of, offset = [], first
        for name, array in arrays.items():
            offset = -(-offset // ALIGNMENT) * ALIGNMENT
            table_of.append((name, kinds[name], offset, array.nbytes, checksums[name]))
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
            file.write(magic + struct.pack("<IIQ", zlib.crc32(header), FORMAT_VERSION, len(header)) + header)
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
    """All that keeps the file mapped: the matcher and every array hold on to it.

    What is asked for one number at a time is a memoryview: numpy would make an object of its own of each.
    """

    arrays: dict[str, Section]
    matcher: Matcher
    entry_bytes: memoryview
    entry_blocks: memoryview
    entry_offsets: memoryview
    names: memoryview
    other_names: memoryview
    other_origins: memoryview
    identifier_entries: memoryview
    runs: list[int]  # first entry of each run of entries of one edition
    editions: list[int]
    segments: tuple[Segment, ...]


class Workspaces:
    """Scratch memory for the threads of one screener: taken for a search, given back after it, kept in between.

    A workspace keeps its matcher and so the mapped file; closing the index therefore drops those that wait here.

    Args:
        small: All of them remember few words.

    Attributes:
        full_max: So many remember many words, which takes some 35 MiB each; what more searches at a time take are
            small ones. As many as the machine has cores, unless somebody knows better.
        few_max: So many small ones there are at a time; what more searches there are wait. None is any number.
        bits: Of how many words the large ones and the small ones remember, each of 128 bytes; 0 is as many as are best
            for the speed.
    """

    def __init__(self, *, small: bool = False) -> None:
        self._full: list[Workspace] = []
        self._few: list[Workspace] = []
        self.full_max = 0 if small else os.cpu_count() or 1  # more searches at a time gain nothing by being fast
        self.few_max: int | None = None
        self.bits = (0, 0)
        self._made = [0, 0]  # full and small ones, also those that are out
        self._waiting = 0
        self._closed = False
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)

    def take(self, matcher: Matcher, *, long: bool = False) -> Workspace:
        """Return a workspace of `matcher`, the one all workspaces here belong to.

        Args:
            long: The search has many texts. Where the number of small ones is bounded it waits for one that remembers
                much, if there are such, and short searches go by with a small one.
        """
        with self._lock:
            while True:
                if self._full:
                    return self._full.pop()
                small = self._made[0] >= self.full_max
                if not small:
                    break
                if not (long and self.full_max and self.few_max is not None):
                    if self._few:
                        return self._few.pop()
                    if self.few_max is None or self._made[1] < self.few_max:
                        break
                self._waiting += 1
                self._freed.wait()
                self._waiting -= 1
            self._made[small] += 1
        try:
            return matcher.workspace(small=small, bits=self.bits[small])
        except BaseException:  # no memory now; there may be some for the next
            with self._lock:
                self._gone(small)
            raise

    def give(self, work: Workspace) -> None:
        """Keep a workspace for the next search."""
        with self._lock:
            if self._closed:
                self._gone(work.small)
                return
            (self._few if work.small else self._full).append(work)
            if self._waiting:  # what came back may not be what the one waits for that is woken first
                self._freed.notify_all()

    @property
    def count(self) -> int:
        """How many wait here."""
        return len(self._full) + len(self._few)

    def prepare(self, matcher: Matcher, count: int) -> None:
        """Let at least `count` workspaces wait here, or all there may be: making one takes some milliseconds."""
        if self.few_max is not None:
            count = min(count, self.full_max + self.few_max)
        taken: list[Workspace] = []
        try:
            while len(taken) < count:
                taken.append(self.take(matcher))
        finally:  # there may be no memory for all: those that were made are not lost
            for work in taken:
                self.give(work)

    def close(self) -> None:
        """Drop those that wait, and from now on those that come back."""
        with self._lock:
            self._closed = True
            self._made[0] -= len(self._full)
            self._made[1] -= len(self._few)
            self._full.clear()
            self._few.clear()
            self._freed.notify_all()

    def _gone(self, small: bool) -> None:
        """Note with the lock held that one is no more: whoever waits may make another."""
        self._made[small] -= 1
        self._freed.notify_all()


class Segment(NamedTuple):
    """A part of what is in force, that is searched by itself.

    Attributes:
        matcher: Tells entries by their positions in the whole.
        pool: Of its workspaces.
        first_name, first_identifier: What its numbers of names and identifiers begin with in the whole.
    """

    matcher: Matcher
    pool: Workspaces
    first_name: int
    first_identifier: int


class Index:
    """One index file, mapped read-only. Make one with `Index.open`; threads may share it.

    After `close` only `info` can be asked for; all else raises IndexFileError IDX108.

    Attributes:
        info: What the file says about itself.
        entry: Takes a position, 0 to `info.entry_count` - 1, and returns the `Entry` there; the last
            `ENTRY_CACHE_SIZE` used are kept decoded.
        gist: The same for what of it speaks for or against hits, `GIST_CACHE_SIZE` of them.
    """

    def __init__(self, info: IndexInfo, arrays: dict[str, Section]) -> None:
        """Use `Index.open`."""
        self.info = info
        self._pool = Workspaces(small=info.delta is not None)
        matcher = Matcher(_folder(), knowledge(), arrays)
        self._mapped: _Mapped | None = _Mapped(
            arrays, matcher, arrays["entry_bytes"].data, arrays["entry_blocks"].data, arrays["entry_offsets"].data,
            arrays["entry_names"].data, arrays["other_names"].data, arrays["other_origins"].data,
            arrays["identifier_entries"].data, arrays["edition_entries"].tolist(), arrays["edition_numbers"].tolist(),
            (Segment(matcher, self._pool, 0, 0),),
        )  # fmt: skip
        self._decode = msgspec.json.Decoder(Entry).decode
        self._decode_gist = msgspec.json.Decoder(Gist).decode
        self.entry = lru_cache(maxsize=ENTRY_CACHE_SIZE)(self._entry)
        self.gist = lru_cache(maxsize=GIST_CACHE_SIZE)(self._gist)

    @classmethod
    def open(cls, path: Path | str, *, verify: bool = True) -> Index:
        """Map an index file.

        Args:
            path: File written by `sito build`.
            verify: Compare all checksums and look through every stored number. Only a process whose parent has done so
                should leave it out.

        Raises:
            IndexFileError: IDX101 no such file; IDX102 not an index; IDX103 another format version; IDX104 cut short;
                IDX105 header damaged; IDX106 a section damaged; IDX107 another normaliser version; IDX109 a delta.
        """
        return cls.open_as(path, delta=False, verify=verify)

    @classmethod
    def open_as(cls, path: Path | str, *, delta: bool, verify: bool = True) -> Index:
        """Map an index file, or a delta by itself, which holds only what changed; see `open` and `sito.delta`."""
        path = Path(path)
        try:
            if path.exists() and not path.is_file() and not path.is_dir():  # opening a pipe would wait for a writer
                raise _refusal("IDX101", path, "a readable index file", "a pipe or device")
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                head = file.read(24)
                if len(head) == 24 and head[:8] == (MAGIC if delta else DELTA_MAGIC):
                    raise _refusal(
                        "IDX109", path, "a delta" if delta else "a whole index", "a whole index" if delta else "a delta"
                    )
                if len(head) < 24 or head[:8] != (DELTA_MAGIC if delta else MAGIC):
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
                if (facts.delta is not None) != delta:
                    raise _refusal("IDX105", path, "an undamaged header", "another structure")
                if facts.size != size:
                    raise _refusal("IDX104", path, f"{facts.size} bytes", f"{size} bytes")
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise _refusal("IDX101", path, "a readable index file", error.strerror or "an input/output error") from None
        if facts.normaliser != normaliser():
            raise _refusal("IDX107", path, f"normaliser {normaliser()}", f"normaliser {facts.normaliser}")
        sections = tuple(SectionInfo(*section) for section in facts.sections)
        arrays = _arrays(path, mapped, sections, size, SECTIONS | DELTA_SECTIONS if delta else SECTIONS)
        if verify:
            end = 24 + header_size
            for section in sorted(sections, key=lambda section: section.offset):
                if any(mapped[end : section.offset]):  # nobody reads it, but a file that was altered is not ours
                    raise _refusal("IDX106", path, "undamaged sections", f"something before section {section.name}")
                end = max(end, section.offset + section.size_bytes)
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
            bytes_per_name=(size - stored) / max(1, name_count), digest=_digest(facts), delta=facts.delta,
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
        """The kernels' view of the file."""
        return self._open().matcher

    @property
    def arrays(self) -> Mapping[str, Section]:
        """All sections, read-only, mapped; of no use after `close`."""
        return self._open().arrays

    def workspaces(self) -> Workspaces:
        """Return the pool of workspaces that all screeners of this index share; `close` will empty it."""
        self._open()
        return self._pool

    def segments(self) -> tuple[Segment, ...]:
        """Return the parts that are searched one by one: an index has one."""
        return self._open().segments

    def pairing(self, text: bytes, low: int, high: int, name: int, free_text: bool) -> Pairing:
        """Pair and score some words of a text with one name again; see `sito_ext.matcher.Matcher.explain`."""
        return self.matcher.explain(text, low, high, name, free_text)

    def said(
        self, text: bytes, low: int, high: int, name: int, free_text: bool, *, firm: bool, score: float,
        window: Window, wording: Wording,
    ) -> tuple[list[str], int, bool]:  # fmt: skip
        """Put the words of a hit into sentences; see `sito_ext.matcher.Matcher.said`."""
        return self._open().matcher.said(window, wording, text, low, high, name, free_text, firm, score)

    def close(self) -> None:
        """Let the file go. A second call does nothing.

        Kernels that run in other threads end well, and the mapping goes with the last of them, else at once.
        Whatever is asked afterwards, the evidence of their hits too, raises IDX108.
        """
        self._mapped = None
        self._pool.close()
        self.entry.cache_clear()
        self.gist.cache_clear()

    def _open(self) -> _Mapped:
        """Return what is mapped; one reading of the attribute, so that another thread may close meanwhile."""
        mapped = self._mapped
        if mapped is None:
            raise closed_error(self.info)
        return mapped

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entry(self, position: int) -> Entry:
        return self._decode(self.stored(position))

    def _gist(self, position: int) -> Gist:
        return self._decode_gist(self.stored(position))

    def stored(self, position: int) -> memoryview:
        """Return an entry as it is stored, JSON; of no use after `close`."""
        mapped = self._open()
        blocks, offsets, end = mapped.entry_blocks, mapped.entry_offsets, position + 1
        return mapped.entry_bytes[
            blocks[position // ENTRY_BLOCK] + offsets[position] : blocks[end // ENTRY_BLOCK] + offsets[end]
        ]

    def edition(self, position: int) -> ListEdition:
        """Return the list edition that the entry at a position comes from."""
        return self.info.editions[self.edition_number(position)]

    def edition_number(self, position: int) -> int:
        """Return the number in `info.editions` of an entry's edition."""
        mapped = self._open()
        return mapped.editions[bisect_right(mapped.runs, position) - 1]

    def editions(self) -> npt.NDArray[np.int64]:
        """Return for each entry the number of its edition in `info.editions`."""
        mapped = self._open()
        counts = np.diff([*mapped.runs, self.info.entry_count])
        return np.repeat(np.asarray(mapped.editions, dtype=np.int64), counts)

    def positions(self, edition: int) -> range:
        """Return the positions of the entries of an edition, by its number in `info.editions`."""
        mapped = self._open()
        # An edition without entries has no run.
        low, high = (bisect_left(mapped.editions, number) for number in (edition, edition + 1))
        runs = [*mapped.runs, self.info.entry_count]
        return range(runs[low], runs[high])

    def name_of(self, entry_position: int, name: int, count: int = 0) -> int:
        """Return which of an entry's names the index's name number `name` is, or is another spelling of.

        Args:
            entry_position: Of the entry.
            name: Of the name.
            count: How many names the list has of the entry, if that is known: those stand before their spellings.
        """
        mapped = self._open()
        place = name - mapped.names[entry_position]
        if place < count:
            return place
        others = mapped.other_names
        place = bisect_left(others, name)
        if place < len(others) and others[place] == name:
            name = mapped.other_origins[place]
        return name - mapped.names[entry_position]

    def names_of(self, entry_position: int) -> range:
        """Return the index's name numbers of an entry."""
        names = self._open().names
        return range(names[entry_position], names[entry_position + 1])

    def identifier_of(self, entry_position: int, identifier: int) -> int:
        """Return which of an entry's identifiers the index's identifier number is."""
        return identifier - bisect_left(self._open().identifier_entries, entry_position)


def closed_error(info: IndexInfo) -> IndexFileError:
    """Return what is raised when an index is asked for something after `close`."""
    return IndexFileError(
        "IDX108", expected="an open index", got="one that was closed", where=Path(info.path).name,
        todo="open it again; ask for results before the index is closed",
    )  # fmt: skip


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
    if bool((numbers[1:] <= numbers[:-1]).any()):
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


def _digest(facts: _Header) -> str:
    """Return the SHA-256 of what a header says of the content; when and by which engine it was made is none of it."""
    sections = [(name, kind, size, checksum) for name, kind, _, size, checksum in facts.sections]
    content = (facts.normaliser, facts.editions, sections, facts.delta)
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _arrays(
    path: Path, mapped: mmap.mmap, sections: tuple[SectionInfo, ...], size: int, kinds: Mapping[str, str]
) -> dict[str, Section]:
    """Return one read-only array for each section."""
    arrays: dict[str, Section] = {}
    for section in sections:
        kind = kinds.get(section.name)
        width = np.dtype(kind).itemsize if kind else 1
        if (
            section.dtype != kind or section.size_bytes % width or section.offset % ALIGNMENT
            or section.offset + section.size_bytes > size
        ):  # fmt: skip
            raise _refusal("IDX105", path, "sections of this version", f"section {section.name}")
        arrays[section.name] = np.frombuffer(
            mapped, dtype=kind, count=section.size_bytes // width, offset=section.offset
        )
    missing = kinds.keys() - arrays.keys()
    if missing:
        raise _refusal("IDX105", path, "all sections", f"no section {min(missing)}")
    offsets, blocks = len(arrays["entry_offsets"]), len(arrays["entry_blocks"])
    if offsets == 0 or len(arrays["entry_names"]) != offsets or blocks != -(-offsets // ENTRY_BLOCK):
        raise _refusal("IDX106", path, "sections that fit together", "a wrong section entry_offsets")
    if len(arrays["edition_numbers"]) != len(arrays["edition_entries"]):
        raise _refusal("IDX106", path, "sections that fit together", "a wrong section edition_numbers")
    return arrays
