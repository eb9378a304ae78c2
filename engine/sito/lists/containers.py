"""Unwrap list files: xz, gzip and zip by their first bytes, within fixed limits.

A published list comes plain or packed, and what a server calls a zip is sometimes the bare XML: the content
decides, never the extension. Everything unpacked is counted while it is unpacked, so that a small file that
claims or hides gigabytes is refused before it costs memory. A container inside a container is refused:
no publisher makes one, and each level would multiply the limits.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from sito.errors import ListError
from sito.lists.source import FILE_SIZE_MAX, HEAD_SIZE
from sito.unpack import CHUNK_SIZE, GZIP, XZ, PackedError, is_packed, unpacked

MEMBER_COUNT_MAX = 64  # files of one zip; the largest published set has six
RATIO_MAX = 250  # unpacked bytes per packed byte; XML lists reach 40
RATIO_FREE_SIZE = 16 << 20  # bytes below which the ratio is not looked at: tiny files compress oddly
DIRECTORY_SIZE_MAX = 1 << 20  # bytes of a zip's own table of contents

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIP_END = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_OTHER = {
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


@dataclass(frozen=True)
class Member:
    """One unpacked file, not yet read into memory.

    Attributes:
        file_name: Name of the file as it arrived, without folders.
        name: Name of the unpacked file: the member's name, or `file_name` without `.xz` or `.gz`.
        head: Its first bytes, at most `HEAD_SIZE`.
        chunks: Unpacks it anew at each call, within the limits of this module.
        path: The file on disk.
    """

    file_name: str
    name: str
    head: bytes
    chunks: Callable[[], Iterator[bytes]]
    path: Path

    def load(self) -> bytes:
        """Unpack everything into memory.

        Raises:
            ListError: LST101, LST104, LST105 or LST108 as in `members`.
        """
        return b"".join(self.chunks())


def digest(path: Path) -> tuple[str, int]:
    """Return SHA-256 (hex) and size in bytes of a file as it arrived, packed if it was packed.

    Raises:
        ListError: LST101 not a readable file.
    """
    sha256 = hashlib.sha256()
    size = 0
    with _open(path) as stream:
        while chunk := stream.read(CHUNK_SIZE):
            sha256.update(chunk)
            size += len(chunk)
    return sha256.hexdigest(), size


def members(path: Path) -> list[Member]:
    """Look into one file and list what can be read from it.

    A plain, xz or gzip file has one member; a zip has one for each file in it. Only heads are unpacked here.

    Args:
        path: An existing regular file.

    Raises:
        ListError: LST101 not a readable file; LST103 no bytes; LST104 above `FILE_SIZE_MAX` or claims to be;
            LST105 damaged or packed by a method that is not supported; LST106 encrypted; LST107 a container
            inside a container; LST108 too many members, or a compression ratio no list has.
    """
    with _open(path) as stream:
        magic = stream.read(8)
    if not magic:
        raise _error("LST103", path.name, "a list", "a file of 0 bytes", "fetch the file again")
    for start, method in _OTHER.items():
        if magic.startswith(start):
            raise _error(
                "LST105", path.name, "a plain, xz, gzip or zip file", f"a {method} archive", "unpack it by hand first"
            )
    if magic.startswith(_ZIP):
        return _zip_members(path)
    if not is_packed(magic):
        head = _head(_plain_chunks(path)())
        return [Member(path.name, path.name, head, _plain_chunks(path), path)]
    chunks = _packed_chunks(path)
    head = _head(chunks())
    if not head:
        raise _error("LST103", path.name, "a list", "a container of 0 bytes", "fetch the file again")
    if is_container(head):
        raise _nested(path.name)
    name = path.name[:-3] if path.name.lower().endswith((".xz", ".gz")) else path.name
    return [Member(path.name, name, head, chunks, path)]


def is_container(head: bytes) -> bool:
    """Tell whether bytes begin like a packed file."""
    return head.startswith((XZ, GZIP, *_ZIP, *_OTHER))


def _error(code: str, where: str, expected: str, got: str, todo: str = "") -> ListError:
    return ListError(code, expected=expected, got=got, where=where, todo=todo)


def _nested(where: str) -> ListError:
    return _error("LST107", where, "a list in the container", "another container", "unpack the outer one by hand first")


def _open(path: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _error("LST101", path.name, "a regular file", "a device, pipe or folder")
        return path.open("rb")
    except OSError as error:
        raise _error("LST101", path.name, "a readable file", error.strerror or type(error).__name__) from None


def _head(chunks: Iterator[bytes]) -> bytes:
    with closing(chunks) as running:  # type: ignore[type-var]  # every iterator here is a generator and has close()
        parts: list[bytes] = []
        size = 0
        for chunk in running:
            parts.append(chunk)
            size += len(chunk)
            if size >= HEAD_SIZE:
                break
    return b"".join(parts)[:HEAD_SIZE]


class _Meter:
    """Counts what was unpacked against the limits."""

    def __init__(self, where: str, packed_size: int) -> None:
        self.where = where
        self.packed_size = max(packed_size, 1)
        self.size = 0

    def add(self, count: int) -> None:
        self.size += count
        if self.size > FILE_SIZE_MAX:
            raise _error("LST104", self.where, f"at most {FILE_SIZE_MAX} bytes", "more", "is this really a list?")
        if self.size > RATIO_FREE_SIZE and self.size > RATIO_MAX * self.packed_size:
            raise _error(
                "LST108", self.where, f"at most {RATIO_MAX} unpacked bytes per packed byte", "more", "refused as a bomb"
            )


def _plain_chunks(path: Path) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with _open(path) as stream:
            size = path.stat().st_size
            if size > FILE_SIZE_MAX:
                raise _error("LST104", path.name, f"at most {FILE_SIZE_MAX} bytes", str(size), "is this really a list?")
            meter = _Meter(path.name, size)
            while chunk := stream.read(CHUNK_SIZE):
                meter.add(len(chunk))
                yield chunk

    return chunks


def _packed_chunks(path: Path) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with _open(path) as stream:
            meter = _Meter(path.name, path.stat().st_size)
            try:
                for chunk in unpacked(stream):
                    meter.add(len(chunk))
                    yield chunk
            except PackedError as error:
                raise _error(
                    "LST105", path.name, "a whole and sound compressed file", str(error), "fetch it again"
                ) from None

    return chunks


def _check_zip_directory(path: Path) -> None:
    """Refuse a table of contents that would cost memory before the first member is seen."""
    with _open(path) as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - (1 << 16) - 22 - 20))
        tail = stream.read()
    end = tail.rfind(_ZIP_END)
    if end < 0 or len(tail) < end + 22:
        raise _error("LST105", path.name, "a whole zip file", "one without its table of contents", "fetch it again")
    count, directory_size = struct.unpack_from("<HI", tail, end + 10)
    if count > MEMBER_COUNT_MAX:
        raise _error("LST108", path.name, f"at most {MEMBER_COUNT_MAX} files in a zip", str(count))
    if directory_size > DIRECTORY_SIZE_MAX or (end >= 20 and tail[end - 20 : end - 16] == _ZIP64_LOCATOR):
        raise _error("LST108", path.name, "a plain zip with a small table of contents", "a zip64 or oversized one")


def _member_name(info: zipfile.ZipInfo) -> str:
    name = PurePosixPath(info.filename.replace("\\", "/")).name
    return "".join(c if c.isprintable() else "?" for c in name)[:255] or "unnamed"


def _zip_members(path: Path) -> list[Member]:
    _check_zip_directory(path)
    found: list[Member] = []
    with _open(path) as stream:
        try:
            # Names without the UTF-8 flag are in cp866, as the Russian services write them; Latin names are the same.
            archive = zipfile.ZipFile(stream, metadata_encoding="cp866")
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise _damaged(path.name, error) from None
        infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MEMBER_COUNT_MAX:
        raise _error("LST108", path.name, f"at most {MEMBER_COUNT_MAX} files in a zip", str(len(infos)))
    total = 0
    for info in infos:
        where = f"{path.name}: {_member_name(info)}"
        total += info.file_size
        if total > FILE_SIZE_MAX:
            raise _error(
                "LST104", where, f"at most {FILE_SIZE_MAX} unpacked bytes", f"a claim of {total}", "refused unopened"
            )
        if info.flag_bits & 0x1:
            raise _error("LST106", where, "a zip without a password", "an encrypted member", "unpack it by hand first")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _error(
                "LST105", where, "stored or deflated data", f"compression method {info.compress_type}", "pack it anew"
            )
        chunks = _zip_chunks(path, info)
        head = _head(chunks())
        if is_container(head) and not _is_document(head):
            raise _nested(where)
        if head:
            found.append(Member(path.name, _member_name(info), head, chunks, path))
    if not found:
        raise _error("LST103", path.name, "a zip with a list in it", "a zip without content", "fetch the file again")
    return found


def _is_document(head: bytes) -> bool:
    # Office documents are zips too; the readable copy beside the XML is no list, and no attack.
    return b"[Content_Types].xml" in head or b"mimetypeapplication/vnd.oasis" in head


def _damaged(where: str, error: Exception) -> ListError:
    return _error(
        "LST105", where, "a sound zip file", f"a damaged one ({type(error).__name__})", "fetch the file again"
    )


def _zip_chunks(path: Path, info: zipfile.ZipInfo) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        where = f"{path.name}: {_member_name(info)}"
        meter = _Meter(where, info.compress_size)
        with _open(path) as stream:
            try:
                with zipfile.ZipFile(stream, metadata_encoding="cp866") as archive, archive.open(info) as member:
                    while chunk := member.read(CHUNK_SIZE):
                        meter.add(len(chunk))
                        yield chunk
            except (
                zipfile.BadZipFile,
                zlib.error,
                EOFError,
                ValueError,
                NotImplementedError,
                RuntimeError,
                OSError,
            ) as e:
                raise _damaged(where, e) from None

    return chunks
