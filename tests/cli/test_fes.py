"""`sito fes` as people type it: from a freeze to a receipt, with a real signer and real folders."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_casework import Bank, bank
from tests.outbox.test_signing import keys

__all__ = ["bank"]
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")

ORGANISATION = """
family = "ko"
name = "АО «Банк Чертополох»"
inn = "7703047975"
kpp = "770301001"
ogrn = "1027700132195"
bic = "044525111"
okato = "45"
registration_number = "3349"
correspondent_id = "2000017575"
[officer]
position = "Специальное должностное лицо"
phone = "(495)1234567"
email = "officer@bank.example"
name = { line = "Анна Проверкина" }
"""
FACTS = """
[[measures]]
funds_code = "6"
account = "40817810000000000001"
amount_kopecks = 75000000
[[measures]]
funds_code = "6"
account = "40817810000000000002"
amount_kopecks = 1
"""
KVIT = "<KVIT><ES>{file}</ES><RECNO_ES>{records}</RECNO_ES></KVIT>"
RECORD = "<ES_REC><IdInfoOR>{record}</IdInfoOR><REZ_ES>{result}</REZ_ES></ES_REC>"


class Exchange:
    """A bank with an outbox."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.folder = bank, bank.folder
        certificate, key = keys(self.folder)
        for name in ("out", "in", "work", "archive"):
            (self.folder / name).mkdir()
        (self.folder / "organisation.toml").write_text(ORGANISATION, "utf-8")
        (self.folder / "facts.toml").write_text(FACTS, "utf-8")
        sign = ["openssl", "cms", "-sign", "-cades", "-binary", "-in", "{input}", "-signer", str(certificate), "-inkey",
                str(key), "-outform", "DER", "-out", "{output}"]  # fmt: skip
        (self.folder / "outbox.toml").write_text(
            f'organisation = "organisation.toml"\n[signer.sign]\nargv = {sign!r}\n[folder]\noutgoing = "out"\n'
            'incoming = "in"\nwork = "work"\narchive = "archive"\nsettle_s = 0\n', "utf-8",
        )  # fmt: skip

    def __call__(self, name: str, *words: object) -> Any:
        return self.bank(name, "fes", *words, "--outbox", self.folder / "outbox.toml")

    def frozen(self) -> None:
        for name, *words in (
            ("anna", "case", "assign", "case:1", "--assignee", "anna"),
            ("anna", "case", "confirm", "case:1", "--measure", "freeze", "--motive", "совпало", "--seen", "99"),
            ("boris", "case", "approve", "case:1", "--seen", "99"),
            ("oleg", "measure", "apply", "freeze:1"),
        ):
            if "--seen" in words:
                words[-1] = self.bank.seen("case:1", words[1])[1]
            answer = self.bank(name, *words)
            assert answer.code == 0, answer.err

    def approved(self) -> str:
        """Draft and approve; return the name of the file."""
        answer = self("anna", "draft", "freeze:1", "--facts", self.folder / "facts.toml")
        assert answer.code == 0, answer.err
        return self.agreed("boris", "fes:1")

    def agreed(self, name: str, subject: str) -> str:
        seen = re.search(r"^content ([0-9a-f]{64})$", self(name, "show", subject, "--xml").out, re.MULTILINE)
        assert seen is not None
        answer = self(name, "approve", subject, "--content", seen[1][:12])
        assert answer.code == 0, answer.err
        return answer.out.rstrip().rpartition("file ")[2]

    def answer(self, result: str, *, file: str, records: list[str], name: str = "kvit.xml") -> None:
        path = self.folder / "in" / name
        told = "".join(RECORD.format(record=record, result=result) for record in records)
        path.write_text(KVIT.format(file=file, records=told), "utf-8")
        os.utime(path, (time.time() - 60,) * 2)


@pytest.fixture
def exchange(bank: Bank) -> Exchange:
    found = Exchange(bank)
    found.frozen()
    return found


