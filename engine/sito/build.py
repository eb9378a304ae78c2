"""Build an index out of list files: entries -> other spellings -> folded words, their facts -> tables -> one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from sito import phrases
from sito.entries import NAME_WITHOUT_LETTER, Entry, Kind, ListEdition
from sito.errors import IndexFileError
from sito.index import Index, IndexInfo, knowledge, write_index
from sito.lists import open_lists
from sito.names.fold import table
from sito.names.korean import spellings
from sito.names.organisations import derived_names
from sito.names.people import spellings_of
from sito.names.readings import spelled
from sito.names.search import TEXT_WINDOW, needs_phrase
from sito.version import VERSION
from sito_ext.ends import word_ends
from sito_ext.fold import Folder
from sito_ext.readings import cut, korean, voiced
from sito_ext.tables import make_groups, make_pair_table, make_pairs, pack_names, word_facts
from sito_ext.vocabulary import TokenCounter, delete_neighbourhood, exact_slots, places_of_keys

NAME_WORDS_MAX = 32  # words of one name that are kept, as in sito_ext/shapes.pxd
ENTRY_COUNT_MAX = 1 << 28
EDITION_COUNT_MAX = 1 << 16
SINGLE_MORE_SHIFT = 31  # the bit of a name found by one word that has others
PAIR_NAMES_MAX = (1 << 24) - 1
NAME_PERSON, NAME_LETTERS = 1, 2  # what a name is, as in sito_ext/tables.pxd
READING_FACTOR = 97  # per cent that a hit counts on what a Korean, a Bulgarian or a gapless name is read as
SPELLING_FACTOR_MIN = 0.8  # spellings that count less could never reach a sensible threshold
CHUNK = 1 << 16  # names folded in one native call

Array = npt.NDArray[np.generic]
Progress = Callable[[str, int, int], None]


def build_index(
    paths: Sequence[Path | str],
    output: Path | str,
    *,
    list_id: str | None = None,
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
        previous: An older index; editions that shrank against it are refused.
        shrink_max: Share of entries an edition may lose against `previous`, in [0, 1].
        force: Take editions that the guards refuse; what they said becomes a warning.
        progress: Called with (stage, done, total or 0) now and then.

    Returns:
        The description of the new file, read back and verified.

    Raises:
        ListError: A list file cannot be read, or its edition must not be used.
        IndexFileError: IDX201 too many entries or editions; IDX202 too many equal names; IDX203 more text or words than
            an index holds; IDX204 text that is no Unicode; IDX301 the file cannot be written.
    """
    before: dict[str, ListEdition] = {}
    if previous is not None:
        with Index.open(previous, verify=False) as older:
            before = {edition.list_id: edition for edition in older.info.editions}
    files = open_lists(
        [Path(path) for path in paths], list_id=list_id, before=before, shrink_max=shrink_max, force=force
    )
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


