"""The folder of a client base: what is known of each client, what was screened last, and who may work on it.

    base.db          SQLite: clients, the history of their risk grades, imports, what the last screening used
    texts-…/         the compiled base, see `sito.clients.texts`
    lock             held by whoever changes the base

One import is one transaction: a base is as it was before it or as it is after it, whenever the process is killed. Texts
are written before the transaction that names their folder; a folder that none names is swept away by the next import.

The folder holds the personal data of all clients, as the bank's own client file does, and nothing in it is encrypted:
it must be open to its owner alone, which is checked, and stand on a protected disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from sito.clients.reading import Risk
from sito.clients.texts import folder_of
from sito.errors import ClientBaseError
from sito.records import Record

LAYOUT = "2"  # of the tables and of the files beside them
DATABASE, LOCK = "base.db", "lock"
ROWS_AT_ONCE = 5_000
_TABLES = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE client (
    number INTEGER PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, fingerprint BLOB NOT NULL, generation INTEGER NOT NULL,
    texts INTEGER NOT NULL, removed INTEGER NOT NULL, risk BLOB NOT NULL, record BLOB NOT NULL);
CREATE INDEX client_by_generation ON client (generation);
CREATE TABLE risk (
    number INTEGER NOT NULL, generation INTEGER NOT NULL, grade TEXT NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL,
    PRIMARY KEY (number, generation)) WITHOUT ROWID;
CREATE TABLE texts (generation INTEGER PRIMARY KEY, clients INTEGER NOT NULL);
CREATE TABLE import (generation INTEGER PRIMARY KEY, at TEXT NOT NULL, counts TEXT NOT NULL);
CREATE TABLE listed (list_id TEXT NOT NULL, entry_id TEXT NOT NULL, digest BLOB NOT NULL);
CREATE TABLE cut (number INTEGER PRIMARY KEY);
"""
_decode = msgspec.msgpack.Decoder(Record).decode
_encode = msgspec.msgpack.Encoder().encode


class Known(msgspec.Struct, frozen=True):
    """What is stored of a client, without its record.

    Attributes:
        fingerprint: Of the record. texts: Generation of the folder that has its texts. removed: Generation, 0 if live.
        risk: The grade of now as it is stored; empty if there is none.
    """

    number: int
    fingerprint: bytes
    texts: int
    removed: int
    risk: bytes


class Row(msgspec.Struct, frozen=True):
    """A live client."""

    number: int
    generation: int
    texts: int
    record: Record


