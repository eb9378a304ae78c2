"""RU-TE as printed on the public page: one line per subject, as text, HTML or a careless CSV.

    N. ФИО*, (ДРУГОЕ ФИО; ЕЩЁ ОДНО), ДД.ММ.ГГГГ г.р. , МЕСТО РОЖДЕНИЯ;
    N. НАИМЕНОВАНИЕ* (ДР. НАИМЕНОВАНИЕ; …), ИНН: …, ОГРН: …, ДД.ММ.ГГГГ;

The number N is the position in the edition, no id: see `sito.lists.subjects.DerivedIds` for what stands in its place.
The asterisk is read as "terrorist", which is inferred from how the list uses it; a name without one says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from sito.entries import Entry, Identifier, Kind
from sito.errors import ListError
from sito.lists.source import Facts, Source
from sito.lists.subjects import Draft, Intake, add, full_text, split_brackets, squeeze, unstarred

FORMAT = "rosfin-page"
LIST_ID = "RU-TE"
LINE_LENGTH_MAX = 1 << 16  # characters of one printed line; the longest of the real page has some 600
STRANGE_SHARE_MAX = 0.1  # of all lines that may be no subject before the file is refused

_SECTIONS = {
    "russianUL": Kind.ORGANISATION,
    "russianFL": Kind.PERSON,
    "foreignUL": Kind.ORGANISATION,
    "foreignFL": Kind.PERSON,
}
_NUMBERED = re.compile(r"\s*\d{1,7}\s*[.,)]\s*(?=\S)")
_TELLING = re.compile(r"\*|г\.\s?р\.|ИНН\s*:|ОГРН\s*:", re.IGNORECASE)
_BIRTH = re.compile(r"(?P<date>\d{1,2}\.\d{1,2}\.\d{4}|\d{4})\s*(?:г\.?|гг\.?)?\s*р\.?(?=[\s,;)]|$)", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_NUMBERS = re.compile(r"(?P<type>ИНН|ОГРН)\s*:?\s*(?P<number>\d{10,15})", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"[\"«»“”„]|\b(?:ООО|ОАО|ЗАО|ПАО|АО|НКО|ФОНД|ОРГАНИЗАЦИЯ|ОБЪЕДИНЕНИЕ|ДВИЖЕНИЕ|ПАРТИЯ|ОБЩИНА|ГРУППА|СОЮЗ)\b"
)
_PATRONYMIC = re.compile(r"(?:ВИЧ|ВНА|ЬИЧ|ЬИНИЧНА|ИЧНА|ОГЛЫ|КЫЗЫ|УГЛИ|УУЛУ|КИЗИ)$", re.IGNORECASE)


def detect(head: bytes, name: str) -> str | None:
    """Recognise numbered lines with the marks of this list, or the sections of its page.

    See `sito.lists.source` for the protocol.
    """
    if _is_html(head):
        return LIST_ID if any(f'"{section}"'.encode() in head for section in _SECTIONS) else None
    text = _decoded(head, whole=False)
    if text is None:
        return None
    lines = [line for line in text.split("\n")[:40] if line.strip()]
    if len(head) > 4096:
        lines = lines[:-1]  # the head may end within a line
    good = sum(1 for line in lines if _NUMBERED.match(line) and _TELLING.search(line))
    cyrillic = sum("а" <= c <= "я" for c in text[:4096].lower())
    return LIST_ID if good and good * 2 >= len(lines) and cyrillic > len(text[:4096]) // 4 else None


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield one entry per printed line.

    Raises:
        ListError: LST430 an encoding that is none of UTF-8, UTF-16 and Windows-1251; LST431 a line too long;
            LST432 more than a tenth of the lines are no subjects; LST433 HTML without the sections of the page.
    """
    intake = Intake(source, facts)
    lines = _html_lines(source) if _is_html(source.head) else _text_lines(source)
    strange: list[int] = []
    count = undated = 0
    for number, line, kind in lines:
        count += 1
        if len(line) > LINE_LENGTH_MAX:
            raise source.error(
                "LST431",
                expected=f"lines of at most {LINE_LENGTH_MAX} characters",
                got=str(len(line)),
                where=f"line {number}",
            )
        draft = parse_line(line, kind)
        if draft is None:
            # A table header and headings of sections are expected at the top and between; more is not.
            strange.append(number)
            continue
        undated += draft.kind is Kind.PERSON and not draft.birth_dates
        yield from intake.take(draft)
    if len(strange) > max(5, count * STRANGE_SHARE_MAX):
        raise source.error(
            "LST432",
            expected=f"at most {STRANGE_SHARE_MAX:.0%} lines that are no subjects",
            got=f"{len(strange)} of {count}",
            where=f"first at line {strange[0]}",
            todo="save the page again as text or HTML",
        )
    intake.finish()
    if strange:
        where = ", ".join(str(number) for number in strange[:10])
        facts.warnings.append(f"{len(strange)} lines are no subjects and were left out (lines {where})")
    if undated:
        facts.warnings.append(f"{undated} people have no birth date")


