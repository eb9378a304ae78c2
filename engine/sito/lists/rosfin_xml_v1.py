"""RU-TE as XML of the first generation: root `TERRORISTS_CATALOG` with one `TERRORISTS` per printed name.

Rows with the same `ID` are name variants of one subject. Values stand in child elements (texts in CDATA); attributes
are accepted in their place. Names begin with an asterisk and a blank, see `sito.lists.subjects.unstarred`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from sito.entries import Entry, Identifier, Kind
from sito.lists.dates import iso_date
from sito.lists.source import Facts, Source, local, xml_records
from sito.lists.subjects import (
    Draft,
    Intake,
    JoinedDrafts,
    add,
    document_country,
    document_type,
    full_text,
    split_brackets,
    squeeze,
    unstarred,
    xml_root,
)

FORMAT = "rosfin-xml-v1"
LIST_ID = "RU-TE"

_TAGS = frozenset(("TERRORISTS",))
_PASSPORT = re.compile(
    r"(?P<title>[^:]{0,80}):\s*(?P<number>[^,;]{1,60}?)(?:[\s,]+ВЫДАН[АО]?\b[:\s]*(?P<issuer>.*))?", re.IGNORECASE
)
# Seen with one producer of these files; a hint only, used where the row itself says nothing about a person.
_TYPES = {"1": Kind.ORGANISATION, "2": Kind.PERSON, "3": Kind.ORGANISATION, "4": Kind.PERSON}


def detect(head: bytes, name: str) -> str | None:
    """Recognise the root element; see `sito.lists.source` for the protocol."""
    return LIST_ID if xml_root(head).upper() == "TERRORISTS_CATALOG" else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield each subject once, its rows merged; the whole list is held in memory.

    Raises:
        ListError: LST110 to LST113 for XML that is broken or refused.
    """
    intake = Intake(source, facts)
    drafts = JoinedDrafts()
    for element in xml_records(source, _TAGS):
        if local(element) not in _TAGS:
            for key, value in element.attrib.items():
                if str(key).upper() == "DATE":
                    facts.edition_date = iso_date(str(value))
            continue
        drafts.add(_row(element))
    for draft in drafts:
        yield from intake.take(draft)
    intake.finish()


def kind_of(code: str, *, person: bool) -> Kind:
    """Return the kind of a subject of the older formats.

    Args:
        code: Type code of the row, or words.
        person: The row has a birth date, a birth place or an identity document.
    """
    if person:
        return Kind.PERSON
    words = code.lower()
    if "физ" in words:
        return Kind.PERSON
    if "орг" in words or "юр" in words:
        return Kind.ORGANISATION
    return _TYPES.get(words, Kind.UNKNOWN)


def _row(element: etree._Element) -> Draft:
    draft = Draft()
    values = [(str(key), squeeze(str(value))) for key, value in element.attrib.items()]
    values += [(local(child), full_text(child)) for child in element]
    code = ""
    for tag, text in values:
        key = tag.upper()
        if not text:
            continue
        if key == "ID":
            draft.entry_id = text
        elif key == "TERRORISTS_NAME":
            add_printed_name(draft, text)
        elif key == "BIRTH_DATE":
            draft.add_birth(text, tag)
        elif key == "BIRTH_PLACE":
            add(draft.birth_places, text)
        elif key == "ADDRESS":
            add(draft.addresses, text)
        elif key == "DESCRIPTION":
            add(draft.remarks, text)
        elif key == "TERRORISTS_RESOLUTION":
            add(draft.programmes, text)
        elif key == "PASSPORT":
            _passport(draft, text, tag)
        elif key == "PERSON_TYPE":
            code = text
            draft.raw.append((tag, text))
        elif key != "NUM":  # the running number of the row
            draft.raw.append((tag, text))
    person = bool(draft.birth_dates or draft.birth_places or draft.identifiers)
    draft.kind = kind_of(code, person=person)
    return draft


def add_printed_name(draft: Draft, text: str) -> None:
    """Add a printed name: asterisk off, other names in brackets apart."""
    main, others = split_brackets(text)
    bare, starred = unstarred(main)
    for name in (bare, *others):
        draft.add_name(unstarred(name)[0])
    if starred:
        draft.terrorist = True


def _passport(draft: Draft, text: str, tag: str) -> None:
    match = _PASSPORT.fullmatch(text)
    if match is None or not any(c.isdigit() for c in match["number"]):
        draft.raw.append((tag, text))
        return
    title = squeeze(match["title"])
    issuer = squeeze(match["issuer"] or "")
    note = f"{title}, {issuer}" if issuer else title
    number = Identifier(document_type(title), squeeze(match["number"]), document_country(title), note)
    add(draft.identifiers, number)
