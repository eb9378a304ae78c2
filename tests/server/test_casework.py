"""`sito.v1.CaseService` over a real server: people with certificates and tokens, wrong hands, replayed requests."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from grpc_status import rpc_status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.office import SYSTEM, hit, screening
from tests.server.conftest import Authority

from sito import Screener
from sito.caseclient import CaseClient
from sito.cases.desk import Desk
from sito.cases.projection import ATTEMPT_REFUSED, PROJECTION
from sito.cases.reception import PERSONAL_SHOWN
from sito.cases.staff import new_token
from sito.cli import fromwire, run
from sito.client import ClientTls, RetryPolicy
from sito.errors import CaseError, LedgerError, ScreenError, SitoError
from sito.ledger import Ledger, Sealer
from sito.ledger.sealing import read_key
from sito.v1 import cases_pb2 as wire
from sito.v1 import cases_pb2_grpc
from sito_server import casework
from sito_server.access import CASE_SERVICE
from sito_server.casework import CALLS_MAX, is_near
from sito_server.config import ClientAuth
from sito_server.host import Host

NAME = "Чертополохов Евлампий"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = {
    "anna": "officer", "boris": "officer", "vera": "head", "oleg": "operator", "prov": "auditor",
}  # fmt: skip


class Bank:
    """A server with a ledger of one case, people with certificates and tokens, and a clock that stands."""

    def __init__(self, folder: Path, keys: Path, start: Callable[..., Host]) -> None:
        self.folder, self.keys, self._start = folder, keys, start
        self.now = NOW
        self.tokens: dict[str, str] = {}
        self.write_staff(PEOPLE)
        (folder / "personal.key").write_text("07" * 32)
        (folder / "personal.key").chmod(0o600)
        self.url = f"sqlite:///{folder / 'sito.db'}"
        Ledger.create(self.url)

    def write_staff(self, people: dict[str, str]) -> None:
        text = ""
        for name, roles in people.items():
            token, line = new_token()
            self.tokens[name] = token
            words = ", ".join(f'"{role}"' for role in roles.split())
            text += f'[[person]]\nname = "{name}"\nroles = [{words}]\ncertificates = ["{name}.bank.example"]\n'
            text += f'tokens = ["{line}"]\n'
        (self.folder / "staff.toml").write_text(text, "utf-8")

    def serve(self, **options: object) -> str:
        tls = {name: self.keys / file for name, file in TLS.items()}
        self.host = self._start(
            **{"ledger": self.url, "ledger_key_file": self.folder / "personal.key", "staff": self.folder / "staff.toml",
               **tls, **options},
        )  # fmt: skip
        self.address = str(self.host.address)
        return self.address

    def open_case(self, request_id: str = "first", **told: Any) -> str:
        sealer = Sealer(read_key(self.folder / "personal.key"))
        with Ledger.open(self.url, sealer=sealer, projections=[PROJECTION]) as ledger:
            assert self.host._casework is not None
            desk = Desk(ledger, schedule=self.host._casework.schedule)
            what = screening(hit(), term_ids=("te-freeze-1wd",), **told)
            return desk.open_case(
                what, personal={"name": NAME}, caller=SYSTEM, request_id=request_id, at=self.now
            ).subject

    def client(self, certificate: str, **more: Any) -> CaseClient:
        parts = (self.keys / f"{certificate}.pem", self.keys / f"{certificate}.key", self.keys / "ca.pem")
        once = RetryPolicy(attempts=1)
        return CaseClient(self.address, **{"tls": ClientTls(*parts), "retry": once, "timeout_s": 20, **more})

    def events(self, *kinds: str) -> list[tuple[str, Any]]:
        with Ledger.open(self.url) as ledger, ledger.read() as view:
            return [(one.caller.name, one.event.facts) for one in view.events(kinds=kinds or None)]

    def refused(self) -> list[tuple[str, str, str]]:
        return [(one["code"], one["action"], one["name"]) for _, one in self.events(ATTEMPT_REFUSED)]


TLS = {"tls_certificate": "server.pem", "tls_key": "server.key", "tls_client_ca": "ca.pem"}


@pytest.fixture(scope="session")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of people; of names that look alike, of another authority, of a machine, of two people at once."""
    made = Authority(tmp_path_factory.mktemp("hands"))
    made.root("ca")
    made.root("other")
    made.issue("server")
    for name in PEOPLE:
        made.issue(name, names=f"DNS:{name}.bank.example")
    made.issue("portal", names="DNS:portal.bank.example")
    made.issue("both", names="DNS:anna.bank.example,DNS:boris.bank.example")
    made.issue("anna.bank.example.evil", names="DNS:anna.bank.example.evil.example")
    made.issue("xn", names="DNS:xn--nna-5cd.bank.example")
    made.issue("forged", authority="other", names="DNS:anna.bank.example")
    made.issue("anna.bank.example", names="email:mallory@bank.example,URI:spiffe://bank.example/mallory")
    return made.folder


