"""Cleared pairs stay silent while both sides are the same, and come back when one changes."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sito import Index, Screener, build_index
from sito.clearing import (
    EVERY_RECORD,
    LINE_SIZE_MAX,
    Clearance,
    Clearances,
    StaleReason,
    entry_fingerprint,
    party_fingerprint,
    read_clearances,
)
from sito.entries import Entry, Identifier, Kind, Name
from sito.errors import ScreenError
from sito.records import Party, Record, RecordKind, Role

NAMES = ("Кочедыжников Варфоломей Титович", "Кочедыжникова Варфоломей Титович")
DATES = ("1971-05-06", "1971-05-07", "")
NUMBERS: tuple[tuple[str, ...], ...] = ((), ("500100732259",), ("4508123456",))
TEXTS = st.text(max_size=40)


def listing(folder: Path, name: str, birth: str, numbers: tuple[str, ...], programme: str, number: int) -> Path:
    properties: dict[str, Any] = {"name": [name], "birthDate": [birth] if birth else [], "idNumber": list(numbers)}
    properties["program"] = [programme]
    others = [{"id": f"z-{i}", "schema": "Person", "properties": {"name": [f"Посторонний Человек{i}"]}} for i in (1, 2)]
    entity = {"id": "k-1", "schema": "Person", "properties": properties}
    path = folder / f"{number}.ftm.json"
    path.write_text("".join(json.dumps(one) + "\n" for one in (*others[: 1 + number % 2], entity)), "utf-8")
    build_index([path], folder / f"{number}.sito", list_id="INVENTED")
    return folder / f"{number}.sito"


class ClearedPairs(RuleBasedStateMachine):
    """One customer, one entry, and an officer who clears the pair now and then."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.editions: dict[tuple[Any, ...], Screener] = {}
        self.party: dict[str, Any] = {"name": NAMES[0], "birth_date": DATES[0], "numbers": NUMBERS[0]}
        self.entry: dict[str, Any] = {"name": NAMES[0], "birth": DATES[0], "numbers": NUMBERS[0], "programme": "a"}
        self.cleared: list[Clearance] = []
        self.known: set[tuple[Any, ...]] = set()

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def screener(self) -> Screener:
        key = tuple(self.entry.values())
        if key not in self.editions:
            path = listing(self.folder, *key, len(self.editions))
            self.editions[key] = Screener(self.stack.enter_context(Index.open(path)))
        return self.editions[key]

    def record(self) -> Record:
        numbers = tuple(Identifier("passport", number) for number in self.party["numbers"])
        party = Party(Role.CUSTOMER, self.party["name"], Kind.PERSON, self.party["birth_date"], numbers)
        return Record("c-1", RecordKind.CUSTOMER, (party,))

    def state(self) -> tuple[Any, ...]:
        return (*self.party.values(), self.entry["name"], self.entry["birth"], self.entry["numbers"])

    def hits(self) -> bool:
        return bool(self.screener().screen(self.record())[0].hits)

    @precondition(lambda self: hasattr(self, "party") and self.hits())
    @rule()
    def clear(self) -> None:
        self.cleared.append(self.screener().clearance(self.record(), Role.CUSTOMER, "k-1"))
        self.known.add(self.state())

    @rule(name=st.sampled_from(NAMES))
    def rename_party(self, name: str) -> None:
        self.party["name"] = name

    @rule(date=st.sampled_from(DATES))
    def change_birth_date_of_party(self, date: str) -> None:
        self.party["birth_date"] = date

    @rule(numbers=st.sampled_from(NUMBERS))
    def change_numbers_of_party(self, numbers: tuple[str, ...]) -> None:
        self.party["numbers"] = numbers

    @rule(name=st.sampled_from(NAMES))
    def rename_entry(self, name: str) -> None:
        self.entry["name"] = name

    @rule(date=st.sampled_from(DATES))
    def change_birth_date_of_entry(self, date: str) -> None:
        self.entry["birth"] = date

    @rule(numbers=st.sampled_from(NUMBERS))
    def change_numbers_of_entry(self, numbers: tuple[str, ...]) -> None:
        self.entry["numbers"] = numbers

    @rule(programme=st.sampled_from(("a", "b")))
    def new_edition_with_the_same_entry(self, programme: str) -> None:
        self.entry["programme"] = programme

    @invariant()
    def silent_if_and_only_if_nothing_changed(self) -> None:
        if not hasattr(self, "party"):
            return
        (plain,) = self.screener().screen(self.record())
        (result,) = self.screener().screen(self.record(), self.cleared)
        assert plain.suppressed == plain.stale == ()
        assert sorted(hit.entry_id for hit in (*result.hits, *result.suppressed)) == [h.entry_id for h in plain.hits]
        if self.state() in self.known:
            assert result.suppressed == plain.hits
            assert result.verdict == "pass"
            assert result.stale == ()
        else:
            assert result.hits == plain.hits
            assert result.verdict == plain.verdict
            assert bool(result.stale) == bool(self.cleared and plain.hits)


