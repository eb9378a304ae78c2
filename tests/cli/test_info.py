"""`sito info`."""

from __future__ import annotations

import json
from pathlib import Path

from cli_fixtures import Call


def test_tells_lists_and_figures(call: Call, index_path: Path) -> None:
    answer = call("info", index_path)
    assert (answer.code, answer.err) == (0, "")
    for part in ("X-LIST", "opensanctions-csv", "3 entries, 4 names", "checksums agree"):
        assert part in answer.out
    assert "entry_bytes" not in answer.out


def test_sections_are_shown_on_request(call: Call, index_path: Path) -> None:
    assert "entry_bytes" in call("info", index_path, "--sections").out
    assert "sections" in json.loads(call("info", index_path, "--sections", "--json").out)


def test_json_holds_the_editions_with_their_digests(call: Call, index_path: Path) -> None:
    facts = json.loads(call("info", index_path, "--json").out)
    (edition,) = facts["editions"]
    assert edition["list_id"] == "X-LIST"
    assert len(edition["files"][0][1]) == 64
    assert facts["engine_running"]


def test_missing_index_is_refused(call: Call, tmp_path: Path) -> None:
    assert call("info", tmp_path / "no.index") == (
        2, "",
        "sito: IDX101 expected a readable index file, got No such file or directory (no.index); build the index again"
        " with `sito build`\n",
    )  # fmt: skip
