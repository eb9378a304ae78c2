"""One attempt, against servers that are good, slow, broken, false or hostile."""

from __future__ import annotations

import email.policy
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.alerts.conftest import MailServer, WebServer, context
from tests.alerts.desk import ALERT, NOW, SECRET, try_once, webhook
from tests.alerts.desk import email as mail_to

from sito.alerts.delivery import Fate

Raw = Callable[[Callable[[socket.socket], None]], int]


def test_a_mail_says_what_the_law_wants_and_carries_its_id(tmp_path: Path, mail: MailServer) -> None:
    outcome = try_once(tmp_path, mail_to(mail.port))
    assert set(outcome.fates.values()) == {Fate.TAKEN} and not outcome.reason
    ((recipients, data),) = mail.mails
    assert recipients == ["duty@bank.example", "head@bank.example"]
    found = email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)
    assert found["Message-ID"] == f"<{ALERT.alert_id}@bank.example>"
    assert found["Subject"] == "[sito] Открыто дело: case:12"
    text = found.get_content()
    for words in ("R-TE-FREEZE", "RU-TE", "03.03.2026 13:00 по Москве", "sito case show case:12", "заморозить"):
        assert words in text


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_with_a_user(tmp_path: Path, certificates: dict[str, Path], security: str) -> None:
    server = MailServer(context(certificates["ours"]), first_byte=security == "tls")
    try:
        more = {"security": security, "user": "sito", "password_file": "mail.password"}
        good = try_once(tmp_path, mail_to(server.port, ca_file=str(certificates["ours"]), **more))
        assert set(good.fates.values()) == {Fate.TAKEN}, good.reason
        assert server.users == ["sito"]
        (tmp_path / "false").mkdir()
        channel = mail_to(server.port, ca_file=str(certificates["ours"]), **{**more, "user": "eve"})
        assert try_once(tmp_path, channel).reason == "ALR201 SMTPAuthenticationError 535"
        assert try_once(tmp_path, mail_to(server.port, **more)).reason == "ALR203 CERTIFICATE_VERIFY_FAILED"
        assert len(server.mails) == 1
    finally:
        server.close()


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path, certificates: dict[str, Path]) -> None:
    server = MailServer(context(certificates["other"]))
    try:
        channel = mail_to(server.port, security="starttls", ca_file=str(certificates["other"]))
        assert try_once(tmp_path, channel).reason == "ALR203 CERTIFICATE_VERIFY_FAILED"
    finally:
        server.close()


def test_no_starttls_no_mail(tmp_path: Path, mail: MailServer) -> None:
    outcome = try_once(tmp_path, mail_to(mail.port, security="starttls"))
    assert outcome.reason == "ALR203 SMTPNotSupportedError" and not mail.mails


def test_recipients_and_contents_are_refused_each_in_its_way(tmp_path: Path, mail: MailServer) -> None:
    mail.refused = {"duty@bank.example": "550 unknown duty@bank.example"}
    outcome = try_once(tmp_path, mail_to(mail.port))
    assert outcome.fates == {"duty": Fate.NEVER, "head": Fate.TAKEN}
    assert outcome.reason == "ALR201 recipients 550"  # nothing of what the server wrote
    mail.refused["head@bank.example"] = "451 later"
    assert try_once(tmp_path, mail_to(mail.port)).fates == {"duty": Fate.NEVER, "head": Fate.LATER}
    mail.refused, mail.data_answers = {}, ["451 later", "554 spam"]
    assert set(try_once(tmp_path, mail_to(mail.port)).fates.values()) == {Fate.LATER}
    assert set(try_once(tmp_path, mail_to(mail.port)).fates.values()) == {Fate.NEVER}


