"""Half a year of a small bank, step by step, as its people and programs would record it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from docx import Document
from docx.table import Table as DocumentTable
from tests.cases.office import BORIS, CONTENT, DIGEST, FACTS, OLEG, SYSTEM, VERA, Office, entry

from sito.cases.deadlines import PolicySchedule
from sito.cases.facts import Edition, Screening, case_hit
from sito.cases.listuse import LIST_FETCHED, LIST_LOADED
from sito.cases.projection import LIST_USED
from sito.cases.screenings import personal_of
from sito.entries import Kind
from sito.fes import Family, FullName, Officer, Organisation
from sito.ledger import Event, View
from sito.papers import SORTS, Cut, Paper, Period, Source, make_paper, period_of
from sito.policy.calendar import load_calendar
from sito.policy.verdict import default_policy
from sito.records import Party, Record, RecordKind, Role

NAME = "Чертополохов Евлампий Савватеевич"
HALF = Period(date(2026, 1, 1), date(2026, 6, 30))
ORGANISATION = Organisation(
    family=Family.KO, name="АО «Банк Чертополох»", inn="7703047975", kpp="770301001", ogrn="1027700132195",
    bic="044525111",
    officer=Officer(position="Специальное должностное лицо", name=FullName(line="Анна Проверкина"),
                    phone="(495)1234567", email="officer@bank.example"),
)  # fmt: skip
SCHEDULE = PolicySchedule(default_policy().file.terms, load_calendar())


def office(folder: Path, **told: Any) -> Office:
    return Office(folder, schedule=SCHEDULE, **told)


def on(desk: Office, month: int, day: int, hour: int = 9) -> None:
    """Go on to a day; steps are a minute apart."""
    desk.now = datetime(2026, month, day, hour, tzinfo=UTC)


def hit_of(name: str, client_id: str, *, occasion: str = "check", list_id: str = "RU-TE") -> tuple[Screening, Any]:
    """Return a screening of a client of that name, and what is sealed with it."""
    party = Party(Role.CUSTOMER, name, Kind.PERSON, birth_date="1950-01-01")
    record = Record(client_id, RecordKind.CUSTOMER, (party, Party(Role.DIRECTOR, "Незабудкин Пахом", Kind.PERSON)))
    found = case_hit(party, entry("77", list_id=list_id), edition="2026-02-27", grade="exact", score=1.0)
    screening = Screening(
        record_id=client_id, client_id=client_id, occasion=occasion, hits=(found,),  # type: ignore[arg-type]
        editions=(Edition(list_id, "2026-02-27"),), index_digest=DIGEST, engine_version="0.1.0",
        ruling={"rule_id": "R-TE-FREEZE", "verdict": "freeze", "policy_id": "sito-default", "policy_version": "1.0.0",
                "term_ids": ["te-freeze-1wd", "te-freeze-24h"], "law": "115-FZ Art. 7 (1)(6)", "certainty": "S"},
    )  # fmt: skip
    return screening, personal_of(record)


def frozen(desk: Office, name: str, client_id: str) -> str:
    """Bring a client from a hit to a freeze; return the freeze."""
    screening, personal = hit_of(name, client_id)
    case = desk.desk.open_case(screening, personal=personal, caller=SYSTEM, **desk.request()).subject
    desk.act(case, "assign", assignee="anna")
    desk.act(case, "confirm", measure="freeze", motive="совпали имя, отчество и дата рождения")
    steps = desk.act(case, "approve", caller=BORIS).steps
    subject = next(one.subject for one in steps if one.subject.startswith("freeze:"))
    desk.act(subject, "apply", caller=OLEG)
    return subject


def lists(desk: Office, kind: str, edition: str, **facts: Any) -> None:
    told: dict[str, Any] = {"list_id": "RU-TE", "edition": edition}
    if kind == LIST_FETCHED:
        told = {"list_id": "RU-TE", "catalogue": "te21", "file_id": "901", "service_date": edition, "sha256": "ab" * 32,
                "size_bytes": 1234, "fetched_at": desk.now.isoformat()}  # fmt: skip
    elif kind == LIST_LOADED:
        told |= {"entry_count": 18_000, "purpose": "load", "index_digest": "cd" * 32, "engine_version": "0.1.0",
                 "files": [{"name": "te21.zip", "sha256": "ab" * 32, "size_bytes": 1234}]}  # fmt: skip
    event = Event(kind, "list:RU-TE", told | facts)
    desk.ledger.transact(lambda _: [event], caller=SYSTEM, **desk.request())


def checked(desk: Office, *, matches: int, report: bool = True) -> None:
    with desk.ledger.read() as view:
        planned = [one.event.subject for one in view.events(kinds=["check_planned"])]
    subject = planned[-1] if planned else desk.begin("check", "plan").subject
    desk.act(subject, "start", caller=OLEG)
    if matches:
        screening, personal = hit_of("Крапивин Лука", "C-7")
        desk.desk.open_case(screening, personal=personal, caller=SYSTEM, **desk.request())
    lists(desk, LIST_USED, "2026-02-27", purpose="check", index_digest="cd" * 32)
    editions = [{"list_id": "RU-TE", "edition": "2026-02-27"}]
    desk.act(subject, "finish", caller=SYSTEM, client_count=1200, match_count=matches, editions=editions)
    if report:
        desk.act(subject, "report", message_id="2026_3349_0000_04_00000001")


def reported(desk: Office, about: str) -> None:
    """Tell the authority of a freeze; it is rejected, mended and accepted."""
    told = {name: FACTS[name] for name in ("family", "content", "content_digest")}
    subject = desk.begin("fes", "draft", kind="freeze", record_type="new", about=about, **told).subject
    for place, caller in enumerate((BORIS, VERA)):
        desk.act(subject, "approve", caller=caller, content_digest=FACTS["content_digest"], message_date="2026-03-11",
                 record_series=FACTS["record_series"], file_series=FACTS["file_series"])  # fmt: skip
        signed = {name: FACTS[name] for name in ("xml_digest", "signature", "signature_digest")}
        desk.act(subject, "sign", caller=SYSTEM, **signed)
        desk.act(subject, "send", caller=SYSTEM, route="folder", attempt=f"a{place}")
        desk.act(subject, "sent", caller=SYSTEM, attempt=f"a{place}")
        end = "accept" if place else "reject"
        desk.act(subject, end, caller=SYSTEM, receipt="cmVj", receipt_digest="c" * 64)
        if not place:
            desk.act(subject, "draft", content=CONTENT, content_digest=FACTS["content_digest"])


def half_year(desk: Office) -> None:
    """All sorts of matters: some over before 2026, some begun behind June."""
    on(desk, 1, 12)
    desk.begin("audit", "plan", trigger_at=datetime(2025, 12, 29, 9, tzinfo=UTC).isoformat())
    lists(desk, LIST_FETCHED, "2026-02-27")
    lists(desk, LIST_LOADED, "2026-02-27")
    lists(desk, LIST_USED, "2026-02-27", purpose="payments", index_digest="cd" * 32)
    lists(desk, LIST_USED, "2026-02-27", purpose="payments", index_digest="cd" * 32)
    on(desk, 3, 10)
    checked(desk, matches=1)
    first = frozen(desk, NAME, "C-1")
    on(desk, 3, 17)  # R-TE-INFORM is late
    reported(desk, first)
    for amount in (650_050, 100_000):
        told = {"carve_rule": "R-CARVE-WAGE", "amount_kopecks": amount}
        desk.act(first, "ask_release", motive="заработная плата", **told)
        desk.act(first, "release", caller=BORIS, **told)
    desk.act(first, "ask_give_back", motive="не выплачено")
    desk.act(first, "give_back", caller=BORIS)
    second = frozen(desk, "Репейников Савва Нилович", "C-2")
    desk.act(second, "delist", caller=SYSTEM, list_id="RU-TE", entry_id="77", edition="2026-03-20")
    desk.act(second, "ask_lift", lift_ground="delisted", motive="исключён из перечня")
    desk.act(second, "lift", caller=BORIS, lift_ground="delisted")
    on(desk, 4, 6)
    held = desk.begin("suspension", "apply", operation_id="OP-1", client_id="C-3", rule_id="R-SUSP",
                      motive="получатель принадлежит лицу из перечня").subject  # fmt: skip
    desk.act(held, "inform", message_id="2026_3349_0000_05_00000001")
    desk.act(held, "review", review_result="order_expected")
    desk.act(held, "extend", order_number="12-р", order_date="2026-04-09")
    on(desk, 5, 20)
    desk.act(held, "lapse", caller=SYSTEM)
    desk.act(held, "execute", caller=OLEG)
    desk.begin(
        "suspension", "order", client_id="C-4", order_number="14-р", order_date="2026-05-19", motive="по решению"
    )
    on(desk, 5, 25)
    refusal = desk.begin("refusal", "propose", client_id="C-5", operation_id="OP-5", rule_id="R-REFUSE",
                         refusal_ground="documents_missing", motive="договор не представлен").subject  # fmt: skip
    desk.act(refusal, "approve", caller=BORIS, motive="согласен")
    desk.act(refusal, "report", message_id="2026_3349_0000_02_00000001")
    desk.act(refusal, "ask_repeal", motive="договор представлен")
    desk.act(refusal, "repeal", caller=BORIS, motive="договор представлен")
    on(desk, 6, 1)
    message = desk.begin(
        "message", "draft", category="unusual", criteria=["1101", "1102"], operation={"сумма": "100 000,00 руб."},
        party={"имя": NAME, "адрес": "г. Пустошь"}, author="anna", created_on="2026-06-01", client_id="C-1",
    ).subject  # fmt: skip
    desk.act(message, "amend", operation={"сумма": "100 001,00 руб."})
    desk.act(message, "report", motive="сторона в перечне", extra_measures=["усилить наблюдение"])
    desk.act(message, "head_report", caller=VERA, motive="согласен")
    desk.begin("message", "draft", category="unusual", criteria=["1103"], operation={"сумма": "1,00 руб."},
               party={"имя": "Лопухов Фрол"}, author="anna", created_on="2026-06-01")  # fmt: skip
    on(desk, 6, 8)
    checked(desk, matches=0)
    on(desk, 6, 25)
    desk.act("audit:1", "report", report_number="ВК-1", report_date="2026-06-25", findings="замечаний нет")
    desk.act("audit:1", "accept", caller=VERA)
    on(desk, 7, 2)  # behind the period
    desk.act(first, "ask_lift", lift_ground="court", motive="решение суда")
    desk.act(first, "lift", caller=BORIS, lift_ground="court")
    desk.begin("refusal", "propose", client_id="C-9", rule_id="R-REFUSE", refusal_ground="suspicion", motive="позже")


def source(view: View, period: Period, **told: Any) -> Source:
    words: dict[str, Any] = {"organisation": ORGANISATION, "with_personal": True, **told}
    return Source(view, period, Cut.before(view, period.end), default_policy(), SCHEDULE, **words)


def papers(desk: Office, period: Period = HALF, check: str = "check:1", **told: Any) -> Iterator[Paper]:
    """Make every sort of paper."""
    for sort in SORTS:
        with desk.ledger.read() as view:
            of = period_of(view, check) if sort.kind == "check" else period
            yield make_paper(source(view, of, **told), sort.kind, subject=check if sort.kind == "check" else "")


def text_of(stream: Any) -> str:
    """Return paragraphs and tables of a document as text, a row a line."""
    lines = []
    for item in Document(stream).iter_inner_content():
        if isinstance(item, DocumentTable):
            for row in item.rows:
                lines.append(" | ".join(cell.text.replace("\n", " / ") for cell in row.cells))
        else:
            lines.append(f"\n{item.text}" if item.style and item.style.name != "Normal" else item.text)
    return "\n".join(lines) + "\n"


__all__ = [
    "HALF", "NAME", "ORGANISATION", "SCHEDULE", "checked", "frozen", "half_year", "hit_of", "lists", "office", "on",
    "papers", "reported", "source", "text_of", "timedelta",
]  # fmt: skip
