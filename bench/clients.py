"""Measure what a night of changed entries costs against the whole client base, beside a full screening, in one run.

    python -m bench.clients                  200 000 clients, a list of 100 000 names, 1 % of its entries changed
    python -m bench.clients --size small     20 000 clients, a list of 10 000 names

The base is imported, screened by its first edition, and then: the night of the second edition, of which 1 % of the
entries are new or changed; the same in full by the compiled base; and a full screening as a file is screened, each
client read and given to the screener, without any base. All with one thread.

Every answer is checked: what stood and still stands and what the night told are the hits of both full screenings.

Exit status: 0 all well, 1 an answer is wrong, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bench.load import Subject, make_list, write_list
from bench.names import Population, written
from bench.run import Report, machine, say
from sito import Index, Screener, build_index
from sito.clients import Cause, Client, ClientBase, Found, Night, import_clients, read_clients, screen_base
from sito.clients.night import CONFIG
from sito.policy.judge import Judge
from sito.policy.verdict import default_policy
from sito.records import Reject

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHANGED_SHARE = 0.01  # of the entries: half of them new, half with another name
LISTED_SHARE = 0.002  # of the clients bear a listed name
BATCH = 2_000
Key = tuple[str, int, str, str]  # client, party, list, entry
Hits = dict[Key, tuple[Any, ...]]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    clients: int
    names: int


SIZES = {"full": Size(200_000, 100_000), "small": Size(20_000, 10_000)}


def clients_of(size: Size, seed: int, listed: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Draw clients: people, and firms with a director; some bear names of the list."""
    population, random = Population(seed), Random(f"clients {seed}")
    for number in range(size.clients):
        born = f"{random.randint(1940, 2005)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
        one: dict[str, Any] = {"id": f"C-{number}", "name": written(population.person(random)), "birth_date": born}
        if random.random() < 0.2:
            director = {"relation": "director", "name": one["name"], "birth_date": born}
            firm = written(population.company(random, cyrillic=True))
            one = {"id": one["id"], "name": firm, "related": [director]}
        if random.random() < LISTED_SHARE:
            one["name"] = random.choice(listed)
        yield one


def edited(subjects: Sequence[Subject], others: Sequence[Subject], seed: int) -> list[Subject]:
    """Return a new edition: some subjects have another name, and as many are new."""
    random = Random(f"edition {seed}")
    count = max(1, round(len(subjects) * CHANGED_SHARE / 2))
    changed = dict(zip(random.sample(range(len(subjects)), count), others, strict=False))
    fresh = [one._replace(entry_id=f"new-{number}") for number, one in enumerate(others[count : 2 * count])]
    kept = [one._replace(names=changed[place].names) if place in changed else one for place, one in enumerate(subjects)]
    return [*kept, *fresh]


