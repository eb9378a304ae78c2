"""Whose son or daughter a word says somebody is; the twins are in `sito.names.align`."""

from libc.string cimport memcmp

from sito_ext.facts cimport TRAIT_DAUGHTER, TRAIT_SON
from sito_ext.shapes cimport RULE_FATHER, NameWordC, PairC, QueryWordC, ShapeC, take
from sito_ext.types cimport byte_t, uint32_t, uint64_t

cdef enum:
    FATHER_MIN = 2                 # letters of a father's name

cdef double FATHER_SIMILARITY = 0.94


cdef inline bint ends(const byte_t* c_key, uint32_t length, const char* c_end, uint32_t size) noexcept nogil:
    return length >= size and memcmp(c_key + length - size, c_end, size) == 0


cdef uint32_t child_of(const byte_t* c_plain, const ShapeC* c_shape) noexcept nogil:
    """The same for a word that weighs as much as one of them."""
    if c_shape.plain_length == 4:
        if (
            memcmp(c_plain, b"ogly", 4) == 0 or memcmp(c_plain, b"oglu", 4) == 0 or memcmp(c_plain, b"ogli", 4) == 0
            or memcmp(c_plain, b"ugli", 4) == 0 or memcmp(c_plain, b"uulu", 4) == 0
        ):
            return TRAIT_SON
        if (c_plain[0] == c'k' or c_plain[0] == c'g' or c_plain[0] == c'q') and c_plain[2] == c'z' and (
            (c_plain[1] == c'y' or c_plain[1] == c'i') and (c_plain[3] == c'y' or c_plain[3] == c'i')
        ):
            return TRAIT_DAUGHTER
        return 0
    if c_shape.plain_length == 5:
        return TRAIT_SON if (
            memcmp(c_plain, b"oghlu", 5) == 0 or memcmp(c_plain, b"oghly", 5) == 0
            or memcmp(c_plain, b"oghli", 5) == 0 or memcmp(c_plain, b"oglou", 5) == 0
        ) else 0
    return TRAIT_SON if c_shape.plain_length == 3 and memcmp(c_plain, b"uly", 3) == 0 else 0


cdef inline uint32_t glued(const byte_t* c_key, uint32_t length) noexcept nogil:
    """The same for a word that ends in one of them."""
    if length < 4 or (c_key[length - 1] != c'i' and c_key[length - 1] != c'u'):
        return 0
    if ends(c_key, length, b"ogli", 4) or ends(c_key, length, b"oglu", 4) or ends(c_key, length, b"ugli", 4):
        return TRAIT_SON
    return TRAIT_DAUGHTER if ends(c_key, length, b"kizi", 4) or ends(c_key, length, b"gizi", 4) else 0


cdef inline uint32_t calls(const byte_t* c_key, const ShapeC* c_shape) noexcept nogil:
    """Son for a man's patronymic or a word that ends in оглы, daughter for a woman's or one in кызы, else 0."""
    cdef uint32_t father = c_shape.facts.traits & FATHER
    return father if father else glued(c_key, c_shape.key_length)


cdef uint32_t fathers_name(const byte_t* c_key, uint32_t length) noexcept nogil:
    """How many letters of such a word are the father's name, 0 for other words; see the twin."""
    cdef byte_t last
    if glued(c_key, length):
        return length - 4
    if ends(c_key, length, b"oiu", 3):
        length -= 3
    elif (
        ends(c_key, length, b"em", 2) or ends(c_key, length, b"am", 2) or ends(c_key, length, b"oi", 2)
        or ends(c_key, length, b"ai", 2)
    ):
        length -= 2
    else:
        last = c_key[length - 1]
        if last == c'a' or last == c'u' or last == c'e' or last == c'i':
            length -= 1
    if (
        ends(c_key, length, b"ovic", 4) or ends(c_key, length, b"evic", 4) or ends(c_key, length, b"ivic", 4)
        or ends(c_key, length, b"avic", 4)
    ):
        return length - 4
    if (
        ends(c_key, length, b"ovn", 3) or ends(c_key, length, b"evn", 3) or ends(c_key, length, b"ivn", 3)
        or ends(c_key, length, b"avn", 3) or ends(c_key, length, b"aun", 3) or ends(c_key, length, b"eun", 3)
        or ends(c_key, length, b"icn", 3)
    ):
        return length - 3
    return 0


