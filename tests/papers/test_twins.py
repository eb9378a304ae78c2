"""Papers against slow and readable twins: all events in a list, and the deadlines of the desk around each step."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cases.office import Office
from tests.papers.story import SCHEDULE, office, source

from sito.cases.deadlines import open_deadlines
from sito.cases.machines import FREEZE, MACHINES, MESSAGE, SUSPENSION
from sito.cases.pages import is_step
from sito.cases.projection import LIST_USED
from sito.errors import CaseError
from sito.ledger import Stored
from sito.papers import Period, counts, make_paper, words
from sito.papers.content import Table
from sito.policy.calendar import moscow_day
from sito_server import taking

REGISTERS = {
    "freezes": ("freeze", FREEZE.in_force),
    "suspensions": ("suspension", SUSPENSION.in_force | {"lapsed"}),
    "refusals": ("refusal", {"proposed", "refused"}),
    "messages": ("message", MESSAGE.open_states),
}  # fmt: skip
Found = list[tuple[str, str, Any]]


def walk(desk: Office, chance: random.Random, steps: int) -> Iterator[None]:
    """Take random steps, with days between them; what the desk refuses is refused."""
    names = [name for name in MACHINES if name not in {"case", "notice", "fes"}]
    open_: list[str] = []
    for _ in range(steps):
        desk.now += timedelta(hours=chance.choice((0, 1, 20, 60, 200)))
        try:
            if not open_ or chance.random() < 0.3:
                machine = chance.choice(names)
                row = chance.choice([row for row in MACHINES[machine].rows if not row.state])
                open_.append(desk.begin(machine, row.action, **desk.facts(machine, row)).subject)
            else:
                subject = chance.choice(open_)
                rows = MACHINES[subject.partition(":")[0]].rows_from(desk.state(subject))
                if rows:
                    desk.take(subject, chance.choice(rows))
        except CaseError:
            pass
        yield


def late_of(desk: Office) -> Counter[tuple[str, str, Any]]:
    with desk.ledger.read() as view:
        found = open_deadlines(view, SCHEDULE, desk.now)
    return Counter((one.subject, one.rule, one.alarm_at) for one in found if one.has_term)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Counter[Any], Counter[Any]]]:
    """Give an office, the terms that ended too late, each as (subject, rule, due), and those that are late now."""
    desk, chance = office(tmp_path_factory.mktemp("walk")), random.Random(6)
    ended: Counter[Any] = Counter()
    before = late_of(desk)
    for _ in walk(desk, chance, 160):
        after = late_of(desk)
        gone = before - after
        ended += Counter({one: count for one, count in gone.items() if one[2] <= desk.now})
        before = after
    end = Period(desk.now.date(), moscow_day(desk.now)).end
    yield desk, ended, Counter({one: count for one, count in before.items() if one[2] <= end})
    desk.ledger.close()


def everything(desk: Office) -> list[Stored]:
    with desk.ledger.read() as view:
        return list(view.events())


def rows_of(desk: Office, kind: str, period: Period) -> tuple[tuple[str, ...], ...]:
    with desk.ledger.read() as view:
        paper = make_paper(source(view, period), kind)
    return next(block.rows for block in paper.blocks if isinstance(block, Table))


def twin(events: list[Stored], machine: str, running: Any, period: Period) -> dict[str, tuple[str, list[Stored]]]:
    """Return state and steps of each matter that belongs to the period."""
    steps: dict[str, list[Stored]] = {}
    for one in events:
        if one.event.subject.startswith(f"{machine}:") and is_step(one) and one.at < period.end:
            steps.setdefault(one.event.subject, []).append(one)
    found = {}
    for subject, own in steps.items():
        state = own[-1].event.facts["state"]
        if state in running or any(period.start <= one.at < period.end for one in own):
            found[subject] = (state, own)
    return found


@pytest.mark.parametrize("kind", REGISTERS)
def test_a_register_holds_what_all_events_say(walked: Any, kind: str) -> None:
    desk, *_ = walked
    events, chance = everything(desk), random.Random(kind)
    machine, running = REGISTERS[kind]
    first, last = moscow_day(events[0].at), moscow_day(events[-1].at)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    seen = 0
    for _ in range(12):
        since, until = sorted((chance.choice(days), chance.choice(days)))
        period = Period(since, until)
        expected = twin(events, machine, running, period)
        rows = rows_of(desk, kind, period)
        assert [row[1].partition("\n")[0] for row in rows] == sorted(expected, key=lambda one: int(one.split(":")[1]))
        assert [row[0] for row in rows] == [str(place) for place in range(1, len(rows) + 1)]
        for row in rows:
            state, own = expected[row[1].partition("\n")[0]]
            assert row[-1] == words.STATES[machine][state]
            told = [one for one in own if one.event.kind.endswith("told_to_authority")]
            assert kind == "messages" or sum(cell.count("FES-1\n") for cell in row) == len(told)
            if kind == "freezes":
                out = [one for one in own if one.event.kind == "freeze_partly_released" and period.holds(one.at)]
                assert (f"выдач: {len(out)}" in row[7]) == bool(out)
        seen += len(rows)
    assert seen > 10


def test_terms_that_were_not_kept_are_those_of_the_desk(walked: Any) -> None:
    desk, ended, late = walked
    with desk.ledger.read() as view:
        tally = counts.count(source(view, Period(date(2026, 1, 1), moscow_day(desk.now))))
    holding = {"R-SUSP", "R-SUSP-OWN", "R-SUSP-EXT", "R-SUSP-COURT"}

    def without(found: Counter[Any]) -> Counter[Any]:
        return Counter({one: count for one, count in found.items() if one[1] not in holding})

    told = Counter((one.subject, one.rule, one.due_at) for one in tally.late if one.done_at is not None)
    running = Counter((one.subject, one.rule, one.due_at) for one in tally.late if one.done_at is None)
    assert without(told) == without(ended) and without(running) == without(late)
    assert sum(told.values()) > 5 and sum(running.values()) > 5


def test_each_kind_of_event_is_counted_once(walked: Any) -> None:
    desk, *_ = walked
    events, period = everything(desk), Period(date(2026, 3, 10), date(2026, 6, 1))
    with desk.ledger.read() as view:
        tally = counts.count(source(view, period))
    within = [one for one in events if period.start <= one.at < period.end]
    assert tally.kinds == Counter(one.event.kind for one in within if one.event.kind != LIST_USED)
    states = {one.event.subject: one.event.facts for one in events if is_step(one) and one.at < period.end}
    assert tally.standing == Counter((facts["machine"], facts["state"]) for facts in states.values())


def test_the_counts_of_servers_have_the_names_that_servers_give_them() -> None:
    assert (counts.PAYMENTS_SCREENED, counts.NAMES_LOOKED_UP, counts.NOT_TAKEN) == (
        taking.PAYMENTS_SCREENED, taking.NAMES_LOOKED_UP, taking.NOT_TAKEN,
    )  # fmt: skip


def test_every_state_and_ground_has_a_word(tmp_path: Path) -> None:
    for name, states in words.STATES.items():
        assert set(states) == set(MACHINES[name].states)
    from sito.cases.facts import CLEAR

    for fact, known in (("refusal_ground", words.REFUSAL_GROUNDS), ("lift_ground", words.LIFT_GROUNDS),
                        ("end_ground", words.END_GROUNDS), ("review_result", words.REVIEWS),
                        ("kind", words.KINDS)):  # fmt: skip
        assert set(CLEAR[fact].__args__) == set(known)
