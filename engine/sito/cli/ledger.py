"""`sito ledger`: make a ledger, look into it, and show that it is what it was."""

from __future__ import annotations

import os
import pwd
import secrets
import uuid
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cases.staff import LOCAL
from sito.cli.policies import policy_in_use
from sito.cli.terminal import shown, write_json, write_line, write_table
from sito.errors import LedgerError, UsageError
from sito.ledger import Caller, CallerRole, Ledger, Sealer, Signer, Stored, retention, verify
from sito.ledger import checkpoint as make_checkpoint
from sito.ledger.checkpoints import read_anchor, read_public, write_anchor
from sito.ledger.sealing import KEY_SIZE, parse_key, read_key
from sito.policy.calendar import MOSCOW, Calendar
from sito.policy.deadlines import Deadline, due
from sito.policy.folder import calendar_of
from sito.policy.verdict import Policy

KEY_VARIABLE = "SITO_LEDGER_KEY"
RETENTION_RULE = "R-RETAIN"

ledger = typer.Typer(
    name="ledger", help="Make a ledger, look into it, and show that it is what it was.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip

Where = Annotated[
    str,
    typer.Option(
        "--ledger", metavar="URL", envvar="SITO_LEDGER",
        help="File of the ledger, or postgresql://USER@HOST/DATABASE.",
    ),
]  # fmt: skip
KeyFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--key-file", metavar="FILE", envvar="SITO_LEDGER_KEY_FILE",
        help=f"Key of personal data; the newest first. Without one, the variable {KEY_VARIABLE} has it.",
    ),
]  # fmt: skip
KeyText = Annotated[str, typer.Option("--key", envvar=KEY_VARIABLE, hidden=True)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays in the ledger.")]


def url_of(where: str) -> str:
    """Return the URL of a ledger; a path is one of SQLite."""
    return where if "://" in where else f"sqlite:///{where}"


def sealer_of(files: list[Path] | None, text: str) -> Sealer | None:
    """Return what seals personal data, None without a key.

    Raises:
        LedgerError: LED131.
    """
    keys = [read_key(file) for file in files or ()]
    if not keys and text:
        keys = [parse_key(text.encode(), KEY_VARIABLE)]
    return Sealer(*keys) if keys else None


def operator() -> Caller:
    """Return who types."""
    return Caller(f"{LOCAL}{account()}", CallerRole.OPERATOR)


def account() -> str:
    """Return the account under which this runs, as the system knows it: variables may say anything."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container that knows no such account
        return f"uid {number}"


@ledger.command("init")
def init(where: Where) -> None:
    """Make a ledger where there is none."""
    found = Ledger.create(url_of(where))
    write_line(f"Ledger {found} is ready.")


@ledger.command("upgrade")
def upgrade(where: Where) -> None:
    """Bring the tables of a ledger to this version."""
    found = Ledger.create(url_of(where))
    write_line(f"Ledger {found} has the tables of this version.")


@ledger.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key shall stand; nothing is replaced.")],
) -> None:
    """Write a new key for personal data or for signing, readable by nobody else."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(KEY_SIZE) + "\n")
    except OSError as error:
        raise LedgerError(
            "LED131", expected="a new file for the key", got=error.strerror or "an input/output error", where=file.name
        ) from None
    write_line(f"A key of {8 * KEY_SIZE} bits stands in {shown(file.name)}. Who loses it cannot read what it sealed.")


@ledger.command("public-key")
def public_key(
    key: Annotated[Path, typer.Argument(metavar="FILE", help="Key that signs checkpoints.")],
) -> None:
    """Print the public key by which checkpoints are verified."""
    write_line(Signer(read_key(key)).public.hex())


@ledger.command("checkpoint")
def checkpoint(
    where: Where,
    sign_key: Annotated[Path, typer.Option("--sign-key", metavar="FILE", help="Key that signs.")],
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there too: keep that out of reach of the ledger.")
    ] = None,
) -> None:
    """Sign how the ledger is now."""
    with Ledger.open(url_of(where)) as opened:
        made = make_checkpoint(
            opened, Signer(read_key(sign_key)), request_id=f"checkpoint-{uuid.uuid4()}", caller=operator(),
            at=datetime.now(UTC),
        )  # fmt: skip
    if anchor is None:
        write_json(msgspec.json.encode(made) + b"\n")
        return
    write_anchor(anchor, made)
    write_line(f"Event {made.sequence} and all before it are signed by {made.key_id}.")


