"""The judge of the bench: a wrong answer is a fault, whatever the speed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench import run
from bench.load import Label


def test_recall_is_told_by_field_and_mutation() -> None:
    labels = [Label(0, "debtor", frozenset({"a"}), "typo"), Label(1, "purpose", frozenset({"b"}), "upper")]
    assert run.recall(labels, [True, False]) == {"all": 0.5, "names": 1.0, "purpose": 0.0, "typo": 1.0, "upper": 0.0}


def test_counts_that_differ_from_the_frozen_ones_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "EXPECTED", tmp_path / "expected.json")
    run.check_expected(run.Report(), "one", {"found": 3}, update=True)
    assert json.loads((tmp_path / "expected.json").read_text()) == {"one": {"found": 3}}
    same, other, unknown = run.Report(), run.Report(), run.Report()
    run.check_expected(same, "one", {"found": 3}, update=False)
    run.check_expected(other, "one", {"found": 2}, update=False)
    run.check_expected(unknown, "two", {"found": 2}, update=False)
    assert same.faults == unknown.faults == []
    assert "--update-expected" in other.faults[0]


def test_counts_are_frozen_for_both_sizes() -> None:
    frozen = json.loads(run.EXPECTED.read_text())
    for size in run.SIZES.values():
        assert f"{size.names} names, {max(size.payments, 20_000)} payments, seed 1" in frozen


@pytest.mark.parametrize("arguments", [["--rounds", "2"], ["--names", "10"], ["--payments", "5"]])
def test_too_little_to_judge_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run.main(arguments)
    assert "at least" in capsys.readouterr().err


def test_a_build_that_fails_is_a_fault_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "write_list", lambda subjects, path: path.write_text("no list\n"))
    assert run.main(["--small", "--names", "1000", "--payments", "1000"]) == 1
    assert "FAULT the build ended with exit status" in capsys.readouterr().err
