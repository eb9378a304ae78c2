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


def test_a_folder_of_a_banks_own_files_is_checked_whole(call: Call, tmp_path: Path) -> None:
    assert "Sound" in call("policy", "check", tmp_path).out  # all that is shipped
    (tmp_path / "policy.toml").write_bytes(SHIPPED.read_bytes())
    (tmp_path / "calendar.csv").write_text("date,kind,note\n2026-11-24,off,a day of the region\n", "utf-8")
    assert (found := call("policy", "check", tmp_path)).code == 0 and "policy.toml, calendar.csv" in found.out
    for name in ("allowance.toml", "notices.toml", "calendar.toml"):
        (tmp_path / name).write_text("[[[", "utf-8")
    (tmp_path / "policy.toml").write_text(SHIPPED.read_text("utf-8").replace('"own"', '"foreign"', 1), "utf-8")
    broken = call("policy", "check", tmp_path, "--json")
    codes = [one["code"] for one in json.loads(broken.out)["findings"]]
    assert broken.code == 1 and codes == ["POL108", "POL202", "POL303", "CAS302"]
    (tmp_path / "readme").write_text("")
    assert call("policy", "check", tmp_path).err.startswith("sito: POL117")


def test_the_limit_of_an_allowance_is_shown_with_its_source(call: Call, tmp_path: Path) -> None:
    """What a frozen person may be paid is dated data: a lawyer reads it where the rule stands."""
    page = call("policy", "explain", *DAY, "--rule", "R-CARVE-WAGE").out
    assert "10000.00" in page and "wage" in page and "462-FZ" in page and "2024-01-01" in page
    excess = call("policy", "explain", *DAY, "--rule", "R-CARVE-EXCESS").out
    assert "10000.00" in excess and "2027 unconfirmed" in excess
    assert "10000.00" not in call("policy", "explain", *DAY, "--rule", "R-UN-FREEZE").out
    own = (SHIPPED.parent / "allowance.toml").read_text("utf-8").replace("10000.00", "12345.60")
    (tmp_path / "allowance.toml").write_text(own, "utf-8")
    (tmp_path / "calendar.csv").write_text("date,kind,note\n2026-11-24,off,a day of the region\n", "utf-8")
    told = json.loads(call("policy", "explain", tmp_path, *DAY, "--rule", "R-CARVE-WAGE", "--json").out)
    assert [(one["id"], one["limit"]) for one in told["allowances"]] == [("wage", "12345.60")]
    assert told["calendar"]["years"][-1] == {"year": 2027, "status": "unconfirmed", "working_days": 247}
    assert [one["day"] for one in told["calendar"]["overrides"]] == ["2026-11-24"]
