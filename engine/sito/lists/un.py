"""The consolidated list of the UN Security Council as XML, also as Rosfinmonitoring hands it on.

The entry id is DATAID. REFERENCE_NUMBER (`CDi.001`) becomes an identifier with the note "UN reference
number", UN_LIST_TYPE the programme. Aliases with an empty name are normal in this file and left out.

Error codes: LST330 another root element, LST331 no entries, those of `xml_records`, `sito.lists.draft`
and LST300 for an empty file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sito.entries import Entry, Identifier, Kind, NameQuality
from sito.lists.dates import iso_date, parse_parts, parse_years
from sito.lists.documents import make_identifier
from sito.lists.draft import EntryDraft, EntryIds, clean, whole_text
from sito.lists.source import Facts, Source, child_text, children, local, xml_records
from sito.lists.tables import check_not_empty

FORMAT = "un-xml"

_KINDS = {"INDIVIDUAL": Kind.PERSON, "ENTITY": Kind.ORGANISATION}
_QUALITY = {
    "good": NameQuality.STRONG,
    "a.k.a.": NameQuality.STRONG,
    "": NameQuality.STRONG,
    "low": NameQuality.WEAK,
    "f.k.a.": NameQuality.FORMER,
}
_FORMER_MARK = " (previously listed as)"
_SILENT = frozenset({"DATAID", "VERSIONNUM", "SORT_KEY", "SORT_KEY_LAST_MOD", "LIST_TYPE"})
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def detect(head: bytes, name: str) -> str | None:
    """Return `UN-SC` if the file is the consolidated list, None otherwise."""
    return "UN-SC" if b"<CONSOLIDATED_LIST" in head.replace(b"\x00", b"")[:4096] else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the individuals and entities in the order of the file.

    Raises:
        ListError: LST300 empty; LST110-LST113 not usable as XML; LST310-LST313 an entry breaks a
            limit; LST330 another root element; LST331 no entries.
    """
    check_not_empty(source)
    ids = EntryIds(source)
    count = 0
    root: etree._Element | None = None
    for element in xml_records(source, frozenset(_KINDS)):
        if root is None:
            root = element
            if local(root) != "CONSOLIDATED_LIST":
                raise source.error(
                    "LST330", expected="the root element CONSOLIDATED_LIST", got=local(root), where="root element"
                )
            facts.edition_date = iso_date(root.get("dateGenerated", ""))
            continue
        ids.add(child_text(element, "DATAID"), f"line {element.sourceline}, element {local(element)}")
        count += 1
        yield _entry(source, element)
    if count == 0:
        raise source.error("LST331", expected="INDIVIDUAL or ENTITY elements", got="none", todo="fetch the file again")


def _entry(source: Source, element: etree._Element) -> Entry:
    draft = EntryDraft(source, child_text(element, "DATAID"), _KINDS[local(element)])
    draft.name(" ".join(child_text(element, name) for name in _NAMES), NameQuality.PRIMARY)
    for child in element:
        tag = local(child)
        text = clean(child.text or "")
        values = [clean(value.text or "") for value in children(child, "VALUE")] or [text]
        match tag.removeprefix("INDIVIDUAL_").removeprefix("ENTITY_"):
            case "ALIAS":
                _add_alias(draft, child)
            case "ADDRESS":
                _add_address(draft, child)
            case "DATE_OF_BIRTH":
                _add_birth_date(draft, child)
            case "PLACE_OF_BIRTH":
                draft.add("birth_places", _place(child))
                _add_note(draft, child, "Place of birth")
            case "DOCUMENT":
                _add_document(draft, child)
            case "NAME_ORIGINAL_SCRIPT":
                draft.name(text, NameQuality.ORIGINAL_SCRIPT)
            case "UN_LIST_TYPE":
                draft.add("programmes", text)
            case "REFERENCE_NUMBER":
                draft.identifier(Identifier("other", text, note="UN reference number"))
            case "LISTED_ON":
                draft.date("listed_on", text, tag)
            case "DELISTED_ON":
                draft.date("delisted_on", text, tag)
            case "LAST_DAY_UPDATED":
                for value in values:
                    draft.date("changed_on", value, tag)
            case "GENDER":
                draft.gender = text.lower()
            case "COMMENTS1":
                draft.remark(text)
            case "SUBMITTED_BY" | "SUBMITTED_ON":
                draft.remark(f"{tag.replace('_', ' ').capitalize()}: {text}" if text else "")
            case "TITLE" | "DESIGNATION":
                for value in values:
                    draft.add("titles", value)
            case "NATIONALITY" | "NATIONALITY2":
                for value in values:
                    draft.country(value)
            case _ if tag in _SILENT or tag in _NAMES:
                pass
            case _:
                draft.raw(tag, whole_text(child))
    return draft.build()


