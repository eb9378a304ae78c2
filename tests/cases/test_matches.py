"""A rejected match is remembered, under former ids too, until it expires or a side changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.cases.office import ANNA, VERA, Office, entry, hit, party, screening

from sito.cases.facts import CaseHit
from sito.cases.projection import HITS_SILENCED, MATCHES
from sito.errors import CaseError
from sito.records import Role


def rejected(office: Office, *hits: CaseHit, **what: str) -> str:
    subject = office.open_case(screening(*hits, **what)).subject  # type: ignore[arg-type]
    office.act(subject, "assign", caller=VERA, assignee="anna")
    office.act(subject, "reject", caller=ANNA, motive="другой год рождения")
    return subject


def steps(office: Office, *hits: CaseHit, **what: str) -> list[tuple[str, str]]:
    return [(one.subject, one.action) for one in office.open_case(screening(*hits, **what)).steps]  # type: ignore[arg-type]


def test_a_rejected_match_stays_silent_and_that_is_recorded(fresh: Office) -> None:
    subject = rejected(fresh)
    assert steps(fresh) == [(subject, "silence")]
    with fresh.ledger.read() as view:
        (event,) = view.events(kinds=[HITS_SILENCED])
    assert event.event.subject == subject
    assert event.event.facts["screening"]["hits"][0]["entry_id"] == "77"


@pytest.mark.parametrize(("now", "cause"), [
    (lambda: hit(other=entry(born="1951-01-01")), "entry_changed"),
    (lambda: hit(party("Чертополохов Евлампий Фомич")), "party_changed"),
    (lambda: hit(party("Чертополохов Евлампий Фомич"), entry(born="1951-01-01")), "both_changed"),
])  # fmt: skip
def test_a_change_of_either_side_opens_the_case_again(fresh: Office, now: object, cause: str) -> None:
    subject = rejected(fresh)
    changed: CaseHit = now()  # type: ignore[operator]
    assert steps(fresh, changed) == [(subject, "reopen")]
    with fresh.ledger.read() as view:
        events = list(view.events(subject=subject))
        assert view.execute(sa.select(MATCHES)).all() == []
    assert events[-1].event.facts["reopen_cause"] == cause
    assert steps(fresh, changed) == [(subject, "repeat")]  # it is being worked on
    fresh.act(subject, "assign", caller=VERA, assignee="anna")
    fresh.act(subject, "reject", caller=ANNA, motive="и теперь не он")
    assert steps(fresh, changed) == [(subject, "silence")]


def test_a_rejected_match_expires(fresh: Office) -> None:
    subject = rejected(fresh)
    fresh.now += timedelta(days=364)
    assert steps(fresh) == [(subject, "silence")]
    fresh.now += timedelta(days=1)
    assert steps(fresh) == [(subject, "reopen")]


def test_a_rejected_match_holds_under_a_new_id_of_the_entry_and_under_the_old_one(fresh: Office) -> None:
    rejected(fresh)
    renamed = hit(other=entry("78"), formers=("77",))
    assert steps(fresh, renamed) == [("case:1", "silence")]
    # Without the former id it is another entry.
    assert [action for _, action in steps(fresh, hit(other=entry("78")))] == ["open"]
    # The other way round: rejected under the new id, hit by an older edition.
    rejected(fresh, hit(other=entry("90"), formers=("89",)), client_id="C-9")
    assert steps(fresh, hit(other=entry("89")), client_id="C-9")[0][1] == "silence"
    assert steps(fresh, hit(other=entry("89", born="1951-01-01")), client_id="C-9")[0][1] == "reopen"


def test_another_client_list_role_or_occasion_is_not_silenced(fresh: Office) -> None:
    rejected(fresh)
    assert steps(fresh, client_id="C-2")[0][1] == "open"
    assert steps(fresh, hit(other=entry(list_id="RU-MVK")))[0][1] == "open"
    assert steps(fresh, hit(party(role=Role.DEBTOR)))[0][1] == "open"
    assert steps(fresh, occasion="payment", record_id="PAY-1")[0][1] == "open"


def test_what_is_no_clients_is_never_remembered(fresh: Office) -> None:
    rejected(fresh, client_id="", record_id="PAY-1", occasion="payment")
    assert steps(fresh, client_id="", record_id="PAY-2", occasion="payment")[0][1] == "open"


def test_each_payment_has_its_own_case_until_the_match_is_rejected(fresh: Office) -> None:
    first = steps(fresh, occasion="payment", record_id="PAY-1")
    second = steps(fresh, occasion="payment", record_id="PAY-2")
    assert (first, second) == ([("case:1", "open")], [("case:2", "open")])
    fresh.act("case:1", "assign", caller=VERA, assignee="anna")
    fresh.act("case:1", "reject", caller=ANNA, motive="не он")
    assert steps(fresh, occasion="payment", record_id="PAY-3") == [("case:1", "silence")]
    # Somebody else of that name paid: nothing has changed, it is another person.
    other = hit(party("Чертополохов Евграф"))
    assert steps(fresh, other, occasion="payment", record_id="PAY-4") == [("case:3", "open")]


def test_a_client_who_is_being_looked_at_gets_no_second_case(fresh: Office) -> None:
    assert steps(fresh) == [("case:1", "open")]
    assert steps(fresh) == [("case:1", "repeat")]
    fresh.act("case:1", "assign", caller=VERA, assignee="anna")
    fresh.act("case:1", "confirm", caller=ANNA, measure="none", motive="он")
    fresh.act("case:1", "approve", caller=VERA)
    assert steps(fresh) == [("case:1", "repeat")]
    assert steps(fresh, hit(other=entry(born="1951-01-01"))) == [("case:1", "reopen")]


def test_the_hits_of_one_screening_go_each_where_it_belongs(fresh: Office) -> None:
    rejected(fresh)
    rejected(fresh, hit(other=entry("80")))
    steps(fresh, hit(other=entry("81")))
    found = steps(
        fresh, hit(), hit(other=entry("80", born="1951-01-01")), hit(other=entry("81")), hit(other=entry("82"))
    )
    assert sorted(found) == [("case:1", "silence"), ("case:2", "reopen"), ("case:3", "repeat"), ("case:4", "open")]


def test_what_a_case_has_silenced_is_looked_at_with_it_when_it_is_opened_again(fresh: Office) -> None:
    subject = rejected(fresh, hit(), hit(other=entry("80")))
    assert steps(fresh, hit(), hit(other=entry("80", born="1951-01-01"))) == [(subject, "reopen"), (subject, "repeat")]


def test_two_causes_open_a_case_once(fresh: Office) -> None:
    subject = rejected(fresh, hit(), hit(other=entry("80")))
    found = steps(fresh, hit(party("Чертополохов Евграф")), hit(other=entry("80", born="1951-01-01")))
    assert found == [(subject, "reopen"), (subject, "repeat")]


def test_opening_by_hand_forgets_the_rejection(fresh: Office) -> None:
    subject = rejected(fresh)
    fresh.act(subject, "reopen", caller=VERA, reopen_cause="new_facts", motive="письмо клиента")
    assert steps(fresh) == [(subject, "repeat")]


@pytest.mark.parametrize("action", ["repeat", "reopen"])
def test_no_hits_of_another_client_get_into_a_case(fresh: Office, action: str) -> None:
    subject = rejected(fresh) if action == "reopen" else fresh.open_case().subject
    more = {"reopen_cause": "new_facts"} if action == "reopen" else {}
    with pytest.raises(CaseError, match="CAS103"):
        fresh.desk.act(
            subject, action, {"screening": screening(client_id="C-2"), **more}, caller=ANNA, **fresh.request()
        )
