"""Which candidates are surely no hits: by the lengths of their words, their sets of letters and what is known of them.

A word of a name without any possible partner in the text is missing for certain, and what is left can at best be equal.
The answer may be yes where the scorer says no, and never no where it says yes: a property test compares what is found
with high thresholds and with the lowest one.
"""

from sito_ext.facts cimport TRAIT_VOWELLESS
from sito_ext.fathers cimport CHILD_WEIGHT, FATHER
from sito_ext.forms cimport form_gap, form_letters
from sito_ext.likeness cimport (
    adds_up,
    alike_sets,
    both_sets,
    comparable,
    edits_max,
    gap,
    may_be_article,
    share_group,
    within,
)
from sito_ext.shapes cimport QUERY_WORDS_MAX, NameWordC, ShapeC, has_letter, mask_of
from sito_ext.types cimport min, ones_of_both, uint32_t, uint64_t
from sito_ext.weights cimport (
    CUT_LETTERS_MIN,
    FATHER_WEIGHT,
    FIRM_RARITY_COST,
    INITIAL_RARITY,
    NO_SURNAME_COST,
    ONE_SIDED_KNEE,
    PERSON_WEIGHT_MIN,
    PLACE_WEIGHT,
    RARITY_COST,
    RARITY_COST_MAX,
    RARITY_FULL,
    SURE_RARITY,
    TEXT_FIRM_COST,
    TEXT_MISSING_COST,
    TEXT_MISSING_STEEP,
    cost_of,
    forefather,
    is_known_surname,
    is_legal,
    is_surname,
    may_be_surname,
    weight_in,
)

cdef enum:
    RELATED = 1
    RELATED_PART = 2
    EDITS_MOST = 4                 # of any, see `edits_of`
    PART_SHORT_MAX = 4             # letters of a word that two edits may add, some of which are two of a key
    ABU_HEAD = 0x756261            # abu
    GLUED_LENGTH_MIN = 6           # letters of a key of a father's name and оглы or кызы
    GLUED_SON = 1 << 6 | 1 << 11   # g and l in the sets of `key_letters_of`
    GLUED_DAUGHTER = 1 << 8 | 1 << 18  # i and z, which counts as s, beside one of these:
    GLUED_DAUGHTER_MORE = 1 << 6 | 1 << 10  # g and k
    LETTER_WEIGHT = 30

cdef uint32_t _form_letters = form_letters()
cdef uint32_t _form_gap = form_gap()


cdef inline bint alike(const ShapeC* c_query, const ShapeC* c_name) noexcept nogil:
    """Can two words be similar, by their letter sets?"""
    return within(c_query, c_name, edits_max(c_query, c_name)) != 0 and comparable(c_query, c_name)


cdef inline bint may_call(const ShapeC* c_shape) noexcept nogil:
    """May a word be a patronymic, or a father's name written together with оглы or кызы? By the letters of its key."""
    return c_shape.facts.traits & FATHER != 0 or (
        c_shape.key_length >= GLUED_LENGTH_MIN
        and (
            c_shape.key_letters & GLUED_SON == GLUED_SON
            or (c_shape.key_letters & GLUED_DAUGHTER == GLUED_DAUGHTER and c_shape.key_letters & GLUED_DAUGHTER_MORE)
        )
    )


cdef inline bint promising(
    const ShapeC* c_query, const ShapeC* c_name, uint32_t name_count, bint person, bint last, bint clustered,
) noexcept nogil:
    """Can two words become partners by any rule? The `last` word of a field may be cut; clusters: see `may_stand`."""
    cdef uint32_t heads = c_query.key_head ^ c_name.key_head, plain_heads = c_query.plain_head ^ c_name.plain_head
    cdef uint32_t length = c_query.key_length if c_query.key_length < c_name.key_length else c_name.key_length
    cdef uint32_t letters = c_query.key_letters ^ c_name.key_letters
    # A case form keeps all but the last five letters, so at least the first two; a short one may lose the second. Its
    # own letters are those of endings. A patronymic may have another ending altogether.
    if heads & (0xFF if length <= 4 else 0xFFFF if length < 8 else 0xFFFFFF) == 0 and (
        (letters & ~_form_letters == 0 and gap(c_query.key_length, c_name.key_length) <= _form_gap) or (
            (c_query.facts.traits ^ c_name.facts.traits) & FATHER and may_call(c_query) and may_call(c_name)
        )
    ):
        return True
    if last and plain_heads & mask_of(c_query.plain_length) == 0 and c_query.plain_length >= CUT_LETTERS_MIN and (
        c_query.plain_letters & ~c_name.plain_letters == 0
    ):
        return True
    if person:
        if c_query.initial_count > 1:
            # Each letter of a cluster stands for a word of the name.
            if clustered and name_count >= c_query.initial_count and (
                c_query.parted or has_letter(c_query.plain_letters, c_name.plain_head)
                or has_letter(c_query.key_letters, c_name.key_head)
            ):
                return True
        elif c_query.initial_count or c_name.initial_count:
            if heads & 0xFF == 0 or plain_heads & 0xFF == 0:
                return True
    return (
        alike(c_query, c_name)
        or share_group(&c_query.facts, &c_name.facts)
        or (c_query.facts.traits | c_name.facts.traits) & TRAIT_VOWELLESS != 0
    )


