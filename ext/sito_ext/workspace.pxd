"""The scratch memory of one thread, for the kernels that screen."""

cimport cython
from sito_ext.fold cimport CutC
from sito_ext.near cimport NearC
from sito_ext.shapes cimport QueryWordC, ShapeC
from sito_ext.types cimport byte_t, int8_t, int32_t, same_bytes, uint8_t, uint32_t, uint64_t

cdef enum:                         # what a text is
    MODE_PARTY = 0
    MODE_TEXT = 1
    MODE_IDENTIFIER = 2

cdef enum:                         # flags of a text
    LIMIT_MALFORMED = 1            # = FLAG_MALFORMED
    LIMIT_WORD = 2                 # = FLAG_CUT
    LIMIT_WORDS = 4
    LIMIT_EXPANSIONS = 8
    LIMIT_PAIRS = 16
    LIMIT_CANDIDATES = 32
    LIMIT_HITS = 64
    LIMIT_NO_WORD = 128            # a party field has text but no letter or digit of any script known here

cdef enum:
    MEMO_BITS = 18                 # of the number of slots: for an index
    MEMO_BITS_FEW = 16             # for a delta, whose look-ups cost little
    MEMO_BITS_MAX = 24
    MEMO_RAW_MAX = 36              # bytes of the longest word that is remembered
    MEMO_INLINE = 2                # near words that stand in a memo slot itself
    MEMO_PLAIN_MAX = 16            # folded letters up to which a memo slot keeps them, so that it fills two cache lines
    MEMO_KEY_MAX = 16
    ARENA_SIZE = 1 << 20           # expansions
    AHEAD_TEXTS = 32               # texts cut into words together
    AHEAD_WORDS = 1024             # of all of them
    BATCH = 16                     # new words looked up together
    TEXT_WORDS_MAX = 4096
    TEXT_EXPANSIONS_MAX = 65536
    PENDING_MAX = 32
    CANDIDATE_MAX = 8192
    CANDIDATE_SLOTS = 32768
    HIT_SLOTS = 65536
    READING_SIZE_MAX = 1024        # a longer field is told to be too long
    READING_ROOM = 2 * READING_SIZE_MAX + 4

cdef struct MemoC:
    byte_t raw[36]                 # = MEMO_RAW_MAX; zeros behind the word
    uint8_t raw_length             # 0: free
    uint8_t count
    uint8_t exact
    uint8_t meant
    uint8_t sure
    uint8_t splits
    uint8_t close
    uint8_t edits                  # that words near it may need, as it was looked up; see `near_start`
    uint8_t flags
    int8_t strange                 # see `strangeness`
    uint8_t letters                # as in `WordC`
    uint8_t capitals
    uint32_t stamp                 # of the writing of this slot, 0: free; see `keep`
    uint32_t near[2]               # the expansions; if there are more, near[0] is their place in the arena
    uint8_t vowelless
    ShapeC shape                   # with this the second cache line begins
    byte_t plain[16]               # = MEMO_PLAIN_MAX; of longer words neither is kept
    byte_t key[16]                 # = MEMO_KEY_MAX

cdef inline bint is_memo_of(const MemoC* c_memo, const byte_t* c_raw, uint32_t length) noexcept nogil:
    """Is a memo slot that of a raw word?"""
    return c_memo.raw_length == length and same_bytes(c_memo.raw, c_raw, length)


cdef inline bint is_enough(const MemoC* c_memo, uint8_t edits) noexcept nogil:
    """Does a memo slot say of its word what a look-up with `edits` would?

    With more edits there may have been too many near words where with fewer there are not: then it does not.
    """
    return c_memo.edits >= edits and not (c_memo.edits > edits and c_memo.flags & LIMIT_EXPANSIONS)


cdef inline bint remembers(const MemoC* c_memo, const byte_t* c_raw, uint32_t length, uint8_t edits) noexcept nogil:
    """Does a memo slot say of a raw word what a look-up with `edits` would?"""
    return is_memo_of(c_memo, c_raw, length) and is_enough(c_memo, edits)


