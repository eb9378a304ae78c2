"""Names and identifiers that the phrase automaton of an index finds in a text."""

from sito_ext.candidates cimport propose
from sito_ext.hits cimport add_hit
from sito_ext.near cimport NEAR_STARTS
from sito_ext.sections cimport GONE, IDENTIFIER_MASK, IDENTIFIER_TARGET, IDENTIFIER_WEAK, IndexC, rank_of
from sito_ext.types cimport ones, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport DISTANCE_SHIFT, TOKEN_COUNT_MAX
from sito_ext.workspace cimport MODE_IDENTIFIER, Workspace

cdef double IDENTIFIER_SCORE = 0.99


cdef inline uint32_t child_of(const IndexC* c, uint32_t node, uint32_t letter) noexcept nogil:
    """Return the child of a node by letter 0..16, 0 if there is none (the root is nobody's child)."""
    cdef uint32_t mask = c.node_masks[node]
    if not (mask >> letter) & 1:
        return 0
    return c.children[c.node_children[node] + ones(mask & ((<uint32_t> 1 << letter) - 1))]


cdef inline uint32_t step(const IndexC* c, uint32_t node, uint32_t letter) noexcept nogil:
    cdef uint32_t following = child_of(c, node, letter)
    while following == 0 and node:
        node = c.node_fails[node]
        following = child_of(c, node, letter)
    return following


cdef inline uint32_t spell(const IndexC* c, uint32_t node, uint32_t token) noexcept nogil:
    """Return the node that a token leads to: a separator and seven base-16 digits."""
    cdef uint32_t digit
    node = step(c, node, 0)
    for digit in range(7):
        if node == 0:
            break
        node = step(c, node, 1 + ((token >> (24 - 4 * digit)) & 15))
    return node


cdef uint32_t mark_start(const IndexC* c, uint32_t near) noexcept nogil:
    """Return the first near word of a text word, marked with `NEAR_STARTS` if it is the word and begins a phrase."""
    if near >> DISTANCE_SHIFT or c.node_count <= 1 or spell(c, 0, near & (TOKEN_COUNT_MAX - 1)) == 0:
        return near
    return near | NEAR_STARTS


cdef int scan_phrases(
    const IndexC* c, Workspace work, uint32_t count, bint free_text, int mode, uint32_t item, uint64_t first_hit,
    double score_min, uint8_t* c_flags,
) noexcept nogil:
    """Run the phrase automaton over the exact token ids."""
    cdef uint32_t node = 0, i, near, end_node, pattern, place, target, words, entry
    if c.node_count <= 1:
        return 0
    for i in range(count):
        near = work.near[work.texts[i].first] if work.texts[i].count else 0
        # A word that begins no phrase leads nowhere from the root.
        if work.texts[i].count == 0 or near >> DISTANCE_SHIFT or (node == 0 and not near & NEAR_STARTS):
            node = 0
            continue
        node = spell(c, node, near & (TOKEN_COUNT_MAX - 1))
        end_node = node if node and c.node_outputs[node] else c.node_links[node]
        while end_node:
            pattern = c.node_outputs[end_node] - 1
            for place in range(c.pattern_starts[pattern], c.pattern_starts[pattern + 1]):
                target = c.pattern_targets[place]
                if target & <uint32_t> IDENTIFIER_TARGET:
                    if target & <uint32_t> IDENTIFIER_WEAK and mode != MODE_IDENTIFIER:
                        continue
                    target &= ~<uint32_t> IDENTIFIER_WEAK
                    entry = rank_of(c, c.identifier_entries[target & <uint32_t> IDENTIFIER_MASK])
                    if entry != GONE and score_min <= IDENTIFIER_SCORE and add_hit(
                        work, first_hit, item, target, entry, i, i + 1, IDENTIFIER_SCORE, c_flags
                    ) < 0:
                        return -1
                elif free_text and mode != MODE_IDENTIFIER:
                    words = c.name_bytes[c.name_starts[target]]
                    propose(c, work, target, i + 1 - words if words <= i + 1 else 0, i, True, c_flags)
            end_node = c.node_links[end_node]
    return 0
