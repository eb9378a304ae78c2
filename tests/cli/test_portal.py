"""`sito portal`: what an operator types, against an emulator of its own process and in this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_fixtures import Call
from tests.portal.service import PASSWORD, Service, fault, message, put, put_lists, rules, te, write_settings

from sito.ledger import Ledger

CLIENTS = "id,name\nC-1,Чертополохов Евлампий Савватеевич\nC-2,Незабудкин Пахом Пахомович\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    put_lists(tmp_path / "service")
    made = Service(tmp_path / "service", rules())
    write_settings(tmp_path, made.emulator.url)
    yield made
    made.close()


def test_access_is_tried(call: Call, service: Service, tmp_path: Path) -> None:
    assert call("portal", "login", "--portal", tmp_path / "portal.toml").out == "production: rfm was given a token\n"
    service.emulator.use(rules(password="another"))
    answer = call("portal", "login", "--portal", tmp_path / "portal.toml")
    assert (answer.code, answer.err[:12]) == (2, "sito: PRT202")
    assert PASSWORD not in answer.err


def test_lists_become_an_index_with_what_changed(call: Call, service: Service, tmp_path: Path) -> None:
    call("ledger", "init", "--ledger", tmp_path / "l.db")
    told = ("--portal", tmp_path / "portal.toml", "--into", tmp_path / "lists", "--index", tmp_path / "l.index",
            "--ledger", tmp_path / "l.db")  # fmt: skip
    first = call("portal", "lists", *told)
    assert first.code == 0
    assert [line.split() for line in first.out.splitlines() if "RU-TE" in line] == [["RU-TE", "2", "0", "0"]]
    put(tmp_path / "service", "te21", te(("T-1", "ПРИМЕР"), ("T-3", "ПРИМЕР"), date="2026-11-21"))
    second = json.loads(call("portal", "lists", *told, "--json").out)
    assert second["changes"]["RU-TE"] == {"added": ["T-3"], "changed": ["T-1"], "removed": ["T-2"]}
    service.emulator.use(rules(fault=(fault("html_502", "suspect-catalogs/current-mvk-catalog", count=0),)))
    third = call("portal", "lists", *told)
    assert (third.code, "mvk: failed: PRT203" in third.err) == (1, True)
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}") as ledger, ledger.read() as view:
        kinds = [one.event.kind for one in view.events()]
    assert (kinds.count("list_fetched"), kinds.count("list_loaded"), kinds.count("list_used")) == (5, 8, 0)
    assert call("info", tmp_path / "l.index").code == 0


def test_lists_of_a_test_are_not_for_a_ledger(call: Call, service: Service, tmp_path: Path) -> None:
    path = write_settings(tmp_path, service.emulator.url, contour="test")
    told = ("--portal", path, "--into", tmp_path / "lists")
    assert call("portal", "lists", *told).code == 0
    assert "PRT305" in call("portal", "lists", *told, "--index", tmp_path / "i", "--ledger", tmp_path / "l.db").err
    assert "PRT305" in call("portal", "watch", *told, "--index", tmp_path / "i", "--ledger", tmp_path / "l.db").err


def test_a_message_can_be_asked_for(call: Call, service: Service, tmp_path: Path) -> None:
    from tests.portal.service import client_of

    told = ("--portal", tmp_path / "portal.toml")
    assert call("portal", "status", "R-1", *told).code == 1
    sent = client_of(tmp_path / "portal.toml").send("a.xml", message("R-1"), b"s")
    answer = call("portal", "status", sent.message_id, *told)
    assert (answer.code, answer.out) == (0, f"{sent.message_id} R-1: 3 Проверка ФЛК\n")
    assert json.loads(call("portal", "status", "R-1", *told, "--json").out)["status"] == 97
    assert call("portal", "ticket", "R-1", *told, "--output", tmp_path / "t.xml").code == 0
    assert "принято".encode("windows-1251") in (tmp_path / "t.xml").read_bytes()
    assert "CLI133" in call("portal", "ticket", "R-1", *told, "--output", tmp_path / "t.xml").err
    service.emulator.use(rules(polls_before_ticket=9))
    client_of(tmp_path / "portal.toml").send("b.xml", message("R-2"), b"s")
    assert call("portal", "ticket", "R-2", *told, "--output", tmp_path / "u.xml").code == 1
    write_settings(tmp_path, service.emulator.url, external_search="no")
    assert "CLI142" in call("portal", "status", "R-1", *told).err


def test_an_application_for_access_is_packed(call: Call, service: Service, tmp_path: Path) -> None:
    path = write_settings(tmp_path, service.emulator.url, contour="test")
    for name, data in (("m.xml", message("R-1")), ("m.sig", b"s"), ("p.xml", b"p"), ("p.sig", b"ps")):
        (tmp_path / name).write_bytes(data)
    told = ("portal", "access-request", "--portal", path)
    first = call(*told, "--output", tmp_path / "empty.zip")
    assert (first.code, first.err.count("no good call")) == (1, 8)
    files = ("--message", tmp_path / "m.xml", "--signature", tmp_path / "m.sig", "--power", tmp_path / "p.xml")
    assert "CLI142" in call(*told, "--output", tmp_path / "a.zip", *files).err
    assert call(*told, "--output", tmp_path / "a.zip", *files, "--power-signature", tmp_path / "p.sig").code == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert len(packed.namelist()) == 12
    assert (tmp_path / "a.zip").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "192.0.2.1:80"])
def test_an_emulator_listens_on_this_machine_alone(call: Call, tmp_path: Path, listen: str) -> None:
    answer = call("portal", "emulate", "--folder", tmp_path, "--listen", listen)
    assert answer.code == 2 and ("PRT403" in answer.err or "CLI142" in answer.err)


def test_a_watch_brings_a_new_edition_to_cases_and_stops_when_told(call: Call, tmp_path: Path, patience: float) -> None:
    """The way of a bank: an emulator and a watch as programs; both end at SIGTERM."""
    put_lists(tmp_path / "service")
    (tmp_path / "service/rules.toml").write_text(f'password = "{PASSWORD}"\n')
    call("ledger", "init", "--ledger", tmp_path / "l.db")
    call("ledger", "new-key", tmp_path / "key")
    (tmp_path / "c.csv").write_text(CLIENTS, "utf-8")
    assert call("clients", "import", tmp_path / "c.csv", "--base", tmp_path / "base").code == 0
    program = [sys.executable, "-m", "sito.cli", "portal"]
    emulator = subprocess.Popen(
        [*program, "emulate", "--folder", tmp_path / "service"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running: subprocess.Popen[str] | None = None
    lines: list[str] = []
    try:
        assert emulator.stdout is not None
        path = write_settings(tmp_path, emulator.stdout.readline().split(" = ")[1].strip())
        running = subprocess.Popen(
            [*program, "watch", "--portal", path, "--into", tmp_path / "lists", "--index", tmp_path / "l.index",
             "--ledger", tmp_path / "l.db", "--base", tmp_path / "base", "--key-file",
             tmp_path / "key", "--interval", "0.2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
        )  # fmt: skip
        assert running.stdout is not None
        thread = threading.Thread(target=lambda stream=running.stdout: lines.extend(stream), daemon=True)
        thread.start()

        def wait_for(words: str) -> None:
            until = time.monotonic() + 30 * patience
            while not any(words in line for line in lines) and time.monotonic() < until:
                time.sleep(0.05)
            assert any(words in line for line in lines), lines

        wait_for("2 clients screened, 1 brought to cases")
        people = (("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ САВВАТЕЕВИЧ"), ("T-7", "НЕЗАБУДКИН ПАХОМ ПАХОМОВИЧ"))
        lines.clear()
        put(tmp_path / "service", "te21", te(*people, date="2026-11-21"))
        wait_for("RU-TE: 1 added, 0 changed, 1 removed")
        wait_for("2 clients screened, 1 brought to cases")
    finally:
        said = {}
        for name, process in (("watch", running), ("emulator", emulator)):
            if process is not None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
                assert process.stderr is not None
                said[name] = (process.returncode, process.stderr.read())
                process.stderr.close()
        emulator.stdout.close() if emulator.stdout else None
    thread.join(10)
    running.stdout.close()
    assert said["watch"] == (143, "sito: terminated; nothing half-written is left\n")
    assert said["emulator"][0] == 143
    assert call("ledger", "verify", "--ledger", tmp_path / "l.db").code == 0
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}") as ledger, ledger.read() as view:
        assert sum(one.event.kind == "case_opened" for one in view.events()) == 2
