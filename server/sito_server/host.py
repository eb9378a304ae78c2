"""A listening gRPC server around the screening service: address, TLS, health, reflection, drain."""

from __future__ import annotations

import ipaddress
import signal
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from sito.errors import UsageError
from sito.screen import Screener
from sito_server.service import FLOW_OPTIONS, REQUEST_SIZE_MAX, RESPONSE_SIZE_MAX, SERVICE_NAME, Fixed, ScreeningService

WORKER_COUNT_MAX = 256
CALLS_PER_WORKER = 16  # calls that may wait for each worker; more are told to come back (RESOURCE_EXHAUSTED)
PEM_SIZE_MAX = 1 << 20  # bytes of one certificate or key file


class TlsFiles(NamedTuple):
    """PEM files of mutual TLS: the server's chain and key, and the authorities that vouch for clients."""

    certificate: Path
    key: Path
    client_ca: Path


class Address(NamedTuple):
    """Where a server listens; `host` is an IP address, port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Can only processes of this machine reach it?"""
        return ipaddress.ip_address(self.host).is_loopback


def parse_address(text: str) -> Address:
    """Read `127.0.0.1:50051`, `[::1]:50051` or `localhost:50051`.

    Other host names are refused: what they stand for may change after the check for loopback.

    Raises:
        UsageError: CLI401.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = "127.0.0.1" if host == "localhost" else host[1:-1] if bracketed else host
    try:
        version = ipaddress.ip_address(host).version
        if colon and port.isascii() and port.isdecimal() and int(port) < 1 << 16 and (version == 6) == bracketed:
            return Address(host, int(port))
    except ValueError:
        pass
    raise UsageError(
        "CLI401", expected="an address as 127.0.0.1:50051, [::1]:50051 or localhost:50051", got=repr(text[:100]),
        where="--listen",
    )  # fmt: skip


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Read the files of mutual TLS; a client without a certificate of `client_ca` is not served.

    Raises:
        UsageError: CLI403 a file cannot be read; CLI404 it holds no such thing, or the key belongs to another
            certificate.
    """
    contents = []
    for option, path in zip(("--tls-certificate", "--tls-key", "--tls-client-ca"), files, strict=True):
        try:
            with path.open("rb") as file:
                contents.append(file.read(PEM_SIZE_MAX + 1))
        except OSError as error:
            raise UsageError(
                "CLI403", expected="a readable PEM file", got=error.strerror or "an input/output error", where=option
            ) from None
        if len(contents[-1]) > PEM_SIZE_MAX:
            raise UsageError(
                "CLI404", expected=f"a PEM file of at most {PEM_SIZE_MAX} bytes", got="a longer one", where=option
            )
    # gRPC would only say that the port could not be added; the standard library tells what is wrong.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UsageError(
            "CLI404", expected="a PEM certificate chain and its private key without a password",
            got=getattr(error, "reason", None) or type(error).__name__, where="--tls-certificate, --tls-key",
        ) from None  # fmt: skip
    try:
        context.load_verify_locations(cadata=contents[2].decode("ascii", "replace"))
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(
            "CLI404", expected="PEM certificates of authorities", where="--tls-client-ca",
            got=getattr(error, "reason", None) or type(error).__name__,
        ) from None  # fmt: skip
    certificate, key, client_ca = contents
    return grpc.ssl_server_credentials([(key, certificate)], client_ca, require_client_auth=True)


class _Reflection(reflection.ReflectionServicer):  # type: ignore[misc]  # the package has no types
    """Reflection in threads of its own: its streams stay open as long as a client likes."""

    def __init__(self, names: Iterable[str], pool: ThreadPoolExecutor) -> None:
        super().__init__(names)
        answer = super().ServerReflectionInfo

        def info(requests: Any, context: grpc.ServicerContext) -> Any:
            return answer(requests, context)

        info.experimental_thread_pool = pool  # type: ignore[attr-defined]  # gRPC looks for it
        self.ServerReflectionInfo = info


class Host:
    """A server with its health; `start`, then `stop`, once.

    Args:
        screener: What answers.
        address: Where to listen.
        workers: Threads that screen, 1 to `WORKER_COUNT_MAX`. Health and reflection have their own.
        tls: Files of mutual TLS; without them only loopback addresses are served.

    Raises:
        UsageError: CLI402 an address that others can reach, without TLS; CLI403 and CLI404 as for
            `server_credentials`; CLI405 the address cannot be bound; CLI406 workers out of range.
    """

    def __init__(self, screener: Screener, address: Address, *, workers: int, tls: TlsFiles | None = None) -> None:
        if not 1 <= workers <= WORKER_COUNT_MAX:
            raise UsageError("CLI406", expected=f"1 to {WORKER_COUNT_MAX} workers", got=str(workers), where="--workers")
        if tls is None and not address.is_loopback:
            raise UsageError(
                "CLI402", expected="a loopback address, or TLS", got=f"{address} without TLS", where="--listen",
                todo="add --tls-certificate, --tls-key and --tls-client-ca, or listen on 127.0.0.1",
            )  # fmt: skip
        credentials = server_credentials(tls) if tls else None
        self._side_pool = ThreadPoolExecutor(2, thread_name_prefix="sito-side")
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sito-screen")
        self._server = grpc.server(
            self._pool,
            maximum_concurrent_rpcs=workers * (CALLS_PER_WORKER + 1),
            options=[
                ("grpc.max_receive_message_length", REQUEST_SIZE_MAX),
                ("grpc.max_send_message_length", RESPONSE_SIZE_MAX),
                *FLOW_OPTIONS,
                # By default a second server on the same port silently takes a share of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        self._health = health.HealthServicer(experimental_non_blocking=True, experimental_thread_pool=self._side_pool)
        names = (SERVICE_NAME, health.SERVICE_NAME, reflection.SERVICE_NAME)
        self._server.add_generic_rpc_handlers((ScreeningService(Fixed(screener)).handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(_Reflection(names, self._side_pool), self._server)
        self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        try:
            port = (
                self._server.add_secure_port(str(address), credentials)
                if credentials
                else self._server.add_insecure_port(str(address))
            )
        except RuntimeError:
            port = 0
        if not port:
            self._close()
            raise UsageError(
                "CLI405", expected="a free address of this machine", got=f"{address}, which cannot be bound",
                where="--listen", todo="stop what listens there or choose another port",
            )  # fmt: skip
        self.address = Address(address.host, port)

    def start(self) -> None:
        """Serve; from now on health says so."""
        self._server.start()
        self._set_health(health_pb2.HealthCheckResponse.SERVING)

    def stop(self, grace_s: float) -> None:
        """Refuse new calls, give those in flight `grace_s` seconds, and close. A second signal ends it at once."""
        self._health.enter_graceful_shutdown()
        stopped = self._server.stop(grace_s)
        while not stopped.wait(0.05):
            if signal.sigtimedwait(STOP_SIGNALS, 0):
                stopped = self._server.stop(None)
        self._close()

    def _close(self) -> None:
        self._server.stop(None)
        self._pool.shutdown(wait=True)
        self._side_pool.shutdown(wait=True)

    def _set_health(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in ("", SERVICE_NAME):
            self._health.set(name, status)


STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
