"""What somebody, or a broken disk, may do to a journal: nothing is believed, lost unseen, or waited for."""

from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sito.errors import JournalError
from sito.journal import JournalFile, JournalWriter, journal_files, taking, writing
from sito.journal.reading import Progress
from sito.ledger import Sealer

SEALER = Sealer(bytes(range(32)))


def test_many_who_wait_for_the_disk_write_to_one_file(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin") as writer, ThreadPoolExecutor(16) as pool:
        list(pool.map(writer.append, [b"x"] * 400))
    (path,) = journal_files(tmp_path)
    assert len(list(JournalFile(path, sealer=SEALER).frames())) == 401


def test_half_a_frame_that_cannot_be_taken_back_ends_the_file_though_another_thread_flushes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushing, go_on = threading.Event(), threading.Event()
    flush, write = os.fdatasync, os.write

    def fdatasync(handle: int) -> None:
        flushing.set()
        assert go_on.wait(10)
        flush(handle)

    def half(handle: int, data: bytes) -> int:
        if len(data) < 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data[: len(data) // 2])

    def truncate(handle: int, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin") as writer, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(writing.os, "fdatasync", fdatasync)
        first = pool.submit(writer.append, b"first")
        assert flushing.wait(10)
        monkeypatch.setattr(writing.os, "write", half)
        monkeypatch.setattr(writing.os, "ftruncate", truncate)
        with pytest.raises(JournalError, match="JRN102"):
            writer.append(b"second" * 20)
        go_on.set()
        first.result(10)
        monkeypatch.undo()
        writer.append(b"third")
    found = [frame.payload for path in journal_files(tmp_path) for frame in JournalFile(path, sealer=SEALER).frames()]
    assert sorted(found) == [b"begin", b"begin", b"first", b"third"]


def test_a_full_disk_is_not_filled_with_what_is_left_of_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin", size_max=1) as writer:
        before = sorted(tmp_path.iterdir())
        monkeypatch.setattr(writing.os, "write", full)
        for _ in range(3):
            with pytest.raises(JournalError, match="JRN102"):
                writer.append(b"one")
        assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_anybody_could_have_written_is_refused(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sealer=None, begin=b"begin"):
        (path,) = journal_files(tmp_path)
    with pytest.raises(JournalError, match="JRN104"):
        JournalFile(path, sealer=SEALER)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.journal")
    with pytest.raises(JournalError, match="JRN103"):
        JournalFile(tmp_path / "a.journal", sealer=SEALER)


def test_two_do_not_take_at_once(tmp_path: Path) -> None:
    with taking(tmp_path), pytest.raises(JournalError, match="JRN108"), taking(tmp_path):
        pass
    with taking(tmp_path):
        pass
    with pytest.raises(JournalError, match="JRN101"), taking(tmp_path / "none"):
        pass


def test_a_rest_is_counted_and_a_file_that_lost_what_was_taken_is_told(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin"):
        (path,) = journal_files(tmp_path)
    file = JournalFile(path, sealer=SEALER)
    size = path.stat().st_size
    progress = Progress(1, size)
    assert file.rest(progress) == 0
    with path.open("ab") as stream:
        stream.write(bytes(100))
    assert file.rest(progress) == 0
    with path.open("ab") as stream:
        stream.write(b"x")
    assert file.rest(progress) == 101
    with pytest.raises(JournalError, match="JRN103"):
        file.rest(Progress(2, size + 200))
    assert file.set_aside(101).code == "JRN103"
    assert not journal_files(tmp_path)


@pytest.mark.parametrize(
    "text",
    ['{"number":5,"end":90,"planned":3}', '{"number":-1,"end":90}', '{"number":1,"end":0}', f'{{"end":{1 << 70}}}'],
)
def test_a_progress_that_cannot_be_is_told(tmp_path: Path, text: str) -> None:
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin"):
        (path,) = journal_files(tmp_path)
    path.with_suffix(".taken").write_text(text)
    with pytest.raises(JournalError, match="JRN103"):
        JournalFile(path, sealer=SEALER).progress()


def test_progress_is_not_written_through_a_link_nor_read_from_a_pipe(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin"):
        (path,) = journal_files(tmp_path)
    victim = tmp_path / "ledger.db"
    victim.write_text("all cases")
    path.with_suffix(".taken.partial").symlink_to(victim)
    file = JournalFile(path, sealer=SEALER)
    file.remember(Progress(1, 90))
    assert victim.read_text() == "all cases"
    assert file.progress() == Progress(1, 90)
    path.with_suffix(".taken").unlink()
    os.mkfifo(path.with_suffix(".taken"))
    with pytest.raises(JournalError, match="JRN103"):
        file.progress()
