"""What one process that serves does: alone, or as one of several that share a port.

A worker is told what to do through its pipe: `stop`, `reload`, `follow` a new index. It says when it listens, and
every second what it has counted, which is also the sign that it lives. When the pipe ends, the supervisor has gone,
and the worker stops as if it had been told to: none is left behind holding the port.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from sito.errors import SitoError
from sito.generations import Generations
from sito.index import IndexInfo
from sito.policy.verdict import Policy
from sito.screen import Screener
from sito.version import VERSION
from sito_server import logs
from sito_server.config import Address, ServeConfig
from sito_server.host import Host
from sito_server.metrics import MetricsPage, PrometheusMeter, own_counts
from sito_server.port import Guard
from sito_server.signals import ALL, END, Signals
from sito_server.sources import Known, following, watched

TICK_S = 0.1
TURN_S = 0.000_5  # that a thread has the GIL where others want it: inline calls need it for less, batches for longer
COUNT_S = 1.0  # between two reports of what was counted
# What a worker asks of the allocator of the C library, by the numbers of its `mallopt`: all threads share one heap, for
# a worker has about one core, and heaps of their own keep what each has once needed; large pieces come from the system
# and go back to it at once; and so does what is free at the end of the heap.
HEAP = {-8: 1, -3: 256 << 10, -1: 1 << 20}  # M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
TRIM_S = 2.0  # between two looks for what is free within the heap

log = logging.getLogger("sito_server")


class Task(NamedTuple):
    """What a worker needs to begin.

    Attributes:
        number: Which of the workers, from 0; a worker that replaces another has its number.
        address: With the port that all of them share.
        known: Digests of what the supervisor has verified.
        changed: Digest of the index over which the supervisor has a delta in use; empty without one.
        policy: That the supervisor has read: all workers judge alike, whatever becomes of the file.
    """

    number: int
    config: ServeConfig
    address: Address
    known: tuple[str, ...]
    changed: str = ""
    policy: Policy | None = None


def log_level(config: ServeConfig) -> int:
    """Return the level of the standard library."""
    level: int = getattr(logging, config.log_level.upper())
    return level


def work(task: Task, pipe: Connection) -> None:
    """Serve as one of several processes, until told to stop. The body of a process of its own."""
    logs.configure(log_level(task.config), always={"worker": task.number})
    _share_heap()
    meter = PrometheusMeter()
    # The keyboard and SIGHUP reach all processes; they are for the supervisor, which says what to do.
    with Signals({signal.SIGTERM}, ignored={signal.SIGINT, signal.SIGHUP}) as signals:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ALL)
        try:
            known = Known(task.known)
            with closing(following(task.config, known, changed=task.changed)) as source:
                host = Host(
                    source, task.config, meter=meter, address=task.address, shared_port=True, test=already_tested,
                    policy=task.policy,
                )  # fmt: skip
                _want(host, task.known)
                _settle()
                host.start()
                pipe.send(("ready", host.readiness.is_ready))
                drain_s = _serve(host, meter, pipe, signals, lambda digests: _follow(source, known, digests))
                host.stop(task.config.grace_seconds, drain_s=drain_s, hurry=lambda: _hurries(pipe))
                _tell(pipe, ("counts", meter.families()))
        except SitoError as error:
            _tell(pipe, ("failed", error))
            sys.exit(2)


def _share_heap() -> None:
    """Let the allocator keep little; of other C libraries than GNU's it is not asked."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        for number, value in HEAP.items():
            library.mallopt(number, value)


