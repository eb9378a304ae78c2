"""Releases and what is given back, in any order around the ends of months, against a plain account of each month."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.cases.office import BORIS, VERA, Office, assert_equal_to_a_rebuild

from sito.errors import CaseError

LIMIT = 1_000_000  # kopecks, of the allowances that are shipped
MOSCOW = ZoneInfo("Europe/Moscow")
CLIENTS = ("C-1", "C-2")
# Shortly before months end in Moscow, which is nine in the evening in London.
EDGES = [datetime(2026, 3, 31, 20, 56, tzinfo=UTC), datetime(2026, 12, 31, 20, 55, tzinfo=UTC)]
AMOUNTS = st.one_of(st.sampled_from([1, LIMIT // 2, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT]), st.integers(1, 2 * LIMIT))


class MonthsOfClients(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name))
        self.account: dict[tuple[str, str, str], dict[int, int]] = {}
        self.released: list[tuple[tuple[str, str, str], int, str]] = []  # (account, event, freeze)
        self.subjects: dict[str, str] = {}

    @initialize(edge=st.sampled_from(EDGES))
    def freeze(self, edge: datetime) -> None:
        self.office.now = edge - timedelta(minutes=2 * len(CLIENTS))
        for client in CLIENTS:
            subject = self.office.begin("freeze", "propose", client_id=client, rule_id="R-TE-FREEZE").subject
            self.office.act(subject, "apply", caller=BORIS)
            self.subjects[client] = subject

    def room(self, client: str, rule_id: str, members: int) -> tuple[tuple[str, str, str], int]:
        """Return the account of the next step, and what is left in it."""
        month = f"{(self.office.now + timedelta(minutes=1)).astimezone(MOSCOW):%Y-%m}"
        wage = rule_id == "R-CARVE-WAGE"
        account = client, rule_id, month
        return account, (1 + members * wage) * LIMIT - sum(self.account.get(account, {}).values())

    @rule(hours=st.sampled_from([1, 24, 24 * 15, 24 * 40]))
    def wait(self, hours: int) -> None:
        self.office.now += timedelta(hours=hours)

    @rule(
        client=st.sampled_from(CLIENTS), rule_id=st.sampled_from(["R-CARVE-WAGE", "R-MVK-ALLOW"]), amount=AMOUNTS,
        members=st.integers(0, 2), pause=st.sampled_from([0, 0, 2, 60 * 24 * 20]),
    )  # fmt: skip
    def release(self, client: str, rule_id: str, amount: int, members: int, pause: int) -> None:
        told: dict[str, Any] = {"carve_rule": rule_id, "amount_kopecks": amount}
        if members:
            told["members"] = [f"M-{place}" for place in range(members)]
        subject = self.subjects[client]
        _, left = self.room(client, rule_id, members)
        if amount > left:
            with pytest.raises(CaseError, match="CAS119"):
                self.office.act(subject, "ask_release", **told)
            return
        self.office.act(subject, "ask_release", **told)
        self.office.now += timedelta(minutes=pause)  # the second looks later, perhaps in another month
        account, left = self.room(client, rule_id, members)
        if amount > left:
            with pytest.raises(CaseError, match="CAS119"):
                self.office.act(subject, "release", caller=BORIS, **told)
            return
        event = self.office.act(subject, "release", caller=BORIS, **told).steps[0].sequence
        self.account.setdefault(account, {})[event] = amount
        self.released.append((account, event, subject))

    @precondition(lambda self: self.released)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        account, event, subject = data.draw(st.sampled_from(self.released))
        facts = {"release_sequence": event, "motive": "отменено банком получателя"}
        desk, request = self.office.desk, self.office.request
        if event not in self.account[account]:
            with pytest.raises(CaseError, match="CAS120"):
                desk.act(subject, "ask_give_back", facts, caller=BORIS, **request())
            return
        desk.act(subject, "ask_give_back", facts, caller=BORIS, **request())
        desk.act(subject, "give_back", facts, caller=VERA, **request())
        del self.account[account][event]  # to the month from which it was taken

    def teardown(self) -> None:
        assert_equal_to_a_rebuild(self.office.ledger)
        self.office.ledger.close()
        self.folder.cleanup()


TestMonthsOfClients = MonthsOfClients.TestCase
TestMonthsOfClients.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
