"""`sito clients`: a base from a file, hits to a file or a ledger, the check, and what is said of all of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_fixtures import Call

from sito import build_index
from sito.cases.projection import PROJECTION
from sito.clients import ClientBase
from sito.ledger import Ledger

LISTS = Path(__file__).resolve().parents[2] / "demo/lists/ru"
CSV = """id,name,client_id,relation,risk_grade,risk_reason,risk_date
C-1,Чертополохов Евлампий Савватеевич,,,high,публичное лицо,2026-01-31
C-2,ООО Ромашка,,,,,
,Чертополохов Евлампий Савватеевич,C-2,director,,,
C-3,Петров Пётр,,,low,,
"""


@pytest.fixture
def base(call: Call, tmp_path: Path) -> Path:
    build_index([LISTS], tmp_path / "lists.sito")
    (tmp_path / "c.csv").write_text(CSV, encoding="utf-8")
    answer = call("clients", "import", tmp_path / "c.csv", "--base", tmp_path / "base")
    assert answer.code == 2
    assert answer.out.startswith("2 clients: 2 added")
    assert "REC233 1x" in answer.err
    (line,) = (tmp_path / "c.csv.rejects.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["code"] == "REC233"
    assert (tmp_path / "c.csv.rejects.jsonl").stat().st_mode & 0o077 == 0
    return tmp_path / "base"


def test_hits_go_to_a_file_as_those_of_sito_screen(call: Call, base: Path, tmp_path: Path) -> None:
    told = ("--base", base, "--index", tmp_path / "lists.sito", "--output", tmp_path / "h.jsonl")
    answer = call("clients", "screen", *told)
    assert answer.code == 0
    assert "everything (first)" in answer.out
    assert "1 records of the last import" in answer.err
    lines = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text("utf-8").splitlines()]
    assert [(line["record_id"], line["role"], bool(line["rule_id"])) for line in lines] == [
        ("C-1", "customer", True), ("C-2", "director", True),
    ]  # fmt: skip
    (tmp_path / "one.csv").write_text("id,name\nC-1,Чертополохов Евлампий Савватеевич\n", encoding="utf-8")
    call("screen", tmp_path / "one.csv", "-i", tmp_path / "lists.sito", "-o", tmp_path / "one.jsonl")
    alone = json.loads((tmp_path / "one.jsonl").read_text("utf-8"))
    for hit in lines[0]["hits"]:
        hit.pop("entry_fingerprint", None)
    assert (lines[0]["hits"], lines[0]["verdict"]) == (alone["hits"], alone["verdict"])
    again = json.loads(call("clients", "screen", *told, "--json").out)
    assert (again["night"]["cause"], again["night"]["match_count"]) == ("none", 0)
    assert (tmp_path / "h.jsonl").read_bytes() == b""
    assert json.loads(call("clients", "screen", *told, "--json", "--full").out)["night"]["match_count"] == 2


def test_hits_become_cases_and_the_check_is_recorded(call: Call, base: Path, tmp_path: Path) -> None:
    call("ledger", "init", "--ledger", tmp_path / "l.db")
    call("ledger", "new-key", tmp_path / "key")
    told = (
        "--base",
        base,
        "-i",
        tmp_path / "lists.sito",
        "--ledger",
        tmp_path / "l.db",
        "--key-file",
        tmp_path / "key",
    )
    assert call("clients", "screen", *told).code == 0
    checked = call("clients", "check", *told, "--threads", "2")
    assert checked.code == 0
    assert "check:1: 2 clients checked, 2 with matches" in checked.out
    assert "R-CHECK-REPORT" in checked.out
    second = json.loads(call("clients", "check", *told, "--json").out)
    assert (second["subject"], second["report"]["rule"]) == ("check:2", "R-CHECK-REPORT")
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}", projections=[PROJECTION]) as ledger, ledger.read() as view:
        kinds = [one.event.kind for one in view.events()]
    assert (kinds.count("case_opened"), kinds.count("check_finished")) == (2, 2)
    status = call("clients", "status", "--base", base)
    assert "Screened last" in status.out
    assert json.loads(call("clients", "status", "--base", base, "--json").out)["clients"] == 2


@pytest.fixture
def desk(call: Call, base: Path, tmp_path: Path) -> tuple[object, ...]:
    call("ledger", "init", "--ledger", tmp_path / "l.db")
    call("ledger", "new-key", tmp_path / "key")
    return "--base", base, "--ledger", tmp_path / "l.db", "--key-file", tmp_path / "key"


def kinds_of(path: Path) -> list[str]:
    with Ledger.open(f"sqlite:///{path}", projections=[PROJECTION]) as ledger, ledger.read() as view:
        return [one.event.kind for one in view.events()]


def test_a_ledger_that_was_put_back_is_told_again(call: Call, desk: tuple[object, ...], tmp_path: Path) -> None:
    """The base knows what it told; a ledger out of a backup has the same id, and not the cases."""
    told = (*desk, "-i", tmp_path / "lists.sito")
    shutil.copy(tmp_path / "l.db", tmp_path / "backup.db")
    assert call("clients", "screen", *told).code == 0
    assert kinds_of(tmp_path / "l.db").count("case_opened") == 2
    assert "0 with matches" in call("clients", "screen", *told).out
    for path in tmp_path.glob("l.db*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.db", tmp_path / "l.db")
    again = call("clients", "screen", *told)
    assert "2 with matches" in again.out and "the ledger has not what it was told" in again.err
    assert kinds_of(tmp_path / "l.db").count("case_opened") == 2
    assert "0 with matches" in call("clients", "screen", *told).out


def test_the_first_check_is_planned_by_the_first_screening(
    call: Call, desk: tuple[object, ...], tmp_path: Path
) -> None:
    """Or else nothing would say that it is due."""
    for _ in range(2):
        assert call("clients", "screen", *desk, "-i", tmp_path / "lists.sito").code == 0
        assert kinds_of(tmp_path / "l.db").count("check_planned") == 1
    checked = call("clients", "check", *desk, "-i", tmp_path / "lists.sito")
    assert checked.out.startswith("check:1: ")
    assert kinds_of(tmp_path / "l.db").count("check_planned") == 1


def test_a_list_that_is_lost_is_no_success_until_somebody_says_so(
    call: Call, desk: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(
        "id,schema,name,aliases,birth_date,identifiers,dataset\nO-1,Person,Лестников Аркадий,,,,own\n", encoding="utf-8"
    )
    build_index([LISTS, tmp_path / "own.csv"], tmp_path / "both.sito")
    assert call("clients", "screen", *desk, "-i", tmp_path / "both.sito").code == 0
    index = ("-i", tmp_path / "lists.sito")
    for command in ("screen", "screen", "check"):
        answer = call("clients", command, *desk, *index)
        assert answer.code == 1 and "the index has no more: OS-OWN" in answer.err, answer.err
    assert call("clients", "screen", *desk, *index, "--without", "OS-OWN").code == 0
    answer = call("clients", "check", *desk, *index)
    assert (answer.code, answer.err) == (0, "1 records of the last import could not be read: their clients are as they"
                                            " were, or not in this answer\n")  # fmt: skip


def test_a_client_is_shown_with_its_grades(call: Call, base: Path) -> None:
    answer = call("clients", "show", "--base", base, "C-1")
    assert "customer: Чертополохов" in answer.out
    assert "публичное лицо" in answer.out
    shown = json.loads(call("clients", "show", "--base", base, "C-2", "--json").out)
    assert [party["role"] for party in shown["record"]["parties"]] == ["customer", "director"]
    assert call("clients", "show", "--base", base, "C-3").err.startswith("sito: CLB109")


def test_status_of_a_base_that_was_never_screened(call: Call, base: Path) -> None:
    assert "Never screened." in call("clients", "status", "--base", base).out


@pytest.mark.parametrize("both", [True, False])
def test_hits_go_to_one_place(call: Call, base: Path, tmp_path: Path, both: bool) -> None:
    more = ("--ledger", tmp_path / "l.db", "--output", tmp_path / "h.jsonl") if both else ()
    answer = call("clients", "screen", "--base", base, "-i", tmp_path / "lists.sito", *more)
    assert answer.err.startswith("sito: CLI140")


def test_whoever_comes_second_touches_no_file_of_the_first(call: Call, base: Path, tmp_path: Path) -> None:
    """Both write the same file: the second would cut off what the first has written so far, and take it away."""
    rejects, hits = tmp_path / "c.csv.rejects.jsonl", tmp_path / "h.jsonl"
    parts = [path.with_name(path.name + ".part") for path in (rejects, hits)]
    for path in (*parts, hits):
        path.write_bytes(b"of the first\n")
    before = rejects.read_bytes()
    told = ("--base", base, "-i", tmp_path / "lists.sito", "--output", hits)
    with ClientBase.open(base) as first, first.locked():
        assert call("clients", "import", tmp_path / "c.csv", "--base", base).err.startswith("sito: CLB104")
        assert call("clients", "screen", *told).err.startswith("sito: CLB104")
    assert [path.read_bytes() for path in (*parts, hits)] == [b"of the first\n"] * 3
    assert rejects.read_bytes() == before


def test_an_import_that_fails_takes_no_rejects_away(call: Call, base: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "c.csv.rejects.jsonl"
    before = rejects.read_bytes()
    (tmp_path / "c.csv").write_text("id,name\nC-9,Петров\n", encoding="utf-8")
    assert call("clients", "import", tmp_path / "c.csv", "--base", base).err.startswith("sito: CLB107")
    assert rejects.read_bytes() == before
    assert call("clients", "import", tmp_path / "c.csv", "--base", base, "--shrink-max", "1").code == 0
    assert not rejects.exists()


def test_files_that_cannot_be_written_are_told(call: Call, base: Path, tmp_path: Path) -> None:
    told = ("--base", base, "-i", tmp_path / "lists.sito")
    answer = call("clients", "screen", *told, "--output", tmp_path / "none" / "h.jsonl")
    assert answer.err.startswith("sito: CLI141")
    answer = call("clients", "import", tmp_path / "c.csv", "--base", base, "--rejects", tmp_path / "none" / "r.jsonl")
    assert answer.err.startswith("sito: CLI141")
    answer = call("clients", "import", tmp_path / "c.csv", "--base", base, "--rejects", tmp_path / "c.csv")
    assert answer.err.startswith("sito: CLI103")
