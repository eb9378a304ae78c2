"""What a payment is for, out of the fields of each format: only what is sure, and never out of free text."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fixtures import ed101, read, records, write

from sito.formats.budget import budget_operation
from sito.records import ClientSide, Operation, Record

TREASURY, SHOP = "03100643000000018500", "40702810500000000001"
SINGLE, TAX, TAX_FINE, FINE = (
    "18201061201010000510",
    "18210101011011000110",
    "18210101011013000110",
    "18811601123010001140",
)
INTEREST, DUTY, CUSTOMS, DAMAGES = (
    "18210101011012100110",
    "18210803010011050110",
    "15311009000010000110",
    "18811610123010001140",
)
BUDGET = [
    (TREASURY, SINGLE, "01", "", "tax"),
    (TREASURY, TAX, "02", "", "tax"),
    (TREASURY, TAX_FINE, "01", "", "fine"),
    (TREASURY, FINE, "24", "", "fine"),
    (SHOP, SINGLE, "01", "", "other"),
    (SHOP, FINE, "24", "", "other"),
    (TREASURY, SINGLE, "", "", "other"),
    (TREASURY, SINGLE, "00", "", "other"),
    (TREASURY, SINGLE, "01", "1", "other"),
    (TREASURY, INTEREST, "01", "", "other"),
    (TREASURY, DUTY, "01", "", "other"),
    (TREASURY, CUSTOMS, "06", "", "other"),
    (TREASURY, DAMAGES, "24", "", "other"),
    (TREASURY, "0", "01", "", "other"),
    (TREASURY, "", "01", "", "other"),
    (TREASURY, TAX + "0", "01", "", "other"),
    (TREASURY, TAX[:-1] + "٠", "01", "", "other"),
]


def ufebs(account: str, code: str, status: str, income: str) -> str:
    return (
        ed101(attributes=f' CodePurpose="{income}"' if income else "")
        .replace('PersonalAcc="40817810500000000002"', f'PersonalAcc="{account}"')
        .replace('DrawerStatus="01" CBC="0"', f'DrawerStatus="{status}" CBC="{code}"')
    )


def one_c(account: str, code: str, status: str, income: str, *, kind: str = "Платежное поручение") -> str:
    return (
        f"1CClientBankExchange\nКодировка=Windows\nСекцияДокумент={kind}\nНомер=1\nДата=05.03.2026\nСумма=1\n"
        f"Плательщик=ООО Ромашка\nПолучательСчет={account}\nПолучатель=Казначейство\nСтатусСоставителя={status}\n"
        f"ПоказательКБК={code}\nКодНазПлатежа={income}\nНазначениеПлатежа=Зарплата\nКонецДокумента\nКонецФайла\n"
    )


def mt103(account: str, code: str, status: str, _: str, *, header: str = "{113:RUR6}") -> str:
    kind = f":26T:S{status}\r\n" if status else ""
    body = (
        f":20:R1\r\n:23B:CRED\r\n{kind}:32A:260305RUB1,\r\n:50K:/{SHOP}\r\nROMAQKA\r\n:59:/{account}\r\nKAZNAcEiSTVO\r\n"
        f":70:NALOG\r\n:71A:OUR\r\n:77B:/N10/TP/N4/{code}/N5/45000000\r\n"
    )
    return f"{{1:F01TESTRUMMAXXX0000000000}}{{2:I103TESTRU2PXXXXN}}{{3:{header}}}{{4:\r\n{body}-}}"


def said(record: Record) -> tuple[str, str]:
    return record.operation.value, record.operation_side.value


@pytest.mark.parametrize(("account", "code", "status", "income", "operation"), BUDGET)
def test_a_payment_to_the_budget_is_what_its_fields_say_if_it_goes_there(
    tmp_path: Path, account: str, code: str, status: str, income: str, operation: str
) -> None:
    assert budget_operation([account], [code], [status], income_code=income) == operation
    makers = [ufebs, one_c] if income else [ufebs, one_c, mt103]
    for maker in makers:
        text = maker(account, code, status, income)
        (record,) = records(read(write(tmp_path, text)))
        assert record.operation == operation, maker
        assert record.operation_side is ClientSide.DEBTOR


def test_fields_that_contradict_each_other_say_nothing(tmp_path: Path) -> None:
    assert budget_operation([TREASURY, SHOP], [TAX], ["01"]) is Operation.OTHER
    assert budget_operation([TREASURY], [TAX, FINE], ["01"]) is Operation.OTHER
    assert budget_operation([TREASURY], [TAX], ["01", ""]) is Operation.OTHER
    twice = mt103(TREASURY, f"{TAX}/N4/{FINE}", "01", "")
    document = ufebs(TREASURY, TAX, "01", "").replace(
        "</ED101>", f'<DepartmentalInfo DrawerStatus="01" CBC="{FINE}"/></ED101>'
    )
    indirect = one_c(TREASURY, TAX, "01", "").replace("Получатель=", f"ПолучательРасчСчет={SHOP}\nПолучатель=")
    for text in (twice, document, indirect):
        (record,) = records(read(write(tmp_path, text)))
        assert record.operation is Operation.OTHER


def test_the_fields_count_only_where_they_are_known_to_stand(tmp_path: Path) -> None:
    other = one_c(TREASURY, TAX, "01", "", kind="Платежное требование")
    plain = mt103(TREASURY, TAX, "01", "", header="{108:REF}")
    named = mt103("X", TAX, "01", "").replace(":59:/X\r\nKAZNAcEiSTVO", f":59:KAZNAcEiSTVO ScET {TREASURY}")
    odd = mt103(TREASURY, TAX, "01", "").replace(":26T:S01", ":26T:K90")
    for text in (other, plain, named, odd):
        (record,) = records(read(write(tmp_path, text)))
        assert record.operation is Operation.OTHER


@given(st.text(max_size=24), st.text(max_size=24), st.text(max_size=3))
def test_nothing_but_the_treasury_makes_a_tax(account: str, code: str, status: str) -> None:
    assert budget_operation([account], [code], [status]) is Operation.OTHER
    assert budget_operation([account], [TAX], ["01"]) is Operation.OTHER


def pain(transaction: str, *, above: str = "", account: str = SHOP) -> str:
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr>'
        f"<NbOfTxs>1</NbOfTxs></GrpHdr><PmtInf>{above}<Dbtr><Nm>Сад</Nm></Dbtr><CdtTrfTxInf><PmtId>"
        f"<EndToEndId>E1</EndToEndId></PmtId>{transaction}<Cdtr><Nm>Лопухов Пётр</Nm></Cdtr><CdtrAcct><Id><Othr>"
        f"<Id>{account}</Id></Othr></Id></CdtrAcct><RmtInf><Ustrd>SALA зарплата</Ustrd></RmtInf></CdtTrfTxInf></PmtInf>"
        "</CstmrCdtTrfInitn></Document>"
    )


def purpose(code: str) -> str:
    return f"<Purp><Cd>{code}</Cd></Purp>"


def category(code: str) -> str:
    return f"<PmtTpInf><CtgyPurp><Cd>{code}</Cd></CtgyPurp></PmtTpInf>"


@pytest.mark.parametrize(
    ("text", "operation", "side"),
    [
        (pain(purpose("SALA")), "salary", "creditor"),
        (pain("", above=category("SALA")), "salary", "creditor"),
        (pain(category("PENS")), "pension", "creditor"),
        (pain(purpose("SSBE")), "benefit", "creditor"),
        (pain(purpose("BENE")), "benefit", "creditor"),
        (pain(purpose("PENS") + category("PENS")), "pension", "creditor"),
        (pain(purpose("TAXS"), account=TREASURY), "tax", "debtor"),
        (pain(purpose("TAXS")), "other", "creditor"),
        (pain(purpose("SALA"), above=category("PENS")), "other", "creditor"),
        (pain(purpose("SALA") + category("SUPP")), "other", "creditor"),
        (pain(purpose("GOVT")), "other", "creditor"),
        (pain(purpose("CHAR")), "other", "creditor"),
        (pain(purpose("sala")), "other", "creditor"),
        (pain("<Purp><Prtry>SALA</Prtry></Purp>"), "other", "creditor"),
        (pain("<Purp><Cd>SALA</Cd><Prtry>X</Prtry></Purp>"), "other", "creditor"),
        (pain(""), "other", "creditor"),
    ],
)
def test_codes_of_purpose_say_what_the_code_list_says(tmp_path: Path, text: str, operation: str, side: str) -> None:
    (record,) = records(read(write(tmp_path, text)))
    assert said(record) == (operation, side)


UNKNOWN = [("salery", True), ("perevod", True), ("7", True), ("", False), (" Salary ", False), ("OTHER", False)]


@pytest.mark.parametrize(("word", "unread"), UNKNOWN)
def test_an_unknown_word_for_an_operation_is_other_and_is_told(tmp_path: Path, word: str, unread: bool) -> None:
    csv = write(tmp_path, f"id,debtor_name,purpose,operation\n1,Лопухов,,{word}\n", name="a.csv")
    line = {"id": "1", "debtor_name": "Лопухов", "purpose": "", "operation": word}
    jsonl = write(tmp_path, json.dumps(line) + "\n", name="a.jsonl")
    pq.write_table(pa.Table.from_pylist([line]), tmp_path / "a.parquet")
    for path in (csv, jsonl, tmp_path / "a.parquet"):
        (record,) = records(read(path))
        assert record.unread == (("operation",) if unread else ())
        assert record.operation == (Operation.SALARY if "alary" in word else Operation.OTHER)
        assert record.operation_side is ClientSide.BOTH


@pytest.mark.parametrize("value", [7, 1.5, True, ["a"], {"code": "salary"}, b"salary"])
def test_a_column_of_that_name_may_hold_anything(tmp_path: Path, value: object) -> None:
    line = {"id": "1", "debtor_name": "Лопухов", "purpose": "", "operation": value}
    if not isinstance(value, bytes):
        (record,) = records(read(write(tmp_path, json.dumps(line) + "\n", name="a.jsonl")))
        assert (record.operation, record.unread) == ("other", ("operation",))
    pq.write_table(pa.Table.from_pylist([line, line | {"operation": None}]), tmp_path / "a.parquet")
    record, without = records(read(tmp_path / "a.parquet"))
    assert (record.operation, record.unread, without.unread) == ("other", ("operation",), ())
