"""The screening of a base: only what changed since the last one, with the answer of a full one.

What a client hits of an entry depends on the two and on nobody else, and an entry is the same if it is stored as the
same bytes (`sito.delta` rests on that, too). So of a client that has not changed, only hits of entries that are new or
changed can be new. These entries make a small index; the compiled base (`sito.clients.texts`) is searched for in it;
whoever meets anything in it, or a limit, is screened again whole, by the real screener over the real index, and hits of
other entries are left out. Clients that are new or changed are screened with all entries, and so is whoever a limit cut
short the last time. Everything is screened anew when what was screened last is not known, or the engine, the rules in
force, a threshold or too much of the lists has changed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from sito.build import Builder
from sito.clients.base import ClientBase, Row
from sito.clients.texts import folder_of, met
from sito.delta import AnyIndex
from sito.errors import ClientBaseError
from sito.evidence import Hit, edition_name
from sito.index import Index, write_index
from sito.policy.judge import Judge, Judgement
from sito.records import Record
from sito.screen import PartyResult, ScreenConfig, Screener
from sito.version import VERSION

CLIENTS_AT_ONCE = 2_000
CHANGED_SHARE_MAX = 0.25  # of the entries: above it a full screening costs little more
EDITIONS_KEPT = 400  # names of former editions of each list: more than a year of days
CHANGED_MIN = 1_000  # entries that are few in any list
CONFIG = ScreenConfig(fingerprints=True, hit_limit=1_000)

EntryKey = tuple[str, str]  # list id, entry id
Listed = tuple[str, str, bytes]  # list id, entry id, digest of what is stored


class Cause(StrEnum):
    """Why a screening takes all clients and entries; `NONE`: it need not."""

    NONE = "none"
    ASKED = "asked"
    FIRST = "first"
    SETTINGS = "settings"
    TEXTS = "texts"
    LISTS = "lists"


class Found(msgspec.Struct, frozen=True):
    """A client for whom the policy says more than `pass`.

    Attributes:
        judged: Results and judgements of all its parties, as far as they may be new.
        whole: The same with all hits.
    """

    record: Record
    judged: tuple[tuple[PartyResult, Judgement], ...]
    whole: tuple[tuple[PartyResult, Judgement], ...]

    @property
    def is_cut(self) -> bool:
        """Did a limit cut its search short?"""
        return any(result.truncated for result, _ in self.judged)


class Night(msgspec.Struct, frozen=True):
    """What a screening did.

    Attributes:
        cause: Why it was a full one.
        client_count: Live clients of the base, all of whom the answer covers.
        changed_clients, changed_entries: What was screened with everything, and against everybody.
        screened_count: Clients that were screened one by one, for they met something.
        match_count: Clients with a verdict other than `pass`, as far as they were looked at.
        cut_count: Clients for whom a limit cut the search short.
        gone: Entries that the lists of now have no more.
        lost_lists: Lists that were screened before and that the index has no more; their entries are not taken as gone.
        rejected_count: Records that the last import could not read: these clients are as they were, or not in the base.
    """

    cause: Cause
    generation: int
    client_count: int
    changed_clients: int
    changed_entries: int
    screened_count: int
    match_count: int
    cut_count: int
    gone: tuple[EntryKey, ...]
    lost_lists: tuple[str, ...]
    rejected_count: int

    @property
    def has_used_lists(self) -> bool:
        """Was anybody looked for in any list?"""
        return bool(self.client_count and (self.changed_clients or self.changed_entries))


class _Id(msgspec.Struct, frozen=True):
    list_id: str
    entry_id: str


def screen_base(
    base: ClientBase, index: AnyIndex, judge: Judge, *, at: datetime, take: Callable[[Found], None],
    settle: Callable[[Night], None] | None = None, told_to: str = "", is_full: bool = False,
    without: Collection[str] = (), threads: int = 1,
    config: ScreenConfig = CONFIG, progress: Callable[[int, int], None] | None = None,
) -> Night:  # fmt: skip
    """Screen what changed since the last screening, and note what was screened when all of it is done.

    A run that is killed or fails has noted nothing: the next one finds the same again.

    Args:
        take: Called with each client of whom the policy says more than `pass`, in the order of the base.
        settle: Called with what was done, when all clients are told and before anything is noted.
        told_to: What takes the answers, as a ledger's id: another one has not heard what was told before, so it is
            told everything.
        is_full: Screen all clients against all entries.
        without: Lists that the index has no more, on purpose: they count as never screened.
        threads: Native searches at a time.
        progress: Called with (clients screened one by one, all of these).

    Raises:
        ClientBaseError: CLB104 somebody else works on it; CLB105 it cannot be noted; CLB106 the compiled texts are
            damaged; CLB110 nothing was ever imported; CLB111 the base is damaged.
    """
    with base.locked():
        if not base.generation:
            raise ClientBaseError(
                "CLB110", expected="a base with clients", got="none imported", where=base.folder.name,
                todo="see `sito clients import`",
            )  # fmt: skip
        base.check_count()
        screener = Screener(index, config)
        settings = _settings(index, judge, config, told_to)
        now = list(_listed(index))
        before = {(list_id, entry_id): digest for list_id, entry_id, digest in base.listed()}
        changed = [place for place, (list_id, entry_id, digest) in enumerate(now)
                   if before.get((list_id, entry_id)) != digest]  # fmt: skip
        lists = {edition.list_id for edition in index.info.editions}
        in_force = {(list_id, entry_id) for list_id, entry_id, _ in now}
        lost = [key for key in before if key not in in_force and (key[0] in lists or key[0] not in without)]
        gone = tuple(sorted(key for key in lost if key[0] in lists))
        cause = _cause(base, settings, is_full, len(changed), len(now))
        whole, some = _candidates(base, screener, changed, cause, threads)
        run = _Run(base, screener, judge, whole, {now[place][:2] for place in changed}, take)
        run.screen(np.flatnonzero(whole | some), progress)
        night = Night(
            cause, base.generation, base.count(),
            int(np.count_nonzero(whole)) if cause is Cause.NONE else base.count(), len(changed), run.screened_count,
            run.match_count, len(run.cut), gone, tuple(sorted({key[0] for key in lost} - lists)),
            base.imports(1)[0][2].get("rejected", 0),
        )  # fmt: skip
        if settle is not None:
            settle(night)
        facts = {
            "screened_generation": str(base.generation), "screened_digest": index.info.digest,
            "screened_settings": settings, "screened_at": at.isoformat(timespec="seconds"),
            "screened_editions": _editions(base.editions(), index),
        }  # fmt: skip
        with base.changing():
            # Of a list that is missing it is kept which entries it had: when it is back all count as new, and those
            # that are not back have left it.
            missing = [(*key, b"") for key in lost if key[0] not in lists]
            base.write_screened(facts, [*now, *missing], run.cut)
        return night


def _editions(before: dict[str, list[str]], index: AnyIndex) -> str:
    """Return the editions that were screened by list, in their order, with those of an index: as a fact of the base."""
    for edition in index.info.editions:
        names = before.setdefault(edition.list_id, [])
        name = edition_name(edition)
        if name and name not in names[-1:]:
            names[:] = [*names, name][-EDITIONS_KEPT:]
    return msgspec.json.encode(before).decode()


def _cause(base: ClientBase, settings: str, is_full: bool, changed: int, total: int) -> Cause:
    if is_full:
        return Cause.ASKED
    if not base.fact("screened_settings"):
        return Cause.FIRST
    if base.fact("screened_settings") != settings:
        return Cause.SETTINGS
    if base.fact("texts_version") != VERSION:
        return Cause.TEXTS
    return Cause.LISTS if changed > max(CHANGED_MIN, CHANGED_SHARE_MAX * total) else Cause.NONE


def _settings(index: AnyIndex, judge: Judge, config: ScreenConfig, told_to: str) -> str:
    """Return a digest of all that decides over a hit beside the client and the entry."""
    rules = msgspec.json.encode([msgspec.to_builtins(rule, str_keys=True) for rule in judge.policy.rules(judge.on)])
    parts = [VERSION, index.info.normaliser_version, msgspec.json.encode(config), rules, told_to]
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()


def _listed(index: AnyIndex) -> Iterator[Listed]:
    """Yield list, id and digest of all entries in force, by position."""
    decode = msgspec.json.Decoder(_Id).decode
    for position in range(index.info.entry_count):
        data = bytes(index.stored(position))
        one = decode(data)
        yield one.list_id, one.entry_id, hashlib.sha256(data).digest()[:16]


def entry_keys(index: AnyIndex) -> Iterator[EntryKey]:
    """Yield list and id of all entries in force, by position."""
    decode = msgspec.json.Decoder(_Id).decode
    for position in range(index.info.entry_count):
        one = decode(bytes(index.stored(position)))
        yield one.list_id, one.entry_id


def _candidates(
    base: ClientBase, screener: Screener, changed: list[int], cause: Cause, threads: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return who may have any hit, and who may have one of a changed entry, by number of the client."""
    size = base.highest() + 1
    whole, some = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    if base.fact("texts_version") != VERSION:  # laid out by another version: who knows what it left out
        whole[_numbers(base.live_numbers())] = True
        return whole, some
    folders = [folder_of(base.folder, generation) for generation in base.texts()]
    if cause is not Cause.NONE:
        _mark(whole, folders, screener.index, screener.kernel_score_min, threads)
        return whole, some
    whole[_numbers(base.changed_since(int(base.fact("screened_generation"))))] = True
    whole[base.cut()] = True
    if changed:
        with _small_index(base.folder, screener.index, changed) as small:
            _mark(some, folders, small, screener.kernel_score_min, threads)
    return whole, some