def _trim() -> None:
    """Give back to the system what is free within the heap."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(1 << 20)


def _settle() -> None:
    """Prepare the interpreter of a process that will do nothing but serve."""
    # What was made until now stays: a full collection that looks at all of it again would hold every call up.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN_S)


def already_tested(screener: Screener) -> None:
    """Do nothing: the source has tried it."""


def _follow(source: Generations, known: Known, digests: tuple[str, ...]) -> None:
    known.add(*digests)
    source.look()


def _want(host: Host, digests: tuple[str, ...]) -> None:
    """Let a host know which index the supervisor has in use."""
    if digests:
        host.readiness.want(digests[-1])


def _serve(
    host: Host, meter: PrometheusMeter, pipe: Connection, signals: Signals, follow: Callable[[tuple[str, ...]], None]
) -> float:
    """Serve until it is time to stop; return for how many seconds to say so before."""
    told = trimmed = time.monotonic()
    while True:
        try:
            wait([pipe, signals.fileno()], TICK_S)
            word, digests = pipe.recv() if pipe.poll(0) else ("", ())
            if word == "stop":
                return host.config.drain_seconds
            if word == "reload":
                host.reload()
            if word in {"reload", "follow"}:
                follow(digests)
                _want(host, digests)
                host.update()
            if word == "count" or time.monotonic() - told >= COUNT_S:
                told = time.monotonic()
                pipe.send(("counts", meter.families()))
                if host.readiness.is_behind:  # what stood in the way may have gone
                    follow(())
        except (EOFError, OSError):
            log.error("the supervisor has gone; stopping")
            return host.config.drain_seconds
        if signals.take():
            return 0.0
        host.tick()
        if time.monotonic() - trimmed >= TRIM_S:
            trimmed = time.monotonic()
            _trim()


def _hurries(pipe: Connection) -> bool:
    try:
        return bool(pipe.poll(0)) and pipe.recv()[0] == "end"
    except (EOFError, OSError):  # nobody left to say so
        return False


def _tell(pipe: Connection, message: tuple[str, Any]) -> None:
    try:
        pipe.send(message)
    except OSError:
        log.warning("nobody listens to this worker any more")


def serve_alone(config: ServeConfig) -> None:
    """Serve in this process until SIGTERM or SIGINT. For the main thread.

    Raises:
        SitoError: As `open_source` and `Host`.
    """
    meter = PrometheusMeter()
    with ExitStack() as stack:
        source = stack.enter_context(watched(config))
        signals = stack.enter_context(Signals(ALL))
        if config.address.port:
            Guard(config.address).close()  # gRPC would write lines of its own about it
        host = Host(source, config, meter=meter, test=already_tested)
        stack.callback(host.close)
        page: MetricsPage | None = None
        if config.metrics_address:
            page = MetricsPage(
                config.metrics_address, lambda: (*meter.families(), *supervised(1, 1, 0, refused=len(source.refusals)))
            )
            stack.callback(page.close)
        _settle()
        host.start()
        log.info(
            "serving", extra={"facts": serving_facts(config, host.address, page, index_words(host.readiness.info))}
        )
        while (number := signals.take(TICK_S)) not in END:
            if number:
                log.info("reloading")
                source.look()
                host.reload()
                host.update()
            host.tick()
        log.info("stopping", extra={"facts": stopping_facts(config, number)})
        host.stop(config.grace_seconds, drain_s=config.drain_seconds, hurry=lambda: signals.take() in END)
        log.info("stopped")


def supervised(workers: int, wanted: int, restarts: int, *, foreign: int = 0, refused: int = 0) -> tuple[Any, ...]:
    """Return the counts of those who run workers."""
    return own_counts({
        "sito_workers": ("gauge", "Processes that serve.", workers),
        "sito_workers_wanted": ("gauge", "Processes that should serve.", wanted),
        "sito_worker_restarts": ("counter", "Processes that died and were replaced.", restarts),
        "sito_files_refused": ("gauge", "Index files that lie there and must not be used.", refused),
        "sito_port_strangers": ("gauge", "Sockets of other programs that listen on our port.", foreign),
    })  # fmt: skip


def serving_facts(
    config: ServeConfig, address: Address, page: MetricsPage | None, index: dict[str, object]
) -> dict[str, object]:
    """Return what the log says when serving begins."""
    facts: dict[str, object] = {
        "address": str(address), "tls": config.tls_certificate is not None, "processes": config.process_count,
        "threads": config.thread_count, "version": VERSION,
    }  # fmt: skip
    if page:
        facts["metrics"] = str(page.address)
    return facts | index


def index_words(info: IndexInfo) -> dict[str, object]:
    """Return what the log says of an index."""
    return {
        "lists": [f"{edition.list_id} {edition.edition_date}".strip() for edition in info.editions],
        "entries": info.entry_count, "built_at": info.built_at,
    }  # fmt: skip


def stopping_facts(config: ServeConfig, number: int) -> dict[str, object]:
    """Return what the log says when serving ends."""
    return {"signal": signal.Signals(number).name, "grace_s": config.grace_seconds}
