"""Every action in every state by every role: allowed ones lead where the table says, all others change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.cases.office import (
    ALIASES,
    BY_ROLE,
    FACTS,
    LOOKED_UP,
    SECOND_BY_ROLE,
    Office,
    assert_equal_to_a_rebuild,
    screening,
    steps_of,
    tables,
)  # fmt: skip

from sito.cases.machines import MACHINES
from sito.cases.projection import ATTEMPT_REFUSED
from sito.cases.roles import Role
from sito.cases.states import Transition
from sito.errors import CaseError
from sito.ledger import Caller

STATES = [(name, state) for name, machine in MACHINES.items() for state in machine.states]
ROWS = [pytest.param(name, row, id=f"{name}-{row.state}-{row.action}")
        for name, machine in MACHINES.items() for row in machine.rows if row.state]  # fmt: skip
BEGINNINGS = [pytest.param(name, row, id=f"{name}-{row.action}")
              for name, machine in MACHINES.items() for row in machine.rows if not row.state]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all: matters do not touch each other. In the end all its tables equal those rebuilt."""
    office = Office(tmp_path_factory.mktemp("office"))
    yield office
    assert_equal_to_a_rebuild(office.ledger)
    office.ledger.close()


def refusals(office: Office) -> int:
    with office.ledger.read() as view:
        return sum(1 for _ in view.events(kinds=[ATTEMPT_REFUSED]))


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_an_allowed_step_leads_where_the_table_says_for_each_role_of_it(
    office: Office, name: str, row: Transition
) -> None:
    for role in row.roles:
        subject = office.reach(name, row.state)
        outcome = office.take(subject, row, role=role)
        assert (outcome.subject, outcome.steps[0].action, outcome.state) == (subject, row.action, row.target)
        assert office.state(subject) == row.target
        with office.ledger.read() as view:
            assert [one.event.kind for one in view.events(subject=subject)][-1] == row.event


@pytest.mark.parametrize(("name", "row"), BEGINNINGS)
def test_a_matter_begins_with_its_first_state(office: Office, name: str, row: Transition) -> None:
    if row.action == "order":
        outcome = office.begin("suspension", "order", **office.facts(name, row))
        assert (outcome.steps[0].action, outcome.state) == ("order", "ordered")
    else:
        subject = office.new(name, row)
        assert office.state(subject) == row.target


@pytest.mark.parametrize(("name", "state"), STATES)
def test_every_other_action_is_refused_and_changes_nothing(office: Office, name: str, state: str) -> None:
    subject = office.reach(name, state)
    before = tables(office.ledger)
    machine = MACHINES[name]
    for action in machine.actions:
        if machine.row(state, action) is not None:
            continue
        facts = {
            fact: FACTS.get(fact) or screening()
            for row in machine.rows if row.action == action for fact in row.needs if fact not in LOOKED_UP
        }  # fmt: skip
        for role in Role:
            with pytest.raises(CaseError) as caught:
                office.act(subject, action, caller=BY_ROLE[role], **facts)
            somewhere = {role for row in machine.rows if row.action == action for role in row.roles}
            assert caught.value.code == ("CAS105" if role in somewhere else "CAS204")
    assert tables(office.ledger) == before


@pytest.mark.parametrize(("name", "state"), STATES)
def test_roles_that_may_not_are_refused_and_recorded(office: Office, name: str, state: str) -> None:
    subject = office.reach(name, state)
    for row in MACHINES[name].rows_from(state):
        office.prepare(subject, row)
        before, count = tables(office.ledger), refusals(office)
        wrong = [role for role in Role if role not in row.roles]
        for role in wrong:
            with pytest.raises(CaseError, match="CAS204"):
                office.act(subject, row.action, caller=SECOND_BY_ROLE[role], **office.facts(name, row))
        assert tables(office.ledger) == before
        assert refusals(office) == count + len(wrong)


@pytest.mark.parametrize(("name", "row"), [one for one in ROWS if one.values[1].second_to])  # type: ignore[union-attr]
def test_the_same_person_twice_is_refused_and_recorded_under_every_name(
    office: Office, name: str, row: Transition
) -> None:
    subject = office.reach(name, row.state)
    office.prepare(subject, row)
    with office.ledger.read() as view:
        first = steps_of(view, subject)[row.second_to]
    names = {first, first.upper(), f" {first} ", *ALIASES.get(first, [])}
    before, count = tables(office.ledger), refusals(office)
    for shown in sorted(names):
        for role in row.roles:
            with pytest.raises(CaseError, match="CAS205"):
                office.act(subject, row.action, caller=Caller(shown, role), **office.facts(name, row))
    assert tables(office.ledger) == before
    assert refusals(office) == count + len(names) * len(row.roles)
