"""Allowances: what a frozen person may still receive and spend, exact to the kopeck.

The law leaves a frozen person a wage up to a limit for each person of the family without income and each calendar
month, and pensions, benefits, taxes and fines without one. Limits are dated data (`data/allowance.toml`). How they are
applied here, where the texts leave it open; decision 0027 marks these readings as inferred:

*   The limits of the person and of each named family member make up one sum, from which any of them is served.
*   A month is one of Moscow, by the instant of the operation.
*   An operation that does not fit as a whole does not pass in part: a bank executes an order or does not. It is
    suspended whole, takes nothing from the limit, and a smaller one may still pass.
*   Money that comes in for the person takes nothing from the limit: it is accepted and frozen. What counts is what
    leaves the freeze.
*   An operation that did not come about gives its amount back to the month from which it was taken.

What a month has taken is kept by `sito.cases.takings`, which judges and takes in one transaction under its lock:
requests at once never take more than there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from sito.errors import PolicyError
from sito.policy.calendar import moscow_day, read_text, shipped_text
from sito.policy.deadlines import ID_LENGTH_MAX, Certainty
from sito.policy.facts import ListKind, list_kind_of
from sito.records import Operation
from sito.toml import parse_toml

CURRENCY = "RUB"
DEFAULT_NAME = "allowance.toml"  # beside this module, in `data`
AMOUNT_MAX = 10**17  # kopecks: no rouble amount of a bank is larger, and sums stay within 64 bits
MEMBER_COUNT_MAX = 50

_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*", re.ASCII)


class Persons(StrEnum):
    """For whom a limit is multiplied."""

    ALONE = "alone"
    WITH_MEMBERS = "with_members"


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A carve-out of the law. A table `[[allowance]]`.

    Attributes:
        id: Of the allowance; another edition of it has the same id and other dates.
        rule: Id of the rule that lets an operation pass.
        operations: Which operations it is about.
        list_kinds: Of which lists a freeze may be; a freeze that rests on another list with force in Russia, too, is
            not eased by it. Empty: any.
        limit: Roubles as exact decimal text, for each person and calendar month; none: without a limit.
        persons: Whether named family members without income count too.
        excess_rule: Id of the rule by which an operation above the limit is suspended; empty if there is no limit.
        certainty, source: How sure that is, and who says so.
        valid_from, valid_to: Days of its force in Moscow, the last one not included.
    """

    id: str
    rule: str
    operations: tuple[Operation, ...]
    limit: str | None = None
    persons: Persons
    excess_rule: str = ""
    list_kinds: tuple[ListKind, ...] = ()
    certainty: Certainty
    source: str
    valid_from: date
    valid_to: date | None = None

    def eases(self, list_ids: Iterable[str]) -> bool:
        """Say whether it holds for a freeze that rests on some lists; those without force in Russia freeze nobody."""
        kinds = {kind for kind in map(list_kind_of, list_ids) if kind not in {ListKind.FOREIGN, ListKind.OWN}}
        return not self.list_kinds or kinds <= set(self.list_kinds)

    def holds_on(self, day: date) -> bool:
        """Say whether the allowance is in force on a day in Moscow."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class _AllowanceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allowance: tuple[Allowance, ...]


class Outcome(StrEnum):
    """Whether an operation passes."""

    PASS = "pass"  # noqa: S105  (no password)
    SUSPEND = "suspend"


class Allowed(msgspec.Struct, frozen=True):
    """What an allowance says of an amount.

    Attributes:
        outcome: Pass, or suspend the whole operation.
        rule: Id of the rule that says so.
        allowance: Id of the allowance.
        limit_kopecks: Of the month for all persons; none if there is no limit.
        spent_kopecks: What the month had taken before.
        left_kopecks: What is left of the month after this operation; none if there is no limit.
        certainty, source: Of the allowance.
    """

    outcome: Outcome
    rule: str
    allowance: str
    limit_kopecks: int | None
    spent_kopecks: int
    left_kopecks: int | None
    certainty: Certainty
    source: str


def kopecks(amount: str, currency: str = CURRENCY) -> int:
    """Return an amount in kopecks, exactly.

    Args:
        amount: Decimal text with a point, at most two decimals, as records have it: `1500`, `1500.5`, `1500.50`.
        currency: ISO 4217; only roubles can be counted.

    Raises:
        PolicyError: POL301 no such amount, a negative one, or parts of a kopeck; POL302 another currency.
    """
    if currency != CURRENCY:
        got = "no currency" if not currency else "another currency"
        raise PolicyError("POL302", expected=f"an amount in {CURRENCY}", got=got, todo="an officer has to decide")
    match = _AMOUNT.fullmatch(amount)
    if match is None:
        raise PolicyError(
            "POL301", expected="an amount as 1500.00, not negative, without parts of a kopeck",
            got=f"{len(amount)} other characters",
        )  # fmt: skip
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def month_of(at: datetime) -> str:
    """Return the month of an instant in Moscow, as 2026-11.

    Raises:
        PolicyError: POL213 a time without a zone or out of range.
    """
    return moscow_day(at).isoformat()[:7]


def judge(allowance: Allowance, spent_kopecks: int, amount_kopecks: int, members: Sequence[str] = ()) -> Allowed:
    """Say whether an amount fits into what is left of a month.

    Args:
        allowance: In force on the day of the operation.
        spent_kopecks: What the month has taken and was not given back, 0 or more.
        amount_kopecks: Of the operation, more than 0.
        members: Named family members without income, besides the person.

    Raises:
        PolicyError: POL305 an amount out of range, or members that are none, too many, or named twice.
    """
    _check_amount(amount_kopecks)
    if spent_kopecks < 0:
        raise PolicyError("POL305", expected="a sum of 0 or more kopecks", got="a negative one")
    for member in members:
        _check_key(member, "a member")
    if len(set(members)) != len(members) or len(members) > MEMBER_COUNT_MAX:
        raise PolicyError(
            "POL305", expected=f"at most {MEMBER_COUNT_MAX} members, each named once", got=f"{len(members)} members"
        )
    outcome, rule = Outcome.PASS, allowance.rule
    limit = left = None
    if allowance.limit is not None:
        limit = kopecks(allowance.limit) * (1 + (len(members) if allowance.persons is Persons.WITH_MEMBERS else 0))
        # Fewer members than earlier in the month can leave less than was taken already: then nothing is left.
        left = max(limit - spent_kopecks, 0)
        if amount_kopecks > left:
            outcome, rule = Outcome.SUSPEND, allowance.excess_rule
        else:
            left -= amount_kopecks
    return Allowed(outcome, rule, allowance.id, limit, spent_kopecks, left, allowance.certainty, allowance.source)


def load_allowances(path: Path | None = None) -> tuple[Allowance, ...]:
    """Read allowances.

    Args:
        path: TOML with a table `[[allowance]]` for each, fields of `Allowance`; none: those that are shipped.

    Raises:
        PolicyError: POL201 a file that cannot be read; POL303 a file that is none, or an allowance that cannot be one.
    """
    name, text = (DEFAULT_NAME, shipped_text(DEFAULT_NAME)) if path is None else (path.name, read_text(path))
    try:
        found = msgspec.convert(parse_toml(text.encode()), _AllowanceFile).allowance
    except ValueError as error:  # of TOML and of msgspec
        raise _broken("TOML with tables [[allowance]]", str(error)[:200], name) from None
    for number, allowance in enumerate(found, 1):
        _check_allowance(allowance, f"{name}, allowance {number}")
        for other in found[: number - 1]:
            month = _month_of_both(allowance, other)
            if month:
                raise _broken(
                    "one sum in each month: editions of an allowance with the same id, or one that begins with a month",
                    f"{other.id} and {allowance.id} for one operation in {month}", name,
                )  # fmt: skip
            start = max(allowance.valid_from, other.valid_from)
            if not (allowance.holds_on(start) and other.holds_on(start)):
                continue
            shared = set(allowance.operations) & set(other.operations)
            if shared or allowance.id == other.id:
                what = ", ".join(sorted(shared)) or f"id {allowance.id}"
                raise _broken("one allowance of an id and for an operation on each day", f"two from {start} on", what)
    return found


def _month_of_both(one: Allowance, other: Allowance) -> str:
    """Return a month in which a new allowance would begin its sum anew, after another one had taken in it."""
    if one.id == other.id or one.limit is None or other.limit is None:
        return ""
    if not set(one.operations) & set(other.operations):
        return ""
    earlier, later = sorted((one, other), key=lambda allowance: allowance.valid_from)
    if earlier.valid_to is None:
        return ""  # both at once, which is told as such
    last_month = (earlier.valid_to - timedelta(days=1)).isoformat()[:7]
    return last_month if last_month == later.valid_from.isoformat()[:7] else ""


def _check_allowance(allowance: Allowance, where: str) -> None:
    _check_key(allowance.id, "an id", code="POL303", where=where)
    _check_key(allowance.rule, "a rule", code="POL303", where=where)
    if not allowance.operations or Operation.OTHER in allowance.operations:
        raise _broken("operations that are named; other is none", f"{len(allowance.operations)} operations", where)
    if not allowance.source.strip():
        raise _broken("a source", "none", where)
    if allowance.valid_to is not None and allowance.valid_to <= allowance.valid_from:
        raise _broken("valid_to after valid_from", f"{allowance.valid_from} to {allowance.valid_to}", where)
    if (allowance.limit is None) != (not allowance.excess_rule):
        raise _broken("a limit together with its excess_rule, or neither", "one of them", where)
    if allowance.limit is not None:
        _check_key(allowance.excess_rule, "an excess_rule", code="POL303", where=where)
        if not _AMOUNT.fullmatch(allowance.limit):
            raise _broken("a limit in roubles as 10000.00", f"{len(allowance.limit)} other characters", where)


def _broken(expected: str, got: str, where: str) -> PolicyError:
    return PolicyError("POL303", expected=expected, got=got, where=where, todo="repair the file")


def _check_amount(amount_kopecks: int) -> None:
    # A float or a boolean is a mistake of the program, and money must not survive it.
    if type(amount_kopecks) is not int:
        raise TypeError(f"amount_kopecks must be an int, got {type(amount_kopecks).__name__}")
    if not 0 < amount_kopecks <= AMOUNT_MAX:
        got = "no money or less" if amount_kopecks <= 0 else "more"
        raise PolicyError("POL305", expected=f"1 to {AMOUNT_MAX} kopecks", got=got)


def _check_key(key: str, what: str, *, code: str = "POL305", where: str = "") -> None:
    if not _KEY.fullmatch(key) or len(key) > ID_LENGTH_MAX:
        expected = f"{what} of 1 to {ID_LENGTH_MAX} letters and digits with . _ : / - between them"
        raise PolicyError(code, expected=expected, got=f"{len(key)} characters", where=where)