cdef inline bint begins(const ShapeC* c_part, const ShapeC* c_whole) noexcept nogil:
    """May one word be the first part of another? By the first letters; abu may lose its own."""
    return (c_part.plain_head ^ c_whole.plain_head) & mask_of(c_part.plain_length) == 0 or (
        c_part.plain_head & 0xFFFFFF == ABU_HEAD
    )


cdef inline bint begins_key(const ShapeC* c_part, const ShapeC* c_whole) noexcept nogil:
    """The same of their keys."""
    return (c_part.key_head ^ c_whole.key_head) & mask_of(c_part.key_length) == 0


cdef inline bint may_stand(const ShapeC* c_query, const NameWordC* c_name, uint32_t name_count) noexcept nogil:
    """May each letter of a cluster stand for a word of a name? Enough words must begin with one of its letters."""
    cdef uint32_t j, begun = 0
    if c_query.parted:
        return True                # РN, CM: a letter by itself is not read as in the word
    for j in range(name_count):
        begun += has_letter(c_query.plain_letters, c_name[j].shape.plain_head) or has_letter(
            c_query.key_letters, c_name[j].shape.key_head
        )
    return begun >= c_query.initial_count


cdef inline bint joinable_keys(
    const ShapeC* c_query, uint32_t query_count, uint32_t i, const NameWordC* c_name, uint32_t name_count, uint32_t j,
) noexcept nogil:
    """May the keys of two words be the key of one?"""
    cdef uint32_t left = c_query[i].key_length, right = c_name[j].shape.key_length, before
    if left < right:
        return c_query[i].key_letters & ~c_name[j].shape.key_letters == 0 and (
            (
                i + 1 < query_count and adds_up(left, c_query[i + 1].key_length, right)
                and begins_key(&c_query[i], &c_name[j].shape)
            ) or (
                i > 0 and adds_up(left, c_query[i - 1].key_length, right)
                and begins_key(&c_query[i - 1], &c_name[j].shape)
            )
        )
    if left == right or c_name[j].shape.key_letters & ~c_query[i].key_letters:
        return False
    before = j - 1 if j else name_count - 1
    return (
        adds_up(right, c_name[j + 1 if j + 1 < name_count else 0].shape.key_length, left)
        and begins_key(&c_name[j].shape, &c_query[i])
    ) or (
        adds_up(right, c_name[before].shape.key_length, left) and begins_key(&c_name[before].shape, &c_query[i])
    )


cdef inline bint is_loose(const ShapeC* c_shape) noexcept nogil:
    """May a word written together with another one lose a letter or have another vowel?"""
    return may_be_article(c_shape) or c_shape.plain_head & 0xFFFFFF == ABU_HEAD


cdef inline bint is_part(const ShapeC* c_query, const ShapeC* c_name) noexcept nogil:
    """May one of two words be a part of the other? By letter sets only; says no to nearly all."""
    cdef uint64_t query = both_sets(c_query), name = both_sets(c_name)
    cdef uint64_t more = query & ~name, less = name & ~query
    return (
        <uint32_t> more == 0 or more >> 32 == 0 or <uint32_t> less == 0 or less >> 32 == 0
        or is_loose(c_query) or is_loose(c_name)
    )


cdef inline bint is_odd(const ShapeC* c_shape) noexcept nogil:
    """May a word have partners with other first letters and other letters? See `strangers`."""
    return (
        c_shape.initial_count != 0 or c_shape.facts.traits & TRAIT_VOWELLESS != 0 or is_loose(c_shape)
    )


