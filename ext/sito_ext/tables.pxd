"""How the look-up tables of an index are laid out, for the kernels that read them."""

from sito_ext.types cimport hash_t, uint8_t, uint32_t, uint64_t

cdef enum:
    NAME_HEAD = 3                  # bytes before the words of a packed name: count, what it is, per cent of its score
    NAME_PERSON = 1                # what it is: a person's name
    NAME_LETTERS = 2               # an acronym, which has no other spelling
    FORM_PLACE = 4                 # bytes of the place of a form in a packed name, in units of
    FORM_UNIT = 4
    FORM_HEAD = 19                 # bytes before the letters of a packed form
    FORM_LINE = 64                 # bytes that are read at once: a form stands in one such line if it can
    INITIAL_TOKEN = 1 << 24        # from here on tokens stand for the letters a to z: initials
    NO_WORD = INITIAL_TOKEN + 26   # stands for the second word of a pair that is an outline only
    GROUP_COUNT = 1 << 16
    BONE_GROUPS = 0x3800           # groups of words with the same consonants, by hash
    BONES_OF_ALL = 0x9000          # of all words
    BONES_OF_VOWELLESS = 0xC800    # of words from scripts without short vowels
    INFORMATIVE_MIN = 50           # per cent weight from which a word can lead to a name
    FILTER_BLOCK = 8               # words of the filter of pairs that are one line of memory
    CROWD_PAIRS = 32               # pairs of a word up to which they stand in one line of the filter
    CROWD_MAX = 14
    CROWD_LETTER = 15              # of a letter, which stands beside more words than any word


cdef inline hash_t mix(uint64_t key) noexcept nogil:
    key ^= key >> 31
    key *= <uint64_t> 0x7FB5D329728EA185
    key ^= key >> 27
    key *= <uint64_t> 0x81DADEF4BC2DD44D
    return key ^ (key >> 33)


cdef inline uint64_t scaled(hash_t value, uint64_t size) noexcept nogil:
    """Map a hash to [0, size): high 32 bits times size; size is below 2^32."""
    return ((value >> 32) * size) >> 32


cdef inline uint64_t filter_bits_of(hash_t other) noexcept nogil:
    """Return the two bits of the more crowded token of a pair in its word of a line."""
    return ((<uint64_t> 1) << (other >> 58)) | ((<uint64_t> 1) << ((other >> 52) & 63))


cdef inline uint64_t filter_place(hash_t other) noexcept nogil:
    """Return which word of a line that is."""
    return (other >> 40) & (FILTER_BLOCK - 1)


cdef inline uint64_t filter_line(hash_t own, uint32_t crowd, hash_t other, uint64_t blocks) noexcept nogil:
    """Return where the line begins that knows the pair of a token and a more crowded one."""
    if crowd:
        own += ((other >> 20) & (((<uint64_t> 1) << crowd) - 1)) * <uint64_t> 0xC2B2AE3D27D4EB4F
    return scaled(own, blocks) * FILTER_BLOCK


cdef inline hash_t filter_hash(uint32_t token) noexcept nogil:
    return <hash_t> token * <uint64_t> 0x9E3779B97F4A7C15


cdef inline uint64_t filter_word(
    uint32_t left, uint32_t left_crowd, uint32_t right, uint32_t right_crowd, uint64_t blocks, uint64_t* c_bits,
) noexcept nogil:
    """Return the place of the word of the filter that knows a pair of tokens, and its two bits in it.

    The less crowded of the two, which has pairs with fewer others, names the line of memory, and the other the place in
    it: so all that a text asks about one rare word is answered by one line. Very many pairs spread over 2^crowd lines.
    """
    cdef bint first = left_crowd < right_crowd or (left_crowd == right_crowd and left < right)
    cdef hash_t own = filter_hash(left if first else right), other = filter_hash(right if first else left)
    c_bits[0] = filter_bits_of(other)
    return filter_line(own, left_crowd if first else right_crowd, other, blocks) + filter_place(other)


cdef inline uint32_t crowd_of(const uint8_t* c_crowds, uint32_t token_count, uint32_t token) noexcept nogil:
    """Return the crowd of a token, or of what stands for a letter."""
    return c_crowds[token] if token < token_count else <uint32_t> CROWD_LETTER


cdef inline uint64_t pair_key(uint32_t left, uint32_t right) noexcept nogil:
    if left < right:
        return (<uint64_t> left << 32) | right
    return (<uint64_t> right << 32) | left


cdef inline uint64_t outline_of(uint32_t head) noexcept nogil:
    """Twin of `sito.names.search.outline`: `head` is the first four letters of a key, the first lowest."""
    cdef uint64_t code = 0, letter
    cdef uint32_t filled = 0
    while head:
        letter = (head & 0xFF) - <uint64_t> 97
        head >>= 8
        # Four bits a letter: its class, 0 for vowels.
        if letter < 16:
            letter = (<uint64_t> 0x409876C055403210 >> (4 * letter)) & 15
        elif letter < 26:
            letter = (<uint64_t> 0x0000002CCC00B2AC >> (4 * (letter - 16))) & 15
        else:
            letter = 0
        if letter and filled < 2:
            code |= letter << (4 - 4 * filled)
            filled += 1
    return code


cdef inline uint64_t outline_key(uint32_t left, uint32_t right, uint64_t code) noexcept nogil:
    """Key of a pair of words, or of one with `NO_WORD`, that stand beside a word with this outline."""
    return pair_key(left, right) | code << 56


cdef inline bint has_outline(uint64_t key) noexcept nogil:
    return key >> 56 != 0
