"""Write data/fold.bin.z: run `python -m sito.names.maketable` after a change of letters.py or keys.py.

The file is committed so that every build folds alike whatever Unicode version its Python brings; a test compares it
with a fresh one where the Unicode version is the one it was made with.
"""

from __future__ import annotations

import sys
import unicodedata
import zlib
from pathlib import Path

from sito.names.fold import make_table

UNICODE_VERSION = "14.0.0"  # of Python 3.11, which made the committed file


def main() -> int:
    """Write the table beside this module."""
    if unicodedata.unidata_version != UNICODE_VERSION:
        sys.stderr.write(f"expected Unicode {UNICODE_VERSION}, got {unicodedata.unidata_version}\n")
        return 2
    target = Path(__file__).parent / "data" / "fold.bin.z"
    target.write_bytes(zlib.compress(make_table(), 9))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
