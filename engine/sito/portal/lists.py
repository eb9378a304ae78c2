"""From the catalogues of the personal account to an index: what is new is fetched, judged, put in its place and built.

    FOLDER/te21.zip, mvk.xml, …     the editions of now, and whatever lists a bank puts beside them
    FOLDER/.former/                 the edition before, of each
    FOLDER/.new/                    what comes in, and editions that are refused
    FOLDER/.portal.json             which edition of the service is which file
    INDEX.former                    the index before

Whatever breaks off is gone on with by the next run: an index is built whenever it is not one of the files of now.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

import msgspec

from sito.build import Progress, build_index
from sito.cases.listuse import fetch_list, load_lists
from sito.changes import Difference, differences
from sito.entries import ListEdition
from sito.errors import ListError, PortalError
from sito.index import Index, IndexInfo
from sito.ledger import Caller, Ledger
from sito.lists import mvk, open_lists, rosfin_xml, rosfin_xml_v1, un
from sito.lists.containers import digest
from sito.portal.answers import Edition
from sito.portal.client import PortalClient
from sito.portal.settings import LIST_IDS, Catalogue
from sito.version import VERSION

ENDINGS = (".zip", ".xml")
OUR_OWN = frozenset({"PRT104", "PRT202", "PRT207"})  # codes of what no other catalogue would fare better with
JUDGED = frozenset({"LST202", "LST203", "LST205", "PRT303"})  # codes of an edition that comes the same again
FORMATS = {
    Catalogue.TE21: (rosfin_xml.FORMAT,), Catalogue.TE2: (rosfin_xml.FORMAT, rosfin_xml_v1.FORMAT),
    Catalogue.MVK: (mvk.FORMAT,), Catalogue.UN: (un.FORMAT,), Catalogue.UN_RUS: (un.FORMAT,),
}  # fmt: skip


class Outcome(StrEnum):
    """What came of one catalogue."""

    NEW = "new"
    SAME = "same"
    REFUSED = "refused"  # its file must not be used; the edition before stays
    FAILED = "failed"  # nobody knows what it has; the edition before stays


class Fetched(msgspec.Struct, frozen=True):
    """What came of one catalogue; `code` and `words` where it is refused or failed."""

    catalogue: Catalogue
    outcome: Outcome
    file_id: str = ""
    date: str = ""
    code: str = ""
    words: str = ""


class Kept(msgspec.Struct, frozen=True):
    """The edition of a catalogue that is in use: the service's name of it, and the file."""

    file_id: str
    date: str
    file_name: str
    sha256: str
    size_bytes: int
    fetched_at: datetime


class _State(msgspec.Struct, frozen=True):
    """What `.portal.json` holds; `refused` are ids of editions that were refused, with why."""

    kept: dict[Catalogue, Kept] = {}
    refused: dict[Catalogue, tuple[str, str, str]] = {}


class Built(msgspec.Struct, frozen=True):
    """A new index, and what changed by list."""

    info: IndexInfo
    changes: dict[str, Difference]


class Guard(msgspec.Struct, frozen=True):
    """How strictly editions are judged; as of `build_index`."""

    shrink_max: float = 0.5
    force: bool = False


