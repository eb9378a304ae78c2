"""Measure the engine beside its peers, in one run on one machine, and check every answer.

    python -m bench                     100 000 names, five rounds, then 1 000 000 names; some minutes
    python -m bench --size small        the same list, fewer payments; what CI runs
    python -m bench --update-expected   freeze the counts of this run in expected.json; commit them with the reason

Times are CPU time of one core. In each round the engine and every peer take their turn, and each round has payments of
its own. Before a round the engine screens a fixed set of other payments with a fresh workspace: that fills its word
memo as a worker's is after its first second, and no payment is ever seen twice. Ratios compare the best rounds.

Exit status: 0 all well, 1 an answer is wrong or a ratio below its floor, 2 wrong use.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from bench import peers
from bench.load import Label, Payments, Subject, make_hostile, make_list, make_payments, write_list
from bench.names import Population
from bench.scaling import HOSTILE_SHARE, record_us, two_threads
from sito.index import Index
from sito.screen import DEFAULT_SCORE_MIN, FREE_TEXT, PARTY, BatchResult, ScreenConfig, Screener

EXPECTED = Path(__file__).with_name("expected.json")
BATCH = 10_000  # payments of one Arrow table
CONFIG = ScreenConfig()
TEMPLATE_COUNT_MIN = 1_000

# Floors and ceilings hold whatever counts are frozen. Ratios grow with the list: they are those of 100 000 names.
RECALL_MIN = {"all": 0.95, "names": 0.95, "purpose": 0.90}
ALERT_MAX = (
    0.30  # share of payments without a listed party; list and payments share one population, so namesakes abound
)
RATIO_MIN = {"brute": 200.0, "tokens": 8.0}
RATIO_NAMES_MIN = 100_000
BUILD_MILLION_S_MAX = 30.0
MILLION_PAYMENTS = 10_000  # of one round, and to warm up
MILLION_SAMPLES = {"brute": 16, "tokens": 300}
# What is asked of the engine. These are told and not enforced: a machine that others use decides them, too.
THREADS_MIN = 1.8
RECORD_MAX = 50.0  # p99.9 of a record as multiple of the median
TENFOLD_MAX = 4.0  # a payment at 1 000 000 names as multiple of one at 100 000


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        payments: Of one round; warm-up and quality take as many again each.
        samples: Payments of one round that each peer gets.
    """

    names: int
    payments: int
    rounds: int
    samples: dict[str, int]
    million: bool


SMALL = {"brute": 128, "best": 8, "tokens": 1_500, "rarest": 4_000, "exact": 10_000, "fold": 5_000}
SIZES = {
    "small": Size(100_000, 10_000, 5, SMALL, False),
    "full": Size(100_000, 20_000, 5, {key: 2 * count for key, count in SMALL.items()}, True),
}


@dataclass
class Report:
    """What a run found: rows for the table, everything for the JSON file, and what was wrong."""

    facts: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def require(self, good: bool, fault: str) -> None:
        """Note a fault unless all is well."""
        if not good:
            self.faults.append(fault)


