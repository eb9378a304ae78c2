"""`sito staff`: is the file of who is who sound, and a new token for somebody."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sito.cases.staff import Staff, new_token
from sito.cli.terminal import shown, write_line, write_table
from sito.errors import UsageError

staff = typer.Typer(
    name="staff", help="Check the file of who is who, or make a token.", no_args_is_help=False, add_completion=False,
    rich_markup_mode=None,
)  # fmt: skip


@staff.command("check")
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="Staff file in TOML.")]) -> None:
    """Say who is who, and by how many certificates, accounts and tokens; tokens themselves stand in no file."""
    found = Staff.read(file)
    if not found.persons:
        write_line("Nobody is in it: nobody may do anything.")
        return
    write_table(
        ("person", "roles", "certificates", "accounts", "tokens"),
        [
            (one.name, ", ".join(one.roles), ", ".join(one.certificates), ", ".join(one.users), str(len(one.tokens)))
            for one in found.persons
        ],
        right=("tokens",),
    )


@staff.command("new-token")
def new_token_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the token shall stand; nothing is replaced.")],
) -> None:
    """Write a new token, readable by nobody else, and print what the staff file holds of it."""
    token, line = new_token()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(token + "\n")
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI133", expected="a new file for the token", got=got, where=file.name) from None
    write_line(f'tokens = ["{line}"]')
    write_line(f"The token stands in {shown(file.name)}: give it to its person, and keep no copy.")