def test_from_a_freeze_to_a_receipt_with_one_rejection(exchange: Exchange) -> None:
    answer = exchange("anna", "draft", "freeze:1", "--facts", exchange.folder / "facts.toml")
    assert answer.code == 0 and "fes:1: freeze, now draft" in answer.out and "is a draft" in answer.out
    shown = exchange("boris", "show", "fes:1", "--xml")
    assert "\n<СообщПринМерыКО>\n  <СлужЧасть>\n" in shown.out
    for part in ("<СообщПринМерыКО>", "<СумРуб>750000.00</СумРуб>", "<СумРуб>0.01</СумРуб>", "<КодЮЛФЛ>77</КодЮЛФЛ>"):
        assert part in shown.out
    assert exchange("oleg", "show", "fes:1", "--xml").code == 2  # an operator reads no personal data
    digest = shown.out.rpartition("content ")[2].strip()
    assert "CAS205" in exchange("anna", "approve", "fes:1", "--content", digest).err
    assert "FES307" in exchange("boris", "approve", "fes:1", "--content", "0" * 12).err
    assert "FES307" in exchange("boris", "approve", "fes:1", "--content", digest[:4]).err
    answer = exchange("boris", "approve", "fes:1", "--content", digest[:12])
    assert re.search(
        r"record \d{4}_3349_0000_03_00000001; file FM03_1_7703047975770301001_\d{8}_0300000001.xml", answer.out
    )
    answer = exchange("oleg", "send")
    assert answer.code == 0 and answer.out.splitlines() == ["fes:1: sign", "fes:1: sent"]
    (sent,) = (exchange.folder / "out").glob("*.xml")
    assert (
        sent.read_text("utf-8").count("<НомерЗаписи>") == 2 and sent.with_name(sent.name + ".sig").stat().st_size > 100
    )
    assert "freeze_told_to_authority" in exchange.bank("anna", "measure", "show", "freeze:1", "--json").out
    due = exchange.bank("anna", "deadlines")
    assert "HOUSE-RECEIPT" in due.out and "R-TE-INFORM" not in due.out
    # It is rejected, mended and accepted.
    records = re.findall(r"<НомерЗаписи>(.*?)<", sent.read_text("utf-8"))
    exchange.answer("7", file=sent.name, records=records[1:])
    answer = exchange("oleg", "send")
    assert answer.out.splitlines() == ["fes:1: reject"] and not list((exchange.folder / "in").iterdir())
    assert "R-FES-MEND" in exchange.bank("anna", "deadlines").out
    (exchange.folder / "facts.toml").write_text(FACTS.replace("75000000", "75000001"), "utf-8")
    assert exchange("anna", "draft", "fes:1", "--facts", exchange.folder / "facts.toml").code == 0
    second = exchange.agreed("boris", "fes:1")
    assert second.endswith("_0300000002.xml")
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: sign", "fes:1: sent"]
    text = (exchange.folder / "out" / second).read_text("utf-8")
    assert text.count("<ТипЗаписи>2<") == 2 and "<СумРуб>750000.01</СумРуб>" in text
    assert re.findall(r"<НомерЗаписи>(.*?)<", text) == re.findall(r"<НомерЗаписи>(.*?)<", sent.read_text("utf-8"))
    exchange.answer("0", file=second, records=records[1:])
    answer = exchange("oleg", "send")
    assert answer.code == 1 and "neither yes nor no" in answer.err  # of one record nobody knows
    exchange.answer("0", file=second, records=records)
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: accept"]
    listed = exchange.bank("anna", "fes", "list")
    assert "accepted" in listed.out and "freeze" in listed.out
    verified = exchange.bank.call("ledger", "verify", "--ledger", exchange.bank.url, *exchange.bank.key)
    assert verified.code == 0
    assert exchange("oleg", "send").out == ""  # nothing comes twice


def test_a_person_reads_a_receipt_that_no_program_understands(exchange: Exchange) -> None:
    exchange.approved()
    assert exchange("oleg", "send").code == 0
    receipt = exchange.folder / "words.txt"
    receipt.write_text("Сообщение принято", "utf-8")
    assert "CAS204" in exchange.bank("oleg", "fes", "accept", "fes:1", "--receipt", receipt).err
    answer = exchange.bank("anna", "fes", "accept", "fes:1", "--receipt", receipt)
    assert answer.code == 0 and "now accepted" in answer.out
    answer = exchange.bank("anna", "fes", "reject", "fes:1", "--receipt", receipt)
    assert answer.code == 0 and "now rejected" in answer.out
    assert "CLI136" in exchange.bank("anna", "fes", "accept", "fes:1", "--receipt", exchange.folder / "absent").err


