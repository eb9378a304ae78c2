"""The look-up tables of an index hold what the slow listing holds: pairs, initials, single words and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito.build import Builder
from sito.entries import Entry, Kind, Name
from sito.names.search import INFORMATIVE_MIN, Listed, Listing, informative, initial_pairs, outline, search
from sito_ext.pairs import make_pair_table
from sito_ext.tables import make_groups, make_pair_filter, make_pairs, pair_words

BONES_OF_ALL = 0x9000  # from here on groups of words with the same consonants, by hash

INITIAL_TOKEN, NO_WORD = 1 << 24, (1 << 24) + 26
WORDS = (  # noqa: SIM905  (one word a line would hide the table)
    "Иванов Иванова Иван Ivan Иванович Ивановна Петров Пётр Петрович Юрий Yury Жанна Щукин Мухаммад Магомед Ибрагим "
    "Али аль оглы И Ж 2 М-17 ООО Ким Чен Ын محمد Жеребцов Smith John von a1 1b É"
).split()
NAME = st.lists(st.sampled_from(WORDS) | st.text("абвжюя1eх", min_size=1, max_size=6), min_size=1, max_size=8)
NAMES = st.lists(NAME.map(" ".join), min_size=1, max_size=12)


def sections_of(names: list[str]) -> dict[str, np.ndarray]:
    builder = Builder()
    builder.add((Entry("T", str(i), Kind.PERSON, (Name(text),)) for i, text in enumerate(names)), 0)
    return builder.finish()


def keys_of(sections: dict[str, np.ndarray]) -> list[str]:
    data = sections["key_bytes"].tobytes()
    return [data[start:end].decode() for start, end in pairwise(sections["key_starts"].tolist())]


def slots_of(sections: dict[str, np.ndarray]) -> Iterator[tuple[tuple[int, int, int], list[int]]]:
    """Yield the words and the outline of each slot of the pair table, and its names."""
    for key, value in sections["pair_slots"].reshape(-1, 2).tolist():
        if key != 2**64 - 1:
            start, count = value >> 24, value & 0xFFFFFF
            words = (key >> 32 & 0xFFFFFF, key & 0xFFFFFFFF, key >> 56)
            yield words, sections["pair_names"][start : start + count].tolist()


def pairs_of(sections: dict[str, np.ndarray]) -> Iterator[tuple[tuple[int, int], list[int]]]:
    """Yield the words of each pair without an outline, and its names."""
    return (((left, right), names) for (left, right, code), names in slots_of(sections) if code == 0)


@settings(max_examples=150)
@given(NAMES)
@example(["Иванов Иван Иванович", "Иванов И. И.", "И И", "И"])
@example([" ".join(WORDS[:20]), " ".join(WORDS[10:])])
@example(["Жеребцов Юрий", "Жеребцов Ю"])
def test_tables_hold_what_the_listing_holds(names: list[str]) -> None:
    sections = sections_of(names)
    keys = keys_of(sections)
    listing = Listing([Listed(name, i, True) for i, name in enumerate(names)], keys)
    expected: dict[tuple[int, int], list[int]] = {}
    for (left, right), found in listing.pairs.items():
        # Letters stand above all words.
        end = right if isinstance(right, int) else INITIAL_TOKEN + ord(right[0]) - ord("a")
        if found:
            expected[left, end] = sorted(found)
    assert {pair: sorted(found) for pair, found in pairs_of(sections)} == expected
    assert {slot: sorted(found) for slot, found in slots_of(sections) if slot[2]} == {
        (left, NO_WORD if right < 0 else right, code): sorted(found)
        for (left, right, code), found in listing.outlines.items()
    }
    singles = sections["single_starts"].tolist()
    assert {
        token: (sections["single_names"][start:end] & 0x7FFFFFFF).tolist()
        for token, (start, end) in enumerate(pairwise(singles))
        if start < end
    } == {token: found for token, found in listing.singles.items() if found}
    groups = sections["group_starts"].tolist()
    assert {
        group: sections["group_tokens"][start:end].tolist()
        for group, (start, end) in enumerate(pairwise(groups))
        if start < end and group < BONES_OF_ALL
    } == listing.groups


def test_a_word_whose_key_begins_otherwise_has_two_initials() -> None:
    sections = sections_of(["Жеребцов Юрий"])
    keys = keys_of(sections)
    letters = defaultdict(set)
    for (left, right), _ in pairs_of(sections):
        if right >= INITIAL_TOKEN:
            letters[keys[left]].add(chr(right - INITIAL_TOKEN + ord("a")))
    surname = next(key for key in keys if key.startswith(("z", "j")))
    first = next(key for key in keys if key != surname)
    assert letters[surname] == {first[0], "y"}


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("kreimov", "kerimov", True),  # vowels do not count
        ("zumav", "sumov", True),  # s and z are one class
        ("hrib", "grib", True),
        ("gazev", "bazev", False),
        ("aeou", "uoea", True),  # no consonant, no outline
    ],
)
def test_outlines_are_the_first_consonants(left: str, right: str, alike: bool) -> None:
    assert (outline(left) == outline(right)) is alike


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("Кумилов Аркадий Павлович", "Кумирлтов Аркадий Павлович"),  # the surname beside given name and patronymic
        ("Бурдомаров Шавкат", "Бурдамарков Шавкат"),
        ("Бурдомаров Шавкатжон", "Бурдамарков Шавкатжонн"),  # a slip in the other word
        ("Gromedus Filopert", "Громед Филоперт"),
        ("Kumilov Nikolay Vladimirovich", "Кумирлтов Микола Володимирович"),  # other forms of the other names
        ("Бурдомаров Сергей", "Burdamarkov Siarhei"),
    ],
)
def test_a_word_too_far_from_any_listed_one_is_found_by_its_first_consonants(listed: str, text: str) -> None:
    sections = sections_of([listed])
    listing = Listing([Listed(listed, 0, True)], keys_of(sections))
    assert [hit.entry for hit in search(listing, text.encode(), free_text=False, score_min=0.6)] == [0]
    assert not search(listing, "Сидоренко Аркадий Иванович".encode(), free_text=False, score_min=0.6)


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("Жеребцов Аркадий", {(0, 1), (1, 0)}),
        ("Жеребцов Аркадий Павлович", {(0, 1)}),
        ("Аркадий Павлович Жеребцов", {(2, 0)}),
        ("Аркадий", set()),
        ("Жеребцов А", set()),
        ("Жшцов Жщвон Жхубр", {(0, 1), (0, 2), (2, 0), (2, 1)}),
    ],
)
def test_names_are_found_by_surname_and_initial(name: str, pairs: set[tuple[int, int]]) -> None:
    from sito.names.align import listed_word
    from sito.names.fold import fold

    words = [listed_word(token.plain, token.key, person=True) for token in fold(name.encode()).tokens]
    assert set(initial_pairs(words)) == pairs


def test_pairs_of_long_names_hold_one_of_the_three_rarest_words() -> None:
    key_starts, letters = np.arange(8, dtype=np.uint32), np.frombuffer(b"abcdefg", dtype=np.uint8)
    words = np.arange(7, dtype=np.uint32)
    facts = pair_words(
        words,
        key_starts,
        letters,
        key_starts,
        letters,
        np.full(14, 100, dtype=np.uint8),
        np.zeros(14, dtype=np.uint8),
        np.full(14, 80, dtype=np.uint8),
        np.zeros((14, 2), dtype=np.uint16),
        np.zeros(2, dtype=np.uint32),
        np.zeros(0, dtype=np.uint32),
    )
    starts, kinds = np.asarray([0, 6, 7, 7], dtype=np.uint32), np.zeros(3, dtype=np.uint8)
    keys, names, singles, _ = make_pairs(starts, words, kinds, facts, key_starts, letters, 0, 3)
    assert [(key >> 32, key & 0xFFFFFFFF) for key in keys.tolist()] == [
        *((0, j) for j in range(1, 6)),
        *((1, j) for j in range(2, 6)),
        *((2, j) for j in range(3, 6)),
    ]
    assert set(names.tolist()) == {0}
    assert singles.tolist() == [6]
    slots, *_ = pair_table(keys, names)
    assert len(slots) == 2 * (12 + 6 + 16)
    halves = [make_pairs(starts, words, kinds, facts, key_starts, letters, *part) for part in ((0, 1), (1, 3))]
    assert np.concatenate([half[0] for half in halves]).tolist() == keys.tolist()
    for wrong in ((0, 4), (2, 1)):
        with pytest.raises(ValueError, match="no such names"):
            make_pairs(starts, words, kinds, facts, key_starts, letters, *wrong)
    with pytest.raises(ValueError, match="no such form"):
        make_pairs(starts, words, kinds, facts[:-40], key_starts, letters, 0, 3)
    with pytest.raises(ValueError, match="words of a name"):
        make_pairs(starts, words[:-1], kinds, facts, key_starts, letters, 0, 3)


def test_pairs_that_fill_large_pages_are_those_of_the_parts() -> None:
    count, names = 40, 120_000
    key_starts, letters = np.arange(count + 1, dtype=np.uint32), np.full(count, ord("b"), dtype=np.uint8)
    forms = np.arange(count, dtype=np.uint32)
    facts = pair_words(
        forms, key_starts, letters, key_starts, letters, np.full(2 * count, 100, dtype=np.uint8),
        np.zeros(2 * count, dtype=np.uint8), np.full(2 * count, 80, dtype=np.uint8),
        np.zeros((2 * count, 2), dtype=np.uint16), np.zeros(2, dtype=np.uint32), np.zeros(0, dtype=np.uint32),
    )  # fmt: skip
    words = ((np.arange(names)[:, None] * 7 + np.arange(5) * np.asarray([1, 3, 5, 9, 11])) % count).astype(np.uint32)
    starts, kinds = np.arange(0, 5 * names + 1, 5, dtype=np.uint32), np.zeros(names, dtype=np.uint8)
    given = (starts, words.ravel(), kinds, facts, key_starts, letters)
    whole = make_pairs(*given, 0, names)
    assert whole[0].nbytes > 1 << 22
    parts = [make_pairs(*given, first, first + names // 8) for first in range(0, names, names // 8)]
    for number, column in enumerate(whole):
        assert np.array_equal(column, np.concatenate([part[number] for part in parts]))


def test_a_surname_with_a_fathers_ending_is_a_pair_with_the_given_name() -> None:
    name = "Екатерина Ворубей Жвамшович"
    sections = sections_of([name])
    assert len(dict(pairs_of(sections))) >= 3
    listing = Listing([Listed(name, 0, True)], keys_of(sections))
    assert search(listing, "Екатерина Варабей Жвамшович".encode(), free_text=False, score_min=0.85)


def test_people_without_a_letter_have_no_pairs() -> None:
    sections = sections_of(["«»", "---"])
    assert list(pairs_of(sections)) == []
    assert len(sections["group_tokens"]) == len(sections["single_names"]) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from([1, 49, 50, 100]), st.integers(0, 5), st.integers(0, 5)),
        max_size=30,
    )
)
@example([(3, 100, 65_535, 0), (2, 100, 65_535, 0)])
def test_groups_hold_each_telling_word_once(rows: list[tuple[int, int, int, int]]) -> None:
    tokens, weights, *sides = zip(*rows, strict=True) if rows else ((), (), (), ())
    starts, members = make_groups(
        np.asarray(tokens, dtype=np.uint32),
        np.asarray(weights, dtype=np.uint8),
        np.zeros(len(rows), dtype=np.uint8),
        np.ascontiguousarray(np.asarray(sides, dtype=np.uint16).T).reshape(-1, 2),
        np.arange(11, dtype=np.uint32),
        np.full(10, ord("a"), dtype=np.uint8),  # keys without consonants: no groups of those
    )
    expected = defaultdict(set)
    for token, weight, *own in rows:
        for group in own:
            if group and weight >= INFORMATIVE_MIN:
                expected[group].add(token)
    assert len(starts) == (1 << 16) + 1
    found = {g: members[a:b].tolist() for g, (a, b) in enumerate(pairwise(starts.tolist())) if a < b}
    assert found == {group: sorted(own) for group, own in expected.items()}


def pair_table(keys: np.ndarray, names: np.ndarray, middle: int = 0) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Make the table of pairs of which the first ones stand in an array of their own."""

    def both(work: Callable[[int], None]) -> None:
        work(1)
        work(0)

    return make_pair_table([keys[:middle], keys[middle:]], [names[:middle], names[middle:]], 200, both)