@pytest.mark.parametrize("closed", ["duty@bank.example", "head@bank.example"])
def test_nobody_has_a_mail_that_a_closing_server_never_took(tmp_path: Path, mail: MailServer, closed: str) -> None:
    """421 to RCPT ends the conversation before DATA: whoever was accepted before it has nothing either."""
    mail.refused = {closed: "421 closing"}
    outcome = try_once(tmp_path, mail_to(mail.port))
    assert not mail.mails and outcome.fates == {"duty": Fate.LATER, "head": Fate.LATER}
    mail.refused = {"duty@bank.example": "550 unknown", "head@bank.example": "421 closing"}
    assert try_once(tmp_path, mail_to(mail.port)).fates == {"duty": Fate.NEVER, "head": Fate.LATER}


def test_names_with_one_address_get_one_mail(tmp_path: Path, mail: MailServer) -> None:
    both = {"duty": "duty@bank.example", "head": "duty@bank.example"}
    assert try_once(tmp_path, mail_to(mail.port, to=both)).fates == {"duty": Fate.TAKEN, "head": Fate.TAKEN}
    assert [recipients for recipients, _ in mail.mails] == [["duty@bank.example"]]
    mail.refused = {"duty@bank.example": "550 unknown"}
    assert try_once(tmp_path, mail_to(mail.port, to=both)).fates == {"duty": Fate.NEVER, "head": Fate.NEVER}


