"""Invented messages of every kind for every family."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import msgspec

from sito.fes import (
    Account,
    Address,
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
    SuspensionBody,
)

DAY = date(2026, 3, 2)
MOSCOW = timezone(timedelta(hours=3))
OFFICER = Officer(
    position="Специальное должностное лицо", phone="(495)1234567", email="officer@bank.example",
    name=FullName(family="Проверкина", given="Анна", patronymic="Петровна"),
)  # fmt: skip
BANK = Organisation(
    family=Family.KO, name="АО «Банк Чертополох»", inn="7703047975", kpp="770301001", ogrn="1027700132195",
    bic="044525111", okato="45", registration_number="3349", correspondent_id="2000017575", officer=OFFICER,
)  # fmt: skip
INSURER = msgspec.structs.replace(BANK, family=Family.NFO, name="ООО «Страховая Бузина»", nfo_code="21", nfo_type="1")
LESSOR = msgspec.structs.replace(BANK, family=Family.NKO, name="ООО «Лизинг Белена»", group_digit="2")
ORGANISATIONS = {Family.KO: BANK, Family.NFO: INSURER, Family.NKO: LESSOR, Family.REFUSALS: BANK}
HOME = Address(
    postcode="101000", country_code="643", country="Россия", region_code="45", town="Москва", street="Крапивная",
    house="7", building="2", flat="15",
)  # fmt: skip
PERSON = Person(
    name=FullName(family="Чертополохов", given="Евлампий", patronymic="Савватеевич"), inn="770304797512",
    birth_date=date(1971, 3, 14), birth_place=Address(country_code="643", country="Россия", town="Лопухово"),
    document=Document(kind_code="21", series="4511", number="123456", issued_on=date(2011, 4, 1), issued_by="ОВД"),
    country_code="643", country="Россия", address=HOME,
)  # fmt: skip
ONE_LINE = Person(name=FullName(line="Абдулкарим аль Хамшари"))
COMPANY = Company(name="ООО «Чёрный бузинник» & <Ко>", inn="7703047975", kpp="770301001", ogrn="1027700132195")
PARTICIPANTS = (
    Participant(status="1", kind="2", code="01", is_client="1", person=PERSON, comment="плательщик",
                account=Account(bic="044525111", number="40817810000000000001", bank="АО «Банк Чертополох»")),
    Participant(status="2", kind="1", is_client="0", company=COMPANY),
    Participant(status="3", kind="2", is_client="0", person=ONE_LINE),
)  # fmt: skip
BASES = (Basis(code="1", name="договор", issued_on=date(2026, 2, 1), number="12/3", content="поставка"),)
OPERATION = Operation(
    code="7001", unusual_codes=("1101", "1102"), performed_on=DAY, found_on=date(2026, 3, 3), number="77",
    currency_code="643", amount_kopecks=12_345_67, rouble_kopecks=12_345_67, purpose="Оплата по договору 12/3",
    nature="Перевод", bases=BASES, participants=PARTICIPANTS, comment="без комментариев",
)  # fmt: skip
MEASURES = (
    Measure(ground_code="1", subject_id="10001", blocked_at=datetime(2026, 3, 2, 12, 30, 5, tzinfo=MOSCOW),
            funds_code="6", account="40817810000000000001", amount_kopecks=750_000_00),
    Measure(ground_code="1", subject_id="10001",
            blocked_at=datetime(2026, 3, 2, 19, 30, 5, tzinfo=timezone(timedelta(hours=10))), funds_code="6",
            amount_kopecks=7),
)  # fmt: skip
BODIES: dict[Kind, Body] = {
    Kind.FREEZE: FreezeBody(measures=MEASURES),
    Kind.RELEASE: ReleaseBody(
        measures=MEASURES[:1], ground="1", released_at=datetime(2026, 5, 4, 9, 0, tzinfo=MOSCOW)
    ),
    Kind.OPERATION: OperationBody(operation=OPERATION),
    Kind.SUSPENSION: SuspensionBody(operation=OPERATION, ground_code="1", suspended_on=DAY, until=date(2026, 3, 11)),
    Kind.REFUSAL: RefusalBody(
        subject="contract", refusal_code="2", reason_codes=("11", "12"), refused_on=DAY, bases=BASES,
        participants=PARTICIPANTS[:1],
    ),
    Kind.CHECK: CheckBody(checked_on=DAY, client_count=12_000, match_count=2, subject_ids=("10001", "10002")),
    Kind.DELETION: DeletionBody(
        of_kind=Kind.FREEZE, file_name="FM03_2_7703047975770301001_20260302_0300000001.xml",
        record_number="2026_3349_0000_03_00000001", sent_on=DAY, reason="повтор номера записи",
    ),
}  # fmt: skip


def message(family: Family, kind: Kind) -> Message:
    """Return an invented message."""
    record_type = RecordType.DELETION if kind is Kind.DELETION else RecordType.NEW
    return Message(organisation=ORGANISATIONS[family], body=BODIES[kind], record_type=record_type)


def numbers(one: Message) -> Numbers:
    """Return numbers that fit a message."""
    from sito.fes import series_of

    series = series_of(one, DAY)
    records = tuple(f"{series.record_series}_{place:08d}" for place in range(1, one.record_count + 1))
    return Numbers(records, f"{series.file_series}00000001.xml", DAY)
