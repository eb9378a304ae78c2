"""The native scorer and its twin give the same pairs and the same numbers."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.names import align
from sito.names.fold import fold, table
from sito.names.keys import key
from sito.names.words import weight, weights
from sito_ext.fold import Folder
from sito_ext.scorer import compare

FOLDER = Folder(table())
NAMES = (  # noqa: SIM905  (one word a line would hide the table)
    "Иванов Иван Иванович И П Ivanov Ivanova Petrov Pyotr Пётр ООО Ромашка Romashka LLC Банк Али аль Хасан Hassan x "
    "ivna 2 Мухаммад ц"
).split()
TEXT = st.lists(st.sampled_from(NAMES) | st.text("abcиваноф", min_size=1, max_size=8), max_size=9).map(" ".join)


def words(text: str) -> list[align.Word]:
    return [align.Word(token.plain, token.key, weight(token.key)) for token in fold(text.encode()).tokens]


def both(query: str, name: str, free_text: bool):
    query_words, name_words = words(query), words(name)
    pairs = align.pair(query_words, name_words)
    expected = [tuple(pair) for pair in pairs], align.score(query_words, name_words, pairs, free_text=free_text)
    native = compare(
        FOLDER,
        query.encode(),
        [word.weight for word in query_words],
        name.encode(),
        [word.weight for word in name_words],
        free_text,
    )
    return expected, native


@settings(max_examples=800)
@given(TEXT, TEXT, st.booleans())
@example("И. И. Иванов", "Иванов Иван Иванович", False)
@example("", "", False)
@example("а " * 64, "а " * 32, True)
def test_twins_agree(query: str, name: str, free_text: bool) -> None:
    expected, native = both(query, name, free_text)
    assert native == expected


def score(query: str, name: str, *, free_text: bool = False) -> float:
    return both(query, name, free_text)[0][1]


@pytest.mark.parametrize(
    ("better", "worse", "name"),
    [
        ("Иванов Иван Иванович", "Иванов Иван", "Иванов Иван Иванович"),
        ("Иванов Иван", "Иванов Иван Петрович", "Иванов Иван Сидорович"),
        ("Ivanov Ivan", "Ivanov Petr", "Иванов Иван"),
        ("Ромашка ООО", "Ромашка Плюс", "ООО Ромашка"),
        ("Ромашка", "ООО Банк", "ООО Ромашка"),
    ],
)
def test_scores_rank(better: str, worse: str, name: str) -> None:
    assert score(better, name) > score(worse, name)


def test_one_is_kept_for_identical_names() -> None:
    assert score("ИВАНОВ, Иван", "Иванов Иван") == 1.0
    assert score("Иван Иванов", "Иванов Иван") < 1.0
    assert score("Иванов Иван", "Иванов Иван", free_text=True) < 1.0


def test_too_many_words_are_an_error_here_and_a_flag_in_the_matcher() -> None:
    with pytest.raises(ValueError, match="more than 64 words"):
        compare(FOLDER, b"a " * 65, [100] * 65, b"a", [100], False)
    with pytest.raises(ValueError, match="fewer weights"):
        compare(FOLDER, b"a b", [100], b"a", [100], False)


def test_weights_hold_in_every_script() -> None:
    assert weight(key("ooo")) == weights()[key("ooo")] == 10
    assert words("ООО")[0].weight == words("OOO")[0].weight == 10
