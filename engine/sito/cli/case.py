"""`sito case`: look at cases, work them, and keep one as a document; and the door to every other step there is."""

from __future__ import annotations

import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cases.export import export as made_export
from sito.cases.machines import CASE, MEASURES
from sito.cases.pages import CaseLine, CasePage, PaperLine, case_page, list_cases, list_measures, list_papers
from sito.cases.reception import PERSONAL_READERS, Shown
from sito.cases.roles import READERS
from sito.cli.desks import Office, PolicyFile, RoleWord, StaffFile, TokenFile, clock, open_office, who_types
from sito.cli.ledger import Json, KeyFiles, KeyText, Where
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
def list_(  # noqa: PLR0917  (a command line)
    where: Where,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="case, message, notice or check.")] = "case",
    state: States = None,
    client: Client = "",
    assignee: Annotated[str, typer.Option("--assignee", metavar="NAME", help="Only those of this person.")] = "",
    after: Annotated[int, typer.Option("--after", min=0, help="Only with a higher number.")] = 0,
    count: Limit = 100,
    policy: PolicyFile = None,
    staff: StaffFile = None,
    token_file: TokenFile = None,
    role: RoleWord = "",
    json: Json = False,
) -> None:
    """List cases, with what the law wants next of each and by when."""
    who, now = who_types(token_file), clock()
    with open_office(where, None, "", policy, staff) as office:
        office.reception.look(who, "list", at=now, role=role)
        schedule, read = office.schedule, office.policy
        with office.ledger.read() as view:
            found: list[CaseLine] | list[PaperLine] = (
                list_cases(
                    view, states=state or (), client_id=client, assignee=assignee, after=after, count=count,
                    schedule=schedule, policy=read, now=now,
                )
                if kind == "case"
                else list_papers(
                    view, kind, states=state or (), client_id=client, after=after, count=count, schedule=schedule,
                    policy=read, now=now,
                )
            )  # fmt: skip
    if json:
        write_json(as_json(found))
        return
    write_lines(found, now=now, empty=f"There is no {shown(kind)} like that.")
    if len(found) == count:
        write_line(f"There may be more: --after {found[-1].number}")


@case.command("show")
def show(  # noqa: PLR0917  (a command line)
    where: Where,
    subject: Subject,
    personal: Personal = False,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    token_file: TokenFile = None,
    role: RoleWord = "",
    json: Json = False,
) -> None:
    """Show all that is known of a matter, what the law wants next, and what can be done."""
    who, now = who_types(token_file), clock()
    with open_office(where, key_file, key, policy, staff) as office:
        page, _ = _page(office, who, subject, personal=personal, role=role, now=now, purpose="show")
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(page)))
    else:
        write_page(page, now=now)


@case.command("export")
def export(  # noqa: PLR0917  (a command line)
    where: Where,
    subject: Subject,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="A new file; nothing is replaced.")
    ] = None,
    personal: Personal = False,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    token_file: TokenFile = None,
    role: RoleWord = "",
) -> None:
    """Write one matter as JSON: events, hits, decisions, deadlines, and the digests by which it can be compared."""
    who, now = who_types(token_file), clock()
    with open_office(where, key_file, key, policy, staff) as office:
        _, data = _page(office, who, subject, personal=personal, role=role, now=now, purpose="export")
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
def act(  # noqa: PLR0917  (a command line)
    where: Where,
    what: Annotated[str, typer.Argument(metavar="SUBJECT|KIND", help="As message:1; or message, for one that begins.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="As docs/cases.md names it.")],
    fact: Facts = None,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    token_file: TokenFile = None,
    role: RoleWord = "",
    request_id: RequestId = "",
    json: Json = False,
) -> None:
    """Take any step of any kind: case, freeze, suspension, refusal, message, notice, check."""
    take(
        what, action.replace("-", "_"), typed_pairs(fact), where, key_file, key, policy, staff, token_file, role,
        request_id, json,
    )  # fmt: skip


def _page(
    office: Office, who: Shown, subject: str, *, personal: bool, role: str, now: datetime, purpose: str
) -> tuple[CasePage, bytes]:
    """Return a page, and its export if that is the purpose; that personal data were shown is recorded before they are.

    Raises:
        CaseError: CAS106; CAS204, CAS206 to CAS208, which are recorded.
    """
    wanted = PERSONAL_READERS if personal else READERS
    caller = office.reception.look(who, subject, at=now, role=role, wanted=wanted)
    if personal:
        office.reception.note_personal(
            subject, purpose=purpose, caller=caller, request_id=f"{purpose}-{uuid.uuid4()}", at=now
        )
    with office.ledger.read() as view:
        page = case_page(view, subject, schedule=office.schedule, policy=office.policy, now=now, with_personal=personal)
        return page, made_export(view, page, office.policy) if purpose == "export" else b""


def show_measures(  # noqa: PLR0917  (a command line)
    where: str, kind: list[str] | None, state: list[str] | None, client: str, operation: str, after: str, count: int,
    policy: Path | None, staff: Path | None, token_file: Path | None, role: str, json: bool,
) -> None:  # fmt: skip
    """List measures; the body of `sito measure list`."""
    who, now = who_types(token_file), clock()
    with open_office(where, None, "", policy, staff) as office:
        office.reception.look(who, "list", at=now, role=role)
        with office.ledger.read() as view:
            found = list_measures(
                view, machines=kind or MEASURES, states=state or (), client_id=client, operation_id=operation,
                after=after, count=count, schedule=office.schedule, policy=office.policy, now=now,
            )  # fmt: skip
    if json:
        write_json(as_json(found))
        return
    write_lines(found, now=now, empty="There is no measure like that.")
    if len(found) == count:
        write_line(f"There may be more: --after {found[-1].subject}")


add_steps(case, [CASE], leave_out=_BY_SCREENING)
