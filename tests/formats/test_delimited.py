"""CSV and TSV: encodings, delimiters, bad rows."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fixtures import codes, numbers, party, read, records, write

from sito.entries import Kind
from sito.errors import RecordError
from sito.formats import DelimitedFile, open_records, text
from sito.records import Record, RecordKind, Reject, Role

CUSTOMERS = (
    "id,name,birth_date,inn,kind\nc1,Лопухов Пётр Ильич,1980-05-17,770000000016,person\nc2,ООО Ромашка,,,organisation\n"
)
PAYMENTS = (
    "id,debtor_name,creditor_name,purpose,amount,currency,date\n"
    "p1,ООО Ромашка,Лопухов Пётр,Оплата по счёту,1500.50,RUB,2026-03-05\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    items = records(read(write(tmp_path, CUSTOMERS.replace(",", delimiter), encoding=encoding)))
    assert [item.record_id for item in items] == ["c1", "c2"]
    customer = party(items[0], Role.CUSTOMER)
    assert customer.name == "Лопухов Пётр Ильич"
    assert (customer.birth_date, customer.kind, numbers(customer)) == (
        "1980-05-17",
        Kind.PERSON,
        {"inn": "770000000016"},
    )


def test_big_endian_utf16_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xfe\xff" + CUSTOMERS.encode("utf-16-be"))
    assert party(read(path)[1], Role.CUSTOMER).name == "ООО Ромашка"


def test_payment_has_its_parties_in_order(tmp_path: Path) -> None:
    (payment,) = records(read(write(tmp_path, PAYMENTS)))
    assert payment.kind is RecordKind.PAYMENT
    assert [item.role for item in payment.parties] == [Role.DEBTOR, Role.CREDITOR, Role.PURPOSE]
    assert (payment.amount, payment.currency, payment.date) == ("1500.50", "RUB", "2026-03-05")
    assert payment.position == "row 1"


def test_further_payment_columns_are_read_and_unknown_ones_ignored(tmp_path: Path) -> None:
    header = "id;debtor_name;debtor_inn;debtor_account;debtor_bic;ultimate_creditor_name;purpose;expect;amount"
    row = "p1;Лопухов Пётр;770000000016;40817810500000000002;044525225;Васильков Иван;Займ;x|y;1 500,50"
    (payment,) = records(read(write(tmp_path, f"{header}\n{row}\n")))
    assert numbers(party(payment, Role.DEBTOR)) == {
        "inn": "770000000016",
        "account": "40817810500000000002",
        "bic": "044525225",
    }
    assert party(payment, Role.ULTIMATE_CREDITOR).name == "Васильков Иван"
    assert payment.amount == "1500.50"


def test_agent_columns_make_agent_parties(tmp_path: Path) -> None:
    text = "id,debtor_name,debtor_agent_name,creditor_agent_bic,purpose\n1,A B,First Bank,TESTRUMM,x\n"
    (payment,) = records(read(write(tmp_path, text)))
    assert party(payment, Role.DEBTOR_AGENT).name == "First Bank"
    assert numbers(party(payment, Role.CREDITOR_AGENT)) == {"bic": "TESTRUMM"}


def test_purpose_alone_is_a_payment(tmp_path: Path) -> None:
    items = records(read(write(tmp_path, "purpose\tamount\nОплата услуг\t3040000-00\n\n")))
    assert [(item.record_id, item.amount) for item in items] == [("row 1", "3040000.00")]


def test_aliases_and_numbers_of_customers(tmp_path: Path) -> None:
    content = (
        "id,name,ogrn,snils,document,country,aliases\n"
        "1,Ivan Petrov,1027700000001,001-001-001 01,45 01 000001,RU,I. Petrov; Ваня ;\n"
    )
    customer = party(read(write(tmp_path, content))[0], Role.CUSTOMER)
    assert customer.aliases == ("I. Petrov", "Ваня")
    assert customer.country == "RU"
    assert numbers(customer) == {"ogrn": "1027700000001", "snils": "001-001-001 01", "passport": "45 01 000001"}


def test_bad_rows_are_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [
        "1,Лопухов Пётр".encode(),
        b"2,Ivan,extra",
        b"3,",
        b"4,Iv\x00an",
        b"5,Iv\xffan",
        b"6," + b"x" * 1_100_000,
        b"7," + b"x" * 100_001,
        b"8,Petr",
    ]
    items = read(write(tmp_path, b"id,name\n" + b"\n".join(rows)))
    assert codes(items) == ["ok", "REC200", "REC204", "REC201", "REC202", "REC203", "REC210", "ok"]
    assert [item.position for item in items] == [f"row {i}" for i in range(1, 9)]
    refused = [item for item in items if isinstance(item, Reject)]
    assert refused[0].raw == "2,Ivan,extra"
    assert refused[3].raw == "5,Iv\\udcffan"
    assert all(len(item.raw) <= 10_000 and item.raw.encode() for item in refused)


def test_line_above_its_limit_does_not_hide_the_next(tmp_path: Path) -> None:
    items = read(write(tmp_path, b"id,name\n1," + b"x" * 9_000_000 + b"\n2,Petr\n"))
    assert codes(items) == ["REC203", "ok"]


def test_open_quote_costs_one_row_only(tmp_path: Path) -> None:
    lines = [f"{i},Name {i},x" for i in range(1, 500)]
    lines[9] = '10,"Name,x'
    items = read(write(tmp_path, "id,name,kind\n".replace("kind", "note") + "\n".join(lines)))
    assert codes(items).count("ok") == 498
    assert codes(items)[9] == "REC211"


def test_bad_bytes_after_an_open_quote_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "BLOCK_SIZE", 16)
    lines = [b'1,"Ivan', b"2,An\x00na", *(b"%d,Petr" % i for i in range(3, 60))]
    items = read(write(tmp_path, b"id,name\n" + b"\n".join(lines)))
    assert codes(items) == ["REC211", "REC201", *["ok"] * 57]


def test_two_open_quotes_do_not_make_one_row_of_two(tmp_path: Path) -> None:
    items = read(write(tmp_path, 'id,name,note\n1,"Ivan,x\n2,"Petr,y\n3,Anna,z\n'))
    assert codes(items) == ["REC211", "REC211", "ok"]


def test_cells_with_line_breaks_are_one_row(tmp_path: Path) -> None:
    items = records(read(write(tmp_path, 'id,name\n1,"Лопухов\nПётр"\n2,"ООО ""Ромашка"""\n')))
    assert [party(item, Role.CUSTOMER).name for item in items] == ["Лопухов Пётр", 'ООО "Ромашка"']


