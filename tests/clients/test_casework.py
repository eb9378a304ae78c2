"""From a screening of the base to the desk: cases once, removals noted on freezes, checks recorded. On both stores."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, BORIS, OLEG, VERA, assert_equal_to_a_rebuild
from tests.clients.people import AT, JUDGE, Entry, client, made_index, take, write_clients
from tests.ledger.stores import new_database, postgres

from sito import Index, build_index
from sito.cases.deadlines import PolicySchedule, open_deadlines
from sito.cases.desk import Desk
from sito.cases.projection import CASES, CHECKS, LIST_USED, MEASURE, PROJECTION
from sito.clients import Cause, ClientBase, Found, Night, screen_base
from sito.clients.casework import CaseTaker, delist, log_list_use, run_of
from sito.clients.checking import Checked, run_check
from sito.errors import CaseError, ClientBaseError, LedgerError
from sito.ledger import Ledger, Sealer
from sito.policy.calendar import load_calendar
from sito.policy.judge import Judge
from sito.policy.verdict import Policy

LISTED: list[tuple[str, Entry]] = [
    ("T-1", ("P", "Чертополохов Евлампий Аристархович", [], False)),
    ("T-2", ("P", "Лестников Аркадий Филоперт", [], False)),
]
CLIENTS = [
    client("C-1", "Чертополохов Евлампий Аристархович"), client("C-2", "Петров Пётр Петрович"),
    client("C-3", "ООО Ромашка", related=[{"relation": "director", "name": "Лестников Аркадий Филоперт"}]),
]  # fmt: skip


class KilledError(Exception):
    """The process ends here."""


class Bank:
    """A base, a ledger and a desk with the shipped policy."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        Ledger.create(url)
        self.ledger = Ledger.open(url, sealer=Sealer(bytes(32)), projections=[PROJECTION])
        self.schedule = PolicySchedule(JUDGE.policy.file.terms, load_calendar())
        self.desk = Desk(self.ledger, schedule=self.schedule)
        self.base = ClientBase.open(folder / "base", create=True)
        self.count = 0

    def load(self, clients: list[dict[str, Any]]) -> None:
        take(self.base, write_clients(self.folder / "clients.jsonl", clients), shrink_max=1.0)

    def screen(
        self, index: Path, *, at: datetime = AT, killed_after: int = -1, judge: Judge = JUDGE, **options: Any
    ) -> tuple[Night, Any]:
        with Index.open(index) as opened:
            run_id = run_of(self.base.base_id, self.base.generation, opened, judge.policy)
            taker = CaseTaker(self.desk, opened, judge.policy, run_id=run_id, at=at)
            freezes: list[str] = []

            def one(found: Found) -> None:
                if taker.case_count == killed_after:
                    raise KilledError
                taker.take(found)

            def settle(night: Night) -> None:
                former = self.base.editions()
                freezes.extend(delist(self.ledger, self.desk, night.gone, opened, run_id=run_id, at=at, former=former))
                log_list_use(self.ledger, opened, run_id=run_id, at=at)

            night = screen_base(
                self.base, opened, judge, at=at, take=one, settle=settle, told_to=self.ledger.ledger_id, **options
            )
        return night, freezes

    def check(self, index: Path, *, at: datetime = AT) -> Checked:
        with Index.open(index) as opened:
            return run_check(
                self.base, opened, JUDGE, ledger=self.ledger, desk=self.desk, schedule=self.schedule, at=at
            )

    def act(self, subject: str, action: str, caller: Any, **facts: Any) -> Any:
        self.count += 1
        return self.desk.act(subject, action, facts, caller=caller, request_id=f"q{self.count}", at=AT)

    def rows(self, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
        with self.ledger.read() as view:
            order = sa.select(*(table.c[name] for name in columns)).order_by(table.c.number)
            return [tuple(row) for row in view.execute(order)]

    def events(self, *kinds: str) -> list[Any]:
        with self.ledger.read() as view:
            return [one.event for one in view.events(kinds=kinds or None)]

    def freeze(self, case: str) -> str:
        self.act(case, "assign", ANNA, assignee="anna")
        with self.ledger.read() as view:
            seen = view.head()[0]
        self.act(case, "confirm", ANNA, measure="freeze", motive="совпали имя и дата", seen=seen)
        subject = self.act(case, "approve", BORIS, seen=seen + 1).steps[1].subject
        self.act(subject, "apply", OLEG)
        return str(subject)


@contextmanager
def bank_of(folder: Path, url: str) -> Iterator[Bank]:
    bank = Bank(folder, url)
    yield bank
    assert_equal_to_a_rebuild(bank.ledger)
    bank.base.close()
    bank.ledger.close()


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with bank_of(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}") as made:
        yield made


def work(bank: Bank) -> list[Any]:
    """Take a bank through a month, and return what is on record."""
    first = made_index(bank.folder, "first", LISTED[:1])
    bank.load(CLIENTS)
    night, _ = bank.screen(first)
    assert (night.cause, night.match_count) == (Cause.FIRST, 1)
    assert bank.rows(CASES, "subject", "client_id", "state") == [("case:1", "C-1", "new")]
    # The new edition lists the director of a client; whoever stood in a case is not told again.
    second = made_index(bank.folder, "second", LISTED)
    night, _ = bank.screen(second)
    assert (night.cause, night.changed_entries, night.match_count) == (Cause.NONE, 1, 1)
    assert bank.rows(CASES, "subject", "client_id") == [("case:1", "C-1"), ("case:2", "C-3")]
    hits = next(one for one in bank.events("case_opened") if one.subject == "case:2").facts["screening"]["hits"]
    assert [(hit["role"], hit["entry_id"]) for hit in hits] == [("director", "T-2")]
    freeze = bank.freeze("case:1")
    # Off the list again: the term to lift the freeze begins.
    night, freezes = bank.screen(made_index(bank.folder, "third", LISTED[1:]))
    assert (night.gone, freezes) == ((("RU-TE", "T-1"),), [freeze])
    with bank.ledger.read() as view:
        rules = {one.rule for one in open_deadlines(view, bank.schedule, AT, subjects=[freeze])}
    assert "R-UNFREEZE" in rules
    bank.act(freeze, "ask_lift", ANNA, lift_ground="delisted", motive="снят с учёта")
    bank.act(freeze, "lift", BORIS, lift_ground="delisted")
    done = bank.check(bank.folder / "third.sito")
    assert (done.subject, done.night.client_count, done.night.match_count) == ("check:1", 3, 1)
    assert done.report is not None
    assert done.report.alarm_at > AT
    bank.act("check:1", "report", VERA, message_id="FES-1")
    assert bank.rows(CHECKS, "subject", "state") == [("check:1", "reported"), ("check:2", "planned")]
    return [(one.kind, one.subject) for one in bank.events()]


def test_both_stores_hold_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "file", tmp_path / "server"
    first.mkdir()
    second.mkdir(mode=0o700)
    with bank_of(first, f"sqlite:///{first / 'ledger.db'}") as file:
        expected = work(file)
    with postgres() as server, bank_of(second, new_database(server)) as other:
        assert work(other) == expected


def test_a_killed_run_goes_on_and_nothing_stands_twice(bank: Bank) -> None:
    bank.load([client(f"C-{i}", "Чертополохов Евлампий Аристархович") for i in range(5)])
    index = made_index(bank.folder, "first", LISTED)
    with pytest.raises(KilledError):
        bank.screen(index, killed_after=3)
    assert len(bank.rows(CASES, "subject")) == 3
    night, _ = bank.screen(index, at=AT + timedelta(hours=1))
    assert night.match_count == 5
    assert [row[0] for row in bank.rows(CASES, "client_id")] == [f"C-{i}" for i in range(5)]
    assert [one.kind for one in bank.events()].count("case_hit_again") == 0
    events = len(bank.events())
    night, _ = bank.screen(index, at=AT + timedelta(hours=2))
    assert (night.cause, night.match_count, len(bank.events())) == (Cause.NONE, 0, events)


def test_a_process_that_is_killed_tells_nothing_twice(bank: Bank) -> None:
    bank.load([client(f"C-{i}", "Чертополохов Евлампий Аристархович") for i in range(60)])
    index = made_index(bank.folder, "first", LISTED)
    code = "import sys; from tests.clients.test_casework import doomed; doomed(*sys.argv[1:])"
    for lines in (1, 20, 41):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(bank.folder), str(index)], stdout=subprocess.PIPE
        )  # fmt: skip
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert bank.base.fact("screened_at") == ""
    night, _ = bank.screen(index)
    assert night.match_count == 60
    assert sorted(row[0] for row in bank.rows(CASES, "client_id")) == sorted(f"C-{i}" for i in range(60))
    kinds = Counter(one.kind for one in bank.events())
    assert (kinds["case_opened"], kinds["case_hit_again"], kinds[LIST_USED]) == (60, 0, 1)


