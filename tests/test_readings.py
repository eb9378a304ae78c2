"""The native readings of a whole text and their twin agree on everything; ordinary texts have none."""

from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from sito.names import belarusian, korean
from sito.names import readings as twin
from sito.names.align import SIMILAR_MIN
from sito.names.fold import fold
from sito.names.maketable import pair_costs
from sito_ext import belarusian as native_belarusian
from sito_ext import readings as native

KEYS = st.text(st.sampled_from(twin.QWERTY + twin.YTSUKEN + "іїєґўЎ ұ1-/éµօ习\u200b\u0301\ud800ⓐ"), max_size=40)
LATIN_KEYS = st.text(st.sampled_from(twin.QWERTY + " 1\u200b"), min_size=5, max_size=40)
CYRILLIC_KEYS = st.text(st.sampled_from(twin.YTSUKEN + "іїєґўЎІ .\u0301é"), min_size=5, max_size=40)
SPACED = st.lists(
    st.sampled_from(
        [
            "ъ",
            "Ъщ",
            "Я",
            "Ж",
            "a",
            "и",
            "é",
            "习",
            "ab",
            "жан",
            "7",
            "a\u0301",
            "\u200b",
            "\u00a0",
            " ",
            " ",
            ".",
            ".",
            "  ",
            "-",
            "\ud800",
        ]
    ),
    max_size=60,
).map("".join)
KOREAN = st.lists(
    st.sampled_from(
        ["kim", "Park", "I", "Oh", "eun", "joo", "Young", "kyu", "cheol", "ng", "tch", "yi", "ah", "-", " ", " ", "-",
         ",", "김", "은", "주", "철", "경", "z", "'", "\u0130", "\u212a"]
    ),
    max_size=9,
).map("".join)  # fmt: skip


def both(function: str, data: bytes) -> bytes | None:
    found: bytes | None = getattr(native, function)(data)
    assert found == getattr(twin, function)(data)
    return found


