"""A mail server, a web server and certificates for the tests of alerts, all on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _certificate(folder: Path, name: str, hosts: tuple[str, ...]) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")] if "localhost" in hosts else [x509.DNSName("other")]
    names += [x509.IPAddress(ipaddress.ip_address(host)) for host in hosts if host != "localhost"]
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2)).add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """`ours` is of this machine, `other` of another one; each is its own authority."""
    folder = tmp_path_factory.mktemp("certificates")
    return {
        "ours": _certificate(folder, "ours", ("localhost", "127.0.0.1")),
        "other": _certificate(folder, "other", ()),
    }


def context(path: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path)
    return made


class Post(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class MailServer:
    """aiosmtpd in a thread of its own; `answers` are those of RCPT and DATA, the last one for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, first_byte: bool = False) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.users: list[str] = []
        self.data_answers = ["250 taken"]
        self.refused: dict[str, str] = {}
        self._tls, self._first_byte = tls, first_byte
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self.port = 0

        async def start() -> None:
            server = await self._loop.create_server(
                self._protocol, "127.0.0.1", 0, ssl=self._tls if self._first_byte else None
            )
            self._server = server
            self.port = server.sockets[0].getsockname()[1]
            started.set()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(start())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run)
        self._thread.start()
        started.wait(10)

    def _protocol(self) -> SMTP:
        starttls = self._tls is not None and not self._first_byte
        return SMTP(
            self, hostname="mail", enable_SMTPUTF8=False, tls_context=self._tls if starttls else None,
            require_starttls=starttls, authenticator=self._login if self._tls else None,
            auth_required=starttls, auth_require_tls=starttls, loop=self._loop,
        )  # fmt: skip

    def _login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"sito", b"open sesame")
        self.users += [data.login.decode()] if good else []
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.data_answers[0] if len(self.data_answers) == 1 else self.data_answers.pop(0)
        if answer.startswith("250"):
            self.mails.append((list(envelope.rcpt_tos), bytes(envelope.content)))
        return answer

    def close(self) -> None:
        async def stop() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class WebServer:
    """http.server on this machine; `answers` are (status, headers) or a function of the handler, the last for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.posts: list[Post] = []
        self.answers: list[Any] = [(200, {})]
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.posts.append(Post(self.path, dict(self.headers), body))
                answer = owner.answers[0] if len(owner.answers) == 1 else owner.answers.pop(0)
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer[0])
                for name, value in {"Content-Length": "0", **answer[1]}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def raw() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Give what makes a server that does with each connection what a function says; its port."""
    made: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(conversation: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        made.append(listener)

        def one(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                conversation(connection)

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                thread = threading.Thread(target=one, args=(connection,))
                thread.start()
                threads.append(thread)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield serve
    for listener in made:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(10)
