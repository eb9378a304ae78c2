"""Requests: together or not at all, once, by many at a time, and nothing lost that was accepted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.stores import COUNT, COUNTING, DAY, KEY, OFFICER, add, opened

from sito.errors import LedgerError
from sito.ledger import Caller, Event, Ledger, Sealer, View, verify
from sito.ledger.engines import access
from sito.ledger.projections import contents

CHILD = Path(__file__).with_name("appender.py")
KILLS, KILLS_LONG = 8, 500


def test_the_same_request_is_stored_once(url: str) -> None:
    with opened(url) as ledger:
        first = ledger.transact(
            lambda _: [Event("tested", "case:1")], request_id="r", request_digest="d", caller=OFFICER, at=DAY
        )
        again = ledger.transact(
            lambda _: pytest.fail("it was done before"), request_id="r", request_digest="d", caller=OFFICER, at=DAY
        )
        assert (again.first, again.digest, again.is_repeated) == (first.first, first.digest, True)
        with pytest.raises(LedgerError, match="LED199"):
            ledger.transact(lambda _: [], request_id="r", request_digest="other", caller=OFFICER, at=DAY)


def test_a_request_that_fails_leaves_nothing(url: str) -> None:
    def fail(view: View) -> list[Event]:
        raise ValueError("of the caller")

    with opened(url) as ledger:
        add(ledger, "case:1")
        before = ledger.contents()
        with pytest.raises(ValueError, match="of the caller"):
            ledger.transact(fail, request_id="f", caller=OFFICER, at=DAY)
        broken = [Event("tested", "case:1"), Event("tested", "case:1", {"break": True})]
        with pytest.raises(RuntimeError, match="projection"):
            ledger.transact(lambda _: broken, request_id="b", caller=OFFICER, at=DAY)
        assert ledger.contents() == before
        assert add(ledger, "case:2") == 2
        assert not verify(ledger).fault_count


def test_those_who_fail_take_nobody_with_them(url: str) -> None:
    """Many at a time: so failing and good ones meet in one commit."""
    results: dict[int, str] = {}

    def one(ledger: Ledger, number: int) -> None:
        facts = {"break": True} if number % 5 == 0 else {}
        try:
            if number % 7 == 0:
                ledger.transact(lambda _: 1 // 0, request_id=str(number), caller=OFFICER, at=DAY)
            event = Event("tested", f"case:{number}", facts)
            ledger.transact(lambda _: [event], request_id=str(number), caller=OFFICER, at=DAY)
            results[number] = "stored"
        except (ZeroDivisionError, RuntimeError) as error:
            results[number] = type(error).__name__

    with opened(url) as ledger:
        threads = [threading.Thread(target=one, args=(ledger, number)) for number in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expected = {
            number: "ZeroDivisionError" if number % 7 == 0 else "RuntimeError" if number % 5 == 0 else "stored"
            for number in range(60)
        }
        assert results == expected
        with ledger.read() as view:
            stored = sorted(int(event.event.subject[5:]) for event in view.events())
        assert stored == [number for number, word in expected.items() if word == "stored"]
        assert not verify(ledger).fault_count
        _equal_to_a_rebuild(ledger)


def _equal_to_a_rebuild(ledger: Ledger) -> None:
    before = ledger.contents()
    ledger.rebuild()
    assert ledger.contents() == before


def test_a_view_sees_what_was_done_before_it_in_the_same_commit(url: str) -> None:
    seen: list[int] = []

    def work(view: View) -> list[Event]:
        seen.append(sum(1 for _ in view.events()))
        return [Event("tested", "case:1")]

    with opened(url) as ledger:
        threads = [
            threading.Thread(
                target=ledger.transact, args=(work,), kwargs={"request_id": str(n), "caller": OFFICER, "at": DAY}
            )
            for n in range(30)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(seen) == list(range(30))
        with ledger.read() as view:
            assert view.execute(sa.select(COUNT.c.count)).scalars().all() == [30]


def test_readers_and_writers_do_not_wait_for_each_other(url: str) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1")
        with ledger.read() as view:
            assert len(list(view.events())) == 1
            add(ledger, "case:2")  # while somebody reads
            assert len(list(view.events())) == 1  # what was there when it began to read
        with ledger.read() as view:
            assert len(list(view.events())) == 2


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["case:1", "case:2", "list:RU-TE"]), st.integers(0, 4)), max_size=12))
def test_the_state_is_what_a_rebuild_makes_of_the_events(
    tmp_path_factory: pytest.TempPathFactory, requests: list[tuple[str, int]]
) -> None:
    with opened(f"sqlite:///{tmp_path_factory.mktemp('rebuilt') / 'ledger.db'}") as ledger:
        for subject, count in requests:
            add(ledger, subject, count=count)
        _equal_to_a_rebuild(ledger)
        assert verify(ledger).events == sum(count for _, count in requests)


def test_a_projection_of_another_version_is_made_anew(url: str) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1", count=3)
    with Ledger.open(url) as ledger:  # without it: it falls behind
        ledger.transact(lambda _: [Event("tested", "case:1")], request_id="x", caller=OFFICER, at=DAY)
    newer = COUNTING._replace(version=2)
    with opened(url, projections=(newer,)) as ledger, ledger.read() as view:
        assert view.execute(sa.select(COUNT.c.count)).scalar() == 4


def test_wrong_words_are_refused(url: str) -> None:
    for request_id, caller, at, code in (
        ("", OFFICER, DAY, "LED103"), ("a\nb", OFFICER, DAY, "LED103"), ("x" * 257, OFFICER, DAY, "LED103"),
        ("r", Caller("", "officer"), DAY, "LED103"), ("r", OFFICER, datetime(2026, 1, 1), "LED104"),
    ):  # fmt: skip
        with opened(url) as ledger, pytest.raises(LedgerError, match=code):
            ledger.transact(lambda _: [], request_id=request_id, caller=caller, at=at)


def test_wrong_databases_are_refused(tmp_path: Path) -> None:
    for wrong in ("mysql://x/y", "sqlite://", "nonsense", "sqlite:///:memory:"):
        with pytest.raises(LedgerError, match="LED110"):
            Ledger.open(wrong)
    with pytest.raises(LedgerError, match="LED111"):
        Ledger.open(f"sqlite:///{tmp_path / 'none.db'}")
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    Ledger.create(url)
    Ledger.create(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for call in (Ledger.open, Ledger.create):
        with pytest.raises(LedgerError, match="LED112"):
            call(url)
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(LedgerError, match="LED111"):
        Ledger.open(f"sqlite:///{tmp_path / 'garbage.db'}")


def test_personal_data_in_a_file_need_a_key(url: str) -> None:
    with opened(url, sealer=None) as ledger:
        if url.startswith("sqlite"):
            with pytest.raises(LedgerError, match="LED130"):
                add(ledger, "case:1")
        else:  # the bank's server is its own keeper
            add(ledger, "case:1")
            with ledger.read() as view:
                assert view.personal(1) == {"name": "x"}


def test_a_full_disk_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    """A limit on the size of files of a child stands for the disk."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    opened(url).close()
    answer = _append(url, "1", "--count", "100000", "--file-size-max", str(2 << 20))
    out, _ = answer.communicate(timeout=60)
    accepted = [line for line in out.splitlines() if line.startswith("ok ")]
    assert "LED120" in out
    assert accepted
    with opened(url) as ledger:
        assert not verify(ledger).fault_count
        with ledger.read() as view:
            stored = {event.request_id for event in view.events()}
        assert {line[3:] for line in accepted} <= stored
        assert add(ledger, "case:after") == 2 * len(stored) + 1


