"""The one door to the native engine: records in, hits with their evidence out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from sito.clearing import ROLES, Clearance, Clearances, StaleClearance, entry_fingerprint, judge, party_fingerprint
from sito.delta import AnyIndex, Hits, joined
from sito.entries import Identifier, Kind
from sito.errors import ScreenError
from sito.evidence import Explanation, Hit, edition_name, explain, tell
from sito.formats.noise import CleanParty, clean_party
from sito.formats.parties import merge_identifiers
from sito.index import Segment
from sito.records import Party, Record, RecordKind, Role
from sito_ext.said import Window
from sito_ext.wire import told_apart

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_SCORE_MIN = 0.85
HIT_LIMIT_MAX = 10_000
NAME_LENGTH_MAX = 100_000  # characters of one text
SHORT = 256  # texts of a search that goes by, with a small memory, where longer ones wait for a large one

PARTY, FREE_TEXT, IDENTIFIER = 0, 1, 2  # modes of the matcher
IDENTIFIER_TARGET, IDENTIFIER_MASK = 1 << 31, (1 << 30) - 1

# Flags of one text, as in sito_ext/workspace.pxd.
LIMITS = {
    1: "malformed_text", 2: "word_length", 4: "word_count", 8: "expansions", 16: "pairs", 32: "candidates", 64: "hits",
    128: "no_word",
}  # fmt: skip
PROPRIETOR_SIZE = len("ИП ".encode())
SILENT_TYPES = frozenset({"kpp", "phone"})  # shared by many, so that an equal one says nothing
HITS_CUT = 64
JUDGED_MIN = 50  # hits of one text that the verdict looks at, however few are shown: a graver one must not hide
HARMLESS = 1  # bytes that are no text were taken as gaps; nothing was left out

PIECE = 1 << 20  # from this number on a text of a party is a piece that was cut out of its name field

# Columns of the finds of a batch, as `_Finds` lays them out.
SCORE_COLUMN, WHOLE_COLUMNS = 4, (0, 1, 2, 3, 5, 6, 7)
BLOCK_SIZE = 512  # finds that are taken out of them at a time

KINDS = {kind.value: kind for kind in Kind}
PAYMENT_COLUMNS = {
    "debtor_name": Role.DEBTOR, "creditor_name": Role.CREDITOR, "ultimate_debtor_name": Role.ULTIMATE_DEBTOR,
    "ultimate_creditor_name": Role.ULTIMATE_CREDITOR, "purpose": Role.PURPOSE,
}  # fmt: skip


class ScreenConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a screener does; checked once, when the screener is made.

    Attributes:
        score_min: Lowest score of a hit, in [0, 1]; None is `DEFAULT_SCORE_MIN`, which the verdict follows in any case.
        hit_limit: Most hits of one party that are shown, 1 to `HIT_LIMIT_MAX`. Of more the best by score are kept, and
            `truncated` is set if one that was left out may have reached the lowest score that its role shows. The
            verdict looks at `JUDGED_MIN` hits of a text at least.
        screen_purpose: Look for names in free text too.
        score_min_by_list: For hits of single lists, by list id: lowest score that is shown and alarms, in [0, 1].
        score_min_by_role: The same for single roles, by the words of `Role`. Where both say something about a hit, the
            higher one holds; where neither does, `score_min` and the default threshold do.
        fingerprints: Give hits the fingerprints that a clearance needs, see `sito.clearing`.
    """

    score_min: float | None = None
    hit_limit: int = 50
    screen_purpose: bool = True
    score_min_by_list: Mapping[str, float] = {}
    score_min_by_role: Mapping[str, float] = {}
    fingerprints: bool = False


class PartyResult(msgspec.Struct, frozen=True, gc=False):
    """What screening one party gave.

    Attributes:
        verdict: `review` if a hit reaches its threshold or a limit cut something off, else `pass`.
        truncated: A limit was reached: there may be more hits than shown.
        limits: Names of the limits and oddities, see `LIMITS`.
        suppressed: Hits that a clearance silenced, best first; the verdict does not look at them.
        stale: Clearances of hits that stand because one side has changed.
        party_fingerprint: Only with hits, and where the config asks for fingerprints.
        alarming: Hits that reach their threshold, those too that a higher one of the caller keeps out of sight: what a
            policy looks at.
    """

    record_id: str
    role: str
    verdict: str
    hits: tuple[Hit, ...]
    truncated: bool
    limits: tuple[str, ...] = ()
    suppressed: tuple[Hit, ...] = ()
    stale: tuple[StaleClearance, ...] = ()
    party_fingerprint: str = ""
    alarming: tuple[Hit, ...] = ()


class _Found(msgspec.Struct, frozen=True, gc=False):
    """A native hit of one party: entry position, target, word range, score, which text it was found in."""

    entry: int
    target: int
    low: int
    high: int
    score: float
    text: int
    free_text: bool
    reading: int


