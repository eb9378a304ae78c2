"""Worker processes: bounded, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sito import Index, ScreenConfig
from sito.batch.lines import Chunk
from sito.batch.workers import CHUNKS_IN_FLIGHT, Pool, Setup
from sito.records import Party, Record, RecordKind, Reject, Role


def test_only_a_few_chunks_are_held(index_path: Path) -> None:
    made = 0

    def chunks() -> Iterator[Chunk]:
        nonlocal made
        for made in range(1, 101):
            items: list[list[str] | Record | Reject] = [
                Record(str(made), RecordKind.PAYMENT, (Party(Role.DEBTOR, "Thistle Holding"),))
            ]
            yield Chunk(made, items)

    with Index.open(index_path) as index:
        setup = Setup(index_path, index.info, ScreenConfig(), None, False)
    with Pool(2, setup) as pool:
        for taken, result in enumerate(pool.screen(chunks())):
            assert made - taken <= CHUNKS_IN_FLIGHT * 2
            assert f'"record_id":"{taken + 1}"' in result.lines.decode()
    assert (made, taken) == (100, 99)


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_when_their_parent_is_killed(index_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("name,ignored\n" + f"Thistle Holding,{'x' * 100}\n" * 120_000)
    words = [sys.executable, "-m", "sito.cli", "screen", str(path), "--index", str(index_path), "--workers", "2"]
    words += ["--output", str(tmp_path / "hits.jsonl")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not any(part.stat().st_size for part in tmp_path.glob(".hits*.part")):
            time.sleep(0.02)
        children = [int(word) for word in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        os.kill(process.pid, signal.SIGKILL)
    assert len(children) >= 2
    end = time.monotonic() + 20
    while any(map(alive, children)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(alive, children))
    assert not (tmp_path / "hits.jsonl").exists()


def test_a_worker_killed_while_it_answers_ends_the_run_with_a_code(index_path: Path, tmp_path: Path) -> None:
    """A worker that dies in the middle of an answer once left the run waiting for the rest of it for ever."""
    path, folder = tmp_path / "many.csv", tmp_path / "out"
    folder.mkdir()
    path.write_text("name,ignored\n" + f"Thistle Holding,{'x' * 100}\n" * 120_000)
    words = [
        sys.executable,
        "-m",
        "sito.cli",
        "screen",
        str(path),
        "--index",
        str(index_path),
        "--workers",
        "2",
        "--all",
    ]
    for delay in (0.0, 0.01, 0.02, 0.04):
        run = subprocess.Popen([*words, "--output", str(folder / "hits.jsonl")], stderr=subprocess.PIPE)
        while run.poll() is None and sum(part.stat().st_size for part in folder.iterdir()) == 0:
            time.sleep(0.01)
        time.sleep(delay)
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        workers = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
        os.kill(workers[0], signal.SIGKILL)
        err = run.communicate(timeout=30)[1]
        assert run.returncode == 2
        assert err.startswith(b"sito: SCR201")
        assert list(folder.iterdir()) == []
