"""What is taken out of a name field, and what must stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.entries import Kind
from sito.formats.noise import CLEAN_LENGTH_MAX, clean_party, is_clean, strip_currency_control


@pytest.mark.parametrize(
    "text",
    [
        "ИП Лопухов П.И.",
        "ип Лопухов П.И.",
        "(ИП) Лопухов П.И.",
        "Лопухов П.И. (ИП)",
        "Лопухов П.И. ИП",
        "ИП Глава КФХ Лопухов П.И.",
        "Индивидуальный предприниматель Лопухов П.И.",
        "ИНДИВИДУАЛЬНЫЙ ПРЕДПРИНИМАТЕЛЬ Лопухов П.И.",
        "Индивидуальный предприниматель глава крестьянского (фермерского) хозяйства Лопухов П.И.",
        "Ф/Л Лопухов П.И.",
        "Физ. лицо Лопухов П.И.",
        "ИП - Лопухов П.И.",
        "ИП Лопухов П.И.//г. Тверь, ул. Садовая, д. 3//",
        "ИП Лопухов П.И. р/с 40802810500000000001",
        "ИНН 770000000016 ИП Лопухов П.И.",
    ],
)
def test_tags_of_people_are_removed(text: str) -> None:
    clean = clean_party(text)
    assert (clean.name, clean.kind) == ("Лопухов П.И.", Kind.PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "Ромашка-2",
        "Завод № 5",
        "711 завод",
        'НИИ "ИПУ РАН"',
        'ООО "ИП-Сервис"',
        "ИПОТЕЧНЫЙ ДОМ 12",
        'ИП "Ромашка" ООО',
        "Ип Ман",
        "Липецкий ипподром 3",
        "Ltd Shares 1/40th Interest",
        "Smith (India) Limited",
        "ООО ИНН-Сервис 24",
        "Завод 70-летия Победы",
        "'Abd al-Nur, Salim",
        ",jhbc",
        'ООО "НПО "Стрелка"',
        'ООО "Торговый дом, город мастеров 5"',
        "Общество 01.01.1980",
        "Rec 2000 S.A. EO 0,17",
        "A/B Testing GmbH",
        "Магазин р/с",
        "Series 2017A 5.00% Notes due October 1, 2077",
    ],
)
def test_parts_of_real_names_stay(text: str) -> None:
    assert clean_party(text).name == text


@pytest.mark.parametrize(
    ("text", "name", "numbers"),
    [
        ("ИНН 7700000016 ООО Ромашка", "ООО Ромашка", {"inn": "7700000016"}),
        ("ООО Ромашка ИНН:7700000016", "ООО Ромашка", {"inn": "7700000016"}),
        ("INN 7700000016 ROMASHKA LLC", "ROMASHKA LLC", {"inn": "7700000016"}),
        ("ИНН/КПП 7700000016/770001001 ООО Ромашка", "ООО Ромашка", {"inn": "7700000016", "kpp": "770001001"}),
        ("ИНН 7700000016 КПП 770001001 ООО Ромашка", "ООО Ромашка", {"inn": "7700000016", "kpp": "770001001"}),
        ("ООО Ромашка (ИНН 7700000016)", "ООО Ромашка", {"inn": "7700000016"}),
        ("ООО Ромашка, ОГРН 1027700000001", "ООО Ромашка", {"ogrn": "1027700000001"}),
        ("Лопухов Пётр СНИЛС 001-001-001 01", "Лопухов Пётр", {"snils": "001-001-001 01"}),
        ("ООО Ромашка р/с 40702810500000000001", "ООО Ромашка", {"account": "40702810500000000001"}),
        ("ООО Ромашка р/с № 40702810500000000001", "ООО Ромашка", {"account": "40702810500000000001"}),
        ("ООО Ромашка расчётный счет 40702810500000000001", "ООО Ромашка", {"account": "40702810500000000001"}),
        ("Лопухов Пётр 40817810500000000002", "Лопухов Пётр", {"account": "40817810500000000002"}),
        ("/40817810500000000002/LOPUKHOV PETR", "LOPUKHOV PETR", {"account": "40817810500000000002"}),
    ],
)
def test_numbers_become_identifiers(text: str, name: str, numbers: dict[str, str]) -> None:
    clean = clean_party(text)
    assert clean.name == name
    assert {item.type: item.number for item in clean.identifiers} == numbers


@pytest.mark.parametrize(
    ("text", "name", "address", "country"),
    [
        ("Лопухов Пётр//г. Тверь, ул. Садовая//", "Лопухов Пётр", "г. Тверь, ул. Садовая", ""),
        ("LOPUKHOV PETR//TVER//RU", "LOPUKHOV PETR", "TVER", "RU"),
        ("LOPUKHOV PETR,RU,170000,TVER", "LOPUKHOV PETR", "170000,TVER", "RU"),
        ("1/LOPUKHOV PETR 2/SADOVAYA 3 3/RU/TVER", "LOPUKHOV PETR", "SADOVAYA 3, TVER", "RU"),
        ("Лопухов Пётр, 170000, г. Тверь, д. 3", "Лопухов Пётр", "170000, г. Тверь, д. 3", ""),
    ],
)
def test_addresses_are_kept_apart(text: str, name: str, address: str, country: str) -> None:
    clean = clean_party(text)
    assert (clean.name, clean.address, clean.country) == (name, address, country)


@pytest.mark.parametrize(
    "text",
    [
        "АО БАНК ЛУГ//Лопухов Пётр//40817810500000000002",
        "Лопухов Пётр р/с 40817810500000000002 в АО БАНК ЛУГ",
    ],
)
def test_bank_in_the_field_becomes_the_agent(text: str) -> None:
    clean = clean_party(text)
    assert (clean.name, clean.agent) == ("Лопухов Пётр", "АО БАНК ЛУГ")


def test_second_piece_that_may_be_a_name_is_screened_too() -> None:
    clean = clean_party("ООО Расчёты//Лопухов Пётр Ильич//г. Тверь//")
    assert clean.name == "ООО Расчёты"
    assert clean.aliases == ("Лопухов Пётр Ильич",)


def test_single_word_after_a_tag_keeps_the_whole_field_as_alias() -> None:
    assert clean_party("ИП МАН").aliases == ("ИП МАН",)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Лопухов Пётр 17.05.1980 г.р.", "1980-05-17"),
        ("Лопухов Пётр, 17.05.1980 года рождения", "1980-05-17"),
        ("Лопухов Пётр (дата рождения: 17.05.1980)", "1980-05-17"),
        ("Лопухов Пётр д.р. 17.05.1980", "1980-05-17"),
        ("Лопухов Пётр 1980 г.р.", "1980"),
    ],
)
def test_marked_birth_dates_are_taken(text: str, date: str) -> None:
    clean = clean_party(text)
    assert (clean.name, clean.birth_date) == ("Лопухов Пётр", date)


def test_impossible_birth_date_stays_in_sight() -> None:
    assert "99.99.1980" in clean_party("Лопухов Пётр 99.99.1980 г.р.").name


@pytest.mark.parametrize("text", ['"Ромашка"', "«Ромашка»", "- Ромашка -", '"Ромашка', "Ромашка —", "''Ромашка''"])
def test_outer_quotes_and_dashes_are_removed(text: str) -> None:
    assert clean_party(text).name == "Ромашка"


@pytest.mark.parametrize(
    "text", [f"{prefix}ООО Ромашка" for prefix in ("{VO10010}", "{VO10010PS12345678/0000/0000/1/1} ", "(VO61100) ")]
)
def test_currency_control_prefix_is_removed_from_names(text: str) -> None:
    assert clean_party(text).name == "ООО Ромашка"
    assert strip_currency_control(text) == "ООО Ромашка"


def test_lines_of_a_name_are_joined() -> None:
    assert clean_party("Общество с ограниченной\r\nответственностью Ромашка").name == (
        "Общество с ограниченной ответственностью Ромашка"
    )


def test_field_of_numbers_alone_is_still_screened() -> None:
    assert clean_party("40817810500000000002").name == "40817810500000000002"


def test_very_long_field_is_left_alone() -> None:
    text = "ИП " + "а" * CLEAN_LENGTH_MAX
    assert clean_party(text).name == text


def test_a_name_where_an_address_should_stand_is_screened_too() -> None:
    clean = clean_party("1/Жеребцов Пётр 2/Чертополохов Евлампий Акакиевич 3/RU/Мценск")
    assert clean.name == "Жеребцов Пётр"
    assert clean.aliases == ("Чертополохов Евлампий Акакиевич",)
    assert clean_party("1/Жеребцов Пётр 2/ул. Полевая 5 3/RU/Мценск").aliases == ()
    clean = clean_party("GRIMBLETHWAITE OSBERT//c/o MERIDIAN TRADING 7 LTD., HOUSE 3, LIMASSOL")
    assert clean.aliases == ("MERIDIAN TRADING 7 LTD.",)
    assert clean_party("GRIMBLETHWAITE OSBERT//HOUSE 3, LIMASSOL").aliases == ()


@pytest.mark.parametrize(
    "sign",
    ["№", " ", "'", "/", "(", '"', "р/с ", "ИНН ", ",", "//", "1/", "г. ", "A.", "ИП ", "40702810500000000001 "],
)
def test_no_text_takes_long(sign: str) -> None:
    text = "ИП x" + (sign * CLEAN_LENGTH_MAX)[: CLEAN_LENGTH_MAX - 8] + "1/ 2"
    start = time.process_time()
    clean_party(text)
    assert time.process_time() - start < 0.5


@given(text=st.text(max_size=200))
def test_any_text_gives_a_name(text: str) -> None:
    clean = clean_party(text)
    assert bool(clean.name) == bool(text.strip())


@given(text=st.text(st.sampled_from("ИПипНН1234567890/()«»\"'-.,:{}VO р/с№г"), min_size=1, max_size=80))
def test_clean_means_unchanged(text: str) -> None:
    name = text.strip()
    if name and is_clean(name):
        assert clean_party(name).name == name


@pytest.mark.parametrize(
    "text",
    [
        "Адвокат Лопухов Пётр",
        "Нотариус Лопухов Пётр",
        "Лопухов Пётр, нотариус",
        "Арбитражный управляющий Лопухов Пётр",
        "Самозанятый Лопухов Пётр",
        "гр. Лопухов Пётр",
        "Лопухов Пётр паспорт 45 10 123456",
        "Лопухов Пётр (паспорт РФ серия 4510 № 123456)",
        "Лопухов Пётр для зачисления на счет 40817810500000000002",
        "Лопухов Пётр, пополнение карты 40817810500000000002",
        "Лопухов Пётр г Тверь ул Садовая д 5 кв 7",
        "Лопухов Пётр 170000 г. Тверь ул. Садовая 5",
    ],
)
def test_callings_documents_and_bare_addresses_are_no_part_of_the_name(text: str) -> None:
    assert clean_party(text).name == "Лопухов Пётр"


@pytest.mark.parametrize(
    "text",
    [
        'ООО "Адвокат"',
        "Адвокат плюс ООО",
        "Нотариальная контора 5",
        "Граждановка",
        "Школа г Тверь",
        "Магазин ул. Садовая 5",
        'ТСЖ "Дом ул Садовая д 5"',
        "Частный детский сад 7",
    ],
)
def test_names_that_look_like_callings_or_addresses_stay(text: str) -> None:
    assert clean_party(text).name == text


def test_a_bank_before_the_account_becomes_the_agent() -> None:
    clean = clean_party("ПАО БАНК ЛУГ р/с 40817810500000000002 Лопухов Пётр")
    assert (clean.name, clean.agent) == ("Лопухов Пётр", "ПАО БАНК ЛУГ")
