"""Checks of the client base: their register, and the protocol of one of them."""

from __future__ import annotations

import sqlalchemy as sa

from sito.cases.deadlines import window_of
from sito.cases.machines import CHECK
from sito.cases.projection import CHECKS, HITS_SILENCED
from sito.cases.steps import is_matter, shown
from sito.errors import PaperError
from sito.ledger import Stored, View
from sito.papers import words
from sito.papers.content import Block, Column, Heading, Lines, Table, pairs
from sito.papers.lists import list_log
from sito.papers.period import Period
from sito.papers.source import History, Source, histories, history
from sito.papers.words import NONE, joined
from sito.policy.calendar import moscow_day

FINISHED = "check_finished"
TERM = "R-CHECK-3M"
_CASES = {
    "case_opened": "открыто", "case_reopened": "открыто повторно", "case_hit_again": "повторное совпадение",
    HITS_SILENCED: "отклонено ранее",
}  # fmt: skip
_COLUMNS = (
    Column("№", 8), Column("Проверка", 22), Column("Начата (МСК)", 32), Column("Завершена (МСК)", 32),
    Column("Проверено клиентов", 24), Column("Совпадений", 22), Column("Редакции перечней", 43),
    Column("Сообщено в Росфинмониторинг", 36), Column("Срок (МСК)", 30), Column("Состояние на конец периода", 24),
)  # fmt: skip


def checks(source: Source) -> Table:
    """Return the register of checks: those that moved in the period, and those that are to come."""
    rows = [
        _row(source, found, number)
        for number, found in enumerate(histories(source, "check", running=CHECK.open_states), 1)
    ]
    return Table(_COLUMNS, tuple(rows))


def period_of(view: View, subject: str) -> Period:
    """Return the days of one check that is finished, from when it was planned to its last step.

    Raises:
        PaperError: PAP103.
    """
    if not is_matter(subject) or not subject.startswith("check:"):
        raise _no_check("a check as check:2", "another text" if subject else "none", "--id")
    row = view.execute(sa.select(CHECKS.c.state).where(CHECKS.c.subject == subject)).first()
    if row is None or row.state not in {"finished", "reported"}:
        got = "none of that number" if row is None else f"one that is {row.state}"
        raise _no_check("a check that is finished", got, shown(subject))
    steps = [one for one in view.events(subject=subject) if "action" in one.event.facts]
    return Period(moscow_day(steps[0].at), moscow_day(steps[-1].at))


def protocol(source: Source, subject: str) -> tuple[list[Block], int]:
    """Return the protocol of one check, and how many rows it has.

    Raises:
        PaperError: PAP103.
    """
    found = history(source, subject)
    finished = None if found is None else found.last(FINISHED)
    if found is None or finished is None:
        raise _no_check("a check that is finished", "one that is not", shown(subject))
    facts = finished.event.facts
    before = _finished_before(source, finished)
    # A run that breaks off is gone on with: what it had recorded until then is not recorded again.
    started, told = found.all("check_started")[0], found.last("check_told_to_authority")
    main = pairs((
        ("Проверка", subject),
        ("Начата (МСК)", words.step(started)),
        ("Прервана и продолжена, раз", str(len(found.all("check_failed")))),
        ("Завершена (МСК)", words.step(finished)),
        ("Предыдущая проверка завершена (МСК)",
         "в журнале нет" if before is None else f"{words.when(before.at)}\n{before.event.subject}"),
        ("Срок проверки (МСК)", _term(source, found)),
        ("Проверено клиентов", str(facts["client_count"])),
        ("Выявлено совпадений", str(facts["match_count"])),
        ("Сообщено в Росфинмониторинг",
         NONE if told is None else joined(str(told.event.facts["message_id"]), words.step(told))),
    ))  # fmt: skip
    editions = Table(
        (Column("Перечень", 90), Column("Редакция", 85)),
        tuple((str(one["list_id"]), str(one["edition"])) for one in facts["editions"]),
        "Редакции не указаны.",
    )
    uses = list_log(source, after=0 if before is None else before.sequence, until=finished.sequence)
    cases = _cases(source, started, finished)
    blocks: list[Block] = [
        main, Heading("Перечни, по которым проведена проверка"), editions,
        Heading("Получение и использование перечней после предыдущей проверки"), narrow(uses),
        Heading("Дела по совпадениям этой проверки"), cases,
        Heading("Вывод"), Lines((_conclusion(int(facts["client_count"]), int(facts["match_count"])),)),
    ]  # fmt: skip
    return blocks, len(editions.rows) + len(uses.rows) + len(cases.rows)


