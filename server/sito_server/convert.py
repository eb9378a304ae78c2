"""Between the wire and the nouns: requests to records, results to answers.

Fields go through the same functions as those of payment and customer files, so that a record gets one verdict whichever
way it came. What cannot be read is collected as violations; nothing is left out or taken for something else.

Codes of this module, besides those of the readers of files (`REC201` to `REC216`):

REC251 a field that is needed is missing or holds nothing that can be screened.
REC252 an enum has a number that is not allowed here.
REC253 a repeated field has too many items.
REC254 a request id that must not stand in a log.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypeVar, cast

import msgspec

from sito.clearing import EVERY_RECORD, Clearance
from sito.entries import Identifier, Kind
from sito.evidence import Hit
from sito.formats.base import (
    ALIAS_COUNT_MAX,
    FieldError,
    birth_date,
    check_text,
    check_value,
    currency_code,
    decimal_amount,
    iso_date,
)
from sito.formats.parties import agent_party, field_parties, purpose_party
from sito.index import IndexInfo
from sito.names.fold import fold
from sito.policy.facts import SEVERITY, Verdict
from sito.policy.judge import Judgement
from sito.policy.verdict import Ruling
from sito.records import RELATIONS, ClientSide, Occasion, Operation, Party, Record, RecordKind, Role
from sito.screen import PartyResult
from sito.v1 import screening_pb2 as wire

PARTY_COUNT_MAX = 100  # parties of one payment
IDENTIFIER_COUNT_MAX = 100  # identifiers of one party
CLEARANCE_COUNT_MAX = 100_000  # clearances of one call
REQUEST_ID_LENGTH_MAX = 128  # characters
FOLDED_LENGTH_MAX = 4_096  # characters looked at to find out whether an unusual script can be screened

ROLES = {number: Role(word.removeprefix("ROLE_").lower()) for word, number in wire.Role.items() if number}
ROLE_NUMBERS = {role.value: cast("wire.Role", number) for number, role in ROLES.items()}
NOT_OF_PAYMENTS = frozenset({Role.CUSTOMER, Role.PURPOSE, *RELATIONS})
PAYMENT_ROLES = {number: role for number, role in ROLES.items() if role not in NOT_OF_PAYMENTS}
# A customer, or somebody who stands in the file of one that is screened beside it.
CUSTOMER_ROLES = {0: Role.CUSTOMER} | {
    number: role for number, role in ROLES.items() if role is Role.CUSTOMER or role in RELATIONS
}
AGENTS = frozenset(role for role in Role if role.value.endswith("_agent"))
KINDS = {
    number: Kind(word.removeprefix("PARTY_KIND_").lower()) if number else Kind.UNKNOWN
    for word, number in wire.PartyKind.items()
}
IDENTIFIER_TYPES = {
    number: word.removeprefix("IDENTIFIER_TYPE_").lower() for word, number in wire.IdentifierType.items() if number
}
# Words of the library to numbers of the wire. A word that is not here is a fault of ours and ends the call: no unknown
# verdict is ever sent as another one.
VERDICTS = {
    "pass": wire.VERDICT_PASS,
    "review": wire.VERDICT_REVIEW,
    "suspend": wire.VERDICT_SUSPEND,
    "freeze": wire.VERDICT_FREEZE,
    "refuse": wire.VERDICT_REFUSE,
}
GRADES = {
    "exact": wire.GRADE_EXACT,
    "strong": wire.GRADE_STRONG,
    "medium": wire.GRADE_MEDIUM,
    "weak": wire.GRADE_WEAK,
}
STALE_REASONS = {
    "party_changed": wire.STALE_REASON_PARTY_CHANGED,
    "entry_changed": wire.STALE_REASON_ENTRY_CHANGED,
    "both_changed": wire.STALE_REASON_BOTH_CHANGED,
}
CLIENT_SIDES = {
    number: ClientSide(word.removeprefix("CLIENT_SIDE_").lower()) if number else ClientSide.UNKNOWN
    for word, number in wire.ClientSide.items()
}
OPERATIONS = {
    number: Operation(word.removeprefix("OPERATION_").lower()) if number else Operation.OTHER
    for word, number in wire.Operation.items()
}
OCCASIONS = {
    number: Occasion(word.removeprefix("OCCASION_").lower()) if number else None
    for word, number in wire.Occasion.items()
}

NO_RULES: Mapping[tuple[str, str], str] = MappingProxyType({})
SUBJECT_PAYMENT = 1  # in `RecordFields`
# (record id, subject, purpose, amount, currency, date, parties), each party (role, name, kind, birth date, identifiers,
# country, address, aliases), each identifier (type, number, country): as `sito_ext.wire.Request.record` returns them.
PartyFields: TypeAlias = tuple[int, str, int, str, list[tuple[int, str, str]], str, str, list[str]]
RecordFields: TypeAlias = tuple[str, int, str, str, str, str, list[PartyFields]]

_REQUEST_ID = re.compile(f"[!-~]{{0,{REQUEST_ID_LENGTH_MAX}}}")
_COMMON = re.compile("[0-9A-Za-zА-Яа-яЁё]")
_Value = TypeVar("_Value")


class Violation(NamedTuple):
    """One wrong field of a request.

    Attributes:
        field: Path in the request message, as `records[7].payment.parties[0].birth_date`.
        code, expected, got: As in `SitoError`, without personal data.
    """

    field: str
    code: str
    expected: str
    got: str


class FieldViolationError(Exception):
    """A field of one record is wrong; `violation.field` is relative to that record."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.code)
        self.violation = violation


