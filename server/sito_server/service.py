"""The methods of `sito.v1.ScreeningService`: read, screen, write. An error never becomes a verdict."""

from __future__ import annotations

import logging
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import grpc

from sito.clearing import Clearances
from sito.errors import RecordError, ScreenError, SitoError
from sito.records import Record
from sito.screen import PartyResult, Screener
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito.version import VERSION
from sito_server.convert import (
    VERDICTS,
    FieldViolationError,
    Violation,
    gravest,
    index_reference,
    read_check,
    read_clearances,
    read_record,
    read_records,
    text_count,
    write_hits,
    write_index,
    write_party,
)
from sito_server.status import status_code, status_of

SERVICE_NAME = wire.DESCRIPTOR.services_by_name["ScreeningService"].full_name
BATCH_SIZE_MAX = 10_000  # records of one call
TEXT_COUNT_MAX = 200_000  # texts and numbers of one call
REQUEST_SIZE_MAX = 16 << 20  # bytes of one message from a client
RESPONSE_SIZE_MAX = 64 << 20  # bytes of one answer

log = logging.getLogger("sito_server")
_Answer = TypeVar("_Answer", wire.ScreenResponse, wire.ScreenBatchResponse, wire.CheckResponse, wire.GetIndexResponse)


class BadRequestError(Exception):
    """A request with wrong fields.

    Attributes:
        error: What the caller is told first: the first violation.
        violations: All of them.
    """

    def __init__(self, violations: list[Violation]) -> None:
        first = violations[0]
        where = first.field + (f"; {len(violations)} records are wrong" if len(violations) > 1 else "")
        self.error = RecordError(
            first.code, expected=first.expected, got=first.got, where=where,
            todo="nothing was screened; correct the request and send it again",
        )  # fmt: skip
        self.violations = violations
        super().__init__(first.code)


