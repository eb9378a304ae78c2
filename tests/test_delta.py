"""An index with a delta over it answers as a whole index of the new editions: hits, scores, order, flags, editions."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito import Index, ScreenConfig, Screener, build_index
from sito.changes import build_delta
from sito.delta import UpdatedIndex, joined, over
from sito.entries import Kind
from sito.errors import IndexFileError, ListError
from sito.index import GONE, Segment, write_index
from sito.records import Party, Record, RecordKind, Role

HEADER = ("id", "schema", "name", "aliases", "birth_date", "identifiers", "dataset")
KINDS = {"P": "Person", "C": "Company", "V": "Vessel"}
PIECES = (  # noqa: SIM905  (one word a line would hide the table)
    "Иванов Иван Иванович Ivanov Петров Пётр Петра Магомедов Магомед Магомедали Али аль Хасан И П 2 «Волга» ООО "
    "Ромашка Romashka LLC Банк Volga Завод Строительная Компания Управление НИИ Кызыл Кум Кызылкум Бдфг Бдвг Абд "
    "Абдальхасан Кумилов Кумирлтов Жвамшович Сергей Siarhei Николаевич محمد علي Мухаммад Мохаммед теплоход Иванав И.И. "
    "ИП Акум"
).split()
WORD = st.sampled_from(PIECES) | st.sampled_from(PIECES) | st.text("иванкуmaeg", min_size=2, max_size=8)
NAME = st.lists(WORD, min_size=1, max_size=7).map(" ".join)
ROW = st.tuples(st.sampled_from("PPCV"), NAME, st.lists(NAME, max_size=1), st.booleans())
TEXT = st.lists(st.tuples(WORD, st.sampled_from((" ", " ", ", ", "; ", ". "))), min_size=1, max_size=9).map(
    lambda pieces: "".join(word + gap for word, gap in pieces)
)
Rows = Sequence[tuple[str, tuple[str, str, list[str], bool]]]


def write_list(path: Path, rows: Rows) -> Path:
    """Write a list of (entry id, (kind, name, aliases, has a number))."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for entry_id, (kind, name, aliases, numbered) in rows:
            numbers = "7707083893" if numbered else ""
            born = 1910 + sum(entry_id.encode()) % 90
            writer.writerow((entry_id, KINDS[kind], name, ";".join(aliases), born, numbers, "t"))
    return path


def records_of(texts: Sequence[str]) -> list[Record]:
    return [
        Record(
            str(number), RecordKind.PAYMENT,
            (
                Party(Role.DEBTOR, text, Kind.UNKNOWN, text=text), Party(Role.PURPOSE, text),
                Party(Role.PURPOSE, f"{text} ИНН 7707083893"),
            ),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip


def answers(index: Index | UpdatedIndex, texts: Sequence[str], config: ScreenConfig) -> list[object]:
    return list(Screener(index, config).screen_batch(records_of(texts)).results(all=True))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Path, Path, Path]]:
    """A base, a delta and a whole index of the new edition."""
    old = [(f"T-{i}", ("P", f"Лестников Аркадий {i:03d}", [], i % 50 == 0)) for i in range(200)]
    new = [*old[:50], ("T-new", ("P", "Громедус Филоперт", [], True)), *old[60:199]]
    new[7] = ("T-7", ("P", "Вольрик Енотов", [], False))
    write_list(tmp_path / "old.csv", old)
    write_list(tmp_path / "new.csv", new)
    build_index([tmp_path / "old.csv"], tmp_path / "base.sito", list_id="OWN")
    build_index([tmp_path / "new.csv"], tmp_path / "whole.sito", list_id="OWN")
    build_delta(tmp_path / "base.sito", [tmp_path / "new.csv"], tmp_path / "base.delta", list_id="OWN")
    return tmp_path / "base.sito", tmp_path / "base.delta", tmp_path / "whole.sito"