def say(text: str) -> None:
    """Tell on the error stream how far the run is."""
    print(f"[{time.perf_counter() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


STARTED = time.perf_counter()


def cpu_of(work: Callable[[], Any]) -> float:
    """Return the CPU seconds that a call takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


# --- building and opening ---------------------------------------------------------------------------------------


def build(source: Path, output: Path) -> dict[str, float]:
    """Build an index as a user would: one command in a process of its own.

    Returns:
        Seconds on the clock and on the CPU, and the largest memory of the process in MB.
    """
    spec = importlib.util.find_spec("sito.cli")
    if spec is not None and spec.origin is not None:
        program = "import sys; from sito.cli import main; sys.exit(main())"
        command = [sys.executable, "-c", program, "build", str(source), "--output", str(output)]
    else:
        program = "import sys; from sito.build import build_index; build_index([sys.argv[1]], sys.argv[2])"
        command = [sys.executable, "-c", program, str(source), str(output)]
    before, cpu_before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall_s": time.perf_counter() - before,
        "cpu_s": after.ru_utime + after.ru_stime - cpu_before.ru_utime - cpu_before.ru_stime,
        "memory_mb": after.ru_maxrss / 1024,
    }


def opening_ms(path: Path) -> dict[str, float]:
    """Return milliseconds to open an index, checked and unchecked; medians of five."""
    times: dict[str, list[float]] = {"verified": [], "mapped": []}
    for _ in range(5):
        for name, verify in (("verified", True), ("mapped", False)):
            before = time.perf_counter()
            Index.open(path, verify=verify).close()
            times[name].append((time.perf_counter() - before) * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


# --- the engine ---------------------------------------------------------------------------------------------------


def tables(payments: Payments, start: int = 0, end: int | None = None) -> list[pa.Table]:
    """Cut payments into Arrow tables of `BATCH` rows."""
    end = len(payments) if end is None else end
    return [payments.table(low, min(low + BATCH, end)) for low in range(start, end, BATCH)]


def columns(table: pa.Table) -> list[tuple[Any, Any, int]]:
    """Return what the native call takes: bytes, row offsets and mode of each column."""
    found = []
    for name, mode in (("debtor_name", PARTY), ("creditor_name", PARTY), ("purpose", FREE_TEXT)):
        values: Any = table.column(name).cast(pa.large_string()).combine_chunks()
        array: Any = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
        _, offsets, data = array.buffers()
        found.append(
            (np.frombuffer(data, dtype=np.uint8), np.frombuffer(offsets, dtype=np.int64)[: len(array) + 1], mode)
        )
    return found


class Engine:
    """The ways in which the engine is timed; each starts cold, warms up, and returns CPU seconds of one round."""

    def __init__(self, index: Index, warm_up: Sequence[pa.Table]) -> None:
        self._index, self._warm_up = index, warm_up

    def batches(self, batch: Sequence[pa.Table]) -> float:
        """`Screener.screen_batch` on Arrow tables."""
        screener = Screener(self._index, CONFIG)
        for table in self._warm_up:
            screener.screen_batch(table)
        return cpu_of(lambda: [screener.screen_batch(table) for table in batch])

    def verdicts(self, batch: Sequence[pa.Table]) -> float:
        """The same, with a verdict and the evidence for each party that has hits."""
        screener = Screener(self._index, CONFIG)
        for table in self._warm_up:
            screener.screen_batch(table)
        return cpu_of(lambda: [list(screener.screen_batch(table).results()) for table in batch])

    def native(self, batch: Sequence[pa.Table], *, memo: bool) -> float:
        """The native call alone, with or without the word memo."""
        matcher = self._index.matcher
        work = matcher.workspace(memo=memo)

        def screen(texts: list[tuple[Any, Any, int]]) -> None:
            for data, starts, mode in texts:
                matcher.screen(work, data, starts, mode, DEFAULT_SCORE_MIN, CONFIG.hit_limit)

        for table in self._warm_up:
            screen(columns(table))
        ready = [columns(table) for table in batch]

        def everything() -> None:
            for texts in ready:
                screen(texts)

        return cpu_of(everything)


def work_of(index: Index, warm_up: Sequence[pa.Table], batch: Sequence[pa.Table]) -> dict[str, float]:
    """Return what the native engine does for one payment, after a warm-up: the reasons behind its time.

    Returns:
        Words looked up, those of them that the memo did not know, pairs of words probed, and candidates weighed.
    """
    work = index.matcher.workspace(memo=True)

    def screen(batch: Sequence[pa.Table]) -> tuple[int, ...]:
        for table in batch:
            for data, starts, mode in columns(table):
                index.matcher.screen(work, data, starts, mode, DEFAULT_SCORE_MIN, CONFIG.hit_limit)
        return work.word_count, work.miss_count, work.probe_count, work.candidate_total

    before, after = screen(warm_up), screen(batch)
    payments = sum(table.num_rows for table in batch)
    names = ("words", "misses", "probes", "candidates")
    return {name: (end - start) / payments for name, start, end in zip(names, before, after, strict=True)}


def quality(index: Index, payments: Payments) -> tuple[dict[str, Any], list[Label]]:
    """Screen payments and compare with what was hidden in them.

    Returns:
        Counts and shares; and the labels that any sound engine finds and this one did not.
    """
    screener = Screener(index, CONFIG)
    found: dict[tuple[int, str], set[str]] = {}
    alerts: set[int] = set()
    cut: Counter[str] = Counter()
    hit_count = 0
    for start in range(0, len(payments), BATCH):
        for result in screener.screen_batch(payments.table(start, start + BATCH)).results():
            row = int(result.record_id.rsplit("-", 1)[1])
            found.setdefault((row, result.role), set()).update(hit.entry_id for hit in result.hits)
            hit_count += len(result.hits)
            cut.update(result.limits if result.truncated else ())
            if result.verdict != "pass":
                alerts.add(row)
    labelled = {label.row for label in payments.labels}
    seen = [bool(label.entry_ids & found.get((label.row, label.role), set())) for label in payments.labels]
    ordinary = len(payments) - len(labelled)
    return {
        "payments": len(payments),
        "labels": len(payments.labels),
        "found": sum(seen),
        "hits": hit_count,
        "alerts": len(alerts - labelled),
        "ordinary": ordinary,
        "alert_share": len(alerts - labelled) / ordinary,
        "recall": recall(payments.labels, seen),
        "cut": dict(sorted(cut.items())),
    }, [label for label, good in zip(payments.labels, seen, strict=True) if label.certain and not good]


def recall(labels: Sequence[Label], seen: Sequence[bool]) -> dict[str, float]:
    """Return the share of labels that were found: all, by field, by mutation."""
    groups: dict[str, list[bool]] = {"all": list(seen), "names": [], "purpose": []}
    for label, good in zip(labels, seen, strict=True):
        groups["purpose" if label.role == "purpose" else "names"].append(good)
        groups.setdefault(label.mutation, []).append(good)
    return {name: sum(values) / len(values) for name, values in groups.items() if values}


# --- the peers ------------------------------------------------------------------------------------------------------


def make_peers(names: Sequence[str]) -> dict[str, peers.Peer]:
    """Prepare all peers for a list."""
    return {
        "brute": peers.Brute(names),
        "best": peers.BestOne(names),
        "tokens": peers.TokenIndex(names, 2),
        "rarest": peers.TokenIndex(names, 1),
        "exact": peers.ExactScan(names),
        "fold": peers.Folding(),
    }


def rows_of(payments: Payments, rows: Sequence[int]) -> list[peers.Payment]:
    """Return payments as peers take them."""
    return [(payments.debtors[row], payments.creditors[row], payments.purposes[row]) for row in rows]


def peer_quality(
    peer: peers.Peer, key: str, subjects: Sequence[Subject], payments: Payments, size: Size
) -> dict[str, Any]:
    """Return recall on the labels and the alert share of others, on as many payments as the peer can do in seconds."""
    owners = [subject.entry_id for subject in subjects for _ in subject.names]
    count = {"brute": 150, "best": 8}.get(key, len(payments.labels))
    labels = payments.labels[:count]
    hits = peer.screen(peer.prepare(rows_of(payments, [label.row for label in labels])))
    seen = [any(owners[name] in label.entry_ids for name in found) for label, found in zip(labels, hits, strict=True)]
    labelled = {label.row for label in payments.labels}
    ordinary = [row for row in range(len(payments)) if row not in labelled][: size.samples[key]]
    alerts = sum(map(bool, peer.screen(peer.prepare(rows_of(payments, ordinary)))))
    return {"recall": recall(labels, seen), "labels": len(labels), "alert_share": alerts / len(ordinary)}


# --- the run --------------------------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """Describe where and with what the run was made."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next(
            (line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), cpu
        )
    try:
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        commit = "unknown"
    packages = ("sito", "numpy", "pyarrow", "rapidfuzz", "pyahocorasick")
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {"cpu": cpu, "cores": os.cpu_count(), "load": os.getloadavg()[0], "commit": commit, "versions": versions,
            "system": platform.platform()}  # fmt: skip


