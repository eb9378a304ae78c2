"""What the policy says of hits, in all answers of the command line. All names are invented."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_fixtures import Call, list_text

from sito import build_index

LISTED, BORN = "Чертополохов Евлампий Савватеевич", "1971-03-14"
HEADER = "id,debtor_name,debtor_birth_date,creditor_name,creditor_birth_date,purpose,client_side,operation"
# (id, payer listed, sure, client side, operation; verdicts by role)
PAYMENTS = [
    ("untold", "payer", "sure", "", "", {"debtor": ("freeze", "R-TE-FREEZE")}),
    ("ours-pays", "payer", "sure", "debtor", "", {"debtor": ("freeze", "R-TE-FREEZE")}),
    ("ours-gets", "payee", "sure", "creditor", "", {"creditor": ("freeze", "R-TE-FREEZE/credit")}),
    ("wage", "payee", "sure", "creditor", "salary", {"creditor": ("review", "R-CARVE-WAGE")}),
    ("pension", "payee", "sure", "Creditor", "PENSION", {"creditor": ("review", "R-CARVE-SOC")}),
    ("pays-listed", "payee", "sure", "debtor", "", {"creditor": ("review", "R-OPER-FES")}),
    ("namesake", "payer", "name", "debtor", "pension", {"debtor": ("review", "R-TE-FREEZE/likeness")}),
    ("both", "payee", "sure", "both", "", {"creditor": ("freeze", "R-TE-FREEZE/credit")}),
    ("nobody", "none", "", "debtor", "", {}),
]


@pytest.fixture(scope="session")
def te_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("te")
    (folder / "te.csv").write_text(list_text(("T-1", "Person", LISTED, "", BORN)), "utf-8")
    build_index([folder / "te.csv"], folder / "te.index", list_id="RU-TE")
    return folder / "te.index"


def rows() -> list[list[str]]:
    made = []
    for id, who, sure, side, operation, _ in PAYMENTS:
        listed, nobody = (LISTED, BORN if sure == "sure" else ""), ("Незабудкин Пахом", "")
        payer, payee = (listed if who == "payer" else nobody), (listed if who == "payee" else nobody)
        made.append([id, *payer, *payee, "", side, operation])
    return made


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "\n" + "".join(",".join(row) + "\n" for row in rows()), "utf-8")
    return path


EXPECTED = {(id, role): verdict for id, *_, verdicts in PAYMENTS for role, verdict in verdicts.items()}


def screened(call: Call, source: Path, index: Path, output: Path, *words: object) -> list[dict[str, object]]:
    answer = call("screen", source, "--index", index, "--output", output, *words)
    assert answer.code == 0, answer.err
    assert "verdicts by sito-default 1.0.0" in answer.err or "--policy" in words
    return [json.loads(line) for line in output.read_text("utf-8").splitlines()]


def test_lines_carry_verdict_rule_and_reason(call: Call, te_index: Path, payments: Path, tmp_path: Path) -> None:
    lines = screened(call, payments, te_index, tmp_path / "hits.jsonl")
    assert {(line["record_id"], line["role"]): (line["verdict"], line["rule_id"]) for line in lines} == EXPECTED
    for line in lines:
        (ruling,) = line["rulings"]  # type: ignore[misc]  # JSON
        assert ruling["rule_id"] == line["rule_id"] == line["hits"][0]["rule_id"]  # type: ignore[index]
        assert ruling["law"].startswith("115-FZ")
        assert ruling["reason"]
        assert (ruling["policy_id"], ruling["policy_version"]) == ("sito-default", "1.0.0")


def test_json_lines_and_parquet_tell_the_same_facts(call: Call, te_index: Path, payments: Path, tmp_path: Path) -> None:
    names = HEADER.split(",")
    objects = [dict(zip(names, row, strict=True)) for row in rows()]
    jsonl, parquet = tmp_path / "p.jsonl", tmp_path / "p.parquet"
    jsonl.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects), "utf-8")
    pq.write_table(pa.Table.from_pylist(objects), parquet)
    wanted = screened(call, payments, te_index, tmp_path / "a.jsonl")
    assert screened(call, jsonl, te_index, tmp_path / "b.jsonl") == wanted
    assert screened(call, parquet, te_index, tmp_path / "c.jsonl") == wanted


def test_csv_and_parquet_outputs_carry_the_rule(call: Call, te_index: Path, payments: Path, tmp_path: Path) -> None:
    call("screen", payments, "--index", te_index, "--output", tmp_path / "h.csv")
    text = (tmp_path / "h.csv").read_text("utf-8-sig")
    found = [*csv.DictReader(io.StringIO(text))]
    assert {(row["record_id"], row["role"]): (row["verdict"], row["rule_id"]) for row in found} == EXPECTED
    assert all(row["law"] and row["ruling"] for row in found)
    call("screen", payments, "--index", te_index, "--output", tmp_path / "h.parquet")
    table = pq.read_table(tmp_path / "h.parquet").to_pylist()
    assert {(row["record_id"], row["role"]): (row["verdict"], row["rule_id"]) for row in table} == EXPECTED


def test_a_file_of_our_own_clients_needs_no_column(call: Call, te_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"id,creditor_name,creditor_birth_date,purpose\n1,{LISTED},{BORN},\n", "utf-8")
    lines = screened(call, path, te_index, tmp_path / "h.jsonl", "--client-side", "debtor")
    assert [line["rule_id"] for line in lines] == ["R-OPER-FES"]


def test_customers_tell_the_occasion(call: Call, te_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    occasions = ("", "check", "onboarding", "remote_opening")
    body = "".join(f"{place},{LISTED},{BORN},{word}\n" for place, word in enumerate(occasions))
    path.write_text("id,name,birth_date,occasion\n" + body, "utf-8")
    lines = screened(call, path, te_index, tmp_path / "h.jsonl")
    assert [line["verdict"] for line in lines] == ["freeze", "freeze", "refuse", "refuse"]


@pytest.mark.parametrize("facts", ["debitor,", "unknown?,"])
def test_a_word_that_is_none_is_a_reject(call: Call, te_index: Path, tmp_path: Path, facts: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"id,debtor_name,purpose,client_side,operation\n1,{LISTED},,{facts}\n", "utf-8")
    answer = call("screen", path, "--index", te_index, "--output", tmp_path / "h.jsonl")
    assert answer.code == 2
    assert "REC218" in answer.err


def test_the_bank_has_a_policy_of_its_own(call: Call, te_index: Path, payments: Path, tmp_path: Path) -> None:
    policy = tmp_path / "own.toml"
    policy.write_text(
        '[policy]\nid = "bank"\nversion = "7"\ntitle = "all"\nvalid_from = 2024-01-01\n[[rule]]\nid = "B-1"\n'
        'law = "l"\ncertainty = "S"\nsource = "s"\nverdict = "review"\nreason = "r"\n',
        "utf-8",
    )
    lines = screened(call, payments, te_index, tmp_path / "h.jsonl", "--policy", policy)
    assert {line["rule_id"] for line in lines} == {"B-1"}
    policy.write_text("[policy]\n", "utf-8")
    refused = call("screen", payments, "--index", te_index, "--output", tmp_path / "h.jsonl", "--policy", policy)
    assert (refused.code, refused.err[:12]) == (2, "sito: POL104")


def test_check_says_what_follows(call: Call, te_index: Path) -> None:
    sure = ("check", LISTED, "--index", te_index, "--birth-date", BORN)
    answer = call(*sure)
    assert answer.out.startswith("freeze: 1 hit\nR-TE-FREEZE (freeze), 115-FZ Art. 7 (1)(6): ")
    assert "Verdict by sito-default 1.0.0 on " in answer.out
    assert call(*sure, "--occasion", "onboarding").out.startswith("refuse: 1 hit\nR-ONBOARD (refuse)")
    remote = call(*sure, "--occasion", "remote_opening", "--role", "director").out
    assert remote.startswith("refuse: 1 hit\nR-REMOTE (refuse)")
    assert call("check", LISTED, "--index", te_index).out.startswith("review: 1 hit\nR-TE-FREEZE/likeness (review)")
    facts = json.loads(call(*sure, "--json").out)
    assert (facts["verdict"], facts["rule_id"], facts["hits"][0]["rule_id"]) == ("freeze", "R-TE-FREEZE", "R-TE-FREEZE")
    assert len(facts["policy"]["edition"]) == 64
    assert call(*sure, "--role", "boss").err.startswith("sito: CLI109")
    assert call(*sure, "--occasion", "payment").err.startswith("sito: CLI109")  # a look-up is none


def test_a_hit_that_the_caller_does_not_want_to_see_still_decides(call: Call, te_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"id,name,birth_date\n1,Чертополохов Евлампий Саватеевич,{BORN}\n", "utf-8")
    (shown,) = screened(call, path, te_index, tmp_path / "a.jsonl")
    (hidden,) = screened(call, path, te_index, tmp_path / "b.jsonl", "--score-min", "1")
    assert hidden["hits"] == []
    assert (hidden["verdict"], hidden["rule_id"]) == (shown["verdict"], shown["rule_id"])


def test_processes_give_the_same(call: Call, te_index: Path, tmp_path: Path) -> None:
    from sito.batch import screen_file
    from sito.cli.policies import today
    from sito.policy.judge import Judge
    from sito.policy.verdict import default_policy

    path = tmp_path / "p.csv"
    path.write_text(HEADER + "\n" + "".join(",".join(row) + "\n" for row in rows()), "utf-8")
    judge = Judge(default_policy(), today())
    for name, workers in (("one.jsonl", 1), ("two.jsonl", 2)):
        screen_file(path, te_index, tmp_path / name, judge=judge, workers=workers, parallel_size_min=0)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.jsonl", "two.jsonl"))
    assert one == two
    assert b"R-CARVE-WAGE" in one


def test_an_unknown_word_for_an_operation_is_told_and_never_milder(call: Call, te_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    head = "id,creditor_name,creditor_birth_date,purpose,client_side,operation\n"
    body = "".join(f"{word},{LISTED},{BORN},,creditor,{word}\n" for word in ("salary", "salery", "", "pension."))
    path.write_text(head + body, "utf-8")
    answer = call("screen", path, "--index", te_index, "--output", tmp_path / "h.jsonl")
    assert answer.code == 0
    assert "operation: a word that is not known 2x" in answer.err
    assert answer.err.endswith(": freeze 3x, review 1x\n")
    lines = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text("utf-8").splitlines()]
    assert [line["verdict"] for line in lines] == ["review", "freeze", "freeze", "freeze"]


def test_the_banks_of_a_payment_tell_our_side(call: Call, te_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    head = "id,debtor_name,debtor_bic,creditor_name,creditor_birth_date,creditor_bic,purpose,client_side\n"
    banks = [("044525225", "044525226", ""), ("044525226", "044525225", ""), ("044525226", "044525226", "")]
    banks += [("044525225", "", ""), ("044525225", "044525226", "creditor")]
    body = "".join(f"{n},Лютик,{a},{LISTED},{BORN},{b},,{side}\n" for n, (a, b, side) in enumerate(banks))
    path.write_text(head + body, "utf-8")
    lines = screened(call, path, te_index, tmp_path / "h.jsonl", "--own-bic", "044525225", "--own-bic", "TESTRUMM")
    rules = [line["rule_id"] for line in lines]
    assert rules == ["R-OPER-FES", "R-TE-FREEZE/credit", "R-TE-FREEZE", "R-TE-FREEZE", "R-TE-FREEZE"]
    wrong = call("screen", path, "--index", te_index, "--output", tmp_path / "h.jsonl", "--own-bic", "0445")
    assert (wrong.code, wrong.err[:12]) == (2, "sito: POL115")


def test_wages_are_those_of_the_one_who_gets_them(call: Call, te_index: Path, tmp_path: Path) -> None:
    """A listed employer does not get a milder verdict because his order says that he pays wages."""

    def pain(payer: str, payee: str) -> str:
        born = f"<Id><PrvtId><DtAndPlcOfBirth><BirthDt>{BORN}</BirthDt></DtAndPlcOfBirth></PrvtId></Id>"
        return (
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><NbOfTxs>1'
            f"</NbOfTxs></GrpHdr><PmtInf><Dbtr><Nm>{payer}</Nm>{born}</Dbtr><CdtTrfTxInf><Purp><Cd>SALA</Cd></Purp>"
            f"<Cdtr><Nm>{payee}</Nm>{born}</Cdtr></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"
        )

    path = tmp_path / "p.xml"
    for payer, payee, rule in (
        (LISTED, "Лютик Аристарх", "R-TE-FREEZE"),
        ("Лютик Аристарх", LISTED, "R-CARVE-WAGE"),
    ):
        path.write_text(pain(payer, payee), "utf-8")
        (line,) = screened(call, path, te_index, tmp_path / "h.jsonl", "--client-side", "both")
        assert line["rule_id"] == rule


@pytest.mark.parametrize("words", [("--output", "calendar.csv"), ("--output", "-", "--rejects", "policy.toml"),
                                   ("--output", "notes/hits.jsonl")])  # fmt: skip
def test_nothing_is_written_into_the_folder_of_the_policy(
    call: Call, te_index: Path, payments: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """A file of hits would take the place of the bank's days off, or make the folder one that cannot be read."""
    folder = tmp_path / "own"
    folder.mkdir()
    given = [word if word.startswith("-") else folder / word for word in words]
    answer = call("screen", payments, "--index", te_index, "--policy", folder, *given)
    assert answer.err.startswith("sito: CLI103") and not [*folder.iterdir()]
