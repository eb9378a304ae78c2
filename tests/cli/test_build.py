"""`sito build`."""

from __future__ import annotations

import json
from pathlib import Path

from cli_fixtures import ENTRIES, Call, list_text


def test_builds_an_index_and_says_what_is_in_it(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(list_text(*ENTRIES), "utf-8")
    answer = call("build", tmp_path / "list.csv", "--output", tmp_path / "x.index", "--list-id", "OWN-1")
    assert (answer.code, answer.err) == (0, "")
    assert "OWN-1" in answer.out
    assert "3 entries, 4 names" in answer.out
    assert (tmp_path / "x.index").is_file()


def test_json_describes_the_index(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(list_text(*ENTRIES), "utf-8")
    facts = json.loads(call("build", tmp_path / "list.csv", "--output", tmp_path / "x.index", "--json").out)
    assert (facts["entry_count"], facts["name_count"]) == (3, 4)
    assert "sections" not in facts


def test_shrunken_edition_is_refused_unless_forced(call: Call, tmp_path: Path) -> None:
    source, old, new = tmp_path / "list.csv", tmp_path / "old.index", tmp_path / "new.index"
    source.write_text(list_text(*ENTRIES), "utf-8")
    assert call("build", source, "--output", old).code == 0
    source.write_text(list_text(ENTRIES[0]), "utf-8")
    words = ("build", source, "--output", new, "--previous", old)
    refused = call(*words)
    assert (refused.code, refused.err[:9]) == (2, "sito: LST")
    assert not new.exists()
    assert call(*words, "--shrink-max", "0.9").code == 0
    assert call(*words, "--force").code == 0


def test_wrong_use_is_refused(call: Call, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(list_text(*ENTRIES), "utf-8")
    assert "CLI107" in call("build", source, "--output", tmp_path / "x", "--shrink-max", "2").err
    assert "CLI103" in call("build", source, "--output", source).err
    assert source.read_text("utf-8") == list_text(*ENTRIES)
    assert "IDX301" in call("build", source, "--output", tmp_path / "no" / "x.index").err
