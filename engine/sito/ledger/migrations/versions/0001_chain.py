"""The chain of events, personal data apart from it, and triggers that keep both as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = (("event", "UPDATE"), ("event", "DELETE"), ("personal", "UPDATE"))
# REPLACE deletes what is in its way without asking the triggers of DELETE.
NOT_REPLACED = (
    "CREATE TRIGGER event_replace BEFORE INSERT ON event WHEN EXISTS "
    "(SELECT 1 FROM event WHERE sequence = NEW.sequence OR (request_id = NEW.request_id AND place = NEW.place)) "
    "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END",
    "CREATE TRIGGER personal_replace BEFORE INSERT ON personal WHEN EXISTS "
    "(SELECT 1 FROM personal WHERE sequence = NEW.sequence) "
    "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END",
)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "event",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
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
    )
    op.create_index("ix_event_subject", "event", ["subject"])
    op.create_table(
        "personal",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "ledger_state", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION sito_keep() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger only grows'; END $$"
        )
        for table, verb in (*KEPT, ("event", "TRUNCATE"), ("personal", "TRUNCATE")):
            each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
            op.execute(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION sito_keep()"
            )
    else:
        for table, verb in KEPT:
            op.execute(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"
            )
        for statement in NOT_REPLACED:
            op.execute(statement)
