"""Identifiers: labels become types, and Russian numbers need their check digits."""

from __future__ import annotations

import pytest

from sito.entries import Identifier
from sito.lists.countries import country, country_code
from sito.lists.documents import identifier_type, make_identifier
from sito.numbers import is_inn, is_ogrn


@pytest.mark.parametrize(
    ("label", "type_"),
    [
        ("Passport", "passport"),
        ("Tax ID No.", "tax_id"),
        ("National ID No.", "national_id"),
        ("Vessel Registration Identification IMO", "imo"),
        ("MMSI", "mmsi"),
        ("SWIFT/BIC", "bic"),
        ("Digital Currency Address - XBT", "wallet"),
        ("Registration Number", "registration"),
        ("Aircraft Tail Number", "tail_number"),
        ("Electoral Registry No.", "national_id"),
        ("Driver's License No.", "national_id"),
        ("Trade License No.", "registration"),
        ("Something else", "other"),
    ],
)
def test_label_names_the_type(label: str, type_: str) -> None:
    assert identifier_type(label) == type_


def test_russian_numbers_are_recognised_by_country_and_check_digit() -> None:
    assert make_identifier("Tax ID No.", "7707083893", "Russia").type == "inn"
    assert make_identifier("Tax ID No.", "7707083894", "Russia").type == "tax_id"
    assert make_identifier("Tax ID No.", "7707083893", "Serbia").type == "tax_id"
    assert make_identifier("Registration Number", "1027700132195", "Russia").type == "ogrn"
    assert make_identifier("Registration Number", "1027700132195").type == "registration"
    assert make_identifier("Registration Number", "1027700132195", home="RU").type == "ogrn"


def test_check_digits() -> None:
    assert is_inn("500100732259")
    assert not is_inn("500100732258")
    assert not is_inn("0000000000")
    assert not is_inn("٧٧٠٧٠٨٣٨٩٣")
    assert is_ogrn("304500116000157")
    assert not is_ogrn("1027700132196")


def test_imo_number_is_reduced_to_its_digits() -> None:
    assert make_identifier("Vessel Registration Identification", "IMO 9187629") == Identifier(
        "imo", "9187629", note="Vessel Registration Identification"
    )


def test_other_ship_register_is_no_imo_number() -> None:
    assert make_identifier("Vessel Registration Identification", "RS 130280").type == "registration"


def test_country_words_and_adjectives_become_codes() -> None:
    assert country_code("Korea, North") == country_code("PRK") == "KP"
    assert country_code("Tunisian") == "TN"
    assert country(" Region:  Nowhere ") == "Region: Nowhere"
