"""1CClientBankExchange: encodings, split fields, broken ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_fixtures import codes, numbers, party, read, records, write

from sito.formats import open_records
from sito.formats.onec import OneCFile
from sito.records import Role

HEADER = (
    "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка={}\r\nОтправитель=Пример\r\n"
    "РасчСчет=40702810500000000001\r\n"
)
DOCUMENT = """СекцияДокумент=Платежное поручение
Номер=12
Дата=05.03.2026
Сумма=1500.50
ПлательщикСчет=40702810500000000001
Плательщик=ИНН 7700000016 ООО "Ромашка"
ПлательщикИНН=7700000016
ПлательщикКПП=770001001
ПлательщикБИК=044525225
ПлательщикБанк1=АО БАНК ЛУГ
ПлательщикБанк2=г. Москва
ПолучательСчет=40817810500000000002
Получатель1=Лопухов
Получатель2=Пётр
Получатель3=Ильич
НазначениеПлатежа=Оплата по счёту 5
НазначениеПлатежа1=Оплата по
НазначениеПлатежа2=счёту 5
НеизвестныйКлюч=1
КонецДокумента
""".replace("\n", "\r\n")
END = "КонецФайла\r\n"


def exchange(*documents: str, encoding: str = "Windows", end: str = END) -> str:
    return HEADER.format(encoding) + "".join(documents) + end


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("cp1251", "Windows"),
        ("cp866", "DOS"),
        ("utf-8", "Windows"),
        ("utf-8-sig", "DOS"),
        ("utf-16", "UTF-16"),
        ("cp1251", ""),
    ],
)
def test_encodings_are_found(tmp_path: Path, encoding: str, named: str) -> None:
    path = write(tmp_path, exchange(DOCUMENT, encoding=named), encoding=encoding)
    assert isinstance(open_records(path), OneCFile)
    assert records(read(path))[0].text(Role.DEBTOR) == 'ООО "Ромашка"'


def test_document_is_read(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, exchange(DOCUMENT), encoding="cp1251")))
    assert (record.record_id, record.amount, record.currency, record.date) == ("12", "1500.50", "RUB", "2026-03-05")
    assert record.position == "line 6"
    payer = party(record, Role.DEBTOR)
    assert payer.text == 'ИНН 7700000016 ООО "Ромашка"'
    assert numbers(payer) == {
        "inn": "7700000016",
        "kpp": "770001001",
        "account": "40702810500000000001",
        "bic": "044525225",
    }
    assert party(record, Role.CREDITOR).name == "Лопухов Пётр Ильич"
    bank = party(record, Role.DEBTOR_AGENT)
    assert (bank.name, bank.address) == ("АО БАНК ЛУГ", "г. Москва")
    assert record.text(Role.PURPOSE) == "Оплата по счёту 5"


def test_both_names_are_screened_where_they_differ(tmp_path: Path) -> None:
    text = DOCUMENT.replace("ПлательщикИНН", "Плательщик1=Васильков Иван\r\nПлательщикИНН")
    payer = party(read(write(tmp_path, exchange(text), encoding="cp1251"))[0], Role.DEBTOR)
    assert (payer.name, payer.aliases) == ('ООО "Ромашка"', ("Васильков Иван",))


def test_purpose_with_line_breaks_is_joined(tmp_path: Path) -> None:
    text = DOCUMENT.replace("=Оплата по счёту 5", "=Оплата\r\nпо счёту\r\nсумма = 5").replace(
        "Платежа1=Оплата по", "Платежа1="
    )
    text = text.replace("Платежа2=счёту 5", "Платежа2=")
    (record,) = records(read(write(tmp_path, exchange(text), encoding="cp1251")))
    assert record.text(Role.PURPOSE).startswith("Оплата по счёту")


def test_split_purpose_alone_is_joined(tmp_path: Path) -> None:
    text = DOCUMENT.replace("НазначениеПлатежа=Оплата по счёту 5\r\n", "")
    (record,) = records(read(write(tmp_path, exchange(text), encoding="cp1251")))
    assert record.text(Role.PURPOSE) == "Оплата по счёту 5"


def test_account_sections_are_passed_over(tmp_path: Path) -> None:
    section = "СекцияРасчСчет\r\nНачальныйОстаток=1\r\nКонецРасчСчет\r\n"
    assert len(records(read(write(tmp_path, exchange(section, DOCUMENT, DOCUMENT), encoding="cp1251")))) == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Сумма=1500.50", "Сумма=много", "REC207"),
        ("Дата=05.03.2026", "Дата=2026", "REC206"),
        ("Номер=12", "Номер=12\r\nНомер=13", "REC330"),
        ("Номер=12", "Номер=12\r\n" + "x\r\n" * 1_100, "REC330"),
        ("Номер=12", f"Номер={'1' * 1_001}", "REC210"),
        ("Пётр", "Пё\x00тр", "REC201"),
    ],
)
def test_wrong_documents_are_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    text = exchange(DOCUMENT.replace(old, new), DOCUMENT)
    assert codes(read(write(tmp_path, text, encoding="cp1251"))) == [code, "ok"]


def test_document_without_texts_is_refused(tmp_path: Path) -> None:
    text = "СекцияДокумент=Платежное поручение\r\nНомер=1\r\nКонецДокумента\r\n"
    assert codes(read(write(tmp_path, exchange(text), encoding="cp1251"))) == ["REC205"]


def test_undecodable_document_is_refused(tmp_path: Path) -> None:
    data = exchange(DOCUMENT, DOCUMENT).encode()
    assert codes(read(write(tmp_path, data.replace("Ильич".encode(), b"\xd0", 1)))) == ["REC202", "ok"]


def test_section_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    text = exchange(DOCUMENT.replace("КонецДокумента\r\n", ""), DOCUMENT)
    assert codes(read(write(tmp_path, text, encoding="cp1251"))) == ["REC331", "ok"]


def test_cut_file_is_reported(tmp_path: Path) -> None:
    text = exchange(DOCUMENT, DOCUMENT[:100], end="")
    assert codes(read(write(tmp_path, text, encoding="cp1251"))) == ["ok", "REC331", "REC331"]


def test_file_without_documents_is_reported(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, exchange(), encoding="cp1251"))) == ["REC305"]


def test_lines_after_the_end_are_a_reject(tmp_path: Path) -> None:
    content = exchange(DOCUMENT)
    found = codes(read(write(tmp_path, content + "id,name\r\n1,A\r\n" + content, encoding="cp1251")))
    assert found == ["ok", "REC331", "ok"]
