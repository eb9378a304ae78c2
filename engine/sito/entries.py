"""The nouns of the lists: what a list edition says about whom.

All classes are immutable values. Texts are kept as the list prints them (only outer white
space is removed); folding happens in the engine and nowhere else.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

# The field under which `Entry.raw` keeps an alias that lost its letters on the way ("???"): nobody can be found by it.
NAME_WITHOUT_LETTER = "name without a letter or digit"


class Kind(StrEnum):
    """What a listed subject or a screened party is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"
    OTHER = "other"
    UNKNOWN = "unknown"


class NameQuality(StrEnum):
    """How far a list trusts one of its names."""

    PRIMARY = "primary"
    STRONG = "strong"
    WEAK = "weak"
    FORMER = "former"
    ORIGINAL_SCRIPT = "original_script"


class Name(msgspec.Struct, frozen=True, omit_defaults=True):
    """One name of an entry.

    Attributes:
        text: The whole name as printed, or joined from its parts in the order
            given, middle, family unless the list prints another order.
        quality: How far the list trusts it.
        surname, given, patronymic: Parts, only where the list itself names them.
        script, language: As the list says, empty if it does not.
    """

    text: str
    quality: NameQuality = NameQuality.STRONG
    surname: str = ""
    given: str = ""
    patronymic: str = ""
    script: str = ""
    language: str = ""


class BirthDate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A birth date, known as far as the list knows it.

    Attributes:
        start, end: First and last possible day, ISO `YYYY-MM-DD`, both inclusive. An exact
            date has start == end; a year has the first and the last day of that year; a
            range of years spans them.
        circa: True if the list says "approximately".
    """

    start: str
    end: str
    circa: bool = False


class Identifier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that names somebody.

    Attributes:
        type: Lower-case word: `inn`, `ogrn`, `snils`, `passport`, `national_id`, `imo`, `mmsi`,
            `bic`, `lei`, `tax_id`, `registration`, `wallet`, `call_sign`, `tail_number`, `phone`, `other`.
        number: As printed, series and number joined by one space.
        country: ISO 3166 alpha-2 code where known, else the words of the list, else empty.
        note: Issuer, dates and the like in the list's words.
    """

    type: str
    number: str
    country: str = ""
    note: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One listed subject.

    Attributes:
        list_id: Code of the list, for example `OFAC-SDN` or `RU-TE`.
        entry_id: The list's own stable id of the subject.
        kind: What the subject is.
        names: One or more names; the first is the primary name.
        programmes: Sanctions programmes, regimes or legal grounds, in the list's words.
        terrorist: True or False where the list says so, None where it does not.
        listed_on, changed_on, delisted_on: ISO dates, all that the list gives.
        raw: What was not understood, as (element or column, text), never dropped.
    """

    list_id: str
    entry_id: str
    kind: Kind
    names: tuple[Name, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    birth_places: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    countries: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    terrorist: bool | None = None
    listed_on: tuple[str, ...] = ()
    changed_on: tuple[str, ...] = ()
    delisted_on: tuple[str, ...] = ()
    gender: str = ""
    titles: tuple[str, ...] = ()
    remarks: str = ""
    raw: tuple[tuple[str, str], ...] = ()


class GistName(msgspec.Struct, frozen=True, gc=False):
    """The part of a `Name` that hits show; equal fields mean the same."""

    text: str
    quality: str = NameQuality.STRONG.value


class Gist(msgspec.Struct, frozen=True, gc=False):
    """The part of an `Entry` that speaks for or against hits, read from it at a fraction of the cost."""

    list_id: str
    entry_id: str
    kind: Kind
    names: tuple[GistName, ...]
    birth_dates: tuple[BirthDate, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    countries: tuple[str, ...] = ()
    gender: str = ""


class ListEdition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One dated copy of one list.

    Attributes:
        list_id: Code of the list.
        format: Name of the reader that understood the file, for example `ofac-csv`.
        edition_date: ISO date printed in the list; empty where the format carries none.
        previous_date: ISO date of the edition before, where the list names it.
        files: (file name without folders, SHA-256 hex of its bytes, size in bytes).
        entry_count, name_count: What was read.
        declared_count: Entries the file itself claims to hold, None where it claims nothing.
        warnings: Things a person should know, one sentence each, without names of people.
    """

    list_id: str
    format: str
    edition_date: str = ""
    previous_date: str = ""
    files: tuple[tuple[str, str, int], ...] = ()
    entry_count: int = 0
    name_count: int = 0
    declared_count: int | None = None
    warnings: tuple[str, ...] = ()
