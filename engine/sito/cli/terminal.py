"""What commands write: tables for people, JSON for programs, progress on the standard error.

Texts of lists and records come from outside: they never act as markup, and what would act on a terminal is shown, not
done.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

PROGRESS_DELAY_S = 2.0
PLAIN_WIDTH = 100  # columns of tables that go into a file or a pipe

# Control characters and those that change the direction of writing.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# The same in UTF-8, but for those that JSON escapes anyway.
_ACTIVE_BYTES = re.compile(b"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


def shown(text: str) -> str:
    """Return a text of outside as it may go to a terminal: what would act on it becomes a replacement character."""
    return _ACTIVE.sub(lambda found: " " if found.group() in "\t\n\r" else "\ufffd", text)


def write_line(text: str = "") -> None:
    """Write one line to the standard output."""
    sys.stdout.write(text + "\n")


def write_json(data: bytes) -> None:
    """Write a JSON document to the standard output, as UTF-8 whatever the terminal speaks.

    What would act on a terminal can only stand in its texts, and is escaped there: the document says the same.
    """
    data = _ACTIVE_BYTES.sub(lambda found: b"\\u%04x" % ord(found.group().decode()), data)
    sys.stdout.flush()
    sys.stdout.buffer.write(data.rstrip(b"\n") + b"\n")
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """Write one line for people to the standard error."""
    sys.stderr.write(shown(text) + "\n")


def console() -> Console:
    """Make the console of the standard output."""
    from rich.console import Console  # noqa: PLC0415  (slow to load; many calls print no table)

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), target: Console | None = None,
    styles: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write a table to the standard output; cells wrap, so that nothing is cut off.

    Args:
        columns: Headings.
        rows: Cells, as many as headings.
        right: Headings of the columns that stand to the right.
        target: The console to use instead.
        styles: Of each row, in words of rich; only a terminal shows them.
    """
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row, style in zip(rows, chain(styles, repeat("")), strict=False):
        table.add_row(*(Text(shown(cell)) for cell in row), style=style)
    (target or console()).print(table)


class Progress:
    """Progress of something that may take longer than two seconds, on the standard error.

    A bar on a terminal; without one nothing, or plain lines if progress was asked for. Use it as a context manager.

    Args:
        forced: Show it without a terminal too.
    """

    def __init__(self, forced: bool = False) -> None:
        self._terminal = sys.stderr.isatty()
        self._wanted = forced or self._terminal
        self._started = self._said = time.monotonic()
        self._bar: RichProgress | None = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, stage: str, done: int, total: int) -> None:
        """Tell how far the work is; `total` is 0 if nobody knows."""
        now = time.monotonic()
        if not self._wanted or now - self._started < PROGRESS_DELAY_S:
            return
        if self._terminal:
            self._show_bar(stage, done, total)
        elif now - self._said >= PROGRESS_DELAY_S:
            self._said = now
            how_far = f"{100 * done / total:.0f} %" if total else str(done or "")
            note(f"{stage} {how_far}".rstrip())

    def _show_bar(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            from rich.console import Console  # noqa: PLC0415
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
            from rich.progress import Progress as RichProgress  # noqa: PLC0415

            self._bar = RichProgress(
                TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._task = self._bar.add_task(stage)
            self._bar.start()
        self._bar.update(self._task, description=stage, completed=done, total=total or None)
