"""Thresholds of single lists and roles, as options of a command line."""

from __future__ import annotations

from collections.abc import Iterable

from sito.errors import UsageError

LIST_HELP = "Lowest score of hits of one list, as RU-TE=0.8; shows and alarms. Repeatable."
ROLE_HELP = "Lowest score of hits on one role, as purpose=0.9; the higher of both holds. Repeatable."


def read_thresholds(option: str, given: Iterable[str]) -> dict[str, float]:
    """Read `WORD=SCORE` options; words and ranges are checked by the screener, which knows the index.

    Raises:
        UsageError: CLI110 not of that form, or one word twice.
    """
    found: dict[str, float] = {}
    for text in given:
        word, equals, value = text.partition("=")
        word = word.strip()
        try:
            score = float(value)
        except ValueError:
            score = None
        if not word or not equals or score is None:
            raise UsageError("CLI110", expected=f"{option} WORD=SCORE", got=repr(text[:40]))
        if word in found:
            raise UsageError("CLI110", expected=f"each word of {option} once", got=f"{word[:40]} twice")
        found[word] = score
    return found
