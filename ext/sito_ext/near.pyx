"""The look-up of a text word: fold it, learn what is known of it, find the vocabulary words near it.

Nearly all of the time goes into waiting for memory, so the look-up is cut into steps, each of which fetches what the
next one reads: the steps of several words are taken in turn and their reads overlap. One word alone takes the same
steps. Twin: `sito.names.search.near`.
"""

from libc.string cimport memcmp

from sito_ext.bones cimport (
    BONE_READINGS_MAX,
    SKELETON_MIN,
    all_fitting,
    bare_skeleton,
    is_article,
    may_read,
    skeleton,
)
from sito_ext.facts cimport TRAIT_NUMBER, know, know_ahead, know_further
from sito_ext.fold cimport fold_token
from sito_ext.forms cimport BASE_LENGTH_MAX, BASES_MAX, bases_of
from sito_ext.readings cimport READS_OTHERWISE, strangeness
from sito_ext.shapes cimport INITIALS_MAX, InitialC, has_letter, take_initials, take_shape
from sito_ext.tables cimport (
    BONE_GROUPS,
    BONES_OF_ALL,
    BONES_OF_VOWELLESS,
    filter_word,
    mix,
    pair_key,
    scaled,
)
from sito_ext.types cimport int32_t
from sito_ext.vocabulary cimport (
    DISTANCE_SHIFT,
    TOKEN_COUNT_MAX,
    expand_filter,
    expand_finish,
    expand_gather,
    expand_narrow,
    expand_open,
    expand_start,
    find_exact,
    find_hashed,
    hash_bytes,
)

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    NO_TOKEN = 0xFFFFFFFF
    SPLITS_MAX = 6                 # ways in which one word may be two written together
    SPLIT_LENGTH_MIN = 5
    PART_LENGTH_MIN = 2
    MIDDLE_LENGTH_MAX = 4
    FETCHED_MAX = 4                # words of one group that are fetched ahead

# A .pxd cannot name a constant of another module as the size of an array.
if sizeof((<NearC*> NULL).base_hashes) != BASES_MAX * sizeof(hash_t) or (
    sizeof((<NearC*> NULL).bases) != BASES_MAX * BASE_LENGTH_MAX
) or sizeof((<NearC*> NULL).base_lengths) != BASES_MAX:
    raise ImportError("near.pxd has room for another number of bases than forms.pxd")


cdef void shape_of(
    const LookUpC* c, const byte_t* c_raw, uint32_t length, const WordC* c_word, ShapeC* c_shape,
) noexcept nogil:
    """Note all that is known of a text word."""
    cdef InitialC initials[INITIALS_MAX]
    cdef uint32_t i
    take_shape(c_word.plain, c_word.plain_length, c_word.key, c_word.key_length, c_shape)
    know(
        c.knowledge, c_word.plain, c_word.plain_length, c_word.key, c_word.key_length, c_word.letters,
        c_word.vowelless, False, &c_shape.facts,
    )
    c_shape.initial_count = <uint8_t> take_initials(c.fold_table, c_raw, length, c_word, initials)
    c_shape.capital = c_word.capitals > 0
    for i in range(c_shape.initial_count):
        # By itself Р beside a Latin N is an r, and C is a k.
        if not has_letter(c_shape.plain_letters, initials[i].plain) or not has_letter(
            c_shape.key_letters, initials[i].key
        ):
            c_shape.parted = True


cdef inline bint among(const uint32_t* c_near, uint32_t count, uint32_t token) noexcept nogil:
    cdef uint32_t i
    for i in range(count):
        if c_near[i] & (TOKEN_COUNT_MAX - 1) == token:
            return True
    return False


