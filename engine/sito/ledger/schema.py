"""Tables of the ledger itself, and how a database comes to have them.

The chain and what belongs to it are migrated by Alembic. Projections are not: what they hold follows from the events,
so a projection of another version is made anew (`sito.ledger.projections`).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sito.errors import LedgerError

METADATA = sa.MetaData()

# In SQLite the number of the row itself: one tree instead of two, and no second place that could say otherwise.
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

EVENT = sa.Table(
    "event", METADATA,
    sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("request_digest", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("commitment", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("request_id", "place", name="event_request"),
)  # fmt: skip

PERSONAL = sa.Table(
    "personal", METADATA,
    sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)  # fmt: skip

STATE = sa.Table(
    "ledger_state", METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
)

LEDGER_ID = "ledger_id"


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """Return the version of the tables that this engine works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def version_of(connection: sa.Connection) -> str:
    """Return the version of the tables that a database has, empty if it has none."""
    return ", ".join(sorted(map(str, MigrationContext.configure(connection).get_current_heads())))


def upgrade(connection: sa.Connection) -> None:
    """Bring a database to the newest version; nothing is done where it is there."""
    command.upgrade(_config(connection), "head")


def check(connection: sa.Connection, where: str) -> None:
    """Refuse a database of another version.

    Raises:
        LedgerError: LED111 it holds no ledger, LED112 one of another version.
    """
    found = version_of(connection)
    if not found:
        raise LedgerError(
            "LED111", expected="a ledger", got="a database without one", where=where, todo="run `sito ledger init`"
        )
    if found != newest():
        known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
        raise LedgerError(
            "LED112", expected=f"a ledger of version {newest()}", got=f"version {found}", where=where,
            todo="run `sito ledger upgrade`" if found in known else "use the newer sito that has written it",
        )  # fmt: skip
