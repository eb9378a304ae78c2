"""How the tables follow from the events.

Every event of a step says itself where it came from and where it led, which terms began and ended and what else
followed, so that applying it asks nothing but the event: tables rebuilt from the events are those that stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sito.cases.facts import moment
from sito.cases.machines import MACHINES, MEASURES
from sito.ledger import Changes, Projection, Stored

METADATA = sa.MetaData()
LIST_USED = "list_used"  # kind of the event of one use of a list; facts: list_id, edition
HITS_SILENCED = "hits_silenced"  # all hits of a screening were rejected before, and that still holds
ATTEMPT_REFUSED = "attempt_refused"  # somebody tried what they may not
FREEZE_PROPOSED = "freeze_proposed"  # facts: list_id and entry_id, where somebody proposed it without a case


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def _matters(name: str, *columns: str) -> sa.Table:
    """Return the table of one kind of matter; facts of events that bear the name of a column are kept in it."""
    return sa.Table(
        name, METADATA, sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("machine", sa.Text, nullable=False), sa.Column("state", sa.Text, nullable=False, index=True),
        # The last step of it.
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
        *_words("opened_at", "changed_at", "opened_by", *columns),
        sa.Index(f"{name}_by_number", "machine", "number"),
    )  # fmt: skip


CASES = _matters("case_file", "client_id", "record_id", "occasion", "rule_id", "verdict", "term_ids", "measure",
                 "assignee", "duty_at")  # fmt: skip
# The last event by which hits came that were not there or were others before.
CASES.append_column(sa.Column("hit_sequence", sa.BigInteger, nullable=False))
MEASURE = _matters("case_measure", "case_subject", "client_id", "operation_id", "rule_id", "law")
MESSAGES = _matters("case_message", "about", "client_id", "operation_id", "category", "message_id")
NOTICES = _matters("case_notice", "about", "template_id", "channel")
AUDITS = _matters("case_audit", "report_number", "report_date", "reported_at")
CHECKS = _matters("case_check", "message_id", "finished_at")
REPORTS = _matters(
    "case_fes", "about", "client_id", "rule_id", "family", "kind", "record_type", "content_digest", "record_series",
    "record_number", "file_series", "file_name", "message_date", "xml_digest", "signature_digest", "route", "portal_id",
    "external_id", "status_number", "status_name", "receipt_digest", "cause", "attempt",
)  # fmt: skip
# Every number that a message or its file was ever given; within a series they are counted without a gap.
NUMBERS = sa.Table(
    "case_fes_number", METADATA, sa.Column("series", sa.Text, primary_key=True),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False), *_words("subject", "number"),
)  # fmt: skip
sa.Index("case_fes_by_about", REPORTS.c.about)
TABLES: dict[str, sa.Table] = {
    "case": CASES, **dict.fromkeys(MEASURES, MEASURE), "message": MESSAGES, "notice": NOTICES, "check": CHECKS,
    "audit": AUDITS, "fes": REPORTS,
}  # fmt: skip

AGREED = (  # facts
    "carve_rule", "amount_kopecks", "operation_id", "operation_kind", "members", "release_sequence", "lift_ground",
    "end_ground",
)  # fmt: skip
GRADES = ("exact", "strong", "medium", "weak")  # the strongest first
_KEY = ("subject", "scope", "role", "list_id", "entry_id", "party_fingerprint")
HITS = sa.Table(
    "case_hit", METADATA, *[sa.Column(name, sa.Text, primary_key=True) for name in _KEY],
    *_words("client_id", "edition", "grade", "entry_fingerprint", "former_ids", "known_by"),
)  # fmt: skip
# Rejected matches: (client, entry or one of its former ids, edition), what both sides were, and until when it holds.
MATCHES = sa.Table(
    "case_match", METADATA, *[sa.Column(name, sa.Text, primary_key=True) for name in _KEY],
    *_words("client_id", "edition", "entry_fingerprint", "expires_at"),
)  # fmt: skip
# Steps of a matter since its state changed that need a second pair of eyes, to know who the first was.
STEPS = sa.Table(
    "case_step", METADATA, sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True), *_words("by", "agreed"),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)  # fmt: skip
# What the law wants next: terms that run. `name` is the word of the machine's table, `rule` the rule that it meant.
TASKS = sa.Table(
    "case_task", METADATA, sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True), *_words("rule", "trigger_at", "until_at", "term_ids"),
)  # fmt: skip
# What frozen clients were let have: each release that took from an allowance and was not given back.
TAKINGS = sa.Table(
    "case_taking", METADATA, sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    *_words("subject", "client_id", "allowance", "month"), sa.Column("amount_kopecks", sa.BigInteger, nullable=False),
)  # fmt: skip
LIST_USES = sa.Table("case_list_use", METADATA, sa.Column("list_id", sa.Text, primary_key=True), *_words("used_at"))
sa.Index("case_taking_by_month", TAKINGS.c.client_id, TAKINGS.c.allowance, TAKINGS.c.month)
sa.Index("case_file_by_client", CASES.c.client_id)
sa.Index("case_measure_by_client", MEASURE.c.client_id)
sa.Index("case_measure_by_operation", MEASURE.c.operation_id)
sa.Index("case_hit_by_client", HITS.c.client_id, HITS.c.list_id, HITS.c.entry_id)
sa.Index("case_match_by_client", MATCHES.c.client_id, MATCHES.c.list_id, MATCHES.c.entry_id)


# Made once: to make a statement costs more than to run it.
_STEPS_GONE = STEPS.delete().where(STEPS.c.subject == sa.bindparam("whose"))
_STEP_GONE = _STEPS_GONE.where(STEPS.c.action == sa.bindparam("used"))
_TASKS_GONE = TASKS.delete().where(TASKS.c.subject == sa.bindparam("whose"), TASKS.c.name == sa.bindparam("word"))
_TASK_GONE = _TASKS_GONE.where(TASKS.c.sequence == sa.bindparam("place"))
_FIRST_TASK = sa.select(sa.func.min(TASKS.c.sequence)).where(
    TASKS.c.subject == sa.bindparam("whose"), TASKS.c.name == sa.bindparam("word")
)
_MATCHES_GONE = MATCHES.delete().where(MATCHES.c.subject == sa.bindparam("whose"))
_TAKING_GONE = TAKINGS.delete().where(TAKINGS.c.sequence == sa.bindparam("taken"))
_HIT_BEFORE = sa.select(HITS.c.grade, HITS.c.entry_fingerprint).where(
    *(HITS.c[key] == sa.bindparam(key) for key in _KEY)
)


_INSERTS = {table: table.insert() for table in METADATA.sorted_tables}


@cache
def _changing(table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    return table.update().where(table.c.subject == sa.bindparam("whose")).values(values)


@cache
def _putting(table: sa.Table, dialect: str) -> sa.Insert:
    """Return what makes a row, or changes the one that is there; nobody else writes at that time."""
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in keys]
    # Two classes of the same words: each database has its own.
    if dialect == "sqlite":
        of_file = sqlite.insert(table)
        return of_file.on_conflict_do_update(keys, set_={name: of_file.excluded[name] for name in others})
    of_server = postgresql.insert(table)
    return of_server.on_conflict_do_update(
        index_elements=keys, set_={name: of_server.excluded[name] for name in others}
    )


def apply(changes: Changes, stored: Stored) -> None:
    """Apply one stored event to the tables; events of other rooms are left alone."""
    facts, subject, at = stored.event.facts, stored.event.subject, moment(stored.at)
    if stored.event.kind == LIST_USED:
        _put(changes, LIST_USES, {"list_id": facts["list_id"], "used_at": at}, facts["list_id"])
        return
    machine = facts.get("machine")
    if machine not in TABLES or "action" not in facts:
        return
    screening = facts.get("screening", {})
    is_new = not facts["from"]  # then none of its hits is there yet
    hits = _strongest(screening.get("hits", ()))
    changed = [_hit(changes, subject, screening, hit, is_new=is_new) for hit in hits]
    _matter(changes, stored, TABLES[machine], at, brings_hits=any(changed))
    _steps(changes, stored)
    _tasks(changes, stored)
    for match in facts.get("matches", ()):
        _put(changes, MATCHES, {**match, "subject": subject}, subject)
    if "taking" in facts:
        taking = {"sequence": stored.sequence, "subject": subject, **facts["taking"]}
        changes.keep(_INSERTS[TAKINGS], taking, about=str(stored.sequence))
    for number in facts.get("numbers", ()):
        changes.keep(_INSERTS[NUMBERS], {**number, "subject": subject}, about=subject)
    if facts["action"] == "give_back":
        changes.keep(_TAKING_GONE, {"taken": facts["release_sequence"]}, about=str(facts["release_sequence"]))
    if facts.get("forgets"):
        changes.keep(_MATCHES_GONE, {"whose": subject}, about=subject)


def _put(changes: Changes, table: sa.Table, row: dict[str, Any], about: str) -> None:
    changes.keep(_putting(table, changes.dialect), row, about=about)


def _matter(changes: Changes, stored: Stored, table: sa.Table, at: str, *, brings_hits: bool) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    screening = facts.get("screening", {})
    told = facts | {name: screening[name] for name in ("client_id", "record_id", "occasion") if name in screening}
    if facts["action"] == "repeat":  # the case stays that of the record and the ruling it was opened for
        told = dict(facts)
    elif screening:
        ruling = screening["ruling"]
        told |= {"rule_id": ruling["rule_id"], "verdict": ruling["verdict"]}
        told["term_ids"] = msgspec.json.encode(ruling["term_ids"]).decode()
    if facts["machine"] == "check" and facts["action"] == "finish":
        told["finished_at"] = at
    if facts["machine"] == "audit" and facts["action"] == "report":
        told["reported_at"] = at
    values = {name: told[name] for name in _told(table) if name in told}
    values |= {"state": facts["state"], "changed_at": at, "last_sequence": stored.sequence}
    if brings_hits:
        values["hit_sequence"] = stored.sequence
    if facts["from"]:
        changing = {f"new_{name}": value for name, value in values.items()}
        changes.keep(_changing(table, tuple(values)), {"whose": subject, **changing}, about=subject)
    else:
        values |= {"subject": subject, "number": facts["number"], "machine": facts["machine"]}
        changes.keep(_INSERTS[table], values | {"opened_at": at, "opened_by": stored.caller.name}, about=subject)


@cache
def _told(table: sa.Table) -> tuple[str, ...]:
    """Return the columns that keep a fact of that name."""
    own = {"subject", "number", "machine", "state", "opened_at", "opened_by", "changed_at", "last_sequence"}
    return tuple(column.name for column in table.columns if column.name not in own | {"hit_sequence"})


@cache
def _firsts(machine: str) -> frozenset[str]:
    """Return the actions that another person has to follow: only of these is it kept who took them."""
    return frozenset(row.second_to for row in MACHINES[machine].rows if row.second_to)


@cache
def _holds_firsts(machine: str, state: str) -> bool:
    """Say whether somebody may have taken such an action in a state, or to come to it."""
    firsts = _firsts(machine)
    return any(row.target == state and row.action in firsts for row in MACHINES[machine].rows)


def _steps(changes: Changes, stored: Stored) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    machine = facts["machine"]
    if facts["from"] and facts["from"] != facts["state"]:  # what was asked for in another state counts no more
        if _holds_firsts(machine, facts["from"]):
            changes.keep(_STEPS_GONE, {"whose": subject}, about=subject)
    elif facts["second_to"]:
        changes.keep(_STEP_GONE, {"whose": subject, "used": facts["second_to"]}, about=subject)
    if facts["action"] not in _firsts(machine):
        return
    row = {"subject": subject, "action": facts["action"], "by": stored.caller.name, "agreed": agreed(facts)}
    _put(changes, STEPS, row | {"sequence": stored.sequence}, subject)


def _tasks(changes: Changes, stored: Stored) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    for name in facts["ends"]:
        changes.keep(_TASKS_GONE, {"whose": subject, "word": name}, about=subject)
    for name in facts["ends_one"]:
        first = changes.ask(_FIRST_TASK, {"whose": subject, "word": name}).scalar()
        changes.keep(_TASK_GONE, {"whose": subject, "word": name, "place": first}, about=subject)
    for task in facts["begins"]:
        row = {"subject": subject, "sequence": stored.sequence, **task}
        changes.keep(_INSERTS[TASKS], row | {"term_ids": msgspec.json.encode(task["term_ids"]).decode()}, about=subject)


def _strongest(hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the hits, of several in one place the one with the strongest grade."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for hit in hits:
        place = (hit["role"], hit["list_id"], hit["entry_id"], hit["party_fingerprint"])
        if place not in found or GRADES.index(hit["grade"]) < GRADES.index(found[place]["grade"]):
            found[place] = hit
    return list(found.values())


def _hit(changes: Changes, subject: str, screening: dict[str, Any], hit: dict[str, Any], *, is_new: bool) -> bool:
    """Keep a hit, and say whether it was not there or another one before."""
    row = {name: hit[name] for name in ("role", "list_id", "entry_id", "party_fingerprint")}
    row |= {"subject": subject, "scope": scope_of(screening["occasion"])}
    before = None if is_new else changes.ask(_HIT_BEFORE, row).first()
    row |= {name: hit[name] for name in ("edition", "grade", "entry_fingerprint")}
    row |= {
        "client_id": screening.get("client_id", ""), "known_by": hit.get("known_by", "name"),
        "former_ids": msgspec.json.encode(hit.get("former_ids", [])).decode(),
    }  # fmt: skip
    if before is not None:  # the strongest grade stays: an exact hit is not made a weaker one by saying it again
        row["grade"] = min(before.grade, row["grade"], key=GRADES.index)
    _put(changes, HITS, row, subject)
    return before is None or tuple(before) != (row["grade"], row["entry_fingerprint"])


def agreed(facts: Mapping[str, Any]) -> str:
    """Return what two persons have to agree on, of the facts of a step."""
    return msgspec.json.encode({name: facts[name] for name in AGREED if name in facts}).decode()


def scope_of(occasion: str) -> str:
    """Return what a rejected match is remembered for: payments say less of a party than the file of a client."""
    return "payment" if occasion == "payment" else "client"


PROJECTION = Projection("cases", tuple(METADATA.sorted_tables), apply, version=6)