def doomed(folder: str, index: str) -> None:
    """Screen, and tell of each case that was opened."""
    bank = Bank(Path(folder), f"sqlite:///{folder}/ledger.db")
    told = bank.desk.open_case

    def open_case(*given: Any, **more: Any) -> Any:
        outcome = told(*given, **more)
        print(outcome.subject, flush=True)
        return outcome

    bank.desk.open_case = open_case  # type: ignore[method-assign]
    bank.screen(Path(index))


def test_rules_that_come_into_force_are_told_over_lists_that_stay(bank: Bank) -> None:
    """The same hits under other rules are another request; or else the ledger would refuse it, night for night."""
    file, day = JUDGE.policy.file, date(2026, 12, 1)
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)
    bank.screen(index)
    was = {one.facts["screening"]["ruling"]["rule_id"] for one in bank.events("case_opened")}
    edit = msgspec.structs.replace
    rules: list[Any] = []
    for one in file.rules:
        later = edit(one, valid_from=day, id=f"{one.id}-new", law="другой закон")
        rules += [edit(one, valid_to=day), later] if one.id in was else [one]
    policy = Policy(edit(file, rules=tuple(rules)))
    night, _ = bank.screen(index, judge=Judge(policy, AT.date()))
    night, _ = bank.screen(index, judge=Judge(policy, day), at=AT + timedelta(days=11))
    assert (night.cause, night.match_count) == (Cause.SETTINGS, 2)
    assert [one.facts["screening"]["ruling"]["law"] for one in bank.events("case_hit_again")][-2:] == [
        "другой закон"
    ] * 2


