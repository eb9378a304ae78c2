"""From a message and its numbers to bytes: a pure function, equal for ever for one version of the model."""

from __future__ import annotations

from datetime import date

import msgspec
from lxml import etree

from sito.errors import FesError
from sito.fes.elements import Format, Place, written
from sito.fes.formats import formats
from sito.fes.kinds import number_of
from sito.fes.model import Family, Message, Numbers


class Series(msgspec.Struct, frozen=True):
    """How the numbers of a message begin.

    A record's number is `{record_series}_{place:08d}`, a file's name `{file_series}{place:08d}.xml`; places are counted
    1, 2, 3 … within each series by the ledger.

    Attributes:
        record_series: Of the year; empty where records of this kind have no numbers.
        file_series: Of the day.
    """

    record_series: str
    file_series: str


def format_of(message: Message) -> Format:
    """Return how a message is written.

    Raises:
        FesError: FES104 its family has no such message.
    """
    found = formats().get((message.family, message.kind))
    if found is None:
        raise FesError(
            "FES104", expected=f"a message that family {message.family} has", got=message.kind, where="message"
        )
    return found


def series_of(message: Message, on: date) -> Series:
    """Return how the numbers of a message begin that is approved on a day.

    Bank: year, registration number, branch, kind. Others: year, INN, KPP, for all kinds together. File names of the
    personal account: kind, group, INN and KPP, day, kind again; those of banks are not published and follow them.

    Raises:
        FesError: FES102 the organisation lacks what numbers are made of.
    """
    own = message.organisation
    kind = number_of(own, message.kind)
    if message.family in {Family.KO, Family.REFUSALS}:
        needed = {"registration_number": own.registration_number, "branch_number": own.branch_number, "inn": own.inn}
        record = f"{on.year}_{own.registration_number}_{own.branch_number}_{kind}"
    else:
        needed = {"inn": own.inn, "kpp": own.kpp}
        record = f"{on.year}_{own.inn}_{own.kpp}"
    for name, value in needed.items():
        if not value:
            raise FesError("FES102", expected="a value", got="none", where=f"organisation/{name}")
    file = f"FM{kind}_{own.group_digit}_{own.inn}{own.kpp}_{on:%Y%m%d}_{kind}"
    return Series(record if message.record_count else "", file)


def render(message: Message, numbers: Numbers) -> bytes:
    """Return a message as XML.

    Raises:
        FesError: FES102 a value is missing, FES103 a text that XML cannot hold, FES104 no such message, FES105 a
            letter that the encoding of the organisation does not have, FES106 other numbers than it takes.
    """
    found = format_of(message)
    if len(numbers.records) != message.record_count:
        raise FesError(
            "FES106", expected=f"{message.record_count} record numbers", got=f"{len(numbers.records)}",
            where=numbers.file_name,
        )  # fmt: skip
    root = written(found.root, Place(message, numbers, message.body), f"/{found.root.name}")
    encoding = message.organisation.encoding
    if encoding != "utf-8":
        # lxml would write a reference for a letter that the encoding lacks; whether readers take that is not known.
        for element in root.iter():
            try:
                (element.text or "").encode(encoding)
            except UnicodeEncodeError:
                raise FesError(
                    "FES105", expected=f"letters of {encoding}", got="another letter", where=f"element {element.tag}",
                    todo="write the text with other letters, or set the encoding to utf-8",
                ) from None  # fmt: skip
    return bytes(etree.tostring(root, encoding=encoding, xml_declaration=True, pretty_print=True))  # type: ignore[arg-type]
