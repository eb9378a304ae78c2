"""The bench of the codec judges answers first, and reading natively is much cheaper on any machine."""

from __future__ import annotations

import pytest
from bench import codec
from bench.load import make_list, make_payments


@pytest.fixture(scope="module")
def data() -> bytes:
    return codec.message_of(make_payments(500, make_list(200)))


def test_both_codecs_agree_on_the_load(data: bytes) -> None:
    assert codec.faults(data) == []


def test_reading_natively_is_much_cheaper(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = codec.measure(data, 500)
    assert costs.ratio > 1  # checked builds run this too; the floor is that of the bench
    assert all(value > 0 for value in costs)


def test_a_ratio_below_the_floor_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(codec, "ROUNDS", 1)
    monkeypatch.setattr(codec, "RATIO_MIN", 1e9)
    assert codec.main(["--payments", "50"]) == 1
    assert "below" in capsys.readouterr().err
