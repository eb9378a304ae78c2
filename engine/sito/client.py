"""The typed client of `sito.v1.ScreeningService`.

    >>> from sito.v1 import screening_pb2 as wire
    >>> with ScreeningClient("127.0.0.1:50051") as client:  # doctest: +SKIP
    ...     party = wire.Party(role=wire.ROLE_DEBTOR, name="ACME LLC")
    ...     client.screen(wire.Record(payment=wire.Payment(parties=[party]))).verdict == wire.VERDICT_PASS

It fails closed: an answer that has neither a verdict that it knows nor an error for every record is an error, and so is
every call that did not end well. A record of a batch that could not be screened has the verdict 0 and an error beside
it: it has not passed. The client's errors are those of the library; codes of its own:

SCR301 the server cannot be reached, or is stopping.
SCR302 no answer in time.
SCR303 the call failed without a code of sito.
SCR304 the answer does not fit the request.
SCR305 a server elsewhere, without TLS.
SCR306 the server refused a message of a stream.
SCR307 a limit of the client that makes no sense.
"""

from __future__ import annotations

import ipaddress
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from sito.errors import (
    CaseError,
    IndexFileError,
    JournalError,
    LedgerError,
    ListError,
    PolicyError,
    RecordError,
    ScreenError,
    SitoError,
)
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc

DEFAULT_TIMEOUT_S = 30.0
BATCH_SIZE_MAX = 10_000  # records of one message, as the server limits it
MESSAGE_SIZE_MAX = 8 << 20  # bytes of one message of a stream; the server takes more
RESPONSE_SIZE_MAX = 64 << 20  # bytes of one answer, as the server limits it
PUSHBACK_KEY = "grpc-retry-pushback-ms"
VERDICTS = frozenset(number for number in wire.Verdict.values() if number != wire.VERDICT_UNSPECIFIED)
ERRORS: dict[str, type[SitoError]] = {
    "LST": ListError, "REC": RecordError, "IDX": IndexFileError, "SCR": ScreenError,
    "POL": PolicyError, "LED": LedgerError, "JRN": JournalError, "CAS": CaseError,
}  # fmt: skip

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class ClientTls(NamedTuple):
    """PEM files of mutual TLS: the client's chain and key, and the authorities that vouch for the server."""

    certificate: Path
    key: Path
    server_ca: Path


class RetryPolicy(NamedTuple):
    """When a call is made again: screening changes nothing, so the answer is the same.

    That is when the server cannot be reached or is stopping (UNAVAILABLE; CANCELLED, which this client causes in no
    call that it makes again), and when it asks for it (`grpc-retry-pushback-ms`, with RESOURCE_EXHAUSTED); never after
    the deadline of the call.

    Attributes:
        attempts: Most calls for one answer, 1 makes none again.
        wait_s: Before the second call, if the server names no time; twice as long before each further one, and up to a
            half less by chance, so that many clients do not come back together.
        wait_max_s: Longest time waited, also if the server asks for more.
    """

    attempts: int = 4
    wait_s: float = 0.1
    wait_max_s: float = 5.0

    def wait(self, error: grpc.RpcError, attempt: int) -> float | None:
        """Return how long to wait after a failed call, in seconds; None if it is not to be made again.

        Args:
            attempt: Which call failed, from 1.
        """
        if attempt >= self.attempts or not isinstance(error, grpc.Call):
            return None
        pushback = next((text for key, text in error.trailing_metadata() or () if key == PUSHBACK_KEY), None)
        if pushback is not None:  # as gRPC has it: what is no number says not to come back
            text = pushback if isinstance(pushback, str) else ""
            return min(int(text) / 1e3, self.wait_max_s) if text.isascii() and text.isdecimal() else None
        if error.code() not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
            return None
        longest = min(self.wait_s * 2 ** (attempt - 1), self.wait_max_s)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  (no secret)


class RecordAnswer(NamedTuple):
    """What screening gave for one record: a verdict, or an error.

    Attributes:
        record: As it was sent.
        verdict: `VERDICT_UNSPECIFIED` with an error: the record was not screened and has not passed.
        result: Hits and what else is known, unless it is a plain pass.
        error: Why it could not be screened.
        origin: Which index answered.
        policy: Which policy gave the verdict.
        rulings: What the rules are that the parties and hits of the whole message name.
    """

    record: wire.Record
    verdict: int
    result: wire.RecordResult | None
    error: wire.RecordError | None
    origin: wire.IndexReference
    policy: wire.PolicyReference
    rulings: Sequence[wire.Ruling]


