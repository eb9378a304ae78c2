"""`sito papers` as people type it."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli_fixtures import Call
from docx import Document
from tests.cli.test_casework import NAME, Bank, bank
from tests.cli.test_clients import base
from tests.cli.test_fes import ORGANISATION
from tests.papers.story import text_of

from sito.papers import PAPER_WRITTEN, SORTS
from sito.policy.calendar import moscow_day

__all__ = ["bank", "base"]
TODAY = moscow_day(datetime.now(UTC))
DAYS = ("--from", TODAY - timedelta(days=30), "--until", TODAY)


def test_which_papers_there_are(call: Call) -> None:
    answer = call("papers", "list")
    assert answer.code == 0 and all(sort.kind in answer.out for sort in SORTS)
    found = json.loads(call("papers", "list", "--json").out)
    assert [one["kind"] for one in found] == [sort.kind for sort in SORTS]


def test_all_papers_of_a_period_and_who_wrote_them(bank: Bank) -> None:
    bank("anna", "case", "assign", "case:1", "--assignee", "anna")
    told = ["--measure", "freeze", "--motive", "совпали имена", *bank.seen("case:1", "confirm")]
    assert bank("anna", "case", "confirm", "case:1", *told).code == 0
    assert bank("boris", "case", "approve", "case:1", *bank.seen("case:1", "approve")).code == 0
    folder = bank.folder / "reports"
    folder.mkdir()
    (bank.folder / "organisation.toml").write_text(ORGANISATION, "utf-8")
    digests = {}
    for sort in SORTS:
        if sort.kind == "check":
            continue
        answer = bank("prov", "papers", "write", sort.kind, *DAYS, "--output", folder, "--organisation",
                      bank.folder / "organisation.toml")  # fmt: skip
        assert answer.code == 0, answer.err
        path = folder / f"sito-{sort.kind}-{DAYS[1]}-{DAYS[3]}.docx"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and "АО «Банк Чертополох»" in text_of(str(path))
        digests[sort.kind] = hashlib.sha256(path.read_bytes()).hexdigest()
    with bank.open() as ledger, ledger.read() as view:
        told_of = {
            one.event.facts["paper"]: (one.caller.name, one.event.facts) for one in view.events(kinds=[PAPER_WRITTEN])
        }
    assert {kind: facts["sha256"] for kind, (_, facts) in told_of.items()} == digests
    assert {name for name, _ in told_of.values()} == {"prov"}
    again = bank("prov", "papers", "write", "freezes", *DAYS, "--output", folder)
    assert again.code == 2 and "PAP104" in again.err
    second = bank("prov", "papers", "write", "freezes", *DAYS, "--output", bank.folder / "again.docx", "--organisation",
                  bank.folder / "organisation.toml")  # fmt: skip
    assert second.code == 0
    assert hashlib.sha256((bank.folder / "again.docx").read_bytes()).hexdigest() == digests["freezes"]


def test_the_outbox_says_whose_paper_it_is(bank: Bank) -> None:
    (bank.folder / "bank").mkdir()
    (bank.folder / "bank" / "o.toml").write_text(ORGANISATION, "utf-8")
    outbox = bank.folder / "bank" / "outbox.toml"
    outbox.write_text(
        'organisation = "o.toml"\n[signer.sign]\nargv = ["true"]\n[folder]\noutgoing = "a"\nincoming = "b"\n'
        'work = "c"\narchive = "d"\n', "utf-8",
    )  # fmt: skip
    path = bank.folder / "x.json"
    answer = bank("anna", "papers", "write", "audit", *DAYS, "--output", path, "--outbox", outbox, "--format", "json")
    assert answer.code == 0, answer.err
    paper = json.loads(path.read_text("utf-8"))
    assert paper["kind"] == "audit" and "АО «Банк Чертополох»" in paper["blocks"][0]["texts"][0]


def test_a_protocol_of_one_check(bank: Bank) -> None:
    act = ("case", "act")
    assert bank("anna", *act, "check", "plan").code == 0
    for name, action, *facts in (
        ("oleg", "start"),
        ("anna", "finish", "client_count=0", "match_count=0", "editions=RU-TE@2026-03-01"),
    ):
        words = [word for fact in facts for word in ("--fact", fact)]
        answer = bank(name, *act, "check:1", action, *words)
        assert answer.code == 0, answer.err
    path = bank.folder / "protocol.docx"
    write = ("papers", "write", "check")
    assert "PAP106" in bank("anna", *write, "--output", path).err
    assert "PAP106" in bank("anna", *write, "--id", "check:1", *DAYS, "--output", path).err
    assert "PAP106" in bank("anna", "papers", "write", "audit", "--id", "check:1", *DAYS, "--output", path).err
    assert "PAP103" in bank("anna", *write, "--id", "check:2", "--output", path).err
    assert bank("anna", *write, "--id", "check:1", "--output", path).code == 0
    assert "Клиентов, подлежащих проверке, на дату проверки не было." in text_of(str(path))
    assert bank("anna", *write, "--id", "check:1", "--output", bank.folder).code == 0
    assert (bank.folder / "sito-check-1.docx").read_bytes() == path.read_bytes()


def test_a_check_of_a_real_base_and_its_protocol(bank: Bank, base: Path) -> None:
    """Lists are loaded, the base is checked, hits become cases: all of it stands in the protocol and the report."""
    index, told = bank.folder / "lists.sito", ("--ledger", bank.url, *bank.key)
    assert bank.call("ledger", "load", index, "--ledger", bank.url).code == 0
    for _ in range(2):
        assert bank.call("clients", "check", "--base", base, "-i", index, *told).code == 0
    texts = {}
    for name in ("check:1", "check:2"):
        assert bank("prov", "papers", "write", "check", "--id", name, "--output", bank.folder).code == 0
        texts[name] = text_of(str(bank.folder / f"sito-{name.replace(':', '-')}.docx"))
    first, second = texts.values()
    assert "Проверено клиентов | 2\nВыявлено совпадений | 2\n" in first and "RU-TE | " in first
    assert "введён в действие" in first and "использован: проверка клиентов" in first
    assert "case:2 |" in first and "case:3 |" in first and "| новое" in first and "повторное" not in first
    assert "case:2 |" in second and "повторное совпадение | C-1" in second
    assert "| check:1" in second or "/ check:1" in second
    assert bank("prov", "papers", "write", "audit", *DAYS, "--output", bank.folder / "a.docx").code == 0
    report = text_of(str(bank.folder / "a.docx"))
    assert "Проверок клиентов завершено | 2" in report and "Дел открыто | 3" in report and "1 | check:1" in report


def test_personal_data_need_a_key_and_a_role(bank: Bank) -> None:
    write = ("papers", "write", "freezes", *DAYS, "--output")
    bank("anna", "case", "assign", "case:1", "--assignee", "anna")
    told = ["--measure", "freeze", "--motive", "совпали имена", *bank.seen("case:1", "confirm")]
    bank("anna", "case", "confirm", "case:1", *told)
    bank("boris", "case", "approve", "case:1", *bank.seen("case:1", "approve"))
    refused = bank("oleg", *write, bank.folder / "a.docx")
    assert refused.code == 2 and "CAS204" in refused.err
    keyless = ("--ledger", bank.url, "--staff", bank.folder / "staff.toml", "--token-file", bank.folder / "prov")
    answer = bank.call(*write, bank.folder / "a.docx", *keyless)
    assert answer.code == 2 and "PAP105" in answer.err and not (bank.folder / "a.docx").exists()
    answer = bank.call(*write, bank.folder / "a.docx", *keyless, "--without-personal-data")
    assert answer.code == 0 and "not opened" in answer.out
    assert "персональные данные не раскрыты" in text_of(str(bank.folder / "a.docx"))
    assert bank("oleg", *write, bank.folder / "b.docx", "--without-personal-data").code == 0
    assert NAME not in text_of(str(bank.folder / "b.docx"))
    with bank.open() as ledger, ledger.read() as view:
        told_of = [(one.caller.name, one.event.facts["with_personal"]) for one in view.events(kinds=[PAPER_WRITTEN])]
    assert told_of == [("prov", False), ("oleg", False)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("audit", "--from", "2026-06-30", "--until", "2026-01-01"), "PAP101"),
        (("audit", "--from", "2026-01-01", "--until", TODAY + timedelta(days=2)), "PAP101"),
        (("audit", "--from", "2026-01-01", "--until", "9999-12-31"), "PAP101"),
        (("audit", "--from", "2014-01-01", "--until", "2026-01-01"), "PAP101"),
        (("audit", "--from", "01.01.2026", "--until", "2026-01-31"), "PAP101"),
        (("audit", "--from", "2026-02-30", "--until", "2026-03-31"), "PAP101"),
        (("audit", "--from", "0001-01-01", "--until", "2026-03-31"), "PAP101"),
        (("audit",), "PAP106"),
        (("audit", "--from", "2026-01-01"), "PAP101"),
        (("ведомость", *DAYS), "PAP102"),
        (("audit", *DAYS, "--format", "pdf"), "CLI102"),
        (("audit", *DAYS, "--server", "localhost:1"), "CLI135"),
        (("audit", *DAYS, "--organisation", "nothing.toml"), "FES101"),
        (("audit", *DAYS, "--outbox", "nothing.toml"), "FES230"),
        (("audit", *DAYS, "--output", "no-folder/x.docx"), "PAP104"),
        (("audit", *DAYS, "--output", "no-folder/"), "PAP104"),
        (("audit", *DAYS, "--output", "x.docx", "--format", "json"), "PAP104"),
    ],
)
def test_what_cannot_be_written_says_why(bank: Bank, words: tuple[object, ...], code: str) -> None:
    output = () if "--output" in words else ("--output", bank.folder)
    answer = bank("anna", "papers", "write", *words, *output)
    assert answer.code == 2 and code in answer.err, answer
    assert not list(bank.folder.glob("*.docx"))


def test_a_day_of_another_century_is_a_day(bank: Bank) -> None:
    path = bank.folder / "old.docx"
    answer = bank(
        "anna", "papers", "write", "lists", "--from", "2014-10-26", "--until", date(2015, 1, 1), "--output", path
    )
    assert answer.code == 0 and "записей нет" in text_of(str(path)) and Document(str(path)).core_properties.created


def test_a_folder_that_is_a_file(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = bank("anna", "papers", "write", "lists", *DAYS, "--output", tmp_path / "file" / "x.docx")
    assert answer.code == 2 and "PAP104" in answer.err
