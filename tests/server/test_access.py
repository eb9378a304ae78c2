"""Who may call what, and the marks of a call in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from sito import Screener
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito_server.access import is_mark, role_of, trace_of
from sito_server.config import Role
from sito_server.host import Host
from sito_server.logs import LineFormatter, marked

CLIENTS = {
    "spiffe://bank.example/pay": (Role.SCREEN,),
    "ops.bank.example": (Role.ADMIN,),
    "named": (Role.SCREEN, Role.ADMIN),
}
RECORD = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))


def tls(keys: Path) -> dict[str, Path]:
    return {"tls_certificate": keys / "server.pem", "tls_key": keys / "server.key", "tls_client_ca": keys / "ca.pem"}


def channel_of(keys: Path, name: str, host: Host) -> grpc.Channel:
    parts = [(keys / file).read_bytes() for file in ("ca.pem", f"{name}.key", f"{name}.pem")]
    return grpc.secure_channel(str(host.address), grpc.ssl_channel_credentials(*parts))


def allowed(channel: grpc.Channel) -> dict[str, bool]:
    """Try all methods and say which are not refused for want of a role."""
    stub = screening_pb2_grpc.ScreeningServiceStub(channel)
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    calls: dict[str, Callable[[], Any]] = {
        "Screen": lambda: stub.Screen(wire.ScreenRequest(record=RECORD), timeout=10),
        "ScreenBatch": lambda: stub.ScreenBatch(wire.ScreenBatchRequest(records=[RECORD]), timeout=10),
        "ScreenStream": lambda: next(stub.ScreenStream(iter([wire.ScreenStreamRequest(records=[RECORD])]), timeout=10)),
        "Check": lambda: stub.Check(wire.CheckRequest(name="Квашнин"), timeout=10),
        "GetIndex": lambda: stub.GetIndex(wire.GetIndexRequest(), timeout=10),
        "reflection": lambda: next(
            reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]), timeout=10)
        ),
        "health": lambda: health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10),
    }
    found = {}
    for name, call in calls.items():
        try:
            call()
            found[name] = True
        except grpc.RpcError as error:
            assert isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.PERMISSION_DENIED, error
            (detail,) = rpc_status.from_call(error).details
            info = error_details_pb2.ErrorInfo()
            assert detail.Unpack(info) and info.reason == "SCR414"
            found[name] = False
    return found


SCREENING = dict.fromkeys(("Screen", "ScreenBatch", "ScreenStream", "Check"), True)
LOOKING = dict.fromkeys(("GetIndex", "reflection"), True)


def refused(methods: dict[str, bool]) -> dict[str, bool]:
    return dict.fromkeys(methods, False)


@pytest.mark.parametrize(
    ("client", "screens", "looks"),
    [
        ("pay", True, False),  # by its URI
        ("ops", False, True),  # by its DNS name
        ("named", True, True),  # by its common name, because it has no other
        ("client", False, False),  # a certificate of the authority, but no name that is known
    ],
)
def test_each_name_has_its_methods(
    screener: Screener, serving: Callable[..., Host], keys: Path, client: str, screens: bool, looks: bool
) -> None:
    host = serving(screener, clients=CLIENTS, **tls(keys))
    with channel_of(keys, client, host) as channel:
        assert allowed(channel) == {
            **dict.fromkeys(SCREENING, screens), **dict.fromkeys(LOOKING, looks), "health": True,
        }  # fmt: skip


def test_without_names_every_certificate_of_the_authority_may_screen(
    screener: Screener, serving: Callable[..., Host], keys: Path
) -> None:
    host = serving(screener, **tls(keys))
    with channel_of(keys, "client", host) as channel:
        assert allowed(channel) == {**SCREENING, **refused(LOOKING), "health": True}


def test_a_common_name_does_not_count_beside_other_names(
    screener: Screener, serving: Callable[..., Host], keys: Path
) -> None:
    host = serving(screener, clients={"pay": (Role.SCREEN,)}, **tls(keys))
    with channel_of(keys, "pay", host) as channel:
        assert not any(allowed(channel)[name] for name in SCREENING)


def test_in_plain_text_on_loopback_all_is_open(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        assert all(allowed(channel).values())


def test_reflection_can_be_left_out(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(screener, reflection=False)
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    with grpc.insecure_channel(str(host.address)) as channel, pytest.raises(grpc.RpcError) as caught:
        next(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]), timeout=10))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_refusal_is_logged_and_counted_without_the_name_of_the_client(
    screener: Screener, serving: Callable[..., Host], keys: Path, caplog: pytest.LogCaptureFixture
) -> None:
    host = serving(screener, clients=CLIENTS, **tls(keys))
    with channel_of(keys, "client", host) as channel, pytest.raises(grpc.RpcError):
        screening_pb2_grpc.ScreeningServiceStub(channel).Check(wire.CheckRequest(name="Квашнин"), timeout=10)
    line = json.loads(LineFormatter().format(caplog.records[-1]))
    assert (line["event"], line["method"], line["code"]) == ("refused", "Check", "SCR414")
    assert "client" not in json.dumps(line) and "Квашнин" not in json.dumps(line, ensure_ascii=False)
    assert host.meter.registry.get_sample_value("sito_rejects_total", {"code": "SCR414"}) == 1


def test_what_is_not_named_is_for_admins() -> None:
    assert role_of("/sito.v1.ScreeningService/Forget") is Role.ADMIN
    assert role_of("/elsewhere/Screen") is Role.ADMIN
    assert role_of("/sito.v1.ScreeningService/Screen") is Role.SCREEN
    assert role_of("/grpc.health.v1.Health/Watch") is None
    assert role_of("/grpc.health.v1.HealthX/Watch") is Role.ADMIN


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_marks_of_a_call_stand_in_its_lines(address: str, caplog: pytest.LogCaptureFixture) -> None:
    metadata = (("x-request-id", "r-17"), ("traceparent", TRACE))
    with grpc.insecure_channel(address) as channel, caplog.at_level(logging.DEBUG, "sito_server"):
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        assert stub.Check(wire.CheckRequest(name="Квашнин"), metadata=metadata, timeout=10).request_id == "r-17"
    line = json.loads(LineFormatter().format(caplog.records[-1]))
    assert (line["request_id"], line["trace_id"]) == ("r-17", "0af7651916cd43dd8448eb211c80319c")


def test_marks_end_with_their_call() -> None:
    record = logging.LogRecord("sito_server", logging.INFO, "", 0, "call", (), None)
    with marked({"request_id": "a"}):
        with marked({"request_id": "b"}):
            assert json.loads(LineFormatter({"worker": 3}).format(record))["request_id"] == "b"
        assert json.loads(LineFormatter({"worker": 3}).format(record))["request_id"] == "a"
    line = json.loads(LineFormatter({"worker": 3}).format(record))
    assert "request_id" not in line and line["worker"] == 3


@pytest.mark.parametrize("text", ["", "a b", "Иванов", "a\n", "x" * 129, "\x7f"])
def test_what_could_name_somebody_is_no_mark(text: str) -> None:
    assert not is_mark(text)
    assert is_mark("x" * 128) and is_mark("r-1:2_3")


@pytest.mark.parametrize(
    "text",
    [
        "", "00", TRACE[:-1], TRACE.upper(), TRACE.replace("0af7", "0ag7"), "ff" + TRACE[2:],
        "00-" + "0" * 32 + "-b7ad6b7169203331-01", TRACE.replace("-", "_"),
    ],
)  # fmt: skip
def test_what_is_no_trace(text: str) -> None:
    assert trace_of(text) == ""
    assert trace_of(TRACE + "-more") == trace_of(TRACE) == "0af7651916cd43dd8448eb211c80319c"
