"""What is known of words: native and twin agree on every word, and know the parts of a name."""

import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.index import knowledge
from sito.names import facts as twin
from sito.names import lexicon
from sito.names.facts import Trait, patronymic, special_table
from sito.names.fold import fold
from sito.names.keys import key
from sito_ext.facts import Knowledge
from sito_ext.lexicon import Lexicon

LISTED = sorted(twin._special())
NAMES = sorted(lexicon._words())
ENDS = [
    stem + end for stem in (*twin.FEMALE_STEMS, twin.MALE_STEM) for end in (*twin.FEMALE_ENDINGS, *twin.MALE_ENDINGS)
]
PLAIN = st.one_of(
    st.sampled_from(LISTED),
    st.text("abcdeiknorstvyz", min_size=1, max_size=12),
    st.text("abcz0189", min_size=1, max_size=64),
    st.text("0123456789", min_size=1, max_size=20),
    st.sampled_from(["ivanovich", "ivanovna", "a", "7", "z9"]),
)
KEY = st.one_of(
    st.sampled_from(NAMES),
    st.text("aeiouvklmnrst", min_size=1, max_size=10),
    st.tuples(st.text("aeilnrst", max_size=6), st.sampled_from([*ENDS, "ic", "vic"])).map("".join).filter(bool),
    st.text("a1", min_size=1, max_size=128),
)


def word_facts(word: str) -> twin.Facts:
    token = fold(word.encode()).tokens[0]
    return twin.know(token.plain, token.key, letters=token.letters, vowelless=token.vowelless)


@settings(max_examples=1500)
@given(PLAIN, KEY, st.sampled_from([0, 1, 2, 9]), st.booleans())
@example("k", "k", 1, False)
@example("zh", "zh", 1, False)
@example("i1", "i1", 1, False)
@example("a" * 64, "a" * 128, 64, False)
@example("12345678", "12345678", 8, False)
@example("123456789", "123456789", 9, False)
def test_twins_agree_on_any_word(plain: str, word_key: str, letters: int, vowelless: bool) -> None:
    expected = twin.know(plain, word_key, letters=letters, vowelless=vowelless)
    assert knowledge().know(plain, word_key, letters, vowelless) == tuple(expected)


@settings(max_examples=500)
@given(PLAIN)
def test_twins_agree_on_folded_words(plain: str) -> None:
    assert knowledge().know(plain, key(plain)) == tuple(twin.know(plain, key(plain)))


def test_twins_agree_on_every_special_word() -> None:
    for plain in LISTED:
        assert knowledge().know(plain, key(plain)) == tuple(twin.know(plain, key(plain)))


@pytest.mark.parametrize(
    ("word", "trait"),
    [
        ("Иванович", Trait.SON),
        ("Ивановича", Trait.SON),
        ("Сергійович", Trait.SON),
        ("Кузьмич", Trait.SON),
        ("Ivanovych", Trait.SON),
        ("Ивановна", Trait.DAUGHTER),
        ("Ильиничной", Trait.DAUGHTER),
        ("Іванаўна", Trait.DAUGHTER),
        ("Сергеевну", Trait.DAUGHTER),
        ("Ivanivna", Trait.DAUGHTER),
        ("Иванов", 0),
        ("Ивановой", 0),
        ("Ик", 0),
    ],
)
def test_patronymics_are_told_by_their_end(word: str, trait: int) -> None:
    assert patronymic(key(fold(word.encode()).tokens[0].plain)) == trait


def test_parts_of_a_name_are_known() -> None:
    assert word_facts("Владимир").traits & Trait.GIVEN
    assert not word_facts("Владимир").traits & Trait.SURNAME
    assert word_facts("Кузнецов").traits & Trait.SURNAME
    assert word_facts("Кузнецов").traits & Trait.KNOWN
    assert not word_facts("Жшщцбрд").traits & Trait.KNOWN
    assert word_facts("М-17").traits & Trait.NUMBER or word_facts("17").traits & Trait.NUMBER
    assert word_facts("محمد").traits & Trait.VOWELLESS
    assert set(word_facts("Мухаммад").groups) & set(word_facts("Магомед").groups) - {0}


def test_rare_names_say_more_than_common_ones_and_short_words_little() -> None:
    assert word_facts("Иванов").rarity < word_facts("Жеребцов").rarity
    assert word_facts("Ли").rarity <= 2 * twin.RARITY_EACH_LETTER


def test_the_version_changes_with_any_byte_of_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    before = twin.version()
    changed = special_table()[:2] + b"\x05" + special_table()[3:]
    assert changed != special_table()
    monkeypatch.setattr(twin, "special_table", lambda: changed)
    twin.version.cache_clear()
    try:
        assert twin.version() != before
    finally:
        twin.version.cache_clear()


@pytest.mark.parametrize(
    "words",
    [b"\x03", b"\x03\x00\x0a\x00", b"\x03\x00\x0a\x00\x00ab", b"\x00\x00\x0a\x00\x00", b"\x01\x00\x0a\x00\x00ab\xff"],
)
def test_broken_tables_of_words_are_refused(words: bytes) -> None:
    with pytest.raises(ValueError, match="not a table of words"):
        Knowledge(Lexicon(lexicon.table()), words)


def test_a_table_may_be_empty_or_hold_one_word() -> None:
    lists = Lexicon(lexicon.table())
    assert Knowledge(lists, b"").know("bank", "bank")[0] == twin.ORDINARY
    one = struct.pack(twin.RECORD_HEAD, 4, Trait.VOUCHING, 7, 5) + b"bank"
    weight, traits, _, groups = Knowledge(lists, one).know("bank", "bank")
    assert (weight, groups) == (7, (twin.GROUP_OF_WORDS | 5, 0))
    assert traits & Trait.VOUCHING


def test_words_longer_than_any_folded_word_are_refused() -> None:
    for plain, word_key in (("a" * 129, "a"), ("a", "a" * 129)):
        with pytest.raises(ValueError, match="more than 128 letters"):
            knowledge().know(plain, word_key)
    with pytest.raises(UnicodeEncodeError):
        knowledge().know("банк", "bank")
