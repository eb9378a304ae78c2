"""The flat phrase automaton: it finds what pyahocorasick finds, and equal phrases give equal sections."""

from __future__ import annotations

import ahocorasick
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sito.phrases import ALPHABET, Phrases, spelled

PHRASES = st.lists(st.lists(st.sampled_from([0, 1, 2, 17, 300, (1 << 23) - 1]), min_size=1, max_size=5), max_size=12)


def flat(phrases: list[list[int]]) -> dict[str, list[int]]:
    found = Phrases()
    for name, phrase in enumerate(phrases):
        found.add_name(tuple(phrase), name)
    return {section: values.tolist() for section, values in found.flattened().items()}


def scanned(sections: dict[str, list[int]], text: str) -> list[tuple[int, int]]:
    """Return (place of the last letter, pattern) of all that the flat automaton finds."""
    found = []
    node = 0
    for place, letter in enumerate(text):
        bit = 1 << ALPHABET.index(letter)
        while node and not sections["node_masks"][node] & bit:
            node = sections["node_fails"][node]
        if sections["node_masks"][node] & bit:
            child = (sections["node_masks"][node] & (bit - 1)).bit_count()
            node = sections["children"][sections["node_children"][node] + child]
        end = node
        while end:
            if sections["node_outputs"][end]:
                found.append((place, sections["node_outputs"][end] - 1))
            end = sections["node_links"][end]
    return sorted(found)


@given(PHRASES, st.lists(st.sampled_from([0, 1, 2, 3, 17, 300, (1 << 23) - 1]), max_size=20))
@example([], [1, 2])
@example([[1, 2, 17], [2, 17], [17], [1, 2, 17]], [0, 1, 2, 17, 2, 17])
def test_it_finds_what_its_maker_finds(phrases: list[list[int]], words: list[int]) -> None:
    sections = flat(phrases)
    oracle = ahocorasick.Automaton()
    for number, phrase in enumerate(dict.fromkeys(map(tuple, phrases))):
        oracle.add_word(spelled(phrase), number)
    expected: list[tuple[int, int]] = []
    if phrases:
        oracle.make_automaton()
        expected = sorted(oracle.iter(spelled(words))) if words else []
    assert scanned(sections, spelled(words)) == expected


@given(PHRASES)
def test_nodes_are_numbered_by_depth_and_nothing_else(phrases: list[list[int]]) -> None:
    sections = flat(phrases)
    kept = [ahocorasick.Automaton() for _ in range(5)]  # moves what is made next to other places in memory
    assert flat(phrases) == sections
    assert len(kept) == 5
    assert sections["children"] == list(range(1, len(sections["node_masks"])))
    assert all(fail < max(node, 1) for node, fail in enumerate(sections["node_fails"]))
    assert np.all(np.diff(sections["node_children"]) >= 0)
