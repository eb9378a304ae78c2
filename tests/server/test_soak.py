"""A server under load while everything goes on: new indexes, killed workers, clients that behave badly.

Every answer is compared with the library's, over the very index that the answer names. Ten minutes of it are marked
`long`; what they gave is printed and written to build/soak.json.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from bench.load import make_list, write_list
from bench.serving import (
    Expected,
    Server,
    answer_of,
    drawn,
    expected_by,
    messages_of,
    part,
    private_mb,
    raw_stream,
    raw_unary,
)

from sito import Index, Screener, build_index
from sito.client import RetryPolicy, ScreeningClient
from sito.errors import SitoError
from sito.v1 import screening_pb2 as wire
from sito_server.convert import index_reference
from sito_server.port import listeners, sockets_of

ROOT = Path(__file__).resolve().parents[2]
NAMES = 3_000
BATCH = 500
MESSAGES = 12
LOAD = 0.8  # of what the same clients reach without a pause
RETRY = RetryPolicy(attempts=60, wait_s=0.05, wait_max_s=1.0)
SAMPLE_S = 0.5
GROWTH_MAX, SLACK_MB = 1.10, 24.0  # of the private memory of a process in its life


class Plan(NamedTuple):
    """How long, and how often something happens; seconds."""

    soak: float
    swap: float
    kill: float
    measure: float


PLANS = [
    pytest.param(Plan(20, 3, 6, 1.5), id="short"),
    pytest.param(Plan(600, 20, 60, 5), id="long", marks=[pytest.mark.long, pytest.mark.timeout(1_800)]),
]


class Truth(NamedTuple):
    """What is sent, and what the library says of it by the id of the index."""

    batches: list[list[wire.Record]]
    bytes_: list[bytes]
    expected: dict[str, list[Expected]]
    indexes: list[Path]

    def fault(self, answer: Any, number: int) -> str:
        """Return what is wrong with an answer to batch `number`, or nothing."""
        wanted = self.expected.get(answer.index.index_id)
        if wanted is None:
            return "an index that never was"
        verdicts, results = answer_of(answer)
        if verdicts != wanted[number][0]:
            return "wrong verdicts"
        return "" if results == wanted[number][1] and not answer.errors else "wrong hits"


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """Two lists that share most of their subjects, and payments that name subjects of both."""
    folder = tmp_path_factory.mktemp("soak")
    subjects = make_list(NAMES)
    cut = len(subjects) // 5
    indexes, expected = [], {}
    payments = drawn(BATCH * MESSAGES, subjects, 7, screener=None, hostile_every=400)
    batches = [part(payments, low, low + BATCH) for low in range(0, len(payments), BATCH)]
    for number, chosen in enumerate((subjects[cut:], subjects[:-cut])):
        source = folder / str(number) / "targets.simple.csv"
        source.parent.mkdir()
        write_list(chosen, source)
        indexes.append(folder / f"{number}.sito")
        build_index([source], indexes[-1])
        with Index.open(indexes[-1]) as index:
            screener = Screener(index)
            expected[index_reference(index.info).index_id] = [expected_by(screener, one) for one in batches]
    first, second = expected.values()
    assert all(one[0] != other[0] for one, other in zip(first, second, strict=True))  # a mix-up shows
    data = messages_of(payments, BATCH)
    return Truth([list(wire.ScreenBatchRequest.FromString(one).records) for one in data], data, expected, indexes)


class Tally:
    """What happened; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.seconds: list[float] = []

    def add(self, word: str, count: int = 1) -> None:
        with self._lock:
            self.counts[word] += count

    def fault(self, kind: str, text: str) -> None:
        with self._lock:
            self.counts[kind] += 1
            self.faults.append(f"{kind}: {text}"[:300])

    def took(self, seconds: float) -> None:
        with self._lock:
            self.seconds.append(seconds)


