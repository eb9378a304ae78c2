"""`sito ledger replay`: the files that were in use are found, and the answer is an exit code."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_fixtures import Call

from sito import Index, Screener, build_index
from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import SYSTEM, Desk
from sito.cases.projection import PROJECTION
from sito.cases.screenings import personal_of, screening_of
from sito.changes import build_delta
from sito.delta import AnyIndex, over
from sito.ledger import Ledger, Sealer
from sito.ledger.sealing import read_key
from sito.policy.calendar import load_calendar
from sito.policy.judge import Judge
from sito.policy.verdict import default_policy
from sito.records import ClientSide, Party, Record, RecordKind, Role

LISTS = Path(__file__).resolve().parents[2] / "demo/lists/ru"
SHIPPED = Path(__file__).parents[2] / "engine/sito/policy/data/default.toml"
AT = datetime(2026, 3, 3, 9, tzinfo=UTC)


def record(record_id: str) -> Record:
    party = Party(Role.DEBTOR, "Чертополохов Евлампий Савватеевич", birth_date="1971-03-14")
    return Record(record_id, RecordKind.PAYMENT, (party,), client_side=ClientSide.DEBTOR)


@pytest.fixture
def ledger(call: Call, tmp_path: Path) -> Path:
    """A ledger with two cases: the first from an index, the second from that index with a delta over it."""
    archive = tmp_path / "archive"
    archive.mkdir()
    lists = tmp_path / "lists"
    shutil.copytree(LISTS, lists)
    build_index([lists], archive / "first.index")
    text = (lists / "te.xml").read_text("utf-8").replace("ЗАОВРАЖНЫЙ НИКОДИМ", "ЗАОВРАЖНЫЙ ПАРФЕНИЙ")
    (lists / "te.xml").write_text(text.replace("2026-02-26", "2026-03-01"), "utf-8")
    build_delta(archive / "first.index", [lists], archive / "first.delta")
    (archive / "notes.txt").write_text("no index")
    assert call("ledger", "new-key", tmp_path / "key").code == 0
    path = tmp_path / "sito.db"
    assert call("ledger", "init", "--ledger", path).code == 0
    policy = default_policy()
    with (
        Ledger.open(f"sqlite:///{path}", sealer=Sealer(read_key(tmp_path / "key")), projections=[PROJECTION]) as opened,
        Index.open(archive / "first.index") as base, over(base, archive / "first.delta") as laid,
    ):  # fmt: skip
        desk = Desk(opened, schedule=PolicySchedule(policy.file.terms, load_calendar()))
        for number, index in enumerate[AnyIndex]((base, laid), 1):
            one, judge = record(f"P-{number}"), Judge(policy, AT.date())
            judged = [(result, judge.judge_record(result, one)) for result in Screener(index).screen(one)]
            found = screening_of(one, judged, index=index, policy=policy)
            assert found is not None
            desk.open_case(found, personal=personal_of(one), caller=SYSTEM, request_id=one.record_id, at=AT)
    return path


def test_a_folder_of_indexes_and_deltas_is_enough(call: Call, ledger: Path, tmp_path: Path) -> None:
    given = ("--ledger", ledger, "--key-file", tmp_path / "key", "--index", tmp_path / "archive")
    for case in ("case:1", "case:2"):
        answer = call("ledger", "replay", case, *given)
        assert answer.code == 0 and "the same: freeze by R-TE-FREEZE" in answer.out
    (found,) = json.loads(call("ledger", "replay", "case:2", *given, "--json").out)
    assert found["differences"] == [] and found["record_id"] == "P-2"


def test_another_policy_under_the_same_name_leaves_with_1(call: Call, ledger: Path, tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    rule = text.index('id = "R-TE-FREEZE"\n')
    changed = text[:rule] + text[rule:].replace('verdict = "freeze"', 'verdict = "suspend"', 1)
    (tmp_path / "policy.toml").write_text(changed, "utf-8")
    given = ("--ledger", ledger, "--key-file", tmp_path / "key", "--index", tmp_path / "archive")
    answer = call("ledger", "replay", "case:1", *given, "--policy", tmp_path / "policy.toml")
    # Two policies bear the name: the one that is given by hand is meant.
    assert answer.code == 1 and "suspend" in answer.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("case:1", "--index", "second"), "IDX101"),
        (("case:1", "--index", "notes"), "IDX102"),
        (("case:7", "--index", "first"), "CAS106"),
        (("case:2", "--index", "first"), "CAS603"),
        (("case:1",), "CLI101"),
    ],
)
def test_what_is_wrong_is_one_line(call: Call, ledger: Path, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    files = {"first": "archive/first.index", "notes": "archive/notes.txt", "second": "archive/second.index"}
    given = [tmp_path / files[word] if word in files else word for word in words]
    answer = call("ledger", "replay", *given, "--ledger", ledger, "--key-file", tmp_path / "key")
    assert answer.code == 2 and code in answer.err and answer.err.count("\n") == 1
