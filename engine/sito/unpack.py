"""Unpack xz and gzip streams piece by piece, and tell UTF-8 that is declared as something else.

List files and payment files go through the same code, so that what one refuses is not let in by the other. Who calls
counts the bytes and words the error.
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

XZ = b"\xfd7zXZ\x00"
GZIP = b"\x1f\x8b"
CHUNK_SIZE = 1 << 18  # bytes read and given out at once
XZ_MEMORY_MAX = 256 << 20  # bytes of dictionary one xz stream may ask for


# Three letters of UTF-8 Cyrillic in a row: `Р` or `С` before a rare sign, thrice, is no word of any code page.
UTF8_CYRILLIC = re.compile(rb"(?:[\xd0-\xd3][\x80-\xbf]){3,}")
_XML_CODE_PAGE = re.compile(
    rb"\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?:windows-|cp|koi8|iso-8859|ibm|866|dos)", re.IGNORECASE
)


def names_code_page(head: bytes) -> bool:
    """Tell whether the declaration of an XML file names an alphabet of one byte a letter.

    Such an alphabet decodes everything, also UTF-8, which then is nonsense and is found in no list: so whoever reads
    the file has to look for `UTF8_CYRILLIC` in it.
    """
    return _XML_CODE_PAGE.match(head) is not None


class PackedError(Exception):
    """A packed stream is not whole; the text says in what way, without anything of its content."""


class _Decoder(Protocol):
    """One compressed stream: give packed bytes, take at most `CHUNK_SIZE` unpacked ones."""

    eof: bool

    def take(self, data: bytes) -> bytes:
        """Return the next unpacked bytes, perhaps none."""

    def hungry(self) -> bool:
        """Tell whether packed bytes are needed to go on."""

    def rest(self) -> bytes:
        """Return packed bytes behind the end of the stream, without padding."""


class _XzDecoder:
    def __init__(self) -> None:
        self._decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_MAX)
        self.eof = False

    def take(self, data: bytes) -> bytes:
        out = self._decoder.decompress(data, CHUNK_SIZE)
        self.eof = self._decoder.eof
        return out

    def hungry(self) -> bool:
        return self._decoder.needs_input

    def rest(self) -> bytes:
        # Streams may be padded with zeros to a multiple of four bytes.
        return self._decoder.unused_data.lstrip(b"\x00")


class _GzipDecoder:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)
        self.eof = False

    def take(self, data: bytes) -> bytes:
        out = self._decoder.decompress(self._decoder.unconsumed_tail + data, CHUNK_SIZE)
        self.eof = self._decoder.eof
        return out

    def hungry(self) -> bool:
        return not self._decoder.unconsumed_tail

    def rest(self) -> bytes:
        return self._decoder.unused_data.lstrip(b"\x00")


def is_packed(head: bytes) -> bool:
    """Tell whether bytes begin like a stream that `unpacked` reads."""
    return head.startswith((XZ, GZIP))


def unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """Unpack one or more streams of one kind that follow each other in a file.

    Args:
        stream: The packed file, at its start; the first bytes say how it is packed.

    Yields:
        Pieces of at most `CHUNK_SIZE` bytes, none of them empty. Memory does not grow with the file.

    Raises:
        PackedError: The stream is cut, damaged, followed by something else, or wants more than `XZ_MEMORY_MAX`.
    """
    data = stream.read(CHUNK_SIZE)
    new_decoder: Callable[[], _Decoder] = _XzDecoder if data.startswith(XZ) else _GzipDecoder
    decoder = new_decoder()
    started = False
    try:
        while True:
            if decoder.eof:
                data = decoder.rest()
                while not data and (more := stream.read(CHUNK_SIZE)):
                    data = more.lstrip(b"\x00")
                if not data:
                    return
                decoder = new_decoder()
                started = False
            elif not data and decoder.hungry():
                data = stream.read(CHUNK_SIZE)
                if not data:
                    raise PackedError("one cut short")
            out = decoder.take(data)
            data = b""
            started = True
            if out:
                yield out
    except (lzma.LZMAError, zlib.error) as error:
        kind = "a damaged one" if started else "the end of the stream followed by something else"
        raise PackedError(f"{kind} ({type(error).__name__})") from None
