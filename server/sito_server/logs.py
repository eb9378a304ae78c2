"""Logs of the server: one JSON object a line, without names of people."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

import msgspec

_MARKS: ContextVar[Mapping[str, str]] = ContextVar("marks", default={})  # noqa: B039  (never written to)


@contextmanager
def marked(marks: Mapping[str, str]) -> Iterator[None]:
    """Put marks of one call, as its request id, into all lines that are written within."""
    former = _MARKS.get()
    _MARKS.set(marks)
    try:
        yield
    finally:
        _MARKS.set(former)  # not by token: a stream that is given up may end in another thread


def fault_facts(error: BaseException) -> dict[str, object]:
    """Return the type of an exception and where it was raised: its text may show what was being screened."""
    facts: dict[str, object] = {"kind": type(error).__name__}
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace:
        facts |= {"file": trace.tb_frame.f_code.co_filename, "line": trace.tb_lineno}
    return facts


class LineFormatter(logging.Formatter):
    """Writes a log record as one line: time, level, logger, event, and the facts handed over as `extra={"facts": …}`.

    Args:
        always: Facts of every line of this process.

    Exceptions, also those that libraries log, are reduced to type and place: their texts and their source lines may
    show what was being screened. What a library says of one may quote it, as gRPC does, and is left out.
    """

    def __init__(self, always: Mapping[str, object] | None = None) -> None:
        super().__init__()
        self._always = dict(always or {})

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        line |= self._always
        line |= _MARKS.get()
        facts = getattr(record, "facts", None)
        if isinstance(facts, dict):
            line |= facts
        if record.exc_info and record.exc_info[1]:
            line |= fault_facts(record.exc_info[1])
            if not record.name.startswith("sito"):
                line["event"] = "fault"
        return msgspec.json.encode(line).decode("utf-8", "replace")


def configure(level: int, stream: TextIO | None = None, always: Mapping[str, object] | None = None) -> None:
    """Send all logs of the process to a stream, by default standard error.

    Args:
        level: Of this server's own logs. Libraries are heard from warnings on.
        stream: Where the lines go.
        always: Facts of every line, as the number of a worker.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(always))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sito_server").setLevel(level)
