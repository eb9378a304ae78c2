"""Errors carry their facts as attributes and print as one line, in the process that made them and in any other."""

import copy
import pickle

import pytest

from sito.errors import (
    AlertError,
    CaseError,
    ClientBaseError,
    FesError,
    IndexFileError,
    JournalError,
    LedgerError,
    ListError,
    PaperError,
    PolicyError,
    PortalError,
    RecordError,
    RiskError,
    ScreenError,
    SendError,
    SitoError,
    UsageError,
)

KINDS = [
    SitoError,
    ListError,
    RecordError,
    IndexFileError,
    ScreenError,
    PolicyError,
    JournalError,
    LedgerError,
    CaseError,
    ClientBaseError,
    AlertError,
    FesError,
    PortalError,
    SendError,
    RiskError,
    PaperError,
    UsageError,
]
FACTS = [
    {"expected": "a", "got": "b"},
    {"expected": "a", "got": "b", "where": "line 3"},
    {"expected": "a", "got": "b", "where": "line 3", "todo": "look there"},
    {"expected": "a", "got": "b", "todo": "look there"},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("facts", FACTS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_survive_the_way_to_another_process(kind: type[SitoError], facts: dict[str, str], protocol: int) -> None:
    error = kind("XXX101", **facts)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == str(error)
    assert vars(copy.copy(error)) == vars(error)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (FACTS[0], "XXX101 expected a, got b"),
        (FACTS[1], "XXX101 expected a, got b (line 3)"),
        (FACTS[2], "XXX101 expected a, got b (line 3); look there"),
        (FACTS[3], "XXX101 expected a, got b; look there"),
    ],
)
def test_an_error_is_one_line(facts: dict[str, str], text: str) -> None:
    assert str(SitoError("XXX101", **facts)) == text
