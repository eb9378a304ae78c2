"""Who may call what; and the marks by which a call is found again in logs and traces.

| role | methods |
|---|---|
| anybody who may connect | `grpc.health.v1.Health` |
| `screen` | `Screen`, `ScreenBatch`, `ScreenStream`, `Check` |
| whom the staff file names | `sito.v1.CaseService`; `sito_server.casework` judges, and records whom it refuses |
| `admin` | `GetIndex`, reflection, and whatever is not named here |

Every answer says which index it came from, so that a caller that screens needs no more; names of list files, their
sizes and warnings are for those who run the server. Metrics are not served over gRPC.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
from grpc_health.v1 import health

from sito.errors import ScreenError
from sito_server.admission import BoundedAdmission
from sito_server.config import Role
from sito_server.logs import marked
from sito_server.meter import Meter
from sito_server.service import SERVICE_NAME
from sito_server.status import status_code, status_of
from sito_server.tls import names_of
from sito_server.traces import Traces

SCREENING = frozenset(f"/{SERVICE_NAME}/{name}" for name in ("Screen", "ScreenBatch", "ScreenStream", "Check"))
OPEN = f"/{health.SERVICE_NAME}/"
CASE_SERVICE = "sito.v1.CaseService"  # not from its classes: only a server with a ledger loads what they need
CASEWORK = f"/{CASE_SERVICE}/"
MARK_LENGTH_MAX = 128

log = logging.getLogger("sito_server")


def role_of(path: str) -> Role | None:
    """Return the role that a method takes, but for those of casework; None is anybody."""
    if path.startswith(OPEN):
        return None
    return Role.SCREEN if path in SCREENING else Role.ADMIN


class Roles:
    """What each client may do.

    Args:
        clients: Roles by the name in the certificate, compared letter by letter (DNS names in lower case). Empty: every
            client whom the authority vouches for may screen.
        nameless: Roles of those who show no certificate.
        has_certificates: False where nobody can show one.
    """

    def __init__(
        self, clients: Mapping[str, Sequence[Role]], nameless: frozenset[Role], *, has_certificates: bool = True
    ) -> None:
        self._has_certificates = has_certificates
        self._clients = {name: frozenset(roles) for name, roles in clients.items()}
        self._nameless = nameless

    def of(self, context: grpc.ServicerContext) -> frozenset[Role]:
        """Return the roles of the one who calls; those of all its names together."""
        if not self._has_certificates:
            return self._nameless
        peer = context.auth_context()
        if "x509_pem_cert" not in peer:
            return self._nameless
        if not self._clients:
            return frozenset({Role.SCREEN})
        return frozenset().union(*(self._clients.get(name, frozenset()) for name in names_of(peer)))


class Flow:
    """What goes on at this moment. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = 0

    @property
    def is_busy(self) -> bool:
        """Is there a call that was received and not answered? Streams that wait for a message are not counted."""
        return self._busy > 0

    def begin(self) -> None:
        """Count a call that was received; `end` has to follow."""
        self._add(1)

    def end(self) -> None:
        """Count a call that was answered."""
        self._add(-1)

    def read(self, requests: Iterator[Any], hold: Callable[[int], None]) -> Iterator[Any]:
        """Pass the messages of one stream on; the stream counts as work but while it waits for the next one.

        Args:
            hold: Called with the size of the last message, 0 at first; returns when the next one may be read.
        """
        size_bytes = 0
        while True:
            self._add(-1)
            try:
                hold(size_bytes)
                request = next(requests, None)
            finally:
                self._add(1)
            if request is None:
                return
            size_bytes = len(request) if isinstance(request, bytes) else 0
            handed = [request]
            del request  # whoever takes it lets it go: it may be large, and the next one be long in coming
            yield handed.pop()

    def _add(self, count: int) -> None:
        with self._lock:
            self._busy += count


