"""Dates, amounts, currencies."""

from __future__ import annotations

import pytest

from sito.formats.base import FieldError, birth_date, currency_code, decimal_amount, iso_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-05", "2026-03-05"),
        ("2026-03-05T10:11:12", "2026-03-05"),
        ("2026-03-05 10:11:12.123+03:00", "2026-03-05"),
        ("20260305", "2026-03-05"),
        ("05.03.2026", "2026-03-05"),
        ("5.3.2026", "2026-03-05"),
        ("05/03/2026", "2026-03-05"),
        ("05.03.2026 0:00:00", "2026-03-05"),
        ("29.02.2024", "2024-02-29"),
    ],
)
def test_dates_become_iso(text: str, date: str) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    "text", ["", "2026", "29.02.2026", "2026-13-01", "05.03.26", "yesterday", "٢٠٢٦-03-05", "00.00.0000"]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(FieldError):
        iso_date(text)


@pytest.mark.parametrize(
    ("text", "date"), [("1980", "1980"), ("1980-05", "1980-05"), ("05.1980", "1980-05"), ("17.05.1980", "1980-05-17")]
)
def test_birth_dates_keep_their_precision(text: str, date: str) -> None:
    assert birth_date(text) == date


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1500", "1500"),
        ("1500.50", "1500.50"),
        ("1500,50", "1500.50"),
        ("1500-50", "1500.50"),
        ("1500=50", "1500.50"),
        ("1 500,50", "1500.50"),
        ("1\u00a0500\u202f000", "1500000"),
        ("1'500.50", "1500.50"),
        ("1,500,000", "1500000"),
        ("1,500.50", "1500.50"),
        ("1.500,50", "1500.50"),
        ("1500,", "1500"),
        ("-5", "-5"),
        ("+5", "5"),
    ],
)
def test_amounts_become_decimal_text(text: str, amount: str) -> None:
    assert decimal_amount(text) == amount


@pytest.mark.parametrize("text", ["", "x", "1e5", "1.2.3", "NaN", "1" * 19, "1,5,5", "٣"])
def test_other_amounts_are_refused(text: str) -> None:
    with pytest.raises(FieldError):
        decimal_amount(text)


@pytest.mark.parametrize(
    ("text", "code"), [("rub", "RUB"), ("RUR", "RUB"), ("643", "RUB"), ("810", "RUB"), ("usd", "USD"), ("840", "840")]
)
def test_currencies_become_codes(text: str, code: str) -> None:
    assert currency_code(text) == code
