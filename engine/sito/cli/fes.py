"""`sito fes`: messages to Rosfinmonitoring, from a draft to the receipt."""

from __future__ import annotations

import base64
import hashlib
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
import typer

from sito.cases.contents import message_of
from sito.cases.machines import FES
from sito.cases.numbering import records_of
from sito.cases.projection import REPORTS
from sito.cases.reception import PERSONAL_READERS
from sito.cli.case import Client, Limit, States, Subject
from sito.cli.desks import Office, clock, open_office, who_types
from sito.cli.doors import Place, at_desk
from sito.cli.ledger import Json
from sito.cli.screens import as_json, write_lines, write_page
from sito.cli.steps import RequestId, add_steps
from sito.cli.terminal import note, shown, write_json, write_line
from sito.errors import FesError, UsageError
from sito.fes import Kind, Numbers, RecordType
from sito.fes.untold import untold
from sito.outbox import Sender, written
from sito.outbox.drafting import approval_facts, draft_facts, preview
from sito.outbox.drafting import draft as drafted
from sito.outbox.settings import Setup
from sito.policy.calendar import moscow_day
from sito.toml import TomlError, parse_toml, read_limited

FACTS_SIZE_MAX = 1 << 20  # bytes of the file of facts
RECEIPT_SIZE_MAX = 256 << 10  # bytes of a receipt that a person hands in
DIGEST_LENGTH_MIN = 12  # digits of a digest that say which content was seen

fes = typer.Typer(
    name="fes", help="Messages to Rosfinmonitoring: draft, look, approve, send, and see how they fared.",
    no_args_is_help=False, add_completion=False, rich_markup_mode=None,
)  # fmt: skip
OutboxFile = Annotated[
    Path,
    typer.Option(
        "--outbox", metavar="FILE", envvar="SITO_OUTBOX", help="Who reports and how messages leave: docs/operations.md."
    ),
]

ReceiptFile = Annotated[Path, typer.Option("--receipt", metavar="FILE", help="The receipt as it came.")]


@contextmanager
def _office(place: Place) -> Iterator[Office]:
    if not place.ledger or place.server:
        raise UsageError("CLI135", expected="--ledger", got="--server or nothing", where="sito fes")
    with open_office(place.ledger, place.key_file, place.key, place.policy, place.staff) as office:
        yield office


@fes.command("draft")
@at_desk
def draft(  # noqa: PLR0917  (a command line)
    place: Place,
    about: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="What it is about, as freeze:3; or a message, as fes:7: to draft anew, or to delete.",
        ),
    ],
    outbox: OutboxFile,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help=", ".join(Kind) + "; default: as the matter wants.")
    ] = "",
    facts: Annotated[
        Path | None,
        typer.Option("--facts", metavar="FILE", help="TOML with what the ledger does not know: docs/fes.md."),
    ] = None,
    request_id: RequestId = "",
) -> None:
    """Write a draft about a matter out of what the ledger knows and a file of facts."""
    setup, told, now = Setup.read(outbox), _facts(facts), clock()
    with _office(place) as office:
        # A deletion is about the message itself; else a message that is named is written anew.
        row = _row(office, about) if about.startswith("fes:") and kind != Kind.DELETION else None
        matter = row.about if row is not None else about
        wanted = Kind(row.kind) if row is not None else _kind(kind, about)
        if row is not None and kind not in {"", wanted}:
            raise UsageError("CLI136", expected=f"--kind {wanted}, deletion or nothing", got="another", where=about)
        is_sent = row is not None and (row.state == "rejected" or row.record_type == RecordType.CORRECTION)
        with office.ledger.read() as view:
            message = drafted(
                view, matter, wanted, told, organisation=setup.organisation, grounds=setup.grounds,
                record_type=RecordType.CORRECTION if is_sent else RecordType.NEW,
            )  # fmt: skip
        _, numbers = preview(message, moscow_day(now), schemas=setup.schemas, where=matter)
        steps = draft_facts(message, matter)
        given: dict[str, Any] = {"request_id": request_id or f"cli-{uuid.uuid4()}", "at": now, "role": place.role}
        who = who_types(place.token_file)
        if row is not None:
            again = {name: steps[name] for name in ("content", "content_digest")}
            outcome = office.reception.act(who, row.subject, "draft", again, **given)
        else:
            outcome = office.reception.begin(who, "fes", "draft", steps, **given)
    write_line(
        f"{outcome.subject}: {wanted}, now {outcome.state}; content {steps['content_digest'][:DIGEST_LENGTH_MIN]}"
    )
    if setup.schemas.is_draft(message):
        write_line("The format is a draft: no official schema of it was given.")
    for path in untold(message, numbers):
        write_line(f"The format has no element for {path}: it stays in the ledger, and does not leave.")
    write_line(f"Another person looks at it: sito fes show {outcome.subject} --xml; and approves it.")