@pytest.fixture
def bank(tmp_path: Path, hands: Path, screener: Screener, serving: Callable[..., Host]) -> Iterator[Bank]:
    made = Bank(tmp_path, hands, lambda **options: serving(screener, clock=lambda: made.now, **options))
    yield made


def test_from_a_case_to_a_freeze_with_what_the_law_wants_next(bank: Bank) -> None:
    bank.serve()
    subject = bank.open_case()
    with bank.client("anna") as anna, bank.client("boris") as boris, bank.client("oleg") as oleg:
        (line,) = anna.list_cases(states=["new"])
        assert (line.subject, line.fields["client_id"], line.due.rule) == (subject, "C-1", "R-TE-FREEZE")
        anna.act(subject, "assign", {"assignee": "anna"})
        seen = anna.get_case(subject)
        assert "confirm" in [one.action for one in seen.steps] and NAME.encode() not in seen.SerializeToString()
        told = {"measure": "freeze", "motive": "имена совпали", "seen": seen.last_sequence}
        anna.act(subject, "confirm", told)
        done = boris.act(subject, "approve", {"seen": boris.get_case(subject).last_sequence})
        assert [(one.subject, one.action, one.state) for one in done.steps] == [
            (subject, "approve", "approved"), ("freeze:1", "propose", "proposed"),
        ]  # fmt: skip
        applied = oleg.act("freeze:1", "apply")
        (due,) = applied.deadlines
        assert (due.rule, due.message_kind, due.urgency) == ("R-TE-INFORM", "freeze", wire.URGENCY_SOON)
        assert due.alarm_at.ToDatetime(UTC) == datetime(2026, 3, 3, 21, tzinfo=UTC)
        bank.now += timedelta(days=30)
        late = anna.list_deadlines()
        assert late.late_count == 1 and late.deadlines[0].urgency == wire.URGENCY_LATE
        assert anna.list_deadlines(subjects=[subject]).deadlines == []
        anna.act("freeze:1", "inform", {"message_id": "FES-1"})
        assert anna.list_deadlines().late_count == 0
        (measure,) = anna.list_measures(client_id="C-1")
        assert (measure.subject, measure.state, measure.fields["case_subject"]) == ("freeze:1", "applied", subject)
        page = anna.get_case(subject)
        assert list(page.followed_by) == ["freeze:1"] and page.events[-1].kind == "freeze_told_to_authority"
        assert page.head_digest == page.events[-1].digest
        assert not page.allowances
        typed = fromwire.page(anna.get_case("freeze:1"), bank.now).allowances
        assert {one.allowance: (one.spent_kopecks, one.limit_kopecks, one.each_member_kopecks) for one in typed} == {
            "wage": (0, 1_000_000, 1_000_000), "social": (0, None, 0), "dues": (0, None, 0),
        }  # fmt: skip
    assert bank.refused() == []


def test_a_matter_begins_and_facts_of_every_type_arrive(bank: Bank) -> None:
    bank.serve()
    with bank.client("anna") as anna:
        told: dict[str, Any] = {
            "category": "unusual", "criteria": ["1101", "1102"], "operation": {"amount": "100,00"},
            "party": {"name": NAME}, "author": "anna", "created_on": NOW.date(), "trigger_at": NOW,
        }  # fmt: skip
        begun = anna.begin("message", "draft", told, request_id="m1")
        assert (begun.steps[0].subject, begun.steps[0].state) == ("message:1", "draft")
        assert anna.begin("message", "draft", told, request_id="m1") == begun
        page = anna.get_case("message:1", with_personal=True)
        assert page.events[0].personal["party"]["name"] == NAME
        assert list(page.events[0].facts["criteria"]) == ["1101", "1102"]
    assert [(name, facts["purpose"]) for name, facts in bank.events(PERSONAL_SHOWN)] == [("anna", "show")]


