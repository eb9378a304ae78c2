"""The indicator of a ledger: the same on both databases, and of no more events than it has to read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.cases.office import ANNA, SYSTEM
from tests.ledger.stores import new_database, postgres
from tests.risk.test_metrics import SETTINGS, START, Story, check, schedule, sent

from sito.errors import LedgerError, RiskError
from sito.ledger import Event, Ledger
from sito.ledger.events import instant
from sito.risk import Indicator, Level, Metric, Standing, indicator, tick
from sito.risk.items import DOCUMENT_LENGTH_MAX

SECOND_MAX = 10.0
DAY = date(2025, 6, 1)
AT = datetime.fromisoformat("2025-06-10T09:00:00+00:00")


def made(url: str) -> Ledger:
    Ledger.create(url)
    return Ledger.open(url)


def show(ledger: Ledger, at: float, on: date | None = None) -> Indicator:
    with ledger.read() as view:
        return indicator(view, settings=SETTINGS, schedule=schedule(), read_at=START + timedelta(days=at), on=on)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with made(f"sqlite:///{tmp_path / 'sito.db'}") as found:
        yield found


def test_the_same_events_give_the_same_indicator_on_both_databases(tmp_path: Path) -> None:
    story = sent(check(Story(), 1, 10, used=8), 3, 20, due_at=19)(24, "fes_rejected", "fes:3")
    found = []
    with postgres() as server:
        for url in (f"sqlite:///{tmp_path / 'sito.db'}", new_database(server)):
            with made(url) as ledger:
                empty = show(ledger, 0)
                assert empty.level is Level.RAISED and all(one.level is Level.RAISED for one in empty.metrics)
                for event in story.events:
                    ledger.transact(
                        lambda _, event=event: [Event(event.kind, event.subject, event.facts)],  # type: ignore[misc]
                        request_id=f"{event.request_id}-{event.sequence}", caller=SYSTEM, at=instant(event.at_us),
                    )  # fmt: skip
                state = tick(
                    ledger, SETTINGS, "training", on=date(2025, 1, 20), document="№ 7/25", caller=ANNA,
                    request_id="tick", at=START + timedelta(days=26),
                )  # fmt: skip
                assert state.standing is Standing.DONE
                found.append([msgspec.structs.replace(show(ledger, 27, on), ledger_id="") for on in (None, DAY)])
    assert found[0] == found[1]
    now, later = found[0]
    assert now.last_sequence == len(story.events) + 1 and later.level is Level.HIGH
    levels = {metric.metric: metric.level for metric in now.metrics}
    assert levels[Metric.OPERATION_LATE] is Level.HIGH and levels[Metric.CHECK_MISSING] is Level.LOW


def test_who_ticks_again_in_the_same_words_ticks_once(ledger: Ledger) -> None:
    def once(document: str) -> None:
        tick(ledger, SETTINGS, "training", on=DAY, document=document, caller=ANNA, request_id="t", at=AT)

    once("№ 1")
    once("№ 1")
    with pytest.raises(LedgerError):
        once("№ 2")
    with ledger.read() as view:
        assert view.head()[0] == 1


@pytest.mark.parametrize(
    ("item", "on", "document", "code"),
    [
        ("colour", DAY, "1", "RSK104"), ("", DAY, "1", "RSK104"), ("training", date(2025, 6, 11), "1", "RSK105"),
        ("training", date(2014, 12, 31), "1", "RSK105"), ("training", DAY, "", "RSK105"),
        ("training", DAY, "Чертополохов", "RSK105"), ("training", DAY, "1\n2", "RSK105"),
        ("training", DAY, "1\u202e2", "RSK105"), ("training", DAY, "1\x9b2", "RSK105"),
        ("training", DAY, "1" * (DOCUMENT_LENGTH_MAX + 1), "RSK105"),
    ],
)  # fmt: skip
def test_a_tick_that_cannot_be_is_refused_and_leaves_nothing(
    ledger: Ledger, item: str, on: date, document: str, code: str
) -> None:
    with pytest.raises(RiskError) as caught:
        tick(ledger, SETTINGS, item, on=on, document=document, caller=ANNA, request_id="t", at=AT)
    assert caught.value.code == code and "Чертополохов" not in str(caught.value)
    with ledger.read() as view:
        assert view.head()[0] == 0


def test_the_day_in_moscow_counts(ledger: Ledger) -> None:
    """At 21:30 UTC it is tomorrow in Moscow."""
    at = datetime.fromisoformat("2025-06-10T21:30:00+00:00")
    state = tick(
        ledger, SETTINGS, "rules_report", on=date(2025, 6, 11), document="1", caller=ANNA, request_id="t", at=at
    )
    assert (state.standing, state.expires_on) == (Standing.DONE, date(2025, 12, 11))


def test_a_tick_expires_the_last_one_counts_and_an_audit_is_one(ledger: Ledger) -> None:
    def standing(item: str, day: date) -> tuple[str, str, str]:
        found = next(one for one in show(ledger, 900, day).items if one.id == item)
        return found.standing.value, found.level.value, found.document

    for place, (on, document) in enumerate(((date(2025, 5, 1), "№ 1"), (date(2025, 3, 1), "№ 2"))):
        tick(ledger, SETTINGS, "training", on=on, document=document, caller=ANNA, request_id=f"t{place}", at=AT)
    assert standing("training", date(2025, 6, 9)) == ("missing", "moderate", "")
    assert standing("training", date(2025, 6, 10)) == ("done", "low", "№ 2")
    assert standing("training", date(2026, 3, 1)) == ("done", "low", "№ 2")
    assert standing("training", date(2026, 3, 2)) == ("expired", "moderate", "№ 2")
    ledger.transact(lambda _: [Event("audit_accepted", "audit:4", {})], request_id="a", caller=ANNA, at=AT)
    assert standing("rules_report", date(2025, 6, 10)) == ("done", "low", "audit:4")


def _filled(ledger: Ledger, count: int) -> None:
    """Store events, one in ten of those that the indicator asks for, over the last 400 days before day 400."""
    for first in range(0, count, 2_000):
        events = []
        for number in range(first, first + 2_000):
            what = number % 40
            if what == 0:
                events.append(Event("list_used", "list:RU-TE", {"list_id": "RU-TE", "edition": "1", "files": []}))
            elif what in {1, 2, 3}:
                kind = ("fes_drafted", "fes_sent", "fes_rejected")[what - 1]
                facts = {"kind": "operation"} if what == 1 else {}
                events.append(Event(kind, f"fes:{number // 40 + 1}", facts))
            else:
                events.append(Event("screened", f"client:{number}", {"hits": [], "text": "x" * 100}))
        at = START + timedelta(days=400 * first / count)
        ledger.transact(lambda _, told=events: told, request_id=f"f{first}", caller=SYSTEM, at=at)  # type: ignore[misc]


@pytest.mark.long
def test_a_ledger_of_many_events_is_read_in_seconds(ledger: Ledger) -> None:
    _filled(ledger, 200_000)
    began = time.perf_counter()
    found = show(ledger, 400)
    assert time.perf_counter() - began < SECOND_MAX
    by = {metric.metric: metric for metric in found.metrics}
    assert by[Metric.REJECTED_OPEN].count > 4_000 and by[Metric.REJECTED_OPEN].evidence_count > 4_000
    assert len(by[Metric.REJECTED_OPEN].evidence) == 20
