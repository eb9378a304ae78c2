"""Canada's consolidated list of autonomous sanctions (SEMA) as XML: `<data-set><record>…`.

The file carries no stable id of a subject and no date of its edition. The entry id is made from what
names a line of the Regulations: country or regulation, schedule and item, as `Russia/1, Part 1/12`. Should
two records share them, the later ones get `#2`, `#3`, and the edition a warning.

`Country` names the regulations, not the nationality of the subject: it becomes the programme.

Error codes: LST332 another root element, LST333 no records, those of `xml_records`, `sito.lists.draft`
and LST300 for an empty file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lxml import etree

from sito.entries import Entry, Identifier, Kind, NameQuality
from sito.lists.draft import EntryDraft, clean, is_latin, whole_text
from sito.lists.source import NAME_LENGTH_MAX, Facts, Source, local, xml_records
from sito.lists.tables import check_not_empty

FORMAT = "canada-xml"

_SLASH = re.compile(r"\s*/\s*")
_PREFIX = re.compile(
    r"^(?:(?:also known as|a\.?k\.?a\.?|arabic|persian|farsi|russian|ukrainian|belarusian|chinese|burmese|"
    r"cyrillic)\s*[:\-]\s*|(?:also known as|a\.k\.a\.)\s+)",
    re.IGNORECASE,
)
_HARD_MARK = re.compile(
    r"\s*[;؛]\s*|\s*,\s*(?=(?:belarusian|russian|ukrainian|arabic|persian|farsi|chinese|burmese)\s*:)", re.IGNORECASE
)
_SPELLINGS_MAX = 32  # names made of one text with " or "
_FORMER = re.compile(r"^(?:formerly(?: known as)?|previously(?: known as)?|f\.?k\.?a\.?)\s*:?\s+", re.IGNORECASE)
# A comma before one of these belongs to the name of a company.
_LEGAL_FORM = re.compile(
    r"(?:co|company|corp|inc|incorporated|ltd|limited|llc|l\.l\.c|plc|jsc|pjsc|ojsc|cjsc|ooo|oao|pao|zao|ao|s\.?a|gmbh|"
    r"ооо|оао|пао|зао|ао|jr|sr)\.?",
    re.IGNORECASE,
)


def detect(head: bytes, name: str) -> str | None:
    """Return `CA-SEMA` if the file is Canada's list, None otherwise."""
    text = head.replace(b"\x00", b"")[:16384]
    marks = (b"<data-set", b"<record", b"<DateOfListing")
    return "CA-SEMA" if all(mark in text for mark in marks) else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the records in the order of the file.

    Raises:
        ListError: LST300 empty; LST110-LST113 not usable as XML; LST310-LST312 an entry breaks a
            limit; LST332 another root element; LST333 no records.
    """
    check_not_empty(source)
    seen: dict[str, int] = {}
    count = 0
    root: etree._Element | None = None
    for element in xml_records(source, frozenset({"record"})):
        if root is None:
            root = element
            if local(root) != "data-set":
                raise source.error(
                    "LST332", expected="the root element data-set", got=local(root), where="root element"
                )
            continue
        fields = {local(child): whole_text(child) for child in element}
        entry_id = "/".join(
            (fields.get("Country", "").split(" / ")[0].strip(), fields.get("Schedule", ""), fields.get("Item", ""))
        )
        seen[entry_id] = seen.get(entry_id, 0) + 1
        if seen[entry_id] > 1:
            entry_id += f"#{seen[entry_id]}"
        count += 1
        yield _entry(source, entry_id, fields)
    if count == 0:
        raise source.error("LST333", expected="record elements", got="none", todo="fetch the file again")
    repeated = sum(number > 1 for number in seen.values())
    if repeated:
        facts.warnings.append(f"{repeated} combinations of country, schedule and item name more than one record.")


def _entry(source: Source, entry_id: str, fields: dict[str, str]) -> Entry:
    whole, imo = fields.pop("EntityOrShip", ""), fields.pop("ShipIMONumber", "")
    kind = Kind.VESSEL if imo else Kind.ORGANISATION if whole else Kind.PERSON
    draft = EntryDraft(source, entry_id, kind)
    surname, given = fields.pop("LastName", ""), fields.pop("GivenName", "")
    if whole:
        draft.name(whole, NameQuality.PRIMARY)
        for name in _SLASH.split(whole):
            if len(name.split()) > 1:  # "Hara Institute/Institut Hara": the name in both official languages
                draft.name(name)
        person = f"{given} {surname}".strip()
        draft.name(person)
    elif given and surname:
        draft.name(f"{given} {surname}", NameQuality.PRIMARY, surname=surname, given=given)
    else:
        draft.name(given or surname, NameQuality.PRIMARY)
    for text, printed in split_aliases(fields.pop("Aliases", ""), kind):
        foreign = printed is NameQuality.STRONG and not is_latin(text)
        quality = NameQuality.ORIGINAL_SCRIPT if foreign else printed
        family, comma, rest = text.partition(", ")
        if kind is Kind.PERSON and comma and "," not in rest and len(family.split()) == 1:
            draft.name(f"{rest} {family}", quality, surname=family, given=rest)
        else:
            draft.name(text, quality)
    draft.identifier(Identifier("imo", imo))
    date = fields.pop("DateOfBirthOrShipBuildDate", "")
    title = fields.pop("TitleOrShip", "")
    if kind is Kind.PERSON:
        draft.birth(date, "DateOfBirthOrShipBuildDate")
        draft.add("titles", title)
    else:
        draft.remark(f"Built: {date}" if date else "")
        draft.remark(f"Ship type: {title}" if title else "")
    draft.add("programmes", fields.pop("Country", ""))
    schedule, item = fields.pop("Schedule", ""), fields.pop("Item", "")
    draft.remark(f"Schedule {schedule}, item {item}" if schedule else f"Item {item}" if item else "")
    draft.date("listed_on", fields.pop("DateOfListing", ""), "DateOfListing")
    for tag, text in fields.items():
        draft.raw(tag, text)
    return draft.build()


def split_aliases(text: str, kind: Kind) -> list[tuple[str, NameQuality]]:
    """Split the Aliases cell, which separates names by `;`, ` / `, ` or ` and, ambiguously, by commas.

    The other marks separate only where that is sure: for people between parts of two or more words, for
    the rest between parts none of which is a legal form or half of a bracket or quotation. `Ivanov, Ivan`
    stays one name. For people `A B or Bb C` offers two spellings of one word, if both begin alike.

    Returns:
        (name, quality); quality is `FORMER` after "formerly", else `STRONG`.
    """
    names: list[tuple[str, NameQuality]] = []
    for part in _HARD_MARK.split(clean(text)):
        pieces = _split_sure(part, r"\s*,\s+|\s*،\s*", kind)
        pieces = [half for piece in pieces for half in _split_sure(piece, r"\s+/\s+", kind)]
        if kind is Kind.PERSON:
            pieces = [name for piece in pieces for name in _spellings(piece)]
        else:
            pieces = [half for piece in pieces for half in _split_sure(piece, r"\s+or\s+", kind)]
        for piece in pieces:
            former = _FORMER.match(piece)
            name = (piece[former.end() :] if former else piece).strip(" ,;")
            if name.strip(".-"):
                names.append((name, NameQuality.FORMER if former else NameQuality.STRONG))
    return names


def _split_sure(text: str, mark: str, kind: Kind) -> list[str]:
    """Split at a mark if all parts can stand alone, else return the text whole."""
    parts = [_PREFIX.sub("", part) for part in re.split(mark, text) if part.strip(" .,-")]
    if kind is Kind.PERSON:
        # "Nikolay or Nikolai / Petrovich" lists parts of one name, not names.
        sure = all(len(re.split(r"\s+or\s+", part)[0].split()) > 1 for part in parts)
    else:
        sure = all(_is_balanced(part) and not _LEGAL_FORM.fullmatch(part) for part in parts)
    return parts if sure else [_PREFIX.sub("", text.strip())]


def _is_balanced(text: str) -> bool:
    pairs = all(text.count(start) == text.count(end) for start, end in ("()", "«»", "“”"))
    return pairs and text.count('"') % 2 == 0


def _spellings(text: str) -> list[str]:
    """Write out `Aleksandr Evgenyevich or Evgenievich Konkov` as two names; at most `_SPELLINGS_MAX`, else whole."""
    if len(text) > NAME_LENGTH_MAX or (" or " not in text and " and " not in text):
        return [text]
    sides = re.split(r"\s+(?:or|and)\s+", text)
    alike = all(
        left.split() and right.split() and left.split()[-1][0].casefold() == right.split()[0][0].casefold()
        for left, right in pairwise(sides)
    )
    if not alike or " and " in text:
        return sides if all(len(side.split()) > 1 for side in sides) else [text]
    variants = [""]
    for choice in re.findall(r"\S+(?:\s+or\s+\S+)*", text.replace(" / ", " ")):
        variants = [f"{variant} {word}".strip() for variant in variants for word in re.split(r"\s+or\s+", choice)]
        if len(variants) > _SPELLINGS_MAX:
            return [text]
    return variants
