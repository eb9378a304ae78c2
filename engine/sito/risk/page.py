"""The report of the officer: one page of HTML in Russian, with a picture of each metric by week.

It asks for nothing from outside and runs nothing: no scripts, no fonts, no pictures but those drawn in it. It is built
as a tree, so that no text can become markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lxml import etree

from sito.policy.deadlines import Certainty
from sito.risk.indicator import Change, Indicator, MetricState, Point
from sito.risk.items import ItemState, Standing
from sito.risk.kinds import Block, Level, Metric
from sito.risk.texts import (
    ADVICE,
    BLOCKS,
    DRAFT,
    DRAFT_NOTE,
    LEVELS,
    NOT_ACTIVE,
    STANDINGS,
    TITLES,
    WHYS,
    cause_text,
    day_text,
    detail_text,
    moment_text,
    number_text,
    threshold_text,
    value_text,
)

CHART_WIDTH, CHART_HEIGHT = 636, 72  # of a picture, in its own units
EVENT_COUNT = 10  # that are named with a change, the newest
TURN_COUNT = 12  # changes of a level that are named, the newest
_BAR = 12  # width of a week
_COLOURS = {Level.LOW: "#2e7d32", Level.MODERATE: "#f9a825", Level.RAISED: "#ef6c00", Level.HIGH: "#c62828"}
_STYLE = """
body { font: 15px/1.45 sans-serif; color: #1c1c1c; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #bbb; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.level { color: #fff; padding: .1rem .5rem; border-radius: .2rem; white-space: nowrap; }
.low { background: #2e7d32; } .moderate { background: #f9a825; color: #000; }
.raised { background: #ef6c00; color: #000; } .high { background: #c62828; }
.draft { border: 1px dashed #777; padding: 0 .3rem; font-size: .8rem; }
.note, small { color: #555; font-size: .85rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .5rem; vertical-align: top; }
tr { border-bottom: 1px solid #ddd; } svg { display: block; width: 100%; height: auto; margin: .3rem 0; }
section { break-inside: avoid; }
"""
_DOCTYPE = "<!DOCTYPE html>"
_MAKER = "sito risk"
_UNPUBLISHED = ": Росфинмониторингом не опубликованы"
# Every report begins so, and nothing else does.
BEGINNING = f"""{_DOCTYPE}
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="generator" content="{_MAKER}">
""".encode()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(found: Indicator) -> bytes:
    """Return the report as a whole document in UTF-8; equal indicators give equal bytes."""
    head = _el(
        "head", _el("meta", charset="utf-8"), _el("meta", name="generator", content=_MAKER),
        _el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        _el("meta", name="referrer", content="no-referrer"), _el("title", "Индикатор риска"), _el("style", _STYLE),
    )  # fmt: skip
    is_forecast = found.at > found.read_at
    shown = f"На {moment_text(found.at, 'ru')}"
    if is_forecast:
        shown += f", если ничего не произойдёт; данные журнала на {moment_text(found.read_at, 'ru')}"
    body = _el(
        "body", _el("h1", "Индикатор риска: ", _badge(found.level)), _el("p", shown),
        _note(
            "Расчёт по журналу sito за год. Пороги уровней Росфинмониторингом не опубликованы [K]: "
            f"{found.thresholds}, SHA-256 {found.digest[:12]}. Значение в личном кабинете может отличаться."
        ),
        _chart(found.history, None), _el("h2", f"Что изменилось с {moment_text(found.since, 'ru')}"),
        _changes(found.changes, found),
    )  # fmt: skip
    for block in Block:
        body.append(_el("h2", BLOCKS[block][1]))
        for metric in found.metrics:
            if metric.block is block:
                body.append(_metric(metric))
        items = [item for item in found.items if item.block is block]
        if items:
            body.append(_items(items))
        if block is Block.MENDING:
            body.append(_el("p", NOT_ACTIVE[1]))
    body.append(_el("h2", "Примечания"))
    body.append(_note(DRAFT_NOTE[1][:1].upper() + DRAFT_NOTE[1][1:] + "."))
    body.append(_note(f"Журнал {found.ledger_id}, последнее учтённое событие № {found.last_sequence}."))
    html = _el("html", head, body, lang="ru")
    return bytes(etree.tostring(html, method="html", encoding="utf-8", doctype=_DOCTYPE, pretty_print=True))


def _el(tag: str, *children: etree._Element | str, **attributes: str) -> etree._Element:
    """Return an element; a text that XML cannot hold is shown without what it cannot."""
    made = etree.Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    for child in children:
        if not isinstance(child, str):
            made.append(child)
            continue
        text = "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in child)
        if len(made):
            made[-1].tail = (made[-1].tail or "") + text
        else:
            made.text = (made.text or "") + text
    return made


def _note(text: str) -> etree._Element:
    return _el("p", text, class_="note")


def _badge(level: Level | None) -> etree._Element:
    return _el("span", LEVELS[level][1] if level else "нет данных", class_=f"level {level or ''}".strip())


def _metric(metric: MetricState) -> etree._Element:
    title = _el("h3", TITLES[metric.metric][1], " ", _badge(metric.level))
    if metric.is_draft:
        title.append(_el("span", DRAFT[1], class_="draft"))
        title[-2].tail = " "
    detail = detail_text(metric, "ru")
    value = value_text(metric, metric.value, "ru")
    made = _el("section", title, _el("p", _el("strong", value), f" ({detail})" if detail else ""))
    made.append(_chart(metric.history, metric))
    if metric.level is not Level.LOW:
        made.append(_el("p", _el("strong", "Что делать: "), ADVICE[metric.metric][1]))
    if metric.evidence:
        events = "; ".join(
            f"№ {one.sequence} {one.subject} {day_text(one.at, 'ru')}: {WHYS[one.why][1]}" for one in metric.evidence
        )
        left = metric.evidence_count - len(metric.evidence)
        made.append(_el("p", "События: ", events, f"; и ещё {left}" if left else ""))
    turns = [(one, other) for one, other in pairwise(metric.history) if other.turn is not None]
    if turns:
        made.append(_el("p", "Смена уровня по неделям:"))
        made.append(_el("ul", *(_turn(former, point) for former, point in reversed(turns[-TURN_COUNT:]))))
    threshold = metric.threshold
    made.append(
        _note(
            f"Пороги [{threshold.certainty}{_UNPUBLISHED if threshold.certainty is Certainty.BELIEVED else ''}] "
            f"с {threshold.valid_from:%d.%m.%Y}: {threshold_text(threshold, metric.unit, 'ru')}"
        )
    )
    return made


def _turn(former: Point, point: Point) -> etree._Element:
    was = LEVELS[former.level][1] if former.level else "нет данных"
    now = LEVELS[point.level][1] if point.level else "нет данных"
    cause = cause_text(point.turn, "ru", shown_max=EVENT_COUNT) if point.turn else ""
    return _el("li", f"{point.week}: {was} → {now}: {cause}")


def _changes(changes: Sequence[Change], found: Indicator) -> etree._Element:
    if not changes:
        return _el("p", "Ничего.")
    units = {metric.metric.value: metric.unit for metric in found.metrics}
    titles = {metric.value: TITLES[metric][1] for metric in Metric} | {item.id: item.title_ru for item in found.items}
    rows = _el("tbody")
    for change in changes:
        unit = units.get(change.what)
        was = LEVELS[change.former_level][1] if change.former_level else "нет данных"
        values = ""
        if unit is not None:
            former = "—" if change.former_level is None else number_text(unit, change.former_value, "ru")
            values = f"{former} → {number_text(unit, change.value, 'ru')}"
        cause = cause_text(change.turn, "ru", shown_max=EVENT_COUNT)
        rows.append(
            _el("tr", _el("td", titles.get(change.what, change.what)), _el("td", was, " → ", _badge(change.level)),
                _el("td", values), _el("td", cause))
        )  # fmt: skip
    names = ("Показатель", "Уровень", "Значение", "Какими событиями")
    return _el("table", _el("thead", _el("tr", *(_el("th", name) for name in names))), rows)


def _items(items: Sequence[ItemState]) -> etree._Element:
    rows = _el("tbody")
    for item in items:
        held = ""
        if item.on is not None and item.expires_on is not None:
            held = f"{item.on:%d.%m.%Y}, {item.document}; действует по {item.expires_on:%d.%m.%Y}"
        level: Sequence[etree._Element | str] = (_badge(item.level),) if item.standing is not Standing.DONE else ()
        rows.append(
            _el("tr", _el("td", item.title_ru, " ", _el("small", item.id)),
                _el("td", STANDINGS[item.standing][1], " ", *level), _el("td", held))
        )  # fmt: skip
    names = ("Отмечает сотрудник", "Состояние", "Дата и документ")
    return _el("table", _el("thead", _el("tr", *(_el("th", name) for name in names))), rows)


def _chart(history: Sequence[Point], metric: MetricState | None) -> etree._Element:
    """Return a picture: a bar for each week, as high as its value, in the colour of its level.

    Args:
        metric: Whose history it is; None: of all together, of which bars are as high as their level is bad.
    """
    heights = [_height(point, metric) for point in history]
    least = metric.threshold.high if metric is not None else 0.0
    low, top = min(0.0, *heights), max(heights)
    top = max(top, least if low == 0 else 0.0, low + 1e-9)
    scale = (CHART_HEIGHT - 16) / (top - low)
    width = max(CHART_WIDTH, _BAR * len(history))
    title = TITLES[metric.metric][1] if metric is not None else "Общий уровень"
    made = _el("svg", _el("title", f"{title}: по неделям за год"), viewBox=f"0 0 {width} {CHART_HEIGHT}", role="img")
    for place, (point, height) in enumerate(zip(history, heights, strict=True)):
        if point.level is None:
            continue
        size = max(2.0, scale * (height - low))
        value = LEVELS[point.level][1]
        if metric is not None:
            value = f"{value_text(metric, point.value, 'ru')}, {value}"
        bar = _el(
            "rect", _el("title", f"{point.week}: {value}"), x=f"{place * _BAR + 1}", width=f"{_BAR - 2}",
            y=f"{CHART_HEIGHT - 12 - size:.1f}", height=f"{size:.1f}", fill=_COLOURS[point.level],
        )  # fmt: skip
        if point.is_forecast:
            bar.set("fill-opacity", "0.5")
        made.append(bar)
    made.append(_el("line", x1="0", x2=f"{width}", y1=f"{CHART_HEIGHT - 12}", y2=f"{CHART_HEIGHT - 12}", stroke="#999"))
    for place, anchor in ((0, "start"), (len(history) - 1, "end")):
        x = "0" if anchor == "start" else f"{width}"
        made.append(
            _el(
                "text", history[place].week, x=x, y=f"{CHART_HEIGHT - 1}", text_anchor=anchor, font_size="10",
                fill="#555",
            )
        )  # fmt: skip
    return made


def _height(point: Point, metric: MetricState | None) -> float:
    if point.level is None:
        return 0.0
    if metric is None:
        return 1.0 + point.level.rank
    return metric.threshold.high if point.value is None else point.value
