"""Messages by the personal account: whatever it answers, each arrives once and none is lost."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.cases.office import assert_equal_to_a_rebuild
from tests.outbox import child
from tests.portal.service import Service, client_of, fault, rules, write_settings

from sito.cases.projection import REPORTS
from sito.errors import FesError, PortalError
from sito.fes import Schemas
from sito.ledger import Ledger
from sito.outbox import Fate, Parcel, PortalRoute, Power, Sender, Told
from sito.outbox.settings import Setup
from sito.portal.rules import FaultKind, Reject

ORGANISATION = """
family = "ko"
name = "АО «Банк Чертополох»"
inn = "7703047975"
[officer]
position = "Специальное должностное лицо"
phone = "(495)1234567"
email = "officer@bank.example"
name = { line = "Анна Проверкина" }
"""
CLAIM = timedelta(minutes=15)
PARCEL = Parcel("fes-1-abc", "FM.xml", "2026_3349_0000_03_00000001", b"<x/>", b"s")


class Office:
    """A ledger, a service and a sender, with a clock that tests move."""

    def __init__(self, folder: Path, service: Service, **settings: Any) -> None:
        url = f"sqlite:///{folder / 'ledger.db'}"
        Ledger.create(url)
        self.service, self.now = service, datetime.now(UTC)
        self.ledger, self.desk = child.opened(url)
        told = {"attempts_max": 1, "answer_s": 0.4} | settings
        self.route = PortalRoute(client_of(write_settings(folder, service.emulator.url, **told)))
        self.sender = Sender(
            self.ledger, self.desk, schemas=Schemas.shipped(), sign=lambda data, name: b"signature", route=self.route,
            clock=lambda: self.now, claim=CLAIM, powers=(Power("mchd.xml", b"p", b"ps"),),
        )  # fmt: skip

    def approve(self, name: str) -> str:
        return child.approve(self.desk, name)

    def turns(self, count: int = 1) -> list[Told]:
        """Let the sender turn; between two turns somebody waits longer than any claim."""
        found = []
        for _ in range(count):
            found += list(self.sender.turn())
            self.now += 2 * CLAIM
        return found

    def row(self, subject: str) -> Any:
        with self.ledger.read() as view:
            return view.execute(sa.select(REPORTS).where(REPORTS.c.subject == subject)).one()

    @property
    def arrived(self) -> Counter[str]:
        return Counter(one.external_id for one in self.service.emulator.holdings.held)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "service").mkdir()
    made = Service(tmp_path / "service", rules())
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, service: Service) -> Iterator[Office]:
    found = Office(tmp_path, service)
    with found.ledger:
        yield found


def test_a_message_goes_with_its_power_and_is_asked_for_until_its_receipt_comes(office: Office) -> None:
    office.service.emulator.use(rules(polls_before_ticket=3))
    subject = office.approve("a")
    assert [(one.action, one.code) for one in office.turns()] == [("sign", ""), ("sent", ""), ("status", "")]
    sent = office.row(subject)
    assert (sent.route, sent.external_id, sent.status_number) == ("portal", sent.record_number, "3")
    assert office.service.methods[:2] == ["authenticate", "send-with-mchd"]
    (held,) = office.service.emulator.holdings.held
    assert [part[:2] for part in held.parts][2:] == [("mchd", "mchd.xml"), ("mchdSign", "mchd.xml.sig")]
    assert [one.action for one in office.turns()] == ["accept"]
    assert office.row(subject).state == "accepted"
    asked = len(office.service.methods)
    assert office.turns() == [] and len(office.service.methods) == asked  # nobody asks for what is settled


KINDS = [kind for kind in FaultKind if kind is not FaultKind.OTHER_RANGE]
REFUSED = {FaultKind.ERROR_400, FaultKind.ERROR_200}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_service_answers_each_message_arrives_once(office: Office, kind: FaultKind) -> None:
    """One message is known to be there; of the next ones each call is answered wrongly once."""
    office.approve("first")
    office.turns(2)
    subjects = []
    for method in ("formalized-message/send-with-mchd", "formalized-message/check-status",
                   "formalized-message/get-ticket", "authenticate"):  # fmt: skip
        office.service.emulator.use(rules(fault=(fault(kind, method, seconds=0.6),)))
        if method == "authenticate":
            office.route._client._token = "of yesterday"
        subjects.append(office.approve(f"message {method}"))
        told = office.turns(4)
        if kind in REFUSED and "send" in method:
            assert {one.code for one in told if one.action == "failed"} == {"FES308"}
            assert (office.row(subjects[-1]).state, office.row(subjects[-1]).cause) == ("signed", "refused")
            office.desk.act(subjects[-1], "send_back", {"motive": "посмотреть"}, caller=child.ANNA, request_id="b",
                            at=office.now)  # fmt: skip
            subjects.pop()
    assert {subject: office.row(subject).state for subject in subjects} == dict.fromkeys(subjects, "accepted")
    assert set(office.arrived.values()) == {1} and len(office.arrived) == len(subjects) + 1
    assert_equal_to_a_rebuild(office.ledger)


def test_a_service_that_is_not_there_leaves_the_message_signed(office: Office) -> None:
    subject = office.approve("a")
    office.service.emulator.use(rules(fault=(fault("reset_before", count=0),)))
    assert [one.code for one in office.turns(2)] == ["", "PRT201", "PRT201"]
    assert office.row(subject).state == "signed"  # not even an attempt: nobody was let in
    office.now -= 2 * CLAIM
    office.service.emulator.use(rules())
    assert [one.action for one in office.sender.turn()] == []  # a pause behind what failed
    office.now += 2 * CLAIM
    assert [one.action for one in office.turns(3)] == ["sent", "accept"]


def test_nothing_is_sent_again_where_the_search_proves_nothing(tmp_path: Path, service: Service) -> None:
    office = Office(tmp_path, service)
    with office.ledger:
        service.emulator.use(rules(fault=(fault("reset_before", "formalized-message/send-with-mchd"),)))
        subject = office.approve("first")
        # No other message is known to be there, so that a search which finds nothing shows nothing.
        assert {one.code for one in office.turns(5)[1:]} == {"FES301"} and not office.arrived
        assert office.row(subject).state == "sending"
        office.desk.act(subject, "not_sent", {"cause": "not_found", "motive": "нет в кабинете"}, caller=child.ANNA,
                        request_id="seen", at=office.now)  # fmt: skip
        assert [one.action for one in office.turns(3)] == ["sent", "accept"]
        # Now one is; but the service does not search.
        service.emulator.use(
            rules(external_search=False, fault=(fault("reset_before", "formalized-message/send-with-mchd"),))
        )
        office.approve("second")
        assert {one.code for one in office.turns(5)[1:]} == {"FES301"}
        service.emulator.use(rules())
        assert [one.action for one in office.turns(4)] == ["not_sent", "sent", "accept"]


@pytest.mark.parametrize(("search", "is_known"), [("yes", False), ("newest", True)])
def test_a_correction_is_told_from_what_it_corrects(
    tmp_path: Path, service: Service, search: str, is_known: bool
) -> None:
    office = Office(tmp_path, service, external_search=search)
    with office.ledger:
        service.emulator.use(
            rules(reject=(Reject(holds=child.series_of(child.MESSAGE, child.AT.date()).record_series),))
        )
        subject = office.approve("first")
        office.turns(3)
        assert office.row(subject).state == "rejected"
        content = child.encoded(msgspec.structs.replace(child.MESSAGE, record_type="correction"))
        correct(office, subject, content)
        service.emulator.use(rules(fault=(fault("reset_before", "formalized-message/send-with-mchd"),)))
        told = office.turns(6)
        if is_known:
            assert office.row(subject).state == "accepted" and office.arrived.total() == 2
        else:
            assert {one.code for one in told[1:]} == {"FES301"} and office.arrived.total() == 1


def correct(office: Office, subject: str, content: str) -> None:
    digest, row = hashlib.sha256(content.encode()).hexdigest(), office.row(subject)
    office.desk.act(subject, "draft", {"content": content, "content_digest": digest}, caller=child.ANNA,
                    request_id=f"draft {row.last_sequence}", at=office.now)  # fmt: skip
    series = child.series_of(child.MESSAGE, child.AT.date())
    told = {"content_digest": digest, "record_series": row.record_series, "file_series": series.file_series,
            "message_date": child.AT.date().isoformat()}  # fmt: skip
    office.desk.act(subject, "approve", told, caller=child.BORIS, request_id=f"approve {row.last_sequence}",
                    at=office.now)  # fmt: skip


def test_of_two_senders_whoever_slept_too_long_does_not_send(office: Office) -> None:
    subject = office.approve("a")
    office.turns(2)
    office.approve("b")
    begun, times = office.now, iter([timedelta(0)] * 4 + [CLAIM] * 20)
    office.sender._clock = lambda: begun + next(times)
    told = [(one.subject, one.action, one.words) for one in office.sender.turn()]
    assert ("fes:2", "not_sent", "unreachable") in told
    assert office.arrived.total() == 1 and office.row(subject).state == "accepted"


def test_numbers_of_another_series_do_not_leave(office: Office) -> None:
    subject, content = "fes:1", child.encoded(child.MESSAGE)
    digest = hashlib.sha256(content.encode()).hexdigest()
    facts = {"family": "ko", "kind": "operation", "record_type": "new", "content": content, "content_digest": digest}
    office.desk.begin("fes", "draft", facts, caller=child.ANNA, request_id="d", at=office.now)
    told = {"content_digest": digest, "record_series": "2026_1", "file_series": "FM", "message_date": "2026-03-02"}
    office.desk.act(subject, "approve", told, caller=child.BORIS, request_id="a", at=office.now)
    assert [one.code for one in office.turns()] == ["FES306"] and not office.arrived


def test_what_the_service_says_is_kept_within_bounds(office: Office, service: Service) -> None:
    service.emulator.use(rules(final_status=(999999999, "я" * 5000), polls_before_ticket=0))
    subject = office.approve("a")
    office.turns(2)
    row = office.row(subject)
    assert (row.state, row.status_number, row.status_name) == ("accepted", "999999999", "я" * 255)


def test_what_the_service_says_of_another_message_is_not_believed(office: Office, service: Service) -> None:
    office.approve("a")
    office.turns(2)
    service.emulator.use(rules(polls_before_ticket=5))
    subject = office.approve("b")
    office.turns()
    holdings = service.emulator.holdings
    whole = holdings.find
    holdings.find = lambda *_: holdings.held[0]  # type: ignore[method-assign]
    told = office.turns()
    assert [one.code for one in told] == ["PRT204"] and office.row(subject).state == "sent"
    service.emulator.use(rules(fault=(fault("reset_before", "formalized-message/send-with-mchd"),)))
    subject = office.approve("c")
    assert {one.code for one in office.turns(4) if one.subject == subject} == {"", "FES301"}
    assert office.row(subject).state == "sending"  # what was found has another record number
    holdings.find = whole  # type: ignore[method-assign]
    office.turns(6)
    assert office.row(subject).state == "accepted" and set(office.arrived.values()) == {1}


def test_what_is_approved_meanwhile_does_not_wait_for_all_answers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.service.emulator.use(rules(polls_before_ticket=9))
    for name in ("a", "b"):
        office.approve(name)
    office.turns()
    monkeypatch.setattr("sito.outbox.sender.LOOK_AGAIN", timedelta(-1))
    whole = office.route.answers

    def answers(waiting: Any) -> Any:
        office.approve("urgent")
        yield from whole(waiting)

    monkeypatch.setattr(office.route, "answers", answers)
    assert ("fes:3", "sent") in [(one.subject, one.action) for one in office.sender.turn()]


def test_messages_that_left_by_another_way_are_told(office: Office) -> None:
    office.service.emulator.use(rules(polls_before_ticket=9))
    office.approve("a")
    office.turns()
    monkey = office.route
    monkey.name = "folder"
    assert [(one.code, one.words[:38]) for one in office.turns()] == [
        ("FES309", "messages that left by portal and wait:")
    ]


def test_the_outbox_names_one_way(tmp_path: Path, service: Service) -> None:
    write_settings(tmp_path, service.emulator.url)
    for text, words in (
        ("", r"FES230 expected \[folder\] or portal, got none"),
        ('portal = "portal.toml"\nclaim_s = 20\n', "claim_s longer than an attempt, which takes up to 20 s"),
        (
            'portal = "portal.toml"\n[[powers]]\nfile = "none.xml"\nsignature = "none.sig"\n',
            "FES230 expected a readable",
        ),
        ('portal = "absent.toml"\n', "PRT101"),
    ):
        with pytest.raises((FesError, PortalError), match=words):
            Setup.read(outbox(tmp_path, text))
    (tmp_path / "mchd.xml").write_bytes(b"p")
    (tmp_path / "mchd.sig").write_bytes(b"")
    powers = '[[powers]]\nfile = "mchd.xml"\nsignature = "mchd.sig"\n'
    with pytest.raises(FesError, match="files of 1 to"):
        Setup.read(outbox(tmp_path, 'portal = "portal.toml"\n' + powers))
    (tmp_path / "mchd.sig").write_bytes(b"ps")
    setup = Setup.read(outbox(tmp_path, 'portal = "portal.toml"\n' + powers))
    assert setup.powers == (Power("mchd.xml", b"p", b"ps"),)
    assert setup.route(lambda _: True).find(PARCEL).fate is Fate.UNKNOWN
    write_settings(tmp_path, service.emulator.url, contour="test")
    with pytest.raises(PortalError, match="PRT305"):
        Setup.read(outbox(tmp_path, 'portal = "portal.toml"\n')).route(lambda _: True)


def outbox(folder: Path, text: str) -> Path:
    (folder / "organisation.toml").write_text(ORGANISATION, "utf-8")
    path = folder / "outbox.toml"
    path.write_text(f'organisation = "organisation.toml"\n{text}\n[signer.sign]\nargv = ["true"]\n', "utf-8")
    return path
