"""The verdicts of the policy over gRPC: every method, plain records and others. All names are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sito import Index, Screener, build_index
from sito.client import ScreeningClient
from sito.errors import PolicyError, SitoError
from sito.v1 import screening_pb2 as wire
from sito_server.config import load
from sito_server.convert import SEVERITY, VERDICTS
from sito_server.host import Host
from sito_server.verdicts import Sitting, Verdicts, moscow_day, policy_of

LISTED, BORN = "Чертополохов Евлампий Савватеевич", "1971-03-14"
HEADER = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
    '"program_ids","dataset","first_seen","last_seen","last_change"\n'
)
OWN = (
    '[policy]\nid = "bank"\nversion = "7"\ntitle = "t"\nvalid_from = 2024-01-01\n[[rule]]\nid = "B-1"\nlaw = "l"\n'
    'certainty = "S"\nsource = "s"\nverdict = "suspend"\nreason = "r"\n'
)


@pytest.fixture(scope="module")
def te_screener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screener]:
    folder = tmp_path_factory.mktemp("te")
    row = ",".join(f'"{cell}"' for cell in ("T-1", "Person", LISTED, "", BORN, *[""] * 7, "invented", "", "", ""))
    (folder / "te.csv").write_text(f"{HEADER}{row}\n", "utf-8")
    build_index([folder / "te.csv"], folder / "te.index", list_id="RU-TE")
    with Index.open(folder / "te.index") as index:
        yield Screener(index)


@pytest.fixture(scope="module")
def te_client(te_screener: Screener) -> Iterator[ScreeningClient]:
    from sito_server.service import Fixed

    host = Host(Fixed(te_screener), load({"index": "-", "listen": "127.0.0.1:0", "processes": 1}, environment={}))
    host.start()
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        yield client
    host.stop(1.0)


def payment(role: int, side: int = 0, operation: int = 0, *, alias: str = "", born: str = BORN) -> wire.Record:
    party = wire.Party(role=role, name=LISTED, birth_date=born, aliases=[alias] if alias else [])  # type: ignore[arg-type]
    return wire.Record(
        record_id="p",
        payment=wire.Payment(parties=[party], client_side=side, operation=operation),  # type: ignore[arg-type]
    )


def customer(occasion: int, role: int = 0) -> wire.Record:
    party = wire.Party(role=role, name=LISTED, birth_date=BORN)  # type: ignore[arg-type]
    return wire.Record(customer=wire.Customer(party=party, occasion=occasion))  # type: ignore[arg-type]


PASSING = wire.Record(payment=wire.Payment(parties=[wire.Party(role=wire.ROLE_DEBTOR, name="Незабудкин Пахом")]))
CASES = [
    (payment(wire.ROLE_DEBTOR), "freeze", "R-TE-FREEZE"),
    (payment(wire.ROLE_DEBTOR, wire.CLIENT_SIDE_DEBTOR), "freeze", "R-TE-FREEZE"),
    (payment(wire.ROLE_CREDITOR, wire.CLIENT_SIDE_CREDITOR), "freeze", "R-TE-FREEZE/credit"),
    (payment(wire.ROLE_CREDITOR, wire.CLIENT_SIDE_CREDITOR, wire.OPERATION_SALARY), "review", "R-CARVE-WAGE"),
    (payment(wire.ROLE_CREDITOR, wire.CLIENT_SIDE_CREDITOR, wire.OPERATION_PENSION), "review", "R-CARVE-SOC"),
    (payment(wire.ROLE_CREDITOR, wire.CLIENT_SIDE_DEBTOR), "review", "R-OPER-FES"),
    (payment(wire.ROLE_ULTIMATE_DEBTOR, wire.CLIENT_SIDE_DEBTOR), "suspend", "R-SUSP"),
    (payment(wire.ROLE_DEBTOR, wire.CLIENT_SIDE_DEBTOR, born=""), "review", "R-TE-FREEZE/likeness"),
    (payment(wire.ROLE_DEBTOR, wire.CLIENT_SIDE_DEBTOR, alias="Лютиков Аристарх"), "freeze", "R-TE-FREEZE"),
    (customer(wire.OCCASION_UNSPECIFIED), "freeze", "R-TE-FREEZE"),
    (customer(wire.OCCASION_ONBOARDING), "refuse", "R-ONBOARD"),
    (customer(wire.OCCASION_REMOTE_OPENING), "refuse", "R-ONBOARD"),
    (customer(wire.OCCASION_REMOTE_OPENING, wire.ROLE_CUSTOMER), "refuse", "R-ONBOARD"),
    (customer(wire.OCCASION_REMOTE_OPENING, wire.ROLE_DIRECTOR), "refuse", "R-REMOTE"),
    (customer(wire.OCCASION_REMOTE_OPENING, wire.ROLE_PARTICIPANT), "refuse", "R-REMOTE"),
    (customer(wire.OCCASION_REMOTE_OPENING, wire.ROLE_BENEFICIAL_OWNER), "refuse", "R-REMOTE"),
    (customer(wire.OCCASION_ONBOARDING, wire.ROLE_DIRECTOR), "review", "R-ONBOARD/link"),
    (customer(wire.OCCASION_ONBOARDING, wire.ROLE_REPRESENTATIVE), "refuse", "R-ONBOARD"),
    (customer(wire.OCCASION_CHECK, wire.ROLE_BENEFICIARY), "review", "R-TE-SCREEN-NEW/link"),
]


@pytest.mark.parametrize(("record", "verdict", "rule"), CASES, ids=[f"{n}-{case[2]}" for n, case in enumerate(CASES)])
def test_a_single_record(te_client: ScreeningClient, record: wire.Record, verdict: str, rule: str) -> None:
    answer = te_client.screen(record)
    (party,) = answer.parties
    assert answer.verdict == party.verdict == VERDICTS[verdict]
    assert party.rule_id == party.hits[0].rule_id == answer.rulings[0].rule_id == rule
    assert answer.rulings[0].law.startswith("115-FZ")
    assert answer.rulings[0].reason
    assert (answer.policy.policy_id, answer.policy.version, len(answer.policy.edition)) == ("sito-default", "1.0.0", 64)


def test_a_batch_and_a_stream_give_what_single_calls_give(te_client: ScreeningClient) -> None:
    records = [PASSING, *(record for record, _, _ in CASES), PASSING]
    batch = te_client.screen_batch(records)
    assert list(batch.verdicts) == [1, *(VERDICTS[verdict] for _, verdict, _ in CASES), 1]
    assert [result.parties[0].rule_id for result in batch.results] == [rule for _, _, rule in CASES]
    assert batch.policy.policy_id == "sito-default"
    for result in batch.results:
        single = te_client.screen(records[result.position])
        assert list(single.parties) == list(result.parties)
    assert [ruling.rule_id for ruling in batch.rulings] == [*dict.fromkeys(rule for _, _, rule in CASES)]
    answers = [*te_client.screen_many(iter(records))]
    assert [answer.verdict for answer in answers] == list(batch.verdicts)
    assert list(answers[0].rulings) == list(batch.rulings)
    assert te_client.screen(PASSING).policy == batch.policy


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (payment(wire.ROLE_DEBTOR, 4), "payment.client_side"),
        (payment(wire.ROLE_DEBTOR, 0, -1), "payment.operation"),
        (customer(99), "customer.occasion"),
        (customer(wire.OCCASION_ONBOARDING, wire.ROLE_DEBTOR), "customer.party.role"),
        (customer(wire.OCCASION_ONBOARDING, wire.ROLE_PURPOSE), "customer.party.role"),
        (customer(wire.OCCASION_ONBOARDING, 99), "customer.party.role"),
    ],
)
def test_a_fact_that_is_none_is_an_error_and_no_verdict(
    te_client: ScreeningClient, record: wire.Record, field: str
) -> None:
    batch = te_client.screen_batch([record, PASSING])
    assert list(batch.verdicts) == [wire.VERDICT_UNSPECIFIED, wire.VERDICT_PASS]
    assert (batch.errors[0].code, batch.errors[0].field) == ("REC252", field)
    with pytest.raises(SitoError) as caught:
        te_client.screen(record)
    assert caught.value.code == "REC252"


def test_a_look_up(te_client: ScreeningClient) -> None:
    answer = te_client.check(LISTED, birth_date=BORN)
    assert (answer.verdict, answer.rule_id, answer.hits[0].rule_id) == (
        VERDICTS["freeze"],
        "R-TE-FREEZE",
        "R-TE-FREEZE",
    )
    assert answer.policy.policy_id == "sito-default"
    assert te_client.check("Незабудкин Пахом").rule_id == ""


def test_a_server_has_a_policy_of_its_own(te_screener: Screener, tmp_path: Path, serving: Callable[..., Host]) -> None:
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    host = serving(te_screener, policy=tmp_path / "own.toml")
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        answer = client.screen(payment(wire.ROLE_DEBTOR))
    assert (answer.verdict, answer.parties[0].rule_id) == (VERDICTS["suspend"], "B-1")
    assert (answer.policy.policy_id, answer.policy.version) == ("bank", "7")


def test_what_a_policy_lets_pass_is_a_plain_pass(
    screener: Screener, tmp_path: Path, serving: Callable[..., Host]
) -> None:
    (tmp_path / "own.toml").write_text(
        OWN.replace("[[rule]]", '[[rule]]\nwhen = { list_kind = ["foreign"] }', 1).replace('"suspend"', '"pass"')
        + OWN.split("valid_from = 2024-01-01\n")[1].replace("B-1", "B-2"),
        "utf-8",
    )
    host = serving(screener, policy=tmp_path / "own.toml")
    party = wire.Party(role=wire.ROLE_DEBTOR, name="Дробышкин Еремей Фаддеевич", birth_date="1971-03-09")
    records = [wire.Record(payment=wire.Payment(parties=[party]))] * 2
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        batch = client.screen_batch(records)
        assert (list(batch.verdicts), len(batch.results), len(batch.rulings)) == ([1, 1], 0, 0)
        single = client.screen(records[0])
        assert (single.verdict, len(single.parties)) == (1, 0)


def test_a_policy_with_a_finding_stops_the_start(te_screener: Screener, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("[[rule]]", '[[rule]]\nwhen = { role = ["payer"] }'), "utf-8")
    config = load({"index": "-", "policy": str(tmp_path / "own.toml"), "processes": 1}, environment={})
    with pytest.raises(PolicyError) as caught:
        policy_of(config)
    assert caught.value.code == "POL107"


def test_a_policy_that_ends_is_an_error_of_what_alarms_and_never_a_pass(te_screener: Screener, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("2024-01-01\n", "2024-01-01\nvalid_to = 2026-01-02\n"), "utf-8")
    config = load({"index": "-", "policy": str(tmp_path / "own.toml"), "processes": 1}, environment={})
    days = [date(2026, 1, 1)]
    verdicts = Verdicts(policy_of(config), today=lambda: days[-1])
    result = te_screener.check(LISTED, birth_date=BORN)
    assert Sitting(verdicts).of_customer(result, None).verdict == "suspend"
    days.append(days[0] + timedelta(days=1))
    with pytest.raises(PolicyError) as caught:
        Sitting(verdicts).of_customer(result, None)
    assert caught.value.code == "POL111"
    with pytest.raises(PolicyError):
        Verdicts(policy_of(config), today=lambda: days[-1])
    passing = te_screener.check("Незабудкин Пахом")
    assert Sitting(verdicts).of_customer(passing, None).verdict == "pass"  # needs no policy, by whichever door


def test_a_message_over_midnight_is_judged_by_one_day(te_screener: Screener, tmp_path: Path) -> None:
    own = OWN.replace("[[rule]]", "[[rule]]\nvalid_to = 2026-01-02", 1).replace('"B-1"', '"B-0"')
    (tmp_path / "own.toml").write_text(own + OWN.split("valid_from = 2024-01-01\n")[1], "utf-8")
    config = load({"index": "-", "policy": str(tmp_path / "own.toml"), "processes": 1}, environment={})
    days = [date(2026, 1, 1)]
    verdicts = Verdicts(policy_of(config), today=lambda: days[-1])
    result = te_screener.check(LISTED, birth_date=BORN)
    before = Sitting(verdicts)
    assert before.of_customer(result, None).rule_id == "B-0"
    days.append(date(2026, 1, 2))
    assert Sitting(verdicts).of_customer(result, None).rule_id == "B-1"
    assert before.of_customer(result, None).rule_id == "B-0"


def test_the_order_of_verdicts_is_that_of_the_policy() -> None:
    assert sorted(VERDICTS, key=lambda word: SEVERITY[word]) == ["pass", "review", "refuse", "suspend", "freeze"]  # type: ignore[index]


BANKS = [  # BIC of the payer's bank, of the payee's, what the record says; rule of the payee, who is listed
    ("044525225", "044525226", 0, "R-OPER-FES"),
    ("044525226", "044525225", 0, "R-TE-FREEZE/credit"),
    ("044525226", "044525226", 0, "R-TE-FREEZE"),
    ("044525225", "044525226", wire.CLIENT_SIDE_CREDITOR, "R-TE-FREEZE"),
    ("044525225", "", 0, "R-TE-FREEZE"),
]


def test_the_banks_of_a_payment_tell_our_side(te_screener: Screener, serving: Callable[..., Host]) -> None:
    def record(payer: str, payee: str, side: int, *, alias: str) -> wire.Record:
        def bank(bic: str) -> list[wire.Identifier]:
            return [wire.Identifier(type=wire.IDENTIFIER_TYPE_BIC, number=bic)] if bic else []

        ours = wire.Party(role=wire.ROLE_DEBTOR, name="Лютик Аристарх", identifiers=bank(payer))
        theirs = wire.Party(
            role=wire.ROLE_CREDITOR, name=LISTED, birth_date=BORN, identifiers=bank(payee),
            aliases=[alias] if alias else [],
        )  # fmt: skip
        return wire.Record(payment=wire.Payment(parties=[ours, theirs], client_side=side))  # type: ignore[arg-type]

    host = serving(te_screener, own_bic=["044525225", "TESTRUMM"])
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        for alias in ("", "Лебеда Прохор"):  # plain records, and others
            records = [record(payer, payee, side, alias=alias) for payer, payee, side, _ in BANKS]
            rules = [rule for *_, rule in BANKS]
            assert [result.parties[0].rule_id for result in client.screen_batch(records).results] == rules
            assert [client.screen(one).parties[0].rule_id for one in records] == rules


def test_a_policy_that_ends_while_a_server_runs_stops_what_alarms_by_every_door(
    te_screener: Screener, tmp_path: Path, serving: Callable[..., Host]
) -> None:
    end = moscow_day() + timedelta(days=1)
    (tmp_path / "own.toml").write_text(OWN.replace("2024-01-01\n", f"2024-01-01\nvalid_to = {end}\n"), "utf-8")
    host = serving(te_screener, policy=tmp_path / "own.toml")
    told = host.meter.registry.get_sample_value("sito_policy_ends_timestamp_seconds")
    assert told == datetime(end.year, end.month, end.day, tzinfo=timezone(timedelta(hours=3))).timestamp()
    host._service._verdicts._today = lambda: end
    alarming = payment(wire.ROLE_DEBTOR)
    with ScreeningClient(str(host.address), timeout_s=20) as client:
        doors: list[Callable[[], object]] = [
            lambda: client.screen(alarming),
            lambda: client.screen(payment(wire.ROLE_DEBTOR, alias="Лютиков Аристарх")),
            lambda: client.screen_batch([PASSING, alarming]),
            lambda: client.check(LISTED, birth_date=BORN),
            lambda: [*client.screen_many(iter([alarming]))],
        ]
        for door in doors:
            with pytest.raises(SitoError) as caught:
                door()
            assert "POL111" in str(caught.value)  # of a stream it is the reason why its message was refused
        odd = wire.Party(role=wire.ROLE_DEBTOR, name="Незабудкин Пахом", aliases=["Лютиков Аристарх"])
        near = wire.Party(role=wire.ROLE_DEBTOR, name="Чертополохов Пахом")  # something is met, and nothing alarms
        for party in (odd, near):
            record = wire.Record(payment=wire.Payment(parties=[party]))
            assert client.screen(record).verdict == wire.VERDICT_PASS
            assert list(client.screen_batch([record]).verdicts) == [wire.VERDICT_PASS]
            assert client.check(party.name).verdict == wire.VERDICT_PASS
