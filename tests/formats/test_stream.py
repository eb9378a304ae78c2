"""Packed record files: unpacked while read, within limits, and refused as a whole when they are not sound."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from record_fixtures import codes, ed101, packet, read, records, write

from sito.errors import RecordError
from sito.formats import open_records, stream

CSV = "id,name\n" + "".join(f"{number},Лопухов Пётр {number}\n" for number in range(3_000))
PACKERS = pytest.mark.parametrize("pack", [lzma.compress, gzip.compress])


def refusal(path: Path) -> str:
    with pytest.raises(RecordError) as caught:
        list(open_records(path))
    return caught.value.code


@PACKERS
@pytest.mark.parametrize(
    "content",
    [
        CSV,
        '{"name":"A"}\n',
        packet(ed101(number=1), ed101(number=2)),
        "1CClientBankExchange\nСекцияДокумент=П\nПлательщик=А\nКонецДокумента\nКонецФайла\n",
    ],
)
def test_packed_files_give_what_plain_ones_give(tmp_path: Path, pack: Callable[[bytes], bytes], content: str) -> None:
    encoding = "cp1251" if content.startswith(("1C", "<?xml")) else "utf-8"
    plain = read(write(tmp_path, content, encoding=encoding, name="plain"))
    packed = open_records(write(tmp_path, pack(content.encode(encoding)), name="packed"))
    assert packed.packed
    assert list(packed) == plain
    assert records(plain)
    assert packed.position() == packed.size_hint()


def test_joined_streams_are_one_file(tmp_path: Path) -> None:
    data = CSV.encode()
    path = write(tmp_path, gzip.compress(data[:999]) + gzip.compress(data[999:]))
    assert len(read(path)) == 3_000


@PACKERS
@pytest.mark.parametrize(
    "change", [lambda data: data[:-20], lambda data: data + b"more", lambda data: data[:40] + data[60:]]
)
def test_unsound_packed_file_is_refused_as_a_whole(
    tmp_path: Path, pack: Callable[[bytes], bytes], change: Callable[[bytes], bytes]
) -> None:
    assert refusal(write(tmp_path, change(pack(CSV.encode())))) == "REC114"


@PACKERS
def test_bomb_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, pack(b"id,name\n" + b"1,a\n" * 200_000))
    monkeypatch.setattr(stream, "RATIO_FREE_SIZE", 300_000)
    assert refusal(path) == "REC115"


def test_unpacked_size_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, lzma.compress(CSV.encode()))
    monkeypatch.setattr(stream, "UNPACKED_SIZE_MAX", len(CSV.encode()))
    assert len(read(path)) == 3_000
    monkeypatch.setattr(stream, "UNPACKED_SIZE_MAX", len(CSV.encode()) - 1)
    assert refusal(path) == "REC115"


def test_container_inside_a_container_is_refused(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, lzma.compress(gzip.compress(CSV.encode())))) == "REC112"


def test_packed_parquet_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"name": ["A"]}), buffer)
    assert refusal(write(tmp_path, gzip.compress(buffer.getvalue()))) == "REC112"


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress])
def test_packed_file_without_content_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert refusal(write(tmp_path, pack(b""))) == "REC101"


def test_lone_surrogate_is_a_reject_of_its_row(tmp_path: Path) -> None:
    content = b"id,name\n1,Thistle Holding\n2,A \xed\xa0\x80\n3,Gorse Trading\n"
    assert codes(read(write(tmp_path, content))) == ["ok", "REC202", "ok"]


def test_utf8_row_of_a_windows_file_is_a_reject(tmp_path: Path) -> None:
    rows = "".join(f"{number},Лопухов Пётр\n" for number in range(9))
    content = f"id,name\n{rows}".encode("cp1251") + "9,Лопухов Пётр\n".encode()
    assert codes(read(write(tmp_path, content))) == ["ok"] * 9 + ["REC202"]
