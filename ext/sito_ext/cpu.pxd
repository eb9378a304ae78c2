"""Which of several loops for the same work runs on this processor, for the modules that have such loops."""

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__x86_64__)
    #include <immintrin.h>

    /* Vectors of signed bytes, for loops whose body is written once; of a comparison of two vectors, a bit a byte. */
    typedef int8_t sito_bytes_16 __attribute__((vector_size(16)));
    typedef int8_t sito_bytes_32 __attribute__((vector_size(32)));
    #define SITO_BITS_16(all) ((uint64_t) (uint32_t) _mm_movemask_epi8((__m128i) (all)))
    #define SITO_BITS_32(all) ((uint64_t) (uint32_t) _mm256_movemask_epi8((__m256i) (all)))
    #endif
    """

# The place of the loops that run in a module's table of them, which has one for each of `sito_ext.cpu.PATHS`, or for
# the first of them where the processor is of another kind.
cdef int path
