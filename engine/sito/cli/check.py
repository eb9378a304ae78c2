"""`sito check`: look one name up, with the evidence."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.cli.policies import one_of, policy_in_use, today
from sito.cli.terminal import console, shown, write_json, write_line, write_table
from sito.cli.thresholds import LIST_HELP, read_thresholds
from sito.entries import BirthDate, Identifier, Kind
from sito.errors import UsageError
from sito.evidence import Explanation, edition_name
from sito.formats.base import FieldError, birth_date, party_kind
from sito.index import Index, IndexInfo
from sito.policy.facts import Direction, Occasion, Operation, PartyFacts, PartyRole, Relation
from sito.policy.judge import Judge, Judgement
from sito.screen import PartyResult, ScreenConfig, Screener, one_customer

INN_LENGTHS = (5, 10, 12)  # foreign organisations have five digits (КИО), Russian ones ten, people twelve


def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a person, organisation, vessel, …")],
    *,
    index: Annotated[Path, typer.Option("--index", "-i", metavar="INDEX", help="Index file.")],
    birth_date: Annotated[str, typer.Option(metavar="DATE", help="1980-12-31, 31.12.1980, 1980-12 or 1980.")] = "",
    inn: Annotated[str, typer.Option(metavar="DIGITS", help="Russian tax number.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="person, organisation, vessel, aircraft or other.")] = "",
    score_min: Annotated[float | None, typer.Option(metavar="SCORE", help="Lowest score of a hit, in [0, 1].")] = None,
    score_min_list: Annotated[list[str] | None, typer.Option(metavar="LIST=SCORE", help=LIST_HELP)] = None,
    hit_limit: Annotated[int, typer.Option(metavar="COUNT", help="Most hits.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy that gives the verdict; default: the shipped one.")
    ] = None,
    occasion: Annotated[str, typer.Option(metavar="WHY", help="onboarding, remote_opening or check.")] = "check",
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="subject, representative, beneficiary, beneficial_owner, director, …")
    ] = "subject",
    ledger: Annotated[
        str, typer.Option("--ledger", metavar="URL", help="Record there that the lists were used; no name goes there.")
    ] = "",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Leave with 1 if the verdict is not pass.")] = False,
) -> None:
    """Look one name up and say why each hit is a hit."""
    born = _born(birth_date)
    identifiers = (Identifier("inn", _inn(inn)),) if inn.strip() else ()
    judge = Judge(policy_in_use(policy), today())
    why = one_of("--occasion", occasion, Occasion)
    if why is Occasion.PAYMENT:
        raise UsageError("CLI109", expected="--occasion: onboarding, remote_opening or check", got="payment")
    facts = PartyFacts(Relation.CLIENT, one_of("--role", role, PartyRole), Direction.NONE, Operation.OTHER, why)
    by_list = read_thresholds("--score-min-list", score_min_list or ())
    with Index.open(index) as opened:
        screener = Screener(opened, ScreenConfig(score_min=score_min, hit_limit=hit_limit, score_min_by_list=by_list))
        batch = screener.screen_batch([one_customer(name, born, identifiers, _kind(kind))])
        result = batch.result(0)
        if ledger:
            _record_use(ledger, opened.info)
        judgement = judge.judge(result, facts)
        explained = dict(batch.explanations(0))
        pairs = [explained[hit.position] for hit in result.hits]
        if json:
            write_json(_json(result, pairs, opened, judgement, judge))
        else:
            _write(result, pairs, judgement)
            if judgement.verdict != "pass":
                write_line()
                write_line(
                    f"Verdict by {judge.policy.id} {judge.policy.version} on {judge.on}; see `sito policy explain`."
                )
    if exit_code and judgement.verdict != "pass":
        raise typer.Exit(1)


def _born(text: str) -> str:
    try:
        return birth_date(text.strip()) if text.strip() else ""
    except FieldError as error:
        raise UsageError("CLI104", expected=f"--birth-date: {error.expected}", got=error.got) from None


def _inn(text: str) -> str:
    digits = text.replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) in INN_LENGTHS):
        raise UsageError(
            "CLI105", expected="--inn of 10 or 12 digits (5 for a foreign one)", got=f"{len(text)} characters"
        )
    return digits


def _kind(text: str) -> Kind:
    try:
        return party_kind(text)
    except FieldError as error:
        raise UsageError("CLI106", expected=f"--{error.expected}", got=error.got) from None


def born_text(date: BirthDate) -> str:
    """Return a listed birth date for people: a day, a year, or a range."""
    start, end = date.start, date.end
    text = start if start == end else f"{start} to {end}"
    if start[4:] == "-01-01" and end[4:] == "-12-31":
        text = start[:4] if start[:4] == end[:4] else f"{start[:4]} to {end[:4]}"
    return f"about {text}" if date.circa else text


def _record_use(where: str, info: IndexInfo) -> None:
    """Record the use of the lists before anything is told: a look that nobody can prove is none."""
    from sito.cases.listuse import Purpose, use_lists  # noqa: PLC0415  (only with a ledger)
    from sito.cli.ledger import operator, url_of  # noqa: PLC0415
    from sito.ledger import Ledger  # noqa: PLC0415

    with Ledger.open(url_of(where)) as opened:
        use_lists(
            opened, info, purpose=Purpose.LOOKUP, request_id=f"lookup-{uuid.uuid4()}", caller=operator(),
            at=datetime.now(UTC),
        )  # fmt: skip


def _write(result: PartyResult, explanations: list[Explanation], judgement: Judgement) -> None:
    """Write the answer for people."""
    count = len(explanations)
    write_line(f"{judgement.verdict}: {'no hit' if not count else f'{count} hit' + 's' * (count > 1)}")
    if result.truncated:
        write_line(f"A limit was reached ({', '.join(result.limits)}): there may be more hits than shown.")
    for ruling in judgement.rulings:
        report = f" To report: {ruling.message}." if ruling.message else ""
        write_line(f"{ruling.rule_id} ({ruling.verdict}), {shown(ruling.law)}: {shown(ruling.reason)}{report}")
    target = console()
    for explanation in explanations:
        entry, edition = explanation.entry, explanation.edition
        name = explanation.name or entry.names[0]
        write_line()
        write_line(f"{explanation.score:.4f} {explanation.grade}  {shown(name.text)}")
        listed = f"{entry.list_id} {edition_name(edition) or '(undated edition)'}, entry {shown(entry.entry_id)}"
        write_line(f"  {listed}, {entry.kind.value}, {name.quality.value.replace('_', ' ')} name")
        facts = (
            ("rule", [rule] if (rule := judgement.rules.get((entry.list_id, entry.entry_id))) else []),
            ("primary name", [entry.names[0].text] if name != entry.names[0] else []),
            ("born", [born_text(date) for date in entry.birth_dates]),
            ("programmes", entry.programmes),
            ("terrorist", ["yes" if entry.terrorist else "no"] if entry.terrorist is not None else []),
            ("listed on", entry.listed_on),
            ("countries", entry.countries),
            ("name alone", [f"{explanation.name_score:.4f}"] if explanation.name else []),
            ("read", [explanation.reading] if explanation.reading else []),
            ("for", explanation.evidence_for),
            ("against", _with_costs(explanation)),
        )
        for word, values in facts:
            if values:
                write_line(f"  {word}: {shown('; '.join(values))}")
        if explanation.alignments:
            write_table(
                ("given", "listed", "rule", "similarity"),
                [
                    (
                        a.query or "-",
                        a.name,
                        a.rule or "not given",
                        f"{a.similarity:.2f}" if a.query else "",
                    )
                    for a in explanation.alignments
                ],
                right=("similarity",),
                target=target,
            )


def _with_costs(explanation: Explanation) -> list[str]:
    """Return what speaks against, each with what it takes off the score of the name."""
    return [
        f"{text} (-{cost:.2f})" if cost else text
        for text, cost in zip(explanation.evidence_against, explanation.costs, strict=True)
    ]


def _json(
    result: PartyResult, explanations: list[Explanation], index: Index, judgement: Judgement, judge: Judge
) -> bytes:
    """Return the answer for programs: the hits of `sito screen`, each with the whole evidence and its entry."""
    hits = []
    for hit, explanation in zip(result.hits, explanations, strict=True):
        hits.append(
            {
                "entry_id": hit.entry_id,
                "list_id": hit.list_id,
                "name": hit.name,
                "score": hit.score,
                "grade": hit.grade,
                "reasons": hit.reasons,
                "quality": hit.quality,
                "edition": hit.edition,
                "rule_id": judgement.rules.get((hit.list_id, hit.entry_id), ""),
                "name_score": explanation.name_score,
                "costs": explanation.costs,
                "reading": explanation.reading,
                "edition_date": explanation.edition.edition_date,
                "alignments": explanation.alignments,
                "evidence_for": explanation.evidence_for,
                "evidence_against": explanation.evidence_against,
                "entry": explanation.entry,
            }
        )
    answer = {
        "verdict": judgement.verdict,
        "rule_id": judgement.rule_id,
        "rulings": judgement.rulings,
        "hits": hits,
        "truncated": result.truncated,
        "limits": result.limits,
        "editions": [{"list_id": e.list_id, "edition_date": e.edition_date} for e in index.info.editions],
        "policy": {"policy_id": judge.policy.id, "version": judge.policy.version, "edition": judge.policy.edition},
        "on": judge.on,
    }
    return msgspec.json.format(msgspec.json.encode(answer))