class Builder:
    """Collects entries, then makes the sections of an index. Not thread-safe; one use."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._counter = TokenCounter(Folder(table()))
        self._encoder = msgspec.json.Encoder()
        self._entry_bytes = bytearray()
        self._entry_sizes: list[int] = []
        self._entry_names: list[int] = []
        self._entry_identifiers: list[int] = []
        self._entry_editions: list[int] = []
        self._name_kinds = bytearray()
        self._name_factors = bytearray()
        self._name_origins: list[int] = []
        self._pending: list[bytes] = []
        self._letterless: Counter[int] = Counter()
        self._chunks: list[tuple[Array, Array, Array, Array, Array, Array]] = []
        self._numbers: list[str] = []
        self._number_kinds: list[str] = []
        self._number_entries: list[int] = []
        self._number_texts: phrases.IdentifierTexts | None = None

    def add(self, entries: Iterable[Entry], edition: int) -> None:
        """Take all entries of one edition; `edition` is its number, below 65 536."""
        encode = self._encoder.encode
        for entry in entries:
            for field, _ in entry.raw:
                if field == NAME_WITHOUT_LETTER:
                    self._letterless[edition] += 1
            position = len(self._entry_sizes)
            try:
                data = encode(entry)
            except UnicodeEncodeError:
                raise IndexFileError(
                    "IDX204", expected="entries of Unicode text", got="half of a surrogate pair",
                    where=f"list {entry.list_id}, entry {entry.entry_id}", todo="fetch the list again; it is damaged",
                ) from None  # fmt: skip
            self._entry_bytes += data
            self._entry_sizes.append(len(data))
            self._entry_names.append(len(self._name_kinds))
            self._entry_identifiers.append(len(self._numbers))
            self._entry_editions.append(edition)
            kind = NAME_PERSON if entry.kind is Kind.PERSON else 0
            for number, name in enumerate(entry.names):
                self._add_name(name.text, kind, 100, self._entry_names[-1] + number)
            self._add_readings(entry, kind)
            if entry.kind is not Kind.PERSON:
                self._add_spellings(entry)
            for identifier in entry.identifiers:
                self._numbers.append(identifier.number)
                self._number_kinds.append(identifier.type)
                self._number_entries.append(position)
            if len(self._pending) >= CHUNK:
                self._fold()
        if len(self._entry_sizes) > ENTRY_COUNT_MAX:
            raise IndexFileError(
                "IDX201", expected=f"at most {ENTRY_COUNT_MAX} entries", got=str(len(self._entry_sizes))
            )

    def _add_name(self, text: str, kind: int, factor: int, origin: int) -> None:
        """Take one spelling; `origin` is the number of the listed name that it is, or is another spelling of."""
        self._pending.append(text.encode("utf-8", "surrogatepass"))
        self._name_kinds.append(kind)
        self._name_factors.append(factor)
        self._name_origins.append(origin)

    def _add_spellings(self, entry: Entry) -> None:
        """Take the other spellings of an organisation's names, those only that no name of the entry has already."""
        seen: set[str] = set()
        for number, name in enumerate(entry.names):
            found = derived_names(name.text, entry.kind)
            if found and not seen:
                seen = {name.text.casefold() for name in entry.names}
            for other in found:
                if other.factor >= SPELLING_FACTOR_MIN and other.text.casefold() not in seen:
                    seen.add(other.text.casefold())
                    kind = NAME_LETTERS if other.why == "acronym" else 0
                    self._add_name(other.text, kind, round(100 * other.factor), self._entry_names[-1] + number)

    def _add_readings(self, entry: Entry, kind: int) -> None:
        """Take what the names of an entry are read as, and the other spellings of a person."""
        seen: set[str] = set()
        for number, name in enumerate(entry.names):
            text = name.text
            data = text.encode("utf-8", "replace")
            found = voiced(data)
            read = [found.decode()] if found else []
            if kind & NAME_PERSON:
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
                        self._add_name(other, kind, READING_FACTOR, self._entry_names[-1] + number)

    def _fold(self) -> None:
        self._chunks.append(_fold_all(self._counter, self._pending))
        self._pending = []
        self._say("names", len(self._name_kinds), 0)

    def _say(self, stage: str, done: int, total: int) -> None:
        if self._progress:
            self._progress(stage, done, total)

    def _written(self) -> phrases.IdentifierTexts:
        """Return the ways to write all numbers; made once, for the description and the automaton."""
        if self._number_texts is None:
            self._number_texts = phrases.identifier_texts(self._number_kinds, self._numbers)
        return self._number_texts

    def described(self, editions: Sequence[ListEdition]) -> list[ListEdition]:
        """Return the editions with warnings about names that cannot be screened, or only in part."""
        flags = np.concatenate([chunk[4] for chunk in self._chunks])
        counts = np.concatenate([np.diff(chunk[0].astype(np.int64)) for chunk in self._chunks])
        owner = np.repeat(
            np.asarray(self._entry_editions, dtype=np.uint16), np.diff([*self._entry_names, len(self._name_kinds)])
        )
        failed = Counter(self._entry_editions[self._number_entries[i]] for i in self._written().failed)
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
        if self._pending or not self._chunks:
            self._fold()
        name_count = len(self._name_kinds)
        numbers = self._written()
        number_starts, number_tokens, *_ = _fold_all(
            self._counter, [number.encode("utf-8", "surrogatepass") for number in numbers.texts]
        )
        self._say("tables", 0, 0)
        key_starts, key_bytes, counts = self._counter.tables()
        # Token ids rise with frequency, those of words that are as often with the share of people who bear them: the
        # words of most names stand together. No answer depends on it.
        rarities = knowledge().rarities(key_starts, key_bytes)
        order = np.lexsort((-rarities.astype(np.int16), counts))
        rank = np.empty(len(order), dtype=np.uint32)
        rank[order] = np.arange(len(order), dtype=np.uint32)
        key_starts, key_bytes = _reordered(key_starts, key_bytes, order)
        name_starts = _joined_starts([chunk[0] for chunk in self._chunks])
        name_tokens = (
            rank[np.concatenate([chunk[1] for chunk in self._chunks])] if name_starts[-1] else np.empty(0, np.uint32)
        )
        plain_starts = _joined_starts([chunk[2] for chunk in self._chunks])
        plain_bytes = np.concatenate([chunk[3] for chunk in self._chunks])
        number_tokens = rank[number_tokens] if len(number_tokens) else np.empty(0, np.uint32)

        kinds = np.frombuffer(bytes(self._name_kinds), dtype=np.uint8)
        factors = np.frombuffer(bytes(self._name_factors), dtype=np.uint8)
        vowelless = np.concatenate([chunk[5] for chunk in self._chunks])
        layout = (name_starts, name_tokens, plain_starts, plain_bytes, key_starts, key_bytes)
        weights, traits, rarity, groups = word_facts(knowledge(), *layout, kinds, vowelless)
        packed_starts, packed_bytes = pack_names(*layout, kinds, factors, weights, traits, rarity, groups)
        # A word of persons' names is looked for as one of firms, too, and the other way round: else whether a person is
        # found would depend on whether a firm has the same word.
        other_weights, other_traits, _, other_groups = word_facts(
            knowledge(), *layout, kinds ^ np.uint8(NAME_PERSON), vowelless
        )
        group_starts, group_tokens = make_groups(
            np.concatenate((name_tokens, name_tokens)), np.concatenate((weights, other_weights)),
            np.concatenate((traits, other_traits)), np.concatenate((groups, other_groups)), key_starts, key_bytes,
        )  # fmt: skip

        self._say("pairs", 0, 0)
        pair_keys, pair_names, single_tokens, single_names = make_pairs(
            name_starts, name_tokens, weights, traits, rarity, kinds, *layout[2:], groups, group_starts, group_tokens
        )
        by_key = np.argsort(pair_keys, kind="stable")
        pair_keys, pair_names = pair_keys[by_key], pair_names[by_key]
        if len(pair_keys):
            longest = int(np.max(np.diff(np.flatnonzero(np.r_[True, pair_keys[1:] != pair_keys[:-1], True]))))
            if longest > PAIR_NAMES_MAX:
                raise IndexFileError(
                    "IDX202", expected=f"at most {PAIR_NAMES_MAX} names with the same two words", got=str(longest)
                )
        pair_slots, pair_bitmap = make_pair_table(pair_keys)
        by_token = np.argsort(single_tokens, kind="stable")
        single_starts = np.zeros(len(key_starts), dtype=np.uint32)
        np.cumsum(np.bincount(single_tokens, minlength=len(key_starts) - 1), out=single_starts[1:])
        # Of a name of one word nothing else can be found: the matcher may pass it by. A legal form counts nothing, but
        # it accounts for the word that it is mistyped as.
        more = np.diff(name_starts)[single_names] > 1
        single_names = np.where(more, single_names | np.uint32(1 << SINGLE_MORE_SHIFT), single_names)

        self._say("spellings", 0, 0)
        bitmap, bucket_starts, bucket_tokens = delete_neighbourhood(key_starts, key_bytes)
        slots = exact_slots(key_starts, key_bytes)
        places = places_of_keys(key_starts, key_bytes)
        ends = word_ends(key_starts, key_bytes, places)

        self._say("phrases", 0, 0)
        found = phrases.Phrases()
        whole = set(np.flatnonzero(np.diff(name_starts.astype(np.int64)) > TEXT_WINDOW + 1).tolist())
        for marked, token in zip(single_names.tolist(), single_tokens.tolist(), strict=True):
            name = marked & ((1 << SINGLE_MORE_SHIFT) - 1)
            if not kinds[name] & NAME_PERSON:
                found.add_name((token,), name)
            elif needs_phrase(
                plain_bytes[plain_starts[name] : plain_starts[name + 1]].tobytes().decode("ascii").split(),
                1,
                person=True,
            ):
                whole.add(name)
        for name in sorted(whole):
            found.add_name(tuple(name_tokens[name_starts[name] : name_starts[name + 1]].tolist()), name)
        found.add_identifiers(numbers, number_starts, number_tokens)
        entry_sizes = np.zeros(len(self._entry_sizes) + 1, dtype=np.uint64)
        np.cumsum(self._entry_sizes, out=entry_sizes[1:])
        return {
            "key_starts": key_starts, "key_bytes": key_bytes, "key_places": places,
            "group_starts": group_starts, "group_tokens": group_tokens, "slots": slots,
            "bitmap": bitmap, "bucket_starts": bucket_starts, "bucket_tokens": bucket_tokens,
            "front_starts": ends[0], "front_sets": ends[1], "front_tokens": ends[2],
            "back_starts": ends[3], "back_sets": ends[4], "back_tokens": ends[5],
            "name_starts": packed_starts, "name_bytes": packed_bytes,
            "name_entries": np.repeat(
                np.arange(len(self._entry_sizes), dtype=np.uint32), np.diff([*self._entry_names, name_count])
            ),
            "name_origins": np.asarray(self._name_origins, dtype=np.uint32),
            "single_starts": single_starts, "single_names": single_names[by_token], "pair_slots": pair_slots,
            "pair_names": pair_names, "pair_bitmap": pair_bitmap, **found.flattened(),
            "identifier_entries": np.asarray(self._number_entries, dtype=np.uint32), "entry_starts": entry_sizes,
            "entry_bytes": np.frombuffer(self._entry_bytes, dtype=np.uint8),
            "entry_names": np.asarray([*self._entry_names, name_count], dtype=np.uint32),
            "entry_identifiers": np.asarray([*self._entry_identifiers, len(self._numbers)], dtype=np.uint32),
            "entry_editions": np.asarray(self._entry_editions, dtype=np.uint16),
        }  # fmt: skip


def _fold_all(counter: TokenCounter, texts: Sequence[bytes]) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Fold texts in one native call; see `TokenCounter.add`."""
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    return counter.add(np.frombuffer(b"".join(texts), dtype=np.uint8), starts, NAME_WORDS_MAX)


def _joined_starts(parts: Sequence[Array]) -> npt.NDArray[np.uint32]:
    """Join offset arrays that each begin at 0."""
    lengths = np.concatenate([np.diff(part.astype(np.int64)) for part in parts])
    total = int(lengths.sum())
    if total > 0xFFFFFFFF:
        raise IndexFileError("IDX203", expected="at most 4 GiB of folded names", got=str(total))
    starts = np.zeros(len(lengths) + 1, dtype=np.uint32)
    np.cumsum(lengths, out=starts[1:])
    return starts


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
