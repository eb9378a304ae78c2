"""The EU financial sanctions files (FSF) as CSV: `;` between the cells, several rows per subject.

Each row carries the subject and one of: a name, an address, a birth date, an identification, a citizenship.
The entry id is Entity_LogicalId. Three outer forms are read:

- version 1.1 (`Entity_LogicalId;Entity_EU_ReferenceNumber;…;NameAlias_WholeName;…`);
- the older version with short names (`Entity_logical_id;…;Naal_wholename;…`), mapped to the names of 1.1;
- either of them wrapped: every line one quoted cell with doubled quotes, padded with tabs, as some
  spreadsheet programs save it.

Error codes: LST340 a wrapped file with lines that are not wrapped, LST343 a row without an id, those of
`sito.lists.tables` and `sito.lists.draft`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain

from sito.entries import Entry, Identifier, Kind, NameQuality
from sito.lists.dates import iso_date, parse_parts, parse_years
from sito.lists.documents import make_identifier
from sito.lists.draft import EntryDraft, gender_word
from sito.lists.source import Facts, Source
from sito.lists.tables import HEADER_LINES_MAX, Table, column_key, decode, header_keys, rows

FORMAT = "eu-csv"

_REQUIRED = frozenset({"entitylogicalid", "namealiaswholename"})
# Old short names -> names of version 1.1, as column keys.
_OLD_NAMES = {
    "datefilexxxx": "filegenerationdate",
    "datefile": "filegenerationdate",
    "subjecttype": "entitysubjecttype",
    "lebanumtitle": "entityregulationnumbertitle",
    "lebapublicationdate": "entityregulationpublicationdate",
    "lebaurl": "entityregulationpublicationurl",
    "programme": "entityregulationprogramme",
    "euref": "entityeureferencenumber",
    "eurefnum": "entityeureferencenumber",
    "naallanguage": "namealiasnamelanguage",
    "addrcountry": "addresscountryiso2code",
    "addrother": "addresscontactinfo",
    "birtdate": "birthdatebirthdate",
    "birtcountry": "birthdatecountryiso2code",
    "idencountry": "identificationcountryiso2code",
    "citicountry": "citizenshipcountryiso2code",
}
_OLD_PREFIXES = {
    "naal": "namealias",
    "addr": "address",
    "birt": "birthdate",
    "iden": "identification",
    "citi": "citizenship",
    "leba": "entityregulation",
}
KINDS = {"p": Kind.PERSON, "person": Kind.PERSON, "e": Kind.ORGANISATION, "enterprise": Kind.ORGANISATION}
_LABELS = {
    "passport": "Passport",
    "id": "National identification card",
    "ssn": "Social security number",
    "regnumber": "Registration Number",
    "fiscalcode": "Fiscal code",
    "imo": "IMO number",
    "swiftbic": "SWIFT/BIC",
    "electionid": "Electoral number",
    "drivinglicence": "Driver licence",
    "tradelic": "Trade License",
    "travel": "Travel document",
    "birthcert": "Birth certificate",
    "stateid": "National identification",
}
# Number and type in one cell of the older version: "AD001095 (passport-National passport) ((passport))".
_OLD_NUMBER = re.compile(r"(?P<number>.*?)\s*\((?P<code>[a-z]+)-(?P<label>[^()]*)\)\s*(?P<note>.*)")
# Cells about the act in the Official Journal, and keys inside the file: nothing to match with.
_SILENT = re.compile(
    r".*logicalid(#\d+)?|.*regulation(?!programme).*|.*leba.*|.*programme|filegenerationdate|entitysubjecttype.*|"
    r"addressasatlistingtime|.*calendartype"
)
_UNKNOWN_CODES = frozenset({"", "00"})


def detect(head: bytes, name: str) -> str | None:
    """Return `EU-FSF` if the file is the EU list as CSV, wrapped or not, None otherwise."""
    text = head.decode("utf-8", errors="replace").replace("\x00", "")
    for line in text.splitlines()[:HEADER_LINES_MAX]:
        if {modern_key(column_key(cell)) for cell in line.strip('"\t').split(";")} >= _REQUIRED:
            return "EU-FSF"
    return None


def modern_key(key: str) -> str:
    """Return the column key of version 1.1 for a key of either version."""
    key, mark, number = key.partition("#")
    if key in _OLD_NAMES:
        key = _OLD_NAMES[key]
    elif key[:4] in _OLD_PREFIXES and not key.startswith(("address", "identification", "citizenship", "birthdate")):
        key = _OLD_PREFIXES[key[:4]] + key[4:]
    return key + mark + number


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries in the order of their first rows, after the whole file is read.

    Raises:
        ListError: LST300-LST306 the file is no readable table; LST310-LST312 an entry breaks a limit;
            LST340 the file is wrapped only in part; LST343 a row without an id.
    """
    lines = _unwrapped(source, rows(source, decode(source, facts), delimiter=";", lazy_quotes=True))
    aliases: dict[str, str] = {}
    first = list(_peek(lines, aliases))
    table = Table(source, chain(first, lines), _REQUIRED, aliases)
    drafts: dict[str, EntryDraft] = {}
    for line, row in table:
        entry_id = row["entitylogicalid"]
        if not entry_id:
            raise source.error(
                "LST343", expected="an Entity_LogicalId", got="none", where=f"line {line}", todo="fetch the file again"
            )
        if not facts.edition_date:
            facts.edition_date = iso_date(row.get("filegenerationdate", ""))
        draft = drafts.get(entry_id)
        if draft is None:
            codes = [row.get(f"entitysubjecttype{part}", "").lower() for part in ("", "classificationcode")]
            kind = next((KINDS[code] for code in codes if code in KINDS), Kind.UNKNOWN)
            draft = drafts[entry_id] = EntryDraft(source, entry_id, kind)
            if kind is Kind.UNKNOWN:
                draft.raw("Entity_SubjectType", " ".join(codes))
        _add_row(draft, row)
    for draft in drafts.values():
        yield draft.build()