def test_unicode_line_separators_do_not_split_rows(tmp_path: Path) -> None:
    items = records(read(write(tmp_path, "id,name\n1,Ivan\u2028Petrov\n2,An\x85na\n")))
    assert len(items) == 2


def test_carriage_returns_alone_end_lines(tmp_path: Path) -> None:
    assert len(records(read(write(tmp_path, "id,name\r1,Ivan\r2,Petr\r")))) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,A B,31.02.2020,,", "REC206"),
        ("1,A B,soon,,", "REC206"),
        ("1,A B,,,robot", "REC208"),
        (f"1,A B,,{'7' * 1001},", "REC210"),
        (f"{'i' * 1001},A B,,,", "REC210"),
    ],
)
def test_wrong_customer_values_are_refused(tmp_path: Path, row: str, code: str) -> None:
    assert codes(read(write(tmp_path, f"id,name,birth_date,inn,kind\n{row}\n"))) == [code]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,A,B,x,12z,RUB,2026-01-01", "REC207"),
        ("1,A,B,x,12,ROUBLE,2026-01-01", "REC209"),
        ("1,A,B,x,12,RUB,2026-13-01", "REC206"),
        ("1,,, ,12,RUB,2026-01-01", "REC205"),
    ],
)
def test_wrong_payment_values_are_refused(tmp_path: Path, row: str, code: str) -> None:
    header = PAYMENTS.split("\n")[0]
    assert codes(read(write(tmp_path, f"{header}\n{row}\n"))) == [code]


