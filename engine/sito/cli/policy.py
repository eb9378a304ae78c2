"""`sito policy`: is a policy sound, and what does it say? For lawyers, officers and programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import typer

from sito.cli.policies import one_of, policy_in_use, today
from sito.cli.terminal import console, shown, write_json, write_line, write_table
from sito.errors import CaseError, PolicyError, SitoError, UsageError
from sito.policy.allowance import Allowance, Persons
from sito.policy.calendar import Calendar
from sito.policy.checks import findings, matrix
from sito.policy.deadlines import Term, Unit
from sito.policy.facts import DIMENSIONS, ListKind
from sito.policy.folder import ALLOWANCE, NAMES, POLICY, allowances_of, calendar_of, own_file
from sito.policy.rules import (
    MESSAGE_NUMBERS,
    Duty,
    MessageKind,
    PolicyFile,
    Rule,
    default_policy_file,
    read_policy_file,
)
from sito.policy.verdict import Policy, in_force

CERTAINTY = {
    "S": "read in a named source",
    "I": "inferred",
    "K": "believed, unconfirmed",
    "weak": "read in a weak source, unconfirmed",
}
# What a dimension is called where it is said about whom or what a rule is.
_SAID = {
    "list_kind": "list", "grade": "grade", "relation": "whose", "role": "role", "direction": "direction",
    "operation": "operation", "occasion": "occasion",
}  # fmt: skip

policy = typer.Typer(
    name="policy", help="Check a policy file, or say what follows from a hit and why.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip


@policy.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Policy file in TOML, or a folder of a bank's files.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether a policy is sound; leaves with 1 if it is not, and says what is wrong and where."""
    own = own_file(file, POLICY)
    read = default_policy_file() if own is None else read_policy_file(own)
    found: list[SitoError] = [*findings(read), *_of_cases(read), *(_beside(file, read) if file.is_dir() else ())]
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(_head(read) | {"findings": [*map(_finding, found)]})))
    else:
        write_line(_title(read))
        if found:
            write_table(
                ("code", "where", "expected", "got", "what to do"),
                [(one.code, one.where, one.expected, one.got, one.todo) for one in found],
            )
        else:
            count = int(np.prod([len(values) for values in DIMENSIONS.values()]))
            if file.is_dir():
                names = ", ".join(name for name in NAMES if own_file(file, name))
                write_line(f"The bank's own: {names or 'nothing'}. All else is what is shipped.")
            write_line(f"Sound: each of {count} situations has exactly one first rule, and every rule decides some.")
    if found:
        raise typer.Exit(1)


def _of_cases(file: PolicyFile) -> Iterator[SitoError]:
    """Look whether the terms that cases begin are there, and do not end without another one."""
    from sito.cases.machines import TERM_RULES  # noqa: PLC0415  (with the ledger behind it)
    from sito.cases.steps import REJECTED_RULE  # noqa: PLC0415

    end = file.head.valid_to
    for name in sorted({*TERM_RULES, REJECTED_RULE}):
        rule, _, moment = name.partition("@")
        terms = [one for one in file.terms if one.rule == rule and moment in {"", one.trigger}]
        if not terms:
            yield CaseError(
                "CAS107", expected="terms of all rules that begin one", got=f"none of {name}", where=file.name,
                todo="add the terms to the policy file",
            )  # fmt: skip
        for day in sorted(one.valid_to for one in terms if one.valid_to is not None):
            if (
                file.head.valid_from <= day
                and (end is None or day < end)
                and not any(one.holds_on(day) for one in terms)
            ):
                yield PolicyError(
                    "POL109", expected=f"a term of {name} in force on each day", got=f"none on {day}", where=file.name,
                    todo="date it",
                )  # fmt: skip
                break


def _beside(path: Path, file: PolicyFile) -> Iterator[SitoError]:
    """Look at what stands beside the policy in a bank's folder; of each file the first thing that is wrong."""
    from sito.cases.notices import notices_of  # noqa: PLC0415  (with the ledger behind it)

    for read in (calendar_of, notices_of):
        try:
            read(path)
        except SitoError as error:
            yield error
    try:
        allowances = allowances_of(path)
    except SitoError as error:
        yield error
        return
    known = {one.id for one in file.rules} | {one.id for one in file.duties}
    for one in allowances:
        for name in (one.rule, one.excess_rule):
            if name and name not in known:
                yield PolicyError(
                    "POL303", expected="an allowance by rules of the policy", got=name, where=f"{ALLOWANCE}, {one.id}",
                    todo="repair the file, or give the policy the rule",
                )  # fmt: skip


