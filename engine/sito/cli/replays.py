"""What `sito ledger replay` does: finds the files that were in use, and writes what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sito.cases.replay import Replay, needed, replay
from sito.cli.terminal import shown, write_line, write_table
from sito.delta import AnyIndex, over
from sito.errors import IndexFileError
from sito.index import Index
from sito.ledger import Ledger
from sito.policy.calendar import MOSCOW
from sito.policy.verdict import default_policy, read_policy

DELTA, NO_INDEX = "IDX109", "IDX102"
FILE_COUNT_MAX = 10_000  # of one folder


def replayed(ledger: Ledger, case: str, *, indexes: Sequence[Path], policies: Sequence[Path]) -> list[Replay]:
    """Replay a case with the files that are given.

    Args:
        indexes: Index files, deltas, or folders of such.
        policies: Besides the shipped one.

    Raises:
        CaseError, IndexFileError, LedgerError, PolicyError: See `sito.cases.replay.replay`.
    """
    # One that is given by hand is meant where two bear a name.
    known = [*map(read_policy, policies), default_policy()]
    with ledger.read() as view, _opened(indexes, needed(view, case)) as found:
        return replay(view, case, indexes=found, policies=known)


@contextmanager
def _opened(paths: Sequence[Path], wanted: set[str]) -> Iterator[dict[str, AnyIndex]]:
    """Open what is wanted of some files, by digest; in a folder, files of other kinds are passed over."""
    with ExitStack() as stack:
        whole: dict[str, Index] = {}
        found: dict[str, AnyIndex] = {}
        deltas: list[Path] = []
        fault: IndexFileError | None = None
        for path, is_named in _files(paths):
            try:
                index = stack.enter_context(Index.open(path))
            except IndexFileError as error:
                if error.code == DELTA:
                    deltas.append(path)
                elif is_named:
                    raise
                elif error.code != NO_INDEX:  # it may be another one than is wanted
                    fault = error
            else:
                whole[index.info.digest] = found[index.info.digest] = index
        for path in deltas:
            try:
                with Index.open_as(path, delta=True, verify=False) as delta:
                    facts = delta.info.delta
                base = whole.get(facts.base) if facts else None
                if base is not None and wanted - found.keys():
                    laid = stack.enter_context(over(base, path))
                    found[laid.info.digest] = laid
            except IndexFileError as error:
                if path in paths:
                    raise
                fault = error
        if fault is not None and wanted - found.keys():
            raise fault
        yield found


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield the files that are meant, and whether they were named one by one."""
    for path in paths:
        if path.is_dir():
            for number, one in enumerate(sorted(path.iterdir())):
                if number == FILE_COUNT_MAX:
                    raise IndexFileError(
                        "IDX101", expected=f"a folder of at most {FILE_COUNT_MAX} files", got="more", where=path.name
                    )
                if one.is_file():
                    yield one, False
        else:
            yield path, True


def write_replays(case: str, found: Sequence[Replay]) -> None:
    """Write for people what came out."""
    for one in found:
        write_line(
            f"{shown(case)}, event {one.sequence}: record {shown(one.record_id)} of"
            f" {one.screened_at.astimezone(MOSCOW):%Y-%m-%d %H:%M} Moscow, index {one.index_digest[:12]},"
            f" policy {shown(one.policy_id)} {shown(one.policy_version)} of {one.on}"
        )
        if one.engine_then != one.engine_now:
            write_line(f"  engine {shown(one.engine_then)} then, {one.engine_now} now")
        if not one.differences:
            write_line(f"  the same: {one.verdict} by {shown(one.rule_id)}, {one.hit_count} hits")
            continue
        write_table(
            ("what", "then", "now"),
            [(shown(each.what), shown(each.then) or "-", shown(each.now) or "-") for each in one.differences],
        )
