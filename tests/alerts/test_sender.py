"""From what happens at the desk to what arrives, in both stores, with kills, dead channels and two senders."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.alerts.conftest import MailServer, WebServer
from tests.alerts.desk import email, webhook, write
from tests.cases.office import ANNA, BORIS, SYSTEM, Office
from tests.ledger.stores import new_database, postgres

from sito.alerts import AlertKind, Channels, Sender
from sito.alerts.outbox import Outbox
from sito.alerts.sender import Tally
from sito.cases.projection import PROJECTION
from sito.errors import CaseError
from sito.ledger import Event, Ledger, LedgerError


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    url = "" if request.param == "sqlite" else new_database(request.getfixturevalue("server"))
    made = Office(tmp_path, url=url)
    yield made
    made.ledger.close()


class Clock:
    """The time of an office, and real time on top of it, so that pauses pass."""

    def __init__(self, office: Office) -> None:
        self._office, self._began = office, time.monotonic()
        self.more = timedelta(0)

    def __call__(self) -> datetime:
        return self._office.now + self.more + timedelta(seconds=time.monotonic() - self._began)


def sender(office: Office, file: Path, clock: Clock, name: str = "") -> Sender:
    return Sender(office.ledger, Channels.read(file), office.schedule, clock=clock, sender=name)


def send(made: Sender, *, interval_s: float = 0.0, stop: threading.Event | None = None) -> dict[str, Tally]:
    chosen = made._channels.all
    return made.send(chosen, stop=stop or threading.Event(), interval_s=interval_s)


def kinds(web: WebServer) -> list[tuple[str, str]]:
    return [(told["subject"], told["kinds"][0]) for told in (json.loads(post.body) for post in web.posts)]


def test_what_happens_is_told_once_and_to_all(office: Office, tmp_path: Path, web: WebServer, mail: MailServer) -> None:
    office.open_case()  # before the channels began
    file, clock = write(tmp_path, email(mail.port), webhook(web.port), leads_h=[1]), Clock(office)
    assert send(sender(office, file, clock)) == {"duty": Tally(), "soc": Tally()}
    case = office.open_case(_screening("C-2")).subject
    office.act(case, "assign", assignee="anna")
    office.act(case, "confirm", measure="freeze", motive="имена и даты совпали")
    office.act(case, "approve", caller=BORIS)
    office.act("freeze:1", "apply", caller=ANNA)
    with pytest.raises(CaseError):
        office.act(case, "note", caller=SYSTEM, note="x")
    assert {name: tally.sent for name, tally in send(sender(office, file, clock)).items()} == {"duty": 5, "soc": 5}
    assert kinds(web) == [
        ("case:2", "case_opened"), ("case:2", "second_eyes"), ("freeze:1", "measure_proposed"),
        ("freeze:1", "measure_applied"), ("case:2", "attempt_refused"),
    ]  # fmt: skip
    words = b"".join(post.body for post in web.posts).decode() + b"".join(data for _, data in mail.mails).decode()
    for private in ("Чертополохов", "C-2", "совпали", "1950"):
        assert private not in words
    assert send(sender(office, file, clock)) == {"duty": Tally(), "soc": Tally()}
    assert len(mail.mails) == len(web.posts) == 5


def _screening(client_id: str) -> Any:
    from tests.cases.office import screening

    return screening(client_id=client_id, record_id=client_id)


def test_terms_are_told_when_they_come_near_and_when_they_are_over(
    office: Office, tmp_path: Path, web: WebServer
) -> None:
    file, clock = write(tmp_path, webhook(web.port, kinds=["deadline_near", "deadline_late"])), Clock(office)
    send(sender(office, file, clock))
    office.open_case()  # one day
    for hours in (-2, 1, 1.5, 20.5, 21, 24.5, 30):
        clock.more = timedelta(hours=hours)
        send(sender(office, file, clock))
    assert kinds(web) == [("case:1", "deadline_near"), ("case:1", "deadline_near"), ("case:1", "deadline_late")]
    assert len({post.headers["Idempotency-Key"] for post in web.posts}) == 3


def test_lists_that_nobody_uses_are_told_once(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port, kinds=["list_unused"])), Clock(office)
    office.use_list()
    event = Event("list_loaded", "list:RU-TE", {"list_id": "RU-TE", "edition": "2026-03-02"})
    office.ledger.transact(lambda _: [event], caller=SYSTEM, **office.request())
    send(sender(office, file, clock))
    assert not web.posts
    clock.more = timedelta(hours=25)
    send(sender(office, file, clock))
    send(sender(office, file, clock))
    assert kinds(web) == [("list:RU-TE", "list_unused")] * 2
    office.use_list()
    assert send(sender(office, file, clock))["soc"].sent == 1  # another use, and that one is old, too


def test_a_dead_channel_keeps_nobody_waiting_and_is_tried_again_on_demand(
    office: Office, tmp_path: Path, web: WebServer, mail: MailServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()[1]
    file, clock = write(tmp_path, email(dead), webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    office.open_case()
    assert send(sender(office, file, clock)) == {"duty": Tally(failed=1), "soc": Tally(sent=1)}
    made = sender(office, write(tmp_path, email(mail.port), webhook(web.port), leads_h=[1]), clock)
    (lost,) = made.outbox(made._channels.all[0]).failed.values()
    assert (lost.attempts, lost.recipients, lost.reason) == (4, ("duty", "head"), "ALR202 ConnectionRefusedError")
    assert send(made)["duty"] == Tally()  # not by itself
    assert made.retry(made._channels.all) == 1
    assert send(made)["duty"] == Tally(sent=1)
    assert not made.outbox(made._channels.all[0]).failed and len(mail.mails) == 1


def test_who_was_not_reached_is_tried_again_alone(office: Office, tmp_path: Path, mail: MailServer) -> None:
    file, clock = write(tmp_path, email(mail.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    mail.refused = {"head@bank.example": "451 later"}
    office.open_case()
    assert send(sender(office, file, clock))["duty"] == Tally(sent=1, failed=1)
    mail.refused = {}
    again = sender(office, file, clock)
    again.retry(again._channels.all)
    assert send(again)["duty"] == Tally(sent=1)
    assert [recipients for recipients, _ in mail.mails] == [["duty@bank.example"], ["head@bank.example"]]


def test_a_poison_alert_lets_the_others_by(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1], backoff_s=0.2), Clock(office)
    send(sender(office, file, clock))

    def answer(handler: Any) -> None:
        poison = json.loads(web.posts[-1].body)["subject"] == "case:1"
        handler.send_response(500 if poison else 200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    web.answers = [answer]
    for number in range(4):
        office.open_case(_screening(f"K-{number}"))
    assert send(sender(office, file, clock))["soc"] == Tally(sent=3, failed=1)
    assert [subject for subject, _ in kinds(web)][:4] == ["case:1", "case:2", "case:3", "case:4"]
    assert len(web.posts) == 7
    assert len({post.headers["Idempotency-Key"] for post in web.posts}) == 4


def test_a_kind_that_is_added_tells_nothing_old(office: Office, tmp_path: Path, web: WebServer) -> None:
    clock = Clock(office)
    for kinds_now, told in ((["case_escalated"], 0), (["case_opened"], 0), (["case_opened"], 1), (["second_eyes"], 0)):
        office.open_case(_screening(f"K-{office.count}"))
        made = sender(office, write(tmp_path, webhook(web.port, kinds=kinds_now), leads_h=[1]), clock)
        assert send(made)["soc"] == Tally(sent=told)


def test_words_of_a_refused_attempt_are_not_told(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port)), Clock(office)
    send(sender(office, file, clock))
    facts = {"code": "chertopolohov", "action": "evlampiy", "name": "chertopolohov", "role": "x", "request_id": "y"}
    event = Event("attempt_refused", "chertopolohov:1", facts)
    office.ledger.transact(lambda _: [event], caller=SYSTEM, **office.request())
    assert send(sender(office, file, clock))["soc"] == Tally(sent=1)
    assert b"chertopolohov" not in web.posts[0].body and b"evlampiy" not in web.posts[0].body


def test_refused_then_accepted(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    web.answers = [(500, {}), (429, {"Retry-After": "0"}), (200, {})]
    office.open_case()
    assert send(sender(office, file, clock))["soc"] == Tally(sent=1)
    assert len({post.body for post in web.posts}) == 1 and len(web.posts) == 3
    web.answers = [(403, {})]
    office.open_case(_screening("K-1"))
    assert send(sender(office, file, clock))["soc"] == Tally(failed=1)
    assert len(web.posts) == 4


def test_a_lost_record_repeats_with_the_same_id(
    office: Office, tmp_path: Path, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between sending and recording the sender goes; the next one waits for its claim to end, and repeats."""
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    office.open_case()
    broken = sender(office, file, clock)

    def lost(work: Callable[..., Any]) -> None:
        if web.posts:
            raise LedgerError("LED120", expected="a commit", got="none")
        Sender.store(broken, work)

    monkeypatch.setattr(broken, "store", lost)
    with pytest.raises(LedgerError):
        send(broken)
    assert len(web.posts) == 1
    assert send(sender(office, file, clock))["soc"] == Tally(left=1)
    clock.more = timedelta(minutes=10)
    assert send(sender(office, file, clock))["soc"] == Tally(sent=1)
    assert len(web.posts) == 2 and len({post.headers["Idempotency-Key"] for post in web.posts}) == 1