@ledger.command("verify")
def verify_command(  # noqa: PLR0917  (a command line)
    where: Where,
    key_file: KeyFiles = None,
    key: KeyText = "",
    public: Annotated[
        list[Path] | None, typer.Option("--public-key", metavar="FILE", help="Of who signs checkpoints. Repeatable.")
    ] = None,
    anchor: Annotated[
        list[Path] | None, typer.Option("--anchor", metavar="FILE", help="Checkpoint kept elsewhere. Repeatable.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare every event, checkpoint and piece of personal data; leaves with 1 if anything is not as it was."""
    anchors = [read_anchor(file) for file in anchor or ()]
    keys = [read_public(file) for file in public or ()]
    with Ledger.open(url_of(where), sealer=sealer_of(key_file, key)) as opened:
        checked = verify(opened, public_keys=keys, anchors=anchors)
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(checked)))
    else:
        write_line(
            f"Ledger {checked.ledger_id}: {checked.events} events, {checked.checkpoints} checkpoints,"
            f" {checked.personal} with personal data, {checked.deleted} deleted as recorded"
        )
        if checked.unopened:
            write_line(
                f"{checked.unopened} pieces of personal data were compared but not opened: their key was not given"
            )
        if checked.unsigned:
            write_line(f"{checked.unsigned} signatures were not compared: their public key was not given")
        if not anchors:
            write_line("No checkpoint from elsewhere was given: an end that was cut off would not be seen")
        if checked.fault_count:
            write_table(
                ("event", "what is wrong"), [(str(one.sequence), one.what) for one in checked.faults], right=("event",)
            )
        write_line(
            f"{checked.fault_count} faults" if checked.fault_count else f"Nothing was changed up to {checked.digest}"
        )
    if checked.fault_count:
        raise typer.Exit(1)


@ledger.command("show")
def show(  # noqa: PLR0917  (a command line)
    where: Where,
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="Only about this one, as case:12.")] = "",
    kind: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Only of this kind. Repeatable.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only behind this event.")] = 0,
    count: Annotated[int, typer.Option("--limit", min=1, help="Most events.")] = 100,
    json: Json = False,
) -> None:
    """List events, without personal data."""
    with Ledger.open(url_of(where)) as opened, opened.read() as view:
        chosen = view.events(subject=subject or None, kinds=kind or None, after=after)
        found = list(islice(chosen, count))
        left = next(chosen, None) is not None
    if json:
        for stored in found:
            write_json(msgspec.json.encode(_facts(stored)))
        return
    write_table(
        ("event", "at (UTC)", "kind", "subject", "by", "facts"),
        [
            (
                str(stored.sequence), f"{stored.at:%Y-%m-%d %H:%M:%S}", stored.event.kind, shown(stored.event.subject),
                shown(f"{stored.caller.name} ({stored.caller.role})"),
                shown(msgspec.json.encode(stored.event.facts).decode()),
            )
            for stored in found
        ],
        right=("event",),
    )  # fmt: skip
    if left:
        write_line(f"There are more: --after {found[-1].sequence}")


@ledger.command("hold")
def hold(where: Where, subject: Annotated[str, typer.Argument(metavar="SUBJECT")], reason: Reason) -> None:
    """Let no personal data about a subject be deleted until the hold is released."""
    with Ledger.open(url_of(where)) as opened:
        retention.set_hold(
            opened, subject, reason=reason, request_id=f"hold-{uuid.uuid4()}", caller=operator(), at=datetime.now(UTC)
        )
    write_line("Held.")


@ledger.command("release")
def release(where: Where, subject: Annotated[str, typer.Argument(metavar="SUBJECT")], reason: Reason) -> None:
    """End the hold on a subject."""
    with Ledger.open(url_of(where)) as opened:
        retention.lift_hold(
            opened, subject, reason=reason, request_id=f"hold-{uuid.uuid4()}", caller=operator(), at=datetime.now(UTC)
        )
    write_line("Released.")


