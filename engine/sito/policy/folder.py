"""A bank's own files in one folder: policy, calendar, allowances, notices. What is not there is what is shipped.

    policy.toml      rules, duties and terms                        instead of the shipped ones
    calendar.toml    years of the production calendar               instead of the shipped ones
    calendar.csv     days that are other than the calendar says     beside it
    allowance.toml   what a frozen client may still have            instead of the shipped ones
    notices.toml     what a client may be told                      instead of the shipped ones

Wherever a policy file may be named, such a folder may be.
"""

from __future__ import annotations

from pathlib import Path

from sito.errors import PolicyError
from sito.policy.allowance import Allowance, load_allowances
from sito.policy.calendar import Calendar, load_calendar

POLICY, YEARS, OVERRIDES, ALLOWANCE, NOTICES = NAMES = (
    "policy.toml", "calendar.toml", "calendar.csv", "allowance.toml", "notices.toml",
)  # fmt: skip


def own_file(path: Path | None, name: str) -> Path | None:
    """Return a file of a bank's folder; None if it has none, or there is no folder.

    Args:
        path: The folder, or the policy file alone.
        name: Of `NAMES`.

    Raises:
        PolicyError: POL201 the folder cannot be read; POL117 something else stands in it: perhaps a file of ours under
            a mistyped name, and then the shipped one would hold.
    """
    if path is None or not path.is_dir():
        return path if name == POLICY else None
    try:
        found = sorted(one.name for one in path.iterdir() if not one.name.startswith("."))
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise PolicyError("POL201", expected="a folder that can be read", got=got, where=path.name) from None
    others = [one for one in found if one not in NAMES]
    if others:
        raise PolicyError(
            "POL117", expected="a folder with " + ", ".join(NAMES), got=others[0][:60], where=path.name,
            todo="give the file its name, or take it out of the folder",
        )  # fmt: skip
    return path / name if name in found else None


def calendar_of(path: Path | None) -> Calendar:
    """Return the calendar that belongs to a policy.

    Raises:
        PolicyError: As `own_file` and `load_calendar`.
    """
    return load_calendar(years=own_file(path, YEARS), overrides=own_file(path, OVERRIDES))


def allowances_of(path: Path | None) -> tuple[Allowance, ...]:
    """Return the allowances that belong to a policy.

    Raises:
        PolicyError: As `own_file` and `load_allowances`.
    """
    return load_allowances(own_file(path, ALLOWANCE))