ClearedPairs.TestCase.settings = settings(max_examples=25, stateful_step_count=15)
TestClearedPairs = ClearedPairs.TestCase


@pytest.fixture
def screener(tmp_path: Path) -> Iterator[Screener]:
    with Index.open(listing(tmp_path, NAMES[0], DATES[0], (), "a", 0)) as index:
        yield Screener(index)


def customer(record_id: str = "c-1", **facts: Any) -> Record:
    party = Party(Role.CUSTOMER, **{"name": NAMES[0], "birth_date": "1971", **facts})
    return Record(record_id, RecordKind.CUSTOMER, (party,))


def test_a_clearance_of_one_record_silences_no_other(screener: Screener) -> None:
    cleared = screener.clearance(customer(), Role.CUSTOMER, "k-1")
    assert screener.screen(customer(), [cleared])[0].verdict == "pass"
    other = screener.screen(customer("c-2"), [cleared])[0]
    assert (other.verdict, other.suppressed, other.stale) == ("review", (), ())
    everywhere = msgspec.structs.replace(cleared, record_id=EVERY_RECORD)
    assert screener.screen(customer("c-2"), [everywhere])[0].verdict == "pass"
    assert screener.screen(customer("c-2", birth_date=""), [everywhere])[0].stale == ()


def test_a_name_alone_is_cleared_in_no_other_record(screener: Screener) -> None:
    bare = customer(birth_date="")
    everywhere = msgspec.structs.replace(screener.clearance(bare, Role.CUSTOMER, "k-1"), record_id=EVERY_RECORD)
    assert screener.screen(bare, [everywhere])[0].verdict == "review"


def test_a_clearance_that_names_no_record_is_refused(screener: Screener) -> None:
    lost = msgspec.structs.replace(screener.clearance(customer(), Role.CUSTOMER, "k-1"), record_id="")
    for call in (
        lambda: Clearances([lost]),
        lambda: screener.screen(customer(), [lost]),
        lambda: screener.clearance(customer(""), Role.CUSTOMER, "k-1"),
    ):
        with pytest.raises(ScreenError) as caught:
            call()
        assert caught.value.code == "SCR110"
        assert caught.value.expected
        assert caught.value.where
        assert caught.value.todo


@pytest.mark.parametrize(
    ("party", "entry", "reason"),
    [(True, False, "party_changed"), (False, True, "entry_changed"), (True, True, "both_changed")],
)
def test_a_stale_clearance_says_which_side_changed(screener: Screener, party: bool, entry: bool, reason: str) -> None:
    cleared = screener.clearance(customer(), Role.CUSTOMER, "k-1")
    changes = {"party_fingerprint": "0" * 64} if party else {}
    changes |= {"entry_fingerprint": "0" * 64} if entry else {}
    (result,) = screener.screen(customer(), [msgspec.structs.replace(cleared, **changes)])
    assert result.verdict == "review"
    assert [(one.entry_id, one.reason) for one in result.stale] == [("k-1", StaleReason(reason))]


