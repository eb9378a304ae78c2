"""Which key may be a case form of which other key: the native twin of `sito.names.forms`, which is the specification.

The rules are static C arrays that `python -m sito.names.forms ext/sito_ext/forms.pyx` writes. At import they are
grouped by the ending of the form behind a small hash table; from then on nothing changes, so threads may share it.
"""

from libc.string cimport memcpy, strlen

from sito_ext.types cimport byte_t, uint8_t, uint16_t, uint32_t

cdef extern from *:
    """
    #include <stdint.h>
    typedef struct {
        char form[7];          /* endings, at most six letters */
        char base[7];
        uint8_t bits;
        uint8_t rank;
        uint16_t before;
    } sito_form_rule;
    /* What python -m sito.names.forms wrote begins here. */
    enum { SITO_FORM_RULE_COUNT = 321 };
    static const uint32_t SITO_FORM_BEFORE[75][26] = {
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x82000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x222802, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2040004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0x80000, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x1e0901, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x1e4911, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x80008, 0, 0, 0, 0, 0, 0,
    0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x104011, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x300004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x21e3d0f, 0, 0, 0, 0x3ffffff,
    },
    {
    0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0, 0, 0, 0, 0x3ffffff,
    },
    {
    0x3ffffff, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0,
    0x3ffffff, 0x3ffffff, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80000, 0, 0, 0, 0,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x202400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x200000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x202000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x100, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0,
    0,
    },
    {
    0x22544, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2040004, 0, 0, 0x300104, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x21e7d1f, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0,
    0, 0, 0,
    },
    {
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40004, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0x200000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x202000, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x100, 0, 0x40020, 0, 0x3ffffff, 0,
    0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x400, 0, 0, 0, 0x82100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x220800, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x202000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x200000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2040004, 0, 0, 0x300104, 0, 0, 0, 0, 0, 0, 0, 0x4011, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x2000, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x1e0901, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x4000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20800, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    };
    static const sito_form_rule SITO_FORM_RULES[] = {
    {"", "a", 4, 0, 0}, {"", "a", 3, 1, 1}, {"", "a", 2, 2, 2}, {"", "a", 3, 2, 1}, {"", "a", 2, 3, 2},
    {"", "a", 3, 3, 1}, {"", "aia", 4, 1, 3}, {"", "e", 1, 2, 4}, {"", "i", 1, 1, 5}, {"", "i", 1, 2, 6},
    {"", "ia", 3, 1, 5}, {"", "ia", 3, 2, 5}, {"a", "", 1, 0, 7}, {"a", "", 4, 0, 0}, {"a", "", 1, 1, 8},
    {"a", "", 1, 2, 9}, {"a", "e", 1, 2, 4}, {"a", "i", 4, 0, 10}, {"a", "o", 1, 0, 11}, {"a", "o", 1, 1, 12},
    {"a", "o", 1, 2, 13}, {"aga", "i", 1, 2, 10}, {"aga", "i", 1, 3, 14}, {"aia", "", 4, 1, 3},
    {"aia", "i", 4, 0, 10}, {"aia", "i", 4, 1, 15}, {"aia", "oi", 4, 1, 14}, {"aia", "oi", 4, 2, 16},
    {"am", "", 1, 3, 17}, {"am", "o", 1, 1, 12}, {"amu", "i", 1, 2, 10}, {"amu", "i", 1, 3, 14},
    {"c", "ovic", 1, 2, 1}, {"ca", "ac", 1, 2, 18}, {"ca", "ec", 1, 1, 19}, {"ca", "ovic", 1, 2, 1},
    {"ce", "ac", 1, 2, 18}, {"ce", "ec", 1, 1, 19}, {"ce", "ovic", 1, 2, 1}, {"cem", "ac", 1, 2, 18},
    {"cem", "ec", 1, 1, 19}, {"cem", "ovic", 1, 2, 1}, {"ci", "ka", 3, 2, 20}, {"com", "ac", 1, 2, 18},
    {"com", "ec", 1, 1, 19}, {"cu", "ac", 1, 2, 18}, {"cu", "ec", 1, 1, 19}, {"cu", "ovic", 1, 2, 1},
    {"e", "", 1, 0, 7}, {"e", "", 1, 1, 8}, {"e", "", 3, 2, 21}, {"e", "", 3, 3, 22}, {"e", "a", 2, 0, 23},
    {"e", "a", 3, 1, 24}, {"e", "aia", 3, 2, 10}, {"e", "aia", 3, 3, 14}, {"e", "i", 1, 1, 25},
    {"e", "i", 3, 2, 10}, {"e", "i", 3, 3, 14}, {"e", "ia", 3, 1, 26}, {"e", "ia", 3, 2, 27},
    {"e", "o", 1, 2, 28}, {"e", "oi", 3, 3, 14}, {"ego", "i", 1, 1, 29}, {"ei", "a", 3, 1, 30},
    {"ei", "aia", 2, 1, 31}, {"ei", "ia", 3, 1, 20}, {"ei", "ia", 3, 2, 27}, {"ei", "iaia", 2, 1, 32},
    {"eiu", "a", 3, 1, 30}, {"eiu", "a", 3, 2, 1}, {"eiu", "aia", 2, 1, 31}, {"eiu", "ia", 3, 1, 20},
    {"eiu", "ia", 3, 2, 27}, {"eiu", "iaia", 2, 1, 32}, {"em", "", 1, 0, 33}, {"em", "", 1, 1, 34},
    {"em", "", 1, 2, 35}, {"em", "i", 1, 1, 20}, {"em", "i", 1, 2, 25}, {"em", "ie", 1, 2, 36},
    {"emu", "i", 1, 1, 29}, {"evi", "", 1, 2, 34}, {"evi", "i", 1, 2, 25}, {"go", "e", 1, 3, 37},
    {"go", "i", 1, 1, 38}, {"go", "i", 1, 2, 39}, {"h", "", 3, 2, 21}, {"h", "", 3, 3, 22}, {"ha", "", 1, 3, 40},
    {"he", "", 1, 3, 40}, {"hom", "", 1, 3, 40}, {"hu", "", 1, 3, 40}, {"i", "", 2, 0, 41}, {"i", "", 2, 1, 41},
    {"i", "", 3, 1, 0}, {"i", "", 2, 2, 42}, {"i", "", 3, 3, 43}, {"i", "a", 2, 0, 44}, {"i", "a", 4, 0, 10},
    {"i", "a", 3, 1, 45}, {"i", "aia", 4, 0, 10}, {"i", "aia", 4, 1, 15}, {"i", "e", 1, 2, 36},
    {"ia", "", 1, 1, 46}, {"ia", "e", 1, 2, 36}, {"ia", "ei", 1, 2, 47}, {"ic", "evic", 1, 2, 48},
    {"ic", "ovic", 1, 2, 49}, {"ic", "vic", 1, 2, 5}, {"ica", "c", 1, 1, 5}, {"ica", "ec", 1, 1, 25},
    {"ica", "evic", 1, 2, 48}, {"ica", "ovic", 1, 2, 49}, {"ica", "vic", 1, 2, 5}, {"ice", "c", 1, 1, 5},
    {"ice", "ec", 1, 1, 25}, {"ice", "evic", 1, 2, 48}, {"ice", "ovic", 1, 2, 49}, {"ice", "vic", 1, 2, 5},
    {"icem", "c", 1, 1, 5}, {"icem", "ec", 1, 1, 25}, {"icem", "evic", 1, 2, 48}, {"icem", "ovic", 1, 2, 49},
    {"icem", "vic", 1, 2, 5}, {"icom", "c", 1, 1, 5}, {"icom", "ec", 1, 1, 25}, {"icu", "c", 1, 1, 5},
    {"icu", "ec", 1, 1, 25}, {"icu", "evic", 1, 2, 48}, {"icu", "ovic", 1, 2, 49}, {"icu", "vic", 1, 2, 5},
    {"ie", "aia", 3, 2, 10}, {"ie", "aia", 3, 3, 14}, {"ie", "oi", 3, 3, 14}, {"iem", "e", 1, 2, 36},
    {"ih", "", 3, 1, 0}, {"ih", "a", 3, 1, 0}, {"ih", "aia", 3, 2, 10}, {"ih", "aia", 3, 3, 14},
    {"ih", "oi", 3, 3, 14}, {"ika", "ek", 1, 2, 20}, {"ika", "k", 1, 2, 5}, {"ike", "ek", 1, 2, 20},
    {"ike", "k", 1, 2, 5}, {"ikom", "ek", 1, 2, 20}, {"ikom", "k", 1, 2, 5}, {"iku", "ek", 1, 2, 20},
    {"iku", "k", 1, 2, 5}, {"im", "", 1, 0, 0}, {"im", "", 1, 2, 50}, {"im", "a", 3, 1, 0},
    {"im", "aia", 3, 2, 10}, {"im", "aia", 3, 3, 14}, {"im", "oe", 1, 3, 51}, {"im", "oi", 1, 1, 14},
    {"im", "oi", 1, 2, 16}, {"imi", "", 3, 1, 0}, {"imi", "a", 3, 1, 0}, {"imi", "aia", 3, 2, 10},
    {"imi", "aia", 3, 3, 14}, {"imi", "oi", 3, 3, 14}, {"iu", "", 2, 0, 52}, {"iu", "", 1, 1, 46},
    {"iu", "", 2, 1, 53}, {"iu", "", 3, 3, 43}, {"iu", "e", 1, 2, 36}, {"iu", "ei", 1, 2, 47},
    {"ka", "ek", 1, 2, 54}, {"ka", "ok", 1, 2, 54}, {"ke", "ek", 1, 2, 54}, {"ke", "ok", 1, 2, 54},
    {"kom", "ek", 1, 2, 54}, {"kom", "ok", 1, 2, 54}, {"ku", "ek", 1, 2, 54}, {"ku", "ok", 1, 2, 54},
    {"la", "el", 1, 2, 55}, {"la", "ol", 1, 3, 55}, {"le", "el", 1, 2, 55}, {"le", "el", 1, 3, 55},
    {"le", "ol", 1, 3, 55}, {"lem", "el", 1, 3, 55}, {"lia", "el", 1, 3, 55}, {"liu", "el", 1, 3, 55},
    {"lom", "el", 1, 2, 55}, {"lom", "ol", 1, 3, 55}, {"lu", "el", 1, 2, 55}, {"lu", "ol", 1, 3, 55},
    {"m", "", 1, 0, 56}, {"m", "", 1, 1, 57}, {"m", "", 1, 2, 58}, {"m", "", 1, 3, 59}, {"m", "e", 1, 3, 37},
    {"m", "i", 1, 1, 60}, {"m", "i", 1, 2, 61}, {"mi", "", 3, 2, 21}, {"mi", "", 3, 3, 22}, {"mu", "e", 1, 3, 37},
    {"mu", "i", 1, 1, 38}, {"mu", "i", 1, 2, 39}, {"ne", "en", 1, 2, 62}, {"nem", "en", 1, 2, 62},
    {"nia", "en", 1, 2, 62}, {"niu", "en", 1, 2, 62}, {"ogo", "i", 1, 0, 10}, {"ogo", "i", 1, 1, 14},
    {"ogo", "i", 1, 3, 0}, {"oi", "a", 2, 0, 44}, {"oi", "a", 3, 1, 24}, {"oi", "aia", 2, 0, 10},
    {"oi", "aia", 2, 1, 14}, {"oi", "aia", 4, 1, 14}, {"oi", "aia", 2, 2, 16}, {"oi", "aia", 4, 2, 16},
    {"oi", "aia", 2, 3, 0}, {"oiu", "a", 2, 0, 44}, {"oiu", "a", 3, 1, 24}, {"oiu", "aia", 2, 0, 10},
    {"oiu", "aia", 2, 1, 14}, {"oiu", "aia", 2, 3, 0}, {"om", "", 1, 1, 8}, {"om", "i", 1, 0, 10},
    {"om", "i", 1, 1, 14}, {"om", "i", 1, 3, 0}, {"omu", "i", 1, 0, 10}, {"omu", "i", 1, 1, 14},
    {"omu", "i", 1, 3, 0}, {"ona", "in", 1, 3, 63}, {"ona", "n", 1, 3, 1}, {"oni", "in", 1, 3, 63},
    {"oni", "n", 1, 3, 1}, {"onom", "in", 1, 3, 63}, {"onom", "n", 1, 3, 1}, {"onovi", "in", 1, 3, 63},
    {"onovi", "n", 1, 3, 1}, {"onu", "in", 1, 3, 63}, {"onu", "n", 1, 3, 1}, {"opa", "ip", 1, 3, 64},
    {"opa", "p", 1, 3, 1}, {"opi", "ip", 1, 3, 64}, {"opi", "p", 1, 3, 1}, {"opom", "ip", 1, 3, 64},
    {"opom", "p", 1, 3, 1}, {"opovi", "ip", 1, 3, 64}, {"opovi", "p", 1, 3, 1}, {"opu", "ip", 1, 3, 64},
    {"opu", "p", 1, 3, 1}, {"ora", "ir", 1, 3, 65}, {"ora", "r", 1, 3, 1}, {"ori", "ir", 1, 3, 65},
    {"ori", "r", 1, 3, 1}, {"orom", "ir", 1, 3, 65}, {"orom", "r", 1, 3, 1}, {"orovi", "ir", 1, 3, 65},
    {"orovi", "r", 1, 3, 1}, {"oru", "ir", 1, 3, 65}, {"oru", "r", 1, 3, 1}, {"ova", "iv", 1, 3, 66},
    {"ova", "u", 1, 2, 20}, {"ova", "u", 4, 2, 20}, {"ova", "v", 1, 3, 1}, {"ove", "u", 1, 2, 20},
    {"ovi", "", 1, 2, 8}, {"ovi", "iv", 1, 3, 66}, {"ovi", "u", 3, 3, 20}, {"ovi", "v", 1, 3, 1},
    {"ovih", "u", 3, 3, 20}, {"ovim", "u", 1, 2, 20}, {"ovimi", "u", 3, 3, 20}, {"ovom", "iv", 1, 3, 66},
    {"ovom", "v", 1, 3, 1}, {"ovovi", "iv", 1, 3, 66}, {"ovovi", "v", 1, 3, 1}, {"ovu", "iv", 1, 3, 66},
    {"ovu", "u", 1, 2, 20}, {"ovu", "v", 1, 3, 1}, {"ra", "or", 1, 3, 67}, {"re", "or", 1, 3, 67},
    {"rom", "or", 1, 3, 67}, {"ru", "or", 1, 3, 67}, {"se", "ha", 3, 3, 20}, {"si", "ha", 3, 3, 20},
    {"u", "", 1, 0, 7}, {"u", "", 1, 1, 8}, {"u", "", 1, 2, 9}, {"u", "a", 2, 0, 68}, {"u", "a", 3, 1, 24},
    {"u", "a", 2, 2, 2}, {"u", "a", 3, 2, 1}, {"u", "a", 3, 3, 1}, {"u", "e", 1, 2, 4}, {"u", "o", 1, 0, 11},
    {"u", "o", 1, 1, 12}, {"u", "o", 1, 2, 13}, {"uiu", "aia", 2, 0, 10}, {"uiu", "aia", 2, 1, 69},
    {"uiu", "aia", 2, 3, 0}, {"va", "ev", 1, 0, 70}, {"va", "u", 1, 2, 71}, {"va", "u", 4, 2, 71},
    {"ve", "ev", 1, 0, 70}, {"ve", "u", 1, 2, 71}, {"vi", "", 1, 1, 72}, {"vi", "", 1, 2, 73},
    {"vi", "i", 1, 2, 5}, {"vi", "u", 3, 3, 71}, {"vih", "u", 3, 3, 71}, {"vim", "u", 1, 2, 71},
    {"vimi", "u", 3, 3, 71}, {"vna", "evna", 2, 2, 40}, {"vne", "evna", 2, 2, 40}, {"vni", "evna", 2, 2, 40},
    {"vnoi", "evna", 2, 2, 40}, {"vnoiu", "evna", 2, 2, 40}, {"vnu", "evna", 2, 2, 40}, {"vom", "ev", 1, 0, 70},
    {"vu", "ev", 1, 0, 70}, {"vu", "u", 1, 2, 71}, {"ze", "a", 3, 3, 74}, {"ze", "ga", 3, 2, 20},
    {"zi", "ga", 3, 2, 20},
    };
    /* What it wrote ends here. */
    """
    ctypedef struct sito_form_rule:
        char form[7]
        char base[7]
        uint8_t bits
        uint8_t rank
        uint16_t before
    enum:
        SITO_FORM_RULE_COUNT
    const uint32_t SITO_FORM_BEFORE[][26]
    const sito_form_rule SITO_FORM_RULES[]