class Pace:
    """Lets threads work at a set rate of payments a second together; without one as fast as they can."""

    def __init__(self, rate: float | None = None) -> None:
        self._lock = threading.Lock()
        self.rate = rate
        self._due = time.monotonic()

    def wait(self, payments: int, stop: threading.Event) -> None:
        if self.rate is None:
            return
        with self._lock:
            # After a standstill the load does not come all at once: a bank's payments wait in a queue of its own.
            self._due = max(self._due, time.monotonic() - 0.5) + payments / self.rate
            due = self._due
        stop.wait(max(0.0, due - time.monotonic()))


class Clients:
    """Those who behave: every call has to be answered in the end, and rightly.

    Args:
        patience: Waits are multiplied by it.
    """

    def __init__(self, address: str, truth: Truth, tally: Tally, pace: Pace, patience: float) -> None:
        self._address, self._truth, self._tally, self._pace = address, truth, tally, pace
        self._timeout_s = 30 * patience
        self._stop = threading.Event()
        kinds: list[Callable[[ScreeningClient, int], None]] = [self._batch, self._batch, self._stream, self._single]
        self._threads = [threading.Thread(target=self._run, args=(kind, at)) for at, kind in enumerate(kinds)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * self._timeout_s)
            if thread.is_alive():
                self._tally.fault("lost", "a call never ended")

    def _run(self, work: Callable[[ScreeningClient, int], None], seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            # Connections come and go, so that all workers get some, also those that were begun anew.
            with ScreeningClient(self._address, timeout_s=self._timeout_s, retry=RETRY) as client:
                for _ in range(chance.randrange(5, 25)):
                    if self._stop.is_set():
                        return
                    start = time.monotonic()
                    try:
                        work(client, chance.randrange(MESSAGES))
                    except SitoError as error:
                        self._tally.fault("lost", f"{work.__name__}: {error}")
                    except Exception as error:
                        self._tally.fault("lost", f"{work.__name__}: {type(error).__name__}: {error}")
                    else:
                        self._tally.took(time.monotonic() - start)

    def _batch(self, client: ScreeningClient, number: int) -> None:
        self._pace.wait(BATCH, self._stop)
        request_id = f"b{number}-{threading.get_ident()}"
        self._tally.add("begun")
        answer = client.screen_batch(self._truth.batches[number], request_id=request_id)
        fault = self._truth.fault(answer, number)
        self._judged("batch", BATCH, fault or ("" if answer.request_id == request_id else "another's answer"))

    def _stream(self, client: ScreeningClient, number: int) -> None:
        numbers = [(number + more) % MESSAGES for more in range(4)]
        records = []
        for one in numbers:
            self._pace.wait(BATCH, self._stop)
            records += self._truth.batches[one]
        self._tally.add("begun", len(numbers))
        answers = list(client.screen_many(records, batch_size=BATCH))
        if len(answers) != len(records):
            self._tally.fault("lost", f"{len(answers)} answers for {len(records)} records")
        for turn, one in enumerate(numbers):
            some = answers[turn * BATCH : (turn + 1) * BATCH]
            message = wire.ScreenBatchResponse(verdicts=[answer.verdict for answer in some], index=some[0].origin)
            message.results.extend(answer.result for answer in some if answer.result is not None)
            message.errors.extend(answer.error for answer in some if answer.error is not None)
            mixed = len({answer.origin.index_id for answer in some}) > 1
            self._judged("stream", BATCH, "two indexes in one answer" if mixed else self._truth.fault(message, one))

    def _single(self, client: ScreeningClient, number: int) -> None:
        for place in range(0, BATCH, 50):
            self._pace.wait(1, self._stop)
            record = self._truth.batches[number][place]
            self._tally.add("begun")
            answer = client.screen(record, request_id=f"s{number}-{place}")
            wanted = self._truth.expected.get(answer.index.index_id)
            message = wire.ScreenBatchResponse(verdicts=[answer.verdict])
            if answer.parties:
                message.results.add(position=place, record_id=answer.record_id).parties.extend(answer.parties)
            verdicts, results = answer_of(message)
            good = wanted is not None and (verdicts, results) == (
                [wanted[number][0][place]], [one for one in wanted[number][1] if one[0] == place],
            ) and answer.request_id == f"s{number}-{place}"  # fmt: skip
            self._judged("single", 1, "" if good else "another answer than the library's")

    def _judged(self, kind: str, payments: int, fault: str) -> None:
        if fault:
            self._tally.fault("wrong", f"{kind}: {fault}")
        self._tally.add("answered")
        self._tally.add(f"{kind}: answers")
        self._tally.add("payments", payments)


def misbehave(address: str, truth: Truth, tally: Tally, stop: threading.Event) -> None:
    """Leave in the middle, send what is no message and no HTTP/2, do not read what is answered."""
    chance = random.Random("bad clients")
    stalled: list[tuple[grpc.Channel, Any]] = []
    host, _, port = address.rpartition(":")
    while not stop.is_set():
        kind = chance.choice(("leave", "leave stream", "garbage message", "garbage bytes", "half", "stall"))
        tally.add(f"bad: {kind}")
        data = truth.bytes_[chance.randrange(MESSAGES)]
        try:
            if kind in {"garbage bytes", "half"}:
                with socket.create_connection((host, int(port)), 5) as raw:
                    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
                    half = preface[: chance.randrange(len(preface))]
                    raw.sendall(half if kind == "half" else chance.randbytes(4_096))
                    stop.wait(0.05)
            else:
                channel = grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])
                if kind == "leave":
                    call: Any = raw_unary(channel, "ScreenBatch")
                    future = call.future(data, timeout=10)
                    stop.wait(chance.random() * 0.01)
                    future.cancel()
                elif kind == "leave stream":
                    answers = raw_stream(channel)(iter([data] * 5), timeout=20)
                    next(answers)
                elif kind == "garbage message":
                    junk = chance.choice((data[:-3], chance.randbytes(500), b"\x0a\xff\xff\xff\xff\xff\xff"))
                    with pytest.raises(grpc.RpcError) as raised:
                        raw_unary(channel, chance.choice(("ScreenBatch", "Screen")))(junk, timeout=10)
                    code = raised.value.code()  # type: ignore[attr-defined]
                    if code not in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAVAILABLE}:
                        tally.fault("wrong", f"garbage was answered {code}")
                else:
                    # Sends on and on, and never reads.
                    stalled.append((channel, raw_stream(channel)(iter([data] * 200), timeout=600)))
                    while len(stalled) > 4:
                        stalled.pop(0)[0].close()
                    channel = None
                if channel is not None:
                    channel.close()
        except (OSError, grpc.RpcError):
            pass  # a worker was killed meanwhile
        stop.wait(0.1)
    for channel, _ in stalled:
        channel.close()


