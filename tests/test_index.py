"""An index is whole, of this version and unharmed, or it is refused; a build replaces it in one step or not at all."""

import errno
import gc
import mmap
import os
import struct
import threading
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgpack
import msgspec
import numpy as np
import pytest

from sito import Index, Screener, build_index
from sito import index as module
from sito.build import Builder
from sito.entries import Entry, Kind, ListEdition, Name
from sito.errors import IndexFileError, ListError
from sito.screen import one_customer
from sito_ext.matcher import Matcher
from sito_ext.workspace import Workspace

HEADER = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,"
    "sanctions,phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n"
)


def write_list(path: Path, count: int = 300) -> Path:
    rows = "".join(
        f"T-{i},Person,Лестников Аркадий {i:04d}ович,Lestnikov Arkady {i},1970-01-01,ru,,,,,,,test,,,\n"
        for i in range(count)
    )
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    build_index([write_list(tmp_path / "list.csv")], tmp_path / "a.sito")
    return tmp_path / "a.sito"


def test_equal_lists_give_equal_indexes(tmp_path: Path) -> None:
    rows = "".join(
        f"T-{i},{kind},{name} {i},{name}{i};Research Institute {name},,,,IMO 907472{i};77078309{i}3,,,,,test,,,\n"
        for i, (kind, name) in enumerate((kind, name) for kind in ("Company", "Vessel") for name in ("Lesnik", "Гълъб"))
    )
    (tmp_path / "list.csv").write_text(HEADER + rows, encoding="utf-8")
    first, second = (build_index([tmp_path / "list.csv"], tmp_path / f"{i}.sito").sections for i in range(2))
    assert first == second


def written(path: Path, builder: Builder, count: int) -> Path:
    """Write the index of a builder whose `count` editions need no files."""
    editions = [ListEdition(f"L{number}", "test") for number in range(count)]
    facts = {"engine": "0", "built_at": "", "editions": [msgspec.to_builtins(edition) for edition in editions]}
    module.write_index(path, builder.finish(), facts)
    return path


def test_entries_are_of_the_edition_that_they_came_with(tmp_path: Path) -> None:
    builder = Builder()
    for edition, count in enumerate((2, 0, 3, 0)):  # one in the middle and one at the end without entries
        builder.add([Entry("L", f"{edition}-{n}", Kind.PERSON, (Name("Орлов Пётр"),)) for n in range(count)], edition)
    with Index.open(written(tmp_path / "a.sito", builder, 4)) as index:
        assert [index.positions(edition) for edition in range(4)] == [
            range(2), range(2, 2), range(2, 5), range(5, 5)
        ]  # fmt: skip
        assert index.editions().tolist() == [0, 0, 2, 2, 2]
        assert [index.edition(position).list_id for position in range(5)] == ["L0", "L0", "L2", "L2", "L2"]
    with Index.open(written(tmp_path / "empty.sito", Builder(), 2)) as index:
        assert [index.positions(edition) for edition in range(2)] == [range(0), range(0)]
        assert index.editions().tolist() == []


def test_an_index_whose_editions_are_not_in_order_is_refused(tmp_path: Path) -> None:
    builder = Builder()
    for edition in (1, 0):
        builder.add([Entry("L", str(edition), Kind.PERSON, (Name("Орлов Пётр"),))], edition)
    written(tmp_path / "a.sito", builder, 2)
    assert code_of(tmp_path / "a.sito") == "IDX106"


def code_of(path: Path, *, verify: bool = True) -> str:
    with pytest.raises(IndexFileError) as caught:
        Index.open(path, verify=verify)
    assert path.name in str(caught.value)
    return caught.value.code


def test_an_index_tells_what_it_holds(built: Path) -> None:
    with Index.open(built) as index:
        info = index.info
        assert (info.entry_count, info.name_count) == (300, 600)
        assert info.editions[0].list_id == "OS-TEST"
        assert info.editions[0].files[0][2] == (built.parent / "list.csv").stat().st_size
        assert index.entry(7).entry_id == "T-7"
        assert index.names_of(7) == range(14, 16)
        assert {section.name for section in info.sections} == set(module.SECTIONS)
        assert info.size_bytes == built.stat().st_size


def test_equal_input_gives_equal_sections(built: Path, tmp_path: Path) -> None:
    again = build_index([tmp_path / "list.csv"], tmp_path / "b.sito")
    assert again.sections == Index.open(built).info.sections