def parse_line(line: str, kind: Kind = Kind.UNKNOWN) -> Draft | None:
    """Read one printed line.

    Args:
        line: The line with its running number.
        kind: Kind of the section it stands in, where known.

    Returns:
        The draft, without id; None if the line does not begin with a number and a name.
    """
    start = _NUMBERED.match(line)
    if start is None:
        return None
    text = squeeze(line[start.end() :]).rstrip(";, \t")
    birth = _birth_outside(text)
    before = text[: birth.start()] if birth else text
    after = text[birth.end() :] if birth else ""
    numbers = [(match["type"].upper(), match["number"]) for match in _NUMBERS.finditer(before)]
    first = _NUMBERS.search(before)
    tail = ""
    if first:
        before, tail = before[: first.start()], before[first.start() :]
    main, others, rest, starred = _names(before, person=birth is not None and not numbers)
    draft = Draft()
    draft.add_name(main)
    if not draft.names:
        return None
    for other in others:
        _other_name(draft, other)
    if starred:
        draft.terrorist = True
    draft.kind = kind if kind is not Kind.UNKNOWN else _kind(main, person=birth is not None, numbers=bool(numbers))
    if birth:
        draft.add_birth(birth["date"], "birth_date")
    for word, number in numbers:
        draft.identifiers.append(Identifier("inn" if word == "ИНН" else "ogrn", number, "RU"))
    left = squeeze(_NUMBERS.sub(" ", tail)).strip(",;. ")
    for text_left in (rest, left):
        if not text_left:
            continue
        if draft.kind is Kind.PERSON and birth is None and text_left is rest:
            add(draft.birth_places, text_left)
        else:
            draft.raw.append(("line", text_left))
    place = squeeze(after).strip(',;" ')
    if place and draft.kind is Kind.ORGANISATION:
        draft.raw.append(("line", place))
    else:
        add(draft.birth_places, place)
    return draft


def _birth_outside(text: str) -> re.Match[str] | None:
    """Return the first birth date that does not stand in brackets."""
    for match in _BIRTH.finditer(text):
        before = text[: match.start()]
        if before.count("(") <= before.count(")"):
            return match
    return next(_BIRTH.finditer(text), None) if text.count("(") > text.count(")") else None


def _names(text: str, *, person: bool) -> tuple[str, list[str], str, bool]:
    """Part the name field: main name, other names, what is left over, whether there was an asterisk."""
    star = text.find("*")
    if star >= 0 and text[:star].count("(") == text[:star].count(")"):
        outside, others = split_brackets(text[star + 1 :])
        main, more = split_brackets(text[:star])
        return unstarred(main)[0].strip(" ,;"), more + others, outside.strip(" ,;*"), True
    outside, others = split_brackets(text)
    if not person and _ORGANISATION.search(outside):
        return outside.strip(" ,;"), others, "", False
    main, _, rest = outside.partition(",")
    return main.strip(" ,;"), others, rest.strip(" ,;"), False


def _other_name(draft: Draft, text: str) -> None:
    birth = _BIRTH.search(text) or _DATE.search(text)
    if birth:
        draft.add_birth(birth[0].split()[0].rstrip("гр."), "other name")
        text = f"{text[: birth.start()]} {text[birth.end() :]}"
    draft.add_name(unstarred(text)[0].strip(" ,;"))


def _kind(name: str, *, person: bool, numbers: bool) -> Kind:
    if person:
        return Kind.PERSON
    if numbers or _ORGANISATION.search(name.upper()):
        return Kind.ORGANISATION
    tokens = name.split()
    if 2 <= len(tokens) <= 5 and _PATRONYMIC.search(tokens[-1]):
        return Kind.PERSON
    return Kind.UNKNOWN


def _is_html(head: bytes) -> bool:
    start = head[:2048].lower()
    return b"<html" in start or b"<!doctype html" in start or b"<div" in start


def _decoded(data: bytes, *, whole: bool) -> str | None:
    """Decode a text; `whole` False forgives a character cut at the end."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace" if not whole else "strict")
    for cut in range(1 if whole else 4):
        try:
            return data[: len(data) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    if b"\x00" in data:
        return None
    try:
        return data.decode("cp1251")
    except UnicodeDecodeError:
        return None


def _encoding_error(source: Source) -> ListError:
    return source.error(
        "LST430", expected="UTF-8, UTF-16 or Windows-1251", got="bytes that are none of them", todo="save it as UTF-8"
    )


def _text_lines(source: Source) -> Iterator[tuple[int, str, Kind]]:
    try:
        text = _decoded(source.data, whole=True)
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise _encoding_error(source)
    kind = Kind.UNKNOWN
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line, kind


def _html_lines(source: Source) -> Iterator[tuple[int, str, Kind]]:
    parser = html.HTMLParser(no_network=True, huge_tree=False, recover=True, encoding=_html_encoding(source))
    try:
        document = html.document_fromstring(source.data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        document = None
    sections = [] if document is None else [one for one in document.iter() if one.get("id") in _SECTIONS]
    if not sections:
        raise source.error(
            "LST433", expected=f"HTML with sections {', '.join(_SECTIONS)}", got="none", todo="save the whole page"
        )
    number = 0
    for section in sections:
        for item in section.iter("li"):
            number += 1
            yield number, full_text(item), _SECTIONS[str(section.get("id"))]


def _html_encoding(source: Source) -> str | None:
    try:
        source.data.decode("utf-8")
    except UnicodeDecodeError:
        return None  # then the page's own declaration decides
    return "utf-8"
