"""The consolidated list of the UK Treasury (OFSI ConList) as CSV: retired on 28.01.2026, read from archives.

Two layouts are known and both are read by column names: 29 columns (until about 2020, Windows-1252) and 36
columns. The first line holds `Last Updated,dd/mm/yyyy`, the second the header. One subject takes many
rows; its entry id is Group ID. The list has a code of its own, `UK-OFSI`, because its ids are not those
of the UK Sanctions List.

Error codes: LST342 a row without an id, those of `sito.lists.tables` and `sito.lists.draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sito.entries import Entry, Identifier, Kind, NameQuality
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
from sito.lists.draft import EntryDraft
from sito.lists.source import Facts, Source
from sito.lists.tables import HEADER_LINES_MAX, Table, column_key, decode, rows

FORMAT = "uk-conlist-csv"

_REQUIRED = frozenset({"groupid", "grouptype", "name6"})
_PRIMARY = frozenset({"prime alias", "primary name"})
_FORMER = frozenset({"fka", "f.k.a.", "formerly known as"})
_OTHER = frozenset({"aka", "a.k.a.", "alias", "primary name variation", ""})
_UN_REFERENCE = re.compile(
    r"\bUN Ref(?:erence)?:?\s*((?:[A-Z]{1,3}[ie]?\.){1,4}[\dA-Za-z.]{0,20}\d)|\(UN Ref\):?\s*([\w.]{1,20}\d)"
)
_KNOWN = frozenset(
    column_key(name)
    for name in [
        "Name 6",
        "Name 1",
        "Name 2",
        "Name 3",
        "Name 4",
        "Name 5",
        "Title",
        "Name Non-Latin Script",
        "Non-Latin Script Type",
        "Non-Latin Script Language",
        "DOB",
        "Town of Birth",
        "Country of Birth",
        "Nationality",
        "Passport Number",
        "Passport Details",
        "National Identification Number",
        "National Identification Details",
        "NI Number",
        "Position",
        "Address 1",
        "Address 2",
        "Address 3",
        "Address 4",
        "Address 5",
        "Address 6",
        "Post/Zip Code",
        "Country",
        "Other Information",
        "Group Type",
        "Alias Type",
        "Alias Quality",
        "Regime",
        "Listed On",
        "UK Sanctions List Date Designated",
        "Last Updated",
        "Group ID",
    ]
)


def detect(head: bytes, name: str) -> str | None:
    """Return `UK-OFSI` if the file is the Treasury's ConList as CSV, None otherwise."""
    lines = head.decode("utf-8", errors="replace").replace("\x00", "").splitlines()[:HEADER_LINES_MAX]
    found = any({column_key(cell) for cell in line.split(",")} >= _REQUIRED for line in lines)
    return "UK-OFSI" if found else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries in the order of their first rows, after the whole file is read.

    Raises:
        ListError: LST300-LST306 the file is no readable table; LST310-LST312 an entry breaks a limit;
            LST342 a row without an id.
    """
    table = Table(source, rows(source, decode(source, facts)), _REQUIRED)
    for row in table.preamble:
        if column_key(row[0]) == "lastupdated" and len(row) > 1:
            facts.edition_date = iso_date(row[1])
    facts.warnings.append("The OFSI ConList was retired on 2026-01-28; the UK Sanctions List took its place.")
    yield from joined_rows(source, table, id_title="Group ID", kind_title="Group Type", code="LST342", add_row=_add_row)


def _add_row(draft: EntryDraft, row: dict[str, str]) -> None:
    add_name(draft, row, _quality(draft, row.get("aliastype", ""), row.get("aliasquality", "")))
    add_original_name(draft, row)
    for value in numbered(row.get("dob", "")).values():
        draft.birth(value, "DOB")
    add_places(draft, row.get("townofbirth", ""), row.get("countryofbirth", ""))
    add_countries(draft, row.get("nationality", ""))
    if "passportnumber" in row:
        add_documents(draft, "Passport", row["passportnumber"], row.get("passportdetails", ""))
    else:
        add_documents(draft, "Passport", row.get("passportdetails", ""))
    add_documents(
        draft,
        "National Identification Number",
        row.get("nationalidentificationnumber", ""),
        row.get("nationalidentificationdetails", ""),
    )
    add_documents(draft, "NI Number", row.get("ninumber", ""))
    draft.add("titles", row.get("title", ""))
    for value in numbered(row.get("position", "")).values():
        draft.add("titles", value)
    lines = [row.get(f"address{i}", "") for i in range(1, 7)]
    add_address(draft, [*lines, row.get("postzipcode", "")], row.get("country", ""))
    other = row.get("otherinformation", "")
    draft.remark(other)
    reference = _UN_REFERENCE.search(other)
    if reference:
        draft.identifier(Identifier("other", (reference[1] or reference[2]).strip("."), note="UN reference number"))
    if draft.kind is Kind.VESSEL:
        for imo in re.findall(r"IMO [Nn]umber\)?:?\s*(\d{7})", other):
            draft.identifier(Identifier("imo", imo))
    draft.add("programmes", row.get("regime", ""))
    draft.date("listed_on", row.get("listedon", ""), "Listed On")
    draft.date("listed_on", row.get("uksanctionslistdatedesignated", ""), "UK Sanctions List Date Designated")
    draft.date("changed_on", row.get("lastupdated", ""), "Last Updated")
    for key, text in row.items():
        if key not in _KNOWN:
            draft.raw(key, text)


def _quality(draft: EntryDraft, alias_type: str, alias_quality: str) -> NameQuality:
    words = alias_type.lower()
    if words in _PRIMARY:
        return NameQuality.PRIMARY
    if words in _FORMER:
        return NameQuality.FORMER
    if words not in _OTHER:
        draft.raw("Alias Type", alias_type)
    return NameQuality.WEAK if "low" in alias_quality.lower() else NameQuality.STRONG