@settings(max_examples=120)
@given(
    st.lists(ROW, min_size=1, max_size=10),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(("add", "change", "remove", "move")), ROW), max_size=8),
    st.lists(TEXT, min_size=1, max_size=4),
    st.sampled_from([0.3, 0.6, 0.85]),
    st.sampled_from([1, 2, 50]),
)
@example(
    [("P", "Кумилов Иван", [], False)], [(0, "change", ("P", "Кумилов Сергей", [], False))], ["Кумилов С"], 0.3, 50
)
def test_base_and_delta_answer_as_a_whole_index(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, list[str], bool]],
    edits: list[tuple[int, str, tuple[str, str, list[str], bool]]],
    texts: list[str],
    score_min: float,
    hit_limit: int,
) -> None:
    folder = tmp_path_factory.mktemp("delta")
    old = [(f"T-{i}", row) for i, row in enumerate(rows)]
    new = list(old)
    for number, (place, what, row) in enumerate(edits):
        at = place % max(1, len(new))
        if what == "add" or not new:
            new.insert(at, (f"T-new-{number}", row))
        elif what == "change":
            new[at] = (new[at][0], row)
        elif len(new) > 1:
            entry = new.pop(at)
            if what == "move":
                new.append(entry)
    texts = [*texts, *(row[1] for _, row in (*old, *new))]
    write_list(folder / "old.csv", old)
    write_list(folder / "new.csv", new)
    build_index([folder / "old.csv"], folder / "base.sito", list_id="OWN")
    build_index([folder / "new.csv"], folder / "whole.sito", list_id="OWN")
    build_delta(folder / "base.sito", [folder / "new.csv"], folder / "d.sito", list_id="OWN", shrink_max=1.0)
    config = ScreenConfig(score_min=score_min, hit_limit=hit_limit, fingerprints=True)
    with (
        UpdatedIndex.open(folder / "base.sito", folder / "d.sito") as updated,
        Index.open(folder / "whole.sito") as whole,
    ):
        assert [updated.entry(i) for i in range(updated.info.entry_count)] == [
            whole.entry(i) for i in range(whole.info.entry_count)
        ]
        assert (updated.info.entry_count, updated.info.name_count) == (whole.info.entry_count, whole.info.name_count)
        assert answers(updated, texts, config) == answers(whole, texts, config)


def both(pair: tuple[Path, Path, Path], texts: Sequence[str], config: ScreenConfig) -> list[object]:
    """Return what base and delta answer, and see to it that a whole index answers the same."""
    with UpdatedIndex.open(*pair[:2]) as updated, Index.open(pair[2]) as whole:
        found = answers(updated, texts, config)
        assert found == answers(whole, texts, config)
        return found


def test_gone_entries_use_up_no_limit(pair: tuple[Path, Path, Path]) -> None:
    for limit in (1, 5, 50, 500):
        both(pair, ["Лестников Аркадий", "Лестников А"], ScreenConfig(score_min=0.6, hit_limit=limit))


def test_gone_entries_are_no_candidates(tmp_path: Path) -> None:
    """More names than are ever candidates hold the words; all but one are gone."""
    crowd = [(f"T-{i}", ("P", f"Лестников Аркадий {'абвгдежзик'[i % 10]}{i}", [], False)) for i in range(9000)]
    build_index([write_list(tmp_path / "old.csv", crowd)], tmp_path / "base.sito", list_id="OWN")
    new = [crowd[8500], *((f"N-{i}", ("C", f"ООО Ромашка {i}", [], False)) for i in range(900))]
    paths = (tmp_path / "base.sito", tmp_path / "d.sito", tmp_path / "whole.sito")
    build_delta(paths[0], [write_list(tmp_path / "new.csv", new)], paths[1], list_id="OWN", shrink_max=1.0)
    build_index([tmp_path / "new.csv"], paths[2], list_id="OWN")
    found = both(paths, ["Лестников Аркадий"], ScreenConfig(score_min=0.6))
    assert "T-8500" in str(found) and "candidates" not in str(found)


