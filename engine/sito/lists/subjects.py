"""What the Russian lists share: the XML type of a subject, printed names, ids for lists that have none.

No official schema of the terrorist list is public, so every element is optional here, both tag names of organisations
are accepted, and whatever is not known goes to `Entry.raw` with its path. The schema of the commission's list, which is
better known, has the same types. Codes of `ТипСубъекта` mean different things in different lists and therefore decide
nothing: the part that is present (`ФЛ`, `ЮЛ` or `Орг`) does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from sito.entries import BirthDate, Entry, Identifier, Kind, Name, NameQuality
from sito.lists.dates import iso_date, parse_birth_date
from sito.lists.source import ALIAS_COUNT_MAX, Facts, Source, local

TRUE_WORDS = frozenset(("1", "true", "да", "истина", "y", "yes"))
FALSE_WORDS = frozenset(("0", "false", "нет", "ложь", "n", "no"))

REPEATS_LOOKED_FOR = 1000

_Value = TypeVar("_Value", str, BirthDate, Identifier, tuple[str, str])
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_ADDRESS_PARTS = (
    "Индекс",
    "Страна",
    "Регион",
    "АвтономныйОкруг",
    "Район",
    "Город",
    "ВнутригородскРайон",
    "НаселПункт",
    "Улица",
    "Дом",
    "Корпус",
    "Строение",
    "Помещение",
)
_SPACES = re.compile(r"\s+")


@dataclass
class Draft:
    """An entry in the making; lists instead of tuples, no name needed yet."""

    entry_id: str = ""
    kind: Kind = Kind.UNKNOWN
    names: list[Name] = field(default_factory=list)
    birth_dates: list[BirthDate] = field(default_factory=list)
    birth_places: list[str] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    programmes: list[str] = field(default_factory=list)
    terrorist: bool | None = None
    listed_on: list[str] = field(default_factory=list)
    changed_on: list[str] = field(default_factory=list)
    delisted_on: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    raw: list[tuple[str, str]] = field(default_factory=list)

    def add_name(self, text: str, quality: NameQuality = NameQuality.STRONG, *, script: str = "") -> None:
        """Add a name unless it is empty or already there; the first one becomes the primary name."""
        text = squeeze(text)
        if text and self.lacks(text):
            self.names.append(Name(text, quality if self.names else NameQuality.PRIMARY, script=script))

    def lacks(self, text: str) -> bool:
        """Tell whether a name is new; of an entry with too many names, which is refused later, all are."""
        return len(self.names) > ALIAS_COUNT_MAX or all(name.text != text for name in self.names)

    def add_birth(self, text: str, path: str) -> None:
        """Add a birth date; text that is no date is kept raw under `path`."""
        text = text.strip()
        if not text:
            return
        found = parse_birth_date(text)
        if found is None:
            self.raw.append((path, text))
        else:
            add(self.birth_dates, found)

    def add_day(self, days: list[str], text: str, path: str) -> None:
        """Add an ISO day to one of the lists of this draft; text that is no day is kept raw."""
        day = iso_date(text)
        if day:
            add(days, day)
        elif text:
            self.raw.append((path, text))

    def merge(self, other: Draft) -> None:
        """Take over what `other`, the same subject told again, says beyond this one."""
        if self.kind is Kind.UNKNOWN:
            self.kind = other.kind
        for name in other.names:
            if self.lacks(name.text):
                quality = NameQuality.STRONG if name.quality is NameQuality.PRIMARY else name.quality
                self.names.append(Name(name.text, quality, name.surname, name.given, name.patronymic, name.script))
        for mine, theirs in (
            (self.birth_places, other.birth_places),
            (self.countries, other.countries),
            (self.addresses, other.addresses),
            (self.programmes, other.programmes),
            (self.listed_on, other.listed_on),
            (self.changed_on, other.changed_on),
            (self.delisted_on, other.delisted_on),
            (self.remarks, other.remarks),
        ):
            for text in theirs:
                add(mine, text)
        for date in other.birth_dates:
            add(self.birth_dates, date)
        for number in other.identifiers:
            add(self.identifiers, number)
        for pair in other.raw:
            add(self.raw, pair)
        if other.terrorist is not None:
            self.terrorist = bool(self.terrorist) or other.terrorist

    def entry(self, list_id: str) -> Entry:
        """Freeze the draft."""
        return Entry(
            list_id=list_id,
            entry_id=self.entry_id,
            kind=self.kind,
            names=tuple(self.names),
            birth_dates=tuple(self.birth_dates),
            birth_places=tuple(self.birth_places),
            identifiers=tuple(self.identifiers),
            countries=tuple(self.countries),
            addresses=tuple(self.addresses),
            programmes=tuple(self.programmes),
            terrorist=self.terrorist,
            listed_on=tuple(self.listed_on),
            changed_on=tuple(self.changed_on),
            delisted_on=tuple(self.delisted_on),
            remarks="\n".join(self.remarks),
            raw=tuple(self.raw),
        )


class JoinedDrafts:
    """The drafts of a list that tells some subjects more than once: those with one id are merged into the first."""

    def __init__(self) -> None:
        self._by_id: dict[str, Draft] = {}
        self._without_id: list[Draft] = []

    def add(self, draft: Draft) -> None:
        """Add a draft; it may be changed afterwards."""
        known = self._by_id.get(draft.entry_id) if draft.entry_id else None
        if known is not None:
            known.merge(draft)
        elif draft.entry_id:
            self._by_id[draft.entry_id] = draft
        else:
            self._without_id.append(draft)

    def __iter__(self) -> Iterator[Draft]:
        """Yield those with an id in the order of their first drafts, then those without."""
        yield from self._by_id.values()
        yield from self._without_id


class Intake:
    """The last step of the Russian readers: ids for those without, nameless ones counted, drafts frozen.

    Args:
        source: The file.
        facts: Gets one warning for each kind of oddity when `finish` is called.
    """

    def __init__(self, source: Source, facts: Facts) -> None:
        self._source = source
        self._facts = facts
        self._derived = DerivedIds()
        self._nameless = 0
        self._without_id = 0

    def take(self, draft: Draft) -> Iterator[Entry]:
        """Yield the entry of a draft; none if it has no name and so cannot be screened."""
        if not draft.names:
            self._nameless += 1
            return
        if not draft.entry_id:
            self._without_id += 1
            draft.entry_id = self._derived.make(draft)
        yield draft.entry(self._source.list_id)

    def finish(self) -> None:
        """Write the warnings."""
        if self._nameless:
            self._facts.warnings.append(f"{self._nameless} subjects have no name and cannot be screened")
        if self._without_id:
            self._facts.warnings.append(
                f"{self._without_id} subjects have no id of their own; one was made from name, birth date and place"
            )


class DerivedIds:
    """Ids for subjects of lists that print none.

    `H` and twelve hex digits of SHA-256 over the upper-cased primary name (Ё as Е, only letters and digits), the birth
    dates and the upper-cased birth places. A change of one of these is a new id. Subjects equal in all three get
    `-2`, `-3` in the order of the list. The running number of a printed list is of no use: it moves with every edition.
    """

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def make(self, draft: Draft) -> str:
        """Return a new id."""
        name = "".join(c for c in draft.names[0].text.upper().replace("Ё", "Е") if c.isalnum())
        dates = ",".join(f"{date.start}/{date.end}" for date in draft.birth_dates)
        places = ",".join(place.upper() for place in draft.birth_places)
        digest = hashlib.sha256(f"{name}|{dates}|{places}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
        number = self._used.get(digest, 0) + 1
        self._used[digest] = number
        return f"H{digest}" if number == 1 else f"H{digest}-{number}"


def add(values: list[_Value], value: _Value) -> None:
    """Append a value unless it is empty or already there.

    Past `REPEATS_LOOKED_FOR` values repeats are no longer looked for: a hostile file must not make this quadratic.
    """
    if value and (len(values) > REPEATS_LOOKED_FOR or value not in values):
        values.append(value)


def squeeze(text: str) -> str:
    """Collapse white space."""
    return _SPACES.sub(" ", text).strip()


def xml_root(head: bytes) -> str:
    """Return the local name of the root element, empty if the head is not XML.

    Works on the head alone because a whole list is too large for a guess. Honours byte order marks and the
    declared encoding, since the Russian roots are Russian words.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        match = _DECLARATION.search(head[:400])
        encoding = match[1].decode("ascii") if match else "utf-8"
    try:
        text = head[:8192].decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    except LookupError:
        return ""
    if not text.startswith("<"):
        return ""
    text = re.sub(r"<!--.*?(-->|$)|<\?.*?(\?>|$)", "", text, flags=re.DOTALL)
    found = _ROOT.search(text)
    return found[1] if found else ""


