"""How alike a text and a listed name are: the native twin of `sito.names.align`, which is the specification.

Word similarity is computed by rapidfuzz's own C++ kernel without the GIL. rapidfuzz publishes it as a capsule on the
attribute `_RF_Scorer` of each scorer; the wheel ships no header, so its structures are declared here and their
version is checked at import.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.string cimport memcmp, memset

from sito_ext.fold cimport Folder, fold_token, next_token
from sito_ext.types cimport byte_t, int64_t, uint32_t, uint64_t

from rapidfuzz import fuzz

cdef extern from *:
    """
    #include <stdbool.h>
    #include <stdint.h>
    #include <Python.h>
    typedef struct sito_rf_string {
        void (*dtor)(struct sito_rf_string*);
        int kind;
        void* data;
        int64_t length;
        void* context;
    } sito_rf_string;
    typedef struct sito_rf_kwargs {
        void (*dtor)(struct sito_rf_kwargs*);
        void* context;
    } sito_rf_kwargs;
    typedef struct sito_rf_func {
        void (*dtor)(struct sito_rf_func*);
        bool (*call)(const struct sito_rf_func*, const sito_rf_string*, int64_t, double, double, double*);
        void* context;
    } sito_rf_func;
    typedef struct {
        uint32_t flags;
        double optimal;
        double worst;
    } sito_rf_flags;
    typedef struct {
        uint32_t version;
        bool (*kwargs_init)(sito_rf_kwargs*, PyObject*);
        bool (*get_scorer_flags)(const sito_rf_kwargs*, sito_rf_flags*);
        bool (*scorer_func_init)(sito_rf_func*, const sito_rf_kwargs*, int64_t, const sito_rf_string*);
    } sito_rf_scorer;
    """
    ctypedef struct sito_rf_string:
        void* dtor
        int kind
        void* data
        int64_t length
        void* context
    ctypedef struct sito_rf_kwargs:
        void* context
    ctypedef struct sito_rf_func:
        void (*dtor)(sito_rf_func*) noexcept nogil
        bint (*call)(const sito_rf_func*, const sito_rf_string*, int64_t, double, double, double*) noexcept nogil
        void* context
    ctypedef struct sito_rf_flags:
        uint32_t flags
    ctypedef struct sito_rf_scorer:
        uint32_t version
        bint (*kwargs_init)(sito_rf_kwargs*, void*) noexcept
        bint (*get_scorer_flags)(const sito_rf_kwargs*, sito_rf_flags*) noexcept
        bint (*scorer_func_init)(
            sito_rf_func*, const sito_rf_kwargs*, int64_t, const sito_rf_string*
        ) noexcept nogil

cdef enum:
    RAPIDFUZZ_INTERFACE = 3
    TELLING_MIN = 50               # per cent
    CONTAINED_WORDS_MIN = 3

cdef double SIMILAR_MIN = 70.0
cdef double KEY_SIMILARITY = 0.97
cdef double INITIAL_SIMILARITY = 0.85
cdef double CONTRADICTION_COST = 1.3
cdef double ONE_SIDED_COST = 0.25
cdef double ONE_SIDED_KNEE = 0.34
cdef double ONE_SIDED_STEEP = 1.2
cdef double TEXT_MISSING_COST = 0.6
cdef double TEXT_MISSING_STEEP = 1.5
cdef double TEXT_GAP_COST = 0.04
cdef double ORDER_COST = 0.01
cdef double CONTAINED_COST = 0.08
cdef double NOT_IDENTICAL_MAX = 0.99

cdef sito_rf_scorer* _ratio = NULL
cdef sito_rf_kwargs _kwargs


cdef int load_ratio() except -1:
    """Take rapidfuzz's ratio kernel out of its capsule; refuses a layout it does not know."""
    global _ratio
    cdef sito_rf_flags flags
    capsule = getattr(fuzz.ratio, "_RF_Scorer", None)
    if capsule is None:
        raise ImportError("rapidfuzz without its native kernels; install a rapidfuzz wheel")
    _ratio = <sito_rf_scorer*> PyCapsule_GetPointer(capsule, NULL)
    if _ratio.version != RAPIDFUZZ_INTERFACE:
        raise ImportError(f"rapidfuzz scorer interface {_ratio.version}, this build knows {RAPIDFUZZ_INTERFACE}")
    memset(&_kwargs, 0, sizeof(_kwargs))
    arguments = {}
    if not _ratio.kwargs_init(&_kwargs, <void*> arguments):
        raise ImportError("rapidfuzz refused to make a scorer without options")
    if not _ratio.get_scorer_flags(&_kwargs, &flags) or not flags.flags & (1 << 5):
        raise ImportError("rapidfuzz ratio does not return a double")
    return 0


