"""The sections of an index as the kernels read them: laid over mapped memory, refused if a number points outside."""

from libc.string cimport memcpy

from sito_ext.ends cimport END_COUNT
from sito_ext.shapes cimport NAME_WORDS_MAX
from sito_ext.tables cimport (
    CROWD_MAX,
    FILTER_BLOCK,
    FORM_HEAD,
    FORM_PLACE,
    FORM_UNIT,
    GROUP_COUNT,
    NAME_HEAD,
    crowd_of,
    filter_word,
    has_outline,
)
from sito_ext.types cimport byte_t, ones, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport TOKEN_COUNT_MAX, check_vocabulary

cdef enum:
    ALPHABET = 17                  # the separator and 16 digits


cdef int open_sections(dict sections, IndexC* c) except -1:
    """Point at every section, in lengths that agree; the arrays are to be kept as long as the pointers are used.

    Raises:
        ValueError: A section has another length than its neighbours call for; named after the section.
    """
    cdef uint64_t size
    cdef uint64_t tokens = need32(sections, "key_starts") - 1
    if tokens >= TOKEN_COUNT_MAX:
        raise ValueError("key_starts")
    c.look_up.vocabulary.token_count = <uint32_t> tokens
    c.look_up.vocabulary.key_starts = at32(sections, "key_starts", tokens + 1)
    c.look_up.vocabulary.key_bytes = at8(sections, "key_bytes", c.look_up.vocabulary.key_starts[tokens])
    c.look_up.vocabulary.key_places = at32(sections, "key_places", 2 * tokens)
    c.look_up.group_starts = at32(sections, "group_starts", GROUP_COUNT + 1)
    c.look_up.group_tokens = at32(sections, "group_tokens", c.look_up.group_starts[GROUP_COUNT])
    size = power(sections, "slots", 4)
    c.look_up.vocabulary.slots = at32(sections, "slots", size)
    c.look_up.vocabulary.slot_mask = size - 1
    size = power(sections, "bitmap", 8)
    c.look_up.vocabulary.bitmap = at64(sections, "bitmap", size)
    c.look_up.vocabulary.bitmap_mask = size - 1
    size = need32(sections, "bucket_starts") - 1
    if size == 0 or size & (size - 1):
        raise ValueError("bucket_starts")
    c.look_up.vocabulary.bucket_starts = at32(sections, "bucket_starts", size + 1)
    c.look_up.vocabulary.bucket_mask = size - 1
    c.look_up.vocabulary.bucket_tokens = at32(sections, "bucket_tokens", c.look_up.vocabulary.bucket_starts[size])
    c.look_up.vocabulary.ends.front_starts = at32(sections, "front_starts", END_COUNT + 1)
    c.look_up.vocabulary.ends.back_starts = at32(sections, "back_starts", END_COUNT + 1)
    size = c.look_up.vocabulary.ends.front_starts[END_COUNT]
    c.look_up.vocabulary.ends.front_sets = at32(sections, "front_sets", size)
    c.look_up.vocabulary.ends.front_tokens = at32(sections, "front_tokens", size)
    size = c.look_up.vocabulary.ends.back_starts[END_COUNT]
    c.look_up.vocabulary.ends.back_sets = at32(sections, "back_sets", size)
    c.look_up.vocabulary.ends.back_tokens = at32(sections, "back_tokens", size)
    cdef uint64_t names = need32(sections, "name_starts") - 1
    c.name_count = <uint32_t> names
    c.name_starts = at32(sections, "name_starts", names + 1)
    c.name_bytes = at8(sections, "name_bytes", c.name_starts[names])
    c.form_size = need8(sections, "form_bytes")
    c.form_bytes = at8(sections, "form_bytes", c.form_size)
    c.name_entries = at32(sections, "name_entries", names)
    c.single_starts = at32(sections, "single_starts", tokens + 1)
    c.look_up.single_starts = c.single_starts
    c.single_names = at32(sections, "single_names", c.single_starts[tokens])
    size = need64(sections, "pair_slots")
    if size & 1 or size < 2 or size >> 32:
        raise ValueError("pair_slots")
    c.pair_slots = at64(sections, "pair_slots", size)
    c.pair_slot_count = size >> 1
    c.look_up.pair_slots = c.pair_slots
    c.look_up.pair_slot_count = c.pair_slot_count
    c.pair_names = at32(sections, "pair_names", need32(sections, "pair_names"))
    size = need64(sections, "pair_filter")
    if size == 0 or size % FILTER_BLOCK or size >> 32:
        raise ValueError("pair_filter")
    c.pair_filter = at64(sections, "pair_filter", size)
    c.filter_blocks = size // FILTER_BLOCK
    c.look_up.pair_filter = c.pair_filter
    c.look_up.filter_blocks = c.filter_blocks
    c.look_up.token_crowds = at8(sections, "token_crowds", tokens)
    cdef uint64_t nodes = need32(sections, "node_masks")
    c.node_count = <uint32_t> nodes
    c.node_masks = at32(sections, "node_masks", nodes)
    c.node_children = at32(sections, "node_children", nodes)
    c.node_fails = at32(sections, "node_fails", nodes)
    c.node_outputs = at32(sections, "node_outputs", nodes)
    c.node_links = at32(sections, "node_links", nodes)
    c.children = at32(sections, "children", need32(sections, "children"))
    cdef uint64_t patterns = need32(sections, "pattern_starts") - 1
    c.pattern_starts = at32(sections, "pattern_starts", patterns + 1)
    c.pattern_targets = at32(sections, "pattern_targets", c.pattern_starts[patterns])
    cdef uint64_t identifiers = need32(sections, "identifier_entries")
    c.identifier_count = <uint32_t> identifiers
    c.identifier_entries = at32(sections, "identifier_entries", identifiers)
    c.entry_count = <uint32_t> (need32(sections, "entry_names") - 1)
    return 0


