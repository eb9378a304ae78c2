"""1CClientBankExchange, the exchange text of 1C:Enterprise and Russian bank clients.

Encoding in the order that is used in the field: valid UTF-8, else what the header key `Кодировка` says (`Windows` or
`DOS`), else windows-1251. Keys that are not known are ignored; a line without `=` goes on with the value above it,
because purposes with line breaks are exported that way.

The header part follows the vendor's description; keys of documents beyond it are as met in exported files.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path

from sito.entries import Identifier
from sito.formats.base import (
    BAD_CHARACTERS,
    FieldError,
    RecordFile,
    check_value,
    decimal_amount,
    iso_date,
    refuse,
    reject,
)
from sito.formats.budget import budget_operation
from sito.formats.noise import clean_party
from sito.formats.parties import agent_party, field_parties, purpose_party
from sito.formats.text import OVERLONG, blocks, looks_utf8
from sito.records import ClientSide, Operation, Party, Record, RecordKind, Reject, Role

FORMAT = "1c"
SIGNATURE = "1CClientBankExchange"
DOCUMENT_LINE_MAX = 1_000
DOCUMENT_SIZE_MAX = 1 << 20  # characters
_ENCODING = re.compile(rb"=(DOS|Windows|UTF-?8)[ \t]*\r?\n", re.IGNORECASE)
_BEGIN = "СекцияДокумент"
_END = "КонецДокумента"
_FILE_END = "КонецФайла"
PAYMENT_ORDER = "платежное поручение"
PARTIES = (
    (Role.DEBTOR, Role.DEBTOR_AGENT, "Плательщик"),
    (Role.CREDITOR, Role.CREDITOR_AGENT, "Получатель"),
)


class OneCFile(RecordFile):
    """A 1C exchange file; every document section is one payment, whatever kind of document it is."""

    format = FORMAT

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        self.encoding = one_c_encoding(head)

    def __iter__(self) -> Iterator[Record | Reject]:
        def report(position: int) -> None:
            self._position = position

        document: list[str] | None = None
        start = line_number = count = size = 0
        ended = skipping = False
        for text, _ in blocks(self.path, self.encoding, report):
            for line in io.StringIO(text, newline="\n"):
                line_number += 1
                content = line.rstrip("\r\n")
                key = content.partition("=")[0].strip()
                if ended and key:
                    if key.lstrip("\ufeff") != SIGNATURE:
                        yield refuse(
                            f"line {line_number}", "REC331", expected=f"nothing after {_FILE_END}", got="more lines",
                            raw=content, todo="lines up to the next signature are not read",
                        )  # fmt: skip
                    skipping, ended = key.lstrip("\ufeff") != SIGNATURE, False
                elif skipping and key == SIGNATURE:
                    skipping = False
                if skipping:
                    continue
                if key == _BEGIN:
                    if document is not None:
                        yield _unfinished(f"line {start}", document)
                    document, start, size = [content], line_number, 0
                elif document is not None:
                    if key == _END:
                        count += 1
                        yield _convert(document, f"line {start}", size)
                        document = None
                    elif key == _FILE_END:
                        yield _unfinished(f"line {start}", document)
                        document, ended = None, True
                    elif len(document) <= DOCUMENT_LINE_MAX and size <= DOCUMENT_SIZE_MAX:
                        document.append(content)
                        size += len(content)
                elif key == _FILE_END:
                    ended = True
        if document is not None:
            yield _unfinished(f"line {start}", document)
        if not ended and not skipping:
            yield refuse(
                f"line {line_number}", "REC331", expected=f"a last line {_FILE_END}", got="the end of the file", raw="",
                todo="the file is cut; its documents were read all the same",
            )  # fmt: skip
        elif not count:
            yield refuse(self.name, "REC305", expected=f"sections {_BEGIN}", got="none", raw="")


def one_c_encoding(head: bytes) -> str:
    """Return the encoding of a 1C file: byte order mark, valid UTF-8, the header, windows-1251."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if looks_utf8(head):
        return "utf-8"
    match = _ENCODING.search(head[:4096])
    return "cp866" if match and match[1].upper() == b"DOS" else "cp1251"


