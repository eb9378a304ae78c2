"""What is told with a step: names, types and limits of the facts, and which of them are sealed.

Whatever a person can write freely, and whatever describes a person, is sealed: it is kept encrypted, may be deleted
when its time has come, and never enters a log or a projection. The rest are numbers of the bank's own and words of
fixed sets; they stand in the chain for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec

from sito.cases.states import Transition
from sito.clearing import entry_fingerprint, party_fingerprint
from sito.entries import Entry
from sito.errors import CaseError
from sito.policy.allowance import MEMBER_COUNT_MAX
from sito.policy.calendar import MOSCOW_SINCE
from sito.records import Party

TEXT_LENGTH_MAX = 4000  # characters of a motive or note
MARK_LENGTH_MAX = 255  # characters of an id or number
BLOB_LENGTH_MAX = (
    400_000  # of a message's content, a signature or a receipt: with JSON's signs less than an event holds
)
ITEM_COUNT_MAX = 1000  # hits, editions, criteria or fields of one step
# Terms are counted from instants and shown: one from which, or to whose end, nobody can count would stand in the chain
# for ever and make every list of what is due fail. A century is left for the longest term.
INSTANT_MIN, INSTANT_MAX = MOSCOW_SINCE, datetime(2900, 1, 1, tzinfo=UTC)

# \Z and not $: that one lets a line feed stand at the end.
Mark = Annotated[str, msgspec.Meta(min_length=1, max_length=MARK_LENGTH_MAX, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH_MAX, pattern=r"\S")]
# Numbers of orders, decisions and messages: never without a digit, which keeps names out.
Number = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*[0-9][^\x00-\x1f\x7f]*\Z")
]
Subject = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+:[0-9]{1,18}\Z")]
Words = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]  # of the policy; may be empty
# Ids that the bank gives to people of whom it has no file: they stand in the chain, and are no names.
Member = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*\Z")]
Series = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z")]  # numbers begin so
Blob = Annotated[str, msgspec.Meta(min_length=1, max_length=BLOB_LENGTH_MAX)]  # of JSON, or of bytes in base64
Members = Annotated[tuple[Member, ...], msgspec.Meta(max_length=MEMBER_COUNT_MAX)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
Marks = Annotated[tuple[Mark, ...], msgspec.Meta(max_length=ITEM_COUNT_MAX)]
Fields = Annotated[dict[Mark, Text], msgspec.Meta(min_length=1, max_length=ITEM_COUNT_MAX)]


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition of a list that was in use: its date, or the beginning of its checksum where it has none."""

    list_id: Mark
    edition: Mark


class FormerId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An id that the entry had before, and the fingerprint that it has under it."""

    entry_id: Mark
    entry_fingerprint: Digest


class CaseHit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One hit of a screening; `case_hit` makes it from a party and an entry.

    Attributes:
        role: Of the party in the record. score: Similarity in [0, 1].
        former_ids: Ids of the same subject in former editions.
        known_by: `facts` if the party has a birth date or a number besides its name. Of one that has a name alone, a
            rejection in a payment is not remembered: the next payer of that name may be somebody else.
    """

    list_id: Mark
    entry_id: Mark
    edition: Mark
    role: Mark
    grade: Literal["exact", "strong", "medium", "weak"]
    score: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    party_fingerprint: Digest
    entry_fingerprint: Digest
    former_ids: Annotated[tuple[FormerId, ...], msgspec.Meta(max_length=ITEM_COUNT_MAX)] = ()
    known_by: Literal["name", "facts"] = "name"


