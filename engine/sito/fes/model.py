"""What a message to Rosfinmonitoring says, whatever the format that it is written in.

A `Message` holds everything that is written, the reporting organisation included, so that the same bytes can be made of
it years later; only its numbers are given when it is approved. The ledger keeps it as JSON, sealed.

Defaults are written into the JSON, too: it must say the same when a later version has others. Codes are those of the
authority's dictionaries (`sito.fes.dictionaries`); amounts are whole kopecks.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import FesError
from sito.toml import TomlError, read_toml

MODEL_VERSION = "1"
RECORD_COUNT_MAX = 1000  # records of one message
PARTICIPANT_COUNT_MAX = 100
TEXT_LENGTH_MAX = 2000  # characters of a free text
AMOUNT_MAX = 10**18  # kopecks; 18 digits of an amount

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH_MAX, pattern=r"\S")]
Line = Annotated[str, msgspec.Meta(max_length=500)]
Code = Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[0-9A-Za-zА-Яа-я._-]*\Z")]
Digits = Annotated[str, msgspec.Meta(max_length=30, pattern=r"^[0-9]*\Z")]
Kopecks = Annotated[int, msgspec.Meta(ge=0, lt=AMOUNT_MAX)]
Count = Annotated[int, msgspec.Meta(ge=0, lt=10**12)]


class Family(StrEnum):
    """Who reports, and so in which formats."""

    KO = "ko"  # credit institutions
    NFO = "nfo"  # non-credit financial institutions, group 3484-У of the personal account
    NKO = "nko"  # organisations of Order 110, now Order 18
    REFUSALS = "refusals"  # the exchange of refusals with the Bank of Russia


class Kind(StrEnum):
    """What a message tells."""

    OPERATION = "operation"
    REFUSAL = "refusal"
    FREEZE = "freeze"
    RELEASE = "release"
    SUSPENSION = "suspension"
    CHECK = "check"
    DELETION = "deletion"


class RecordType(StrEnum):
    """What a record is to those that were sent before."""

    NEW = "new"
    CORRECTION = "correction"  # of one that was rejected
    REPLACEMENT = "replacement"  # of one that was accepted
    DELETION = "deletion"


class FullName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's name: in parts, or in one line where nobody can tell the parts."""

    family: Line = ""
    given: Line = ""
    patronymic: Line = ""
    line: Line = ""

    def __post_init__(self) -> None:
        if bool(self.line) == bool(self.family or self.given or self.patronymic):
            raise ValueError("either a name in parts or one line")