def test_what_cannot_be_mended_is_deleted_and_told_anew(exchange: Exchange) -> None:
    first = exchange.approved()
    exchange("oleg", "send")
    records = re.findall(r"<НомерЗаписи>(.*?)<", (exchange.folder / "out" / first).read_text("utf-8"))
    assert "CLI136" in exchange("anna", "draft", "fes:1", "--kind", "check").err
    exchange.answer("7", file=first, records=records)
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: reject"]
    answer = exchange("anna", "draft", "fes:1", "--kind", "deletion")
    assert answer.code == 0 and "fes:2: deletion, now draft" in answer.out
    deletion = exchange.agreed("boris", "fes:2")
    assert exchange("oleg", "send").out.splitlines() == ["fes:2: sign", "fes:2: sent"]
    assert first.removesuffix(".xml") in (exchange.folder / "out" / deletion).read_text("utf-8")
    exchange.answer("0", file=deletion, records=[])
    (exchange.folder / "in" / "kvit.xml").write_text(
        f"<Квитанция><ИмяФайла>{deletion}</ИмяФайла><Результат>принято</Результат></Квитанция>", "utf-8"
    )
    os.utime(exchange.folder / "in" / "kvit.xml", (time.time() - 60,) * 2)
    assert exchange("oleg", "send").out.splitlines() == ["fes:2: accept"]
    assert "R-FES-MEND" in exchange.bank("anna", "deadlines").out  # the freeze has to be told anew
    answer = exchange("anna", "draft", "freeze:1", "--facts", exchange.folder / "facts.toml")
    assert answer.code == 0 and "fes:3: freeze" in answer.out
    exchange.agreed("boris", "fes:3")
    assert exchange("oleg", "send").out.splitlines() == ["fes:3: sign", "fes:3: sent"]
    assert "R-FES-MEND" not in exchange.bank("anna", "deadlines").out


def test_a_late_receipt_of_a_file_that_was_corrected_changes_nothing(exchange: Exchange) -> None:
    first = exchange.approved()
    exchange("oleg", "send")
    (sent,) = (exchange.folder / "out").glob("*.xml")
    records = re.findall(r"<НомерЗаписи>(.*?)<", sent.read_text("utf-8"))
    exchange.answer("7", file=first, records=records)
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: reject"]
    (exchange.folder / "facts.toml").write_text(FACTS.replace("75000000", "75000001"), "utf-8")
    exchange("anna", "draft", "fes:1", "--facts", exchange.folder / "facts.toml")
    second = exchange.agreed("boris", "fes:1")
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: sign", "fes:1: sent"]
    for result in ("7", "0"):  # of the first file, about the same records
        exchange.answer(result, file=first, records=records, name=f"late-{result}.xml")
        answer = exchange("oleg", "send")
        assert answer.code == 0 and "of an earlier file" in answer.out
    assert exchange.bank("anna", "fes", "list", "--state", "sent", "--json").out.count("fes:1")
    exchange.answer("0", file=second, records=records, name="now.xml")
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: accept"]


def test_numbers_of_another_series_are_not_given(exchange: Exchange) -> None:
    assert exchange("anna", "draft", "freeze:1", "--facts", exchange.folder / "facts.toml").code == 0
    digest = exchange("boris", "show", "fes:1", "--xml").out.rpartition("content ")[2].strip()
    facts = {
        "content_digest": digest, "file_series": "FM03_1_x_20260302_03", "record_series": "2026_1_0000_03",
        "record_count": "2", "message_date": "2026-03-02",
    }  # fmt: skip

    def approve(name: str, **others: str) -> Any:
        words = [word for fact, value in (facts | others).items() for word in ("--fact", f"{fact}={value}")]
        return exchange.bank(name, "case", "act", "fes:1", "approve", *words)

    series = {"file_series": "FM03_1_7703047975770301001_20260302_03", "record_series": "2026_3349_0000_03"}
    assert "CAS204" in approve("oleg").err  # whoever may not approve is told that alone
    for others in ({}, {"file_series": series["file_series"]}, {"record_series": series["record_series"]},
                   series | {"record_count": "1"}, series | {"message_date": "2027-01-01"}):  # fmt: skip
        assert "CAS129" in approve("boris", **others).err
    answer = exchange.bank("boris", "fes", "show", "fes:1")
    assert "draft" in answer.out and "2026_" not in answer.out
    assert approve("boris", **series).code == 0


def test_whoever_drafts_is_told_what_the_format_has_no_element_for(exchange: Exchange) -> None:
    facts = (
        '[operation]\ncode = "7001"\nperformed_on = 2026-03-02\ncurrency_code = "643"\namount_kopecks = 1\n'
        'rouble_kopecks = 1\n[[operation.participants]]\nstatus = "1"\nkind = "2"\nis_client = "1"\n'
        'person = { name = { line = "Бузинкина Аграфена" } }\naccount = { number = "40817810000000000001" }\n'
    )
    (exchange.folder / "facts.toml").write_text(facts, "utf-8")
    answer = exchange("anna", "draft", "", "--kind", "operation", "--facts", exchange.folder / "facts.toml")
    assert answer.code == 0, answer.err
    assert "no element for operation.participants.account.number" in answer.out


