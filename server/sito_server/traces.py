"""Spans of calls for OpenTelemetry, where the extra `otel` is installed and switched on.

A span says method, status and time, and carries on the trace of its caller; nothing of the request is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc

from sito.errors import UsageError
from sito.version import VERSION

SEND_TIMEOUT_S = 2  # a collector that is not there must not hold up a server that stops


class Traces:
    """Makes spans and sends them in the background.

    Args:
        endpoint: Collector, OTLP over gRPC, as `http://127.0.0.1:4317`; `https` uses TLS.
        exporter: Instead of the one that sends to the endpoint.

    Raises:
        UsageError: CLI415 the packages of the extra `otel` are missing.
    """

    def __init__(self, endpoint: str, exporter: Any = None) -> None:
        try:
            from opentelemetry import trace  # noqa: PLC0415  (an extra)
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

            if exporter is None:
                from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

                exporter = OTLPSpanExporter(
                    endpoint, insecure=not endpoint.startswith("https:"), timeout=SEND_TIMEOUT_S
                )  # fmt: skip
        except ImportError as error:
            raise UsageError(
                "CLI415", expected="the packages of the extra otel", got=f"no package {error.name}", where="--otel",
                todo="pip install 'sito[otel]'",
            ) from None  # fmt: skip
        self._kind = trace.SpanKind.SERVER
        self._failed = trace.Status(trace.StatusCode.ERROR)
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "sito", "service.version": VERSION}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("sito_server", VERSION)
        self._extract: Callable[[Mapping[str, str]], Any] = TraceContextTextMapPropagator().extract

    @contextmanager
    def span(self, path: str, parents: Mapping[str, str], context: grpc.ServicerContext) -> Iterator[str]:
        """Time what is done within; the value is the trace id, 32 hexadecimal digits."""
        service, _, method = path.lstrip("/").partition("/")
        span = self._tracer.start_span(
            path.lstrip("/"), context=self._extract(parents), kind=self._kind,
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": method},
        )  # fmt: skip
        try:
            yield f"{span.get_span_context().trace_id:032x}"
        except BaseException:
            span.set_status(self._failed)  # the text of an exception may hold a name
            raise
        finally:
            code = context.code()  # type: ignore[attr-defined]  # of Python's own contexts
            number = code.value[0] if isinstance(code, grpc.StatusCode) else 0
            span.set_attribute("rpc.grpc.status_code", number)
            span.end()

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
