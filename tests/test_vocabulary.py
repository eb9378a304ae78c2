"""Fuzzy look-up by delete neighbourhood finds exactly what a comparison with every word finds."""

from collections.abc import Iterator
from itertools import pairwise
from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sito.names import distance as twin
from sito.names.fold import table
from sito.names.keys import key
from sito_ext import ends
from sito_ext.fold import Folder
from sito_ext.vocabulary import TokenCounter, Vocabulary

OCTAL = str.maketrans("01234567", "abcdefgh")
WORDS = st.text("abcdei1", min_size=1, max_size=14)


def vocabulary(words: list[str]) -> Vocabulary:
    starts = np.cumsum([0, *(len(word) for word in words)], dtype=np.uint32)
    return Vocabulary(starts, np.frombuffer("".join(words).encode(), dtype=np.uint8))


@settings(max_examples=500)
@given(st.lists(WORDS, min_size=1, max_size=120, unique=True), WORDS)
@example(["magomedov", "magomedova", "magomedovic"], "magmoedov")
@example(["a" * 65, "a" * 64], "a" * 64)
@example(["abcdefgh"], "badcfegh")
def test_lookup_equals_comparison_with_every_word(words: list[str], query: str) -> None:
    assert vocabulary(words).expand(query) == twin.expand(query, words)


@st.composite
def slips(draw: st.DrawFn) -> tuple[list[str], str]:
    """Return words made from one by up to three edits each, and one more."""
    letters = draw(st.sampled_from(["ab", "abc", "abcdefgh"]))
    base = draw(st.text(letters, min_size=4, max_size=14))

    def slip() -> str:
        word = list(base)
        for kind, place, letter in draw(
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 13), st.sampled_from(letters)), max_size=3)
        ):
            at = place % (len(word) + 1)
            if kind == 0:
                word.insert(at, letter)
            elif kind == 1 and len(word) > 1:
                del word[at : at + 1]
            elif kind == 2:
                word[at : at + 1] = letter
            else:
                word[at : at + 2] = word[at : at + 2][::-1]
        return "".join(word)

    return list(dict.fromkeys(slip() for _ in range(draw(st.integers(1, 40))))), slip()


@settings(max_examples=300)
@given(slips())
def test_lookup_finds_every_slip_of_the_pen(words: tuple[list[str], str]) -> None:
    assert vocabulary(words[0]).expand(words[1]) == twin.expand(words[1], words[0])


@pytest.fixture
def paths() -> Iterator[tuple[str, ...]]:
    """Name the loops that this processor can run, and put the best one back afterwards."""
    yield ends.paths()
    ends.use_path(ends.paths()[-1])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=slips(), size=st.integers(1, 200))
def test_every_loop_over_sets_finds_the_same(paths: tuple[str, ...], words: tuple[list[str], str], size: int) -> None:
    # Words of one group in any number: full vectors, and every length of the rest behind them.
    listed = list(dict.fromkeys([*words[0], *(f"abcd{number:o}".translate(OCTAL) + "efgh" for number in range(size))]))
    tables = vocabulary(listed)
    expected = twin.expand(words[1], listed), twin.expand("abcdbbefgh", listed)
    for path in paths:
        ends.use_path(path)
        assert (tables.expand(words[1]), tables.expand("abcdbbefgh")) == expected


def test_a_loop_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of plain"):
        ends.use_path("abacus")


@pytest.mark.parametrize(
    ("left", "right", "steps", "near"),
    [
        ("kuzniacova", "kuznecova", 2, True),  # front and back
        ("acivaldo", "arcibaldo", 2, True),  # only the back, whose last vowel does not count
        ("ptolemaes", "ptolemeos", 2, True),  # only the front
        ("zenisenka", "denisenko", 2, False),  # neither
        ("mortasov", "modtagov", 2, False),  # two letters of eight exchanged
        ("mortasovic", "modtagovic", 2, True),  # of ten
        ("martov", "morkov", 2, False),  # too short for two
        ("ivanova", "ivanov", 1, True),
    ],
)
def test_two_edits_leave_an_end_of_a_word_alone(left: str, right: str, steps: int, near: bool) -> None:
    assert twin.distance(left, right) == steps
    assert twin.near_enough(left, right, steps) == twin.near_enough(right, left, steps) == near
    assert vocabulary([left]).expand(right)[0] == ([(steps, 0)] if near else [])


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_distance_is_symmetric(left: str, right: str) -> None:
    assert twin.distance(left, right) == twin.distance(right, left)


def test_too_many_near_words_are_cut_and_reported() -> None:
    pairs = [f"{a}{b}" for a in ascii_lowercase for b in ascii_lowercase]
    words = sorted(
        {f"{pair}aan" for pair in pairs} | {f"m{pair}an" for pair in pairs} | {f"maraa{a}" for a in ascii_lowercase}
    )
    words += [f"ma{a}aan" for a in ascii_lowercase] + [f"{a}maraan" for a in ascii_lowercase]
    words += (
        [f"mar{a}aan" for a in ascii_lowercase]
        + [f"maraa{a}n" for a in ascii_lowercase]
        + [f"{a}araan" for a in ascii_lowercase]
    )
    words = sorted(set(words))
    found, cut = vocabulary(words).expand("maraan")
    assert cut
    assert (found, cut) == twin.expand("maraan", words)
    assert len(found) == twin.EXPANSION_MAX


def counted(texts: list[str], token_max: int = 64):
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.cumsum([0, *map(len, data)], dtype=np.int64)
    counter = TokenCounter(Folder(table()))
    result = counter.add(np.frombuffer(b"".join(data) or b" ", dtype=np.uint8), starts, token_max)
    return result, counter.tables()


def test_token_counter_numbers_words_of_all_names() -> None:
    (starts, tokens, plain_starts, plain, flags, vowelless), (key_starts, key_bytes, counts) = counted(
        ["Иванов Иван", "", "Ivanov, Pyotr", "Ив\ud800ан"]
    )
    keys = [bytes(key_bytes[a:b]).decode() for a, b in pairwise(key_starts)]
    assert keys == ["ivanov", "ivan", "petr", "iv", "an"]
    assert starts.tolist() == [0, 2, 2, 4, 6]
    assert tokens.tolist() == [0, 1, 0, 2, 3, 4]
    assert counts.tolist() == [2, 1, 1, 1, 1]
    assert bytes(plain[plain_starts[2] : plain_starts[3]]) == b"ivanov pyotr"
    assert flags.tolist() == [0, 0, 0, 1]
    assert vowelless.tolist() == [0] * len(tokens)


def test_token_counter_reports_what_it_leaves_out() -> None:
    (starts, *_, flags, _), _ = counted(["a b c", "a b", "b" * 70], token_max=2)
    assert starts.tolist() == [0, 2, 4, 5]
    assert flags.tolist() == [4, 0, 2]


def test_token_counter_grows() -> None:
    words = [
        f"{a}{b}{c}{d}"
        for a in "bdfgklm"
        for b in "aeiou"
        for c in "bdfgklmnprst"
        for d in "0123456789abcdefghijklmnop"
    ]
    (_, tokens, *_), (key_starts, key_bytes, _) = counted([*words * 8])
    assert len(set(tokens.tolist())) == len({key(word) for word in words})
    assert key_starts[-1] == len(key_bytes)
