"""Messages to Rosfinmonitoring: numbers without a gap or twin, and what they are about learns that they went."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, BORIS, CONTENT, FACTS, OLEG, SYSTEM, VERA, Office, assert_equal_to_a_rebuild

from sito.cases.deadlines import open_deadlines
from sito.cases.machines import MACHINES
from sito.cases.numbering import PLACE_MAX
from sito.cases.projection import NUMBERS, REPORTS
from sito.errors import CaseError

RECORDS, FILES = FACTS["record_series"], FACTS["file_series"]
APPROVAL = {name: FACTS[name] for name in ("content_digest", "file_series", "message_date", "record_series")}


def frozen(office: Office) -> str:
    return office.reach("freeze", "applied")


def draft(office: Office, about: str, kind: str = "freeze", **more: Any) -> str:
    facts = {name: FACTS[name] for name in ("family", "content", "content_digest")}
    facts |= {"kind": kind, "record_type": "new"} | ({"about": about} if about else {}) | more
    return office.begin("fes", "draft", **facts).subject


def approve(office: Office, subject: str, **more: Any) -> None:
    office.act(subject, "approve", caller=BORIS, **APPROVAL | more)


def send(office: Office, subject: str) -> None:
    office.act(subject, "sign", caller=SYSTEM, **{k: FACTS[k] for k in ("xml_digest", "signature", "signature_digest")})
    office.act(subject, "send", caller=SYSTEM, route="portal", attempt="a1")
    office.act(
        subject, "sent", caller=SYSTEM, portal_id="P-1", external_id="E-1", status_number=1, status_name="Отправлено"
    )


def report(office: Office, subject: str) -> Any:
    with office.ledger.read() as view:
        return view.execute(sa.select(REPORTS).where(REPORTS.c.subject == subject)).one()


def places(office: Office, series: str) -> list[int]:
    with office.ledger.read() as view:
        chosen = sa.select(NUMBERS.c.place).where(NUMBERS.c.series == series).order_by(NUMBERS.c.place)
        return list(view.execute(chosen).scalars())


def due(office: Office, subject: str) -> list[str]:
    with office.ledger.read() as view:
        return [one.rule for one in open_deadlines(view, office.schedule, office.now, subjects=[subject])]


def test_a_message_goes_from_draft_to_receipt_and_the_freeze_knows(fresh: Office) -> None:
    freeze = frozen(fresh)
    assert due(fresh, freeze) == ["R-TE-INFORM"]
    subject = draft(fresh, freeze)
    with pytest.raises(CaseError, match="CAS205"):  # who wrote it
        fresh.act(subject, "approve", caller=ANNA, **APPROVAL)
    with pytest.raises(CaseError, match="CAS124"):
        fresh.act(subject, "approve", caller=BORIS, **APPROVAL | {"content_digest": "0" * 64})
    approve(fresh, subject)
    row = report(fresh, subject)
    assert (row.record_number, row.file_name) == (f"{RECORDS}_00000001", f"{FILES}00000001.xml")
    assert due(fresh, freeze) == ["R-TE-INFORM"]
    send(fresh, subject)
    assert due(fresh, freeze) == [] and due(fresh, subject) == ["HOUSE-RECEIPT"]
    with fresh.ledger.read() as view:
        events = list(view.events())
    sent, told = events[-2], events[-1]
    assert (told.event.kind, told.event.facts["message_id"]) == ("freeze_told_to_authority", row.record_number)
    assert sent.event.facts["due_at"] > "2026-03-07"
    fresh.act(subject, "status", caller=SYSTEM, status_number=77, status_name="Нечто новое")
    fresh.act(subject, "accept", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64)
    assert (fresh.state(subject), due(fresh, subject), report(fresh, subject).status_number) == ("accepted", [], "77")
    assert_equal_to_a_rebuild(fresh.ledger)


def test_a_rejected_message_keeps_its_record_and_gets_another_file(fresh: Office) -> None:
    subject = draft(fresh, frozen(fresh))
    approve(fresh, subject)
    send(fresh, subject)
    fresh.act(subject, "reject", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64, reject_codes=["E1"])
    assert due(fresh, subject) == ["R-FES-MEND"]
    with pytest.raises(CaseError, match="CAS105"):
        fresh.act(subject, "approve", caller=BORIS, **APPROVAL)
    mended = '{"model_version":"1","note":"2"}'
    digest = hashlib.sha256(mended.encode()).hexdigest()
    fresh.act(subject, "draft", caller=BORIS, content=mended, content_digest=digest)
    with pytest.raises(CaseError, match="CAS205"):
        approve(fresh, subject, content_digest=digest)
    with pytest.raises(CaseError, match="CAS125"):
        fresh.act(subject, "drop", motive="не нужно")
    fresh.act(subject, "approve", caller=VERA, **APPROVAL | {"content_digest": digest})
    row = report(fresh, subject)
    assert (row.record_number, row.file_name, row.record_type) == (
        f"{RECORDS}_00000001", f"{FILES}00000002.xml", "correction",
    )  # fmt: skip
    send(fresh, subject)
    assert due(fresh, subject) == ["HOUSE-RECEIPT"]
    assert (places(fresh, RECORDS), places(fresh, FILES)) == ([1], [1, 2])
    assert_equal_to_a_rebuild(fresh.ledger)


def test_what_is_sent_back_keeps_its_numbers(fresh: Office) -> None:
    subject = draft(fresh, frozen(fresh))
    approve(fresh, subject)
    fresh.act(subject, "send_back", caller=VERA, motive="счёт указан неверно")
    with pytest.raises(CaseError, match="CAS108"):  # nobody has looked at it since
        approve(fresh, subject)
    fresh.act(subject, "draft", content=CONTENT, content_digest=FACTS["content_digest"])
    approve(fresh, subject, message_date="2026-03-05")
    row = report(fresh, subject)
    assert (row.record_number, row.file_name, row.message_date) == (
        f"{RECORDS}_00000001", f"{FILES}00000001.xml", "2026-03-02",
    )  # fmt: skip
    assert_equal_to_a_rebuild(fresh.ledger)


def test_a_deletion_that_was_accepted_leaves_something_to_tell_anew(fresh: Office) -> None:
    freeze = frozen(fresh)
    first = draft(fresh, freeze)
    approve(fresh, first)
    send(fresh, first)
    fresh.act(first, "reject", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64, reject_codes=["DUPLICATE"])
    with pytest.raises(CaseError, match="CAS123"):  # it is still the one that tells of the freeze
        draft(fresh, freeze)
    deletion = draft(fresh, first, kind="deletion", record_type="deletion")
    fresh.act(deletion, "approve", caller=BORIS, **{k: v for k, v in APPROVAL.items() if k != "record_series"})
    assert report(fresh, deletion).record_number == ""
    send(fresh, deletion)
    assert due(fresh, first) == ["R-FES-MEND"]
    fresh.act(deletion, "accept", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64)
    assert (fresh.state(first), due(fresh, first)) == ("deleted", ["R-FES-MEND"])
    again = draft(fresh, freeze)
    approve(fresh, again)
    assert report(fresh, again).record_number == f"{RECORDS}_00000002"
    send(fresh, again)
    assert due(fresh, first) == []
    assert places(fresh, RECORDS) == [1, 2]
    assert_equal_to_a_rebuild(fresh.ledger)


def test_a_message_about_nothing_of_ours_stands_for_no_other(fresh: Office) -> None:
    first = draft(fresh, "", kind="operation")
    approve(fresh, first)
    send(fresh, first)
    fresh.act(first, "reject", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64, reject_codes=["DUPLICATE"])
    deletion = draft(fresh, first, kind="deletion", record_type="deletion")
    fresh.act(deletion, "approve", caller=BORIS, **{k: v for k, v in APPROVAL.items() if k != "record_series"})
    send(fresh, deletion)
    fresh.act(deletion, "accept", caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64)
    other = draft(fresh, "", kind="operation")
    approve(fresh, other)
    send(fresh, other)
    assert (fresh.state(first), due(fresh, first)) == ("deleted", ["R-FES-MEND"])
    fresh.act(first, "replace", message_id=report(fresh, other).record_number)
    assert due(fresh, first) == []


def test_nobody_knows_whether_it_arrived(fresh: Office) -> None:
    subject = draft(fresh, frozen(fresh))
    approve(fresh, subject)
    fresh.act(subject, "sign", caller=OLEG, **{k: FACTS[k] for k in ("xml_digest", "signature", "signature_digest")})
    fresh.act(subject, "send", caller=SYSTEM, route="portal", attempt="a1")
    assert due(fresh, subject) == ["HOUSE-UNSURE"]
    with pytest.raises(CaseError, match="CAS105"):  # never twice
        fresh.act(subject, "send", caller=SYSTEM, route="portal", attempt="a1")
    fresh.act(subject, "not_sent", caller=ANNA, cause="by_hand", motive="в кабинете её нет")
    assert (fresh.state(subject), due(fresh, subject)) == ("signed", [])


def test_a_message_that_went_is_recorded_though_its_matter_is_over(fresh: Office) -> None:
    refusal = fresh.reach("refusal", "refused")
    subject = draft(fresh, refusal, kind="refusal")
    approve(fresh, subject)
    fresh.act(refusal, "report", message_id="FES-1")  # somebody told it by hand meanwhile
    send(fresh, subject)
    assert (fresh.state(subject), fresh.state(refusal)) == ("sent", "reported")


@pytest.mark.parametrize(
    ("kind", "about", "more"),
    [
        ("freeze", "freeze:999", {}),
        ("freeze", "", {}),
        ("suspension", "freeze:1", {}),
        ("release", "freeze:1", {}),  # not lifted
        ("deletion", "freeze:1", {"record_type": "deletion"}),
        ("freeze", "freeze:1", {"record_type": "deletion"}),
        ("freeze", "freeze:1", {"record_type": "correction"}),
        ("deletion", "fes:1", {}),
    ],
)
def test_a_message_about_nothing_to_tell_is_refused(fresh: Office, kind: str, about: str, more: dict[str, str]) -> None:
    freeze = frozen(fresh)
    assert freeze == "freeze:1"
    told: dict[str, Any] = {name: FACTS[name] for name in ("family", "content", "content_digest")}
    told |= {"kind": kind, "record_type": "new"} | ({"about": about} if about else {}) | more
    with pytest.raises(CaseError, match="CAS122"):
        fresh.begin("fes", "draft", **told)


def test_a_digest_of_something_else_is_refused(fresh: Office) -> None:
    with pytest.raises(CaseError, match="CAS103"):
        draft(fresh, frozen(fresh), content='{"other":1}')


def test_a_full_series_is_told(fresh: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PLACE_MAX == 99_999_999
    monkeypatch.setattr("sito.cases.numbering.PLACE_MAX", 1)
    approve(fresh, draft(fresh, frozen(fresh)))
    subject = draft(fresh, frozen(fresh))
    with pytest.raises(CaseError, match="CAS126"):
        approve(fresh, subject)
    assert (fresh.state(subject), places(fresh, RECORDS), places(fresh, FILES)) == ("draft", [1], [1])


def test_many_at_once_get_numbers_without_gap_or_twin(fresh: Office) -> None:
    """Eight threads approve, and each fifth approval is one that is refused: it takes no number."""
    subjects = [draft(fresh, frozen(fresh)) for _ in range(40)]
    now = fresh.now + timedelta(hours=1)
    refused: list[str] = []

    def work(mine: list[str]) -> None:
        for subject in mine:
            facts = APPROVAL | ({"content_digest": "f" * 64} if int(subject.partition(":")[2]) % 5 == 0 else {})
            try:
                fresh.desk.act(subject, "approve", facts, caller=BORIS, request_id=f"n-{subject}", at=now)
            except CaseError:
                refused.append(subject)

    threads = [threading.Thread(target=work, args=(subjects[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(refused) == 8
    given = list(range(1, 33))
    assert (places(fresh, RECORDS), places(fresh, FILES)) == (given, given)
    with fresh.ledger.read() as view:
        numbers = view.execute(sa.select(REPORTS.c.record_number).where(REPORTS.c.state == "ready")).scalars().all()
    assert len(set(numbers)) == 32
    assert_equal_to_a_rebuild(fresh.ledger)


def test_every_kind_says_what_it_is_about_and_how_that_learns_of_it() -> None:
    from sito.cases.machines import REPORTED, TOLD_BY

    for machine, states in REPORTED.values():
        assert states <= set(MACHINES[machine].states)
    for machine, action in TOLD_BY.items():
        assert action in MACHINES[machine].actions
