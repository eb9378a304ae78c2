"""How cases, measures and what is due look on a terminal: times in Moscow, what the law wants next on every screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sito.cases.pages import CaseLine, CasePage, EventLine, MatterLine, MeasureLine, NextDuty, PaperLine
from sito.cases.takings import AllowanceLeft, roubles
from sito.cli.terminal import shown, write_line, write_table
from sito.policy.calendar import MOSCOW
from sito.policy.deadlines import DueState

_HOUR = timedelta(hours=1)
_STYLES = {DueState.LATE: "bold red", DueState.TODAY: "yellow", DueState.SOON: "cyan", DueState.LATER: ""}
_NOT_SHOWN = frozenset({"subject", "number", "machine", "state", "opened_at", "changed_at", "opened_by", "due"})
# What lists have room for; the page of a matter has all of it.
_LISTED = ("client_id", "record_id", "operation_id", "measure", "assignee", "about", "message_id", "finished_at",
           "report_number", "reported_at", "kind", "record_number", "status_name")  # fmt: skip
# What the facts of a step say beside those that were told; the table has it in columns of its own, or it is known.
_OF_STEPS = frozenset(
    {"machine", "action", "from", "state", "number", "second_to", "begins", "ends", "ends_one", "duty_at", "forgets"}
)


def moscow(at: datetime) -> str:
    """Return an instant as people read it, with its zone."""
    return f"{at.astimezone(MOSCOW):%Y-%m-%d %H:%M} MSK"


def left(duty: NextDuty, now: datetime) -> str:
    """Return how long there is left, or how late it is, in days and hours."""
    rest = abs(duty.alarm_at - now)
    days, hours = rest.days, (rest - timedelta(days=rest.days)) // _HOUR
    words = f"{days} d {hours} h" if days else f"{hours} h" if hours else "less than 1 h"
    return f"late by {words}" if duty.is_late else words


def write_duties(duties: Sequence[NextDuty], now: datetime) -> None:
    """Write what is due as a table, and below it what the law wants, once for each rule."""
    rows = [
        (
            moscow(one.alarm_at), left(one, now), f"{one.subject} ({one.state})", one.rule,
            ", ".join(one.next_actions) or "-",
        )
        for one in duties
    ]  # fmt: skip
    styles = [_STYLES[one.urgency] for one in duties]
    write_table(("before", "left", "what", "rule", "next step"), rows, styles=styles)
    for one in duties:
        if flags := _flags(one):
            write_line(shown(f"{one.subject}, {one.rule}: {flags}."))
    for rule, one in {one.rule: one for one in duties}.items():
        write_line(shown(_law(rule, one)))


def write_page(page: CasePage, *, now: datetime) -> None:
    """Write all that is known of a matter."""
    write_line(shown(f"{page.subject}: {page.state}. {page.title}"))
    line = page.line
    told = {"opened": f"{moscow(line.opened_at)} by {line.opened_by}", "changed": moscow(line.changed_at)}
    told |= {name.replace("_", " "): text for name, text in _fields(line).items()}
    told |= {"follows from": ", ".join(page.follows_from), "followed by": ", ".join(page.followed_by)}
    for name, text in told.items():
        if text:
            write_line(shown(f"  {name}: {text}"))
    write_line(f"  last event: {page.last_sequence}")
    if page.hits:
        write_line()
        write_table(
            ("grade", "list", "entry", "edition", "role of the party", "seen in"),
            [
                (one["grade"], one["list_id"], one["entry_id"], one["edition"], one["role"], one["scope"])
                for one in page.hits
            ],
        )
    write_line()
    write_table(
        ("event", "when (MSK)", "what", "step", "by", "told"),
        [
            (
                str(one.sequence), moscow(one.at).removesuffix(" MSK"), one.subject, _step(one),
                f"{one.by} ({one.role})", _told(one),
            )
            for one in page.events
        ],
        right=("event",),
    )  # fmt: skip
    for event in page.events:
        for name, value in (event.personal or {}).items():
            write_line(shown(f"  event {event.sequence}, {name}: {_plain(value)}"))
    if page.duties:
        write_line("The law wants next:")
        write_duties(page.duties, now)
    else:
        write_line("The law wants nothing more of this by a time.")
    for one in page.allowances:
        write_line(shown(_left(one)))
    if not page.steps:
        write_line("Nothing more can be done with it: it is over.")
        return
    write_line("What can be done next:")
    write_table(
        ("action", "leads to", "who", "facts (? may be left out)", "not by who did"),
        [
            (
                one.action, one.target if one.target != page.state else "stays", ", ".join(one.roles),
                ", ".join((*one.needs, *(f"{name}?" for name in one.may))) or "-",
                f"{one.second_to} ({one.asked_by or 'nobody yet'})" if one.second_to else "-",
            )
            for one in page.steps
        ],
    )  # fmt: skip


def _left(one: AllowanceLeft) -> str:
    what = f"{one.allowance} ({one.rule}, for {', '.join(one.operations)}; certain: {one.certainty})"
    spent = f"{roubles(one.spent_kopecks)} roubles released in {one.month}"
    if one.limit_kopecks is None:
        return f"Allowance {what}: no limit; {spent}."
    more = f", {roubles(one.each_member_kopecks)} more with each member" if one.each_member_kopecks else ""
    left = roubles(max(one.limit_kopecks - one.spent_kopecks, 0))
    return f"Allowance {what}: {left} of {roubles(one.limit_kopecks)} left{more}; {spent}."


def write_lines(lines: Sequence[MatterLine], *, now: datetime, empty: str) -> None:
    """Write matters as a table, with what has to be done first with each."""
    if not lines:
        write_line(empty)
        return
    told = [_fields(line) for line in lines]
    names = [name for name in _LISTED if any(name in fields for fields in told)]
    rows = []
    for line, fields in zip(lines, told, strict=True):
        due = line.due
        first = f"{due.rule}: {', '.join(due.next_actions) or '-'}" if due else "-"
        by = f"{moscow(due.alarm_at)}, {left(due, now)}" if due else "-"
        rows.append((line.subject, line.state, *(fields.get(name, "") for name in names), first, by))
    styles = [_STYLES[line.due.urgency] if line.due else "" for line in lines]
    columns = [name.removesuffix("_id").replace("_", " ") for name in names]
    write_table(("what", "state", *columns, "the law wants next", "before"), rows, styles=styles)
    marked = [line.subject for line in lines if line.due and line.due.unconfirmed]
    if marked:
        write_line(shown(f"By a calendar that is unconfirmed: {', '.join(marked)}"))


def _fields(line: MatterLine) -> dict[str, str]:
    kinds: dict[str, Any] = {
        field.name: getattr(line, field.name) for field in msgspec.structs.fields(line) if field.name not in _NOT_SHOWN
    }
    return {name: str(value) for name, value in kinds.items() if value}


def _flags(duty: NextDuty) -> str:
    found = []
    if duty.unconfirmed:
        found.append("unconfirmed")
    if not duty.has_term:
        found.append("no term: due at once")
    if duty.latest_at != duty.alarm_at:
        found.append(f"by another source {moscow(duty.latest_at)}")
    return "; ".join(found)


def _law(rule: str, duty: NextDuty) -> str:
    if not duty.words:
        return f"{rule}: the policy says nothing of it."
    message = f" Message to Rosfinmonitoring: {duty.message}." if duty.message else ""
    return f"{rule}: {duty.words}{message} {duty.law}; certainty {duty.certainty}."


def _step(event: EventLine) -> str:
    if not event.action or not event.state:
        return event.kind.replace("_", " ") + (f": {event.facts['code']}" if "code" in event.facts else "")
    return f"{event.action} -> {event.state}" if event.from_state != event.state else event.action


def _told(event: EventLine) -> str:
    """Return what was told with a step: of long lists how many, and of what is sealed that it is."""
    said = []
    for name, value in event.facts.items():
        if name in _OF_STEPS and event.state:
            continue
        if isinstance(value, dict | list):
            count = len(value) if isinstance(value, list) else len(value.get("hits", ()))
            said.append(f"{name}: {count} {'items' if isinstance(value, list) else 'hits'}")
        elif value not in {"", None}:
            said.append(f"{name}: {value}")
    if event.has_personal:
        said.append("(sealed data)")
    return "; ".join(said)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def as_json(lines: Iterable[CaseLine | MeasureLine | PaperLine | NextDuty]) -> bytes:
    """Return lines as one JSON array."""
    return msgspec.json.format(msgspec.json.encode(list(lines)))
