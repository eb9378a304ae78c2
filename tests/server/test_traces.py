"""Spans of calls, with the packages of the extra `otel`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from sito import Screener
from sito.errors import UsageError
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito_server import host as host_module
from sito_server.host import Host
from sito_server.logs import LineFormatter
from sito_server.traces import Traces

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
RECORD = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Any:
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    made = memory.InMemorySpanExporter()
    monkeypatch.setattr(host_module, "Traces", lambda endpoint: Traces(endpoint, made))
    return made


def test_each_call_has_a_span_that_carries_the_callers_trace_on(
    screener: Screener, serving: Callable[..., Host], exporter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    host = serving(screener, otel=True)
    with grpc.insecure_channel(str(host.address)) as channel, caplog.at_level(logging.DEBUG, "sito_server"):
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        stub.Screen(wire.ScreenRequest(record=RECORD), timeout=10, metadata=(("traceparent", TRACE),))
        list(stub.ScreenStream(iter([wire.ScreenStreamRequest(records=[RECORD])] * 2), timeout=10))
        with pytest.raises(grpc.RpcError):
            stub.Check(wire.CheckRequest(), timeout=10)
    host.stop(1)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {f"sito.v1.ScreeningService/{name}" for name in ("Screen", "ScreenStream", "Check")}
    screen, check = spans["sito.v1.ScreeningService/Screen"], spans["sito.v1.ScreeningService/Check"]
    assert f"{screen.context.trace_id:032x}" == TRACE.split("-")[1]
    assert f"{screen.parent.span_id:016x}" == TRACE.split("-")[2]
    assert screen.attributes["rpc.method"] == "Screen" and screen.attributes["rpc.grpc.status_code"] == 0
    assert check.attributes["rpc.grpc.status_code"] == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert not check.status.is_ok and not check.events and check.status.description is None
    lines = [json.loads(LineFormatter().format(record)) for record in caplog.records if record.name == "sito_server"]
    assert [line["trace_id"] for line in lines if line.get("method") == "Screen"] == [TRACE.split("-")[1]]
    assert "Дробышкин" not in "".join(span.to_json() for span in spans.values())


def test_without_the_packages_the_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(UsageError, match=r"CLI415 .*sito\[otel\]"):
        Traces("http://127.0.0.1:4317")


def test_a_collector_that_is_not_there_holds_nobody_up(screener: Screener, serving: Callable[..., Host]) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc")
    host = serving(screener, otel=True, otel_endpoint="http://127.0.0.1:9")
    with grpc.insecure_channel(str(host.address)) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        for _ in range(5):
            assert stub.Check(wire.CheckRequest(name="Квашнин"), timeout=5).verdict == wire.VERDICT_PASS
