"""Bounds on what is worked at and waits, alone and at a real server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st

from sito.client import ScreeningClient
from sito.errors import ScreenError
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito_server.admission import BoundedAdmission, Bounds, Load
from sito_server.host import Host
from sito_server.meter import NoMeter

SMALL = Bounds(inline_places=1, batch_places=1, inline_queue=2, batch_queue=1, size_bytes=1_000, streams=2)


class Notes(NoMeter):
    def __init__(self) -> None:
        self.rejects: Counter[str] = Counter()
        self.drops: Counter[str] = Counter()

    def reject(self, code: str, count: int) -> None:
        self.rejects[code] += count

    def dropped(self, reason: str, count: int) -> None:
        self.drops[reason] += count


class Caller:
    """The context of a call: its deadline, and whether it is still there."""

    def __init__(self, seconds: float | None = None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self.active = True

    def time_remaining(self) -> float | None:
        return None if self._end is None else self._end - time.monotonic()

    def is_active(self) -> bool:
        return self.active


def admission(bounds: Bounds = SMALL, **options: Any) -> tuple[BoundedAdmission, Notes]:
    notes = Notes()
    return BoundedAdmission(bounds, notes, **options), notes


def waits(admitted: BoundedAdmission, lane: str, count: int) -> None:
    end = time.monotonic() + 20
    while admitted.load().waiting[lane] != count:
        assert time.monotonic() < end
        time.sleep(0.005)


def enter(admitted: BoundedAdmission, method: str, log: list[str], word: str, caller: Any = None) -> threading.Thread:
    """Enter in another thread and note what came of it."""

    def go() -> None:
        try:
            with admitted.enter(method, 10, caller or Caller()):
                log.append(word)
        except ScreenError as error:
            log.append(f"{word} {error.code}")

    thread = threading.Thread(target=go)
    thread.start()
    return thread


def test_the_first_work_the_next_wait_in_turn_and_the_rest_come_back() -> None:
    admitted, notes = admission()
    log: list[str] = []
    with admitted.enter("Screen", 10, Caller()):
        threads = []
        for number in (1, 2):
            threads.append(enter(admitted, "Screen", log, f"call {number}"))
            waits(admitted, "inline", number)
        with pytest.raises(ScreenError, match="SCR411"), admitted.enter("Screen", 10, Caller()):
            pass
        assert admitted.load() == Load({"inline": 1, "batch": 0}, {"inline": 2, "batch": 0}, 30, 0)
        assert log == []
    for thread in threads:
        thread.join(20)
    assert log == ["call 1", "call 2"] and notes.rejects == {"SCR411": 1}
    assert admitted.load() == Load({"inline": 0, "batch": 0}, {"inline": 0, "batch": 0}, 0, 0)


def test_a_payment_does_not_wait_for_a_batch() -> None:
    admitted, _ = admission()
    with admitted.enter("ScreenBatch", 10, Caller()), admitted.enter("Screen", 10, Caller()):
        assert admitted.load().working == {"inline": 1, "batch": 1}


def test_bytes_are_bounded_too() -> None:
    admitted, notes = admission()
    with admitted.enter("ScreenBatch", 990, Caller()):
        with pytest.raises(ScreenError, match=r"SCR411 .*1000 bytes"), admitted.enter("Screen", 11, Caller()):
            pass
        with admitted.enter("Screen", 10, Caller()):
            pass
    with admitted.enter("ScreenBatch", 5_000, Caller()):  # alone it may be as long as a message may be
        pass
    assert notes.rejects == {"SCR411": 1} and admitted.load().size_bytes == 0


def test_messages_of_streams_wait_instead_of_coming_back() -> None:
    admitted, notes = admission()
    log: list[str] = []
    with admitted.enter("ScreenBatch", 990, Caller()):
        threads = [enter(admitted, "ScreenStream", log, "message") for _ in range(4)]
        waits(admitted, "batch", 4)
    for thread in threads:
        thread.join(20)
    assert log == ["message"] * 4 and not notes.rejects


def held(admitted: BoundedAdmission, size_bytes: int, caller: Any = None) -> threading.Thread:
    """Ask in another thread to read the next message of a stream."""
    thread = threading.Thread(target=admitted.hold, args=(size_bytes, caller or Caller()))
    thread.start()
    thread.join(0.2)
    return thread


def test_streams_do_not_read_on_without_room_for_the_bytes() -> None:
    admitted, _ = admission()
    admitted.hold(5_000, Caller())  # alone it may be as long as a message may be
    with admitted.enter("ScreenStream", 600, Caller()):
        admitted.hold(150, Caller())
        longer, gone = held(admitted, 151), held(admitted, 151, left := Caller())
        assert longer.is_alive() and gone.is_alive()
        left.active = False
        gone.join(20)
        assert not gone.is_alive() and longer.is_alive()
        with admitted.enter("Screen", 300, Caller()):  # a quarter is left to calls
            pass
    longer.join(20)
    assert not longer.is_alive()


def test_streams_do_not_read_on_while_messages_of_streams_wait() -> None:
    admitted, _ = admission()
    log: list[str] = []
    with admitted.enter("ScreenBatch", 10, Caller()):
        calls = [enter(admitted, "ScreenBatch", log, "call")]
        waits(admitted, "batch", 1)
        admitted.hold(10, Caller())  # calls that wait keep no stream out
        calls.append(enter(admitted, "ScreenStream", log, "message"))
        waits(admitted, "batch", 2)
        thread = held(admitted, 10)
        assert thread.is_alive()
    thread.join(20)
    assert not thread.is_alive()
    for call in calls:
        call.join(20)
    assert log == ["call", "message"]


def test_a_server_reads_no_more_of_its_streams_than_it_has_room_for(gate: Any, serving: Callable[..., Host]) -> None:
    bound = 1 << 20
    host = serving(gate, threads=1, queue_bytes=bound, message_bytes=bound)
    gate.shut()
    data = wire.ScreenStreamRequest(records=[RECORD] * 5_000).SerializeToString()
    assert bound / 4 < len(data) < bound
    with grpc.insecure_channel(str(host.address)) as channel:
        method = channel.stream_stream("/sito.v1.ScreeningService/ScreenStream")
        first = method(iter([data] * 3))
        waits_for(lambda: host.admission.load().working["batch"] == 1)
        second = method(iter([data] * 3))
        waits_for(lambda: host.admission.load().waiting["batch"] == 1)
        late = [method(iter([data] * 3)) for _ in range(3)]
        time.sleep(0.5)
        assert host.admission.load().size_bytes == 2 * len(data)  # the late ones are open, and not read
        gate.open()
        for call in (first, second, *late):
            answers = [wire.ScreenStreamResponse.FromString(one) for one in call]
            assert [len(one.verdicts) for one in answers] == [5_000] * 3
        waits_for(lambda: host.admission.load() == Load({"inline": 0, "batch": 0}, {"inline": 0, "batch": 0}, 0, 0))


def waits_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_streams_are_bounded() -> None:
    admitted, notes = admission()
    admitted.open_stream()
    admitted.open_stream()
    with pytest.raises(ScreenError, match=r"SCR411 .*2 streams"):
        admitted.open_stream()
    admitted.close_stream()
    admitted.open_stream()
    assert notes.rejects == {"SCR411": 1} and admitted.load().streams == 2


def test_nobody_waits_for_one_whose_time_is_over() -> None:
    admitted, notes = admission()
    with pytest.raises(ScreenError, match="SCR412"), admitted.enter("Screen", 10, Caller(-1)):
        pass
    log: list[str] = []
    with admitted.enter("Screen", 10, Caller()):
        thread = enter(admitted, "Screen", log, "late", Caller(0.05))
        thread.join(20)
    assert log == ["late SCR412"] and notes.drops == {"deadline": 2}
    assert admitted.load() == Load({"inline": 0, "batch": 0}, {"inline": 0, "batch": 0}, 0, 0)


def test_a_call_without_a_deadline_waits_its_turn(gate: Any, serving: Callable[..., Host]) -> None:
    """gRPC gives such a call a deadline in a century that no clock of the system can wait for."""
    host = serving(gate, threads=1)
    gate.shut()
    with grpc.insecure_channel(str(host.address)) as channel:
        method = screening_pb2_grpc.ScreeningServiceStub(channel).Screen
        calls = [method.future(wire.ScreenRequest(record=RECORD)) for _ in range(4)]
        waits(host.admission, "inline", 3)
        gate.open()
        assert [call.result(timeout=20).verdict for call in calls] == [wire.VERDICT_REVIEW] * 4


def test_one_that_left_while_it_waited_is_dropped() -> None:
    admitted, notes = admission()
    log: list[str] = []
    caller = Caller()
    with admitted.enter("Screen", 10, Caller()):
        thread = enter(admitted, "Screen", log, "gone", caller)
        waits(admitted, "inline", 1)
        caller.active = False
    thread.join(20)
    assert log == ["gone SCR412"] and notes.drops == {"cancelled": 1}
    with admitted.enter("Screen", 10, Caller()):
        pass


def test_a_refusal_goes_before_all_but_the_description_of_the_index() -> None:
    stale = ScreenError("SCR413", expected="a fresh index", got="an old one")
    admitted, _ = admission(refusal=lambda: stale)
    with pytest.raises(ScreenError, match="SCR413"), admitted.enter("Screen", 10, Caller()):
        pass
    with admitted.enter("GetIndex", 10, Caller()):
        pass


def test_the_time_to_come_back_grows_with_the_work_and_is_spread() -> None:
    chances = iter([0.0, 0.999, 0.5])
    admitted, _ = admission(chance=lambda: next(chances))
    assert admitted.retry_ms() == 25  # nothing to do
    with admitted.enter("Screen", 10, Caller()):
        time.sleep(2)
    log: list[str] = []
    with admitted.enter("Screen", 10, Caller()):
        threads = [enter(admitted, "Screen", log, "x") for _ in range(2)]
        waits(admitted, "inline", 2)
        long, middle = admitted.retry_ms(), admitted.retry_ms()
    for thread in threads:
        thread.join(20)
    assert 500 < middle < long <= 5_000


@given(st.lists(st.tuples(st.sampled_from(["Screen", "ScreenBatch", "ScreenStream"]), st.floats(0, 0.01)), max_size=12))
def test_nothing_is_lost_and_nothing_is_left(calls: list[tuple[str, float]]) -> None:
    admitted, notes = admission(Bounds(2, 1, 2, 2, 1_000, 1))
    most: Counter[str] = Counter()
    done: list[str] = []
    lock = threading.Lock()
    working: Counter[str] = Counter()

    def call(method: str, seconds: float) -> None:
        lane = "inline" if method == "Screen" else "batch"
        try:
            with admitted.enter(method, 10, Caller(seconds * 4 or None)):
                with lock:
                    working[lane] += 1
                    most[lane] = max(most[lane], working[lane])
                time.sleep(seconds / 10)
                with lock:
                    working[lane] -= 1
            word = "done"
        except ScreenError as error:
            word = error.code
        with lock:
            done.append(word)

    threads = [threading.Thread(target=call, args=one) for one in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == len(calls) and most["inline"] <= 2 and most["batch"] <= 1
    assert done.count("SCR411") == notes.rejects["SCR411"] and done.count("SCR412") == notes.drops.total()
    assert admitted.load() == Load({"inline": 0, "batch": 0}, {"inline": 0, "batch": 0}, 0, 0)


# --- at a real server -----------------------------------------------------------------------------------------

RECORD = wire.Record(payment=wire.Payment(purpose="аванс Дробышкин Еремей Фаддеевич"))


def counted(host: Host, name: str, **labels: str) -> float:
    return host.meter.registry.get_sample_value(name, labels) or 0.0


def test_overload_answers_at_once_with_the_time_to_come_back(gate: Any, serving: Callable[..., Host]) -> None:
    host = serving(gate, threads=1, queue_calls=3)
    gate.shut()
    request = wire.ScreenRequest(record=RECORD)
    with grpc.insecure_channel(str(host.address)) as channel:
        method = screening_pb2_grpc.ScreeningServiceStub(channel).Screen
        calls = [method.future(request, timeout=60) for _ in range(40)]
        start = time.monotonic()
        end = start + 20
        while sum(call.done() for call in calls) < 36:
            assert time.monotonic() < end
            time.sleep(0.01)
        refused = [call for call in calls if call.done()]
        assert len(refused) == 36 and counted(host, "sito_rejects_total", code="SCR411") == 36
        for call in refused:
            assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            trailers = dict(call.trailing_metadata())
            assert 25 <= int(trailers["grpc-retry-pushback-ms"]) <= 5_000
            (detail, *_) = rpc_status.from_call(call).details
            info = error_details_pb2.ErrorInfo()
            assert detail.Unpack(info) and info.reason == "SCR411"
        gate.open()
        verdicts = [call.result().verdict for call in calls if call not in refused]
    assert verdicts == [wire.VERDICT_REVIEW] * 4


def test_a_call_whose_time_is_over_is_not_screened_and_counted(gate: Any, serving: Callable[..., Host]) -> None:
    host = serving(gate, threads=1)
    gate.shut()
    leases = gate.leases
    with grpc.insecure_channel(str(host.address)) as channel:
        method = screening_pb2_grpc.ScreeningServiceStub(channel).Screen
        first = method.future(wire.ScreenRequest(record=RECORD), timeout=60)
        end = time.monotonic() + 20
        while gate.leases == leases:
            assert time.monotonic() < end
            time.sleep(0.01)
        late = [method.future(wire.ScreenRequest(record=RECORD), timeout=0.3) for _ in range(5)]
        assert {call.code() for call in late} == {grpc.StatusCode.DEADLINE_EXCEEDED}
        gate.open()
        assert first.result().verdict == wire.VERDICT_REVIEW
        while (
            counted(host, "sito_dropped_total", reason="deadline")
            + counted(host, "sito_dropped_total", reason="cancelled")
            < 5
        ):
            assert time.monotonic() < end
            time.sleep(0.01)
    assert gate.leases == leases + 1  # none of the five was looked at


def test_slow_clients_hold_nobody_up(serving: Callable[..., Host], screener: Any) -> None:
    """Calls that say what they want and send no request, and streams that read no answer."""
    host = serving(screener, threads=1, queue_calls=16, streams=4)
    held = threading.Event()

    def nothing() -> Any:
        held.wait(60)
        yield from ()

    record = wire.Record(payment=wire.Payment(purpose="я " * 20_000))
    big = wire.ScreenStreamRequest(records=[RECORD] * 2_000 + [record]).SerializeToString()
    with grpc.insecure_channel(str(host.address)) as slow, ScreeningClient(str(host.address), timeout_s=20) as client:
        silent = slow.stream_unary("/sito.v1.ScreeningService/Screen")
        calls = [silent.future(nothing(), timeout=60) for _ in range(20)]
        deaf = slow.stream_stream("/sito.v1.ScreeningService/ScreenStream")
        streams = [deaf(iter([big] * 3), timeout=60) for _ in range(3)]
        for _ in range(20):
            assert client.check("Квашнин").verdict == wire.VERDICT_PASS
        for stream in streams:
            stream.cancel()
        for call in calls:
            call.cancel()
        held.set()


def test_a_stream_too_many_is_told_to_come_back(serving: Callable[..., Host], screener: Any) -> None:
    host = serving(screener, streams=1)
    more = threading.Event()
    message = wire.ScreenStreamRequest(records=[RECORD])

    def requests() -> Any:
        yield message
        more.wait(20)

    with grpc.insecure_channel(str(host.address)) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        first = stub.ScreenStream(requests(), timeout=20)
        assert list(next(first).verdicts) == [wire.VERDICT_REVIEW]
        second = stub.ScreenStream(iter([message]), timeout=20)
        with pytest.raises(grpc.RpcError) as caught:
            next(second)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "grpc-retry-pushback-ms" in dict(caught.value.trailing_metadata())
        more.set()
        assert list(first) == []
        assert [list(answer.verdicts) for answer in stub.ScreenStream(iter([message]), timeout=20)] == [
            [wire.VERDICT_REVIEW]
        ]
