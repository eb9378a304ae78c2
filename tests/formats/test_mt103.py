"""MT103: blocks, fields, RUR6, mixed files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fixtures import codes, numbers, party, read, records, write

from sito.formats.mt103 import join_lines, message_blocks
from sito.formats.rur6 import encode
from sito.records import Reject, Role

ACK = "{1:F21TESTRUMMAXXX0000000001}{4:{177:2603050900}{451:0}}"


def wrap(text: str, width: int = 35) -> str:
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def message(body: str, *, kind: str = "103", rur6: bool = False) -> str:
    user = "{113:RUR6}" if rur6 else "{108:REF}"
    return (
        f"{{1:F01TESTRUMMAXXX0000000001}}{{2:O{kind}0900260305TESTRUMMAXXX00000000012603050900N}}{{3:{user}}}"
        f"{{4:\n{body}\n-}}{{5:{{CHK:000000000000}}}}"
    )


def plain(reference: str = "REF1", **changes: str) -> str:
    fields = {
        "20": reference,
        "23B": "CRED",
        "32A": "260305USD1500,5",
        "50K": "/12345678\nJOHN LOPUKHOV\n3 GARDEN ROAD\nTVER",
        "59": "/87654321\nROMASHKA LLC",
        "70": "INVOICE 5",
        "71A": "OUR",
    }
    fields.update({key.lstrip("_"): value for key, value in changes.items()})
    return "\n".join(f":{tag}:{value}" for tag, value in fields.items() if value)


PAYER = "Лопухов Пётр Ильич//г. Тверь, ул. Большая Садовая//"
PURPOSE = "Оплата по договору №5 от 01.02.2026 за цветы и удобрения для сада, поставленные согласно накладной"
RUSSIAN = "\n".join(
    [
        ":20:+REF2",
        ":23B:CRED",
        ":32A:260305RUB1500,50",
        f":50K:/40817810500000000002\nINN770000000016\n{wrap(encode(PAYER))}",
        f":52D://RU044525225.30101810400000000225\n{wrap(encode('АО Банк Луг г. Москва'))}",
        ":53B:/D/30109810500000000001",
        f":57D://RU044525226.30101810400000000226\n{wrap(encode('ПАО Банк Поле'))}",
        f":59:/40702810500000000001\nINN7700000016.KPP770001001\n{wrap(encode('ООО «Ромашка и Ко»'))}",
        f":70:{wrap(encode(PURPOSE)[:140])}",
        ":71A:OUR",
        ":72:/RPP/12.260305.5.ELEK\n/NZP/" + encode("без НДС, LTD"),
    ]
)


def test_plain_message_is_read(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, message(plain(_52A="TESTGB2L", _57D="FIELD BANK\nLONDON")))))
    assert (record.record_id, record.amount, record.currency, record.date) == ("REF1", "1500.5", "USD", "2026-03-05")
    debtor = party(record, Role.DEBTOR)
    assert (debtor.name, debtor.address) == ("JOHN LOPUKHOV", "3 GARDEN ROAD, TVER")
    assert numbers(debtor) == {"account": "12345678"}
    assert party(record, Role.CREDITOR).name == "ROMASHKA LLC"
    assert party(record, Role.DEBTOR_AGENT).name == "TESTGB2L"
    assert party(record, Role.CREDITOR_AGENT).name == "FIELD BANK"
    assert record.text(Role.PURPOSE) == "INVOICE 5"


def test_russian_message_is_decoded(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, message(RUSSIAN, rur6=True))))
    debtor, creditor = party(record, Role.DEBTOR), party(record, Role.CREDITOR)
    assert (debtor.name, debtor.address) == ("ЛОПУХОВ ПЁТР ИЛЬИЧ", "Г. ТВЕРЬ, УЛ. БОЛЬШАЯ САДОВАЯ")
    assert numbers(debtor) == {"account": "40817810500000000002", "inn": "770000000016", "bic": "044525225"}
    assert creditor.name == 'ООО "РОМАШКА И КО"'
    assert numbers(creditor)["kpp"] == "770001001"
    assert party(record, Role.DEBTOR_AGENT).name == "АО БАНК ЛУГ Г. МОСКВА"
    purpose = record.text(Role.PURPOSE)
    assert purpose.startswith(
        "ОПЛАТА ПО ДОГОВОРУ №5 ОТ 01.02.2026 ЗА ЦВЕТЫ И УДОБРЕНИЯ ДЛЯ САДА, ПОСТАВЛЕННЫЕ СОГЛАСНО"
    )
    assert purpose.endswith("БЕЗ НДС, LTD")
    assert "ELEK" not in purpose


def test_long_purpose_goes_on_in_nzp_without_a_break(tmp_path: Path) -> None:
    coded = encode("НАЗНАЧЕНИЕ" * 20)
    head, tail = coded[:140], coded[140:]
    information = "/NZP/" + tail[:30] + "".join(f"\n//{tail[i : i + 33]}" for i in range(30, len(tail), 33))
    body = plain(_70=wrap(head), _72=information)
    (record,) = records(read(write(tmp_path, message(body, rur6=True))))
    assert record.text(Role.PURPOSE) == "НАЗНАЧЕНИЕ" * 20


def test_latin_without_the_header_is_not_decoded(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, message(plain(_59="/1\nQUEEN JANE")))))
    assert record.text(Role.CREDITOR) == "QUEEN JANE"


@pytest.mark.parametrize("separator", ["", "\n", "\r\n", "$", "\n$\n", "\x01", "\x03   "])
def test_messages_are_separated_in_any_way(tmp_path: Path, separator: str) -> None:
    text = separator.join([message(plain(f"R{i}")) for i in range(3)])
    assert [item.record_id for item in records(read(write(tmp_path, text)))] == ["R0", "R1", "R2"]


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    text = message(plain()).replace("\n", "\r\n")
    assert party(read(write(tmp_path, text))[0], Role.DEBTOR).address == "3 GARDEN ROAD, TVER"


def test_acknowledgements_are_passed_over(tmp_path: Path) -> None:
    items = records(read(write(tmp_path, ACK + message(plain()) + "$" + ACK + message(plain("REF9")))))
    assert [item.position for item in items] == ["message 1", "message 2"]


def test_other_types_are_refused_by_name(tmp_path: Path) -> None:
    items = read(
        write(tmp_path, message(plain(), kind="101") + "$" + message(plain()) + "$" + message(plain(), kind="202"))
    )
    assert codes(items) == ["REC320", "ok", "REC320"]
    assert isinstance(items[0], Reject)
    assert "MT101, which is not supported" in items[0].reason
    assert items[0].raw.startswith("{1:F01")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (plain(_20=""), "REC322"),
        (plain(_32A=""), "REC322"),
        (plain(_50K=""), "REC322"),
        (plain(_59=""), "REC322"),
        (plain(_32A="260305USD1.5"), "REC323"),
        (plain(_32A="261305USD1,5"), "REC206"),
        (plain() + "\n:20:AGAIN", "REC323"),
        (plain() + "\n:59A:/1\nTESTGB2L", "REC323"),
        ("no field\n" + plain(), "REC323"),
        (plain(_70="a\x00b"), "REC201"),
        (plain(_70="x" * 210_000), "REC321"),
    ],
)
def test_wrong_messages_are_refused(tmp_path: Path, body: str, code: str) -> None:
    assert codes(read(write(tmp_path, message(body) + message(plain())))) == [code, "ok"]


@pytest.mark.parametrize("cut", ["\n-}", "{5:"])
def test_cut_message_is_refused(tmp_path: Path, cut: str) -> None:
    text = message(plain())
    expected = "REC321" if cut == "\n-}" else "ok"
    assert codes(read(write(tmp_path, text[: text.index(cut)]))) == [expected]


def test_message_without_blocks_is_refused(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, "{1:F01TESTRUMMAXXX0000000001}"))) == ["REC321"]


def test_acknowledgements_alone_are_no_payments(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, ACK))) == ["REC305"]


def test_option_f_is_taken_apart(tmp_path: Path) -> None:
    body = plain(_50K="", _50F="NIDN/RU/4500000001\n1/LOPUKHOV PETR\n2/GARDEN ROAD 3\n3/RU/TVER\n4/19800517")
    debtor = party(read(write(tmp_path, message(body)))[0], Role.DEBTOR)
    assert (debtor.name, debtor.birth_date, debtor.country) == ("LOPUKHOV PETR", "1980-05-17", "RU")
    assert numbers(debtor) == {"national_id": "4500000001"}


def test_option_a_screens_the_code_of_the_bank(tmp_path: Path) -> None:
    debtor = party(read(write(tmp_path, message(plain(_50K="", _50A="/123\nTESTGB2LXXX"))))[0], Role.DEBTOR)
    assert debtor.name == "TESTGB2LXXX"
    assert numbers(debtor) == {"account": "123", "bic": "TESTGB2LXXX"}


def test_name_on_two_lines_is_screened_whole_too(tmp_path: Path) -> None:
    body = plain(_59="/1\nGARDEN AND FIELD\nTRADING COMPANY\n5 ROAD")
    creditor = party(read(write(tmp_path, message(body)))[0], Role.CREDITOR)
    assert creditor.aliases == ("GARDEN AND FIELD TRADING COMPANY",)


def test_full_line_goes_on_without_a_blank() -> None:
    assert join_lines(["A" * 33 + " B", "C", "D"]) == "A" * 33 + " BC D"


@given(text=st.text(st.sampled_from("{}:14\n-F01"), max_size=60))
def test_blocks_of_any_text_end(text: str) -> None:
    try:
        assert isinstance(message_blocks(text), dict)
    except Exception as error:
        assert type(error).__name__ == "FieldError"


@pytest.mark.parametrize("tail", ["id,name", "1CClientBankExchange"])
def test_text_outside_of_the_blocks_is_a_reject(tmp_path: Path, tail: str) -> None:
    message = "{1:F01AAAA}{2:I103BBBB}{4:\n:20:R\n:32A:260101RUB1,\n:50K:IVAN\n:59:PETR\n-}"
    assert codes(read(write(tmp_path, message + "\r\n$\x03"))) == ["ok"]
    assert codes(read(write(tmp_path, f"{message}\n{tail}\n"))) == ["REC321"]
