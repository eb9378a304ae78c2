"""From files to list editions: detect the format, group what belongs together, stream guarded entries."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sito.entries import Entry, ListEdition
from sito.errors import ListError
from sito.lists import containers
from sito.lists.containers import Member
from sito.lists.guard import Count, GuardRules, guarded
from sito.lists.source import Facts, Source

_LIST_ID = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
# Lists with force in Russia, or that had it: what follows in law is known by these ids (`sito.policy.facts`). All else
# that begins so is a slip of the pen, and would make such a list one of the bank's own.
_RUSSIAN, _RUSSIAN_IDS = "RU-", ("RU-MVK", "RU-OMU", "RU-SEM", "RU-TE", "RU-UN", "RU-UN-RUS")
_MAIN_PART = "sdn"
_PARTS_NEEDED = "sdn.csv (cons_prim.csv for the consolidated list)"


@dataclass(frozen=True)
class Reader:
    """One list format: the functions of its module.

    Attributes:
        format: Name in editions and on the command line.
        detect: Default list id if a head and a name look like the format, else None.
        read: Entries of an opened file; facts are filled meanwhile.
        part: Which part of a several-file edition a file is, None if the format has no parts or the file is none.
        identify: Better list id than that of `detect`, found by looking through the unpacked file.
    """

    format: str
    detect: Callable[[bytes, str], str | None]
    read: Callable[[Source, Facts], Iterator[Entry]]
    part: Callable[[bytes, str], str | None] | None = None
    identify: Callable[[Iterator[bytes]], str] | None = None


class ListFile:
    """One edition of one list, in one or several files.

    Iterate once to get its entries; they stream, and the guards speak at the end. Only then is `edition` known:
    whoever uses entries before the iteration ends must throw them away if it raises.

    Attributes:
        list_id: Code of the list, detected or forced.
        format: Name of the reader.
        names: Names of the files as they arrived, without folders; the main file first.
    """

    def __init__(
        self,
        reader: Reader,
        list_id: str,
        main: Member,
        companions: Mapping[str, Member],
        *,
        rules: GuardRules,
        warnings: Sequence[str] = (),
    ) -> None:
        self.list_id = list_id
        self.format = reader.format
        arrived = [main, *companions.values()]
        self.names = tuple(dict.fromkeys(member.file_name for member in arrived))
        self._reader = reader
        self._main = main
        self._companions = dict(companions)
        self._rules = rules
        self._warnings = tuple(warnings)
        self._started = False
        self._edition: ListEdition | None = None

    def __iter__(self) -> Iterator[Entry]:
        """Yield all entries.

        Raises:
            ListError: LST118 on a second iteration; LST10x when unpacking fails; LST201 to LST208 from the guards;
                the codes of the reader for what the file says wrong.
        """
        if self._started:
            raise ListError(
                "LST118",
                expected="one pass over a list file",
                got="a second one",
                where=self._main.file_name,
                todo="open the list again",
            )
        self._started = True
        return self._entries()

    def _entries(self) -> Iterator[Entry]:
        arrived = (self._main, *self._companions.values())
        digests = {path: containers.digest(path) for path in dict.fromkeys(member.path for member in arrived)}

        def load(member: Member, companions: dict[str, Source]) -> Source:
            return Source(member.name, member.load(), digests[member.path][0], self.list_id, companions)

        companions = {part: load(member, {}) for part, member in self._companions.items()}
        source = load(self._main, companions)
        facts = Facts()
        facts.warnings.extend(self._warnings)
        count = Count()
        yield from guarded(self._reader.read(source, facts), source, facts, self._rules, count)
        self._edition = ListEdition(
            list_id=self.list_id,
            format=self.format,
            edition_date=facts.edition_date,
            previous_date=facts.previous_date,
            files=tuple((path.name, *digest) for path, digest in digests.items()),
            entry_count=count.entries,
            name_count=count.names,
            declared_count=facts.declared_count,
            warnings=tuple(facts.warnings),
        )

    @property
    def edition(self) -> ListEdition:
        """What was read.

        Raises:
            ListError: LST118 if the entries have not been read to their end.
        """
        if self._edition is None:
            raise ListError(
                "LST118",
                expected="all entries read before the edition is asked for",
                got="a pass that did not end",
                where=self._main.file_name,
            )
        return self._edition


@dataclass
class _Found:
    """A member whose format is known."""

    member: Member
    reader: Reader
    list_id: str
    part: str | None
    warnings: list[str] = field(default_factory=list)


def open_lists(
    paths: Sequence[Path],
    *,
    readers: Sequence[Reader],
    list_id: str | None = None,
    list_ids: Mapping[Path, str] | None = None,
    before: Mapping[str, ListEdition] | None = None,
    shrink_max: float = 0.5,
    force: bool = False,
) -> list[ListFile]:
    """Find out what list files are, without reading them through.

    Args:
        paths: Files, or folders whose files are all taken, sorted by name; hidden ones (leading dot) are not.
        readers: All formats, the more specific first: the first that recognises a file has it.
        list_id: Code forced on all given files, two to 32 characters of `A-Z`, `0-9` and `-`; of ids that
            begin with `RU-` only those with a meaning in law.
        list_ids: Codes forced on single files, by their paths as given, or as found in a given folder.
        before: Editions in use until now, by list id, for the guards.
        shrink_max: Share of entries, in [0, 1], that an edition may lose against the one before.
        force: Let suspicious editions through with a warning (LST202, LST203, LST205).

    Returns:
        One `ListFile` for each edition, in the order of their first files.

    Raises:
        ListError: LST100 a path is missing or none was given; LST101 to LST108 see `containers.members`;
            LST102 a folder without files, or with a folder inside; LST109 a format that no reader knows; LST114 a
            malformed list id; LST115 a companion file without its main file; LST116 two editions of one list;
            LST117 `shrink_max` outside [0, 1].
    """
    for forced in (list_id, *(list_ids or {}).values()):
        if forced is not None:
            _check_list_id(forced)
    if not 0 <= shrink_max <= 1:
        raise ListError("LST117", expected="shrink_max in [0, 1]", got=str(shrink_max))
    found = [one for path in _files(paths) for one in _recognise(path, readers, (list_ids or {}).get(path, list_id))]
    files: list[ListFile] = []
    for main, companions in _grouped(found):
        rules = GuardRules((before or {}).get(main.list_id), shrink_max, force)
        parts = {part: one.member for part, one in companions.items()}
        warnings = [*main.warnings, *(text for one in companions.values() for text in one.warnings)]
        files.append(ListFile(main.reader, main.list_id, main.member, parts, rules=rules, warnings=warnings))
    return files


def _check_list_id(list_id: str) -> None:
    if not _LIST_ID.fullmatch(list_id):
        raise ListError(
            "LST114",
            expected="a list id of 2 to 32 characters from A-Z, 0-9 and -, not starting with -",
            got=f"{len(list_id)} characters that do not fit",
            todo="for example RU-TE or BANK-STOP",
        )
    if list_id.startswith(_RUSSIAN) and list_id not in _RUSSIAN_IDS:
        raise ListError(
            "LST114", expected=f"{', '.join(_RUSSIAN_IDS)}, or an id that does not begin with {_RUSSIAN}",
            got=f"{len(list_id)} characters that are none of them", todo="mend the id, or take another, as BANK-STOP",
        )  # fmt: skip


def _files(paths: Sequence[Path]) -> list[Path]:
    if not paths:
        raise ListError(
            "LST100", expected="at least one list file", got="none", todo="name a file or a folder of lists"
        )
    files: list[Path] = []
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110  (`Path.exists` raises for names that are too long)
            raise ListError(
                "LST100",
                expected="an existing file or folder",
                got="nothing there",
                where=path.name,
                todo="check the path",
            )
        if not path.is_dir():
            files.append(path)
            continue
        try:
            inside = sorted(item for item in path.iterdir() if not item.name.startswith("."))
        except OSError as error:
            raise ListError(
                "LST101", expected="a readable folder", got=error.strerror or type(error).__name__, where=path.name
            ) from None
        if not inside:
            raise ListError("LST102", expected="a folder with list files", got="an empty one", where=path.name)
        for item in inside:
            if item.is_dir():
                raise ListError(
                    "LST102",
                    expected="a folder with list files only",
                    got="a folder inside",
                    where=f"{path.name}/{item.name}",
                    todo="name that folder too, or move it away: lists in it would be missed",
                )
        files += inside
    return files


def _recognise(path: Path, readers: Sequence[Reader], forced: str | None) -> list[_Found]:
    found: list[_Found] = []
    strangers: list[Member] = []
    for member in containers.members(path):
        one = _detect(member, readers, forced)
        if one is None:
            strangers.append(member)
        else:
            found.append(one)
    if not found:
        formats = ", ".join(dict.fromkeys(reader.format for reader in readers))
        raise ListError(
            "LST109",
            expected=f"a list in one of the formats {formats}",
            got="a file that none of them recognises",
            where=path.name,
            todo="check that it is the whole list and not an error page",
        )
    if strangers:
        # Signatures and readable copies travel beside a list; they must not stop it, nor vanish unsaid.
        sizes = ", ".join(member.name for member in strangers)
        found[0].warnings.append(f"{path.name}: not a list, left aside: {sizes}")
    return found


def _detect(member: Member, readers: Sequence[Reader], forced: str | None) -> _Found | None:
    name = member.name.lower()
    for reader in readers:
        part = reader.part(member.head, name) if reader.part is not None else None
        default = reader.detect(member.head, name)
        if default is None and part is None:
            continue
        if forced is not None:
            default = forced
        elif reader.identify is not None:
            default = reader.identify(member.chunks())
        return _Found(member, reader, default or "", part)
    return None


def _grouped(found: Sequence[_Found]) -> list[tuple[_Found, dict[str, _Found]]]:
    mains = [one for one in found if one.part in (None, _MAIN_PART)]
    first: dict[str, _Found] = {}
    for one in mains:
        other = first.setdefault(one.list_id, one)
        if other is not one:
            raise ListError(
                "LST116",
                expected=f"one edition of list {one.list_id}",
                got="two",
                where=f"{other.member.file_name}, {one.member.file_name}",
                todo="leave one away, or build them with different list ids",
            )
    groups: dict[str, dict[str, _Found]] = {one.list_id: {} for one in mains}
    for one in found:
        if one in mains or one.part is None:
            continue
        # A companion that does not tell its list belongs to the only main file with parts.
        ids = [main.list_id for main in mains if main.part == _MAIN_PART and one.list_id in ("", main.list_id)]
        if len(ids) != 1:
            raise ListError(
                "LST115",
                expected=f"{_PARTS_NEEDED} beside its {one.part} file",
                got="the companion alone" if not ids else "more than one file it could belong to",
                where=one.member.file_name,
                todo="give the main file together with its companions",
            )
        if one.part in groups[ids[0]]:
            raise ListError(
                "LST116",
                expected=f"one {one.part} file of list {ids[0]}",
                got="two",
                where=f"{groups[ids[0]][one.part].member.file_name}, {one.member.file_name}",
                todo="leave one away",
            )
        groups[ids[0]][one.part] = one
    return [(one, groups[one.list_id]) for one in mains]
