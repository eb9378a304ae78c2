"""Steps as commands: one for each action of the machines' tables, with an option for each fact that it takes.

Nothing is said twice: which actions there are, what they need and who may take them stands in
`sito.cases.machines` alone.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from sito.cases.reception import MADE_BY_SITO
from sito.cases.states import BEGIN, Machine
from sito.cases.typed import is_list, is_table, typed_facts
from sito.cli.desks import clock
from sito.cli.doors import Place, parameter, with_options
from sito.cli.ledger import Json
from sito.cli.screens import write_duties
from sito.cli.terminal import note, shown, write_json, write_line
from sito.errors import SitoError, UsageError

FACT_SIZE_MAX = 4 * 1_048_576  # bytes of a file that a fact is read from
RequestId = Annotated[
    str,
    typer.Option("--request-id", metavar="ID", help="The same again changes nothing more; default: a new one."),
]
Facts = Annotated[
    list[str] | None,
    typer.Option(
        "--fact", metavar="NAME=VALUE",
        help="A fact as docs/cases.md names it. Repeatable; lists too. VALUE @FILE is read from a file, @- from input.",
    ),
]  # fmt: skip
_NOT_KNOWN = frozenset({"SCR301", "SCR302", "SCR303", "LED120"})  # the answer got lost, perhaps not the step
_HELP = "; @FILE reads it from a file, @- from the standard input."


def add_steps(app: typer.Typer, machines: Iterable[Machine], *, leave_out: frozenset[str] = frozenset()) -> None:
    """Add a command for each action of some machines.

    Args:
        leave_out: Actions that get none.
    """
    machines = list(machines)
    for action in dict.fromkeys(action for machine in machines for action in machine.actions):
        if action not in leave_out:
            _add(app, action, [machine for machine in machines if action in machine.actions])


def take(place: Place, what: str, action: str, pairs: list[tuple[str, str]], *, request_id: str, json: bool) -> None:
    """Take one step, and say what came of it and what the law wants next.

    Args:
        what: The matter, or the word of a machine for one that begins.

    Raises:
        SitoError: As `Reception.act`.
        UsageError: CLI131, CLI132, CLI135.
    """
    facts = typed_facts([(name, _text(name, value)) for name, value in pairs])
    request_id, now = request_id or f"cli-{uuid.uuid4()}", clock()
    with place.door(now) as door:
        try:
            done = door.take(what, action, msgspec.to_builtins(facts), request_id)
        except SitoError as error:
            if error.code in _NOT_KNOWN:  # whoever types knows no id that was made here
                note(f"It is not known whether the step was taken: type it again with --request-id {request_id}")
            raise
    if json:
        steps = [{"subject": subject, "action": word, "state": state} for subject, word, state in done.steps]
        answer = {"request_id": request_id, "steps": steps, "duties": done.duties}
        write_json(msgspec.json.format(msgspec.json.encode(answer)))
        return
    for subject, word, state in done.steps:
        write_line(shown(f"{subject}: {word} done, now {state}"))
    if done.duties:
        write_line("The law wants next:")
        write_duties(done.duties, now)
    else:
        write_line("The law wants nothing more of this by a time.")


def typed_pairs(facts: list[str] | None) -> list[tuple[str, str]]:
    """Return names and texts of `--fact`.

    Raises:
        UsageError: CLI132 one without a name or an equals sign.
    """
    found = []
    for fact in facts or ():
        name, sign, text = fact.partition("=")
        if not sign or not name.strip():
            raise UsageError("CLI132", expected="--fact NAME=VALUE", got=f"{len(fact)} characters without a name")
        found.append((name.strip(), text))
    return found


def _text(name: str, text: str) -> str:
    """Return a value, from a file if it names one: what is typed can be seen in the list of processes.

    Raises:
        UsageError: CLI132 the file cannot be read, is too large or no UTF-8.
    """
    if text.startswith("@@"):
        return text[1:]
    if not text.startswith("@"):
        return text
    try:
        if text == "@-":
            data = sys.stdin.buffer.read(FACT_SIZE_MAX + 1)
        else:
            with Path(text[1:]).open("rb") as stream:
                data = stream.read(FACT_SIZE_MAX + 1)
        if len(data) > FACT_SIZE_MAX:
            raise UsageError("CLI132", expected=f"{name}: a file of at most {FACT_SIZE_MAX} bytes", got="more")
        return data.decode("utf-8").removesuffix("\n")
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI132", expected=f"{name}: a readable file", got=got) from None
    except UnicodeDecodeError:
        raise UsageError("CLI132", expected=f"{name}: a file in UTF-8", got="other bytes") from None


def _add(app: typer.Typer, action: str, machines: list[Machine]) -> None:
    rows = [row for machine in machines for row in machine.rows if row.action == action]
    begins = [machine.name for machine in machines if machine.row(BEGIN, action) is not None]
    names = [name for row in rows for name in (*row.needs, *row.may) if name not in MADE_BY_SITO]
    names = list(dict.fromkeys(names))
    always = [name for name in names if all(name in row.needs for row in rows)]

    def command(place: Place, **given: Any) -> None:
        facts = typed_pairs(given.pop("fact"))
        for name in names:
            value = given.pop(name)
            if is_table(name):
                facts += [(f"{name}.{field}", text) for field, text in typed_pairs(value)]
            elif isinstance(value, list):
                facts += [(name, text) for text in value]
            elif value is not None:
                facts.append((name, value))
        take(place, given.pop("what"), action, facts, **given)

    of = ", ".join(begins)
    others = [machine.name for machine in machines if machine.name not in begins]
    words = [f"The matter, as {others[0]}:12."] if others else []
    words += [f"What begins: {of}."] if begins else []
    metavar = "|".join([*(["SUBJECT"] if others else []), *begins])
    parameters = [parameter("what", Annotated[str, typer.Argument(metavar=metavar, help=" ".join(words))])]
    for name in names:
        several = is_list(name) or is_table(name)
        form = "FIELD=VALUE" if is_table(name) else "LIST@EDITION" if name == "editions" else "VALUE"
        needed = "Needed. " if name in always else "Needed or allowed by some. " if len(machines) > 1 else ""
        option = typer.Option(
            f"--{name.replace('_', '-')}", metavar=form,
            help=f"{needed}{'Repeatable' if several else 'See docs/cases.md'}{_HELP}", show_default=False,
        )  # fmt: skip
        kind: Any = list[str] | None if several else str | None
        parameters.append(parameter(name, Annotated[kind, option], None))
    parameters += [
        parameter("fact", Facts, None),
        parameter("request_id", RequestId, ""),
        parameter("json", Json, False),
    ]
    who = ", ".join(sorted({role for row in rows for role in row.roles}))
    second = next((row.second_to for row in rows if row.second_to), "")
    told = f" Not by who did {second.replace('_', '-')}." if second else ""
    about = f"Of {', '.join(machine.name for machine in machines)}, by {who}.{told}"
    app.command(action.replace("_", "-"), help=about)(with_options(command, parameters))