def test_a_file_cut_anywhere_is_refused(built: Path, tmp_path: Path) -> None:
    data = built.read_bytes()
    cut = tmp_path / "cut.sito"
    for size in [*range(0, len(data), 4096), len(data) - 1]:
        cut.write_bytes(data[:size])
        assert code_of(cut, verify=False) in {"IDX102", "IDX104", "IDX105"}
    cut.write_bytes(data + b"\0")
    assert code_of(cut) == "IDX104"


def test_a_flipped_byte_in_any_section_is_refused(built: Path, tmp_path: Path) -> None:
    info = Index.open(built).info
    harmed = tmp_path / "harmed.sito"
    for section in info.sections:
        if section.size_bytes:
            data = bytearray(built.read_bytes())
            data[section.offset + section.size_bytes // 2] ^= 0x40
            harmed.write_bytes(data)
            assert code_of(harmed) == "IDX106"


def test_a_harmed_header_is_refused(built: Path, tmp_path: Path) -> None:
    harmed = tmp_path / "harmed.sito"
    for at in range(24, 400, 7):
        data = bytearray(built.read_bytes())
        data[at] ^= 0x01
        harmed.write_bytes(data)
        assert code_of(harmed) == "IDX105"


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04", b"SITOINDX", os.urandom(5000)):
        (tmp_path / "x").write_bytes(content)
        assert code_of(tmp_path / "x") == "IDX102"
    assert code_of(tmp_path / "missing.sito") == "IDX101"
    assert code_of(tmp_path) == "IDX101"


def with_header(built: Path, target: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    data = built.read_bytes()
    size = struct.unpack_from("<Q", data, 16)[0]
    unpacker = msgpack.Unpacker()
    unpacker.feed(data[24 : 24 + size])
    facts = unpacker.unpack()
    change(facts)
    header = msgpack.packb(facts)
    assert len(header) <= size
    header += b"\xc0" * (size - len(header))
    target.write_bytes(data[:8] + struct.pack("<I", zlib.crc32(header)) + data[12:24] + header + data[24 + size :])
    return target


def test_other_versions_are_refused(built: Path, tmp_path: Path) -> None:
    older = bytearray(built.read_bytes())
    older[12] = 0
    (tmp_path / "older.sito").write_bytes(older)
    assert code_of(tmp_path / "older.sito") == "IDX103"
    assert code_of(with_header(built, tmp_path / "n.sito", lambda facts: facts.update(normaliser="0"))) == "IDX107"


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_header_that_lies_is_refused(built: Path, tmp_path: Path, place: int) -> None:
    def lie(facts: dict[str, Any]) -> None:
        section = next(section for section in facts["sections"] if section[0] == "bucket_starts")
        section[place] = ["nothing", "<u8", 7, 3][place]

    assert code_of(with_header(built, tmp_path / "lie.sito", lie)) == "IDX105"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("engine", 1),
        ("built_at", None),
        ("normaliser", b"1"),
        ("size", -1),
        ("editions", [{"format": 7}]),
        ("editions", {}),
        ("sections", [["key_starts", "<u4", -64, 0, 0]]),
        ("sections", [["key_starts", "<u4"]]),
        ("sections", 5),
    ],
)
def test_a_header_of_another_shape_is_refused(built: Path, tmp_path: Path, name: str, value: object) -> None:
    wrong = with_header(built, tmp_path / "shape.sito", lambda facts: facts.update({name: value}))
    assert code_of(wrong) == "IDX105"


@pytest.mark.parametrize(
    "name",
    sorted(set(module.SECTIONS) - {"key_bytes", "form_bytes", "entry_bytes", "bitmap", "pair_filter"}),
)
def test_numbers_that_point_outside_are_refused_though_checksums_fit(built: Path, tmp_path: Path, name: str) -> None:
    with Index.open(built) as index:
        arrays = {section: array.copy() for section, array in index._open().arrays.items()}
        facts = {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]}
    if not arrays[name].size:
        arrays[name] = np.asarray([0xFFFFFFFF], dtype=arrays[name].dtype)
    arrays[name][1 if name == "pair_slots" else -1 :: 2] = np.iinfo(arrays[name].dtype).max - 1
    module.write_index(tmp_path / "wild.sito", arrays, facts)
    assert code_of(tmp_path / "wild.sito") == "IDX106"


