"""Native kernels and their twins on very many seeded inputs; hypothesis looks for corners, this looks at the crowd.

Small in the normal suite; `make long` compares ten million times: words folded, word pairs judged, name pairs scored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from sito.names import align, distance
from sito.names import fold as twin
from sito.names.words import weight
from sito_ext.fold import Folder
from sito_ext.scorer import compare
from sito_ext.vocabulary import Vocabulary

FOLDER = Folder(twin.table())
SYLLABLES = (  # noqa: SIM905  (one word a line would hide the table)
    "ма го мед ов ова ев ич на ко ск ий щер ба ша ха жо лу ци юн ья ё ъе э ma go med ov off eff sky shch tch kh zh x "
    "ck qu ah al el ou oo iy yu ya ї є ґ ў ß ø ł é ñ ü 1 7 ' - ’ № ООО LLC И П\u0301 \u200b"
).split(" ")
STRANGE = (b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xd0", "𝐀".encode(), "ﬁ".encode(), b"\x00")
LETTERS = "aeiouvklmnrst"


def name(generator: random.Random, words: int) -> str:
    return " ".join("".join(generator.choices(SYLLABLES, k=generator.choice((1, 2, 2, 3, 3, 4)))) for _ in range(words))


def nudged(generator: random.Random, text: str) -> str:
    """Return a text with up to three changes: letters dropped, doubled, swapped, replaced, words in another order."""
    letters = list(text)
    for _ in range(generator.choice((0, 1, 1, 2, 3))):
        i = generator.randrange(len(letters)) if letters else 0
        match generator.randrange(5):
            case 0:
                del letters[i : i + 1]
            case 1:
                letters[i:i] = letters[i : i + 1]
            case 2:
                letters[i : i + 2] = reversed(letters[i : i + 2])
            case 3:
                letters[i : i + 1] = generator.choice(SYLLABLES)
            case _:
                words = "".join(letters).split(" ")
                generator.shuffle(words)
                letters = list(" ".join(words))
    return "".join(letters)


def folded_words(generator: random.Random) -> Iterator[int]:
    """Fold texts until told to stop; gives the words compared by each."""
    while True:
        data = name(generator, generator.randrange(1, 12)).encode()
        if generator.random() < 0.2:
            at = generator.randrange(len(data) + 1)
            data = data[:at] + generator.choice(STRANGE) + data[at:]
        tokens, malformed, cut = FOLDER.fold(data)
        assert twin.Folded([twin.Token(*token) for token in tokens], malformed, cut) == twin.fold(data)
        yield len(tokens) + 1


def near_words(generator: random.Random) -> Iterator[int]:
    """Look words up in small vocabularies; gives the word pairs judged by each look-up."""
    while True:
        stems = ["".join(generator.choices(LETTERS, k=generator.randrange(2, 12))) for _ in range(40)]
        words = sorted({generator.choice(stems) + generator.choice(("", "ov", "ova", "s", "i")) for _ in range(100)})
        starts = np.cumsum([0, *map(len, words)], dtype=np.uint32)
        vocabulary = Vocabulary(starts, np.frombuffer("".join(words).encode(), dtype=np.uint8))
        for _ in range(20):
            letters = list(generator.choice(words))
            for _ in range(generator.randrange(4)):
                i = generator.randrange(len(letters))
                letters[i : i + generator.randrange(2)] = generator.choices(LETTERS, k=generator.randrange(3))
                letters = letters or ["a"]
            query = "".join(letters)
            assert vocabulary.expand(query) == distance.expand(query, words)
            yield len(words)


def scored_names(generator: random.Random) -> Iterator[int]:
    """Score name pairs; gives 1 for each."""
    while True:
        listed = name(generator, generator.randrange(1, 6))
        text = nudged(generator, listed) + generator.choice(("", "", " " + name(generator, 2)))
        words = [
            [align.Word(token.plain, token.key, weight(token.key)) for token in twin.fold(one.encode()).tokens]
            for one in (text, listed)
        ]
        free_text = generator.random() < 0.3
        pairs = align.pair(*words)
        score = align.score(*words, pairs, free_text=free_text)
        weights = [[word.weight for word in one] for one in words]
        native = compare(FOLDER, text.encode(), weights[0], listed.encode(), weights[1], free_text)
        assert native == ([tuple(pair) for pair in pairs], score)
        yield 1


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        pytest.param(folded_words, 20_000, id="folded words, some"),
        pytest.param(near_words, 50_000, id="near words, some"),
        pytest.param(scored_names, 5_000, id="scored names, some"),
        pytest.param(folded_words, 4_000_000, id="folded words, many", marks=pytest.mark.long),
        pytest.param(near_words, 5_000_000, id="near words, many", marks=pytest.mark.long),
        pytest.param(scored_names, 1_000_000, id="scored names, many", marks=pytest.mark.long),
    ],
)
def test_twins_agree_on_a_crowd(kind, count: int) -> None:
    done = 0
    for compared in kind(random.Random(count)):
        done += compared
        if done >= count:
            break
