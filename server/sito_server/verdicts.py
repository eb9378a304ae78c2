"""The policy of a server: what it says of hits, as messages of the wire contract.

A verdict is made for what alarms only: a record that passes costs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time

from sito.policy.calendar import MOSCOW
from sito.policy.facts import Verdict, party_facts
from sito.policy.judge import NOBODY, PASSED, Judge, Judgement
from sito.policy.sides import OwnBank
from sito.policy.verdict import Policy, Ruling, default_policy, read_policy
from sito.records import ClientSide, Occasion, Operation, Party, Record, RecordKind, Role
from sito.screen import PartyResult
from sito.v1 import screening_pb2 as wire
from sito_server.config import ServeConfig
from sito_server.convert import CLIENT_SIDES, OCCASIONS, OPERATIONS, SUBJECT_PAYMENT, write_ruling


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
        own: The bank that screens; see `Judge`.
        today: Tells the day on which something is screened.

    Attributes:
        reference, data: What answers say of the policy, as message and as bytes.

    Raises:
        PolicyError: POL111 the policy is not in force today. Later on its end is an error of each alarm.
    """

    def __init__(
        self, policy: Policy | None = None, *, own: OwnBank = NOBODY, today: Callable[[], date] = moscow_day
    ) -> None:
        self._own = own
        self._policy = policy or default_policy()
        self._today = today
        self._judge = Judge(self._policy, today(), own=own)
        self._rulings = {rule.id: b"" for rule in self._policy.file.rules}  # as messages, made when they are met
        self.reference = wire.PolicyReference(
            policy_id=self._policy.id, version=self._policy.version, edition=self._policy.edition
        )
        self.data = self.reference.SerializeToString()

    @property
    def ends(self) -> float:
        """When the policy goes out of force, seconds since 1970; 0 if it does not say."""
        end = self._policy.file.head.valid_to
        return 0.0 if end is None else datetime.combine(end, time(), MOSCOW).timestamp()

    def judge(self) -> Judge:
        """Return the judge of today.

        Raises:
            PolicyError: POL111 the policy is not in force any more.
        """
        today = self._today()
        judge = self._judge
        if judge.on != today:
            judge = self._judge = Judge(self._policy, today, own=self._own)
        return judge

    def messages(self, judgements: Iterable[Judgement]) -> list[bytes]:
        """Return the rulings of all judgements as messages Ruling, each rule once."""
        rulings = {ruling.rule_id: ruling for judgement in judgements for ruling in judgement.rulings}
        return [self._message(ruling) for ruling in rulings.values()]

    def _message(self, ruling: Ruling) -> bytes:
        known = self._rulings[ruling.rule_id]
        if not known:
            known = self._rulings[ruling.rule_id] = write_ruling(ruling).SerializeToString()
        return known


class Sitting:
    """Judges the parties of one message by the rules of one day, be it over midnight.

    The day is taken when the first of them alarms: what passes needs no policy.
    """

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts
        self._judge: Judge | None = None

    @property
    def on(self) -> date:
        """The day by whose rules it judges."""
        return self._today().on

    def _today(self) -> Judge:
        if self._judge is None:
            self._judge = self._verdicts.judge()
        return self._judge

    def of_fields(
        self, result: PartyResult, fields: tuple[int, int, int, int], parties: Callable[[], Sequence[Party]]
    ) -> Judgement:
        """Judge the result of a party of a record that was read natively.

        Args:
            result: Of the party.
            fields: (subject, client side, operation, occasion), by `sito.messages.Request.facts`.
            parties: Makes those of the record, if they are asked for.
        """
        if result.verdict == Verdict.PASS:
            return PASSED
        judge = self._today()
        subject, said, operation, occasion = fields
        side = ClientSide.UNKNOWN
        if subject == SUBJECT_PAYMENT:
            # A number of a contract that this server does not know says nothing that it could act upon.
            side = CLIENT_SIDES.get(said, ClientSide.UNKNOWN)
            side = judge.side(side, parties() if judge.own else ())
        kind = RecordKind.PAYMENT if subject == SUBJECT_PAYMENT else RecordKind.CUSTOMER
        facts = party_facts(
            kind, Role(result.role), client_side=side, operation=OPERATIONS.get(operation, Operation.OTHER),
            occasion=OCCASIONS.get(occasion),
        )  # fmt: skip
        return judge.judge(result, facts)

    def of_record(self, result: PartyResult, record: Record) -> Judgement:
        """Judge the result of a party of a record."""
        return PASSED if result.verdict == Verdict.PASS else self._today().judge_record(result, record)

    def of_customer(self, result: PartyResult, occasion: Occasion | None) -> Judgement:
        """Judge the result of a name that was looked up."""
        if result.verdict == Verdict.PASS:
            return PASSED
        return self._today().judge(result, party_facts(RecordKind.CUSTOMER, Role.CUSTOMER, occasion=occasion))