def _numbers(numbers: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(numbers, dtype=np.int64)


def _mark(
    marks: npt.NDArray[np.bool_], folders: Iterable[Path], index: AnyIndex, score_min: float, threads: int
) -> None:
    for folder in folders:
        for numbers in met(folder, index, score_min=score_min, threads=threads):
            if len(numbers) and int(numbers[-1]) >= len(marks):
                raise ClientBaseError(
                    "CLB106", expected="texts of clients of the base", got="those of others", where=folder.name,
                    todo="import the whole client file into a new folder",
                )  # fmt: skip
            marks[numbers] = True


@contextmanager
def _small_index(folder: Path, index: AnyIndex, positions: list[int]) -> Iterator[Index]:
    """Give an index of some entries of another one."""
    builder = Builder()
    by_edition: dict[int, list[int]] = {}
    for position in positions:
        by_edition.setdefault(index.edition_number(position), []).append(position)
    for number, chosen in sorted(by_edition.items()):
        builder.add(map(index.entry, chosen), number)
    facts = {
        "engine": VERSION, "built_at": index.info.built_at,
        "editions": [msgspec.to_builtins(edition) for edition in index.info.editions],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="changed-", dir=folder) as place:
        path = Path(place) / "changed.sito"
        write_index(path, builder.finish(), facts)
        with Index.open(path) as opened:
            yield opened


class _Run:
    """Clients that are screened one by one.

    Attributes:
        cut: Numbers of those for whom a limit cut the search short.
    """

    def __init__(  # noqa: PLR0917  (made in one place)
        self, base: ClientBase, screener: Screener, judge: Judge, whole: npt.NDArray[np.bool_],
        changed: Collection[EntryKey], take: Callable[[Found], None],
    ) -> None:  # fmt: skip
        self._base, self._screener, self._judge = base, screener, judge
        self._whole, self._changed, self._take = whole, changed, take
        self.screened_count = self.match_count = 0
        self.cut: list[int] = []

    def screen(self, numbers: npt.NDArray[np.int64], progress: Callable[[int, int], None] | None) -> None:
        """Screen some clients, by number."""
        for low in range(0, len(numbers), CLIENTS_AT_ONCE):
            self._part(self._base.rows(numbers[low : low + CLIENTS_AT_ONCE].tolist()))
            if progress:
                progress(min(low + CLIENTS_AT_ONCE, len(numbers)), len(numbers))

    def _part(self, rows: list[Row]) -> None:
        batch = self._screener.screen_batch([row.record for row in rows])
        starts = [0, *accumulate(len(row.record.parties) for row in rows)]
        hit = np.zeros(starts[-1] + 1, dtype=np.bool_)
        hit[list(batch.numbers())] = True
        for row, low, high in zip(rows, starts, starts[1:], strict=False):
            self.screened_count += 1
            if not hit[low:high].any():
                continue
            results = [batch.result(number) for number in range(low, high)]
            whole = judged = self._judged(results, row.record)
            if any(result.truncated for result in results):
                self.cut.append(row.number)
            elif not self._whole[row.number]:
                judged = self._judged([only_of(result, self._changed) for result in results], row.record)
            if any(judgement.verdict != "pass" for _, judgement in judged):
                self.match_count += 1
                self._take(Found(row.record, judged, whole))

    def _judged(self, results: Sequence[PartyResult], record: Record) -> tuple[tuple[PartyResult, Judgement], ...]:
        return tuple((result, self._judge.judge_record(result, record)) for result in results)


def only_of(result: PartyResult, entries: Collection[EntryKey]) -> PartyResult:
    """Return the result of a party with its hits of some entries alone; nothing of it was cut."""

    def chosen(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return tuple(hit for hit in hits if (hit.list_id, hit.entry_id) in entries)

    alarming = chosen(result.alarming)
    return msgspec.structs.replace(
        result, hits=chosen(result.hits), alarming=alarming, verdict="review" if alarming else "pass",
    )  # fmt: skip
