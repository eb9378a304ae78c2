"""RU-TE XML 2.x: subjects, sections, and what is not known."""

from __future__ import annotations

import pytest

from sito.entries import BirthDate, Identifier, Kind, Name, NameQuality
from sito.errors import ListError
from sito.lists import rosfin_xml
from sito.lists.source import Facts, Source

PERSON = """
<Субъект>
  <ИдСубъекта>10001</ИдСубъекта>
  <УНС>XX 1</УНС>
  <ТипСубъекта><Идентификатор>4</Идентификатор><Наименование>Физическое лицо</Наименование></ТипСубъекта>
  <ФЛ>
    <ФИО>ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ*</ФИО>
    <Фамилия>ВЫДУМКИН</Фамилия><Имя>ПРИМЕР</Имя><Отчество>ОБРАЗЦОВИЧ</Отчество>
    <ФИОЛат>VYDUMKIN PRIMER</ФИОЛат>
    <ДатаРождения>1970-02-01</ДатаРождения><ГодРождения>1970</ГодРождения>
    <МестоРождения>Г. ПРИМЕРСК</МестоРождения>
    <ИНН>500100732259</ИНН><СНИЛС>000-000-000 00</СНИЛС>
    <СписокДокументов>
      <Документ>
        <ТипДокумента><Идентификатор>1</Идентификатор><Наименование>Паспорт гражданина РФ</Наименование></ТипДокумента>
        <Серия>00 00</Серия><Номер>000001</Номер><ОрганВыдачи>ОВД</ОрганВыдачи><ДатаВыдачи>2001-02-03</ДатаВыдачи>
        <ПризнакДействительности>false</ПризнакДействительности><Цвет>синий</Цвет>
      </Документ>
    </СписокДокументов>
    <СписокДрНаименований>
      <ДрНаименование><ФИО>ВЫДУМКИН ПРИМЁР</ФИО><ГодРождения>1971</ГодРождения></ДрНаименование>
      <ДрНаименование>КЛИЧКА</ДрНаименование>
    </СписокДрНаименований>
    <СписокГражданств><Гражданство><Наименование>ПРИМЕРИЯ</Наименование></Гражданство></СписокГражданств>
    <Рост>180</Рост>
  </ФЛ>
  <СписокАдресов>
    <Адрес><ТипАдреса><Идентификатор>1</Идентификатор><Наименование>Регистрация</Наименование></ТипАдреса>
      <ТекстАдреса>Г. ПРИМЕРСК, УЛ. 1</ТекстАдреса><ОКАТО>0101</ОКАТО></Адрес>
    <Адрес><НормАдрес><Страна><Наименование>ПРИМЕРИЯ</Наименование><Код>000</Код></Страна><Город>ОБРАЗЦОВО</Город>
      <Дом>7</Дом></НормАдрес></Адрес>
  </СписокАдресов>
  <История><ДатаВключения>2015-01-02</ДатаВключения><ДатаИзменения>2016-01-02</ДатаИзменения>
    <ДатаИсключения>2017-01-02</ДатаИсключения><ДатаВключения>2018-01-02</ДатаВключения></История>
  <Террорист>1</Террорист>
  <Примечание>Вымышленный субъект</Примечание>
  <Новое><Внутри>да</Внутри></Новое>
</Субъект>"""
ORGANISATION = """
<Субъект><ИдСубъекта>10002</ИдСубъекта>
  <{tag}><Наименование>ОБЩЕСТВО ПРИМЕРОВ</Наименование><НаименованиеЛат>PRIMERY</НаименованиеЛат>
    <СписокДрНаименований><ДрНаименование><Наименование>ОП</Наименование></ДрНаименование></СписокДрНаименований>
    <ИНН>7707083893</ИНН><ОГРН>1027700132195</ОГРН></{tag}>
  <Террорист>нет</Террорист>
</Субъект>"""


def document(*subjects: str, more: str = "", version: str = "2.0", encoding: str = "utf-8") -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><Перечень><ВерсияФормата>{version}</ВерсияФормата>'
        "<ДатаПеречня>2024-05-02</ДатаПеречня><ДатаПредыдущегоПеречня>2024-04-25</ДатаПредыдущегоПеречня>"
        f"<АктуальныйПеречень>{''.join(subjects)}</АктуальныйПеречень>{more}</Перечень>"
    ).encode(encoding)


def run(data: bytes):
    facts = Facts()
    return list(rosfin_xml.read(Source("te.xml", data, "", "RU-TE"), facts)), facts


def subject(body: str):
    return run(document(f"<Субъект><ИдСубъекта>1</ИдСубъекта>{body}</Субъект>"))[0][0]


