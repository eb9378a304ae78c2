"""What the tests of the client base share: made-up lists and clients, and screenings as one can read them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from sito import Index, Screener, build_index
from sito.clients import ClientBase, Found, Imported, Night, import_clients, read_clients, screen_base
from sito.clients.night import CONFIG
from sito.policy.judge import Judge
from sito.policy.verdict import default_policy
from sito.records import Record, Reject

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
JUDGE = Judge(default_policy(), date(2026, 11, 20))
HEADER = ("id", "schema", "name", "aliases", "birth_date", "identifiers", "dataset")
KINDS = {"P": "Person", "C": "Company", "V": "Vessel"}
Entry = tuple[str, str, list[str], bool]  # kind, name, other names, has a number
Hits = dict[tuple[str, int, str, str], tuple[Any, ...]]  # (client, party, list, entry) -> score, grade, rule

NUMBER = "7707083893"


def write_list(path: Path, rows: Iterable[tuple[str, Entry]]) -> Path:
    """Write a list of (entry id, entry)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for entry_id, (kind, name, aliases, numbered) in rows:
            born = 1910 + sum(entry_id.encode()) % 90
            writer.writerow((entry_id, KINDS[kind], name, ";".join(aliases), born, NUMBER if numbered else "", "t"))
    return path


def made_index(folder: Path, name: str, rows: Iterable[tuple[str, Entry]], *, list_id: str = "RU-TE") -> Path:
    """Build an index of one list."""
    build_index([write_list(folder / f"{name}.csv", rows)], folder / f"{name}.sito", list_id=list_id)
    return folder / f"{name}.sito"


def client(client_id: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a client as a line of JSON Lines has it."""
    return {"id": client_id, "name": name, **more}


def write_clients(path: Path, clients: Iterable[dict[str, Any]]) -> Path:
    """Write clients as JSON Lines."""
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in clients))
    return path


def take(base: ClientBase, file: Path, rejects: list[Reject] | None = None, **options: Any) -> Imported:
    """Import a file."""
    found: list[Reject] = [] if rejects is None else rejects
    done = import_clients(base, read_clients(file)[1], at=AT, refused=found.append, **options)
    assert rejects is not None or not found, found
    return done


def hits_of(found: Found) -> Hits:
    """Return what alarms of one client."""
    hits: Hits = {}
    for place, (result, judgement) in enumerate(found.judged):
        for hit in result.alarming:
            key = (hit.list_id, hit.entry_id)
            hits[found.record.record_id, place, *key] = (hit.score, hit.grade, judgement.rules[key], hit.name)
    return hits


def screened(base: ClientBase, index: Path, **options: Any) -> tuple[Night, Hits]:
    """Screen a base, and return what was told."""
    told: Hits = {}
    with Index.open(index) as opened:
        night = screen_base(base, opened, JUDGE, at=AT, take=lambda one: told.update(hits_of(one)), **options)
    return night, told


def all_hits(index: Path, file: Path) -> Hits:
    """Return all that alarms in a file of clients: each read and screened by itself, without any base."""
    hits: Hits = {}
    with Index.open(index) as opened:
        screener = Screener(opened, CONFIG)
        for one in read_clients(file)[1]:
            record = one.record  # type: ignore[union-attr]  (nothing is refused here)
            results = screener.screen(record)
            judged = tuple((result, JUDGE.judge_record(result, record)) for result in results)
            hits |= hits_of(Found(record, judged, judged))
    return hits


def records(file: Path) -> Sequence[Record]:
    """Return the records of a file."""
    return [one.record for one in read_clients(file)[1]]  # type: ignore[union-attr]
