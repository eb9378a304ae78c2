"""Is the ledger what it was? Every event, every digest, every checkpoint, all personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.errors import LedgerError
from sito.ledger.checkpoints import KIND, Checkpoint, is_signed, public_id
from sito.ledger.events import Row, genesis
from sito.ledger.schema import PERSONAL
from sito.ledger.store import Ledger
from sito.ledger.views import PAGE, View

FAULTS_MAX = 1000  # that are told; more are only counted


class Fault(msgspec.Struct, frozen=True):
    """Something that is not as it must be.

    Attributes:
        sequence: Of the event, 0 for what has none.
        what: In words, without personal data.
    """

    sequence: int
    what: str


class Checked(msgspec.Struct, frozen=True):
    """What was looked at.

    Attributes:
        ledger_id: Of the ledger.
        events, personal, deleted, checkpoints: How many of each; `deleted` are events whose personal data were deleted
            and say so.
        unopened: Personal data whose key was not given: they are what was sealed, and were not opened.
        unsigned: Checkpoints whose public key was not given.
        digest: Of the last event, in hexadecimal digits.
        faults: The first `FAULTS_MAX`.
        fault_count: All of them.
    """

    ledger_id: str
    events: int
    personal: int
    deleted: int
    checkpoints: int
    unopened: int
    unsigned: int
    digest: str
    faults: tuple[Fault, ...]
    fault_count: int


class _Check:
    """One walk along the chain."""

    def __init__(self, view: View, public: Mapping[str, bytes]) -> None:
        self._view = view
        self._public = public
        self._faults: list[Fault] = []
        self.fault_count = 0
        self.counts = dict.fromkeys(("events", "personal", "deleted", "checkpoints", "unopened", "unsigned"), 0)
        self._lacking: set[int] = set()  # events whose personal data are not there
        self._told_deleted: set[int] = set()
        self._request = ("", "", 0, 0)  # id, digest, place and count of the event before

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(self._faults)

    def fault(self, sequence: int, what: str) -> None:
        self.fault_count += 1
        if len(self._faults) < FAULTS_MAX:
            self._faults.append(Fault(sequence, what))

    def walk(self, wanted: Mapping[int, list[str]]) -> tuple[int, bytes]:
        """Look at all events; return sequence and digest of the last.

        Args:
            wanted: Digests that were kept elsewhere, by sequence.
        """
        sequence, digest = 0, genesis(self._view.ledger_id)
        before: tuple[int, bytes] = (0, digest)
        personal = self._personal_after(0)
        for row, stood in self._view.rows():
            self.counts["events"] += 1
            if not _is_typed(row, stood):
                self.fault(row.sequence, "its columns hold something else than was put there")
                sequence, digest = row.sequence, b""
                continue
            if row.sequence != sequence + 1:
                self.fault(row.sequence, f"{row.sequence - sequence - 1} events are missing before it")
            if row.previous != digest:
                self.fault(row.sequence, "it does not follow the event before")
            if _digest(row) != stood:
                self.fault(row.sequence, "its digest is that of another content")
            sequence, digest = row.sequence, stood
            for kept in wanted.get(sequence, ()):
                if kept != digest.hex():
                    self.fault(sequence, "a checkpoint that was kept elsewhere says otherwise")
            self._look_at_request(row)
            while personal and personal[0] < sequence:
                self.fault(personal.pop(0), "personal data without an event")
            if row.commitment:
                if personal and personal[0] == sequence:
                    personal.pop(0)
                    self._look_at_personal(sequence)
                else:
                    self._lacking.add(sequence)
            elif personal and personal[0] == sequence:
                self.fault(personal.pop(0), "personal data that the event does not know")
            if not personal:
                personal = self._personal_after(sequence)
            if row.kind in (KIND, "personal_deleted"):
                self._look_at_words(row, before)
            before = (sequence, digest)
        for left in personal:
            self.fault(left, "personal data without an event")
        for lacking in sorted(self._lacking - self._told_deleted):
            self.fault(lacking, "its personal data are gone, and no event says that they were deleted")
        self.counts["deleted"] = len(self._lacking & self._told_deleted)
        for ahead in wanted:
            if ahead >= sequence:  # the checkpoint itself stands right behind what it speaks of
                self.fault(ahead, f"the ledger ends at {sequence}: what came after was cut off")
        self._end_request(sequence)
        return sequence, digest

    def _personal_after(self, sequence: int) -> list[int]:
        chosen = sa.select(PERSONAL.c.sequence).where(PERSONAL.c.sequence > sequence)
        return [row[0] for row in self._view.execute(chosen.order_by(PERSONAL.c.sequence).limit(PAGE))]

    def _look_at_personal(self, sequence: int) -> None:
        self.counts["personal"] += 1
        found = self._view.sealed(sequence)
        if found is None:
            return
        try:
            self._view.opened(sequence, *found)
        except LedgerError as error:
            if error.code == "LED133":
                self.fault(sequence, "its personal data were changed")
                return
            self.counts["unopened"] += 1

    def _look_at_request(self, row: Row) -> None:
        """Events of one request stand side by side, all of them."""
        request, digest, place, count = self._request
        follows = (row.request_id, row.request_digest, row.place, row.count) == (request, digest, place + 1, count)
        if not follows:
            self._end_request(row.sequence - 1)
            if row.place != 0:
                self.fault(row.sequence, "the first event of its request is missing")
        self._request = (row.request_id, row.request_digest, row.place, row.count)

    def _end_request(self, sequence: int) -> None:
        request, _, place, count = self._request
        if request and place + 1 != count:
            self.fault(sequence, "the last event of its request is missing")

    def _look_at_words(self, row: Row, before: tuple[int, bytes]) -> None:
        """Look at events that speak of the ledger itself."""
        try:
            facts: dict[str, Any] = msgspec.json.decode(row.facts)
            if row.kind != KIND:
                self._look_at_deleted(row.sequence, {int(one) for one in facts["sequences"]})
                return
            found = msgspec.convert(facts, Checkpoint)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
            self.fault(row.sequence, "its facts cannot be read")
            return
        self.counts["checkpoints"] += 1
        if found.ledger_id != self._view.ledger_id or (found.sequence, found.digest) != (before[0], before[1].hex()):
            self.fault(row.sequence, "the checkpoint speaks of another ledger than the one before it")
        public = self._public.get(found.key_id)
        if public is None:
            self.counts["unsigned"] += 1
            if self._public:  # or whoever writes a chain anew might sign it with a key of their own
                self.fault(row.sequence, f"the checkpoint is signed by {found.key_id[:16]}, whose key was not given")
        elif not is_signed(found, public):
            self.fault(row.sequence, "the signature of the checkpoint does not fit")

    def _look_at_deleted(self, sequence: int, told: set[int]) -> None:
        self._told_deleted |= told
        for some in _batched(sorted(told), PAGE):
            chosen = sa.select(PERSONAL.c.sequence).where(PERSONAL.c.sequence.in_(some))
            for (left,) in self._view.execute(chosen.order_by(PERSONAL.c.sequence)).all():
                self.fault(left, f"its personal data are there, and event {sequence} says that they were deleted")


def _batched(items: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """Yield some items at a time."""
    for start in range(0, len(items), count):
        yield items[start : start + count]


def _is_typed(row: Row, digest: object) -> bool:
    """Do the columns hold what they are for? SQLite would take anything."""
    try:
        msgspec.convert(msgspec.structs.asdict(row), Row, builtin_types=(bytes,))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return False
    return isinstance(digest, bytes)


def _digest(row: Row) -> bytes:
    try:
        return row.digest()
    except UnicodeEncodeError:  # a text that is no UTF-8 any more
        return b""


def verify(ledger: Ledger, *, public_keys: Iterable[bytes] = (), anchors: Sequence[Checkpoint] = ()) -> Checked:
    """Walk the whole chain of a ledger; memory is bounded by what was deleted.

    Args:
        ledger: With its sealing keys, if personal data shall be compared too.
        public_keys: Of those who sign checkpoints.
        anchors: Checkpoints that were kept elsewhere.

    Raises:
        LedgerError: LED120 the database cannot be used.
    """
    public = {public_id(key): key for key in public_keys}
    with ledger.read() as view:
        check = _Check(view, public)
        wanted: dict[int, list[str]] = {}
        for anchor in anchors:
            if anchor.ledger_id != view.ledger_id:
                check.fault(0, "a checkpoint that was kept elsewhere is of another ledger")
                continue
            key = public.get(anchor.key_id)
            if key is None:
                check.counts["unsigned"] += 1
            elif not is_signed(anchor, key):
                check.fault(0, "the signature of a checkpoint that was kept elsewhere does not fit")
                continue
            wanted.setdefault(anchor.sequence, []).append(anchor.digest)
        _, digest = check.walk(wanted)
    for damage in ledger.damages():
        check.fault(0, f"the file is damaged: {damage}")
    return Checked(
        ledger.ledger_id, **check.counts, digest=digest.hex(), faults=check.faults, fault_count=check.fault_count
    )
