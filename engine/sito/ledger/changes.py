"""What changes in the tables of projections in one transaction: kept in mind, and written together.

Requests of many callers are stored by one commit, and each changes a row here and there by statements of the same
words. Kept until somebody asks for those tables, or until the commit, a statement goes to the database once for all
its rows. Changes about one subject keep their order; those about others touch no row of its.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import visitors

KEPT_MAX = 10_000  # changes that are kept in mind
STATEMENT_COUNT_MAX = 512

Statement = sa.Insert | sa.Update | sa.Delete


class _Written(NamedTuple):
    """A statement as the driver takes it, the names of its values where they go by their place, and those it brings."""

    text: str
    places: tuple[str, ...]
    own: dict[str, Any]


class Changes:
    """Changes of one transaction; not to be used after it. What is kept and not written is gone with it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        # By table; then the first change of each subject, the second of each, and so on; then by statement.
        self._kept: dict[Any, list[dict[tuple[Statement, tuple[str, ...]], list[dict[str, Any]]]]] = {}
        self._counts: dict[Any, dict[str, int]] = {}
        self._kept_count = 0

    def keep(self, statement: Statement, row: dict[str, Any], *, about: str) -> None:
        """Change something before the next look at its table, at the latest with the commit.

        Args:
            statement: Made beforehand, of one table.
            row: Its values, all of them by name.
            about: Whose rows it touches: what is told about another subject of this table may go before or behind it.
        """
        table = statement.table
        turns, counts = self._kept.setdefault(table, []), self._counts.setdefault(table, {})
        turn = counts.get(about, 0)
        counts[about] = turn + 1
        if turn == len(turns):
            turns.append({})
        turns[turn].setdefault((statement, tuple(row)), []).append(row)
        self._kept_count += 1
        if self._kept_count >= KEPT_MAX:
            self.write()

    def write(self, tables: Collection[Any] | None = None) -> None:
        """Write down what is kept, by default of all tables."""
        for table in [one for one in self._kept if tables is None or one in tables]:
            del self._counts[table]
            for together in self._kept.pop(table):
                for (statement, names), rows in together.items():
                    self._kept_count -= len(rows)
                    self._send(statement, names, rows)

    def ask(self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Ask tables as they are with all changes."""
        if self._kept:
            self.write(_tables_of(statement))
        return self._connection.execute(statement, parameters)

    def execute(self, statement: Any, parameters: Any = None) -> sa.CursorResult[Any]:
        """Do something at once, behind all that is kept; for what has to know how many rows it changed."""
        self.write()
        return self._connection.execute(statement, parameters)

    @property
    def dialect(self) -> str:
        """Name of the kind of database: `sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def _send(self, statement: Statement, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        """Straight to the driver: a third of what a statement costs is else the way there."""
        text, places, own = _written(statement, names, self._connection.dialect)
        if own:
            rows = [own | row for row in rows]
        if places:
            chosen = [tuple([row[name] for name in places]) for row in rows]
            self._connection.exec_driver_sql(text, chosen if len(chosen) > 1 else chosen[0])
        else:
            self._connection.exec_driver_sql(text, rows if len(rows) > 1 else rows[0])


@lru_cache(maxsize=STATEMENT_COUNT_MAX)  # each opened ledger has a dialect of its own
def _written(statement: Statement, names: tuple[str, ...], dialect: sa.Dialect) -> _Written:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    own = {name: value for name, value in compiled.params.items() if name not in names}
    return _Written(str(compiled), tuple(compiled.positiontup or ()) if compiled.positional else (), own)


@lru_cache(maxsize=STATEMENT_COUNT_MAX)
def _tables_of(statement: sa.Select[Any]) -> frozenset[Any]:
    """Return all tables that a statement looks at, those of statements within it, too."""
    return frozenset(one for one in visitors.iterate(statement) if isinstance(one, sa.Table))
