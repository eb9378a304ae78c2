"""From an approved message to its receipt: each turn takes every message one step on, whatever was broken off before.

A message is `sending` in the ledger before it leaves, and leaves once: a sender that dies in between leaves one of
which nobody knows whether it arrived, and that is found out from the route before anything is sent again. Request ids
follow from the state that a step begins in, so that a step that was stored twice is one.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.contents import message_of
from sito.cases.desk import SYSTEM, Desk
from sito.cases.facts import instant, moment
from sito.cases.numbering import records_of
from sito.cases.projection import NUMBERS, REPORTS
from sito.errors import CaseError, FesError, PortalError
from sito.fes import Message, Numbers, RecordType, Schemas, render, series_of
from sito.fes.receipts import Outcome, read_receipt
from sito.ledger import Ledger
from sito.outbox.parcels import Parcel, Power
from sito.outbox.routes import Answer, Cause, Fate, Handed, Route, Waiting

NOT_NOW = frozenset({"CAS105", "CAS128"})  # somebody else has taken the step, or the attempt over
REJECTED_WITHIN = timedelta(days=30)  # an accepted message is still looked for in answers
CODE_COUNT_MAX = 100  # codes of a rejection that stand in the chain; all of them stand in the receipt

LOOK_AGAIN = timedelta(seconds=5)  # between looks at what was approved, while answers are asked for
PAUSE, PAUSE_MAX = timedelta(seconds=15), timedelta(minutes=15)  # behind an attempt at a route that was not there

Clock = Callable[[], datetime]
Sign = Callable[[bytes, str], bytes]


class Told(msgspec.Struct, frozen=True):
    """One thing that a turn did or could not do.

    Attributes:
        subject: As `fes:12`. action: The step, or `failed`.
        code: Of the error, where something failed. words: For people; no personal data.
    """

    subject: str
    action: str
    code: str = ""
    words: str = ""


class Sender:
    """Takes messages on.

    Args:
        ledger: Opened with `sito.cases.projection.PROJECTION` and the key of personal data.
        desk: Over it.
        schemas: What every message is held against before it leaves.
        sign: Of bytes and file name to a detached signature.
        route: Where messages go.
        clock: Gives the time of now, with its zone.
        claim: How long after `sending` another sender may look whether it arrived; longer than any attempt takes.
        powers: Powers of attorney that go with each message.
    """

    def __init__(
        self, ledger: Ledger, desk: Desk, *, schemas: Schemas, sign: Sign, route: Route, clock: Clock,
        claim: timedelta, powers: Sequence[Power] = (),
    ) -> None:  # fmt: skip
        self._ledger, self._desk, self._schemas = ledger, desk, schemas
        self._sign, self._route, self._clock, self._claim = sign, route, clock, claim
        self._powers = tuple(powers)
        self._pause, self._not_before = PAUSE, clock()

    def turn(self) -> Iterator[Told]:
        """Take every message one or more steps on; yield what was done, and what could not be.

        Raises:
            LedgerError: The ledger cannot be used. What was begun goes on in the next turn, by whomever.
        """
        yield from self._forward()
        self._route.sweep({_parcel_id(row, row.attempt) for row in self._rows("sending")})
        yield from self._elsewhere()
        yield from self._answers()

    def _forward(self) -> Iterator[Told]:
        for state, work in (("ready", self._signed), ("signed", self._sent), ("sending", self._found)):
            for row in self._rows(state):
                yield from self._careful(row, work)

    def _elsewhere(self) -> Iterator[Told]:
        """Tell of messages that left by another way, whose answers nobody looks for here."""
        chosen = sa.select(REPORTS.c.route, sa.func.count().label("count")).where(
            REPORTS.c.state.in_(("sending", "sent")), REPORTS.c.route != self._route.name
        ).group_by(REPORTS.c.route).order_by(REPORTS.c.route)  # fmt: skip
        with self._ledger.read() as view:
            rows = list(view.execute(chosen))
        for row in rows:
            words = f"messages that left by {row.route} and wait: {row.count}; send with its settings until they end"
            yield Told("", "failed", "FES309", words)

    def _careful(self, row: Any, work: Callable[[Any], Told | None]) -> Iterator[Told]:
        try:
            told = work(row)
        except (FesError, PortalError) as error:  # of this message; the others go on
            yield Told(row.subject, "failed", error.code, str(error))
        except CaseError as error:
            if error.code not in NOT_NOW:
                yield Told(row.subject, "failed", error.code, str(error))
        else:
            if told is not None:
                yield told

    def _rows(self, state: str) -> list[Any]:
        chosen = sa.select(REPORTS).where(REPORTS.c.state == state).order_by(REPORTS.c.number)
        with self._ledger.read() as view:
            return list(view.execute(chosen))

    # --- the steps ----------------------------------------------------------------------------------------------------

    def _signed(self, row: Any) -> Told:
        xml = self.xml(row)
        signature = self._sign(xml, row.file_name)
        facts = {
            "xml_digest": hashlib.sha256(xml).hexdigest(), "signature_digest": hashlib.sha256(signature).hexdigest(),
            "signature": base64.b64encode(signature).decode(),
        }  # fmt: skip
        # Two signatures of one text differ: the first that is stored is the one that is sent.
        return self._act(row, "sign", facts)

    def _sent(self, row: Any) -> Told | None:
        if row.cause == Cause.REFUSED:  # as it is, it would be refused again
            return Told(row.subject, "failed", "FES308", f"{row.subject}: it was not taken; send it back and mend it")
        if self._clock() < self._not_before:
            return None
        # Each attempt has a mark of its own: of two senders one alone may believe that it was the one, and what the
        # other made ready must not be taken for what has not left yet.
        attempt = secrets.token_hex(8)
        parcel = self.parcel(row, attempt)
        try:
            self._route.prepare(parcel)
        except PortalError:
            self._wait_longer()
            raise
        began = self._clock()
        try:
            self._act(row, "send", {"route": self._route.name, "attempt": attempt})
        except CaseError:
            self._route.discard(parcel)
            raise
        row = self._now_of(row.subject)
        # A machine that slept between both lines has lost its claim: others may look for the message by now.
        if self._clock() - began > self._claim / 2:
            return self._noted(row, attempt, parcel, Handed(Fate.NOT_SENT, Cause.UNREACHABLE))
        return self._noted(row, attempt, parcel, self._route.send(parcel))

    def _found(self, row: Any) -> Told | None:
        if row.route != self._route.name or self._clock() - instant(row.changed_at) < self._claim:
            return None
        parcel = self._searched(row)
        return self._noted(row, row.attempt, parcel, self._route.find(parcel))

    def _searched(self, row: Any) -> Parcel:
        """Return what is looked for, with what tells it from others of its number, and a search that finds nothing from
        one that works."""
        same = sa.select(REPORTS.c.subject).where(
            sa.or_(REPORTS.c.subject == row.subject, REPORTS.c.record_number == (row.record_number or "-"))
        )
        other = sa.select(REPORTS.c.record_number).where(
            REPORTS.c.route == row.route, REPORTS.c.portal_id != "", REPORTS.c.record_number != row.record_number,
            REPORTS.c.record_number != "",
        ).order_by(REPORTS.c.number.desc()).limit(1)  # fmt: skip
        parcel = self.parcel(row, row.attempt)
        with self._ledger.read() as view:
            known = view.execute(other).scalar() or ""
            portal_ids = tuple(
                one.event.facts["portal_id"]
                for subject in view.execute(same).scalars().all()
                for one in view.events(subject=subject, kinds=["fes_sent"]) if "portal_id" in one.event.facts
            )  # fmt: skip
        return msgspec.structs.replace(parcel, portal_ids=portal_ids, known_record=known)

    def _noted(self, row: Any, attempt: str, parcel: Parcel, handed: Handed) -> Told:
        if handed.fate is Fate.UNKNOWN:
            return Told(row.subject, "failed", "FES301", f"{row.subject}: nobody knows whether it arrived; it waits")
        if handed.fate is Fate.NOT_SENT:
            cause = (handed.cause or Cause.UNREACHABLE).value
            if cause == Cause.UNREACHABLE:
                self._wait_longer()
            facts = {"cause": cause, "attempt": attempt} | ({"motive": handed.note} if handed.note else {})
            told = self._act(row, "not_sent", facts)
            self._route.discard(parcel)
            return msgspec.structs.replace(told, words=cause)
        self._pause = PAUSE
        return self._act(row, "sent", _as_facts(handed) | {"attempt": attempt})

    def _wait_longer(self) -> None:
        self._pause = min(self._pause * 2, PAUSE_MAX)
        self._not_before = self._clock() + self._pause

    def _answers(self) -> Iterator[Told]:
        looked = self._clock()
        try:
            for answer in self._route.answers(self._waiting()):
                yield from self._taken_in(answer)
                if self._clock() - looked > LOOK_AGAIN:  # what was approved meanwhile does not wait for all answers
                    yield from self._forward()
                    looked = self._clock()
        except (FesError, PortalError) as error:
            yield Told("", "failed", error.code, str(error))

    def _waiting(self) -> list[Waiting]:
        """Return what may still be answered: what was sent, and what was accepted not long ago."""
        since = moment(self._clock() - REJECTED_WITHIN)
        chosen = sa.select(REPORTS).where(REPORTS.c.route == self._route.name, sa.or_(
            REPORTS.c.state == "sent", sa.and_(REPORTS.c.state == "accepted", REPORTS.c.changed_at >= since)
        )).order_by(REPORTS.c.state.desc(), REPORTS.c.number)  # fmt: skip
        numbers = sa.select(NUMBERS.c.subject, NUMBERS.c.series, NUMBERS.c.number).where(
            NUMBERS.c.subject.in_(chosen.with_only_columns(REPORTS.c.subject).order_by(None))
        ).order_by(NUMBERS.c.series, NUMBERS.c.place)  # fmt: skip
        records: dict[tuple[str, str], list[str]] = {}
        with self._ledger.read() as view:
            rows = list(view.execute(chosen))
            for one in view.execute(numbers):
                records.setdefault((one.subject, one.series), []).append(one.number)
        return [
            Waiting(
                row.subject, row.state, row.file_name, tuple(records.get((row.subject, row.record_series), ())),
                row.portal_id, row.external_id or row.record_number, row.status_number,
            )
            for row in rows
        ]  # fmt: skip

    def _taken_in(self, answer: Answer) -> Iterator[Told]:
        if answer.trouble is not None:
            yield Told(answer.subjects[0], "failed", answer.trouble.code, f"{answer.subjects[0]}: {answer.trouble}")
            return
        is_taken = bool(answer.subjects)
        if not is_taken:
            yield Told("", "failed", "FES302", f"an answer that no message waits for: {answer.mark}")
        for subject in answer.subjects:
            row = self._now_of(subject)
            for told in self._careful(row, partial(self._answered, answer)):
                is_taken = is_taken and told.action != "failed"
                yield told
        if is_taken:  # by all that it is about: until then it stays where it is, and comes again
            self._route.taken(answer)

    def _answered(self, answer: Answer, row: Any) -> Told | None:
        told = None
        is_new = answer.status_number is not None and str(answer.status_number) != row.status_number
        if is_new and row.state == "sent":
            facts = {"status_number": answer.status_number, "status_name": answer.status_name or "-"}
            note = {"service_note": answer.note} if answer.note else {}
            told = self._act(row, "status", facts | note)
            row = self._now_of(row.subject)
        return told if answer.receipt is None else self._receipt(row, answer.receipt) or told

    def _receipt(self, row: Any, data: bytes) -> Told | None:
        digest = hashlib.sha256(data).hexdigest()
        receipt = read_receipt(data, where=row.subject)
        if not receipt.names_file(row.file_name) and any(map(receipt.names_file, self._former_files(row))):
            return Told(row.subject, "receipt", words="of an earlier file, which was corrected since; nothing changes")
        outcome = receipt.outcome_of(file_name=row.file_name, record_numbers=self._records(row))
        if outcome is Outcome.UNKNOWN:
            return Told(row.subject, "failed", "FES303", f"{row.subject}: a receipt that says neither yes nor no")
        if row.receipt_digest == digest or (row.state, outcome) == ("accepted", Outcome.ACCEPTED):
            return None
        facts: dict[str, Any] = {"receipt": base64.b64encode(data).decode(), "receipt_digest": digest}
        if outcome is Outcome.ACCEPTED:
            return self._act(row, "accept", facts)
        if receipt.codes:
            facts["reject_codes"] = list(receipt.codes[:CODE_COUNT_MAX])
        return self._act(row, "reject", facts)

    # --- what they are made of ----------------------------------------------------------------------------------------

    def xml(self, row: Any) -> bytes:
        """Return the message as it leaves: written out of the ledger, and held against its schemas.

        Raises:
            FesError: FES1… it does not fit; FES304 it is not what was signed; FES306 it is of another version, or
                not of the kind that the ledger names.
        """
        with self._ledger.read() as view:
            message = message_of(view, row.subject)
        if (message.kind, message.record_type) != (row.kind, row.record_type):
            raise FesError(
                "FES306", expected=f"{row.kind}, {row.record_type}", got=f"{message.kind}, {message.record_type}",
                where=row.subject,
            )  # fmt: skip
        day = date.fromisoformat(row.message_date)
        series = series_of(message, day)
        # A record that is corrected keeps the number of the year in which it was sent first.
        own = row.record_series == series.record_series or message.record_type is RecordType.CORRECTION
        if row.file_series != series.file_series or not own:
            raise FesError(
                "FES306", expected="numbers of the series of its organisation, kind and day", got="others",
                where=row.subject, todo="somebody approved it with other series: look at the numbers that it took",
            )  # fmt: skip
        xml = written(message, Numbers(self._records(row), row.file_name, day),
                      schemas=self._schemas, where=row.about or row.subject)  # fmt: skip
        if row.xml_digest and row.state != "ready" and hashlib.sha256(xml).hexdigest() != row.xml_digest:
            raise FesError(
                "FES304", expected="the bytes that were signed", got="others", where=row.subject,
                todo="send_back, and let it be approved and signed anew",
            )  # fmt: skip
        return xml

    def parcel(self, row: Any, attempt: str) -> Parcel:
        """Return what is handed over of a message that is signed, in one attempt."""
        xml = self.xml(row)
        with self._ledger.read() as view:
            signed = list(view.events(subject=row.subject, kinds=["fes_signed"]))[-1]
            personal = view.personal(signed.sequence)
        if personal is None:
            raise FesError("FES305", expected="the signature", got="none: it was deleted", where=row.subject)
        signature = base64.b64decode(personal["signature"])
        return Parcel(_parcel_id(row, attempt), row.file_name, row.record_number, xml, signature, self._powers)

    def _former_files(self, row: Any) -> list[str]:
        chosen = sa.select(NUMBERS.c.number).where(
            NUMBERS.c.subject == row.subject, NUMBERS.c.series != row.record_series, NUMBERS.c.number != row.file_name
        )
        with self._ledger.read() as view:
            return list(view.execute(chosen).scalars())

    def _records(self, row: Any) -> tuple[str, ...]:
        with self._ledger.read() as view:
            return tuple(records_of(view, row.subject, row.record_series)) if row.record_series else ()

    def _now_of(self, subject: str) -> Any:
        with self._ledger.read() as view:
            return view.execute(sa.select(REPORTS).where(REPORTS.c.subject == subject)).first()

    def _act(self, row: Any, action: str, facts: Mapping[str, Any]) -> Told:
        """Take a step in the state that was seen: the same step of the same state is stored once."""
        seen = hashlib.sha256(msgspec.json.encode([row.subject, row.last_sequence, action, dict(facts)])).hexdigest()
        outcome = self._desk.act(row.subject, action, facts, caller=SYSTEM, request_id=f"fes-{seen}", at=self._clock())
        return Told(row.subject, outcome.steps[0].action)


def written(message: Message, numbers: Numbers, *, schemas: Schemas, where: str) -> bytes:
    """Return a message as XML that holds against all schemas.

    Args:
        where: The matter that it is about, for errors.

    Raises:
        FesError: FES1… an element is missing or wrong.
    """
    try:
        xml = render(message, numbers)
    except FesError as error:
        raise FesError(
            error.code, expected=error.expected, got=error.got, where=f"{where}, {error.where}", todo=error.todo
        ) from None
    schemas.check(xml, message, where=where)
    return xml


def _parcel_id(row: Any, attempt: str) -> str:
    return f"{row.subject.replace(':', '-')}-{attempt}"


def _as_facts(handed: Handed) -> dict[str, Any]:
    told = {
        "portal_id": handed.portal_id, "external_id": handed.external_id, "status_name": handed.status_name,
        "service_note": handed.note,
    }  # fmt: skip
    number = {} if handed.status_number is None else {"status_number": handed.status_number}
    return number | {name: value for name, value in told.items() if value}