def narrow(log: Table) -> Table:
    """Return the log of lists without its files, for a page that stands upright."""
    keep, width = (0, 1, 2, 3, 4, 7), {0: 8, 1: 34, 2: 23, 3: 46, 4: 30, 7: 34}
    columns = tuple(Column(log.columns[place].title, width[place]) for place in keep)
    return Table(columns, tuple(tuple(row[place] for place in keep) for row in log.rows), "Записей нет.")


def _conclusion(clients: int, matches: int) -> str:
    if not clients:
        return "Клиентов, подлежащих проверке, на дату проверки не было."
    if not matches:
        return "Среди проверенных клиентов лиц, к которым применены или должны быть применены меры, не выявлено."
    return f"Выявлены совпадения: {matches}. Решения по ним принимаются в делах: указанных выше и открытых ранее."


def _cases(source: Source, started: Stored, finished: Stored) -> Table:
    columns = (
        Column("Дело", 20), Column("Записано (МСК)", 30), Column("Что", 30), Column("Клиент", 30),
        Column("Правило", 34), Column("Состояние на конец периода", 31),
    )  # fmt: skip
    rows = []
    for stored in source.cut.events(source.view, kinds=_CASES, after=started.sequence):
        if stored.sequence > finished.sequence:
            break
        screening = stored.event.facts.get("screening", {})
        if screening.get("occasion") != "check":
            continue
        found = history(source, stored.event.subject)
        rows.append((
            stored.event.subject, words.when(stored.at), _CASES[stored.event.kind],
            str(screening.get("client_id") or NONE), str(screening["ruling"]["rule_id"]),
            words.state("case", found.state if found else ""),
        ))  # fmt: skip
    return Table(columns, tuple(rows), "Совпадений, по которым открываются дела, не было.")


def _finished_before(source: Source, finished: Stored) -> Stored | None:
    last = None
    for stored in source.cut.events(source.view, kinds=(FINISHED,)):
        if stored.sequence >= finished.sequence:
            break
        last = stored
    return last


def _row(source: Source, found: History, number: int) -> tuple[str, ...]:
    finished, told = found.last(FINISHED), found.last("check_told_to_authority")
    facts = finished.event.facts if finished is not None else {}
    return (
        str(number), found.subject, words.step(found.last("check_started")), words.step(finished),
        str(facts.get("client_count", NONE)), str(facts.get("match_count", NONE)),
        joined(*(f"{one['list_id']}: {one['edition']}" for one in facts.get("editions", ()))),
        NONE if told is None else f"{told.event.facts['message_id']}\n{words.when(told.at)}",
        _term(source, found), words.state("check", found.state),
    )  # fmt: skip


def _term(source: Source, found: History) -> str:
    """Return by when the check had to be told, counted from when it was planned."""
    tasks = [one for one in found.begun.get("begins", ()) if one["name"] == TERM]
    if not tasks:
        return NONE
    window, has_term = window_of(TERM, "[]", tasks[0]["trigger_at"], tasks[0]["until_at"], source.schedule)
    return f"до {words.when(window.alarm_at)}" if has_term else "срок не задан"


def _no_check(expected: str, got: str, where: str) -> PaperError:
    """PAP103 a check that is not there, or that is not finished."""
    return PaperError("PAP103", expected=expected, got=got, where=where)
