"""Counts of the service for Prometheus: kept by each process, added up by the one that shows them.

Each process counts for itself. The supervisor asks all of them when it is asked, and keeps what a process that died had
counted, so that no sum ever falls; at most the last second before a kill is lost. Nothing here is a name, a number or
an id.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from sito.errors import UsageError
from sito.policy.facts import Verdict
from sito_server.admission import Load
from sito_server.config import Address
from sito_server.meter import NO_ALARMS

BUCKETS = (
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
SUMS = frozenset({"counter", "histogram"})  # types that are kept when a process dies
# How gauges of several processes become one; those that are not named are added up.
JOINED: Mapping[str, Callable[[Iterable[float]], float]] = {
    "sito_index_age_seconds": max,
    "sito_index_built_timestamp_seconds": min,
    "sito_edition_timestamp_seconds": min,
    "sito_certificate_expires_timestamp_seconds": min,
    "sito_policy_ends_timestamp_seconds": min,
    "sito_index_entries": min,
}
BY_WORKER = ("sito_ready", "sito_generation", "process_")  # beginnings of gauges that make sense for one process only


class Family(NamedTuple):
    """All samples of one metric; plain data, which goes from process to process.

    Attributes:
        samples: Name, labels and value.
    """

    name: str
    type_: str
    words: str
    samples: tuple[tuple[str, tuple[tuple[str, str], ...], float], ...]


class IndexFacts(NamedTuple):
    """What a process screens with.

    Attributes:
        editions: List ids and the dates of their editions, seconds since 1970; 0 for one without a date.
        ready: Does it answer?
    """

    built: float
    age_s: float
    generation: int
    entries: int
    editions: tuple[tuple[str, float], ...]
    ready: bool


VERDICTS = "sito_verdicts"
COUNTS = {  # names, words and labels of what is counted
    "sito_records": ("Records that got a verdict.", ()),
    VERDICTS: ("Records by verdict.", ("verdict",)),
    "sito_hits": ("Hits that were answered.", ("list_id", "grade")),
    "sito_limits": ("Parties for which a limit of the search was reached.", ("limit",)),
    "sito_rejects": ("Records and requests that were refused.", ("code",)),
    "sito_dropped": ("Requests that nobody waited for any more.", ("reason",)),
    "sito_calls": ("Calls, and messages of streams, by their end.", ("method", "status")),
}
SECONDS, SECONDS_WORDS = "sito_call_seconds", "Time from request to answer."


class _Times:
    """A histogram: how many values fell into each bucket of `BUCKETS` and beyond, and their sum."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0


