"""A new edition becomes cases at once, on both stores; what fails is told and made good by the next turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.clients.people import JUDGE, client, take, write_clients
from tests.ledger.stores import new_database, postgres
from tests.portal.service import Service, fault, put, rules, te

from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk
from sito.cases.projection import PROJECTION
from sito.clients import ClientBase
from sito.errors import LedgerError, SitoError
from sito.ledger import Ledger, Sealer
from sito.policy.calendar import load_calendar
from sito.portal import PortalClient
from sito.portal.lists import Guard, ListFolder, Outcome
from sito.portal.watch import INTERVAL_MAX_S, Office, Turn, Watch, watch

CLIENTS = [client("C-1", "Чертополохов Евлампий Савватеевич"), client("C-2", "Незабудкин Пахом Пахомович"),
           client("C-3", "Репейников Евлампий")]  # fmt: skip


class Bank:
    """A ledger, a base of clients and a watch."""

    def __init__(self, folder: Path, url: str, portal: PortalClient) -> None:
        Ledger.create(url)
        self.ledger = Ledger.open(url, sealer=Sealer(bytes(32)), projections=[PROJECTION])
        desk = Desk(self.ledger, schedule=PolicySchedule(JUDGE.policy.file.terms, load_calendar()))
        self.base = ClientBase.open(folder / "base", create=True)
        take(self.base, write_clients(folder / "clients.jsonl", CLIENTS))
        self.office = Office(self.ledger, desk, JUDGE, self.base)
        self.now = datetime.now(UTC)
        self.portal, self.folder = portal, folder
        self.watch = self.new_watch()

    def new_watch(self) -> Watch:
        lists = ListFolder(self.folder / "lists", self.portal.portal.list_ids)
        return Watch(self.portal, lists, self.folder / "l.index", guard=Guard(), clock=self.clock)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def turn(self) -> Turn:
        return self.watch.turn(self.office)

    def kinds(self) -> list[str]:
        with self.ledger.read() as view:
            return [one.event.kind for one in view.events()]


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path, client: Callable[..., PortalClient]) -> Iterator[Bank]:
    if request.param == "sqlite":
        made = Bank(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", client())
        yield made
        made.ledger.close()
        return
    with postgres() as server:
        made = Bank(tmp_path, new_database(server), client())
        yield made
        made.ledger.close()


def test_a_new_edition_is_in_cases_and_the_same_is_not_again(bank: Bank, service: Service, tmp_path: Path) -> None:
    first = bank.turn()
    assert first.built is not None and first.is_recorded and first.brought is not None
    assert first.brought.case_count == 2  # one is named by the Russian list of the United Nations alone
    kinds = bank.kinds()
    assert (kinds.count("list_fetched"), kinds.count("list_loaded"), kinds.count("case_opened")) == (4, 4, 2)
    assert "list_used" in kinds
    second = bank.turn()
    assert (second.built, second.is_recorded, second.brought) == (None, False, None)
    assert bank.kinds() == kinds
    people = (("T-1", "ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ САВВАТЕЕВИЧ"), ("T-7", "НЕЗАБУДКИН ПАХОМ ПАХОМОВИЧ"))
    put(tmp_path / "service", "te21", te(*people, date="2026-11-21"))
    third = bank.turn()
    assert third.brought is not None and third.brought.case_count == 1
    assert [one.catalogue for one in third.fetched if one.outcome is Outcome.NEW] == ["te21"]
    assert bank.kinds().count("case_opened") == 3
    assert bank.kinds().count("list_fetched") == 5
    with bank.ledger.read() as view:
        told = [one.event.facts for one in view.events(kinds=["list_fetched"])][-1]
        opened = [one.event.facts["screening"] for one in view.events(kinds=["case_opened"])]
    assert (told["list_id"], told["catalogue"]) == ("RU-TE", "te21")
    assert {hit["list_id"] for screening in opened for hit in screening["hits"]} == {"RU-TE", "RU-UN-RUS"}
    assert {screening["ruling"]["verdict"] for screening in opened} <= {"freeze", "review"}


def test_a_turn_that_broke_off_is_made_good_by_the_next(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    for place in (
        "sito.portal.lists.fetch_list",
        "sito.portal.lists.load_lists",
        "sito.portal.watch.screen_into_cases",
    ):
        with monkeypatch.context() as patched, pytest.raises(KilledError):
            patched.setattr(place, killed)
            bank.turn()
        bank.watch = bank.new_watch()  # another process
    done = bank.turn()
    assert done.built is None and done.brought is not None and done.brought.case_count == 2
    kinds = bank.kinds()
    assert (kinds.count("list_fetched"), kinds.count("list_loaded"), kinds.count("case_opened")) == (4, 4, 2)


def test_a_ledger_from_a_backup_is_told_again(bank: Bank) -> None:
    bank.turn()
    bank.base.write_told("another-ledger:7:00", bank.base.fact("told_digest"))
    again = bank.turn()
    assert again.brought is not None
    assert bank.turn().brought is None


def test_the_service_may_fail_and_the_screening_goes_on(bank: Bank, service: Service) -> None:
    bank.turn()
    service.emulator.use(rules(fault=(fault("error_500", "suspect-catalogs/current-te21-catalog", count=0),)))
    done = bank.turn()
    assert [one.catalogue for one in done.failed] == ["te21"]
    take(
        bank.base,
        write_clients(bank.folder / "more.jsonl", [*CLIENTS, client("C-4", "Лестников Аркадий Филопертович")]),
    )
    assert bank.turn().brought is None  # new clients are the night's: the index is the same


def test_pauses_grow_while_something_is_in_the_way() -> None:
    broken = LedgerError("LED101", expected="x", got="y")
    steps: list[object] = [broken, broken, broken, "good", broken]
    pauses: list[float] = []
    told: list[object] = []
    good = Turn((), None, False, None)

    def turn() -> Turn:
        step = steps.pop(0)
        if isinstance(step, SitoError):
            raise step
        return good

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return not steps

    watch(turn, interval_s=20.0, sleep=sleep, tell=told.append)
    assert pauses == [40.0, INTERVAL_MAX_S, INTERVAL_MAX_S, 20.0, 40.0]
    assert told == [broken, broken, broken, good, broken]
