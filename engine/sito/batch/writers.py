"""Files of hits: JSON Lines, CSV and Parquet. Each is written under a temporary name and renamed when complete."""

from __future__ import annotations

import contextlib
import csv
import errno
import fcntl
import io
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

import msgspec

from sito.batch.lines import PartyLine
from sito.errors import ScreenError

if TYPE_CHECKING:
    import pyarrow as pa

OUTPUT_SUFFIXES = (".jsonl", ".csv", ".parquet")
CSV_COLUMNS = (
    "record_id", "role", "verdict", "entry_id", "list_id", "name", "score", "grade", "reasons", "truncated", "limits",
    "quality", "edition", "cleared", "party_fingerprint", "entry_fingerprint", "rule_id", "law", "ruling",
)  # fmt: skip
PARQUET_ROWS = 8_192  # lines of one row group

_decode_lines = msgspec.json.Decoder(PartyLine).decode_lines


class OutputFile:
    """A file that appears under its name only when it is complete.

    Use it as a context manager: leaving it without an error puts the file in place, leaving it with one removes every
    trace. A name that stands for something else than a file (a pipe, a device) is written directly.

    Args:
        path: Where the file shall stand.

    Raises:
        ScreenError: SCR203 it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Not by `Path.exists`, which raises for names that are too long; opening such a file says so.
        self._direct = os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)  # noqa: PTH110, PTH112, PTH113
        self._written = path if self._direct else path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            if not self._direct:
                if path.is_dir():  # else known only at the end of the run
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                remove_stale_parts(path)
            self.stream: BinaryIO = self._written.open("wb" if self._direct else "xb")
            if not self._direct:
                _lock(self.stream.fileno())
        except OSError as error:
            raise _unwritable(path, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._discard()
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                raise _unwritable(self.path, error) from None
            return
        try:
            self.stream.flush()
            if not self._direct:
                os.fsync(self.stream.fileno())
            self.stream.close()
            if not self._direct:
                self._written.replace(self.path)
        except OSError as failure:
            self._discard()
            raise _unwritable(self.path, failure) from None
        except BaseException:
            self._discard()
            raise

    def _discard(self) -> None:
        try:
            self.stream.close()
        except OSError:  # what is still buffered may fit no more; it goes anyway
            pass
        finally:
            if not self._direct:
                self._written.unlink(missing_ok=True)


def remove_stale_parts(path: Path) -> None:
    """Remove what killed runs left of an output: `.NAME.PID.part` files that no process writes any more.

    A living writer holds a lock on its file, which the kernel lets go when the process ends, however it ends. A process
    number alone proves nothing, since another machine or container may share the folder; a number that lives here
    keeps its file in any case.

    Args:
        path: The output.
    """
    parts = re.compile(rf"\.{re.escape(path.name)}\.(\d{{1,10}})\.part")
    try:
        names = [part.name for part in path.parent.iterdir()]
    except OSError:
        return  # opening the output says why
    for name in names:
        found = parts.fullmatch(name)
        if found is None or (int(found[1]) != os.getpid() and _is_alive(int(found[1]))):
            continue
        part = path.with_name(name)
        with contextlib.suppress(OSError), part.open("rb") as stream:
            if _lock(stream.fileno()):
                part.unlink()


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _lock(descriptor: int) -> bool:
    """Lock an open file for as long as it is open; False if another process has it or the folder knows no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unwritable(path: Path, error: OSError) -> ScreenError:
    return ScreenError(
        "SCR203", expected="a writable place for the output", got=error.strerror or "an input/output error",
        where=path.name, todo="free space or choose another place; nothing was replaced",
    )  # fmt: skip


class StandardOutput:
    """The standard output, in bytes; what was written stays written."""

    def __init__(self) -> None:
        self.stream: BinaryIO = sys.stdout.buffer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stream.flush()


class Writer(Protocol):
    """Takes chunks of lines, in order."""

    def write(self, lines: bytes) -> None:
        """Take JSON Lines of `PartyLine`."""

    def finish(self) -> None:
        """Write what is left; the file is complete then."""


def writer(suffix: str, stream: BinaryIO) -> Writer:
    """Make the writer of a format.

    Args:
        suffix: One of `OUTPUT_SUFFIXES`.
        stream: Where it writes; the caller closes it.
    """
    makers: dict[str, Callable[[BinaryIO], Writer]] = {
        ".jsonl": JsonLinesWriter,
        ".csv": CsvWriter,
        ".parquet": ParquetWriter,
    }
    return makers[suffix](stream)


