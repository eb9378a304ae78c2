"""Every technique can still be switched off, and a replacement that is not found is an error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench import ablation
from bench.ablation import FULL, ROOT, TECHNIQUES, AblationError, Class, Edit, Technique


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_a_technique_is_switched_off_where_it_says(technique: Technique, tmp_path: Path) -> None:
    for edit in technique.edits:
        (tmp_path / edit.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / edit.path, tmp_path / edit.path)
    ablation.apply_edits(tmp_path, technique)
    for edit in technique.edits:
        assert (ROOT / edit.path).read_text("utf-8").count(edit.old) == edit.times
        text = (tmp_path / edit.path).read_text("utf-8")
        assert text.count(edit.old) == edit.new.count(edit.old)
        assert edit.new in text


def test_techniques_have_names_that_can_be_listed() -> None:
    names = [technique.name for technique in TECHNIQUES]
    assert len({*names, FULL}) == len(names) + 1
    assert all(technique.about and technique.edits and "," not in technique.name for technique in TECHNIQUES)


@pytest.mark.parametrize("text", ["a = 2\n", "a = 1\na = 1\n"])
def test_a_replacement_found_too_rarely_or_too_often_is_refused_and_nothing_written(text: str, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("b = 1\n")
    (tmp_path / "two").write_text(text)
    edits = (Edit("one", "b = 1\n", "b = 0\n"), Edit("two", "a = 1\n", "a = 0\n"))
    with pytest.raises(AblationError, match="expected 1 times, got"):
        ablation.apply_edits(tmp_path, Technique("one", "about", edits))
    assert (tmp_path / "one").read_text() == "b = 1\n"
    assert (tmp_path / "two").read_text() == text


def test_two_replacements_in_one_file_are_both_made(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("a = 1\nb = 1\n")
    edits = (Edit("one", "a = 1\n", ""), Edit("one", "b = 1\n", "b = 0\n"))
    ablation.apply_edits(tmp_path, Technique("one", "about", edits))
    assert (tmp_path / "one").read_text() == "b = 0\n"


def test_a_constant_is_found_whatever_its_value_is(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("cdef double COST = 0.42   # a share\n")
    ablation.apply_edits(tmp_path, Technique("one", "about", (ablation.constant("one", "cdef double COST", "0.0"),)))
    assert (tmp_path / "one").read_text() == "cdef double COST = 0.0  # not 0.42   # a share\n"


def test_unknown_techniques_and_folders_without_data_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        ablation.main(["--data", str(tmp_path)])
    (tmp_path / "classes.json").write_text("{}")
    with pytest.raises(SystemExit, match="2"):
        ablation.main(["--data", str(tmp_path), "--techniques", "initials,magic"])
    assert "no classes.json" in (told := capsys.readouterr().err)
    assert "magic; there are: similar letters, case forms" in told


def test_the_help_says_what_each_technique_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        ablation.main(["--help"])
    told = capsys.readouterr().out
    assert all(f"{technique.name}: {technique.about}" in told for technique in TECHNIQUES)


def test_recall_at_a_rate_looks_at_the_roles_of_the_class_only() -> None:
    rows = [{"id": str(number)} for number in range(1000)]
    scores = {("0", "purpose"): {"x": 0.99}, ("1", "debtor"): {"x": 0.9}, ("2", "creditor"): {"x": 0.8}}
    ordinary = Class({"input": "payments"}, rows, {}, scores)
    assert ablation.level_of(Class({"input": "payments"}, [], {}, {}), [ordinary]) == 0.9
    assert (
        ablation.level_of(Class({"input": "payments", "roles": ["debtor", "creditor"]}, [], {}, {}), [ordinary]) == 0.8
    )


def test_the_table_tells_differences_to_the_full_engine() -> None:
    def results(recall: float, alerts: float) -> ablation.Results:
        return {
            "typo": {"recall": recall, "recall@1": recall - 0.25},
            "self": {"recall": 1.0, "recall@1": 1.0},
            "near_miss": {"alerts": alerts},
        }

    told = ablation.table({FULL: results(0.75, 2.0), "initials": results(0.5, 4.5), "readings": results(0.750001, 2.0)})
    assert (
        told.splitlines()[0] == "| without | mean recall | mean recall@1 | recall of classes moved most | near_miss |"
    )
    assert told.splitlines()[2:] == [
        "| full engine | 0.8750 | 0.7500 |  | 2.00 |",
        "| initials | -0.1250 | -0.1250 | typo -0.250 | +2.50 |",
        "| readings | 0 | 0 | none | 0 |",
    ]
