"""OFAC lists as CSV: `sdn.csv` or `cons_prim.csv` with their companions for names, addresses and remarks.

The files have no header. `-0- ` stands for "nothing". The parts, by number of columns:

    sdn       12  ent_num, name, type, program, title, call sign, vessel type, tonnage, GRT, flag, owner, remarks
    alt        5  ent_num, alt_num, aka|fka|nka, name, remarks
    add        6  ent_num, add_num, street, city, country, remarks
    comments   2  ent_num, continuation of remarks longer than 1000 characters

The entry id is ent_num. `sdn.csv` and `cons_prim.csv` share the layout and are told apart by name.

Error codes: LST320 the file with the entries is missing, LST321 a row of the wrong shape, and those of
`sito.lists.tables` and `sito.lists.draft`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from sito.entries import Entry, Identifier, Kind, NameQuality
from sito.lists.draft import EntryDraft, EntryIds, clean
from sito.lists.ofac_remarks import add_name, add_remarks, split_remarks
from sito.lists.source import HEAD_SIZE, Facts, Source
from sito.lists.tables import decode, rows

FORMAT = "ofac-csv"

_KINDS = {
    "individual": Kind.PERSON,
    "vessel": Kind.VESSEL,
    "aircraft": Kind.AIRCRAFT,
    "entity": Kind.ORGANISATION,
    "": Kind.ORGANISATION,
}
_QUALITY = {"aka": NameQuality.STRONG, "fka": NameQuality.FORMER, "nka": NameQuality.STRONG}
_COLUMNS = {"sdn": 12, "alt": 5, "add": 6, "comments": 2}
_REMARKS_WIDTH = 1000  # characters; longer remarks go on in the comments file
_SAMPLE_ROWS = 25
_COMMENT_WORDS = re.compile(
    r"\bDOB\b|\bPOB\b|[af]\.k\.a\.|Passport|Linked To:|Digital Currency Address|Tax ID|Registration|sanctions",
    re.IGNORECASE,
)


def part(head: bytes, name: str) -> str | None:
    """Return which of the OFAC files this is by the shape of its first rows.

    Args:
        head: First bytes of the file, at most `HEAD_SIZE`.
        name: Lower-cased file name; it only confirms a comments file, whose two columns prove little.

    Returns:
        `sdn`, `alt`, `add`, `comments`, or None if it is none of them.
    """
    text = head.decode("utf-8", errors="replace").removeprefix("\ufeff").rstrip("\x1a\r\n")
    try:
        sample = list(csv.reader(text.splitlines()))
    except csv.Error:
        return None
    if len(head) >= HEAD_SIZE and len(sample) > 1:
        sample.pop()  # cut in the middle
    sample = [[cell.strip() for cell in row] for row in sample[:_SAMPLE_ROWS] if any(cell.strip() for cell in row)]
    if not sample or not all(row[0].isascii() and row[0].isdigit() for row in sample):
        return None
    widths = {len(row) for row in sample}
    if widths == {12} and all(row[2] in _KINDS or row[2] == "-0-" for row in sample) and "-0-" in sample[0]:
        return "sdn"
    if widths == {5} and all(row[2] in _QUALITY for row in sample):
        return "alt"
    if widths == {6} and all(row[1].isdigit() for row in sample) and any("-0-" in row for row in sample):
        return "add"
    if widths == {2} and ("comment" in name or any(_COMMENT_WORDS.search(row[1]) for row in sample)):
        return "comments" if not any(row[1].isdigit() for row in sample) else None
    return None


def detect(head: bytes, name: str) -> str | None:
    """Return `OFAC-SDN` or `OFAC-CONS` for any file of the set, None for every other file."""
    if part(head, name) is None:
        return None
    return "OFAC-CONS" if name.startswith("cons") else "OFAC-SDN"


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the entries of `source`, with what its companions `alt`, `add` and `comments` add.

    A missing companion, and rows of a companion that belong to no entry, are warnings.

    Raises:
        ListError: LST300-LST303 the text is unreadable; LST310-LST313 an entry breaks a limit;
            LST320 `source` holds no entries; LST321 a row has the wrong shape.
    """
    found = part(source.head, source.name.lower())
    if found not in (None, "sdn"):
        raise source.error(
            "LST320",
            expected="the file with the entries (sdn.csv or cons_prim.csv)",
            got=f"its companion with the layout of {found}.csv",
            todo="give the files of the set together",
        )
    aliases = _companion(source, "alt", facts)
    addresses = _companion(source, "add", facts)
    comments = _companion(source, "comments", facts)
    for name, meaning in (("alt", "the strong aliases"), ("add", "the addresses")):
        if name not in source.companions:
            facts.warnings.append(f"{source.name} came without its {name} file: {meaning} are missing.")
    ids = EntryIds(source)
    cut_count = 0
    for line, row in _shaped(source, "sdn", facts):
        entry_id = row[0]
        ids.add(entry_id, f"line {line}")
        kind = _KINDS.get(row[2].lower())
        draft = EntryDraft(source, entry_id, kind or Kind.UNKNOWN)
        if kind is None:
            draft.raw("type", row[2])
        add_name(draft, row[1], NameQuality.PRIMARY)
        for alias in aliases.pop(entry_id, ()):
            _add_alias(draft, alias)
        for address in addresses.pop(entry_id, ()):
            _add_address(draft, address)
        for programme in row[3].split("] ["):
            draft.add("programmes", programme.strip("[] "))
        draft.add("titles", row[4])
        _add_vessel(draft, row)
        remarks = row[11]
        continuation = comments.pop(entry_id, None)
        if continuation:
            remarks += "".join(comment[1] for comment in continuation)
        elif len(remarks) >= _REMARKS_WIDTH and not remarks.rstrip().endswith("."):
            cut_count += 1
            *whole, last = split_remarks(remarks)
            draft.raw("Remarks, cut at its width", last)
            remarks = "; ".join(whole)
        add_remarks(draft, remarks, title=row[4])
        yield draft.build()
    if cut_count:
        facts.warnings.append(
            f"{cut_count} remarks of {source.name} go on in the comments file, which does not hold their end."
        )
    for name, rest in (("alt", aliases), ("add", addresses), ("comments", comments)):
        count = sum(map(len, rest.values()))
        if count:
            facts.warnings.append(
                f"{count} rows of the {name} file belong to {len(rest)} numbers that {source.name} lacks."
            )


