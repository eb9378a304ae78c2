"""The methods of `sito.v1.ScreeningService`: read, screen, write. An error never becomes a verdict.

Requests and answers are bytes: batches and streams are read and written natively (`sito_server.batches`), single
records and names with protobuf's classes. Every call, and every message of a stream, waits for its place to work
(`Admission`), leases a screener for as long as it works, answers with the editions of that lease, and is counted
(`Meter`).
"""

from __future__ import annotations

import logging
import re
import time
import traceback
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, NamedTuple, Protocol

import grpc
from google.protobuf.message import DecodeError, Message

from sito.clearing import Clearances
from sito.errors import ScreenError, SitoError
from sito.messages import Request, write_single
from sito.policy.facts import Verdict
from sito.screen import PartyResult, Screener
from sito.v1 import screening_pb2 as wire
from sito.version import VERSION
from sito_server.batches import (
    Answer,
    BadRequestError,
    Judged,
    check_counts,
    decided,
    is_told,
    party_tuple,
    read_message,
    screen_message,
    screen_single,
    unreadable,
)
from sito_server.convert import (
    VERDICTS,
    FieldViolationError,
    Violation,
    gravest,
    index_reference,
    read_check,
    read_clearances,
    read_record,
    request_id_of,
    text_count,
    write_hits,
    write_index,
    write_ruling,
)
from sito_server.journals import Alert, Journal
from sito_server.meter import NO_ALARMS, Admission, Meter, NoAdmission, NoMeter
from sito_server.status import status_code, status_of
from sito_server.tls import names_of
from sito_server.verdicts import Sitting, Verdicts

SERVICE_NAME = wire.DESCRIPTOR.services_by_name["ScreeningService"].full_name
REQUEST_SIZE_MAX = 16 << 20  # bytes of one message from a client
RESPONSE_SIZE_MAX = 64 << 20  # bytes of one answer
READ_AHEAD_SIZE = 1 << 20  # bytes that the server takes of a stream before it is asked for the next message
# For the server that the methods are added to. By default gRPC guesses the size from how long a byte is under way: on a
# busy machine that is long, and a stream may then hold tens of megabytes.
FLOW_OPTIONS = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", READ_AHEAD_SIZE))
OVERLOADED, TOO_LATE = "SCR411", "SCR412"
REQUEST_ID_KEY, TRACE_KEY = "x-request-id", "traceparent"

log = logging.getLogger("sito_server")
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class ScreenerSource(Protocol):
    """Where the methods take a screener from: `sito.generations.Generations`, or `Fixed`."""

    def lease(self) -> AbstractContextManager[Screener]:
        """Return a context that gives the screener of today, which stays valid until the context ends."""


class Fixed:
    """One screener for ever.

    Args:
        screener: Over an index that was verified when it was opened.
    """

    def __init__(self, screener: Screener) -> None:
        self._screener = screener

    @contextmanager
    def lease(self) -> Iterator[Screener]:
        """Give the screener."""
        yield self._screener


class _Origin(NamedTuple):
    """What answers say of the index that a screener has."""

    reference: wire.IndexReference
    data: bytes
    description: wire.GetIndexResponse


class _GoneError(Exception):
    """Nobody waits for the answer any more."""


class _Call:
    """What is known of one call, or of one message of a stream, for log and metrics.

    Args:
        method: Its name.
        context: Of the call.
    """

    __slots__ = ("context", "facts", "method", "outer_id", "request_id", "start")

    def __init__(self, method: str, context: grpc.ServicerContext) -> None:
        self.method = method
        self.context = context
        self.start = time.perf_counter()
        self.request_id = ""
        self.facts: dict[str, Any] = {"method": method}
        self.outer_id = ""
        for key, value in context.invocation_metadata() or ():
            if key == REQUEST_ID_KEY and isinstance(value, str):
                self.outer_id = value
            elif key == TRACE_KEY and isinstance(value, str) and (match := _TRACE.fullmatch(value)):
                self.facts["trace_id"], self.facts["parent_id"] = match.groups()

    def again(self) -> None:
        """Begin with the next message of a stream."""
        self.start = time.perf_counter()
        self.request_id = ""
        self.facts.pop("request_id", None)

    def name(self, request_id: str) -> str:
        """Take the request id of the message, else that of the call; return it.

        Raises:
            BadRequestError: REC254.
        """
        if not (request_id or self.outer_id):
            return ""
        try:
            self.request_id = request_id_of(request_id or self.outer_id)
        except FieldViolationError as error:
            raise BadRequestError(error.violation) from None
        if self.request_id:
            self.facts["request_id"] = self.request_id
        return self.request_id

    def seconds(self) -> float:
        return time.perf_counter() - self.start


