"""An index with a delta over it: what is in force is the entries of the base that are not gone, and those of the delta.

A delta is a small index of the entries that were added or changed since its base was built, with the place of every
entry, of the base and of itself, among all in force; the base's others are gone. It says which base it belongs to and
lies over no other. `sito.changes` makes one.

Both parts are searched one after the other and their hits put together. That gives what a whole index would give,
because no listed name has a say in how another one is found, and because positions, and with them the order of equal
scores, are those of the whole index.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from sito.entries import Entry, Gist, ListEdition
from sito.errors import IndexFileError
from sito.index import (
    ENTRY_CACHE_SIZE,
    GIST_CACHE_SIZE,
    GONE,
    Index,
    IndexInfo,
    Pairing,
    Segment,
    closed_error,
)
from sito_ext.said import Window, Wording

IDENTIFIER_TARGET, IDENTIFIER_MASK = 1 << 31, (1 << 30) - 1
HITS_CUT = 64  # flag of a text of which hits were left out, as in sito_ext/workspace.pxd

# What `sito_ext.matcher.Matcher.screen` returns.
Hits = tuple[npt.NDArray[Any], ...]


class _Laid(NamedTuple):
    """What an open `UpdatedIndex` looks up: goes as a whole when it is closed.

    Attributes:
        places: Of each entry in force its position in the base, or behind all of the base its position in the delta.
        ends: Of each edition, the position behind its last entry.
    """

    segments: tuple[Segment, Segment]
    places: npt.NDArray[np.uint32]
    ends: list[int]


class UpdatedIndex:
    """A base index and a delta, to be asked and screened against like one `Index`. Threads may share it.

    Positions of entries are those that a whole index of the new editions would have; numbers of names and identifiers
    are those of the base and, behind them, those of the delta.

    Args:
        base: An open index; the caller closes it, unless `open` made it.
        delta: A delta opened by `Index.open_as`; closed with this.
        verify: Look through all places; left out where the parent process has done so.

    Raises:
        IndexFileError: IDX110 the delta belongs to another index; IDX106 its places do not fit together.

    Attributes:
        info: Of the whole: the editions in force, what they hold, when the delta was built.
        entry, gist: As of `Index`.
    """

    def __init__(self, base: Index, delta: Index, *, verify: bool = True) -> None:
        facts = delta.info.delta
        if facts is None:
            raise TypeError("a delta is opened by Index.open_as")
        if facts.base != base.info.digest:
            raise IndexFileError(
                "IDX110", expected=f"a delta of index {base.info.digest[:12]}", got=f"one of {facts.base[:12]}",
                where=Path(delta.info.path).name, todo="make a delta of the index in use, or put its index in place",
            )  # fmt: skip
        base_ranks, ranks = delta.arrays["base_ranks"], delta.arrays["entry_ranks"]
        count = sum(facts.entry_counts)
        alive = np.flatnonzero(base_ranks != GONE)
        places = np.full(count, GONE, dtype=np.uint32)
        if (
            len(base_ranks) != base.info.entry_count or len(ranks) != delta.info.entry_count
            or len(alive) + len(ranks) != count or len(facts.entry_counts) != len(delta.info.editions)
            or bool((base_ranks[alive] >= count).any()) or bool((ranks >= count).any())
        ):  # fmt: skip
            raise _unfit(delta, "base_ranks")
        places[base_ranks[alive]] = alive
        places[ranks] = base.info.entry_count + np.arange(len(ranks), dtype=np.uint32)
        if bool((places == GONE).any()):  # two entries at one place leave another one empty
            raise _unfit(delta, "entry_ranks")
        ends = np.fromiter(accumulate(facts.entry_counts), dtype=np.int64)
        if verify:
            _check_editions(base, delta, base_ranks, ends)
        gone_names = int(np.count_nonzero(_listed(base) & (base_ranks[base.arrays["name_entries"]] == GONE)))
        first = base.segments()[0]
        above = delta.segments()[0]
        self.base, self.delta = base, delta
        self.info: IndexInfo = msgspec.structs.replace(
            base.info, editions=delta.info.editions, built_at=delta.info.built_at, entry_count=count,
            engine_version=delta.info.engine_version, size_bytes=base.info.size_bytes + delta.info.size_bytes,
            name_count=base.info.name_count - gone_names + delta.info.name_count, delta=facts,
            identifier_count=base.info.identifier_count + delta.info.identifier_count,
            token_count=base.info.token_count + delta.info.token_count,
            digest=hashlib.sha256(f"{base.info.digest}{delta.info.digest}".encode()).hexdigest(),
        )  # fmt: skip
        self._laid: _Laid | None = _Laid(
            (
                Segment(first.matcher.ranked(base_ranks), first.pool, 0, 0),
                Segment(
                    above.matcher.ranked(ranks), above.pool, len(base.arrays["name_entries"]),
                    base.info.identifier_count,
                ),
            ),
            places, ends.tolist(),
        )  # fmt: skip
        self._owns_base = False
        self.entry = lru_cache(maxsize=ENTRY_CACHE_SIZE)(self._entry)
        self.gist = lru_cache(maxsize=GIST_CACHE_SIZE)(self._gist)

    @classmethod
    def open(cls, base: Path | str, delta: Path | str, *, verify: bool = True) -> UpdatedIndex:
        """Map an index and a delta; `close` closes both.

        Raises:
            IndexFileError: As `Index.open` for either file; IDX109 a whole index in place of a delta or the other way
                round; IDX110 the delta belongs to another index.
        """
        whole = Index.open(base, verify=verify)
        try:
            updated = over(whole, delta, verify=verify)
        except BaseException:
            whole.close()
            raise
        updated._owns_base = True
        return updated

    def segments(self) -> tuple[Segment, ...]:
        """Return the two parts that are searched one by one; `joined` puts their hits together."""
        return self._open().segments

    def pairing(self, text: bytes, low: int, high: int, name: int, free_text: bool) -> Pairing:
        """Pair and score some words of a text with one name again; see `sito_ext.matcher.Matcher.explain`."""
        segment = self._segment(name)
        return segment.matcher.explain(text, low, high, name - segment.first_name, free_text)

    def said(
        self, text: bytes, low: int, high: int, name: int, free_text: bool, *, firm: bool, score: float,
        window: Window, wording: Wording,
    ) -> tuple[list[str], int, bool]:  # fmt: skip
        """As `Index.said`."""
        segment = self._segment(name)
        name -= segment.first_name
        return segment.matcher.said(window, wording, text, low, high, name, free_text, firm, score)

    def edition(self, position: int) -> ListEdition:
        """Return the list edition in force that the entry at a position belongs to, wherever it is stored."""
        return self.info.editions[self.edition_number(position)]

    def edition_number(self, position: int) -> int:
        """As `Index.edition_number`."""
        return bisect_right(self._open().ends, position)

    def positions(self, edition: int) -> range:
        """As `Index.positions`."""
        ends = self._open().ends
        return range(ends[edition - 1] if edition else 0, ends[edition])

    def name_of(self, entry_position: int, name: int, count: int = 0) -> int:
        """As `Index.name_of`."""
        segment = self._segment(name)
        index, position = self._stored(entry_position)
        return index.name_of(position, name - segment.first_name, count)

    def names_of(self, entry_position: int) -> range:
        """As `Index.names_of`."""
        index, position = self._stored(entry_position)
        names = index.names_of(position)
        first = 0 if index is self.base else self._open().segments[1].first_name
        return range(first + names.start, first + names.stop)

    def identifier_of(self, entry_position: int, identifier: int) -> int:
        """As `Index.identifier_of`."""
        index, position = self._stored(entry_position)
        first = 0 if index is self.base else self._open().segments[1].first_identifier
        return index.identifier_of(position, identifier - first)

    def stored(self, position: int) -> memoryview:
        """As `Index.stored`."""
        index, place = self._stored(position)
        return index.stored(place)

    def close(self) -> None:
        """Let the delta go, and the base if `open` mapped it. A second call does nothing."""
        self._laid = None
        self.delta.close()
        self.entry.cache_clear()
        self.gist.cache_clear()
        if self._owns_base:
            self.base.close()

    def _entry(self, position: int) -> Entry:
        index, place = self._stored(position)
        return index.entry(place)

    def _gist(self, position: int) -> Gist:
        index, place = self._stored(position)
        return index.gist(place)

    def _open(self) -> _Laid:
        laid = self._laid
        if laid is None:
            raise closed_error(self.info)
        return laid

    def _stored(self, position: int) -> tuple[Index, int]:
        """Return where an entry in force stands."""
        place = int(self._open().places[position])
        count = self.base.info.entry_count
        return (self.base, place) if place < count else (self.delta, place - count)

    def _segment(self, name: int) -> Segment:
        first, above = self._open().segments
        return above if name >= above.first_name else first

    def __enter__(self) -> UpdatedIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


AnyIndex = Index | UpdatedIndex


def over(base: Index, path: Path | str, *, verify: bool = True) -> UpdatedIndex:
    """Lay a delta file over an open index, which stays the caller's to close; see `UpdatedIndex`."""
    delta = Index.open_as(path, delta=True, verify=verify)
    try:
        return UpdatedIndex(base, delta, verify=verify)
    except BaseException:
        delta.close()
        raise


