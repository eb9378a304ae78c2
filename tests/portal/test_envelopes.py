"""The evidence: whole, ordered, without secrets, bounded, and what an application for access is made of."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.portal.service import PASSWORD, Service, fault, message, rules

from sito.errors import PortalError, SendError
from sito.portal import Catalogue, Envelopes, PortalClient
from sito.portal.envelopes import BODY_SIZE_MAX, TEST_METHODS, Body, Exchange

Make = Callable[..., PortalClient]
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def texts(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))


def test_everything_said_is_kept_without_secrets(service: Service, client: Make, tmp_path: Path) -> None:
    one = client()
    edition = one.edition(Catalogue.TE21)
    one.download(Catalogue.TE21, edition, tmp_path / "f")
    sent = one.send("a.xml", message("R-1", "тайна"), b"signature", [("p.xml", b"p", b"s")])
    one.status(sent.message_id, "R-1")
    folder = tmp_path / "envelopes"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    said = texts(folder)
    tokens = {call.headers["authorization"].split()[1] for call in service.emulator.seen[1:]}
    assert PASSWORD not in said and "тайна" not in said and not any(token in said for token in tokens)
    lines = list(Envelopes(folder).lines())
    assert [(line.number, line.method.split("/")[-1], line.sent_as) for line in lines] == [
        (1, "authenticate", "json"), (2, "current-te21-catalog", "none"), (3, "current-te21-file", "form"),
        (4, "send-with-mchd", "multipart"), (5, "send-with-mchd", "multipart"), (6, "check-status", "json"),
    ]  # fmt: skip
    assert json.loads((folder / "000001.request.json").read_text()) == {"userName": "rfm", "password": "***"}
    assert json.loads((folder / "000001.response.json").read_text())["value"]["accessToken"] == "***"
    assert json.loads((folder / "000003.request.json").read_text()) == {"id": edition.file_id}
    assert lines[2].response == Body.of((tmp_path / "f.zip").read_bytes())
    # A message is in the evidence before it leaves; the second line has the answer.
    assert (lines[3].status, lines[4].status, lines[4].begun) == (None, 200, 4)
    told = json.loads((folder / "000005.request.json").read_text())
    assert [(part["field"], part["file"]) for part in told] == [
        ("file", "a.xml"), ("sign", "a.xml.sig"), ("mchd", "p.xml"), ("mchdSign", "p.xml.sig"),
    ]  # fmt: skip
    (call,) = (call for call in service.emulator.seen if call.method.endswith("check-status"))
    assert (folder / "000006.request.json").read_bytes() == call.body  # as it went, not written anew


def test_what_brought_no_answer_is_kept_too(service: Service, client: Make, tmp_path: Path) -> None:
    service.emulator.use(rules(fault=(fault("reset_after", "formalized-message/send"),)))
    with pytest.raises(SendError):
        client().send("a.xml", message("R-1"), b"s")
    begun, ended = list(Envelopes(tmp_path / "envelopes").lines())[-2:]
    assert (begun.method, begun.failure, ended.begun, ended.failure) == (ended.method, "", begun.number, "PRT201")


def test_the_same_again_is_kept_once_an_hour(tmp_path: Path) -> None:
    envelopes = Envelopes(tmp_path / "e")
    one = Exchange("suspect-catalogs/x", "production", "none", "", 200, "", '{"idXml":"1"}')
    kept = [envelopes.keep(one, at=AT + timedelta(seconds=30 * n)) for n in range(121)]
    assert [number for number in kept if number] == [1, 2]
    assert list(envelopes.lines())[1].same == 119
    other = Exchange("suspect-catalogs/x", "production", "none", "", 200, "", '{"idXml":"2"}')
    assert envelopes.keep(other, at=AT) == 3


def test_bodies_are_bounded_and_other_bytes_are_texts(tmp_path: Path) -> None:
    envelopes = Envelopes(tmp_path / "e")
    envelopes.keep(Exchange("m", "test", "none", "", 200, "", "x" * (BODY_SIZE_MAX + 1)), at=AT)
    envelopes.keep(Exchange("m", "test", "none", "", 200, "", "<html>"), at=AT)
    first, second = envelopes.lines()
    assert first.response == Body.of(b"x" * (BODY_SIZE_MAX + 1))
    assert second.response == "000002.response.txt"


@pytest.mark.parametrize("text", ['{"Password" : "a\\"b"}', '{"ACCESS_TOKEN":"a"}', '{"x":{"refreshToken":"a"}}'])
def test_secrets_are_known_by_their_keys(tmp_path: Path, text: str) -> None:
    envelopes = Envelopes(tmp_path / "e")
    envelopes.keep(Exchange("m", "test", "json", text, 200, "", text), at=AT)
    for name in ("request", "response"):
        found = (tmp_path / f"e/000001.{name}.json").read_text()
        assert "***" in found and '"a' not in found and json.loads(found)


def test_a_secret_is_blanked_wherever_it_stands(tmp_path: Path) -> None:
    envelopes = Envelopes(tmp_path / "e")
    secret = 'quote"and\\more'
    page = f"<html>{secret} {json.dumps(secret)}</html>"
    envelopes.keep(Exchange("m", "test", "none", "", 200, "", page), at=AT, secrets=[secret])
    assert (tmp_path / "e/000001.response.txt").read_text() == '<html>*** "***"</html>'


def test_numbers_have_no_gaps_under_many_writers_and_after_a_crash(tmp_path: Path) -> None:
    def write(mark: int) -> None:
        mine = Envelopes(tmp_path / "e")
        for number in range(20):
            mine.keep(Exchange("m", "test", "json", f'{{"n":{mark * 100 + number}}}', 200, "", "{}"), at=AT)

    threads = [threading.Thread(target=write, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line.number for line in Envelopes(tmp_path / "e").lines()] == list(range(1, 81))
    (tmp_path / "e/number").unlink()
    with (tmp_path / "e/log-2026-11.jsonl").open("ab") as stream:
        stream.write(b'{"number":81,"at"')  # it was killed here
    assert Envelopes(tmp_path / "e").keep(Exchange("m", "test", "none"), at=AT) == 81
    assert [line.number for line in Envelopes(tmp_path / "e").lines()] == list(range(1, 82))


def test_a_folder_that_others_may_enter_is_none(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir(mode=0o755)
    with pytest.raises(PortalError) as caught:
        Envelopes(tmp_path / "e")
    assert (caught.value.code, caught.value.todo) == ("PRT104", "chmod 700")
    (tmp_path / "f").write_text("")
    with pytest.raises(PortalError) as caught:
        Envelopes(tmp_path / "f")
    assert caught.value.code == "PRT104"


def test_an_application_holds_the_envelopes_of_all_test_methods(service: Service, client: Make, tmp_path: Path) -> None:
    one = client(contour="test")
    for catalogue in (Catalogue.TE2, Catalogue.MVK):
        one.download(catalogue, one.edition(catalogue), tmp_path / "f")
    sent = one.send("a.xml", message("R-1"), b"s")
    envelopes = Envelopes(tmp_path / "envelopes")
    assert envelopes.application()[1] == TEST_METHODS[5:]
    one.send("b.xml", message("R-2"), b"s", [("p.xml", b"p", b"s")])
    one.status(sent.message_id, "R-1")
    one.ticket(sent.message_id, "R-1")
    data, missing = envelopes.application()
    assert missing == ()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = packed.namelist()
        table = packed.read("methods.csv").decode("utf-8-sig").splitlines()
        held = {name: packed.read(name) for name in names}
    assert [row.split(";")[0] for row in table[1:]] == list(TEST_METHODS)
    assert table[1].endswith(";нет: запрос без параметров;1_Resp_current-te2-catalog.json")
    assert table[2].endswith(";2_Req_current-te2-file.json;нет: ответ состоит из файла")
    assert "8_Req_get-ticket.json" in names and not any("authenticate" in name for name in names)
    assert all(PASSWORD.encode() not in data for data in held.values())
    assert json.loads(held["5_Resp_send.json"])["IdFormalizedMessageStatus"] == 1
