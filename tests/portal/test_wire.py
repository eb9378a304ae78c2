"""The ways to the service: TLS with a client's certificate, a proxy, and certificates that are nobody's."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.alerts.conftest import _certificate
from tests.portal.service import Service, client_of, message, put_lists, rules, write_settings

from sito.errors import PortalError, SendError
from sito.portal import Catalogue


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Service]:
    """Give an emulator behind TLS that asks for the certificate of a client."""
    for name, hosts in (("service", ("localhost", "127.0.0.1")), ("client", ()), ("stranger", ("localhost",))):
        _certificate(tmp_path, name, hosts).chmod(0o600)
    put_lists(tmp_path / "s")
    made = Service(tmp_path / "s", rules())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "service.pem")
    context.load_verify_locations(tmp_path / "client.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = made.emulator._server
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    yield made
    made.close()


def settings(folder: Path, service: Service, *, ca: str, own: str) -> Path:
    url = service.emulator.url.replace("http://", "https://")
    own_files = {"certificate_file": f"{own}.pem", "key_file": f"{own}.pem"} if own else {}
    return write_settings(folder, url, ca_file=f"{ca}.pem", attempts_max=1, **own_files)


def test_tls_with_a_certificate_of_the_client(secure: Service, tmp_path: Path) -> None:
    client = client_of(settings(tmp_path, secure, ca="service", own="client"))
    assert client.edition(Catalogue.MVK).file_id
    assert client.send("a.xml", message("R-1"), b"s").external_id == "R-1"


@pytest.mark.parametrize(("ca", "own"), [("stranger", "client"), ("service", ""), ("service", "stranger")])
def test_nothing_is_said_where_one_side_is_not_who_it_should_be(
    secure: Service, tmp_path: Path, ca: str, own: str
) -> None:
    client = client_of(settings(tmp_path, secure, ca=ca, own=own))
    with pytest.raises(PortalError) as caught:
        client.login()
    assert caught.value.code == "PRT201"
    with pytest.raises(SendError) as unsent:
        client.send("a.xml", message("R-1"), b"s")
    assert unsent.value.outcome == "not_sent"
    assert secure.emulator.seen == [] and secure.emulator.holdings.held == []


def test_a_proxy_is_asked_by_the_whole_address(service: Service, tmp_path: Path) -> None:
    base = service.emulator.url.split("/Services")[0]
    path = write_settings(tmp_path, "http://localhost:9/Services/fedsfm-service", proxy=base)
    assert client_of(path).edition(Catalogue.MVK).file_id
    assert service.emulator.seen[0].headers["host"] == "localhost:9"


def test_a_redirect_is_not_followed_and_other_verbs_are_refused(service: Service) -> None:
    import urllib3

    for verb in ("GET", "PUT", "DELETE"):
        answer = urllib3.request(verb, f"{service.emulator.url}/authenticate", retries=False)
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
