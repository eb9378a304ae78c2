"""Numbers: right check digits are told from wrong ones, and every usual way of writing a number meets it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito import Index, Screener, build_index
from sito.entries import Identifier
from sito.numbers import (
    Standing,
    bare,
    is_bic,
    is_bik,
    is_iban,
    is_imo,
    is_inn,
    is_lei,
    is_mmsi,
    is_ogrn,
    is_snils,
    keccak_256,
    spellings,
    standing,
)
from sito.records import Party, Record, RecordKind, Role

# The examples are those of the standards themselves, of public institutions, or made up with right check digits.
VERIFIED = [
    ("inn", "7707083893"),
    ("inn", "ИНН 7707083893"),
    ("inn", "500100732259"),
    ("ogrn", "1027700132195"),
    ("ogrn", "304500116000157"),
    ("snils", "112-233-445 95"),
    ("imo", "9074729"),
    ("imo", "IMO 9074729"),
    ("lei", "5493001KJTIIGC8Y1R12"),
    ("iban", "GB29 NWBK 6016 1331 9268 19"),
    ("account", "GB29NWBK60161331926819"),
    ("wallet", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    ("wallet", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("wallet", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
    ("wallet", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    ("wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
    ("wallet", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
]
PLAIN = [
    ("passport", "4508 123456"),
    ("inn", "12345"),
    ("inn", "190123456"),
    ("mmsi", "273123456"),
    ("bic", "SABRRUMM"),
    ("bic", "044525225"),
    ("tax_id", "7707083894"),
    ("wallet", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    ("wallet", "some account"),
    ("other", ""),
]


@pytest.mark.parametrize(("kind", "number"), VERIFIED)
def test_right_check_digits_verify_and_a_wrong_one_fails(kind: str, number: str) -> None:
    assert standing(kind, number) is Standing.VERIFIED
    last = number[-1]
    for other in {"q", "z"} if last.isalpha() else {"3", "7"}:
        if other not in (last, last.lower()):
            wrong = number[:-1] + (other.upper() if number.isupper() else other)
            assert standing(kind, wrong) is not Standing.VERIFIED


@pytest.mark.parametrize(("kind", "number"), PLAIN)
def test_numbers_without_check_digits_prove_nothing(kind: str, number: str) -> None:
    assert standing(kind, number) is Standing.PLAIN


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("inn", "7707083894"),
        ("inn", "0000000000"),
        ("ogrn", "1027700132196"),
        ("snils", "11223344594"),
        ("imo", "9074720"),
        ("lei", "5493001KJTIIGC8Y1R13"),
        ("iban", "GB29NWBK60161331926810"),
        ("wallet", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"),
        ("wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeaEd"),
        ("wallet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
    ],
)
def test_wrong_check_digits_fail(kind: str, number: str) -> None:
    assert standing(kind, number) is Standing.FAILED


def test_keccak_is_that_of_the_public_vectors() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert len({keccak_256(b"a" * size) for size in (135, 136, 137, 272)}) == 4


def test_forms_without_check_digits() -> None:
    assert is_mmsi("273123456") and not is_mmsi("999123456")
    assert is_bic("SABRRUMM012") and not is_bic("SABRRUM")
    assert is_bik("044525225") and not is_bik("144525225")


@given(st.text(max_size=80), st.sampled_from(sorted({kind for kind, _ in VERIFIED + PLAIN})))
def test_any_text_is_taken(number: str, kind: str) -> None:
    for check in (is_inn, is_ogrn, is_snils, is_imo, is_mmsi, is_lei, is_iban, is_bic, is_bik):
        assert check(number) in (True, False)
    written = spellings(kind, number, standing(kind, number))
    assert written[0] == number
    assert len(set(written)) == len(written)


@given(st.sampled_from(VERIFIED))
def test_every_spelling_keeps_the_digits(case: tuple[str, str]) -> None:
    digits = "".join(character for character in bare(case[1]) if character.isdigit())
    for text in spellings(*case, Standing.VERIFIED):
        assert "".join(character for character in text if character.isdigit()) == digits


HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,dataset,last_seen\n"


@pytest.fixture(scope="module")
def screener(tmp_path_factory: pytest.TempPathFactory) -> Screener:
    folder = tmp_path_factory.mktemp("numbers")
    rows = [
        f'N-{number},Person,Кукушинский Феофан{"абвгдежзик"[number]},,,,,"{text}",,,test,\n'
        for number, text in enumerate(
            ["7707083893", "1027700132195", "IMO9074729", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "304500116000157"]
        )
    ]
    (folder / "a.csv").write_text(HEADER + "".join(rows), "utf-8")
    build_index([folder / "a.csv"], folder / "a.sito")
    return Screener(Index.open(folder / "a.sito"))


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("Оплата ИНН 7707083893", "N-0"),
        ("ИНН7707083893 за товар", "N-0"),
        ("INN-7707083893", "N-0"),
        ("ИНН/КПП 7707083893/770701001", "N-0"),
        ("ИНН7707083893/КПП770701001", "N-0"),
        ("ИНН 7707083893КПП 770701001", "N-0"),
        ("инн 77 07 083893", "N-0"),
        ("инн 7707-083-893", "N-0"),
        ("ОГРН1027700132195", "N-1"),
        ("OGRN 1 027 700 132 195", "N-1"),
        ("фрахт IMO9074729", "N-2"),
        ("фрахт IMO: 907-4729", "N-2"),
        ("т/х 9074729", "N-2"),
        ("usdt TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "N-3"),
        ("ОГРНИП304500116000157", "N-4"),
    ],
)
@pytest.mark.parametrize("role", [Role.PURPOSE, Role.DEBTOR])
def test_numbers_meet_in_texts_and_name_fields(screener: Screener, role: Role, text: str, entry_id: str) -> None:
    (result,) = screener.screen(Record("r", RecordKind.PAYMENT, (Party(role, text),)))
    assert [hit.entry_id for hit in result.hits] == [entry_id]


@pytest.mark.parametrize("text", ["77070838931", "счет 770 708 от 38 93", "9074728", "накладная 07083893"])
def test_other_numbers_do_not(screener: Screener, text: str) -> None:
    (result,) = screener.screen(Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, text),)))
    assert result.hits == ()


def test_a_short_number_proves_only_beside_its_word(screener: Screener) -> None:
    def grade(text: str) -> str:
        return screener.screen(Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, text),)))[0].hits[0].grade

    assert grade("фрахт ИМО 9074729") == "exact"
    assert grade("накладная 9074729") == "medium"


def test_a_listed_number_that_fails_its_check_is_told_and_found_in_number_fields_only(tmp_path: Path) -> None:
    listing = tmp_path / "entities.ftm.json"
    entity = {
        "id": "F-1",
        "schema": "Person",
        "properties": {"name": ["Кукушинский Феофан"], "innCode": ["500100732258"]},
    }
    listing.write_text(json.dumps(entity) + "\n", "utf-8")
    info = build_index([listing], tmp_path / "a.sito")
    assert "1 numbers fail their own check digits and are not looked for in texts" in info.editions[0].warnings
    with Index.open(tmp_path / "a.sito") as index:
        screener = Screener(index)
        purpose = Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, "ИНН 500100732258"),))
        assert screener.screen(purpose)[0].hits == ()
        beside = Record("r", RecordKind.PAYMENT, (Party(Role.PURPOSE, "Феофан Кукушинский ИНН 500100732258"),))
        assert "inn 500100732258 stands in the text too" in screener.screen(beside)[0].hits[0].reasons
        field = screener.check("Некто Другой", identifiers=[Identifier("inn", "500100732258")])
        assert [(hit.entry_id, hit.grade) for hit in field.hits] == [("F-1", "exact")]
        assert "against: the name differs" in field.hits[0].reasons
        other = screener.check("Кукушинский Феофан", identifiers=[Identifier("inn", "500100732259")])
        assert "against: another inn" not in other.hits[0].reasons


def test_the_number_of_another_kind_is_no_find(screener: Screener) -> None:
    other = screener.check("Некто Другой", identifiers=[Identifier("passport", "7707083893")])
    assert other.hits == ()
    assert screener.check("Некто Другой", identifiers=[Identifier("tax_id", "77 07 083893")]).hits[0].grade == "exact"
    assert screener.check("Некто Другой", identifiers=[Identifier("kpp", "7707083893")]).hits == ()