cdef enum:
    ENDING_LENGTH_MAX = 6
    LETTER_BITS = 5                # of one letter in the code of an ending: 1 to 26, last letter lowest
    FORM_LENGTH_MIN = 4
    RANK_LAST = 3
    BEGINNING_BIT = 26
    SLOT_BITS = 10
    SLOT_COUNT = 1 << SLOT_BITS
    EITHER = FORM_MASCULINE | FORM_FEMININE

cdef struct GroupC:
    uint32_t code                  # of the ending of the forms
    uint16_t first                 # of its rules
    uint16_t count                 # 0: the slot is empty

cdef GroupC c_groups[SLOT_COUNT]
cdef uint32_t c_base_codes[SITO_FORM_RULE_COUNT]


cdef inline uint32_t slot_of(uint32_t code) noexcept nogil:
    return (code * <uint32_t> 0x9E3779B1) >> (32 - SLOT_BITS)


cdef inline bint is_letter(byte_t letter) noexcept nogil:
    return c'a' <= letter <= c'z'


cdef uint32_t code_of(const byte_t* c_text, uint32_t length) noexcept nogil:
    """Return the code of an ending of letters; other signs give a code too, which is never asked for in the end."""
    cdef uint32_t code = 0, i
    for i in range(length):
        code = (code << LETTER_BITS) | ((c_text[i] - <uint32_t> c'a' + 1) & 31)
    return code


