"""One message of records, from its bytes to the bytes of its answer: read natively, screened flat, written natively.

Plain records never become Python objects, unless one of them is hit. Records with noise in a name field, and odd ones,
go through `sito_server.convert`; either way gives the same answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from sito.clearing import Clearances
from sito.errors import RecordError, ScreenError
from sito.evidence import Hit
from sito.formats.noise import CleanParty
from sito.messages import Request, write_batch
from sito.policy.facts import SEVERITY, Verdict
from sito.policy.judge import Judgement
from sito.records import Party, Record, RecordKind
from sito.screen import FREE_TEXT, IDENTIFIER, PARTY, PartyResult, Screener
from sito.v1 import screening_pb2 as wire
from sito_server.convert import (
    CLEARANCE_COUNT_MAX,
    GRADES,
    NO_RULES,
    ROLE_NUMBERS,
    STALE_REASONS,
    SUBJECT_PAYMENT,
    VERDICTS,
    FieldViolationError,
    Violation,
    checked_parties,
    read_clearances,
    read_record,
)
from sito_server.verdicts import Sitting, Verdicts

BATCH_SIZE_MAX = 10_000  # records of one message
TEXT_COUNT_MAX = 200_000  # texts and numbers of one message
HitTuple: TypeAlias = tuple[str, str, str, float, int, tuple[str, ...], str, str, str, str]
PartyTuple: TypeAlias = tuple[
    int, int, tuple[HitTuple, ...], bool, tuple[str, ...], tuple[HitTuple, ...], tuple[tuple[str, str, int], ...], str,
    str,
]  # fmt: skip
Judged: TypeAlias = tuple[PartyResult, Judgement]
ODD, PLAIN = 0, 1  # forms of records, as in sito_ext/wire.pyx


class BadRequestError(Exception):
    """A request with a wrong field.

    Attributes:
        error: What the caller is told first.
        violation: The field.
    """

    def __init__(self, violation: Violation) -> None:
        self.error = RecordError(
            violation.code, expected=violation.expected, got=violation.got, where=violation.field,
            todo="nothing was screened; correct the request and send it again",
        )  # fmt: skip
        self.violation = violation
        super().__init__(violation.code)


class Answer(NamedTuple):
    """What one message gave, and what there is to count.

    Attributes:
        data: The message ScreenBatchResponse or ScreenStreamResponse.
        record_count: Of the request.
        verdicts: How many records by their verdict, without those that pass.
        hits: How many by (list, grade).
        limits: How many parties by limit that was reached.
        rejects: How many records by code of their error.
        alarmed: (place, verdict, rule id) of each record that does not pass.
        on: Day by whose rules they were judged; None if there are none.
    """

    data: bytes
    record_count: int
    verdicts: Counter[str]
    hits: Counter[tuple[str, str]]
    limits: Counter[str]
    rejects: Counter[str]
    alarmed: tuple[tuple[int, str, str], ...]
    on: date | None


class _Parties:
    """The parties of one message for `Screener.screen_texts`, made when they are asked for.

    Args:
        request: The message.
        firsts: Number of the first party of each record, and behind the last their count.
        made: Records that are not plain, by their place.
    """

    def __init__(self, request: Request, firsts: npt.NDArray[np.int64], made: dict[int, Record]) -> None:
        self.count = int(firsts[-1])  # of all parties
        self.fields: dict[int, CleanParty] = {}
        self.proprietors: set[int] = set()
        self._request = request
        self._firsts: list[int] = firsts.tolist()
        self._made = made

    def place(self, number: int) -> int:
        """Return the place of the record that a party belongs to."""
        return bisect_right(self._firsts, number) - 1

    def record(self, place: int) -> tuple[Party, ...]:
        """Return all parties of a record."""
        made = self._made.get(place)
        return checked_parties(self._request.record(place)) if made is None else made.parties

    def party(self, number: int) -> Party:
        place = self.place(number)
        only = number - self._firsts[place]
        record = self._made.get(place)
        return checked_parties(self._request.record(place, only))[0] if record is None else record.parties[only]

    def record_id(self, number: int) -> str:
        return str(self.place(number))

    def cleaned(self, number: int) -> bool:
        # Of plain records it is known that nothing but a name stands there.
        return self.place(number) not in self._made or self.party(number).text != ""

    def rows(self) -> Iterator[tuple[int, Record, Party]]:
        """Return the parties that are made already, rising."""
        for place, record in self._made.items():
            for number, party in enumerate(record.parties, self._firsts[place]):
                yield number, record, party


class _Single:
    """The parties of the one plain record of a message, for `Screener.screen_single`."""

    def __init__(self, request: Request) -> None:
        self._parties = checked_parties(request.record(0))
        self.count = len(self._parties)
        self.fields: dict[int, CleanParty] = {}
        self.proprietors: set[int] = set()

    def party(self, number: int) -> Party:
        return self._parties[number]

    def record_id(self, number: int) -> str:
        return "0"

    def cleaned(self, number: int) -> bool:
        return True  # nothing but a name stands in its field


def read_message(data: bytes) -> Request:
    """Read a message ScreenBatchRequest or ScreenStreamRequest.

    Raises:
        ScreenError: SCR404 protobuf would not read it.
    """
    try:
        return Request(data, BATCH_SIZE_MAX, TEXT_COUNT_MAX)
    except ValueError:
        raise unreadable(data) from None


def unreadable(data: bytes) -> ScreenError:
    """Make the error of a message that is no protobuf, or not of its type."""
    return ScreenError(
        "SCR404", expected="a message of the contract sito.v1", got=f"{len(data)} bytes that are none",
        todo="nothing was screened; send what a protobuf library wrote",
    )  # fmt: skip


def screen_message(
    request: Request, screener: Screener, verdicts: Verdicts, *, request_id: str, index: bytes, engine_version: str
) -> Answer:
    """Screen the records of one message.

    Args:
        request: The message.
        screener: What answers.
        verdicts: What gives the verdicts.
        request_id, engine_version: For the answer.
        index: The message IndexReference, for the answer.

    Raises:
        ScreenError: SCR401 no records, or too many; SCR402 too many texts; SCR110 a clearance that could never fit.
        BadRequestError: A wrong clearance.
        PolicyError: POL111 something alarms, and the policy is not in force any more.
    """
    count = request.record_count
    check_counts(count, request.text_count)
    made, violations = _others(request)
    cleared = _cleared(request)
    others = np.zeros(count, dtype=np.int64)
    for place, record in made.items():
        others[place] = len(record.parties)
    firsts = request.firsts(others)
    parties = _Parties(request, firsts, made)
    texts = [
        (text, starts, mode, owners)
        for mode, (text, starts, owners) in zip((PARTY, FREE_TEXT, IDENTIFIER), request.texts(firsts), strict=True)
    ]
    batch = screener.screen_texts(parties, texts, parties.rows(), cleared)
    alerts: defaultdict[int, list[Judged]] = defaultdict(list)
    sitting = Sitting(verdicts)
    for result in batch.results():
        if result.verdict != "pass" or result.suppressed:
            place = int(result.record_id)
            judgement = sitting.of_fields(result, request.facts(place), partial(parties.record, place))
            if is_told(result, judgement):
                alerts[place].append((result, judgement))
    return _answer(
        request, request_id, alerts, violations, verdicts, index=index, engine_version=engine_version, sitting=sitting
    )


def screen_single(
    request: Request, texts: tuple[tuple[int, bytes, int], ...], screener: Screener, sitting: Sitting
) -> list[Judged] | None:
    """Screen the record of a message, be it a ScreenRequest, of which `Request.single` gives the texts.

    A ScreenRequest is written like a batch of one record. Only two pieces of a record would be joined in one and two
    records in the other.

    Returns:
        The results that are not a plain pass; None if nothing was met at all.
    """
    found = screener.screen_single(texts, lambda: _Single(request))
    if found is None:
        return None
    judged = [
        (result, sitting.of_fields(result, request.facts(0), lambda: checked_parties(request.record(0))))
        for result in found.results()
    ]  # fmt: skip
    return [one for one in judged if is_told(*one)]


def is_told(result: PartyResult, judgement: Judgement) -> bool:
    """Say whether an answer tells of a party: one that passes stands there only with what a clearance silenced."""
    return judgement.verdict is not Verdict.PASS or bool(result.suppressed)


def check_counts(records: int, texts: int) -> None:
    """Refuse a message without records, with too many, or with too many texts.

    Raises:
        ScreenError: SCR401, SCR402.
    """
    if not 1 <= records <= BATCH_SIZE_MAX:
        raise ScreenError(
            "SCR401", expected=f"1 to {BATCH_SIZE_MAX} records in a batch", got=str(records), where="records",
            todo="send more than one batch" if records else "",
        )  # fmt: skip
    if texts > TEXT_COUNT_MAX:
        raise ScreenError(
            "SCR402", expected=f"at most {TEXT_COUNT_MAX} names, aliases, purposes and identifiers in a call",
            got="more", todo="send smaller batches",
        )  # fmt: skip


def _others(request: Request) -> tuple[dict[int, Record], dict[int, Violation]]:
    """Read the records that are not plain: those that can be screened, and what is wrong with the others."""
    made: dict[int, Record] = {}
    violations: dict[int, Violation] = {}
    forms = request.forms()
    places = np.flatnonzero(forms != PLAIN)
    for place, form in zip(places.tolist(), forms[places].tolist(), strict=True):
        if form != ODD:
            fields = request.record(place)
            kind = RecordKind.PAYMENT if fields[1] == SUBJECT_PAYMENT else RecordKind.CUSTOMER
            made[place] = Record(str(place), kind, checked_parties(fields))
            continue
        try:
            made[place] = read_record(wire.Record.FromString(request.message(place)), str(place))
        except FieldViolationError as error:
            violations[place] = error.violation
    return made, violations


def _cleared(request: Request) -> Clearances:
    if not request.cleared_count:
        return Clearances()
    try:
        if request.cleared_count > CLEARANCE_COUNT_MAX:
            raise FieldViolationError(
                Violation("cleared", "REC253", f"at most {CLEARANCE_COUNT_MAX} items", str(request.cleared_count))
            )
        items = [wire.Clearance.FromString(item) for item in request.cleared()]
        return Clearances(read_clearances(items, map(request.record_id, range(request.record_count))))
    except FieldViolationError as error:
        raise BadRequestError(error.violation) from None


def _answer(
    request: Request, request_id: str, alerts: dict[int, list[Judged]], violations: dict[int, Violation],
    policy: Verdicts, *, index: bytes, engine_version: str, sitting: Sitting,
) -> Answer:  # fmt: skip
    """Write the answer and count what is in it."""
    alarms: Counter[str] = Counter()
    alarmed: list[tuple[int, str, str]] = []
    hits: Counter[tuple[str, str]] = Counter()
    limits: Counter[str] = Counter()
    verdicts = np.full(request.record_count, VERDICTS["pass"], dtype=np.uint8)
    results: list[tuple[int, str, int, bool, tuple[PartyTuple, ...]]] = []
    for place, found in alerts.items():
        worst, rule_id = decided(found)
        verdicts[place] = verdict = VERDICTS[worst]
        if worst is not Verdict.PASS:
            alarms[worst.value] += 1
            alarmed.append((place, worst.value, rule_id))
        truncated = False
        parties = []
        for result, judgement in found:
            truncated = truncated or result.truncated
            parties.append(party_tuple(result, judgement))
            if result.limits:
                limits.update(result.limits)
            for hit in result.hits:
                hits[hit.list_id, hit.grade] += 1
            for hit in result.suppressed:
                hits[hit.list_id, hit.grade] += 1
        results.append((place, request.record_id(place), verdict, truncated, tuple(parties)))
    errors: list[tuple[int, str, str, str, str, str]] = []
    for place, violation in violations.items():
        verdicts[place] = wire.VERDICT_UNSPECIFIED
        record_id = "" if violation.field == "record_id" else request.record_id(place)
        errors.append((place, record_id, violation.code, violation.field, violation.expected, violation.got))
    data = write_batch(
        verdicts, results, errors, index=index, engine_version=engine_version, request_id=request_id,
        truncated=any(result[3] for result in results), policy=policy.data,
        rulings=policy.messages(judgement for found in alerts.values() for _, judgement in found),
    )  # fmt: skip
    rejects = Counter(violation.code for violation in violations.values())
    return Answer(
        data, request.record_count, alarms, hits, limits, rejects, tuple(alarmed), sitting.on if alarmed else None
    )


def decided(found: Iterable[Judged]) -> tuple[Verdict, str]:
    """Return the gravest verdict of a record's parties, and the rule by which it came; `pass` if none stands out."""
    worst = max((judgement for _, judgement in found), key=lambda one: SEVERITY[one.verdict], default=None)
    return (Verdict.PASS, "") if worst is None else (worst.verdict, worst.rule_id)


def party_tuple(result: PartyResult, judgement: Judgement) -> PartyTuple:
    """Return a result, and what the policy says of it, as `sito_ext.wire.write_batch` takes it."""
    return (
        ROLE_NUMBERS[result.role], VERDICTS[judgement.verdict], _hits(result.hits, judgement.rules), result.truncated,
        result.limits, _hits(result.suppressed, NO_RULES) if result.suppressed else (),
        tuple([(one.list_id, one.entry_id, STALE_REASONS[one.reason.value]) for one in result.stale]),
        result.party_fingerprint, judgement.rule_id,
    )  # fmt: skip


def _hits(hits: tuple[Hit, ...], rules: Mapping[tuple[str, str], str]) -> tuple[HitTuple, ...]:
    return tuple([
        (
            hit.entry_id, hit.list_id, hit.name, hit.score, GRADES[hit.grade], hit.reasons, hit.quality, hit.edition,
            hit.entry_fingerprint, rules.get((hit.list_id, hit.entry_id), ""),
        )
        for hit in hits
    ])  # fmt: skip