class _Texts(NamedTuple):
    """Texts for one native call.

    Attributes:
        data, starts: All N texts as UTF-8, N + 1 offsets.
        mode: `PARTY`, `FREE_TEXT` or `IDENTIFIER`.
        owners: Numbers of the N parties they belong to.
        items: Which of its party's texts each is, 0 the name, then the aliases; None if all are 0.
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    mode: int
    owners: npt.NDArray[np.int64]
    items: list[int] | None = None


class _Parties(Protocol):
    """Where a batch takes its parties from; they are made only for those that have hits.

    Attributes:
        fields: The parts of name fields that held more than a name, by party.
        proprietors: Parties whose fields are `ИП`, one blank, and a person's name.
    """

    count: int
    fields: dict[int, CleanParty]
    proprietors: set[int]

    def party(self, number: int) -> Party: ...
    def record_id(self, number: int) -> str: ...
    def cleaned(self, number: int) -> bool: ...


class _Finds:
    """What the native calls of one batch found, as arrays: most finds of a big batch are never looked at one by one.

    Attributes:
        flags: Of each party, bits as in `LIMITS`.
    """

    def __init__(self, party_count: int) -> None:
        self.flags = np.zeros(party_count, dtype=np.uint8)
        self._owners: list[npt.NDArray[np.int64]] = []
        self._rows: list[npt.NDArray[np.float64]] = []

    def add(self, texts: _Texts, hits: tuple[npt.NDArray[Any], ...]) -> None:
        """Take the result of one call of the matcher."""
        numbers, targets, entries, ranges, scores, readings, flags = hits
        if texts.items is None:  # one text a party: no party occurs twice
            self.flags[texts.owners] |= flags
        else:
            np.bitwise_or.at(self.flags, texts.owners, flags)
        if not len(numbers):  # as for most single records
            return
        items = np.zeros(len(numbers)) if texts.items is None else np.asarray(texts.items, dtype=np.float64)[numbers]
        self._owners.append(texts.owners[numbers])
        free_text = np.full(len(numbers), float(texts.mode == FREE_TEXT))
        # All columns are whole numbers below 2^53 or scores: doubles hold them exactly.
        self._rows.append(np.column_stack((entries, targets, ranges, scores, items, free_text, readings)))

    def sort(self) -> None:
        """Bring the finds into the order of their parties; call once, after the last `add`."""
        self._bounds: dict[int, tuple[int, int]] = {}
        self._block: tuple[int, list[_Found]] = (0, [])  # finds from a row on, as they were asked for
        if not self._owners:
            self.owners, self.rows = np.empty(0, dtype=np.int64), np.empty((0, 8))
            return
        owners = np.concatenate(self._owners)
        order = np.argsort(owners, kind="stable")
        self.owners = owners[order]
        self.rows = np.concatenate(self._rows)[order]
        lows = [0, *(np.flatnonzero(self.owners[1:] != self.owners[:-1]) + 1).tolist()]
        self._bounds = dict(zip(self.owners[lows].tolist(), pairwise([*lows, len(self.owners)]), strict=True))

    def of(self, party: int) -> list[_Found]:
        """Return the finds of one party."""
        low, high = self._bounds.get(party, (0, 0))
        first, block = self._block
        if low < first or high > first + len(block):
            first, block = self._block = low, _found(self.rows[low : max(high, low + BLOCK_SIZE)])
        return block[low - first : high - first]

    def parties(self) -> list[int]:
        """Return the numbers of the parties that have finds or limits, rising."""
        limited = np.flatnonzero(self.flags & ~np.uint8(HARMLESS))
        if not len(limited):
            return list(self._bounds)
        numbers: list[int] = (np.union1d(self.owners, limited) if self._bounds else limited).tolist()
        return numbers


def _found(rows: npt.NDArray[np.float64]) -> list[_Found]:
    """Return rows of `_Finds` one by one."""
    entries, targets, lows, highs, texts, free_texts, readings = rows[:, WHOLE_COLUMNS].astype(np.int64).T.tolist()
    scores = rows[:, SCORE_COLUMN].tolist()
    return list(map(_Found, entries, targets, lows, highs, scores, texts, map(bool, free_texts), readings))


class _FewFinds:
    """The same of a single record, as plain numbers: an array costs more than all that stands in it.

    Args:
        texts: (mode, UTF-8, number of the party).
        found: What the matcher says of each.
    """

    def __init__(
        self, party_count: int, texts: Iterable[tuple[int, bytes, int]],
        found: Iterable[tuple[int, Iterable[tuple[int, int, int, int, float, int]]]],
    ) -> None:  # fmt: skip
        self.flags = [0] * party_count
        self._rows: dict[int, list[_Found]] = {}
        self.owners: list[int] = []
        for (mode, _, owner), (flags, hits) in zip(texts, found, strict=True):
            self.flags[owner] |= flags
            for entry, target, low, high, score, reading in hits:
                one = _Found(entry, target, low, high, score, 0, mode == FREE_TEXT, reading)
                self._rows.setdefault(owner, []).append(one)
                self.owners.append(owner)

    def sort(self) -> None:
        """Do nothing: they are."""

    def of(self, party: int) -> list[_Found]:
        """Return the finds of one party."""
        return self._rows.get(party, [])

    def parties(self) -> list[int]:
        """Return the numbers of the parties that have finds or limits, rising."""
        return [number for number, flags in enumerate(self.flags) if flags & ~HARMLESS or number in self._rows]


class BatchResult:
    """Hits of one batch; texts and evidence are put together when they are asked for, while the index is open.

    Attributes:
        party_count: Parties screened.
        hit_count: Hits that the kernels found, before evidence is weighed.
    """

    def __init__(self, screener: Screener, parties: _Parties, finds: _Finds | _FewFinds, cleared: Clearances) -> None:
        """Use `Screener.screen_batch`."""
        self._screener = screener
        self._cleared = cleared
        self._parties = parties
        finds.sort()
        self._finds = finds
        self.party_count = parties.count
        self.hit_count = len(finds.owners)

    @property
    def alert_count(self) -> int:
        """Parties whose verdict is not `pass`."""
        return sum(result.verdict != "pass" for result in self.results())

    def results(self, all: bool = False) -> Iterator[PartyResult]:
        """Return results in the order of records and their parties.

        Args:
            all: Also those without hits, silenced ones included, and limits.
        """
        for number in self.numbers(all):
            result = self.result(number)
            if all or result.hits or result.suppressed or result.verdict != "pass":
                yield result

    def numbers(self, all: bool = False) -> Iterable[int]:
        """Return the numbers, rising, of the parties that may have hits or limits, or of all."""
        if all:
            return range(self.party_count)
        return self._finds.parties()

    def result(self, number: int) -> PartyResult:
        """Return the result of one party, by its number in the batch."""
        flags = int(self._finds.flags[number])
        hits: list[Hit] = []
        suppressed: list[Hit] = []
        stale: list[StaleClearance] = []
        found = self._finds.of(number)
        party = self._parties.party(number)
        # The kernels cut at the lowest threshold of all roles: what they left out may lie below those of this one.
        if flags & HITS_CUT and best_cut(found, self._screener.find_limit) < self._screener.shown_min(party.role):
            flags &= ~HITS_CUT
        truncated = bool(flags & ~HARMLESS)
        if found:
            hits = self._hits(number, party, found)
            if self._cleared:
                hits, suppressed, stale = self._without_cleared(number, party, hits)
        screener = self._screener
        # The verdict looks at all hits, those too that a higher threshold of the caller keeps out of sight.
        alarms: list[Hit] = []
        standing, hits = hits, []
        thresholds = screener.thresholds(party.role)
        for hit in standing:
            own = thresholds[hit.list_id]
            if hit.score >= own.alarming:
                alarms.append(hit)
            if hit.score >= own.shown:
                hits.append(hit)
        if len(hits) > screener.config.hit_limit:
            del hits[screener.config.hit_limit :]
            truncated, flags = True, flags | HITS_CUT
        alarming = bool(alarms) or truncated
        ours = ""
        if hits and screener.config.fingerprints:
            ours = party_fingerprint(party)
            hits = [
                msgspec.structs.replace(hit, entry_fingerprint=entry_fingerprint(screener.index.entry(hit.position)))
                for hit in hits
            ]
        return PartyResult(
            self._parties.record_id(number), party.role.value, "review" if alarming else "pass", tuple(hits),
            truncated, tuple([word for bit, word in LIMITS.items() if flags & bit]) if flags else (),
            tuple(suppressed), tuple(stale), ours, tuple(alarms),
        )  # fmt: skip

    def _without_cleared(
        self, number: int, party: Party, hits: list[Hit]
    ) -> tuple[list[Hit], list[Hit], list[StaleClearance]]:
        """Return the hits that stand, those that a clearance silences, and the clearances that do so no more."""
        standing: list[Hit] = []
        suppressed: list[Hit] = []
        stale: list[StaleClearance] = []
        ours = ""
        for hit in hits:
            cleared = self._cleared.of(hit.list_id, hit.entry_id, self._parties.record_id(number), party)
            answer = None
            if cleared:
                ours = ours or party_fingerprint(party)
                answer = judge(cleared, ours, entry_fingerprint(self._screener.index.entry(hit.position)))
            if answer is True:
                suppressed.append(hit)
                continue
            standing.append(hit)
            if answer:
                stale.append(StaleClearance(hit.list_id, hit.entry_id, answer))
        return standing, suppressed, stale

    def _hits(self, number: int, party: Party, found: list[_Found]) -> list[Hit]:
        """Return the hits of one party, best first."""
        hits: list[Hit] = []
        index = self._screener.index
        clean = self._clean(number, party)
        window = Window()
        for entry, edition, lowest, best, numbers in self._chosen(party, found):
            known = party if clean is None else _known(party, clean, best)
            if best is None:
                hit = tell(index, known, "", entry, edition=edition, window=window, identifiers=numbers)
            else:
                hit = tell(
                    index, known, _text(party, clean, best), entry, edition=edition, window=window, name=best.target,
                    low=best.low, high=best.high, free_text=best.free_text, score=best.score, identifiers=numbers,
                    reading=best.reading,
                )  # fmt: skip
            if hit is not None and hit.score >= lowest:
                hits.append(hit)
        if len(hits) > 1:
            hits.sort(key=lambda hit: (-hit.score, hit.entry_id))
        return hits

    def _explanations(self, number: int, party: Party, found: list[_Found]) -> Iterator[tuple[int, Explanation]]:
        """Explain what `_hits` tells."""
        clean = self._clean(number, party)
        for entry, _, lowest, best, numbers in self._chosen(party, found):
            explanation = explain(
                self._screener.index, _known(party, clean, best), _text(party, clean, best) if best else "", entry,
                name=best.target if best else -1, words=(best.low, best.high) if best else (0, 0),
                free_text=best.free_text if best else False, score=best.score if best else 0.0,
                identifiers=numbers, reading=best.reading if best else 0,
            )  # fmt: skip
            if explanation.score >= lowest and (best or explanation.identifiers):
                yield entry, explanation

    def _chosen(
        self, party: Party, found: list[_Found]
    ) -> Iterator[tuple[int, str, float, _Found | None, tuple[int, ...]]]:
        """Join the finds of one entry, and leave out what no evidence can lift.

        Yields:
            (entry position, name of its edition, lowest score of a hit, its best name, numbers of its identifiers).
        """
        screener = self._screener
        number_of = screener.index.edition_number
        thresholds = screener.thresholds(party.role)
        by_entry: dict[int, list[_Found]] = {}
        for one in found:
            by_entry.setdefault(one.entry, []).append(one)
        for entry, finds in by_entry.items():
            list_id, edition = screener.editions[number_of(entry)]
            lowest = thresholds[list_id].lowest
            best = finds[0]
            if len(finds) == 1 and best.target < IDENTIFIER_TARGET:
                if best.score >= lowest:
                    yield entry, edition, lowest, best, ()
                continue
            if max(one.score for one in finds) < lowest:
                continue
            names = [one for one in finds if one.target < IDENTIFIER_TARGET]
            numbers = sorted({one.target & IDENTIFIER_MASK for one in finds if one.target >= IDENTIFIER_TARGET})
            yield entry, edition, lowest, max(names, key=lambda one: one.score) if names else None, tuple(numbers)

    def _clean(self, number: int, party: Party) -> CleanParty | None:
        """Return the parts of a name field that held more than a name."""
        if number in self._parties.proprietors:
            return clean_party(party.name.strip())
        return self._parties.fields.get(number)

    def explanations(self, number: int) -> list[tuple[int, Explanation]]:
        """Return (entry position, explanation) of every hit of one party, best first."""
        party = self._parties.party(number)
        told = self._explanations(number, party, self._finds.of(number))
        thresholds = self._screener.thresholds(party.role)
        wanted = [pair for pair in told if pair[1].score >= thresholds[pair[1].entry.list_id].shown]
        return sorted(wanted, key=lambda pair: (-pair[1].score, pair[0]))


def best_cut(found: Sequence[_Found], hit_limit: int) -> float:
    """Return the highest score that a find may have that a kernel left out because of its limit.

    Of each text a kernel keeps the best, so what it left out scores no more than the least that it kept. An equal
    number always scores the same: where those alone fill the limit, one of them may be missing.

    Args:
        found: All finds of one party.
        hit_limit: Of the kernels.
    """
    texts: defaultdict[tuple[int, bool], list[_Found]] = defaultdict(list)
    for one in found:
        texts[one.text, one.free_text].append(one)
    full = [finds for finds in texts.values() if len(finds) >= hit_limit]
    if not full or any(sum(one.target >= IDENTIFIER_TARGET for one in finds) >= hit_limit for finds in full):
        return 1.0
    return max(min(one.score for one in finds) for finds in full)


def _text(party: Party, clean: CleanParty | None, found: _Found) -> str:
    """Return the text of a party that a find is in."""
    if clean is None or 0 < found.text < PIECE:
        return party.aliases[found.text - 1] if found.text else party.name
    return pieces(clean)[found.text - PIECE] if found.text else clean.name


def _known(party: Party, clean: CleanParty | None, found: _Found | None) -> Party:
    """Return a party with all that its name field says; what its own fields say holds, as in `field_parties`."""
    if clean is None:
        return party
    if found is not None and found.text >= PIECE:  # somebody else, of whom the rest says nothing
        return Party(party.role, pieces(clean)[found.text - PIECE], text=party.name)
    return msgspec.structs.replace(
        party, name=clean.name, kind=clean.kind if party.kind is Kind.UNKNOWN else party.kind,
        birth_date=party.birth_date or clean.birth_date,
        identifiers=merge_identifiers(party.identifiers, clean.identifiers),
        country=party.country or clean.country, text=party.name,
    )  # fmt: skip


def pieces(clean: CleanParty) -> tuple[str, ...]:
    """Return what may be a name beside the name of a field: its bank, and pieces that are hardly addresses."""
    return (*clean.aliases, clean.agent) if clean.agent else clean.aliases


class Thresholds(NamedTuple):
    """Lowest scores of the hits of one list on one role: that are shown, that alarm, and of both the lower one."""

    shown: float
    alarming: float
    lowest: float


class _ByList(dict[str, Thresholds]):
    """The thresholds of one role by list; those of a list are made when they are asked for."""

    def __init__(self, make: Callable[[str], Thresholds]) -> None:
        self._make = make

    def __missing__(self, list_id: str) -> Thresholds:
        made = self[list_id] = self._make(list_id)
        return made


class Screener:
    """Screens records against one index, with or without a delta over it. Threads may share it.

    Args:
        index: An open index; the screener keeps it.
        config: See `ScreenConfig`.

    Attributes:
        editions: List id and name of each edition of the index.

    Raises:
        ScreenError: SCR101 `score_min` outside [0, 1] or no number; SCR102 `hit_limit` out of range or no whole number;
            SCR106 a threshold of a list or role outside [0, 1] or no number; SCR107 an unknown role; SCR108 a list that
            is not in the index; SCR113 a switch that is neither true nor false, or thresholds that are no mapping.
        IndexFileError: IDX108 the index was closed; every call raises it too.
    """

    def __init__(self, index: AnyIndex, config: ScreenConfig | None = None) -> None:
        self.index = index
        self.config = config or ScreenConfig()
        _check_config(self.config)
        # Of equal hits the kernels keep those of the lists that come first in the index, whatever follows from them.
        self.find_limit = max(self.config.hit_limit, JUDGED_MIN)
        self.score_min = DEFAULT_SCORE_MIN if self.config.score_min is None else float(self.config.score_min)
        self._by_list = _thresholds(self.config.score_min_by_list, "score_min_by_list")
        self._by_role = _thresholds(self.config.score_min_by_role, "score_min_by_role")
        # The kernels run once for all lists and roles of a text, with the lowest of all thresholds.
        self.kernel_score_min = min(self.score_min, DEFAULT_SCORE_MIN, *self._by_list.values(), *self._by_role.values())
        for role in self._by_role:
            if role not in ROLES:
                raise ScreenError(
                    "SCR107", expected=f"a role of {', '.join(sorted(ROLES))}", got=repr(role[:40]),
                    where="score_min_by_role",
                )  # fmt: skip
        lists = {edition.list_id for edition in index.info.editions}
        for list_id in self._by_list:
            if list_id not in lists:
                raise ScreenError(
                    "SCR108", expected=f"a list of the index: {', '.join(sorted(lists))}", got=repr(list_id[:40]),
                    where="score_min_by_list",
                )  # fmt: skip
        index.segments()  # raises if it is closed
        self.editions = [(edition.list_id, edition_name(edition)) for edition in index.info.editions]
        self._thresholds: dict[Role, _ByList] = {}

    def thresholds(self, role: Role) -> Mapping[str, Thresholds]:
        """Return the lowest scores of hits on one role, by list."""
        known = self._thresholds.get(role)
        if known is None:
            known = self._thresholds[role] = _ByList(lambda list_id: self._threshold(list_id, role))
        return known

    def _threshold(self, list_id: str, role: Role) -> Thresholds:
        own = [value for value in (self._by_list.get(list_id), self._by_role.get(role.value)) if value is not None]
        shown, alarming = (max(own), max(own)) if own else (self.score_min, DEFAULT_SCORE_MIN)
        return Thresholds(shown, alarming, min(shown, alarming))

    def shown_min(self, role: Role) -> float:
        """Return the lowest score that any list shows on a role."""
        thresholds = self.thresholds(role)
        return min(thresholds[list_id].lowest for list_id, _ in self.editions)

    def screen(self, record: Record, cleared: Clearances | Sequence[Clearance] = ()) -> list[PartyResult]:
        """Screen one record; one result for each party, in their order.

        Args:
            record: A payment or customer.
            cleared: As for `screen_batch`.
        """
        return list(self.screen_batch([record], cleared).results(all=True))

    def clearance(self, record: Record, role: Role, entry_id: str, list_id: str = "") -> Clearance:
        """Make the clearance of a hit that stands today.

        Args:
            record: As it was screened. The clearance holds its id; replace that by `EVERY_RECORD` to clear a party with
                a birth date or number in every record.
            role: Of the party.
            entry_id, list_id: Of the entry; an empty list stands for any.

        Raises:
            ScreenError: SCR109 the party does not hit that entry; SCR110 the record has no id.
        """
        if not record.record_id:
            raise ScreenError(
                "SCR110", expected="a record with an id", got="an empty one", where=role.value,
                todo="give the record an id",
            )  # fmt: skip
        batch = self.screen_batch([record])
        for number, party in enumerate(record.parties):
            if party.role is not role:
                continue
            for hit in batch.result(number).hits:
                if hit.entry_id == entry_id and list_id in ("", hit.list_id):
                    return Clearance(
                        hit.list_id, hit.entry_id, party_fingerprint(party),
                        entry_fingerprint(self.index.entry(hit.position)), record.record_id, role.value,
                    )  # fmt: skip
        raise ScreenError(
            "SCR109", expected="a hit of that entry on that party", got="none", where=f"{role.value}, {entry_id[:100]}",
            todo="clear only what was found",
        )  # fmt: skip

    def check(
        self, name: str, *, birth_date: str = "", identifiers: Sequence[Identifier] = (), kind: Kind = Kind.UNKNOWN
    ) -> PartyResult:
        """Look one name up.

        Raises:
            ScreenError: SCR103 the name holds no letter or digit; SCR104 it is too long.
        """
        return self.screen(one_customer(name, birth_date, identifiers, kind))[0]

    def explain(self, record: Record, entry_id: str) -> list[Explanation]:
        """Explain every hit of one entry on a record, one for each party that it hits."""
        batch = self.screen_batch([record])
        return [
            explanation
            for number in range(batch.party_count)
            for _, explanation in batch.explanations(number)
            if explanation.entry.entry_id == entry_id
        ]

    def screen_batch(
        self, records: Sequence[Record] | Any, cleared: Clearances | Sequence[Clearance] = ()
    ) -> BatchResult:
        """Screen many records in a few native calls.

        A name field may hold more than a name: tags, addresses, numbers, a bank. They are told apart as the readers of
        files do (`sito.formats.clean_party`), with one result for the party all the same.

        Args:
            records: Records; or Arrow data (anything with the C data or C stream interface) with the columns `id` and
                `debtor_name`, `creditor_name`, `ultimate_debtor_name`, `ultimate_creditor_name`, `purpose` of
                payments, or `name`, `birth_date`, `inn`, `kind` of customers.
            cleared: Pairs that are known to be different subjects; their hits go to `PartyResult.suppressed`.

        Raises:
            ScreenError: SCR104 a text above the limit; SCR105 Arrow data without a column to screen, or of another
                type; SCR110 a clearance that could never fit.
        """
        if hasattr(records, "__arrow_c_stream__") or hasattr(records, "__arrow_c_array__"):
            parties, finds = self._screen_arrow(records)
        else:
            parties, finds = self._screen_rows(records)
        return BatchResult(self, parties, finds, cleared if isinstance(cleared, Clearances) else Clearances(cleared))

    def screen_texts(
        self,
        parties: _Parties,
        texts: Iterable[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], int, npt.NDArray[np.int64]]],
        rows: Iterable[tuple[int, Record, Party]] = (),
        cleared: Clearances | Sequence[Clearance] = (),
    ) -> BatchResult:
        """Screen texts that lie in flat arrays, as `sito_ext.wire.Request` lays them out, and record objects beside.

        Args:
            parties: What is asked about the parties that have hits; `cleaned` and `text` of parties in `rows` too.
            texts: (bytes, N + 1 offsets, mode, numbers of the N parties); no party twice in one of them unless it is
                of identifiers.
            rows: (number of the party, its record, the party).
            cleared: As for `screen_batch`.

        Raises:
            ScreenError: As for `screen_batch`.
        """
        finds = _Finds(parties.count)
        for data, starts, mode, owners in texts:
            if len(owners) and (mode != FREE_TEXT or self.config.screen_purpose):
                items = [0] * len(owners) if mode == IDENTIFIER else None
                self._run(_Texts(data, starts, mode, owners, items), parties, finds)
        self._run_rows(rows, parties, finds)
        return BatchResult(self, parties, finds, cleared if isinstance(cleared, Clearances) else Clearances(cleared))

    def screen_single(
        self, texts: tuple[tuple[int, bytes, int], ...], parties: Callable[[], _Parties]
    ) -> BatchResult | None:
        """Screen the texts of one record, as `sito_ext.wire.Request.single` reads them, the short way.

        Args:
            texts: (mode, UTF-8, number of the party) of each text, at most one name a party, with nothing else in its
                field; the texts of one party in the order of a batch.
            parties: Makes what is asked about the parties.

        Returns:
            None if no text meets anything and no limit cuts anything short: then all parties pass.
        """
        if not self.config.screen_purpose:
            texts = tuple(one for one in texts if one[0] != FREE_TEXT)
        found = None
        segments = self.index.segments()
        for segment in segments:
            work = segment.pool.take(segment.matcher)
            try:
                found = segment.matcher.find(work, texts, self.kernel_score_min, self.find_limit)
            finally:
                segment.pool.give(work)
            if found is not None:
                break
        if found is None:
            return None
        asked = parties()
        if len(segments) == 1:
            return BatchResult(self, asked, _FewFinds(asked.count, texts, found), Clearances())
        # What several segments say has to be put together.
        finds = _Finds(asked.count)
        for mode in (PARTY, FREE_TEXT, IDENTIFIER):
            some = [one for one in texts if one[0] == mode]
            if some:
                owners = [owner for _, _, owner in some]
                self._match(_packed([text for _, text, _ in some], mode, owners, [0] * len(some)), finds)
        return BatchResult(self, asked, finds, Clearances())

    def _screen_rows(self, records: Sequence[Record]) -> tuple[_Parties, _Finds]:
        parties = _Rows(records)
        finds = _Finds(parties.count)
        self._run_rows(((number, *pair) for number, pair in enumerate(parties.flat)), parties, finds)
        return parties, finds

    def _run_rows(self, rows: Iterable[tuple[int, Record, Party]], parties: _Parties, finds: _Finds) -> None:
        """Screen the texts of record objects."""
        texts: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
        owners: tuple[list[int], list[int], list[int]] = ([], [], [])
        items: tuple[list[int], list[int], list[int]] = ([], [], [])
        for number, record, party in rows:
            mode = FREE_TEXT if party.role is Role.PURPOSE else PARTY
            if mode == FREE_TEXT and not self.config.screen_purpose:
                continue
            for item, text in enumerate((party.name, *party.aliases)):
                if len(text) > NAME_LENGTH_MAX:
                    raise ScreenError(
                        "SCR104", expected=f"texts of at most {NAME_LENGTH_MAX} characters", got=str(len(text)),
                        where=f"record {record.position or number}, {party.role.value}",
                    )  # fmt: skip
                texts[mode].append(text.encode("utf-8", "surrogatepass"))
                owners[mode].append(number)
                items[mode].append(item)
            for text in number_texts(party.identifiers):
                texts[IDENTIFIER].append(text.encode("utf-8", "surrogatepass"))
                owners[IDENTIFIER].append(number)
                items[IDENTIFIER].append(0)
        for mode in (PARTY, FREE_TEXT, IDENTIFIER):
            if texts[mode]:
                self._run(_packed(texts[mode], mode, owners[mode], items[mode]), parties, finds)

    def _screen_arrow(self, source: Any) -> tuple[_Parties, _Finds]:
        import pyarrow as pa  # noqa: PLC0415  (only callers with Arrow data need it)

        table = pa.table(source) if not isinstance(source, pa.Table) else source
        roles = {name: role for name, role in PAYMENT_COLUMNS.items() if name in table.column_names}
        if not roles and "name" in table.column_names:
            roles = {"name": Role.CUSTOMER}
        if not roles:
            raise ScreenError(
                "SCR105",
                expected="a column debtor_name, creditor_name, purpose or name",
                got=", ".join(table.column_names),
            )
        if not self.config.screen_purpose:
            roles.pop("purpose", None)
        parties = _Columns(table, roles)
        finds = _Finds(parties.count)
        rows = np.arange(table.num_rows) * len(roles)
        for place, (column, role) in enumerate(roles.items()):
            mode = FREE_TEXT if role is Role.PURPOSE else PARTY
            self._run(_Texts(*_utf8(table, column), mode, rows + place), parties, finds)
            numbers = f"{role.value}_inn" if role is not Role.CUSTOMER else "inn"
            if numbers in table.column_names:
                self._run(_Texts(*_utf8(table, numbers), IDENTIFIER, rows + place), parties, finds)
        return parties, finds

    def _run(self, texts: _Texts, parties: _Parties, finds: _Finds) -> None:
        """Screen texts of one mode, and what else their name fields hold, and hand the finds to their parties."""
        if texts.mode != PARTY:
            self._match(texts, finds)
            return
        texts, fields = _without_noise(texts, parties)
        self._match(texts, finds)
        beside: tuple[list[bytes], list[bytes]] = ([], [])
        owners: tuple[list[int], list[int]] = ([], [])
        items: tuple[list[int], list[int]] = ([], [])
        for number, clean in fields.items():
            for place, piece in enumerate(pieces(clean)):
                beside[0].append(piece.encode("utf-8", "surrogatepass"))
                owners[0].append(number)
                items[0].append(PIECE + place)
            for text in number_texts(clean.identifiers):
                beside[1].append(text.encode("utf-8", "surrogatepass"))
                owners[1].append(number)
                items[1].append(0)
        for kind, mode in enumerate((PARTY, IDENTIFIER)):
            if beside[kind]:
                self._match(_packed(beside[kind], mode, owners[kind], items[kind]), finds)

    def _match(self, texts: _Texts, finds: _Finds) -> None:
        """Screen texts of one mode as they are and hand the finds to their parties."""
        found: list[tuple[Segment, Hits]] = []
        for segment in self.index.segments():
            work = segment.pool.take(segment.matcher, long=len(texts.starts) > SHORT)
            try:
                # Evidence may raise no score but lowers some, so the kernel's threshold is the final one.
                hits = segment.matcher.screen(
                    work, texts.data, texts.starts, texts.mode, self.kernel_score_min, self.find_limit
                )
            finally:
                segment.pool.give(work)
            found.append((segment, hits))
        finds.add(texts, found[0][1] if len(found) == 1 else joined(found, self.find_limit))


class _Layout(Screener):
    """A screener that lays texts out and searches for none."""

    def __init__(self) -> None:
        self.config = ScreenConfig()
        self.texts: list[_Texts] = []

    def _match(self, texts: _Texts, finds: _Finds) -> None:
        self.texts.append(texts)


def texts_of(
    records: Sequence[Record],
) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], int, npt.NDArray[np.int64]]]:
    """Yield (UTF-8, N + 1 offsets, mode, numbers of the N parties) of all that `screen_batch` searches the kernels for.

    A kernel that meets none of these texts is one that `screen_batch` would find nothing with.

    Raises:
        ScreenError: As `screen_batch`.
    """
    layout = _Layout()
    layout._screen_rows(records)
    for data, starts, mode, owners, _ in layout.texts:
        yield data, starts, mode, np.asarray(owners, dtype=np.int64)


def _is_score(value: object) -> bool:
    """Say whether a value is a number in [0, 1]; NaN is none, and neither is True."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0


