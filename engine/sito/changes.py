"""Make a delta: what changed between an index in use and new editions of its lists. See `sito.delta`.

New editions are read whole and each entry is compared, as it would be stored, with those of the base: whatever is
stored there to the last byte is kept, all else is new or changed, and what no edition has any more is gone. So a delta
says everything against its base, and one is enough: the next one takes the place of the last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from sito.build import EDITION_COUNT_MAX, Builder
from sito.delta import AnyIndex, UpdatedIndex
from sito.entries import Entry
from sito.errors import IndexFileError
from sito.index import GONE, DeltaFacts, Index, IndexInfo, write_index
from sito.lists import ListFile, open_lists
from sito.version import VERSION

CHANGES_MAX = 10_000  # entries of a delta, and of the base that are gone: more is a case for a new index
FOREIGN = frozenset({"IDX103", "IDX107", "IDX110"})  # codes of a delta that lies over no index of today
COUNTED_EACH = 4096  # entries between two reports of progress

Progress = Callable[[str, int, int], None]


class Difference(msgspec.Struct, frozen=True):
    """What changed in one list: ids of entries, in the order of the lists."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class _Key(msgspec.Struct, frozen=True):
    list_id: str
    entry_id: str


def differences(before: AnyIndex | None, now: AnyIndex) -> dict[str, Difference]:
    """Compare two indexes entry by entry, as they are stored.

    Args:
        before: None if there was none.

    Returns:
        By list id, of the lists of both; a list without a change has empty tuples.
    """
    former = {} if before is None else _digests(before)
    found = _digests(now)
    lists = dict.fromkeys(edition.list_id for index in (before, now) if index for edition in index.info.editions)
    parts: dict[str, tuple[list[str], list[str], list[str]]] = {list_id: ([], [], []) for list_id in lists}
    for key, digest in found.items():
        if former.get(key) != digest:
            parts[key[0]][1 if key in former else 0].append(key[1])
    for list_id, entry_id in former.keys() - found.keys():
        parts[list_id][2].append(entry_id)
    return {list_id: Difference(tuple(a), tuple(c), tuple(sorted(r))) for list_id, (a, c, r) in parts.items()}


def _digests(index: AnyIndex) -> dict[tuple[str, str], bytes]:
    decode = msgspec.json.Decoder(_Key).decode
    found: dict[tuple[str, str], bytes] = {}
    for position in range(index.info.entry_count):
        data = bytes(index.stored(position))
        one = decode(data)
        found[one.list_id, one.entry_id] = hashlib.sha256(data).digest()
    return found


def build_delta(
    base: Path | str,
    paths: Sequence[Path | str],
    output: Path | str,
    *,
    previous: Path | str | None = None,
    list_id: str | None = None,
    shrink_max: float = 0.5,
    force: bool = False,
    changes_max: int = CHANGES_MAX,
    progress: Progress | None = None,
) -> IndexInfo:
    """Read new editions and write what changed against an index as a delta file.

    Args:
        base: The index that the delta shall lie over.
        paths: List files or folders of them, in new editions. Lists of the index that are not among them stay as they
            are; lists that are not in the index come behind its own.
        output: Where the delta shall stand; replaced in one step, untouched on any error.
        previous: The delta in use, of the same base: lists that are not among `paths` stay as they are in it. By
            default the one that stands at `output`, unless it is one of another base or version.
        list_id: Code forced on all files.
        shrink_max: Share of entries an edition may lose against the one in use, in [0, 1].
        force: Take editions that the guards refuse; what they said becomes a warning.
        changes_max: Most entries that are added, changed or removed.
        progress: Called with (stage, done, total or 0) now and then.

    Returns:
        The description of base and delta together, read back and verified. Warnings about names that cannot be
        screened count those of the changed entries.

    Raises:
        ListError: A list file cannot be read, or its edition must not be used.
        IndexFileError: As `sito.build.build_index` and `sito.delta.UpdatedIndex.open`; IDX205 more changes than
            `changes_max`.
    """
    with Index.open(base) as index:
        before: AnyIndex = index
        if previous is not None:
            before = UpdatedIndex.open(base, previous)
        elif Path(output).exists():
            # It takes the place of one: what that one changed in lists that are not given must not be lost in silence.
            try:
                before = UpdatedIndex.open(base, output)
            except IndexFileError as error:
                if error.code not in FOREIGN:
                    raise
        try:
            used = {edition.list_id: edition for edition in before.info.editions}
            files = open_lists(
                [Path(path) for path in paths], list_id=list_id, before=used, shrink_max=shrink_max, force=force
            )
            sections, facts = _changes(index, before, files, changes_max, progress)
        finally:
            if before is not index:
                before.close()
    if progress:
        progress("write", 0, 0)
    write_index(Path(output), sections, facts)
    with UpdatedIndex.open(base, output) as updated:
        return updated.info