def _fail(field: str, code: str, expected: str, got: str) -> FieldViolationError:
    return FieldViolationError(Violation(field, code, expected, got))


def _read(field: str, reader: Callable[[str], _Value], text: str) -> _Value:
    """Apply a reader of field values and name the field if it refuses."""
    if "\x00" in text:
        raise _fail(field, "REC201", "text without NUL", f"{len(text)} characters with one")
    try:
        return reader(text)
    except FieldError as error:
        raise _fail(field, error.code, error.expected, error.got) from None


def _value(text: str) -> str:
    check_value(text)
    return text.strip()


def _text(text: str) -> str:
    check_text(text)
    return text.strip()


def searchable(text: str) -> bool:
    """Say whether folding leaves a word of a text; what it leaves nothing of would never be found."""
    if _COMMON.search(text):
        return True
    # Rare: scripts other than Latin and Cyrillic. The readable twin of the kernel answers for them.
    return any(fold(text[:size].encode()).tokens for size in (64, FOLDED_LENGTH_MAX))


def _enum(field: str, number: int, words: dict[int, _Value], expected: str) -> _Value:
    if number not in words:
        raise _fail(field, "REC252", expected, str(number))
    return words[number]


def _limit(field: str, count: int, count_max: int) -> None:
    if count > count_max:
        raise _fail(field, "REC253", f"at most {count_max} items", str(count))


def _identifiers(items: Sequence[wire.Identifier]) -> tuple[Identifier, ...]:
    _limit("identifiers", len(items), IDENTIFIER_COUNT_MAX)
    read = []
    for place, item in enumerate(items):
        path = f"identifiers[{place}]"
        type_ = _enum(f"{path}.type", item.type, IDENTIFIER_TYPES, "a type of identifier")
        number = _read(f"{path}.number", _value, item.number)
        if not any(character.isalnum() for character in number):
            raise _fail(f"{path}.number", "REC251", "a letter or digit", f"{len(number)} characters without one")
        read.append(Identifier(type_, number, _read(f"{path}.country", _value, item.country)))
    return tuple(read)


def _party(role: Role, item: wire.Party) -> tuple[Party, ...]:
    """Read one party; a name field that also names a bank gives two."""
    name = _read("name", _text, item.name)
    kind = _enum("kind", item.kind, KINDS, "a kind of party")
    born = _read("birth_date", birth_date, item.birth_date.strip()) if item.birth_date.strip() else ""
    identifiers = _identifiers(item.identifiers)
    country = _read("country", _value, item.country)
    address = _read("address", _text, item.address)
    _limit("aliases", len(item.aliases), ALIAS_COUNT_MAX)
    aliases = tuple(
        alias for place, text in enumerate(item.aliases) if (alias := _read(f"aliases[{place}]", _text, text))
    )
    if name and not searchable(name):
        raise _fail("name", "REC251", "a name with a letter or digit", f"{len(name)} characters without one")
    for place, alias in enumerate(aliases):
        if not searchable(alias):
            raise _fail(
                f"aliases[{place}]", "REC251", "a name with a letter or digit", f"{len(alias)} characters without one"
            )
    if name:
        return field_parties(
            role, name, kind=kind, birth_date=born, identifiers=identifiers, country=country, address=address,
            aliases=aliases,
        )  # fmt: skip
    if not identifiers and not aliases:
        raise _fail("name", "REC251", "a name, an alias or an identifier", "none of them")
    if role in AGENTS and not aliases:
        # A SWIFT BIC is listed as a name of the bank, too.
        bic = next((item.number for item in identifiers if item.type == "bic"), "")
        if named := agent_party(role, "", bic, country=country, address=address):
            return (msgspec.structs.replace(named[0], identifiers=identifiers),)
    return (Party(role, "", kind, born, identifiers, country, address, aliases),)


def _within(path: str, read: Callable[[], _Value]) -> _Value:
    """Put a path before the fields that a reader names."""
    try:
        return read()
    except FieldViolationError as error:
        raise FieldViolationError(error.violation._replace(field=f"{path}.{error.violation.field}")) from None


