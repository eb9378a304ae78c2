"""Registers of measures and internal messages: one row for each that lasted or moved in the period."""

from __future__ import annotations

from typing import Any

import msgspec

from sito.cases.deadlines import window_of
from sito.cases.machines import FREEZE, MESSAGE, SUSPENDED, SUSPENSION
from sito.ledger import Stored
from sito.papers import words
from sito.papers.content import Column, Table
from sito.papers.source import History, Source, histories
from sito.papers.words import NONE, joined

# By when a suspension ends, in the order in which one takes the place of the other.
HOLDING = frozenset({SUSPENDED, "R-SUSP-OWN", "R-SUSP-EXT", "R-SUSP-COURT"})


def freezes(source: Source) -> Table:
    """Return the register of freezes."""
    rows: list[tuple[str, ...]] = []
    for found in histories(source, "freeze", running=FREEZE.in_force):
        names, entries = source.parties(found.told("case_subject"))
        begun = found.begun
        own = f"{begun.get('list_id', '')}: {begun.get('entry_id', '')}" if "entry_id" in begun else ""
        noted = found.last("freeze_removal_noted", "freeze_removal_notified")
        lifted = found.last("freeze_lifted", "freeze_withdrawn")
        rows.append((
            str(len(rows) + 1), found.subject, joined(found.told("client_id"), names),
            joined(_ground(source, found), own, entries), words.step(found.steps[0]),
            words.step(found.last("freeze_applied")), _told_of(found, "freeze_told_to_authority"),
            _released(found, source), NONE if noted is None else f"{words.when(noted.at)}\n{_edition(noted)}",
            _with_ground(source, lifted, "lift_ground", words.LIFT_GROUNDS), words.state("freeze", found.state),
        ))  # fmt: skip
    columns = (
        Column("№", 8), Column("Мера", 20), Column("Клиент и лицо", 36), Column("Основание", 42),
        Column("Предложена (МСК)", 26), Column("Применена (МСК)", 26), Column("Сообщено в Росфинмониторинг", 26),
        Column("Выдано за период", 24), Column("Исключение из перечня", 22), Column("Снята, основание", 24),
        Column("Состояние на конец периода", 19),
    )  # fmt: skip
    return Table(columns, tuple(rows))


def suspensions(source: Source) -> Table:
    """Return the register of suspended operations."""
    rows: list[tuple[str, ...]] = []
    for found in histories(source, "suspension", running=SUSPENSION.in_force | SUSPENSION.open_states):
        names, entries = source.parties(found.told("case_subject"))
        ended = found.last("suspension_executed", "suspension_ended")
        lapsed = found.last("suspension_lapsed", "suspension_released_by_court")
        rows.append((
            str(len(rows) + 1), found.subject, found.told("operation_id") or NONE,
            joined(found.told("client_id"), names), joined(_ground(source, found), entries),
            joined(words.step(found.steps[0]), _motive(source, found.steps[0])), _until(source, found),
            _told_of(found, "suspension_told_to_authority"), joined(*(_order(one) for one in found.steps)),
            joined(NONE if lapsed is None else f"срок окончен {words.when(lapsed.at)}",
                   _with_ground(source, ended, "end_ground", words.END_GROUNDS)),
            words.state("suspension", found.state),
        ))  # fmt: skip
    columns = (
        Column("№", 8), Column("Мера", 24), Column("Операция", 24), Column("Клиент и лицо", 34),
        Column("Основание", 34), Column("Приостановлена (МСК), мотив", 30), Column("Срок по политике (МСК)", 25),
        Column("Сообщено в Росфинмониторинг", 25), Column("Постановления и решения суда", 28),
        Column("Окончание", 23), Column("Состояние на конец периода", 18),
    )  # fmt: skip
    return Table(columns, tuple(rows))


def refusals(source: Source) -> Table:
    """Return the register of refusals; one that was told to the authority is over."""
    rows: list[tuple[str, ...]] = []
    for found in histories(source, "refusal", running=frozenset({"proposed", "refused"})):
        names, entries = source.parties(found.told("case_subject"))
        made, repealed = found.last("refusal_made"), found.last("refusal_repealed", "refusal_withdrawn")
        ground = found.told("refusal_ground")
        rows.append((
            str(len(rows) + 1), found.subject, joined(found.told("client_id"), names),
            found.told("operation_id") or NONE,
            joined(words.REFUSAL_GROUNDS.get(ground, ground), _ground(source, found), entries),
            joined(words.step(found.steps[0]), _motive(source, found.steps[0])),
            joined(words.step(made), _motive(source, made)), _told_of(found, "refusal_told_to_authority"),
            joined(words.step(repealed), _motive(source, repealed)), words.state("refusal", found.state),
        ))  # fmt: skip
    columns = (
        Column("№", 8), Column("Отказ", 22), Column("Клиент и лицо", 40), Column("Операция", 27),
        Column("Основание", 42), Column("Предложен (МСК), мотив", 32), Column("Решение (МСК), мотив", 32),
        Column("Сообщено в Росфинмониторинг", 26), Column("Отменён (МСК), мотив", 26),
        Column("Состояние на конец периода", 18),
    )  # fmt: skip
    return Table(columns, tuple(rows))


