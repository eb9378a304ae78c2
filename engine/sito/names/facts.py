"""What is known of a word beyond its letters: how much it says, what part of a name it is, how rare, what it equals.

The readable twin of `sito_ext.facts`. Three sources speak: the words that say little (`words.py` by way of
`makewords.py`, by folded word), the lexicon of names (`lexicon.py`, by key), and endings: those of patronymics, and of
surnames that the lexicon lacks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from enum import IntFlag
from functools import cache
from importlib import resources
from typing import NamedTuple

from sito.names import lexicon
from sito.names.words import Kind, Special

GIVEN_MIN = 2  # how sure the lexicon must be, of 3
GROUP_OF_WORDS = 0x8000  # groups of special words stand above the variant groups of the lexicon
ORDINARY, INITIAL, LONG_NUMBER = 100, 30, 1  # weights; a long number in a name field is an account or a document
LONG_NUMBER_MIN = 9  # digits
RARITY_EACH_LETTER = 16  # quarter bits: a short word cannot say more, known or not
PATRONYMIC_LENGTH_MIN = 5
DECLINED_LENGTH_MIN = 6
SURNAME_LENGTH_MIN = 5
SURNAME_ENDINGS = ("ov", "ev", "ova", "eva", "ski", "skaia", "enko", "svili")  # of words the lexicon lacks
FIRM = 64  # among the traits of a special word's record: it says little in names of firms only
RECORD_HEAD = "<BBBH"  # of a special word: letters, traits, weight, group; the word follows
TABLE_HEAD = "<I"  # of the packed words: size of the records in bytes

# Ends of patronymics by key, without the case ending: Иванович, Сергійович, Ільіч; Ивановна, Ильинична, Iванаўна.
MALE_STEM = "vic"
SHORT_PATRONYMICS = ("ilic", "lukic", "kuzmic", "fomic", "nikitic", "ionic")  # Ильич; other names on -ич are Balkan
MALE_ENDINGS = ("a", "u", "e", "em", "am")
FEMALE_STEMS = ("ovn", "evn", "ivn", "avn", "aun", "eun", "icn")
FEMALE_ENDINGS = ("a", "i", "e", "u", "oi", "oiu", "ai")


class Trait(IntFlag):
    """What part of a name a word is, or may be."""

    GIVEN = 1
    SURNAME = 2
    SON = 4  # a man's patronymic
    DAUGHTER = 8  # a woman's patronymic
    NUMBER = 16  # or a code with a digit in it
    VOUCHING = 32  # a word that says that a company or a ship is named
    KNOWN = 64  # the lexicon holds it: it is somebody's name as it stands
    VOWELLESS = 128  # from a script without short vowels


class Facts(NamedTuple):
    """What is known of one word.

    Attributes:
        weight: Per cent, 1 to 100.
        traits: See `Trait`.
        rarity: Quarter bits: -4 log2 of the share of people who bear the word.
        groups: Up to two groups of words that mean the same, 0 none.
    """

    weight: int
    traits: int
    rarity: int
    groups: tuple[int, int]


def patronymic(key: str) -> int:
    """Return `Trait.SON`, `Trait.DAUGHTER` or 0 by the end of a key."""
    if key in SHORT_PATRONYMICS or (len(key) >= PATRONYMIC_LENGTH_MIN and key.endswith(MALE_STEM)):
        return Trait.SON
    if len(key) >= DECLINED_LENGTH_MIN:
        for ending in MALE_ENDINGS:
            if key.endswith(MALE_STEM + ending):
                return Trait.SON
        for stem in FEMALE_STEMS:
            for ending in FEMALE_ENDINGS:
                if key.endswith(stem + ending):
                    return Trait.DAUGHTER
    return 0


@cache
def _packed() -> tuple[bytes, bytes]:
    """Return the records of the special words, and the kind of each."""
    data = zlib.decompress(resources.files("sito.names").joinpath("data/words.bin.z").read_bytes())
    (size,) = struct.unpack_from(TABLE_HEAD, data)
    start = struct.calcsize(TABLE_HEAD)
    return data[start : start + size], data[start + size :]


def special_table() -> bytes:
    """Return the words that say little as the kernel reads them: `RECORD_HEAD` and the word, sorted by word."""
    return _packed()[0]


@cache
def _special() -> dict[str, Special]:
    table, kinds = _packed()
    words: dict[str, Special] = {}
    all_kinds, head, at = tuple(Kind), struct.Struct(RECORD_HEAD), 0
    for kind in kinds:
        length, _, weight, group = head.unpack_from(table, at)
        at += head.size + length
        words[table[at - length : at].decode("ascii")] = Special(all_kinds[kind], weight, group)
    return words


def special(plain: str) -> Special | None:
    """Return why a folded word says little; None if it is an ordinary one."""
    return _special().get(plain)


def special_words() -> Iterable[str]:
    """Return all words that say little, plain folded."""
    return _special().keys()


def pack_special(words: Mapping[str, Special]) -> bytes:
    """Pack the words that say little: `TABLE_HEAD`, the records for the kernel, a byte a word: its `Kind`."""
    kinds, rows = list(Kind), sorted(words.items())
    table = b"".join(
        struct.pack(RECORD_HEAD, len(plain), _traits_of(said), said.weight, said.group) + plain.encode("ascii")
        for plain, said in rows
    )
    return struct.pack(TABLE_HEAD, len(table)) + table + bytes(kinds.index(said.kind) for _, said in rows)


def _traits_of(said: Special) -> int:
    """Return the traits of a record: what the word vouches for, and whether it says little in names of firms only."""
    traits = Trait.VOUCHING if said.kind in (Kind.LEGAL_FORM, Kind.VESSEL) else 0
    return traits | (FIRM if said.kind in (Kind.LEGAL_FORM, Kind.VESSEL, Kind.GENERIC, Kind.PLACE) else 0)


@cache
def version() -> str:
    """Return the version of all that is known of words; an index made with another one is refused."""
    return f"{lexicon.VERSION}-{zlib.crc32(special_table()):08x}"


def know(plain: str, key: str, *, letters: int = 0, vowelless: bool = False, person: bool = False) -> Facts:
    """Return what is known of a folded word.

    Args:
        plain: 1 to 64 letters and digits.
        key: Of the word.
        letters: Raw letters of the word, 0 if not known.
        vowelless: Is it written without vowels?
        person: Is it a word of a person's listed name? There a word of firms is a name (Tur, Mau).
    """
    known = lexicon.look(key)
    said = special(plain)
    traits = int(patronymic(key))
    if known is not lexicon.UNKNOWN:
        traits |= Trait.KNOWN
    if known.given >= GIVEN_MIN and known.given > known.surname:
        traits |= Trait.GIVEN
    if known.surname >= GIVEN_MIN and known.surname >= known.given:
        traits |= Trait.SURNAME
    if not traits and key.endswith(SURNAME_ENDINGS) and len(key) >= SURNAME_LENGTH_MIN:
        traits |= Trait.SURNAME
    groups = known.variants
    if any(character.isdigit() for character in plain):
        traits |= Trait.NUMBER
    weight = ORDINARY
    if (letters == 1 or len(plain) == 1) and plain.isalpha():
        weight = INITIAL
    elif len(plain) >= LONG_NUMBER_MIN and plain.isdigit():
        weight = LONG_NUMBER
    elif said is not None and not (person and _traits_of(said) & FIRM):
        weight = said.weight
        traits |= _traits_of(said) & ~FIRM
        if said.group:
            # A title or a particle may be a given name, too: Ben is Benjamin.
            given = traits & Trait.GIVEN and not _traits_of(said) & FIRM
            groups = (GROUP_OF_WORDS | said.group, known.variants[0] if given else 0)
    if vowelless:
        traits |= Trait.VOWELLESS
    return Facts(weight, traits, min(known.rarity, RARITY_EACH_LETTER * len(key)), groups)
