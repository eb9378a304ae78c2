"""An office of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cases.office import Office, assert_equal_to_a_rebuild


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Office]:
    """Give an empty office; whatever was done in it, its tables equal those rebuilt."""
    office = Office(tmp_path)
    yield office
    assert_equal_to_a_rebuild(office.ledger)
    office.ledger.close()