def _check_config(config: ScreenConfig) -> None:
    """Refuse settings of another type or out of range: a struct takes whatever it is given."""
    score, limit = config.score_min, config.hit_limit
    if score is not None and not _is_score(score):
        raise ScreenError(
            "SCR101", expected="a number in [0, 1], or None for the default", got=_told(score), where="score_min",
            todo="give a score as a number",
        )  # fmt: skip
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= HIT_LIMIT_MAX:
        raise ScreenError(
            "SCR102", expected=f"a whole number from 1 to {HIT_LIMIT_MAX}", got=_told(limit), where="hit_limit",
            todo="give the number of hits",
        )  # fmt: skip
    for where, switch in (("screen_purpose", config.screen_purpose), ("fingerprints", config.fingerprints)):
        if not isinstance(switch, bool):
            raise ScreenError("SCR113", expected="True or False", got=_told(switch), where=where)
    for where, mapping in (
        ("score_min_by_list", config.score_min_by_list), ("score_min_by_role", config.score_min_by_role),
    ):  # fmt: skip
        if not isinstance(mapping, Mapping) or not all(isinstance(word, str) for word in mapping):
            raise ScreenError("SCR113", expected="scores by list or role", got=_told(mapping), where=where)


def _told(value: object) -> str:
    """Return a value and its type for an error: 0.9 and "0.9" shall not look alike."""
    return f"{type(value).__name__} {value!r:.40}"


