"""The one door to the native engine: records in, hits with their evidence out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from sito.entries import Identifier, Kind
from sito.errors import ScreenError
from sito.evidence import Explanation, explain
from sito.index import Index
from sito.records import Party, Record, RecordKind, Role

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_SCORE_MIN = 0.85
HIT_LIMIT_MAX = 10_000
NAME_LENGTH_MAX = 100_000  # characters of one text

PARTY, FREE_TEXT, IDENTIFIER = 0, 1, 2  # modes of the matcher
IDENTIFIER_TARGET, IDENTIFIER_MASK = 1 << 31, (1 << 30) - 1

# Flags of one text, as set by sito_ext/matcher.pyx.
LIMITS = {
    1: "malformed_text", 2: "word_length", 4: "word_count", 8: "expansions", 16: "pairs", 32: "candidates", 64: "hits",
    128: "no_word",
}  # fmt: skip
HARMLESS = 1  # bytes that are no text were taken as gaps; nothing was left out

KINDS = {kind.value: kind for kind in Kind}
PAYMENT_COLUMNS = {
    "debtor_name": Role.DEBTOR, "creditor_name": Role.CREDITOR, "ultimate_debtor_name": Role.ULTIMATE_DEBTOR,
    "ultimate_creditor_name": Role.ULTIMATE_CREDITOR, "purpose": Role.PURPOSE,
}  # fmt: skip


class ScreenConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a screener does; checked once, when the screener is made.

    Attributes:
        score_min: Lowest score of a hit, in [0, 1]; None is `DEFAULT_SCORE_MIN`, which the verdict follows in any case.
        hit_limit: Most hits of one party, 1 to `HIT_LIMIT_MAX`; more set `truncated`.
        screen_purpose: Look for names in free text too.
    """

    score_min: float | None = None
    hit_limit: int = 50
    screen_purpose: bool = True


class Hit(msgspec.Struct, frozen=True):
    """One (party, entry) pair.

    Attributes:
        name: The listed name that matched as the list prints it; the primary one if only a number matched.
        score: Similarity in [0, 1] after weighing the evidence, four decimals.
        grade: exact, strong, medium or weak.
        reasons: Short sentences, what speaks against last.
        position: Of the entry in the index.
    """

    entry_id: str
    list_id: str
    name: str
    score: float
    grade: str
    reasons: tuple[str, ...]
    position: int


class PartyResult(msgspec.Struct, frozen=True):
    """What screening one party gave.

    Attributes:
        verdict: `review` if a hit reaches the default threshold or a limit cut something off, else `pass`.
        truncated: A limit was reached: there may be more hits than shown.
        limits: Names of the limits and oddities, see `LIMITS`.
    """

    record_id: str
    role: str
    verdict: str
    hits: tuple[Hit, ...]
    truncated: bool
    limits: tuple[str, ...] = ()


class _Found(NamedTuple):
    """A native hit of one party: entry position, target, word range, score, which text it was found in."""

    entry: int
    target: int
    low: int
    high: int
    score: float
    text: int
    free_text: bool


