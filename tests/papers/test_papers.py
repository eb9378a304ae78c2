"""Papers say what the ledger says, the same bytes each time, on both stores, and nothing that was not asked for."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree
from tests.cases.office import ANNA, FACTS, OLEG, SYSTEM, Office
from tests.ledger.stores import new_database, postgres
from tests.papers.story import HALF, NAME, frozen, half_year, hit_of, office, on, papers, source, text_of

from sito.cases.listuse import LIST_LOADED
from sito.cases.projection import LIST_USED
from sito.errors import PaperError
from sito.ledger import Event, Ledger
from sito.papers import (
    PAPER_WRITTEN,
    SORTS,
    Paper,
    Period,
    catalogue,
    counts,
    docx_bytes,
    make_paper,
    period_of,
    record_paper,
)
from sito.papers.content import Table
from sito.papers.lists import editions
from sito.papers.words import DELETED, HIDDEN

GOLDEN = Path(__file__).parent.parent / "golden" / "papers"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = office(tmp_path_factory.mktemp("half-year"))
    half_year(made)
    yield made
    made.ledger.close()


def unchained(text: str) -> str:
    """Return a text without what no two ledgers have in common."""
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b", "LEDGER", text)
    text = re.sub(r"(?<=версия )[\w.]+|(?<=sito )\d[\w.]*", "VERSION", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)


def table(paper: Paper) -> Table:
    return next(block for block in paper.blocks if isinstance(block, Table))


def test_papers_are_as_they_were(desk: Office, request: pytest.FixtureRequest) -> None:
    for paper in papers(desk):
        text = unchained(text_of(io.BytesIO(docx_bytes(paper))))
        path = GOLDEN / f"{paper.kind}.txt"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert path.read_text("utf-8") == text, "review the difference, then run with --update-golden"


def test_the_same_bytes_each_time_also_behind_what_was_written(desk: Office) -> None:
    first = [docx_bytes(paper) for paper in papers(desk)]
    for paper, data in zip(papers(desk), first, strict=True):
        record_paper(
            desk.ledger, paper, data, HALF, with_personal=True, subject="", request_id=str(uuid.uuid4()), caller=ANNA,
            at=HALF.end - timedelta(seconds=1),
        )  # fmt: skip
    assert [docx_bytes(paper) for paper in papers(desk)] == first
    with desk.ledger.read() as view:
        told = [one.event.facts for one in view.events(kinds=[PAPER_WRITTEN])]
    assert {one["paper"] for one in told} == {sort.kind for sort in SORTS}
    for data in first:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            assert {member.date_time for member in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = packed.read("docProps/core.xml").decode()
        assert re.findall(r">(\d{4})-", core) == ["2026", "2026"]


def test_both_stores_give_the_same_papers(desk: Office, tmp_path: Path) -> None:
    def plain(made: Office) -> list[str]:
        return [unchained(msgspec.json.encode(paper).decode()) for paper in papers(made)]

    tmp_path.chmod(0o700)
    with postgres() as server:
        other = office(tmp_path, url=new_database(server))
        half_year(other)
        assert plain(other) == plain(desk)
        other.ledger.close()


def test_a_document_is_well_made(desk: Office) -> None:
    for paper in papers(desk):
        with zipfile.ZipFile(io.BytesIO(docx_bytes(paper))) as packed:
            body = etree.fromstring(packed.read("word/document.xml"))
            footers = [packed.read(name).decode() for name in packed.namelist() if "footer" in name]
        page = body.find(f".//{W}pgSz")
        assert page is not None
        long, short = int(page.get(f"{W}w", "0")), int(page.get(f"{W}h", "0"))
        assert (long > short) == paper.is_wide and (page.get(f"{W}orient") == "landscape") == paper.is_wide
        margins = body.find(f".//{W}pgMar")
        assert margins is not None
        room = long - int(margins.get(f"{W}left", "0")) - int(margins.get(f"{W}right", "0"))
        assert any('w:instr="PAGE"' in footer and 'w:instr="NUMPAGES"' in footer for footer in footers)
        for found in body.iter(f"{W}tbl"):
            rows = found.findall(f"{W}tr")
            assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * (len(rows) - 1)
            widths = [int(column.get(f"{W}w", "0")) for column in found.iter(f"{W}gridCol")]
            assert sum(widths) <= room + len(widths)
            assert all(len(row.findall(f"{W}tc")) == len(widths) for row in rows)


def test_an_empty_ledger_has_papers_too(tmp_path: Path) -> None:
    made = office(tmp_path)
    with made.ledger.read() as view:
        for sort in SORTS:
            if sort.kind == "check":
                continue
            paper = make_paper(source(view, HALF, organisation=None), sort.kind)
            text = text_of(io.BytesIO(docx_bytes(paper)))
            assert paper.row_count == 0 and "записей нет" in text and "Организация: ____" in text
        with pytest.raises(PaperError, match="PAP103"):
            period_of(view, "check:1")
    made.ledger.close()


def test_personal_data_are_opened_with_the_key_and_only_where_asked_for(desk: Office, tmp_path: Path) -> None:
    opened = {paper.kind: msgspec.json.encode(paper).decode() for paper in papers(desk)}
    assert all(NAME in opened[kind] for kind in ("freezes", "messages"))
    assert all("Незабудкин" not in text for text in opened.values())  # nobody's hit is about the director
    for paper in papers(desk, with_personal=False):
        text = msgspec.json.encode(paper).decode()
        assert NAME not in text and "договор" not in text and paper.personal_count == 0
        assert (HIDDEN in text) == (paper.kind not in {"lists", "checks", "check"})
    with Ledger.open(desk.url) as keyless, keyless.read() as view:
        assert make_paper(source(view, HALF), "lists").row_count == 5
        with pytest.raises(PaperError, match="PAP105"):
            make_paper(source(view, HALF), "freezes")
        assert make_paper(source(view, HALF, with_personal=False), "freezes").row_count == 2


def test_what_was_deleted_is_said_to_be(tmp_path: Path) -> None:
    made = office(tmp_path)
    half_year(made)
    with made.ledger.read() as view:
        gone = [one.sequence for one in view.events(kinds=["case_opened", "message_drafted"]) if one.has_personal]
    made.ledger.delete_personal(
        gone, allowed=lambda *_: None, facts={}, request_id="gone", caller=ANNA, at=made.now
    )  # fmt: skip
    found = {paper.kind: table(paper).rows for paper in papers(made)}
    assert found["freezes"][0][2] == f"C-1\n{DELETED}"
    assert found["messages"][0][4] == f"C-1\n{DELETED}"
    made.ledger.close()


def test_a_paper_is_of_its_days(desk: Office) -> None:
    """What came behind the period is not in it, what was over before is not either, and what lasts through it is."""

    def freezes(first: date, last: date) -> list[tuple[str, str, str]]:
        with desk.ledger.read() as view:
            rows = table(make_paper(source(view, Period(first, last)), "freezes")).rows
        return [(row[1], row[7].partition("\n")[0], row[10]) for row in rows]

    assert freezes(date(2026, 1, 1), date(2026, 3, 9)) == []
    part = "действует, часть средств выдана"
    assert freezes(date(2026, 3, 10), date(2026, 3, 10)) == [("freeze:1", "—", "действует")]
    assert freezes(date(2026, 3, 17), date(2026, 3, 17)) == [
        ("freeze:1", "7\u00a0500,50\u00a0руб.", part), ("freeze:2", "—", "снята"),
    ]  # fmt: skip
    assert freezes(date(2026, 4, 1), date(2026, 4, 2)) == [("freeze:1", "—", part)]
    assert freezes(date(2026, 7, 2), date(2026, 7, 2)) == [("freeze:1", "—", "снята")]
    assert freezes(date(2026, 7, 3), date(2026, 7, 3)) == []


@pytest.mark.parametrize("subject", ["", "check", "check:3", "check:99", "freeze:1", "check:1\0", "check:" + "9" * 30])
def test_a_protocol_is_of_a_check_that_is_finished(desk: Office, subject: str) -> None:
    with desk.ledger.read() as view, pytest.raises(PaperError, match="PAP103"):
        period_of(view, subject)


def test_a_second_check_knows_the_first(desk: Office) -> None:
    second = next(paper for paper in papers(desk, check="check:2") if paper.kind == "check")
    text = msgspec.json.encode(second).decode()
    assert "check:1" in text and "по которым открываются дела, не было" in text and second.row_count == 2
    first = next(paper for paper in papers(desk) if paper.kind == "check")
    assert "в журнале нет" in msgspec.json.encode(first).decode()


def test_a_paper_that_would_be_too_long_is_refused(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "ROW_COUNT_MAX", 4)
    with desk.ledger.read() as view:
        with pytest.raises(PaperError, match="PAP107"):
            make_paper(source(view, HALF), "lists")
        assert make_paper(source(view, HALF), "freezes").row_count == 2


def test_an_edition_is_that_of_the_end_of_the_period(tmp_path: Path) -> None:
    """Loaded ones first; of a list that nobody loaded, the one used last; what came later is not told."""
    made = office(tmp_path)
    for month, kind, list_id, edition in (
        (1, LIST_USED, "RU-TE", "used"), (2, LIST_LOADED, "RU-TE", "first"), (3, LIST_LOADED, "RU-TE", "second"),
        (3, LIST_USED, "RU-TE", "used"), (4, LIST_USED, "RU-MVK", "a"), (5, LIST_USED, "RU-MVK", "b"),
        (8, LIST_LOADED, "RU-TE", "third"), (8, LIST_LOADED, "RU-UN", "x"), (8, LIST_USED, "RU-MVK", "c"),
    ):  # fmt: skip
        on(made, month, 1)
        event = Event(kind, f"list:{list_id}", {"list_id": list_id, "edition": edition})
        made.ledger.transact(lambda _, event=event: [event], caller=ANNA, **made.request())
    with made.ledger.read() as view:
        assert editions(source(view, HALF)) == (("RU-MVK", "b"), ("RU-TE", "second"))
    made.ledger.close()


def test_a_draft_that_is_written_anew_is_one_message(tmp_path: Path) -> None:
    made = office(tmp_path)
    on(made, 3, 10)
    freeze = frozen(made, NAME, "C-1")
    told = {name: FACTS[name] for name in ("family", "content", "content_digest")}
    subject = made.begin("fes", "draft", kind="freeze", record_type="new", about=freeze, **told).subject
    made.act(subject, "draft", content=FACTS["content"], content_digest=FACTS["content_digest"])
    with made.ledger.read() as view:
        assert counts.count(source(view, HALF)).reports == {("freeze", "fes_drafted"): 1}
    made.ledger.close()


def test_a_check_that_broke_off_keeps_what_it_had_found(tmp_path: Path) -> None:
    made = office(tmp_path)
    on(made, 3, 10)
    made.begin("check", "plan")
    made.act("check:1", "start", caller=OLEG)
    screening, personal = hit_of(NAME, "C-1")
    made.desk.open_case(screening, personal=personal, caller=SYSTEM, **made.request())
    made.act("check:1", "fail", caller=OLEG, motive="CLB101")
    made.act("check:1", "start", caller=OLEG)
    made.use_list()
    editions_of = [{"list_id": "RU-TE", "edition": "2026-02-27"}]
    made.act("check:1", "finish", caller=SYSTEM, client_count=3, match_count=1, editions=editions_of)
    protocol = next(paper for paper in papers(made) if paper.kind == "check")
    tables = [block.rows for block in protocol.blocks if isinstance(block, Table)]
    assert ("Прервана и продолжена, раз", "1") in tables[0] and [row[0] for row in tables[3]] == ["case:1"]
    made.ledger.close()
