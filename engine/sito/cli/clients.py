"""`sito clients`: the client base: import it, screen what changed, and run the check that the law wants."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.batch.lines import PartyLine, party_line
from sito.cli.desks import PolicyFile, StaffFile, clock, open_desk
from sito.cli.ledger import Json, KeyFiles, KeyText, Where
from sito.cli.policies import policy_in_use, today
from sito.cli.terminal import Progress, note, shown, write_json, write_line, write_table
from sito.clients import Cause, ClientBase, Found, Night, import_clients, read_clients, screen_base
from sito.clients.base import Row
from sito.clients.bringing import screen_into_cases
from sito.clients.checking import run_check
from sito.clients.reading import Risk
from sito.delta import AnyIndex, UpdatedIndex
from sito.errors import UsageError
from sito.index import Index
from sito.policy.calendar import MOSCOW
from sito.policy.judge import Judge
from sito.records import Reject

THREADS_MAX = 1_024
IMPORTS_SHOWN = 10

clients = typer.Typer(
    name="clients", help="The client base: import it, screen what changed, and run the check that the law wants.",
    no_args_is_help=False, add_completion=False, rich_markup_mode=None,
)  # fmt: skip

BaseFolder = Annotated[
    Path, typer.Option("--base", metavar="FOLDER", envvar="SITO_CLIENT_BASE", help="Folder of the client base.")
]
IndexFile = Annotated[Path, typer.Option("--index", "-i", metavar="INDEX", help="Index file.")]
DeltaFile = Annotated[Path | None, typer.Option("--delta", metavar="FILE", help="Delta over the index.")]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="LIST", help="A list that the index has no more, on purpose. Repeatable."),
]
Threads = Annotated[int, typer.Option("--threads", min=1, max=THREADS_MAX, help="Searches at a time.")]
Shown = Annotated[bool, typer.Option("--progress", help="Show progress without a terminal too.")]


@clients.command("import")
def import_command(  # noqa: PLR0917  (a command line)
    file: Annotated[Path, typer.Argument(metavar="FILE", help="All clients of the bank: CSV, JSON Lines or Parquet.")],
    base: BaseFolder,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where unreadable records go; default: FILE.rejects.jsonl.")
    ] = None,
    format: Annotated[str | None, typer.Option(metavar="FORMAT", help="csv, jsonl or parquet.")] = None,
    shrink_max: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the clients that may be gone.")] = 0.5,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write all texts anew: none are left of clients who changed or are gone.")
    ] = False,
    json: Json = False,
    progress: Shown = False,
) -> int:
    """Bring the base to what a client file says; leaves with 2 if any record could not be read."""
    rejects = rejects or file.with_name(file.name + ".rejects.jsonl")
    if rejects.resolve() == file.resolve():
        raise UsageError("CLI103", expected="outputs that overwrite nothing else", got=rejects.name)
    # The lock is first: whoever comes second touches no file that the first one writes.
    with (
        ClientBase.open(base, create=True) as opened, opened.locked(), _rejects(rejects) as refused,
        Progress(progress) as bar,
    ):  # fmt: skip
        source, found = read_clients(file, format=format)
        done = import_clients(
            opened, found, at=clock(), refused=refused, shrink_max=shrink_max, is_compact=compact,
            progress=lambda _: bar.show("import", source.position(), source.size_hint()),
        )  # fmt: skip
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(done)))
    else:
        write_line(
            f"{done.client_count} clients: {done.added} added, {done.changed} changed, {done.unchanged} as before,"
            f" {done.removed} gone; {done.graded} risk grades new or changed"
        )
    if done.rejected:
        codes = ", ".join(f"{code} {count}x" for code, count in done.codes.items())
        note(f"rejected: {codes}; kept in {rejects.name}; {done.kept} clients stay as they were")
    if done.unsure:
        note("of some rejected records nobody can tell whose they are: nobody was taken as gone")
    return 2 if done.rejected else 0


@clients.command("screen")
def screen_command(  # noqa: PLR0917  (a command line)
    base: BaseFolder,
    index: IndexFile,
    delta: DeltaFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="HITS", help="JSON Lines of hits, as of `sito screen`.")
    ] = None,
    where: Where = "",
    full: Annotated[bool, typer.Option("--full", help="Screen all clients against all entries.")] = False,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    without: Without = None,
    threads: Threads = 1,
    json: Json = False,
    progress: Shown = False,
) -> int:
    """Screen what changed since the last time: into cases of a ledger, or into a file of hits.

    Leaves with 1 if somebody has to look at it: a limit cut the search for a client short, or the index lacks a list.
    """
    if bool(where) == (output is not None):
        raise UsageError("CLI140", expected="--ledger or --output", got="both" if where else "neither")
    judge = Judge(policy_in_use(policy), today())
    now = clock()
    with ClientBase.open(base) as opened, _open_index(index, delta) as lists, Progress(progress) as bar:
        tell = _teller(bar)
        if output is not None:
            with opened.locked(), _hits(output) as (take, settle):
                night = screen_base(
                    opened, lists, judge, at=now, take=take, settle=lambda _: settle(), is_full=full,
                    without=without or (), threads=threads, progress=tell,
                )  # fmt: skip
            unseen: list[str] = []
            freezes: list[str] = []
        else:
            with open_desk(where, key_file, key, policy, staff) as (ledger, desk, _):
                brought = screen_into_cases(
                    opened, lists, judge, ledger=ledger, desk=desk, at=clock(), is_full=full,
                    without=without or (), threads=threads, progress=tell,
                )  # fmt: skip
            night, unseen, freezes = brought.night, list(brought.unseen), list(brought.freezes)
            if brought.was_told_all:
                note("the ledger has not what it was told by the last screening: it was told everything")
    if json:
        write_json(msgspec.json.format(msgspec.json.encode({"night": night, "freezes": freezes, "unseen": unseen})))
    else:
        _write_night(night, freezes)
    return _leave(night, unseen)


@clients.command("check")
def check_command(  # noqa: PLR0917  (a command line)
    base: BaseFolder,
    index: IndexFile,
    where: Where,
    delta: DeltaFile = None,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    without: Without = None,
    threads: Threads = 1,
    json: Json = False,
    progress: Shown = False,
) -> int:
    """Run the check of all clients and record it, also with nothing found; says by when the authority must be told.

    Leaves with 1 if somebody has to look at it: a limit cut the search for a client short, or the index lacks a list.
    """
    judge = Judge(policy_in_use(policy), today())
    with (
        ClientBase.open(base) as opened, _open_index(index, delta) as lists, Progress(progress) as bar,
        open_desk(where, key_file, key, policy, staff) as (ledger, desk, schedule),
    ):  # fmt: skip
        done = run_check(
            opened, lists, judge, ledger=ledger, desk=desk, schedule=schedule, at=clock(),
            without=without or (), threads=threads, progress=_teller(bar),
        )  # fmt: skip
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(done)))
    else:
        write_line(f"{done.subject}: {done.night.client_count} clients checked, {done.night.match_count} with matches")
        _write_night(done.night, done.freezes)
        if done.report is not None:
            by = done.report.alarm_at.astimezone(MOSCOW)
            unsure = ", by a calendar that is not confirmed" if done.report.unconfirmed else ""
            write_line(
                f"The authority must be told before {by:%Y-%m-%d %H:%M} Moscow time ({done.report.rule}{unsure})"
            )
    return _leave(done.night, done.unseen)


@clients.command("show")
def show_command(
    base: BaseFolder,
    client_id: Annotated[str, typer.Argument(metavar="CLIENT", help="The bank's id of the client.")],
    json: Json = False,
) -> None:
    """Show a client of the base with those beside it, and the history of its risk grade."""
    with ClientBase.open(base) as opened:
        row, history = opened.client(client_id)
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(_told(row, history))))
        return
    if row is None:
        write_line("Not a client any more.")
    for party in row.record.parties if row is not None else ():
        numbers = ", ".join(f"{one.type} {one.number}" for one in party.identifiers)
        facts = ", ".join(filter(None, (party.kind.value, party.birth_date, numbers)))
        write_line(f"{party.role.value}: {shown(party.name)} ({shown(facts)})")
    write_table(
        ("import", "risk grade", "since", "reason"),
        [(str(number), shown(risk.grade), risk.day, shown(risk.reason)) for number, risk in history],
        right=("import",),
    )


@clients.command("status")
def status_command(base: BaseFolder, json: Json = False) -> None:
    """Show the imports of a base and what was screened last."""
    with ClientBase.open(base) as opened:
        imports, count = opened.imports(IMPORTS_SHOWN), opened.count()
        names = ("screened_at", "screened_generation", "screened_digest")
        screened = {name: opened.fact(name) for name in names}
        cut = len(opened.cut())
    if json:
        lines = [{"generation": number, "at": at, **counts} for number, at, counts in imports]
        write_json(msgspec.json.format(msgspec.json.encode({"clients": count, "imports": lines, **screened})))
        return
    write_line(f"{count} clients")
    if screened["screened_at"]:
        write_line(
            f"Screened last at {screened['screened_at']}: import {screened['screened_generation']} with index"
            f" {screened['screened_digest'][:16]}; for {cut} clients a limit cut the search short"
        )
    else:
        write_line("Never screened.")
    words = ("added", "changed", "removed", "kept", "graded", "rejected")
    write_table(
        ("import", "at", *words),
        [(str(number), at, *(str(counts.get(word, 0)) for word in words)) for number, at, counts in imports],
        right=("import", *words),
    )


@contextmanager
def _open_index(index: Path, delta: Path | None) -> Iterator[AnyIndex]:
    opened: AnyIndex = Index.open(index) if delta is None else UpdatedIndex.open(index, delta)
    with opened:
        yield opened


@contextmanager
def _rejects(path: Path) -> Iterator[Callable[[Reject], None]]:
    """Give what writes rejects to a file that only its owner may read; no file without a reject, once all is done.

    Raises:
        UsageError: CLI141 the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    count, is_done = 0, False
    with _told_of(path):
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:

                def write(reject: Reject) -> None:
                    nonlocal count
                    count += 1
                    stream.write(msgspec.json.encode(reject) + b"\n")

                yield write
            is_done = True
        finally:
            if count:
                part.replace(path)
            else:
                if is_done:
                    path.unlink(missing_ok=True)  # of a former import
                part.unlink()


