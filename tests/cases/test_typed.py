"""What somebody types becomes facts of the right types, or one clear error that repeats nothing of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.office import FACTS, screening

from sito.cases.facts import CLEAR, SEALED, check_facts
from sito.cases.machines import MACHINES
from sito.cases.typed import is_list, is_table, typed_facts
from sito.errors import CaseError

NAMES = sorted({**CLEAR, **SEALED})


def typed(name: str, value: Any) -> list[tuple[str, str]]:
    """Type a value of a fact."""
    if name == "screening":
        return [(name, msgspec.json.encode(value).decode())]
    if name == "editions":
        return [(name, f"{one['list_id']}@{one['edition']}") for one in value]
    if is_table(name):
        return [(f"{name}.{field}", text) for field, text in value.items()]
    return [(name, str(item)) for item in (value if is_list(name) else [value])]


@pytest.mark.parametrize(("machine", "action", "state"), [
    (machine.name, row.action, row.state) for machine in MACHINES.values() for row in machine.rows
])  # fmt: skip
def test_what_is_typed_for_a_step_is_what_a_program_tells(machine: str, action: str, state: str) -> None:
    row = MACHINES[machine].row(state, action)
    assert row is not None
    told = {name: FACTS.get(name, 7) for name in row.needs}
    if "screening" in told:
        told["screening"] = screening()
    pairs = [pair for name, value in told.items() for pair in typed(name, value)]
    assert check_facts(row, typed_facts(pairs)) == check_facts(row, told)


FIELDS = st.builds("{}.{}".format, st.sampled_from(NAMES), st.text(max_size=3))


@given(st.lists(st.tuples(
    st.sampled_from(NAMES) | FIELDS | st.text(max_size=9),
    st.text(max_size=30) | st.sampled_from(["7", "-1", "٣", "2026-03-03", "{}", "[", "RU-TE@1", "@", "a@", "1e9"]),
), max_size=6))  # fmt: skip
def test_whatever_is_typed_is_facts_or_one_error(pairs: list[tuple[str, str]]) -> None:
    try:
        facts = typed_facts(pairs)
    except CaseError as error:
        assert error.code == "CAS131"
        assert not any(len(text) > 12 and text in str(error) for _, text in pairs)
        return
    assert set(facts) <= set(NAMES)
    for machine in MACHINES.values():
        for row in machine.rows:
            try:
                clear, sealed = check_facts(row, facts)
            except CaseError as error:
                assert error.code in {"CAS101", "CAS102", "CAS103"}
            else:
                assert set(clear) | set(sealed) == set(facts)


@pytest.mark.parametrize("pairs", [
    [("seen", "7"), ("seen", "7")], [("seen", "7.0")], [("seen", "")], [("seen", "7 ")], [("seen.x", "7")],
    [("operation", "100")], [("operation.a", "1"), ("operation.a", "2")], [("operation.", "1")],
    [("editions", "RU-TE")], [("editions", "@1")], [("editions.x", "RU-TE@1")], [("screening", "x")], [("", "x")],
    [("screening", "[" * 90_000)],
    [("state", "approved")], [("machine", "case")],
])  # fmt: skip
def test_what_is_typed_wrongly_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(CaseError, match="CAS131"):
        typed_facts(pairs)
