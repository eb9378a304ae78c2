"""What a server answers about cases, as the structs that the screens show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from google.protobuf import json_format

from sito.cases.machines import MEASURES
from sito.cases.pages import CaseLine, CasePage, EventLine, MatterLine, MeasureLine, NextDuty, NextStep, PaperLine
from sito.cases.takings import AllowanceLeft
from sito.errors import ScreenError
from sito.policy.deadlines import DueState
from sito.v1 import cases_pb2 as wire

_Line = TypeVar("_Line", bound=MatterLine)
_URGENCY = {
    wire.URGENCY_LATE: DueState.LATE, wire.URGENCY_TODAY: DueState.TODAY, wire.URGENCY_SOON: DueState.SOON,
    wire.URGENCY_LATER: DueState.LATER,
}  # fmt: skip


def line(told: wire.MatterSummary, kind: type[_Line]) -> _Line:
    """Return a line of a list."""
    names = {field.name: field for field in msgspec.structs.fields(kind)}
    fields: dict[str, Any] = {name: text for name, text in told.fields.items() if name in names}
    for name, field in names.items():
        if field.type is str and field.required:
            fields.setdefault(name, "")
    fields |= {
        "subject": told.subject, "number": int(told.subject.partition(":")[2] or 0), "machine": told.machine,
        "state": told.state, "opened_at": told.opened_at.ToDatetime(UTC), "opened_by": told.opened_by,
        "changed_at": told.changed_at.ToDatetime(UTC), "due": duty(told.due) if told.HasField("due") else None,
    }  # fmt: skip
    return kind(**fields)


def duty(told: wire.CaseDeadline) -> NextDuty:
    """Return something that is due.

    Raises:
        ScreenError: SCR304 an urgency that is not known: it could be a late one.
    """
    urgency = _URGENCY.get(told.urgency)
    if urgency is None:
        raise ScreenError("SCR304", expected="a known urgency", got=str(told.urgency), todo="take it for late")
    return NextDuty(
        told.subject, told.state, told.rule, told.law, told.words, told.message_kind, told.decides, told.certainty,
        tuple(told.next_actions), told.trigger_at.ToDatetime(UTC), told.alarm_at.ToDatetime(UTC),
        told.latest_at.ToDatetime(UTC), told.left_hours, urgency, told.has_term, told.unconfirmed,
    )  # fmt: skip


def page(told: wire.GetCaseResponse, now: datetime) -> CasePage:
    """Return a page."""
    matter = told.matter
    machine = matter.machine
    kind: type[CaseLine | MeasureLine | PaperLine] = (
        CaseLine if machine == "case" else MeasureLine if machine in MEASURES else PaperLine
    )
    hits = tuple(
        {"list_id": one.list_id, "entry_id": one.entry_id, "edition": one.edition, "grade": one.grade,
         "role": one.role, "scope": one.scope}
        for one in told.hits
    )  # fmt: skip
    steps = tuple(
        NextStep(
            one.action, one.target, tuple(one.roles), tuple(one.needs), tuple(one.may), one.second_to, one.asked_by
        )
        for one in told.steps
    )
    return CasePage(
        matter.subject, machine, told.title, matter.state, line(matter, kind), told.last_sequence,
        tuple(told.follows_from), tuple(told.followed_by), tuple(map(_event, told.events)), hits,
        tuple(map(duty, told.deadlines)), steps, now, told.ledger_id, told.head_sequence, told.head_digest,
        tuple(map(_allowance, told.allowances)),
    )  # fmt: skip


def _allowance(told: wire.AllowanceLeft) -> AllowanceLeft:
    return AllowanceLeft(
        told.rule_id, told.allowance_id, tuple(told.operations), told.month, told.spent_kopecks,
        told.limit_kopecks if told.HasField("limit_kopecks") else None, told.each_member_kopecks, told.certainty,
    )  # fmt: skip


def _event(told: wire.CaseEvent) -> EventLine:
    personal = whole(json_format.MessageToDict(told.personal)) if told.HasField("personal") else None
    return EventLine(
        told.sequence, told.at.ToDatetime(UTC), told.kind, told.subject, told.action, told.from_state, told.state,
        told.by, told.role, told.request_id, whole(json_format.MessageToDict(told.facts)), told.digest,
        told.has_personal, personal,
    )  # fmt: skip


def whole(value: Any) -> Any:
    """Return a value of JSON in which whole numbers are those of Python, and tables in order: a wire keeps none."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    if isinstance(value, dict):
        return {name: whole(one) for name, one in sorted(value.items())}
    return [whole(one) for one in value] if isinstance(value, list) else value
