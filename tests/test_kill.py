"""A run that is killed leaves the former file or the whole new one under its name, never a part of it.

`SIGKILL` cannot be caught, so what may stay behind is a hidden temporary file, which nothing ever reads.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sito import Index, build_index

SITO = (sys.executable, "-m", "sito.cli")
HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset\n"
COUNTS = [pytest.param(5, id="few"), pytest.param(150, id="many", marks=pytest.mark.long)]
FORMER_ENTRIES, NEW_ENTRIES = 5, 20_000
RECORDS = 42_000  # with the filler above the size from which `sito screen` starts workers
FORMER = b"former\n"
POLL_S = 0.001


def write_list(path: Path, count: int) -> Path:
    generator = random.Random(count)
    letters = "abdegiklmnoprstuvz"
    with path.open("w") as stream:
        stream.write(HEADER)
        for number in range(count):
            name = " ".join("".join(generator.choices(letters, k=generator.randint(5, 9))) for _ in range(3))
            stream.write(f'"N-{number}","Person","{name}",{"," * 8}"invented"\n')
    return path


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A short list, and one whose index takes a while to write."""
    folder = tmp_path_factory.mktemp("lists")
    return write_list(folder / "former.csv", FORMER_ENTRIES), write_list(folder / "new.csv", NEW_ENTRIES)


def run_whole(words: list[str]) -> float:
    """Run a command to its end; returns its seconds."""
    started = time.perf_counter()
    subprocess.run(words, check=False, capture_output=True, timeout=100)
    return time.perf_counter() - started


def killed(words: list[str], folder: Path, count: int, whole_s: float) -> Iterator[bool]:
    """Start a command `count` times, kill it at a random moment, and tell after each whether the kill came in time.

    Every other time the clock starts when the temporary file appears: that is where harm could be done.
    """
    generator = random.Random(count)
    for number in range(count):
        for part in folder.glob(".*.part"):
            part.unlink()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            delay_s = generator.uniform(0.0, whole_s)
            if number % 2:
                while process.poll() is None and not list(folder.glob(".*.part")):
                    time.sleep(POLL_S)
                delay_s = generator.choice((0.0, 0.002, 0.02, delay_s / 4))
            time.sleep(delay_s)
            process.kill()
        yield process.returncode == -signal.SIGKILL


def strange(folder: Path, known: set[str]) -> list[str]:
    """Names in a folder that are neither known nor hidden temporary files."""
    return [
        path.name
        for path in folder.iterdir()
        if path.name not in known and not (path.name.startswith(".") and path.suffix == ".part")
    ]


@pytest.mark.parametrize("count", COUNTS)
def test_a_killed_build_leaves_a_whole_index(tmp_path: Path, lists: tuple[Path, Path], count: int) -> None:
    output = tmp_path / "lists.index"
    words = [*SITO, "build", str(lists[1]), "--output", str(output)]
    seen = set()
    kills = 0
    for in_time in killed(words, tmp_path, count, run_whole(words)):
        kills += in_time
        with Index.open(output) as index:  # checks everything
            seen.add(index.info.entry_count)
        assert strange(tmp_path, {output.name}) == []
        build_index([lists[0]], output)
    assert seen <= {FORMER_ENTRIES, NEW_ENTRIES}
    assert kills >= count // 2


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_screening_leaves_whole_files(
    tmp_path: Path, lists: tuple[Path, Path], count: int, workers: int
) -> None:
    index, records, folder = tmp_path / "lists.index", tmp_path / "records.csv", tmp_path / "out"
    build_index([lists[0]], index)
    listed = lists[0].read_text().splitlines()[1].split('"')[5]
    with records.open("w") as stream:
        stream.write("id,name,filler\n")
        for number in range(RECORDS):
            # One in ten is listed; one in ten has no name and is rejected.
            name = ("", listed, "Nobody Inparticular")[min(number % 10, 2)]
            stream.write(f"{number},{name},{'x' * 90}\n")
    folder.mkdir()
    hits, rejects = folder / "hits.jsonl", folder / "hits.jsonl.rejects.jsonl"
    words = [*SITO, "screen", str(records), "--index", str(index), "--workers", str(workers), "--output", str(hits)]
    whole_s = run_whole(words)
    whole = {path: path.read_bytes() for path in (hits, rejects)}
    assert whole[hits].count(b"\n") == RECORDS // 10
    kills = 0
    for in_time in killed(words, folder, count, whole_s):
        kills += in_time
        for path, data in whole.items():
            assert path.read_bytes() in (data, FORMER)
            path.write_bytes(FORMER)
        assert strange(folder, {hits.name, rejects.name}) == []
    assert kills >= count // 2
