"""Certificates that change while the server serves, and the names in those of clients."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito import Screener
from sito.client import ClientTls, ScreeningClient
from sito.errors import ScreenError, UsageError
from sito.v1 import screening_pb2 as wire
from sito_server.host import Host
from sito_server.logs import LineFormatter
from sito_server.tls import Certificates, TlsFiles, expiry, names_of


@pytest.fixture
def files(keys: Path, tmp_path: Path) -> dict[str, Path]:
    for name, source in (("chain.pem", "server.pem"), ("key.pem", "server.key"), ("ca.pem", "ca.pem")):
        shutil.copy(keys / source, tmp_path / name)
    return {
        "tls_certificate": tmp_path / "chain.pem", "tls_key": tmp_path / "key.pem",
        "tls_client_ca": tmp_path / "ca.pem",
    }  # fmt: skip


def shown(host: Host, keys: Path) -> bytes:
    """Return the certificate that a new connection meets."""
    context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
    context.check_hostname = False
    context.load_cert_chain(keys / "client.pem", keys / "client.key")
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", host.address.port), timeout=10) as plain,
        context.wrap_socket(plain) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der is not None
    return ssl.DER_cert_to_PEM_cert(der).encode().strip()


def of(keys: Path, name: str) -> bytes:
    text = (keys / f"{name}.pem").read_text()
    return text[text.index("-----BEGIN") :].strip().encode()


def client_of(keys: Path, name: str, host: Host) -> ScreeningClient:
    tls = ClientTls(keys / f"{name}.pem", keys / f"{name}.key", keys / "ca.pem")
    return ScreeningClient(str(host.address), tls=tls, timeout_s=10)


def test_a_renewed_certificate_is_taken_without_a_restart(
    screener: Screener, serving: Callable[..., Host], keys: Path, files: dict[str, Path]
) -> None:
    host = serving(screener, **files)
    assert shown(host, keys) == of(keys, "server")
    with client_of(keys, "client", host) as client:
        assert client.check("Квашнин").verdict == wire.VERDICT_PASS
        shutil.copy(keys / "renewed.pem", files["tls_certificate"])
        shutil.copy(keys / "renewed.key", files["tls_key"])
        assert shown(host, keys) == of(keys, "server")  # nobody has looked yet
        host.reload()
        assert shown(host, keys) == of(keys, "renewed")
        assert shown(host, keys) == of(keys, "renewed")
        assert client.check("Квашнин").verdict == wire.VERDICT_PASS  # on the connection of before
    with client_of(keys, "client", host) as client:
        assert client.check("Квашнин").verdict == wire.VERDICT_PASS
    days = (host.meter.registry.get_sample_value("sito_certificate_expires_timestamp_seconds") or 0) - time.time()
    assert 8 * 86_400 < days <= 9 * 86_400


def test_another_authority_of_clients_is_taken_too(
    screener: Screener, serving: Callable[..., Host], keys: Path, files: dict[str, Path]
) -> None:
    host = serving(screener, **files)
    with client_of(keys, "stranger", host) as stranger, pytest.raises(ScreenError, match="SCR301"):
        stranger.check("Квашнин")
    shutil.copy(keys / "other.pem", files["tls_client_ca"])
    host.reload()
    with client_of(keys, "stranger", host) as stranger:
        assert stranger.check("Квашнин").verdict == wire.VERDICT_PASS
    with client_of(keys, "client", host) as client, pytest.raises(ScreenError, match="SCR301"):
        client.check("Квашнин")


def test_half_of_a_renewal_is_refused_and_the_former_stays(
    screener: Screener, serving: Callable[..., Host], keys: Path, files: dict[str, Path],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    host = serving(screener, **files)
    for damage in (
        lambda: shutil.copy(keys / "renewed.pem", files["tls_certificate"]),
        lambda: files["tls_certificate"].write_text("-----BEGIN"),
        lambda: files["tls_certificate"].unlink(),
    ):
        damage()
        caplog.clear()
        host.reload()
        line = json.loads(LineFormatter().format(caplog.records[-1]))
        assert line["event"] == "certificates refused" and line["code"] in {"CLI403", "CLI404"}
        assert shown(host, keys) == of(keys, "server")
    shutil.copy(keys / "renewed.pem", files["tls_certificate"])
    shutil.copy(keys / "renewed.key", files["tls_key"])
    with caplog.at_level(logging.INFO, "sito_server"):
        host.reload()
    assert shown(host, keys) == of(keys, "renewed")
    assert caplog.records[-1].msg == "certificates renewed"


def test_certificates_are_looked_at_from_time_to_time(
    screener: Screener, serving: Callable[..., Host], keys: Path, files: dict[str, Path]
) -> None:
    host = serving(screener, reload_seconds=0.05, **files)
    shutil.copy(keys / "renewed.pem", files["tls_certificate"])
    shutil.copy(keys / "renewed.key", files["tls_key"])
    host.tick()
    time.sleep(0.1)
    host.tick()
    assert shown(host, keys) == of(keys, "renewed")


def test_without_certificates_of_clients_anybody_may_screen_and_no_more(
    screener: Screener, serving: Callable[..., Host], keys: Path, files: dict[str, Path]
) -> None:
    host = serving(screener, **{**files, "tls_client_ca": None}, tls_client_auth="none")
    credentials = grpc.ssl_channel_credentials((keys / "ca.pem").read_bytes())
    with grpc.secure_channel(str(host.address), credentials) as channel:
        check = channel.unary_unary("/sito.v1.ScreeningService/Check")
        answer = wire.CheckResponse.FromString(check(wire.CheckRequest(name="Квашнин").SerializeToString(), timeout=10))
        assert answer.verdict == wire.VERDICT_PASS
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/sito.v1.ScreeningService/GetIndex")(b"", timeout=10)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_the_end_of_a_certificate_is_read(keys: Path) -> None:
    for name, days in (("server", 2), ("renewed", 9), ("ca", 2)):
        left = expiry((keys / f"{name}.pem").read_bytes()) - time.time()
        assert (days - 1) * 86_400 < left <= days * 86_400
    for broken in (b"", b"-----BEGIN CERTIFICATE-----", of(keys, "server")[:200] + b"\n-----END CERTIFICATE-----"):
        assert expiry(broken) == 0


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_at(data: bytes) -> None:
    assert expiry(ssl.DER_cert_to_PEM_cert(data).encode()) >= 0


def test_certificates_know_when_nothing_has_changed(keys: Path) -> None:
    certificates = Certificates(TlsFiles(keys / "server.pem", keys / "server.key", keys / "ca.pem"))
    assert not certificates.reload()
    with pytest.raises(UsageError, match="CLI404"):
        Certificates(TlsFiles(keys / "server.pem", keys / "client.key"))


@pytest.mark.parametrize(
    ("peer", "names"),
    [
        ({}, []),
        ({"x509_common_name": [b"ops"]}, ["ops"]),
        ({"x509_common_name": [b"ops"], "peer_dns": [b"Ops.Bank.Example"]}, ["ops.bank.example"]),
        (
            {"x509_common_name": [b"x"], "peer_dns": [b"a"], "peer_uri": [b"spiffe://B/c"], "peer_email": [b"q@a"]},
            ["spiffe://B/c", "a"],
        ),
        ({"x509_common_name": [b"\xff"]}, ["\ufffd"]),
    ],
)
def test_names_of_a_client(peer: dict[str, object], names: list[str]) -> None:
    assert names_of(peer) == names
