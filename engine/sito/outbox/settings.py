"""The outbox as a bank sets it up: one file of TOML, and what it names."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import FesError
from sito.fes import Dictionaries, Organisation, Schemas
from sito.outbox.account import CALLS_MAX, PortalRoute
from sito.outbox.folder import NAME, FolderRoute, FolderSettings
from sito.outbox.parcels import Power
from sito.outbox.routes import Route
from sito.outbox.signing import Signer
from sito.portal import Envelopes, Portal, PortalClient
from sito.toml import TomlError, read_toml

POWER_SIZE_MAX = 4 << 20  # bytes of a power of attorney
# Code of the ground of a freeze by list: 1 was seen with the list of terrorists (I), the others are believed (K). A
# bank writes its own into its file.
GROUNDS = {"RU-TE": "1", "RU-MVK": "2", "RU-UN": "3", "RU-UN-RUS": "3"}


class PowerFiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A machine-readable power of attorney and its signature; it leaves under the name of its file."""

    file: str
    signature: str


class OutboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file; paths in it are relative to it.

    Attributes:
        organisation: File of who reports.
        signer: How messages are signed.
        folder, portal: How they leave: by folders, or by the personal account that a file describes. One of both.
        claim_s: Seconds after which another sender looks whether a message that was being sent arrived: longer than
            an attempt takes, and than the other side needs to know what it was given.
        powers: Powers of attorney that go with each message, of whoever signs.
        schemas, code_lists: Folders of official schemas and of the bank's code lists; empty: none.
        grounds: Codes of grounds by list.
    """

    organisation: str
    signer: Signer
    folder: FolderSettings | None = None
    portal: str = ""
    claim_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 900.0
    powers: Annotated[tuple[PowerFiles, ...], msgspec.Meta(max_length=16)] = ()
    schemas: str = ""
    code_lists: str = ""
    grounds: dict[str, str] = msgspec.field(default_factory=lambda: dict(GROUNDS))

    @classmethod
    def read(cls, path: Path) -> OutboxSettings:
        """Read the file.

        Raises:
            FesError: FES230 it cannot be read, is no TOML, or says something else.
        """
        try:
            return read_toml(path, cls)
        except TomlError as error:
            raise FesError(
                "FES230", expected="settings in TOML as docs/operations.md describes them", got=str(error),
                where=error.where(path.name),
            ) from None  # fmt: skip


class Setup(msgspec.Struct, frozen=True):
    """What the file names, read and looked at.

    Attributes:
        claim: Of `claim_s`.
        way: By which messages leave.
    """

    organisation: Organisation
    schemas: Schemas
    signer: Signer
    grounds: dict[str, str]
    claim: timedelta
    base: Path
    way: FolderSettings | Portal
    powers: tuple[Power, ...]

    @classmethod
    def read(cls, path: Path) -> Setup:
        """Read the file and all that it names but the folders of the exchange.

        Raises:
            FesError: FES230, FES101, FES107, FES110.
            PortalError: PRT101 to PRT103, of the file of the personal account.
        """
        settings, base = OutboxSettings.read(path), path.parent
        schemas = Schemas.shipped()
        if settings.code_lists:
            schemas = schemas.with_dictionaries(Dictionaries.shipped().with_folder(base / settings.code_lists))
        if settings.schemas:
            schemas = schemas.with_official(base / settings.schemas)
        return cls(
            Organisation.read(base / settings.organisation), schemas, settings.signer, settings.grounds,
            timedelta(seconds=settings.claim_s), base, _way(settings, base, path.name),
            tuple(_power(one, base, path.name) for one in settings.powers),
        )  # fmt: skip

    def route(self, sleep: Callable[[float], bool]) -> Route:
        """Open the way to the authority.

        Args:
            sleep: Waits so many seconds; returns True to give up.

        Raises:
            FesError: FES220. PortalError: PRT104, PRT305.
        """
        if isinstance(self.way, FolderSettings):
            return FolderRoute(self.way, self.base)
        # One attempt at each question: the sender comes again by itself, with pauses of its own.
        once = msgspec.structs.replace(self.way.settings, attempts_max=1)
        portal = msgspec.structs.replace(self.way, settings=once)
        return PortalRoute(PortalClient(portal, Envelopes(portal.envelopes), random=random.random, sleep=sleep))


def _way(settings: OutboxSettings, base: Path, where: str) -> FolderSettings | Portal:
    if (settings.folder is None) is not bool(settings.portal):
        got = "none" if settings.folder is None else "both"
        raise FesError("FES230", expected="[folder] or portal", got=got, where=where)
    if settings.folder is not None:
        return settings.folder
    portal = Portal.read(base / settings.portal)
    attempt_s = CALLS_MAX * portal.settings.answer_s
    if settings.claim_s <= attempt_s:
        raise FesError(
            "FES230", expected=f"claim_s longer than an attempt, which takes up to {attempt_s:g} s",
            got=f"{settings.claim_s:g}", where=where,
        )  # fmt: skip
    return portal


def _power(told: PowerFiles, base: Path, where: str) -> Power:
    found = []
    for name in (told.file, told.signature):
        try:
            with (base / name).open("rb") as stream:
                found.append(stream.read(POWER_SIZE_MAX + 1))
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES230", expected="a readable file", got=got, where=f"{where} powers") from None
    name = Path(told.file).name
    if not all(0 < len(one) <= POWER_SIZE_MAX for one in found) or not NAME.match(name):
        raise FesError(
            "FES230", expected=f"files of 1 to {POWER_SIZE_MAX} bytes with plain names", got="others",
            where=f"{where} powers",
        )  # fmt: skip
    return Power(name, *found)
