"""The same steps give the same tables and events on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, VERA, Office, assert_equal_to_a_rebuild, entry, hit, screening, tables
from tests.ledger.stores import new_database, postgres

from sito.cases.machines import MACHINES
from sito.cases.pages import CasePage, case_page, duties, list_cases, list_measures, list_papers
from sito.cases.projection import TABLES
from sito.errors import CaseError
from sito.policy.verdict import default_policy


def work(office: Office) -> tuple[dict[str, Any], list[Any]]:
    """Bring a matter of each kind into each of its states, and reject, silence and open again what was hit."""
    for name, machine in MACHINES.items():
        for state in machine.states:
            office.reach(name, state)
    mixed = [hit(other=entry(entry_id)) for entry_id in ("b", "A", "б", "Я", "_", "10", "9")]
    subject = office.open_case(screening(*mixed, client_id="K")).subject
    office.act(subject, "assign", caller=VERA, assignee="anna")
    office.act(subject, "reject", caller=ANNA, motive="не он")
    assert office.open_case(screening(*mixed, client_id="K")).steps[0].action == "silence"
    changed = hit(other=entry("б", born="1951-01-01"))
    assert office.open_case(screening(*mixed[:2], changed, client_id="K")).steps[0].action == "reopen"
    with pytest.raises(CaseError, match="CAS205"):
        office.act(office.reach("case", "confirmed"), "approve", caller=ANNA)
    with office.ledger.read() as view:
        pages = [
            unchained(case_page(view, one, schedule=office.schedule, policy=default_policy(), now=office.now,
                                with_personal=True))
            for name, table in TABLES.items()
            for one in view.execute(sa.select(table.c.subject).where(table.c.machine == name)).scalars().all()
        ]  # fmt: skip
        lists = [list_cases(view, count=1000), list_measures(view, count=1000), *(
            list_papers(view, name, count=1000) for name in ("message", "notice", "check"))]  # fmt: skip
        hostile: list[Callable[[], object]] = [
            lambda: list_cases(view, client_id="\0"), lambda: list_papers(view, "message", about="\0"),
            lambda: case_page(view, "case:1\0", schedule=office.schedule, policy=default_policy(), now=office.now,
                              with_personal=False),
            lambda: duties(view, schedule=office.schedule, policy=default_policy(), now=office.now, subjects=["\0"]),
        ]  # fmt: skip
        for ask in hostile:  # not one of these gets as far as a database
            with pytest.raises(CaseError, match=r"CAS1(06|10)"):
                ask()
        assert list_cases(view, after=10**17) == list_measures(view, after="suspension:" + "9" * 18) == []
        events = [(one.sequence, one.at, one.caller, one.request_id, one.event) for one in view.events()]
    return tables(office.ledger), [*events, *sorted(pages, key=lambda page: page.subject), *lists]


def unchained(page: CasePage) -> CasePage:
    """Return a page without what no two ledgers have in common."""
    events = tuple(msgspec.structs.replace(one, digest="") for one in page.events)
    return msgspec.structs.replace(page, events=events, ledger_id="", head_digest="")


def test_both_stores_hold_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "file", tmp_path / "server"
    first.mkdir()
    second.mkdir(mode=0o700)
    file = Office(first)
    expected = work(file)
    with postgres() as server:
        office = Office(second, url=new_database(server))
        assert work(office) == expected
        assert_equal_to_a_rebuild(office.ledger)
        office.ledger.close()
    file.ledger.close()
