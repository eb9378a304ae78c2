"""How names are found in texts: the readable twin of `sito_ext.matcher`.

It works on plain lists and compares every word with the whole vocabulary, so it is slow and short. Limits on the number
of look-ups, candidates and hits are the native side's own affair; below them the two agree to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sito.names import align
from sito.names.distance import expand
from sito.names.fold import fold
from sito.names.words import weight

INFORMATIVE_MIN = 50  # per cent
PAIRED_WORDS_MAX = 16
TEXT_WINDOW, WINDOW_BEFORE, WINDOW_AFTER, WINDOW_WORDS_MAX = 6, 3, 4, 24
QUERY_WORDS_MAX = 64
LONG_WORD_MIN, PAIR_COST_MAX = 6, 3
SINGLE_WORD_FACTOR = 0.7
QUOTES = ('"', "'", "«", "“", "„", "‘")


class Found(NamedTuple):
    """One hit: entry, name, score, half-open range of the text words compared."""

    entry: int
    name: int
    score: float
    low: int
    high: int


class Listing:
    """All names of a list, with the words they are found by.

    Args:
        names: (text, entry number, is it a person) of each name.
        vocabulary: Keys by token id, rarest first, as the index has them.
    """

    def __init__(self, names: Sequence[tuple[str, int, bool]], vocabulary: Sequence[str]) -> None:
        self.vocabulary = vocabulary
        ids = {key: token for token, key in enumerate(vocabulary)}
        self.entries = [entry for _, entry, _ in names]
        self.words: list[list[align.Word]] = []
        self.pairs: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        self.singles: defaultdict[int, list[int]] = defaultdict(list)
        self.phrases: defaultdict[int, list[int]] = defaultdict(list)
        for number, (text, _, person) in enumerate(names):
            tokens = fold(text.encode("utf-8", "surrogatepass")).tokens[:32]
            self.words.append([align.Word(token.plain, token.key, weight(token.key)) for token in tokens])
            found_by = informative([ids[token.key] for token in tokens], [weight(token.key) for token in tokens])
            if len(found_by) == 1:
                self.singles[found_by[0]].append(number)
                if not person:
                    self.phrases[found_by[0]].append(number)
            for i in range(len(found_by) if len(found_by) <= 4 else 2):
                for j in range(i + 1, len(found_by)):
                    self.pairs[found_by[i], found_by[j]].append(number)


def informative(tokens: Sequence[int], weights: Sequence[int]) -> list[int]:
    """Return the distinct tokens a name is found by, rarest (least id) first."""
    telling = {token for token, value in zip(tokens, weights, strict=True) if value >= INFORMATIVE_MIN}
    return sorted(telling or set(tokens))[:PAIRED_WORDS_MAX]


def search(listing: Listing, text: bytes, *, free_text: bool, score_min: float) -> list[Found]:
    """Find the listed names in one text; best first, equal scores by entry."""
    tokens = fold(text).tokens
    words = [align.Word(token.plain, token.key, weight(token.key)) for token in tokens]
    near = [expand(token.key, listing.vocabulary)[0] for token in tokens]
    free_text = free_text or len(words) > QUERY_WORDS_MAX
    candidates: defaultdict[int, list[list[int]]] = defaultdict(list)  # name -> [low, high] windows

    def propose(name: int, low: int, high: int) -> None:
        for window in candidates[name]:
            joined = max(high, window[1]) - min(low, window[0])
            apart = low > window[1] + TEXT_WINDOW or window[0] > high + TEXT_WINDOW
            if not free_text or (not apart and joined < 2 * TEXT_WINDOW):
                window[:] = min(low, window[0]), max(high, window[1])
                return
        candidates[name].append([low, high])

    if free_text:
        for i, found in enumerate(near):
            if found and found[0][0] == 0:
                for name in listing.phrases[found[0][1]]:
                    propose(name, i, i)
    for i in range(len(words)):
        if not free_text:
            for _, token in near[i]:
                for name in listing.singles[token]:
                    propose(name, i, i)
        for j in range(i + 1, min(len(words), i + (TEXT_WINDOW if free_text else QUERY_WORDS_MAX) + 1)):
            for left_distance, left in near[i]:
                for right_distance, right in near[j]:
                    dear = cost(left_distance, words[i].key) + cost(right_distance, words[j].key) > PAIR_COST_MAX
                    if not dear and (not free_text or max(left_distance, right_distance) < 2):
                        for name in listing.pairs[min(left, right), max(left, right)]:
                            propose(name, i, j)
    best: dict[int, Found] = {}
    for name, windows in candidates.items():
        for low, high in windows:
            listed = listing.words[name]
            first, last = 0, len(words)
            if free_text:
                first, last = max(0, low - WINDOW_BEFORE), min(high + 1 + WINDOW_AFTER, len(words))
                last = min(last, first + WINDOW_WORDS_MAX)
                if len(listed) == 1:
                    first, last = low, high + 1
            pairs = align.pair(words[first:last], listed)
            score = align.score(words[first:last], listed, pairs, free_text=free_text)
            used = [pair.query for pair in pairs if pair.query >= 0]
            if free_text and len(used) == 1 and not quoted(text, tokens[first + used[0]].start):
                score *= SINGLE_WORD_FACTOR
            hit = Found(listing.entries[name], name, score, first, last)
            known = best.get(hit.entry)
            if (
                score >= score_min
                and score > 0.0
                and (known is None or (-score, name, first) < (-known.score, known.name, known.low))
            ):
                best[hit.entry] = hit
    return sorted(best.values(), key=lambda found: (-found.score, found.entry))


def cost(distance: int, key: str) -> int:
    """Return what an expansion costs: 0 exact, 1 in a long word, else 2: short words have many neighbours."""
    return 0 if distance == 0 else 1 if len(key) >= LONG_WORD_MIN else 2


def quoted(text: bytes, start: int) -> bool:
    """Return whether the word at byte `start` stands right behind an opening quotation mark."""
    return any(text[:start].endswith(quote.encode()) for quote in QUOTES)
