"""The native fold and its twin agree on everything, malformed bytes and limits included."""

import unicodedata
import zlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sito.names import fold as twin
from sito.names.maketable import UNICODE_VERSION
from sito_ext import cpu
from sito_ext.fold import Folder

FOLDER = Folder(twin.table())
LETTERS = st.sampled_from(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәқҳAEOCPxyzQWйёÑßøłĐ'’-. *\u200b\u0301١٢习近欧阳김남궁אבγΩΡοՕᎪᴀꓐႠԱ0123456789"
    "№²Ⓐ𝐀"
)
MIXED = st.text(LETTERS | st.characters(codec=None), max_size=90)
# Runs that may be two words, and digits that may be letters: short, of few kinds of letters, and often.
CASES = st.text(st.sampled_from("ИвЮюIvнbmHal104398\u200b' 习近欧阳金김남궁oΟαΛ"), max_size=14)


def native(text: bytes) -> twin.Folded:
    tokens, malformed, cut = FOLDER.fold(text)
    return twin.Folded([twin.Token(*token) for token in tokens], malformed, cut)


@settings(max_examples=600)
@given(MIXED | CASES)
@example("щ" * 40)
@example("ь" * 70 + "ща")
@example("abc0" * 80)
@example("x" * 65)
@example("ь")
@example("ahahah ah oh$")
def test_twins_agree_on_text(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert native(data) == twin.fold(data)


@settings(max_examples=600)
@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from(
            [b"\xd0", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe4\xb9", b"\xa0", b"a"]
            + [character.encode() for character in "ж习김Ж"]
        )
    ).map(b"".join)
)
def test_twins_agree_on_bytes(data: bytes) -> None:
    assert native(data) == twin.fold(data)


@settings(max_examples=600)
@given((MIXED | CASES).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
@example("щ".encode() * 40 + b" ab")
def test_plain_words_are_those_of_the_tokens(data: bytes) -> None:
    assert FOLDER.plains(data) == [token.plain for token in twin.fold(data).tokens]


def careful_folder() -> Folder:
    """Return a folder that reads every code point by itself: in its table the cell of ^ is that of a."""
    data = bytearray(twin.table())
    page = 24 + 2 * (0x30000 >> 7) + 1024 * int.from_bytes(data[24:26], "little")
    data[page + 8 * ord("^") : page + 8 * ord("^") + 8] = data[page + 8 * ord("a") : page + 8 * ord("a") + 8]
    return Folder(bytes(data))


# Words that are cut from masks, words that are not, and what stands between: so that each meets the others anywhere in
# a block.
ODD = [
    *(
        word.encode()
        for word in ("O'Brien`s", "ИвановИИ", "ИИвановский", "GmbH", "é", "Müller", "Ѣ", "Ѡѡ", "ҳоҷӣ", "ǅ")
    ),
    *(
        word.encode()
        for word in ("習近平", "李明华", "Ιβαν", "\u200b’", "𝐀", "№", "«", "»", " — ", "\u00a0", "’", "`", "…")
    ),
    *(b"\xd0", b"\xd1", b"\x80", b"\xbf", b"\xff", b"\xe2\x84", b"\xe2\xd0\xb6", b"\xf0\x9d\x90", b"\0", b"\xd1\xa0"),
]
PLAIN = [word.encode() for word in ("Иванов", "ИВАН", "и", "Ж", "ivan", "IVAN", "a", "Iv4n", "12345", "7", "яЯ", "ЯяЯ")]
GAPS = [b" ", b" ", b" ", b".", b",", b" - ", b"\n", b"/", b""]
RUN = st.sampled_from("aЖ7 ,'Ѣ").flatmap(lambda sign: st.integers(1, 140).map(lambda count: (sign * count).encode()))
PIECES = st.lists(
    st.tuples(st.sampled_from(PLAIN) | st.sampled_from(PLAIN) | st.sampled_from(ODD) | RUN, st.sampled_from(GAPS)),
    max_size=30,
).map(lambda pieces: b"".join(word + gap for word, gap in pieces))


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=PIECES)
def test_every_loop_cuts_the_same_words(paths: tuple[str, ...], data: bytes) -> None:
    expected = twin.fold(data)
    for path in paths:
        cpu.use_path(path)
        assert native(data) == expected, path


