"""Case forms: common and invented names through all cases, the two twins alike, strange words without harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sito_ext.forms as native
from sito.names import forms as twin
from sito.names.fold import fold

SOURCE = Path(__file__).parents[1] / "ext" / "sito_ext" / "forms.pyx"

# Base and its oblique cases, then the bits that must be among those of each.
MASCULINE = {
    # Russian surnames
    "Тёркин": "Тёркина Тёркину Тёркиным Тёркине",
    "Кузнецов": "Кузнецова Кузнецову Кузнецовым Кузнецове",
    "Соловьёв": "Соловьёва Соловьеву Соловьевым Соловьёве",
    "Птицын": "Птицына Птицыну Птицыным Птицыне",
    "Вишневский": "Вишневского Вишневскому Вишневским Вишневском",
    "Залесецкий": "Залесецкого Залесецкому Залесецким Залесецком",
    "Толстой": "Толстого Толстому Толстым",
    "Береговой": "Берегового Береговому Береговым Береговом",
    "Белый": "Белого Белому Белым Белом",
    "Горький": "Горького Горькому Горьким Горьком",
    "Синий": "Синего Синему Синим Синем",
    "Шевчук": "Шевчука Шевчуку Шевчуком Шевчуке",
    "Ткач": "Ткача Ткачу Ткачом Ткаче",
    "Коваль": "Коваля Ковалю Ковалём Ковале",
    "Коробец": "Коробца Коробцу Коробцом Коробце",
    "Стрелец": "Стрельца Стрельцу Стрельцом Стрельце",
    "Боец": "Бойца Бойцу Бойцом Бойце",
    "Мазурок": "Мазурка Мазурку Мазурком Мазурке",
    "Хорёк": "Хорька Хорьку Хорьком Хорьке",
    "Воробей": "Воробья Воробью Воробьём Воробье",
    "Гребень": "Гребня Гребню Гребнем Гребне",
    "Орёл": "Орла Орлу Орлом Орле",
    "Цой": "Цоя Цою Цоем",
    "Глинка": "Глинки Глинке Глинку Глинкой Глинкою",
    "Ганжа": "Ганжи Ганже Ганжу Ганжой Ганжей",
    "Абрамян": "Абрамяна Абрамяну Абрамяном Абрамяне",
    # given names and patronymics
    "Иван": "Ивана Ивану Иваном Иване",
    "Игорь": "Игоря Игорю Игорем Игоре",
    "Николай": "Николая Николаю Николаем Николае",
    "Сергей": "Сергея Сергею Сергеем Сергее",
    "Юрий": "Юрия Юрию Юрием Юрии",
    "Василий": "Василия Василию Василием Василии",
    "Павел": "Павла Павлу Павлом Павле",
    "Лев": "Льва Льву Львом Льве",
    "Пётр": "Петра Петру Петром Петре",
    "Илья": "Ильи Илье Илью Ильёй",
    "Никита": "Никиты Никите Никиту Никитой",
    "Мустафа": "Мустафы Мустафе Мустафу Мустафой",
    "Магомед": "Магомеда Магомеду Магомедом Магомеде",
    "Хаджимурат": "Хаджимурата Хаджимурату Хаджимуратом Хаджимурате",
    "Абдуллах": "Абдуллаха Абдуллаху Абдуллахом Абдуллахе",
    "Сергеевич": "Сергеевича Сергеевичу Сергеевичем Сергеевиче",
    "Асланбекович": "Асланбековича Асланбековичу Асланбековичем Асланбековиче",
    "Ильич": "Ильича Ильичу Ильичом Ильиче",
    "Кузьмич": "Кузьмича Кузьмичу Кузьмичом",
    "Иванович": "Иваныча Иванычу Иванычем",
    "Алексеевич": "Алексеича Алексеичу",
    # Ukrainian
    "Шевченко": "Шевченка Шевченку Шевченком Шевченкові",
    "Загорський": "Загорського Загорському Загорським",
    "Романюк": "Романюка Романюку Романюком Романюкові",
    "Ковалів": "Коваліва Коваліву Ковалівим",
    "Олег": "Олега Олегу Олегом Олегові",
    "Ігор": "Ігоря Ігорю Ігорем Ігореві",
    "Сергій": "Сергія Сергію Сергієм Сергієві Сергії",
    "Андрій": "Андрія Андрію Андрієм Андрієві",
    "Федір": "Федора Федору Федором Федорові",
    "Яків": "Якова Якову Яковом",
    "Павло": "Павла Павлу Павлом Павлові",
    "Андрійович": "Андрійовича Андрійовичу Андрійовичем",
    # Belarusian
    "Кавалеўскі": "Кавалеўскага Кавалеўскаму Кавалеўскім",
    "Ігнатаў": "Ігнатава Ігнатаву Ігнатавым Ігнатаве",
    "Мядзведзеў": "Мядзведзева Мядзведзеву Мядзведзевым",
    "Бойка": "Бойкам Бойку Бойкі",
    "Міхайлавіч": "Міхайлавіча Міхайлавічу Міхайлавічам",
    "Аляксандр": "Аляксандра Аляксандру Аляксандрам",
    # romanised
    "Ivanov": "Ivanova Ivanovu Ivanovym Ivanovim Ivanove",
    "Vishnevsky": "Vishnevskogo Vishnevskomu Vishnevskim Vishnevskom",
    "Sergey": "Sergeya Sergeia Sergeyu Sergeem Sergeyem",
    "Yuriy": "Yuriya Iuriia Yuriyu Yuriem Yuriyem",
    "Magomedovich": "Magomedovicha Magomedovichu Magomedovichem",
    # words of company names
    "Торговый": "Торгового Торговому Торговым",
    "Предприятие": "Предприятия Предприятию Предприятием Предприятии",
    "Общество": "Общества Обществу Обществом",
}
FEMININE = {
    "Тёркина": "Тёркиной Тёркину Тёркиною",
    "Кузнецова": "Кузнецовой Кузнецову",
    "Вишневская": "Вишневской Вишневскую Вишневскою",
    "Толстая": "Толстой Толстую",
    "Береговая": "Береговой Береговую",
    "Горькая": "Горькой Горькую",
    "Анна": "Анны Анне Анну Анной Анною",
    "Зоя": "Зои Зое Зою Зоей",
    "Ольга": "Ольги Ольге Ольгу Ольгой Ользі",
    "Мария": "Марии Марию Марией",
    "Наталья": "Натальи Наталье Наталью Натальей",
    "Любовь": "Любови Любовью",
    "Айгуль": "Айгули Айгулью",
    "Сергеевна": "Сергеевны Сергеевне Сергеевну Сергеевной",
    "Никитична": "Никитичны Никитичне Никитичну Никитичной",
    "Загорська": "Загорської Загорській Загорську Загорською",
    "Коваленкова": "Коваленкової Коваленковій Коваленкову Коваленковою",
    "Наталія": "Наталії Наталію Наталією",
    "Ярославівна": "Ярославівни Ярославівні Ярославівну Ярославівною",
    "Кавалеўская": "Кавалеўскай Кавалеўскую",
    "Ігнатава": "Ігнатавай Ігнатаву",
    "Святлана": "Святланы Святлане Святлану Святланай",
    "Марыя": "Марыі Марыю Марыяй",
    "Аляксандраўна": "Аляксандраўны Аляксандраўне Аляксандраўну Аляксандраўнай",
    "Ivanova": "Ivanovoy Ivanovoi Ivanovoj Ivanovu",
    "Mariya": "Marii Mariyu Mariyey Mariei",
}
FAMILIES = {
    "Кузнецов": "Кузнецовы Кузнецовых Кузнецовыми",
    "Кузнецова": "Кузнецовы Кузнецовых Кузнецовым Кузнецовыми",
    "Вишневский": "Вишневские Вишневских Вишневскими",
    "Вишневская": "Вишневские Вишневских Вишневскими",
}
COUNTERPARTS = (
    ("Иванов", "Иванова"), ("Зайцев", "Зайцева"), ("Тёркин", "Тёркина"), ("Птицын", "Птицына"), ("Толстой", "Толстая"),
    ("Вишневский", "Вишневская"), ("Белый", "Белая"), ("Загорський", "Загорська"), ("Kuznetsov", "Kuznetsova"),
    ("Береговой", "Береговая"), ("Синий", "Синяя"),
)  # fmt: skip
STRANGERS = (
    ("Иванов", "Петров"), ("Ивановский", "Иванов"), ("Иваненко", "Иванов"), ("Павлов", "Павел"),
    ("Михайлович", "Михаил"), ("Роман", "Романов"), ("Магомедов", "Магомед"), ("Марина", "Мария"),
    ("Хасанов", "Хасан"), ("Ли", "Лия"), ("Иванович", "Ивановна"), ("Бойко", "Бойчук"), ("Кравец", "Кравченко"),
    ("Олеся", "Олег"), ("Ольга", "Олег"), ("Кузнецов", "Кузнецовский"), ("Петренко", "Петров"),
    ("Сергиенко", "Сергий"), ("Ян", "Яна"), ("Ahmed", "Ahmad"),
)  # fmt: skip


def key_of(word: str) -> str:
    (token,) = fold(word.encode()).tokens
    return token.key


def table(words: dict[str, str], bits: int) -> list[tuple[str, str, int]]:
    return [(form, base, bits) for base, all_forms in words.items() for form in all_forms.split()]


@pytest.mark.parametrize(
    ("form", "base", "bits"),
    [
        *table(MASCULINE, twin.MASCULINE),
        *table(FEMININE, twin.FEMININE),
        *table(FAMILIES, twin.MASCULINE | twin.FEMININE),
    ],
)
def test_every_case_leads_to_its_nominative(form: str, base: str, bits: int) -> None:
    form_key, base_key = key_of(form), key_of(base)
    if form_key == base_key:  # Юрии, Юрий
        assert native.is_form(form_key, base_key) == 0
        return
    assert base_key in native.bases(form_key)
    assert native.is_form(form_key, base_key) & bits == bits


@pytest.mark.parametrize(("man", "woman"), COUNTERPARTS)
def test_surnames_of_men_and_women_are_counterparts(man: str, woman: str) -> None:
    assert native.is_form(key_of(woman), key_of(man)) & twin.COUNTERPART
    assert native.is_form(key_of(man), key_of(woman)) & twin.COUNTERPART


@pytest.mark.parametrize(("left", "right"), STRANGERS)
def test_other_names_are_no_forms(left: str, right: str) -> None:
    assert native.is_form(key_of(left), key_of(right)) == 0


@pytest.mark.parametrize(
    ("form", "bases"),
    [
        ("Тёркиной", ["terkina"]),
        ("Магомеда", ["magomed"]),
        ("Льва", ["lev"]),
        ("Асланбековичу", ["aslanbekovic"]),
        ("Шевченком", ["sevcenko"]),
        ("Вишневского", ["visnevski"]),
        ("Ивановыми", ["ivanov"]),
    ],
)
def test_the_most_probable_base_comes_first(form: str, bases: list[str]) -> None:
    assert native.bases(key_of(form))[: len(bases)] == bases


def test_words_without_such_an_ending_have_no_bases() -> None:
    for word in ("", "a", "da", "ivan", "roman", "terkin", "ivanov", "ahmed", "bank", "a1ova", "ivanova1", "иванова"):
        assert native.bases(word) == twin.bases(word) == []


ENDINGS = sorted({part for rule in twin.rules() for part in (rule.form, rule.base)})
STEMS = ("ivan", "mag", "l", "an", "serge", "iuri", "visnevsk", "tolst", "sevcenk", "a", "", "patk", "olk", "a1", "и")
words = st.one_of(
    st.builds(lambda stem, ending: stem + ending, st.sampled_from(STEMS), st.sampled_from(ENDINGS)),
    st.builds(
        lambda stem, ending: stem + ending,
        st.text(alphabet="aeioukmlnrstvc", max_size=6),
        st.sampled_from(ENDINGS),
    ),
    st.text(alphabet="aeioukmlnrstvczh019", max_size=12),
    st.text(max_size=6),
    st.builds(lambda letter, count: letter * count, st.sampled_from("abcio"), st.integers(0, 140)),
)


@given(words)
@example("a" * 127 + "u")
@example("k" * 125 + "oi")
@example("k" * 126 + "oi")
@example("k" * 127 + "oi")
@example("\ud800")
@example("ivanova\0")
def test_bases_equal_the_twin(word: str) -> None:
    found = native.bases(word)
    assert found == twin.bases(word)
    assert len(found) == len(set(found)) <= twin.BASES_MAX
    for base in found:
        assert len(base) <= twin.WORD_LENGTH_MAX
        assert base != word
        assert native.is_form(word, base) == twin.is_form(word, base)
        assert native.is_form(word, base) & twin.EITHER


@given(st.sampled_from(STEMS), st.sampled_from(ENDINGS), st.sampled_from(ENDINGS))
def test_relations_of_endings_equal_the_twin(stem: str, left: str, right: str) -> None:
    assert native.is_form(stem + left, stem + right) == twin.is_form(stem + left, stem + right)


@given(words, words)
@example("", "")
@example("ivanova", "")
@example("a" * 128, "a" * 127)
@example("k" * 128 + "a", "k" * 128)
@example("k" * 127 + "a", "k" * 127)
@example("k9ova", "k9ov")
@example("ivanova", "ivanov\0")
@example("ivano\ud800a", "ivano\ud800")
def test_relations_equal_the_twin(form: str, base: str) -> None:
    assert native.is_form(form, base) == twin.is_form(form, base)
    assert native.is_form(form, form) == 0


def test_the_longest_words_are_harmless() -> None:
    for size in (120, 127, 128, 129, 255, 256, 1 << 20):
        for ending in ("", "ova", "oiu", "skogo", "i"):
            word = "k" * (size - len(ending)) + ending
            assert native.bases(word) == twin.bases(word)
            assert native.is_form(word, word[:-1]) == twin.is_form(word, word[:-1])


def test_the_native_table_is_the_twins() -> None:
    """After a change of letters.py, keys.py or the paradigms: `python -m sito.names.forms ext/sito_ext/forms.pyx`."""
    assert native.rules() == [tuple(rule) for rule in twin.rules()]


def test_rules_are_canonical() -> None:
    for rule in twin.rules():
        assert max(len(rule.form), len(rule.base)) <= twin.ENDING_LENGTH_MAX
        assert rule.form[:1] != rule.base[:1]
        assert rule.before
        assert rule.bits in range(1, 8)


def test_the_table_is_written_between_its_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "forms.pyx"
    source = SOURCE.read_text("utf-8")
    head, _, rest = source.partition(twin.TABLE_BEGIN)
    _, end, tail = rest.partition(twin.TABLE_END)
    copy.write_text(head + twin.TABLE_BEGIN + end + tail, "utf-8")
    assert twin.main([str(copy)]) == 0
    assert copy.read_text("utf-8") == source
    copy.write_text("no marks", "utf-8")
    assert twin.main([str(copy)]) == 2
    assert copy.read_text("utf-8") == "no marks"
    assert twin.main([]) == 2
    assert "argument" in capsys.readouterr().err


def test_no_word_has_more_bases_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    room = twin.BASES_MAX
    monkeypatch.setattr(twin, "BASES_MAX", 1_000)
    letters = "abcdefghiklmnoprstuvz"
    endings = [form for form in {rule[0].strip("^") for rule in twin.rules()} | {""} if twin._is_word("ab" + form)]
    most = max(
        len(twin.bases(head + first + second + ending))
        for ending in endings for first in letters for second in letters for head in ("", "mar")
    )  # fmt: skip
    assert room >= most > room // 2