@settings(max_examples=500)
@given(KEYS | KOREAN | LATIN_KEYS | CYRILLIC_KEYS | SPACED | st.text(max_size=60))
@example("Dthtcrby")
@example("DTHTCRBY <JHBC")
@example("Мукуылшт ЗўІ")
@example("Мукуылшт ª")
@example("a " * 512)
@example("a " * 511 + "a")
@example("a " * 513)
@example("Dthtcrby " * 113)
@example("Dthtcrby " * 114)
def test_twins_agree_on_text(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    both("layout", data)
    both("joined", data)


@settings(max_examples=500)
@given(
    st.binary(max_size=40)
    | st.lists(
        st.sampled_from([b"\xd0", b"\xed\xa0\x80", b"\xc0\xaf", b" ", b"z", b"x", b"'", "ъ".encode(), "ы".encode()]),
        max_size=40,
    ).map(b"".join)
)
def test_twins_agree_on_bytes(data: bytes) -> None:
    both("layout", data)
    both("joined", data)


PLAIN = st.sampled_from(
    ["Иванов", "ИВАН", "иванович", "Смит", "Smith", "JOHN", "al", "Ля", "Щука", "Ёж", "подъезд", "Dthtcrby", "Мукуылшт",
     "иЖа", "JoanA", "Siarhei", "Mikalaevich", "Lukashenkau", "Kim", "Eun", "Joo", "П", "x", "Ўладзімір", "Ялта1", "習"]
)  # fmt: skip


@settings(max_examples=500)
@given(
    st.lists(st.tuples(PLAIN | st.text("абвжьъъыЖЪaeiouxzQ", max_size=9), st.sampled_from(" -.,;/'\n\0")), max_size=8),
    st.sampled_from(["", " ", ". "]),
)
@example([("Иванов", " "), ("Иван", " "), ("И" * 33, " ")], "")
@example([("ООО", " "), ("Иванов", " ")], "")
@example([("ООО", " "), ("ЪЪ", " ")], "")
def test_a_text_of_words_that_are_not_strange_together_has_no_reading(
    words: list[tuple[str, str]], before: str
) -> None:
    strange = [native.strange(word.encode()) for word, _ in words]
    if None not in strange and sum(one for one in strange if one is not None) <= 0:
        text = before + "".join(word + gap for word, gap in words)
        assert twin.layout(text.encode()) is None
        read = korean.korean(text)
        assert twin.joined(text.encode()) == (read.encode() if read else None)


@pytest.mark.parametrize("word", ["Иванов", "SMITH", "Smith", "Ёлкина", "ОЛЕГ", "ал"])
def test_ordinary_words_are_not_strange(word: str) -> None:
    strange = native.strange(word.encode())
    assert strange is not None
    assert strange <= 0


@pytest.mark.parametrize("word", ["ООО", "Dthtcrby", "Мукуылшт"])
def test_other_words_are_strange_by_themselves(word: str) -> None:
    assert (native.strange(word.encode()) or 0) > 0


@pytest.mark.parametrize(
    "word",
    ["", "И", "a", "ъуъ" * 10, "ИвановПётр", "Гълъб", "Siarhei", "O'Neil", "Ўл", "Иванов7", "\u200bИван", "и" * 33],
)
def test_other_words_are_left_to_the_readings(word: str) -> None:
    assert native.strange(word.encode()) is None


LISTED = st.lists(
    st.sampled_from(["Гълъб", "ъб", "Щерю", "ЪЩ", "ИвановПётр", "иЖа", "абвЖа", "Vereskin", "JoanA", "Joan", "é", "习"])
    | st.sampled_from(["ъ", "Ъ", "щ", "ю", "с", " ", "\u0301", "\ud800", "P", "o", "Ё", "ё", "Ђ", "џ"]),
    max_size=12,
).map("".join)


@settings(max_examples=1000)
@given(LISTED | KOREAN | SPACED | st.text(max_size=60))
@example("Гъ" * 300)
@example("ъб" * 256)
@example("абвЖа" * 2000)
def test_twins_agree_on_what_listed_names_are_read_as(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    both("voiced", data)
    both("cut", data)
    assert native.korean(text) == korean.korean(text)
    assert bool(korean.spellings(text)) == (native.korean(text) is not None)


@settings(max_examples=500)
@given(st.binary(max_size=60) | LISTED.map(lambda text: text.encode("utf-8", "surrogatepass")[1:]))
@example("Гъ".encode() + b"\xd0")
def test_twins_agree_on_bytes_of_listed_names(data: bytes) -> None:
    both("voiced", data)
    both("cut", data)


BELARUSIAN = st.lists(
    st.sampled_from(
        ["Rybakou", "ALIAKSEI", "Siarhei", "dz", "ts", "h", "au", "eu", "iau", "ouski", "enka", "avich", "auna",
         "a", "k", "Dzemia", "Hihin", " ", " ", "-", "ў", "Ў", "Рыбако", "é", "\ud800", "Thibod", "eau", "vich",
         "i", "z" * 60]
    ),
    max_size=10,
).map("".join)  # fmt: skip


def test_belarusian_tables_are_those_of_the_twin() -> None:
    names, fathers, ends = native_belarusian.tables()
    assert frozenset(names.split()) == belarusian.BELARUSIANS
    assert tuple(fathers.split()) == belarusian.BELARUSIAN_FATHERS
    assert tuple(tuple(rule.split(":")) for rule in ends.split()) == belarusian.SURNAME_ENDS


@settings(max_examples=2000)
@given(BELARUSIAN)
def test_twins_agree_on_belarusian_names(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")[:1024]
    assert native_belarusian.russian(data) == belarusian.russian(data)
    both("joined", data)


@given(st.binary(max_size=60))
@example(b"\xd1\x9e\xd0\x8e")
@example(b"\xd0\xd1\x9e\x8e")
def test_twins_agree_on_belarusian_bytes(data: bytes) -> None:
    assert native_belarusian.russian(data) == belarusian.russian(data)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("RYBAKOU, Aliaksei", "Rybakov, Aliaksei"),
        ("Yury Valerievich SHESTAKOU", "Yury Valerievich Shestakov"),
        ("Hihin Vadzim Frantsavich", "Gigin Vadzim Frantsavich"),
        ("Stsiapurka Uladzimir", "Stiapurka Uladzimir"),
        ("KAZHEUNIKAU Andrey", "Kazheunikov Andrey"),
        ("Навумаў Аляксей", "Навумав Аляксей"),
        ("Thibodeau Jean", None),
        ("Rybakov Aleksei", None),
        ("Mathieu Pierre", None),
        ("Abou Diab", None),
    ],
)
def test_belarusian_names_are_read_as_russian_spells_them(text: str, reading: str | None) -> None:
    found = belarusian.russian(text.encode())
    assert (found.decode() if found else None) == reading


def test_korean_tables_are_those_of_the_twin() -> None:
    assert native.korean_tables() == (
        korean.SURNAMES, korean.INITIALS, korean.VOWELS, korean.FINALS, korean.HANGUL
    )  # fmt: skip


@settings(max_examples=2000)
@given(KOREAN)
@example("a" * 64)
@example("Kim " + "a" * 60)
@example("김" * 21)
def test_twins_agree_on_korean_names(text: str) -> None:
    both("joined", text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("김은주", ("gim", "eunju")), ("Gim Eunju", ("gim", "eunju")), ("Eun-joo Kim", ("gim", "eunju")),
        ("KIM, EUN JOO", ("gim", "eunju")), ("이철호", ("yi", "jeorho")), ("Lee Cheol-ho", ("yi", "jeorho")),
        ("박 미경", ("bag", "migyeong")), ("Pak Mi Kyong", ("bag", "migyeong")), ("Верескин", None), ("Kim", None),
        ("KIM, Ch'ol-so'k", ("gim", "jorsog")), ("Kim Ch\u2019ol-sok", ("gim", "jorsog")),
        ("'Kim' Chol-sok", ("gim", "jorsog")),
        ("Kim Ivan", None), ("Ivanov Kim", None), ("Kim Eun Ju Min Ho", None),
    ],
)  # fmt: skip
def test_korean_names_are_read_in_one_spelling(text: str, name: tuple[str, str] | None) -> None:
    found = both("joined", text.encode())
    assert (found.decode() if found else None) == (korean.coded(*name) if name else None)