@pytest.mark.parametrize(("certificate", "token", "code", "recorded"), [
    ("anna", "", "", ""), ("portal", "anna", "", ""), ("anna", "anna", "", ""),  # these may
    ("portal", "", "CAS206", "portal.bank.example"), ("both", "", "CAS207", "anna.bank.example"),
    ("anna.bank.example.evil", "", "CAS206", "anna.bank.example.evil.example"),
    ("xn", "", "CAS206", "xn--nna-5cd.bank.example"),
    ("anna.bank.example", "", "CAS206", "spiffe://bank.example/mallory"),  # the common name alone is none
    ("boris", "anna", "CAS207", "token"), ("portal", "?", "CAS206", "token"), ("anna", "?", "CAS206", "token"),
    ("oleg", "", "CAS204", "oleg"), ("prov", "", "CAS204", "prov"),
])  # fmt: skip
def test_who_may_and_who_may_not(bank: Bank, certificate: str, token: str, code: str, recorded: str) -> None:
    """By certificate and token over mutual TLS: a name that looks alike, two names, another's token, a wrong role."""
    bank.serve()
    subject = bank.open_case()
    text = "x" * 43 if token == "?" else bank.tokens.get(token, "")
    with bank.client(certificate, token=text) as client:
        if not code:
            assert client.act(subject, "assign", {"assignee": "anna"}).steps[0].state == "in_review"
            assert bank.refused() == []
            return
        before = bank.events()
        with pytest.raises(CaseError) as caught:
            client.act(subject, "assign", {"assignee": "anna"}, request_id="r1")
        assert caught.value.code == code
    assert bank.refused() == [(code, "assign", recorded)]
    assert len(bank.events()) == len(before) + 1
    assert not any(secret in str(bank.events()) for secret in bank.tokens.values())


def test_a_certificate_of_another_authority_does_not_even_connect(bank: Bank) -> None:
    bank.serve()
    with bank.client("forged") as client, pytest.raises(ScreenError, match="SCR301"):
        client.list_cases()
    assert bank.events() == []


@pytest.mark.parametrize("call", ["list_cases", "list_measures", "list_deadlines", "get_case"])
def test_nobody_unknown_looks(bank: Bank, call: str) -> None:
    bank.serve()
    bank.open_case()
    with bank.client("portal") as client, pytest.raises(CaseError, match="CAS206"):
        getattr(client, call)(*(["case:1"] if call == "get_case" else []))
    assert bank.refused() == [("CAS206", "look", "portal.bank.example")]


def test_operators_see_no_personal_data(bank: Bank) -> None:
    bank.serve()
    subject = bank.open_case()
    with bank.client("oleg") as oleg, bank.client("prov") as prov:
        assert oleg.get_case(subject).events[0].has_personal
        with pytest.raises(CaseError, match="CAS204"):
            oleg.get_case(subject, with_personal=True)
        page = prov.get_case(subject, with_personal=True)
        assert page.events[0].personal["record"]["name"] == NAME
    assert [name for name, _ in bank.events(PERSONAL_SHOWN)] == ["prov"]
    assert bank.refused() == [("CAS204", "look", "oleg")]


def test_the_same_person_twice_by_certificate_and_token_is_one(bank: Bank) -> None:
    bank.serve()
    subject = bank.open_case()
    with bank.client("anna") as anna, bank.client("portal", token=bank.tokens["anna"]) as again:
        anna.act(subject, "assign", {"assignee": "anna"})
        seen = anna.get_case(subject).last_sequence
        anna.act(subject, "confirm", {"measure": "freeze", "motive": "он", "seen": seen})
        for client in (again, anna):
            with pytest.raises(CaseError, match="CAS205"):
                client.act(subject, "approve", {"seen": seen + 1}, request_id=f"second-{client is anna}")
    assert bank.refused() == [("CAS205", "approve", "anna")] * 2


def test_a_replayed_request_changes_nothing_and_another_content_is_refused_and_recorded(bank: Bank) -> None:
    bank.serve()
    subject = bank.open_case()
    with bank.client("anna") as anna, bank.client("boris") as boris:
        first = anna.act(subject, "note", {"note": "запрошены документы"}, request_id="r1")
        count = len(bank.events())
        assert anna.act(subject, "note", {"note": "запрошены документы"}, request_id="r1") == first
        assert len(bank.events()) == count
        for client, note in ((anna, "иное"), (boris, "запрошены документы")):
            with pytest.raises(LedgerError, match="LED199"):
                client.act(subject, "note", {"note": note}, request_id="r1")
    assert [(code, name) for code, _, name in bank.refused()] == [("LED199", "anna"), ("LED199", "boris")]