load_ratio()


cdef inline void set_string(sito_rf_string* c_string, const byte_t* c_text, uint32_t length) noexcept nogil:
    c_string.dtor = NULL
    c_string.kind = 0              # one byte a letter
    c_string.data = <void*> c_text
    c_string.length = length
    c_string.context = NULL


cdef bint pair_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
) noexcept nogil:
    """Find the partner of every name word; False if rapidfuzz failed (out of memory)."""
    cdef uint64_t used = 0
    cdef uint32_t i, j, left = name_count, best_i = 0, best_j = 0
    cdef double[2048] scores
    cdef double value, other, best
    cdef sito_rf_func by_letters
    cdef sito_rf_func by_keys
    cdef sito_rf_string text
    cdef bint fine
    for j in range(name_count):
        c_pairs[j].query = -1
        c_pairs[j].rule = RULE_NONE
        c_pairs[j].similarity = 0.0
        for i in range(query_count):
            if (
                not (used >> i) & 1
                and c_query[i].word.plain_length == c_name[j].shape.plain_length
                and c_query[i].word.plain[0] == c_name[j].plain[0]
                and memcmp(c_query[i].word.plain, c_name[j].plain, c_name[j].shape.plain_length) == 0
            ):
                c_pairs[j].query = <int> i
                c_pairs[j].rule = RULE_SAME
                c_pairs[j].similarity = 1.0
                used |= (<uint64_t> 1) << i
                left -= 1
                break
    if left == 0:
        return True
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            if (
                not (used >> i) & 1
                and c_query[i].word.key_length == c_name[j].shape.key_length
                and c_query[i].word.key[0] == c_name[j].key[0]
                and memcmp(c_query[i].word.key, c_name[j].key, c_name[j].shape.key_length) == 0
            ):
                c_pairs[j].query = <int> i
                c_pairs[j].rule = RULE_SAME_KEY
                c_pairs[j].similarity = KEY_SIMILARITY
                used |= (<uint64_t> 1) << i
                left -= 1
                break
    if left == 0:
        return True
    for j in range(name_count):
        if c_pairs[j].query < 0:
            memset(scores + j * query_count, 0, query_count * sizeof(double))
    for i in range(query_count):
        if (used >> i) & 1 or c_query[i].word.plain_length < 2:
            continue
        fine = True
        memset(&by_letters, 0, sizeof(by_letters))
        memset(&by_keys, 0, sizeof(by_keys))
        for j in range(name_count):
            if c_pairs[j].query >= 0 or c_name[j].shape.plain_length < 2:
                continue
            value = 0.0
            if possible(
                c_query[i].shape.plain_length, c_query[i].shape.plain_letters, c_query[i].shape.plain_more,
                c_name[j].shape.plain_length, c_name[j].shape.plain_letters, c_name[j].shape.plain_more,
            ):
                if by_letters.call == NULL:
                    set_string(&text, c_query[i].word.plain, c_query[i].word.plain_length)
                    fine = _ratio.scorer_func_init(&by_letters, &_kwargs, 1, &text)
                if fine:
                    set_string(&text, c_name[j].plain, c_name[j].shape.plain_length)
                    fine = by_letters.call(&by_letters, &text, 1, SIMILAR_MIN, SIMILAR_MIN, &value)
            if fine and possible(
                c_query[i].shape.key_length, c_query[i].shape.key_letters, c_query[i].shape.key_more,
                c_name[j].shape.key_length, c_name[j].shape.key_letters, c_name[j].shape.key_more,
            ):
                if by_keys.call == NULL:
                    set_string(&text, c_query[i].word.key, c_query[i].word.key_length)
                    fine = _ratio.scorer_func_init(&by_keys, &_kwargs, 1, &text)
                if fine:
                    set_string(&text, c_name[j].key, c_name[j].shape.key_length)
                    fine = by_keys.call(&by_keys, &text, 1, SIMILAR_MIN, SIMILAR_MIN, &other)
                    other *= KEY_SIMILARITY
                    if other > value:
                        value = other
            if not fine:
                break
            if value >= SIMILAR_MIN:
                scores[j * query_count + i] = value / 100.0
        if by_letters.dtor != NULL:
            by_letters.dtor(&by_letters)
        if by_keys.dtor != NULL:
            by_keys.dtor(&by_keys)
        if not fine:
            return False
    while left:
        best = 0.0
        for j in range(name_count):
            if c_pairs[j].query >= 0:
                continue
            for i in range(query_count):
                if not (used >> i) & 1 and scores[j * query_count + i] > best:
                    best = scores[j * query_count + i]
                    best_i = i
                    best_j = j
        if best <= 0.0:
            break
        c_pairs[best_j].query = <int> best_i
        c_pairs[best_j].rule = RULE_SIMILAR
        c_pairs[best_j].similarity = best
        used |= (<uint64_t> 1) << best_i
        left -= 1
    for j in range(name_count):
        if left == 0:
            break
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            if (used >> i) & 1 or (c_query[i].word.plain_length > 1 and c_name[j].shape.plain_length > 1):
                continue
            if c_query[i].word.plain[0] == c_name[j].plain[0] or (
                c_query[i].word.key_length and c_name[j].shape.key_length and c_query[i].word.key[0] == c_name[j].key[0]
            ):
                c_pairs[j].query = <int> i
                c_pairs[j].rule = RULE_INITIAL
                c_pairs[j].similarity = INITIAL_SIMILARITY
                used |= (<uint64_t> 1) << i
                left -= 1
                break
    return True


