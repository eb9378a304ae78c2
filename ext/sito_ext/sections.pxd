"""The sections of an index for other native modules."""

from libc.string cimport memcpy

from sito_ext.near cimport LookUpC
from sito_ext.shapes cimport NameWordC, ShapeC, edits_of, head_of
from sito_ext.tables cimport FORM_HEAD, FORM_PLACE, FORM_UNIT, NAME_HEAD
from sito_ext.types cimport byte_t, uint32_t, uint64_t

cdef enum:
    SINGLE_MORE = 1 << 31
    SINGLE_NAME = 0x7FFFFFFF
    IDENTIFIER_TARGET = 1 << 31
    IDENTIFIER_WEAK = 1 << 30      # too short to mean anything in free text
    IDENTIFIER_MASK = (1 << 30) - 1
    GONE = 0xFFFFFFFF              # rank of an entry that a delta took out

cdef struct IndexC:
    LookUpC look_up
    uint32_t name_count
    uint32_t entry_count
    uint32_t identifier_count
    const uint32_t* name_starts
    const byte_t* name_bytes       # see `pack_names`
    const byte_t* form_bytes
    uint64_t form_size
    const uint32_t* name_entries
    const uint32_t* single_starts
    const uint32_t* single_names   # with `SINGLE_MORE` above if they have other words
    uint64_t pair_slot_count
    const uint64_t* pair_slots     # key, start << 24 | count
    const uint32_t* pair_names
    uint64_t filter_blocks
    const uint64_t* pair_filter    # see `filter_word`
    uint32_t node_count
    const uint32_t* node_masks
    const uint32_t* node_children
    const uint32_t* node_fails
    const uint32_t* node_outputs   # pattern + 1
    const uint32_t* node_links     # next node on the suffix chain that has an output, 0 none
    const uint32_t* children
    const uint32_t* pattern_starts
    const uint32_t* pattern_targets
    const uint32_t* identifier_entries
    # Only where a delta lies over the index, else NULL: the place of each entry among those in force, `GONE` if it is
    # none of them, and one bit for each name whose entry is gone.
    const uint32_t* entry_ranks
    const uint64_t* gone_names


cdef inline uint32_t rank_of(const IndexC* c, uint32_t entry) noexcept nogil:
    return entry if c.entry_ranks == NULL else c.entry_ranks[entry]


cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil


cdef inline void fetch_words(const IndexC* c, uint32_t name) noexcept nogil:
    """Fetch what `name_words_of` reads of the words of a name."""
    cdef const byte_t* c_head = c.name_bytes + c.name_starts[name]
    cdef uint32_t i, place
    for i in range(c_head[0]):
        memcpy(&place, c_head + NAME_HEAD + FORM_PLACE * i, FORM_PLACE)
        __builtin_prefetch(c.form_bytes + FORM_UNIT * <uint64_t> place)


cdef inline uint32_t name_words_of(const IndexC* c, uint32_t name, NameWordC* c_words) noexcept nogil:
    """Point at the words of a listed name; returns how many, at most `NAME_WORDS_MAX`."""
    cdef const byte_t* c_head = c.name_bytes + c.name_starts[name]
    cdef const byte_t* c_word
    cdef uint32_t count = c_head[0], i, place
    cdef ShapeC* c_shape
    for i in range(count):
        memcpy(&place, c_head + NAME_HEAD + FORM_PLACE * i, FORM_PLACE)
        c_word = c.form_bytes + FORM_UNIT * <uint64_t> place
        c_shape = &c_words[i].shape
        c_words[i].plain = c_word + FORM_HEAD
        c_shape.plain_length = c_word[0]
        c_shape.key_length = c_word[1]
        memcpy(&c_shape.plain_letters, c_word + 2, 4)
        memcpy(&c_shape.key_letters, c_word + 6, 4)
        c_shape.plain_more = c_word[10]
        c_shape.key_more = c_word[11]
        c_shape.edits = edits_of(c_shape.key_length)
        c_shape.facts.weight = c_word[12]
        c_shape.facts.traits = c_word[13]
        c_shape.facts.rarity = c_word[14]
        memcpy(c_shape.facts.groups, c_word + 15, 4)
        c_shape.plain_head = head_of(c_words[i].plain, c_word[0])
        c_shape.initial_count = c_word[0] == 1 and c_words[i].plain[0] > c'9'
        c_shape.capital = True
        c_words[i].key = c_words[i].plain + c_word[0]
        c_shape.key_head = head_of(c_words[i].key, c_word[1])
    return count


cdef int open_sections(dict sections, IndexC* c) except -1

cdef int check_sections(dict sections, const IndexC* c) except -1
