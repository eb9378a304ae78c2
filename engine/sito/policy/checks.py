"""Whether the rules of a policy fit together: every situation has a rule on every day, and every rule a situation.

All combinations of all dimensions are looked at, on each day on which something changes.

Codes of this module:

    POL105 two tables of one kind with one id, or a word twice in a list
    POL106 days that are none: an end before the beginning, or outside the policy's own
    POL107 situations that no rule is about
    POL108 a rule that never decides, because others before it always do
    POL109 a term that is not there, or none of one moment in force while its rule is
    POL110 a hit on a list that has force in Russia passes
    POL114 a list of values without a value
    POL116 other rules on more days than `STAGE_COUNT_MAX`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sito.errors import PolicyError
from sito.policy.deadlines import Term
from sito.policy.facts import DIMENSIONS, ListKind, Verdict
from sito.policy.rules import Duty, PolicyFile, Rule

STAGE_COUNT_MAX = 100  # days on which other rules begin to hold; each costs a table of all situations
NOBODY = -1  # in a matrix: no rule is about this situation
BINDING = (ListKind.TE, ListKind.MVK, ListKind.UN, ListKind.SEM)  # lists with force in Russia

_SHAPE = tuple(map(len, DIMENSIONS.values()))
_PLACES = tuple({value: place for place, value in enumerate(values)} for values in DIMENSIONS.values())


def matrix(rules: Sequence[Rule], on: date) -> npt.NDArray[np.int16]:
    """Return the number of the first rule in force on a day for each situation, `NOBODY` where there is none.

    Returns:
        An array with one axis for each of `DIMENSIONS`, in their order.
    """
    first = np.full(_SHAPE, NOBODY, dtype=np.int16)
    for number, rule in enumerate(rules):
        if (rule.valid_from is None or rule.valid_from <= on) and (rule.valid_to is None or on < rule.valid_to):
            part = _part(rule)
            block = first[part]
            block[block == NOBODY] = number
            first[part] = block
            if not (first == NOBODY).any():
                break
    return first


def _part(rule: Rule) -> tuple[npt.NDArray[np.intp], ...]:
    values = zip(rule.when.values(), _PLACES, strict=True)
    return np.ix_(*[[places[value] for value in own] for own, places in values])


def stages(file: PolicyFile) -> list[date]:
    """Return the days on which other rules begin to hold, rising; the first is that of the policy itself."""
    head = file.head
    days = {head.valid_from}
    for rule in file.rules:
        days |= {day for day in (rule.valid_from, rule.valid_to) if day is not None}
    return sorted(day for day in days if day >= head.valid_from and (head.valid_to is None or day < head.valid_to))


def findings(file: PolicyFile) -> Iterator[PolicyError]:
    """Return what is wrong with a policy; nothing if it may be used."""
    broken = [*_shapes(file)]
    yield from broken
    if broken:
        return  # what follows would only say the same again
    yield from _terms(file)
    yield from _situations(file)


def _shapes(file: PolicyFile) -> Iterator[PolicyError]:
    """Look at each table alone."""
    head = file.head
    for kind, items in (("rule", file.rules), ("duty", file.duties)):
        for twice in sorted(item for item, count in Counter(item.id for item in items).items() if count > 1):
            yield _error(
                "POL105", "each id once", "two of it", f"{file.name}, [[{kind}]] {twice}", "rename one of them"
            )
        for item in items:
            where = f"{file.name}, [[{kind}]] {item.id}"
            begin, end = item.valid_from, item.valid_to
            if begin is not None and end is not None and end <= begin:
                yield _error("POL106", "valid_to after valid_from", f"{end}, not after {begin}", where)
            outside = (end is not None and end <= head.valid_from) or (
                begin is not None and head.valid_to is not None and begin >= head.valid_to
            )
            if outside:
                yield _error("POL106", "days within those of the policy", "none", where, "remove it or mend its days")
    if head.valid_to is not None and head.valid_to <= head.valid_from:
        got = f"{head.valid_to}, not after {head.valid_from}"
        yield _error("POL106", "valid_to after valid_from", got, f"{file.name}, [policy]")
    days = len(stages(file))
    if days > STAGE_COUNT_MAX:
        yield _error(
            "POL116", f"other rules on at most {STAGE_COUNT_MAX} days", str(days), file.name,
            "leave out what is long over, or make two files",
        )  # fmt: skip
    for kind, items in (("rule", file.rules), ("duty", file.duties)):
        for item in items:
            if len(set(item.terms)) < len(item.terms):
                yield _error("POL105", "each term once", "one twice", f"{file.name}, [[{kind}]] {item.id}: terms")
    for rule in file.rules:
        for name, own in zip(DIMENSIONS, rule.when.values(), strict=True):
            where = f"{file.name}, [[rule]] {rule.id}: when.{name}"
            if not own:
                yield _error("POL114", "a value, or no such key for any", "an empty list", where)
            if len(set(own)) < len(own):
                yield _error("POL105", "each value once", "one twice", where)


def _terms(file: PolicyFile) -> Iterator[PolicyError]:
    """Look whether the terms that rules and duties name are there whenever they are needed."""
    known: dict[str, list[Term]] = {}  # editions of a term share its id
    for one in file.terms:
        known.setdefault(one.id, []).append(one)
    for kind, items in (("rule", file.rules), ("duty", file.duties)):
        for item in items:
            where = f"{file.name}, [[{kind}]] {item.id}: terms"
            missing = [term for term in item.terms if term not in known]
            for term in missing:
                yield _error("POL109", "terms that are in the file", f"no [[term]] {term}", where, "add it")
            if missing:
                continue
            moments: dict[str, list[Term]] = {}  # terms of one moment may take each other's place, no others
            for one in (edition for term in item.terms for edition in known[term]):
                moments.setdefault(one.trigger, []).append(one)
            for trigger, terms in moments.items():
                gap = _term_gap(item, terms, file)
                if gap is not None:
                    expected = f"at least one term after {trigger} in force on each day"
                    yield _error("POL109", expected, f"none on {gap}", where, "date it")


def _term_gap(item: Rule | Duty, terms: Sequence[Term], file: PolicyFile) -> date | None:
    """Return the first day of an item on which none of its terms is in force."""
    begin = max(filter(None, (item.valid_from, file.head.valid_from)))
    ends = [day for day in (item.valid_to, file.head.valid_to) if day is not None]
    days = {begin, *(term.valid_to for term in terms if term.valid_to is not None)}
    for day in sorted(days):
        if begin <= day and (not ends or day < min(ends)) and not any(term.holds_on(day) for term in terms):
            return day
    return None


def _situations(file: PolicyFile) -> Iterator[PolicyError]:
    """Look at every situation, on every day on which something changes."""
    deciding: set[int] = set()
    passing = np.array([rule.verdict is Verdict.PASS for rule in file.rules])
    binding = [_PLACES[0][kind] for kind in BINDING]
    said: set[int] = set()
    for day in stages(file):
        first = matrix(file.rules, day)
        deciding |= set(np.unique(first).tolist())
        open_ = np.argwhere(first == NOBODY)
        if len(open_):
            yield _error(
                "POL107", "a rule for every situation", f"{len(open_)} without one, such as {_words(open_[0])}",
                f"{file.name}, from {day}", "add a rule without `when` at the end, or for these",
            )  # fmt: skip
        part = first[binding]
        for number in np.unique(part[passing[part] & (part != NOBODY)]).tolist() if passing.any() else ():
            if number not in said:
                said.add(number)
                place = np.argwhere(part == number)[0]
                yield _error(
                    "POL110", "review or more for a hit on a list with force in Russia",
                    f"pass for {_words((binding[place[0]], *place[1:]))}",
                    f"{file.name}, [[rule]] {file.rules[number].id}", "a verdict of review is the least",
                )  # fmt: skip
    for number, rule in enumerate(file.rules):
        if number not in deciding:
            yield _error(
                "POL108", "a rule that decides something", "rules before it that always do",
                f"{file.name}, [[rule]] {rule.id}", "move it up, narrow those before it, or remove it",
            )  # fmt: skip


def _words(place: Sequence[int] | npt.NDArray[np.intp]) -> str:
    """Return a situation in words."""
    return ", ".join(f"{name}={values[at]}" for at, (name, values) in zip(place, DIMENSIONS.items(), strict=True))


def _error(code: str, expected: str, got: str, where: str, todo: str = "") -> PolicyError:
    return PolicyError(code, expected=expected, got=got, where=where, todo=todo)
