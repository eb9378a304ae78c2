"""`python -m demo.story`: tell the story on one store or on both, and compare the words."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from demo.story import messages, scenes, standing
from demo.story.account import account
from demo.story.bank import Bank
from demo.story.teller import Teller
from demo.story.world import STORES, Clock, database
from sito.policy.calendar import MOSCOW

START = datetime(2026, 3, 2, 9, 0, tzinfo=MOSCOW)


def told(store: str, *, quiet: bool) -> list[str]:
    """Tell the story on one store; return its lines."""
    logging.getLogger("sito_server").setLevel(logging.CRITICAL)  # of the log of a server this is no part
    teller = Teller((lambda _: None) if quiet else print)
    with (
        tempfile.TemporaryDirectory(prefix="sito-story-") as name, database(store, Path(name)) as url,
        Bank(Path(name), url, clock=Clock(START), teller=teller) as bank, account(bank) as own,
    ):  # fmt: skip
        scenes.lists_and_clients(bank)
        scenes.freeze(bank)
        scenes.salary(bank)
        scenes.suspensions(bank)
        scenes.refusal(bank)
        scenes.delisting(bank, Path(name))
        scenes.a_term_ends(bank)
        messages.quarterly_check(bank, own)
        standing.the_checklist(bank)
        freeze = messages.an_edition_appears(bank, own)
        message = messages.a_message_is_rejected(bank, own, freeze)
        messages.it_is_mended(bank, own, freeze, message)
        standing.worse_with_time(bank)
        scenes.the_end(bank)
    return teller.lines


def main(arguments: list[str] | None = None) -> int:
    """Tell it.

    Returns:
        0 if it went as it should, with the same words on all stores; else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m demo.story", description=__doc__)
    parser.add_argument("--store", choices=(*STORES, "both"), default="both")
    chosen: str = parser.parse_args(arguments).store
    stores = STORES if chosen == "both" else (chosen,)
    found: dict[str, list[str]] = {}
    for store in stores:
        before = time.perf_counter()
        found[store] = told(store, quiet=bool(found))
        print(f"\n{store}: {len(found[store])} lines, {time.perf_counter() - before:.1f} s", file=sys.stderr)
    first = found[stores[0]]
    for store, lines in found.items():
        if lines != first:
            differing = next(
                (pair for pair in zip(first, lines, strict=False) if pair[0] != pair[1]), ("", "the length")
            )
            print(f"{store} tells it otherwise:\n  {differing[0]}\n  {differing[1]}", file=sys.stderr)
            return 1
    if len(stores) > 1:
        print("The same words on SQLite and PostgreSQL.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
