"""Build the native modules of ext/. Everything else is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

BUILD = os.environ.get("SITO_BUILD", "release")  # release | debug | sanitize | coverage | none
# Every .pyx is one module; `none` installs the Python packages alone, beside modules built in place.
MODULES = sorted(path.stem for path in Path("ext/sito_ext").glob("*.pyx")) if BUILD != "none" else []

directives = {
    "language_level": "3",
    "embedsignature": True,
    "boundscheck": BUILD != "release",
    "initializedcheck": BUILD != "release",
    "wraparound": False,
    "auto_pickle": False,  # no invented __reduce__
    "autotestdict": False,  # no __test__ in the module
    "linetrace": BUILD == "coverage",
    "show_performance_hints": BUILD == "release",  # checked builds are slow on purpose
}
SANITIZE = ["-fsanitize=address,undefined"]
cflags = {  # a KeyError here is a mistyped SITO_BUILD
    "release": ["-O3", "-DNDEBUG", "-g0"],
    "debug": ["-O0", "-g", "-UNDEBUG"],
    "sanitize": ["-O1", "-g", "-UNDEBUG", "-fno-omit-frame-pointer", *SANITIZE],
    "coverage": ["-O0", "-g"],
    "none": [],
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
    if MODULES
    else [],
    # Objects of one flavour are never linked into another.
    options={"build": {"build_temp": f"build/objects-{BUILD}"}},
)
