"""Several processes on one port: real servers, killed, stopped and loaded."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from sito import Index, Screener, build_index
from sito.changes import build_delta
from sito.client import ScreeningClient
from sito.errors import IndexFileError, ScreenError, UsageError
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito_server import readiness, sources
from sito_server import supervisor as module
from sito_server.config import Address, ServeConfig
from sito_server.port import Guard, listeners, sockets_of
from sito_server.supervisor import Patience, Supervisor

LISTED = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))
UNLISTED = wire.Record(payment=wire.Payment(purpose="за пряники"))
HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset,last_seen\n"
PATIENCE = float(os.environ.get("SITO_TEST_PATIENCE", "1"))
RETRY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


@pytest.fixture
def two(index_path: Path, running: Callable[..., Any]) -> Callable[..., Any]:
    """Start two processes with metrics; the first line of the log has been read."""

    def start(*more: str) -> Any:
        server = running(
            "--index", index_path, "--listen", "127.0.0.1:0", "--processes", "2", "--threads", "1",
            "--metrics-listen", "127.0.0.1:0", *more,
        )  # fmt: skip
        server.serving = server.line()
        assert server.serving["event"] == "serving" and server.serving["processes"] == 2
        return server

    return start


def fresh(target: str) -> grpc.Channel:
    """Make a channel with a connection of its own."""
    return grpc.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1)])


def screen(channel: grpc.Channel, record: wire.Record = LISTED) -> int:
    stub = screening_pb2_grpc.ScreeningServiceStub(channel)
    return int(stub.Screen(wire.ScreenRequest(record=record), timeout=20).verdict)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_connections_are_spread_and_one_page_counts_all(two: Callable[..., Any], scraped: Callable[..., Any]) -> None:
    server = two("--log-level", "debug")
    for _ in range(40):
        with fresh(server.serving["address"]) as channel:
            assert screen(channel) == wire.VERDICT_REVIEW
    found = scraped(server.serving["metrics"])
    assert found["sito_records_total", ()] == 40
    assert found["sito_call_seconds_count", (("method", "Screen"),)] == 40
    assert found["sito_workers", ()] == found["sito_workers_wanted", ()] == 2
    assert [found["sito_ready", (("worker", worker),)] for worker in "01"] == [1, 1]
    assert len(server.children) == 2
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0
    assert {line["worker"] for line in server.lines if line["event"] == "call"} == {0, 1}


def test_a_killed_worker_is_replaced_and_its_counts_stay(
    two: Callable[..., Any], scraped: Callable[..., Any], patience: float
) -> None:
    server = two()
    address = server.serving["address"]
    for _ in range(20):
        with fresh(address) as channel:
            screen(channel)
    assert scraped(server.serving["metrics"])["sito_records_total", ()] == 20
    first = set(server.children)
    os.kill(min(first), signal.SIGKILL)
    line = server.until("worker died")
    assert (line["exit"], line["deaths"]) == (-signal.SIGKILL, 1)
    # The other one serves all the time; a connection that meets the gap is made anew by the client.
    with fresh(address) as channel:
        until(lambda: _served(channel))
    until(lambda: len(server.children) == 2 and set(server.children) != first, 30)
    until(lambda: scraped(server.serving["metrics"])["sito_workers", ()] == 2, 30)
    found = scraped(server.serving["metrics"])
    assert found["sito_worker_restarts_total", ()] == 1 and found["sito_records_total", ()] >= 21
    for _ in range(20):
        with fresh(address) as channel:
            assert screen(channel) == wire.VERDICT_REVIEW
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0


def _served(channel: grpc.Channel) -> bool:
    try:
        return screen(channel) == wire.VERDICT_REVIEW
    except grpc.RpcError as error:
        assert isinstance(error, grpc.Call) and error.code() in RETRY
        return False


def test_a_worker_that_is_told_to_end_answers_first_and_is_replaced(two: Callable[..., Any]) -> None:
    server = two()
    os.kill(server.children[0], signal.SIGTERM)
    assert server.until("worker died")["exit"] == 0
    with fresh(server.serving["address"]) as channel:
        until(lambda: _served(channel))


def test_a_worker_that_hangs_is_killed(index_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    config = ServeConfig(index=index_path, listen="127.0.0.1:0", processes=2, threads=1)
    supervisor = Supervisor(config, Patience(silent_s=3 * patience))
    done: list[int] = []

    def stop() -> None:
        until(lambda: all(slot.listens for slot in supervisor._slots), 60)
        victim = supervisor._slots[0].process.pid
        os.kill(victim, signal.SIGSTOP)
        try:
            until(lambda: supervisor._restarts == 1 and supervisor._slots[0].listens, 60)
            done.append(victim)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(stop)
        supervisor.run()
        future.result()
    assert done and supervisor._slots[0].process is None


def test_the_supervisor_gives_up_when_workers_keep_dying(
    index_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float, caplog: pytest.LogCaptureFixture
) -> None:
    config = ServeConfig(index=index_path, listen="127.0.0.1:0", processes=2, threads=1)
    supervisor = Supervisor(config, Patience(deaths_max=3, pause_s=0.05))

    def killer() -> None:
        while not stop.is_set():
            for slot in supervisor._slots:
                if slot.listens and slot.process is not None:
                    slot.process.kill()
            time.sleep(0.02)

    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        until_ready = pool.submit(lambda: until(lambda: all(slot.listens for slot in supervisor._slots), 60))
        until_ready.add_done_callback(lambda _: threading.Thread(target=killer, daemon=True).start())
        try:
            with pytest.raises(ScreenError, match=r"SCR416 .*exit code -9"):
                supervisor.run()
        finally:
            stop.set()
    events = [record.msg for record in caplog.records]
    assert events.count("worker died") >= 3 and "giving up" in events


def test_a_dead_supervisor_leaves_no_worker_behind(two: Callable[..., Any], patience: float) -> None:
    server = two()
    workers = server.children
    server.process.kill()
    until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_text()
                          for pid in workers), 30)  # fmt: skip


def test_a_drain_under_load_loses_nothing(two: Callable[..., Any], scraped: Callable[..., Any]) -> None:
    """Every call that was begun is answered, or refused in a way that says it was not screened."""
    server = two("--grace-seconds", "20", "--log-level", "debug")
    address = server.serving["address"]
    stop = threading.Event()
    answered: list[int] = []
    refused: list[grpc.StatusCode] = []
    batch = wire.ScreenBatchRequest(records=[LISTED, UNLISTED] * 300)

    def load() -> None:
        with fresh(address) as channel:
            stub = screening_pb2_grpc.ScreeningServiceStub(channel)
            while not stop.is_set():
                try:
                    answer = stub.ScreenBatch(batch, timeout=30)
                except grpc.RpcError as error:
                    assert isinstance(error, grpc.Call)
                    refused.append(error.code())
                    return
                assert list(answer.verdicts) == [wire.VERDICT_REVIEW, wire.VERDICT_PASS] * 300
                answered.append(1)

    def stream() -> None:
        sent = 0

        def requests() -> Any:
            nonlocal sent
            while not stop.is_set():
                sent += 1
                yield wire.ScreenStreamRequest(records=batch.records, request_id=str(sent))

        with fresh(address) as channel:
            stub = screening_pb2_grpc.ScreeningServiceStub(channel)
            got = 0
            try:
                for answer in stub.ScreenStream(requests(), timeout=60):
                    got += 1
                    assert answer.request_id == str(got) and not answer.error.code
                    assert list(answer.verdicts) == [wire.VERDICT_REVIEW, wire.VERDICT_PASS] * 300
                    answered.append(1)
            except grpc.RpcError as error:
                assert isinstance(error, grpc.Call)
                refused.append(error.code())

    threads = [threading.Thread(target=one) for one in (load, load, load, stream, stream)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) > 20, 60)
    before = scraped(server.serving["metrics"])["sito_records_total", ()]
    assert before > 0
    server.process.send_signal(signal.SIGTERM)
    assert server.end(40) == 0
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert set(refused) <= RETRY and len(refused) == len(threads)
    # What was screened was answered, to the last batch.
    assert sum(line["event"] == "call" and line["status"] == "OK" for line in server.lines) == len(answered)
    assert server.lines[-1]["event"] == "stopped"


def test_a_second_signal_ends_at_once(two: Callable[..., Any]) -> None:
    server = two("--drain-seconds", "60")
    server.process.send_signal(signal.SIGTERM)
    assert server.until("stopping")["signal"] == "SIGTERM"
    server.process.send_signal(signal.SIGTERM)
    assert server.end(10) == 0


def test_a_drain_says_so_before_it_closes_the_port(two: Callable[..., Any]) -> None:
    server = two("--drain-seconds", "2")
    with fresh(server.serving["address"]) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=10) == b"\x08\x01"
        server.process.send_signal(signal.SIGTERM)
        until(lambda: check(b"", timeout=10) == b"\x08\x02", 2)
        assert screen(channel) == wire.VERDICT_REVIEW  # those who have not heard yet are still served
    assert server.end() == 0


def test_no_other_server_gets_the_port(two: Callable[..., Any], running: Callable[..., Any], index_path: Path) -> None:
    server = two()
    for processes in ("1", "2"):
        other = running("--index", index_path, "--listen", server.serving["address"], "--processes", processes)
        _, line = other.process.communicate(timeout=60 * other.patience)
        assert other.process.returncode == 2 and b"CLI405" in line
    host, _, port = server.serving["address"].partition(":")
    with pytest.raises(UsageError, match="CLI405"):
        Guard(Address(host, int(port)))
    with socket.socket() as plain, pytest.raises(OSError):
        plain.bind((host, int(port)))


def test_a_taken_port_is_not_shared(index_path: Path, running: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = running("--index", index_path, "--listen", address, "--processes", "2")
        _, line = server.process.communicate(timeout=60 * server.patience)
        assert server.process.returncode == 2 and b"CLI405" in line


def test_a_program_that_shares_the_port_is_seen() -> None:
    guard = Guard(Address("127.0.0.1", 0))
    try:
        assert listeners(guard.address.port) == set()  # the guard listens to nothing
        with socket.socket() as stranger:
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            stranger.bind(("127.0.0.1", guard.address.port))
            stranger.listen()
            assert listeners(guard.address.port) == listeners(guard.address.port) & sockets_of(os.getpid()) != set()
        assert listeners(guard.address.port) == set()
    finally:
        guard.close()


def test_a_stranger_on_the_port_is_cried_out(
    index_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = Supervisor(ServeConfig(index=index_path, processes=2))
    supervisor._source = sources.watched(ServeConfig(index=index_path))
    monkeypatch.setattr(module, "listeners", lambda port: {"1", "2"})
    with monkeypatch.context() as dying:  # of whose sockets nothing says any more that they are ours
        dying.setattr(module, "sockets_of", lambda pid: set())
        dying.setattr(supervisor._slots[0], "process", multiprocessing.current_process())
        supervisor._look_for_strangers(1)
        assert caplog.records == []
    supervisor._look_for_strangers(1)
    supervisor._look_for_strangers(1)
    assert [record.msg for record in caplog.records] == ["another program listens on our port"]
    assert dict(_own(supervisor))["sito_port_strangers"] == 2
    supervisor._source.close()


def _own(supervisor: Supervisor) -> list[tuple[str, float]]:
    return [(name, value) for family in supervisor.families() for name, _, value in family.samples]


def test_an_index_that_went_bad_keeps_the_old_workers(
    two: Callable[..., Any], index_path: Path, tmp_path: Path, running: Callable[..., Any], patience: float
) -> None:
    path = tmp_path / "index.sito"
    path.write_bytes(index_path.read_bytes())
    server = running("--index", path, "--listen", "127.0.0.1:0", "--processes", "2", "--threads", "1")
    address = server.line()["address"]
    bad = tmp_path / "bad.sito"
    bad.write_bytes(index_path.read_bytes()[:-1])
    bad.rename(path)
    assert server.until("index refused")["code"] == "IDX104"
    os.kill(server.children[0], signal.SIGKILL)
    line = server.until("worker died")
    assert line["exit"] == -signal.SIGKILL
    died = line["worker"]
    while (line := server.until("worker died"))["worker"] != died:
        pass
    assert (line["exit"], line["code"]) == (2, "IDX104")
    with fresh(address) as channel:
        until(lambda: _served(channel))
    good = tmp_path / "good.sito"
    good.write_bytes(index_path.read_bytes())
    good.rename(path)
    until(lambda: len(server.children) == 2, 30)
    with ScreeningClient(address, timeout_s=20) as client:
        assert client.check("Квашнин").verdict == wire.VERDICT_PASS


NEWER = (
    HEADER + "inv-9,Person,Квашнин Игнат Ерофеевич,,,ru,,,,,,Invented,2024-06-03\n"
    "inv-10,Person,Тюлькин Аввакум Силыч,,,ru,,,,,,Invented,2024-06-03\n"
)
NEW = HEADER + "inv-9,Person,Квашнин Игнат Ерофеевич,,,ru,,,,,,Invented,2024-06-02\n"


@pytest.mark.parametrize("processes", [1, 2])
def test_a_new_index_takes_over_in_all_processes(
    index_path: Path, tmp_path: Path, running: Callable[..., Any], processes: int, patience: float
) -> None:
    path = tmp_path / "index.sito"
    path.write_bytes(index_path.read_bytes())
    server = running(
        "--index", path, "--listen", "127.0.0.1:0", "--processes", str(processes), "--threads", "1",
        "--log-level", "debug",
    )  # fmt: skip
    address = server.line()["address"]
    channels = [fresh(address) for _ in range(8)]
    try:
        checks = [screening_pb2_grpc.ScreeningServiceStub(channel).Check for channel in channels]
        request = wire.CheckRequest(name="Квашнин Игнат Ерофеевич")
        assert {check(request, timeout=20).verdict for check in checks} == {wire.VERDICT_PASS}
        (tmp_path / "targets.simple.csv").write_text(NEW, "utf-8")
        build_index([tmp_path / "targets.simple.csv"], path)
        until(
            lambda: {check(request, timeout=20).verdict for check in checks} == {wire.VERDICT_REVIEW}, 20
        )  # fmt: skip
        dates = {check(request, timeout=20).index.editions[0].edition_date for check in checks}
        assert dates == {"2024-06-02"}
        # A delta, too.
        (tmp_path / "targets.simple.csv").write_text(NEWER, "utf-8")
        build_delta(path, [tmp_path / "targets.simple.csv"], path.with_name("index.sito.delta"))
        added = wire.CheckRequest(name="Тюлькин Аввакум Силыч")
        until(lambda: {check(added, timeout=20).verdict for check in checks} == {wire.VERDICT_REVIEW}, 20)
        # A file that must not be used changes nothing, and is told.
        path.with_name("bad").write_bytes(b"no index")
        path.with_name("bad").rename(path)
        assert server.until("index refused")["code"] == "IDX102"
        assert {check(request, timeout=20).verdict for check in checks} == {wire.VERDICT_REVIEW}
    finally:
        for channel in channels:
            channel.close()
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0
    swaps = [line for line in server.lines if line["event"] == "index in use"]
    assert len({line.get("worker") for line in swaps}) == (3 if processes == 2 else 1)


def test_an_index_that_fails_its_self_test_does_not_take_over(
    index_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sito"
    path.write_bytes(index_path.read_bytes())
    source = sources.watched(ServeConfig(index=path))
    try:
        assert source.current.number == 1
        monkeypatch.setattr(readiness, "FOUND_MIN", 1.1)
        (tmp_path / "targets.simple.csv").write_text(NEW, "utf-8")
        build_index([tmp_path / "targets.simple.csv"], path)
        assert not source.look() and source.current.number == 1
        assert [refusal.code for refusal in source.refusals.values()] == ["SCR415"]
    finally:
        source.close()


def test_a_worker_verifies_what_nobody_has_verified(index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.sito"
    path.write_bytes(index_path.read_bytes())
    known = sources.Known()
    source = sources.following(ServeConfig(index=path), known)
    assert source.current.info.digest in known
    source.close()
    data = bytearray(index_path.read_bytes())
    data[-70] ^= 1  # a section that its checksum does not fit
    path.write_bytes(data)
    with pytest.raises(IndexFileError, match="IDX106"):
        sources.following(ServeConfig(index=path), sources.Known())


@pytest.mark.parametrize("times", [3, 4])
def test_a_worker_begins_though_the_index_is_replaced_meanwhile(
    index_path: Path, tmp_path: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sito"
    path.write_bytes(index_path.read_bytes())
    left = [times]

    def replaced(screener: Screener, *, pause_s: float) -> None:
        if left[0]:
            left[0] -= 1
            fresh = path.with_suffix(".new")
            fresh.write_bytes(path.read_bytes())
            fresh.replace(path)

    monkeypatch.setattr(sources, "self_test", replaced)
    with Index.open(path) as index:
        known = sources.Known((index.info.digest,))
    if times == sources.STARTS:
        with pytest.raises(IndexFileError, match="IDX101"):
            sources.following(ServeConfig(index=path), known)
    else:
        sources.following(ServeConfig(index=path), known).close()
    assert left == [0]


def test_a_new_worker_does_not_answer_without_the_delta_of_the_others(
    running: Callable[..., Any], tmp_path: Path
) -> None:
    path, file = tmp_path / "index.sito", tmp_path / "targets.simple.csv"
    file.write_text(NEW, "utf-8")
    build_index([file], path)
    file.write_text(NEWER, "utf-8")
    delta = path.with_name("index.sito.delta")
    build_delta(path, [file], delta)
    server = running("--index", path, "--listen", "127.0.0.1:0", "--processes", "2", "--threads", "1")
    address = server.until("serving")["address"]
    delta.unlink()
    assert server.until("index refused")["code"] == "IDX101"
    os.kill(server.children[0], signal.SIGKILL)
    assert "code" not in server.until("worker died")
    assert server.until("worker died")["code"] == "IDX101"  # the one that was to take its place
    request = wire.CheckRequest(name="Тюлькин Аввакум Силыч")
    for _ in range(10):
        with fresh(address) as channel:
            grpc.channel_ready_future(channel).result(20)
            verdict = screening_pb2_grpc.ScreeningServiceStub(channel).Check(request, timeout=20).verdict
            assert verdict == wire.VERDICT_REVIEW
    build_delta(path, [file], delta)  # put back, it is served again by both
    until(lambda: len(server.children) == 2, 30)
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0


def test_a_named_delta_that_is_not_there_is_told(
    index_path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for delta, told in ((tmp_path / "named.delta", ["no_delta"]), (None, [])):
        caplog.clear()
        sources.watched(ServeConfig(index=index_path, delta=delta)).close()
        assert [record.msg for record in caplog.records if record.levelname == "ERROR"] == told


def test_old_digests_are_forgotten() -> None:
    known = sources.Known(("a",))
    known.add(*map(str, range(sources.DIGESTS_MAX)))
    assert "a" not in known and "0" in known and len(known.all) == sources.DIGESTS_MAX


def test_a_worker_that_does_not_listen_holds_nobody_up_and_is_told_later() -> None:
    slot = module._Slot(0)
    slot.pipe, theirs = multiprocessing.Pipe(duplex=True)
    digests = tuple(f"{number:064x}" for number in range(64))

    def work() -> None:
        for _ in range(5_000):
            slot.tell("count")
            slot.tell("follow", digests)
        slot.tell("stop")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    heard = []
    while theirs.poll(0):
        heard.append(theirs.recv()[0])
        slot.hear()
    assert set(heard[:-3]) <= {"count", "follow"} and sorted(heard[-3:]) == ["count", "follow", "stop"]
    assert len(heard) < 1_000 and heard.count("stop") == 1
    slot.tell("reload", digests)
    assert theirs.recv() == ("reload", digests)
    for pipe in (slot.pipe, theirs):
        pipe.close()
    slot.tell("count")  # to nobody
