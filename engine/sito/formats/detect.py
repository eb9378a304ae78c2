"""Which format a file has, and the one door to all readers."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

from sito.errors import RecordError
from sito.formats import delimited as delimited_reader
from sito.formats import iso20022, jsonl, mt103, onec, ufebs
from sito.formats.base import HEAD_SIZE, RecordFile
from sito.formats.delimited import DelimitedFile, looks_delimited
from sito.formats.iso20022 import Iso20022File
from sito.formats.jsonl import JsonLinesFile
from sito.formats.mt103 import Mt103File
from sito.formats.onec import OneCFile
from sito.formats.stream import InputStream
from sito.formats.text import sniff_encoding
from sito.formats.ufebs import UfebsFile
from sito.formats.xmlstream import opening_elements
from sito.unpack import GZIP, XZ

PARQUET = "parquet"  # its module is loaded only for such a file: Arrow takes longer to load than a small file to read
FORMATS = (
    delimited_reader.FORMAT,
    jsonl.FORMAT,
    PARQUET,
    ufebs.FORMAT,
    iso20022.FORMAT,
    mt103.FORMAT,
    onec.FORMAT,
)
COMPRESSED = (b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!", GZIP, XZ)
_BLANK = b" \t\r\n"


def open_records(path: Path, *, format: str | None = None, schema_dir: Path | None = None) -> RecordFile:
    """Open a payment or customer file; the format is found by its content.

    A file packed by xz or gzip is unpacked while it is read, except Parquet, which is packed inside.

    Args:
        path: The file. Its name and extension are not looked at.
        format: One of `FORMATS` to force a reader, None to detect.
        schema_dir: Folder with the official UFEBS XSD files, enforced when it holds any; other formats ignore it.

    Returns:
        The opened file; iterate it for records.

    Raises:
        RecordError: The whole file is unreadable, REC100 to REC115 (table in `sito.formats`).
    """
    path = Path(path)
    head = read_head(path)
    if format is None:
        format = detect(path, head)
    elif format not in FORMATS:
        raise RecordError(
            "REC103", expected=f"a format of {', '.join(FORMATS)}", got=f"{format[:40]!r}", where=path.name
        )
    if format == delimited_reader.FORMAT:
        try:
            return DelimitedFile(path, head)
        except csv.Error:
            raise RecordError("REC111", expected="a header row", got="a row that is no CSV", where=path.name) from None
    if format == ufebs.FORMAT:
        opening_elements(path)  # refuses a document type before anything is read
        return UfebsFile(path, schema_dir)
    if format == iso20022.FORMAT:
        opening_elements(path)
        return Iso20022File(path)
    if format == jsonl.FORMAT:
        return JsonLinesFile(path, head)
    if format == PARQUET:
        from sito.formats.parquet import ParquetFile  # noqa: PLC0415

        with InputStream(path) as stream:
            if stream.packed:
                raise RecordError(
                    "REC112", expected="a plain Parquet file, which is packed inside", got="one packed once more",
                    where=path.name, todo="unpack it first",
                )  # fmt: skip
        return ParquetFile(path)
    if format == mt103.FORMAT:
        return Mt103File(path, head)
    return OneCFile(path, head)


def detect(path: Path, head: bytes) -> str:
    """Return the format of a file.

    Args:
        path: The file, read again where XML names are needed.
        head: Its first `HEAD_SIZE` bytes, unpacked, not empty.

    Raises:
        RecordError: REC102 unknown; REC108, REC109 of XML; REC112 compressed.
    """
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(COMPRESSED):
        raise RecordError(
            "REC112", expected="a plain file, or one packed once by xz or gzip", got="another container",
            where=path.name, todo="unpack it first",
        )  # fmt: skip
    start = head.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    if not start:
        raise RecordError("REC101", expected="a file with records", got="only blanks", where=path.name)
    encoding = sniff_encoding(path, head)
    if encoding == "utf-16":
        start = head.decode("utf-16", "replace").lstrip().encode("utf-8", "replace")
    if start.startswith(b"<"):
        return _detect_xml(path)
    if start.lstrip(b"$\x00\x01" + _BLANK).startswith(b"{1:"):
        return mt103.FORMAT
    if start.startswith(onec.SIGNATURE.encode()):
        return onec.FORMAT
    if start.startswith(b"{"):
        return jsonl.FORMAT
    if looks_delimited(head, encoding):
        return delimited_reader.FORMAT
    raise RecordError(
        "REC102", expected=f"a file of {', '.join(FORMATS)}", got=f"{path.stat().st_size} bytes of something else",
        where=path.name, todo="name the format if it is one of these",
    )  # fmt: skip


def _detect_xml(path: Path) -> str:
    names = opening_elements(path)
    for name in names:
        if name in iso20022.MESSAGES:
            return iso20022.FORMAT
        if name == ufebs.PACKET or name in ufebs.DOCUMENTS or name in ufebs.OTHER_DOCUMENTS:
            return ufebs.FORMAT
    shown = [name for name in names[:3] if name.isascii() and len(name) <= 60]
    raise RecordError(
        "REC102", expected="UFEBS (ED101, ED103, ED104, ED105, PacketEPD) or ISO 20022 (pacs.008, pain.001)",
        got=f"XML with <{'>, <'.join(shown)}>", where=path.name,
    )  # fmt: skip


def read_head(path: Path) -> bytes:
    """Return the first unpacked bytes of a file.

    Raises:
        RecordError: REC100 missing, not a file, unreadable; REC101 empty; REC114, REC115 of packed files.
    """
    try:
        with InputStream(path) as stream:
            head = stream.read(HEAD_SIZE)
    except OSError as error:
        raise RecordError(
            "REC100", expected="a readable file", got=error.strerror or type(error).__name__, where=path.name
        ) from None
    if not head:
        raise RecordError("REC101", expected="a file with records", got="an empty file", where=path.name)
    return head
