"""Build an index from the shipped lists, screen the shipped payments, show who was hit and why."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sito import Index, Screener
from sito.batch import HitLine, PartyLine
from sito.cli import run
from sito.formats import open_records
from sito.records import Record

HERE = Path(__file__).resolve().parent
LISTS = (HERE / "lists" / "ofac", HERE / "lists" / "ru")
PAYMENTS = HERE / "payments"
HITS_SHOWN = 2  # of one party
MEASURE_S = 2.0
WIDTH = 110  # columns without a terminal
WIDE = {"record": 16, "party": 9, "hit": 24, "list": 8, "score": 11}
NARROW = {"record": 11, "party": 8, "hit": 16, "list": 8, "score": 6}
WIDTH_WIDE = 100  # columns
SAME = ": same letters"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo.

    Returns:
        0, or the exit code of the command that failed.
    """
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo-out"), help="folder for the index and the hits")
    folder: Path = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDTH)
    index = folder / "demo.index"

    console.print(
        "\nLists become one index: OFAC SDN of 2024-05-02, and two invented Russian lists in their true formats."
    )
    if code := command(console, ["build", *map(str, LISTS), "--output", str(index)]):
        return code
    with Index.open(index) as opened:
        for edition in opened.info.editions:
            date = edition.edition_date or "an edition without a date in the file"
            console.print(f"  {edition.list_id}: {edition.entry_count} entries, {edition.name_count} names, {date}")

    console.print("\nPayments and customers of five formats are screened, each file with one command.")
    found: list[tuple[Path, list[PartyLine]]] = []
    for path in sorted(PAYMENTS.iterdir()):
        hits = folder / f"{path.stem}.hits.jsonl"
        if code := command(console, ["screen", str(path), "--index", str(index), "--output", str(hits)]):
            return code
        found.append((path, msgspec.json.Decoder(PartyLine).decode_lines(hits.read_bytes())))

    console.print()
    console.print(hit_table(found, WIDE if console.width >= WIDTH_WIDE else NARROW))
    measure(console, index)
    console.print(
        "\nWhere to go next\n"
        f"  .venv/bin/sito info {shown(index)}\n"
        f'  .venv/bin/sito check "Чертополохов Евлампий" --birth-date 14.03.1971 --index {shown(index)}\n'
        f"  .venv/bin/sito screen YOUR_FILE --index {shown(index)} --output hits.csv\n"
        "  make bench                   speed and recall beside other libraries\n"
        "  docs/ARCHITECTURE.md         which file answers which question\n",
        soft_wrap=True,
    )
    return 0


def shown(path: Path) -> str:
    """Return a path as a person would type it here."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def command(console: Console, words: list[str]) -> int:
    """Run one `sito` command and show it; what it says goes to the console if it fails, its last words if not."""
    console.print("$ sito " + " ".join(shown(Path(word)) if "/" in word else word for word in words), soft_wrap=True)
    said, told = TextIOWrapper(BytesIO(), encoding="utf-8"), StringIO()
    with redirect_stdout(said), redirect_stderr(told):
        code = run(words)
    if told.getvalue():
        console.print(f"  {told.getvalue().strip()}")
    return code


def hit_table(found: list[tuple[Path, list[PartyLine]]], widths: dict[str, int]) -> Table:
    """Make the table: record, party, hit, list, score, why; `widths` are the columns' greatest."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1))
    for heading, width in widths.items():
        table.add_column(heading, overflow="fold", max_width=width)
    table.add_column("why", overflow="fold")
    for path, lines in found:
        table.add_row(Text(path.name, style="dim"))
        for line in lines:
            for number, hit in enumerate(line.hits[:HITS_SHOWN]):
                who = (line.record_id, line.role.replace("_", " ")) if number == 0 else ("", "")
                table.add_row(
                    *map(Text, (*who, hit.name, hit.list_id, f"{hit.score:.2f} {hit.grade}", "; ".join(why(hit))))
                )
            if len(line.hits) > HITS_SHOWN:
                table.add_row("", "", Text(f"and {len(line.hits) - HITS_SHOWN} more"))
        if not lines:
            table.add_row("", "", Text("no hit"))
    return table


def why(hit: HitLine) -> Iterator[str]:
    """Shorten the reasons of a hit: words with the same letters are told together."""
    same = [reason.removesuffix(SAME).split(" = ")[0] for reason in hit.reasons if reason.endswith(SAME)]
    if same:
        yield f"same letters: {' '.join(same)}"
    yield from (reason for reason in hit.reasons if not reason.endswith(SAME))


def measure(console: Console, index: Path) -> None:
    """Screen the same records again and again, and say honestly what that figure is."""
    records = [item for path in sorted(PAYMENTS.iterdir()) for item in open_records(path) if isinstance(item, Record)]
    batch = records * (2_000 // len(records))
    with Index.open(index) as opened:
        screener = Screener(opened)
        hit_count = len({result.record_id for result in screener.screen_batch(records).results() if result.hits})
        screener.screen_batch(batch)
        count = hits = 0
        started = time.perf_counter()
        while (seconds := time.perf_counter() - started) < MEASURE_S:
            hits += sum(len(result.hits) for result in screener.screen_batch(batch).results())
            count += len(batch)
    parties = count // len(records) * sum(len(record.parties) for record in records)
    console.print(
        f"Throughput: {count / seconds:,.0f} records/s ({parties / seconds:,.0f} names and texts/s), evidence of"
        f" {hits / seconds:,.0f} hits/s included, one process, one core, {opened.info.name_count:,} listed names.\n"
        f"It is the same {len(records)} records over and over, {hit_count} of them with hits, files not read anew; a"
        " real day has other words and far fewer hits. `make bench` measures with care."
    )


if __name__ == "__main__":
    sys.exit(main())
