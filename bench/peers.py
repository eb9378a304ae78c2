"""What one would use without this engine: brute force, a token index in Python, an exact automaton.

Each peer gets the best case that a reasonable user could arrange: list names are folded beforehand, and where the peer
compares strings, so are the payments, outside the clock. Peers answer with the numbers of the list's names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Protocol

import ahocorasick
import numpy as np
from rapidfuzz import fuzz, process

SCORE_MIN = 85
LETTERS = str.maketrans(
    dict(
        zip(
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
            "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(" "),
            strict=True,
        )
    )
)
WORD = re.compile(r"[^\W_]+")
FORMS = frozenset(
    ["ooo", "ao", "pao", "zao", "ip", "nao", "llc", "ltd", "gmbh", "inc", "corp", "sa", "fze", "jsc", "bv"]
)
BLOCK = 64  # queries of one `cdist` call, so that its matrix stays small


def words(text: str) -> list[str]:
    """Fold a text the way Python programs do: lower case, one romanisation, words."""
    return WORD.findall(text.lower().translate(LETTERS))


def folded(text: str) -> str:
    """Return the folded words of a text in their order."""
    return " ".join(words(text))


def sorted_folded(text: str) -> str:
    """Return the folded words of a text, sorted."""
    return " ".join(sorted(words(text)))


Payment = tuple[str, str, str]


class Peer(Protocol):
    """One way to screen.

    Attributes:
        title: What the table calls it.
        fields: names or names and purpose.
    """

    title: str
    fields: str

    def prepare(self, payments: Sequence[Payment]) -> object:
        """Do what is not timed, for debtor, creditor and purpose of each payment."""

    def screen(self, prepared: object) -> list[set[int]]:
        """Return, for each payment, the numbers of the names that it hits."""


class _Sorted:
    """A peer that compares both party names with the names of the list, all with their words sorted."""

    def __init__(self, names: Sequence[str], score_min: int = SCORE_MIN) -> None:
        self._names = [sorted_folded(name) for name in names]
        self._score_min = score_min

    def prepare(self, payments: Sequence[Payment]) -> list[str]:
        return [sorted_folded(text) for payment in payments for text in payment[:2]]


class Brute(_Sorted):
    """`rapidfuzz.process.cdist` of both party names with all names of the list, by `token_sort_ratio`, on one core."""

    title, fields = "rapidfuzz cdist(token_sort_ratio)", "names"

    def screen(self, prepared: object) -> list[set[int]]:
        assert isinstance(prepared, list)
        hits: list[set[int]] = []
        for start in range(0, len(prepared), BLOCK):
            scores = process.cdist(
                prepared[start : start + BLOCK], self._names, scorer=fuzz.token_sort_ratio, dtype=np.uint8,
                score_cutoff=self._score_min, workers=1,
            )  # fmt: skip
            rows: list[set[int]] = [set() for _ in range(len(scores))]
            for row, column in zip(*np.nonzero(scores), strict=True):
                rows[row].add(int(column))
            hits += rows
        return [hits[number] | hits[number + 1] for number in range(0, len(hits), 2)]


class BestOne(_Sorted):
    """`rapidfuzz.process.extractOne` for both party names: the loop that most programs start with."""

    title, fields = "rapidfuzz extractOne(token_sort_ratio)", "names"

    def screen(self, prepared: object) -> list[set[int]]:
        assert isinstance(prepared, list)
        best = [
            process.extractOne(query, self._names, scorer=fuzz.token_sort_ratio, score_cutoff=self._score_min)
            for query in prepared
        ]
        return [{one[2] for one in best[number : number + 2] if one is not None} for number in range(0, len(best), 2)]


class TokenIndex:
    """An inverted index of words in Python, rarest words first, survivors scored by rapidfuzz.

    A name stands under its rarest words only, legal forms left out, so that a text brings few candidates. With one
    word for each name that is as fast as it gets, and blind to a misspelled rarest word; with two, one wrong word hides
    no name. In a party field a survivor needs `token_sort_ratio` (strings are sorted beforehand, so plain `ratio` gives
    it); in the purpose all of its words, one of them misspelled at most.

    Args:
        names: As the list prints them.
        key_count: Words that each name stands under, 1 or 2.
        score_min: From 0 to 100.
    """

    fields = "names and purpose"

    def __init__(self, names: Sequence[str], key_count: int = 2, score_min: int = SCORE_MIN) -> None:
        self.title = f"Python token index, {key_count} key{'s' if key_count > 1 else ''}"
        split = [words(name) for name in names]
        counts = Counter(word for name in split for word in set(name))
        self._names = [" ".join(sorted(name)) for name in split]
        self._sets = [frozenset(name) for name in split]
        self._score_min = score_min
        self._postings: dict[str, list[int]] = {}
        for number, unique in enumerate(self._sets):
            for word in sorted(unique - FORMS or unique, key=lambda word: (counts[word], word))[:key_count]:
                self._postings.setdefault(word, []).append(number)

    def prepare(self, payments: Sequence[Payment]) -> list[Payment]:
        return list(payments)

    def screen(self, prepared: object) -> list[set[int]]:
        assert isinstance(prepared, list)
        return [self._payment(*payment) for payment in prepared]

    def _payment(self, debtor: str, creditor: str, purpose: str) -> set[int]:
        hits: set[int] = set()
        names = self._names
        for text in (debtor, creditor):
            query = words(text)
            candidates = self._candidates(query)
            found = process.extract(
                " ".join(sorted(query)), [names[number] for number in candidates], scorer=fuzz.ratio, processor=None,
                score_cutoff=self._score_min, limit=None,
            )  # fmt: skip
            hits.update(candidates[place] for _, _, place in found)
        query = words(purpose)
        unique = set(query)
        for number in self._candidates(query):
            missing = self._sets[number] - unique
            if not missing:
                hits.add(number)
            elif len(missing) == 1 and len(self._sets[number]) > 1:
                (word,) = missing
                if len(word) > 3 and process.extractOne(word, query, scorer=fuzz.ratio, score_cutoff=self._score_min):
                    hits.add(number)
        return hits

    def _candidates(self, query: list[str]) -> list[int]:
        lists = [found for word in set(query) if (found := self._postings.get(word))]
        return sorted(set(chain.from_iterable(lists)))


class ExactScan:
    """pyahocorasick over text folded beforehand: exact names, words in the order of the list, string keys."""

    title, fields = "pyahocorasick exact scan only", "names and purpose"

    def __init__(self, names: Sequence[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        same: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            if key := folded(name):
                same.setdefault(f" {key} ", []).append(number)
        for key, numbers in same.items():
            self._automaton.add_word(key, tuple(numbers))
        self._automaton.make_automaton()

    def prepare(self, payments: Sequence[Payment]) -> list[str]:
        return [f" {' | '.join(folded(text) for text in payment)} " for payment in payments]

    def screen(self, prepared: object) -> list[set[int]]:
        assert isinstance(prepared, list)
        scan = self._automaton.iter
        return [{number for _, numbers in scan(text) for number in numbers} for text in prepared]


class Folding:
    """Only the folding of all texts in Python: a ceiling for any front end that does it there."""

    title, fields = "Python folding alone", "names and purpose"

    def prepare(self, payments: Sequence[Payment]) -> list[Payment]:
        return list(payments)

    def screen(self, prepared: object) -> list[set[int]]:
        assert isinstance(prepared, list)
        for payment in prepared:
            for text in payment:
                words(text)
        return [set() for _ in prepared]
