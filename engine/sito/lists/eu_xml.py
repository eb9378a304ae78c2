"""The EU financial sanctions files (FSF) as XML: `export/sanctionEntity`, all facts in attributes.

The entry id is `logicalId`, the same number as Entity_LogicalId of the CSV. Elements are read by
their local names, because the namespace has changed over the years.

Error codes: LST334 another root element, LST335 no entries, those of `xml_records`, `sito.lists.draft`
and LST300 for an empty file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sito.entries import Entry, Identifier, Kind
from sito.lists.dates import iso_date
from sito.lists.draft import EntryDraft, EntryIds, clean, gender_word, whole_text
from sito.lists.eu_csv import KINDS, add_address, add_birth, add_identification, add_name
from sito.lists.source import Facts, Source, child_text, children, local, xml_records
from sito.lists.tables import check_not_empty

FORMAT = "eu-xml"

# Attributes that name the act, the language of its text, or a record inside the file.
_SILENT = frozenset({"logicalid", "regulationlanguage", "asatlistingtime"})
_READ = {
    "nameAlias": frozenset(
        {"wholename", "firstname", "middlename", "lastname", "gender", "title", "function", "namelanguage", "strong"}
    ),
    "address": frozenset(
        {"street", "pobox", "city", "place", "zipcode", "region", "countrydescription", "countryiso2code"}
    ),
    "birthdate": frozenset(
        {
            "birthdate",
            "year",
            "month",
            "day",
            "monthofyear",
            "dayofmonth",
            "yearrangefrom",
            "yearrangeto",
            "circa",
            "calendartype",
            "city",
            "place",
            "zipcode",
            "region",
            "countrydescription",
            "countryiso2code",
        }
    ),
    "identification": frozenset(
        {
            "number",
            "latinnumber",
            "identificationtypecode",
            "identificationtypedescription",
            "countryiso2code",
            "countrydescription",
            "issuedby",
            "issuedate",
            "issueddate",
            "validfrom",
            "validto",
            "nameondocument",
            "region",
            "diplomatic",
            "knownexpired",
            "knownfalse",
            "reportedlost",
            "revokedbyissuer",
        }
    ),
    "citizenship": frozenset({"countryiso2code", "countrydescription", "region"}),
}


def detect(head: bytes, name: str) -> str | None:
    """Return `EU-FSF` if the file is the EU list as XML, None otherwise."""
    text = head.replace(b"\x00", b"")[:16384]
    return "EU-FSF" if b"<export" in text and b"sanctionEntity" in text else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries in the order of the file.

    Raises:
        ListError: LST300 empty; LST110-LST113 not usable as XML; LST310-LST313 an entry breaks a
            limit; LST334 another root element; LST335 no entries.
    """
    check_not_empty(source)
    ids = EntryIds(source)
    count = 0
    root: etree._Element | None = None
    for element in xml_records(source, frozenset({"sanctionEntity"})):
        if root is None:
            root = element
            if local(root) != "export":
                raise source.error("LST334", expected="the root element export", got=local(root), where="root element")
            facts.edition_date = iso_date(root.get("generationDate", ""))
            continue
        ids.add(element.get("logicalId", ""), f"line {element.sourceline}")
        count += 1
        yield _entry(source, element)
    if count == 0:
        raise source.error("LST335", expected="sanctionEntity elements", got="none", todo="fetch the file again")


def _entry(source: Source, element: etree._Element) -> Entry:
    code = next((child.get("code", "") for child in children(element, "subjectType")), "")
    kind = KINDS.get(code.lower(), Kind.UNKNOWN)
    draft = EntryDraft(source, element.get("logicalId", ""), kind)
    if kind is Kind.UNKNOWN:
        draft.raw("subjectType", code)
    draft.identifier(Identifier("other", element.get("euReferenceNumber", ""), note="EU reference number"))
    draft.identifier(Identifier("other", element.get("unitedNationId", ""), note="UN reference number"))
    draft.date("listed_on", element.get("designationDate", ""), "designationDate")
    draft.remark(element.get("designationDetails", ""))
    for child in element:
        tag = local(child)
        fields = {str(key).lower(): clean(str(value)) for key, value in child.attrib.items()}
        match tag:
            case "nameAlias":
                given = f"{fields.get('firstname', '')} {fields.get('middlename', '')}".strip()
                add_name(
                    draft,
                    fields.get("wholename", ""),
                    fields.get("lastname", ""),
                    given,
                    language=fields.get("namelanguage", ""),
                    strong=fields.get("strong", ""),
                )
                if fields.get("gender"):
                    draft.gender = gender_word(fields["gender"])
                draft.add("titles", fields.get("title", ""))
                draft.add("titles", fields.get("function", ""))
            case "address":
                lines = [fields.get(key, "") for key in ("street", "pobox", "place", "zipcode", "city", "region")]
                add_address(draft, lines, fields.get("countrydescription", ""), fields.get("countryiso2code", ""))
                for contact in children(child, "contactInfo"):
                    draft.remark(f"{contact.get('key', '')} {contact.get('value', '')}")
            case "birthdate":
                add_birth(draft, fields)
            case "identification":
                add_identification(draft, fields)
            case "citizenship":
                country_code = fields.get("countryiso2code", "")
                draft.country(fields.get("countrydescription", "") if country_code in ("", "00") else country_code)
            case "regulation":
                draft.add("programmes", fields.get("programme", ""))
                draft.date("changed_on", fields.get("publicationdate", ""), "regulation@publicationDate")
            case "remark":
                draft.remark(child.text or "")
            case "subjectType":
                pass
            case _:
                draft.raw(tag, whole_text(child) or " ".join(fields.values()))
        if tag in _READ:
            draft.remark(child_text(child, "remark"))
            for key, value in fields.items():
                if key not in _READ[tag] and key not in _SILENT:
                    draft.raw(f"{tag}@{key}", value)
    return draft.build()
