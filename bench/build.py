"""Measure building and opening an index beside pyahocorasick, in one run on one machine, and check every answer.

    python -m bench.build                  1 000 000 names, some minutes; floors and the ceiling hold
    python -m bench.build --size small     50 000 names; floors of ratios that hold for so short a list

Both sides start from names in memory. pyahocorasick gets them folded already, as `str` keys, and makes its automaton:
`add_word` for each and `make_automaton`, one core, as it can do no other. sito gets entries as a reader of lists makes
them: it folds the names, makes other spellings, and all sections in memory, the stored entries among them; a second
thread folds and makes tables. The full size counts sito's time on the clock, on a machine that has nothing else to do;
the small one CPU time of all threads. It is the best of the rounds, which take turns. What it takes pyahocorasick with
the names as the list prints them, folded by sito's own native folding, is told beside it.

How long a system takes to hand out memory is no part of the ratio: where a host takes back what its virtual machines do
not use, a page that was not used for two seconds costs forty times what a used one does, and a build of a million names
is half waiting. So before sito's turn as much memory as it takes is touched and given back, and of pyahocorasick, whose
turn is too long for that, the user time counts, which leaves the system's time out altogether. The first round has
neither: it is told beside the ratio, with the clock of both.

Opening is mapping a ready file, as a worker does whose parent has verified it. pyahocorasick's own saved automaton is
loaded with pickle, or made again, whatever is faster.

Exit status: 0 all well, 1 an answer is wrong or a ratio below its floor, 2 wrong use.
"""

from __future__ import annotations

import argparse
import gc
import json
import mmap
import pickle
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ahocorasick
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.load import Subject, make_list
from bench.run import Report, machine, say
from sito.build import Builder
from sito.entries import BirthDate, Entry, Kind, ListEdition, Name, NameQuality
from sito.index import Index, write_index
from sito.names.fold import table
from sito.screen import Screener
from sito_ext.fold import Folder

KINDS = {"person": Kind.PERSON, "company": Kind.ORGANISATION, "vessel": Kind.VESSEL}
OPENINGS = 25
CHECKED = 200  # names that are looked up afterwards
READY_BYTES = 1024  # of memory a name that is touched before sito's turn; a build takes some 750
PAGE = 4096


@dataclass(frozen=True)
class Size:
    """How much is measured, and what must come out.

    Attributes:
        clock: Is the time on the clock that counts, or that of all threads?
        build_min, open_min: Floors of the ratios to pyahocorasick.
        bytes_max: Bytes a name on disk beyond the stored entries; 0 for no ceiling, since a short list has more words.
    """

    names: int
    rounds: int
    clock: bool
    build_min: float
    open_min: float
    bytes_max: float


SIZES = {
    "small": Size(50_000, 5, False, 1.0, 100.0, 0.0),
    "full": Size(1_000_000, 3, True, 5.0, 1_000.0, 200.0),
}


def entries_of(subjects: Sequence[Subject]) -> list[Entry]:
    """Return subjects as a reader of lists makes them."""
    return [
        Entry(
            "OS-BENCH", subject.entry_id, KINDS[subject.party.kind],
            (Name(subject.names[0], NameQuality.PRIMARY), *map(Name, subject.names[1:])),
            (BirthDate(subject.birth_date, subject.birth_date),) if subject.birth_date else (),
            changed_on=("2026-01-01",), raw=(("dataset", "bench"), ("first_seen", "2026-01-01T00:00:00")),
        )
        for subject in subjects
    ]  # fmt: skip


@dataclass(frozen=True)
class Took:
    """Seconds of a piece of work: on the clock, of the CPU by all threads, and of these those outside the system."""

    clock: float
    cpu: float
    user: float


def timed(work: Callable[[], Any]) -> tuple[Any, Took]:
    """Return what a call returns, and what it took."""
    before, clock, cpu = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter(), time.process_time()
    result = work()
    took = time.perf_counter() - clock, time.process_time() - cpu
    return result, Took(*took, resource.getrusage(resource.RUSAGE_SELF).ru_utime - before.ru_utime)


def make_ready(size: int) -> None:
    """Touch memory of so many bytes and give it back: whoever takes some next gets what the machine has at hand."""
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for place in range(0, size, PAGE):
            memory[place] = 1


def automaton_of(keys: Sequence[str]) -> ahocorasick.Automaton:
    """Make the automaton of all keys."""
    automaton = ahocorasick.Automaton()
    for number, key in enumerate(keys):
        automaton.add_word(key, number)
    automaton.make_automaton()
    return automaton


def save(automaton: ahocorasick.Automaton, path: Path) -> None:
    """Write an automaton down as its maker means it to be."""
    path.write_bytes(pickle.dumps(automaton))


def sections_of(entries: Sequence[Entry]) -> dict[str, np.ndarray[Any, Any]]:
    """Make all sections of an index in memory."""
    builder = Builder()
    builder.add(entries, 0)
    return builder.finish()


