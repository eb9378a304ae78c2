"""The bank's outbox and personal account: an emulator of the service stands in for Rosfinmonitoring."""

from __future__ import annotations

import base64
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from lxml import etree

from demo.story.bank import Bank
from sito.cases.contents import message_of
from sito.cases.numbering import records_of
from sito.cases.projection import REPORTS
from sito.fes import Kind, RecordType
from sito.outbox import Sender
from sito.outbox.drafting import approval_facts, draft, draft_facts, preview
from sito.outbox.settings import Setup
from sito.policy.calendar import moscow_day
from sito.portal import Envelopes, Portal, PortalClient
from sito.portal.emulator import Emulator
from sito.portal.lists import Guard, ListFolder
from sito.portal.rules import Reject, Rules
from sito.portal.watch import Office, Turn, Watch

PASSWORD = "of-the-story"  # noqa: S105  (the emulator keeps no secret)
ORGANISATION = """
family = "ko"
name = "АО «Банк Лопух»"
inn = "7703047975"
kpp = "770301001"
ogrn = "1027700132195"
bic = "044525111"
okato = "45"
registration_number = "3349"
correspondent_id = "2000017575"
[officer]
position = "Специальное должностное лицо"
phone = "(495)1234567"
email = "officer@bank.example"
name = { line = "Анна Проверкина" }
"""
PORTAL = """
url = "{url}"
user_name = "lopukh"
password_file = "portal.password"
envelopes = "envelopes"
catalogues = ["te21", "mvk"]
"""