def _payment(payment: wire.Payment, record_id: str) -> Record:
    _limit("parties", len(payment.parties), PARTY_COUNT_MAX)
    parties: list[Party] = []
    for place, item in enumerate(payment.parties):
        path = f"parties[{place}]"
        role = _enum(f"{path}.role", item.role, PAYMENT_ROLES, "the role of a party of a payment")
        parties += _within(path, partial(_party, role, item))
    purpose = _read("purpose", _text, payment.purpose)
    if purpose:
        if not parties and not searchable(purpose):
            raise _fail(
                "purpose", "REC251", "a purpose with a letter or digit", f"{len(purpose)} characters without one"
            )
        parties += purpose_party(purpose)
    if not parties:
        raise _fail("parties", "REC205", "a payment with a party or a purpose", "neither")
    amount, currency, date = payment.amount.strip(), payment.currency.strip(), payment.date.strip()
    return Record(
        record_id,
        RecordKind.PAYMENT,
        tuple(parties),
        _read("amount", decimal_amount, amount) if amount else "",
        _read("currency", currency_code, currency) if currency else "",
        _read("date", iso_date, date) if date else "",
        client_side=_enum("client_side", payment.client_side, CLIENT_SIDES, "a side of a payment"),
        operation=_enum("operation", payment.operation, OPERATIONS, "a kind of operation"),
        client_id=_read("client_id", _value, payment.client_id),
    )


def _customer(customer: wire.Customer, record_id: str) -> Record:
    role = _enum("party.role", customer.party.role, CUSTOMER_ROLES, "no role, that of a customer or of one in its file")
    parties = _within("party", partial(_party, role, customer.party))
    occasion = _enum("occasion", customer.occasion, OCCASIONS, "an occasion")
    return Record(record_id, RecordKind.CUSTOMER, parties, occasion=occasion)


def read_record(item: wire.Record, record_id: str) -> Record:
    """Read one record.

    Args:
        item: As received.
        record_id: The id that the result shall carry: its place in the request, which is unique while the sender's own
            ids need not be.

    Raises:
        FieldViolationError: Its first wrong field.
    """
    _read("record_id", _value, item.record_id)
    match item.WhichOneof("subject"):
        case "payment":
            return _within("payment", lambda: _payment(item.payment, record_id))
        case "customer":
            return _within("customer", lambda: _customer(item.customer, record_id))
        case _:
            raise _fail("subject", "REC251", "a payment or a customer", "neither")


def request_id_of(text: str) -> str:
    """Return a caller's name for a request, which will stand in logs.

    Raises:
        FieldViolationError: REC254 more than `REQUEST_ID_LENGTH_MAX` characters, or others than printable ASCII.
    """
    if not _REQUEST_ID.fullmatch(text):
        expected = f"at most {REQUEST_ID_LENGTH_MAX} printable ASCII characters without blanks"
        raise _fail("request_id", "REC254", expected, f"{len(text)} characters")
    return text


def checked_parties(fields: RecordFields) -> tuple[Party, ...]:
    """Make the parties of a record that needs no check, see `sito_ext.wire.Request.forms`; as `read_record` does."""
    _, subject, purpose, _, _, _, items = fields
    parties: list[Party] = []
    for role, name, kind, given, numbers, country, address, _ in items:
        identifiers = tuple(
            Identifier(IDENTIFIER_TYPES[type_], number.strip(), code.strip()) for type_, number, code in numbers
        )
        born = given.strip()
        parties += field_parties(
            PAYMENT_ROLES[role] if subject == SUBJECT_PAYMENT else Role.CUSTOMER, name.strip(), kind=KINDS[kind],
            birth_date=birth_date(born) if born else "", identifiers=identifiers, country=country.strip(),
            address=address.strip(),
        )  # fmt: skip
    return (*parties, *purpose_party(purpose))


def read_clearances(items: Sequence[wire.Clearance], record_ids: Iterable[str]) -> list[Clearance]:
    """Read clearances for records that carry their place in the request as id.

    Args:
        items: As received.
        record_ids: The sender's ids of all records, in their order; several may be equal.

    Raises:
        FieldViolationError: The first wrong field, or more than `CLEARANCE_COUNT_MAX` clearances.
    """
    _limit("cleared", len(items), CLEARANCE_COUNT_MAX)
    if not items:
        return []
    places: defaultdict[str, list[str]] = defaultdict(list)
    for place, record_id in enumerate(record_ids):
        places[record_id].append(str(place))
    read = []
    for number, item in enumerate(items):
        role = _enum(f"cleared[{number}].role", item.role, ROLES, "a role").value if item.role else ""
        facts = item.list_id, item.entry_id, item.party_fingerprint, item.entry_fingerprint
        if item.record_id in ("", EVERY_RECORD):  # an empty one is refused with all other wrong clearances
            read.append(Clearance(*facts, record_id=item.record_id, role=role))
        else:
            read += [Clearance(*facts, record_id=place, role=role) for place in places.get(item.record_id, ())]
    return read


