"""`sito portal`: the personal account of Rosfinmonitoring: its lists, states of messages, and an emulator to try it."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.batch import remove_stale_parts
from sito.cases.desk import SYSTEM
from sito.cli.desks import PolicyFile, StaffFile, clock, open_desk
from sito.cli.ledger import Json, KeyFiles, KeyText, url_of
from sito.cli.policies import policy_in_use, today
from sito.cli.terminal import Progress, note, shown, write_json, write_line, write_table
from sito.clients import ClientBase
from sito.errors import PortalError, SitoError, UsageError
from sito.index import Index
from sito.ledger import Ledger
from sito.policy.judge import Judge
from sito.portal import Catalogue, Contour, Envelopes, Portal, PortalClient
from sito.portal.emulator import Emulator
from sito.portal.lists import Built, Fetched, Guard, ListFolder, Outcome, editions_of
from sito.portal.watch import INTERVAL_MAX_S, Office, Turn, Watch
from sito.portal.watch import watch as run_watch

portal = typer.Typer(
    name="portal", help="The personal account of Rosfinmonitoring: lists, states of messages, an emulator to try it.",
    no_args_is_help=False, add_completion=False, rich_markup_mode=None,
)  # fmt: skip

INPUT_SIZE_MAX = 64 << 20  # bytes of a file that is sent for an application

PortalFile = Annotated[
    Path,
    typer.Option(
        "--portal", metavar="FILE", envvar="SITO_PORTAL",
        help="How it is reached: TOML, see docs/operations.md, The personal account.",
    ),
]  # fmt: skip
Into = Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Folder of the lists of now.")]
IndexOption = Annotated[Path, typer.Option("--index", "-i", metavar="INDEX", help="Index that is built of them.")]
Also = Annotated[
    list[Path] | None, typer.Option("--also", metavar="LIST", help="Further list files or folders. Repeatable.")
]
ShrinkMax = Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of entries an edition may lose.")]
LedgerOption = Annotated[
    str, typer.Option("--ledger", metavar="URL", envvar="SITO_LEDGER", help="Where what was fetched is recorded.")
]
BaseOption = Annotated[
    Path | None,
    typer.Option("--base", metavar="FOLDER", envvar="SITO_CLIENT_BASE", help="Client base that is screened anew."),
]


def _client(file: Path) -> PortalClient:
    found = Portal.read(file)
    never = threading.Event()  # a pause ends by itself, or by a signal
    return PortalClient(found, Envelopes(found.envelopes), random=random.random, sleep=never.wait)


@portal.command("login")
def login(file: PortalFile) -> None:
    """Try whether the account is let in."""
    client = _client(file)
    client.login()
    write_line(f"{client.portal.settings.contour}: {shown(client.portal.settings.user_name)} was given a token")


@portal.command("lists")
def lists_command(  # noqa: PLR0917  (a command line)
    file: PortalFile,
    into: Into,
    index: Annotated[
        Path | None, typer.Option("--index", "-i", metavar="INDEX", help="Build this index of them, if it is another.")
    ] = None,
    also: Also = None,
    where: LedgerOption = "",
    shrink_max: ShrinkMax = 0.5,
    force: Annotated[bool, typer.Option("--force", help="Take editions that the guards refuse.")] = False,
    json: Json = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show progress without a terminal too.")] = False,
) -> int:
    """Fetch new editions and build an index of them; leaves with 1 if a catalogue failed or was refused."""
    client = _client(file)
    if where:
        _check_contour(client)
        if index is None:
            raise UsageError("CLI142", expected="--index with --ledger", got="none")
    lists, guard = ListFolder(into, client.portal.list_ids), Guard(shrink_max, force)
    if index is not None:
        remove_stale_parts(index)
    with lists.locked(), Progress(progress) as bar:
        before = {} if index is None else editions_of(index)
        found = lists.fetch(client, before=before, guard=guard, at=clock())
        built = None
        if index is not None:
            built = lists.build(index, also=also or (), guard=guard, progress=bar.show)
            if where:
                with Ledger.open(url_of(where)) as ledger, Index.open(index, verify=False) as opened:
                    lists.record(ledger, opened.info, caller=SYSTEM, at=clock())
    if json:
        changes = None if built is None else built.changes
        write_json(msgspec.json.format(msgspec.json.encode({"catalogues": found, "changes": changes})))
    else:
        _write_fetched(found)
        if built is not None:
            _write_built(built)
    return _leave(found)


def _check_contour(client: PortalClient) -> None:
    if client.portal.settings.contour is not Contour.PRODUCTION:
        raise PortalError(
            "PRT305", expected="lists of the production contour for a ledger", got="those of a test", where="contour"
        )


def _write_fetched(found: list[Fetched] | tuple[Fetched, ...]) -> None:
    write_table(
        ("catalogue", "outcome", "date", "edition"),
        [(one.catalogue.value, one.outcome.value, shown(one.date), shown(one.file_id)) for one in found],
    )


def _write_built(built: Built) -> None:
    write_table(
        ("list", "added", "changed", "removed"),
        [
            (list_id, *(str(len(part)) for part in (one.added, one.changed, one.removed)))
            for list_id, one in built.changes.items()
        ],
        right=("added", "changed", "removed"),
    )


def _leave(found: list[Fetched]) -> int:
    bad = [one for one in found if one.outcome in {Outcome.FAILED, Outcome.REFUSED}]
    for one in bad:
        note(f"{one.catalogue}: {one.outcome}: {one.words}")
    return 1 if bad else 0


@portal.command("watch")
def watch_command(  # noqa: PLR0917  (a command line)
    file: PortalFile,
    into: Into,
    index: IndexOption,
    where: LedgerOption,
    base: BaseOption = None,
    also: Also = None,
    interval: Annotated[
        float,
        typer.Option("--interval", metavar="SECONDS", min=0.1, max=INTERVAL_MAX_S, help="Between two looks."),
    ] = 30.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end, for a timer.")] = False,
    shrink_max: ShrinkMax = 0.5,
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="LIST", help="A list that the index has no more, on purpose. Repeatable."),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, max=1024, help="Searches at a time.")] = 1,
) -> int:
    """Load each new edition as it appears, screen the client base with it and open the cases, until SIGTERM.

    With --once it leaves with 1 if a catalogue failed or was refused, or somebody has to look at the screening.
    """
    client = _client(file)
    _check_contour(client)
    lists, guard = ListFolder(into, client.portal.list_ids), Guard(shrink_max)
    remove_stale_parts(index)
    watch = Watch(client, lists, index, also=also or (), guard=guard, clock=clock)

    @contextmanager
    def office() -> Iterator[Office]:
        with ExitStack() as stack:
            ledger, desk, _ = stack.enter_context(open_desk(where, key_file, key, policy, staff))
            opened = None if base is None else stack.enter_context(ClientBase.open(base))
            judge = Judge(policy_in_use(policy), today())
            yield Office(ledger, desk, judge, opened, without or (), threads)

    def turn() -> Turn:
        with office() as opened:
            return watch.turn(opened)

    if once:
        done = turn()
        _tell(done)
        return 1 if done.failed or done.needs_eyes else 0
    never = threading.Event()
    run_watch(turn, interval_s=interval, sleep=never.wait, tell=_tell)
    return 0


def _tell(done: Turn | SitoError) -> None:
    """Say what a turn did, if it did anything."""
    at = clock().isoformat(timespec="seconds")
    if isinstance(done, SitoError):
        note(f"{at} in the way, tried again: {done}")
        return
    for one in done.failed:
        note(f"{at} {one.catalogue}: {one.outcome}: {one.words}")
    for one in done.fetched:
        if one.outcome is Outcome.NEW:
            write_line(shown(f"{at} {one.catalogue}: edition {one.file_id} of {one.date}"))
    if done.built is not None:
        for list_id, change in done.built.changes.items():
            counts = len(change.added), len(change.changed), len(change.removed)
            if any(counts):
                write_line(shown(f"{at} {list_id}: {counts[0]} added, {counts[1]} changed, {counts[2]} removed"))
    if done.brought is not None:
        night = done.brought.night
        freezes = f"; removals noted on {', '.join(done.brought.freezes)}" if done.brought.freezes else ""
        write_line(f"{at} {night.client_count} clients screened, {done.brought.case_count} brought to cases{freezes}")
        if done.needs_eyes:
            gone = ", ".join(night.lost_lists) or "none"
            note(f"{at} somebody has to look: {night.cut_count} searches cut short, lists that are gone: {gone}")
            note(f"{at} without a case or not whole in one: {', '.join(done.brought.unseen) or 'none'}")
    sys.stdout.flush()


MessageId = Annotated[str, typer.Argument(metavar="ID", help="The service's id of a message, or your record number.")]


def _names(client: PortalClient, told: str) -> tuple[str, str]:
    """Return the service's id and the bank's number: one of them is empty."""
    is_guid = len(told) == 36 and told.count("-") == 4
    if not is_guid and client.portal.settings.external_search == "no":
        raise UsageError("CLI142", expected="the service's id of a message", got="another", todo="see `sito fes show`")
    return (told, "") if is_guid else ("", told)


@portal.command("status")
def status(file: PortalFile, message: MessageId, json: Json = False) -> int:
    """Ask how a message fares; leaves with 1 if the service knows none of this name."""
    client = _client(file)
    found = client.status(*_names(client, message))
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(found)))
    elif found is None:
        write_line("The service says that it has no such message.")
    else:
        number = "no number" if found.status is None else str(found.status)
        write_line(shown(f"{found.message_id} {found.external_id}: {number} {found.status_name} {found.note}".rstrip()))
    return 0 if found else 1


@portal.command("ticket")
def ticket(
    file: PortalFile,
    message: MessageId,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; nothing is replaced.")],
) -> int:
    """Fetch the receipt of a message; leaves with 1 if there is none yet."""
    client = _client(file)
    found = client.ticket(*_names(client, message))
    if found is None:
        write_line("There is no receipt yet.")
        return 1
    _write_new(output, found.data)
    write_line(f"{len(found.data)} bytes in {shown(output.name)}")
    return 0


@portal.command("access-request")
def access_request(  # noqa: PLR0917  (a command line)
    file: PortalFile,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="ZIP", help="Where it goes; nothing is replaced.")],
    message: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A message: all methods of the test contour are called with it first."),
    ] = None,
    signature: Annotated[Path | None, typer.Option(metavar="FILE", help="Its signature.")] = None,
    power: Annotated[Path | None, typer.Option(metavar="FILE", help="A power of attorney.")] = None,
    power_signature: Annotated[Path | None, typer.Option(metavar="FILE", help="Its signature.")] = None,
) -> int:
    """Pack what an application for access wants: envelopes of the test contour; leaves with 1 if a method lacks one."""
    client = _client(file)
    given = [one for one in (message, signature, power, power_signature) if one is not None]
    if given:
        if len(given) < 4 or client.portal.settings.contour is not Contour.TEST:
            raise UsageError(
                "CLI142", expected="--message, --signature, --power and --power-signature, in the test contour",
                got="some of them, or production",
            )  # fmt: skip
        _call_all(client, *(_input(one) for one in given), name=given[0].name, power_name=given[2].name)
    data, missing = Envelopes(client.portal.envelopes).application()
    _write_new(output, data)
    write_line(f"{shown(output.name)}: add the filled-in form of the guide")
    for method in missing:
        note(f"no good call of {method} in the test contour is in the envelopes")
    return 1 if missing else 0


def _call_all(
    client: PortalClient, message: bytes, signature: bytes, power: bytes, power_signature: bytes, *, name: str,
    power_name: str,
) -> None:  # fmt: skip
    """Call every method of the test contour once; what one of them says stops none of the others."""
    for catalogue in (Catalogue.TE2, Catalogue.MVK):
        edition = client.edition(catalogue)
        target = client.portal.envelopes / f"test-{catalogue}"
        target.with_name(target.name + client.download(catalogue, edition, target)).unlink()
    client.send(name, message, signature, [(power_name, power, power_signature)])
    sent = client.send(name, message, signature)
    client.status(sent.message_id, sent.external_id)
    client.ticket(sent.message_id, sent.external_id)


def _input(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(INPUT_SIZE_MAX + 1)
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI142", expected="a readable file", got=got, where=path.name) from None
    if len(data) > INPUT_SIZE_MAX:
        raise UsageError("CLI142", expected=f"at most {INPUT_SIZE_MAX} bytes", got="more", where=path.name)
    return data


def _write_new(path: Path, data: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI133", expected="a new file", got=got, where=path.name) from None


@portal.command("emulate")
def emulate(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Lists, rules.toml, and what is sent.")],
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="An address of this machine; port 0 takes a free one.")
    ] = "127.0.0.1:0",
) -> None:
    """Stand in for the service, for trial use, until SIGTERM; nothing that it says is of the authority."""
    host, _, port = listen.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535 or not host:
        raise UsageError("CLI142", expected="--listen HOST:PORT", got=f"{len(listen)} characters")
    emulator = Emulator(folder, host=host.strip("[]"), port=int(port), tell=lambda text: note(f"emulator: {text}"))
    write_line(f"url = {emulator.url}")
    sys.stdout.flush()
    emulator.serve()
