"""The scenes, in their order. Each is an assertion, too: a story that goes otherwise ends with an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from demo.story.bank import Bank
from demo.story.world import LISTS, next_edition
from sito.ledger import verify
from sito.ledger.checkpoints import read_anchor
from sito.policy.calendar import MOSCOW
from sito.v1 import cases_pb2
from sito.v1 import screening_pb2 as wire

LISTED = wire.Party(name="Чертополохов Евлампий Савватеевич", birth_date="1971-03-14")
BEHIND = wire.Party(role=wire.ROLE_ULTIMATE_DEBTOR, name="Дурманов Феоктист Аристархович", birth_date="1979-07-21")
FIRM = wire.Party(role=wire.ROLE_DEBTOR, name="ООО «Ромашка-Сукно»")
SHOP = wire.Party(role=wire.ROLE_CREDITOR, name="ООО «Сапожок»")
LISTED_ID, FREEZE = "10001", "freeze:1"
SALARY, LIMIT = 600_000, 1_000_000  # kopecks
CLIENTS: list[dict[str, Any]] = [
    {"id": "C-2", "name": "Огуречников Савелий Ильич", "birth_date": "1980-05-06", "kind": "person",
     "risk": {"grade": "low", "reason": "wages only", "date": "2026-01-12"}},
    {"id": "C-3", "name": "ООО «Ромашка-Сукно»", "kind": "organisation",
     "risk": {"grade": "medium", "reason": "cash of its shops", "date": "2026-02-02"},
     "related": [{"relation": "director", "name": "Лопухова Капитолина Титовна", "birth_date": "1975-10-11"}]},
    {"id": "C-4", "name": "Пряникова Таисия Фоминична", "birth_date": "1969-12-01", "kind": "person",
     "risk": {"grade": "low", "reason": "pension", "date": "2026-01-12"}},
]  # fmt: skip
NEW_CLIENT: dict[str, Any] = {
    "id": "C-1", "name": "Чертополохов Евлампий Савватеевич", "birth_date": "1971-03-14", "kind": "person",
    "risk": {"grade": "high", "reason": "was on the list", "date": "2026-03-02"},
}  # fmt: skip


def payment(record_id: str, *parties: wire.Party, client_id: str, **more: Any) -> wire.Record:
    """Return a payment of our client."""
    more.setdefault("client_side", wire.CLIENT_SIDE_DEBTOR)
    return wire.Record(
        record_id=record_id,
        payment=wire.Payment(parties=parties, client_id=client_id, currency="RUB", date="2026-03-02", **more),
    )


def party(role: int, like: wire.Party) -> wire.Party:
    """Return a party in another role."""
    made = wire.Party()
    made.CopyFrom(like)
    made.role = role  # type: ignore[assignment]
    return made


def tell(bank: Bank) -> None:
    """Tell what the ledger has got since."""
    bank.teller.events(bank.ledger)


def tell_due(bank: Bank, due: cases_pb2.CaseDeadline) -> None:
    """Tell one thing that the law wants next."""
    by = due.alarm_at.ToDatetime(tzinfo=MOSCOW).strftime("%Y-%m-%d %H:%M")
    sure = ", by a calendar that is not confirmed" if due.unconfirmed else ""
    bank.teller.say(f"   the law wants next of {due.subject}: {due.rule} before {by} Moscow ({due.certainty}){sure}")


def require(fits: bool, what: str) -> None:
    """End the story if it goes otherwise."""
    if not fits:
        raise RuntimeError(f"the story goes otherwise: {what}")


def lists_and_clients(bank: Bank) -> None:
    """Lists come into use, the client base is imported and screened."""
    bank.teller.scene("List editions come into use, and the client base is screened", bank.clock())
    bank.tell_lists()
    bank.import_clients(CLIENTS)
    bank.screen_clients()
    tell(bank)


def freeze(bank: Bank) -> None:
    """A payment by gRPC hits a listed client: verdict, case, two people, freeze."""
    bank.teller.scene("A payment hits a listed person: verdict, case, two people, freeze", bank.clock())
    verdict = bank.screen(
        payment("P-1", party(wire.ROLE_DEBTOR, LISTED), SHOP, client_id="C-1", amount="1500.00", purpose="за сапоги")
    )
    require(verdict == "freeze", verdict)
    for due in bank.look("anna", "case:1").deadlines:
        tell_due(bank, due)
    tell(bank)
    bank.act("anna", "case:1", "assign", assignee="anna")
    bank.clock.go(minutes=5)
    seen = bank.seen("anna", "case:1")
    bank.act("anna", "case:1", "confirm", measure="freeze", motive="имя и дата рождения совпали", seen=seen)
    seen = bank.seen("anna", "case:1")
    codes = [
        bank.refused("anna", "case:1", "approve", seen=seen), bank.refused("pavel", "case:1", "approve", seen=seen),
        bank.refused("stranger", "case:1", "approve", seen=seen),
    ]  # fmt: skip
    require(codes == ["CAS205", "CAS204", "CAS206"], str(codes))
    bank.clock.go(minutes=5)
    bank.act("boris", "case:1", "approve", seen=bank.seen("boris", "case:1"))
    bank.act("oleg", FREEZE, "apply")
    for due in bank.look("anna", FREEZE).deadlines:
        tell_due(bank, due)
    bank.act("anna", FREEZE, "inform", message_id="FES-0001")
    tell(bank)


def salary(bank: Bank) -> None:
    """A salary inside the monthly allowance, and one above it."""
    bank.teller.scene("A salary inside the monthly allowance, and one above it", bank.clock())
    wage = payment(
        "W-1", party(wire.ROLE_CREDITOR, LISTED), party(wire.ROLE_DEBTOR, SHOP), client_id="C-1", amount="6000.00",
        purpose="заработная плата", client_side=wire.CLIENT_SIDE_CREDITOR, operation=wire.OPERATION_SALARY,
    )  # fmt: skip
    require(bank.screen(wage) == "review", "wages of a listed client are for a person to look at")
    bank.act("anna", "case:2", "assign", assignee="anna")
    bank.act(
        "anna", "case:2", "escalate", motive="заморожено, просит выдать зарплату", seen=bank.seen("anna", "case:2")
    )
    bank.act("vera", "case:2", "confirm", measure="none", motive="в пределах суммы", seen=bank.seen("vera", "case:2"))
    bank.act("anna", "case:2", "approve", seen=bank.seen("anna", "case:2"))
    for number, amount in (("W-1", SALARY), ("W-2", SALARY)):
        facts = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": amount, "operation_id": number}
        if number == "W-1":
            bank.act("anna", FREEZE, "ask_release", **facts)
            bank.act("boris", FREEZE, "release", **facts)
            continue
        require(bank.refused("anna", FREEZE, "ask_release", **facts) == "CAS119", "the allowance is spent")
        bank.begin("anna", "suspension", "apply", operation_id=number, client_id="C-1", rule_id="R-CARVE-EXCESS")
        bank.act("anna", "suspension:1", "inform", message_id="FES-0002")
    tell(bank)


def suspensions(bank: Bank) -> None:
    """Three operations of a firm that pays for a listed one: a term that runs out, one extended, one held by court."""
    bank.teller.scene("Operations for a listed person are suspended", bank.clock())
    for number in ("S-1", "S-2", "S-3"):
        verdict = bank.screen(
            payment(number, FIRM, SHOP, BEHIND, client_id="C-3", amount="90000.00", purpose="за сукно")
        )
        require(verdict == "suspend", verdict)
    for case in ("case:3", "case:4", "case:5"):
        bank.decide(case, measure="suspension", motive="платит за лицо из перечня")
    for suspension in ("suspension:2", "suspension:3", "suspension:4"):
        bank.act("anna", suspension, "inform", message_id=f"FES-{suspension[-1]}")
    for due in bank.deadlines("anna").deadlines:
        if due.subject == "suspension:2":
            tell_due(bank, due)
    tell(bank)
    bank.teller.scene("One is extended by Rosfinmonitoring, one is held by court", bank.clock())
    bank.clock.go_to("2026-03-04 11:00")
    bank.act("anna", "suspension:3", "extend", order_number="12-р", order_date="2026-03-04")
    bank.act("anna", "suspension:4", "court", court_number="А00-1/26", court_date="2026-03-04")
    tell(bank)
    bank.teller.scene("The term of the first runs out, and nothing forbids the operation", bank.clock())
    require(bank.refused("oleg", "suspension:2", "lapse") == "CAS112", "the term is not over")
    bank.clock.go_to("2026-03-11 09:30")
    bank.act("oleg", "suspension:2", "lapse")
    bank.act("oleg", "suspension:2", "execute")
    bank.act("oleg", "suspension:1", "lapse")
    require(bank.refused("oleg", "suspension:1", "execute") == "CAS113", "the client's funds are frozen")
    tell(bank)
    bank.teller.scene("The court lets the third go", bank.clock())
    decision = {"court_number": "А00-2/26", "court_date": "2026-03-11"}
    code = bank.refused("anna", "suspension:4", "cancel_court", **decision)
    require(code == "CAS205", "who told of the court does not free the money alone")
    bank.act("boris", "suspension:4", "cancel_court", **decision)
    bank.act("oleg", "suspension:4", "execute")
    tell(bank)


def refusal(bank: Bank) -> None:
    """A listed person wants to become a client."""
    bank.teller.scene("A listed person wants an account: refused", bank.clock())
    bank.clock.go_to("2026-03-12 10:00")
    applicant = wire.Record(
        record_id="N-1",
        customer=wire.Customer(
            party=wire.Party(name="Бузинкина Аграфена Поликарповна", birth_date="1985-09-02"),
            occasion=wire.OCCASION_ONBOARDING,
        ),
    )
    require(bank.screen(applicant) == "refuse", "no account")
    bank.decide("case:6", measure="refusal", motive="в перечне")
    bank.act("vera", "refusal:1", "approve")
    bank.act("anna", "refusal:1", "report", message_id="FES-0009")
    tell(bank)


def delisting(bank: Bank, folder: Path) -> None:
    """A new edition without the frozen person."""
    bank.clock.go_to("2026-03-26 08:00")
    bank.teller.scene("A new edition no longer lists the frozen client: the freeze is lifted", bank.clock())
    lists = folder / "lists"
    next_edition(lists / "te.xml", source=LISTS / "te.xml", date="2026-03-26", before="2026-02-26", removed=LISTED_ID)
    bank.replace_index(lists)
    bank.import_clients([*CLIENTS, NEW_CLIENT])
    bank.screen_clients()
    for due in bank.look("anna", FREEZE).deadlines:
        tell_due(bank, due)
    bank.act("anna", FREEZE, "ask_lift", lift_ground="delisted", motive="исключён из перечня")
    bank.act("boris", FREEZE, "lift", lift_ground="delisted")
    bank.act("anna", FREEZE, "inform", message_id="FES-0010")
    bank.act("oleg", "suspension:1", "execute")  # nothing forbids it any more
    tell(bank)
    again = payment(
        "P-2", party(wire.ROLE_DEBTOR, LISTED), SHOP, client_id="C-1", amount="1500.00", purpose="за сапоги"
    )
    require(bank.screen(again) == "pass", "the client is free")
    tell(bank)


def a_term_ends(bank: Bank) -> None:
    """The extended suspension is over."""
    bank.clock.go_to("2026-04-06 09:00")
    bank.teller.scene("The thirty days of the extended suspension are over", bank.clock())
    bank.act("oleg", "suspension:3", "lapse")
    bank.act("oleg", "suspension:3", "execute")
    tell(bank)


def the_end(bank: Bank) -> None:
    """What is still due, and that nobody changed anything."""
    bank.teller.scene("What is due now, and whether the ledger is what it was", bank.clock())
    answer = bank.deadlines("vera")
    for due in answer.deadlines:
        tell_due(bank, due)
    anchor = read_anchor(bank.folder / "anchor.json")
    checked = verify(bank.ledger, public_keys=[bank.signer.public], anchors=[anchor])
    bank.teller.say(
        f"   sito ledger verify: {checked.events} events, {checked.checkpoints} signed checkpoints,"
        f" {checked.personal} with sealed personal data, {checked.fault_count} faults"
    )
    require(not checked.fault_count, "the ledger is what it was")
    require(not bank.ledger.renew(), "all state follows from the events")
    bank.teller.say("   all state is what follows from the events")
