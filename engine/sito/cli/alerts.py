"""`sito alerts`: tell people by e-mail and webhook what has happened and what is due."""

from __future__ import annotations

import os
import platform
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sito.alerts import Alert, AlertKind, Channels, Sender
from sito.alerts.channels import Channel
from sito.alerts.delivery import Fate
from sito.alerts.sender import deliver
from sito.cases.deadlines import PolicySchedule
from sito.cases.projection import PROJECTION
from sito.cli.desks import PolicyFile, clock
from sito.cli.ledger import Json, Where, url_of
from sito.cli.policies import policy_in_use
from sito.cli.terminal import note, shown, write_json, write_line, write_table
from sito.ledger import Ledger
from sito.policy.folder import calendar_of

alerts = typer.Typer(
    name="alerts", help="Tell people by e-mail and webhook what has happened and what is due.", no_args_is_help=False,
    add_completion=False, rich_markup_mode=None,
)  # fmt: skip

AlertsFile = Annotated[
    Path,
    typer.Option(
        "--alerts", metavar="FILE", envvar="SITO_ALERTS", help="The channels: TOML, see docs/operations.md, Alerts."
    ),
]
ChannelNames = Annotated[
    list[str] | None, typer.Option("--channel", metavar="NAME", help="Only this one. Repeatable; default: all.")
]


@contextmanager
def _sender(where: str, channels: Channels, policy: Path | None) -> Iterator[Sender]:
    schedule = PolicySchedule(policy_in_use(policy).file.terms, calendar_of(policy))
    with Ledger.open(url_of(where), projections=[PROJECTION]) as ledger:
        name = f"{platform.node()[:64]}-{os.getpid()}-{secrets.token_hex(4)}"
        yield Sender(ledger, channels, schedule, clock=clock, sender=shown(name), tell=note)


@alerts.command("send")
def send(
    where: Where,
    file: AlertsFile,
    policy: PolicyFile = None,
    channel: ChannelNames = None,
    failed: Annotated[bool, typer.Option("--failed", help="Also what was given up before.")] = False,
) -> None:
    """Send all that waits and end; leaves with 1 if anything was given up."""
    channels = Channels.read(file)
    chosen = channels.named(channel or ())
    with _sender(where, channels, policy) as sender:
        if failed:
            write_line(f"{sender.retry(chosen)} alerts that were given up are tried again")
        found = sender.send(chosen, stop=threading.Event())
    for name, tally in found.items():
        waits = f", {tally.left} left to another sender" if tally.left else ""
        write_line(f"{name}: {tally.sent} sent, {tally.failed} given up{waits}")
    if any(tally.failed for tally in found.values()):
        raise typer.Exit(1)


@alerts.command("watch")
def watch(
    where: Where,
    file: AlertsFile,
    policy: PolicyFile = None,
    channel: ChannelNames = None,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.1, max=3600.0, help="Between two looks for more.")
    ] = 15.0,
) -> None:
    """Send what comes until it is told to stop."""
    channels = Channels.read(file)
    with _sender(where, channels, policy) as sender:
        sender.send(channels.named(channel or ()), stop=threading.Event(), interval_s=interval)


@alerts.command("status")
def status(
    where: Where, file: AlertsFile, policy: PolicyFile = None, channel: ChannelNames = None, json: Json = False
) -> None:
    """Show what waits, what was sent and what was given up; leaves with 1 if anything was given up."""
    channels = Channels.read(file)
    now = clock()
    rows, lost, pages = [], [], []
    with _sender(where, channels, policy) as sender:
        for one in channels.named(channel or ()):
            outbox = sender.outbox(one)
            with sender.ledger.read() as view:
                waiting = [alert.alert_id for alert in outbox.waiting(view, now)]
            claimed = sum(outbox.claimed(alert_id, now) is not None for alert_id in waiting)
            failed = sorted(outbox.failed.values(), key=lambda failure: failure.at)
            rows.append((one.name, *map(str, (len(waiting), claimed, outbox.sent_count, len(failed)))))
            lost += [(one.name, failure) for failure in failed]
            pages.append(
                {
                    "channel": one.name, "is_begun": outbox.is_begun, "waiting": len(waiting), "claimed": claimed,
                    "sent": outbox.sent_count, "failed": failed,
                }
            )  # fmt: skip
    if json:
        write_json(msgspec.json.format(msgspec.json.encode(pages)))
    else:
        write_table(("channel", "waiting", "of them claimed", "sent", "given up"), rows,
                    right=("waiting", "of them claimed", "sent", "given up"))  # fmt: skip
        for page in pages:
            if not page["is_begun"]:
                write_line(f"{page['channel']} has not begun: it is told what comes after the first `sito alerts send`")
        if lost:
            write_table(
                ("channel", "alert", "kind", "about", "for", "attempts", "reason"),
                [
                    (name, one.alert_id, shown(one.kind), shown(one.subject), shown(", ".join(one.recipients)),
                     str(one.attempts), shown(one.reason))
                    for name, one in lost
                ],
                right=("attempts",),
            )  # fmt: skip
            write_line("To try them again: sito alerts send --failed")
    if lost:
        raise typer.Exit(1)


@alerts.command("test")
def test(file: AlertsFile, channel: ChannelNames = None) -> None:
    """Send one alert that says it is a test to each channel, once; leaves with 1 if one did not take it."""
    channels = Channels.read(file)
    alert = Alert(secrets.token_hex(16), (AlertKind.TEST,), "test", clock())
    all_taken = True
    for one in channels.named(channel or ()):
        reason = _test(channels, one, alert)
        all_taken = all_taken and not reason
        write_line(f"{one.name}: {shown(reason) or 'taken'}")
    if not all_taken:
        raise typer.Exit(1)


def _test(channels: Channels, channel: Channel, alert: Alert) -> str:
    """Return why a channel did not take an alert; empty if all of its recipients have it."""
    outcome = deliver(alert, channel, channel.recipients, channels=channels, now=clock())
    lost = [name for name, fate in outcome.fates.items() if fate is not Fate.TAKEN]
    return f"not for {', '.join(lost)}: {outcome.reason}" if lost else ""