def read_check(request: wire.CheckRequest) -> tuple[str, str, Kind, tuple[Identifier, ...], Occasion | None]:
    """Read (name, birth date, kind, identifiers, occasion) of a look-up.

    Raises:
        FieldViolationError: Its first wrong field.
    """
    name = _read("name", _text, request.name)
    if not searchable(name):
        raise _fail("name", "REC251", "a name with a letter or digit", f"{len(name)} characters without one")
    born = _read("birth_date", birth_date, request.birth_date.strip()) if request.birth_date.strip() else ""
    kind = _enum("kind", request.kind, KINDS, "a kind of party")
    occasion = _enum("occasion", request.occasion, OCCASIONS, "an occasion")
    return name, born, kind, _identifiers(request.identifiers), occasion


def text_count(records: Iterable[Record]) -> int:
    """Count names, aliases, purposes and identifiers: what one call may make the engine look up."""
    return sum(1 + len(party.aliases) + len(party.identifiers) for record in records for party in record.parties)


def write_hits(hits: Iterable[Hit], rules: Mapping[tuple[str, str], str] = NO_RULES) -> list[wire.Hit]:
    """Write hits in their order, each with the id of its rule by (list id, entry id)."""
    return [
        wire.Hit(
            entry_id=hit.entry_id, list_id=hit.list_id, name=_plain(hit.name), score=hit.score,
            grade=GRADES[hit.grade], reasons=[_plain(reason) for reason in hit.reasons], quality=hit.quality,
            edition=hit.edition, entry_fingerprint=hit.entry_fingerprint,
            rule_id=rules.get((hit.list_id, hit.entry_id), ""),
        )
        for hit in hits
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Replace lone surrogates, which a list file may carry and a wire string must not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def write_ruling(ruling: Ruling) -> wire.Ruling:
    """Write what a policy says."""
    return wire.Ruling(
        rule_id=ruling.rule_id, verdict=VERDICTS[ruling.verdict.value], law=ruling.law, reason=ruling.reason,
        certainty=ruling.certainty, message=ruling.message, term_ids=ruling.term_ids,
    )  # fmt: skip


def write_party(result: PartyResult, judgement: Judgement) -> wire.PartyResult:
    """Write the result of one party, with what the policy says of it."""
    return wire.PartyResult(
        role=ROLE_NUMBERS[result.role], verdict=VERDICTS[judgement.verdict],
        hits=write_hits(result.hits, judgement.rules), rule_id=judgement.rule_id,
        truncated=result.truncated, limits=result.limits, suppressed=write_hits(result.suppressed),
        party_fingerprint=result.party_fingerprint,
        stale=[
            wire.StaleClearance(list_id=one.list_id, entry_id=one.entry_id, reason=STALE_REASONS[one.reason.value])
            for one in result.stale
        ],
    )  # fmt: skip


def gravest(judgements: Iterable[Judgement]) -> Verdict:
    """Return the gravest verdict of a record's parties, `pass` if none stands out."""
    return max((judgement.verdict for judgement in judgements), key=SEVERITY.__getitem__, default=Verdict.PASS)


def index_reference(info: IndexInfo) -> wire.IndexReference:
    """Say which index this is, independent of where the file lies.

    Its id is that of `sito info` and of deltas: equal for equal content, another one with each delta.
    """
    return wire.IndexReference(
        index_id=info.digest,
        built_at=info.built_at,
        editions=[
            wire.EditionReference(list_id=edition.list_id, edition_date=edition.edition_date)
            for edition in info.editions
        ],
    )


def write_index(info: IndexInfo, reference: wire.IndexReference, engine_version: str) -> wire.GetIndexResponse:
    """Describe an index in full."""
    return wire.GetIndexResponse(
        index=reference,
        engine_version=engine_version,
        built_by_version=info.engine_version,
        format_version=info.format_version,
        normaliser_version=info.normaliser_version,
        size_bytes=info.size_bytes,
        entry_count=info.entry_count,
        name_count=info.name_count,
        identifier_count=info.identifier_count,
        editions=[
            wire.ListEdition(
                list_id=edition.list_id, format=edition.format, edition_date=edition.edition_date,
                previous_date=edition.previous_date, entry_count=edition.entry_count, name_count=edition.name_count,
                warnings=[_plain(warning) for warning in edition.warnings],
                files=[
                    wire.ListFile(name=_plain(name), sha256=digest, size_bytes=size)
                    for name, digest, size in edition.files
                ],
            )
            for edition in info.editions
        ],
    )  # fmt: skip
