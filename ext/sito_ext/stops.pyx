"""Are words found in free text of one name or of two? By the signs that part names and the words beside them."""

from sito_ext.facts cimport (
    TRAIT_DAUGHTER,
    TRAIT_GIVEN,
    TRAIT_NUMBER,
    TRAIT_SON,
    TRAIT_SURNAME,
    TRAIT_VOUCHING,
    FactsC,
    KnowledgeC,
    know,
)
from sito_ext.forms cimport BASE_LENGTH_MAX, bases_of
from sito_ext.shapes cimport NameWordC, PairC, QueryWordC, ShapeC
from sito_ext.tables cimport INFORMATIVE_MIN
from sito_ext.types cimport byte_t, uint8_t, uint32_t, uint64_t
from sito_ext.workspace cimport TextWordC

cdef extern from *:
    int lowest "__builtin_ctzll"(uint64_t bits) noexcept nogil  # of a number that is not 0

cdef enum:
    FORM_WEIGHT_MAX = 10           # of legal forms, as the scorer has it
    BLANK_MAX = 32                 # of ASCII
    SENTENCE_WORD_MIN = 4          # a shorter small word before a dot is cut short
    GAP_MAX = 64                   # bytes between two words that are looked at: each name found asks again
    SIGN_STOP = 1
    SIGN_OPENING = 2
    SIGN_CLOSING = 4
    SIGN_END = 8                   # of a sentence, if a blank is there, too
    SIGN_BLANK = 16


cdef inline uint32_t signs_between(const byte_t* c_text, uint32_t start, uint32_t end) noexcept nogil:
    """Say which signs that part names stand in the first `GAP_MAX` bytes of a range of a text."""
    cdef uint32_t i, signs = 0
    cdef byte_t sign
    for i in range(start, end if end - start <= GAP_MAX else start + GAP_MAX):
        sign = c_text[i]
        if sign <= BLANK_MAX:
            signs |= SIGN_BLANK
        elif sign == c'.' or sign == c'!' or sign == c'?':
            signs |= SIGN_END
        elif sign == c',' or sign == c';' or sign == c':' or sign == c'/' or sign == c'|':
            signs |= SIGN_STOP
        elif sign == c'(' or sign == c'[' or sign == c'{':
            signs |= SIGN_OPENING
        elif sign == c')' or sign == c']' or sign == c'}':
            signs |= SIGN_CLOSING
    return signs


cdef inline bint ends_sentence(const ShapeC* c_shape) noexcept nogil:
    """May a dot behind a word end a sentence?"""
    if c_shape.initial_count == 1:
        return False
    return c_shape.plain_length >= SENTENCE_WORD_MIN or c_shape.capital or c_shape.facts.traits & TRAIT_NUMBER != 0


cdef uint64_t stops_of(
    const byte_t* c_text, const TextWordC* c_places, const QueryWordC* c_query, uint32_t count,
) noexcept nogil:
    """Say before which of at most 64 words a stop stands, a bit for each."""
    cdef uint64_t stops = 0
    cdef uint32_t i, before = SIGN_OPENING, signs, following
    if count < 2:
        return 0
    signs = signs_between(c_text, c_places[0].end, c_places[1].start)
    for i in range(1, count):
        following = SIGN_CLOSING       # a bracket that ends, or begins, beyond the window is around one word
        if i + 1 < count:
            following = signs_between(c_text, c_places[i].end, c_places[i + 1].start)
        if (
            signs & SIGN_STOP
            or (signs & SIGN_OPENING and not following & SIGN_CLOSING)
            or (signs & SIGN_CLOSING and not before & SIGN_OPENING)
            or (signs & SIGN_END and signs & SIGN_BLANK and ends_sentence(&c_query[i - 1].shape))
        ):
            stops |= <uint64_t> 1 << i
        before = signs
        signs = following
    return stops


cdef inline bint is_form(const ShapeC* c_shape) noexcept nogil:
    """Is a word (part of) a legal form?"""
    return c_shape.facts.weight <= FORM_WEIGHT_MAX and c_shape.facts.traits & TRAIT_VOUCHING != 0


