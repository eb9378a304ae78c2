"""Journal files: what was told to be durable is read, whatever was cut, damaged, killed or full."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sito.errors import JournalError
from sito.journal import JournalFile, JournalWriter, journal_files, writing
from sito.journal.form import FRAME, HEAD
from sito.journal.reading import Progress
from sito.ledger import Sealer

SEALER = Sealer(bytes(range(32)))
OTHER = Sealer(bytes(32))


def written(folder: Path, *payloads: bytes, sealer: Sealer | None = SEALER) -> Path:
    with JournalWriter(folder, sealer=sealer, begin=b"begin") as writer:
        for payload in payloads:
            writer.append(payload)
    (path,) = journal_files(folder)
    return path


def read(path: Path, sealer: Sealer | None = SEALER, after: Progress | None = None) -> list[bytes]:
    return [frame.payload for frame in JournalFile(path, sealer=sealer).frames(after)]


@given(st.lists(st.binary(max_size=300), max_size=12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], sealed: bool) -> None:
    sealer = SEALER if sealed else None
    # A frame has a body; without a key there is nothing around an empty payload.
    payloads = payloads if sealed else [payload or b"-" for payload in payloads]
    path = written(tmp_path_factory.mktemp("journal"), *payloads, sealer=sealer)
    assert read(path, sealer) == [b"begin", *payloads]
    assert path.stat().st_mode & 0o077 == 0


def test_sealed_frames_say_nothing_and_open_in_their_place_only(tmp_path: Path) -> None:
    path = written(tmp_path, "Чертополохов Евлампий".encode(), b"second")
    data = path.read_bytes()
    assert "Чертополохов".encode() not in data
    with pytest.raises(JournalError, match="JRN104"):
        read(path, None)
    with pytest.raises(JournalError, match="JRN104"):
        read(path, OTHER)
    frames = list(JournalFile(path, sealer=SEALER).frames())
    first, second = data[frames[0].end : frames[1].end], data[frames[1].end :]
    path.write_bytes(data[: frames[0].end] + second + first)
    with pytest.raises(JournalError, match="JRN104"):
        read(path)


def test_every_cut_leaves_whole_frames_and_no_error(tmp_path: Path) -> None:
    path = written(tmp_path, b"one", b"two" * 50)
    data = path.read_bytes()
    whole = [b"begin", b"one", b"two" * 50]
    for size in range(HEAD.size, len(data)):
        path.write_bytes(data[:size])
        found = read(path)
        assert found == whole[: len(found)] and len(found) < 3
    path.write_bytes(data + bytes(100))  # what a file system may leave of a write that never happened
    assert read(path) == whole


def test_every_changed_byte_is_found_or_hides_nothing_but_the_last_frame(tmp_path: Path) -> None:
    path = written(tmp_path, b"one", b"two", b"three")
    data = path.read_bytes()
    ends = [frame.end for frame in JournalFile(path, sealer=SEALER).frames()]
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :])
        try:
            found = read(path)
        except JournalError:
            continue
        # A damaged end looks like one that was cut off; it is never read as something else.
        assert found == [b"begin", b"one", b"two", b"three"][: len(found)]
        assert place >= ends[2] or (HEAD.size <= place and len(found) < 4)


def test_a_length_that_points_beyond_the_end_hides_nothing_silently(tmp_path: Path) -> None:
    path = written(tmp_path, b"one", b"two", sealer=None)
    data = bytearray(path.read_bytes())
    FRAME.pack_into(data, HEAD.size, 0, 0)
    path.write_bytes(data)
    with pytest.raises(JournalError, match="JRN103"):
        read(path, None)


@pytest.mark.parametrize("data", [b"", b"SITOJRN1", b"x" * 100])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(data)
    with pytest.raises(JournalError, match="JRN103"):
        JournalFile(path, sealer=SEALER)


def test_threads_share_flushes_and_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushes = []
    real = os.fdatasync
    monkeypatch.setattr(writing.os, "fdatasync", lambda handle: (flushes.append(handle), real(handle))[1])
    with (
        JournalWriter(tmp_path, sealer=SEALER, begin=b"begin", size_max=20_000) as writer,
        ThreadPoolExecutor(16) as pool,
    ):
        list(pool.map(writer.append, [f"{number:04}".encode() * 20 for number in range(600)]))
    found = [payload for path in journal_files(tmp_path) for payload in read(path)]
    assert len(journal_files(tmp_path)) > 1
    assert found.count(b"begin") == len(journal_files(tmp_path))
    assert sorted(one for one in found if one != b"begin") == [f"{number:04}".encode() * 20 for number in range(600)]
    assert len(flushes) <= 600


def test_a_full_disk_fails_the_call_and_spoils_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    room = [10_000]

    def write(handle: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        size = min(room[0], len(data))
        room[0] -= size
        return real(handle, data[:size])

    monkeypatch.setattr(writing.os, "write", write)
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin") as writer:
        writer.append(b"one")
        room[0] = 13  # the frame is cut off within
        with pytest.raises(JournalError, match=r"JRN102.*No space"):
            writer.append(b"two")
        with pytest.raises(JournalError, match="JRN102"):
            writer.append(b"three")
        room[0] = 10_000
        writer.append(b"four")
        (path,) = journal_files(tmp_path)
        assert read(path) == [b"begin", b"one", b"four"]
    with pytest.raises(JournalError, match="JRN102"):
        writer.append(b"five")


def test_after_a_failed_flush_nothing_of_that_file_is_told_to_be_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, fails = os.fdatasync, [False]

    def fdatasync(handle: int) -> None:
        if fails[0]:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(writing.os, "fdatasync", fdatasync)
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin") as writer:
        writer.append(b"one")
        fails[0] = True
        with pytest.raises(JournalError, match="JRN102"):
            writer.append(b"two")
        fails[0] = False
        writer.append(b"three")
        found = [read(path) for path in journal_files(tmp_path)]
    assert [b"begin", b"three"] in found
    assert [b"begin", b"one", b"two"] in found  # it may be there: it was not told, so it is asked for again


def test_a_folder_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="JRN101"):
        JournalWriter(tmp_path / "file", sealer=SEALER, begin=b"begin")
    with pytest.raises(JournalError, match="JRN101"):
        journal_files(tmp_path / "none")


def test_progress_is_kept_and_a_file_goes_when_nobody_writes(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sealer=SEALER, begin=b"begin") as writer:
        writer.append(b"one")
        (path,) = journal_files(tmp_path)
        file = JournalFile(path, sealer=SEALER)
        assert file.is_written() and file.progress() == Progress()
        *_, last = file.frames()
        file.remember(Progress(last.number, last.end))
        writer.append(b"two")
        assert read(path, after=file.progress()) == [b"two"]
        assert next(iter(file.frames(file.progress()))).number == 3
    assert not file.is_written()
    file.remove()
    assert list(tmp_path.iterdir()) == []
    path.with_suffix(".taken").write_bytes(b"{")
    with pytest.raises(JournalError, match="JRN103"):
        file.progress()


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from sito.journal import JournalWriter
    from sito.ledger import Sealer
    with JournalWriter(Path(sys.argv[1]), sealer=Sealer(bytes(range(32))), begin=b"begin", size_max=4000) as writer:
        number = 0
        while True:
            writer.append(b"%08d" % number)
            print(number, flush=True)
            number += 1
    """
)


@pytest.mark.parametrize("count", [pytest.param(5, id="few"), pytest.param(500, id="many", marks=pytest.mark.long)])
def test_nothing_that_was_told_is_lost_when_the_writer_is_killed(tmp_path: Path, count: int) -> None:
    for turn in range(count):
        folder = tmp_path / str(turn)
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(1 + 37 * turn % 150)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()
        found = [payload for path in journal_files(folder) for payload in read(path) if payload != b"begin"]
        last = max(int(line) for line in told if line.endswith("\n"))
        assert sorted(found)[: last + 1] == [b"%08d" % number for number in range(last + 1)]
        assert not any(JournalFile(path, sealer=SEALER).is_written() for path in journal_files(folder))
