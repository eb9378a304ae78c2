"""Several processes on one port: started, watched, replaced when they die, and stopped together.

The supervisor serves nothing itself and makes no object of gRPC. It verifies the index once, holds the port, and begins
its workers as new processes, each with its own gRPC server on that port (SO_REUSEPORT): the system spreads connections
over them. A worker that dies is begun again, after a pause that grows while it keeps dying young; the others go on
meanwhile. Only when none is left that serves and one has died young too often does the supervisor give up, with an
error.
"""

from __future__ import annotations

import logging
import multiprocessing
import select
import signal
import threading
import time
from contextlib import ExitStack, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext
from typing import Any, NamedTuple

from sito.errors import ScreenError, SitoError
from sito.generations import Generations
from sito_server.config import Address, ServeConfig
from sito_server.host import tls_files
from sito_server.metrics import Family, MetricsPage, Retired, joined
from sito_server.port import Guard, listeners, sockets_of
from sito_server.signals import ALL, END, Signals
from sito_server.sources import Known, watched
from sito_server.tls import Certificates
from sito_server.verdicts import policy_of
from sito_server.worker import Task, index_words, serving_facts, stopping_facts, supervised, work

TICK_S = 0.1
FRESH_S = 0.5  # a page of metrics waits so long for counts of this moment

log = logging.getLogger("sito_server")


class Patience(NamedTuple):
    """How the death of workers is met.

    Attributes:
        start_s: A worker that does not listen by then is killed.
        silent_s: One that has said nothing for so long, too.
        young_s: A worker that lives longer has done well: the count of deaths begins anew.
        pause_s, pause_max_s: Before a worker is begun again: the first time, doubled each time, at most.
        deaths_max: So many young deaths in a row, with no worker left that serves, and the supervisor gives up.
        exit_s: How long workers may take to end after their grace.
    """

    start_s: float = 120.0
    silent_s: float = 30.0
    young_s: float = 30.0
    pause_s: float = 0.2
    pause_max_s: float = 10.0
    deaths_max: int = 6
    exit_s: float = 5.0


