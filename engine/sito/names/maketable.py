"""Write data/fold.bin.z: run `python -m sito.names.maketable` after a change of letters.py or keys.py.

The file is committed so that every build folds alike whatever Unicode version its Python brings; a test compares it
with a fresh one where the Unicode version is the one it was made with.
"""

from __future__ import annotations

import sys
import unicodedata
import zlib
from collections.abc import Iterable
from math import log2
from pathlib import Path

from sito.names.fold import make_table

COST_MAX = 25  # the last letter, Z
UNSEEN = 0.5  # how often a pair that never occurred is taken to have done so, for 100 000 words a source
UNICODE_VERSION = "14.0.0"  # of Python 3.11, which made the committed file


def pair_costs(words: Iterable[tuple[str, float]], letters: str) -> list[str]:
    """Make the rows of a cost table of `readings.py`: how strange it is that a letter follows another one.

    Args:
        words: Name words of the letters alone, each with its weight; the weights of one source sum to about 100 000.
        letters: The alphabet.

    Returns:
        A row for the start of a word and for each letter; in it the end of the word and each letter, as A to Z for
        0 to `COST_MAX` half bits: twice the negative binary logarithm of the share of the pairs of that row.
    """
    places = {letter: place for place, letter in enumerate(letters, 1)}
    counts = [[UNSEEN] * (len(letters) + 1) for _ in range(len(letters) + 1)]
    for word, weight in words:
        last = 0
        for letter in word:
            counts[last][places[letter]] += weight
            last = places[letter]
        counts[last][0] += weight
    return [
        "".join(chr(ord("A") + min(COST_MAX, round(-2 * log2(count / sum(row))))) for count in row) for row in counts
    ]


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
