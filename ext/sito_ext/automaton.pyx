"""The phrase automaton of an index, laid out flat: a trie over token ids in base-16 digits, with failure links.

Aho and Corasick 1975. Nodes are numbered by depth, those of one depth by parent and letter: a failure link always leads
to a lower number, and equal phrases give equal sections. A node's children stand in `children` from
`node_children[node]` on, one for each bit of `node_masks[node]`, in the order of the letters. What it finds is held
against pyahocorasick by the tests.
"""

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

from sito_ext.types cimport ones, uint32_t, uint64_t

import numpy as np

cdef enum:
    LETTERS = 17                   # the separator and 16 digits
    DIGITS = 7


cdef inline uint32_t letter_of(uint32_t token, uint32_t place) noexcept nogil:
    """Return letter `place` of a token: the separator, then its digits, highest first."""
    return 1 + ((token >> (4 * (DIGITS - place))) & 15) if place else 0


def make_automaton(
    const uint32_t[::1] starts not None, const uint32_t[::1] tokens not None, const uint32_t[::1] targets not None,
):
    """Make the automaton of P phrases, of which several may be the same.

    Args:
        starts, tokens: P + 1 offsets into the tokens of all phrases, each at least one.
        targets: What each phrase leads to.

    Returns:
        The sections of the automaton by name. Patterns are numbered in the order in which they come first; the targets
        of each stand in the order of the phrases.

    Raises:
        ValueError: Offsets do not rise, or leave the tokens.
        OverflowError: The phrases have 2^32 letters or more.
    """
    cdef uint64_t phrase_count = targets.shape[0], room = 1 << 12, node_count = 1, i, n
    cdef uint32_t* c_children = NULL  # `LETTERS` a node, 0 none
    cdef uint32_t* c_patterns = NULL  # pattern + 1
    cdef void* c_more
    cdef uint32_t place, letter, node, child, following, parent, mask, pattern_count = 0
    cdef uint64_t head, filled
    if <uint64_t> starts.shape[0] != phrase_count + 1 or starts[0] != 0 or starts[phrase_count] != tokens.shape[0]:
        raise ValueError("starts do not fit the tokens")
    for i in range(phrase_count):
        if starts[i] >= starts[i + 1]:
            raise ValueError("starts must rise")
    patterns_array = np.empty(phrase_count, dtype=np.uint32)
    cdef uint32_t[::1] patterns = patterns_array  # of each phrase
    cdef uint32_t[::1] masks
    cdef uint32_t[::1] firsts
    cdef uint32_t[::1] fails
    cdef uint32_t[::1] outputs
    cdef uint32_t[::1] links
    cdef uint32_t[::1] order       # the old number of each new node
    cdef uint32_t[::1] parents     # new numbers
    cdef uint32_t[::1] letters
    try:
        c_children = <uint32_t*> malloc(room * LETTERS * sizeof(uint32_t))
        c_patterns = <uint32_t*> malloc(room * sizeof(uint32_t))
        if c_children == NULL or c_patterns == NULL:
            raise MemoryError
        memset(c_children, 0, LETTERS * sizeof(uint32_t))
        c_patterns[0] = 0
        with nogil:
            for i in range(phrase_count):
                node = 0
                for n in range(starts[i], starts[i + 1]):
                    if node_count + DIGITS + 1 > room:
                        if room >> 31:
                            with gil:
                                raise OverflowError("more than 2^32 letters of phrases")
                        room *= 2
                        c_more = realloc(c_children, room * LETTERS * sizeof(uint32_t))
                        if c_more == NULL:
                            with gil:
                                raise MemoryError
                        c_children = <uint32_t*> c_more
                        c_more = realloc(c_patterns, room * sizeof(uint32_t))
                        if c_more == NULL:
                            with gil:
                                raise MemoryError
                        c_patterns = <uint32_t*> c_more
                    for place in range(DIGITS + 1):
                        letter = letter_of(tokens[n], place)
                        child = c_children[<uint64_t> node * LETTERS + letter]
                        if child == 0:
                            child = <uint32_t> node_count
                            c_children[<uint64_t> node * LETTERS + letter] = child
                            memset(c_children + node_count * LETTERS, 0, LETTERS * sizeof(uint32_t))
                            c_patterns[node_count] = 0
                            node_count += 1
                        node = child
                if c_patterns[node] == 0:
                    pattern_count += 1
                    c_patterns[node] = pattern_count
                patterns[i] = c_patterns[node] - 1
        masks = masks_array = np.zeros(node_count, dtype=np.uint32)
        firsts = firsts_array = np.empty(node_count, dtype=np.uint32)
        fails = fails_array = np.zeros(node_count, dtype=np.uint32)
        outputs = outputs_array = np.zeros(node_count, dtype=np.uint32)
        links = links_array = np.zeros(node_count, dtype=np.uint32)
        order = np.zeros(node_count, dtype=np.uint32)
        parents = np.zeros(node_count, dtype=np.uint32)
        letters = np.zeros(node_count, dtype=np.uint32)
        with nogil:
            # Level by level: so numbered, the children of all nodes in turn are the nodes behind the root in turn.
            head = 0
            filled = 1
            while head < node_count:
                node = order[head]
                outputs[head] = c_patterns[node]
                firsts[head] = <uint32_t> filled - 1
                for letter in range(<uint32_t> LETTERS):
                    child = c_children[<uint64_t> node * LETTERS + letter]
                    if child:
                        masks[head] |= <uint32_t> 1 << letter
                        order[filled] = child
                        parents[filled] = <uint32_t> head
                        letters[filled] = letter
                        filled += 1
                head += 1
            for i in range(1, node_count):
                parent = parents[i]
                letter = letters[i]
                following = 0
                while parent and following == 0:
                    parent = fails[parent]
                    mask = masks[parent]
                    if (mask >> letter) & 1:
                        following = 1 + firsts[parent] + ones(mask & ((<uint32_t> 1 << letter) - 1))
                fails[i] = following
                links[i] = following if outputs[following] else links[following]
    finally:
        free(c_children)
        free(c_patterns)
    pattern_starts = np.zeros(pattern_count + 1, dtype=np.uint32)
    np.cumsum(np.bincount(patterns_array, minlength=pattern_count), out=pattern_starts[1:])
    return {
        "node_masks": masks_array, "node_children": firsts_array, "node_fails": fails_array,
        "node_outputs": outputs_array, "node_links": links_array,
        "children": np.arange(1, node_count, dtype=np.uint32), "pattern_starts": pattern_starts,
        "pattern_targets": np.asarray(targets)[np.argsort(patterns_array, kind="stable")],
    }