cdef uint32_t letters_of(const byte_t* c_text, uint32_t length) noexcept nogil:
    """Return a bit set of the letters in a folded word; the ten digits share the bits above the letters."""
    cdef uint32_t i, bits = 0
    for i in range(length):
        bits |= (<uint32_t> 1) << (c_text[i] - c'a' if c_text[i] > c'9' else 26 + (c_text[i] - c'0') % 6)
    return bits


cdef uint32_t ones(uint32_t bits) noexcept nogil:
    bits = bits - ((bits >> 1) & 0x55555555)
    bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333)
    return (((bits + (bits >> 4)) & 0x0F0F0F0F) * 0x01010101) >> 24


cdef inline bint possible(
    uint32_t left, uint32_t left_letters, uint32_t left_more,
    uint32_t right, uint32_t right_letters, uint32_t right_more,
) noexcept nogil:
    """Can two words reach the least ratio, 2 * common / (left + right) >= 0.7?

    Of their letters, one for each bit they share and the repetitions of the word that has fewer can be common.
    """
    cdef uint32_t common
    if 20 * (left if left < right else right) < 7 * (left + right):
        return False
    common = ones(left_letters & right_letters) + (left_more if left_more < right_more else right_more)
    return 20 * common >= 7 * (left + right)


cdef void take_shape(const WordC* c_word, uint32_t weight, ShapeC* c_shape) noexcept nogil:
    """Note the lengths and letter sets of a folded word."""
    c_shape.plain_letters = letters_of(c_word.plain, c_word.plain_length)
    c_shape.key_letters = letters_of(c_word.key, c_word.key_length)
    c_shape.plain_length = c_word.plain_length
    c_shape.key_length = c_word.key_length
    c_shape.plain_more = <uint8_t> (c_word.plain_length - ones(c_shape.plain_letters))
    c_shape.key_more = <uint8_t> (c_word.key_length - ones(c_shape.key_letters))
    c_shape.weight = <uint8_t> weight