class _Texts(NamedTuple):
    """Texts for one native call.

    Attributes:
        data, starts: All N texts as UTF-8, N + 1 offsets.
        mode: `PARTY`, `FREE_TEXT` or `IDENTIFIER`.
        owners: Numbers of the N parties they belong to.
        items: Which of its party's texts each is, 0 the name, then the aliases; None if all are 0.
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    mode: int
    owners: npt.NDArray[np.int64]
    items: list[int] | None = None


class _Parties(Protocol):
    """Where a batch takes its parties from; they are made only for those that have hits."""

    count: int

    def party(self, number: int) -> Party: ...
    def record_id(self, number: int) -> str: ...
    def text(self, number: int, item: int) -> str: ...


class _Finds:
    """What the native calls of one batch found, as arrays: most finds of a big batch are never looked at one by one.

    Attributes:
        flags: Of each party, bits as in `LIMITS`.
    """

    def __init__(self, party_count: int) -> None:
        self.flags = np.zeros(party_count, dtype=np.uint8)
        self._owners: list[npt.NDArray[np.int64]] = []
        self._rows: list[npt.NDArray[np.float64]] = []

    def add(self, texts: _Texts, hits: tuple[npt.NDArray[Any], ...]) -> None:
        """Take the result of one call of the matcher."""
        numbers, targets, entries, ranges, scores, flags = hits
        if texts.items is None:  # one text a party: no party occurs twice
            self.flags[texts.owners] |= flags
            items = np.zeros(len(numbers))
        else:
            np.bitwise_or.at(self.flags, texts.owners, flags)
            items = np.asarray(texts.items, dtype=np.float64)[numbers]
        self._owners.append(texts.owners[numbers])
        free_text = np.full(len(numbers), float(texts.mode == FREE_TEXT))
        # All columns are whole numbers below 2^53 or scores: doubles hold them exactly.
        self._rows.append(np.column_stack((entries, targets, ranges, scores, items, free_text)))

    def sort(self) -> None:
        """Bring the finds into the order of their parties; call once, after the last `add`."""
        owners = np.concatenate(self._owners) if self._owners else np.empty(0, dtype=np.int64)
        order = np.argsort(owners, kind="stable")
        self.owners = owners[order]
        self.rows = np.concatenate(self._rows)[order] if self._rows else np.empty((0, 7))

    def of(self, party: int) -> list[_Found]:
        """Return the finds of one party."""
        low, high = np.searchsorted(self.owners, [party, party + 1]).tolist()
        return [
            _Found(int(entry), int(target), int(first), int(last), score, int(item), bool(free_text))
            for entry, target, first, last, score, item, free_text in self.rows[low:high].tolist()
        ]

    def parties(self) -> npt.NDArray[np.int64]:
        """Return the numbers of the parties that have finds or limits, rising."""
        return np.union1d(self.owners, np.flatnonzero(self.flags & ~np.uint8(HARMLESS)))


class BatchResult:
    """Hits of one batch; texts and evidence are put together when they are asked for, while the index is open.

    Attributes:
        party_count: Parties screened.
        hit_count: Hits that the kernels found, before evidence is weighed.
    """

    def __init__(self, screener: Screener, parties: _Parties, finds: _Finds) -> None:
        """Use `Screener.screen_batch`."""
        self._screener = screener
        self._parties = parties
        finds.sort()
        self._finds = finds
        self.party_count = parties.count
        self.hit_count = len(finds.owners)

    @property
    def alert_count(self) -> int:
        """Parties whose verdict is not `pass`."""
        return sum(result.verdict != "pass" for result in self.results())

    def results(self, all: bool = False) -> Iterator[PartyResult]:
        """Return results in the order of records and their parties.

        Args:
            all: Also those without hits and limits.
        """
        for number in self.numbers(all):
            result = self.result(number)
            if all or result.hits or result.verdict != "pass":
                yield result

    def numbers(self, all: bool = False) -> Iterable[int]:
        """Return the numbers, rising, of the parties that may have hits or limits, or of all."""
        if all:
            return range(self.party_count)
        numbers: list[int] = self._finds.parties().tolist()
        return numbers

    def result(self, number: int) -> PartyResult:
        """Return the result of one party, by its number in the batch."""
        flags = int(self._finds.flags[number])
        truncated = bool(flags & ~HARMLESS)
        hits: list[Hit] = []
        found = self._finds.of(number)
        if found:
            party = self._parties.party(number)
            hits = [hit_of(explanation, entry) for entry, explanation in self._explanations(number, party, found)]
            hits.sort(key=lambda hit: (-hit.score, hit.entry_id))
        # The verdict looks at all hits, those too that a higher threshold of the caller keeps out of sight.
        alarming = bool(hits) and hits[0].score >= DEFAULT_SCORE_MIN
        hits = [hit for hit in hits if hit.score >= self._screener.score_min]
        if len(hits) > self._screener.config.hit_limit:
            del hits[self._screener.config.hit_limit :]
            truncated, flags = True, flags | 64
        alarming = alarming or truncated
        return PartyResult(
            self._parties.record_id(number), self._role(number), "review" if alarming else "pass", tuple(hits),
            truncated, tuple(word for bit, word in LIMITS.items() if flags & bit),
        )  # fmt: skip

    def _role(self, number: int) -> str:
        return self._parties.party(number).role.value

    def _explanations(self, number: int, party: Party, found: list[_Found]) -> Iterator[tuple[int, Explanation]]:
        """Join the finds of one entry: its best name and its numbers."""
        by_entry: defaultdict[int, list[_Found]] = defaultdict(list)
        for one in found:
            by_entry[one.entry].append(one)
        for entry, finds in by_entry.items():
            names = [one for one in finds if one.target < IDENTIFIER_TARGET]
            numbers = sorted({one.target & IDENTIFIER_MASK for one in finds if one.target >= IDENTIFIER_TARGET})
            best = max(names, key=lambda one: one.score) if names else None
            explanation = explain(
                self._screener.index, party, self._parties.text(number, best.text) if best else "", entry,
                name=best.target if best else -1, words=(best.low, best.high) if best else (0, 0),
                free_text=best.free_text if best else False, score=best.score if best else 0.0,
                identifiers=tuple(numbers),
            )  # fmt: skip
            if explanation.score >= self._screener.kernel_score_min:
                yield entry, explanation

    def explanations(self, number: int) -> list[tuple[int, Explanation]]:
        """Return (entry position, explanation) of every hit of one party, best first."""
        party = self._parties.party(number)
        told = self._explanations(number, party, self._finds.of(number))
        wanted = [pair for pair in told if pair[1].score >= self._screener.score_min]
        return sorted(wanted, key=lambda pair: (-pair[1].score, pair[0]))


class Screener:
    """Screens records against one index. Threads may share it.

    Args:
        index: An open index; the screener keeps it.
        config: See `ScreenConfig`.

    Raises:
        ScreenError: SCR101 `score_min` outside [0, 1] or no number; SCR102 `hit_limit` out of range.
        IndexFileError: IDX108 the index was closed; every call raises it too.
    """

    def __init__(self, index: Index, config: ScreenConfig | None = None) -> None:
        self.index = index
        self.config = config or ScreenConfig()
        self.score_min = DEFAULT_SCORE_MIN if self.config.score_min is None else float(self.config.score_min)
        self.kernel_score_min = min(self.score_min, DEFAULT_SCORE_MIN)
        if not 0.0 <= self.score_min <= 1.0:
            raise ScreenError("SCR101", expected="score_min in [0, 1]", got=str(self.config.score_min))
        if not 1 <= self.config.hit_limit <= HIT_LIMIT_MAX:
            raise ScreenError("SCR102", expected=f"hit_limit from 1 to {HIT_LIMIT_MAX}", got=str(self.config.hit_limit))
        self._workspaces = index.workspaces()

    def screen(self, record: Record) -> list[PartyResult]:
        """Screen one record; one result for each party, in their order."""
        return list(self.screen_batch([record]).results(all=True))

    def check(
        self, name: str, *, birth_date: str = "", identifiers: Sequence[Identifier] = (), kind: Kind = Kind.UNKNOWN
    ) -> PartyResult:
        """Look one name up.

        Raises:
            ScreenError: SCR103 the name holds no letter or digit; SCR104 it is too long.
        """
        return self.screen(one_customer(name, birth_date, identifiers, kind))[0]

    def explain(self, record: Record, entry_id: str) -> list[Explanation]:
        """Explain every hit of one entry on a record, one for each party that it hits."""
        batch = self.screen_batch([record])
        return [
            explanation
            for number in range(batch.party_count)
            for _, explanation in batch.explanations(number)
            if explanation.entry.entry_id == entry_id
        ]

    def screen_batch(self, records: Sequence[Record] | Any) -> BatchResult:
        """Screen many records in a few native calls.

        Args:
            records: Records; or Arrow data (anything with the C data or C stream interface) with the columns `id` and
                `debtor_name`, `creditor_name`, `ultimate_debtor_name`, `ultimate_creditor_name`, `purpose` of
                payments, or `name`, `birth_date`, `inn`, `kind` of customers; texts are taken as they are.

        Raises:
            ScreenError: SCR104 a text above the limit; SCR105 Arrow data without a column to screen, or of another
                type.
        """
        if hasattr(records, "__arrow_c_stream__") or hasattr(records, "__arrow_c_array__"):
            return self._screen_arrow(records)
        return self._screen_rows(records)

    def _screen_rows(self, records: Sequence[Record]) -> BatchResult:
        parties = _Rows(records)
        texts: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
        owners: tuple[list[int], list[int], list[int]] = ([], [], [])
        items: tuple[list[int], list[int], list[int]] = ([], [], [])
        for number, (record, party) in enumerate(parties.flat):
            mode = FREE_TEXT if party.role is Role.PURPOSE else PARTY
            if mode == FREE_TEXT and not self.config.screen_purpose:
                continue
            for item, text in enumerate((party.name, *party.aliases)):
                if len(text) > NAME_LENGTH_MAX:
                    raise ScreenError(
                        "SCR104", expected=f"texts of at most {NAME_LENGTH_MAX} characters", got=str(len(text)),
                        where=f"record {record.position or number}, {party.role.value}",
                    )  # fmt: skip
                texts[mode].append(text.encode("utf-8", "surrogatepass"))
                owners[mode].append(number)
                items[mode].append(item)
            for identifier in party.identifiers:
                bare = "".join(character for character in identifier.number if character.isalnum())
                # The index holds numbers as printed and without gaps: so both meet, whoever wrote the gaps.
                for text in {identifier.number: None, bare: None}:
                    texts[IDENTIFIER].append(text.encode("utf-8", "surrogatepass"))
                    owners[IDENTIFIER].append(number)
                    items[IDENTIFIER].append(0)
        finds = _Finds(parties.count)
        for mode in (PARTY, FREE_TEXT, IDENTIFIER):
            if texts[mode]:
                starts = np.zeros(len(texts[mode]) + 1, dtype=np.int64)
                np.cumsum([len(text) for text in texts[mode]], out=starts[1:])
                data = np.frombuffer(b"".join(texts[mode]), dtype=np.uint8)
                self._run(_Texts(data, starts, mode, np.asarray(owners[mode]), items[mode]), finds)
        return BatchResult(self, parties, finds)

    def _screen_arrow(self, source: Any) -> BatchResult:
        import pyarrow as pa  # noqa: PLC0415  (only callers with Arrow data need it)

        table = pa.table(source) if not isinstance(source, pa.Table) else source
        roles = {name: role for name, role in PAYMENT_COLUMNS.items() if name in table.column_names}
        if not roles and "name" in table.column_names:
            roles = {"name": Role.CUSTOMER}
        if not roles:
            raise ScreenError(
                "SCR105",
                expected="a column debtor_name, creditor_name, purpose or name",
                got=", ".join(table.column_names),
            )
        if not self.config.screen_purpose:
            roles.pop("purpose", None)
        parties = _Columns(table, roles)
        finds = _Finds(parties.count)
        rows = np.arange(table.num_rows) * len(roles)
        for place, (column, role) in enumerate(roles.items()):
            mode = FREE_TEXT if role is Role.PURPOSE else PARTY
            self._run(_Texts(*_utf8(table, column), mode, rows + place), finds)
            numbers = f"{role.value}_inn" if role is not Role.CUSTOMER else "inn"
            if numbers in table.column_names:
                self._run(_Texts(*_utf8(table, numbers), IDENTIFIER, rows + place), finds)
        return BatchResult(self, parties, finds)

    def _run(self, texts: _Texts, finds: _Finds) -> None:
        """Screen texts of one mode and hand the finds to their parties."""
        matcher = self.index.matcher
        work = self._workspaces.take(matcher)
        try:
            # Evidence may raise no score but lowers some, so the kernel's threshold is the final one.
            hits = matcher.screen(
                work, texts.data, texts.starts, texts.mode, self.kernel_score_min, self.config.hit_limit
            )
        finally:
            self._workspaces.give(work)
        finds.add(texts, hits)


def one_customer(name: str, birth_date: str, identifiers: Sequence[Identifier], kind: Kind) -> Record:
    """Make the record of one name.

    Raises:
        ScreenError: SCR103 the name holds no letter or digit; SCR104 it is too long.
    """
    if not any(character.isalnum() for character in name):
        raise ScreenError("SCR103", expected="a name with a letter or digit", got=f"{len(name)} characters without one")
    if len(name) > NAME_LENGTH_MAX:
        raise ScreenError("SCR104", expected=f"at most {NAME_LENGTH_MAX} characters", got=str(len(name)))
    party = Party(Role.CUSTOMER, name, kind, birth_date, tuple(identifiers))
    return Record("check", RecordKind.CUSTOMER, (party,))


def hit_of(explanation: Explanation, position: int) -> Hit:
    """Return the short form of an explanation."""
    entry = explanation.entry
    return Hit(
        entry.entry_id, entry.list_id, (explanation.name or entry.names[0]).text, explanation.score, explanation.grade,
        explanation.reasons(), position,
    )  # fmt: skip


class _Rows:
    """Parties of record objects."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.flat = [(record, party) for record in records for party in record.parties]
        self.count = len(self.flat)

    def party(self, number: int) -> Party:
        return self.flat[number][1]

    def record_id(self, number: int) -> str:
        return self.flat[number][0].record_id

    def text(self, number: int, item: int) -> str:
        party = self.flat[number][1]
        return party.aliases[item - 1] if item else party.name