def test_person_becomes_entry():
    (entry,), facts = run(document(PERSON))
    assert (entry.list_id, entry.entry_id, entry.kind, entry.terrorist) == ("RU-TE", "10001", Kind.PERSON, True)
    assert entry.names == (
        Name("ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ", NameQuality.PRIMARY, "ВЫДУМКИН", "ПРИМЕР", "ОБРАЗЦОВИЧ"),
        Name("VYDUMKIN PRIMER", script="Latn"),
        Name("ВЫДУМКИН ПРИМЁР"),
        Name("КЛИЧКА"),
    )
    assert entry.birth_dates == (BirthDate("1970-02-01", "1970-02-01"), BirthDate("1971-01-01", "1971-12-31"))
    assert (entry.birth_places, entry.countries) == (("Г. ПРИМЕРСК",), ("ПРИМЕРИЯ",))
    assert entry.identifiers == (
        Identifier("other", "XX 1", note="УНС"),
        Identifier("inn", "500100732259", "RU"),
        Identifier("snils", "000-000-000 00", "RU"),
        Identifier("passport", "00 00 000001", "RU", "Паспорт гражданина РФ, ОВД, выдан 2001-02-03, недействителен"),
    )
    assert entry.addresses == ("Г. ПРИМЕРСК, УЛ. 1", "ПРИМЕРИЯ, ОБРАЗЦОВО, 7")
    assert (entry.listed_on, entry.changed_on) == (("2015-01-02", "2018-01-02"), ("2016-01-02",))
    assert (entry.delisted_on, entry.remarks) == (("2017-01-02",), "Вымышленный субъект")
    assert (facts.edition_date, facts.previous_date, facts.warnings) == ("2024-05-02", "2024-04-25", [])


def test_what_is_not_known_is_kept_with_its_path():
    (entry,), _ = run(document(PERSON))
    assert dict(entry.raw) == {
        "ТипСубъекта/Идентификатор": "4",
        "ТипСубъекта/Наименование": "Физическое лицо",
        "ФЛ/СписокДокументов/Документ/Цвет": "синий",
        "ФЛ/Рост": "180",
        "СписокАдресов/Адрес/ОКАТО": "0101",
        "Новое/Внутри": "да",
    }


@pytest.mark.parametrize("tag", ["ЮЛ", "Орг"])
def test_organisation_under_either_tag_becomes_entry(tag):
    (entry,), _ = run(document(ORGANISATION.format(tag=tag)))
    assert (entry.kind, entry.terrorist) == (Kind.ORGANISATION, False)
    assert [name.text for name in entry.names] == ["ОБЩЕСТВО ПРИМЕРОВ", "PRIMERY", "ОП"]
    assert [number.type for number in entry.identifiers] == ["inn", "ogrn"]


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "99"])
def test_type_code_does_not_decide_the_kind(code):
    entry = subject(f"<ТипСубъекта><Идентификатор>{code}</Идентификатор></ТипСубъекта><ФЛ><ФИО>ПРИМЕР</ФИО></ФЛ>")
    assert (entry.kind, entry.raw) == (Kind.PERSON, (("ТипСубъекта/Идентификатор", code),))


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        ("1", True),
        ("true", True),
        ("Да", True),
        ("0", False),
        ("false", False),
        ("Нет", False),
        ("2", None),
        ("", None),
    ],
)
def test_terrorist_flag_is_read_or_kept(word, flag):
    entry = subject(f"<ФЛ><ФИО>ПРИМЕР</ФИО></ФЛ><Террорист>{word}</Террорист>")
    assert entry.terrorist is flag
    assert (("Террорист", word) in entry.raw) is (flag is None)


def test_flag_wins_over_the_asterisk():
    assert subject("<ФЛ><ФИО>ПРИМЕР*</ФИО></ФЛ><Террорист>0</Террорист>").terrorist is False


def test_name_is_joined_from_parts_when_the_whole_is_missing():
    entry = subject("<ФЛ><Фамилия>ВЫДУМКИН</Фамилия><Имя>ПРИМЕР</Имя></ФЛ>")
    assert entry.names == (Name("ВЫДУМКИН ПРИМЕР", NameQuality.PRIMARY, "ВЫДУМКИН", "ПРИМЕР"),)


def test_birth_date_that_is_no_date_is_kept():
    entry = subject("<ФЛ><ФИО>ПРИМЕР</ФИО><ДатаРождения>около весны</ДатаРождения></ФЛ>")
    assert entry.raw == (("ФЛ/ДатаРождения", "около весны"),)