WRONG, NOT_NOW = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
ASSIGN = {"action": "assign", "facts": {"assignee": "anna"}}
STATUS: list[tuple[str, dict[str, Any], str, grpc.StatusCode]] = [
    ("case:9", ASSIGN, "CAS106", grpc.StatusCode.NOT_FOUND),
    ("case:1", {"action": "explode"}, "CAS106", grpc.StatusCode.NOT_FOUND),
    ("case:1", {"action": "assign"}, "CAS101", WRONG),
    ("case:1", {"action": "assign", "facts": {"assignee": "anna", "owner": "y"}}, "CAS102", WRONG),
    ("case:1", {"action": "assign", "facts": {"assignee": 7.5}}, "CAS103", WRONG),
    ("case:1", {"action": "assign", "facts": {"assignee": None}}, "CAS103", WRONG),
    ("case:1", {"action": "reopen", "facts": {"reopen_cause": "new_facts"}}, "CAS105", NOT_NOW),
    ("case:1", {**ASSIGN, "request_id": ""}, "CAS132", WRONG),
    ("case:1", {**ASSIGN, "request_id": "refused-1"}, "CAS132", WRONG),
    ("case:1", {**ASSIGN, "request_id": "x" * 201}, "CAS132", WRONG),
    ("case:1", {**ASSIGN, "role": "head"}, "CAS208", grpc.StatusCode.PERMISSION_DENIED),
]


def test_every_kind_of_refusal_has_its_status_and_code(bank: Bank) -> None:
    bank.serve()
    bank.open_case()
    parts = [(bank.keys / file).read_bytes() for file in ("ca.pem", "anna.key", "anna.pem")]
    with grpc.secure_channel(bank.address, grpc.ssl_channel_credentials(*parts)) as channel:
        stub = cases_pb2_grpc.CaseServiceStub(channel)
        for number, (subject, told, code, status) in enumerate(STATUS):
            facts = struct_pb2.Struct()
            facts.update(told.get("facts", {}))
            request = wire.ActRequest(subject=subject, **{"request_id": f"q{number}", **told, "facts": facts})
            with pytest.raises(grpc.RpcError) as caught:
                stub.Act(request, timeout=10)
            assert isinstance(caught.value, grpc.Call)
            assert (caught.value.code(), code in (caught.value.details() or "")) == (status, True), caught.value
            assert rpc_status.from_call(caught.value) is not None
        for bad in (b"\xff\xff", b"\x0a\x05case"):
            raw = channel.unary_unary(f"/{CASE_SERVICE}/Act")
            with pytest.raises(grpc.RpcError) as caught:
                raw(bad, timeout=10)
            assert isinstance(caught.value, grpc.Call) and caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with bank.client("anna") as anna:
        for call in (
            lambda: anna.list_cases(states=["lifted"]), lambda: anna.list_cases(count=5000),
            lambda: anna.list_cases(after=-5), lambda: anna.list_measures(machines=["case"]),
            lambda: anna.list_deadlines(within_hours=-1),
        ):  # fmt: skip
            with pytest.raises(CaseError, match="CAS110"):
                call()


def test_who_leaves_the_bank_is_nobody_from_then_on_and_a_broken_file_changes_nothing(bank: Bank) -> None:
    bank.serve(reload_seconds=0)
    subject = bank.open_case()
    with bank.client("anna") as anna, bank.client("boris") as boris:
        anna.act(subject, "note", {"note": "раз"})
        bank.write_staff({"boris": "officer"})
        bank.host.reload()
        with pytest.raises(CaseError, match="CAS206"):
            anna.act(subject, "note", {"note": "два"})
        boris.act(subject, "note", {"note": "три"})
        for broken in ("[[person", '[[person]]\nname="sito"\nroles=["system"]\n'):
            (bank.folder / "staff.toml").write_text(broken)
            bank.host.reload()
            boris.act(subject, "note", {"note": "четыре"})
        (bank.folder / "staff.toml").unlink()
        bank.host.reload()
        boris.act(subject, "note", {"note": "пять"})


