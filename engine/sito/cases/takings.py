"""What a frozen client has been let have in a month, and whether an amount still fits.

Limits are dated data of the policy (`sito.policy.allowance`, decision 0027). What was taken is a table that follows
from the releases; a release looks at it and adds to it in one transaction under its lock: requests at once
never take more than there is. The month is that of Moscow, by the instant of the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.projection import FREEZE_PROPOSED, HITS, TAKINGS
from sito.errors import CaseError
from sito.ledger import View
from sito.policy.allowance import Allowance, Outcome, Persons, judge, kopecks, month_of
from sito.policy.calendar import moscow_day

AGREED_RULE = "R-CARVE-AGREE"  # the authority agreed to this very amount: it is no part of a monthly limit

_SPENT = sa.select(sa.func.sum(TAKINGS.c.amount_kopecks)).where(
    *(TAKINGS.c[name] == sa.bindparam(name) for name in ("client_id", "allowance", "month"))
)


class AllowanceLeft(msgspec.Struct, frozen=True):
    """What an allowance has left for a frozen client, alone, in the month of now.

    Attributes:
        rule, allowance: That is told with a release, and its id.
        month: In Moscow, as 2026-11.
        spent_kopecks: Taken and not given back.
        limit_kopecks: For the client; None without a limit.
        each_member_kopecks: More for each named family member without income; 0 if they do not count.
        certainty: Of the allowance, as S.
    """

    rule: str
    allowance: str
    operations: tuple[str, ...]
    month: str
    spent_kopecks: int
    limit_kopecks: int | None
    each_member_kopecks: int
    certainty: str


def left_of(view: View, allowances: Sequence[Allowance], freeze: Any, at: datetime) -> Iterator[AllowanceLeft]:
    """Yield what the client of a freeze may still be let have; nothing is taken.

    Args:
        view: Of a ledger with the projection of cases.
        allowances: Of `sito.policy.allowance.load_allowances`.
        freeze: Its row.
        at: Instant, with its zone.
    """
    day, lists = moscow_day(at), _lists_of(view, freeze)
    for one in allowances:
        if not (one.holds_on(day) and one.eases(lists)):
            continue
        limit = None if one.limit is None else kopecks(one.limit)
        yield AllowanceLeft(
            one.rule, one.id, tuple(one.operations), month_of(at), _spent(view, freeze.client_id, one, at), limit,
            limit or 0 if one.persons is Persons.WITH_MEMBERS else 0, one.certainty.value,
        )  # fmt: skip


def taking_of(
    view: View, allowances: Sequence[Allowance], freeze: Any, facts: Mapping[str, Any], at: datetime
) -> dict[str, Any] | None:
    """Return what a release takes; None where nothing is counted.

    Raises:
        CaseError: CAS101 the rule has several allowances with limits, and nobody said which kind of operation it is;
            CAS103 the client or a member twice; CAS119 more than is left; CAS120 no allowance is in force.
    """
    rule, kind, where = facts["carve_rule"], facts.get("operation_kind", ""), freeze.subject
    members, amount_kopecks = facts.get("members", ()), facts["amount_kopecks"]
    day = moscow_day(at)
    found = [
        one for one in allowances if one.rule == rule and one.holds_on(day) and (not kind or kind in one.operations)
    ]
    if not found and rule == AGREED_RULE:
        return None
    lists = _lists_of(view, freeze)
    if found and not any(one.eases(lists) for one in found):
        raise CaseError(
            "CAS120", expected=f"a freeze that {rule} eases", got="one by " + ", ".join(sorted(lists)), where=where,
            todo=f"the funds stay frozen until the authority agrees: {AGREED_RULE}",
        )  # fmt: skip
    found = [one for one in found if one.eases(lists)]
    if not found:
        raise CaseError(
            "CAS120", expected=f"an allowance of {rule}{' for ' + kind if kind else ''} in force", got="none",
            where=where, todo="the funds stay frozen; see the file of allowances",
        )  # fmt: skip
    if len(found) > 1 and any(one.limit is not None for one in found):
        raise CaseError("CAS101", expected=f"operation_kind: {rule} has several", got="no operation_kind", where=where)
    # A person is counted once, however their id is written.
    if len({member.casefold() for member in (freeze.client_id, *members)}) <= len(members):
        raise CaseError("CAS103", expected="members besides the client, each once", got="one twice", where=where)
    allowed = judge(found[0], _spent(view, freeze.client_id, found[0], at), amount_kopecks, members)
    if allowed.outcome is not Outcome.PASS:
        raise CaseError(
            "CAS119", expected=f"at most {roubles(allowed.left_kopecks or 0)} roubles: what is left of "
            f"{roubles(allowed.limit_kopecks or 0)} in {month_of(at)}", got=roubles(amount_kopecks), where=where,
            todo=f"suspend the operation by {allowed.rule}: it does not pass in part",
        )  # fmt: skip
    key = {"client_id": freeze.client_id, "allowance": allowed.allowance, "month": month_of(at)}
    return key | {"amount_kopecks": amount_kopecks}


def _lists_of(view: View, freeze: Any) -> set[str]:
    """Return the lists that a freeze rests on: those of its case, and of who proposed it without one."""
    hits = sa.select(HITS.c.list_id).where(HITS.c.subject == freeze.case_subject).distinct()
    lists = set(view.execute(hits).scalars()) if freeze.case_subject else set()
    for stored in view.events(subject=freeze.subject, kinds=(FREEZE_PROPOSED,)):
        lists.add(stored.event.facts.get("list_id", ""))
    return lists - {""}


def check_taken(view: View, freeze: Any, release_sequence: int) -> None:
    """Refuse to give back what a release of this freeze has not taken, or has given back before.

    Raises:
        CaseError: CAS120.
    """
    taken = sa.select(TAKINGS.c.subject).where(TAKINGS.c.sequence == release_sequence)
    if view.execute(taken).scalar() != freeze.subject:
        raise CaseError(
            "CAS120", expected="a release of this freeze that took from an allowance", got="none, or one given back",
            where=freeze.subject, todo="tell the event of the release as release_sequence",
        )  # fmt: skip


def _spent(view: View, client_id: str, allowance: Allowance, at: datetime) -> int:
    key = {"client_id": client_id, "allowance": allowance.id, "month": month_of(at)}
    return int(view.execute(_SPENT, key).scalar() or 0)


def roubles(amount_kopecks: int) -> str:
    """Return an amount as people write it."""
    return f"{amount_kopecks // 100}.{amount_kopecks % 100:02}"
