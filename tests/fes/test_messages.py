"""Messages of every family and kind: byte for byte, in the order that was seen, and nothing wrong leaves."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.fes.samples import (
    BANK,
    BODIES,
    DAY,
    LESSOR,
    MEASURES,
    OFFICER,
    OPERATION,
    ORGANISATIONS,
    PARTICIPANTS,
    PERSON,
    message,
    numbers,
)  # fmt: skip

from sito.errors import FesError
from sito.fes import (
    Dictionaries,
    Family,
    FreezeBody,
    FullName,
    Kind,
    Message,
    Numbers,
    OperationBody,
    Organisation,
    RecordType,
    Schemas,
    encoded,
    format_of,
    render,
    series_of,
)
from sito.fes.elements import Choice, Group, walk
from sito.fes.formats import formats
from sito.fes.schemas import own_schema, parser

GOLDEN = Path(__file__).parents[1] / "golden" / "fes"
DATA = Path(__file__).parents[2] / "engine" / "sito" / "fes" / "data"
ALL = [pytest.param(family, kind, id=f"{family}-{kind}") for family, kind in formats()]
SCHEMAS = Schemas.shipped()
# What was seen of each format, element by element; docs/fes.md says where.
SERVICE = (
    "ВерсияФормата ВерсПрог ИДКорр ТипИнф ДатаСообщения УполнСотрудн ФИОУполнСотрудн ТелУполнСотрудн ЭлектроннаяПочта"
)
PERSON_ORDER = (
    "ФИОФЛИП ИННФЛИП ДокУдЛичн СведДокУдЛичн ДатаРождения МестоРожд КодОКСМ СтранаНаименование ПризнакПубЛицо АдрРег"
)
SEEN: dict[str, dict[str, str]] = {
    "СообщПринМерыКО": {
        "": "СлужЧасть ИнформЧасть",
        "СлужЧасть": SERVICE,
        "СлужЧасть/ФИОУполнСотрудн": "Фам Имя Отч",
        "ИнформЧасть": "ИнфБанк СведКО",
        "ИнформЧасть/ИнфБанк": "РегНомКО БИККО ОКАТОКО",
        "ИнформЧасть/СведКО": "ПризнакПредставСвед Меры",
        "ИнформЧасть/СведКО/Меры":
            "НомерЗаписи ТипЗаписи МераОснование ДатаБлок ВремяБлок ВидСредств НомерСчетСейф СумРуб",
        "ИнформЧасть/СведКО/Меры/МераОснование": "КодОснования КодЮЛФЛ",
    },
    "СообщОперКО": {
        "СлужЧасть": SERVICE,
        "ИнформЧасть": "ИнфБанк СведКО",
        "ИнформЧасть/СведКО/Операция":
            "НомерЗаписи ТипЗаписи НомерОперация ПризнФТр ДатаОперации ДатаВыявления КодПризнОперации ПризнОперацияЭСП "
            "НаимПлатежнаяСистема ВремяТранзакцияЭСП КодОперации ПризнНеобОперации КодВал СумОперации СумРуб "
            "ОснованиеОп НазнПлатеж ХарактерОп УчастникОп "
            "СведенияПереводыДС Коммент",
        "ИнформЧасть/СведКО/Операция/УчастникОп/УчастникЮЛ": "СведЮЛ СведЕИО",
        "ИнформЧасть/СведКО/Операция/УчастникОп":
            "СтатусУчастника ТипУчастника ПризнУчастника ПризнКлиент УчастникЮЛ УчастникФЛИП КомментУчастник",
    },
    "СообщОпер": {
        "": "СлужЧасть ИнформЧасть",
        "СлужЧасть": SERVICE,
        "ИнформЧасть": "ИнфНФОП СведНФО",
        "ИнформЧасть/ИнфНФОП": "НаимНФО ПризнакФлНФО ИНННФО КППНФО ОГРННФО",
        "ИнформЧасть/СведНФО": "ИнфНФО Операция",
        "ИнформЧасть/СведНФО/ИнфНФО": "КодНФО ТипНФО ПризнакФлНФО НаимНФО ИНННФО КППНФО ОГРННФО",
        "ИнформЧасть/СведНФО/Операция":
            "НомерЗаписи ТипЗаписи ПризнФТр ДатаОперации КодОперации КодВал СумОперации СумРуб ОснованиеОп "
            "КодПризнОперации КодДенежСредств ХарактерОп ПризнакНПФ УчастникОп Коммент",
        "ИнформЧасть/СведНФО/Операция/ОснованиеОп": "КодДок ИноеНаимДок ДатаДок НомДок СодДок",
        "ИнформЧасть/СведНФО/Операция/УчастникОп":
            "СтатусУчастника КодУчастника ТипУчастника ПризнУчастника ПризнКлиент УчастникЮЛ УчастникФЛИП СведенияКО",
        "ИнформЧасть/СведНФО/Операция/УчастникОп/УчастникФЛИП/СведФЛИП": PERSON_ORDER,
        "ИнформЧасть/СведНФО/Операция/УчастникОп/УчастникФЛИП/СведФЛИП/СведДокУдЛичн":
            "ВидДокКод ВидДокНаименование ИноеНаименованиеДок СерияДок НомДок ДатВыдачиДок КемВыданДок "
            "КодПодр",
        "ИнформЧасть/СведНФО/Операция/УчастникОп/УчастникФЛИП/СведФЛИП/АдрРег":
            "Индекс КодОКСМ СтранаНаименование КодСубъектаПоОКАТО Район Пункт Улица Дом Корп Оф",
        "ИнформЧасть/СведНФО/Операция/УчастникОп/УчастникЮЛ/СведЮЛ": "НаимЮЛ ПризнакФлЮЛ ИННЮЛ КППЮЛ ОГРНЮЛ",
        "ИнформЧасть/СведНФО/Операция/УчастникОп/СведенияКО": "БИККО НомерСчета НаимКО",
    },
    "Сбщ110Операции": {
        "": "СлужЧасть ИнформЧасть",
        "ИнформЧасть/Операция":
            "НомерЗаписи ТипЗаписи ДатаОперации ДатаВыявления КодОперации СумОперации СумРуб ОснованиеОп ХарактерОп "
            "НазнПлатеж УчастникОп",
        "ИнформЧасть/Операция/УчастникОп": "ТипУчастника КодРоли",
    },
    "Сбщ110Удаление": {"ИнформЧасть/Удаление": "НомерФЭС ИдентификаторФЭС ДатаФЭС ВидФЭС"},
    "СообщОтказ_115ФЗ": {
        "": "СлужЧасть ИнформЧасть",
        "СлужЧасть": "ВерсияФормата ДатаСообщения ТелОператор ЭлектроннаяПочта",
        "ИнформЧасть": "ТипОрганизация Раздел1.1 Раздел1.2 Раздел2",
        "ИнформЧасть/Раздел2": "НомерЗаписи ФорматЗаписи ТипЗаписи СведОперация Участник",
        "ИнформЧасть/Раздел2/Участник": "СтатусУчастника ТипУчастника ПризнУчастника СведФЛИП СведЮЛ",
        "ИнформЧасть/Раздел2/Участник/СведФЛИП":
            "ФИОФЛИП ИННФЛИП СведДокУдЛичн ДатаРождения МестоРожд КодОКСМ СтранаНаименование ПризнакПубЛицо",
        "ИнформЧасть/Раздел2/СведОперация":
            "ПризнакИнф КодОтказа ДатаОтказа ОснованиеОп КодПризнОперации КодДенежСредств ПризнНеобОперации",
    },
}  # fmt: skip
# Elements that were seen and that nothing of the model fills: electronic money, the head of a company, the other names
# of documents, and the sections of the exchange that others write.
UNWRITTEN = frozenset({
    "НаимПлатежнаяСистема", "ВремяТранзакцияЭСП", "СведенияПереводыДС", "СведЕИО", "ИноеНаименованиеДок", "Раздел1.1",
    "Раздел1.2",
})  # fmt: skip


@pytest.mark.parametrize(("family", "kind"), ALL)
def test_a_message_is_written_byte_for_byte(request: pytest.FixtureRequest, family: Family, kind: Kind) -> None:
    one = message(family, kind)
    xml = render(one, numbers(one))
    SCHEMAS.check(xml, one, where="freeze:1")
    path = GOLDEN / f"{family}-{kind}.xml"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(xml)
    assert xml == path.read_bytes()
    # What the ledger keeps says all of it.
    again = msgspec.json.decode(encoded(one), type=Message)
    assert again == one and render(again, numbers(one)) == xml


@pytest.mark.parametrize("root", SEEN)
def test_elements_stand_in_the_order_that_was_seen(root: str) -> None:
    (found,) = (one for one in formats().values() if one.root.name == root)
    one = message(Family(found.family), Kind(found.kind))
    tree = etree.fromstring(render(one, numbers(one)), parser())
    assert tree.tag == root
    declared = {"/".join(path.split("/")[2:]): item for path, item in walk(found.root)}
    for path, order in SEEN[root].items():
        group = declared[path]
        assert isinstance(group, Group)
        names = [one.name for item in group.items for one in (item.items if isinstance(item, Choice) else (item,))]
        wanted = [name for name in order.split() if name not in UNWRITTEN]
        assert sorted(set(wanted) - set(names)) == [], path
        assert not UNWRITTEN & set(names), path
        parents = list(tree.iterfind(path)) if path else [tree]
        assert parents, path
        for parent in parents:
            tags = list(dict.fromkeys(str(child.tag) for child in parent))
            assert [tag for tag in tags if tag in wanted] == [name for name in wanted if name in tags], path


@pytest.mark.parametrize("family", list(Family))
def test_the_shipped_schema_is_that_of_the_formats(request: pytest.FixtureRequest, family: Family) -> None:
    if request.config.getoption("--update-golden"):
        (DATA / f"{family}.xsd").write_bytes(own_schema(family))
    assert (DATA / f"{family}.xsd").read_bytes() == own_schema(family)


def test_numbers_begin_as_each_family_wants() -> None:
    bank, lessor = message(Family.KO, Kind.FREEZE), message(Family.NKO, Kind.OPERATION)
    assert series_of(bank, DAY).record_series == "2026_3349_0000_03"
    assert series_of(lessor, date(2018, 12, 18)).record_series == "2018_7703047975_770301001"
    assert series_of(lessor, date(2018, 12, 18)).file_series == "FM01_2_7703047975770301001_20181218_01"
    assert series_of(message(Family.NKO, Kind.DELETION), DAY).record_series == ""
    with pytest.raises(FesError, match=r"FES102 expected a value, got none .organisation/registration_number"):
        series_of(
            msgspec.structs.replace(bank, organisation=msgspec.structs.replace(BANK, registration_number="")), DAY
        )


def test_a_refusal_of_a_bank_goes_to_the_exchange_and_what_no_family_has_is_refused() -> None:
    assert format_of(message(Family.KO, Kind.REFUSAL)).root.name == "СообщОтказ_115ФЗ"
    with pytest.raises(FesError, match="FES104"):
        format_of(Message(organisation=msgspec.structs.replace(BANK, family=Family.REFUSALS), body=BODIES[Kind.CHECK]))


def test_windows_1251_is_written_and_what_it_lacks_is_refused() -> None:
    bank = msgspec.structs.replace(BANK, encoding="windows-1251")
    one = Message(organisation=bank, body=BODIES[Kind.FREEZE])
    xml = render(one, numbers(one))
    assert "Проверкина".encode("cp1251") in xml and b"windows-1251" in xml
    SCHEMAS.check(xml, one, where="freeze:1")
    other = msgspec.structs.replace(bank, officer=msgspec.structs.replace(OFFICER, name=FullName(line="Ağca Çınar")))
    with pytest.raises(FesError, match="FES105") as caught:
        render(Message(organisation=other, body=BODIES[Kind.FREEZE]), numbers(one))
    assert "Çınar" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"purpose": "x\x01y"}, "FES103", "НазнПлатеж"),
        ({"purpose": "\ud800"}, "FES103", "НазнПлатеж"),
        ({"code": ""}, "FES102", "КодОперации"),
        ({"amount_kopecks": 10**18}, "FES108", "СумОперации"),
        ({"performed_on": date(1, 1, 1)}, "", ""),
        ({"participants": (msgspec.structs.replace(PARTICIPANTS[0], kind=""),)}, "FES102", "ТипУчастника"),
        ({"participants": (msgspec.structs.replace(PARTICIPANTS[0], person=msgspec.structs.replace(
            PERSON, inn="12")),)}, "FES108", "ИННФЛИП"),
        ({"nature": "н" * 501}, "FES108", "ХарактерОп"),
        ({"nature": "]]></ХарактерОп><!ENTITY x>&lol;"}, "", ""),
    ],
)  # fmt: skip
def test_wrong_data_name_the_case_and_the_element(change: dict[str, Any], code: str, where: str) -> None:
    one = Message(organisation=LESSOR, body=OperationBody(operation=msgspec.structs.replace(OPERATION, **change)))

    def leave() -> bytes:
        xml = render(one, numbers(one))
        SCHEMAS.check(xml, one, where="message:7")
        return xml

    if not code:
        tree = etree.fromstring(leave(), parser())
        assert tree.findtext("ИнформЧасть/Операция/ХарактерОп") == one.body.operation.nature  # type: ignore[union-attr]
        return
    with pytest.raises(FesError) as caught:
        leave()
    assert caught.value.code == code and where in caught.value.where
    if code == "FES108":
        assert caught.value.where.startswith("message:7, /")
    assert "Чертополохов" not in str(caught.value) and "нннн" not in str(caught.value)


def test_other_numbers_than_it_takes_are_refused() -> None:
    one = message(Family.KO, Kind.FREEZE)
    with pytest.raises(FesError, match="FES106 expected 2 record numbers, got 1"):
        render(one, Numbers(("2026_3349_0000_03_00000001",), "x.xml", DAY))


def test_a_code_list_of_the_bank_is_enforced(tmp_path: Path) -> None:
    one = message(Family.KO, Kind.FREEZE)
    xml = render(one, numbers(one))
    (tmp_path / "funds.toml").write_text(
        '[[dictionary]]\nname = "funds"\ntitle = "t"\nedition = "2026-01"\ncertainty = "S"\nsource = "bank"\n'
        'is_open = false\nentries = [{ code = "1" }]\n'
    )
    own = SCHEMAS.with_dictionaries(Dictionaries.shipped().with_folder(tmp_path))
    with pytest.raises(FesError, match="FES109 expected a code of funds, edition 2026-01"):
        own.check(xml, one, where="freeze:1")
    (tmp_path / "other.toml").write_text((tmp_path / "funds.toml").read_text().replace('"funds"', '"colours"'))
    with pytest.raises(FesError, match="FES110"):
        Dictionaries.shipped().with_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "x = ", "[[dictionary]]\n", "\x00"])
def test_a_code_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(FesError, match="FES110"):
        Dictionaries.shipped().with_folder(tmp_path)


def test_an_official_schema_in_a_folder_is_enforced(tmp_path: Path) -> None:
    one = message(Family.KO, Kind.FREEZE)
    xml = render(one, numbers(one))
    schema = own_schema(Family.KO).decode()
    (tmp_path / "official.xsd").write_text(schema.replace('name="ВерсПрог"', 'name="ВерсияПрограммы"'), "utf-8")
    official = SCHEMAS.with_official(tmp_path)
    assert SCHEMAS.is_draft(one) and not official.is_draft(one)
    with pytest.raises(FesError, match=r"FES108 expected ВерсияПрограммы, got another element.*official schema"):
        official.check(xml, one, where="freeze:1")
    (tmp_path / "two.xsd").write_text(schema, "utf-8")
    with pytest.raises(FesError, match="FES107 expected one schema for a root"):
        SCHEMAS.with_official(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "<a", "<a/>", '<!DOCTYPE x [<!ENTITY a "b">]><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">&a;'],
)
def test_a_schema_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xsd").write_text(text)
    with pytest.raises(FesError, match="FES107"):
        SCHEMAS.with_official(tmp_path)
    with pytest.raises(FesError, match="FES107"):
        SCHEMAS.with_official(tmp_path / "absent")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<",
        b"<x/>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b"\xff\xfe\x00",
        b"x" * (9 << 20),
    ],
)
def test_bytes_that_are_no_message_do_not_leave(data: bytes) -> None:
    with pytest.raises(FesError, match="FES108"):
        SCHEMAS.check(data, message(Family.KO, Kind.FREEZE), where="freeze:1")


def test_an_organisation_is_read_and_what_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "organisation.toml"
    text = (
        'family = "ko"\nname = "Банк"\ninn = "7703047975"\n[officer]\nposition = "СДЛ"\nphone = "(495)1234567"\n'
        'email = "a@bank.example"\nname = { line = "Анна Проверкина" }\n'
    )
    path.write_text(text, "utf-8")
    assert Organisation.read(path).officer.name.line == "Анна Проверкина"
    for wrong, match in (
        (text.replace("(495)", "495"), "officer.phone"),
        (text.replace('"ko"', '"bank"'), "family"),
        (text + "\nx = 1\n", "FES101"),
        ("\x00", "TOML"),
        ("#" * ((1 << 18) + 1), "more than"),
    ):
        path.write_text(wrong, "utf-8")
        with pytest.raises(FesError, match=match):
            Organisation.read(path)
    with pytest.raises(FesError, match="FES101"):
        Organisation.read(tmp_path / "absent")


def test_a_name_is_in_parts_or_in_one_line() -> None:
    for wrong in ({}, {"family": "А", "line": "А Б"}):
        with pytest.raises(ValueError, match="name"):
            FullName(**wrong)


CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])
LETTERS = st.text(CHARACTERS, min_size=1, max_size=60).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(LETTERS, min_size=1, max_size=3), purpose=LETTERS, kopecks=st.integers(0, 10**17),
    family=st.sampled_from([Family.KO, Family.NFO, Family.NKO]), day=st.dates(date(2015, 1, 1), date(2099, 12, 31)),
)  # fmt: skip
def test_whatever_is_told_is_written_and_valid(
    names: list[str], purpose: str, kopecks: int, family: Family, day: date
) -> None:
    parts = dict(zip(("family", "given", "patronymic"), names, strict=False))
    person = msgspec.structs.replace(PERSON, name=FullName(**parts))
    operation = msgspec.structs.replace(
        OPERATION, performed_on=day, purpose=purpose, nature=purpose, amount_kopecks=kopecks, rouble_kopecks=kopecks,
        participants=(msgspec.structs.replace(PARTICIPANTS[0], person=person),),
    )  # fmt: skip
    one = Message(organisation=ORGANISATIONS[family], body=OperationBody(operation=operation))
    xml = render(one, numbers(one))
    SCHEMAS.check(xml, one, where="message:1")
    texts = [element.text for element in etree.fromstring(xml, parser()).iter() if element.text and not len(element)]
    for told in (*names, purpose, f"{kopecks // 100}.{kopecks % 100:02d}", day.strftime("%d/%m/%Y")):
        assert told.replace("\r", "\n") in texts


def test_a_time_says_how_far_its_place_is_ahead_of_moscow() -> None:
    one = message(Family.KO, Kind.FREEZE)
    tree = etree.fromstring(render(one, numbers(one)), parser())
    assert [element.text for element in tree.iter("ВремяБлок")] == ["12:30:05 (МСК+00:00)", "19:30:05 (МСК+07:00)"]
    naive = {
        "ground_code": "1",
        "subject_id": "1",
        "blocked_at": "2026-03-02T12:00:00",
        "funds_code": "6",
        "amount_kopecks": 1,
    }
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"measures": [naive | {"amount_kopecks": 1}]}, FreezeBody)
    with pytest.raises(ValueError, match="zone"):
        msgspec.structs.replace(MEASURES[0], blocked_at=datetime(2026, 3, 2, 12))


def test_correction_and_deletion_are_told_by_the_type_of_the_record() -> None:
    one = msgspec.structs.replace(message(Family.KO, Kind.FREEZE), record_type=RecordType.CORRECTION)
    tree = etree.fromstring(render(one, numbers(one)), parser())
    assert {element.text for element in tree.iter("ТипЗаписи")} == {"2"}


def test_a_refusal_that_is_deleted_says_why() -> None:
    body = msgspec.structs.replace(BODIES[Kind.REFUSAL], deletion_reason="отказ отменён")  # type: ignore[type-var]
    one = Message(organisation=BANK, record_type=RecordType.DELETION, body=body)
    xml = render(one, numbers(one))
    SCHEMAS.check(xml, one, where="refusal:1")
    tree = etree.fromstring(xml, parser())
    assert tree.findtext("ИнформЧасть/Раздел2/ТипЗаписи") == "4"
    assert tree.findtext("ИнформЧасть/Раздел2/ПричинаУдаления") == "отказ отменён"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["purpose", "nature", "comment", "number"]))
def test_any_text_is_written_as_it_is_or_refused(told: str, name: str) -> None:
    """Controls, surrogates and what is no character are refused; whatever leaves says what was told."""
    one = Message(organisation=BANK, body=OperationBody(operation=msgspec.structs.replace(OPERATION, **{name: told})))
    try:
        xml = render(one, numbers(one))
        SCHEMAS.check(xml, one, where="message:7")
    except FesError as error:
        assert error.code in {"FES103", "FES108"}
        assert len(told) < 4 or told not in str(error)
        return
    found = [element.text for element in etree.fromstring(xml, parser()).iter() if not len(element)]
    assert not told or told in found


@pytest.mark.parametrize("told", ["ж" * 10_000_000, "]]>" * 3_000_000, "&lt;" * 1_000_000])
def test_a_text_of_ten_megabytes_does_not_leave(told: str) -> None:
    one = Message(organisation=BANK, body=OperationBody(operation=msgspec.structs.replace(OPERATION, purpose=told)))
    with pytest.raises(FesError, match="FES108") as caught:
        SCHEMAS.check(render(one, numbers(one)), one, where="message:7")
    assert len(str(caught.value)) < 400
    assert caught.value.where.startswith("message:7")


def test_an_organisation_that_knows_another_number_of_a_kind_has_it_written() -> None:
    own = msgspec.structs.replace(LESSOR, kind_numbers={Kind.DELETION: "06", Kind.FREEZE: "13"})
    one = Message(organisation=own, record_type=RecordType.DELETION, body=BODIES[Kind.DELETION])
    assert series_of(one, DAY).file_series == "FM06_2_7703047975770301001_20260302_06"
    tree = etree.fromstring(render(one, numbers(one)), parser())
    assert (tree.findtext("СлужЧасть/ТипИнф"), tree.findtext("ИнформЧасть/Удаление/ВидФЭС")) == ("6", "13")
    assert msgspec.json.decode(encoded(one), type=Message) == one
