"""The report of the officer: whole, quiet, and with a picture of each metric."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import msgspec
from lxml import etree
from lxml import html as html_of
from tests.risk.test_metrics import SETTINGS, START, Story, check, schedule, sent

from sito.risk import Indicator, Metric, indicate
from sito.risk.events import Seen
from sito.risk.kinds import ITEM_TICKED
from sito.risk.page import BEGINNING, page
from sito.risk.texts import TITLES

BAD = sent(check(Story(), 1, 10, used=8), 3, 20, due_at=19)(24, "fes_rejected", "fes:3")


def read(found: Indicator) -> etree._Element:
    data = page(found)
    assert data.startswith(BEGINNING) and data == page(found)
    return html_of.document_fromstring(data.decode())


def test_it_asks_for_nothing_from_outside_and_runs_nothing() -> None:
    text = page(BAD.show(60)).decode()
    assert not re.search(r"https?:|<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\bon[a-z]+=", text)
    assert "default-src 'none'" in text


def test_each_metric_has_its_picture_by_week_and_says_what_to_do() -> None:
    found = BAD.show(60)
    tree = read(found)
    pictures = tree.xpath("//svg")
    assert len(pictures) == 1 + len(Metric)
    begun = sum(point.level is not None for point in found.history)
    for picture in pictures:
        bars = picture.xpath(".//rect")
        assert len(bars) == begun and all(bar.xpath("string(title)") for bar in bars)
        assert all(0 <= float(bar.get("height")) <= 72 and 0 <= float(bar.get("y")) <= 72 for bar in bars)
    text = tree.text_content()
    assert all(TITLES[metric][1] in text for metric in Metric)
    assert "не опубликованы [K]" in text and text.count("Что делать:") == sum(
        metric.level != "low" for metric in found.metrics
    )
    # Which events made it so, when, and in which week.
    assert "События: № 8 fes:3 06.02.2025: отвергнуто" in text
    assert "2025-W06: низкий → высокий: № 8 fes:3 06.02.2025: отвергнуто" in text
    last = "№ 1 list:RU-TE 21.01.2025: последнее использование"
    assert f"2025-W05: низкий → умеренный: прошло время; {last}" in text
    assert text.count("не отмечено") == len(found.items) and text.count("[K: Росфинмониторингом не опубл") == len(
        Metric
    )


def test_what_is_to_come_is_marked() -> None:
    tree = read(BAD.show(25, on=date(2025, 5, 25)))
    assert "если ничего не произойдёт" in tree.text_content()
    assert tree.xpath("//rect[@fill-opacity='0.5']")


def test_a_ledger_without_events_is_no_good_news() -> None:
    text = read(indicate(iter(()), settings=SETTINGS, schedule=schedule(), read_at=START)).text_content()
    assert text.count("показатель неизвестен") == len(Metric) and "Индикатор риска: повышенный" in text


def test_no_text_becomes_markup() -> None:
    document = '</td><script>alert("1")</script>\u202e'
    facts = {"item": "training", "on": "2025-01-13", "document": document}
    story = Story()
    story.events.append(Seen(1, 1_736_760_000_000_000, ITEM_TICKED, "risk:training", "q", facts))
    title = "<b>&lt;Ours"
    found = msgspec.structs.replace(story.show(1), thresholds=title)
    tree = read(found)
    assert not tree.xpath("//script | //b")
    assert 'alert("1")' in tree.text_content() and title in tree.text_content()
    assert "\u202e" not in tree.text_content()


def test_great_values_leave_the_picture_whole() -> None:
    found = Story()(0, "list_loaded", "list:RU-TE").show(700)
    heights = [float(bar.get("height")) for bar in read(found).xpath("//rect")]
    assert max(heights) <= 72
    assert datetime(2026, 1, 1, tzinfo=UTC) < found.at
