"""`sito serve`: the command behind the entry point of the group `sito.commands`.

Its options are the settings of `sito_server.config`, one for each; nothing is said twice.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, get_origin

import typer
import typer.core

from sito_server.config import GROUPS, PREFIX, ServeConfig, load, settings

ABOUT = f"""Serve screening over gRPC until SIGTERM or SIGINT; calls in flight are finished.

Several processes share one port, and one that dies is replaced. The index is verified in full before the first call.
Logs go to standard error, one JSON object a line. SIGHUP looks for new certificates and a new index.

Each setting has one name: --grace-seconds on the command line, {PREFIX}GRACE_SECONDS in the environment,
grace_seconds in the TOML file of --config; the first of them that is given holds. A key that is not known stops the
start.

\b
Examples:
  sito serve --index lists.sito
  sito serve --config serve.toml --log-level debug
  {PREFIX}THREADS=4 sito serve --index lists.sito --processes 1
  sito serve --index lists.sito --listen 0.0.0.0:50051 --tls-certificate server.pem \\
    --tls-key server.key --tls-client-ca clients.pem --clients pay.bank.example=screen
"""
EPILOG = """Sizing, metrics, alarms, TLS and many hosts: docs/operations.md. Codes of errors: docs/errors.md."""


class _Grouped(typer.core.TyperCommand):
    """A command whose help shows its options in groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        rows: dict[str, list[tuple[str, str]]] = {group: [] for group in ("Configuration", *GROUPS)}
        for parameter in self.get_params(ctx):
            if row := parameter.get_help_record(ctx):
                rows.setdefault(getattr(parameter, "rich_help_panel", None) or "Configuration", []).append(row)
        for group, records in rows.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)


def run(config: ServeConfig) -> None:
    """Serve until told to stop. For the main thread of a process.

    Raises:
        SitoError: Serving cannot begin, or cannot go on.
    """
    # What serves brings gRPC, which the supervisor and the help do without.
    from sito_server import logs  # noqa: PLC0415
    from sito_server.supervisor import Supervisor  # noqa: PLC0415
    from sito_server.worker import log_level, serve_alone  # noqa: PLC0415

    logs.configure(log_level(config))
    if config.process_count == 1:
        serve_alone(config)
    else:
        Supervisor(config).run()


def _serve(config: Path | None = None, **options: Any) -> None:
    run(load(options, file=config))


def _parameters() -> list[inspect.Parameter]:
    file = Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", rich_help_panel="Configuration",
            help=f"TOML file of settings; also {PREFIX}CONFIG.",
        ),
    ]  # fmt: skip
    found = [inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=file)]
    for setting in settings():
        words = setting.words
        type_: Any = str | None
        names = [setting.option]
        metavar: str | None = setting.form or "TEXT"
        if get_origin(setting.type_) in {dict, tuple}:
            type_ = list[str] | None
        elif setting.type_ is bool:
            type_, metavar = bool | None, None
            names = [f"{setting.option}/--no-{setting.option.removeprefix('--')}"]
        elif hasattr(setting.type_, "__members__"):
            metavar = "|".join(setting.type_)
        else:
            metavar = {int: "NUMBER", float: "NUMBER", str: "HOST:PORT"}.get(setting.type_, "FILE")
        if setting.type_ is str and ("endpoint" in setting.name or setting.name == "ledger"):
            metavar = "URL"
        if setting.default not in (None, ()) and setting.type_ is not bool:
            default = f"{setting.default:g}" if isinstance(setting.default, float) else setting.default
            words += f" [default: {default}]"
        option = typer.Option(*names, help=words, metavar=metavar, rich_help_panel=setting.group, show_default=False)
        annotation = Annotated[type_, option]
        found.append(
            inspect.Parameter(setting.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        )
    return found


def _command() -> typer.Typer:
    def serve(**given: Any) -> None:
        _serve(**given)

    parameters = _parameters()
    serve.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    serve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("serve", cls=_Grouped, help=ABOUT, epilog=EPILOG)(serve)
    return app


serve = _command()
