"""Any bit of the file itself: what is read out of it is what was stored, or the ledger says that it is not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.ledger.stores import KEY, add, opened

from sito.errors import LedgerError
from sito.ledger import Ledger, Sealer, verify

SAMPLE = 150
HEADER_SIZE = 100  # of an SQLite file: versions, counters and hints, not what is stored


@pytest.mark.parametrize(
    "count", [pytest.param(SAMPLE, id="some"), pytest.param(30_000, id="many", marks=pytest.mark.long)]
)
def test_a_bit_of_the_file_that_changes_what_is_read_is_found(tmp_path: Path, count: int) -> None:
    path = tmp_path / "ledger.db"
    url = f"sqlite:///{path}"
    with opened(url, projections=()) as ledger:
        for number in range(12):
            add(ledger, f"case:{number}", request_id=f"r{number}", count=1 + number % 3)
    whole = path.read_bytes()
    stored = _read(url)
    assert isinstance(stored, list) and len(stored) == 24
    generator = random.Random(count)
    # A byte of nothing is nearly always one that nobody reads.
    places = [place for place in range(HEADER_SIZE, len(whole)) if whole[place]]
    found = 0
    for _ in range(count):
        place = generator.choice(places)
        changed = bytearray(whole)
        changed[place] ^= 1 << generator.randrange(8)
        path.write_bytes(changed)
        answer = _read(url)
        if answer == stored:
            continue
        assert answer == "found", f"byte {place} of {len(whole)}"
        found += 1
    assert found > count // 4


def _read(url: str) -> list[bytes] | str:
    """Return the digests of all events as they are read, or that something was found."""
    try:
        with Ledger.open(url, sealer=Sealer(KEY)) as ledger:
            if verify(ledger).fault_count:
                return "found"
            with ledger.read() as view:
                return [repr((stored, view.personal(stored.sequence))).encode() for stored in view.events()]
    except LedgerError:
        return "found"
