"""What stands in the way of one record or file stops no other, and nobody without the key is believed."""

from __future__ import annotations

import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import grpc
import msgspec
import pytest
import sqlalchemy as sa
from tests.server.test_taking import KEY, LISTED, LISTS, OTHER, Bank, payment

from sito import Index, ScreenConfig, Screener, build_index
from sito.cases.desk import SYSTEM
from sito.cases.projection import HITS
from sito.cases.replay import replay
from sito.client import ScreeningClient
from sito.errors import JournalError
from sito.journal import JournalFile, JournalWriter, journal_files, taking
from sito.journal.form import FRAME, HEAD
from sito.journal.reading import Progress
from sito.ledger import Event, Sealer
from sito.policy.verdict import default_policy
from sito.v1 import screening_pb2 as wire
from sito_server import journals
from sito_server import taking as taking_room
from sito_server.host import Host
from sito_server.journals import INDEXES, Alert, Counts, Journal, Session
from sito_server.taking import NOT_TAKEN, PAYMENTS_SCREENED, Taker

FOUND = wire.Party(role=wire.ROLE_CREDITOR, name="Фонд Полынный берег")


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attacks") / "lists.index"
    build_index([LISTS], path)
    return path


@pytest.fixture
def bank(tmp_path: Path, serving: Callable[..., Host]) -> Iterator[Bank]:
    made = Bank(tmp_path, serving)
    yield made
    made.ledger.close()


def both(record_id: str) -> wire.Record:
    record = payment(record_id)
    record.payment.parties.append(FOUND)
    return record


def clearances(answer: wire.PartyResult, record_id: str) -> list[wire.Clearance]:
    return [
        wire.Clearance(
            record_id=record_id, list_id=hit.list_id, entry_id=hit.entry_id,
            party_fingerprint=answer.party_fingerprint, entry_fingerprint=hit.entry_fingerprint,
        )
        for hit in answer.hits
    ]  # fmt: skip


def test_what_was_cleared_is_cleared_for_the_case_and_its_replay(
    bank: Bank, listed: Path, serving: Callable[..., Host]
) -> None:
    with Index.open(listed) as index:
        host = serving(
            Screener(index, ScreenConfig(fingerprints=True)), journal=bank.folder,
            journal_key_file=bank.folder.parent / "journal.key",
        )  # fmt: skip
        bank.hosts.append(host)
        with ScreeningClient(str(host.address), timeout_s=20) as client:
            debtor = next(one for one in client.screen(both("P-0")).parties if one.role == wire.ROLE_DEBTOR)
            cleared = clearances(debtor, "B-1") + clearances(debtor, "B-9") + clearances(debtor, "0")
            records = [both("B-1"), both("B-2"), both("B-1"), payment("B-1"), both(""), payment("0 ")]
            answer = client.screen_batch(records, cleared=cleared)
            assert wire.VERDICT_PASS in answer.verdicts
            single = client.screen(both("B-9"), cleared=cleared)
            assert single.verdict != wire.VERDICT_PASS
        bank.stop()
        assert bank.take() == (7, 0, 8, [])
        with bank.ledger.read() as view:
            rows = view.execute(sa.select(HITS.c.subject, HITS.c.role)).all()
            roles: dict[str, set[str]] = {}
            for subject, role in rows:
                roles.setdefault(subject, set()).add(role)
            for subject in roles:
                for again in replay(view, subject, indexes={index.info.digest: index}, policies=[default_policy()]):
                    assert not again.differences
        assert {"creditor"} in roles.values()


