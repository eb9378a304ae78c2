"""Loading and use of lists as events, and that a check believes them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.cases.office import Office

from sito import Index, build_index
from sito.cases.listuse import LIST_LOADED, Purpose, list_events
from sito.cases.projection import LIST_USED
from sito.cases.screenings import UNDATED, editions_of
from sito.ledger import Caller

LISTS = Path(__file__).resolve().parents[2] / "demo/lists/ru"


def test_each_edition_of_an_index_is_told(tmp_path: Path, fresh: Office) -> None:
    build_index([LISTS], tmp_path / "first.index")
    with Index.open(tmp_path / "first.index") as index:
        loaded = list_events(LIST_LOADED, index.info, purpose=Purpose.LOAD)
        assert [(one.subject, one.facts["edition"]) for one in loaded] == [
            ("list:RU-MVK", "2026-02-20"), ("list:RU-TE", "2026-02-26"),
        ]  # fmt: skip
        assert {one.facts["index_digest"] for one in loaded} == {index.info.digest}
        assert [one.edition for one in editions_of(index)] == ["2026-02-20", "2026-02-26"]
        fresh.begin("check", "plan")
        fresh.act("check:1", "start")
        told = {"client_count": 5, "match_count": 0, "editions": [{"list_id": "RU-TE", "edition": "2026-02-26"}]}
        with pytest.raises(Exception, match="CAS114"):
            fresh.act("check:1", "finish", **told)
        used = list_events(LIST_USED, index.info, purpose=Purpose.CHECK)
        fresh.ledger.transact(lambda _: used, caller=Caller("oleg", "operator"), **fresh.request())
        fresh.act("check:1", "finish", **told)
        assert fresh.state("check:1") == "finished"


def test_an_edition_without_a_date_and_a_file_has_a_word(tmp_path: Path) -> None:
    build_index([LISTS], tmp_path / "first.index")
    with Index.open(tmp_path / "first.index") as index:
        bare = [msgspec.structs.replace(one, edition_date="", files=()) for one in index.info.editions]
        info = msgspec.structs.replace(index.info, editions=tuple(bare))
        assert {one.facts["edition"] for one in list_events(LIST_USED, info, purpose=Purpose.LOOKUP)} == {UNDATED}
        with pytest.raises(ValueError, match="loading or use"):
            list_events("list_lost", info, purpose=Purpose.LOOKUP)
