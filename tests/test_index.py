"""An index is whole, of this version and unharmed, or it is refused; a build replaces it in one step or not at all."""

import errno
import os
import struct
import zlib
from pathlib import Path

import msgpack
import numpy as np
import pytest
from sito import Index, build_index
from sito import index as module
from sito.errors import IndexFileError, ListError

HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n"


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


def with_header(built: Path, target: Path, change) -> Path:
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
    def lie(facts: dict) -> None:
        facts["sections"][5][place] = ["nothing", "<u8", 7, 3][place]

    assert code_of(with_header(built, tmp_path / "lie.sito", lie)) == "IDX105"


@pytest.mark.parametrize(
    "name",
    sorted(set(module.SECTIONS) - {"key_bytes", "weights", "entry_bytes", "bitmap", "pair_bitmap"}),
)
def test_numbers_that_point_outside_are_refused_though_checksums_fit(built: Path, tmp_path: Path, name: str) -> None:
    with Index.open(built) as index:
        arrays = {section: array.copy() for section, array in index._arrays.items()}
        facts = {"engine": "0", "built_at": "", "editions": [{"list_id": "T", "format": "t"}]}
    if not arrays[name].size:
        arrays[name] = np.asarray([0xFFFFFFFF], dtype=arrays[name].dtype)
    arrays[name][1 if name == "pair_slots" else -1 :: 2] = np.iinfo(arrays[name].dtype).max - 1
    module.write_index(tmp_path / "wild.sito", arrays, facts)
    assert code_of(tmp_path / "wild.sito") == "IDX106"


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
