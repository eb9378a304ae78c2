"""The native fold and its twin agree on everything, malformed bytes and limits included."""

import unicodedata
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.names import fold as twin
from sito.names.maketable import UNICODE_VERSION
from sito_ext.fold import Folder

FOLDER = Folder(twin.table())
LETTERS = st.sampled_from(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәқҳAEOCPxyzQWйёÑßøłĐ'’-. *\u200b\u0301١٢习김אבγΩႠԱ0123456789№²Ⓐ𝐀"
)
MIXED = st.text(LETTERS | st.characters(codec=None), max_size=90)


def native(text: bytes) -> twin.Folded:
    tokens, malformed, cut = FOLDER.fold(text)
    return twin.Folded([twin.Token(*token) for token in tokens], malformed, cut)


@settings(max_examples=600)
@given(MIXED)
@example("щ" * 40)
@example("x" * 65)
@example("ь")
@example("ahahah ah oh$")
def test_twins_agree_on_text(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert native(data) == twin.fold(data)


@settings(max_examples=600)
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"\xd0", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"a", "ж".encode()])).map(
        b"".join
    )
)
def test_twins_agree_on_bytes(data: bytes) -> None:
    assert native(data) == twin.fold(data)


@given(MIXED)
def test_folding_twice_is_folding_once(text: str) -> None:
    tokens = twin.fold(text.encode("utf-8", "surrogatepass")).tokens
    again = twin.fold(" ".join(token.plain for token in tokens).encode()).tokens
    assert [(token.plain, token.key) for token in again] == [(token.plain, token.key) for token in tokens]


@pytest.mark.parametrize(
    "spelling", ["Щербаков", "Shcherbakov", "Scherbakov", "Shherbakov", "ЩЕРБАКОВ", "Щербако\u0301в", "Щeрбaкoв"]
)
def test_romanisations_of_one_surname_share_a_key(spelling: str) -> None:
    assert [token.key for token in twin.fold(spelling.encode()).tokens] == ["serbakov"]


@pytest.mark.parametrize("spelling", ["Юрий", "Yuriy", "Iurii", "Yury", "Iouri", "Jurij", "Yuri"])
def test_romanisations_of_one_given_name_share_a_key(spelling: str) -> None:
    assert [token.key for token in twin.fold(spelling.encode()).tokens] == ["iuri"]


def test_a_text_without_letters_has_no_tokens() -> None:
    assert native(" .,-\u200b' ".encode()).tokens == []


def test_bytes_that_are_not_utf8_are_reported() -> None:
    folded = native(b"Iv\xffan")
    assert [token.plain for token in folded.tokens] == ["iv", "an"]
    assert folded.malformed


def test_a_long_token_is_cut_and_reported() -> None:
    assert not native(b"a" * twin.TOKEN_LENGTH_MAX).cut
    folded = native(b"a" * (twin.TOKEN_LENGTH_MAX + 1))
    assert folded.cut
    assert len(folded.tokens[0].plain) == twin.TOKEN_LENGTH_MAX


def test_a_foreign_table_is_refused() -> None:
    for data in (b"", b"SITOFOLD", b"x" * 100, twin.table()[:-1], zlib.compress(b"")):
        with pytest.raises(ValueError, match="not a fold table"):
            Folder(data)


def test_the_committed_table_is_what_its_sources_make() -> None:
    if unicodedata.unidata_version == UNICODE_VERSION:
        assert twin.make_table() == twin.table()
    # Another Unicode knows other letters, but no other Latin, Greek or Cyrillic ones.
    made = {code: twin.classify(chr(code)) for code in range(0x530)}
    kept = {code: cell for code, cell in twin.cells().items() if code < 0x530}
    assert kept == {code: cell for code, cell in made.items() if cell[0] != twin.SEPARATOR}
