"""The verdict of a party: the gravest of its hits, and never a pass of a search that was cut short."""

from __future__ import annotations

import pickle
from datetime import date

import msgspec
import pytest

from sito.evidence import Hit
from sito.policy.facts import Direction, Occasion, Operation, PartyFacts, PartyRole, Relation
from sito.policy.judge import Judge
from sito.policy.rules import parse_policy
from sito.policy.verdict import Policy, default_policy
from sito.records import ClientSide, Party, Record, RecordKind, Role
from sito.screen import PartyResult

DAY = date(2026, 11, 23)
FACTS = PartyFacts(Relation.CLIENT, PartyRole.PAYER, Direction.DEBIT, Operation.OTHER, Occasion.PAYMENT)
LENIENT = (
    '[policy]\nid = "b"\nversion = "1"\ntitle = "t"\nvalid_from = 2024-01-01\n'
    '[[rule]]\nid = "R-F"\nlaw = "l"\ncertainty = "S"\nsource = "s"\nverdict = "pass"\nreason = "r"\n'
    'when = { list_kind = ["foreign"] }\n'
    '[[rule]]\nid = "R-A"\nlaw = "l"\ncertainty = "S"\nsource = "s"\nverdict = "review"\nreason = "r"\n'
)


def result(*hits: tuple[str, str, str], verdict: str = "review", truncated: bool = False) -> PartyResult:
    found = tuple(Hit(entry_id, list_id, "N", 0.9, grade, (), 0) for list_id, entry_id, grade in hits)
    return PartyResult("1", "debtor", verdict, found, truncated, alarming=found)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(default_policy(), DAY)


def test_the_gravest_hit_decides_and_none_is_forgotten(judge: Judge) -> None:
    found = judge.judge(result(("OFAC-SDN", "a", "exact"), ("RU-TE", "b", "weak"), ("RU-TE", "c", "exact")), FACTS)
    assert (found.verdict, found.rule_id) == ("freeze", "R-TE-FREEZE")
    assert [ruling.rule_id for ruling in found.rulings] == ["R-TE-FREEZE", "R-FOREIGN", "R-TE-FREEZE/likeness"]
    assert found.rules == {
        ("OFAC-SDN", "a"): "R-FOREIGN",
        ("RU-TE", "b"): "R-TE-FREEZE/likeness",
        ("RU-TE", "c"): "R-TE-FREEZE",
    }


@pytest.mark.parametrize("grades", [("exact", "weak"), ("weak", "exact")])
def test_an_entry_that_two_parties_of_one_role_hit_has_the_graver_rule(judge: Judge, grades: tuple[str, str]) -> None:
    found = judge.judge(result(*[("RU-TE", "a", grade) for grade in grades]), FACTS)
    assert found.rules == {("RU-TE", "a"): "R-TE-FREEZE"}
    assert found.verdict == "freeze"


def test_a_search_that_was_cut_short_is_for_a_person(judge: Judge) -> None:
    cut = judge.judge(result(truncated=True), FACTS)
    assert (cut.verdict, cut.rule_id, cut.rulings) == ("review", "", ())
    lenient = Judge(Policy(parse_policy(LENIENT.encode(), "p.toml")), DAY)
    hit = ("OFAC-SDN", "a", "exact")
    assert lenient.judge(result(hit), FACTS).verdict == "pass"
    assert lenient.judge(result(hit, truncated=True), FACTS).verdict == "review"


def test_what_passes_is_not_looked_at(judge: Judge) -> None:
    record = Record("1", RecordKind.PAYMENT, (Party(Role.DEBTOR, "x"),))
    assert judge.judge_record(result(verdict="pass"), record).verdict == "pass"


def test_a_record_says_more_than_the_default(judge: Judge) -> None:
    ours = Judge(default_policy(), DAY, client_side=ClientSide.CREDITOR)
    record = Record("1", RecordKind.PAYMENT, (Party(Role.DEBTOR, "x"),))
    found = result(("RU-TE", "a", "exact"))
    assert ours.judge_record(found, record).rule_id == "R-OPER-FES"
    told = msgspec.structs.replace(record, client_side=ClientSide.DEBTOR)
    assert ours.judge_record(found, told).rule_id == "R-TE-FREEZE"


def test_a_policy_goes_to_another_process_as_its_rules(judge: Judge) -> None:
    sent = pickle.dumps(judge)
    assert len(sent) < 100_000
    found = result(("RU-UN", "a", "exact"))
    assert pickle.loads(sent).judge(found, FACTS) == judge.judge(found, FACTS)
