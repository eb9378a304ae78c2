import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Urgency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    URGENCY_UNSPECIFIED: _ClassVar[Urgency]
    URGENCY_LATE: _ClassVar[Urgency]
    URGENCY_TODAY: _ClassVar[Urgency]
    URGENCY_SOON: _ClassVar[Urgency]
    URGENCY_LATER: _ClassVar[Urgency]
URGENCY_UNSPECIFIED: Urgency
URGENCY_LATE: Urgency
URGENCY_TODAY: Urgency
URGENCY_SOON: Urgency
URGENCY_LATER: Urgency

class CaseDeadline(_message.Message):
    __slots__ = ("subject", "state", "rule", "law", "words", "message_kind", "decides", "certainty", "next_actions", "trigger_at", "alarm_at", "latest_at", "left_hours", "urgency", "has_term", "unconfirmed")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    LAW_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_KIND_FIELD_NUMBER: _ClassVar[int]
    DECIDES_FIELD_NUMBER: _ClassVar[int]
    CERTAINTY_FIELD_NUMBER: _ClassVar[int]
    NEXT_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_AT_FIELD_NUMBER: _ClassVar[int]
    ALARM_AT_FIELD_NUMBER: _ClassVar[int]
    LATEST_AT_FIELD_NUMBER: _ClassVar[int]
    LEFT_HOURS_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    HAS_TERM_FIELD_NUMBER: _ClassVar[int]
    UNCONFIRMED_FIELD_NUMBER: _ClassVar[int]
    subject: str
    state: str
    rule: str
    law: str
    words: str
    message_kind: str
    decides: str
    certainty: str
    next_actions: _containers.RepeatedScalarFieldContainer[str]
    trigger_at: _timestamp_pb2.Timestamp
    alarm_at: _timestamp_pb2.Timestamp
    latest_at: _timestamp_pb2.Timestamp
    left_hours: int
    urgency: Urgency
    has_term: bool
    unconfirmed: bool
    def __init__(self, subject: _Optional[str] = ..., state: _Optional[str] = ..., rule: _Optional[str] = ..., law: _Optional[str] = ..., words: _Optional[str] = ..., message_kind: _Optional[str] = ..., decides: _Optional[str] = ..., certainty: _Optional[str] = ..., next_actions: _Optional[_Iterable[str]] = ..., trigger_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., alarm_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., latest_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., left_hours: _Optional[int] = ..., urgency: _Optional[_Union[Urgency, str]] = ..., has_term: _Optional[bool] = ..., unconfirmed: _Optional[bool] = ...) -> None: ...

class MatterSummary(_message.Message):
    __slots__ = ("subject", "machine", "state", "opened_at", "changed_at", "opened_by", "fields", "due")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    machine: str
    state: str
    opened_at: _timestamp_pb2.Timestamp
    changed_at: _timestamp_pb2.Timestamp
    opened_by: str
    fields: _containers.ScalarMap[str, str]
    due: CaseDeadline
    def __init__(self, subject: _Optional[str] = ..., machine: _Optional[str] = ..., state: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opened_by: _Optional[str] = ..., fields: _Optional[_Mapping[str, str]] = ..., due: _Optional[_Union[CaseDeadline, _Mapping]] = ...) -> None: ...

