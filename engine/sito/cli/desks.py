"""The desk as commands open it: ledger, policy, calendar and staff, and who types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sito.cases.deadlines import PolicySchedule, Schedule
from sito.cases.desk import Desk
from sito.cases.notices import notices_of
from sito.cases.projection import PROJECTION
from sito.cases.reception import Reception, Shown
from sito.cases.staff import TOKEN_LENGTH_MAX, Staff
from sito.cli.ledger import account, sealer_of, url_of
from sito.cli.policies import policy_in_use
from sito.errors import UsageError
from sito.ledger import Ledger
from sito.ledger.store import Witness
from sito.policy.folder import allowances_of, calendar_of
from sito.policy.verdict import Policy

StaffFile = Annotated[
    Path | None,
    typer.Option(
        "--staff", metavar="FILE", envvar="SITO_STAFF", help="Who is who: TOML, see docs/operations.md, Casework."
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", metavar="FILE", envvar="SITO_TOKEN_FILE",
        help="Token of who acts. Without one, the account of this machine says who it is.",
    ),
]  # fmt: skip
RoleWord = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="Of your roles the one to act in; default: the one that may.")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", envvar="SITO_POLICY", help="Or a folder; default: the shipped one."),
]


@dataclass(frozen=True)
class Office:
    """All that a command about cases works with."""

    ledger: Ledger
    desk: Desk
    schedule: Schedule
    policy: Policy
    reception: Reception


@contextmanager
def open_desk(
    where: str, key_file: list[Path] | None, key: str, policy: Path | None, staff: Path | None,
    *, witness: Witness | None = None,
) -> Iterator[tuple[Ledger, Desk, Schedule]]:  # fmt: skip
    """Open a ledger and the desk over it, for what sito does itself.

    Args:
        where: File of the ledger, or its URL. key_file, key: Of personal data.
        policy: File or folder; None: the shipped one. staff: File; None: every name is a person.

    Raises:
        LedgerError, PolicyError, CaseError: One of them cannot be used.
    """
    with open_office(where, key_file, key, policy, staff, witness=witness) as office:
        yield office.ledger, office.desk, office.schedule


@contextmanager
def open_office(
    where: str, key_file: list[Path] | None, key: str, policy: Path | None, staff: Path | None,
    *, witness: Witness | None = None,
) -> Iterator[Office]:  # fmt: skip
    """Open the same for what people do; without a staff file nobody is known.

    Raises:
        LedgerError, PolicyError, CaseError: As `open_desk`.
    """
    known = Staff() if staff is None else Staff.read(staff)
    read = policy_in_use(policy)
    schedule = PolicySchedule(read.file.terms, calendar_of(policy))
    allowances, notices = allowances_of(policy), notices_of(policy)
    sealer = sealer_of(key_file, key)
    with Ledger.open(url_of(where), sealer=sealer, projections=[PROJECTION], witness=witness) as ledger:
        desk = Desk(ledger, schedule=schedule, people=known.people(), notices=notices, allowances=allowances)
        yield Office(ledger, desk, schedule, read, Reception(ledger, desk, known))


def who_types(token_file: Path | None) -> Shown:
    """Return what whoever types a command is known by: the token of a file, else the account.

    Raises:
        UsageError: CLI131 the file cannot be read or holds no token.
    """
    if token_file is None:
        return Shown(user=account())
    try:
        with token_file.open("rb") as stream:
            data = stream.read(TOKEN_LENGTH_MAX + 1)
        text = data.decode("ascii").strip()
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise UsageError("CLI131", expected="a readable file with a token", got=got, where=token_file.name) from None
    except UnicodeDecodeError:
        text = ""
    if not text or not text.isprintable() or len(data) > TOKEN_LENGTH_MAX:
        raise UsageError("CLI131", expected="a readable file with a token", got="no token", where=token_file.name)
    return Shown(token=text)


def clock() -> datetime:
    """Return the time of now, UTC: the commands are where the clock is read."""
    return datetime.now(UTC)
