"""The client of Rosfinmonitoring's service concentrator, after its guide (version 1.2 of 28.08.2025).

Every method is a POST. Reading is tried again, with pauses, until a deadline; a message is sent once, for nobody can
know whether one that broke off arrived, and whoever sends it has to look first.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from urllib3.filepost import encode_multipart_formdata

from sito.errors import PortalError, SendError
from sito.portal import answers
from sito.portal.answers import Edition, MessageStatus, NotJsonError, Ticket
from sito.portal.downloads import Part, sound_file
from sito.portal.envelopes import Body, Envelopes, Exchange
from sito.portal.settings import Catalogue, Contour, Portal
from sito.portal.wire import Reply, TooLargeError, Wire, WireError

Told = TypeVar("Told")
Clock = Callable[[], datetime]
Powers = Sequence[tuple[str, bytes, bytes]]  # name, power of attorney, its signature

AUTHENTICATE = "authenticate"
SEND, SEND_MCHD = "formalized-message/send", "formalized-message/send-with-mchd"
CHECK_STATUS, GET_TICKET = "formalized-message/check-status", "formalized-message/get-ticket"
_CATALOGUES = {
    Catalogue.TE21: ("current-te21-catalog", "current-te21-file"),
    Catalogue.TE2: ("current-te2-catalog", "current-te2-file"),
    Catalogue.MVK: ("current-mvk-catalog", "current-mvk-file-zip"),
    Catalogue.UN: ("current-un-catalog", "current-un-file"),
    Catalogue.UN_RUS: ("current-un-catalog-rus", "current-un-file"),
}
# Answers after which nobody knows whether a message was taken: a broken way, a second copy, a page to go on to.
_UNSURE = frozenset({408, 409})
# Of 4xx, those that are about the message itself; the others are about the account, the address or the moment.
_LOOKED_AT = frozenset({400, 413, 415, 422})
_AGAIN = frozenset({408, 416, 425, 429})


class Answer(NamedTuple):
    """An answer as it came."""

    status: int
    content_type: str
    data: bytes


class _Question(NamedTuple):
    """A request: what goes over the wire, and what is kept of it."""

    method: str
    sent_as: str = "none"
    body: bytes = b""
    content_type: str = ""
    request: str = ""


class PortalClient:
    """Talks to the personal account. One thread; a token is asked for when it is needed.

    Args:
        portal: How it is reached.
        envelopes: Where everything that is said is kept.
        random: Numbers in [0, 1) that spread pauses, so that not all banks come back at once.
        sleep: Waits so many seconds; returns True to give up.
        clock: The time of now, for the evidence. monotonic: Seconds, for deadlines.
    """

    def __init__(
        self, portal: Portal, envelopes: Envelopes, *, random: Callable[[], float], sleep: Callable[[float], bool],
        clock: Clock = lambda: datetime.now(UTC), monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.portal = portal
        self._settings = portal.settings
        self._envelopes, self._random, self._sleep = envelopes, random, sleep
        self._clock, self._monotonic = clock, monotonic
        self._wire = Wire(
            self._settings.url, context=portal.context, proxy=self._settings.proxy, connect_s=self._settings.connect_s
        )
        self._token = ""
        self._prefix = "test-contur/" if self._settings.contour is Contour.TEST else ""

    # --- what a bank asks for -----------------------------------------------------------------------------------------

    def login(self) -> None:
        """Get a token.

        Raises:
            PortalError: PRT201 nobody answers in time; PRT202 the account is refused; PRT203 another error of the
                service; PRT204 an answer that nobody understands; PRT205 one that is too large.
        """
        self._tried(self._login)

    def ensure_login(self) -> None:
        """Get a token if there is none; see `login`."""
        if not self._token:
            self.login()

    def edition(self, catalogue: Catalogue) -> Edition:
        """Return what a catalogue says of the list in force.

        Raises:
            PortalError: As `login`; PRT204 also where no file is named.
        """
        method = "suspect-catalogs/" + _CATALOGUES[catalogue][0]

        def ask() -> Edition:
            answer = self._authorized(_Question(method))
            found = answers.edition_of(self._json(answer, method))
            if found is None:
                raise _strange(method, "a catalogue without a file")
            return found

        return self._tried(ask)

    def download(self, catalogue: Catalogue, edition: Edition, target: Path) -> str:
        """Fetch the file of a list; what was fetched before it broke off is gone on with, where the service can.

        Args:
            target: Where it shall stand, without an ending; a part of it stands beside it meanwhile.

        Returns:
            The ending that fits: `.zip` or `.xml`. Only then the file is whole and can be unpacked.

        Raises:
            PortalError: As `login`; PRT206 what came is no file of a list.
        """
        method = "suspect-catalogs/" + _CATALOGUES[catalogue][1]
        form = b"id=" + edition.file_id.encode("ascii", "replace")
        request = msgspec.json.encode({"id": edition.file_id}).decode()
        question = _Question(method, "form", _quoted(form), "application/x-www-form-urlencoded", request)
        part = Part(target, edition.file_id)

        def ask() -> str:
            self._fetch(question, part)
            return sound_file(part, method)

        return self._tried(ask)

    def send(self, name: str, xml: bytes, signature: bytes, powers: Powers = ()) -> MessageStatus:
        """Hand a message over, once.

        Args:
            name: Of its file. signature: Detached. powers: Powers of attorney; with any, the method for them is used.

        Raises:
            SendError: PRT211 it was surely not taken (`outcome` refused or not_sent); PRT212 nobody knows (`outcome`
                unknown).
        """
        method = SEND_MCHD if powers else SEND
        files = [("file", name, xml), ("sign", f"{name}.sig", signature)]
        for power_name, data, signed in powers:
            files += [("mchd", power_name, data), ("mchdSign", f"{power_name}.sig", signed)]
        body, content_type = encode_multipart_formdata(
            [(field, (file_name, data, "application/octet-stream")) for field, file_name, data in files]
        )
        told = [{"field": field, "file": one, **msgspec.to_builtins(Body.of(data))} for field, one, data in files]
        question = _Question(method, "multipart", body, content_type, msgspec.json.encode(told).decode())
        answer = self._handed_over(question)
        if self._is_token_refused(answer):  # it was not looked at: the same once more
            self._token = ""
            answer = self._handed_over(question)
        return self._taken(method, answer)

    def status(self, message_id: str, external_id: str) -> MessageStatus | None:
        """Ask how a message fares; None if the service knows none of this name.

        Args:
            message_id: The service's own; may be empty, see `PortalSettings.external_search`.

        Raises:
            PortalError: As `login`.
        """
        question = _about(CHECK_STATUS, message_id, external_id)

        def ask() -> MessageStatus | None:
            answer = self._authorized(question, is_missing_told=True)
            # Only what surely means "no such message" does: who is told so may send it again.
            told = self._json(answer, CHECK_STATUS, is_stub_taken=answer.status == 404)
            found = answers.status_of(told)
            if found is None and answer.status != 404 and not answers.names_nothing(told):
                raise _strange(CHECK_STATUS, "JSON that names no message")
            return found

        return self._tried(ask)

    def ticket(self, message_id: str, external_id: str) -> Ticket | None:
        """Fetch the receipt of a message; None if there is none yet.

        Raises:
            PortalError: As `login`.
        """
        question = _about(GET_TICKET, message_id, external_id)

        def ask() -> Ticket | None:
            answer = self._authorized(question, is_missing_told=True)
            kind = answers.kind_of(answer.data)
            # Not ready yet: nothing, or JSON [S: seen by public clients].
            if answer.status == 404 or kind in {"nothing", "json"}:
                return None
            if kind == "html":
                raise _strange(GET_TICKET, "a page of HTML")
            return Ticket(answer.data, answer.content_type)

        return self._tried(ask)

    # --- how it is asked ----------------------------------------------------------------------------------------------

    def _login(self) -> None:
        request = msgspec.json.encode({"userName": self._settings.user_name, "password": self.portal.password})
        question = _Question(AUTHENTICATE, "json", request, "application/json", request.decode())
        try:
            answer = self._once(question, is_open=True)
        except WireError as error:
            raise _gone(AUTHENTICATE, error) from None
        if answer.status in {401, 403}:
            raise _refused_account(f"HTTP {answer.status}")
        self._check(answer, AUTHENTICATE)
        token = answers.token_of(self._json(answer, AUTHENTICATE, is_stub_taken=True))
        if not token:
            raise _refused_account("no token")
        self._token = token

    def _handed_over(self, question: _Question) -> Answer:
        """Send a message: what fails before its first byte is known not to have arrived, whatever fails later is not.

        One log-in and one attempt, so that it ends within two connections and two answers.
        """
        try:
            if not self._token:
                self._login()
            begun = self._kept(question, begun=0)
        except PortalError as error:
            raise _unsent(question.method, str(error), outcome="not_sent") from None
        try:
            return self._once(question, begun=begun)
        except WireError as error:
            raise _unsent(
                question.method, error.what, outcome="unknown" if error.is_connected else "not_sent"
            ) from None
        except PortalError as error:  # an answer came, and the disk does not take it: it counts as none
            raise _unsent(question.method, str(error), outcome="unknown") from None

    def _authorized(self, question: _Question, *, is_missing_told: bool = False) -> Answer:
        for is_last in (False, True):
            if not self._token:
                self._login()
            try:
                answer = self._once(question)
            except WireError as error:
                raise _gone(question.method, error) from None
            if not self._is_token_refused(answer):
                break
            self._token = ""
            if is_last:
                raise _refused_account("a new token is refused, too")
        if not (is_missing_told and answer.status == 404):
            self._check(answer, question.method)
        return answer

    def _once(self, question: _Question, *, is_open: bool = False, begun: int = 0) -> Answer:
        """Ask once, and keep what was said.

        Args:
            begun: Number under which the evidence has the question already.

        Raises:
            WireError: No whole answer came. PortalError: PRT104.
        """
        reply: Reply | None = None
        try:
            with self._posted(question, {}, self._settings.answer_s, is_open=is_open) as reply:
                data = reply.whole(self._settings.answer_size_max)
        except WireError as error:
            self._kept(question, reply=reply, failure=_code_of(error), begun=begun)
            raise
        answer = Answer(reply.status, reply.content_type, data)
        self._kept(question, reply=reply, data=data, begun=begun)
        return answer

    def _posted(self, question: _Question, more: dict[str, str], limit_s: float, *, is_open: bool = False) -> Any:
        headers = {"Content-Type": question.content_type} if question.content_type else {}
        if not is_open:
            headers["Authorization"] = f"bearer {self._token}"
        return self._wire.post(self._prefix + question.method, question.body, headers | more, limit_s=limit_s)

    def _kept(
        self, question: _Question, *, reply: Reply | None = None, data: bytes | Body | None = None, failure: str = "",
        begun: int = 0,
    ) -> int:  # fmt: skip
        told: str | Body | None = data if isinstance(data, Body) else None
        if isinstance(data, bytes):
            told = Body.of(data)
            if answers.kind_of(data) in {"json", "html", "other", "nothing"} and len(data) <= 1 << 20:
                with suppress(UnicodeDecodeError):
                    told = data.decode("utf-8")
        exchange = Exchange(
            question.method, self._settings.contour.value, question.sent_as, question.request,
            reply.status if reply else None, reply.content_type if reply else "", told, failure,
        )  # fmt: skip
        secrets = (self.portal.password, self._token)
        return self._envelopes.keep(exchange, at=self._clock(), secrets=secrets, begun=begun)

    def _fetch(self, question: _Question, part: Part) -> None:
        """Take a file in, from where it broke off if the service can."""
        for is_last in (False, True):
            if not self._token:
                self._login()
            reply: Reply | None = None
            try:
                with self._posted(question, part.wanted(), self._settings.download_s) as reply:
                    kind = part.begin(reply.status, reply.headers)
                    if not kind:
                        data = reply.whole(self._settings.answer_size_max)
                    else:
                        part.take(reply.read(), self._settings.file_size_max)
                        data = b""
            except WireError as error:
                self._kept(question, reply=reply, failure=_code_of(error))
                raise _gone(question.method, error) from None
            if kind:
                self._kept(question, reply=reply, data=part.body())
                head = part.head()
                if answers.kind_of(head) != "json":
                    return
                data = part.small(self._settings.answer_size_max)
            else:
                self._kept(question, reply=reply, data=data)
            answer = Answer(reply.status, reply.content_type, data)
            part.drop()
            if self._is_token_refused(answer) and not is_last:
                self._token = ""
                continue
            self._check(answer, question.method)
            self._json(answer, question.method)
            raise _strange(question.method, "JSON instead of a file")
        raise _refused_account("a new token is refused, too")

    # --- what comes of it ---------------------------------------------------------------------------------------------

    def _is_token_refused(self, answer: Answer) -> bool:
        if answer.status == 401:
            return True
        with suppress(NotJsonError):
            told = answers.json_of(answer.data, answer.content_type)
            if answer.status < 500 and answers.refuses(told) and answers.status_of(told) is None:
                return answers.speaks_of_token(told, self._settings.token_words)
        return False

    def _json(self, answer: Answer, method: str, *, is_stub_taken: bool = False) -> Any:
        try:
            told = answers.json_of(answer.data, answer.content_type)
        except NotJsonError as error:
            raise _strange(method, str(error)) from None
        names_something = answers.edition_of(told) is not None or answers.status_of(told) is not None
        if not is_stub_taken and answers.refuses(told) and not names_something:
            raise _error_of_service(method, f"HTTP {answer.status} with an error in it")
        return told

    def _check(self, answer: Answer, method: str) -> None:
        if not 200 <= answer.status < 300:
            raise _error_of_service(method, f"HTTP {answer.status}")

    def _taken(self, method: str, answer: Answer) -> MessageStatus:
        try:
            told = answers.json_of(answer.data, answer.content_type)
        except NotJsonError as error:
            told, what = None, str(error)
        else:
            what = "JSON that names no message"
        found = answers.status_of(told)
        if found is not None and 200 <= answer.status < 300:
            return found
        outcome: Literal["refused", "not_sent", "unknown"] = "unknown"
        if found is None and (answer.status in _LOOKED_AT or (200 <= answer.status < 300 and answers.refuses(told))):
            outcome = "refused"
        elif found is None and 400 <= answer.status < 500 and answer.status not in _UNSURE:
            outcome = "not_sent"
        raise _unsent(method, f"HTTP {answer.status}, {what}", outcome=outcome)

    def _tried(self, ask: Callable[[], Told]) -> Told:
        """Ask until an answer comes, the attempts are used up or the deadline is over."""
        until = self._monotonic() + self._settings.deadline_s
        pause = self._settings.backoff_s
        for attempt in range(1, self._settings.attempts_max + 1):
            try:
                return ask()
            except PortalError as error:
                wait = min(pause, self._settings.backoff_max_s) * (0.5 + 0.5 * self._random())
                is_over = attempt == self._settings.attempts_max or self._monotonic() + wait > until
                if isinstance(error, SendError) or not _may_help(error) or is_over or self._sleep(wait):
                    raise
                pause *= 2
        raise AssertionError("unreachable: attempts_max is at least 1")


def _may_help(error: PortalError) -> bool:
    """May the same question be answered later? What the service refuses by a status of 4xx is not."""
    if error.code == "PRT203":
        status = re.search(r"HTTP (\d{3})", error.got)
        number = int(status[1]) if status else 0
        return not 400 <= number < 500 or number in _AGAIN
    return error.code in {"PRT201", "PRT204", "PRT206"}


def _about(method: str, message_id: str, external_id: str) -> _Question:
    body = msgspec.json.encode({"IdFormalizedMessage": message_id or None, "IdExternal": external_id})
    return _Question(method, "json", body, "application/json", body.decode())


def _quoted(form: bytes) -> bytes:
    return re.sub(rb"[^A-Za-z0-9=._~-]", lambda found: b"%%%02X" % found[0][0], form)


def _code_of(error: WireError) -> str:
    return "PRT205" if isinstance(error, TooLargeError) else "PRT201"


def _gone(method: str, error: WireError) -> PortalError:
    if isinstance(error, TooLargeError):
        return PortalError("PRT205", expected="an answer of a size that is taken", got=error.what, where=method)
    return PortalError("PRT201", expected="a whole answer in time", got=error.what, where=method)


def _refused_account(got: str) -> PortalError:
    return PortalError(
        "PRT202", expected="an account and password that the service takes", got=got, where=AUTHENTICATE,
        todo="check user_name and password_file, and the client certificate",
    )  # fmt: skip


def _error_of_service(method: str, got: str) -> PortalError:
    return PortalError(
        "PRT203", expected="an answer to what was asked", got=got, where=method, todo="the envelopes hold what it said"
    )


def _strange(method: str, got: str) -> PortalError:
    return PortalError(
        "PRT204", expected="an answer as the guide of the service has it", got=got, where=method,
        todo="the envelopes hold what it said",
    )  # fmt: skip


def _unsent(method: str, got: str, *, outcome: Literal["refused", "not_sent", "unknown"]) -> SendError:
    if outcome == "unknown":
        return SendError(
            "PRT212", outcome=outcome, expected="word whether the message was taken", got=got, where=method,
            todo="ask for its status before it is sent again",
        )  # fmt: skip
    todo = "it was refused; the envelopes hold why" if outcome == "refused" else "it has not arrived"
    return SendError("PRT211", outcome=outcome, expected="a message that is taken", got=got, where=method, todo=todo)