class _Counts(Collector):
    """Counters and times as plain numbers under one lock, which costs an inline call far less than one object each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in COUNTS}
        self._records = self._counts["sito_records"]
        self._records[()] = 0
        self._times: dict[str, _Times] = {}

    def add(self, name: str, labels: tuple[str, ...], count: int) -> None:
        """Count."""
        found = self._counts[name]
        with self._lock:
            found[labels] = found.get(labels, 0) + count

    def records(self, count: int, alarms: Mapping[str, int]) -> None:
        """Count records, and those that do not pass by verdict. Both at once, so that the rest never falls."""
        found = self._counts[VERDICTS]
        with self._lock:
            self._records[()] += count
            for verdict, number in alarms.items():
                found[(verdict,)] = found.get((verdict,), 0) + number

    def call(self, method: str, status: str, seconds: float) -> None:
        """Count a call and note its time."""
        calls = self._counts["sito_calls"]
        labels = method, status
        place = bisect_left(BUCKETS, seconds)
        with self._lock:
            calls[labels] = calls.get(labels, 0) + 1
            times = self._times.get(method)
            if times is None:
                times = self._times[method] = _Times()
            times.counts[place] += 1
            times.sum += seconds

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            counts = {name: dict(found) for name, found in self._counts.items()}
            times = {method: (tuple(one.counts), one.sum) for method, one in self._times.items()}
        # What passes is not counted apart: it is nearly all, and what is left of all.
        verdicts = counts[VERDICTS]
        verdicts[(Verdict.PASS.value,)] = counts["sito_records"][()] - sum(verdicts.values())
        for name, (words, labels) in COUNTS.items():
            counter = CounterMetricFamily(name, words, labels=labels)
            for marks, count in counts[name].items():
                counter.add_metric(marks, count)
            yield counter
        histogram = HistogramMetricFamily(SECONDS, SECONDS_WORDS, labels=("method",))
        for method, (buckets, total) in times.items():
            bounds = [*map(floatToGoString, BUCKETS), "+Inf"]
            histogram.add_metric((method,), list(zip(bounds, accumulate(buckets), strict=True)), total)
        yield histogram


class PrometheusMeter:
    """A `Meter` of one process. Threads share it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counts = _Counts()
        self.registry.register(self._counts)
        ProcessCollector(registry=self.registry)

    def payments(self, count: int, alarms: Mapping[str, int] = NO_ALARMS) -> None:
        """Count records that got a verdict, and those of them that do not pass."""
        self._counts.records(count, alarms)

    def hits(self, list_id: str, grade: str, count: int) -> None:
        """Count hits that were answered."""
        self._counts.add("sito_hits", (list_id, grade), count)

    def limit(self, word: str, count: int) -> None:
        """Count parties for which a limit was reached."""
        self._counts.add("sito_limits", (word,), count)

    def reject(self, code: str, count: int) -> None:
        """Count records and requests that were refused."""
        self._counts.add("sito_rejects", (code,), count)

    def dropped(self, reason: str, count: int) -> None:
        """Count requests that nobody waited for."""
        self._counts.add("sito_dropped", (reason,), count)

    def seconds(self, method: str, status: str, seconds: float) -> None:
        """Note how long a call took."""
        self._counts.call(method, status, seconds)

    def watch(
        self, load: Callable[[], Load], index: Callable[[], IndexFacts], expires: Callable[[], float],
        policy_ends: float = 0.0,
    ) -> None:  # fmt: skip
        """Add what is looked up when it is asked for.

        Args:
            expires: End of the server's certificate, seconds since 1970; 0 for none.
            policy_ends: End of the policy that gives the verdicts, as well.
        """
        self.registry.register(_State(load, index, expires, policy_ends))

    def families(self) -> tuple[Family, ...]:
        """Return all counts."""
        return families_of(self.registry)


class _State(Collector):
    """Gauges of one process."""

    def __init__(
        self, load: Callable[[], Load], index: Callable[[], IndexFacts], expires: Callable[[], float],
        policy_ends: float,
    ) -> None:  # fmt: skip
        self._load, self._index, self._expires, self._policy_ends = load, index, expires, policy_ends

    def collect(self) -> Iterable[Metric]:
        load, index, expires = self._load(), self._index(), self._expires()
        yield _gauge("sito_working", "Requests worked at.", {("lane", name): n for name, n in load.working.items()})
        yield _gauge("sito_waiting", "Requests that wait.", {("lane", name): n for name, n in load.waiting.items()})
        yield _gauge("sito_queue_bytes", "Bytes of the requests worked at and waiting.", load.size_bytes)
        yield _gauge("sito_streams", "Streams that are open.", load.streams)
        yield _gauge("sito_ready", "1 if the process answers, 0 if it is NOT_SERVING.", float(index.ready))
        yield _gauge("sito_generation", "Number of the index that the process screens with.", index.generation)
        yield _gauge("sito_index_built_timestamp_seconds", "When the index was built.", index.built)
        yield _gauge("sito_index_age_seconds", "Age of the index.", index.age_s)
        yield _gauge("sito_index_entries", "Entries of the index.", index.entries)
        yield _gauge(
            "sito_edition_timestamp_seconds", "Date of the edition of a list; 0 for one without.",
            {("list_id", list_id): date for list_id, date in index.editions},
        )  # fmt: skip
        if self._policy_ends:
            yield _gauge(
                "sito_policy_ends_timestamp_seconds", "When the policy ends; then what alarms has no verdict.",
                self._policy_ends,
            )  # fmt: skip
        if expires:
            yield _gauge(
                "sito_certificate_expires_timestamp_seconds", "When the certificate of the server ends.", expires
            )


