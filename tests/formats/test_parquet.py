"""Parquet files."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from record_fixtures import codes, numbers, party, read, records, write

from sito.errors import RecordError
from sito.formats import open_records
from sito.records import Role


def table(folder: Path, columns: dict[str, pa.Array]) -> Path:
    path = folder / "input"
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_of_all_kinds_are_read(tmp_path: Path, type: pa.DataType) -> None:
    names = pa.array(["Лопухов Пётр", "Ромашка"]).cast(type)
    path = table(
        tmp_path,
        {"id": pa.array([1, 2]), "name": names, "inn": pa.array([None, "7700000016"]), "x": pa.array([1.5, 2])},
    )
    file = open_records(path)
    assert (file.format, file.size_hint()) == ("parquet", 2)
    first, second = records(list(file))
    assert file.position() == 2
    assert (first.record_id, first.text(Role.CUSTOMER)) == ("1", "Лопухов Пётр")
    assert numbers(party(second, Role.CUSTOMER)) == {"inn": "7700000016"}


def test_dates_and_decimals_are_converted(tmp_path: Path) -> None:
    columns = {
        "purpose": pa.array(["Оплата"]),
        "amount": pa.array([decimal.Decimal("1500.50")], pa.decimal128(20, 2)),
        "date": pa.array([datetime.datetime(2026, 3, 5, 12, 30)], pa.timestamp("ms")),
        "debtor_name": pa.array(["Лопухов Пётр"]),
        "debtor_birth_date": pa.array([datetime.date(1980, 5, 17)]),
    }
    (record,) = records(read(table(tmp_path, columns)))
    assert (record.amount, record.date) == ("1500.50", "2026-03-05")
    assert party(record, Role.DEBTOR).birth_date == "1980-05-17"


def test_aliases_may_be_a_list(tmp_path: Path) -> None:
    columns = {"name": pa.array(["A B"]), "aliases": pa.array([["C", "D"]])}
    assert party(read(table(tmp_path, columns))[0], Role.CUSTOMER).aliases == ("C", "D")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("inn", pa.array([7700000016])),
        ("amount", pa.array([1.5])),
        ("purpose", pa.array([b"x"])),
        ("date", pa.array([20260305])),
        ("currency", pa.array([["RUB"]])),
    ],
)
def test_other_types_are_refused_with_the_column(tmp_path: Path, column: str, values: pa.Array) -> None:
    columns = {"purpose": pa.array(["x"]), "debtor_name": pa.array(["A"]), column: values}
    if column == "inn":
        columns = {"name": pa.array(["A"]), column: values}
    with pytest.raises(RecordError) as caught:
        open_records(table(tmp_path, columns))
    assert caught.value.code == "REC107"
    assert column in caught.value.expected
    assert str(values.type).partition("<")[0] in caught.value.got


def test_missing_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="REC104"):
        open_records(table(tmp_path, {"x": pa.array(["a"])}))


def test_cut_file_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {"name": pa.array(["A"] * 100)})
    with pytest.raises(RecordError, match="REC106"):
        open_records(write(tmp_path, path.read_bytes()[:-5], name="cut"))


def test_bad_cells_are_refused_one_by_one(tmp_path: Path) -> None:
    broken = pa.array([b"Ivan", b"\xff", b"a\x00b", b"", None, b"Petr"]).cast(pa.string(), safe=False)
    items = read(table(tmp_path, {"name": broken}))
    assert codes(items) == ["ok", "REC202", "REC201", "REC204", "REC204", "ok"]


def test_damaged_pages_end_the_file_with_a_reason(tmp_path: Path) -> None:
    path = table(tmp_path, {"name": pa.array([f"Name {i}" for i in range(5_000)])})
    data = bytearray(path.read_bytes())
    data[4:2_000] = b"\xff" * 1_996
    assert codes(read(write(tmp_path, bytes(data))))[-1] == "REC217"


def test_column_whose_name_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"name": ["Thistle"], "zzzzzz": ["x"]}), path)
    path.write_bytes(path.read_bytes().replace(b"zzzzzz", b"zz\xe5zzz"))
    with pytest.raises(RecordError, match="REC106"):
        open_records(path)
