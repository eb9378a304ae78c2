"""A folder of a bank's own files: what is there holds, what is not is shipped, what is mistyped is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sito.cases.notices import notices_of, shipped_notices
from sito.errors import PolicyError, SitoError
from sito.policy.allowance import load_allowances
from sito.policy.calendar import load_calendar
from sito.policy.folder import NAMES, allowances_of, calendar_of, own_file
from sito.policy.rules import default_policy_file
from sito.policy.verdict import default_policy, read_policy

DATA = Path(__file__).parents[2] / "engine/sito"
SHIPPED = {
    "policy.toml": DATA / "policy/data/default.toml", "calendar.toml": DATA / "policy/data/calendar.toml",
    "allowance.toml": DATA / "policy/data/allowance.toml", "notices.toml": DATA / "cases/data/notices.toml",
}  # fmt: skip


def test_an_empty_folder_is_what_is_shipped(tmp_path: Path) -> None:
    assert read_policy(tmp_path) is default_policy() and notices_of(tmp_path) is shipped_notices()
    assert allowances_of(tmp_path) == allowances_of(None) == load_allowances()
    day = date(2026, 1, 12)
    assert calendar_of(tmp_path).add_working_days(day, 9) == load_calendar().add_working_days(day, 9)


def test_what_stands_in_it_holds(tmp_path: Path) -> None:
    for name, file in SHIPPED.items():
        (tmp_path / name).write_bytes(file.read_bytes())
    policy = (tmp_path / "policy.toml").read_text("utf-8")
    (tmp_path / "policy.toml").write_text(policy.replace('version = "', 'version = "own-', 1), "utf-8")
    (tmp_path / "notices.toml").write_text((tmp_path / "notices.toml").read_text("utf-8") + "\n# our own\n", "utf-8")
    assert read_policy(tmp_path).version == "own-" + default_policy_file().head.version
    assert notices_of(tmp_path) is not shipped_notices() and allowances_of(tmp_path) == load_allowances()
    (tmp_path / ".hidden").write_text("x")
    assert own_file(tmp_path, "calendar.toml") == tmp_path / "calendar.toml"


@pytest.mark.parametrize("name", ["policies.toml", "calender.csv", "notice.toml", "policy.toml.bak", "x"])
def test_a_mistyped_name_is_refused_by_whoever_reads(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    for read in (read_policy, calendar_of, allowances_of, notices_of):
        with pytest.raises(PolicyError, match="POL117"):
            read(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_is_refused_and_not_replaced_by_the_shipped_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("[[[", "utf-8")
    read = {"policy.toml": read_policy, "allowance.toml": allowances_of, "notices.toml": notices_of}
    with pytest.raises(SitoError, match=r"POL|CAS302"):
        read.get(name, calendar_of)(tmp_path)


def test_a_file_alone_is_the_policy_alone() -> None:
    path = SHIPPED["policy.toml"]
    assert own_file(path, "policy.toml") == path and own_file(path, "notices.toml") is None
    assert own_file(None, "policy.toml") is None
