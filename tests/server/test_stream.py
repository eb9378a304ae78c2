"""Streams of batches: order, flow control, errors that end no stream, swaps between messages, clients that leave."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from sito import Index, Screener, build_index
from sito.client import RetryPolicy, ScreeningClient, check_batch
from sito.errors import RecordError, ScreenError
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito.version import VERSION
from sito_server.meter import NO_ALARMS, NoMeter
from sito_server.service import FLOW_OPTIONS, Fixed, ScreeningService

PATIENCE = float(os.environ.get("SITO_TEST_PATIENCE", "1"))
LISTED = "Дробышкин Еремей Фаддеевич"
UNLISTED = "Хворостинин Архип Пантелеевич"
QUICK = RetryPolicy(attempts=4, wait_s=0.01, wait_max_s=0.05)


def payment(name: str = UNLISTED, record_id: str = "p") -> wire.Record:
    party = wire.Party(role=wire.ROLE_DEBTOR, name=name)
    return wire.Record(record_id=record_id, payment=wire.Payment(parties=[party]))


def message(*names: str, request_id: str = "") -> wire.ScreenStreamRequest:
    return wire.ScreenStreamRequest(records=[payment(name) for name in names], request_id=request_id)


class Counting(NoMeter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def payments(self, count: int, alarms: Mapping[str, int] = NO_ALARMS) -> None:
        self.told.append(("payments", count, dict(alarms)))

    def hits(self, list_id: str, grade: str, count: int) -> None:
        self.told.append(("hits", list_id, grade, count))

    def reject(self, code: str, count: int) -> None:
        self.told.append(("reject", code, count))

    def dropped(self, reason: str, count: int) -> None:
        self.told.append(("dropped", reason, count))

    def seconds(self, method: str, status: str, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(("seconds", method, status))


Serve = Callable[..., tuple[str, grpc.Server]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that are stopped after the test."""
    with ExitStack() as stack:

        def start(service: Any, address: str = "127.0.0.1:0") -> tuple[str, grpc.Server]:
            server = grpc.server(
                stack.enter_context(ThreadPoolExecutor(8)),
                options=[("grpc.max_receive_message_length", 16 << 20), *FLOW_OPTIONS],
            )
            handlers = service.handlers() if isinstance(service, ScreeningService) else service
            server.add_generic_rpc_handlers((handlers,))
            port = server.add_insecure_port(address)
            server.start()
            stack.callback(lambda: server.stop(0).wait())
            return f"127.0.0.1:{port}", server

        yield start


def stream_of(address: str, messages: Any, stack: ExitStack) -> Any:
    channel = stack.enter_context(grpc.insecure_channel(address))
    return channel.stream_stream("/sito.v1.ScreeningService/ScreenStream")(messages, timeout=20 * PATIENCE)


def test_answers_come_in_the_order_of_the_messages(address: str) -> None:
    names = [(LISTED,) if n % 3 == 0 else (UNLISTED, LISTED) * (n % 5 + 1) for n in range(60)]
    requests = [message(*group, request_id=f"m{n}") for n, group in enumerate(names)]
    with grpc.insecure_channel(address) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        answers = list(stub.ScreenStream(iter(requests), timeout=20 * PATIENCE))
        single = [stub.ScreenBatch(wire.ScreenBatchRequest(records=one.records)) for one in requests]
    assert [answer.request_id for answer in answers] == [request.request_id for request in requests]
    for request, answer, alone in zip(requests, answers, single, strict=True):
        check_batch(request, answer)
        assert list(answer.verdicts) == list(alone.verdicts) and list(answer.results) == list(alone.results)
        assert answer.index == alone.index and answer.engine_version == VERSION and not answer.HasField("error")


def test_an_empty_stream_ends_well(address: str) -> None:
    with ExitStack() as stack:
        assert list(stream_of(address, iter([]), stack)) == []


