"""`sito case`: look at cases, work them, and keep one as a document; and the door to every other step there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from sito.cases.machines import CASE
from sito.cases.pages import CaseLine, PaperLine
from sito.cli.desks import clock
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json
from sito.cli.screens import as_json, write_lines, write_page
from sito.cli.steps import Facts, RequestId, add_steps, take, typed_pairs
from sito.cli.terminal import shown, write_json, write_line
from sito.errors import UsageError

case = typer.Typer(
    name="case", help="Look at cases and work them; by `act`, every step of every kind.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip
Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="As case:12, freeze:3, message:1.")]
States = Annotated[list[str] | None, typer.Option("--state", metavar="STATE", help="Only in this one. Repeatable.")]
Client = Annotated[str, typer.Option("--client", metavar="ID", help="Only of this client.")]
Personal = Annotated[
    bool, typer.Option("--personal", help="Open personal data: for officer, head and auditor, with the key; recorded.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="Most lines.")]
# By hand a case is not opened, and hits are not added to it: screenings do that.
_BY_SCREENING = frozenset({"open", "repeat"})


@case.command("list")
@at_desk
def list_(  # noqa: PLR0917  (a command line)
    place: Place,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="case, message, notice, check, audit or fes.")
    ] = "case",
    state: States = None,
    client: Client = "",
    assignee: Annotated[str, typer.Option("--assignee", metavar="NAME", help="Only those of this person.")] = "",
    after: Annotated[int, typer.Option("--after", min=0, help="Only with a higher number.")] = 0,
    count: Limit = 100,
    json: Json = False,
) -> None:
    """List cases, with what the law wants next of each and by when."""
    now = clock()
    told: dict[str, Any] = {"states": state or (), "client_id": client, "after": after, "count": count}
    found: Sequence[CaseLine | PaperLine]
    with place.door(now) as door:
        found = door.cases(assignee=assignee, **told) if kind == "case" else door.papers(kind, **told)
    if json:
        write_json(as_json(found))
        return
    write_lines(found, now=now, empty=f"There is no {shown(kind)} like that.")
    if len(found) == count:
        write_line(f"There may be more: --after {found[-1].number}")


@at_desk
def show(
    place: Place,
    subject: Subject,
    personal: Personal = False,
    json: Json = False,
) -> None:
    """Show all that is known of a matter, what the law wants next, and what can be done."""
    now = clock()
    with place.door(now) as door:
        page = door.page(subject, personal=personal)
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(page)))
    else:
        write_page(page, now=now)


case.command("show")(show)


@case.command("export")
@at_desk
def export(
    place: Place,
    subject: Subject,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="A new file; nothing is replaced.")
    ] = None,
    personal: Personal = False,
) -> None:
    """Write one matter as JSON: events, hits, decisions, deadlines, and the digests by which it can be compared."""
    with place.door(clock()) as door:
        data = door.export(subject, personal=personal)
    if output is None:
        write_json(data)
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data + b"\n")
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI133", expected="a new file for the export", got=got, where=output.name) from None
    write_line(f"{subject} stands in {shown(output.name)}.")


@case.command("act")
@at_desk
def act(  # noqa: PLR0917  (a command line)
    place: Place,
    what: Annotated[str, typer.Argument(metavar="SUBJECT|KIND", help="As message:1; or message, for one that begins.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="As docs/cases.md names it.")],
    fact: Facts = None,
    request_id: RequestId = "",
    json: Json = False,
) -> None:
    """Take any step of any kind: case, freeze, suspension, refusal, message, notice, check, audit, fes."""
    take(place, what, action.replace("-", "_"), typed_pairs(fact), request_id=request_id, json=json)


add_steps(case, [CASE], leave_out=_BY_SCREENING)
