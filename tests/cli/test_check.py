"""`sito check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixtures import Call

from sito.cli.check import born_text
from sito.entries import BirthDate

NAME = "Чертополохов Евлампий Савватеевич"


def test_shows_the_hit_with_its_evidence(call: Call, index_path: Path) -> None:
    answer = call("check", NAME, "--index", index_path, "--birth-date", "14.03.1971")
    assert (answer.code, answer.err) == (0, "")
    for part in (
        "review: 1 hit",
        "exact",
        "X-LIST",
        "X-1",
        "born: 1971-03-14",
        "is the same",
        "savvateevich",
        "same letters",
    ):
        assert part in answer.out


def test_tells_what_speaks_against(call: Call, index_path: Path) -> None:
    answer = call("check", NAME, "--index", index_path, "--birth-date", "1980", "--score-min", "0.5")
    assert "against: born 1980, listed 1971-03-14" in answer.out


def test_unlisted_name_passes(call: Call, index_path: Path) -> None:
    assert call("check", "Незабудкин Пахом", "--index", index_path) == (0, "pass: no hit\n", "")


def test_json_holds_alignments_and_the_entry(call: Call, index_path: Path) -> None:
    answer = json.loads(call("check", NAME, "--index", index_path, "--json").out)
    (hit,) = answer["hits"]
    assert (answer["verdict"], hit["entry_id"], hit["entry"]["entry_id"]) == ("review", "X-1", "X-1")
    assert hit["alignments"][0]["rule"] == "same letters"
    assert hit["reasons"]


def test_findings_change_the_exit_code_only_on_request(call: Call, index_path: Path) -> None:
    assert call("check", NAME, "--index", index_path).code == 0
    assert call("check", NAME, "--index", index_path, "--exit-code").code == 1
    assert call("check", "Незабудкин Пахом", "--index", index_path, "--exit-code").code == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--birth-date", "31.02.1980"], "CLI104"), (["--inn", "12"], "CLI105"), (["--kind", "robot"], "CLI106"),
        (["--score-min", "2"], "SCR101"), (["--score-min", "nan"], "SCR101"), (["--hit-limit", "0"], "SCR102"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(call: Call, index_path: Path, options: list[str], code: str) -> None:
    answer = call("check", NAME, "--index", index_path, *options)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sito: {code} ")
    assert NAME not in answer.err


@pytest.mark.parametrize(("name", "code"), [("", "SCR103"), ("?!", "SCR103"), ("я" * 100_001, "SCR104")])
def test_text_that_is_no_name_is_refused(call: Call, index_path: Path, name: str, code: str) -> None:
    assert code in call("check", name, "--index", index_path).err


def test_control_characters_of_a_name_do_not_reach_the_terminal(call: Call, index_path: Path) -> None:
    answer = call("check", "Thistle\x1b[31m Holding\u202e", "--index", index_path, "--score-min", "0.5")
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (BirthDate("1980-05-17", "1980-05-17"), "1980-05-17"), (BirthDate("1980-01-01", "1980-12-31"), "1980"),
        (BirthDate("1980-01-01", "1982-12-31", True), "about 1980 to 1982"),
        (BirthDate("1980-05-01", "1980-05-31"), "1980-05-01 to 1980-05-31"),
    ],
)  # fmt: skip
def test_birth_dates_are_told_as_far_as_they_are_known(date: BirthDate, text: str) -> None:
    assert born_text(date) == text