def test_two_senders_do_not_both_send(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    for number in range(60):
        office.open_case(_screening(f"K-{number}"))
    found: list[Tally] = []
    with Ledger.open(office.url, projections=[PROJECTION]) as other:
        second = Sender(other, Channels.read(file), office.schedule, clock=clock)
        threads = [
            threading.Thread(target=lambda made=made: found.append(send(made)["soc"]))  # type: ignore[misc]
            for made in (second, sender(office, file, clock))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(web.posts) == 60 and sum(tally.sent for tally in found) == 60


def test_who_is_stopped_lets_go_of_what_it_holds(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1], backoff_s=100), Clock(office)
    send(sender(office, file, clock))
    web.answers = [(500, {}), (200, {})]
    office.open_case()
    stop = threading.Event()
    made = sender(office, file, clock)
    thread = threading.Thread(target=lambda: send(made, interval_s=0.05, stop=stop))
    thread.start()
    while not web.posts:
        time.sleep(0.01)
    stop.set()
    thread.join(10)
    assert send(sender(office, file, clock))["soc"] == Tally(sent=1)


def test_a_claim_of_a_clock_that_ran_ahead_holds_nobody_up(office: Office, tmp_path: Path, web: WebServer) -> None:
    """A host with a clock of next year claims and dies: its claim would hold for a year."""
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    office.open_case()
    broken, clock.more = sender(office, file, clock), timedelta(days=365)

    def lost(work: Callable[..., Any]) -> None:
        Sender.store(broken, work)
        raise LedgerError("LED120", expected="a commit", got="none")

    broken.store = lost  # type: ignore[method-assign]
    with pytest.raises(LedgerError):
        send(broken)
    clock.more = timedelta(0)
    assert not web.posts and send(sender(office, file, clock))["soc"] == Tally(sent=1)


def test_a_watch_goes_on_when_the_clock_is_set_back(office: Office, tmp_path: Path, web: WebServer) -> None:
    file, clock = write(tmp_path, webhook(web.port, kinds=["case_opened"]), leads_h=[1], backoff_s=0.2), Clock(office)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: send(sender(office, file, clock), interval_s=0.05, stop=stop))
    send(sender(office, file, clock))
    office.open_case()
    web.answers = [(500, {}), (200, {})]
    thread.start()
    try:
        assert _comes(lambda: len(web.posts) == 1)
        clock.more = timedelta(days=-1)  # while one alert waits for its next attempt
        assert _comes(lambda: len(web.posts) == 2)
        clock.more = timedelta(days=-2)
        office.open_case(_screening("K-1"))
        assert _comes(lambda: len(web.posts) == 3)
    finally:
        stop.set()
        thread.join(10)


