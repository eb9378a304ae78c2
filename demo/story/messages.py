"""The scenes of the personal account: an edition appears, a freeze is told, a message is rejected and mended."""

from __future__ import annotations

from typing import Any

from demo.story.account import Account
from demo.story.bank import Bank
from demo.story.scenes import require, tell, tell_due
from demo.story.standing import tell_risk
from demo.story.world import added_edition
from sito.risk import Level

LISTED_CLIENT = {"id": "10777", "name": "ОГУРЕЧНИКОВ САВЕЛИЙ ИЛЬИЧ", "born": "1980-05-06"}
WRONG_ACCOUNT, ACCOUNT = "40817810000000000013", "40817810000000000021"


def measures(account: str) -> dict[str, Any]:
    """Return what the ledger does not know of a freeze: which funds, where, how much."""
    return {"measures": [{"funds_code": "6", "account": account, "amount_kopecks": 75_000_00}]}


def quarterly_check(bank: Bank, account: Account) -> None:
    """The three-month check of all clients, with zero matches, is told by a message."""
    bank.clock.go_to("2026-05-29 09:00")
    bank.teller.scene("The three-month check of all clients finds nobody, and that is told, too", bank.clock())
    done = bank.check_clients()
    require(done.night.match_count == 0, "nobody is listed")
    require(done.report is not None, "the authority is told also of nothing")
    bank.teller.say(f"   {done.subject}: {done.night.client_count} clients checked, 0 with matches")
    for due in bank.look("anna", done.subject).deadlines:
        tell_due(bank, due)
    message = account.draft("anna", done.subject, {})
    bank.clock.go(minutes=20)
    account.approve("boris", message)
    for _ in range(2):
        bank.clock.go(minutes=1)
        account.send()
    require(account.row(message).state == "accepted", "the message on the check is accepted")
    require(bank.look("anna", done.subject).matter.state == "reported", "the check is told")
    tell(bank)


def an_edition_appears(bank: Bank, account: Account) -> str:
    """A new edition lists one of our clients; return the freeze."""
    bank.clock.go_to("2026-06-02 08:00")
    bank.teller.scene("An edition appears in the personal account: loaded at once, and the base screened", bank.clock())
    te = added_edition(
        bank.folder / "te21.xml", source=bank.folder / "lists/te.xml", date="2026-06-02", before="2026-03-26",
        **LISTED_CLIENT,
    )  # fmt: skip
    account.publish("te21", te)
    account.publish("mvk", bank.folder / "lists/mvk.xml")
    bank.clock.go(seconds=30)
    done = account.look()
    require(done.brought is not None and done.brought.case_count == 1, "one client is listed")
    cases = [one for one in bank.teller.events(bank.ledger) if one.event.kind == "case_opened"]
    require(len(cases) == 1, "one case")
    case = cases[0].event.subject
    bank.decide(case, measure="freeze", motive="имя и дата рождения совпали")
    freeze = "freeze:2"
    bank.act("oleg", freeze, "apply")
    for due in bank.look("anna", freeze).deadlines:
        tell_due(bank, due)
    tell(bank)
    return freeze


def a_message_is_rejected(bank: Bank, account: Account, freeze: str) -> str:
    """The message on a freeze is written, approved, signed, sent and rejected; return it."""
    bank.teller.scene("The freeze is told: drafted, approved by another, signed, sent, and rejected", bank.clock())
    account.reject(WRONG_ACCOUNT)
    message = account.draft("anna", freeze, measures(WRONG_ACCOUNT))
    bank.clock.go(minutes=10)
    require(bank.refused("anna", message, "approve", **account.approval(message)) == "CAS205", "four eyes")
    account.approve("boris", message)
    for _ in range(2):
        bank.clock.go(minutes=1)
        account.send()
    require(account.row(message).state == "rejected", "the service rejects it")
    for due in bank.look("anna", message).deadlines:
        tell_due(bank, due)
    tell(bank)
    tell_risk(bank, expected=Level.HIGH)
    return message


def it_is_mended(bank: Bank, account: Account, freeze: str, message: str) -> None:
    """It is corrected under its number, sent again, and accepted."""
    bank.clock.go(hours=1)
    bank.teller.scene("It is mended, sent again and accepted; the receipt is in the ledger", bank.clock())
    account.draft("anna", freeze, measures(ACCOUNT), again=message)
    bank.clock.go(minutes=10)
    account.approve("boris", message)
    for _ in range(2):
        bank.clock.go(minutes=1)
        account.send()
    require(account.row(message).state == "accepted", "the service accepts it")
    bank.teller.say(f"   the receipt of {message}, out of the sealed part of the ledger: {account.receipt(message)}")
    arrived = [one.external_id for one in account.emulator.holdings.held]
    bank.teller.say(f"   the service has {len(arrived)} messages: {', '.join(arrived)}")
    tell(bank)
