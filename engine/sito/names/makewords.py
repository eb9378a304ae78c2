"""Write data/words.bin.z: run `python -m sito.names.makewords` after a change of words.tsv, words.py or the folding.

The file is committed because declining, romanising and folding the words of the table takes most of a second, which no
start of the program shall pay; a test compares it with a fresh one.
"""

from __future__ import annotations

import zlib
from pathlib import Path

from sito.names.facts import pack_special
from sito.names.words import make_special_words


def main() -> int:
    """Write the table beside this module."""
    target = Path(__file__).parent / "data" / "words.bin.z"
    target.write_bytes(zlib.compress(pack_special(make_special_words()), 9))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