def test_another_ledger_is_told_everything(bank: Bank, tmp_path: Path) -> None:
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)
    told: list[Found] = []
    with Index.open(index) as opened:
        screen_base(bank.base, opened, JUDGE, at=AT, take=told.append)
    assert len(told) == 2
    night, _ = bank.screen(index)
    assert (night.cause, night.match_count) == (Cause.SETTINGS, 2)


def test_removals_are_noted_where_a_freeze_rests_on_them_alone(bank: Bank) -> None:
    bank.load(CLIENTS)
    bank.screen(made_index(bank.folder, "first", LISTED))
    freezes = [bank.freeze("case:1"), bank.freeze("case:2")]
    by_hand = bank.desk.begin(
        "freeze", "propose",
        {"client_id": "C-2", "rule_id": "R-TE-FREEZE", "list_id": "RU-TE", "entry_id": "T-1"}, caller=ANNA,
        request_id="by hand", at=AT,
    ).subject  # fmt: skip
    index = made_index(bank.folder, "third", LISTED[1:])
    assert bank.screen(index)[1] == [freezes[0], by_hand]
    assert [one.subject for one in bank.events("freeze_removal_noted")] == [freezes[0], by_hand]
    # A list that is not in the index at all was lost, and nobody was taken off it.
    other = made_index(bank.folder, "other", LISTED, list_id="OWN")
    night, noted = bank.screen(other)
    assert (night.lost_lists, night.gone, noted) == (("RU-TE",), (), [])
    assert bank.screen(other)[0].lost_lists == ("RU-TE",)
    # When it is back, all of it counts as new, and what is not back has left it.
    night, noted = bank.screen(made_index(bank.folder, "back", [("T-3", LISTED[0][1])]))
    assert (night.cause, night.changed_entries, night.gone, noted) == (
        Cause.NONE, 1, (("RU-TE", "T-2"),), [freezes[1]],
    )  # fmt: skip