def test_reasons_hold_no_values(tmp_path: Path) -> None:
    (item,) = read(write(tmp_path, "id,name,birth_date\n1,Secretov,Secretov\n"))
    assert isinstance(item, Reject)
    assert "Secretov" not in item.reason


def test_too_many_aliases_are_refused(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, f"id,name,aliases\n1,A,{';'.join(['b'] * 10_000)}\n"))) == ["REC216"]


def test_missing_columns_name_what_was_expected_and_what_came(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, "id;debtor_name;sum\n1;A;2\n"))
    assert caught.value.code == "REC104"
    assert "purpose" in str(caught.value)
    assert "debtor_name" in caught.value.got


def test_file_without_header_does_not_print_its_first_customer(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, "17,Лопухов Пётр,1980-01-01\n"))
    assert caught.value.code == "REC104"
    assert "лопухов" not in str(caught.value).lower()


@pytest.mark.parametrize("header", ["id,name,name", "id,name,purpose", "purpose,Purpose"])
def test_ambiguous_headers_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, f"{header}\na,b,c\n"))
    assert caught.value.code == "REC105"


def test_undecodable_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, b"id,name,\xff" + "я".encode() * 50 + b"\n1,a,b\n"), format="csv")
    assert caught.value.code == "REC113"


def test_header_alone_has_no_records(tmp_path: Path) -> None:
    assert read(write(tmp_path, "id,name\n")) == []


def test_ascii_head_does_not_decide_the_alphabet(tmp_path: Path) -> None:
    rows = "".join(f"{i},Ivan Petrov\n" for i in range(30_000)) + "x,Лопухов Пётр\n"
    items = records(read(write(tmp_path, "id,name\n" + rows, encoding="cp1251")))
    assert party(items[-1], Role.CUSTOMER).name == "Лопухов Пётр"


def test_one_broken_byte_does_not_change_the_alphabet(tmp_path: Path) -> None:
    items = read(write(tmp_path, "id,name\n1,Лопухов Пётр\n".encode() + b"2,\xcf\n" + "3,Ромашка\n".encode()))
    assert codes(items) == ["ok", "REC202", "ok"]


def test_rows_and_record_are_the_same_as_iteration(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name\n1,Ivan\n2\n3,\n\n4,Petr\n")
    file = open_records(path)
    assert isinstance(file, DelimitedFile)
    convert = pickle.loads(pickle.dumps(file.converter)).record
    rows = [convert(row, i) if isinstance(row, list) else row for i, row in enumerate(file.rows(), 1)]
    assert [type(item) for item in rows] == [type(item) for item in file] == [Record, Reject, Reject, Record]
    assert rows[0] == next(iter(file))
    assert file.record(["9", "Anna"], 5) == convert(["9", "Anna"], 5)


def test_position_ends_at_the_size(tmp_path: Path) -> None:
    file = open_records(write(tmp_path, CUSTOMERS))
    assert (file.position(), file.format, file.name) == (0, "csv", "input")
    list(file)
    assert file.position() == file.size_hint() > 0


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip),
        min_size=1,
        max_size=20,
    )
)
def test_every_row_written_by_csv_comes_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("rows") / "input.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "name"])
        writer.writerows([str(i), name] for i, name in enumerate(names))
    assert [item.record_id for item in records(read(path))] == [str(i) for i in range(len(names))]


@given(data=st.binary(max_size=300))
def test_no_bytes_after_the_header_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "input.csv"
    path.write_bytes(b"id,name\n1,Ivan\n" + data)
    items = read(path)
    assert isinstance(items[0], Record)
    for item in items:
        if isinstance(item, Reject):
            assert item.code in str(item.reason)
            item.raw.encode()


def test_separator_line_of_spreadsheets_is_understood(tmp_path: Path) -> None:
    found = records(read(write(tmp_path, "sep=;\r\nid;name\r\n1;Лопухов, Пётр\r\n", encoding="cp1251")))
    assert [(item.record_id, item.text(Role.CUSTOMER)) for item in found] == [("1", "Лопухов, Пётр")]