cdef inline bint strangers(const ShapeC* c_query, const ShapeC* c_name) noexcept nogil:
    """Are two words, none of them odd, surely neither partners by any rule nor one a part of the other?

    The first test of all pairs of words: of a text and a name that met by two words, nearly all others are strangers.
    """
    cdef uint64_t query = both_sets(c_query), name = both_sets(c_name), counts
    cdef uint64_t more = query & ~name, less = name & ~query
    if (c_query.plain_head ^ c_name.plain_head) & 0xFF == 0 or (c_query.key_head ^ c_name.key_head) & 0xFF == 0:
        return False
    if <uint32_t> more == 0 or more >> 32 == 0 or <uint32_t> less == 0 or less >> 32 == 0:
        return False
    counts = ones_of_both(more | less)
    return <uint32_t> counts > EDITS_MOST and counts >> 32 > EDITS_MOST and not share_group(
        &c_query.facts, &c_name.facts
    )


cdef bint joinable(
    const ShapeC* c_query, uint32_t query_count, uint32_t i, const NameWordC* c_name, uint32_t name_count, uint32_t j,
) noexcept nogil:
    """May one of two words and its neighbours be the other, written together? By lengths and letter sets.

    Written together, each part has no letters of its own, but an article its vowel. Two words of the text make one, two
    or three of the name.
    """
    cdef uint32_t left = c_query[i].plain_length, right = c_name[j].shape.plain_length, first, k, size
    if joinable_keys(c_query, query_count, i, c_name, name_count, j):
        return True
    if left < right:
        return (
            c_query[i].plain_letters & ~c_name[j].shape.plain_letters == 0 or is_loose(&c_query[i])
        ) and (
            (
                i + 1 < query_count and adds_up(left, c_query[i + 1].plain_length, right)
                and begins(&c_query[i], &c_name[j].shape)
            ) or (
                i > 0 and adds_up(left, c_query[i - 1].plain_length, right)
                and begins(&c_query[i - 1], &c_name[j].shape)
            )
        )
    if left == right or (
        c_name[j].shape.plain_letters & ~c_query[i].plain_letters and not is_loose(&c_name[j].shape)
    ):
        return False
    for first in range(j - 2 if j > 2 else 0, j + 1):
        if not begins(&c_name[first].shape, &c_query[i]):
            continue
        size = 0
        for k in range(first, first + 3 if first + 3 < name_count else name_count):
            size += c_name[k].shape.plain_length
            if (size == left or size == left + 1) and k >= j:
                return True
    size = 0 if j else name_count - 1  # a last word before the first one
    return (j == 0 or j + 1 == name_count) and adds_up(right, c_name[size].shape.plain_length, left) and (
        begins(&c_name[name_count - 1].shape, &c_query[i])
    )


cdef double alone_best(const ShapeC* c_query, uint32_t query_count, uint32_t i) noexcept nogil:
    """Return what a name of one word, found at text word `i` of a party field, can score at most.

    Only words that count in full in names of every kind are taken for missing: no forms, places, particles, initials.
    """
    cdef uint32_t rest = 0, found = c_query[i].facts.weight, k
    cdef double missing
    cdef bint again
    # A short word beside it may be a part of it: with more letters it would not be near that name.
    cdef bint before = i > 0 and c_query[i - 1].plain_length <= PART_SHORT_MAX
    cdef bint behind = i + 1 < query_count and c_query[i + 1].plain_length <= PART_SHORT_MAX
    for k in range(query_count):
        if PERSON_WEIGHT_MIN <= c_query[k].facts.weight <= FATHER_WEIGHT:
            return 1.0             # forefathers may count less, and a father's name is two words
        # The same word, which counts once, or at least nothing more.
        again = alike_sets(&c_query[k], &c_query[i]) or (before and alike_sets(&c_query[k], &c_query[i - 1])) or (
            behind and alike_sets(&c_query[k], &c_query[i + 1])
        )
        if not again and c_query[k].facts.weight > PLACE_WEIGHT:
            rest += c_query[k].facts.weight
    if found < PERSON_WEIGHT_MIN:
        found = PERSON_WEIGHT_MIN
    found += LETTER_WEIGHT         # a letter beside it may belong to it
    missing = <double> rest / (found + rest)
    return 1.0 - cost_of(0.0, missing, True, False, 0.0) + 1e-9


cdef inline bint same_sets(const ShapeC* c_query, const ShapeC* c_name) noexcept nogil:
    """Have two words the same letters, lengths and beginnings? Nearly always they are the same."""
    return (
        both_sets(c_query) == both_sets(c_name) and c_query.key_head == c_name.key_head
        and c_query.key_length == c_name.key_length and c_query.plain_head == c_name.plain_head
        and c_query.plain_length == c_name.plain_length
    )


