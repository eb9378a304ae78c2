"""Screening again what a case was opened from, with what was in use then, and saying what differs.

A case records the index by its digest, the engine and policy by their versions; the record itself is sealed. Who kept
those files can show, years later, that the same came out, or what does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from sito.cases.facts import CaseHit, Screening
from sito.cases.screenings import SCREENED_AS, record_of, screening_of
from sito.clearing import Clearances
from sito.delta import AnyIndex
from sito.errors import CaseError
from sito.ledger import Stored, View
from sito.policy.calendar import moscow_day
from sito.policy.judge import Judge
from sito.policy.verdict import Policy
from sito.records import Occasion
from sito.screen import Screener
from sito.version import VERSION

_RULING = ("verdict", "rule_id", "policy_id", "policy_version", "term_ids", "law", "message", "certainty", "reason")


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was recorded; `then` or `now` is empty where there is none.

    Attributes:
        what: `verdict`, `rule_id`, another field of the ruling, or a hit as `debtor RU-TE 10001`.
    """

    what: str
    then: str
    now: str


class Replay(msgspec.Struct, frozen=True):
    """One screening of a case, and what the same gives now.

    Attributes:
        sequence: The event that recorded it.
        on: The day by which the policy judged, in Moscow.
        verdict, rule_id: As recorded. hit_count: Of the whole screening, also those that went to other cases.
        engine_then, engine_now: Versions; if they differ, differences may come from that.
        differences: Empty if all is the same.
    """

    sequence: int
    screened_at: datetime
    on: date
    record_id: str
    index_digest: str
    policy_id: str
    policy_version: str
    engine_then: str
    engine_now: str
    verdict: str
    rule_id: str
    hit_count: int
    differences: tuple[Difference, ...]


def replay(view: View, subject: str, *, indexes: Mapping[str, AnyIndex], policies: Sequence[Policy]) -> list[Replay]:
    """Screen again what a case was opened from, and what came to it later.

    Args:
        subject: The case.
        indexes: By digest, at least those that the case names.
        policies: At least those that the case names.

    Raises:
        CaseError: CAS106 no such case; CAS602 a record of another version; CAS603 an index that is not at hand; CAS604
            a policy that is not at hand; CAS605 personal data that were deleted: nothing is left to screen.
        LedgerError: LED130 no key was given, LED132 not the one needed, LED133 personal data were changed.
    """
    found = [stored for stored in view.events(subject=subject) if "screening" in stored.event.facts]
    if not found:
        raise CaseError("CAS106", expected="a case that is there", got="no screening of it", where=subject)
    return [_again(view, stored, indexes, policies) for stored in found]


def needed(view: View, subject: str) -> set[str]:
    """Return the digests of the indexes that a case names."""
    told = (stored.event.facts.get("screening") for stored in view.events(subject=subject))
    return {screening["index_digest"] for screening in told if screening}


def _again(view: View, stored: Stored, indexes: Mapping[str, AnyIndex], policies: Sequence[Policy]) -> Replay:
    where = f"event {stored.sequence}"
    then = msgspec.convert(stored.event.facts["screening"], Screening)
    personal = view.personal(stored.sequence)
    if personal is None or "record" not in personal:
        raise CaseError("CAS605", expected="the record as it was screened", got="none: it was deleted", where=where)
    record, config, cleared = record_of(personal["record"])
    index = indexes.get(then.index_digest)
    if index is None:
        raise CaseError(
            "CAS603", expected=f"index {then.index_digest[:12]}", got=f"{len(indexes)} others", where=where,
            todo="give the index file that was in use, and its delta if it had one",
        )  # fmt: skip
    named = (then.ruling["policy_id"], then.ruling["policy_version"])
    policy = next((one for one in policies if (one.id, one.version) == named), None)
    if policy is None:
        raise CaseError(
            "CAS604", expected=f"policy {named[0]} {named[1]}", got=f"{len(policies)} others", where=where,
            todo="give the policy file that was in use",
        )  # fmt: skip
    on = moscow_day(stored.at)
    judge = Judge(policy, on)
    screened = msgspec.structs.replace(record, record_id=SCREENED_AS)
    results = Screener(index, config).screen(screened, Clearances(cleared))
    judged = [(result, judge.judge_record(result, record)) for result in results]
    now = screening_of(
        record, judged, index=index, policy=policy, occasion=Occasion(then.occasion), client_id=then.client_id
    )
    recorded = _all_hits(view, stored)
    differences = [*_rulings(then.ruling, now.ruling if now else {}), *_hits(recorded, now.hits if now else ())]
    return Replay(
        stored.sequence, stored.at, on, then.record_id, then.index_digest, policy.id, policy.version,
        then.engine_version, VERSION, then.ruling["verdict"], then.ruling["rule_id"], len(recorded), tuple(differences),
    )  # fmt: skip


def _all_hits(view: View, stored: Stored) -> tuple[CaseHit, ...]:
    """Return the hits of a whole screening: those of one request may have gone to several cases, or are silent."""
    first = next(view.rows(after=stored.sequence - 1))[0]
    hits: list[CaseHit] = []
    for other in view.events(after=stored.sequence - first.place - 1):
        if other.request_id != stored.request_id:
            break
        told = other.event.facts.get("screening")
        if told is not None:
            hits += msgspec.convert(told, Screening).hits
    return tuple(hits)


def _rulings(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    if not now:
        return [Difference("verdict", then["verdict"], "pass"), Difference("rule_id", then["rule_id"], "")]
    return [
        Difference(name, _shown(then.get(name)), _shown(now.get(name)))
        for name in _RULING
        if name in then and _shown(then[name]) != _shown(now.get(name))
    ]


def _hits(then: Sequence[CaseHit], now: Sequence[CaseHit]) -> list[Difference]:
    before, after = _by_place(then), _by_place(now)
    return [
        Difference(" ".join(place[:3]), _hit(before.get(place)), _hit(after.get(place)))
        for place in sorted(before.keys() | after.keys())
        if _hit(before.get(place)) != _hit(after.get(place))
    ]


def _by_place(hits: Sequence[CaseHit]) -> dict[tuple[str, str, str, str], CaseHit]:
    return {(hit.role, hit.list_id, hit.entry_id, hit.party_fingerprint): hit for hit in hits}


def _hit(hit: CaseHit | None) -> str:
    if hit is None:
        return ""
    return f"{hit.grade} {hit.score:.4f}, edition {hit.edition}, entry {hit.entry_fingerprint[:12]}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