def test_a_removal_that_came_before_the_freeze_is_noted_when_the_freeze_is_there(bank: Bank) -> None:
    """The office takes a day to decide; meanwhile the entry leaves its list."""
    bank.load(CLIENTS)
    bank.screen(made_index(bank.folder, "first", LISTED))
    index = made_index(bank.folder, "third", LISTED[1:])
    night, noted = bank.screen(index)
    assert (night.gone, noted) == ((("RU-TE", "T-1"),), [])
    freeze, other = bank.freeze("case:1"), bank.freeze("case:2")
    assert bank.screen(index)[1] == [freeze]
    assert [bank.screen(index)[1] for _ in range(2)] == [[], []]  # once
    assert [(one.subject, one.facts["entry_id"]) for one in bank.events("freeze_removal_noted")] == [(freeze, "T-1")]
    assert bank.screen(made_index(bank.folder, "none", [("T-9", LISTED[0][1])]))[1] == [other]


def test_a_removal_that_was_told_to_a_file_is_noted_by_the_ledger_too(bank: Bank) -> None:
    bank.load(CLIENTS)
    bank.screen(made_index(bank.folder, "first", LISTED))
    freeze = bank.freeze("case:1")
    index = made_index(bank.folder, "third", LISTED[1:])
    with Index.open(index) as opened:
        assert screen_base(bank.base, opened, JUDGE, at=AT, take=lambda _: None).gone == (("RU-TE", "T-1"),)
    assert bank.screen(index)[1] == [freeze]


def test_what_a_new_base_has_never_screened_is_noted_by_the_dates_of_editions(bank: Bank) -> None:
    """Payments led to the freeze, or the base had to be made anew. What an older edition lacks is no removal."""
    indexes = [
        _dated_index(bank.folder, day, rows)
        for day, rows in (("2026-10-01", LISTED[1:]), ("2026-11-01", LISTED), ("2026-11-10", LISTED[1:]))
    ]
    bank.load(CLIENTS)
    bank.screen(indexes[1])
    freeze = bank.freeze("case:1")
    bank.base.close()
    bank.base = ClientBase.open(bank.folder / "another", create=True)
    bank.load(CLIENTS)
    assert bank.screen(indexes[0])[1] == []
    bank.base.close()
    bank.base = ClientBase.open(bank.folder / "third base", create=True)
    bank.load(CLIENTS)
    assert bank.check(indexes[2]).freezes == (freeze,)
    (noted,) = bank.events("freeze_removal_noted")
    assert (noted.facts["edition"], noted.facts["entry_id"]) == ("2026-11-10", "T-1")


def _dated_index(folder: Path, day: str, rows: list[tuple[str, Entry]]) -> Path:
    path = made_index(folder, day, rows)
    lines = (folder / f"{day}.csv").read_text("utf-8").splitlines()
    dated = [f"{line},{'last_seen' if not number else day}" for number, line in enumerate(lines)]
    (folder / f"{day}.csv").write_text("\n".join(dated) + "\n", "utf-8")
    build_index([folder / f"{day}.csv"], path, list_id="RU-TE")
    return path


def test_a_client_that_is_gone_keeps_its_case(bank: Bank) -> None:
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)
    bank.screen(index)
    bank.load(CLIENTS[1:])
    night, _ = bank.screen(index)
    assert night.client_count == 2
    assert bank.rows(CASES, "client_id", "state") == [("C-1", "new"), ("C-3", "new")]


