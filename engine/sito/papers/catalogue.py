"""Which papers there are, and how one is made."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sito.cases.facts import moment
from sito.errors import PaperError
from sito.papers import words
from sito.papers.audit import audit
from sito.papers.checks import checks, protocol
from sito.papers.content import ROW_COUNT_MAX, Block, Heading, Lines, Paper, Table, pairs
from sito.papers.lists import editions, list_log
from sito.papers.registers import freezes, messages, refusals, suspensions
from sito.papers.source import Source
from sito.version import VERSION

CHECK = "check"  # the one paper that is about one matter, and not about a period


class Sort(msgspec.Struct, frozen=True):
    """One sort of paper.

    Attributes:
        title: As it is printed. purpose: What it is for. rule: What asks for it.
        certainty: How sure that is, as docs/law.md marks it: of the duty, not of the form, which no source gives.
    """

    kind: str
    title: str
    purpose: str
    rule: str
    certainty: str


SORTS = (
    Sort("audit", "Отчёт о проверке внутреннего контроля", "the six-month report to the head", "R-AUDIT-6M", "S"),
    Sort("lists", "Журнал получения и использования перечней", "which edition came when, and that it was used",
         "R-TE-SCREEN-NEW, R-CHECK-3M", "I"),
    Sort("freezes", "Реестр мер по замораживанию (блокированию)", "measures in force or moved",
         "R-TE-FREEZE, R-UNFREEZE", "I"),
    Sort("suspensions", "Реестр приостановленных операций", "operations held, orders, ends", "R-SUSP", "I"),
    Sort("refusals", "Реестр отказов", "refusals, their reasons, and who decided", "R-REFUSE", "I"),
    Sort("messages", "Журнал внутренних сообщений", "items a to h of clause 27", "R-OPER-FES", "S"),
    Sort("checks", "Реестр проверок клиентов", "all checks of the base", "R-CHECK-3M, R-CHECK-REPORT", "I"),
    Sort(CHECK, "Протокол проверки клиентов", "one check, with --id check:2", "R-CHECK-3M, R-CHECK-REPORT", "I"),
)  # fmt: skip
_TABLES: dict[str, Callable[[Source], Table]] = {
    "lists": list_log, "freezes": freezes, "suspensions": suspensions, "refusals": refusals, "messages": messages,
    "checks": checks,
}  # fmt: skip
_UPRIGHT = frozenset({CHECK})
_LINE = "_" * 28


def sort_of(kind: str) -> Sort:
    """Return a sort of paper.

    Raises:
        PaperError: PAP102.
    """
    found = next((one for one in SORTS if one.kind == kind), None)
    if found is None:
        names = ", ".join(one.kind for one in SORTS)
        raise PaperError("PAP102", expected=f"a paper: {names}", got="another", todo="see `sito papers list`")
    return found


def make_paper(source: Source, kind: str, *, subject: str = "") -> Paper:
    """Make a paper: equal ledgers and words give equal papers, whenever it is.

    Args:
        kind: As `sort_of` knows it.
        subject: Of the check that a protocol is of; `checks.period_of` has its period.

    Raises:
        PaperError: PAP102, PAP103; PAP105 personal data without a key; PAP107 too many rows.
        LedgerError: LED132 a wrong key, LED133 changed personal data.
    """
    sort = sort_of(kind)
    blocks: list[Block]
    if kind == CHECK:
        blocks, row_count = protocol(source, subject)
    elif kind == "audit":
        blocks, row_count = audit(source)
    else:
        table = _TABLES[kind](source)
        blocks, row_count = [table], len(table.rows)
    if row_count > ROW_COUNT_MAX:
        raise PaperError(
            "PAP107", expected=f"at most {ROW_COUNT_MAX} rows", got=f"{row_count}", where=kind,
            todo="take a shorter period",
        )  # fmt: skip
    everything = (*_heads(source, sort), *blocks, *_ending(source, row_count))
    made_of = (source.cut.ledger_id, source.cut.sequence)
    opened = len(source.seen) if source.with_personal else 0
    return Paper(kind, sort.title, kind not in _UPRIGHT, everything, row_count, opened, made_of, moment(source.cut.at))


def _personal(source: Source) -> str:
    if not source.seen:
        return "в документе нет"
    return f"{'раскрыты' if source.with_personal else 'не раскрыты'}, записей журнала: {len(source.seen)}"


def _heads(source: Source, sort: Sort) -> list[Block]:
    period, of = source.period, source.organisation
    numbers = "" if of is None else words.joined(
        f"ИНН {of.inn}", f"КПП {of.kpp}" if of.kpp else "", f"ОГРН {of.ogrn}" if of.ogrn else "",
        f"БИК {of.bic}" if of.bic else "", sign=", ",
    )  # fmt: skip
    name = f"Организация: {_LINE}{_LINE}" if of is None else f"Организация: {of.name}, {numbers}"
    return [
        Lines((name, f"Период: с {words.day(period.first)} по {words.day(period.last)} включительно. Правило: "
               f"{sort.rule}. Время московское.")),
    ]  # fmt: skip


def _ending(source: Source, row_count: int) -> list[Block]:
    cut, policy, officer = source.cut, source.policy, source.organisation.officer if source.organisation else None
    lists = words.joined(*(f"{list_id}: {edition}" for list_id, edition in editions(source)))
    name = officer.name if officer is not None else None
    spelled = "" if name is None else name.line or " ".join(
        part for part in (name.family, name.given, name.patronymic) if part
    )  # fmt: skip
    position = "Специальное должностное лицо" if officer is None else officer.position
    rows = (
        ("Период", f"{words.day(source.period.first)} – {words.day(source.period.last)}"),
        ("Журнал (идентификатор)", cut.ledger_id),
        ("Последняя учтённая запись журнала", f"№ {cut.sequence}" if cut.sequence else "записей нет"),
        ("Контрольное значение этой записи (SHA-256)", cut.digest.hex() or words.NONE),
        ("Политика", f"{policy.id}, версия {policy.version}\nSHA-256: {policy.edition}"),
        ("Редакции перечней на конец периода", lists),
        ("Строк в документе", str(row_count)),
        ("Персональные данные", _personal(source)),
        ("Составлено программой", f"sito {VERSION}"),
    )  # fmt: skip
    return [
        Heading("Сведения о документе"), pairs(rows),
        Lines((
            f"{position}: {_LINE} / {spelled or _LINE} /    «___» ____________ 20___ г.",
            f"Руководитель: {_LINE} / {_LINE} /    «___» ____________ 20___ г.",
        )),
    ]  # fmt: skip
