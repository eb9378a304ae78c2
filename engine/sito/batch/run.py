"""The run of one file: reader -> chunks -> this process or workers -> writer."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from sito.batch.lines import Chunk, ChunkResult, ChunkScreener
from sito.batch.writers import OutputFile, StandardOutput, writer
from sito.clearing import Clearances
from sito.errors import RecordError
from sito.formats import DelimitedFile, RecordFile, open_records
from sito.formats.base import refuse
from sito.index import Index
from sito.policy.judge import Judge
from sito.records import Record, Reject
from sito.screen import ScreenConfig, Screener

CHUNK_RECORDS = 2_000
CHUNK_SIZE = 4 << 20  # characters of the rows of one chunk, so that long texts do not pile up
# Starting workers costs about a second of all cores; a file below these sizes is done sooner without.
PARALLEL_SIZE_MIN = 4 << 20  # bytes
PACKED_FACTOR = 8  # unpacked bytes for a packed one, at least, of ordinary exports
PARALLEL_ROWS_MIN = 40_000  # rows of a Parquet file, whose size is known in rows
SHOWN_REJECTS = 3

Progress = Callable[[int, int], None]


class Summary(msgspec.Struct, frozen=True):
    """What a run did.

    Attributes:
        record_count: Records screened, without the rejected ones.
        party_count: Parties of these records.
        hit_count: Hits written.
        alert_count: (record, role) pairs whose verdict is not `pass`.
        suppressed_count: Hits that a clearance silenced.
        stale_count: Clearances that no longer fit.
        unread_count: Records that tell what they are for in a word that is not known; it counts as not told.
        verdicts: (record, role) pairs by verdict, most frequent first, without `pass`.
        truncated_count: (record, role) pairs of which a limit cut something off.
        reject_count: Records that could not be read or screened.
        reject_codes: How many by code, most frequent first.
        first_rejects: Reasons of the first few.
        seconds: From the first record to the file in place, without opening the index.
        workers: Processes that screened; 0 is this one.
    """

    format: str
    record_count: int
    party_count: int
    hit_count: int
    alert_count: int
    truncated_count: int
    reject_count: int
    reject_codes: dict[str, int]
    first_rejects: tuple[str, ...]
    seconds: float
    workers: int
    suppressed_count: int = 0
    stale_count: int = 0
    unread_count: int = 0
    verdicts: dict[str, int] = {}


def screen_file(
    path: Path,
    index: Path,
    output: Path | None,
    *,
    config: ScreenConfig | None = None,
    cleared: Clearances | None = None,
    judge: Judge | None = None,
    include_all: bool = False,
    workers: int | None = None,
    rejects: Path | None = None,
    format: str | None = None,
    schema_dir: Path | None = None,
    progress: Progress | None = None,
    parallel_size_min: int | None = None,
) -> Summary:
    """Screen a payment or customer file.

    Args:
        path: The file; its format is found by content.
        index: Index file; it is verified once.
        output: Where the hits go; the ending (`OUTPUT_SUFFIXES`) is the format. None is the standard output,
            as JSON Lines.
        config: Threshold and limits, see `ScreenConfig`.
        cleared: Pairs whose hits are silenced, see `sito.clearing`.
        judge: The policy that gives the verdicts, on one day for the whole run; None leaves `pass` and `review` as the
            engine says.
        include_all: Write (record, role) pairs without hits too.
        workers: Most processes; None is one for each core. Small files are screened in this process whatever it says.
        rejects: Where records that cannot be read go, as JSON Lines; the file is there afterwards only if there are
            any, and an older one under its name goes. None keeps them nowhere.
        format: Forces a reader, see `sito.formats.FORMATS`.
        schema_dir: Folder of official UFEBS schemas.
        progress: Called with (done, total) in the reader's unit after every chunk.
        parallel_size_min: Least size, in the reader's unit, that is worth processes; None is a measured value.

    Raises:
        RecordError: REC100 to REC115, the file as a whole cannot be read; single records never raise.
        IndexFileError: The index cannot be trusted.
        ScreenError: SCR101 to SCR108 of the config; SCR201 a worker died; SCR202 the index was replaced meanwhile;
            SCR203 an output cannot be written.
    """
    records = open_records(path, format=format, schema_dir=schema_dir)
    with ExitStack() as stack:
        opened = stack.enter_context(Index.open(index))
        screener = Screener(opened, config)
        converter = records.converter if isinstance(records, DelimitedFile) else None
        out: OutputFile | StandardOutput = OutputFile(output) if output is not None else StandardOutput()
        stack.enter_context(out)
        hits = writer(output.suffix.lower() if output is not None else ".jsonl", out.stream)
        started = time.perf_counter()
        chunks = _chunks(records)
        results: Iterable[ChunkResult]
        process_count = _process_count(records, workers, parallel_size_min)
        if process_count:
            from sito.batch.workers import Pool, Setup  # noqa: PLC0415  (small files need no process machinery)

            setup = Setup(index, opened.info, screener.config, converter, include_all, cleared, judge)
            pool = stack.enter_context(Pool(process_count, setup))
            results = pool.screen(chunks)
        else:
            results = map(ChunkScreener(screener, converter, include_all, cleared, judge).screen, chunks)
        record_count = party_count = hit_count = alert_count = truncated_count = 0
        suppressed_count = stale_count = unread_count = 0
        codes: Counter[str] = Counter()
        verdicts: Counter[str] = Counter()
        first_rejects: list[str] = []
        refused: OutputFile | None = None
        for result in results:
            hits.write(result.lines)
            record_count += result.record_count
            party_count += result.party_count
            hit_count += result.hit_count
            alert_count += result.alert_count
            truncated_count += result.truncated_count
            suppressed_count += result.suppressed_count
            stale_count += result.stale_count
            unread_count += result.unread_count
            verdicts.update(result.verdicts)
            for reject in result.rejects:
                codes[reject.code] += 1
                if len(first_rejects) < SHOWN_REJECTS:
                    first_rejects.append(reject.reason)
            if result.rejects and rejects is not None:
                if refused is None:
                    refused = stack.enter_context(OutputFile(rejects))
                refused.stream.write(msgspec.json.Encoder().encode_lines(result.rejects))
            if progress:
                progress(records.position(), records.size_hint())
        if not record_count and not codes:
            # Nothing screened must not look like nothing found: an export may have failed.
            empty = refuse(records.name, "REC305", expected="at least one record", got="none", raw="")
            codes[empty.code] += 1
            first_rejects.append(empty.reason)
            if rejects is not None:
                refused = stack.enter_context(OutputFile(rejects))
                refused.stream.write(msgspec.json.Encoder().encode_lines([empty]))
        hits.finish()
    if refused is None and rejects is not None and rejects.is_file():
        rejects.unlink()  # of an earlier run: beside the new hits it would tell a lie
    return Summary(
        format=records.format,
        record_count=record_count,
        party_count=party_count,
        hit_count=hit_count,
        alert_count=alert_count,
        truncated_count=truncated_count,
        reject_count=codes.total(),
        reject_codes=dict(codes.most_common()),
        first_rejects=tuple(first_rejects),
        seconds=time.perf_counter() - started,
        workers=process_count,
        suppressed_count=suppressed_count,
        stale_count=stale_count,
        unread_count=unread_count,
        verdicts=dict(verdicts.most_common()),
    )


def core_count() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0))


def _process_count(records: RecordFile, workers: int | None, size_min: int | None) -> int:
    """Return how many processes are worth starting, 0 for none."""
    most = core_count() if workers is None else workers
    if size_min is None:
        size_min = PARALLEL_ROWS_MIN if records.format == "parquet" else PARALLEL_SIZE_MIN
    size = records.size_hint() * (PACKED_FACTOR if records.packed else 1)
    return most if most > 1 and size >= size_min else 0


def _chunks(records: RecordFile) -> Iterator[Chunk]:
    """Cut a file into chunks of bounded count and size.

    Raises:
        RecordError: REC100 the file cannot be read further.
    """
    source: Iterator[list[str] | Record | Reject]
    source = records.rows() if isinstance(records, DelimitedFile) else iter(records)
    items: list[list[str] | Record | Reject] = []
    first = 1
    size = 0
    try:
        for item in source:
            items.append(item)
            size += _length(item)
            if len(items) >= CHUNK_RECORDS or size >= CHUNK_SIZE:
                yield Chunk(first, items)
                first += len(items)
                items, size = [], 0
    except OSError as error:
        raise RecordError(
            "REC100", expected="a readable file", got=error.strerror or type(error).__name__, where=records.name
        ) from None
    if items:
        yield Chunk(first, items)


def _length(item: list[str] | Record | Reject) -> int:
    """Return about how many characters an item holds."""
    if isinstance(item, list):
        return sum(map(len, item))
    return sum(len(party.name) for party in item.parties) if isinstance(item, Record) else len(item.raw)