@pytest.mark.parametrize("channel", [mail_to, webhook])
def test_many_addresses_of_a_host_take_no_longer_than_one(
    tmp_path: Path, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host with six addresses that all drop what they get: the claim on the alert is no longer than one attempt."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 6)
        began = time.monotonic()
        outcome = try_once(tmp_path, channel(port, timeout_s=0.6))
        took_s = time.monotonic() - began
        for filler in fillers:
            filler.close()
    assert set(outcome.fates.values()) == {Fate.LATER} and outcome.reason == "ALR202 TimeoutError"
    assert took_s < 1.5


def test_a_webhook_gets_a_signed_document(tmp_path: Path, web: WebServer) -> None:
    assert try_once(tmp_path, webhook(web.port)).fates == {"soc": Fate.TAKEN}
    (post,) = web.posts
    assert post.path == "/sito?x=1" and post.headers["Idempotency-Key"] == ALERT.alert_id
    signed = post.headers["X-Sito-Timestamp"].encode() + b"." + post.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert post.headers["X-Sito-Signature"] == f"sha256={expected}"
    told = json.loads(post.body)
    assert told["alert_id"] == ALERT.alert_id and told["headline"] == "[sito] A case was opened: case:12"
    assert "Due before: 03.03.2026 13:00 Moscow time" in told["text"]


@pytest.mark.parametrize(
    ("status", "headers", "fate", "wait_s"),
    [
        (204, {}, Fate.TAKEN, 0), (301, {"Location": "/other"}, Fate.NEVER, 0), (307, {}, Fate.NEVER, 0),
        (400, {"Retry-After": "5"}, Fate.NEVER, 0), (404, {}, Fate.NEVER, 0), (408, {}, Fate.LATER, 0),
        (429, {"Retry-After": "7"}, Fate.LATER, 7), (503, {"Retry-After": "-3"}, Fate.LATER, 0),
        (503, {"Retry-After": format_datetime(NOW.replace(minute=1))}, Fate.LATER, 60),
        (500, {"Retry-After": "soon"}, Fate.LATER, 0), (599, {}, Fate.LATER, 0),
    ],
)  # fmt: skip
def test_answers(
    tmp_path: Path, web: WebServer, status: int, headers: dict[str, str], fate: Fate, wait_s: float
) -> None:
    web.answers = [(status, headers)]
    outcome = try_once(tmp_path, webhook(web.port))
    assert (outcome.fates, outcome.wait_s) == ({"soc": fate}, wait_s)
    assert len(web.posts) == 1  # no redirect is followed


def test_webhooks_over_tls(tmp_path: Path, certificates: dict[str, Path]) -> None:
    server = WebServer(context(certificates["ours"]))
    try:
        good = try_once(tmp_path, webhook(server.port, "https", ca_file=str(certificates["ours"])))
        assert good.fates == {"soc": Fate.TAKEN}
        assert try_once(tmp_path, webhook(server.port, "https")).reason == "ALR203 CERTIFICATE_VERIFY_FAILED"
        assert len(server.posts) == 1
    finally:
        server.close()


def _read_request(connection: socket.socket) -> None:
    data = b""
    while not data.rstrip().endswith(b"}"):
        data += connection.recv(65536) or b"}"


def _drip(data: bytes, head: bytes = b"") -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(data)
            time.sleep(0.02)

    return talk


def _reset_in_body(connection: socket.socket) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def _cut_body(connection: socket.socket) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def _says(data: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        _read_request(connection)
        connection.sendall(data)

    return talk


HOSTILE: dict[str, Any] = {
    "closes": lambda connection: None,
    "silent": lambda connection: connection.recv(1 << 20) and time.sleep(0.6),
    "resets in the answer": _reset_in_body,
    "ends in the answer": _cut_body,
    "drips a status": _drip(b"H"),
    "drips headers": _drip(b"A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
    "drips a body": _drip(b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"),
    "continues for ever": _drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "no http": _says(b"220 mail ESMTP\r\n"),
    "ten thousand headers": _says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000 + b"\r\n"),
    "a line of a megabyte": _says(b"HTTP/1.1 200 " + b"x" * (1 << 20)),
    "false chunks": _says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "negative length": _says(b"HTTP/1.1 999 OK\r\nContent-Length: -5\r\n\r\n"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_web_server_is_left_in_time(tmp_path: Path, raw: Raw, how: str) -> None:
    port = raw(HOSTILE[how])
    began = time.monotonic()
    outcome = try_once(tmp_path, webhook(port, timeout_s=0.4))
    assert time.monotonic() - began < 3
    assert outcome.fates == {"soc": Fate.LATER} and outcome.reason.startswith("ALR20"), outcome


def test_an_answer_without_end_counts_by_its_status(tmp_path: Path, raw: Raw) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (1 << 20)
    assert try_once(tmp_path, webhook(raw(_says(endless)))).fates == {"soc": Fate.TAKEN}


HOSTILE_MAIL: dict[str, Any] = {
    "closes": lambda connection: None,
    "silent": lambda connection: connection.recv(1) and time.sleep(0.6),
    "refuses": lambda connection: connection.sendall(b"554 no\r\n"),
    "drips": _drip(b"2"),
    "lines without end": _drip(b"220-more\r\n" * 10_000),
    "no smtp": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"),
    "a line of a megabyte": lambda connection: connection.sendall(b"220 " + b"x" * (1 << 20) + b"\r\n"),
    "zeros": lambda connection: connection.sendall(bytes(10_000) + b"\r\n"),
    "leaves after the greeting": lambda connection: connection.sendall(b"220 mail\r\n"),
}


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("how", HOSTILE_MAIL)
def test_a_hostile_mail_server_is_left_in_time(tmp_path: Path, raw: Raw, how: str, security: str) -> None:
    port = raw(HOSTILE_MAIL[how])
    began = time.monotonic()
    outcome = try_once(tmp_path, mail_to(port, security=security, timeout_s=0.4))
    assert time.monotonic() - began < 3
    assert set(outcome.fates.values()) == {Fate.LATER} and outcome.reason.startswith("ALR20"), outcome


@pytest.mark.parametrize("field", ["subject", "rule", "detail", "lists"])
def test_nothing_begins_another_header(tmp_path: Path, mail: MailServer, web: WebServer, field: str) -> None:
    """Words of events are checked before; if one got through, the mail library refuses it, and the others go on."""
    bad = "case:1\r\nBcc: eve@evil.example\r\n\r\nhello"
    alert = msgspec.structs.replace(ALERT, **{field: (bad,) if field == "lists" else bad})
    outcome = try_once(tmp_path, mail_to(mail.port), alert)
    assert all(b"evil" not in data.split(b"\r\n\r\n")[0] for _, data in mail.mails)
    assert all("evil" not in recipient for recipients, _ in mail.mails for recipient in recipients)
    assert outcome.reason.startswith("ALR20") == (field == "subject")
    try_once(tmp_path, webhook(web.port), alert)
    assert all("Bcc" not in post.headers for post in web.posts)
