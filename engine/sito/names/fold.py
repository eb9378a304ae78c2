"""Text to tokens: the readable twin of `sito_ext.fold`, and the packed table that both read.

A text is UTF-8. Each code point is a *separator*, *vanishes*, or is a *letter* (or digit) that becomes one or more
lower-case ASCII characters. Bytes that are not UTF-8 (cut sequences, surrogates, over-long forms) count as
separators, one byte each, and are reported. A token is a run of letters and vanishing signs with at least one letter
in it.

In a token that mixes Cyrillic with Latin letters, look-alikes are read in the script of the others: Latin letters
as Cyrillic ones if all of them can be, unless they are the majority and all Cyrillic ones look Latin; else the
other way round; else each letter stays what it is.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import NamedTuple

from sito.names.keys import KEY_RULES, key
from sito.names.letters import CYRILLIC, CYRILLIC_AS_LATIN, LATIN, LATIN_AS_CYRILLIC, SEMITIC, VANISHING

TOKEN_LENGTH_MAX = 64  # folded characters of one token; the rest is cut and reported
MAPPED_LENGTH_MAX = 15  # folded characters of one code point
PAGE_BITS = 7
CODE_POINT_LIMIT = 0x30000  # beyond the CJK extension planes nothing is a letter

SEPARATOR, VANISH, LETTER, CYRILLIC_LETTER, LATIN_LETTER = 0, 1, 2, 3, 4
NORMALISER_VERSION = "1"


class Token(NamedTuple):
    """One word of a text.

    Attributes:
        start, end: Half-open byte range in the UTF-8 text.
        plain: Folded letters, 1 to `TOKEN_LENGTH_MAX` ASCII characters.
        key: What romanisations of the same word have in common.
    """

    start: int
    end: int
    plain: str
    key: str


class Folded(NamedTuple):
    """All tokens of a text; `malformed` is true if bytes were not UTF-8, `cut` if a token was too long."""

    tokens: list[Token]
    malformed: bool
    cut: bool


def classify(character: str) -> tuple[int, str, str]:
    """Return class, folded text and folded text if read as the look-alike of the other script.

    Used once, when the table is made; every reader of text uses the table.
    """
    from anyascii import anyascii  # noqa: PLC0415  (needed by the table maker only)

    code = ord(character)
    if 0xD800 <= code < 0xE000:
        return SEPARATOR, "", ""
    if character in VANISHING or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return VANISH, "", ""
    category = unicodedata.category(character)
    wide = unicodedata.normalize("NFKC", character).casefold()
    if category[0] not in "LNM" and not (category == "So" and len(wide) == 1 and wide.isascii() and wide.isalnum()):
        return SEPARATOR, "", ""
    mapped = "".join(_mapped_part(part, anyascii) for part in wide)
    lookalike = LATIN_AS_CYRILLIC.get(character) or CYRILLIC_AS_LATIN.get(character) or ""
    other = CYRILLIC.get(lookalike.casefold(), lookalike.casefold()) if lookalike else ""
    name = unicodedata.name(character, "")
    if name.startswith("CYRILLIC") and category.startswith("L"):
        # A hard or soft sign has no letters of its own but is part of the word all the same.
        return CYRILLIC_LETTER, mapped[:MAPPED_LENGTH_MAX], other
    if not mapped:
        # A letter without a sound of its own (hamza, tatweel, a vowel carrier) does not end the word; a blank does,
        # though Unicode calls the Hangul fillers letters.
        return SEPARATOR if category[0] != "L" or "FILLER" in name else VANISH, "", ""
    if name.startswith("LATIN"):
        return LATIN_LETTER, mapped[:MAPPED_LENGTH_MAX], other
    return LETTER, mapped[:MAPPED_LENGTH_MAX], ""


def _mapped_part(character: str, fallback: Callable[[str], str]) -> str:
    if character in CYRILLIC:
        return CYRILLIC[character]
    if character in LATIN:
        return LATIN[character]
    if character in SEMITIC:
        return SEMITIC[character]
    if character.isascii():
        return character if character.isalnum() else ""
    base = "".join(c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c) not in ("Mn", "Me"))
    if base != character:
        return "".join(_mapped_part(c, fallback) for c in base)
    return "".join(c for c in fallback(character).lower() if c.isascii() and c.isalnum())


def make_table() -> bytes:
    """Make the packed fold table out of Unicode data, `letters.py`, `keys.py` and anyascii.

    Layout, little-endian: magic `SITOFOLD`, u32 page count, u32 pool size, u32 rule count; u16 page number for each
    128 code points below `CODE_POINT_LIMIT`; pages of 128 cells of 8 bytes (u8 class, u8 length, u8 look-alike length,
    u8 0, u32 pool offset; the look-alike text stands behind the text); the pool; rules of 16 bytes sorted longest
    first (u8 length, u8 replacement length, 6 bytes pattern, 8 bytes replacement).
    """
    page_size = 1 << PAGE_BITS
    pool = bytearray()
    where: dict[bytes, int] = {}
    pages: dict[bytes, int] = {}
    numbers: list[int] = []
    for first in range(0, CODE_POINT_LIMIT, page_size):
        page = bytearray()
        for code in range(first, first + page_size):
            kind, text, other = classify(chr(code))
            both = (text + other).encode()
            if both not in where:
                where[both] = len(pool)
                pool += both
            page += struct.pack("<BBBBI", kind, len(text), len(other), 0, where[both])
        numbers.append(pages.setdefault(bytes(page), len(pages)))
    rules = b"".join(
        struct.pack("<BB6s8s", len(pattern), len(result), pattern.encode(), result.encode())
        for pattern, result in sorted(KEY_RULES.items(), key=lambda rule: (-len(rule[0]), rule[0]))
    )
    head = b"SITOFOLD" + struct.pack("<III", len(pages), len(pool), len(KEY_RULES))
    body = struct.pack(f"<{len(numbers)}H", *numbers) + b"".join(pages)
    return head + b"\0" * (-len(head) % 8) + body + bytes(pool) + b"\0" * (-len(pool) % 8) + rules


@cache
def table() -> bytes:
    """Return the committed fold table, unpacked."""
    return zlib.decompress(resources.files("sito.names").joinpath("data/fold.bin.z").read_bytes())


@cache
def cells() -> dict[int, tuple[int, str, str]]:
    """Return the table as a dictionary for the twin; separators are left out.

    Raises:
        ValueError: The table that was installed is cut short.
    """
    data = table()
    page_count, pool_size, _ = struct.unpack_from("<III", data, 8)
    numbers = struct.unpack_from(f"<{CODE_POINT_LIMIT >> PAGE_BITS}H", data, 24)
    pages_at = 24 + 2 * len(numbers)
    pool_at = pages_at + page_count * 1024
    if pool_at + pool_size > len(data):
        raise ValueError(f"fold table: expected at least {pool_at + pool_size} bytes, got {len(data)}")
    found: dict[int, tuple[int, str, str]] = {}
    for page, number in enumerate(numbers):
        for i in range(1 << PAGE_BITS):
            kind, length, other, _, offset = struct.unpack_from("<BBBBI", data, pages_at + number * 1024 + i * 8)
            if kind != SEPARATOR:
                at = pool_at + offset
                text = data[at : at + length + other].decode()
                found[(page << PAGE_BITS) + i] = kind, text[:length], text[length:]
    return found


def fold(text: bytes) -> Folded:
    """Cut a text into folded tokens.

    Args:
        text: UTF-8, any length; need not be valid.

    Returns:
        Tokens in the order of the text, with `malformed` and `cut` as told above.
    """
    table_of = cells()
    tokens: list[Token] = []
    malformed = cut = False
    run: list[tuple[int, str, str]] = []
    start = 0
    position = 0

    def close(end: int) -> None:
        nonlocal cut
        plain, was_cut = resolve(run)
        cut = cut or was_cut
        if plain:
            tokens.append(Token(start, end, plain, key(plain)))
        run.clear()

    while position < len(text):
        code, size = decode(text, position)
        malformed = malformed or code < 0
        cell = table_of.get(code, (SEPARATOR, "", ""))
        if cell[0] == SEPARATOR:
            if run:
                close(position)
        else:
            if not run:
                start = position
            run.append(cell)
        position += size
    if run:
        close(position)
    return Folded(tokens, malformed, cut)


def decode(text: bytes, position: int) -> tuple[int, int]:
    """Return the code point at `position` and its size in bytes; (-1, 1) where the bytes are not UTF-8."""
    for size in (1, 2, 3, 4):
        try:
            return ord(text[position : position + size].decode("utf-8")), size
        except (UnicodeDecodeError, TypeError):
            continue
    return -1, 1


def resolve(run: list[tuple[int, str, str]]) -> tuple[str, bool]:
    """Join the letters of one token, look-alikes read in the script of the others; second: was it cut."""
    cyrillic = [cell for cell in run if cell[0] == CYRILLIC_LETTER]
    latin = [cell for cell in run if cell[0] == LATIN_LETTER]
    swap = -1
    if cyrillic and latin:
        latin_can = all(cell[2] for cell in latin)
        cyrillic_can = all(cell[2] for cell in cyrillic)
        if latin_can and not (cyrillic_can and len(latin) > len(cyrillic)):
            swap = LATIN_LETTER
        elif cyrillic_can:
            swap = CYRILLIC_LETTER
    plain = "".join(cell[2] if cell[0] == swap else cell[1] for cell in run)
    return plain[:TOKEN_LENGTH_MAX], len(plain) > TOKEN_LENGTH_MAX
