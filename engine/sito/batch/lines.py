"""A chunk of a file: rows or records in, encoded lines of hits out. The work of one worker."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec

from sito.clearing import Clearances, StaleClearance
from sito.errors import RecordError, ScreenError
from sito.evidence import Hit
from sito.formats import RowConverter
from sito.policy.judge import Judge, Judgement
from sito.policy.verdict import Ruling
from sito.records import Record, Reject
from sito.screen import BatchResult, PartyResult, Screener

RAW_LENGTH_MAX = 10_000  # characters kept of a record that was read, but cannot be screened


class HitLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hit as it is written; a `Hit` without its place in the index.

    Attributes:
        quality: How far the list trusts the name.
        edition: Edition of the list.
        entry_fingerprint: Only where it was asked for.
        rule_id: Of the rule of the policy that it falls under, if it alarms.
    """

    entry_id: str
    list_id: str
    name: str
    score: float
    grade: str
    reasons: tuple[str, ...]
    quality: str = ""
    edition: str = ""
    entry_fingerprint: str = ""
    rule_id: str = ""


class PartyLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object of the output: all hits of one role of one record.

    Attributes:
        limits, suppressed, stale, party_fingerprint: Left out of the JSON where they are empty; see `PartyResult`.
        rule_id: Of the rule that gave the verdict; left out where none did.
        rulings: What the policy says of the hits, the gravest first, each rule once.
    """

    record_id: str
    role: str
    verdict: str
    hits: tuple[HitLine, ...]
    truncated: bool
    limits: tuple[str, ...] = ()
    suppressed: tuple[HitLine, ...] = ()
    stale: tuple[StaleClearance, ...] = ()
    party_fingerprint: str = ""
    rule_id: str = ""
    rulings: tuple[Ruling, ...] = ()


class Chunk(msgspec.Struct, frozen=True):
    """Consecutive items of a file.

    Attributes:
        first: Number of the first item in the file, from 1.
        items: Rows that are still to be converted, records, or what the reader refused.
    """

    first: int
    items: list[list[str] | Record | Reject]


class ChunkResult(msgspec.Struct, frozen=True):
    """What screening a chunk gave.

    Attributes:
        lines: JSON Lines of `PartyLine`, in the order of the records and their parties.
        record_count: Records screened; refused ones are in `rejects`.
        alert_count: Lines whose verdict is not `pass`.
        truncated_count: Lines with `truncated`.
        suppressed_count: Hits that a clearance silenced.
        stale_count: Clearances that no longer fit.
        unread_count: Records with a fact in a word that is not known.
        verdicts: Lines by verdict, without `pass`.
    """

    lines: bytes
    rejects: list[Reject]
    record_count: int
    party_count: int
    hit_count: int
    alert_count: int
    truncated_count: int
    suppressed_count: int = 0
    stale_count: int = 0
    unread_count: int = 0
    verdicts: dict[str, int] = {}


class ChunkScreener:
    """Screens chunks against one index.

    Args:
        screener: The door to the engine.
        converter: Turns the rows of a delimited file into records; None if the chunks hold records.
        include_all: Write lines of parties without hits too.
        cleared: Pairs whose hits are silenced.
        judge: Gives the verdicts; None leaves `pass` and `review` as the engine says.
    """

    def __init__(
        self, screener: Screener, converter: RowConverter | None, include_all: bool, cleared: Clearances | None = None,
        judge: Judge | None = None,
    ) -> None:  # fmt: skip
        self._screener = screener
        self._converter = converter
        self._all = include_all
        self._cleared = Clearances() if cleared is None else cleared
        self._judge = judge
        self._encoder = msgspec.json.Encoder()

    def screen(self, chunk: Chunk) -> ChunkResult:
        """Screen one chunk; a record that cannot be screened becomes a reject and stops no other."""
        taken: dict[int, Record] = {}
        rejects: dict[int, Reject] = {}
        for number, item in enumerate(chunk.items, chunk.first):
            if isinstance(item, list):
                if self._converter is None:
                    raise TypeError("rows need a converter")
                item = self._converter.record(item, number)  # noqa: PLW2901  (the same item in its next state)
            if isinstance(item, Record):
                taken[number] = item
            else:
                rejects[number] = item
        records = list(taken.values())
        try:
            batch = self._screener.screen_batch(records, self._cleared)
        except ScreenError:
            refused = self._refused(taken)
            rejects |= refused
            records = [record for number, record in taken.items() if number not in refused]
            batch = self._screener.screen_batch(records, self._cleared)
        lines = self._lines(batch, records)
        verdicts = Counter(line.verdict for line in lines if line.verdict != "pass")
        return ChunkResult(
            lines=self._encoder.encode_lines(lines),
            rejects=[rejects[number] for number in sorted(rejects)],
            record_count=len(records),
            party_count=batch.party_count,
            hit_count=sum(len(line.hits) for line in lines),
            alert_count=verdicts.total(),
            truncated_count=sum(line.truncated for line in lines),
            suppressed_count=sum(len(line.suppressed) for line in lines),
            stale_count=sum(len(line.stale) for line in lines),
            unread_count=sum(bool(record.unread) for record in records),
            verdicts=dict(verdicts),
        )

    def _refused(self, records: Mapping[int, Record]) -> dict[int, Reject]:
        """Find the records that the engine refuses, by trying them one by one."""
        refused: dict[int, Reject] = {}
        for number, record in records.items():
            try:
                self._screener.screen_batch([record])
            except ScreenError as error:
                raw = " ".join(party.name for party in record.parties)[:RAW_LENGTH_MAX]
                text = str(RecordError(error.code, expected=error.expected, got=error.got, where=record.position))
                refused[number] = Reject(record.position, error.code, text, raw)
        return refused

    def _lines(self, batch: BatchResult, records: Sequence[Record]) -> list[PartyLine]:
        """Return the lines of a batch, with the verdicts of the policy."""
        starts: list[int] = []  # number of the first party of each record, made when the first of them alarms
        lines = []
        for number, result in self._results(batch, records):
            line = _line(result)
            if self._judge is not None and result.verdict != "pass":
                starts = starts or [0, *accumulate(len(record.parties) for record in records)]
                record = records[bisect_right(starts, number) - 1]
                line = _judged(line, self._judge.judge_record(result, record))
            lines.append(line)
        return lines

    def _results(self, batch: BatchResult, records: Sequence[Record]) -> Iterator[tuple[int, PartyResult]]:
        """Yield one result for each (record, role), with the number of its first party.

        Parties that share a role in a record are joined.
        """
        first = _shared_roles(records)
        if not first:
            for number in batch.numbers(all=self._all):
                result = batch.result(number)
                if self._all or result.hits or result.suppressed or result.verdict != "pass":
                    yield number, result
            return
        joined: dict[int, PartyResult] = {}
        for number in batch.numbers(all=self._all):
            result = batch.result(number)
            if self._all or result.hits or result.suppressed or result.verdict != "pass":
                key = first.get(number, number)
                known = joined.get(key)
                joined[key] = result if known is None else join(known, result, self._screener.config.hit_limit)
        for key in sorted(joined):
            yield key, joined[key]


def _shared_roles(records: Sequence[Record]) -> dict[int, int]:
    """Return, for each party whose role stands in its record more than once, the number of the first with that role."""
    found: dict[int, int] = {}
    start = 0
    for record in records:
        roles = [party.role for party in record.parties]
        if len(set(roles)) < len(roles):
            found.update({start + i: start + roles.index(role) for i, role in enumerate(roles)})
        start += len(roles)
    return found


def join(one: PartyResult, other: PartyResult, hit_limit: int) -> PartyResult:
    """Join the results of two parties with the same role: each entry once, with its best score.

    There is no one fingerprint for two parties that both hit: `Screener.clearance` clears such a pair.
    """
    hits = _best((*one.hits, *other.hits))
    limits = [*one.limits, *(limit for limit in other.limits if limit not in one.limits)]
    if cut := len(hits) > hit_limit:
        del hits[hit_limit:]
        if "hits" not in limits:
            limits.append("hits")
    alarming = cut or "review" in (one.verdict, other.verdict)
    # What is silenced for one party stands if it hits the other, too.
    standing = {(hit.list_id, hit.entry_id) for hit in (*one.hits, *other.hits)}
    suppressed = _best((*one.suppressed, *other.suppressed))
    return PartyResult(
        one.record_id,
        one.role,
        "review" if alarming else "pass",
        tuple(hits),
        cut or one.truncated or other.truncated,
        tuple(limits),
        tuple(hit for hit in suppressed if (hit.list_id, hit.entry_id) not in standing),
        tuple(dict.fromkeys((*one.stale, *other.stale))),
        "" if one.hits and other.hits else one.party_fingerprint or other.party_fingerprint,
        (*one.alarming, *other.alarming),
    )


def _best(hits: Iterable[Hit]) -> list[Hit]:
    """Return each entry once, with its best score, best first."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.list_id, hit.entry_id)
        if key not in best or hit.score > best[key].score:
            best[key] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.entry_id, hit.list_id))


def party_line(result: PartyResult, judgement: Judgement) -> PartyLine:
    """Return the line of a party."""
    return _line(result) if result.verdict == "pass" else _judged(_line(result), judgement)


def _line(result: PartyResult) -> PartyLine:
    return PartyLine(
        result.record_id,
        result.role,
        result.verdict,
        tuple(map(_hit_line, result.hits)),
        result.truncated,
        result.limits,
        tuple(map(_hit_line, result.suppressed)),
        result.stale,
        result.party_fingerprint,
    )


def _judged(line: PartyLine, judgement: Judgement) -> PartyLine:
    rules = judgement.rules
    hits = [msgspec.structs.replace(hit, rule_id=rules.get((hit.list_id, hit.entry_id), "")) for hit in line.hits]
    return msgspec.structs.replace(
        line, verdict=judgement.verdict.value, hits=tuple(hits), rule_id=judgement.rule_id, rulings=judgement.rulings
    )


def _hit_line(hit: Hit) -> HitLine:
    return HitLine(
        hit.entry_id, hit.list_id, hit.name, hit.score, hit.grade, hit.reasons, hit.quality, hit.edition,
        hit.entry_fingerprint,
    )  # fmt: skip