@pytest.mark.parametrize("filler", ["a", "Ж", " ", "a ", "Ж ", "ИвановИ "])
def test_what_is_odd_is_cut_alike_at_every_place_of_a_block(paths: tuple[str, ...], filler: str) -> None:
    careful = careful_folder()
    for odd in [*ODD, *PLAIN, "习近欧阳金".encode(), b""]:
        for size in range(55, 70):
            for tail in (b"", b"x", "Иван Ж7".encode(), b" " * 70 + b"IvanIV"):
                data = (filler * 70).encode()[-size:] + odd + tail
                expected = careful.fold(data)
                for path in paths:
                    cpu.use_path(path)
                    assert FOLDER.fold(data) == expected, (path, data)


def test_a_table_with_other_letters_is_read_with_care() -> None:
    # The cell of q becomes that of a separator, as that of the space is.
    data = bytearray(twin.table())
    page = 24 + 2 * (0x30000 >> 7) + 1024 * int.from_bytes(data[24:26], "little")
    data[page + 8 * ord("q") : page + 8 * ord("q") + 8] = data[page + 8 * ord(" ") : page + 8 * ord(" ") + 8]
    assert Folder(bytes(data)).plains("aqa Жq".encode()) == ["a", "a", "zh"]


@given(MIXED)
def test_folding_twice_is_folding_once(text: str) -> None:
    tokens = twin.fold(text.encode("utf-8", "surrogatepass")).tokens
    # A digit is a letter or not after the letters around it as they are written.
    tokens = [token for token in tokens if token.plain.isalpha()]
    again = twin.fold(" ".join(token.plain for token in tokens).encode()).tokens
    assert [token.plain for token in again] == [token.plain for token in tokens]
    # Folded letters do not tell where a script without vowels has left one out.
    cells = twin.cells()
    if not any(cells[ord(letter)].flags & twin.VOWELLESS for letter in text if ord(letter) in cells):
        assert [token.key for token in again] == [token.key for token in tokens]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("زهرا", "zhra"),
        ("صحرا", "shra"),
        ("ممدوح", "mmdu"),
        ("محمد", "mhmd"),
        ("יצחק", "ichk"),
        ("ממדיארוב", "mmdiarob"),
        ("שרה", "srh"),
        ("شاه", "sa"),
        ("ژاله", "zalh"),
    ],
)
def test_letters_between_which_a_vowel_is_left_out_are_no_digraph_and_not_one(text: str, key: str) -> None:
    assert [token.key for token in twin.fold(text.encode()).tokens] == [key]
    assert native(text.encode()) == twin.fold(text.encode())


@pytest.mark.parametrize(
    "spelling", ["Щербаков", "Shcherbakov", "Scherbakov", "Shherbakov", "ЩЕРБАКОВ", "Щербако\u0301в", "Щeрбaкoв"]
)
def test_romanisations_of_one_surname_share_a_key(spelling: str) -> None:
    assert [token.key for token in twin.fold(spelling.encode()).tokens] == ["serbakov"]