cdef inline int related(
    const ShapeC* c_query, uint32_t query_count, uint32_t i, const NameWordC* c_name, uint32_t name_count, uint32_t j,
    bint person, uint32_t last, uint64_t clusters, uint64_t odd, bint name_odd,
) noexcept nogil:
    """Can two words be partners (`RELATED`), or one a part of the other (`RELATED_PART`)? By what is known of them."""
    if not (name_odd or (odd >> i) & 1) and strangers(&c_query[i], &c_name[j].shape):
        return 0
    if promising(&c_query[i], &c_name[j].shape, name_count, person, i == last, (clusters >> i) & 1):
        return RELATED
    if is_part(&c_query[i], &c_name[j].shape) and joinable(c_query, query_count, i, c_name, name_count, j):
        return RELATED_PART
    return 0


cdef bint others(
    const ShapeC* c_query, uint32_t query_count, uint32_t but, const NameWordC* c_name, uint32_t name_count, uint32_t j,
    bint person, uint32_t last, uint64_t clusters, uint64_t odd,
) noexcept nogil:
    """Can a word of a name be another word of the text than `but`, or is that one a cluster?"""
    cdef uint32_t i
    if (clusters >> but) & 1:
        return True
    for i in range(query_count):
        if i != but and related(
            c_query, query_count, i, c_name, name_count, j, person, last, clusters, odd, is_odd(&c_name[j].shape)
        ):
            return True
    return False


