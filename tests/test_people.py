"""Other spellings of a person's name: those that need the whole name to be seen, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.names.fold import fold
from sito.names.people import spellings_of


def folded(text: str) -> list[str]:
    return [token.plain for token in fold(text.encode("utf-8", "replace")).tokens]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("DUBRANAU, Uladzimir Siarheevich", "dubranov uladzimir siarheevich"),
        ("Siarhei Viktaravich TSERALIOU", "siarhei viktaravich teralev"),
        ("Katsiaryna LASHUKOUSKAYA", "katsiaryna lashukovskaya"),
        ("Yauhen Barbashenka", "yauhen barbashenko"),
        ("Kiryl SALOUKA", "kiryl salovka"),
        ("Abdul Rehman VERSHKANI", "abdulrehman vershkani"),
        ("Vershkani, 'Abd al-Rahman Abd-ul-Karim", "vershkani abdulrahman abdulkarim"),
        ("Вершкани عبد الرحمن", "вершкани عبدالرحمن"),
        ("WEI, Lan Bo", "wei lanbo"),
        ("Lan-Bo Wei", "lanbo wei"),
        ("Sao Tin Vershk, Sao Tinn Versk", "Sao Tin Vershk"),
        ("Hanna Vershkova, Belarusian: Ганна Вяршкова", "Ганна Вяршкова"),
    ],
)
def test_a_person_has_another_spelling(name: str, other: str) -> None:
    assert folded(other) in [folded(spelling) for spelling in spellings_of(name)]


@pytest.mark.parametrize(
    "name",
    [
        "Amadou Vershkou",  # no Belarusian name stands beside it
        "Mathieu Vershkeau",
        "Иванов Иван Иванович",
        "Abdul Vershkani",  # no spelling of a name that is known
        "Abdul Rahman",  # alone it is the name of many
        "Anna Lee Wei",
        "VERSHKANI, Vershk Ali",
        "",
    ],
)
def test_most_people_have_none(name: str) -> None:
    assert spellings_of(name) == []


@given(
    st.lists(
        st.sampled_from(
            [
                "Uladzimir",
                "abd",
                "al",
                "Abdul",
                "Rahman",
                "Wei",
                "Bo",
                ",",
                "Russian:",
                "عبد",
                "الله",
                "\ud800",
                "-",
                "ou",
            ]
        )
        | st.text(max_size=8),
        max_size=60,
    ).map(" ".join)
)
def test_any_text_is_safe(text: str) -> None:
    for spelling in spellings_of(text):
        assert spelling != text
        assert folded(spelling)
