from __future__ import annotations

import json
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sito import Index, Screener
from sito.clearing import Clearances
from sito.client import ClientTls, ScreeningClient
from sito.errors import IndexFileError, ScreenError, SitoError, UsageError
from sito.records import Record
from sito.screen import PartyResult
from sito.v1 import screening_pb2 as wire
from sito_server.command import serve
from sito_server.host import Address, Host, TlsFiles, parse_address
from sito_server.service import ScreeningService

ROOT = Path(__file__).resolve().parents[2]
# `sito`, with the packages and the entry point of the checkout whether they are installed or not.
START = "import sys; sys.path[:0] = {path!r}; from sito.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("metadata")
    (folder / "sito-0.1.0.dist-info").mkdir()
    (folder / "sito-0.1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: sito\nVersion: 0.1.0\n")
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["sito.commands"]
    text = "[sito.commands]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
    (folder / "sito-0.1.0.dist-info/entry_points.txt").write_text(text)
    return folder


class Process:
    """A server in a process of its own."""

    def __init__(self, metadata: Path, *arguments: str) -> None:
        path = [str(metadata), *(str(ROOT / name) for name in ("engine", "ext", "server"))]
        command = [sys.executable, "-W", "error", "-c", START.format(path=path), "serve", *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines: list[dict[str, Any]] = []

    def line(self, timeout_s: float = 20.0) -> dict[str, Any]:
        """Read the next line of the log."""
        assert self.process.stderr is not None
        assert select.select([self.process.stderr], [], [], timeout_s)[0], "no line in time"
        text = self.process.stderr.readline()
        self.lines.append(json.loads(text))
        return self.lines[-1]

    def end(self, timeout_s: float = 20.0) -> int:
        """Wait for the end and read the rest of the log."""
        output, rest = self.process.communicate(timeout=timeout_s)
        assert output == b""
        self.lines += map(json.loads, rest.splitlines())
        return self.process.returncode


@contextmanager
def running(metadata: Path, *arguments: str) -> Iterator[Process]:
    process = Process(metadata, *arguments)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(index_path: Path, metadata: Path, number: signal.Signals) -> None:
    arguments = ("--index", str(index_path), "--listen", "127.0.0.1:0", "--log-level", "debug")
    with running(metadata, *arguments) as server:
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


def test_a_stopping_server_finishes_its_calls_and_takes_no_new_ones(
    screener: Screener, serving: Callable[..., Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = serving(screener)
    entered, leave = threading.Event(), threading.Event()
    alerts = ScreeningService._alerts

    def slow(service: ScreeningService, records: list[Record], cleared: Clearances) -> dict[int, list[PartyResult]]:
        entered.set()
        assert leave.wait(20)
        return alerts(service, records, cleared)

    monkeypatch.setattr(ScreeningService, "_alerts", slow)
    answers: list[wire.ScreenResponse] = []
    record = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))
    with ScreeningClient(str(host.address), timeout_s=20) as client, grpc.insecure_channel(str(host.address)) as other:
        health_pb2_grpc.HealthStub(other).Check(health_pb2.HealthCheckRequest(), timeout=10)
        call = threading.Thread(target=lambda: answers.append(client.screen(record)))
        call.start()
        assert entered.wait(20)
        stop = threading.Thread(target=host.stop, args=(20.0,))
        stop.start()
        try:
            with pytest.raises(grpc.RpcError) as caught:
                for _ in range(500):  # the refusal begins a moment after the thread does
                    health_pb2_grpc.HealthStub(other).Check(health_pb2.HealthCheckRequest(), timeout=10)
                    time.sleep(0.01)
        finally:
            leave.set()
        assert caught.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
        call.join(20)
        stop.join(20)
    assert [answer.verdict for answer in answers] == [wire.VERDICT_REVIEW]


def test_a_second_server_on_the_same_address_does_not_start(screener: Screener, address: str) -> None:
    host, _, port = address.partition(":")
    with pytest.raises(UsageError, match="CLI405"):
        Host(screener, Address(host, int(port)), workers=1)


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


@pytest.mark.parametrize("workers", [0, -1, 257])
def test_a_wrong_number_of_workers_does_not_start(index_path: Path, workers: int) -> None:
    with pytest.raises(UsageError, match="CLI406"):
        serve(index_path, listen="127.0.0.1:0", workers=workers)


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


def test_a_start_that_fails_says_so_in_one_line(index_path: Path, metadata: Path) -> None:
    with running(metadata, "--index", str(index_path), "--listen", "0.0.0.0:0") as server:
        output, line = server.process.communicate(timeout=20)
    assert server.process.returncode == 2 and output == b""
    assert b"CLI402" in line and line.count(b"\n") == 1


def test_more_calls_than_may_wait_are_told_to_come_back(
    screener: Screener, serving: Callable[..., Host], patience: float
) -> None:
    host = serving(screener, workers=1)
    record = wire.Record(payment=wire.Payment(purpose="Оплата " + "канифоль " * 5_000))
    payload = wire.ScreenBatchRequest(records=[record] * 20).SerializeToString()
    with grpc.insecure_channel(str(host.address)) as channel:
        method = channel.unary_unary("/sito.v1.ScreeningService/ScreenBatch")
        calls = [method.future(payload, timeout=20 * patience) for _ in range(60)]
        codes = {call.code() for call in calls}
    assert codes == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}


# --- mutual TLS -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities; a server and a client of the first, a client of the second."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is missing: no certificates to test TLS with")
    folder = tmp_path_factory.mktemp("keys")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True, timeout=20)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other"):
        run(
            "req",
            "-x509",
            *curve,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
        )
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name, authority in (("server", "ca"), ("client", "ca"), ("stranger", "other")):
        run("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem",
        )  # fmt: skip
    run("ec", "-in", "server.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key")
    return folder


def tls_files(keys: Path, **other: str) -> TlsFiles:
    names = {"certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"} | other
    return TlsFiles(**{option: keys / name for option, name in names.items()})


def test_with_tls_only_clients_of_the_authority_are_served(
    screener: Screener, serving: Callable[..., Host], keys: Path
) -> None:
    host = serving(screener, tls=tls_files(keys))
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


def test_with_tls_any_address_is_served(index_path: Path, keys: Path) -> None:
    files = tls_files(keys)
    with Index.open(index_path) as index:
        host = Host(Screener(index), Address("0.0.0.0", 0), workers=1, tls=files)
        host.start()
        try:
            with socket.create_connection(("127.0.0.1", host.address.port), timeout=10):
                pass
        finally:
            host.stop(0)


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
    certificate, key, client_ca = tls_files(keys, **files)
    with pytest.raises(SitoError, match=code):
        serve(index_path, listen="0.0.0.0:0", tls_certificate=certificate, tls_key=key, tls_client_ca=client_ca)


def test_half_of_the_tls_options_does_not_start(index_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"CLI407 .* got 2 of them"):
        serve(index_path, listen="127.0.0.1:0", tls_certificate=tmp_path, tls_key=tmp_path)