class Watch:
    """The private memory of each process over its life, in megabytes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.lives: dict[int, list[tuple[float, float]]] = {}

    def look(self) -> None:
        now = time.monotonic()
        for pid in (self._server.process.pid, *self._server.workers()):
            if (size := private_mb(pid)) > 0:
                self.lives.setdefault(pid, []).append((now, size))

    def worst(self, warm_s: float) -> tuple[float, float, float]:
        """Return of the life that grew most: the medians of its first and last warm quarter; and the largest size."""
        grown, largest = (0.0, 0.0), 0.0
        for life in self.lives.values():
            warm = [size for at, size in life if at - life[0][0] >= warm_s]
            largest = max([largest, *warm])
            quarter = len(warm) // 4
            if quarter >= 2:
                ends = statistics.median(warm[:quarter]), statistics.median(warm[-quarter:])
                grown = max(grown, ends, key=lambda pair: pair[1] - pair[0])
        return *grown, largest


def serving(server: Server) -> list[int]:
    """Return the workers that take connections."""
    listening = listeners(int(server.address.rpartition(":")[2]))
    return [pid for pid in server.workers() if sockets_of(pid) & listening]


def swap(path: Path, source: Path) -> None:
    """Put another index in the place of the one that is served."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(source.read_bytes())
    fresh.replace(path)