cdef void near_start(
    const LookUpC* c, const byte_t* c_raw, uint32_t length, uint8_t edits, NearC* c_near,
) noexcept nogil:
    """First step: fold a raw word and hash all that it may be found by.

    Words with other letters are looked up if `edits`, the most that they may need, is 1 or 2; for a word with a capital
    letter it is 1 at least. The bytes of `c_raw` must stay until `near_finish`.
    """
    cdef uint32_t i
    cdef WordC* c_word = &c_near.word
    c_near.raw = c_raw
    c_near.raw_length = length
    c_near.flags = 0
    c_near.edits = edits
    c_near.cut = False
    c_near.strange = strangeness(c_raw, length) if edits > 1 else <int8_t> READS_OTHERWISE
    c_near.exact = 0
    c_near.meant = 0
    c_near.sure = 0
    c_near.splits = 0
    c_near.shape.facts.weight = 0
    if not fold_token(c.fold_table, c_raw, length, c_word, &c_near.flags):
        c_word.key_length = 0      # no letter or digit: nothing is found, and its weight is 0
        return
    if edits == 0 and c_word.capitals:
        c_near.edits = 1
    c_near.key_hash = hash_bytes(c_word.key, c_word.key_length)
    c_near.plain_hash = hash_bytes(c_word.plain, c_word.plain_length)
    know_ahead(c.knowledge, c_near.key_hash, c_near.plain_hash)
    __builtin_prefetch(c.vocabulary.slots + (c_near.key_hash & c.vocabulary.slot_mask))
    c_near.base_count = bases_of(c_word.key, c_word.key_length, c_near.bases, c_near.base_lengths)
    for i in range(c_near.base_count):
        c_near.base_hashes[i] = hash_bytes(c_near.bases + BASE_LENGTH_MAX * i, c_near.base_lengths[i])
        __builtin_prefetch(c.vocabulary.slots + (c_near.base_hashes[i] & c.vocabulary.slot_mask))
    c_near.cuts = 0
    c_near.bone_count = 0
    if c_near.edits == 0:
        return
    expand_start(&c.vocabulary, c_word.key, c_word.key_length, c_near.edits, &c_near.expansion)
    for i in range(c_word.plain_length):
        if c_word.plain[i] <= c'9':
            return                 # a number is not put together from others
    if c_word.key_length >= SPLIT_LENGTH_MIN:
        c_near.cuts = c_word.key_length - PART_LENGTH_MIN + 1
        for i in range(PART_LENGTH_MIN, c_near.cuts):
            c_near.part_hashes[i] = hash_bytes(c_word.key, i)
            __builtin_prefetch(c.vocabulary.slots + (c_near.part_hashes[i] & c.vocabulary.slot_mask))
    if c_word.vowelless:           # what is fetched ahead is the first of several readings
        c_near.bone_count = <uint32_t> bare_skeleton(
            c_word.key, c_word.key_length, 0, c_near.bones, c_near.between
        )
    else:
        c_near.bone_count = skeleton(c_word.key, c_word.key_length, c_near.bones, c_near.between)
    if c_near.bone_count >= SKELETON_MIN:
        c_near.bone_group = <uint32_t> (hash_bytes(c_near.bones, c_near.bone_count) % BONE_GROUPS)
        c_near.bone_group += <uint32_t> BONES_OF_ALL if c_word.vowelless else <uint32_t> BONES_OF_VOWELLESS
        __builtin_prefetch(c.group_starts + c_near.bone_group)


cdef void near_filter(const LookUpC* c, NearC* c_near) noexcept nogil:
    """Second step."""
    if c_near.word.key_length == 0:
        return
    know_further(c.knowledge, c_near.key_hash, c_near.plain_hash)
    if c_near.edits == 0:
        return
    if c_near.bone_count >= SKELETON_MIN:
        __builtin_prefetch(c.group_tokens + c.group_starts[c_near.bone_group])
    expand_filter(&c.vocabulary, &c_near.expansion)


cdef void near_open(const LookUpC* c, NearC* c_near) noexcept nogil:
    """Third step."""
    cdef uint32_t i, side, count = 0
    if c_near.word.key_length == 0:
        return
    shape_of(c, c_near.raw, c_near.raw_length, &c_near.word, &c_near.shape)
    if c_near.edits == 0:
        return
    for side in range(2):
        if c_near.shape.facts.groups[side]:
            __builtin_prefetch(c.group_starts + c_near.shape.facts.groups[side])
    if c_near.bone_count >= SKELETON_MIN:
        for i in range(c.group_starts[c_near.bone_group], c.group_starts[c_near.bone_group + 1]):
            if count == FETCHED_MAX:
                break
            __builtin_prefetch(c.vocabulary.key_starts + c.group_tokens[i])
            count += 1
    expand_open(&c.vocabulary, &c_near.expansion)