@policy.command("explain")
def explain(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Policy file or folder; default: the shipped one.")
    ] = None,
    on: Annotated[str, typer.Option(metavar="DATE", help="What holds on that day; default: today.")] = "",
    rule: Annotated[str, typer.Option(metavar="ID", help="This rule alone, with the parts behind its slash.")] = "",
    list_kind: Annotated[str, typer.Option(metavar="KIND", help="te, mvk, un, omu, sem, foreign or own.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what happens when, by which rule and law, until when, how certain that is, and why."""
    read = policy_in_use(file)
    day = _day(on) if on.strip() else today()
    kind = one_of("--list-kind", list_kind, ListKind) if list_kind else None
    rules = read.rules(day)
    reach = _reach(read.file, day)
    shown_rules = [
        one for one in rules if _named(one.id, rule) and (kind is None or kind.value in reach[one.id]["list_kind"])
    ]
    # Duties are about no list: who asks for one list asks for rules.
    duties = [one for one in read.file.duties if in_force(one, day) and kind is None and _named(one.id, rule)]
    if not shown_rules and not duties:
        raise PolicyError(
            "POL112", expected=f"a rule or duty {rule[:60]}".rstrip() + f" in force on {day}", got="none",
            where=read.file.name, todo="see `sito policy explain`",
        )  # fmt: skip
    named = {one.id for one in shown_rules} | {one.id for one in duties}
    allowances = [one for one in allowances_of(file) if one.holds_on(day) and named & {one.rule, one.excess_rule}]
    calendar = calendar_of(file)
    if json:
        write_json(_json(read, day, shown_rules, duties, reach, allowances=allowances, calendar=calendar))
        return
    write_line(_title(read.file))
    write_line(f"In force on {day}. Terms that begin together: the earliest one raises the alarm.")
    target = console()
    if shown_rules:
        write_line()
        write_table(
            ("rule", "verdict", "message", "when", "until when"),
            [
                (one.id, one.verdict, _message(one.message), _when(reach[one.id]), _until(read, one, day))
                for one in shown_rules
            ],
            target=target,
        )
        for one in shown_rules:
            _write_why(one, one.reason)
    if duties:
        write_line()
        write_table(
            ("duty", "after", "verdict", "message", "until when"),
            [
                (one.id, _plain(one.trigger), one.verdict or "-", _message(one.message), _until(read, one, day))
                for one in duties
            ],
            target=target,
        )
        for duty in duties:
            _write_why(duty, duty.action)
    terms = read.terms(_term_ids(shown_rules, duties), day)
    if terms:
        write_line()
        write_table(
            ("term", "how long", "after", "in force", "certain"),
            [(term.id, _long(term), _plain(term.trigger), _force(term), term.certainty) for term in terms],
            target=target,
        )
        for term in terms:
            write_line(f"{term.id}: {CERTAINTY[term.certainty]}. {shown(term.source)}.")
    if any(term.unit is Unit.WORKING_DAYS for term in terms):
        years = ", ".join(f"{one.year} {one.status}" for one in calendar.years)
        write_line(f"Working days: {years}; {len(calendar.overrides)} days otherwise by the bank's own calendar.")
    if allowances:
        write_line()
        write_table(
            ("allowance", "by", "for", "frozen by", "a month, in roubles", "above it", "in force", "certain"),
            [
                (one.id, one.rule, ", ".join(one.operations), ", ".join(one.list_kinds) or "any list",
                 _limit(one), one.excess_rule or "-", _force(one),
                 one.certainty)
                for one in allowances
            ],
            target=target,
        )  # fmt: skip
        for allowance in allowances:
            write_line(f"{allowance.id}: {CERTAINTY[allowance.certainty]}. {shown(allowance.source)}.")


def _limit(one: Allowance) -> str:
    if one.limit is None:
        return "no limit"
    return f"{one.limit} for {'the person' if one.persons is Persons.ALONE else 'the person and each named member'}"


def _term_ids(rules: list[Rule], duties: list[Duty]) -> list[str]:
    named = [term for rule in rules for term in rule.terms] + [term for duty in duties for term in duty.terms]
    return list(dict.fromkeys(named))


def _named(found: str, wanted: str) -> bool:
    return not wanted or found == wanted or found.startswith(f"{wanted}/")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("CLI109", expected="--on: a day as 2026-12-31", got=f"{len(text)} characters") from None


def _reach(file: PolicyFile, day: date) -> dict[str, dict[str, list[str]]]:
    """Return, for each rule, the values of each dimension for which it decides something, after those before it."""
    first = matrix(file.rules, day)
    found: dict[str, dict[str, list[str]]] = {}
    for number, rule in enumerate(file.rules):
        places = np.nonzero(first == number)
        found[rule.id] = {
            name: [values[place].value for place in np.unique(own).tolist()]
            for own, (name, values) in zip(places, DIMENSIONS.items(), strict=True)
        }
    return found


def _when(reach: dict[str, list[str]]) -> str:
    """Return the dimensions that a rule is particular about, in words."""
    said = []
    for name, own in reach.items():
        known = [value.value for value in DIMENSIONS[name]]
        others = [value for value in known if value not in own]
        if others:
            few = len(own) <= len(others) + 1
            said.append(f"{_SAID[name]} {'' if few else 'not '}{_plain(', '.join(own if few else others))}")
    return "; ".join(said) or "always"


def _write_why(one: Rule | Duty, words: str) -> None:
    """Write what a table has no room for: law, who decides, why, and how certain all that is."""
    write_line(f"{one.id}: {shown(one.law)}. {shown(words)}")
    write_line(f"  Decides: {one.decides}. Certainty: {CERTAINTY[one.certainty]} ({shown(one.source)}).")


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _message(kind: MessageKind) -> str:
    return " ".join(filter(None, (kind.value, MESSAGE_NUMBERS.get(kind)))) or "-"


def _until(read: Policy, one: Rule | Duty, day: date) -> str:
    terms = read.terms(one.terms, day)
    return "; ".join(f"{_long(term)} after {_plain(term.trigger)} ({term.certainty})" for term in terms) or "-"


def _long(term: Term) -> str:
    unit = term.unit.value.replace("_", " ")
    return f"{term.value} {unit.removesuffix('s') if term.value == 1 else unit}"


def _force(term: Term | Allowance) -> str:
    return f"from {term.valid_from}" + (f", before {term.valid_to}" if term.valid_to else "")


def _title(file: PolicyFile) -> str:
    head = file.head
    force = f"from {head.valid_from}" + (f", before {head.valid_to}" if head.valid_to else "")
    return f"{head.id} {head.version} ({file.edition[:12]}), {force}: {shown(head.title)}"


def _head(file: PolicyFile) -> dict[str, Any]:
    return {
        "policy_id": file.head.id, "policy_version": file.head.version, "edition": file.edition,
        "title": file.head.title, "valid_from": file.head.valid_from, "valid_to": file.head.valid_to,
    }  # fmt: skip


def _finding(found: SitoError) -> dict[str, str]:
    return {"code": found.code, "expected": found.expected, "got": found.got, "where": found.where, "todo": found.todo}


def _json(
    read: Policy, day: date, rules: list[Rule], duties: list[Duty], reach: dict[str, dict[str, list[str]]],
    *, allowances: list[Allowance], calendar: Calendar,
) -> bytes:  # fmt: skip
    """Return the same for programs: rules with the situations they decide, duties, the terms that both name, the
    allowances by them, and how sure the years are by which terms are counted.
    """
    terms = read.terms(_term_ids(rules, duties), day)
    answer = _head(read.file) | {
        "on": day,
        "rules": [msgspec.to_builtins(one) | {"decides_for": reach[one.id]} for one in rules],
        "duties": duties,
        "terms": terms,
        "allowances": allowances,
        "calendar": {
            "years": [
                {"year": one.year, "status": one.status, "working_days": one.working_days} for one in calendar.years
            ],
            "overrides": calendar.overrides,
        },
    }
    return msgspec.json.format(msgspec.json.encode(answer))
