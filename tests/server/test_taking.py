"""From the call to the case: what alarms is on the disk before it is answered, and becomes one case, never two."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from sito import Index, Screener, build_index
from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk
from sito.cases.projection import CASES, HITS, LIST_USED, LIST_USES, PROJECTION
from sito.cases.replay import replay
from sito.changes import build_delta
from sito.client import ScreeningClient
from sito.delta import AnyIndex, over
from sito.errors import JournalError, SitoError
from sito.journal import JournalFile, journal_files, writing
from sito.ledger import Ledger, Sealer, verify
from sito.policy.calendar import load_calendar
from sito.policy.verdict import Policy, default_policy
from sito.v1 import screening_pb2 as wire
from sito_server.host import Host
from sito_server.journals import INDEXES, Alert, Journal
from sito_server.taking import NAMES_LOOKED_UP, NOT_TAKEN, PAYMENTS_SCREENED, Taker

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "demo/lists/ru"
KEY = bytes(range(32))
LISTED = wire.Party(role=wire.ROLE_DEBTOR, name="Чертополохов Евлампий Савватеевич", birth_date="1971-03-14")
OTHER = wire.Party(role=wire.ROLE_DEBTOR, name="Огуречников Савелий Ильич")
ODD = wire.Party(role=wire.ROLE_DEBTOR, name="ИП Чертополохов Евлампий Савватеевич, паспорт 0000 000000")


def payment(record_id: str, party: wire.Party = LISTED, *, client_id: str = "C-1") -> wire.Record:
    side = wire.CLIENT_SIDE_DEBTOR
    return wire.Record(
        record_id=record_id,
        payment=wire.Payment(parties=[party], client_side=side, client_id=client_id, amount="100.00", currency="RUB"),
    )


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("taking") / "lists.index"
    build_index([LISTS], path)
    return path


class Bank:
    """A server with a journal, and a ledger."""

    def __init__(self, folder: Path, serving: Callable[..., Host]) -> None:
        self.folder = folder / "journal"
        (folder / "journal.key").write_text(KEY.hex())
        self._options = {"journal": self.folder, "journal_key_file": folder / "journal.key"}
        self._serving = serving
        url = f"sqlite:///{folder / 'ledger.db'}"
        Ledger.create(url)
        self.ledger = Ledger.open(url, sealer=Sealer(KEY), projections=[PROJECTION])
        self.desk = Desk(self.ledger, schedule=PolicySchedule(default_policy().file.terms, load_calendar()))
        self.hosts: list[Host] = []

    def client(self, index: AnyIndex, **options: object) -> ScreeningClient:
        host = self._serving(Screener(index), **{**self._options, **options})
        self.hosts.append(host)
        return ScreeningClient(str(host.address), timeout_s=20)

    def stop(self) -> None:
        for host in self.hosts:
            host.stop(1.0)
        self.hosts.clear()

    def take(self, *, policies: tuple[Policy, ...] = (), keep: bool = False) -> tuple[int, int, int, list[str]]:
        with Taker(
            self.folder, self.ledger, self.desk, sealer=Sealer(KEY), policies=policies or (default_policy(),), keep=keep
        ) as taker:
            taken = taker.take()
        return taken.cases, taken.not_taken, taken.records, [error.code for _, error in taken.faults]

    def cases(self) -> list[tuple[str, str, str]]:
        with self.ledger.read() as view:
            rows = view.execute(sa.select(CASES.c.record_id, CASES.c.client_id, CASES.c.verdict))
            return sorted((row.record_id, row.client_id, row.verdict) for row in rows)

    def kinds(self, kind: str) -> list[dict[str, object]]:
        with self.ledger.read() as view:
            return [stored.event.facts for stored in view.events(kinds=[kind])]


@pytest.fixture
def bank(tmp_path: Path, serving: Callable[..., Host]) -> Iterator[Bank]:
    made = Bank(tmp_path, serving)
    yield made
    made.ledger.close()


def test_a_name_that_is_looked_up_is_a_use_of_the_lists(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        assert client.check(LISTED.name).verdict != wire.VERDICT_PASS
        assert client.check(OTHER.name).verdict == wire.VERDICT_PASS
        bank.stop()
    bank.take()
    (counts,) = bank.kinds(NAMES_LOOKED_UP)
    assert counts["lookups"] == 2
    assert not bank.kinds(PAYMENTS_SCREENED)
    assert not bank.cases()  # nobody acted on anything
    assert {(use["list_id"], use["purpose"]) for use in bank.kinds(LIST_USED)} == {
        ("RU-MVK", "lookup"), ("RU-TE", "lookup"),
    }  # fmt: skip


def test_what_alarms_becomes_a_case_and_what_passes_a_count(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        assert client.screen(payment("P-1")).verdict == wire.VERDICT_FREEZE
        assert client.screen(payment("P-2", OTHER)).verdict == wire.VERDICT_PASS
        assert client.screen(payment("P-3", ODD)).verdict != wire.VERDICT_PASS
        batch = client.screen_batch([payment(f"B-{n}", LISTED if n % 10 == 0 else OTHER) for n in range(40)])
        assert list(batch.verdicts).count(wire.VERDICT_FREEZE) == 4
        assert "Чертополохов".encode() not in b"".join(path.read_bytes() for path in journal_files(bank.folder))
        assert bank.take()[:2] == (6, 0)  # while the server goes on
        bank.stop()
        assert bank.take() == (0, 0, 43, [])
        assert bank.take() == (0, 0, 0, [])
        assert [name for name, _, _ in bank.cases()] == ["B-0", "B-10", "B-20", "B-30", "P-1", "P-3"]
        assert {client_id for _, client_id, _ in bank.cases()} == {"C-1"}
        (counts,) = bank.kinds(PAYMENTS_SCREENED)
        assert (counts["records"], counts["passed"], counts["alerts"], counts["rejects"]) == (43, 37, 6, 0)
        with bank.ledger.read() as view:
            assert sorted(view.execute(sa.select(LIST_USES.c.list_id)).scalars()) == ["RU-MVK", "RU-TE"]
            for number in range(1, 7):
                (again,) = replay(
                    view, f"case:{number}", indexes={index.info.digest: index}, policies=[default_policy()]
                )
                assert not again.differences
    assert not verify(bank.ledger).fault_count
    assert not journal_files(bank.folder)
    assert [path.suffix for path in (bank.folder / INDEXES).iterdir()] == [".index"]


def test_taking_twice_changes_nothing(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen(payment("P-1"))
        client.screen_batch([payment("B-1"), payment("B-2", OTHER)])
        bank.stop()
    assert bank.take(keep=True)[:3] == (2, 0, 3)
    before = bank.ledger.contents()
    with bank.ledger.read() as view:
        head = view.head()
    for path in bank.folder.glob("*.taken"):
        path.unlink()
    bank.take()
    with bank.ledger.read() as view:
        assert (bank.ledger.contents(), view.head()) == (before, head)


def test_an_index_that_was_replaced_is_still_at_hand(bank: Bank, listed: Path, tmp_path: Path) -> None:
    first = tmp_path / "current.index"
    shutil.copy(listed, first)
    lists = tmp_path / "ru"
    shutil.copytree(LISTS, lists)
    text = (lists / "te.xml").read_text("utf-8").replace("ЗАОВРАЖНЫЙ НИКОДИМ", "ЗАОВРАЖНЫЙ ПАРФЕНИЙ")
    (lists / "te.xml").write_text(text.replace("2026-02-26", "2026-03-01"), "utf-8")
    build_delta(first, [lists], tmp_path / "current.delta")
    with Index.open(first) as index, over(index, tmp_path / "current.delta") as laid:
        with bank.client(index) as client:
            client.screen(payment("P-1"))
        with bank.client(laid) as client:
            client.screen(payment("P-2"))
        bank.stop()
    (tmp_path / "new").write_bytes(b"another")
    (tmp_path / "new").rename(first)
    (tmp_path / "current.delta").unlink()
    assert bank.take() == (2, 0, 2, [])
    assert len({facts["index_digest"] for facts in bank.kinds(PAYMENTS_SCREENED)}) == 2


def test_what_stands_in_the_way_is_told_and_keeps_the_file(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen(payment("P-1"))
        bank.stop()
    file = default_policy().file
    other = msgspec.structs.replace(file, head=msgspec.structs.replace(file.head, version="9"))
    assert bank.take(policies=(Policy(other),))[3] == ["JRN106"]
    (kept,) = (bank.folder / INDEXES).iterdir()
    kept.rename(bank.folder / "aside")
    assert bank.take()[3] == ["JRN105"]
    kept.write_bytes(b"no index")
    assert bank.take()[3] == ["JRN105"]
    kept.unlink()
    (bank.folder / "aside").rename(kept)
    assert bank.take() == (1, 0, 1, [])
    assert bank.cases() == [("P-1", "C-1", "freeze")]


def test_another_verdict_than_was_answered_makes_no_case_and_is_not_lost(bank: Bank, listed: Path) -> None:
    policy = default_policy()
    with (
        Index.open(listed) as index,
        Journal(bank.folder, sealer=Sealer(KEY), policy=policy, own_bic=(), config=Screener(index).config) as journal,
    ):
        journal.keep(index)
        data = payment("P-1").SerializeToString()
        journal.alarmed(
            [Alert(0, "suspend", "R-SUSP", data), Alert(1, "freeze", "R-TE-FREEZE", b"\xff"),
             Alert(2, "freeze", "R-TE-FREEZE", data)],
            index_digest=index.info.digest, on=date(2026, 11, 23), request_id="r-1", caller="bank", cleared=[],
        )  # fmt: skip
    assert bank.take()[:2] == (1, 2)
    assert [facts["code"] for facts in bank.kinds(NOT_TAKEN)] == ["JRN107", "JRN103"]
    assert bank.cases() == [("P-1", "C-1", "freeze")]


def test_a_disk_that_is_full_answers_nobody(bank: Bank, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        assert client.screen(payment("P-1")).verdict == wire.VERDICT_FREEZE

        def full(handle: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing.os, "write", full)
        from sito.client import RetryPolicy

        with ScreeningClient(str(bank.hosts[0].address), timeout_s=20, retry=RetryPolicy(attempts=1)) as once:
            with pytest.raises(SitoError, match="JRN102"):
                once.screen(payment("P-2"))
            assert once.screen(payment("P-3", OTHER)).verdict == wire.VERDICT_PASS
        monkeypatch.undo()
        assert client.screen(payment("P-4")).verdict == wire.VERDICT_FREEZE
        bank.stop()
    assert bank.take()[:2] == (2, 0)


def test_no_key_no_journal(tmp_path: Path, listed: Path, serving: Callable[..., Host]) -> None:
    with Index.open(listed) as index, pytest.raises(SitoError, match="CLI414"):
        serving(Screener(index), journal=tmp_path / "journal")


SERVER = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from sito import Index, Screener
from sito.ledger import Sealer
from sito.policy.verdict import default_policy
from sito_server.config import ServeConfig
from sito_server.host import Host
from sito_server.service import Fixed
config = ServeConfig(index=Path(sys.argv[1]), listen="127.0.0.1:0", threads=2, processes=1,
    journal=Path(sys.argv[2]), journal_key_file=Path(sys.argv[3]))
with Index.open(sys.argv[1]) as index:
    host = Host(Fixed(Screener(index)), config)
    host.start()
    print(host.address.port, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("count", [pytest.param(3, id="few"), pytest.param(60, id="many", marks=pytest.mark.long)])
def test_nothing_that_was_answered_is_lost_when_the_server_is_killed(bank: Bank, listed: Path, count: int) -> None:
    script = SERVER.format(path=[str(ROOT / name) for name in ("engine", "ext", "server")])
    answered: set[str] = set()
    for turn in range(count):
        command = [sys.executable, "-c", script, str(listed), str(bank.folder), str(bank.folder.parent / "journal.key")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdin is not None
        port = int(process.stdout.readline())
        deadline = time.monotonic() + 0.1 + 0.05 * (turn % 7)
        with ScreeningClient(f"127.0.0.1:{port}", timeout_s=5) as client:
            killed = False
            for number in range(100_000):
                name = f"K-{turn}-{number}"
                try:
                    if client.screen(payment(name)).verdict == wire.VERDICT_FREEZE:
                        answered.add(name)
                except SitoError:
                    break
                if not killed and time.monotonic() > deadline:
                    os.kill(process.pid, signal.SIGKILL)
                    killed = True
        process.wait()
        process.stdin.close()
        process.stdout.close()
    assert len(answered) >= count
    assert bank.take()[1:2] == (0,)
    found = [name for name, _, _ in bank.cases()]
    assert len(found) == len(set(found))
    assert answered <= set(found)
    assert not journal_files(bank.folder)


def test_a_damaged_file_is_told_and_others_go_on(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index:
        for name in ("P-1", "P-2"):
            with bank.client(index) as client:
                client.screen(payment(name))
                client.screen(payment(f"{name}b"))
            bank.stop()
    path = journal_files(bank.folder)[0]
    data = bytearray(path.read_bytes())
    frames = list(JournalFile(path, sealer=Sealer(KEY)).frames())
    data[frames[1].end - 1] ^= 1
    path.write_bytes(data)
    assert bank.take()[3] == ["JRN103"]
    assert {name for name, _, _ in bank.cases()} >= {"P-2", "P-2b"}
    with pytest.raises(JournalError, match="JRN103"):
        list(JournalFile(path, sealer=Sealer(KEY)).frames())


def test_a_batch_of_many_alerts_has_all_its_hits(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen_batch([payment(f"B-{n}", client_id=f"C-{n}") for n in range(60)])
        bank.stop()
    assert bank.take()[:2] == (60, 0)
    with bank.ledger.read() as view:
        assert len(view.execute(sa.select(HITS)).all()) == 60
        (at,) = set(view.execute(sa.select(CASES.c.opened_at)).scalars())
    assert datetime.fromisoformat(at).tzinfo == UTC
