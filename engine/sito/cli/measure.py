"""`sito measure`: freezes, suspensions and refusals, with every step of their tables."""

from __future__ import annotations

from typing import Annotated

import typer

from sito.cases.machines import MACHINES, MEASURES
from sito.cli.case import Client, Limit, States, show, show_measures
from sito.cli.desks import PolicyFile, RoleWord, StaffFile, TokenFile
from sito.cli.ledger import Json, Where
from sito.cli.steps import add_steps

measure = typer.Typer(
    name="measure", help="Look at freezes, suspensions and refusals, and take their steps.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip


@measure.command("list")
def list_(  # noqa: PLR0917  (a command line)
    where: Where,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="freeze, suspension or refusal. Repeatable.")
    ] = None,
    state: States = None,
    client: Client = "",
    operation: Annotated[str, typer.Option("--operation", metavar="ID", help="Only of this payment.")] = "",
    after: Annotated[str, typer.Option("--after", metavar="SUBJECT", help="Only behind this one, as freeze:3.")] = "",
    count: Limit = 100,
    policy: PolicyFile = None,
    staff: StaffFile = None,
    token_file: TokenFile = None,
    role: RoleWord = "",
    json: Json = False,
) -> None:
    """List measures, with what the law wants next of each and by when."""
    show_measures(where, kind, state, client, operation, after, count, policy, staff, token_file, role, json)


measure.command("show")(show)
add_steps(measure, [MACHINES[name] for name in MEASURES])
