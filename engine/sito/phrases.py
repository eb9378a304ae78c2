"""The phrase automaton: one-word names of organisations and vessels, and identifiers, in free text and number fields.

pyahocorasick builds it; its nodes and edges are then laid out flat, because it cannot scan without the GIL
and its own save format is slow to load. A phrase is a sequence of token ids, each spelled as a separator and seven
base-16 digits: an automaton over the ids themselves would have a root with as many children as there are words,
which pyahocorasick walks one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import ahocorasick
import numpy as np
import numpy.typing as npt

from sito.numbers import Standing, spellings, standing

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

_CODES = np.full(128, -1, dtype=np.int64)  # place in the alphabet of each ASCII character
_CODES[[ord(c) for c in ALPHABET]] = np.arange(len(ALPHABET))


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
        self._targets: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)

    def add_name(self, tokens: tuple[int, ...], name: int) -> None:
        """Let a name be found by these words."""
        self._targets[tokens].append(name)

    def add_identifiers(self, written: IdentifierTexts, starts: Array, tokens: Array) -> None:
        """Let identifiers be found by their words.

        Args:
            written: What `identifier_texts` gave: T texts.
            starts, tokens: The folded texts: T + 1 offsets, token ids.
        """
        bounds, flat = starts.tolist(), tokens.tolist()
        last = -1
        seen: set[tuple[int, ...]] = set()
        for number, (text, i, means) in enumerate(zip(written.texts, written.owners, written.telling, strict=True)):
            if i != last:
                last, seen = i, set()
            place = tuple(flat[bounds[number] : bounds[number + 1]])
            # Two spellings may fold alike; the first says whether it means somebody, and both say the same.
            if not place or place in seen or sum(map(str.isalnum, text)) < FIELD_LENGTH_MIN:
                continue
            seen.add(place)
            self._targets[place].append(IDENTIFIER_TARGET | (0 if means else IDENTIFIER_WEAK) | i)

    def flattened(self) -> dict[str, Array]:
        """Return the sections of the automaton.

        Nodes are numbered by depth, those of one depth by parent and letter: a failure link always leads to a lower
        number, and equal phrases give equal sections. A node's children stand in `children` from `node_children[node]`
        on, one for each bit of `node_masks[node]`, in the order of `ALPHABET`.
        """
        words = [spelled(phrase) for phrase in self._targets]
        pattern_starts = np.zeros(len(words) + 1, dtype=np.uint32)
        np.cumsum([len(targets) for targets in self._targets.values()], out=pattern_starts[1:])
        targets = np.asarray([target for found in self._targets.values() for target in found], dtype=np.uint32)
        if not words:
            nothing = np.zeros(1, dtype=np.uint32)
            return {
                "node_masks": nothing, "node_children": nothing, "node_fails": nothing, "node_outputs": nothing,
                "node_links": nothing, "children": np.empty(0, dtype=np.uint32), "pattern_starts": pattern_starts,
                "pattern_targets": targets,
            }  # fmt: skip
        automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        for word in words:
            automaton.add_word(word)
        automaton.make_automaton()
        nodes, edges, fails = automaton.dump()
        del automaton
        # The dump names nodes by their place in memory, which no two runs share.
        ids = np.sort(np.asarray([node for node, _ in nodes], dtype=np.int64))
        count = len(ids)
        source = np.searchsorted(ids, np.asarray([edge[0] for edge in edges], dtype=np.int64))
        letter = _CODES[np.frombuffer(b"".join([edge[1] for edge in edges]), dtype=np.uint8)]
        target = np.searchsorted(ids, np.asarray([edge[2] for edge in edges], dtype=np.int64))
        del nodes, edges
        by_source = np.lexsort((letter, source))
        letter, target = letter[by_source], target[by_source]
        firsts = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(source, minlength=count), out=firsts[1:])
        root = int(np.argmin(np.bincount(target, minlength=count)))  # nobody's child
        order, edge_order, levels = _breadth_first(firsts, target, root)
        rank = np.empty(count, dtype=np.int64)
        rank[order] = np.arange(count)
        # So numbered, the children of all nodes in turn are the nodes behind the root in turn.
        letter, target = letter[edge_order], np.arange(1, count)
        fanout = np.diff(firsts)[order]
        firsts = np.cumsum(fanout) - fanout
        source = np.repeat(np.arange(count), fanout)
        masks = np.bincount(source, weights=1 << letter, minlength=count).astype(np.uint32)
        fail = np.zeros(count, dtype=np.int64)
        fail[rank[np.searchsorted(ids, np.asarray([link[0] for link in fails], dtype=np.int64))]] = rank[
            np.searchsorted(ids, np.asarray([link[1] for link in fails], dtype=np.int64))
        ]
        fail[0] = 0
        outputs = self._outputs(words, source * len(ALPHABET) + letter, target, count)
        links = np.zeros(count, dtype=np.int64)
        for level in range(1, len(levels) - 1):
            here = slice(levels[level], levels[level + 1])
            links[here] = np.where(outputs[fail[here]] > 0, fail[here], links[fail[here]])
        return {
            "node_masks": masks, "node_children": firsts.astype(np.uint32), "node_fails": fail.astype(np.uint32),
            "node_outputs": outputs, "node_links": links.astype(np.uint32), "children": target.astype(np.uint32),
            "pattern_starts": pattern_starts, "pattern_targets": targets,
        }  # fmt: skip

    @staticmethod
    def _outputs(
        words: Sequence[str], edge_keys: npt.NDArray[np.int64], edge_targets: npt.NDArray[np.int64], count: int
    ) -> npt.NDArray[np.uint32]:
        """Walk every word from the root and write its number + 1 at its last node."""
        outputs = np.zeros(count, dtype=np.uint32)
        lengths = np.asarray([len(word) for word in words])
        for length in np.unique(lengths).tolist():
            chosen = np.flatnonzero(lengths == length)
            letters = _CODES[
                np.frombuffer("".join(words[i] for i in chosen.tolist()).encode(), dtype=np.uint8)
            ].reshape(-1, length)
            node = np.zeros(len(chosen), dtype=np.int64)
            for place in range(length):
                node = edge_targets[np.searchsorted(edge_keys, node * len(ALPHABET) + letters[:, place])]
            outputs[node] = chosen + 1
        return outputs


def _breadth_first(
    firsts: npt.NDArray[np.int64], children: npt.NDArray[np.int64], root: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[int]]:
    """Walk a tree of N nodes level by level.

    Args:
        firsts: N + 1 offsets into `children`: those of each node.
        children: Of all nodes, one after another.
        root: The node to begin with.

    Returns:
        (nodes in the order of the walk, places of `children` in that order, where each level begins and the last ends).
    """
    nodes = [np.asarray([root], dtype=np.int64)]
    places: list[npt.NDArray[np.int64]] = []
    levels = [0, 1]
    while True:
        begin = firsts[nodes[-1]]
        counts = firsts[nodes[-1] + 1] - begin
        total = int(counts.sum())
        if total == 0:
            return np.concatenate(nodes), np.concatenate([np.empty(0, dtype=np.int64), *places]), levels
        ends = np.cumsum(counts)
        places.append(np.arange(total) + np.repeat(begin - ends + counts, counts))
        nodes.append(children[places[-1]])
        levels.append(levels[-1] + total)