@ledger.command("rebuild")
def rebuild(where: Where) -> None:
    """Make the state of now anew from all events; leaves with 1 if it had been another one, and names it."""
    from sito.cases.projection import PROJECTION  # noqa: PLC0415  (only this command needs the cases)

    with Ledger.open(url_of(where), projections=[PROJECTION]) as opened:
        wrong = opened.renew()
    if wrong:
        write_line(f"These were not what follows from the events, and are now: {', '.join(wrong)}")
        raise typer.Exit(1)
    write_line("All state is what follows from the events.")


@ledger.command("load")
def load(
    where: Where,
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="Index file that comes into use.")],
    delta: Annotated[Path | None, typer.Option("--delta", metavar="FILE", help="Delta over it.")] = None,
) -> None:
    """Record that the list editions of an index came into use, and by whom."""
    from sito.cases.listuse import load_lists  # noqa: PLC0415  (only this command needs the index)
    from sito.delta import UpdatedIndex  # noqa: PLC0415
    from sito.index import Index  # noqa: PLC0415

    with Index.open(index) if delta is None else UpdatedIndex.open(index, delta) as opened:
        info = opened.info
    with Ledger.open(url_of(where)) as kept:
        is_new = load_lists(kept, info, caller=operator(), at=datetime.now(UTC))
    names = ", ".join(f"{edition.list_id} {edition.edition_date}".strip() for edition in info.editions)
    write_line(f"{'Recorded' if is_new else 'Recorded before'}: {shown(names)}; index {info.digest[:12]}")


@ledger.command("replay")
def replay(  # noqa: PLR0917  (a command line)
    where: Where,
    case: Annotated[str, typer.Argument(metavar="CASE", help="As case:12.")],
    index: Annotated[
        list[Path],
        typer.Option("--index", "-i", metavar="FILE", help="Index, delta or folder of such. Repeatable."),
    ],
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Policy that was in use, besides the shipped one.")
    ] = None,
    json: Json = False,
) -> None:
    """Screen again what a case was opened from, with what was in use then; leaves with 1 if anything differs."""
    from sito.cli.replays import replayed, write_replays  # noqa: PLC0415  (only this command screens)

    with Ledger.open(url_of(where), sealer=sealer_of(key_file, key)) as opened:
        found = replayed(opened, case, indexes=index, policies=policy or ())
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(found)))
    else:
        write_replays(case, found)
    if any(one.differences for one in found):
        raise typer.Exit(1)


@ledger.command("delete-personal")
def delete_personal(  # noqa: PLR0917  (a command line)
    where: Where,
    events: Annotated[list[int], typer.Argument(metavar="EVENT...", min=1, help="Numbers of events.")],
    reason: Reason,
    relations_ended: Annotated[str, typer.Option(metavar="DATE", help="Relations with the client ended then.")] = "",
    receipt_received: Annotated[str, typer.Option(metavar="DATE", help="The receipt of the message came then.")] = "",
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="Policy; default: the shipped one.")] = None,
) -> None:
    """Delete personal data whose time is over by the policy; what happened stays, and so does why they were deleted."""
    retained = _retained({"relations_ended": relations_ended, "receipt_received": receipt_received}, policy)
    with Ledger.open(url_of(where)) as opened:
        retention.delete(
            opened, events, retained=retained, reason=reason, request_id=f"delete-{uuid.uuid4()}", caller=operator(),
            at=datetime.now(UTC),
        )  # fmt: skip
    write_line(f"Personal data of {len(set(events))} events are deleted.")


@ledger.command("end-relations")
def end_relations(
    where: Where,
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The bank's id of the client.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day, as 2026-12-31.")],
) -> None:
    """Record that relations with a client ended: the time for which its data are kept begins."""
    from sito.cases.relations import end_relations as end  # noqa: PLC0415  (only this command needs the cases)

    with Ledger.open(url_of(where)) as opened:
        end(opened, client, ended_on=typed_day("--on", on), request_id=f"relations-{uuid.uuid4()}", caller=operator(),
            at=datetime.now(UTC))  # fmt: skip
    write_line("Recorded.")


