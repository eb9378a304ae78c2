"""JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_fixtures import codes, numbers, party, read, records, write

from sito.records import RecordKind, Reject, Role


def test_customers_and_payments_may_be_mixed(tmp_path: Path) -> None:
    lines = [
        {
            "id": "c1",
            "name": "Лопухов Пётр",
            "birth_date": "1980-05-17",
            "inn": None,
            "aliases": ["Петя", "П. Лопухов"],
        },
        {
            "id": 7,
            "debtor_name": "ООО Ромашка",
            "purpose": "Оплата",
            "amount": 1500.50,
            "currency": "RUB",
            "extra": {"a": [1]},
        },
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    customer, payment = records(read(write(tmp_path, text)))
    assert party(customer, Role.CUSTOMER).aliases == ("Петя", "П. Лопухов")
    assert (customer.kind, payment.kind) == (RecordKind.CUSTOMER, RecordKind.PAYMENT)
    assert (payment.record_id, payment.amount, payment.position) == ("7", "1500.5", "row 2")


def test_digits_of_numbers_are_kept(tmp_path: Path) -> None:
    text = '{"purpose":"x","amount":123456789012345.10}\n{"name":"A B","inn":7700000016}'
    payment, customer = records(read(write(tmp_path, text)))
    assert payment.amount == "123456789012345.10"
    assert numbers(party(customer, Role.CUSTOMER)) == {"inn": "7700000016"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "REC212"),
        ('{"name": "\\ud800"}', "REC212"),
        ("[1]", "REC213"),
        ("null", "REC213"),
        ('{"name": ["A"]}', "REC214"),
        ('{"name": true}', "REC214"),
        ('{"name": {"a": 1}}', "REC214"),
        ('{"name": "a\\u0000b"}', "REC201"),
        ('{"id": "1"}', "REC104"),
        ('{"name": "A", "purpose": "B"}', "REC105"),
        ('{"name": "A", "Name": "B"}', "REC105"),
        ('{"name": ""}', "REC204"),
        ('{"name": "' + "x" * 100_001 + '"}', "REC210"),
        ('{"name": "A", "aliases": [' + ",".join(['"b"'] * 10_000) + "]}", "REC216"),
        ("[" * 100_000, "REC212"),
    ],
)
def test_wrong_lines_are_refused(tmp_path: Path, line: str, code: str) -> None:
    items = read(write(tmp_path, f'{{"name":"Ivan"}}\n{line}\n{{"name":"Petr"}}\n'))
    assert codes(items)[0] == codes(items)[2] == "ok"
    assert codes(items)[1] in {code, "REC213" if line.startswith("[") else code}
    assert isinstance(items[1], Reject)
    assert items[1].raw == line[:10_000]


def test_undecodable_line_is_refused(tmp_path: Path) -> None:
    data = '{"name":"Лопухов"}\n'.encode() + b'{"name":"\xff"}\n'
    assert codes(read(write(tmp_path, data))) == ["ok", "REC202"]


def test_many_shapes_of_lines_are_read(tmp_path: Path) -> None:
    text = "".join(f'{{"name":"A B","k{i}":1,"inn":"77"}}\n' for i in range(1_500))
    assert len(records(read(write(tmp_path, text)))) == 1_500
