"""How alike a text and a listed name are: the native twin of `sito.names.align`, which is the specification.

Word similarity is computed by rapidfuzz's own C++ kernel without the GIL. rapidfuzz publishes it as a capsule on the
attribute `_RF_Scorer` of each scorer; the wheel ships no header, so its structures are declared here and their
version is checked at import.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.string cimport memcmp, memset

from sito_ext.bones cimport ARTICLED_MIN, SKELETON_MIN, is_article, same_bones
from sito_ext.ends cimport is_vowel
from sito_ext.facts cimport TRAIT_GIVEN, TRAIT_KNOWN, TRAIT_NUMBER, TRAIT_SURNAME, TRAIT_VOWELLESS, Knowledge, know
from sito_ext.fathers cimport CHILD_WEIGHT, FATHER, child, same_father
from sito_ext.fold cimport Folder, WordC, fold_token, next_token
from sito_ext.forms cimport form_of
from sito_ext.likeness cimport adds_up, comparable, edits_max, may_be_article, share_group, within
from sito_ext.shapes cimport (
    NAME_WORDS_MAX,
    QUERY_WORDS_MAX,
    RULE_CUT,
    RULE_FORM,
    RULE_INITIAL,
    RULE_JOINED,
    RULE_NONE,
    RULE_SAME,
    RULE_SAME_KEY,
    RULE_SIMILAR,
    RULE_SKELETON,
    RULE_VARIANT,
    InitialC,
    NameWordC,
    PairC,
    QueryWordC,
    ShapeC,
    mask_of,
    take,
    take_initials,
    take_shape,
)
from sito_ext.types cimport byte_t, int64_t, uint32_t, uint64_t, uint8_t
from sito_ext.vocabulary cimport merged
from sito_ext.weights cimport (
    CONNECTING_LETTERS,
    CUT_LETTERS_MIN,
    FIRM_RARITY_COST,
    INITIAL_RARITY,
    NO_SURNAME_COST,
    ONE_SIDED_KNEE,
    PARTS,
    PLACE_WEIGHT,
    RARITY_COST,
    RARITY_COST_MAX,
    RARITY_FULL,
    SURE_RARITY,
    TELLING_MIN,
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
    VOWELS_LENGTH_MIN = 4
    PART_KEY_MIN = 3               # letters of keys that are written together
    SERVANT_HEAD = 0x646261        # abd
    PATRONYMIC_ENDING = 3
    BONES_SURE_MIN = 3
    SHORT_MAX = 4
    RARE_RARITY = 136
    BRANCH_WEIGHT = 10
    FORM_CLASS_WEIGHT = 3
    FORM_REACH = 2
    SMALL_LETTERS = 1 << 0 | 1 << 4 | 1 << 8 | 1 << 10 | 1 << 14 | 1 << 18 | 1 << 20 | 1 << 21 | 1 << 24  # aeikosuvy
    YA_HEAD = 0x6179               # ya, which is я
    NAMELESS_RARITY_MAX = 60
    CONTAINED_RARITY_MIN = 80
    RIVAL_LENGTH_MIN = 4           # letters of another surname beside a find in free text
    CONTAINED_WORDS_MIN = 3
    FORM_OF_CASE = 3               # see `sito.names.forms.is_form`
    FORM_OF_GENDER = 4

cdef double SIMILAR_MIN = 70.0
cdef double FIRST_LETTER_FACTOR = 0.94
cdef double BOTH_SURNAMES_FACTOR = 0.92
cdef double BOTH_KNOWN_FACTOR = 0.94
cdef double KEY_SIMILARITY = 0.97
cdef double VARIANT_SIMILARITY = 0.94
cdef double SHORT_FACTOR = 0.92
cdef double LISTED_INITIAL_SIMILARITY = 0.72
cdef double FORM_SIMILARITY = 0.96
cdef double FIRM_FORM_SIMILARITY = 0.88
cdef double GENDER_SIMILARITY = 0.88
cdef double MERGED_SIMILARITY = 0.94
cdef double VOWELS_SIMILARITY = 94.0  # per cent
cdef double JOINED_SIMILARITY = 0.97
cdef double FIRM_JOINED_SIMILARITY = 0.96
cdef double SKELETON_SIMILARITY = 0.92
cdef double CUT_SIMILARITY = 0.86
cdef double INITIAL_SIMILARITY = 0.88
cdef double TEXT_GAP_COST = 0.04
cdef double TEXT_CONTRADICTION_COST = 0.3
cdef double ORDER_COST = 0.01
cdef double FIRM_ORDER_COST = 0.02
cdef double LONE_COST = 0.02
cdef double FORM_COST = 0.12
cdef double FORM_OMITTED_COST = 0.03
cdef double NUMBER_COST = 0.15
cdef double SWAPPED_COST = 0.15
cdef double INITIALS_ALONE_FACTOR = 0.85
cdef double INITIALS_ALONE_MIN = 0.92
cdef double CONTAINED_COST = 0.08
cdef double CONTAINED_SIMILARITY_MIN = 0.9
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


cdef inline bint equal(const byte_t* c_left, uint32_t left, const byte_t* c_right, uint32_t right) noexcept nogil:
    return left == right and c_left[0] == c_right[0] and memcmp(c_left, c_right, left) == 0


cdef inline bint joins(
    const byte_t* c_first, uint32_t first, const byte_t* c_second, uint32_t second, const byte_t* c_whole,
    uint32_t whole,
) noexcept nogil:
    """Are two words, written together, the third? Abu may lose its a (Bukhattala)."""
    if first == 3 and whole == second + 2 and memcmp(c_first, b"abu", 3) == 0:
        c_first += 1
        first -= 1
    return (
        first + second == whole and memcmp(c_first, c_whole, first) == 0
        and same_part(c_second, second, c_whole + first)
    )


cdef inline bint same_part(const byte_t* c_part, uint32_t length, const byte_t* c_piece) noexcept nogil:
    """Is a word, not the first, a piece of another? An article may have any vowel (Abd al-, Abdul)."""
    return memcmp(c_part, c_piece, length) == 0 or (length == 2 and is_article(c_part) and is_article(c_piece))


cdef inline bint joins_keys(
    const byte_t* c_first, uint32_t first, const byte_t* c_second, uint32_t second, const byte_t* c_whole,
    uint32_t whole,
) noexcept nogil:
    """Are two keys, written together, the third? A letter that repeats its left neighbour is dropped at the seam."""
    cdef uint32_t skip
    if first < PART_KEY_MIN or second < PART_KEY_MIN:
        return False
    skip = c_first[first - 1] == c_second[0]
    return (
        first + second - skip == whole and memcmp(c_first, c_whole, first) == 0
        and memcmp(c_second + skip, c_whole + first, second - skip) == 0
    )


cdef inline bint one_word(
    const byte_t* c_first, const byte_t* c_first_key, const ShapeC* c_first_shape, const byte_t* c_second,
    const byte_t* c_second_key, const ShapeC* c_second_shape, const byte_t* c_whole, const byte_t* c_whole_key,
    const ShapeC* c_whole_shape,
) noexcept nogil:
    """Are two words, written together, the third, by letters or by keys?"""
    cdef uint32_t first = c_first_shape.plain_length, second = c_second_shape.plain_length
    cdef uint32_t first_key = c_first_shape.key_length, second_key = c_second_shape.key_length
    if adds_up(first, second, c_whole_shape.plain_length) and joins(
        c_first, first, c_second, second, c_whole, c_whole_shape.plain_length
    ):
        return True
    return adds_up(first_key, second_key, c_whole_shape.key_length) and joins_keys(
        c_first_key, first_key, c_second_key, second_key, c_whole_key, c_whole_shape.key_length
    )


cdef inline bint joins_three(const NameWordC* c_name, const WordC* c_word) noexcept nogil:
    """Are three words of a name, written together, the text word?"""
    cdef uint32_t first = c_name[0].shape.plain_length, second = c_name[1].shape.plain_length
    return (
        first + second + c_name[2].shape.plain_length == c_word.plain_length
        and memcmp(c_name[0].plain, c_word.plain, first) == 0
        and same_part(c_name[1].plain, second, &c_word.plain[first])
        and same_part(c_name[2].plain, c_name[2].shape.plain_length, &c_word.plain[first + second])
    )


cdef inline bint fits(const InitialC* c_initial, uint32_t plain_head, uint32_t key_head) noexcept nogil:
    """May a letter stand for a word?"""
    cdef uint32_t first = plain_head & 0xFF, second = (plain_head >> 8) & 0xFF
    cdef bint by_key = (key_head & c_initial.key_mask) == c_initial.key
    cdef bint by_plain = (plain_head & c_initial.plain_mask) == c_initial.plain
    if not c_initial.latin and c_initial.plain_length == 1:
        if second == c'h' and (first == c's' or first == c'z' or first == c'k' or first == c'c'):
            return False
        if first == c't' and second == c's':
            return False
        second = (key_head >> 8) & 0xFF
        if not by_plain and c_initial.key == c'i' and (second == c'a' or second == c'u'):
            return False
    return by_key or by_plain


cdef inline bint near_vowels(byte_t left, byte_t right) noexcept nogil:
    """May two vowels be written for one?"""
    if left == c'a':
        return right == c'a' or right == c'e' or right == c'o'
    if left == c'e':
        return right == c'e' or right == c'a' or right == c'i'
    if left == c'o':
        return right == c'o' or right == c'a' or right == c'u'
    return right == left or right == (c'e' if left == c'i' else c'o')


cdef bint same_but_vowels(const byte_t* c_left, uint32_t left, const byte_t* c_right, uint32_t right) noexcept nogil:
    """Do two keys of four letters and more differ in vowels within the word only, missing or near ones?"""
    cdef uint32_t i = 1, j = 1, run, other_run
    cdef bint any_consonant = False
    if left < VOWELS_LENGTH_MIN or right < VOWELS_LENGTH_MIN or c_left[0] != c_right[0]:
        return False
    if merged(c_left[left - 1]) != merged(c_right[right - 1]):
        return False
    left -= 1
    right -= 1
    while True:
        run = i
        other_run = j
        while i < left and is_vowel(c_left[i]):
            i += 1
        while j < right and is_vowel(c_right[j]):
            j += 1
        if run < i and other_run < j and not (
            near_vowels(c_left[run], c_right[other_run]) and near_vowels(c_left[i - 1], c_right[j - 1])
        ):
            return False
        if i == left or j == right:
            return i == left and j == right and any_consonant
        if c_left[i] != c_right[j]:
            return False
        any_consonant = True
        i += 1
        j += 1


cdef inline bint same_but_article(
    const byte_t* c_left, uint32_t left, const byte_t* c_right, uint32_t right,
) noexcept nogil:
    """Are two keys equal but for the vowel of an article glued to their front (Alshafi, Elshafi)?"""
    return (
        left == right and left >= ARTICLED_MIN and is_article(c_left) and is_article(c_right)
        and c_left[0] != c'o' and c_right[0] != c'o' and memcmp(c_left + 2, c_right + 2, left - 2) == 0
    )


cdef inline void merge(const byte_t* c_key, uint32_t length, byte_t* c_out) noexcept nogil:
    """Write a key with the letters merged that stand for each other."""
    cdef uint32_t i
    for i in range(length):
        c_out[i] = merged(c_key[i])


cdef bint similar_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used, uint32_t* c_left, bint cased, bint lenient,
) noexcept nogil:
    """Pair words with similar letters, the best pairs first; False if rapidfuzz failed."""
    cdef uint64_t used = c_used[0]
    cdef uint32_t i, j, best_i = 0, best_j = 0, limit, ways
    cdef double[2048] scores
    cdef byte_t key[128]
    cdef double value, ratio, best, size
    cdef sito_rf_func by_letters
    cdef sito_rf_func by_keys
    cdef sito_rf_string text
    cdef bint fine, any_score = False
    for j in range(name_count):
        if c_pairs[j].query < 0:
            memset(scores + j * query_count, 0, query_count * sizeof(double))
    for i in range(query_count):
        if (used >> i) & 1 or c_query[i].word.plain_length < 2 or (cased and not c_query[i].shape.capital):
            continue
        fine = True
        memset(&by_letters, 0, sizeof(by_letters))
        memset(&by_keys, 0, sizeof(by_keys))
        for j in range(name_count):
            if c_pairs[j].query >= 0 or c_name[j].shape.plain_length < 2:
                continue
            limit = edits_max(&c_query[i].shape, &c_name[j].shape)
            ways = within(&c_query[i].shape, &c_name[j].shape, limit)
            if limit == 0 or ways == 0 or not comparable(&c_query[i].shape, &c_name[j].shape):
                continue
            value = 0.0
            if ways & 1:
                if by_letters.call == NULL:
                    set_string(&text, c_query[i].word.plain, c_query[i].word.plain_length)
                    fine = _ratio.scorer_func_init(&by_letters, &_kwargs, 1, &text)
                if fine:
                    set_string(&text, c_name[j].plain, c_name[j].shape.plain_length)
                    fine = by_letters.call(&by_letters, &text, 1, SIMILAR_MIN, SIMILAR_MIN, &ratio)
                    size = <double> (c_query[i].shape.plain_length + c_name[j].shape.plain_length)
                    if ratio >= SIMILAR_MIN and (100.0 - ratio) * size <= 100.0 * limit + 0.001:
                        value = ratio
            if fine and ways & 2:
                if by_keys.call == NULL:
                    merge(c_query[i].word.key, c_query[i].word.key_length, key)
                    set_string(&text, key, c_query[i].word.key_length)
                    fine = _ratio.scorer_func_init(&by_keys, &_kwargs, 1, &text)
                if fine:
                    merge(c_name[j].key, c_name[j].shape.key_length, key)
                    set_string(&text, key, c_name[j].shape.key_length)
                    fine = by_keys.call(&by_keys, &text, 1, SIMILAR_MIN, SIMILAR_MIN, &ratio)
                    size = <double> (c_query[i].shape.key_length + c_name[j].shape.key_length)
                    if (
                        ratio >= SIMILAR_MIN and (100.0 - ratio) * size <= 100.0 * limit + 0.001
                        and ratio * MERGED_SIMILARITY > value
                    ):
                        value = ratio * MERGED_SIMILARITY
            if not fine:
                break
            if value >= SIMILAR_MIN and same_but_article(
                c_query[i].word.key, c_query[i].word.key_length, c_name[j].key, c_name[j].shape.key_length
            ):
                value = 100.0 * KEY_SIMILARITY
            elif merged(c_query[i].word.key[0]) != merged(c_name[j].key[0]):
                value *= FIRST_LETTER_FACTOR
            elif SIMILAR_MIN <= value < VOWELS_SIMILARITY and lenient and same_but_vowels(
                c_query[i].word.key, c_query[i].word.key_length, c_name[j].key, c_name[j].shape.key_length
            ):
                value = VOWELS_SIMILARITY
            if c_query[i].shape.facts.traits & c_name[j].shape.facts.traits & TRAIT_KNOWN:
                value *= (
                    BOTH_SURNAMES_FACTOR if c_query[i].shape.facts.traits & c_name[j].shape.facts.traits & TRAIT_SURNAME
                    else BOTH_KNOWN_FACTOR
                )
            if value >= SIMILAR_MIN:
                scores[j * query_count + i] = value / 100.0
                any_score = True
        if by_letters.dtor != NULL:
            by_letters.dtor(&by_letters)
        if by_keys.dtor != NULL:
            by_keys.dtor(&by_keys)
        if not fine:
            return False
    while any_score and c_left[0]:
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
        take(&c_pairs[best_j], best_i, RULE_SIMILAR, best, 1)
        used |= (<uint64_t> 1) << best_i
        c_left[0] -= 1
    c_used[0] = used
    return True


cdef inline bint partners(
    const QueryWordC* c_word, const NameWordC* c_name, uint8_t rule, double similarity, bint free_text,
    uint32_t* c_bones, uint32_t* c_forms,
) noexcept nogil:
    """Are two words partners by a rule that looks at one pair at a time?

    What forms they are is added to `c_forms`; in how many consonants they agree is written to `c_bones`.
    """
    cdef uint32_t letters
    cdef InitialC mine
    if rule == RULE_VARIANT:
        return share_group(&c_word.shape.facts, &c_name.shape.facts)
    if rule == RULE_FORM:
        if (c_word.shape.key_head ^ c_name.shape.key_head) & 0xFF:
            return False
        letters = form_of(c_word.word.key, c_word.word.key_length, c_name.key, c_name.shape.key_length)
        c_forms[0] |= letters
        return letters & (<uint32_t> FORM_OF_CASE if similarity == FORM_SIMILARITY else <uint32_t> FORM_OF_GENDER) != 0
    if rule == RULE_SKELETON:
        c_bones[0] = same_bones(
            c_word.word.key, c_word.word.key_length, c_word.shape.facts.traits & TRAIT_VOWELLESS != 0,
            c_name.key, c_name.shape.key_length, c_name.shape.facts.traits & TRAIT_VOWELLESS != 0,
        )
        return c_bones[0] >= SKELETON_MIN
    letters = c_word.shape.initial_count
    if free_text and not c_word.shape.capital:
        letters = 0
    if c_name.shape.initial_count == 0:
        return letters == 1 and c_name.shape.plain_length > 1 and fits(
            &c_word.initials[0], c_name.shape.plain_head, c_name.shape.key_head
        )
    if letters:
        return False
    listed_initial(c_name, &mine)
    return fits(&mine, c_word.shape.plain_head, c_word.shape.key_head)


cdef inline void listed_initial(const NameWordC* c_name, InitialC* c_initial) noexcept nogil:
    """Make the initial that a listed word of one letter is; lists do not tell its script."""
    c_initial.plain = c_name.shape.plain_head
    c_initial.key = c_name.shape.key_head
    c_initial.plain_mask = 0xFF
    c_initial.key_mask = mask_of(c_name.shape.key_length)
    c_initial.plain_length = 1
    c_initial.latin = True


cdef inline bint is_short(const ShapeC* c_left, const ShapeC* c_right) noexcept nogil:
    """Is there little in one of two words that could differ?"""
    return (c_left.key_length <= SHORT_MAX or c_right.key_length <= SHORT_MAX) and not (
        c_left.facts.traits | c_right.facts.traits
    ) & TRAIT_VOWELLESS


cdef uint32_t equal_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used,
) noexcept nogil:
    """Give every name word the first text word left with its letters; returns how many were paired."""
    cdef uint32_t i, j, taken = 0
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            if (
                c_query[i].shape.plain_head == c_name[j].shape.plain_head
                and c_query[i].shape.plain_length == c_name[j].shape.plain_length and not (c_used[0] >> i) & 1
                and memcmp(c_query[i].word.plain, c_name[j].plain, c_name[j].shape.plain_length) == 0
            ):
                take(&c_pairs[j], i, RULE_SAME, 1.0, 1)
                c_used[0] |= (<uint64_t> 1) << i
                taken += 1
                break
    return taken


cdef uint32_t equal_keys(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used, bint person,
) noexcept nogil:
    """The same by keys."""
    cdef uint32_t i, j, taken = 0
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            if (
                c_query[i].shape.key_head == c_name[j].shape.key_head
                and c_query[i].shape.key_length == c_name[j].shape.key_length and not (c_used[0] >> i) & 1
                and memcmp(c_query[i].word.key, c_name[j].key, c_name[j].shape.key_length) == 0
            ):
                take(
                    &c_pairs[j], i, RULE_SAME_KEY,
                    KEY_SIMILARITY * SHORT_FACTOR if not person and is_short(&c_query[i].shape, &c_name[j].shape)
                    else KEY_SIMILARITY, 1,
                )
                c_used[0] |= (<uint64_t> 1) << i
                taken += 1
                break
    return taken


cdef uint32_t one_by_one(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used, uint8_t rule, double similarity, bint free_text, bint person, bint cased, uint32_t* c_forms,
) noexcept nogil:
    """Give every name word left the first text word left that fits by a rule; returns how many were paired."""
    cdef uint32_t i, j, bone_count = 0, taken = 0
    cdef double value
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            # A word written small where others are not is no such name.
            if cased and (rule == RULE_VARIANT or rule == RULE_SKELETON) and not c_query[i].shape.capital:
                continue
            if not (c_used[0] >> i) & 1 and partners(
                &c_query[i], &c_name[j], rule, similarity, free_text, &bone_count, c_forms
            ):
                value = similarity
                if rule == RULE_VARIANT:
                    if is_short(&c_query[i].shape, &c_name[j].shape):
                        value *= SHORT_FACTOR
                elif rule == RULE_INITIAL and c_name[j].shape.initial_count:
                    value = LISTED_INITIAL_SIMILARITY
                elif rule == RULE_SKELETON and bone_count < BONES_SURE_MIN:
                    value *= SHORT_FACTOR
                elif rule == RULE_FORM and not person and not free_text:
                    value = FIRM_FORM_SIMILARITY
                take(&c_pairs[j], i, rule, value, 1)
                c_used[0] |= (<uint64_t> 1) << i
                taken += 1
                break
    return taken


cdef uint32_t servants(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    uint64_t* c_used,
) noexcept nogil:
    """Pair Abd al- with Abdul on the other side, before another article of the name takes this one."""
    cdef uint32_t i, j, taken = 0
    for j in range(name_count):
        if c_name[j].shape.plain_head & 0xFFFFFF != SERVANT_HEAD or c_pairs[j].query >= 0:
            continue
        for i in range(query_count):
            if c_query[i].shape.plain_head & 0xFFFFFF != SERVANT_HEAD or (c_used[0] >> i) & 1:
                continue
            if c_name[j].shape.plain_length == 5 and i + 1 < query_count and may_be_article(
                &c_query[i + 1].shape
            ) and not (c_used[0] >> (i + 1)) & 1 and joins(
                c_query[i].word.plain, c_query[i].word.plain_length,
                c_query[i + 1].word.plain, c_query[i + 1].word.plain_length,
                c_name[j].plain, c_name[j].shape.plain_length,
            ):
                take(&c_pairs[j], i, RULE_JOINED, JOINED_SIMILARITY, 2)
                c_used[0] |= (<uint64_t> 3) << i
                taken += 1
                break
            if c_query[i].word.plain_length == 5 and j + 1 < name_count and may_be_article(
                &c_name[j + 1].shape
            ) and c_pairs[j + 1].query < 0 and joins(
                c_name[j].plain, c_name[j].shape.plain_length,
                c_name[j + 1].plain, c_name[j + 1].shape.plain_length,
                c_query[i].word.plain, c_query[i].word.plain_length,
            ):
                take(&c_pairs[j], i, RULE_JOINED, JOINED_SIMILARITY, 1)
                c_pairs[j + 1] = c_pairs[j]
                c_used[0] |= (<uint64_t> 1) << i
                taken += 2
                break
    return taken


cdef bint pair_words(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count, PairC* c_pairs,
    bint free_text, bint person,
) noexcept nogil:
    """Find the partner of every name word; False if rapidfuzz failed (out of memory)."""
    cdef uint64_t used = 0
    cdef uint32_t i, j, k, left = name_count, waiting, groups = 0, forms = 0, traits = 0, after, until
    cdef uint32_t places[3]
    cdef double together = JOINED_SIMILARITY if person else FIRM_JOINED_SIMILARITY
    cdef bint vowelless = False, initial = False, cased = False, with_child = False, lenient
    if free_text:
        for i in range(query_count):
            cased = cased or c_query[i].shape.capital != 0
    for j in range(name_count):
        c_pairs[j].query = -1
        c_pairs[j].rule = RULE_NONE
        c_pairs[j].span = 1
        c_pairs[j].similarity = 0.0
        vowelless = vowelless or c_name[j].shape.facts.traits & TRAIT_VOWELLESS != 0
        initial = initial or c_name[j].shape.initial_count != 0
        groups |= c_name[j].shape.facts.groups[0] | c_name[j].shape.facts.groups[1]
        traits |= c_name[j].shape.facts.traits
        with_child = with_child or c_name[j].shape.facts.weight == CHILD_WEIGHT
    if person and query_count > 2 and name_count > 2:
        left -= servants(c_query, query_count, c_name, name_count, c_pairs, &used)
    left -= equal_words(c_query, query_count, c_name, name_count, c_pairs, &used)
    if left == 0:
        return True
    left -= equal_keys(c_query, query_count, c_name, name_count, c_pairs, &used, person)
    if left == 0:
        return True
    if groups:
        left -= one_by_one(
            c_query, query_count, c_name, name_count, c_pairs, &used, RULE_VARIANT, VARIANT_SIMILARITY, free_text,
            person, cased, &forms,
        )
        if left == 0:
            return True
    left -= one_by_one(
        c_query, query_count, c_name, name_count, c_pairs, &used, RULE_FORM, FORM_SIMILARITY, free_text, person,
        cased, &forms,
    )
    if left == 0:
        return True
    # All pairs left were looked at just now.
    if forms & <uint32_t> FORM_OF_GENDER:
        left -= one_by_one(
            c_query, query_count, c_name, name_count, c_pairs, &used, RULE_FORM, GENDER_SIMILARITY, free_text, person,
            cased, &forms,
        )
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            continue
        for i in range(query_count - 1 if query_count else 0):
            if (used >> i) & 3:
                continue
            if one_word(
                c_query[i].word.plain, c_query[i].word.key, &c_query[i].shape,
                c_query[i + 1].word.plain, c_query[i + 1].word.key, &c_query[i + 1].shape,
                c_name[j].plain, c_name[j].key, &c_name[j].shape,
            ):
                take(&c_pairs[j], i, RULE_JOINED, together, 2)
                used |= (<uint64_t> 3) << i
                left -= 1
                break
    for k in range(2, 4):
        # A surname that stands first is written behind the other names, too.
        until = name_count - k + 1 if name_count >= k else 0
        for j in range(name_count if k == 2 and person and name_count > 1 else until):
            after = j + 1 if j + 1 < name_count else 0
            if c_pairs[j].query >= 0 or c_pairs[after].query >= 0 or (k == 3 and c_pairs[j + 2].query >= 0):
                continue
            for i in range(query_count):
                if not (used >> i) & 1 and (
                    one_word(
                        c_name[j].plain, c_name[j].key, &c_name[j].shape,
                        c_name[after].plain, c_name[after].key, &c_name[after].shape,
                        c_query[i].word.plain, c_query[i].word.key, &c_query[i].shape,
                    ) if k == 2 else joins_three(&c_name[j], &c_query[i].word)
                ):
                    take(&c_pairs[j], i, RULE_JOINED, together, 1)
                    c_pairs[after] = c_pairs[j]
                    if k == 3:
                        c_pairs[j + 2] = c_pairs[j]
                    used |= (<uint64_t> 1) << i
                    left -= k
                    break
    if left == 0:
        return True
    for i in range(query_count):
        vowelless = vowelless or c_query[i].shape.facts.traits & TRAIT_VOWELLESS != 0
        initial = initial or c_query[i].shape.initial_count != 0
        traits |= c_query[i].shape.facts.traits
        with_child = with_child or c_query[i].shape.facts.weight == CHILD_WEIGHT
    if person and (traits & FATHER or with_child):
        left -= same_father(c_query, query_count, c_name, name_count, c_pairs, &used, cased)
        if left == 0:
            return True
    if vowelless:
        left -= one_by_one(
            c_query, query_count, c_name, name_count, c_pairs, &used, RULE_SKELETON, SKELETON_SIMILARITY, free_text,
            person, cased, &forms,
        )
    if left == 0:
        return True
    lenient = person and not free_text and (name_count > 1 or query_count == 1)
    if not similar_words(c_query, query_count, c_name, name_count, c_pairs, &used, &left, cased, lenient):
        return False
    if left == 0:
        return True
    # The field may have been too short for its last word.
    i = query_count - 1
    if (
        not free_text and query_count > 1 and not (used >> i) & 1 and c_query[i].shape.initial_count != 1
        and c_query[i].word.plain_length >= CUT_LETTERS_MIN
        and not c_query[i].shape.facts.traits & TRAIT_NUMBER
    ):
        for j in range(name_count):
            if (
                c_pairs[j].query < 0 and c_name[j].shape.plain_length >= c_query[i].word.plain_length
                and memcmp(c_name[j].plain, c_query[i].word.plain, c_query[i].word.plain_length) == 0
            ):
                take(&c_pairs[j], i, RULE_CUT, CUT_SIMILARITY, 1)
                used |= (<uint64_t> 1) << i
                left -= 1
                break
    if left == 0:
        return True
    if initial and person:
        left -= one_by_one(
            c_query, query_count, c_name, name_count, c_pairs, &used, RULE_INITIAL, INITIAL_SIMILARITY, free_text,
            person, cased, &forms,
        )
        for i in range(query_count):
            if (used >> i) & 1 or c_query[i].shape.initial_count < 2 or (free_text and not c_query[i].shape.capital):
                continue
            waiting = 0
            for j in range(name_count):
                if (
                    c_pairs[j].query < 0 and c_name[j].shape.facts.weight >= TELLING_MIN
                    and c_name[j].shape.plain_length > 1 and waiting < c_query[i].shape.initial_count
                    and fits(&c_query[i].initials[waiting], c_name[j].shape.plain_head, c_name[j].shape.key_head)
                ):
                    places[waiting] = j
                    waiting += 1
            if waiting == c_query[i].shape.initial_count:
                for k in range(waiting):
                    take(&c_pairs[places[k]], i, RULE_INITIAL, INITIAL_SIMILARITY, 1)
                used |= (<uint64_t> 1) << i
    return True


cdef inline uint64_t form_bit(const ShapeC* c_shape) noexcept nogil:
    """Return the bit of the class of a legal form, 0 for other words."""
    if is_legal(c_shape) and c_shape.facts.weight == FORM_CLASS_WEIGHT and c_shape.facts.groups[0]:
        return (<uint64_t> 1) << (c_shape.facts.groups[0] & 63)
    return 0


cdef inline double rarity_of(const ShapeC* c_shape, const PairC* c_pair) noexcept nogil:
    """What a pair says about who is meant, in quarter bits."""
    cdef double share, kept
    if c_pair.rule == RULE_INITIAL:
        share = <double> c_shape.facts.rarity
        return share if share < INITIAL_RARITY else <double> INITIAL_RARITY
    share = <double> (<uint32_t> c_shape.facts.weight * c_shape.facts.rarity) / 100.0
    if c_pair.rule == RULE_SIMILAR or c_pair.rule == RULE_SKELETON:
        kept = 1.0 - 2.5 * (1.0 - c_pair.similarity)
        return share * (kept if kept > 0.0 else 0.0)
    return share * c_pair.similarity


cdef inline bint is_small_letter(const ShapeC* c_shape) noexcept nogil:
    """May a letter be a preposition or a conjunction? Not х or ш, which are written with two letters."""
    if c_shape.plain_length == 2:
        return c_shape.plain_head == YA_HEAD
    return c_shape.plain_length == 1 and c_shape.plain_letters & <uint32_t> SMALL_LETTERS != 0


cdef double score_pairs(
    const QueryWordC* c_query, uint32_t query_count, const NameWordC* c_name, uint32_t name_count,
    const PairC* c_pairs, bint free_text, bint person,
) noexcept nogil:
    """Weigh the pairs of one text and one name; in [0, 1]."""
    cdef uint32_t name_total = 0, query_total = 0, name_found = 0, query_found = 0, count = 0, i, j
    cdef uint32_t telling = 0, whole = 0, initials = 0, missing = 0
    cdef uint64_t used = 0, counted
    cdef double weighed = 0.0, rarity = 0.0, alone = 0.0
    cdef double mean, name_missing, query_missing, cost, value, common
    cdef bint identical, surname_found = False, surname_missing = False, number = False
    cdef bint contradiction = False, with_father = False, marked = False, bare = False, known, sure, fine
    cdef uint64_t mine = 0, theirs = 0
    cdef uint32_t weight
    cdef int last_initial = -1
    cdef bint swapped = False, named = False
    cdef int begin = -1, turns = 0, again = 0
    cdef int last = -1, first_at = <int> query_count, last_at = -1, at, end, gap
    cdef const ShapeC* c_shape
    if not person:
        fine = False
        for i in range(query_count):
            fine = fine or not is_legal(&c_query[i].shape)
        for j in range(name_count):
            bare = bare or not is_legal(&c_name[j].shape)
        bare = bare and fine
    for i in range(query_count):
        if not (bare and is_legal(&c_query[i].shape)):
            query_total += weight_in(&c_query[i].shape, person)
    for j in range(name_count):
        marked = marked or is_known_surname(&c_name[j].shape)
        with_father = with_father or c_name[j].shape.facts.traits & FATHER != 0 or (
            person and child(c_name[j].plain, &c_name[j].shape) != 0
        )
    for j in range(name_count):
        c_shape = &c_name[j].shape
        if bare and is_legal(c_shape):
            if c_pairs[j].query >= 0:
                for i in range(<uint32_t> c_pairs[j].query, <uint32_t> (c_pairs[j].query + c_pairs[j].span)):
                    if not (used >> i) & 1:
                        used |= (<uint64_t> 1) << i
                        if not is_legal(&c_query[i].shape):
                            query_total -= weight_in(&c_query[i].shape, person)
            continue
        weight = weight_in(c_shape, person)
        name_total += weight
        at = c_pairs[j].query
        if at < 0:
            surname_missing = surname_missing or may_be_surname(c_shape, with_father)
            # "al" is no surname that is missing.
            missing |= c_shape.facts.traits if c_shape.facts.weight >= TELLING_MIN else 0
            number = number or (c_shape.facts.traits & TRAIT_NUMBER != 0 and c_shape.facts.weight >= TELLING_MIN)
            continue
        name_found += weight
        named = named or c_shape.facts.traits & (TRAIT_SURNAME | PARTS) == TRAIT_SURNAME
        end = at + c_pairs[j].span
        for i in range(<uint32_t> at, <uint32_t> end):
            if not (used >> i) & 1:
                used |= (<uint64_t> 1) << i
                if not (bare and is_legal(&c_query[i].shape)):
                    query_found += weight_in(&c_query[i].shape, person)
        weighed += weight * c_pairs[j].similarity
        rarity += rarity_of(c_shape, &c_pairs[j])
        count += 1
        if c_pairs[j].rule == RULE_INITIAL:
            initials += 1
            swapped = swapped or at < last_initial
            last_initial = at
        elif not person and c_shape.plain_length == 1 and not c_shape.plain_letters & CONNECTING_LETTERS:
            swapped = swapped or at < last_initial
            last_initial = at
        elif c_shape.facts.weight >= TELLING_MIN:
            whole += 1
            alone = 0.0 if c_pairs[j].rule == RULE_FORM and not free_text else c_pairs[j].similarity
            surname_found = surname_found or (
                is_surname(c_shape, marked)
                and not (
                    c_query[at].shape.facts.traits & TRAIT_GIVEN and c_shape.facts.traits & TRAIT_SURNAME == 0
                )
            )
        if c_shape.facts.weight >= TELLING_MIN and c_pairs[j].similarity >= CONTAINED_SIMILARITY_MIN:
            telling += 1
        again += at == last        # one word of the text may be several of the name
        turns += at < last
        if begin < 0:
            begin = at
        last = at
        if at < first_at:
            first_at = at
        if end - 1 > last_at:
            last_at = end - 1
    if name_found == 0 or query_total == 0:
        return 0.0
    counted = used
    if not free_text:
        for i in range(query_count):
            if not (used >> i) & 1 and c_query[i].shape.facts.weight >= TELLING_MIN:
                for j in range(query_count):
                    if (used >> j) & 1 and equal(
                        c_query[i].word.plain, c_query[i].word.plain_length,
                        c_query[j].word.plain, c_query[j].word.plain_length,
                    ):
                        query_total -= weight_in(&c_query[i].shape, person)
                        counted |= (<uint64_t> 1) << i
                        break
    if person and not free_text:
        if name_found == name_total:
            for i in range(query_count):
                if not (counted >> i) & 1:
                    query_total -= forefather(&c_query[i].shape, &c_query[i - 1].shape if i else NULL)
        elif query_found == query_total:
            for j in range(name_count):
                if c_pairs[j].query < 0:
                    name_total -= forefather(&c_name[j].shape, &c_name[j - 1].shape if j else NULL)
    if not person and not free_text and name_found == name_total:
        for i in range(<uint32_t> (last_at + 1), query_count):
            if not (counted >> i) & 1 and weight_in(&c_query[i].shape, False) == PLACE_WEIGHT:
                query_total -= PLACE_WEIGHT - BRANCH_WEIGHT
    if not free_text and query_count == name_count:
        identical = True
        for j in range(name_count):
            if not equal(
                c_query[j].word.plain, c_query[j].word.plain_length, c_name[j].plain, c_name[j].shape.plain_length
            ):
                identical = False
                break
        if identical:
            return 1.0
    mean = weighed / name_found
    name_missing = 1.0 - <double> name_found / name_total
    # Nothing may be left of a field that says a form and a name in one word twice: then nothing is missing.
    query_missing = 1.0 - <double> query_found / query_total if query_total else 0.0
    gap = 0
    for i in range(<uint32_t> first_at, <uint32_t> (last_at + 1)):
        gap += not (used >> i) & 1
    common = RARITY_COST if person else FIRM_RARITY_COST
    common = common * (RARITY_FULL - rarity) if rarity < RARITY_FULL else 0.0
    if common > RARITY_COST_MAX:
        common = RARITY_COST_MAX
    for i in range(first_at - 1 if first_at else 0, last_at + 2 if last_at + 2 < <int> query_count else query_count):
        if (used >> i) & 1:
            continue
        # A patronymic follows its given name: one before the find is somebody else's.
        if c_query[i].shape.facts.traits & missing & (
            <uint32_t> TRAIT_GIVEN if <int> i < first_at else <uint32_t> PARTS
        ) or (c_query[i].shape.capital and (
            (
                not named and c_query[i].shape.facts.traits & missing & TRAIT_SURNAME
                and c_query[i].shape.facts.weight > PLACE_WEIGHT and c_query[i].shape.plain_length >= RIVAL_LENGTH_MIN
            )
            # Where initials were found, another one is of a part that is not the listed one.
            or (
                initials and c_query[i].shape.initial_count == 1 and missing & PARTS
                and not is_small_letter(&c_query[i].shape)
            )
        )):
            contradiction = True
        if c_query[i].shape.facts.traits & TRAIT_NUMBER and c_query[i].shape.facts.weight >= TELLING_MIN:
            number = True
    if free_text:
        if name_missing <= ONE_SIDED_KNEE and count >= 2:
            cost = name_missing * (TEXT_MISSING_COST if person else TEXT_FIRM_COST)
        else:
            cost = name_missing * TEXT_MISSING_STEEP
        cost += TEXT_GAP_COST * gap
        if person and contradiction:
            cost += TEXT_CONTRADICTION_COST
    else:
        known = initials > 0 or (with_father and whole >= 2) or rarity >= RARE_RARITY
        cost = cost_of(name_missing, query_missing, person, known, rarity)
    value = mean * (1.0 - cost)
    # A whole telling name stands in the field, whatever else does: two payers, a city, a word of thanks.
    if (
        not free_text and count == name_count and telling == count and gap == 0
        and (telling - again >= CONTAINED_WORDS_MIN or (telling - again >= 2 and rarity >= CONTAINED_RARITY_MIN))
        and mean - CONTAINED_COST > value
    ):
        value = mean - CONTAINED_COST
    value -= common
    if with_father and name_count <= 2 and rarity < NAMELESS_RARITY_MAX:
        surname_missing = True
    sure = rarity >= SURE_RARITY and query_missing == 0.0
    if person and surname_missing and not surname_found and not sure:
        value -= NO_SURNAME_COST
    if not person and number:
        value -= NUMBER_COST
    if not person:
        if telling == 1 and (name_missing > 0.0 or query_missing > 0.0):
            value -= LONE_COST
        for j in range(name_count):
            mine |= form_bit(&c_name[j].shape)
        at = first_at - FORM_REACH if free_text and first_at > FORM_REACH else 0
        end = last_at + FORM_REACH + 1 if free_text else <int> query_count
        for i in range(<uint32_t> at, <uint32_t> end if end < <int> query_count else query_count):
            theirs |= form_bit(&c_query[i].shape)
        if mine and theirs:
            if mine & theirs == 0:
                value -= FORM_COST
        elif mine or theirs:
            value -= FORM_OMITTED_COST
    if swapped:
        value -= SWAPPED_COST
    if turns and not (person and turns == 1 and last < begin):
        value -= ORDER_COST if person else FIRM_ORDER_COST
    if initials and whole <= 1 and alone < INITIALS_ALONE_MIN:
        value *= INITIALS_ALONE_FACTOR
    if value < 0.0:
        value = 0.0
    return NOT_IDENTICAL_MAX if value > NOT_IDENTICAL_MAX else value


def compare(
    Folder folder not None, Knowledge knowledge not None, bytes query not None, bytes name not None, bint free_text,
    bint person,
):
    """Pair and score one text and one name; for tests and explanations, one call a pair.

    Args:
        folder: The fold table.
        knowledge: What is known of words.
        query, name: UTF-8; at most 64 and 32 words after folding.
        free_text: Is the text free text?
        person: Is the name a person's?

    Returns:
        ([(text word or -1, rule, similarity, text words) for each name word], score).
    """
    cdef QueryWordC query_words[QUERY_WORDS_MAX]
    cdef QueryWordC name_folded[NAME_WORDS_MAX]
    cdef NameWordC name_words[NAME_WORDS_MAX]
    cdef PairC pairs[NAME_WORDS_MAX]
    cdef uint32_t query_count, name_count, j
    cdef double value
    cdef bint fine
    query_count = fold_all(folder, knowledge, query, query_words, QUERY_WORDS_MAX, False, person)
    name_count = fold_all(folder, knowledge, name, name_folded, NAME_WORDS_MAX, True, person)
    for j in range(name_count):
        name_words[j].plain = &name_folded[j].word.plain[0]
        name_words[j].key = &name_folded[j].word.key[0]
        name_words[j].shape = name_folded[j].shape
    with nogil:
        fine = pair_words(query_words, query_count, name_words, name_count, pairs, free_text, person)
        value = score_pairs(query_words, query_count, name_words, name_count, pairs, free_text, person) if fine else 0.0
    if not fine:
        raise MemoryError
    return [
        (pairs[j].query, pairs[j].rule, pairs[j].similarity, pairs[j].span) for j in range(name_count)
    ], value


cdef uint32_t fold_all(
    Folder folder, Knowledge knowledge, bytes text, QueryWordC* c_words, uint32_t room, bint listed,
    bint person,
) except 0xFFFFFFFF:
    """Fold the words of a text, or of a listed name, of which only the folded letters are known."""
    cdef const byte_t* c_text = <const byte_t*> text
    cdef uint32_t size = <uint32_t> len(text), position = 0, start = 0, end = 0, flags = 0, count = 0
    cdef QueryWordC* c_word
    while next_token(&folder.c_table, c_text, size, &position, &start, &end, &flags):
        if count == room:
            raise ValueError(f"more than {room} words")
        c_word = &c_words[count]
        if fold_token(&folder.c_table, c_text + start, end - start, &c_word.word, &flags):
            take_shape(
                c_word.word.plain, c_word.word.plain_length, c_word.word.key, c_word.word.key_length, &c_word.shape
            )
            know(
                &knowledge.c_knowledge, c_word.word.plain, c_word.word.plain_length, c_word.word.key,
                c_word.word.key_length, 0 if listed else c_word.word.letters,
                not listed and c_word.word.vowelless, listed and person, &c_word.shape.facts,
            )
            if not listed:
                c_word.shape.initial_count = <uint8_t> take_initials(
                    &folder.c_table, c_text + start, end - start, &c_word.word, c_word.initials
                )
                c_word.shape.capital = c_word.word.capitals > 0
            count += 1
    return count