@contextmanager
def _hits(path: Path) -> Iterator[tuple[Callable[[Found], None], Callable[[], None]]]:
    """Give what writes the hits of a client, and what puts the whole file in its place.

    Raises:
        UsageError: CLI141 the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    encode = msgspec.json.Encoder().encode
    with _told_of(path):
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:

                def take(found: Found) -> None:
                    lines: list[PartyLine] = [
                        party_line(result, judgement) for result, judgement in found.judged if result.verdict != "pass"
                    ]
                    stream.write(b"".join(encode(line) + b"\n" for line in lines))

                def settle() -> None:
                    stream.flush()
                    os.fsync(stream.fileno())
                    part.replace(path)

                yield take, settle
        finally:
            with suppress(FileNotFoundError):
                part.unlink()


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI141", expected="a file that can be written", got=got, where=path.name) from None


def _teller(bar: Progress) -> Callable[[int, int], None]:
    return lambda done, total: bar.show("screening", done, total)


def _write_night(night: Night, freezes: list[str] | tuple[str, ...]) -> None:
    if night.cause is Cause.NONE:
        what = f"{night.changed_clients} clients with everything, {night.changed_entries} entries against everybody"
    else:
        what = f"everything ({night.cause})"
    write_line(
        f"{night.client_count} clients; screened: {what}; {night.screened_count} looked at one by one,"
        f" {night.match_count} with matches"
    )
    if night.gone or freezes:
        write_line(
            f"{len(night.gone)} entries are on their lists no more; noted on {', '.join(freezes) or 'no freeze'}"
        )
    if night.lost_lists:
        note(f"the index has no more: {', '.join(night.lost_lists)}; their entries were not taken as removed."
             " If that is on purpose: --without LIST")  # fmt: skip


def _leave(night: Night, unseen: list[str] | tuple[str, ...]) -> int:
    if night.rejected_count:
        note(
            f"{night.rejected_count} records of the last import could not be read: their clients are as they were, or"
            " not in this answer"
        )
    if night.cut_count:
        note(f"for {night.cut_count} clients a limit cut the search short: somebody has to look at them")
    if unseen:
        note("without a case or not whole in one: " + ", ".join(map(shown, unseen)))
    return 1 if night.cut_count or unseen or night.lost_lists else 0


def _told(row: Row | None, history: list[tuple[int, Risk]]) -> dict[str, object]:
    return {
        "record": None if row is None else row.record,
        "risk": [{"import": number, **msgspec.structs.asdict(risk)} for number, risk in history],
    }
