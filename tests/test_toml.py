"""Files of settings that are no TOML, at every door that reads one: an error of ours, never a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sito.alerts.channels import Channels
from sito.cases.notices import read_notices
from sito.cases.staff import Staff
from sito.errors import SitoError
from sito.policy.allowance import load_allowances
from sito.policy.calendar import load_calendar
from sito.policy.verdict import read_policy
from sito.toml import TomlError, parse_toml
from sito_server.config import load

WRONG = {
    "long number": b"x = " + b"9" * 5000, "deep": b"x = " + b"[" * 5000 + b"]" * 5000, "bytes": b"\xff\xfe",
    "words": b"not a table", "twice": b"x = 1\nx = 2",
}  # fmt: skip
DOORS: dict[str, Callable[[Path], object]] = {
    "staff": Staff.read, "notices": read_notices, "alerts": Channels.read, "policy": read_policy,
    "allowances": load_allowances, "years": lambda path: load_calendar(years=path),
    "server": lambda path: load({}, file=path),
}  # fmt: skip


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_no_door_breaks(tmp_path: Path, door: Callable[[Path], object], data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(TomlError):
        parse_toml(data)
    with pytest.raises(SitoError) as caught:
        door(path)
    assert len(str(caught.value)) < 500