class _Columns:
    """Parties of Arrow columns: party number = row times roles + place of the role."""

    def __init__(self, table: pa.Table, roles: dict[str, Role]) -> None:
        self._table, self._roles = table, list(roles.items())
        self.count = table.num_rows * len(roles)

    def _cell(self, column: str, row: int) -> str:
        if column not in self._table.column_names:
            return ""
        value = self._table.column(column)[row].as_py()
        return "" if value is None else str(value)

    def party(self, number: int) -> Party:
        row, place = divmod(number, len(self._roles))
        column, role = self._roles[place]
        if role is not Role.CUSTOMER:
            inn = self._cell(f"{role.value}_inn", row)
            return Party(role, self._cell(column, row), identifiers=_inn(inn))
        kind = self._cell("kind", row)
        return Party(
            role, self._cell("name", row), KINDS.get(kind, Kind.UNKNOWN), self._cell("birth_date", row),
            _inn(self._cell("inn", row)),
        )  # fmt: skip

    def record_id(self, number: int) -> str:
        row = number // len(self._roles)
        return self._cell("id", row) or f"row {row + 1}"

    def text(self, number: int, item: int) -> str:
        if item != 0:
            raise IndexError(item)  # a column has one text for each party, and no aliases
        row, place = divmod(number, len(self._roles))
        return self._cell(self._roles[place][0], row)


def _inn(number: str) -> tuple[Identifier, ...]:
    return (Identifier("inn", number),) if number else ()


def _utf8(table: pa.Table, column: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a string column and its row offsets; nulls are empty. No text is copied unless chunked."""
    import pyarrow as pa  # noqa: PLC0415

    values: Any = table.column(column)  # the stubs know neither nulls filled with a string nor what that gives
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        raise ScreenError("SCR105", expected=f"strings in column {column}", got=str(values.type))
    if values.null_count:
        values = values.fill_null("")
    values = values.cast(pa.large_string()).combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.array([], pa.large_string())
    _, offsets, data = values.buffers()
    starts = np.zeros(1, dtype=np.int64)
    if offsets is not None and len(values):
        starts = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8), starts
