"""Any sequence of steps by anybody: the desk does what a model of a few lines says, and a rebuild gives the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.cases.office import ANNA, AUDITOR, BORIS, OLEG, SYSTEM, VERA, Office, assert_equal_to_a_rebuild

from sito.cases.machines import MACHINES
from sito.cases.projection import ATTEMPT_REFUSED
from sito.errors import CaseError
from sito.ledger import Caller

# Anna has a second certificate and, by it, another role: she stays one person.
ANNA_AS_HEAD = Caller("CN=ANNA, O=Bank", "head")
CALLERS = [ANNA, ANNA_AS_HEAD, BORIS, VERA, OLEG, SYSTEM, AUDITOR]
PERSON = {caller.name: caller.name for caller in CALLERS} | {ANNA_AS_HEAD.name: ANNA.name}
GUARDED = {
    "CAS111",
    "CAS112",
    "CAS113",
    "CAS114",
    "CAS115",
    "CAS116",
    "CAS119",
    "CAS120",
    "CAS301",
}  # what depends on more than the model knows


class Model:
    """One matter: its state, and who took which step since the state changed."""

    def __init__(self, machine: str, state: str, action: str, caller: Caller) -> None:
        self.machine, self.state = MACHINES[machine], state
        self.steps = {action: PERSON[caller.name]}

    def expected(self, action: str, caller: Caller) -> str:
        roles = {role for row in self.machine.rows if row.action == action for role in row.roles}
        row = self.machine.row(self.state, action)
        if caller.role not in roles:
            return "CAS204"
        if row is None:
            return "CAS105"
        if caller.role not in row.roles:
            return "CAS204"
        if row.second_to and row.second_to not in self.steps:
            return "CAS108"
        if row.second_to and self.steps[row.second_to] == PERSON[caller.name]:
            return "CAS205"
        return ""

    def take(self, action: str, caller: Caller) -> None:
        row = self.machine.row(self.state, action)
        assert row is not None
        if row.target != self.state:
            self.steps = {}
        self.steps.pop(row.second_to, None)
        self.steps[action] = PERSON[caller.name]
        self.state = row.target


class Desks(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(self.folder)
        self.models: dict[str, Model] = {}
        self.refused = 0

    def add(self, steps: Any, caller: Caller) -> None:
        for step in steps:
            name = step.subject.partition(":")[0]
            if name in MACHINES and step.subject not in self.models:
                self.models[step.subject] = Model(name, step.state, step.action, caller)

    @rule(
        data=st.data(),
        name=st.sampled_from(sorted(MACHINES.keys() - {"notice", "fes"})),
        caller=st.sampled_from(CALLERS),
    )
    def begin(self, data: st.DataObject, name: str, caller: Caller) -> None:
        row = data.draw(st.sampled_from(MACHINES[name].rows_from("")))
        facts = self.office.facts(name, row)
        try:
            if name == "case":
                steps = self.office.open_case(facts["screening"], caller=caller).steps
            else:
                steps = self.office.begin(name, row.action, caller=caller, **facts).steps
        except CaseError as error:
            assert error.code == "CAS204" and caller.role not in row.roles
            self.refused += 1
            return
        for step in steps:
            # A case that is there, and met its hit again; one that was rejected stays as it is.
            if step.subject in self.models and step.action != "silence":
                self.models[step.subject].take(step.action, caller)
        self.add(steps, caller)

    @rule(data=st.data(), caller=st.sampled_from(CALLERS))
    def act(self, data: st.DataObject, caller: Caller) -> None:
        if not self.models:
            return
        subject = data.draw(st.sampled_from(sorted(self.models)))
        model = self.models[subject]
        # Mostly what is possible: otherwise nearly all would be refused.
        near = sorted({row.action for row in model.machine.rows_from(model.state)})
        action = data.draw(st.sampled_from(near * 3 + list(model.machine.actions)))
        row = model.machine.row(model.state, action)
        row = row or next(row for row in model.machine.rows if row.action == action)
        expected = model.expected(action, caller)
        try:
            outcome = self.office.act(subject, action, caller=caller, **self.office.facts(model.machine.name, row))
        except CaseError as error:
            assert error.code == expected or (not expected and row.guards and error.code in GUARDED), error
            self.refused += error.code.startswith("CAS2")
        else:
            assert expected == ""
            model.take(action, caller)
            assert outcome.state == model.state
            self.add(outcome.steps[1:], caller)

    @invariant()
    def states_are_those_of_the_model(self) -> None:
        for subject, model in getattr(self, "models", {}).items():
            assert self.office.state(subject) == model.state

    def teardown(self) -> None:
        if not hasattr(self, "office"):
            return
        with self.office.ledger.read() as view:
            assert sum(1 for _ in view.events(kinds=[ATTEMPT_REFUSED])) == self.refused
        assert_equal_to_a_rebuild(self.office.ledger)
        self.office.ledger.close()
        shutil.rmtree(self.folder)


def test_any_sequence_of_steps_is_as_the_model_says() -> None:
    run_state_machine_as_test(Desks, settings=settings(max_examples=10, stateful_step_count=20))  # type: ignore[no-untyped-call]


@pytest.mark.long
def test_many_sequences_of_steps_are_as_the_model_says() -> None:
    run_state_machine_as_test(Desks, settings=settings(max_examples=400, stateful_step_count=60))  # type: ignore[no-untyped-call]
