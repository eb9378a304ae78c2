"""How the engine's cost grows: with a second thread, and with what a single record holds."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa

from bench.load import Payments
from sito.index import Index
from sito.screen import DEFAULT_SCORE_MIN, ScreenConfig, Screener

THREAD_ROUNDS = 3
HOSTILE_SHARE = 0.01  # of the records whose times are judged
COLUMNS = Callable[[pa.Table], list[tuple[Any, Any, int]]]


def two_threads(index: Index, config: ScreenConfig, first: Sequence[pa.Table], second: Sequence[pa.Table]) -> float:
    """Return how many times the payments of one thread two threads screen in the same time on the clock.

    One thread screens both halves in turn, then two screen one each, on one screener, as a worker's do; median of
    `THREAD_ROUNDS`.
    """
    screener = Screener(index, config)

    def screen(batch: Sequence[pa.Table]) -> None:
        for table in batch:
            screener.screen_batch(table)

    def together() -> None:
        threads = [threading.Thread(target=screen, args=(batch,)) for batch in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def seconds(work: Callable[[], None]) -> float:
        before = time.perf_counter()
        work()
        return time.perf_counter() - before

    together()  # both workspaces warm up
    ratios = []
    for _ in range(THREAD_ROUNDS):
        alone = seconds(lambda: screen([*first, *second]))
        ratios.append(alone / seconds(together))
    return statistics.median(ratios)


def record_us(
    index: Index, config: ScreenConfig, payments: Payments, hostile: dict[str, Payments], columns: COLUMNS
) -> dict[str, float]:
    """Time single records, one native call for each field, `HOSTILE_SHARE` of them made to be slow.

    Args:
        payments: Ordinary ones; the first half warms up.
        hostile: Records made to be slow, by kind; each kind has an equal share.
        columns: Makes of a table what the native call takes.

    Returns:
        Microseconds of CPU: median, p99 and p99.9 of all records, and the median of each hostile kind.
    """
    matcher = index.matcher
    work = matcher.workspace()

    def screen(texts: list[tuple[Any, Any, int]]) -> float:
        before = time.thread_time_ns()
        for data, starts, mode in texts:
            matcher.screen(work, data, starts, mode, DEFAULT_SCORE_MIN, config.hit_limit)
        return (time.thread_time_ns() - before) / 1e3

    half = len(payments) // 2
    screen(columns(payments.table(0, half)))
    records = [("", columns(payments.table(row, row + 1))) for row in range(half, len(payments))]
    share = max(1, round(len(records) * HOSTILE_SHARE / len(hostile)))
    for kind, made in hostile.items():
        records += [(kind, columns(made.table(row, row + 1))) for row in (n % len(made) for n in range(share))]
    Random("order of records").shuffle(records)
    spans = np.asarray([screen(texts) for _, texts in records])
    found = {"p50": float(np.median(spans))} | {f"p{p}": float(np.percentile(spans, p)) for p in (99, 99.9)}
    for kind in hostile:
        found[kind] = float(np.median([span for span, (this, _) in zip(spans, records, strict=True) if this == kind]))
    return found
