"""`sito screen`: the contract of its output, its exit codes, what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixtures import Call


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_lines_have_the_shape_of_the_contract(call: Call, index_path: Path, customers: Path, tmp_path: Path) -> None:
    answer = call("screen", customers, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    assert (answer.code, answer.out) == (0, "")
    assert "3 records, 3 parties, 2 hits, 2 to review, 0 rejected" in answer.err
    first, second = lines(tmp_path / "hits.jsonl")
    assert list(first) == ["record_id", "role", "verdict", "hits", "truncated", "rule_id", "rulings"]
    assert (first["record_id"], first["role"], first["verdict"], first["truncated"]) == (
        "1",
        "customer",
        "review",
        False,
    )
    (hit,) = first["hits"]  # type: ignore[misc]  # JSON
    assert list(hit) == ["entry_id", "list_id", "name", "score", "grade", "reasons", "quality", "edition", "rule_id"]
    assert (hit["entry_id"], hit["list_id"], hit["score"], hit["grade"]) == ("X-1", "X-LIST", 1.0, "exact")
    assert hit["name"] == "Чертополохов Евлампий Савватеевич"
    assert hit["reasons"]
    assert second["record_id"] == "3"


def test_all_writes_records_without_hits_too(call: Call, index_path: Path, customers: Path, tmp_path: Path) -> None:
    call("screen", customers, "--index", index_path, "--output", tmp_path / "hits.jsonl", "--all")
    assert [(line["record_id"], line["verdict"]) for line in lines(tmp_path / "hits.jsonl")] == [
        ("1", "review"), ("2", "pass"), ("3", "review"),
    ]  # fmt: skip


def test_hits_stand_best_first_and_the_limit_is_told(call: Call, index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,name,aliases\n1,Thistle Holding,Evlampiy Chertopolokhov;Agrafena Buzinkina\n")
    call("screen", path, "--index", index_path, "--output", tmp_path / "all.jsonl", "--score-min", "0.6")
    (line,) = lines(tmp_path / "all.jsonl")
    scores = [hit["score"] for hit in line["hits"]]  # type: ignore[attr-defined]  # JSON
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    answer = call("screen", path, "--index", index_path, "--output", tmp_path / "one.jsonl", "--hit-limit", "1")
    (line,) = lines(tmp_path / "one.jsonl")
    assert (len(line["hits"]), line["truncated"], line["limits"]) == (1, True, ["hits"])  # type: ignore[arg-type]  # JSON
    assert "a limit was reached 1x" in answer.err


def test_standard_output_takes_json_lines(call: Call, index_path: Path, customers: Path) -> None:
    answer = call("screen", customers, "--index", index_path, "--output", "-")
    assert [json.loads(line)["record_id"] for line in answer.out.splitlines()] == ["1", "3"]


def test_rejected_records_are_kept_and_the_others_screened(call: Call, index_path: Path, tmp_path: Path) -> None:
    path, hits = tmp_path / "c.csv", tmp_path / "hits.jsonl"
    path.write_text("id,name\n1,\n2,Thistle Holding\n3,a,b\n")
    answer = call("screen", path, "--index", index_path, "--output", hits)
    assert answer.code == 2
    assert [line["record_id"] for line in lines(hits)] == ["2"]
    rejects = lines(tmp_path / "hits.jsonl.rejects.jsonl")
    assert [(line["position"], line["code"], line["raw"]) for line in rejects] == [
        ("row 1", "REC204", "1,"), ("row 3", "REC200", "3,a,b"),
    ]  # fmt: skip
    assert "2 rejected" in answer.err
    assert "REC204 1x" in answer.err


def test_rejects_go_where_they_are_sent(call: Call, index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,name\n1,\n")
    words = ("screen", path, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    call(*words, "--rejects", tmp_path / "bad.jsonl")
    assert len(lines(tmp_path / "bad.jsonl")) == 1
    assert not (tmp_path / "hits.jsonl.rejects.jsonl").exists()


def test_rejects_of_an_earlier_run_do_not_stay_beside_new_hits(call: Call, index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    words = ("screen", path, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    path.write_text("id,name\n1,\n")
    assert call(*words).code == 2
    path.write_text("id,name\n1,Thistle Holding\n")
    assert call(*words).code == 0
    assert not (tmp_path / "hits.jsonl.rejects.jsonl").exists()


@pytest.mark.parametrize(
    ("output", "options", "code"),
    [
        ("hits.txt", [], "CLI102"), ("hits", [], "CLI102"), ("customers.csv", [], "CLI103"),
        ("hits.jsonl", ["--rejects", "hits.jsonl"], "CLI103"), ("hits.jsonl", ["--workers", "0"], "CLI107"),
        ("hits.jsonl", ["--format", "nosuch"], "REC103"), ("hits.jsonl", ["--score-min", "1.1"], "SCR101"),
        ("hits.jsonl", ["--hit-limit", "10001"], "SCR102"), ("no/hits.jsonl", [], "SCR203"),
    ],
)  # fmt: skip
def test_wrong_use_leaves_nothing(
    call: Call, index_path: Path, customers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str,
    options: list[str], code: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    before = customers.read_bytes()
    answer = call("screen", customers, "--index", index_path, "--output", output, *options)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sito: {code} ")
    assert answer.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]
    assert customers.read_bytes() == before


def test_older_output_stays_when_a_run_fails(call: Call, index_path: Path, customers: Path, tmp_path: Path) -> None:
    hits = tmp_path / "hits.jsonl"
    hits.write_text("of yesterday")
    assert call("screen", tmp_path / "no.csv", "--index", index_path, "--output", hits).code == 2
    assert call("screen", customers, "--index", tmp_path / "no.index", "--output", hits).code == 2
    assert hits.read_text() == "of yesterday"


def test_progress_is_shown_without_a_terminal_only_on_request(
    call: Call, index_path: Path, customers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sito.cli.terminal.PROGRESS_DELAY_S", 0.0)
    words = ("screen", customers, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    assert "screening" not in call(*words).err
    assert "screening 100 %" in call(*words, "--progress").err


def test_thresholds_of_lists_and_roles_are_options(
    call: Call, index_path: Path, customers: Path, tmp_path: Path
) -> None:
    arguments = ("screen", customers, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    assert call(*arguments, "--score-min-role", "customer=1.0", "--score-min-role", "purpose=0.9").code == 0
    assert all(hit["score"] == 1.0 for line in lines(tmp_path / "hits.jsonl") for hit in line["hits"])  # type: ignore[attr-defined]  # JSON
    for option, value, code in (
        ("--score-min-role", "customer", "CLI110"),
        ("--score-min-role", "=0.5", "CLI110"),
        ("--score-min-list", "RU-TE=high", "CLI110"),
        ("--score-min-role", "payer=0.9", "SCR107"),
        ("--score-min-role", "customer=1.5", "SCR106"),
        ("--score-min-list", "NONE=0.9", "SCR108"),
    ):
        answer = call(*arguments, option, value)
        assert answer.code == 2
        assert code in answer.err
    assert "CLI110" in call(*arguments, "--score-min-role", "purpose=1", "--score-min-role", "purpose=0.9").err


def test_cleared_pairs_are_silent_and_visible(call: Call, index_path: Path, customers: Path, tmp_path: Path) -> None:
    output = tmp_path / "hits.jsonl"
    arguments = ("screen", customers, "--index", index_path, "--output", output)
    assert call(*arguments, "--fingerprints").code == 0
    first, *others = lines(output)
    (hit,) = first["hits"]  # type: ignore[misc]  # JSON
    clearance = {
        "record_id": first["record_id"], "role": first["role"], "list_id": hit["list_id"], "entry_id": hit["entry_id"],
        "party_fingerprint": first["party_fingerprint"], "entry_fingerprint": hit["entry_fingerprint"],
    }  # fmt: skip
    cleared = tmp_path / "cleared.jsonl"
    cleared.write_text(json.dumps(clearance) + "\n", "utf-8")
    answer = call(*arguments, "--cleared", cleared)
    assert answer.code == 0
    assert "1 hits silenced; 0 clearances no longer fit" in answer.err
    silent, *same = lines(output)
    assert (silent["verdict"], silent["hits"]) == ("pass", [])
    assert [one["entry_id"] for one in silent["suppressed"]] == [hit["entry_id"]]  # type: ignore[attr-defined]  # JSON
    assert len(same) == len(others)
    cleared.write_text(json.dumps(clearance | {"entry_fingerprint": "0" * 64}) + "\n", "utf-8")
    assert "0 hits silenced; 1 clearances no longer fit" in call(*arguments, "--cleared", cleared).err
    assert lines(output)[0]["stale"] == [
        {"list_id": hit["list_id"], "entry_id": hit["entry_id"], "reason": "entry_changed"}
    ]
    csv = tmp_path / "hits.csv"
    assert call("screen", customers, "--index", index_path, "--output", csv, "--cleared", cleared).code == 0
    assert "entry_changed" in csv.read_text("utf-8-sig")
    cleared.write_text("{", "utf-8")
    assert "SCR112" in call(*arguments, "--cleared", cleared).err
    assert "SCR111" in call(*arguments, "--cleared", tmp_path / "none").err
    assert "CLI103" in call("screen", customers, "--index", index_path, "--output", cleared.with_suffix(".csv"),
                            "--rejects", cleared, "--cleared", cleared).err  # fmt: skip
