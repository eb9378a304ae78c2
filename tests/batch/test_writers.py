"""Writers of hits: three formats with the same fields; a file is whole or not there."""

from __future__ import annotations

import csv
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from sito.batch import OUTPUT_SUFFIXES, HitLine, PartyLine
from sito.batch.writers import OutputFile, writer
from sito.errors import ScreenError

HITS = (
    HitLine("E1", "L-1", 'ООО "Ёлка", Москва', 0.97, "strong", ("a = a: same letters", "against: b")),
    HitLine("E2", "L-1", "=1+1", 0.9, "medium", ()),
)
LINES = [
    PartyLine("r1", "debtor", "review", HITS, True, ("hits", "pairs")),
    PartyLine("r2", "purpose", "pass", (), False),
]
DATA = msgspec.json.Encoder().encode_lines(LINES)


def written(path: Path, *chunks: bytes) -> Path:
    with OutputFile(path) as file:
        out = writer(path.suffix, file.stream)
        for chunk in chunks:
            out.write(chunk)
        out.finish()
    return path


def test_parts_of_dead_processes_are_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".h.jsonl.{dead.pid}.part"
    own = tmp_path / f".h.jsonl.{os.getpid()}.part"  # process numbers come again
    alive = tmp_path / f".h.jsonl.{os.getppid()}.part"
    others = [tmp_path / f".other.jsonl.{dead.pid}.part", tmp_path / ".h.jsonl.x.part", alive]
    for path in (left, own, *others):
        path.write_bytes(b"half")
    written(tmp_path / "h.jsonl", DATA)
    assert {*tmp_path.iterdir()} == {tmp_path / "h.jsonl", *others}


def test_part_that_is_still_written_is_kept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    part = tmp_path / f".h.jsonl.{dead.pid}.part"  # of a process in another container: its number is dead here
    with part.open("wb") as stream:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        written(tmp_path / "h.jsonl", DATA)
    assert part.exists()


def test_folder_as_output_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "h.jsonl").mkdir()
    with pytest.raises(ScreenError, match="SCR203"):
        OutputFile(tmp_path / "h.jsonl")


def test_json_lines_are_written_as_they_come(tmp_path: Path) -> None:
    assert written(tmp_path / "h.jsonl", DATA, DATA).read_bytes() == DATA * 2


def test_csv_has_a_row_for_each_hit(tmp_path: Path) -> None:
    with written(tmp_path / "h.csv", DATA).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["record_id"], row["entry_id"], row["name"], row["score"]) for row in rows] == [
        ("r1", "E1", 'ООО "Ёлка", Москва', "0.97"), ("r1", "E2", "=1+1", "0.9"), ("r2", "", "", ""),
    ]  # fmt: skip
    assert rows[0]["reasons"] == "a = a: same letters | against: b"
    assert [(row["truncated"], row["limits"]) for row in rows] == [("true", "hits | pairs")] * 2 + [("false", "")]


def test_parquet_has_the_shape_of_the_json(tmp_path: Path) -> None:
    rows = pq.read_table(written(tmp_path / "h.parquet", DATA)).to_pylist()
    assert [msgspec.convert(row, PartyLine) for row in rows] == LINES
    assert rows[1] == {
        "record_id": "r2", "role": "purpose", "verdict": "pass", "hits": [], "truncated": False, "limits": [],
        "suppressed": [], "stale": [], "party_fingerprint": "", "rule_id": "", "rulings": [],
    }  # fmt: skip


@pytest.mark.parametrize("suffix", OUTPUT_SUFFIXES)
def test_file_without_hits_is_a_valid_file(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"h{suffix}", b"")
    if suffix == ".parquet":
        assert pq.read_table(path).num_rows == 0
    else:
        assert len(path.read_text("utf-8-sig").splitlines()) == (suffix == ".csv")


def test_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    with OutputFile(path) as file:
        file.stream.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["h.jsonl"]


def test_error_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(b"older")
    with pytest.raises(KeyError), OutputFile(path) as file:
        file.stream.write(b"x")
        raise KeyError
    assert path.read_bytes() == b"older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["h.jsonl"]


def test_full_disk_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(ScreenError, match="SCR203"), OutputFile(tmp_path / "h.jsonl"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/h.jsonl", "file/h.jsonl"])
def test_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ScreenError, match="SCR203"):
        OutputFile(tmp_path / name)


def test_folder_as_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "h.jsonl").mkdir()
    with pytest.raises(ScreenError, match="SCR203"), OutputFile(tmp_path / "h.jsonl"):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["h.jsonl"]


def test_pipe_is_written_directly(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with OutputFile(path) as file:
            file.stream.write(b"x")
        assert os.read(reader, 10) == b"x"
    finally:
        os.close(reader)
    assert path.is_fifo()
