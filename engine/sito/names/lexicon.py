"""What is known about a name word: given name or surname, how rare, and the same name in other languages.

The twin of `sito_ext.lexicon`, and the packed table that both read. A word is looked up by its key
(`sito.names.keys`), so every script and most romanisations of it are one word here. What the table does not hold is
unknown: no role, no variants, and as rare as the rarest word it holds.

The table is data/lexicon.bin.z, made by `sito.names.makelexicon` from counts of real names and from the groups of
`sito.names.variants`; NOTICE names the sources and their terms. It is frozen: an index carries `VERSION`, because
scores change with the table.

Layout, little-endian: magic `SITOLEXI`, u32 checksum (CRC-32 of what follows it), u32 layout number, u32 checksum of
the key rules it was made with, u32 word count, u32 variant count, u32 size of the keys in bytes; then one column after
the other: u8 key length, u8 roles (given | surname << 2), u8 rarity, u16 first variant, u16 second variant, the
keys. Words are sorted by key.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from sito.names.keys import KEY_RULES

VERSION = "1-b9e5e782"  # edition, and the CRC-32 of the unpacked table
LAYOUT = 1
MAGIC = b"SITOLEXI"
HEAD = struct.Struct("<8sIIIIII")
KEY_LENGTH_MAX = 128
WORD_COUNT_MAX = 1 << 20
ROLE_MAX = 3
BITS = 4  # rarity steps in one bit
RARITY_UNKNOWN = 18 * BITS
VARIANT_MAX = 0xFFFF


class Known(NamedTuple):
    """What the lexicon says about one word.

    Attributes:
        given: How much the word is a given name: 0 no or unknown, 1 sometimes, 2 mostly, 3 nearly always.
        surname: How much it is a surname, on the same scale. Both are 0 for a patronymic.
        rarity: Quarter bits: -4 log2 of the share of people who bear the word, in the population where it is most
            common; 0 to `RARITY_UNKNOWN`.
        variants: Two group numbers, 0 is none. Words with a group in common are one name, in other languages, spellings
            or as a short form.
    """

    given: int
    surname: int
    rarity: int
    variants: tuple[int, int]


UNKNOWN = Known(0, 0, RARITY_UNKNOWN, (0, 0))


def rules_checksum() -> int:
    """Return the checksum of the key rules; a table made with other rules is looked up in vain."""
    return zlib.crc32(repr(sorted(KEY_RULES.items())).encode())


def pack(words: Mapping[str, Known]) -> bytes:
    """Pack words into a table; the same words give the same bytes.

    Args:
        words: By key: 1 to `KEY_LENGTH_MAX` letters a to z.

    Returns:
        The table that `read` reads.
    """
    keys = sorted(words)
    known = [words[key] for key in keys]
    pool = "".join(keys).encode()
    variant_count = max((number for word in known for number in word.variants), default=0)
    body = struct.pack("<IIIII", LAYOUT, rules_checksum(), len(keys), variant_count, len(pool))
    body += bytes(map(len, keys))
    body += bytes(word.given | word.surname << 2 for word in known)
    body += bytes(word.rarity for word in known)
    for i in (0, 1):
        body += struct.pack(f"<{len(known)}H", *(word.variants[i] for word in known))
    return MAGIC + struct.pack("<I", zlib.crc32(body + pool)) + body + pool


def read(data: bytes) -> dict[str, Known]:
    """Read a packed table, checking all of it.

    Args:
        data: A table as `pack` makes it.

    Raises:
        ValueError: It is cut, altered or not a table of this layout.
    """
    if len(data) < HEAD.size:
        raise ValueError(f"lexicon: expected at least {HEAD.size} bytes, got {len(data)}")
    magic, checksum, layout, _, count, variant_count, pool_size = HEAD.unpack_from(data)
    if magic != MAGIC or layout != LAYOUT:
        raise ValueError(f"lexicon: expected layout {LAYOUT}, got other data")
    if count > WORD_COUNT_MAX or variant_count > VARIANT_MAX or len(data) != HEAD.size + 7 * count + pool_size:
        raise ValueError(f"lexicon: {count} words and {pool_size} bytes of keys do not make {len(data)} bytes")
    if zlib.crc32(memoryview(data)[12:]) != checksum:
        raise ValueError("lexicon: the checksum does not fit; install the package again")
    columns = HEAD.size
    lengths = data[columns : columns + count]
    roles = data[columns + count : columns + 2 * count]
    rarities = data[columns + 2 * count : columns + 3 * count]
    first = struct.unpack_from(f"<{count}H", data, columns + 3 * count)
    second = struct.unpack_from(f"<{count}H", data, columns + 5 * count)
    words: dict[str, Known] = {}
    position = columns + 7 * count
    before = b""
    for i in range(count):
        key = data[position : position + lengths[i]]
        position += lengths[i]
        if not (0 < lengths[i] <= KEY_LENGTH_MAX and len(key) == lengths[i] and before < key and _letters(key)):
            raise ValueError(f"lexicon: word {i} of {count} is no key, or not in order")
        if roles[i] >> 4 or rarities[i] > RARITY_UNKNOWN:
            raise ValueError(f"lexicon: word {i} of {count} has a role or rarity out of range")
        if max(first[i], second[i]) > variant_count or (second[i] and not 0 < first[i] < second[i]):
            raise ValueError(f"lexicon: word {i} of {count} has variants out of range")
        words[key.decode()] = Known(roles[i] & 3, roles[i] >> 2, rarities[i], (first[i], second[i]))
        before = key
    if position != len(data):
        raise ValueError(f"lexicon: {len(data) - position} bytes of keys belong to no word")
    return words


def _letters(key: bytes) -> bool:
    return all(0x61 <= letter <= 0x7A for letter in key)


@cache
def table() -> bytes:
    """Return the committed table, unpacked."""
    return zlib.decompress(resources.files("sito.names").joinpath("data/lexicon.bin.z").read_bytes())


@cache
def _words() -> dict[str, Known]:
    return read(table())


def look(key: str) -> Known:
    """Look one word up.

    Args:
        key: Key of a folded word; anything else is unknown.

    Returns:
        What is known; `UNKNOWN` if the table does not hold the word.
    """
    return _words().get(key, UNKNOWN)


def variant_count() -> int:
    """Return the number of variant groups; groups are numbered from 1."""
    count: int = HEAD.unpack_from(table())[5]
    return count
