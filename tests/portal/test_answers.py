"""Answers of any bytes are read or refused; nothing else happens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.portal import answers
from sito.portal.answers import Edition, MessageStatus, NotJsonError

GUID = "efb2f08c-d31d-4091-a209-2b6776d405a0"
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["value", "accessToken", "idXml", "isActive", "IdFormalizedMessage", "error", "success"])
        | st.text(max_size=10), inner, max_size=5,
    ), max_leaves=12,
)  # fmt: skip


@given(st.binary(max_size=300), st.sampled_from(["", "application/json; charset=windows-1251", "x; charset=utf-16"]))
def test_bytes_are_json_or_none(data: bytes, content_type: str) -> None:
    answers.kind_of(data)
    try:
        told = answers.json_of(data, content_type)
    except NotJsonError as error:
        assert str(error)
        return
    msgspec.json.encode(told)


@given(VALUES)
def test_whatever_json_says_it_has_a_meaning_or_none(value: Any) -> None:
    for text in (answers.token_of(value), answers.text_of(value)):
        assert text.isprintable()
    answers.refuses(value)
    answers.speaks_of_token(value, ["token"])
    edition, status = answers.edition_of(value), answers.status_of(value)
    assert edition is None or edition.file_id
    assert status is None or (status.message_id and len(status.note) <= answers.TEXT_LENGTH_MAX)


@pytest.mark.parametrize(
    ("told", "edition"),
    [
        ({"date": "2022-07-08", "isActive": True, "idRecStatus": None, "idXml": "A"}, ("2022-07-08", True)),
        ({"Date": "2019-06-06T10:49:42.815Z", "IsActive": "true", "IdXml": "A"}, ("2019-06-06T10:49:42.815Z", True)),
        ({"idTerroristCatalog": 1, "terroristCatalogDate": "d", "isActive": "False", "idXml": "A"}, ("d", False)),
        ({"date": 7, "is_active": 0, "id_xml": "A"}, ("7", False)),
    ],
)  # fmt: skip
def test_catalogues_as_tables_and_examples_have_them(told: dict[str, Any], edition: tuple[str, bool]) -> None:
    assert answers.edition_of(told) == Edition("A", *edition)


@pytest.mark.parametrize(
    "told", [{}, None, [], "x", {"idXml": None}, {"idXml": "00000000-0000-0000-0000-000000000000"}]
)
def test_a_catalogue_without_a_file_is_none(told: Any) -> None:
    assert answers.edition_of(told) is None


@pytest.mark.parametrize(
    ("number", "known"),
    [(1, 1), ("3", 3), (-7, -7), (None, None), ("new", None), (3.5, None), (True, None), (10**12, None)],
)
def test_a_number_of_a_state_is_kept_and_never_guessed(number: Any, known: int | None) -> None:
    told = {"IDFORMALIZEDMESSAGE": GUID, "idExternal": None, "IdFormalizedMessageStatus": number, "note": "a\nb"}
    assert answers.status_of(told) == MessageStatus(GUID, "", known, "", "a b")