def test_changes_are_not_the_list():
    def change(number):
        return (
            f"<ВклИсклСубъект><ИдСубъекта>{number}</ИдСубъекта><ВклИсклФЛ><ФИО>ИНОЙ</ФИО></ВклИсклФЛ></ВклИсклСубъект>"
        )

    more = (
        f"<ПоследниеВключенные>{change(10001)}{change(5)}</ПоследниеВключенные>"
        f"<ПоследниеИсключенные>{change(7)}{change(10001)}<Субъект><ИдСубъекта>8</ИдСубъекта></Субъект></ПоследниеИсключенные>"
    )
    entries, facts = run(document(PERSON, more=more))
    assert [entry.entry_id for entry in entries] == ["10001"]
    assert facts.warnings == [
        "the file also names 2 subjects as newly included and 3 as newly excluded;"
        " these sections are not part of the list",
        "1 subjects named as newly included are absent from the current list",
        "1 subjects named as newly excluded still stand in the current list",
    ]


def test_subject_without_id_gets_a_stable_one():
    body = "<Субъект><ФЛ><ФИО>ПРИМЕР</ФИО></ФЛ></Субъект>"
    entries, facts = run(document(PERSON, body, body))
    again, _ = run(document(body, body, PERSON))
    made = [entry.entry_id for entry in entries[1:]]
    assert made == [entry.entry_id for entry in again[:2]]
    assert made[1] == f"{made[0]}-2"
    assert "2 subjects have no id" in facts.warnings[0]


def test_subject_without_name_is_counted():
    entries, facts = run(document(PERSON, "<Субъект><ИдСубъекта>3</ИдСубъекта><ФЛ/></Субъект>"))
    assert (len(entries), facts.warnings) == (1, ["1 subjects have no name and cannot be screened"])


def test_other_major_version_is_warned_of():
    assert "version 3.0" in run(document(PERSON, version="3.0"))[1].warnings[0]
    assert run(document(PERSON, version="2.1"))[1].warnings == []


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_declared_encoding_is_honoured(encoding):
    data = document(ORGANISATION.format(tag="ЮЛ"), encoding=encoding)
    assert rosfin_xml.detect(data, "x") == "RU-TE"
    assert run(data)[0][0].names[0].text == "ОБЩЕСТВО ПРИМЕРОВ"


@pytest.mark.parametrize(
    "head", [b"", b"<a/>", "<СписокРешений/>".encode(), b'<?xml encoding="no-such"?><a/>', b"<!--"]
)
def test_detect_leaves_other_files_alone(head):
    assert rosfin_xml.detect(head, "te.xml") is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document(PERSON)[:-40], "LST110"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "LST111"),
        (b"", "LST110"),
    ],
)
def test_broken_or_refused_xml_is_an_error(data, code):
    with pytest.raises(ListError) as caught:
        run(data)
    assert caught.value.code == code


def test_year_that_repeats_the_date_is_left_out_in_any_order():
    entry = subject("<ФЛ><ГодРождения>1970</ГодРождения><ФИО>ПРИМЕР</ФИО><ДатаРождения>1970-02-01</ДатаРождения></ФЛ>")
    assert entry.birth_dates == (BirthDate("1970-02-01", "1970-02-01"),)


def test_year_alone_is_a_span():
    entry = subject("<ФЛ><ФИО>ПРИМЕР</ФИО><ГодРождения>1970</ГодРождения></ФЛ>")
    assert entry.birth_dates == (BirthDate("1970-01-01", "1970-12-31"),)


def test_name_in_an_unknown_part_is_still_screened():
    entry = subject("<ТипСубъекта><Наименование>ИП</Наименование></ТипСубъекта><ИП><ФИО>ПРИМЕР ТЕСТОВ</ФИО></ИП>")
    assert ([name.text for name in entry.names], entry.kind) == (["ПРИМЕР ТЕСТОВ"], Kind.UNKNOWN)
    assert ("ИП/ФИО", "ПРИМЕР ТЕСТОВ") in entry.raw


def test_attributes_are_kept_raw():
    assert subject('<ФЛ пол="м"><ФИО>ПРИМЕР</ФИО></ФЛ>').raw == (("ФЛ/@пол", "м"),)


def test_hundred_thousand_names_are_not_quadratic():
    other = "".join(f"<ДрНаименование>А{i}</ДрНаименование>" for i in range(100_000))
    entry = subject(f"<ФЛ><ФИО>ПРИМЕР</ФИО><СписокДрНаименований>{other}</СписокДрНаименований></ФЛ>")
    assert len(entry.names) == 100_001
