"""What the tests of cases share: an office with a ledger, a desk, people, terms and made-up hits."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sito.cases.deadlines import Schedule, Window
from sito.cases.desk import Desk, Outcome
from sito.cases.facts import CaseHit, Edition, Screening, case_hit
from sito.cases.machines import MACHINES, TERM_RULES
from sito.cases.projection import LIST_USED, METADATA, PROJECTION, STEPS, TABLES, TAKINGS
from sito.cases.roles import People
from sito.cases.states import Transition
from sito.cases.steps import REJECTED_RULE
from sito.entries import BirthDate, Entry, Kind, Name
from sito.ledger import Caller, Event, Ledger, Sealer, View
from sito.records import Party, Role

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALIASES = {"anna": ["CN=Anna, O=Bank", "anna@bank.example"]}
ANNA, BORIS, VERA = Caller("anna", "officer"), Caller("boris", "officer"), Caller("vera", "head")
OLEG, SYSTEM, AUDITOR = Caller("oleg", "operator"), Caller("sito", "system"), Caller("prov", "auditor")
BY_ROLE = {"officer": ANNA, "head": VERA, "operator": OLEG, "system": SYSTEM, "auditor": AUDITOR}
SECOND_BY_ROLE = {**BY_ROLE, "officer": BORIS, "head": Caller("galina", "head")}
DIGEST = "0" * 64


class Days:
    """Terms in plain days, the second number where another source gives a later end: a schedule without a calendar."""

    def __init__(self, days: Mapping[str, tuple[int, int]], *, unconfirmed: bool = False) -> None:
        self._days = dict(days)
        self._unconfirmed = unconfirmed

    def rules(self) -> Collection[str]:
        return self._days.keys()

    def window(self, rule: str, term_ids: Sequence[str], trigger_at: datetime) -> Window | None:
        if rule not in self._days:
            return None
        first, last = self._days[rule]
        return Window(trigger_at + timedelta(days=first), trigger_at + timedelta(days=last), self._unconfirmed)


TERMS = dict.fromkeys(TERM_RULES, (5, 5)) | {
    "R-TE-FREEZE": (1, 1), "R-SUSP-EXT": (30, 30), "R-SUSP-OWN": (14, 30), "R-CHECK-3M": (90, 90),
    "R-SUSP-REVIEW": (4, 4),
    REJECTED_RULE: (365, 365),
}  # fmt: skip

CONTENT = '{"model_version":"1"}'
# A value of every fact, so that each step can be taken.
FACTS: dict[str, Any] = {
    "assignee": "anna", "measure": "freeze", "motive": "имена и даты совпали", "note": "запрошены документы",
    "reopen_cause": "new_facts", "client_id": "C-1", "operation_id": "OP-1", "rule_id": "R-TE-FREEZE",
    "message_id": "FES-1", "carve_rule": "R-CARVE-WAGE", "amount_kopecks": 1_000, "list_id": "RU-TE",
    "entry_id": "77", "edition": "2026-03-01", "lift_ground": "court", "end_ground": "client_withdrew",
    "order_number": "12-р", "order_date": "2026-03-03", "court_number": "А40-1/26", "court_date": "2026-03-04",
    "refusal_ground": "suspicion", "category": "unusual", "criteria": ["1101"], "operation": {"amount": "100,00"},
    "party": {"name": "Чертополохов Евлампий"}, "author": "anna", "created_on": "2026-03-02", "about": "refusal:1",
    "template_id": "contract-refused", "channel": "letter", "client_count": 10, "match_count": 0,
    "fields": {"measure_date": "02.03.2026", "reason": "дистанционное открытие счёта не допускается"},
    "report_number": "ВК-1", "report_date": "2026-03-02", "findings": "замечаний нет", "review_result": "no_order",
    "editions": [{"list_id": "RU-TE", "edition": "2026-03-01"}],
    "family": "ko", "kind": "freeze", "record_type": "new", "content": CONTENT,
    "content_digest": hashlib.sha256(CONTENT.encode()).hexdigest(), "record_series": "2026_3349_0000_03",
    "file_series": "FM03_1_7703047975770301001_20260302_03", "message_date": "2026-03-02", "xml_digest": "a" * 64,
    "signature": "c2ln", "signature_digest": "b" * 64, "receipt": "cmVj", "receipt_digest": "c" * 64,
    "route": "portal", "cause": "unreachable", "portal_id": "efb2f08c", "external_id": "2026_3349_0000_03_00000001",
    "status_number": 3, "status_name": "Проверка ФЛК", "service_note": "без замечаний", "reject_codes": ["E1"],
    "record_count": 1, "attempt": "a1",
}  # fmt: skip
LOOKED_UP = {"seen", "release_sequence"}  # facts that `Office.act` looks up
SEEING = {row.action for row in MACHINES["case"].rows if "seen" in row.needs}
# What else the tests tell beyond the needs of a step.
TOLD: dict[tuple[str, str], dict[str, timedelta]] = {("court", "suspension"): {"until": timedelta(days=60)}}


def entry(entry_id: str = "77", *, born: str = "1950-01-01", list_id: str = "RU-TE") -> Entry:
    return Entry(
        list_id=list_id, entry_id=entry_id, kind=Kind.PERSON, names=(Name("ЧЕРТОПОЛОХОВ ЕВЛАМПИЙ"),),
        birth_dates=(BirthDate(born, born),),
    )  # fmt: skip


def party(name: str = "Чертополохов Евлампий", *, role: Role = Role.CUSTOMER) -> Party:
    return Party(role, name, Kind.PERSON, birth_date="1950-01-01")


def hit(
    one: Party | None = None, other: Entry | None = None, *, grade: str = "strong", formers: tuple[str, ...] = ()
) -> CaseHit:
    return case_hit(one or party(), other or entry(), edition="2026-03-01", grade=grade, score=0.97, former_ids=formers)


def screening(
    *hits: CaseHit, client_id: str = "C-1", record_id: str = "C-1", occasion: str = "check",
    rule_id: str = "R-TE-FREEZE", verdict: str = "freeze", term_ids: Sequence[str] = ("te-1wd",),
) -> Screening:  # fmt: skip
    return Screening(
        record_id=record_id, client_id=client_id, occasion=occasion, hits=hits or (hit(),),  # type: ignore[arg-type]
        editions=(Edition("RU-TE", "2026-03-01"),), index_digest=DIGEST, engine_version="0.1.0",
        ruling={
            "rule_id": rule_id, "verdict": verdict, "policy_id": "default", "policy_version": "1",
            "term_ids": list(term_ids), "law": "115-FZ 7 (1)(6)", "certainty": "S",
        },
    )  # fmt: skip


class Office:
    """A desk and its ledger; every request has an id of its own, every step is a minute after the last."""

    def __init__(self, folder: Path, *, schedule: Schedule | None = None, url: str = "") -> None:
        url = url or f"sqlite:///{folder / 'ledger.db'}"
        Ledger.create(url)
        self.url = url
        self.ledger = Ledger.open(url, sealer=Sealer(bytes(32)), projections=[PROJECTION])
        self.schedule: Schedule = schedule or Days(TERMS)
        self.desk = Desk(self.ledger, schedule=self.schedule, people=People(ALIASES))
        self.now = START
        self.count = 0

    def request(self) -> dict[str, Any]:
        self.count += 1
        self.now += timedelta(minutes=1)
        return {"request_id": f"q{self.count}", "at": self.now}

    def open_case(self, what: Screening | None = None, *, caller: Caller = SYSTEM, **more: Any) -> Outcome:
        return self.desk.open_case(
            what or screening(), personal={"name": "Чертополохов Евлампий"}, caller=caller, **self.request() | more
        )

    def begin(self, machine: str, action: str, *, caller: Caller = ANNA, **facts: Any) -> Outcome:
        return self.desk.begin(machine, action, facts, caller=caller, **self.request())

    def act(self, subject: str, action: str, *, caller: Caller = ANNA, **facts: Any) -> Outcome:
        if "screening" in facts:  # of the client of the case
            with self.ledger.read() as view:
                client = view.execute(sa.select(TABLES["case"].c.client_id).where(TABLES["case"].c.subject == subject))
                facts["screening"] = screening(client_id=client.scalar_one())
        if subject.startswith("case:") and action in SEEING and "seen" not in facts:
            facts["seen"] = self.seen(subject)
        if "give_back" in action:
            with self.ledger.read() as view:
                taken = sa.select(sa.func.max(TAKINGS.c.sequence)).where(TAKINGS.c.subject == subject)
                facts["release_sequence"] = view.execute(taken).scalar() or 0
        return self.desk.act(subject, action, facts, caller=caller, **self.request())

    def seen(self, subject: str) -> int:
        """Look at a case: return its last event."""
        with self.ledger.read() as view:
            chosen = sa.select(TABLES["case"].c.last_sequence).where(TABLES["case"].c.subject == subject)
            return int(view.execute(chosen).scalar() or 0)

    def use_list(self) -> None:
        event = Event(LIST_USED, "list:RU-TE", {"list_id": "RU-TE", "edition": "2026-03-01"})
        self.ledger.transact(lambda _: [event], caller=SYSTEM, **self.request())

    def state(self, subject: str) -> str:
        table = TABLES[subject.partition(":")[0]]
        with self.ledger.read() as view:
            return str(view.execute(sa.select(table.c.state).where(table.c.subject == subject)).scalar_one())

    def take(self, subject: str, row: Transition, *, role: str = "") -> Outcome:
        """Take the step of a row with facts that fit, after whatever has to be before it."""
        machine = subject.partition(":")[0]
        self.prepare(subject, row)
        caller = self.other(subject, row, role) if role else BY_ROLE[row.roles[0]]
        if row.second_to:
            caller = self.other(subject, row, role or row.roles[0])
        return self.act(subject, row.action, caller=caller, **self.facts(machine, row))

    def other(self, subject: str, row: Transition, role: str) -> Caller:
        """Return somebody of a role who did not take the first of two steps."""
        with self.ledger.read() as view:
            first = steps_of(view, subject).get(row.second_to)
        return BY_ROLE[role] if BY_ROLE[role].name != first else SECOND_BY_ROLE[role]

    def prepare(self, subject: str, row: Transition) -> None:
        machine = MACHINES[subject.partition(":")[0]]
        with self.ledger.read() as view:
            by = steps_of(view, subject)
        if row.second_to and row.second_to not in by and (first := machine.row(row.state, row.second_to)):
            role = next(role for role in first.roles if role != "system")
            self.act(subject, row.second_to, caller=BY_ROLE[role], **self.facts(machine.name, first))
        if "term_over" in row.guards:
            self.now += timedelta(days=100)
        if "list_used" in row.guards:
            self.use_list()

    def facts(self, machine: str, row: Transition) -> dict[str, Any]:
        """Return facts that fit a row: of a client and an operation of its own if it begins something."""
        fresh = {"client_id": f"C-{self.count}", "operation_id": f"OP-{self.count}"}
        needs = {name: (FACTS | fresh)[name] for name in row.needs if name not in {"screening", *LOOKED_UP}}
        if "screening" in row.needs:
            needs["screening"] = screening()
        if row.event == "fes_approved":
            needs["record_series"] = FACTS["record_series"]
        return needs | {name: self.now + after for name, after in TOLD.get((row.action, machine), {}).items()}

    def new(self, machine: str, row: Transition) -> str:
        """Begin a matter by a row from nothing."""
        if machine == "case":
            return self.open_case(screening(client_id=f"C-{self.count}")).subject
        if machine == "notice":
            refusal = self.new("refusal", MACHINES["refusal"].rows[0])
            self.act(refusal, "approve", caller=BORIS)
            return self.begin("notice", "draft", caller=ANNA, **self.facts(machine, row) | {"about": refusal}).subject
        if machine == "fes":
            freeze = self.reach("freeze", "applied")
            return self.begin("fes", "draft", caller=ANNA, **self.facts(machine, row) | {"about": freeze}).subject
        return self.begin(machine, row.action, caller=ANNA, **self.facts(machine, row)).subject

    def reach(self, machine: str, state: str) -> str:
        """Return a new matter in a state, by the shortest way there."""
        path = way(machine, state)
        subject = self.new(machine, path[0])
        for row in path[1:]:
            self.take(subject, row)
        assert self.state(subject) == state
        return subject


def way(machine: str, state: str) -> list[Transition]:
    """Return the rows of the shortest way from nothing to a state."""
    ways: dict[str, list[Transition]] = {"": []}
    queue = [""]
    for here in queue:
        for row in MACHINES[machine].rows_from(here):
            if row.target not in ways:
                ways[row.target] = [*ways[here], row]
                queue.append(row.target)
    return ways[state]


def steps_of(view: View, subject: str) -> dict[str, str]:
    return {row.action: row.by for row in view.execute(sa.select(STEPS).where(STEPS.c.subject == subject))}


def tables(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables of the projection, in order."""
    with ledger.read() as view:
        return {
            table.name: sorted(tuple(row) for row in view.execute(sa.select(table))) for table in METADATA.sorted_tables
        }


def assert_equal_to_a_rebuild(ledger: Ledger) -> None:
    before = tables(ledger)
    ledger.rebuild()
    assert tables(ledger) == before
