"""XML of senders that are not trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_fixtures import codes, ed101, read, write

from sito.errors import RecordError
from sito.formats import open_records, xmlstream

BOMB = """<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""


@pytest.mark.parametrize("format", [None, "ufebs", "iso20022"])
@pytest.mark.parametrize("head", [BOMB, "<!DOCTYPE ED101>", '<!DOCTYPE ED101 SYSTEM "file:///x">'])
def test_document_types_are_refused(tmp_path: Path, format: str | None, head: str) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, head + ed101(payer="&c;" if "ENTITY" in head else "A")), format=format)
    assert caught.value.code == "REC109"


@pytest.mark.parametrize("text", ["<", "<<ED101/>", "< ED101>"])
def test_no_xml_at_all_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, text))
    assert caught.value.code == "REC108"


def test_unknown_xml_is_refused_with_its_elements(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        open_records(write(tmp_path, "<Invoice><Number>5</Number></Invoice>"))
    assert caught.value.code == "REC102"
    assert "Invoice" in caught.value.got


def test_record_above_its_size_ends_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmlstream, "RECORD_SIZE_MAX", 100_000)
    big = ed101(number=8, attributes="").replace("<Purpose>", "<X/>" * 60_000 + "<Purpose>")
    text = f"<PacketEPD>{ed101()}{big}{ed101(number=9)}</PacketEPD>"
    assert codes(read(write(tmp_path, text))) == ["ok", "REC301"]


def test_depth_bomb_is_refused(tmp_path: Path) -> None:
    text = f"<PacketEPD>{ed101()}{'<a>' * 5000}{'</a>' * 5000}</PacketEPD>"
    assert codes(read(write(tmp_path, text))) == ["ok", "REC300"]


def test_undefined_entity_ends_the_file(tmp_path: Path) -> None:
    text = f"<PacketEPD>{ed101()}{ed101(payer='&who;')}</PacketEPD>"
    assert codes(read(write(tmp_path, text))) == ["ok", "REC300"]
