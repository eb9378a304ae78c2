"""`sito policy`: what a lawyer reads, and what a program gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixtures import Call

GOLDEN = Path(__file__).parents[1] / "golden" / "policy"
DAY = ("--on", "2026-11-23")
SHIPPED = Path(__file__).parents[2] / "engine/sito/policy/data/default.toml"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("explain.txt", DAY),
        ("explain-before-462.txt", ("--on", "2025-12-14", "--list-kind", "mvk")),
        ("explain-foreign.txt", (*DAY, "--list-kind", "foreign")),
        ("explain-suspension.txt", (*DAY, "--rule", "R-SUSP")),
        ("explain-suspension.json", (*DAY, "--rule", "R-SUSP", "--json")),
    ],
)
def test_what_a_lawyer_reads(call: Call, request: pytest.FixtureRequest, name: str, words: tuple[str, ...]) -> None:
    answer = call("policy", "explain", *words)
    assert (answer.code, answer.err) == (0, "")
    text = "\n".join(line.rstrip() for line in answer.out.splitlines()) + "\n"
    path = GOLDEN / name
    if request.config.getoption("--update-golden"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{name}: look at the difference and renew it with --update-golden"


def test_a_file_is_explained_like_the_shipped_one(call: Call) -> None:
    assert call("policy", "explain", SHIPPED, *DAY).out == call("policy", "explain", *DAY).out


def test_explain_tells_what_holds_today(call: Call) -> None:
    assert "R-TE-FREEZE" in call("policy", "explain").out


def test_a_sound_policy(call: Call) -> None:
    answer = call("policy", "check", SHIPPED)
    assert (answer.code, answer.err) == (0, "")
    assert "Sound: each of 112896 situations" in answer.out
    facts = json.loads(call("policy", "check", SHIPPED, "--json").out)
    assert (facts["policy_id"], facts["findings"]) == ("sito-default", [])
    assert len(facts["edition"]) == 64


def test_a_policy_with_a_gap_is_told_and_not_used(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "gap.toml"
    text = SHIPPED.read_text("utf-8")
    path.write_text(text.replace('when = { list_kind = ["own"] }', 'when = { list_kind = ["foreign"] }'), "utf-8")
    answer = call("policy", "check", path)
    assert answer.code == 1
    assert "POL108" in answer.out
    found = json.loads(call("policy", "check", path, "--json").out)["findings"]
    assert {one["code"] for one in found} >= {"POL108"}
    assert all(one["where"].startswith("gap.toml") for one in found)
    refused = call("policy", "explain", path)
    assert refused.code == 2
    assert refused.err.startswith("sito: POL108")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "--on", "2023-12-31"), "POL111"),
        (("explain", "--on", "yesterday"), "CLI109"),
        (("explain", "--rule", "R-NOBODY"), "POL112"),
        (("explain", "--list-kind", "ofac"), "CLI109"),
        (("check", "no-such-file.toml"), "POL101"),
        (("check",), "CLI101"),
        (("forget",), "CLI101"),
    ],
)
def test_wrong_use_is_one_line(call: Call, words: tuple[str, ...], code: str) -> None:
    answer = call("policy", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sito: {code}")
    assert answer.err.count("\n") == 1
