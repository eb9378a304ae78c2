"""A listening gRPC server around the screening service: address, TLS, roles, health, reflection, drain."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from sito.errors import UsageError
from sito.policy.calendar import moscow_day
from sito.policy.sides import own_bank
from sito.policy.verdict import Policy
from sito.screen import Screener
from sito_server.access import CASE_SERVICE, Doorkeeper, Flow, Roles
from sito_server.admission import BoundedAdmission, Bounds
from sito_server.config import Address, ClientAuth, Role, ServeConfig, ledger_key
from sito_server.journals import Journal, utc_now
from sito_server.metrics import PrometheusMeter
from sito_server.readiness import Readiness, self_test
from sito_server.service import FLOW_OPTIONS, RESPONSE_SIZE_MAX, SERVICE_NAME, ScreenerSource, ScreeningService
from sito_server.threads import Threads
from sito_server.tls import Certificates, TlsFiles
from sito_server.traces import Traces
from sito_server.verdicts import Verdicts, policy_of
from sito_server.verdicts import moscow_day as today

if TYPE_CHECKING:
    from sito_server.casework import Casework

SPARE_THREADS = 8  # they tell callers that there is no room
CONNECTION_CALLS_MAX = 128  # calls at once on one connection; more wait in the client
SIDE_THREADS = 2  # of health and reflection
TURNED_AWAY_MAX = 256  # calls that wait for one of those; more are refused by gRPC itself, without a time to come back
UPDATE_S = 1.0  # between two looks at whether this process may answer
QUIET_S = 1.0  # a stopping server cuts off what has said nothing for so long and has nothing to be answered
KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS = 60_000, 20_000
PING_INTERVAL_MIN_MS = 10_000  # clients may ask as often whether we are there

log = logging.getLogger("sito_server")


def tls_files(config: ServeConfig) -> TlsFiles | None:
    """Return the files of TLS, if there are any."""
    if config.tls_certificate is None or config.tls_key is None:
        return None
    client_ca = config.tls_client_ca if config.tls_client_auth is ClientAuth.REQUIRE else None
    return TlsFiles(config.tls_certificate, config.tls_key, client_ca)


def _casework(
    config: ServeConfig, policy: Policy, meter: PrometheusMeter, clock: Callable[[], datetime] | None
) -> Casework:
    """Open what people work at; only here is loaded what that needs.

    Raises:
        LedgerError, CaseError, PolicyError: As for `Casework`.
    """
    from sito_server.casework import Casework  # noqa: PLC0415

    return Casework(
        config.ledger, policy=policy, folder=config.policy, staff=config.staff, key_file=config.ledger_key_file,
        key=ledger_key(), clock=clock, meter=meter, has_certificates=tls_files(config) is not None,
        sign_key=config.ledger_sign_key, anchor=config.ledger_anchor,
    )  # fmt: skip


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
    """A server with its health; `start`, `tick` from time to time, then `stop`, once.

    Args:
        source: What answers.
        config: Checked settings.
        meter: Counts what is done.
        address: Instead of that of the settings.
        test: Tries each screener that comes; for a source that does so itself, something that does nothing.
        shared_port: Other processes of ours listen on the same port (SO_REUSEPORT).

    Attributes:
        address: Where it listens.
        readiness: Whether it answers.
        admission: How much it works at.
        meter: What it has done.
        journal: What it keeps, if it does.

        policy: Gives the verdicts; None is that of the config.
        clock: Gives the time of verdicts, of the journal and of steps at the desk; None is that of the machine.

    Raises:
        PolicyError: The policy cannot be used.
        JournalError, LedgerError: The journal cannot be used.
        UsageError: CLI403 and CLI404 as for `Certificates`; CLI405 the address cannot be bound; CLI415 as for `Traces`.
    """

    def __init__(
        self, source: ScreenerSource, config: ServeConfig, *, meter: PrometheusMeter | None = None,
        address: Address | None = None, shared_port: bool = False, test: Callable[[Screener], None] = self_test,
        policy: Policy | None = None, clock: Callable[[], datetime] | None = None,
    ) -> None:  # fmt: skip
        self.meter = meter = meter or PrometheusMeter()
        policy = policy or policy_of(config)
        address = address or config.address
        files = tls_files(config)
        self.config = config
        self._certificates = Certificates(files) if files else None
        self._traces = Traces(config.otel_endpoint) if config.otel else None
        self.readiness = Readiness(source, config, test=test)
        threads = config.thread_count
        self.admission = BoundedAdmission(
            Bounds(threads, threads, config.queue_calls, config.queue_batches, config.queue_bytes, config.streams),
            meter, refusal=lambda: self.readiness.refusal,
        )  # fmt: skip
        self._flow = Flow()
        self._last_update = self._last_reload = time.monotonic()
        self._casework = _casework(config, policy, meter, clock) if config.ledger else None
        desk_threads = self._casework.calls_max if self._casework else 0
        unary = 2 * threads + config.queue_calls + config.queue_batches + SPARE_THREADS + desk_threads
        self._side_pool = ThreadPoolExecutor(SIDE_THREADS, thread_name_prefix="sito-side")
        self._pool = Threads(unary, "sito-call")
        self._stream_pool = ThreadPoolExecutor(config.streams + SPARE_THREADS, thread_name_prefix="sito-stream")
        # Without TLS only programs of this machine connect, as a rule, and those its users trust with everything.
        nameless = frozenset({Role.SCREEN}) if files else frozenset(Role)
        doorkeeper = Doorkeeper(
            Roles(config.clients, nameless, has_certificates=files is not None),
            self.admission,
            meter,
            self._flow,
            self._stream_pool,
            traces=self._traces,
        )
        age_ms = int(config.connection_age_seconds * 1_000)
        self._server = grpc.server(
            cast("ThreadPoolExecutor", self._pool),  # gRPC submits to it and waits for the end, no more
            interceptors=[doorkeeper],
            maximum_concurrent_rpcs=unary + config.streams + SPARE_THREADS + SIDE_THREADS + TURNED_AWAY_MAX,
            options=[
                ("grpc.max_receive_message_length", config.message_bytes),
                ("grpc.max_send_message_length", RESPONSE_SIZE_MAX),
                *FLOW_OPTIONS,
                # By default a second server on the same port silently takes a share of the calls.
                ("grpc.so_reuseport", int(shared_port)),
                # One connection alone cannot take all calls that there is room for.
                ("grpc.max_concurrent_streams", CONNECTION_CALLS_MAX),
                ("grpc.keepalive_time_ms", KEEPALIVE_MS),
                ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
                ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MIN_MS),
                *([("grpc.max_connection_age_ms", age_ms)] if age_ms else []),
            ],
        )
        self._health = health.HealthServicer(experimental_non_blocking=True, experimental_thread_pool=self._side_pool)
        names = (
            SERVICE_NAME,
            *([CASE_SERVICE] if self._casework else []),
            health.SERVICE_NAME,
            reflection.SERVICE_NAME,
        )
        own = own_bank(config.own_bic)
        verdicts = Verdicts(policy, own=own, today=(lambda: moscow_day(clock())) if clock else today)
        self.journal = Journal.of(config, policy, clock=clock or utc_now)
        service = ScreeningService(
            source, meter=meter, admission=self.admission, verdicts=verdicts, journal=self.journal
        )
        self._service = service
        self._server.add_generic_rpc_handlers((service.handlers(),))
        if self._casework:
            self._server.add_generic_rpc_handlers((self._casework.handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if config.reflection:
            reflection_pb2_grpc.add_ServerReflectionServicer_to_server(
                _Reflection(names, self._side_pool), self._server
            )
        self._set_health(is_ready=False)
        try:
            port = (
                self._server.add_secure_port(str(address), self._certificates.credentials())
                if self._certificates
                else self._server.add_insecure_port(str(address))
            )
        except RuntimeError:
            port = 0
        if not port:
            self.close()
            raise UsageError(
                "CLI405", expected="a free address of this machine", got=f"{address}, which cannot be bound",
                where="--listen", todo="stop what listens there or choose another port",
            )  # fmt: skip
        self.address = Address(address.host, port)
        meter.watch(
            self.admission.load, self.readiness.facts,
            lambda: self._certificates.expires if self._certificates else 0.0, verdicts.ends,
        )  # fmt: skip

    def start(self) -> None:
        """Serve; from now on health says whether calls are answered."""
        self._service.prepare()
        self._server.start()
        self._set_health(is_ready=self.readiness.is_ready)

    def tick(self) -> None:
        """Do what is due; call it a few times a second."""
        now = time.monotonic()
        if now - self._last_update >= UPDATE_S:
            self._last_update = now
            self.update()
        if self.config.reload_seconds and now - self._last_reload >= self.config.reload_seconds:
            self.reload()

    def update(self) -> None:
        """Look whether this process may answer, and let health say so."""
        self._service.prepare()
        if self.readiness.update():
            self._set_health(is_ready=self.readiness.is_ready)

    def reload(self) -> None:
        """Look for new certificates and another staff; what is wrong with them is logged, and the former ones stay."""
        self._last_reload = time.monotonic()
        if self._casework:
            self._casework.reload()
        if self._certificates is None:
            return
        try:
            if self._certificates.reload():
                log.info("certificates renewed", extra={"facts": {"expires": self._certificates.expires}})
        except UsageError as error:
            log.error("certificates refused", extra={"facts": {"code": error.code, "reason": str(error)}})

    def stop(self, grace_s: float, *, drain_s: float = 0.0, hurry: Callable[[], bool] = lambda: False) -> None:
        """Refuse new calls, answer those that were received, and close.

        Args:
            grace_s: What has not been answered after so many seconds is cut off.
            drain_s: Health says NOT_SERVING so long before anything else happens, for those who look at it.
            hurry: Asked often; true ends everything at once.
        """
        self._health.enter_graceful_shutdown()
        until = time.monotonic() + drain_s
        while time.monotonic() < until and not hurry():
            time.sleep(0.05)
        self._service.drain()
        stopped = self._server.stop(grace_s)
        quiet_since = time.monotonic()
        while not stopped.wait(0.05):
            now = time.monotonic()
            load = self.admission.load()
            if self._flow.is_busy or any(load.working.values()) or any(load.waiting.values()):
                quiet_since = now
            # What is left then are streams without a message, and calls whose request never came.
            if hurry() or now - quiet_since >= QUIET_S:
                stopped = self._server.stop(None)
        self.close()

    def close(self) -> None:
        """End everything at once. After `stop` it does nothing."""
        self._server.stop(None)
        self._pool.shutdown(wait=True)
        for pool in (self._stream_pool, self._side_pool):
            pool.shutdown(wait=True)
        if self.journal is not None:
            self.journal.close()
        if self._traces:
            self._traces.close()
            self._traces = None
        if self._casework:
            self._casework.close()
            self._casework = None

    def _set_health(self, *, is_ready: bool) -> None:
        status = health_pb2.HealthCheckResponse.SERVING if is_ready else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", SERVICE_NAME):
            self._health.set(name, status)
