"""The look-up tables of an index: what is known of words, packed names, pairs of words and of a word with an initial,
groups of words that mean the same or have the same consonants.

Made once, when an index is built; `sito_ext.matcher` reads them.
"""

from libc.string cimport memcmp, memcpy

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
from sito_ext.types cimport byte_t, hash_t, int32_t, min, ones, uint8_t, uint16_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport hash_bytes

from typing import NamedTuple

import numpy as np

from sito_ext.sorting import sorted_by_key

cdef extern from *:
    void __builtin_prefetch(const void*) noexcept nogil

cdef enum:
    KEYS_AHEAD = 24                # keys of pairs whose slots are fetched
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


class FormFacts(NamedTuple):
    """What is known of forms, see `form_facts`."""

    weights: object
    traits: object
    rarity: object
    groups: object


class Spread(NamedTuple):
    """What is known of the words of names, see `spread_forms`."""

    tokens: object
    weights: object
    traits: object
    rarity: object
    groups: object
    plain_starts: object
    plain: object
    used: object

    def plains(self, name):
        """Return the folded words of a name."""
        return self.plain[self.plain_starts[name]:self.plain_starts[name + 1]].tobytes().decode("ascii").split()


def form_facts(
    Knowledge knowledge not None, const uint32_t[::1] form_tokens not None,
    const uint32_t[::1] plain_starts not None, const byte_t[::1] plain not None,
    const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None, const uint8_t[::1] vowelless not None,
):
    """Say what is known of F forms, of each as a word of any name and then as one of a person's.

    Args:
        knowledge: The lexicon and the special words.
        form_tokens: The key of each form.
        plain_starts, plain: F + 1 offsets and the folded words.
        key_starts, keys: The vocabulary.
        vowelless: Of the forms, is it from a script without short vowels.

    Returns:
        (2 F weights in per cent uint8, 2 F traits uint8, 2 F rarities in quarter bits uint8, 2 F x 2 groups uint16):
        place 2 f is form f, place 2 f + 1 form f in a person's name.
    """
    cdef uint32_t form_count = <uint32_t> form_tokens.shape[0]
    cdef uint32_t form, token, person
    cdef FactsC facts
    weights_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    traits_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    rarity_array = np.empty(2 * <uint64_t> form_count, dtype=np.uint8)
    groups_array = np.empty((2 * <uint64_t> form_count, 2), dtype=np.uint16)
    cdef uint8_t[::1] weights = weights_array
    cdef uint8_t[::1] traits = traits_array
    cdef uint8_t[::1] rarity = rarity_array
    cdef uint16_t[:, ::1] groups = groups_array
    with nogil:
        for form in range(form_count):
            token = form_tokens[form]
            for person in range(2):
                know(
                    &knowledge.c_knowledge, &plain[plain_starts[form]], plain_starts[form + 1] - plain_starts[form],
                    &keys[key_starts[token]], key_starts[token + 1] - key_starts[token], 0, vowelless[form],
                    person != 0, &facts,
                )
                weights[2 * form + person] = facts.weight
                traits[2 * form + person] = facts.traits
                rarity[2 * form + person] = facts.rarity
                groups[2 * form + person, 0] = facts.groups[0]
                groups[2 * form + person, 1] = facts.groups[1]
    return FormFacts(weights_array, traits_array, rarity_array, groups_array)


