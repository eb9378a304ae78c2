"""Invented list entries, and the shape of a call, that several tests use."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LIST_HEADER = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
    '"program_ids","dataset","first_seen","last_seen","last_change"\n'
)
ENTRIES = (
    ("X-1", "Person", "Чертополохов Евлампий Савватеевич", "Evlampiy Chertopolokhov", "1971-03-14"),
    ("X-2", "Company", "Thistle Holding", "", ""),
    ("X-3", "Person", "Аграфена Бузинкина", "", "1985"),
)


class Answer(NamedTuple):
    """What a call gave; a fault of sito is never an answer."""

    code: int
    out: str
    err: str


Call = Callable[..., Answer]


def list_text(*entries: tuple[str, str, str, str, str]) -> str:
    return LIST_HEADER + "".join(
        ",".join(f'"{cell}"' for cell in (*entry, *[""] * 7, "invented", "", "", "")) + "\n" for entry in entries
    )


def documented() -> None:
    """Does something.

    More of it.

    Raises:
        UsageError: Never.
    """
