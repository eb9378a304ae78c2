"""How the two databases are reached, so that commits are durable, readers never wait, and writers take turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from sito.errors import LedgerError

CHAIN_LOCK = 0x5170_1ED6  # of PostgreSQL, within its database
WAIT_MS = 30_000  # that a writer waits for its turn
FILE_SCHEME, SERVER_SCHEME = "sqlite", "postgresql"


class Access:
    """Connections to one database. Threads share it.

    Attributes:
        where: The database without user and password, for messages.
        is_file: Is it a file, not a server?
    """

    def __init__(self, url: sa.URL) -> None:
        self.is_file = url.get_backend_name() == FILE_SCHEME
        self.where = url.database or "" if self.is_file else f"{url.host or ''}/{url.database or ''}"
        if self.is_file:
            self._writer = sa.create_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)
            self._reader = sa.create_engine(url, hide_parameters=True)
            sa.event.listen(self._writer, "connect", _set_up_file)
            sa.event.listen(self._reader, "connect", _set_up_file)
            # The driver would begin by itself, and not for reading: a snapshot of several statements needs it.
            sa.event.listen(self._writer, "begin", _begin_writing)
            sa.event.listen(self._reader, "begin", _begin_reading)
        else:
            options = {"options": f"-c lock_timeout={WAIT_MS}"}
            self._writer = sa.create_engine(url, pool_pre_ping=True, connect_args=options, hide_parameters=True)
            self._reader = sa.create_engine(
                url, pool_pre_ping=True, isolation_level="REPEATABLE READ", connect_args=options, hide_parameters=True
            )

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a transaction that has the turn to write; committed durably at its end."""
        with self._writer.begin() as connection:
            if not self.is_file:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a transaction that reads."""
        with self._reader.connect() as connection:
            if not self.is_file:
                connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._writer.dispose()
        self._reader.dispose()


def access(url: str) -> Access:
    """Return access to a database.

    Raises:
        LedgerError: LED110 the URL is none of a ledger.
    """
    try:
        parsed = sa.make_url(url)
        scheme = parsed.get_backend_name()
    except Exception:  # what it says may hold a password
        scheme = ""
    if scheme == FILE_SCHEME and parsed.database and parsed.database != ":memory:":
        return Access(parsed.set(drivername="sqlite"))
    if scheme == SERVER_SCHEME and parsed.database:
        try:
            return Access(parsed.set(drivername="postgresql+psycopg"))
        except ImportError:
            raise LedgerError(
                "LED110", expected="the driver of PostgreSQL", got="none", where="ledger",
                todo="install sito[postgres]",
            ) from None  # fmt: skip
    raise LedgerError(
        "LED110", expected="sqlite:///FILE or postgresql://USER@HOST/DATABASE", got="another URL", where="ledger"
    )


@contextmanager
def told(where: str) -> Iterator[None]:
    """Say in words of ours what a database cannot do; its own words may hold what was to be stored.

    Raises:
        LedgerError: LED120.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        kind = type(error.orig).__name__
        if "locked" in str(error.orig):
            kind += ": it is locked"
        elif "full" in str(error.orig) or "No space" in str(error.orig):
            kind += ": the disk is full"
        raise LedgerError(
            "LED120", expected="a database that can be used", got=kind, where=where,
            todo="whether a request under way was stored is not known: send it again with its request id",
        ) from None  # fmt: skip
    except sa.exc.SQLAlchemyError as error:
        raise LedgerError(
            "LED120", expected="a database that can be used", got=type(error).__name__, where=where
        ) from None


def _set_up_file(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    # Every commit is on the disk before it is told: WAL with FULL; readers go on beside the writer.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_writing(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