class ScreeningService(screening_pb2_grpc.ScreeningServiceServicer):
    """Screens with one screener, which all threads share.

    Args:
        screener: Over an index that was verified when it was opened.

    Errors that a caller sees: REC… wrong fields of a record, SCR103 and SCR104 a name that cannot be looked up, SCR401
    a batch without records or with too many, SCR402 too many texts, SCR403 an answer above the limit; SCR500 is a fault
    of the server, whose log says where.
    """

    def __init__(self, screener: Screener) -> None:
        self._screener = screener
        self._index = index_reference(screener.index.info)
        self._description = write_index(screener.index.info, self._index, VERSION)

    def Screen(self, request: wire.ScreenRequest, context: grpc.ServicerContext) -> wire.ScreenResponse:  # noqa: N802
        """Screen one payment or customer."""
        return self._guarded("Screen", context, 1, lambda: self._screen(request))

    def ScreenBatch(  # noqa: N802
        self, request: wire.ScreenBatchRequest, context: grpc.ServicerContext
    ) -> wire.ScreenBatchResponse:
        """Screen up to `BATCH_SIZE_MAX` records, all or none."""
        return self._guarded("ScreenBatch", context, len(request.records), lambda: self._screen_batch(request))

    def Check(self, request: wire.CheckRequest, context: grpc.ServicerContext) -> wire.CheckResponse:  # noqa: N802
        """Look one name up."""
        return self._guarded("Check", context, 1, lambda: self._check(request))

    def GetIndex(  # noqa: N802
        self, request: wire.GetIndexRequest, context: grpc.ServicerContext
    ) -> wire.GetIndexResponse:
        """Describe the index."""
        return self._guarded("GetIndex", context, 0, lambda: self._description)

    def _screen(self, request: wire.ScreenRequest) -> wire.ScreenResponse:
        try:
            record = read_record(request.record, "0")
        except FieldViolationError as error:
            field = f"record.{error.violation.field}"
            raise BadRequestError([error.violation._replace(field=field)]) from None
        cleared = self._cleared(request.cleared, [request.record.record_id])
        alerts = self._alerts([record], cleared).get(0, [])
        return wire.ScreenResponse(
            record_id=request.record.record_id, verdict=VERDICTS[gravest(alerts)],
            parties=[write_party(alert) for alert in alerts], index=self._index, engine_version=VERSION,
        )  # fmt: skip

    def _screen_batch(self, request: wire.ScreenBatchRequest) -> wire.ScreenBatchResponse:
        count = len(request.records)
        if not 1 <= count <= BATCH_SIZE_MAX:
            raise ScreenError(
                "SCR401", expected=f"1 to {BATCH_SIZE_MAX} records in a batch", got=str(count), where="records",
                todo="send more than one batch" if count else "",
            )  # fmt: skip
        records, violations = read_records(request.records)
        if violations:
            raise BadRequestError(violations)
        cleared = self._cleared(request.cleared, [record.record_id for record in request.records])
        alerts = self._alerts(records, cleared)
        verdicts = [VERDICTS["pass"]] * count
        results = []
        for position, found in alerts.items():
            verdicts[position] = VERDICTS[gravest(found)]
            results.append(
                wire.RecordResult(
                    position=position, record_id=request.records[position].record_id, verdict=verdicts[position],
                    parties=[write_party(alert) for alert in found],
                )
            )  # fmt: skip
        return wire.ScreenBatchResponse(verdicts=verdicts, results=results, index=self._index, engine_version=VERSION)

    def _check(self, request: wire.CheckRequest) -> wire.CheckResponse:
        try:
            name, born, kind, identifiers = read_check(request)
        except FieldViolationError as error:
            raise BadRequestError([error.violation]) from None
        result = self._screener.check(name, birth_date=born, kind=kind, identifiers=identifiers)
        return wire.CheckResponse(
            verdict=VERDICTS[result.verdict], hits=write_hits(result.hits), truncated=result.truncated,
            limits=result.limits, index=self._index, engine_version=VERSION,
        )  # fmt: skip

    @staticmethod
    def _cleared(items: Sequence[wire.Clearance], record_ids: list[str]) -> Clearances:
        try:
            return Clearances(read_clearances(items, record_ids))
        except FieldViolationError as error:
            raise BadRequestError([error.violation]) from None

    def _alerts(self, records: list[Record], cleared: Clearances) -> dict[int, list[PartyResult]]:
        """Screen records and return, by position, the parties with silenced hits or a verdict other than `pass`."""
        texts = text_count(records)
        if texts > TEXT_COUNT_MAX:
            raise ScreenError(
                "SCR402", expected=f"at most {TEXT_COUNT_MAX} names, aliases, purposes and identifiers in a call",
                got=str(texts), todo="send smaller batches",
            )  # fmt: skip
        alerts: defaultdict[int, list[PartyResult]] = defaultdict(list)
        for result in self._screener.screen_batch(records, cleared).results():
            if result.verdict != "pass" or result.suppressed:
                alerts[int(result.record_id)].append(result)
        return dict(alerts)

    def _guarded(
        self, method: str, context: grpc.ServicerContext, records: int, answer: Callable[[], _Answer]
    ) -> _Answer:
        """Answer or end the call with a status; log one line without anything of the request but counts."""
        start = time.perf_counter()
        try:
            response = answer()
            size = response.ByteSize()
            if size > RESPONSE_SIZE_MAX:
                raise ScreenError(
                    "SCR403", expected=f"an answer of at most {RESPONSE_SIZE_MAX} bytes", got=str(size),
                    todo="send smaller batches; nothing was answered",
                )  # fmt: skip
        except BadRequestError as error:
            _end(context, _facts(method, records, start), error.error, error.violations)
        except SitoError as error:
            _end(context, _facts(method, records, start), error)
        except Exception as error:
            facts = _facts(method, records, start)
            # The text of an unforeseen exception may hold a name: only its type and place are written down.
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = {"kind": type(error).__name__, "file": place.filename, "line": place.lineno}
            log.error("fault", extra={"facts": facts | kind})
            fault = ScreenError(
                "SCR500", expected="an answer", got="a fault of the server", todo="nothing was screened; try again"
            )
            _end(context, facts, fault)
        log.debug("call", extra={"facts": _facts(method, records, start) | {"status": "OK"}})
        return response


def _end(
    context: grpc.ServicerContext, facts: dict[str, Any], error: SitoError, violations: Sequence[Violation] = ()
) -> NoReturn:
    """Log a refusal and end the call with its status."""
    log.warning("refused", extra={"facts": facts | {"status": status_code(error.code).name, "code": error.code}})
    context.abort_with_status(status_of(error, violations))
    raise AssertionError("abort_with_status raises")


def _facts(method: str, records: int, start: float) -> dict[str, Any]:
    return {"method": method, "records": records, "duration_ms": round((time.perf_counter() - start) * 1e3, 3)}
