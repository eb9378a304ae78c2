"""Every fuzz target runs some seeded inputs in the normal suite; `make fuzz` and `make long` give it time."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from sito.errors import ListError

_SPEC = importlib.util.spec_from_file_location("fuzz_run", Path(__file__).with_name("run.py"))
assert _SPEC is not None and _SPEC.loader is not None
run = importlib.util.module_from_spec(_SPEC)
sys.modules["fuzz_run"] = run
_SPEC.loader.exec_module(run)

SMALL_COUNT = 150
SMALL_S = 0.6


def test_no_target_breaks_on_a_small_run(tmp_path: Path) -> None:
    findings = []
    for target in run.targets(tmp_path).values():
        _, found = run.fuzz(target, seed=1, output=tmp_path / "found", count=SMALL_COUNT, seconds=SMALL_S)
        findings += found
    if findings:
        pytest.fail("\n".join(findings), pytrace=False)


def test_every_target_has_a_seed(tmp_path: Path) -> None:
    assert [name for name, target in run.targets(tmp_path).items() if not target.seeds] == []


def test_a_seed_that_no_reader_knows_is_noticed(tmp_path: Path) -> None:
    from sito.lists import READERS

    lost = [
        name
        for name, data in run.seeds.LISTS
        if not any(reader.detect(data, name.lower()) is not None for reader in READERS)
    ]
    assert lost == []


def test_mutation_repeats_with_its_seed() -> None:
    corpus = run.seeds.TEXTS
    first = [run.mutate(random.Random(f"7-{number}"), corpus) for number in range(50)]
    assert first == [run.mutate(random.Random(f"7-{number}"), corpus) for number in range(50)]
    assert len(set(first)) > 30
    assert max(map(len, first)) <= run.SIZE_MAX


def test_a_finding_is_saved_and_named(tmp_path: Path) -> None:
    def broken(data: bytes) -> None:
        if b"x" in data:
            raise ValueError("one of ours would be a SitoError")
        raise ListError("LST100", expected="x", got="none")

    target = run.Target("broken", broken, (b"a", b"bx"))
    count, findings = run.fuzz(target, seed=1, output=tmp_path, count=2)
    assert count == 2
    assert len(findings) == 1
    assert "ValueError" in findings[0]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"bx"]
