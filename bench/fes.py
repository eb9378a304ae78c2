"""Measure how many messages to Rosfinmonitoring one core writes and holds against their schemas.

    python -m bench.fes                  100 000 messages of all kinds and families
    python -m bench.fes --size small     2 000 messages

Every message has amounts, names and numbers of its own; each is rendered, validated against our schema and the code
lists, and a share of them is read again and compared with what it was made of.

Exit status: 0 all well, 1 an answer is wrong or the rate is below its floor (small: below 0.4 of it), 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from lxml import etree

from bench.run import machine, say
from sito.fes import (
    Basis,
    Body,
    CheckBody,
    Company,
    DeletionBody,
    Document,
    Family,
    FreezeBody,
    FullName,
    Kind,
    Measure,
    Message,
    Numbers,
    Officer,
    Operation,
    OperationBody,
    Organisation,
    Participant,
    Person,
    RecordType,
    RefusalBody,
    ReleaseBody,
    Schemas,
    SuspensionBody,
    render,
    series_of,
)
from sito.fes.formats import formats

SIZES = {"full": 100_000, "small": 2_000}
FLOOR = 1_000  # messages a second of one core
SMALL_SHARE = 0.4  # of the floor, on a machine that others use
READ_EVERY = 50  # messages, of which one is read again
DAY = date(2026, 3, 2)
MOSCOW = timezone(timedelta(hours=3))
SYLLABLES = ("чер", "то", "по", "лох", "бу", "зи", "на", "бе", "ле", "кра", "пи", "ва")


def word(random: Random) -> str:
    """Return an invented name."""
    return "".join(random.choices(SYLLABLES, k=3)).capitalize()


def organisation(family: Family) -> Organisation:
    """Return an invented organisation."""
    officer = Officer(
        position="Специальное должностное лицо", name=FullName(family="Проверкина", given="Анна"),
        phone="(495)1234567", email="officer@bank.example",
    )  # fmt: skip
    return Organisation(
        family=family, name="АО «Банк Чертополох»", inn="7703047975", kpp="770301001", ogrn="1027700132195",
        bic="044525111", okato="45", registration_number="3349", correspondent_id="2000017575", nfo_code="21",
        nfo_type="1", officer=officer,
    )  # fmt: skip


def participants(random: Random) -> tuple[Participant, ...]:
    """Return two invented sides of an operation."""
    person = Person(
        name=FullName(family=word(random), given=word(random), patronymic=word(random)), birth_date=date(1971, 3, 14),
        document=Document(kind_code="21", number=f"{random.randrange(10**6):06d}"), country_code="643",
    )  # fmt: skip
    company = Company(name=f"ООО «{word(random)}»", inn=f"{random.randrange(10**10):010d}")
    return (
        Participant(status="1", kind="2", is_client="1", person=person),
        Participant(status="2", kind="1", is_client="0", company=company),
    )


def body(kind: Kind, random: Random) -> Body:
    """Return what a message of a kind says."""
    kopecks = random.randrange(10**9)
    blocked = datetime(2026, 3, 2, random.randrange(24), random.randrange(60), tzinfo=MOSCOW)
    measure = Measure(
        ground_code="1", subject_id=str(random.randrange(10**5)), blocked_at=blocked, funds_code="6",
        amount_kopecks=kopecks,
    )  # fmt: skip
    if kind is Kind.FREEZE:
        return FreezeBody(measures=(measure,))
    if kind is Kind.RELEASE:
        return ReleaseBody(measures=(measure,), ground="1", released_at=blocked)
    if kind is Kind.CHECK:
        return CheckBody(checked_on=DAY, client_count=10**6, match_count=1, subject_ids=(measure.subject_id,))
    if kind is Kind.DELETION:
        return DeletionBody(of_kind=Kind.FREEZE, file_name="FM03_1_x_20260302_0300000001.xml", sent_on=DAY)
    if kind is Kind.REFUSAL:
        return RefusalBody(subject="contract", refusal_code="2", refused_on=DAY, participants=participants(random))
    operation = Operation(
        code="7001", unusual_codes=("1101",), performed_on=DAY, currency_code="643", amount_kopecks=kopecks,
        rouble_kopecks=kopecks, purpose=word(random), bases=(Basis(code="1", number=str(kopecks)),),
        participants=participants(random),
    )  # fmt: skip
    if kind is Kind.SUSPENSION:
        return SuspensionBody(operation=operation, ground_code="1", suspended_on=DAY)
    return OperationBody(operation=operation)


def messages(count: int, seed: int) -> Iterator[tuple[Message, Numbers]]:
    """Yield invented messages of all kinds in turn, with their numbers."""
    random = Random(seed)
    kinds = list(formats())
    places: dict[str, int] = {}
    for number in range(count):
        family, kind = kinds[number % len(kinds)]
        own = Family.KO if family is Family.REFUSALS else family
        kind_of_record = RecordType.DELETION if kind is Kind.DELETION else RecordType.NEW
        message = Message(organisation=organisation(own), record_type=kind_of_record, body=body(kind, random))
        series = series_of(message, DAY)
        place = places[series.file_series] = places.get(series.file_series, 0) + 1
        records = (f"{series.record_series}_{place:08d}",) * message.record_count
        yield message, Numbers(records, f"{series.file_series}{place:08d}.xml", DAY)


def is_told(xml: bytes, message: Message, numbers: Numbers) -> bool:
    """Read a message again: is its number there, and an amount or count that it was made of?"""
    texts = {element.text for element in etree.fromstring(xml).iter()}
    told = message.body
    if isinstance(told, FreezeBody | ReleaseBody):
        kopecks = told.measures[0].amount_kopecks
    elif isinstance(told, OperationBody | SuspensionBody):
        kopecks = told.operation.amount_kopecks
    else:
        return not numbers.records or numbers.records[0] in texts
    return {numbers.records[0], f"{kopecks // 100}.{kopecks % 100:02d}"} <= texts


def measure(count: int, seed: int) -> dict[str, float]:
    """Render and validate messages; return counts and CPU seconds."""
    schemas = Schemas.shipped()
    wrong = sizes = 0
    spent = 0.0
    for number, (message, numbers) in enumerate(messages(count, seed)):
        began = time.process_time()
        xml = render(message, numbers)
        schemas.check(xml, message, where=numbers.file_name)
        spent += time.process_time() - began
        sizes += len(xml)
        if number % READ_EVERY == 0:
            wrong += not is_told(xml, message, numbers)
    return {"messages": count, "cpu_s": spent, "per_second": count / spent, "bytes": sizes, "wrong": wrong}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.fes", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("bench-out"))
    given = parser.parse_args(arguments)
    found = measure(SIZES[given.size], given.seed)
    floor = FLOOR if given.size == "full" else FLOOR * SMALL_SHARE
    say(
        f"{found['messages']:,.0f} messages of {len(formats())} formats, "
        f"{found['bytes'] / found['messages']:,.0f} bytes "
        f"each: {found['per_second']:,.0f} rendered and validated a second of one core (floor {floor:,.0f})"
    )
    given.output.mkdir(parents=True, exist_ok=True)
    told = {"size": given.size, "floor": floor, **found, "machine": machine()}
    (given.output / "fes.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    if found["wrong"]:
        say(f"FAULT: {found['wrong']:.0f} messages do not say what they were made of")
    if found["per_second"] < floor:
        say("MISSED: below the floor")
    return int(bool(found["wrong"]) or found["per_second"] < floor)


if __name__ == "__main__":
    sys.exit(main())