class ScreeningClient:
    """Calls one server. Threads may share it; close it, or use it as a context manager.

    Args:
        target: `host:port`.
        tls: Needed unless the host is `localhost` or a loopback address: names of customers do not travel in the clear.
        timeout_s: For each call, calls made again included, and for each answer of a stream; in seconds.
        retry: When calls are made again.

    Raises:
        ScreenError: SCR305.
        OSError: A TLS file cannot be read.
    """

    def __init__(
        self,
        target: str,
        *,
        tls: ClientTls | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  (immutable)
    ) -> None:
        self._channel = open_channel(target, tls)
        self._stub = screening_pb2_grpc.ScreeningServiceStub(self._channel)
        self._timeout_s = timeout_s
        self._retry = retry

    def screen(
        self, record: wire.Record, cleared: Iterable[wire.Clearance] = (), *, request_id: str = ""
    ) -> wire.ScreenResponse:
        """Screen one payment or customer.

        Raises:
            SitoError: The server's own error, or SCR301 to SCR304.
        """
        request = wire.ScreenRequest(record=record, cleared=cleared, request_id=request_id)
        response: wire.ScreenResponse = self._call(self._stub.Screen, request)
        _check_verdicts([response.verdict])
        _check_parties(response.verdict, response.parties)
        return response

    def screen_batch(
        self, records: Iterable[wire.Record], cleared: Iterable[wire.Clearance] = (), *, request_id: str = ""
    ) -> wire.ScreenBatchResponse:
        """Screen up to 10 000 records.

        Returns:
            One verdict for each record; `VERDICT_UNSPECIFIED` for those in `errors`, which were not screened.

        Raises:
            SitoError: As for `screen`.
        """
        request = wire.ScreenBatchRequest(records=records, cleared=cleared, request_id=request_id)
        response: wire.ScreenBatchResponse = self._call(self._stub.ScreenBatch, request)
        check_batch(request, response)
        return response

    def screen_many(
        self,
        records: Iterable[wire.Record],
        cleared: Sequence[wire.Clearance] = (),
        *,
        batch_size: int = 2_000,
        in_flight: int = 4,
    ) -> Iterator[RecordAnswer]:
        """Screen any number of records over one stream, and yield their answers in their order.

        The records are read when there is room for them: no more than `in_flight` batches are held. Every record gets
        its answer, or this raises. If the connection breaks, or the server is at its limit, the batches without an
        answer are sent again as the retry policy has it; each answer starts its count anew.

        Args:
            records: Payments and customers.
            cleared: Sent with each batch.
            batch_size: Most records of one message, 1 to `BATCH_SIZE_MAX`; fewer if they are long.
            in_flight: Most messages that are sent and not answered yet, at least 1.

        Raises:
            SitoError: As for `screen`; SCR306 the server refused a message; SCR307 a limit that makes no sense.
        """
        for where, value, most in (("batch_size", batch_size, BATCH_SIZE_MAX), ("in_flight", in_flight, 1_000)):
            if not 1 <= value <= most:
                raise ScreenError("SCR307", expected=f"a number from 1 to {most}", got=str(value), where=where)
        return self._answers(_batches(iter(records), cleared, batch_size), in_flight)

    def _answers(self, batches: Iterator[wire.ScreenStreamRequest], in_flight: int) -> Iterator[RecordAnswer]:
        pending: deque[wire.ScreenStreamRequest] = deque()
        attempt, ended = 1, False
        while not ended or pending:
            stream = _Stream(self._stub.ScreenStream, self._timeout_s)
            try:
                for request in pending:
                    stream.send(request)
                while True:
                    while not ended and len(pending) < in_flight:
                        if (following := next(batches, None)) is None:
                            ended = True
                            break
                        pending.append(following)
                        stream.send(following)
                    if not pending:
                        stream.finish()
                        return
                    response = stream.receive()
                    if response.HasField("error"):
                        wait = self._after_refusal(response.error, attempt)
                        break
                    check_batch(pending[0], response)
                    attempt = 1
                    yield from _record_answers(pending.popleft(), response)
            except grpc.RpcError as error:
                pause = self._retry.wait(error, attempt)
                if pause is None or stream.is_late:
                    raise stream.error_of(error) from error
                wait = pause
            finally:
                stream.close()
            time.sleep(wait)
            attempt += 1

    def _after_refusal(self, refusal: wire.BatchError, attempt: int) -> float:
        """Return how long to wait before the messages are sent again, in seconds.

        Raises:
            SitoError: The server's own error, if sending it again would not help.
        """
        if refusal.retry_after_ms and attempt < self._retry.attempts:
            return min(refusal.retry_after_ms / 1e3, self._retry.wait_max_s)
        raise ScreenError(
            "SCR306", expected="an answer", got=f"{refusal.code[:20]}: {refusal.message[:600]}",
            todo="no record of the message was screened",
        )  # fmt: skip

    def check(
        self,
        name: str,
        *,
        birth_date: str = "",
        kind: wire.PartyKind = wire.PARTY_KIND_UNSPECIFIED,
        identifiers: Sequence[wire.Identifier] = (),
        request_id: str = "",
    ) -> wire.CheckResponse:
        """Look one name up.

        Raises:
            SitoError: As for `screen`.
        """
        request = wire.CheckRequest(
            name=name, birth_date=birth_date, kind=kind, identifiers=identifiers, request_id=request_id
        )
        response: wire.CheckResponse = self._call(self._stub.Check, request)
        _check_verdicts([response.verdict])
        return response

    def get_index(self) -> wire.GetIndexResponse:
        """Describe the index of the server.

        Raises:
            SitoError: As for `screen`.
        """
        response: wire.GetIndexResponse = self._call(self._stub.GetIndex, wire.GetIndexRequest())
        return response

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> ScreeningClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, method: Callable[..., _Response], request: _Request) -> _Response:
        return call_again(method, request, timeout_s=self._timeout_s, retry=self._retry)