def _comes(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not what() and time.monotonic() < end:
        time.sleep(0.01)
    return what()


KILLED = """
import os, sys
from pathlib import Path
from datetime import datetime, UTC, timedelta
import threading
from sito.alerts import Channels, Sender
from sito.cases.projection import PROJECTION
from sito.ledger import Ledger
from tests.cases.office import Days, TERMS
url, file, now = sys.argv[1:]
with Ledger.open(url, projections=[PROJECTION]) as ledger:
    channels = Channels.read(Path(file))
    made = Sender(ledger, channels, Days(TERMS), clock=lambda: datetime.fromisoformat(now))
    made.send(channels.all, stop=threading.Event())
"""


def test_a_sender_that_is_killed_loses_nothing(office: Office, tmp_path: Path, web: WebServer) -> None:
    """Killed when the server has the alert and has not answered: it comes again, with the same id, and all others."""
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1]), Clock(office)
    send(sender(office, file, clock))
    for number in range(5):
        office.open_case(_screening(f"K-{number}"))
    process: list[subprocess.Popen[bytes]] = []

    def kill(handler: Any) -> None:
        os.kill(process[0].pid, signal.SIGKILL)
        process[0].wait()

    web.answers = [(200, {}), (200, {}), kill, (200, {})]
    arguments = [sys.executable, "-c", KILLED, office.url, str(file), clock().isoformat()]
    process.append(subprocess.Popen(arguments))
    assert process[0].wait(60) == -signal.SIGKILL
    clock.more = timedelta(minutes=10)
    assert send(sender(office, file, clock))["soc"] == Tally(sent=3)
    ids = [post.headers["Idempotency-Key"] for post in web.posts]
    assert len(ids) == 6 and len(set(ids)) == 5 and ids[2] == ids[3]


