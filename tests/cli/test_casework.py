"""`sito case`, `sito measure`, `sito deadlines`, `sito staff`: what people of a bank type, and who may not."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_fixtures import Answer, Call
from tests.cases.office import FACTS, SYSTEM, hit, screening

from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk
from sito.cases.machines import MACHINES, MEASURES
from sito.cases.pages import case_page
from sito.cases.projection import ATTEMPT_REFUSED, PROJECTION
from sito.cases.reception import PERSONAL_SHOWN
from sito.cases.states import BEGIN
from sito.cases.typed import is_list, is_table
from sito.cli import run
from sito.cli.ledger import account
from sito.ledger import Ledger, Sealer
from sito.ledger.events import Row
from sito.ledger.sealing import read_key
from sito.policy.calendar import load_calendar
from sito.policy.verdict import default_policy

NAME = "Чертополохов Евлампий"
WHO = {"anna": "officer", "boris": "officer", "vera": "head", "oleg": "operator", "prov": "auditor"}


@dataclass
class Bank:
    """A ledger with one case, people with tokens, and how they type."""

    call: Call
    folder: Path
    url: str

    def __call__(self, name: str, *words: object) -> Answer:
        common = ["--ledger", self.url, "--staff", self.folder / "staff.toml", "--token-file", self.folder / name]
        key = [] if words[:2] in {("case", "list"), ("measure", "list")} or words[0] == "deadlines" else self.key
        return self.call(*words, *common, *key)

    @property
    def key(self) -> list[object]:
        return ["--key-file", self.folder / "personal.key"]

    def open(self) -> Ledger:
        sealer = Sealer(read_key(self.folder / "personal.key"))
        return Ledger.open(self.url, sealer=sealer, projections=[PROJECTION])

    def open_case(self, request_id: str = "first", *, at: datetime | None = None, **told: Any) -> None:
        with self.open() as ledger:
            desk = Desk(ledger, schedule=PolicySchedule(default_policy().file.terms, load_calendar()))
            what = screening(hit(), term_ids=("te-freeze-1wd", "te-freeze-24h"), **told)
            desk.open_case(
                what, personal={"name": NAME}, caller=SYSTEM, request_id=request_id, at=at or datetime.now(UTC)
            )

    def refused(self) -> list[tuple[str, str, str]]:
        with self.open() as ledger, ledger.read() as view:
            found = [one.event.facts for one in view.events(kinds=[ATTEMPT_REFUSED])]
        return [(one["code"], one["action"], one["name"]) for one in found]

    def seen(self, subject: str, action: str) -> list[object]:
        """What somebody types who has looked at the case, where the step wants to know it."""
        row = next(row for row in MACHINES[subject.partition(":")[0]].rows if row.action == action)
        if "seen" not in row.needs:
            return []
        page = json.loads(self("anna", "case", "show", subject, "--json").out)
        return ["--seen", page["last_sequence"]]


@pytest.fixture
def bank(call: Call, tmp_path: Path) -> Bank:
    lines = []
    for name, role in WHO.items():
        answer = call("staff", "new-token", tmp_path / name)
        assert answer.code == 0 and stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        line = answer.out.splitlines()[0]
        assert (tmp_path / name).read_text().strip() not in answer.out
        lines.append(f'[[person]]\nname = "{name}"\nroles = ["{role}"]\n{line}\n')
    (tmp_path / "staff.toml").write_text("\n".join(lines), "utf-8")
    assert call("ledger", "new-key", tmp_path / "personal.key").code == 0
    assert call("ledger", "init", "--ledger", tmp_path / "sito.db").code == 0
    made = Bank(call, tmp_path, f"sqlite:///{tmp_path / 'sito.db'}")
    made.open_case()
    return made


def test_from_a_case_to_a_freeze_and_out_of_it_again(bank: Bank) -> None:
    """Every line of it is typed by somebody; every screen says what the law wants next, in Moscow time."""
    answer = bank("anna", "case", "list")
    assert answer.code == 0 and "case:1" in answer.out and "R-TE-FREEZE" in answer.out and " MSK" in answer.out
    assert bank("anna", "case", "assign", "case:1", "--assignee", "anna").code == 0
    (bank.folder / "why.txt").write_text("имена и даты рождения совпали\n", "utf-8")
    told = ["--measure", "freeze", "--motive", f"@{bank.folder / 'why.txt'}", *bank.seen("case:1", "confirm")]
    answer = bank("anna", "case", "confirm", "case:1", *told)
    assert answer.code == 0 and "now confirmed" in answer.out and "approve" in answer.out
    answer = bank("boris", "case", "approve", "case:1", *bank.seen("case:1", "approve"))
    assert answer.code == 0 and "freeze:1: propose done, now proposed" in answer.out
    answer = bank("oleg", "measure", "apply", "freeze:1")
    assert answer.code == 0 and "R-TE-INFORM" in answer.out and "Message to Rosfinmonitoring: freeze" in answer.out
    assert bank("anna", "measure", "inform", "freeze:1", "--message-id", "FES-1").code == 0
    page = bank("anna", "measure", "show", "freeze:1").out
    assert "nothing more of this by a time" in page
    told = ("--carve-rule", "R-CARVE-WAGE", "--amount-kopecks", "650001")
    assert "10000.00 of 10000.00 left, 10000.00 more with each member" in page and "no limit" in page
    assert bank("anna", "measure", "ask-release", "freeze:1", *told).code == 0
    assert bank("boris", "measure", "release", "freeze:1", *told).code == 0
    assert "3499.99 of 10000.00 left" in bank("anna", "measure", "show", "freeze:1").out
    assert bank("anna", "measure", "ask-lift", "freeze:1", "--lift-ground", "court", "--motive", "суд").code == 0
    assert bank("vera", "measure", "lift", "freeze:1", "--lift-ground", "court").code == 0
    answer = bank("prov", "case", "show", "case:1")
    assert answer.code == 0 and "followed by: freeze:1" in answer.out and "lift -> lifted" in answer.out
    assert NAME not in answer.out and "совпали" not in answer.out
    assert bank.refused() == []


def test_personal_data_are_for_those_who_need_them_and_that_is_recorded(bank: Bank) -> None:
    answer = bank("prov", "case", "show", "case:1", "--personal")
    assert answer.code == 0 and NAME in answer.out
    refused = bank("oleg", "case", "show", "case:1", "--personal")
    assert (refused.code, refused.out) == (2, "") and "CAS204" in refused.err
    assert bank.refused() == [("CAS204", "look", "oleg")]
    with bank.open() as ledger, ledger.read() as view:
        shown = [(one.caller.name, one.event.facts) for one in view.events(kinds=[PERSONAL_SHOWN])]
    assert shown == [("prov", {"purpose": "show"})]
    keyless = bank.call("case", "show", "case:1", "--personal", "--ledger", bank.url, "--staff",
                        bank.folder / "staff.toml", "--token-file", bank.folder / "prov")  # fmt: skip
    assert keyless.code == 2 and "LED130" in keyless.err and keyless.out == ""


def test_an_export_proves_itself(bank: Bank) -> None:
    """Whoever has the file makes each digest again from what stands in it, without a key and without the ledger."""
    bank("anna", "case", "assign", "case:1", "--assignee", "anna")
    told = ["--measure", "none", "--motive", "другое лицо", *bank.seen("case:1", "confirm")]
    assert bank("anna", "case", "confirm", "case:1", *told).code == 0
    file = bank.folder / "case-1.json"
    assert bank("prov", "case", "export", "case:1", "--output", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_text("utf-8"))
    assert NAME not in file.read_text("utf-8") and "другое" not in file.read_text("utf-8")
    for event in document["events"]:
        proof = event["proof"]
        row = Row(
            event["sequence"], bytes.fromhex(proof["previous"]), event["kind"], event["subject"], proof["at_us"],
            event["by"], event["role"], event["request_id"], proof["request_digest"], proof["place"], proof["count"],
            proof["facts_text"].encode(), bytes.fromhex(proof["commitment"]),
        )  # fmt: skip
        assert row.digest().hex() == event["digest"]
        fields = ["sito event 1", *msgspec.structs.astuple(row)]
        assert hashlib.sha256(msgspec.msgpack.encode(fields)).hexdigest() == event["digest"]
        assert json.loads(proof["facts_text"]) == event["facts"]
    assert [(one["action"], one["by"]) for one in document["decisions"]] == [("confirm", "anna")]
    assert document["head_digest"] == document["events"][-1]["digest"] and document["hits"] and document["duties"]
    assert bank("prov", "case", "export", "case:1", "--output", file).code == 2  # nothing is replaced
    opened = json.loads(bank("prov", "case", "export", "case:1", "--personal").out)
    assert opened["decisions"][0]["motive"] == "другое лицо"
    assert opened["events"][0]["personal"]["record"]["name"] == NAME


def test_deadlines_late_first_with_the_words_of_the_law(bank: Bank) -> None:
    now = datetime.now(UTC)
    with bank.open() as ledger:  # nothing yet that is late, but the case is due soon
        assert ledger.ledger_id
    answer = bank("anna", "deadlines")
    assert answer.code == 0 and "case:1 (new)" in answer.out and "MSK" in answer.out and "0 of them late" in answer.out
    bank.open_case("old", at=now - timedelta(days=40), client_id="C-2", record_id="C-2")
    answer = bank("anna", "deadlines")
    assert answer.code == 1 and re.search(r"late by 3\d d \d+ h", answer.out)
    assert answer.out.index("case:2 (new)") < answer.out.index("case:1 (new)")
    assert "R-TE-FREEZE: " in answer.out and "115-FZ" in answer.out and "2 due, 1 of them late" in answer.out
    near = bank("anna", "deadlines", "--within", "1h")
    assert near.code == 1 and "case:2" in near.out and "case:1" not in near.out
    found = json.loads(bank("anna", "deadlines", "--json").out)
    assert [(one["subject"], one["urgency"] == "late") for one in found] == [("case:2", True), ("case:1", False)]
    assert found[0]["words"] and found[0]["law"] and found[0]["next_actions"] == ["assign"]


def test_a_deadline_by_an_unconfirmed_calendar_is_marked(bank: Bank) -> None:
    at = datetime(2026, 12, 31, 9, tzinfo=UTC)
    bank("anna", "case", "act", "suspension", "apply", "--fact", "operation_id=OP-1", "--fact", "rule_id=R-SUSP",
         "--fact", f"trigger_at={at.isoformat()}")  # fmt: skip
    found = json.loads(bank("anna", "deadlines", "--json").out)
    marked = {one["rule"]: one["unconfirmed"] for one in found if one["subject"] == "suspension:1"}
    assert marked["R-SUSP"] is True
    assert "unconfirmed" in bank("anna", "measure", "show", "suspension:1").out


def test_where_there_is_nothing_a_sentence_says_so(bank: Bank) -> None:
    assert bank("anna", "measure", "list").out == "There is no measure like that.\n"
    assert bank("anna", "case", "list", "--kind", "message").out == "There is no message like that.\n"
    assert bank("anna", "case", "list", "--state", "rejected").out == "There is no case like that.\n"
    assert bank("anna", "deadlines", "--within", "0h").out == "Nothing is late, and nothing due within 0h.\n"
    assert json.loads(bank("anna", "measure", "list", "--json").out) == []


@pytest.mark.parametrize(("words", "code"), [
    (("case", "show", "case:9"), "CAS106"), (("case", "show", "house:1"), "CAS106"),
    (("case", "export", "case:9", "--personal"), "CAS106"), (("case", "list", "--kind", "house"), "CAS110"),
    (("case", "list", "--state", "lifted"), "CAS110"), (("measure", "list", "--kind", "case"), "CAS110"),
    (("measure", "list", "--after", "x"), "CAS110"), (("case", "list", "--limit", "0"), "CLI101"),
    (("deadlines", "--within", "soon"), "CLI134"), (("deadlines", "--within", "-1h"), "CLI134"),
    (("case", "assign", "case:1"), "CAS101"), (("case", "assign", "case:9", "--assignee", "anna"), "CAS106"),
    (("case", "assign", "case", "--assignee", "anna"), "CAS106"), (("case", "act", "case:1", "explode"), "CAS106"),
    (("case", "act", "house", "build"), "CAS106"), (("case", "act", "case", "open"), "CAS106"),
    (("case", "act", "case:1", "assign", "--fact", "assignee"), "CLI132"),
    (("case", "act", "case:1", "assign", "--fact", "owner=x"), "CAS131"),
    (("case", "act", "case:1", "assign", "--fact", "assignee=anna", "--fact", "assignee=y"), "CAS131"),
    (("case", "act", "case:1", "assign", "--fact", "assignee=anna", "--fact", "note=y"), "CAS102"),
    (("case", "note", "case:1", "--note", "@none.txt"), "CLI132"),
    (("case", "reopen", "case:1", "--reopen-cause", "new_facts"), "CAS105"),
    (("measure", "release", "freeze:1", "--amount-kopecks", "ten", "--carve-rule", "R-CARVE-WAGE"), "CAS131"),
    (("measure", "propose", "freeze", "--client-id", "C-1", "--rule-id", "R", "--trigger-at", "2026-03-03"), "CAS103"),
    (("case", "assign", "case:1", "--assignee", "anna", "--role", "head"), "CAS208"),
])  # fmt: skip
def test_wrong_use_is_one_clear_line(bank: Bank, words: tuple[str, ...], code: str) -> None:
    answer = bank("anna", *words)
    assert (answer.code, answer.out) == (2, ""), answer
    assert answer.err.startswith(f"sito: {code} ") and answer.err.count("\n") == 1


HALF = "\udcff"  # a byte of the command line that is no UTF-8, as Python has it


@pytest.mark.parametrize(("words", "code"), [
    (("case", "list", "--client", HALF), "CAS110"), (("case", "list", "--assignee", HALF), "CAS110"),
    (("case", "list", "--state", HALF), "CAS110"), (("case", "list", "--kind", HALF), "CAS110"),
    (("case", "list", "--after", 10**30), "CAS110"), (("measure", "list", "--operation", HALF), "CAS110"),
    (("measure", "list", "--after", HALF), "CAS110"), (("case", "show", f"case:{HALF}"), "CAS106"),
    (("case", "show", f"case:{HALF}", "--personal"), "CAS106"), (("case", "export", f"case:{HALF}"), "CAS106"),
    (("case", "show", "case:" + "9" * 100_000), "CAS106"), (("case", "note", "case:1", "--note", HALF), "CAS103"),
    (("case", "note", "case:1", "--note", "x" * 100_000), "CAS103"),
    (("case", "note", "case:1", "--note", "x", "--request-id", HALF), "CAS132"),
    (("case", "note", "case:1", "--note", "x", "--role", HALF), "CAS208"), (("case", "act", HALF, HALF), "CAS106"),
    (("case", "act", f"case:1{HALF}", "note"), "CAS103"), (("case", "assign", "case:1", "--assignee", HALF), "CAS133"),
    (("case", "reopen", "case:1", "--fact", "screening=" + "[" * 90_000), "CAS131"),
    (("deadlines", "--within", "999999d"), "CLI134"), (("deadlines", "--within", HALF), "CLI134"),
    (("case", "export", "case:1", "--output", "/dev/null/x"), "CLI133"),
    (("case", "note", "case:1", "--note", "@/dev/zero"), "CLI132"),
    (("case", "note", "case:1", "--note", "@"), "CLI132"),
    (("case", "list", "--server", f"localhost:{HALF}", "--ledger", ""), "CLI135"),
])  # fmt: skip
def test_hostile_words_are_one_clear_line_too(bank: Bank, words: tuple[object, ...], code: str) -> None:
    answer = bank("anna", *words[:2], *words[2:]) if "--server" not in words else bank.call(*words)
    assert (answer.code, answer.out) == (2, ""), answer
    assert answer.err.startswith(f"sito: {code} ") and answer.err.count("\n") == 1 and len(answer.err) < 500


def test_no_id_note_or_file_acts_on_a_terminal(bank: Bank) -> None:
    """Ids may hold control characters of the second row, notes may hold all; also JSON goes to terminals."""
    evil = "\x9b31m\x90q\u202e\u061c\u2028"
    told = [word for name in ("client_id", "rule_id", "law", "term_ids") for word in ("--fact", f"{name}=R-{evil}")]
    answers = [bank("anna", "case", "act", "freeze", "propose", *told)]
    answers.append(bank("anna", "case", "note", "case:1", "--note", f"a\x1b[2J\x07{evil}\r"))
    for words in (
        ("measure", "list"), ("measure", "show", "freeze:1"), ("deadlines",), ("case", "show", "case:1", "--personal"),
        ("measure", "list", "--json"), ("deadlines", "--json"), ("measure", "show", "freeze:1", "--json"),
        ("case", "show", "case:1", "--personal", "--json"), ("case", "export", "case:1", "--personal"),
    ):  # fmt: skip
        answers.append(bank("anna", *words))
    (noted,) = [one for one in json.loads(answers[-2].out)["events"] if one["action"] == "note"]
    assert noted["personal"]["note"] == f"a\x1b[2J\x07{evil}\r"
    person = '[[person]]\nname = "a"\n'
    for place, text in enumerate((f'{person}"\\u001b[31m" = 1\n', f'{person}roles = ["\\u009b31m\\u001b"]\n')):
        (bank.folder / f"{place}.toml").write_text(text, "utf-8")
        answers.append(bank.call("staff", "check", bank.folder / f"{place}.toml"))
    answers.append(bank.call("staff", "check", bank.folder / f"\x1b[31m{evil}.toml"))
    for answer in answers:
        found = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u2028-\u202e]", answer.out + answer.err)
        assert not found, answer


def test_who_types_what_may_have_got_lost_is_told_how_to_type_it_again(bank: Bank) -> None:
    """The id of a request that was made here is known to nobody else: without it the same would happen twice."""
    answer = bank.call("case", "note", "case:1", "--note", "x", "--server", "localhost:1", "--token-file",
                       bank.folder / "anna", "--request-id", "q-7")  # fmt: skip
    assert answer.code == 2 and "--request-id q-7" in answer.err and "SCR301" in answer.err


@pytest.mark.parametrize("text", ["ab\ncd", "a\x01b", " ", ""])
def test_a_file_that_holds_no_token_is_refused(bank: Bank, text: str) -> None:
    (bank.folder / "odd").write_text(text)
    assert bank("odd", "case", "list").err.startswith("sito: CLI131 ")


def test_who_is_nobody_is_refused_and_recorded_whatever_he_types(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown account, an unknown token, no staff file; variables that name another account change nothing."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "anna")
    common = ["--ledger", bank.url]
    staff = [*common, "--staff", bank.folder / "staff.toml"]
    (bank.folder / "wrong").write_text("x" * 43)
    words: tuple[object, ...] = ("case", "assign", "case:1", "--assignee", "anna")
    for told in (common, staff, [*staff, "--token-file", bank.folder / "wrong"]):
        for what in (words, ("case", "list"), ("measure", "list"), ("deadlines",), ("case", "show", "case:1"),
                     ("case", "export", "case:1")):  # fmt: skip
            answer = bank.call(*what, *told)
            assert (answer.code, answer.out) == (2, "") and answer.err.startswith("sito: CAS206 ")
    names = {name for _, _, name in bank.refused()}
    assert names == {f"local:{account()}", "token"}
    assert {code for code, _, _ in bank.refused()} == {"CAS206"}
    for text in (b"", b"\xff", b"x" * 5000):
        (bank.folder / "wrong").write_bytes(text)
        assert "CLI131" in bank.call(*words, *staff, "--token-file", bank.folder / "wrong").err
    assert "CLI131" in bank.call(*words, *staff, "--token-file", bank.folder / "none").err


def test_the_account_of_the_machine_says_who_types(bank: Bank) -> None:
    people = f'[[person]]\nname = "anna"\nroles = ["officer", "head"]\nusers = ["{account()}"]\n'
    (bank.folder / "local.toml").write_text(people, "utf-8")
    told = ["--ledger", bank.url, "--staff", bank.folder / "local.toml"]
    assert bank.call("case", "assign", "case:1", "--assignee", "anna", *told).code == 0
    with bank.open() as ledger, ledger.read() as view:
        last = list(view.events(subject="case:1"))[-1]
    assert (last.caller.name, last.caller.role) == ("anna", "head")


@pytest.mark.parametrize(("first", "second", "code"), [
    ("anna", "anna", "CAS205"), ("anna", "oleg", "CAS204"), ("anna", "prov", "CAS204"),
])  # fmt: skip
def test_wrong_hands_are_refused_and_recorded(bank: Bank, first: str, second: str, code: str) -> None:
    bank(first, "case", "assign", "case:1", "--assignee", first)
    told = ["--measure", "freeze", "--motive", "он", *bank.seen("case:1", "confirm")]
    assert bank(first, "case", "confirm", "case:1", *told).code == 0
    answer = bank(second, "case", "approve", "case:1", *bank.seen("case:1", "approve"))
    assert answer.code == 2 and answer.err.startswith(f"sito: {code} ")
    assert bank.refused() == [(code, "approve", second)]


def test_the_same_request_again_changes_nothing_and_another_content_is_refused(bank: Bank) -> None:
    words = ("case", "note", "case:1", "--request-id", "R-1", "--json", "--note")
    first = bank("anna", *words, "запрошены документы")
    assert first.code == 0
    assert json.loads(bank("anna", *words, "запрошены документы").out) == json.loads(first.out)
    for who, text in (("anna", "иное"), ("boris", "запрошены документы")):
        answer = bank(who, *words, text)
        assert answer.code == 2 and answer.err.startswith("sito: LED199 ")
    assert [(code, name) for code, _, name in bank.refused()] == [("LED199", "anna"), ("LED199", "boris")]


def test_every_action_of_every_table_can_be_typed(bank: Bank) -> None:
    """By `case act` all; and all of cases and measures by a command of their own that has an option for each fact."""
    for machine in MACHINES.values():
        for row in machine.rows:
            apps = ["case"] if machine.name == "case" else ["measure"] if machine.name in MEASURES else []
            if machine.name == "case" and row.action in {"open", "repeat"}:
                continue
            for app in apps:
                text = bank.call(app, row.action.replace("_", "-"), "--help").out
                for fact in {*row.needs, *row.may} - {"screening"}:  # that is no person's to tell
                    assert f"--{fact.replace('_', '-')}" in text, (app, row.action, fact)
            what = machine.name if row.state == BEGIN else f"{machine.name}:999"
            told: list[str] = []
            for name in row.needs:
                told += [word for fact in typed(name) for word in ("--fact", fact)]
            answer = bank("anna", "case", "act", what, row.action, *told)
            # Either it was done, or it was understood and something else is in the way.
            assert answer.code == 0 or re.match(r"sito: CAS(106|112|122|204|301) ", answer.err), (row, answer.err)


def typed(name: str) -> list[str]:
    if name == "screening":
        return [f"screening={msgspec.json.encode(screening()).decode()}"]
    if name == "editions":
        return [f"editions={one['list_id']}@{one['edition']}" for one in FACTS[name]]
    value = FACTS.get(name, 1)
    if is_table(name):
        return [f"{name}.{field}={text}" for field, text in value.items()]
    return [f"{name}={item}" for item in (value if is_list(name) else [value])]


def test_a_message_goes_its_way_by_the_generic_door(bank: Bank) -> None:
    facts = [word for name in MACHINES["message"].rows[0].needs for fact in typed(name) for word in ("--fact", fact)]
    assert bank("oleg", "case", "act", "message", "draft", *facts).code == 0
    assert bank("anna", "case", "act", "message:1", "report", "--fact", "motive=признаки").code == 0
    assert bank("vera", "case", "act", "message:1", "head-report", "--fact", "motive=согласна").code == 0
    assert bank("anna", "case", "act", "message:1", "sent", "--fact", "message_id=FES-2").code == 0
    with bank.open() as ledger, ledger.read() as view:
        page = case_page(view, "message:1", schedule=PolicySchedule(default_policy().file.terms, load_calendar()),
                         policy=default_policy(), now=datetime.now(UTC), with_personal=True)  # fmt: skip
    assert (page.state, page.duties) == ("sent", ())
    assert page.events[0].personal == {"operation": FACTS["operation"], "party": FACTS["party"]}


def test_a_staff_file_is_checked(bank: Bank) -> None:
    answer = bank.call("staff", "check", bank.folder / "staff.toml")
    assert answer.code == 0 and all(name in answer.out for name in WHO)
    (bank.folder / "empty.toml").write_text("person = []\n")
    assert "nobody may do anything" in bank.call("staff", "check", bank.folder / "empty.toml").out
    (bank.folder / "bad.toml").write_text('[[person]]\nname="sito"\nroles=["system"]\n')
    assert bank.call("staff", "check", bank.folder / "bad.toml").err.startswith("sito: CAS401 ")
    assert "CLI133" in bank.call("staff", "new-token", bank.folder / "anna").err


def test_what_is_late_is_red_on_a_terminal_and_plain_in_a_file(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    bank.open_case("old", at=datetime.now(UTC) - timedelta(days=40), client_id="C-2", record_id="C-2")
    assert "\x1b" not in bank("anna", "deadlines").out
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        words = ["deadlines", "--ledger", bank.url, "--staff", str(bank.folder / "staff.toml"), "--token-file",
                 str(bank.folder / "anna")]  # fmt: skip
        assert run(words) == 1
        terminal.flush()
        shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    late = next(line for line in shown.splitlines() if "case:2 (new)" in line)
    assert "\x1b[1;31m" in late and "late by" in late
