"""Whatever channels and senders do, each alert is taken once by id, or shown as given up."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.alerts.conftest import MailServer, WebServer
from tests.alerts.desk import email, webhook, write
from tests.alerts.test_sender import Clock, send, sender
from tests.cases.office import Office, screening

from sito.alerts.outbox import SENT
from sito.errors import LedgerError

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_whatever_fails(tmp_path: Path, web: WebServer, mail: MailServer, seed: int) -> None:
    """Servers answer at random, senders die at random, others come at random times; in the end all is told."""
    chance = random.Random(seed)
    office = Office(tmp_path)
    file = write(tmp_path, email(mail.port), webhook(web.port), leads_h=[0.001], attempts_max=2, backoff_s=0.001)
    clock = Clock(office)
    send(sender(office, file, clock))
    for number in range(12):
        office.open_case(screening(client_id=f"K-{number}", record_id=f"K-{number}"))
        web.answers = [(chance.choice([200, 200, 404, 429, 500]), {}) for _ in range(4)] + [(200, {})]
        mail.data_answers = [chance.choice(["250 ok", "451 later", "554 no"]) for _ in range(4)] + ["250 ok"]
        made = sender(office, file, clock)
        store, left = made.store, chance.randrange(12)
        lock = threading.Lock()

        def fail(work: object, store: object = store, lock: threading.Lock = lock) -> None:
            nonlocal left
            with lock:
                left -= 1
                dead = left < 0
            if dead:
                raise LedgerError("LED130", expected="a sender", got="a dead one")
            store(work)  # type: ignore[operator]

        made.store = fail  # type: ignore[method-assign, assignment]
        try:
            send(made)
        except LedgerError as error:
            assert error.code == "LED130"
        clock.more = clock.more + chance.choice([0, 1, 10]) * MINUTE
    clock.more = clock.more + 60 * MINUTE
    web.answers, mail.data_answers = [(200, {})], ["250 ok"]
    last = sender(office, file, clock)
    last.retry(last._channels.all)
    send(last)
    ids = {alert_id for alert_id, _ in _told(office, SENT)}
    assert len({post.headers["Idempotency-Key"] for post in web.posts}) == 12
    assert len(ids) == 12
    assert all(count == 2 for count in _counts(_told(office, SENT)).values())  # once for each channel
    for channel in last._channels.all:
        outbox = last.outbox(channel)
        with office.ledger.read() as view:
            assert not outbox.waiting(view, clock()) and not outbox.failed
    office.ledger.close()


def _told(office: Office, kind: str) -> list[tuple[str, str]]:
    with office.ledger.read() as view:
        return [(one.event.facts["alert_id"], one.event.facts["channel"]) for one in view.events(kinds=[kind])]


def _counts(told: list[tuple[str, str]]) -> dict[str, int]:
    return {alert_id: sum(1 for other, _ in set(told) if other == alert_id) for alert_id, _ in told}
