"""`sito papers`: reports, registers and protocols of internal control, written from the ledger."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cases.reception import PERSONAL_READERS
from sito.cases.roles import READERS
from sito.cli.desks import clock, open_office, who_types
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json
from sito.cli.terminal import shown, write_json, write_line, write_table
from sito.errors import PaperError, UsageError
from sito.fes import Organisation
from sito.ledger import View
from sito.outbox.settings import OutboxSettings
from sito.papers import (
    CHECK,
    SORTS,
    Cut,
    Period,
    Source,
    docx_bytes,
    make_paper,
    period_of,
    record_paper,
    save,
    sort_of,
)
from sito.policy.calendar import moscow_day

FORMATS = ("docx", "json")

papers = typer.Typer(
    name="papers", help="Reports, registers and protocols of internal control, in Russian, from the ledger.",
    no_args_is_help=False, add_completion=False, rich_markup_mode=None,
)  # fmt: skip


@papers.command("list")
def list_(json: Json = False) -> None:
    """Say which papers there are, what for, and by which rule."""
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(SORTS)))
        return
    write_table(
        ("paper", "title", "for", "rule", "certainty"),
        [(one.kind, one.title, one.purpose, one.rule, one.certainty) for one in SORTS],
    )


@papers.command("write")
@at_desk
def write(  # noqa: PLR0917  (a command line)
    place: Place,
    kind: Annotated[str, typer.Argument(metavar="PAPER", help="As `sito papers list` names it.")],
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="A new file, or a folder; nothing is replaced.")
    ],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, in Moscow.")] = "",
    last: Annotated[str, typer.Option("--until", metavar="DATE", help="Last day, included.")] = "",
    check_id: Annotated[str, typer.Option("--id", metavar="SUBJECT", help="The check of a protocol: check:2.")] = "",
    organisation: Annotated[
        Path | None,
        typer.Option(
            "--organisation", metavar="FILE", envvar="SITO_ORGANISATION", help="Whose paper it is: docs/fes.md."
        ),
    ] = None,
    outbox: Annotated[
        Path | None,
        typer.Option("--outbox", metavar="FILE", envvar="SITO_OUTBOX", help="The settings that name that file."),
    ] = None,
    without_personal: Annotated[
        bool, typer.Option("--without-personal-data", help="Cells say that personal data were not opened.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help=" or ".join(FORMATS) + ".")] = "docx",
) -> None:
    """Write a paper of some days, or the protocol of one check; who wrote it and its digest are recorded."""
    sort_of(kind)
    if format_ not in FORMATS:
        raise UsageError("CLI102", expected=" or ".join(FORMATS), got="another format", where="--format")
    if (kind == CHECK) != bool(check_id) or (kind == CHECK) == bool(first or last):
        raise PaperError(
            "PAP106", expected="--id for a protocol of a check, else --from and --until", got="other options",
            where=kind,
        )  # fmt: skip
    if not place.ledger or place.server:
        raise UsageError("CLI135", expected="--ledger", got="--server or nothing", where="sito papers")
    now, owner = clock(), _owner(organisation, outbox)
    wanted = READERS if without_personal else PERSONAL_READERS
    with open_office(place.ledger, place.key_file, place.key, place.policy, place.staff) as office:
        who = who_types(place.token_file)
        caller = office.reception.look(who, f"paper {kind}", at=now, role=place.role, wanted=wanted)
        with office.ledger.read() as view:
            period = _period(view, check_id, first, last, now)
            path = _path(output, kind, check_id, period, format_)
            source = Source(
                view, period, Cut.before(view, period.end), office.policy, office.schedule, owner,
                with_personal=not without_personal,
            )  # fmt: skip
            paper = make_paper(source, kind, subject=check_id)
        data = docx_bytes(paper) if format_ == "docx" else msgspec.json.format(msgspec.json.encode(paper))
        record_paper(
            office.ledger, paper, data, period, with_personal=not without_personal, subject=check_id,
            request_id=f"paper-{uuid.uuid4()}", caller=caller, at=now,
        )  # fmt: skip
        save(path, data)
    write_line(f"{paper.title}: {paper.row_count} rows in {shown(path.name)}.")
    if without_personal:
        write_line("Personal data were not opened: the cells say so.")


def _period(view: View, check_id: str, first: str, last: str, now: datetime) -> Period:
    if check_id:
        return period_of(view, check_id)
    return Period.of(first, last, today=moscow_day(now))


def _owner(organisation: Path | None, outbox: Path | None) -> Organisation | None:
    """Read whose paper it is; without a file there is a line to write it on."""
    if organisation is not None:
        return Organisation.read(organisation)
    if outbox is not None:
        return Organisation.read(outbox.parent / OutboxSettings.read(outbox).organisation)
    return None


def _path(output: Path, kind: str, check_id: str, period: Period, ending: str) -> Path:
    """Return which file is meant; a folder that is not there is not taken for the name of a file."""
    if not output.is_dir() and output.suffix != f".{ending}":
        raise PaperError(
            "PAP104", expected=f"a folder that is there, or a new file that ends in .{ending}", got="neither",
            where=output.name,
        )  # fmt: skip
    name = check_id.replace(":", "-") if check_id else f"{kind}-{period.first}-{period.last}"
    return output / f"sito-{name}.{ending}" if output.is_dir() else output
