"""What nobody has looked at is decided by nobody; what is let through by less than the list wants takes the head."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.cases.office import ANNA, BORIS, SYSTEM, VERA, Office, entry, hit, party, screening

from sito.cases.facts import CaseHit, Screening
from sito.errors import CaseError
from sito.records import Party, Role

PAYMENT = {"record_id": "OP-1", "occasion": "payment", "rule_id": "R-SUSP", "verdict": "suspend"}
DECIDING: list[tuple[str, dict[str, Any]]] = [
    ("reject", {"motive": "однофамилец"}), ("confirm", {"motive": "он", "measure": "freeze"}),
    ("escalate", {"motive": "похоже, не он"}),
]  # fmt: skip


def looked_at(office: Office, *hits: CaseHit, **what: str) -> tuple[str, int]:
    subject = office.open_case(screening(*hits, **what)).subject  # type: ignore[arg-type]
    office.act(subject, "assign", assignee="anna")
    return subject, office.seen(subject)


@pytest.mark.parametrize(("action", "told"), DECIDING)
def test_nobody_decides_over_hits_that_came_after_they_looked(fresh: Office, action: str, told: dict[str, Any]) -> None:
    subject, seen = looked_at(fresh)
    more = {"screening": screening(hit(), hit(other=entry("99"), grade="exact"))}
    fresh.desk.act(subject, "repeat", more, caller=SYSTEM, **fresh.request())
    with pytest.raises(CaseError, match="CAS117"):
        fresh.act(subject, action, seen=seen, **told)
    if action == "reject":
        with pytest.raises(CaseError, match="CAS111"):
            fresh.act(subject, action, **told)
    else:
        fresh.act(subject, action, **told)


@pytest.mark.parametrize("changed", [hit(grade="exact"), hit(other=entry(born="1951-01-01")),
                                     hit(party("Чертополохов Евлампий Фомич"))])  # fmt: skip
def test_a_hit_that_has_changed_is_one_that_was_not_seen(fresh: Office, changed: CaseHit) -> None:
    subject, seen = looked_at(fresh)
    fresh.open_case(screening(changed))
    with pytest.raises(CaseError, match="CAS117"):
        fresh.act(subject, "confirm", seen=seen, measure="freeze", motive="он")


def test_the_same_hits_again_and_notes_hinder_nobody(fresh: Office) -> None:
    subject, seen = looked_at(fresh)
    fresh.open_case()
    fresh.act(subject, "note", note="запрошены документы")
    fresh.act(subject, "confirm", seen=seen, measure="freeze", motive="он")
    fresh.act(subject, "approve", caller=BORIS, seen=seen)


@pytest.mark.parametrize("seen", [-1, 10**9, "все", None])
def test_nobody_has_seen_what_is_not_there(fresh: Office, seen: object) -> None:
    subject, _ = looked_at(fresh)
    with pytest.raises(CaseError, match="CAS103"):
        fresh.act(subject, "reject", seen=seen, motive="не он")


def test_whoever_reads_to_the_last_event_of_all_has_seen_it(fresh: Office) -> None:
    subject, _ = looked_at(fresh)
    with pytest.raises(CaseError, match="CAS204"):
        fresh.act(subject, "reject", caller=SYSTEM, motive="не он")
    with fresh.ledger.read() as view:
        last = list(view.events(subject=subject))[-1]
    assert last.event.kind == "attempt_refused"
    assert fresh.act(subject, "reject", seen=last.sequence, motive="не он").state == "rejected"


def test_of_two_both_have_seen_all_hits(fresh: Office) -> None:
    subject, _ = looked_at(fresh)
    fresh.act(subject, "confirm", measure="refusal", motive="он")
    told = {"screening": screening(hit(other=entry("98"), grade="exact"))}
    fresh.desk.act(subject, "repeat", told, caller=SYSTEM, **fresh.request())
    with pytest.raises(CaseError, match="CAS117"):
        fresh.act(subject, "approve", caller=BORIS)
    fresh.act(subject, "send_back", caller=BORIS, motive="добавились совпадения")
    fresh.act(subject, "confirm", measure="freeze", motive="он")
    fresh.act(subject, "approve", caller=BORIS)


def test_the_head_rejects_what_an_officer_has_seen_too(fresh: Office) -> None:
    subject, _ = looked_at(fresh, hit(grade="exact"))
    fresh.act(subject, "escalate", motive="похоже, не он")
    told = {"screening": screening(hit(other=entry("98"), grade="exact"))}
    fresh.desk.act(subject, "repeat", told, caller=SYSTEM, **fresh.request())
    with pytest.raises(CaseError, match="CAS117"):
        fresh.act(subject, "reject", caller=VERA, motive="не он")
    fresh.act(subject, "escalate", caller=BORIS, motive="и второй не он")
    assert fresh.act(subject, "reject", caller=VERA, motive="не он").state == "rejected"


@pytest.mark.parametrize("measure", ["none", "refusal"])
def test_less_than_the_list_wants_over_an_exact_hit_takes_the_head(fresh: Office, measure: str) -> None:
    subject, _ = looked_at(fresh, hit(grade="exact"))
    for caller in (ANNA, VERA):
        with pytest.raises(CaseError, match="CAS111"):
            fresh.act(subject, "confirm", caller=caller, measure=measure, motive="не он")
    fresh.act(subject, "escalate", motive="похоже, не он")
    fresh.act(subject, "confirm", caller=VERA, measure=measure, motive="не он")
    assert fresh.act(subject, "approve", caller=BORIS).state == "approved"


@pytest.mark.parametrize("noted", ["", "delist", "delist_by_notice"])
def test_a_freeze_is_lifted_as_delisted_only_after_a_removal_was_noted(fresh: Office, noted: str) -> None:
    subject = fresh.reach("freeze", "applied")
    asked = {"lift_ground": "delisted", "motive": "исключён"}
    if noted:
        fresh.act(subject, noted, caller=SYSTEM, list_id="RU-TE", entry_id="77", edition="2026-04-01")
        fresh.act(subject, "ask_lift", **asked)
        assert fresh.act(subject, "lift", caller=BORIS, lift_ground="delisted").state == "lifted"
    else:
        with pytest.raises(CaseError, match="CAS118"):
            fresh.act(subject, "ask_lift", **asked)


def test_a_proposed_refusal_is_withdrawn_by_the_head_who_did_not_propose_it(fresh: Office) -> None:
    told = {"rule_id": "R-ONBOARD", "refusal_ground": "listed", "client_id": "C-1"}
    subject = fresh.begin("refusal", "propose", **told).subject
    for caller in (ANNA, BORIS):
        with pytest.raises(CaseError, match="CAS204"):
            fresh.act(subject, "withdraw", caller=caller, motive="передумали")
    own = fresh.begin("refusal", "propose", caller=VERA, **told).subject
    with pytest.raises(CaseError, match="CAS205"):
        fresh.act(own, "withdraw", caller=VERA, motive="передумали")
    assert fresh.act(subject, "withdraw", caller=VERA, motive="ошибка").state == "withdrawn"


@pytest.mark.parametrize(("one", "second"), [
    (Party(Role.DEBTOR, "Чертополохов Евлампий"), "open"),
    (Party(Role.DEBTOR, "Чертополохов Евлампий", aliases=("Евлампий",), country="RU", address="Пенза"), "open"),
    (party(role=Role.DEBTOR), "silence"),
])  # fmt: skip
def test_a_name_alone_that_was_rejected_in_a_payment_silences_no_namesake(
    fresh: Office, one: Party, second: str
) -> None:
    subject, _ = looked_at(fresh, hit(one), **PAYMENT)
    fresh.act(subject, "reject", motive="не он")
    assert fresh.open_case(screening(hit(one), **PAYMENT | {"record_id": "OP-2"})).steps[0].action == second  # type: ignore[arg-type]


@pytest.mark.parametrize("extra", [{"note": "Чертополохов Евлампий"}, {"reason": {"name": "Чертополохов"}},
                                   {"law": "x" * 1001}, {"certainty": 7}])  # fmt: skip
def test_a_ruling_holds_what_the_policy_says_and_nothing_else(fresh: Office, extra: dict[str, Any]) -> None:
    what = screening()
    wrong = msgspec.structs.replace(what, ruling=what.ruling | extra)
    with pytest.raises(CaseError, match="CAS103"):
        fresh.open_case(wrong)
    with fresh.ledger.read() as view:
        assert view.head()[0] == 0


@pytest.mark.parametrize(("fact", "value"), [
    ("message_id", "Чертополохов Евлампий"), ("case_subject", "Чертополохов"), ("order_number", "Чертополохов Е. Ф."),
])  # fmt: skip
def test_a_number_or_subject_is_no_place_for_a_name(fresh: Office, fact: str, value: str) -> None:
    facts: dict[str, Any] = {"client_id": "C-1", "order_number": "12-р", "order_date": "2026-03-02"}
    with pytest.raises(CaseError, match="CAS103"):
        if fact == "message_id":
            fresh.act(fresh.reach("freeze", "applied"), "inform", message_id=value)
        else:
            fresh.begin("suspension", "order", **facts | {fact: value})


@pytest.mark.parametrize("other", [PAYMENT | {"record_id": "OP-2"}, {"occasion": "check"}])
def test_no_other_screening_is_attached_by_hand_when_a_case_of_a_payment_is_opened_again(
    fresh: Office, other: dict[str, str]
) -> None:
    subject, _ = looked_at(fresh, **PAYMENT)
    fresh.act(subject, "reject", motive="не он")

    def reopen(what: Screening) -> None:
        facts = {"reopen_cause": "new_facts", "screening": what}
        fresh.desk.act(subject, "reopen", facts, caller=ANNA, **fresh.request())

    with pytest.raises(CaseError, match="CAS103"):
        reopen(screening(**other))  # type: ignore[arg-type]
    reopen(screening(**PAYMENT))  # type: ignore[arg-type]


def test_a_case_of_a_client_is_not_opened_again_by_hand_with_a_payment(fresh: Office) -> None:
    subject, _ = looked_at(fresh)
    fresh.act(subject, "reject", motive="не он")
    facts = {"reopen_cause": "new_facts", "screening": screening(**PAYMENT)}  # type: ignore[arg-type]
    with pytest.raises(CaseError, match="CAS103"):
        fresh.desk.act(subject, "reopen", facts, caller=ANNA, **fresh.request())


def test_a_later_payment_with_hits_silent_and_changed_gets_into_one_case(fresh: Office) -> None:
    """What was silent goes with what opens the case again, though the case was that of another payment."""
    one, two = hit(), hit(other=entry("80"))
    subject, _ = looked_at(fresh, one, two, **PAYMENT)
    fresh.act(subject, "reject", motive="не он")
    changed = hit(other=entry("80", born="1951-01-01"))
    outcome = fresh.open_case(screening(one, changed, **PAYMENT | {"record_id": "OP-2"}))  # type: ignore[arg-type]
    assert [(step.subject, step.action) for step in outcome.steps] == [(subject, "reopen"), (subject, "repeat")]