class _Stream:
    """One call of ScreenStream, for one thread.

    Args:
        method: Of the stub.
        timeout_s: For each answer.
    """

    def __init__(self, method: Callable[..., Any], timeout_s: float) -> None:
        self._messages: queue.SimpleQueue[wire.ScreenStreamRequest | None] = queue.SimpleQueue()
        self._timeout_s = timeout_s
        self.is_late = False
        self._call = method(iter(self._messages.get, None))

    def send(self, request: wire.ScreenStreamRequest) -> None:
        """Send a message as soon as flow control lets it go."""
        self._messages.put(request)

    def receive(self) -> wire.ScreenStreamResponse:
        """Wait for the next answer.

        Raises:
            grpc.RpcError: The stream is broken, or the answer did not come in time.
            ScreenError: SCR304 the server ended the stream.
        """
        response = self._next()
        if response is None:
            raise ScreenError(
                "SCR304", expected="an answer to every message", got="the end of the stream",
                todo="treat the records without an answer as not screened",
            )  # fmt: skip
        return response

    def _next(self) -> wire.ScreenStreamResponse | None:
        """Wait for the next answer, None for the end."""
        timer = threading.Timer(self._timeout_s, self._cancel_late)
        timer.daemon = True
        timer.start()
        try:
            response: wire.ScreenStreamResponse | None = next(self._call, None)
        finally:
            timer.cancel()
        return response

    def _cancel_late(self) -> None:
        self.is_late = True
        self._call.cancel()

    def error_of(self, error: grpc.RpcError) -> SitoError:
        """Turn a broken stream into the error that says why."""
        if self.is_late:
            return ScreenError("SCR302", expected="an answer in time", got="none", todo="nothing was answered")
        return error_of(error)

    def finish(self) -> None:
        """Tell the server that there is nothing more to come, and wait until it has ended the stream, too.

        Raises:
            grpc.RpcError: The stream is broken.
            ScreenError: SCR304 the server answered once more.
        """
        self._messages.put(None)
        try:
            more = self._next()
        except grpc.RpcError:
            if self.is_late:  # all answers are there: an end that does not come in time changes nothing
                return
            raise
        if more is not None:
            raise ScreenError("SCR304", expected="one answer to a message", got="more")

    def close(self) -> None:
        """End the stream, whatever is under way."""
        self._messages.put(None)
        self._call.cancel()


def _batches(
    records: Iterator[wire.Record], cleared: Sequence[wire.Clearance], batch_size: int
) -> Iterator[wire.ScreenStreamRequest]:
    """Put records into messages, which are numbered through."""
    number = 0
    held = next(records, None)
    while held is not None:
        request = wire.ScreenStreamRequest(records=[held], cleared=cleared, request_id=str(number))
        size = held.ByteSize()
        held = None
        for record in islice(records, batch_size - 1):
            size += record.ByteSize()
            if size > MESSAGE_SIZE_MAX:
                held = record
                break
            request.records.append(record)
        yield request
        number += 1
        if held is None:
            held = next(records, None)


def _record_answers(request: wire.ScreenStreamRequest, response: wire.ScreenStreamResponse) -> Iterator[RecordAnswer]:
    """Pair records with their answers, which were checked."""
    results = {result.position: result for result in response.results}
    errors = {error.position: error for error in response.errors}
    for position, (record, verdict) in enumerate(zip(request.records, response.verdicts, strict=True)):
        yield RecordAnswer(
            record, verdict, results.get(position), errors.get(position), response.index, response.policy,
            response.rulings,
        )  # fmt: skip


