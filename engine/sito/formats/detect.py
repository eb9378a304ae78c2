"""Which format a file has, and the one door to all readers."""

from __future__ import annotations

from pathlib import Path

from sito.errors import RecordError
from sito.formats.base import HEAD_SIZE, RecordFile
from sito.formats.delimited import DelimitedFile, looks_delimited
from sito.formats.text import sniff_encoding

FORMATS = ("csv", "jsonl", "parquet", "ufebs", "iso20022", "mt103", "1c")


def open_records(path: Path, *, format: str | None = None, schema_dir: Path | None = None) -> RecordFile:
    """Open a payment or customer file."""
    path = Path(path)
    head = read_head(path)
    encoding = sniff_encoding(path, head)
    if looks_delimited(head, encoding):
        return DelimitedFile(path, head)
    raise RecordError("REC102", expected="a known format", got="something else", where=path.name)


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises:
        RecordError: REC100 missing, not a file, unreadable; REC101 empty.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_SIZE)
    except OSError as error:
        raise RecordError(
            "REC100", expected="a readable file", got=error.strerror or type(error).__name__, where=path.name
        ) from None
    if not head:
        raise RecordError("REC101", expected="a file with records", got="an empty file", where=path.name)
    return head
