"""How the tables follow from the events.

Every event of a step says itself where it came from and where it led, which terms began and ended and what else
followed, so that applying it asks nothing but the event: tables rebuilt from the events are those that stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from sito.cases.facts import moment
from sito.cases.machines import MEASURES
from sito.ledger import Projection, Stored

METADATA = sa.MetaData()
LIST_USED = "list_used"  # kind of the event of one use of a list; facts: list_id, edition
HITS_SILENCED = "hits_silenced"  # all hits of a screening were rejected before, and that still holds
ATTEMPT_REFUSED = "attempt_refused"  # somebody tried what they may not


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def _matters(name: str, *columns: str) -> sa.Table:
    """Return the table of one kind of matter; facts of events that bear the name of a column are kept in it."""
    return sa.Table(
        name, METADATA, sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("machine", sa.Text, nullable=False), sa.Column("state", sa.Text, nullable=False, index=True),
        *_words("opened_at", "changed_at", "opened_by", *columns),
    )  # fmt: skip


CASES = _matters("case_file", "client_id", "record_id", "occasion", "rule_id", "verdict", "term_ids", "measure",
                 "assignee", "duty_at")  # fmt: skip
MEASURE = _matters("case_measure", "case_subject", "client_id", "operation_id", "rule_id", "law")
MESSAGES = _matters("case_message", "about", "client_id", "operation_id", "category", "message_id")
NOTICES = _matters("case_notice", "about", "template_id", "channel")
CHECKS = _matters("case_check", "message_id", "finished_at")
TABLES: dict[str, sa.Table] = {
    "case": CASES, **dict.fromkeys(MEASURES, MEASURE), "message": MESSAGES, "notice": NOTICES, "check": CHECKS,
}  # fmt: skip

AGREED = ("carve_rule", "amount_kopecks", "operation_id", "lift_ground", "end_ground")  # facts
GRADES = ("exact", "strong", "medium", "weak")  # the strongest first
_KEY = ("subject", "scope", "role", "list_id", "entry_id", "party_fingerprint")
HITS = sa.Table(
    "case_hit", METADATA, *[sa.Column(name, sa.Text, primary_key=True) for name in _KEY],
    *_words("client_id", "edition", "grade", "entry_fingerprint", "former_ids"),
)  # fmt: skip
# Rejected matches: (client, entry or one of its former ids, edition), what both sides were, and until when it holds.
MATCHES = sa.Table(
    "case_match", METADATA, *[sa.Column(name, sa.Text, primary_key=True) for name in _KEY],
    *_words("client_id", "edition", "entry_fingerprint", "expires_at"),
)  # fmt: skip
# Steps of a matter since its state changed, to know who the first pair of eyes was.
STEPS = sa.Table(
    "case_step", METADATA, sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True), *_words("by", "agreed"),
)  # fmt: skip
# What the law wants next: terms that run. `name` is the word of the machine's table, `rule` the rule that it meant.
TASKS = sa.Table(
    "case_task", METADATA, sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True), *_words("rule", "trigger_at", "until_at", "term_ids"),
)  # fmt: skip
# Which steps a request led to: the answer to the same request when it comes again.
REQUESTS = sa.Table(
    "case_request", METADATA, sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True), *_words("subject", "action", "state"),
)  # fmt: skip
LIST_USES = sa.Table("case_list_use", METADATA, sa.Column("list_id", sa.Text, primary_key=True), *_words("used_at"))
sa.Index("case_file_by_client", CASES.c.client_id)
sa.Index("case_measure_by_client", MEASURE.c.client_id)
sa.Index("case_measure_by_operation", MEASURE.c.operation_id)
sa.Index("case_hit_by_client", HITS.c.client_id, HITS.c.list_id, HITS.c.entry_id)
sa.Index("case_match_by_client", MATCHES.c.client_id, MATCHES.c.list_id, MATCHES.c.entry_id)


def apply(connection: sa.Connection, stored: Stored) -> None:
    """Apply one stored event to the tables; events of other rooms are left alone."""
    facts, at = stored.event.facts, moment(stored.at)
    if stored.event.kind == LIST_USED:
        _put(connection, LIST_USES, {"list_id": facts["list_id"]}, {"used_at": at})
        return
    if stored.event.kind == HITS_SILENCED:
        _request(connection, stored, "silence", "rejected")
        return
    machine = facts.get("machine")
    if machine not in TABLES or "action" not in facts:
        return
    _matter(connection, stored, TABLES[machine], at)
    _steps(connection, stored)
    _tasks(connection, stored)
    _request(connection, stored, facts["action"], facts["state"])
    for hit in facts.get("screening", {}).get("hits", ()):
        _hit(connection, stored.event.subject, facts["screening"], hit)
    if "matches" in facts:
        for match in facts["matches"]:
            key = {name: match[name] for name in _KEY if name != "subject"} | {"subject": stored.event.subject}
            _put(connection, MATCHES, key, {name: value for name, value in match.items() if name not in _KEY})
    if facts.get("forgets"):
        connection.execute(MATCHES.delete().where(MATCHES.c.subject == stored.event.subject))


def _put(connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Change a row, or make it; nobody else writes at that time."""
    where = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if not connection.execute(table.update().where(where).values(values)).rowcount:
        connection.execute(table.insert().values(key | values))


