"""Logs of the server: one JSON object a line, without names of people."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import msgspec


class LineFormatter(logging.Formatter):
    """Writes a log record as one line: time, level, logger, event, and the facts handed over as `extra={"facts": …}`.

    Exceptions, also those that libraries log, are reduced to type and place: their texts and their source lines may
    show what was being screened.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        facts = getattr(record, "facts", None)
        if isinstance(facts, dict):
            line |= facts
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            if trace:
                line["file"], line["line"] = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        return msgspec.json.encode(line).decode("utf-8", "replace")


def configure(level: int, stream: TextIO | None = None) -> None:
    """Send all logs of the process to a stream, by default standard error.

    Args:
        level: Of this server's own logs. Libraries are heard from warnings on.
        stream: Where the lines go.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sito_server").setLevel(level)
