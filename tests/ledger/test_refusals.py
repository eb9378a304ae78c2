"""What must not go wrong beside others: one request fails alone, nothing deleted stays, no default weakens a commit."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.ledger.stores import (
    COUNT,
    COUNTING,
    DAY,
    KEY,
    LATER,
    OFFICER,
    RETAINED,
    add,
    new_database,
    opened,
    tampering,
)

from sito.errors import LedgerError
from sito.ledger import (
    Changes,
    Event,
    Ledger,
    Projection,
    Receipt,
    Sealer,
    Signer,
    Stored,
    View,
    checkpoint,
    retention,
    verify,
)
from sito.ledger.schema import METADATA

TABLES = sa.MetaData()
ONCE = sa.Table("test_once", TABLES, sa.Column("subject", sa.Text, primary_key=True))
Work = Callable[[View], Sequence[Event]]


def insert_once(changes: Changes, stored: Stored) -> None:
    changes.execute(ONCE.insert().values(subject=stored.event.subject))


UNIQUE = Projection("test once", (ONCE,), insert_once)


def about(subject: str) -> Work:
    return lambda _: [Event("tested", subject)]


def ask_for_nothing(view: View) -> list[Event]:
    view.execute(sa.select(sa.column("x")).select_from(sa.table("not_there"))).all()
    return []


def together(ledger: Ledger, *asked: tuple[Work, str]) -> list[Receipt | Exception]:
    """Ask for several things in one group: they wait while the first of all holds the turn. Work, and its digest."""
    held, gate = threading.Event(), threading.Event()
    found: dict[int, Receipt | Exception] = {}

    def hold(_: View) -> list[Event]:
        held.set()
        gate.wait(30)
        return []

    def run(number: int, work: Work, digest: str) -> None:
        try:
            found[number] = ledger.transact(
                work, request_id=f"r{number}", caller=OFFICER, at=DAY, request_digest=digest
            )
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(-1, hold, ""))]
    threads[0].start()
    assert held.wait(30)
    for number, (work, digest) in enumerate(asked):
        threads.append(threading.Thread(target=run, args=(number, work, digest)))
        threads[-1].start()
    ends_at = time.monotonic() + 30
    while len(ledger._waiting) + len(found) < len(asked):
        assert time.monotonic() < ends_at
        time.sleep(0.002)
    gate.set()
    for thread in threads:
        thread.join(60)
    return [found[number] for number in range(len(asked))]


@pytest.mark.parametrize(
    ("work", "digest", "code"),
    [
        pytest.param(about("taken"), "", "LED121", id="a-table-refuses-it"),
        pytest.param(ask_for_nothing, "", "LED121", id="it-asks-for-no-table"),
        pytest.param(about("b"), "\0", "LED103", id="nul"),
        pytest.param(about("b"), "\ud800", "LED103", id="half-a-pair"),
        pytest.param(lambda _: [Event("tested", "b", {"x": float("inf")})], "", "LED101", id="no-number"),
    ],
)
def test_one_of_a_group_fails_alone(url: str, work: Work, digest: str, code: str) -> None:
    with opened(url, projections=(UNIQUE,)) as ledger:
        ledger.transact(about("taken"), request_id="before", caller=OFFICER, at=DAY)
        first, wrong, last = together(ledger, (about("x"), ""), (work, digest), (about("y"), ""))
        assert isinstance(wrong, LedgerError) and wrong.code == code
        assert isinstance(first, Receipt) and isinstance(last, Receipt)
        assert {first.first, last.first} == {2, 3}
        checked = verify(ledger)
        assert (checked.events, checked.fault_count) == (3, 0)
        with ledger.read() as view:
            assert set(view.execute(sa.select(ONCE.c.subject)).scalars()) == {"taken", "x", "y"}


def test_defaults_of_a_database_do_not_weaken_a_commit(postgres_server: str) -> None:
    """Writers that wait for their turn see what was stored meanwhile, and a commit is on the disk when it is told."""
    url = new_database(postgres_server)
    Ledger.create(url)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("default_transaction_isolation = 'repeatable read'", "synchronous_commit = 'off'"):
            connection.execute(sa.text(f"ALTER DATABASE {sa.make_url(url).database} SET {setting}"))
    engine.dispose()
    failed: list[Exception] = []

    def run(ledger: Ledger) -> None:
        try:
            for _ in range(15):
                add(ledger, "case:1", personal=False)
        except Exception as error:
            failed.append(error)

    with opened(url) as one, opened(url) as other:
        threads = [threading.Thread(target=run, args=(ledger,)) for ledger in (one, other) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failed
        with one._access.writing() as connection:
            assert connection.execute(sa.text("SHOW synchronous_commit")).scalar() == "on"
        assert (verify(one).events, verify(one).fault_count) == (60, 0)


def test_what_was_deleted_is_in_no_file(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        sequence = add(ledger, "case:1")
        with ledger.read() as view:
            found = view.sealed(sequence)
        assert found is not None
        retention.delete(
            ledger, [sequence], reason="past its time", retained=RETAINED, request_id="d", caller=OFFICER, at=LATER
        )
        assert not [path.name for path in tmp_path.iterdir() if found[1] in path.read_bytes()]
        assert (verify(ledger).deleted, verify(ledger).fault_count) == (1, 0)


def test_deleted_words_while_the_data_are_there_are_found(url: str) -> None:
    with opened(url) as ledger:
        sequence = add(ledger, "case:1")
        said = Event("personal_deleted", "ledger", {"sequences": [sequence], "reason": "none"})
        ledger.transact(lambda _: [said], request_id="d", caller=OFFICER, at=DAY)
        assert [fault.sequence for fault in verify(ledger).faults] == [sequence]


@pytest.mark.parametrize("sealer", [Sealer(KEY), None], ids=["key", "no-key"])
@pytest.mark.parametrize("change", [{"key_id": "00"}, {"sealed": b"other"}], ids=["key_id", "sealed"])
def test_changed_personal_data_are_found_without_their_key(
    url: str, sealer: Sealer | None, change: dict[str, Any]
) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1")
    with tampering(url) as connection:
        connection.execute(sa.table("personal", *map(sa.column, change)).update().values(change))
    with opened(url, sealer=sealer) as ledger:
        assert [fault.sequence for fault in verify(ledger).faults] == [1]


def test_an_older_key_that_is_not_given_is_no_fault(url: str) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1")
    with opened(url, sealer=Sealer(bytes(32))) as ledger:
        checked = verify(ledger)
        assert (checked.unopened, checked.fault_count) == (1, 0)


def test_a_checkpoint_by_a_strange_key_is_found(url: str) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1")
        checkpoint(ledger, Signer(bytes(32)), request_id="c", caller=OFFICER, at=DAY)
        assert (verify(ledger).unsigned, verify(ledger).fault_count) == (1, 0)
        assert verify(ledger, public_keys=[Signer(KEY).public]).fault_count == 1


@pytest.mark.parametrize("value", ["CAST(x'ff' AS TEXT)", "CAST('tested' AS BLOB)"], ids=["no-utf-8", "bytes"])
def test_a_column_that_holds_something_else_is_told_with_its_place(tmp_path: Path, value: str) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with opened(url) as ledger:
        add(ledger, "case:1", count=3)
        with tampering(url) as connection:
            connection.execute(sa.text(f"UPDATE event SET kind = {value} WHERE sequence = 2"))
        assert 2 in {fault.sequence for fault in verify(ledger).faults}


@pytest.mark.parametrize("sequence", [1, 9], ids=["same-event", "same-request"])
def test_a_file_lets_nobody_replace_an_event(tmp_path: Path, sequence: int) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with opened(url) as ledger:
        add(ledger, "case:1")
    engine = sa.create_engine(url)
    columns = "subject, at_us, caller, role, request_id, request_digest, place, count, facts, commitment, digest"
    for statement in (
        f"REPLACE INTO event SELECT {sequence}, previous, 'other', {columns} FROM event",
        "REPLACE INTO personal SELECT 1, '', x'00'",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_a_name_mistyped_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="LED111"):
        Ledger.open(f"sqlite:///{tmp_path / 'other.db'}")
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_kind_is_no_ledger_and_stays_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "clients.jsonl"
    other.write_text('{"id": "C-1"}\n')
    with pytest.raises(LedgerError, match="LED111 expected a ledger, got a file of another kind"):
        Ledger.open(f"sqlite:///{other}")
    (tmp_path / "empty.db").touch()
    with pytest.raises(LedgerError, match="LED111 expected a ledger, got an empty file"):
        Ledger.open(f"sqlite:///{tmp_path / 'empty.db'}")
    assert other.read_text() == '{"id": "C-1"}\n' and (tmp_path / "empty.db").stat().st_size == 0


def test_who_is_interrupted_while_it_waits_holds_nobody_up(url: str) -> None:
    """The main thread waits behind another, and a signal breaks it off: it is not stored, and those behind it are."""
    held, gate = threading.Event(), threading.Event()
    receipts: list[Receipt] = []

    class _InterruptedError(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise _InterruptedError

    def hold(_: View) -> list[Event]:
        held.set()
        gate.wait(30)
        return [Event("tested", "first")]

    def store(ledger: Ledger, work: Work, request_id: str) -> None:
        receipts.append(ledger.transact(work, request_id=request_id, caller=OFFICER, at=DAY))

    def break_off(ledger: Ledger) -> None:
        while not ledger._waiting:
            time.sleep(0.001)
        time.sleep(0.05)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    former = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with opened(url) as ledger:
            first = threading.Thread(target=store, args=(ledger, hold, "first"))
            first.start()
            assert held.wait(30)
            breaking = threading.Thread(target=break_off, args=(ledger,))
            breaking.start()
            with pytest.raises(_InterruptedError):
                store(ledger, about("broken off"), "second")
            breaking.join(30)
            last = threading.Thread(target=store, args=(ledger, about("last"), "third"))
            last.start()
            gate.set()
            for thread in (first, last):
                thread.join(30)
                assert not thread.is_alive()
            add(ledger, "later")
            with ledger.read() as view:
                assert [stored.event.subject for stored in view.events()] == ["first", "last", "later"]
    finally:
        signal.signal(signal.SIGUSR1, former)
    assert [receipt.first for receipt in receipts] == [1, 2]


def test_what_has_to_be_kept_is_not_deleted(url: str) -> None:
    """Not before the time is over, and no event from after the moment that it is counted from."""
    ask: dict[str, Any] = {"reason": "past its time", "caller": OFFICER}
    with opened(url) as ledger:
        kept_until = RETAINED.all[0].at
        sequence = add(ledger, "case:1")
        with pytest.raises(LedgerError, match="LED143"):
            retention.delete(
                ledger, [sequence], retained=RETAINED, request_id="a", at=kept_until - timedelta(microseconds=1), **ask
            )
        late = Event("tested", "case:1", {}, {"name": "x"})
        after = RETAINED.trigger_at + timedelta(microseconds=1)
        receipt = ledger.transact(lambda _: [late], request_id="late", caller=OFFICER, at=after)
        with pytest.raises(LedgerError, match="LED143"):
            retention.delete(ledger, [sequence, receipt.first], retained=RETAINED, request_id="b", at=kept_until, **ask)
        with ledger.read() as view:
            assert view.personal(sequence) and view.personal(receipt.first)
        done = retention.delete(ledger, [sequence], retained=RETAINED, request_id="c", at=kept_until, **ask)
        with ledger.read() as view:
            assert view.personal(sequence) is None
            told = next(view.events(after=done.first - 1)).event.facts
        assert (told["sequences"], told["terms"], told["reason"]) == ([sequence], ["kept"], "past its time")
        assert (verify(ledger).deleted, verify(ledger).fault_count) == (1, 0)


def test_tables_are_those_of_the_migrations(url: str) -> None:
    """What `alembic check` asks: nothing differs between the tables as they are made and as they are described."""
    Ledger.create(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    assert found == []


def test_state_that_somebody_changed_is_found_and_put_right(url: str) -> None:
    with opened(url) as ledger:
        add(ledger, "case:1", count=3)
        assert ledger.renew() == []
        with tampering(url) as connection:
            connection.execute(COUNT.update().values(count=7))
        assert ledger.renew() == [COUNTING.name]
        assert ledger.renew() == []
        with ledger.read() as view:
            assert view.execute(sa.select(COUNT.c.count)).scalar() == 3


def test_nothing_is_sealed_with_a_key_that_is_none_of_the_ledger(url: str) -> None:
    """Whoever has the right one could not read it. A newer key is taken together with the older."""
    Ledger.create(url)
    told = [Event("tested", "case:1", {}, {"name": "Чертополохов"})]
    old, new = bytes([1] * 32), bytes([2] * 32)
    at = {"caller": OFFICER, "at": DAY}
    with Ledger.open(url, sealer=Sealer(old)) as ledger:
        ledger.transact(lambda _: told, request_id="1", **at)
    with Ledger.open(url, sealer=Sealer(new)) as ledger:
        with pytest.raises(LedgerError, match="LED132"):
            ledger.transact(lambda _: told, request_id="2", **at)
        ledger.transact(lambda _: [Event("tested", "case:1", {})], request_id="3", **at)
    with Ledger.open(url, sealer=Sealer(new, old)) as ledger:
        ledger.transact(lambda _: told, request_id="4", **at)
    with Ledger.open(url, sealer=Sealer(new)) as ledger, ledger.read() as view:
        assert view.personal(3) == {"name": "Чертополохов"}
        ledger.transact(lambda _: told, request_id="5", **at)


def test_a_name_that_no_file_can_have_is_no_ledger() -> None:
    with pytest.raises(LedgerError, match="LED111"):
        Ledger.open("sqlite:///" + "a" * 5_000)