@pytest.mark.parametrize("spelling", ["Юрий", "Yuriy", "Iurii", "Yury", "Iouri", "Jurij", "Yuri"])
def test_romanisations_of_one_given_name_share_a_key(spelling: str) -> None:
    assert [token.key for token in twin.fold(spelling.encode()).tokens] == ["iuri"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # initials glued behind a surname
        ("ВерескинПТ", "vereskin pt"),
        ("ВерескинП", "vereskin p"),
        ("вересПТ", "veres pt"),
        ("VereskinPTK", "vereskin ptk"),
        ("Верескин\u200bПТ", "vereskin pt"),
        ("Верес'кинПТ", "vereskin pt"),
        ("ЦойПТ", "tsoy pt"),
        ("вересП", "veresp"),
        ("ЦойП", "tsoyp"),
        ("VereskinPTKL", "vereskinptkl"),
        ("ВЕРЕСКИНПТ", "vereskinpt"),
        ("GmbH", "gmbh"),
        ("GesmbH", "gesmbh"),
        # initials glued before it
        ("ПТВерескин", "pt vereskin"),
        ("PTVereskin", "pt vereskin"),
        ("ПВерескин", "pvereskin"),
        ("ПТВер", "ptver"),
        ("ПТКОВерескин", "ptkovereskin"),
        ("ПТВерескинПТ", "ptvereskinpt"),
        ("McVeresk", "mcveresk"),
        ("iVeresk", "iveresk"),
        ("ЛомВереск", "lomveresk"),
    ],
)
def test_initials_glued_to_a_surname_are_a_word(text: str, words: str) -> None:
    assert " ".join(token.plain for token in native(text.encode()).tokens) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("李明华", "li minghua"),
        ("李华", "li hua"),
        ("李 明华", "li minghua"),
        ("李-明华", "li minghua"),
        ("李  明华", "li ming hua"),
        ("欧阳明华", "ouyang minghua"),
        ("欧阳明", "ouyang ming"),
        ("欧阳", "ouyang"),
        ("李", "li"),
        ("中明山水木", "zhongmingshanshuimu"),
        ("李明A", "liminga"),
        ("김명수", "gim myeongsu"),
        ("남궁명수", "namgung myeongsu"),
    ],
)
def test_han_and_hangul_names_are_surname_and_given_name(text: str, words: str) -> None:
    assert " ".join(token.plain for token in native(text.encode()).tokens) == words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Верескин0в", "vereskinov"),
        ("8ерескин", "vereskin"),
        ("Вере5кин0вич", "verebkinovich"),
        ("Ваданови4", "vadanovich"),
        ("Вереск0", "veresko"),
        ("V3r3skin", "vereskin"),
        ("1veresk", "iveresk"),
        ("V3reski4", "vereskia"),
        ("Ver1eski", "verieski"),
        ("Vere1eski", "vereleski"),
        ("1ereskin", "lereskin"),
        ("Verel1a", "verella"),
        ("V4re1", "varei"),
        ("Вер0", "ver0"),
        ("Вереск2", "veresk2"),
        ("Вереск3", "veresk3"),
        ("Veresk737", "veresk737"),
        ("ТД21", "td21"),
        ("Вер20ески", "ver20eski"),
        ("2ВЕР", "2ver"),
        ("12вереск", "12veresk"),
        ("3в1", "3v1"),
        ("Вер000еск", "ver000esk"),
        ("Верес0к10", "veres0k10"),
        ("0000000123", "0000000123"),
    ],
)
def test_digits_inside_a_word_are_letters_and_at_its_end_numbers(text: str, word: str) -> None:
    assert " ".join(token.plain for token in native(text.encode()).tokens) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Вepecкин", "vereskin"),  # Latin e, p, c
        ("VеrеѕkіnА", "vereskin a"),  # Cyrillic letters, and an initial
        ("Βερεскин", "vereskin"),  # Greek capital and small letters, read as Cyrillic
        ("Verεskiν", "vereskiv"),  # the Greek nu looks like a v
        ("Βερέσκιν", "vereskin"),  # wholly Greek
        ("ВΕРΕСКИН", "vereskin"),
        ("Vᴇrᴇskɪn", "vereskin"),
        ("Вᴇреᴄкин", "vereskin"),
        ("Vereskiո", "vereskin"),  # Armenian
        ("ᎬᎡᎬᏚKIN", "ereskin"),  # Cherokee
        ("𝐕𝐞𝐫𝐞𝐬𝐤𝐢𝐧", "vereskin"),
        ("Ｖｅｒｅｓｋｉｎ", "vereskin"),
        ("Вéрескин", "vereskin"),
        ("Вᶒрескин", "vereskin"),
        ("Рossko", "possko"),  # one Cyrillic capital in a Latin word
    ],
)
def test_look_alikes_are_read_in_the_script_of_the_others(text: str, word: str) -> None:
    assert " ".join(token.plain for token in native(text.encode()).tokens) == word


@pytest.mark.parametrize(
    ("text", "letters", "capitals", "vowelless"),
    [
        ("Ю", 1, 1, False),
        ("ю", 1, 0, False),
        ("Yu", 2, 1, False),
        ("ПТ", 2, 2, False),
        ("Вересь'", 6, 1, False),
        ("В\u200bт7", 3, 1, False),
        ("ǅ", 1, 1, False),
        ("Ⓐ", 1, 1, False),
        ("ورسك", 4, 0, True),
        ("ורסק", 4, 0, True),
        ("ورسabc", 6, 0, False),
        ("A" * 300, 255, 255, False),
        ("Щ" * 300, 255, 255, False),
    ],
)
def test_a_token_knows_how_it_was_written(text: str, letters: int, capitals: int, *, vowelless: bool) -> None:
    (token,) = native(text.encode()).tokens
    assert (token.letters, token.capitals, token.vowelless) == (letters, capitals, vowelless)


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


def test_a_digit_that_was_cut_off_makes_no_code_of_the_word() -> None:
    text = b"a" * twin.TOKEN_LENGTH_MAX + b"1"
    assert native(text) == twin.fold(text)
    assert native(text).tokens[0].key == "a"


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


def test_voiced_kana_keep_their_sound() -> None:
    assert [token.plain for token in twin.fold("ガンダ・バジロ".encode()).tokens] == ["ganda", "bajiro"]
