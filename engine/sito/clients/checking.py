"""The check of all clients that the law wants at least once in a term (rule R-CHECK-3M), planned, run and recorded.

A check is a matter of the desk: it is planned, started, and finished with what it found, also if that is nothing. All
clients are screened against all entries in force, and that the lists were used is recorded when it was done, by the run
that did it. A run that is killed leaves the check running: the next one goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa

from sito.cases.deadlines import OpenDeadline, Schedule, open_deadlines
from sito.cases.desk import SYSTEM, Desk
from sito.cases.projection import CHECKS
from sito.cases.screenings import editions_of
from sito.clients.base import ClientBase
from sito.clients.casework import CaseTaker, delist, head_of, log_list_use, request_of, run_of
from sito.clients.night import Night, screen_base
from sito.delta import AnyIndex
from sito.errors import SitoError
from sito.ledger import Ledger
from sito.policy.judge import Judge

CHECK = "check"
REPORT_RULE = "R-CHECK-REPORT"


class Checked(msgspec.Struct, frozen=True):
    """What a check found.

    Attributes:
        subject: The matter, as `check:3`.
        report: By when the authority must be told; None if the policy has no such duty.
        unseen: Clients whose search was cut short before it found anything.
        freezes: On which it was noted that an entry is on its list no more.
    """

    subject: str
    night: Night
    case_count: int
    unseen: tuple[str, ...]
    freezes: tuple[str, ...]
    report: OpenDeadline | None


def run_check(
    base: ClientBase, index: AnyIndex, judge: Judge, *, ledger: Ledger, desk: Desk, schedule: Schedule, at: datetime,
    without: Collection[str] = (), threads: int = 1, progress: Callable[[int, int], None] | None = None,
) -> Checked:  # fmt: skip
    """Run the check that is planned, or one that nobody planned, and record it.

    Args:
        without: As `screen_base` has it.

    Raises:
        ClientBaseError: As `screen_base`.
        CaseError: As `Desk.act`; CAS114 clients were counted, and no use of a list is on record.
        LedgerError: The ledger could not store it.
    """
    with base.locked():  # whoever comes second shall not find the check of the first and end it
        return _checked(
            base, index, judge, ledger=ledger, desk=desk, schedule=schedule, at=at, without=without, threads=threads,
            progress=progress,
        )  # fmt: skip


def plan_first(ledger: Ledger, desk: Desk, base: ClientBase, *, at: datetime) -> None:
    """Plan a check where there never was one: or else nothing would tell that it is due."""
    with ledger.read() as view:
        known = view.execute(sa.select(CHECKS.c.subject).limit(1)).first()
    if known is None:
        desk.begin(CHECK, "plan", {}, caller=SYSTEM, request_id=request_of("plan first", base.base_id), at=at)


def _checked(
    base: ClientBase, index: AnyIndex, judge: Judge, *, ledger: Ledger, desk: Desk, schedule: Schedule, at: datetime,
    without: Collection[str], threads: int, progress: Callable[[int, int], None] | None,
) -> Checked:  # fmt: skip
    subject = _started(ledger, desk, base, index, at)
    run_id = run_of(base.base_id, base.generation, index, judge.policy, why=subject)
    taker = CaseTaker(desk, index, judge.policy, run_id=run_id, at=at)
    freezes: list[str] = []
    try:
        night = screen_base(
            base, index, judge, at=at, take=taker.take, is_full=True, without=without, threads=threads,
            progress=progress, told_to=ledger.ledger_id,
            settle=lambda done: freezes.extend(
                delist(ledger, desk, done.gone, index, run_id=run_id, at=at, former=base.editions())
            ),
        )  # fmt: skip
    except SitoError as error:
        desk.act(
            subject, "fail", {"motive": error.code}, caller=SYSTEM,
            request_id=request_of(run_id, "fail", at.isoformat()), at=at,
        )  # fmt: skip
        raise
    if night.client_count:  # without a client nothing was looked for in any list
        log_list_use(ledger, index, run_id=run_id, at=at)
    facts = {
        "client_count": night.client_count, "match_count": night.match_count, "editions": editions_of(index),
    }  # fmt: skip
    desk.act(subject, "finish", facts, caller=SYSTEM, request_id=request_of(run_id, "finish"), at=at)
    base.write_told(head_of(ledger), index.info.digest)
    with ledger.read() as view:
        due = [one for one in open_deadlines(view, schedule, at, subjects=[subject]) if one.rule == REPORT_RULE]
    return Checked(
        subject, night, taker.case_count, tuple(taker.unseen), tuple(freezes), due[0] if due else None
    )  # fmt: skip


def _started(ledger: Ledger, desk: Desk, base: ClientBase, index: AnyIndex, at: datetime) -> str:
    """Return the check that is running, planned first and started if there is none."""
    with ledger.read() as view:
        rows = view.execute(
            sa.select(CHECKS.c.subject, CHECKS.c.state).where(CHECKS.c.state.in_(("planned", "running")))
            .order_by(CHECKS.c.number)
        ).all()  # fmt: skip
    running = [row.subject for row in rows if row.state == "running"]
    if running:
        return str(running[0])
    told = (base.base_id, base.generation, index.info.digest, at.isoformat())
    if rows:
        subject = str(rows[0].subject)
    else:
        subject = desk.begin(CHECK, "plan", {}, caller=SYSTEM, request_id=request_of("plan", *told), at=at).subject
    desk.act(subject, "start", {}, caller=SYSTEM, request_id=request_of("start", subject, *told), at=at)
    return subject
