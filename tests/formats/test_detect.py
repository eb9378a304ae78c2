"""Detection by content, and files that cannot be read at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_fixtures import ed101, write

from sito.errors import RecordError
from sito.formats import FORMATS, open_records


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("id,name\n", "csv"),
        ("name\nA\n", "csv"),
        ("\ufeff\n\nid;name\n1;A\n", "csv"),
        ('{"name":"A"}\n', "jsonl"),
        (ed101(), "ufebs"),
        ("\n <Document><CstmrCdtTrfInitn/></Document>", "iso20022"),
        ("{1:F01}", "mt103"),
        ("\x01{1:F01}", "mt103"),
        ("$\n{1:F01}", "mt103"),
        ("1CClientBankExchange\n", "1c"),
    ],
)
def test_content_decides(tmp_path: Path, content: str, format: str) -> None:
    assert open_records(write(tmp_path, content, name="misleading.csv")).format == format


def test_utf16_formats_are_found(tmp_path: Path) -> None:
    assert open_records(write(tmp_path, '{"name":"A"}\n', encoding="utf-16")).format == "jsonl"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "REC101"),
        (b" \n\r\n\t", "REC101"),
        (b"\xef\xbb\xbf\n", "REC101"),
        (b"hello", "REC102"),
        (b"\x00\x01\x02\x03", "REC102"),
        (b"\x1f\x8b\x08\x00", "REC114"),
        (b"PK\x03\x04", "REC112"),
        (b"\xfd7zXZ\x00", "REC114"),
        (b"BZh9", "REC112"),
        (b"PAR1", "REC106"),
        (b"," * 3_000, "REC111"),
        (b"a," * 60_000, "REC111"),
    ],
)
def test_unreadable_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, content))
    assert caught.value.code == code


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RecordError, match="REC100"):
            open_records(path)


def test_unknown_format_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="REC103"):
        open_records(write(tmp_path, "id,name\n"), format="xls")


@pytest.mark.parametrize("format", FORMATS)
@given(data=st.binary(min_size=1, max_size=200))
def test_forced_reader_never_fails_otherwise(
    tmp_path_factory: pytest.TempPathFactory, format: str, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("forced") / "input"
    path.write_bytes(data)
    try:
        list(open_records(path, format=format))
    except RecordError as error:
        assert error.code.startswith("REC1")
