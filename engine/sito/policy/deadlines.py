"""Terms of hours and days, as a policy file has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from sito.errors import PolicyError

ID_LENGTH_MAX = 64  # characters of an id or a trigger

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class Unit(StrEnum):
    """In what a term is counted."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    YEARS = "years"


# The least and the greatest value of a term, by its unit. A year of working days can be counted, not ten.
VALUES = {
    Unit.HOURS: range(1, 10_001),
    Unit.WORKING_DAYS: range(251),
    Unit.CALENDAR_DAYS: range(10_001),
    Unit.MONTHS: range(1, 1_201),
    Unit.YEARS: range(1, 101),
}


class Certainty(StrEnum):
    """How sure a fact of law is, as docs/law.md marks it."""

    READ = "S"  # read in a named public source
    INFERRED = "I"  # inferred from one
    BELIEVED = "K"  # believed, unconfirmed
    WEAK = "weak"  # read in a weak source, or one that others contradict


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term of law: so much time from a moment of some kind. A table `[[term]]` of a policy file.

    Attributes:
        id: Of the term; another edition of it has the same id and other dates.
        rule: Id of the rule that it belongs to.
        trigger: What kind of moment it runs from, for example `list_published`.
        value: How many units.
        unit: What is counted.
        valid_from, valid_to: From which day of the moment on, and up to which day and without it; open at the end if
            there is no such day.
        certainty: How sure the term is.
        source: Where it was read.
    """

    id: str
    rule: str
    trigger: str
    value: int
    unit: Unit
    valid_from: date
    certainty: Certainty
    source: str
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the term is in force for a moment of this day in Moscow."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def checked_terms(terms: Iterable[Term], *, where: str = "") -> tuple[Term, ...]:
    """Return terms that can be counted.

    Args:
        terms: As they were read.
        where: File, for errors.

    Raises:
        PolicyError: POL210 a term with a value out of the range of its unit, an id, rule or trigger that is none, no
            source, or an end before its beginning; POL211 two terms of one id in force on the same day.
    """
    known: dict[str, list[Term]] = {}
    for number, term in enumerate(terms, 1):
        place = f"{where}, term {number}" if where else f"term {number}"
        for name, text in (("id", term.id), ("rule", term.rule), ("trigger", term.trigger)):
            if not _ID.fullmatch(text) or len(text) > ID_LENGTH_MAX:
                raise PolicyError(
                    "POL210", expected=f"{name} of 1 to {ID_LENGTH_MAX} letters, digits, and . _ - between them",
                    got=f"{len(text)} characters", where=place,
                )  # fmt: skip
        place = f"{place}, {term.id}"
        values = VALUES[term.unit]
        if term.value not in values:
            raise PolicyError(
                "POL210", expected=f"{values[0]} to {values[-1]} {term.unit.value}", got=str(term.value), where=place
            )
        if not term.source.strip():
            raise PolicyError("POL210", expected="the source of the term", got="none", where=place)
        if term.valid_to is not None and term.valid_to <= term.valid_from:
            got = f"{term.valid_from} to {term.valid_to}"
            raise PolicyError("POL210", expected="valid_to after valid_from", got=got, where=place)
        for other in known.setdefault(term.id, []):
            start = max(term.valid_from, other.valid_from)
            if term.holds_on(start) and other.holds_on(start):
                raise PolicyError(
                    "POL211", expected="one term of an id on each day", got=f"two from {start} on", where=place,
                    todo="end the older one, or give the term of the other source an id of its own",
                )  # fmt: skip
        known[term.id].append(term)
    return tuple(term for editions in known.values() for term in editions)
