"""`sito ledger`: what an operator and an auditor do with it, in both databases."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cli_fixtures import Call

from sito.cases.projection import PROJECTION
from sito.ledger import Caller, Event, Ledger, Sealer, Signer
from sito.ledger.sealing import read_key

SHIPPED = Path(__file__).parents[2] / "engine/sito/policy/data/default.toml"
OFFICER = Caller("anna", "officer")
NAME = "Чертополохов Евлампий"


@pytest.fixture
def keys(call: Call, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A key of personal data, one that signs, and its public one."""
    made = tmp_path / "personal.key", tmp_path / "sign.key", tmp_path / "sign.pub"
    for key in made[:2]:
        assert call("ledger", "new-key", key).code == 0
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made[2].write_text(call("ledger", "public-key", made[1]).out)
    return made


@pytest.fixture
def ledger(call: Call, keys: tuple[Path, Path, Path], tmp_path: Path) -> Path:
    """A ledger with three events of 2024, the second with personal data."""
    path = tmp_path / "sito.db"
    assert call("ledger", "init", "--ledger", path).code == 0
    with Ledger.open(f"sqlite:///{path}", sealer=Sealer(read_key(keys[0]))) as opened:
        for number in range(3):
            event = Event("noted", f"case:{number}", {"n": number}, {"name": NAME} if number == 1 else None)
            opened.transact(
                lambda _, event=event: [event], request_id=f"r{number}", caller=OFFICER,
                at=datetime(2024, 1, 10 + number, 12, tzinfo=UTC),
            )  # fmt: skip
    return path


def change(path: Path, statement: str) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for (name,) in connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        connection.execute(sa.text(statement))
    engine.dispose()


def test_a_ledger_from_its_beginning_to_its_proof(
    call: Call, ledger: Path, keys: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    where, anchor = ("--ledger", ledger), tmp_path / "anchor.json"
    personal, sign, public = keys
    assert call("ledger", "checkpoint", *where, "--sign-key", sign, "--anchor", anchor).code == 0
    proof = ("--key-file", personal, "--public-key", public, "--anchor", anchor)
    answer = call("ledger", "verify", *where, *proof, "--json")
    checked = json.loads(answer.out)
    assert (answer.code, checked["events"], checked["personal"], checked["checkpoints"]) == (0, 4, 1, 1)
    assert (checked["unopened"], checked["unsigned"], checked["faults"]) == (0, 0, [])
    assert "Nothing was changed" in call("ledger", "verify", *where, *proof).out
    # Without keys and anchor it says what it could not look at.
    answer = call("ledger", "verify", *where)
    assert answer.code == 0 and answer.out.count("not compared") + answer.out.count("not opened") >= 1
    assert "from elsewhere" in answer.out
    change(ledger, "DELETE FROM event WHERE sequence = 4")
    assert call("ledger", "verify", *where).code == 0
    answer = call("ledger", "verify", *where, *proof)
    assert answer.code == 1 and "cut off" in answer.out


def test_verify_names_the_event_that_was_changed(call: Call, ledger: Path) -> None:
    change(ledger, "UPDATE event SET caller = 'boris' WHERE sequence = 2")
    answer = call("ledger", "verify", "--ledger", ledger, "--json")
    assert answer.code == 1
    assert [fault["sequence"] for fault in json.loads(answer.out)["faults"]] == [2]


def test_show_lists_events_without_personal_data(call: Call, ledger: Path) -> None:
    answer = call("ledger", "show", "--ledger", ledger, "--json", "--after", "1")
    shown = [json.loads(line) for line in answer.out.splitlines()]
    assert [(one["sequence"], one["subject"], one["has_personal"]) for one in shown] == [
        (2, "case:1", True), (3, "case:2", False),
    ]  # fmt: skip
    assert NAME not in answer.out
    answer = call("ledger", "show", "--ledger", ledger, "--limit", "2")
    assert answer.code == 0 and "--after 2" in answer.out


def test_personal_data_are_deleted_when_law_and_holds_allow_it(
    call: Call, ledger: Path, keys: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    where, why = ("--ledger", ledger), ("--reason", "past its time")
    ended = ("--relations-ended", "2024-01-31")
    delete = ("ledger", "delete-personal", "2", *where, *why)
    answer = call(*delete)
    assert answer.code == 2 and "CLI109" in answer.err
    answer = call(*delete, *ended, "--receipt-received", "2024-01-31")
    assert answer.code == 2 and "CLI109" in answer.err
    answer = call(*delete, "--relations-ended", "soon")
    assert answer.code == 2 and "CLI109" in answer.err
    answer = call(*delete, *ended)  # five years by the shipped policy
    assert answer.code == 2 and "LED143" in answer.err and "retain-relations-5y" in answer.err
    # A policy whose term is over shows the rest.
    text = SHIPPED.read_text("utf-8")
    former = 'id = "retain-relations-5y"\nrule = "R-RETAIN"\ntrigger = "relations_ended"\nvalue = 5'
    assert former in text
    policy = tmp_path / "policy.toml"
    policy.write_text(text.replace(former, former.replace("value = 5", "value = 1")), "utf-8")
    ended = (*ended, "--policy", policy)
    assert call("ledger", "hold", "case:1", *where, "--reason", "a court asks").code == 0
    answer = call(*delete, *ended)
    assert answer.code == 2 and "LED141" in answer.err
    assert call("ledger", "release", "case:1", *where, "--reason", "it has asked").code == 0
    assert call(*delete, *ended).code == 0
    answer = call(*delete, *ended)
    assert answer.code == 2 and "LED140" in answer.err
    checked = json.loads(call("ledger", "verify", *where, "--key-file", keys[0], "--json").out)
    assert (checked["fault_count"], checked["personal"], checked["deleted"]) == (0, 0, 1)
    told = json.loads(call("ledger", "show", *where, "--kind", "personal_deleted", "--json").out)
    assert told["facts"]["sequences"] == [2] and told["facts"]["terms"] == ["retain-relations-5y"]


def test_state_that_was_changed_is_told_and_put_right(call: Call, ledger: Path) -> None:
    where = ("--ledger", ledger)
    assert call("ledger", "rebuild", *where).code == 0
    table = PROJECTION.tables[0]
    with Ledger.open(f"sqlite:///{ledger}", projections=[PROJECTION]):
        pass
    columns = [column for column in table.columns if not column.nullable or column.primary_key]
    values = ", ".join("1" if isinstance(column.type, sa.Integer) else "'x'" for column in columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    change(ledger, f'INSERT INTO "{table.name}" ({names}) VALUES ({values})')
    answer = call("ledger", "rebuild", *where)
    assert answer.code == 1 and "cases" in answer.out
    assert call("ledger", "rebuild", *where).code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "--ledger", "none.db"), "LED111"),
        (("verify", "--ledger", "mysql://host/db"), "LED110"),
        (("show",), "CLI101"),
    ],
)
def test_what_is_wrong_is_one_line(call: Call, words: tuple[str, ...], code: str) -> None:
    answer = call("ledger", *words)
    assert answer.code == 2 and code in answer.err and answer.err.count("\n") == 1