class ClientBase:
    """An open client base. One thread uses it; other processes may read it meanwhile.

    Attributes:
        folder: Where it is.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection
        self._is_locked = False

    @classmethod
    def open(cls, folder: Path | str, *, create: bool = False) -> ClientBase:
        """Open the base of a folder.

        Args:
            create: Make it if there is none.

        Raises:
            ClientBaseError: CLB101 there is none, or it cannot be opened; CLB102 others than its owner may enter;
                CLB103 a base of another version.
        """
        folder = Path(folder)
        try:
            if create:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.stat()
        except OSError as error:
            raise _closed(folder, error.strerror or type(error).__name__) from None
        if not stat.S_ISDIR(found.st_mode) or not (create or (folder / DATABASE).exists()):
            raise _closed(folder, "none")
        if found.st_mode & 0o077:
            raise ClientBaseError(
                "CLB102", expected="a folder that only its owner may enter", got=f"rights {found.st_mode & 0o777:03o}",
                where=folder.name, todo="chmod 700: it holds the personal data of all clients",
            )  # fmt: skip
        previous = os.umask(0o077)
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")  # whoever looks on waits for no import
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA temp_store = FILE")
            base = cls(folder, connection)
            base._prepare(create)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                raise _closed(folder, type(error).__name__) from None
            raise
        finally:
            os.umask(previous)
        return base

    def _prepare(self, create: bool) -> None:
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables and create:
            with self.changing():
                if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    for statement in _TABLES.split(";"):
                        self._connection.execute(statement)
                    self.write_facts({"layout": LAYOUT, "base_id": secrets.token_hex(8), "generation": "0"})
        elif not tables:
            raise _closed(self.folder, "an empty one")
        if (found := self.fact("layout")) != LAYOUT:
            raise ClientBaseError(
                "CLB103", expected=f"a client base of layout {LAYOUT}", got=f"{found[:20]!r}", where=self.folder.name,
                todo="import the whole client file into a new folder",
            )  # fmt: skip

    def close(self) -> None:
        """Let it go; a second call does nothing."""
        self._connection.close()

    def __enter__(self) -> ClientBase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from importing and screening; within itself it does nothing more.

        Raises:
            ClientBaseError: CLB104 somebody else does.
        """
        if self._is_locked:
            yield
            return
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ClientBaseError(
                    "CLB104", expected="nobody else at work on the base", got="another import or screening",
                    where=self.folder.name, todo="wait until it has ended",
                ) from None  # fmt: skip
            self._is_locked = True
            yield
        finally:
            self._is_locked = False
            os.close(handle)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Do all or nothing.

        Raises:
            ClientBaseError: CLB105 the disk or the database did not take it; the base is as it was.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise ClientBaseError(
                "CLB105", expected="a disk that takes the changes", got=f"{type(error).__name__}",
                where=self.folder.name, todo="look at the disk and repeat: the base is as it was",
            ) from None  # fmt: skip

    def _ask(self, statement: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement.

        Raises:
            ClientBaseError: CLB111 the database cannot do it.
        """
        try:
            return self._connection.execute(statement, parameters)
        except sqlite3.Error as error:
            raise self._damaged(type(error).__name__) from None

    def tidy_up(self) -> None:
        """Bring what was written into its place, so that nothing deleted is left in the file of changes."""
        self._ask("PRAGMA wal_checkpoint(TRUNCATE)")

    # Facts: short texts by name.

    def fact(self, name: str) -> str:
        """Return a fact, empty if it was never written."""
        row = self._ask("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def write_facts(self, facts: Mapping[str, str]) -> None:
        """Write facts."""
        self._connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", facts.items())

    @property
    def generation(self) -> int:
        """Number of the last import, 0 before the first."""
        return int(self.fact("generation") or 0)

    @property
    def base_id(self) -> str:
        """What tells this base from others."""
        return self.fact("base_id")

    def count(self) -> int:
        """Return how many live clients there are."""
        return int(self._ask("SELECT count(*) FROM client WHERE removed = 0").fetchone()[0])

    # Clients.

    def known(self, client_ids: Sequence[str]) -> dict[str, Known]:
        """Return what is stored of some clients, removed ones too."""
        rows = self._ask(
            "SELECT client_id, number, fingerprint, texts, removed, risk FROM client"
            " WHERE client_id IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(client_ids).decode(),),
        )
        return {row[0]: Known(*row[1:]) for row in rows}

    def highest(self) -> int:
        """Return the highest number of a client, 0 if there is none."""
        return int(self._ask("SELECT coalesce(max(number), 0) FROM client").fetchone()[0])

    def put(self, generation: int, rows: Iterable[tuple[int, Record, bytes]]) -> None:
        """Store new and changed clients: number, record, what `encoded` makes of it; for grades there is `grade`."""
        self._connection.executemany(
            "INSERT INTO client VALUES (?, ?, ?, ?, ?, 0, x'', ?) ON CONFLICT (number) DO UPDATE SET"
            " fingerprint = excluded.fingerprint, generation = excluded.generation, texts = excluded.texts,"
            " removed = 0, record = excluded.record",
            (
                (number, record.record_id, fingerprint_of(data), generation, generation, data)
                for number, record, data in rows
            ),
        )

    def grade(self, generation: int, grades: Iterable[tuple[int, Risk]]) -> None:
        """Store grades that are new or have changed; the former ones stay in the history."""
        for number, risk in grades:
            told = (number, generation, risk.grade, risk.reason, risk.day)
            self._ask("INSERT OR REPLACE INTO risk VALUES (?, ?, ?, ?, ?)", told)
            self._ask("UPDATE client SET risk = ? WHERE number = ?", (_encode(risk), number))

    def live_numbers(self) -> Iterator[int]:
        """Yield the numbers of all live clients, rising."""
        for (number,) in self._ask("SELECT number FROM client WHERE removed = 0 ORDER BY number"):
            yield number

    def remove(self, generation: int, numbers: Iterable[int]) -> None:
        """Take clients as gone: their ids and grades stay, what was known of them does not."""
        self._connection.executemany(
            "UPDATE client SET removed = ?, generation = ?, fingerprint = x'', record = x'', texts = 0"
            " WHERE number = ?",
            ((generation, generation, number) for number in numbers),
        )

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Return the live ones of some clients, in the order of their numbers."""
        found = self._ask(
            "SELECT number, generation, texts, record, fingerprint FROM client WHERE removed = 0"
            " AND number IN (SELECT value FROM json_each(?)) ORDER BY number",
            (msgspec.json.encode(numbers).decode(),),
        )
        return [self._row(*values) for values in found]

    def _row(self, number: int, generation: int, texts: int, record: bytes, fingerprint: bytes) -> Row:
        """Return a live client as it was stored.

        Raises:
            ClientBaseError: CLB111 it is another one now.
        """
        if fingerprint_of(record) != fingerprint:
            raise self._damaged("a client that is another one than was stored")
        return Row(number, generation, texts, _decode(record))

    def _damaged(self, got: str) -> ClientBaseError:
        return ClientBaseError(
            "CLB111", expected="a base that can be read", got=got, where=self.folder.name,
            todo="look at the disk, or import the whole client file into a new folder",
        )  # fmt: skip

    def check_count(self) -> None:
        """Compare the number of live clients with that which the last import noted.

        Raises:
            ClientBaseError: CLB111 a client was lost, or came back, by something else than an import.
        """
        noted, found = self.imports(1)[0][2].get("live"), self.count()
        if noted != found:
            raise self._damaged(f"{found} clients instead of {noted}")

    def all_rows(self) -> Iterator[list[Row]]:
        """Yield all live clients, some thousands at a time."""
        last = 0
        while rows := self._ask(
            "SELECT number, generation, texts, record, fingerprint FROM client WHERE removed = 0 AND number > ?"
            " ORDER BY number LIMIT ?",
            (last, ROWS_AT_ONCE),
        ).fetchall():
            last = rows[-1][0]
            yield [self._row(*values) for values in rows]

    def changed_since(self, generation: int) -> Iterator[int]:
        """Yield the numbers of the live clients that came or changed after an import."""
        for (number,) in self._ask("SELECT number FROM client WHERE generation > ? AND removed = 0", (generation,)):
            yield number

    def client(self, client_id: str) -> tuple[Row | None, list[tuple[int, Risk]]]:
        """Return a client, None if it is not live, and the history of its grade with the import of each."""
        known = self.known([client_id]).get(client_id)
        if known is None:
            raise ClientBaseError(
                "CLB109", expected="the id of a client of the base", got="another", where=self.folder.name
            )
        rows = self.rows([known.number])
        history = self._ask(
            "SELECT generation, grade, reason, day FROM risk WHERE number = ? ORDER BY generation", (known.number,)
        )
        return (rows[0] if rows else None), [(row[0], Risk(*row[1:])) for row in history]

    # Folders of texts.

    def texts(self) -> dict[int, int]:
        """Return the folders of texts by generation, with how many clients each was written for."""
        return dict(self._ask("SELECT generation, clients FROM texts ORDER BY generation"))

    def write_texts(self, generation: int, clients: int, *, alone: bool) -> None:
        """Name a folder of texts; `alone` forgets all others, for it has the texts of all clients."""
        if alone:
            self._ask("DELETE FROM texts")
            self._ask("UPDATE client SET texts = ? WHERE removed = 0", (generation,))
        self._ask("INSERT INTO texts VALUES (?, ?)", (generation, clients))

    def sweep(self) -> None:
        """Delete the folders of texts that no transaction names."""
        named = {folder_of(self.folder, generation).name for generation in self.texts()}
        for folder in self.folder.glob("texts-*"):
            if folder.name not in named:
                with suppress(OSError):
                    shutil.rmtree(folder)

    # Imports and screenings.

    def write_import(self, generation: int, at: str, counts: Mapping[str, int]) -> None:
        """Note an import."""
        text = msgspec.json.encode(counts).decode()
        self._ask("INSERT INTO import VALUES (?, ?, ?)", (generation, at, text))
        self.write_facts({"generation": str(generation)})

    def imports(self, count: int) -> list[tuple[int, str, dict[str, int]]]:
        """Return the last imports, the newest first."""
        rows = self._ask("SELECT * FROM import ORDER BY generation DESC LIMIT ?", (count,))
        return [(generation, at, msgspec.json.decode(counts)) for generation, at, counts in rows]

    def listed(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield list, id and digest of all entries that the last screening used."""
        yield from self._ask("SELECT list_id, entry_id, digest FROM listed")

    def editions(self) -> dict[str, list[str]]:
        """Return the names of the editions that were screened so far, by list, in their order."""
        return msgspec.json.decode(self.fact("screened_editions") or "{}", type=dict[str, list[str]])

    def write_told(self, head: str, digest: str) -> None:
        """Note how far the ledger was that was told of the last screening, and with which index that was."""
        with self.changing():
            self.write_facts({"told_head": head, "told_digest": digest})

    def cut(self) -> list[int]:
        """Return the numbers of the clients for whom a limit cut the last screening short."""
        return [number for (number,) in self._ask("SELECT number FROM cut ORDER BY number")]

    def write_screened(
        self, facts: Mapping[str, str], listed: Iterable[tuple[str, str, bytes]], cut: Iterable[int]
    ) -> None:
        """Note what a screening used and left; call within `changing`."""
        self._ask("DELETE FROM listed")
        self._connection.executemany("INSERT INTO listed VALUES (?, ?, ?)", listed)
        self._ask("DELETE FROM cut")
        self._connection.executemany("INSERT INTO cut VALUES (?)", ((number,) for number in cut))
        self.write_facts(facts)


def encoded(record: Record) -> bytes:
    """Return a client as it is stored."""
    return _encode(record)


def fingerprint_of(data: bytes) -> bytes:
    """Return 16 bytes that are others for another content of a client; `data` is as `encoded` makes it."""
    return hashlib.sha256(data).digest()[:16]


def stored_risk(risk: Risk) -> bytes:
    """Return a grade as `Known.risk` has it."""
    return _encode(risk)


def _closed(folder: Path, got: Any) -> ClientBaseError:
    return ClientBaseError(
        "CLB101", expected="a client base", got=str(got), where=folder.name, todo="see `sito clients import`"
    )