def _thresholds(given: Mapping[str, float], where: str) -> dict[str, float]:
    """Check thresholds by list or role."""
    found = {}
    for word, value in given.items():
        if not _is_score(value):
            raise ScreenError("SCR106", expected="a score in [0, 1]", got=_told(value), where=f"{where} {word[:40]}")
        found[word] = float(value)
    return found


def number_texts(identifiers: Sequence[Identifier]) -> Iterator[str]:
    """Return how numbers are looked up: the index holds them as printed and without gaps, so both meet."""
    for identifier in identifiers:
        if identifier.type not in SILENT_TYPES:
            bare = "".join(character for character in identifier.number if character.isalnum())
            yield from {identifier.number: None, bare: None}


def _packed(texts: list[bytes], mode: int, owners: list[int], items: list[int]) -> _Texts:
    """Put texts into one buffer."""
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    return _Texts(np.frombuffer(b"".join(texts), dtype=np.uint8), starts, mode, np.asarray(owners), items)


def _without_noise(texts: _Texts, parties: _Parties) -> tuple[_Texts, dict[int, CleanParty]]:
    """Leave of name fields their names, with blanks in place of the rest, so that no text moves.

    Returns:
        The texts, and the parts of the fields that changed by party; `parties.fields` keeps them too.
    """
    fields: dict[int, CleanParty] = {}
    data = texts.data
    told, proprietors = told_apart(data, texts.starts)
    if not told and not proprietors:
        return texts, fields
    errors = "replace" if texts.items is None else "surrogatepass"
    for text, number in zip(proprietors, texts.owners[proprietors].tolist(), strict=True):
        if (texts.items is None or texts.items[text] == 0) and not parties.cleaned(number):
            if data is texts.data:
                data = data.copy()
            low, high = int(texts.starts[text]), int(texts.starts[text + 1])
            data[low : high - PROPRIETOR_SIZE] = texts.data[low + PROPRIETOR_SIZE : high]
            data[high - PROPRIETOR_SIZE : high] = ord(" ")
            # The rest is taken apart only if the name is hit.
            parties.proprietors.add(number)
    bounds = zip(
        told, texts.owners[told].tolist(), texts.starts[told].tolist(), texts.starts[1:][told].tolist(), strict=True
    )
    held = data.data
    for text, number, low, high in bounds:
        if (texts.items is not None and texts.items[text] != 0) or parties.cleaned(number):
            continue
        given = str(held[low:high], "utf-8", errors).strip()
        if not given:
            continue
        clean = clean_party(given)
        if clean.name is given or clean == CleanParty(given):
            continue
        name = clean.name.encode("utf-8", "surrogatepass")
        if len(name) > high - low:
            continue
        if data is texts.data:
            data = data.copy()
        data[low:high] = np.frombuffer(name.ljust(high - low), dtype=np.uint8)
        fields[number] = clean
    parties.fields.update(fields)
    return texts._replace(data=data), fields


