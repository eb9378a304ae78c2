"""The UK Sanctions List of the FCDO as CSV: the only official UK list since 28.01.2026.

The first line may hold `Report Date: dd-Mmm-yyyy`; the header follows. Columns are found by name, and by
position only where a file comes without a header. One subject takes many rows (names × birth dates ×
addresses); its entry id is Unique ID. Rows of one subject need not be neighbours.

Error codes: LST341 a row without an id, those of `sito.lists.tables` and `sito.lists.draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from sito.entries import Entry, Identifier, NameQuality
from sito.lists.cells import (
    add_address,
    add_countries,
    add_documents,
    add_name,
    add_original_name,
    add_places,
    joined_rows,
    numbered,
)
from sito.lists.dates import iso_date
from sito.lists.documents import make_identifier
from sito.lists.draft import EntryDraft, gender_word
from sito.lists.source import Facts, Source
from sito.lists.tables import HEADER_LINES_MAX, Table, column_key, decode, rows

FORMAT = "uk-csv"

# Names of the columns in their order, for a file without a header and as the set of known names.
_HEADER = [
    "Last Updated",
    "Unique ID",
    "OFSI Group ID",
    "UN Reference Number",
    "Name 6",
    "Name 1",
    "Name 2",
    "Name 3",
    "Name 4",
    "Name 5",
    "Name type",
    "Alias strength",
    "Title",
    "Name non-latin script",
    "Non-latin script type",
    "Non-latin script language",
    "Regime Name",
    "Designation Type",
    "Designation source",
    "Sanctions Imposed",
    "Other Information",
    "UK Statement of Reasons",
    "Address Line 1",
    "Address Line 2",
    "Address Line 3",
    "Address Line 4",
    "Address Line 5",
    "Address Line 6",
    "Address Postal Code",
    "Address Country",
    "Phone number",
    "Website",
    "Email address",
    "Date Designated",
    "D.O.B",
    "Nationality(/ies)",
    "National Identifier number",
    "National Identifier additional information",
    "Passport number",
    "Passport additional information",
    "Position",
    "Gender",
    "Town of birth",
    "Country of birth",
    "Type of entity",
    "Subsidiaries",
    "Parent company",
    "Business registration number (s)",
    "IMO number",
    "Current owner/operator (s)",
    "Previous owner/operator (s)",
    "Current believed flag of ship",
    "Previous flags",
    "Type of ship",
    "Tonnage of ship",
    "Length of ship",
    "Year Built",
    "Hull identification number (HIN)",
]
_ALIASES = {
    "individualentityship": "designationtype",
    "regime": "regimename",
    "aliastype": "nametype",
    "dateofbirth": "dob",
    "nationality": "nationalityies",
    "nationalities": "nationalityies",
    "businessregistrationnumber": "businessregistrationnumbers",
    "currentowneroperator": "currentowneroperators",
    "previousowneroperator": "previousowneroperators",
    "hullidentificationnumber": "hullidentificationnumberhin",
    "nationalidentificationnumber": "nationalidentifiernumber",
    "postalcode": "addresspostalcode",
}
_REQUIRED = frozenset({"uniqueid", "name6", "nametype"})
_ENTRY_ID = re.compile(r"[A-Z]{2,6}\d{3,6}")
_REPORT_DATE = re.compile(r"report date\s*:?\s*(.*)", re.IGNORECASE)
_REMARKS = (
    "Designation source",
    "Sanctions Imposed",
    "Other Information",
    "UK Statement of Reasons",
    "Type of entity",
    "Subsidiaries",
    "Parent company",
    "Current owner/operator (s)",
    "Previous owner/operator (s)",
    "Current believed flag of ship",
    "Previous flags",
    "Type of ship",
    "Tonnage of ship",
    "Length of ship",
    "Year Built",
)
_KNOWN = frozenset(column_key(name) for name in _HEADER)


def detect(head: bytes, name: str) -> str | None:
    """Return `UK-FCDO` if the file is the UK Sanctions List as CSV, None otherwise."""
    lines = head.decode("utf-8", errors="replace").replace("\x00", "").splitlines()[:HEADER_LINES_MAX]
    for line in lines:
        keys = {_ALIASES.get(column_key(cell), column_key(cell)) for cell in line.split(",")}
        if keys >= _REQUIRED:
            return "UK-FCDO"
    cells = [cell.strip('" ') for cell in lines[0].split(",")] if lines else []
    return "UK-FCDO" if len(cells) >= 50 and _ENTRY_ID.fullmatch(cells[1]) and iso_date(cells[0]) else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries in the order of their first rows, after the whole file is read.

    Raises:
        ListError: LST300-LST306 the file is no readable table; LST310-LST312 an entry breaks a limit;
            LST341 a row without an id.
    """
    table_rows = rows(source, decode(source, facts))
    first = next(table_rows, (0, [""]))  # blank rows only: then there is no header
    lines = chain([first] if first[0] else [], table_rows)
    if len(first[1]) in (len(_HEADER) - 1, len(_HEADER)) and _ENTRY_ID.fullmatch(first[1][1].strip()):
        facts.warnings.append(f"{source.name} has no header; its columns were taken by position.")
        lines = chain([(0, _HEADER[: len(first[1])])], lines)
    table = Table(source, lines, _REQUIRED, _ALIASES)
    for row in table.preamble:
        match = _REPORT_DATE.match(" ".join(cell.strip() for cell in row if cell.strip()))
        if match:
            facts.edition_date = iso_date(match[1])
    yield from joined_rows(
        source, table, id_title="Unique ID", kind_title="Designation Type", code="LST341", add_row=_add_row
    )