def spread_forms(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] words not None, const uint8_t[::1] kinds not None,
    const uint32_t[::1] form_tokens not None, const uint32_t[::1] plain_starts not None,
    const byte_t[::1] plain not None, const uint8_t[::1] weights not None, const uint8_t[::1] traits not None,
    const uint8_t[::1] rarity not None, const uint16_t[:, ::1] groups not None,
):
    """Write what is known of forms beside each word of N names that has one.

    Args:
        name_starts, words: N + 1 offsets into the W forms of all names.
        kinds: What each of the N names is, see `pack_names`.
        form_tokens, plain_starts, plain: Of F forms: key and letters.
        weights, traits, rarity, groups: Of forms, see `form_facts`.

    Returns:
        (W tokens uint32, W weights uint8, W traits uint8, W rarities uint8, W x 2 groups uint16, N + 1 offsets uint32
        of the folded words of names, those words with single blanks between them uint8, 2 F uint8: is there such a
        word).

    Raises:
        OverflowError: The folded names have more than 4 GiB.
    """
    cdef uint32_t name_count = <uint32_t> (name_starts.shape[0] - 1)
    cdef uint64_t word_count = words.shape[0], total = 0, filled = 0, i
    cdef uint32_t name, form, place, size
    with nogil:
        for i in range(word_count):
            total += plain_starts[words[i] + 1] - plain_starts[words[i]] + 1
    if total >> 32:
        raise OverflowError("more than 4 GiB of folded names")
    tokens_array = np.empty(word_count, dtype=np.uint32)
    weights_array = np.empty(word_count, dtype=np.uint8)
    traits_array = np.empty(word_count, dtype=np.uint8)
    rarity_array = np.empty(word_count, dtype=np.uint8)
    groups_array = np.empty((word_count, 2), dtype=np.uint16)
    starts_array = np.empty(<uint64_t> name_count + 1, dtype=np.uint32)
    plain_array = np.empty(total, dtype=np.uint8)
    used_array = np.zeros(2 * form_tokens.shape[0], dtype=np.uint8)
    cdef uint32_t[::1] tokens = tokens_array
    cdef uint8_t[::1] word_weights = weights_array
    cdef uint8_t[::1] word_traits = traits_array
    cdef uint8_t[::1] word_rarity = rarity_array
    cdef uint16_t[:, ::1] word_groups = groups_array
    cdef uint32_t[::1] starts = starts_array
    cdef byte_t[::1] out = plain_array
    cdef uint8_t[::1] used = used_array
    with nogil:
        for name in range(name_count):
            starts[name] = <uint32_t> filled
            for i in range(name_starts[name], name_starts[name + 1]):
                form = words[i]
                place = 2 * form + (kinds[name] & NAME_PERSON != 0)
                tokens[i] = form_tokens[form]
                word_weights[i] = weights[place]
                word_traits[i] = traits[place]
                word_rarity[i] = rarity[place]
                word_groups[i, 0] = groups[place, 0]
                word_groups[i, 1] = groups[place, 1]
                used[place] = 1
                if i > name_starts[name]:
                    out[filled] = c' '
                    filled += 1
                size = plain_starts[form + 1] - plain_starts[form]
                memcpy(&out[filled], &plain[plain_starts[form]], size)
                filled += size
        starts[name_count] = <uint32_t> filled
    return Spread(
        tokens_array, weights_array, traits_array, rarity_array, groups_array, starts_array, plain_array[:filled],
        used_array,
    )


