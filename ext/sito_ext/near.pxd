"""The look-up of text words: what is known of one and which vocabulary words are near it, several in turn."""

from sito_ext.facts cimport KnowledgeC
from sito_ext.fold cimport FoldTableC, WordC
from sito_ext.shapes cimport ShapeC
from sito_ext.types cimport byte_t, hash_t, int8_t, uint8_t, uint32_t, uint64_t
from sito_ext.vocabulary cimport TOKEN_COUNT_MAX, ExpansionC, VocabularyC

cdef enum:
    NEAR_SPECIAL_MAX = 48          # case forms, words of the same meaning and parts kept for one word
    NEAR_SINGLE = 1 << 24          # in a near word, above its token: some name is this word alone
    NEAR_STARTS = 1 << 25          # only where it is the word itself: some phrase begins with it
    NEAR_CROWD_SHIFT = 26          # above them its crowd, see `sito_ext.tables.filter_word`
    NEAR_CROWD = 15

cdef struct LookUpC:               # all tables that the look-up of a word reads
    VocabularyC vocabulary
    const KnowledgeC* knowledge
    const FoldTableC* fold_table
    const uint32_t* single_starts  # of the one-word names of each token
    const uint32_t* group_starts   # words of the same meaning, see `sito_ext.tables`
    const uint32_t* group_tokens
    uint64_t pair_slot_count
    const uint64_t* pair_slots     # key, start << 24 | count
    uint64_t filter_blocks
    const uint64_t* pair_filter
    const uint8_t* token_crowds    # of each token, see `filter_word`

cdef struct NearC:                 # one word on its way through the look-up
    const byte_t* raw
    uint32_t raw_length
    uint32_t flags                 # of folding
    uint8_t edits                  # that words near it may need; 0: no words with other letters are looked up
    bint cut                       # were there more near words than are kept?
    int8_t strange                 # see `strangeness`; of words of party fields, with two edits, only
    uint8_t exact                  # near words that are the word itself, 0 or 1; they stand first
    uint8_t meant                  # these, then bases of case forms
    uint8_t sure                   # these, then words of the same meaning and parts of the word
    uint8_t splits                 # pairs of parts, the last of the sure ones
    ShapeC shape                   # its weight is 0 if the word has no letter
    WordC word
    hash_t key_hash
    hash_t plain_hash
    ExpansionC expansion
    uint32_t base_count
    byte_t bases[2048]             # = BASES_MAX * BASE_LENGTH_MAX
    uint8_t base_lengths[16]       # = BASES_MAX
    hash_t base_hashes[16]
    uint32_t cuts                  # beyond the last place where the word may be cut in two
    hash_t part_hashes[128]        # of the first part of each cut; from `near_gather` on of the second
    uint32_t part_tokens[128]      # the first part in the vocabulary
    uint32_t bone_count
    uint32_t bone_group
    byte_t bones[128]
    uint8_t between[129]           # see `skeleton`

cdef inline uint32_t marked(const LookUpC* c, uint32_t near) noexcept nogil:
    """Return a near word with all marks that do not depend on the text word: `NEAR_SINGLE` and its crowd."""
    cdef uint32_t token = near & (TOKEN_COUNT_MAX - 1)
    if c.single_starts[token] != c.single_starts[token + 1]:
        near |= NEAR_SINGLE
    return near | <uint32_t> c.token_crowds[token] << NEAR_CROWD_SHIFT


cdef void near_start(
    const LookUpC* c, const byte_t* c_raw, uint32_t length, uint8_t edits, NearC* c_near,
) noexcept nogil

cdef void near_filter(const LookUpC* c, NearC* c_near) noexcept nogil

cdef void near_open(const LookUpC* c, NearC* c_near) noexcept nogil

cdef void near_gather(const LookUpC* c, NearC* c_near) noexcept nogil

cdef void near_narrow(const LookUpC* c, NearC* c_near) noexcept nogil

cdef uint32_t near_finish(const LookUpC* c, NearC* c_near, uint32_t* c_out) noexcept nogil

cdef void shape_of(
    const LookUpC* c, const byte_t* c_raw, uint32_t length, const WordC* c_word, ShapeC* c_shape,
) noexcept nogil
