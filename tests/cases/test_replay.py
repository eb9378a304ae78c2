"""A case is screened again with what was in use then, and what differs is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.cases.office import SYSTEM, Office
from tests.ledger.stores import KEPT

from sito import Index, Screener, build_index
from sito.cases.replay import replay
from sito.cases.screenings import personal_of, record_of, screening_of
from sito.errors import CaseError, LedgerError
from sito.ledger import Ledger, retention, verify
from sito.policy.calendar import load_calendar
from sito.policy.deadlines import due
from sito.policy.judge import Judge
from sito.policy.verdict import Policy, default_policy
from sito.records import ClientSide, Party, Record, RecordKind, Role
from sito.screen import ScreenConfig

LISTS = Path(__file__).resolve().parents[2] / "demo/lists/ru"
AT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # the third of March in Moscow
RECORD = Record(
    "P-1", RecordKind.PAYMENT,
    (
        Party(Role.DEBTOR, "Чертополохов Евлампий Савватеевич", birth_date="1971-03-14"),
        Party(Role.CREDITOR, "Фонд Полынный берег"),
    ),
    client_side=ClientSide.DEBTOR,
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    path = tmp_path_factory.mktemp("replay") / "first.index"
    build_index([LISTS], path)
    with Index.open(path) as opened:
        yield opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.ledger.close()


def opened_case(
    office: Office,
    index: Index,
    record: Record = RECORD,
    *,
    config: ScreenConfig | None = None,
    judge: Judge | None = None,
) -> str:  # fmt: skip
    policy = default_policy()
    judge = judge or Judge(policy, AT.date())
    screener = Screener(index, config)
    judged = [(result, judge.judge_record(result, record)) for result in screener.screen(record)]
    found = screening_of(record, judged, index=index, policy=policy, client_id="C-1")
    assert found is not None
    personal = personal_of(record, judge=judge, config=config)
    return office.desk.open_case(found, personal=personal, caller=SYSTEM, request_id="p-1", at=AT).subject


def test_the_same_comes_out(office: Office, index: Index) -> None:
    case = opened_case(office, index)
    with office.ledger.read() as view:
        (one,) = replay(view, case, indexes={index.info.digest: index}, policies=[default_policy()])
    assert not one.differences
    assert (one.verdict, one.rule_id, one.record_id) == ("freeze", "R-TE-FREEZE", "P-1")
    assert one.on.isoformat() == "2026-03-03"
    assert one.hit_count >= 2


def test_a_threshold_and_a_side_that_were_given_are_given_again(office: Office, index: Index) -> None:
    record = msgspec.structs.replace(RECORD, client_side=ClientSide.UNKNOWN)
    judge = Judge(default_policy(), AT.date(), client_side=ClientSide.CREDITOR)
    config = ScreenConfig(score_min_by_role={"creditor": 1.0})
    case = opened_case(office, index, record, config=config, judge=judge)
    with office.ledger.read() as view:
        (one,) = replay(view, case, indexes={index.info.digest: index}, policies=[default_policy()])
    assert not one.differences
    assert one.rule_id.startswith("R-OPER-FES")  # the listed side is not our client


def test_what_differs_is_said(office: Office, index: Index, tmp_path: Path) -> None:
    case = opened_case(office, index)
    lists = tmp_path / "ru"
    shutil.copytree(LISTS, lists)
    text = (lists / "te.xml").read_text("utf-8").replace("1971-03-14", "1971-03-15")
    (lists / "te.xml").write_text(text, "utf-8")
    build_index([lists], tmp_path / "second.index")
    policy = default_policy()
    rule = next(rule for rule in policy.file.rules if rule.id == "R-TE-FREEZE")
    milder = msgspec.structs.replace(rule, verdict=type(rule.verdict)("review"))
    rules = tuple(milder if one is rule else one for one in policy.file.rules)
    other = Policy(msgspec.structs.replace(policy.file, rules=rules))
    with Index.open(tmp_path / "second.index") as second, office.ledger.read() as view:
        # As if the file had been changed under its name.
        (one,) = replay(view, case, indexes={index.info.digest: second}, policies=[policy])
        assert any(found.what.startswith("debtor RU-TE 10001") and "exact" in found.then for found in one.differences)
        (one,) = replay(view, case, indexes={index.info.digest: index}, policies=[other])
        assert ("verdict", "freeze", "review") in {(each.what, each.then, each.now) for each in one.differences}


def test_what_is_not_at_hand_is_named(office: Office, index: Index, tmp_path: Path) -> None:
    case = opened_case(office, index)
    known = {index.info.digest: index}
    with office.ledger.read() as view:
        with pytest.raises(CaseError, match="CAS603"):
            replay(view, case, indexes={}, policies=[default_policy()])
        with pytest.raises(CaseError, match="CAS604"):
            replay(view, case, indexes=known, policies=[])
        with pytest.raises(CaseError, match="CAS106"):
            replay(view, "case:9", indexes=known, policies=[])
    with (
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as keyless, keyless.read() as view,
        pytest.raises(LedgerError, match="LED130"),
    ):  # fmt: skip
        replay(view, case, indexes=known, policies=[default_policy()])


def test_a_deleted_record_is_no_silent_pass(office: Office, index: Index) -> None:
    case = opened_case(office, index)

    early = msgspec.structs.replace(KEPT, valid_from=AT.date())
    retained = due([early], AT.replace(day=5), load_calendar())
    later = AT.replace(year=2031, month=4)
    retention.delete(office.ledger, [1], retained=retained, reason="over", request_id="gone", caller=SYSTEM, at=later)
    with office.ledger.read() as view, pytest.raises(CaseError, match="CAS605"):
        replay(view, case, indexes={index.info.digest: index}, policies=[default_policy()])
    assert not verify(office.ledger).fault_count


def test_a_record_comes_back_as_it_was() -> None:
    config = ScreenConfig(score_min_by_list={"RU-TE": 0.9})
    built = json.loads(json.dumps(personal_of(RECORD, config=config)))
    assert record_of(built) == (RECORD, config, ())
    with pytest.raises(CaseError, match="CAS602"):
        record_of({"name": "Чертополохов Евлампий"})


def test_nothing_to_look_at_opens_no_case(index: Index) -> None:
    record = Record("P-2", RecordKind.PAYMENT, (Party(Role.DEBTOR, "Огуречников Савелий"),))
    judge = Judge(default_policy(), AT.date())
    judged = [(result, judge.judge_record(result, record)) for result in Screener(index).screen(record)]
    assert screening_of(record, judged, index=index, policy=default_policy()) is None


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_parties_of_one_role_the_stronger_hit_is_told(index: Index, is_first: bool) -> None:
    known = Party(Role.DEBTOR, "Чертополохов Евлампий Савватеевич", birth_date="1971-03-14")
    named = Party(Role.DEBTOR, "Чертополохов Евлампий")
    record = Record("P-1", RecordKind.PAYMENT, (known, named) if is_first else (named, known))
    judge = Judge(default_policy(), AT.date())
    judged = [(result, judge.judge_record(result, record)) for result in Screener(index).screen(record)]
    found = screening_of(record, judged, index=index, policy=default_policy())
    assert found is not None
    best = min((hit.grade for result, _ in judged for hit in result.alarming if hit.entry_id == "10001"))
    assert best == "exact"
    assert {hit.grade for hit in found.hits if hit.entry_id == "10001"} == {"exact"}


def test_what_a_party_is_known_by_is_told_or_no_rejection_in_a_payment_would_be_remembered(index: Index) -> None:
    judge = Judge(default_policy(), AT.date())
    judged = [(result, judge.judge_record(result, RECORD)) for result in Screener(index).screen(RECORD)]
    found = screening_of(RECORD, judged, index=index, policy=default_policy())
    assert found is not None
    assert {(hit.role, hit.known_by) for hit in found.hits} == {("debtor", "facts"), ("creditor", "name")}
