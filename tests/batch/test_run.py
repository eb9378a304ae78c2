"""The run of one file: equal for any number of workers, bounded, and whole or not there at all."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from sito import ScreenConfig
from sito.batch import Summary, run, screen_file
from sito.errors import RecordError, ScreenError
from sito.formats import DelimitedFile


def bare(summary: Summary) -> dict[str, object]:
    return {name: getattr(summary, name) for name in summary.__struct_fields__ if name not in {"seconds", "workers"}}


def test_any_number_of_workers_gives_the_same_files(index_path: Path, payments: Path, tmp_path: Path) -> None:
    given: list[tuple[bytes, bytes, dict[str, object]]] = []
    for workers in (1, 2, 3):
        hits, rejects = tmp_path / f"{workers}.jsonl", tmp_path / f"{workers}.rejects"
        summary = screen_file(payments, index_path, hits, workers=workers, rejects=rejects, parallel_size_min=0)
        assert summary.workers == (workers if workers > 1 else 0)
        given.append((hits.read_bytes(), rejects.read_bytes(), bare(summary)))
    assert given[0] == given[1] == given[2]
    hits, rejected, facts = given[0]
    assert (facts["record_count"], facts["reject_count"]) == (8_991, 9)
    assert [json.loads(line)["position"] for line in rejected.splitlines()] == [f"row {n}000" for n in range(1, 10)]
    found = [json.loads(line) for line in hits.splitlines()]
    assert [line["record_id"] for line in found if line["role"] == "debtor"] == [
        f"P{number}" for number in range(7, 9_001, 7) if number % 1_000
    ]


@pytest.mark.parametrize("suffix", ["jsonl", "xml"])
def test_workers_take_records_of_other_formats_too(index_path: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"input.{suffix}"
    if suffix == "jsonl":
        path.write_text("".join(f'{{"id":"{n}","name":"Thistle Holding"}}\n' for n in range(5_000)))
    else:
        one = "<CdtTrfTxInf><PmtId><TxId>{}</TxId></PmtId><Cdtr><Nm>Thistle Holding</Nm></Cdtr></CdtTrfTxInf>"
        path.write_text(
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr>'
            f"<MsgId>M</MsgId><NbOfTxs>5000</NbOfTxs></GrpHdr>{''.join(one.format(n) for n in range(5_000))}"
            "</FIToFICstmrCdtTrf></Document>"
        )
    outputs = []
    for workers in (1, 2):
        hits = tmp_path / f"{workers}.jsonl"
        summary = screen_file(path, index_path, hits, workers=workers, parallel_size_min=0)
        assert (summary.record_count, summary.reject_count) == (5_000, 0)
        outputs.append(hits.read_bytes())
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 5_000


def test_small_file_starts_no_process(index_path: Path, payments: Path, tmp_path: Path) -> None:
    assert screen_file(payments, index_path, tmp_path / "hits.jsonl", workers=8).workers == 0


def test_worker_that_dies_is_an_error_and_leaves_nothing(index_path: Path, payments: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    def kill(done: int, total: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(ScreenError, match="SCR201") as caught:
        screen_file(
            payments, index_path, folder / "hits.jsonl", workers=2, rejects=folder / "rejects.jsonl",
            parallel_size_min=0, progress=kill,
        )  # fmt: skip
    assert "worker processes" in str(caught.value)
    assert list(folder.iterdir()) == []
    assert not multiprocessing.active_children()


def test_index_that_is_replaced_meanwhile_is_noticed(
    index_path: Path, payments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The path is swapped between the parent's look at the index and the first worker's.
    copy = tmp_path / "copy.index"
    copy.write_bytes(index_path.read_bytes())

    def swap(*arguments: object) -> int:
        copy.write_bytes(b"another file")
        return 1

    monkeypatch.setattr(run, "_process_count", swap)
    with pytest.raises(Exception, match="IDX102"):
        screen_file(payments, copy, tmp_path / "hits.jsonl", workers=2)
    assert not (tmp_path / "hits.jsonl").exists()


def test_pipe_as_input_is_refused(index_path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordError, match="REC100"):
        screen_file(tmp_path / "pipe", index_path, tmp_path / "hits.jsonl")


def test_input_error_in_the_middle_leaves_nothing(
    index_path: Path, payments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(self: DelimitedFile) -> object:
        yield ["1", "Thistle Holding", "", ""]
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(DelimitedFile, "rows", rows)
    with pytest.raises(RecordError, match="REC100"):
        screen_file(payments, index_path, tmp_path / "hits.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["payments.csv"]


def test_long_texts_make_short_chunks(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("name\n" + f"{'x' * 90_000}\n" * 200)
    chunks = list(run._chunks(run.open_records(path)))
    assert sum(len(chunk.items) for chunk in chunks) == 200
    assert [chunk.first for chunk in chunks] == [1, 48, 95, 142, 189]


def test_progress_ends_at_the_end(index_path: Path, payments: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    screen_file(payments, index_path, tmp_path / "hits.jsonl", progress=lambda done, total: told.append((done, total)))
    size = payments.stat().st_size
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_config_reaches_the_workers(index_path: Path, payments: Path, tmp_path: Path) -> None:
    config = ScreenConfig(screen_purpose=False)
    summary = screen_file(
        payments, index_path, tmp_path / "hits.jsonl", config=config, workers=2, include_all=True, parallel_size_min=0
    )
    lines = [json.loads(line) for line in (tmp_path / "hits.jsonl").read_bytes().splitlines()]
    assert len(lines) == summary.party_count == 2 * 8_991
    assert not any(line["hits"] for line in lines if line["role"] == "purpose")
