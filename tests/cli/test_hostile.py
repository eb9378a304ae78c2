"""Input of bad will or bad luck: exit code 2, one line with a stable code, no traceback, nothing left behind."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_fixtures import LIST_HEADER, Call

ONE_LINE = re.compile(r"sito: ([A-Z]{3}\d{3}) expected [^\n]+, got [^\n]+\n")
LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
PACS = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
TAIL = ',"","","","","","","","","","x","","",""\n'


def subject(name: str, aliases: int = 0) -> str:
    others = "".join(f"<ДрНаименование>ПРИМЕР {i}</ДрНаименование>" for i in range(aliases))
    return (
        f"<Перечень><АктуальныйПеречень><Субъект><ИдСубъекта>1</ИдСубъекта><ФЛ><ФИО>{name}</ФИО><СписокДрНаименований>"
        f"{others}</СписокДрНаименований></ФЛ></Субъект></АктуальныйПеречень></Перечень>"
    )


def lying_zip() -> bytes:
    """A zip whose only member claims 2 GB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("list.xml", subject("ПРИМЕР ТЕСТОВ"))
    data = bytearray(packed.getvalue())
    struct.pack_into("<I", data, 22, 2 << 30)
    struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, 2 << 30)
    return bytes(data)


def parquet(**columns: list[object]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


LISTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "LST103"),
    "blanks": ("  \n", "LST109"),
    "noise": (bytes(range(256)) * 20, "LST109"),
    "no entries": ("<Перечень><АктуальныйПеречень/></Перечень>", "LST201"),
    "laughs": (f"{LAUGHS}<Перечень>&b;</Перечень>", "LST111"),
    "cut": ("<Перечень><ДатаПеречня>2024", "LST110"),
    "UTF-8 that declares a code page": (
        '<?xml version="1.0" encoding="windows-1251"?><CONSOLIDATED_LIST dateGenerated="2025-01-01"><INDIVIDUALS>'
        "<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>Лопухов</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>",
        "LST119",
    ),
    "deep": ("<Перечень>" + "<a>" * 10_000, "LST112"),
    "long name": (subject("Я" * 1_000_000), "LST206"),
    "10 000 aliases": (subject("ПРИМЕР ТЕСТОВ", 10_000), "LST207"),
    "10 000 aliases of CSV": (f'{LIST_HEADER}"P","Person","A B","{"x y;" * 10_000}"{TAIL[3:]}', "LST405"),
    "long name of CSV": (f'{LIST_HEADER}"P","Person","{"x " * 500_000}"{TAIL}', "LST404"),
    "lone surrogate": (LIST_HEADER.encode() + b'"P","Person","A \xed\xa0\x80"' + TAIL.encode(), "LST401"),
    "lone surrogate of JSON": (
        '{"id":"P","schema":"Person","properties":{"name":["\\ud800"]},"datasets":["x"]}\n',
        "LST410",
    ),
    "wrong encoding": (f'{LIST_HEADER}"P","Person","Пример"{TAIL}'.encode("cp1251"), "LST401"),
    "missing columns": ('"id","schema"\n1,Person\n', "LST109"),
    "lone companion": ('1,2,"aka","A B","-0- "\n', "LST1"),
    "2 GB zip": (lying_zip(), "LST104"),
    "cut zip": (lying_zip()[:60], "LST105"),
}
FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "REC101"),
    "blanks": ("\n\n ", "REC101"),
    "noise": (bytes(range(256)) * 20, "REC102"),
    "laughs": (f'{LAUGHS}<Document xmlns="{PACS}"><FIToFICstmrCdtTrf>&b;</FIToFICstmrCdtTrf></Document>', "REC109"),
    "laughs of UFEBS": (f'{LAUGHS}<PacketEPD xmlns="urn:cbr-ru:ed:v2.0">&b;</PacketEPD>', "REC109"),
    "deep": (f'<Document xmlns="{PACS}">' + "<a>" * 100_000, "REC102"),
    "2 GB zip": (lying_zip(), "REC112"),
    "missing columns": ("id,nothing\n1,2\n", "REC104"),
    "columns twice": ("id,name,name\n1,a,b\n", "REC105"),
    "Parquet of other types": (parquet(id=[1], name=[1.5]), "REC107"),
    "Parquet of other columns": (parquet(other=["a"]), "REC104"),
    "cut Parquet": (parquet(name=["a"])[:-9], "REC106"),
}
# (content, code of the reject, records screened beside it)
RECORDS: dict[str, tuple[str | bytes, str, int]] = {
    "long name": (f"id,name\n1,{'x y ' * 300_000}\n2,Thistle Holding\n", "REC203", 1),
    "10 000 aliases": (f"id,name,aliases\n1,A B,{'x y;' * 10_000}\n2,Thistle Holding,\n", "REC216", 1),
    "lone surrogate": ('{"id":"1","name":"A \\ud800"}\n{"id":"2","name":"Thistle Holding"}\n', "REC212", 1),
    "NUL": ("id,name\n1,A\0B\n2,Thistle Holding\n", "REC201", 1),
    "columns": ("id,name\n1,2,3\n2,Thistle Holding\n", "REC200", 1),
    "open quote": ('id,name\n1,"abc\n2,Thistle Holding\n' + "3,x\n" * 300, "REC211", 301),
    "cut XML": ('<PacketEPD xmlns="urn:cbr-ru:ed:v2.0"><ED101', "REC300", 0),
    "cut SWIFT": ("{1:F01}{2:O103}{4:\n:20:", "REC321", 0),
    "cut 1C": ("1CClientBankExchange\nВерсияФормата=1.03\nСекцияДокумент=Платежное поручение\n", "REC331", 0),
}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("case", LISTS)
def test_hostile_list_builds_nothing(call: Call, tmp_path: Path, case: str) -> None:
    content, code = LISTS[case]
    source = write(tmp_path / "source", content)
    answer = call("build", source, "--output", tmp_path / "x.index")
    assert (answer.code, answer.out) == (2, "")
    found = ONE_LINE.fullmatch(answer.err)
    assert found, answer.err
    assert found.group(1).startswith(code)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("case", FILES)
