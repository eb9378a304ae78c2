"""`sito alerts`: what an operator types, with a web server on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_fixtures import Call
from tests.alerts.conftest import WebServer
from tests.alerts.desk import webhook, write

from sito.ledger import Caller, Event, Ledger

REFUSED = {"code": "CAS205", "action": "approve", "name": "Чертополохов", "role": "officer", "request_id": "q"}


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


@pytest.fixture
def options(call: Call, tmp_path: Path, web: WebServer) -> tuple[str, ...]:
    path = tmp_path / "sito.db"
    assert call("ledger", "init", "--ledger", path).code == 0
    file = write(tmp_path, webhook(web.port), attempts_max=2)
    return "--ledger", str(path), "--alerts", str(file)


def refuse(path: str, code: str) -> None:
    import uuid
    from datetime import UTC, datetime

    event = Event("attempt_refused", "case:1", {**REFUSED, "code": code})
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.transact(
            lambda _: [event], request_id=str(uuid.uuid4()), caller=Caller("sito", "system"), at=datetime.now(UTC)
        )


def test_alerts_are_sent_given_up_shown_and_tried_again(call: Call, options: tuple[str, ...], web: WebServer) -> None:
    assert "has not begun" in call("alerts", "status", *options).out
    assert call("alerts", "send", *options).out == "soc: 0 sent, 0 given up\n"
    refuse(options[1], "CAS205")
    assert call("alerts", "send", *options).out == "soc: 1 sent, 0 given up\n"
    assert "Чертополохов" not in web.posts[0].body.decode()
    assert "sito ledger show --kind attempt_refused --after 1" in json.loads(web.posts[0].body)["text"]
    assert call("alerts", "status", *options).code == 0
    web.answers = [(500, {})]
    refuse(options[1], "CAS204")
    sent = call("alerts", "send", *options)
    assert (sent.code, sent.out) == (1, "soc: 0 sent, 1 given up\n")
    shown = call("alerts", "status", *options)
    assert shown.code == 1 and "attempt_refused" in shown.out and "ALR201 500" in shown.out
    page = json.loads(call("alerts", "status", "--json", *options).out)[0]
    assert (page["sent"], page["waiting"], page["failed"][0]["attempts"]) == (1, 0, 2)
    assert call("alerts", "send", *options).code == 0  # not by itself
    web.answers = [(200, {})]
    again = call("alerts", "send", "--failed", *options)
    assert again.code == 0 and again.out.endswith("soc: 1 sent, 0 given up\n")
    assert call("alerts", "status", *options).code == 0
    assert call("ledger", "verify", *options[:2]).code == 0


def test_a_channel_is_tested(call: Call, options: tuple[str, ...], web: WebServer) -> None:
    assert call("alerts", "test", *options[2:]).out == "soc: taken\n"
    web.answers = [(403, {})]
    answer = call("alerts", "test", *options[2:])
    assert (answer.code, answer.out) == (1, "soc: not for soc: ALR201 403\n")
    assert call("alerts", "test", *options[2:], "--channel", "absent").err.startswith("sito: ALR105")


def test_whoever_watches_sends_what_comes_and_stops_when_told(options: tuple[str, ...], web: WebServer) -> None:
    command = [sys.executable, "-m", "sito.cli", "alerts", "watch", "--interval", "0.1"]
    environment = os.environ | {"SITO_LEDGER": options[1], "SITO_ALERTS": options[3]}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    web.answers = [(403, {}), (200, {})]
    try:
        for number in range(2):
            until = time.monotonic() + 60
            while len(web.posts) == number and time.monotonic() < until:
                refuse(options[1], f"CAS20{number}")
                time.sleep(0.1)
            assert len(web.posts) == number + 1
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    lost, ended = said.splitlines()
    assert lost.startswith("soc: given up after 1 attempts: attempt_refused of case:1, alert ")
    assert lost.endswith(", for soc: ALR201 403")
    assert (process.returncode, ended) == (143, "sito: terminated; nothing half-written is left")


def test_alerts_count_by_the_calendar_of_the_bank(call: Call, options: tuple[str, ...], tmp_path: Path) -> None:
    """A folder of a bank's own files has its own days off: who is told when something is due goes by them, too."""
    from datetime import UTC, datetime

    from sito.alerts.channels import Channels
    from sito.cli.alerts import _sender

    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "calendar.csv").write_text("date,kind,note\n2026-11-24,off,a day of the region\n", "utf-8")
    with _sender(options[1], Channels.read(Path(options[3])), folder) as sender:
        window = sender._schedule.window("R-TE-INFORM", (), datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert window is not None and window.latest_at == datetime(2026, 11, 25, 21, tzinfo=UTC)
    (folder / "calendar.csv").write_text("no calendar", "utf-8")
    assert call("alerts", "send", *options, "--policy", folder).err.startswith("sito: POL204")
