"""Whoever numbers, sends or takes messages is killed at any moment: none is lost or doubled, nor a number."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from tests.cases.office import assert_equal_to_a_rebuild
from tests.ledger.stores import new_database, postgres
from tests.outbox import child
from tests.outbox.test_signing import keys
from tests.portal.service import PASSWORD, Program, write_settings

from sito.cases.projection import NUMBERS, REPORTS
from sito.ledger import Ledger, verify
from sito.portal.holdings import Held

KILLS, KILLS_LONG = 6, 500
SENDER_KILLS, SENDER_KILLS_LONG = 6, 300
BOTH_KILLS, BOTH_KILLS_LONG = 3, 300
SENT = 24


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    with postgres() as server:
        yield new_database(server)


def begun(*words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, child.__file__, *words], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])},
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def numbers_after(url: str, kills: int) -> None:
    generator = random.Random(5)
    Ledger.create(url)
    child.opened(url)[0].close()
    told: set[str] = set()
    for number in range(kills):
        # Two hosts at once, one of which says request ids of a former one again.
        both = [begun("number", url, f"a{number // 2}"), begun("number", url, f"b{number}")]
        time.sleep(generator.uniform(0.0, 0.3))
        for process in both:
            process.send_signal(signal.SIGKILL)
        for process in both:
            out, _ = process.communicate(timeout=60)
            told |= {line[3:] for line in re.findall(r"^ok fes:\d+(?=\n)", out, re.MULTILINE)}
    ledger, _ = child.opened(url)
    with ledger, ledger.read() as view:
        series = child.series_of(child.MESSAGE, child.AT.date())
        for name in (series.record_series, series.file_series):
            places = view.execute(sa.select(NUMBERS.c.place).where(NUMBERS.c.series == name).order_by(NUMBERS.c.place))
            given = list(places.scalars())
            assert given == list(range(1, len(given) + 1))
        ready = view.execute(
            sa.select(REPORTS.c.subject, REPORTS.c.record_number).where(REPORTS.c.state == "ready")
        ).all()
        assert len({row.record_number for row in ready}) == len(ready) == len(given) > kills
        assert told <= {row.subject for row in ready}
    ledger, _ = child.opened(url)
    with ledger:
        assert not verify(ledger).fault_count
        assert_equal_to_a_rebuild(ledger)


def test_no_number_is_lost_or_given_twice(url: str) -> None:
    numbers_after(url, KILLS)


@pytest.mark.long
def test_no_number_is_lost_or_given_twice_by_many_kills(url: str) -> None:
    numbers_after(url, KILLS_LONG)


def sent_after(url: str, folder: Path, kills: int, messages: int) -> None:
    """Senders die; a transport program takes what it finds and answers; each message arrives once and is accepted."""
    generator = random.Random(7)
    keys(folder)
    for name in ("out", "in", "work", "archive", "taken"):
        (folder / name).mkdir()
    Ledger.create(url)
    ledger, desk = child.opened(url)
    with ledger:
        subjects = [child.approve(desk, f"m{number}") for number in range(messages)]
    taken: list[str] = []

    def transport() -> None:
        for path in sorted((folder / "out").glob("*.xml")):
            xml = path.read_text("utf-8")
            assert path.with_name(path.name + ".sig").exists(), "a message left before its signature"
            taken.append(path.name)
            path.rename(folder / "taken" / f"{len(taken)}.xml")
            (record,) = re.findall(r"<НомерЗаписи>(.*?)<", xml)
            answer = (
                f"<KVIT><ES>{path.name}</ES><RECNO_ES><ES_REC><IdInfoOR>{record}</IdInfoOR><REZ_ES>0</REZ_ES></ES_REC>"
                "</RECNO_ES></KVIT>"
            )
            hidden = folder / "in" / f".{path.name}"
            hidden.write_text(answer, "utf-8")
            hidden.rename(folder / "in" / f"kvit-{path.name}")

    for _ in range(kills):
        both = [begun("send", url, str(folder)) for _ in range(2)]
        end = time.monotonic() + generator.uniform(0.0, 0.6)
        while time.monotonic() < end:
            transport()
            time.sleep(0.02)
        for process in both:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
    ledger, desk = child.opened(url)
    with ledger:
        sending, end = child.sender(ledger, desk, folder), time.monotonic() + 60
        while time.monotonic() < end:
            list(sending.turn())
            transport()
            with ledger.read() as view:
                states = list(view.execute(sa.select(REPORTS.c.state)).scalars())
            if set(states) == {"accepted"}:
                break
            time.sleep(0.05)
        assert states == ["accepted"] * len(subjects)
        assert len(taken) == len(set(taken)) == messages
        assert not verify(ledger).fault_count
        assert_equal_to_a_rebuild(ledger)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there")
def test_no_message_is_lost_or_sent_twice(url: str, tmp_path: Path) -> None:
    sent_after(url, tmp_path, SENDER_KILLS, SENT)


@pytest.mark.long
def test_no_message_is_lost_or_sent_twice_by_many_kills(url: str, tmp_path: Path) -> None:
    sent_after(url, tmp_path, SENDER_KILLS_LONG, SENDER_KILLS_LONG)


def posted_after(url: str, folder: Path, kills: int) -> None:
    """A sender and the service die, one of them or both; each message that was approved arrives once."""
    generator = random.Random(11)
    (folder / "service").mkdir()
    (folder / "service/rules.toml").write_text(f'password = "{PASSWORD}"\n')
    service = Program(folder / "service")
    address = f"http://127.0.0.1:{service.port}/Services/fedsfm-service"
    write_settings(folder, address, attempts_max=1, answer_s=5.0, envelopes="envelopes")
    Ledger.create(url)
    ledger, desk = child.opened(url)
    service.start()
    told = []
    with ledger:
        child.approve(desk, "first")  # one that is known to be there, by which searching shows that it works
        posting = child.portal_sender(ledger, desk, folder)
        while not told or told[-1].action != "accept":
            told += list(posting.turn())
    sender: subprocess.Popen[str] | None = None
    for number in range(kills):
        sender = sender or begun("portal", url, str(folder), f"life-{number}")
        if not service.is_alive:
            service.start()
        time.sleep(generator.uniform(0.0, 0.4))
        who = generator.choice(["sender", "service", "both"])
        if who != "service":
            sender.send_signal(signal.SIGKILL)
        if who != "sender":
            service.kill()
        if who != "service":
            sender.communicate(timeout=60)
            sender = None
    if sender is not None:
        sender.kill()
        sender.communicate(timeout=60)
    if not service.is_alive:
        service.start()
    ledger, desk = child.opened(url)
    with ledger:
        posting, end = child.portal_sender(ledger, desk, folder), time.monotonic() + 300
        while time.monotonic() < end:
            list(posting.turn())
            with ledger.read() as view:
                rows = list(view.execute(sa.select(REPORTS.c.state, REPORTS.c.record_number)))
            if {row.state for row in rows} <= {"accepted", "draft"}:
                break
            time.sleep(0.05)
        service.kill()
        # A life may end between a draft and its approval: that message has no number and was not to be sent.
        wanted = [row.record_number for row in rows if row.state == "accepted"]
        assert {row.state for row in rows} <= {"accepted", "draft"} and len(wanted) > kills
        held = [
            msgspec.json.decode(path.read_bytes(), type=Held)
            for path in (folder / "service/messages").glob("*.json")
        ]  # fmt: skip
        assert sorted(one.external_id for one in held) == sorted(wanted) and len(set(wanted)) == len(wanted)
        series = child.series_of(child.MESSAGE, child.AT.date()).record_series
        assert sorted(wanted) == [f"{series}_{place:08d}" for place in range(1, len(wanted) + 1)]
        assert not verify(ledger).fault_count
        assert_equal_to_a_rebuild(ledger)


def test_no_message_is_lost_or_doubled_when_both_sides_die(url: str, tmp_path: Path) -> None:
    posted_after(url, tmp_path, BOTH_KILLS)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_message_is_lost_or_doubled_when_both_sides_die_often(url: str, tmp_path: Path) -> None:
    posted_after(url, tmp_path, BOTH_KILLS_LONG)
