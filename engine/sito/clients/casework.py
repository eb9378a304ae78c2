"""From the screening of a base to cases: what is told to the desk, once.

Request ids follow from the base, its generation, the index, the rules and the client: a run that was killed comes again
with the same ids, so that nothing stands twice in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from sito.cases.desk import SYSTEM, Desk
from sito.cases.facts import ITEM_COUNT_MAX
from sito.cases.listuse import Purpose, list_events
from sito.cases.machines import MACHINES
from sito.cases.projection import FREEZE_PROPOSED, GRADES, HITS, LIST_USED, MEASURE
from sito.cases.screenings import UNDATED, personal_of, screening_of
from sito.clients.night import CONFIG, EntryKey, Found, entry_keys
from sito.delta import AnyIndex
from sito.errors import CaseError
from sito.evidence import edition_name
from sito.ledger import Ledger, View
from sito.policy.calendar import MOSCOW, moscow_day
from sito.policy.verdict import Policy
from sito.records import Occasion

NO_HIT = "CAS601"  # code of a search that a limit cut short before it found anything
NOT_NOW = "CAS105"  # code of a step that the state of now does not allow
FREEZE, DELIST = "freeze", "delist"
_REMOVALS = tuple({row.event for row in MACHINES[FREEZE].rows if row.action in {DELIST, "delist_by_notice"}})
_FREEZABLE = sorted({row.state for row in MACHINES[FREEZE].rows if row.action == DELIST})


class CaseTaker:
    """Opens cases from what a screening of a base finds.

    The desk is told all hits of a client, those too that stood before: so a case can be replayed, and the desk knows
    which of them are in a case already.

    Args:
        run_id: Of the screening; the same when it is run again after it was killed.
        at: When.

    Attributes:
        case_count: Clients whose hits were brought to a case.
        unseen: Ids of the clients whose search was cut short before it found anything, or who hit more than a case
            holds: somebody has to look at them.
    """

    def __init__(self, desk: Desk, index: AnyIndex, policy: Policy, *, run_id: str, at: datetime) -> None:
        self._desk, self._index, self._policy = desk, index, policy
        self._run_id, self._at = run_id, at
        self.case_count = 0
        self.unseen: list[str] = []

    def take(self, found: Found) -> None:
        """Bring the hits of one client to where they belong.

        Raises:
            CaseError, LedgerError: As `Desk.open_case`.
        """
        client_id = found.record.record_id
        try:
            screening = screening_of(
                found.record, found.whole, index=self._index, policy=self._policy, occasion=Occasion.CHECK,
                client_id=client_id,
            )  # fmt: skip
        except CaseError as error:
            if error.code != NO_HIT:
                raise
            self.unseen.append(client_id)
            return
        if screening is None:
            return
        if len(screening.hits) > ITEM_COUNT_MAX:  # more than a case holds: the surest, and somebody has to look
            surest = sorted(screening.hits, key=lambda hit: (GRADES.index(hit.grade), -hit.score))
            screening = msgspec.structs.replace(screening, hits=tuple(surest[:ITEM_COUNT_MAX]))
            self.unseen.append(client_id)
        personal = personal_of(found.record, config=CONFIG)
        # By all that is told: the same hits under rules that came into force meanwhile are another request.
        self._desk.open_case(
            screening, personal=personal, caller=SYSTEM,
            request_id=request_of(self._run_id, "case", client_id, screening, personal), at=self._at,
        )  # fmt: skip
        self.case_count += 1


def run_of(base_id: str, generation: int, index: AnyIndex, policy: Policy, *, why: str = "") -> str:
    """Return what a screening is known by: equal when it is run again after it was killed.

    Args:
        why: What it is a part of, as the check it is made for.
    """
    return request_of(base_id, generation, index.info.digest, policy.edition, index.info.engine_version, why)


def request_of(*parts: object) -> str:
    """Return a request id that follows from its parts."""
    return "clients-" + hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def log_list_use(ledger: Ledger, index: AnyIndex, *, run_id: str, at: datetime) -> int:
    """Record that all lists of an index were used for a screening of the base, once a day; returns how many."""
    events = list_events(LIST_USED, index.info, purpose=Purpose.CHECK)
    ledger.transact(lambda _: events, request_id=request_of(run_id, "lists", moscow_day(at)), caller=SYSTEM, at=at)
    return len(events)


def head_of(ledger: Ledger) -> str:
    """Return which ledger it is and how far it has come."""
    with ledger.read() as view:
        sequence, digest = view.head()
    return f"{ledger.ledger_id}:{sequence}:{digest.hex()}"


def has_come_to(ledger: Ledger, head: str) -> bool:
    """Does a ledger hold what it held when `head_of` was asked? One that was put back from a backup may not.

    Args:
        head: What it said; of another ledger, or empty, it says nothing.
    """
    ledger_id, _, place = head.partition(":")
    sequence, _, digest = place.partition(":")
    if ledger_id != ledger.ledger_id or sequence == "0":
        return True
    with ledger.read() as view:
        stored = next(view.events(after=int(sequence) - 1), None)
    return stored is not None and stored.digest.hex() == digest


def delist(
    ledger: Ledger, desk: Desk, gone: Sequence[EntryKey], index: AnyIndex, *, run_id: str, at: datetime,
    former: Mapping[str, Sequence[str]],
) -> list[str]:  # fmt: skip
    """Note on each freeze in force that an entry it rests on is on its list no more: the term to lift it begins.

    The term counts from the beginning of the day that the edition without the entry bears, for nobody has known of it
    earlier; without a date, or with one to come, from now.

    Not only what has left since the last screening is looked for: a freeze may be younger than the removal that it has
    to end by, and what the last screening found may have been told to somebody else.

    Args:
        gone: Entries that the lists of now have no more, and had at the last screening.
        index: Of the lists of now.
        former: Names of the editions that were screened before, by list.

    Returns:
        The freezes.
    """
    editions = {edition.list_id: (edition.edition_date, edition_name(edition)) for edition in index.info.editions}

    def is_former(list_id: str, seen: str) -> bool:
        now = editions.get(list_id, ("", seen))[1]
        return seen != now and (seen in former.get(list_id, ()) or "" < _day(seen) < _day(now))

    with ledger.read() as view:
        resting = list(_resting(view))
        found = [(one.subject, one.key) for one in resting if one.key in set(gone)]
        noted = _noted(view, {one.subject for one in resting})
    asked = [one for one in resting if one.key not in set(gone) and is_former(one.key[0], one.edition)]
    asked = [one for one in asked if (one.subject, one.key) not in noted]
    in_force = set(entry_keys(index)) if asked else set()
    found += [(one.subject, one.key) for one in asked if one.key not in in_force]
    for subject, (list_id, entry_id) in found:
        day, edition = editions[list_id]
        facts: dict[str, Any] = {"list_id": list_id, "entry_id": entry_id, "edition": edition or UNDATED}
        published_at = _beginning(day)
        if published_at is not None and published_at <= at:
            facts["trigger_at"] = published_at
        request_id = request_of(run_id, DELIST, subject, list_id, entry_id, "trigger_at" in facts)
        try:
            desk.act(subject, DELIST, facts, caller=SYSTEM, request_id=request_id, at=at)
        except CaseError as error:
            if error.code != NOT_NOW:  # lifted or withdrawn since we looked
                raise
    return sorted({subject for subject, _ in found})


def _beginning(day: str) -> datetime | None:
    """Return the first instant of an ISO day in Moscow; None if there is none."""
    try:
        return datetime.combine(date.fromisoformat(day), time.min, MOSCOW)
    except ValueError:
        return None


def _day(edition: str) -> str:
    """Return the ISO day that an edition is named by; empty if it is named otherwise."""
    return edition[:10] if _beginning(edition[:10]) is not None else ""


class _Resting(NamedTuple):
    """A freeze that can still be lifted, an entry that it rests on, and the edition in which that was seen last."""

    subject: str
    key: EntryKey
    edition: str


def _resting(view: View) -> Iterator[_Resting]:
    freezes = view.execute(
        sa.select(MEASURE.c.subject, MEASURE.c.case_subject)
        .where(MEASURE.c.machine == FREEZE, MEASURE.c.state.in_(_FREEZABLE)).order_by(MEASURE.c.number)
    ).all()  # fmt: skip
    columns = HITS.c.list_id, HITS.c.entry_id, HITS.c.edition
    for freeze in freezes:
        entries: dict[EntryKey, str] = {}
        subject = str(freeze.subject)
        for stored in view.events(subject=subject, kinds=(FREEZE_PROPOSED,)):
            facts = stored.event.facts
            entries[facts.get("list_id", ""), facts.get("entry_id", "")] = ""  # in no edition that is told
        if freeze.case_subject:
            for row in view.execute(sa.select(*columns).where(HITS.c.subject == freeze.case_subject)):
                key = row.list_id, row.entry_id
                entries[key] = max(entries.get(key, ""), row.edition)  # of several parties
        yield from (_Resting(subject, key, entries[key]) for key in sorted(entries))


def _noted(view: View, subjects: Collection[str]) -> set[tuple[str, EntryKey]]:
    """Return the removals that were noted on some freezes before, by whomever."""
    return {
        (stored.event.subject, (stored.event.facts["list_id"], stored.event.facts["entry_id"]))
        for subject in subjects for stored in view.events(subject=subject, kinds=_REMOVALS)
    }  # fmt: skip