cdef int check_sections(dict sections, const IndexC* c) except -1:
    """Read every stored number once and refuse any that points outside its section.

    Raises:
        ValueError: Named after the section.
    """
    cdef int wrong
    cdef uint64_t patterns = need32(sections, "pattern_starts") - 1
    cdef uint64_t child_count = need32(sections, "children")
    cdef uint64_t pair_name_count = need32(sections, "pair_names")
    cdef uint64_t i, free_slots = 0
    cdef uint32_t token
    cdef uint32_t left, right
    cdef uint64_t word, bits
    with nogil:
        wrong = check_vocabulary(&c.look_up.vocabulary)
    if wrong:
        raise ValueError((
            "", "key_starts", "slots", "bucket_starts", "bucket_tokens", "key_bytes", "key_places", "bitmap",
            "front_starts", "back_starts",
        )[wrong])
    for i in range(c.look_up.vocabulary.token_count):
        if c.look_up.token_crowds[i] > CROWD_MAX:
            raise ValueError("token_crowds")
    if not all_rising(c.name_starts, c.name_count):
        raise ValueError("name_starts")
    if not all_rising(c.single_starts, c.look_up.vocabulary.token_count):
        raise ValueError("single_starts")
    if not all_rising(c.look_up.group_starts, GROUP_COUNT):
        raise ValueError("group_starts")
    if not all_below(c.look_up.group_tokens, c.look_up.group_starts[GROUP_COUNT], c.look_up.vocabulary.token_count):
        raise ValueError("group_tokens")
    if not all_rising(c.pattern_starts, patterns):
        raise ValueError("pattern_starts")
    if not all_packed(c):
        raise ValueError("name_bytes")
    if not all_below(c.name_entries, c.name_count, c.entry_count):
        raise ValueError("name_entries")
    with nogil:
        for i in range(c.single_starts[c.look_up.vocabulary.token_count]):
            if c.single_names[i] & <uint32_t> SINGLE_NAME >= c.name_count:
                wrong = 1
    if wrong:
        raise ValueError("single_names")
    if not all_below(c.pair_names, pair_name_count, c.name_count):
        raise ValueError("pair_names")
    if not all_below(c.identifier_entries, c.identifier_count, c.entry_count):
        raise ValueError("identifier_entries")
    with nogil:
        wrong = 0
        for i in range(c.pair_slot_count):
            if c.pair_slots[2 * i] == ~(<uint64_t> 0):
                free_slots += 1
            elif (c.pair_slots[2 * i + 1] >> 24) + (c.pair_slots[2 * i + 1] & 0xFFFFFF) > pair_name_count:
                wrong = 1
            elif not has_outline(c.pair_slots[2 * i]):
                # A pair that its filter does not know would never be found.
                left = <uint32_t> (c.pair_slots[2 * i] >> 32)
                right = <uint32_t> c.pair_slots[2 * i]
                word = filter_word(
                    left, crowd_of(c.look_up.token_crowds, c.look_up.vocabulary.token_count, left),
                    right, crowd_of(c.look_up.token_crowds, c.look_up.vocabulary.token_count, right),
                    c.filter_blocks, &bits,
                )
                if c.pair_filter[word] & bits != bits:
                    wrong = 4
        for i in range(c.node_count):
            if (
                c.node_masks[i] >> ALPHABET
                or <uint64_t> c.node_children[i] + ones(c.node_masks[i]) > child_count
                or c.node_fails[i] >= c.node_count or c.node_links[i] >= c.node_count
                or c.node_outputs[i] > patterns
                # Links run towards the root: that ends every walk along them.
                or (i > 0 and (c.node_fails[i] >= i or c.node_links[i] >= i))
                # A walk along links stops at nodes with an output only, and there is none to follow at the root.
                or (c.node_links[i] > 0 and (i == 0 or c.node_outputs[c.node_links[i]] == 0))
            ):
                wrong = 2
        for i in range(child_count):
            if c.children[i] >= c.node_count:
                wrong = 2
        for i in range(c.pattern_starts[patterns]):
            token = c.pattern_targets[i]
            if token & <uint32_t> IDENTIFIER_TARGET:
                if token & <uint32_t> IDENTIFIER_MASK >= c.identifier_count:
                    wrong = 3
            elif token >= c.name_count:
                wrong = 3
    if free_slots == 0 or wrong == 1:
        raise ValueError("pair_slots")
    if wrong == 4:
        raise ValueError("pair_filter")
    if wrong == 2:
        raise ValueError("node_masks")
    if wrong == 3:
        raise ValueError("pattern_targets")
    return 0


