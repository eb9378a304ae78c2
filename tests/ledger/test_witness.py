"""Checkpoints that come by themselves: how often, by whom, and what if their anchor cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from tests.ledger.stores import COUNTING, DAY, KEY, OFFICER, add

from sito.errors import LedgerError
from sito.ledger import Event, Ledger, Sealer, Signer, verify
from sito.ledger.checkpoints import KIND, Checkpoint, Checkpoints, read_anchor, write_anchor

SIGNER = Signer(bytes(range(1, 33)))


@contextmanager
def witnessed(url: str, every: int, anchor: Path | None = None) -> Iterator[tuple[Ledger, list[LedgerError]]]:
    faults: list[LedgerError] = []
    Ledger.create(url)
    checkpoints = Checkpoints(SIGNER, every=every, anchor=anchor, on_fault=faults.append)
    with Ledger.open(url, sealer=Sealer(KEY), projections=(COUNTING,), witness=checkpoints) as ledger:
        yield ledger, faults


def checkpoints_of(ledger: Ledger) -> list[int]:
    with ledger.read() as view:
        return [stored.sequence for stored in view.events(kinds=[KIND])]


def test_a_checkpoint_comes_behind_every_so_many_events(url: str, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    with witnessed(url, 5, anchor) as (ledger, faults):
        for number in range(12):
            add(ledger, f"case:{number}")
        # Of five events each; the checkpoint itself is none of them.
        assert checkpoints_of(ledger) == [6, 12]
        assert read_anchor(anchor).sequence == 11
        found = verify(ledger, public_keys=[SIGNER.public], anchors=[read_anchor(anchor)])
        assert (found.fault_count, found.checkpoints, found.unsigned) == (0, 2, 0)
        assert not faults
    with witnessed(url, 5) as (ledger, _):  # another process goes on counting
        for number in range(2):
            add(ledger, f"case:1{number}")
        assert checkpoints_of(ledger) == [6, 12]
        add(ledger, "case:20")
        assert checkpoints_of(ledger) == [6, 12, 18]


def test_two_processes_make_no_more_than_are_due(url: str) -> None:
    with witnessed(url, 4) as (first, _), witnessed(url, 4) as (second, _):
        for number in range(10):
            add(first, f"case:{number}")
            add(second, f"measure:{number}")
        found = checkpoints_of(first)
        assert [later - earlier for earlier, later in zip([0, *found], found, strict=False)] == [5] * len(found)
        assert not verify(first, public_keys=[SIGNER.public]).fault_count


def test_threads_and_large_requests_are_witnessed_in_their_commit(url: str) -> None:
    with witnessed(url, 7) as (ledger, _):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: add(ledger, f"case:{number}", count=3), range(40)))
        found = checkpoints_of(ledger)
        with ledger.read() as view:
            last = view.head()[0]
        assert last == 120 + len(found)
        # A group of requests is one commit: its checkpoint stands behind all of them.
        assert found
        assert last - found[-1] < 7
        assert not verify(ledger, public_keys=[SIGNER.public]).fault_count


def test_an_anchor_that_cannot_be_written_is_told_and_stops_nothing(url: str, tmp_path: Path) -> None:
    with witnessed(url, 2, tmp_path / "gone" / "anchor.json") as (ledger, faults):
        add(ledger, "case:1", count=2)
        assert checkpoints_of(ledger) == [3]
        assert [fault.code for fault in faults] == ["LED150"]


def test_a_taken_request_id_stops_no_checkpoint(url: str) -> None:
    with witnessed(url, 2) as (ledger, _):
        for number in range(1, 9):
            ledger.transact(
                lambda _: [Event("case_noted", "case:1", {})], request_id=f"{KIND}-{number}", caller=OFFICER, at=DAY
            )
        assert checkpoints_of(ledger) == [3, 6, 9, 12]


def test_a_number_of_events_that_is_none_is_refused() -> None:
    with pytest.raises(LedgerError, match="LED151"):
        Checkpoints(SIGNER, every=0, on_fault=lambda _: None)


def test_an_anchor_that_the_ledger_does_not_reach_stays(url: str, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    with witnessed(url, 2, anchor) as (ledger, faults):
        add(ledger, "case:1", count=2)
        first = read_anchor(anchor)
        for number, later in enumerate(
            [msgspec.structs.replace(first, sequence=900), msgspec.structs.replace(first, sequence=8, digest="0" * 64)]
        ):
            anchor.write_bytes(msgspec.json.encode(later))
            add(ledger, f"case:{number + 2}", count=2)
            assert read_anchor(anchor) == later
        assert [fault.code for fault in faults] == ["LED150", "LED150"]
        anchor.write_bytes(msgspec.json.encode(msgspec.structs.replace(first, ledger_id="another", sequence=900)))
        add(ledger, "case:4", count=2)
        assert read_anchor(anchor).ledger_id == ledger.ledger_id


def test_many_who_write_one_anchor_leave_it_whole(tmp_path: Path) -> None:
    made = [Checkpoint("l", number, "", "", "") for number in range(1, 200)]
    anchor = tmp_path / "anchor.json"

    def write(one: Checkpoint) -> None:
        with suppress(LedgerError):
            write_anchor(anchor, one)
        read_anchor(anchor)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, made))
    assert [path.name for path in tmp_path.iterdir()] == ["anchor.json"]
