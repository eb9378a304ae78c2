"""The guards of an edition: what must hold before a list may be screened against.

A list that arrives cut, empty, stale or doubled is more dangerous than one that does not arrive: screening
goes on and misses. So each edition is counted while it is read and judged at its end; nothing built from a refused
edition may be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sito.entries import Entry, ListEdition
from sito.lists.source import ALIAS_COUNT_MAX, NAME_LENGTH_MAX, Facts, Source

ENTRY_ID_LENGTH_MAX = 255  # characters; the longest ids in use, of OpenSanctions, have at most this


@dataclass(frozen=True)
class GuardRules:
    """How strictly an edition is judged.

    Attributes:
        before: The edition of the same list in use until now, None if there is none.
        shrink_max: Largest share of entries, in [0, 1], that may vanish since `before`.
        force: Turn LST202, LST203 and LST205 into warnings of the edition.
    """

    before: ListEdition | None = None
    shrink_max: float = 0.5
    force: bool = False


@dataclass
class Count:
    """Entries and names that passed the guard so far."""

    entries: int = 0
    names: int = 0


def guarded(entries: Iterator[Entry], source: Source, facts: Facts, rules: GuardRules, count: Count) -> Iterator[Entry]:
    """Pass entries on, count them, and judge the edition when they end.

    Args:
        entries: What a reader yields.
        source: The file, for errors.
        facts: What the reader learns; forced findings are appended to its warnings.
        rules: How strict to be.
        count: Filled while entries pass.

    Raises:
        ListError: LST201 no entries; LST202 fewer entries than the file declares; LST203 more than
            `rules.shrink_max` of the former entries gone; LST204 an entry id twice; LST205 older than the edition
            in use; LST206 a name above `NAME_LENGTH_MAX`; LST207 an entry with more than `ALIAS_COUNT_MAX` names;
            LST208 an entry without an id or without a name; LST209 an id above `ENTRY_ID_LENGTH_MAX`.
    """
    seen: set[str] = set()
    add = seen.add
    number = name_count = 0
    for entry in entries:
        entry_id = entry.entry_id
        names = entry.names
        number += 1
        if not entry_id or not names:
            missing = "no name" if entry_id else "no id"
            raise source.error(
                "LST208", expected="an id and a name in each entry", got=missing, where=f"entry {number}"
            )
        if len(entry_id) > ENTRY_ID_LENGTH_MAX:
            raise source.error(
                "LST209",
                expected=f"ids of at most {ENTRY_ID_LENGTH_MAX} characters",
                got=str(len(entry_id)),
                where=f"entry {number}",
            )
        add(entry_id)
        if len(seen) != number:
            raise source.error(
                "LST204",
                expected="each entry id once in an edition",
                got="one twice",
                where=f"entry {number}, id {entry_id[:100]}",
                todo="two editions may have been joined; fetch the file again",
            )
        if len(names) > ALIAS_COUNT_MAX:
            raise source.error(
                "LST207",
                expected=f"at most {ALIAS_COUNT_MAX} names of one entry",
                got=str(len(names)),
                where=f"entry {number}, id {entry_id[:100]}",
            )
        name_count += len(names)
        for name in names:
            if len(name.text) > NAME_LENGTH_MAX:
                raise source.error(
                    "LST206",
                    expected=f"names of at most {NAME_LENGTH_MAX} characters",
                    got=str(len(name.text)),
                    where=f"entry {number}, id {entry_id[:100]}",
                )
        yield entry
    count.entries = number
    count.names = name_count
    _judge(source, facts, rules, number)


def _judge(source: Source, facts: Facts, rules: GuardRules, number: int) -> None:
    list_id = source.list_id
    if number == 0:
        raise source.error(
            "LST201",
            expected=f"at least one entry for list {list_id}",
            got="0",
            todo="an empty list is never used; fetch the file again",
        )

    def refuse(code: str, expected: str, got: str, todo: str) -> None:
        error = source.error(code, expected=expected, got=got, todo=todo)
        if not rules.force:
            raise error
        facts.warnings.append(f"forced: {code} expected {expected}, got {got}")

    if facts.declared_count is not None and number < facts.declared_count:
        refuse(
            "LST202",
            f"the {facts.declared_count} entries that the file declares",
            str(number),
            "the file is incomplete; fetch it again, or force it",
        )
    before = rules.before
    if before is None:
        return
    if before.entry_count - number > before.entry_count * rules.shrink_max + 1e-9:  # binary fractions round
        refuse(
            "LST203",
            f"at least {100 * (1 - rules.shrink_max):g} % of the {before.entry_count} entries of the edition in use",
            str(number),
            "check the publisher's notice; force it if so many entries were really removed",
        )
    if facts.edition_date and before.edition_date and facts.edition_date[:10] < before.edition_date[:10]:
        refuse(
            "LST205",
            f"an edition of {before.edition_date} or later",
            facts.edition_date,
            "an older copy was given; fetch the newest, or force it",
        )