def measured(size: Size, report: Report) -> None:
    """Run all rounds and fill the report."""
    say(f"a list of {size.names} names")
    subjects = make_list(size.names)
    entries = entries_of(subjects)
    names = [name for subject in subjects for name in subject.names]
    folder = Folder(table())
    keys, folding = timed(lambda: [" ".join(folder.plains(name.encode())) for name in names])
    gc.collect()
    gc.freeze()  # what both sides start from is no garbage of either
    automatons: list[Took] = []
    builds: list[Took] = []
    automaton: Any = None
    sections: dict[str, np.ndarray[Any, Any]] = {}
    for number in range(size.rounds + 1):
        say(f"round {number} of {size.rounds}" if number else "a round as the system gives memory")
        automaton = None
        automaton, took = timed(lambda: automaton_of(keys))
        automatons.append(took)
        if number:
            make_ready(READY_BYTES * size.names)
        again, took = timed(lambda: sections_of(entries))
        builds.append(took)
        same = not sections or all(np.array_equal(sections[name], again[name]) for name in sections)
        report.require(same, "the same entries gave other sections")
        sections = again
        del again
    checked = np.linspace(0, len(names) - 1, CHECKED).astype(int).tolist()
    report.require(
        all(keys[automaton.get(keys[number])] == keys[number] for number in checked), "pyahocorasick lost a name"
    )
    as_given = automatons.pop(0), builds.pop(0)
    automaton_s = min(took.user for took in automatons)
    build_s, build_cpu = (min(getattr(took, kind) for took in builds) for kind in ("clock", "cpu"))
    with tempfile.TemporaryDirectory() as folder_name:
        path, saved = Path(folder_name) / "bench.sito", Path(folder_name) / "automaton.pickle"
        edition = ListEdition("OS-BENCH", "bench", entry_count=len(entries), name_count=len(names))
        facts = {"engine": "bench", "built_at": "", "editions": [msgspec.to_builtins(edition)]}
        _, writing = timed(partial(write_index, path, sections, facts))
        _, saving = timed(partial(save, automaton, saved))
        sections, automaton = {}, None
        _, loading = timed(lambda: pickle.loads(saved.read_bytes()))
        _, verifying = timed(lambda: Index.open(path).close())
        openings = [timed(lambda: Index.open(path, verify=False).close())[1] for _ in range(OPENINGS)]
        opened = statistics.median(took.clock for took in openings)
        with Index.open(path, verify=False) as index:
            bytes_per_name = index.info.bytes_per_name
            report.require(index.info.name_count == len(names), "the index has other names than the list")
            report.require(index.info.entry_count == len(entries), "the index has other entries than the list")
            screener = Screener(index)
            owners = [subject.entry_id for subject in subjects for _ in subject.names]
            for number in checked:
                found = {hit.entry_id for hit in screener.check(names[number].upper()).hits}
                report.require(bool(found), f"name {number} of the list is not found")
                alone = sum(key == keys[number] for key in keys) == 1 if size.names <= SIZES["small"].names else False
                report.require(not alone or owners[number] in found, f"the entry of name {number} is not found")
        sizes = {"file": path.stat().st_size, "automaton": saved.stat().st_size}
    clock_ratio, cpu_ratio = automaton_s / build_s, automaton_s / build_cpu
    build_ratio, open_ratio = clock_ratio if size.clock else cpu_ratio, min(loading.clock, automaton_s) / opened
    report.facts.update(
        names=len(names), automatons=[*map(asdict, automatons)], builds=[*map(asdict, builds)],
        as_given=[*map(asdict, as_given)], folding=asdict(folding), writing=asdict(writing), saving=asdict(saving),
        loading=asdict(loading), verifying=asdict(verifying), open_s=opened, bytes_per_name=bytes_per_name, sizes=sizes,
        build_ratio=build_ratio, open_ratio=open_ratio,
    )  # fmt: skip
    to_file = build_s + writing.clock, automaton_s + saving.user
    report.rows = [
        ("names in memory to what can be searched", f"{build_s:.2f} s", f"{automaton_s:.2f} s", f"{clock_ratio:.2f}x"),
        ("the same, CPU of all threads", f"{build_cpu:.2f} s", f"{automaton_s:.2f} s", f"{cpu_ratio:.2f}x"),
        ("the same, memory as the system gives it", f"{as_given[1].clock:.2f} s", f"{as_given[0].clock:.2f} s",
         f"{as_given[0].clock / as_given[1].clock:.2f}x"),
        ("names as printed to what can be searched", f"{build_s:.2f} s", f"{automaton_s + folding.user:.2f} s",
         f"{(automaton_s + folding.user) / build_s:.2f}x"),
        ("names in memory to a file", f"{to_file[0]:.2f} s", f"{to_file[1]:.2f} s", f"{to_file[1] / to_file[0]:.2f}x"),
        ("ready file to what can be searched", f"{1e3 * opened:.2f} ms", f"{loading.clock:.2f} s",
         f"{open_ratio:,.0f}x"),
        ("the same, every byte verified first", f"{verifying.clock:.2f} s", "", ""),
        ("bytes a name beyond stored entries", f"{bytes_per_name:.0f}", f"{sizes['automaton'] / len(names):.0f}", ""),
    ]  # fmt: skip
    report.require(build_ratio >= size.build_min, f"building is {build_ratio:.2f}x, floor {size.build_min}x")
    report.require(open_ratio >= size.open_min, f"opening is {open_ratio:.0f}x, floor {size.open_min:.0f}x")
    if size.bytes_max:
        report.require(bytes_per_name <= size.bytes_max, f"{bytes_per_name:.1f} bytes a name, at most {size.bytes_max}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the top of this file."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--output", type=Path, help="folder for build-<size>.json")
    chosen = parser.parse_args(arguments)
    report = Report(facts={"machine": machine()})
    measured(SIZES[chosen.size], report)
    shown = Table("", "sito", "pyahocorasick", "ratio", title=f"Building an index of {report.facts['names']} names")
    for row in report.rows:
        shown.add_row(*row)
    Console(width=110).print(shown)
    if chosen.output:
        chosen.output.mkdir(parents=True, exist_ok=True)
        (chosen.output / f"build-{chosen.size}.json").write_text(json.dumps(report.facts, indent=1) + "\n")
    for fault in report.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