def _kind(kind: str, about: str) -> Kind:
    words = {"freeze": Kind.FREEZE, "suspension": Kind.SUSPENSION, "refusal": Kind.REFUSAL, "check": Kind.CHECK,
             "message": Kind.OPERATION}  # fmt: skip
    if not kind and about.partition(":")[0] in words:
        return words[about.partition(":")[0]]
    if kind not in set(Kind):
        raise UsageError("CLI136", expected="--kind: one of " + ", ".join(Kind), got="another word, or none")
    return Kind(kind)


def _facts(path: Path | None) -> dict[str, Any]:
    """Return what the file of facts says.

    Raises:
        UsageError: CLI136 a file that cannot be read or is no TOML, a kind that is none, an option that is missing.
    """
    if path is None:
        return {}
    try:
        return parse_toml(read_limited(path, size_max=FACTS_SIZE_MAX))
    except TomlError as error:
        raise UsageError("CLI136", expected="--facts: a file of TOML", got=str(error), where=path.name) from None


def _row(office: Office, subject: str) -> Any:
    with office.ledger.read() as view:
        row = view.execute(sa.select(REPORTS).where(REPORTS.c.subject == subject)).first()
    if row is None:
        raise FesError("FES307", expected="a message that is there", got="another", where=shown(subject[:60]))
    return row


@fes.command("show")
@at_desk
def show_(  # noqa: PLR0917  (a command line)
    place: Place,
    subject: Subject,
    xml: Annotated[
        bool, typer.Option("--xml", help="The message as it would leave; for officer, head and auditor, recorded.")
    ] = False,
    outbox: Annotated[Path | None, typer.Option("--outbox", metavar="FILE", envvar="SITO_OUTBOX")] = None,
    personal: Annotated[bool, typer.Option("--personal", help="Open personal data; recorded.")] = False,
    json: Json = False,
) -> None:
    """Show a message and its history; with --xml what it says."""
    if not xml:
        with place.door(clock()) as door:
            page = door.page(subject, personal=personal)
        if json:
            write_json(msgspec.json.format(msgspec.json.encode(page)))
        else:
            write_page(page, now=clock())
        return
    if outbox is None:
        raise UsageError("CLI136", expected="--outbox with --xml", got="none")
    setup, now = Setup.read(outbox), clock()
    with _office(place) as office:
        row = _row(office, subject)
        who = who_types(place.token_file)
        caller = office.reception.look(who, subject, at=now, role=place.role, wanted=PERSONAL_READERS)
        office.reception.note_personal(
            subject, purpose="show", caller=caller, request_id=f"show-{uuid.uuid4()}", at=now
        )
        with office.ledger.read() as view:
            message = message_of(view, subject)
            records = tuple(records_of(view, subject, row.record_series)) if row.record_series else ()
        if row.file_name:
            day = date.fromisoformat(row.message_date)
            data = written(message, Numbers(records, row.file_name, day), schemas=setup.schemas, where=row.about)
        else:
            data, _ = preview(message, moscow_day(now), schemas=setup.schemas, where=row.about)
    for line in data.decode(message.organisation.encoding).splitlines():
        write_line(shown(line))
    write_line(f"content {row.content_digest}")


@fes.command("list")
@at_desk
def list_(  # noqa: PLR0917  (a command line)
    place: Place,
    state: States = None,
    client: Client = "",
    after: Annotated[int, typer.Option("--after", min=0, help="Only with a higher number.")] = 0,
    count: Limit = 100,
    json: Json = False,
) -> None:
    """List messages, with what has to be done next of each and by when."""
    now = clock()
    with place.door(now) as door:
        found = door.papers("fes", states=state or (), client_id=client, after=after, count=count)
    if json:
        write_json(as_json(found))
        return
    write_lines(found, now=now, empty="There is no message like that.")
    if len(found) == count:
        write_line(f"There may be more: --after {found[-1].number}")