def test_lists_that_have_no_new_edition_stay(tmp_path: Path) -> None:
    lists = {}
    for name in ("ONE", "TWO", "THREE"):
        rows = [(f"{name}-{i}", ("P", f"Лестников {name} {i}", [], False)) for i in range(5)]
        lists[name] = write_list(tmp_path / f"{name}.csv", rows)
    base, first, second = (tmp_path / f"{name}.sito" for name in ("base", "first", "second"))
    for name, path in lists.items():  # a folder of lists would get one id
        path.write_text(path.read_text("utf-8").replace(",t\n", f",{name.lower()}\n"), encoding="utf-8")
    build_index([lists["ONE"], lists["TWO"]], base)
    rows = [("TWO-0", ("P", "Енотов Вольрик", [], False)), ("TWO-1", ("P", "Лестников TWO 1", [], False))]
    changed = write_list(tmp_path / "TWO.csv", rows)
    changed.write_text(changed.read_text("utf-8").replace(",t\n", ",two\n"), encoding="utf-8")
    told = build_delta(base, [changed], first, shrink_max=0.9)
    assert told.delta is not None
    assert (told.delta.added, told.delta.changed, told.delta.removed) == (0, 1, 3)
    told = build_delta(base, [lists["THREE"]], second, previous=first)
    assert [edition.list_id for edition in told.editions] == ["OS-ONE", "OS-TWO", "OS-THREE"]
    with UpdatedIndex.open(base, second) as updated:
        assert [updated.entry(i).entry_id for i in range(updated.info.entry_count)] == [
            *(f"ONE-{i}" for i in range(5)), "TWO-0", "TWO-1", *(f"THREE-{i}" for i in range(5)),
        ]  # fmt: skip
        assert [updated.edition(i).list_id for i in (0, 5, 6, 7)] == ["OS-ONE", "OS-TWO", "OS-TWO", "OS-THREE"]
        assert updated.edition(6).files[0][0] == "TWO.csv" and updated.edition(6).entry_count == 2
        assert [list(updated.positions(i)) for i in range(3)] == [[*range(5)], [5, 6], [*range(7, 12)]]


def test_a_delta_that_takes_the_place_of_another_keeps_its_lists(tmp_path: Path) -> None:
    """Whoever updates one list and forgets `previous` must not take back what came in force of another one."""
    head = "id,schema,name,aliases,birth_date,identifiers,dataset\n"
    one, other, output = tmp_path / "one.csv", tmp_path / "other.csv", tmp_path / "lists.delta"
    one.write_text(head + "T-1,Person,Лестников Аркадий,,,,One\n", "utf-8")
    other.write_text(head + "T-2,Person,Громедус Филоперт,,,,Other\n", "utf-8")
    build_index([one, other], tmp_path / "lists.sito")
    other.write_text(other.read_text("utf-8") + "T-3,Person,Вольрик Енотов,,,,Other\n", "utf-8")
    build_delta(tmp_path / "lists.sito", [other], output)
    one.write_text(one.read_text("utf-8") + "T-4,Person,Тюлькин Аввакум,,,,One\n", "utf-8")
    build_delta(tmp_path / "lists.sito", [one], output)
    with UpdatedIndex.open(tmp_path / "lists.sito", output) as index:
        screener = Screener(index)
        for name in ("Вольрик Енотов", "Тюлькин Аввакум", "Громедус Филоперт", "Лестников Аркадий"):
            assert screener.check(name).verdict == "review"
    output.write_bytes(output.read_bytes()[:-1])  # what it held cannot be told any more
    with pytest.raises(IndexFileError, match="IDX104"):
        build_delta(tmp_path / "lists.sito", [one], output)
    one.write_text(head + "T-9,Person,Громедус Аввакум,,,,One\n", "utf-8")
    build_index([one, other], tmp_path / "new.sito")
    build_delta(tmp_path / "lists.sito", [one], tmp_path / "of-lists.delta", shrink_max=1.0)
    build_delta(tmp_path / "new.sito", [one], tmp_path / "of-lists.delta")  # of another index: nothing to keep


