"""An alert as an e-mail, by smtplib."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Collection
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Any, BinaryIO

from sito.alerts.channels import Email
from sito.alerts.delivery import BROKEN, REFUSED, UNTRUSTED, Fate, Outcome
from sito.alerts.news import Alert, word
from sito.alerts.texts import message
from sito.network import Limit, connected, limit_of

ANSWER_SIZE_MAX = 1 << 16  # bytes that a mail server may say in one conversation


def mail(alert: Alert, channel: Email, names: Collection[str]) -> EmailMessage:
    """Return the e-mail; its Message-ID is that of the alert, and the same whenever it is made."""
    said = message(alert, channel.language)
    made = EmailMessage(policy=WIRE)
    made["From"] = channel.sender
    made["To"] = ", ".join(dict.fromkeys(channel.to[name] for name in names))
    made["Subject"] = said.headline
    made["Date"] = alert.at
    made["Message-ID"] = f"<{alert.alert_id}@{channel.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(said.text, cte="base64")
    return made


def send_mail(
    alert: Alert, channel: Email, names: Collection[str], *, context: ssl.SSLContext, password: bytes
) -> Outcome:
    """Hand an alert to the mail server, once, for some of the recipients.

    Args:
        alert: What is told. channel: Where. names: Of recipients. context: Which certificates are trusted.
        password: Of the channel's user.

    Returns:
        What came of it for each of them; nothing is raised, for nothing that a mail server does is a fault of sito.
    """
    made = mail(alert, channel, names)
    addresses = list(dict.fromkeys(channel.to[name] for name in names))  # several names may share one
    is_over = False
    try:
        with limit_of(channel.timeout_s) as limit:
            kind = _TlsClient if channel.security == "tls" else _Client
            client = kind(timeout=channel.timeout_s, local_hostname=_own_name(), **_tls(channel, context))
            client.limit = limit
            try:
                refused = _converse(client, made, channel, addresses, context=context, password=password)
            finally:
                client.close()
    except smtplib.SMTPRecipientsRefused as error:
        refused, is_over = error.recipients, True  # there was no DATA: who is not among them has nothing either
    except smtplib.SMTPDataError as error:
        return _all(names, _fate(error.smtp_code), f"{REFUSED} SMTPDataError {error.smtp_code}")
    except smtplib.SMTPResponseException as error:  # of the channel and not of this alert: it may be put right
        return _all(names, Fate.LATER, f"{REFUSED} {type(error).__name__} {error.smtp_code}")
    except ssl.SSLError as error:
        return _all(names, Fate.LATER, f"{UNTRUSTED} {word(error.reason) or type(error).__name__}")
    except smtplib.SMTPNotSupportedError:  # no STARTTLS, or no way to log in: nothing is sent in the clear
        return _all(names, Fate.LATER, f"{UNTRUSTED} SMTPNotSupportedError")
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return _all(names, Fate.LATER, f"{BROKEN} {type(error).__name__}")
    others = Fate.LATER if is_over else Fate.TAKEN
    by_address = {address: _fate(refused[address][0]) if address in refused else others for address in addresses}
    fates = {name: by_address[channel.to[name]] for name in names}
    codes = sorted({code for code, _ in refused.values()})
    return Outcome(fates, f"{REFUSED} recipients " + " ".join(map(str, codes)) if codes else "")


class _Counted:
    """What a mail server says, up to a limit: an answer may have any number of lines."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = ANSWER_SIZE_MAX

    def readline(self, size: int) -> bytes:
        line = self._stream.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("too much")
        return line

    def close(self) -> None:
        self._stream.close()


class _Client(smtplib.SMTP):
    """A client whose conversation is limited in time and size."""

    limit: Limit

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connected(host, port, timeout, self.limit)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Counted(self.sock.makefile("rb"))
        return super().getreply()


class _TlsClient(smtplib.SMTP_SSL, _Client):
    """The same with TLS from the first byte: `SMTP_SSL` wraps the socket that `_Client` opens."""


def _tls(channel: Email, context: ssl.SSLContext) -> dict[str, Any]:
    return {"context": context} if channel.security == "tls" else {}


def _converse(
    client: smtplib.SMTP, made: EmailMessage, channel: Email, addresses: list[str], *, context: ssl.SSLContext,
    password: bytes,
) -> dict[str, tuple[int, bytes]]:  # fmt: skip
    """Return whom the server refused of several; it raises if it took none."""
    client._host = channel.host  # type: ignore[attr-defined]  # whose certificate it has to be; `connect` does not set it
    code, said = client.connect(channel.host, channel.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, said)
    if channel.security == "starttls":
        client.starttls(context=context)
    if channel.user:
        client.login(channel.user, password.decode("ascii"))
    refused = client.send_message(made, channel.sender, addresses)
    with suppress(OSError, smtplib.SMTPException):  # it is taken, however they part
        client.quit()
    return refused


def _own_name() -> str:
    """Return how this machine greets, without asking a name server."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


def _fate(code: int) -> Fate:
    return Fate.NEVER if 500 <= code < 600 else Fate.LATER


def _all(names: Collection[str], fate: Fate, reason: str) -> Outcome:
    return Outcome(dict.fromkeys(names, fate), reason)