def test_hostile_file_is_not_screened(call: Call, index_path: Path, tmp_path: Path, case: str) -> None:
    content, code = FILES[case]
    source = write(tmp_path / "source", content)
    for output in ("hits.jsonl", "hits.csv", "hits.parquet"):
        answer = call("screen", source, "--index", index_path, "--output", tmp_path / output)
        assert (answer.code, answer.out) == (2, "")
        found = ONE_LINE.fullmatch(answer.err)
        assert found, answer.err
        assert found.group(1) == code
        assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("case", RECORDS)
def test_hostile_record_is_rejected_and_stops_no_other(call: Call, index_path: Path, tmp_path: Path, case: str) -> None:
    content, code, screened = RECORDS[case]
    source = write(tmp_path / "source", content)
    answer = call("screen", source, "--index", index_path, "--output", tmp_path / "hits.jsonl", "--all")
    assert (answer.code, answer.out) == (2, "")
    assert f"rejected: {code} " in answer.err
    assert len((tmp_path / "hits.jsonl").read_bytes().splitlines()) == screened
    assert {path.name for path in tmp_path.iterdir()} == {"source", "hits.jsonl", "hits.jsonl.rejects.jsonl"}


def test_file_without_records_is_not_taken_for_one_without_hits(call: Call, index_path: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "source", "id,name\n")
    answer = call("screen", source, "--index", index_path, "--output", tmp_path / "hits.jsonl")
    assert (answer.code, answer.out) == (2, "")
    assert "rejected: REC305 1x" in answer.err


@pytest.mark.parametrize("place", ["index", "input", "list"])
def test_pipe_is_refused_and_not_waited_for(
    call: Call, index_path: Path, customers: Path, tmp_path: Path, place: str
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = {
        "index": ("check", "A B", "--index", pipe),
        "input": ("screen", pipe, "--index", index_path, "--output", tmp_path / "h.jsonl"),
        "list": ("build", pipe, "--output", tmp_path / "y.index"),
    }[place]
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert ONE_LINE.fullmatch(answer.err), answer.err


def test_index_never_takes_the_place_of_a_device(call: Call, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = write(tmp_path / "source", subject("ПРИМЕР ТЕСТОВ"))
    answer = call("build", source, "--output", pipe)
    assert answer.code == 2
    assert pipe.is_fifo()
    assert {*tmp_path.iterdir()} == {pipe, source}


def test_name_too_long_for_the_system_is_no_fault(
    call: Call, index_path: Path, customers: Path, tmp_path: Path
) -> None:
    for words in (
        ("build", "x" * 5000, "--output", tmp_path / "y.index"),
        ("screen", customers, "--index", index_path, "--output", tmp_path / f"{'x' * 250}.jsonl"),
        ("screen", "x" * 5000, "--index", index_path, "--output", tmp_path / "h.jsonl"),
    ):
        answer = call(*words)
        assert (answer.code, answer.out) == (2, "")
        assert ONE_LINE.fullmatch(answer.err), answer.err


def test_index_cut_anywhere_is_refused(call: Call, index_path: Path, customers: Path, tmp_path: Path) -> None:
    data = index_path.read_bytes()
    cut = tmp_path / "cut.index"
    for size in (*range(0, len(data), 4096), len(data) - 1):
        cut.write_bytes(data[:size])
        answer = call("screen", customers, "--index", cut, "--output", tmp_path / "hits.jsonl")
        assert (answer.code, answer.out) == (2, "")
        found = ONE_LINE.fullmatch(answer.err)
        assert found, answer.err
        assert found.group(1) in {"IDX102", "IDX104"}
        assert not (tmp_path / "hits.jsonl").exists()


def test_index_with_a_flipped_bit_is_refused(call: Call, index_path: Path, tmp_path: Path) -> None:
    data = bytearray(index_path.read_bytes())
    for place in range(0, 24 + 512, 97):
        data[place] ^= 1
        answer = call("info", write(tmp_path / "flipped.index", bytes(data)))
        data[place] ^= 1
        assert answer.code == 2, place
        assert ONE_LINE.fullmatch(answer.err), answer.err
