"""How the two databases are reached, so that commits are durable, readers never wait, and writers take turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sito.errors import LedgerError

CHAIN_LOCK = 0x5170_1ED6  # of PostgreSQL, within its database
WAIT_MS = 30_000  # that a writer waits for its turn
FORGET_WAIT_MS = 1_000  # that a deletion waits for readers before it leaves the log to the next one
FILE_SCHEME, SERVER_SCHEME = "sqlite", "postgresql"
MAGIC = b"SQLite format 3\0"  # how a file of the database begins


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
            # Whatever the database or the role have as their own default: told is only what is on the disk, and each
            # statement sees what was committed while it waited for its turn.
            options = {"options": f"-c lock_timeout={WAIT_MS} -c synchronous_commit=on"}
            self._writer = sa.create_engine(
                url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args=options, hide_parameters=True
            )
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

    def look(self) -> None:
        """Refuse a file that is not there, for to open one would make it, and one of another kind.

        Raises:
            LedgerError: LED111.
        """
        if not self.is_file:
            return
        path = Path(self.where)
        got, todo = "", ""
        try:
            if not path.is_file():
                got, todo = "no file", "run `sito ledger init`"
            else:
                with path.open("rb") as stream:
                    head = stream.read(len(MAGIC))
                if not head:
                    got, todo = "an empty file", "run `sito ledger init`"
                elif head != MAGIC:
                    got, todo = "a file of another kind", "name the ledger; if this was one, put back its backup"
        except PermissionError:
            return  # told when it is opened
        except OSError:  # a name that no file can have
            got, todo = "no file", "run `sito ledger init`"
        if got:
            raise LedgerError("LED111", expected="a ledger", got=got, where=path.name[:255], todo=todo)

    def forget(self) -> None:
        """Let no copy of what was deleted stay in the log of a file, unless somebody reads it at this moment."""
        if not self.is_file:
            return
        with told(self.where), self._writer.connect() as connection:
            raw = connection.connection.cursor()
            raw.execute(f"PRAGMA busy_timeout={FORGET_WAIT_MS}")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            raw.execute(f"PRAGMA busy_timeout={WAIT_MS}")
            raw.close()

    def damages(self, connection: sa.Connection) -> list[str]:
        """Return what a file says of itself that cannot be: pages and indexes that do not fit each other."""
        if not self.is_file:
            return []
        return [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(100)") if row[0] != "ok"]

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
        raise LedgerError(
            "LED120", expected="a database that can be used", got=kind_of(error), where=where,
            todo="whether a request under way was stored is not known: send it again with its request id",
        ) from None  # fmt: skip
    except (sa.exc.SQLAlchemyError, UnicodeDecodeError) as error:  # a damaged file names things that are no text
        raise LedgerError(
            "LED120", expected="a database that can be used", got=type(error).__name__, where=where
        ) from None


def kind_of(error: sa.exc.SQLAlchemyError) -> str:
    """Return what went wrong, without the database's own words."""
    if not isinstance(error, sa.exc.DBAPIError):
        return type(error).__name__
    kind, words = type(error.orig).__name__, str(error.orig)
    if "locked" in words:
        return f"{kind}: it is locked"
    return f"{kind}: the disk is full" if "full" in words or "No space" in words else kind


def refused(error: sa.exc.SQLAlchemyError) -> LedgerError:
    """Return the error of a request that the database has refused before anything of it was stored."""
    return LedgerError(
        "LED121", expected="a request that the database takes", got=kind_of(error), where="ledger",
        todo="nothing of it was stored",
    )  # fmt: skip


def _set_up_file(connection: Any, _: object) -> None:
    connection.isolation_level = None
    # A text that is no UTF-8 any more must be told with its place, not stop whoever reads.
    connection.text_factory = _text
    cursor = connection.cursor()
    # Every commit is on the disk before it is told: WAL with FULL; readers go on beside the writer.
    # What is deleted is overwritten.
    for pragma in (
        f"busy_timeout={WAIT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _begin_writing(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