@ledger.command("resume-relations")
def resume_relations(
    where: Where,
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The bank's id of the client.")],
) -> None:
    """Record that a former client is one again: nothing of it is deleted."""
    from sito.cases.relations import resume_relations as resume  # noqa: PLC0415  (only this command needs the cases)

    with Ledger.open(url_of(where)) as opened:
        resume(opened, client, request_id=f"relations-{uuid.uuid4()}", caller=operator(), at=datetime.now(UTC))
    write_line("Recorded.")


@ledger.command("expire")
def expire(
    where: Where,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it; without, only show it.")] = False,
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="Policy; default: the shipped one.")] = None,
    json: Json = False,
) -> None:
    """Show whose personal data the law lets go since relations ended, and why all others stay; or delete them."""
    from sito.cases.projection import PROJECTION  # noqa: PLC0415  (only this command needs the cases)
    from sito.cases.relations import delete_expired, expired  # noqa: PLC0415

    read, calendar, now = policy_in_use(policy), calendar_of(policy), datetime.now(UTC)
    count = 0
    with Ledger.open(url_of(where), projections=[PROJECTION]) as opened:
        with opened.read() as view:
            gone, stay = expired(view, retained=lambda day: _kept(read, "relations_ended", day, calendar), now=now)
        if delete:
            count = delete_expired(
                opened, gone, reason="time of keeping is over", request_id=f"expire-{uuid.uuid4()}", caller=operator(),
                at=now,
            )  # fmt: skip
    if json:
        rows = [
            {"client_id": one.client_id, "ended_on": one.ended_on, "kept_until": _kept_until(one.retained),
             "events": one.sequences}
            for one in gone
        ]  # fmt: skip
        write_json(msgspec.json.encode({"over": rows, "stay": stay.counts, "deleted": count}))
        return
    if gone:
        write_table(
            ("client", "relations ended", "kept until", "events"),
            [
                (shown(one.client_id), str(one.ended_on), f"{_kept_until(one.retained):%Y-%m-%d}",
                 str(len(one.sequences)))
                for one in gone
            ],
            right=("events",),
        )  # fmt: skip
    else:
        write_line("No personal data whose time is over.")
    for why, number in stay.counts.items():
        write_line(f"{number} stay: {why}")
    if gone:
        write_line(f"Personal data of {count} events are deleted." if delete else "Nothing was deleted: add --delete.")


def _kept_until(retained: Deadline) -> datetime:
    return max(one.at for one in retained.all)


def typed_day(option: str, text: str) -> date:
    """Return a day that was typed.

    Raises:
        UsageError: CLI109.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("CLI109", expected=f"{option}: a day as 2026-12-31", got=f"{len(text)} characters") from None


def _kept(read: Policy, trigger: str, day: date, calendar: Calendar) -> Deadline:
    """Return until when data have to be kept, by the duties to keep them that begin with a moment of that day."""
    named = [
        term for duty in read.file.duties if duty.id.partition("/")[0] == RETENTION_RULE and duty.trigger == trigger
        for term in duty.terms
    ]  # fmt: skip
    # The last moment of that day: what happened on it is meant, too.
    return due(read.terms(named, day), datetime.combine(day, time.max, MOSCOW), calendar)


def _retained(moments: dict[str, str], policy: Path | None) -> Deadline:
    """Return until when data have to be kept, by the duties to keep them that begin with the moment that was given.

    Raises:
        UsageError: CLI109 not exactly one moment, or one that is no day.
        PolicyError: The policy cannot be read, or has no such term in force.
    """
    given = {trigger: text.strip() for trigger, text in moments.items() if text.strip()}
    if len(given) != 1:
        options = " or ".join("--" + trigger.replace("_", "-") for trigger in moments)
        raise UsageError("CLI109", expected=options, got=f"{len(given)} of them")
    ((trigger, text),) = given.items()
    day = typed_day("--" + trigger.replace("_", "-"), text)
    return _kept(policy_in_use(policy), trigger, day, calendar_of(policy))


def _facts(stored: Stored) -> dict[str, object]:
    return {
        "sequence": stored.sequence, "at": stored.at.isoformat(), "kind": stored.event.kind,
        "subject": stored.event.subject, "caller": stored.caller.name, "role": stored.caller.role,
        "request_id": stored.request_id, "facts": stored.event.facts, "digest": stored.digest.hex(),
        "has_personal": stored.has_personal,
    }  # fmt: skip
