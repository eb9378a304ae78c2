"""The bench of the service judges answers first: what differs from the library's is seen, whatever it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import grpc as bench
from bench import outside, serving
from bench.load import Payments, make_list, write_list

from sito import Index, Screener, build_index
from sito.v1 import screening_pb2 as wire

NAMES, COUNT = 1_000, 300


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    write_list(make_list(NAMES), folder / "targets.simple.csv")
    build_index([folder / "targets.simple.csv"], folder / "index.sito")
    return folder / "index.sito"


@pytest.fixture(scope="module")
def screener(path: Path) -> Iterator[Screener]:
    with Index.open(path) as index:
        yield Screener(index)


@pytest.fixture(scope="module")
def payments(screener: Screener) -> Payments:
    return serving.drawn(COUNT, make_list(NAMES), 5, screener=screener, hostile_every=100)


@pytest.fixture(scope="module")
def server(path: Path, payments: Payments) -> Iterator[serving.Server]:
    with serving.Server(path, "--processes", "2", "--threads", "1", patience=10) as server:
        yield server


def test_a_load_has_as_many_alerts_and_hostile_records_as_it_says(screener: Screener, payments: Payments) -> None:
    verdicts, results = serving.expected_by(screener, payments)
    assert len(payments) == len(verdicts) == len(set(payments.ids)) == COUNT
    slow = sum(len(text) > 1_500 for text in payments.purposes)
    assert slow == 2  # the third kind is new words
    assert 0 < len(results) <= 0.03 * COUNT + 2 + slow
    assert {place for place, *_ in results} == {at for at, verdict in enumerate(verdicts) if verdict != 1}


def test_cpu_is_what_the_system_counts_of_all_threads() -> None:
    thread = threading.Thread(target=sum, args=(range(1_000_000),))
    thread.start()
    thread.join()
    before = time.process_time()
    assert before <= serving.cpu_of_processes([os.getpid()]) <= time.process_time()
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert serving.cpu_of_processes([gone.pid]) == 0


def test_every_answer_is_judged(server: serving.Server, screener: Screener, payments: Payments) -> None:
    expected = serving.expected_by(screener, payments)
    workers = server.workers()
    channels = [found[0] for found in serving.spread(server.address, workers)]
    report = bench.Report()
    cpu = server.cpu_s()
    message = serving.messages_of(payments, COUNT)
    done = bench.batches(server, channels, [message, message])
    assert bench.judge(report, done.answers, [[expected], [expected]]) == 2 and not report.faults
    assert server.records() >= 2 * COUNT
    assert done.wall > 0 and server.cpu_s() >= cpu > 0
    for worker in workers:
        assert serving.private_mb(worker) > 1
    # One other verdict, one other score, one answer too few.
    place = results_place(expected)
    verdicts = list(expected[0])
    verdicts[place] = int(wire.VERDICT_PASS)
    assert "1 wrong verdicts" in serving.fault_of(done.answers[0][0], (verdicts, expected[1]))
    assert "other hits" in serving.fault_of(done.answers[0][0], (expected[0], expected[1][1:]))
    refused = wire.ScreenStreamResponse(error=wire.BatchError(code="SCR411"))
    assert serving.fault_of(refused.SerializeToString(), expected) == "refused: SCR411"
    bench.judge(report, [done.answers[0][:0]], [[expected]])
    assert report.faults == ["0 answers to 1 messages"]
    for channel in channels:
        channel.close()


def test_a_new_index_and_a_new_delta_come_between_calls(
    path: Path, screener: Screener, payments: Payments, tmp_path: Path
) -> None:
    report = bench.Report()
    size = bench.Size(1, 1, 0.3, 0.5, 1, False, False, swap_s=2.0, swap_turns=1)
    subjects = make_list(NAMES)
    bench.measure_swaps(report, NAMES, 1, subjects, path, payments, size, tmp_path)
    assert report.faults == []
    for kind in ("index", "delta"):
        facts = report.facts[f"swap {kind}"]
        assert facts["p99_ratio"] > 0 and facts["seconds"] > 0 and facts["turns"] == 1
    assert len(report.rows) == 2


def results_place(expected: serving.Expected) -> int:
    place: int = expected[1][0][0]
    return place


def test_inline_answers_are_judged_and_timed(server: serving.Server, screener: Screener, payments: Payments) -> None:
    expected = serving.expected_by(screener, payments)
    messages = serving.messages_of(payments, 1)
    with serving.EmptyServer(2, b"") as empty:
        channels = [*serving.spread(empty.address, empty.workers()), *serving.spread(server.address, server.workers())]
        calls = [serving.raw_unary(found[0]) for found in channels]
        assert calls[0](messages[0], timeout=30) == b""
        assert bench.full_rate(calls[2:], messages, 0.2) > 0
        times, answers = bench.paced(calls[2:], messages, 50.0, 0.5)
        assert len(times) == len(answers) == 25 and min(times) > 0
        assert not any(bench.single_fault(answer, at, expected) for at, answer in answers)
        place = results_place(expected)
        assert bench.single_fault(answers[0][1], place, expected)
        for found in channels:
            found[0].close()


def test_engines_say_what_the_library_says(path: Path, screener: Screener, payments: Payments) -> None:
    with serving.Engines(path, 2) as engines:
        costs = engines.run([[payments], [payments]])
    assert [cost.expected for cost in costs] == [[serving.expected_by(screener, payments)]] * 2
    assert all(cost.screen > 0 and cost.results > 0 for cost in costs)


def test_a_client_that_is_missing_is_left_out_with_a_reason(
    payments: Payments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(outside.Missing, match="nghttp2-client"):
        outside.h2load("127.0.0.1:1", b"", tmp_path, connections=1, seconds=1)
    with pytest.raises(outside.Missing, match="node"):
        outside.node("127.0.0.1:1", [], tmp_path, connections=1, rate=1, seconds=1)


def test_the_packages_for_node_have_exact_versions() -> None:
    package = json.loads((outside.NODE / "package.json").read_text("utf-8"))
    assert package["dependencies"] and all(version[0].isdigit() for version in package["dependencies"].values())


def test_ends_of_times() -> None:
    assert outside.percentiles([float(one) for one in range(1_000)]) == {"p50": 500, "p99": 990, "p999": 999}


def test_a_bound_fails_the_run_only_with_a_gate(capsys: pytest.CaptureFixture[str]) -> None:
    report = bench.Report(gates=frozenset({"cost"}))
    report.bound("cost", False, "dear")
    report.bound("tail", False, "late")
    report.bound("gain", True, "few")
    assert (report.faults, report.misses) == (["dear"], ["late"])
    with pytest.raises(SystemExit):
        bench.main(["--gates", "costs"])
    assert "expected gates" in capsys.readouterr().err
