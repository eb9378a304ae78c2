"""Scores of labelled pairs, frozen: a change of score is a reviewed difference of `golden/scores.tsv`.

`--update-golden` writes the scores anew. What must hold whatever the numbers are stands below as orderings. All names
are invented, common ones put together from common parts.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from sito.index import knowledge
from sito.names import align
from sito.names.fold import fold, table
from sito_ext.fold import Folder
from sito_ext.scorer import compare

GOLDEN = Path(__file__).parent / "golden" / "scores.tsv"
HEADER = "technique\ttext\tname\tkind\tmode\tscore"
FOLDER = Folder(table())
STRONG_MIN = 0.95  # grade of hits whose words are all there; letters that stand for words never reach it
DEFAULT_MIN = 0.85
PERSON = "Чертополохов Евлампий Потапович"


class Frozen(NamedTuple):
    """One line of the golden file: kind is person or organisation, mode is party or text."""

    technique: str
    text: str
    name: str
    kind: str
    mode: str
    score: str


def frozen() -> list[Frozen]:
    header, *lines = GOLDEN.read_text("utf-8").splitlines()
    assert header == HEADER
    return [Frozen(*line.split("\t")) for line in lines]


def native(text: str, name: str, kind: str = "person", mode: str = "party") -> float:
    return compare(FOLDER, knowledge(), text.encode(), name.encode(), mode == "text", kind == "person")[1]


def twin(text: str, name: str, kind: str, mode: str) -> float:
    data = text.encode()
    words = [align.word_of(token, data[token.start : token.end].decode()) for token in fold(data).tokens]
    free_text, person = mode == "text", kind == "person"
    listed = [align.listed_word(token.plain, token.key, person=person) for token in fold(name.encode()).tokens]
    pairs = align.pair(words, listed, free_text=free_text, person=person)
    return align.score(words, listed, pairs, free_text=free_text, person=person)


def plain_words(text: str) -> list[str]:
    return [token.plain for token in fold(text.encode()).tokens]


@pytest.fixture(scope="module")
def renewed(request: pytest.FixtureRequest) -> None:
    """Write the golden file anew if that is wanted."""
    if request.config.getoption("--update-golden"):
        lines = ["\t".join([*one[:5], f"{native(*one[1:5]):.4f}"]) for one in frozen()]
        GOLDEN.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")


@pytest.mark.parametrize("technique", list(dict.fromkeys(one.technique for one in frozen())))
@pytest.mark.usefixtures("renewed")
def test_scores_are_those_reviewed(technique: str) -> None:
    changed = [
        f"{one.text} | {one.name} | {one.kind} {one.mode}: {one.score} -> {score}"
        for one in frozen()
        if one.technique == technique and (score := f"{native(*one[1:5]):.4f}") != one.score
    ]
    assert not changed, "review these and run with --update-golden:\n" + "\n".join(changed)


@pytest.mark.parametrize("one", frozen(), ids=lambda one: f"{one.technique}: {one.text}")
def test_twin_gives_the_same_score(one: Frozen) -> None:
    assert twin(*one[1:5]) == native(*one[1:5])


def test_lines_are_well_formed_and_told_once() -> None:
    lines = frozen()
    assert {one.kind for one in lines} == {"person", "organisation"}
    assert {one.mode for one in lines} == {"party", "text"}
    assert len({one[1:5] for one in lines}) == len(lines) >= 150


def test_one_is_kept_for_identical_folded_names() -> None:
    for one in frozen():
        identical = one.mode == "party" and plain_words(one.text) == plain_words(one.name)
        assert (native(*one[1:5]) == 1.0) == identical, one


def test_every_technique_of_writing_one_name_is_found_at_the_default_threshold() -> None:
    certain = {"identical", "case forms", "diminutives", "typos in rare names", "order"}
    assert not [one for one in frozen() if one.technique in certain and native(*one[1:5]) < DEFAULT_MIN]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param((PERSON, PERSON), ("Потапович Евлампий Чертополохов", PERSON), id="order costs"),
        pytest.param(
            ("Chertopolohov Yevlampy Potapovitch", PERSON), ("Чертополоков Евлампей Потапович", PERSON),
            id="another romanisation over slips",
        ),
        pytest.param(
            ("Чертополохов Евлампий", PERSON), ("Чертополохов Евлампий Кузьмич", PERSON),
            id="patronymic left out over another one",
        ),
        pytest.param(
            ("Иванов Иван", "Иванов Иван Иванович"), ("Иванов Иван Петрович", "Иванов Иван Иванович"),
            id="patronymic left out over another one, common name",
        ),
        pytest.param(
            (PERSON, "Чертополохов Евлампий"), ("Чертополохов Евлампий Кузьмич", PERSON),
            id="patronymic added over another one",
        ),
        pytest.param(
            ("Чертополохов Е.П.", PERSON), ("Чертополохов Е.К.", PERSON), id="initials that fit over one that does not"
        ),
        pytest.param((PERSON, PERSON), ("Чертополохов Евлампий П.", PERSON), id="a word over its initial"),
        pytest.param(
            ("Чертополохов Евлампий П.", PERSON), ("Чертополохов Е.П.", PERSON), id="one initial over two"
        ),
        pytest.param(
            ("Любомудрову Никодиму", "Любомудров Никодим"), ("Любамудров Никадим", "Любомудров Никодим"),
            id="case forms over as many slips",
        ),
        pytest.param(
            ("Сухоцветовой Глафире", "Сухоцветова Глафира"), ("Сухацветова Глофира", "Сухоцветова Глафира"),
            id="case forms of a woman over as many slips",
        ),
        pytest.param(
            ("Любомудров Коля", "Любомудров Николай"), ("Любомудров Никалой", "Любомудров Николай"),
            id="diminutive over slips",
        ),
        pytest.param(
            ("Чертополохов Саша", "Чертополохов Александр"), ("Чертополохов Паша", "Чертополохов Александр"),
            id="diminutive of the name over another one's",
        ),
        pytest.param(
            ("Чертополоков Евлампий Потапович", PERSON), ("Чертополоков Евлампей Потапович", PERSON),
            id="one slip over two",
        ),
        pytest.param(
            ("Чертополохов Лука", "Чертополохов-Сухоцветов Лука"),
            ("Чертополохов Фома", "Чертополохов-Сухоцветов Лука"),
            id="half a double surname over another given name",
        ),
        pytest.param(
            ("гражданин " + PERSON, PERSON), (PERSON + " Саратов Вишнёвая", PERSON),
            id="a word that says little beside over words that say much",
        ),
        pytest.param(
            ("ООО «Рогозовый Плёс»", "Рогозовый Плёс", "organisation"),
            ("Рогозовый Плёс Инвест Центр", "Рогозовый Плёс", "organisation"),
            id="legal form beside over other words beside",
        ),
        pytest.param(
            ("Рогозовый Плёс", "ООО Рогозовый Плёс", "organisation"),
            ("ООО Рогозовый", "ООО Рогозовый Плёс", "organisation"),
            id="legal form left out over a word left out",
        ),
        pytest.param(
            ("Рогозовый завод", "Rogozovy Plant", "organisation"), ("Рогозовый банк", "Rogozovy Plant", "organisation"),
            id="translated word over another one",
        ),
        pytest.param(
            ("ООО Рогоз", "ООО Рогоз-2", "organisation"), ("ООО Рогоз-3", "ООО Рогоз-2", "organisation"),
            id="number left out over another one",
        ),
        pytest.param(
            ("долг " + PERSON + " за май", PERSON, "person", "text"),
            ("долг Чертополохов Евлампий Кузьмич за май", PERSON, "person", "text"),
            id="in free text, too, another patronymic is another man",
        ),
        pytest.param(
            ("долг Иванов Иван за май", "Иванов Иван", "person", "text"),
            ("Иванов за май, Иван за июнь", "Иванов Иван", "person", "text"),
            id="words together over words apart",
        ),
    ],
)  # fmt: skip
def test_orderings(better: tuple[str, ...], worse: tuple[str, ...]) -> None:
    assert native(*better) > native(*worse)


@pytest.mark.parametrize(
    "change",
    [
        "{surname} {given}", "{given} {surname}", "{surname} {initial}.{father}.", "{slip} {given} {patronymic}",
        "{dative} {given} {patronymic}",
    ],
)  # fmt: skip
def test_rare_names_rank_above_common_ones_found_alike(change: str) -> None:
    rare = {"surname": "Перламутров", "slip": "Перламутроф", "dative": "Перламутрову", "given": "Никодим"}
    rare |= {"patronymic": "Феофанович", "initial": "Н", "father": "Ф"}
    common = {"surname": "Кузнецов", "slip": "Кузнецоф", "dative": "Кузнецову", "given": "Сергей"}
    common |= {"patronymic": "Николаевич", "initial": "С", "father": "Н"}
    listed = "{surname} {given} {patronymic}"
    assert native(change.format(**rare), listed.format(**rare)) > native(
        change.format(**common), listed.format(**common)
    )


@pytest.mark.parametrize(
    "text",
    [
        "Чертополохов Е.П.", "Чертополохов Е. П.", "Чертополохов Е П", "Чертополохов ЕП", "Е.П. Чертополохов",
        "Е.П.Чертополохов", "Чертополохов Е.", "Chertopolokhov E.P.", "Чертополоков Е.П.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["party", "text"])
def test_initials_alone_are_never_a_strong_hit(text: str, mode: str) -> None:
    assert native(text, PERSON, "person", mode) < STRONG_MIN


def test_spellings_of_initials_score_alike() -> None:
    spellings = ("Чертополохов Е.П.", "Чертополохов Е. П.", "Чертополохов Е П", "Чертополохов ЕП", "Чертополохов, Е.П.")
    assert len({native(text, PERSON) for text in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ООО Рогоз-3", "ООО Рогоз-2"), ("ООО Рогоз-2", "ООО Рогоз"), ("ООО Рогоз", "ООО Рогоз-2"),
        ("Строительное управление 17", "Строительное управление 71"), ("Ladeynaya Zvezda 2", "Ladeynaya Zvezda 1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["party", "text"])
def test_another_number_is_another_firm_or_ship(text: str, name: str, mode: str) -> None:
    assert native(text, name, "organisation", mode) < DEFAULT_MIN


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Петров Иван Иванович", "Иванов Иван Иванович", "person"),
        ("Иванов Сергей Иванович", "Иванов Иван Иванович", "person"),
        ("Иванов Иван Петрович", "Иванов Иван Иванович", "person"),
        ("John Smith", "Joan Smith", "person"),
        ("Чертополохов", PERSON, "person"),
        ("Чертополохов К.П.", PERSON, "person"),
        ("ООО Торговый Дом", "ООО Рогозовый Плёс", "organisation"),
        ("ООО Строительная Компания", "ООО Строительная Компания Рогоз", "organisation"),
        ("General Trading FZE", "Thistledown General Trading FZE", "organisation"),
        ("ООО Рогоз", "ООО Мороз", "organisation"),
    ],
)
def test_somebody_else_stays_below_the_default_threshold(text: str, name: str, kind: str) -> None:
    assert native(text, name, kind) < DEFAULT_MIN
