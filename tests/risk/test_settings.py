"""A file of thresholds: what is wrong with one is told, and nothing of it is guessed."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from sito.errors import RiskError
from sito.risk import Level, Metric, read_settings, shipped
from sito.toml import SIZE_MAX

DOCS = Path(__file__).resolve().parent.parent.parent / "docs/risk.md"
SHIPPED = files("sito.risk").joinpath("data", "thresholds.toml").read_text("utf-8")


def test_all_shipped_thresholds_say_that_they_are_not_published() -> None:
    found = shipped()
    assert {one.metric for one in found.thresholds} == set(Metric)
    for one in found.thresholds:
        assert one.certainty == "K" and "not published" in one.source
    assert "Not published" in found.title and len(found.digest) == 64
    assert {item.missing for item in found.items if item.block in {"suspicious", "voluntary"}} == {Level.LOW}


def test_the_page_for_the_officer_has_the_numbers_of_the_file() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (-?[0-9.]+) \| (-?[0-9.]+) \| (-?[0-9.]+) \|", DOCS.read_text("utf-8"), re.M)
    told = {name: tuple(map(float, numbers)) for name, *numbers in rows}
    assert told == {one.metric.value: (one.moderate, one.raised, one.high) for one in shipped().thresholds}


def test_a_file_of_the_bank_replaces_the_shipped_one_as_a_whole(tmp_path: Path) -> None:
    text = SHIPPED.replace('title = "Not published', 'title = "Ours', 1).replace("high = 30\n", "high = 21\n")
    path = tmp_path / "own.toml"
    path.write_text(text.split("[[item]]", 1)[0].replace("# registered_on", "registered_on"), "utf-8")
    found = read_settings(path)
    assert found.title.startswith("Ours") and found.items == () and found.registered_on == date(2024, 1, 15)
    assert found.threshold(Metric.TE_UNUSED, date(2026, 1, 1)).high == 21
    assert found.digest != shipped().digest


@pytest.mark.parametrize(
    ("former", "text", "code", "told"),
    [
        (SHIPPED, "", "RSK101", "title"),
        (SHIPPED, "x = ", "RSK101", "own.toml"),
        (SHIPPED, "\x00", "RSK101", "own.toml"),
        (SHIPPED, "#" * (SIZE_MAX + 1), "RSK101", "more"),
        (SHIPPED, "x = " + "[" * 50_000, "RSK101", "own.toml"),
        ('metric = "te_unused"', 'metric = "colour"', "RSK101", "threshold"),
        ("moderate = 7\n", 'moderate = "7"\n', "RSK101", "moderate"),
        ("moderate = 7\n", "moderate = 7\ncolour = 1\n", "RSK101", "colour"),
        ("moderate = 7\n", "moderate = 70\n", "RSK102", "te_unused"),
        ("moderate = 7\n", "moderate = nan\n", "RSK102", "te_unused"),
        ("moderate = 7\n", "moderate = -inf\n", "RSK102", "te_unused"),
        ("high = 30\n", "high = inf\n", "RSK102", "te_unused"),
        ("valid_from = 2015-01-01\n", "valid_from = 2015-01-01\nvalid_to = 2014-01-01\n", "RSK102", "valid_to"),
        ("valid_from = 2015-01-01\n", "valid_from = 2015-01-01\nvalid_to = 2026-01-01\n", "RSK102", "without an end"),
        ('metric = "mvk_unused"', 'metric = "te_unused"', "RSK102", "two from 2015-01-01"),
        ('id = "training"', 'id = "convictions"', "RSK102", "convictions again"),
        ('title = "Training', 'title = "\\u202eTraining', "RSK101", "nobody sees"),
        ('te = ["RU-TE"]', "te = []", "RSK101", "te"),
        ('te = ["RU-TE"]', 'te = ["RU TE"]', "RSK101", "te"),
        # Taken for uses of a list they would be looked at as nothing else: late messages would be seen no more.
        ('events = ["list_used"', 'events = ["fes_sent"', "RSK102", "fes_sent"),
        ('events = ["list_used"', 'events = ["check_finished"', "RSK102", "check_finished"),
        ('events = ["list_used"', 'events = ["risk_item_ticked"', "RSK102", "risk_item_ticked"),
        ('events = ["list_used"', 'events = ["audit_accepted"', "RSK102", "audit_accepted"),
        ('ticked_by = "audit_accepted"', 'ticked_by = "risk_item_ticked"', "RSK102", "risk_item_ticked"),
        ('missing = "moderate"', 'missing = "green"', "RSK101", "item"),
        ("valid_months = 12", "valid_months = 0", "RSK101", "item"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, former: str, text: str, code: str, told: str) -> None:
    assert former in SHIPPED
    path = tmp_path / "own.toml"
    path.write_text(SHIPPED.replace(former, text, 1), "utf-8")
    with pytest.raises(RiskError) as caught:
        read_settings(path)
    assert caught.value.code == code and told in str(caught.value), str(caught.value)
    assert str(caught.value).count("\n") == 0 and str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_what_is_no_file_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(RiskError, match="RSK101"):
        read_settings(tmp_path / name)


def test_a_day_without_a_threshold_is_an_error_and_no_colour(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SHIPPED.replace("valid_from = 2015-01-01", "valid_from = 2026-01-01"), "utf-8")
    found = read_settings(path)
    assert found.threshold(Metric.CHECK_LATE, date(2026, 1, 1)).high == 0.5
    with pytest.raises(RiskError, match="RSK103"):
        found.threshold(Metric.CHECK_LATE, date(2025, 12, 31))


def test_thresholds_change_on_their_day(tmp_path: Path) -> None:
    text = SHIPPED.replace(
        "high = 30\nvalid_from = 2015-01-01\n", "high = 30\nvalid_from = 2015-01-01\nvalid_to = 2026-03-01\n"
    )
    text += '[[threshold]]\nmetric = "te_unused"\nmoderate = 1\nraised = 2\nhigh = 3\nvalid_from = 2026-03-01\n'
    path = tmp_path / "own.toml"
    path.write_text(text + 'certainty = "K"\nsource = "made up"\n', "utf-8")
    found = read_settings(path)
    before, after = (found.threshold(Metric.TE_UNUSED, day) for day in (date(2026, 2, 28), date(2026, 3, 1)))
    assert (before.level_of(6), after.level_of(6)) == (Level.LOW, Level.HIGH)
