"""Benchmarks of single steps, each with its expected answer: `python -m pytest bench --benchmark-only`.

For comparing two builds of the engine on one machine; `python -m bench` compares with the peers.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.load import Payments, Subject, make_list, make_payments, write_list
from bench.names import Population
from sito.build import build_index
from sito.index import Index
from sito.names.fold import table
from sito.screen import Screener
from sito_ext.fold import Folder

NAME_COUNT = 10_000
PAYMENT_COUNT = 5_000


class World(NamedTuple):
    """A list, its index and payments."""

    subjects: list[Subject]
    source: Path
    output: Path
    payments: Payments
    batch: pa.Table


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("bench")
    population = Population()
    subjects = make_list(NAME_COUNT, population=population)
    source, output = folder / "targets.simple.csv", folder / "bench.sito"
    write_list(subjects, source)
    build_index([source], output)
    payments = make_payments(PAYMENT_COUNT, subjects, population=population)
    return World(subjects, source, output, payments, payments.table())


def test_folding_a_thousand_names(benchmark: BenchmarkFixture, world: World) -> None:
    folder = Folder(table())
    texts = [name.encode() for name in world.payments.debtors[:1_000]]

    def fold() -> int:
        return sum(len(folder.fold(text)[0]) for text in texts)

    expected = sum(len(text.decode().replace(",", " ").replace('"', " ").split()) for text in texts)
    # Dots of initials and glued letters move a few word boundaries; an empty answer or one word a text would not pass.
    assert benchmark(fold) == pytest.approx(expected, rel=0.05)


def test_screening_a_batch(benchmark: BenchmarkFixture, world: World) -> None:
    with Index.open(world.output) as index:
        screener = Screener(index)
        batch = benchmark(screener.screen_batch, world.batch)
        assert batch.party_count == 3 * PAYMENT_COUNT
        found = {(result.record_id, result.role): {hit.entry_id for hit in result.hits} for result in batch.results()}
    certain = [label for label in world.payments.labels if label.certain]
    assert len(certain) > 20
    for label in certain:
        assert label.entry_ids & found[world.payments.ids[label.row], label.role]


def test_opening_an_index(benchmark: BenchmarkFixture, world: World) -> None:
    def open_and_describe() -> tuple[int, int]:
        with Index.open(world.output) as index:
            return index.info.name_count, index.info.entry_count

    assert benchmark(open_and_describe) == (NAME_COUNT, len(world.subjects))


def test_building_ten_thousand_names(benchmark: BenchmarkFixture, world: World, tmp_path: Path) -> None:
    info = benchmark(build_index, [world.source], tmp_path / "again.sito")
    assert (info.name_count, info.entry_count) == (NAME_COUNT, len(world.subjects))


def test_checking_one_name(benchmark: BenchmarkFixture, world: World) -> None:
    subject = world.subjects[0]
    with Index.open(world.output) as index:
        result = benchmark(Screener(index).check, subject.names[0].upper())
    assert result.verdict == "review"
    assert subject.entry_id in {hit.entry_id for hit in result.hits}
