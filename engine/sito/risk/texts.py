"""What the indicator says to people: English for the terminal, Russian for the report of the officer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sito.policy.calendar import MOSCOW
from sito.risk.indicator import MetricState, Turn
from sito.risk.items import Standing
from sito.risk.kinds import Block, Level, Metric, Unit, Why
from sito.risk.settings import Threshold

Language = Literal["en", "ru"]
_Pair = tuple[str, str]  # English, Russian

LEVELS: dict[Level, _Pair] = {
    Level.LOW: ("low", "низкий"), Level.MODERATE: ("moderate", "умеренный"), Level.RAISED: ("raised", "повышенный"),
    Level.HIGH: ("high", "высокий"),
}  # fmt: skip
BLOCKS: dict[Block, _Pair] = {
    Block.CONTROL: ("Organisation of internal control", "Организация внутреннего контроля"),
    Block.MESSAGES: ("Messages", "Представление сообщений"),
    Block.LISTS: ("Work with the lists", "Работа с перечнем"),
    Block.SUSPICIOUS: ("Suspicious operations (informs only)", "Направление СПО (справочно)"),
    Block.VOLUNTARY: (
        "Voluntary cooperation and self-education (informs only)",
        "Добровольное сотрудничество и самообучение (справочно)",
    ),
    Block.MENDING: ("Mending of violations", "Устранение нарушений"),
}
NOT_ACTIVE: _Pair = ("Not active at the authority.", "Блок в личном кабинете не действует.")
TITLES: dict[Metric, _Pair] = {
    Metric.OPERATION_LATE: ("Operation messages sent late", "Доля сообщений об операциях, направленных с опозданием"),
    Metric.REFUSAL_LATE: ("Refusal messages sent late", "Доля сообщений об отказах, направленных с опозданием"),
    Metric.REJECTED_OPEN: ("Rejected and not corrected", "Доля отвергнутых и не исправленных сообщений"),
    Metric.TE_UNUSED: ("List of terrorists unused", "Перечень террористов и экстремистов не использовался"),
    Metric.MVK_UNUSED: ("List of the commission unused", "Перечень межведомственной комиссии не использовался"),
    Metric.CHECK_MISSING: ("Check message within 3 months", "Сообщение о проверке клиентов за три месяца"),
    Metric.CHECK_LATE: ("Check messages sent late", "Доля сообщений о проверке, направленных с опозданием"),
    Metric.CHECK_UNLISTED: ("Checks without use of a list", "Сообщения о проверке без использования перечня"),
}
ADVICE: dict[Metric, _Pair] = {
    Metric.OPERATION_LATE: (
        "Send what is overdue now (sito deadlines); see why the late ones waited.",
        "Направьте просроченные сообщения (sito deadlines) и разберите причины опозданий.",
    ),
    Metric.REFUSAL_LATE: (
        "Report each refusal by the next working day (sito deadlines).",
        "Сообщайте об отказе не позднее следующего рабочего дня (sito deadlines).",
    ),
    Metric.REJECTED_OPEN: (
        "Correct each rejected message (sito fes draft); where its number was refused, delete it and report anew.",
        "Исправьте отвергнутые сообщения (sito fes draft); если повторён номер записи — удалите сообщение"
        " и направьте новое.",
    ),
    Metric.TE_UNUSED: (
        "Load the newest edition and screen the clients with it (sito clients screen).",
        "Загрузите новую редакцию перечня и проверьте по ней клиентов (sito clients screen).",
    ),
    Metric.MVK_UNUSED: (
        "Load the newest decisions and screen the clients with them (sito clients screen).",
        "Загрузите новые решения комиссии и проверьте по ним клиентов (sito clients screen).",
    ),
    Metric.CHECK_MISSING: (
        "Run the check (sito clients check) and send its message before the day named, also with nothing found.",
        "Проведите проверку (sito clients check) и направьте сообщение до указанного срока, даже если совпадений нет.",
    ),
    Metric.CHECK_LATE: (
        "Send the next check message in time: one late of four a year weighs a quarter.",
        "Направьте следующее сообщение о проверке в срок: одно опоздание из четырёх — четверть показателя.",
    ),
    Metric.CHECK_UNLISTED: (
        "Use the list before each check, and let the use be recorded; the message that is named says otherwise.",
        "Перед каждой проверкой используйте перечень с записью в журнал; указанное сообщение этому противоречит.",
    ),
}
NO_BEGINNING: _Pair = (
    "No check message is known, nor when you registered: tell --registered-on.",
    "Нет ни сообщения о проверке, ни даты регистрации в личном кабинете: укажите --registered-on.",
)
NOT_BEGUN: _Pair = (
    "The ledger tells of nothing at that time, so that nothing can be known.",
    "В журнале на это время нет ни одного события: показатель неизвестен.",
)
NEVER_USED: _Pair = (
    "No use is known; counted from the beginning of the ledger, so that it is longer.",
    "использование неизвестно; отсчёт от начала журнала, поэтому срок не меньше",
)
WHYS: dict[Why, _Pair] = {
    Why.SENT: ("sent", "направлено"),
    Why.IN_TIME: ("sent in time", "направлено в срок"), Why.LATE: ("sent late", "направлено с опозданием"),
    Why.OVERDUE: ("overdue and not sent", "срок истёк, не направлено"),
    Why.DROPPED: ("nothing to send any more", "направлять не требуется"), Why.REJECTED: ("rejected", "отвергнуто"),
    Why.CORRECTED: ("corrected", "исправлено"), Why.DELETED: ("deleted", "удалено"), Why.USED: ("used", "использован"),
    Why.UNUSED: ("used last", "последнее использование"), Why.CHECK_TOLD: ("check told", "сообщено о проверке"),
    Why.CHECK_UNLISTED: ("check told, no list used before", "сообщено о проверке без использования перечня"),
    Why.TICKED: ("ticked", "отмечено"), Why.BEGAN: ("counted from here", "начало отсчёта"),
}  # fmt: skip
STANDINGS: dict[Standing, _Pair] = {
    Standing.DONE: ("done", "выполнено"), Standing.EXPIRED: ("expired", "срок отметки истёк"),
    Standing.MISSING: ("not ticked", "не отмечено"),
}  # fmt: skip
DRAFT: _Pair = ("draft", "черновик")
DRAFT_NOTE: _Pair = (
    "draft: rests on messages of kinds 04 and 05 or on receipts, of which no official format was found",
    "черновик: показатель опирается на сообщения видов 04 и 05 либо на квитанции; официальный формат не найден",
)
_ONE_DAY = timedelta(days=1)


def of(pair: _Pair, language: Language) -> str:
    """Return the text in a language."""
    return pair[0] if language == "en" else pair[1]


def value_text(metric: MetricState, value: float | None, language: Language) -> str:
    """Return a value of a metric in words."""
    return number_text(metric.unit, value, language)


def number_text(unit: Unit, value: float | None, language: Language) -> str:
    """Return a value in its unit; days are whole ones, and never more than have passed or are left."""
    if value is None:
        return of(("unknown", "неизвестно"), language)
    if unit is Unit.SHARE:
        return f"{100 * value:.1f} %" if language == "en" else f"{100 * value:.1f} %".replace(".", ",")
    if unit is Unit.COUNT:
        return f"{value:.0f}"
    days, word = int(abs(value)), of(("d", "дн."), language)
    if unit is Unit.DAYS:
        return f"{days} {word}"
    if value < 0:
        return of((f"{days} {word} left", f"осталось {days} {word}"), language)
    return of((f"{days} {word} late", f"просрочено на {days} {word}"), language)


def detail_text(metric: MetricState, language: Language) -> str:
    """Return what a value is made of, empty if nothing is to be added."""
    if metric.value is None:
        return of(NOT_BEGUN if metric.history[-1].level is None else NO_BEGINNING, language)
    if metric.is_least:
        return of(NEVER_USED, language)
    if metric.unit is Unit.SHARE:
        return of((f"{metric.count} of {metric.of}", f"{metric.count} из {metric.of}"), language)
    if metric.unit is Unit.COUNT:
        return of((f"of {metric.of} in the year", f"из {metric.of} за год"), language)
    if metric.due_at is not None:
        day = day_text(metric.due_at - timedelta(microseconds=1), language)
        return of((f"by {day}", f"не позднее {day}"), language)
    return ""


def cause_text(turn: Turn, language: Language, *, shown_max: int) -> str:
    """Return by what a metric changed: the time that passed, and the newest events."""
    newest = turn.events[-shown_max:]
    named = [
        of(
            (
                f"event {one.sequence} {one.subject} {WHYS[one.why][0]} {day_text(one.at, 'en')}",
                f"№ {one.sequence} {one.subject} {day_text(one.at, 'ru')}: {WHYS[one.why][1]}",
            ),
            language,
        )
        for one in newest
    ]
    if turn.event_count > len(newest):
        left = turn.event_count - len(newest)
        named.append(of((f"{left} more", f"и ещё {left}"), language))
    passed = [of(("by time that passed", "прошло время"), language)] if turn.by_time else []
    return "; ".join([*passed, *([(", " if language == "en" else "; ").join(named)] if named else [])])


def threshold_text(threshold: Threshold, unit: Unit, language: Language) -> str:
    """Return the least values of the three levels above the best one."""
    found = []
    for level, least in (
        (Level.MODERATE, threshold.moderate), (Level.RAISED, threshold.raised), (Level.HIGH, threshold.high)
    ):  # fmt: skip
        small = unit is Unit.SHARE and 0 < least < 0.001
        text = of(("any", "любое"), language) if small else number_text(unit, least, language)
        found.append(f"{of(LEVELS[level], language)}: {text}")
    return "; ".join(found)


def day_text(at: datetime, language: Language) -> str:
    """Return the day of an instant in Moscow."""
    local = at.astimezone(MOSCOW)
    return f"{local:%Y-%m-%d}" if language == "en" else f"{local:%d.%m.%Y}"


def moment_text(at: datetime, language: Language) -> str:
    """Return an instant in Moscow time; the end of a day is its 24:00."""
    local = at.astimezone(MOSCOW)
    is_end = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    day = day_text(at - _ONE_DAY if is_end else at, language)
    time = "24:00" if is_end else f"{local:%H:%M}"
    return f"{day} {time} " + of(("MSK", "по Москве"), language)
