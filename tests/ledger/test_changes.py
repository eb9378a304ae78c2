"""Changes that are kept and written together leave and show the same rows as changes that are made at once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from sito.ledger import changes as kept
from sito.ledger.changes import Changes, Statement

METADATA = sa.MetaData()
MATTER = sa.Table(
    "change_matter", METADATA, sa.Column("subject", sa.Text, primary_key=True), sa.Column("state", sa.Text),
    sa.Column("count", sa.BigInteger),
)  # fmt: skip
TASK = sa.Table(
    "change_task", METADATA, sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True), sa.Column("until", sa.Text),
)  # fmt: skip
WHOSE, NAMED, UNTIL = sa.bindparam("whose"), sa.bindparam("named"), sa.bindparam("until_then")


def put(of: Any) -> Statement:
    made = of.insert(TASK)
    changed: Statement = made.on_conflict_do_update(
        index_elements=["subject", "name"], set_={"until": made.excluded.until}
    )
    return changed


NEW = MATTER.insert()
PUTS = {"sqlite": put(sqlite), "postgresql": put(postgresql)}
STATES = MATTER.update().where(MATTER.c.subject == WHOSE).values(state=sa.bindparam("other"))
COUNTS = MATTER.update().where(MATTER.c.subject == WHOSE).values(count=MATTER.c.count + 1)
GONE = TASK.delete().where(TASK.c.subject == WHOSE)
MATTERS = sa.select(MATTER).order_by(MATTER.c.subject)
TASKS = sa.select(TASK).order_by(TASK.c.subject, TASK.c.name)
WITH_TASKS = sa.select(MATTER.c.subject).where(MATTER.c.subject.in_(sa.select(TASK.c.subject)))
READS = {"matters": MATTERS, "tasks": TASKS, "both": WITH_TASKS.order_by(MATTER.c.subject)}

SUBJECTS, WORDS = st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"])
STEPS = st.one_of(
    st.tuples(st.just("put"), SUBJECTS, WORDS, WORDS), st.tuples(st.just("gone"), SUBJECTS),
    st.tuples(st.just("state"), SUBJECTS, WORDS), st.tuples(st.just("count"), SUBJECTS),
    st.tuples(st.just("read"), st.sampled_from(list(READS))), st.tuples(st.just("now"), SUBJECTS),
)  # fmt: skip


def asked(step: tuple[str, ...], dialect: str) -> tuple[Statement, dict[str, Any]]:
    what, subject, *more = step
    if what == "put":
        return PUTS[dialect], {"subject": subject, "name": more[0], "until": more[1]}
    if what == "gone":
        return GONE, {"whose": subject}
    if what == "state":
        return STATES, {"whose": subject, "other": more[0]}
    return COUNTS, {"whose": subject}


def played(connection: sa.Connection, steps: list[tuple[str, ...]], *, at_once: bool) -> list[Any]:
    """Play steps; return all that was read, and what stands at the end."""
    changes = Changes(connection)
    seen: list[Any] = []
    for subject in "ab":
        changes.keep(NEW, {"subject": subject, "state": "", "count": 0}, about=subject)
    for step in steps:
        if step[0] == "read":
            seen.append([tuple(row) for row in changes.ask(READS[step[1]])])
            continue
        statement, row = asked(step, changes.dialect)
        if step[0] == "now":
            seen.append(changes.execute(statement, row).rowcount)
        else:
            changes.keep(statement, row, about=step[1])
            if at_once:
                changes.write()
    changes.write()
    return [*seen, *([tuple(row) for row in connection.execute(one)] for one in READS.values())]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=8, max_size=40))
def test_changes_together_are_those_made_at_once(engine: sa.Engine, steps: list[tuple[str, ...]]) -> None:
    found = []
    for at_once in (False, True):
        with engine.connect() as connection:  # nothing of it stays
            METADATA.create_all(connection)
            found.append(played(connection, steps, at_once=at_once))
    assert found[0] == found[1]


@pytest.fixture
def engine(url: str) -> Any:
    made = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    if made.dialect.name == "sqlite":  # whose driver would commit when a table is made
        sa.event.listen(made, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        sa.event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    yield made
    made.dispose()


def test_a_statement_goes_once_for_all_its_rows(engine: sa.Engine) -> None:
    sent: list[tuple[str, int]] = []

    def note(_: Any, __: Any, text: str, values: Any, ___: Any, together: bool) -> None:
        sent.append((text.split()[0], len(values) if together else 1))

    with engine.connect() as connection:
        METADATA.create_all(connection)
        changes = Changes(connection)
        sa.event.listen(connection, "before_cursor_execute", note)
        for subject in "abc":
            changes.keep(NEW, {"subject": subject, "state": "", "count": 0}, about=subject)
            changes.keep(COUNTS, {"whose": subject}, about=subject)
        changes.ask(TASKS)
        assert [one for one in sent if one[0] != "SELECT"] == []  # of another table
        changes.ask(WITH_TASKS)
        assert [one for one in sent if one[0] != "SELECT"] == [("INSERT", 3), ("UPDATE", 3)]


def test_what_is_kept_has_a_limit(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_MAX", 3)
    with engine.connect() as connection:
        METADATA.create_all(connection)
        changes = Changes(connection)
        for count, subject in enumerate("abcd", 1):
            changes.keep(NEW, {"subject": subject, "state": "", "count": 0}, about=subject)
            assert len(connection.execute(MATTERS).all()) == (3 if count >= 3 else 0)
