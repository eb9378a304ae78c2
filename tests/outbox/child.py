"""A program that gives numbers or sends messages until somebody kills it."""

from __future__ import annotations

import hashlib
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from tests.cases.office import TERMS, Days
from tests.fes.samples import BANK, BODIES

from sito.cases.desk import Desk
from sito.cases.projection import PROJECTION
from sito.fes import Kind, Message, Schemas, encoded, series_of
from sito.ledger import Caller, Ledger, Sealer
from sito.outbox import FolderRoute, FolderSettings, PortalRoute, Sender, Signer

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA, BORIS = Caller("anna", "officer"), Caller("boris", "officer")
MESSAGE = Message(organisation=BANK, body=BODIES[Kind.OPERATION])


def opened(url: str) -> tuple[Ledger, Desk]:
    """Open a ledger and its desk."""
    ledger = Ledger.open(url, sealer=Sealer(bytes(32)), projections=[PROJECTION])
    return ledger, Desk(ledger, schedule=Days(TERMS))


def approve(desk: Desk, name: str) -> str:
    """Draft a message and approve it; return its subject."""

    content = encoded(MESSAGE)
    digest = hashlib.sha256(content.encode()).hexdigest()
    series = series_of(MESSAGE, AT.date())
    facts = {"family": "ko", "kind": "operation", "record_type": "new", "content": content, "content_digest": digest}
    subject = desk.begin("fes", "draft", facts, caller=ANNA, request_id=f"{name}-draft", at=AT).subject
    told = {
        "content_digest": digest, "record_series": series.record_series, "file_series": series.file_series,
        "message_date": AT.date().isoformat(),
    }  # fmt: skip
    desk.act(subject, "approve", told, caller=BORIS, request_id=f"{name}-approve", at=AT)
    return subject


def sender(ledger: Ledger, desk: Desk, folder: Path) -> Sender:
    """Return a sender over the folders of an exchange."""
    settings = FolderSettings(outgoing="out", incoming="in", work="work", archive="archive", settle_s=0)
    signer = Signer.openssl(folder / "anna.pem", folder / "anna.key", authority=folder / "anna.pem")
    return Sender(
        ledger, desk, schemas=Schemas.shipped(), sign=Signer(signer.sign), route=FolderRoute(settings, folder),
        clock=lambda: datetime.now(UTC), claim=timedelta(seconds=0.2),
    )  # fmt: skip


def portal_sender(ledger: Ledger, desk: Desk, folder: Path) -> Sender:
    """Return a sender over the personal account of `portal.toml`."""
    from tests.portal.service import client_of

    return Sender(
        ledger, desk, schemas=Schemas.shipped(), sign=lambda data, name: b"signature",
        route=PortalRoute(client_of(folder / "portal.toml")), clock=lambda: datetime.now(UTC),
        claim=timedelta(seconds=0.3),
    )  # fmt: skip


def main() -> None:
    """Do one of both, for ever."""
    work, url, name = sys.argv[1:4]
    ledger, desk = opened(url)
    print("ready", flush=True)
    if work == "number":
        for number in count():
            print(f"ok {approve(desk, f'{name}-{number}')}", flush=True)
    if work == "portal":
        posting = portal_sender(ledger, desk, Path(name))
        for number in count():
            print(f"ok {approve(desk, f'{sys.argv[4]}-{number}')}", flush=True)
            for told in posting.turn():
                print(told.subject, told.action, told.words, flush=True)
    sending = sender(ledger, desk, Path(name))
    while True:
        for told in sending.turn():
            print(told.subject, told.action, told.words, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
