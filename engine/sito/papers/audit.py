"""The report of the audit of internal control: what the ledger shows, and lines for what a person has to find out.

Decree 667 c. 32 wants a written report at least once in six months; its text was repealed, and what the report has to
hold was not read in any source. So the parts below are those that the ledger can answer, and the paper says so.
"""

from __future__ import annotations

from sito.cases.machines import AUDIT, FREEZE, SUSPENSION
from sito.cases.projection import ATTEMPT_REFUSED, HITS_SILENCED
from sito.cases.reception import PERSONAL_SHOWN
from sito.papers import words
from sito.papers.checks import checks
from sito.papers.content import Block, Column, Heading, Lines, Table, pairs
from sito.papers.counts import Tally, count
from sito.papers.lists import editions
from sito.papers.period import PAPER_WRITTEN
from sito.papers.source import Source, histories
from sito.papers.words import NONE, joined

# (programme, what of it stands in the ledger, what does not); as docs/law.md has it.
PROGRAMMES = (
    ("Идентификация", "проверка клиентов, представителей, выгодоприобретателей и бенефициарных владельцев по перечням",
     "сбор и проверка документов"),
    ("Оценка риска клиента", "совпадения и решения по ним", "присвоение степени риска"),
    ("Выявление операций", "операции с участием лиц из перечней (код 7001)", "прочие коды и признаки необычных сделок"),
    ("Документальное фиксирование", "внутренние сообщения, решения и их мотивы", "документы по операциям"),
    ("Отказ в выполнении распоряжения", "предложение, решение, сообщение, отмена", "отказ в учётной системе банка"),
    ("Приостановление операций", "меры, сроки, постановления и решения суда", "исполнение в учётной системе банка"),
    ("Замораживание (блокирование)", "меры, проверки, выдачи, сообщения", "блокирование в учётной системе банка"),
    ("Подготовка и обучение кадров", NONE, "полностью"),
    ("Проверка внутреннего контроля", "сроки, отчёты, принятие руководителем", "сама проверка"),
    ("Хранение информации", "сроки, запреты на удаление и удаление сведений журнала",
     "документы идентификации и операций"),
)  # fmt: skip
_SENT = ("fes_drafted", "fes_sent", "fes_accepted", "fes_rejected", "fes_corrected", "fes_deleted")


def audit(source: Source) -> tuple[list[Block], int]:
    """Return the parts of the report, and how many rows of events, terms and matters they have."""
    tally = count(source)
    late, attempts, register, former = _late(source, tally), _refused(tally), checks(source), _former(source)
    lists = Table((Column("Перечень", 133), Column("Редакция на конец периода", 140)), editions(source))
    programmes = Table(
        (Column("Программа", 60), Column("Что отражено в журнале и в этом отчёте", 120),
         Column("Что журнал не показывает: проверяется отдельно", 93)), PROGRAMMES,
    )  # fmt: skip
    reports = _reports(tally)
    blocks: list[Block] = [
        Lines((
            "Основание: правило R-AUDIT-6M — проверка внутреннего контроля не реже одного раза в шесть месяцев "
            f"({words.law(source.policy.file, 'R-AUDIT-6M')}).",
            "Состав отчёта нормативным текстом не подтверждён: отчёт содержит сведения журнала; выводы делает "
            "проверяющий.",
        )),
        Heading("1. Программы внутреннего контроля"), programmes,
        Heading("2. Показатели за период"), pairs(_numbers(tally), first_mm=180, second_mm=93),
        Heading("3. Перечни"), lists,
        Heading("4. Проверки клиентов"), register,
        Heading("5. Сообщения в Росфинмониторинг"), reports,
        Heading("6. Нарушения сроков"), late,
        Lines((f"Задач, для которых политика срока не задаёт: {tally.termless}.",)),
        Heading("7. Отклонённые попытки"), attempts,
        Heading("8. Проверки внутреннего контроля"), former,
        Heading("9. Выводы и предложения проверяющего"),
        Lines(("Программы, которые журнал не показывает: " + "_" * 60, "Нарушения и их причины: " + "_" * 60,
               "Предложения: " + "_" * 60)),
    ]  # fmt: skip
    return blocks, sum(len(one.rows) for one in (register, reports, late, attempts, former))