def full_text(element: etree._Element) -> str:
    """Return all text below an element with white space collapsed."""
    return squeeze(" ".join(str(part) for part in element.itertext()))


def named(element: etree._Element) -> str:
    """Return the `Наименование` of a dictionary value, else all its text."""
    for child in element:
        if local(child) == "Наименование" and full_text(child):
            return full_text(child)
    return full_text(element)


def keep_raw(draft: Draft, element: etree._Element, path: str) -> None:
    """Put all texts and attributes below an element into `raw`, each with its path."""
    for key, value in element.attrib.items():
        if str(value).strip():
            draft.raw.append((f"{path}/@{etree.QName(key).localname}", squeeze(str(value))))
    text = squeeze(element.text or "")
    if text:
        draft.raw.append((path, text))
    for child in element:
        keep_raw(draft, child, f"{path}/{local(child)}")
        tail = squeeze(child.tail or "")
        if tail:
            draft.raw.append((path, tail))


_Handler = Callable[[Draft, etree._Element, str], None]


def _walk(draft: Draft, element: etree._Element, path: str, handlers: dict[str, _Handler]) -> None:
    """Give each child to its handler, and to `raw` if it has none; attributes, which the schema lacks, go to `raw`."""
    for key, value in element.attrib.items():
        draft.raw.append((f"{path}/@{key!s}", squeeze(str(value))))
    # A year is read last, so that it can be compared with the full date wherever that stands.
    for child in sorted(element, key=lambda one: local(one) == "ГодРождения"):
        name = local(child)
        handlers.get(name, keep_raw)(draft, child, f"{path}/{name}" if path else name)


