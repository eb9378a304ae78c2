from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_PASS: _ClassVar[Verdict]
    VERDICT_REVIEW: _ClassVar[Verdict]
    VERDICT_SUSPEND: _ClassVar[Verdict]
    VERDICT_FREEZE: _ClassVar[Verdict]
    VERDICT_REFUSE: _ClassVar[Verdict]

class Grade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRADE_UNSPECIFIED: _ClassVar[Grade]
    GRADE_EXACT: _ClassVar[Grade]
    GRADE_STRONG: _ClassVar[Grade]
    GRADE_MEDIUM: _ClassVar[Grade]
    GRADE_WEAK: _ClassVar[Grade]

class ClientSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLIENT_SIDE_UNSPECIFIED: _ClassVar[ClientSide]
    CLIENT_SIDE_DEBTOR: _ClassVar[ClientSide]
    CLIENT_SIDE_CREDITOR: _ClassVar[ClientSide]
    CLIENT_SIDE_BOTH: _ClassVar[ClientSide]

class Operation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATION_UNSPECIFIED: _ClassVar[Operation]
    OPERATION_SALARY: _ClassVar[Operation]
    OPERATION_PENSION: _ClassVar[Operation]
    OPERATION_BENEFIT: _ClassVar[Operation]
    OPERATION_TAX: _ClassVar[Operation]
    OPERATION_FINE: _ClassVar[Operation]
    OPERATION_HUMANITARIAN: _ClassVar[Operation]
    OPERATION_OTHER: _ClassVar[Operation]

class Occasion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OCCASION_UNSPECIFIED: _ClassVar[Occasion]
    OCCASION_ONBOARDING: _ClassVar[Occasion]
    OCCASION_REMOTE_OPENING: _ClassVar[Occasion]
    OCCASION_CHECK: _ClassVar[Occasion]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_CUSTOMER: _ClassVar[Role]
    ROLE_DEBTOR: _ClassVar[Role]
    ROLE_CREDITOR: _ClassVar[Role]
    ROLE_ULTIMATE_DEBTOR: _ClassVar[Role]
    ROLE_ULTIMATE_CREDITOR: _ClassVar[Role]
    ROLE_INITIATING_PARTY: _ClassVar[Role]
    ROLE_DEBTOR_AGENT: _ClassVar[Role]
    ROLE_CREDITOR_AGENT: _ClassVar[Role]
    ROLE_INTERMEDIARY_AGENT: _ClassVar[Role]
    ROLE_INSTRUCTING_AGENT: _ClassVar[Role]
    ROLE_INSTRUCTED_AGENT: _ClassVar[Role]
    ROLE_PURPOSE: _ClassVar[Role]
    ROLE_REPRESENTATIVE: _ClassVar[Role]
    ROLE_BENEFICIARY: _ClassVar[Role]
    ROLE_BENEFICIAL_OWNER: _ClassVar[Role]
    ROLE_DIRECTOR: _ClassVar[Role]
    ROLE_PARTICIPANT: _ClassVar[Role]

class PartyKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTY_KIND_UNSPECIFIED: _ClassVar[PartyKind]
    PARTY_KIND_PERSON: _ClassVar[PartyKind]
    PARTY_KIND_ORGANISATION: _ClassVar[PartyKind]
    PARTY_KIND_VESSEL: _ClassVar[PartyKind]
    PARTY_KIND_AIRCRAFT: _ClassVar[PartyKind]
    PARTY_KIND_OTHER: _ClassVar[PartyKind]

class IdentifierType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFIER_TYPE_UNSPECIFIED: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_INN: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_OGRN: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_SNILS: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_PASSPORT: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_NATIONAL_ID: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_TAX_ID: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_REGISTRATION: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_ACCOUNT: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_BIC: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_LEI: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_IMO: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_MMSI: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_CALL_SIGN: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_TAIL_NUMBER: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_WALLET: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_PHONE: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_OTHER: _ClassVar[IdentifierType]

class StaleReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STALE_REASON_UNSPECIFIED: _ClassVar[StaleReason]
    STALE_REASON_PARTY_CHANGED: _ClassVar[StaleReason]
    STALE_REASON_ENTRY_CHANGED: _ClassVar[StaleReason]
    STALE_REASON_BOTH_CHANGED: _ClassVar[StaleReason]
VERDICT_UNSPECIFIED: Verdict
VERDICT_PASS: Verdict
VERDICT_REVIEW: Verdict
VERDICT_SUSPEND: Verdict
VERDICT_FREEZE: Verdict
VERDICT_REFUSE: Verdict
GRADE_UNSPECIFIED: Grade
GRADE_EXACT: Grade
GRADE_STRONG: Grade
GRADE_MEDIUM: Grade
GRADE_WEAK: Grade
CLIENT_SIDE_UNSPECIFIED: ClientSide
CLIENT_SIDE_DEBTOR: ClientSide
CLIENT_SIDE_CREDITOR: ClientSide
CLIENT_SIDE_BOTH: ClientSide
OPERATION_UNSPECIFIED: Operation
OPERATION_SALARY: Operation
OPERATION_PENSION: Operation
OPERATION_BENEFIT: Operation
OPERATION_TAX: Operation
OPERATION_FINE: Operation
OPERATION_HUMANITARIAN: Operation
OPERATION_OTHER: Operation
OCCASION_UNSPECIFIED: Occasion
OCCASION_ONBOARDING: Occasion
OCCASION_REMOTE_OPENING: Occasion
OCCASION_CHECK: Occasion
ROLE_UNSPECIFIED: Role
ROLE_CUSTOMER: Role
ROLE_DEBTOR: Role
ROLE_CREDITOR: Role
ROLE_ULTIMATE_DEBTOR: Role
ROLE_ULTIMATE_CREDITOR: Role
ROLE_INITIATING_PARTY: Role
ROLE_DEBTOR_AGENT: Role
ROLE_CREDITOR_AGENT: Role
ROLE_INTERMEDIARY_AGENT: Role
ROLE_INSTRUCTING_AGENT: Role
ROLE_INSTRUCTED_AGENT: Role
ROLE_PURPOSE: Role
ROLE_REPRESENTATIVE: Role
ROLE_BENEFICIARY: Role
ROLE_BENEFICIAL_OWNER: Role
ROLE_DIRECTOR: Role
ROLE_PARTICIPANT: Role
PARTY_KIND_UNSPECIFIED: PartyKind
PARTY_KIND_PERSON: PartyKind
PARTY_KIND_ORGANISATION: PartyKind
PARTY_KIND_VESSEL: PartyKind
PARTY_KIND_AIRCRAFT: PartyKind
PARTY_KIND_OTHER: PartyKind
IDENTIFIER_TYPE_UNSPECIFIED: IdentifierType
IDENTIFIER_TYPE_INN: IdentifierType
IDENTIFIER_TYPE_OGRN: IdentifierType
IDENTIFIER_TYPE_SNILS: IdentifierType
IDENTIFIER_TYPE_PASSPORT: IdentifierType
IDENTIFIER_TYPE_NATIONAL_ID: IdentifierType
IDENTIFIER_TYPE_TAX_ID: IdentifierType
IDENTIFIER_TYPE_REGISTRATION: IdentifierType
IDENTIFIER_TYPE_ACCOUNT: IdentifierType
IDENTIFIER_TYPE_BIC: IdentifierType
IDENTIFIER_TYPE_LEI: IdentifierType
IDENTIFIER_TYPE_IMO: IdentifierType
IDENTIFIER_TYPE_MMSI: IdentifierType
IDENTIFIER_TYPE_CALL_SIGN: IdentifierType
IDENTIFIER_TYPE_TAIL_NUMBER: IdentifierType
IDENTIFIER_TYPE_WALLET: IdentifierType
IDENTIFIER_TYPE_PHONE: IdentifierType
IDENTIFIER_TYPE_OTHER: IdentifierType
STALE_REASON_UNSPECIFIED: StaleReason
STALE_REASON_PARTY_CHANGED: StaleReason
STALE_REASON_ENTRY_CHANGED: StaleReason
STALE_REASON_BOTH_CHANGED: StaleReason

