"""The look-up tables of an index: what is known of words, packed names, pairs of words and of a word with an initial,
groups of words that mean the same or have the same consonants.

Made once, when an index is built; `sito_ext.matcher` reads them.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from libc.string cimport memcmp, memcpy, memset

from sito_ext.bones cimport BONE_READINGS_MAX, SKELETON_MIN, bare_skeleton, skeleton
from sito_ext.facts cimport (
    TRAIT_DAUGHTER,
    TRAIT_GIVEN,
    TRAIT_KNOWN,
    TRAIT_NUMBER,
    TRAIT_SON,
    TRAIT_SURNAME,
    TRAIT_VOWELLESS,
    FactsC,
    Knowledge,
    know,
)
from sito_ext.shapes cimport key_letters_of, letters_of
from sito_ext.types cimport byte_t, int32_t, large_free, large_room, min, ones, uint8_t, uint16_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport hash_bytes

from typing import NamedTuple

import numpy as np

from sito_ext.sorting import sorted_by_key

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    WORDS_AHEAD = 24               # words of names whose facts are fetched
    PAIRS_ROOM_MIN = 1 << 12
    FILTER_BITS = 12               # of the filter of pairs for each
    PAIRED_WORDS_MAX = 16
    ALL_PAIRS_MAX = 4              # a name of more words is found by pairs with one of its rarest
    RAREST = 3
    NAME_WORDS_MAX = 32
    ROLE_OTHER = 0
    ROLE_GIVEN = 1
    ROLE_FATHER = 3                # of two roles the sum says which they are
    PART_MAX = 16                  # words of a name that may be its surname or have an initial
    INITIAL_PAIRS_MAX = PART_MAX   # a surname with every other word at most


cdef struct PairWordC:             # a form as a word of a name
    uint32_t token
    uint32_t stand                 # the least token of its first group, or its own
    uint16_t value                 # weight times rarity
    uint8_t weight
    uint8_t traits
    uint8_t role
    uint8_t outline
    uint8_t size                   # letters
    byte_t head                    # first letter, as written
    byte_t letter                  # of the key

cdef struct PairsC:                # what names are found by
    uint64_t* keys
    uint32_t* names
    uint64_t count
    uint64_t room
    uint64_t key_room              # more than the other where there was no memory for names


class FormFacts(NamedTuple):
    """What is known of forms, see `form_facts`."""

    weights: object
    traits: object
    rarity: object
    groups: object


def form_facts(
    Knowledge knowledge not None, const uint32_t[::1] form_tokens not None,
    const uint32_t[::1] plain_starts not None, const byte_t[::1] plain not None,
    const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None, const uint8_t[::1] vowelless not None,
    uint32_t first, uint32_t after,
):
    """Say what is known of some of F forms, of each as a word of any name and then as one of a person's.

    Args:
        knowledge: The lexicon and the special words.
        form_tokens: The key of each form.
        plain_starts, plain: F + 1 offsets and the folded words.
        key_starts, keys: The vocabulary.
        vowelless: Of the forms, is it from a script without short vowels.
        first, after: Only forms from this one to before that one.

    Returns:
        Of those n forms (2 n weights in per cent uint8, 2 n traits uint8, 2 n rarities in quarter bits uint8, 2 n x 2
        groups uint16): of all, place 2 f is form f, place 2 f + 1 form f in a person's name.
    """
    cdef uint32_t form_count = after - first
    cdef uint32_t form, token, person, place
    cdef FactsC facts
    if first > after or after > <uint64_t> form_tokens.shape[0]:
        raise ValueError("no such forms")
    weights_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    traits_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    rarity_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    groups_array = np.empty((2 * <uint64_t> form_count, 2), dtype=np.uint16)
    cdef uint8_t[::1] weights = weights_array
    cdef uint8_t[::1] traits = traits_array
    cdef uint8_t[::1] rarity = rarity_array
    cdef uint16_t[:, ::1] groups = groups_array
    with nogil:
        for form in range(first, after):
            token = form_tokens[form]
            for person in range(2):
                know(
                    &knowledge.c_knowledge, &plain[plain_starts[form]], plain_starts[form + 1] - plain_starts[form],
                    &keys[key_starts[token]], key_starts[token + 1] - key_starts[token], 0, vowelless[form],
                    person != 0, &facts,
                )
                place = 2 * (form - first) + person
                weights[place] = facts.weight
                traits[place] = facts.traits
                rarity[place] = facts.rarity
                groups[place, 0] = facts.groups[0]
                groups[place, 1] = facts.groups[1]
    return FormFacts(weights_array, traits_array, rarity_array, groups_array)


def used_forms(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] words not None, const uint8_t[::1] kinds not None,
    uint32_t form_count,
):
    """Say which forms come in names, and in which.

    Args:
        name_starts, words: N + 1 offsets into the W forms of all names.
        kinds: What each of the N names is, see `pack_names`.
        form_count: How many forms there are.

    Returns:
        2 F uint8: is form f in any name but a person's (place 2 f), in a person's (place 2 f + 1).
    """
    cdef uint32_t name_count = <uint32_t> (name_starts.shape[0] - 1)
    cdef uint32_t name, i, person
    used_array = np.zeros(2 * <uint64_t> form_count, dtype=np.uint8)
    cdef uint8_t[::1] used = used_array
    with nogil:
        for name in range(name_count):
            person = kinds[name] & NAME_PERSON != 0
            for i in range(name_starts[name], name_starts[name + 1]):
                used[2 * words[i] + person] = 1
    return used_array


def pair_words(
    const uint32_t[::1] form_tokens not None, const uint32_t[::1] plain_starts not None,
    const byte_t[::1] plain not None, const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None,
    const uint8_t[::1] weights not None, const uint8_t[::1] traits not None, const uint8_t[::1] rarity not None,
    const uint16_t[:, ::1] groups not None, const uint32_t[::1] group_starts not None,
    const uint32_t[::1] group_tokens not None,
):
    """Gather what `make_pairs` asks of a form: it stands in one line of memory.

    Args:
        form_tokens, plain_starts, plain: Of F forms: key, and F + 1 offsets into their letters.
        key_starts, keys: The vocabulary.
        weights, traits, rarity, groups: Of 2 F places, see `form_facts`.
        group_starts, group_tokens: See `make_groups`.

    Returns:
        2 F records as bytes, uint8.
    """
    cdef uint64_t count = 2 * <uint64_t> form_tokens.shape[0], place
    cdef uint32_t token, size
    cdef PairWordC* c_word
    out_array = np.zeros(count * sizeof(PairWordC), dtype=np.uint8)
    cdef uint8_t[::1] out = out_array
    with nogil:
        for place in range(count):
            c_word = <PairWordC*> &out[place * sizeof(PairWordC)]
            token = form_tokens[place >> 1]
            size = plain_starts[(place >> 1) + 1] - plain_starts[place >> 1]
            c_word.token = token
            c_word.stand = token
            # A word that tells little is in no group, whoever else is.
            if groups[place, 0] and weights[place] >= INFORMATIVE_MIN:
                if group_starts[groups[place, 0]] < group_starts[groups[place, 0] + 1]:
                    c_word.stand = group_tokens[group_starts[groups[place, 0]]]
            c_word.value = <uint16_t> (<uint32_t> weights[place] * rarity[place])
            c_word.weight = weights[place]
            c_word.traits = traits[place]
            c_word.role = <uint8_t> role_of(traits[place])
            c_word.outline = <uint8_t> outline_of(key_head(keys, key_starts, token))
            c_word.size = <uint8_t> min(size, 255)
            c_word.head = plain[plain_starts[place >> 1]] if size else 0
            c_word.letter = keys[key_starts[token]] if key_starts[token + 1] > key_starts[token] else 0
    return out_array


def make_pairs(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] words not None, const uint8_t[::1] kinds not None,
    const uint8_t[::1] facts not None, const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None,
    uint32_t first_name, uint32_t after_name,
):
    """List by which words each name is found.

    A name's informative words are those that weigh at least half, all words if there are none. A name with one
    is found by it; one with two to four by every pair of them; a longer one by each pair with one of its three rarest
    words. Which are the rarest is known of the words themselves and never asked of the list, so that no name is found
    otherwise because another one is listed: by weight and rarity, then by key. A person's given name and patronymic
    make a pair only with the outline of another word, if there is one. A person is found by the surname with an
    initial besides, see `initial_pairs`, and one of two words by each with the outline of the other. Beside an outline
    a telling word also stands for all of its first group: then its place has the group's least token.

    Args:
        name_starts, words: N + 1 offsets into the forms of all names, at most 32 a name.
        kinds: What each of the N names is, see `pack_names`.
        facts: Of forms, see `pair_words`.
        key_starts, keys: The vocabulary.
        first_name, after_name: Only names from this one to before that one.

    Returns:
        (pair keys uint64, their names uint32, single tokens uint32, their names uint32), names rising.
    """
    cdef uint64_t place_count = facts.shape[0] // sizeof(PairWordC), word_count = words.shape[0]
    cdef const PairWordC* c_facts = <const PairWordC*> &facts[0] if facts.shape[0] else NULL
    cdef const PairWordC* c_words[NAME_WORDS_MAX]
    cdef const PairWordC* c_found[PAIRED_WORDS_MAX]
    cdef const byte_t* c_keys = &keys[0] if keys.shape[0] else NULL
    cdef PairsC pairs
    cdef PairsC singles
    cdef bint surnamed, person
    cdef uint32_t places[INITIAL_PAIRS_MAX]
    cdef uint32_t name, size, count, i, j, k, first
    cdef uint64_t word, ahead
    cdef byte_t letter
    if after_name >= <uint64_t> name_starts.shape[0] or first_name > after_name or kinds.shape[0] < after_name:
        raise ValueError("no such names")
    memset(&pairs, 0, sizeof(pairs))
    memset(&singles, 0, sizeof(singles))
    try:
        with nogil:
            for name in range(first_name, after_name):
                first = name_starts[name]
                size = name_starts[name + 1] - first
                if name_starts[name + 1] < first or name_starts[name + 1] > word_count or size > NAME_WORDS_MAX:
                    with gil:
                        raise ValueError("words of a name")
                person = kinds[name] & NAME_PERSON != 0
                for i in range(size):
                    ahead = first + i + WORDS_AHEAD
                    if ahead < word_count:
                        __builtin_prefetch(c_facts + 2 * <uint64_t> words[ahead])
                    word = 2 * <uint64_t> words[first + i] + person
                    if word >= place_count:
                        with gil:
                            raise ValueError("no such form")
                    c_words[i] = c_facts + word
                count = distinct_words(c_words, size, &key_starts[0], c_keys, c_found)
                if count == 1:
                    keep(&singles, c_found[0].token, name)
                if not person:
                    for i in range(count if count <= ALL_PAIRS_MAX else RAREST):
                        for j in range(i + 1, count):
                            keep(&pairs, pair_key(c_found[i].token, c_found[j].token), name)
                    continue
                surnamed = False
                for i in range(count):
                    # Facts are asked where the word stands first, which need not be where it tells most.
                    c_found[i] = c_words[place_of(c_words, size, c_found[i].token)]
                    surnamed = surnamed or c_found[i].role == ROLE_OTHER
                for i in range(count if count <= ALL_PAIRS_MAX else RAREST):
                    for j in range(i + 1, count):
                        # Given name and patronymic are the names of many, and nobody's without the surname.
                        if (
                            surnamed and c_found[i].role + c_found[j].role == ROLE_GIVEN + ROLE_FATHER
                            and c_found[i].role != c_found[j].role
                        ):
                            for k in range(count):
                                if c_found[k].role == ROLE_OTHER:
                                    keep_outline(&pairs, c_found[i], c_found[j], c_found[k].outline, name)
                            continue
                        keep(&pairs, pair_key(c_found[i].token, c_found[j].token), name)
                for i in range(2 if count == 2 else 0):
                    if c_found[i].role != ROLE_FATHER:
                        keep_outline(&pairs, c_found[i], NULL, c_found[1 - i].outline, name)
                count = initial_pairs(c_words, size, places)
                for i in range(count):
                    j = places[i] & 0xFF
                    letter = c_words[j].letter
                    if letter < c'a' or c_words[j].head < c'a':
                        continue
                    k = c_words[places[i] >> 8].token
                    keep(&pairs, pair_key(k, <uint32_t> INITIAL_TOKEN + letter - c'a'), name)
                    if c_words[j].head != letter:
                        keep(&pairs, pair_key(k, <uint32_t> INITIAL_TOKEN + c_words[j].head - c'a'), name)
        pair_keys, pair_names = taken(&pairs)
        single_tokens, single_names = taken(&singles)
    finally:
        give_back(&pairs)
        give_back(&singles)
    return pair_keys, pair_names, single_tokens.astype(np.uint32), single_names


cdef int more_room(PairsC* c_pairs) except -1 nogil:
    """Make room for as many pairs again."""
    cdef uint64_t before = c_pairs.room, room = 2 * before if before else PAIRS_ROOM_MIN
    cdef void* c_keys = large_room(c_pairs.keys, before * sizeof(uint64_t), room * sizeof(uint64_t))
    cdef void* c_names = NULL
    if c_keys != NULL:
        c_pairs.keys = <uint64_t*> c_keys
        c_pairs.key_room = room
        c_names = large_room(c_pairs.names, before * sizeof(uint32_t), room * sizeof(uint32_t))
    if c_names == NULL:
        with gil:
            raise MemoryError
    c_pairs.names = <uint32_t*> c_names
    c_pairs.room = room
    return 0


cdef inline int keep(PairsC* c_pairs, uint64_t key, uint32_t name) except -1 nogil:
    """Add a pair."""
    if c_pairs.count == c_pairs.room:
        more_room(c_pairs)
    c_pairs.keys[c_pairs.count] = key
    c_pairs.names[c_pairs.count] = name
    c_pairs.count += 1
    return 0


cdef void give_back(PairsC* c_pairs) noexcept nogil:
    large_free(c_pairs.keys, c_pairs.key_room * sizeof(uint64_t))
    large_free(c_pairs.names, c_pairs.room * sizeof(uint32_t))


cdef inline int keep_outline(
    PairsC* c_pairs, const PairWordC* c_left, const PairWordC* c_right, uint64_t code, uint32_t name,
) except -1 nogil:
    """Add a pair of words, or a word, that stand beside an outline, and their groups if they have any."""
    cdef uint32_t right = c_right.token if c_right != NULL else <uint32_t> NO_WORD
    cdef uint32_t stand = c_right.stand if c_right != NULL else <uint32_t> NO_WORD
    if code == 0:
        return 0
    keep(c_pairs, outline_key(c_left.token, right, code), name)
    if c_left.stand != c_left.token or stand != right:
        keep(c_pairs, outline_key(c_left.stand, stand, code), name)
    return 0


@cython.final
cdef class _Memory:
    """Much memory, shown to arrays and given back behind the last of them."""

    cdef void* _data
    cdef uint64_t _room
    cdef uint64_t _size

    def __cinit__(self):
        self._data = NULL
        self._room = self._size = 0

    def __dealloc__(self):
        large_free(self._data, self._room)

    def __getbuffer__(self, Py_buffer* c_buffer, int flags):
        PyBuffer_FillInfo(c_buffer, self, self._data, <Py_ssize_t> self._size, True, flags)


cdef object held(void** c_data, uint64_t room, uint64_t size, kind):
    """Return the first `size` bytes of what `large_room` has given as an array, which has it from now on."""
    cdef _Memory memory = _Memory()
    if size == 0:
        return np.empty(0, dtype=kind)
    memory._data = c_data[0]
    memory._room = room
    memory._size = size
    c_data[0] = NULL
    return np.frombuffer(memory, dtype=kind)


cdef object taken(PairsC* c_pairs):
    """Return keys and names as arrays, which have them from now on."""
    return (
        held(<void**> &c_pairs.keys, c_pairs.key_room * sizeof(uint64_t), c_pairs.count * sizeof(uint64_t), np.uint64),
        held(<void**> &c_pairs.names, c_pairs.room * sizeof(uint32_t), c_pairs.count * sizeof(uint32_t), np.uint32),
    )


cdef inline uint32_t key_head(const byte_t[::1] keys, const uint32_t[::1] key_starts, uint32_t token) noexcept nogil:
    """Return the first four letters of a key, the first lowest."""
    cdef uint32_t i, head = 0
    for i in range(key_starts[token], key_starts[token + 1]):
        if i - key_starts[token] == 4:
            break
        head |= <uint32_t> keys[i] << (8 * (i - key_starts[token]))
    return head


cdef inline uint32_t add_place(uint32_t* c_places, uint32_t filled, uint32_t i, uint32_t j) noexcept nogil:
    cdef uint32_t n, place = (i << 8) | j
    if i == j or filled == INITIAL_PAIRS_MAX:
        return filled
    for n in range(filled):
        if c_places[n] == place:
            return filled
    c_places[filled] = place
    return filled + 1


cdef uint32_t initial_pairs(
    const PairWordC* const* c_words, uint32_t count, uint32_t* c_places,
) noexcept nogil:
    """Say with which initials a person's name is found: twin of `sito.names.search.initial_pairs`.

    Writes `place of the surname << 8 | place of the other word`; returns how many, at most `INITIAL_PAIRS_MAX`.
    """
    cdef uint32_t parts[PART_MAX]
    cdef uint32_t surnames[PART_MAX]
    cdef uint32_t given[PART_MAX]
    cdef uint32_t part_count = 0, surname_count = 0, given_count = 0, i, j, filled = 0
    for i in range(count):
        # A word with a digit is no part of a person's name, and its first letter may be none.
        if (
            c_words[i].weight < INFORMATIVE_MIN or c_words[i].size < 2 or c_words[i].traits & TRAIT_NUMBER
            or part_count == PART_MAX
        ):
            continue
        parts[part_count] = i
        part_count += 1
        if c_words[i].traits & (TRAIT_SON | TRAIT_DAUGHTER):
            continue
        if c_words[i].traits & TRAIT_GIVEN:
            given[given_count] = i
            given_count += 1
        else:
            surnames[surname_count] = i
            surname_count += 1
    if part_count < 2:
        return 0
    if part_count == 2:
        filled = add_place(c_places, filled, parts[0], parts[1])
        filled = add_place(c_places, filled, parts[1], parts[0])
    elif surname_count == 1 and given_count:
        for i in range(given_count):
            filled = add_place(c_places, filled, surnames[0], given[i])
    else:
        for i in range(2):
            j = parts[part_count - 1] if i else parts[0]
            filled = add_place(c_places, filled, j, parts[0])
            filled = add_place(c_places, filled, j, parts[1])
            filled = add_place(c_places, filled, j, parts[part_count - 1])
    return filled


cdef inline bint rarer(
    uint32_t value, uint32_t token, uint32_t other_value, uint32_t other, const uint32_t* c_key_starts,
    const byte_t* c_keys,
) noexcept nogil:
    """Does a word stand before another one of the name: it says more, else its key is the less?"""
    cdef uint32_t size, other_size
    cdef int order
    if value != other_value:
        return value > other_value
    size = c_key_starts[token + 1] - c_key_starts[token]
    other_size = c_key_starts[other + 1] - c_key_starts[other]
    order = memcmp(c_keys + c_key_starts[token], c_keys + c_key_starts[other], min(size, other_size))
    return order < 0 if order else size < other_size


cdef uint32_t distinct_words(
    const PairWordC* const* c_words, uint32_t count, const uint32_t* c_key_starts, const byte_t* c_keys,
    const PairWordC** c_found,
) noexcept nogil:
    """Write the distinct informative words of a name, rarest first; at most `PAIRED_WORDS_MAX`.

    Twin of `sito.names.search.informative`. Of a word said twice that counts which says more.
    """
    cdef const PairWordC* c_word
    cdef uint32_t i, j, k, filled = 0
    cdef uint32_t least = 2 * INFORMATIVE_MIN
    while least:
        least -= INFORMATIVE_MIN
        for i in range(count):
            c_word = c_words[i]
            if c_word.weight < least:
                continue
            j = 0
            while j < filled and c_found[j].token != c_word.token:
                j += 1
            if j < filled:
                if c_found[j].value >= c_word.value:
                    continue
                filled -= 1        # it is put in again further ahead
                for k in range(j, filled):
                    c_found[k] = c_found[k + 1]
            j = 0
            while j < filled and not rarer(
                c_word.value, c_word.token, c_found[j].value, c_found[j].token, c_key_starts, c_keys
            ):
                j += 1
            if filled < PAIRED_WORDS_MAX:
                filled += 1
            elif j == filled:
                continue
            k = filled - 1
            while k > j:
                c_found[k] = c_found[k - 1]
                k -= 1
            c_found[j] = c_word
        if filled:
            break
    return filled


cdef inline uint32_t place_of(const PairWordC* const* c_words, uint32_t count, uint32_t token) noexcept nogil:
    """Say where in a name a token stands first."""
    cdef uint32_t i = 0
    while i + 1 < count and c_words[i].token != token:
        i += 1
    return i


cdef inline uint32_t role_of(uint8_t traits) noexcept nogil:
    """Say what part of a name a word is; an unknown one may be a surname with a father's ending (Смушкович)."""
    if traits & (TRAIT_SON | TRAIT_DAUGHTER) and traits & TRAIT_KNOWN:
        return ROLE_FATHER
    return ROLE_GIVEN if traits & TRAIT_GIVEN and not traits & TRAIT_SURNAME else ROLE_OTHER