def timed_rounds(
    index: Index, payments: Payments, size: Size, rivals: dict[str, peers.Peer], warm_up: Sequence[pa.Table]
) -> tuple[dict[str, list[float]], float]:
    """Let the engine and the peers take turns.

    Returns:
        Microseconds of CPU for each payment, by way and round.
    """
    engine = Engine(index, warm_up)
    times: dict[str, list[float]] = {}
    for number in range(size.rounds):
        start = number * size.payments
        batch = tables(payments, start, start + size.payments)
        for name, way in (
            ("engine", engine.batches),
            ("verdicts", engine.verdicts),
            ("native", lambda tables: engine.native(tables, memo=True)),
            ("memo off", lambda tables: engine.native(tables, memo=False)),
        ):
            times.setdefault(name, []).append(way(batch) / size.payments * 1e6)
        for key, peer in rivals.items():
            count = min(size.samples[key], size.payments)
            prepared = peer.prepare(rows_of(payments, range(start, start + count)))
            times.setdefault(key, []).append(cpu_of(lambda: peer.screen(prepared)) / count * 1e6)  # noqa: B023
        say(f"round {number + 1} of {size.rounds}: engine {times['engine'][-1]:.1f} µs a payment")
    return times, statistics.median(times["engine"])


def single_us(index: Index, payments: Payments) -> dict[str, float]:
    """Return percentiles of `Screener.check` on single names, in microseconds on the clock."""
    screener = Screener(index, CONFIG)
    spans = []
    for name in payments.debtors[:1_500]:
        before = time.perf_counter()
        screener.check(name)
        spans.append((time.perf_counter() - before) * 1e6)
    spans = spans[500:]
    return {f"p{share}": float(np.percentile(spans, share)) for share in (50, 95, 99)}


