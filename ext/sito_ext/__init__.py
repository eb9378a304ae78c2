"""The native kernels of sito: Cython, private; use them through `sito`."""
