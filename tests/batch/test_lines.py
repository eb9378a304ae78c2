"""Chunks to lines: one line for each (record, role), refused records apart."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sito import Hit, Index, PartyResult, ScreenConfig, Screener
from sito.batch import PartyLine
from sito.batch.lines import Chunk, ChunkResult, ChunkScreener, join
from sito.records import Party, Record, RecordKind, Reject, Role
from sito.screen import NAME_LENGTH_MAX


def screen(index_path: Path, *items: Record | Reject, include_all: bool = False, hit_limit: int = 50) -> ChunkResult:
    with Index.open(index_path) as index:
        screener = Screener(index, ScreenConfig(hit_limit=hit_limit))
        return ChunkScreener(screener, None, include_all).screen(Chunk(1, list(items)))


def record(record_id: str, *parties: Party) -> Record:
    return Record(record_id, RecordKind.PAYMENT, parties, position=f"row {record_id}")


def lines(result: ChunkResult) -> list[PartyLine]:
    return msgspec.json.Decoder(PartyLine).decode_lines(result.lines)


def agent(name: str) -> Party:
    return Party(Role.INTERMEDIARY_AGENT, name)


def hit(entry_id: str, score: float) -> Hit:
    return Hit(entry_id, "L", "N", score, "strong", (), 0)


@pytest.mark.parametrize("include_all", [False, True])
def test_parties_of_one_role_share_a_line(index_path: Path, include_all: bool) -> None:
    result = screen(
        index_path, record("1", agent("Thistle Holding"), agent("Evlampiy Chertopolokhov"), agent("Nobody Known")),
        record("1", agent("Thistle Holding")), include_all=include_all,
    )  # fmt: skip
    first, second = lines(result)
    assert sorted(hit.entry_id for hit in first.hits) == ["X-1", "X-2"]
    assert [hit.entry_id for hit in second.hits] == ["X-2"]
    assert (result.record_count, result.party_count, result.hit_count, result.alert_count) == (2, 4, 3, 2)


def test_order_is_that_of_records_and_parties(index_path: Path) -> None:
    roles = (Role.DEBTOR, Role.CREDITOR, Role.PURPOSE)
    parties = tuple(Party(role, "Thistle Holding") for role in roles)
    found = lines(screen(index_path, record("b", *parties), record("a", *parties), include_all=True))
    assert [(line.record_id, line.role) for line in found] == [(key, role.value) for key in "ba" for role in roles]


def test_record_that_the_engine_refuses_stops_no_other(index_path: Path) -> None:
    result = screen(
        index_path, record("1", agent("x" * (NAME_LENGTH_MAX + 1))), record("2", agent("Thistle Holding")),
        Reject("row 3", "REC200", "reason", "raw"),
    )  # fmt: skip
    assert [line.record_id for line in lines(result)] == ["2"]
    assert [(reject.position, reject.code) for reject in result.rejects] == [("row 1", "SCR104"), ("row 3", "REC200")]
    assert len(result.rejects[0].raw) == 10_000


def test_empty_chunk_gives_nothing(index_path: Path) -> None:
    assert screen(index_path) == ChunkResult(b"", [], 0, 0, 0, 0, 0)


def test_joined_results_keep_the_best_of_each_entry() -> None:
    one = PartyResult("r", "debtor", "review", (hit("B", 0.9), hit("C", 0.8)), False, ("words",))
    other = PartyResult("r", "debtor", "pass", (hit("C", 0.95), hit("A", 0.9)), False, ("words", "pairs"))
    joined = join(one, other, 50)
    assert [(h.entry_id, h.score) for h in joined.hits] == [("C", 0.95), ("A", 0.9), ("B", 0.9)]
    assert (joined.verdict, joined.truncated, joined.limits) == ("review", False, ("words", "pairs"))


def test_joined_results_obey_the_limit_and_say_so() -> None:
    one = PartyResult("r", "debtor", "pass", (hit("A", 0.7),), False)
    joined = join(one, PartyResult("r", "debtor", "pass", (hit("B", 0.8),), False), 1)
    assert [h.entry_id for h in joined.hits] == ["B"]
    assert (joined.verdict, joined.truncated, joined.limits) == ("review", True, ("hits",))
