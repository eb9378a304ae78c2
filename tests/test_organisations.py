"""Other spellings of an organisation's name: acronyms, abbreviations, proper names. All companies are invented."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.entries import Kind
from sito.names.facts import special
from sito.names.fold import fold
from sito.names.keys import key
from sito.names.organisations import (
    _CARDINALS,
    _ORDINALS,
    _TENS,
    _UNITS,
    ACRONYM_LENGTH_MIN,
    BODIES,
    BODY,
    DERIVED_LIMIT,
    NAME_LENGTH_MAX,
    NUMERIC,
    PHRASE_WORDS_MAX,
    _traits,
    common_words,
    derived_names,
    phrase_groups,
)


def words(text: str) -> tuple[str, ...]:
    return tuple(token.plain for token in fold(text.encode(errors="replace")).tokens)


def spellings(text: str, kind: Kind = Kind.ORGANISATION) -> dict[str, str]:
    return {derived.text: derived.why for derived in derived_names(text, kind)}


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("Лесное братство Озёр и Болот", "ЛБОБ", "acronym"),
        ("Лесное братство Озёр и Болот", "ЛБОИБ", "acronym"),
        ("United Front of Forest Rangers", "UFFR", "acronym"),
        ("ООО «Дальний Синий Лес»", "ДСЛ", "acronym"),
        ("Society of Quiet Water Keepers (SQWK)", "SQWK", "acronym"),
        ("АО «НИИ Ромашка»", "АО «научно-исследовательский институт Ромашка»", "expansion"),
        ("ГосНИИ Ромашка", "Гос научно-исследовательский институт Ромашка", "expansion"),
        ("КБ Василёк", "конструкторское бюро Василёк", "expansion"),
        ("КБ Василёк", "коммерческий банк Василёк", "expansion"),
        ("NPO VASILEK", "научно-производственное объединение VASILEK", "expansion"),
        ("ООО «ТД Ромашка»", "ООО «торговый дом Ромашка»", "expansion"),
        ("Научно-исследовательский институт «Ромашка»", "НИИ «Ромашка»", "translation"),
        ("Nauchno-proizvodstvennoe obedinenie Vasilek", "НПО Vasilek", "translation"),
        ("Romashka Research and Production Association JSC", "Romashka НПО JSC", "translation"),
        ("Design Bureau “Romashka” JSC", "КБ “Romashka” JSC", "translation"),
        ("Romashka Trading House LLC", "Romashka ТД LLC", "translation"),
        ("АО Опытно-конструкторское бюро Ромашка", "АО ОКБ Ромашка", "translation"),
        ("АО Опытно-конструкторское бюро Ромашка", "АО Опытно-КБ Ромашка", "translation"),
        ("Центральный научно-исследовательский институт Ромашка", "ЦНИИ Ромашка", "translation"),
        ("Приватне підприємство «Ліщина»", "ПП «Ліщина»", "translation"),
        ("شركة النخيل للتجارة", "ال نخيل trading company", "translation"),
        ("شرکت بازرگانی نیلوفر", "trading نیلوفر company", "translation"),
        ("天津远航贸易有限公司", "tianjin yuanhang trading co ltd", "translation"),
        ("天津远航贸易有限公司", "tianjin yuanhang maoyi youxiangongsi", "translation"),
        ("深圳市遠航電子股份有限公司", "shenzhen yuanhang electronics co ltd", "translation"),
        ('שקמה סחר בע"מ', "שקמה trading ltd", "translation"),
        ("Центральный научно-исследовательский институт Ромашка", "Центральный НИИ Ромашка", "translation"),
        (
            "Federal Scientific Center Joint Stock Company Research and Production Association Romashka",
            "Research and Production Association Romashka",
            "short",
        ),
        (
            'Федеральное государственное бюджетное научное учреждение центр "Тихая Ромашка"',
            "Тихая Ромашка",
            "short",
        ),
        ("ROMASHKA Y MARGARITA, S.A. DE C.V.", "ROMASHKA Y MARGARITA, SA DE CV", "short"),
        ("Vereskin Brigade Forty-Four", "Vereskin Brigade 44", "translation"),
        ("Vereskin Brigade Fourty 4", "Vereskin Brigade 44", "translation"),
        ("MV PANKRAT 21", "MV PANKRAT twenty one", "translation"),
        ("Верескин 5", "Верескин пять", "translation"),
        ("The First Vereskin Bank", "The 1st Vereskin Bank", "translation"),
        ("2nd Vereskin Bank", "second Vereskin Bank", "translation"),
        ("R.M.K.Trading", "RMK Trading", "short"),
        ("Romashka L.L.C", "Romashka LLC", "short"),
        ("Vereskin's Mills", "Vereskin Mills", "short"),
        ("Vereskin Mill (Moscow) LLC", "Vereskin Mill LLC", "short"),
        ("PKK", "Kurdistan Workers Party", "expansion"),
        ("IRGC Iran", "Islamic Revolutionary Guard Corps", "expansion"),
    ],
)
def test_a_name_has_another_spelling(name: str, other: str, why: str) -> None:
    assert spellings(name).get(other) == why


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Romashka (Lesograd) Co Ltd", "Lesograd"),  # a place in brackets stands for nobody
        ("Water And Red Meadows", "WARM"),  # a common word
        ("Orange Olive Oak", "OOO"),  # a legal form
        ("Лесная Долина", "ЛД"),  # two letters
        ("12 Синих Озёр Севера", "12СОС"),  # a number is no letter
        ("Aaa Aba Aca Ada", "AAAA"),  # a key of one letter
        ('ООО "Ромашка"', "Ромашка"),  # the weights of the words do this
        ("J. R. Romashka Ltd", "JR Romashka Ltd"),  # initials, not a legal form
    ],
)
def test_a_name_has_no_such_spelling(name: str, other: str) -> None:
    assert other not in spellings(name)


@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.VESSEL, Kind.AIRCRAFT])
def test_only_organisations_have_other_spellings(kind: Kind) -> None:
    assert not derived_names("АО «НИИ Ромашка»", kind)


def test_a_subject_of_unknown_kind_must_look_like_a_company() -> None:
    assert not derived_names("Анна Белла Вера Громова", Kind.UNKNOWN)
    assert derived_names("АО «НИИ Ромашка»", Kind.UNKNOWN)


@pytest.mark.parametrize("text", ["中国银行", "公司", "شركة للتجارة", "天津贸易有限公司", "远航", "النخيل"])
def test_names_without_a_name_of_their_own_or_company_words_are_not_translated(text: str) -> None:
    assert "translation" not in spellings(text).values()


def test_short_acronyms_count_less() -> None:
    factors = {
        len(derived.text): derived.factor
        for name in ("Дальний Синий Лес", "Дальний Синий Лесной Ручей", "Дальний Синий Лесной Ручей Зимы")
        for derived in derived_names(name, Kind.ORGANISATION)
    }
    assert factors[3] < factors[4] < factors[5] < 1


def test_phrases_are_short_and_their_abbreviations_one_word() -> None:
    for phrase in phrase_groups():
        assert 1 <= len(phrase.words) <= PHRASE_WORDS_MAX + 2, phrase
        assert len(words(phrase.short)) == 1, phrase
        assert words(phrase.long)


def test_every_phrase_of_several_words_is_abbreviated() -> None:
    for phrase in phrase_groups():
        if len(phrase.words) > 1:
            name = " ".join([*phrase.words, "romashkino"])
            found = [words(text) for text, why in spellings(name).items() if why == "translation"]
            assert any(len(plains) <= len(phrase.words) and plains[-1] == "romashkino" for plains in found), phrase


def test_every_abbreviation_is_written_out() -> None:
    for phrase in phrase_groups():
        found = [words(text) for text, why in spellings(f"{phrase.short} Ромашкино").items() if why == "expansion"]
        assert (*words(phrase.long), "romashkino") in found, phrase


NAME_PARTS = (
    'АО ООО НИИ научно исследовательский институт конструкторское бюро design bureau and и "Ромашка" « » “ ( ) ABC '
    "(ABCD) S.A. L.L.C joint stock company центральный КБ ТД Ж 12 \ud800 \u200b 'x' торговый дом"
)
NAMES = st.text(max_size=300) | st.lists(
    st.sampled_from(NAME_PARTS.split(" ")),
    max_size=25,
).map(" ".join)


@given(NAMES, st.sampled_from(Kind))
@example("((((((", Kind.ORGANISATION)
@example("x" * 100_000, Kind.ORGANISATION)
@example("S." * 50_000, Kind.ORGANISATION)
@example('"' * 50_000, Kind.ORGANISATION)
def test_any_text_is_safe_and_spellings_hold_what_they_promise(text: str, kind: Kind) -> None:
    found = derived_names(text, kind)
    assert len(found) <= DERIVED_LIMIT
    folded = [words(derived.text) for derived in found]
    assert len(set(folded)) == len(folded)
    for derived, plains in zip(found, folded, strict=True):
        assert plains
        assert plains != words(text)
        assert 0 < len(derived.text) <= NAME_LENGTH_MAX
        assert 0 < derived.factor <= 1
        if derived.why == "acronym":
            assert special(plains[0]) is None
            assert plains[0] not in common_words()
            assert len(key(plains[0])) >= ACRONYM_LENGTH_MIN


RULE_WORDS = (
    "first Forty-Four 21 пять 2nd научно-исследовательский институт НИИ КБ ТД design bureau trading house Техносервис "
    "autopharm PKK IRGC Iran FSB (Moscow) (SQWK) [Lesograd] «Ромашка Лес» \"Quiet Water\" “Veresk ''x'' L.L.C S. A. "
    "Miller's Mill`s ООО LLC joint stock company bank and и of Синий Лес Ромашка Veresk 12 شركة النخيل للتجارة "
    "远航贸易 fIrst ſIX ﬁve ﬅ К\u0301Б nii"
)


@settings(max_examples=500)
@given(NAMES | st.lists(st.sampled_from(RULE_WORDS.split(" ")), max_size=12).map(" ".join), st.sampled_from(Kind))
def test_a_rule_that_is_passed_by_would_find_nothing(text: str, kind: Kind) -> None:
    assert derived_names(text, kind) == derived_names(text, kind, every_rule=True)


@pytest.mark.parametrize("word", [*_UNITS, *_TENS, *_ORDINALS, *_CARDINALS, *BODIES])
def test_a_word_of_a_rule_is_known_in_every_case_form_of_its_letters(word: str) -> None:
    variants: dict[str, list[str]] = defaultdict(list)
    for code in range(0x10000):
        if not 0xD800 <= code < 0xE000:
            variants[chr(code).casefold()].append(chr(code))
    rule = BODY if word in BODIES else NUMERIC
    for place in range(len(word)):
        for letters in (word[place], word[place : place + 2]):
            for other in variants[letters]:
                (plain,) = words(word[:place] + other + word[place + len(letters) :])
                assert _traits(plain) & rule


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("ООО Техносервис", "technoservice"),
        ("Автофарм", "autopharm"),
        ("Мегафинанс", "megafinance"),
        ("Промхим ООО", "promchem"),
        ("Техпром", "techprom"),
    ],
)
def test_parts_of_compounds_are_spelt_in_both_ways(russian: str, english: str) -> None:
    assert any(english in other.text.split() for other in derived_names(russian, Kind.ORGANISATION))
    spoken = next(token.plain for token in fold(russian.encode()).tokens if token.plain != "ooo")
    assert any(spoken in other.text.split() for other in derived_names(f"{english.title()} LLC", Kind.ORGANISATION))


@pytest.mark.parametrize("name", ["Service LLC", "ООО Сервис", "Office", "Online", "Avto", "Food", "Авторы"])
def test_words_that_are_no_compounds_stay(name: str) -> None:
    assert not [other for other in derived_names(name, Kind.ORGANISATION) if other.why == "translation"]