def hits_of(found: Found) -> Hits:
    """Return what alarms of one client."""
    return {
        (found.record.record_id, place, hit.list_id, hit.entry_id): (hit.score, hit.grade, hit.name)
        for place, (result, _) in enumerate(found.judged)
        for hit in result.alarming
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and its answer."""
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def plain(index: Index, judge: Judge, file: Path) -> Hits:
    """Screen a file of clients as it is read."""
    screener, hits = Screener(index, CONFIG), {}
    items: Iterable[Any] = read_clients(file)[1]
    items = iter(items)
    while part := [one.record for one in islice(items, BATCH) if isinstance(one, Client)]:
        batch = screener.screen_batch(part)
        owners = [(record, place) for record in part for place in range(len(record.parties))]
        for number in batch.numbers():
            result = batch.result(number)
            record, place = owners[number]
            if judge.judge_record(result, record).verdict == "pass":
                continue
            for hit in result.alarming:
                hits[record.record_id, place, hit.list_id, hit.entry_id] = (hit.score, hit.grade, hit.name)
    return hits


def measure(size: Size, seed: int, folder: Path) -> Report:
    """Measure all of it once."""
    report, judge = Report(), Judge(default_policy(), AT.date())
    say("making lists and clients")
    subjects, others = make_list(size.names, seed), make_list(max(100, size.names // 20), seed + 1)
    new = edited(subjects, others, seed)
    paths = []
    for name, edition in (("old", subjects), ("new", new)):
        write_list(edition, folder / f"{name}.csv")
        build_index([folder / f"{name}.csv"], folder / f"{name}.sito", list_id="RU-TE")
        paths.append(folder / f"{name}.sito")
    file = folder / "clients.jsonl"
    names = [one.names[0] for one in (*subjects, *new[-len(others) :])]
    with file.open("wb") as stream:
        for one in clients_of(size, seed, names):
            stream.write(msgspec.json.encode(one) + b"\n")
    changed = {one.entry_id for one in set(new) - set(subjects)}
    gone = {one.entry_id for one in subjects} - {one.entry_id for one in new}
    rejects: list[Reject] = []

    def screened(index: Index, **options: Any) -> tuple[float, Night, Hits]:
        hits: Hits = {}
        seconds, night = timed(
            lambda: screen_base(base, index, judge, at=AT, take=lambda one: hits.update(hits_of(one)), **options)
        )
        return seconds, night, hits

    with (
        ClientBase.open(folder / "base", create=True) as base,
        Index.open(paths[0]) as old,
        Index.open(paths[1]) as now,
    ):
        say("import")
        import_s, done = timed(lambda: import_clients(base, read_clients(file)[1], at=AT, refused=rejects.append))
        say("first screening")
        first_s, _, before = screened(old)
        say("night")
        night_s, night, told = screened(now)
        say("full, by the base")
        full_s, _, full = screened(now, is_full=True)
        say("full, client by client")
        plain_s, whole = timed(lambda: plain(now, judge, file))
    stands = {key: hit for key, hit in before.items() if key[3] not in changed and key[3] not in gone}
    report.require(not rejects and done.client_count == size.clients, "clients were lost")
    report.require(night.cause is Cause.NONE, f"the night screened everything: {night.cause}")
    report.require(night.changed_entries == len(changed), f"{night.changed_entries} changed entries")
    report.require(full == whole, "the compiled base finds other hits than the clients one by one")
    report.require(stands | told == whole, "the night tells other hits than a full screening")
    report.require(len(told) > 0, "the night found nothing, so it shows nothing")
    report.facts |= {
        "machine": machine(), "clients": size.clients, "entries": len(new), "changed_entries": len(changed),
        "import_s": import_s, "first_s": first_s, "night_s": night_s, "full_s": full_s, "plain_s": plain_s,
        "plain_over_night": plain_s / night_s, "full_over_night": full_s / night_s, "night_hits": len(told),
        "hits": len(whole), "night_candidates": night.screened_count,
        "base_bytes": sum(path.stat().st_size for path in (folder / "base").rglob("*") if path.is_file()),
    }  # fmt: skip
    for name, seconds in (
        ("import", import_s), ("night", night_s), ("full, by the base", full_s), ("full, client by client", plain_s),
    ):  # fmt: skip
        report.rows.append((name, f"{seconds:.2f}", f"{size.clients / seconds:,.0f}", f"{seconds / night_s:.1f}"))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the top of this file."""
    parser = argparse.ArgumentParser(prog="python -m bench.clients", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="folder for clients-<size>.json")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        report = measure(SIZES[chosen.size], chosen.seed, Path(name))
    shown = Table("", "s", "clients/s", "nights", title=f"{chosen.size}: a night of 1 % changed entries, one thread")
    for row in report.rows:
        shown.add_row(*row)
    Console(width=120).print(shown)
    print(json.dumps({key: value for key, value in report.facts.items() if key != "machine"}))
    if chosen.output:
        chosen.output.mkdir(parents=True, exist_ok=True)
        (chosen.output / f"clients-{chosen.size}.json").write_text(json.dumps(report.facts, indent=1) + "\n")
    for fault in report.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
