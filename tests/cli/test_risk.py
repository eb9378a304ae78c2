"""`sito risk` as people type it, over a ledger that real steps have written."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cli_fixtures import Call
from tests.cases.office import SYSTEM
from tests.cli.test_casework import Bank, bank

from sito.cli import app
from sito.ledger import Event
from sito.policy.calendar import moscow_day

__all__ = ["bank"]
REGISTERED = ("--registered-on", (datetime.now(UTC) - timedelta(days=20)).date())
USED = ("RU-TE", "RU-MVK")


def use_lists(bank: Bank, request_id: str = "lists") -> None:
    events = [Event("list_used", f"list:{name}", {"list_id": name, "edition": "1"}) for name in USED]
    with bank.open() as ledger:
        ledger.transact(lambda _: events, request_id=request_id, caller=SYSTEM, at=datetime.now(UTC))


def risk(bank: Bank, name: str, *words: object) -> Any:
    return bank(name, "risk", *words)


def test_it_is_a_command_of_sito() -> None:
    assert "risk" in app.COMMANDS


def test_it_gets_worse_when_the_clock_moves_and_better_when_a_check_was_told_of(bank: Bank, tmp_path: Path) -> None:
    answer = risk(bank, "anna")
    assert answer.code == 1 and "nor when you registered" in answer.out
    assert answer.out.count("unused: No use is known; counted from the beginning of the ledger") == 2
    use_lists(bank)
    answer = risk(bank, "anna", *REGISTERED)
    assert answer.code == 0, answer.out
    assert "the risk indicator is moderate" in answer.out and "not ticked" in answer.out  # of the checklist
    for item in ("convictions", "rules_report", "training"):
        day = moscow_day(datetime.now(UTC))
        answer = risk(bank, "anna", "tick", item, "--on", day, "--document", "Приказ № 12-р")
        assert answer.code == 0 and f"{item}: done until" in answer.out
    answer = risk(bank, "prov", *REGISTERED)
    assert "the risk indicator is low" in answer.out and "Приказ № 12-р" in answer.out
    later = moscow_day(datetime.now(UTC)) + timedelta(days=100)
    answer = risk(bank, "anna", *REGISTERED, "--at", later)
    assert answer.code == 1 and "if nothing happens after" in answer.out
    assert re.search(r"Check message within 3 months: low -> high \(\d+ d left -> \d+ d late\): by time", answer.out)
    assert "List of terrorists unused: low -> high (0 d -> 100 d): by time that passed; event" in answer.out
    # The same by a check that is told of.
    for name, *words in (
        ("anna", "act", "check", "plan"), ("oleg", "act", "check:1", "start"),
        ("anna", "act", "check:1", "finish", "--fact", "client_count=5", "--fact", "match_count=0",
         "--fact", "editions=RU-TE@1"),
        ("boris", "act", "check:1", "report", "--fact", "message_id=FES-1"),
    ):  # fmt: skip
        answer = bank(name, "case", *words)
        assert answer.code == 0, answer.err
    found = json.loads(risk(bank, "anna", "--json").out)
    by = {one["metric"]: one for one in found["metrics"]}
    assert by["check_missing"]["level"] == "low" and by["check_missing"]["value"] < -85
    assert (by["check_late"]["of"], by["check_unlisted"]["of"], by["check_unlisted"]["value"]) == (1, 1, 0.0)
    assert any(one["what"] == "check_missing" for one in found["changes"])
    assert len(by["te_unused"]["history"]) == 53
    report = tmp_path / "report.html"
    report.write_text("")
    assert "The report stands in report.html" in risk(bank, "anna", "--at", "2026-01-01", "--html", report).out
    former = report.read_bytes()
    answer = risk(bank, "anna", "--html", report)
    assert "The report stands in report.html" in answer.out
    text = report.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>") and text.count("<svg") == 9 and text.encode() != former
    assert [path.name for path in tmp_path.iterdir() if "html" in path.name] == ["report.html"]


def test_only_who_may_ticks_and_whoever_may_not_is_recorded(bank: Bank) -> None:
    told = ("tick", "training", "--on", "2026-01-15", "--document", "№ 1")
    assert "CAS204" in risk(bank, "prov", *told).err
    assert bank.refused() == [("CAS204", "look", "prov")]
    assert risk(bank, "vera", *told, "--request-id", "q1").code == 0
    assert risk(bank, "vera", *told, "--request-id", "q1").code == 0
    with bank.open() as ledger, ledger.read() as view:
        (one,) = view.events(kinds=["risk_item_ticked"])
    assert one.event.facts == {"item": "training", "on": "2026-01-15", "document": "№ 1"}
    assert (one.caller.name, one.caller.role, one.event.subject) == ("vera", "head", "risk:training")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("tick", "colour", "--on", "2026-01-15", "--document", "1"), "RSK104"),
        (("tick", "training", "--on", "2999-01-15", "--document", "1"), "RSK105"),
        (("tick", "training", "--on", "2026-01-15", "--document", "Чертополохов"), "RSK105"),
        (("tick", "training", "--on", "2026-01-15", "--document", "1" * 65), "RSK105"),
        (("tick", "training", "--on", "soon", "--document", "1"), "CLI109"),
        (("--at", "soon"), "CLI109"), (("--at", "0001-01-01"), "CLI109"), (("--at", "9999-12-31"), "CLI109"),
        (("--registered-on", "x"), "CLI109"), (("--thresholds", "absent.toml"), "RSK101"),
        (("--html", "absent/report.html"), "CLI133"), (("--server", "127.0.0.1:1"), "CLI135"), (("colour",), "CLI101"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(bank: Bank, words: tuple[str, ...], code: str) -> None:
    answer = risk(bank, "anna", *words)
    assert answer.code == 2 and code in answer.err and answer.err.count("\n") == 1
    assert "Чертополохов" not in answer.err


def test_a_ledger_without_events_is_not_green(bank: Bank, call: Call) -> None:
    path = bank.folder / "empty.db"
    assert call("ledger", "init", "--ledger", path).code == 0
    words = ("risk", "--ledger", path, "--staff", bank.folder / "staff.toml", "--token-file", bank.folder / "anna")
    answer = call(*words, *REGISTERED)
    assert answer.code == 1 and answer.out.count("nothing can be known") == 1
    assert "indicator is raised" in answer.out and "Nothing changed" in answer.out
    assert " low " not in answer.out.split("item ", 1)[0]


def test_the_report_replaces_no_other_file(bank: Bank, tmp_path: Path) -> None:
    """A wrong word must not cost the ledger."""
    ledger, letter = bank.folder / "sito.db", tmp_path / "letter.html"
    letter.write_text("<!DOCTYPE html>\n<html lang='ru'><p>Письмо</p>", "utf-8")
    os.mkfifo(tmp_path / "pipe")
    for path in (ledger, letter, tmp_path, tmp_path / "pipe", Path("/dev/null")):
        former = path.read_bytes() if path.is_file() else b""
        answer = risk(bank, "anna", "--html", path)
        assert answer.code == 2 and "CLI133" in answer.err and answer.err.count("\n") == 1
        assert not path.is_file() or path.read_bytes() == former
    assert risk(bank, "anna", *REGISTERED).code == 1  # the ledger is there


def test_options_before_the_word_are_not_lost(bank: Bank, call: Call) -> None:
    """They would name another ledger than the one that is written to."""
    path = bank.folder / "other.db"
    assert call("ledger", "init", "--ledger", path).code == 0
    words = ("tick", "training", "--on", "2026-01-15", "--document", "1")
    answer = call("risk", "--ledger", path, *words, "--ledger", bank.url)
    assert answer.code == 2 and "CLI101" in answer.err and "behind the word tick" in answer.err
    with bank.open() as ledger, ledger.read() as view:
        assert not list(view.events(kinds=["risk_item_ticked"]))


def test_what_is_no_ledger_is_told(bank: Bank, call: Call) -> None:
    (bank.folder / "junk.db").write_bytes(b"\x00\xff" * 900)
    (bank.folder / "empty.db").write_bytes(b"")
    words = ("--staff", bank.folder / "staff.toml", "--token-file", bank.folder / "anna")
    for name in ("junk.db", "empty.db", "absent.db", "."):
        answer = call("risk", "--ledger", bank.folder / name, *words)
        assert answer.code == 2 and re.search(r"LED\d{3}", answer.err) and answer.err.count("\n") == 1, name
    assert not (bank.folder / "absent.db").exists()
    answer = call("risk", "--ledger", "postgresql://nobody@127.0.0.1:1/x", *words)
    assert answer.code == 2 and answer.err.count("\n") == 1


def test_a_file_of_thresholds_that_is_wrong_is_told_and_one_that_is_right_counts(bank: Bank) -> None:
    text = files("sito.risk").joinpath("data", "thresholds.toml").read_text("utf-8")
    own = bank.folder / "own.toml"
    for former, other, code in (
        ("high = 30", "high = 1", "RSK102"), ("high = 30", "", "RSK101"), ("2015-01-01", "2999-01-01", "RSK103"),
    ):  # fmt: skip
        own.write_text(text.replace(former, other), "utf-8")
        answer = risk(bank, "anna", "--thresholds", own)
        assert answer.code == 2 and code in answer.err and answer.err.count("\n") == 1
    use_lists(bank)
    for item in ("convictions", "rules_report", "training"):
        day = moscow_day(datetime.now(UTC))
        assert risk(bank, "anna", "tick", item, "--on", day, "--document", "1").code == 0
    assert "is low" in risk(bank, "anna", *REGISTERED).out
    own.write_text(text.replace("moderate = -14\n", "moderate = -80\n").replace("Not published:", "Ours:"), "utf-8")
    answer = risk(bank, "anna", *REGISTERED, "--thresholds", own)
    assert answer.code == 0 and "is moderate" in answer.out and "Ours:" in answer.out