def hostile(index: Index, population: Population) -> dict[str, dict[str, Any]]:
    """Return what payments made to be slow cost, and how many of their parties were flagged as cut."""
    found = {}
    for kind, count in (("names", 100), ("long", 100), ("new", 5_000)):
        payments = make_hostile(count, kind, population=population)
        screener = Screener(index, CONFIG)
        table = payments.table()
        batches: list[BatchResult] = []
        cpu = cpu_of(lambda: batches.append(screener.screen_batch(table)))  # noqa: B023
        any_cut = any(result.truncated for result in batches[0].results())
        size_bytes = sum(len(text.encode()) for text in payments.purposes) / count
        found[kind] = {"us": cpu / count * 1e6, "us_per_kb": cpu / count * 1e9 / size_bytes, "any_cut": any_cut}
    return found


def check_expected(report: Report, key: str, counts: dict[str, int], update: bool) -> None:
    """Compare deterministic counts with the frozen ones, or freeze them."""
    frozen: dict[str, dict[str, int]] = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    if update:
        frozen[key] = counts
        EXPECTED.write_text(json.dumps(dict(sorted(frozen.items())), indent=1) + "\n")
        return
    if key not in frozen:
        say(f"no counts are frozen for {key}; only floors and ceilings are enforced")
        return
    report.require(
        frozen[key] == counts,
        f"counts differ from bench/expected.json: expected {frozen[key]}, got {counts}; if the change is meant, "
        "run with --update-expected and commit the file with the reason",
    )