def _add_row(draft: EntryDraft, row: dict[str, str]) -> None:
    add_name(draft, row, _quality(draft, row.get("nametype", ""), row.get("aliasstrength", "")))
    add_original_name(draft, row)
    if row.get("dob"):
        for value in numbered(row["dob"]).values():
            draft.birth(value, "D.O.B")
    add_places(draft, row.get("townofbirth", ""), row.get("countryofbirth", ""))
    add_countries(draft, row.get("nationalityies", ""))
    lines = [row.get(f"addressline{i}", "") for i in range(1, 7)]
    add_address(draft, [*lines, row.get("addresspostalcode", "")], row.get("addresscountry", ""))
    add_documents(draft, "Passport", row.get("passportnumber", ""), row.get("passportadditionalinformation", ""))
    add_documents(
        draft,
        "National Identifier number",
        row.get("nationalidentifiernumber", ""),
        row.get("nationalidentifieradditionalinformation", ""),
    )
    add_documents(draft, "Business registration number", row.get("businessregistrationnumbers", ""))
    for imo in re.findall(r"\d{7}", row.get("imonumber", "")):
        draft.identifier(Identifier("imo", imo))
    if row.get("imonumber") and not re.search(r"\d{7}", row["imonumber"]):
        draft.raw("IMO number", row["imonumber"])
    for key, label in (
        ("hullidentificationnumberhin", "Hull identification number"),
        ("phonenumber", "Phone"),
        ("website", "Website"),
        ("emailaddress", "Email address"),
    ):
        for value in numbered(row.get(key, "")).values():
            draft.identifier(make_identifier(label, value))
    draft.identifier(Identifier("other", row.get("unreferencenumber", ""), note="UN reference number"))
    draft.identifier(Identifier("other", row.get("ofsigroupid", ""), note="OFSI Group ID"))
    flag = row.get("currentbelievedflagofship", "")
    if flag:
        draft.country(flag)
    draft.add("programmes", row.get("regimename", ""))
    draft.add("titles", row.get("title", ""))
    for value in numbered(row.get("position", "")).values():
        draft.add("titles", value)
    if row.get("gender"):
        draft.gender = gender_word(row["gender"])
    for label in _REMARKS:
        text = row.get(column_key(label), "")
        draft.remark(f"{label}: {text}" if text else "")
    draft.date("listed_on", row.get("datedesignated", ""), "Date Designated")
    draft.date("changed_on", row.get("lastupdated", ""), "Last Updated")
    for key, text in row.items():
        if key not in _KNOWN:
            draft.raw(key, text)


def _quality(draft: EntryDraft, name_type: str, strength: str) -> NameQuality:
    """Combine Name type (`Primary Name`, `Primary name variation`, `Alias`) and Alias strength."""
    words = name_type.lower()
    if words in ("primary name", "prime alias"):
        return NameQuality.PRIMARY
    if "low" in strength.lower():
        return NameQuality.WEAK
    if words in ("fka", "f.k.a.", "formerly known as"):
        return NameQuality.FORMER
    if words not in ("alias", "aka", "a.k.a.", "primary name variation", ""):
        draft.raw("Name type", name_type)
    return NameQuality.STRONG