def joined(found: list[tuple[Segment, Hits]], hit_limit: int) -> Hits:
    """Put the hits of all segments together as one search of the whole would have given them.

    Args:
        found: Each segment with what its matcher returned: see `sito_ext.matcher.Matcher.screen`.
        hit_limit: Most hits of one text.

    Returns:
        The same arrays: items rising, in one item best first and equal scores by position, at most `hit_limit` of each
        item, those of which any were left out with the flag that says so.
    """
    flags = found[0][1][-1].copy()
    for _, hits in found[1:]:
        flags |= hits[-1]
    telling = [(segment, hits) for segment, hits in found if len(hits[0])]
    if not telling:
        return (*found[0][1][:-1], flags)
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    for segment, (items, targets, entries, ranges, scores, readings, _) in telling:
        if segment.first_name or segment.first_identifier:
            shift = np.where(targets < IDENTIFIER_TARGET, segment.first_name, segment.first_identifier)
            parts.append((items, targets + shift.astype(np.uint32), entries, ranges, scores, readings))
            continue
        parts.append((items, targets, entries, ranges, scores, readings))
    if len(parts) == 1:
        return (*parts[0], flags)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    items, entries, scores = columns[0], columns[2], columns[4]
    order = np.lexsort((entries, -scores, items))
    columns = [column[order] for column in columns]
    items = columns[0]
    # The place of each hit among those of its item.
    begins = np.flatnonzero(np.r_[True, items[1:] != items[:-1]])
    counts = np.diff(np.r_[begins, len(items)])
    within = np.arange(len(items)) - np.repeat(begins, counts)
    flags[items[begins[counts > hit_limit]]] |= np.uint8(HITS_CUT)
    kept = within < hit_limit
    return (*(column[kept] for column in columns), flags)