@pytest.mark.parametrize("name", ["bitmap", "pair_filter", "slots"])
def test_tables_of_another_look_up_are_refused_though_checksums_fit(built: Path, tmp_path: Path, name: str) -> None:
    with Index.open(built) as index:
        arrays = {section: array.copy() for section, array in index._open().arrays.items()}
        facts = {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]}
    arrays[name][:] = np.roll(arrays[name], 1)
    module.write_index(tmp_path / "other.sito", arrays, facts)
    assert code_of(tmp_path / "other.sito") == "IDX106"


@pytest.mark.parametrize(
    "use",
    [
        lambda index: index.entry(7),
        lambda index: index.edition(7),
        lambda index: index.name_of(7, 14),
        lambda index: index.names_of(7),
        lambda index: index.identifier_of(7, 0),
        lambda index: index.matcher,
        lambda index: index.workspaces(),
        lambda index: Screener(index),
    ],
)
def test_a_closed_index_refuses_all_but_its_description(built: Path, use: Callable[[Index], object]) -> None:
    with Index.open(built) as index:
        index.entry(7)
        screener = Screener(index)
        batch = screener.screen_batch([one_customer("Лестников Аркадий", "", (), Kind.UNKNOWN)])
    index.close()
    for late in (use, lambda _: screener.check("Лестников"), lambda _: list(batch.results())):
        with pytest.raises(IndexFileError) as caught:
            late(index)
        assert caught.value.code == "IDX108"
        assert built.name in str(caught.value)
    assert index.info.entry_count == 300