@given(
    st.lists(st.integers(0, 30) | st.integers(0, 2**40) | st.integers(2**57, 2**63), max_size=60), st.integers(0, 60)
)
@example([7] * 40, 20)
def test_every_key_is_in_the_pair_table_and_no_other(keys: list[int], middle: int) -> None:
    expected = defaultdict(list)
    for name, key in enumerate(keys):
        expected[key].append(name)
    slots, names, plain_count, longest = pair_table(
        np.asarray(keys, dtype=np.uint64), np.arange(len(keys), dtype=np.uint32), middle
    )
    found = {
        key: names[value >> 24 : (value >> 24) + (value & 0xFFFFFF)].tolist()
        for key, value in slots.reshape(-1, 2).tolist()
        if key != 2**64 - 1
    }
    assert found == expected
    starts = sorted(
        (value >> 24, min(key >> 32 & 0xFFFFFF, 200))
        for key, value in slots.reshape(-1, 2).tolist()
        if key != 2**64 - 1
    )
    assert [word for _, word in starts] == sorted(word for _, word in starts)
    assert plain_count == sum(key < 2**56 for key in expected)
    assert longest == max(map(len, expected.values()), default=0)
    assert len(slots) == 2 * (len(expected) + len(expected) // 2 + 16)
    assert len(make_pair_filter(slots, plain_count, 40)[1]) == 40


@pytest.mark.parametrize("count", [0, 5, 70_000])
def test_the_pair_table_does_not_depend_on_how_pairs_are_cut_or_who_is_faster(count: int) -> None:
    chance = np.random.default_rng(5)
    keys = chance.integers(0, max(1, count // 2), count, dtype=np.uint64) << np.uint64(24)
    names = chance.integers(0, 2**32, count, dtype=np.uint32)
    first = pair_table(keys, names)

    def at_once(work: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))

    for middle in (count // 3, count):
        halves = [keys[:middle], keys[middle:]], [names[:middle], names[middle:]]
        for again in (pair_table(keys, names, middle), make_pair_table(*halves, 200, at_once)):
            assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


def test_pairs_without_names_are_refused() -> None:
    keys = np.zeros(2, dtype=np.uint64)
    with pytest.raises(ValueError, match="names"):
        pair_table(keys, np.zeros(1, dtype=np.uint32))
    with pytest.raises(ValueError, match="halves"):
        make_pair_table([keys], [np.zeros(2, dtype=np.uint32)], 1, lambda work: work(0))


def test_the_filter_knows_every_pair_and_few_others() -> None:
    """Of words that are in one pair, in dozens and in thousands, and of letters, which stand beside all of them."""
    letter = 1 << 24
    pairs = {(0, other) for other in range(1, 4000)} | {(1, other) for other in range(2, 90)}
    pairs |= {(2 * i, 2 * i + 1) for i in range(100, 2000)} | {(i, letter + i % 26) for i in range(4000)}
    keys = np.sort(np.asarray([left << 32 | right for left, right in pairs], dtype=np.uint64))
    slots, _, plain_count, _ = pair_table(keys, np.zeros(len(keys), dtype=np.uint32))
    words, crowds = make_pair_filter(slots, plain_count, 4000)
    assert crowds[0] == 7  # 4000 pairs and one, 32 in a line
    assert crowds[1] == 2
    assert crowds[100] == 0

    def may_be(left: int, right: int) -> bool:
        crowd = {token: 15 if token >= letter else int(crowds[token]) for token in (left, right)}
        own, other = sorted((left, right), key=lambda token: (crowd[token], token))
        mine, his = (token * 0x9E3779B97F4A7C15 % 2**64 for token in (own, other))
        mine = (mine + (his >> 20) % (1 << crowd[own]) * 0xC2B2AE3D27D4EB4F) % 2**64
        word = int(words[((mine >> 32) * (len(words) // 8) >> 32) * 8 + (his >> 40) % 8])
        return bool(word >> (his >> 58) & word >> ((his >> 52) % 64) & 1)

    assert all(may_be(left, right) for left, right in pairs)
    strangers = [(left, right) for left in range(200, 240) for right in range(1000, 1100)]
    assert sum(may_be(*pair) for pair in strangers if pair not in pairs) < len(strangers) // 10


def test_informative_words_are_distinct_and_rarest_first() -> None:
    from sito.names.align import listed_word

    def found(*keys: str) -> list[int]:
        ids = {key: token for token, key in enumerate(sorted(set(keys), reverse=True))}
        return informative([ids[key] for key in keys], [listed_word(key, key, person=True) for key in keys])

    ids = {"ivanov": 2, "ivan": 3, "zvorubei": 0, "zvorubeb": 1}
    assert found(*ids, "zvorubei")[:2] == [ids["zvorubeb"], ids["zvorubei"]]
    assert len(found(*(f"zvor{chr(97 + i)}{chr(97 + i)}" for i in range(20)))) == 16
