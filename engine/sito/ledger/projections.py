"""The state of now, as it follows from the events: tables of the rooms above, kept in the transaction of the event.

What a projection holds can be made from the events alone. So its tables are not migrated: a projection of another
version is dropped and made anew when the ledger is opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from sito.ledger.changes import Changes
from sito.ledger.events import Stored
from sito.ledger.schema import STATE


class Projection(NamedTuple):
    """Tables that follow from events.

    Attributes:
        name: Of the room that they belong to.
        tables: Nobody else writes to them.
        apply: Brings them on by one event; asks nothing but them, through the changes, and the event.
        version: Raised whenever `apply` makes something else of the same events.
    """

    name: str
    tables: Sequence[sa.Table]
    apply: Callable[[Changes, Stored], None]
    version: int = 1

    @property
    def state_name(self) -> str:
        """Under which its version stands in the ledger."""
        return f"projection:{self.name}"

    def described(self) -> str:
        """Return what changes when its tables do, or its version."""
        columns = [
            [str(table.name), [[str(column.name), str(column.type), column.primary_key] for column in table.columns]]
            for table in self.tables
        ]
        return hashlib.sha256(msgspec.json.encode([self.version, columns])).hexdigest()


def is_current(connection: sa.Connection, projection: Projection) -> bool:
    """Do the tables of a projection stand as it would make them?"""
    found = connection.execute(sa.select(STATE.c.value).where(STATE.c.name == projection.state_name)).scalar()
    return found == projection.described()


def rebuild(connection: sa.Connection, projection: Projection, events: Iterable[Stored]) -> None:
    """Make the tables of a projection anew, from all events."""
    for table in reversed(projection.tables):
        table.drop(connection, checkfirst=True)
    for table in projection.tables:
        table.create(connection)
    changes = Changes(connection)
    for event in events:
        projection.apply(changes, event)
    changes.write()
    connection.execute(STATE.delete().where(STATE.c.name == projection.state_name))
    connection.execute(STATE.insert().values(name=projection.state_name, value=projection.described()))


def contents(connection: sa.Connection, projection: Projection) -> bytes:
    """Return a digest over all rows of a projection, whatever their order."""
    whole = hashlib.sha256()
    for table in projection.tables:
        rows = sorted(msgspec.msgpack.encode(tuple(row)) for row in connection.execute(sa.select(table)))
        whole.update(msgspec.msgpack.encode([str(table.name), rows]))
    return whole.digest()