def _unfinished(place: str, document: list[str]) -> Reject:
    return refuse(
        place, "REC331", expected=f"a section closed by {_END}", got="the end of the section is missing",
        raw="\n".join(document),
    )  # fmt: skip


def _convert(document: list[str], place: str, size: int) -> Record | Reject:
    try:
        return _read(document, place, size)
    except FieldError as error:
        return reject(place, error, "\n".join(document))


def _read(document: list[str], place: str, size: int) -> Record:
    if len(document) > DOCUMENT_LINE_MAX or size > DOCUMENT_SIZE_MAX:
        raise FieldError(
            "REC330", f"at most {DOCUMENT_LINE_MAX} lines and {DOCUMENT_SIZE_MAX} characters a document", "more"
        )
    values: dict[str, str] = {}
    key = ""
    for line in document[1:]:
        if BAD_CHARACTERS.search(line):
            if OVERLONG in line:
                raise FieldError("REC203", "lines within the limit", "a longer one")
            raise FieldError("REC201" if "\x00" in line else "REC202", "text", "NUL or bytes that are no text")
        name, equals, value = line.partition("=")
        if equals and (name.strip().isidentifier() or not key):
            key = name.strip()
            if values.get(key):
                raise FieldError("REC330", "each key once in a document", f"a key of {len(key)} letters twice")
            values[key] = value.strip()
        elif key:
            values[key] = f"{values[key]} {line.strip()}".strip()
    parties: list[Party] = []
    for role, agent, prefix in PARTIES:
        parties.extend(_parties(values, role, agent, prefix))
    parties.extend(purpose_party(_purpose(values)))
    if not parties:
        raise FieldError("REC205", "a document with a payer, a payee or a purpose", "none of them")
    number = values.get("Номер", "")
    check_value(number)
    amount, date = values.get("Сумма", ""), values.get("Дата", "")
    return Record(
        record_id=number or place,
        kind=RecordKind.PAYMENT,
        parties=tuple(parties),
        amount=decimal_amount(amount) if amount else "",
        currency="RUB",
        date=iso_date(date) if date else "",
        position=place,
        operation=_operation(document[0], values),
        operation_side=ClientSide.DEBTOR,
    )


def _operation(section: str, values: dict[str, str]) -> Operation:
    """Read the fields of a payment to the budget, of the one kind of document that has them for certain."""
    if section.partition("=")[2].strip().lower() != PAYMENT_ORDER or not values.get("ПоказательКБК"):
        return Operation.OTHER
    return budget_operation(
        [values.get("ПолучательСчет", ""), values.get("ПолучательРасчСчет", "")], [values["ПоказательКБК"]],
        [values.get("СтатусСоставителя", "")], income_code=values.get("КодНазПлатежа", ""),
    )  # fmt: skip


def _parties(values: dict[str, str], role: Role, agent: Role, prefix: str) -> Iterator[Party]:
    identifiers: list[Identifier] = []
    for key, type in (("ИНН", "inn"), ("КПП", "kpp"), ("Счет", "account"), ("РасчСчет", "account"), ("БИК", "bic")):
        number = values.get(prefix + key, "")
        check_value(number)
        if number.strip("0"):
            item = Identifier(type, number, "RU" if type == "bic" else "")
            if item not in identifiers:
                identifiers.append(item)
    whole = values.get(prefix, "")
    split = " ".join(filter(None, (values.get(f"{prefix}{i}", "") for i in range(1, 5))))
    aliases: tuple[str, ...] = ()
    if whole and split and (other := clean_party(split).name) not in (whole, clean_party(whole).name):
        aliases = (other,)
    yield from field_parties(role, whole or split, identifiers=tuple(identifiers), aliases=aliases)
    bank = values.get(f"{prefix}Банк1", "")
    if bank:
        yield from agent_party(agent, bank, values.get(f"{prefix}БИК", ""), address=values.get(f"{prefix}Банк2", ""))


def _purpose(values: dict[str, str]) -> str:
    whole = values.get("НазначениеПлатежа", "")
    split = " ".join(filter(None, (values.get(f"НазначениеПлатежа{i}", "") for i in range(1, 7))))
    if "".join(split.split()) in "".join(whole.split()):
        return whole
    return f"{whole} {split}".strip()