def _append(url: str, name: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), url, name, *options], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip


def _kill_often(url: str, kills: int) -> None:
    """Kill whoever writes at any moment: what it said was accepted is there, whole, and once."""
    generator = random.Random(3)
    opened(url).close()
    accepted: set[str] = set()
    for number in range(kills):
        # Every second one says the same request ids again.
        child = _append(url, str(number // 2), "--count", "100000")
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0.0, 0.25))
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate(timeout=60)
        # A line that was cut off by the kill tells nothing.
        accepted |= {
            line[3:-1] for line in out.splitlines(keepends=True) if line.startswith("ok ") and line[-1] == "\n"
        }
    with opened(url) as ledger:
        checked = verify(ledger)
        assert not checked.fault_count, checked.faults
        with ledger.read() as view:
            stored = [event.request_id for event in view.events()]
        assert accepted <= set(stored)
        assert len(accepted) > kills
        assert len(stored) == 2 * len(set(stored))  # each request has two events, once
        _equal_to_a_rebuild(ledger)


def test_nothing_accepted_is_lost_by_kills(url: str) -> None:
    _kill_often(url, KILLS)


@pytest.mark.long
def test_nothing_accepted_is_lost_by_many_kills(url: str) -> None:
    _kill_often(url, KILLS_LONG)


def test_processes_take_turns(url: str) -> None:
    opened(url).close()
    children = [_append(url, f"process {n}", "--count", "60", "--threads", "3") for n in range(3)]
    outs = [child.communicate(timeout=60)[0] for child in children]
    assert sum(out.count("ok ") for out in outs) == 3 * 60
    with opened(url, sealer=Sealer(KEY)) as ledger:
        checked = verify(ledger)
        assert (checked.fault_count, checked.events) == (0, 2 * 3 * 60)
        _equal_to_a_rebuild(ledger)


def test_contents_tell_tables_apart(url: str) -> None:
    with opened(url) as ledger:
        empty = ledger.contents()
        add(ledger, "case:1")
        assert ledger.contents() != empty
    reached = access(url)
    with reached.reading() as connection:
        assert contents(connection, COUNTING) == contents(connection, COUNTING)
    reached.close()
