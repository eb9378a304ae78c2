"""`sito deadlines`: what is due, what is late first."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import msgspec
import typer

from sito.cases.pages import HOURS_MAX
from sito.cli.desks import clock
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json
from sito.cli.screens import write_duties
from sito.cli.terminal import write_json, write_line
from sito.errors import UsageError

_SPAN = re.compile(r"([0-9]{1,6}) ?([hd])", re.ASCII)


@at_desk
def deadlines(
    place: Place,
    within: Annotated[
        str, typer.Option("--within", metavar="SPAN", help="Only what is late or due so soon: 24h, 5d.")
    ] = "",
    json: Json = False,
) -> None:
    """Say what the law wants done by when, what is late first; leaves with 1 if anything is late."""
    span, now = _span(within), clock()
    with place.door(now) as door:
        found = door.due(span)
    late = sum(one.is_late for one in found)
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(found)))
    elif found:
        write_duties(found, now)
        write_line(f"{len(found)} due, {late} of them late.")
    else:
        write_line("Nothing is due." if span is None else f"Nothing is late, and nothing due within {within.strip()}.")
    if late:
        raise typer.Exit(1)


def _span(text: str) -> timedelta | None:
    if not text:
        return None
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise UsageError("CLI134", expected="--within: hours or days as 24h or 5d", got=f"{len(text)} characters")
    count = int(match[1]) * (1 if match[2] == "h" else 24)
    if count > HOURS_MAX:
        raise UsageError("CLI134", expected=f"--within: at most {HOURS_MAX} hours", got="more")
    return timedelta(hours=count)
