"""May this process answer? Only with an index that finds its own names, and that is not too old.

**Self-test.** Names taken from the index itself are looked up, and most of them must be found; and a name that nobody
has must not be. It runs at the start and for each new index, in every process. What it guards against is not a wrong
list but a broken engine: tables that do not fit, a kernel that finds nothing or everything on this processor.

**Age.** Two clocks, because a list can be old in two ways. `index_age_max_hours` looks at the time the index was
built: it runs out when the nightly update no longer arrives, whatever the lists hold. `edition_age_max_days` looks at
the date that a list prints: it runs out when updates arrive and bring an old edition again and again. Publishers
differ (some lists change daily, some twice a year, some carry no date), so the second is set list by list, and the
first for the whole index.

**Together.** A worker whose supervisor and fellows have gone over to an index, and which cannot (the file was replaced
by a bad one before it looked), must not go on with the former for long.

Whatever is wrong, calls are refused with SCR413 and health says NOT_SERVING: nothing passes because a check is missing.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime

from sito.delta import AnyIndex
from sito.entries import NameQuality
from sito.errors import ScreenError, SitoError
from sito.index import IndexInfo
from sito.screen import Screener
from sito_server.config import ServeConfig
from sito_server.metrics import IndexFacts
from sito_server.service import ScreenerSource

SAMPLE_SIZE = 48  # names that the self-test looks up
LOOKED_AT_MAX = 1_000  # entries it looks at to find them
FOUND_MIN = 0.9  # share of them that must be found: a broken engine finds none, an odd name or two may be hard
NOBODY = ("Шлюмбрыкин Фуфрий Зюзевлатович", "Qworvix Zblanthorp Yuqqemi", "Ъмвжгщ Ыцхфрк")
GOOD = frozenset({NameQuality.PRIMARY, NameQuality.STRONG})
WORDS_MAX = 8  # of a name that is looked up
DAY_S = 86_400.0
BEHIND_S = 10.0  # that a process may answer by another index than the one its supervisor has in use

log = logging.getLogger("sito_server")


def self_test(screener: Screener, *, pause_s: float = 0.0) -> None:
    """Look up names of the index, and names of nobody.

    Args:
        pause_s: Rest so long after each name, in a process that answers meanwhile: calls, which need the interpreter
            only for moments, would else wait for it as long as a name takes, again and again.

    Raises:
        ScreenError: SCR415 too few of the first are found, or all of the second.
    """
    names = sample_names(screener.index)
    found = 0
    for name in names:
        found += screener.check(name).verdict != "pass"
        if pause_s:
            time.sleep(pause_s)
    if found < FOUND_MIN * len(names):
        raise ScreenError(
            "SCR415", expected=f"at least {FOUND_MIN:.0%} of {len(names)} listed names found", got=f"{found} of them",
            where="self-test of the index", todo="build the index again with this version of sito",
        )  # fmt: skip
    # A list may hold anything, one of these names too; a broken engine hits them all.
    if all(screener.check(name).verdict != "pass" for name in NOBODY):
        raise ScreenError(
            "SCR415", expected="a name that nobody has to pass", got=f"hits for all {len(NOBODY)} of them",
            where="self-test of the index", todo="build the index again with this version of sito",
        )  # fmt: skip


def sample_names(index: AnyIndex) -> list[str]:
    """Return names to look up, spread over the index: of each entry the first good name of two words or more."""
    count = index.info.entry_count
    names: list[str] = []
    for number in range(min(count, LOOKED_AT_MAX)):
        if len(names) >= SAMPLE_SIZE:
            break
        # Steps of a prime size, so that the sample does not follow the order of a list.
        entry = index.entry(number * 7_919 % count if count % 7_919 else number)
        for name in entry.names:
            # The readable twin of folding would count better, and take 30 MiB of every process.
            words = sum(any(map(str.isalpha, word)) for word in name.text.split())
            if name.quality in GOOD and 2 <= words <= WORDS_MAX:
                names.append(name.text)
                break
    return names


class Readiness:
    """Knows at any time whether calls may be answered. Threads share it.

    Args:
        source: What is screened with.
        clock: Seconds since 1970.
        test: Raises a `SitoError` if a screener must not be used.
    """

    def __init__(
        self, source: ScreenerSource, config: ServeConfig, *, clock: Callable[[], float] = time.time,
        test: Callable[[Screener], None] = self_test,
    ) -> None:  # fmt: skip
        self._source = source
        self._config = config
        self._clock = clock
        self._test = test
        self._lock = threading.Lock()
        self._tested: Callable[[], Screener | None] | None = None  # weakly: a former one must be able to go
        self._failure: SitoError | None = None
        self._refusal: SitoError | None = _refused("a self-test that passed", "none yet")
        self._info: IndexInfo
        self._generation = 0
        self._wanted = ""
        self._behind_since: float | None = None
        self.update()

    @property
    def refusal(self) -> SitoError | None:
        """Why calls are refused at present; None if they are answered. As of the last `update`."""
        return self._refusal

    @property
    def is_ready(self) -> bool:
        """Are calls answered?"""
        return self._refusal is None

    @property
    def info(self) -> IndexInfo:
        """What is screened with, as of the last `update`."""
        return self._info

    @property
    def is_behind(self) -> bool:
        """Is another index in use here than the supervisor wants, as of the last `update`?"""
        return self._behind_since is not None

    def want(self, digest: str) -> None:
        """Say which index the supervisor has in use; empty if nobody says."""
        self._wanted = digest

    def update(self) -> bool:
        """Look again, and say whether the answer has changed; the host does so every second."""
        with self._lock, self._source.lease() as screener:
            is_first = self._tested is None
            if self._tested is None or self._tested() is not screener:
                self._tested, self._info = weakref.ref(screener), screener.index.info
                self._generation += 1
                self._failure = self._try(screener)
            former, self._refusal = (
                self._refusal,
                (self._failure or self._behind(screener.index.info) or self._stale(screener.index.info)),
            )
        if (former is None) != (self._refusal is None):
            if self._refusal is not None:
                log.error("not ready", extra={"facts": {"code": self._refusal.code, "reason": str(self._refusal)}})
            elif not is_first:  # what is as it should be at the start is not worth a line
                log.info("ready", extra={"facts": {"generation": self._generation}})
            return True
        return False

    def facts(self) -> IndexFacts:
        """Return what metrics say of the index."""
        info = self.info
        built = seconds_of(info.built_at)
        return IndexFacts(
            built, max(0.0, self._clock() - built), self._generation, info.entry_count,
            tuple((edition.list_id, seconds_of(edition.edition_date)) for edition in info.editions), self.is_ready,
        )  # fmt: skip

    def _try(self, screener: Screener) -> SitoError | None:
        try:
            self._test(screener)
        except SitoError as error:
            return error if error.code == "SCR415" else _refused("a self-test that passes", error.code)
        except Exception as error:  # its text may hold a name
            return _refused("a self-test that passes", type(error).__name__)
        return None

    def _behind(self, info: IndexInfo) -> SitoError | None:
        if self._wanted in ("", info.digest):
            self._behind_since = None
            return None
        now = time.monotonic()
        if self._behind_since is None:
            self._behind_since = now
        if now - self._behind_since < BEHIND_S:
            return None
        return _refused(f"index {self._wanted[:12]}, which the supervisor has in use", f"index {info.digest[:12]}")

    def _stale(self, info: IndexInfo) -> SitoError | None:
        now = self._clock()
        hours_max = self._config.index_age_max_hours
        hours = (now - seconds_of(info.built_at)) / 3_600
        if hours_max and hours > hours_max:
            return _refused(f"an index built at most {hours_max:g} hours ago", f"one built {hours:.1f} hours ago")
        if hours_max and hours < -DAY_S / 3_600:  # a clock that went wrong: it would never grow too old
            return _refused("an index built in the past", f"one built {-hours:.1f} hours from now")
        dates = {edition.list_id: edition.edition_date for edition in info.editions}
        for list_id, days_max in self._config.edition_age_max_days.items():
            if list_id not in dates:
                return _refused(f"a list {list_id[:40]} in the index", "an index without it")
            if not dates[list_id]:
                return _refused(f"a dated edition of {list_id[:40]}", "one without a date")
            # The edition of a day is fresh until that day ends.
            days = (now - seconds_of(dates[list_id])) / DAY_S - 1
            if days > days_max:
                return _refused(
                    f"an edition of {list_id[:40]} at most {days_max:g} days old", f"one of {dates[list_id]}"
                )
        return None


def seconds_of(text: str) -> float:
    """Return a date or time of an index as seconds since 1970; 0, which is too old, if there is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _refused(expected: str, got: str) -> ScreenError:
    return ScreenError(
        "SCR413", expected=expected, got=got, where="index of the server",
        todo="nothing is screened until the operator puts a good index in place",
    )  # fmt: skip