def one_customer(name: str, birth_date: str, identifiers: Sequence[Identifier], kind: Kind) -> Record:
    """Make the record of one name, which is looked up as it is written.

    Raises:
        ScreenError: SCR103 the name holds no letter or digit; SCR104 it is too long.
    """
    if not any(character.isalnum() for character in name):
        raise ScreenError("SCR103", expected="a name with a letter or digit", got=f"{len(name)} characters without one")
    if len(name) > NAME_LENGTH_MAX:
        raise ScreenError("SCR104", expected=f"at most {NAME_LENGTH_MAX} characters", got=str(len(name)))
    party = Party(Role.CUSTOMER, name, kind, birth_date, tuple(identifiers), text=name)
    return Record("check", RecordKind.CUSTOMER, (party,))


class _Rows:
    """Parties of record objects."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.flat = [(record, party) for record in records for party in record.parties]
        self.count = len(self.flat)
        self.fields: dict[int, CleanParty] = {}
        self.proprietors: set[int] = set()

    def party(self, number: int) -> Party:
        return self.flat[number][1]

    def record_id(self, number: int) -> str:
        return self.flat[number][0].record_id

    def cleaned(self, number: int) -> bool:
        return self.flat[number][1].text != ""


class _Columns:
    """Parties of Arrow columns: party number = row times roles + place of the role."""

    def __init__(self, table: pa.Table, roles: dict[str, Role]) -> None:
        wanted = {"id", "name", "kind", "birth_date", "inn", *roles, *(f"{role.value}_inn" for role in roles.values())}
        self._columns = {name: table.column(name) for name in wanted.intersection(table.column_names)}
        self._roles = list(roles.items())
        self.count = table.num_rows * len(roles)
        self.fields: dict[int, CleanParty] = {}
        self.proprietors: set[int] = set()

    def _cell(self, column: str, row: int) -> str:
        values = self._columns.get(column)
        value = values[row].as_py() if values is not None else None
        return "" if value is None else str(value)

    def party(self, number: int) -> Party:
        row, place = divmod(number, len(self._roles))
        column, role = self._roles[place]
        if role is not Role.CUSTOMER:
            inn = self._cell(f"{role.value}_inn", row)
            return Party(role, self._cell(column, row), identifiers=_inn(inn))
        kind = self._cell("kind", row)
        return Party(
            role, self._cell("name", row), KINDS.get(kind, Kind.UNKNOWN), self._cell("birth_date", row),
            _inn(self._cell("inn", row)),
        )  # fmt: skip

    def record_id(self, number: int) -> str:
        row = number // len(self._roles)
        return self._cell("id", row) or f"row {row + 1}"

    def cleaned(self, number: int) -> bool:
        return False


def _inn(number: str) -> tuple[Identifier, ...]:
    return (Identifier("inn", number),) if number else ()


def _utf8(table: pa.Table, column: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a string column and its row offsets; nulls are empty. No text is copied unless chunked."""
    import pyarrow as pa  # noqa: PLC0415

    values: Any = table.column(column)  # the stubs know neither nulls filled with a string nor what that gives
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        raise ScreenError("SCR105", expected=f"strings in column {column}", got=str(values.type))
    if values.null_count:
        values = values.fill_null("")
    values = values.cast(pa.large_string()).combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.array([], pa.large_string())
    _, offsets, data = values.buffers()
    starts = np.zeros(1, dtype=np.int64)
    if offsets is not None and len(values):
        starts = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8), starts