def _peek(lines: Iterator[tuple[int, list[str]]], aliases: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Pass on the first rows and learn from them how the columns are named."""
    for _, (line, row) in zip(range(HEADER_LINES_MAX), lines, strict=False):
        aliases.update({key: modern_key(key) for key in header_keys(row)})
        yield line, row


def _unwrapped(source: Source, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Split the single cell of each line again if the first line is one cell that holds a whole row."""
    wrapped: bool | None = None
    for line, row in lines:
        if wrapped is None:
            wrapped = len(row) == 1 and ";" in row[0]
        if not wrapped:
            yield line, row
            continue
        if len(row) != 1:
            raise source.error(
                "LST340",
                expected="every line as one quoted cell, like the first",
                got=f"{len(row)} cells",
                where=f"line {line}",
                todo="fetch the file again in its original form",
            )
        yield line, next(csv.reader([row[0].rstrip("\t")], delimiter=";"), [])


def _add_row(draft: EntryDraft, row: dict[str, str]) -> None:
    left = dict(row)

    def take(key: str) -> str:
        return left.pop(key, "")

    whole = take("namealiaswholename")
    surname, middle, given = (take(f"namealias{part}name") for part in ("last", "middle", "first"))
    add_name(
        draft,
        whole,
        surname,
        f"{given} {middle}".strip(),
        language=take("namealiasnamelanguage"),
        strong=take("namealiasstrong"),
    )
    if gender := take("namealiasgender"):
        draft.gender = gender_word(gender)
    draft.add("titles", take("namealiastitle"))
    draft.add("titles", take("namealiasfunction"))
    street = [take(f"address{part}") for part in ("number", "street", "pobox", "place", "zipcode", "city", "region")]
    add_address(draft, street, take("addresscountrydescription"), take("addresscountryiso2code"))
    _add_birth(draft, left)
    _add_identification(draft, left)
    code, words = take("citizenshipcountryiso2code"), take("citizenshipcountrydescription")
    draft.country(words if code in _UNKNOWN_CODES else code)
    for key, text in row.items():
        if key.endswith("programme"):
            draft.add("programmes", text)
    draft.identifier(Identifier("other", take("entityeureferencenumber"), note="EU reference number"))
    draft.identifier(Identifier("other", take("entityunitednationid"), note="UN reference number"))
    draft.date("listed_on", take("entitydesignationdate"), "Entity_DesignationDate")
    draft.date("changed_on", take("entityregulationpublicationdate"), "Entity_Regulation_PublicationDate")
    for key in ("entityremark", "entitydesignationdetails"):
        draft.remark(take(key).replace("\\n", " "))
    for key in ("namealias", "address", "birthdate", "identification", "citizenship"):
        for part in ("remark", "contactinfo"):
            draft.remark(take(key + part).replace("\\n", " "))
    for key, text in left.items():
        if text and not _SILENT.fullmatch(key):
            draft.raw(key, text)


def add_name(draft: EntryDraft, whole: str, surname: str, given: str, *, language: str, strong: str) -> None:
    """Add a name of the EU list; its first strong name is the primary one."""
    text = whole or f"{given} {surname}".strip()
    quality = NameQuality.WEAK if strong.lower() in ("false", "0", "no") else NameQuality.STRONG
    if quality is NameQuality.STRONG and not draft.has_primary:
        quality = NameQuality.PRIMARY
    draft.name(text, quality, surname=surname, given=given, language=language)


def add_address(draft: EntryDraft, lines: list[str], land: str, code: str) -> None:
    """Add an address; the country of an organisation counts as its own."""
    code = "" if code in _UNKNOWN_CODES else code
    draft.add("addresses", ", ".join(line for line in (*lines, land or code) if line))
    if draft.kind is not Kind.PERSON:
        draft.country(code or land)


def add_birth(draft: EntryDraft, fields: dict[str, str]) -> None:
    """Add a birth date and place from the fields of the EU list, named as in its XML, in lower case."""
    circa = fields.get("circa", "").lower() in ("true", "1", "yes")
    day, year = fields.get("birthdate", ""), fields.get("year", "")
    first, last = fields.get("yearrangefrom", ""), fields.get("yearrangeto", "")
    words = " ".join(part for part in (day, year, first, last) if part.strip("0"))
    date = None
    if fields.get("calendartype", "").upper() in ("", "GREGORIAN", "NOT_DETERMINED"):
        if iso_date(day):
            date = parse_parts(*iso_date(day).split("-"), circa=circa)
        elif year.strip("0"):
            month = fields.get("monthofyear", "") or fields.get("month", "")
            date = parse_parts(year, month, fields.get("dayofmonth", "") or fields.get("day", ""), circa=circa)
        elif first or last:
            date = parse_years(first, last, circa=circa)
        elif day and day.strip().upper() != "N/A":
            draft.birth(day, "birthdate")
            words = ""
    if date is not None:
        draft.birth_date(date)
    elif words and words.upper() != "N/A":
        draft.raw("birthdate", f"{words} {fields.get('calendartype', '')}")
    code = fields.get("countryiso2code", "")
    land = fields.get("countrydescription", "") or ("" if code in _UNKNOWN_CODES else code)
    land = "" if land.upper() == "UNKNOWN" else land
    parts = (fields.get("city", ""), fields.get("place", ""), fields.get("zipcode", ""), fields.get("region", ""), land)
    draft.add("birth_places", ", ".join(dict.fromkeys(part for part in parts if part)))


def add_identification(draft: EntryDraft, fields: dict[str, str]) -> None:
    """Add an identification from the fields of the EU list, named as in its XML, in lower case."""
    number = fields.get("number", "")
    code = fields.get("typecode", "") or fields.get("identificationtypecode", "")
    words = fields.get("typedescription", "") or fields.get("identificationtypedescription", "")
    label = _LABELS.get(code.lower(), "") or words or code
    land = fields.get("countryiso2code", "")
    land = fields.get("countrydescription", "") if land in _UNKNOWN_CODES else land
    notes = [words] if words and words != label else []
    for key, text in (
        ("issuedby", "issued by"),
        ("issueddate", "issued"),
        ("issuedate", "issued"),
        ("validfrom", "valid from"),
        ("validto", "valid to"),
        ("nameondocument", "name on document"),
        ("region", "region"),
        ("remark", "remark"),
    ):
        if fields.get(key):
            notes.append(f"{text} {fields[key]}")
    for key, text in (
        ("diplomatic", "diplomatic"),
        ("knownexpired", "known to be expired"),
        ("knownfalse", "known to be false"),
        ("reportedlost", "reported lost"),
        ("revokedbyissuer", "revoked by issuer"),
    ):
        if fields.get(key, "").lower() in ("true", "1", "yes"):
            notes.append(text)
    for value in dict.fromkeys((number, fields.get("latinnumber", ""))):
        if value:
            draft.identifier(make_identifier(label, value, land, "; ".join(notes)))
    if not number and not fields.get("latinnumber") and notes:
        draft.remark(f"{label or 'Identification'}: {'; '.join(notes)}")


def _add_birth(draft: EntryDraft, left: dict[str, str]) -> None:
    fields = {key.removeprefix("birthdate"): left.pop(key) for key in list(left) if _is_part(key, "birthdate")}
    add_birth(draft, fields)


def _add_identification(draft: EntryDraft, left: dict[str, str]) -> None:
    names = [key for key in left if _is_part(key, "identification")]
    fields = {key.removeprefix("identification"): left.pop(key) for key in names}
    old = _OLD_NUMBER.fullmatch(fields.get("number", ""))
    if old:
        note = old["note"].strip(" ()")
        fields |= {"number": old["number"], "typecode": old["code"], "typedescription": old["label"]}
        if note and note != old["code"]:
            fields["remark"] = note
    add_identification(draft, fields)


def _is_part(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and not _SILENT.fullmatch(key.replace("calendartype", ""))