def messages(source: Source) -> Table:
    """Return the register of internal messages, by the items of clause 27."""
    rows: list[tuple[str, ...]] = []
    for found in histories(source, "message", running=MESSAGE.open_states):
        officer = found.last("message_reported_by_officer", "message_dropped_by_officer")
        head = found.last("message_reported_by_head", "message_dropped_by_head")
        sent = found.last("message_sent")
        latest = {name: _latest(found, source, name) for name in ("operation", "party", "extra_measures")}
        rows.append((
            str(len(rows) + 1), joined(found.subject, found.told("about")),
            joined(found.told("category"), ", ".join(_list(found, "criteria"))),
            joined(found.told("operation_id"), latest["operation"]),
            joined(found.told("client_id"), latest["party"]), found.told("author") or NONE,
            words.day(found.told("created_on")), _decision(source, officer, "message_reported_by_officer"),
            _decision(source, head, "message_reported_by_head"), latest["extra_measures"],
            NONE if sent is None else f"{sent.event.facts['message_id']}\n{words.when(sent.at)}",
            words.state("message", found.state),
        ))  # fmt: skip
    columns = (
        Column("№", 8), Column("Сообщение, о чём", 22), Column("а) категория и признаки", 22),
        Column("б) операция", 32), Column("в) лицо", 32), Column("г) составил", 18),
        Column("д) дата составления", 19), Column("е) решение СДЛ, мотив", 30),
        Column("ж) решение руководителя, мотив", 30), Column("з) дополнительные меры", 22),
        Column("Отправлено (МСК)", 20), Column("Состояние на конец периода", 18),
    )  # fmt: skip
    return Table(columns, tuple(rows))


def _ground(source: Source, found: History) -> str:
    rule = found.told("rule_id") or ("R-SUSP-OWN" if "order_number" in found.begun else "")
    return joined(rule, words.law(source.policy.file, rule, found.told("law")), sign=", ")


def _told_of(found: History, kind: str) -> str:
    return joined(*(f"{one.event.facts['message_id']}\n{words.when(one.at)}" for one in found.all(kind)))


def _motive(source: Source, stored: Stored | None) -> str:
    return source.sealed(stored, "motive")


def _with_ground(source: Source, stored: Stored | None, fact: str, names: dict[str, str]) -> str:
    if stored is None:
        return NONE
    ground = str(stored.event.facts.get(fact, ""))
    return joined(words.step(stored), names.get(ground, ground), _motive(source, stored))


def _edition(stored: Stored) -> str:
    facts = stored.event.facts
    return f"{facts['list_id']}: {facts['entry_id']}, ред. {facts['edition']}"


def _released(found: History, source: Source) -> str:
    """Return how much was let out in the period, in how many releases, and how much of it was given back."""
    out = [one for one in found.all("freeze_partly_released") if source.period.holds(one.at)]
    back = [one for one in found.all("freeze_release_given_back") if source.period.holds(one.at)]
    amounts = {one.sequence: int(one.event.facts["amount_kopecks"]) for one in found.all("freeze_partly_released")}
    if not out and not back:
        return NONE
    returned = sum(amounts.get(one.event.facts["release_sequence"], 0) for one in back)
    told = f"{words.money(sum(amounts[one.sequence] for one in out))}\nвыдач: {len(out)}" if out else ""
    return joined(told, f"возвращено {words.money(returned)}" if back else "")


def _until(source: Source, found: History) -> str:
    """Return when the suspension ends by the term that began last, the earliest and the latest by the sources."""
    tasks = [
        task for one in found.steps for task in one.event.facts.get("begins", ()) if task["name"] in HOLDING
    ]  # fmt: skip
    if not tasks:
        return NONE
    window, has_term = _window(source, tasks[-1])
    if not has_term:
        return "срок не задан"
    first, last = words.when(window.alarm_at), words.when(window.latest_at)
    mark = "\nкалендарь не подтверждён" if window.unconfirmed else ""
    return (f"до {first}" if first == last else f"до {first}, по другому источнику до {last}") + mark


def _window(source: Source, task: dict[str, Any]) -> Any:
    terms = msgspec.json.encode(task["term_ids"]).decode()
    return window_of(task["rule"], terms, task["trigger_at"], task["until_at"], source.schedule)


def _order(stored: Stored) -> str:
    facts, kind = stored.event.facts, stored.event.kind
    if kind == "suspension_review_noted":
        return f"{words.when(stored.at)}: {words.REVIEWS.get(facts['review_result'], facts['review_result'])}"
    if "court_number" in facts:
        word = "отмена судом" if kind == "suspension_released_by_court" else "решение суда"
        return f"{word} {facts['court_number']} от {words.day(facts['court_date'])}"
    if "order_number" in facts:
        return f"постановление {facts['order_number']} от {words.day(facts['order_date'])}"
    return ""


def _latest(found: History, source: Source, name: str) -> str:
    """Return what was sealed last under a name: an amended one takes the place of the first."""
    for stored in reversed(found.steps):
        text = source.sealed(stored, name)
        if text != NONE and (name != "extra_measures" or stored.has_personal):
            return text
    return NONE


def _list(found: History, name: str) -> list[str]:
    return next((list(one.event.facts[name]) for one in reversed(found.steps) if name in one.event.facts), [])


def _decision(source: Source, stored: Stored | None, reports: str) -> str:
    if stored is None:
        return NONE
    word = "сообщить" if stored.event.kind == reports else "не сообщать"
    return joined(word, words.step(stored), _motive(source, stored))
