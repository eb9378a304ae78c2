"""What screening found, as cases are opened from it: hits with the fingerprints of both sides, and the rule that ruled.

What is needed to screen the record again is sealed beside it, so that a case can be replayed for as long as its
personal data are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from sito.cases.facts import MARK_LENGTH_MAX, CaseHit, Edition, Screening
from sito.cases.projection import GRADES
from sito.clearing import Clearance, entry_fingerprint, party_fingerprint
from sito.delta import AnyIndex
from sito.errors import CaseError
from sito.evidence import edition_name
from sito.policy.facts import Verdict
from sito.policy.judge import Judge, Judgement
from sito.policy.verdict import Policy, Ruling, most_severe
from sito.records import Occasion, Record, RecordKind
from sito.screen import PartyResult, ScreenConfig

UNDATED = "undated"  # an edition without a date and without a file
CUT = "SITO-TRUNCATED"  # in the place of a rule: hits that pass, but a limit was reached: somebody has to look
SCREENED_AS = "0"  # id that a record has while it is screened, to which clearances of it refer
Judged = tuple[PartyResult, Judgement]


class _Sealed(msgspec.Struct, frozen=True):
    record: Record
    config: ScreenConfig
    cleared: tuple[Clearance, ...] = ()


def screening_of(
    record: Record, judged: Iterable[Judged], *, index: AnyIndex, policy: Policy, occasion: Occasion | None = None,
    client_id: str = "",
) -> Screening | None:  # fmt: skip
    """Return what a case is opened from; None if nobody has to look.

    Args:
        record: As it was screened.
        judged: Result and judgement of its parties; those that pass may be left out.
        index: It was screened with.
        policy: It was judged by.
        occasion: Why; None: what the record says, else the plain one of its kind.
        client_id: The bank's id of the client that the case will be of; empty if no side is one.

    Raises:
        CaseError: CAS601 a limit was reached and no hit is known: there is nothing to open a case from, and the record
            has not passed.
    """
    rulings: list[Ruling] = []
    hits: dict[tuple[str, str, str, str], CaseHit] = {}
    cut = False
    for result, judgement in judged:
        if judgement.verdict is Verdict.PASS:
            continue
        rulings += judgement.rulings
        cut = cut or result.truncated
        parties = [party for party in record.parties if party.role.value == result.role]
        for hit in result.alarming:
            entry = index.entry(hit.position)
            theirs = entry_fingerprint(entry)
            # A result names its party by role alone: of several with one role, each may be the one that was hit.
            for party in parties:
                ours = party_fingerprint(party)
                found = CaseHit(
                    list_id=hit.list_id, entry_id=hit.entry_id, edition=hit.edition, role=result.role,
                    grade=hit.grade, score=hit.score, party_fingerprint=ours, entry_fingerprint=theirs,  # type: ignore[arg-type]
                    known_by="facts" if party.birth_date or party.identifiers else "name",
                )  # fmt: skip
                place = result.role, hit.list_id, hit.entry_id, ours
                before = hits.get(place)
                if before is None or _strength(found) > _strength(before):
                    hits[place] = found
    alarming = [ruling for ruling in rulings if ruling.verdict is not Verdict.PASS]
    if not hits:
        if cut:
            raise CaseError(
                "CAS601", expected="a hit to open a case from", got="a limit that was reached before one was found",
                where="screening", todo="screen the record in smaller parts, or by hand: it has not passed",
            )  # fmt: skip
        return None
    ruling = most_severe(alarming)
    told: dict[str, Any] = msgspec.to_builtins(ruling) if ruling is not None else {
        "rule_id": CUT, "verdict": Verdict.REVIEW.value, "policy_id": policy.id, "policy_version": policy.version,
        "term_ids": [],
    }  # fmt: skip
    return Screening(
        record_id=mark_of(record.record_id),
        occasion=occasion_of(record, occasion).value, hits=tuple(hits.values()), editions=editions_of(index),
        index_digest=index.info.digest, engine_version=index.info.engine_version, ruling=told, client_id=client_id,
    )  # fmt: skip


def _strength(hit: CaseHit) -> tuple[int, float]:
    return -GRADES.index(hit.grade), hit.score


def mark_of(text: str) -> str:
    """Return an id of a sender as the chain keeps it: itself, or its digest where it is long or cannot be printed."""
    if 0 < len(text) <= MARK_LENGTH_MAX and text.isprintable():
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def occasion_of(record: Record, occasion: Occasion | None = None) -> Occasion:
    """Return why a record is screened: what is given, else what it says, else what its kind means."""
    if occasion is not None:
        return occasion
    if record.occasion is not None:
        return record.occasion
    return Occasion.PAYMENT if record.kind is RecordKind.PAYMENT else Occasion.CHECK


def editions_of(index: AnyIndex) -> tuple[Edition, ...]:
    """Return the editions of an index as cases keep them."""
    return tuple(Edition(one.list_id, edition_name(one) or UNDATED) for one in index.info.editions)


def personal_of(
    record: Record, *, judge: Judge | None = None, config: ScreenConfig | None = None,
    cleared: Iterable[Clearance] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return what is sealed beside a screening, as JSON values: the whole record, and how it was looked at.

    Args:
        judge: What gave the verdicts; whose client is which is kept as it took it.
        config: Of the screener.
        cleared: What silenced hits of it, for a record of the id `SCREENED_AS`.
    """
    if judge is not None and record.kind is RecordKind.PAYMENT:
        record = msgspec.structs.replace(record, client_side=judge.side(record.client_side, record.parties))
    sealed: dict[str, Any] = msgspec.to_builtins(_Sealed(record, config or ScreenConfig(), tuple(cleared)))
    return sealed


def record_of(personal: dict[str, Any]) -> tuple[Record, ScreenConfig, tuple[Clearance, ...]]:
    """Return the record, how it was looked at and what was cleared, as `personal_of` was given them.

    Raises:
        CaseError: CAS602 it is none: sealed by another version, or by hand.
    """
    try:
        found = msgspec.convert(personal, _Sealed)
    except msgspec.ValidationError:
        raise CaseError(
            "CAS602", expected="a record as it was screened", got="something else", where="personal data"
        ) from None
    return found.record, found.config, found.cleared