def _add_alias(draft: EntryDraft, element: etree._Element) -> None:
    name = child_text(element, "ALIAS_NAME")
    if not name:
        return
    quality_text = child_text(element, "QUALITY")
    quality = _QUALITY.get(quality_text.lower())
    if quality is None:
        draft.raw("ALIAS, QUALITY", quality_text)
    if name.lower().endswith(_FORMER_MARK):
        name, quality = name[: -len(_FORMER_MARK)], NameQuality.FORMER
    draft.name(name, quality or NameQuality.STRONG)
    # Some aliases come from a false document with data of its own; a match may rest on it.
    birth = child_text(element, "DATE_OF_BIRTH")
    if birth.lower() != "null":
        draft.birth(birth, "ALIAS, DATE_OF_BIRTH")
    place = (child_text(element, "CITY_OF_BIRTH"), child_text(element, "COUNTRY_OF_BIRTH"))
    draft.add("birth_places", ", ".join(part for part in place if part and part.lower() != "null"))
    _add_note(draft, element, "Alias")


def _add_address(draft: EntryDraft, element: etree._Element) -> None:
    draft.add("addresses", _place(element))
    if draft.kind is not Kind.PERSON:
        draft.country(child_text(element, "COUNTRY"))
    _add_note(draft, element, "Address")


def _add_birth_date(draft: EntryDraft, element: etree._Element) -> None:
    """Read one of the forms: DATE, YEAR, FROM_YEAR with TO_YEAR, or only a NOTE such as `Nov. 1973`."""
    note = child_text(element, "NOTE")
    circa = child_text(element, "TYPE_OF_DATE") == "APPROXIMATELY" or note.lower().startswith("approximately")
    day, year = child_text(element, "DATE"), child_text(element, "YEAR")
    first, last = child_text(element, "FROM_YEAR"), child_text(element, "TO_YEAR")
    date = None
    if day:
        date = parse_parts(*([*day.split("T")[0].split("-"), "", ""])[:3], circa=circa)
    elif year:
        date = parse_parts(year, circa=circa)
    elif first or last:
        date = parse_years(first, last, circa=circa)
    elif note:
        draft.birth(note, "DATE_OF_BIRTH, NOTE")
        return
    if date is not None:
        draft.birth_date(date)
    else:
        draft.raw("DATE_OF_BIRTH", day or year or f"{first} {last}")
    if note and not note.lower().startswith("approximately"):
        draft.remark(f"Date of birth {day or year}: {note}")


def _add_document(draft: EntryDraft, element: etree._Element) -> None:
    labels = (child_text(element, "TYPE_OF_DOCUMENT"), child_text(element, "TYPE_OF_DOCUMENT2"))
    number = child_text(element, "NUMBER")
    place = child_text(element, "ISSUING_COUNTRY") or child_text(element, "COUNTRY_OF_ISSUE")
    issued = child_text(element, "DATE_OF_ISSUE")
    city = child_text(element, "CITY_OF_ISSUE")
    notes = (f"issued {issued}" if issued else "", f"in {city}" if city else "", child_text(element, "NOTE"))
    note = ", ".join(part for part in notes if part)
    label = ", ".join(dict.fromkeys(text for text in labels if text))
    if number:
        draft.identifier(make_identifier(label, number, place, note))
    elif label or note or place:
        draft.remark(f"{label or 'Document'}: {', '.join(part for part in (place, note) if part) or 'no number'}")


def _place(element: etree._Element) -> str:
    """Join the parts of an address or place, from the street to the country."""
    parts = (child_text(element, tag) for tag in ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY"))
    return ", ".join(part for part in parts if part)


def _add_note(draft: EntryDraft, element: etree._Element, what: str) -> None:
    note = child_text(element, "NOTE")
    if note:
        draft.remark(f"{what}: {note}")
