"""The file of channels: what is wrong is refused with a code, before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerts.desk import ALERT, email, webhook, write

from sito.alerts import AlertKind, Channels
from sito.alerts.news import Alert, word
from sito.alerts.texts import message
from sito.errors import AlertError
from sito.network import is_loopback

WRONG: list[tuple[str, tuple[tuple[str, dict[str, Any]], ...], dict[str, Any]]] = [
    ("ALR101", (), {}),
    ("ALR101", (email(25),), {"leads_h": []}),
    ("ALR101", (email(25),), {"leads_h": [-1]}),
    ("ALR101", (email(25),), {"list_unused_h": 0}),
    ("ALR101", (email(25),), {"colour": "red"}),
    ("ALR101", (email(0),), {}),
    ("ALR101", (email(25, language="de"),), {}),
    ("ALR101", (email(25, kinds=[]),), {}),
    ("ALR101", (email(25, kinds=["everything"]),), {}),
    ("ALR101", (email(25, to={}),), {}),
    ("ALR101", (email(25, to={"duty": "duty@bank.example\\r\\nRCPT TO:<eve@evil.example>"}),), {}),
    ("ALR101", (email(25, to={"duty": "a@b,c@d"}),), {}),
    ("ALR101", (email(25, to={"duty": "Duty <a@b>"}),), {}),
    ("ALR101", (email(25, **{"from": "nobody"}),), {}),
    ("ALR101", (email(25, security="ssl"),), {}),
    ("ALR101", (email(25, host="a b"),), {}),
    ("ALR101", (email(25, timeout_s=0),), {}),
    ("ALR101", (webhook(80, url="http://localhost/\\r\\nX: y"),), {}),
    ("ALR101", (webhook(80, name="Чужой"),), {}),
    ("ALR101", (webhook(80, url="http://localhost/\n"),), {}),
    ("ALR101", (webhook(80, name="soc\n"),), {}),
    ("ALR101", (email(25, to={"duty": "a@bank.example\n"}),), {}),
    ("ALR101", (email(25, host="127.0.0.1\n"),), {}),
    ("ALR101", (email(25, user="sito\n", password_file="mail.password"),), {}),
    ("ALR101", (email(25, **{"from": "sito@bank.example\n"}),), {}),
    ("ALR102", (email(25), webhook(80, name="duty")), {}),
    ("ALR103", (email(25, host="mail.bank.example"),), {}),
    ("ALR103", (email(25, host="localhost.evil.example"),), {}),
    ("ALR103", (email(25, user="sito"),), {}),
    ("ALR103", (email(25, password_file="mail.password"),), {}),
    ("ALR103", (webhook(80, url="http://soc.bank.example/"),), {}),
    ("ALR103", (webhook(80, url="http://127.0.0.1@soc.bank.example/"),), {}),
    ("ALR103", (webhook(80, url="https://user:secret@soc.bank.example/"),), {}),
    ("ALR103", (webhook(80, url="ftp://localhost/"),), {}),
    ("ALR103", (webhook(80, url="https://"),), {}),
    ("ALR103", (webhook(80, url="https://[::1/"),), {}),
    ("ALR103", (webhook(80, url="https://localhost:99999/"),), {}),
    ("ALR104", (webhook(80, secret_file="absent"),), {}),
    ("ALR104", (webhook(80, secret_file="short"),), {}),
    ("ALR104", (webhook(80, secret_file="."),), {}),
    ("ALR104", (webhook(80, ca_file="short"),), {}),
    ("ALR104", (webhook(80, ca_file="absent"),), {}),
    ("ALR104", (webhook(80, ca_file="empty"),), {}),
    ("ALR104", (webhook(80, ca_file="no.pem"),), {}),
    ("ALR104", (webhook(80, ca_file="pipe"),), {}),
    ("ALR104", (webhook(80, secret_file="pipe"),), {}),
]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text("list_unused_h = 24\n")
    with pytest.raises(AlertError) as caught:
        Channels.read(tmp_path / "alerts.toml")
    assert "got Object missing required field `leads_h` (alerts.toml)" in str(caught.value)


@pytest.mark.parametrize(("code", "channels", "top"), WRONG)
def test_what_is_wrong_is_refused(
    tmp_path: Path, code: str, channels: tuple[tuple[str, dict[str, Any]], ...], top: dict[str, Any]
) -> None:
    (tmp_path / "short").write_text("abc")
    (tmp_path / "empty").write_text("")
    (tmp_path / "no.pem").write_text("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n")
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path, *channels, **top)
    path.write_text(path.read_text("utf-8").replace("\\\\r\\\\n", "\\r\\n"), "utf-8")
    with pytest.raises(AlertError) as caught:
        Channels.read(path)
    assert caught.value.code == code
    assert "secret@" not in str(caught.value) and "evil" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"leads_h = ", b"a = " + b"[" * 100_000, bytes(2 << 20)])
def test_no_toml(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "alerts.toml"
    path.write_bytes(data)
    with pytest.raises(AlertError, match="ALR101"):
        Channels.read(path)
    with pytest.raises(AlertError, match="ALR101"):
        Channels.read(tmp_path)
    with pytest.raises(AlertError, match="ALR101"):
        Channels.read(tmp_path / "absent")


def test_channels_are_chosen_by_name(tmp_path: Path) -> None:
    channels = Channels.read(write(tmp_path, email(25), webhook(80)))
    assert [one.name for one in channels.named(())] == ["duty", "soc"]
    assert [one.name for one in channels.named(["soc"])] == ["soc"]
    with pytest.raises(AlertError, match="ALR105"):
        channels.named(["absent"])


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False),
     ("localhost.", False), ("127.0.0.1.nip.example", False), ("2130706433", False), ("::ffff:8.8.8.8", False)],
)  # fmt: skip
def test_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@given(text=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_words_are_one_short_printable_line(text: str) -> None:
    found = word(text)
    assert len(found) <= 64 and found.isprintable() and "\n" not in found


@pytest.mark.parametrize("kind", list(AlertKind))
def test_each_kind_has_words_in_both_languages(kind: AlertKind) -> None:
    alert = Alert("cd" * 16, (kind, AlertKind.DEADLINE_LATE), "case:3", ALERT.at, rule="R-SUSP", due_at=ALERT.due_at)
    russian, english = message(alert, "ru"), message(alert, "en")
    assert english.text.isascii() and not russian.text.isascii()
    assert "R-SUSP" in english.text and alert.alert_id in english.text
