"""Measure the service beside the engine, in one run on one machine, and check every answer against the library.

    python -m bench.grpc                  100 000 and 1 000 000 names, all clients; some minutes
    python -m bench.grpc --size small     100 000 names, less of everything; what CI runs

A real server, one process a core, is sent batches of 5 000 payments over as many streams and connections as there are
cores; each payment is seen once. The engine's own cost is that of as many processes with the same payments, in turn
with the server. 2 % of the payments hold a listed subject, 3 % alert at most, and one in a thousand is made to be slow.
Inline calls come at half of the rate at which the server is full, at times that do not wait for answers, in turn with a
server that does nothing.

Only ratios decide: other figures are those of the machine. Exit status: 0 all well, 1 an answer is wrong or a ratio is
on the wrong side of its bound, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from rich.console import Console
from rich.table import Table

from bench import codec
from bench.load import HIT_POOL, Payments, Subject, make_list, write_list
from bench.names import Population
from bench.outside import Missing, h2load, node, percentiles
from bench.run import build, machine, say
from bench.serving import (
    EmptyServer,
    Engines,
    Expected,
    Server,
    answer_of,
    connect,
    cpu_of_processes,
    drawn,
    expected_by,
    fault_of,
    messages_of,
    part,
    raw_stream,
    raw_unary,
    spread,
)
from sito.changes import CHANGES_MAX, build_delta
from sito.delta import UpdatedIndex
from sito.index import Index
from sito.screen import Screener
from sito.v1 import screening_pb2 as wire
from sito_server.config import cores
from sito_server.convert import index_reference

BATCH = 5_000
COST_MAX = 1.15  # server CPU of a payment in a batch against the engine's
COST_CLOSE = 0.03  # as near to the bound, on either side, the first rounds do not decide: as many again are measured
TAIL_MAX = 1.5  # p99 inline against a server that does nothing: in the median turn, and in the calmer quarter of them
INLINE_MAX = 1.5  # server CPU of an inline call against that of a server that does nothing
BATCH_GAIN_MIN = 40.0  # payments a second in batches against one by one
SWAP_TAIL_MAX = 1.5  # p99 inline of a window in which the index is replaced against one in which it is not
GATES = ("cost", "inline", "calm", "tail", "gain", "reading")
TOLD = ("swap",)  # bounds that are told, and fail the run only if asked for: too short a run says little of them
MORE_FIRST = 500  # added to the seed of further rounds: beyond those of the first ones
WARM_UP = 4  # batches of each stream before the first round
H2LOAD_TURNS = 5
CALLERS = 4  # connections with inline calls to each process


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: Of batches; many short ones, as what else the machine does comes and goes within seconds.
        batches: Of each stream in a round.
        inline_s: Seconds of as many inline calls as go.
        turn_s: Seconds of paced inline calls in one turn: short, so that what else the machine does meets both sides.
        inline_turns: Of our server and the one that does nothing.
        swap_s: Seconds of a window with inline calls in which the index is replaced, or not.
        swap_turns: Of such windows.
    """

    rounds: int
    batches: int
    inline_s: float
    turn_s: float
    inline_turns: int
    million: bool
    outside: bool
    swap_s: float = 5.0
    swap_turns: int = 0


SIZES = {
    "small": Size(12, 2, 1.5, 0.5, 15, False, False),
    "full": Size(20, 2, 4.0, 1.0, 25, True, True, swap_turns=9),
}