def test_korean_given_names_are_similar_to_themselves_only() -> None:
    codes = {given: korean.coded("gim", given).split()[1] for given in ("eunju", "eunji", "unju", "jungsu", "yungsu")}
    assert len(set(codes.values())) == len(codes)
    keys = [fold(code.encode()).tokens[0].key for code in codes.values()]
    assert all(fuzz.ratio(left, right) < SIMILAR_MIN for left, right in combinations(keys, 2))


@pytest.mark.parametrize(
    ("listed", "queries"),
    [
        ("Kang Un Ju", ["강은주", "Kang Eun-joo", "Gang Unju"]),
        ("정성철", ["Jong Song Chol", "Chung Sung-chul", "Jeong Seongcheol", "CHONG SONG-CHOL"]),
        ("Jung Young-hoon", ["정영훈", "Jong Yong Hun", "Chung Yeonghun"]),
    ],
)
def test_a_listed_korean_name_has_the_spellings_that_others_are_read_as(listed: str, queries: list[str]) -> None:
    for query in queries:
        assert korean.korean(query) in korean.spellings(listed)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("В е р е с к и н  Панкрат Тимофеевич", "Верескин Панкрат Тимофеевич"),
        ("В.е.р.е.с.к.и.н Панкрат", "Верескин Панкрат"),
        ("ВерескинПанкратТимофеевич", "Верескин Панкрат Тимофеевич"),
        ("Vereskin PankratTimofeevich", "Vereskin Pankrat Timofeevich"),
        ("Гълъбинов Щерю", "Галабинов Штерю"),
        ("ЩЪРКЕЛ", "ШтАРКЕЛ"),
        ("Подъячев Щука", None),
        ("McDonough ВеРескин ПанкраТ", None),
    ],
)
def test_gaps_are_taken_out_and_put_in(text: str, reading: str | None) -> None:
    found = both("joined", text.encode())
    assert (found.decode() if found else None) == reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Dthtcrby Gfyrhfn Nbvjattdbx", "Верескин Панкрат Тимофеевич"),
        ("DTHTCRBY <JHBC", "ВЕРЕСКИН БОРИС"),
        (",TPKTCYS[ LTYBC", "БЕЗЛЕСНЫХ ДЕНИС"),
        ("L;fgfhjdf F.if", "Джапарова Аюша"),
        ("Вфмшв Црштуцщщв", "David Whinewood"),
        ("ЬФКЕШТ ЕРЩКТЫВФДУ", "MARTIN THORNSDALE"),
        ("Мукуылшт Зфтлкфе", "Vereskin Pankrat"),
        ("Мукуылшт Зéтлкфе", "Vereskin Pénkrat"),
        ("Мукуілшт Зфтлкфе", "Vereskin Pankrat"),
    ],
)
def test_a_text_on_the_wrong_keyboard_is_read_on_the_other(text: str, reading: str) -> None:
    found = both("layout", text.encode())
    assert found is not None
    assert found.decode() == reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Верескин Панкрат Тимофеевич",
        "ВЕРЕСКИНА ПЕЛАГЕЯ",
        "Vereskin Pankrat",
        "Krzysztof Wierzbnicki",
        "Abd al-Qadir al-Samhari",
        "Zhang Xiaoqiong",
        "Nguyen Thi Ngoc Huong",
        "Тотърбек Чырақбайұлы",
        "Ґердан Єлисей Їжак",
        "Dthn",
        "Оплата по счёту 17 от 03.02",
        "Верескин Ltd",
        "Dthtcrby é",
        "é Dthtcrby",
        "Мукуылшт Зօтлкфе",
        "习 Dthtcrby",
    ],
)
def test_ordinary_texts_are_not_read_on_another_keyboard(text: str) -> None:
    assert both("layout", text.encode()) is None


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("V e r e s k i n  P a n", "Vereskin Pan"),
        ("В Е Р Е С К И Н   П А Н К Р А Т", "ВЕРЕСКИН ПАНКРАТ"),
        ("В.Е.Р.Е.С.К.И.Н П.А.Н", "ВЕРЕСКИН ПАН"),
        ("V-e-r-a N-i-k", "Vera Nik"),
        ("В_е_р_а", "Вера"),
        ("В е р а П а н", "ВераПан"),
        ("В.е.р.а.-.П.а.н", "Вера Пан"),
        ("Ве р е с к и н", "Верескин"),
        ("В е р е с к и н Пан", "Верескин Пан"),
        ("V\u200b e r\u0301 e", "V\u200ber\u0301e"),
        ("V\u00a0e\u00a0r\u00a0e", "Vere"),
        (" .V e r e. ", "Vere"),
        ("L.L.C. Verespol", "LLC. Verespol"),
        ("Verespol G.m.b.H. & Co. KG", "Verespol GmbH. & Co. KG"),
        ("Verespol Pan Sp. z o.o.", "Verespol Pan Sp. zoo."),
        ("V. P. K. Верескины, О. О.", "VPK. Верескины, О. О."),
    ],
)
def test_letters_apart_are_joined(text: str, reading: str) -> None:
    found = both("joined", text.encode())
    assert found is not None
    assert found.decode() == reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Верескин П. Т.",
        "П.Т.Верескин",
        "J R R Veres",
        "Верескин П.,Т.,П.",
        "V e r",
        "1 2 3 4 5 6",
        "a ab ab ab ab a a a",
        "习 近 平 李 明",
    ],
)
def test_ordinary_texts_are_not_joined(text: str) -> None:
    assert both("joined", text.encode()) is None