def _changes(
    index: Index, before: AnyIndex, editions: Sequence[ListFile], changes_max: int, progress: Progress | None
) -> tuple[dict[str, npt.NDArray[np.generic]], dict[str, object]]:
    """Return the sections of a delta and what its header says."""
    used = {edition.list_id: edition for edition in before.info.editions}
    files = {file.list_id: file for file in editions}
    lists = [*used, *(name for name in files if name not in used)]
    if len(lists) > EDITION_COUNT_MAX:
        raise IndexFileError("IDX201", expected=f"at most {EDITION_COUNT_MAX} editions", got=str(len(lists)))
    stored = _Stored(index)
    builder = Builder()
    base_ranks = np.full(index.info.entry_count, GONE, dtype=np.uint32)
    ranks: list[int] = []
    counts: list[int] = []
    ids: set[tuple[str, str]] = set()
    rank = 0
    for number, name in enumerate(lists):
        # The lists in use come first, so a kept one has its number there.
        entries = iter(files[name]) if name in files else map(before.entry, before.positions(number))
        first, changed = rank, []
        for entry in entries:
            place = stored.take(entry)
            if place is None:
                changed.append(entry)
                ranks.append(rank)
                ids.add((entry.list_id, entry.entry_id))
                if len(ranks) > changes_max:
                    raise _too_many(changes_max)
            else:
                base_ranks[place] = rank
            rank += 1
            if progress and rank % COUNTED_EACH == 0:
                progress("entries", rank, 0)
        builder.add(changed, number)
        counts.append(rank - first)
    gone = {(entry.list_id, entry.entry_id) for entry in map(index.entry, _limited(base_ranks, changes_max))}
    facts = DeltaFacts(
        index.info.digest, index.info.built_at, tuple(counts), len(ids - gone), len(ids & gone), len(gone - ids)
    )
    if len(ids | gone) > changes_max:
        raise _too_many(changes_max)
    if progress:
        progress("tables", 0, 0)
    sections = builder.finish() | {"base_ranks": base_ranks, "entry_ranks": np.asarray(ranks, dtype=np.uint32)}
    described = builder.described([files[name].edition if name in files else used[name] for name in lists])
    return sections, {
        "engine": VERSION,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "editions": [
            msgspec.to_builtins(told if name in files else used[name])
            for name, told in zip(lists, described, strict=True)
        ],
        "delta": msgspec.to_builtins(facts),
    }


def _limited(base_ranks: npt.NDArray[np.uint32], changes_max: int) -> list[int]:
    """Return the positions of those of the base that are gone."""
    gone: list[int] = np.flatnonzero(base_ranks == GONE).tolist()
    if len(gone) > changes_max:
        raise _too_many(changes_max)
    return gone


class _Stored:
    """The entries of an index by what is stored of them; each is taken once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._encode = msgspec.json.Encoder().encode
        self._places: dict[int, int] = {}
        self._further: dict[int, list[int]] = {}  # of the same hash, mostly equal entries, the first last
        for position in range(index.info.entry_count - 1, -1, -1):
            value = hash(bytes(index.stored(position)))
            other = self._places.setdefault(value, position)
            if other != position:
                self._further.setdefault(value, [other]).append(position)

    def take(self, entry: Entry) -> int | None:
        """Return the position of the first stored entry that equals this one and was not taken, else None."""
        try:
            data = self._encode(entry)
        except UnicodeEncodeError:
            return None  # the builder says what is wrong with it
        value = hash(data)
        # Equal hashes say nothing yet: the bytes decide.
        if value in self._further:
            places = self._further[value]
            for i in range(len(places) - 1, -1, -1):
                if self._index.stored(places[i]) == data:
                    return places.pop(i)
            return None
        place = self._places.get(value)
        if place is None or self._index.stored(place) != data:
            return None
        del self._places[value]
        return place


def _too_many(changes_max: int) -> IndexFileError:
    return IndexFileError(
        "IDX205", expected=f"at most {changes_max} changed entries", got="more",
        todo="build a new index of all lists instead",
    )  # fmt: skip