cdef void near_gather(const LookUpC* c, NearC* c_near) noexcept nogil:
    """Fourth step."""
    cdef uint32_t i, side, token, count = 0
    if c_near.word.key_length == 0 or c_near.edits == 0:
        return
    for side in range(2):
        if c_near.shape.facts.groups[side]:
            __builtin_prefetch(c.group_tokens + c.group_starts[c_near.shape.facts.groups[side]])
    if c_near.bone_count >= SKELETON_MIN:
        for i in range(c.group_starts[c_near.bone_group], c.group_starts[c_near.bone_group + 1]):
            if count == FETCHED_MAX:
                break
            __builtin_prefetch(c.vocabulary.key_bytes + c.vocabulary.key_starts[c.group_tokens[i]])
            count += 1
    for i in range(PART_LENGTH_MIN, c_near.cuts):
        token = find_hashed(&c.vocabulary, c_near.part_hashes[i], c_near.word.key, i)
        c_near.part_tokens[i] = token
        if token != NO_TOKEN:
            c_near.part_hashes[i] = hash_bytes(c_near.word.key + i, c_near.word.key_length - i)
            __builtin_prefetch(c.vocabulary.slots + (c_near.part_hashes[i] & c.vocabulary.slot_mask))
    expand_gather(&c.vocabulary, &c_near.expansion)


cdef void near_narrow(const LookUpC* c, NearC* c_near) noexcept nogil:
    """Fifth step."""
    if c_near.word.key_length and c_near.edits:
        expand_narrow(&c.vocabulary, c_near.word.key, &c_near.expansion)


cdef uint32_t add_bony(
    const LookUpC* c, const byte_t* c_bones, int32_t bone_count, const uint8_t* c_between, uint32_t group, bint bare,
    const uint32_t* c_out, uint32_t first, uint32_t* c_special, uint32_t filled, bint* c_cut,
) noexcept nogil:
    """Add the vocabulary words with these consonants, and what stands between, to the special ones.

    Returns how many special ones there are then.

    Args:
        group: Where they stand.
        bare: Are the consonants those of a word written without vowels? Else only such words are added.
    """
    cdef byte_t other_bones[128]
    cdef uint8_t between[129]
    cdef uint32_t i, token, start, length, number
    cdef int32_t other_count
    for i in range(c.group_starts[group], c.group_starts[group + 1]):
        token = c.group_tokens[i]
        start = c.vocabulary.key_starts[token]
        length = c.vocabulary.key_starts[token + 1] - start
        if bare:
            other_count = <int32_t> skeleton(c.vocabulary.key_bytes + start, length, other_bones, between)
            if other_count != bone_count or memcmp(c_bones, other_bones, other_count) != 0:
                continue
            if not all_fitting(c_between, between, bone_count):
                continue
        else:
            if not may_read(c.vocabulary.key_bytes + start, length, c_bones, <uint32_t> bone_count):
                continue
            for number in range(<uint32_t> BONE_READINGS_MAX):
                other_count = bare_skeleton(c.vocabulary.key_bytes + start, length, number, other_bones, between)
                if other_count < 0 or (
                    other_count == bone_count and memcmp(c_bones, other_bones, other_count) == 0
                    and all_fitting(between, c_between, bone_count)
                ):
                    break
            else:
                continue
            if other_count < 0:
                continue
        if among(c_out, first, token) or among(c_special, filled, token):
            continue
        if filled == NEAR_SPECIAL_MAX:
            c_cut[0] = True
            break
        c_special[filled] = token
        filled += 1
    return filled


cdef bint paired(const LookUpC* c, uint32_t left, uint32_t right) noexcept nogil:
    """Is there a name that is found by these two words?"""
    cdef uint64_t key = pair_key(left, right), bits, slot, word
    word = filter_word(left, c.token_crowds[left], right, c.token_crowds[right], c.filter_blocks, &bits)
    if c.pair_filter[word] & bits != bits:
        return False
    slot = scaled(mix(key), c.pair_slot_count)
    while c.pair_slots[2 * slot] != key:
        if c.pair_slots[2 * slot] == ~(<uint64_t> 0):
            return False
        slot = slot + 1 if slot + 1 < c.pair_slot_count else 0
    return True


