"""`sito take`: the command that makes cases of what servers have screened."""

from __future__ import annotations

import logging
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sito.cli.desks import PolicyFile, StaffFile, open_desk
from sito.cli.ledger import KeyFiles, KeyText, Where
from sito.cli.policies import policy_in_use
from sito.cli.terminal import note
from sito.errors import SitoError, UsageError
from sito.ledger import Sealer, Signer
from sito.ledger.checkpoints import Checkpoints
from sito.ledger.sealing import read_key

if TYPE_CHECKING:
    from sito_server.taking import Taken, Taker

WATCH_S = 1.0  # between two looks
FAULT_S = 30.0  # between two tries after the ledger could not be written

log = logging.getLogger("sito_server")

take = typer.Typer(add_completion=False, rich_markup_mode=None)


@take.command("take")
def take_command(  # noqa: PLR0917  (a command line)
    where: Where,
    journal: Annotated[
        Path, typer.Option("--journal", metavar="FOLDER", envvar="SITO_JOURNAL", help="Folder that servers write.")
    ],
    journal_key_file: Annotated[
        list[Path], typer.Option("--journal-key-file", metavar="FILE", help="Its key; the newest first. Repeatable.")
    ],
    key_file: KeyFiles = None,
    key: KeyText = "",
    policy: PolicyFile = None,
    staff: StaffFile = None,
    older_policy: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Policy that servers used before. Repeatable.")
    ] = None,
    sign_key: Annotated[
        Path | None, typer.Option("--sign-key", metavar="FILE", help="Sign a checkpoint behind every 10 000 events.")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The newest checkpoint: keep it out of reach of the ledger.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until SIGTERM or SIGINT; logs as `sito serve` does.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave files that were taken where they are.")] = False,
) -> int:
    """Make cases of what servers have screened; leaves with 1 if something is left that a person has to see.

    What is cut off goes on where it was: nothing is lost, and nothing becomes two cases. The folder keeps every index
    that was in use under `indexes`, for this and for `sito ledger replay`.
    """
    from sito_server import logs  # noqa: PLC0415  (what takes screens, which help does without)
    from sito_server.casework import anchor_fault  # noqa: PLC0415
    from sito_server.taking import Taker  # noqa: PLC0415

    if not journal_key_file:
        raise UsageError("CLI101", expected="--journal-key-file", got="none")
    sealer = Sealer(*map(read_key, journal_key_file))
    witness = None
    if sign_key is not None:
        witness = Checkpoints(Signer(read_key(sign_key)), anchor=anchor, on_fault=anchor_fault)
    elif anchor is not None:
        raise UsageError("CLI101", expected="--sign-key with --anchor", got="none")
    policies = [policy_in_use(policy), *map(policy_in_use, older_policy or ())]
    with (
        open_desk(where, key_file, key, policy, staff, witness=witness) as (ledger, desk, _),
        Taker(journal, ledger, desk, sealer=sealer, policies=policies, keep=keep) as taker,
    ):
        if not watch:
            taken = taker.take()
            note(
                f"{taken.cases} screenings brought to the desk, {taken.not_taken} not; {taken.records} records counted;"
                f" {taken.files} files"
            )
            for name, error in taken.faults:
                note(f"{name}: {error}")
            return 1 if taken.not_taken or taken.faults else 0
        logs.configure(logging.INFO)
        _watch(taker)
        return 0


def _watch(taker: Taker) -> None:
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("taking", extra={"facts": {"at": datetime.now(UTC).isoformat()}})
    known: set[tuple[str, str]] = set()
    while not stopped:
        wait_s = WATCH_S
        try:
            taken = taker.take(lambda: stopped)
        except SitoError as error:
            log.error("not taken", extra={"facts": {"code": error.code, "reason": str(error)}})
            wait_s = FAULT_S
        else:
            _tell(taken, known)
        until = time.monotonic() + wait_s
        while not stopped and time.monotonic() < until:
            time.sleep(0.1)
    log.info("stopped")


def _tell(taken: Taken, known: set[tuple[str, str]]) -> None:
    """Log what was taken, and each fault of a file once."""
    if taken.cases or taken.not_taken:
        log.info("taken", extra={"facts": {"cases": taken.cases, "not_taken": taken.not_taken}})
    now = {(name, error.code) for name, error in taken.faults}
    for name, error in taken.faults:
        if (name, error.code) not in known:
            facts = {"file": name, "code": error.code, "reason": str(error)}
            log.error("journal not taken", extra={"facts": facts})
    known.clear()
    known |= now