def test_an_edition_that_only_lost_entries_is_a_delta_without_any(tmp_path: Path) -> None:
    old = [(f"T-{i}", ("P", f"Лестников {'абвгд'[i] * 5}", [], True)) for i in range(5)]
    paths = (tmp_path / "base.sito", tmp_path / "d.sito", tmp_path / "whole.sito")
    build_index([write_list(tmp_path / "old.csv", old)], paths[0], list_id="OWN")
    build_index([write_list(tmp_path / "new.csv", old[1:])], paths[2], list_id="OWN")
    build_delta(paths[0], [tmp_path / "new.csv"], paths[1], list_id="OWN")
    both(paths, ["Лестников ааааа", "Лестников ббббб"], ScreenConfig(score_min=0.3))


def test_too_many_changes_are_a_case_for_a_new_index(pair: tuple[Path, Path, Path]) -> None:
    base, delta, _ = pair
    before = delta.read_bytes()
    folder = base.parent
    for limit, fits in ((13, True), (12, False), (1, False)):  # one added, one changed, eleven removed
        if fits:
            build_delta(base, [folder / "new.csv"], folder / "x.sito", list_id="OWN", changes_max=limit)
            continue
        with pytest.raises(IndexFileError) as caught:
            build_delta(base, [folder / "new.csv"], delta, list_id="OWN", changes_max=limit)
        assert caught.value.code == "IDX205"
    assert delta.read_bytes() == before


def test_a_shrunken_edition_is_refused_as_by_a_build(pair: tuple[Path, Path, Path]) -> None:
    small = write_list(pair[0].parent / "small.csv", [("T-1", ("P", "Лестников Аркадий 001", [], False))])
    with pytest.raises(ListError) as caught:
        build_delta(pair[0], [small], pair[1], list_id="OWN")
    assert caught.value.code == "LST203"


def code_of(base: Path, delta: Path) -> str:
    with pytest.raises(IndexFileError) as caught:
        UpdatedIndex.open(base, delta)
    return caught.value.code