def make_pairs(
    const uint32_t[::1] name_starts not None, const uint32_t[::1] name_tokens not None,
    const uint8_t[::1] weights not None, const uint8_t[::1] traits not None, const uint8_t[::1] rarity not None,
    const uint8_t[::1] kinds not None,
    const uint32_t[::1] plain_starts not None, const byte_t[::1] plain not None,
    const uint32_t[::1] key_starts not None, const byte_t[::1] keys not None,
    const uint16_t[:, ::1] groups not None, const uint32_t[::1] group_starts not None,
    const uint32_t[::1] group_tokens not None,
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
        name_starts: N + 1 offsets into the W words of all names.
        name_tokens: W token ids in the order of the name.
        weights, traits, rarity: Of the W words.
        kinds: What each of the N names is, see `pack_names`.
        plain_starts, plain: Folded words of N names, single blanks between words.
        key_starts, keys: The vocabulary.
        groups: Two of each of the W words.
        group_starts, group_tokens: See `make_groups`.

    Returns:
        (pair keys uint64, their names uint32, single tokens uint32, their names uint32), names rising.
    """
    cdef uint32_t name_count = <uint32_t> (name_starts.shape[0] - 1)
    cdef uint32_t words[PAIRED_WORDS_MAX]
    cdef uint32_t roles[PAIRED_WORDS_MAX]
    cdef uint32_t stands[PAIRED_WORDS_MAX]  # least tokens of the groups of the words
    cdef bint surnamed
    cdef uint8_t sizes[NAME_WORDS_MAX]
    cdef byte_t heads[NAME_WORDS_MAX]
    cdef uint32_t places[INITIAL_PAIRS_MAX]
    cdef uint32_t name, count, initials, i, j, k, at, first, token
    cdef byte_t letter
    cdef uint64_t code
    cdef uint64_t pair_count = 0, single_count = 0
    cdef int turn
    cdef uint64_t[::1] pair_keys
    cdef uint32_t[::1] pair_names
    cdef uint32_t[::1] singles
    cdef uint32_t[::1] single_names
    pair_keys = pairs_array = np.empty(1, dtype=np.uint64)
    pair_names = pair_names_array = np.empty(1, dtype=np.uint32)
    singles = singles_array = np.empty(1, dtype=np.uint32)
    single_names = single_names_array = np.empty(1, dtype=np.uint32)
    for turn in range(2):          # count, then fill
        if turn:
            pair_keys = pairs_array = np.empty(pair_count, dtype=np.uint64)
            pair_names = pair_names_array = np.empty(pair_count, dtype=np.uint32)
            singles = singles_array = np.empty(single_count, dtype=np.uint32)
            single_names = single_names_array = np.empty(single_count, dtype=np.uint32)
        pair_count = 0
        single_count = 0
        with nogil:
            for name in range(name_count):
                first = name_starts[name]
                count = distinct_words(
                    &name_tokens[0] + first if name_tokens.shape[0] else NULL, name_starts[name + 1] - first,
                    &weights[0] + first if weights.shape[0] else NULL, &rarity[0] + first if rarity.shape[0] else NULL,
                    &key_starts[0], &keys[0] if keys.shape[0] else NULL, words,
                )
                if count == 1:
                    if turn:
                        singles[single_count] = words[0]
                        single_names[single_count] = name
                    single_count += 1
                surnamed = False
                for i in range(count if kinds[name] & NAME_PERSON else 0):
                    at = place_of(&name_tokens[0] + first, name_starts[name + 1] - first, words[i])
                    roles[i] = role_of(traits[first + at])
                    surnamed = surnamed or roles[i] == ROLE_OTHER
                    stands[i] = words[i]
                    # A word that tells little is in no group, whoever else is.
                    if groups[first + at, 0] and weights[first + at] >= INFORMATIVE_MIN:
                        stands[i] = group_tokens[group_starts[groups[first + at, 0]]]
                for i in range(count if count <= ALL_PAIRS_MAX else RAREST):
                    for j in range(i + 1, count):
                        # Given name and patronymic are the names of many, and nobody's without the surname.
                        if surnamed and roles[i] + roles[j] == ROLE_GIVEN + ROLE_FATHER and roles[i] != roles[j]:
                            for k in range(count):
                                code = outline_of(key_head(keys, key_starts, words[k])) if roles[k] == ROLE_OTHER else 0
                                if code == 0:
                                    continue
                                if turn:
                                    pair_keys[pair_count] = outline_key(words[i], words[j], code)
                                    pair_names[pair_count] = name
                                pair_count += 1
                                if stands[i] == words[i] and stands[j] == words[j]:
                                    continue
                                if turn:
                                    pair_keys[pair_count] = outline_key(stands[i], stands[j], code)
                                    pair_names[pair_count] = name
                                pair_count += 1
                            continue
                        if turn:
                            pair_keys[pair_count] = pair_key(words[i], words[j])
                            pair_names[pair_count] = name
                        pair_count += 1
                if not kinds[name] & NAME_PERSON or name_starts[name + 1] == first:
                    continue
                for i in range(2 if count == 2 else 0):
                    code = outline_of(key_head(keys, key_starts, words[1 - i]))
                    if code == 0 or roles[i] == ROLE_FATHER:
                        continue
                    if turn:
                        pair_keys[pair_count] = outline_key(words[i], <uint32_t> NO_WORD, code)
                        pair_names[pair_count] = name
                    pair_count += 1
                    if stands[i] == words[i]:
                        continue
                    if turn:
                        pair_keys[pair_count] = outline_key(stands[i], <uint32_t> NO_WORD, code)
                        pair_names[pair_count] = name
                    pair_count += 1
                at = plain_starts[name]
                for i in range(name_starts[name + 1] - first):
                    heads[i] = plain[at]
                    sizes[i] = 0
                    while at < plain_starts[name + 1] and plain[at] != c' ':
                        sizes[i] += 1
                        at += 1
                    at += 1
                initials = initial_pairs(
                    &weights[0] + first, &traits[0] + first, sizes, name_starts[name + 1] - first, places
                )
                for i in range(initials):
                    token = name_tokens[first + (places[i] >> 8)]
                    j = places[i] & 0xFF
                    letter = keys[key_starts[name_tokens[first + j]]]
                    if letter < c'a' or heads[j] < c'a':
                        continue
                    if turn:
                        pair_keys[pair_count] = pair_key(token, <uint32_t> INITIAL_TOKEN + letter - c'a')
                        pair_names[pair_count] = name
                    pair_count += 1
                    if heads[j] != letter:
                        if turn:
                            pair_keys[pair_count] = pair_key(token, <uint32_t> INITIAL_TOKEN + heads[j] - c'a')
                            pair_names[pair_count] = name
                        pair_count += 1
    return pairs_array, pair_names_array, singles_array, single_names_array


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
    const uint8_t* c_weights, const uint8_t* c_traits, const uint8_t* c_sizes, uint32_t count, uint32_t* c_places,
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
        if c_weights[i] < INFORMATIVE_MIN or c_sizes[i] < 2 or c_traits[i] & TRAIT_NUMBER or part_count == PART_MAX:
            continue
        parts[part_count] = i
        part_count += 1
        if c_traits[i] & (TRAIT_SON | TRAIT_DAUGHTER):
            continue
        if c_traits[i] & TRAIT_GIVEN:
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
    const uint32_t* c_tokens, uint32_t count, const uint8_t* c_weights, const uint8_t* c_rarity,
    const uint32_t* c_key_starts, const byte_t* c_keys, uint32_t* c_words,
) noexcept nogil:
    """Write the distinct informative tokens of a name, rarest first; at most `PAIRED_WORDS_MAX`.

    Twin of `sito.names.search.informative`. Of a word said twice that counts which says more.
    """
    cdef uint32_t values[PAIRED_WORDS_MAX]
    cdef uint32_t i, j, k, token, value, filled = 0
    cdef uint32_t least = 2 * INFORMATIVE_MIN
    while least:
        least -= INFORMATIVE_MIN
        for i in range(count):
            token = c_tokens[i]
            if c_weights[i] < least:
                continue
            value = <uint32_t> c_weights[i] * c_rarity[i]
            j = 0
            while j < filled and c_words[j] != token:
                j += 1
            if j < filled:
                if values[j] >= value:
                    continue
                filled -= 1        # it is put in again further ahead
                for k in range(j, filled):
                    c_words[k] = c_words[k + 1]
                    values[k] = values[k + 1]
            j = 0
            while j < filled and not rarer(value, token, values[j], c_words[j], c_key_starts, c_keys):
                j += 1
            if filled < PAIRED_WORDS_MAX:
                filled += 1
            elif j == filled:
                continue
            insert_at(c_words, filled, j, token)
            insert_at(values, filled, j, value)
        if filled:
            break
    return filled


cdef inline uint32_t place_of(const uint32_t* c_tokens, uint32_t count, uint32_t token) noexcept nogil:
    """Say where in a name a token stands first."""
    cdef uint32_t i = 0
    while i + 1 < count and c_tokens[i] != token:
        i += 1
    return i


cdef inline uint32_t role_of(uint8_t traits) noexcept nogil:
    """Say what part of a name a word is; an unknown one may be a surname with a father's ending (Смушкович)."""
    if traits & (TRAIT_SON | TRAIT_DAUGHTER) and traits & TRAIT_KNOWN:
        return ROLE_FATHER
    return ROLE_GIVEN if traits & TRAIT_GIVEN and not traits & TRAIT_SURNAME else ROLE_OTHER


cdef inline void insert_at(uint32_t* c_words, uint32_t filled, uint32_t at, uint32_t token) noexcept nogil:
    cdef uint32_t i = filled - 1
    while i > at:
        c_words[i] = c_words[i - 1]
        i -= 1
    c_words[at] = token


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
        used: Of the 2 F places, does a name hold that one? See `spread_forms`.

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
    cdef uint32_t side, number, bone_count, start, length
    cdef int32_t bare_length
    cdef uint64_t bone_hash
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
            bone_count = skeleton(&keys[start], length, bones, between)
            if bone_count >= SKELETON_MIN:
                bone_hash = hash_bytes(bones, bone_count) % BONE_GROUPS
                members[filled] = ((BONES_OF_ALL + bone_hash) << 32) | tokens[i]
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


def make_pair_table(const uint64_t[::1] keys not None, uint32_t token_count):
    """Make the look-up table of pair keys.

    Args:
        keys: Sorted, with repeats: the names of key k stand where k stands.
        token_count: Words of the vocabulary; tokens from there on stand for letters.

    Returns:
        (uint64 slots, two a key: the key and `start << 24 | count`, all ones where free; uint64 words of the filter of
        pairs; uint8 crowd of each token, see `filter_word`; how often the most frequent key is there). Above 2^24 - 1
        of one key the slots are wrong.
    """
    cdef uint64_t count = keys.shape[0], distinct = 0, plain = 0, i, start, slot, size, blocks, bits, word, longest = 0
    cdef uint64_t ahead = 0
    cdef uint32_t left, right, token
    cdef hash_t value
    pairs_array = np.zeros(token_count + 1, dtype=np.uint32)
    crowds_array = np.zeros(token_count + 1, dtype=np.uint8)
    cdef uint32_t[::1] pairs = pairs_array
    cdef uint8_t[::1] crowds = crowds_array
    with nogil:
        for i in range(count):
            if i == 0 or keys[i] != keys[i - 1]:
                distinct += 1
                if not has_outline(keys[i]):
                    plain += 1
                    left = <uint32_t> (keys[i] >> 32)
                    right = <uint32_t> keys[i]
                    pairs[min(left, token_count)] += 1
                    pairs[min(right, token_count)] += 1
        for token in range(token_count):
            crowds[token] = crowd_for(pairs[token])
    size = distinct + distinct // 2 + 16
    blocks = (FILTER_BITS * plain) // (64 * FILTER_BLOCK) + 1
    slots_array = np.full(2 * size, np.iinfo(np.uint64).max, dtype=np.uint64)
    filter_array = np.zeros(blocks * FILTER_BLOCK, dtype=np.uint64)
    cdef uint64_t[::1] slots = slots_array
    cdef uint64_t[::1] filtered = filter_array
    with nogil:
        i = 0
        while i < count:
            start = i
            # The places of keys to come are fetched: each is another line of memory.
            while ahead < count and ahead < start + KEYS_AHEAD:
                if ahead == 0 or keys[ahead] != keys[ahead - 1]:
                    __builtin_prefetch(&slots[2 * scaled(mix(keys[ahead]), size)])
                ahead += 1
            while i < count and keys[i] == keys[start]:
                i += 1
            if i - start > longest:
                longest = i - start
            value = mix(keys[start])
            # Few texts ask for outlines; in the filter they would blur the answers to all others.
            if not has_outline(keys[start]):
                left = <uint32_t> (keys[start] >> 32)
                right = <uint32_t> keys[start]
                word = filter_word(
                    left, crowd_of(&crowds[0], token_count, left), right, crowd_of(&crowds[0], token_count, right),
                    blocks, &bits,
                )
                filtered[word] |= bits
            slot = scaled(value, size)
            while slots[2 * slot] != ~(<uint64_t> 0):
                slot = slot + 1 if slot + 1 < size else 0
            slots[2 * slot] = keys[start]
            # A longer list than 2^24 - 1 cannot be written; the builder refuses such an index.
            slots[2 * slot + 1] = (start << 24) | (i - start)
    return slots_array, filter_array, crowds_array[:token_count], longest