class Account:
    """What the bank talks to the authority with."""

    def __init__(self, bank: Bank, emulator: Emulator) -> None:
        self.bank, self.emulator = bank, emulator
        folder = bank.folder
        (folder / "organisation.toml").write_text(ORGANISATION, "utf-8")
        (folder / "portal.toml").write_text(PORTAL.format(url=emulator.url), "utf-8")
        (folder / "portal.password").touch(mode=0o600)
        (folder / "portal.password").write_text(PASSWORD, "utf-8")
        program = Path(__file__).with_name("sign.py")
        words = [sys.executable, str(program), str(folder / "anna.bank.example.pem"),
                 str(folder / "anna.bank.example.key"), "{input}", "{output}"]  # fmt: skip
        (folder / "outbox.toml").write_text(
            f'organisation = "organisation.toml"\nportal = "portal.toml"\n[signer.sign]\nargv = {words!r}\n', "utf-8"
        )
        self.setup = Setup.read(folder / "outbox.toml")
        never = threading.Event()
        self._route = self.setup.route(never.wait)
        portal = Portal.read(folder / "portal.toml")
        client = PortalClient(
            portal, Envelopes(portal.envelopes), random=lambda: 0.5, sleep=never.wait, clock=bank.clock
        )
        self.lists = folder / "account-lists"
        self._watch = Watch(
            client, ListFolder(self.lists, portal.list_ids), bank.index_path, guard=Guard(), clock=bank.clock
        )
        self._sender = Sender(
            bank.ledger, bank.desk, schemas=self.setup.schemas, sign=self.setup.signer, route=self._route,
            clock=bank.clock, claim=self.setup.claim,
        )  # fmt: skip

    # --- lists --------------------------------------------------------------------------------------------------------

    def publish(self, name: str, source: Path) -> None:
        """Let an edition appear in the account."""
        part = self.emulator.folder / f".{name}.part"
        shutil.copyfile(source, part)
        at = self.bank.clock().timestamp()
        os.utime(part, (at, at))
        part.replace(self.emulator.folder / f"{name}.xml")

    def look(self) -> Turn:
        """Take one turn of `sito portal watch`, and tell what it did."""
        bank = self.bank
        done = self._watch.turn(Office(bank.ledger, bank.desk, bank.judge(), bank.base))
        for list_id, one in done.built.changes.items() if done.built is not None else ():
            counts = len(one.added), len(one.changed), len(one.removed)
            bank.teller.say(f"   {list_id}: {counts[0]} added, {counts[1]} changed, {counts[2]} removed")
        if done.brought is not None:
            night = done.brought.night
            bank.teller.say(
                f"   {night.client_count} clients screened anew, {done.brought.case_count} of them brought to a case"
            )
        if done.failed or done.needs_eyes:
            raise RuntimeError("the watch needs somebody to look")
        bank.source.look()  # the server goes over to the new index
        return done

    # --- messages -----------------------------------------------------------------------------------------------------

    def reject(self, *holds: str) -> None:
        """Let the service reject messages with one of some texts."""
        rules = tuple(Reject(holds=one, code="1003", text="счёт не принадлежит лицу") for one in holds)
        self.emulator.use(_rules(rules))

    def draft(self, person: str, about: str, facts: dict[str, Any], *, again: str = "") -> str:
        """Let a person write a message about a matter, or mend one; return it."""
        bank, setup = self.bank, self.setup
        kind = {"freeze": Kind.FREEZE, "check": Kind.CHECK}[about.partition(":")[0]]
        with bank.ledger.read() as view:
            message = draft(
                view, about, kind, facts, organisation=setup.organisation, grounds=setup.grounds,
                record_type=RecordType.CORRECTION if again else RecordType.NEW,
            )  # fmt: skip
        xml, _ = preview(message, moscow_day(bank.clock()), schemas=setup.schemas, where=about)
        root = etree.QName(etree.fromstring(xml)).localname
        sure = "a draft, for no official schema of it is known" if setup.schemas.is_draft(message) else "official"
        bank.teller.say(f"   {person} writes {root} about {about}: it follows its schema ({sure})")
        told = draft_facts(message, about)
        if again:
            bank.act(person, again, "draft", **{name: told[name] for name in ("content", "content_digest")})
            return again
        return bank.begin(person, "fes", "draft", **told)

    def approval(self, subject: str) -> dict[str, Any]:
        """Return what somebody tells who approves a message."""
        with self.bank.ledger.read() as view:
            message = message_of(view, subject)
        return approval_facts(message, self.row(subject).content_digest, moscow_day(self.bank.clock()))

    def approve(self, person: str, subject: str) -> None:
        """Let another person approve it: it gets its numbers."""
        bank = self.bank
        bank.act(person, subject, "approve", **self.approval(subject))
        row = self.row(subject)
        with bank.ledger.read() as view:
            records = records_of(view, subject, row.record_series)
        bank.teller.say(f"   {person} approves {subject}: records {', '.join(records)}; file {row.file_name}")

    def send(self) -> None:
        """Take one turn of `sito fes send`, and tell what it did."""
        for told in self._sender.turn():
            if told.action == "failed":
                raise RuntimeError(told.words)
            self.bank.teller.say(f"   {told.subject}: {told.action}")

    def row(self, subject: str) -> Any:
        """Return the row of a message."""
        with self.bank.ledger.read() as view:
            return view.execute(sa.select(REPORTS).where(REPORTS.c.subject == subject)).one()

    def receipt(self, subject: str) -> str:
        """Return the receipt of a message out of the sealed part of the ledger."""
        with self.bank.ledger.read() as view:
            *_, last = view.events(subject=subject, kinds=["fes_accepted"])
            personal = view.personal(last.sequence)
        if personal is None:
            raise RuntimeError("there is no receipt")
        text = base64.b64decode(personal["receipt"])
        return str(etree.fromstring(text).findtext("Результат"))


def _rules(reject: tuple[Reject, ...] = ()) -> Rules:
    return Rules(user_name="lopukh", password=PASSWORD, reject=reject)


@contextmanager
def account(bank: Bank) -> Iterator[Account]:
    """Open an account: an emulator on a free port of this machine, and the bank's way to it."""
    folder = bank.folder / "service"
    folder.mkdir()
    emulator = Emulator(folder, rules=_rules())
    thread = threading.Thread(target=emulator.serve)
    thread.start()
    try:
        yield Account(bank, emulator)
    finally:
        emulator.close()
        thread.join(10)