def _listed(index: Index) -> npt.NDArray[np.bool_]:
    """Return for each name whether the list has it: other spellings are made from one."""
    listed = np.ones(len(index.arrays["name_entries"]), dtype=np.bool_)
    listed[index.arrays["other_names"]] = False
    return listed


def _check_editions(base: Index, delta: Index, base_ranks: npt.NDArray[Any], ends: npt.NDArray[np.int64]) -> None:
    """Refuse places that would put an entry into the edition of another list."""
    numbers = {edition.list_id: number for number, edition in enumerate(delta.info.editions)}
    if len(numbers) != len(delta.info.editions):
        raise _unfit(delta, "editions")
    today = np.asarray([numbers.get(edition.list_id, -1) for edition in base.info.editions], dtype=np.int64)
    alive = base_ranks != GONE
    kept = np.searchsorted(ends, base_ranks[alive], side="right")
    if bool((today[base.editions()[alive]] != kept).any()):
        raise _unfit(delta, "base_ranks")
    new = np.searchsorted(ends, delta.arrays["entry_ranks"], side="right")
    if bool((delta.editions() != new).any()):
        raise _unfit(delta, "entry_ranks")


def _unfit(delta: Index, name: str) -> IndexFileError:
    return IndexFileError(
        "IDX106", expected="sections that fit together", got=f"a wrong section {name}",
        where=Path(delta.info.path).name, todo="make the delta again",
    )  # fmt: skip