def measure(size: Size, seed: int, update: bool, folder: Path) -> Report:
    """Run everything for one list size."""
    report = Report()
    say("names and payments")
    population = Population()
    subjects = make_list(size.names, seed, population)
    timed = make_payments(size.payments * size.rounds, subjects, seed + 1, population)
    fresh = make_payments(size.payments, subjects, seed + 2, population)
    judged = make_payments(max(size.payments, 20_000), subjects, seed + 3, population)
    names = [name for subject in subjects for name in subject.names]
    report.require(
        timed.template_count >= TEMPLATE_COUNT_MIN,
        f"only {timed.template_count} purpose templates, expected at least {TEMPLATE_COUNT_MIN}",
    )
    source, output = folder / f"{size.names}" / "targets.simple.csv", folder / f"{size.names}.sito"
    source.parent.mkdir()
    write_list(subjects, source)
    say(f"build of {len(names)} names")
    built = build(source, output)
    with Index.open(output) as index:
        info = index.info
        report.require(
            (info.name_count, info.entry_count) == (len(names), len(subjects)),
            f"the index holds {info.name_count} names of {info.entry_count} entries, "
            f"expected {len(names)} of {len(subjects)}",
        )
        say("answers")
        judgement, missed = quality(index, judged)
        report.require(not missed, f"{len(missed)} listed names written as listed were not found: " + ", ".join(
            f"payment {label.row} {label.role} ({label.mutation})" for label in missed[:10]))  # fmt: skip
        for name, floor in RECALL_MIN.items():
            report.require(
                judgement["recall"][name] >= floor,
                f"recall of {name} is {judgement['recall'][name]:.3f}, at least {floor}",
            )
        report.require(
            judgement["alert_share"] <= ALERT_MAX, f"alert share is {judgement['alert_share']:.3f}, at most {ALERT_MAX}"
        )
        counts = {name: judgement[name] for name in ("payments", "labels", "found", "hits", "alerts")}
        check_expected(report, f"{size.names} names, {len(judged)} payments, seed {seed}", counts, update)
        say("peers")
        rivals = make_peers(names)
        times, _ = timed_rounds(index, timed, size, rivals, tables(fresh))
        judged_peers = {
            key: peer_quality(peer, key, subjects, judged, size) for key, peer in rivals.items() if key != "fold"
        }
        best = min(times["engine"])
        ratios = {key: min(times[key]) / best for key in rivals}
        if size.names >= RATIO_NAMES_MIN:
            for key, floor in RATIO_MIN.items():
                report.require(
                    ratios[key] >= floor, f"{ratios[key]:.1f} times {rivals[key].title}, at least {floor:.0f} times"
                )
        report.facts = {
            "machine": machine(),
            "names": len(names),
            "entries": len(subjects),
            "templates": timed.template_count,
            "purpose_length": statistics.mean(map(len, timed.purposes)),
            "size": vars(size),
            "seed": seed,
            "build": built,
            "open_ms": opening_ms(output),
            "index_bytes": info.size_bytes,
            "bytes_per_name": info.bytes_per_name,
            "vocabulary": info.token_count,
            "us": times,
            "ratios": ratios,
            "quality": judgement,
            "peers": judged_peers,
            "single_us": single_us(index, timed),
            "work": work_of(index, tables(fresh), tables(timed, 0, size.payments)),
            "hostile": hostile(index, population),
            "records": record_us(
                index,
                CONFIG,
                fresh,
                {kind: make_hostile(50, kind, population=population) for kind in ("names", "long", "new")},
                columns,
            ),
        }
        if size.million:
            half = tables(timed, 0, size.payments), tables(timed, size.payments, 2 * size.payments)
            report.facts["threads"] = two_threads(index, CONFIG, *half)  # fmt: skip
    _rows(report, rivals)
    return report


