"""Who was cleared: (party, entry) pairs that a person has looked at and found to be different subjects.

A clearance holds two fingerprints, of the party and of the entry as they were. It counts only while both sides are
still the same in everything that mattered; when a name, birth date, number or kind changes on either side, the gender
of the entry or the country of the party, the hit is back.

A fingerprint is a SHA-256 and holds no readable personal data. It is no secret either: who knows all facts of a person
can make the same one, so keep clearances as you keep other working papers.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from sito.entries import Entry
from sito.errors import ScreenError
from sito.numbers import bare
from sito.records import Party, Role

# Part of what is hashed: fingerprints of another way to make them never equal these. They do not depend on how the
# engine folds words, so that an update of it brings no cleared hit back.
PARTY_SCHEME, ENTRY_SCHEME = "sito party 1", "sito entry 1"
DIGEST_LENGTH = 64
EVERY_RECORD = "*"
ROLES = frozenset(role.value for role in Role)
LINE_SIZE_MAX = 1 << 16  # bytes of one line of a file of clearances
CLEARANCE_COUNT_MAX = 10_000_000

_DIGEST = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\u0300-\u036f]")


class Clearance(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One cleared pair.

    Attributes:
        list_id, entry_id: Of the entry.
        party_fingerprint, entry_fingerprint: 64 hexadecimal digits, of both sides when they were cleared.
        record_id: Sender's id of the record; only a record with it is silenced. `EVERY_RECORD` stands for all: then
            only parties with a birth date or a number are silenced, for others of that name may be somebody else.
            An empty one is refused: an id that got lost must not clear everybody.
        role: Which party of that record; empty stands for any.
    """

    list_id: str
    entry_id: str
    party_fingerprint: str
    entry_fingerprint: str
    record_id: str = ""
    role: str = ""


class StaleReason(StrEnum):
    """Why a clearance does not silence its hit."""

    PARTY_CHANGED = "party_changed"
    ENTRY_CHANGED = "entry_changed"
    BOTH_CHANGED = "both_changed"


class StaleClearance(msgspec.Struct, frozen=True):
    """A clearance of this party and entry that no longer fits; the hit stands."""

    list_id: str
    entry_id: str
    reason: StaleReason


def party_fingerprint(party: Party) -> str:
    """Return the fingerprint of a party: names and aliases, birth date, numbers, kind, country, and how it is searched.

    Case, marks, punctuation and the order of aliases and numbers do not matter; the order of words does.
    """
    return _digest(
        (
            PARTY_SCHEME, party.role is Role.PURPOSE, _words(party.name), sorted({_words(a) for a in party.aliases}),
            _plain(party.birth_date).strip(), sorted({(_plain(i.type), _number(i.number)) for i in party.identifiers}),
            party.kind.value, _plain(party.country).casefold(),
        )
    )  # fmt: skip


def entry_fingerprint(entry: Entry) -> str:
    """Return the fingerprint of an entry: its id, names, birth dates, numbers, kind and gender.

    Their order does not matter, nor do programmes, addresses, remarks and dates of listing: a new edition in which only
    those changed keeps every clearance.
    """
    return _digest(
        (
            ENTRY_SCHEME, entry.list_id, entry.entry_id, sorted({_words(name.text) for name in entry.names}),
            sorted({(birth.start, birth.end, birth.circa) for birth in entry.birth_dates}),
            sorted({(i.type, _number(i.number)) for i in entry.identifiers}), entry.kind.value,
            _plain(entry.gender).casefold(),
        )
    )  # fmt: skip


def _digest(facts: object) -> str:
    # MessagePack writes the length before every text and list: no two different facts have the same bytes.
    return hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()


def _words(text: str) -> str:
    text = _plain(text)
    return " ".join(_WORD.findall(_MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))))


def _number(number: str) -> str:
    return bare(_plain(number)).casefold()


def _plain(text: str) -> str:
    """Return compatible letters and digits as ordinary ones, and halves of surrogate pairs as ?."""
    return unicodedata.normalize("NFKC", text).encode("utf-8", "replace").decode("utf-8")


