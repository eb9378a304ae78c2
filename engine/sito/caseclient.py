"""The typed client of `sito.v1.CaseService`.

    >>> with CaseClient("127.0.0.1:50051", token="...") as desk:  # doctest: +SKIP
    ...     seen = desk.get_case("case:12")
    ...     told = {"measure": "freeze", "motive": "...", "seen": seen.last_sequence}
    ...     desk.act("case:12", "confirm", told, request_id="7b1e")

An error has the code that the server gave, and is of the library's classes. A step is asked for again when it is not
known whether it was stored: the request id lets it happen once. Codes of its own are those of `sito.client`, and:

SCR308 facts, or other parts of a request, that cannot travel.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any

from google.protobuf import struct_pb2

from sito.client import DEFAULT_TIMEOUT_S, ClientTls, RetryPolicy, call_again, open_channel
from sito.errors import ScreenError
from sito.v1 import cases_pb2 as wire
from sito.v1 import cases_pb2_grpc


class CaseClient:
    """Calls one server. Threads may share it; close it, or use it as a context manager.

    Args:
        target: `host:port`.
        tls: Needed unless the host is `localhost` or a loopback address.
        token: Of who acts; without one the certificate says who it is.
        role: Of several roles the one to act in; empty: whatever fits.
        timeout_s: For each call, calls made again included, in seconds.
        retry: When calls are made again.

    Raises:
        ScreenError: SCR305.
        OSError: A TLS file cannot be read.
    """

    def __init__(
        self, target: str, *, tls: ClientTls | None = None, token: str = "", role: str = "",
        timeout_s: float = DEFAULT_TIMEOUT_S, retry: RetryPolicy = RetryPolicy(),  # noqa: B008  (immutable)
    ) -> None:  # fmt: skip
        self._channel = open_channel(target, tls)
        self._stub = cases_pb2_grpc.CaseServiceStub(self._channel)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._role = role
        self._timeout_s = timeout_s
        self._retry = retry

    def list_cases(
        self, *, states: Sequence[str] = (), client_id: str = "", assignee: str = "", after: int = 0, count: int = 100
    ) -> Sequence[wire.MatterSummary]:
        """List cases by their number.

        Raises:
            SitoError: The server's own error, or SCR301 to SCR303.
        """
        response: wire.ListCasesResponse = self._call(
            self._stub.ListCases, wire.ListCasesRequest, states=states, client_id=client_id,
            assignee=assignee, after=after, count=count,
        )  # fmt: skip
        return response.cases

    def list_measures(
        self, *, machines: Sequence[str] = (), states: Sequence[str] = (), client_id: str = "",
        operation_id: str = "", after: str = "", count: int = 100,
    ) -> Sequence[wire.MatterSummary]:  # fmt: skip
        """List freezes, suspensions and refusals by kind and number.

        Raises:
            SitoError: As for `list_cases`.
        """
        response: wire.ListMeasuresResponse = self._call(
            self._stub.ListMeasures, wire.ListMeasuresRequest, machines=machines, states=states,
            client_id=client_id, operation_id=operation_id, after=after, count=count,
        )  # fmt: skip
        return response.measures

    def list_papers(
        self, machine: str, *, states: Sequence[str] = (), about: str = "", client_id: str = "", after: int = 0,
        count: int = 100,
    ) -> Sequence[wire.MatterSummary]:  # fmt: skip
        """List messages, notices or checks by their number.

        Raises:
            SitoError: As for `list_cases`.
        """
        response: wire.ListPapersResponse = self._call(
            self._stub.ListPapers, wire.ListPapersRequest, machine=machine, states=states, about=about,
            client_id=client_id, after=after, count=count,
        )  # fmt: skip
        return response.papers

    def list_deadlines(
        self, *, within_hours: int | None = None, subjects: Sequence[str] = ()
    ) -> wire.ListDeadlinesResponse:
        """List what has to be done by when, what is due first first.

        Raises:
            SitoError: As for `list_cases`.
        """
        response: wire.ListDeadlinesResponse = self._call(
            self._stub.ListDeadlines, wire.ListDeadlinesRequest, within_hours=within_hours,
            subjects=subjects,
        )  # fmt: skip
        return response

    def get_case(self, subject: str, *, with_personal: bool = False) -> wire.GetCaseResponse:
        """Return all that is known of a matter.

        Raises:
            SitoError: As for `list_cases`.
        """
        response: wire.GetCaseResponse = self._call(
            self._stub.GetCase, wire.GetCaseRequest, subject=subject, with_personal=with_personal,
        )  # fmt: skip
        return response

    def act(
        self, subject: str, action: str, facts: Mapping[str, Any] | None = None, *, request_id: str = ""
    ) -> wire.ActResponse:
        """Take one step.

        Args:
            facts: By the names of docs/cases.md; days and instants may be those of `datetime`.
            request_id: The same with the same content changes nothing more; a new one if none is given.

        Raises:
            SitoError: As for `list_cases`. SCR301 to SCR303: it is not known whether the step was taken.
        """
        response: wire.ActResponse = self._call(
            self._stub.Act, wire.ActRequest, subject=subject, action=action, facts=_struct(facts or {}),
            request_id=request_id or str(uuid.uuid4()),
        )  # fmt: skip
        return response

    def begin(
        self, machine: str, action: str, facts: Mapping[str, Any] | None = None, *, request_id: str = ""
    ) -> wire.BeginMatterResponse:
        """Begin a measure, message, notice or check.

        Args:
            facts, request_id: As for `act`.

        Raises:
            SitoError: As for `act`.
        """
        response: wire.BeginMatterResponse = self._call(
            self._stub.BeginMatter, wire.BeginMatterRequest, machine=machine, action=action,
            facts=_struct(facts or {}), request_id=request_id or str(uuid.uuid4()),
        )  # fmt: skip
        return response

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> CaseClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, method: Callable[..., Any], kind: Callable[..., Any], /, **told: Any) -> Any:
        try:
            request = kind(role=self._role, **told)
        except (ValueError, TypeError):  # half of a surrogate pair, a number of more than 64 bits
            raise ScreenError(
                "SCR308", expected="texts in UTF-8 and numbers of 64 bits", got="others", where="request"
            ) from None
        return call_again(method, request, timeout_s=self._timeout_s, retry=self._retry, metadata=self._metadata)


def _struct(facts: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return facts as they travel."""
    found = struct_pb2.Struct()
    try:
        found.update({name: _plain(value) for name, value in facts.items()})
    except (ValueError, TypeError, RecursionError):
        raise ScreenError("SCR308", expected="facts of texts, numbers, lists and tables", got="others") from None
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
