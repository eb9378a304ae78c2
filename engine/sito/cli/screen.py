"""`sito screen`: a file of payments or customers in, a file of hits out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sito.batch import OUTPUT_SUFFIXES, Summary, screen_file
from sito.clearing import read_clearances
from sito.cli.policies import one_of, policy_in_use, today
from sito.cli.terminal import Progress, note
from sito.cli.thresholds import LIST_HELP, ROLE_HELP, read_thresholds
from sito.errors import UsageError
from sito.policy.judge import Judge
from sito.policy.sides import own_bank
from sito.records import ClientSide
from sito.screen import ScreenConfig

WORKERS_MAX = 1_024
RATE_SECONDS_MIN = 0.1  # a shorter run says nothing about speed


def screen(
    input: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Payments or customers; the format is found by content.")
    ],
    *,
    index: Annotated[Path, typer.Option("--index", "-i", metavar="INDEX", help="Index file.")],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="HITS", help="*.jsonl, *.csv or *.parquet; - is standard output.")
    ],
    include_all: Annotated[bool, typer.Option("--all", help="Write parties without hits too.")] = False,
    score_min: Annotated[float | None, typer.Option(metavar="SCORE", help="Lowest score of a hit, in [0, 1].")] = None,
    score_min_list: Annotated[list[str] | None, typer.Option(metavar="LIST=SCORE", help=LIST_HELP)] = None,
    score_min_role: Annotated[list[str] | None, typer.Option(metavar="ROLE=SCORE", help=ROLE_HELP)] = None,
    hit_limit: Annotated[int, typer.Option(metavar="COUNT", help="Most hits of one party.")] = 50,
    cleared: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON Lines of cleared pairs, whose hits are silenced.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy that gives the verdicts; default: the shipped one.")
    ] = None,
    client_side: Annotated[
        str, typer.Option(metavar="SIDE", help="debtor, creditor or both: whose bank we are, for payments without it.")
    ] = "",
    own_bic: Annotated[
        list[str] | None,
        typer.Option(metavar="BIC", help="Ours: tells our side by the banks named. Repeatable."),
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="COUNT", help="Most processes; default: all cores.")] = None,
    fingerprints: Annotated[
        bool, typer.Option("--fingerprints", help="Write the fingerprints that a line of --cleared needs.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where unreadable records go; default: HITS.rejects.jsonl.")
    ] = None,
    format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="csv, jsonl, parquet, ufebs, iso20022, mt103 or 1c.")
    ] = None,
    xsd: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Official UFEBS schemas, enforced.")] = None,
    progress: Annotated[bool, typer.Option("--progress", help="Show progress without a terminal too.")] = False,
) -> int:
    """Screen a file; leaves with 2 if any record could not be read, after screening all others."""
    if workers is not None and not 1 <= workers <= WORKERS_MAX:
        raise UsageError("CLI107", expected=f"--workers from 1 to {WORKERS_MAX}", got=str(workers))
    target = None if output == "-" else Path(output)
    if target is not None and target.suffix.lower() not in OUTPUT_SUFFIXES:
        raise UsageError(
            "CLI102",
            expected=f"--output with the ending {', '.join(OUTPUT_SUFFIXES)}, or -",
            got=target.suffix or "none",
        )
    if rejects is None and target is not None:
        rejects = target.with_name(target.name + ".rejects.jsonl")
    config = ScreenConfig(
        score_min=score_min, hit_limit=hit_limit,
        score_min_by_list=read_thresholds("--score-min-list", score_min_list or ()),
        score_min_by_role=read_thresholds("--score-min-role", score_min_role or ()),
        fingerprints=fingerprints,
    )  # fmt: skip
    taken = {input.resolve(), index.resolve()} | ({cleared.resolve()} if cleared is not None else set())
    taken |= {policy.resolve()} if policy is not None else set()
    for path in (target, rejects):
        # What lies in the folder of a policy is part of it.
        if path is not None and not taken.isdisjoint((path.resolve(), *path.resolve().parents)):
            raise UsageError("CLI103", expected="outputs that overwrite nothing else", got=path.name)
        if path is not None:
            taken.add(path.resolve())
    judge = Judge(
        policy_in_use(policy), today(), client_side=one_of("--client-side", client_side or "unknown", ClientSide),
        own=own_bank(own_bic or ()),
    )  # fmt: skip
    known = read_clearances(cleared) if cleared is not None else None
    with Progress(progress) as shown:
        summary = screen_file(
            input,
            index,
            target,
            config=config,
            cleared=known,
            judge=judge,
            include_all=include_all,
            workers=workers,
            rejects=rejects,
            format=format,
            schema_dir=xsd,
            progress=lambda done, total: shown.show("screening", done, total),
        )
    _report(summary, rejects)
    found = ", ".join(f"{verdict} {count}x" for verdict, count in summary.verdicts.items()) or "pass only"
    policy_name = f"{judge.policy.id} {judge.policy.version} ({judge.policy.edition[:12]})"
    note(f"verdicts by {policy_name} on {judge.on}: {found}")
    return 2 if summary.reject_count else 0


def _report(summary: Summary, rejects: Path | None) -> None:
    """Say on the standard error what was done; hits have gone elsewhere."""
    rate = f" {summary.record_count / summary.seconds:.0f} records/s," if summary.seconds >= RATE_SECONDS_MIN else ""
    where = f"{summary.workers} processes" if summary.workers else "1 process"
    note(
        f"{summary.format}: {summary.record_count} records, {summary.party_count} parties, {summary.hit_count} hits,"
        f" {summary.alert_count} to review, {summary.reject_count} rejected;"
        f" {summary.seconds:.2f} s,{rate} {where}"
    )
    if summary.suppressed_count or summary.stale_count:
        note(f"cleared: {summary.suppressed_count} hits silenced; {summary.stale_count} clearances no longer fit")
    if summary.unread_count:
        note(f"operation: a word that is not known {summary.unread_count}x, taken as other, the stricter reading")
    if summary.truncated_count:
        note(f"a limit was reached {summary.truncated_count}x: there may be more hits than written (`truncated`)")
    if summary.reject_count:
        codes = ", ".join(f"{code} {count}x" for code, count in summary.reject_codes.items())
        kept = f"kept in {rejects.name}" if rejects is not None else "not kept: name a file with --rejects"
        note(f"rejected: {codes}; {kept}; first: {summary.first_rejects[0]}")
