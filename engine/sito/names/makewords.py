"""Write data/words.bin.z: run `python -m sito.names.makewords` after a change of words.tsv, words.py or the folding.

The file is committed because declining, romanising and folding the words of the table takes most of a second, which no
start of the program shall pay; a test compares it with a fresh one.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from sito.names.facts import RECORD_HEAD, Trait
from sito.names.words import Kind, special_words


def make_table() -> bytes:
    """Return the special words for the kernel: records of `RECORD_HEAD` and the word, sorted by word."""
    return b"".join(
        struct.pack(
            RECORD_HEAD,
            len(plain),
            Trait.VOUCHING if special.kind in (Kind.LEGAL_FORM, Kind.VESSEL) else 0,
            special.weight,
            special.group,
        )
        + plain.encode()
        for plain, special in sorted(special_words().items())
    )


def main() -> int:
    """Write the table beside this module."""
    target = Path(__file__).parent / "data" / "words.bin.z"
    target.write_bytes(zlib.compress(make_table(), 9))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