def test_fingerprints_hold_nothing_readable_and_mind_only_what_matters() -> None:
    party = Party(Role.DEBTOR, "Кочедыжников, ВАРФОЛОМЕЙ", aliases=("А", "Б"), birth_date="1971-05-06", country="RU")
    same = Party(Role.CREDITOR, "Кочедыжников Варфоломей", aliases=("Б", "А"), birth_date="1971-05-06", country="ru")
    assert party_fingerprint(party) == party_fingerprint(same)
    assert set(party_fingerprint(party)) <= set("0123456789abcdef")
    purpose = Party(Role.PURPOSE, party.name, aliases=party.aliases, birth_date=party.birth_date, country="RU")
    assert party_fingerprint(purpose) != party_fingerprint(party)
    entry = Entry("L", "1", Kind.PERSON, (Name("Кочедыжников"), Name("Kochedyzhnikov")))
    turned = msgspec.structs.replace(entry, names=entry.names[::-1], programmes=("p",), remarks="r")
    assert entry_fingerprint(entry) == entry_fingerprint(turned)
    assert entry_fingerprint(entry) != entry_fingerprint(msgspec.structs.replace(entry, entry_id="2"))


@pytest.mark.parametrize("text", ["\ud800", "", "а" * 100_000, "\x00", "١٩٧١", "İ"])
def test_any_text_has_a_fingerprint(text: str) -> None:
    party = Party(Role.CUSTOMER, text, aliases=(text,), identifiers=(Identifier("inn", text),), country=text[:9])
    assert len(party_fingerprint(party)) == 64
    entry = Entry("L", "1", Kind.PERSON, (Name(text),), identifiers=(Identifier("inn", text),), gender=text[:9])
    assert len(entry_fingerprint(entry)) == 64


def test_what_is_no_hit_cannot_be_cleared(screener: Screener) -> None:
    with pytest.raises(ScreenError) as caught:
        screener.clearance(customer(name="Некто Другой"), Role.CUSTOMER, "k-1")
    assert caught.value.code == "SCR109"


def lines(*clearances: Clearance) -> bytes:
    return msgspec.json.Encoder().encode_lines(clearances)


GOOD = Clearance("L", "e", "0" * 64, "1" * 64, "r", "debtor")


def test_a_file_of_clearances_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "cleared.jsonl"
    every = msgspec.structs.replace(GOOD, record_id=EVERY_RECORD, role="")
    path.write_bytes(lines(GOOD, every) + b"\n")
    read = read_clearances(path)
    assert read.count == 2
    born, nameless = Party(Role.DEBTOR, "А", birth_date="1971"), Party(Role.DEBTOR, "А")
    assert read.of("L", "e", "r", born) == [GOOD, every]
    assert read.of("L", "e", "other", born) == [every]
    assert read.of("L", "e", "other", nameless) == []
    assert read.of("L", "x", "r", born) == []


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"list_id": "L"}',
        lines(GOOD)[:-2] + b', "more": 1}',
        lines(msgspec.structs.replace(GOOD, party_fingerprint="0" * 63)),
        lines(msgspec.structs.replace(GOOD, entry_fingerprint="G" * 64)),
        lines(msgspec.structs.replace(GOOD, role="boss")),
        lines(msgspec.structs.replace(GOOD, entry_id="")),
        lines(msgspec.structs.replace(GOOD, record_id="")),
        b'{"list_id": "\xff"}',
        b" " * (LINE_SIZE_MAX + 1),
    ],
)
def test_a_broken_line_is_an_error_with_its_place(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "cleared.jsonl"
    path.write_bytes(lines(GOOD) + line)
    with pytest.raises(ScreenError) as caught:
        read_clearances(path)
    assert (caught.value.code, caught.value.where) == ("SCR112", "cleared.jsonl, line 2")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScreenError) as caught:
        read_clearances(tmp_path / "none")
    assert caught.value.code == "SCR111"
    with pytest.raises(ScreenError) as caught:
        Clearances([msgspec.structs.replace(GOOD, party_fingerprint="")])
    assert caught.value.code == "SCR110"
