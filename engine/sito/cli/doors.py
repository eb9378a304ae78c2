"""Where a command about cases works: at a ledger of its own, or at a server; and the options that say so."""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from sito.cases.export import export
from sito.cases.pages import (
    CaseLine,
    CasePage,
    MeasureLine,
    NextDuty,
    PaperLine,
    case_page,
    duties,
    list_cases,
    list_measures,
    list_papers,
)
from sito.cases.reception import PERSONAL_READERS
from sito.cases.roles import READERS
from sito.cli.desks import Office, PolicyFile, RoleWord, StaffFile, TokenFile, open_office, who_types
from sito.cli.ledger import KeyFiles, KeyText
from sito.errors import UsageError
from sito.ledger import View

if TYPE_CHECKING:
    from sito.caseclient import CaseClient

Ledger = Annotated[
    str,
    typer.Option(
        "--ledger", metavar="URL", envvar="SITO_LEDGER", help="File of the ledger, or postgresql://USER@HOST/DATABASE."
    ),
]
Server = Annotated[
    str,
    typer.Option("--server", metavar="HOST:PORT", envvar="SITO_SERVER", help="Work at this server, not at a ledger."),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--tls-certificate", metavar="FILE", envvar="SITO_TLS_CERTIFICATE", help="Yours, PEM, for --server."),
]
CertificateKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", envvar="SITO_TLS_KEY", help="Its private key.")
]
Authority = Annotated[
    Path | None,
    typer.Option("--tls-server-ca", metavar="FILE", envvar="SITO_TLS_SERVER_CA", help="Who vouches for the server."),
]


@dataclass(frozen=True)
class Done:
    """What a step led to: subject, action and state of it and of those that followed, and what is due then."""

    steps: tuple[tuple[str, str, str], ...]
    duties: tuple[NextDuty, ...]


class Door(Protocol):
    """What commands ask for."""

    def cases(self, **told: Any) -> Sequence[CaseLine]:
        """List cases; arguments of `list_cases`."""

    def measures(self, **told: Any) -> Sequence[MeasureLine]:
        """List measures; arguments of `list_measures`."""

    def papers(self, machine: str, **told: Any) -> Sequence[PaperLine]:
        """List messages, notices or checks; arguments of `list_papers`."""

    def due(self, within: timedelta | None) -> Sequence[NextDuty]:
        """Return what is due."""

    def page(self, subject: str, *, personal: bool) -> CasePage:
        """Return the page of a matter."""

    def export(self, subject: str, *, personal: bool) -> bytes:
        """Return a matter as a document that proves itself."""

    def take(self, what: str, action: str, facts: Mapping[str, Any], request_id: str) -> Done:
        """Take a step, or begin a matter where no number is told."""


@dataclass(frozen=True)
class Place:
    """What the common options say."""

    ledger: str
    key_file: list[Path] | None
    key: str
    policy: Path | None
    staff: Path | None
    token_file: Path | None
    role: str
    server: str
    tls_certificate: Path | None
    tls_key: Path | None
    tls_server_ca: Path | None

    @contextmanager
    def door(self, now: datetime) -> Iterator[Door]:
        """Open the ledger or the connection.

        Raises:
            UsageError: CLI135 neither or both are named, or TLS files that do not go together; CLI131.
            SitoError: It cannot be opened.
        """
        if bool(self.ledger) == bool(self.server):
            got = "both" if self.server else "neither"
            raise UsageError("CLI135", expected="--ledger or --server", got=got, where="--ledger, --server")
        if self.server:
            with self._client() as client:
                yield _ServerDoor(client, now)
            return
        who = who_types(self.token_file)
        with open_office(self.ledger, self.key_file, self.key, self.policy, self.staff) as office:
            yield _LocalDoor(office, who, self.role, now)

    def _client(self) -> CaseClient:
        from sito.caseclient import CaseClient  # noqa: PLC0415  (brings gRPC, which work at a ledger does without)
        from sito.client import ClientTls  # noqa: PLC0415

        files = (self.tls_certificate, self.tls_key, self.tls_server_ca)
        certificate, key, authority = files
        tls = ClientTls(certificate, key, authority) if certificate and key and authority else None
        if tls is None and any(files):
            raise UsageError(
                "CLI135", expected="--tls-certificate, --tls-key and --tls-server-ca together, or none of them",
                got=f"{sum(1 for file in files if file)} of them", where="--server",
            )  # fmt: skip
        token = who_types(self.token_file).token if self.token_file else ""
        try:
            return CaseClient(self.server, tls=tls, token=token, role=self.role)
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise UsageError("CLI135", expected="TLS files that can be read", got=got, where="--server") from None
        except UnicodeError:
            raise UsageError("CLI135", expected="--server HOST:PORT", got="no text", where="--server") from None