def check_batch(
    request: wire.ScreenBatchRequest | wire.ScreenStreamRequest,
    response: wire.ScreenBatchResponse | wire.ScreenStreamResponse,
) -> None:
    """Refuse an answer that leaves out a record, or says two things of one.

    Raises:
        ScreenError: SCR304.
    """
    count, verdicts = len(request.records), response.verdicts
    if len(verdicts) != count:
        raise _unfit(f"{count} verdicts", str(len(verdicts)))
    if request.request_id and response.request_id != request.request_id:
        raise _unfit("the answer to this request", "that to another one")
    errors = {error.position for error in response.errors}
    results = {result.position: result for result in response.results}
    if len(results) != len(response.results):
        raise _unfit("one result of a record", "more")
    for position, verdict in enumerate(verdicts):
        if verdict == wire.VERDICT_PASS:
            continue
        if verdict == wire.VERDICT_UNSPECIFIED:
            if position not in errors:
                raise _unfit("a verdict or an error", f"neither for record {position}")
            errors.discard(position)
            continue
        result = results.get(position)
        if verdict not in VERDICTS or result is None or result.verdict != verdict:
            raise _unfit("a known verdict with its result", f"{verdict} for record {position}")
    if errors:
        raise _unfit("a verdict or an error", f"both for record {min(errors)}")
    for position, result in results.items():
        if position >= count or result.record_id != request.records[position].record_id:
            raise _unfit("results of the records that were sent", f"another one for record {position}")
        if result.verdict != verdicts[position]:
            raise _unfit("one verdict of a record", f"two of record {position}")
        _check_parties(result.verdict, result.parties)


def _unfit(expected: str, got: str) -> ScreenError:
    return ScreenError("SCR304", expected=expected, got=got, todo="treat no record of the batch as passed")


def error_of(error: grpc.RpcError) -> SitoError:
    """Turn a failed call back into the error that the server sent, else into SCR301 to SCR303."""
    status = rpc_status.from_call(error) if isinstance(error, grpc.Call) else None
    details: Iterable[any_pb2.Any] = status.details if status else ()
    for detail in details:
        info = error_details_pb2.ErrorInfo()
        if detail.Is(info.DESCRIPTOR) and detail.Unpack(info) and (kind := ERRORS.get(info.reason[:3])):
            facts = info.metadata
            return kind(
                info.reason, expected=facts.get("expected", ""), got=facts.get("got", ""),
                where=facts.get("where", ""), todo=facts.get("todo", ""),
            )  # fmt: skip
    code = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
    if code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:  # a stopping server says one or the other
        return ScreenError("SCR301", expected="a server that answers", got=code.name, todo="nothing was answered")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return ScreenError("SCR302", expected="an answer in time", got=code.name, todo="nothing was answered")
    return ScreenError("SCR303", expected="an answer", got=code.name, todo="nothing was answered")


def _check_verdicts(verdicts: Iterable[int]) -> None:
    """Refuse what a newer or a broken server may send: a caller must not take it for a pass."""
    for verdict in verdicts:
        if verdict not in VERDICTS:
            raise ScreenError(
                "SCR304", expected="a known verdict", got=str(verdict), todo="treat the record as not screened"
            )


def _check_parties(verdict: int, parties: Iterable[wire.PartyResult]) -> None:
    """Refuse an answer whose verdict is milder than those of its parties."""
    found = {party.verdict for party in parties}
    _check_verdicts(found)
    if verdict == wire.VERDICT_PASS and found - {wire.VERDICT_PASS}:
        raise _unfit("the gravest verdict of the parties", "a pass beside another one")


def open_channel(target: str, tls: ClientTls | None) -> grpc.Channel:
    """Return a channel to a server.

    Raises:
        ScreenError: SCR305.
        OSError: A TLS file cannot be read.
    """
    options = [("grpc.max_receive_message_length", RESPONSE_SIZE_MAX)]
    if tls is not None:
        credentials = grpc.ssl_channel_credentials(
            tls.server_ca.read_bytes(), tls.key.read_bytes(), tls.certificate.read_bytes()
        )
        return grpc.secure_channel(target, credentials, options)
    if not _is_loopback(target):
        raise ScreenError("SCR305", expected="TLS for a server on another machine", got="no TLS files", where="target")
    # Not through the proxy that an environment may name: that one is another machine.
    return grpc.insecure_channel(target, [*options, ("grpc.enable_http_proxy", 0)])


def call_again(
    method: Callable[..., _Response], request: _Request, *, timeout_s: float, retry: RetryPolicy,
    metadata: Sequence[tuple[str, str]] = (),
) -> _Response:  # fmt: skip
    """Call a method whose request may be sent again, as the retry policy has it.

    Raises:
        SitoError: The server's own error, or SCR301 to SCR303.
    """
    end = time.monotonic() + timeout_s
    attempt = 1
    while True:
        try:
            return method(request, timeout=max(0.0, end - time.monotonic()), metadata=metadata)
        except grpc.RpcError as error:
            wait = retry.wait(error, attempt)
            if wait is None or time.monotonic() + wait >= end:
                raise error_of(error) from error
        time.sleep(wait)
        attempt += 1


def _is_loopback(target: str) -> bool:
    host = target.rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
