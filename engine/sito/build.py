"""Build an index out of list files: entries -> other spellings -> folded words, their facts -> tables -> one file."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from sito import phrases
from sito.entries import (
    NAME_WITHOUT_LETTER,
    BirthDate,
    Entry,
    Identifier,
    Kind,
    ListEdition,
    Name,
    NameQuality,
)
from sito.errors import IndexFileError
from sito.index import ENTRY_BLOCK, Index, IndexInfo, knowledge, write_index
from sito.lists import open_lists
from sito.names.fold import table
from sito.names.hints import hints
from sito.names.korean import spellings
from sito.names.organisations import PHRASE_FACTOR, derived_names
from sito.names.people import spellings_of
from sito.names.readings import spelled
from sito.names.search import TEXT_WINDOW, needs_phrase
from sito.version import VERSION
from sito_ext.ends import word_ends
from sito_ext.fold import Folder
from sito_ext.gather import Gatherer, collect
from sito_ext.pairs import make_pair_table
from sito_ext.readings import cut, korean, voiced
from sito_ext.sorting import sorted_by_key
from sito_ext.tables import (
    FormFacts,
    form_facts,
    make_groups,
    make_pair_filter,
    make_pairs,
    pack_names,
    pair_words,
    used_forms,
)
from sito_ext.vocabulary import delete_neighbourhood, exact_slots, places_of_keys
from sito_ext.written import Writer

NAME_WORDS_MAX = 32  # words of one name that are kept, as in sito_ext/shapes.pxd
ENTRY_COUNT_MAX = 1 << 28
ENTRY_SIZE_MAX = (1 << 32) - 1
EDITION_COUNT_MAX = 1 << 16
SINGLE_MORE_SHIFT = 31  # the bit of a name found by one word that has others
PAIR_NAMES_MAX = (1 << 24) - 1
NAME_PERSON, NAME_LETTERS = 1, 2  # what a name is, as in sito_ext/tables.pxd
READING_FACTOR = 97  # per cent that a hit counts on what a Korean, a Bulgarian or a gapless name is read as
SPELLING_FACTOR_MIN = 0.8  # spellings that count less could never reach a sensible threshold
BATCH = 1 << 14  # entries whose names are folded in one native call
COMPANY_KINDS = frozenset((Kind.OTHER, Kind.UNKNOWN))  # that may be companies
EASY_FACTOR = round(100 * PHRASE_FACTOR)  # of spellings that are made natively
NEEDS_READING, NEEDS_SPELLING = 1, 2  # as in sito_ext/gather.pyx

Array = npt.NDArray[np.generic]
Item = TypeVar("Item", bound=np.generic)
Of: TypeAlias = np.ndarray[tuple[int], np.dtype[Item]]
Rows = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
Folded = tuple[
    npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8],
    tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
]  # fmt: skip
Progress = Callable[[str, int, int], None]


def build_index(
    paths: Sequence[Path | str],
    output: Path | str,
    *,
    list_id: str | None = None,
    list_ids: Mapping[Path, str] | None = None,
    previous: Path | str | None = None,
    shrink_max: float = 0.5,
    force: bool = False,
    progress: Progress | None = None,
) -> IndexInfo:
    """Read list files and write one index file.

    Args:
        paths: List files or folders of them; formats are detected by content.
        output: Where the index shall stand; replaced in one step, untouched on any error.
        list_id: Code forced on all files.
        list_ids: Codes forced on single files, by path.
        previous: An older index; editions that shrank against it are refused.
        shrink_max: Share of entries an edition may lose against `previous`, in [0, 1].
        force: Take editions that the guards refuse; what they said becomes a warning.
        progress: Called with (stage, done, total or 0) now and then.

    Automatic garbage collection rests in the whole process meanwhile.

    Returns:
        The description of the new file, read back and verified.

    Raises:
        ListError: A list file cannot be read, or its edition must not be used.
        IndexFileError: IDX201 too many entries or editions; IDX202 too many equal names; IDX203 more text or words than
            an index holds; IDX204 text that is no Unicode; IDX301 the file cannot be written.
    """
    with _without_collections():
        return _built(paths, output, list_id, list_ids, previous, shrink_max, force, progress)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Let nobody look for garbage: entries make no cycles, and to look through millions of them takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _built(  # noqa: PLR0917  (what `build_index` takes)
    paths: Sequence[Path | str], output: Path | str, list_id: str | None, list_ids: Mapping[Path, str] | None,
    previous: Path | str | None, shrink_max: float, force: bool, progress: Progress | None,
) -> IndexInfo:  # fmt: skip
    before: dict[str, ListEdition] = {}
    if previous is not None:
        with Index.open(previous, verify=False) as older:
            before = {edition.list_id: edition for edition in older.info.editions}
    files = open_lists(
        [Path(path) for path in paths], list_id=list_id, list_ids=list_ids, before=before, shrink_max=shrink_max,
        force=force,
    )  # fmt: skip
    if len(files) > EDITION_COUNT_MAX:
        raise IndexFileError("IDX201", expected=f"at most {EDITION_COUNT_MAX} editions", got=str(len(files)))
    builder = Builder(progress)
    try:
        for number, file in enumerate(files):
            builder.add(file, number)
        editions = [file.edition for file in files]
        sections = builder.finish()
    except OverflowError as error:
        raise IndexFileError(
            "IDX203", expected="names within the limits of an index", got=str(error), todo="build several indexes"
        ) from None
    facts = {
        "engine": VERSION,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "editions": [msgspec.to_builtins(edition) for edition in builder.described(editions)],
    }
    if progress:
        progress("write", 0, 0)
    write_index(Path(output), sections, facts)
    del builder, sections, files  # the index is read back: one copy of it is enough
    with Index.open(output) as index:
        return index.info


class _Batch(NamedTuple):
    """Entries on their way: their names are being folded.

    Attributes:
        entries: E of them.
        first: Number of the first one.
        counts: E numbers of names.
        subjects: Of the N names, what each is taken from.
        folded: Places, counts, flags and needs of the N names, see `Gatherer.fold`.
    """

    entries: list[Entry]
    first: int
    counts: npt.NDArray[np.uint32]
    subjects: npt.NDArray[np.uint8]
    folded: Future[Folded]


class _Others(NamedTuple):
    """Other spellings of names, in the order of their entries.

    Attributes:
        entries: Of each, whose it is.
        names: Which of the entry's names it spells.
        kinds, factors: What each is, and how many per cent a hit on it counts.
        folded: Places, counts and flags, see `Gatherer.fold`.
    """

    entries: npt.NDArray[np.int64]
    names: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    factors: npt.NDArray[np.uint8]
    folded: Future[Folded] | Rows


class _Made(NamedTuple):
    """Other spellings as they are made: numbers of names within a batch, what each is, per cent that a hit counts."""

    names: npt.ArrayLike
    kinds: npt.ArrayLike
    factors: npt.ArrayLike


class _Names(NamedTuple):
    """All N names in the order of the index: those of an entry, then their other spellings.

    Attributes:
        firsts, counts, flags: See `Gatherer.fold`.
        kinds, factors: What each is, and how many per cent a hit on it counts.
        entries: Whose it is.
        origins: The number of the listed name that it is, or is another spelling of.
        starts: E + 1 numbers: where the names of each entry begin.
    """

    firsts: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    kinds: npt.NDArray[np.uint8]
    factors: npt.NDArray[np.uint8]
    entries: npt.NDArray[np.uint32]
    origins: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint32]


class Builder:
    """Collects entries, then makes the sections of an index. Not thread-safe; one use.

    Names are folded by a thread of its own while the next entries are taken, one batch after another: what comes out
    does not depend on who is faster.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._gatherer = Gatherer(Folder(table()), *hints())
        self._folder = ThreadPoolExecutor(1, thread_name_prefix="sito-fold")
        self._encode = msgspec.json.Encoder().encode
        self._writer = Writer(self._encode, (Entry, Name, BirthDate, Identifier), (*Kind, *NameQuality))
        self._entry_sizes: list[npt.NDArray[np.uint64]] = []
        self._entry_names: list[npt.NDArray[np.uint32]] = []
        self._entry_count = 0
        self._name_count = 0
        self._editions: list[tuple[int, int]] = []  # (edition, entries) in turn
        self._letterless: Counter[int] = Counter()
        self._waiting: _Batch | None = None
        self._subjects: list[npt.NDArray[np.uint8]] = []
        self._folded: list[Folded] = []
        self._others: list[_Others] = []
        self._numbers: list[str] = []
        self._number_kinds: list[str] = []
        self._number_entries: list[int] = []
        self._number_texts: phrases.IdentifierTexts | None = None
        self._all: _Names | None = None

    def add(self, entries: Iterable[Entry], edition: int) -> None:
        """Take all entries of one edition; `edition` is its number, below 65 536."""
        source = iter(entries)
        while batch := list(islice(source, BATCH)):
            self._take(batch, edition)
            if self._entry_count > ENTRY_COUNT_MAX:
                raise IndexFileError(
                    "IDX201", expected=f"at most {ENTRY_COUNT_MAX} entries", got=str(self._entry_count)
                )

    def _take(self, entries: list[Entry], edition: int) -> None:
        try:
            text, starts, subjects, counts, sizes, letterless, numbered = collect(
                entries, self._writer, Entry, Name, Kind.PERSON, Kind.ORGANISATION, COMPANY_KINDS, NAME_WITHOUT_LETTER
            )
        except UnicodeEncodeError:
            raise self._no_text(entries) from None
        first = self._entry_count
        for place in numbered:
            for identifier in entries[place].identifiers:
                self._numbers.append(identifier.number)
                self._number_kinds.append(identifier.type)
                self._number_entries.append(first + place)
        self._entry_sizes.append(sizes)
        self._entry_names.append(counts)
        self._entry_count += len(entries)
        self._editions.append((edition, len(entries)))
        self._letterless[edition] += letterless
        begun = threading.Event()
        folded = self._folder.submit(self._begin, begun, text, starts, subjects, counts)
        # Entries are taken without a pause for other threads: folding must have begun before the next ones are.
        begun.wait()
        before, self._waiting = self._waiting, _Batch(entries, first, counts, subjects, folded)
        if before:
            self._settle(before)

    def _begin(
        self, begun: threading.Event, text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64],
        subjects: npt.NDArray[np.uint8], counts: npt.NDArray[np.uint32],
    ) -> Folded:  # fmt: skip
        """Fold the names of a batch, by the other thread."""
        begun.set()
        return self._gatherer.fold(text, starts, subjects, counts, NAME_WORDS_MAX)

    def _no_text(self, entries: Sequence[Entry]) -> IndexFileError:
        """Name the entry that cannot be written down."""
        where = ""
        for entry in entries:
            try:
                self._encode(entry)
            except UnicodeEncodeError:
                where = f"list {entry.list_id}, entry {entry.entry_id}"
                break
        return IndexFileError(
            "IDX204", expected="entries of Unicode text", got="half of a surrogate pair", where=where,
            todo="fetch the list again; it is damaged",
        )  # fmt: skip

    def _settle(self, batch: _Batch) -> None:
        """Take the folded names of a batch, and make their other spellings."""
        folded = batch.folded.result()
        self._subjects.append(batch.subjects)
        self._folded.append(folded)
        self._name_count += len(batch.subjects)
        easy, firsts, counts, flags = folded[4]
        if len(easy):
            made = _Made(easy, np.zeros(len(easy)), np.full(len(easy), EASY_FACTOR))
            self._others.append(self._owned(batch, made, (firsts, counts, flags)))
        needs = folded[3]
        asked = np.flatnonzero(needs)
        if len(asked):
            self._spell(batch, asked, needs[asked])
        self._say("names", self._name_count, 0)

    @staticmethod
    def _owned(batch: _Batch, made: _Made, folded: Future[Folded] | Rows) -> _Others:
        """Say whose names of a batch other spellings are of."""
        names, kinds, factors = (np.asarray(column, dtype=np.int64) for column in made)
        ends = np.cumsum(batch.counts, dtype=np.int64)
        places = np.searchsorted(ends, names, side="right")
        numbers = names - (ends - batch.counts)[places]
        return _Others(batch.first + places, numbers, kinds.astype(np.uint8), factors.astype(np.uint8), folded)

    def _spell(self, batch: _Batch, asked: npt.NDArray[np.intp], needs: npt.NDArray[np.uint8]) -> None:
        """Make the other spellings of some names of a batch."""
        ends = np.cumsum(batch.counts, dtype=np.int64)
        places = np.searchsorted(ends, asked, side="right").tolist()
        firsts = (ends - batch.counts)[places].tolist()
        texts: list[bytes] = []
        names: list[int] = []
        kinds: list[int] = []
        factors: list[int] = []
        rows = zip(places, firsts, asked.tolist(), needs.tolist(), strict=True)
        for (place, first), group in groupby(rows, key=itemgetter(0, 1)):
            entry = batch.entries[place]
            wanted = [(name - first, need) for _, _, name, need in group]
            person = NAME_PERSON if entry.kind is Kind.PERSON else 0
            found = [(other, number, person, READING_FACTOR) for other, number in _readings(entry, wanted)]
            if not person:
                found += _spellings(entry, wanted)
            for other, number, kind, factor in found:
                texts.append(other.encode("utf-8", "surrogatepass"))
                names.append(first + number)
                kinds.append(kind)
                factors.append(factor)
        if texts:
            self._others.append(self._owned(batch, _Made(names, kinds, factors), self._fold(texts)))

    def _fold(self, texts: Sequence[bytes]) -> Future[Folded]:
        starts = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=starts[1:])
        text = np.frombuffer(b"".join(texts), dtype=np.uint8)
        return self._folder.submit(self._gatherer.fold, text, starts, None, None, NAME_WORDS_MAX)

    def _both(self, work: Callable[[int], None]) -> None:
        """Do the two halves of a piece of work at once."""
        other = self._folder.submit(work, 1)
        work(0)
        other.result()

    def _say(self, stage: str, done: int, total: int) -> None:
        if self._progress:
            self._progress(stage, done, total)

    def _written(self) -> phrases.IdentifierTexts:
        """Return the ways to write all numbers; made once, for the description and the automaton."""
        if self._number_texts is None:
            self._number_texts = phrases.identifier_texts(self._number_kinds, self._numbers)
        return self._number_texts

    def _names(self) -> _Names:
        """Return all names in the order of the index; made once."""
        if self._all is not None:
            return self._all
        if self._waiting:
            self._settle(self._waiting)
            self._waiting = None
        rows = [found.folded.result() if isinstance(found.folded, Future) else found.folded for found in self._others]
        owners = _joined([found.entries for found in self._others], np.int64)
        turn = np.argsort(owners, kind="stable")
        owners = owners[turn]
        listed = _joined(self._entry_names, np.int64)
        more = np.bincount(owners, minlength=len(listed))
        starts = np.zeros(len(listed) + 1, dtype=np.int64)
        np.cumsum(listed + more, out=starts[1:])
        # Where the listed names go, and where their other spellings do: both stand in the order of entries.
        own = np.arange(self._name_count) + np.repeat(starts[:-1] - (np.cumsum(listed) - listed), listed)
        rest = np.arange(len(owners)) + (starts[1:] - np.cumsum(more))[owners]

        def merged(parts: Sequence[npt.ArrayLike], other_parts: Sequence[npt.ArrayLike], kind: type[Item]) -> Of[Item]:
            out = np.empty(int(starts[-1]), dtype=kind)
            out[own], out[rest] = _joined(parts, kind), _joined(other_parts, kind)[turn]
            return out

        origins = np.empty(int(starts[-1]), dtype=np.uint32)
        origins[own] = own
        origins[rest] = starts[owners] + _joined([found.names for found in self._others], np.int64)[turn]
        kinds = [subjects & NAME_PERSON for subjects in self._subjects]
        self._all = _Names(
            merged([part[0] for part in self._folded], [part[0] for part in rows], np.uint64),
            merged([part[1] for part in self._folded], [part[1] for part in rows], np.uint8),
            merged([part[2] for part in self._folded], [part[2] for part in rows], np.uint8),
            merged(kinds, [found.kinds for found in self._others], np.uint8),
            merged([np.full(self._name_count, 100)], [found.factors for found in self._others], np.uint8),
            np.repeat(np.arange(len(listed), dtype=np.uint32), listed + more),
            origins,
            starts.astype(np.uint32),
        )
        return self._all

    def described(self, editions: Sequence[ListEdition]) -> list[ListEdition]:
        """Return the editions with warnings about names that cannot be screened, or only in part."""
        names = self._names()
        flags, counts = names.flags, names.counts
        entry_editions = np.repeat(*self._edition_runs())
        owner = entry_editions[names.entries]
        failed = Counter(int(entry_editions[self._number_entries[i]]) for i in self._written().failed)
        told = []
        for number, edition in enumerate(editions):
            mine = owner == number
            notes = [
                f"{count} names {what}"
                for count, what in (
                    (
                        int(np.sum(mine & (counts == 0))) + self._letterless[number],
                        "hold no letter or digit and cannot be found",
                    ),
                    (
                        int(np.sum(mine & (flags & 4 != 0))),
                        f"have more than {NAME_WORDS_MAX} words; the rest is not compared",
                    ),
                    (
                        int(np.sum(mine & (flags & 2 != 0))),
                        "have a word of more than 64 letters; the rest is not compared",
                    ),
                    (int(np.sum(mine & (flags & 1 != 0))), "hold characters that are no Unicode text"),
                )
                if count
            ]
            if failed[number]:
                notes.append(f"{failed[number]} numbers fail their own check digits and are not looked for in texts")
            told.append(msgspec.structs.replace(edition, warnings=(*edition.warnings, *notes)))
        return told

    def finish(self) -> dict[str, Array]:
        """Make all sections."""
        names = self._names()
        numbers = self._written()
        numbered = self._fold([number.encode("utf-8", "surrogatepass") for number in numbers.texts])
        number_firsts, number_counts, *_ = numbered.result()
        self._say("tables", 0, 0)
        name_count = len(names.counts)
        starts, words, form_tokens, plain_starts, plain, vowelless, key_starts, key_bytes, counts = (
            self._gatherer.laid_out(
                np.concatenate([names.firsts, number_firsts]), np.concatenate([names.counts, number_counts])
            )
        )
        del self._gatherer  # its memory is soon asked for again
        # Token ids rise with frequency, those of words that are as often with the share of people who bear them: the
        # words of most names stand together. No answer depends on it.
        rarities = knowledge().rarities(key_starts, key_bytes)
        keys = np.arange(len(counts), dtype=np.uint32)
        _, order = sorted_by_key(counts.astype(np.uint64) << np.uint64(8) | np.uint64(0xFF) - rarities, keys)
        rank = np.empty(len(order), dtype=np.uint32)
        rank[order] = keys
        key_starts, key_bytes = _reordered(key_starts, key_bytes, order.astype(np.intp))
        form_tokens = rank[form_tokens] if len(form_tokens) else np.empty(0, np.uint32)
        number_starts = starts[name_count:] - starts[name_count]
        number_tokens = form_tokens[words[starts[name_count] :]]
        name_starts, words = starts[: name_count + 1], words[: starts[name_count]]

        kinds, factors = names.kinds, names.factors
        forms = (form_tokens, plain_starts, plain)
        middle = len(form_tokens) // 2
        asked = (knowledge(), *forms, key_starts, key_bytes, vowelless)
        later = self._folder.submit(form_facts, *asked, middle, len(form_tokens))
        # What asks for nothing but the keys is made by the other thread while groups are.
        spelled_nearly = self._folder.submit(_spelled_nearly, key_starts, key_bytes)
        facts = _joined_facts(form_facts(*asked, 0, middle), later.result())
        used = used_forms(name_starts, words, kinds, len(form_tokens))
        # A word of persons' names is looked for as one of firms, too, and the other way round: else whether a person is
        # found would depend on whether a firm has the same word.
        seen = np.flatnonzero(np.repeat(used.reshape(-1, 2).any(axis=1), 2))
        packed = self._folder.submit(
            pack_names, name_starts, words, kinds, factors, *forms, key_starts, key_bytes,
            facts.weights, facts.traits, facts.rarity, facts.groups, used,
        )  # fmt: skip
        group_starts, group_tokens = make_groups(
            form_tokens[seen >> 1], facts.weights[seen], facts.traits[seen], facts.groups[seen], key_starts, key_bytes
        )

        self._say("pairs", 0, 0)
        found_by = pair_words(
            *forms, key_starts, key_bytes, facts.weights, facts.traits, facts.rarity, facts.groups, group_starts,
            group_tokens,
        )  # fmt: skip
        # The other thread packs names meanwhile, and gets the smaller part. No answer depends on where it begins.
        middle = int(np.searchsorted(name_starts, 2 * len(words) // 3))
        paired = (name_starts, words, kinds, found_by, key_starts, key_bytes)
        rest = self._folder.submit(make_pairs, *paired, middle, name_count)
        pairs = [make_pairs(*paired, 0, middle), rest.result()]
        del found_by, paired
        single_tokens, single_names = (np.concatenate([half[place] for half in pairs]) for place in (2, 3))
        pair_keys, names_of_pairs = [half[0] for half in pairs], [half[1] for half in pairs]
        del pairs
        pair_slots, pair_names, plain_count, longest = make_pair_table(
            pair_keys, names_of_pairs, len(key_starts) - 1, self._both
        )
        self._say("phrases", 0, 0)
        rest_of = self._folder.submit(
            self._found_alone, (name_starts, words, kinds), forms, len(key_starts) - 1, (single_tokens, single_names),
            (numbers, number_starts, number_tokens),
        )  # fmt: skip
        self._folder.shutdown(wait=False)
        pair_filter, token_crowds = make_pair_filter(pair_slots, plain_count, len(key_starts) - 1)
        if longest > PAIR_NAMES_MAX:
            raise IndexFileError(
                "IDX202", expected=f"at most {PAIR_NAMES_MAX} names with the same two words", got=str(longest)
            )
        single_starts, single_names, sections = rest_of.result()
        self._say("spellings", 0, 0)
        packed_starts, packed_bytes, form_bytes = packed.result()
        entry_starts = np.zeros(self._entry_count + 1, dtype=np.uint64)
        np.cumsum(_joined(self._entry_sizes, np.uint64), out=entry_starts[1:])
        entry_blocks = entry_starts[::ENTRY_BLOCK]
        entry_offsets = entry_starts - np.repeat(entry_blocks, ENTRY_BLOCK)[: len(entry_starts)]
        if int(entry_offsets.max()) > ENTRY_SIZE_MAX:
            raise OverflowError(f"{ENTRY_BLOCK} entries of {int(entry_offsets.max())} bytes")
        others = np.flatnonzero(names.origins != np.arange(name_count, dtype=np.uint32))
        editions, in_row = self._edition_runs()
        return {
            "key_starts": key_starts, "key_bytes": key_bytes, **spelled_nearly.result(),
            "group_starts": group_starts, "group_tokens": group_tokens, "name_starts": packed_starts,
            "name_bytes": packed_bytes, "form_bytes": form_bytes, "other_names": others.astype(np.uint32),
            "other_origins": names.origins[others], "name_entries": names.entries,
            "single_starts": single_starts, "single_names": single_names, "pair_slots": pair_slots,
            "pair_names": pair_names, "pair_filter": pair_filter, "token_crowds": token_crowds, **sections,
            "identifier_entries": np.asarray(self._number_entries, dtype=np.uint32),
            "entry_blocks": entry_blocks, "entry_offsets": entry_offsets.astype(np.uint32), "entry_names": names.starts,
            "entry_bytes": np.frombuffer(self._writer.view(), dtype=np.uint8),
            "edition_entries": (np.cumsum(in_row) - in_row).astype(np.uint32),
            "edition_numbers": editions.astype(np.uint32),
        }  # fmt: skip

    @staticmethod
    def _found_alone(
        names: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint8]],
        forms: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint8]], token_count: int,
        singles: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]],
        numbers: tuple[phrases.IdentifierTexts, npt.NDArray[np.uint32], npt.NDArray[np.uint32]],
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], dict[str, npt.NDArray[np.uint32]]]:  # fmt: skip
        """Make the sections of what is found without pairs of words: names of one word, and phrases.

        Args:
            names: N + 1 offsets of names, their forms, and what the N names are.
            forms: Of F forms: key, and F + 1 offsets into their letters.
            token_count: Words of the vocabulary.
            singles: The only telling words of names, and these names.
            numbers: The texts of identifiers, their offsets and tokens.

        Returns:
            (offsets of the names of each word, the names, the sections of the automaton).
        """
        # `take` and no brackets: where those have to change the type of the numbers, and there is no memory for that,
        # numpy writes to no memory instead of saying so.
        name_starts, words, kinds = names
        form_tokens, plain_starts, plain = forms
        single_tokens, single_names = singles
        single_starts = np.zeros(token_count + 1, dtype=np.uint32)
        np.cumsum(np.bincount(single_tokens, minlength=token_count), out=single_starts[1:])
        # Of a name of one word nothing else can be found: the matcher may pass it by. A legal form counts nothing, but
        # it accounts for the word that it is mistyped as.
        more = np.diff(name_starts).take(single_names) > 1
        single_names = np.where(more, single_names | np.uint32(1 << SINGLE_MORE_SHIFT), single_names)

        found = phrases.Phrases()
        counts = np.diff(name_starts)
        single = single_names & np.uint32((1 << SINGLE_MORE_SHIFT) - 1)
        person = kinds.take(single) & NAME_PERSON != 0
        found.add_names(np.ones(np.count_nonzero(~person), np.int64), single_tokens[~person], single[~person])

        def texts_of(some: Of[np.uint32]) -> list[str]:
            return [plain[plain_starts[form] : plain_starts[form + 1]].tobytes().decode("ascii") for form in some]

        whole = {
            name
            for name in single[person & (counts.take(single) > 1)].tolist()
            if needs_phrase(texts_of(words[name_starts[name] : name_starts[name + 1]]), 1, person=True)
        }
        for name in sorted(whole.union(np.flatnonzero(counts > TEXT_WINDOW + 1).tolist())):
            found.add_names([counts[name]], form_tokens.take(words[name_starts[name] : name_starts[name + 1]]), [name])
        found.add_identifiers(*numbers)
        _, ordered = sorted_by_key(single_tokens.astype(np.uint64), single_names)
        return single_starts, ordered, found.flattened()

    def _edition_runs(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the editions in the order of their entries, and how many entries each has in a row."""
        runs = [
            (edition, sum(count for _, count in group)) for edition, group in groupby(self._editions, key=itemgetter(0))
        ]
        table = np.asarray(runs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]


def _spelled_nearly(key_starts: npt.NDArray[np.uint32], key_bytes: npt.NDArray[np.uint8]) -> dict[str, Array]:
    """Return the sections by which keys are found, exactly and nearly."""
    bitmap, bucket_starts, bucket_tokens = delete_neighbourhood(key_starts, key_bytes)
    places = places_of_keys(key_starts, key_bytes)
    ends = word_ends(key_starts, key_bytes, places)
    return {
        "key_places": places, "slots": exact_slots(key_starts, key_bytes),
        "bitmap": bitmap, "bucket_starts": bucket_starts, "bucket_tokens": bucket_tokens,
        "front_starts": ends[0], "front_sets": ends[1], "front_tokens": ends[2],
        "back_starts": ends[3], "back_sets": ends[4], "back_tokens": ends[5],
    }  # fmt: skip


def _readings(entry: Entry, wanted: Iterable[tuple[int, int]]) -> list[tuple[str, int]]:
    """Return what names of an entry are read as, other spellings of a person, and which of its names each is.

    Args:
        entry: Whose names they are.
        wanted: (number of a name, what is asked for), see `Gatherer.fold`.
    """
    seen: set[str] = set()
    out: list[tuple[str, int]] = []
    for number, needs in wanted:
        if not needs & NEEDS_READING:
            continue
        text = entry.names[number].text
        data = text.encode("utf-8", "replace")
        found = voiced(data)
        read = [found.decode()] if found else []
        if entry.kind is Kind.PERSON:
            cut_up = cut(data)
            initials = spelled(text)
            read = [
                *(spellings(text) if korean(text) else ()), *spellings_of(text), *read,
                *([cut_up.decode()] if cut_up else ()), *([initials] if initials else ()),
            ]  # fmt: skip
        if read:
            seen = seen or {name.text for name in entry.names}
            for other in read:
                if other and other not in seen:
                    seen.add(other)
                    out.append((other, number))
    return out


def _spellings(entry: Entry, wanted: Iterable[tuple[int, int]]) -> list[tuple[str, int, int, int]]:
    """Return the other spellings of an organisation's names, those only that no name of the entry has already.

    Args:
        entry: Whose names they are.
        wanted: (number of a name, what is asked for), see `Gatherer.fold`.

    Returns:
        (text, number of the name, what it is, per cent that a hit on it counts) of each.
    """
    seen: set[str] = set()
    out: list[tuple[str, int, int, int]] = []
    for number, needs in wanted:
        found = derived_names(entry.names[number].text, entry.kind) if needs & NEEDS_SPELLING else []
        if found and not seen:
            seen = {name.text.casefold() for name in entry.names}
        for other in found:
            if other.factor >= SPELLING_FACTOR_MIN and other.text.casefold() not in seen:
                seen.add(other.text.casefold())
                kind = NAME_LETTERS if other.why == "acronym" else 0
                out.append((other.text, number, kind, round(100 * other.factor)))
    return out


def _joined(parts: Sequence[npt.ArrayLike], kind: type[Item]) -> Of[Item]:
    """Join arrays, of which there may be none."""
    return np.concatenate([np.empty(0, dtype=kind), *(np.asarray(part, dtype=kind) for part in parts)])


def _joined_facts(left: FormFacts, right: FormFacts) -> FormFacts:
    return FormFacts(
        np.concatenate([left.weights, right.weights]), np.concatenate([left.traits, right.traits]),
        np.concatenate([left.rarity, right.rarity]), np.concatenate([left.groups, right.groups]),
    )  # fmt: skip


def _reordered(
    starts: Array, data: Array, order: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Put strings into another order."""
    old_starts = starts.astype(np.int64)
    lengths = (old_starts[1:] - old_starts[:-1])[order]
    new_starts = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(lengths, out=new_starts[1:])
    source = np.arange(new_starts[-1]) + np.repeat(old_starts[:-1][order] - new_starts[:-1], lengths)
    return new_starts.astype(np.uint32), data[source].astype(np.uint8)