def read_subject(element: etree._Element) -> Draft:
    """Read one `Субъект`.

    Returns:
        The draft; without names if the subject has none, without id if it has none.
    """
    draft = Draft()
    _walk(draft, element, "", _SUBJECT)
    if not draft.names:
        _rescue_name(draft, element)
    return draft


def _rescue_name(draft: Draft, element: etree._Element) -> None:
    """Look for a name in parts of a subject that are not known: better a subject of unknown kind than none."""
    for tag in ("ФИО", "Наименование"):
        for one in element.iter():
            parent = one.getparent()
            outer = local(parent) if parent is not None else ""
            if local(one) == tag and not outer.startswith(("Тип", "Страна", "Гражданство", "Документ")):
                draft.add_name(unstarred(full_text(one))[0])
        if draft.names:
            return


def _id(draft: Draft, element: etree._Element, path: str) -> None:
    draft.entry_id = full_text(element)


def _person(draft: Draft, element: etree._Element, path: str) -> None:
    draft.kind = Kind.PERSON
    parts = {local(child): full_text(child) for child in element if local(child) in _NAME_PARTS}
    _add_parts(draft, parts)
    _walk(draft, element, path, _PERSON)


def _add_parts(draft: Draft, parts: dict[str, str]) -> None:
    surname, given, patronymic = (parts.get(tag, "") for tag in ("Фамилия", "Имя", "Отчество"))
    text = parts.get("ФИО", "") or " ".join(part for part in (surname, given, patronymic) if part)
    text, starred = unstarred(text)
    if text and draft.lacks(text):
        quality = NameQuality.STRONG if draft.names else NameQuality.PRIMARY
        draft.names.append(Name(text, quality, surname, given, patronymic))
    if starred and draft.terrorist is None:
        draft.terrorist = True


def _organisation(draft: Draft, element: etree._Element, path: str) -> None:
    draft.kind = Kind.ORGANISATION
    for child in element:
        if local(child) == "Наименование":
            text, starred = unstarred(full_text(child))
            draft.add_name(text)
            if starred and draft.terrorist is None:
                draft.terrorist = True
    _walk(draft, element, path, _ORGANISATION)


