"""Where one day ends and the next begins, clocks that differ, and terms with two ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cases.office import ANNA, BORIS, OLEG, SYSTEM, Office
from tests.papers.story import HALF, NAME, frozen, hit_of, lists, office, on, papers, source

from sito.cases.projection import LIST_USED
from sito.errors import PaperError
from sito.ledger import Event
from sito.papers import Cut, Period, make_paper
from sito.papers.content import Table
from sito.papers.counts import count
from sito.policy.calendar import MOSCOW

DAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=MOSCOW)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Office]:
    found = office(tmp_path)
    yield found
    found.ledger.close()


def use(made: Office, at: datetime, edition: str) -> None:
    event = Event(LIST_USED, "list:RU-TE", {"list_id": "RU-TE", "edition": edition})
    made.ledger.transact(lambda _: [event], caller=ANNA, request_id=f"{at} {edition}", at=at)


def used(made: Office, period: Period) -> list[str]:
    with made.ledger.read() as view:
        paper = make_paper(source(view, period), "lists")
    return [row[4] for block in paper.blocks[1:2] if isinstance(block, Table) for row in block.rows]


def test_a_day_is_one_of_moscow(made: Office) -> None:
    moment = timedelta(microseconds=1)
    for at, edition in ((MIDNIGHT - timedelta(days=1) - moment, "before"), (MIDNIGHT - timedelta(days=1), "first"),
                        (MIDNIGHT - moment, "last"), (MIDNIGHT, "behind")):  # fmt: skip
        use(made, at, edition)
    assert used(made, Period(DAY, DAY)) == ["first", "last"]
    assert used(made, Period(DAY - timedelta(days=1), DAY)) == ["before", "first", "last"]
    with made.ledger.read() as view:
        cut = Cut.before(view, Period(DAY, DAY).end)
        head = view.head()
    assert (cut.sequence, head[0]) == (3, 4) and cut.digest != head[1]


def test_clocks_that_differ_lose_nothing_and_bring_nothing_in(made: Office) -> None:
    """The second host is slow: what it records behind the end of the day bears a time of the day."""
    use(made, MIDNIGHT - timedelta(seconds=2), "one")
    use(made, MIDNIGHT + timedelta(seconds=2), "tomorrow")
    use(made, MIDNIGHT - timedelta(seconds=1), "two")
    assert used(made, Period(DAY, DAY)) == ["one", "two"]
    assert used(made, Period(DAY + timedelta(days=1), DAY + timedelta(days=1))) == ["tomorrow"]
    made.now = MIDNIGHT.astimezone(UTC) - timedelta(minutes=1)
    subject = frozen(made, NAME, "C-1")  # its steps end some minutes behind midnight
    made.now = MIDNIGHT.astimezone(UTC) - timedelta(minutes=2)
    use(made, made.now, "late")
    with made.ledger.read() as view:
        today = make_paper(source(view, Period(DAY, DAY)), "freezes")
        tomorrow = make_paper(source(view, Period(DAY, DAY + timedelta(days=1))), "freezes")
    assert (today.row_count, tomorrow.row_count) == (0, 1) and subject == "freeze:1"


@pytest.mark.parametrize(("first", "last"), [("2026-03-10", "2026-03-10"), ("2026-03-09", "2026-03-10")])
def test_one_day_is_a_period(first: str, last: str) -> None:
    assert Period.of(first, last, today=DAY) == Period(date.fromisoformat(first), DAY)
    with pytest.raises(PaperError, match="PAP101"):
        Period.of(first, last, today=DAY - timedelta(days=1))


@pytest.mark.parametrize(
    "text", ["", "2026-3-1", "20260301", "２026-03-01", "2026-13-01", " 2026-03-01", "2026-03-01\n"]
)
def test_a_day_in_another_form_is_none(text: str) -> None:
    with pytest.raises(PaperError, match="PAP101"):
        Period.of(text, "2026-03-10", today=DAY)


def test_the_earliest_end_of_a_term_is_the_one_that_was_not_kept(made: Office) -> None:
    """A hit of Friday: one source gives a day of work, another 24 hours."""
    on(made, 3, 13)
    screening, personal = hit_of(NAME, "C-1")
    case = made.desk.open_case(screening, personal=personal, caller=SYSTEM, **made.request()).subject
    on(made, 3, 16)
    made.act(case, "assign", assignee="anna")
    made.act(case, "confirm", measure="freeze", motive="совпало")
    made.act(case, "approve", caller=BORIS)
    with made.ledger.read() as view:
        (late, *others) = count(source(view, HALF)).late
    assert (late.subject, late.rule, late.done_at) == (case, "R-TE-FREEZE", made.now)
    assert late.due_at == datetime(2026, 3, 14, 9, 1, tzinfo=UTC)
    assert {one.done_at for one in others} == {None}  # of the freeze that nobody has applied


def test_what_is_told_ends_the_term_that_began_first(made: Office) -> None:
    on(made, 3, 10)
    freeze = frozen(made, NAME, "C-1")
    on(made, 6, 10)
    made.act(freeze, "ask_lift", lift_ground="court", motive="суд")
    made.act(freeze, "lift", caller=BORIS, lift_ground="court")
    lifted = made.now
    made.act(freeze, "inform", message_id="FES-1")
    with made.ledger.read() as view:
        tally = count(source(view, Period(HALF.first, date(2026, 6, 10))))
    assert [(one.subject, one.began_at < lifted, one.done_at) for one in tally.late] == [(freeze, True, made.now)]


def test_a_protocol_holds_what_belongs_to_its_check(made: Office) -> None:
    on(made, 3, 10)
    made.begin("check", "plan")
    made.act("check:1", "start", caller=OLEG)
    for occasion, client in (("payment", "C-2"), ("check", "C-3")):
        screening, personal = hit_of(NAME, client, occasion=occasion)
        made.desk.open_case(screening, personal=personal, caller=SYSTEM, **made.request())
    lists(made, LIST_USED, "of the check")
    editions: list[dict[str, Any]] = [{"list_id": "RU-TE", "edition": "2026-02-27"}]
    made.act("check:1", "finish", caller=SYSTEM, client_count=3, match_count=1, editions=editions)
    lists(made, LIST_USED, "behind it")
    screening, personal = hit_of(NAME, "C-4")
    made.desk.open_case(screening, personal=personal, caller=SYSTEM, **made.request())
    made.act("check:1", "report", message_id="FES-4")
    protocol = next(paper for paper in papers(made) if paper.kind == "check")
    tables = [block.rows for block in protocol.blocks if isinstance(block, Table)]
    assert [row[4] for row in tables[2]] == ["of the check"]
    assert [row[0] for row in tables[3]] == ["case:2"]
    assert "FES-4" in msgspec.json.encode(protocol).decode()