class Doorkeeper(grpc.ServerInterceptor):
    """Stands before all methods: roles, streams, marks and traces.

    Args:
        pool: Threads of streams, which stay open as long as their clients like.
    """

    def __init__(
        self, roles: Roles, admission: BoundedAdmission, meter: Meter, flow: Flow, pool: ThreadPoolExecutor,
        *, traces: Traces | None = None,
    ) -> None:  # fmt: skip
        self._roles = roles
        self._admission = admission
        self._meter = meter
        self._flow = flow
        self._pool = pool
        self._traces = traces
        self._known: dict[str, Any] = {}  # handlers of calls with one request, by path; there are few

    def intercept_service(self, continuation: Callable[[Any], Any], details: grpc.HandlerCallDetails) -> Any:
        """Return the handler of a call with the door before it."""
        path = details.method
        if (known := self._known.get(path)) is not None:
            return known
        handler = continuation(details)
        role = role_of(path)
        if handler is None or role is None:
            return handler
        # One level for each form of method; gRPC looks for the right one by name.
        if handler.request_streaming and handler.response_streaming:
            wrapped = self._stream(handler.stream_stream, path, role, *_marks(details.invocation_metadata))
            # Where a method brings threads of its own, as reflection does, it keeps them.
            wrapped.experimental_thread_pool = getattr(  # type: ignore[attr-defined]
                handler.stream_stream, "experimental_thread_pool", self._pool
            )
            return grpc.stream_stream_rpc_method_handler(
                wrapped, handler.request_deserializer, handler.response_serializer
            )
        if handler.request_streaming or handler.response_streaming:
            return None  # the service has no such method: unimplemented
        known = self._known[path] = grpc.unary_unary_rpc_method_handler(
            self._unary(handler.unary_unary, path, role), handler.request_deserializer, handler.response_serializer
        )
        return known

    def _unary(self, behaviour: Callable[..., Any], path: str, role: Role) -> Callable[..., Any]:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            self._flow.begin()
            # It ends with the call, not with this function: the answer still has to reach a client that may be slow.
            if not context.add_callback(self._flow.end):
                self._flow.end()
            marks, parents = _marks(context.invocation_metadata())
            if self._traces is None and not marks:  # the way of most calls is kept short
                self._check(path, role, context)
                return behaviour(request, context)
            with self._inside(path, marks, parents, context):
                self._check(path, role, context)
                return behaviour(request, context)

        return answer

    def _stream(
        self, behaviour: Callable[..., Any], path: str, role: Role, marks: dict[str, str], parents: dict[str, str]
    ) -> Callable[..., Any]:
        def answer(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
            self._flow.begin()
            try:
                with self._inside(path, marks, parents, context):
                    self._check(path, role, context)
                    try:
                        self._admission.open_stream()
                    except ScreenError as error:
                        _refuse(path, error, context, self._admission.retry_ms())
                    try:
                        held = self._flow.read(requests, lambda size_bytes: self._admission.hold(size_bytes, context))
                        yield from behaviour(held, context)
                    finally:
                        self._admission.close_stream()
            finally:
                self._flow.end()

        return answer

    @contextmanager
    def _inside(
        self, path: str, marks: dict[str, str], parents: dict[str, str], context: grpc.ServicerContext
    ) -> Iterator[None]:
        if self._traces is None:
            with marked(marks):
                yield
            return
        with self._traces.span(path, parents, context) as trace_id, marked(marks | {"trace_id": trace_id}):
            yield

    def _check(self, path: str, role: Role, context: grpc.ServicerContext) -> None:
        if path.startswith(CASEWORK) or role in self._roles.of(context):
            return
        self._meter.reject("SCR414", 1)
        error = ScreenError(
            "SCR414", expected=f"a client with the role {role.value}", got="a client without it",
            where=path.rpartition("/")[2], todo="give the name in its certificate that role on the server",
        )  # fmt: skip
        _refuse(path, error, context)


def _refuse(path: str, error: ScreenError, context: grpc.ServicerContext, retry_ms: int | None = None) -> NoReturn:
    log.warning(
        "refused",
        extra={
            "facts": {
                "method": path.rpartition("/")[2], "status": status_code(error.code).name, "code": error.code,
            }
        },
    )  # fmt: skip
    context.abort_with_status(status_of(error, retry_ms=retry_ms))
    raise AssertionError("abort_with_status raises")


def _marks(metadata: Sequence[tuple[str, Any]] | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return what goes into the lines of the log, and the trace that the caller says it is part of.

    Callers choose these words: only forms without room for a name of somebody are taken.
    """
    marks: dict[str, str] = {}
    parents: dict[str, str] = {}
    for key, value in metadata or ():
        if key == "x-request-id" and isinstance(value, str) and is_mark(value):
            marks["request_id"] = value
        elif key == "traceparent" and isinstance(value, str):
            if trace_id := trace_of(value):
                marks["trace_id"] = trace_id
                parents[key] = value
        elif key == "tracestate" and isinstance(value, str):
            parents[key] = value
    return marks, parents


def is_mark(text: str) -> bool:
    """Is this 1 to 128 printable ASCII characters without blanks?"""
    return 0 < len(text) <= MARK_LENGTH_MAX and text.isascii() and text.isprintable() and " " not in text


def trace_of(traceparent: str) -> str:
    """Return the trace id of a W3C `traceparent`; empty if it is none."""
    parts = traceparent.split("-")
    if len(parts) < 4 or [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return ""
    digits = all(letter in "0123456789abcdef" for part in parts[:4] for letter in part)
    return parts[1] if digits and parts[0] != "ff" and int(parts[1], 16) else ""