cdef inline bint promising(const ShapeC* c_query, const ShapeC* c_name) noexcept nogil:
    """Can two words become partners by any rule?"""
    return (
        c_query.plain_length == 1 or c_name.plain_length == 1
        or possible(
            c_query.key_length, c_query.key_letters, c_query.key_more,
            c_name.key_length, c_name.key_letters, c_name.key_more,
        )
        or possible(
            c_query.plain_length, c_query.plain_letters, c_query.plain_more,
            c_name.plain_length, c_name.plain_letters, c_name.plain_more,
        )
    )


cdef inline double cost_of(double name_missing, double query_missing) noexcept nogil:
    """What missing words cost in a party field; it never falls when more is missing on either side."""
    cdef double low = name_missing if name_missing < query_missing else query_missing
    cdef double high = query_missing if name_missing < query_missing else name_missing
    cdef double apart = high - low
    if apart <= ONE_SIDED_KNEE:
        return CONTRADICTION_COST * low + ONE_SIDED_COST * apart
    return CONTRADICTION_COST * low + ONE_SIDED_COST * ONE_SIDED_KNEE + ONE_SIDED_STEEP * (apart - ONE_SIDED_KNEE)


cdef bint hopeless(
    const ShapeC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    bint free_text, double score_min,
) noexcept nogil:
    """Is the score surely below `score_min`? Looks at lengths and letter sets only.

    The words without any possible partner are missing for certain, and the rest can at best be equal.
    """
    cdef uint32_t name_total = 0, query_total = 0, name_found = 0, query_found = 0, i, j
    cdef uint64_t used = 0
    cdef bint found
    cdef double name_missing
    for i in range(query_count):
        query_total += c_query[i].weight
    for j in range(name_count):
        name_total += c_name[j].shape.weight
        found = False
        for i in range(query_count):
            if free_text and found:
                break
            if promising(&c_query[i], &c_name[j].shape):
                found = True
                used |= (<uint64_t> 1) << i
        if found:
            name_found += c_name[j].shape.weight
    if name_total == 0 or query_total == 0:
        return False
    name_missing = 1.0 - <double> name_found / name_total
    # The margins keep rounding on the safe side.
    if free_text:
        return 1.0 - name_missing * TEXT_MISSING_COST < score_min - 1e-9
    if name_found == name_total and name_count >= CONTAINED_WORDS_MIN:
        return False
    for i in range(query_count):
        if (used >> i) & 1:
            query_found += c_query[i].weight
    return 1.0 - cost_of(name_missing, 1.0 - <double> query_found / query_total) < score_min - 1e-9