def test_long_texts_have_no_reading() -> None:
    limit = twin.TEXT_SIZE_MAX
    typed = b"Dthtcrby " * (limit // 9)
    assert both("layout", typed)
    assert both("layout", typed + b" " * (limit - len(typed)))
    assert both("layout", typed + b" " * (limit + 1 - len(typed))) is None
    assert both("joined", b"a " * (limit // 2))
    assert both("joined", b"a " * (limit // 2) + b"a") is None


def test_the_tables_of_both_twins_are_one() -> None:
    assert native.costs() == (twin.LATIN_COSTS, twin.CYRILLIC_COSTS)
    assert len(twin.LATIN_COSTS) == (len(twin.LATIN_LETTERS) + 1) ** 2
    assert len(twin.CYRILLIC_COSTS) == (len(twin.CYRILLIC_LETTERS) + 1) ** 2


def test_pair_costs_are_half_bits() -> None:
    # Of all words half begin with a; a is followed by b as often as by the end; b ends all its words.
    rows = pair_costs([("ab", 1e9), ("a", 0), ("b", 1e9), ("a", 1e9), ("b", 1e9)], "ab")
    assert rows == ["ZCC", "CZC", "AZZ"]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("JC Vereskin", "J C Vereskin"),
        ("Верескин ПТ", "Верескин П Т"),
        ("JC VERESKIN", None),
        ("Vereskin II", None),
        ("AL Vereskin", None),
        ("Vereskin NG", None),
        ("Vereskin JCP", None),
        ("Vereskin J.C.", None),
    ],
)
def test_two_capitals_of_a_listed_name_are_initials(name: str, read: str | None) -> None:
    assert twin.spelled(name) == read
