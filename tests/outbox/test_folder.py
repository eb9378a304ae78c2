"""The folder exchange: a message leaves by a rename, once, and answers are taken in when they have settled."""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sito.errors import FesError
from sito.outbox import Answer, Cause, Fate, FolderRoute, FolderSettings, Parcel, Power, Waiting
from sito.outbox.commands import Command

PARCEL = Parcel(
    "fes-1-abc", "FM03_1.xml", "2026_3349_0000_03_00000001", b"<x/>", b"sig", (Power("m.xml", b"p", b"ps"),)
)
WAITING = Waiting("fes:1", "sent", "FM03_1.xml", ("2026_3349_0000_03_00000001",), "", "", "")
SETTINGS = FolderSettings(outgoing="out", incoming="in", work="work", archive="archive", settle_s=0)
KVIT = b"<KVIT><ES>FM03_1.xml</ES><RECNO_ES><ES_REC><IdInfoOR>n</IdInfoOR><REZ_ES>0</REZ_ES></ES_REC></RECNO_ES></KVIT>"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("out", "in", "work", "archive"):
        (tmp_path / name).mkdir()
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def put(path: Path, data: bytes, *, age_s: float = 60) -> None:
    path.write_bytes(data)
    os.utime(path, (time.time() - age_s,) * 2)


def test_a_message_leaves_behind_its_signature_and_powers(base: Path) -> None:
    route = FolderRoute(SETTINGS, base)
    route.prepare(PARCEL)
    assert names(base / "out") == []
    handed = route.send(PARCEL)
    assert (handed.fate, handed.external_id) == (Fate.SENT, PARCEL.record_number)
    assert names(base / "out") == ["FM03_1.xml", "FM03_1.xml.sig", "m.xml", "m.xml.sig"]
    assert names(base / "work") == ["fes-1-abc.prepared"]
    assert (base / "out" / "FM03_1.xml").stat().st_mode & 0o777 == 0o600
    assert route.find(PARCEL).fate is Fate.SENT
    (base / "out" / "FM03_1.xml").unlink()  # the transport program took it
    assert route.find(PARCEL).fate is Fate.SENT


def test_what_has_not_left_is_taken_back(base: Path) -> None:
    route = FolderRoute(SETTINGS, base)
    assert route.find(PARCEL).fate is Fate.UNKNOWN
    route.prepare(PARCEL)
    assert route.find(PARCEL) == route.find(PARCEL)
    assert (route.find(PARCEL).fate, route.find(PARCEL).cause) == (Fate.NOT_SENT, Cause.NOT_FOUND)
    # Whoever was only slow cannot send it now.
    assert route.send(PARCEL).fate is Fate.NOT_SENT and "FM03_1.xml" not in names(base / "out")
    route.discard(PARCEL)
    assert names(base / "work") == [] and route.send(PARCEL).fate is Fate.UNKNOWN
    assert "FM03_1.xml" not in names(base / "out")


def test_a_packed_message_is_one_file(base: Path) -> None:
    text = "import sys; open(sys.argv[3],'wb').write(b'|'.join(open(name,'rb').read() for name in sys.argv[1:3]))"
    pack = Command((sys.executable, "-c", text, "{input}", "{signature}", "{output}"))
    route = FolderRoute(msgspec.structs.replace(SETTINGS, pack=pack), base)
    route.prepare(PARCEL)
    assert route.send(PARCEL).fate is Fate.SENT
    assert names(base / "out") == ["FM03_1.xml.enc"] and (base / "out" / "FM03_1.xml.enc").read_bytes() == b"<x/>|sig"


def test_answers_are_taken_in_when_they_have_settled(base: Path) -> None:
    route = FolderRoute(msgspec.structs.replace(SETTINGS, settle_s=5), base)
    put(base / "in" / "young.xml", KVIT, age_s=0)
    put(base / "in" / "kvit.xml", KVIT)
    put(base / "in" / ".hidden", KVIT)
    put(base / "in" / "strange.txt", b"words")
    put(base / "in" / "huge.xml", b"0" * ((4 << 20) + 1))
    (base / "in" / "folder").mkdir()
    (base / "in" / "link.xml").symlink_to("kvit.xml")
    found = {answer.mark: answer.subjects for answer in route.answers([WAITING])}
    assert found == {"kvit.xml": ("fes:1",), "strange.txt": (), "huge.xml": (), "link.xml": ()}
    for _ in range(2):  # once more changes nothing
        route.taken(Answer(("fes:1",), mark="kvit.xml"))
    assert names(base / "archive") == ["kvit.xml"] and not (base / "in" / "kvit.xml").exists()
    put(base / "in" / "kvit.xml", KVIT)
    route.taken(Answer(("fes:1",), mark="kvit.xml"))
    assert names(base / "archive") == ["kvit.xml", "kvit.xml.2"]
    route.taken(Answer(("fes:1",), mark="../work"))
    assert (base / "work").is_dir()