def _other_names(draft: Draft, element: etree._Element, path: str) -> None:
    for child in element:
        inner = f"{path}/{local(child)}"
        if local(child) != "ДрНаименование":
            keep_raw(draft, child, inner)
            continue
        parts = {local(part): full_text(part) for part in child if local(part) in _NAME_PARTS}
        _add_parts(draft, parts)
        if len(child) == 0:
            draft.add_name(full_text(child))
        _walk(draft, child, inner, _OTHER_NAME)


def _name(draft: Draft, element: etree._Element, path: str) -> None:
    draft.add_name(unstarred(full_text(element))[0])


def _latin(draft: Draft, element: etree._Element, path: str) -> None:
    draft.add_name(full_text(element), script="Latn")


def _birth(draft: Draft, element: etree._Element, path: str) -> None:
    draft.add_birth(full_text(element), path)


def _birth_year(draft: Draft, element: etree._Element, path: str) -> None:
    # The year repeats the date where both are given; it speaks only when it differs.
    year = full_text(element)
    if not any(date.start[:4] <= year <= date.end[:4] for date in draft.birth_dates):
        draft.add_birth(year, path)


def _birth_place(draft: Draft, element: etree._Element, path: str) -> None:
    add(draft.birth_places, full_text(element))


def _number(kind: str) -> _Handler:
    def handler(draft: Draft, element: etree._Element, path: str) -> None:
        number = Identifier(kind, full_text(element), "RU")
        if number.number:
            add(draft.identifiers, number)

    return handler


def _un_number(draft: Draft, element: etree._Element, path: str) -> None:
    text = full_text(element)
    if text:
        draft.identifiers.append(Identifier("other", text, note="УНС"))


def _documents(draft: Draft, element: etree._Element, path: str) -> None:
    for child in element:
        if local(child) == "Документ":
            _document(draft, child, f"{path}/Документ")
        else:
            keep_raw(draft, child, f"{path}/{local(child)}")


def _document(draft: Draft, element: etree._Element, path: str) -> None:
    texts = dict.fromkeys(_DOCUMENT, "")
    for child in element:
        name = local(child)
        if name == "ТипДокумента":
            texts[name] = named(child)
        elif name in _DOCUMENT:
            texts[name] = full_text(child)
        else:
            keep_raw(draft, child, f"{path}/{name}")
    number = f"{texts['Серия']} {texts['Номер']}".strip()
    title = texts["ТипДокумента"]
    notes = [
        title,
        texts["ОрганВыдачи"],
        f"выдан {texts['ДатаВыдачи']}" if texts["ДатаВыдачи"] else "",
        f"с {texts['ДатаС']}" if texts["ДатаС"] else "",
        f"по {texts['ДатаПо']}" if texts["ДатаПо"] else "",
        "недействителен" if texts["ПризнакДействительности"].lower() in FALSE_WORDS else "",
    ]
    note = ", ".join(text for text in notes if text)
    if number:
        draft.identifiers.append(Identifier(document_type(title), number, document_country(title), note))
    elif note:
        draft.raw.append((path, note))


def document_type(title: str) -> str:
    """Return the identifier type of a Russian document title."""
    title = title.lower()
    if "паспорт" in title:
        return "passport"
    if "удостоверение личности" in title or "вид на жительство" in title or "свидетельство о рождении" in title:
        return "national_id"
    return "other"


def document_country(title: str) -> str:
    """Return `RU` if a Russian document title says so, else nothing."""
    words = title.lower()
    return "RU" if "российск" in words or re.search(r"\b(рф|ссср)\b", words) else ""


def _citizenships(draft: Draft, element: etree._Element, path: str) -> None:
    for child in element:
        add(draft.countries, named(child))


def _addresses(draft: Draft, element: etree._Element, path: str) -> None:
    for child in element:
        if local(child) == "Адрес":
            _address(draft, child, f"{path}/Адрес")
        else:
            keep_raw(draft, child, f"{path}/{local(child)}")


def _address(draft: Draft, element: etree._Element, path: str) -> None:
    text = squeeze(element.text or "")
    parts: dict[str, str] = {}
    for child in element.iter():
        name = local(child)
        if child is element or name in ("НормАдрес", "ТипАдреса"):
            continue
        if name == "ТекстАдреса":
            text = full_text(child)
        elif name in _ADDRESS_PARTS:
            parts[name] = named(child)
        elif len(child) == 0:
            parent = child.getparent()
            if parent is None or local(parent) not in ("ТипАдреса", "Страна"):
                keep_raw(draft, child, f"{path}/{name}")
    add(draft.addresses, text or ", ".join(parts[name] for name in _ADDRESS_PARTS if parts.get(name)))


