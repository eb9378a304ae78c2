"""The tables of the machines are whole, and the page shows them as they are."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from sito.cases.facts import CLEAR, SEALED
from sito.cases.guards import guard
from sito.cases.machines import MACHINES, MEASURES, RULING, TERM_RULES
from sito.cases.projection import TABLES
from sito.cases.roles import Role
from sito.cases.states import BEGIN, Guard, Machine, Transition, drawing, table

PAGE = Path(__file__).parents[2] / "docs" / "cases.md"
ALL = list(MACHINES.values())
ROWS = [
    pytest.param(machine, row, id=f"{machine.name}-{row.state}-{row.action}") for machine in ALL for row in machine.rows
]


@pytest.mark.parametrize("machine", ALL, ids=lambda machine: machine.name)
def test_a_machine_has_one_row_for_a_state_and_action_and_reaches_every_state(machine: Machine) -> None:
    assert Counter((row.state, row.action) for row in machine.rows).most_common(1)[0][1] == 1
    reached = {BEGIN}
    while more := {row.target for row in machine.rows if row.state in reached} - reached:
        reached |= more
    assert {row.state for row in machine.rows} <= reached
    assert machine.in_force | machine.open_states <= set(machine.states)
    assert machine.name in TABLES
    assert bool(machine.in_force) == (machine.name in MEASURES)


@pytest.mark.parametrize(("machine", "row"), ROWS)
def test_a_row_names_only_what_there_is(machine: Machine, row: Transition) -> None:
    assert row.roles and len(set(row.roles)) == len(row.roles)
    assert {*row.needs, *row.may} <= CLEAR.keys() | SEALED.keys()
    assert not set(row.needs) & set(row.may)
    begins = {name for other in machine.rows for name in (*other.begins, *other.begins_now, *other.begins_until)}
    if machine.name != "freeze" or row.action != "withdraw":
        assert {*row.ends, *row.ends_one} <= begins
    if row.begins_until:
        assert "until" in row.may
    assert Role.AUDITOR not in row.roles  # auditors read


@pytest.mark.parametrize(("machine", "row"), [one for one in ROWS if one.values[1].second_to])  # type: ignore[union-attr]
def test_a_second_pair_of_eyes_is_a_persons_and_can_follow_the_first(machine: Machine, row: Transition) -> None:
    # The first step either led to this state or can be taken in it.
    firsts = [other for other in machine.rows if other.action == row.second_to]
    assert any(first.target == row.state for first in firsts)
    assert Role.SYSTEM not in row.roles
    # Two different people can have the roles: otherwise a bank could never take the step.
    assert {role for first in firsts for role in first.roles} and row.roles


@pytest.mark.parametrize("machine", ALL, ids=lambda machine: machine.name)
def test_whatever_runs_has_a_next_step_that_can_be_taken(machine: Machine) -> None:
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(BEGIN, frozenset())]
    while waiting:
        state, tasks = waiting.pop()
        for task in tasks:
            names = machine.towards(state, task)
            assert names and set(names) <= {row.action for row in machine.rows_from(state)}, (state, task)
        for row in machine.rows_from(state):
            if Guard.UNNUMBERED in row.guards and tasks:
                continue  # a term runs of what was sent, which has a number
            left = tasks - {*row.ends, *row.ends_one} | {*row.begins, *row.begins_now, *row.begins_until}
            # Without `until` a court's term is none of ours, and what begins where no ruling has terms is not begun.
            for after in (left, left - {*row.begins_until}):
                if (row.target, after) not in seen:
                    seen.add((row.target, after))
                    waiting.append((row.target, after))


@pytest.mark.parametrize(
    ("subject", "task", "names"),
    [
        ("case new", RULING, "assign"),
        # To reject is no step that the law wants: it stands last.
        ("case in_review", RULING, "escalate confirm reject"),
        ("case escalated", RULING, "confirm reject"),
        ("case confirmed", RULING, "approve"),
        ("case reopened", RULING, "assign"),
        ("freeze proposed", RULING, "apply withdraw"),
        ("freeze partly_released", "R-TE-INFORM", "inform"),
        ("freeze applied", "R-UNFREEZE@removal_published", "ask_lift lift"),
        ("suspension applied", "R-SUSP@order_due", "extend court lapse ask_end end"),
        ("suspension lapsed", "R-SUSP-END", "extend court execute ask_end end"),
        ("message officer_drops", "R-OPER-FES", "head_report head_drop"),
        ("check running", "R-CHECK-3M", "finish"),
        ("audit reported", "R-AUDIT-6M", "accept"),
        ("fes rejected", "R-FES-MEND", "draft"),
        ("fes sending", "HOUSE-UNSURE", "sent not_sent"),
        ("case approved", RULING, "reopen"),
    ],
)
def test_next_steps_lead_to_the_end_of_a_term(subject: str, task: str, names: str) -> None:
    name, _, state = subject.partition(" ")
    assert " ".join(MACHINES[name].towards(state, task)) == names


def test_what_sets_free_or_ends_something_takes_two_or_a_term_that_is_over() -> None:
    """Money goes free, and a hit of grade exact is put aside, by two people or by a term of the law alone."""
    freeing = {
        ("freeze", "withdraw"), ("freeze", "release"), ("freeze", "lift"), ("suspension", "end"),
        ("refusal", "repeal"), ("case", "approve"), ("notice", "approve"), ("check", "report"),
    }  # fmt: skip
    for name, action in freeing:
        assert all(row.second_to for row in MACHINES[name].rows if row.action == action), (name, action)
    for row in MACHINES["suspension"].rows:
        if row.target == "lapsed" and row.state != "lapsed":
            assert row.guards or row.action in {"cancel_court", "ask_end", "inform"}
        if row.target == "executed" and row.state != "executed":
            assert row.guards


def test_every_guard_has_code_and_every_named_rule_a_term() -> None:
    from sito.cases.guards import _GUARDS
    from sito.cases.states import Guard

    assert set(_GUARDS) == set(Guard) and callable(guard)
    assert RULING not in TERM_RULES and all(rule.startswith(("R-", "HOUSE-")) for rule in TERM_RULES)


def page_text() -> str:
    """Return the generated part of the page."""
    parts = []
    for machine in ALL:
        parts += [
            f"## {machine.name}",
            "",
            machine.title,
            "",
            "```mermaid",
            drawing(machine),
            "```",
            "",
            table(machine),
            "",
        ]
    return "\n".join(parts)


def test_the_page_shows_the_machines(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text("utf-8")
    pattern = re.compile(r"(?<=<!-- machines -->\n\n).*(?=\n<!-- end of machines -->)", re.DOTALL)
    found = pattern.search(text)
    assert found is not None
    if request.config.getoption("--update-golden"):
        PAGE.write_text(text[: found.start()] + page_text() + text[found.end() :], "utf-8")
    else:
        assert found.group() == page_text()


def test_the_page_names_every_fact() -> None:
    lines = re.findall(r"^\| (`[^|]+`) \| (?:sealed|open) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    rows = {name for line in lines for name in re.findall(r"`(\w+)`", line)}
    assert rows == CLEAR.keys() | SEALED.keys()
    assert rows == {fact for machine in ALL for row in machine.rows for fact in (*row.needs, *row.may)}
