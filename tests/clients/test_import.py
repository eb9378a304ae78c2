"""Imports: what is read of a client file, what is refused and why, and that nothing is lost without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.people import AT, NUMBER, all_hits, client, made_index, records, screened, take, write_clients

from sito.clients import ClientBase, Refused, Risk, import_clients, read_clients
from sito.clients.base import encoded, fingerprint_of
from sito.clients.texts import folder_of
from sito.errors import ClientBaseError, RecordError
from sito.records import RELATIONS, Reject, Role

RISK = {"risk_grade": "high", "risk_reason": "публичное лицо", "risk_date": "2026-01-31"}
CSV = """id;name;birth_date;inn;kind;client_id;relation;risk_grade;risk_reason;risk_date
C-1;ООО "Ромашка";;7707083893;organisation;;;high;публичное лицо;31.01.2026
;Чертополохов Евлампий;1950-01-01;;person;C-1;director;;;
;Лестников Аркадий;;;;C-1;beneficial_owner;;;
C-2;Петров Пётр;1980;;;;;;;
"""
CLIENTS = [
    client(
        "C-1", 'ООО "Ромашка"', inn="7707083893", kind="organisation", **RISK,
        related=[
            {"relation": "director", "name": "Чертополохов Евлампий", "birth_date": "1950-01-01", "kind": "person"},
            {"relation": "beneficial_owner", "name": "Лестников Аркадий"},
        ],
    ),
    client("C-2", "Петров Пётр", birth_date="1980"),
]  # fmt: skip


@pytest.fixture
def base(tmp_path: Path) -> Iterator[ClientBase]:
    with ClientBase.open(tmp_path / "base", create=True) as opened:
        yield opened


def refused(file: Path) -> list[tuple[str, str]]:
    return [(one.reject.code, one.client_id) for one in read_clients(file)[1] if isinstance(one, Refused)]


def test_all_formats_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CSV, encoding="utf-8")
    write_clients(tmp_path / "c.jsonl", CLIENTS)
    keys = dict.fromkeys(key for one in CLIENTS for key in one)
    pq.write_table(pa.Table.from_pylist([keys | one for one in CLIENTS]), tmp_path / "c.parquet")
    found = [list(read_clients(tmp_path / f"c.{suffix}")[1]) for suffix in ("csv", "jsonl", "parquet")]
    assert found[0] == found[1] == found[2]
    first = found[0][0]
    assert not isinstance(first, Refused)
    assert first.risk == Risk("high", "публичное лицо", "2026-01-31")
    assert [party.role for party in first.record.parties] == [Role.CUSTOMER, Role.DIRECTOR, Role.BENEFICIAL_OWNER]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("REC231", {"id": ""}), ("REC231", {"id": "x" * 256}), ("REC231", {"id": "a\tb"}),
        ("REC232", {"related": [{"relation": "friend", "name": "Петров"}]}),
        ("REC233", {"risk_grade": "low"}), ("REC233", {"risk_reason": "так"}),
        ("REC233", {"risk_grade": "low", "risk_reason": "так"}),
        ("REC206", {**RISK, "risk_date": "вчера"}), ("REC210", {**RISK, "risk_grade": "x" * 101}),
        ("REC204", {"related": [{"relation": "director", "name": " "}]}), ("REC204", {"name": ""}),
        ("REC214", {"related": "нет"}), ("REC214", {"related": ["нет"]}), ("REC214", {"birth_date": True}),
        ("REC216", {"related": [{"relation": "director", "name": "Петров"}] * 1001}),
        ("REC214", {"director": "Лестников"}), ("REC214", {"Beneficiaries": [{"name": "Лестников"}]}),
        ("REC214", {"related": [{"relation": "director", "name": "П", "related": [{"relation": "x", "name": "Л"}]}]}),
        ("REC214", {"related": [{"relation": "director", "name": "П", "representative": {"name": "Л"}}]}),
        ("REC105", {"purpose": "оплата"}), ("REC201", {"name": "a\x00b"}),
    ],
)  # fmt: skip
def test_a_client_is_read_whole_or_refused(code: str, more: dict[str, Any], tmp_path: Path) -> None:
    file = write_clients(tmp_path / "c.jsonl", [client("C-1", "Петров Пётр") | more, CLIENTS[1]])
    assert [one for one, _ in refused(file)] == [code]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (";Лестников;;;;C-9;director;;;", [("REC234", "C-9")]),
        (";Лестников;;;;C-1;friend;;;", [("REC232", "C-1")]),
        (";Лестников;1950-13-01;;;C-1;director;;;", [("REC206", "C-1")]),
        ("a;b", [("REC200", ""), ("REC200", "C-1")]),
    ],
)
def test_a_related_row_that_does_not_fit_refuses_its_client(
    line: str, codes: list[tuple[str, str]], tmp_path: Path
) -> None:
    lines = CSV.splitlines()
    (tmp_path / "c.csv").write_text("\n".join([*lines[:2], line, *lines[4:]]) + "\n", encoding="utf-8")
    assert sorted(refused(tmp_path / "c.csv")) == sorted(codes)


def test_whoever_stands_elsewhere_than_in_related_is_not_left_out(tmp_path: Path) -> None:
    """Columns and keys that are not known are left alone, but not those that hold people of a client."""
    (tmp_path / "c.csv").write_text("id,name,director\nC-1,Ромашка,Лестников\n", encoding="utf-8")
    with pytest.raises(RecordError, match="REC105"):
        read_clients(tmp_path / "c.csv")
    rows = [
        {"id": "C-1", "name": "Ромашка", "representatives": [{"name": "Лестников"}]},
        {"id": "C-2", "name": "Волга"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "c.parquet")
    assert refused(tmp_path / "c.parquet") == [("REC214", "C-1")]
    twice = [[{"relation": "director", "name": name}] for name in ("Лестников", "Петров")]
    columns = [pa.array([one]) for one in ("C-1", "Ромашка", *twice)]
    pq.write_table(pa.table(columns, names=["id", "name", "related", "Related"]), tmp_path / "twice.parquet")
    with pytest.raises(RecordError, match="REC105"):
        list(read_clients(tmp_path / "twice.parquet")[1])
    spare = client("C-1", "Ромашка", director=None, beneficiaries=[], tags=[{"a": 1}], addresses={"director": "нет"})
    assert len(records(write_clients(tmp_path / "c.jsonl", [spare]))) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"id":"C-1","name":"Лестников","name":"Петров"}', '{"id":"C-1","name":"Лестников","na\\u006de" : "Петров"}',
        '{"id":"C-1","name":"П","related":[{"relation":"director","name":"Л"}],"related" :[]}',
        '{"id":"C-1","name":"П","related":[{"relation":"director","name":"Л","name":"Ю"}]}',
        '{"id":"C-1","name":"П","related":[{"relation":"director","name":"Л","Name":"Ю"}]}',
    ],
)  # fmt: skip
def test_a_key_that_stands_twice_hides_nobody(line: str, tmp_path: Path) -> None:
    said = '{"id":"C-2","name":"\\"name\\":\\"id\\" : \\"name\\":","x":{"a":[{"name":1},{"name":2}]}}'
    (tmp_path / "c.jsonl").write_text(f"{line}\n{said}\n", encoding="utf-8")
    assert [code for code, _ in refused(tmp_path / "c.jsonl")] == ["REC214"]


def test_a_number_with_a_fraction_of_zero_is_a_number(tmp_path: Path) -> None:
    """Tables with gaps write whole numbers so: the number would match no entry."""
    lines = ['{"id":1.0,"name":"Петров","inn":7707083893.0}', '{"id":"2","name":"Петров","inn":7.707083893e9}']
    lines += [f'{{"id":"3","name":"Петров","inn":{inn}}}' for inn in ("7707083893.5", "1e999999999", "1e-999999999")]
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = [one for one in read_clients(tmp_path / "c.jsonl")[1] if not isinstance(one, Refused)]
    assert [one.record.record_id for one in found] == ["1", "2"]
    assert {one.record.parties[0].identifiers[0].number for one in found} == {NUMBER}
    assert refused(tmp_path / "c.jsonl") == [("REC214", "3")] * 3


def test_each_relation_has_a_role(tmp_path: Path) -> None:
    related = [{"relation": role.value, "name": "Лестников"} for role in RELATIONS]
    (record,) = records(write_clients(tmp_path / "c.jsonl", [client("C", "Петров", related=related)]))
    assert tuple(party.role for party in record.parties[1:]) == RELATIONS


def test_payments_are_no_clients(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,purpose\n1,оплата\n", encoding="utf-8")
    with pytest.raises(RecordError, match="REC105"):
        read_clients(tmp_path / "p.csv")
    (tmp_path / "p.txt").write_text("1CClientBankExchange\n", encoding="utf-8")
    with pytest.raises(RecordError, match="REC103"):
        read_clients(tmp_path / "p.txt")


def test_added_changed_removed_and_back(base: ClientBase, tmp_path: Path) -> None:
    people = [client(f"C-{i}", f"Петров Пётр {i}") for i in range(6)]
    done = take(base, write_clients(tmp_path / "1.jsonl", people))
    assert (done.client_count, done.added) == (6, 6)
    people[1]["name"] = "Сидоров Пётр"
    done = take(base, write_clients(tmp_path / "2.jsonl", [*people[:5], client("C-9", "Лестников")]))
    assert (done.added, done.changed, done.unchanged, done.removed, done.client_count) == (1, 1, 4, 1, 6)
    assert base.client("C-5")[0] is None
    done = take(base, write_clients(tmp_path / "3.jsonl", people))
    assert (done.added, done.changed, done.removed) == (1, 0, 1)
    row, _ = base.client("C-5")
    assert row is not None
    assert row.record.parties[0].name == "Петров Пётр 5"
    other, _ = base.client("C-1")
    assert other is not None
    assert fingerprint_of(encoded(row.record)) != fingerprint_of(encoded(other.record))


def test_a_grade_is_kept_with_its_reason_and_history(base: ClientBase, tmp_path: Path) -> None:
    take(base, write_clients(tmp_path / "1.jsonl", CLIENTS))
    later = CLIENTS[0] | {"risk_grade": "low", "risk_reason": "проверено", "risk_date": "2026-06-01"}
    assert take(base, write_clients(tmp_path / "2.jsonl", [later, CLIENTS[1]])).graded == 1
    silent = {name: value for name, value in CLIENTS[0].items() if not name.startswith("risk")}
    assert take(base, write_clients(tmp_path / "3.jsonl", [silent, CLIENTS[1]])).graded == 0
    _, history = base.client("C-1")
    assert history == [
        (1, Risk("high", "публичное лицо", "2026-01-31")), (2, Risk("low", "проверено", "2026-06-01")),
    ]  # fmt: skip


def test_what_is_refused_stays_as_it_was(base: ClientBase, tmp_path: Path) -> None:
    people = [client(f"C-{i}", f"Петров Пётр {i}") for i in range(4)]
    take(base, write_clients(tmp_path / "1.jsonl", people))
    rejects: list[Reject] = []
    broken = [people[0] | {"name": ""}, people[1], people[1] | {"name": "Другой"}, people[2]]
    done = take(base, write_clients(tmp_path / "2.jsonl", broken), rejects)
    assert [one.code for one in rejects] == ["REC204", "REC235"]
    assert (done.kept, done.removed, done.unsure, done.client_count) == (1, 1, False, 3)
    for number in (0, 1):
        row, _ = base.client(f"C-{number}")
        assert row is not None
        assert row.record.parties[0].name == f"Петров Пётр {number}"
    # Of a line that is no JSON nobody can tell whose it is: it may be that of C-2.
    (tmp_path / "3.jsonl").write_bytes((tmp_path / "1.jsonl").read_bytes().splitlines()[0] + b'\n{"id": "C-2", \n')
    done = take(base, tmp_path / "3.jsonl", rejects)
    assert (done.unsure, done.removed, done.client_count) == (True, 0, 3)


def test_too_many_gone_or_none_readable_is_refused(base: ClientBase, tmp_path: Path) -> None:
    people = [client(f"C-{i}", f"Петров Пётр {i}") for i in range(4)]
    take(base, write_clients(tmp_path / "1.jsonl", people))
    with pytest.raises(ClientBaseError, match="CLB107"):
        take(base, write_clients(tmp_path / "2.jsonl", people[:1]))
    with pytest.raises(ClientBaseError, match="CLB108"):
        take(base, write_clients(tmp_path / "3.jsonl", [client("", "Петров")]), [])
    assert (base.generation, base.count(), len(list(base.folder.glob("texts-*")))) == (1, 4, 1)
    assert take(base, tmp_path / "2.jsonl", shrink_max=1.0).removed == 3


def test_a_base_is_its_owners_alone(tmp_path: Path) -> None:
    with pytest.raises(ClientBaseError, match="CLB101"):
        ClientBase.open(tmp_path / "none")
    with ClientBase.open(tmp_path / "base", create=True) as base:
        take(base, write_clients(tmp_path / "1.jsonl", CLIENTS))
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "base").rglob("*")} == {0}
    (tmp_path / "base").chmod(0o750)
    with pytest.raises(ClientBaseError, match="CLB102"):
        ClientBase.open(tmp_path / "base")


def test_a_bit_that_fell_over_loses_no_client(base: ClientBase, tmp_path: Path) -> None:
    """Texts that changed would be met no more, and nobody would know."""
    index = made_index(tmp_path, "list", [("T-1", ("P", "Чертополохов Евлампий", [], False))])
    take(base, write_clients(tmp_path / "1.jsonl", CLIENTS))
    for path in folder_of(base.folder, 1).iterdir():
        whole = path.read_bytes()
        for place in {0, len(whole) // 2, len(whole) - 1} if whole else ():
            damaged = bytearray(whole)
            damaged[place] ^= 1
            path.write_bytes(damaged)
            with pytest.raises(ClientBaseError, match="CLB106"):
                screened(base, index)
        path.unlink()
        with pytest.raises(ClientBaseError, match="CLB106"):
            screened(base, index)
        path.write_bytes(whole)
    connection = base._connection
    number, record = connection.execute("SELECT number, record FROM client ORDER BY number LIMIT 1").fetchone()
    for other in (b"\xc1" + record[1:], record.replace("и".encode(), "о".encode()), b""):
        connection.execute("UPDATE client SET record = ? WHERE number = ?", (other, number))
        with pytest.raises(ClientBaseError, match="CLB111"):
            base.rows([number])
    connection.execute("UPDATE client SET record = ? WHERE number = ?", (record, number))
    screened(base, index)
    connection.execute("UPDATE client SET removed = 1 WHERE number = ?", (number,))
    with pytest.raises(ClientBaseError, match="CLB111"):
        screened(base, index)


def test_a_foreign_or_damaged_base_is_refused(base: ClientBase, tmp_path: Path) -> None:
    index = made_index(tmp_path, "list", [("T-1", ("P", "Чертополохов Евлампий", [], False))])
    with pytest.raises(ClientBaseError, match="CLB110"):
        screened(base, index)
    take(base, write_clients(tmp_path / "1.jsonl", CLIENTS))
    with pytest.raises(ClientBaseError, match="CLB109"):
        base.client("C-77")
    starts = folder_of(base.folder, 1) / "party.starts"
    whole = starts.read_bytes()
    within = whole[:8] + b"\xff" * 7 + b"\x7f" + whole[16:]
    for damaged in (whole[:-8], whole[:-4], b"", whole[:-8] + b"\xff" * 8, within):
        starts.write_bytes(damaged)
        with pytest.raises(ClientBaseError, match="CLB106"):
            screened(base, index)
    starts.write_bytes(whole)
    (folder_of(base.folder, 1) / "party.clients").write_bytes(b"\xff" * (len(whole) // 2 - 4))
    with pytest.raises(ClientBaseError, match="CLB106"):
        screened(base, index)
    base._connection.execute("ALTER TABLE import RENAME TO other")
    with pytest.raises(ClientBaseError, match="CLB111"):
        base.imports(1)
    base.write_facts({"layout": "0"})
    with pytest.raises(ClientBaseError, match="CLB103"):
        ClientBase.open(base.folder)
    base.close()
    (base.folder / "base.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ClientBaseError, match="CLB101"):
        ClientBase.open(base.folder)


def test_two_do_not_change_a_base_at_once(base: ClientBase, tmp_path: Path) -> None:
    with base.locked(), ClientBase.open(base.folder) as other, pytest.raises(ClientBaseError, match="CLB104"):
        take(other, write_clients(tmp_path / "1.jsonl", CLIENTS))


def test_texts_that_lie_about_are_put_together(
    base: ClientBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sito.clients.importing.SPARE", 3)
    index = made_index(tmp_path, "list", [("T-1", ("P", "Чертополохов Евлампий", [], False))])
    for turn in range(8):
        people = [
            client(f"C-{i}", f"Чертополохов {turn} Евлампий {i}" if i % 2 else f"Петров {turn}") for i in range(4)
        ]
        file = write_clients(tmp_path / f"{turn}.jsonl", people)
        take(base, file)
        assert sum(base.texts().values()) <= 2 * 4 + 3
        assert sorted(path.name for path in base.folder.glob("texts-*")) == [
            folder_of(base.folder, generation).name for generation in base.texts()
        ]
        assert screened(base, index, is_full=True)[1] == all_hits(index, file)


def test_nothing_is_left_of_who_is_gone(base: ClientBase, tmp_path: Path) -> None:
    take(base, write_clients(tmp_path / "1.jsonl", [*CLIENTS, client("C-9", "Кукуруза Аполлон", inn=NUMBER)]))

    def left() -> bool:
        return any("Кукуруза".encode() in path.read_bytes() for path in base.folder.rglob("*") if path.is_file())

    assert left()
    take(base, write_clients(tmp_path / "2.jsonl", CLIENTS), is_compact=True)
    assert not left()


def test_a_client_too_large_to_be_sealed_is_refused(base: ClientBase, tmp_path: Path) -> None:
    take(base, write_clients(tmp_path / "1.jsonl", CLIENTS))
    long = client("C-1", "Петров", related=[{"relation": "director", "name": f"{i:03d} " * 200} for i in range(600)])
    rejects: list[Reject] = []
    done = take(base, write_clients(tmp_path / "2.jsonl", [long, CLIENTS[1]]), rejects)
    assert [one.code for one in rejects] == ["REC210"]
    assert (done.kept, done.client_count) == (1, 2)


def test_another_version_lays_all_texts_out_anew(
    base: ClientBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_clients(tmp_path / "1.jsonl", CLIENTS)
    take(base, file)
    index = made_index(tmp_path, "list", [("T-1", ("P", "Чертополохов Евлампий", [], False))])
    assert screened(base, index)[1] == all_hits(index, file)
    base.write_facts({"texts_version": "0.0.0"})
    night, told = screened(base, index)
    assert (night.cause, told) == ("texts", all_hits(index, file))
    take(base, file)
    assert (base.fact("texts_version") != "0.0.0", base.texts()) == (True, {2: 2})
    assert screened(base, index, is_full=True)[1] == all_hits(index, file)


def test_an_import_that_is_killed_has_not_happened(tmp_path: Path) -> None:
    people = [client(f"C-{i}", f"Петров Пётр {i}") for i in range(9_000)]
    first = write_clients(tmp_path / "1.jsonl", people[:50])
    second = write_clients(tmp_path / "2.jsonl", [one | {"name": "Сидоров"} for one in people])
    with ClientBase.open(tmp_path / "base", create=True) as base:
        take(base, first)
        index = made_index(tmp_path, "list", [("T-1", ("P", "Петров Пётр", [], False))])
        code = "import sys; from tests.clients.test_import import killed; killed(sys.argv[1], sys.argv[2])"
        for after_s in (0.0, 0.1, 0.25):
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "base"), str(second)], stdout=subprocess.PIPE
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(after_s)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
            assert (base.count(), base.generation) == (50, 1)
            assert screened(base, index, is_full=True)[0].match_count == 50
        assert take(base, second).added == 8_950
        assert len(list(base.folder.glob("texts-*"))) == len(base.texts())


def killed(folder: str, file: str) -> None:
    """Import a file and wait for the end of the world before it is committed."""

    def tell(done: int) -> None:
        print(done, flush=True)
        if done > 5_000:
            time.sleep(60)

    with ClientBase.open(folder) as base:
        import_clients(base, read_clients(Path(file))[1], at=AT, refused=lambda _: None, progress=tell)
