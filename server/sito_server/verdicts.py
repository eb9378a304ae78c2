"""The policy of a server: what it says of hits, as messages of the wire contract.

A verdict is made for what alarms only: a record that passes costs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone

from sito.policy.facts import PartyFacts, party_facts
from sito.policy.judge import Judge, Judgement
from sito.policy.verdict import Policy, Ruling, default_policy, read_policy
from sito.records import ClientSide, Occasion, Operation, Record, RecordKind, Role
from sito.screen import PartyResult
from sito.v1 import screening_pb2 as wire
from sito_server.config import ServeConfig
from sito_server.convert import CLIENT_SIDES, OCCASIONS, OPERATIONS, SUBJECT_PAYMENT, write_ruling

MOSCOW = timezone(timedelta(hours=3))


def moscow_day() -> date:
    """Return the day that it is in Moscow."""
    return datetime.now(MOSCOW).date()


def policy_of(config: ServeConfig) -> Policy:
    """Return the policy that a server is started with.

    Raises:
        PolicyError: It cannot be read, or has a finding.
    """
    return default_policy() if config.policy is None else read_policy(config.policy)


class Verdicts:
    """A policy, day by day. Threads may share it.

    Args:
        policy: In use; None is the shipped one.
        today: Tells the day on which something is screened.

    Attributes:
        reference, data: What answers say of the policy, as message and as bytes.

    Raises:
        PolicyError: POL111 the policy is not in force today. Later on its end is an error of each alarm.
    """

    def __init__(self, policy: Policy | None = None, *, today: Callable[[], date] = moscow_day) -> None:
        self._policy = policy or default_policy()
        self._today = today
        self._judge = Judge(self._policy, today())
        self._rulings = {rule.id: b"" for rule in self._policy.file.rules}  # as messages, made when they are met
        self.reference = wire.PolicyReference(
            policy_id=self._policy.id, version=self._policy.version, edition=self._policy.edition
        )
        self.data = self.reference.SerializeToString()

    def judge(self) -> Judge:
        """Return the judge of today.

        Raises:
            PolicyError: POL111 the policy is not in force any more.
        """
        today = self._today()
        if self._judge.on != today:
            self._judge = Judge(self._policy, today)
        return self._judge

    def of_fields(self, result: PartyResult, fields: tuple[int, int, int, int]) -> Judgement:
        """Judge the result of a party of a record that was read natively, by `sito.messages.Request.facts`."""
        return self.judge().judge(result, facts_of(Role(result.role), fields))

    def of_record(self, result: PartyResult, record: Record) -> Judgement:
        """Judge the result of a party of a record."""
        return self.judge().judge_record(result, record)

    def of_customer(self, result: PartyResult, occasion: Occasion | None) -> Judgement:
        """Judge the result of a name that was looked up."""
        return self.judge().judge(result, party_facts(RecordKind.CUSTOMER, Role.CUSTOMER, occasion=occasion))

    def messages(self, judgements: Iterable[Judgement]) -> list[bytes]:
        """Return the rulings of all judgements as messages Ruling, each rule once."""
        rulings = {ruling.rule_id: ruling for judgement in judgements for ruling in judgement.rulings}
        return [self._message(ruling) for ruling in rulings.values()]

    def _message(self, ruling: Ruling) -> bytes:
        known = self._rulings[ruling.rule_id]
        if not known:
            known = self._rulings[ruling.rule_id] = write_ruling(ruling).SerializeToString()
        return known


def facts_of(role: Role, fields: tuple[int, int, int, int]) -> PartyFacts:
    """Return what a record says of one of its parties.

    Args:
        role: Of the party.
        fields: (subject, client side, operation, occasion) as numbers of the contract.
    """
    subject, side, operation, occasion = fields
    kind = RecordKind.PAYMENT if subject == SUBJECT_PAYMENT else RecordKind.CUSTOMER
    return party_facts(
        kind, role, client_side=CLIENT_SIDES.get(side, ClientSide.UNKNOWN),
        operation=OPERATIONS.get(operation, Operation.OTHER), occasion=OCCASIONS.get(occasion),
    )  # fmt: skip