def test_who_has_no_key_makes_no_counts_and_spoils_no_request_id(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen(payment("P-1"))
        bank.stop()
    (path,) = journal_files(bank.folder)
    file = JournalFile(path, sealer=Sealer(KEY))
    session, alert, *_ = (frame.payload for frame in file.frames())
    counts = msgspec.msgpack.encode(Counts(1, 2, index.info.digest, 1_000_000, 0, 0))
    assert isinstance(msgspec.msgpack.decode(session, type=Session), Session)
    forged = path.read_bytes()[:24] + bytes(16)
    for body in (session, counts, alert):
        forged += FRAME.pack(len(body), zlib.crc32(body)) + body
    (bank.folder / "0.journal").write_bytes(forged)
    assert bank.take() == (1, 0, 1, ["JRN104"])
    assert [facts["records"] for facts in bank.kinds(PAYMENTS_SCREENED)] == [1]


def test_a_frame_of_another_key_stops_no_other_file(bank: Bank, listed: Path) -> None:
    with JournalWriter(bank.folder, sealer=Sealer(bytes(32)), begin=b"begin"):
        pass
    with Index.open(listed) as index:
        for name in ("P-1", "P-2"):
            with bank.client(index) as client:
                client.screen(payment(name))
            bank.stop()
    path = journal_files(bank.folder)[1]
    data = bytearray(path.read_bytes())
    length, _ = FRAME.unpack_from(data, HEAD.size)
    data[HEAD.size + FRAME.size] ^= 1
    body = bytes(data[HEAD.size + FRAME.size : HEAD.size + FRAME.size + length])
    FRAME.pack_into(data, HEAD.size, length, zlib.crc32(body))
    path.write_bytes(data)
    assert bank.take()[3] == ["JRN104", "JRN104"]
    assert bank.cases() == [("P-2", "C-1", "freeze")]


def test_an_alert_behind_a_damaged_length_is_not_deleted(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        for name in ("P-1", "P-2", "P-3"):
            client.screen(payment(name))
        bank.stop()
    (path,) = journal_files(bank.folder)
    whole = path.read_bytes()
    frames = list(JournalFile(path, sealer=Sealer(KEY)).frames())
    data = bytearray(whole)
    data[frames[1].end + 2] ^= 0x40  # now the frame reaches beyond the end
    path.write_bytes(data)
    assert bank.take() == (1, 0, 0, ["JRN103"])
    assert bank.take() == (0, 0, 0, [])
    (aside,) = bank.folder.glob("*.cut")
    assert aside.read_bytes() == data
    path.write_bytes(whole)  # restored, it goes on where it was
    assert bank.take() == (2, 0, 3, [])
    assert len(bank.cases()) == 3


def test_a_damaged_length_is_told_while_the_server_goes_on(bank: Bank, listed: Path) -> None:
    with (
        Index.open(listed) as index,
        bank.client(index) as client,
        Taker(bank.folder, bank.ledger, bank.desk, sealer=Sealer(KEY), policies=[default_policy()]) as taker,
    ):
        client.screen(payment("P-1"))
        assert taker.take().cases == 1
        (path,) = journal_files(bank.folder)
        begin = JournalFile(path, sealer=Sealer(KEY)).progress().end
        client.screen(payment("P-2"))
        with path.open("r+b") as stream:
            stream.seek(begin + 2)
            stream.write(b"\x40")
        codes = [error.code for _, error in taker.take().faults]
        client.screen(payment("P-3"))
        codes += [error.code for _, error in taker.take().faults]
        assert "JRN103" in codes
        bank.stop()


def test_two_takers_of_one_folder_take_turns(bank: Bank, listed: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen(payment("P-1"))
        bank.stop()
    with taking(bank.folder), pytest.raises(JournalError, match="JRN108"):
        bank.take()
    assert bank.take() == (1, 0, 1, [])


def test_a_record_that_the_ledger_refuses_is_written_down_and_stops_no_other(bank: Bank, listed: Path) -> None:
    large = payment("P-1")
    for _ in range(12):
        large.payment.parties.add(role=wire.ROLE_CREDITOR, name="Огуречников Савелий", address="Лужская ул. " * 8000)
    with Index.open(listed) as index, bank.client(index) as client:
        assert client.screen(large).verdict == wire.VERDICT_FREEZE
        assert client.screen(payment("P-2")).verdict == wire.VERDICT_FREEZE
        assert client.screen(payment("P-3")).verdict == wire.VERDICT_FREEZE
        bank.stop()
    (path,) = journal_files(bank.folder)
    name = f"{JournalFile(path, sealer=Sealer(KEY)).file_id}-3-0"
    bank.ledger.transact(
        lambda _: [Event("other", "ledger")], request_id=name, caller=SYSTEM, at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert bank.take()[:2] == (1, 2)
    assert [name for name, _, _ in bank.cases()] == ["P-3"]
    assert {facts["code"] for facts in bank.kinds(NOT_TAKEN)} == {"LED102", "LED199"}
    with bank.ledger.read() as view:
        parts = [
            view.personal(stored.sequence)["record"]  # type: ignore[index]
            for stored in view.events(kinds=[NOT_TAKEN])
            if stored.event.facts["code"] == "LED102"
        ]
    assert wire.Record.FromString(bytes.fromhex("".join(parts))) == large


def test_an_index_under_the_name_of_another_is_not_used(bank: Bank, listed: Path, tmp_path: Path) -> None:
    with Index.open(listed) as index, bank.client(index) as client:
        client.screen(payment("P-1"))
        bank.stop()
    (kept,) = (bank.folder / INDEXES).iterdir()
    kept.unlink()
    build_index([LISTS / "te.xml"], kept)
    assert bank.take()[3] == ["JRN105"]
    assert bank.cases() == []


def test_whose_case_it_is_does_not_hang_on_blanks(bank: Bank, listed: Path) -> None:
    def customer(record_id: str) -> wire.Record:
        party = wire.Party(name=LISTED.name, birth_date=LISTED.birth_date)
        return wire.Record(record_id=record_id, customer=wire.Customer(party=party))

    with Index.open(listed) as index, bank.client(index) as client:
        client.screen_batch([customer(" C-7 "), customer(""), payment("P-1", OTHER)])
        bank.stop()
    assert bank.take()[:2] == (2, 0)
    assert sorted(client_id for _, client_id, _ in bank.cases()) == ["", "C-7"]


def test_what_was_judged_before_midnight_is_replayed_by_the_rules_of_that_day(bank: Bank, listed: Path) -> None:
    policy = default_policy()
    midnight = datetime(2026, 12, 1, 21, 0, 1, tzinfo=UTC)  # a second later in Moscow
    with (
        Index.open(listed) as index,
        Journal(
            bank.folder, sealer=Sealer(KEY), policy=policy, own_bic=(), config=Screener(index).config,
            clock=lambda: midnight,
        ) as journal,
    ):  # fmt: skip
        journal.keep(index)
        journal.alarmed(
            [Alert(0, "freeze", "R-TE-FREEZE", payment("P-1").SerializeToString())], index_digest=index.info.digest,
            on=date(2026, 12, 1), request_id="", caller="", cleared=[],
        )  # fmt: skip
        journal.close()
        assert bank.take()[:2] == (1, 0)
        with bank.ledger.read() as view:
            (again,) = replay(view, "case:1", indexes={index.info.digest: index}, policies=[policy])
    assert again.on == date(2026, 12, 1)


def test_an_index_is_kept_before_a_call_needs_it(bank: Bank, listed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.index"
    shutil.copy(listed, mine)
    with Index.open(mine) as index, bank.client(index) as client:
        mine.unlink()
        assert client.screen(payment("P-1")).verdict == wire.VERDICT_FREEZE
        bank.stop()
    assert bank.take() == (1, 0, 1, [])


def test_a_stream_ends_with_its_code_when_the_index_cannot_be_kept(bank: Bank, listed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.index"
    shutil.copy(listed, mine)
    with Index.open(mine) as index:
        mine.unlink()
        with bank.client(index), grpc.insecure_channel(str(bank.hosts[0].address)) as channel:
            call = channel.stream_stream(
                "/sito.v1.ScreeningService/ScreenStream", request_serializer=wire.ScreenStreamRequest.SerializeToString
            )
            with pytest.raises(grpc.RpcError) as refused:
                list(call(iter([wire.ScreenStreamRequest(records=[payment("P-1")])]), timeout=10))
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
            assert "JRN105" in refused.value.details()
        bank.stop()


def test_a_taker_that_is_cut_off_anywhere_counts_nothing_twice(
    bank: Bank, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = JournalFile.remember, 0
    monkeypatch.setattr(journals, "COUNT_S", 0.02)
    with Index.open(listed) as index, bank.client(index) as client:
        for turn in range(9):
            for _ in range(1 + turn % 3):
                client.screen(payment(f"P-{count}"))
                count += 1
            time.sleep(0.04)
            left = [turn % 4]

            def remember(file: JournalFile, progress: Progress, left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                real(file, progress)

            monkeypatch.setattr(JournalFile, "remember", remember)
            with suppress(KeyboardInterrupt):
                bank.take()
            monkeypatch.setattr(JournalFile, "remember", real)
        bank.stop()
    bank.take()
    assert sum(int(str(facts["records"])) for facts in bank.kinds(PAYMENTS_SCREENED)) == count
    assert len(bank.cases()) == count


def test_large_frames_are_taken_in_small_rounds(bank: Bank, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_room, "ROUND_SIZE", 1)
    with Index.open(listed) as index, bank.client(index) as client:
        for name in ("P-1", "P-2", "P-3"):
            client.screen(payment(name))
        bank.stop()
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(len(asked))
        return len(asked) > 3  # the first round is of what all frames have in common

    with Taker(bank.folder, bank.ledger, bank.desk, sealer=Sealer(KEY), policies=[default_policy()]) as taker:
        assert taker.take(stopped).cases == 2
    assert bank.take() == (1, 0, 3, [])
