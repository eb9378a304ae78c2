"""The pool of threads does what that of the standard library does, as far as gRPC asks for it."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from sito_server.threads import Threads

WAIT_S = 20


def test_work_is_done_and_told_once() -> None:
    pool = Threads(3, "t")
    done: list[int] = []
    told: list[object] = []
    works = [pool.submit(done.append, number) for number in range(200)]
    for work in works:
        work.add_done_callback(told.append)
    pool.shutdown()
    assert sorted(done) == list(range(200))
    assert len(told) == 200 and {id(work) for work in works} == {id(work) for work in told}
    works[0].add_done_callback(told.append)  # at once, for it is done
    assert told[-1] is works[0] and len(told) == 201


def test_the_thread_that_worked_last_works_next() -> None:
    pool = Threads(8, "t")
    gate = threading.Barrier(4)
    for _ in range(3):
        pool.submit(gate.wait, WAIT_S)
    gate.wait(WAIT_S)
    names: list[str] = []
    for number in range(20):
        end = time.monotonic() + WAIT_S
        while len(pool._idle) < 3:
            assert time.monotonic() < end
            time.sleep(0.001)
        pool.submit(lambda: names.append(threading.current_thread().name))
        while len(names) <= number:
            assert time.monotonic() < end
            time.sleep(0.001)
    pool.shutdown()
    assert len(set(names)) == 1 and len(pool._all) == 3


def test_no_more_threads_than_allowed_and_the_rest_waits_in_turn() -> None:
    pool = Threads(2, "t")
    gate = threading.Event()
    busy: list[int] = []
    most: list[int] = []
    lock = threading.Lock()
    order: list[int] = []

    def work(number: int) -> None:
        with lock:
            busy.append(number)
            most.append(len(busy))
            order.append(number)
        gate.wait(WAIT_S)
        with lock:
            busy.remove(number)

    for number in range(10):
        pool.submit(work, number)
    gate.set()
    pool.shutdown()
    assert max(most) == 2 and sorted(order) == list(range(10))


def test_a_pool_that_was_shut_ends_its_work_and_takes_no_more() -> None:
    pool = Threads(1, "t")
    gate = threading.Event()
    done: list[int] = []
    pool.submit(gate.wait, WAIT_S)
    for number in range(5):
        pool.submit(done.append, number)
    pool.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(done.append, 9)
    gate.set()
    pool.shutdown()
    pool.shutdown()
    assert done == list(range(5)) and not any(one.thread.is_alive() for one in pool._all)


def test_a_fault_ends_neither_the_thread_nor_what_waits_for_it(caplog: pytest.LogCaptureFixture) -> None:
    pool = Threads(1, "t")
    told: list[str] = []

    def fail(*_: object) -> None:
        raise LookupError("Ivan Petrov")

    with caplog.at_level(logging.ERROR, "sito_server"):
        work = pool.submit(fail)
        work.add_done_callback(fail)
        work.add_done_callback(lambda _: told.append("end"))
        pool.submit(told.append, "next")
        pool.shutdown()
    assert sorted(told) == ["end", "next"] and len(caplog.records) == 2
    # What was raised may name who was screened: neither its text nor its trace is handed on, whoever writes the log.
    assert "Petrov" not in caplog.text and all(record.exc_info is None for record in caplog.records)
    assert all(vars(record)["facts"]["kind"] == "LookupError" for record in caplog.records)


def test_what_no_thread_can_be_begun_for_is_done_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Threads(3, "t")
    gate = threading.Event()
    done: list[int] = []

    def begin(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", begin)
        with pytest.raises(RuntimeError, match="start"):
            pool.submit(done.append, 0)
    pool.submit(gate.wait, WAIT_S)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", begin)
        for number in range(5):
            pool.submit(done.append, number)
    gate.set()
    pool.shutdown()
    assert done == list(range(5)) and len(pool._all) == 1
