"""The processor: which of several loops for the same work runs.

Some kernels have one loop that any processor runs and others that compare more bytes at once, all of which give the
same answer, bit by bit. The fastest one that the processor at hand can run is chosen when this module is loaded.
"""

cdef extern from *:
    """
    /* The last of `PATHS` that this processor, and the system on it, can run. Every x86-64 has SSE2. */
    static int sito_cpu_best(void)
    {
    #if defined(__x86_64__)
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? 3
            : __builtin_cpu_supports("avx2") ? 2 : 1;
    #else
        return 0;
    #endif
    }
    """
    int sito_cpu_best()

PATHS = ("plain", "sse2", "avx2", "avx512")  # each one faster than the one before; the last has AVX-512 F and BW

cdef int _best = sito_cpu_best()
path = _best


def paths():
    """Return the names of the loops that this processor can run, the fastest one last."""
    return PATHS[:_best + 1]


def use_path(str name not None):
    """Choose the loops of all kernels, for all threads of the process; for tests and benches.

    Raises:
        ValueError: There are no such loops, or this processor cannot run them.
    """
    global path
    if name not in paths():
        raise ValueError(f"expected one of {', '.join(paths())}, got {name!r:.20}")
    path = PATHS.index(name)
