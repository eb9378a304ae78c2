"""The policy that a command judges by, and the day on which it does."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from sito.errors import UsageError
from sito.policy.calendar import MOSCOW
from sito.policy.verdict import Policy, default_policy, read_policy

_Word = TypeVar("_Word", bound=StrEnum)


def policy_in_use(path: Path | None) -> Policy:
    """Return the policy of a file, or the one that is shipped.

    Raises:
        PolicyError: It cannot be read, or has a finding.
    """
    return default_policy() if path is None else read_policy(path)


def today() -> date:
    """Return the day that it is in Moscow."""
    return datetime.now(MOSCOW).date()


def one_of(option: str, text: str, words: type[_Word]) -> _Word:
    """Return the word of an option.

    Raises:
        UsageError: CLI109 it is none of them.
    """
    try:
        return words(text.strip().lower())
    except ValueError:
        known = ", ".join(words)
        raise UsageError("CLI109", expected=f"{option}: one of {known}", got=f"{len(text)} characters") from None