def test_without_tls_a_token_counts_on_this_machine_alone(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    none = dict.fromkeys(TLS)
    bank.serve(**none)
    subject = bank.open_case()
    told = {"tls": None, "retry": RetryPolicy(attempts=1)}
    with (
        CaseClient(bank.address, token=bank.tokens["anna"], **told) as anna,
        CaseClient(bank.address, **told) as nobody,
    ):  # type: ignore[arg-type]
        anna.act(subject, "note", {"note": "раз"})
        with pytest.raises(CaseError, match="CAS206"):
            nobody.act(subject, "note", {"note": "раз"})
        monkeypatch.setattr(casework, "is_near", lambda peer: False)  # as if it came over the network
        with pytest.raises(CaseError, match="CAS209"):
            anna.act(subject, "note", {"note": "два"})
    assert [code for code, _, _ in bank.refused()] == ["CAS206", "CAS209"]


@pytest.mark.parametrize(("peer", "near"), [
    ("ipv4:127.0.0.1:5000", True), ("ipv6:[::1]:5000", True), ("ipv6:%5B::1%5D:5000", True), ("unix:/x", True),
    ("unix:", True), ("ipv4:10.0.0.1:5000", False), ("ipv6:[2001:db8::1]:1", False),
    ("ipv6:[::ffff:10.0.0.1]:1", False), ("ipv6:[::ffff:127.0.0.1]:1", True), ("", False), ("dns:localhost", False),
    ("ipv4:", False),
])  # fmt: skip
def test_what_is_near(peer: str, near: bool) -> None:
    assert is_near(peer) is near


@pytest.mark.parametrize("metadata", [
    (("authorization", "Basic x"),), (("authorization", ""),), (("authorization", "Bearer "),),
    (("authorization", "Bearer {anna}"), ("authorization", "Bearer {anna}")),
    (("authorization", "{anna}"),), (("authorization", "Bearer {anna} x"),),
])  # fmt: skip
def test_a_token_of_another_form_is_nobodys_whatever_the_certificate_says(
    bank: Bank, metadata: tuple[tuple[str, str], ...]
) -> None:
    bank.serve()
    bank.open_case()
    parts = [(bank.keys / file).read_bytes() for file in ("ca.pem", "anna.key", "anna.pem")]
    told = [(key, text.format(anna=bank.tokens["anna"])) for key, text in metadata]
    credentials = grpc.ssl_channel_credentials(*parts)
    with grpc.secure_channel(bank.address, credentials) as channel, pytest.raises(grpc.RpcError) as caught:
        cases_pb2_grpc.CaseServiceStub(channel).ListCases(wire.ListCasesRequest(), timeout=10, metadata=told)
    assert isinstance(caught.value, grpc.Call) and caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_server_without_a_ledger_has_no_such_service(screener: Screener, serving: Callable[..., Host]) -> None:
    host = serving(screener)
    client = CaseClient(str(host.address), token="x", retry=RetryPolicy(attempts=1))
    with client, pytest.raises(SitoError, match="SCR303"):
        client.list_cases()


def test_calls_beyond_the_room_for_them_come_back_later(bank: Bank) -> None:
    """Steps that wait for a disk take no thread of those that screen; whoever is sent away comes back by himself."""
    bank.serve()
    subject = bank.open_case()
    service = bank.host._casework
    assert service is not None
    for _ in range(CALLS_MAX):
        assert service._room.acquire(blocking=False)
    with bank.client("anna") as anna, pytest.raises(ScreenError, match="SCR411"):
        anna.list_cases()
    timer = threading.Timer(0.3, lambda: [service._room.release() for _ in range(CALLS_MAX)])
    timer.start()
    with bank.client("anna", retry=RetryPolicy(attempts=10)) as patient:
        assert patient.act(subject, "assign", {"assignee": "anna"}).steps
    timer.join()


def test_of_many_who_approve_at_once_one_does(bank: Bank) -> None:
    bank.serve()
    subject = bank.open_case()
    with bank.client("anna") as anna, bank.client("boris", retry=RetryPolicy()) as boris:
        anna.act(subject, "assign", {"assignee": "anna"})
        seen = anna.get_case(subject).last_sequence
        anna.act(subject, "confirm", {"measure": "freeze", "motive": "он", "seen": seen})
        codes: list[str] = []

        def approve(number: int) -> None:
            try:
                boris.act(subject, "approve", {"seen": seen + 1}, request_id=f"a{number}")
                codes.append("done")
            except SitoError as error:
                codes.append(error.code)

        threads = [threading.Thread(target=approve, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["CAS105"] * 5 + ["done"]
        assert [one.subject for one in anna.list_measures()] == ["freeze:1"]


def test_facts_that_cannot_travel_are_refused_by_the_client(bank: Bank) -> None:
    bank.serve()
    with bank.client("anna") as anna, pytest.raises(ScreenError, match="SCR308"):
        anna.act("case:1", "note", {"note": object()})


def test_clients_without_certificates_are_known_by_token_over_tls(bank: Bank) -> None:
    bank.serve(tls_client_auth=ClientAuth.NONE, tls_client_ca=None)
    subject = bank.open_case()
    with bank.client("boris", token=bank.tokens["anna"]) as client:  # the certificate is not asked for
        assert client.act(subject, "assign", {"assignee": "anna"}).steps
    with bank.client("boris") as client, pytest.raises(CaseError, match="CAS206"):
        client.list_cases()


def test_the_contract_is_the_one_that_is_let_through() -> None:
    assert wire.DESCRIPTOR.services_by_name["CaseService"].full_name == CASE_SERVICE


def test_several_processes_share_one_ledger_and_a_step_that_was_answered_outlives_kill(
    bank: Bank, index_path: Path, running: Callable[..., Any]
) -> None:
    """As a bank runs it: two workers, SIGKILL to all of them after an answer, and the same request again."""
    bank.now = datetime.now(UTC)
    bank.serve()
    subject = bank.open_case()
    told = (
        "--index", index_path, "--listen", "127.0.0.1:0", "--processes", "2", "--ledger", bank.folder / "sito.db",
        "--ledger-key-file", bank.folder / "personal.key", "--staff", bank.folder / "staff.toml",
    )  # fmt: skip
    first = running(*told)
    address = first.until("serving")["address"]
    answers = []
    for number in range(6):  # each by a connection of its own: the workers take turns
        with CaseClient(address, token=bank.tokens["anna"], timeout_s=30) as client:
            answers.append(client.act(subject, "note", {"note": f"запись {number}"}, request_id=f"n{number}"))
    for worker in first.children:
        os.kill(worker, signal.SIGKILL)
    first.process.kill()
    first.process.wait(30)
    second = running(*told)
    address = second.until("serving")["address"]
    with CaseClient(address, token=bank.tokens["anna"], timeout_s=30) as client:
        for number, answer in enumerate(answers):
            again = client.act(subject, "note", {"note": f"запись {number}"}, request_id=f"n{number}")
            assert again.steps == answer.steps
        page = client.get_case(subject)
    assert [one.kind for one in page.events] == ["case_opened", *["case_noted"] * 6]


def test_the_command_line_works_at_a_server_as_at_a_ledger(
    bank: Bank, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same screens by both doors; who is nobody is refused by both."""
    bank.now = datetime.now(UTC)
    bank.serve()
    subject = bank.open_case()
    for name in ("anna", "boris"):
        (bank.folder / name).write_text(bank.tokens[name])
    tls = [word for name, file in (("certificate", "anna.pem"), ("key", "anna.key"), ("server-ca", "ca.pem"))
           for word in (f"--tls-{name}", str(bank.keys / file))]  # fmt: skip
    server = ["--server", bank.address, *tls]
    local = ["--ledger", bank.url, "--staff", str(bank.folder / "staff.toml"), "--key-file",
             str(bank.folder / "personal.key"), "--token-file", str(bank.folder / "anna")]  # fmt: skip

    def call(*words: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = run(list(words))
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    assert call("case", "assign", subject, "--assignee", "anna", *server)[0] == 0
    seen = str(json.loads(call("case", "show", subject, "--json", *server)[1])["last_sequence"])
    told = ("--measure", "freeze", "--motive", "имена совпали", "--seen", seen)
    code, out, _ = call("case", "confirm", subject, *told, *server)
    assert code == 0 and "now confirmed" in out and "approve" in out
    bank.now = datetime.now(UTC)
    for words in (("case", "list"), ("measure", "list"), ("case", "list", "--kind", "message"), ("deadlines",),
                  ("case", "show", subject), ("case", "show", subject, "--personal")):  # fmt: skip
        here, there = call(*words, *local), call(*words, *server)
        assert (here[0], here[1].splitlines()[:8]) == (there[0], there[1].splitlines()[:8]), words
    here, there = (json.loads(call("case", "show", subject, "--json", *where)[1]) for where in (local, server))
    for page in (here, there):
        for name in ("made_at", "head_sequence", "head_digest"):
            page.pop(name)
        for hit_ in page["hits"]:
            for name in ("client_id", "entry_fingerprint", "party_fingerprint", "former_ids", "known_by"):
                hit_.pop(name, None)
        for one in page["duties"]:
            one.pop("left_h")
    assert here == there
    assert [[*one["facts"]] for one in here["events"]] == [[*one["facts"]] for one in there["events"]]
    assert call("case", "approve", subject, "--seen", str(int(seen) + 1), *server)[2].startswith("sito: CAS205 ")
    portal = [word.replace("anna", "portal") for word in server]
    code, out, err = call("deadlines", *portal)
    assert (code, out) == (2, "") and err.startswith("sito: CAS206 ")
    assert call("deadlines", *portal, "--token-file", str(bank.folder / "boris"))[0] == 0
    for wrong in (
        ("case", "list"), ("case", "list", *server, *local), ("case", "list", *server[:4]),
        ("case", "export", subject, *server), ("case", "list", *server[:-1], str(bank.folder / "none.pem")),
    ):  # fmt: skip
        code, out, err = call(*wrong)
        assert (code, out) == (2, "") and err.startswith("sito: CLI135 "), wrong
    assert call("case", "list", "--server", "bank.example:1")[2].startswith("sito: SCR305 ")
    half = "\udcff"
    for words in (
        ("case", "list", "--client", half), ("case", "list", "--after", str(10**30)), ("case", "show", f"case:{half}"),
        ("case", "list", "--role", half), ("measure", "list", "--kind", half), ("case", "act", half, half),
        ("case", "note", subject, "--note", "x", "--request-id", half), ("case", "list", "--kind", half),
        ("case", "note", subject, "--note", half),
        ("case", "reopen", subject, "--fact", "screening=" + "[" * 900 + "]" * 900),
    ):  # fmt: skip
        code, out, err = call(*words, *server)
        assert (code, out) == (2, "") and err.startswith("sito: SCR308 "), words


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_done_or_refused_with_a_code(bank: Bank, data: st.DataObject) -> None:
    """Any words, any facts, any bytes: no fault of the server, nothing in the chain that was not asked for."""
    if not hasattr(bank, "host"):
        bank.serve()
        bank.open_case()
    words = st.sampled_from(["case:1", "case:01", "case", "freeze", "message", "check:1", "", "a:1"]) | st.text(
        max_size=9
    )
    actions = st.sampled_from(["assign", "note", "confirm", "plan", "draft", "propose", "open"]) | st.text(max_size=9)
    names = st.sampled_from(["assignee", "note", "measure", "motive", "seen", "operation", "criteria", "client_id"])
    facts = data.draw(st.dictionaries(names | st.text(max_size=6), VALUES, max_size=4))
    with bank.client("anna") as anna:
        subject, action = data.draw(words), data.draw(actions)
        step = anna.act if data.draw(st.booleans()) else anna.begin
        try:
            answer = step(subject, action, facts, request_id=data.draw(st.text(max_size=8)))
            assert answer.steps
        except SitoError as error:
            assert error.code.startswith(("CAS", "LED")), error
        except (ValueError, UnicodeEncodeError):
            pass  # half of a surrogate pair does not travel


def test_what_no_database_should_be_asked_is_refused_before(bank: Bank) -> None:
    bank.serve()
    bank.open_case()
    with bank.client("anna") as anna:
        asked: list[Callable[[], object]] = [
            lambda: anna.get_case("case:1\0"), lambda: anna.get_case("case:1\0", with_personal=True),
            lambda: anna.list_cases(client_id="\0"), lambda: anna.list_measures(operation_id="\0"),
            lambda: anna.list_deadlines(subjects=["\0"]), lambda: anna.list_cases(after=-1),
            lambda: anna.list_deadlines(subjects=[f"case:{number}" for number in range(1001)]),
            lambda: anna.list_cases(count=-1), lambda: anna.list_deadlines(within_hours=2**62),
        ]  # fmt: skip
        for ask in asked:
            with pytest.raises(CaseError, match=r"CAS1(06|10)"):
                ask()
        assert len(anna.list_deadlines(subjects=["case:1"] * 1000).deadlines) == 1
