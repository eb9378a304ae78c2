"""Edit distance between keys, and how much of it is allowed: the twin of `sito_ext.vocabulary`.

Distance is *optimal string alignment*: insert, delete, replace a letter or swap two neighbours, no place edited twice.
"""

from __future__ import annotations

from collections.abc import Sequence

FUZZY_LENGTH_MAX = 64  # longer keys are compared exactly only
ENDS_MIN = 8  # letters from which a key may differ by two edits
VOWELS = "aeiou"
FAR_LENGTH_MIN = 10  # letters from which two may be exchanged for others
MERGED = str.maketrans("oehz", "aigs")
EXPANSION_MAX = 96  # nearest keys kept for one query word; more is reported


def distance_max(key: str) -> int:
    """Return how many edits a key of this length may differ by: 0 below 4 letters, 1 below 8, else 2.

    A key with a digit in it is a number or code: 0.
    """
    if len(key) < 4 or len(key) > FUZZY_LENGTH_MAX or any(character.isdigit() for character in key):
        return 0
    return 1 if len(key) < ENDS_MIN else 2


def merged(key: str) -> str:
    """Return a key with the letters that languages write for each other made one: o as a, e as i, h as g, z as s.

    Source: Belarusian writes the unstressed o of Russian as a; romanisations of Arabic and Persian take either. The г
    of Ukrainian and Belarusian is an h, and Russian writes г for a foreign h. German, Spanish and the Scandinavian
    languages write s for the z of others (Gasprom, Kasachstan).
    """
    return key.translate(MERGED)


def distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance of two strings."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def front(key: str) -> str:
    """Return what a key begins with: its first letter and the two consonants behind it, as far as there are any."""
    return key[0] + "".join([letter for letter in key[1:] if letter not in VOWELS][:2])


def back(key: str) -> str:
    """Return what a key ends with: its first letter, and the last three behind it when its last vowels are left off."""
    return key[0] + key[1:].rstrip(VOWELS)[-3:]


def near_enough(left: str, right: str, steps: int) -> bool:
    """Say whether two keys that are `steps` edits apart are looked at as spellings of one word.

    Two edits have to leave one end of both alone, `front` or `back`; and of a key below ten letters they do not
    exchange two letters for two others: too little of it is left. Nearly all words that are lost by these rules are
    other names.
    """
    if steps > min(distance_max(left), distance_max(right)):
        return steps == 0
    if steps < 2:
        return True
    if front(left) != front(right) and back(left) != back(right):
        return False
    return len(left) != len(right) or len(left) >= FAR_LENGTH_MIN or len(set(left) ^ set(right)) <= 2


def expand(key: str, vocabulary: Sequence[str]) -> tuple[list[tuple[int, int]], bool]:
    """Return the vocabulary words near a key.

    Returns:
        (distance, token id) pairs, nearest first, equals by id, at most `EXPANSION_MAX`; second: were there more.
    """
    found = []
    for token, word in enumerate(vocabulary):
        allowed = min(distance_max(key), distance_max(word))
        if abs(len(word) - len(key)) <= allowed:
            steps = 0 if word == key else distance(key, word) if allowed else 3
            if near_enough(key, word, steps):
                found.append((steps, token))
    found.sort()
    return found[:EXPANSION_MAX], len(found) > EXPANSION_MAX