def test_a_check_with_nothing_found_is_recorded(bank: Bank) -> None:
    bank.load(CLIENTS[1:2])
    index = made_index(bank.folder, "first", LISTED)
    planned = bank.desk.begin("check", "plan", {}, caller=ANNA, request_id="plan", at=AT).subject
    done = bank.check(index)
    assert (done.subject, done.night.match_count, done.case_count) == (planned, 0, 0)
    finished = bank.events("check_finished")[0].facts
    assert (finished["client_count"], finished["match_count"]) == (1, 0)
    assert finished["editions"] == [{"list_id": "RU-TE", "edition": finished["editions"][0]["edition"]}]
    assert [one.subject for one in bank.events(LIST_USED)] == ["list:RU-TE"]


def test_a_check_that_fails_says_so_and_is_run_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)

    def broken(*_: Any, **__: Any) -> None:
        raise LedgerError("LED120", expected="a database", got="none")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "open_case", broken)
        with pytest.raises(LedgerError, match="LED120"):
            bank.check(index)
    assert bank.rows(CHECKS, "subject", "state") == [("check:1", "planned")]
    assert bank.events(LIST_USED) == []
    done = bank.check(index, at=AT + timedelta(hours=1))
    assert (done.subject, done.case_count) == ("check:1", 2)
    assert bank.rows(CHECKS, "state") == [("finished",)]


def test_a_check_that_was_killed_goes_on(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)

    def killed(*_: Any, **__: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("sito.clients.checking.log_list_use", killed)
        with pytest.raises(KilledError):
            bank.check(index)
    assert bank.rows(CHECKS, "state") == [("running",)]
    with pytest.raises(CaseError, match="CAS114"):  # nobody can say that it was made
        bank.act("check:1", "finish", VERA, client_count=3, match_count=0, editions=[
            {"list_id": "RU-TE", "edition": "2026-01-01"}])  # fmt: skip
    assert bank.check(index, at=AT + timedelta(days=1)).subject == "check:1"
    assert bank.rows(CHECKS, "state") == [("finished",)]
    assert len(bank.rows(CASES, "subject")) == 2
    assert [one.kind for one in bank.events()].count("case_hit_again") == 0


def test_two_checks_at_once_do_not_end_each_other(bank: Bank) -> None:
    bank.load(CLIENTS)
    index = made_index(bank.folder, "first", LISTED)
    bank.desk.begin("check", "plan", {}, caller=ANNA, request_id="plan", at=AT)
    bank.act("check:1", "start", OLEG)
    with ClientBase.open(bank.base.folder) as other, other.locked(), pytest.raises(ClientBaseError, match="CLB104"):
        bank.check(index)
    assert bank.rows(CHECKS, "state") == [("running",)]


def test_whoever_hits_more_than_a_case_holds_is_named(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.load(CLIENTS[:1])
    index = made_index(bank.folder, "many", [(f"T-{i}", LISTED[0][1]) for i in range(4)])
    monkeypatch.setattr("sito.clients.casework.ITEM_COUNT_MAX", 3)
    with Index.open(index) as opened:
        taker = CaseTaker(bank.desk, opened, JUDGE.policy, run_id="r", at=AT)
        screen_base(bank.base, opened, JUDGE, at=AT, take=taker.take)
    assert (taker.unseen, taker.case_count) == (["C-1"], 1)
    assert len(bank.events("case_opened")[0].facts["screening"]["hits"]) == 3


def test_whoever_is_cut_short_is_named(bank: Bank) -> None:
    bank.load([client("C-1", "…"), client("C-2", "Чертополохов Евлампий Аристархович")])
    index = made_index(bank.folder, "first", LISTED)
    with Index.open(index) as opened:
        taker = CaseTaker(bank.desk, opened, JUDGE.policy, run_id="r", at=AT)
        night = screen_base(bank.base, opened, JUDGE, at=AT, take=taker.take)
    assert (night.cut_count, taker.unseen, taker.case_count) == (1, ["C-1"], 1)
    assert bank.rows(MEASURE, "subject") == []
