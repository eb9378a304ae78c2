"""Parts that several families write, each where it was seen.

Orders and names: the public programs and parsers that docs/fes.md names. What is said to be K there is a code that a
bank has to look up; what is I is an analogy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sito.fes.elements import (
    AMOUNT,
    CLOCK,
    COUNT,
    DAY,
    FLAG,
    PHONE,
    RECORD,
    Choice,
    Group,
    Leaf,
    Place,
    code,
    digits,
    text,
)

RECORD_TYPES = {"new": "1", "correction": "2", "replacement": "3", "deletion": "4"}
BUILDER = "public builder of freeze messages"
PARSERS = "two public parsers of operation messages"
INSURER = "public classes of an insurer"
GENERATORS = "three public generators"
EXCHANGE = "public classes of the exchange of refusals"
TYPES_398107 = "types of a draft edition that is not in force"


def organisation(place: Place) -> Any:
    """Return who reports."""
    return place.message.organisation


def record_number(place: Place) -> str:
    """Return the number of the record that is being written."""
    return str(place.numbers.records[place.index])


def record_type(place: Place) -> str:
    """Return what the record is to those that were sent before."""
    return RECORD_TYPES[place.message.record_type]


def leaf(name: str, form: Any, path: str, **more: Any) -> Leaf:
    """Return an element whose value is an attribute of the part, as `name.family`; None on the way is no value."""
    names = path.split(".")

    def get(place: Place) -> Any:
        found = place.it
        for one in names:
            found = getattr(found, one, None)
        return found

    return Leaf(name, form, get, **more)


def of_organisation(name: str, form: Any, path: str, **more: Any) -> Leaf:
    """Return an element whose value is an attribute of the organisation."""
    one = leaf(name, form, path, **more)
    return Leaf(
        name, form, lambda place: one.get(Place(place.message, place.numbers, organisation(place))), must=one.must,
        dictionary=one.dictionary, certainty=one.certainty, source=one.source,
    )  # fmt: skip


def constant(name: str, form: Any, value: str, **more: Any) -> Leaf:
    """Return an element that always says the same."""
    return Leaf(name, form, lambda _: value, must=True, **more)


def present(path: str) -> Any:
    """Return what writes a group once if an attribute is there, with it as the part."""

    def each(place: Place) -> list[Any]:
        found = place.it
        for one in path.split("."):
            found = getattr(found, one, None)
        return [] if found is None else [found]

    return each


def full_name(name: str, path: str, source: str, *, certainty: str = "S") -> Group:
    """Return a name in parts, or in one line."""
    return Group(
        name,
        (
            leaf("Фам", text(100), "family", certainty=certainty, source=source),
            leaf("Имя", text(100), "given", certainty=certainty, source=source),
            leaf("Отч", text(100), "patronymic", certainty=certainty, source=source),
            leaf("ФИОСтрока", text(500), "line", certainty=certainty, source=TYPES_398107),
        ),
        each=present(path), certainty=certainty, source=source,
    )  # fmt: skip


def service(
    version: str, kind_number: Any, *, source: str, number_certainty: str, version_certainty: str = "S",
    certainty: str = "S",
) -> Group:  # fmt: skip
    """Return the service part; it was seen to be the same with banks and non-credit institutions.

    Args:
        version: Of the format. kind_number: From a place to the number: `3`.
        number_certainty, version_certainty: Of these two values. certainty: Of all elements.
    """
    sure: dict[str, Any] = {"certainty": certainty, "source": source}
    officer = Group(
        "ФИОУполнСотрудн",
        full_name("", "officer.name", source, certainty=certainty).items,
        each=lambda place: [organisation(place).officer.name], certainty=certainty, source=source,
    )  # fmt: skip
    return Group(
        "СлужЧасть",
        (
            constant("ВерсияФормата", text(20), version, certainty=version_certainty, source=source),
            constant("ВерсПрог", text(50), "sito", **sure),
            of_organisation("ИДКорр", code(20), "correspondent_id", must=True, **sure),
            Leaf("ТипИнф", digits(1, 2), kind_number, must=True, certainty=number_certainty, source=source),
            Leaf("ДатаСообщения", DAY, lambda place: place.numbers.message_date, must=True, **sure),
            of_organisation("УполнСотрудн", text(250), "officer.position", must=True, **sure),
            officer,
            of_organisation("ТелУполнСотрудн", PHONE, "officer.phone", must=True, **sure),
            of_organisation("ЭлектроннаяПочта", text(100), "officer.email", must=True, **sure),
        ),
        source=source,
    )


def record_head(source: str, *, certainty: str = "S") -> tuple[Leaf, Leaf]:
    """Return number and type of a record."""
    return (
        Leaf("НомерЗаписи", RECORD, record_number, must=True, certainty=certainty, source=source),
        Leaf("ТипЗаписи", FLAG, record_type, must=True, dictionary="record_types", certainty=certainty, source=source),
    )


def basis(source: str, *, name: str = "ОснованиеОп", extra: tuple[Leaf, ...] = ()) -> Group:
    """Return the documents that an operation is based on."""
    return Group(
        name,
        (
            leaf("КодДок", code(20), "code", must=True, source=source),
            leaf("ИноеНаимДок", text(500), "name", source=source),
            leaf("ДатаДок", DAY, "issued_on", source=source),
            leaf("НомДок", text(100), "number", source=source),
            *extra,
        ),
        each=lambda place: place.it.bases, must=False, many=True, source=source,
    )  # fmt: skip


def address(name: str, path: str, source: str, *, is_whole: bool = True, certainty: str = "S") -> Group:
    """Return a place; `is_whole` with street, house and flat."""
    parts = [
        leaf("Индекс", text(20), "postcode", certainty=certainty, source=source),
        leaf("КодОКСМ", digits(3, 3), "country_code", certainty=certainty, source=source),
        leaf("СтранаНаименование", text(250), "country", certainty=certainty, source=source),
        leaf("КодСубъектаПоОКАТО", digits(2, 11), "region_code", certainty=certainty, source=source),
        leaf("Район", text(250), "district", certainty=certainty, source=source),
        leaf("Пункт", text(250), "town", certainty=certainty, source=source),
        leaf("Улица", text(250), "street", certainty=certainty, source=source),
        leaf("Дом", text(50), "house", certainty=certainty, source=source),
        leaf("Корп", text(50), "building", certainty=certainty, source=source),
        leaf("Оф", text(50), "flat", certainty=certainty, source=source),
    ]
    chosen = parts if is_whole else parts[1:6]
    return Group(name, tuple(chosen), each=present(path), must=False, certainty=certainty, source=source)


def person(source: str, *, certainty: str = "S") -> Group:
    """Return who is a natural person."""
    document = Group(
        "СведДокУдЛичн",
        (
            leaf("ВидДокКод", code(10), "kind_code", must=True, dictionary="documents", certainty=certainty,
                 source=source),
            leaf("ВидДокНаименование", text(250), "kind_name", certainty=certainty, source=source),
            leaf("СерияДок", text(50), "series", certainty=certainty, source=source),
            leaf("НомДок", text(50), "number", must=True, certainty=certainty, source=source),
            leaf("ДатВыдачиДок", DAY, "issued_on", certainty=certainty, source=source),
            leaf("КемВыданДок", text(500), "issued_by", certainty=certainty, source=source),
            leaf("КодПодр", text(20), "unit_code", certainty=certainty, source=source),
        ),
        each=present("document"), must=False, certainty=certainty, source=source,
    )  # fmt: skip
    return Group(
        "СведФЛИП",
        (
            full_name("ФИОФЛИП", "name", source, certainty=certainty),
            leaf("ИННФЛИП", digits(10, 12), "inn", certainty=certainty, source=source),
            Leaf("ДокУдЛичн", FLAG, lambda place: "1" if place.it.document else "0", must=True, certainty=certainty,
                 source=source),
            document,
            leaf("ДатаРождения", DAY, "birth_date", certainty=certainty, source=source),
            address("МестоРожд", "birth_place", source, is_whole=False, certainty=certainty),
            leaf("КодОКСМ", digits(3, 3), "country_code", certainty=certainty, source=source),
            leaf("СтранаНаименование", text(250), "country", certainty=certainty, source=source),
            leaf("ПризнакПубЛицо", FLAG, "is_public", must=True, certainty=certainty, source=source),
            address("АдрРег", "address", source, certainty=certainty),
        ),
        certainty=certainty, source=source,
    )  # fmt: skip


def company(source: str, *, certainty: str = "S") -> Group:
    """Return who is a legal entity."""
    return Group(
        "СведЮЛ",
        (
            leaf("НаимЮЛ", text(1000), "name", must=True, certainty=certainty, source=source),
            leaf("ПризнакФлЮЛ", FLAG, "is_branch", must=True, certainty=certainty, source=source),
            leaf("ИННЮЛ", digits(10, 10), "inn", certainty=certainty, source=source),
            leaf("КППЮЛ", digits(9, 9), "kpp", certainty=certainty, source=source),
            leaf("ОГРНЮЛ", digits(13, 13), "ogrn", certainty=certainty, source=source),
        ),
        certainty=certainty, source=source,
    )  # fmt: skip


def sides(source: str, *, certainty: str = "S") -> Choice:
    """Return a company or a person, each within an element that says which."""
    return Choice((
        Group("УчастникЮЛ", (company(source, certainty=certainty),), each=present("company"), certainty=certainty,
              source=source),
        Group("УчастникФЛИП", (person(source, certainty=certainty),), each=present("person"), certainty=certainty,
              source=source),
    ))  # fmt: skip


def bare_sides(source: str, *, certainty: str, without: frozenset[str] = frozenset()) -> Choice:
    """Return a company or a person right below the participant; `without` are elements that were not seen there."""
    found = []
    for one, path in (
        (company(source, certainty=certainty), "company"),
        (person(source, certainty=certainty), "person"),
    ):
        items = tuple(item for item in one.items if not isinstance(item, Choice) and item.name not in without)
        found.append(replace(one, items=items, each=present(path)))
    return Choice(tuple(found))


def bank_of(source: str, *, certainty: str = "S") -> Group:
    """Return the account of a side and the bank that keeps it."""
    return Group(
        "СведенияКО",
        (
            leaf("БИККО", digits(9, 9), "bic", certainty=certainty, source=source),
            leaf("НомерСчета", text(50), "number", certainty=certainty, source=source),
            leaf("НаимКО", text(500), "bank", certainty=certainty, source=source),
        ),
        each=present("account"), must=False, certainty=certainty, source=source,
    )  # fmt: skip


def participants(items: tuple[Any, ...], source: str, *, name: str = "УчастникОп", certainty: str = "S") -> Group:
    """Return the sides of an operation."""
    return Group(name, items, each=lambda place: place.it.participants, many=True, certainty=certainty, source=source)


def codes_of_participant(source: str, *, with_code: bool, certainty: str = "S") -> tuple[Leaf, ...]:
    """Return the codes by which a side of an operation is described."""
    own = (leaf("КодУчастника", code(10), "code", dictionary="participant_codes", certainty=certainty, source=source),)
    return (
        leaf("СтатусУчастника", code(10), "status", must=True, dictionary="participant_statuses", certainty=certainty,
             source=source),
        *(own if with_code else ()),
        leaf("ТипУчастника", code(10), "kind", must=True, dictionary="participant_kinds", certainty=certainty,
             source=source),
        leaf("ПризнУчастника", code(10), "mark", must=True, dictionary="participant_marks", certainty=certainty,
             source=source),
        leaf("ПризнКлиент", FLAG, "is_client", must=True, certainty=certainty, source=source),
    )  # fmt: skip


def check_result(record: tuple[Leaf, ...]) -> Group:
    """Return the result of a check of clients: names and order are placeholders, no format of it was found."""
    listed = Group(
        "Выявлено", (Leaf("КодЮЛФЛ", text(50), lambda place: place.it, must=True, certainty="I"),),
        each=lambda place: place.it.subject_ids, must=False, many=True, certainty="I",
    )  # fmt: skip
    return Group(
        "Проверка",
        (
            *record,
            leaf("ДатаПроверки", DAY, "checked_on", must=True, certainty="I"),
            leaf("КолКлиент", COUNT, "client_count", must=True, certainty="I"),
            leaf("КолВыявлено", COUNT, "match_count", must=True, certainty="I"),
            listed,
        ),
        each=lambda place: [place.message.body], certainty="I",
    )  # fmt: skip


def measure(record: tuple[Leaf, ...], *, name: str = "Меры", source: str = BUILDER, certainty: str = "S",
            tail: tuple[Leaf, ...] = ()) -> Group:  # fmt: skip
    """Return measures that were taken, one record each; the official structure holds more than was seen."""
    ground = Group(
        "МераОснование",
        (
            leaf("КодОснования", code(10), "ground_code", must=True, dictionary="grounds", certainty=certainty,
                 source=source),
            leaf("КодЮЛФЛ", text(50), "subject_id", must=True, certainty=certainty, source=source),
        ),
        certainty=certainty, source=source,
    )  # fmt: skip
    return Group(
        name,
        (
            *record,
            ground,
            leaf("ДатаБлок", DAY, "blocked_at", must=True, certainty=certainty, source=source),
            leaf("ВремяБлок", CLOCK, "blocked_at", must=True, certainty=certainty, source=source),
            leaf("ВидСредств", code(10), "funds_code", must=True, dictionary="funds", certainty=certainty,
                 source=source),
            leaf("НомерСчетСейф", text(50), "account", must=True, certainty=certainty, source=source),
            leaf("СумРуб", AMOUNT, "amount_kopecks", must=True, certainty=certainty, source=source),
            *tail,
        ),
        each=lambda place: place.message.body.measures, many=True, certainty=certainty, source=source,
    )  # fmt: skip