class Screening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a case is opened from: enough to screen again, and to show which rule of which policy ruled.

    Attributes:
        record_id: Sender's id of the payment or customer. client_id: The bank's id of its client; empty if no side is.
        index_digest: SHA-256 of the index file. ruling: Fields of the policy's ruling: `rule_id`, `verdict`,
            `policy_id`, `policy_version`, `term_ids`, and if told `law`, `message`, `certainty` and `reason`. No
            others: they would stand in the chain for ever, and nobody could say what they hold.
    """

    record_id: Mark
    occasion: Literal["payment", "onboarding", "remote_opening", "check"]
    hits: Annotated[tuple[CaseHit, ...], msgspec.Meta(min_length=1, max_length=ITEM_COUNT_MAX)]
    editions: Annotated[tuple[Edition, ...], msgspec.Meta(min_length=1, max_length=ITEM_COUNT_MAX)]
    index_digest: Digest
    engine_version: Mark
    ruling: dict[str, Any]
    client_id: Annotated[str, msgspec.Meta(max_length=MARK_LENGTH_MAX, pattern=r"^[^\x00-\x1f\x7f]*\Z")] = ""


class _Ruling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule_id: Mark
    verdict: Literal["review", "suspend", "freeze", "refuse"]
    policy_id: Mark
    policy_version: Mark
    term_ids: Marks
    law: Words = ""
    message: Words = ""
    certainty: Words = ""
    reason: Words = ""


CLEAR: dict[str, Any] = {
    "screening": Screening,
    "assignee": Mark, "author": Mark, "client_id": Mark, "operation_id": Mark, "case_subject": Subject,
    "about": Subject, "message_id": Number, "report_number": Number, "report_date": date,
    "review_result": Literal["no_order", "order_expected"],
    "rule_id": Mark, "law": Mark, "term_ids": Marks, "list_id": Mark,
    "entry_id": Mark, "edition": Mark, "order_number": Number, "order_date": date, "court_number": Number,
    "court_date": date, "created_on": date, "until": Instant, "trigger_at": Instant, "template_id": Mark,
    "category": Mark, "criteria": Marks, "client_count": Count, "match_count": Count,
    "seen": Count, "release_sequence": Count, "members": Members,
    "operation_kind": Literal["salary", "pension", "benefit", "tax", "fine", "humanitarian"],
    "amount_kopecks": Annotated[int, msgspec.Meta(ge=1, le=(1 << 53) - 1)],
    "editions": Annotated[tuple[Edition, ...], msgspec.Meta(min_length=1, max_length=ITEM_COUNT_MAX)],
    "measure": Literal["none", "freeze", "suspension", "refusal"],
    "reopen_cause": Literal["party_changed", "entry_changed", "both_changed", "expired", "new_facts"],
    "lift_ground": Literal["delisted", "decision_cancelled", "court", "mistake"],
    "end_ground": Literal["client_withdrew", "refused", "frozen", "mistake"],
    "refusal_ground": Literal["documents_missing", "suspicion", "listed", "remote_opening"],
    "carve_rule": Literal["R-CARVE-WAGE", "R-CARVE-SOC", "R-CARVE-AGREE", "R-MVK-ALLOW"],
    "channel": Literal["letter", "remote_banking", "branch"],
    "family": Literal["ko", "nfo", "nko", "refusals"],
    "kind": Literal["operation", "refusal", "freeze", "release", "suspension", "check", "deletion"],
    "record_type": Literal["new", "correction", "deletion"],
    "content_digest": Digest, "xml_digest": Digest, "signature_digest": Digest, "receipt_digest": Digest,
    "record_count": Annotated[int, msgspec.Meta(ge=0, le=ITEM_COUNT_MAX)],
    "attempt": Series, "record_series": Series, "file_series": Series, "message_date": date,
    "route": Literal["portal", "folder"], "cause": Literal["refused", "unreachable", "not_found", "by_hand"],
    "portal_id": Mark, "external_id": Mark, "status_name": Mark, "reject_codes": Marks,
    "status_number": Annotated[int, msgspec.Meta(ge=-(1 << 31), lt=1 << 31)],
}  # fmt: skip
SEALED: dict[str, Any] = {
    "motive": Text,
    "note": Text,
    "operation": Fields,
    "party": Fields,
    "fields": Fields,
    "findings": Text,
    "extra_measures": Annotated[tuple[Text, ...], msgspec.Meta(max_length=ITEM_COUNT_MAX)],
    "content": Blob,
    "signature": Blob,
    "receipt": Blob,
    "service_note": Text,
}


def check_facts(row: Transition, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (facts for the chain, facts to seal) of one step as JSON values.

    Raises:
        CaseError: CAS101 one is missing; CAS102 one is not asked for; CAS103 one is of the wrong type or size. A value
            is never repeated: it may describe a person.
    """
    where = f"{row.event}"
    for name in row.needs:
        if name not in given:
            raise CaseError("CAS101", expected="all facts that the step needs", got=f"no {name}", where=where)
    clear: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for name, value in given.items():
        if name not in row.needs and name not in row.may:
            raise CaseError(
                "CAS102", expected="only " + (", ".join((*row.needs, *row.may)) or "no facts"),
                got="another fact", where=where,
            )  # fmt: skip
        kind = SEALED[name] if name in SEALED else CLEAR[name]
        try:
            # By way of JSON, so that what is checked is what is stored: lone surrogates and NaN fail here.
            found = msgspec.json.decode(msgspec.json.encode(value), type=kind)
            if isinstance(found, Screening):
                msgspec.convert(found.ruling, _Ruling)
            if isinstance(found, datetime) and not INSTANT_MIN <= found < INSTANT_MAX:
                raise ValueError("nobody can count from it")
            plain = moment(found) if isinstance(found, datetime) else msgspec.to_builtins(found)
        except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError, OverflowError):
            raise CaseError(
                "CAS103", expected=f"{name} as docs/cases.md describes it", got="another type, form or size",
                where=where,
            ) from None  # fmt: skip
        (sealed if name in SEALED else clear)[name] = plain
    return clear, sealed


def moment(at: datetime) -> str:
    """Return an instant as it is stored: UTC, to the microsecond, equal in length, so that order of text is of time.

    Raises:
        CaseError: CAS104 an instant without a time zone: nobody knows when it was.
    """
    if at.tzinfo is None:
        raise CaseError("CAS104", expected="an instant with its time zone", got="one without", where="at")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """Return the instant that `moment` wrote."""
    return datetime.fromisoformat(text)


def case_hit(
    party: Party, entry: Entry, *, edition: str, grade: str, score: float, former_ids: tuple[str, ...] = ()
) -> CaseHit:
    """Return a hit with the fingerprints of both sides, the entry's also under each of its former ids."""
    formers = tuple(
        FormerId(former, entry_fingerprint(msgspec.structs.replace(entry, entry_id=former))) for former in former_ids
    )
    return CaseHit(
        list_id=entry.list_id, entry_id=entry.entry_id, edition=edition, role=party.role.value,
        grade=grade, score=score, party_fingerprint=party_fingerprint(party),  # type: ignore[arg-type]
        entry_fingerprint=entry_fingerprint(entry), former_ids=formers,
        known_by="facts" if party.birth_date or party.identifiers else "name",
    )  # fmt: skip