cdef double score_pairs(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    const PairC* c_pairs, bint free_text,
) noexcept nogil:
    """Weigh the pairs of one text and one name; in [0, 1]."""
    cdef uint32_t name_total = 0, query_total = 0, name_found = 0, query_found = 0, count = 0, i, j
    cdef uint32_t telling = 0
    cdef double weighed = 0.0, mean, name_missing, query_missing, cost, value
    cdef bint ordered = True, identical
    cdef int last = -1, first_at = <int> query_count, last_at = -1, at
    for i in range(query_count):
        query_total += c_query[i].shape.weight
    for j in range(name_count):
        name_total += c_name[j].shape.weight
        at = c_pairs[j].query
        if at < 0:
            continue
        name_found += c_name[j].shape.weight
        query_found += c_query[at].shape.weight
        weighed += c_name[j].shape.weight * c_pairs[j].similarity
        count += 1
        if c_name[j].shape.weight >= TELLING_MIN and (
            c_pairs[j].rule == RULE_SAME or c_pairs[j].rule == RULE_SAME_KEY
        ):
            telling += 1
        ordered = ordered and at > last
        last = at
        if at < first_at:
            first_at = at
        if at > last_at:
            last_at = at
    if name_found == 0 or query_total == 0:
        return 0.0
    if not free_text and query_count == name_count:
        identical = True
        for j in range(name_count):
            if not (
                c_query[j].word.plain_length == c_name[j].shape.plain_length
                and memcmp(c_query[j].word.plain, c_name[j].plain, c_name[j].shape.plain_length) == 0
            ):
                identical = False
                break
        if identical:
            return 1.0
    mean = weighed / name_found
    name_missing = 1.0 - <double> name_found / name_total
    query_missing = 1.0 - <double> query_found / query_total
    if free_text:
        if name_missing <= ONE_SIDED_KNEE and count >= 2:
            cost = name_missing * TEXT_MISSING_COST
        else:
            cost = name_missing * TEXT_MISSING_STEEP
        cost += TEXT_GAP_COST * (last_at - first_at + 1 - <int> count)
    else:
        cost = cost_of(name_missing, query_missing)
    value = mean * (1.0 - cost)
    # A whole name of three telling words stands in the field, whatever else does: two payers, a city, a word of thanks.
    if (
        not free_text and telling >= CONTAINED_WORDS_MIN and count == name_count
        and last_at - first_at + 1 == <int> count and mean - CONTAINED_COST > value
    ):
        value = mean - CONTAINED_COST
    if not ordered:
        value -= ORDER_COST
    if value < 0.0:
        value = 0.0
    return NOT_IDENTICAL_MAX if value > NOT_IDENTICAL_MAX else value


def compare(
    Folder folder not None, bytes query not None, list query_weights not None,
    bytes name not None, list name_weights not None, bint free_text,
):
    """Pair and score one text and one name; for tests and explanations, one call a pair.

    Args:
        folder: The fold table.
        query, name: UTF-8; at most 64 and 32 words after folding.
        query_weights, name_weights: Per cent, one for each word.

    Returns:
        ([(text word or -1, rule, similarity) for each name word], score).
    """
    cdef QueryWordC query_words[QUERY_WORDS_MAX]
    cdef QueryWordC name_folded[NAME_WORDS_MAX]
    cdef NameWordC name_words[NAME_WORDS_MAX]
    cdef PairC pairs[NAME_WORDS_MAX]
    cdef uint32_t query_count, name_count, j
    cdef double value
    cdef bint fine
    query_count = fold_all(folder, query, query_weights, query_words, QUERY_WORDS_MAX)
    name_count = fold_all(folder, name, name_weights, name_folded, NAME_WORDS_MAX)
    for j in range(name_count):
        name_words[j].plain = &name_folded[j].word.plain[0]
        name_words[j].key = &name_folded[j].word.key[0]
        name_words[j].shape = name_folded[j].shape
    with nogil:
        fine = pair_words(query_words, query_count, name_words, name_count, pairs)
        value = score_pairs(query_words, query_count, name_words, name_count, pairs, free_text) if fine else 0.0
    if not fine:
        raise MemoryError
    return [(pairs[j].query, pairs[j].rule, pairs[j].similarity) for j in range(name_count)], value


cdef uint32_t fold_all(
    Folder folder, bytes text, list weights, QueryWordC* c_words, uint32_t room,
) except 0xFFFFFFFF:
    cdef const byte_t* c_text = <const byte_t*> text
    cdef uint32_t size = <uint32_t> len(text), position = 0, start = 0, end = 0, flags = 0, count = 0
    while next_token(&folder.c_table, c_text, size, &position, &start, &end, &flags):
        if count == room:
            raise ValueError(f"more than {room} words")
        if fold_token(&folder.c_table, c_text + start, end - start, &c_words[count].word, &flags):
            if <uint32_t> len(weights) <= count:
                raise ValueError("fewer weights than words")
            take_shape(&c_words[count].word, weights[count], &c_words[count].shape)
            count += 1
    if <uint32_t> len(weights) != count:
        raise ValueError("more weights than words")
    return count
