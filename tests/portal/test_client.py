"""The client against the emulator, over real sockets: each way, each quirk, each fault."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.portal.service import PASSWORD, Service, client_of, fault, message, put, put_lists, rules, te, write_settings

from sito.errors import PortalError, SendError
from sito.fes.receipts import Outcome, read_receipt
from sito.lists import containers
from sito.portal import Catalogue, PortalClient, Ticket
from sito.portal.rules import Reject

Make = Callable[..., PortalClient]
RECORD = "2026_3349_0000_03_00000001"
READING_FAULTS = [
    "reset_before", "reset_after", "reset_in_body", "cut", "error_500", "error_200", "html_200", "html_502", "garbage",
    "cp1251", "deep", "empty", "token_401", "token_200",
]  # fmt: skip


@pytest.mark.parametrize("keys", ["printed", "lower", "upper", "pascal"])
@pytest.mark.parametrize("token_key", ["accessToken", "access_token"])
@pytest.mark.parametrize("stub", [True, False])
def test_keys_and_tokens_are_taken_in_all_spellings(
    service: Service, client: Make, keys: str, token_key: str, stub: bool
) -> None:
    service.emulator.use(rules(keys=keys, token_key=token_key, stub=stub))
    one = client()
    assert one.edition(Catalogue.TE21).is_active
    assert one.edition(Catalogue.UN_RUS).date
    sent = one.send("a.xml", message(RECORD), b"signature")
    assert (sent.external_id, sent.status, sent.status_name) == (RECORD, 1, "Отправлено")
    assert service.methods.count("authenticate") == 1
    assert service.emulator.seen[1].headers["authorization"].startswith("bearer ")


@pytest.mark.parametrize("form", ["zip", "xml"])
@pytest.mark.parametrize("catalogue", list(Catalogue))
def test_a_file_comes_as_a_zip_or_plain(
    service: Service, client: Make, tmp_path: Path, catalogue: Catalogue, form: str
) -> None:
    service.emulator.use(rules(list_form=form))
    one = client()
    ending = one.download(catalogue, one.edition(catalogue), tmp_path / "f")
    is_un = catalogue in {Catalogue.UN, Catalogue.UN_RUS}
    assert ending == (".xml" if is_un or form == "xml" else ".zip")
    if ending == ".xml":
        assert (tmp_path / "f.xml").read_bytes() == (tmp_path / f"service/{catalogue}.xml").read_bytes()
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_zip_has_a_russian_name_in_cp866(client: Make, tmp_path: Path) -> None:
    one = client()
    one.download(Catalogue.TE21, one.edition(Catalogue.TE21), tmp_path / "f")
    assert [member.name for member in containers.members(tmp_path / "f.zip")] == ["Перечень te21.xml"]


@pytest.mark.parametrize("kind", READING_FAULTS)
def test_reading_goes_on_after_one_fault(service: Service, client: Make, tmp_path: Path, kind: str) -> None:
    one = client()
    one.login()
    service.emulator.use(rules(fault=(fault(kind, "suspect-catalogs/current-te21-catalog"),)))
    edition = one.edition(Catalogue.TE21)
    assert service.methods[-1] == "current-te21-catalog"
    if kind != "cp1251":  # of a file nobody says that it is JSON
        service.emulator.use(rules(fault=(fault(kind, "suspect-catalogs/current-te21-file"),)))
        assert one.download(Catalogue.TE21, edition, tmp_path / "f") == ".zip"
        assert service.methods[-1] == "current-te21-file"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("reset_before", "PRT201"), ("reset_in_body", "PRT201"), ("error_500", "PRT203"), ("error_400", "PRT203"),
        ("error_200", "PRT203"), ("html_200", "PRT204"), ("html_502", "PRT203"), ("garbage", "PRT204"),
        ("cp1251", "PRT204"), ("deep", "PRT204"), ("empty", "PRT204"), ("huge", "PRT205"), ("redirect", "PRT203"),
        ("token_401", "PRT202"), ("token_200", "PRT202"), ("cut", "PRT204"),
    ],
)  # fmt: skip
def test_what_goes_on_failing_is_an_error_of_ours(service: Service, client: Make, kind: str, code: str) -> None:
    method = "suspect-catalogs/current-mvk-catalog"
    service.emulator.use(rules(fault=(fault(kind, method, count=0),)))
    with pytest.raises(PortalError) as caught:
        client().edition(Catalogue.MVK)
    assert caught.value.code == code
    assert "Шлюз" not in str(caught.value)
    tries = service.methods.count("current-mvk-catalog")
    assert tries == {"error_400": 1, "huge": 1, "token_401": 2, "token_200": 2}.get(kind, 3)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("bomb", "PRT206"), ("html_200", "PRT206"), ("cut", "PRT206"), ("huge", "PRT205"), ("error_200", "PRT203"),
        ("empty", "PRT206"), ("other_range", "PRT204"),
    ],
)  # fmt: skip
def test_what_is_no_file_takes_the_place_of_none(
    service: Service, client: Make, tmp_path: Path, kind: str, code: str
) -> None:
    one = client(file_size_max=1 << 20, attempts_max=2)
    edition = one.edition(Catalogue.TE21)
    service.emulator.use(rules(fault=(fault(kind, "suspect-catalogs/current-te21-file", count=0),)))
    (tmp_path / "f.zip").write_bytes(b"former")
    with pytest.raises(PortalError) as caught:
        one.download(Catalogue.TE21, edition, tmp_path / "f")
    assert caught.value.code == code
    assert (tmp_path / "f.zip").read_bytes() == b"former"
    assert list(tmp_path.glob(".f*")) == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_broke_off_is_gone_on_with(service: Service, client: Make, tmp_path: Path, ranges: bool) -> None:
    big = te(*((f"T-{number}", f"ЧЕРТОПОЛОХОВ {number}") for number in range(5_000)))
    put(tmp_path / "service", "te21", big)
    one = client()
    edition = one.edition(Catalogue.TE21)
    told = {"ranges": ranges, "list_form": "xml"}
    service.emulator.use(rules(fault=(fault("reset_in_body", "suspect-catalogs/current-te21-file"),), **told))
    assert one.download(Catalogue.TE21, edition, tmp_path / "f") == ".xml"
    assert (tmp_path / "f.xml").read_text("utf-8") == big
    asked = [call.headers.get("range", "") for call in service.emulator.seen if call.method.endswith("te21-file")]
    assert asked[0] == "" and asked[1].startswith("bytes=")
    # Also by whoever comes after a kill: the part is there.
    service.emulator.use(rules(fault=(fault("reset_in_body", "suspect-catalogs/current-te21-file"),), **told))
    with pytest.raises(PortalError):
        client(attempts_max=1).download(Catalogue.TE21, edition, tmp_path / "g")
    assert client().download(Catalogue.TE21, edition, tmp_path / "g") == ".xml"
    assert (tmp_path / "g.xml").read_text("utf-8") == big


@pytest.mark.parametrize("what", ["catalogue", "file", "send"])
@pytest.mark.parametrize("kind", ["drip", "delay"])
def test_slow_answers_have_an_end(service: Service, client: Make, tmp_path: Path, kind: str, what: str) -> None:
    one = client(answer_s=0.4, download_s=0.4, attempts_max=1)
    edition = one.edition(Catalogue.TE21)
    service.emulator.use(rules(fault=(fault(kind, count=0, seconds=0.6 if kind == "delay" else 0.1),)))
    begun = time.monotonic()
    with pytest.raises(PortalError) as caught:
        if what == "catalogue":
            one.edition(Catalogue.TE21)
        elif what == "file":
            one.download(Catalogue.TE21, edition, tmp_path / "f")
        else:
            one.send("a.xml", message(RECORD), b"s")
    assert time.monotonic() - begun < 5
    assert caught.value.code == ("PRT212" if what == "send" else "PRT201")


@pytest.mark.parametrize(
    ("kind", "outcome", "is_held"),
    [
        ("reset_before", "unknown", False), ("reset_after", "unknown", True), ("reset_in_body", "unknown", True),
        ("error_500", "unknown", False), ("error_400", "refused", False), ("error_200", "refused", False),
        ("html_200", "unknown", False), ("html_502", "unknown", False), ("garbage", "unknown", True),
        ("huge", "unknown", False),
        ("cp1251", "unknown", True), ("deep", "unknown", False), ("empty", "unknown", False), ("cut", "unknown", True),
        ("redirect", "unknown", False),
    ],
)  # fmt: skip
def test_an_error_says_whether_a_message_may_have_arrived(
    service: Service, client: Make, kind: str, outcome: str, is_held: bool
) -> None:
    service.emulator.use(rules(fault=(fault(kind, "formalized-message/send", count=0),)))
    one = client(answer_size_max=1 << 20)
    with pytest.raises(SendError) as caught:
        one.send("a.xml", message(RECORD), b"signature")
    assert caught.value.outcome == outcome
    assert caught.value.code == {"unknown": "PRT212", "refused": "PRT211"}[outcome]
    assert service.methods.count("send") == 1  # never by itself again
    assert bool(service.emulator.holdings.held) is is_held
    found = one.status("", RECORD)  # and whoever does not know can ask
    assert (found is not None) is is_held
    assert outcome == "unknown" or not is_held


def test_whoever_is_not_there_got_nothing(client: Make, service: Service, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
    one = client_of(write_settings(tmp_path, url))
    with pytest.raises(SendError) as caught:
        one.send("a.xml", message(RECORD), b"s")
    assert (caught.value.outcome, "PRT201" in caught.value.got) == ("not_sent", True)
    one._token = "a token of before"
    with pytest.raises(SendError) as caught:
        one.send("a.xml", message(RECORD), b"s")
    assert (caught.value.outcome, caught.value.got) == ("not_sent", "NewConnectionError")


def test_a_token_that_is_over_is_asked_for_anew_once(service: Service, client: Make) -> None:
    service.emulator.use(rules(token_s=0.05))
    one = client()
    one.edition(Catalogue.MVK)
    time.sleep(0.06)
    assert one.send("a.xml", message(RECORD), b"s").external_id == RECORD
    assert [held.external_id for held in service.emulator.holdings.held] == [RECORD]
    assert service.methods == ["authenticate", "current-mvk-catalog", "send", "authenticate", "send"]
    assert service.emulator.seen[2].headers["authorization"] != service.emulator.seen[4].headers["authorization"]


def test_an_account_that_is_refused_is_not_tried_for_long(service: Service, client: Make) -> None:
    service.emulator.use(rules(password="another"))
    with pytest.raises(PortalError) as caught:
        client().login()
    assert caught.value.code == "PRT202"
    assert service.methods == ["authenticate"]
    assert PASSWORD not in str(caught.value)


def test_powers_of_attorney_go_with_a_message(service: Service, client: Make) -> None:
    binary = bytes(range(256)) * 3 + b"\r\n--x\r\n\r\n"
    client().send("a.xml", message(RECORD), binary, [("p1.xml", b"p1", b"s1"), ("p2.xml", b"p2", binary)])
    (held,) = service.emulator.holdings.held
    assert [(field, name) for field, name, _ in held.parts] == [
        ("file", "a.xml"), ("sign", "a.xml.sig"), ("mchd", "p1.xml"), ("mchdSign", "p1.xml.sig"), ("mchd", "p2.xml"),
        ("mchdSign", "p2.xml.sig"),
    ]  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(held.parts[5][2]), type=bytes) == binary
    assert service.methods[-1] == "send-with-mchd"


def test_a_message_goes_through_its_states_to_a_receipt(service: Service, client: Make) -> None:
    service.emulator.use(rules(polls_before_ticket=2, reject=(Reject(holds="худо", code="17"),)))
    one = client()
    sent = one.send("a.xml", message(RECORD, "худо"), b"s")
    told = [one.status(sent.message_id, RECORD) for _ in range(3)]
    assert [(one.status, one.status_name) for one in told if one] == [
        (3, "Проверка ФЛК"), (3, "Проверка ФЛК"), (97, "Обработано эмулятором"),
    ]  # fmt: skip
    ticket = one.ticket(sent.message_id, RECORD)
    assert isinstance(ticket, Ticket)
    receipt = read_receipt(ticket.data, where="test")
    assert (receipt.outcome, receipt.codes) == (Outcome.REJECTED, ("17",))
    assert receipt.is_about(file_name="a.xml", record_numbers=(RECORD,))
    again = one.send("b.xml", message(RECORD), b"s")  # after a rejection the number is free
    assert one.ticket(again.message_id, RECORD) is None  # not ready yet
    one.status(again.message_id, RECORD)
    accepted = one.ticket(again.message_id, RECORD)
    assert accepted is not None and read_receipt(accepted.data, where="t").outcome is Outcome.ACCEPTED
    third = one.send("c.xml", message(RECORD), b"s")  # now it is not
    for _ in range(3):
        one.status(third.message_id, RECORD)
    doubled = one.ticket(third.message_id, RECORD)
    assert doubled is not None and read_receipt(doubled.data, where="t").codes == ("1004",)


def test_nobody_knows_a_message_that_was_never_sent(service: Service, client: Make) -> None:
    one = client()
    assert one.status("", "2026_0") is None
    assert one.ticket("0f0e0d0c-0000-4000-8000-000000000001", "2026_0") is None
    one.send("a.xml", message(RECORD), b"s")
    service.emulator.use(rules(external_search=False))
    assert one.status("", RECORD) is None


def test_the_test_contour_has_other_paths(service: Service, client: Make) -> None:
    one = client(contour="test")
    assert one.edition(Catalogue.TE2).file_id
    assert one.edition(Catalogue.MVK).file_id
    with pytest.raises(PortalError) as caught:
        one.edition(Catalogue.UN)
    assert (caught.value.code, caught.value.got) == ("PRT203", "HTTP 404")


def test_pauses_double_and_have_a_bound(service: Service, tmp_path: Path) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    told = {"backoff_s": 4.0, "backoff_max_s": 10.0, "attempts_max": 6}
    service.emulator.use(rules(fault=(fault("error_500", count=0),)))
    with pytest.raises(PortalError):
        client_of(write_settings(tmp_path, service.emulator.url, **told), sleep).login()
    assert pauses == [3.0, 6.0, 7.5, 7.5, 7.5]  # three quarters of it: the number for the spread is one half
    pauses.clear()
    with pytest.raises(PortalError):
        client_of(write_settings(tmp_path, service.emulator.url, **told, deadline_s=5.0), sleep).login()
    assert pauses == [3.0]
    with pytest.raises(PortalError):  # whoever is told to stop waits no more
        client_of(write_settings(tmp_path, service.emulator.url, **told), lambda _: True).login()


def test_an_emulator_that_was_killed_forgets_no_message(tmp_path: Path) -> None:
    put_lists(tmp_path / "s")
    first = Service(tmp_path / "s", rules())
    client_of(write_settings(tmp_path, first.emulator.url)).send("a.xml", message(RECORD), b"s")
    first.close()
    (tmp_path / "s/messages/000002.part").write_bytes(b"{")  # it was killed in the middle of the next one
    second = Service(tmp_path / "s", rules())
    try:
        found = client_of(write_settings(tmp_path, second.emulator.url)).status("", RECORD)
        assert found is not None and found.external_id == RECORD
        with pytest.raises(PortalError) as caught:
            Service(tmp_path / "s", rules())
        assert caught.value.code == "PRT402"
    finally:
        second.close()
