"""Who is one person, under which names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.cases.roles import NAME_LENGTH_MAX, People, Role, plain, role_of
from sito.errors import CaseError

ALIASES = {"Анна Крапивина": ["CN=A.Krapivina, O=Bank", "krapivina@bank.example"], "Борис Пырей": ["pyrej"]}


@pytest.mark.parametrize(("first", "second", "one"), [
    ("anna", "ANNA", True), ("anna", " anna ", True), ("ａｎｎａ", "anna", True), ("a  b", "a b", True),
    ("Straße", "STRASSE", True), ("Анна Крапивина", "KRAPIVINA@BANK.EXAMPLE", True),
    ("cn=a.krapivina, o=bank", "krapivina@bank.example", True), ("anna", "аnna", True), ("pyrej", "anna", False),
    ("Анна Крапивина", "Борис Пырей", False),
])  # fmt: skip
def test_names_of_one_person_are_one(first: str, second: str, one: bool) -> None:
    people = People(ALIASES)
    assert people.are_one(first, second) is one
    assert people.are_one(second, first) is one


def test_a_name_of_two_persons_is_refused() -> None:
    with pytest.raises(CaseError, match="CAS203"):
        People({"anna": ["x"], "boris": ["X "]})
    with pytest.raises(CaseError, match="CAS203"):
        People({"anna": ["boris"], "boris": []})


@given(st.text(max_size=NAME_LENGTH_MAX + 2))
def test_a_name_is_refused_or_compared_the_same_twice(name: str) -> None:
    try:
        found = plain(name)
    except CaseError as error:
        assert error.code == "CAS202" and (len(name) < 4 or name not in str(error))
        return
    assert plain(found) == found if len(found) <= NAME_LENGTH_MAX else True
    assert People().are_one(name, name)


def test_roles_are_words_and_nothing_else() -> None:
    assert [role_of(role.value) for role in Role] == list(Role)
    for text in ("", "Officer", "officer ", "root"):
        with pytest.raises(CaseError, match="CAS201"):
            role_of(text)
