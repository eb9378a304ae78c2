"""The authority's code lists: each with its edition, its source, and how sure it is.

Few were published where anybody could read them. A list that is not known is open: codes of its form are taken, and
nobody says that they are right. A bank that has the real ones puts them into a folder.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from sito.errors import FesError
from sito.toml import TomlError, convert_toml

FILE_SIZE_MAX = 4 << 20


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code and what it means."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    words: str = ""


class Dictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One code list.

    Attributes:
        name: By which elements name it.
        edition: Date or number of the list, or of the day on which it was looked for.
        certainty: S, I or K.
        is_open: Are codes taken that are not in it?
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+\Z")]
    title: str
    edition: str
    certainty: Literal["S", "I", "K"]
    source: str
    is_open: bool
    entries: tuple[Entry, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dictionary: tuple[Dictionary, ...]


class Dictionaries:
    """All code lists by name. Immutable."""

    def __init__(self, found: dict[str, Dictionary]) -> None:
        self._all = found
        self._codes = {name: frozenset(one.code for one in each.entries) for name, each in found.items()}

    @classmethod
    def shipped(cls) -> Dictionaries:
        """Return what comes with sito."""
        return cls(_read(files("sito.fes").joinpath("data", "dictionaries.toml").read_bytes(), "dictionaries.toml"))

    def with_folder(self, folder: Path) -> Dictionaries:
        """Return these with the lists of each `.toml` of a folder in their place.

        Raises:
            FesError: FES110 a file that cannot be read, or says something else; a list that no element takes.
        """
        found = dict(self._all)
        try:
            for path in sorted(folder.iterdir()):
                if path.suffix == ".toml":
                    if path.stat().st_size > FILE_SIZE_MAX:
                        raise FesError("FES110", expected=f"at most {FILE_SIZE_MAX} bytes", got="more", where=path.name)
                    found |= _read(path.read_bytes(), path.name)
        except OSError as error:
            got = error.strerror or "an input/output error"
            raise FesError("FES110", expected="a folder of code lists", got=got, where=folder.name) from None
        if unknown := found.keys() - self._all.keys():
            raise FesError(
                "FES110", expected="one of " + ", ".join(sorted(self._all)), got=", ".join(sorted(unknown)),
                where=folder.name,
            )  # fmt: skip
        return Dictionaries(found)

    @property
    def all(self) -> tuple[Dictionary, ...]:
        """All of them, by name."""
        return tuple(self._all[name] for name in sorted(self._all))

    def check(self, name: str, code: str, *, where: str) -> None:
        """Refuse a code that a closed list does not have.

        Raises:
            FesError: FES109.
        """
        if not self._all[name].is_open and code not in self._codes[name]:
            one = self._all[name]
            raise FesError(
                "FES109", expected=f"a code of {name}, edition {one.edition}", got="another code", where=where,
                todo="see the list, or put its new edition into the folder of code lists",
            )  # fmt: skip


def _read(data: bytes, where: str) -> dict[str, Dictionary]:
    try:
        found = convert_toml(data, _File)
    except TomlError as error:
        raise FesError(
            "FES110", expected="code lists in TOML as docs/fes.md describes them", got=str(error),
            where=error.where(where),
        ) from None  # fmt: skip
    names = [one.name for one in found.dictionary]
    if len(set(names)) < len(names):
        raise FesError("FES110", expected="one list of a name", got="two", where=where)
    return {one.name: one for one in found.dictionary}
