"""The scenes of the risk indicator: green, worse by a rejected message, green again, and worse as time passes."""

from __future__ import annotations

from datetime import date

import msgspec

from demo.story.bank import Bank
from demo.story.scenes import require, tell
from sito.cli.risk import change_lines, sparkline
from sito.ledger import Caller
from sito.policy.calendar import moscow_day
from sito.risk import Level, indicator, shipped, tick
from sito.risk.texts import TITLES, value_text

REGISTERED = date(2026, 3, 2)  # in the personal account
DOCUMENTS = {"convictions": "С-1/26", "rules_report": "ВК-1/26", "training": "О-3/26"}


def tell_risk(bank: Bank, *, expected: Level, on: date | None = None) -> None:
    """Tell what `sito risk` says, now or at the end of a day to come.

    Args:
        expected: How the indicator has to stand: a story that goes otherwise ends.
    """
    settings = msgspec.structs.replace(shipped(), registered_on=REGISTERED)
    with bank.ledger.read() as view:
        found = indicator(view, settings=settings, schedule=bank.schedule, read_at=bank.clock(), on=on)
    said = "sito risk" if on is None else f"sito risk --at {on}"
    bank.teller.say(f"   {said}: the indicator is {found.level}; thresholds are ours, for none are published")
    for metric in found.metrics:
        value = value_text(metric, metric.value, "en")
        line = f"      {TITLES[metric.metric][0]:<32} {metric.level:<8} {value:<14} |{sparkline(metric)}|"
        bank.teller.say(line)
    for line in change_lines(found):
        bank.teller.say(f"      {line}")
    require(found.level is expected, f"the indicator is {found.level}")


def the_checklist(bank: Bank) -> None:
    """The officer ticks what no program can know; then all is green."""
    bank.teller.scene("The officer ticks the checklist of the risk indicator: all is green", bank.clock())
    day = moscow_day(bank.clock())
    for item, document in DOCUMENTS.items():
        tick(
            bank.ledger, shipped(), item, on=day, document=document, caller=Caller("anna", "officer"),
            request_id=f"story-tick-{item}", at=bank.clock(),
        )  # fmt: skip
    tell(bank)
    tell_risk(bank, expected=Level.LOW)


def worse_with_time(bank: Bank) -> None:
    """If nobody does anything until the autumn, it gets worse."""
    bank.teller.scene("Green again; and what becomes of it if nobody does anything until September", bank.clock())
    tell_risk(bank, expected=Level.LOW)
    tell_risk(bank, expected=Level.HIGH, on=date(2026, 9, 15))
