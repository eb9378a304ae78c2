"""What an alert says, in Russian or English: plain, short, and the same text whenever it is made."""

from __future__ import annotations

import shlex
from datetime import datetime
from typing import NamedTuple

from sito.alerts.channels import Language
from sito.alerts.news import NO_TERM, UNCONFIRMED, Alert, AlertKind
from sito.policy.calendar import MOSCOW

_HEADLINES: dict[AlertKind, tuple[str, str]] = {
    AlertKind.CASE_OPENED: ("Открыто дело", "A case was opened"),
    AlertKind.CASE_REOPENED: ("Дело открыто снова", "A case was opened again"),
    AlertKind.CASE_ESCALATED: ("Дело передано руководителю", "A case was escalated"),
    AlertKind.SECOND_EYES: ("Нужно решение второго лица", "A second person has to decide"),
    AlertKind.MEASURE_PROPOSED: ("Предложена мера", "A measure was proposed"),
    AlertKind.MEASURE_APPLIED: ("Мера применена", "A measure was applied"),
    AlertKind.DEADLINE_NEAR: ("Срок подходит", "A deadline is near"),
    AlertKind.DEADLINE_LATE: ("Срок истёк", "A deadline has passed"),
    AlertKind.CHECK_DUE: ("Пора проверить клиентов", "The check of clients is due"),
    AlertKind.LIST_LOADED: ("Загружен перечень", "An edition of a list was loaded"),
    AlertKind.LIST_UNUSED: ("Перечень не использовался", "A list was not used"),
    AlertKind.ATTEMPT_REFUSED: ("Отказано в действии", "An attempt was refused"),
    AlertKind.TEST: ("Проверка канала", "A test of this channel"),
}
_VERDICTS = {"review": "проверить", "suspend": "приостановить", "freeze": "заморозить", "refuse": "отказать"}
_LABELS = {
    "subject": ("Предмет", "Subject"), "verdict": ("Решение политики", "Verdict"), "rule": ("Правило", "Rule"),
    "lists": ("Перечни", "Lists"), "detail": ("Подробность", "Detail"), "at": ("Когда", "When"),
    "next": ("Далее", "Next"), "due": ("Не позднее", "Due before"), "show": ("Показать", "Show"),
    "mark": ("Номер", "Id"),
}  # fmt: skip
_DETAILS = {
    NO_TERM: ("политика не задаёт срока: исполнить сразу", "the policy names no term: due at once"),
    UNCONFIRMED: ("производственный календарь не подтверждён", "the production calendar is not confirmed"),
}
_NO_TERM = ("срок для этого шага не начат или не задан", "no term runs for it or the policy names none")
_NOTHING = ("см. дело", "see the matter")


class Message(NamedTuple):
    """What is written: one line, and all of it."""

    headline: str
    text: str


def message(alert: Alert, language: Language) -> Message:
    """Return an alert in words."""
    place = ("ru", "en").index(language)
    headline = _HEADLINES[alert.kinds[0]][place]
    late = AlertKind.DEADLINE_LATE in alert.kinds[1:]
    if late:
        headline += f": {_HEADLINES[AlertKind.DEADLINE_LATE][place].lower()}"
    verdict = alert.verdict
    if language == "ru" and verdict in _VERDICTS:
        verdict = f"{_VERDICTS[verdict]} ({verdict})"
    cells = {
        "subject": alert.subject, "verdict": verdict, "rule": alert.rule, "lists": ", ".join(alert.lists),
        "detail": _DETAILS[alert.detail][place] if alert.detail in _DETAILS else alert.detail,
        "at": moscow(alert.at, language),
    }  # fmt: skip
    if ":" in alert.subject and not alert.subject.startswith("list:"):
        cells["next"] = ", ".join(alert.next_actions) or _NOTHING[place]
        cells["due"] = moscow(alert.due_at, language) if alert.due_at else _NO_TERM[place]
    cells |= {"show": command(alert), "mark": alert.alert_id}
    lines = [f"{_LABELS[name][place]}: {cell}" for name, cell in cells.items() if cell]
    return Message(f"[sito] {headline}: {alert.subject}", "\n".join((f"{headline}.", "", *lines, "")))


def moscow(at: datetime, language: Language) -> str:
    """Return an instant in Moscow time."""
    return f"{at.astimezone(MOSCOW):%d.%m.%Y %H:%M} " + ("по Москве" if language == "ru" else "Moscow time")


def command(alert: Alert) -> str:
    """Return what to type to see it."""
    if alert.kinds[0] is AlertKind.ATTEMPT_REFUSED:
        return "sito ledger show --kind attempt_refused" + (f" --after {alert.sequence - 1}" if alert.sequence else "")
    if alert.subject.startswith("list:"):
        return f"sito ledger show --subject {shlex.quote(alert.subject)}"
    return f"sito case show {alert.subject}" if ":" in alert.subject else "sito alerts status"