class Identifier(_message.Message):
    __slots__ = ("type", "number", "country")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    type: IdentifierType
    number: str
    country: str
    def __init__(self, type: _Optional[_Union[IdentifierType, str]] = ..., number: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class Party(_message.Message):
    __slots__ = ("role", "name", "kind", "birth_date", "identifiers", "country", "address", "aliases")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    role: Role
    name: str
    kind: PartyKind
    birth_date: str
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    country: str
    address: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., name: _Optional[str] = ..., kind: _Optional[_Union[PartyKind, str]] = ..., birth_date: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., country: _Optional[str] = ..., address: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ...) -> None: ...

class Payment(_message.Message):
    __slots__ = ("parties", "purpose", "amount", "currency", "date", "client_side", "operation", "client_id")
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SIDE_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    parties: _containers.RepeatedCompositeFieldContainer[Party]
    purpose: str
    amount: str
    currency: str
    date: str
    client_side: ClientSide
    operation: Operation
    client_id: str
    def __init__(self, parties: _Optional[_Iterable[_Union[Party, _Mapping]]] = ..., purpose: _Optional[str] = ..., amount: _Optional[str] = ..., currency: _Optional[str] = ..., date: _Optional[str] = ..., client_side: _Optional[_Union[ClientSide, str]] = ..., operation: _Optional[_Union[Operation, str]] = ..., client_id: _Optional[str] = ...) -> None: ...

class Customer(_message.Message):
    __slots__ = ("party", "occasion")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    OCCASION_FIELD_NUMBER: _ClassVar[int]
    party: Party
    occasion: Occasion
    def __init__(self, party: _Optional[_Union[Party, _Mapping]] = ..., occasion: _Optional[_Union[Occasion, str]] = ...) -> None: ...

class Record(_message.Message):
    __slots__ = ("record_id", "payment", "customer")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    payment: Payment
    customer: Customer
    def __init__(self, record_id: _Optional[str] = ..., payment: _Optional[_Union[Payment, _Mapping]] = ..., customer: _Optional[_Union[Customer, _Mapping]] = ...) -> None: ...

class Hit(_message.Message):
    __slots__ = ("entry_id", "list_id", "name", "score", "grade", "reasons", "quality", "edition", "entry_fingerprint", "rule_id")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    list_id: str
    name: str
    score: float
    grade: Grade
    reasons: _containers.RepeatedScalarFieldContainer[str]
    quality: str
    edition: str
    entry_fingerprint: str
    rule_id: str
    def __init__(self, entry_id: _Optional[str] = ..., list_id: _Optional[str] = ..., name: _Optional[str] = ..., score: _Optional[float] = ..., grade: _Optional[_Union[Grade, str]] = ..., reasons: _Optional[_Iterable[str]] = ..., quality: _Optional[str] = ..., edition: _Optional[str] = ..., entry_fingerprint: _Optional[str] = ..., rule_id: _Optional[str] = ...) -> None: ...

class Ruling(_message.Message):
    __slots__ = ("rule_id", "verdict", "law", "reason", "certainty", "message", "term_ids")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    LAW_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CERTAINTY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TERM_IDS_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    verdict: Verdict
    law: str
    reason: str
    certainty: str
    message: str
    term_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rule_id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., law: _Optional[str] = ..., reason: _Optional[str] = ..., certainty: _Optional[str] = ..., message: _Optional[str] = ..., term_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyReference(_message.Message):
    __slots__ = ("policy_id", "version", "edition")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: str
    edition: str
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[str] = ..., edition: _Optional[str] = ...) -> None: ...

class Clearance(_message.Message):
    __slots__ = ("list_id", "entry_id", "party_fingerprint", "entry_fingerprint", "record_id", "role")
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    list_id: str
    entry_id: str
    party_fingerprint: str
    entry_fingerprint: str
    record_id: str
    role: Role
    def __init__(self, list_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., party_fingerprint: _Optional[str] = ..., entry_fingerprint: _Optional[str] = ..., record_id: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ...) -> None: ...