def pack_names(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] words not None, const uint8_t[::1] kinds not None,
    const uint8_t[::1] factors not None, const uint32_t[::1] form_tokens not None,
    const uint32_t[::1] plain_starts not None, const byte_t[::1] plain not None,
    const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None,
    const uint8_t[::1] weights not None, const uint8_t[::1] traits not None,
    const uint8_t[::1] rarity not None, const uint16_t[:, ::1] groups not None, const uint8_t[::1] used not None,
):
    """Lay out the names, and the forms that they are made of, those of frequent words first.

    Names share their words: so what a candidate's words are stands in few lines of memory, most of which are near.

    A name is: number of words; what it is (`NAME_PERSON`, `NAME_LETTERS`); how many per cent a hit on it counts; for
    each word the place of its form in units of `FORM_UNIT` bytes (four bytes).

    A form is: the length of the folded word, the length of its key (single bytes), the letter sets of both (four bytes
    each, see `letters_of`), how many letters repeat, weight, traits, rarity (single bytes), two groups (two bytes
    each); the folded word; the key.

    Args:
        name_starts, words: N + 1 offsets into the forms of all names, at most 32 a name.
        kinds, factors: What each of the N names is, and how many per cent a hit on it counts.
        form_tokens, plain_starts, plain: Of F forms: key, and F + 1 offsets into their letters.
        key_starts, keys: The vocabulary.
        weights, traits, rarity, groups: Of forms, see `form_facts`.
        used: Of the 2 F places, does a name hold that one? See `used_forms`.

    Returns:
        (N + 1 offsets uint32, bytes of names uint8, bytes of forms uint8).

    Raises:
        OverflowError: The packed names have more than 4 GiB, or the forms more than 16 GiB.
    """
    cdef uint32_t name_count = <uint32_t> (name_starts.shape[0] - 1)
    cdef uint64_t used_count = 0, filled = 0, n, size, head
    cdef uint32_t name, i, token, letters, form, place, plain_size, key_size
    cdef byte_t* c_head
    places_array = np.flatnonzero(used).astype(np.uint32)
    # Token ids rise with frequency.
    order = np.asarray(form_tokens)[places_array >> 1] ^ np.uint32(0xFFFFFFFF)
    _, places_array = sorted_by_key(order.astype(np.uint64), places_array)
    cdef uint32_t[::1] places = places_array
    used_count = places.shape[0]
    where_array = np.zeros(used.shape[0], dtype=np.uint32)
    cdef uint32_t[::1] where = where_array
    with nogil:
        for n in range(used_count):
            form = places[n] >> 1
            size = FORM_HEAD + plain_starts[form + 1] - plain_starts[form] + (
                key_starts[form_tokens[form] + 1] - key_starts[form_tokens[form]]
            )
            if size <= FORM_LINE and filled % FORM_LINE + size > FORM_LINE:
                filled += FORM_LINE - filled % FORM_LINE
            where[places[n]] = <uint32_t> (filled // FORM_UNIT)
            filled += (size + FORM_UNIT - 1) // FORM_UNIT * FORM_UNIT
    if filled >> 34:
        raise OverflowError("more than 16 GiB of folded words")
    forms_array = np.zeros(filled, dtype=np.uint8)
    cdef byte_t[::1] out = forms_array
    with nogil:
        for n in range(used_count):
            place = places[n]
            form = place >> 1
            token = form_tokens[form]
            plain_size = plain_starts[form + 1] - plain_starts[form]
            key_size = key_starts[token + 1] - key_starts[token]
            c_head = &out[FORM_UNIT * <uint64_t> where[place]]
            c_head[0] = <byte_t> plain_size
            c_head[1] = <byte_t> key_size
            letters = letters_of(&plain[plain_starts[form]], plain_size)
            memcpy(c_head + 2, &letters, 4)
            c_head[10] = <byte_t> (plain_size - ones(letters))
            letters = key_letters_of(&keys[key_starts[token]], key_size)
            memcpy(c_head + 6, &letters, 4)
            c_head[11] = <byte_t> (key_size - ones(letters))
            c_head[12] = weights[place]
            c_head[13] = traits[place]
            c_head[14] = rarity[place]
            memcpy(c_head + 15, &groups[place, 0], 4)
            memcpy(c_head + FORM_HEAD, &plain[plain_starts[form]], plain_size)
            memcpy(c_head + FORM_HEAD + plain_size, &keys[key_starts[token]], key_size)
    size = NAME_HEAD * <uint64_t> name_count + FORM_PLACE * <uint64_t> words.shape[0]
    if size >> 32:
        raise OverflowError("more than 4 GiB of packed names")
    starts_array = np.empty(<uint64_t> name_count + 1, dtype=np.uint32)
    names_array = np.empty(size, dtype=np.uint8)
    cdef uint32_t[::1] starts = starts_array
    cdef byte_t[::1] packed = names_array
    with nogil:
        head = 0
        for name in range(name_count):
            starts[name] = <uint32_t> head
            packed[head] = <byte_t> (name_starts[name + 1] - name_starts[name])
            packed[head + 1] = kinds[name]
            packed[head + 2] = factors[name]
            head += NAME_HEAD
            for i in range(name_starts[name], name_starts[name + 1]):
                place = where[2 * words[i] + (kinds[name] & NAME_PERSON != 0)]
                memcpy(&packed[head], &place, FORM_PLACE)
                head += FORM_PLACE
        starts[name_count] = <uint32_t> head
    return starts_array, names_array, forms_array


def make_groups(
    const uint32_t[::1] tokens not None, const uint8_t[::1] weights not None, const uint8_t[::1] traits not None,
    const uint16_t[:, ::1] groups not None, const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None,
):
    """List the tokens of each group of words that mean the same, or have the same consonants.

    Words that cannot lead to a name are left out.

    Args:
        tokens, weights, traits, groups: Of W words.
        key_starts, keys: The vocabulary.

    Returns:
        (`GROUP_COUNT` + 1 offsets uint32, tokens uint32, rising in each group).
    """
    cdef uint64_t count = tokens.shape[0], i
    cdef uint64_t bare_count = 0, filled = 0
    cdef uint32_t side, number, bone_count = 0, start, length, boned = 0xFFFFFFFF
    cdef int32_t bare_length
    cdef uint64_t bone_hash, all_hash = 0
    cdef byte_t bones[128]
    cdef uint8_t between[129]
    for i in range(count):
        bare_count += traits[i] & TRAIT_VOWELLESS != 0
    members_array = np.empty(3 * count + BONE_READINGS_MAX * bare_count, dtype=np.uint64)
    cdef uint64_t[::1] members = members_array
    cdef uint64_t[::1] ordered
    with nogil:
        for i in range(count):
            for side in range(2):
                if groups[i, side] and weights[i] >= INFORMATIVE_MIN:
                    members[filled] = (<uint64_t> groups[i, side] << 32) | tokens[i]
                    filled += 1
            if weights[i] < INFORMATIVE_MIN or traits[i] & TRAIT_NUMBER:
                continue
            start = key_starts[tokens[i]]
            length = key_starts[tokens[i] + 1] - start
            if tokens[i] != boned:     # most words come twice, as any and as one of a person
                boned = tokens[i]
                bone_count = skeleton(&keys[start], length, bones, between)
                all_hash = hash_bytes(bones, bone_count) % BONE_GROUPS
            if bone_count >= SKELETON_MIN:
                members[filled] = ((BONES_OF_ALL + all_hash) << 32) | tokens[i]
                filled += 1
            for number in range(BONE_READINGS_MAX if traits[i] & TRAIT_VOWELLESS else 0):
                bare_length = bare_skeleton(&keys[start], length, number, bones, between)
                if bare_length < 0:
                    break
                if bare_length >= SKELETON_MIN:
                    bone_hash = hash_bytes(bones, <uint32_t> bare_length) % BONE_GROUPS
                    members[filled] = ((BONES_OF_VOWELLESS + bone_hash) << 32) | tokens[i]
                    filled += 1
    ordered, _ = sorted_by_key(members_array[:filled], np.zeros(filled, dtype=np.uint32))
    starts_array = np.empty(GROUP_COUNT + 1, dtype=np.uint32)
    found_array = np.empty(filled, dtype=np.uint32)
    cdef uint32_t[::1] starts = starts_array
    cdef uint32_t[::1] found = found_array
    with nogil:
        count = filled
        filled = 0
        i = 0
        for number in range(GROUP_COUNT + 1):
            starts[number] = <uint32_t> filled
            while i < count and ordered[i] >> 32 == number:
                if i == 0 or ordered[i] != ordered[i - 1]:
                    found[filled] = <uint32_t> ordered[i]
                    filled += 1
                i += 1
    return starts_array, found_array[:filled]


cdef uint8_t crowd_for(uint32_t pairs) noexcept nogil:
    """Return over how many lines of the filter, as a power of two, the pairs of a word spread."""
    cdef uint8_t crowd = 0
    while crowd < CROWD_MAX and (pairs >> crowd) > CROWD_PAIRS:
        crowd += 1
    return crowd


def make_pair_filter(const uint64_t[::1] slots not None, uint64_t plain_count, uint32_t token_count):
    """Make the filter of pairs without an outline.

    Few texts ask for outlines; in the filter they would blur the answers to all others.

    Args:
        slots: See `sito_ext.pairs`.
        plain_count: How many pairs without an outline these hold.
        token_count: Words of the vocabulary; tokens from there on stand for letters.

    Returns:
        (uint64 words of the filter of pairs; uint8 crowd of each token, see `filter_word`).
    """
    cdef uint64_t count = slots.shape[0] // 2, blocks, bits, word, i
    cdef uint32_t left, right, token
    pairs_array = np.zeros(token_count + 1, dtype=np.uint32)
    crowds_array = np.zeros(token_count + 1, dtype=np.uint8)
    blocks = (FILTER_BITS * plain_count) // (64 * FILTER_BLOCK) + 1
    filter_array = np.zeros(blocks * FILTER_BLOCK, dtype=np.uint64)
    cdef uint32_t[::1] pairs = pairs_array
    cdef uint8_t[::1] crowds = crowds_array
    cdef uint64_t[::1] filtered = filter_array
    with nogil:
        for i in range(count):
            if not has_outline(slots[2 * i]):  # as a free slot would have
                pairs[min(<uint32_t> (slots[2 * i] >> 32), token_count)] += 1
                pairs[min(<uint32_t> slots[2 * i], token_count)] += 1
        for token in range(token_count):
            crowds[token] = crowd_for(pairs[token])
        for i in range(count):
            if not has_outline(slots[2 * i]):
                left = <uint32_t> (slots[2 * i] >> 32)
                right = <uint32_t> slots[2 * i]
                word = filter_word(
                    left, crowd_of(&crowds[0], token_count, left), right, crowd_of(&crowds[0], token_count, right),
                    blocks, &bits,
                )
                filtered[word] |= bits
    return filter_array, crowds_array[:token_count]
