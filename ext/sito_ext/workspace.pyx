"""The scratch memory of one thread: what it remembers of words, and the words, candidates and hits of a text."""

cimport cython
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from sito_ext.fold cimport CutC
from sito_ext.near cimport NEAR_SPECIAL_MAX, NearC
from sito_ext.shapes cimport QueryWordC, ShapeC
from sito_ext.types cimport byte_t, large_free, large_room, uint32_t
from sito_ext.vocabulary cimport EXPANSION_GATHER_MAX


@cython.final
cdef class Workspace:
    """Scratch memory of one thread: the word memo, candidates, hits. Not to be shared by threads at one time.

    Made by `Matcher.workspace`; the memo holds what the words of that index are near to, so a workspace belongs to one
    index.
    """

    def __cinit__(self, owner, bint memo_on, bint small, uint32_t memo_bits):
        self._owner = owner
        self.small = small
        self.memo_shift = 64 - memo_bits
        self.memo_slots = <uint64_t> 1 << memo_bits
        self.memo_on = memo_on
        self.busy = None
        self.ahead_first = 0
        self.ahead_stop = 0
        # A memo slot is read at random: with small pages nearly every read would miss the TLB as well.
        self.memo = <MemoC*> large_room(NULL, 0, self.memo_slots * sizeof(MemoC))
        if self.memo == NULL:
            raise MemoryError
        with nogil:                # the system clears new pages meanwhile, which takes its time
            memset(self.memo, 0, self.memo_slots * sizeof(MemoC))
        self.kept = 0
        self.ahead = <CutC*> malloc(AHEAD_WORDS * sizeof(CutC))
        self.cuts = <CutC*> malloc((TEXT_WORDS_MAX + 1) * sizeof(CutC))
        self.batch = <NearC*> malloc(BATCH * sizeof(NearC))
        self.arena = <uint32_t*> malloc(ARENA_SIZE * sizeof(uint32_t))
        self.texts = <TextWordC*> malloc(TEXT_WORDS_MAX * sizeof(TextWordC))
        self.hashes = <uint32_t*> calloc(TEXT_WORDS_MAX, sizeof(uint32_t))
        self.shapes = <ShapeC*> calloc(TEXT_WORDS_MAX, sizeof(ShapeC))
        self.words = <QueryWordC*> malloc(TEXT_WORDS_MAX * sizeof(QueryWordC))
        self.other = <byte_t*> malloc(READING_ROOM)
        self.near = <uint32_t*> malloc(
            (TEXT_EXPANSIONS_MAX + EXPANSION_GATHER_MAX + NEAR_SPECIAL_MAX) * sizeof(uint32_t)
        )
        self.lines = <LineC*> malloc(
            (TEXT_EXPANSIONS_MAX + EXPANSION_GATHER_MAX + NEAR_SPECIAL_MAX) * sizeof(LineC)
        )
        self.active = <uint32_t*> malloc(TEXT_WORDS_MAX * sizeof(uint32_t))
        self.candidates = <CandidateC*> malloc(CANDIDATE_MAX * sizeof(CandidateC))
        self.bounds = <BoundC*> malloc(CANDIDATE_MAX * sizeof(BoundC))
        self.slots = <uint32_t*> calloc(CANDIDATE_SLOTS, sizeof(uint32_t))
        self.hit_slots = <uint32_t*> calloc(HIT_SLOTS, sizeof(uint32_t))
        self.hit_room = 1024
        self.hits = <HitC*> malloc(self.hit_room * sizeof(HitC))
        if (
            self.ahead == NULL or self.cuts == NULL or self.batch == NULL or self.arena == NULL
            or self.texts == NULL or self.hashes == NULL or self.shapes == NULL or self.words == NULL
            or self.other == NULL or self.near == NULL or self.lines == NULL or self.active == NULL
            or self.candidates == NULL or self.bounds == NULL or self.slots == NULL or self.hit_slots == NULL
            or self.hits == NULL
        ):
            raise MemoryError

    def __dealloc__(self):
        large_free(self.memo, self.memo_slots * sizeof(MemoC))
        free(self.ahead)
        free(self.cuts)
        free(self.batch)
        free(self.arena)
        free(self.texts)
        free(self.hashes)
        free(self.shapes)
        free(self.words)
        free(self.near)
        free(self.lines)
        free(self.other)
        free(self.active)
        free(self.candidates)
        free(self.bounds)
        free(self.slots)
        free(self.hits)
        free(self.hit_slots)
