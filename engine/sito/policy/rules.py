"""The policy file: rules, duties and terms of law as dated data, read and checked word by word.

A policy is one TOML file of four kinds of tables: `[policy]` says what it is, each `[[rule]]` is a row of the verdict
matrix, each `[[duty]]` something that law asks for when something else happened, each `[[term]]` a number of hours or
days with its source. An unknown key or value is refused: a misspelled rule must not be one that never holds.

Codes of this module:

    POL101 the file cannot be read
    POL102 the file is too large
    POL103 the file is no TOML
    POL104 an unknown key, a missing one, or a value that is not allowed
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec

from sito.errors import PolicyError
from sito.policy.deadlines import Certainty, Term, checked_terms
from sito.policy.facts import DIMENSIONS, Direction, Grade, ListKind, Occasion, Operation, PartyRole, Relation, Verdict
from sito.toml import TomlError, parse_toml

SIZE_MAX = 1 << 20  # bytes of a policy file
DEFAULT_NAME = "default.toml"  # beside this module, in `data`

# `$` would let a line end through. Words stand on one line, and what nobody sees in them (control characters, those of
# no width, those that turn the direction of reading) is refused: a lawyer must read what holds. Words and references
# go into the chain of a case as they are (`sito.cases.facts`), so none may be longer than fits there.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_SEEN = rf"\A[^{_UNSEEN}]*[^{_UNSEEN}\s][^{_UNSEEN}]*\Z"

_PATTERN = re.compile(r" matching regex .*", re.DOTALL)

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z0-9][A-Z0-9.-]{0,39}(/[a-z0-9-]{1,30})?\Z")]
TermId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,59}\Z")]
Words = Annotated[str, msgspec.Meta(max_length=1_000, pattern=_SEEN)]
Reference = Annotated[str, msgspec.Meta(max_length=255, pattern=_SEEN)]
Name = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._+-]{0,63}\Z")]


class MessageKind(StrEnum):
    """Which message to Rosfinmonitoring follows; its number among the kinds is that of `MESSAGE_NUMBERS`."""

    NONE = ""
    OPERATION = "operation"
    FREEZE = "freeze"
    CHECK = "check"
    SUSPENSION = "suspension"
    REFUSAL = "refusal"


# As bank staff call them. The number of a refusal is not settled.
MESSAGE_NUMBERS = {
    MessageKind.OPERATION: "01", MessageKind.FREEZE: "03", MessageKind.CHECK: "04", MessageKind.SUSPENSION: "05",
}  # fmt: skip


class Decider(StrEnum):
    """Who decides that something is done."""

    SYSTEM = "system"
    ORGANISATION = "organisation"
    ROSFINMONITORING = "rosfinmonitoring"
    COMMISSION = "commission"
    COURT = "court"
    STATE = "state"


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The situations that a rule is about: for each dimension the values it holds for; what is not named is any."""

    list_kind: tuple[ListKind, ...] | None = None
    grade: tuple[Grade, ...] | None = None
    relation: tuple[Relation, ...] | None = None
    role: tuple[PartyRole, ...] | None = None
    direction: tuple[Direction, ...] | None = None
    operation: tuple[Operation, ...] | None = None
    occasion: tuple[Occasion, ...] | None = None

    def values(self) -> tuple[tuple[StrEnum, ...], ...]:
        """Return the values of each dimension, in the order of `DIMENSIONS`."""
        given = msgspec.structs.astuple(self)
        return tuple(known if own is None else own for own, known in zip(given, DIMENSIONS.values(), strict=True))


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of the verdict matrix.

    Attributes:
        id: Of the rule of law, and behind a slash which part of it, as `R-TE-FREEZE/credit`.
        law: Where it stands.
        certainty, source: How sure that is, and who says so.
        when: The situations it is about.
        verdict: What is to be done at once.
        message: What has to be reported, if anything.
        decides: Who decides.
        reason: In words, for the officer.
        terms: Ids of terms that begin to run.
        valid_from, valid_to: Days of its force within those of the policy, the last one not included.
    """

    id: Id
    law: Reference
    certainty: Certainty
    source: Words
    when: When = When()
    verdict: Verdict
    reason: Words
    decides: Decider = Decider.ORGANISATION
    message: MessageKind = MessageKind.NONE
    terms: tuple[TermId, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What law asks for when something happened that no screening sees.

    Attributes:
        trigger: What happened, as a word; the terms count from it.
        action: What has to be done, in words.
        verdict: What it means for an operation, where it means something.
        The others: As of `Rule`.
    """

    id: Id
    law: Reference
    certainty: Certainty
    source: Words
    trigger: TermId
    action: Words
    decides: Decider
    verdict: Verdict | None = None
    message: MessageKind = MessageKind.NONE
    terms: tuple[TermId, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a policy is.

    Attributes:
        id, version: Of whoever made it; stand in every answer.
        title: In words.
        valid_from, valid_to: Days of its force, the last one not included.
    """

    id: Name
    version: Name
    title: Words
    valid_from: date
    valid_to: date | None = None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written."""

    policy: Head
    rule: Annotated[tuple[Rule, ...], msgspec.Meta(min_length=1, max_length=1_000)]
    duty: Annotated[tuple[Duty, ...], msgspec.Meta(max_length=1_000)] = ()
    term: Annotated[tuple[Term, ...], msgspec.Meta(max_length=1_000)] = ()


class PolicyFile(msgspec.Struct, frozen=True):
    """A policy file that was read; whether its rules fit together says `sito.policy.checks`.

    Attributes:
        name: Of the file, for errors.
        edition: SHA-256 of its bytes, hexadecimal.
    """

    name: str
    edition: str
    head: Head
    rules: tuple[Rule, ...]
    duties: tuple[Duty, ...]
    terms: tuple[Term, ...]


def read_policy_file(path: Path) -> PolicyFile:
    """Read a policy file.

    Raises:
        PolicyError: POL101 to POL104.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(SIZE_MAX + 1)
    except OSError as error:
        raise PolicyError(
            "POL101", expected="a readable policy file", got=error.strerror or "an input/output error", where=path.name
        ) from None
    return parse_policy(data, path.name)


@cache
def default_policy_file() -> PolicyFile:
    """Return the policy that is shipped."""
    return parse_policy(resources.files("sito.policy").joinpath("data", DEFAULT_NAME).read_bytes(), DEFAULT_NAME)


def parse_policy(data: bytes, name: str) -> PolicyFile:
    """Read the bytes of a policy file.

    Args:
        data: TOML 1.0 in UTF-8, at most `SIZE_MAX` bytes.
        name: For errors.

    Raises:
        PolicyError: POL102 to POL104, and those of `checked_terms`.
    """
    if len(data) > SIZE_MAX:
        raise PolicyError("POL102", expected=f"a policy file of at most {SIZE_MAX} bytes", got="more", where=name)
    try:
        raw = parse_toml(data)
    except TomlError as error:
        raise PolicyError("POL103", expected="a policy file in TOML", got=str(error), where=name) from None
    try:
        document = msgspec.convert(raw, _Document)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at ")
        raise PolicyError(
            "POL104", expected="the keys and values of a policy",
            got=_PATTERN.sub(" on one line, of the characters that belong there", text[:1].lower() + text[1:])[:200],
            where=f"{name}, {_place(path, raw)}", todo="see docs/law.md; nothing of the file is used",
        ) from None  # fmt: skip
    return PolicyFile(
        name, hashlib.sha256(data).hexdigest(), document.policy, document.rule, document.duty,
        checked_terms(document.term, where=name),
    )  # fmt: skip


def _place(path: str, raw: dict[str, Any]) -> str:
    """Say where in the file something stands: with the id of the table where it has one."""
    found = re.match(r"`\$\.(\w+)\[(\d+)\]\.?(.*)`", path)
    if found is None:
        return path.strip("`").removeprefix("$.") or "the top"
    kind, number, rest = found[1], int(found[2]), found[3]
    items = raw.get(kind)
    item = items[number] if isinstance(items, list) and number < len(items) else None
    named = str(item.get("id", ""))[:60] if isinstance(item, dict) else ""
    return f"[[{kind}]] {named or number + 1}{': ' + rest if rest else ''}"
