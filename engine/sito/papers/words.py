"""Words of the papers: states, grounds, persons, days and money in Russian."""

from __future__ import annotations

import re
from datetime import date, datetime

from sito.ledger import Stored
from sito.policy.calendar import MOSCOW
from sito.policy.rules import Duty, PolicyFile, Rule

NONE = "—"
HIDDEN = "персональные данные не раскрыты"
DELETED = "персональные данные удалены по окончании срока хранения"

STATES: dict[str, dict[str, str]] = {
    "case": {
        "new": "новое", "in_review": "на рассмотрении", "escalated": "передано руководителю",
        "confirmed": "совпадение подтверждено", "rejected": "совпадение отклонено", "approved": "решение утверждено",
        "reopened": "открыто повторно",
    },
    "freeze": {
        "proposed": "предложена", "withdrawn": "отозвана до применения", "applied": "действует",
        "partly_released": "действует, часть средств выдана", "lifted": "снята",
    },
    "suspension": {
        "applied": "приостановлена", "ordered": "приостановлена по решению Росфинмониторинга",
        "extended": "приостановление продлено", "court_hold": "приостановлена по решению суда",
        "lapsed": "срок истёк, операция не исполнена", "executed": "операция исполнена", "ended": "прекращено",
    },
    "refusal": {
        "proposed": "предложен", "withdrawn": "предложение отозвано", "refused": "отказано",
        "reported": "отказано, сообщено", "repealed": "отказ отменён",
    },
    "message": {
        "draft": "составлено", "officer_reports": "решение СДЛ: сообщить", "officer_drops": "решение СДЛ: не сообщать",
        "to_send": "решение руководителя: сообщить", "dropped": "решение руководителя: не сообщать",
        "sent": "сообщение направлено",
    },
    "check": {
        "planned": "запланирована", "running": "проводится", "finished": "завершена, не сообщено",
        "reported": "завершена, сообщено",
    },
    "audit": {"planned": "запланирована", "reported": "отчёт представлен", "accepted": "отчёт принят руководителем"},
}  # fmt: skip
ROLES = {
    "officer": "СДЛ", "head": "руководитель", "operator": "исполнитель", "auditor": "проверяющий",
    "system": "программа",
}  # fmt: skip
REFUSAL_GROUNDS = {
    "documents_missing": "не представлены документы", "suspicion": "подозрение", "listed": "лицо в перечне",
    "remote_opening": "дистанционное открытие счёта",
}  # fmt: skip
LIFT_GROUNDS = {
    "delisted": "исключение из перечня", "decision_cancelled": "решение отменено", "court": "решение суда",
    "mistake": "ошибка",
}  # fmt: skip
END_GROUNDS = {
    "client_withdrew": "клиент отозвал распоряжение", "refused": "в исполнении отказано",
    "frozen": "средства заморожены", "mistake": "ошибка",
}  # fmt: skip
REVIEWS = {"no_order": "постановления нет", "order_expected": "постановление ожидается"}
PURPOSES = {"load": "загрузка", "payments": "проверка платежей", "check": "проверка клиентов", "lookup": "поиск лица"}
KINDS = {
    "freeze": "замораживание (блокирование)", "release": "прекращение замораживания", "suspension": "приостановление",
    "refusal": "отказ", "check": "результаты проверки клиентов", "operation": "операция",
    "deletion": "удаление сообщения",
}  # fmt: skip
# References of the policy are written in the Latin alphabet; signs and numbers stay as they are.
_REFERENCES = (
    (re.compile(r"\bArt\. "), "ст. "), (re.compile(r"\bc\. "), "п. "), (re.compile(r"-FZ\b"), "-ФЗ"),
    (re.compile(r"\bDecree "), "Постановление № "), (re.compile(r"\bOrder "), "Приказ № "),
    (re.compile(r"\bpara "), "абз. "), (re.compile(r"\bpart "), "ч. "), (re.compile(r"\bformerly "), "ранее "),
    (re.compile(r"\bBank of Russia Regulation 375-P\b"), "Положение Банка России 375-П"),
    (re.compile(r"\bin the wording of "), "в редакции "),
    (re.compile(r"\bin its former wording\b"), "в прежней редакции"),
    (re.compile(r"\bpolicy of the bank\b"), "правила внутреннего контроля"), (re.compile(r"\bcode (?=\d)"), "код "),
    (re.compile(r"; now "), "; ныне "), (re.compile(r" of (\d{4})-(\d{2})-(\d{2})"), r" от \3.\2.\1"),
    (re.compile(r"risk indicator of the personal account"), "риск-индикатор личного кабинета"),
)  # fmt: skip


def day(value: date | str) -> str:
    """Return a day as Russians write it; of a text that is none, the text."""
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    try:
        return date.fromisoformat(value).strftime("%d.%m.%Y")
    except ValueError:
        return value


def when(at: datetime) -> str:
    """Return an instant in the time of Moscow, to the minute."""
    return at.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M")


def money(kopecks: int) -> str:
    """Return an amount in roubles, with spaces between thousands that do not break."""
    roubles, rest = divmod(abs(kopecks), 100)
    grouped = f"{roubles:,}".replace(",", "\u00a0")
    return f"{'-' if kopecks < 0 else ''}{grouped},{rest:02d}\u00a0руб."


def who(stored: Stored) -> str:
    """Return who took a step, and as what."""
    return f"{stored.caller.name} ({ROLES.get(stored.caller.role, stored.caller.role)})"


def step(stored: Stored | None) -> str:
    """Return when a step was taken and by whom."""
    return NONE if stored is None else f"{when(stored.at)}\n{who(stored)}"


def state(machine: str, name: str) -> str:
    """Return a state in words; one that is not known as it is."""
    return STATES.get(machine, {}).get(name, name) or NONE


def law(policy: PolicyFile, rule_id: str, told: str = "") -> str:
    """Return where a rule stands: what the step told, else what the policy says; empty if neither does."""
    rules: tuple[Duty | Rule, ...] = (*policy.duties, *policy.rules)
    own = next((one for one in rules if one.id == rule_id), None)
    part = own or next((one for one in rules if one.id.startswith(f"{rule_id}/")), None)
    text = told or (part.law if part is not None else "")
    for pattern, words in _REFERENCES:
        text = pattern.sub(words, text)
    return text


def joined(*texts: str, sign: str = "\n") -> str:
    """Return the texts that are not empty, one after the other; a dash if there is none."""
    return sign.join(text for text in texts if text and text != NONE) or NONE
