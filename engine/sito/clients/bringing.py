"""A screening of the base whose answers go to the desk: cases, removals on freezes, the use of the lists."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import msgspec

from sito.cases.desk import Desk
from sito.clients.base import ClientBase
from sito.clients.casework import CaseTaker, delist, has_come_to, head_of, log_list_use, run_of
from sito.clients.checking import plan_first
from sito.clients.night import Night, screen_base
from sito.delta import AnyIndex
from sito.ledger import Ledger
from sito.policy.judge import Judge


class Brought(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:
        freezes: On which a removal was noted. unseen: Clients whom somebody has to look at, see `CaseTaker`.
        case_count: Clients whose hits were brought to a case.
        was_told_all: The ledger had not what it was told before, so it was told everything.
    """

    night: Night
    unseen: tuple[str, ...]
    freezes: tuple[str, ...]
    case_count: int
    was_told_all: bool


def was_brought(base: ClientBase, digest: str, ledger: Ledger) -> bool:
    """Was this ledger told of a screening with an index, and does it still have what it was told?"""
    head = base.fact("told_head")
    is_same = base.fact("told_digest") == digest and head.startswith(f"{ledger.ledger_id}:")
    return is_same and has_come_to(ledger, head)


def screen_into_cases(
    base: ClientBase, index: AnyIndex, judge: Judge, *, ledger: Ledger, desk: Desk, at: datetime, is_full: bool = False,
    without: Collection[str] = (), threads: int = 1, progress: Callable[[int, int], None] | None = None,
) -> Brought:  # fmt: skip
    """Screen what changed, and bring what is found to the desk; arguments as of `screen_base`.

    Raises:
        ClientBaseError, CaseError, LedgerError: As `screen_base`, `CaseTaker.take` and `delist`.
    """
    with base.locked():  # the request ids follow from what the base holds now
        run_id = run_of(base.base_id, base.generation, index, judge.policy)
        taker = CaseTaker(desk, index, judge.policy, run_id=run_id, at=at)
        freezes: list[str] = []
        was_told_all = not has_come_to(ledger, base.fact("told_head"))

        def settle(night: Night) -> None:
            freezes.extend(delist(ledger, desk, night.gone, index, run_id=run_id, at=at, former=base.editions()))
            if night.has_used_lists:
                log_list_use(ledger, index, run_id=run_id, at=at)
            plan_first(ledger, desk, base, at=at)

        night = screen_base(
            base, index, judge, at=at, take=taker.take, settle=settle, told_to=ledger.ledger_id,
            is_full=is_full or was_told_all, without=without, threads=threads, progress=progress,
        )  # fmt: skip
        base.write_told(head_of(ledger), index.info.digest)
        return Brought(night, tuple(taker.unseen), tuple(freezes), taker.case_count, was_told_all)