cdef bint begets(
    const byte_t* c_parent, const ShapeC* c_parent_shape, const byte_t* c_key, const ShapeC* c_shape, uint32_t sex,
) noexcept nogil:
    """Is a word the patronymic that a father's name gives a son or a daughter? See the twin."""
    cdef uint32_t group = c_parent_shape.facts.groups[0], size = c_parent_shape.key_length, stem
    cdef byte_t last = c_parent[size - 1]
    if group and c_shape.facts.traits & FATHER:
        group += 1 if sex == TRAIT_SON else 2
        if c_shape.facts.groups[0] == group or c_shape.facts.groups[1] == group:
            return True
    stem = fathers_name(c_key, c_shape.key_length)
    if stem < FATHER_MIN or memcmp(c_parent, c_key, stem if stem < size else size) != 0:
        return False
    return size == stem or (
        size == stem + 1 and (last == c'a' or last == c'e' or last == c'i' or last == c'u')
    )


cdef uint32_t same_father(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used, bint cased,
) noexcept nogil:
    """Pair Рашид оглы with Рашидович, on either side and in either order; returns how many words were paired."""
    cdef uint32_t i, j, side, place, sex, stem, taken = 0
    for j in range(name_count):
        sex = calls(c_name[j].key, &c_name[j].shape) if c_pairs[j].query < 0 else 0
        if sex == 0:
            continue
        for i in range(query_count):
            if (c_used[0] >> i) & 1:
                continue
            if child(c_query[i].word.plain, &c_query[i].shape) == sex:
                for side in range(2):
                    if (side == 0 and i == 0) or (side == 1 and i + 1 == query_count) or c_pairs[j].query >= 0:
                        continue
                    place = i + 1 if side else i - 1
                    if (c_used[0] >> place) & 1 or (cased and not c_query[place].shape.capital):
                        continue
                    if begets(
                        c_query[place].word.key, &c_query[place].shape, c_name[j].key, &c_name[j].shape, sex
                    ):
                        take(&c_pairs[j], i if side else place, RULE_FATHER, FATHER_SIMILARITY, 2)
                        c_used[0] |= (<uint64_t> 3) << (i if side else place)
                        taken += 1
            if c_pairs[j].query < 0 and calls(c_query[i].word.key, &c_query[i].shape) == sex and (
                (c_name[j].shape.facts.traits & FATHER == 0) != (c_query[i].shape.facts.traits & FATHER == 0)
            ):
                stem = fathers_name(c_name[j].key, c_name[j].shape.key_length)
                if stem >= FATHER_MIN and stem == fathers_name(
                    c_query[i].word.key, c_query[i].word.key_length
                ) and memcmp(c_name[j].key, c_query[i].word.key, stem) == 0:
                    take(&c_pairs[j], i, RULE_FATHER, FATHER_SIMILARITY, 1)
                    c_used[0] |= (<uint64_t> 1) << i
                    taken += 1
            if c_pairs[j].query >= 0:
                break
    for j in range(name_count):
        sex = child(c_name[j].plain, &c_name[j].shape)
        for side in range(2 if sex else 0):
            if (side == 0 and j == 0) or (side == 1 and j + 1 == name_count) or c_pairs[j].query >= 0:
                continue
            place = j + 1 if side else j - 1
            if c_pairs[place].query >= 0:
                continue
            for i in range(query_count):
                if (c_used[0] >> i) & 1 or (cased and not c_query[i].shape.capital):
                    continue
                if calls(c_query[i].word.key, &c_query[i].shape) == sex and begets(
                    c_name[place].key, &c_name[place].shape, c_query[i].word.key, &c_query[i].shape, sex
                ):
                    take(&c_pairs[j], i, RULE_FATHER, FATHER_SIMILARITY, 1)
                    c_pairs[place] = c_pairs[j]
                    c_used[0] |= (<uint64_t> 1) << i
                    taken += 2
                    break
    return taken