def test_every_kind_is_told_of_some_event(office: Office) -> None:
    """All events that the machines know lead to the kinds that the file may name, and never fail."""
    from sito.alerts.news import news_of
    from sito.cases.machines import MACHINES

    for name, machine in MACHINES.items():
        for state in machine.states:
            office.reach(name, state)
    with office.ledger.read() as view:
        found = [news_of(stored, "x") for stored in view.events()]
    told = {kind for alert in found if alert is not None for kind in alert.kinds}
    assert told == {
        AlertKind.CASE_OPENED, AlertKind.CASE_REOPENED, AlertKind.CASE_ESCALATED, AlertKind.SECOND_EYES,
        AlertKind.MEASURE_PROPOSED, AlertKind.MEASURE_APPLIED,
    }  # fmt: skip


def test_an_outbox_that_follows_is_one_made_anew(office: Office, tmp_path: Path, web: WebServer) -> None:
    web.answers = [(500, {})] * 6 + [(403, {}), (200, {})]
    file, clock = write(tmp_path, webhook(web.port), leads_h=[1], attempts_max=2), Clock(office)
    channels = Channels.read(file)
    follower = Outbox(office.ledger.ledger_id, channels.all[0], channels, office.schedule)
    for number in range(6):
        send(sender(office, file, clock))
        office.open_case(_screening(f"K-{number}"))
        if number == 3:
            sender(office, file, clock).retry(channels.all)
        fresh = Outbox(office.ledger.ledger_id, channels.all[0], channels, office.schedule)
        with office.ledger.read() as view:
            fresh.catch_up(view)
            follower.catch_up(view)
            assert fresh.waiting(view, clock()) == follower.waiting(view, clock())
        assert fresh.failed == follower.failed and fresh.sent_count == follower.sent_count