def test_a_sender_that_died_between_has_sent_once(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    from sito.outbox.folder import FolderRoute

    text = (exchange.folder / "outbox.toml").read_text()
    (exchange.folder / "outbox.toml").write_text("claim_s = 1\n" + text)
    name = exchange.approved()
    whole = FolderRoute.send

    def dies_before(*_: Any) -> None:
        raise KeyboardInterrupt

    def dies_after(route: FolderRoute, parcel: Any) -> None:
        whole(route, parcel)
        raise KeyboardInterrupt

    monkeypatch.setattr(FolderRoute, "send", dies_before)
    assert exchange("oleg", "send").code != 0
    assert not list((exchange.folder / "out").iterdir())
    monkeypatch.setattr(FolderRoute, "send", dies_after)
    time.sleep(1)
    # Found not to have left, and handed over in the next turn.
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: not_sent (not_found)"]
    assert exchange("oleg", "send").code != 0
    assert (exchange.folder / "out" / name).exists()
    (exchange.folder / "out" / name).rename(exchange.folder / "taken-by-transport.xml")
    monkeypatch.setattr(FolderRoute, "send", whole)
    time.sleep(1)
    assert exchange("oleg", "send").out.splitlines() == ["fes:1: sent"]
    assert not list((exchange.folder / "out").glob("*.xml"))


def test_what_is_in_the_way_is_told_and_nothing_is_lost(exchange: Exchange) -> None:
    exchange.approved()
    settings = (exchange.folder / "outbox.toml").read_text()
    (exchange.folder / "outbox.toml").write_text(settings.replace("'openssl'", "'no-such-signer'"))
    answer = exchange("oleg", "send")
    assert answer.code == 1 and "FES210" in answer.err and "Чертополох" not in answer.err
    (exchange.folder / "outbox.toml").write_text(settings)
    shutil.rmtree(exchange.folder / "out")
    answer = exchange("oleg", "send")
    assert answer.code == 2 and "FES220" in answer.err
    (exchange.folder / "out").mkdir()
    (exchange.folder / "in" / "strange.bin").write_bytes(b"\x00\x01")
    os.utime(exchange.folder / "in" / "strange.bin", (time.time() - 60,) * 2)
    answer = exchange("oleg", "send")
    assert (
        answer.code == 1 and "fes:1: sent" in answer.out and "FES302" not in answer.out and "strange.bin" in answer.err
    )
    assert (exchange.folder / "in" / "strange.bin").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("draft", "freeze:9"), "FES307"), (("draft", "case:1"), "CLI136"), (("draft", "freeze:1"), "FES307"),
        (("draft", "freeze:1", "--kind", "release"), "FES307"), (("draft", "freeze:1", "--kind", "colour"), "CLI136"),
        (("draft", "fes:9"), "FES307"), (("draft", "freeze:1", "--facts", "absent.toml"), "CLI136"),
        (("show", "fes:9", "--xml"), "FES307"), (("approve", "fes:9", "--content", "0" * 12), "FES307"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(exchange: Exchange, words: tuple[str, ...], code: str) -> None:
    answer = exchange("anna", *words)
    assert answer.code == 2 and code in answer.err and answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ("[[measures]]\nfunds_code = '6'\n", "measures"),
        ("[[measures]]\nfunds_code = '6'\namount_kopecks = 1\nsubject_id = '1'\n", "subject_id"),
        ("[[measures]]\nfunds_code = '6'\namount_kopecks = -1\n", "measures"),
        ("measures = 3\n", "measures"), ("colour = 'red'\n", "measures"), ("x = ", "facts.toml"),
    ],
)  # fmt: skip
def test_facts_that_do_not_fit_are_named(exchange: Exchange, facts: str, where: str) -> None:
    (exchange.folder / "facts.toml").write_text(facts)
    answer = exchange("anna", "draft", "freeze:1", "--facts", exchange.folder / "facts.toml")
    assert answer.code == 2 and re.search("FES307|CLI136", answer.err) and where in answer.err


@pytest.mark.parametrize("text", ["", "x = ", "organisation = 3", "\x00"])
def test_settings_that_do_not_fit_are_named(exchange: Exchange, text: str) -> None:
    Path(exchange.folder / "outbox.toml").write_text(text)
    answer = exchange("oleg", "send")
    assert answer.code == 2 and "FES230" in answer.err
