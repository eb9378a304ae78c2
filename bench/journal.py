"""What keeping costs: batches over gRPC with the journal on, beside the same batches without, and the taking of it.

Two servers over one index, one with a journal, answer the same messages in turn, so that whatever else the machine does
meets both. One payment in a hundred alarms; one that passes costs a counter. All answers of both are compared with
each other, and when the journal was taken, the cases in the ledger with the answers that were no pass: each is there,
once. Taking costs CPU of its own, later or elsewhere: it is shown, and is no part of the ratio.

    python -m bench.journal --size full        # or: make bench-journal

Exit status: 0 all well, 1 an answer differs, a case lacks, or the loss is above its bound, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from bench.grpc import BATCH, Round, batches, indexed, shares_of
from bench.load import Payments, make_payments
from bench.names import Population
from bench.run import machine, say
from bench.serving import Server, messages_of, spread
from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk
from sito.cases.projection import CASES, PROJECTION
from sito.index import Index
from sito.ledger import Ledger, Sealer
from sito.policy.calendar import load_calendar
from sito.policy.verdict import default_policy
from sito.screen import Screener
from sito.v1 import screening_pb2 as wire
from sito_server.config import cores
from sito_server.taking import Taker

LOSS_MAX = 0.03  # of payments a second, in the median pair of turns
ALERT_SHARE = 0.01
KEY = bytes(range(32))


class Size(NamedTuple):
    """How much is measured.

    Attributes:
        batches: Of each stream in a turn.
        turns: Of each server.
    """

    names: int
    batches: int
    turns: int


SIZES = {"small": Size(20_000, 8, 9), "full": Size(100_000, 8, 21)}


def with_alerts(count: int, names: Sequence[Any], seed: int, screener: Screener) -> Payments:
    """Draw payments of which one in a hundred alarms."""
    population = Population()
    random = Random(f"journal {seed}")
    alarming: list[tuple[Payments, int]] = []
    passing: list[tuple[Payments, int]] = []
    wanted = int(count * ALERT_SHARE)
    turn = 0
    while len(alarming) < wanted or len(passing) < count - wanted:
        pool = make_payments(count, names, seed * 1_000 + turn, population)
        turn += 1
        alerts = {int(one.record_id.rsplit("-", 1)[1]) for one in screener.screen_batch(pool.table()).results()}
        for row in range(len(pool)):
            (alarming if row in alerts else passing).append((pool, row))
    chosen = alarming[:wanted] + passing[: count - wanted]
    random.shuffle(chosen)
    payments = Payments()
    for place, (pool, row) in enumerate(chosen):
        payments.ids.append(f"{seed}-{place}")
        payments.debtors.append(pool.debtors[row])
        payments.creditors.append(pool.creditors[row])
        payments.purposes.append(pool.purposes[row])
    return payments


def alarmed(done: Round) -> int:
    """Return how many payments of a turn were no pass."""
    count = 0
    for stream in done.answers:
        for answer in stream:
            message = wire.ScreenStreamResponse.FromString(answer)
            if message.error.code or message.errors:
                raise SystemExit(f"a batch was refused: {message.error.code or message.errors[0].code}")
            count += sum(verdict != wire.VERDICT_PASS for verdict in message.verdicts)
    return count


def taken_cases(folder: Path, ledger_path: Path) -> dict[str, Any]:
    """Take the journal; return how many cases came of it, and at what cost."""
    url = f"sqlite:///{ledger_path}"
    Ledger.create(url)
    with Ledger.open(url, sealer=Sealer(KEY), projections=[PROJECTION]) as ledger:
        desk = Desk(ledger, schedule=PolicySchedule(default_policy().file.terms, load_calendar()))
        before, cpu = time.perf_counter(), time.process_time()
        with Taker(folder, ledger, desk, sealer=Sealer(KEY), policies=[default_policy()]) as taker:
            taken = taker.take()
        seconds, cpu = time.perf_counter() - before, time.process_time() - cpu
        with ledger.read() as view:
            cases = int(view.execute(sa.select(sa.func.count()).select_from(CASES)).scalar() or 0)
    return {
        "cases": cases, "not_taken": taken.not_taken, "records": taken.records,
        "faults": [str(error) for _, error in taken.faults], "seconds": seconds, "cpu_s": cpu,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the module."""
    parser = argparse.ArgumentParser(prog="python -m bench.journal", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--loss-max", type=float, default=LOSS_MAX, help="above it the run fails, in [0, 1]")
    parser.add_argument("--output", type=Path, help="folder for journal-<size>.json")
    parser.add_argument("--folder", type=Path, help="where the journal stands: on the disk that is to be measured")
    options = parser.parse_args(arguments)
    size = SIZES[options.size]
    streams = cores()
    faults: list[str] = []
    pairs: list[tuple[Round, Round]] = []
    alerts = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        subjects, index = indexed(size.names, options.seed, folder)
        say("payments")
        with Index.open(index) as opened:
            payments = with_alerts(BATCH * streams * size.batches, subjects, options.seed, Screener(opened))
        shares = [
            [message for one in share for message in messages_of(one, BATCH)]
            for share in shares_of(payments, streams, size.batches)
        ]
        (folder / "key").write_text(KEY.hex())
        kept = ("--journal", str(folder / "journal"), "--journal-key-file", str(folder / "key"))
        say("turns")
        with (
            Server(index, "--processes", str(streams)) as plain,
            Server(index, "--processes", str(streams), *kept) as keeping,
        ):
            channels = {
                server: [found[0] for found in spread(server.address, server.workers())] for server in (plain, keeping)
            }
            for server in (plain, keeping):
                batches(server, channels[server], shares)
            for turn in range(size.turns):
                order = (plain, keeping) if turn % 2 else (keeping, plain)
                done = {server: batches(server, channels[server], shares) for server in order}
                pairs.append((done[plain], done[keeping]))
                if done[plain].answers != done[keeping].answers:
                    faults.append("the server that keeps answers otherwise")
                alerts += alarmed(done[keeping])
            alerts += alerts // size.turns  # of the turn that warmed up
            for one in (*channels[plain], *channels[keeping]):
                one.close()
        say("taking")
        taken = taken_cases(folder / "journal", folder / "ledger.db")
    expected = BATCH * streams * size.batches * (size.turns + 1)
    if taken["cases"] != alerts or taken["not_taken"] or taken["faults"]:
        faults.append(f"{taken['cases']} cases of {alerts} alarms; {taken['not_taken']} not; {taken['faults'][:1]}")
    if taken["records"] != expected:
        faults.append(f"{taken['records']} payments counted of {expected}")
    rates = [keeping.payments / keeping.wall / (plain.payments / plain.wall) for plain, keeping in pairs]
    costs = [keeping.server / plain.server for plain, keeping in pairs]
    ratio, cost = statistics.median(rates), statistics.median(costs)
    if 1 - ratio > options.loss_max:
        faults.append(f"keeping costs {1 - ratio:.1%} of the payments a second, at most {options.loss_max:.0%}")
    facts = {
        "machine": machine(), "size": options.size, "alert_share": alerts / expected, "ratio": ratio,
        "rates": rates, "server_cpu_ratio": cost, "costs": costs, "taken": taken,
        "plain_per_s": statistics.median(plain.payments / plain.wall for plain, _ in pairs),
        "keeping_per_s": statistics.median(keeping.payments / keeping.wall for _, keeping in pairs),
    }  # fmt: skip
    table = Table("", "", title="The journal", show_header=False)
    table.add_row("payments/s without, with", f"{facts['plain_per_s']:,.0f}, {facts['keeping_per_s']:,.0f}")
    table.add_row("with against without", f"{ratio:.3f} (turns {min(rates):.3f} to {max(rates):.3f})")
    table.add_row("server CPU, with against without", f"{cost:.3f}")
    table.add_row("alarms", f"{alerts:,} of {expected:,} payments ({facts['alert_share']:.2%})")
    table.add_row(
        "taken", f"{taken['cases']:,} cases, {taken['cases'] / taken['seconds']:,.0f}/s,"
        f" {taken['cpu_s'] / max(1, taken['cases']) * 1e3:.2f} ms of CPU each",
    )  # fmt: skip
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / f"journal-{options.size}.json").write_text(json.dumps(facts, indent=1) + "\n")
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