class StaleClearance(_message.Message):
    __slots__ = ("list_id", "entry_id", "reason")
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    list_id: str
    entry_id: str
    reason: StaleReason
    def __init__(self, list_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., reason: _Optional[_Union[StaleReason, str]] = ...) -> None: ...

class PartyResult(_message.Message):
    __slots__ = ("role", "verdict", "hits", "truncated", "limits", "suppressed", "stale", "party_fingerprint", "rule_id")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    PARTY_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    role: Role
    verdict: Verdict
    hits: _containers.RepeatedCompositeFieldContainer[Hit]
    truncated: bool
    limits: _containers.RepeatedScalarFieldContainer[str]
    suppressed: _containers.RepeatedCompositeFieldContainer[Hit]
    stale: _containers.RepeatedCompositeFieldContainer[StaleClearance]
    party_fingerprint: str
    rule_id: str
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., hits: _Optional[_Iterable[_Union[Hit, _Mapping]]] = ..., truncated: _Optional[bool] = ..., limits: _Optional[_Iterable[str]] = ..., suppressed: _Optional[_Iterable[_Union[Hit, _Mapping]]] = ..., stale: _Optional[_Iterable[_Union[StaleClearance, _Mapping]]] = ..., party_fingerprint: _Optional[str] = ..., rule_id: _Optional[str] = ...) -> None: ...

class RecordResult(_message.Message):
    __slots__ = ("position", "record_id", "verdict", "parties", "truncated")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    position: int
    record_id: str
    verdict: Verdict
    parties: _containers.RepeatedCompositeFieldContainer[PartyResult]
    truncated: bool
    def __init__(self, position: _Optional[int] = ..., record_id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., parties: _Optional[_Iterable[_Union[PartyResult, _Mapping]]] = ..., truncated: _Optional[bool] = ...) -> None: ...

class RecordError(_message.Message):
    __slots__ = ("position", "record_id", "code", "field", "expected", "got")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    GOT_FIELD_NUMBER: _ClassVar[int]
    position: int
    record_id: str
    code: str
    field: str
    expected: str
    got: str
    def __init__(self, position: _Optional[int] = ..., record_id: _Optional[str] = ..., code: _Optional[str] = ..., field: _Optional[str] = ..., expected: _Optional[str] = ..., got: _Optional[str] = ...) -> None: ...

