"""`sito risk` as people type it, over a ledger that real steps have written."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cases.office import SYSTEM
from tests.cli.test_casework import Bank, bank

from sito.cli import app
from sito.ledger import Event, Ledger
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
    report.write_text("former content")
    answer = risk(bank, "anna", "--html", report)
    assert "The report stands in report.html" in answer.out
    text = report.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>") and text.count("<svg") == 9 and "former content" not in text
    assert [path.name for path in tmp_path.iterdir() if "html" in path.name] == ["report.html"]


def test_a_ledger_without_events_is_not_green(bank: Bank) -> None:
    url = f"sqlite:///{bank.folder / 'empty.db'}"
    Ledger.create(url)
    answer = bank.call("risk", "--ledger", url, "--staff", bank.folder / "staff.toml", "--token-file",
                       bank.folder / "anna", *REGISTERED)  # fmt: skip
    assert answer.code == 1 and "indicator is raised" in answer.out and "Nothing changed" in answer.out


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