class Clearances:
    """Cleared pairs, ready to be asked for. Immutable; threads may share it.

    Args:
        cleared: Any number of clearances.

    Raises:
        ScreenError: SCR110 a fingerprint that is none, an unknown role, no entry, or no record.
    """

    def __init__(self, cleared: Iterable[Clearance] = ()) -> None:
        self._by_entry: defaultdict[tuple[str, str], list[Clearance]] = defaultdict(list)
        self.count = 0
        for number, clearance in enumerate(cleared):
            _check(clearance, f"clearance {number}")
            self._by_entry[clearance.list_id, clearance.entry_id].append(clearance)
            self.count += 1

    def __bool__(self) -> bool:
        return self.count > 0

    def of(self, list_id: str, entry_id: str, record_id: str, party: Party) -> list[Clearance]:
        """Return the clearances that may concern a hit of one entry on one party."""
        known = {record_id, EVERY_RECORD} if party.birth_date or party.identifiers else {record_id}
        return [
            clearance
            for clearance in self._by_entry.get((list_id, entry_id), ())
            if clearance.record_id in known and clearance.role in ("", party.role.value)
        ]


def judge(clearances: Iterable[Clearance], party: str, entry: str) -> StaleReason | bool | None:
    """Compare clearances of one hit with the fingerprints of today.

    Returns:
        True if one of them fits, else why the last that names this very record does not, else None.
    """
    reason: StaleReason | None = None
    for clearance in clearances:
        same_party, same_entry = clearance.party_fingerprint == party, clearance.entry_fingerprint == entry
        if same_party and same_entry:
            return True
        if same_party:
            reason = StaleReason.ENTRY_CHANGED
        elif clearance.record_id != EVERY_RECORD:  # one that names no record speaks of somebody else
            reason = StaleReason.PARTY_CHANGED if same_entry else StaleReason.BOTH_CHANGED
    return reason


def read_clearances(path: Path) -> Clearances:
    """Read a file of clearances: JSON Lines with the fields of `Clearance`.

    Raises:
        ScreenError: SCR111 the file cannot be read; SCR112 a line that is no clearance. Nothing is left out: a line
            that was lost would bring a hit back, and a damaged one might silence another.
    """
    decode = msgspec.json.Decoder(Clearance).decode
    found: list[Clearance] = []
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(iter(lambda: stream.readline(LINE_SIZE_MAX + 1), b""), 1):
                where = f"{path.name}, line {number}"
                if len(line) > LINE_SIZE_MAX:
                    raise _broken(f"at most {LINE_SIZE_MAX} bytes", "more", where)
                if not line.strip():
                    continue
                try:
                    clearance = decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    kind = "no JSON" if not isinstance(error, msgspec.ValidationError) else "other fields or types"
                    raise _broken("a clearance", kind, where) from None
                _check(clearance, where, code="SCR112")
                found.append(clearance)
                if len(found) > CLEARANCE_COUNT_MAX:
                    raise _broken(f"at most {CLEARANCE_COUNT_MAX} clearances", "more", where)
    except OSError as error:
        raise ScreenError(
            "SCR111", expected="a readable file of clearances", got=error.strerror or "an input/output error",
            where=path.name,
        ) from None  # fmt: skip
    return Clearances(found)


def _broken(expected: str, got: str, where: str) -> ScreenError:
    return ScreenError("SCR112", expected=expected, got=got, where=where, todo="nothing was screened; repair the file")


def _check(clearance: Clearance, where: str, code: str = "SCR110") -> None:
    """Refuse a clearance that could never fit."""
    for name, digest in (("party", clearance.party_fingerprint), ("entry", clearance.entry_fingerprint)):
        if not _DIGEST.fullmatch(digest):
            raise ScreenError(
                code, expected=f"{name}_fingerprint of {DIGEST_LENGTH} hexadecimal digits in lower case",
                got=f"{len(digest)} characters", where=where,
            )  # fmt: skip
    if not clearance.list_id or not clearance.entry_id:
        raise ScreenError(code, expected="list_id and entry_id", got="an empty one", where=where)
    if not clearance.record_id:
        raise ScreenError(
            code, expected=f"record_id of the record that was cleared, or {EVERY_RECORD} for all", got="an empty one",
            where=where, todo="name the record; nothing was screened",
        )  # fmt: skip
    if clearance.role and clearance.role not in ROLES:
        raise ScreenError(code, expected="a role, or none", got=f"{len(clearance.role)} characters", where=where)
