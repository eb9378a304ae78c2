"""How an error of sito becomes a gRPC status: one table from codes, one form of details."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from sito.errors import SitoError
from sito_server.convert import Violation

DOMAIN = "sito.v1"
PUSHBACK_KEY = "grpc-retry-pushback-ms"
# Details travel, in base 64, in headers of which many clients take 8 KiB together.
DETAILS_SIZE_MAX = 5_000  # bytes of the details, and of the message, which stands in a header of its own, too
TEXT_LENGTH_MAX = 300  # characters

# The longest prefix of the code decides.
STATUS_OF = {
    "REC": grpc.StatusCode.INVALID_ARGUMENT,
    "SCR1": grpc.StatusCode.INVALID_ARGUMENT,
    "SCR401": grpc.StatusCode.INVALID_ARGUMENT,
    "SCR402": grpc.StatusCode.INVALID_ARGUMENT,
    "SCR403": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "SCR404": grpc.StatusCode.INVALID_ARGUMENT,
    "SCR405": grpc.StatusCode.UNAVAILABLE,
    "SCR411": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "SCR412": grpc.StatusCode.DEADLINE_EXCEEDED,
    "SCR413": grpc.StatusCode.FAILED_PRECONDITION,
    "SCR414": grpc.StatusCode.PERMISSION_DENIED,
    "SCR415": grpc.StatusCode.FAILED_PRECONDITION,
    "JRN": grpc.StatusCode.UNAVAILABLE,
    "CAS1": grpc.StatusCode.FAILED_PRECONDITION,
    "CAS101": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS102": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS103": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS104": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS106": grpc.StatusCode.NOT_FOUND,
    "CAS110": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS13": grpc.StatusCode.INVALID_ARGUMENT,
    "CAS2": grpc.StatusCode.PERMISSION_DENIED,
    "CAS206": grpc.StatusCode.UNAUTHENTICATED,
    "CAS209": grpc.StatusCode.UNAUTHENTICATED,
    "CAS3": grpc.StatusCode.FAILED_PRECONDITION,
    "LED10": grpc.StatusCode.INVALID_ARGUMENT,
    "LED120": grpc.StatusCode.UNAVAILABLE,
    "LED13": grpc.StatusCode.FAILED_PRECONDITION,
    "LED199": grpc.StatusCode.ALREADY_EXISTS,
    "POL": grpc.StatusCode.FAILED_PRECONDITION,
    "IDX": grpc.StatusCode.FAILED_PRECONDITION,
}


def status_code(code: str) -> grpc.StatusCode:
    """Return the gRPC status of a sito code; what the table does not know is a fault of the server."""
    for size in (6, 5, 4, 3):
        if (status := STATUS_OF.get(code[:size])) is not None:
            return status
    return grpc.StatusCode.INTERNAL


class _Status(NamedTuple):
    """A status as `abort_with_status` wants it."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def status_of(error: SitoError, violations: Sequence[Violation] = (), *, retry_ms: int | None = None) -> grpc.Status:
    """Make the status of an error.

    Args:
        error: Its code decides over the status and is the reason in the `ErrorInfo`.
        violations: Wrong fields of the request; as many of them are sent as `DETAILS_SIZE_MAX` lets.
        retry_ms: Milliseconds after which the caller should come back, sent as the trailing metadata that gRPC clients
            know (`PUSHBACK_KEY`); None says nothing about it.
    """
    message = str(error)[: 2 * TEXT_LENGTH_MAX]
    facts = {"expected": error.expected, "got": error.got, "where": error.where, "todo": error.todo}
    info = error_details_pb2.ErrorInfo(
        reason=error.code,
        domain=DOMAIN,
        metadata={word: text[:TEXT_LENGTH_MAX] for word, text in facts.items() if text},
    )
    details = [_packed(info)]
    room = DETAILS_SIZE_MAX - details[0].ByteSize() - 2 * len(message.encode())  # once more beside the details
    request = error_details_pb2.BadRequest()
    for violation in violations:
        one = error_details_pb2.BadRequest.FieldViolation(
            field=violation.field[:TEXT_LENGTH_MAX],
            description=f"{violation.code} expected {violation.expected}, got {violation.got}"[:TEXT_LENGTH_MAX],
            reason=violation.code,
        )
        room -= one.ByteSize() + 4
        if room < 0:
            break
        request.field_violations.append(one)
    if request.field_violations:
        details.append(_packed(request))
    number: int = status_code(error.code).value[0]
    status: grpc.Status = rpc_status.to_status(status_pb2.Status(code=number, message=message, details=details))
    if retry_ms is None:
        return status
    pushback = (PUSHBACK_KEY, str(retry_ms))
    return cast("grpc.Status", _Status(status.code, status.details, (*status.trailing_metadata, pushback)))


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
