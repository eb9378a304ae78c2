"""The examples of docs/fes.md are what `sito fes draft` takes, with what the ledger knows beside them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fes.samples import BANK

from sito.fes import Kind, Message, RecordType, Schemas
from sito.outbox.drafting import BODIES, _merged, preview
from sito.toml import parse_toml

PAGE = Path(__file__).parents[2] / "docs" / "fes.md"
MEASURE = {"ground_code": "1", "subject_id": "10777", "blocked_at": "2026-03-02T10:00:00+03:00"}
KNOWN: dict[Kind, dict[str, Any]] = {
    Kind.FREEZE: {"measures": [MEASURE]},
    Kind.RELEASE: {"measures": [MEASURE], "released_at": "2026-03-27T10:00:00+03:00"},
    Kind.OPERATION: {}, Kind.SUSPENSION: {"suspended_on": "2026-03-02"}, Kind.REFUSAL: {"refused_on": "2026-03-02"},
    Kind.CHECK: {"checked_on": "2026-03-02", "client_count": 5, "match_count": 1},
    Kind.DELETION: {"of_kind": "freeze", "file_name": "FM03_1_7703047975770301001_20260302_0300000001.xml",
                    "record_number": "2026_3349_0000_03_00000001", "sent_on": "2026-03-02"},
}  # fmt: skip


def examples() -> dict[str, str]:
    section = PAGE.read_text("utf-8").partition("## Files of facts")[2].partition("\n## ")[0]
    found = re.findall(r"^\*\*(\w+)\*\*[^\n]*\n\n((?:    [^\n]*\n)+)", section, re.MULTILINE)
    return {kind: re.sub(r"^    ", "", text, flags=re.MULTILINE) for kind, text in found}


def test_each_kind_has_an_example() -> None:
    assert set(examples()) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_example_makes_a_message_that_follows_its_schema(kind: Kind) -> None:
    told = _merged(parse_toml(examples()[kind].encode()), KNOWN[kind], where=kind)
    body = msgspec.convert(told | {"kind": kind.value}, BODIES[kind])
    record_type = RecordType.DELETION if kind is Kind.DELETION else RecordType.NEW
    message = Message(organisation=BANK, record_type=record_type, body=body)
    xml, _ = preview(message, date(2026, 3, 2), schemas=Schemas.shipped(), where=kind)
    assert xml