class Officer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for the message: phone as `(495)1234567`."""

    position: Text
    name: FullName
    phone: Annotated[str, msgspec.Meta(pattern=r"^\([0-9]{3,5}\)[0-9]{5,7}\Z")]
    email: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[^@\s]+@[^@\s]+\Z")]


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who reports. What a family does not ask for stays empty.

    Attributes:
        family: Whose formats it writes.
        correspondent_id: Given by the authority.
        group_digit: The digit in names of files whose meaning is not published.
        registration_number, branch_number: Of the Bank of Russia; `0000` is the head office.
        okato: Code of the region. nfo_code, nfo_type: Of a non-credit institution.
        encoding: Of its messages.
        kind_numbers: Numbers of kinds that are others than ours, as the authority gives them.
    """

    family: Family
    name: Text
    inn: Digits
    kpp: Digits = ""
    ogrn: Digits = ""
    bic: Digits = ""
    okato: Digits = ""
    registration_number: Digits = ""
    branch_number: Digits = "0000"
    correspondent_id: Code = ""
    group_digit: Annotated[str, msgspec.Meta(pattern=r"^[0-9]\Z")] = "1"
    unit: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}\Z")] = "00"
    nfo_code: Code = ""
    nfo_type: Code = ""
    encoding: Annotated[str, msgspec.Meta(pattern=r"^(utf-8|windows-1251)\Z")] = "utf-8"
    kind_numbers: dict[Kind, Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}\Z")]] = {}
    officer: Officer

    @classmethod
    def read(cls, path: Path) -> Organisation:
        """Read the organisation's file, TOML with the names of the attributes.

        Raises:
            FesError: FES101 it cannot be read, is no TOML, or says something else.
        """
        try:
            return read_toml(path, cls)
        except TomlError as error:
            raise FesError(
                "FES101", expected="an organisation in TOML as docs/fes.md describes it", got=str(error),
                where=error.where(path.name),
            ) from None  # fmt: skip


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place; `line` where nobody can tell the parts."""

    country_code: Digits = ""
    country: Line = ""
    region_code: Digits = ""
    district: Line = ""
    town: Line = ""
    street: Line = ""
    house: Line = ""
    building: Line = ""
    flat: Line = ""
    postcode: Line = ""


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identity document."""

    kind_code: Code
    kind_name: Line = ""
    series: Line = ""
    number: Text
    issued_on: date | None = None
    issued_by: Line = ""
    unit_code: Line = ""


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A natural person."""

    name: FullName
    inn: Digits = ""
    birth_date: date | None = None
    birth_place: Address | None = None
    document: Document | None = None
    country_code: Digits = ""
    country: Line = ""
    is_public: Annotated[str, msgspec.Meta(pattern=r"^[0-9]\Z")] = "0"
    address: Address | None = None


class Company(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A legal entity."""

    name: Text
    is_branch: Annotated[str, msgspec.Meta(pattern=r"^[0-9]\Z")] = "0"
    inn: Digits = ""
    kpp: Digits = ""
    ogrn: Digits = ""


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account at a bank."""

    bic: Digits = ""
    number: Line = ""
    bank: Line = ""


class Participant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A side of an operation: a person or a company.

    Attributes:
        status, code, kind, mark: Codes of the authority's dictionaries.
        is_client: `1` if it is our client, `0` if not.
    """

    status: Code
    kind: Code
    code: Code = ""
    mark: Code = "0"
    is_client: Annotated[str, msgspec.Meta(pattern=r"^[01]\Z")]
    person: Person | None = None
    company: Company | None = None
    account: Account | None = None
    comment: Line = ""

    def __post_init__(self) -> None:
        if (self.person is None) == (self.company is None):
            raise ValueError("a participant is either a person or a company")


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that an operation is based on."""

    code: Code
    name: Line = ""
    issued_on: date | None = None
    number: Line = ""
    content: Line = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operation.

    Attributes:
        code: Of the operation, as 7001. sign_codes: Of what is unusual about it.
        amount_kopecks: In its currency, hundredths. rouble_kopecks: In roubles.
        currency_code: Of three digits.
        is_terror: `1` if it is suspected to finance terrorism.
    """

    code: Code
    sign_code: Code = ""
    unusual_codes: Annotated[tuple[Code, ...], msgspec.Meta(max_length=100)] = ()
    performed_on: date
    found_on: date | None = None
    number: Line = ""
    currency_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{3}\Z")]
    amount_kopecks: Kopecks
    rouble_kopecks: Kopecks
    is_terror: Annotated[str, msgspec.Meta(pattern=r"^[01]\Z")] = "0"
    is_electronic: Annotated[str, msgspec.Meta(pattern=r"^[01]\Z")] = "0"
    funds_code: Code = ""
    purpose: Line = ""
    nature: Line = ""
    bases: Annotated[tuple[Basis, ...], msgspec.Meta(max_length=100)] = ()
    participants: Annotated[tuple[Participant, ...], msgspec.Meta(min_length=1, max_length=PARTICIPANT_COUNT_MAX)]
    comment: Line = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One freeze of funds at one place: an account, a safe, other property.

    Attributes:
        ground_code: Why: of the dictionary of grounds. subject_id: The subject's id in the list.
        blocked_at: With its zone.
        funds_code: What was frozen. account: Number of the account or safe; `0` if there is none.
    """

    ground_code: Code
    subject_id: Line
    blocked_at: datetime
    funds_code: Code
    account: Line = "0"
    amount_kopecks: Kopecks

    def __post_init__(self) -> None:
        if self.blocked_at.tzinfo is None:
            raise ValueError("blocked_at needs a zone")


Measures = Annotated[tuple[Measure, ...], msgspec.Meta(min_length=1, max_length=RECORD_COUNT_MAX)]


class FreezeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="freeze"):
    """Measures that were taken: one record for each."""

    measures: Measures


class ReleaseBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="release"
):
    """Measures that ended: why by a code of the bank's dictionary, and when."""

    measures: Measures
    ground: Code
    released_at: datetime

    def __post_init__(self) -> None:
        if self.released_at.tzinfo is None:
            raise ValueError("released_at needs a zone")


class SuspensionBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="suspension"
):
    """An operation that was suspended, from when and until when at the latest."""

    operation: Operation
    ground_code: Code
    suspended_on: date
    until: date | None = None


class OperationBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="operation"
):
    """An operation with a listed party, or a suspicious one."""

    operation: Operation


class RefusalBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="refusal"
):
    """A refusal: to make an operation, or to conclude a contract (then without an operation).

    Attributes:
        subject: What was refused: `operation` or `contract`.
        refusal_code, reason_codes: Of the dictionaries.
        deletion_reason: Where the record deletes an earlier one.
    """

    subject: Annotated[str, msgspec.Meta(pattern=r"^(operation|contract)\Z")]
    refusal_code: Code
    reason_codes: Annotated[tuple[Code, ...], msgspec.Meta(max_length=100)] = ()
    refused_on: date
    bases: Annotated[tuple[Basis, ...], msgspec.Meta(max_length=100)] = ()
    sign_code: Code = ""
    funds_code: Code = ""
    unusual_codes: Annotated[tuple[Code, ...], msgspec.Meta(max_length=100)] = ()
    participants: Annotated[tuple[Participant, ...], msgspec.Meta(min_length=1, max_length=PARTICIPANT_COUNT_MAX)]
    deletion_reason: Line = ""


class CheckBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="check"):
    """The result of checking all clients; `subject_ids` are ids in the lists of those that were found."""

    checked_on: date
    client_count: Count
    match_count: Count
    subject_ids: Annotated[tuple[Line, ...], msgspec.Meta(max_length=RECORD_COUNT_MAX)] = ()

    def __post_init__(self) -> None:
        if self.match_count > self.client_count:
            raise ValueError("more matches than clients")


class DeletionBody(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="deletion"
):
    """A message that is to be deleted: what it told, the name of its file, its record's number, its day, and why."""

    of_kind: Kind
    file_name: Line
    record_number: Line = ""
    sent_on: date
    reason: Line = ""


Body = FreezeBody | ReleaseBody | SuspensionBody | OperationBody | RefusalBody | CheckBody | DeletionBody


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message, but for its numbers."""

    model_version: Annotated[str, msgspec.Meta(pattern=r"^1\Z")] = MODEL_VERSION
    organisation: Organisation
    record_type: RecordType = RecordType.NEW
    body: Body

    @property
    def kind(self) -> Kind:
        """What it tells."""
        return Kind(str(self.body.__struct_config__.tag))

    @property
    def family(self) -> Family:
        """In whose formats; a refusal of a bank goes to the exchange of refusals."""
        own = self.organisation.family
        return Family.REFUSALS if own is Family.KO and self.kind is Kind.REFUSAL else own

    @property
    def record_count(self) -> int:
        """How many record numbers it takes."""
        body = self.body
        if isinstance(body, DeletionBody):
            return 0
        return len(body.measures) if isinstance(body, FreezeBody | ReleaseBody) else 1


class Numbers(msgspec.Struct, frozen=True):
    """What a message is given when it is approved.

    Attributes:
        records: Numbers of its records, in their order.
        file_name: With `.xml`.
    """

    records: tuple[str, ...]
    file_name: str
    message_date: date


def encoded(message: Message) -> str:
    """Return a message as the ledger keeps it."""
    return msgspec.json.encode(message, order="deterministic").decode()
