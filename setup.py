"""Build the native modules of ext/. Everything else is in pyproject.toml."""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

BUILD = os.environ.get("SITO_BUILD", "release")  # release | debug | sanitize | coverage
MODULES = ("fold", "vocabulary", "matcher", "scorer")

directives = {
    "language_level": "3",
    "embedsignature": True,
    "boundscheck": BUILD != "release",
    "initializedcheck": BUILD != "release",
    "wraparound": False,
    "auto_pickle": False,  # no invented __reduce__
    "autotestdict": False,  # no __test__ in the module
    "linetrace": BUILD == "coverage",
}
SANITIZE = ["-fsanitize=address,undefined"]
cflags = {  # a KeyError here is a mistyped SITO_BUILD
    "release": ["-O3", "-DNDEBUG"],
    "debug": ["-O0", "-g", "-UNDEBUG"],
    "sanitize": ["-O1", "-g", "-UNDEBUG", "-fno-omit-frame-pointer", *SANITIZE],
    "coverage": ["-O0", "-g"],
}[BUILD]
macros = [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")] if BUILD == "coverage" else []

setup(
    ext_modules=cythonize(
        [
            Extension(
                f"sito_ext.{module}",
                [f"ext/sito_ext/{module}.pyx"],
                extra_compile_args=cflags,
                extra_link_args=SANITIZE if BUILD == "sanitize" else [],
                define_macros=macros,
            )
            for module in MODULES
        ],
        include_path=["ext"],
        compiler_directives=directives,
        # The coverage plugin finds a .pyx only through a .c beside it.
        build_dir=None if BUILD == "coverage" else f"build/cython-{BUILD}",
    )
)
