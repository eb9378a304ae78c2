"""Who somebody is, and whether they may.

A person is known by the name in a certificate or token. One person may hold several; the bank lists these, and all
comparisons go through that list: otherwise two certificates would make two pairs of eyes out of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from sito.errors import CaseError

# Letters of other scripts that look as a Latin one does, small or capital, and what Unicode prints as nothing.
_ALIKE = str.maketrans(
    "авекмнорстухіјѕёһԛԝαβεζηικμνορτυχɑɡı",
    "abekmhopctyxijsëhqwabezhikmnoptyxagi",
)
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
NAME_LENGTH_MAX = 256  # characters of the name of a person or program


class Role(StrEnum):
    """What somebody is in the bank.

    `officer` works the alerts (the special officer of 115-FZ and those under him), `head` decides where the rules of
    internal control name the head, `operator` runs the systems, `auditor` reads, `system` is sito itself.
    """

    OFFICER = "officer"
    HEAD = "head"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


READERS = frozenset(Role)  # whoever has a role may look; looking changes nothing


def role_of(text: str) -> Role:
    """Return the role that a word names.

    Raises:
        CaseError: CAS201 no role, or a word that is none.
    """
    try:
        return Role(text)
    except ValueError:
        got = "none" if not text else "another word"
        raise CaseError("CAS201", expected="one of the roles " + ", ".join(Role), got=got, where="caller") from None


def plain(name: str) -> str:
    """Return a name as it is compared: letters that look alike are one, no case, nothing unseen, single spaces.

    Two people whose names differ in nothing else are taken for one: they have to be given other names.

    Raises:
        CaseError: CAS202 nothing is left, or it is longer than `NAME_LENGTH_MAX`.
    """
    found = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    found = unicodedata.normalize("NFKC", _UNSEEN.sub("", found).translate(_ALIKE))
    found = " ".join(found.split())
    if not name.isprintable() or len(name) > NAME_LENGTH_MAX or not any(letter.isalnum() for letter in found):
        raise CaseError(
            "CAS202", expected=f"a name of 1 to {NAME_LENGTH_MAX} printable characters with a letter or digit",
            got=f"{len(name)} characters", where="caller",
        )  # fmt: skip
    return found


class People:
    """Which names are one person. Immutable; threads may share it.

    Args:
        aliases: Person -> all further names of that person's certificates and tokens.

    Raises:
        CaseError: CAS202 a name that is none; CAS203 a name of two persons: nobody could tell who acts.
    """

    def __init__(self, aliases: Mapping[str, Iterable[str]] | None = None) -> None:
        self._person: dict[str, str] = {}
        for person, names in (aliases or {}).items():
            for name in (person, *names):
                if self._person.setdefault(plain(name), plain(person)) != plain(person):
                    raise CaseError("CAS203", expected="names of one person each", got="one of two", where="aliases")

    def person(self, name: str) -> str:
        """Return the person whom a name means; a name that is not listed is a person of its own."""
        found = plain(name)
        return self._person.get(found, found)

    def are_one(self, first: str, second: str) -> bool:
        """Are these names one person's?"""
        return self.person(first) == self.person(second)
