"""The demo ends well, without a terminal and in a narrow one, and finds what it was made to show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# (file, record, role, entry): what the payments were made around.
EXPECTED = {
    ("1-packet-ed101", "4525225000-2026-03-05-101", "creditor", "34737"),
    ("1-packet-ed101", "4525225000-2026-03-05-102", "purpose", "10001"),
    ("1-packet-ed101", "4525225000-2026-03-05-103", "purpose", "20001"),
    ("2-pacs008", "PACS-1", "creditor", "306"),
    ("2-pacs008", "PACS-2", "ultimate_creditor", "25396"),
    ("2-pacs008", "PACS-3", "purpose", "23186"),
    ("3-mt103-rur6", "+MT103-1", "debtor", "M-1"),
    ("3-mt103-rur6", "+MT103-2", "creditor", "18782"),
    ("4-statement", "501", "creditor", "M-2"),
    ("5-payments", "PAY-1", "creditor", "18782"),
    ("5-payments", "PAY-2", "debtor", "10001"),
    ("5-payments", "PAY-3", "creditor", "34656"),
    ("6-customers", "C-1", "customer", "10001"),
    ("6-customers", "C-5", "customer", "34750"),
}
INNOCENT = {"4525225000-2026-03-05-104", "PACS-4", "503", "PAY-5", "C-4", "C-6", "C-8"}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-m", "demo", "--output", str(folder)]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return folder, done.stdout.decode()


def test_finds_what_it_was_made_to_show(output: tuple[Path, str]) -> None:
    found = set()
    for path in output[0].glob("*.hits.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            name = path.name.removesuffix(".hits.jsonl")
            found |= {(name, record["record_id"], record["role"], hit["entry_id"]) for hit in record["hits"]}
    assert found >= EXPECTED
    assert not INNOCENT & {record_id for _, record_id, _, _ in found}


def test_contradicting_birth_date_lowers_the_score(output: tuple[Path, str]) -> None:
    customers = (output[0] / "6-customers.hits.jsonl").read_text("utf-8").splitlines()
    hits = {line["record_id"]: line["hits"][0] for line in map(json.loads, customers)}
    assert hits["C-1"]["grade"] == "exact"
    if "C-2" in hits:
        assert hits["C-2"]["score"] < hits["C-1"]["score"] - 0.1


def test_prints_the_table_the_throughput_and_where_to_go(output: tuple[Path, str]) -> None:
    text = output[1]
    for part in ("record", "party", "why", "BANCO NACIONAL", "inn 0012345673", "records/s", "Where to go next"):
        assert part in text
    assert "\x1b" not in text
