"""`sito serve`: the function behind the entry point of the group `sito.commands`."""

from __future__ import annotations

import logging
import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sito.cli.thresholds import LIST_HELP, ROLE_HELP, read_thresholds
from sito.errors import UsageError
from sito.index import Index
from sito.screen import ScreenConfig, Screener
from sito.version import VERSION
from sito_server import logs
from sito_server.host import STOP_SIGNALS, Host, TlsFiles, parse_address

DEFAULT_LISTEN = "127.0.0.1:50051"
DEFAULT_WORKERS = 4
GRACE_S = 10.0  # seconds that calls in flight get when the server is told to stop

log = logging.getLogger("sito_server")


class LogLevel(StrEnum):
    """What the server writes down: `debug` adds a line for each call."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


def serve(  # noqa: PLR0917  (options of a command line, all named)
    index: Annotated[Path, typer.Option("--index", help="Index file written by `sito build`.")],
    listen: Annotated[
        str, typer.Option("--listen", help="IP address and port; without TLS loopback only.")
    ] = DEFAULT_LISTEN,
    workers: Annotated[int, typer.Option("--workers", help="Threads that screen.")] = DEFAULT_WORKERS,
    tls_certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", help="PEM certificate chain of the server.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="PEM private key of the server.")] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option("--tls-client-ca", help="PEM certificates of the authorities that vouch for clients.")
    ] = None,
    score_min_list: Annotated[
        list[str] | None, typer.Option("--score-min-list", metavar="LIST=SCORE", help=LIST_HELP)
    ] = None,
    score_min_role: Annotated[
        list[str] | None, typer.Option("--score-min-role", metavar="ROLE=SCORE", help=ROLE_HELP)
    ] = None,
    fingerprints: Annotated[
        bool, typer.Option("--fingerprints", help="Answer with the fingerprints that clearances need.")
    ] = False,
    log_level: Annotated[LogLevel, typer.Option("--log-level", help="debug adds a line a call.")] = LogLevel.INFO,
) -> None:
    """Serve screening over gRPC until SIGTERM or SIGINT; calls in flight are finished.

    The index is verified in full before the first call. Logs go to standard error, one JSON object a line.

    Raises:
        UsageError: CLI401 a wrong address; CLI402 an address that others can reach, without TLS; CLI403, CLI404 wrong
            TLS files; CLI405 an address in use; CLI406 a wrong number of workers; CLI407 only some of the TLS options;
            CLI110 a wrong threshold.
        ScreenError: SCR106 to SCR108 a threshold that cannot be used.
        IndexFileError: The index is missing, damaged, or of another version.
    """
    address = parse_address(listen)
    files = (tls_certificate, tls_key, tls_client_ca)
    tls = None
    if tls_certificate and tls_key and tls_client_ca:
        tls = TlsFiles(tls_certificate, tls_key, tls_client_ca)
    elif any(files):
        raise UsageError(
            "CLI407", expected="--tls-certificate, --tls-key and --tls-client-ca together, or none of them",
            got=f"{sum(1 for file in files if file)} of them",
        )  # fmt: skip
    config = ScreenConfig(
        score_min_by_list=read_thresholds("--score-min-list", score_min_list or ()),
        score_min_by_role=read_thresholds("--score-min-role", score_min_role or ()),
        fingerprints=fingerprints,
    )
    opened = Index.open(index)
    screener = Screener(opened, config)
    logs.configure(getattr(logging, log_level.upper()))
    # Blocked before the first thread starts, so that every thread inherits it and only `sigwait` sees the signal.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        host = Host(screener, address, workers=workers, tls=tls)
        host.start()
        log.info(
            "serving",
            extra={
                "facts": {
                    "address": str(host.address), "tls": tls is not None, "workers": workers, "version": VERSION,
                    "lists": [f"{edition.list_id} {edition.edition_date}".strip() for edition in opened.info.editions],
                    "entries": opened.info.entry_count,
                }
            },
        )  # fmt: skip
        number = signal.sigwait(STOP_SIGNALS)
        log.info("stopping", extra={"facts": {"signal": signal.Signals(number).name, "grace_s": GRACE_S}})
        host.stop(GRACE_S)
        log.info("stopped")
    finally:
        while signal.sigtimedwait(STOP_SIGNALS, 0):
            pass  # one that came during the drain must not end a process that has just ended well
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
        opened.close()