def _companion(source: Source, name: str, facts: Facts) -> dict[str, list[list[str]]]:
    """Return the rows of a companion by ent_num."""
    by_entry: dict[str, list[list[str]]] = {}
    companion = source.companions.get(name)
    if companion is not None:
        for _, row in _shaped(companion, name, facts):
            by_entry.setdefault(row[0], []).append(row)
    return by_entry


def _shaped(source: Source, name: str, facts: Facts) -> Iterator[tuple[int, list[str]]]:
    """Yield rows of the right width, `-0-` turned into nothing."""
    width = _COLUMNS[name]
    for line, row in rows(source, decode(source, facts)):
        number = row[0].strip()
        if len(row) != width or not (number.isascii() and number.isdigit()):
            raise source.error(
                "LST321",
                expected=f"{width} columns, the first a number",
                got=f"{len(row)} columns" if len(row) != width else "no number in the first column",
                where=f"row that starts in line {line}",
                todo="fetch the file again; it is cut or damaged",
            )
        # Remarks keep their outer blanks: the text may go on in the comments file in mid-word.
        cells = ["" if cell.strip() == "-0-" else cell for cell in row]
        yield line, [number, *(clean(cell) for cell in cells[1:-1]), cells[-1]]


def _add_alias(draft: EntryDraft, row: list[str]) -> None:
    quality = _QUALITY.get(row[2].lower())
    if quality is None:
        draft.raw("alt, type", row[2])
    add_name(draft, row[3], quality or NameQuality.STRONG)
    draft.raw("alt, remarks", row[4])


def _add_address(draft: EntryDraft, row: list[str]) -> None:
    draft.add("addresses", ", ".join(cell for cell in row[2:5] if cell))
    if row[4] and draft.kind is not Kind.PERSON:
        # Where an organisation sits says what it is; where a person lives does not.
        draft.country(row[4])
    draft.raw("add, remarks", row[5])


def _add_vessel(draft: EntryDraft, row: list[str]) -> None:
    if row[5]:
        draft.identifier(Identifier("call_sign", row[5]))
    for label, text in zip(
        ("Vessel type", "Tonnage", "Gross registered tonnage", "Flag", "Owner"), row[6:11], strict=True
    ):
        if text:
            draft.remark(f"{label}: {text}")
    if row[9] and row[9].lower() != "none identified":
        draft.country(row[9])