class ListFolder:
    """A folder of lists, of which some come from the personal account. One process at a time works in it.

    Args:
        folder: Made if it is not there.
        list_ids: By which id each catalogue is built.

    Raises:
        PortalError: PRT207 it cannot be made or written; PRT301 its notes cannot be read.
    """

    def __init__(self, folder: Path, list_ids: Mapping[Catalogue, str]) -> None:
        self.folder, self._ids = folder, dict(list_ids)
        with _disk(folder):
            for one in (folder, folder / ".former", folder / ".new"):
                one.mkdir(parents=True, exist_ok=True)
        self._state = self._read()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others out.

        Raises:
            PortalError: PRT302 somebody else works here.
        """
        with _disk(self.folder):
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise PortalError(
                    "PRT302", expected="a folder in which nobody else works", got="another run", where=self.folder.name,
                    todo="wait until it has ended",
                ) from None  # fmt: skip
            self._state = self._read()
            yield
        finally:
            os.close(handle)

    # --- fetching -----------------------------------------------------------------------------------------------------

    def fetch(
        self, client: PortalClient, *, before: Mapping[str, ListEdition], guard: Guard, at: datetime
    ) -> list[Fetched]:
        """Ask all catalogues, and put what is new and sound into its place.

        Args:
            before: Editions of the index in use, by list id: one that is older or has shrunk against it is refused.

        Raises:
            PortalError: PRT104, PRT202, PRT207: what is no fault of one catalogue.
        """
        found = []
        judge = partial(self._judge, before=before, guard=guard)
        for catalogue in self._ids:
            edition: Edition | None = None
            try:
                edition = client.edition(catalogue)
                found.append(self._fetched(client, catalogue, edition, judge, is_forced=guard.force, at=at))
            except (PortalError, ListError) as error:
                if error.code in OUR_OWN:
                    raise
                outcome = Outcome.REFUSED if isinstance(error, ListError) or error.code == "PRT303" else Outcome.FAILED
                file_id = edition.file_id if edition else ""
                found.append(
                    Fetched(catalogue, outcome, file_id, edition.date if edition else "", error.code, str(error))
                )
        return found

    def _fetched(
        self, client: PortalClient, catalogue: Catalogue, edition: Edition, judge: Callable[[Catalogue, Path], None],
        *, is_forced: bool, at: datetime,
    ) -> Fetched:  # fmt: skip
        kept = self._state.kept.get(catalogue)
        if kept is not None and kept.file_id == edition.file_id and (self.folder / kept.file_name).exists():
            return Fetched(catalogue, Outcome.SAME, edition.file_id, edition.date)
        if not edition.is_active:
            raise PortalError(
                "PRT303", expected="an edition in force", got="one that is not active", where=f"catalogue {catalogue}"
            )
        refused = self._state.refused.get(catalogue)
        if refused is not None and refused[0] == edition.file_id and not is_forced:
            return Fetched(catalogue, Outcome.REFUSED, edition.file_id, edition.date, refused[1], refused[2])
        target = self.folder / ".new" / catalogue.value
        path = target.with_name(target.name + client.download(catalogue, edition, target))
        try:
            judge(catalogue, path)
        except (ListError, PortalError) as error:
            # What may be whole the next time is fetched again; what the service itself has wrong is not, each time.
            if error.code not in JUDGED:
                raise
            told = (edition.file_id, error.code, str(error))
            self._write(msgspec.structs.replace(self._state, refused=self._state.refused | {catalogue: told}))
            raise
        self._place(catalogue, edition, path, at)
        return Fetched(catalogue, Outcome.NEW, edition.file_id, edition.date)

    def _judge(self, catalogue: Catalogue, path: Path, *, before: Mapping[str, ListEdition], guard: Guard) -> None:
        """Read an edition to its end, by all guards.

        Raises:
            ListError: It must not be used. PortalError: PRT303 it is another list.
        """
        found = open_lists(
            [path], list_id=self._ids[catalogue], before=before, shrink_max=guard.shrink_max, force=guard.force
        )
        for one in found:
            if one.format not in FORMATS[catalogue]:
                raise PortalError(
                    "PRT303", expected=f"a list in the format {' or '.join(FORMATS[catalogue])}", got=one.format,
                    where=f"catalogue {catalogue}",
                )  # fmt: skip
            for _ in one:
                pass

    def _place(self, catalogue: Catalogue, edition: Edition, path: Path, at: datetime) -> None:
        """Put a file into its place: there is one of the list at any moment, and the one before is kept."""
        sha256, size = digest(path)
        target = self.folder / f"{catalogue}{path.suffix}"
        # Also a file of the other version of the list, which is not fetched any more: two were one too many.
        same = {one for one in Catalogue if one not in self._ids and LIST_IDS[one] == self._ids[catalogue]}
        names = [f"{one}{ending}" for one in (catalogue, *sorted(same)) for ending in ENDINGS]
        with _disk(self.folder):
            present = [self.folder / name for name in names if (self.folder / name).exists()]
            for one in present:
                _linked(one, self.folder / ".former" / one.name)
            path.replace(target)
            for one in present:
                if one != target:
                    one.unlink()
            _synced(self.folder)
        kept = Kept(edition.file_id, edition.date, target.name, sha256, size, at)
        refused = {one: told for one, told in self._state.refused.items() if one is not catalogue}
        self._write(_State(self._state.kept | {catalogue: kept}, refused))

    # --- building -----------------------------------------------------------------------------------------------------

    def build(
        self, index: Path, *, also: Sequence[Path] = (), guard: Guard, progress: Progress | None = None
    ) -> Built | None:  # fmt: skip
        """Build an index of all lists of the folder and some beside it, if it is not one of them already.

        The new one takes the place of the former in one step; that is kept beside it.

        Raises:
            ListError, IndexFileError: As `build_index`; the index stays as it is.
            PortalError: PRT304 there is no list.
        """
        paths = [path for one in (self.folder, *also) for path in _files(one)]
        ids = {path: self._id_of(path.stem) for path in _files(self.folder) if path.stem in set(Catalogue)}
        if not paths:
            raise PortalError(
                "PRT304", expected="at least one list", got="none", where=self.folder.name,
                todo="an index without lists would find nobody",
            )  # fmt: skip
        if not index.exists():
            self._check_missing((), paths, ids, guard)
            build_index(paths, index, list_ids=ids, shrink_max=guard.shrink_max, force=guard.force, progress=progress)
            with Index.open(index) as now:
                return Built(now.info, differences(None, now))
        with Index.open(index, verify=False) as former:
            if _is_of(former.info, paths, ids):
                return None
            self._check_missing([one.list_id for one in former.info.editions], paths, ids, guard)
            with _disk(index):
                _linked(index, index.with_name(index.name + ".former"))
            build_index(
                paths, index, list_ids=ids, previous=index, shrink_max=guard.shrink_max, force=guard.force,
                progress=progress,
            )  # fmt: skip
            with Index.open(index) as now:
                return Built(now.info, differences(former, now))

    def _id_of(self, stem: str) -> str:
        return self._ids.get(Catalogue(stem), LIST_IDS[stem])

    def _check_missing(
        self, former: Iterable[str], paths: Sequence[Path], ids: Mapping[Path, str], guard: Guard
    ) -> None:
        """A list that was in the index, or that is fetched, and has no file is a slip, not an edition."""
        have = {file.list_id for file in open_lists(paths, list_ids=ids)}
        lost = {*former, *self._ids.values()} - have
        if lost and not guard.force:
            raise PortalError(
                "PRT304", expected=f"a file of {', '.join(sorted(lost))}", got="none", where=self.folder.name,
                todo="fetch it or name it with --also; --force if it is left out on purpose",
            )  # fmt: skip

    def record(self, ledger: Ledger, info: IndexInfo, *, caller: Caller, at: datetime) -> bool:
        """Record what was fetched and which editions came into use, each once; False if all of it was recorded before.

        Raises:
            LedgerError: As `Ledger.transact`.
        """
        for catalogue, kept in self._state.kept.items():
            if catalogue in self._ids:
                facts = {
                    "catalogue": catalogue.value, "file_id": kept.file_id, "service_date": kept.date,
                    "sha256": kept.sha256, "size_bytes": kept.size_bytes, "fetched_at": kept.fetched_at.isoformat(),
                }  # fmt: skip
                mark = f"{kept.file_id} {kept.fetched_at.isoformat()}"
                fetch_list(ledger, self._ids[catalogue], facts, mark=mark, caller=caller, at=at)
        return load_lists(ledger, info, caller=caller, at=at)

    # --- notes --------------------------------------------------------------------------------------------------------

    def _read(self) -> _State:
        path = self.folder / ".portal.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=_State) if path.exists() else _State()
        except (OSError, msgspec.MsgspecError) as error:
            raise PortalError(
                "PRT301", expected="notes of what was fetched", got=type(error).__name__, where=path.name,
                todo="remove the file: all lists are fetched again",
            ) from None  # fmt: skip

    def _write(self, state: _State) -> None:
        path = self.folder / ".portal.json"
        part = path.with_suffix(".part")
        with _disk(self.folder):
            with part.open("wb") as stream:
                stream.write(msgspec.json.format(msgspec.json.encode(state)))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        self._state = state


def editions_of(index: Path) -> dict[str, ListEdition]:
    """Return the editions of an index, by list id; none if there is no index.

    Raises:
        IndexFileError: It cannot be opened.
    """
    if not index.exists():
        return {}
    with Index.open(index, verify=False) as opened:
        return {edition.list_id: edition for edition in opened.info.editions}


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.iterdir() if not one.name.startswith(".")) if path.is_dir() else [path]


def _is_of(info: IndexInfo, paths: Sequence[Path], ids: Mapping[Path, str]) -> bool:
    """Is an index one of these files, by these ids and this version?"""
    had = {(name, sha256): edition.list_id for edition in info.editions for name, sha256, _ in edition.files}
    have = {(path.name, digest(path)[0]): ids.get(path) for path in paths if path.is_file()}
    is_same = had.keys() == have.keys() and all(list_id in {None, had[key]} for key, list_id in have.items())
    return is_same and info.engine_version == VERSION


def _linked(path: Path, target: Path) -> None:
    """Keep a file under a second name, in one step."""
    part = target.with_name(f".{target.name}.link")
    part.unlink(missing_ok=True)
    os.link(path, part)
    part.replace(target)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        got = error.strerror or "an input/output error"
        raise PortalError("PRT207", expected="a disk that takes the file", got=got, where=path.name) from None
