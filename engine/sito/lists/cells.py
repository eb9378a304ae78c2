"""What the two UK lists share: many rows for one subject, names in six columns, cells of numbered values, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from sito.entries import Entry, Kind, NameQuality
from sito.lists.countries import country
from sito.lists.documents import make_identifier
from sito.lists.draft import EntryDraft
from sito.lists.source import Source
from sito.lists.tables import Table, column_key

KINDS = {"individual": Kind.PERSON, "entity": Kind.ORGANISATION, "ship": Kind.VESSEL}
_MARK = re.compile(r"\((\d{1,3})\)(?:\s*-\s*\((\d{1,3})\))?\s*")
_NUMBER = re.compile(
    r"(?:no\.?\s+|number:?\s+)?((?:[A-Z]{1,3}[ -]){0,3}[A-Z]{0,4}\d[\w./-]*(?: \d[\w/-]*){0,5})", re.IGNORECASE
)
_LABELLED = re.compile(
    r"(?P<label>[^\d;]{0,60}?(?:code|card|no\.?|#|number|document(?: \(\w+\))?|passport|permit))\s+"
    r"(?P<number>(?=[A-Z /.-]{0,12}\d)[A-Z0-9][A-Z0-9/.-]*(?: (?=[A-Z]{0,4}\d|[A-Z]{3} )[A-Z0-9]{2,6}){0,4})\b",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\(([^()]*)\)")


def joined_rows(
    source: Source,
    table: Table,
    *,
    id_title: str,
    kind_title: str,
    code: str,
    add_row: Callable[[EntryDraft, dict[str, str]], None],
) -> Iterator[Entry]:
    """Yield the entries in the order of their first rows, after the whole table is read.

    Args:
        source: The file, for errors and the list id.
        table: Its rows.
        id_title, kind_title: Titles of two columns.
        code: Of the error for a row without an id.
        add_row: Adds what a row says of its subject.

    Raises:
        ListError: A row has no id.
    """
    id_column, kind_column = column_key(id_title), column_key(kind_title)
    drafts: dict[str, EntryDraft] = {}
    for line, cells in table:
        entry_id = cells[id_column]
        if not entry_id:
            raise source.error(
                code, expected=f"a {id_title}", got="none", where=f"line {line}", todo="fetch the file again"
            )
        draft = drafts.get(entry_id)
        if draft is None:
            kind_text = cells.get(kind_column, "")
            draft = drafts[entry_id] = EntryDraft(source, entry_id, KINDS.get(kind_text.lower(), Kind.UNKNOWN))
            if draft.kind is Kind.UNKNOWN:
                draft.raw(kind_title, kind_text)
        add_row(draft, cells)
    for draft in drafts.values():
        yield draft.build()


def numbered(text: str) -> dict[int, str]:
    """Read `(1) Tunis (2)-(3) Algiers (4) -` as {1: Tunis, 2: Algiers, 3: Algiers}; a plain text is {0: text}.

    Text before the first mark is kept under 0. A lone dash means "none".
    """
    marks = list(_MARK.finditer(text))
    if not marks or (marks[0].start() > 0 and int(marks[0][1]) != 1):
        return {0: text} if text.strip(" -") else {}
    values: dict[int, str] = {}
    before = text[: marks[0].start()].strip()
    if before:
        values[0] = before
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)].strip(" ;,")
        if value.strip(" -"):
            first, last = int(mark[1]), int(mark[2] or mark[1])
            values.update(dict.fromkeys(range(first, min(last, first + 99) + 1), value))
    return values


def add_name(
    draft: EntryDraft, row: Mapping[str, str], quality: NameQuality, *, script: str = "", language: str = ""
) -> None:
    """Add the name of columns Name 1 … Name 6; Name 6 is the family name, or the whole name of the rest."""
    given = " ".join(row[f"name{i}"] for i in range(1, 6) if row.get(f"name{i}"))
    surname = row.get("name6", "")
    whole = f"{given} {surname}".strip()
    if draft.kind is Kind.PERSON and given and surname:
        draft.name(whole, quality, surname=surname, given=given, script=script, language=language)
    else:
        draft.name(whole, quality, script=script, language=language)


def add_original_name(draft: EntryDraft, row: Mapping[str, str]) -> None:
    """Add the name in another script than the Latin one."""
    draft.name(
        row.get("namenonlatinscript", ""),
        NameQuality.ORIGINAL_SCRIPT,
        script=row.get("nonlatinscripttype", ""),
        language=row.get("nonlatinscriptlanguage", ""),
    )


def add_places(draft: EntryDraft, town: str, land: str) -> None:
    """Add birth places, pairing numbered towns with numbered countries."""
    towns, lands = numbered(town), numbered(land)
    for index in sorted(towns.keys() | lands.keys()) or []:
        if index == 0 and len(towns.keys() | lands.keys()) > 1 and not (towns.get(0) and lands.get(0)):
            continue  # one town or country for all numbers, added with each of them
        parts = (towns.get(index, towns.get(0, "")), lands.get(index, lands.get(0, "")))
        draft.add("birth_places", ", ".join(part for part in parts if part))


def add_countries(draft: EntryDraft, text: str) -> None:
    """Add the nationalities of a cell that numbers them or separates them by `;`, `|` or line breaks."""
    for value in numbered(text).values():
        for word in re.split(r"\s*[;|]\s*", value):
            draft.country(word.strip(" ."))


def add_address(draft: EntryDraft, lines: list[str], land: str) -> None:
    """Add an address of its lines and country; the country of an organisation counts as its own."""
    draft.add("addresses", ", ".join(line for line in (*lines, land) if line))
    if land and draft.kind is not Kind.PERSON:
        draft.country(land)


def add_documents(draft: EntryDraft, label: str, text: str, details: str = "") -> None:
    """Add the numbers of a cell such as `(1) OR801168 (Afghan). Issued on … (2) 4117921 (Pakistani)`.

    A part without a number is kept raw under `label`; the details become the note, part by part
    where both are numbered.
    """
    notes = numbered(details)
    for index, value in numbered(text).items():
        match = _NUMBER.match(value)
        words = label
        if match is None:
            match = _LABELLED.match(value)
            if match is None:
                draft.raw(label, value)
                continue
            words = match["label"]
        groups = _GROUP.findall(value)
        land = next((group for group in groups if country(group) != group.strip()), "")
        rest = value[match.end() :].strip(" .,;")
        if rest == f"({land})":
            rest = ""
        note = "; ".join(part for part in (rest, notes.get(index, notes.get(0, ""))) if part)
        draft.identifier(make_identifier(words, match[match.lastgroup or 1].strip(" ."), land, note))
    if details and not text:
        draft.remark(f"{label}: {details}")