@fes.command("approve")
@at_desk
def approve(
    place: Place,
    subject: Subject,
    content: Annotated[
        str,
        typer.Option(
            "--content", metavar="DIGEST", help="What `sito fes show --xml` printed: at least 12 digits of it."
        ),
    ],
    outbox: OutboxFile,
    request_id: RequestId = "",
) -> None:
    """Approve a draft of somebody else: it gets its numbers."""
    setup, now = Setup.read(outbox), clock()
    with _office(place) as office:
        row = _row(office, subject)
        if len(content) < DIGEST_LENGTH_MIN or not row.content_digest.startswith(content):
            raise FesError(
                "FES307", expected=f"the content {row.content_digest[:DIGEST_LENGTH_MIN]}", got="another digest",
                where=subject, todo="look at the draft as it is now: sito fes show --xml",
            )  # fmt: skip
        who = who_types(place.token_file)
        office.reception.look(who, subject, at=now, role=place.role, wanted=PERSONAL_READERS)
        day = moscow_day(now)
        with office.ledger.read() as view:
            message = message_of(view, subject)
        preview(message, day, schemas=setup.schemas, where=row.about)
        facts = approval_facts(message, row.content_digest, day)
        outcome = office.reception.act(
            who, subject, "approve", facts, request_id=request_id or f"cli-{uuid.uuid4()}", at=now, role=place.role
        )
        found = _row(office, subject)
    numbers = f"; record {found.record_number}" if found.record_number else ""
    write_line(shown(f"{subject}: approve done, now {outcome.state}{numbers}; file {found.file_name}"))


@fes.command("send")
@at_desk
def send(
    place: Place,
    outbox: OutboxFile,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until SIGTERM or SIGINT.")] = False,
    interval_s: Annotated[float, typer.Option("--interval", min=0.1, max=3600, help="Seconds between turns.")] = 30.0,
) -> None:
    """Sign, hand over and take in what came back; leaves with 1 if something was in the way."""
    setup, stop, failed = Setup.read(outbox), threading.Event(), False
    route = setup.route(stop.wait)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _office(place) as office:
        sender = Sender(
            office.ledger, office.desk, schemas=setup.schemas, sign=setup.signer, route=route, clock=clock,
            claim=setup.claim, powers=setup.powers,
        )  # fmt: skip
        while True:
            failed = False
            for told in sender.turn():
                if told.action == "failed":
                    failed = True
                    note(shown(told.words))
                else:
                    write_line(shown(f"{told.subject}: {told.action}" + (f" ({told.words})" if told.words else "")))
                if stop.is_set():
                    break
            if not watch or stop.wait(interval_s):
                break
    if failed:
        raise typer.Exit(1)


def _told_by_hand(place: Place, subject: str, action: str, receipt: Path, request_id: str) -> None:
    now = clock()
    try:
        with receipt.open("rb") as stream:
            data = stream.read(RECEIPT_SIZE_MAX + 1)
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI136", expected="--receipt: a readable file", got=got, where=receipt.name) from None
    if not 0 < len(data) <= RECEIPT_SIZE_MAX:
        raise UsageError(
            "CLI136", expected=f"--receipt: 1 to {RECEIPT_SIZE_MAX} bytes", got=f"{len(data)}", where=receipt.name
        )
    facts = {"receipt": base64.b64encode(data).decode(), "receipt_digest": hashlib.sha256(data).hexdigest()}
    with place.door(now) as door:
        done = door.take(subject, action, facts, request_id or f"cli-{uuid.uuid4()}")
    for what, word, state in done.steps:
        write_line(shown(f"{what}: {word} done, now {state}"))


@fes.command("accept")
@at_desk
def accept(place: Place, subject: Subject, receipt: ReceiptFile, request_id: RequestId = "") -> None:
    """Say that a receipt, which says neither yes nor no to a program, takes the message."""
    _told_by_hand(place, subject, "accept", receipt, request_id)


@fes.command("reject")
@at_desk
def reject(place: Place, subject: Subject, receipt: ReceiptFile, request_id: RequestId = "") -> None:
    """Say that a receipt, which says neither yes nor no to a program, rejects the message."""
    _told_by_hand(place, subject, "reject", receipt, request_id)


# What needs a program, a route or a receipt is done by `send`; what only a person can know can be told by one.
_BY_SEND = frozenset({"draft", "approve", "sign", "send", "status", "delete", "accept", "reject"})
add_steps(fes, [FES], leave_out=_BY_SEND)
