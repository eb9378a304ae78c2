"""The formats of the families: which root, which elements in which order, and how sure each is.

What nobody has published is written by analogy with what was seen, marked I, and the whole format is a draft: its log
line says so, and a bank enforces the official schema by putting it into a folder (`Schemas.with_official`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sito.fes.elements import AMOUNT, DAY, FLAG, Format, Group, Leaf, code, digits, text
from sito.fes.kinds import kind_numbers, number_of
from sito.fes.model import Family, Kind
from sito.fes.parts import (
    BUILDER,
    EXCHANGE,
    GENERATORS,
    INSURER,
    PARSERS,
    bank_of,
    bare_sides,
    basis,
    check_result,
    codes_of_participant,
    constant,
    leaf,
    measure,
    of_organisation,
    organisation,
    participants,
    record_head,
    service,
    sides,
)  # fmt: skip

ORDER_261 = "Order 261 of 2015-08-27, repealed"
RULES = "required contents by the rules; names are placeholders"


def _once(name: str, *items: Any, certainty: str = "S", source: str = "") -> Group:
    return Group(name, items, certainty=certainty, source=source)


def _weaker(one: str, other: str) -> str:
    return max(one, other, key="SIK".index)


def _number(kind: Kind) -> Any:
    return lambda place: number_of(organisation(place), kind).lstrip("0")


def _body(place: Any) -> list[Any]:
    return [place.message.body]


def _operation_of(place: Any) -> list[Any]:
    return [place.message.body.operation]


# --- credit institutions ----------------------------------------------------------------------------------------------


def _bank(*records: Any, source: str, certainty: str = "S") -> Group:
    branch = Group(
        "ИнфФилиал",
        (
            of_organisation("РегНомКО", digits(1, 9), "registration_number", must=True, source=source),
            of_organisation("НомФл", digits(1, 4), "branch_number", must=True, source=source),
            of_organisation("БИКФл", digits(9, 9), "bic", must=True, source=source),
            of_organisation("ОКАТОФл", digits(2, 11), "okato", must=True, source=source),
        ),
        each=lambda place: [] if organisation(place).branch_number in {"", "0000"} else [organisation(place)],
        must=False, source=source,
    )  # fmt: skip
    return _once(
        "ИнформЧасть",
        _once(
            "ИнфБанк",
            of_organisation("РегНомКО", digits(1, 9), "registration_number", must=True, source=source),
            of_organisation("БИККО", digits(9, 9), "bic", must=True, source=source),
            of_organisation("ОКАТОКО", digits(2, 11), "okato", must=True, source=source),
            source=source,
        ),
        _once(
            "СведКО",
            Leaf(
                "ПризнакПредставСвед", FLAG,
                lambda place: "0" if organisation(place).branch_number in {"", "0000"} else "1", must=True,
                source=source,
            ),
            branch,
            *records,
            certainty=certainty, source=source,
        ),
        source=source,
    )  # fmt: skip


def _ko(name: str, kind: Kind, *records: Any, source: str, certainty: str = "S") -> Format:
    number, sure = kind_numbers()[kind].number, kind_numbers()[kind].certainty
    root = _once(
        name, service("2.0", _number(kind), source=BUILDER, number_certainty=sure), _bank(*records, source=BUILDER),
        certainty=certainty, source=source,
    )  # fmt: skip
    return Format(Family.KO, kind, root, number, sure, is_draft=True, source=source)


def _operation_ko(*tail: Any, certainty: str = "S") -> Group:
    source = PARSERS
    return Group(
        "Операция",
        (
            *record_head(source),
            leaf("НомерОперация", text(50), "number", source=source),
            leaf("ПризнФТр", FLAG, "is_terror", must=True, source=source),
            leaf("ДатаОперации", DAY, "performed_on", must=True, source=source),
            leaf("ДатаВыявления", DAY, "found_on", source=source),
            leaf("КодПризнОперации", code(10), "sign_code", dictionary="sign_codes", source=source),
            leaf("ПризнОперацияЭСП", FLAG, "is_electronic", must=True, source=source),
            leaf("КодОперации", code(10), "code", must=True, dictionary="operations", source=source),
            leaf("ПризнНеобОперации", code(10), "unusual_codes", many=True, dictionary="unusual", source=source),
            leaf("КодВал", digits(3, 3), "currency_code", must=True, source=source),
            leaf("СумОперации", AMOUNT, "amount_kopecks", must=True, source=source),
            leaf("СумРуб", AMOUNT, "rouble_kopecks", must=True, source=source),
            basis(source),
            leaf("НазнПлатеж", text(500), "purpose", source=source),
            leaf("ХарактерОп", text(500), "nature", source=source),
            participants(
                (
                    *codes_of_participant(source, with_code=False),
                    sides(source),
                    leaf("КомментУчастник", text(500), "comment", source=source),
                ),
                source,
            ),
            leaf("Коммент", text(500), "comment", source=source),
            *tail,
        ),
        each=_operation_of, certainty=certainty, source=source,
    )  # fmt: skip


def _released(place: Any) -> Any:
    return place.message.body.released_at


# A release is a record of the same measure with its end: nothing of its format was found.
RELEASE = (
    Leaf("КодОснованияОтмены", code(10), lambda place: place.message.body.ground, must=True,
         dictionary="release_grounds", certainty="I", source=RULES),
    Leaf("ДатаОтмены", DAY, _released, must=True, certainty="I", source=RULES),
)  # fmt: skip
SUSPENSION = (
    Leaf("КодОснованияПриост", code(10), lambda place: place.message.body.ground_code, must=True,
         dictionary="suspension_grounds", certainty="I", source=RULES),
    Leaf("ДатаПриост", DAY, lambda place: place.message.body.suspended_on, must=True, certainty="I", source=RULES),
    Leaf("ДатаОкончПриост", DAY, lambda place: place.message.body.until, certainty="I", source=RULES),
)  # fmt: skip


def _deletion(*, certainty: str, record: bool) -> Group:
    """Return what is deleted: four elements that an order showed that is repealed, for organisations of Order 110."""
    sure: dict[str, Any] = {"certainty": certainty, "source": ORDER_261}
    number = leaf("НомерЗаписи", text(50), "record_number", certainty="I", source=RULES)
    reason = leaf("ПричинаУдаления", text(500), "reason", certainty="I", source=EXCHANGE)
    return Group(
        "Удаление",
        (
            *((number,) if record else ()),
            Leaf("НомерФЭС", digits(10, 10), lambda place: place.it.file_name.removesuffix(".xml")[-10:], must=True,
                 **sure),
            Leaf("ИдентификаторФЭС", text(50), lambda place: place.it.file_name.removesuffix(".xml"), must=True,
                 **sure),
            leaf("ДатаФЭС", DAY, "sent_on", must=True, **sure),
            Leaf("ВидФЭС", digits(2, 2), lambda place: number_of(organisation(place), place.it.of_kind), must=True,
                 **sure),
            *((reason,) if record else ()),
        ),
        each=_body, certainty="I", source=ORDER_261,
    )  # fmt: skip


def _refusal(source: str, certainty: str) -> Group:
    return Group(
        "Отказ",
        (
            *record_head(source, certainty=certainty),
            Leaf("ПредметОтказа", FLAG, lambda place: {"operation": "1", "contract": "2"}[place.it.subject], must=True,
                 certainty=certainty, source=source),
            leaf("КодОтказа", code(10), "refusal_code", must=True, dictionary="refusals", certainty=certainty,
                 source=source),
            leaf("ДатаОтказа", DAY, "refused_on", must=True, certainty=certainty, source=source),
            leaf("КодПричинаОтказ", code(10), "reason_codes", many=True, dictionary="refusal_reasons",
                 certainty=certainty, source=source),
            participants(
                (
                    *codes_of_participant(source, with_code=False, certainty=certainty),
                    sides(source, certainty=certainty),
                ),
                source, certainty=certainty,
            ),
        ),
        each=_body, certainty=certainty, source=source,
    )  # fmt: skip


# --- non-credit institutions ------------------------------------------------------------------------------------------


def _institution(source: str, certainty: str) -> tuple[Any, Any]:
    head = _once(
        "ИнфНФОП",
        of_organisation("НаимНФО", text(500), "name", must=True, certainty=certainty, source=source),
        constant("ПризнакФлНФО", FLAG, "0", certainty=certainty, source=source),
        of_organisation("ИНННФО", digits(10, 10), "inn", must=True, certainty=certainty, source=source),
        of_organisation("КППНФО", digits(9, 9), "kpp", must=True, certainty=certainty, source=source),
        of_organisation("ОГРННФО", digits(13, 13), "ogrn", must=True, certainty=certainty, source=source),
        certainty=certainty, source=source,
    )  # fmt: skip
    own = _once(
        "ИнфНФО",
        of_organisation("КодНФО", code(20), "nfo_code", must=True, certainty=certainty, source=source),
        of_organisation("ТипНФО", code(20), "nfo_type", must=True, certainty=certainty, source=source),
        constant("ПризнакФлНФО", FLAG, "0", certainty=certainty, source=source),
        _once(
            "НаимНФО",
            of_organisation("ЮрЛицо", text(500), "name", must=True, certainty=certainty, source=source),
            certainty=certainty, source=source,
        ),
        of_organisation("ИНННФО", digits(10, 10), "inn", must=True, certainty=certainty, source=source),
        of_organisation("КППНФО", digits(9, 9), "kpp", must=True, certainty=certainty, source=source),
        of_organisation("ОГРННФО", digits(13, 13), "ogrn", must=True, certainty=certainty, source=source),
        certainty=certainty, source=source,
    )  # fmt: skip
    return head, own


def _nfo(name: str, kind: Kind, *records: Any, certainty: str = "S") -> Format:
    number, sure = kind_numbers()[kind].number, kind_numbers()[kind].certainty
    head, own = _institution(INSURER, "S")
    root = _once(
        name,
        service("1.5", _number(kind), source=INSURER, number_certainty=sure, version_certainty="I"),
        _once("ИнформЧасть", head, _once("СведНФО", own, *records, source=INSURER), source=INSURER),
        certainty=certainty, source=INSURER,
    )  # fmt: skip
    return Format(Family.NFO, kind, root, number, sure, is_draft=True, source=INSURER)


def _operation_nfo(*tail: Any) -> Group:
    source = INSURER
    return Group(
        "Операция",
        (
            *record_head(source),
            leaf("ПризнФТр", FLAG, "is_terror", must=True, source=source),
            leaf("ДатаОперации", DAY, "performed_on", must=True, source=source),
            leaf("КодОперации", code(10), "code", must=True, dictionary="operations", source=source),
            leaf("КодВал", digits(3, 3), "currency_code", must=True, source=source),
            leaf("СумОперации", AMOUNT, "amount_kopecks", must=True, source=source),
            leaf("СумРуб", AMOUNT, "rouble_kopecks", must=True, source=source),
            basis(source, extra=(leaf("СодДок", text(500), "content", source=source),)),
            leaf("КодПризнОперации", code(10), "sign_code", dictionary="sign_codes", source=source),
            leaf("КодДенежСредств", code(10), "funds_code", dictionary="funds_of_operation", source=source),
            leaf("ХарактерОп", text(500), "nature", source=source),
            constant("ПризнакНПФ", FLAG, "0", source=source),
            participants((*codes_of_participant(source, with_code=True), sides(source), bank_of(source)), source),
            leaf("Коммент", text(500), "comment", source=source),
            *tail,
        ),
        each=_operation_of, source=source,
    )  # fmt: skip


# --- organisations of Order 110 ---------------------------------------------------------------------------------------


def _nko(name: str, kind: Kind, *records: Any, certainty: str = "I") -> Format:
    number, sure = kind_numbers()[kind].number, kind_numbers()[kind].certainty
    own = _once(
        "ИнфОрганизация",
        of_organisation("НаимОрг", text(500), "name", must=True, certainty="I", source=RULES),
        of_organisation("ИННОрг", digits(10, 12), "inn", must=True, certainty="I", source=RULES),
        of_organisation("КППОрг", digits(9, 9), "kpp", certainty="I", source=RULES),
        of_organisation("ОГРНОрг", digits(13, 15), "ogrn", certainty="I", source=RULES),
        certainty="I", source=RULES,
    )  # fmt: skip
    root = _once(
        name,
        # That there is a service part was seen, and nothing of what it holds.
        service("1.0", _number(kind), source=BUILDER, number_certainty=_weaker(sure, "I"), version_certainty="K",
                certainty="I"),
        _once("ИнформЧасть", own, *records, source=GENERATORS),
        certainty=certainty, source=GENERATORS,
    )  # fmt: skip
    return Format(Family.NKO, kind, root, number, sure, is_draft=True, source=GENERATORS)


def _operation_nko(*tail: Any) -> Group:
    source = GENERATORS
    kinds = (
        leaf("ТипУчастника", code(10), "kind", must=True, dictionary="participant_kinds", source=source),
        leaf("КодРоли", code(10), "status", must=True, dictionary="participant_statuses", source=source),
        leaf("КодУчастника", code(10), "code", dictionary="participant_codes", certainty="I", source=source),
        leaf("ПризнКлиент", FLAG, "is_client", must=True, certainty="I", source=RULES),
    )
    return Group(
        "Операция",
        (
            *record_head(source),
            leaf("ДатаОперации", DAY, "performed_on", must=True, source=source),
            leaf("ДатаВыявления", DAY, "found_on", source=source),
            leaf("КодОперации", code(10), "code", must=True, dictionary="operations", source=source),
            leaf("ПризнНеобОперации", code(10), "unusual_codes", many=True, dictionary="unusual", certainty="I",
                 source=RULES),
            leaf("КодВал", digits(3, 3), "currency_code", must=True, certainty="I", source=RULES),
            leaf("СумОперации", AMOUNT, "amount_kopecks", must=True, source=source),
            leaf("СумРуб", AMOUNT, "rouble_kopecks", must=True, source=source),
            Group(
                "ОснованиеОп",
                (
                    leaf("СодДок", text(500), "content", source=source),
                    leaf("НомДок", text(100), "number", source=source),
                ),
                each=lambda place: place.it.bases, must=False, many=True, source=source,
            ),
            leaf("ХарактерОп", text(500), "nature", source=source),
            leaf("НазнПлатеж", text(500), "purpose", source=source),
            # Names were seen, with a company right below the participant; the order of these is an analogy.
            participants((*kinds, bare_sides(source, certainty="I"), bank_of(source, certainty="I")), source),
            leaf("Коммент", text(500), "comment", certainty="I", source=source),
            *tail,
        ),
        each=_operation_of, source=source,
    )  # fmt: skip


# --- the exchange of refusals -----------------------------------------------------------------------------------------


def _exchange() -> Format:
    source = EXCHANGE
    number = kind_numbers()[Kind.REFUSAL].number
    about = Group(
        "СведОперация",
        (
            Leaf("ПризнакИнф", FLAG, lambda place: {"operation": "1", "contract": "2"}[place.it.subject], must=True,
                 certainty="I", source=source),
            leaf("КодОтказа", code(10), "refusal_code", must=True, dictionary="refusals", source=source),
            leaf("ДатаОтказа", DAY, "refused_on", must=True, source=source),
            basis(source),
            leaf("КодПризнОперации", code(10), "sign_code", dictionary="sign_codes", source=source),
            leaf("КодДенежСредств", code(10), "funds_code", dictionary="funds_of_operation", source=source),
            leaf("ПризнНеобОперации", code(10), "unusual_codes", many=True, dictionary="unusual", source=source),
        ),
        source=source,
    )  # fmt: skip
    who = participants(
        (
            *codes_of_participant(source, with_code=False)[:3],
            bare_sides(source, certainty="S", without=frozenset({"ДокУдЛичн", "АдрРег", "ПризнакФлЮЛ"})),
        ),
        source, name="Участник",
    )  # fmt: skip
    root = _once(
        "СообщОтказ_115ФЗ",
        _once(
            "СлужЧасть",
            constant("ВерсияФормата", text(20), "1.2", source=source),
            Leaf("ДатаСообщения", DAY, lambda place: place.numbers.message_date, must=True, source=source),
            of_organisation("ТелОператор", text(30), "officer.phone", must=True, source=source),
            of_organisation("ЭлектроннаяПочта", text(100), "officer.email", must=True, source=source),
            source=source,
        ),
        _once(
            "ИнформЧасть",
            constant("ТипОрганизация", code(10), "1", certainty="K", source=source),
            Group(
                "Раздел2",
                (
                    record_head(source)[0],
                    constant("ФорматЗаписи", code(10), "1", certainty="K", source=source),
                    record_head(source)[1],
                    about,
                    who,
                    leaf("КодПричинаОтказ", code(10), "reason_codes", many=True, dictionary="refusal_reasons",
                         certainty="I", source=source),
                    leaf("ПричинаУдаления", text(500), "deletion_reason", certainty="I", source=source),
                ),
                each=_body, source=source,
            ),
            source=source,
        ),
        source=source,
    )  # fmt: skip
    return Format(Family.REFUSALS, Kind.REFUSAL, root, number, "K", is_draft=True, source=source)


@cache
def formats() -> dict[tuple[Family, Kind], Format]:
    """Return all formats by family and kind."""
    record, by_analogy = record_head(BUILDER), record_head(RULES, certainty="I")
    analogy = {"source": RULES, "certainty": "I"}
    found = [
        _ko("СообщПринМерыКО", Kind.FREEZE, measure(record), source=BUILDER),
        _ko("СообщОтменаМерКО", Kind.RELEASE, measure(by_analogy, tail=RELEASE), **analogy),
        _ko("СообщОперКО", Kind.OPERATION, _operation_ko(), source=PARSERS),
        _ko("СообщПриостКО", Kind.SUSPENSION, _operation_ko(*SUSPENSION), **analogy),
        _ko("СообщПровКлиентКО", Kind.CHECK, check_result(by_analogy), **analogy),
        _ko("СообщУдалКО", Kind.DELETION, _deletion(certainty="I", record=True), **analogy),
        _nfo("СообщПринМеры", Kind.FREEZE, measure(by_analogy, source=RULES, certainty="I"), certainty="I"),
        _nfo("СообщОтменаМер", Kind.RELEASE, measure(by_analogy, source=RULES, certainty="I", tail=RELEASE),
             certainty="I"),
        _nfo("СообщОпер", Kind.OPERATION, _operation_nfo()),
        _nfo("СообщПриост", Kind.SUSPENSION, _operation_nfo(*SUSPENSION), certainty="I"),
        _nfo("СообщПровКлиент", Kind.CHECK, check_result(by_analogy), certainty="I"),
        _nfo("СообщОтказ", Kind.REFUSAL, _refusal(RULES, "I"), certainty="I"),
        _nfo("СообщУдал", Kind.DELETION, _deletion(certainty="I", record=True), certainty="I"),
        _nko("Сбщ110ПринМеры", Kind.FREEZE, measure(by_analogy, source=RULES, certainty="I")),
        _nko("Сбщ110ОтменаМер", Kind.RELEASE, measure(by_analogy, source=RULES, certainty="I", tail=RELEASE)),
        _nko("Сбщ110Операции", Kind.OPERATION, _operation_nko(), certainty="S"),
        _nko("Сбщ110Приост", Kind.SUSPENSION, _operation_nko(*SUSPENSION)),
        _nko("Сбщ110Проверки", Kind.CHECK, check_result(by_analogy)),
        _nko("Сбщ110Отказ", Kind.REFUSAL, _refusal(RULES, "I")),
        _nko("Сбщ110Удаление", Kind.DELETION, _deletion(certainty="S", record=False)),
        _exchange(),
    ]  # fmt: skip
    return {(Family(one.family), Kind(one.kind)): one for one in found}
