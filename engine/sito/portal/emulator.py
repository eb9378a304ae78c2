"""An emulator of the service concentrator, for trial use and for tests: written from the guide, quirks included.

It listens on this machine alone, holds no secret, and says what it does on purpose in its rules (`sito.portal.rules`).
What no document shows (tickets, further states, what an error looks like) is invented and says so there.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from sito.errors import PortalError
from sito.network import is_loopback
from sito.portal.holdings import MESSAGE_SIZE_MAX, Holdings, zipped
from sito.portal.rules import Fault, FaultKind, Rules, read_rules

PREFIX = "/Services/fedsfm-service/"
TEST = "test-contur/"
REQUEST_S = 60.0  # for a request to come in
_HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body>\xd0\xa8\xd0\xbb\xd1\x8e\xd0\xb7</body></html>"
_LISTS = {
    "suspect-catalogs/current-te21-catalog": "te21", "suspect-catalogs/current-te2-catalog": "te2",
    "suspect-catalogs/current-mvk-catalog": "mvk", "suspect-catalogs/current-un-catalog": "un",
    "suspect-catalogs/current-un-catalog-rus": "un-rus",
}  # fmt: skip
_FILES: dict[str, tuple[str, ...]] = {
    "suspect-catalogs/current-te21-file": ("te21",), "suspect-catalogs/current-te2-file": ("te2",),
    "suspect-catalogs/current-mvk-file-zip": ("mvk",), "suspect-catalogs/current-un-file": ("un", "un-rus"),
}  # fmt: skip
_IN_TEST = re.compile(r"authenticate|suspect-catalogs/current-(?:te2|mvk)-.*|formalized-message/.*")
_DONE_FIRST = frozenset({FaultKind.RESET_AFTER, FaultKind.GARBAGE, FaultKind.CP1251, FaultKind.DELAY, FaultKind.DRIP,
                         FaultKind.RESET_IN_BODY, FaultKind.CUT, FaultKind.OTHER_RANGE})  # fmt: skip


class Reply(NamedTuple):
    """What is answered."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = {}


class Call(NamedTuple):
    """What was asked, for whoever looks on."""

    method: str
    headers: dict[str, str]
    body: bytes


