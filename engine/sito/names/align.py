"""How alike a text and a listed name are: the readable twin of `sito_ext.scorer`.

Every word of the name looks for its partner among the words of the text, in four rounds: equal letters, equal keys,
similar letters (best pairs first), initials. Then three things are weighed: how similar the partners are, what of the
name found no partner, what of the text found none. Words missing on one side only ("Иванов Иван" for "Иванов Иван
Петрович") cost little, words missing on both sides contradict each other and cost much; a whole name of three telling
words that stands together counts whatever stands beside it. In free text only the name counts, and how closely its
words stand together.

The numbers are this version's calibration on public lists; the similarity of two words is rapidfuzz's normalised indel
ratio.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from rapidfuzz import fuzz

SIMILAR_MIN = 70.0  # per cent; less alike words are strangers
KEY_SIMILARITY = 0.97  # equal keys, other letters
INITIAL_SIMILARITY = 0.85
CONTRADICTION_COST = 1.3
ONE_SIDED_COST, ONE_SIDED_KNEE, ONE_SIDED_STEEP = 0.25, 0.34, 1.2
TEXT_MISSING_COST, TEXT_MISSING_STEEP, TEXT_GAP_COST = 0.6, 1.5, 0.04
ORDER_COST = 0.01
TELLING_MIN, CONTAINED_WORDS_MIN, CONTAINED_COST = 50, 3, 0.08
NOT_IDENTICAL_MAX = 0.99


class Rule(IntEnum):
    """Why two words are partners."""

    NONE = 0
    SAME = 1
    SAME_KEY = 2
    SIMILAR = 3
    INITIAL = 4


class Word(NamedTuple):
    """One folded word with its weight in per cent."""

    plain: str
    key: str
    weight: int


class Pair(NamedTuple):
    """Partner of one name word: number of the text word (-1 none), the rule, the similarity in [0, 1]."""

    query: int
    rule: Rule
    similarity: float


def similarity(left: Word, right: Word) -> float:
    """Return how alike two words are by letters and by keys, 0 below `SIMILAR_MIN` per cent."""
    by_letters = fuzz.ratio(left.plain, right.plain, score_cutoff=SIMILAR_MIN)
    by_keys = fuzz.ratio(left.key, right.key, score_cutoff=SIMILAR_MIN) * KEY_SIMILARITY
    best = max(by_letters, by_keys)
    return best / 100.0 if best >= SIMILAR_MIN else 0.0


def pair(query: list[Word], name: list[Word]) -> list[Pair]:
    """Find the partner of every name word.

    Args:
        query: At most 64 words of the text.
        name: At most 32 words of the listed name.
    """
    partners = [Pair(-1, Rule.NONE, 0.0)] * len(name)
    used: set[int] = set()

    def take(j: int, i: int, rule: Rule, value: float) -> None:
        partners[j] = Pair(i, rule, value)
        used.add(i)

    for j, word in enumerate(name):
        for i, other in enumerate(query):
            if i not in used and other.plain == word.plain:
                take(j, i, Rule.SAME, 1.0)
                break
    for j, word in enumerate(name):
        for i, other in enumerate(query):
            if partners[j].query < 0 and i not in used and other.key == word.key:
                take(j, i, Rule.SAME_KEY, KEY_SIMILARITY)
                break
    scores = {
        (j, i): similarity(query[i], name[j])
        for j in range(len(name))
        for i in range(len(query))
        if partners[j].query < 0 and i not in used and len(name[j].plain) > 1 and len(query[i].plain) > 1
    }
    while True:
        best = max(
            ((value, -j, -i) for (j, i), value in scores.items() if partners[j].query < 0 and i not in used),
            default=(0.0, 0, 0),
        )
        if best[0] <= 0.0:
            break
        take(-best[1], -best[2], Rule.SIMILAR, best[0])
    for j, word in enumerate(name):
        for i, other in enumerate(query):
            if partners[j].query >= 0 or i in used or (len(other.plain) > 1 and len(word.plain) > 1):
                continue
            if other.plain[0] == word.plain[0] or other.key[:1] == word.key[:1] != "":
                take(j, i, Rule.INITIAL, INITIAL_SIMILARITY)
                break
    return partners


def score(query: list[Word], name: list[Word], partners: list[Pair], *, free_text: bool) -> float:
    """Return the similarity of a text and a name in [0, 1]; 1.0 only for identical folded names."""
    name_total = sum(word.weight for word in name)
    query_total = sum(word.weight for word in query)
    name_found = query_found = 0
    weighed = 0.0
    count = telling = 0
    ordered = True
    last = -1
    first_at, last_at = len(query), -1
    for word, partner in zip(name, partners, strict=True):
        if partner.query < 0:
            continue
        name_found += word.weight
        query_found += query[partner.query].weight
        weighed += word.weight * partner.similarity
        count += 1
        telling += word.weight >= TELLING_MIN and partner.rule in (Rule.SAME, Rule.SAME_KEY)
        ordered = ordered and partner.query > last
        last = partner.query
        first_at, last_at = min(first_at, partner.query), max(last_at, partner.query)
    if name_found == 0 or query_total == 0:
        return 0.0
    if not free_text and [word.plain for word in query] == [word.plain for word in name]:
        return 1.0
    mean = weighed / name_found
    name_missing = 1.0 - name_found / name_total
    query_missing = 1.0 - query_found / query_total
    if free_text:
        mild = name_missing <= ONE_SIDED_KNEE and count >= 2
        cost = name_missing * (TEXT_MISSING_COST if mild else TEXT_MISSING_STEEP)
        cost += TEXT_GAP_COST * (last_at - first_at + 1 - count)
    else:
        low, high = min(name_missing, query_missing), max(name_missing, query_missing)
        apart = high - low
        if apart <= ONE_SIDED_KNEE:
            cost = CONTRADICTION_COST * low + ONE_SIDED_COST * apart
        else:
            cost = (
                CONTRADICTION_COST * low + ONE_SIDED_COST * ONE_SIDED_KNEE + ONE_SIDED_STEEP * (apart - ONE_SIDED_KNEE)
            )
    value = mean * (1.0 - cost)
    if not free_text and telling >= CONTAINED_WORDS_MIN and count == len(name) == last_at - first_at + 1:
        value = max(value, mean - CONTAINED_COST)
    if not ordered:
        value -= ORDER_COST
    return min(max(value, 0.0), NOT_IDENTICAL_MAX)
