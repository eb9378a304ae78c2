"""Screen one file from end to end: records in, a file of hits out, over as many processes as there are cores.

    >>> screen_file(Path("payments.csv"), Path("lists.index"), Path("hits.jsonl"), workers=4)  # doctest: +SKIP
    Summary(record_count=100000, ...)

The output has the order of the input and is the same for any number of workers. Nothing half-written is left behind:
hits go to a temporary name that is renamed when the last of them is on disk.

Error codes of this package:

    SCR201 a worker process died
    SCR202 the index was replaced while the run began
    SCR203 an output cannot be written
"""

from __future__ import annotations

from sito.batch.lines import HitLine, PartyLine
from sito.batch.run import Summary, screen_file
from sito.batch.writers import OUTPUT_SUFFIXES, remove_stale_parts

__all__ = ["OUTPUT_SUFFIXES", "HitLine", "PartyLine", "Summary", "remove_stale_parts", "screen_file"]