def test_a_key_is_never_written_over_nor_told(call: Call, keys: tuple[Path, Path, Path]) -> None:
    before = keys[0].read_bytes()
    answer = call("ledger", "new-key", keys[0])
    assert answer.code == 2 and "LED131" in answer.err
    assert keys[0].read_bytes() == before
    assert before.decode().strip() not in answer.out + answer.err


def test_a_public_key_is_that_of_the_signer(keys: tuple[Path, Path, Path]) -> None:
    assert bytes.fromhex(keys[2].read_text()) == Signer(read_key(keys[1])).public


def test_a_client_that_left_loses_its_data_when_their_time_is_over(
    call: Call, ledger: Path, keys: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    with Ledger.open(f"sqlite:///{ledger}", sealer=Sealer(read_key(keys[0]))) as opened:
        event = Event("file_noted", "client:C-1", {"client_id": "C-1"}, {"name": NAME})
        opened.transact(lambda _: [event], request_id="c1", caller=OFFICER, at=datetime(2024, 2, 1, tzinfo=UTC))
    short = tmp_path / "policy.toml"  # a policy whose time is over soon
    text = SHIPPED.read_text("utf-8")
    head, term = text.split('id = "retain-relations-5y"')
    short.write_text(f'{head}id = "retain-relations-5y"{term.replace("value = 5", "value = 1", 1)}', "utf-8")
    where = ("--ledger", ledger)
    assert call("ledger", "end-relations", "C-1", "--on", "2024-03-01", *where).code == 0
    again = call("ledger", "end-relations", "C-1", "--on", "2024-03-01", *where)
    assert again.code == 2 and "CAS502" in again.err
    assert call("ledger", "end-relations", "C-1", "--on", "gestern", *where).code == 2
    kept = call("ledger", "expire", *where)
    assert kept.code == 0 and "No personal data" in kept.out and "1 stay: not yet over" in kept.out
    looked = json.loads(call("ledger", "expire", "--policy", short, "--json", *where).out)
    assert [one["client_id"] for one in looked["over"]] == ["C-1"] and looked["deleted"] == 0
    assert "add --delete" in call("ledger", "expire", "--policy", short, *where).out
    assert "of 1 events are deleted" in call("ledger", "expire", "--policy", short, "--delete", *where).out
    assert call("ledger", "verify", *where, "--key-file", keys[0]).code == 0
    back = call("ledger", "resume-relations", "C-1", *where)
    assert back.code == 0 and call("ledger", "resume-relations", "C-1", *where).code == 2


def test_loading_and_looking_up_lists_is_recorded(call: Call, ledger: Path, tmp_path: Path) -> None:
    lists = Path(__file__).parents[2] / "demo/lists/ru"
    assert call("build", lists, "--output", tmp_path / "ru.index").code == 0
    first = call("ledger", "load", tmp_path / "ru.index", "--ledger", ledger)
    assert first.code == 0 and first.out.startswith("Recorded: RU-MVK 2026-02-20, RU-TE 2026-02-26")
    assert "Recorded before" in call("ledger", "load", tmp_path / "ru.index", "--ledger", ledger).out
    answer = call("check", NAME, "--index", tmp_path / "ru.index", "--ledger", ledger)
    assert answer.code == 0 and "RU-TE" in answer.out
    shown = call("ledger", "show", "--ledger", ledger, "--json", "--kind", "list_used", "--kind", "list_loaded").out
    rows = [json.loads(line) for line in shown.splitlines()]
    assert [(row["kind"], row["facts"]["purpose"]) for row in rows] == [("list_loaded", "load")] * 2 + [
        ("list_used", "lookup")
    ] * 2
    assert NAME not in shown and all(row["caller"].startswith("local:") for row in rows)
    lost = call("check", NAME, "--index", tmp_path / "ru.index", "--ledger", tmp_path / "none.db")
    assert lost.code == 2 and "LED111" in lost.err and not lost.out
    assert call("ledger", "load", tmp_path / "none.index", "--ledger", ledger).code == 2