def measure_million(seed: int, folder: Path) -> Report:
    """Build and screen a list of 1 000 000 names, in turn with brute force and the index of words."""
    report = Report()
    say("a million names")
    population = Population()
    subjects = make_list(1_000_000, seed, population)
    source, output = folder / "million" / "targets.simple.csv", folder / "million.sito"
    source.parent.mkdir()
    write_list(subjects, source)
    timed = make_payments(MILLION_PAYMENTS * SIZES["full"].rounds, subjects, seed + 1, population)
    fresh = make_payments(MILLION_PAYMENTS, subjects, seed + 2, population)
    names = [name for subject in subjects for name in subject.names]
    rivals: dict[str, peers.Peer] = {"brute": peers.Brute(names), "tokens": peers.TokenIndex(names, 2)}
    say("build of a million names")
    built = build(source, output)
    report.require(
        built["wall_s"] <= BUILD_MILLION_S_MAX, f"build of a million names took {built['wall_s']:.1f} s, at most 30 s"
    )
    say(f"built in {built['wall_s']:.1f} s")
    with Index.open(output) as index:
        judgement, missed = quality(index, fresh)
        report.require(not missed, f"{len(missed)} of a million listed names written as listed were not found")
        engine = Engine(index, tables(fresh))
        us: dict[str, list[float]] = {"engine": []} | {key: [] for key in rivals}
        for start in range(0, len(timed), MILLION_PAYMENTS):
            batch = tables(timed, start, start + MILLION_PAYMENTS)
            us["engine"].append(engine.batches(batch) / MILLION_PAYMENTS * 1e6)
            for key, peer in rivals.items():
                count = MILLION_SAMPLES[key]
                prepared = peer.prepare(rows_of(timed, range(start, start + count)))
                us[key].append(cpu_of(lambda: peer.screen(prepared)) / count * 1e6)  # noqa: B023
            say(f"a million names: engine {us['engine'][-1]:.1f} µs a payment")
        best = min(us["engine"])
        ratios = {key: min(us[key]) / best for key in rivals}
        report.facts = {
            "names": index.info.name_count, "build": built, "open_ms": opening_ms(output),
            "us": us,
            "index_bytes": index.info.size_bytes, "bytes_per_name": index.info.bytes_per_name, "quality": judgement,
            "ratios": ratios,
        }  # fmt: skip
    report.rows = [
        ("1 000 000 names: build, whole command", f"{built['wall_s']:.1f} s", "", "", used(built)),
        ("1 000 000 names: screen_batch", f"{1e6 / best:,.0f}/s", f"{best:.1f}", "",
         f"{ratios['brute']:.0f} times cdist, {ratios['tokens']:.1f} times the index of words; "
         f"{report.facts['bytes_per_name']:.0f} bytes a name; "
         f"recall {judgement['recall']['all']:.3f}; alerts {judgement['alert_share']:.1%}"),
    ]  # fmt: skip
    return report


def at_most(value: float, ceiling: float) -> str:
    """Say what is asked, and whether it is met."""
    return f"at most {ceiling:.0f} times" + (" asked" if value <= ceiling else " asked: MISSED")


def used(built: dict[str, float]) -> str:
    """Say what a build cost beside its time."""
    return f"{built['cpu_s']:.2f} s CPU, {built['memory_mb']:.0f} MB"


def _rows(report: Report, rivals: dict[str, peers.Peer]) -> None:
    facts = report.facts
    times, ratios, judgement = facts["us"], facts["ratios"], facts["quality"]

    def accuracy(found: dict[str, Any]) -> str:
        shares = [
            f"{found['recall'][name]:.3f}" if name in found["recall"] else "-" for name in ("all", "names", "purpose")
        ]
        return f"recall {shares[0]} (names {shares[1]}, purpose {shares[2]}); alerts {found['alert_share']:.1%}"

    for key, title in (
        ("engine", "engine: Screener.screen_batch"),
        ("verdicts", "engine: with verdicts and evidence"),
        ("native", "engine: native call alone"),
        ("memo off", "engine: native call, word memo off"),
    ):
        us = statistics.median(times[key])
        note = accuracy(judgement) if key == "verdicts" else ""
        report.rows.append((title, f"{1e6 / us:,.0f}", f"{us:.1f}", "", note))
    for key, peer in rivals.items():
        us = statistics.median(times[key])
        note = f"{peer.fields}; {accuracy(facts['peers'][key])}" if key in facts["peers"] else peer.fields
        report.rows.append((peer.title, f"{1e6 / us:,.0f}", f"{us:.1f}", f"{ratios[key]:.1f}", note))
    built, opened, single, work = facts["build"], facts["open_ms"], facts["single_us"], facts["work"]
    report.rows += [
        ("native work of one payment", "", "", "",
         f"{work['words']:.1f} words, {work['misses']:.2f} of them not in the memo; {work['probes']:.1f} pairs "
         f"of words probed; {work['candidates']:.2f} candidates"),
        ("build, whole command", f"{built['wall_s']:.2f} s", "", "", used(built)),
        ("open", f"{opened['verified']:.1f} ms", "", "", f"unverified {opened['mapped']:.2f} ms"),
        ("index", f"{facts['bytes_per_name']:.0f} B/name", "", "",
         f"file {facts['index_bytes'] / 1e6:.1f} MB with the entries"),
        ("single check", f"{1e6 / single['p50']:,.0f}", f"{single['p50']:.0f}", "",
         f"p95 {single['p95']:.0f} µs, p99 {single['p99']:.0f} µs"),
    ]  # fmt: skip
    records = facts["records"]
    factor = records["p99.9"] / records["p50"]
    report.rows.append(
        ("one record, native call", "", f"{records['p50']:.0f}", "",
         f"p99 {records['p99']:.0f} µs, p99.9 {records['p99.9']:.0f} µs: {factor:.0f} times the median with "
         f"{HOSTILE_SHARE:.0%} hostile ones, {at_most(factor, RECORD_MAX)}")
    )  # fmt: skip
    if "threads" in facts:
        threads = facts["threads"]
        report.rows.append(
            ("two threads", f"{threads:.2f} times", "", "",
             f"payments of one, on the clock; at least {THREADS_MIN} asked"
             + ("" if threads >= THREADS_MIN else ": MISSED"))
        )  # fmt: skip
    for kind, cost in facts["hostile"].items():
        note = f"{cost['us_per_kb']:.0f} µs per kB of purpose" + (
            "; limits were reached and reported" if cost["any_cut"] else ""
        )
        report.rows.append((f"hostile: {kind}", f"{1e6 / cost['us']:,.0f}", f"{cost['us']:.0f}", "", note))