# All of an index is read: other threads go on meanwhile.
cdef bint all_rising(const uint32_t* c_values, uint64_t count) noexcept:
    cdef bint fine
    with nogil:
        fine = rising(c_values, count)
    return fine


cdef bint all_packed(const IndexC* c) noexcept:
    cdef bint fine
    with nogil:
        fine = packed(c)
    return fine


cdef bint all_below(const uint32_t* c_values, uint64_t count, uint64_t limit) noexcept:
    cdef bint fine
    with nogil:
        fine = below(c_values, count, limit)
    return fine


cdef bint rising(const uint32_t* c_values, uint64_t count) noexcept nogil:
    cdef uint64_t i
    if c_values[0] != 0:
        return False
    for i in range(count):
        if c_values[i] > c_values[i + 1]:
            return False
    return True


cdef bint packed(const IndexC* c) noexcept nogil:
    """Does every name fill exactly its own bytes, and is every form that it names a whole one?"""
    cdef uint32_t name, i, n, count, place
    cdef uint64_t at
    cdef const byte_t* c_head
    cdef const byte_t* c_word
    for name in range(c.name_count):
        if c.name_starts[name + 1] - c.name_starts[name] < NAME_HEAD:
            return False
        c_head = c.name_bytes + c.name_starts[name]
        count = c_head[0]
        if count > NAME_WORDS_MAX or c_head[2] > 100:
            return False
        if c.name_starts[name + 1] - c.name_starts[name] != NAME_HEAD + FORM_PLACE * count:
            return False
        for i in range(count):
            memcpy(&place, c_head + NAME_HEAD + FORM_PLACE * i, FORM_PLACE)
            at = FORM_UNIT * <uint64_t> place
            if at + FORM_HEAD > c.form_size:
                return False
            c_word = c.form_bytes + at
            # Of 100 per cent at most: a score above 1 would be no score.
            if not 1 <= c_word[0] <= 64 or not 1 <= c_word[1] <= 128 or c_word[12] > 100:
                return False
            if at + FORM_HEAD + c_word[0] + c_word[1] > c.form_size:
                return False
            for n in range(<uint32_t> FORM_HEAD, <uint32_t> FORM_HEAD + c_word[0] + c_word[1]):
                if c_word[n] >= 128:
                    return False
    return True


cdef bint below(const uint32_t* c_values, uint64_t count, uint64_t limit) noexcept nogil:
    cdef uint64_t i
    for i in range(count):
        if c_values[i] >= limit:
            return False
    return True


cdef const uint8_t* at8(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint8_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef const uint32_t* at32(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint32_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef const uint64_t* at64(dict sections, str name, uint64_t size) except? NULL:
    cdef const uint64_t[::1] view = sections[name]
    if <uint64_t> view.shape[0] != size:
        raise ValueError(name)
    return &view[0] if size else NULL


cdef uint64_t need32(dict sections, str name) except 0xFFFFFFFFFFFFFFFF:
    cdef const uint32_t[::1] view = sections[name]
    if view.shape[0] == 0 and name.endswith("_starts"):
        raise ValueError(name)
    return view.shape[0]


cdef uint64_t need8(dict sections, str name) except 0xFFFFFFFFFFFFFFFF:
    cdef const uint8_t[::1] view = sections[name]
    return view.shape[0]


cdef uint64_t need64(dict sections, str name) except 0xFFFFFFFFFFFFFFFF:
    cdef const uint64_t[::1] view = sections[name]
    if view.shape[0] == 0:
        raise ValueError(name)
    return view.shape[0]


cdef uint64_t power(dict sections, str name, int width) except 0:
    """Length of a section that must be a power of two."""
    cdef uint64_t size = need32(sections, name) if width == 4 else need64(sections, name)
    if size == 0 or size & (size - 1):
        raise ValueError(name)
    return size
