"""What a word weighs and what missing words cost: for the scorer, and for the bounds that come before it."""

from sito_ext.facts cimport TRAIT_DAUGHTER, TRAIT_GIVEN, TRAIT_NUMBER, TRAIT_SON, TRAIT_SURNAME, TRAIT_VOUCHING
from sito_ext.fathers cimport FATHER
from sito_ext.shapes cimport ShapeC
from sito_ext.types cimport uint32_t

cdef extern from *:
    """
    #define SITO_CONTRADICTION_COST 1.3
    #define SITO_SURE_COST 0.5
    #define SITO_SURE_KNEE 0.25
    #define SITO_OMITTED_COST 0.12
    #define SITO_EXTRA_COST 0.25
    #define SITO_OMITTED_KNEE 0.51
    #define SITO_FIRM_COST 0.5
    #define SITO_ONE_SIDED_KNEE 0.34
    #define SITO_ONE_SIDED_STEEP 1.2
    #define SITO_TEXT_MISSING_COST 0.25
    #define SITO_TEXT_MISSING_STEEP 1.5
    #define SITO_TEXT_FIRM_COST 1.0
    #define SITO_NO_SURNAME_COST 0.15
    #define SITO_RARITY_COST 0.0018
    #define SITO_FIRM_RARITY_COST 0.002
    #define SITO_RARITY_COST_MAX 0.1
    """
    const double CONTRADICTION_COST "SITO_CONTRADICTION_COST"
    const double SURE_COST "SITO_SURE_COST"
    const double SURE_KNEE "SITO_SURE_KNEE"
    const double OMITTED_COST "SITO_OMITTED_COST"
    const double EXTRA_COST "SITO_EXTRA_COST"
    const double OMITTED_KNEE "SITO_OMITTED_KNEE"
    const double FIRM_COST "SITO_FIRM_COST"
    const double ONE_SIDED_KNEE "SITO_ONE_SIDED_KNEE"
    const double ONE_SIDED_STEEP "SITO_ONE_SIDED_STEEP"
    const double TEXT_MISSING_COST "SITO_TEXT_MISSING_COST"
    const double TEXT_MISSING_STEEP "SITO_TEXT_MISSING_STEEP"
    const double TEXT_FIRM_COST "SITO_TEXT_FIRM_COST"
    const double NO_SURNAME_COST "SITO_NO_SURNAME_COST"
    const double RARITY_COST "SITO_RARITY_COST"
    const double FIRM_RARITY_COST "SITO_FIRM_RARITY_COST"
    const double RARITY_COST_MAX "SITO_RARITY_COST_MAX"

cdef enum:
    CONNECTING_WEIGHT = 3
    PERSON_WEIGHT_MIN = 40
    PARTICLE_WEIGHT = 41
    NAMING_HEAD = 0x6261           # ab, as abd and abu begin
    FIRM_PARTICLE_WEIGHT = 10
    FATHER_WEIGHT = 42
    FATHER_SHIFT = 2               # a fourth
    PLACE_WEIGHT = 50
    SURE_RARITY = 160              # quarter bits
    FORM_WEIGHT_MAX = 10
    CONNECTING_LETTERS = 1 << 4 | 1 << 8 | 1 << 18 | 1 << 21 | 1 << 24  # e, i, s, v, y in the sets of `letters_of`
    RARITY_FULL = 88               # quarter bits
    INITIAL_RARITY = 16
    TELLING_MIN = 50               # per cent
    PARTS = TRAIT_GIVEN | TRAIT_SON | TRAIT_DAUGHTER
    STRANGE_RARITY = 56            # quarter bits from which an unknown word may be the surname beside a known one
    CUT_LETTERS_MIN = 2            # letters of the last word of a field that was too short for it


cdef inline uint32_t weight_in(const ShapeC* c_shape, bint person) noexcept nogil:
    """What a word weighs in a name of this kind, per cent."""
    cdef uint32_t weight = c_shape.facts.weight
    if weight > FATHER_WEIGHT:
        return weight
    if person:
        if weight == CONNECTING_WEIGHT and not c_shape.facts.traits & TRAIT_VOUCHING:
            return PERSON_WEIGHT_MIN
        return weight
    if weight >= PARTICLE_WEIGHT:
        return FIRM_PARTICLE_WEIGHT
    if c_shape.plain_length == 1 and c_shape.plain_letters & CONNECTING_LETTERS:
        return CONNECTING_WEIGHT
    return weight


cdef inline bint is_legal(const ShapeC* c_shape) noexcept nogil:
    """Is a word (part of) a legal form?"""
    return c_shape.facts.weight <= FORM_WEIGHT_MAX and c_shape.facts.traits & TRAIT_VOUCHING != 0


cdef inline uint32_t forefather(const ShapeC* c_shape, const ShapeC* c_before) noexcept nogil:
    """By how much less does a word count that one side leaves out: a forefather, what is before him, a particle?"""
    cdef uint32_t weight
    if (
        c_shape.facts.weight != FATHER_WEIGHT and (c_before == NULL or c_before.facts.weight != FATHER_WEIGHT)
        and (c_shape.facts.weight != PARTICLE_WEIGHT or c_shape.plain_head & 0xFFFF == NAMING_HEAD)
    ):
        return 0
    weight = weight_in(c_shape, True)
    return weight - (weight >> FATHER_SHIFT)


cdef inline double cost_of(
    double name_missing, double query_missing, bint person, bint known, double rarity,
) noexcept nogil:
    """What missing words cost in a party field; it never falls when more is missing on either side."""
    cdef double low = name_missing if name_missing < query_missing else query_missing
    cdef double high = query_missing if name_missing < query_missing else name_missing
    cdef double apart = high - low
    cdef double knee = OMITTED_KNEE if person and known and name_missing > query_missing else ONE_SIDED_KNEE
    cdef double each = SURE_COST if person and rarity >= SURE_RARITY and low <= SURE_KNEE else CONTRADICTION_COST
    cdef double mild = (OMITTED_COST if name_missing > query_missing else EXTRA_COST) if person else FIRM_COST
    if apart <= knee:
        return each * low + mild * apart
    return each * low + mild * knee + ONE_SIDED_STEEP * (apart - knee)


cdef inline bint may_be_surname(const ShapeC* c_shape, bint with_father) noexcept nogil:
    """Is a word one that a surname could be? In names without a patronymic, a given name is none: it is a father's."""
    return (
        c_shape.facts.weight >= TELLING_MIN and c_shape.plain_length > 1
        and c_shape.facts.traits & (FATHER | TRAIT_NUMBER) == 0
        and (with_father or c_shape.facts.traits & (TRAIT_GIVEN | TRAIT_SURNAME) != TRAIT_GIVEN)
    )


cdef inline bint is_known_surname(const ShapeC* c_shape) noexcept nogil:
    """Is a word known as a surname?"""
    return (
        c_shape.facts.traits & TRAIT_SURNAME != 0 and c_shape.facts.weight >= TELLING_MIN and c_shape.plain_length > 1
    )


cdef inline bint is_surname(const ShapeC* c_shape, bint marked) noexcept nogil:
    """Is a word taken for the surname? If one of the name is marked as known, others are only if they are rare."""
    return c_shape.facts.weight >= TELLING_MIN and c_shape.plain_length > 1 and (
        c_shape.facts.traits & TRAIT_SURNAME != 0
        or (
            (not marked or c_shape.facts.rarity >= STRANGE_RARITY)
            and c_shape.facts.traits & (PARTS | TRAIT_NUMBER) == 0
        )
    )
