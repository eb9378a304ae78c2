"""Invented messages that several tests use."""

from __future__ import annotations

from pathlib import Path

from sito.formats import open_records
from sito.records import Party, Record, Reject, Role

UFEBS = "urn:cbr-ru:ed:v2.0"


def write(folder: Path, content: str | bytes, *, encoding: str = "utf-8", name: str = "input") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(path: Path, **options: object) -> list[Record | Reject]:
    return list(open_records(path, **options))  # type: ignore[arg-type]  # options are those of open_records


def records(items: list[Record | Reject]) -> list[Record]:
    found = [item for item in items if isinstance(item, Record)]
    assert len(found) == len(items), [item for item in items if isinstance(item, Reject)]
    return found


def codes(items: list[Record | Reject]) -> list[str]:
    return [item.code if isinstance(item, Reject) else "ok" for item in items]


def party(record: Record | Reject, role: Role) -> Party:
    assert isinstance(record, Record), record
    return next(item for item in record.parties if item.role is role)


def numbers(item: Party) -> dict[str, str]:
    return {identifier.type: identifier.number for identifier in item.identifiers}


def ed101(
    *,
    number: int = 7,
    kopecks: str = "150050",
    payer: str = "ООО &quot;Ромашка&quot;",
    payee: str = "Лопухов Пётр Ильич//г. Тверь//",
    purpose: str = "{VO10010} Оплата по счёту 5",
    attributes: str = "",
    namespace: str = f' xmlns="{UFEBS}"',
    order_2017: bool = False,
) -> str:
    info = '<DepartmentalInfo DrawerStatus="01" CBC="0" OKATO="0" PaytReason="0" TaxPeriod="0" DocNo="0" DocDate="0"/>'
    text = f"<Purpose>{purpose}</Purpose>"
    return (
        f'<ED101{namespace} EDNo="{number}" EDDate="2026-03-05" EDAuthor="4525225000" EDReceiver="4525225001"'
        f' Sum="{kopecks}" TransKind="01" Priority="5" SystemCode="02" PaytKind="4"{attributes}>'
        '<AccDoc AccDocNo="12" AccDocDate="2026-03-05"/>'
        '<Payer PersonalAcc="40702810500000000001" INN="7700000016" KPP="770001001">'
        f'<Name>{payer}</Name><Bank BIC="044525225" CorrespAcc="30101810400000000225"/></Payer>'
        f'<Payee PersonalAcc="40817810500000000002"><Name>{payee}</Name><Bank BIC="044525226"/></Payee>'
        f"{info + text if order_2017 else text + info}</ED101>"
    )


def packet(*documents: str, quantity: int | None = None, kopecks: int | None = None) -> str:
    count = len(documents) if quantity is None else quantity
    total = 150050 * len(documents) if kopecks is None else kopecks
    return (
        f'<?xml version="1.0" encoding="windows-1251"?>\n<PacketEPD xmlns="{UFEBS}" EDNo="1" EDDate="2026-03-05" '
        f'EDAuthor="4525225000" EDQuantity="{count}" Sum="{total}" SystemCode="02">{"".join(documents)}</PacketEPD>'
    )
