"""Unwrapping: what is accepted, and what each limit refuses."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sito.errors import ListError
from sito.lists import containers
from sito.lists.containers import members

TEXT = "1. ВЫДУМКИН ПРИМЕР ОБРАЗЦОВИЧ*, 01.02.1970 г.р. , Г. ПРИМЕРСК;\n".encode()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refused(path: Path) -> ListError:
    with pytest.raises(ListError) as caught:
        for member in members(path):
            member.load()
    return caught.value


@pytest.mark.parametrize(
    ("name", "pack", "unpacked"),
    [
        ("list.csv", lambda data: data, "list.csv"),
        ("list.csv.xz", lzma.compress, "list.csv"),
        ("list.csv.gz", gzip.compress, "list.csv"),
        ("answer.zip", lambda data: zipped({"deep/list.csv": data}), "list.csv"),
        ("misnamed.txt", lzma.compress, "misnamed.txt"),
        ("really-plain.zip", lambda data: data, "really-plain.zip"),
    ],
)
def test_members_unwraps_by_first_bytes(tmp_path, name, pack, unpacked):
    (member,) = members(put(tmp_path, name, pack(TEXT)))
    assert (member.name, member.file_name, member.head, member.load()) == (unpacked, name, TEXT, TEXT)


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress])
def test_members_joins_streams_that_follow_each_other(tmp_path, pack):
    (member,) = members(put(tmp_path, "two", pack(b"one ") + pack(b"two")))
    assert member.load() == b"one two"


def test_members_allows_zero_padding_behind_xz(tmp_path):
    (member,) = members(put(tmp_path, "padded", lzma.compress(TEXT) + bytes(8)))
    assert member.load() == TEXT


def test_digest_is_of_the_packed_file(tmp_path):
    data = lzma.compress(TEXT)
    assert containers.digest(put(tmp_path, "list.xz", data)) == (hashlib.sha256(data).hexdigest(), len(data))


def test_zip_names_without_utf8_flag_are_cp866(tmp_path):
    data = zipped({"SPISOK.xml": b"<a/>"}).replace(b"SPISOK.xml", "СПИСОК.xml".encode("cp866"))
    (member,) = members(put(tmp_path, "list.zip", data))
    assert member.name == "СПИСОК.xml"


def test_zip_names_with_utf8_flag_are_utf8(tmp_path):
    (member,) = members(put(tmp_path, "list.zip", zipped({"Перечень.xml": b"<a/>"})))
    assert member.name == "Перечень.xml"


def test_zip_names_lose_folders_and_control_characters(tmp_path):
    (member,) = members(put(tmp_path, "list.zip", zipped({"../../x/li\x07st.xml": b"<a/>"})))
    assert member.name == "li?st.xml"


def test_empty_file_is_refused(tmp_path):
    assert refused(put(tmp_path, "list.csv", b"")).code == "LST103"


@pytest.mark.parametrize("data", [lzma.compress(b""), gzip.compress(b""), zipped({"list.csv": b""}), zipped({})])
def test_empty_container_is_refused(tmp_path, data):
    assert refused(put(tmp_path, "list", data)).code == "LST103"


@pytest.mark.parametrize(
    "data", [lzma.compress(TEXT * 99)[:-9], gzip.compress(TEXT * 99)[:-9], zipped({"a": TEXT})[:-9]]
)
def test_cut_container_is_refused(tmp_path, data):
    assert refused(put(tmp_path, "list", data)).code == "LST105"


def test_bytes_behind_the_stream_are_refused(tmp_path):
    assert refused(put(tmp_path, "list", lzma.compress(TEXT) + b"tail")).code == "LST105"


def test_zip_with_wrong_checksum_is_refused(tmp_path):
    data = zipped({"a": TEXT}, zipfile.ZIP_STORED).replace(TEXT, TEXT[::-1])
    assert refused(put(tmp_path, "list.zip", data)).code == "LST105"


@pytest.mark.parametrize("start", [b"BZh91AY", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x28\xb5\x2f\xfd"])
def test_other_archives_are_refused(tmp_path, start):
    assert refused(put(tmp_path, "list", start + bytes(20))).code == "LST105"


@pytest.mark.parametrize("outer", [lzma.compress, gzip.compress, lambda data: zipped({"inner": data})])
@pytest.mark.parametrize("inner", [lzma.compress, gzip.compress, lambda data: zipped({"a": data})])
def test_container_in_container_is_refused(tmp_path, outer, inner):
    assert refused(put(tmp_path, "list", outer(inner(TEXT)))).code == "LST107"


def test_office_document_beside_a_list_is_no_nested_container(tmp_path):
    document = zipped({"[Content_Types].xml": b"<a/>"})
    assert len(members(put(tmp_path, "list.zip", zipped({"list.csv": TEXT, "copy.docx": document})))) == 2


def test_encrypted_member_is_refused(tmp_path):
    data = bytearray(zipped({"a": TEXT}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(put(tmp_path, "list.zip", bytes(data))).code == "LST106"


def test_unsupported_compression_is_refused(tmp_path):
    assert refused(put(tmp_path, "list.zip", zipped({"a": TEXT}, zipfile.ZIP_LZMA))).code == "LST105"


def test_zip_that_claims_too_much_is_refused_unopened(tmp_path):
    data = bytearray(zipped({"a": TEXT}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 2_000_000_000)
    error = refused(put(tmp_path, "list.zip", bytes(data)))
    assert (error.code, error.got) == ("LST104", "a claim of 2000000000")


def test_too_many_members_are_refused(tmp_path):
    limit = containers.MEMBER_COUNT_MAX
    assert len(members(put(tmp_path, "a.zip", zipped({f"{i}": TEXT for i in range(limit)})))) == limit
    assert refused(put(tmp_path, "b.zip", zipped({f"{i}": TEXT for i in range(limit + 1)}))).code == "LST108"


def test_zip64_table_of_contents_is_refused(tmp_path):
    data = zipped({"a": TEXT})
    end = data.index(b"PK\x05\x06")
    assert refused(put(tmp_path, "a.zip", data[:end] + b"PK\x06\x07" + bytes(16) + data[end:])).code == "LST108"


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress, lambda data: zipped({"a": data})])
def test_compression_bomb_is_refused(tmp_path, pack):
    size = containers.RATIO_FREE_SIZE * 2
    assert refused(put(tmp_path, "list", pack(bytes(size)))).code == "LST108"


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress])
def test_unpacked_size_is_limited_while_unpacking(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(containers, "FILE_SIZE_MAX", 1 << 19)
    (member,) = members(put(tmp_path, "fits", pack(os.urandom(1 << 19))))
    assert len(member.load()) == 1 << 19
    assert refused(put(tmp_path, "list", pack(os.urandom((1 << 19) + 1)))).code == "LST104"


def test_folder_is_no_file(tmp_path):
    assert refused(tmp_path).code == "LST101"


def test_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").code == "LST101"


@settings(max_examples=60, deadline=None)
@given(
    start=st.sampled_from([b"\xfd7zXZ\x00", b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", zipped({"a": TEXT})[:40]]),
    rest=st.binary(max_size=200),
)
def test_damaged_containers_give_list_errors_only(tmp_path_factory, start, rest):
    path = put(tmp_path_factory.mktemp("damaged"), "list", start + rest)
    try:
        for member in members(path):
            member.load()
    except ListError as error:
        assert error.code.startswith("LST10")


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 200), value=st.integers(0, 255))
def test_zip_with_any_byte_changed_gives_list_errors_only(tmp_path_factory, at, value):
    data = bytearray(zipped({"a.xml": TEXT, "b.xml": TEXT}))
    data[at % len(data)] = value
    path = put(tmp_path_factory.mktemp("changed"), "list", bytes(data))
    try:
        for member in members(path):
            member.load()
    except ListError as error:
        assert error.code.startswith("LST10")