cdef const GroupC* group_of(uint32_t code) noexcept nogil:
    """Return the rules for an ending, NULL if there are none. Every code of up to six letters fits 30 bits."""
    cdef uint32_t slot = slot_of(code)
    while c_groups[slot].count:
        if c_groups[slot].code == code:
            return &c_groups[slot]
        slot = (slot + 1) & (SLOT_COUNT - 1)
    return NULL


cdef void fill_groups() noexcept nogil:
    """Group the rules, which are sorted by form; run once, at import."""
    cdef uint32_t i, slot, code
    cdef GroupC* c_group = NULL
    for i in range(<uint32_t> SITO_FORM_RULE_COUNT):
        c_base_codes[i] = code_of(<const byte_t*> SITO_FORM_RULES[i].base, <uint32_t> strlen(SITO_FORM_RULES[i].base))
        code = code_of(<const byte_t*> SITO_FORM_RULES[i].form, <uint32_t> strlen(SITO_FORM_RULES[i].form))
        if c_group == NULL or c_group.code != code:
            slot = slot_of(code)
            while c_groups[slot].count:
                slot = (slot + 1) & (SLOT_COUNT - 1)
            c_group = &c_groups[slot]
            c_group.code = code
            c_group.first = <uint16_t> i
        c_group.count += 1


