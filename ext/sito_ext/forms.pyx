"""Which key may be a case form of which other key: the native twin of `sito.names.forms`, which is the specification.

The rules are static C arrays that `python -m sito.names.forms ext/sito_ext/forms.pyx` writes. At import they are
grouped by the ending of the form behind a small hash table; from then on nothing changes, so threads may share it.
"""

from libc.string cimport memcpy, strlen

from sito_ext.shapes cimport key_letters_of
from sito_ext.types cimport byte_t, max, uint8_t, uint16_t, uint32_t

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
    enum { SITO_FORM_RULE_COUNT = 479 };
    static const uint32_t SITO_FORM_BEFORE[80][26] = {
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x2000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
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
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2000004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
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
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2040004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x1e0901, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0, 0x3ffffff,
    0x3ffffff, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x1e4911, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x80008, 0, 0, 0, 0, 0, 0,
    0, 0,
    },
    {
    0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x104001, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x300004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x21e3d0f, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0,
    0, 0, 0,
    },
    {
    0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0, 0x3ffffff,
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
    0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0,
    0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
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
    0, 0, 0, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x202000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x2040004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x100, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0,
    0,
    },
    {
    0x22544, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2000004, 0, 0, 0x300104, 0, 0, 0, 0, 0, 0, 0, 0x4010, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x21e7d1f, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0,
    },
    {
    0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0x3ffffff,
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
    0x2040004, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0x400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0x400, 0, 0, 0, 0x82000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x220800, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0, 0, 0, 0, 0x202000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0, 0, 0, 0x3ffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22ebcce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0, 0, 0, 0x3ffffff,
    },
    {
    0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0, 0x3ffffff, 0, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0, 0x21e3d0f, 0, 0, 0, 0x3ffffff,
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
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2000004, 0, 0, 0x300104, 0, 0, 0, 0, 0, 0, 0, 0x4011, 0, 0, 0, 0,
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
    };
    static const sito_form_rule SITO_FORM_RULES[] = {
    {"", "a", 4, 0, 0}, {"", "a", 2, 1, 1}, {"", "a", 3, 1, 2}, {"", "a", 2, 2, 1}, {"", "a", 3, 2, 2},
    {"", "a", 2, 3, 1}, {"", "a", 3, 3, 2}, {"", "aia", 4, 1, 3}, {"", "i", 1, 1, 4}, {"", "ia", 3, 1, 4},
    {"a", "", 1, 0, 5}, {"a", "", 4, 0, 0}, {"a", "", 1, 1, 6}, {"a", "", 1, 2, 7}, {"a", "i", 4, 0, 8},
    {"a", "o", 1, 0, 9}, {"a", "o", 1, 1, 10}, {"a", "o", 1, 2, 11}, {"aga", "i", 1, 2, 12},
    {"aga", "i", 1, 3, 13}, {"ai", "ia", 3, 1, 14}, {"ai", "ia", 3, 2, 15}, {"ai", "iaia", 2, 1, 16},
    {"aia", "", 4, 1, 3}, {"aia", "i", 4, 0, 12}, {"aia", "i", 4, 1, 17}, {"aia", "oi", 4, 1, 13},
    {"aia", "oi", 4, 2, 18}, {"aic", "evic", 1, 2, 19}, {"aica", "ec", 1, 1, 19}, {"aica", "evic", 1, 2, 19},
    {"aica", "ic", 1, 1, 19}, {"aice", "ec", 1, 1, 19}, {"aice", "evic", 1, 2, 19}, {"aice", "ic", 1, 1, 19},
    {"aicem", "ec", 1, 1, 19}, {"aicem", "evic", 1, 2, 19}, {"aicem", "ic", 1, 1, 19}, {"aicom", "ec", 1, 1, 19},
    {"aicom", "ic", 1, 1, 19}, {"aicu", "ec", 1, 1, 19}, {"aicu", "evic", 1, 2, 19}, {"aicu", "ic", 1, 1, 19},
    {"aika", "ek", 1, 2, 19}, {"aika", "ik", 1, 2, 19}, {"aike", "ek", 1, 2, 19}, {"aike", "ik", 1, 2, 19},
    {"aikom", "ek", 1, 2, 19}, {"aikom", "ik", 1, 2, 19}, {"aiku", "ek", 1, 2, 19}, {"aiku", "ik", 1, 2, 19},
    {"aiu", "ia", 3, 1, 14}, {"aiu", "ia", 3, 2, 15}, {"aiu", "iaia", 2, 1, 16}, {"am", "", 1, 3, 20},
    {"am", "o", 1, 1, 10}, {"amu", "i", 1, 2, 12}, {"amu", "i", 1, 3, 13}, {"au", "ev", 3, 3, 21},
    {"au", "ov", 3, 3, 22}, {"c", "evic", 1, 2, 2}, {"ca", "ac", 1, 2, 23}, {"ca", "ec", 1, 1, 24},
    {"ca", "evic", 1, 2, 2}, {"ce", "ac", 1, 2, 23}, {"ce", "ec", 1, 1, 24}, {"ce", "evic", 1, 2, 2},
    {"cem", "ac", 1, 2, 23}, {"cem", "ec", 1, 1, 24}, {"cem", "evic", 1, 2, 2}, {"ci", "ka", 3, 2, 19},
    {"com", "ac", 1, 2, 23}, {"com", "ec", 1, 1, 24}, {"cu", "ac", 1, 2, 23}, {"cu", "ec", 1, 1, 24},
    {"cu", "evic", 1, 2, 2}, {"e", "", 1, 0, 5}, {"e", "", 1, 1, 6}, {"e", "a", 2, 0, 25}, {"e", "a", 3, 1, 26},
    {"e", "a", 3, 3, 27}, {"e", "ai", 1, 1, 19}, {"e", "ai", 1, 2, 28}, {"e", "aia", 3, 1, 19},
    {"e", "aia", 3, 2, 19}, {"e", "aia", 3, 3, 13}, {"e", "i", 1, 1, 29}, {"e", "i", 3, 2, 12},
    {"e", "i", 3, 3, 13}, {"e", "ia", 3, 1, 30}, {"e", "ia", 3, 2, 31}, {"e", "o", 1, 2, 32},
    {"e", "oi", 3, 3, 13}, {"ego", "i", 1, 1, 33}, {"ei", "a", 3, 1, 2}, {"ei", "aia", 3, 1, 19},
    {"ei", "aia", 3, 2, 19}, {"ei", "ia", 3, 1, 19}, {"ei", "ia", 3, 2, 34}, {"eiu", "a", 3, 1, 2},
    {"eiu", "aia", 3, 1, 19}, {"eiu", "aia", 3, 2, 19}, {"eiu", "ia", 3, 1, 19}, {"eiu", "ia", 3, 2, 19},
    {"em", "", 1, 0, 35}, {"em", "", 1, 1, 36}, {"em", "", 1, 2, 37}, {"em", "ai", 1, 1, 19},
    {"em", "ai", 1, 2, 19}, {"em", "i", 1, 1, 19}, {"em", "i", 1, 2, 19}, {"emu", "i", 1, 1, 33},
    {"ena", "cin", 1, 3, 19}, {"ena", "in", 1, 3, 29}, {"ena", "n", 1, 3, 2}, {"ena", "zin", 1, 3, 19},
    {"eni", "cin", 1, 3, 19}, {"eni", "in", 1, 3, 29}, {"eni", "n", 1, 3, 2}, {"eni", "zin", 1, 3, 19},
    {"enom", "cin", 1, 3, 19}, {"enom", "in", 1, 3, 29}, {"enom", "n", 1, 3, 2}, {"enom", "zin", 1, 3, 19},
    {"enovi", "cin", 1, 3, 19}, {"enovi", "in", 1, 3, 29}, {"enovi", "n", 1, 3, 2}, {"enovi", "zin", 1, 3, 19},
    {"enu", "cin", 1, 3, 19}, {"enu", "in", 1, 3, 29}, {"enu", "n", 1, 3, 2}, {"enu", "zin", 1, 3, 19},
    {"epa", "ip", 1, 3, 29}, {"epa", "p", 1, 3, 2}, {"epi", "ip", 1, 3, 29}, {"epi", "p", 1, 3, 2},
    {"epom", "ip", 1, 3, 29}, {"epom", "p", 1, 3, 2}, {"epovi", "ip", 1, 3, 29}, {"epovi", "p", 1, 3, 2},
    {"epu", "ip", 1, 3, 29}, {"epu", "p", 1, 3, 2}, {"era", "ir", 1, 3, 29}, {"era", "r", 1, 3, 2},
    {"eri", "ir", 1, 3, 29}, {"eri", "r", 1, 3, 2}, {"erom", "ir", 1, 3, 29}, {"erom", "r", 1, 3, 2},
    {"erovi", "ir", 1, 3, 29}, {"erovi", "r", 1, 3, 2}, {"eru", "ir", 1, 3, 29}, {"eru", "r", 1, 3, 2},
    {"ev", "au", 4, 3, 21}, {"ev", "iau", 4, 3, 29}, {"ev", "iu", 4, 3, 19}, {"eva", "iv", 1, 3, 29},
    {"eva", "v", 1, 3, 2}, {"evi", "", 1, 2, 36}, {"evi", "ai", 1, 2, 19}, {"evi", "i", 1, 2, 19},
    {"evi", "iv", 1, 3, 29}, {"evi", "v", 1, 3, 2}, {"evom", "iv", 1, 3, 29}, {"evom", "v", 1, 3, 2},
    {"evovi", "iv", 1, 3, 29}, {"evovi", "v", 1, 3, 2}, {"evu", "iv", 1, 3, 29}, {"evu", "v", 1, 3, 2},
    {"go", "e", 1, 3, 38}, {"go", "i", 1, 1, 39}, {"go", "i", 1, 2, 40}, {"h", "", 3, 2, 41}, {"h", "", 3, 3, 42},
    {"ha", "", 1, 3, 43}, {"he", "", 1, 3, 43}, {"hla", "cel", 1, 2, 19}, {"hla", "col", 1, 3, 19},
    {"hle", "cel", 1, 2, 19}, {"hle", "cel", 1, 3, 19}, {"hle", "col", 1, 3, 19}, {"hlem", "cel", 1, 3, 19},
    {"hlia", "cel", 1, 3, 19}, {"hliu", "cel", 1, 3, 19}, {"hlom", "cel", 1, 2, 19}, {"hlom", "col", 1, 3, 19},
    {"hlu", "cel", 1, 2, 19}, {"hlu", "col", 1, 3, 19}, {"hom", "", 1, 3, 43}, {"hra", "cor", 1, 3, 19},
    {"hre", "cor", 1, 3, 19}, {"hrom", "cor", 1, 3, 19}, {"hru", "cor", 1, 3, 19}, {"hu", "", 1, 3, 43},
    {"i", "", 2, 0, 44}, {"i", "", 2, 1, 44}, {"i", "", 3, 1, 45}, {"i", "", 2, 2, 46}, {"i", "", 3, 3, 47},
    {"i", "a", 2, 0, 48}, {"i", "a", 4, 0, 8}, {"i", "a", 3, 1, 49}, {"i", "ai", 1, 1, 19},
    {"i", "aia", 2, 0, 50}, {"i", "aia", 4, 0, 12}, {"i", "aia", 3, 1, 19}, {"i", "aia", 4, 1, 17},
    {"i", "aia", 3, 2, 19}, {"i", "e", 1, 2, 51}, {"ia", "", 1, 1, 37}, {"ia", "ai", 1, 2, 28},
    {"ia", "e", 1, 2, 51}, {"iau", "ev", 3, 3, 29}, {"iau", "v", 3, 3, 4}, {"ic", "evic", 1, 2, 52},
    {"ic", "ovic", 1, 2, 22}, {"ic", "vic", 1, 2, 4}, {"ica", "c", 1, 1, 4}, {"ica", "ec", 1, 1, 29},
    {"ica", "evic", 1, 2, 52}, {"ica", "ovic", 1, 2, 22}, {"ica", "vic", 1, 2, 4}, {"ice", "c", 1, 1, 4},
    {"ice", "ec", 1, 1, 29}, {"ice", "evic", 1, 2, 52}, {"ice", "ovic", 1, 2, 22}, {"ice", "vic", 1, 2, 4},
    {"icem", "c", 1, 1, 4}, {"icem", "ec", 1, 1, 29}, {"icem", "evic", 1, 2, 52}, {"icem", "ovic", 1, 2, 22},
    {"icem", "vic", 1, 2, 4}, {"icom", "c", 1, 1, 4}, {"icom", "ec", 1, 1, 29}, {"icu", "c", 1, 1, 4},
    {"icu", "ec", 1, 1, 29}, {"icu", "evic", 1, 2, 52}, {"icu", "ovic", 1, 2, 22}, {"icu", "vic", 1, 2, 4},
    {"ih", "", 3, 1, 0}, {"ih", "a", 3, 1, 0}, {"ih", "aia", 3, 2, 12}, {"ih", "aia", 3, 3, 13},
    {"ih", "oi", 3, 3, 13}, {"ika", "ek", 1, 2, 19}, {"ika", "k", 1, 2, 4}, {"ike", "ek", 1, 2, 19},
    {"ike", "k", 1, 2, 4}, {"ikom", "ek", 1, 2, 19}, {"ikom", "k", 1, 2, 4}, {"iku", "ek", 1, 2, 19},
    {"iku", "k", 1, 2, 4}, {"ila", "el", 1, 2, 29}, {"ila", "el", 1, 3, 29}, {"ila", "l", 1, 2, 4},
    {"ila", "l", 1, 3, 4}, {"ile", "el", 1, 2, 29}, {"ile", "el", 1, 3, 29}, {"ile", "l", 1, 2, 4},
    {"ile", "l", 1, 3, 4}, {"ilem", "el", 1, 3, 29}, {"ilem", "l", 1, 3, 4}, {"ilia", "el", 1, 3, 29},
    {"ilia", "l", 1, 3, 4}, {"iliu", "el", 1, 3, 29}, {"iliu", "l", 1, 3, 4}, {"ilom", "el", 1, 2, 29},
    {"ilom", "el", 1, 3, 29}, {"ilom", "l", 1, 2, 4}, {"ilom", "l", 1, 3, 4}, {"ilu", "el", 1, 2, 29},
    {"ilu", "el", 1, 3, 29}, {"ilu", "l", 1, 2, 4}, {"ilu", "l", 1, 3, 4}, {"im", "", 1, 0, 0},
    {"im", "", 1, 2, 53}, {"im", "a", 3, 1, 0}, {"im", "ai", 1, 1, 19}, {"im", "aia", 3, 2, 12},
    {"im", "aia", 3, 3, 13}, {"im", "oe", 1, 3, 54}, {"im", "oi", 1, 1, 13}, {"im", "oi", 1, 2, 18},
    {"imi", "", 3, 1, 0}, {"imi", "a", 3, 1, 0}, {"imi", "aia", 3, 2, 12}, {"imi", "aia", 3, 3, 13},
    {"imi", "oi", 3, 3, 13}, {"ine", "en", 1, 2, 29}, {"ine", "n", 1, 2, 4}, {"inem", "en", 1, 2, 29},
    {"inem", "n", 1, 2, 4}, {"inia", "en", 1, 2, 29}, {"inia", "n", 1, 2, 4}, {"iniu", "en", 1, 2, 29},
    {"iniu", "n", 1, 2, 4}, {"ira", "er", 1, 3, 29}, {"ira", "r", 1, 3, 4}, {"ire", "er", 1, 3, 29},
    {"ire", "r", 1, 3, 4}, {"irom", "er", 1, 3, 29}, {"irom", "r", 1, 3, 4}, {"iru", "er", 1, 3, 29},
    {"iru", "r", 1, 3, 4}, {"iu", "", 2, 0, 55}, {"iu", "", 1, 1, 37}, {"iu", "", 2, 1, 56}, {"iu", "", 3, 1, 57},
    {"iu", "", 3, 3, 47}, {"iu", "ai", 1, 2, 28}, {"iu", "aia", 3, 1, 19}, {"iu", "aia", 3, 2, 19},
    {"iu", "e", 1, 2, 51}, {"iu", "ev", 3, 3, 19}, {"ka", "ek", 1, 2, 58}, {"ka", "ok", 1, 2, 59},
    {"kaia", "ek", 1, 2, 60}, {"kaia", "ok", 1, 2, 60}, {"ke", "ek", 1, 2, 58}, {"ke", "ok", 1, 2, 59},
    {"kom", "ek", 1, 2, 58}, {"kom", "ok", 1, 2, 59}, {"ku", "ek", 1, 2, 58}, {"ku", "ok", 1, 2, 59},
    {"la", "el", 1, 2, 61}, {"la", "el", 1, 3, 2}, {"la", "ol", 1, 3, 62}, {"le", "el", 1, 2, 61},
    {"le", "el", 1, 3, 61}, {"le", "ol", 1, 3, 62}, {"lem", "el", 1, 3, 61}, {"lia", "el", 1, 3, 61},
    {"liu", "el", 1, 3, 61}, {"lom", "el", 1, 2, 61}, {"lom", "el", 1, 3, 2}, {"lom", "ol", 1, 3, 62},
    {"lu", "el", 1, 2, 61}, {"lu", "el", 1, 3, 2}, {"lu", "ol", 1, 3, 62}, {"m", "", 1, 0, 63},
    {"m", "", 1, 1, 64}, {"m", "", 1, 2, 65}, {"m", "", 1, 3, 66}, {"m", "e", 1, 3, 38}, {"m", "i", 1, 1, 67},
    {"m", "i", 1, 2, 40}, {"mi", "", 3, 2, 41}, {"mi", "", 3, 3, 42}, {"mu", "e", 1, 3, 38},
    {"mu", "i", 1, 1, 39}, {"mu", "i", 1, 2, 40}, {"na", "in", 1, 3, 4}, {"ne", "en", 1, 2, 68},
    {"nem", "en", 1, 2, 68}, {"ni", "in", 1, 3, 4}, {"nia", "en", 1, 2, 68}, {"niu", "en", 1, 2, 68},
    {"nom", "in", 1, 3, 4}, {"novi", "in", 1, 3, 4}, {"nu", "in", 1, 3, 4}, {"ogo", "i", 1, 0, 12},
    {"ogo", "i", 1, 1, 13}, {"ogo", "i", 1, 3, 0}, {"oi", "a", 2, 0, 48}, {"oi", "a", 3, 1, 69},
    {"oi", "aia", 2, 0, 12}, {"oi", "aia", 2, 1, 13}, {"oi", "aia", 4, 1, 13}, {"oi", "aia", 2, 2, 18},
    {"oi", "aia", 4, 2, 18}, {"oi", "aia", 2, 3, 0}, {"oiu", "a", 2, 0, 48}, {"oiu", "a", 3, 1, 69},
    {"oiu", "aia", 2, 0, 12}, {"oiu", "aia", 2, 1, 13}, {"oiu", "aia", 2, 3, 0}, {"om", "", 1, 1, 22},
    {"om", "i", 1, 0, 12}, {"om", "i", 1, 1, 13}, {"om", "i", 1, 3, 0}, {"omu", "i", 1, 0, 12},
    {"omu", "i", 1, 1, 13}, {"omu", "i", 1, 3, 0}, {"ona", "in", 1, 3, 70}, {"oni", "in", 1, 3, 70},
    {"onom", "in", 1, 3, 70}, {"onovi", "in", 1, 3, 70}, {"onu", "in", 1, 3, 70}, {"opa", "ip", 1, 3, 71},
    {"opi", "ip", 1, 3, 71}, {"opom", "ip", 1, 3, 71}, {"opovi", "ip", 1, 3, 71}, {"opu", "ip", 1, 3, 71},
    {"ora", "ir", 1, 3, 72}, {"ori", "ir", 1, 3, 72}, {"orom", "ir", 1, 3, 72}, {"orovi", "ir", 1, 3, 72},
    {"oru", "ir", 1, 3, 72}, {"ov", "au", 4, 3, 22}, {"ova", "iv", 1, 3, 73}, {"ova", "u", 1, 2, 19},
    {"ova", "u", 4, 2, 19}, {"ove", "u", 1, 2, 19}, {"ovi", "", 1, 2, 22}, {"ovi", "iv", 1, 3, 73},
    {"ovi", "u", 3, 3, 19}, {"ovih", "u", 3, 3, 19}, {"ovim", "u", 1, 2, 19}, {"ovimi", "u", 3, 3, 19},
    {"ovom", "iv", 1, 3, 73}, {"ovovi", "iv", 1, 3, 73}, {"ovu", "iv", 1, 3, 73}, {"ovu", "u", 1, 2, 19},
    {"pa", "ip", 1, 3, 4}, {"pi", "ip", 1, 3, 4}, {"pom", "ip", 1, 3, 4}, {"povi", "ip", 1, 3, 4},
    {"pu", "ip", 1, 3, 4}, {"ra", "er", 1, 3, 2}, {"ra", "ir", 1, 3, 4}, {"ra", "or", 1, 3, 72},
    {"re", "er", 1, 3, 2}, {"re", "or", 1, 3, 72}, {"ri", "ir", 1, 3, 4}, {"rom", "er", 1, 3, 2},
    {"rom", "ir", 1, 3, 4}, {"rom", "or", 1, 3, 72}, {"rovi", "ir", 1, 3, 4}, {"ru", "er", 1, 3, 2},
    {"ru", "ir", 1, 3, 4}, {"ru", "or", 1, 3, 72}, {"se", "ha", 3, 3, 19}, {"si", "ha", 3, 3, 19},
    {"u", "", 1, 0, 5}, {"u", "", 1, 1, 6}, {"u", "", 1, 2, 7}, {"u", "a", 2, 0, 74}, {"u", "a", 2, 1, 1},
    {"u", "a", 3, 1, 26}, {"u", "a", 2, 2, 1}, {"u", "a", 3, 2, 2}, {"u", "a", 3, 3, 2}, {"u", "aia", 2, 0, 50},
    {"u", "o", 1, 0, 9}, {"u", "o", 1, 1, 10}, {"u", "o", 1, 2, 11}, {"u", "v", 3, 3, 4},
    {"uiu", "aia", 2, 0, 12}, {"uiu", "aia", 2, 1, 75}, {"uiu", "aia", 2, 3, 0}, {"v", "iau", 4, 3, 4},
    {"v", "u", 4, 3, 4}, {"va", "ev", 1, 0, 76}, {"va", "iv", 1, 3, 4}, {"va", "u", 1, 2, 77},
    {"va", "u", 4, 2, 77}, {"ve", "ev", 1, 0, 76}, {"ve", "u", 1, 2, 77}, {"vi", "", 1, 1, 78},
    {"vi", "", 1, 2, 79}, {"vi", "i", 1, 2, 4}, {"vi", "iv", 1, 3, 4}, {"vi", "u", 3, 3, 77},
    {"vih", "u", 3, 3, 77}, {"vim", "u", 1, 2, 77}, {"vimi", "u", 3, 3, 77}, {"vna", "evna", 2, 2, 43},
    {"vne", "evna", 2, 2, 43}, {"vni", "evna", 2, 2, 43}, {"vnoi", "evna", 2, 2, 43}, {"vnoiu", "evna", 2, 2, 43},
    {"vnu", "evna", 2, 2, 43}, {"vom", "ev", 1, 0, 76}, {"vom", "iv", 1, 3, 4}, {"vovi", "iv", 1, 3, 4},
    {"vu", "ev", 1, 0, 76}, {"vu", "iv", 1, 3, 4}, {"vu", "u", 1, 2, 77}, {"ze", "ga", 3, 2, 19},
    {"zi", "ga", 3, 2, 19},
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


cdef uint32_t form_letters() noexcept nogil:
    """Return the letters, merged as in `sito_ext.shapes.key_letters_of`, in which keys and case forms may differ."""
    cdef uint32_t i, letters = 0
    for i in range(<uint32_t> SITO_FORM_RULE_COUNT):
        letters |= key_letters_of(
            <const byte_t*> SITO_FORM_RULES[i].form, <uint32_t> strlen(SITO_FORM_RULES[i].form)
        ) | key_letters_of(<const byte_t*> SITO_FORM_RULES[i].base, <uint32_t> strlen(SITO_FORM_RULES[i].base))
    return letters


cdef uint32_t form_gap() noexcept nogil:
    """Return by how many letters a key and its case forms may differ in length."""
    cdef uint32_t i, form, base, widest = 0
    for i in range(<uint32_t> SITO_FORM_RULE_COUNT):
        form = <uint32_t> strlen(SITO_FORM_RULES[i].form)
        base = <uint32_t> strlen(SITO_FORM_RULES[i].base)
        widest = max(widest, form - base if form > base else base - form)
    return widest


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
