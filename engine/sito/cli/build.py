"""`sito build`: list files become one index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sito.batch import remove_stale_parts
from sito.cli.info import info_json, write_editions, write_facts
from sito.cli.terminal import Progress, write_json
from sito.errors import UsageError


def build(
    lists: Annotated[list[Path], typer.Argument(metavar="LIST...", help="List files, or folders of them.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="INDEX", help="Where the index shall stand.")],
    list_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Code for all files, instead of the found one.")
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="INDEX",
            help="Older index; refuses editions that shrank. With --delta: the delta in use.",
        ),
    ] = None,
    delta: Annotated[
        Path | None,
        typer.Option(metavar="INDEX", help="Write only what changed against this index; lists not given stay."),
    ] = None,
    shrink_max: Annotated[float, typer.Option(metavar="SHARE", help="Share of entries an edition may lose.")] = 0.5,
    force: Annotated[bool, typer.Option("--force", help="Take editions that look incomplete, with a warning.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the description of the index as JSON.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show progress without a terminal too.")] = False,
) -> None:
    """Build an index out of list files; their formats are found by content."""
    if not 0.0 <= shrink_max <= 1.0:
        raise UsageError("CLI107", expected="--shrink-max in [0, 1]", got=str(shrink_max))
    if any(path.resolve() == output.resolve() for path in lists):
        raise UsageError("CLI103", expected="an --output that is no input", got=output.name)
    if delta is not None and delta.resolve() == output.resolve():
        raise UsageError("CLI103", expected="an --output that is no input", got=output.name)
    remove_stale_parts(output)
    with Progress(progress) as shown:
        if delta is not None:
            from sito.changes import build_delta  # noqa: PLC0415  (after the arguments are known to be right)

            built = build_delta(
                delta, lists, output, list_id=list_id, previous=previous, shrink_max=shrink_max, force=force,
                progress=shown.show,
            )  # fmt: skip
        else:
            from sito.build import build_index  # noqa: PLC0415

            built = build_index(
                lists, output, list_id=list_id, previous=previous, shrink_max=shrink_max, force=force,
                progress=shown.show,
            )  # fmt: skip
    if json:
        write_json(info_json(built, sections=False))
    else:
        write_editions(built)
        write_facts(built)
