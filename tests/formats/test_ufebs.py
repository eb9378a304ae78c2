"""UFEBS: names, sums, checks, packets, schemas."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_fixtures import UFEBS, codes, ed101, numbers, packet, party, read, records, write

from sito.errors import RecordError
from sito.formats import open_records
from sito.records import Reject, Role

SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{UFEBS}" targetNamespace="{UFEBS}"
 elementFormDefault="qualified"><xs:element name="ED101"><xs:complexType><xs:sequence>
 <xs:any maxOccurs="unbounded" processContents="skip"/></xs:sequence>
 <xs:attribute name="PaytKind"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="4"/>
 </xs:restriction></xs:simpleType></xs:attribute><xs:anyAttribute processContents="skip"/>
 </xs:complexType></xs:element></xs:schema>"""


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_single_document_is_read(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{ed101()}'
    (record,) = records(read(write(tmp_path, text, encoding=encoding)))
    assert (record.record_id, record.amount, record.currency, record.date) == (
        "4525225000-2026-03-05-7",
        "1500.50",
        "RUB",
        "2026-03-05",
    )
    assert record.position == "ED101"
    payer, payee = party(record, Role.DEBTOR), party(record, Role.CREDITOR)
    assert payer.name == 'ООО "Ромашка"'
    assert numbers(payer) == {
        "inn": "7700000016",
        "kpp": "770001001",
        "account": "40702810500000000001",
        "bic": "044525225",
    }
    assert (payee.name, payee.address, payee.text) == (
        "Лопухов Пётр Ильич",
        "г. Тверь",
        "Лопухов Пётр Ильич//г. Тверь//",
    )
    assert party(record, Role.PURPOSE).name == "{VO10010} Оплата по счёту 5"


def test_order_of_elements_does_not_matter(tmp_path: Path) -> None:
    (record,) = records(read(write(tmp_path, ed101(order_2017=True))))
    assert record.text(Role.PURPOSE) == "{VO10010} Оплата по счёту 5"


def test_namespace_does_not_matter(tmp_path: Path) -> None:
    text = f'<x:Envelope xmlns:x="urn:other"><x:Body>{ed101(namespace="")}</x:Body></x:Envelope>'
    assert len(records(read(write(tmp_path, text)))) == 1


def test_packet_is_read_document_by_document(tmp_path: Path) -> None:
    other = ed101(number=8).replace("ED101", "ED103").replace('TransKind="01"', 'TransKind="02"')
    items = records(read(write(tmp_path, packet(ed101(), other, ed101(number=9)), encoding="cp1251")))
    assert [item.position for item in items] == ["PacketEPD/ED101[1]", "PacketEPD/ED103[1]", "PacketEPD/ED101[2]"]


@pytest.mark.parametrize(("quantity", "kopecks"), [(3, 300100), (2, 1)])
def test_packet_that_declares_something_else_is_reported(tmp_path: Path, quantity: int, kopecks: int) -> None:
    text = packet(ed101(), ed101(number=8), quantity=quantity, kopecks=kopecks)
    assert codes(read(write(tmp_path, text, encoding="cp1251"))) == ["ok", "ok", "REC305"]


def test_other_documents_in_a_packet_are_refused_by_name(tmp_path: Path) -> None:
    items = read(write(tmp_path, packet("<ED108 EDNo='1' Sum='150050'/>", ed101()), encoding="cp1251"))
    assert codes(items) == ["REC304", "ok"]
    assert isinstance(items[0], Reject)
    assert "ED108" in items[0].reason


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('EDNo="7"', 'EDNo="0"'),
        ('EDNo="7"', ""),
        ('EDDate="2026-03-05"', 'EDDate="05.03.2026"'),
        ('EDAuthor="4525225000"', 'EDAuthor="EDAuthor1"'),
        ('Sum="150050"', 'Sum="1500.50"'),
        ('Sum="150050"', f'Sum="{"1" * 19}"'),
        ('TransKind="01"', 'TransKind="02"'),
        ('TransKind="01"', ""),
        ('Priority="5"', 'Priority="6"'),
        ('SystemCode="02"', 'SystemCode="2"'),
        ('AccDocNo="12"', 'AccDocNo="000"'),
        ('AccDocNo="12"', 'AccDocNo="1234567"'),
        ('BIC="044525225"', 'BIC="04452522"'),
        ('BIC="044525225"', ""),
        ('INN="7700000016"', 'INN="7700000000016"'),
        ('PersonalAcc="40702810500000000001"', 'PersonalAcc="4070281050000000000Z"'),
        ("<Purpose>{VO10010} Оплата по счёту 5</Purpose>", ""),
        ("<Purpose>{VO10010} Оплата по счёту 5</Purpose>", "<Purpose> </Purpose>"),
        ("<Purpose>{VO10010} Оплата по счёту 5</Purpose>", f"<Purpose>{'я' * 211}</Purpose>"),
        ("<Name>ООО &quot;Ромашка&quot;</Name>", ""),
        ("<Name>ООО &quot;Ромашка&quot;</Name>", f"<Name>{'я' * 161}</Name>"),
        ('<AccDoc AccDocNo="12" AccDocDate="2026-03-05"/>', ""),
    ],
)
def test_document_against_the_rules_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = ed101()
    assert old in text
    assert codes(read(write(tmp_path, text.replace(old, new, 1)))) == ["REC302"]


def test_limits_themselves_are_allowed(tmp_path: Path) -> None:
    text = ed101(payer="я" * 160, purpose="я" * 210, kopecks="9" * 18)
    (record,) = records(read(write(tmp_path, text)))
    assert record.amount == "9999999999999999.99"


def test_schema_is_enforced_where_given(tmp_path: Path) -> None:
    folder = tmp_path / "xsd"
    folder.mkdir()
    path = write(tmp_path, ed101().replace('PaytKind="4"', 'PaytKind="Лопухов"'))
    assert codes(read(path, schema_dir=folder)) == ["ok"]
    (folder / "any_name.xsd").write_text(SCHEMA, encoding="utf-8")
    (item,) = read(path, schema_dir=folder)
    assert isinstance(item, Reject)
    assert item.code == "REC303"
    assert "PaytKind" in item.reason
    assert "Лопухов" not in item.reason
    assert codes(read(write(tmp_path, ed101()), schema_dir=folder)) == ["ok"]


@pytest.mark.parametrize("content", ["<broken", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>"])
def test_unusable_schema_folder_is_refused(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "xsd"
    folder.mkdir()
    (folder / "x.xsd").write_text(content)
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, ed101()), schema_dir=folder)
    assert caught.value.code == "REC110"


def test_missing_schema_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="REC110"):
        open_records(write(tmp_path, ed101()), schema_dir=tmp_path / "none")


def test_empty_packet_is_reported(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, f'<PacketEPD xmlns="{UFEBS}"/>'))) == ["REC305"]


def test_cut_packet_gives_what_was_read_and_says_so(tmp_path: Path) -> None:
    text = packet(ed101(), ed101(number=8), ed101(number=9))
    items = read(write(tmp_path, text[: text.rindex("<Payee")], encoding="cp1251"))
    assert codes(items) == ["ok", "ok", "REC300"]
