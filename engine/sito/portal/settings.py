"""How the personal account is reached: one file of TOML, and what it names.

    url = "https://portal.example:8081/Services/fedsfm-service"   # the guide of the service has the address
    contour = "production"             # or "test": the methods that try access out
    user_name = "bank"
    password_file = "portal.password"  # readable by its owner alone
    envelopes = "envelopes"            # folder in which every request and answer is kept

All else has a default, see `PortalSettings`. Files are named relative to the TOML file. No address is built in: a bank
that has not named one talks to nobody.
"""

from __future__ import annotations

import ssl
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from sito.errors import PortalError
from sito.network import is_loopback
from sito.toml import TomlError, read_toml

FILE_SIZE_MAX = 1 << 18  # bytes of the TOML file, and of a certificate file
SECRET_SIZE_MAX = 1 << 12  # bytes of a password file

Plain = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z", max_length=2048)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Contour(StrEnum):
    """Which of the two sets of methods is called."""

    PRODUCTION = "production"
    TEST = "test"


class Catalogue(StrEnum):
    """A list that the service hands out; the word is also the beginning of its file's name."""

    TE21 = "te21"
    TE2 = "te2"
    MVK = "mvk"
    UN = "un"
    UN_RUS = "un-rus"


# By which id a list is built. Both files of the list of the United Nations have the form of the consolidated list,
# which says nothing of Russian law; that the Russian one has it is inferred [I]. A bank may write other ids.
LIST_IDS = {"te21": "RU-TE", "te2": "RU-TE", "mvk": "RU-MVK", "un": "RU-UN", "un-rus": "RU-UN-RUS"}
# What an answer says that refuses a token with another status than 401: believed [K], no document has it.
TOKEN_WORDS = ("unauthorized", "token", "токен", "не авторизован")
OFFERED = {
    Contour.PRODUCTION: (Catalogue.TE21, Catalogue.TE2, Catalogue.MVK, Catalogue.UN, Catalogue.UN_RUS),
    Contour.TEST: (Catalogue.TE2, Catalogue.MVK),
}
_DEFAULT = {
    Contour.PRODUCTION: (Catalogue.TE21, Catalogue.MVK, Catalogue.UN, Catalogue.UN_RUS),
    Contour.TEST: (Catalogue.TE2, Catalogue.MVK),
}


class PortalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file; see the module.

    Attributes:
        url: Base address, of the service or of a gateway that speaks GOST TLS with it.
        contour: Which methods are called.
        gateway: True lets `url` be plain http to the host it names, though it is another machine: the bank says that
            the way there is its own.
        proxy: Address of an HTTP proxy; empty for none.
        ca_file, certificate_file, key_file: PEM; authorities of the service (default: those of the system), and the
            client's own certificate and key.
        envelopes: Folder of the evidence.
        catalogues: Lists that are fetched; none means all that the contour offers, of TE the newer.
        list_ids: By which id each is built.
        token_words: Words of an answer that mean that a token is not taken.
        external_search: Does the service find a message by the bank's own number alone? `yes` is believed [K], and
            tried before it is relied on; `newest`: it names the last of several, which decides of corrections.
        connect_s, answer_s, download_s: For a connection, a whole call, and a whole download.
        deadline_s: For all attempts at one thing.
        attempts_max: At one thing.
        backoff_s, backoff_max_s: Pause behind the first attempt, doubled each time, and its bound.
        answer_size_max, file_size_max: Bytes of an answer and of a file.
    """

    url: Plain
    user_name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    password_file: Annotated[str, msgspec.Meta(min_length=1)]
    envelopes: Annotated[str, msgspec.Meta(min_length=1)]
    contour: Contour = Contour.PRODUCTION
    gateway: bool = False
    proxy: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    catalogues: Annotated[tuple[Catalogue, ...], msgspec.Meta(max_length=5)] = ()
    list_ids: dict[Catalogue, str] = {}
    token_words: tuple[str, ...] = TOKEN_WORDS
    external_search: Literal["yes", "newest", "no"] = "yes"
    connect_s: Seconds = 10.0
    answer_s: Seconds = 60.0
    download_s: Seconds = 900.0
    deadline_s: Seconds = 1800.0
    attempts_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    backoff_s: Seconds = 1.0
    backoff_max_s: Seconds = 60.0
    answer_size_max: Annotated[int, msgspec.Meta(ge=1024, le=1 << 28)] = 4 << 20
    file_size_max: Annotated[int, msgspec.Meta(ge=1024, le=1 << 30)] = 256 << 20


class Portal(msgspec.Struct, frozen=True):
    """The file, and what it names, read and looked at.

    Attributes:
        password: Of the account.
        context: For https; None where the address is plain http.
        envelopes: Folder of the evidence.
        catalogues: What is fetched. list_ids: By which id each of them is built.
    """

    settings: PortalSettings
    password: str
    context: ssl.SSLContext | None
    envelopes: Path
    catalogues: tuple[Catalogue, ...]
    list_ids: dict[Catalogue, str]

    @classmethod
    def read(cls, path: Path) -> Portal:
        """Read a file and everything that it names.

        Raises:
            PortalError: PRT101 it cannot be read, is no TOML or says something else; PRT102 an address over which
                others could read or change what is said; PRT103 a password or certificate that cannot be used.
        """
        found = _parsed(path)
        scheme = _check_url(found.url, path.name, gateway=found.gateway)
        if found.proxy:
            _check_url(found.proxy, f"{path.name}, proxy", gateway=True)
        catalogues = found.catalogues or _DEFAULT[found.contour]
        _check_catalogues(catalogues, found.contour, path.name)
        ids = {one: found.list_ids.get(one, LIST_IDS[one.value]) for one in catalogues}
        if len(set(ids.values())) < len(ids):
            raise PortalError(
                "PRT101", expected="one list of each id", got="two of one", where=f"{path.name} catalogues",
                todo="te21 and te2 are the same list: name one of them",
            )  # fmt: skip
        password = _secret(path.parent / found.password_file, path.name)
        context = _context(path.parent, found, path.name) if scheme == "https" else None
        return cls(found, password, context, path.parent / found.envelopes, catalogues, ids)


def _parsed(path: Path) -> PortalSettings:
    try:
        return read_toml(path, PortalSettings)
    except TomlError as error:
        raise PortalError(
            "PRT101", expected="settings in TOML as docs/operations.md, The personal account, has them", got=str(error),
            where=error.where(path.name),
        ) from None  # fmt: skip


def _read(path: Path, size_max: int, code: str, where: str) -> bytes:
    try:
        if not path.is_file():
            raise PortalError(code, expected="a readable file", got="no file", where=where)
        with path.open("rb") as stream:
            data = stream.read(size_max + 1)
    except (OSError, ValueError) as error:
        got = getattr(error, "strerror", None) or "an input/output error"
        raise PortalError(code, expected="a readable file", got=got, where=where) from None
    if len(data) > size_max:
        raise PortalError(code, expected="a readable file", got=f"more than {size_max} bytes", where=where)
    return data


def _check_url(url: str, where: str, *, gateway: bool) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    is_plain = bool(host) and port != 0 and parts.username is None and not parts.fragment and not parts.query
    if parts.scheme not in {"http", "https"} or not is_plain:
        raise PortalError("PRT102", expected="https://HOST/PATH without a user", got="another address", where=where)
    if parts.scheme == "http" and not gateway and not is_loopback(host or ""):
        raise PortalError(
            "PRT102", expected="https", got="http, to another machine", where=where,
            todo="set gateway = true if that is your own gateway, and the way to it your own",
        )  # fmt: skip
    return parts.scheme


def _check_catalogues(chosen: tuple[Catalogue, ...], contour: Contour, where: str) -> None:
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(OFFERED[contour]):
        raise PortalError(
            "PRT101", expected=f"each once of {', '.join(OFFERED[contour])}", got="another, or one twice",
            where=f"{where} catalogues",
        )  # fmt: skip


def _secret(path: Path, where: str) -> str:
    data = _read(path, SECRET_SIZE_MAX, "PRT103", f"{where} password_file")
    if path.stat().st_mode & 0o077:
        raise PortalError(
            "PRT103", expected="a password that only its owner may read", got="a file open to others",
            where=f"{where} password_file", todo="chmod 600",
        )  # fmt: skip
    try:
        text = data.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text or not text.isprintable():
        raise PortalError("PRT103", expected="one line of UTF-8", got="something else", where=f"{where} password_file")
    return text


def _context(base: Path, found: PortalSettings, where: str) -> ssl.SSLContext:
    if bool(found.certificate_file) != bool(found.key_file):
        raise PortalError("PRT103", expected="certificate_file and key_file together", got="one of them", where=where)
    try:
        if found.ca_file:
            text = _read(base / found.ca_file, FILE_SIZE_MAX, "PRT103", f"{where} ca_file").decode("ascii")
            if "BEGIN CERTIFICATE" not in text:  # an empty text would mean: trust what the system trusts
                raise ValueError
            context = ssl.create_default_context(cadata=text)
        else:
            context = ssl.create_default_context()
        if found.certificate_file:
            if (base / found.key_file).stat().st_mode & 0o077:
                raise PortalError(
                    "PRT103", expected="a key that only its owner may read", got="a file open to others",
                    where=f"{where} key_file", todo="chmod 600",
                )  # fmt: skip
            context.load_cert_chain(base / found.certificate_file, base / found.key_file, password=lambda: b"")
    except (OSError, ValueError):
        raise PortalError(
            "PRT103", expected="certificates and a key without a password, in PEM", got="something else", where=where
        ) from None
    return context
