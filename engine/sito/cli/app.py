"""The commands, and how they are called."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from sito.cli.terminal import write_line
from sito.errors import UsageError
from sito.version import VERSION

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# Each a function of the module of its name, or several commands under one word.
COMMANDS = (
    "build", "info", "check", "screen", "policy", "ledger", "case", "measure", "deadlines", "staff", "clients",
    "alerts",
    "fes", "portal", "risk", "papers",
)  # fmt: skip
PLUGIN_GROUP = "sito.commands"


class _Commands(typer.core.TyperGroup):
    """Our commands, then those of other packages. Each is loaded only when it is called, or for the help."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, *sorted(_plugins().keys() - set(COMMANDS))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            found = getattr(importlib.import_module(f"sito.cli.{cmd_name}"), cmd_name)
            return typer.main.get_command(found) if isinstance(found, typer.Typer) else _command(cmd_name, found)
        plugin = _plugins().get(cmd_name)
        return None if plugin is None else _loaded(plugin)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0] if args else ""
        if not name.startswith("-") and name not in COMMANDS and name not in _plugins():
            raise UsageError(
                "CLI101", expected=f"a command of {', '.join(self.list_commands(ctx))}", got=repr(name[:40]),
                todo="see `sito --help`",
            )  # fmt: skip
        return super().resolve_command(ctx, args)


def _plugins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415  (looks through all installed packages)

    return {point.name: point for point in entry_points(group=PLUGIN_GROUP)}


def _loaded(point: EntryPoint) -> Any:
    """Load a command of another package; one that cannot be loaded says so when it is called, and breaks no other."""
    try:
        found = point.load()
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        if hasattr(found, "make_context"):
            return found
        return _command(point.name, found)
    except Exception as error:
        reason = f"{type(error).__name__} in {point.value}"

        def unavailable() -> None:
            raise UsageError(
                "CLI108", expected=f"the package of `sito {point.name}`", got=reason, todo="install it again"
            )

        unavailable.__doc__ = f"(cannot be loaded: {type(error).__name__})"
        return _command(point.name, unavailable)


def _command(name: str, function: Callable[..., Any]) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    # A docstring goes on with sections for programmers, which are no help on a terminal.
    words = re.split(r"\n\s*(?:Args|Returns|Raises):\n", inspect.getdoc(function) or "")[0]
    app.command(name, help=words)(function)
    command = typer.main.get_command(app)
    command.name = name
    return command


app = typer.Typer(
    name="sito",
    cls=_Commands,
    help="Screen payments and customers against sanctions and terrorist lists.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Screen payments and customers against sanctions and terrorist lists."""
    if version:
        write_line(f"sito {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        write_line(context.get_help())
        raise typer.Exit(2)


def invoke(arguments: list[str]) -> int:
    """Run a command line and return its exit code.

    Raises:
        SitoError: Anything that bad input causes; CLI101 for arguments that do not fit.
    """
    try:
        command = typer.main.get_command(app)
        # Not `command.main`: that takes a closed pipe for exit code 1, which here means findings.
        with command.make_context("sito", arguments) as top:
            result = command.invoke(top)
    except typer.Exit as left:
        return left.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        # The parser's own errors; typer has them under a private name that changed between versions.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        message = error.format_message().removeprefix("Got ")
        path = context.command_path if context else "sito"
        raise UsageError(
            "CLI101", expected=f"arguments of `{path}`", got=message[:1].lower() + message[1:].rstrip("."),
            todo=f"see `{path} --help`",
        ) from None  # fmt: skip
    return result if isinstance(result, int) else 0