def _gauge(name: str, words: str, value: float | Mapping[tuple[str, str], float]) -> Metric:
    metric = Metric(name, words, "gauge")
    if isinstance(value, Mapping):
        for (label, word), number in value.items():
            metric.add_sample(name, {label: word}, number)
    else:
        metric.add_sample(name, {}, value)
    return metric


def families_of(registry: CollectorRegistry) -> tuple[Family, ...]:
    """Return what a registry counts as plain data."""
    return tuple(
        Family(
            metric.name, metric.type, metric.documentation,
            tuple(
                (sample.name, tuple(sample.labels.items()), sample.value)
                for sample in metric.samples
                if not sample.name.endswith("_created")  # the start of each process says nothing about their sum
            ),
        )
        for metric in registry.collect()
    )  # fmt: skip


def joined(workers: Mapping[int, Sequence[Family]], former: Sequence[Family] = ()) -> tuple[Family, ...]:
    """Add up the counts of several processes.

    Args:
        workers: Of those that live, by number.
        former: Of those that are gone, added up; gauges among them are left out.
    """
    kinds: dict[str, Family] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], list[float]]] = {}
    for number, families in ((None, former), *workers.items()):
        for family in families:
            if number is None and family.type_ not in SUMS:
                continue
            kinds.setdefault(family.name, family)
            found = values.setdefault(family.name, {})
            apart = family.type_ == "gauge" or family.name.startswith("process_")
            mark = (("worker", str(number)),) if apart and family.name.startswith(BY_WORKER) else ()
            for name, labels, value in family.samples:
                found.setdefault((name, labels + mark), []).append(value)
    return tuple(
        Family(
            name, kind.type_, kind.words,
            tuple((sample, labels, JOINED.get(name, sum)(all_)) for (sample, labels), all_ in values[name].items()),
        )
        for name, kind in kinds.items()
    )  # fmt: skip


class _Shown(Collector):
    """Shows families that a function returns."""

    def __init__(self, families: Callable[[], Iterable[Family]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        for family in self._families():
            metric = Metric(family.name, family.words, family.type_)
            for name, labels, value in family.samples:
                metric.add_sample(name, dict(labels), value)
            yield metric


class MetricsPage:
    """Serves metrics over HTTP until it is closed.

    Args:
        address: Port 0 lets the system choose.
        families: Asked at each visit, from several threads.

    Attributes:
        address: Where it listens.

    Raises:
        UsageError: CLI405 the address cannot be bound.
    """

    def __init__(self, address: Address, families: Callable[[], Iterable[Family]]) -> None:
        registry = CollectorRegistry()
        registry.register(_Shown(families))
        try:
            self._server, self._thread = start_http_server(address.port, address.host, registry)
        except OSError:
            raise UsageError(
                "CLI405", expected="a free address of this machine", got=f"{address}, which cannot be bound",
                where="--metrics-listen", todo="stop what listens there or choose another port",
            ) from None  # fmt: skip
        self.address = Address(address.host, self._server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Retired:
    """Counts of processes that are gone, added up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._families: tuple[Family, ...] = ()

    def add(self, families: Sequence[Family]) -> None:
        """Keep the last counts of a process that died."""
        with self._lock:
            self._families = joined({0: [one for one in families if one.type_ in SUMS]}, self._families)

    @property
    def families(self) -> tuple[Family, ...]:
        """All of them together."""
        with self._lock:
            return self._families


def own_counts(words: Mapping[str, tuple[str, str, float]]) -> tuple[Family, ...]:
    """Return counts of the supervisor itself.

    Args:
        words: Type, description and value by name.
    """
    made: list[Family] = []
    for name, (type_, text, value) in words.items():
        sample = f"{name}_total" if type_ == "counter" else name
        made.append(Family(name, type_, text, ((sample, (), value),)))
    return tuple(made)


def sample(families: Iterable[Family], name: str, **labels: str) -> float:
    """Return one value, 0 if nothing was counted."""
    return sum(
        (value for family in families for found, marks, value in family.samples
         if found == name and labels.items() <= dict(marks).items()), 0.0,
    )  # fmt: skip