class BatchError(_message.Message):
    __slots__ = ("code", "message", "retry_after_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    retry_after_ms: int
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class EditionReference(_message.Message):
    __slots__ = ("list_id", "edition_date")
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    EDITION_DATE_FIELD_NUMBER: _ClassVar[int]
    list_id: str
    edition_date: str
    def __init__(self, list_id: _Optional[str] = ..., edition_date: _Optional[str] = ...) -> None: ...

class IndexReference(_message.Message):
    __slots__ = ("index_id", "built_at", "editions")
    INDEX_ID_FIELD_NUMBER: _ClassVar[int]
    BUILT_AT_FIELD_NUMBER: _ClassVar[int]
    EDITIONS_FIELD_NUMBER: _ClassVar[int]
    index_id: str
    built_at: str
    editions: _containers.RepeatedCompositeFieldContainer[EditionReference]
    def __init__(self, index_id: _Optional[str] = ..., built_at: _Optional[str] = ..., editions: _Optional[_Iterable[_Union[EditionReference, _Mapping]]] = ...) -> None: ...

class ScreenRequest(_message.Message):
    __slots__ = ("record", "cleared", "request_id")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    record: Record
    cleared: _containers.RepeatedCompositeFieldContainer[Clearance]
    request_id: str
    def __init__(self, record: _Optional[_Union[Record, _Mapping]] = ..., cleared: _Optional[_Iterable[_Union[Clearance, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ScreenResponse(_message.Message):
    __slots__ = ("record_id", "verdict", "parties", "index", "engine_version", "request_id", "truncated", "policy", "rulings")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RULINGS_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    verdict: Verdict
    parties: _containers.RepeatedCompositeFieldContainer[PartyResult]
    index: IndexReference
    engine_version: str
    request_id: str
    truncated: bool
    policy: PolicyReference
    rulings: _containers.RepeatedCompositeFieldContainer[Ruling]
    def __init__(self, record_id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., parties: _Optional[_Iterable[_Union[PartyResult, _Mapping]]] = ..., index: _Optional[_Union[IndexReference, _Mapping]] = ..., engine_version: _Optional[str] = ..., request_id: _Optional[str] = ..., truncated: _Optional[bool] = ..., policy: _Optional[_Union[PolicyReference, _Mapping]] = ..., rulings: _Optional[_Iterable[_Union[Ruling, _Mapping]]] = ...) -> None: ...

class ScreenBatchRequest(_message.Message):
    __slots__ = ("records", "cleared", "request_id")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[Record]
    cleared: _containers.RepeatedCompositeFieldContainer[Clearance]
    request_id: str
    def __init__(self, records: _Optional[_Iterable[_Union[Record, _Mapping]]] = ..., cleared: _Optional[_Iterable[_Union[Clearance, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ScreenBatchResponse(_message.Message):
    __slots__ = ("verdicts", "results", "index", "engine_version", "request_id", "errors", "truncated", "policy", "rulings")
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RULINGS_FIELD_NUMBER: _ClassVar[int]
    verdicts: _containers.RepeatedScalarFieldContainer[Verdict]
    results: _containers.RepeatedCompositeFieldContainer[RecordResult]
    index: IndexReference
    engine_version: str
    request_id: str
    errors: _containers.RepeatedCompositeFieldContainer[RecordError]
    truncated: bool
    policy: PolicyReference
    rulings: _containers.RepeatedCompositeFieldContainer[Ruling]
    def __init__(self, verdicts: _Optional[_Iterable[_Union[Verdict, str]]] = ..., results: _Optional[_Iterable[_Union[RecordResult, _Mapping]]] = ..., index: _Optional[_Union[IndexReference, _Mapping]] = ..., engine_version: _Optional[str] = ..., request_id: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RecordError, _Mapping]]] = ..., truncated: _Optional[bool] = ..., policy: _Optional[_Union[PolicyReference, _Mapping]] = ..., rulings: _Optional[_Iterable[_Union[Ruling, _Mapping]]] = ...) -> None: ...

class ScreenStreamRequest(_message.Message):
    __slots__ = ("records", "cleared", "request_id")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[Record]
    cleared: _containers.RepeatedCompositeFieldContainer[Clearance]
    request_id: str
    def __init__(self, records: _Optional[_Iterable[_Union[Record, _Mapping]]] = ..., cleared: _Optional[_Iterable[_Union[Clearance, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ScreenStreamResponse(_message.Message):
    __slots__ = ("verdicts", "results", "index", "engine_version", "request_id", "errors", "truncated", "error", "policy", "rulings")
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RULINGS_FIELD_NUMBER: _ClassVar[int]
    verdicts: _containers.RepeatedScalarFieldContainer[Verdict]
    results: _containers.RepeatedCompositeFieldContainer[RecordResult]
    index: IndexReference
    engine_version: str
    request_id: str
    errors: _containers.RepeatedCompositeFieldContainer[RecordError]
    truncated: bool
    error: BatchError
    policy: PolicyReference
    rulings: _containers.RepeatedCompositeFieldContainer[Ruling]
    def __init__(self, verdicts: _Optional[_Iterable[_Union[Verdict, str]]] = ..., results: _Optional[_Iterable[_Union[RecordResult, _Mapping]]] = ..., index: _Optional[_Union[IndexReference, _Mapping]] = ..., engine_version: _Optional[str] = ..., request_id: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RecordError, _Mapping]]] = ..., truncated: _Optional[bool] = ..., error: _Optional[_Union[BatchError, _Mapping]] = ..., policy: _Optional[_Union[PolicyReference, _Mapping]] = ..., rulings: _Optional[_Iterable[_Union[Ruling, _Mapping]]] = ...) -> None: ...

class CheckRequest(_message.Message):
    __slots__ = ("name", "birth_date", "kind", "identifiers", "request_id", "occasion")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OCCASION_FIELD_NUMBER: _ClassVar[int]
    name: str
    birth_date: str
    kind: PartyKind
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    request_id: str
    occasion: Occasion
    def __init__(self, name: _Optional[str] = ..., birth_date: _Optional[str] = ..., kind: _Optional[_Union[PartyKind, str]] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., request_id: _Optional[str] = ..., occasion: _Optional[_Union[Occasion, str]] = ...) -> None: ...

class CheckResponse(_message.Message):
    __slots__ = ("verdict", "hits", "truncated", "limits", "index", "engine_version", "request_id", "rule_id", "rulings", "policy")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    RULINGS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    verdict: Verdict
    hits: _containers.RepeatedCompositeFieldContainer[Hit]
    truncated: bool
    limits: _containers.RepeatedScalarFieldContainer[str]
    index: IndexReference
    engine_version: str
    request_id: str
    rule_id: str
    rulings: _containers.RepeatedCompositeFieldContainer[Ruling]
    policy: PolicyReference
    def __init__(self, verdict: _Optional[_Union[Verdict, str]] = ..., hits: _Optional[_Iterable[_Union[Hit, _Mapping]]] = ..., truncated: _Optional[bool] = ..., limits: _Optional[_Iterable[str]] = ..., index: _Optional[_Union[IndexReference, _Mapping]] = ..., engine_version: _Optional[str] = ..., request_id: _Optional[str] = ..., rule_id: _Optional[str] = ..., rulings: _Optional[_Iterable[_Union[Ruling, _Mapping]]] = ..., policy: _Optional[_Union[PolicyReference, _Mapping]] = ...) -> None: ...

class GetIndexRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class ListFile(_message.Message):
    __slots__ = ("name", "sha256", "size_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    sha256: str
    size_bytes: int
    def __init__(self, name: _Optional[str] = ..., sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class ListEdition(_message.Message):
    __slots__ = ("list_id", "format", "edition_date", "previous_date", "files", "entry_count", "name_count", "warnings")
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    EDITION_DATE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DATE_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    NAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    list_id: str
    format: str
    edition_date: str
    previous_date: str
    files: _containers.RepeatedCompositeFieldContainer[ListFile]
    entry_count: int
    name_count: int
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, list_id: _Optional[str] = ..., format: _Optional[str] = ..., edition_date: _Optional[str] = ..., previous_date: _Optional[str] = ..., files: _Optional[_Iterable[_Union[ListFile, _Mapping]]] = ..., entry_count: _Optional[int] = ..., name_count: _Optional[int] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class GetIndexResponse(_message.Message):
    __slots__ = ("index", "engine_version", "built_by_version", "format_version", "normaliser_version", "size_bytes", "entry_count", "name_count", "identifier_count", "editions", "request_id")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BUILT_BY_VERSION_FIELD_NUMBER: _ClassVar[int]
    FORMAT_VERSION_FIELD_NUMBER: _ClassVar[int]
    NORMALISER_VERSION_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    NAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_COUNT_FIELD_NUMBER: _ClassVar[int]
    EDITIONS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    index: IndexReference
    engine_version: str
    built_by_version: str
    format_version: int
    normaliser_version: str
    size_bytes: int
    entry_count: int
    name_count: int
    identifier_count: int
    editions: _containers.RepeatedCompositeFieldContainer[ListEdition]
    request_id: str
    def __init__(self, index: _Optional[_Union[IndexReference, _Mapping]] = ..., engine_version: _Optional[str] = ..., built_by_version: _Optional[str] = ..., format_version: _Optional[int] = ..., normaliser_version: _Optional[str] = ..., size_bytes: _Optional[int] = ..., entry_count: _Optional[int] = ..., name_count: _Optional[int] = ..., identifier_count: _Optional[int] = ..., editions: _Optional[_Iterable[_Union[ListEdition, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...
