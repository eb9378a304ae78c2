"""A new index or delta takes over between batches; calls end on what they began with; no bad file replaces a good."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sito import ScreenConfig, Screener, build_index
from sito.changes import build_delta
from sito.errors import IndexFileError, ScreenError
from sito.evidence import edition_name
from sito.generations import Event, Generations, Word
from sito.index import Index

HEADER = "id,schema,name,aliases,birth_date,identifiers,dataset\n"
ALWAYS = "Лестников Аркадий"
MOMENT = datetime.now(UTC)


def write_list(path: Path, names: dict[str, str]) -> Path:
    rows = "".join(f"{key},Person,{name},,1970-01-01,,t\n" for key, name in names.items())
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


class Desk:
    """A folder in which editions are made and put into place, as an operator does: by rename."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index, self.delta = folder / "lists.sito", folder / "lists.sito.delta"
        self.names = {"T-0": ALWAYS, "T-1": "Громедус Филоперт"}
        self.build()

    def build(self) -> None:
        build_index([write_list(self.folder / "a.csv", self.names)], self.index, list_id="OWN")

    def change(self) -> None:
        build_delta(
            self.index, [write_list(self.folder / "b.csv", self.names)], self.delta, list_id="OWN", shrink_max=1.0
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def found(generations: Generations, name: str) -> list[str]:
    with generations.lease() as screener:
        return [hit.entry_id for hit in screener.check(name).hits]


def words(events: list[Event]) -> list[str]:
    return [event.word.value for event in events]


def test_a_new_index_and_a_new_delta_take_over(desk: Desk) -> None:
    events: list[Event] = []
    generations = Generations(desk.index, on_event=events.append)
    assert found(generations, "Вольрик Енотов") == []
    assert not generations.look()
    desk.names["T-2"] = "Вольрик Енотов"
    desk.change()
    assert generations.look()
    assert found(generations, "Вольрик Енотов") == ["T-2"]
    assert found(generations, ALWAYS) == ["T-0"]
    facts = generations.current
    assert facts is not None and facts.number == 2 and facts.info.entry_count == 3
    assert facts.delta is not None and facts.info.delta is not None and facts.info.delta.added == 1
    del desk.names["T-1"]
    desk.change()
    assert generations.look()
    assert found(generations, "Громедус Филоперт") == []
    desk.build()
    desk.delta.unlink()
    assert generations.look()
    facts = generations.current
    assert facts is not None and facts.delta is None and facts.info.entry_count == 2
    assert found(generations, "Вольрик Енотов") == ["T-2"]
    assert words(events) == ["swapped", "closed", "swapped", "closed", "swapped", "closed", "swapped"]
    generations.close()
    assert words(events)[-1] == "closed"
    with pytest.raises(IndexFileError) as caught, generations.lease():
        pass
    assert caught.value.code == "IDX111"


def test_each_generation_has_as_many_large_memories_as_it_is_told(desk: Desk) -> None:
    with Generations(desk.index, searches=1, interval=1e6) as generations:
        for _ in range(2):
            with generations.lease() as screener:
                (segment,) = screener.index.segments()
                taken = [segment.pool.take(segment.matcher) for _ in range(3)]
                assert [work.small for work in taken] == [False, True, True]
                for work in taken:
                    segment.pool.give(work)
            desk.names["T-9"] = "Вольрик Енотов"
            desk.build()
            generations.look()
        with generations.lease() as screener:  # made before it took over
            assert screener.index.segments()[0].pool.count == 3


def test_a_call_ends_on_the_generation_it_began_with(desk: Desk) -> None:
    events: list[Event] = []
    generations = Generations(desk.index, on_event=events.append)
    with generations.lease() as former:
        desk.names = {"T-9": ALWAYS}
        desk.build()
        assert generations.look()
        assert [hit.entry_id for hit in former.check(ALWAYS).hits] == ["T-0"]
        assert found(generations, ALWAYS) == ["T-9"]
        assert words(events) == ["swapped", "swapped"]
    assert words(events) == ["swapped", "swapped", "closed"]
    with pytest.raises(IndexFileError):
        former.check(ALWAYS)


def test_a_delta_shares_the_base_with_the_generation_before(desk: Desk) -> None:
    generations = Generations(desk.index)
    with generations.lease() as former:
        desk.names["T-2"] = "Вольрик Енотов"
        desk.change()
        generations.look()
        with generations.lease() as screener:
            assert screener.index.segments()[0].pool is former.index.segments()[0].pool
    assert found(generations, ALWAYS) == ["T-0"]  # the base is open though its first generation is closed


@pytest.mark.parametrize("what", ["cut", "foreign", "flipped", "empty", "gone", "a delta"])
def test_a_bad_index_never_replaces_a_good_one(desk: Desk, what: str) -> None:
    events: list[Event] = []
    generations = Generations(desk.index, on_event=events.append)
    good = desk.index.read_bytes()
    if what == "gone":
        desk.index.rename(desk.folder / "elsewhere")
    elif what == "a delta":
        desk.change()
        desk.delta.rename(desk.index)
    else:
        bad = {"cut": good[:-100], "foreign": b"PK\3\4" * 50, "empty": b"", "flipped": bytearray(good)}[what]
        if isinstance(bad, bytearray):
            bad[len(bad) // 2] ^= 1
        (desk.folder / "new").write_bytes(bad)
        (desk.folder / "new").rename(desk.index)
    assert not generations.look()
    assert words(events) == ["swapped", "refused"]
    assert events[1].code.startswith("IDX") and list(generations.refusals) == ["lists.sito"]
    assert found(generations, ALWAYS) == ["T-0"]
    assert not generations.look() and len(events) == 2  # told once
    (desk.folder / "new").write_bytes(good)
    (desk.folder / "new").rename(desk.index)
    assert generations.look() and not generations.refusals


def test_a_bad_or_missing_delta_leaves_the_one_in_use(desk: Desk) -> None:
    events: list[Event] = []
    desk.names["T-2"] = "Вольрик Енотов"
    desk.change()
    generations = Generations(desk.index, on_event=events.append)
    good = desk.delta.read_bytes()
    for bad in (good[:-1], b"no delta", desk.index.read_bytes(), None):
        desk.delta.unlink(missing_ok=True)
        if bad is not None:
            desk.delta.write_bytes(bad)
        assert not generations.look()
        assert found(generations, "Вольрик Енотов") == ["T-2"]
    assert [event.code for event in events] == ["", "IDX104", "IDX102", "IDX109", "IDX101"]
    desk.delta.write_bytes(good)
    assert generations.look()


def test_a_delta_of_another_index_is_refused_until_its_index_comes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Event] = []
    generations = Generations(desk.index, on_event=events.append)
    other = desk.folder / "other"
    other.mkdir()
    later = Desk(other)
    later.names["T-2"] = "Вольрик Енотов"
    monkeypatch.setattr("sito.changes.datetime", _Later)
    later.build()
    later.change()
    later.names["T-3"] = "Жвамшович Пётр"
    later.change()
    later.delta.rename(desk.delta)
    assert not generations.look()
    assert events[-1].word is Word.REFUSED and events[-1].code == "IDX110"
    assert found(generations, "Жвамшович Пётр") == []
    later.index.rename(desk.index)
    assert generations.look()
    assert found(generations, "Жвамшович Пётр") == ["T-3"]
    # A delta that a newer index has overtaken is left out, also at the start.
    monkeypatch.setattr("sito.build.datetime", _Latest)
    desk.names = later.names
    desk.build()
    assert generations.look()
    assert Word.OBSOLETE in [event.word for event in events]
    assert found(generations, "Жвамшович Пётр") == ["T-3"]
    facts = Generations(desk.index).current
    assert facts is not None and facts.delta is None


def test_a_delta_of_the_same_second_as_the_index_is_not_taken_for_overtaken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times are whole seconds: a delta of another index, of the same second, may hold what this index does not."""
    events: list[Event] = []
    monkeypatch.setattr("sito.build.datetime", _Later)
    desk.build()
    generations = Generations(desk.index, on_event=events.append)
    other = desk.folder / "other"
    other.mkdir()
    later = Desk(other)
    later.names["T-2"] = "Вольрик Енотов"
    later.build()
    later.names["T-3"] = "Жвамшович Пётр"
    monkeypatch.setattr("sito.changes.datetime", _Later)
    later.change()
    later.delta.rename(desk.delta)
    assert not generations.look()
    assert events[-1].word is Word.REFUSED and events[-1].code == "IDX110"
    # One of that index which says it is older than its base is not overtaken either.
    desk.delta.unlink()
    monkeypatch.setattr("sito.changes.datetime", datetime)
    later.change()
    later.delta.rename(desk.delta)
    assert not generations.look()
    assert events[-1].code == "IDX110"
    generations.close()


class _Later(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return MOMENT + timedelta(hours=1)


class _Latest(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime.now(UTC) + timedelta(hours=2)


def test_a_start_needs_files_that_may_be_used(desk: Desk) -> None:
    desk.delta.write_bytes(b"no delta")
    with pytest.raises(IndexFileError) as caught:
        Generations(desk.index)
    assert caught.value.code == "IDX102"
    desk.delta.unlink()
    with pytest.raises(ScreenError):
        Generations(desk.index, config=ScreenConfig(score_min_by_list={"NOT-THERE": 0.9}))
    generations = Generations(desk.folder / "later.sito", required=False)
    assert generations.current is None
    desk.index.rename(desk.folder / "later.sito")
    assert generations.look()
    assert found(generations, ALWAYS) == ["T-0"]


def test_a_delta_that_cannot_be_looked_at_is_not_one_that_is_not_there(desk: Desk) -> None:
    desk.delta.symlink_to(desk.delta.name)  # as a folder without rights, or a disk that fails
    with pytest.raises(IndexFileError, match="IDX101"):
        Generations(desk.index)
    desk.delta.unlink()
    desk.names["T-2"] = "Вольрик Енотов"
    desk.change()
    generations = Generations(desk.index)
    desk.delta.unlink()
    desk.delta.symlink_to(desk.delta.name)
    assert not generations.look() and [refusal.code for refusal in generations.refusals.values()] == ["IDX101"]
    assert found(generations, "Вольрик Енотов") == ["T-2"]
    generations.close()


def test_a_generation_that_fails_its_test_is_refused(desk: Desk) -> None:
    events: list[Event] = []

    def check(screener: Screener) -> None:
        if not screener.check(ALWAYS).hits:
            raise LookupError(ALWAYS)

    generations = Generations(desk.index, check=check, on_event=events.append)
    desk.names.pop("T-0")
    desk.build()
    assert not generations.look()
    assert events[-1].code == "IDX112" and ALWAYS not in events[-1].message
    assert found(generations, ALWAYS) == ["T-0"]


def test_a_fault_of_ours_leaves_the_generation_in_use_and_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Event] = []
    with Generations(desk.index, on_event=told.append, interval=60.0) as generations:
        desk.names["T-2"] = "Кварцевич Поликсена"
        desk.build()
        with monkeypatch.context() as broken:
            broken.setattr("sito.generations.RETRY_SECONDS", 0.0)
            broken.setattr(Index, "open", lambda *_args, **_words: 1 // 0)
            assert not generations.look()
        assert [event.word for event in told if event.word is Word.REFUSED] == [Word.REFUSED]
        assert generations.current is not None and generations.current.number == 1
        with generations.lease() as screener:
            assert screener.check(ALWAYS).hits
        assert generations.look()
        with generations.lease() as screener:
            assert screener.check("Кварцевич Поликсена").hits


def test_an_index_without_memory_to_be_searched_is_refused_and_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Event] = []
    with Generations(desk.index, on_event=told.append, interval=60.0) as generations:
        desk.names["T-2"] = "Кварцевич Поликсена"
        desk.build()
        with monkeypatch.context() as broken:
            broken.setattr("sito.generations.RETRY_SECONDS", 0.0)
            broken.setattr("sito.index.Workspaces.prepare", lambda *_: bytearray(1 << 62))
            assert not generations.look()
        assert [event.word for event in told] == [Word.SWAPPED, Word.REFUSED] and generations.refusals
        assert found(generations, ALWAYS)
        assert generations.look() and not generations.refusals
        assert found(generations, "Кварцевич Поликсена") == ["T-2"]


def test_age_is_that_of_the_newer_file(desk: Desk) -> None:
    facts = Generations(desk.index).current
    assert facts is not None
    assert facts.age_seconds(facts.built_at + timedelta(hours=3)) == 3 * 3600
    assert 0 <= facts.age_seconds() < 600


def test_a_delta_is_live_soon_after_it_lands(desk: Desk, patience: float) -> None:
    done = threading.Event()
    with Generations(
        desk.index, interval=0.05, on_event=lambda event: done.set() if event.generation == 2 else None
    ) as generations:
        desk.names |= {f"N-{i}": f"Новиченков Пётр {i:04d}" for i in range(2000)}
        desk.change()
        begun = time.monotonic()
        assert done.wait(5 * patience)
        assert time.monotonic() - begun < 1.0 * patience
        assert found(generations, "Новиченков Пётр 0007")


def test_under_load_swaps_lose_nothing(desk: Desk, patience: float) -> None:
    """Threads screen while the index, then deltas, are replaced: every answer is that of one edition, none fails."""
    failures: list[object] = []
    counts = [0] * 3
    stop = threading.Event()
    serials: list[int] = []

    def work(number: int) -> None:
        last = 0
        try:
            while not stop.is_set():
                with generations.lease() as screener:
                    assert [hit.entry_id for hit in screener.check(ALWAYS).hits] == ["T-0"]
                    serial = [hit.entry_id for hit in screener.check("Серийный Номер").hits]
                    assert len(serial) <= 1
                    at = int(serial[0].removeprefix("S-")) if serial else 0
                    assert at >= last  # no answer of an older edition after that of a newer one
                    last = at
                counts[number] += 1
            serials.append(last)
        except Exception as error:  # shown below
            failures.append(error)

    with Generations(desk.index, interval=0.01) as generations:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        try:
            for serial in range(1, 13):
                desk.names.pop(f"S-{serial - 1}", None)
                desk.names[f"S-{serial}"] = "Серийный Номер"
                number = generations.current.number if generations.current else 0
                if serial % 4 == 0:
                    desk.delta.unlink(missing_ok=True)
                    desk.build()
                else:
                    desk.change()
                until = time.monotonic() + 10 * patience
                while generations.current is None or generations.current.number == number:
                    assert time.monotonic() < until
                    time.sleep(0.005)
            time.sleep(0.05 * patience)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not failures
        assert min(counts) > 0 and serials == [12] * 3


class Editions(RuleBasedStateMachine):
    """Whatever is added, changed, removed, rebuilt, damaged and leased: what is in use answers as its own edition."""

    folders: Iterator[Path]

    @initialize()
    def begin(self) -> None:
        self.desk = Desk(next(self.folders))
        self.events: list[Event] = []
        self.generations = Generations(self.desk.index, on_event=self.events.append)
        self.live = dict(self.desk.names)
        self.leases: list[tuple[object, Screener, dict[str, str]]] = []
        self.serial = 0

    @rule(name=st.sampled_from(("Вольрик", "Енотов", "Громедус", "Жвамшович")))
    def add(self, name: str) -> None:
        self.serial += 1
        self.desk.names[f"A-{self.serial}"] = f"{name} {'абвгдежзик'[self.serial % 10] * 5}"

    @rule(place=st.integers(0, 20))
    def change(self, place: int) -> None:
        keys = list(self.desk.names)
        self.serial += 1
        self.desk.names[keys[place % len(keys)]] = f"Переменов {'абвгдежзик'[self.serial % 10] * 5}"

    @precondition(lambda self: len(self.desk.names) > 2)
    @rule(place=st.integers(0, 20))
    def remove(self, place: int) -> None:
        self.desk.names.pop(list(self.desk.names)[place % len(self.desk.names)])

    @rule()
    def swap_delta(self) -> None:
        self.desk.change()
        assert self.generations.look()
        self.live = dict(self.desk.names)

    @rule()
    def swap_base(self) -> None:
        self.desk.build()
        self.desk.delta.unlink(missing_ok=True)
        assert self.generations.look()
        self.live = dict(self.desk.names)

    @rule()
    def damage(self) -> None:
        kept = self.desk.delta.read_bytes() if self.desk.delta.exists() else None
        self.desk.delta.write_bytes(b"damaged")
        assert not self.generations.look()
        if kept is None:
            self.desk.delta.unlink()
            self.generations.look()
        else:
            self.desk.delta.write_bytes(kept)
            assert self.generations.look()

    @precondition(lambda self: len(self.leases) < 3)
    @rule()
    def lease(self) -> None:
        context = self.generations.lease()
        self.leases.append((context, context.__enter__(), dict(self.live)))

    @precondition(lambda self: self.leases)
    @rule(place=st.integers(0, 2))
    def give_back(self, place: int) -> None:
        context, *_ = self.leases.pop(place % len(self.leases))
        context.__exit__(None, None, None)  # type: ignore[attr-defined]

    @invariant()
    def answers(self) -> None:
        if not hasattr(self, "generations"):
            return
        with self.generations.lease() as current:
            for screener, names in [(current, self.live), *(rest for _, *rest in self.leases)]:
                entries = {
                    (entry := screener.index.entry(i)).entry_id: entry.names[0].text
                    for i in range(screener.index.info.entry_count)
                }
                assert entries == names
                for key, name in list(names.items())[-2:]:
                    hits = [hit for hit in screener.check(name).hits if hit.score >= 0.99]
                    assert key in {hit.entry_id for hit in hits}
                    assert all(names[hit.entry_id] == name for hit in hits)
                    assert {hit.edition for hit in hits} == {edition_name(screener.index.edition(0))}

    def teardown(self) -> None:
        if hasattr(self, "generations"):
            while self.leases:
                self.give_back(0)
            self.generations.close()
            swapped = words(self.events).count("swapped")
            assert words(self.events).count("closed") == swapped


def test_editions_come_and_go(tmp_path_factory: pytest.TempPathFactory) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Editions.folders = (tmp_path_factory.mktemp("editions") for _ in iter(int, 1))
    run_state_machine_as_test(Editions, settings=settings(max_examples=15, stateful_step_count=15))


def test_a_whole_index_is_closed_with_its_last_generation(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    close = Index.close
    monkeypatch.setattr(Index, "close", lambda self: (closed.append(Path(self.info.path).name), close(self))[1])
    generations = Generations(desk.index)
    with generations.lease():
        desk.change()
        closed.clear()  # those of the builder
        generations.look()
        generations.close()
        assert closed == ["lists.sito.delta"]
    assert closed == ["lists.sito.delta", "lists.sito"]
