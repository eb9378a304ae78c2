"""The name lexicon: native look-ups equal the twin, the committed table says what is expected, broken ones fall."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito.names import lexicon as twin
from sito.names import variants
from sito.names.fold import fold
from sito.names.lexicon import KEY_LENGTH_MAX, RARITY_UNKNOWN, UNKNOWN, Known, look, pack, read, table
from sito.names.makelexicon import close, groups_of, key_of, patronymics, romanised
from sito_ext.lexicon import Lexicon

NATIVE = Lexicon(table())
LETTERS = "abz"
KEYS = st.one_of(
    st.text("aeiklmnorstv", min_size=1, max_size=8),
    st.text(LETTERS, min_size=1, max_size=KEY_LENGTH_MAX),
    st.sampled_from(("a" * KEY_LENGTH_MAX, "z")),
)


@st.composite
def known(draw: st.DrawFn) -> Known:
    first = draw(st.integers(0, 65_534))
    second = draw(st.one_of(st.just(0), st.integers(first + 1, 65_535))) if first else 0
    role = st.integers(0, 3)
    return Known(draw(role), draw(role), draw(st.integers(0, RARITY_UNKNOWN)), (first, second))


def of(word: str) -> Known:
    return look(fold(word.encode()).tokens[0].key)


def related(left: str, right: str) -> bool:
    return bool((set(of(left).variants) & set(of(right).variants)) - {0})


@given(st.dictionaries(KEYS, known(), max_size=30), st.lists(st.one_of(KEYS, st.text(max_size=5)), max_size=20))
def test_native_tables_tell_what_their_words_say(words: dict[str, Known], others: list[str]) -> None:
    data = pack(words)
    assert read(data) == words
    native = Lexicon(data)
    for key in [*words, *others]:
        assert native.look(key) == words.get(key, UNKNOWN)


@given(st.one_of(st.text(max_size=20), KEYS))
def test_any_text_is_looked_up_alike(key: str) -> None:
    assert NATIVE.look(key) == look(key)


def test_every_word_of_the_committed_table_is_found() -> None:
    words = read(table())
    assert len(words) > 100_000
    assert all(NATIVE.look(key) == word for key, word in words.items())


@pytest.mark.parametrize(
    "key", ["", "a" * 129, "a" * 1_000_000, "\ud800", "иван", "ivan\0", "IVAN", "i van", "ivan1", "\u200bivan"]
)
def test_what_is_no_key_is_unknown(key: str) -> None:
    assert NATIVE.look(key) == look(key) == UNKNOWN


def test_the_version_is_that_of_the_table() -> None:
    # A table with other bytes scores otherwise: it needs another VERSION, or old indexes would be read with it.
    assert twin.VERSION.partition("-")[2] == f"{zlib.crc32(table()):08x}"


def test_the_table_was_made_with_the_key_rules_in_force() -> None:
    # Else run `python -m sito.names.makelexicon` again: words are looked up by keys that the table does not have.
    assert struct.unpack_from("<I", table(), 16)[0] == twin.rules_checksum()


def test_every_variant_group_has_words_to_tell_apart() -> None:
    sizes = [0] * (twin.variant_count() + 1)
    for word in read(table()).values():
        for number in word.variants:
            sizes[number] += number > 0
    assert min(sizes[1:]) >= 2
    assert max(sizes[1:]) <= 40


GOOD = pack({"ab": Known(3, 0, 8, (1, 2)), "abc": Known(0, 1, 72, (0, 0)), "b": Known(0, 3, 20, (2, 0))})


def sealed(data: bytes) -> bytes:
    return data[:8] + struct.pack("<I", zlib.crc32(data[12:])) + data[12:]


def changed(offset: int, value: bytes) -> bytes:
    return sealed(GOOD[:offset] + value + GOOD[offset + len(value) :])


BROKEN = {
    "empty": b"",
    "cut head": GOOD[:31],
    "cut": GOOD[:-1],
    "longer": GOOD + b"a",
    "magic": b"SITOFOLD" + GOOD[8:],
    "one bit of the keys": GOOD[:-1] + b"c",
    "layout": changed(12, b"\x02"),
    "too many words": changed(20, b"\xff\xff\xff\xff"),
    "words and keys out of step": changed(20, b"\x02"),
    "a group too many": changed(24, b"\x01"),
    "too many groups": changed(24, b"\x00\x00\x01\x00"),
    "key without letters": changed(32, b"\x00\x05\x01"),
    "key too long": changed(32, b"\x81"),
    "key beyond the end": changed(34, b"\x02"),
    "letters left over": changed(33, b"\x02"),
    "role": changed(35, b"\x10"),
    "rarity": changed(38, bytes([RARITY_UNKNOWN + 1])),
    "second variant alone": changed(41, b"\x00\x00"),
    "variants out of order": changed(41, b"\x02\x00"),
    "capital letter": changed(53, b"A"),
    "keys out of order": changed(53, b"az"),
    "equal keys": sealed(GOOD[:32] + b"\x02\x02\x02" + GOOD[35:53] + b"ababac"),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_broken_tables_are_refused(data: bytes) -> None:
    for reader in (read, Lexicon):
        with pytest.raises(ValueError, match="lexicon"):
            reader(data)


@given(st.binary(max_size=80), st.integers(0, 60))
def test_any_bytes_are_refused_or_read_alike(noise: bytes, at: int) -> None:
    data = sealed((GOOD[:at] + noise)[: len(GOOD)].ljust(len(GOOD), b"a"))
    try:
        words = read(data)
    except ValueError:
        with pytest.raises(ValueError, match="lexicon"):
            Lexicon(data)
    else:
        native = Lexicon(data)
        assert all(native.look(key) == word for key, word in words.items())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Магомед", "Muhammad"), ("Мухаммад", "Mehmet"), ("Mohammed", "Магомед"), ("Юсуф", "Joseph"),
        ("Yosef", "Иосиф"), ("Александр", "Oleksandr"), ("Саша", "Aleksandr"),
        ("Саша", "Александра"), ("Сергей", "Siarhei"),
        ("Сергій", "Serhii"), ("Владимир", "Uladzimir"), ("Володимир", "Vladimir"), ("Вова", "Володя"),
        ("Дмитрий", "Dzmitry"), ("Дмитро", "Дима"), ("Михаил", "Michael"), ("Миша", "Mykhailo"), ("Игорь", "Ihor"),
        ("Екатерина", "Katsiaryna"), ("Катя", "Kateryna"), ("Наталья", "Natallia"), ("Мария", "Маша"),
        ("Елена", "Olena"), ("Татьяна", "Tatsiana"), ("Хусейн", "Hossein"), ("Husayn", "Гусейн"),
        ("Абдулла", "Abdullahi"), ("Ахмед", "Ahmet"), ("Ибрагим", "Ebrahim"), ("Исмаил", "Ismael"), ("Усман", "Othman"),
        ("Омар", "Umar"), ("Осама", "Usama"), ("Юнус", "Younes"), ("Сулейман", "Sulaimon"), ("Юрий", "Iouri"),
        ("Bill", "William"), ("Bob", "Robert"), ("Mike", "Michael"), ("ibn", "bin"), ("оглы", "o'g'li"), ("Kim", "Gim"),
        ("Lee", "Ri"), ("Park", "Pak"), ("Choi", "Choe"), ("Zhao", "Chao"), ("Hsu", "Xu"), ("Hyon", "Hyun"),
        ("Джордж", "George"), ("Уильям", "William"), ("محمد", "Mohammed"),
        ("Ragab", "Rajab"), ("Чамшед", "Jamshid"), ("Nikos", "Николай"), ("Ted", "Theodore"), ("Ted", "Edward"),
        ("Сергеевич", "Сергійович"), ("Сергеевна", "Siarheyeuna"), ("Сергеевич", "Serhiiovych"),
        ("Александрович", "Oleksandrovych"), ("Владимировна", "Volodymyrivna"), ("Магомедович", "Мухаммадович"),
        ("Николаевич", "Миколайович"), ("Ильич", "Ілліч"),
    ],
)  # fmt: skip
def test_one_name_in_two_forms(left: str, right: str) -> None:
    assert related(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Иван", "John"), ("Юрий", "Георгий"), ("Мария", "Марина"), ("Александр", "Алексей"), ("Сергей", "Андрей"),
        ("Сергеевич", "Сергеевна"), ("Сергеевич", "Андреевич"), ("Ахмед", "Мухаммад"), ("Али", "Абдулла"),
        ("Kim", "Lee"), ("Александр", "Александра"), ("Ксения", "Оксана"), ("Rahman", "Rahim"),
    ],
)  # fmt: skip
def test_two_names_are_not_one(left: str, right: str) -> None:
    assert not related(left, right)


@pytest.mark.parametrize(
    ("word", "given", "surname"),
    [("Иван", 3, 0), ("Екатерина", 3, 0), ("Muhammad", 3, 0), ("Robert", 3, 0), ("Иванов", 0, 3), ("Кузнецова", 0, 3),
     ("Smith", 0, 3), ("Garcia", 0, 3), ("Nguyen", 0, 3), ("Иванович", 0, 0), ("Сергеевна", 0, 0),
     ("Сергійович", 0, 0)],
)  # fmt: skip
def test_roles(word: str, given: int, surname: int) -> None:
    assert of(word)[:2] == (given, surname)


def test_rarity_follows_the_share_of_people() -> None:
    order = ["Иванович", "Владиславович", "Гордеевич"]
    assert [of(word).rarity for word in order] == sorted(of(word).rarity for word in order)
    assert of("Александр").rarity < of("Вадим").rarity < of("Прохор").rarity < RARITY_UNKNOWN
    assert of("Иванов").rarity == of("Иванова").rarity < of("Щербаков").rarity < RARITY_UNKNOWN
    assert of("Smith").rarity < of("Fletcher").rarity
    assert of("Сергійович").rarity < 32


def test_rules_that_make_forms() -> None:
    assert romanised("uk", "Сергій") == ["serhii", "serhiy"]
    assert romanised("be", "Сяргей")[0] == "siarhei"
    assert romanised("uk", "Згурський")[0].startswith("zghur")
    assert patronymics("uk", "Микола") == (["Миколайович", "Миколович"], ["Миколаївна", "Миколівна"])
    assert patronymics("uk", "Григорій")[0][0] == "Григорович"
    assert patronymics("uk", "Яків") == (["Якович"], ["Яківна"])
    assert "Львоўна" in patronymics("be", "Леў")[1]
    assert patronymics("be", "Аляксандр")[0][0] == "Аляксандравіч"
    assert close("yousef", "yusuf") and close("schmidt", "shmidt") and not close("ahmed", "hamid")
    assert key_of("И") == key_of("И-2") == key_of("два слова") == "" != key_of("два")


def test_groups_made_by_hand_are_well_formed() -> None:
    for text in (variants.MASCULINE, variants.FEMININE, variants.FAMILIES, variants.ELEMENTS):
        for full, short in groups_of(text):
            words = [word for _, word in full] + short
            assert len(words) > 1
            assert {language for language, _ in full} <= {"", "uk", "be"}
            assert all(len(fold(word.encode()).tokens) == 1 for word in words)