cdef inline bint applies(
    uint32_t rule, const byte_t* c_form, uint32_t form_length, uint32_t common,
) noexcept nogil:
    """Tell whether a rule fits what stands before its ending; `common` is 1 or more and the letters are checked."""
    cdef const sito_form_rule* c_rule = &SITO_FORM_RULES[rule]
    cdef uint32_t bit = BEGINNING_BIT
    if common > 1:
        bit = c_form[common - 2] - <uint32_t> c'a'
    if not (SITO_FORM_BEFORE[c_rule.before][c_form[common - 1] - <uint32_t> c'a'] >> bit) & 1:
        return False
    # Three letters are enough for forms of Анна and Зоя; the last letter of the code of a base in -a is 1.
    return (
        form_length >= FORM_LENGTH_MIN or common == 1
        or (form_length == 3 and c_base_codes[rule] & 31 == 1 and c_rule.rank < RANK_LAST)
    )


cdef uint32_t bases_of(
    const byte_t* c_key, uint32_t length, byte_t* c_out, uint8_t* c_lengths,
) noexcept nogil:
    """Write the keys whose oblique case a key may be, most probable first.

    Args:
        c_key: `length` bytes; other bytes than a to z give no bases.
        c_out: Room for `BASES_MAX` * `BASE_LENGTH_MAX` bytes.
        c_lengths: Room for the lengths of `BASES_MAX` bases.

    Returns:
        How many were written, at most `BASES_MAX`.
    """
    cdef uint32_t i, at, size, code = 0, rule, order, common, base_length, count = 0, last_code
    cdef const GroupC* c_group
    cdef uint32_t c_orders[BASES_MAX]
    cdef uint32_t c_rules[BASES_MAX]
    cdef uint32_t c_commons[BASES_MAX]
    if length > BASE_LENGTH_MAX:
        return 0
    for i in range(length):
        if not is_letter(c_key[i]):
            return 0
    for size in range(ENDING_LENGTH_MAX + 1):
        if size >= length:
            break
        common = length - size
        if size:
            code |= (c_key[common] - <uint32_t> c'a' + 1) << (LETTER_BITS * (size - 1))
        c_group = group_of(code)
        if c_group == NULL:
            continue
        last_code = 0xFFFFFFFF
        for rule in range(c_group.first, <uint32_t> c_group.first + c_group.count):
            # Rules of one base stand together, the lowest rank first: what was found is not found again.
            if (
                c_base_codes[rule] == last_code or not SITO_FORM_RULES[rule].bits & EITHER
                or not applies(rule, c_key, length, common)
                or common + strlen(SITO_FORM_RULES[rule].base) > BASE_LENGTH_MAX
            ):
                continue
            last_code = c_base_codes[rule]
            order = (<uint32_t> SITO_FORM_RULES[rule].rank << 4) | (ENDING_LENGTH_MAX - size)
            at = count
            while at and c_orders[at - 1] > order:
                at -= 1
            if at == BASES_MAX:
                continue
            if count < BASES_MAX:
                count += 1
            for i in range(count - 1, at, -1):
                c_orders[i] = c_orders[i - 1]
                c_rules[i] = c_rules[i - 1]
                c_commons[i] = c_commons[i - 1]
            c_orders[at] = order
            c_rules[at] = rule
            c_commons[at] = common
    for i in range(count):
        base_length = <uint32_t> strlen(SITO_FORM_RULES[c_rules[i]].base)
        memcpy(c_out + BASE_LENGTH_MAX * i, c_key, c_commons[i])
        memcpy(c_out + BASE_LENGTH_MAX * i + c_commons[i], SITO_FORM_RULES[c_rules[i]].base, base_length)
        c_lengths[i] = <uint8_t> (c_commons[i] + base_length)
    return count