cdef struct TextWordC:
    uint32_t start
    uint32_t end
    uint32_t first                 # of its expansions
    uint8_t count
    uint8_t exact                  # expansions at distance 0 (0 or 1); they stand first
    uint8_t meant                  # these, then bases of case forms
    uint8_t sure                   # these, then words of the same meaning and parts of the word
    uint8_t splits                 # pairs of parts of the word, the last of the sure ones
    uint8_t close                  # expansions that cost at most 1; they stand next
    uint8_t reach                  # expansions that may stand in a pair; see `set_reach`
    uint8_t folded                 # is `words[i]` filled?

cdef struct LineC:                 # what the filter of pairs is asked of a near word, see `filter_word`
    uint64_t line                  # where the line of its pairs begins, if it is not crowded
    uint64_t bits                  # its bits where it is the more crowded one
    uint32_t place                 # and their word
    uint32_t rank                  # its crowd above its token

cdef struct PendingC:
    uint64_t key
    uint64_t slot
    uint32_t low
    uint32_t high

cdef struct CandidateC:
    uint32_t name
    uint32_t low                   # first and last text word that led to it
    uint32_t high
    uint32_t votes

cdef struct BoundC:                # of a candidate, where there are many
    double bound                   # its score is below
    uint32_t candidate

cdef struct HitC:
    uint32_t item
    uint32_t target                # name number, or IDENTIFIER_TARGET | identifier number
    uint32_t entry
    uint32_t low                   # half-open range of text words compared
    uint32_t high
    uint32_t reading               # see `sito.names.readings`
    double score


@cython.final
cdef class Workspace:
    cdef object _owner
    cdef MemoC* memo
    cdef uint32_t memo_shift       # leaves of a hash the number of a slot
    cdef uint64_t memo_slots
    cdef uint32_t* arena
    cdef uint32_t arena_filled
    cdef uint32_t kept             # how many slots have been written, to tell them apart
    cdef CutC* ahead               # words of the texts to come: memo slot, and its stamp if it is known to be theirs
    cdef uint32_t[AHEAD_TEXTS + 1] ahead_starts
    cdef uint32_t[AHEAD_TEXTS] ahead_flags  # of cutting
    cdef Py_ssize_t ahead_first, ahead_stop  # those texts
    cdef NearC* batch              # those of them that are looked up together
    cdef uint32_t[BATCH] batch_at  # their memo slots
    cdef uint32_t[BATCH] batch_of  # their places in `ahead`
    cdef NearC single
    cdef CutC* cuts                # words of a text that was not cut ahead
    cdef TextWordC* texts
    cdef uint32_t* hashes          # memo slot of each word that is short enough for one
    cdef ShapeC* shapes            # of each word
    cdef QueryWordC* words
    cdef uint32_t* near
    cdef LineC* lines              # of those near words that may stand in a pair
    cdef uint32_t near_filled
    cdef uint32_t* active
    cdef CandidateC* candidates
    cdef uint32_t candidate_count
    cdef BoundC* bounds
    cdef uint32_t* slots
    cdef uint32_t slot_mask        # of the part in use
    cdef PendingC[PENDING_MAX] pending
    cdef uint32_t pending_count
    cdef HitC* hits
    cdef uint64_t hit_count, hit_room
    cdef uint32_t* hit_slots       # place of an entry's hit in `hits`, from 1, counted from the first of the text
    cdef bint memo_on
    cdef uint32_t reading          # of the text at hand
    cdef bint cased                # does the text at hand hold a word with a capital letter?
    cdef bint as_written           # may it have no reading, but a Korean one, beside the one at hand?
    cdef int32_t strange           # then it has none if this is at most 0; see `strangeness`
    cdef byte_t* other             # the text in another reading
    cdef readonly bint small       # does it remember fewer words?
    cdef readonly object busy
    # What was done since the workspace was made, for the bench: words looked up, those the memo did not know, pairs
    # of words probed, candidates weighed.
    cdef readonly uint64_t word_count, miss_count, probe_count, candidate_total
