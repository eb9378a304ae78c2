"""The phrase automaton: one-word names of organisations and vessels, and identifiers, in free text and number fields.

`sito_ext.automaton` builds it flat, so that it can be scanned without the GIL and mapped as it stands. A phrase is a
sequence of token ids, each spelled as a separator and seven base-16 digits: an automaton over the ids themselves would
have a root with as many children as there are words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sito.numbers import Standing, spellings, standing
from sito_ext.automaton import make_automaton

SEPARATOR = "|"
DIGITS = 7
ALPHABET = SEPARATOR + "0123456789abcdef"

IDENTIFIER_TARGET = 1 << 31
IDENTIFIER_WEAK = 1 << 30
IDENTIFIER_COUNT_MAX = 1 << 30
FREE_TEXT_DIGITS_MIN = 9  # digits a number needs to mean somebody in free text; shorter ones are invoice numbers too
FREE_TEXT_LENGTH_MIN = 8  # letters and digits it needs if letters are among them
FIELD_LENGTH_MIN = 5  # letters and digits it needs in a number field
LONG_TYPES = frozenset({"inn", "ogrn", "snils", "lei", "wallet"})  # whatever form another country gives them
SILENT_TYPES = frozenset({"phone"})

Array = npt.NDArray[np.generic]


class IdentifierTexts(NamedTuple):
    """The ways to write I identifiers, to be folded together.

    Attributes:
        texts: All of them, those of one identifier one after another.
        owners: Of each text, the number of its identifier.
        telling: Of each text, does it mean somebody in free text too?
        failed: Numbers of the identifiers whose own check digits are wrong, rising.
    """

    texts: list[str]
    owners: list[int]
    telling: list[bool]
    failed: list[int]


def identifier_texts(kinds: Sequence[str], numbers: Sequence[str]) -> IdentifierTexts:
    """Return the ways to write each number, see `sito.numbers.spellings`."""
    found = IdentifierTexts([], [], [], [])
    for i, (kind, number) in enumerate(zip(kinds, numbers, strict=True)):
        checked = standing(kind, number)
        if checked is Standing.FAILED:
            found.failed.append(i)
        if kind in SILENT_TYPES:
            continue
        for text in spellings(kind, number, checked):
            found.texts.append(text)
            found.owners.append(i)
            found.telling.append(telling(text, kind, checked))
    return found


def telling(text: str, kind: str, checked: Standing) -> bool:
    """Return whether a number means somebody in free text too: it has right check digits, or is long, or holds letters.

    A number that fails its own check never does: the list, or who wrote it down, made a mistake somewhere in it.
    """
    if checked is not Standing.PLAIN:
        return checked is Standing.VERIFIED
    length = sum(map(str.isalnum, text))
    digits = sum(map(str.isdigit, text))
    return kind in LONG_TYPES or digits >= FREE_TEXT_DIGITS_MIN or (digits < length and length >= FREE_TEXT_LENGTH_MIN)


def spelled(tokens: Sequence[int]) -> str:
    """Spell token ids for the automaton."""
    return "".join(f"{SEPARATOR}{token:0{DIGITS}x}" for token in tokens)


class Phrases:
    """Collects phrases with their targets, then lays the automaton out flat."""

    def __init__(self) -> None:
        self._starts: list[npt.NDArray[np.int64]] = []  # how many tokens each phrase has
        self._tokens: list[npt.NDArray[np.uint32]] = []
        self._targets: list[npt.NDArray[np.uint32]] = []

    def add_name(self, tokens: tuple[int, ...], name: int) -> None:
        """Let a name be found by these words."""
        self.add_names(np.asarray([len(tokens)]), np.asarray(tokens, dtype=np.uint32), np.asarray([name]))

    def add_names(self, counts: npt.ArrayLike, tokens: npt.ArrayLike, names: npt.ArrayLike) -> None:
        """Let N names be found, each by words in a row.

        Args:
            counts: How many words each has, at least one.
            tokens: Of all names, one after another.
            names: Their numbers.
        """
        self._starts.append(np.asarray(counts, dtype=np.int64))
        self._tokens.append(np.asarray(tokens, dtype=np.uint32))
        self._targets.append(np.asarray(names, dtype=np.uint32))

    def add_identifiers(self, written: IdentifierTexts, starts: Array, tokens: Array) -> None:
        """Let identifiers be found by their words.

        Args:
            written: What `identifier_texts` gave: T texts.
            starts, tokens: The folded texts: T + 1 offsets, token ids.
        """
        bounds, flat = starts.tolist(), tokens.tolist()
        last = -1
        seen: set[tuple[int, ...]] = set()
        counts: list[int] = []
        found: list[int] = []
        targets: list[int] = []
        for number, (text, i, means) in enumerate(zip(written.texts, written.owners, written.telling, strict=True)):
            if i != last:
                last, seen = i, set()
            place = tuple(flat[bounds[number] : bounds[number + 1]])
            # Two spellings may fold alike; the first says whether it means somebody, and both say the same.
            if not place or place in seen or sum(map(str.isalnum, text)) < FIELD_LENGTH_MIN:
                continue
            seen.add(place)
            counts.append(len(place))
            found += place
            targets.append(IDENTIFIER_TARGET | (0 if means else IDENTIFIER_WEAK) | i)
        self.add_names(counts, found, targets)

    def flattened(self) -> dict[str, npt.NDArray[np.uint32]]:
        """Return the sections of the automaton, see `sito_ext.automaton`."""
        counts = np.concatenate([np.zeros(1, dtype=np.int64), *self._starts])
        tokens = np.concatenate([np.empty(0, dtype=np.uint32), *self._tokens])
        targets = np.concatenate([np.empty(0, dtype=np.uint32), *self._targets])
        return make_automaton(np.cumsum(counts).astype(np.uint32), tokens, targets)