cdef uint32_t form_of(
    const byte_t* c_form, uint32_t form_length, const byte_t* c_base, uint32_t base_length,
) noexcept nogil:
    """Return the bits of `sito.names.forms.is_form`, 0 if the first key is no form of the second.

    Most pairs differ in the first letters and leave at once.
    """
    cdef uint32_t common = 0, i, rule, code, bits = 0
    cdef uint32_t shorter = form_length if form_length < base_length else base_length
    cdef const GroupC* c_group
    if form_length > shorter + ENDING_LENGTH_MAX or base_length > shorter + ENDING_LENGTH_MAX:
        return 0
    while common < shorter and c_form[common] == c_base[common]:
        common += 1
    if common == 0 or form_length > common + ENDING_LENGTH_MAX or base_length > common + ENDING_LENGTH_MAX:
        return 0
    c_group = group_of(code_of(c_form + common, form_length - common))
    if c_group == NULL or form_length > BASE_LENGTH_MAX or base_length > BASE_LENGTH_MAX:
        return 0
    for i in range(form_length):
        if not is_letter(c_form[i]):
            return 0
    for i in range(common, base_length):
        if not is_letter(c_base[i]):
            return 0
    code = code_of(c_base + common, base_length - common)
    for rule in range(c_group.first, <uint32_t> c_group.first + c_group.count):
        if c_base_codes[rule] == code and applies(rule, c_form, form_length, common):
            bits |= SITO_FORM_RULES[rule].bits
    return bits