class Emulator:
    """Answers as the service does.

    Args:
        folder: Lists (`te21.xml`, `te2.xml`, `mvk.xml`, `un.xml`, `un-rus.xml`), `rules.toml`, and what was sent.
        host, port: Where to listen: an address of this machine; 0 takes a free port.
        rules: Instead of the file.
        tell: Called with one line for each call, without anything of its content.

    Raises:
        PortalError: PRT401 rules; PRT402 the folder; PRT403 an address that others can reach, or that is in use.
    """

    def __init__(
        self, folder: Path, *, host: str = "127.0.0.1", port: int = 0, rules: Rules | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        if not is_loopback(host):
            raise PortalError("PRT403", expected="an address of this machine", got="another", where="--listen")
        self.folder, self.tell = folder, tell
        self.rules = rules if rules is not None else read_rules(folder / "rules.toml")
        self.holdings = Holdings(folder)
        self.seen: list[Call] = []
        self.is_recording = False
        self.broken: list[str] = []
        self._tokens: dict[str, float] = {}
        self._used: dict[int, list[int]] = {}
        self._lock = threading.Lock()
        try:
            self._server = _Server((host, port), _Handler, self)
        except OSError as error:
            self.holdings.close()
            got = error.strerror or "an input/output error"
            raise PortalError("PRT403", expected="an address that is free", got=got, where="--listen") from None
        self.url = f"http://{host}:{self._server.server_address[1]}{PREFIX.rstrip('/')}"

    def serve(self) -> None:
        """Answer until `close` is called, by another thread."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self.holdings.close()

    def fault(self, method: str) -> Fault | None:
        """Return what goes wrong with this call, and count it."""
        with self._lock:
            for number, fault in enumerate(self.rules.fault):
                if fault.method not in {"*", method}:
                    continue
                came = self._used.setdefault(number, [0])
                came[0] += 1
                if came[0] > fault.after and (not fault.count or came[0] <= fault.after + fault.count):
                    return fault
        return None

    def use(self, rules: Rules) -> None:
        """Go on by other rules."""
        with self._lock:
            self.rules = rules
            self._used.clear()

    # --- the methods --------------------------------------------------------------------------------------------------

    def answer(self, method: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Return what the service answers to a call."""
        if method == "authenticate":
            return self._authenticate(body)
        words = headers.get("authorization", "").split(" ")
        with self._lock:
            until = self._tokens.get(words[1], 0.0) if len(words) == 2 and words[0].lower() == "bearer" else 0.0
        if until < time.monotonic():
            return self._json({"message": "Authorization has been denied for this request."}, 401)
        if method in _LISTS:
            return self._catalogue(_LISTS[method])
        if method in _FILES:
            return self._file(method, headers, body)
        if method in {"formalized-message/send", "formalized-message/send-with-mchd"}:
            return self._send(method, headers, body)
        if method in {"formalized-message/check-status", "formalized-message/get-ticket"}:
            return self._ask(method, body)
        return self._json({"message": "No such method."}, 404)

    def _authenticate(self, body: bytes) -> Reply:
        told = _object(body)
        name, password = told.get("username"), told.get("password")
        rules = self.rules
        if name != rules.user_name or password != rules.password:
            return self._json(_refusal("denied") | {"value": None})
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = time.monotonic() + rules.token_s
        user = {"id": "00000000-0000-0000-0000-000000000000", "userName": name, "kbShortName": None, "kbLoginType": 3,
                "isAuthenticated": not rules.stub}  # fmt: skip
        value = {"currentUser": user, rules.token_key: token, "refreshToken": None}
        return self._json({"value": value, "success": not rules.stub, "error": None, "errors": [], "hasErrors": False})

    def _catalogue(self, name: str) -> Reply:
        found = self.holdings.edition(name)
        if found is None:
            return self._json(_refusal("no list"))
        file_id, date = found
        if name == "te2":
            return self._json({
                "idTerroristCatalog": 1, "terroristCatalogNumber": "", "terroristCatalogDate": date, "isActive": True,
                "idDbf": file_id, "idDoc": file_id, "idXml": file_id,
            })  # fmt: skip
        more = {"idRecStatus": None} if name.startswith("un") else {}
        return self._json({"date": date, "isActive": True, **more, "idXml": file_id})

    def _file(self, method: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return self._json({"message": "Unsupported media type."}, 415)
        form = {key.lower(): values[0] for key, values in parse_qs(body.decode("ascii", "replace")).items()}
        data = self.holdings.file(_FILES[method], form.get("id", "").strip())
        if data is None:
            return self._json({"message": "File not found."}, 404)
        content_type = "application/octet-stream"
        if method.endswith("un-file"):
            if form.get("to_encode") == "true":
                return Reply(200, msgspec.json.encode(base64.b64encode(data).decode()))
        elif self.rules.list_form == "zip":
            data, content_type = zipped(f"Перечень {_FILES[method][0]}.xml", data), "application/zip"
        found = re.fullmatch(r"bytes=(\d{1,15})-", headers.get("range", ""))
        if not (found and self.rules.ranges):
            return Reply(200, data, content_type)
        start = int(found[1])
        if start >= len(data):
            return Reply(416, b"", content_type)
        told = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        return Reply(206, data[start:], content_type, told)

    def _send(self, method: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = _multipart(headers.get("content-type", ""), body)
        fields = {field.removesuffix("[]").lower() for field, _, _ in parts}
        wanted = {"file", "sign"} | ({"mchd", "mchdsign"} if method.endswith("mchd") else set())
        if not wanted <= fields:
            return self._json({"message": f"Missing: {', '.join(sorted(wanted - fields))}"}, 400)
        held = self.holdings.take(parts, self.rules)
        return self._told(held, is_poll=False)

    def _ask(self, method: str, body: bytes) -> Reply:
        told = _object(body)
        held = self.holdings.find(
            str(told.get("idformalizedmessage") or ""), str(told.get("idexternal") or ""), self.rules
        )
        if held is None:
            return self._json(_refusal("not found"), 404)
        if method.endswith("check-status"):
            return self._told(held, is_poll=True)
        ticket = self.holdings.ticket(held, self.rules)
        if ticket is None:
            return self._json({"message": "Квитанция не сформирована"})
        return Reply(200, ticket, "application/octet-stream")

    def _told(self, held: Any, *, is_poll: bool) -> Reply:
        number, name = self.holdings.status(held, self.rules, is_poll=is_poll)
        return self._json({
            "IdFormalizedMessage": held.message_id, "IdExternal": held.external_id or None,
            "IdFormalizedMessageStatus": number, "FormalizedMessageStatusName": name, "Note": None,
        })  # fmt: skip

    def _json(self, value: object, status: int = 200) -> Reply:
        change = {"lower": str.lower, "upper": str.upper, "pascal": lambda key: key[:1].upper() + key[1:]}
        return Reply(status, msgspec.json.encode(_keyed(value, change.get(self.rules.keys, lambda key: key))))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], emulator: Emulator) -> None:
        self.emulator = emulator
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what is a fault of the emulator; that whoever asks breaks off is none."""
        error = sys.exception()
        if not isinstance(error, OSError):
            self.emulator.broken.append(type(error).__name__)
            self.emulator.tell(f"a fault of the emulator: {type(error).__name__}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = REQUEST_S
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing here: `tell` does."""

    def _other(self) -> None:
        self._write(Reply(405, b'{"message":"POST only."}', headers={"Allow": "POST"}))

    do_GET = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _other  # noqa: N815  (names of http.server)

    def do_POST(self) -> None:
        """Answer one call, and do wrong what the rules say."""
        emulator, headers = self.server.emulator, {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        size = headers.get("content-length", "0")
        if not size.isascii() or not size.isdigit() or int(size) > MESSAGE_SIZE_MAX:
            self._write(Reply(413, b""))
            return
        body = self.rfile.read(int(size))
        path = urlsplit(self.path).path  # a proxy is asked by the whole address
        method = path.removeprefix(PREFIX)
        if method.startswith(TEST):
            method = method.removeprefix(TEST)
            method = method if _IN_TEST.fullmatch(method) else "-"
        method = method if path.startswith(PREFIX) else "-"
        if emulator.is_recording:
            emulator.seen.append(Call(method, headers, body))
        fault = emulator.fault(method)
        if fault is None:
            self._write(emulator.answer(method, headers, body))
        else:
            self._wrong(fault, lambda: emulator.answer(method, headers, body))
        emulator.tell(f"{method} {fault.kind if fault else 'answered'}")

    def _wrong(self, fault: Fault, answer: Callable[[], Reply]) -> None:
        kind = fault.kind
        reply = answer() if kind in _DONE_FIRST else Reply(200, b"")
        match kind:
            case FaultKind.DELAY:
                time.sleep(fault.seconds)
                self._write(reply)
            case FaultKind.DRIP:
                self._head(reply, len(reply.body))
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(fault.seconds)
            case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
                self._reset()
            case FaultKind.RESET_IN_BODY:
                self._head(reply, len(reply.body))
                self.wfile.write(reply.body[: len(reply.body) // 2])
                self._reset()
            case FaultKind.CUT:
                self._write(reply._replace(body=reply.body[: len(reply.body) // 2]))
            case FaultKind.HUGE:
                self._huge()
            case FaultKind.GARBAGE:
                self._write(reply._replace(body=hashlib.sha512(reply.body).digest()))
            case FaultKind.CP1251:
                self._write(
                    reply._replace(body=reply.body.decode("utf-8", "replace").encode("cp1251", "replace") + b"\xcf")
                )
            case FaultKind.OTHER_RANGE:
                size = len(reply.body)
                self._write(reply._replace(headers={"Content-Range": f"bytes 7-{size + 6}/{size + 7}"}, status=206))
            case _:
                self._write(_WRONG[kind])

    def _huge(self) -> None:
        self._head(Reply(200, b""), 1 << 40)
        block = b'{"x":"' + b"y" * (1 << 16)
        with suppress(OSError):
            while True:
                self.wfile.write(block)

    def _head(self, reply: Reply, size: int) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(size))
        self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, reply: Reply) -> None:
        self.close_connection = True
        self._head(reply, len(reply.body))
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def _reset(self) -> None:
        """Break the connection, not end it."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def _bomb() -> bytes:
    """Return a zip of a few kilobytes that unpacks to a thousand times its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block, count = bytes(1 << 20), 64
    data = b"".join(packer.compress(block) for _ in range(count)) + packer.flush()
    name, size = b"x.xml", count << 20
    told = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(data), size, len(name), 0)
    head = b"PK\x03\x04" + told + name
    table = b"PK\x01\x02" + struct.pack("<H", 20) + told + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(table), len(head) + len(data), 0)
    return head + data + table + end


class _Wrong(dict[FaultKind, Reply]):
    def __missing__(self, kind: FaultKind) -> Reply:
        if kind is not FaultKind.BOMB:
            raise KeyError(kind)
        # Made when it is asked for: it takes a moment.
        self[kind] = Reply(200, _bomb(), "application/zip")
        return self[kind]


_ERROR = b'{"value":null,"success":false,"error":{"code":"E1"},"errors":["failed"],"hasErrors":true}'
_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (number, b"&e%d;" % (number - 1) * 10) for number in range(1, 10))
_XML_BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "accepted">' + _ENTITIES + b"]><x>&e9;</x>"
_XML_FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
_WRONG = _Wrong({
    FaultKind.XML_BOMB: Reply(200, _XML_BOMB, "text/xml"), FaultKind.XML_FILE: Reply(200, _XML_FILE, "text/xml"),
    FaultKind.ERROR_500: Reply(500, _ERROR), FaultKind.ERROR_400: Reply(400, _ERROR),
    FaultKind.ERROR_200: Reply(200, _ERROR),
    FaultKind.HTML_200: Reply(200, _HTML, "text/html"), FaultKind.HTML_502: Reply(502, _HTML, "text/html"),
    FaultKind.DEEP: Reply(200, b'{"value":' * 200_000), FaultKind.EMPTY: Reply(200, b""),
    FaultKind.REDIRECT: Reply(302, b"", headers={"Location": "/elsewhere"}),
    FaultKind.TOKEN_401: Reply(401, b'{"message":"Authorization has been denied for this request."}'),
    FaultKind.TOKEN_200: Reply(200, b'{"success":false,"error":"Unauthorized: token expired","hasErrors":true}'),
})  # fmt: skip


def _refusal(word: str) -> dict[str, object]:
    return {"success": False, "error": word, "errors": [word], "hasErrors": True}


def _keyed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {change(str(key)): _keyed(one, change) for key, one in value.items()}
    return [_keyed(one, change) for one in value] if isinstance(value, list) else value


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return {str(key).lower(): value for key, value in told.items()} if isinstance(told, dict) else {}


def _multipart(content_type: str, body: bytes) -> tuple[tuple[str, str, bytes], ...]:
    """Cut a form with files into (field, file name, content)."""
    boundary = re.search(r'boundary="?([!-~]{1,200}?)"?(?:;|$)', content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        return ()
    found = []
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        head, gap, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told = head.decode("utf-8", "replace")
        field = re.search(r'[; ]name="([^"]*)"', told)
        name = re.search(r'filename="([^"]*)"', told)
        if gap and field:
            found.append((field[1], name[1] if name else "", content))
    return tuple(found)
