"""The methods of `sito.v1.CaseService`: people at the desk, known by certificate or token, judged by the staff file.

A step is durable when it is answered, and the same request again gives the same answer. The staff file is looked at
again whenever the server looks for new certificates: who has left the bank is nobody from then on.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import grpc
import msgspec
from google.protobuf import json_format, struct_pb2
from google.protobuf.message import DecodeError, Message

from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk, Outcome
from sito.cases.machines import MEASURES
from sito.cases.notices import notices_of
from sito.cases.pages import (
    HOURS_MAX,
    PAGE_COUNT_MAX,
    CasePage,
    EventLine,
    MatterLine,
    NextDuty,
    NextStep,
    case_page,
    duties,
    list_cases,
    list_measures,
    list_papers,
)
from sito.cases.projection import PROJECTION
from sito.cases.reception import PERSONAL_READERS, Reception, Shown
from sito.cases.roles import READERS
from sito.cases.staff import Staff
from sito.cases.takings import AllowanceLeft
from sito.cli.fromwire import whole
from sito.cli.ledger import sealer_of, url_of
from sito.errors import CaseError, ScreenError, SitoError
from sito.ledger import Ledger, Signer
from sito.ledger.checkpoints import Checkpoints
from sito.ledger.sealing import read_key
from sito.policy.deadlines import DueState
from sito.policy.folder import allowances_of, calendar_of
from sito.policy.verdict import Policy
from sito.v1 import cases_pb2 as wire
from sito_server.access import CASE_SERVICE
from sito_server.batches import unreadable
from sito_server.meter import Meter, NoMeter
from sito_server.status import status_code, status_of
from sito_server.tls import names_of

CALLS_MAX = 8  # at a time in one process: the threads that screen shall not all wait for a disk
RETRY_MS = 200  # after which a caller for whom there was no room should come back
COUNT = 100  # lines of a list, if nobody says how many
TOKEN_KEY, BEARER = "authorization", "bearer "

log = logging.getLogger("sito_server")

URGENCY = {
    DueState.LATE: wire.URGENCY_LATE, DueState.TODAY: wire.URGENCY_TODAY, DueState.SOON: wire.URGENCY_SOON,
    DueState.LATER: wire.URGENCY_LATER,
}  # fmt: skip
_LINE = frozenset({"subject", "number", "machine", "state", "opened_at", "changed_at", "opened_by", "due"})


def anchor_fault(error: SitoError) -> None:
    """Log that the anchor of a checkpoint could not be written; the checkpoint stands in the ledger."""
    log.error("anchor not written", extra={"facts": {"code": error.code, "reason": str(error)}})


class Casework:
    """Ledger, desk and staff of a server, and the methods over them; close it. Threads share it.

    Args:
        url: Of the ledger, or its path.
        key_file, key: Of personal data; the file, if there is one.
        staff: File of who is who; None: nobody is known.
        policy: Of the server, for terms and words.
        folder: Where it is from: calendar, allowances and notices of the bank's own may stand with it.
        clock: Gives the time; None is that of the machine.
        meter: Counts refusals and seconds.
        has_certificates: False where nobody can show one.
        sign_key: File of the key that signs checkpoints; None: nobody does. anchor: File of the newest of them.

    Attributes:
        ledger, desk, schedule: For what else the server records.
        calls_max: So many calls at a time.

    Raises:
        LedgerError, CaseError, PolicyError: One of them cannot be used.
    """

    def __init__(
        self, url: str, *, policy: Policy, folder: Path | None = None, staff: Path | None = None,
        key_file: Path | None = None, key: str = "", clock: Callable[[], datetime] | None = None,
        meter: Meter | None = None, has_certificates: bool = True, sign_key: Path | None = None,
        anchor: Path | None = None,
    ) -> None:  # fmt: skip
        self.calls_max = CALLS_MAX
        self._policy = policy
        self._clock = clock or _utc_now
        self._meter = meter or NoMeter()
        self._has_certificates = has_certificates
        self._staff_file = staff
        self._staff_data = b""
        self._room = threading.BoundedSemaphore(CALLS_MAX)
        self.schedule = PolicySchedule(policy.file.terms, calendar_of(folder))
        self._allowances, self._notices = allowances_of(folder), notices_of(folder)
        known = self._read_staff() or Staff()
        self.ledger = Ledger.open(
            url_of(url), sealer=sealer_of([key_file] if key_file else None, key), projections=[PROJECTION],
            witness=None if sign_key is None
            else Checkpoints(Signer(read_key(sign_key)), anchor=anchor, on_fault=anchor_fault),
        )  # fmt: skip
        try:
            self._open(known)
        except BaseException:
            self.ledger.close()
            raise

    def close(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()

    def reload(self) -> None:
        """Look at the staff file; one that cannot be used is logged, and the former one stays."""
        try:
            found = self._read_staff()
        except CaseError as error:
            log.error("staff refused", extra={"facts": {"code": error.code, "reason": str(error)}})
            return
        if found is not None:
            self._open(found)
            log.info("staff renewed", extra={"facts": {"persons": len(found.persons)}})

    def _read_staff(self) -> Staff | None:
        """Return the staff, None if it is what it was."""
        if self._staff_file is None:
            return None
        try:
            data = self._staff_file.read_bytes()
        except OSError:
            data = b""  # reading it again says what is wrong
        if data and data == self._staff_data:
            return None
        found = Staff.read(self._staff_file)
        self._staff_data = data
        return found

    def _open(self, staff: Staff) -> None:
        self.desk = Desk(
            self.ledger,
            schedule=self.schedule,
            people=staff.people(),
            notices=self._notices,
            allowances=self._allowances,
        )
        self._reception = Reception(self.ledger, self.desk, staff)

    def handlers(self) -> grpc.GenericRpcHandler:
        """Return the methods for `grpc.Server.add_generic_rpc_handlers`."""
        methods: dict[str, tuple[type[Message], Callable[[Any, Shown], Message]]] = {
            "ListCases": (wire.ListCasesRequest, self._list_cases),
            "ListMeasures": (wire.ListMeasuresRequest, self._list_measures),
            "ListPapers": (wire.ListPapersRequest, self._list_papers),
            "ListDeadlines": (wire.ListDeadlinesRequest, self._list_deadlines),
            "GetCase": (wire.GetCaseRequest, self._get_case),
            "Act": (wire.ActRequest, self._act),
            "BeginMatter": (wire.BeginMatterRequest, self._begin),
        }
        return grpc.method_handlers_generic_handler(
            CASE_SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(
                    self._unary(name, kind, answer), response_serializer=lambda message: message.SerializeToString()
                )
                for name, (kind, answer) in methods.items()
            },
        )

    # --- methods: (request, who) -> answer --------------------------------------------------------------------------

    def _list_cases(self, request: wire.ListCasesRequest, who: Shown) -> Message:
        now = self._clock()
        self._reception.look(who, "list", at=now, role=request.role)
        with self.ledger.read() as view:
            found = list_cases(
                view, states=request.states, client_id=request.client_id, assignee=request.assignee,
                after=request.after, count=request.count or COUNT, schedule=self.schedule, policy=self._policy, now=now,
            )  # fmt: skip
        return wire.ListCasesResponse(cases=map(_summary, found))

    def _list_measures(self, request: wire.ListMeasuresRequest, who: Shown) -> Message:
        now = self._clock()
        self._reception.look(who, "list", at=now, role=request.role)
        with self.ledger.read() as view:
            found = list_measures(
                view, machines=request.machines or MEASURES, states=request.states, client_id=request.client_id,
                operation_id=request.operation_id, after=request.after, count=request.count or COUNT,
                schedule=self.schedule, policy=self._policy, now=now,
            )  # fmt: skip
        return wire.ListMeasuresResponse(measures=map(_summary, found))

    def _list_papers(self, request: wire.ListPapersRequest, who: Shown) -> Message:
        now = self._clock()
        self._reception.look(who, "list", at=now, role=request.role)
        with self.ledger.read() as view:
            found = list_papers(
                view, request.machine, states=request.states, about=request.about, client_id=request.client_id,
                after=request.after, count=request.count or COUNT, schedule=self.schedule, policy=self._policy, now=now,
            )  # fmt: skip
        return wire.ListPapersResponse(papers=map(_summary, found))

    def _list_deadlines(self, request: wire.ListDeadlinesRequest, who: Shown) -> Message:
        now = self._clock()
        self._reception.look(who, "deadlines", at=now, role=request.role)
        hours = request.within_hours if request.HasField("within_hours") else None
        if hours is not None and not 0 <= hours <= HOURS_MAX:
            raise CaseError("CAS110", expected=f"0 to {HOURS_MAX} hours", got="another number", where="within_hours")
        if len(request.subjects) > PAGE_COUNT_MAX:
            raise CaseError("CAS110", expected=f"at most {PAGE_COUNT_MAX} matters", got="more", where="subjects")
        within = None if hours is None else timedelta(hours=hours)
        with self.ledger.read() as view:
            found = duties(
                view, schedule=self.schedule, policy=self._policy, now=now, within=within,
                subjects=list(request.subjects) or None,
            )  # fmt: skip
        return wire.ListDeadlinesResponse(deadlines=map(_deadline, found), late_count=sum(one.is_late for one in found))

    def _get_case(self, request: wire.GetCaseRequest, who: Shown) -> Message:
        now, personal = self._clock(), request.with_personal
        wanted = PERSONAL_READERS if personal else READERS
        caller = self._reception.look(who, request.subject, at=now, role=request.role, wanted=wanted)
        if personal:
            self._reception.note_personal(
                request.subject, purpose="show", caller=caller, request_id=f"show-{uuid.uuid4()}", at=now
            )
        with self.ledger.read() as view:
            page = case_page(
                view, request.subject, schedule=self.schedule, policy=self._policy, now=now, with_personal=personal,
                allowances=self._allowances,
            )  # fmt: skip
        return _page(page)

    def _act(self, request: wire.ActRequest, who: Shown) -> Message:
        now = self._clock()
        outcome = self._reception.act(
            who, request.subject, request.action, _facts(request.facts), request_id=request.request_id, at=now,
            role=request.role,
        )  # fmt: skip
        return wire.ActResponse(steps=_steps(outcome), deadlines=self._due(outcome, now))

    def _begin(self, request: wire.BeginMatterRequest, who: Shown) -> Message:
        now = self._clock()
        outcome = self._reception.begin(
            who, request.machine, request.action, _facts(request.facts), request_id=request.request_id, at=now,
            role=request.role,
        )  # fmt: skip
        return wire.BeginMatterResponse(steps=_steps(outcome), deadlines=self._due(outcome, now))

    def _due(self, outcome: Outcome, now: datetime) -> list[wire.CaseDeadline]:
        subjects = {step.subject for step in outcome.steps}
        with self.ledger.read() as view:
            return [
                _deadline(one)
                for one in duties(view, schedule=self.schedule, policy=self._policy, now=now, subjects=subjects)
            ]

    # --- around all of them -----------------------------------------------------------------------------------------

    def _unary(
        self, name: str, kind: type[Message], answer: Callable[[Any, Shown], Message]
    ) -> Callable[[bytes, grpc.ServicerContext], Message]:
        def handle(data: bytes, context: grpc.ServicerContext) -> Message:
            start, retry_ms = time.perf_counter(), None
            try:
                if not self._room.acquire(blocking=False):
                    retry_ms = RETRY_MS
                    raise ScreenError(
                        "SCR411", expected=f"at most {CALLS_MAX} calls about cases at a time", got="one more",
                        todo="nothing was done; wait as long as the answer says and try again",
                    )  # fmt: skip
                try:
                    response = answer(_parsed(kind, data), self._shown(context))
                finally:
                    self._room.release()
            except SitoError as error:
                self._end(name, context, error, start, retry_ms)
            except Exception as error:
                self._end(name, context, _fault(name, error), start, None)
            self._meter.seconds(name, "OK", time.perf_counter() - start)
            return response

        return handle

    def _end(
        self, name: str, context: grpc.ServicerContext, error: SitoError, start: float, retry_ms: int | None
    ) -> None:
        status = status_code(error.code).name
        log.warning("refused", extra={"facts": {"method": name, "status": status, "code": error.code}})
        self._meter.seconds(name, status, time.perf_counter() - start)
        self._meter.reject(error.code, 1)
        context.abort_with_status(status_of(error, retry_ms=retry_ms))
        raise AssertionError("abort_with_status raises")

    def _shown(self, context: grpc.ServicerContext) -> Shown:
        """Return by what the caller wants to be known."""
        peer: Mapping[str, Any] = context.auth_context()
        names = tuple(names_of(peer)) if self._has_certificates and "x509_pem_cert" in peer else ()
        given = [
            text if isinstance(text, str) else text.decode("utf-8", "replace")
            for key, text in context.invocation_metadata() or () if key == TOKEN_KEY
        ]  # fmt: skip
        # Two tokens, or one of another form, are the token of nobody; it is not looked for another way to be known.
        token = given[0][len(BEARER) :].strip() if len(given) == 1 and given[0].lower().startswith(BEARER) else ""
        in_clear = bool(given) and not self._has_tls(peer) and not is_near(context.peer())
        return Shown(certificate=names, token=token or ("?" if given else ""), in_clear=in_clear)

    @staticmethod
    def _has_tls(peer: Mapping[str, Any]) -> bool:
        kinds = peer.get("transport_security_type", ())
        return any(kind in {b"ssl", "ssl"} for kind in kinds)


def is_near(peer: str) -> bool:
    """Is this the address of a program on the same machine, as gRPC writes it?"""
    kind, _, address = unquote(peer).partition(":")
    if kind == "unix":
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _parsed(kind: type[Message], data: bytes) -> Message:
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise unreadable(data) from None
    return message


def _facts(told: struct_pb2.Struct) -> dict[str, Any]:
    """Return facts as the desk takes them: a whole number of JSON is one of Python."""
    try:
        found: dict[str, Any] = json_format.MessageToDict(told)
    except (ValueError, RecursionError):
        raise CaseError(
            "CAS103", expected="facts as docs/cases.md describes them", got="others", where="facts"
        ) from None
    return {name: whole(value) for name, value in found.items()}


def _steps(outcome: Outcome) -> Iterable[wire.StepTaken]:
    return [wire.StepTaken(subject=one.subject, action=one.action, state=one.state) for one in outcome.steps]


def _summary(line: MatterLine) -> wire.MatterSummary:
    fields = {field.name: getattr(line, field.name) for field in msgspec.structs.fields(line)}
    found = wire.MatterSummary(
        subject=line.subject, machine=line.machine, state=line.state, opened_at=line.opened_at,
        changed_at=line.changed_at, opened_by=line.opened_by,
        fields={name: str(value) for name, value in fields.items() if name not in _LINE and value},
    )  # fmt: skip
    if line.due is not None:
        found.due.CopyFrom(_deadline(line.due))
    return found


def _deadline(duty: NextDuty) -> wire.CaseDeadline:
    return wire.CaseDeadline(
        subject=duty.subject, state=duty.state, rule=duty.rule, law=duty.law, words=duty.words,
        message_kind=duty.message, decides=duty.decides, certainty=duty.certainty, next_actions=duty.next_actions,
        trigger_at=duty.trigger_at, alarm_at=duty.alarm_at, latest_at=duty.latest_at, left_hours=duty.left_h,
        urgency=URGENCY[duty.urgency], has_term=duty.has_term, unconfirmed=duty.unconfirmed,
    )  # fmt: skip


def _page(page: CasePage) -> wire.GetCaseResponse:
    return wire.GetCaseResponse(
        matter=_summary(page.line), title=page.title, last_sequence=page.last_sequence,
        follows_from=page.follows_from, followed_by=page.followed_by, events=map(_event, page.events),
        hits=[wire.CaseHit(**{name: hit[name] for name in _HIT}) for hit in page.hits],
        deadlines=map(_deadline, page.duties), steps=map(_next, page.steps), ledger_id=page.ledger_id,
        head_sequence=page.head_sequence, head_digest=page.head_digest, allowances=map(_allowance, page.allowances),
    )  # fmt: skip


def _allowance(one: AllowanceLeft) -> wire.AllowanceLeft:
    return wire.AllowanceLeft(
        rule_id=one.rule, allowance_id=one.allowance, operations=one.operations, month=one.month,
        spent_kopecks=one.spent_kopecks, limit_kopecks=one.limit_kopecks, each_member_kopecks=one.each_member_kopecks,
        certainty=one.certainty,
    )  # fmt: skip


_HIT = ("list_id", "entry_id", "edition", "grade", "role", "scope")


def _event(event: EventLine) -> wire.CaseEvent:
    found = wire.CaseEvent(
        sequence=event.sequence, at=event.at, kind=event.kind, subject=event.subject, action=event.action,
        from_state=event.from_state, state=event.state, by=event.by, role=event.role, request_id=event.request_id,
        digest=event.digest, has_personal=event.has_personal,
    )  # fmt: skip
    found.facts.update(event.facts)
    if event.personal is not None:
        found.personal.update(event.personal)
    return found


def _next(step: NextStep) -> wire.NextStep:
    return wire.NextStep(
        action=step.action, target=step.target, roles=step.roles, needs=step.needs, may=step.may,
        second_to=step.second_to, asked_by=step.asked_by,
    )  # fmt: skip


def _fault(name: str, error: Exception) -> ScreenError:
    """Log a fault of ours and return what the caller is told; the text of an unforeseen exception may hold a name."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    facts = {"method": name, "kind": type(error).__name__, "file": place.filename, "line": place.lineno}
    log.error("fault", extra={"facts": facts})
    return ScreenError("SCR500", expected="an answer", got="a fault of the server", todo="its log says where")