fill_groups()


def bases(str form not None) -> list[str]:
    """Return the keys whose oblique case `form` may be; see `sito.names.forms.bases`."""
    cdef bytes word = form.encode("utf-8", "surrogatepass")
    cdef const byte_t* c_word = word
    cdef uint32_t length = <uint32_t> min(len(word), BASE_LENGTH_MAX + 1)
    cdef byte_t c_out[BASES_MAX * BASE_LENGTH_MAX]
    cdef uint8_t c_lengths[BASES_MAX]
    cdef uint32_t count, i
    with nogil:
        count = bases_of(c_word, length, c_out, c_lengths)
    return [
        (<const char*> &c_out[BASE_LENGTH_MAX * i])[:c_lengths[i]].decode() for i in range(count)
    ]


def is_form(str form not None, str base not None) -> int:
    """Return 0 if `form` is no form of `base`, else a sum of bits; see `sito.names.forms.is_form`."""
    cdef bytes left = form.encode("utf-8", "surrogatepass"), right = base.encode("utf-8", "surrogatepass")
    cdef const byte_t* c_left = left
    cdef const byte_t* c_right = right
    # What is too long stays too long.
    cdef uint32_t left_length = <uint32_t> min(len(left), BASE_LENGTH_MAX + 1)
    cdef uint32_t right_length = <uint32_t> min(len(right), BASE_LENGTH_MAX + 1)
    cdef uint32_t bits
    with nogil:
        bits = form_of(c_left, left_length, c_right, right_length)
    return bits


def rules() -> list[tuple[str, str, int, int, frozenset[str]]]:
    """Return the table as `sito.names.forms.rules` does, so that a test can compare them."""
    letters = "abcdefghijklmnopqrstuvwxyz^"
    return [
        (
            (<const char*> SITO_FORM_RULES[i].form).decode(), (<const char*> SITO_FORM_RULES[i].base).decode(),
            SITO_FORM_RULES[i].bits, SITO_FORM_RULES[i].rank,
            frozenset(
                letters[first] + letters[last]
                for last in range(26) for first in range(27)
                if SITO_FORM_BEFORE[SITO_FORM_RULES[i].before][last] >> first & 1
            ),
        )
        for i in range(SITO_FORM_RULE_COUNT)
    ]
