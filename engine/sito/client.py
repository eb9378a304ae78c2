"""The typed client of `sito.v1.ScreeningService`.

    >>> from sito.v1 import screening_pb2 as wire
    >>> with ScreeningClient("127.0.0.1:50051") as client:  # doctest: +SKIP
    ...     party = wire.Party(role=wire.ROLE_DEBTOR, name="ACME LLC")
    ...     client.screen(wire.Record(payment=wire.Payment(parties=[party]))).verdict == wire.VERDICT_PASS

It fails closed: an answer without a verdict that it knows for every record is an error, and so is every call that
did not end well. Its errors are those of the library; codes of its own:

SCR301 the server cannot be reached, or is stopping.
SCR302 no answer in time.
SCR303 the call failed without a code of sito.
SCR304 the answer does not fit the request.
SCR305 a server elsewhere, without TLS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypeVar

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from sito.errors import IndexFileError, ListError, RecordError, ScreenError, SitoError
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc

DEFAULT_TIMEOUT_S = 30.0
RESPONSE_SIZE_MAX = 64 << 20  # bytes of one answer, as the server limits it
VERDICTS = frozenset(number for number in wire.Verdict.values() if number != wire.VERDICT_UNSPECIFIED)
ERRORS: dict[str, type[SitoError]] = {
    "LST": ListError, "REC": RecordError, "IDX": IndexFileError, "SCR": ScreenError,
}  # fmt: skip

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class ClientTls(NamedTuple):
    """PEM files of mutual TLS: the client's chain and key, and the authorities that vouch for the server."""

    certificate: Path
    key: Path
    server_ca: Path


class ScreeningClient:
    """Calls one server. Threads may share it; close it, or use it as a context manager.

    Args:
        target: `host:port`.
        tls: Needed unless the host is `localhost` or a loopback address: names of customers do not travel in the clear.
        timeout_s: For each call, in seconds.

    Raises:
        ScreenError: SCR305.
        OSError: A TLS file cannot be read.
    """

    def __init__(self, target: str, *, tls: ClientTls | None = None, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        options = [("grpc.max_receive_message_length", RESPONSE_SIZE_MAX)]
        if tls is None:
            if not _is_loopback(target):
                raise ScreenError(
                    "SCR305", expected="TLS for a server on another machine", got="no TLS files", where="target"
                )
            self._channel = grpc.insecure_channel(target, options)
        else:
            credentials = grpc.ssl_channel_credentials(
                tls.server_ca.read_bytes(), tls.key.read_bytes(), tls.certificate.read_bytes()
            )
            self._channel = grpc.secure_channel(target, credentials, options)
        self._stub = screening_pb2_grpc.ScreeningServiceStub(self._channel)
        self._timeout_s = timeout_s

    def screen(self, record: wire.Record, cleared: Iterable[wire.Clearance] = ()) -> wire.ScreenResponse:
        """Screen one payment or customer.

        Raises:
            SitoError: The server's own error, or SCR301 to SCR304.
        """
        request = wire.ScreenRequest(record=record, cleared=cleared)
        response: wire.ScreenResponse = self._call(self._stub.Screen, request)
        _check_verdicts([response.verdict, *(party.verdict for party in response.parties)])
        return response

    def screen_batch(
        self, records: Iterable[wire.Record], cleared: Iterable[wire.Clearance] = ()
    ) -> wire.ScreenBatchResponse:
        """Screen up to 10 000 records, all or none.

        Raises:
            SitoError: As for `screen`.
        """
        request = wire.ScreenBatchRequest(records=records, cleared=cleared)
        response: wire.ScreenBatchResponse = self._call(self._stub.ScreenBatch, request)
        if len(response.verdicts) != len(request.records):
            raise ScreenError(
                "SCR304", expected=f"{len(request.records)} verdicts", got=str(len(response.verdicts)),
                todo="treat no record of the batch as passed",
            )  # fmt: skip
        _check_verdicts(response.verdicts)
        return response

    def check(
        self,
        name: str,
        *,
        birth_date: str = "",
        kind: wire.PartyKind = wire.PARTY_KIND_UNSPECIFIED,
        identifiers: Sequence[wire.Identifier] = (),
    ) -> wire.CheckResponse:
        """Look one name up.

        Raises:
            SitoError: As for `screen`.
        """
        request = wire.CheckRequest(name=name, birth_date=birth_date, kind=kind, identifiers=identifiers)
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
        try:
            return method(request, timeout=self._timeout_s)
        except grpc.RpcError as error:
            raise error_of(error) from error


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
        return ScreenError("SCR301", expected="a server that answers", got=code.name, todo="nothing was screened")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return ScreenError("SCR302", expected="an answer in time", got=code.name, todo="nothing was answered")
    return ScreenError("SCR303", expected="an answer", got=code.name, todo="nothing was screened")


def _check_verdicts(verdicts: Iterable[int]) -> None:
    """Refuse what a newer or a broken server may send: a caller must not take it for a pass."""
    for verdict in verdicts:
        if verdict not in VERDICTS:
            raise ScreenError(
                "SCR304", expected="a known verdict", got=str(verdict), todo="treat the record as not screened"
            )


def _is_loopback(target: str) -> bool:
    host = target.rpartition(":")[0].removeprefix("[").removesuffix("]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