def test_files_in_the_wrong_place_are_refused(pair: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, delta, whole = pair
    assert code_of(whole, delta) == "IDX110"
    assert code_of(base, whole) == "IDX109"
    assert code_of(delta, delta) == "IDX109"
    data = bytearray(delta.read_bytes())
    for at in range(24, 200, 13):
        data[at] ^= 1
        (tmp_path / "harmed").write_bytes(data)
        assert code_of(base, tmp_path / "harmed") == "IDX105"
        data[at] ^= 1
    data[:8] = b"SITOINDX"  # one in the dress of the other
    (tmp_path / "dress").write_bytes(data)
    with pytest.raises(IndexFileError):
        Index.open(tmp_path / "dress")


def test_equal_content_has_one_digest(pair: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, delta, _ = pair
    again = build_index([base.parent / "old.csv"], tmp_path / "again.sito", list_id="OWN")
    with Index.open(base) as index:
        assert again.digest == index.info.digest
    with over(Index.open(tmp_path / "again.sito"), delta) as updated:
        assert updated.info.digest != again.digest


@pytest.mark.parametrize("place", ["base twice", "delta twice", "base outside", "delta outside", "gone too", "edition"])
def test_places_that_do_not_fit_are_refused_though_checksums_do(
    pair: tuple[Path, Path, Path], tmp_path: Path, place: str
) -> None:
    base, delta, _ = pair
    with Index.open_as(delta, delta=True) as opened:
        facts = opened.info.delta
        assert facts is not None
        arrays = {name: array.copy() for name, array in opened.arrays.items()}
        header = {
            "engine": "0", "built_at": opened.info.built_at, "delta": msgspec.to_builtins(facts),
            "editions": [{"list_id": "OWN", "format": "t"}],
        }  # fmt: skip
    match place:
        case "base twice":
            arrays["base_ranks"][0] = arrays["base_ranks"][1]
        case "delta twice":
            arrays["entry_ranks"][0] = arrays["base_ranks"][1]
        case "base outside":
            arrays["base_ranks"][0] = GONE - 1
        case "delta outside":
            arrays["entry_ranks"][0] = GONE
        case "gone too":
            arrays["base_ranks"][0] = GONE
        case _:
            header["editions"] = [{"list_id": "OTHER", "format": "t"}]
    write_index(tmp_path / "wild", arrays, header)
    assert code_of(base, tmp_path / "wild") == "IDX106"


def test_a_closed_index_with_a_delta_refuses_all_but_its_description(pair: tuple[Path, Path, Path]) -> None:
    updated = UpdatedIndex.open(*pair[:2])
    screener = Screener(updated)
    batch = screener.screen_batch(records_of(["Громедус Филоперт"]))
    assert list(batch.results())
    updated.close()
    updated.close()
    for late in (
        lambda: updated.entry(0), lambda: updated.edition(0), lambda: updated.name_of(0, 0), lambda: Screener(updated),
        lambda: updated.names_of(0), lambda: updated.identifier_of(0, 0), lambda: updated.positions(0),
        lambda: screener.check("Громедус"), lambda: list(batch.results()),
    ):  # fmt: skip
        with pytest.raises(IndexFileError) as caught:
            late()
        assert caught.value.code == "IDX108"
    assert updated.info.entry_count == 190


def test_names_and_numbers_are_told_of_both_parts(pair: tuple[Path, Path, Path]) -> None:
    with UpdatedIndex.open(*pair[:2]) as updated, Index.open(pair[2]) as whole:
        for position in (0, 7, 50, 60, 189):
            entry = updated.entry(position)
            assert entry == whole.entry(position)
            assert [updated.name_of(position, name) for name in updated.names_of(position)] == [
                whole.name_of(position, name) for name in whole.names_of(position)
            ]
        record = Record(
            "1", RecordKind.CUSTOMER, (Party(Role.CUSTOMER, "Громедус Филаперт", text="Громедус Филаперт"),)
        )
        found, same = (Screener(index).explain(record, "T-new") for index in (updated, whole))
        assert found and found == same


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 5), st.booleans()), max_size=40),
    st.integers(1, 8),
)
def test_hits_of_parts_join_as_one_search_would_sort_and_cut(
    rows: list[tuple[int, int, int, bool]], hit_limit: int
) -> None:
    seen = {(item, entry): (item, entry, score / 5, above) for item, entry, score, above in rows}
    ordered = sorted(seen.values(), key=lambda row: (row[0], -row[2], row[1]))

    def hits(part: list[tuple[int, int, float, bool]]):
        kept = [row for n, row in enumerate(part) if sum(other[0] == row[0] for other in part[:n]) < hit_limit]
        flags = np.zeros(4, dtype=np.uint8)
        for item in {row[0] for row in part}:
            flags[item] = 64 * (sum(row[0] == item for row in part) > hit_limit)
        items, entries, scores, _ = zip(*kept, strict=True) if kept else ((), (), (), ())
        column = np.asarray(entries, dtype=np.uint32)
        return (
            np.asarray(items, dtype=np.uint32), column, column, np.zeros((len(column), 2), np.uint32),
            np.asarray(scores, dtype=np.float64), np.zeros(len(column), np.uint8), flags,
        )  # fmt: skip

    parts = [[row for row in ordered if row[3] is above] for above in (False, True)]
    segment = Segment(None, None, 0, 0)  # type: ignore[arg-type]
    found = joined([(segment, hits(part)) for part in parts], hit_limit)
    for left, right in zip(found, hits(ordered), strict=True):
        assert np.array_equal(left, right)


PERSON_WORDS = ("Вурдобай", "Гремедун", "Джамбуразов", "Крещубин", "Лотрамуш", "Мезгубар")  # nobody bears them


