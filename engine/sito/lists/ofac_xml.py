"""OFAC lists as plain XML (`sdn.xml`, `consolidated.xml`): `sdnList/sdnEntry`.

The schema was not at hand when this reader was written: it takes elements by their local names, treats every
one as optional, and keeps what it does not know in `Entry.raw`. The advanced XML is another format and
not read here. The entry id is `uid`, the same number as ent_num of the CSV files.

Error codes: LST336 another root element, LST337 no entries, those of `xml_records`, `sito.lists.draft`
and LST300 for an empty file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sito.entries import Entry, Identifier, Kind, NameQuality
from sito.lists.dates import iso_date_us
from sito.lists.draft import EntryDraft, EntryIds, clean, gender_word, whole_text
from sito.lists.ofac_remarks import add_identifier, add_remarks, is_prose
from sito.lists.source import Facts, Source, child_text, local, xml_records
from sito.lists.tables import check_not_empty

FORMAT = "ofac-xml"

_KINDS = {
    "individual": Kind.PERSON,
    "entity": Kind.ORGANISATION,
    "vessel": Kind.VESSEL,
    "aircraft": Kind.AIRCRAFT,
    "": Kind.ORGANISATION,
}
_QUALITY = {"f.k.a.": NameQuality.FORMER, "fka": NameQuality.FORMER}
_VESSEL_REMARKS = {
    "vesselType": "Vessel type",
    "vesselOwner": "Owner",
    "tonnage": "Tonnage",
    "grossRegisteredTonnage": "Gross registered tonnage",
    "vesselFlag": "Flag",
}
_SILENT = frozenset({"uid", "firstName", "lastName", "sdnType"})


def detect(head: bytes, name: str) -> str | None:
    """Return `OFAC-SDN` or `OFAC-CONS` if the file is OFAC's plain XML, None otherwise."""
    if b"<sdnList" not in head.replace(b"\x00", b"")[:4096]:
        return None
    return "OFAC-CONS" if name.startswith("cons") else "OFAC-SDN"


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries in the order of the file; sets the edition date and the declared count.

    Raises:
        ListError: LST300 empty; LST110-LST113 not usable as XML; LST310-LST313 an entry breaks a
            limit; LST336 another root element; LST337 no entries.
    """
    check_not_empty(source)
    ids = EntryIds(source)
    count = 0
    root: etree._Element | None = None
    records = xml_records(
        source, frozenset({"sdnEntry"}), headers=frozenset({"publshInformation", "publishInformation"})
    )
    for element in records:
        if root is None:
            root = element
            if local(root) != "sdnList":
                raise source.error("LST336", expected="the root element sdnList", got=local(root), where="root element")
        elif local(element) != "sdnEntry":
            facts.edition_date = iso_date_us(child_text(element, "Publish_Date"))
            declared = child_text(element, "Record_Count").replace(",", "")
            facts.declared_count = int(declared) if declared.isascii() and declared.isdigit() else None
        else:
            ids.add(child_text(element, "uid"), f"line {element.sourceline}")
            count += 1
            yield _entry(source, element)
    if count == 0:
        raise source.error("LST337", expected="sdnEntry elements", got="none", todo="fetch the file again")


def _entry(source: Source, element: etree._Element) -> Entry:
    kind_text = child_text(element, "sdnType")
    kind = _KINDS.get(kind_text.lower())
    draft = EntryDraft(source, child_text(element, "uid"), kind or Kind.UNKNOWN)
    if kind is None:
        draft.raw("sdnType", kind_text)
    _add_name(draft, element, NameQuality.PRIMARY)
    # Identifiers may need to know the country of the addresses, which come after them in the file.
    for child in sorted(element, key=lambda child: local(child) == "idList"):
        tag, text = local(child), clean(child.text or "")
        match tag:
            case "title":
                draft.add("titles", text)
            case "remarks":
                add_remarks(draft, text, title=child_text(element, "title"))
            case "programList":
                for item in child:
                    draft.add("programmes", item.text or "")
            case "idList":
                for item in child:
                    _add_id(draft, item)
            case "akaList":
                for item in child:
                    quality = _QUALITY.get(child_text(item, "type").lower(), NameQuality.STRONG)
                    weak = child_text(item, "category").lower() == "weak"
                    _add_name(draft, item, NameQuality.WEAK if weak else quality)
            case "addressList":
                for item in child:
                    _add_address(draft, item)
            case "nationalityList" | "citizenshipList":
                for item in child:
                    draft.country(child_text(item, "country"))
            case "dateOfBirthList":
                for item in child:
                    draft.birth(child_text(item, "dateOfBirth"), "dateOfBirth")
            case "placeOfBirthList":
                for item in child:
                    draft.add("birth_places", child_text(item, "placeOfBirth"))
            case "vesselInfo":
                _add_vessel(draft, child)
            case _ if tag not in _SILENT:
                draft.raw(tag, whole_text(child))
    return draft.build()


def _add_name(draft: EntryDraft, element: etree._Element, quality: NameQuality) -> None:
    given, surname = child_text(element, "firstName"), child_text(element, "lastName")
    if draft.kind is Kind.PERSON and given and surname:
        draft.name(f"{given} {surname}", quality, surname=surname, given=given)
    else:
        draft.name(f"{given} {surname}", quality)


def _add_id(draft: EntryDraft, element: etree._Element) -> None:
    """Read an id: the list also puts gender, websites and sanction notes there, under the same labels as the CSV."""
    label, number = child_text(element, "idType"), child_text(element, "idNumber")
    place = child_text(element, "idCountry")
    if label == "Gender":
        draft.gender = gender_word(number)
        return
    dates = [
        f"{word} {child_text(element, tag)}"
        for word, tag in (("issued", "issueDate"), ("expires", "expirationDate"))
        if child_text(element, tag)
    ]
    text = " ".join((number, *dates))
    if is_prose(label) or not number:
        draft.remark(" ".join(part for part in (label, text, place) if part))
    elif not add_identifier(draft, label, text, place):
        draft.remark(" ".join(part for part in (label, text, f"({place})" if place else "") if part))


def _add_address(draft: EntryDraft, element: etree._Element) -> None:
    tags = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country")
    draft.add("addresses", ", ".join(part for part in (child_text(element, tag) for tag in tags) if part))
    if draft.kind is not Kind.PERSON:
        draft.country(child_text(element, "country"))
    for child in element:
        if local(child) not in tags and local(child) != "uid":
            draft.raw(f"address/{local(child)}", child.text or "")


def _add_vessel(draft: EntryDraft, element: etree._Element) -> None:
    for child in element:
        tag, text = local(child), clean(child.text or "")
        if tag == "callSign" and text:
            draft.identifier(Identifier("call_sign", text))
        elif tag in _VESSEL_REMARKS and text:
            draft.remark(f"{_VESSEL_REMARKS[tag]}: {text}")
            if tag == "vesselFlag" and text.lower() != "none identified":
                draft.country(text)
        else:
            draft.raw(f"vesselInfo/{tag}", text)
