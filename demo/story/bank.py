"""The bank of the story: its index, ledger, server, client base, and the people who call it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import msgspec

from demo.story.people import PROCESSOR, STAFF, STRANGER, certificate_name, write_certificates, write_staff
from demo.story.teller import Teller
from demo.story.world import LISTS, Clock
from sito import build_index
from sito.caseclient import CaseClient
from sito.cases.deadlines import PolicySchedule
from sito.cases.desk import Desk
from sito.cases.listuse import LIST_LOADED, Purpose, list_events
from sito.cases.projection import PROJECTION
from sito.cases.staff import Staff
from sito.client import ClientTls, ScreeningClient
from sito.clients import ClientBase, Night, import_clients, read_clients, screen_base
from sito.clients.casework import CaseTaker, delist, log_list_use, run_of
from sito.clients.checking import Checked, run_check
from sito.errors import SitoError
from sito.generations import Generations
from sito.index import Index
from sito.ledger import Caller, Ledger, Sealer
from sito.ledger.checkpoints import Checkpoints, Signer
from sito.ledger.sealing import read_key
from sito.policy.calendar import MOSCOW, load_calendar
from sito.policy.judge import Judge
from sito.policy.verdict import default_policy
from sito.records import Reject
from sito.v1 import cases_pb2
from sito.v1 import screening_pb2 as wire
from sito_server.config import ClientAuth, Role, ServeConfig, check
from sito_server.host import Host
from sito_server.taking import Taker

OLEG = Caller("oleg", "operator")
EVERY = 25  # events between two checkpoints


class Bank:
    """Everything real, on loopback and in one folder; a context manager.

    Args:
        folder: Empty.
        url: Of an empty database.
        clock: Of the story; the server and the desk go by it.
        teller: Tells what happens.
    """

    def __init__(self, folder: Path, url: str, *, clock: Clock, teller: Teller) -> None:
        self.folder = folder
        self.clock = clock
        self.teller = teller
        self.policy = default_policy()
        self.index_path = folder / "current.index"
        self._url = url
        self._stack = ExitStack()
        self._people: dict[str, CaseClient] = {}
        self._requests = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, stack: ExitStack) -> None:
        folder = self.folder
        names = [PROCESSOR, STRANGER, *map(certificate_name, STAFF)]
        write_certificates(folder, names)
        write_staff(folder / "staff.toml")
        for number, name in enumerate(("personal.key", "sign.key"), 1):
            (folder / name).write_text(bytes([number] * 32).hex())  # invented, too: the folder goes with the story
            (folder / name).chmod(0o600)
        shutil.copytree(LISTS, folder / "lists")
        build_index([folder / "lists"], self.index_path)
        Ledger.create(self._url)
        sealer = Sealer(read_key(folder / "personal.key"))
        self.signer = Signer(read_key(folder / "sign.key"))
        witness = Checkpoints(self.signer, every=EVERY, anchor=folder / "anchor.json", on_fault=_raised)
        self.ledger = stack.enter_context(
            Ledger.open(self._url, sealer=sealer, projections=[PROJECTION], witness=witness)
        )
        self.schedule = PolicySchedule(self.policy.file.terms, load_calendar())
        people = Staff.read(folder / "staff.toml").people()
        self.desk = Desk(self.ledger, schedule=self.schedule, people=people)
        self.base = stack.enter_context(ClientBase.open(folder / "clients", create=True))
        self.source = Generations(self.index_path)
        stack.callback(self.source.close)
        config = ServeConfig(
            index=self.index_path, listen="127.0.0.1:0", threads=2, tls_certificate=folder / "server.pem",
            tls_key=folder / "server.key", tls_client_ca=folder / "ca.pem", tls_client_auth=ClientAuth.REQUIRE,
            clients={PROCESSOR: (Role.SCREEN,)}, ledger=self._url, ledger_key_file=folder / "personal.key",
            staff=folder / "staff.toml", journal=folder / "journal", journal_key_file=folder / "personal.key",
        )  # fmt: skip
        check(config)
        self._host = Host(self.source, config, clock=self.clock)
        self._host.start()
        stack.callback(self._host.stop, 1.0)
        self.processor = stack.enter_context(
            ScreeningClient(str(self._host.address), tls=self._tls(PROCESSOR), timeout_s=20)
        )
        self._taker = stack.enter_context(
            Taker(folder / "journal", self.ledger, self.desk, sealer=sealer, policies=[self.policy])
        )
        for name in (*STAFF, "stranger"):
            tls = self._tls(certificate_name(name) if name in STAFF else STRANGER)
            self._people[name] = stack.enter_context(CaseClient(str(self._host.address), tls=tls, timeout_s=20))

    def _tls(self, name: str) -> ClientTls:
        return ClientTls(self.folder / f"{name}.pem", self.folder / f"{name}.key", self.folder / "ca.pem")

    # --- lists and clients ------------------------------------------------------------------------------------------

    def tell_lists(self) -> None:
        """Record the lists of the index that is in use."""
        with Index.open(self.index_path) as index:
            events = list_events(LIST_LOADED, index.info, purpose=Purpose.LOAD)
            digest = index.info.digest
        self.ledger.transact(lambda _: events, request_id=f"load-{digest}", caller=OLEG, at=self.clock())

    def replace_index(self, lists: Path) -> None:
        """Build the index anew and let the server go over to it, as it does when the file is replaced."""
        fresh = self.folder / "next.index"
        build_index([lists], fresh)
        fresh.replace(self.index_path)
        if not self.source.look():
            raise RuntimeError("the server has not gone over to the new index")
        self.tell_lists()

    def import_clients(self, clients: list[dict[str, Any]]) -> None:
        """Bring the base to a client file."""
        path = self.folder / "clients.jsonl"
        path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in clients))
        refused: list[Reject] = []
        source, found = read_clients(path, format=None)
        del source
        done = import_clients(self.base, found, at=self.clock(), refused=refused.append)
        if refused:
            raise RuntimeError(f"{len(refused)} clients were refused: {refused[0].reason}")
        self.teller.say(f"   {done.client_count} clients: {done.added} added, {done.removed} gone")

    def judge(self) -> Judge:
        """Return the policy of today."""
        return Judge(self.policy, self.clock().astimezone(MOSCOW).date())

    def screen_clients(self) -> None:
        """Screen what changed in the base and in the lists since the last time; what is found goes to the desk."""
        with Index.open(self.index_path) as index:
            judge, at = self.judge(), self.clock()
            run_id = run_of(self.base.base_id, self.base.generation, index, self.policy)
            cases = CaseTaker(self.desk, index, self.policy, run_id=run_id, at=at)

            def settle(night: Night) -> None:
                former = self.base.editions()
                delist(self.ledger, self.desk, night.gone, index, run_id=run_id, at=at, former=former)
                log_list_use(self.ledger, index, run_id=run_id, at=at)

            night = screen_base(
                self.base, index, judge, at=at, take=cases.take, settle=settle, told_to=self.ledger.ledger_id
            )
        self.teller.say(
            f"   {night.client_count} clients, {night.screened_count} of them screened one by one,"
            f" {night.match_count} with matches; {len(night.gone)} entries have left their list"
        )

    def check_clients(self) -> Checked:
        """Run the check that the law wants every three months."""
        with Index.open(self.index_path) as index:
            return run_check(
                self.base, index, self.judge(), ledger=self.ledger, desk=self.desk, schedule=self.schedule,
                at=self.clock(),
            )  # fmt: skip

    # --- payments ---------------------------------------------------------------------------------------------------

    def screen(self, record: wire.Record) -> str:
        """Screen a record over gRPC as the processor does, tell what is answered, and let a case be made of it."""
        answer = self.processor.screen(record)
        verdict = wire.Verdict.Name(answer.verdict).removeprefix("VERDICT_").lower()
        self.teller.say(f"   gRPC Screen {record.record_id}: {verdict}")
        for ruling in answer.rulings:
            self.teller.say(f"      {ruling.rule_id} ({ruling.law}): {ruling.reason}")
        if self._host.journal is not None:
            self._host.journal.tell_counts()
        taken = self._taker.take()
        if taken.not_taken or taken.faults:
            raise RuntimeError("a screening was not taken")
        return verdict

    # --- people -----------------------------------------------------------------------------------------------------

    def act(self, person: str, subject: str, action: str, **facts: Any) -> cases_pb2.ActResponse:
        """Let a person take a step over gRPC."""
        return self._people[person].act(subject, action, facts, request_id=self._request())

    def begin(self, person: str, machine: str, action: str, **facts: Any) -> str:
        """Let a person begin a matter over gRPC; return it."""
        answer = self._people[person].begin(machine, action, facts, request_id=self._request())
        return str(answer.steps[0].subject)

    def refused(self, person: str, subject: str, action: str, **facts: Any) -> str:
        """Let a person try what is not allowed; return the code by which it is refused."""
        try:
            self.act(person, subject, action, **facts)
        except SitoError as error:
            self.teller.say(f"   {person} may not: {error}")
            return error.code
        raise RuntimeError(f"{person} was let through")

    def look(self, person: str, subject: str) -> cases_pb2.GetCaseResponse:
        """Let a person look at a matter."""
        return self._people[person].get_case(subject)

    def seen(self, person: str, subject: str) -> int:
        """Let a person look at a case; return up to which event it was seen."""
        return int(self.look(person, subject).last_sequence)

    def deadlines(self, person: str) -> cases_pb2.ListDeadlinesResponse:
        """Let a person ask what is due."""
        return self._people[person].list_deadlines()

    def decide(self, case: str, *, measure: str, motive: str, by: tuple[str, str] = ("anna", "boris")) -> None:
        """Let one person confirm a case and another approve it."""
        first, second = by
        self.act(first, case, "assign", assignee=first)
        self.clock.go(minutes=10)
        self.act(first, case, "confirm", measure=measure, motive=motive, seen=self.seen(first, case))
        self.clock.go(minutes=10)
        self.act(second, case, "approve", seen=self.seen(second, case))

    def _request(self) -> str:
        self._requests += 1
        return f"story-{self._requests}"


def _raised(error: SitoError) -> None:
    raise RuntimeError(str(error))