def _numbers(tally: Tally) -> tuple[tuple[str, str], ...]:
    kinds, standing = tally.kinds, tally.standing

    def now(machine: str, states: frozenset[str]) -> int:
        return sum(standing[machine, state] for state in states)

    numbers: tuple[tuple[str, int], ...] = (
        ("Платежей проверено серверами", tally.sums["records"]),
        ("из них с совпадениями", tally.sums["alerts"]),
        ("не прочитано и отклонено на входе", tally.sums["rejects"]),
        ("Записей, по которым дело не открылось и нужна ручная проверка", kinds["screening_not_taken"]),
        ("Дел открыто", kinds["case_opened"]),
        ("Дел открыто повторно", kinds["case_reopened"]),
        ("Совпадений отклонено", kinds["case_rejected"]),
        ("Решений утверждено вторым лицом", kinds["case_approved"]),
        ("Дел не решено на конец периода",
         now("case", frozenset({"new", "in_review", "escalated", "confirmed", "reopened"}))),
        ("Проверок, все совпадения которых отклонены ранее", kinds[HITS_SILENCED]),
        ("Мер по замораживанию применено", kinds["freeze_applied"]),
        ("Мер по замораживанию снято", kinds["freeze_lifted"]),
        ("Мер по замораживанию действует на конец периода", now("freeze", FREEZE.in_force - {"proposed"})),
        ("Выдач из замороженных средств", kinds["freeze_partly_released"]),
        ("Операций приостановлено", kinds["suspension_applied"] + kinds["suspension_ordered"]),
        ("Приостановлено на конец периода", now("suspension", SUSPENSION.in_force)),
        ("Отказов", kinds["refusal_made"]), ("Отказов отменено", kinds["refusal_repealed"]),
        ("Внутренних сообщений составлено", kinds["message_drafted"]),
        ("Внутренних сообщений: решено сообщить", kinds["message_reported_by_head"]),
        ("Внутренних сообщений: решено не сообщать", kinds["message_dropped_by_head"]),
        ("Уведомлений клиентам доставлено", kinds["notice_delivered"]),
        ("Проверок клиентов завершено", kinds["check_finished"]),
        ("Проверок клиентов прервано", kinds["check_failed"]),
        ("Обращений к персональным данным", kinds[PERSONAL_SHOWN]),
        ("Документов, составленных из журнала ранее", kinds[PAPER_WRITTEN]),
        ("Отклонённых попыток действий", kinds[ATTEMPT_REFUSED]),
        ("Нарушений сроков", len(tally.late)),
    )  # fmt: skip
    return tuple((name, str(value)) for name, value in numbers)


def _late(source: Source, tally: Tally) -> Table:
    columns = (
        Column("№", 10), Column("Дело, мера, документ", 38), Column("Правило", 38), Column("Норма", 62),
        Column("Начало срока (МСК)", 38), Column("Срок (МСК)", 38), Column("Исполнено (МСК)", 49),
    )  # fmt: skip
    rows = tuple(
        (
            str(number), one.subject, one.rule, words.law(source.policy.file, one.rule) or NONE,
            words.when(one.began_at),
            words.when(one.due_at) + ("\nкалендарь не подтверждён" if one.unconfirmed else ""),
            "не исполнено на конец периода" if one.done_at is None else words.when(one.done_at),
        )
        for number, one in enumerate(tally.late, 1)
    )  # fmt: skip
    return Table(columns, rows, "Нарушений сроков в журнале нет.")


def _refused(tally: Tally) -> Table:
    columns = (Column("Код отказа", 180), Column("Попыток", 93))
    return Table(
        columns, tuple((code, str(number)) for code, number in sorted(tally.refused.items())),
        "Отклонённых попыток в журнале нет.",
    )  # fmt: skip


def _reports(tally: Tally) -> Table:
    columns = (
        Column("Вид сообщения", 63), Column("Составлено", 30), Column("Отправлено", 30),
        Column("из них с опозданием", 30), Column("Принято", 30), Column("Отвергнуто", 30),
        Column("Исправлено", 30), Column("Удалено", 30),
    )  # fmt: skip
    rows = []
    for kind in sorted({kind for kind, _ in tally.reports}):
        numbers = [str(tally.reports[kind, event]) for event in _SENT]
        numbers.insert(2, str(tally.late_reports[kind]))
        rows.append((words.KINDS.get(kind, kind) or NONE, *numbers))
    return Table(columns, tuple(rows))


def _former(source: Source) -> Table:
    """Return the audits of the ledger that moved in the period or are to come."""
    columns = (
        Column("Проверка", 28), Column("Отчёт", 45), Column("Представлен (МСК)", 40), Column("Замечания", 90),
        Column("Принят (МСК)", 40), Column("Состояние", 30),
    )  # fmt: skip
    rows = []
    for found in histories(source, "audit", running=AUDIT.open_states):
        reported = found.last("audit_reported")
        facts = reported.event.facts if reported is not None else {}
        rows.append((
            found.subject,
            joined(str(facts.get("report_number", "")), words.day(facts["report_date"]) if facts else "", sign=" от "),
            words.step(reported), source.sealed(reported, "findings"), words.step(found.last("audit_accepted")),
            words.state("audit", found.state),
        ))  # fmt: skip
    return Table(columns, tuple(rows))