cdef uint32_t near_finish(const LookUpC* c, NearC* c_near, uint32_t* c_out) noexcept nogil:
    """Last step: write the vocabulary words near the text word as `distance << 30 | token`; returns how many.

    Those that are names by themselves are marked with `NEAR_SINGLE`, and all with their crowds.

    The word itself; then, as if at distance 1, the bases it may be a case form of, the words that mean the same and the
    words it may be written together from; then words with few other letters, nearest first. Without `edits` only the
    word and its bases. `c_out` has room for `EXPANSION_GATHER_MAX` and `NEAR_SPECIAL_MAX`.
    """
    cdef const WordC* c_word = &c_near.word
    cdef const ShapeC* c_shape = &c_near.shape
    cdef uint32_t special[NEAR_SPECIAL_MAX]
    cdef uint32_t count, i, j, side, group, token, filled = 0, first, kept, other
    cdef int32_t bone_count
    cdef byte_t bones[128]
    cdef uint8_t between[129]
    if c_word.key_length == 0:
        return 0
    if c_near.edits:
        count = expand_finish(&c.vocabulary, c_word.key, &c_near.expansion, c_out, &c_near.cut)
    else:
        c_out[0] = find_hashed(&c.vocabulary, c_near.key_hash, c_word.key, c_word.key_length)
        count = 0 if c_out[0] == NO_TOKEN else 1
    first = 1 if count and c_out[0] >> DISTANCE_SHIFT == 0 else 0
    c_near.exact = <uint8_t> first
    for i in range(c_near.base_count):
        token = find_hashed(
            &c.vocabulary, c_near.base_hashes[i], c_near.bases + BASE_LENGTH_MAX * i, c_near.base_lengths[i]
        )
        if token != NO_TOKEN and not among(c_out, first, token) and not among(special, filled, token):
            special[filled] = token
            filled += 1
    c_near.meant = <uint8_t> (first + filled)
    for side in range(2 if c_near.edits else 0):
        group = c_shape.facts.groups[side]
        if group == 0:
            continue
        for i in range(c.group_starts[group], c.group_starts[group + 1]):
            token = c.group_tokens[i]
            if among(c_out, first, token) or among(special, filled, token):
                continue
            if filled == NEAR_SPECIAL_MAX:
                c_near.cut = True
                break
            special[filled] = token
            filled += 1
    if c_word.vowelless and c_near.edits and not c_shape.facts.traits & TRAIT_NUMBER:
        for i in range(<uint32_t> BONE_READINGS_MAX):
            bone_count = bare_skeleton(c_word.key, c_word.key_length, i, bones, between)
            if bone_count < 0:
                break
            if bone_count >= SKELETON_MIN:
                group = <uint32_t> BONES_OF_ALL + <uint32_t> (hash_bytes(bones, <uint32_t> bone_count) % BONE_GROUPS)
                filled = add_bony(
                    c, bones, bone_count, between, group, True, c_out, first, special, filled, &c_near.cut
                )
    elif not c_word.vowelless and c_near.bone_count >= SKELETON_MIN:
        filled = add_bony(
            c, c_near.bones, <int32_t> c_near.bone_count, c_near.between, c_near.bone_group, False, c_out, first,
            special, filled, &c_near.cut,
        )
    for i in range(PART_LENGTH_MIN, c_near.cuts):
        token = c_near.part_tokens[i]
        if token == NO_TOKEN:
            continue
        # Two words, or three with a short one between. Nearly every word is three short ones: it must be an article, or
        # some name hold the others.
        for j in range(MIDDLE_LENGTH_MAX + 1):
            if i + j + PART_LENGTH_MIN > c_word.key_length:
                break
            if j:
                other = find_exact(&c.vocabulary, c_word.key + i + j, c_word.key_length - i - j)
            else:
                other = find_hashed(&c.vocabulary, c_near.part_hashes[i], c_word.key + i, c_word.key_length - i)
            if other == NO_TOKEN or other == token:
                continue
            if j and not (j == 2 and is_article(c_word.key + i)) and not paired(c, token, other):
                continue
            if c_near.splits == SPLITS_MAX or filled + 2 > NEAR_SPECIAL_MAX:
                c_near.cut = True
                break
            special[filled] = token
            special[filled + 1] = other
            filled += 2
            c_near.splits += 1
    if filled:
        # Near words that are special too are taken out, the rest moves up.
        kept = first
        for i in range(first, count):
            if not among(special, filled, c_out[i] & (TOKEN_COUNT_MAX - 1)):
                c_out[kept] = c_out[i]
                kept += 1
        count = kept
        i = count
        while i > first:
            i -= 1
            c_out[i + filled] = c_out[i]
        for i in range(filled):
            c_out[first + i] = (<uint32_t> 1 << DISTANCE_SHIFT) | special[i]
        count += filled
    c_near.sure = <uint8_t> (first + filled)
    for i in range(count):
        c_out[i] = marked(c, c_out[i])
    return count
