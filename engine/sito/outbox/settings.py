"""The outbox as a bank sets it up: one file of TOML, and what it names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from sito.errors import FesError
from sito.fes import Dictionaries, Organisation, Schemas
from sito.outbox.folder import FolderRoute, FolderSettings
from sito.outbox.routes import Route
from sito.outbox.signing import Signer
from sito.toml import TomlError, parse_toml

FILE_SIZE_MAX = 1 << 18
# Code of the ground of a freeze by list: 1 was seen with the list of terrorists (I), the others are believed (K). A
# bank writes its own into its file.
GROUNDS = {"RU-TE": "1", "RU-MVK": "2", "RU-UN": "3", "RU-UN-RUS": "3"}


class OutboxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file; paths in it are relative to it.

    Attributes:
        organisation: File of who reports.
        signer: How messages are signed. folder: How they leave.
        claim_s: Seconds after which another sender looks whether a message that was being sent arrived.
        schemas, code_lists: Folders of official schemas and of the bank's code lists; empty: none.
        grounds: Codes of grounds by list.
    """

    organisation: str
    signer: Signer
    folder: FolderSettings
    claim_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 900.0
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
            with path.open("rb") as stream:
                data = stream.read(FILE_SIZE_MAX + 1)
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES230", expected="a readable file of settings", got=got, where=path.name) from None
        if len(data) > FILE_SIZE_MAX:
            raise FesError("FES230", expected=f"at most {FILE_SIZE_MAX} bytes", got="more", where=path.name)
        try:
            return msgspec.convert(parse_toml(data), cls)
        except TomlError as error:
            raise FesError("FES230", expected="TOML", got=str(error), where=path.name) from None
        except msgspec.ValidationError as error:
            what, _, place = str(error).partition(" - at ")
            raise FesError(
                "FES230", expected="settings as docs/operations.md describes them", got=what.split(", got")[0],
                where=f"{path.name} {place.strip('`')}".strip(),
            ) from None  # fmt: skip


class Setup(msgspec.Struct, frozen=True):
    """What the file names, read and looked at.

    Attributes:
        claim: Of `claim_s`.
    """

    organisation: Organisation
    schemas: Schemas
    signer: Signer
    grounds: dict[str, str]
    claim: timedelta
    base: Path
    folder: FolderSettings

    @classmethod
    def read(cls, path: Path) -> Setup:
        """Read the file and all that it names but the folders of the exchange.

        Raises:
            FesError: FES230, FES101, FES107, FES110.
        """
        settings, base = OutboxSettings.read(path), path.parent
        schemas = Schemas.shipped()
        if settings.code_lists:
            schemas = schemas.with_dictionaries(Dictionaries.shipped().with_folder(base / settings.code_lists))
        if settings.schemas:
            schemas = schemas.with_official(base / settings.schemas)
        return cls(
            Organisation.read(base / settings.organisation), schemas, settings.signer, settings.grounds,
            timedelta(seconds=settings.claim_s), base, settings.folder,
        )  # fmt: skip

    def route(self) -> Route:
        """Open the way to the authority.

        Raises:
            FesError: FES220.
        """
        return FolderRoute(self.folder, self.base)
