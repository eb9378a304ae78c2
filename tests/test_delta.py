"""An index with a delta over it answers as a whole index of the new editions: hits, scores, order, flags, editions."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sito import Index, ScreenConfig, Screener, build_index
from sito.changes import build_delta
from sito.delta import UpdatedIndex
from sito.entries import Kind
from sito.records import Party, Record, RecordKind, Role

HEADER = ("id", "schema", "name", "aliases", "birth_date", "identifiers", "dataset")
KINDS = {"P": "Person", "C": "Company", "V": "Vessel"}
PIECES = (  # noqa: SIM905  (one word a line would hide the table)
    "Иванов Иван Иванович Ivanov Петров Пётр Петра Магомедов Магомед Магомедали Али аль Хасан И П 2 «Волга» ООО "
    "Ромашка Romashka LLC Банк Volga Завод Строительная Компания Управление НИИ Кызыл Кум Кызылкум Бдфг Бдвг Абд Абдальхасан "
    "Кумилов Кумирлтов Жвамшович Сергей Siarhei Николаевич محمد علي Мухаммад Мохаммед теплоход Иванав И.И. ИП Акум"
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
        for number, (entry_id, (kind, name, aliases, numbered)) in enumerate(rows):
            numbers = "7707083893" if numbered else ""
            writer.writerow((entry_id, KINDS[kind], name, ";".join(aliases), f"19{number % 90 + 10}", numbers, "t"))
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