@dataclass
class Report:
    """Rows of the table, everything that was measured, what was wrong, and which goals without a gate were missed."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    gates: frozenset[str] = frozenset(GATES)

    def require(self, good: bool, fault: str) -> None:
        """Note a fault unless all is well."""
        if not good:
            self.faults.append(fault)

    def bound(self, name: str, good: bool, fault: str) -> None:
        """Note that a ratio is on the wrong side of its bound; only gates fail the run."""
        if not good:
            (self.faults if name in self.gates else self.misses).append(fault)


# --- batches --------------------------------------------------------------------------------------------------------


class Round(NamedTuple):
    """What one round of batches cost, in seconds; `answers` by stream."""

    payments: int
    wall: float
    server: float
    client: float
    answers: list[list[bytes]]


def batches(server: Server, channels: Sequence[grpc.Channel], shares: Sequence[Sequence[bytes]]) -> Round:
    """Send each stream its messages, all at once."""
    answers: list[list[bytes]] = [[] for _ in shares]
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(shares) + 1)

    def send(number: int) -> None:
        call = raw_stream(channels[number])
        barrier.wait()
        try:
            answers[number] = list(call(iter(shares[number]), timeout=300))
        except grpc.RpcError as error:
            failed.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(shares))]
    for thread in threads:
        thread.start()
    server_before, client_before, before = server.cpu_s(), time.process_time(), time.perf_counter()
    barrier.wait()
    for thread in threads:
        thread.join()
    wall, client = time.perf_counter() - before, time.process_time() - client_before
    if failed:
        raise RuntimeError("a stream broke") from failed[0]
    return Round(BATCH * sum(map(len, shares)), wall, server.cpu_s() - server_before, client, answers)


def judge(report: Report, answers: Sequence[Sequence[bytes]], expected: Sequence[Sequence[Expected]]) -> int:
    """Compare all answers with what the library says; return how many there were."""
    count = 0
    for stream, wanted in zip(answers, expected, strict=True):
        report.require(len(stream) == len(wanted), f"{len(stream)} answers to {len(wanted)} messages")
        for answer, one in zip(stream, wanted, strict=False):
            fault = fault_of(answer, one)
            report.require(not fault, f"a batch was answered wrongly: {fault}")
            count += 1
    return count


def measure_batches(
    report: Report, server: Server, engines: Engines, load: list[list[list[Payments]]], warm_up: list[list[Payments]],
    names: int, more: Callable[[], list[list[list[Payments]]]], single: Callable[[], float] | None = None,
) -> None:  # fmt: skip
    """Measure rounds of batches and of the engine in turn.

    Args:
        more: Draws as many payments again, for rounds that are asked for if the first ones do not decide.
        single: Measures, once a round, payments a second one by one.
    """
    workers = server.workers()
    channels = [found[0] for found in spread(server.address, workers)]
    batches(server, channels, [[codec.message_of(one) for one in share] for share in warm_up])
    engines.run(warm_up)
    found: dict[str, list[tuple[Round, float, float]]] = {"all": [], "one": []}
    verdicts: list[int] = []
    gains: list[float] = []
    checked = 0

    def undecided() -> Iterator[list[list[Payments]]]:
        """Yield more rounds if those until now lie close to the bound."""
        ratio = statistics.median(done.server / (screen + results) for done, screen, results in found["all"])
        if abs(ratio / COST_MAX - 1) <= COST_CLOSE:
            yield from more()

    for number, shares in enumerate(chain(load, undecided())):
        messages = [[codec.message_of(payments) for payments in share] for share in shares]
        for which, at, sent, own in (
            ("all", channels, messages, shares),
            # What the other process has had, so that each process sees each payment once.
            ("one", channels[:1], messages[-1:], shares[-1:]),
        ):
            if which == "one" and len(shares) == 1:
                break
            # Who comes second finds what the first has brought into the cache: they take turns.
            costs = engines.run(own) if number % 2 else None
            done = batches(server, at, sent)
            if which == "all" and single is not None:
                gains.append(done.payments / done.wall / single())
            costs = costs or engines.run(own)
            screen, results = sum(cost.screen for cost in costs), sum(cost.results for cost in costs)
            found[which].append((done, screen, results))
            checked += judge(report, done.answers, [cost.expected for cost in costs])
            verdicts += [verdict for cost in costs for one in cost.expected for verdict in one[0]]
    alert_share = sum(verdict != wire.VERDICT_PASS for verdict in verdicts) / len(verdicts)
    facts: dict[str, Any] = {"alert_share": alert_share, "answers_checked": checked}
    for which, rounds in found.items():
        if not rounds:
            continue
        per = [
            {
                "rate": done.payments / done.wall, "server": done.server / done.payments * 1e6,
                "client": done.client / done.payments * 1e6, "engine": (screen + results) / done.payments * 1e6,
                "bare": screen / done.payments * 1e6, "ratio": done.server / (screen + results),
            }
            for done, screen, results in rounds
        ]  # fmt: skip
        middle = {key: statistics.median(one[key] for one in per) for key in per[0]}
        facts[which] = {"rounds": per, **middle, "best_rate": max(one["rate"] for one in per)}
        streams = len(channels) if which == "all" else 1
        report.rows.append((
            f"{names:,} names: {streams} stream{'s' if streams > 1 else ''}, batches of {BATCH:,}",
            f"{middle['rate']:,.0f}", f"{middle['rate'] * 60 / 1e6:.2f} M", f"{middle['server']:.2f}",
            f"{middle['client']:.2f}", f"{middle['engine']:.2f}", f"{middle['bare']:.2f}", f"{middle['ratio']:.2f}",
            f"best round {facts[which]['best_rate'] * 60 / 1e6:.2f} M a minute; "
            + (f"{alert_share:.1%} alert; {checked} answers equal the library's" if which == "all" else ""),
        ))  # fmt: skip
        report.bound(
            "cost",
            middle["ratio"] <= COST_MAX or which == "one",
            f"{names:,} names: a payment costs {middle['ratio']:.2f} times the engine's CPU, at most {COST_MAX}",
        )
    if gains:
        gain = facts["gain"] = statistics.median(gains)
        report.rows.append(("batches against inline calls one by one", *[""] * 6, f"{gain:.0f}", "in turn"))
        report.bound(
            "gain",
            gain >= BATCH_GAIN_MIN,
            f"batches are {gain:.0f} times as fast as single calls, at least {BATCH_GAIN_MIN:.0f}",
        )
    report.facts[f"batches {names}"] = facts
    for channel in channels:
        channel.close()


# --- inline ---------------------------------------------------------------------------------------------------------


def full_rate(calls: Sequence[Callable[..., bytes]], messages: Sequence[bytes], seconds: float) -> float:
    """Call one after the other on each connection; return answers a second."""
    end = time.perf_counter() + seconds
    counts = [0] * len(calls)

    def work(number: int) -> None:
        at = number
        while time.perf_counter() < end:
            calls[number](messages[at % len(messages)], timeout=30)
            at += len(calls)
            counts[number] += 1

    _together(work, len(calls))
    return sum(counts) / seconds


def paced(
    calls: Sequence[Callable[..., bytes]], messages: Sequence[bytes], rate: float, seconds: float
) -> tuple[list[float], list[tuple[int, bytes]]]:
    """Call at set times, one call in flight on each connection.

    Returns:
        Microseconds from the time at which a call was to begin to its answer, so that what a slow call holds up counts;
        and (message, answer).
    """
    times: list[list[float]] = [[] for _ in calls]
    answers: list[list[tuple[int, bytes]]] = [[] for _ in calls]
    count = round(rate * seconds)
    begin = time.perf_counter() + 0.05

    def work(number: int) -> None:
        for at in range(number, count, len(calls)):  # counted, for added times would round to one call more or less
            due = begin + at / rate
            left = due - time.perf_counter()
            if left > 0:
                time.sleep(left)
            answer = calls[number](messages[at % len(messages)], timeout=30)
            times[number].append((time.perf_counter() - due) * 1e6)
            answers[number].append((at % len(messages), answer))

    _together(work, len(calls))
    return [one for some in times for one in some], [one for some in answers for one in some]


def _together(work: Callable[[int], None], count: int) -> None:
    failed: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def single_fault(answer: bytes, place: int, expected: Expected) -> str:
    """Return what is wrong with an answer to Screen, or nothing."""
    message = wire.ScreenResponse.FromString(answer)
    batch = wire.ScreenBatchResponse(verdicts=[message.verdict])
    if message.parties:
        batch.results.add(position=place, record_id=message.record_id).parties.extend(message.parties)
    verdicts, results = answer_of(batch)
    wanted = [one for one in expected[1] if one[0] == place]
    return "" if verdicts == [expected[0][place]] and results == wanted else "another answer than the library's"


def measure_inline(
    report: Report, server: Server, payments: Payments, expected: Expected, size: Size, folder: Path
) -> None:
    """Measure inline calls beside a server that does nothing."""
    messages = messages_of(payments, 1)
    place = next(place for place, verdict in enumerate(expected[0]) if verdict == wire.VERDICT_PASS)
    workers = server.workers()
    ours = [channel for found in spread(server.address, workers, CALLERS) for channel in found]
    calls = [raw_unary(channel) for channel in ours]
    answer = calls[0](messages[place], timeout=30)
    with EmptyServer(len(workers), answer) as empty:
        theirs = [channel for found in spread(empty.address, empty.workers(), CALLERS) for channel in found]
        empty_calls = [raw_unary(channel) for channel in theirs]
        full_rate(calls, messages, 0.5)
        full_rate(empty_calls, messages, 0.5)
        full = full_rate(calls, messages, size.inline_s)
        alone = full_rate(calls[:1], messages, size.inline_s / 2)
        rate = full / 2
        turns: list[tuple[dict[str, float], dict[str, float]]] = []
        pooled: tuple[list[float], list[float]] = ([], [])
        server_s = empty_s = 0.0
        count = wrong = empty_count = 0
        for turn in range(size.inline_turns):
            ends_of: dict[str, dict[str, float]] = {}
            for who in ("ours", "empty") if turn % 2 else ("empty", "ours"):
                if who == "ours":
                    before = server.cpu_s()
                    times, answers = paced(calls, messages, rate, size.turn_s)
                    server_s += server.cpu_s() - before
                    pooled[0].extend(times)
                    count += len(answers)
                    wrong += sum(bool(single_fault(one, at, expected)) for at, one in answers)
                else:
                    before = cpu_of_processes(empty.workers())
                    times, _ = paced(empty_calls, messages, rate, size.turn_s)
                    empty_s += cpu_of_processes(empty.workers()) - before
                    pooled[1].extend(times)
                    empty_count += len(times)
                ends_of[who] = percentiles(times)
            turns.append((ends_of["ours"], ends_of["empty"]))
        report.require(not wrong, f"{wrong} of {count} inline calls were answered wrongly")
        ratios = sorted(one["p99"] / other["p99"] for one, other in turns)
        ratio, calm = statistics.median(ratios), ratios[len(ratios) // 4]
        cost = server_s / count / (empty_s / empty_count)
        ends = [percentiles(times) for times in pooled]
        facts: dict[str, Any] = {
            "full_rate": full, "one_in_flight": alone, "rate": rate, "ours": ends[0], "empty": ends[1],
            "p99_ratio": ratio, "p99_calm": calm, "cpu_ratio": cost, "checked": count,
            "p50_ratio": statistics.median(one["p50"] / other["p50"] for one, other in turns),
            "server_us": server_s / count * 1e6, "empty_us": empty_s / empty_count * 1e6, "turns": turns,
        }  # fmt: skip
        report.rows += [
            (f"inline, {len(calls)} connections, as many as go", f"{full:,.0f}", f"{full * 60 / 1e6:.2f} M", "", "",
             "", "", "", f"one call in flight: {alone:,.0f}/s"),
            (f"inline at {rate:,.0f}/s", "", "", f"{server_s / count * 1e6:.0f}", "", "", "", f"{ratio:.2f}",
             f"p99 against an empty server in the median turn, {calm:.2f} in the calmer quarter; CPU {cost:.2f} times; "
             f"{_ends(ends[0])}; {count} answers equal the library's"),
            ("the same to a server that does nothing", "", "", f"{empty_s / empty_count * 1e6:.0f}", "", "", "", "",
             _ends(ends[1])),
        ]  # fmt: skip
        report.bound(
            "inline",
            cost <= INLINE_MAX,
            f"an inline call costs {cost:.2f} times the CPU of an empty server's, at most {INLINE_MAX}",
        )
        report.bound(
            "calm",
            calm <= TAIL_MAX,
            f"in the calmer turns p99 inline is {calm:.2f} times that of an empty server, at most {TAIL_MAX}",
        )
        report.bound(
            "tail", ratio <= TAIL_MAX, f"p99 inline is {ratio:.2f} times that of an empty server, at most {TAIL_MAX}"
        )
        if size.outside:
            measure_h2load(report, facts, server, empty, messages[place], rate, size, folder)
        for channel in theirs:
            channel.close()
    if size.outside:
        measure_node(report, facts, server, payments, expected, rate, size, folder)
    for channel in ours:
        channel.close()
    report.facts["inline"] = facts


def measure_h2load(
    report: Report, facts: dict[str, Any], server: Server, empty: EmptyServer, message: bytes, rate: float, size: Size,
    folder: Path,
) -> None:  # fmt: skip
    """Measure inline calls of h2load, at half of what it can do."""
    connections = CALLERS * len(server.workers())
    before = server.records()
    try:
        full = h2load(server.address, message, folder, connections=connections, seconds=size.inline_s)
        half = full["rate"] / 2
        turns = [
            [
                h2load(address, message, folder, connections=connections, seconds=size.inline_s, rate=half)
                for address in (server.address, empty.address)
            ]
            for _ in range(H2LOAD_TURNS)
        ]
    except Missing as reason:
        report.rows.append(("inline by h2load", *[""] * 7, f"left out: {reason}"))
        return
    # It sees that HTTP went well; that all were screened, the server says.
    sent = int(full["calls"] + sum(ours["calls"] for ours, _ in turns))
    screened = server.records() - before
    report.require(screened >= sent, f"h2load: {sent} calls were answered and {screened} records screened")
    ratio = statistics.median(one["p99"] / other["p99"] for one, other in turns)
    ends = [
        {key: statistics.median(turn[who][key] for turn in turns) for key in ("p50", "p99", "p999")} for who in (0, 1)
    ]
    facts["h2load"] = {"full_rate": full["rate"], "rate": half, "ours": ends[0], "empty": ends[1], "p99_ratio": ratio}
    report.rows += [
        ("inline by h2load, as many as go", f"{full['rate']:,.0f}", f"{full['rate'] * 60 / 1e6:.2f} M", *[""] * 5,
         _ends(full)),
        (f"inline by h2load at {half:,.0f}/s", *[""] * 6, f"{ratio:.2f}", f"{_ends(ends[0])}; empty: {_ends(ends[1])}"),
    ]  # fmt: skip


def measure_node(
    report: Report, facts: dict[str, Any], server: Server, payments: Payments, expected: Expected, rate: float,
    size: Size, folder: Path,
) -> None:  # fmt: skip
    """Let the client for Node call everything."""
    try:
        found = node(
            server.address, [(payments, expected)] * 4, folder, connections=CALLERS * len(server.workers()),
            rate=rate / 2, seconds=size.inline_s,
        )  # fmt: skip
    except Missing as reason:
        report.rows.append(("a client for Node", *[""] * 7, f"left out: {reason}"))
        return
    facts["node"] = found
    report.require(not found["fault_count"], f"Node: {found['fault_count']} wrong answers: {found['faults'][:3]}")
    report.rows.append((
        f"by Node: ScreenStream; inline at {rate / 2:,.0f}/s", f"{found['stream_payments_per_s']:,.0f}", *[""] * 6,
        f"p50 {found['p50_us']:.0f}, p99 {found['p99_us']:.0f}, p99.9 {found['p999_us']:.0f} µs; "
        f"{found['calls']} calls and {2 * found['batch_payments']} payments answered as by the library",
    ))  # fmt: skip


def _ends(found: dict[str, float]) -> str:
    return f"p50 {found['p50']:.0f}, p99 {found['p99']:.0f}, p99.9 {found['p999']:.0f} µs"


# --- a new index under load -----------------------------------------------------------------------------------------


class Window(NamedTuple):
    """What inline calls met in some seconds.

    Attributes:
        ends: Microseconds by name, as `percentiles`.
        seconds: From the replacement of the file until all processes had gone over; 0 without one.
        wrong: Answers that are not those of the index that they name.
        lost: Calls that were not answered.
    """

    ends: dict[str, float]
    seconds: float
    wrong: int
    lost: int
    indexes: frozenset[str]


def window(
    server: Server, calls: Sequence[Callable[..., bytes]], messages: Sequence[bytes], rate: float, seconds: float,
    known: dict[str, Expected], replace: Callable[[], None] | None,
) -> Window:  # fmt: skip
    """Call at set times; after a tenth of them, have the file replaced."""
    processes = 1 + len(server.workers())
    before = _swaps(server)
    took = 0.0

    def swap() -> None:
        nonlocal took
        if replace is None:
            return
        time.sleep(seconds / 10)
        begin = time.perf_counter()
        replace()
        while _swaps(server) < before + processes and time.perf_counter() < begin + 30:
            time.sleep(0.005)
        took = time.perf_counter() - begin

    thread = threading.Thread(target=swap)
    thread.start()
    count = round(rate * seconds)
    times, answers = paced(calls, messages, rate, seconds)
    thread.join()
    wrong = 0
    seen = set()
    for at, answer in answers:
        index_id = wire.ScreenResponse.FromString(answer).index.index_id
        seen.add(index_id)
        wrong += index_id not in known or bool(single_fault(answer, at, known[index_id]))
    return Window(percentiles(times), took, wrong, count - len(answers), frozenset(seen))


def _swaps(server: Server) -> int:
    return sum(line["event"] == "index in use" for line in list(server.lines))


def measure_swaps(
    report: Report, names: int, seed: int, subjects: Sequence[Subject], path: Path, payments: Payments, size: Size,
    folder: Path,
) -> None:  # fmt: skip
    """Measure inline calls while the index is replaced, by another one and by a delta, in turn with calls in peace."""
    served = folder / "served.sito"
    delta = Path(f"{served}.delta")
    others = _others_of(names, seed, subjects, path, folder)
    known: dict[str, Expected] = {}
    for base, over_it in [(path, None), (others.index, None), *((path, one) for one in others.deltas)]:
        with Index.open(base) if over_it is None else UpdatedIndex.open(base, over_it) as index:
            known[index_reference(index.info).index_id] = expected_by(Screener(index), payments)
    messages = messages_of(payments, 1)
    _put(path, served)
    kinds: dict[str, list[Callable[[], None]]] = {
        "index": [partial(_put, others.index, served), partial(_put, path, served)],
        "delta": [partial(_put, one, delta) for one in others.deltas],
    }
    with Server(served, "--processes", str(cores())) as server:
        channels = [channel for found in spread(server.address, server.workers(), CALLERS) for channel in found]
        calls = [raw_unary(channel) for channel in channels]
        full_rate(calls, messages, 0.5)
        rate = full_rate(calls, messages, size.inline_s) / 2
        for kind, replacements in kinds.items():
            turns: list[tuple[Window, Window]] = []
            for turn in range(size.swap_turns):
                replace = replacements[turn % 2]
                pair: dict[bool, Window] = {}
                for swaps in (False, True) if turn % 2 else (True, False):
                    pair[swaps] = window(
                        server, calls, messages, rate, size.swap_s, known, replace if swaps else None
                    )  # fmt: skip
                turns.append((pair[True], pair[False]))
            if kind == "index" and size.swap_turns % 2:  # the deltas lie over the first one
                window(server, calls, messages, rate, size.swap_s, known, replacements[1])
            _judge_swaps(report, kind, rate, size, turns)
        for channel in channels:
            channel.close()


def _judge_swaps(report: Report, kind: str, rate: float, size: Size, turns: Sequence[tuple[Window, Window]]) -> None:
    for ours in (one for turn in turns for one in turn):
        report.require(not ours.wrong and not ours.lost, f"{kind}: {ours.wrong} wrong, {ours.lost} lost inline calls")
    report.require(
        all(with_.seconds and len(with_.indexes) == 2 for with_, _ in turns), f"{kind}: a new one was not seen"
    )
    ratio = statistics.median(with_.ends["p99"] / without.ends["p99"] for with_, without in turns)
    ends = [
        {key: statistics.median(turn[who].ends[key] for turn in turns) for key in ("p50", "p99", "p999")}
        for who in (0, 1)
    ]
    seconds = statistics.median(with_.seconds for with_, _ in turns)
    report.facts[f"swap {kind}"] = {
        "rate": rate, "window_s": size.swap_s, "turns": len(turns), "with": ends[0], "without": ends[1],
        "p99_ratio": ratio, "seconds": seconds,
        "ratios": [with_.ends["p99"] / without.ends["p99"] for with_, without in turns],
    }  # fmt: skip
    report.rows.append((
        f"inline at {rate:,.0f}/s, a new {kind} in each {size.swap_s:g} s", *[""] * 6, f"{ratio:.2f}",
        f"p99 against such windows without one, {len(turns)} in turn; {_ends(ends[0])}; without: {_ends(ends[1])}; in "
        f"use everywhere after {seconds:.2f} s; nothing lost, each answer that of the index it names",
    ))  # fmt: skip
    report.bound(
        "swap", ratio <= SWAP_TAIL_MAX,
        f"p99 inline is {ratio:.2f} times as high while a new {kind} comes, at most {SWAP_TAIL_MAX}",
    )  # fmt: skip


class Others(NamedTuple):
    """Another index of the same size, and two deltas over the first one, of as many entries as a delta may have."""

    index: Path
    deltas: list[Path]


def _others_of(names: int, seed: int, subjects: Sequence[Subject], path: Path, folder: Path) -> Others:
    """Make them, each without some of the entries that payments name: answers tell which one they come from."""
    source = folder / "others" / "targets.simple.csv"
    source.parent.mkdir()
    more = make_list(names + 2 * CHANGES_MAX, seed)[len(subjects) :]
    cut = len(subjects) // 20
    write_list([*subjects[cut:], *more[:cut]], source)
    index = folder / "other.sito"
    build(source, index)
    count = min(CHANGES_MAX // 2, len(more) // 2, len(subjects) // 2)  # of each: some come, as many go
    deltas = []
    for number in range(2):
        low = number * count
        write_list([*subjects[:low], *subjects[low + count :], *more[low : low + count]], source)
        deltas.append(folder / f"{number}.delta")
        build_delta(path, [source], deltas[-1], shrink_max=1.0)
    return Others(index, deltas)


def _put(source: Path, place: Path) -> None:
    """Put a file in its place, as an operator does: by rename."""
    fresh = place.with_suffix(".new")
    shutil.copyfile(source, fresh)
    fresh.replace(place)


# --- the run --------------------------------------------------------------------------------------------------------


def indexed(names: int, seed: int, folder: Path) -> tuple[list[Subject], Path]:
    """Make a list and its index."""
    subjects = make_list(names, seed)
    source, output = folder / str(names) / "targets.simple.csv", folder / f"{names}.sito"
    source.parent.mkdir()
    write_list(subjects, source)
    build(source, output)
    return subjects, output


def shares_of(payments: Payments, streams: int, count: int) -> list[list[Payments]]:
    """Deal payments out: `count` batches for each stream."""
    return [
        [part(payments, BATCH * at, BATCH * (at + 1)) for at in range(number * count, (number + 1) * count)]
        for number in range(streams)
    ]


def measure(report: Report, names: int, seed: int, size: Size, folder: Path, *, inline: bool, as_drawn: bool) -> None:
    """Measure one list."""
    say(f"{names:,} names")
    streams = cores()
    population = Population()
    subjects, path = indexed(names, seed, folder)
    whole, subjects = subjects, subjects[:HIT_POOL]  # those that payments name, and some more
    say("payments")

    def draw(first: int, counts: Sequence[int]) -> list[list[list[Payments]]]:
        """Draw payments for rounds of so many batches a stream."""
        with Index.open(path) as index:
            screener = None if as_drawn else Screener(index)
            loads = [
                drawn(BATCH * streams * count, subjects, number, screener=screener, population=population)
                for number, count in enumerate(counts, seed + first)
            ]
        return [shares_of(payments, streams, len(payments) // (BATCH * streams)) for payments in loads]

    warm_up, *rounds = draw(1, [WARM_UP, *[size.batches] * size.rounds])
    say("batches")
    with Server(path, "--processes", str(streams)) as server, Engines(path, streams) as engines:
        if len(server.workers()) != streams:
            report.faults.append(f"{len(server.workers())} processes serve, expected {streams}")
        single = None
        if inline:
            channel = connect(server.address)
            ones = messages_of(part(warm_up[0][0], 0, 1_000), 1)
            single = partial(full_rate, [raw_unary(channel)], ones, size.turn_s)
            single()
        more = partial(draw, 1 + MORE_FIRST, [size.batches] * size.rounds)
        measure_batches(report, server, engines, rounds, warm_up, names, more, single)
        if single is not None:
            channel.close()
        if inline:
            say("inline")
            sample = warm_up[0][0]
            expected = engines.run([[sample]])[0].expected[0]
            # Slow ones are measured apart: the library's own time is not what this is about.
            plain = [at for at, text in enumerate(sample.purposes) if len(text) < 1_000][:2_000]
            small = Payments(*[[values[at] for at in plain] for values in
                               (sample.ids, sample.debtors, sample.creditors, sample.purposes)])  # fmt: skip
            place_of = {at: place for place, at in enumerate(plain)}
            chosen = (
                [expected[0][at] for at in plain],
                [(place_of[one[0]], *one[1:]) for one in expected[1] if one[0] in place_of],
            )
            measure_inline(report, server, small, chosen, size, folder)
    if inline and size.swap_turns:
        say("new indexes")
        measure_swaps(report, names, seed, whole, path, small, size, folder)


def show(report: Report) -> None:
    """Print the one table."""
    about = report.facts["machine"]
    table = Table(
        title="the service",
        caption=f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f}; commit {about['commit']}; "
        + ", ".join(f"{name} {version}" for name, version in about["versions"].items()),
    )
    table.add_column("what", overflow="fold")
    for heading in (
        "payments/s", "a minute", "µs CPU server", "µs CPU client", "µs CPU engine", "without results", "ratio",
    ):  # fmt: skip
        table.add_column(heading, justify="right", overflow="fold")
    table.add_column("notes", overflow="fold")
    for row in report.rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; see the module."""
    parser = argparse.ArgumentParser(prog="python -m bench.grpc", description="Measure the service.")
    parser.add_argument("--size", choices=tuple(SIZES), default="full")
    parser.add_argument("--names", type=int, default=100_000, help="of the first list")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-million", action="store_true", help="leave the list of 1 000 000 names out")
    parser.add_argument("--outside", action="store_true", help="h2load and Node in the small size, too")
    parser.add_argument("--as-drawn", action="store_true", help="leave namesakes in: one payment in eight alerts")
    parser.add_argument(
        "--gates",
        default=",".join(GATES),
        metavar="NAMES",
        help=f"bounds that fail the run, of {', '.join(GATES + TOLD)}; others are told",
    )
    parser.add_argument("--swaps", type=int, help="windows with a new index, and as many with a delta")
    parser.add_argument("--output", type=Path, help="folder for grpc.json")
    options = parser.parse_args(arguments)
    gates = frozenset(filter(None, options.gates.split(",")))
    if not gates <= {*GATES, *TOLD}:
        parser.error(f"expected gates of {', '.join(GATES + TOLD)}, got {options.gates}")
    chosen = SIZES[options.size]
    size = Size(
        chosen.rounds, chosen.batches, chosen.inline_s, chosen.turn_s, chosen.inline_turns,
        chosen.million and not options.no_million, chosen.outside or options.outside, chosen.swap_s,
        chosen.swap_turns if options.swaps is None else options.swaps,
    )  # fmt: skip
    report = Report(gates=gates, facts={"machine": machine() | {"load": os.getloadavg()[0]}})
    with tempfile.TemporaryDirectory(prefix="sito-bench-") as name:
        folder = Path(name)
        measure(report, options.names, options.seed, size, folder, inline=True, as_drawn=options.as_drawn)
        if size.million:
            few = Size(6, 2, size.inline_s, size.turn_s, size.inline_turns, False, False)
            measure(report, 1_000_000, options.seed, few, folder, inline=False, as_drawn=options.as_drawn)
    say("messages")
    costs = codec.measure(codec.message_of(drawn(BATCH, make_list(2_000), 9, screener=None, hostile_every=0)), BATCH)
    report.facts["codec"] = costs._asdict()
    report.rows.append((
        "reading a message against protobuf", *[""] * 6, f"{costs.ratio:.1f}",
        f"{costs.native:.0f} ns a payment; protobuf {costs.read:.0f}",
    ))  # fmt: skip
    report.bound(
        "reading", costs.ratio >= codec.RATIO_MIN, f"reading is {costs.ratio:.1f}x cheaper, at least {codec.RATIO_MIN}x"
    )
    show(report)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "grpc.json").write_text(
            json.dumps(report.facts | {"faults": report.faults, "misses": report.misses}, indent=1, default=str) + "\n"
        )
    for miss in report.misses:
        print(f"MISSED {miss}", file=sys.stderr)
    for fault in report.faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
