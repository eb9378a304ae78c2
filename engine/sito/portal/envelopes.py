"""Every request to the personal account and every answer, kept as evidence.

One file for each body, a numbered log for each month that says what belongs to what. Password and tokens are blanked,
files are told by digest and size, JSON stays as it was written. A question that was answered as the last time is not
kept again more than once an hour: a watch asks every half minute for years.

    000012.request.json      what was asked, as JSON; of a form its fields
    000012.response.json     what came back (.txt if it is no JSON)
    log-2026-11.jsonl        a line for each exchange, in order
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sito.errors import PortalError
from sito.policy.calendar import MOSCOW

BODY_SIZE_MAX = 1 << 20  # bytes of a body that are kept; of a larger one digest and size
REPEATED_AFTER = timedelta(hours=1)  # the same answer to the same question is kept again after that
_REMEMBERED_MAX = 10_000  # questions of which the last answer is remembered
BLANK = "***"
SECRET_LENGTH_MIN = 8  # characters of a secret that is blanked wherever it stands
_SECRET = re.compile(r'("(?:password|access_?token|refresh_?token)"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)
# Methods of the test contour that an application for access has to show, without that of the log-in: of the guide.
TEST_METHODS = (
    "suspect-catalogs/current-te2-catalog", "suspect-catalogs/current-te2-file", "suspect-catalogs/current-mvk-catalog",
    "suspect-catalogs/current-mvk-file-zip", "formalized-message/send", "formalized-message/send-with-mchd",
    "formalized-message/check-status", "formalized-message/get-ticket",
)  # fmt: skip


class Body(msgspec.Struct, frozen=True):
    """A file that went over the wire, without its content."""

    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Body:
        """Describe bytes."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