@pytest.mark.parametrize(
    ("kept", "added", "texts"),
    [
        pytest.param(["Кумилав Иван"], ["Кумилов Сергей"], ["Кумилав С"], id="a slip beside an initial"),
        pytest.param(
            ["Кумирлтов Иван", "Кумирлтов"], ["Кумилов Аркадий Петрович"], ["Кумирлтов Аркадий Петрович"],
            id="a word too far from the listed one",
        ),
        pytest.param(
            ["Бурдамарков Пётр", "Шавкатжонн Али"], ["Бурдомаров Шавкатжон"], ["Бурдамарков Шавкатжонн"],
            id="slips in both words",
        ),
        pytest.param(
            ["Кумирлтов Пётр", "Аркадиус Х"], ["Кумилов Николай Владимирович"], ["Кумирлтов Микола Володимирович"],
            id="other forms of the words beside",
        ),
        pytest.param(["Бодуг Имонура"], ["Итимонура Пётр"], ["бодугитимонура"], id="two words or three, the rest"),
        pytest.param(["Бодуг Имонура"], ["Ит Пётр"], ["бодугитимонура"], id="two words or three, the middle"),
        pytest.param(
            ["Бодуг Имонура", "Бодуг Тимонура"], ["Ити Пётр", "Монура Али"], ["бодугитимонура"], id="ways to cut"
        ),
        pytest.param(
            [" ".join(PERSON_WORDS)], [f"{word} {other}" for word in PERSON_WORDS[:3] for other in ("Иван", "Пётр")],
            [f"{left} {right}" for left in PERSON_WORDS for right in PERSON_WORDS if left != right],
            id="the rarest words of a long name",
        ),
        pytest.param(["محمد علي"], ["Mhmd Ali", "Махмуд Али"], ["Мухаммад Али", "Mhmd Ali", "Махмад Али"], id="vowels"),
        pytest.param(
            ["Сибирской Вурдобай"], ["ООО Сибирский Вурдобай", "ООО Сибирскою"], ["Сибирские Вурдобай"],
            id="a word of firms",
        ),
        pytest.param(["Петров Иван"], ["Петрова Иван", "Петр Иван"], ["Петрову Ивану", "Петра Ивана"], id="case forms"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_no_listed_name_hides_another(
    tmp_path: Path, kept: list[str], added: list[str], texts: list[str], turned: bool
) -> None:
    """Whichever names stand in the base, in the delta, or are gone: what is found of the others is the same."""
    if turned:
        kept, added = added, kept
    paths = (tmp_path / "base.sito", tmp_path / "d.sito", tmp_path / "whole.sito")
    before = [(f"K-{i}", ("C" if "ООО" in name else "P", name, [], False)) for i, name in enumerate(kept)]
    after = [(f"A-{i}", ("C" if "ООО" in name else "P", name, [], False)) for i, name in enumerate(added)]
    one, two = write_list(tmp_path / "one.csv", before), write_list(tmp_path / "two.csv", [*before, *after])
    build_index([one], paths[0], list_id="OWN")
    build_index([two], paths[2], list_id="OWN")
    build_delta(paths[0], [two], paths[1], list_id="OWN")
    config = ScreenConfig(score_min=0.3)
    both(paths, texts, config)
    build_index([two], paths[0], list_id="OWN")
    build_index([one], paths[2], list_id="OWN")
    build_delta(paths[0], [one], paths[1], list_id="OWN", shrink_max=1.0)
    both(paths, texts, config)


def test_ranks_are_one_for_each_entry(pair: tuple[Path, Path, Path]) -> None:
    with Index.open(pair[0]) as index:
        for count in (0, 199, 201):
            with pytest.raises(ValueError, match="ranks"):
                index.matcher.ranked(np.zeros(count, dtype=np.uint32))
        view = index.matcher.ranked(np.full(200, GONE, dtype=np.uint32))
        text = "Лестников Аркадий".encode()
        starts = np.asarray([0, len(text)], dtype=np.int64)
        work = view.workspace(small=True)  # belongs to the index, and so to all its views
        for matcher, count in ((view, 0), (index.matcher, 50)):
            found = matcher.screen(work, np.frombuffer(text, dtype=np.uint8), starts, 0, 0.5, 50)
            assert len(found[0]) == count and bool(found[-1][0] & 64) == bool(count)
