"""Where screeners come from, and how a new index or delta takes over in all processes.

One process that serves alone watches its files itself. Of several, only the supervisor watches: it verifies what is
new, byte by byte, and tries it; then it tells the workers, which open the same files and take over without comparing
them again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from sito.errors import IndexFileError
from sito.generations import DELTA_SUFFIX, Event, Generations, Word
from sito.screen import Screener
from sito_server.config import ServeConfig
from sito_server.readiness import self_test

DIGESTS_MAX = 64  # of verified indexes that are remembered
PAUSE_S = 0.002  # after each name of the self-test, where calls are answered meanwhile
NICENESS = 5  # of the supervisor's look at new files beside its workers, which answer meanwhile
STARTS = 4  # attempts of a process that begins, where the files are replaced meanwhile

log = logging.getLogger("sito_server")


class Known:
    """Digests of indexes, with their deltas, that were verified on this machine. Threads share it."""

    def __init__(self, digests: tuple[str, ...] = ()) -> None:
        self._lock = Lock()
        self._digests = dict.fromkeys(digests)

    def add(self, *digests: str) -> None:
        """Remember, the last one as the newest; the oldest are forgotten in time."""
        with self._lock:
            for digest in digests:
                self._digests.pop(digest, None)
                self._digests[digest] = None
            while len(self._digests) > DIGESTS_MAX:
                del self._digests[next(iter(self._digests))]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them; the newest, which the supervisor has in use, last."""
        with self._lock:
            return tuple(self._digests)

    def __contains__(self, digest: str) -> bool:
        with self._lock:
            return digest in self._digests


def watched(config: ServeConfig, *, on_swap: Callable[[], None] = lambda: None) -> Generations:
    """Open what is screened with; everything is verified, and tried. `start` begins to watch it.

    Args:
        on_swap: Called after a new index or delta has come into use.

    Raises:
        IndexFileError: The index or its delta is missing, damaged, or of another version.
        ScreenError: SCR106 to SCR108 a threshold that cannot be used; SCR415 the self-test failed.
    """

    notes = Notes(on_swap)

    def check(screener: Screener) -> None:
        self_test(screener, pause_s=PAUSE_S if notes.begun else 0.0)

    source = Generations(
        config.index, config.delta, config=config.screening, check=check, on_event=notes,
        searches=config.search_count, niceness=NICENESS if config.process_count > 1 else 0,
    )  # fmt: skip
    notes.begin()
    if config.delta is not None and source.current is not None and source.current.delta is None:
        # It may come later; but should it have been there, what it adds is not found until it is.
        log.error("no_delta", extra={"facts": {"file": config.delta.name, "todo": "put it in place"}})
    return source


def following(config: ServeConfig, known: Known, *, changed: str = "") -> Generations:
    """Open what another process of ours has verified; what it has not is verified here. It looks only when told to.

    Args:
        changed: Digest of the index that the other one has in use with a delta over it, if so: a process that begins
            after that delta was taken away must not answer without it beside those that have it.

    Raises:
        SitoError: As `watched`; IDX101 the delta is gone.
    """

    bare = {changed}

    def check(screener: Screener) -> None:
        digest = screener.index.info.digest
        if digest in bare:
            raise IndexFileError(
                "IDX101", expected="the delta that is in use", got="none", where=delta_of(config).name,
                todo="put it in place, or a new index; nothing is served without it until the server is started anew",
            )  # fmt: skip
        if digest not in known:  # replaced since we were told
            again = Generations(config.index, config.delta, config=config.screening)
            facts = again.current
            again.close()
            if facts is None or facts.info.digest != digest:
                raise IndexFileError(
                    "IDX101", expected="index files that rest", got="some that were just replaced",
                    where=config.index.name, todo="nothing; they are looked at again",
                )  # fmt: skip
            known.add(digest)
        self_test(screener, pause_s=PAUSE_S if notes.begun else 0.0)

    notes = Notes()
    for left in reversed(range(STARTS)):
        try:
            source = Generations(
                config.index, config.delta, config=config.screening, verify=False, check=check, on_event=notes,
                searches=config.search_count,
            )  # fmt: skip
            break
        except IndexFileError as error:  # replaced while it was opened, and a worker need not die of that
            if error.code != "IDX101" or left == 0:
                raise
    bare.clear()  # what comes later is compared with what is in use here
    notes.begin()
    return source


def delta_of(config: ServeConfig) -> Path:
    """Return where the delta of the index stands, or will."""
    return config.delta or Path(f"{config.index}{DELTA_SUFFIX}")


class Notes:
    """Writes down what happens to the files, once serving has begun: what is wrong at the start is an error there.

    Attributes:
        begun: Serving has begun.
    """

    def __init__(self, on_swap: Callable[[], None] = lambda: None) -> None:
        self._on_swap = on_swap
        self.begun = False

    def begin(self) -> None:
        """Write from now on."""
        self.begun = True

    def __call__(self, event: Event) -> None:
        """Write one down."""
        if not self.begun:
            return
        facts: dict[str, object] = {"generation": event.generation, "message": event.message}
        if event.word is Word.SWAPPED:
            log.info("index in use", extra={"facts": facts | {"seconds": round(event.seconds, 3)}})
            self._on_swap()
        elif event.word is not Word.CLOSED:
            log.error(f"index {event.word}", extra={"facts": facts | {"code": event.code}})
