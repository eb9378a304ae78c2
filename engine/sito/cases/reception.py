"""Who comes to the desk: do we know him, may he, and if not, that he tried.

The command line and the service both come this way. The desk records whom it refuses; whoever does not get so far,
because nobody knows him, is recorded here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.contents import check_series
from sito.cases.desk import SYSTEM, Desk, Outcome
from sito.cases.machines import MACHINES
from sito.cases.projection import ATTEMPT_REFUSED, TABLES
from sito.cases.roles import READERS, Role
from sito.cases.staff import LOCAL, Staff, roles_for
from sito.cases.steps import is_matter, shown
from sito.errors import CaseError
from sito.ledger import Caller, Event, Ledger, View

# Hits that somebody typed could be rejected by the same person, and what is remembered of them would silence true ones.
MADE_BY_SITO = frozenset({"screening"})  # facts
COLLEAGUES = ("assignee", "author")  # facts that name one
REQUEST_LENGTH_MAX = 200  # characters
REFUSED = "refused-"  # begins the request ids under which refusals are recorded
PERSONAL_SHOWN = "personal_shown"  # kind of the event: somebody has looked at personal data of a matter
PERSONAL_READERS = frozenset({Role.OFFICER, Role.HEAD, Role.AUDITOR})  # operators run systems, and need no names
# Request ids of sito's own: those of frames of the journal follow from each other, and pages of cases show them.
_OWN = re.compile(f"{REFUSED}|clients-|alerts-|lists-loaded-|not-taken-|[0-9a-f]{{32}}-", re.ASCII)
_SUBJECT = re.compile(r"[a-z]+(?::[0-9]{1,18})?", re.ASCII)


class Shown(msgspec.Struct, frozen=True):
    """What somebody shows to be known by; what is not shown is empty.

    Attributes:
        certificate: Names of a certificate that an authority of ours vouches for, best first.
        token: In clear. It says who acts, also where the certificate is that of a machine.
        user: Account on this machine.
        in_clear: The token came over a network that others can read.
    """

    certificate: tuple[str, ...] = ()
    token: str = ""
    user: str = ""
    in_clear: bool = False

    @property
    def name(self) -> str:
        """What may be recorded of it."""
        if self.token:
            return "token"
        return self.certificate[0] if self.certificate else f"{LOCAL}{self.user}" if self.user else "nobody"


def _check_request(request_id: str) -> None:
    """Refuse what would stand where sito itself writes: whoever takes that place first hides a refusal or a case."""
    printable = 0 < len(request_id) <= REQUEST_LENGTH_MAX and request_id.isprintable()
    if not printable or _OWN.match(request_id):
        got = "one of sito's own" if printable else f"{len(request_id)} characters"
        raise CaseError(
            "CAS132", expected=f"a request id of 1 to {REQUEST_LENGTH_MAX} printable characters, not sito's own",
            got=got, where="request_id",
        )  # fmt: skip


class Reception:
    """Stands before a desk. Threads may share it.

    Args:
        ledger: Of the desk; refusals are recorded there.
        staff: Who is known.
    """

    def __init__(self, ledger: Ledger, desk: Desk, staff: Staff) -> None:
        self._ledger = ledger
        self._desk = desk
        self._staff = staff

    def look(
        self, who: Shown, what: str, *, at: datetime, role: str = "", wanted: Collection[Role] = READERS
    ) -> Caller:
        """Let somebody look.

        Args:
            what: A matter, or what is looked at of all: `list`, `deadlines`.
            role: In which the person wants to act; empty: whatever fits.
            wanted: Roles that may look at it.

        Raises:
            CaseError: CAS204, CAS206 to CAS209, which are recorded.
        """
        try:
            caller = self._known(who, wanted, role)
            if caller.role not in wanted:
                roles = " or ".join(sorted(wanted))
                raise CaseError("CAS204", expected=f"a caller who is {roles}", got=caller.role, where=shown(what))
        except CaseError as error:
            self._record(error, who, what, "look", role, "", at)
            raise
        return caller

    def act(
        self, who: Shown, subject: str, action: str, facts: Mapping[str, Any], *, request_id: str, at: datetime,
        role: str = "",
    ) -> Outcome:  # fmt: skip
        """Take one step for somebody; see `Desk.act`.

        Raises:
            CaseError: CAS129 numbers that do not belong to a message; CAS132 a request id that cannot be taken; CAS133
                an assignee or author who is nobody; CAS206 to CAS209, and as `Desk.act`.
            FesError: FES305, FES306 the message that is approved cannot be read.
            LedgerError: As `Desk.act`.
        """
        caller = self._admitted(who, subject, action, facts, request_id, at, role)
        _check_request(request_id)
        self._check_names(facts, caller, subject, action)
        if action == "approve" and subject.startswith("fes:") and caller.role in roles_for(subject, action):
            with self._ledger.read() as view:
                check_series(view, subject, facts)
        return self._desk.act(subject, action, facts, caller=caller, request_id=request_id, at=at)

    def begin(
        self, who: Shown, machine: str, action: str, facts: Mapping[str, Any], *, request_id: str, at: datetime,
        role: str = "",
    ) -> Outcome:  # fmt: skip
        """Begin a matter for somebody; see `Desk.begin`.

        Raises:
            CaseError, LedgerError: As `act`.
        """
        caller = self._admitted(who, machine, action, facts, request_id, at, role)
        _check_request(request_id)
        self._check_names(facts, caller, machine, action)
        return self._desk.begin(machine, action, facts, caller=caller, request_id=request_id, at=at)

    def note_personal(self, subject: str, *, purpose: str, caller: Caller, request_id: str, at: datetime) -> None:
        """Record that personal data of a matter are shown to somebody, before they are.

        Raises:
            CaseError: CAS106 there is no such matter.
        """
        table = TABLES.get(subject.partition(":")[0]) if is_matter(subject) else None
        if table is None:
            raise _not_there(subject)

        def work(view: View) -> list[Event]:
            if view.execute(sa.select(table.c.state).where(table.c.subject == subject)).first() is None:
                raise _not_there(subject)
            return [Event(PERSONAL_SHOWN, subject, {"purpose": purpose})]

        digest = hashlib.sha256(msgspec.msgpack.encode([subject, purpose, caller.name, caller.role])).hexdigest()
        self._ledger.transact(work, request_id=request_id, caller=caller, at=at, request_digest=digest)

    def _admitted(  # noqa: PLR0917  (called twice, here)
        self, who: Shown, subject: str, action: str, facts: Mapping[str, Any], request_id: str, at: datetime, role: str
    ) -> Caller:
        try:
            caller = self._known(who, roles_for(subject, action), role)
            if MADE_BY_SITO & facts.keys():
                raise CaseError(
                    "CAS204", expected=f"a caller who is {Role.SYSTEM}", got=caller.role, where=shown(subject),
                    todo="screenings bring hits; no hand does",
                )  # fmt: skip
            return caller
        except CaseError as error:
            self._record(error, who, subject, action, role, request_id, at)
            raise

    def _check_names(self, facts: Mapping[str, Any], caller: Caller, subject: str, action: str) -> None:
        """Names of colleagues stand in the chain for ever: only those of the staff file do."""
        if caller.role not in roles_for(subject, action):
            return  # the desk refuses it, and records that
        for fact in COLLEAGUES:
            name = facts.get(fact)
            if isinstance(name, str) and not self._staff.is_person(name):
                raise CaseError(
                    "CAS133", expected=f"{fact}: the name of a person of the staff file", got="another text",
                    where=f"fact {fact}",
                )  # fmt: skip

    def _known(self, who: Shown, wanted: Collection[Role], role: str) -> Caller:
        if who.token and who.in_clear:
            raise CaseError(
                "CAS209", expected="a token over TLS, or on the same machine", got="one that others could read",
                where="token", todo="take it for stolen: put a new one into the staff file",
            )  # fmt: skip
        if not who.token:
            if who.certificate:
                return self._staff.by_certificate(who.certificate, wanted=wanted, role=role)
            return self._staff.by_user(who.user, wanted=wanted, role=role)
        caller = self._staff.by_token(who.token, wanted=wanted, role=role)
        if who.certificate:
            try:
                owner = self._staff.by_certificate(who.certificate)
            except CaseError as error:
                if error.code != "CAS206":  # a certificate of nobody is that of a machine that people share
                    raise
            else:
                if owner.name != caller.name:
                    raise CaseError("CAS207", expected="names of one person", got="names of two", where="token")
        return caller

    def _record(  # noqa: PLR0917  (called twice, here)
        self, error: CaseError, who: Shown, subject: str, action: str, role: str, request_id: str, at: datetime
    ) -> None:
        """Write a refusal down, once an hour for one name, action and kind: nobody unknown shall fill the ledger.

        Of somebody who is known, whatever they showed, once an hour for each matter.
        """
        try:
            name, is_known = self._known(who, READERS, "").name, True
        except CaseError:
            name, is_known = who.name, False
        machine = MACHINES.get(subject.partition(":")[0])
        is_about_one = machine is not None and _SUBJECT.fullmatch(subject) is not None
        words = action if action == "look" or (machine is not None and action in machine.actions) else "another"
        facts = {
            "code": error.code, "action": words, "name": shown(name), "role": shown(role) if role else "",
            "request_id": shown(request_id) if request_id else "",
        }  # fmt: skip
        about = subject if is_about_one else "desk"
        kind = about if is_known else about.partition(":")[0]
        hour = at.replace(minute=0, second=0, microsecond=0).isoformat()
        mark = hashlib.sha256(msgspec.msgpack.encode([error.code, name, kind, words, hour])).hexdigest()
        event = Event(ATTEMPT_REFUSED, about, facts)
        # One digest for all that share the mark: the second of them finds the first, and is no other request.
        self._ledger.transact(
            lambda _: [event], request_id=f"{REFUSED}{mark}", caller=SYSTEM, at=at, request_digest=mark
        )


def _not_there(subject: str) -> CaseError:
    return CaseError("CAS106", expected="a matter that is there", got="another", where=shown(subject))
