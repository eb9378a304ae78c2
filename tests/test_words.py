"""Words that say little: what is in the table, that its groups hold, and that no person's name is lost in it."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.names import words as table
from sito.names.facts import INITIAL, LONG_NUMBER, ORDINARY, Trait, know, pack_special, special
from sito.names.fold import TOKEN_LENGTH_MAX, fold
from sito.names.keys import key
from sito.names.words import ROMANISATION_LIMIT, Kind, make_special_words, romanisations, table_lines, word_forms

COMMITTED = Path(table.__file__).parent / "data" / "words.bin.z"
SURNAMES = Path(__file__).with_name("frequent_surnames.tsv")
PERSON_WEIGHT_MIN = 30  # a surname that is a company word, too, must still count for something
PARTICLE_REASON = "a particle of names, and a Vietnamese or French surname of its own"
WORD_REASON = "an English word that many companies have in their names; counts enough for a person"
COMPANY_SURNAMES = (
    "wood west mills glass house branch head fish smart diamond north major light power merchant high main east "
    "france new brothers russkikh"
)
SURNAMES_ALLOWED = {
    "le": PARTICLE_REASON,
    "van": PARTICLE_REASON,
    **dict.fromkeys(COMPANY_SURNAMES.split(), WORD_REASON),
    "stock": "half of the legal form joint stock company, which is far more frequent in what is screened",
}
STOCK_WEIGHT = 10


def plain(word: str) -> str:
    tokens = fold(word.encode()).tokens
    assert len(tokens) == 1, word
    return tokens[0].plain


def group(word: str) -> int:
    return make_special_words()[plain(word)].group


def test_the_committed_table_is_that_of_the_words() -> None:
    # Else run `python -m sito.names.makewords`.
    assert zlib.decompress(COMMITTED.read_bytes()) == pack_special(make_special_words())
    assert all(special(word) == said for word, said in make_special_words().items())


def test_legal_forms_and_words_for_ships_vouch_for_the_name_beside_them() -> None:
    for word in ["ООО", "LLC", "GmbH", "теплоход", "танкера", "судно", "ship", "vessel", "MV", "баржи", "сухогруз"]:
        assert know(plain(word), key(plain(word))).traits & Trait.VOUCHING, word
    for word in ["суда", "банк", "завод", "доктор", "Волга"]:
        assert not know(plain(word), key(plain(word))).traits & Trait.VOUCHING, word


@pytest.mark.parametrize(
    "words",
    [
        "ООО LLC Ltd GmbH SARL ответственностью otvetstvennostiu OOO",
        "АО ПАО ЗАО ОАО JSC PJSC CJSC AG Inc Corp акционерное aktsionernoye",
        "ФГУП ГУП МУП FSUE унитарное",
        "завод завода plant zavod",
        "фабрика factory",
        "банк bank banka банка",
        "компания company Co общество kompaniia obschestvo",
        "торговый торговая trading trade ticaret трейд",
        "строительный строительная строительной construction stroitelnaia stroitelny",
        "машиностроительный mashinostroitelnyy",
        "научно scientific sci",
        "производственное production proizvodstvennoye",
        "объединение association assn obyedineniye",
        "институт institute inst",
        "международный international intl mezhdunarodnaya",
        "судостроительный shipbuilding",
        "судно судна ship vessels",
        "танкер танкера tanker",
        "теплоход teplokhod MV",
        "фонд fund",
        "группа group grp",
        "холдинг holding hldgs",
        "центр center centre",
        "инвест investment inv",
        "технологии technologies tech",
        "сервис services svcs srvcs",
        "братья brothers bros",
        "правительство government govt",
        "национальный national natl",
        "развитие development dev",
    ],
)
def test_words_that_say_the_same_share_a_group(words: str) -> None:
    assert len({group(word) for word in words.split()} - {0}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("химия", "химический"),
        ("technology", "technical"),
        ("fund", "foundation"),
        ("ООО", "АО"),
        ("ООО", "НКО"),
        ("plant", "factory"),
        ("north", "south"),
        ("bank", "trust"),
        ("судостроительный", "строительный"),
    ],
)
def test_words_that_differ_have_different_groups(one: str, other: str) -> None:
    assert group(one) != group(other)


def test_a_group_has_one_weight_and_one_kind() -> None:
    seen: dict[int, tuple[Kind, int]] = {}
    for said in make_special_words().values():
        assert 0 < said.weight < ORDINARY
        if said.group:
            assert seen.setdefault(said.group, (said.kind, said.weight)) == (said.kind, said.weight)


def test_every_word_of_the_table_is_one_word_and_stands_in_one_line() -> None:
    lines: dict[str, int] = {}
    for number, (_, _, _, words) in enumerate(table_lines()):
        for word in words:
            first = plain(word_forms(word)[0])
            assert len(first) > 1, f"{word} is one letter, which is an initial"
            assert lines.setdefault(first, number) == number, f"{word} stands in two lines"


def test_words_are_folded_already() -> None:
    for word in make_special_words():
        assert 1 < len(word) <= TOKEN_LENGTH_MAX
        assert fold(word.encode()).tokens[0].plain == word


def test_frequent_surnames_are_no_special_words() -> None:
    surnames = [line.split("\t")[1] for line in SURNAMES.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(surnames) == 6000
    found = {plain(name) for name in surnames if len(fold(name.encode()).tokens) == 1} & make_special_words().keys()
    assert found == SURNAMES_ALLOWED.keys()
    for word in found:
        assert know(word, key(word)).weight >= (STOCK_WEIGHT if word == "stock" else PERSON_WEIGHT_MIN)


@pytest.mark.parametrize(
    "name", ["Shah", "Saab", "Ku", "Saba", "Li", "Ali", "An", "So", "Pan", "Co-Ali", "Islam", "Ислам", "Jihad"]
)
def test_a_name_that_only_sounds_like_a_special_word_counts_in_full(name: str) -> None:
    last = fold(name.encode()).tokens[-1]
    assert know(last.plain, last.key).weight == ORDINARY


@pytest.mark.parametrize(
    ("word", "weight"),
    [
        ("a", INITIAL),
        ("7", ORDINARY),
        ("123456789", LONG_NUMBER),
        ("12345678", ORDINARY),
        ("ooo", 3),
        ("and", 3),
        ("dr", 10),
        ("al", 41),
        ("ромашка", ORDINARY),
    ],
)
def test_weight_of_a_word(word: str, weight: int) -> None:
    assert know(plain(word), key(plain(word))).weight == weight


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("общество", {"obshchestvo", "obschestvo", "obshestvo"}),
        ("объединение", {"obedinenie", "obyedinenie", "obiedinenie", "obyedineniye"}),
        ("акционерный", {"aktsionernyy", "aktsionerny", "akcionernyy", "aktsionernyi"}),
        ("ответственностью", {"otvetstvennostyu", "otvetstvennostiu"}),
        ("российский", {"rossiyskiy", "rossiiskii", "rossiyskii", "rossiysky"}),
        ("объединенная", {"obedinennaya", "obieedinennaia", "obyedinennaya"}),
        ("сельскохозяйственный", {"selskokhozyaystvennyy", "selskokhoziaistvennyi", "selskokhozyaystvenny"}),
        ("abc", {"abc"}),
        ("", {""}),
    ],
)
def test_romanisations(word: str, spellings: set[str]) -> None:
    found = romanisations(word)
    if word:
        assert spellings <= set(found)
        assert found[0] == plain(word)


@given(st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіѣ-", max_size=70))
def test_romanisations_are_few_distinct_and_plain(word: str) -> None:
    found = romanisations(word)
    assert len(found) <= ROMANISATION_LIMIT
    assert len(set(found)) == len(found)
    assert all(spelling.isascii() and spelling.isalnum() for spelling in found)


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(KeyError):
        word_forms("слов~ъъ")
