"""What screening found, judged by a policy: the verdict of a party, and the rule of each of its hits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from sito.policy.facts import SEVERITY, PartyFacts, Verdict, party_facts
from sito.policy.sides import OwnBank
from sito.policy.verdict import Policy, Ruling, most_severe
from sito.records import ClientSide, Party, Record, RecordKind, Role
from sito.screen import PartyResult


class Judgement(msgspec.Struct, frozen=True):
    """What a policy says of the result of one party.

    Attributes:
        verdict: The gravest of the rulings; at least `review` where a limit cut the search short, for a person has to
            look; `pass` where nothing alarms, or a bank's policy says so.
        rule_id: Of the rule that decided; empty where none did.
        rulings: Of all hits that alarm, the gravest first, each rule once.
        rules: Id of the rule of each hit that alarms, by (list id, entry id).
    """

    verdict: Verdict
    rule_id: str
    rulings: tuple[Ruling, ...]
    rules: dict[tuple[str, str], str]


NOBODY = OwnBank()
PASSED = Judgement(Verdict.PASS, "", (), {})
_CUT = Judgement(Verdict.REVIEW, "", (), {})


class Judge:
    """A policy on a day. Threads may share it.

    Args:
        policy: What is in use.
        on: The day of which the rules are taken, in Moscow.
        client_side: Of payments that do not say it themselves, as when a file holds what our own clients send.
        own: The bank that screens; payments that name the banks of both sides tell by them whose client is which. What
            contradicts that is taken as not known.

    Raises:
        PolicyError: POL111 the policy is not in force on that day.
    """

    def __init__(
        self, policy: Policy, on: date, *, client_side: ClientSide = ClientSide.UNKNOWN, own: OwnBank = NOBODY
    ) -> None:
        policy.rules(on)
        self.own = own
        self.client_side = client_side
        self.policy = policy
        self.on = on

    def judge(self, result: PartyResult, facts: PartyFacts) -> Judgement:
        """Judge the result of one party; a result that passes costs nothing."""
        if result.verdict == Verdict.PASS:
            return PASSED
        found = self.rulings(((hit.list_id, hit.entry_id, hit.grade) for hit in result.alarming), facts)
        if result.truncated and found.verdict is Verdict.PASS:
            return msgspec.structs.replace(found, verdict=Verdict.REVIEW)  # who knows what was left out
        return found

    def judge_record(self, result: PartyResult, record: Record) -> Judgement:
        """Judge the result of a party by what its record says of it."""
        if result.verdict == Verdict.PASS:
            return PASSED
        side = ClientSide.UNKNOWN
        if record.kind is RecordKind.PAYMENT:
            side = self.side(record.client_side, record.parties)
        facts = party_facts(
            record.kind, Role(result.role), client_side=side, operation=record.operation,
            operation_side=record.operation_side, occasion=record.occasion,
        )  # fmt: skip
        return self.judge(result, facts)

    def side(self, said: ClientSide, parties: Iterable[Party]) -> ClientSide:
        """Return which side of a payment is our client.

        Args:
            said: By the record.
            parties: Of the payment; looked at only where the BICs of the own bank are known.
        """
        said = self.client_side if said is ClientSide.UNKNOWN else said
        return self.own.side(said, parties) if self.own else said

    def rulings(self, hits: Iterable[tuple[str, str, str]], facts: PartyFacts) -> Judgement:
        """Judge hits that alarm.

        Args:
            hits: (list id, entry id, grade) of each.
            facts: Of their party.
        """
        rulings: dict[str, Ruling] = {}
        rules: dict[tuple[str, str], str] = {}
        for list_id, entry_id, grade in hits:
            ruling = self.policy.rule(facts.with_hit(list_id, grade), self.on)
            rulings[ruling.rule_id] = ruling
            known = rules.get((list_id, entry_id))  # of another party with the same role
            if known is None or SEVERITY[rulings[known].verdict] < SEVERITY[ruling.verdict]:
                rules[list_id, entry_id] = ruling.rule_id
        first = most_severe(rulings.values())
        if first is None:
            return _CUT
        others = [ruling for ruling in rulings.values() if ruling is not first]
        return Judgement(first.verdict, first.rule_id, (first, *others), rules)
