"""`sito serve` as it is called: start, stop, refusals to start, mutual TLS."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sito import Screener
from sito.client import ClientTls, ScreeningClient
from sito.errors import IndexFileError, ScreenError, SitoError, UsageError
from sito.v1 import screening_pb2 as wire
from sito_server.command import run
from sito_server.config import load, parse_address
from sito_server.host import Host


def serve(index: Path, **options: object) -> None:
    """Serve in one process, with settings as the command line gives them."""
    words = {key: value if isinstance(value, bool) else str(value) for key, value in options.items()}
    run(load({"index": str(index), "processes": "1", **words}, environment={}))


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(
    index_path: Path, running: Callable[..., Any], number: signal.Signals, processes: str
) -> None:
    server = running("--index", index_path, "--listen", "127.0.0.1:0", "--log-level", "debug", "--processes", processes)
    serving = server.line()
    assert (serving["event"], serving["tls"], serving["lists"]) == ("serving", False, ["OS-INVENTED 2024-05-02"])
    with ScreeningClient(serving["address"], timeout_s=20) as client:
        assert client.check("Квашнин").verdict == wire.VERDICT_PASS
        server.process.send_signal(number)
        assert server.end() == 0
        with pytest.raises(ScreenError, match="SCR301"):
            client.check("Квашнин")
    assert [line["event"] for line in server.lines] == ["serving", "call", "stopping", "stopped"]
    assert "Квашнин" not in json.dumps(server.lines, ensure_ascii=False)


def test_a_stopping_server_finishes_its_calls_and_takes_no_new_ones(gate: Any, serving: Callable[..., Host]) -> None:
    host = serving(gate)
    gate.shut()
    answers: list[wire.ScreenResponse] = []
    record = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))
    with ScreeningClient(str(host.address), timeout_s=20) as client, grpc.insecure_channel(str(host.address)) as other:
        health_pb2_grpc.HealthStub(other).Check(health_pb2.HealthCheckRequest(), timeout=10)
        call = threading.Thread(target=lambda: answers.append(client.screen(record)))
        call.start()
        assert gate.entered.acquire(timeout=20)
        stop = threading.Thread(target=host.stop, args=(20.0,))
        stop.start()
        try:
            with pytest.raises(grpc.RpcError) as caught:
                for _ in range(500):  # the refusal begins a moment after the thread does
                    health_pb2_grpc.HealthStub(other).Check(health_pb2.HealthCheckRequest(), timeout=10)
                    time.sleep(0.01)
            time.sleep(1.5)  # longer than what is quiet is waited for: this call is not quiet
        finally:
            gate.open()
        assert caught.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
        call.join(20)
        stop.join(20)
    assert [answer.verdict for answer in answers] == [wire.VERDICT_REVIEW]


def test_a_stopping_server_waits_for_those_who_read_slowly(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(screener)
    # An answer that no buffer on the way holds.
    record = wire.Record(record_id="r" * 1_000, payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))
    go_on = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as between:

        def lead(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(1 << 14):
                    # From the answer on, so that the client opens no window for the rest of it.
                    if source is not down and host.meter.registry.get_sample_value("sito_records_total"):
                        go_on.wait(30)
                    target.sendall(data)

        def carry() -> None:
            nonlocal down
            down, _ = between.accept()
            with down, socket.create_connection((host.address.host, host.address.port)) as up:
                back = threading.Thread(target=lead, args=(down, up))
                back.start()
                lead(up, down)
                with suppress(OSError):
                    down.shutdown(socket.SHUT_RDWR)
                back.join(20)

        down: socket.socket | None = None
        carrier = threading.Thread(target=carry)
        carrier.start()
        with ScreeningClient(f"127.0.0.1:{between.getsockname()[1]}", timeout_s=30) as client:
            answers: list[wire.ScreenBatchResponse] = []
            call = threading.Thread(target=lambda: answers.append(client.screen_batch([record] * 10_000)))
            call.start()
            while not host.meter.registry.get_sample_value("sito_records_total"):
                time.sleep(0.01)
            stop = threading.Thread(target=host.stop, args=(30.0,))
            stop.start()
            try:
                time.sleep(2.5)  # longer than what is quiet is waited for
                assert stop.is_alive()
            finally:
                go_on.set()
            call.join(30)
        stop.join(30)
        carrier.join(30)
    assert [len(answer.results) for answer in answers] == [10_000]


def test_a_second_server_on_the_same_address_does_not_start(
    screener: Screener, serving: Callable[..., Host], address: str
) -> None:
    with pytest.raises(UsageError, match="CLI405"):
        serving(screener, listen=address)


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:0", "192.0.2.1:50051", "[::]:0", "[2001:db8::1]:50051", "[::ffff:192.0.2.1]:0"]
)
def test_without_tls_others_are_not_served(index_path: Path, listen: str) -> None:
    with pytest.raises(UsageError, match=r"CLI402 expected a loopback address, or TLS, got .* without TLS"):
        serve(index_path, listen=listen)


@pytest.mark.parametrize(
    "listen",
    [
        "",
        "127.0.0.1",
        "bank.example:1",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "::1:50051",
        "[127.0.0.1]:1",
        "unix:a",
        "[::1]:١",
    ],
)
def test_a_wrong_address_does_not_start(index_path: Path, listen: str) -> None:
    with pytest.raises(UsageError, match="CLI401"):
        serve(index_path, listen=listen)


@pytest.mark.parametrize(
    ("text", "address"),
    [("localhost:1", "127.0.0.1:1"), ("[::1]:65535", "[::1]:65535"), ("127.8.9.1:0", "127.8.9.1:0")],
)
def test_loopback_addresses_are_read(text: str, address: str) -> None:
    assert str(parse_address(text)) == address and parse_address(text).is_loopback


@pytest.mark.parametrize("count", [-1, 257])
@pytest.mark.parametrize("key", ["processes", "threads"])
def test_a_wrong_number_of_processes_or_threads_does_not_start(index_path: Path, key: str, count: int) -> None:
    with pytest.raises(UsageError, match="CLI406"):
        serve(index_path, **{"listen": "127.0.0.1:0", key: count})


def damaged(data: bytes) -> dict[str, bytes]:
    return {
        "no index": b"id,name\n",
        "cut": data[:-1],
        "flipped": data[:-70] + bytes([data[-70] ^ 1]) + data[-69:],
        "another format": data[:12] + b"\xff" + data[13:],
    }


def test_a_broken_index_does_not_start(index_path: Path, tmp_path: Path) -> None:
    for content in damaged(index_path.read_bytes()).values():
        path = tmp_path / "broken.sito"
        path.write_bytes(content)
        with pytest.raises(IndexFileError, match="IDX10"):
            serve(path, listen="127.0.0.1:0")
    with pytest.raises(IndexFileError, match="IDX101"):
        serve(tmp_path / "none.sito", listen="127.0.0.1:0")


def test_an_index_of_another_normaliser_does_not_start(index_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sito.index.NORMALISER_VERSION", "another")
    with pytest.raises(IndexFileError, match="IDX107"):
        serve(index_path, listen="127.0.0.1:0")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_start_that_fails_says_so_in_one_line(
    index_path: Path, running: Callable[..., Any], address: str, processes: str
) -> None:
    for listen, code in (("0.0.0.0:0", b"CLI402"), (address, b"CLI405")):
        server = running("--index", index_path, "--listen", listen, "--processes", processes)
        output, line = server.process.communicate(timeout=60 * server.patience)
        assert server.process.returncode == 2 and output == b""
        assert code in line and line.count(b"\n") == 1


def test_help_teaches(running: Callable[..., Any]) -> None:
    server = running("--help")
    output, errors = server.process.communicate(timeout=60 * server.patience)
    assert server.process.returncode == 0 and errors == b""
    for words in (b"Examples:", b"--config FILE", b"Where and how:", b"--grace-seconds NUMBER", b"[default: 10]"):
        assert words in output


# --- mutual TLS -----------------------------------------------------------------------------------------------


def tls_files(keys: Path, **other: str) -> dict[str, Path]:
    names = {"certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"} | other
    return {f"tls_{option}": keys / name for option, name in names.items()}


def test_with_tls_only_clients_of_the_authority_are_served(
    screener: Screener, serving: Callable[..., Host], keys: Path
) -> None:
    host = serving(screener, **tls_files(keys))
    target = str(host.address)
    with ScreeningClient(
        target, tls=ClientTls(keys / "client.pem", keys / "client.key", keys / "ca.pem"), timeout_s=10
    ) as client:
        assert client.check("Дробышкин Еремей Фаддеевич").verdict == wire.VERDICT_REVIEW
    stranger = ClientTls(keys / "stranger.pem", keys / "stranger.key", keys / "ca.pem")
    distrustful = ClientTls(keys / "client.pem", keys / "client.key", keys / "other.pem")
    for tls in (stranger, distrustful, None):
        with ScreeningClient(target, tls=tls, timeout_s=10) as client, pytest.raises(ScreenError, match="SCR301"):
            client.check("Квашнин")
    anonymous = grpc.ssl_channel_credentials((keys / "ca.pem").read_bytes())
    with grpc.secure_channel(target, anonymous) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary("/sito.v1.ScreeningService/GetIndex")(b"", timeout=10)


def test_with_tls_any_address_is_served(screener: Screener, serving: Callable[..., Host], keys: Path) -> None:
    host = serving(screener, listen="0.0.0.0:0", **tls_files(keys))
    with socket.create_connection(("127.0.0.1", host.address.port), timeout=10):
        pass


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"key": "client.key"}, "CLI404"),
        ({"key": "locked.key"}, "CLI404"),
        ({"certificate": "names"}, "CLI404"),
        ({"client_ca": "names"}, "CLI404"),
        ({"client_ca": "none.pem"}, "CLI403"),
        ({"certificate": "."}, "CLI403"),
    ],
)
def test_wrong_tls_files_do_not_start(index_path: Path, keys: Path, files: dict[str, str], code: str) -> None:
    for processes in (1, 2):
        with pytest.raises(SitoError, match=code):
            serve(index_path, listen="0.0.0.0:0", processes=processes, **tls_files(keys, **files))


def test_half_of_the_tls_options_does_not_start(index_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"CLI407 .* got 2 of them"):
        serve(index_path, listen="127.0.0.1:0", tls_certificate=tmp_path, tls_key=tmp_path)