def _matter(connection: sa.Connection, stored: Stored, table: sa.Table, at: str) -> None:
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
    fixed = {"subject", "number", "machine", "state", "opened_at", "opened_by", "changed_at"}
    values = {name: told[name] for name in table.c.keys() if name in told and name not in fixed}  # noqa: SIM118
    values |= {"state": facts["state"], "changed_at": at}
    if facts["from"]:
        connection.execute(table.update().where(table.c.subject == subject).values(values))
    else:
        values |= {"subject": subject, "number": facts["number"], "machine": facts["machine"]}
        connection.execute(table.insert().values(values | {"opened_at": at, "opened_by": stored.caller.name}))


def _steps(connection: sa.Connection, stored: Stored) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    if facts["from"] != facts["state"]:  # what was asked for in another state counts no more
        connection.execute(STEPS.delete().where(STEPS.c.subject == subject))
    elif facts["second_to"]:
        connection.execute(STEPS.delete().where(STEPS.c.subject == subject, STEPS.c.action == facts["second_to"]))
    key = {"subject": subject, "action": facts["action"]}
    _put(connection, STEPS, key, {"by": stored.caller.name, "agreed": agreed(facts)})


def _tasks(connection: sa.Connection, stored: Stored) -> None:
    facts, subject = stored.event.facts, stored.event.subject
    for name in facts["ends"]:
        connection.execute(TASKS.delete().where(TASKS.c.subject == subject, TASKS.c.name == name))
    for name in facts["ends_one"]:
        chosen = sa.and_(TASKS.c.subject == subject, TASKS.c.name == name)
        first = connection.execute(sa.select(sa.func.min(TASKS.c.sequence)).where(chosen)).scalar()
        connection.execute(TASKS.delete().where(chosen, TASKS.c.sequence == first))
    for task in facts["begins"]:
        row = {"subject": subject, "sequence": stored.sequence, **task}
        connection.execute(TASKS.insert().values(row | {"term_ids": msgspec.json.encode(task["term_ids"]).decode()}))


def _request(connection: sa.Connection, stored: Stored, action: str, state: str) -> None:
    connection.execute(
        REQUESTS.insert().values(
            request_id=stored.request_id, sequence=stored.sequence, subject=stored.event.subject, action=action,
            state=state,
        )
    )  # fmt: skip


def _hit(connection: sa.Connection, subject: str, screening: dict[str, Any], hit: dict[str, Any]) -> None:
    key = {name: hit[name] for name in ("role", "list_id", "entry_id", "party_fingerprint")}
    key |= {"subject": subject, "scope": scope_of(screening["occasion"])}
    values = {name: hit[name] for name in ("edition", "grade", "entry_fingerprint")}
    values |= {
        "client_id": screening.get("client_id", ""),
        "former_ids": msgspec.json.encode(hit.get("former_ids", [])).decode(),
    }
    # The strongest grade stays: an exact hit is not made a weaker one by saying it again.
    where = sa.and_(*(HITS.c[name] == value for name, value in key.items()))
    before = connection.execute(sa.select(HITS.c.grade).where(where)).scalar()
    if before is not None:
        values["grade"] = min(before, values["grade"], key=GRADES.index)
    _put(connection, HITS, key, values)


def agreed(facts: Mapping[str, Any]) -> str:
    """Return what two persons have to agree on, of the facts of a step."""
    return msgspec.json.encode({name: facts[name] for name in AGREED if name in facts}).decode()


def scope_of(occasion: str) -> str:
    """Return what a rejected match is remembered for: payments say less of a party than the file of a client."""
    return "payment" if occasion == "payment" else "client"


PROJECTION = Projection("cases", tuple(METADATA.sorted_tables), apply, version=2)