class _LocalDoor:
    def __init__(self, office: Office, who: Any, role: str, now: datetime) -> None:
        self._office, self._who, self._role, self._now = office, who, role, now
        self._words: dict[str, Any] = {"schedule": office.schedule, "policy": office.policy, "now": now}

    def cases(self, **told: Any) -> Sequence[CaseLine]:
        self._look("list")
        with self._office.ledger.read() as view:
            return list_cases(view, **told, **self._words)

    def measures(self, **told: Any) -> Sequence[MeasureLine]:
        self._look("list")
        with self._office.ledger.read() as view:
            return list_measures(view, **told, **self._words)

    def papers(self, machine: str, **told: Any) -> Sequence[PaperLine]:
        self._look("list")
        with self._office.ledger.read() as view:
            return list_papers(view, machine, **told, **self._words)

    def due(self, within: timedelta | None) -> Sequence[NextDuty]:
        self._look("deadlines")
        with self._office.ledger.read() as view:
            return duties(view, within=within, **self._words)

    def page(self, subject: str, *, personal: bool) -> CasePage:
        self._admit(subject, personal, "show")
        with self._office.ledger.read() as view:
            return self._page(view, subject, personal=personal)

    def export(self, subject: str, *, personal: bool) -> bytes:
        self._admit(subject, personal, "export")
        with self._office.ledger.read() as view:
            found = self._page(view, subject, personal=personal)
            return export(view, found, self._office.policy)

    def _page(self, view: View, subject: str, *, personal: bool) -> CasePage:
        allowances = self._office.desk.allowances
        return case_page(view, subject, with_personal=personal, allowances=allowances, **self._words)

    def take(self, what: str, action: str, facts: Mapping[str, Any], request_id: str) -> Done:
        reception = self._office.reception
        told: dict[str, Any] = {"request_id": request_id, "at": self._now, "role": self._role}
        step = reception.act if ":" in what else reception.begin
        outcome = step(self._who, what, action, facts, **told)
        with self._office.ledger.read() as view:
            due = duties(view, subjects={one.subject for one in outcome.steps}, **self._words)
        return Done(tuple((one.subject, one.action, one.state) for one in outcome.steps), tuple(due))

    def _look(self, what: str) -> None:
        self._office.reception.look(self._who, what, at=self._now, role=self._role)

    def _admit(self, subject: str, personal: bool, purpose: str) -> None:
        """Let somebody see a page; that personal data were shown is recorded before they are."""
        wanted = PERSONAL_READERS if personal else READERS
        caller = self._office.reception.look(self._who, subject, at=self._now, role=self._role, wanted=wanted)
        if personal:
            self._office.reception.note_personal(
                subject, purpose=purpose, caller=caller, request_id=f"{purpose}-{uuid.uuid4()}", at=self._now
            )


class _ServerDoor:
    def __init__(self, client: CaseClient, now: datetime) -> None:
        from sito.cli import fromwire  # noqa: PLC0415  (brings protobuf)

        self._client, self._now, self._read = client, now, fromwire

    def cases(self, **told: Any) -> Sequence[CaseLine]:
        return [self._read.line(one, CaseLine) for one in self._client.list_cases(**told)]

    def measures(self, **told: Any) -> Sequence[MeasureLine]:
        return [self._read.line(one, MeasureLine) for one in self._client.list_measures(**told)]

    def papers(self, machine: str, **told: Any) -> Sequence[PaperLine]:
        return [self._read.line(one, PaperLine) for one in self._client.list_papers(machine, **told)]

    def due(self, within: timedelta | None) -> Sequence[NextDuty]:
        hours = None if within is None else int(within / timedelta(hours=1))
        return [self._read.duty(one) for one in self._client.list_deadlines(within_hours=hours).deadlines]

    def page(self, subject: str, *, personal: bool) -> CasePage:
        return self._read.page(self._client.get_case(subject, with_personal=personal), self._now)

    def export(self, subject: str, *, personal: bool) -> bytes:
        raise UsageError(
            "CLI135", expected="--ledger for an export", got="--server", where=subject[:60],
            todo="what proves an event stands in the ledger",
        )  # fmt: skip

    def take(self, what: str, action: str, facts: Mapping[str, Any], request_id: str) -> Done:
        step = self._client.act if ":" in what else self._client.begin
        answer = step(what, action, facts, request_id=request_id)
        steps = tuple((one.subject, one.action, one.state) for one in answer.steps)
        return Done(steps, tuple(self._read.duty(one) for one in answer.deadlines))


COMMON: tuple[tuple[str, Any, Any], ...] = (
    ("ledger", Ledger, ""), ("key_file", KeyFiles, None), ("key", KeyText, ""), ("policy", PolicyFile, None),
    ("staff", StaffFile, None), ("token_file", TokenFile, None), ("role", RoleWord, ""), ("server", Server, ""),
    ("tls_certificate", Certificate, None), ("tls_key", CertificateKey, None), ("tls_server_ca", Authority, None),
)  # fmt: skip


def parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """Return one parameter of a command."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)


def at_desk(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options behind its own, and hand it what they say as its first argument, a `Place`."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    return with_options(command, [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own])


def with_options(command: Callable[..., None], own: Sequence[inspect.Parameter]) -> Callable[..., None]:
    """Do the same for a command whose own parameters are told."""

    @functools.wraps(command)
    def called(**given: Any) -> None:
        place = Place(**{name: given.pop(name) for name, _, _ in COMMON})
        command(place, **given)

    parameters = [*own, *(parameter(name, kind, default) for name, kind, default in COMMON)]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called
