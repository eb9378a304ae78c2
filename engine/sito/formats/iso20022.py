"""ISO 20022 credit transfers: pacs.008 and pain.001 in any version, with or without an envelope.

Everything is found by local name, so the version in the namespace does not matter, and a business message header,
`message`, `BizMsg` or any other wrapper around `Document` is passed over. Every party of a transaction is screened:
payer, payee, ultimate and initiating parties, and every agent that carries a name or a SWIFT BIC.

The paths are those of the public message definitions; the profile of the Bank of Russia (standards STO BR NPS) was not
available, so Russian code words (`TXID` for the INN, `RUCBC` for the BIC) are accepted but not required.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from sito.entries import Identifier
from sito.formats.base import (
    FieldError,
    RecordFile,
    birth_date,
    check_value,
    currency_code,
    decimal_amount,
    iso_date,
    refuse,
    reject,
)
from sito.formats.budget import is_treasury
from sito.formats.parties import agent_party, field_parties, purpose_party
from sito.formats.xmlstream import child, children, local, raw_of, stream_elements, text_of
from sito.records import ClientSide, Operation, Party, Record, RecordKind, Reject, Role

FORMAT = "iso20022"
PACS = "FIToFICstmrCdtTrf"
PAIN = "CstmrCdtTrfInitn"
MESSAGES = {PACS: "pacs.008", PAIN: "pain.001"}
TRANSACTION = "CdtTrfTxInf"
TRANSACTION_PARTY_MAX = 100

PARTIES = (
    ("InitgPty", Role.INITIATING_PARTY),
    ("UltmtDbtr", Role.ULTIMATE_DEBTOR),
    ("Dbtr", Role.DEBTOR),
    ("Cdtr", Role.CREDITOR),
    ("UltmtCdtr", Role.ULTIMATE_CREDITOR),
)
AGENTS = (
    ("InstgAgt", Role.INSTRUCTING_AGENT),
    ("InstdAgt", Role.INSTRUCTED_AGENT),
    ("PrvsInstgAgt", Role.INSTRUCTING_AGENT),
    ("PrvsInstgAgt1", Role.INSTRUCTING_AGENT),
    ("PrvsInstgAgt2", Role.INSTRUCTING_AGENT),
    ("PrvsInstgAgt3", Role.INSTRUCTING_AGENT),
    ("DbtrAgt", Role.DEBTOR_AGENT),
    ("IntrmyAgt1", Role.INTERMEDIARY_AGENT),
    ("IntrmyAgt2", Role.INTERMEDIARY_AGENT),
    ("IntrmyAgt3", Role.INTERMEDIARY_AGENT),
    ("CdtrAgt", Role.CREDITOR_AGENT),
)
ACCOUNTS = {"Dbtr": ("DbtrAcct", "DbtrAgt"), "Cdtr": ("CdtrAcct", "CdtrAgt")}
Finder = Callable[..., "etree._Element | None"]
# Code of ExternalPurpose1Code and ExternalCategoryPurpose1Code -> what it says for certain.
OPERATIONS = {
    "SALA": Operation.SALARY,
    "PENS": Operation.PENSION,
    "SSBE": Operation.BENEFIT,
    "BENE": Operation.BENEFIT,
    "TAXS": Operation.TAX,
}
SCHEMES = {"TXID": "inn", "CCPT": "passport", "NIDN": "national_id", "SOSE": "other", "CUST": "other"}
_RUSSIAN_INN = re.compile(r"\d{5}(?:\d{5}(?:\d\d)?)?\Z", re.ASCII)


class Iso20022File(RecordFile):
    """A file with one or several pacs.008 or pain.001 messages.

    A transaction is one record. Its `record_id` is the first of transaction id, UETR, end-to-end id and instruction id
    for pacs.008, and of end-to-end id, UETR and instruction id for pain.001, whose sender knows no other.
    """

    format = FORMAT

    def __init__(self, path: Path) -> None:
        super().__init__(path)

    def __iter__(self) -> Iterator[Record | Reject]:
        def report(position: int) -> None:
            self._position = position

        count = total = 0
        broken = False
        for item in stream_elements(self.path, (TRANSACTION, PACS, PAIN), report):
            if isinstance(item, Reject):
                broken = True
                yield item
            elif local(item) == TRANSACTION:
                message = _message(item)
                if message is None:
                    continue  # the same element name inside another message, for example a status report
                count += 1
                place = f"{local(message)}/{TRANSACTION}[{count}]"
                try:
                    yield _read(item, message, place)
                except FieldError as error:
                    yield reject(place, error, raw_of(item))
            else:
                declared = text_of(item, "GrpHdr", "NbOfTxs")
                if declared and (not declared.isdecimal() or int(declared) != count):
                    yield refuse(
                        local(item), "REC305", expected=f"NbOfTxs {declared if declared.isdecimal() else 'a number'}",
                        got=f"{count} transactions", raw="",
                        todo="the message is incomplete or changed; its transactions were read all the same",
                    )  # fmt: skip
                total += count
                count = 0
        if not broken and not total:
            yield refuse(self.name, "REC305", expected="credit transfer transactions", got="none", raw="")


def _message(element: etree._Element) -> etree._Element | None:
    return next((item for item in element.iterancestors() if local(item) in MESSAGES), None)


def _read(element: etree._Element, message: etree._Element, place: str) -> Record:
    header = child(message, "GrpHdr")
    information = element.getparent()
    # A datum stands in the transaction, else in the payment information (pain.001), else in the group header.
    levels = [element]
    if information is not None and information is not message:
        levels.append(information)
    if header is not None:
        levels.append(header)

    # Most tags asked for are absent: one dictionary a level is far cheaper than a search for each of them.
    tags = [{local(item): item for item in reversed(level)} for level in levels]

    def find(*path: str) -> etree._Element | None:
        name, *rest = path
        for level in tags:
            if (found := level.get(name)) is not None and (not rest or (found := child(found, *rest)) is not None):
                return found
        return None

    parties: list[Party] = []
    for tag, role in PARTIES:
        parties.extend(_party(find(tag), role, tag, find))
    for tag, role in AGENTS:
        parties.extend(_agent(find(tag), role))
    parties.extend(purpose_party(_purpose(element)))
    if not parties:
        raise FieldError("REC205", "a transaction with a party or a purpose", "none")
    if len(parties) > TRANSACTION_PARTY_MAX:
        raise FieldError("REC210", f"at most {TRANSACTION_PARTY_MAX} parties", str(len(parties)))
    amount, currency = _amount(element)
    # Few messages say what a payment is for, and a look into the dictionaries is far cheaper than a search.
    operation = Operation.OTHER
    if any("Purp" in level or "PmtTpInf" in level for level in tags):
        operation = _operation(levels, _account(find("CdtrAcct")))
    date = ""
    for path in (("IntrBkSttlmDt",), ("ReqdExctnDt",), ("ReqdExctnDt", "Dt"), ("ReqdExctnDt", "DtTm"), ("CreDtTm",)):
        if (found := find(*path)) is not None and (text := (found.text or "").strip()):
            date = iso_date(_without_zone(text))
            break
    return Record(
        record_id=_record_id(element, local(message)) or place,
        kind=RecordKind.PAYMENT,
        parties=tuple(parties),
        amount=amount,
        currency=currency,
        date=date,
        position=place,
        operation=operation,
        operation_side=ClientSide.DEBTOR if operation is Operation.TAX else ClientSide.CREDITOR,
    )


def _operation(levels: Sequence[etree._Element], account: str) -> Operation:
    """Read the codes of purpose and of category purpose; any other word beside one of `OPERATIONS` contradicts it.

    Args:
        levels: Transaction and what stands above it.
        account: Of the creditor: taxes go to the Treasury, or are none.
    """
    found = [item for level in levels for item in children(level, "Purp")]
    found += [
        item for level in levels for kind in children(level, "PmtTpInf") for item in children(kind, "CtgyPurp")
    ]  # fmt: skip
    codes = {(text_of(item, "Cd") or "?") if len(item) == 1 else "?" for item in found}
    operations = {OPERATIONS.get(code, Operation.OTHER) for code in codes}
    if len(operations) != 1 or (operations == {Operation.TAX} and not is_treasury([account])):
        return Operation.OTHER
    return operations.pop()


def _without_zone(text: str) -> str:
    # `2026-01-31+03:00` and `2026-01-31Z` are dates of XML Schema, too.
    return text[:10]


def _record_id(element: etree._Element, message: str) -> str:
    identification = child(element, "PmtId")
    order = ("TxId", "UETR", "EndToEndId", "InstrId") if message == PACS else ("EndToEndId", "UETR", "InstrId")
    for tag in order:
        value = text_of(identification, tag)
        if value and value != "NOTPROVIDED":
            check_value(value)
            return value
    return ""


def _amount(element: etree._Element) -> tuple[str, str]:
    for path in (("IntrBkSttlmAmt",), ("Amt", "InstdAmt"), ("Amt", "EqvtAmt", "Amt"), ("InstdAmt",)):
        found = child(element, *path)
        if found is not None and (text := (found.text or "").strip()):
            currency = found.get("Ccy", "")
            return decimal_amount(text), currency_code(currency) if currency else ""
    return "", ""


def _party(element: etree._Element | None, role: Role, tag: str, find: Finder) -> tuple[Party, ...]:
    if element is None:
        return ()
    # In newer versions some parties are a choice of `Pty` and `Agt`.
    if (agent := child(element, "Agt")) is not None:
        return _agent(agent, role)
    inner = child(element, "Pty")
    element = element if inner is None else inner
    identifiers = list(_identifiers(child(element, "Id")))
    if tag in ACCOUNTS:
        account_tag, agent_tag = ACCOUNTS[tag]
        if number := _account(find(account_tag)):
            identifiers.append(Identifier("account", number))
        bic, name = _bic_and_name(find(agent_tag))
        # A bank with a clearing number alone is no party of its own: the number stays with the account holder.
        if bic and not agent_party(role, name, bic):
            identifiers.append(Identifier("bic", bic))
    birth = text_of(element, "Id", "PrvtId", "DtAndPlcOfBirth", "BirthDt")
    country, address = _address(child(element, "PstlAdr"))
    named = child(element, "Nm")
    if named is not None and len(named):
        # What stands inside and after an element would be lost, and with it the party or half of its name.
        raise FieldError("REC300", "a name of text alone", "elements inside it")
    return field_parties(
        role,
        text_of(element, "Nm"),
        birth_date=birth_date(_without_zone(birth)) if birth else "",
        identifiers=tuple(identifiers),
        country=text_of(element, "CtryOfRes") or country,
        address=address,
    )


def _identifiers(element: etree._Element | None) -> Iterator[Identifier]:
    for branch in ("OrgId", "PrvtId"):
        group = child(element, branch)
        if group is None:
            continue
        for tag, type in (("AnyBIC", "bic"), ("BICOrBEI", "bic"), ("LEI", "lei")):
            if value := text_of(group, tag):
                check_value(value)
                yield Identifier(type, value)
        for other in children(group, "Othr"):
            number = text_of(other, "Id")
            if not number:
                continue
            check_value(number)
            scheme = text_of(other, "SchmeNm", "Cd") or text_of(other, "SchmeNm", "Prtry")
            type = SCHEMES.get(scheme.upper(), "other")
            if scheme.upper() in {"INN", "ИНН"}:
                type = "inn"
            elif scheme.upper() in {"OGRN", "ОГРН", "OGRNIP", "ОГРНИП"}:
                type = "ogrn"
            if type == "inn" and not _RUSSIAN_INN.match(number):
                type = "tax_id"
            yield Identifier(type, number, note=text_of(other, "Issr")[:200])


def _account(element: etree._Element | None) -> str:
    number = text_of(element, "Id", "IBAN") or text_of(element, "Id", "Othr", "Id")
    check_value(number)
    return number


def _bic_and_name(element: etree._Element | None) -> tuple[str, str]:
    institution = child(element, "FinInstnId")
    bic = text_of(institution, "BICFI") or text_of(institution, "BIC") or text_of(institution, "ClrSysMmbId", "MmbId")
    check_value(bic)
    name = text_of(institution, "Nm") or text_of(institution, "CmbndId", "Nm")
    return bic, name


def _agent(element: etree._Element | None, role: Role) -> tuple[Party, ...]:
    if element is None:
        return ()
    bic, name = _bic_and_name(element)
    country, address = _address(child(element, "FinInstnId", "PstlAdr"))
    branch = text_of(element, "BrnchId", "Nm")
    parties = agent_party(role, name, bic, country=country, address=address)
    return (*parties, *agent_party(role, branch)) if branch else parties


def _address(element: etree._Element | None) -> tuple[str, str]:
    if element is None:
        return "", ""
    lines = [
        " ".join((item.text or "").split()) for item in element.iter() if local(item) not in {"Ctry", "AdrTp", "Cd"}
    ]
    return text_of(element, "Ctry"), ", ".join(filter(None, lines))


def _purpose(element: etree._Element) -> str:
    """Join all free text of a transaction: unstructured and structured remittance, instructions to agents."""
    texts: list[str] = []
    for remittance in children(element, "RmtInf"):
        texts.extend((item.text or "").strip() for item in children(remittance, "Ustrd"))
        for structured in children(remittance, "Strd"):
            texts.extend((item.text or "").strip() for item in structured.iter() if len(item) == 0)
    for tag, part in (("InstrForCdtrAgt", "InstrInf"), ("InstrForNxtAgt", "InstrInf"), ("InstrForDbtrAgt", "InstrInf")):
        texts.extend(text_of(item, part) or (item.text or "").strip() for item in children(element, tag))
    for reporting in children(element, "RgltryRptg"):
        for details in children(reporting, "Dtls"):
            texts.extend((item.text or "").strip() for item in children(details, "Inf"))
    return " ".join(filter(None, texts))
