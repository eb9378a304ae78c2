"""A watch over the catalogues: a new edition is fetched, built, recorded and screened against, at once.

A turn does whatever is still to do, and not only what is new: after a crash between the new index and the screening the
next turn screens. What fails is told and tried again with growing pauses; the edition in use goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from sito.cases.desk import SYSTEM, Desk
from sito.clients.base import ClientBase
from sito.clients.bringing import Brought, screen_into_cases, was_brought
from sito.errors import SitoError
from sito.index import Index
from sito.ledger import Ledger
from sito.policy.judge import Judge
from sito.portal.client import PortalClient
from sito.portal.lists import Built, Fetched, Guard, ListFolder, Outcome, editions_of

INTERVAL_MAX_S = 60.0  # seconds between two looks: an edition is in force from its appearing


class Office(msgspec.Struct, frozen=True):
    """Where a watch brings what it finds; opened for each turn, for a connection may break.

    Attributes:
        base: The client base; None: nobody is screened.
    """

    ledger: Ledger
    desk: Desk
    judge: Judge
    base: ClientBase | None
    without: Collection[str] = ()
    threads: int = 1


class Turn(msgspec.Struct, frozen=True):
    """What one look did.

    Attributes:
        built: None if the index is one of the lists of now. brought: None if nobody had to be screened.
    """

    fetched: tuple[Fetched, ...]
    built: Built | None
    is_recorded: bool
    brought: Brought | None

    @property
    def failed(self) -> tuple[Fetched, ...]:
        """Catalogues of which no edition of now is in use."""
        return tuple(one for one in self.fetched if one.outcome in {Outcome.REFUSED, Outcome.FAILED})

    @property
    def needs_eyes(self) -> bool:
        """Has somebody to look at the screening?"""
        one = self.brought
        return one is not None and bool(one.night.cut_count or one.unseen or one.night.lost_lists)


class Watch:
    """Looks and does what is to do.

    Args:
        client: Of the personal account.
        lists: Folder of lists. index: That is built of it. also: Lists beside it.
        clock: The time of now.
    """

    def __init__(
        self, client: PortalClient, lists: ListFolder, index: Path, *, also: Sequence[Path] = (), guard: Guard,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._client, self._lists, self._index, self._also = client, lists, index, tuple(also)
        self._guard, self._clock = guard, clock
        self._recorded = ""  # digest of the index that this process has recorded

    def turn(self, office: Office | None) -> Turn:
        """Look once.

        Raises:
            SitoError: Something is in the way of all of it. What is done is done; the next turn does the rest.
        """
        with self._lists.locked():
            fetched = self._lists.fetch(
                self._client, before=editions_of(self._index), guard=self._guard, at=self._clock()
            )
            built = self._lists.build(self._index, also=self._also, guard=self._guard)
            if office is None:
                return Turn(tuple(fetched), built, False, None)
            with Index.open(self._index) as index:
                is_new = False
                if self._recorded != index.info.digest or any(one.outcome is Outcome.NEW for one in fetched):
                    is_new = self._lists.record(office.ledger, index.info, caller=SYSTEM, at=self._clock())
                    self._recorded = index.info.digest
                brought = self._screened(office, index)
        return Turn(tuple(fetched), built, is_new, brought)

    def _screened(self, office: Office, index: Index) -> Brought | None:
        base = office.base
        if base is None:
            return None
        if was_brought(base, index.info.digest, office.ledger):
            return None  # whoever became a client since is looked at by the screening of the night
        return screen_into_cases(
            base, index, office.judge, ledger=office.ledger, desk=office.desk, at=self._clock(), without=office.without,
            threads=office.threads,
        )  # fmt: skip


def watch(
    turn: Callable[[], Turn], *, interval_s: float, sleep: Callable[[float], bool],
    tell: Callable[[Turn | SitoError], None],
) -> None:  # fmt: skip
    """Look until `sleep` says to stop; what is in the way is told, and the pause grows up to `INTERVAL_MAX_S`.

    Args:
        sleep: Waits so many seconds; returns True to stop.
    """
    pause_s = interval_s
    while True:
        try:
            done = turn()
            tell(done)
            pause_s = min(2 * pause_s, INTERVAL_MAX_S) if done.failed else interval_s
        except SitoError as error:
            tell(error)
            pause_s = min(2 * pause_s, INTERVAL_MAX_S)
        if sleep(pause_s):
            return