def test_closing_lets_the_file_go_though_screeners_and_results_stay(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps: list[weakref.ref[mmap.mmap]] = []

    class Mapping(mmap.mmap):
        def __new__(cls, *arguments: object, **more: object) -> "Mapping":
            made = super().__new__(cls, *arguments, **more)
            maps.append(weakref.ref(made))
            return made

    monkeypatch.setattr(module.mmap, "mmap", Mapping)
    index = Index.open(built)
    screener = Screener(index)
    batch = screener.screen_batch([one_customer("Лестников Аркадий", "", (), Kind.UNKNOWN)])
    results = list(batch.results())
    explanations = batch.explanations(0)
    assert results and explanations
    assert [made() is None for made in maps] == [False]
    gc.disable()  # it goes by itself, not when garbage happens to be collected
    try:
        index.close()
        assert [made() is None for made in maps] == [True]
    finally:
        gc.enable()


def test_searches_that_run_while_an_index_is_closed_end_well_or_are_told(built: Path) -> None:
    index = Index.open(built)
    screener = Screener(index)
    records = [one_customer("Лестников Аркадий", "", (), Kind.UNKNOWN)] * 20
    outcomes: list[object] = []
    started = threading.Barrier(5)

    def work() -> None:
        started.wait()
        try:
            while True:
                assert screener.screen_batch(records).hit_count >= 20
        except Exception as error:  # whatever it was is looked at below
            outcomes.append(getattr(error, "code", error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    index.close()
    for thread in threads:
        thread.join()
    assert outcomes == ["IDX108"] * 4


def test_a_workspace_that_comes_back_late_is_dropped(built: Path) -> None:
    index = Index.open(built)
    pool = index.workspaces()
    matcher = index.matcher
    first = pool.take(matcher)
    pool.give(first)
    assert pool.take(matcher) is first
    index.close()
    pool.give(first)
    assert pool.take(matcher) is not first


def test_only_some_searches_at_a_time_have_the_large_memory(built: Path) -> None:
    with Index.open(built) as index:
        pool = index.workspaces()
        matcher = index.matcher
        pool.full_max = 2
        taken = [pool.take(matcher) for _ in range(4)]
        assert [work.small for work in taken] == [False, False, True, True]
        for work in taken:
            pool.give(work)
        assert [pool.take(matcher).small for _ in range(5)] == [False, False, True, True, True]
        for work in taken:
            pool.give(work)
        pool.full_max = 3
        pool.prepare(matcher, 5)
        assert [pool.take(matcher).small for _ in range(5)] == [False, False, False, True, True]


def test_where_few_search_at_a_time_long_searches_wait_and_short_ones_go_by(built: Path) -> None:
    with Index.open(built) as index:
        pool = index.workspaces()
        matcher = index.matcher
        pool.full_max, pool.few_max, pool.bits = 1, 1, (12, 10)
        large, little = pool.take(matcher, long=True), pool.take(matcher)
        assert (large.small, little.small) == (False, True)
        got: list[Workspace] = []
        threads = [
            threading.Thread(target=lambda long=long: got.append(pool.take(matcher, long=long)))  # type: ignore[misc]
            for long in (True, False)
        ]
        for thread in threads:
            thread.start()
        pool.give(little)
        threads[1].join(20)
        assert got == [little] and threads[0].is_alive()  # a small one is of no use to a long search
        pool.give(large)
        threads[0].join(20)
        assert got == [little, large]
        # Closing lets those that wait go, each with one of its own.
        thread = threading.Thread(target=lambda: got.append(pool.take(matcher)))
        thread.start()
        pool.close()
        pool.give(large)
        thread.join(20)
        assert not thread.is_alive() and got[2] not in (large, little)


def test_a_large_memory_that_could_not_be_had_is_asked_for_again(built: Path) -> None:
    class Full:
        def workspace(self, *, small: bool, bits: int) -> Workspace:
            raise MemoryError

    with Index.open(built) as index:
        pool = index.workspaces()
        pool.full_max = 1
        with pytest.raises(MemoryError):
            pool.take(cast(Matcher, Full()))
        assert [pool.take(index.matcher).small for _ in range(2)] == [False, True]


def test_memories_that_were_prepared_before_there_was_none_left_are_kept(built: Path) -> None:
    with Index.open(built) as index:
        pool = index.workspaces()
        pool.full_max, pool.few_max = 2, 1

        class Filling:
            def workspace(self, *, small: bool, bits: int) -> Workspace:
                if small:
                    raise MemoryError
                return index.matcher.workspace(small=small, bits=bits)

        with pytest.raises(MemoryError):
            pool.prepare(cast(Matcher, Filling()), 3)
        assert pool.count == 2
        assert [pool.take(index.matcher, long=True).small for _ in range(2)] == [False, False]


def test_a_refused_list_leaves_the_older_index(built: Path, tmp_path: Path) -> None:
    before = built.read_bytes()
    (tmp_path / "empty.csv").write_text(HEADER)
    with pytest.raises(ListError) as caught:
        build_index([tmp_path / "empty.csv"], built)
    assert caught.value.code == "LST201"
    assert built.read_bytes() == before
    assert not [*tmp_path.glob(".*")]


def test_an_edition_that_shrank_is_refused_unless_forced(built: Path, tmp_path: Path) -> None:
    smaller = write_list(tmp_path / "smaller.csv", 100)
    with pytest.raises(ListError) as caught:
        build_index([smaller], tmp_path / "b.sito", previous=built)
    assert caught.value.code == "LST203"
    info = build_index([smaller], tmp_path / "b.sito", previous=built, force=True)
    assert any("100" in warning for warning in info.editions[0].warnings)
    build_index([smaller], tmp_path / "b.sito", previous=built, shrink_max=0.7)


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_written(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    before = built.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "fsync":
        monkeypatch.setattr(module.os, "fsync", full)
    elif failing == "replace":
        monkeypatch.setattr(module.Path, "replace", full)
    else:
        monkeypatch.setattr(module, "struct", type("full", (), {"pack": staticmethod(full)}))
    with pytest.raises(IndexFileError) as caught:
        build_index([tmp_path / "list.csv"], built)
    assert caught.value.code == "IDX301"
    monkeypatch.undo()
    assert built.read_bytes() == before
    assert not [*tmp_path.glob(".*")]


def test_names_that_cannot_be_found_are_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        HEADER + "A,Person,Иванов,***,,,,,,,,,t,,,\nB,Person," + "слово " * 40 + ",,,,,,,,,,t,,,\n"
    )
    info = build_index([tmp_path / "list.csv"], tmp_path / "a.sito")
    assert info.editions[0].warnings == (
        "1 names hold no letter or digit and cannot be found",
        "1 names have more than 32 words; the rest is not compared",
    )


def test_an_entry_of_half_a_surrogate_is_refused_with_its_id() -> None:
    with pytest.raises(IndexFileError) as caught:
        Builder().add([Entry("T", "T-1", Kind.PERSON, (Name("a\ud800b"),))], 0)
    assert caught.value.code == "IDX204"
    assert "T-1" in str(caught.value)