class CaseEvent(_message.Message):
    __slots__ = ("sequence", "at", "kind", "subject", "action", "from_state", "state", "by", "role", "request_id", "facts", "digest", "has_personal", "personal")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    FROM_STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    HAS_PERSONAL_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    at: _timestamp_pb2.Timestamp
    kind: str
    subject: str
    action: str
    from_state: str
    state: str
    by: str
    role: str
    request_id: str
    facts: _struct_pb2.Struct
    digest: str
    has_personal: bool
    personal: _struct_pb2.Struct
    def __init__(self, sequence: _Optional[int] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[str] = ..., subject: _Optional[str] = ..., action: _Optional[str] = ..., from_state: _Optional[str] = ..., state: _Optional[str] = ..., by: _Optional[str] = ..., role: _Optional[str] = ..., request_id: _Optional[str] = ..., facts: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., digest: _Optional[str] = ..., has_personal: _Optional[bool] = ..., personal: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class AllowanceLeft(_message.Message):
    __slots__ = ("rule_id", "allowance_id", "operations", "month", "spent_kopecks", "limit_kopecks", "each_member_kopecks", "certainty")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    SPENT_KOPECKS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_KOPECKS_FIELD_NUMBER: _ClassVar[int]
    EACH_MEMBER_KOPECKS_FIELD_NUMBER: _ClassVar[int]
    CERTAINTY_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    allowance_id: str
    operations: _containers.RepeatedScalarFieldContainer[str]
    month: str
    spent_kopecks: int
    limit_kopecks: int
    each_member_kopecks: int
    certainty: str
    def __init__(self, rule_id: _Optional[str] = ..., allowance_id: _Optional[str] = ..., operations: _Optional[_Iterable[str]] = ..., month: _Optional[str] = ..., spent_kopecks: _Optional[int] = ..., limit_kopecks: _Optional[int] = ..., each_member_kopecks: _Optional[int] = ..., certainty: _Optional[str] = ...) -> None: ...

class CaseHit(_message.Message):
    __slots__ = ("list_id", "entry_id", "edition", "grade", "role", "scope")
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    EDITION_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    list_id: str
    entry_id: str
    edition: str
    grade: str
    role: str
    scope: str
    def __init__(self, list_id: _Optional[str] = ..., entry_id: _Optional[str] = ..., edition: _Optional[str] = ..., grade: _Optional[str] = ..., role: _Optional[str] = ..., scope: _Optional[str] = ...) -> None: ...

class NextStep(_message.Message):
    __slots__ = ("action", "target", "roles", "needs", "may", "second_to", "asked_by")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    MAY_FIELD_NUMBER: _ClassVar[int]
    SECOND_TO_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    action: str
    target: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    needs: _containers.RepeatedScalarFieldContainer[str]
    may: _containers.RepeatedScalarFieldContainer[str]
    second_to: str
    asked_by: str
    def __init__(self, action: _Optional[str] = ..., target: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., needs: _Optional[_Iterable[str]] = ..., may: _Optional[_Iterable[str]] = ..., second_to: _Optional[str] = ..., asked_by: _Optional[str] = ...) -> None: ...

class StepTaken(_message.Message):
    __slots__ = ("subject", "action", "state")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    action: str
    state: str
    def __init__(self, subject: _Optional[str] = ..., action: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class ListCasesRequest(_message.Message):
    __slots__ = ("states", "client_id", "assignee", "after", "count", "role")
    STATES_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[str]
    client_id: str
    assignee: str
    after: int
    count: int
    role: str
    def __init__(self, states: _Optional[_Iterable[str]] = ..., client_id: _Optional[str] = ..., assignee: _Optional[str] = ..., after: _Optional[int] = ..., count: _Optional[int] = ..., role: _Optional[str] = ...) -> None: ...

class ListCasesResponse(_message.Message):
    __slots__ = ("cases",)
    CASES_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[MatterSummary]
    def __init__(self, cases: _Optional[_Iterable[_Union[MatterSummary, _Mapping]]] = ...) -> None: ...

class ListMeasuresRequest(_message.Message):
    __slots__ = ("machines", "states", "client_id", "operation_id", "after", "count", "role")
    MACHINES_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    machines: _containers.RepeatedScalarFieldContainer[str]
    states: _containers.RepeatedScalarFieldContainer[str]
    client_id: str
    operation_id: str
    after: str
    count: int
    role: str
    def __init__(self, machines: _Optional[_Iterable[str]] = ..., states: _Optional[_Iterable[str]] = ..., client_id: _Optional[str] = ..., operation_id: _Optional[str] = ..., after: _Optional[str] = ..., count: _Optional[int] = ..., role: _Optional[str] = ...) -> None: ...

class ListMeasuresResponse(_message.Message):
    __slots__ = ("measures",)
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    measures: _containers.RepeatedCompositeFieldContainer[MatterSummary]
    def __init__(self, measures: _Optional[_Iterable[_Union[MatterSummary, _Mapping]]] = ...) -> None: ...

class ListPapersRequest(_message.Message):
    __slots__ = ("machine", "states", "about", "client_id", "after", "count", "role")
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    machine: str
    states: _containers.RepeatedScalarFieldContainer[str]
    about: str
    client_id: str
    after: int
    count: int
    role: str
    def __init__(self, machine: _Optional[str] = ..., states: _Optional[_Iterable[str]] = ..., about: _Optional[str] = ..., client_id: _Optional[str] = ..., after: _Optional[int] = ..., count: _Optional[int] = ..., role: _Optional[str] = ...) -> None: ...

class ListPapersResponse(_message.Message):
    __slots__ = ("papers",)
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    papers: _containers.RepeatedCompositeFieldContainer[MatterSummary]
    def __init__(self, papers: _Optional[_Iterable[_Union[MatterSummary, _Mapping]]] = ...) -> None: ...

class ListDeadlinesRequest(_message.Message):
    __slots__ = ("within_hours", "subjects", "role")
    WITHIN_HOURS_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    within_hours: int
    subjects: _containers.RepeatedScalarFieldContainer[str]
    role: str
    def __init__(self, within_hours: _Optional[int] = ..., subjects: _Optional[_Iterable[str]] = ..., role: _Optional[str] = ...) -> None: ...

class ListDeadlinesResponse(_message.Message):
    __slots__ = ("deadlines", "late_count")
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    LATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    deadlines: _containers.RepeatedCompositeFieldContainer[CaseDeadline]
    late_count: int
    def __init__(self, deadlines: _Optional[_Iterable[_Union[CaseDeadline, _Mapping]]] = ..., late_count: _Optional[int] = ...) -> None: ...

class GetCaseRequest(_message.Message):
    __slots__ = ("subject", "with_personal", "role")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    WITH_PERSONAL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    with_personal: bool
    role: str
    def __init__(self, subject: _Optional[str] = ..., with_personal: _Optional[bool] = ..., role: _Optional[str] = ...) -> None: ...

class GetCaseResponse(_message.Message):
    __slots__ = ("matter", "title", "last_sequence", "follows_from", "followed_by", "events", "hits", "deadlines", "steps", "ledger_id", "head_sequence", "head_digest", "allowances")
    MATTER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FOLLOWS_FROM_FIELD_NUMBER: _ClassVar[int]
    FOLLOWED_BY_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_ID_FIELD_NUMBER: _ClassVar[int]
    HEAD_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    HEAD_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCES_FIELD_NUMBER: _ClassVar[int]
    matter: MatterSummary
    title: str
    last_sequence: int
    follows_from: _containers.RepeatedScalarFieldContainer[str]
    followed_by: _containers.RepeatedScalarFieldContainer[str]
    events: _containers.RepeatedCompositeFieldContainer[CaseEvent]
    hits: _containers.RepeatedCompositeFieldContainer[CaseHit]
    deadlines: _containers.RepeatedCompositeFieldContainer[CaseDeadline]
    steps: _containers.RepeatedCompositeFieldContainer[NextStep]
    ledger_id: str
    head_sequence: int
    head_digest: str
    allowances: _containers.RepeatedCompositeFieldContainer[AllowanceLeft]
    def __init__(self, matter: _Optional[_Union[MatterSummary, _Mapping]] = ..., title: _Optional[str] = ..., last_sequence: _Optional[int] = ..., follows_from: _Optional[_Iterable[str]] = ..., followed_by: _Optional[_Iterable[str]] = ..., events: _Optional[_Iterable[_Union[CaseEvent, _Mapping]]] = ..., hits: _Optional[_Iterable[_Union[CaseHit, _Mapping]]] = ..., deadlines: _Optional[_Iterable[_Union[CaseDeadline, _Mapping]]] = ..., steps: _Optional[_Iterable[_Union[NextStep, _Mapping]]] = ..., ledger_id: _Optional[str] = ..., head_sequence: _Optional[int] = ..., head_digest: _Optional[str] = ..., allowances: _Optional[_Iterable[_Union[AllowanceLeft, _Mapping]]] = ...) -> None: ...

class ActRequest(_message.Message):
    __slots__ = ("subject", "action", "facts", "request_id", "role")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    subject: str
    action: str
    facts: _struct_pb2.Struct
    request_id: str
    role: str
    def __init__(self, subject: _Optional[str] = ..., action: _Optional[str] = ..., facts: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., request_id: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class ActResponse(_message.Message):
    __slots__ = ("steps", "deadlines")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[StepTaken]
    deadlines: _containers.RepeatedCompositeFieldContainer[CaseDeadline]
    def __init__(self, steps: _Optional[_Iterable[_Union[StepTaken, _Mapping]]] = ..., deadlines: _Optional[_Iterable[_Union[CaseDeadline, _Mapping]]] = ...) -> None: ...

class BeginMatterRequest(_message.Message):
    __slots__ = ("machine", "action", "facts", "request_id", "role")
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    machine: str
    action: str
    facts: _struct_pb2.Struct
    request_id: str
    role: str
    def __init__(self, machine: _Optional[str] = ..., action: _Optional[str] = ..., facts: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., request_id: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class BeginMatterResponse(_message.Message):
    __slots__ = ("steps", "deadlines")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[StepTaken]
    deadlines: _containers.RepeatedCompositeFieldContainer[CaseDeadline]
    def __init__(self, steps: _Optional[_Iterable[_Union[StepTaken, _Mapping]]] = ..., deadlines: _Optional[_Iterable[_Union[CaseDeadline, _Mapping]]] = ...) -> None: ...
