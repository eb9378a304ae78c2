"""The verdict of a situation: the first rule that fits; of several hits the gravest, and none of them is forgotten."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from sito.errors import PolicyError
from sito.policy.checks import findings, matrix, stages
from sito.policy.deadlines import Term
from sito.policy.facts import DIMENSIONS, SEVERITY, Situation, Verdict
from sito.policy.folder import POLICY, own_file
from sito.policy.rules import Duty, PolicyFile, Rule, default_policy_file, read_policy_file

_PLACES = tuple({value: place for place, value in enumerate(values)} for values in DIMENSIONS.values())


class Ruling(msgspec.Struct, frozen=True):
    """What a policy says of one situation; all of it is recorded, so that it can be said again later.

    Attributes:
        rule_id, law, reason, certainty: Of the rule that decided; see `sito.policy.rules.Rule`.
        message: Kind of the message that has to be sent, or empty.
        term_ids: Terms that begin to run.
        policy_id, policy_version: Of the policy.
    """

    verdict: Verdict
    rule_id: str
    law: str
    message: str
    reason: str
    certainty: str
    term_ids: tuple[str, ...]
    policy_id: str
    policy_version: str


class Policy:
    """A policy in use. Immutable; threads may share it.

    Args:
        file: As read.

    Raises:
        PolicyError: The first finding of `sito.policy.checks`: a policy with one is not used at all.
    """

    def __init__(self, file: PolicyFile) -> None:
        for finding in findings(file):
            raise finding
        self.file = file
        self.id, self.version, self.edition = file.head.id, file.head.version, file.edition
        self._stages = stages(file)
        self._matrices: list[npt.NDArray[np.int16]] = [matrix(file.rules, day) for day in self._stages]
        self._rulings = tuple(self._ruling(rule) for rule in file.rules)
        self._duties = {duty.id: duty for duty in file.duties}
        self._terms: dict[str, list[Term]] = {}  # editions of a term share its id
        for term in file.terms:
            self._terms.setdefault(term.id, []).append(term)

    def __reduce__(self) -> tuple[object, ...]:
        return Policy, (self.file,)  # worker processes get the rules and make their own tables

    def _ruling(self, rule: Rule) -> Ruling:
        return Ruling(
            rule.verdict, rule.id, rule.law, rule.message.value, rule.reason, rule.certainty.value, rule.terms, self.id,
            self.version,
        )  # fmt: skip

    def rule(self, situation: Situation, on: date) -> Ruling:
        """Return what holds for a situation on a day.

        Raises:
            PolicyError: POL111 the policy is not in force on that day.
        """
        places = zip(_PLACES, msgspec.structs.astuple(situation), strict=True)
        number = self._matrices[self._stage(on)][tuple([known[value] for known, value in places])]
        return self._rulings[int(number)]

    def rules(self, on: date) -> tuple[Rule, ...]:
        """Return the rules in force on a day, in their order.

        Raises:
            PolicyError: POL111 the policy is not in force on that day.
        """
        self._stage(on)
        return tuple(rule for rule in self.file.rules if in_force(rule, on))

    def duty(self, duty_id: str, on: date) -> Duty:
        """Return a duty.

        Raises:
            PolicyError: POL111 the policy is not in force on that day; POL112 there is no such duty on it.
        """
        self._stage(on)
        duty = self._duties.get(duty_id)
        if duty is None or not in_force(duty, on):
            raise PolicyError(
                "POL112", expected=f"a duty {duty_id[:60]} in force on {on}", got="none", where=self.file.name
            )
        return duty

    def terms(self, term_ids: Iterable[str], on: date) -> tuple[Term, ...]:
        """Return those of the named terms that are in force on a day; both sides of a conflict are.

        Raises:
            PolicyError: POL113 a term that the policy does not have: it may be of another policy.
        """
        found: list[Term] = []
        for term_id in term_ids:
            if term_id not in self._terms:
                raise PolicyError(
                    "POL113", expected=f"a term {term_id[:60]}", got="none", where=self.file.name,
                    todo="take the policy of that edition",
                )  # fmt: skip
            found += [term for term in self._terms[term_id] if term.holds_on(on)]
        return tuple(found)

    def terms_by_trigger(self, term_ids: Iterable[str], on: date) -> dict[str, tuple[Term, ...]]:
        """Return the same by what they count from: `sito.policy.deadlines.due` takes those of one moment.

        Raises:
            PolicyError: POL113 as for `terms`.
        """
        found: dict[str, list[Term]] = {}
        for term in self.terms(term_ids, on):
            found.setdefault(term.trigger, []).append(term)
        return {trigger: tuple(terms) for trigger, terms in found.items()}

    def _stage(self, on: date) -> int:
        head = self.file.head
        if on < head.valid_from or (head.valid_to is not None and on >= head.valid_to):
            end = f", before {head.valid_to}" if head.valid_to is not None else ""
            raise PolicyError(
                "POL111", expected=f"a day from {head.valid_from} on{end}", got=str(on), where=self.file.name,
                todo="take a policy that is in force on that day",
            )  # fmt: skip
        return bisect_right(self._stages, on) - 1


def in_force(item: Rule | Duty, on: date) -> bool:
    """Say whether something dated is in force on a day; the last day is not included."""
    return (item.valid_from is None or item.valid_from <= on) and (item.valid_to is None or on < item.valid_to)


def most_severe(rulings: Iterable[Ruling]) -> Ruling | None:
    """Return the gravest ruling, the first of equal ones; None of none."""
    return max(rulings, key=lambda ruling: SEVERITY[ruling.verdict], default=None)


@cache
def default_policy() -> Policy:
    """Return the policy that is shipped."""
    return Policy(default_policy_file())


def read_policy(path: Path) -> Policy:
    """Read a policy file and check it.

    Args:
        path: The file, or a folder of a bank's own files (`sito.policy.folder`).

    Raises:
        PolicyError: It cannot be read, or has a finding.
    """
    own = own_file(path, POLICY)
    return default_policy() if own is None else Policy(read_policy_file(own))
