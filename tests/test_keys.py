"""Spellings of one name share a key, different names do not; native keys are those of the twin."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.names.fold import TOKEN_LENGTH_MAX, fold, table
from sito.names.keys import KEY_RULES, key
from sito_ext.fold import Folder

FOLDER = Folder(table())
KEY_LENGTH_MAX = 128  # room for one key in the native word
WORDS = st.lists(
    st.sampled_from(sorted(rule.rstrip("$") for rule in KEY_RULES)) | st.sampled_from("aeosvx"), max_size=40
)


def key_of(word: str) -> str:
    (token,) = fold(word.encode()).tokens
    return token.key


@settings(max_examples=600)
@given(WORDS.map("".join))
@example("x" * (TOKEN_LENGTH_MAX - 3) + "ska")
@example("xav" * 30)
def test_native_keys_are_those_of_the_twin_and_have_room(word: str) -> None:
    word = word[:TOKEN_LENGTH_MAX]
    tokens, _, _ = FOLDER.fold(word.encode())
    assert [token[3] for token in tokens] == ([key(word)] if word else [])
    assert len(key(word)) <= min(len(word) + word.count("x") + 2, KEY_LENGTH_MAX)


def test_rules_fit_the_packed_table() -> None:
    letters = set(string.ascii_lowercase)
    assert len(KEY_RULES) <= 512
    for pattern, result in KEY_RULES.items():
        assert 1 <= len(pattern) <= 4
        assert 1 <= len(result) <= 8
        assert set(pattern.removesuffix("$")) <= letters
        assert set(result) <= letters


@pytest.mark.parametrize(
    "spellings",
    [
        "Щегольников Shchegolnikov Schegolnikov Shhegol`nikov Ščegol'nikov Szczegolnikow",
        "Юрьевич Yuryevich Iurevich Yurievich Jur'evič Iourievitch Jurjewitsch",
        "Чижевкин Chizhevkin Čiževkin",
        "Пустышин Pustyshin Pustyšin",
        "Дмитриев Dmitriev Dmitriyev Dmitrijev Dmitrijew Dmitrieff",
        "Алексеевна Alekseevna Alekseyevna Aleksejevna Alekseyewna",
        "Боголюбкин Bogolyubkin Bogoliubkin Bogoljubkin",
        "Залесская Zalesskaya Zalesskaia Zalesskaja Zaleska Zalesska",
        "Белицкий Belitskiy Belitsky Belicki Bielicki Belický Belickij",
        "Сергей Sergey Sergei Serguei Sergej",
        "Жадинцев Zhadintsev Žadincev Zhadintcev Zhadintzev",
        "Лужковский Luzhkouski Lužkoŭski",
        "Zibnovevich Zibnouevich",
        "Razbunieh Razbuniyah Разбуния",
        "Daneshbjoo Daneshbjou",
        "Бехтеренко Bekhterenko Bechterenko Behterenko",
        "Бахтиёров Baxtiyorov Bakhtiyorov Bahtiyorov",
        "Холматов Xolmatov Kholmatov Holmatov",
        "Шохрух Shohrux Shokhrukh Shohruh",
        "Александра Alexandra Aleksandra",
        "Вереджон Веречон Verejon Verechon",
        "Джонибеков Jonibekov Dzhonibekov Djonibekov",
        "Дзюбинский Dzyubinskiy Dziubinski",
        "Судзуки Suzuki",
        "Милошевский Miloshevskiy Miloševski",
        "Павлович Pavlovich Pavlović Pavlovic Pawlowicz",
        "Пшежинский Przezinski",
        "Хусейн Hussein Husain Husayn Khusein",
        "Карим Kareem Karim",
        "Прудников Prudnikov Prudnikoff",
        "Гевондян Gevondyan Gevondian",
        "Χατζούλας Chatzoulas Chatzulas",
        "Ռուբինյան Rubinyan Rubinian Roubinian",
        "წერეთაძე Tseretadze Ceretadze",
        "موسى Musa Moussa Moosa",
    ],
)
def test_spellings_share_a_key(spellings: str) -> None:
    known = {word: key_of(word) for word in spellings.split()}
    assert len(set(known.values())) == 1, known


@pytest.mark.parametrize(
    "names",
    [
        "Галин Халин Калин",
        "Козлов Кузлов",
        "Жанна Яна Анна",
        "Журин Юрин",
        "Сомов Зомов",
        "Чапин Капин Шапин",
        "Иванов Иванова",
        "Hu Xu",
        "Wang Wan",
        "Ромашин Романшин",
        "Петров Петрович",
        "Куликов Куликовский",
    ],
)
def test_different_names_have_different_keys(names: str) -> None:
    known = {word: key_of(word) for word in names.split()}
    assert len(set(known.values())) == len(known), known
