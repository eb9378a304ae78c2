r"""Bytes to lines: which encoding a text file has, and its text in blocks of whole lines.

Undecodable bytes never stop a file. They become lone surrogates (U+DC80 … U+DCFF carry the byte, as Python's
`surrogateescape` does), and a line that is too long is cut and ends in U+DFFF. A block that holds any of these, or a
NUL, is marked dirty, so that readers look for them only where they are: clean files pay nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from sito.formats.base import LINE_SIZE_MAX
from sito.formats.stream import InputStream
from sito.unpack import UTF8_CYRILLIC

BLOCK_SIZE = 256 * 1024  # bytes; bigger blocks leave the processor cache, smaller ones cost calls
SNIFF_SCAN_SIZE = 64 << 20  # bytes searched for letters outside ASCII before UTF-8 is taken for granted
SNIFF_LETTERS_ENOUGH = 2_000  # bytes outside ASCII on which an encoding is decided
OVERLONG = "\udfff"  # last character of a line that was cut
_SURROGATE = re.compile("[\ud800-\udfff]")
# A line, or up to 4000 bytes of it behind a byte outside ASCII. What is pure ASCII is taken, too, for whoever passes it
# over begins anew behind each of its bytes.
_LINE = re.compile(rb"[^\n\x80-\xff]*+(?:[\x80-\xff][^\n]{0,4000}|\n|\Z)")
_ASCII_BYTES = bytes(range(0x80))

# windows-1251 letters А–Я and р–я of cp866's box-drawing range, and cp866 letters А–Я а–п, which windows-1251
# fills with rare letters; punctuation that Russian windows-1251 texts do use is left out of the second set.
_WINDOWS_BYTES = bytes([*range(0xC0, 0xE0), *range(0xF0, 0x100)])
_DOS_BYTES = bytes(
    sorted({*range(0x80, 0xB0)} - {0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0xA0, 0xA7, 0xA8, 0xAB})
)
# What Cyrillic text is made of, besides ASCII: words of the languages written in these code pages, capitals only where
# words have them (`эаА` are broken bytes), beside no Latin letter (`Mьller` is a German name read wrongly), and signs.
_UPPER, _LOWER = "А-ЯЁЄІЇЎҐ", "а-яёєіїўґ"
_CYRILLIC_TEXT = re.compile(
    f"(?<![A-Za-z{_UPPER}{_LOWER}])(?:(?:[{_UPPER}]?[{_LOWER}]+)(?:['’-]?[{_UPPER}][{_LOWER}]+)*+(?:['’-]?[{_UPPER}]{{2,}})?"
    f"|[{_UPPER}]+(?:['’-][{_UPPER}]+)*+)(?![A-Za-z{_UPPER}{_LOWER}])"
)
# Half a pair of UTF-16, written as UTF-8 would: no text, but a mark of UTF-8 all the same.
_UTF8_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CYRILLIC_SIGNS = re.compile("[№«»–—„“”‘’…§°\xa0·]")
_CYRILLIC_SHARE_MIN = 0.9
_CODE_PAGES = frozenset({"cp1251", "cp866"})


def _mark(error: UnicodeError) -> tuple[str, int]:
    # UTF-16 has no bytes of its own to escape; one mark per broken unit is enough to refuse the line.
    end: int = getattr(error, "end", 0)
    return "\udc80", end


codecs.register_error("sito-mark", _mark)


def sniff_encoding(path: Path, head: bytes) -> str:
    """Return the Python name of the encoding of a text file.

    Order: byte order mark; UTF-8 as long as two letters outside ASCII are whole for each broken byte, so that one bad
    row does not turn a file into another alphabet (other alphabets read as UTF-8 have next to no whole letters); cp866
    or windows-1251 where that gives Cyrillic text; else UTF-8 again, whose bad rows are then refused one by one. A
    guess without words would be screened as nonsense, and pass.

    Args:
        path: The file; read on where `head` has too few letters outside ASCII.
        head: Its first bytes, unpacked.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head
    if len(head.translate(None, _ASCII_BYTES)) < SNIFF_LETTERS_ENOUGH:
        sample = _lines_outside_ascii(path)
    return guess_encoding(sample)


def looks_utf8(sample: bytes) -> bool:
    """Tell whether two letters outside ASCII are whole UTF-8 for each broken byte."""
    plain, halves = _UTF8_SURROGATE.subn(b"", sample)
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(plain)
    broken = len(_SURROGATE.findall(text))
    letters = sum(1 for character in text if character > "\x7f") - broken + halves
    return broken * 2 <= letters


def guess_encoding(sample: bytes) -> str:
    """Guess `utf-8`, `cp866` or `cp1251` from a piece of text without a byte order mark."""
    if looks_utf8(sample):
        return "utf-8"
    windows = len(sample) - len(sample.translate(None, _WINDOWS_BYTES))
    dos = len(sample) - len(sample.translate(None, _DOS_BYTES))
    encoding = "cp866" if dos > windows else "cp1251"
    text = sample.decode(encoding, "replace")
    high = len(sample.translate(None, _ASCII_BYTES))
    fitting = sum(len(word) for word in _CYRILLIC_TEXT.findall(text)) + len(_CYRILLIC_SIGNS.findall(text))
    return encoding if fitting >= _CYRILLIC_SHARE_MIN * high else "utf-8"


