"""Which words of a text and a listed name were partners, looked at again for hits, and that put into sentences.

Nothing here runs for a text without hits. What it makes are Python texts, so it holds the GIL; to let it go for the few
words of one hit would cost more than they do.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeASCII, PyUnicode_DecodeUTF8
from libc.stdlib cimport free, malloc

from sito_ext.fold cimport fold_token, next_token
from sito_ext.near cimport shape_of
from sito_ext.scorer cimport pair_words, score_pairs
from sito_ext.sections cimport IndexC, name_words_of
from sito_ext.shapes cimport QUERY_WORDS_MAX, RULE_INITIAL, PairC, QueryWordC, take_initials
from sito_ext.stops cimport parted
from sito_ext.tables cimport NAME_PERSON
from sito_ext.types cimport byte_t, min, uint32_t, uint64_t
from sito_ext.workspace cimport TextWordC

cdef enum:
    TEXT_SIZE_MAX = 0x7FFFFFFF
    RULE_COUNT = 256               # a rule is a byte
    # What is said of a folded word, see `sito.said.special_words`.
    IS_FORM = 1
    IS_CONNECTING = 2
    CLASS_SHIFT = 2                # above it one more than its class
    CLASS_COUNT = 64
    FORM_REACH = 2                 # words beside a find in free text that may be its legal form

cdef double PARTED_FACTOR = 0.7
cdef double NOT_IDENTICAL_MAX = 0.99
cdef double ROUNDING = 1e-6

cdef uint32_t fold_words(
    const IndexC* c, const byte_t* c_text, uint32_t size, uint32_t low, uint32_t high, PairedC* c_paired,
) noexcept nogil:
    """Note what is known of the words `low` to `high` of a text; returns how many there are."""
    cdef uint32_t position = 0, start = 0, end = 0, flags = 0, seen = 0, filled = 0
    cdef QueryWordC* c_word
    while next_token(c.look_up.fold_table, c_text, size, &position, &start, &end, &flags):
        if seen >= high or filled == QUERY_WORDS_MAX:
            break
        c_word = &c_paired.words[filled]
        if not fold_token(c.look_up.fold_table, c_text + start, end - start, &c_word.word, &flags):
            continue
        if seen >= low:
            shape_of(&c.look_up, c_text + start, end - start, &c_word.word, &c_word.shape)
            if c_word.shape.initial_count:
                take_initials(c.look_up.fold_table, c_text + start, end - start, &c_word.word, c_word.initials)
            c_paired.places[filled].start = start
            c_paired.places[filled].end = end
            filled += 1
        seen += 1
    return filled


cdef bint pair_again(
    const IndexC* c, const byte_t* c_text, uint32_t name, bint free_text, PairedC* c_paired,
) noexcept nogil:
    """Pair words with one name as the matcher did; False if there is no memory."""
    cdef const byte_t* c_head = c.name_bytes + c.name_starts[name]
    cdef uint32_t count = c_paired.word_count
    c_paired.name_count = name_words_of(c, name, c_paired.name_words)
    c_paired.factor = c_head[2]
    c_paired.person = c_head[1] & NAME_PERSON != 0
    c_paired.apart = False
    if not pair_words(
        c_paired.words, count, c_paired.name_words, c_paired.name_count, c_paired.pairs, free_text, c_paired.person
    ):
        return False
    if free_text:
        parted(
            c.look_up.knowledge, c_text, c_paired.places, c_paired.words, count, c_paired.name_words,
            c_paired.name_count, c_paired.pairs, c_paired.person, &c_paired.apart,
        )
    return True


@cython.final
cdef class Window:
    """Some words of a text as the kernels see them, kept for the next hit: mostly namesakes are met by the same words.

    One thread may use it at a time.
    """

    def __cinit__(self):
        self.c_paired = <PairedC*> malloc(sizeof(PairedC))
        if self.c_paired == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.c_paired)

    cdef PairedC* pair(
        self, const IndexC* c, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text,
    ) except NULL:
        """Pair the words `low` to `high` of a text with one name."""
        if name >= c.name_count or PyBytes_GET_SIZE(text) > TEXT_SIZE_MAX:
            raise ValueError("no such name")
        if (
            self._text is None or self._low != low or self._high != high or self.c_knowledge != c.look_up.knowledge
            or self._text != text
        ):
            self._text = text
            self._low = low
            self._high = high
            self.c_knowledge = c.look_up.knowledge
            self.c_paired.word_count = fold_words(
                c, <const byte_t*> PyBytes_AS_STRING(text), <uint32_t> PyBytes_GET_SIZE(text), low, high, self.c_paired
            )
        if not pair_again(c, <const byte_t*> PyBytes_AS_STRING(text), name, free_text, self.c_paired):
            raise MemoryError
        return self.c_paired


cdef inline str plain_of(const byte_t* c_plain, uint32_t length):
    """Return a folded word."""
    return PyUnicode_DecodeASCII(<const char*> c_plain, length, NULL)


cdef tuple explain_pairing(const IndexC* c, bytes text, uint32_t low, uint32_t high, uint32_t name, bint free_text):
    """Pair and score the words `low` to `high` of a text with one name again; see `Matcher.explain`."""
    cdef Window window = Window()
    cdef const PairedC* c_paired = window.pair(c, text, low, high, name, free_text)
    cdef double value
    cdef uint32_t i, j
    value = score_pairs(
        c_paired.words, c_paired.word_count, c_paired.name_words, c_paired.name_count, c_paired.pairs, free_text,
        c_paired.person,
    )
    if c_paired.apart:
        value *= PARTED_FACTOR
    return (
        value, c_paired.factor,
        [
            (
                c_paired.places[i].start, c_paired.places[i].end,
                plain_of(c_paired.words[i].word.plain, c_paired.words[i].word.plain_length),
                c_paired.words[i].shape.facts.weight,
            )
            for i in range(c_paired.word_count)
        ],
        [
            (
                plain_of(c_paired.name_words[j].plain, c_paired.name_words[j].shape.plain_length),
                c_paired.name_words[j].shape.facts.weight,
            )
            for j in range(c_paired.name_count)
        ],
        [
            (c_paired.pairs[j].query, c_paired.pairs[j].rule, c_paired.pairs[j].similarity, c_paired.pairs[j].span)
            for j in range(c_paired.name_count)
        ],
        bool(c_paired.apart),
    )


@cython.final
cdef class Wording:
    """The words that sentences are made of; immutable.

    Args:
        rules: Of each rule its words, 256.
        measured: Does the similarity of words that were paired by a rule say something? 256.
        special: What is said of folded words that need not be found, see `sito.said.special_words`.
        against: What stands before what speaks against a hit.
        missing, extra: What stands before the words that one side lacks.
        other_form, one_form: Of legal forms that differ, with `%s` for those of the text and of the list; of one that
            only one side has, with one `%s`.
        apart: That a stop parts the words found.

    Raises:
        ValueError: There are not as many rules, or a class is not below 64.
    """

    def __cinit__(
        self, tuple rules not None, tuple measured not None, dict special not None, *, str against not None,
        str missing not None, str extra not None, str other_form not None, str one_form not None, str apart not None,
    ):
        if len(rules) != RULE_COUNT or len(measured) != RULE_COUNT:
            raise ValueError("256 rules")
        if any(not 0 <= value >> CLASS_SHIFT <= CLASS_COUNT for value in special.values()):
            raise ValueError("a class below 64")
        self._rules = rules
        self._measured = measured
        self._special = special
        self._missing = against + missing
        self._extra = against + extra
        self._other_form = against + other_form
        self._one_form = against + one_form
        self._apart = against + apart


cdef struct FormalC:
    uint64_t forms                 # which words are legal forms, a bit for each
    uint64_t connecting            # which connect words of firms
    uint64_t classes               # of those legal forms; which, a bit for each
    uint64_t silent                # which words the other side need not have


cdef inline uint64_t first_bits(uint32_t count) noexcept nogil:
    """Return the lowest `count` bits, at most 64."""
    return ~<uint64_t> 0 if count >= 64 else (<uint64_t> 1 << count) - 1


cdef inline uint64_t class_of(uint32_t said) noexcept nogil:
    """Return the bit of the class of a legal form, 0 if it has none."""
    return <uint64_t> 1 << ((said >> CLASS_SHIFT) - 1) if said >> CLASS_SHIFT else 0


cdef inline int note(dict special, str plain, uint32_t i, FormalC* c_formal) except -1:
    """Note what is said of word number `i`."""
    cdef object value = special.get(plain)
    cdef uint32_t said
    if value is not None:
        said = value
        c_formal.forms |= <uint64_t> (said & IS_FORM != 0) << i
        c_formal.connecting |= <uint64_t> (said & IS_CONNECTING != 0) << i
        c_formal.classes |= class_of(said)
    return 0


cdef inline void silence(
    FormalC* c_formal, uint32_t count, const FormalC* c_other, uint32_t other_count,
) noexcept nogil:
    """Tell which words the other side need not have: legal forms beside other words, and what connects them."""
    cdef uint64_t forms = c_formal.forms
    if forms == 0 or forms == first_bits(count) or c_other.forms == first_bits(other_count):
        c_formal.silent = 0
        return
    c_formal.silent = forms | (c_formal.connecting & (forms << 1 | forms >> 1))


cdef inline str raw_of(const char* c_text, const PairedC* c_paired, uint32_t first, uint32_t count):
    """Return words of the text as they stand there, with one blank between them."""
    cdef const TextWordC* c_place = &c_paired.places[first]
    cdef uint32_t i
    if count == 1:
        return PyUnicode_DecodeUTF8(c_text + c_place.start, c_place.end - c_place.start, "replace")
    return " ".join([raw_of(c_text, c_paired, i, 1) for i in range(first, first + count)])


cdef str form_sentence(
    const PairedC* c_paired, Wording wording, const char* c_text, list plains, const FormalC* c_query,
    const FormalC* c_name, uint64_t inner, bint free_text,
):
    """Say whether the legal forms among the words of the text and of the listed name differ; None if they do not."""
    cdef uint32_t count = c_paired.word_count, low = 0, high = count, i
    cdef uint64_t theirs = 0
    cdef str here, there
    if free_text:                  # there the words near the name are looked at, as in the score
        while not inner >> low & 1:
            low += 1
        high = low
        for i in range(low, count):
            if inner >> i & 1:
                high = i
        low = low - FORM_REACH if low > FORM_REACH else 0
        high = min(high + FORM_REACH + 1, count)
    for i in range(low, high):
        if c_query.forms >> i & 1:
            value = wording._special.get(plain_of(c_paired.words[i].word.plain, c_paired.words[i].word.plain_length))
            theirs |= class_of(value)
    if (theirs == 0) == (c_name.classes == 0) and (theirs == 0 or theirs & c_name.classes):
        return None
    here = " ".join([raw_of(c_text, c_paired, i, 1) for i in range(low, high) if c_query.silent >> i & 1])
    there = " ".join([plains[i] for i in range(c_paired.name_count) if c_name.silent >> i & 1])
    if theirs and c_name.classes:
        return wording._other_form % (here, there)
    return wording._one_form % (here if theirs else there,)


cdef tuple said(
    const IndexC* c, Window window, Wording wording, bytes text, uint32_t low, uint32_t high, uint32_t name,
    bint free_text, bint firm, double score,
):
    """Put the words of a hit into sentences; see `Matcher.said`."""
    cdef const PairedC* c_paired = window.pair(c, text, low, high, name, free_text)
    cdef FormalC query, listed
    cdef const char* c_text = PyBytes_AS_STRING(text)
    cdef const PairC* c_pair
    cdef uint32_t i, j, found = 0, initials = 0
    cdef uint64_t used = 0, inner = 0, rest
    cdef list plains = [], sentences = [], missing = None, extra
    cdef str plain, sentence
    query.forms = query.connecting = query.classes = query.silent = 0
    listed.forms = listed.connecting = listed.classes = listed.silent = 0
    for j in range(c_paired.name_count):
        plain = plain_of(c_paired.name_words[j].plain, c_paired.name_words[j].shape.plain_length)
        plains.append(plain)
        if firm:
            note(wording._special, plain, j, &listed)
    if firm:
        for i in range(c_paired.word_count):
            plain = plain_of(c_paired.words[i].word.plain, c_paired.words[i].word.plain_length)
            note(wording._special, plain, i, &query)
        silence(&query, c_paired.word_count, &listed, c_paired.name_count)
        silence(&listed, c_paired.name_count, &query, c_paired.word_count)
    for j in range(c_paired.name_count):
        c_pair = &c_paired.pairs[j]
        if c_pair.query < 0:
            if not listed.silent >> j & 1:
                if missing is None:
                    missing = []
                missing.append(plains[j])
            continue
        found += 1
        initials += c_pair.rule == RULE_INITIAL
        i = <uint32_t> c_pair.query
        used |= first_bits(c_pair.span) << i
        if not listed.silent >> j & 1:
            inner |= <uint64_t> 1 << i
        plain = raw_of(c_text, c_paired, i, c_pair.span)
        sentence = <str> wording._rules[c_pair.rule]
        if wording._measured[c_pair.rule]:
            sentences.append(f"{plain} = {<str> plains[j]}: {sentence} {c_pair.similarity:.2f}")
        else:
            sentences.append(f"{plain} = {<str> plains[j]}: {sentence}")
    used |= query.silent
    if missing is not None:
        sentences.append(wording._missing + " ".join(missing))
    if not free_text:
        rest = first_bits(c_paired.word_count) & ~used
        if rest:
            extra = [raw_of(c_text, c_paired, i, 1) for i in range(c_paired.word_count) if rest >> i & 1]
            sentences.append(wording._extra + " ".join(extra))
    if (
        (query.silent | listed.silent) and inner
        and score < NOT_IDENTICAL_MAX * c_paired.factor / 100.0 - ROUNDING
    ):
        sentence = form_sentence(c_paired, wording, c_text, plains, &query, &listed, inner, free_text)
        if sentence is not None:
            sentences.append(sentence)
    if c_paired.apart:
        sentences.append(wording._apart)
    return sentences, found, initials > 0 and found - initials <= 1