class JsonLinesWriter:
    """One object a line, as the chunks come."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, lines: bytes) -> None:
        """Take JSON Lines of `PartyLine`."""
        self._stream.write(lines)

    def finish(self) -> None:
        """Nothing is held back."""


class CsvWriter:
    """One row a hit, with a byte order mark for spreadsheets; a party without hits has one row with empty cells.

    Several reasons or limits are joined by ` | `. The column `cleared` says `suppressed` of a hit that a clearance
    silenced, and of one whose clearance no longer fits, why. `rule_id`, `law` and `ruling` are those of the hit; in a
    row without a hit, of the party. Cells are written as they are: a spreadsheet may take a
    name that begins with `=` for a formula, so import the columns as text.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.write("\ufeff".encode())
        self._rows([CSV_COLUMNS])

    def write(self, lines: bytes) -> None:
        """Take JSON Lines of `PartyLine`."""
        self._rows(row for line in _decode_lines(lines) for row in _cells(line))

    def finish(self) -> None:
        """Nothing is held back."""

    def _rows(self, rows: Iterable[tuple[str, ...]]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        self._stream.write(buffer.getvalue().encode("utf-8"))


def _cells(line: PartyLine) -> Iterable[tuple[str, ...]]:
    end = ("true" if line.truncated else "false", " | ".join(line.limits))
    reasons = {(one.list_id, one.entry_id): one.reason.value for one in line.stale}
    rulings = {ruling.rule_id: (ruling.rule_id, ruling.law, ruling.reason) for ruling in line.rulings}
    none = ("", "", "")
    for hits, cleared in ((line.hits, ""), (line.suppressed, "suppressed")):
        for hit in hits:
            yield (
                line.record_id, line.role, line.verdict, hit.entry_id, hit.list_id, hit.name, str(hit.score), hit.grade,
                " | ".join(hit.reasons), *end, hit.quality, hit.edition,
                cleared or reasons.get((hit.list_id, hit.entry_id), ""), line.party_fingerprint, hit.entry_fingerprint,
                *rulings.get(hit.rule_id, none),
            )  # fmt: skip
    if not line.hits and not line.suppressed:
        own = rulings.get(line.rule_id, none)
        yield (line.record_id, line.role, line.verdict, "", "", "", "", "", "", *end, "", "", "", "", "", *own)


class ParquetWriter:
    """One row a party, hits as a list of structs: the same shape as the JSON."""

    def __init__(self, stream: BinaryIO) -> None:
        import pyarrow as pa  # noqa: PLC0415  (slow to load, and most runs write JSON Lines)
        import pyarrow.parquet as pq  # noqa: PLC0415

        text = pa.string()
        hit = pa.struct(
            [("entry_id", text), ("list_id", text), ("name", text), ("score", pa.float64()), ("grade", text),
             ("reasons", pa.list_(text)), ("quality", text), ("edition", text),
             ("entry_fingerprint", text), ("rule_id", text)]
        )  # fmt: skip
        ruling = pa.struct(
            [("verdict", text), ("rule_id", text), ("law", text), ("message", text), ("reason", text),
             ("certainty", text), ("term_ids", pa.list_(text)), ("policy_id", text), ("policy_version", text)]
        )  # fmt: skip
        stale = pa.struct([("list_id", text), ("entry_id", text), ("reason", text)])
        self._schema: pa.Schema = pa.schema(
            [("record_id", text), ("role", text), ("verdict", text), ("hits", pa.list_(hit)), ("truncated", pa.bool_()),
             ("limits", pa.list_(text)), ("suppressed", pa.list_(hit)), ("stale", pa.list_(stale)),
             ("party_fingerprint", text), ("rule_id", text), ("rulings", pa.list_(ruling))]
        )  # fmt: skip
        self._table = pa.Table
        self._file = pq.ParquetWriter(stream, self._schema)
        self._pending: list[dict[str, object]] = []

    def write(self, lines: bytes) -> None:
        """Take JSON Lines of `PartyLine`."""
        for line in _decode_lines(lines):
            # What is left out of the JSON where it is empty has a value in every row of a column.
            row: dict[str, object] = msgspec.to_builtins(line)
            row |= {"limits": list(line.limits), "party_fingerprint": line.party_fingerprint}
            row |= {"rule_id": line.rule_id, "rulings": [*map(msgspec.to_builtins, line.rulings)]}
            row |= {"hits": [*map(msgspec.structs.asdict, line.hits)]}
            row |= {"suppressed": [*map(msgspec.structs.asdict, line.suppressed)]}
            row |= {"stale": [*map(msgspec.to_builtins, line.stale)]}
            self._pending.append(row)
        if len(self._pending) >= PARQUET_ROWS:
            self._flush()

    def finish(self) -> None:
        """Write the last row group and the footer."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._pending:
            self._file.write_table(self._table.from_pylist(self._pending, schema=self._schema))
            self._pending = []