@pytest.mark.parametrize("plan", PLANS)
def test_nothing_is_wrong_or_lost_whatever_happens(
    plan: Plan, truth: Truth, tmp_path: Path, patience: float, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "index.sito"
    swap(path, truth.indexes[0])
    with Server(path, "--processes", "2", "--threads", "1", patience=patience) as server:
        warm = Tally()
        clients = Clients(server.address, truth, warm, Pace(), patience)
        time.sleep(plan.measure / 3)
        before, start = warm.counts["payments"], time.monotonic()
        time.sleep(plan.measure)
        full = (warm.counts["payments"] - before) / (time.monotonic() - start)
        clients.stop()
        assert full > 0 and not warm.faults, warm.faults[:5]

        tally, stop = Tally(), threading.Event()
        screened = server.records()
        watch = Watch(server)
        clients = Clients(server.address, truth, tally, Pace(LOAD * full), patience)
        bad = threading.Thread(target=misbehave, args=(server.address, truth, tally, stop))
        bad.start()
        begun = time.monotonic()
        due = {"swap": begun + plan.swap, "kill": begun + plan.kill}
        chance = random.Random("kills")
        while (now := time.monotonic()) < begun + plan.soak:
            if now >= due["swap"]:
                tally.add("swaps")
                swap(path, truth.indexes[tally.counts["swaps"] % 2])
                due["swap"] += plan.swap
            # Never the last one: where none is left, calls wait for longer than a client that behaves tries.
            if now >= due["kill"] and len(victims := serving(server)) == 2:
                os.kill(chance.choice(victims), signal.SIGKILL)
                tally.add("kills")
                due["kill"] += plan.kill
            watch.look()
            time.sleep(SAMPLE_S)
        took = time.monotonic() - begun
        stop.set()
        clients.stop()
        bad.join(60)
        assert not bad.is_alive()
        workers = server.workers()
        screened = server.records() - screened  # for the bad ones, too; a killed worker takes its last second with it
        # What the bad ones left behind is let go.
        end = time.monotonic() + 20 * patience
        while (open_ := max(len(sockets_of(pid)) for pid in workers)) > 20 and time.monotonic() < end:
            time.sleep(0.2)
        code = server.stop(30 * patience)
    early, late, largest = watch.worst(warm_s=plan.soak / 10)
    events = Counter(line["event"] for line in server.lines)
    times = sorted(tally.seconds)
    summary = {
        "seconds": round(took), "full_payments_per_s": round(full),
        "payments_per_s": round(tally.counts["payments"] / took), "screened_per_s": round(screened / took),
        "counts": dict(sorted(tally.counts.items())), "wrong": tally.counts["wrong"], "lost": tally.counts["lost"],
        "unanswered": tally.counts["begun"] - tally.counts["answered"],
        "private_mb": {"early": round(early, 1), "late": round(late, 1), "largest": round(largest, 1)},
        "open_sockets": open_,
        "call_seconds": {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "max": times[-1]},
        "events": dict(events), "faults": tally.faults[:20],
    }  # fmt: skip
    with capsys.disabled():
        print(f"\nsoak: {json.dumps(summary, ensure_ascii=False)}")
    if plan.soak >= 600:
        (ROOT / "build").mkdir(exist_ok=True)
        (ROOT / "build/soak.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert tally.faults == []
    assert summary["unanswered"] == 0
    assert code == 0
    assert tally.counts["swaps"] >= 3 and tally.counts["kills"] >= (2 if patience == 1 else 1)
    died = [line for line in server.lines if line["event"] == "worker died"]
    assert len(died) == tally.counts["kills"], died
    assert {"fault", "index refused", "giving up"}.isdisjoint(events)
    assert all(tally.counts[f"{kind}: answers"] for kind in ("batch", "stream", "single"))
    # In its first half minute a process still fills the memory that it keeps.
    assert late <= early * GROWTH_MAX + (SLACK_MB if plan.soak >= 600 else 4 * SLACK_MB)
    assert open_ <= 20
