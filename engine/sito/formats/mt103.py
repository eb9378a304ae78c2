"""SWIFT MT103 in FIN and RJE files, plain or with Russian text in RUR6.

A file holds many messages, separated by `$`, by line ends or by nothing. Service messages (application F21:
acknowledgements) stand between them; they carry no payment and are passed over. Every other message type is refused by
name, so that no payment is lost in a mixed file.

Lines of 35 characters are joined without a blank, shorter ones with one: the sender broke the first kind at the width
of the field, in the middle of a word if need be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sito.entries import Identifier
from sito.formats import rur6
from sito.formats.base import (
    BAD_CHARACTERS,
    FieldError,
    RecordFile,
    check_value,
    currency_code,
    decimal_amount,
    iso_date,
    refuse,
    reject,
)
from sito.formats.budget import budget_operation
from sito.formats.parties import agent_party, field_parties, purpose_party
from sito.formats.text import blocks, sniff_encoding
from sito.records import ClientSide, Operation, Party, Record, RecordKind, Reject, Role

FORMAT = "mt103"
MESSAGE_SIZE_MAX = 200_000  # characters; SWIFT itself allows 10 000
LINE_WIDTH = 35
_START = "{1:"
_FILLING = " \t\r\n$\x00\x01\x03"  # what stands between messages in RJE and DOS-PCC files
_FIELD = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
_BRACE = re.compile(r"[{}]")
_TEXT_END = re.compile(r"\r?\n-\}")
_VALUE_DATE = re.compile(r"(\d\d)(\d\d)(\d\d)([A-Z]{3})(\d{1,15},?\d{0,6})\Z", re.ASCII)
_INN_LINE = re.compile(r"(?:INN|ИНН)\s?(\d{12}|\d{10}|\d{5})(?:\.?\s?(?:KPP|КПП)\s?(\d{9}))?\Z")
_RUSSIAN_BANK = re.compile(r"//RU(\d{9})(?:\.(\d{20}))?\Z")
_ACCOUNT_LINE = re.compile(r"/(?:[CD]/)?(.+)\Z")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z")
_STATUS = re.compile(r"S\d\d\Z", re.ASCII)
_BUDGET_CODE = re.compile(r"/N4/([^/]*)")
_CODE = re.compile(r"/([A-Z0-9]{1,8})/(.*)\Z", re.DOTALL)
# Codes of :72: that carry numbers of the Russian form and no text (document, dates, identifiers).
_NUMBER_CODES = frozenset({"RPP", "DAS", "UIP"})
_SINGLE = frozenset({"20", "32A", "50", "59", "70", "72"})
AGENTS = (
    ("51", Role.INSTRUCTING_AGENT),
    ("52", Role.DEBTOR_AGENT),
    ("53", Role.INTERMEDIARY_AGENT),
    ("54", Role.INTERMEDIARY_AGENT),
    ("55", Role.INTERMEDIARY_AGENT),
    ("56", Role.INTERMEDIARY_AGENT),
    ("57", Role.CREDITOR_AGENT),
)


class Mt103File(RecordFile):
    """A FIN or RJE file. Positions are `message 3`, counted over all messages but service messages."""

    format = FORMAT

    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path)
        self.encoding = sniff_encoding(path, head)

    def __iter__(self) -> Iterator[Record | Reject]:
        number = 0
        for raw in self._messages():
            if raw.startswith(_START + "F21"):
                continue
            number += 1
            place = f"message {number}"
            try:
                yield _read(raw, place)
            except FieldError as error:
                yield reject(place, error, raw)
        if not number:
            yield refuse(self.name, "REC305", expected="messages with a payment", got="none", raw="")

    def _messages(self) -> Iterator[str]:
        """Cut the file at the beginnings of messages; a piece above the limit is cut, and refused later."""

        def report(position: int) -> None:
            self._position = position

        buffer = ""
        overlong = False
        for text, _ in blocks(self.path, self.encoding, report):
            pieces = text.split(_START)
            # A beginning may be cut by no block border: blocks end at line feeds.
            for i, piece in enumerate(pieces):
                if i:
                    if message := buffer.strip(_FILLING):
                        yield message
                    buffer = _START
                    overlong = False
                if not overlong:
                    buffer += piece
                    overlong = len(buffer) > MESSAGE_SIZE_MAX
        if message := buffer.strip(_FILLING):
            yield message


def _read(raw: str, place: str) -> Record:
    if len(raw) > MESSAGE_SIZE_MAX:
        raise FieldError("REC321", f"a message of at most {MESSAGE_SIZE_MAX} characters", "a longer one")
    if BAD_CHARACTERS.search(raw):
        raise FieldError("REC202" if "\x00" not in raw else "REC201", "text", "NUL or bytes that are no text")
    parts = message_blocks(raw)
    application = parts.get("2", "")
    if application[:1] not in {"I", "O"} or "4" not in parts:
        raise FieldError("REC321", "blocks 1, 2 and 4", f"blocks {', '.join(sorted(parts)) or 'none'}")
    kind = application[1:4]
    if kind != "103":
        shown = f"MT{kind}" if kind.isdecimal() and kind.isascii() else "another type"
        raise FieldError("REC320", "message type MT103", f"{shown}, which is not supported")
    russian = "{113:RUR6}" in parts.get("3", "")
    fields = _fields(parts["4"])

    def value(tag: str) -> tuple[str, str]:
        return next(((name, text) for name, text in fields if name[:2] == tag), ("", ""))

    reference = next((text.strip() for name, text in fields if name == "20"), "")
    value_date = next((text.strip() for name, text in fields if name == "32A"), "")
    if not reference or not value_date:
        raise FieldError("REC322", "fields :20: and :32A:", "one of them missing or empty")
    check_value(reference)
    match = _VALUE_DATE.match(value_date)
    if match is None:
        raise FieldError("REC323", "field :32A: as YYMMDD, currency, amount with a comma", "something else")
    year, month, day, currency, amount = match.groups()
    date = iso_date(f"{'19' if year >= '80' else '20'}{year}-{month}-{day}")
    parties: list[Party] = []
    banks = {tag: value(tag) for tag, _ in AGENTS}
    for tag, role, bank in (("50", Role.DEBTOR, "52"), ("59", Role.CREDITOR, "57")):
        name, text = value(tag)
        if not name:
            raise FieldError("REC322", f"field :{tag}:", "none")
        parties.extend(_party(role, name, text, russian, _russian_bic(banks[bank][1])))
    for tag, role in AGENTS:
        parties.extend(_agent(role, *banks[tag], russian))
    parties.extend(purpose_party(_purpose(value("70")[1], value("72")[1], value("77")[1], russian)))
    if not parties:
        raise FieldError("REC205", "a payment with a debtor, a creditor or a purpose", "none of them")
    return Record(
        record_id=reference,
        kind=RecordKind.PAYMENT,
        parties=tuple(parties),
        amount=decimal_amount(amount),
        currency=currency_code(currency),
        date=date,
        position=place,
        operation=_operation(fields) if russian else Operation.OTHER,
        operation_side=ClientSide.DEBTOR,
    )


def _operation(fields: Sequence[tuple[str, str]]) -> Operation:
    """Read the fields of a payment to the budget, as RUR6 carries them: the status in :26T:, the code in :77B:."""
    statuses = [text.strip() for name, text in fields if name == "26T"]
    reported = [join_lines(_lines(text)) for name, text in fields if name[:2] == "77"]
    codes = [code.strip() for text in reported for code in _BUDGET_CODE.findall(text)]
    if not codes or not all(_STATUS.match(status) for status in statuses):
        return Operation.OTHER
    creditors = [_lines(text) for name, text in fields if name[:2] == "59"]
    lines = [_ACCOUNT_LINE.match(found[0]) for found in creditors if found]
    accounts = [line[1].strip() if line is not None else "none" for line in lines]
    return budget_operation(accounts, codes, [status[1:] for status in statuses])


def message_blocks(raw: str) -> dict[str, str]:
    """Split a message into its blocks: block number -> content, the first of each.

    Block 4 ends at a line `-}`; all others end at their closing brace.

    Raises:
        FieldError: REC321 a block is not closed, or text stands outside of the blocks.
    """
    found: dict[str, str] = {}
    at = raw.find("{")
    end_at = 0
    while at >= 0:
        _check_gap(raw[end_at:at])
        colon = raw.find(":", at)
        if colon < 0:
            break
        number = raw[at + 1 : colon]
        body = raw[colon + 1 :] if number == "4" and raw[colon + 1 : colon + 3].lstrip("\r").startswith("\n") else None
        if body is not None:
            end = _TEXT_END.search(body)
            if end is None:
                raise FieldError("REC321", "block 4 closed by a line -}", "the end of the message")
            found.setdefault(number, body[: end.start()])
            end_at = colon + 1 + end.end()
            at = raw.find("{", end_at)
            continue
        depth = 1
        i = colon + 1
        for brace in _BRACE.finditer(raw, i):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                i = brace.end()
                break
        if depth:
            raise FieldError("REC321", f"block {number[:3]} closed by a brace", "the end of the message")
        found.setdefault(number, raw[colon + 1 : i - 1])
        end_at = i
        at = raw.find("{", i)
    _check_gap(raw[end_at:])
    return found


def _check_gap(text: str) -> None:
    """Refuse text outside of all blocks: a payment of another format may stand there."""
    if text.strip(_FILLING):
        raise FieldError("REC321", "nothing but blocks", "text between or after them")


def _fields(text: str) -> list[tuple[str, str]]:
    pieces = _FIELD.split(text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n"))
    if pieces[0].strip():
        raise FieldError("REC323", "block 4 that begins with a field", "text before the first field")
    fields = [(tag, content.rstrip("\n")) for tag, content in zip(pieces[1::2], pieces[2::2], strict=True)]
    seen: set[str] = set()
    for tag, _ in fields:
        key = tag if tag in _SINGLE else tag[:2]
        if key in seen:
            raise FieldError("REC323", f"field :{key}: once", "it stands twice")
        if key in _SINGLE:
            seen.add(key)
    return fields


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def join_lines(lines: Sequence[str]) -> str:
    """Join the lines of a field: without a blank after a line of full width, with one after a shorter line."""
    joined = ""
    full = True
    for line in lines:
        joined += line if full else f" {line}"
        full = len(line) >= LINE_WIDTH
    return joined.strip()


def _decode(text: str, russian: bool) -> str:
    return rur6.decode(text) if russian else text


def _russian_bic(text: str) -> str:
    match = _RUSSIAN_BANK.match(text.partition("\n")[0].strip())
    return match[1] if match else ""


def _party(role: Role, tag: str, text: str, russian: bool, bic: str) -> tuple[Party, ...]:
    lines = _lines(text)
    identifiers: list[Identifier] = []
    if lines and (match := _ACCOUNT_LINE.match(lines[0])):
        identifiers.append(_identifier("account", match[1].strip()))
        lines = lines[1:]
    option = tag[2:]
    if option == "F" and lines and not lines[0].startswith("1/"):
        # A party identifier such as `NIDN/RU/number` or `TXID/RU/number` instead of an account.
        code, _, rest = lines[0].partition("/")
        kind = {"CCPT": "passport", "NIDN": "national_id", "TXID": "tax_id"}.get(code, "other")
        identifiers.append(_identifier(kind, rest.rpartition("/")[2]))
        lines = lines[1:]
    numbered: list[str] = []
    for line in lines:
        if match := _INN_LINE.match(line.strip()):
            identifiers.append(Identifier("inn", match[1]))
            if match[2]:
                identifiers.append(Identifier("kpp", match[2]))
        else:
            numbered.append(line)
    lines = numbered
    if option == "A":
        code = lines[0].strip() if lines else ""
        if _BIC.match(code):
            # A party that is itself a bank: its code is all there is to screen.
            return field_parties(role, code, identifiers=(*identifiers, Identifier("bic", code)))
    if bic:
        identifiers.append(Identifier("bic", bic, "RU"))
    address = ""
    aliases: tuple[str, ...] = ()
    if option == "F":
        name = _decode("\n".join(lines), russian)
    elif russian:
        name = _decode(join_lines(lines), russian)
    else:
        count = 1
        while count < len(lines) and len(lines[count - 1]) >= LINE_WIDTH:
            count += 1
        name = join_lines(lines[:count])
        address = ", ".join(line.strip() for line in lines[count:])
        if count < len(lines) and not any(map(str.isdigit, lines[count])):
            # The field does not say where the name ends: a line without digits may go on with it.
            aliases = (join_lines(lines[: count + 1]),)
    return field_parties(role, name, identifiers=tuple(identifiers), address=address, aliases=aliases)


def _identifier(type: str, number: str) -> Identifier:
    check_value(number)
    return Identifier(type, number)


def _agent(role: Role, tag: str, text: str, russian: bool) -> tuple[Party, ...]:
    lines = _lines(text)
    bic = _russian_bic(text)
    if lines and lines[0].startswith("/"):
        lines = lines[1:]
    if tag.endswith("A"):
        code = lines[0].strip() if lines else ""
        if _BIC.match(code):
            return agent_party(role, "", code)
    if tag.endswith(("B", "C")):
        return ()  # account or clearing number and a place, never a name
    if russian:
        return agent_party(role, _decode(join_lines(lines), russian), bic)
    return agent_party(role, lines[0] if lines else "", bic, address=", ".join(map(str.strip, lines[1:])))


def _purpose(details: str, information: str, reporting: str, russian: bool) -> str:
    """Join :70:, its continuation in :72:/NZP/, and what other free text the message carries."""
    lines = _lines(details)
    others: list[str] = []
    code = ""
    for line in _lines(information):
        if line.startswith("//"):
            rest = line[2:]
        elif match := _CODE.match(line):
            code, rest = match[1], match[2]
        else:
            rest = line
        if code == "NZP":
            # Padded to full width where the coded line was full, so that `join_lines` sees it.
            lines.append(rest if len(line) < LINE_WIDTH else rest.ljust(LINE_WIDTH, "\x01"))
        elif code not in _NUMBER_CODES:
            others.append(rest)
    purpose = _decode(join_lines(lines).replace("\x01", ""), russian)
    further = [_decode(" ".join(others), russian)]
    if not russian:
        further.extend(_lines(reporting))
    return "\n".join(filter(None, (purpose, *further)))
