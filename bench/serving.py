"""A real server for benchmarks and soaks, what it costs, and whether its answers are those of the library."""

from __future__ import annotations

import json
import multiprocessing
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import grpc

from bench.codec import message_of
from bench.load import Payments, Subject, make_hostile, make_payments
from bench.names import Population
from sito.formats.noise import is_clean
from sito.index import Index
from sito.screen import PartyResult, Screener
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito_server.config import Address
from sito_server.convert import read_record
from sito_server.port import Guard, sockets_of
from sito_server.service import FLOW_OPTIONS, REQUEST_SIZE_MAX, RESPONSE_SIZE_MAX

COMMAND = "from sito_server.command import serve; serve()"
CLOCK_OF_PROCESS = 2  # the CPU time of all its threads, as the scheduler counts it
ANSWER_SIZE_MAX = 64 << 20
HOSTILE_KINDS = ("names", "long", "new")
METHOD = "/sito.v1.ScreeningService/"
CHANNEL_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),  # each channel has a connection of its own
    ("grpc.max_receive_message_length", ANSWER_SIZE_MAX),
)

Expected = tuple[list[int], list[tuple[Any, ...]]]


# --- the server -----------------------------------------------------------------------------------------------------


class Server:
    """`sito serve` on a free loopback port, in processes of its own; a context manager.

    Args:
        index: File to serve.
        options: Of the command line, beside the index and the address.
        patience: Waits are multiplied by it.

    Attributes:
        address: Where it listens.
        lines: Of its log, as far as they have come.
    """

    def __init__(self, index: Path, *options: str, patience: float = 1.0) -> None:
        command = [
            sys.executable, "-c", COMMAND, "--index", str(index), "--listen", "127.0.0.1:0", "--metrics-listen",
            "127.0.0.1:0", *options,
        ]  # fmt: skip
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self.process.stderr is not None
        end = time.monotonic() + 60 * patience
        while not self.lines or self.lines[-1]["event"] != "serving":
            if not select.select([self.process.stderr], [], [], max(0.0, end - time.monotonic()))[0]:
                self.process.kill()
                raise TimeoutError("the server does not begin to serve")
            text = self.process.stderr.readline()
            if not text.startswith(b"{"):
                rest = self.process.communicate()[1] or b""
                raise RuntimeError(f"the server did not start: {(text + rest).decode(errors='replace')[:2000]}")
            self.lines.append(json.loads(text))
        self.address: str = self.lines[-1]["address"]
        self.metrics: str = self.lines[-1]["metrics"]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for text in self.process.stderr:
            with suppress(ValueError):
                self.lines.append(json.loads(text))

    def workers(self) -> list[int]:
        """Return the ids of the processes that serve."""
        children = [
            pid for pid in children_of(self.process.pid)
            if b"spawn_main" in _read_proc(pid, "cmdline")
        ]  # fmt: skip
        return children or [self.process.pid]

    def cpu_s(self) -> float:
        """Return the CPU seconds of all its processes, the supervisor among them."""
        return cpu_of_processes([self.process.pid, *children_of(self.process.pid)])

    def records(self) -> int:
        """Return how many records it says it has screened."""
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=20) as page:
            lines = page.read().decode().splitlines()
        return int(float(next((line.split()[1] for line in lines if line.startswith("sito_records_total ")), "0")))

    def stop(self, timeout_s: float = 30.0) -> int:
        """End it as an operator does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
        if self.process.stderr is not None:
            self.process.stderr.close()
        return self.process.returncode

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _read_proc(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def children_of(pid: int) -> list[int]:
    """Return the ids of the children of a process."""
    return [int(one) for one in _read_proc(pid, f"task/{pid}/children").split()]


def cpu_of_processes(pids: Iterable[int]) -> float:
    """Return the CPU seconds that living processes have taken together.

    The clock of another process (its number is made as `clock_getcpuclockid` of the C library makes it) counts in
    nanoseconds; the ticks of `/proc` are hundredths of a second, one in fifty of a short turn.
    """
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += time.clock_gettime_ns(~pid << 3 | CLOCK_OF_PROCESS)
    return total / 1e9


def private_mb(pid: int) -> float:
    """Return the megabytes that a process shares with nobody; 0 if it has gone."""
    return sum(
        int(line.split()[1]) for line in _read_proc(pid, "smaps_rollup").splitlines() if line.startswith(b"Private_")
    ) / 1024  # fmt: skip


def connect(address: str) -> grpc.Channel:
    """Open a channel with a connection of its own, and wait until it stands."""
    channel = grpc.insecure_channel(address, CHANNEL_OPTIONS)
    grpc.channel_ready_future(channel).result(timeout=30)
    return channel


def spread(address: str, pids: Sequence[int], each: int = 1) -> list[list[grpc.Channel]]:
    """Open connections until each process has as many; return them by process.

    The system spreads connections over the processes of a port by chance, which evens out with hundreds of them; a few
    would measure the chance instead of the server.
    """
    found: list[list[grpc.Channel]] = [[] for _ in pids]
    for _ in range(40 * each * len(pids)):
        if all(len(channels) == each for channels in found):
            return found
        before = [sockets_of(pid) for pid in pids]
        channel = connect(address)
        end = time.monotonic() + 5
        place = None
        while place is None and time.monotonic() < end:
            gains = [len(sockets_of(pid) - old) for pid, old in zip(pids, before, strict=True)]
            place = gains.index(max(gains)) if max(gains) else None
        if place is not None and len(found[place]) < each:
            found[place].append(channel)
        else:
            channel.close()
    raise RuntimeError("the connections are not spread over the processes")


def stub_of(channel: grpc.Channel) -> screening_pb2_grpc.ScreeningServiceStub:
    """Return the generated client of a channel."""
    return screening_pb2_grpc.ScreeningServiceStub(channel)


def raw_stream(channel: grpc.Channel) -> Callable[..., Any]:
    """Return ScreenStream on bytes: writing and reading messages is not what is measured."""
    method: Callable[..., Any] = channel.stream_stream(METHOD + "ScreenStream")
    return method


def raw_unary(channel: grpc.Channel, method: str = "Screen") -> Callable[..., bytes]:
    """Return a method with one request and one answer on bytes."""
    call: Callable[..., bytes] = channel.unary_unary(METHOD + method)
    return call


# --- the load -------------------------------------------------------------------------------------------------------


def drawn(
    count: int, subjects: Sequence[Subject], seed: int, *, screener: Screener | None, alert_share: float = 0.03,
    hostile_every: int = 1_000, population: Population | None = None,
) -> Payments:  # fmt: skip
    """Draw payments with true alerts and hostile records among them.

    One payment in fifty holds a listed subject. List and payments share one population, so that namesakes alert far
    more often than in the day of a bank: with a screener, payments that alert without holding a listed subject are
    left out until no more than `alert_share` of all alert.

    Args:
        screener: Decides which payments alert; None takes them as they are drawn.
        hostile_every: One payment in so many is made to be slow, of each kind in turn.
    """
    population = population or Population()
    chosen: list[tuple[Payments, int]] = []
    turn = 0
    while len(chosen) < count:
        pool = make_payments(count if turn == 0 else count // 4 + 1, subjects, seed * 1_000 + turn, population)
        turn += 1
        labelled = {label.row for label in pool.labels}
        alerts: set[int] = set()
        if screener is not None:
            alerts = {int(one.record_id.rsplit("-", 1)[1]) for one in screener.screen_batch(pool.table()).results()}
        strangers = len(alerts - labelled) / len(pool)
        allowed = max(0.0, alert_share - len(labelled) / len(pool))
        random = Random(f"namesakes {seed} {turn}")
        for row in range(len(pool)):
            if row in alerts and row not in labelled and random.random() * strangers >= allowed:
                continue
            chosen.append((pool, row))
    chosen = chosen[:count]
    payments = Payments(template_count=pool.template_count)
    hostile = {
        kind: make_hostile(-(-count // (hostile_every * len(HOSTILE_KINDS))) + 1, kind, seed, population)
        for kind in HOSTILE_KINDS
    } if hostile_every else {}  # fmt: skip
    for place, (source, at) in enumerate(chosen):
        if hostile_every and place % hostile_every == hostile_every // 2:
            number = place // hostile_every
            source, at = hostile[HOSTILE_KINDS[number % len(HOSTILE_KINDS)]], number // len(HOSTILE_KINDS)
        payments.ids.append(f"{seed}-{place}")
        payments.debtors.append(source.debtors[at])
        payments.creditors.append(source.creditors[at])
        payments.purposes.append(source.purposes[at])
    return payments


def part(payments: Payments, low: int, high: int) -> Payments:
    """Return some rows."""
    return Payments(
        payments.ids[low:high], payments.debtors[low:high], payments.creditors[low:high], payments.purposes[low:high]
    )


def messages_of(payments: Payments, size: int) -> list[bytes]:
    """Write payments as messages of `size` records."""
    return [message_of(part(payments, low, low + size)) for low in range(0, len(payments), size)]


# --- answers --------------------------------------------------------------------------------------------------------

ROLES = {"debtor": wire.ROLE_DEBTOR, "creditor": wire.ROLE_CREDITOR, "purpose": wire.ROLE_PURPOSE}
VERDICTS = {"pass": wire.VERDICT_PASS, "review": wire.VERDICT_REVIEW}
GRADES = {name: getattr(wire, f"GRADE_{name.upper()}") for name in ("exact", "strong", "medium", "weak")}


def expected_of(ids: Sequence[str], results: Iterable[PartyResult]) -> Expected:
    """Return what a message has to be answered, from what the library says of its records."""
    places = {record_id: place for place, record_id in enumerate(ids)}
    verdicts = [int(wire.VERDICT_PASS)] * len(ids)
    found: dict[int, list[tuple[Any, ...]]] = {}
    for result in results:
        if result.verdict == "pass":
            continue
        place = places[result.record_id]
        verdicts[place] = max(verdicts[place], VERDICTS[result.verdict])
        hits = [(hit.entry_id, hit.list_id, hit.name, hit.score, GRADES[hit.grade], hit.reasons) for hit in result.hits]
        found.setdefault(place, []).append(
            (ROLES[result.role], VERDICTS[result.verdict], result.truncated, result.limits, hits)
        )
    return verdicts, [(place, ids[place], found[place]) for place in sorted(found)]


def answer_of(message: Any) -> Expected:
    """Return the same of an answer."""
    return list(message.verdicts), [
        (
            one.position, one.record_id,
            [
                (
                    party.role, party.verdict, party.truncated, tuple(party.limits),
                    [(hit.entry_id, hit.list_id, hit.name, hit.score, hit.grade, tuple(hit.reasons))
                     for hit in party.hits],
                )
                for party in one.parties
            ],
        )
        for one in message.results
    ]  # fmt: skip


def expected_by(screener: Screener, payments: Payments, results: Iterable[PartyResult] | None = None) -> Expected:
    """Ask the library about one message.

    Args:
        results: What it has said already of the payments as a table.
    """
    table = payments.table()
    odd = {
        place for place, names in enumerate(zip(payments.debtors, payments.creditors, strict=True))
        if not (is_clean(names[0]) and is_clean(names[1]))
    }  # fmt: skip
    # A table has plain columns; of fields that hold more than a name, a record knows what a reader of files knows.
    said = screener.screen_batch(table).results() if results is None else results
    odd_ids = {payments.ids[place] for place in odd}
    plain = [result for result in said if result.record_id not in odd_ids]
    if odd:
        request = wire.ScreenBatchRequest.FromString(message_of(payments))
        records = [read_record(request.records[place], payments.ids[place]) for place in sorted(odd)]
        plain += screener.screen_batch(records).results()
    return expected_of(payments.ids, plain)


def fault_of(answer: bytes, expected: Expected) -> str:
    """Return what is wrong with an answer to a batch, or nothing."""
    message = wire.ScreenStreamResponse.FromString(answer)
    if message.error.code:
        return f"refused: {message.error.code}"
    if message.errors:
        return f"{len(message.errors)} records refused: {message.errors[0].code}"
    verdicts, results = answer_of(message)
    if verdicts != expected[0]:
        wrong = sum(one != other for one, other in zip(verdicts, expected[0], strict=False))
        return f"{wrong} wrong verdicts; {len(verdicts)} of {len(expected[0])}"
    if results != expected[1]:
        return "other hits than the library's"
    return ""


# --- the engine alone, and a server that does nothing ---------------------------------------------------------------


class EngineCost(NamedTuple):
    """CPU seconds of one process for its payments.

    Attributes:
        screen: `Screener.screen_batch`.
        results: Verdicts and evidence of what has hits, on top.
        expected: What each message has to be answered.
    """

    screen: float
    results: float
    expected: list[Expected]


class Engines:
    """As many processes as the server has, each with a screener over the same index; a context manager."""

    def __init__(self, index: Path, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        self._processes = []
        for _ in range(count):
            pipe, theirs = context.Pipe()
            process = context.Process(target=_engine, args=(index, theirs), daemon=True)
            process.start()
            self._pipes.append(pipe)
            self._processes.append(process)

    def run(self, shares: Sequence[Sequence[Payments]]) -> list[EngineCost]:
        """Screen one share in each process, all at once; each share is a sequence of batches."""
        pipes = self._pipes[: len(shares)]
        for pipe, share in zip(pipes, shares, strict=True):
            pipe.send(share)
        for pipe in pipes:
            assert pipe.recv() == "ready"
        for pipe in pipes:
            pipe.send("go")
        return [pipe.recv() for pipe in pipes]

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(10)
            process.kill()


def _engine(index: Path, pipe: Any) -> None:
    with suppress(EOFError), Index.open(index) as opened:
        screener = Screener(opened)
        while True:
            share = pipe.recv()
            tables = [payments.table() for payments in share]
            pipe.send("ready")
            pipe.recv()
            screen_s = results_s = 0.0
            said = []
            for table in tables:  # one by one, as a server has them
                start = time.process_time()
                batch = screener.screen_batch(table)
                between = time.process_time()
                said.append(list(batch.results()))
                results_s += time.process_time() - between
                screen_s += between - start
            expected = [expected_by(screener, payments, found) for payments, found in zip(share, said, strict=True)]
            pipe.send(EngineCost(screen_s, results_s, expected))


class EmptyServer:
    """As many processes on one port as the server has, with its options; each answers every call at once.

    Args:
        answer: The same for every call.
    """

    def __init__(self, count: int, answer: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self._guard = Guard(Address("127.0.0.1", 0))
        self.address = str(self._guard.address)
        self._pipes = []
        self._processes = []
        for _ in range(count):
            pipe, theirs = context.Pipe()
            process = context.Process(target=_serve_nothing, args=(self.address, answer, theirs), daemon=True)
            process.start()
            self._pipes.append(pipe)
            self._processes.append(process)
        for pipe in self._pipes:
            assert pipe.recv() == "ready"

    def workers(self) -> list[int]:
        """Return the ids of the processes that serve."""
        return [process.pid for process in self._processes if process.pid]

    def __enter__(self) -> EmptyServer:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send("end")
        for process in self._processes:
            process.join(10)
            process.kill()
        self._guard.close()


def _serve_nothing(address: str, answer: bytes, pipe: Any) -> None:
    def handle(data: bytes, context: grpc.ServicerContext) -> bytes:
        return answer

    server = grpc.server(
        ThreadPoolExecutor(64),
        options=[
            ("grpc.max_receive_message_length", REQUEST_SIZE_MAX),
            ("grpc.max_send_message_length", RESPONSE_SIZE_MAX),
            *FLOW_OPTIONS,
            ("grpc.so_reuseport", 1),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ],
    )
    handlers = {"Screen": grpc.unary_unary_rpc_method_handler(handle)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("sito.v1.ScreeningService", handlers),))
    server.add_insecure_port(address)
    server.start()
    pipe.send("ready")
    with suppress(EOFError):
        pipe.recv()
    server.stop(None).wait()
