from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from hypothesis import given, settings
from hypothesis import strategies as st

from sito import ScreenConfig, Screener
from sito.client import ScreeningClient
from sito.errors import RecordError, ScreenError, SitoError
from sito.records import Role
from sito.v1 import screening_pb2 as wire
from sito.v1 import screening_pb2_grpc
from sito.version import VERSION
from sito_server import convert, service
from sito_server.host import Host
from sito_server.logs import LineFormatter
from sito_server.status import status_of

LISTED = "Дробышкин Еремей Фаддеевич"
UNLISTED = "Хворостинин Архип Пантелеевич"


def payment(*names: str, purpose: str = "", record_id: str = "p", **fields: str) -> wire.Record:
    roles = (wire.ROLE_DEBTOR, wire.ROLE_CREDITOR, wire.ROLE_ULTIMATE_CREDITOR)
    parties = [wire.Party(role=role, name=name) for role, name in zip(roles, names, strict=False)]
    return wire.Record(record_id=record_id, payment=wire.Payment(parties=parties, purpose=purpose, **fields))


def customer(name: str = "", **fields: Any) -> wire.Record:
    return wire.Record(record_id="c", customer=wire.Customer(party=wire.Party(name=name, **fields)))


def refusal(call: Callable[[], object]) -> tuple[grpc.StatusCode, str, list[str]]:
    """Return (status, sito code, wrong fields) of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    status = rpc_status.from_call(caught.value)
    assert status is not None
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        assert detail.Unpack(info) or detail.Unpack(request)
    assert info.domain == "sito.v1"
    assert status.message.startswith(info.reason)
    return caught.value.code(), info.reason, [violation.field for violation in request.field_violations]


@pytest.fixture(scope="module")
def stub(address: str) -> Any:
    with grpc.insecure_channel(address) as channel:
        yield screening_pb2_grpc.ScreeningServiceStub(channel)


# --- answers --------------------------------------------------------------------------------------------------


def test_a_listed_debtor_is_reviewed_with_the_hit_and_why(client: ScreeningClient) -> None:
    answer = client.screen(payment(LISTED, UNLISTED, purpose="за товар", record_id="A-17"))
    assert answer.record_id == "A-17"
    assert answer.verdict == wire.VERDICT_REVIEW
    (party,) = answer.parties
    assert (party.role, party.verdict, party.truncated) == (wire.ROLE_DEBTOR, wire.VERDICT_REVIEW, False)
    (hit,) = party.hits
    assert (hit.entry_id, hit.list_id) == ("inv-1", "OS-INVENTED")
    assert hit.score >= 0.95 and hit.grade == wire.GRADE_STRONG and hit.reasons


def test_an_unlisted_payment_passes_without_hits(client: ScreeningClient) -> None:
    answer = client.screen(payment(UNLISTED, "ООО Ландышпромбета", amount="1500.00", currency="RUB", date="2024-05-02"))
    assert answer.verdict == wire.VERDICT_PASS and not answer.parties


def test_a_listed_name_in_the_purpose_is_found(client: ScreeningClient) -> None:
    answer = client.screen(payment(UNLISTED, purpose="Оплата по договору 7 за ООО «Тюльпанстройгамма», без НДС"))
    assert [(party.role, party.hits[0].entry_id) for party in answer.parties] == [(wire.ROLE_PURPOSE, "inv-2")]


def test_full_name_and_birth_date_make_an_exact_hit(client: ScreeningClient) -> None:
    answer = client.screen(customer(LISTED, birth_date="09.03.1971", kind=wire.PARTY_KIND_PERSON))
    assert answer.parties[0].role == wire.ROLE_CUSTOMER
    assert answer.parties[0].hits[0].grade == wire.GRADE_EXACT


def test_a_number_alone_is_screened(client: ScreeningClient) -> None:
    number = wire.Identifier(type=wire.IDENTIFIER_TYPE_INN, number="9999000126")
    for party in (
        wire.Party(role=wire.ROLE_CREDITOR, identifiers=[number]),
        wire.Party(role=wire.ROLE_CREDITOR, name="ИНН 9999000126"),
        wire.Party(role=wire.ROLE_DEBTOR_AGENT, identifiers=[number]),
    ):
        answer = client.screen(wire.Record(payment=wire.Payment(parties=[party])))
        assert [hit.entry_id for hit in answer.parties[0].hits] == ["inv-2"]
        assert answer.parties[0].hits[0].grade == wire.GRADE_EXACT


def test_an_alias_is_screened_even_without_a_name(client: ScreeningClient) -> None:
    assert client.screen(customer(UNLISTED, aliases=[LISTED])).verdict == wire.VERDICT_REVIEW
    assert client.screen(customer("", aliases=[LISTED])).verdict == wire.VERDICT_REVIEW


def test_field_noise_is_taken_out_as_in_files(client: ScreeningClient) -> None:
    answer = client.screen(payment(f"ИП {LISTED}//РФ, 630000, г. Энск, ул. Садовая, д. 1//"))
    assert answer.parties[0].hits[0].entry_id == "inv-1"


def test_a_batch_has_one_verdict_a_record_in_order_and_results_for_alerts_only(client: ScreeningClient) -> None:
    records = [
        payment(UNLISTED),
        payment(UNLISTED, LISTED, record_id="x"),
        customer("Zephyrine Quokka"),
        payment(UNLISTED),
    ]
    answer = client.screen_batch(records)
    review, passed = wire.VERDICT_REVIEW, wire.VERDICT_PASS
    assert list(answer.verdicts) == [passed, review, review, passed]
    assert [(result.position, result.record_id, result.verdict) for result in answer.results] == [
        (1, "x", review),
        (2, "c", review),
    ]
    assert [party.role for party in answer.results[0].parties] == [wire.ROLE_CREDITOR]


def test_verdicts_of_a_batch_are_packed() -> None:
    assert wire.ScreenBatchResponse(verdicts=[wire.VERDICT_PASS] * 3).SerializeToString() == b"\x0a\x03\x01\x01\x01"


names = st.sampled_from([LISTED, UNLISTED, "Drobyshkin Y", "Tyulpanstroygamma", "Quokka", "ООО Ромашка", "Еремей 7"])


@settings(max_examples=15)
@given(st.lists(st.tuples(names, names, st.sampled_from(["", "аванс", LISTED])), min_size=1, max_size=8))
def test_a_batch_answers_as_single_calls_do(client: ScreeningClient, rows: list[tuple[str, str, str]]) -> None:
    records = [payment(debtor, creditor, purpose=purpose) for debtor, creditor, purpose in rows]
    batch = client.screen_batch(records)
    singles = [client.screen(record) for record in records]
    assert list(batch.verdicts) == [single.verdict for single in singles]
    alerts = [single for single in singles if single.verdict != wire.VERDICT_PASS]
    assert [list(result.parties) for result in batch.results] == [list(single.parties) for single in alerts]


def test_equal_record_ids_do_not_mix_results(client: ScreeningClient) -> None:
    answer = client.screen_batch([payment(UNLISTED, record_id="1"), payment(LISTED, record_id="0"), payment(UNLISTED)])
    assert [result.position for result in answer.results] == [1]


def test_check_agrees_with_the_library(client: ScreeningClient, screener: Screener) -> None:
    answer = client.check("Eremey Drobyshkin", birth_date="1971", kind=wire.PARTY_KIND_PERSON)
    result = screener.check("Eremey Drobyshkin", birth_date="1971")
    assert [(hit.entry_id, hit.score, list(hit.reasons)) for hit in answer.hits] == [
        (hit.entry_id, hit.score, list(hit.reasons)) for hit in result.hits
    ]
    assert answer.verdict == wire.VERDICT_REVIEW
    assert client.check(UNLISTED).verdict == wire.VERDICT_PASS


def test_every_answer_says_which_index_and_engine_gave_it(client: ScreeningClient) -> None:
    description = client.get_index()
    assert re.fullmatch("[0-9a-f]{64}", description.index.index_id)
    assert [(one.list_id, one.edition_date) for one in description.index.editions] == [("OS-INVENTED", "2024-05-02")]
    (edition,) = description.editions
    assert (description.entry_count, edition.entry_count, edition.files[0].name) == (3, 3, "targets.simple.csv")
    for answer in (
        client.screen(payment(UNLISTED)), client.screen_batch([payment(UNLISTED)]), client.check(UNLISTED), description,
    ):  # fmt: skip
        assert answer.index == description.index and answer.engine_version == VERSION


def test_threads_share_the_server(client: ScreeningClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda i: client.screen(payment(LISTED if i % 2 else UNLISTED)).verdict, range(60)))
    assert verdicts == [wire.VERDICT_PASS, wire.VERDICT_REVIEW] * 30


def test_wire_enums_carry_every_word_of_the_library() -> None:
    assert set(convert.ROLE_NUMBERS) == {role.value for role in Role}
    assert set(convert.VERDICTS.values()) == set(wire.Verdict.values()) - {0}
    assert set(convert.GRADES.values()) == set(wire.Grade.values()) - {0}
    assert set(convert.SEVERITY) == set(convert.VERDICTS)
    assert set(convert.KINDS) == set(wire.PartyKind.values())


# --- errors: never a verdict ----------------------------------------------------------------------------------

DEBTOR = wire.ROLE_DEBTOR
INN = wire.IDENTIFIER_TYPE_INN


def one_party(**fields: Any) -> wire.Record:
    return wire.Record(payment=wire.Payment(parties=[wire.Party(role=DEBTOR, **fields)]))


WRONG = {
    "neither": (wire.Record(), "REC251", "subject"),
    "empty payment": (wire.Record(payment=wire.Payment()), "REC205", "payment.parties"),
    "blank purpose": (payment(purpose=" . "), "REC251", "payment.purpose"),
    "empty customer": (wire.Record(customer=wire.Customer()), "REC251", "customer.party.name"),
    "name of marks": (payment("★ — …"), "REC251", "payment.parties[0].name"),
    "name of a script that folds to nothing": (payment("𒀀𒀁"), "REC251", "payment.parties[0].name"),
    "second party nameless": (payment(UNLISTED, " "), "REC251", "payment.parties[1].name"),
    "NUL": (payment("А\x00Б"), "REC201", "payment.parties[0].name"),
    "long name": (payment("я" * 100_001), "REC210", "payment.parties[0].name"),
    "long purpose": (payment(UNLISTED, purpose="я" * 100_001), "REC210", "payment.purpose"),
    "long id": (payment(UNLISTED, record_id="7" * 1_001), "REC210", "record_id"),
    "no role": (
        wire.Record(payment=wire.Payment(parties=[wire.Party(name=UNLISTED)])), "REC252", "payment.parties[0].role",
    ),
    "role of another time": (
        wire.Record(payment=wire.Payment(parties=[wire.Party(role=99, name=UNLISTED)])),  # type: ignore[arg-type]
        "REC252", "payment.parties[0].role",
    ),
    "customer with a role": (customer(UNLISTED, role=DEBTOR), "REC252", "customer.party.role"),
    "kind of another time": (one_party(name=UNLISTED, kind=99), "REC252", "payment.parties[0].kind"),
    "birth date": (customer(UNLISTED, birth_date="31.02.1970"), "REC206", "customer.party.birth_date"),
    "amount": (payment(UNLISTED, amount="много"), "REC207", "payment.amount"),
    "currency": (payment(UNLISTED, currency="рубль"), "REC209", "payment.currency"),
    "date": (payment(UNLISTED, date="вчера"), "REC206", "payment.date"),
    "type of number": (
        one_party(name=UNLISTED, identifiers=[wire.Identifier(number="1")]),
        "REC252", "payment.parties[0].identifiers[0].type",
    ),
    "empty number": (
        one_party(name=UNLISTED, identifiers=[wire.Identifier(type=INN, number=" - ")]),
        "REC251", "payment.parties[0].identifiers[0].number",
    ),
    "many parties": (
        wire.Record(payment=wire.Payment(parties=[wire.Party(role=DEBTOR, name=UNLISTED)] * 101)),
        "REC253", "payment.parties",
    ),
    "many aliases": (customer(UNLISTED, aliases=["а"] * 1_001), "REC253", "customer.party.aliases"),
    "alias of marks": (customer(UNLISTED, aliases=["а", "★"]), "REC251", "customer.party.aliases[1]"),
    "many numbers": (
        one_party(name=UNLISTED, identifiers=[wire.Identifier(type=INN, number="1")] * 101),
        "REC253", "payment.parties[0].identifiers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_record_is_an_error_that_names_the_field(stub: Any, case: str) -> None:
    record, code, field = WRONG[case]
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert refusal(lambda: stub.Screen(wire.ScreenRequest(record=record))) == (invalid, code, [f"record.{field}"])
    batch = wire.ScreenBatchRequest(records=[payment(UNLISTED), record, payment(LISTED)])
    answer = stub.ScreenBatch(batch)
    assert list(answer.verdicts) == [wire.VERDICT_PASS, wire.VERDICT_UNSPECIFIED, wire.VERDICT_REVIEW]
    assert [(error.position, error.code, error.field) for error in answer.errors] == [(1, code, field)]


def test_limits_are_inclusive(client: ScreeningClient) -> None:
    aliases = [f"Квашнин{i}" for i in range(999)]
    answer = client.screen(customer("я" * 100_000, aliases=[*aliases, LISTED]))
    assert answer.verdict == wire.VERDICT_REVIEW
    assert client.screen(payment(UNLISTED, record_id="7" * 1_000)).record_id == "7" * 1_000


@pytest.mark.parametrize("request_", [wire.CheckRequest(), wire.CheckRequest(name="𒀀"), wire.CheckRequest(name="—")])
def test_check_refuses_what_it_cannot_look_up(stub: Any, request_: wire.CheckRequest) -> None:
    assert refusal(lambda: stub.Check(request_)) == (grpc.StatusCode.INVALID_ARGUMENT, "REC251", ["name"])


def test_a_batch_of_ten_thousand_is_taken_and_one_more_or_none_is_not(client: ScreeningClient, stub: Any) -> None:
    records = [payment(UNLISTED)] * 9_999 + [payment(LISTED)]
    answer = client.screen_batch(records)
    assert len(answer.verdicts) == 10_000 and [result.position for result in answer.results] == [9_999]
    for batch in ([*records, payment(UNLISTED)], []):
        request = wire.ScreenBatchRequest(records=batch)
        assert refusal(lambda: stub.ScreenBatch(request)) == (grpc.StatusCode.INVALID_ARGUMENT, "SCR401", [])  # noqa: B023


def test_each_wrong_record_has_its_error(stub: Any) -> None:
    answer = stub.ScreenBatch(wire.ScreenBatchRequest(records=[wire.Record()] * 10_000))
    assert [error.position for error in answer.errors] == list(range(10_000))
    assert set(answer.verdicts) == {wire.VERDICT_UNSPECIFIED}


def test_details_of_an_error_stay_below_what_clients_take_of_a_header() -> None:
    violations = [convert.Violation("f" * 1_000, "REC206", "e" * 1_000, "g" * 1_000)] * 500
    wrong = ScreenError("SCR401", expected="e" * 10_000, got="g" * 10_000, where="w" * 10_000, todo="t" * 10_000)
    for found in (violations, []):
        metadata = dict(status_of(wrong, found, retry_ms=50).trailing_metadata)
        assert metadata["grpc-retry-pushback-ms"] == "50"
        details = metadata["grpc-status-details-bin"]
        assert len(base64.b64encode(details)) < 8 << 10  # as it stands in the header
        status = status_pb2.Status.FromString(details)
        assert any(detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for detail in status.details)


def test_a_batch_of_too_many_texts_is_refused(stub: Any) -> None:
    crowd = customer(UNLISTED, aliases=["а"] * 1_000)
    batch = wire.ScreenBatchRequest(records=[crowd] * 200)
    assert refusal(lambda: stub.ScreenBatch(batch)) == (grpc.StatusCode.INVALID_ARGUMENT, "SCR402", [])


def test_a_message_above_the_limit_is_refused(client: ScreeningClient) -> None:
    records = [payment("я" * 90_000)] * 100
    with pytest.raises(ScreenError, match=r"SCR303 .*RESOURCE_EXHAUSTED"):
        client.screen_batch(records)


def test_an_answer_above_the_limit_is_an_error(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RESPONSE_SIZE_MAX", 100)
    request = wire.ScreenRequest(record=payment(LISTED))
    assert refusal(lambda: stub.Screen(request)) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SCR403", [])


def test_broken_bytes_are_an_error(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        for data in (b"\xff\xff\xff", b"\x0a\x05\x12\x03\x12\x01\xff"):
            for method in ("Screen", "ScreenBatch"):
                call = channel.unary_unary(f"/sito.v1.ScreeningService/{method}")
                assert refusal(lambda: call(data)) == (grpc.StatusCode.INVALID_ARGUMENT, "SCR404", [])  # noqa: B023


def test_a_fault_is_an_internal_error_that_tells_and_logs_no_name(
    screener: Screener, serving: Callable[..., Host], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(f"cannot screen {LISTED}")

    host = serving(screener)
    monkeypatch.setattr(Screener, "screen_single", broken)
    with grpc.insecure_channel(str(host.address)) as channel, caplog.at_level(logging.DEBUG):
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        request = wire.ScreenRequest(record=payment(LISTED))
        assert refusal(lambda: stub.Screen(request)) == (grpc.StatusCode.INTERNAL, "SCR500", [])
        with pytest.raises(grpc.RpcError) as caught:
            stub.Screen(request)
    assert "Дробышкин" not in str(caught.value)
    lines = [LineFormatter().format(record) for record in caplog.records if record.name == "sito_server"]
    assert {json.loads(line)["event"] for line in lines} == {"fault", "refused"}
    assert "ValueError" in lines[0] and not any("Дробышкин" in line for line in lines)


def test_logs_of_calls_hold_counts_and_no_names(client: ScreeningClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sito_server"):
        client.screen_batch([payment(LISTED, purpose="за пряники")] * 3)
        with pytest.raises(RecordError):
            client.screen(payment(LISTED, date="вчера"))
    lines = [json.loads(LineFormatter().format(record)) for record in caplog.records if record.name == "sito_server"]
    calls = [(line["event"], line["method"], line["records"], line["status"], line.get("code")) for line in lines]
    assert calls == [
        ("call", "ScreenBatch", 3, "OK", None),
        ("refused", "Screen", 1, "INVALID_ARGUMENT", "REC206"),
    ]
    assert not re.search("[А-Яа-я]", json.dumps(lines, ensure_ascii=False))


def test_a_logged_exception_is_one_line_without_its_text() -> None:
    try:
        raise ValueError(LISTED)
    except ValueError as error:
        record = logging.LogRecord(
            "grpc", logging.ERROR, "", 0, f"call: {error}", (), (ValueError, error, error.__traceback__)
        )
    line = LineFormatter().format(record)
    assert "\n" not in line and "Дробышкин" not in line
    assert (json.loads(line)["event"], json.loads(line)["kind"]) == ("fault", "ValueError")


# --- health and reflection ------------------------------------------------------------------------------------


def test_health_serves_and_says_when_it_stops(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(screener)
    with grpc.insecure_channel(str(host.address)) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "sito.v1.ScreeningService"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            stub.Check(health_pb2.HealthCheckRequest(service="elsewhere"), timeout=10)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=10)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        host.stop(0.2)
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_reflection_and_watch_streams_take_no_screening_thread(
    screener: Screener, serving: Callable[..., Host]
) -> None:
    host = serving(screener, threads=1)
    with (
        grpc.insecure_channel(str(host.address)) as channel,
        ScreeningClient(str(host.address), timeout_s=10) as client,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=10)
        next(watch)
        more = reflection_pb2.ServerReflectionRequest(list_services="")
        held = iter([more])

        def requests() -> Any:
            yield next(held)
            while channel_open:
                client.check(UNLISTED)  # the stream is still open here
                return

        channel_open = True
        stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(requests(), timeout=10)
        services = {service.name for service in next(stream).list_services_response.service}
        assert services == {
            "sito.v1.ScreeningService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection",
        }
        assert client.check(UNLISTED).verdict == wire.VERDICT_PASS
        watch.cancel()


def test_reflection_describes_the_contract(address: str) -> None:
    ask = reflection_pb2.ServerReflectionRequest(file_containing_symbol="sito.v1.ScreeningService")
    with grpc.insecure_channel(address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        (answer,) = stub.ServerReflectionInfo(iter([ask]), timeout=10)
    files = answer.file_descriptor_response.file_descriptor_proto
    assert wire.DESCRIPTOR.serialized_pb in files


# --- the client fails closed ----------------------------------------------------------------------------------


class Impostor(screening_pb2_grpc.ScreeningServiceServicer):
    """A server that answers wrongly."""

    def Screen(self, request: wire.ScreenRequest, context: Any) -> wire.ScreenResponse:  # noqa: N802
        return wire.ScreenResponse()

    def ScreenBatch(self, request: wire.ScreenBatchRequest, context: Any) -> wire.ScreenBatchResponse:  # noqa: N802
        return wire.ScreenBatchResponse(verdicts=[wire.VERDICT_PASS] * (len(request.records) - 1))

    def Check(self, request: wire.CheckRequest, context: Any) -> wire.CheckResponse:  # noqa: N802
        return wire.CheckResponse(verdict=99)  # type: ignore[arg-type]


def test_the_client_takes_no_odd_answer_for_a_pass() -> None:
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        screening_pb2_grpc.add_ScreeningServiceServicer_to_server(Impostor(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with ScreeningClient(f"127.0.0.1:{port}", timeout_s=10) as client:
            for call in (
                lambda: client.screen(payment(UNLISTED)),
                lambda: client.screen_batch([payment(UNLISTED)] * 2),
                lambda: client.check(UNLISTED),
            ):
                with pytest.raises(ScreenError, match="SCR304"):
                    call()
            with pytest.raises(ScreenError, match=r"SCR303 .*UNIMPLEMENTED"):
                client.get_index()
        server.stop(None).wait()


def test_the_client_returns_the_error_of_the_server(client: ScreeningClient) -> None:
    with pytest.raises(RecordError) as caught:
        client.screen(payment(LISTED, date="вчера"))
    assert caught.value.code == "REC206"
    assert caught.value.where == "record.payment.date"
    with pytest.raises(ScreenError, match="SCR401"):
        client.screen_batch([])


def test_the_client_says_when_nobody_answers(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(screener)
    host.stop(0)
    with ScreeningClient(str(host.address), timeout_s=10) as client, pytest.raises(ScreenError, match="SCR301"):
        client.check(UNLISTED)


@pytest.mark.parametrize(
    "target", ["192.0.2.1:50051", "bank.example:50051", "dns:///127.0.0.1:50051", "[2001:db8::1]:1"]
)
def test_the_client_sends_nothing_in_the_clear_to_other_machines(target: str) -> None:
    with pytest.raises(ScreenError, match="SCR305"):
        ScreeningClient(target)


def test_cleared_pairs_are_silent_over_the_wire(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(Screener(screener.index, ScreenConfig(fingerprints=True)))
    party = wire.Party(role=wire.ROLE_DEBTOR, name="Дробышкин Еремей Фаддеевич")
    record = wire.Record(record_id="a", payment=wire.Payment(parties=[party]))
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        (found,) = client.screen(record).parties
        clearance = wire.Clearance(
            list_id=found.hits[0].list_id, entry_id=found.hits[0].entry_id, record_id="a", role=wire.ROLE_DEBTOR,
            party_fingerprint=found.party_fingerprint, entry_fingerprint=found.hits[0].entry_fingerprint,
        )  # fmt: skip
        silent = client.screen(record, [clearance])
        assert silent.verdict == wire.VERDICT_PASS
        assert [(hit.entry_id, hit.edition) for hit in silent.parties[0].suppressed] == [
            ("inv-1", found.hits[0].edition)
        ]
        other = wire.Record(record_id="b", payment=record.payment)
        batch = client.screen_batch([other, record, record], [clearance])
        assert list(batch.verdicts) == [wire.VERDICT_REVIEW, wire.VERDICT_PASS, wire.VERDICT_PASS]
        assert [result.position for result in batch.results] == [0, 1, 2]
        changed = wire.Clearance()
        changed.CopyFrom(clearance)
        changed.party_fingerprint = "0" * 64
        stale = client.screen(record, [changed])
        assert stale.verdict == wire.VERDICT_REVIEW
        assert [one.reason for one in stale.parties[0].stale] == [wire.STALE_REASON_PARTY_CHANGED]
        changed.entry_fingerprint = "x"
        with pytest.raises(SitoError) as caught:
            client.screen(record, [changed])
        assert caught.value.code == "SCR110"
        changed.CopyFrom(clearance)
        changed.record_id = ""
        with pytest.raises(SitoError) as caught:
            client.screen(record, [changed])
        assert caught.value.code == "SCR110"
        with pytest.raises(SitoError) as caught:
            client.screen(record, [wire.Clearance(role=99)])  # type: ignore[arg-type]  # a newer client
        assert caught.value.code == "REC252"