WRONG_MESSAGES = {
    "no protobuf": (b"\xff\xff", "SCR404", ""),
    "no text": (b"\x1a\x01\xff", "SCR404", ""),
    "empty": (b"", "SCR401", ""),
    "empty with an id": (message(request_id="x").SerializeToString(), "SCR401", "x"),
    "too many": (b"\x0a\x00" * 10_001, "SCR401", ""),
    "a bad id": (message(LISTED, request_id="я").SerializeToString(), "REC254", ""),
    "a long id": (message(LISTED, request_id="x" * 129).SerializeToString(), "REC254", ""),
    "a wrong clearance": (
        wire.ScreenStreamRequest(records=[payment()], cleared=[wire.Clearance()], request_id="c").SerializeToString(),
        "SCR110", "c",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_MESSAGES)
def test_a_wrong_message_is_answered_and_the_stream_goes_on(screener: Screener, serve: Serve, case: str) -> None:
    data, code, request_id = WRONG_MESSAGES[case]
    meter = Counting()
    address, _ = serve(ScreeningService(Fixed(screener), meter=meter))
    good = message(LISTED, request_id="good").SerializeToString()
    with ExitStack() as stack:
        found = [
            wire.ScreenStreamResponse.FromString(one) for one in stream_of(address, iter([good, data, good]), stack)
        ]
    assert [one.error.code for one in found] == ["", code, ""]
    wrong = found[1]
    assert wrong.error.message.startswith(code) and wrong.request_id == request_id and not wrong.verdicts
    assert wrong.index.index_id and wrong.engine_version == VERSION
    assert [list(one.verdicts) for one in (found[0], found[2])] == [[wire.VERDICT_REVIEW]] * 2
    assert ("reject", code, 1) in meter.told and meter.told.count(("payments", 1, {"review": 1})) == 2


def test_a_fault_is_answered_and_the_stream_goes_on(
    screener: Screener, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = serve(ScreeningService(Fixed(screener)))
    whole = Screener.screen_texts
    calls = iter([True, False])

    def sometimes(self: Screener, *given: Any) -> Any:
        if next(calls):
            raise ValueError(LISTED)
        return whole(self, *given)

    monkeypatch.setattr(Screener, "screen_texts", sometimes)
    requests = [message(LISTED), message(LISTED)]
    with grpc.insecure_channel(address) as channel:
        first, second = screening_pb2_grpc.ScreeningServiceStub(channel).ScreenStream(
            iter(requests), timeout=20 * PATIENCE
        )
    assert first.error.code == "SCR500" and "Дробышкин" not in str(first) and not first.verdicts
    assert list(second.verdicts) == [wire.VERDICT_REVIEW]


class Swapping:
    """Gives the first screener once, then the second; counts leases that are out."""

    def __init__(self, *screeners: Screener) -> None:
        self.screeners = list(screeners)
        self.out = 0

    @contextmanager
    def lease(self) -> Iterator[Screener]:
        self.out += 1
        try:
            yield self.screeners.pop(0) if len(self.screeners) > 1 else self.screeners[0]
        finally:
            self.out -= 1


def test_a_new_index_answers_from_the_next_message_on(screener: Screener, serve: Serve, tmp_path: Path) -> None:
    rows = (
        "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset,last_seen\n"
    )
    rows += "new-1,Person,Хворостинин Архип Пантелеевич,,,,,,,,,Later,2024-06-02\n"
    (tmp_path / "targets.simple.csv").write_text(rows, "utf-8")
    build_index([tmp_path / "targets.simple.csv"], tmp_path / "later.sito")
    with Index.open(tmp_path / "later.sito") as later:
        source = Swapping(screener, Screener(later))
        address, _ = serve(ScreeningService(source))
        with grpc.insecure_channel(address) as channel:
            stub = screening_pb2_grpc.ScreeningServiceStub(channel)
            before, after = stub.ScreenStream(iter([message(UNLISTED, LISTED)] * 2), timeout=20 * PATIENCE)
        assert list(before.verdicts) == [wire.VERDICT_PASS, wire.VERDICT_REVIEW]
        assert list(after.verdicts) == [wire.VERDICT_REVIEW, wire.VERDICT_PASS]
        assert [one.edition_date for one in before.index.editions] == ["2024-05-02"]
        assert [one.edition_date for one in after.index.editions] == ["2024-06-02"]
        assert before.index.index_id != after.index.index_id
        assert source.out == 0


def test_the_server_reads_a_few_messages_ahead_and_no_more(screener: Screener, serve: Serve) -> None:
    go = threading.Event()

    class Slow(Swapping):
        @contextmanager
        def lease(self) -> Iterator[Screener]:
            go.wait(20 * PATIENCE)
            yield self.screeners[0]

    address, _ = serve(ScreeningService(Slow(screener)))
    large = message(*["я" * 40_000] * 25).SerializeToString()  # 2 MB
    taken: list[int] = []

    def messages() -> Iterator[bytes]:
        for number in range(40):
            taken.append(number)
            yield large

    with ExitStack() as stack:
        stream = stream_of(address, messages(), stack)
        time.sleep(0.5)
        assert len(taken) <= 8  # one at work, one or two under way, and what both ends hold
        go.set()
        assert sum(1 for _ in stream) == 40


def test_a_client_that_goes_away_ends_the_work(screener: Screener, serve: Serve) -> None:
    source, meter = Swapping(screener), Counting()
    address, _ = serve(ScreeningService(source, meter=meter))
    with ExitStack() as stack:
        stream = stream_of(address, iter([message(LISTED).SerializeToString()] * 100_000), stack)
        next(stream)
        stream.cancel()
    end = time.monotonic() + 20 * PATIENCE
    while time.monotonic() < end:
        count = len(meter.told)
        time.sleep(0.2)
        if len(meter.told) == count and source.out == 0:
            break
    assert sum(told[0] == "payments" for told in meter.told) < 50_000
    assert len(meter.told) == count


class Full:
    """An admission that refuses some messages."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)

    @contextmanager
    def enter(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> Iterator[None]:
        code = self.codes.pop(0) if self.codes else ""
        if code:
            raise ScreenError(code, expected="room", got="none")
        yield

    def retry_ms(self) -> int:
        return 7


def test_a_full_server_says_when_to_come_back(screener: Screener, serve: Serve) -> None:
    address, _ = serve(ScreeningService(Fixed(screener), admission=Full("SCR411", "SCR411", "", "SCR412")))
    with grpc.insecure_channel(address) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Screen(wire.ScreenRequest(record=payment()))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert ("grpc-retry-pushback-ms", "7") in caught.value.trailing_metadata()
        stream = stub.ScreenStream(iter([message(LISTED, request_id="a")] * 3), timeout=20 * PATIENCE)
        first = next(stream)
        assert (first.error.code, first.error.retry_after_ms, first.request_id) == ("SCR411", 7, "")
        assert list(next(stream).verdicts) == [wire.VERDICT_REVIEW]
        with pytest.raises(grpc.RpcError) as caught:
            next(stream)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_work_that_nobody_waits_for_any_more_is_dropped(screener: Screener, serve: Serve) -> None:
    class Crowded(Full):
        @contextmanager
        def enter(self, method: str, size_bytes: int, context: grpc.ServicerContext) -> Iterator[None]:
            time.sleep(1.0)
            yield

    meter = Counting()
    address, _ = serve(ScreeningService(Fixed(screener), admission=Crowded(), meter=meter))
    with grpc.insecure_channel(address) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.Screen(wire.ScreenRequest(record=payment()), timeout=0.3)
        call = stub.ScreenBatch.future(wire.ScreenBatchRequest(records=[payment()]), timeout=20 * PATIENCE)
        time.sleep(0.3)
        call.cancel()
        end = time.monotonic() + 20 * PATIENCE
        while len(meter.told) < 2 and time.monotonic() < end:
            time.sleep(0.05)
    assert sorted(meter.told) == [("dropped", "cancelled", 1), ("dropped", "deadline", 1)]


def test_request_ids_come_back_and_stand_in_the_log(
    client: ScreeningClient, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    metadata = (("x-request-id", "outer"), ("traceparent", trace))
    with caplog.at_level("DEBUG", "sito_server"), grpc.insecure_channel(address) as channel:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        calls: list[tuple[Any, Any]] = [
            (stub.Screen, wire.ScreenRequest(record=payment())),
            (stub.ScreenBatch, wire.ScreenBatchRequest(records=[payment()])),
            (stub.Check, wire.CheckRequest(name=UNLISTED)),
            (stub.GetIndex, wire.GetIndexRequest()),
        ]
        for call, request in calls:
            assert call(request, metadata=metadata).request_id == "outer"
            request.request_id = "inner"
            assert call(request, metadata=metadata).request_id == "inner"
            request.request_id = "in ner"
            with pytest.raises(grpc.RpcError, match="REC254"):
                call(request)
    facts = [record.facts for record in caplog.records if record.name == "sito_server"]  # type: ignore[attr-defined]
    assert [fact.get("request_id") for fact in facts] == ["outer", "inner", None] * 4
    assert all(fact["trace_id"] == trace[3:35] for fact in facts if "request_id" in fact)
    assert client.screen(payment(), request_id="mine").request_id == "mine"


# --- the client -----------------------------------------------------------------------------------------------


def test_many_records_are_answered_in_their_order(client: ScreeningClient) -> None:
    records = [payment(LISTED if n % 7 == 0 else UNLISTED, str(n)) for n in range(1_003)]
    records[500].payment.parties[0].name = "★"
    answers = list(client.screen_many(iter(records), batch_size=50, in_flight=3))
    assert [answer.record.record_id for answer in answers] == [str(n) for n in range(1_003)]
    for n, answer in enumerate(answers):
        listed = wire.VERDICT_REVIEW if n % 7 == 0 else wire.VERDICT_PASS
        assert answer.verdict == (wire.VERDICT_UNSPECIFIED if n == 500 else listed)
        assert (answer.result is not None) == (listed == wire.VERDICT_REVIEW)
        assert (answer.error is not None) == (n == 500)
    assert list(client.screen_many([])) == []


def test_records_are_read_when_there_is_room(client: ScreeningClient) -> None:
    taken = []

    def records() -> Iterator[wire.Record]:
        for n in range(1_000):
            taken.append(n)
            yield payment(record_id=str(n))

    answers = client.screen_many(records(), batch_size=10, in_flight=2)
    next(answers)
    assert len(taken) <= 40
    answers.close()  # type: ignore[attr-defined]


def test_long_records_make_smaller_messages(client: ScreeningClient) -> None:
    records = [payment("я" * 90_000, str(n)) for n in range(120)]  # 21 MB
    assert sum(answer.verdict != 0 for answer in client.screen_many(records)) == 120


def test_limits_of_the_client_are_checked(client: ScreeningClient) -> None:
    for limits in ({"batch_size": 0}, {"batch_size": 10_001}, {"in_flight": 0}):
        with pytest.raises(ScreenError, match="SCR307"):
            client.screen_many([payment()], **limits)  # type: ignore[arg-type]


def test_a_full_server_is_asked_again(screener: Screener, serve: Serve) -> None:
    full = Full(*["SCR411"] * 3)
    address, _ = serve(ScreeningService(Fixed(screener), admission=full))
    with ScreeningClient(address, timeout_s=20 * PATIENCE, retry=QUICK) as client:
        assert client.screen(payment(LISTED)).verdict == wire.VERDICT_REVIEW
        full.codes = ["SCR411", "", "SCR411", "", "SCR411"]
        answers = list(client.screen_many([payment(LISTED, str(n)) for n in range(50)], batch_size=5))
        assert [answer.record.record_id for answer in answers] == [str(n) for n in range(50)]
        full.codes = ["SCR411"] * 4
        with pytest.raises(ScreenError, match="SCR411"):
            client.screen(payment())
        full.codes = ["SCR411"] * 100
        with pytest.raises(ScreenError, match=r"SCR306 .*SCR411"):
            list(client.screen_many([payment()]))
        full.codes = []
        with pytest.raises(ScreenError, match=r"SCR306 .*SCR110"):
            list(client.screen_many([payment()], [wire.Clearance()]))
        with pytest.raises(RecordError, match="REC251"):
            client.check("★")


def test_a_stopping_server_loses_nothing(screener: Screener, serve: Serve) -> None:
    first, second = ScreeningService(Fixed(screener)), ScreeningService(Fixed(screener))
    address, server = serve(first)
    with ScreeningClient(address, timeout_s=20 * PATIENCE, retry=RetryPolicy(50, 0.05, 0.1)) as client:
        answers = client.screen_many([payment(LISTED, str(n)) for n in range(400)], batch_size=10)
        seen = [next(answers).record.record_id]
        first.drain()
        seen += [next(answers).record.record_id for _ in range(9)]
        server.stop(0).wait()
        serve(second, address)
        seen += [answer.record.record_id for answer in answers]
    assert seen == [str(n) for n in range(400)]


def test_a_late_answer_is_an_error(screener: Screener, serve: Serve) -> None:
    class Stuck(Swapping):
        @contextmanager
        def lease(self) -> Iterator[Screener]:
            time.sleep(1.0)
            yield self.screeners[0]

    address, _ = serve(ScreeningService(Stuck(screener)))
    with ScreeningClient(address, timeout_s=0.2) as client:
        with pytest.raises(ScreenError, match="SCR302"):
            client.screen(payment())
        with pytest.raises(ScreenError, match="SCR302"):
            list(client.screen_many([payment()]))


def answer_to(request: wire.ScreenStreamRequest, **fields: Any) -> wire.ScreenStreamResponse:
    verdicts = [wire.VERDICT_PASS] * len(request.records)
    return wire.ScreenStreamResponse(**{"verdicts": verdicts, "request_id": request.request_id, **fields})


REVIEW = wire.VERDICT_REVIEW
BROKEN: dict[str, dict[str, Any]] = {
    "too few": {"verdicts": [1]},
    "too many": {"verdicts": [1, 1, 1]},
    "none": {"verdicts": []},
    "an unknown one": {"verdicts": [1, 99]},
    "not screened, without an error": {"verdicts": [1, 0]},
    "an error beside a verdict": {"errors": [wire.RecordError(position=1)]},
    "an alert without its result": {"verdicts": [1, REVIEW]},
    "another verdict": {"results": [wire.RecordResult(position=0, record_id="p", verdict=REVIEW)]},
    "another record": {"verdicts": [REVIEW, 1], "results": [wire.RecordResult(record_id="q", verdict=REVIEW)]},
    "a record that was not sent": {"results": [wire.RecordResult(position=2, record_id="p", verdict=1)]},
    "another message": {"request_id": "17"},
    "two results of a record": {
        "verdicts": [REVIEW, 1],
        "results": [wire.RecordResult(record_id="p", verdict=verdict) for verdict in (1, REVIEW)],
    },
    "a pass with a party that did not": {
        "results": [
            wire.RecordResult(record_id="p", verdict=1, parties=[wire.PartyResult(verdict=wire.VERDICT_FREEZE)])
        ],
    },
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_no_pass(serve: Serve, case: str) -> None:
    def answer(data: bytes) -> bytes:
        return answer_to(wire.ScreenStreamRequest.FromString(data), **BROKEN[case]).SerializeToString()

    methods = {
        "ScreenStream": grpc.stream_stream_rpc_method_handler(lambda messages, _: map(answer, messages)),
        "ScreenBatch": grpc.unary_unary_rpc_method_handler(lambda data, _: answer(data)),
    }
    address, _ = serve(grpc.method_handlers_generic_handler("sito.v1.ScreeningService", methods))
    with ScreeningClient(address, timeout_s=20 * PATIENCE, retry=QUICK) as client:
        with pytest.raises(ScreenError, match="SCR304"):
            list(client.screen_many([payment()] * 2))
        with pytest.raises(ScreenError, match="SCR304"):
            client.screen_batch([payment()] * 2, request_id="7")


def test_a_stream_that_ends_early_is_an_error(serve: Serve) -> None:
    methods = {"ScreenStream": grpc.stream_stream_rpc_method_handler(lambda messages, _: iter(()))}
    address, _ = serve(grpc.method_handlers_generic_handler("sito.v1.ScreeningService", methods))
    with ScreeningClient(address, timeout_s=20 * PATIENCE) as client, pytest.raises(ScreenError, match="SCR304"):
        list(client.screen_many([payment()]))


def test_a_single_pass_with_a_party_that_did_not_is_no_pass(serve: Serve) -> None:
    answer = wire.ScreenResponse(verdict=wire.VERDICT_PASS, parties=[wire.PartyResult(verdict=REVIEW)])
    methods = {"Screen": grpc.unary_unary_rpc_method_handler(lambda data, _: answer.SerializeToString())}
    address, _ = serve(grpc.method_handlers_generic_handler("sito.v1.ScreeningService", methods))
    with ScreeningClient(address, timeout_s=20 * PATIENCE) as client, pytest.raises(ScreenError, match="SCR304"):
        client.screen(payment())


def test_a_server_that_does_not_end_the_stream_holds_nobody(serve: Serve) -> None:
    gone = threading.Event()

    def answers(messages: Iterator[bytes], _: grpc.ServicerContext) -> Iterator[bytes]:
        for data in messages:
            yield answer_to(wire.ScreenStreamRequest.FromString(data)).SerializeToString()
        gone.wait(60)

    methods = {"ScreenStream": grpc.stream_stream_rpc_method_handler(answers)}
    address, _ = serve(grpc.method_handlers_generic_handler("sito.v1.ScreeningService", methods))
    try:
        with ScreeningClient(address, timeout_s=0.5 * PATIENCE) as client:
            assert [answer.verdict for answer in client.screen_many([payment()])] == [wire.VERDICT_PASS]
    finally:
        gone.set()


def test_plain_text_goes_through_no_proxy(serve: Serve, screener: Screener, monkeypatch: pytest.MonkeyPatch) -> None:
    address, _ = serve(ScreeningService(Fixed(screener)))
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with ScreeningClient(address, timeout_s=20 * PATIENCE) as client:
            assert client.screen(payment()).verdict == wire.VERDICT_PASS
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
