"""OpenSanctions `entities.ftm.json`: one entity of the FollowTheMoney model a line.

Subjects (people, organisations, vessels, …) are yielded. What is said about them in entities of their own
(`Sanction`, `Address`, `Identification`, `Passport`) is collected in a first pass over the bytes, in whatever order the
lines come, and joined. Relations (`Ownership`, `Family`, …) are counted in a warning, not read.

List id: as in `sito.lists.opensanctions`, from `datasets`. Edition date: the newest `last_seen`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sito.entries import BirthDate, Entry, Identifier, Kind, Name, NameQuality
from sito.lists.dates import iso_date, parse_birth_date
from sito.lists.opensanctions import KINDS, LINE_MAX, MIXED, dataset_id
from sito.lists.source import ALIAS_COUNT_MAX, Facts, Source

FORMAT = "ftm-json"

_JOINED = frozenset(("Sanction", "Address", "Identification", "Passport"))
_JOINED_MARKS = tuple(f'"{schema}"'.encode() for schema in sorted(_JOINED))
_SUBJECTS = frozenset(KINDS) - {"", "Address"}
_NAMES = {
    "name": NameQuality.STRONG,
    "alias": NameQuality.STRONG,
    "weakAlias": NameQuality.WEAK,
    "previousName": NameQuality.FORMER,
    "abbreviation": NameQuality.WEAK,
}
_NUMBERS = {
    "innCode": ("inn", "RU"),
    "ogrnCode": ("ogrn", "RU"),
    "snilsCode": ("snils", "RU"),
    "okpoCode": ("registration", "RU"),
    "kppCode": ("other", "RU"),
    "passportNumber": ("passport", ""),
    "idNumber": ("national_id", ""),
    "socialSecurityNumber": ("national_id", ""),
    "taxNumber": ("tax_id", ""),
    "vatCode": ("tax_id", ""),
    "registrationNumber": ("registration", ""),
    "imoNumber": ("imo", ""),
    "mmsi": ("mmsi", ""),
    "callSign": ("call_sign", ""),
    "serialNumber": ("tail_number", ""),
    "swiftBic": ("bic", ""),
    "bikCode": ("bic", "RU"),
    "leiCode": ("lei", ""),
    "publicKey": ("wallet", ""),
    "phone": ("phone", ""),
    "email": ("other", ""),
    "isin": ("other", ""),
    "isinCode": ("other", ""),
    "dunsCode": ("other", ""),
    "cageCode": ("other", ""),
}
_COUNTRIES = ("nationality", "citizenship", "country", "jurisdiction", "flag")
# Fields that name parts of a name or repeat another field: read elsewhere or without use of their own.
_USED = frozenset(
    (*_NAMES, *_NUMBERS, *_COUNTRIES, "firstName", "lastName", "fatherName", "middleName", "secondName", "birthDate")
) | {
    "birthPlace",
    "address",
    "addressEntity",
    "programId",
    "program",
    "gender",
    "title",
    "position",
    "notes",
    "summary",
    "topics",
}


class _Line(msgspec.Struct):
    id: str = ""
    schema: str = ""
    caption: str = ""
    properties: dict[str, list[str]] = {}
    datasets: list[str] = []
    target: bool | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    last_change: str | None = None


class _Datasets(msgspec.Struct):
    datasets: list[str] = []


class _Joins:
    """What other entities say about subjects, by subject or by address id."""

    def __init__(self) -> None:
        self.programmes: dict[str, list[str]] = {}
        self.listed_on: dict[str, list[str]] = {}
        self.identifiers: dict[str, list[Identifier]] = {}
        self.addresses: dict[str, str] = {}
        self.used = 0


_decode = msgspec.json.Decoder(_Line).decode
_decode_datasets = msgspec.json.Decoder(_Datasets).decode


def detect(head: bytes, name: str) -> str | None:
    """Recognise a first line that is an entity; see `sito.lists.source` for the protocol."""
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    if not line.startswith(b"{"):
        return None
    try:
        one = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # A first line longer than the head cannot be decoded; its keys tell enough.
        return MIXED if b'"schema"' in line and b'"properties"' in line and b'"id"' in line else None
    return MIXED if one.id and one.schema and b'"properties"' in line else None


def identify(chunks: Iterator[bytes]) -> str:
    """Find the list id from `datasets`, reading no further than to the second dataset."""
    first = ""
    rest = b""
    try:
        for chunk in chunks:
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_MAX:
                return MIXED
            for line in lines:
                if line.strip():
                    for dataset in _decode_datasets(line.removeprefix(b"\xef\xbb\xbf")).datasets:
                        first = first or dataset
                        if dataset != first:
                            return MIXED
        if rest.strip():
            for dataset in _decode_datasets(rest.removeprefix(b"\xef\xbb\xbf")).datasets:
                first = first or dataset
                if dataset != first:
                    return MIXED
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return MIXED  # `read` will say which line is wrong
    return dataset_id(first)


def read(source: Source, facts: Facts) -> Iterator[Entry]:
    """Yield the subjects.

    Raises:
        ListError: LST410 a line that is no JSON entity; LST411 an entity without id or schema; LST412 a line above
            16 MiB; LST413 more than `ALIAS_COUNT_MAX` names of one entity.
    """
    joins = _Joins()
    skipped: dict[str, int] = {}
    for number, line in _lines(source):
        if any(mark in line for mark in _JOINED_MARKS):
            one = _entity(source, number, line)
            if one.schema in _JOINED:
                _collect(one, joins)
    last_day = ""
    nameless = 0
    for number, line in _lines(source):
        one = _entity(source, number, line)
        last_day = max(last_day, one.last_seen or "")
        # A target is a listed subject whatever its schema, be it one that came later than this reader.
        if one.schema not in _SUBJECTS and not one.target:
            if one.schema not in _JOINED:
                skipped[one.schema] = skipped.get(one.schema, 0) + 1
            continue
        names = _names(one)
        if len(names) > ALIAS_COUNT_MAX:
            raise source.error(
                "LST413", expected=f"at most {ALIAS_COUNT_MAX} names", got=str(len(names)), where=f"line {number}"
            )
        if not names:
            nameless += 1
            continue
        yield _entry(source.list_id, one, names, joins)
    facts.edition_date = iso_date(last_day[:10])
    if nameless:
        facts.warnings.append(f"{nameless} entities have no name and cannot be screened")
    if skipped:
        words = ", ".join(f"{schema[:40]} {count}" for schema, count in sorted(skipped.items())[:30])
        facts.warnings.append(f"entities that are no subjects were left out: {words}")


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    with source.open() as stream:
        number = 0
        while line := stream.readline(LINE_MAX + 1):
            number += 1
            if len(line) > LINE_MAX:
                raise source.error(
                    "LST412", expected=f"lines of at most {LINE_MAX} bytes", got="more", where=f"line {number}"
                )
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, line


def _entity(source: Source, number: int, line: bytes) -> _Line:
    try:
        one = _decode(line)
    except msgspec.MsgspecError as error:
        # Messages of the decoder name a path and types, never values.
        fault = "JSON of another shape" if isinstance(error, msgspec.ValidationError) else "broken JSON"
    except UnicodeDecodeError:
        fault = "bytes that are not UTF-8"
    else:
        if one.id and one.schema:
            return one
        raise source.error("LST411", expected="an id and a schema", got="an entity without", where=f"line {number}")
    raise source.error(
        "LST410", expected="one JSON entity a line", got=fault, where=f"line {number}", todo="fetch the file again"
    )


def _collect(one: _Line, joins: _Joins) -> None:
    properties = one.properties
    if one.schema == "Address":
        text = next(iter(properties.get("full", [])), "") or one.caption
        if text:
            joins.addresses[one.id] = text
        return
    if one.schema == "Sanction":
        texts = [text for key in ("program", "programId", "authority") for text in properties.get(key, [])]
        days = [
            day for key in ("listingDate", "startDate") for text in properties.get(key, []) if (day := iso_date(text))
        ]
        for subject in properties.get("entity", []):
            joins.programmes.setdefault(subject, []).extend(texts)
            joins.listed_on.setdefault(subject, []).extend(days)
        return
    title = ", ".join(properties.get("type", []) + properties.get("authority", []))
    country = next(iter(properties.get("country", [])), "").upper()
    kind = "passport" if one.schema == "Passport" else "other"
    for subject in properties.get("holder", []):
        joins.identifiers.setdefault(subject, []).extend(
            Identifier(kind, text, country, title) for text in properties.get("number", [])
        )


def _names(one: _Line) -> tuple[Name, ...]:
    properties = one.properties
    found: dict[str, NameQuality] = {}
    if one.caption.strip() and one.caption in properties.get("name", ()):
        # The caption is the name that the publisher shows; it leads.
        found[one.caption.strip()] = NameQuality.PRIMARY
    for key, quality in _NAMES.items():
        for text in properties.get(key, ()):
            if text.strip():
                found.setdefault(text.strip(), quality)
    parts = [properties.get(key, []) for key in ("firstName", "fatherName", "lastName")]
    if not found:
        text = " ".join(values[0].strip() for values in parts if values)
        if text:
            found[text] = NameQuality.PRIMARY
        elif one.caption.strip():
            found[one.caption.strip()] = NameQuality.PRIMARY
    single = all(len(values) <= 1 for values in parts)
    names: list[Name] = []
    for text, quality in found.items():
        if names:
            names.append(Name(text, quality))
            continue
        given, patronymic, surname = (values[0] if single and values else "" for values in parts)
        fits = all(part.lower() in text.lower() for part in (given, patronymic, surname))
        parts_text = (surname, given, patronymic) if fits else ("", "", "")
        names.append(Name(text, NameQuality.PRIMARY, *parts_text))
    return tuple(names)


def _entry(list_id: str, one: _Line, names: tuple[Name, ...], joins: _Joins) -> Entry:
    properties = one.properties
    raw: list[tuple[str, str]] = [("schema", one.schema), ("datasets", ";".join(one.datasets))]
    if one.first_seen:
        raw.append(("first_seen", one.first_seen))
    dates: dict[BirthDate, None] = {}
    for text in properties.get("birthDate", ()):
        date = parse_birth_date(text)
        if date is None:
            raw.append(("birthDate", text))
        else:
            dates[date] = None
    identifiers = [
        Identifier(kind, text, country, note=key if kind == "other" else "")
        for key, (kind, country) in _NUMBERS.items()
        for text in properties.get(key, ())
    ]
    # `idNumber` and others repeat numbers of documents that are entities of their own, which say more.
    told = {number.number for number in joins.identifiers.get(one.id, ())}
    identifiers = [number for number in identifiers if number.number not in told] + joins.identifiers.get(one.id, [])
    countries = dict.fromkeys(text.upper() for key in _COUNTRIES for text in properties.get(key, ()))
    addresses = [*properties.get("address", ())]
    addresses += [joins.addresses[key] for key in properties.get("addressEntity", ()) if key in joins.addresses]
    programmes = [*joins.programmes.get(one.id, ()), *properties.get("program", ()), *properties.get("programId", ())]
    raw += [(key, text) for key, texts in properties.items() if key not in _USED for text in texts]
    raw += [("topics", text) for text in properties.get("topics", ())]
    return Entry(
        list_id=list_id,
        entry_id=one.id,
        kind=KINDS.get(one.schema, Kind.OTHER),
        names=names,
        birth_dates=tuple(dates),
        birth_places=tuple(dict.fromkeys(properties.get("birthPlace", ()))),
        identifiers=tuple(dict.fromkeys(identifiers)),
        countries=tuple(countries),
        addresses=tuple(dict.fromkeys(addresses)),
        programmes=tuple(dict.fromkeys(programmes)),
        listed_on=tuple(dict.fromkeys(joins.listed_on.get(one.id, ()))),
        changed_on=(one.last_change[:10],) if one.last_change else (),
        gender=next(iter(properties.get("gender", ())), ""),
        titles=tuple(dict.fromkeys([*properties.get("title", ()), *properties.get("position", ())])),
        remarks="\n".join([*properties.get("notes", ()), *properties.get("summary", ())]),
        raw=tuple(raw),
    )