def show(report: Report, facts: dict[str, Any]) -> None:
    """Print the one table."""
    about = facts["machine"]
    table = Table(
        title=f"{facts['names']:,} names, {facts['templates']:,} purpose templates, "
        f"purposes of {facts['purpose_length']:.0f} characters",
        caption=f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f}; commit {about['commit']}; "
        + ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
    )
    table.add_column("what")
    for heading in ("payments/s, one core", "µs CPU", "engine is x times"):
        table.add_column(heading, justify="right")
    table.add_column("answers and notes", overflow="fold")
    for row in report.rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the module."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure sito beside its peers.")
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--small", action="store_const", const="small", dest="size", help="the same as --size small")
    parser.add_argument("--names", type=int, help="names of the list")
    parser.add_argument("--payments", type=int, help="payments of one round")
    parser.add_argument("--rounds", type=int, help="at least 3")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="folder for bench.json")
    parser.add_argument("--json", type=Path, help="file for everything that was measured")
    parser.add_argument("--no-million", action="store_true", help="leave the list of 1 000 000 names out")
    parser.add_argument("--update-expected", action="store_true", help="freeze the counts of this run")
    options = parser.parse_args(arguments)
    chosen = SIZES[options.size]
    size = Size(
        options.names or chosen.names, options.payments or chosen.payments, options.rounds or chosen.rounds,
        chosen.samples, chosen.million and not options.no_million,
    )  # fmt: skip
    if size.rounds < 3 or size.names < 1_000 or size.payments < 1_000:
        parser.error(
            "expected 3 rounds, 1000 names and 1000 payments at least, "
            f"got {size.rounds}, {size.names}, {size.payments}"
        )
    try:
        with tempfile.TemporaryDirectory(prefix="sito-bench-") as folder:
            report = measure(size, options.seed, options.update_expected, Path(folder))
            everything = dict(report.facts)
            if size.million:
                million = measure_million(options.seed, Path(folder))
                report.rows += million.rows
                tenfold = min(million.facts["us"]["engine"]) / min(report.facts["us"]["engine"])
                report.rows.append(
                    (
                        "ten times the names",
                        f"{tenfold:.1f} times",
                        "",
                        "",
                        f"the time of a payment; {at_most(tenfold, TENFOLD_MAX)}",
                    )
                )
                report.faults += million.faults
                everything["million"] = million.facts
    except subprocess.CalledProcessError as error:
        print(f"FAULT the build ended with exit status {error.returncode}; its own message is above", file=sys.stderr)
        return 1
    everything["faults"] = report.faults
    show(report, everything)
    target = options.json or (options.output and options.output / "bench.json")
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(everything, indent=1, default=list) + "\n")
    for fault in report.faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