class _Slot:
    """One of the places for a worker, and the worker that fills it.

    Attributes:
        deaths: Young deaths in a row.
        due: When to begin the next worker, in seconds of `time.monotonic`; None while there is one.
        counts: What the worker counted last.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.deaths = 0
        self.due: float | None = 0.0
        self.process: Any = None
        self.pipe: Any = None
        self.counts: tuple[Family, ...] = ()
        self.begun = self.heard = 0.0
        self.listens = False
        self.error: SitoError | None = None
        self._mouth = threading.Lock()
        self._unsaid: dict[str, tuple[str, ...]] = {}

    def begin(self, context: SpawnContext, task: Task) -> None:
        """Start a worker."""
        pipe, theirs = context.Pipe(duplex=True)
        self.process = context.Process(target=work, args=(task, theirs), name=f"sito-worker-{self.number}", daemon=True)
        self.due, self.counts, self.listens, self.error = None, (), False, None
        self.process.start()
        theirs.close()
        self.begun = self.heard = time.monotonic()
        with self._mouth:
            self.pipe = pipe
            self._unsaid.clear()

    def tell(self, word: str, digests: tuple[str, ...] = ()) -> None:
        """Say something to the worker, if there is one; never wait for one that does not listen.

        What there is no room for in the pipe is said later, in its turn, and no word twice.
        """
        with self._mouth:
            if self.pipe is not None:
                self._unsaid.pop(word, None)
                self._unsaid[word] = digests
                self._say()

    def _say(self) -> None:
        """Say what the pipe has room for: the system tells it apart where less than a quarter is taken."""
        poll = select.poll()
        with suppress(OSError):
            poll.register(self.pipe, select.POLLOUT)
            while self._unsaid and poll.poll(0):
                word = next(iter(self._unsaid))
                self.pipe.send((word, self._unsaid.pop(word)))

    def hear(self) -> None:
        """Take all that the worker has said, and say what it has not been told yet."""
        with self._mouth:
            if self._unsaid:
                self._say()
        with suppress(EOFError, OSError):
            while self.pipe.poll(0):
                kind, value = self.pipe.recv()
                self.heard = time.monotonic()
                if kind == "counts":
                    self.counts = value
                elif kind == "ready":
                    self.listens = True
                else:
                    self.error = value

    def bury(self) -> int:
        """Take the last words of a worker that has ended, and return its exit code."""
        self.hear()
        self.process.join()
        code: int = self.process.exitcode
        with self._mouth:
            self.pipe.close()
            self.pipe = None
        self.process.close()
        self.process, self.listens = None, False
        return code


class Supervisor:
    """Runs workers until it is told to stop. For the main thread of a process.

    Args:
        config: Checked settings.
        patience: How the death of workers is met.
    """

    def __init__(self, config: ServeConfig, patience: Patience | None = None) -> None:
        self._config = config
        self._policy = policy_of(config)
        self._patience = patience or Patience()
        # A forked copy of a process with threads may hang on a lock; new processes cannot.
        self._context = multiprocessing.get_context("spawn")
        self._slots = [_Slot(number) for number in range(config.process_count)]
        self._retired = Retired()
        self._counted = threading.Condition()  # the page of metrics is made in other threads
        self._restarts = 0
        self._strangers = 0
        self._looked = 0.0
        self._known = Known()
        self._swapped = threading.Event()  # by the thread that watches the files
        self._source: Generations

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP reloads.

        Raises:
            SitoError: Serving cannot begin.
            ScreenError: SCR416 the workers keep dying.
        """
        if files := tls_files(self._config):
            Certificates(files)
        with ExitStack() as stack:
            self._source = watched(self._config, on_swap=self._swapped.set)
            stack.callback(self._source.close)
            self._know()
            self._signals = stack.enter_context(Signals(ALL))
            guard = Guard(self._config.address)
            stack.callback(guard.close)
            page: MetricsPage | None = None
            if self._config.metrics_address:
                page = MetricsPage(self._config.metrics_address, self.families)
                stack.callback(page.close)
            stack.callback(self._kill)
            number = self._begin(guard.address)
            if number is None:
                facts = serving_facts(self._config, guard.address, page, self._index_words())
                log.info("serving", extra={"facts": facts})
                self._source.start()
                number = self._watch(guard.address)
            log.info("stopping", extra={"facts": stopping_facts(self._config, number)})
            self._stop()
            log.info("stopped")

    def families(self) -> tuple[Family, ...]:
        """Return the counts of all workers, those that are gone among them. Other threads may call it."""
        asked = time.monotonic()
        for slot in self._slots:
            slot.tell("count")
        end = asked + FRESH_S
        with self._counted:  # who does not answer in time shows what it said last
            while any(slot.listens and slot.heard < asked for slot in self._slots):
                if not self._counted.wait(end - time.monotonic()):
                    break
            living = {slot.number: slot.counts for slot in self._slots if slot.counts}
            serving = sum(slot.listens for slot in self._slots)
            own = supervised(
                serving, len(self._slots), self._restarts, foreign=self._strangers, refused=len(self._source.refusals)
            )  # fmt: skip
            former = self._retired.families
        return (*joined(living, former), *own)

    def _know(self) -> None:
        """Remember what was verified, for the workers."""
        self._swapped.clear()
        facts = self._source.current
        if facts is not None:
            self._known.add(facts.info.digest)

    def _changed(self) -> str:
        """Return the digest of the index in use if there is a delta over it."""
        facts = self._source.current
        return facts.base.digest if facts is not None and facts.delta is not None else ""

    def _index_words(self) -> dict[str, object]:
        facts = self._source.current
        return index_words(facts.info) if facts is not None else {}

    def _begin(self, address: Address) -> signal.Signals | None:
        """Start all workers and wait until they listen; return the signal to end that came meanwhile."""
        for slot in self._slots:
            self._start(slot, address)
        end = time.monotonic() + self._patience.start_s
        while not all(slot.listens for slot in self._slots):
            self._hear()
            for slot in self._slots:
                if slot.process.sentinel in wait([slot.process.sentinel], 0):
                    slot.hear()
                    raise slot.error or self._given_up(slot, f"exit code {slot.process.exitcode}")
            if time.monotonic() > end:
                raise self._given_up(self._slots[0], f"no answer in {self._patience.start_s:g} s")
            if (came := self._signals.take()) in END:
                return came
        return None

    def _watch(self, address: Address) -> signal.Signals:
        """Keep the workers going; return the signal that ends it."""
        while True:
            came = self._signals.take()
            if came in END:
                return came
            if came:
                log.info("reloading")
                self._source.look()
                self._know()
                for slot in self._slots:
                    slot.tell("reload", self._known.all)
            if self._swapped.is_set():
                self._know()
                for slot in self._slots:
                    slot.tell("follow", self._known.all)
            self._hear()
            now = time.monotonic()
            for slot in self._slots:
                if slot.process is None:
                    if slot.due is not None and now >= slot.due:
                        self._start(slot, address)
                elif not slot.process.is_alive():
                    self._replace(slot)
                elif now - slot.heard > (self._patience.silent_s if slot.listens else self._patience.start_s):
                    log.error("worker says nothing; killed", extra={"facts": {"worker": slot.number}})
                    slot.process.kill()
            if now - self._looked > self._patience.pause_max_s:
                self._looked = now
                self._look_for_strangers(address.port)

    def _start(self, slot: _Slot, address: Address) -> None:
        resource_tracker.ensure_running()  # else the start of a worker would start it, and that unblocks signals
        # New processes inherit what is blocked: until a worker knows what to do with them, these must not end it.
        former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
        try:
            known, changed = self._known.all, self._changed()
            slot.begin(self._context, Task(slot.number, self._config, address, known, changed, self._policy))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, former)

    def _hear(self) -> None:
        """Wait a moment for words or deaths of workers, and take the words."""
        living = [slot for slot in self._slots if slot.process is not None]
        ends = wait(
            [self._signals.fileno(), *(one for slot in living for one in (slot.pipe, slot.process.sentinel))], TICK_S
        )
        with self._counted:
            for slot in living:
                if slot.pipe in ends:
                    slot.hear()
            self._counted.notify_all()

    def _replace(self, slot: _Slot) -> None:
        """Bury a worker, and say when the next one begins."""
        with self._counted:
            was_young = time.monotonic() - slot.begun < self._patience.young_s
            code = slot.bury()
            self._retired.add(slot.counts)
            slot.counts = ()
            self._restarts += 1
        slot.deaths = slot.deaths + 1 if was_young else 1
        pause_s = min(self._patience.pause_s * 2 ** (slot.deaths - 1), self._patience.pause_max_s)
        slot.due = time.monotonic() + pause_s
        facts: dict[str, object] = {"worker": slot.number, "exit": code, "deaths": slot.deaths, "pause_s": pause_s}
        if slot.error:
            facts |= {"code": slot.error.code, "reason": str(slot.error)}
        log.error("worker died", extra={"facts": facts})
        if slot.deaths >= self._patience.deaths_max and not any(other.listens for other in self._slots):
            raise slot.error or self._given_up(slot, f"exit code {code}")

    def _given_up(self, slot: _Slot, got: str) -> ScreenError:
        log.critical("giving up", extra={"facts": {"worker": slot.number, "deaths": slot.deaths}})
        return ScreenError(
            "SCR416", expected="workers that live", got=got, where=f"worker {slot.number}",
            todo="look for a kill or for too little memory in the log of the system; nothing is served",
        )  # fmt: skip

    def _look_for_strangers(self, port: int) -> None:
        owned = [sockets_of(slot.process.pid) for slot in self._slots if slot.process is not None]
        if not all(owned):  # one is just dying: its sockets may outlive what says whose they are
            return
        strangers = len(listeners(port) - {one for some in owned for one in some})
        if strangers and not self._strangers:
            log.error("another program listens on our port", extra={"facts": {"port": port, "sockets": strangers}})
        self._strangers = strangers

    def _stop(self) -> None:
        """Let all workers end, and wait for them; a second signal hurries them."""
        for slot in self._slots:
            slot.due = None
            slot.tell("stop")
        end = time.monotonic() + self._config.drain_seconds + self._config.grace_seconds + self._patience.exit_s
        while any(slot.process is not None for slot in self._slots) and time.monotonic() < end:
            self._hear()
            for slot in self._slots:
                if slot.process is not None and not slot.process.is_alive():
                    with self._counted:
                        slot.bury()
            if self._signals.take() in END:
                for slot in self._slots:
                    slot.tell("end")

    def _kill(self) -> None:
        for slot in self._slots:
            if slot.process is not None:
                slot.process.kill()
                slot.bury()
