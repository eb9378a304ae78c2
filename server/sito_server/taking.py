"""Cases of what servers have screened: takes their journal, frame by frame, and writes the ledger.

Each record is screened again with the index and judged by the policy that are named beside it, which has to give the
verdict that was answered; so a case can be replayed later, and nobody has to believe the journal. Whoever is cut off
takes the same again: request ids are those of the journal's frames, and the ledger knows them.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Self

import msgspec
from google.protobuf.message import DecodeError

from sito.cases.desk import SYSTEM, Desk
from sito.cases.listuse import Purpose, list_events
from sito.cases.projection import LIST_USED
from sito.cases.screenings import SCREENED_AS, mark_of, personal_of, screening_of
from sito.clearing import EVERY_RECORD, Clearances
from sito.delta import AnyIndex, over
from sito.errors import CaseError, IndexFileError, JournalError, LedgerError, RecordError, ScreenError, SitoError
from sito.index import Index
from sito.journal import Frame, JournalFile, journal_files, taking
from sito.journal.reading import Progress
from sito.ledger import Event, Ledger, View
from sito.ledger.sealing import Sealer
from sito.policy.calendar import MOSCOW
from sito.policy.judge import Judge
from sito.policy.sides import own_bank
from sito.policy.verdict import Policy
from sito.records import RecordKind
from sito.screen import Screener
from sito.v1 import screening_pb2 as wire
from sito_server.batches import decided
from sito_server.convert import FieldViolationError, read_clearances, read_record
from sito_server.journals import INDEXES, Alert, Alerts, Counts, Entry, Session

ROUND_FRAMES = 500  # frames of one file that are taken at a time
ROUND_SIZE = 1 << 20  # bytes of them after which no more are: who is told to stop does so between rounds
INDEX_COUNT_MAX = 4  # indexes that are open at a time
PAYMENTS_SCREENED = "payments_screened"  # kinds of the events that count
NAMES_LOOKED_UP = "names_looked_up"
NOT_TAKEN = "screening_not_taken"  # kind of the event of a record of which no case could be made
PART_SIZE = 1 << 18  # bytes of such a record in one event
# Refusals of the ledger that come from the record, which the next try would meet again; others are of the ledger.
OF_RECORD = frozenset({"LED101", "LED102", "LED103", "LED199"})

log = logging.getLogger("sito_server")
_decoder: msgspec.msgpack.Decoder[Entry] = msgspec.msgpack.Decoder(Entry)


class Taken(msgspec.Struct):
    """What was taken.

    Attributes:
        cases: Records of which cases were opened, or that came to one, or that a rejected match has silenced.
        not_taken: Records of which no case could be made: somebody has to look at them by hand.
        records: That the journal counts.
        faults: Files that could not be taken any further, and why.
    """

    files: int = 0
    cases: int = 0
    not_taken: int = 0
    records: int = 0
    faults: list[tuple[str, SitoError]] = []


class Taker:
    """Takes the journal of a server. A context manager; for one thread of one process.

    Args:
        folder: The journal.
        sealer: Opens it.
        policies: At least those that the server judges by.
        keep: Leave files where they are when they have been taken.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, desk: Desk, *, sealer: Sealer, policies: Sequence[Policy],
        keep: bool = False,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._ledger = ledger
        self._desk = desk
        self._sealer = sealer
        self._policies = tuple(policies)
        self._keep = keep
        self._open: dict[str, tuple[AnyIndex, ExitStack]] = {}
        self._rests: dict[str, tuple[int, int]] = {}  # by file: offset, and bytes behind it that were no whole frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1][1].close()

    def take(self, stopped: Callable[[], bool] = lambda: False) -> Taken:
        """Take all that is there now; what stands in the way of one file is told, and the others go on.

        Args:
            stopped: Asked between rounds; true ends it.

        Raises:
            JournalError: JRN101 the folder cannot be read, JRN108 somebody else takes it now.
            LedgerError: The ledger cannot be written.
        """
        taken = Taken(faults=[])
        with taking(self._folder):
            for path in journal_files(self._folder):
                try:
                    while not stopped() and self._take_some(path, taken):
                        pass
                except LedgerError:
                    raise
                except SitoError as error:
                    taken.faults.append((path.name, error))
                taken.files += 1
        return taken

    def _take_some(self, path: Path, taken: Taken) -> bool:
        """Take some frames of a file; say whether there may be more."""
        file = JournalFile(path, sealer=self._sealer)
        ended = not file.is_written()  # asked first: what comes later is not missed
        progress = file.progress()
        frames: list[Frame] = []
        size = 0
        for frame in file.frames(progress):
            frames.append(frame)
            size += len(frame.payload)
            # What was planned is taken in one, whatever its size: its counts are one event.
            if frame.number >= progress.planned and (
                progress.planned or len(frames) >= ROUND_FRAMES or size >= ROUND_SIZE
            ):
                break
        if not frames:
            self._at_the_end(file, progress, ended=ended)
            return False
        first = next(iter(file.frames()))
        session = _read(first, path)
        if not isinstance(session, Session):
            raise JournalError("JRN103", expected="a journal of a server", got="another one", where=path.name)
        last = frames[-1]
        file.remember(Progress(progress.number, progress.end, last.number))
        self._round(file, session, frames, taken)
        file.remember(Progress(last.number, last.end))
        return True

    def _at_the_end(self, file: JournalFile, progress: Progress, *, ended: bool) -> None:
        """Let a file go that was taken; what cannot be read may be an alert, and is not deleted with it.

        Raises:
            JournalError: JRN103 something stands there that is no frame.
        """
        rest = file.rest(progress)
        if progress.planned > progress.number and not rest:
            raise JournalError(
                "JRN103", expected=f"{progress.planned} frames, which were there", got=f"{progress.number}",
                where=file.path.name, todo="restore the file",
            )  # fmt: skip
        if rest and ended:
            raise file.set_aside(rest)
        # A frame that is being written is whole the next time; one behind which others are written is damaged.
        before, self._rests[file.file_id] = self._rests.get(file.file_id, (0, 0)), (progress.end, rest)
        if before[0] == progress.end and 0 < before[1] < rest:
            raise JournalError(
                "JRN103", expected="frames with their checksums", got="one that is damaged", where=file.path.name,
                todo="what stands behind it is not taken: restore the file, or restart the server and look at it",
            )  # fmt: skip
        if ended:
            self._rests.pop(file.file_id, None)
            if not self._keep:
                file.remove()

    def _round(self, file: JournalFile, session: Session, frames: Sequence[Frame], taken: Taken) -> None:
        counts: dict[str, Counter[str]] = {}
        span: dict[str, tuple[int, int]] = {}
        for frame in frames:
            entry = _read(frame, file.path)
            if isinstance(entry, Alerts):
                self._alerts(entry, session, f"{file.file_id}-{frame.number}", taken)
            elif isinstance(entry, Counts):
                digest = entry.index_digest
                counts.setdefault(digest, Counter()).update(
                    records=entry.records, alerts=entry.alerts, rejects=entry.rejects, lookups=entry.lookups
                )
                since, until = span.get(digest, (entry.from_us, entry.to_us))
                span[digest] = (min(since, entry.from_us), max(until, entry.to_us))
        for digest, one in sorted(counts.items()):
            info = self._index(digest).info
            common = {
                "index_digest": digest, "engine_version": session.engine_version, "policy_id": session.policy_id,
                "policy_version": session.policy_version, "from": _instant(span[digest][0]).isoformat(),
                "to": _instant(span[digest][1]).isoformat(),
            }  # fmt: skip
            events: list[Event] = []
            if one["records"]:
                counted = {name: one[name] for name in ("records", "alerts", "rejects")}
                counted["passed"] = one["records"] - one["alerts"] - one["rejects"]
                events.append(Event(PAYMENTS_SCREENED, f"index:{digest}", common | counted))
                events += list_events(LIST_USED, info, purpose=Purpose.PAYMENTS)
            if one["lookups"]:
                events.append(Event(NAMES_LOOKED_UP, f"index:{digest}", common | {"lookups": one["lookups"]}))
                events += list_events(LIST_USED, info, purpose=Purpose.LOOKUP)
            span_id = f"{file.file_id}-{frames[0].number}-{frames[-1].number}-{digest[:16]}"
            self._ledger.transact(
                partial(_these, events), request_id=span_id, caller=SYSTEM, at=_instant(span[digest][1])
            )
            taken.records += one["records"]

    def _alerts(self, entry: Alerts, session: Session, name: str, taken: Taken) -> None:
        policy = self._policy(session)
        index = self._index(entry.index_digest)
        config = msgspec.structs.replace(session.config, fingerprints=False)
        judge = Judge(policy, entry.on, own=own_bank(session.own_bic))
        screener = Screener(index, config)
        cleared: defaultdict[str, list[wire.Clearance]] = defaultdict(list)
        for data in entry.cleared:
            with suppress(DecodeError):  # the server has read them: without, a verdict differs
                clearance = wire.Clearance.FromString(data)
                cleared[clearance.record_id].append(clearance)
        for alert in entry.alerts:
            request_id = f"{name}-{alert.place}"
            try:
                self._one(alert, entry, request_id, screener=screener, judge=judge, policy=policy, cleared=cleared)
                taken.cases += 1
            except (CaseError, JournalError, RecordError, ScreenError, LedgerError) as error:
                if isinstance(error, LedgerError) and error.code not in OF_RECORD:
                    raise
                self._not_taken(alert, entry, error, request_id)
                log.error("no case was made", extra={"facts": {"code": error.code, "frame": request_id}})
                taken.not_taken += 1

    def _one(
        self, alert: Alert, entry: Alerts, request_id: str, *, screener: Screener, judge: Judge, policy: Policy,
        cleared: Mapping[str, list[wire.Clearance]],
    ) -> None:  # fmt: skip
        """Bring one record to the desk.

        Raises:
            JournalError: JRN103 it cannot be read, JRN107 it gave another verdict.
            CaseError: No case can be opened from it.
        """
        try:
            item = wire.Record.FromString(alert.data)
            record = read_record(item, SCREENED_AS)  # its place, as in a message of one
            told = dict.fromkeys((item.record_id, EVERY_RECORD))
            clearances = read_clearances([one for name in told for one in cleared.get(name, ())], [item.record_id])
        except (DecodeError, FieldViolationError):
            raise JournalError("JRN103", expected="a record", got="something else", where=request_id) from None
        judged = [
            (result, judge.judge_record(result, record)) for result in screener.screen(record, Clearances(clearances))
        ]
        verdict, rule_id = decided(judged)
        if (verdict.value, rule_id) != (alert.verdict, alert.rule_id):
            raise JournalError(
                "JRN107", expected=f"{alert.verdict} by {alert.rule_id or 'no rule'}",
                got=f"{verdict.value} by {rule_id or 'no rule'}", where=request_id,
                todo="do not let two versions of sito share a journal; look at the record by hand",
            )  # fmt: skip
        name = item.record_id.strip()
        record = msgspec.structs.replace(record, record_id=name or request_id)
        client_id = record.client_id or (name if record.kind is RecordKind.CUSTOMER else "")
        screening = screening_of(
            record, judged, index=screener.index, policy=policy, client_id=mark_of(client_id) if client_id else ""
        )
        if screening is None:
            raise JournalError("JRN107", expected="hits that alarm", got="none", where=request_id)
        silent = {(hit.list_id, hit.entry_id) for result, _ in judged for hit in result.suppressed}
        used = [one for one in clearances if (one.list_id, one.entry_id) in silent]
        personal = personal_of(record, judge=judge, config=screener.config, cleared=used)
        self._desk.open_case(screening, personal=personal, caller=SYSTEM, request_id=request_id, at=_judged(entry))

    def _not_taken(self, alert: Alert, entry: Alerts, error: SitoError, request_id: str) -> None:
        """Write down that somebody has to look by hand: it is never lost."""
        facts = {
            "code": error.code, "verdict": alert.verdict, "rule_id": alert.rule_id,
            "index_digest": entry.index_digest, "request_id": mark_of(entry.request_id) if entry.request_id else "",
        }  # fmt: skip
        size = len(alert.data)
        events = [
            Event(
                NOT_TAKEN, f"screening:{request_id}", {**facts, "offset": first, "size": size},
                {"record": alert.data[first : first + PART_SIZE].hex()},
            )
            for first in range(0, max(size, 1), PART_SIZE)
        ]  # fmt: skip
        self._ledger.transact(
            partial(_these, events), request_id=f"not-taken-{request_id}", caller=SYSTEM, at=_instant(entry.at_us)
        )

    def _policy(self, session: Session) -> Policy:
        for policy in self._policies:
            if (policy.id, policy.version, policy.edition) == (
                session.policy_id, session.policy_version, session.policy_edition,
            ):  # fmt: skip
                return policy
        raise JournalError(
            "JRN106", expected=f"policy {session.policy_id} {session.policy_version} ({session.policy_edition[:12]})",
            got=f"{len(self._policies)} others", where="policy", todo="give the policy file that the server uses",
        )  # fmt: skip

    def _index(self, digest: str) -> AnyIndex:
        """Return the index of a digest out of those that the server has kept.

        Raises:
            JournalError: JRN105 it is not there, or cannot be used.
        """
        if digest in self._open:
            return self._open[digest][0]
        folder = self._folder / INDEXES
        stack = ExitStack()
        try:
            whole = folder / f"{digest}.index"
            found: AnyIndex | None = stack.enter_context(Index.open(whole)) if whole.exists() else None
        except IndexFileError as error:
            raise _no_index(digest, error.code) from None
        got = "another under its name" if found else "none"
        for path in () if found else sorted(folder.glob("*.delta")):
            try:
                with Index.open_as(path, delta=True, verify=False) as delta:
                    facts = delta.info.delta
                base_path = folder / f"{facts.base}.index" if facts else whole
                if not base_path.exists():
                    continue
                with ExitStack() as attempt:
                    base = attempt.enter_context(Index.open(base_path))
                    laid = attempt.enter_context(over(base, path))
                    if laid.info.digest == digest:
                        found = laid
                        stack.push(attempt.pop_all())
                        break
            except IndexFileError as error:
                got = error.code  # of another one, as it may be
        if found is None or found.info.digest != digest:
            stack.close()
            raise _no_index(digest, got)
        while len(self._open) >= INDEX_COUNT_MAX:
            self._open.pop(next(iter(self._open)))[1].close()
        self._open[digest] = (found, stack)
        return found


def _these(events: list[Event], _: View) -> list[Event]:
    return events


def _read(frame: Frame, path: Path) -> Entry:
    try:
        return _decoder.decode(frame.payload)
    except msgspec.MsgspecError:
        raise JournalError(
            "JRN103",
            expected="a journal of this version",
            got="another one",
            where=f"{path.name}, frame {frame.number}",
        ) from None


def _no_index(digest: str, got: str) -> JournalError:
    return JournalError(
        "JRN105", expected=f"index {digest[:12]}", got=got, where=INDEXES,
        todo="put the index file that was in use there, as DIGEST.index or DIGEST.delta",
    )  # fmt: skip


def _judged(entry: Alerts) -> datetime:
    """Return when a message was judged: on the day whose rules were taken, be it kept only after midnight."""
    first = datetime.combine(entry.on, time(), MOSCOW)
    return min(max(_instant(entry.at_us), first), first + timedelta(days=1, microseconds=-1))


def _instant(at_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
