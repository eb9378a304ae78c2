"""Counts of one process, of several together, and the page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sito import Screener
from sito.client import ScreeningClient
from sito.errors import UsageError
from sito.v1 import screening_pb2 as wire
from sito_server.config import Address
from sito_server.host import Host
from sito_server.metrics import MetricsPage, PrometheusMeter, Retired, joined, own_counts, sample

LISTED, UNLISTED = "Дробышкин Еремей Фаддеевич", "Квашнин Игнат"


def payment(text: str) -> wire.Record:
    return wire.Record(payment=wire.Payment(parties=[wire.Party(role=wire.ROLE_DEBTOR, name=text)]))


def test_what_a_server_does_is_counted(
    screener: Screener, serving: Callable[..., Host], scraped: Callable[..., Any]
) -> None:
    host = serving(screener)
    page = MetricsPage(Address("127.0.0.1", 0), host.meter.families)
    try:
        with ScreeningClient(str(host.address), timeout_s=10) as client:
            client.screen_batch([payment(UNLISTED)] * 5 + [payment(LISTED)])
            client.check(LISTED)
            with pytest.raises(Exception, match="SCR401"):
                client.screen_batch([])
        found = scraped(page.address)
    finally:
        page.close()
    assert found["sito_records_total", ()] == 7
    assert found["sito_verdicts_total", (("verdict", "pass"),)] == 5
    assert found["sito_verdicts_total", (("verdict", "review"),)] == 2
    assert found["sito_hits_total", (("grade", "strong"), ("list_id", "OS-INVENTED"))] == 2
    assert found["sito_rejects_total", (("code", "SCR401"),)] == 1
    assert found["sito_calls_total", (("method", "ScreenBatch"), ("status", "OK"))] == 1
    assert found["sito_calls_total", (("method", "ScreenBatch"), ("status", "INVALID_ARGUMENT"))] == 1
    assert found["sito_call_seconds_count", (("method", "Check"),)] == 1
    assert found["sito_call_seconds_bucket", (("le", "+Inf"), ("method", "ScreenBatch"))] == 2
    assert found["sito_index_entries", ()] == 3 and found["sito_ready", ()] == 1
    assert found["sito_edition_timestamp_seconds", (("list_id", "OS-INVENTED"),)] == 1_714_608_000
    assert found["sito_working", (("lane", "inline"),)] == 0
    assert not any(name.endswith("_created") for name, _ in found)


def meter_of(records: int, seconds: list[float], list_id: str = "A") -> PrometheusMeter:
    meter = PrometheusMeter()
    meter.payments(records, {"freeze": records // 2})
    for one in seconds:
        meter.seconds("Screen", "OK", one)
    meter.hits(list_id, "weak", records)
    meter.limit("pairs", 1)
    meter.dropped("deadline", 2)
    meter.reject("SCR411", 3)
    return meter


@given(
    st.lists(st.tuples(st.integers(0, 9), st.lists(st.floats(0, 20), max_size=3), st.sampled_from("AB")), max_size=4)
)
def test_the_sum_of_processes_is_that_of_one(parts: list[tuple[int, list[float], str]]) -> None:
    together = PrometheusMeter()
    for records, seconds, list_id in parts:
        together.payments(records, {"freeze": records // 2})
        together.hits(list_id, "weak", records)
        for one in seconds:
            together.seconds("Screen", "OK", one)
    apart = {number: meter_of(*part).families() for number, part in enumerate(parts)}
    # Some of them are gone.
    retired = Retired()
    for number in list(apart)[::2]:
        retired.add(apart.pop(number))
    found = joined(apart, retired.families)
    wanted = together.families()
    for name, labels in (
        ("sito_records_total", {}), ("sito_hits_total", {"list_id": "A"}), ("sito_hits_total", {"list_id": "B"}),
        ("sito_verdicts_total", {"verdict": "freeze"}), ("sito_verdicts_total", {"verdict": "pass"}),
        ("sito_call_seconds_count", {}), ("sito_call_seconds_bucket", {"le": "0.001"}), ("sito_calls_total", {}),
    ):  # fmt: skip
        assert sample(found, name, **labels) == sample(wanted, name, **labels)
    assert sample(found, "sito_call_seconds_sum") == pytest.approx(sample(wanted, "sito_call_seconds_sum"))
    assert sample(found, "sito_dropped_total") == 2 * len(parts)


def test_gauges_are_joined_as_they_mean() -> None:
    def gauges(age: float, entries: float, waiting: float, ready: float) -> Any:
        words = {
            "sito_index_age_seconds": age,
            "sito_index_entries": entries,
            "sito_waiting": waiting,
            "sito_ready": ready,
        }
        return own_counts({name: ("gauge", "Words.", value) for name, value in words.items()})

    retired = Retired()
    retired.add(gauges(9_000, 1, 50, 1))
    found = joined({0: gauges(10, 5, 2, 1), 1: gauges(20, 7, 3, 0)}, retired.families)
    assert sample(found, "sito_index_age_seconds") == 20  # the oldest
    assert sample(found, "sito_index_entries") == 5  # the poorest
    assert sample(found, "sito_waiting") == 5  # all of them; nobody waits in one that is gone
    assert [sample(found, "sito_ready", worker=worker) for worker in ("0", "1")] == [1, 0]


def test_a_page_on_a_taken_port_is_an_error() -> None:
    page = MetricsPage(Address("127.0.0.1", 0), lambda: ())
    try:
        with pytest.raises(UsageError, match="CLI405"):
            MetricsPage(page.address, lambda: ())
    finally:
        page.close()
    MetricsPage(page.address, lambda: ()).close()


def test_calls_that_no_method_answers_are_not_counted_by_name(screener: Screener, serving: Callable[..., Host]) -> None:
    """A caller must not be able to fill the memory with names of its own."""
    host = serving(screener)
    with grpc.insecure_channel(str(host.address)) as channel:
        for number in range(20):
            with pytest.raises(grpc.RpcError):
                channel.unary_unary(f"/sito.v1.ScreeningService/Forget{number}")(b"", timeout=10)
    assert not [family for family in host.meter.families() if "Forget" in repr(family.samples)]