def test_an_answer_of_a_host_whose_clock_is_ahead_is_seen(base: Path) -> None:
    route = FolderRoute(msgspec.structs.replace(SETTINGS, settle_s=5), base)
    put(base / "in" / "kvit.xml", KVIT, age_s=-3600)
    assert [answer.subjects for answer in route.answers([WAITING])] == [("fes:1",)]


def test_what_attempts_have_left_is_deleted_a_day_later(base: Path) -> None:
    route, over, going = FolderRoute(SETTINGS, base), "fes-1-0123456789abcdef", "fes-2-0123456789abcdef"
    for parcel_id in (over, going):
        route.prepare(msgspec.structs.replace(PARCEL, parcel_id=parcel_id))
    (base / "work" / f".{over}.sig.part").write_bytes(b"")
    (base / "work" / "notes.txt").write_bytes(b"of somebody")
    everything = names(base / "work")
    route.sweep({going})
    assert names(base / "work") == everything
    for path in (base / "work").iterdir():
        os.utime(path, (time.time() - 90_000,) * 2)
    route.sweep({going})
    assert names(base / "work") == [name for name in everything if over not in name]


@pytest.mark.parametrize("name", ["../x.xml", "a/b.xml", "", ".hidden", "x" * 200, "a\n.xml"])
def test_a_name_that_leads_elsewhere_is_refused(base: Path, name: str) -> None:
    power = (Power(name, b"p", b"q"),)
    for parcel in (msgspec.structs.replace(PARCEL, file_name=name), msgspec.structs.replace(PARCEL, powers=power)):
        with pytest.raises(FesError, match="FES221"):
            FolderRoute(SETTINGS, base).prepare(parcel)
    assert names(base / "work") == []


def test_folders_that_cannot_be_used_are_told(base: Path) -> None:
    with pytest.raises(FesError, match="FES220"):
        FolderRoute(msgspec.structs.replace(SETTINGS, outgoing="absent"), base)
    with pytest.raises(FesError, match="FES220 expected outgoing and work on one file system"):
        FolderRoute(msgspec.structs.replace(SETTINGS, work="/dev/shm"), base)


@pytest.mark.parametrize("count", [8, pytest.param(300, marks=pytest.mark.long)])
def test_what_was_killed_is_known_to_have_left_or_not(base: Path, count: int) -> None:
    chance, route = random.Random(6), FolderRoute(SETTINGS, base)
    for number in range(count):
        parcel = msgspec.structs.replace(
            PARCEL, parcel_id=f"fes-{number}-a", file_name=f"{number}.xml", xml=b"<a/>" * 50_000
        )
        child = os.fork()
        if child == 0:
            route.prepare(parcel)
            route.send(parcel)
            os._exit(0)
        time.sleep(chance.random() * 0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        message = base / "out" / parcel.file_name
        assert (route.find(parcel).fate is Fate.SENT) == message.exists()
        if not message.exists():
            again = msgspec.structs.replace(parcel, parcel_id=f"fes-{number}-b")
            route.prepare(again)
            assert route.send(again).fate is Fate.SENT
        assert message.read_bytes() == parcel.xml


def test_a_link_is_not_followed_and_does_not_come_back(base: Path) -> None:
    link, route = base / "in" / "answer.xml", FolderRoute(SETTINGS, base)
    link.symlink_to(base / "nowhere")
    (answer,) = route.answers([])
    assert answer.receipt == b""
    route.taken(answer)
    assert not list(route.answers([]))


def in_a_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except FesError as error:
            os._exit(int(error.code[3:]) % 200)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_disk_that_is_full_is_told_and_nothing_leaves(base: Path) -> None:
    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        FolderRoute(SETTINGS, base).prepare(msgspec.structs.replace(PARCEL, xml=b"0" * 1000))

    assert in_a_child(work) == 221 % 200
    route = FolderRoute(SETTINGS, base)
    assert route.find(PARCEL).fate is Fate.UNKNOWN and names(base / "out") == []