cdef int own_name(
    const KnowledgeC* c_knowledge, const QueryWordC* c_word, uint32_t owner, bint before,
) noexcept nogil:
    """Does a word beside one that was found, of these traits, make another name with it? 2 if that is not known."""
    cdef byte_t bases[2048]            # = BASES_MAX * BASE_LENGTH_MAX
    cdef uint8_t lengths[16]           # = BASES_MAX
    cdef FactsC facts
    cdef uint32_t i
    cdef uint32_t names = TRAIT_GIVEN | TRAIT_SURNAME | TRAIT_SON | TRAIT_DAUGHTER
    cdef uint32_t traits = c_word.shape.facts.traits & names
    cdef bint surname = owner & (TRAIT_GIVEN | TRAIT_SON | TRAIT_DAUGHTER) == 0
    if c_word.shape.initial_count == 1:
        return c_word.shape.capital and (surname or (before and owner & TRAIT_GIVEN == 0))
    if c_word.shape.facts.weight < INFORMATIVE_MIN or c_word.shape.facts.traits & (TRAIT_NUMBER | TRAIT_VOUCHING):
        return False
    if traits == 0:
        for i in range(bases_of(c_word.word.key, c_word.word.key_length, bases, lengths)):
            know(
                c_knowledge, bases + BASE_LENGTH_MAX * i, lengths[i], bases + BASE_LENGTH_MAX * i, lengths[i], 0,
                False, False, &facts,
            )
            traits = facts.traits & names
            if traits:
                break
    if traits & (TRAIT_SON | TRAIT_DAUGHTER):
        return surname
    if traits & TRAIT_GIVEN:
        return owner & TRAIT_GIVEN == 0
    return 2 if traits == 0 or owner & names == 0 else not surname


cdef inline bint connects(const QueryWordC* c_word) noexcept nogil:
    """Is a word an "и" or an "and"?"""
    if c_word.shape.plain_length == 1:
        return c_word.shape.plain_head == c'i'
    return c_word.shape.plain_length == 3 and c_word.shape.plain_head == c'a' + 256 * c'n' + 65536 * c'd'


cdef uint32_t parted(
    const KnowledgeC* c_knowledge, const byte_t* c_text, const TextWordC* c_places, const QueryWordC* c_query,
    uint32_t count, const NameWordC* c_name, uint32_t name_count, const PairC* c_pairs, bint person, bint* c_apart,
) noexcept nogil:
    """Return the first stop within the words found, 0 for none; are these of two names, on its sides?

    What tells is a word beside those found, on the same side, that makes a name of its own with them; see the twin.
    """
    cdef uint8_t owners[WINDOW_WORDS_MAX]  # traits of the listed words
    cdef uint64_t found = 0, inner = 0, stops, crossed, hard, one, strange = 0
    cdef uint32_t i, j, k, side, first, last, beside
    cdef int other
    cdef bint cased = False
    c_apart[0] = False
    for j in range(name_count):
        if c_pairs[j].query >= 0:
            for i in range(<uint32_t> c_pairs[j].query, <uint32_t> c_pairs[j].query + c_pairs[j].span):
                owners[i] = c_name[j].shape.facts.traits
                found |= <uint64_t> 1 << i
                if person or not is_form(&c_query[i].shape):
                    inner |= <uint64_t> 1 << i
    if inner & (inner - 1) == 0:
        return 0
    first = <uint32_t> lowest(inner)
    last = first
    for i in range(first, count):
        if inner >> i & 1:
            last = i
    # Mostly nothing but blanks stands between them.
    for i in range(first, last):
        if signs_between(c_text, c_places[i].end, c_places[i + 1].start) & ~<uint32_t> SIGN_BLANK or (
            person and not found >> i & 1 and connects(c_query + i)
        ):
            break
    else:
        return 0
    stops = stops_of(c_text, c_places, c_query, count)
    for i in range(count):
        cased = cased or c_query[i].shape.capital != 0
    hard = stops & ~((<uint64_t> 2 << first) - 1)
    if last < 63:
        hard &= (<uint64_t> 2 << last) - 1
    if person:
        for i in range(count - 1):
            if not found >> i & 1 and connects(c_query + i) and not (cased and c_query[i].shape.capital):
                stops |= <uint64_t> 1 << (i + 1)
    crossed = stops & ~((<uint64_t> 2 << first) - 1)
    if last < 63:
        crossed &= (<uint64_t> 2 << last) - 1
    if crossed == 0:
        return 0
    for i in range(first, last + 1):
        if not inner >> i & 1:
            continue
        beside = 0                     # how many words, and is one of them of the name?
        for side in range(2):
            if (i == 0 and side == 0) or (i + 1 == count and side == 1):
                continue
            k = i + 1 if side else i - 1
            if stops >> (k if side else i) & 1:
                continue
            one = <uint64_t> 1 << k
            beside |= 2 if found & one else 1
            if found & one or (not person and owners[i] & TRAIT_NUMBER) or (cased and not c_query[k].shape.capital):
                continue
            # Couples share a surname: what stands beside it tells nothing then.
            if person and hard == 0 and not owners[i] & (TRAIT_GIVEN | TRAIT_SON | TRAIT_DAUGHTER):
                continue
            if person:
                other = own_name(c_knowledge, c_query + k, owners[i], side == 0)
                one = (stops & ((<uint64_t> 2 << i) - 1)) | 1  # the stops before a word tell its side
                if other == 1 or (other == 2 and strange and strange != one):
                    c_apart[0] = True
                if other == 2:
                    strange = one
            elif first < k < last and is_form(&c_query[k].shape):
                c_apart[0] = True
        if not person and owners[i] & TRAIT_NUMBER and beside == 1:
            c_apart[0] = True
    return <uint32_t> lowest(crossed)
