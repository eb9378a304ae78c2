"""`sito measure`: freezes, suspensions and refusals, with every step of their tables."""

from __future__ import annotations

from typing import Annotated

import typer

from sito.cases.machines import MACHINES, MEASURES
from sito.cli.case import Client, Limit, States, show
from sito.cli.desks import clock
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json
from sito.cli.screens import as_json, write_lines
from sito.cli.steps import add_steps
from sito.cli.terminal import shown, write_json, write_line

measure = typer.Typer(
    name="measure", help="Look at freezes, suspensions and refusals, and take their steps.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip


@measure.command("list")
@at_desk
def list_(  # noqa: PLR0917  (a command line)
    place: Place,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="freeze, suspension or refusal. Repeatable.")
    ] = None,
    state: States = None,
    client: Client = "",
    operation: Annotated[str, typer.Option("--operation", metavar="ID", help="Only of this payment.")] = "",
    after: Annotated[str, typer.Option("--after", metavar="SUBJECT", help="Only behind this one, as freeze:3.")] = "",
    count: Limit = 100,
    json: Json = False,
) -> None:
    """List measures, with what the law wants next of each and by when."""
    now = clock()
    with place.door(now) as door:
        found = door.measures(
            machines=kind or MEASURES, states=state or (), client_id=client, operation_id=operation, after=after,
            count=count,
        )  # fmt: skip
    if json:
        write_json(as_json(found))
        return
    write_lines(found, now=now, empty="There is no measure like that.")
    if len(found) == count:
        write_line(shown(f"There may be more: --after {found[-1].subject}"))


measure.command("show")(show)
add_steps(measure, [MACHINES[name] for name in MEASURES])
