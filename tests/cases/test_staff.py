"""Who is who: the staff file, what is shown, and what is recorded of those whom nobody knows."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.cases.office import Office

from sito.cases.machines import MACHINES
from sito.cases.projection import ATTEMPT_REFUSED
from sito.cases.reception import PERSONAL_READERS, Reception, Shown
from sito.cases.roles import Role
from sito.cases.staff import Person, Staff, new_token, roles_for
from sito.errors import CaseError
from sito.ledger import Caller

TOKEN, LINE = new_token()
OTHER, OTHER_LINE = new_token()
FILE = f"""
[[person]]
name = "anna"
roles = ["officer"]
certificates = ["anna.bank.example", "anna-2.bank.example"]
users = ["anna"]
tokens = ["{LINE}"]

[[person]]
name = "vera"
roles = ["officer", "head"]
certificates = ["vera.bank.example"]
users = ["vera"]
tokens = ["{OTHER_LINE}"]
"""


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    path = tmp_path / "staff.toml"
    path.write_text(FILE, "utf-8")
    return Staff.read(path)


def test_one_person_is_known_by_all_that_is_his(staff: Staff) -> None:
    anna = Caller("anna", "officer")
    assert staff.by_certificate(["anna.bank.example"]) == anna
    assert staff.by_certificate(["spiffe://bank.example/x", "anna-2.bank.example"]) == anna
    assert staff.by_user("anna") == staff.by_token(TOKEN) == staff.by_token(f" {TOKEN}\n") == anna
    people = staff.people()
    names = ["anna", "anna.bank.example", "anna-2.bank.example", "local:anna", "Anna"]
    assert all(people.are_one(*pair) for pair in combinations(names, 2))
    assert not people.are_one("anna", "vera.bank.example")


@pytest.mark.parametrize("shown", [
    Shown(), Shown(user="root"), Shown(user="Anna"), Shown(certificate=("аnna.bank.example",)),
    Shown(certificate=("ANNA.bank.example",)), Shown(certificate=("anna.bank.example.",)), Shown(certificate=("anna",)),
    Shown(token="x"), Shown(token=LINE), Shown(token=TOKEN[:-1]), Shown(token=TOKEN + "x"), Shown(token="ж" * 5000),
    Shown(token=TOKEN.swapcase()), Shown(certificate=("anna.bank.example",), token="wrong"),
])  # fmt: skip
def test_who_looks_alike_is_nobody_and_recorded_once_an_hour(fresh: Office, staff: Staff, shown: Shown) -> None:
    reception = Reception(fresh.ledger, fresh.desk, staff)
    subject = fresh.open_case().subject
    for number in range(3):
        with pytest.raises(CaseError, match="CAS206"):
            reception.act(shown, subject, "assign", {"assignee": "anna"}, request_id=f"a{number}", at=fresh.now)
    (one,) = refused(fresh)
    assert (one["code"], one["action"], one["name"]) == ("CAS206", "assign", shown.name)
    assert TOKEN not in str(one) and LINE not in str(one)
    assert fresh.state(subject) == "new"


def refused(office: Office) -> list[dict[str, Any]]:
    with office.ledger.read() as view:
        return [one.event.facts for one in view.events(kinds=[ATTEMPT_REFUSED])]


def test_what_nobody_tries_with_no_matter_at_all_leaves_one_line_of_known_words(fresh: Office, staff: Staff) -> None:
    reception = Reception(fresh.ledger, fresh.desk, staff)
    for subject, action in (("Чертополохов Евлампий", "x"), ("house:1", "Евлампий"), ("case:1\n", "look at him")):
        with pytest.raises(CaseError, match="CAS206"):
            reception.act(Shown(user="x"), subject, action, {}, request_id="r", at=fresh.now)
    with fresh.ledger.read() as view:
        (one,) = view.events(kinds=[ATTEMPT_REFUSED])
    assert (one.event.subject, one.event.facts["action"]) == ("desk", "another")


def test_a_token_and_a_certificate_are_one_persons(fresh: Office, staff: Staff) -> None:
    reception = Reception(fresh.ledger, fresh.desk, staff)
    look: dict[str, Any] = {"at": fresh.now}
    own = Shown(certificate=("anna.bank.example",), token=TOKEN)
    assert reception.look(own, "list", **look) == Caller("anna", "officer")
    shared = Shown(certificate=("portal.bank.example",), token=TOKEN)  # of a machine that people work at
    assert reception.look(shared, "list", **look) == Caller("anna", "officer")
    for stolen in (
        Shown(certificate=("anna.bank.example",), token=OTHER),
        Shown(certificate=("anna.bank.example", "vera.bank.example")),
    ):
        with pytest.raises(CaseError, match="CAS207"):
            reception.look(stolen, "list", **look)
    assert {one["code"] for one in refused(fresh)} == {"CAS207"}


def test_the_same_person_by_certificate_and_then_by_token_is_one_pair_of_eyes(tmp_path: Path, staff: Staff) -> None:
    office = Office(tmp_path)
    office.desk = type(office.desk)(office.ledger, schedule=office.schedule, people=staff.people())
    reception = Reception(office.ledger, office.desk, staff)
    subject = office.open_case().subject
    first, again = Shown(certificate=("anna.bank.example",)), Shown(token=TOKEN)
    reception.act(first, subject, "assign", {"assignee": "anna"}, **office.request())
    reception.act(first, subject, "confirm", {"measure": "freeze", "motive": "он", "seen": 2}, **office.request())
    for shown in (again, first, Shown(user="anna"), Shown(certificate=("anna-2.bank.example",))):
        with pytest.raises(CaseError, match="CAS205"):
            reception.act(shown, subject, "approve", {"seen": 3}, **office.request())
    assert [one["code"] for one in refused(office)] == ["CAS205"] * 4
    reception.act(Shown(user="vera"), subject, "approve", {"seen": 3}, **office.request())
    office.ledger.close()


def test_of_several_roles_the_action_picks_and_a_word_narrows(staff: Staff) -> None:
    assert staff.by_user("vera", wanted=roles_for("case:1", "escalate")).role == "officer"
    assert staff.by_user("vera", wanted=roles_for("case:1", "reject")).role == "head"
    assert staff.by_user("vera", wanted=roles_for("case:1", "reject"), role="officer").role == "officer"
    for role in ("operator", "system", "director", "HEAD"):
        with pytest.raises(CaseError, match="CAS208"):
            staff.by_user("vera", role=role)


def test_who_has_several_roles_may_what_one_of_them_may() -> None:
    """Whatever the state: the role is picked by the action alone, so that the same request again has the same role."""
    human = [role for role in Role if role is not Role.SYSTEM]
    for roles in (pair for count in (1, 2, 3, 4) for pair in combinations(human, count)):
        staff = Staff([Person("anna", roles, users=("anna",))])
        for machine in MACHINES.values():
            for row in machine.rows:
                picked = staff.by_user("anna", wanted=roles_for(machine.name, row.action)).role
                assert picked in row.roles or not set(roles) & set(row.roles), (roles, machine.name, row.action)


def test_a_person_without_the_role_is_refused_by_the_desk_and_recorded(fresh: Office) -> None:
    staff = Staff([Person("prov", (Role.AUDITOR,), users=("prov",)), Person("oleg", (Role.OPERATOR,), users=("oleg",))])
    reception = Reception(fresh.ledger, fresh.desk, staff)
    subject = fresh.open_case().subject
    for number, user in enumerate(("prov", "oleg")):
        with pytest.raises(CaseError, match="CAS204"):
            reception.act(
                Shown(user=user), subject, "assign", {"assignee": "anna"}, request_id=f"{number}", at=fresh.now
            )
    with pytest.raises(CaseError, match="CAS204"):
        reception.look(Shown(user="oleg"), subject, at=fresh.now, wanted=PERSONAL_READERS)
    assert reception.look(Shown(user="prov"), subject, at=fresh.now, wanted=PERSONAL_READERS).role == "auditor"
    assert [(one["code"], one["action"]) for one in refused(fresh)] == [
        ("CAS204", "assign"), ("CAS204", "assign"), ("CAS204", "look"),
    ]  # fmt: skip


def person(name: str, **more: Any) -> Person:
    return Person(name, (Role.OFFICER,), **more)


@pytest.mark.parametrize(("persons", "code"), [
    ([person("anna"), person("anna")], "CAS203"), ([person("anna"), person("Аnna")], "CAS203"),
    ([person("a", users=("x",)), person("b", users=("x",))], "CAS203"),
    ([person("a", users=("x",)), person("b", certificates=("x",))], "CAS203"),
    ([person("a", certificates=("x.example",)), person("b", certificates=("x.example",))], "CAS203"),
    ([person("a", certificates=("x.example",)), person("b", certificates=("х.example",))], "CAS203"),
    ([person("a", tokens=(LINE,)), person("b", tokens=(LINE,))], "CAS203"),
    ([person("a", users=("b",)), person("b")], "CAS203"),
    ([person("a", tokens=(TOKEN,))], "CAS401"), ([person("a", tokens=("sha256:" + "A" * 64,))], "CAS401"),
    ([Person("sito", (Role.SYSTEM,))], "CAS401"), ([Person("a", ())], "CAS401"),
    ([Person("a", (Role.OFFICER, Role.SYSTEM))], "CAS401"), ([person("...")], "CAS202"),
])  # fmt: skip
def test_a_staff_that_would_make_one_of_two_or_two_of_one_is_refused(persons: list[Person], code: str) -> None:
    with pytest.raises(CaseError, match=code) as caught:
        Staff(persons)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("text", [
    b"\xff", b"x", b"", b"person = 1", b"[[person]]\nname='a'", b"[[person]]\nname='a'\nroles=['boss']",
    b"[[person]]\nname='a'\nroles=['officer']\nrole='x'", b"[[person]]\nname=''\nroles=['officer']",
    b"[[person]]\nname='a'\nroles='officer'", b"#" * ((1 << 20) + 1),
])  # fmt: skip
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "staff.toml"
    path.write_bytes(text)
    with pytest.raises(CaseError, match="CAS401"):
        Staff.read(path)
    with pytest.raises(CaseError, match="CAS401"):
        Staff.read(tmp_path / "none.toml")


def test_without_a_staff_nobody_is_known() -> None:
    with pytest.raises(CaseError, match="CAS206"):
        Staff().by_user("anna")


def test_every_action_has_roles_and_what_is_none_has_none() -> None:
    assert all(roles_for(machine.name, row.action) for machine in MACHINES.values() for row in machine.rows)
    assert not roles_for("case:1", "explode") and not roles_for("house", "open") and not roles_for("", "")


def test_a_person_who_was_called_otherwise_is_still_one_pair_of_eyes(tmp_path: Path) -> None:
    before, after = person("anna", users=("anna",)), person("anna.b", users=("anna",), former_names=("anna",))
    office = Office(tmp_path)
    subject = office.open_case().subject
    for staff, action in ((Staff([before]), "confirm"), (Staff([after]), "approve")):
        office.desk = type(office.desk)(office.ledger, schedule=office.schedule, people=staff.people())
        reception = Reception(office.ledger, office.desk, staff)
        if action == "confirm":
            reception.act(Shown(user="anna"), subject, "assign", {"assignee": "anna"}, **office.request())
            told = {"measure": "freeze", "motive": "он", "seen": 2}
            reception.act(Shown(user="anna"), subject, action, told, **office.request())
        else:
            with pytest.raises(CaseError, match="CAS205"):
                reception.act(Shown(user="anna"), subject, action, {"seen": 3}, **office.request())
    office.ledger.close()
    with pytest.raises(CaseError, match="CAS203"):
        Staff([before, person("anna.b", former_names=("anna",))])


@pytest.mark.parametrize("name", ["Чертополохов Евлампий", "Anna", "anna ", "anna.bank.example", ""])
def test_who_a_case_is_given_to_is_a_colleague(fresh: Office, staff: Staff, name: str) -> None:
    """The name stands in the chain for ever: nobody else's gets there by a slip."""
    reception = Reception(fresh.ledger, fresh.desk, staff)
    subject = fresh.open_case().subject
    with pytest.raises(CaseError, match="CAS133") as caught:
        reception.act(Shown(user="anna"), subject, "assign", {"assignee": name}, **fresh.request())
    assert not name or name not in str(caught.value)
