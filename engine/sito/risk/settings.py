"""Thresholds, lists and checklist of the indicator: dated data of a file, for the authority has published none of them.

A file of the bank replaces the shipped one as a whole, so that nobody has to know which half of two is in force.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import date
from functools import cache
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import RiskError
from sito.policy.deadlines import Certainty
from sito.risk.kinds import ITEM_TICKED, REPORTS, Block, Level, Metric
from sito.toml import SIZE_MAX, TomlError, convert_toml, read_limited

SHIPPED = "thresholds.toml"

Word = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[a-z][a-z0-9_]*\Z")]
ListId = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Months = Annotated[int, msgspec.Meta(ge=1, le=120)]
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From which value on a metric has which level, on which days. A table `[[threshold]]`.

    Attributes:
        moderate, raised, high: The least value of each; in the unit of the metric.
        valid_from, valid_to: Days in Moscow, half-open; open at the end if there is no `valid_to`.
        certainty, source: As of a term of the policy.
    """

    metric: Metric
    moderate: float
    raised: float
    high: float
    valid_from: date
    certainty: Certainty
    source: Line
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Is it in force on a day in Moscow?"""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def level_of(self, value: float) -> Level:
        """Return the worst level whose least value is reached."""
        for level, least in ((Level.HIGH, self.high), (Level.RAISED, self.raised), (Level.MODERATE, self.moderate)):
            if value >= least:
                return level
        return Level.LOW


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that no program can know, and that the officer ticks. A table `[[item]]`.

    Attributes:
        title, title_ru: What is ticked.
        valid_months: For how long a tick holds, from the day that it names.
        missing: Level without a valid tick; `low` for what informs only and never moves the indicator.
        ticked_by: Kind of an event that is a tick as well; empty: none.
    """

    id: Word
    block: Block
    title: Line
    title_ru: Line
    valid_months: Months
    missing: Level
    certainty: Certainty
    source: Line
    ticked_by: Word | None = None


class Uses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which lists are meant, and which events are uses of one. The table `[lists]`.

    Attributes:
        te, mvk: Ids of lists that count as the one of terrorists and that of the commission.
        any: Ids of lists of which one at least is used between two checks.
        events: Kinds of events of which the subject is `list:ID`.
    """

    te: Annotated[tuple[ListId, ...], msgspec.Meta(min_length=1)]
    mvk: Annotated[tuple[ListId, ...], msgspec.Meta(min_length=1)]
    any: Annotated[tuple[ListId, ...], msgspec.Meta(min_length=1)]
    events: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: Line
    edition: Line
    lists: Uses
    threshold: tuple[Threshold, ...]
    item: tuple[Item, ...] = ()
    registered_on: date | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A file, read and looked at.

    Attributes:
        title, edition: What the file says it is.
        digest: SHA-256 of its bytes, in hexadecimal digits.
        registered_on: Day of registration in the personal account, from which the first check message is counted.
    """

    title: str
    edition: str
    digest: str
    lists: Uses
    thresholds: tuple[Threshold, ...]
    items: tuple[Item, ...]
    registered_on: date | None = None

    def threshold(self, metric: Metric, day: date) -> Threshold:
        """Return the threshold in force on a day in Moscow.

        Raises:
            RiskError: RSK103 there is none.
        """
        for known in self.thresholds:
            if known.metric is metric and known.holds_on(day):
                return known
        raise RiskError(
            "RSK103", expected=f"a threshold of {metric.value} in force on each day that is shown",
            got=f"none on {day}", where="thresholds", todo="give the file one that was in force then",
        )  # fmt: skip

    def item(self, item_id: str) -> Item:
        """Return an item of the checklist.

        Raises:
            RiskError: RSK104 there is none of that id.
        """
        for known in self.items:
            if known.id == item_id:
                return known
        names = ", ".join(known.id for known in self.items)
        raise RiskError("RSK104", expected=f"an item of the checklist: {names}", got="another word", where="item")


@cache
def shipped() -> Settings:
    """Return the settings that come with sito."""
    return _settings(files("sito.risk").joinpath("data", SHIPPED).read_bytes(), SHIPPED)


def read_settings(path: Path) -> Settings:
    """Read a file.

    Raises:
        RiskError: RSK101 it cannot be read, is too large, is no TOML or says something else; RSK102 thresholds that
            contradict, a metric without one, or an item twice.
    """
    try:
        data = read_limited(path)
    except TomlError as error:
        raise _unreadable(str(error), path.name) from None
    return _settings(data, path.name)


def _settings(data: bytes, where: str) -> Settings:
    try:
        found = convert_toml(data, _File)
    except TomlError as error:
        raise _unreadable(str(error), error.where(where)) from None
    _check(found, where)
    return Settings(
        title=found.title, edition=found.edition, digest=hashlib.sha256(data).hexdigest(), lists=found.lists,
        thresholds=found.threshold, items=found.item, registered_on=found.registered_on,
    )  # fmt: skip


def _check(found: _File, where: str) -> None:
    texts = [found.title, found.edition]
    texts += [text for item in found.item for text in (item.title, item.title_ru, item.source)]
    texts += [one.source for one in found.threshold]
    if any(UNSEEN.search(text) for text in texts):
        raise _unreadable("a text with characters that nobody sees", where)
    for number, one in enumerate(found.threshold, 1):
        place = f"{where}, threshold {number}, {one.metric.value}"
        if not -inf < one.moderate <= one.raised <= one.high < inf:  # also where one of them is no number
            raise _contradiction("moderate, raised and high, finite and in this order", "others", place)
        if one.valid_to is not None and one.valid_to <= one.valid_from:
            raise _contradiction("valid_to after valid_from", f"{one.valid_from} to {one.valid_to}", place)
        for other in found.threshold[: number - 1]:
            start = max(one.valid_from, other.valid_from)
            if other.metric is one.metric and one.holds_on(start) and other.holds_on(start):
                raise _contradiction("one threshold of a metric on each day", f"two from {start} on", place)
    for metric in Metric:
        if not any(one.metric is metric and one.valid_to is None for one in found.threshold):
            raise _contradiction("a threshold of each metric without an end", f"none of {metric.value}", where)
    twice = [name for name, count in Counter(item.id for item in found.item).items() if count > 1]
    if twice:
        raise _contradiction("each item once", f"{twice[0]} again", where)
    # A kind that is taken for a use of a list would be looked at as nothing else, and late messages be seen no more.
    ticked = {item.ticked_by for item in found.item if item.ticked_by}
    for kind in found.lists.events:
        if kind in REPORTS or kind in ticked or kind == ITEM_TICKED:
            raise _contradiction("kinds of events that are uses of a list", kind, f"{where}, lists.events")
    if ITEM_TICKED in ticked:
        raise _contradiction("ticked_by that is no tick itself", ITEM_TICKED, where)


def _unreadable(got: str, where: str) -> RiskError:
    return RiskError(
        "RSK101", expected=f"a file of thresholds as docs/risk.md describes it, of at most {SIZE_MAX} bytes",
        got=got, where=where,
    )  # fmt: skip


def _contradiction(expected: str, got: str, where: str) -> RiskError:
    """RSK102 settings of the indicator that contradict themselves."""
    return RiskError("RSK102", expected=expected, got=got, where=where)
