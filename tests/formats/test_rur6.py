"""The letter table of RUR6, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.formats.rur6 import PLAIN, decode, encode

LETTERS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


@pytest.mark.parametrize(
    ("text", "coded"),
    [
        ("ЭТОТ ТЕКСТ", "eTOT TEKST"),
        ("ПЕРЕДАТЬСЯ", "PEREDATXSa"),
        ("ЁЖИК ШЬЁТ ЩЁТКУ, ЧАЩА ЮНА", "oJIK QXoT qoTKU, cAqA uNA"),
        ("ПОДЪЁМ ЙОДА", "PODxoM iODA"),
        ('ООО "РОМАШКА" № 5', "OOO mROMAQKAm n 5"),
        ("100% & _ = ; ! $", "100p d z r v b s"),
    ],
)
def test_table_both_ways(text: str, coded: str) -> None:
    assert encode(text) == coded
    assert decode(coded) == text


def test_lower_case_is_written_like_upper_case() -> None:
    assert encode("этот текст") == "eTOT TEKST"


def test_apostrophes_switch_to_latin_and_back() -> None:
    assert decode("'LTD PREMIERI AG'//UL.PRAVDY") == "LTD PREMIERI AG//УЛ.ПРАВДЫ"
    assert decode("OPLATA 'INVOICE N' 5 'USD'") == "ОПЛАТА INVOICE N 5 USD"


@pytest.mark.parametrize("code", ["VO10010", "VO10010PS12345678/1234/0000/1/1"])
def test_currency_control_code_at_the_start_gets_its_braces(code: str) -> None:
    assert decode(f"'({code})'OPLATA") == f"{{{code}}}ОПЛАТА"
    assert decode(f"OPLATA '({code})'") == f"ОПЛАТА ({code})"


def test_case_carries_meaning() -> None:
    assert decode("Q q C c X x E e") == "Ш Щ Ц Ч Ь Ъ Е Э"


def test_signs_that_share_a_code_become_one() -> None:
    assert encode("<[{ >]} \\|") == "((( ))) //"
    assert encode("«»“”") == "mmmm"


@given(text=st.text(st.sampled_from(LETTERS + "0123456789/-?:().,+ " + "ABCXYZ"), max_size=100))
def test_russian_and_latin_come_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(text=st.text(max_size=60))
def test_code_stays_in_the_set_of_swift(text: str) -> None:
    assert all(character in PLAIN or (character.isascii() and character.isalpha()) for character in encode(text))
