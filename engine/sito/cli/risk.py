"""`sito risk`: how the authority's risk indicator of the bank stands, what changed it, and what to do."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cases.roles import READERS, Role
from sito.cli.desks import Office, clock, open_office, who_types
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json, typed_day
from sito.cli.steps import RequestId
from sito.cli.terminal import shown, write_json, write_line, write_table
from sito.errors import UsageError
from sito.risk import ALARMING, Indicator, Level, MetricState, Point, Settings, indicator, read_settings, shipped
from sito.risk import tick as record_tick
from sito.risk.items import Standing
from sito.risk.texts import (
    ADVICE,
    DRAFT_NOTE,
    LEVELS,
    NOT_BEGUN,
    STANDINGS,
    TITLES,
    WHYS,
    cause_text,
    day_text,
    detail_text,
    moment_text,
    number_text,
    value_text,
)

TICKERS = frozenset({Role.OFFICER, Role.HEAD})
DAY_MIN, DAY_MAX = date(2017, 1, 1), date(2900, 1, 1)  # of --at: a year of history has to have thresholds
EVENTS_SHOWN = 5  # of a metric or change, the newest; JSON and the report have more
_STYLES = {Level.LOW: "green", Level.MODERATE: "yellow", Level.RAISED: "bold red", Level.HIGH: "bold white on red"}
_SIGNS = "▁▂▃▄▅▆▇█"

risk = typer.Typer(
    name="risk", help="How the authority's risk indicator of the bank stands, and what to do.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None, invoke_without_command=True,
)  # fmt: skip
ThresholdsFile = Annotated[
    Path | None,
    typer.Option(
        "--thresholds", metavar="FILE", envvar="SITO_RISK_THRESHOLDS",
        help="Yours: TOML, see docs/risk.md; default: the shipped ones, for none are published.",
    ),
]  # fmt: skip
RegisteredOn = Annotated[
    str,
    typer.Option(
        "--registered-on", metavar="DATE", envvar="SITO_RISK_REGISTERED_ON",
        help="Day of registration in the personal account; instead of that of the file.",
    ),
]  # fmt: skip


@contextmanager
def _office(place: Place) -> Iterator[Office]:
    if not place.ledger or place.server:
        raise UsageError("CLI135", expected="--ledger", got="--server or nothing", where="sito risk")
    with open_office(place.ledger, place.key_file, place.key, place.policy, place.staff) as office:
        yield office


def _settings(thresholds: Path | None, registered_on: str = "") -> Settings:
    settings = shipped() if thresholds is None else read_settings(thresholds)
    if not registered_on:
        return settings
    return msgspec.structs.replace(settings, registered_on=typed_day("--registered-on", registered_on))


def _refuse_options(context: typer.Context) -> None:
    """Refuse options before the word of a command: they would be lost, and it would write to another ledger.

    Raises:
        UsageError: CLI101.
    """
    sources = {name: context.get_parameter_source(name) for name in context.params}
    told = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    if told:
        word = context.invoked_subcommand
        raise UsageError(
            "CLI101", expected=f"options behind the word {word}", got=", ".join(sorted(told)), where=f"sito risk {word}"
        )


@risk.callback(invoke_without_command=True)
@at_desk
def show(  # noqa: PLR0917  (a command line)
    place: Place,
    context: typer.Context,
    thresholds: ThresholdsFile = None,
    registered_on: RegisteredOn = "",
    at: Annotated[
        str, typer.Option("--at", metavar="DATE", help="As of the end of a day; one to come: if nothing happens.")
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the officer's report; replaces no other file.")
    ] = None,
    json: Json = False,
) -> None:
    """Show each metric with its level, its year and what changed it; leaves with 1 if anything is raised or high."""
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    now, on = clock(), typed_day("--at", at) if at else None
    if on is not None and not DAY_MIN <= on <= DAY_MAX:
        raise UsageError("CLI109", expected=f"--at: a day from {DAY_MIN} to {DAY_MAX}", got=on.isoformat())
    settings = _settings(thresholds, registered_on)
    with _office(place) as office:
        office.reception.look(who_types(place.token_file), "risk", at=now, role=place.role, wanted=READERS)
        with office.ledger.read() as view:
            found = indicator(view, settings=settings, schedule=office.schedule, read_at=now, on=on)
    if html is not None:
        _write(html, found)
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(found)))
    else:
        write_indicator(found)
        if html is not None:
            write_line(f"The report stands in {shown(html.name)}.")
    if found.level in ALARMING:
        raise typer.Exit(1)


@risk.command("tick")
@at_desk
def tick(  # noqa: PLR0917  (a command line)
    place: Place,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="As `sito risk` lists it.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day of the document, as 2026-12-31.")],
    document: Annotated[
        str, typer.Option("--document", metavar="TEXT", help="Its number; no names, for it stays in the ledger.")
    ],
    thresholds: ThresholdsFile = None,
    request_id: RequestId = "",
) -> None:
    """Record that an item of the checklist is done, by officer or head."""
    settings, day, now = _settings(thresholds), typed_day("--on", on), clock()
    with _office(place) as office:
        caller = office.reception.look(
            who_types(place.token_file), "risk", at=now, role=place.role, wanted=TICKERS
        )  # fmt: skip
        state = record_tick(
            office.ledger, settings, item, on=day, document=document, caller=caller,
            request_id=f"risk-{request_id or uuid.uuid4()}", at=now,
        )  # fmt: skip
    until = f" until {state.expires_on}" if state.expires_on else ""
    write_line(f"{state.id}: {STANDINGS[state.standing][0]}{until if state.standing is Standing.DONE else ''}")


def write_indicator(found: Indicator) -> None:
    """Write the indicator for people."""
    when = f"At {moment_text(found.at, 'en')}"
    if found.at > found.read_at:
        when += f", if nothing happens after {moment_text(found.read_at, 'en')}"
    write_line(f"{when} the risk indicator is {found.level}. Thresholds [K]: {shown(found.thresholds)}.")
    rows = []
    for metric in found.metrics:
        name = TITLES[metric.metric][0] + (" (draft)" if metric.is_draft else "")
        value = value_text(metric, metric.value, "en")
        detail = "" if _is_unknown(metric) else detail_text(metric, "en")
        rows.append((name, metric.level.value, f"{value}, {detail}" if detail else value, sparkline(metric)))
    styles = [_STYLES[metric.level] for metric in found.metrics]
    write_table(("metric", "level", "value", "year by two weeks"), rows, styles=styles)
    if found.history[-1].level is None:
        write_line(NOT_BEGUN[0])
    for metric in found.metrics:
        if metric.level is not Level.LOW and metric.history[-1].level is not None:
            _write_metric(metric)
    for line in change_lines(found):
        write_line(shown(line))
    write_table(
        ("item", "stands", "counts as", "holds until", "what"),
        [
            (
                item.id, STANDINGS[item.standing][0], item.level.value, str(item.expires_on or "-"),
                item.title + (f": {item.document}" if item.document else ""),
            )
            for item in found.items
        ],
        styles=[_STYLES[item.level] if item.standing is not Standing.DONE else "" for item in found.items],
    )  # fmt: skip
    if any(metric.is_draft for metric in found.metrics):
        write_line(f"({DRAFT_NOTE[0]})")


def _is_unknown(metric: MetricState) -> bool:
    """Does it take a sentence to say what is known?"""
    return metric.value is None or metric.is_least


def _write_metric(metric: MetricState) -> None:
    if _is_unknown(metric):
        write_line(f"{TITLES[metric.metric][0]}: {detail_text(metric, 'en')}")
    write_line(f"{TITLES[metric.metric][0]}: {ADVICE[metric.metric][0]}")
    for line in turn_lines(metric):
        write_line(shown(line))
    newest = metric.evidence[-EVENTS_SHOWN:]
    for one in newest:
        write_line(f"  event {one.sequence}, {one.subject}, {day_text(one.at, 'en')}: {WHYS[one.why][0]}")
    if metric.evidence_count > len(newest):
        write_line(f"  and {metric.evidence_count - len(newest)} older ones")


def turn_lines(metric: MetricState) -> Iterator[str]:
    """Yield the last time in the year that a metric got another level, and by which events."""
    turns = [(one, other) for one, other in pairwise(metric.history) if other.turn is not None]
    for former, point in turns[-1:]:
        was = former.level.value if former.level else "nothing known"
        cause = cause_text(point.turn, "en", shown_max=EVENTS_SHOWN) if point.turn else ""
        yield f"  {point.level} since {point.week}, {was} before: {cause}"


def change_lines(found: Indicator) -> Iterator[str]:
    """Yield what has become of metrics and items, and by which events; what reads as before is left out."""
    since, lines = moment_text(found.since, "en"), []
    metrics = {metric.metric.value: metric for metric in found.metrics}
    for change in found.changes:
        metric = metrics.get(change.what)
        was = change.former_level.value if change.former_level else "nothing known"
        line = f"  {TITLES[metric.metric][0] if metric else change.what}: {was} -> {LEVELS[change.level][0]}"
        if metric is not None:
            former = "-" if change.former_level is None else number_text(metric.unit, change.former_value, "en")
            value = number_text(metric.unit, change.value, "en")
            if (change.former_level, former) == (change.level, value):
                continue
            line += f" ({former} -> {value})"
        lines.append(f"{line}: {cause_text(change.turn, 'en', shown_max=EVENTS_SHOWN)}")
    yield f"Changed since {since}:" if lines else f"Nothing changed since {since}."
    yield from lines


def sparkline(metric: MetricState) -> str:
    """Return the year of a metric in 27 signs: the worse of each two weeks, then now, as high as its value."""
    *weeks, last = metric.history
    worst = [_worse(metric, weeks[place : place + 2]) for place in range(0, len(weeks), 2)] + [_worse(metric, [last])]
    known = [value for value in worst if value is not None]
    low, top = min([0.0, *known]), max([metric.threshold.high, *known])
    scale = (len(_SIGNS) - 1) / max(top - low, 1e-9)
    return "".join(" " if value is None else _SIGNS[round(scale * (value - low))] for value in worst)


def _worse(metric: MetricState, points: Sequence[Point]) -> float | None:
    """Return the greatest value; what nobody knows counts as bad, and what was before the ledger as nothing."""
    known = [point.value for point in points if point.level is not None]
    return max((metric.threshold.high if value is None else value for value in known), default=None)


def _write(path: Path, found: Indicator) -> None:
    """Write the report, whole or not at all; over nothing but an earlier one.

    Raises:
        UsageError: CLI133 it cannot be written, or another file is there.
    """
    from sito.risk.page import BEGINNING, page  # noqa: PLC0415  (only this option needs it)

    data = page(found)
    try:
        if path.exists() and not _begins(path, BEGINNING):  # a wrong word must not cost a ledger
            raise UsageError("CLI133", expected="a new file, or an earlier report", got="another", where=path.name)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI133", expected="a file that can be written", got=got, where=path.name) from None


def _begins(path: Path, beginning: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(beginning)) in {beginning, b""}