class Exchange(msgspec.Struct, frozen=True):
    """A request and what came back.

    Attributes:
        method: As in the guide, without the prefix of the contour.
        sent_as: `none`, `json`, `form` or `multipart`.
        request: JSON as it went, or the fields of a form as JSON; empty without parameters.
        status: Of HTTP; None if no answer came.
        response: A text as it came, or a file; None if nothing came.
        failure: Code of the error, if the answer was none.
    """

    method: str
    contour: str
    sent_as: str
    request: str = ""
    status: int | None = None
    content_type: str = ""
    response: str | Body | None = None
    failure: str = ""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the log.

    Attributes:
        number: Of the exchange, without gaps. begun: Number of the line that says that it was begun; 0 if none.
        request, response: Names of files, or what is told of a file instead.
        same: How often the same came before and was not kept again.
    """

    number: int
    at: datetime
    method: str
    contour: str
    sent_as: str
    status: int | None = None
    content_type: str = ""
    request: str = ""
    response: str | Body = ""
    failure: str = ""
    begun: int = 0
    same: int = 0

    @property
    def is_good(self) -> bool:
        """Did the service answer what was asked?"""
        return self.status is not None and 200 <= self.status < 300 and not self.failure


class Envelopes:
    """A folder of evidence; several processes may write to it.

    Args:
        folder: Made if it is not there; only its owner may look into it.

    Raises:
        PortalError: PRT104 it cannot be made or written, or others may look into it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[tuple[str, str], tuple[bytes, datetime, int]] = {}
        with _told(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o077:
                raise PortalError(
                    "PRT104", expected="a folder that only its owner may enter", got="one open to others",
                    where=folder.name, todo="chmod 700",
                )  # fmt: skip

    def keep(self, exchange: Exchange, *, at: datetime, secrets: Iterable[str] = (), begun: int = 0) -> int:
        """Keep an exchange, durably.

        Args:
            at: When it ended.
            secrets: Texts that are blanked wherever they stand.
            begun: What `keep` returned before the answer came; 0 if it was not called then.

        Returns:
            The number; 0 if the same was kept before.

        Raises:
            PortalError: PRT104 the disk refuses.
        """
        # A short one would blank what is no secret; where it is one, its key says so.
        known = sorted((one for one in secrets if len(one) >= SECRET_LENGTH_MIN), key=len, reverse=True)
        request, response = _blanked(exchange.request, known), exchange.response
        if isinstance(response, str):
            response = _blanked(response, known)
        exchange = msgspec.structs.replace(exchange, request=request, response=response)
        same = 0 if begun else self._repeated(exchange, at)
        if same < 0:
            return 0
        with _told(self._folder), self._locked() as number:
            line = Line(
                number, at, exchange.method, exchange.contour, exchange.sent_as, exchange.status,
                exchange.content_type[:100], self._write(f"{number:06d}.request", request) if request else "",
                self._response(number, response), exchange.failure, begun, same,
            )  # fmt: skip
            _append(self._folder / f"log-{at.astimezone(MOSCOW):%Y-%m}.jsonl", msgspec.json.encode(line) + b"\n")
        return number

    def _repeated(self, exchange: Exchange, at: datetime) -> int:
        """Return how often an exchange came before and was not kept; -1 if this one need not be, either."""
        key = exchange.method, exchange.request
        digest = hashlib.sha256(msgspec.json.encode(exchange)).digest()
        before, since, count = self._last.get(key, (b"", at, 0))
        if digest == before and at - since < REPEATED_AFTER:
            self._last[key] = before, since, count + 1
            return -1
        if len(self._last) >= _REMEMBERED_MAX:
            self._last.clear()
        self._last[key] = digest, at, 0
        return count if digest == before else 0

    def _response(self, number: int, response: str | Body | None) -> str | Body:
        if isinstance(response, Body):
            return response
        return self._write(f"{number:06d}.response", response) if response else ""

    def _write(self, name: str, text: str) -> Any:
        data = text.encode("utf-8", "surrogateescape")
        if len(data) > BODY_SIZE_MAX:
            return Body.of(data) if name.endswith("response") else f"{len(data)} bytes, not kept"
        path = self._folder / (name + (".json" if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} else ".txt"))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(handle)
        return path.name

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Give the next number; nobody else writes meanwhile."""
        handle = os.open(self._folder / "number", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            told = os.read(handle, 20)
            number = int(told) + 1 if told.strip().isdigit() else max(self._numbers(), default=0) + 1
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, f"{number:<19}\n".encode())
            yield number
        finally:
            os.close(handle)

    def _numbers(self) -> Iterator[int]:
        yield from (int(path.name[:6]) for path in self._folder.glob("[0-9]*.re*") if path.name[:6].isdigit())
        yield from (line.number for line in self.lines())

    def lines(self) -> Iterator[Line]:
        """Yield the lines of all months, in order; one that a crash cut off is left out."""
        for path in sorted(self._folder.glob("log-*.jsonl")):
            with path.open("rb") as stream:
                for data in stream:
                    try:
                        yield msgspec.json.decode(data, type=Line)
                    except msgspec.MsgspecError:
                        continue

    def application(self, methods: Sequence[str] = TEST_METHODS) -> tuple[bytes, tuple[str, ...]]:
        """Return what an application for access has to hold: a zip of envelopes, and methods that lack one.

        Of each method the last good call of the test contour is taken; requests without parameters and answers that
        are files have no envelope, and the list beside them says so.
        """
        last = {line.method: line for line in self.lines() if line.contour == "test" and line.is_good}
        made, table = io.BytesIO(), []
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
            for number, method in enumerate((one for one in methods if one in last), 1):
                line = last[method]
                request = self._packed(packed, line.request, f"{number}_Req_{method.split('/')[1]}.json")
                told = line.response if isinstance(line.response, str) else ""
                response = self._packed(packed, told, f"{number}_Resp_{method.split('/')[1]}.json")
                table.append(
                    f"{method};{line.at.astimezone(MOSCOW):%d.%m.%Y %H:%M};{request or 'нет: запрос без параметров'};"
                    f"{response or 'нет: ответ состоит из файла'}"
                )
            head = "метод;дата и время успешного вызова (МСК);файл запроса;файл ответа"
            packed.writestr("methods.csv", ("\ufeff" + "\r\n".join([head, *table, ""])).encode())
        return made.getvalue(), tuple(one for one in methods if one not in last)

    def _packed(self, packed: zipfile.ZipFile, name: str, new: str) -> str:
        if not name.endswith(".json"):
            return ""
        with _told(self._folder):
            packed.writestr(new, (self._folder / Path(name).name).read_bytes())
        return new


def _blanked(text: str, secrets: Sequence[str]) -> str:
    text = _SECRET.sub(lambda found: found[1] + BLANK, text)
    for secret in secrets:
        for form in (secret, msgspec.json.encode(secret).decode()[1:-1]):
            text = text.replace(form, BLANK)
    return text


def _append(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":  # a crash cut the last line off
            data = b"\n" + data
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PortalError(
            "PRT104", expected="a folder of envelopes that can be written", where=folder.name,
            got=error.strerror or "an input/output error",
        ) from None  # fmt: skip