def _lines_outside_ascii(path: Path) -> bytes:
    """Return lines that are not pure ASCII, until they have enough letters to decide on."""
    found: list[bytes] = []
    letters = done = 0
    with InputStream(path) as stream:
        rest = b""
        while letters < SNIFF_LETTERS_ENOUGH and done < SNIFF_SCAN_SIZE and (block := stream.read(BLOCK_SIZE)):
            done += len(block)
            if block.isascii() and rest.isascii():
                rest = b""
                continue
            # A character may be cut by the border of a block, so the last line waits for its end.
            data = rest + block
            end = data.rfind(b"\n") + 1 or len(data)
            rest = data[end:]
            for match in _LINE.finditer(data[:end]):
                line = match[0]
                if line.isascii():
                    continue
                found.append(line)
                letters += len(line.translate(None, _ASCII_BYTES))
                if letters >= SNIFF_LETTERS_ENOUGH:
                    break
    found.append(rest[:BLOCK_SIZE])
    return b"\n".join(found)


def blocks(path: Path, encoding: str, report: Callable[[int], None]) -> Iterator[tuple[str, bool]]:
    r"""Stream a text file as blocks of whole lines, each ending in a line feed (the last one perhaps not).

    Args:
        path: The file.
        encoding: As `sniff_encoding` returns it.
        report: Called with the count of bytes read so far, once a block.

    Yields:
        (text, dirty): dirty if the text holds a NUL, an undecodable byte or a cut line. Line ends are as in the
        file, except that a file which has only carriage returns gets line feeds.
    """
    decoder, marked, feed, size = _codec(path, encoding)
    carry = b""
    skipping = False  # inside a line whose beginning was already given out, cut
    old_mac = False
    with InputStream(path) as stream:
        first = True
        while True:
            block = stream.read(BLOCK_SIZE)
            if first:
                if encoding == "utf-8-sig":
                    block = block.removeprefix(codecs.BOM_UTF8)
                elif size == 2:
                    block = block[2:]
                old_mac = b"\n" not in block and b"\r" in block and size == 1
                first = False
            if not block:
                if carry and not skipping:
                    yield _decode(carry, decoder, marked)
                report(stream.position())
                return
            if old_mac:
                block = block.replace(b"\r", b"\n")
            report(stream.position())
            data = carry + block if carry else block
            if skipping:
                end = _last_feed(data, feed, size, first=True)
                if end == 0:
                    # An odd byte is kept, so that two-byte units stay aligned.
                    carry = data[len(data) - len(data) % size :]
                    continue
                skipping = False
                data = data[end:]
            cut = _last_feed(data, feed, size)
            if cut:
                carry = data[cut:]
                yield _decode(data[:cut], decoder, marked)
            else:
                carry = data
            if len(carry) > LINE_SIZE_MAX:
                text, _ = _decode(carry[: LINE_SIZE_MAX // 8 * 8], decoder, marked)
                yield text + OVERLONG + "\n", True
                carry = carry[len(carry) - len(carry) % size :]
                skipping = True


def _codec(path: Path, encoding: str) -> tuple[str, str, bytes, int]:
    """Return codec name, error handler, line feed and unit size of an encoding."""
    if encoding == "utf-16":
        with InputStream(path) as stream:
            little = stream.read(2) == codecs.BOM_UTF16_LE
        return ("utf-16-le", "sito-mark", b"\n\x00", 2) if little else ("utf-16-be", "sito-mark", b"\x00\n", 2)
    return ("utf-8" if encoding == "utf-8-sig" else encoding), "surrogateescape", b"\n", 1


def _last_feed(data: bytes, feed: bytes, size: int, *, first: bool = False) -> int:
    """Return the end of the last (or first) line feed in `data`, 0 if there is none."""
    find = data.find if first else data.rfind
    at = find(feed)
    while at >= 0 and at % size:  # U+0A00 and U+000A look alike at odd offsets
        at = data.find(feed, at + 1) if first else data.rfind(feed, 0, at + len(feed) - 1)
    return at + len(feed) if at >= 0 else 0


def _decode(data: bytes, codec: str, errors: str) -> tuple[str, bool]:
    if codec in _CODE_PAGES and UTF8_CYRILLIC.search(data):
        return _decode_mixed(data, codec), True
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return data.decode(codec, errors), True
    return text, "\x00" in text


def _decode_mixed(data: bytes, codec: str) -> str:
    """Decode a code page in which UTF-8 stands too: that would decode without an error, to nonsense."""
    pieces: list[str] = []
    at = 0
    for found in UTF8_CYRILLIC.finditer(data):
        pieces += data[at : found.start()].decode(codec, "surrogateescape"), found[0].decode("ascii", "surrogateescape")
        at = found.end()
    return "".join(pieces) + data[at:].decode(codec, "surrogateescape")
