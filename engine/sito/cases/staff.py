"""Who is who in the bank: the people who may act, by their certificates, accounts and tokens.

One person is one entry, however many certificates, accounts and tokens he has, so that four eyes are those of two
people. The file is TOML:

    [[person]]
    name = "anna"                         # as it stands in the ledger
    roles = ["officer"]                   # officer, head, operator, auditor
    certificates = ["anna.bank.example"]  # names in certificates, letter by letter; DNS names in lower case
    users = ["anna"]                      # accounts of the machine on which commands are typed
    tokens = ["sha256:0123..."]           # digests of tokens; the tokens themselves stand in no file
    former_names = ["anna.k"]             # under which the person stands in the ledger, too

Nobody is let in by likeness: a certificate's name is compared letter by letter, a token by its digest. What is refused
here says nothing of who exists.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from sito.cases.machines import MACHINES
from sito.cases.roles import NAME_LENGTH_MAX, READERS, People, Role, plain
from sito.errors import CaseError
from sito.ledger import Caller
from sito.toml import TomlError, read_toml

FILE_SIZE_MAX = 1 << 20  # bytes
PERSON_COUNT_MAX = 10_000
TOKEN_SIZE = 32  # random bytes of a token that sito makes
TOKEN_LENGTH_MAX = 1_024  # characters of one that is shown
SITO = "sito"  # stands in the ledger for sito itself
LOCAL = "local:"  # before the account of who types a command, as the ledger writes it

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LENGTH_MAX)]
_TOKEN = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
# Who has several roles acts in the one that may most; which that is for an action, the tables say.
_ORDER = (Role.HEAD, Role.OFFICER, Role.OPERATOR, Role.AUDITOR)


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person, as the file has him; see the module."""

    name: Name
    roles: tuple[Role, ...]
    certificates: tuple[Name, ...] = ()
    users: tuple[Name, ...] = ()
    tokens: tuple[Name, ...] = ()
    former_names: tuple[Name, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: Annotated[tuple[Person, ...], msgspec.Meta(max_length=PERSON_COUNT_MAX)]


class Staff:
    """The people of a bank. Immutable; threads may share it.

    Args:
        persons: Without any, nobody may do anything.
        where: File, for errors.

    Raises:
        CaseError: CAS401 a person without a role, with the role of sito itself, or with a token that is no digest;
            CAS202 a name that is none; CAS203 a name, certificate, account or token of two persons, or
            the name of sito itself.
    """

    def __init__(self, persons: Iterable[Person] = (), *, where: str = "staff") -> None:
        self.persons = tuple(persons)
        self._certificates: dict[str, Person] = {}
        self._users: dict[str, Person] = {}
        self._tokens: list[tuple[bytes, Person]] = []
        names = {plain(SITO)}
        for number, person in enumerate(self.persons, 1):
            place = f"{where}, person {number}"
            if not person.roles or Role.SYSTEM in person.roles:
                got = "the role of sito itself" if person.roles else "none"
                raise _broken("roles of people: " + ", ".join(sorted(_ORDER)), got, place)
            if plain(person.name) in names:
                raise CaseError("CAS203", expected="names of one person each", got="one of two", where=place)
            names.add(plain(person.name))
            for known, own in ((self._certificates, person.certificates), (self._users, person.users)):
                for name in own:
                    if known.setdefault(name, person) is not person:
                        raise CaseError("CAS203", expected="names of one person each", got="one of two", where=place)
            for token in person.tokens:
                if not _TOKEN.fullmatch(token):
                    raise _broken("tokens as sha256: and 64 digits, as `sito staff new-token` prints", "other", place)
                digest = bytes.fromhex(token.removeprefix("sha256:"))
                if any(digest == known and other is not person for known, other in self._tokens):
                    raise CaseError("CAS203", expected="names of one person each", got="one of two", where=place)
                self._tokens.append((digest, person))
        self._people = People(
            {
                one.name: (
                    *one.certificates,
                    *one.users,
                    *(f"{LOCAL}{user}" for user in one.users),
                    *one.former_names,
                )
                for one in self.persons
            }
        )

    @classmethod
    def read(cls, path: Path) -> Staff:
        """Read the file of a bank.

        Raises:
            CaseError: CAS401 it cannot be read, is too large, no TOML, or says something else than people; and what
                the class raises.
        """
        try:
            found = read_toml(path, _File, size_max=FILE_SIZE_MAX)
        except TomlError as error:
            raise _broken("tables [[person]] in TOML with name and roles", str(error), error.where(path.name)) from None
        return cls(found.person, where=path.name)

    def by_certificate(self, names: Sequence[str], *, wanted: Collection[Role] = READERS, role: str = "") -> Caller:
        """Return who shows a certificate.

        Args:
            names: That the certificate gives, letter by letter.
            wanted: Roles that may do what is asked: of a person with several, one of these acts.
            role: The role that the person wants to act in; empty lets `wanted` choose.

        Raises:
            CaseError: CAS206 nobody's; CAS207 names of two persons; CAS208 a role that the person does not have.
        """
        found = {person.name: person for name in names if (person := self._certificates.get(name)) is not None}
        if len(found) > 1:
            raise CaseError("CAS207", expected="names of one person", got="names of two", where="certificate")
        return _caller(next(iter(found.values()), None), "certificate", wanted, role)

    def by_user(self, name: str, *, wanted: Collection[Role] = READERS, role: str = "") -> Caller:
        """Return whose account on this machine that is.

        Args:
            wanted, role: As in `by_certificate`.

        Raises:
            CaseError: As `by_certificate`.
        """
        return _caller(self._users.get(name), "user", wanted, role)

    def by_token(self, text: str, *, wanted: Collection[Role] = READERS, role: str = "") -> Caller:
        """Return whose token that is; it takes as long whoever's it is.

        Args:
            wanted, role: As in `by_certificate`.

        Raises:
            CaseError: As `by_certificate`.
        """
        shown = digest_of(text) if len(text) <= TOKEN_LENGTH_MAX else b""
        found = None
        for digest, person in self._tokens:
            if hmac.compare_digest(digest, shown):
                found = person
        return _caller(found, "token", wanted, role)

    def is_person(self, name: str) -> bool:
        """Is this the name of an entry, letter by letter?"""
        return any(person.name == name for person in self.persons)

    def people(self) -> People:
        """Return which names are one person."""
        return self._people


def digest_of(token: str) -> bytes:
    """Return the SHA-256 of a token; blanks around it are none of it."""
    return hashlib.sha256(token.strip().encode("utf-8", "surrogatepass")).digest()


def new_token() -> tuple[str, str]:
    """Return a new token and what the staff file holds of it."""
    token = secrets.token_urlsafe(TOKEN_SIZE)
    return token, f"sha256:{digest_of(token).hex()}"


def roles_for(subject: str, action: str) -> frozenset[Role]:
    """Return the roles that may take an action in some state; none if there is no such action.

    Args:
        subject: A matter, or the word of a machine.
    """
    machine = MACHINES.get(subject.partition(":")[0])
    return frozenset(role for row in (machine.rows if machine else ()) if row.action == action for role in row.roles)


def _caller(person: Person | None, shown: str, wanted: Collection[Role], role: str) -> Caller:
    if person is None:
        raise CaseError(
            "CAS206", expected="a person of the staff file", got="nobody of it", where=shown,
            todo="let the bank put the person, with what was shown, into its staff file",
        )  # fmt: skip
    if role and role not in person.roles:
        raise CaseError("CAS208", expected="a role that the person has", got="another", where="role")
    own = [Role(role)] if role else [one for one in _ORDER if one in person.roles]
    # One that may not is taken if there is no other: the refusal then says which would have been needed.
    return Caller(person.name, next((one for one in own if one in wanted), own[0]).value)


def _broken(expected: str, got: str, where: str) -> CaseError:
    """CAS401 a staff file that must not be used."""
    return CaseError("CAS401", expected=expected, got=got, where=where, todo="repair the staff file")
