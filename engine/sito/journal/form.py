"""The form of a journal file: a head, then frames, each with its length and checksum, sealed if there is a key.

    head    8 bytes magic, 16 bytes id of the file, 16 bytes id of the key in ASCII (zeros without)
    frame   4 bytes length of the body, 4 bytes CRC-32 of it (both little endian), the body

A sealed body opens only as the frame of its number in its file, so that none can be moved, repeated or left out unseen.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

MAGIC = b"SITOJRN1"
HEAD = struct.Struct("<8s16s16s")
FRAME = struct.Struct("<II")
BODY_SIZE_MAX = 64 << 20  # bytes; a message of the server has at most 16 MiB
SUFFIX = ".journal"
PROGRESS_SUFFIX = ".taken"
CUT_SUFFIX = ".cut"  # of a file whose end cannot be read
FILE_SIZE_MAX = 64 << 20  # bytes after which a writer goes on in a new file


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk.

    Raises:
        OSError: They may not be there.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def about(file_id: bytes, number: int) -> bytes:
    """Return what ties a sealed body to its place."""
    return b"sito journal 1" + file_id + number.to_bytes(8, "little")