def _history(draft: Draft, element: etree._Element, path: str) -> None:
    for child in element:
        name = local(child)
        inner = f"{path}/{name}"
        text = full_text(child)
        if name == "ДатаВключения":
            draft.add_day(draft.listed_on, text, inner)
        elif name == "ДатаИсключения":
            draft.add_day(draft.delisted_on, text, inner)
        elif name == "ДатаИзменения":
            draft.add_day(draft.changed_on, text, inner)
        else:
            keep_raw(draft, child, inner)


def _terrorist(draft: Draft, element: etree._Element, path: str) -> None:
    word = full_text(element).lower()
    if word in TRUE_WORDS:
        draft.terrorist = True
    elif word in FALSE_WORDS:
        draft.terrorist = False
    else:
        draft.raw.append((path, word))


def _remark(draft: Draft, element: etree._Element, path: str) -> None:
    add(draft.remarks, full_text(element))


def _nothing(draft: Draft, element: etree._Element, path: str) -> None:
    """Handled elsewhere."""


_NAME_PARTS = frozenset(("ФИО", "Фамилия", "Имя", "Отчество"))
_DOCUMENT = frozenset(
    (
        "ТипДокумента",
        "Серия",
        "Номер",
        "ОрганВыдачи",
        "ДатаВыдачи",
        "ДатаС",
        "ДатаПо",
        "ПризнакДействительности",
    )
)
_PARTS: dict[str, _Handler] = dict.fromkeys(_NAME_PARTS, _nothing)
_OTHER_NAME: dict[str, _Handler] = {
    **_PARTS,
    "Наименование": _name,
    "ФИОЛат": _latin,
    "НаименованиеЛат": _latin,
    "ДатаРождения": _birth,
    "ГодРождения": _birth_year,
}
_PERSON: dict[str, _Handler] = {
    **_PARTS,
    "ФИОЛат": _latin,
    "ДатаРождения": _birth,
    "ГодРождения": _birth_year,
    "МестоРождения": _birth_place,
    "ИНН": _number("inn"),
    "СНИЛС": _number("snils"),
    "СписокДокументов": _documents,
    "СписокДрНаименований": _other_names,
    "СписокГражданств": _citizenships,
}
_ORGANISATION: dict[str, _Handler] = {
    "Наименование": _nothing,
    "НаименованиеЛат": _latin,
    "СписокДрНаименований": _other_names,
    "ИНН": _number("inn"),
    "ОГРН": _number("ogrn"),
}
_SUBJECT: dict[str, _Handler] = {
    "ИдСубъекта": _id,
    "УНС": _un_number,
    "ФЛ": _person,
    "ЮЛ": _organisation,
    "Орг": _organisation,
    "СписокАдресов": _addresses,
    "История": _history,
    "Террорист": _terrorist,
    "Примечание": _remark,
}


def unstarred(text: str) -> tuple[str, bool]:
    """Take the asterisk off a printed name.

    Returns:
        The name without leading and trailing asterisks, and whether there was one. In the published list the asterisk
        stands at more than four fifths of the people; that it means terrorism as opposed to extremism is inferred,
        not said by the publisher.
    """
    text = squeeze(text)
    bare = text.strip("* ")
    return bare, "*" in text and bare != text


def split_brackets(text: str) -> tuple[str, list[str]]:
    """Part a printed name from the other names in brackets behind it.

    Brackets may be nested or left open. Other names are separated by semicolons.

    Returns:
        What stands outside the brackets (each pair replaced by one blank), and the other names.
    """
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for c in text:
        if c == "(":
            depth += 1
            if depth == 1:
                outside.append(" ")
                continue
        elif c == ")":
            if depth == 1:
                inside.append(";")
            if depth <= 1:
                depth = 0
                continue
            depth -= 1
        (inside if depth else outside).append(c)
    return squeeze("".join(outside)), [name for part in "".join(inside).split(";") if (name := squeeze(part))]
