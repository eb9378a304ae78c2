"""Fuzzy look-up by delete neighbourhood finds exactly what a comparison with every word finds."""

from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sito.names import distance as twin
from sito_ext import cpu, ends
from sito_ext.vocabulary import Vocabulary, delete_neighbourhood, places_of_keys

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


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=slips(), size=st.integers(1, 200))
def test_every_loop_over_sets_finds_the_same(paths: tuple[str, ...], words: tuple[list[str], str], size: int) -> None:
    # Words of one group in any number: full vectors, and every length of the rest behind them.
    listed = list(dict.fromkeys([*words[0], *(f"abcd{number:o}".translate(OCTAL) + "efgh" for number in range(size))]))
    tables = vocabulary(listed)
    expected = twin.expand(words[1], listed), twin.expand("abcdbbefgh", listed)
    for path in paths:
        cpu.use_path(path)
        assert (tables.expand(words[1]), tables.expand("abcdbbefgh")) == expected


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


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=300, unique=True))
def test_every_bucket_holds_its_keys_in_order(words: list[str]) -> None:
    starts = np.cumsum([0, *(len(word) for word in words)], dtype=np.uint32)
    _, bucket_starts, tokens = delete_neighbourhood(starts, np.frombuffer("".join(words).encode(), dtype=np.uint8))
    assert bucket_starts[0] == 0
    assert bucket_starts[-1] == len(tokens)
    assert np.all(np.diff(bucket_starts.astype(np.int64)) >= 0)
    for start, end in zip(bucket_starts[:-1].tolist(), bucket_starts[1:].tolist(), strict=True):
        assert np.all(np.diff((tokens[start:end] & 0xFFFFFF).astype(np.int64)) >= 0)
    assert set((tokens & 0xFFFFFF).tolist()) == {
        number for number, word in enumerate(words) if 4 <= len(word) <= 64 and "1" not in word
    }


@settings(max_examples=200)
@given(st.lists(st.text("abkmt1", min_size=1, max_size=14) | st.text("bkm", min_size=60, max_size=70), unique=True))
@example(["a" * 64, "a" * 65, "abcdefg", "abcdefgh", "abcdefg1"])
def test_groups_by_ends_hold_each_long_key_once_in_order(words: list[str]) -> None:
    starts = np.cumsum([0, *map(len, words)], dtype=np.uint32)
    letters = np.frombuffer("".join(words).encode(), dtype=np.uint8)
    sides = ends.word_ends(starts, letters, places_of_keys(starts, letters))
    wanted = [token for token, word in enumerate(words) if 8 <= len(word) <= 64 and word.isalpha()]
    sets: list[dict[int, int]] = []
    for group_starts, group_sets, tokens in (sides[:3], sides[3:]):
        assert len(group_starts) == (1 << 16) + 1
        assert (group_starts[0], group_starts[-1]) == (0, len(wanted))
        assert sorted(tokens.tolist()) == wanted
        groups = np.repeat(np.arange(1 << 16), np.diff(group_starts.astype(np.int64)))
        order = list(zip(groups.tolist(), tokens.tolist(), strict=True))
        assert order == sorted(order)
        of_token = dict(zip(tokens.tolist(), groups.tolist(), strict=True))
        for left in wanted:
            for right in wanted:
                same = words[left][:3] == words[right][:3] and not set(words[left][1:3]) & set("ao")
                if group_starts is sides[0] and same:
                    assert of_token[left] == of_token[right]
                if group_starts is sides[3] and (words[left][0], words[left][-3:]) == (
                    words[right][0], words[right][-3:],
                ) and words[left][-1] != "a":  # fmt: skip
                    assert of_token[left] == of_token[right]
        sets.append(dict(zip(tokens.tolist(), group_sets.tolist(), strict=True)))
    assert sets[0] == sets[1]