class ScreeningService:
    """Screens with what a source leases; all threads share it.

    Args:
        source: Of screeners.
        meter: Counts.
        admission: Bounds the work.
        verdicts: What gives the verdicts; None is the shipped policy.
        journal: Keeps what alarms until a case is made of it; None: nobody does.

    Errors that a caller sees: REC… wrong fields of a record, a clearance or the request id; SCR103 and SCR104 a name
    that cannot be looked up; SCR401 a batch without records or with too many, SCR402 too many texts, SCR403 an answer
    above the limit, SCR404 a message that cannot be read, SCR405 a stopping server; SCR411 and SCR412 of the admission;
    POL111 a policy that is not in force any more; JRN102 and JRN105 a journal that cannot be written; SCR500 is
    a fault of the server, whose log says where. In a batch or stream, a wrong record has its own error in the
    answer; in a stream, a wrong message too, and the stream goes on.
    """

    def __init__(
        self, source: ScreenerSource, *, meter: Meter | None = None, admission: Admission | None = None,
        verdicts: Verdicts | None = None, journal: Journal | None = None,
    ) -> None:  # fmt: skip
        self._journal = journal
        self._source = source
        self._meter = meter or NoMeter()
        self._admission = admission or NoAdmission()
        self._verdicts = verdicts or Verdicts()
        self._draining = False
        self._origins: weakref.WeakKeyDictionary[Screener, _Origin] = weakref.WeakKeyDictionary()
        self._latest: tuple[weakref.ref[Screener], _Origin] | None = None

    def drain(self) -> None:
        """Refuse messages of streams from now on with UNAVAILABLE, so that clients send them to another server."""
        self._draining = True

    def prepare(self) -> None:
        """Keep the index in use for the journal, should it be another one: before a call needs it, and before its file
        is replaced once more.
        """
        # What fails here fails each call, and is told there.
        with suppress(SitoError), self._source.lease() as screener:
            self._origin(screener)

    def handlers(self) -> grpc.GenericRpcHandler:
        """Return the methods for `grpc.Server.add_generic_rpc_handlers`. Messages are bytes on both sides."""
        unary = {"Screen": self._screen, "ScreenBatch": self._screen_batch, "Check": self._check, "GetIndex": self._get}
        methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            name: grpc.unary_unary_rpc_method_handler(self._unary(name, answer)) for name, answer in unary.items()
        }
        methods["ScreenStream"] = grpc.stream_stream_rpc_method_handler(self._screen_stream)
        return grpc.method_handlers_generic_handler(SERVICE_NAME, methods)

    # --- methods: (message, call) -> answer -------------------------------------------------------------------------

    def _screen(self, data: bytes, call: _Call) -> bytes:
        read = read_message(data)
        request_id = call.name(read.request_id)
        texts = read.single()
        if texts is not None:
            sitting = Sitting(self._verdicts)
            with self._source.lease() as screener:
                origin = self._origin(screener)
                alerts = screen_single(read, texts, screener, sitting)
            if alerts is None:  # as nearly always
                self._meter.payments(1)
                if self._journal is not None:
                    self._journal.count(origin.reference.index_id, 1)
                return write_single(
                    read.record_id(0), wire.VERDICT_PASS, (), index=origin.data, engine_version=VERSION,
                    request_id=request_id, truncated=False, policy=self._verdicts.data, rulings=[],
                )  # fmt: skip
            self._keep(call, read, origin, (_decided(0, alerts),), sitting, message=read.message, records=1)
            return self._single(read.record_id(0), alerts, origin, request_id)
        request = _parsed(wire.ScreenRequest, data)
        try:
            record = read_record(request.record, "0")
        except FieldViolationError as error:
            field = f"record.{error.violation.field}"
            raise BadRequestError(error.violation._replace(field=field)) from None
        check_counts(1, text_count([record]))
        try:
            cleared = Clearances(read_clearances(request.cleared, [request.record.record_id]))
        except FieldViolationError as error:
            raise BadRequestError(error.violation) from None
        sitting = Sitting(self._verdicts)
        with self._source.lease() as screener:
            judged = [
                (result, sitting.of_record(result, record))
                for result in screener.screen_batch([record], cleared).results()
            ]
            alerts = [one for one in judged if is_told(*one)]
            origin = self._origin(screener)
        # Not the bytes as they came: two pieces of a record are joined in a message of one.
        self._keep(
            call, read, origin, (_decided(0, alerts),), sitting, message=lambda _: request.record.SerializeToString(),
            records=1,
        )  # fmt: skip
        return self._single(request.record.record_id, alerts, origin, request_id)

    def _single(self, record_id: str, alerts: Sequence[Judged], origin: _Origin, request_id: str) -> bytes:
        """Count and write what screening a single record gave."""
        verdicts = self._verdicts
        verdict = gravest(judgement for _, judgement in alerts)
        self._count([result for result, _ in alerts], verdict)
        return write_single(
            record_id, VERDICTS[verdict],
            tuple(party_tuple(result, judgement) for result, judgement in alerts), index=origin.data,
            engine_version=VERSION, request_id=request_id, truncated=any(result.truncated for result, _ in alerts),
            policy=verdicts.data, rulings=verdicts.messages(judgement for _, judgement in alerts),
        )  # fmt: skip

    def _screen_batch(self, data: bytes, call: _Call) -> bytes:
        request = read_message(data)
        request_id = call.name(request.request_id)
        call.facts["records"] = request.record_count
        with self._source.lease() as screener:
            origin = self._origin(screener)
            answer = screen_message(
                request, screener, self._verdicts, request_id=request_id, index=origin.data, engine_version=VERSION
            )
        meter = self._meter
        rejected = answer.rejects.total()
        self._keep(
            call, request, origin, answer.alarmed, answer, message=request.message, records=answer.record_count,
            rejects=rejected,
        )  # fmt: skip
        if rejected:
            call.facts["rejects"] = dict(answer.rejects)
        if rejected < answer.record_count:
            meter.payments(answer.record_count - rejected, answer.verdicts)
        for (list_id, grade), count in answer.hits.items():
            meter.hits(list_id, grade, count)
        for word, count in answer.limits.items():
            meter.limit(word, count)
        for code, count in answer.rejects.items():
            meter.reject(code, count)
        return answer.data

    def _check(self, data: bytes, call: _Call) -> bytes:
        request = _parsed(wire.CheckRequest, data)
        request_id = call.name(request.request_id)
        try:
            name, born, kind, identifiers, occasion = read_check(request)
        except FieldViolationError as error:
            raise BadRequestError(error.violation) from None
        with self._source.lease() as screener:
            result = screener.check(name, birth_date=born, kind=kind, identifiers=identifiers)
            origin = self._origin(screener)
        if self._journal is not None:
            self._journal.count(origin.reference.index_id, 0, lookups=1)
        judgement = Sitting(self._verdicts).of_customer(result, occasion)
        self._count([result], judgement.verdict)
        return wire.CheckResponse(
            verdict=VERDICTS[judgement.verdict], hits=write_hits(result.hits, judgement.rules),
            truncated=result.truncated, limits=result.limits, index=origin.reference, engine_version=VERSION,
            request_id=request_id, rule_id=judgement.rule_id, rulings=map(write_ruling, judgement.rulings),
            policy=self._verdicts.reference,
        ).SerializeToString()  # fmt: skip

    def _get(self, data: bytes, call: _Call) -> bytes:
        request_id = call.name(_parsed(wire.GetIndexRequest, data).request_id)
        with self._source.lease() as screener:
            answer = wire.GetIndexResponse()
            answer.CopyFrom(self._origin(screener).description)
        answer.request_id = request_id
        return answer.SerializeToString()

    def _screen_stream(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Answer messages one by one. gRPC reads the next one when it is asked for it, so flow control holds the client
        back while a message is screened; one that went away ends the loop.
        """
        call = _Call("ScreenStream", context)
        for data in messages:
            call.again()
            if self._draining:
                self._end(
                    call,
                    ScreenError(
                        "SCR405", expected="a server that stays", got="one that is stopping",
                        todo="nothing of this message was screened; open a new stream and send it again",
                    ),
                )  # fmt: skip
            try:
                answer = self._admitted(data, call, self._screen_batch)
                self._done(call)
            except _GoneError:
                return
            except BadRequestError as error:
                answer = self._wrong_message(call, error.error)
            except SitoError as error:
                if error.code == TOO_LATE:
                    self._end(call, error)
                answer = self._wrong_message(call, error)
            except Exception as error:
                answer = self._wrong_message(call, _fault(call, error))
            del data  # a stream that waits for its next message shall not hold on to the last one
            yield answer
            del answer

    # --- around them ------------------------------------------------------------------------------------------------

    def _unary(
        self, method: str, answer: Callable[[bytes, _Call], bytes]
    ) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        """Make the handler of a method that has one request and one answer."""

        def handle(data: bytes, context: grpc.ServicerContext) -> bytes:
            call = _Call(method, context)
            if method in {"Screen", "Check"}:
                call.facts["records"] = 1
            try:
                response = self._admitted(data, call, answer)
            except _GoneError:
                context.abort(grpc.StatusCode.CANCELLED, "")
            except BadRequestError as error:
                self._end(call, error.error, [error.violation])
            except SitoError as error:
                self._end(call, error)
            except Exception as error:
                self._end(call, _fault(call, error))
            self._done(call)
            return response

        return handle

    def _admitted(self, data: bytes, call: _Call, answer: Callable[[bytes, _Call], bytes]) -> bytes:
        """Wait for a place to work, and work, unless nobody waits for the answer any more."""
        with self._admission.enter(call.method, len(data), call.context):
            if not call.context.is_active():
                left = call.context.time_remaining()
                self._meter.dropped("deadline" if left is not None and left <= 0 else "cancelled", 1)
                log.debug("dropped", extra={"facts": call.facts})
                raise _GoneError
            response = answer(data, call)
        if len(response) > RESPONSE_SIZE_MAX:
            raise ScreenError(
                "SCR403", expected=f"an answer of at most {RESPONSE_SIZE_MAX} bytes", got=str(len(response)),
                todo="send smaller batches; nothing was answered",
            )  # fmt: skip
        return response

    def _done(self, call: _Call) -> None:
        seconds = call.seconds()
        self._meter.seconds(call.method, "OK", seconds)
        if "rejects" in call.facts:
            log.warning("records refused", extra={"facts": call.facts | {"duration_ms": round(seconds * 1e3, 3)}})
            del call.facts["rejects"]
        elif log.isEnabledFor(logging.DEBUG):
            facts = call.facts | {"duration_ms": round(seconds * 1e3, 3), "status": "OK"}
            log.debug("call", extra={"facts": facts})

    def _refused(self, call: _Call, error: SitoError) -> None:
        """Log and count a refusal."""
        seconds = call.seconds()
        name = status_code(error.code).name
        facts = call.facts | {"duration_ms": round(seconds * 1e3, 3), "status": name, "code": error.code}
        log.warning("refused", extra={"facts": facts})
        self._meter.seconds(call.method, name, seconds)
        if error.code not in {OVERLOADED, TOO_LATE}:  # whoever raised those has counted them
            self._meter.reject(error.code, 1)

    def _end(self, call: _Call, error: SitoError, violations: Sequence[Violation] = ()) -> None:
        """Log a refusal and end the call with its status."""
        self._refused(call, error)
        retry_ms = self._admission.retry_ms() if error.code == OVERLOADED else None
        call.context.abort_with_status(status_of(error, violations, retry_ms=retry_ms))
        raise AssertionError("abort_with_status raises")

    def _wrong_message(self, call: _Call, error: SitoError) -> bytes:
        """Log a refusal and answer a message of a stream with it."""
        self._refused(call, error)
        wrong = wire.BatchError(code=error.code, message=str(error))
        if error.code == OVERLOADED:
            wrong.retry_after_ms = self._admission.retry_ms()
        try:
            with self._source.lease() as screener:
                reference = self._origin(screener).reference
        except SitoError as fault:  # no index, or one that the journal could not keep: no message will be answered
            self._end(call, fault)
        return wire.ScreenStreamResponse(
            index=reference, engine_version=VERSION, request_id=call.request_id, error=wrong
        ).SerializeToString()

    def _keep(
        self, call: _Call, request: Request, origin: _Origin, alarmed: Sequence[tuple[int, str, str]],
        judged: Sitting | Answer, *, message: Callable[[int], bytes], records: int, rejects: int = 0,
    ) -> None:  # fmt: skip
        """Bring what alarmed to the disk before anybody is answered, and count the rest.

        Raises:
            JournalError: JRN102.
        """
        if self._journal is None:
            return
        digest = origin.reference.index_id
        alerts = [
            Alert(place, verdict, rule_id, message(place)) for place, verdict, rule_id in alarmed
            if verdict != Verdict.PASS
        ]  # fmt: skip
        if alerts and judged.on is not None:
            names = names_of(call.context.auth_context())
            self._journal.alarmed(
                alerts, index_digest=digest, on=judged.on, request_id=call.request_id, caller=names[0] if names else "",
                cleared=list(request.cleared()) if request.cleared_count else (),
            )  # fmt: skip
        self._journal.count(digest, records, len(alerts), rejects)

    def _count(self, results: Sequence[PartyResult], verdict: Verdict) -> None:
        """Count what a single record gave."""
        self._meter.payments(1, NO_ALARMS if verdict is Verdict.PASS else {verdict.value: 1})
        for result in results:
            for word in result.limits:
                self._meter.limit(word, 1)
            for hit in (*result.hits, *result.suppressed):
                self._meter.hits(hit.list_id, hit.grade, 1)

    def _origin(self, screener: Screener) -> _Origin:
        """Return what answers say of a screener's index; made once."""
        latest = self._latest  # most calls ask for the same again
        if latest is not None and latest[0]() is screener:
            return latest[1]
        origin = self._origins.get(screener)
        if origin is None:
            info = screener.index.info
            if self._journal is not None:
                self._journal.keep(screener.index)
            reference = index_reference(info)
            origin = _Origin(reference, reference.SerializeToString(), write_index(info, reference, VERSION))
            self._origins[screener] = origin
        self._latest = (weakref.ref(screener), origin)
        return origin


def _decided(place: int, judged: Sequence[Judged]) -> tuple[int, str, str]:
    verdict, rule_id = decided(judged)
    return place, verdict.value, rule_id


def _parsed(kind: Callable[[], Any], data: bytes) -> Any:
    """Read a message with protobuf."""
    message: Message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise unreadable(data) from None
    return message


def _fault(call: _Call, error: Exception) -> ScreenError:
    """Log a fault of ours and return what the caller is told."""
    # The text of an unforeseen exception may hold a name: only its type and place are written down.
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = {"kind": type(error).__name__, "file": place.filename, "line": place.lineno}
    log.error("fault", extra={"facts": call.facts | kind})
    return ScreenError(
        "SCR500", expected="an answer", got="a fault of the server", todo="nothing was screened; try again"
    )