cdef double score_bound(
    const ShapeC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    bint free_text, bint person,
) noexcept nogil:
    """Return a score that is surely not reached, or `NO_BOUND`. Looks at lengths, letter sets and facts only.

    The words without any possible partner are missing for certain, and the rest can at best be equal.
    """
    cdef uint32_t name_total = 0, query_total = 0, name_found = 0, query_found = 0, less = 0, i, j
    cdef uint64_t used = 0
    cdef bint query_child = False, name_child = False, bare = False
    cdef bint found, surname_missing = False, surname_found = False, marked = False, with_father = False
    cdef double name_missing, rarity = 0.0, share, other, best
    cdef const ShapeC* c_shape
    cdef uint32_t last = query_count if free_text else query_count - 1  # that may be cut
    cdef uint64_t mine, taken = 0, clusters = 0, odd = 0, same = 0
    cdef bint name_odd
    cdef int relation
    cdef uint32_t only = 0, weight, k
    cdef bint several
    cdef uint32_t places[QUERY_WORDS_MAX]
    cdef uint32_t weights[QUERY_WORDS_MAX]
    cdef double shares[QUERY_WORDS_MAX]
    for j in range(name_count):
        marked = marked or is_known_surname(&c_name[j].shape)
        with_father = with_father or c_name[j].shape.facts.traits & FATHER != 0
        name_child = name_child or c_name[j].shape.facts.weight == CHILD_WEIGHT
    if person:
        for i in range(query_count):
            query_total += weight_in(&c_query[i], True)
            query_child = query_child or c_query[i].facts.weight == CHILD_WEIGHT
            if c_query[i].initial_count > 1 and may_stand(&c_query[i], c_name, name_count):
                clusters |= (<uint64_t> 1) << i
        # Рашид оглы, Рашидович and Рашидугли are partners that no bound below knows.
        for j in range(name_count if query_child else 0):
            if may_call(&c_name[j].shape):
                return NO_BOUND
        for i in range(query_count if name_child else 0):
            if may_call(&c_query[i]):
                return NO_BOUND
    else:
        for j in range(name_count):
            if not is_legal(&c_name[j].shape):
                bare = True
                break
        for i in range(query_count):
            if is_legal(&c_query[i]):
                less += weight_in(&c_query[i], False)
            else:
                query_total += weight_in(&c_query[i], False)
        bare = bare and query_total != 0
        if not bare:
            query_total += less
        less = 0
    for i in range(query_count):
        odd |= <uint64_t> is_odd(&c_query[i]) << i
    for j in range(name_count):
        name_odd = is_odd(&c_name[j].shape)
        if bare and is_legal(&c_name[j].shape):
            for i in range(query_count):
                if related(c_query, query_count, i, c_name, name_count, j, person, last, 0, odd, name_odd):
                    used |= (<uint64_t> 1) << i
            continue
        name_total += weight_in(&c_name[j].shape, person)
        several = False
        found = False
        mine = 0
        for i in range(query_count):
            # Most words that are found are the same: then no rule need be asked, nor another word yet.
            if same_sets(&c_query[i], &c_name[j].shape):
                found = True
                mine = (<uint64_t> 1) << i
                only = i
                same |= (<uint64_t> 1) << j
                break
        for i in range(0 if found else query_count):
            if free_text and found:
                break
            relation = related(c_query, query_count, i, c_name, name_count, j, person, last, clusters, odd, name_odd)
            if relation == RELATED:
                found = True
                mine |= (<uint64_t> 1) << i
                only = i
            elif relation == RELATED_PART:
                found = True
                used |= (<uint64_t> 1) << i
                several = True
        several = several or mine & (mine - 1) != 0 or mine & clusters != 0
        used |= mine
        c_shape = &c_name[j].shape
        if not found:
            surname_missing = surname_missing or may_be_surname(c_shape, with_father)
            if person:
                less += forefather(c_shape, &c_name[j - 1].shape if j else NULL)
        else:
            weight = weight_in(c_shape, person)
            surname_found = surname_found or is_surname(c_shape, marked)
            share = <double> (<uint32_t> c_shape.facts.weight * c_shape.facts.rarity) / 100.0
            other = <double> c_shape.facts.rarity if c_shape.facts.rarity < INITIAL_RARITY else <double> INITIAL_RARITY
            share = share if share > other else other
            if not free_text and not several:
                if (taken >> only) & 1 and not joinable(c_query, query_count, only, c_name, name_count, j) and (
                    not joinable(c_query, query_count, only, c_name, name_count, places[only])
                ) and not ((same >> j) & 1 and others(
                    c_query, query_count, only, c_name, name_count, j, person, last, clusters, odd
                )) and not ((same >> places[only]) & 1 and others(
                    c_query, query_count, only, c_name, name_count, places[only], person, last, clusters, odd
                )):
                    # Two words of the name that only this word can be: not both are found, and the better one counts.
                    if person:
                        k = places[only]
                        less += forefather(c_shape, &c_name[j - 1].shape if j else NULL)
                        less += forefather(&c_name[k].shape, &c_name[k - 1].shape if k else NULL)
                    if weight > weights[only]:
                        name_found += weight - weights[only]
                        weights[only] = weight
                    if share > shares[only]:
                        rarity += share - shares[only]
                        shares[only] = share
                    continue
                taken |= mine
                places[only] = j
                weights[only] = weight
                shares[only] = share
            name_found += weight
            rarity += share
    if name_total == 0 or query_total == 0:
        return NO_BOUND
    name_missing = 1.0 - <double> name_found / name_total
    # The margins keep rounding on the safe side.
    if free_text:
        if name_missing <= ONE_SIDED_KNEE + 1e-9:
            best = 1.0 - name_missing * (TEXT_MISSING_COST if person else TEXT_FIRM_COST)
        else:
            best = 1.0 - name_missing * TEXT_MISSING_STEEP
    elif name_found == name_total:
        # It may be contained, or identical to the text.
        if name_count >= 2:
            return NO_BOUND
        best = 1.0
    else:
        # What the words that are the same as one of the name left aside.
        for i in range(query_count):
            for j in range(name_count if not (used >> i) & 1 else 0):
                if (same >> j) & 1 and related(
                    c_query, query_count, i, c_name, name_count, j, person, last, clusters, odd,
                    is_odd(&c_name[j].shape),
                ):
                    used |= (<uint64_t> 1) << i
                    break
        # A word may stand in the field again, where it is not cut or has no such neighbour: it counts once.
        for i in range(query_count):
            if (used >> i) & 1:
                continue
            for j in range(query_count):
                if (used >> j) & 1 and alike_sets(&c_query[i], &c_query[j]):
                    used |= (<uint64_t> 1) << i
        for i in range(query_count):
            if (used >> i) & 1 and not (bare and is_legal(&c_query[i])):
                query_found += weight_in(&c_query[i], person)
        if query_found == query_total:
            name_missing = 1.0 - <double> name_found / (name_total - min(less, name_total - name_found))
        best = 1.0 - cost_of(name_missing, 1.0 - <double> query_found / query_total, person, True, rarity)
    if free_text or name_found != name_total:
        share = (RARITY_COST if person else FIRM_RARITY_COST) * (RARITY_FULL - rarity) if rarity < RARITY_FULL else 0.0
        best -= share if share < RARITY_COST_MAX else RARITY_COST_MAX
        if person and surname_missing and not surname_found and rarity < SURE_RARITY:
            best -= NO_SURNAME_COST
    return best + 2e-9
