"""The folder exchange: each message leaves once, whatever dies when."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from sito.errors import FesError
from sito.outbox.folder import FolderRoute, FolderSettings
from sito.outbox.parcels import Parcel, Power
from sito.outbox.routes import Fate

NAMES = ("outgoing", "incoming", "work", "archive")
PARCEL = Parcel("fes-12-1", "message.xml", "12", b"<a/>" * 50_000, b"s", (Power("power.xml", b"p", b"q"),))


def route_in(base: Path) -> FolderRoute:
    for name in NAMES:
        (base / name).mkdir(parents=True, exist_ok=True)
    return FolderRoute(FolderSettings(outgoing="outgoing", incoming="incoming", work="work", archive="archive"), base)


def hand_over(base: Path) -> None:
    route = route_in(base)
    route.prepare(PARCEL)
    route.send(PARCEL)


def test_a_message_leaves_with_its_signature_and_powers(tmp_path: Path) -> None:
    route = route_in(tmp_path)
    assert route.find(PARCEL).fate is Fate.UNKNOWN
    route.prepare(PARCEL)
    assert route.find(PARCEL).fate is Fate.NOT_SENT
    assert route.send(PARCEL).fate is Fate.SENT
    names = sorted(path.name for path in (tmp_path / "outgoing").iterdir())
    assert names == ["message.xml", "message.xml.sig", "power.xml", "power.xml.sig"]
    (tmp_path / "outgoing" / "message.xml").unlink()  # a transport program took it
    assert route.send(PARCEL).fate is Fate.SENT
    assert not (tmp_path / "outgoing" / "message.xml").exists()


@pytest.mark.parametrize("name", ["../power.xml", "/power.xml", ".hidden", "a/b", "", "a\n", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    route = route_in(tmp_path)
    for parcel in (
        Parcel("fes-1-1", "m.xml", "1", b"x", b"s", (Power(name, b"p", b"q"),)),
        Parcel("fes-1-1", name, "1", b"x", b"s"),
        Parcel(name, "m.xml", "1", b"x", b"s"),
    ):
        with pytest.raises(FesError, match="FES221"):
            route.prepare(parcel)
    assert not any((tmp_path / "work").iterdir())


@pytest.mark.parametrize("count", [8, pytest.param(300, marks=pytest.mark.long)])
def test_what_was_killed_is_known_to_have_left_or_not(tmp_path: Path, count: int) -> None:
    context = multiprocessing.get_context("fork")
    chance = random.Random(6)
    for number in range(count):
        base = tmp_path / str(number)
        route = route_in(base)
        child = context.Process(target=hand_over, args=(base,))
        child.start()
        time.sleep(chance.random() * 0.02)
        if child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        message = base / "outgoing" / "message.xml"
        assert (route.find(PARCEL).fate is Fate.SENT) == message.exists()
        if not message.exists():
            route.prepare(PARCEL)
            assert route.send(PARCEL).fate is Fate.SENT
        assert message.read_bytes() == PARCEL.xml


def test_an_answer_is_moved_once_and_overwrites_none(tmp_path: Path) -> None:
    route = route_in(tmp_path)
    for _ in range(2):
        path = tmp_path / "incoming" / "answer.xml"
        path.write_bytes(b"<x/>")
        assert not list(route.answers([]))  # it may still be being written
        os.utime(path, (1, 1))
        (answer,) = route.answers([])
        route.taken(answer)
        route.taken(answer)
    assert len(list((tmp_path / "archive").iterdir())) == 2


def test_a_link_is_not_followed_and_does_not_come_back(tmp_path: Path) -> None:
    route = route_in(tmp_path)
    link = tmp_path / "incoming" / "answer.xml"
    link.symlink_to(tmp_path / "nowhere")
    os.utime(link, (1, 1), follow_symlinks=False)
    (answer,) = route.answers([])
    assert answer.receipt == b""
    route.taken(answer)
    assert not list(route.answers([]))
